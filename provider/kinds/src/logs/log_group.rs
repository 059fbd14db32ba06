//! `AWS::Logs::LogGroup`: a named collection of log streams with one retention.
//!
//! Reads `DescribeLogGroups` and `ListTagsLogGroup`; writes `CreateLogGroup`, `PutRetentionPolicy`, `AssociateKmsKey`,
//! `PutLogGroupDeletionProtection`.
//!
//! # Caveats
//! - The name is the identity: a group of that name that somebody else made is shown with its own tags.
//! - Tags are read by name. The newer `ListTagsForResource` takes an ARN, which is not known before the group is found.
//! - `Arn` ends in `:*`, as in CloudFormation; the tagging operations take it without.
//! - A group with deletion protection is not deleted: AWS refuses until the protection is taken off.
//! - Every group holds data, whatever wrote it: what a flow log or an audit log recorded outlives what it was recorded of.

use platform_graph::{Attributes, Call, Claim, Identity, Kind, Live, Seen, Tags};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{census, reply};

/// A log group of CloudWatch Logs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct LogGroup {
    /// Name, unique in account and Region, 1 to 512 characters.
    pub log_group_name: String,
    /// `STANDARD` (AWS's default), `INFREQUENT_ACCESS` or `DELIVERY`; can't change.
    pub log_group_class: Option<String>,
    /// Days after which records are deleted; kept for ever without.
    pub retention_in_days: Option<u32>,
    /// ARN of the symmetric KMS key that encrypts new records.
    pub kms_key_id: Option<String>,
    /// Whether AWS refuses to delete the group.
    pub deletion_protection_enabled: Option<bool>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// The ARN that the tagging operations take.
fn plain_arn(attributes: &Attributes) -> &str {
    let arn = attributes
        .get("Arn")
        .and_then(Value::as_str)
        .unwrap_or_default();
    arn.strip_suffix(":*").unwrap_or(arn)
}

impl LogGroup {
    fn call(&self, action: &'static str) -> Call {
        Call::new("logs", action).with("logGroupName", &self.log_group_name)
    }

    fn retention(&self) -> Call {
        match self.retention_in_days {
            Some(days) => self
                .call("PutRetentionPolicy")
                .with("retentionInDays", days),
            None => self.call("DeleteRetentionPolicy"),
        }
    }
}

