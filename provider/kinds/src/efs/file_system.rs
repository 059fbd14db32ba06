//! `AWS::EFS::FileSystem`: a file system of EFS.
//!
//! Reads `DescribeFileSystems`, `DescribeLifecycleConfiguration`, `DescribeBackupPolicy` and `DescribeFileSystemPolicy`; writes
//! `CreateFileSystem` and one operation per property. What `CreateFileSystem` does not take is set once the file system is
//! available.
//!
//! # Caveats
//! - The creation token is what EFS calls unique: the same token a second time is refused with `FileSystemAlreadyExists`, and the
//!   file system is then found by its tags.
//! - `DescribeFileSystems` has no filter: without an id all file systems of the Region are listed.
//! - The throughput mode can change once a day, except from bursting to provisioned or elastic and upward.
//!
//! See <https://docs.aws.amazon.com/efs/latest/ug/API_CreateFileSystem.html>.

use platform_graph::{Attributes, Call, Claim, Identity, Kind, Live, Seen, TagForm, Tags};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{policy, reply};

/// A file system.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct FileSystem {
    /// Zone name of a One Zone file system; stored in three zones without.
    pub availability_zone_name: Option<String>,
    /// Whether AWS Backup keeps a daily backup for 35 days.
    pub backup_policy: Option<BackupPolicy>,
    /// Whether it is encrypted at rest; can't change.
    pub encrypted: Option<bool>,
    /// Resource policy; without one every mount target lets every client mount.
    pub file_system_policy: Option<Value>,
    /// Whether it may be overwritten by a replication.
    pub file_system_protection: Option<FileSystemProtection>,
    /// ARN of the KMS key; can't change.
    pub kms_key_id: Option<String>,
    /// When files move to cheaper storage and back.
    pub lifecycle_policies: Option<Vec<LifecyclePolicy>>,
    /// `generalPurpose` (AWS's default) or `maxIO`; can't change.
    pub performance_mode: Option<String>,
    /// MiB/s that are paid for in mode `provisioned`.
    pub provisioned_throughput_in_mibps: Option<f64>,
    /// `bursting` (AWS's default), `elastic` or `provisioned`.
    pub throughput_mode: Option<String>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// Whether AWS Backup keeps a daily backup.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct BackupPolicy {
    /// `ENABLED` or `DISABLED`.
    pub status: String,
}

/// Whether a replication may overwrite the file system.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct FileSystemProtection {
    /// `ENABLED` (AWS's default), `DISABLED` or, while it is the copy, `REPLICATING`.
    pub replication_overwrite_protection: String,
}

/// One move of files, by their last access: `AFTER_30_DAYS`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LifecyclePolicy {
    /// To Infrequent Access.
    #[serde(rename = "TransitionToIA", skip_serializing_if = "Option::is_none")]
    pub transition_to_ia: Option<String>,
    /// To Archive.
    #[serde(
        rename = "TransitionToArchive",
        skip_serializing_if = "Option::is_none"
    )]
    pub transition_to_archive: Option<String>,
    /// Back to Standard: `AFTER_1_ACCESS`.
    #[serde(
        rename = "TransitionToPrimaryStorageClass",
        skip_serializing_if = "Option::is_none"
    )]
    pub transition_to_primary_storage_class: Option<String>,
}

impl FileSystem {
    fn call(action: &'static str, id: &str) -> Call {
        Call::new("efs", action).with("FileSystemId", id)
    }

    /// A policy in which no statement names the file system where none was asked to: EFS writes the policy's own file system
    /// into statements without a resource.
    fn without_itself(&self, mut policy: Value, arn: &str) -> Value {
        let asked = self
            .file_system_policy
            .as_ref()
            .map(|asked| reply::items(asked, "Statement"))
            .unwrap_or_default();
        let shown = policy.get_mut("Statement").and_then(Value::as_array_mut);
        for (at, statement) in shown.into_iter().flatten().enumerate() {
            let names_it = asked
                .get(at)
                .is_some_and(|asked| asked.get("Resource").is_some());
            if !names_it
                && statement.get("Resource") == Some(&json!(arn))
                && let Some(fields) = statement.as_object_mut()
            {
                fields.remove("Resource");
            }
        }
        policy
    }

