//! `AWS::KMS::Alias`: a name of a key.
//!
//! Reads `DescribeKey`, which takes an alias and shows the key behind it; writes `CreateAlias` and `UpdateAlias`.
//!
//! # Caveats
//! An alias carries no tags. One that points to another key and is not recorded as ours reads as absent, so that AWS refuses
//! to create it: it is not taken from whoever made it.

use platform_graph::{Attributes, Call, Identity, Kind, Live, Seen};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::reply;

/// An alias of a KMS key.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Alias {
    /// Name, unique in account and Region: `alias/` and at most 250 characters.
    pub alias_name: String,
    /// Id or ARN of the key.
    pub target_key_id: String,
}

/// The id of a key given by id or ARN.
fn id_of(key: &str) -> &str {
    key.rsplit_once(":key/").map_or(key, |(_, id)| id)
}

impl Alias {
    fn call(&self, action: &'static str) -> Call {
        Call::new("kms", action).with("AliasName", &self.alias_name)
    }
}

impl Kind for Alias {
    const TYPE: &'static str = "AWS::KMS::Alias";
    const INSIDE: &'static [&'static str] = &["AWS::KMS::Key"];
    const CREATE_ONLY: &'static [&'static str] = &["AliasName"];

    fn find(&self, _me: &Identity) -> Vec<Call> {
        vec![Call::new("kms", "DescribeKey").with("KeyId", &self.alias_name)]
    }

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
        let target = replies
            .first()
            .and_then(|reply| reply::text(reply.get("KeyMetadata")?, "KeyId"));
        match target {
            Some(target) if me.id.is_some() || target == id_of(&self.target_key_id) => {
                Seen::Live(Live {
                    id: self.alias_name.clone(),
                    properties: Alias {
                        alias_name: self.alias_name.clone(),
                        target_key_id: target,
                    },
                    attributes: Attributes::new(),
                })
            }
            _ => Seen::Absent,
        }
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        vec![
            self.call("CreateAlias")
                .with("TargetKeyId", &self.target_key_id),
        ]
    }

    fn created(&self, _me: &Identity, _reply: &Value) -> Option<String> {
        Some(self.alias_name.clone())
    }

    fn update(&self, _me: &Identity, _live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        let answer = || {
            self.call("UpdateAlias")
                .with("TargetKeyId", &self.target_key_id)
        };
        changed
            .contains(&"TargetKeyId")
            .then(answer)
            .into_iter()
            .collect()
    }

    fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        vec![Call::new("kms", "DeleteAlias").with("AliasName", id)]
    }

    fn inside(_parent: &str, _id: &str) -> Vec<Call> {
        // Without a key, so that one call answers for all keys.
        vec![Call::new("kms", "ListAliases")]
    }

    fn residents(_parent: &str, id: &str, replies: &[Value]) -> Vec<Live<Self>> {
        replies
            .first()
            .map_or(&[][..], |reply| reply::items(reply, "Aliases"))
            .iter()
            .filter(|alias| alias["TargetKeyId"] == *id)
            .filter_map(|alias| {
                let name = reply::text(alias, "AliasName")?;
                Some(Live {
                    id: name.clone(),
                    properties: Alias {
                        alias_name: name,
                        target_key_id: id.to_owned(),
                    },
                    attributes: Attributes::new(),
                })
            })
            .collect()
    }

    fn same(_property: &str, live: &Value, desired: &Value) -> bool {
        match (live.as_str(), desired.as_str()) {
            (Some(live), Some(desired)) => id_of(live) == id_of(desired),
            _ => live == desired,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::me;

    #[test]
    fn an_alias_of_somebody_else_is_left_alone() {
        let alias = Alias {
            alias_name: "alias/logs".into(),
            target_key_id: "arn:aws:kms:us-east-1:123456789012:key/k-1".into(),
        };
        let reply = |key: &str| [json!({ "KeyMetadata": { "KeyId": key } })];
        assert_eq!(alias.read(&me(None), &[Value::Null]), Seen::Absent);
        assert_eq!(alias.read(&me(None), &reply("k-2")), Seen::Absent);
        assert_eq!(
            alias.read(&me(None), &reply("k-1")).id(),
            Some("alias/logs")
        );
        assert_eq!(
            alias.read(&me(Some("alias/logs")), &reply("k-2")).id(),
            Some("alias/logs"),
            "ours, moved by somebody"
        );
        assert!(Alias::same(
            "TargetKeyId",
            &json!("k-1"),
            &json!(alias.target_key_id)
        ));
        assert!(!Alias::same(
            "TargetKeyId",
            &json!("k-2"),
            &json!(alias.target_key_id)
        ));
    }
}