impl Kind for LogGroup {
    const TYPE: &'static str = "AWS::Logs::LogGroup";
    const CREATE_ONLY: &'static [&'static str] = &["LogGroupName", "LogGroupClass"];
    const ATTRIBUTES: &'static [&'static str] = &["Arn", "CreationTime"];
    const STATEFUL: bool = true;
    const PROTECTED_BY: &'static str = "DeletionProtectionEnabled";
    const TAGGED: bool = true;
    const BORN: &'static str = "CreationTime";

    fn find(&self, _me: &Identity) -> Vec<Call> {
        vec![
            Call::new("logs", "DescribeLogGroups").with("logGroupNamePrefix", &self.log_group_name),
        ]
    }

    fn details(&self, _me: &Identity, _id: &str) -> Vec<Call> {
        vec![self.call("ListTagsLogGroup")]
    }

    fn read(&self, _me: &Identity, replies: &[Value]) -> Seen<Self> {
        // A prefix finds longer names too.
        let group = replies.first().and_then(|reply| {
            reply::items(reply, "logGroups")
                .iter()
                .find(|group| group["logGroupName"] == *self.log_group_name)
        });
        let Some(group) = group else {
            return Seen::Absent;
        };
        let arn = reply::text(group, "arn")
            .or_else(|| Some(format!("{}:*", reply::text(group, "logGroupArn")?)));
        let born = group["creationTime"].as_i64().map(reply::instant);
        let tags = replies.get(1).and_then(|reply| reply["tags"].as_object());
        Seen::Live(Live {
            id: self.log_group_name.clone(),
            properties: LogGroup {
                log_group_name: self.log_group_name.clone(),
                log_group_class: reply::unless_default(
                    reply::text(group, "logGroupClass").or_else(|| Some("STANDARD".to_owned())),
                    "STANDARD".to_owned(),
                    self.log_group_class.as_ref(),
                ),
                retention_in_days: reply::number(group, "retentionInDays"),
                kms_key_id: reply::text(group, "kmsKeyId"),
                deletion_protection_enabled: reply::unless_default(
                    Some(group["deletionProtectionEnabled"] == true),
                    false,
                    self.deletion_protection_enabled.as_ref(),
                ),
                tags: tags
                    .into_iter()
                    .flatten()
                    .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
                    .collect(),
            },
            attributes: [("Arn", arn), ("CreationTime", born)]
                .into_iter()
                .filter_map(|(name, value)| Some((name.to_owned(), json!(value?))))
                .collect(),
        })
    }

    fn known_by(id: &str) -> Self {
        LogGroup {
            log_group_name: id.to_owned(),
            ..LogGroup::default()
        }
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        let create = self
            .call("CreateLogGroup")
            .with("logGroupClass", &self.log_group_class)
            .with("kmsKeyId", &self.kms_key_id)
            .with(
                "deletionProtectionEnabled",
                self.deletion_protection_enabled,
            )
            .with("tags", (!self.tags.is_empty()).then_some(&self.tags));
        let retention = self.retention_in_days.map(|_| self.retention());
        [Some(create), retention].into_iter().flatten().collect()
    }

    fn created(&self, _me: &Identity, _reply: &Value) -> Option<String> {
        Some(self.log_group_name.clone())
    }

    fn update(&self, _me: &Identity, _live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        let answer = |property: &&str| match *property {
            "RetentionInDays" => Some(self.retention()),
            "KmsKeyId" => Some(match &self.kms_key_id {
                Some(key) => self.call("AssociateKmsKey").with("kmsKeyId", key),
                None => self.call("DisassociateKmsKey"),
            }),
            "DeletionProtectionEnabled" => Some(
                Call::new("logs", "PutLogGroupDeletionProtection")
                    .with("logGroupIdentifier", &self.log_group_name)
                    .with(
                        "deletionProtectionEnabled",
                        self.deletion_protection_enabled.unwrap_or(false),
                    ),
            ),
            _ => None,
        };
        changed.iter().filter_map(answer).collect()
    }

    fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
        let call =
            |action| Call::new("logs", action).with("resourceArn", plain_arn(&live.attributes));
        let set = (!set.is_empty()).then(|| call("TagResource").with("tags", set));
        let remove = (!remove.is_empty()).then(|| call("UntagResource").with("tagKeys", remove));
        [set, remove].into_iter().flatten().collect()
    }

    fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        vec![Call::new("logs", "DeleteLogGroup").with("logGroupName", id)]
    }

    fn census(replies: &[Value]) -> Vec<Call> {
        census::of_service(replies, "logs")
    }

    fn counted(replies: &[Value]) -> Vec<Claim> {
        census::in_service(replies, |service, resource| {
            let name = resource.strip_prefix("log-group:")?;
            // The ARN of a log group may end in `:*`; a name has neither character.
            (service == "logs").then(|| name.strip_suffix(":*").unwrap_or(name).to_owned())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{me, property_names};

    fn group() -> LogGroup {
        LogGroup {
            log_group_name: "/platform/flow".into(),
            retention_in_days: Some(30),
            ..LogGroup::default()
        }
    }

    fn reply() -> Value {
        let arn = "arn:aws:logs:us-east-1:123456789012:log-group:/platform/flow";
        json!({ "logGroups": [
            { "logGroupName": "/platform/flow-old", "arn": format!("{arn}-old:*"), "retentionInDays": 7 },
            { "logGroupName": "/platform/flow", "creationTime": 1_700_000_000_000_u64, "metricFilterCount": 0, "arn": format!("{arn}:*"),
              "storedBytes": 0, "logGroupClass": "STANDARD", "logGroupArn": arn, "deletionProtectionEnabled": false },
        ]})
    }

    #[test]
    fn only_the_exact_name_counts() {
        let other = LogGroup {
            log_group_name: "/platform".into(),
            ..LogGroup::default()
        };
        assert_eq!(other.read(&me(None), &[reply()]), Seen::Absent);
        assert_eq!(group().read(&me(None), &[json!({})]), Seen::Absent);
        let Seen::Live(live) = group().read(&me(None), &[reply(), json!({ "tags": { "a": "b" } })])
        else {
            panic!("not live")
        };
        assert_eq!(live.properties.tags["a"], "b");
        assert_eq!(
            live.properties.retention_in_days, None,
            "records are kept for ever"
        );
        let arn = "arn:aws:logs:us-east-1:123456789012:log-group:/platform/flow";
        assert_eq!(live.attributes["Arn"], format!("{arn}:*"));
        let calls = LogGroup::retag(
            &live,
            &Tags::from([("a".into(), "c".into())]),
            &["x".into()],
        );
        assert_eq!(calls.len(), 2);
        assert!(
            calls.iter().all(|call| call.params["resourceArn"] == arn),
            "{calls:?}"
        );
    }

    #[test]
    fn defaults_show_only_when_asked_for() {
        let Seen::Live(live) = group().read(&me(None), &[reply()]) else {
            panic!("not live")
        };
        assert_eq!(property_names(&live.properties), ["LogGroupName", "Tags"]);
        let asked = LogGroup {
            log_group_class: Some("STANDARD".into()),
            deletion_protection_enabled: Some(false),
            ..group()
        };
        let Seen::Live(live) = asked.read(&me(None), &[reply()]) else {
            panic!("not live")
        };
        assert_eq!(
            property_names(&live.properties),
            [
                "DeletionProtectionEnabled",
                "LogGroupClass",
                "LogGroupName",
                "Tags"
            ]
        );
    }

    #[test]
    fn what_is_no_longer_asked_for_is_taken_back() {
        let Seen::Live(live) = group().read(&me(None), &[reply()]) else {
            panic!("not live")
        };
        let bare = LogGroup {
            retention_in_days: None,
            ..group()
        };
        let actions: Vec<&str> = bare
            .update(
                &me(None),
                &live,
                &["DeletionProtectionEnabled", "KmsKeyId", "RetentionInDays"],
            )
            .iter()
            .map(|call| call.action)
            .collect();
        assert_eq!(
            actions,
            [
                "PutLogGroupDeletionProtection",
                "DisassociateKmsKey",
                "DeleteRetentionPolicy"
            ]
        );
    }
}