    fn seen(&self, item: &Value, replies: &[Value]) -> FileSystem {
        let shown = |member: &str| {
            replies
                .get(1..)
                .and_then(|details| reply::having(details, member))
                .map(|reply| &reply[member])
        };
        let arn = reply::text(item, "FileSystemArn").unwrap_or_default();
        let policy = shown("Policy")
            .and_then(Value::as_str)
            .map(|text| self.without_itself(policy::parse(text), &arn));
        // Without a policy of its own AWS tells that there is none; without a backup policy it is off.
        let backup = shown("BackupPolicy").and_then(|policy| reply::text(policy, "Status"));
        let lifecycle = shown("LifecyclePolicies")
            .and_then(|list| serde_json::from_value::<Vec<LifecyclePolicy>>(list.clone()).ok());
        let protection = reply::text(
            &item["FileSystemProtection"],
            "ReplicationOverwriteProtection",
        );
        FileSystem {
            availability_zone_name: reply::text(item, "AvailabilityZoneName"),
            backup_policy: reply::unless_default(
                Some(BackupPolicy {
                    status: match backup.as_deref() {
                        Some("ENABLED" | "ENABLING") => "ENABLED",
                        _ => "DISABLED",
                    }
                    .to_owned(),
                }),
                BackupPolicy {
                    status: "DISABLED".to_owned(),
                },
                self.backup_policy.as_ref(),
            ),
            encrypted: reply::unless_default(
                item["Encrypted"].as_bool(),
                false,
                self.encrypted.as_ref(),
            ),
            file_system_policy: policy,
            file_system_protection: reply::unless_default(
                Some(FileSystemProtection {
                    replication_overwrite_protection: protection
                        .unwrap_or_else(|| "ENABLED".to_owned()),
                }),
                FileSystemProtection {
                    replication_overwrite_protection: "ENABLED".to_owned(),
                },
                self.file_system_protection.as_ref(),
            ),
            kms_key_id: reply::text(item, "KmsKeyId"),
            lifecycle_policies: lifecycle
                .filter(|list| !list.is_empty() || self.lifecycle_policies.is_some()),
            performance_mode: reply::unless_default(
                reply::text(item, "PerformanceMode"),
                "generalPurpose".to_owned(),
                self.performance_mode.as_ref(),
            ),
            provisioned_throughput_in_mibps: item["ProvisionedThroughputInMibps"].as_f64(),
            throughput_mode: reply::unless_default(
                reply::text(item, "ThroughputMode"),
                "bursting".to_owned(),
                self.throughput_mode.as_ref(),
            ),
            tags: super::tags(item),
        }
    }
}

