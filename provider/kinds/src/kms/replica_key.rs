//! `AWS::KMS::ReplicaKey`: a multi-Region key in another Region than its primary key, with the same key material.
//!
//! Reads `DescribeKey`, `GetKeyPolicy` and `ListResourceTags` in its own Region; writes `ReplicateKey` in the Region of the primary
//! key, and everything else in its own.
//!
//! # Guarantees
//! - Primary key and Region are its natural key: a Region holds one replica of a key at most.
//! - A replica that is scheduled for deletion is had back when it is asked for again: AWS makes no other one as long as it is there.
//! - The primary key may move to another Region of the set: that is no difference.
//!
//! # Caveats
//! - All keys of a set have the same key id, so its id here is its ARN.
//! - Rotation belongs to the primary key, and so do key spec and usage.
//! - The deletion window is no property of a live key: it shows as it is asked for.
//! - A census of the Region of the composite does not list what is elsewhere; one of the Region of the replica does.
//!
//! See <https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html>.

use platform_graph::{Attributes, Call, Claim, Identity, Kind, Live, Seen, Tags};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::KeyArn;
use crate::{census, policy, reply};

/// A replica of a key.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ReplicaKey {
    /// Description, at most 8192 characters.
    pub description: Option<String>,
    /// Whether the key can be used; AWS's default is `true`.
    pub enabled: Option<bool>,
    /// Key policy, which may be another one than that of the primary key.
    #[serde(default)]
    pub key_policy: Value,
    /// Days between the order to delete and the end, 7 to 30 (AWS's default).
    pub pending_window_in_days: Option<u32>,
    /// ARN of the key that it replicates; another key of the same set is as good.
    #[serde(default)]
    pub primary_key_arn: String,
    /// Region it is in; can't change.
    #[serde(default)]
    pub region: String,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

impl ReplicaKey {
    /// The Region to ask: that of the ARN where there is one.
    fn place<'a>(&'a self, arn: Option<&'a str>) -> Option<String> {
        let known = arn.and_then(KeyArn::parse).map(|arn| arn.region);
        known.or_else(|| (!self.region.is_empty()).then(|| self.region.clone()))
    }

    fn call(&self, action: &'static str, arn: &str) -> Call {
        call(action, arn, self.place(Some(arn)).as_deref())
    }

    fn seen(&self, metadata: &Value, replies: &[Value]) -> Live<ReplicaKey> {
        let arn = reply::text(metadata, "Arn").unwrap_or_default();
        let primary = &metadata["MultiRegionConfiguration"]["PrimaryKey"];
        let properties = ReplicaKey {
            description: reply::unless_default(
                Some(reply::text(metadata, "Description").unwrap_or_default()),
                String::new(),
                self.description.as_ref(),
            ),
            enabled: reply::unless_default(
                metadata["Enabled"].as_bool(),
                true,
                self.enabled.as_ref(),
            ),
            key_policy: reply::having(replies, "Policy")
                .and_then(|reply| reply::text(reply, "Policy"))
                .map(|text| policy::parse(&text))
                .unwrap_or_default(),
            pending_window_in_days: self.pending_window_in_days,
            primary_key_arn: reply::text(primary, "Arn")
                .unwrap_or_else(|| self.primary_key_arn.clone()),
            region: KeyArn::parse(&arn)
                .map(|arn| arn.region)
                .unwrap_or_default(),
            tags: reply::having(replies, "Tags")
                .map(|reply| reply::tags(reply::items(reply, "Tags"), "TagKey", "TagValue"))
                .unwrap_or_default(),
        };
        let attributes = [
            ("Arn", json!(arn)),
            ("CreationDate", metadata["CreationDate"].clone()),
            ("KeyId", metadata["KeyId"].clone()),
        ];
        Live {
            id: arn,
            properties,
            attributes: attributes
                .into_iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        }
    }
}

/// A call about the key of this ARN or id, by the id that is the same in every Region.
fn call(action: &'static str, key: &str, region: Option<&str>) -> Call {
    let id = KeyArn::parse(key).map(|arn| arn.id);
    Call::new("kms", action)
        .with("KeyId", id.as_deref().unwrap_or(key))
        .in_region(region)
}

