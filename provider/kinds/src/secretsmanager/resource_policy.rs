//! `AWS::SecretsManager::ResourcePolicy`: who may do what with a secret, beyond what IAM policies of the account allow.
//!
//! Reads `DescribeSecret` and `GetResourcePolicy`, which is refused for a secret that is scheduled for deletion; writes
//! `PutResourcePolicy`. Its id is the ARN of the secret.
//!
//! # Caveats
//! Whether a public policy is refused is said with each call and shows nowhere: it shows as it is asked for.

use platform_graph::{Attributes, Call, Identity, Kind, Live, Seen};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::secret::described;
use super::{arn, call};
use crate::{policy, reply};

/// The policy of a secret.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ResourcePolicy {
    /// Whether AWS refuses a policy that lets everybody in.
    pub block_public_policy: Option<bool>,
    /// The policy.
    pub resource_policy: Option<Value>,
    /// ARN of the secret; can't change.
    pub secret_id: String,
}

impl ResourcePolicy {
    fn put(&self, secret: &str) -> Call {
        call("PutResourcePolicy", secret)
            .with(
                "ResourcePolicy",
                self.resource_policy.as_ref().map(policy::text),
            )
            .with("BlockPublicPolicy", self.block_public_policy)
    }

    fn shown(&self, secret: &Value, text: &str) -> Option<Live<Self>> {
        let id = arn(secret)?;
        Some(Live {
            properties: ResourcePolicy {
                block_public_policy: self.block_public_policy,
                resource_policy: Some(policy::parse(text)),
                secret_id: id.clone(),
            },
            attributes: [("Id".to_owned(), json!(id))].into_iter().collect(),
            id,
        })
    }
}

impl Kind for ResourcePolicy {
    const TYPE: &'static str = "AWS::SecretsManager::ResourcePolicy";
    const CREATE_ONLY: &'static [&'static str] = &["SecretId"];
    const ATTRIBUTES: &'static [&'static str] = &["Id"];
    const INSIDE: &'static [&'static str] = &["AWS::SecretsManager::Secret"];

    fn find(&self, me: &Identity) -> Vec<Call> {
        vec![call(
            "DescribeSecret",
            me.id.as_deref().unwrap_or(&self.secret_id),
        )]
    }

    fn details(&self, _me: &Identity, id: &str) -> Vec<Call> {
        vec![call("GetResourcePolicy", id)]
    }

    fn read(&self, _me: &Identity, replies: &[Value]) -> Seen<Self> {
        let Some(secret) = described(replies) else {
            return Seen::Absent;
        };
        match replies.get(1) {
            // Whether there is one is not asked yet.
            None => arn(secret).map_or(Seen::Absent, |id| {
                Seen::Live(Live {
                    id,
                    properties: ResourcePolicy::default(),
                    attributes: Attributes::new(),
                })
            }),
            Some(reply) => reply::text(reply, "ResourcePolicy")
                .and_then(|text| self.shown(secret, &text))
                .map_or(Seen::Absent, Seen::Live),
        }
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        vec![self.put(&self.secret_id)]
    }

    fn created(&self, _me: &Identity, reply: &Value) -> Option<String> {
        arn(reply)
    }

    fn update(&self, _me: &Identity, live: &Live<Self>, _changed: &[&str]) -> Vec<Call> {
        vec![self.put(&live.id)]
    }

    fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        vec![call("DeleteResourcePolicy", id)]
    }

    fn known_by(id: &str) -> Self {
        ResourcePolicy {
            secret_id: id.to_owned(),
            ..ResourcePolicy::default()
        }
    }

    fn inside(_parent: &str, id: &str) -> Vec<Call> {
        vec![call("DescribeSecret", id), call("GetResourcePolicy", id)]
    }

    fn residents(_parent: &str, _id: &str, replies: &[Value]) -> Vec<Live<Self>> {
        let shown = replies.get(1).and_then(|reply| {
            let text = reply::text(reply, "ResourcePolicy")?;
            ResourcePolicy::default().shown(described(replies)?, &text)
        });
        shown.into_iter().collect()
    }

    fn same(property: &str, live: &Value, desired: &Value) -> bool {
        match property {
            "ResourcePolicy" => policy::same(live, desired),
            _ => live == desired,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::me;

    const ARN: &str = "arn:aws:secretsmanager:us-east-1:123456789012:secret:shop/stripe-AbCdEf";

    #[test]
    fn a_secret_without_a_policy_has_none() {
        let read = |replies: &[Value]| ResourcePolicy::known_by(ARN).read(&me(None), replies);
        let secret = json!({ "ARN": ARN, "Name": "shop/stripe" });
        let scheduled = json!({ "ARN": ARN, "DeletedDate": 1 });
        assert_eq!(read(&[Value::Null]), Seen::Absent);
        assert_eq!(read(&[scheduled]), Seen::Absent);
        assert_eq!(read(&[secret.clone(), json!({ "ARN": ARN })]), Seen::Absent);
        let policy = json!({ "ARN": ARN, "ResourcePolicy": "{\"Statement\":[]}" });
        assert_eq!(read(&[secret, policy]).id(), Some(ARN));
    }
}