impl Kind for FileSystem {
    const TYPE: &'static str = "AWS::EFS::FileSystem";
    const CREATE_ONLY: &'static [&'static str] = &[
        "AvailabilityZoneName",
        "Encrypted",
        "KmsKeyId",
        "PerformanceMode",
    ];
    const UNORDERED: &'static [&'static str] = &["LifecyclePolicies"];
    const ATTRIBUTES: &'static [&'static str] = &["Arn", "CreationTime", "FileSystemId"];
    const TAG_FORM: TagForm = TagForm::List("FileSystemTags");
    const BORN: &'static str = "CreationTime";
    const STATEFUL: bool = true;
    const TAGGED: bool = true;
    const EXPECTED_SECONDS: u32 = 10;

    fn find(&self, me: &Identity) -> Vec<Call> {
        vec![match &me.id {
            Some(id) => Self::call("DescribeFileSystems", id),
            None => Call::new("efs", "DescribeFileSystems"),
        }]
    }

    fn details(&self, _me: &Identity, id: &str) -> Vec<Call> {
        [
            "DescribeLifecycleConfiguration",
            "DescribeBackupPolicy",
            "DescribeFileSystemPolicy",
        ]
        .map(|action| Self::call(action, id))
        .to_vec()
    }

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
        let list = replies
            .first()
            .map(|reply| reply::items(reply, "FileSystems"))
            .unwrap_or_default();
        super::own(me, list, "FileSystemId", |id, item| {
            let attributes = [
                ("Arn".to_owned(), json!(reply::text(item, "FileSystemArn"))),
                ("FileSystemId".to_owned(), json!(id)),
                (
                    "CreationTime".to_owned(),
                    json!(reply::text(item, "CreationTime")),
                ),
            ];
            Seen::Live(Live {
                properties: self.seen(item, replies),
                attributes: attributes.into_iter().collect(),
                id,
            })
        })
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        vec![
            Call::new("efs", "CreateFileSystem")
                .with("PerformanceMode", &self.performance_mode)
                .with("Encrypted", self.encrypted)
                .with("KmsKeyId", &self.kms_key_id)
                .with("ThroughputMode", &self.throughput_mode)
                .with(
                    "ProvisionedThroughputInMibps",
                    self.provisioned_throughput_in_mibps,
                )
                .with("AvailabilityZoneName", &self.availability_zone_name)
                // A One Zone file system is backed up unless that is switched off.
                .with(
                    "Backup",
                    self.backup_policy
                        .as_ref()
                        .map(|policy| policy.status == "ENABLED"),
                )
                .with("Tags", super::tag_list(&self.tags))
                .idempotent("CreationToken"),
        ]
    }

    fn created(&self, _me: &Identity, reply: &Value) -> Option<String> {
        reply::text(reply, "FileSystemId")
    }

    fn update(&self, _me: &Identity, live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        let call = |action| Self::call(action, &live.id);
        let mut calls = Vec::new();
        if changed.contains(&"ThroughputMode") || changed.contains(&"ProvisionedThroughputInMibps")
        {
            let mode = self.throughput_mode.as_deref().unwrap_or("bursting");
            calls.push(
                call("UpdateFileSystem").with("ThroughputMode", mode).with(
                    "ProvisionedThroughputInMibps",
                    self.provisioned_throughput_in_mibps
                        .filter(|_| mode == "provisioned"),
                ),
            );
        }
        if changed.contains(&"LifecyclePolicies") {
            let policies = self.lifecycle_policies.clone().unwrap_or_default();
            calls.push(call("PutLifecycleConfiguration").with("LifecyclePolicies", policies));
        }
        if changed.contains(&"BackupPolicy") {
            let status = self
                .backup_policy
                .as_ref()
                .map_or("DISABLED", |policy| policy.status.as_str());
            calls.push(call("PutBackupPolicy").with("BackupPolicy", json!({ "Status": status })));
        }
        if changed.contains(&"FileSystemProtection") {
            let protection = self
                .file_system_protection
                .as_ref()
                .map_or("ENABLED", |protection| {
                    protection.replication_overwrite_protection.as_str()
                });
            calls.push(
                call("UpdateFileSystemProtection")
                    .with("ReplicationOverwriteProtection", protection),
            );
        }
        if changed.contains(&"FileSystemPolicy") {
            calls.push(match &self.file_system_policy {
                Some(policy) => call("PutFileSystemPolicy").with("Policy", policy::text(policy)),
                None => call("DeleteFileSystemPolicy"),
            });
        }
        calls
    }

    fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
        super::retag(&live.id, set, remove)
    }

    fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        vec![Self::call("DeleteFileSystem", id)]
    }

    fn census(replies: &[Value]) -> Vec<Call> {
        crate::census::of_service(replies, "elasticfilesystem")
    }

    fn counted(replies: &[Value]) -> Vec<Claim> {
        super::counted(replies, "file-system")
    }

    fn same(property: &str, live: &Value, desired: &Value) -> bool {
        match property {
            "FileSystemPolicy" => policy::same(live, desired),
            // Whole numbers come back as fractions.
            "ProvisionedThroughputInMibps" => live.as_f64() == desired.as_f64(),
            _ => live == desired,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{me, property_names};

    fn listed(state: &str, more: Value) -> Value {
        let mut item = json!({
            "FileSystemId": "fs-1", "FileSystemArn": "arn:aws:elasticfilesystem:us-east-1:123456789012:file-system/fs-1",
            "LifeCycleState": state, "PerformanceMode": "generalPurpose", "Encrypted": true, "KmsKeyId": "arn:key",
            "ThroughputMode": "elastic", "FileSystemProtection": { "ReplicationOverwriteProtection": "ENABLED" },
            "Tags": [{ "Key": "platform:owner", "Value": "platform_network/us-east-1/main" }, { "Key": "platform:address", "Value": "part" }],
        });
        for (name, value) in more.as_object().unwrap() {
            item[name] = value.clone();
        }
        json!({ "FileSystems": [item] })
    }

    fn live(asked: &FileSystem, replies: &[Value]) -> FileSystem {
        match asked.read(&me(None), replies) {
            Seen::Live(live) => live.properties,
            seen => panic!("{seen:?}"),
        }
    }

    #[test]
    fn every_state_is_told_apart() {
        let any = FileSystem::default();
        for (state, expected) in [
            ("creating", "Pending"),
            ("available", "Live"),
            ("updating", "Live"),
            ("deleting", "Deleting"),
            ("deleted", "Absent"),
            ("error", "Failed"),
        ] {
            let seen = format!("{:?}", any.read(&me(None), &[listed(state, json!({}))]));
            assert!(seen.starts_with(expected), "{state}: {seen}");
        }
    }

    #[test]
    fn defaults_show_only_when_asked_for() {
        let replies = [
            listed("available", json!({ "ThroughputMode": "bursting" })),
            json!({ "LifecyclePolicies": [] }),
            json!({ "BackupPolicy": { "Status": "DISABLED" } }),
            Value::Null,
        ];
        assert_eq!(
            property_names(&live(&FileSystem::default(), &replies)),
            ["Encrypted", "KmsKeyId", "Tags"]
        );
        let asked = FileSystem {
            backup_policy: Some(BackupPolicy {
                status: "ENABLED".into(),
            }),
            lifecycle_policies: Some(Vec::new()),
            throughput_mode: Some("elastic".into()),
            ..FileSystem::default()
        };
        let seen = live(&asked, &replies);
        assert_eq!(seen.backup_policy.unwrap().status, "DISABLED");
        assert_eq!(seen.throughput_mode.as_deref(), Some("bursting"));
        assert_eq!(seen.lifecycle_policies, Some(Vec::new()));
    }

    #[test]
    fn details_are_told_apart_by_what_they_hold() {
        let policy = json!({ "Version": "2012-10-17", "Statement": [] });
        // AWS has no backup policy to show: the reply is missing, and the others are not mistaken for it.
        let replies = [
            listed("available", json!({})),
            json!({ "LifecyclePolicies": [{ "TransitionToIA": "AFTER_30_DAYS" }] }),
            Value::Null,
            json!({ "FileSystemId": "fs-1", "Policy": policy.to_string() }),
        ];
        let seen = live(&FileSystem::default(), &replies);
        assert_eq!(seen.file_system_policy, Some(policy));
        assert_eq!(seen.backup_policy, None);
        assert_eq!(
            seen.lifecycle_policies.unwrap()[0]
                .transition_to_ia
                .as_deref(),
            Some("AFTER_30_DAYS")
        );
    }

    #[test]
    fn a_statement_about_the_file_system_itself_need_not_name_it() {
        let statement = json!({ "Effect": "Deny", "Principal": { "AWS": "*" }, "Action": "*" });
        let asked = FileSystem {
            file_system_policy: Some(json!({ "Version": "2012-10-17", "Statement": [statement] })),
            ..FileSystem::default()
        };
        let mut shown = statement.clone();
        shown["Resource"] =
            json!("arn:aws:elasticfilesystem:us-east-1:123456789012:file-system/fs-1");
        let policy = json!({ "Version": "2012-10-17", "Statement": [shown] });
        let replies = [
            listed("available", json!({})),
            json!({ "Policy": policy.to_string() }),
        ];
        assert_eq!(
            live(&asked, &replies).file_system_policy,
            asked.file_system_policy
        );
    }

    #[test]
    fn throughput_is_said_only_in_the_mode_that_takes_it() {
        let live = Live {
            id: "fs-1".into(),
            properties: FileSystem::default(),
            attributes: Attributes::new(),
        };
        let elastic = FileSystem {
            throughput_mode: Some("elastic".into()),
            provisioned_throughput_in_mibps: Some(10.0),
            ..FileSystem::default()
        };
        let calls = elastic.update(&me(None), &live, &["ThroughputMode"]);
        assert_eq!(calls[0].params.get("ProvisionedThroughputInMibps"), None);
    }
}
