//! `AWS::KMS::Key`: a key of the Key Management Service.
//!
//! Reads `DescribeKey`, `GetKeyPolicy`, `GetKeyRotationStatus` and `ListResourceTags`; writes `CreateKey` and one
//! operation per property.
//!
//! # Caveats
//! - `CreateKey` takes no client token and `ListKeys` no filter: a key whose id is lost is found by its tags through the
//!   tagging API, which shows a new key some seconds late. A crash in that time leaves a key behind.
//! - A key that is scheduled for deletion lives on for 7 to 30 days and counts as absent. Its owner's tags are taken off
//!   first, because tags can't change after that and the next key of the same owner must not be mistaken for it.
//! - The deletion window is no property of a live key: it shows as it is asked for.
//! - AWS puts a default policy on a key without one; it shows only when it is asked for.

use platform_graph::{
    ADDRESS_TAG, Attributes, Call, Claim, Identity, Kind, Live, OWNER_TAG, Replacement, Seen, Tags,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{census, policy, reply};

const SYMMETRIC: &str = "SYMMETRIC_DEFAULT";
/// Days between rotations when none are asked for.
const DEFAULT_ROTATION: u32 = 365;

/// A KMS key.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Key {
    /// Description, at most 8192 characters.
    pub description: Option<String>,
    /// Whether the key can be used; AWS's default is `true`.
    pub enabled: Option<bool>,
    /// Whether the key material is exchanged regularly; symmetric keys only, AWS's default is `false`.
    pub enable_key_rotation: Option<bool>,
    /// Days between rotations, 90 to 2560; AWS's default is 365.
    pub rotation_period_in_days: Option<u32>,
    /// Key policy; without one the account decides by IAM policies.
    pub key_policy: Option<Value>,
    /// `SYMMETRIC_DEFAULT` (AWS's default), `RSA_4096` and so on; can't change.
    pub key_spec: Option<String>,
    /// `ENCRYPT_DECRYPT` (AWS's default), `SIGN_VERIFY` and so on; can't change.
    pub key_usage: Option<String>,
    /// Whether it can be replicated into other Regions; can't change, AWS's default is `false`.
    pub multi_region: Option<bool>,
    /// Days between the order to delete and the end, 7 to 30 (AWS's default).
    pub pending_window_in_days: Option<u32>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

fn call(action: &'static str, key: &str) -> Call {
    Call::new("kms", action).with("KeyId", key)
}

/// The policy that AWS puts on a key made without one.
fn default_policy(arn: &str) -> Option<Value> {
    let [_, partition, _, _, account, _] = arn.split(':').collect::<Vec<_>>()[..] else {
        return None;
    };
    Some(
        json!({ "Version": "2012-10-17", "Id": "key-default-1", "Statement": [{
            "Sid": "Enable IAM User Permissions",
            "Effect": "Allow",
            "Principal": { "AWS": format!("arn:{partition}:iam::{account}:root") },
            "Action": "kms:*",
            "Resource": "*",
        }]}),
    )
}

impl Key {
    fn is_symmetric(&self) -> bool {
        self.key_spec
            .as_deref()
            .is_none_or(|spec| spec == SYMMETRIC)
    }

    fn rotation(&self, key: &str, live: &Key) -> Call {
        if self.enable_key_rotation.or(live.enable_key_rotation) == Some(true) {
            call("EnableKeyRotation", key).with(
                "RotationPeriodInDays",
                self.rotation_period_in_days.unwrap_or(DEFAULT_ROTATION),
            )
        } else {
            call("DisableKeyRotation", key)
        }
    }

    /// The keys that the tagging API shows as this part's.
    fn found(me: &Identity, reply: &Value) -> Vec<String> {
        reply::items(reply, "ResourceTagMappingList")
            .iter()
            .filter(|mapping| me.owns(&reply::tags(reply::items(mapping, "Tags"), "Key", "Value")))
            .filter_map(|mapping| {
                Some(
                    mapping["ResourceARN"]
                        .as_str()?
                        .rsplit_once('/')?
                        .1
                        .to_owned(),
                )
            })
            .collect()
    }

    fn seen(&self, metadata: &Value, replies: &[Value]) -> Live<Key> {
        let arn = reply::text(metadata, "Arn").unwrap_or_default();
        let policy = reply::having(replies, "Policy")
            .and_then(|reply| reply::text(reply, "Policy"))
            .map(|text| policy::parse(&text));
        let is_default = |policy: &Value| {
            default_policy(&arn).is_some_and(|default| policy::same(&default, policy))
        };
        let rotation = reply::having(replies, "KeyRotationEnabled");
        let rotates = rotation.map(|reply| reply["KeyRotationEnabled"] == true);
        let period = rotation.and_then(|reply| reply::number(reply, "RotationPeriodInDays"));
        let id = reply::text(metadata, "KeyId").unwrap_or_default();
        let properties = Key {
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
            enable_key_rotation: reply::unless_default(
                rotates,
                false,
                self.enable_key_rotation.as_ref(),
            ),
            rotation_period_in_days: match period {
                Some(_) if rotates == Some(true) => reply::unless_default(
                    period,
                    DEFAULT_ROTATION,
                    self.rotation_period_in_days.as_ref(),
                ),
                // Without rotation, or where it is not told, there is no period to differ from.
                _ => self.rotation_period_in_days,
            },
            key_policy: policy.filter(|policy| self.key_policy.is_some() || !is_default(policy)),
            key_spec: reply::unless_default(
                reply::text(metadata, "KeySpec"),
                SYMMETRIC.to_owned(),
                self.key_spec.as_ref(),
            ),
            key_usage: reply::unless_default(
                reply::text(metadata, "KeyUsage").or_else(|| Some("ENCRYPT_DECRYPT".to_owned())),
                "ENCRYPT_DECRYPT".to_owned(),
                self.key_usage.as_ref(),
            ),
            multi_region: reply::unless_default(
                Some(metadata["MultiRegion"] == true),
                false,
                self.multi_region.as_ref(),
            ),
            pending_window_in_days: self.pending_window_in_days,
            tags: reply::having(replies, "Tags")
                .map(|reply| reply::tags(reply::items(reply, "Tags"), "TagKey", "TagValue"))
                .unwrap_or_default(),
        };
        let born = metadata.get("CreationDate").cloned();
        let attributes = [
            ("Arn", Some(json!(arn))),
            ("KeyId", Some(json!(id))),
            ("CreationDate", born),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)));
        Live {
            id,
            properties,
            attributes: attributes.collect(),
        }
    }
}

