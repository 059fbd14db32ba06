//! `AWS::SecretsManager::Secret`: a secret of Secrets Manager.
//!
//! Reads `DescribeSecret`; writes `CreateSecret`, `UpdateSecret`, `PutSecretValue` and the calls of replication. The value is
//! never read.
//!
//! # Flow
//! A secret is created without a value. Its value is a difference like any other: [`ValueSource::version`] says which one is
//! wanted, and the one that was written last shows, because
//! - the id of a version that is written here holds its number, and
//! - the version carries the staging label [`LABEL`], which moves in the same call. AWS forgets versions without a label, and so
//!   would forget after two rotations that a value was written.
//!
//! A run that was killed in between is finished by the next one; a value that was written is never written again, whoever has
//! rotated it since.
//!
//! # Caveats
//! - The same number again with another value writes nothing: nobody keeps a value to compare with.
//! - The value of the labelled version can be read as long as the label is on it, also after a rotation.
//! - A secret that is scheduled for deletion keeps its name for 7 to 30 days and counts as absent. One with our tags is restored,
//!   with the value it had, when it is wanted again.
//! - A secret with replicas can't be deleted: they go first.
//!
//! See <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html>.

use platform_graph::{
    Attributes, Call, Claim, Identity, Kind, Live, OWNER_TAG, Recipe, SecretMember, SecretSource,
    Seen, Tags,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{arn, call, is_scheduled, kept};
use crate::{census, reply};

/// Staging label of the version that was written here last.
const LABEL: &str = "platform";
/// The key that AWS takes when none is named.
const AWS_KEY: &str = "alias/aws/secretsmanager";
/// Characters that AWS counts as punctuation.
const PUNCTUATION: &str = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
/// Characters of a generated value when nothing is said.
const DEFAULT_LENGTH: u32 = 32;

/// A secret.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Secret {
    /// Description, at most 2048 characters.
    pub description: Option<String>,
    /// How a value is generated, where it is; counts for the next version that is written.
    pub generate_secret_string: Option<GenerateSecretString>,
    /// ARN of the KMS key; AWS's own key for the account without.
    pub kms_key_id: Option<String>,
    /// Name; can't change.
    #[serde(default)]
    pub name: String,
    /// Days in which a deleted secret can be had back, 7 to 30; 0 deletes it at once.
    pub recovery_window_in_days: Option<u32>,
    /// Copies in other Regions.
    pub replica_regions: Option<Vec<ReplicaRegion>>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
    /// Which value it is to have; without this the value is others' business.
    pub value: Option<ValueSource>,
}

/// Which value a secret is to have, without the value.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ValueSource {
    /// Path of the write-only argument that holds it; generated without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Number of the value, from 1; a higher one writes the value.
    pub version: u32,
}

/// A copy of a secret in another Region.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ReplicaRegion {
    /// ARN of a KMS key in that Region; AWS's own key without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kms_key_id: Option<String>,
    /// The Region.
    pub region: String,
}

/// How a value is generated, as in CloudFormation.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct GenerateSecretString {
    /// Characters that are not in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exclude_characters: Option<String>,
    /// Whether lowercase letters are not in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exclude_lowercase: Option<bool>,
    /// Whether digits are not in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exclude_numbers: Option<bool>,
    /// Whether punctuation is not in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exclude_punctuation: Option<bool>,
    /// Whether uppercase letters are not in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exclude_uppercase: Option<bool>,
    /// Key under which it is put into the template.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generate_string_key: Option<String>,
    /// Whether a space may be in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub include_space: Option<bool>,
    /// How many characters it has; 32 without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_length: Option<u32>,
    /// Whether at least one character of each class is in it; `true` without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub require_each_included_type: Option<bool>,
    /// JSON object that it becomes part of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_string_template: Option<String>,
}

