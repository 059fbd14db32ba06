//! `AWS::DocDB::DBCluster`: the storage volume of a DocumentDB database, with its endpoints.
//!
//! Reads `DescribeDBClusters` and `ListTagsForResource`; writes `CreateDBCluster` (or `RestoreDBClusterFromSnapshot` or
//! `RestoreDBClusterToPointInTime`), `ModifyDBCluster` and `DeleteDBCluster`. Which instance writes is AWS's business: a failover
//! shows nowhere here.
//!
//! # Guarantees
//! The password of the master user is made, kept and rotated by AWS in Secrets Manager; or it is in a secret of ours, and goes from there
//! into the call as it leaves. No property has it.
//!
//! # Caveats
//! - `5.0.0` is what is asked for as long as AWS shows it or a later version: no version can be lowered.
//! - A major version is raised together with the parameter group, whose family goes with it; everything else follows.
//! - AWS shows no storage type for `standard`.
//! - How it was restored counts only when it is made: AWS does not tell afterwards. The calls that restore take no windows, no
//!   retention and no managed password, and a point in time no version and no parameter group: these follow as changes.
//! - A cluster that is made as a secondary of a [global cluster](super::GlobalCluster) takes its data, its master user and its
//!   password from the primary one, which AWS reads by a call that is signed for its Region. Whoever takes it out of the
//!   global cluster (`RemoveFromGlobalCluster`) makes it one of its own, which writes; AWS takes none back in, so there is no call
//!   that answers a difference. Which of the members writes is none.
//! - AWS manages no password of a cluster that is part of a global one. With a password of our own it does not tell whether it is still
//!   the one in the secret: whoever writes another one there tells the cluster. What is restored keeps the password that it had.
//! - What has no default (a window, a version) and is no longer asked for stays as it is, and shows no more.
//! - A deletion leaves a final snapshot unless `SkipFinalSnapshot` is set.
//!
//! See <https://docs.aws.amazon.com/documentdb/latest/developerguide/API_CreateDBCluster.html> and
//! <https://docs.aws.amazon.com/documentdb/latest/developerguide/docdb-secrets-manager.html>.

mod change;
mod seen;
#[cfg(test)]
mod tests;