impl Kind for ReplicaKey {
    const TYPE: &'static str = "AWS::KMS::ReplicaKey";
    const CREATE_ONLY: &'static [&'static str] = &["PrimaryKeyArn", "Region"];
    const ATTRIBUTES: &'static [&'static str] = &["Arn", "CreationDate", "KeyId"];
    const LASTING: &'static [&'static str] = &["Arn", "CreationDate", "KeyId"];
    const OURS: &'static [&'static str] = &["Region"];
    const STATEFUL: bool = true;
    const TAGGED: bool = true;
    const BORN: &'static str = "CreationDate";
    const EXPECTED_SECONDS: u32 = 10;

    fn find(&self, me: &Identity) -> Vec<Call> {
        vec![match &me.id {
            Some(arn) => self.call("DescribeKey", arn),
            None => call(
                "DescribeKey",
                &self.primary_key_arn,
                self.place(None).as_deref(),
            ),
        }]
    }

    fn details(&self, _me: &Identity, arn: &str) -> Vec<Call> {
        vec![
            self.call("GetKeyPolicy", arn).with("PolicyName", "default"),
            self.call("ListResourceTags", arn),
        ]
    }

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
        let Some(reply) = reply::having(replies, "KeyMetadata") else {
            return Seen::Absent;
        };
        let metadata = &reply["KeyMetadata"];
        let id = reply::text(metadata, "Arn").unwrap_or_default();
        match metadata["KeyState"].as_str() {
            // It can be had back as long as it is there, which is only of use to who looks for it.
            Some("PendingDeletion") if me.id.is_none() => Seen::Deleting { id },
            Some("PendingDeletion" | "PendingReplicaDeletion") => Seen::Absent,
            Some(state @ ("Creating" | "Updating")) => Seen::Pending {
                id,
                why: state.to_owned(),
            },
            _ => Seen::Live(self.seen(metadata, replies)),
        }
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        let primary = KeyArn::parse(&self.primary_key_arn);
        vec![
            call(
                "ReplicateKey",
                &self.primary_key_arn,
                primary.as_ref().map(|arn| arn.region.as_str()),
            )
            .with("ReplicaRegion", &self.region)
            .with("Description", &self.description)
            .with("Policy", policy::text(&self.key_policy))
            .with("Tags", reply::tag_list(&self.tags, "TagKey", "TagValue")),
        ]
    }

    fn created(&self, _me: &Identity, reply: &Value) -> Option<String> {
        reply::text(reply.get("ReplicaKeyMetadata")?, "Arn")
    }

    fn restore(&self, _me: &Identity, arn: &str) -> Vec<Call> {
        vec![self.call("CancelKeyDeletion", arn)]
    }

    fn update(&self, _me: &Identity, live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        let about = |action| self.call(action, &live.id);
        let enabled = changed
            .contains(&"Enabled")
            .then(|| self.enabled.unwrap_or(true));
        // The policy of a disabled key can't change: it is enabled first and disabled last.
        let on = (enabled == Some(true)).then(|| about("EnableKey"));
        let off = (enabled == Some(false)).then(|| about("DisableKey"));
        let description = changed.contains(&"Description").then(|| {
            about("UpdateKeyDescription").with(
                "Description",
                self.description.as_deref().unwrap_or_default(),
            )
        });
        let policy = changed.contains(&"KeyPolicy").then(|| {
            about("PutKeyPolicy")
                .with("PolicyName", "default")
                .with("Policy", policy::text(&self.key_policy))
        });
        [on, description, policy, off]
            .into_iter()
            .flatten()
            .collect()
    }

    fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
        let about = |action| live.properties.call(action, &live.id);
        let set = reply::tag_list(set, "TagKey", "TagValue")
            .map(|tags| about("TagResource").with("Tags", tags));
        let remove = (!remove.is_empty()).then(|| about("UntagResource").with("TagKeys", remove));
        [set, remove].into_iter().flatten().collect()
    }

    fn delete(&self, _me: &Identity, arn: &str, _attributes: &Attributes) -> Vec<Call> {
        // Its tags stay, so that it is known again when it is had back.
        vec![
            self.call("ScheduleKeyDeletion", arn)
                .with("PendingWindowInDays", self.pending_window_in_days),
        ]
    }

    fn census(replies: &[Value]) -> Vec<Call> {
        census::of_service(replies, "kms")
    }

    fn counted(replies: &[Value]) -> Vec<Claim> {
        super::counted(replies, |arn, owner| arn.region != owner.region)
            .map(|(arn, tags)| Claim {
                id: arn.whole,
                tags,
            })
            .collect()
    }

    fn same(property: &str, live: &Value, desired: &Value) -> bool {
        let key = |value: &Value| Some(KeyArn::parse(value.as_str()?)?.id);
        match property {
            "KeyPolicy" => policy::same(live, desired),
            "PrimaryKeyArn" => {
                live == desired || key(live).is_some_and(|id| key(desired) == Some(id))
            }
            _ => live == desired,
        }
    }
}