impl GenerateSecretString {
    /// How the value is drawn.
    pub fn recipe(&self) -> Recipe {
        let left_out = self.exclude_characters.as_deref().unwrap_or_default();
        let is_excluded = |flag: Option<bool>| flag.unwrap_or(false);
        let class = |excluded: bool, letters: &str| {
            let left: String = letters
                .chars()
                .filter(|letter| !left_out.contains(*letter))
                .collect();
            (!excluded && !left.is_empty()).then_some(left)
        };
        let classes = [
            class(
                is_excluded(self.exclude_lowercase),
                "abcdefghijklmnopqrstuvwxyz",
            ),
            class(
                is_excluded(self.exclude_uppercase),
                "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
            ),
            class(is_excluded(self.exclude_numbers), "0123456789"),
            class(is_excluded(self.exclude_punctuation), PUNCTUATION),
            class(!self.include_space.unwrap_or(false), " "),
        ];
        let inside = self.generate_string_key.clone().map(|key| {
            let template = self.secret_string_template.as_deref().unwrap_or("{}");
            let object: Map<String, Value> = serde_json::from_str(template).unwrap_or_default();
            (object, key)
        });
        Recipe {
            length: self.password_length.unwrap_or(DEFAULT_LENGTH),
            classes: classes.into_iter().flatten().collect(),
            each: self.require_each_included_type.unwrap_or(true),
            inside,
        }
    }
}

/// Id of a version that holds a value written here: its number, then what no other version has. The version that was written
/// before it is part of that, so that a lower number and a secret that was restored get a version of their own.
fn version_id(me: &Identity, secret: &str, version: u32, before: Option<&str>) -> String {
    let own = call("PutSecretValue", secret).client_token(me, before);
    format!("value-{version:010}-{own}")
}

/// Id of the version that was written here last.
fn labelled(secret: &Value) -> Option<&str> {
    let labels = secret.get("VersionIdsToStages")?.as_object()?;
    let has_label = |stages: &Value| {
        stages
            .as_array()
            .is_some_and(|stages| stages.iter().any(|stage| stage == LABEL))
    };
    let (id, _) = labels.iter().find(|(_, stages)| has_label(stages))?;
    Some(id)
}

/// Number of the value that was written here last.
fn written(secret: &Value) -> Option<u32> {
    let id = labelled(secret)?.strip_prefix("value-")?;
    id.split('-').next()?.parse().ok()
}

impl Secret {
    fn replicas(&self, secret: &Value) -> Option<Vec<ReplicaRegion>> {
        let asked = |region: &str| {
            self.replica_regions
                .iter()
                .flatten()
                .find(|replica| replica.region == region)
        };
        let replicas: Vec<ReplicaRegion> = reply::items(secret, "ReplicationStatus")
            .iter()
            .filter_map(|status| {
                let region = reply::text(status, "Region")?;
                let key = reply::text(status, "KmsKeyId");
                let asked = asked(&region).and_then(|replica| replica.kms_key_id.as_ref());
                Some(ReplicaRegion {
                    kms_key_id: reply::unless_default(key, AWS_KEY.to_owned(), asked),
                    region,
                })
            })
            .collect();
        reply::unless_default(Some(replicas), Vec::new(), self.replica_regions.as_ref())
    }

    /// What the replicas that are asked for are doing, when they are not in step: whether it is for good, and why.
    fn trouble(&self, secret: &Value) -> Option<(bool, String)> {
        let statuses = reply::items(secret, "ReplicationStatus").iter();
        let mut found: Vec<(bool, String)> = statuses
            .filter_map(|status| {
                let region = reply::text(status, "Region")?;
                let is_asked = self
                    .replica_regions
                    .iter()
                    .flatten()
                    .any(|replica| replica.region == region);
                let why = reply::text(status, "StatusMessage").unwrap_or_default();
                match status["Status"].as_str()? {
                    "InProgress" => Some((false, format!("being copied to {region}"))),
                    "Failed" if is_asked => {
                        Some((true, format!("the copy in {region} failed: {why}")))
                    }
                    _ => None,
                }
            })
            .collect();
        found.sort_by_key(|(failed, _)| !failed);
        found.into_iter().next()
    }