use platform_graph::{
    Attributes, Call, Claim, DeletionPolicy, Disruption, Identity, Kind, Live, Properties, Seen,
    Tags,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::census;

/// A cluster.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DbCluster {
    /// Days for which automated backups are kept, 1 (AWS's default) to 35.
    pub backup_retention_period: Option<u32>,
    /// Whether snapshots get the tags of the cluster.
    pub copy_tags_to_snapshot: Option<bool>,
    /// Name, unique in account and Region among all clusters of RDS, Neptune and DocumentDB, in lower case; can't change.
    #[serde(rename = "DBClusterIdentifier")]
    pub identifier: String,
    /// Name of the cluster parameter group.
    #[serde(rename = "DBClusterParameterGroupName")]
    pub parameter_group: Option<String>,
    /// Name of the subnet group; can't change.
    #[serde(rename = "DBSubnetGroupName")]
    pub subnet_group: Option<String>,
    /// Whether AWS refuses to delete the cluster.
    pub deletion_protection: Option<bool>,
    /// Logs that go to CloudWatch Logs: `audit`, `profiler`.
    pub enable_cloudwatch_logs_exports: Option<Vec<String>>,
    /// Version of the engine, `5.0.0`.
    pub engine_version: Option<String>,
    /// Name of the global cluster of which it is made a secondary; it leaves it before it is deleted.
    #[serde(rename = "GlobalClusterIdentifier")]
    pub global_cluster: Option<String>,
    /// ARN of the KMS key that encrypts the storage; can't change.
    pub kms_key_id: Option<String>,
    /// Whether AWS makes, keeps and rotates the password of the master user.
    pub manage_master_user_password: Option<bool>,
    /// ARN of a secret of ours that holds the password of the master user, as a JSON object with `password`, where AWS does not manage it.
    pub master_user_password_secret: Option<String>,
    /// Id of the version of that secret with the password; with another one, the password is taken from there again.
    pub master_user_password_version: Option<String>,
    /// ARN of the KMS key of the secret with the password that AWS manages; can't change while it does.
    pub master_user_secret_kms_key_id: Option<String>,
    /// Name of the master user; can't change.
    pub master_username: Option<String>,
    /// `IPV4` (AWS's default) or `DUAL`.
    pub network_type: Option<String>,
    /// Port, 27017 without.
    pub port: Option<u32>,
    /// Daily window for backups in UTC, `02:00-03:00`; AWS chooses one without.
    pub preferred_backup_window: Option<String>,
    /// Weekly window for maintenance in UTC, `sun:04:00-sun:05:00`; AWS chooses one without.
    pub preferred_maintenance_window: Option<String>,
    /// Time to restore to, with a source; counts when it is made.
    pub restore_to_time: Option<String>,
    /// `full-copy` (AWS's default) or `copy-on-write`, with a source; counts when it is made.
    pub restore_type: Option<String>,
    /// Capacity of instances of the class `db.serverless`.
    #[serde(rename = "ServerlessV2ScalingConfiguration")]
    pub serverless_scaling: Option<ServerlessV2ScalingConfiguration>,
    /// Whether no snapshot is left when the cluster is deleted.
    pub skip_final_snapshot: Option<bool>,
    /// Name or ARN of the snapshot it is restored from; counts when it is made.
    pub snapshot_identifier: Option<String>,
    /// The cluster whose backups it is restored from; counts when it is made.
    #[serde(rename = "SourceDBClusterIdentifier")]
    pub source_cluster: Option<String>,
    /// Region of the primary cluster of its global cluster; counts when it is made.
    pub source_region: Option<String>,
    /// Whether the storage is encrypted; can't change.
    pub storage_encrypted: Option<bool>,
    /// `standard` (AWS's default) or `iopt1`.
    pub storage_type: Option<String>,
    /// Whether it is restored to the latest time there is, with a source; counts when it is made.
    pub use_latest_restorable_time: Option<bool>,
    /// Ids of its security groups.
    pub vpc_security_group_ids: Option<Vec<String>>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// Bounds of the capacity of every serverless instance, in units of 2 GiB of memory.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ServerlessV2ScalingConfiguration {
    /// Least capacity, from 0.5.
    pub min_capacity: f64,
    /// Most capacity, to 256.
    pub max_capacity: f64,
}

/// The final snapshot, named after the cluster and after its one life, so that the next cluster of the name does not find the
/// name of its last snapshot taken.
fn final_snapshot(id: &str, attributes: &Attributes) -> String {
    let life: String = attributes
        .get("ClusterResourceId")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_ascii_lowercase()
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    match life.len().checked_sub(8).and_then(|from| life.get(from..)) {
        Some(end) => format!("{id}-final-{end}"),
        None => format!("{id}-final"),
    }
}

impl DbCluster {
    fn call(action: &'static str, id: &str) -> Call {
        Call::new("docdb", action).with("DBClusterIdentifier", id)
    }

    /// The properties by their names in CloudFormation, most of which are those of the API.
    fn fields(&self) -> Properties {
        let mut fields = match serde_json::to_value(self) {
            Ok(Value::Object(fields)) => fields,
            _ => Properties::new(),
        };
        if self.master_user_password_secret.is_some() {
            fields.insert("ManageMasterUserPassword".to_owned(), false.into());
        }
        fields
    }
}