#[cfg(test)]
mod tests {
    use platform_graph::{KindDef, Properties};

    use super::*;
    use crate::testing::me;

    const PRIMARY: &str = "arn:aws:kms:us-east-1:123456789012:key/mrk-1";
    const REPLICA: &str = "arn:aws:kms:eu-west-1:123456789012:key/mrk-1";

    fn asked() -> ReplicaKey {
        ReplicaKey {
            key_policy: json!({ "Version": "2012-10-17", "Statement": [] }),
            primary_key_arn: PRIMARY.into(),
            region: "eu-west-1".into(),
            ..ReplicaKey::default()
        }
    }

    fn replies(state: &str, primary: &str) -> Vec<Value> {
        vec![
            json!({ "KeyMetadata": { "KeyId": "mrk-1", "Arn": REPLICA, "KeyState": state, "Enabled": state == "Enabled",
                "Description": "", "MultiRegion": true, "MultiRegionConfiguration": {
                    "MultiRegionKeyType": "REPLICA", "PrimaryKey": { "Arn": primary, "Region": "us-east-1" } } } }),
            json!({ "Policy": asked().key_policy.to_string() }),
            json!({ "Tags": [] }),
        ]
    }

    #[test]
    fn it_is_made_where_its_primary_key_is_and_looked_after_where_it_is() {
        let region = |calls: Vec<Call>| -> Vec<Option<String>> {
            calls.into_iter().map(|call| call.region).collect()
        };
        let (home, there) = (Some("us-east-1".to_owned()), Some("eu-west-1".to_owned()));
        assert_eq!(region(asked().create(&me(None))), [home]);
        assert_eq!(
            region(asked().find(&me(None))),
            std::slice::from_ref(&there)
        );
        assert_eq!(asked().find(&me(None))[0].params["KeyId"], "mrk-1");
        // The ARN alone is enough, of a replica that no state knows.
        let unknown = ReplicaKey::known_by(REPLICA);
        let me = me(Some(REPLICA));
        for calls in [
            unknown.find(&me),
            unknown.delete(&me, REPLICA, &Attributes::new()),
            unknown.restore(&me, REPLICA),
        ] {
            assert_eq!(region(calls), std::slice::from_ref(&there));
        }
    }

    #[test]
    fn what_waits_for_its_end_is_gone_and_can_be_had_back() {
        let pending = replies("PendingDeletion", PRIMARY);
        assert_eq!(asked().read(&me(Some(REPLICA)), &pending), Seen::Absent);
        let id = REPLICA.to_owned();
        assert_eq!(asked().read(&me(None), &pending), Seen::Deleting { id });
        assert_eq!(
            asked().restore(&me(None), REPLICA)[0].action,
            "CancelKeyDeletion"
        );
    }

    #[test]
    fn another_region_may_become_the_primary_one() {
        let kind = KindDef::of::<ReplicaKey>();
        let mut desired = serde_json::to_value(asked()).unwrap();
        let desired: &mut Properties = desired.as_object_mut().unwrap();
        desired.retain(|_, value| !value.is_null());
        let other_key = "arn:aws:kms:us-east-1:123456789012:key/mrk-2";
        for (primary, expected) in [
            (PRIMARY, [""; 0].as_slice()),
            (REPLICA, &[]),
            (other_key, &["PrimaryKeyArn"]),
        ] {
            let seen = (kind.read)(desired, &me(None), &replies("Enabled", primary)).unwrap();
            let Seen::Live(live) = seen else {
                panic!("not live")
            };
            let changed = platform_graph::diff::changed(&kind, &live.properties, desired, None);
            assert_eq!(changed, expected, "{primary}");
        }
    }
}