    fn seen(&self, secret: &Value) -> Secret {
        Secret {
            description: reply::unless_default(
                Some(reply::text(secret, "Description").unwrap_or_default()),
                String::new(),
                self.description.as_ref(),
            ),
            // What AWS does not show is as it was asked for.
            generate_secret_string: self.generate_secret_string.clone(),
            kms_key_id: reply::unless_default(
                Some(reply::text(secret, "KmsKeyId").unwrap_or_else(|| AWS_KEY.to_owned())),
                AWS_KEY.to_owned(),
                self.kms_key_id.as_ref(),
            ),
            name: reply::text(secret, "Name").unwrap_or_default(),
            recovery_window_in_days: self.recovery_window_in_days,
            replica_regions: self.replicas(secret),
            tags: reply::tags(reply::items(secret, "Tags"), "Key", "Value"),
            value: self.value.as_ref().and_then(|asked| {
                Some(ValueSource {
                    from: asked.from.clone(),
                    version: written(secret)?,
                })
            }),
        }
    }

    fn put(&self, me: &Identity, live: &Live<Self>, value: &ValueSource) -> Call {
        let before = live.attributes.get("VersionId").and_then(Value::as_str);
        let id = version_id(me, &live.id, value.version, before);
        let source = match &value.from {
            Some(path) => SecretSource::Given(path.clone()),
            None => SecretSource::Drawn(
                self.generate_secret_string
                    .clone()
                    .unwrap_or_default()
                    .recipe(),
            ),
        };
        call("PutSecretValue", &live.id)
            .with("ClientRequestToken", id)
            .with("VersionStages", ["AWSCURRENT", LABEL])
            .secret(SecretMember {
                member: "SecretString",
                source,
            })
    }

    fn replicate(&self, live: &Live<Self>) -> Vec<Call> {
        let none = Vec::new();
        let wanted = self.replica_regions.as_ref().unwrap_or(&none);
        let there = live.properties.replica_regions.as_ref().unwrap_or(&none);
        // A copy takes another key only by being made anew.
        let gone: Vec<&str> = there
            .iter()
            .filter(|replica| !wanted.contains(replica))
            .map(|replica| replica.region.as_str())
            .collect();
        let new: Vec<&ReplicaRegion> = wanted
            .iter()
            .filter(|replica| !there.contains(replica))
            .collect();
        let remove = (!gone.is_empty()).then(|| {
            call("RemoveRegionsFromReplication", &live.id).with("RemoveReplicaRegions", gone)
        });
        let add = (!new.is_empty())
            .then(|| call("ReplicateSecretToRegions", &live.id).with("AddReplicaRegions", new));
        [remove, add].into_iter().flatten().collect()
    }
}