impl Kind for DbCluster {
    const TYPE: &'static str = "AWS::DocDB::DBCluster";
    const CREATE_ONLY: &'static [&'static str] = &[
        "DBClusterIdentifier",
        "DBSubnetGroupName",
        "KmsKeyId",
        "MasterUsername",
        "RestoreToTime",
        "RestoreType",
        "SnapshotIdentifier",
        "SourceDBClusterIdentifier",
        "StorageEncrypted",
        "UseLatestRestorableTime",
    ];
    const UNORDERED: &'static [&'static str] =
        &["EnableCloudwatchLogsExports", "VpcSecurityGroupIds"];
    const ATTRIBUTES: &'static [&'static str] = &[
        "Arn",
        "ClusterCreateTime",
        "ClusterResourceId",
        "Endpoint",
        "ReadEndpoint",
        "SecretArn",
    ];
    const OURS: &'static [&'static str] = &[
        "MasterUserPasswordSecret",
        "MasterUserPasswordVersion",
        "SkipFinalSnapshot",
        "SourceRegion",
    ];
    const LASTING: &'static [&'static str] = &["Arn", "ClusterCreateTime", "ClusterResourceId"];
    const DETAILS_NEED: &'static [&'static str] = &["Arn"];
    const BORN: &'static str = "ClusterCreateTime";
    const STATEFUL: bool = true;
    const PROTECTED_BY: &'static str = "DeletionProtection";
    const TAGGED: bool = true;
    const EXPECTED_SECONDS: u32 = 90;
    const DEADLINE_SECONDS: u32 = 3600;

    fn find(&self, _me: &Identity) -> Vec<Call> {
        vec![super::list("DescribeDBClusters")]
    }

    fn details_again(&self, _me: &Identity, _id: &str, known: &Attributes) -> Vec<Call> {
        let mut calls = vec![super::list_tags(known)];
        if self.global_cluster.is_some() {
            calls.push(super::list_global());
        }
        calls
    }

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
        let name = super::name(me, &self.identifier);
        let found = super::named(replies, "DBClusters", "DBClusterIdentifier", name);
        // Whoever answers may not know the filter.
        let Some(item) = found.filter(|item| item["Engine"] == super::ENGINE) else {
            return Seen::Absent;
        };
        let status = item["Status"].as_str().unwrap_or("available");
        super::in_state(status, name.to_owned(), |id| {
            let member = |name: &str| item[name].clone();
            Seen::Live(Live {
                attributes: super::attributes([
                    ("Arn", member("DBClusterArn")),
                    ("ClusterCreateTime", member("ClusterCreateTime")),
                    ("ClusterResourceId", member("DbClusterResourceId")),
                    ("Endpoint", member("Endpoint")),
                    ("ReadEndpoint", member("ReaderEndpoint")),
                    ("SecretArn", item["MasterUserSecret"]["SecretArn"].clone()),
                ]),
                properties: self.seen(id.clone(), item, replies),
                id,
            })
        })
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        vec![self.birth()]
    }

    fn created(&self, _me: &Identity, _reply: &Value) -> Option<String> {
        Some(self.identifier.clone())
    }

    fn update(&self, _me: &Identity, live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        self.changes(live, changed)
    }

    fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
        super::retag(&live.attributes, set, remove)
    }

    fn delete(&self, _me: &Identity, id: &str, attributes: &Attributes) -> Vec<Call> {
        let delete = Self::call("DeleteDBCluster", id);
        let delete = if self.skip_final_snapshot == Some(true) {
            delete.with("SkipFinalSnapshot", true)
        } else {
            delete
                .with("SkipFinalSnapshot", false)
                .with("FinalDBSnapshotIdentifier", final_snapshot(id, attributes))
        };
        self.leave(attributes).into_iter().chain([delete]).collect()
    }

    fn deletion_policy(&self) -> DeletionPolicy {
        match self.skip_final_snapshot {
            Some(true) => DeletionPolicy::Delete,
            _ => DeletionPolicy::Snapshot,
        }
    }

    fn known_by(id: &str) -> Self {
        DbCluster {
            identifier: id.to_owned(),
            ..DbCluster::default()
        }
    }

    fn census(replies: &[Value]) -> Vec<Call> {
        census::of_service(replies, "rds")
    }

    fn counted(replies: &[Value]) -> Vec<Claim> {
        super::counted(replies, "cluster")
    }

    fn disruption(property: &str) -> Disruption {
        match property {
            "EngineVersion" | "Port" => Disruption::Failover,
            _ => Disruption::None,
        }
    }

    fn same(property: &str, live: &Value, desired: &Value) -> bool {
        match property {
            "EngineVersion" => match (live.as_str(), desired.as_str()) {
                (Some(live), Some(desired)) => change::numbers(live) >= change::numbers(desired),
                _ => live == desired,
            },
            "PreferredBackupWindow" | "PreferredMaintenanceWindow" => {
                super::same_window(live, desired)
            }
            // Whole numbers come back as fractions.
            "ServerlessV2ScalingConfiguration" => ["MinCapacity", "MaxCapacity"]
                .iter()
                .all(|bound| live[bound].as_f64() == desired[bound].as_f64()),
            _ => live == desired,
        }
    }
}
