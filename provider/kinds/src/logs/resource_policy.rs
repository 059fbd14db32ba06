//! `AWS::Logs::ResourcePolicy`: which services may write into log groups of the account and Region.
//!
//! Reads `DescribeResourcePolicies`; writes `PutResourcePolicy`, which creates and overwrites alike.
//!
//! # Caveats
//! - An account has ten of them in a Region unless its quota was raised, so one policy serves many log groups.
//! - It carries no tags: the name is the identity, and a policy of that name that somebody else made is overwritten. Names hold
//!   the composite's name for that reason. It is no evidence, though, and the document names what may be written, not whose it is:
//!   so a policy that a lost state forgot is in no census, and a run with the same composite has it back by its name.
//!
//! See <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutResourcePolicy.html>.

use platform_graph::{Attributes, Call, Identity, Kind, Live, Seen};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{policy, reply};

/// A resource policy of CloudWatch Logs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ResourcePolicy {
    /// Name, unique in account and Region, 1 to 255 characters; can't change.
    pub policy_name: String,
    /// The policy, at most 5120 characters.
    pub policy_document: Value,
}

impl ResourcePolicy {
    fn put(&self) -> Call {
        Call::new("logs", "PutResourcePolicy")
            .with("policyName", &self.policy_name)
            .with("policyDocument", policy::text(&self.policy_document))
    }
}

impl Kind for ResourcePolicy {
    const TYPE: &'static str = "AWS::Logs::ResourcePolicy";
    const CREATE_ONLY: &'static [&'static str] = &["PolicyName"];

    fn find(&self, _me: &Identity) -> Vec<Call> {
        vec![Call::new("logs", "DescribeResourcePolicies")]
    }

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
        let name = me.id.as_ref().unwrap_or(&self.policy_name);
        let found = replies.first().and_then(|reply| {
            reply::items(reply, "resourcePolicies")
                .iter()
                .find(|policy| policy["policyName"] == **name)
        });
        let Some(item) = found else {
            return Seen::Absent;
        };
        Seen::Live(Live {
            id: name.clone(),
            properties: ResourcePolicy {
                policy_name: name.clone(),
                policy_document: reply::text(item, "policyDocument")
                    .map_or(Value::Null, |text| policy::parse(&text)),
            },
            attributes: Attributes::new(),
        })
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        vec![self.put()]
    }

    fn created(&self, _me: &Identity, _reply: &Value) -> Option<String> {
        Some(self.policy_name.clone())
    }

    fn update(&self, _me: &Identity, _live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        if changed.is_empty() {
            return Vec::new();
        }
        vec![self.put()]
    }

    fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        vec![Call::new("logs", "DeleteResourcePolicy").with("policyName", id)]
    }

    fn known_by(id: &str) -> Self {
        ResourcePolicy {
            policy_name: id.to_owned(),
            ..ResourcePolicy::default()
        }
    }

    fn same(property: &str, live: &Value, desired: &Value) -> bool {
        match property {
            "PolicyDocument" => policy::same(live, desired),
            _ => live == desired,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::me;
    use serde_json::json;

    #[test]
    fn only_the_exact_name_counts_and_the_document_is_compared_by_meaning() {
        let document = json!({ "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": { "Service": "es.amazonaws.com" }, "Action": ["logs:PutLogEvents", "logs:CreateLogStream"],
            "Resource": "arn:aws:logs:us-east-1:123456789012:log-group:/aws/opensearch/*",
        }] });
        let reply = json!({ "resourcePolicies": [
            { "policyName": "shop-old", "policyDocument": "{}" },
            { "policyName": "shop", "policyDocument": document.to_string(), "lastUpdatedTime": 1 },
        ] });
        let asked = ResourcePolicy {
            policy_name: "shop".into(),
            policy_document: document.clone(),
        };
        let Seen::Live(live) = asked.read(&me(None), &[reply]) else {
            panic!("not live")
        };
        assert_eq!(live.properties, asked);
        let mut reversed = document.clone();
        reversed["Statement"][0]["Action"] = json!(["logs:CreateLogStream", "logs:PutLogEvents"]);
        assert!(ResourcePolicy::same("PolicyDocument", &reversed, &document));
        assert_eq!(
            ResourcePolicy::known_by("other").read(&me(None), &[json!({})]),
            Seen::Absent
        );
    }
}