impl Kind for Secret {
    const TYPE: &'static str = "AWS::SecretsManager::Secret";
    const CREATE_ONLY: &'static [&'static str] = &["Name"];
    const UNORDERED: &'static [&'static str] = &["ReplicaRegions"];
    const ATTRIBUTES: &'static [&'static str] = &["Id", "CreatedDate", "VersionId"];
    const OURS: &'static [&'static str] = &["RecoveryWindowInDays", "Value"];
    const VOLATILE: &'static [&'static str] = &["VersionId"];
    const BORN: &'static str = "CreatedDate";
    const STATEFUL: bool = true;
    const TAGGED: bool = true;

    fn find(&self, me: &Identity) -> Vec<Call> {
        vec![call(
            "DescribeSecret",
            me.id.as_deref().unwrap_or(&self.name),
        )]
    }

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
        let Some((secret, id)) = replies.first().and_then(|reply| Some((reply, arn(reply)?)))
        else {
            return Seen::Absent;
        };
        if is_scheduled(secret) {
            let tags = reply::tags(reply::items(secret, "Tags"), "Key", "Value");
            // By its name it is in the way of a new one, and can be had back.
            return match me.id {
                None if me.owns(&tags) => Seen::Deleting { id },
                _ => Seen::Absent,
            };
        }
        match self.trouble(secret) {
            Some((true, why)) => return Seen::Failed { id, why },
            Some((false, why)) => return Seen::Pending { id, why },
            None => {}
        }
        let attributes = [
            ("Id", Some(json!(id))),
            ("CreatedDate", secret.get("CreatedDate").cloned()),
            ("VersionId", labelled(secret).map(|id| json!(id))),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect();
        Seen::Live(Live {
            properties: self.seen(secret),
            attributes,
            id,
        })
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        vec![
            Call::new("secretsmanager", "CreateSecret")
                .with("Name", &self.name)
                .with("Description", &self.description)
                .with("KmsKeyId", &self.kms_key_id)
                .with("Tags", reply::tag_list(&self.tags, "Key", "Value"))
                .idempotent("ClientRequestToken"),
        ]
    }

    fn created(&self, _me: &Identity, reply: &Value) -> Option<String> {
        arn(reply)
    }

    fn restore(&self, _me: &Identity, id: &str) -> Vec<Call> {
        vec![call("RestoreSecret", id)]
    }

    fn update(&self, me: &Identity, live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        let mut calls = Vec::new();
        let described = changed
            .contains(&"Description")
            .then(|| self.description.clone().unwrap_or_default());
        let encrypted = changed.contains(&"KmsKeyId").then(|| {
            self.kms_key_id
                .clone()
                .unwrap_or_else(|| AWS_KEY.to_owned())
        });
        if described.is_some() || encrypted.is_some() {
            calls.push(
                call("UpdateSecret", &live.id)
                    .with("Description", described)
                    .with("KmsKeyId", encrypted),
            );
        }
        if let Some(value) = self.value.as_ref().filter(|_| changed.contains(&"Value")) {
            calls.push(self.put(me, live, value));
        }
        if changed.contains(&"ReplicaRegions") {
            calls.extend(self.replicate(live));
        }
        calls
    }

    fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
        let set = reply::tag_list(set, "Key", "Value")
            .map(|tags| call("TagResource", &live.id).with("Tags", tags));
        let remove =
            (!remove.is_empty()).then(|| call("UntagResource", &live.id).with("TagKeys", remove));
        [set, remove].into_iter().flatten().collect()
    }

    fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        let regions: Vec<&str> = self
            .replica_regions
            .iter()
            .flatten()
            .map(|replica| replica.region.as_str())
            .collect();
        let copies = (!regions.is_empty()).then(|| {
            call("RemoveRegionsFromReplication", id).with("RemoveReplicaRegions", regions)
        });
        let delete = call("DeleteSecret", id);
        let delete = match self.recovery_window_in_days {
            Some(0) => delete.with("ForceDeleteWithoutRecovery", true),
            days => delete.with("RecoveryWindowInDays", days),
        };
        copies.into_iter().chain([delete]).collect()
    }

    fn known_by(id: &str) -> Self {
        // The ARN ends with the name, a hyphen and six characters of AWS's.
        let name = id
            .splitn(7, ':')
            .nth(6)
            .and_then(|name| name.rsplit_once('-'))
            .map_or(id, |(name, _)| name);
        Secret {
            name: name.to_owned(),
            ..Secret::default()
        }
    }

    fn census(replies: &[Value]) -> Vec<Call> {
        census::of_service(replies, "secretsmanager")
    }

    fn counted(replies: &[Value]) -> Vec<Claim> {
        crate::ec2::listed(replies, 0, "ResourceTagMappingList")
            .iter()
            .filter_map(|mapping| {
                let id = reply::text(mapping, "ResourceARN")?;
                let tags = reply::tags(reply::items(mapping, "Tags"), "Key", "Value");
                let is_ours = id.contains(":secretsmanager:") && tags.contains_key(OWNER_TAG);
                is_ours.then_some(Claim { id, tags })
            })
            .collect()
    }

    fn unsettled(&self, changed: &[&str]) -> &'static [&'static str] {
        match changed.contains(&"Value") {
            true => Self::VOLATILE,
            false => &[],
        }
    }

    fn same(property: &str, live: &Value, desired: &Value) -> bool {
        match property {
            // It says how the next value is made, not how this one was.
            "GenerateSecretString" => true,
            "Value" => live.get("Version") == desired.get("Version"),
            _ => live == desired,
        }
    }
}

/// The secret that a reply describes, for kinds that are inside it.
pub(super) fn described(replies: &[Value]) -> Option<&Value> {
    kept(replies.first())
}

#[cfg(test)]
mod tests;