impl Kind for Key {
    const TYPE: &'static str = "AWS::KMS::Key";
    const CREATE_ONLY: &'static [&'static str] = &["KeySpec", "KeyUsage", "MultiRegion"];
    const ATTRIBUTES: &'static [&'static str] = &["Arn", "KeyId", "CreationDate"];
    const STATEFUL: bool = true;
    const TAGGED: bool = true;
    const BORN: &'static str = "CreationDate";
    const REPLACEMENT: Replacement = Replacement::CreateFirst;

    fn find(&self, me: &Identity) -> Vec<Call> {
        vec![match &me.id {
            Some(id) => call("DescribeKey", id),
            None => Call::new("resourcegroupstaggingapi", "GetResources")
                .with(
                    "TagFilters",
                    json!([{ "Key": OWNER_TAG, "Values": [me.owner.to_string()] }]),
                )
                .with("ResourceTypeFilters", ["kms:key"])
                .merging("/TagFilters/0/Values"),
        }]
    }

    fn details(&self, me: &Identity, id: &str) -> Vec<Call> {
        let describe = me.id.is_none().then(|| call("DescribeKey", id));
        let policy = call("GetKeyPolicy", id).with("PolicyName", "default");
        // KMS refuses to tell the rotation of asymmetric keys.
        let rotation = self
            .is_symmetric()
            .then(|| call("GetKeyRotationStatus", id));
        [
            describe,
            Some(policy),
            rotation,
            Some(call("ListResourceTags", id)),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
        let Some(metadata) =
            reply::having(replies, "KeyMetadata").map(|reply| &reply["KeyMetadata"])
        else {
            // Found by its tags and not described yet; or, when there are more replies, listed and gone meanwhile.
            let [reply] = replies else {
                return Seen::Absent;
            };
            let mut ids = Key::found(me, reply);
            return match (ids.pop(), ids.is_empty()) {
                (None, _) => Seen::Absent,
                (Some(id), true) => Seen::Live(Live {
                    id,
                    properties: Key {
                        tags: me.tags(),
                        ..Key::default()
                    },
                    attributes: Attributes::new(),
                }),
                (Some(id), false) => Seen::Many([ids, vec![id]].concat()),
            };
        };
        let id = reply::text(metadata, "KeyId").unwrap_or_default();
        match metadata["KeyState"].as_str() {
            Some("PendingDeletion" | "PendingReplicaDeletion") => Seen::Absent,
            Some(state @ ("Creating" | "Updating")) => Seen::Pending {
                id,
                why: state.to_owned(),
            },
            _ => Seen::Live(self.seen(metadata, replies)),
        }
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        vec![
            Call::new("kms", "CreateKey")
                .with("Description", &self.description)
                .with("Policy", self.key_policy.as_ref().map(policy::text))
                .with("KeySpec", &self.key_spec)
                .with("KeyUsage", &self.key_usage)
                .with("MultiRegion", self.multi_region)
                .with("Tags", reply::tag_list(&self.tags, "TagKey", "TagValue")),
        ]
    }

    fn created(&self, _me: &Identity, reply: &Value) -> Option<String> {
        reply::text(reply.get("KeyMetadata")?, "KeyId")
    }

    fn update(&self, _me: &Identity, live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        let key = live.id.as_str();
        let mut calls = Vec::new();
        let enabled = changed
            .contains(&"Enabled")
            .then(|| self.enabled.unwrap_or(true));
        // Rotation and policy of a disabled key can't change: it is enabled first and disabled last.
        if enabled == Some(true) {
            calls.push(call("EnableKey", key));
        }
        if changed.contains(&"Description") {
            calls.push(call("UpdateKeyDescription", key).with(
                "Description",
                self.description.as_deref().unwrap_or_default(),
            ));
        }
        if changed.contains(&"KeyPolicy") {
            let arn = live
                .attributes
                .get("Arn")
                .and_then(Value::as_str)
                .unwrap_or_default();
            let policy = self.key_policy.clone().or_else(|| default_policy(arn));
            calls.extend(policy.map(|policy| {
                call("PutKeyPolicy", key)
                    .with("PolicyName", "default")
                    .with("Policy", policy::text(&policy))
            }));
        }
        if changed.contains(&"EnableKeyRotation") || changed.contains(&"RotationPeriodInDays") {
            let shown = Key {
                // A rotation that is no longer asked for goes back to none.
                enable_key_rotation: live
                    .properties
                    .enable_key_rotation
                    .filter(|_| !changed.contains(&"EnableKeyRotation")),
                ..Key::default()
            };
            calls.push(self.rotation(key, &shown));
        }
        if enabled == Some(false) {
            calls.push(call("DisableKey", key));
        }
        calls
    }

    fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
        let set = reply::tag_list(set, "TagKey", "TagValue")
            .map(|tags| call("TagResource", &live.id).with("Tags", tags));
        let remove =
            (!remove.is_empty()).then(|| call("UntagResource", &live.id).with("TagKeys", remove));
        [set, remove].into_iter().flatten().collect()
    }

    fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        vec![
            call("UntagResource", id).with("TagKeys", [OWNER_TAG, ADDRESS_TAG]),
            call("ScheduleKeyDeletion", id)
                .with("PendingWindowInDays", self.pending_window_in_days),
        ]
    }

    fn census(replies: &[Value]) -> Vec<Call> {
        census::of_service(replies, "kms")
    }

    fn counted(replies: &[Value]) -> Vec<Claim> {
        // What is in another region than its owner is a replica.
        super::counted(replies, |arn, owner| arn.region == owner.region)
            .map(|(arn, tags)| Claim { id: arn.id, tags })
            .collect()
    }

    fn same(property: &str, live: &Value, desired: &Value) -> bool {
        match property {
            "KeyPolicy" => policy::same(live, desired),
            _ => live == desired,
        }
    }
}

#[cfg(test)]
mod tests;
