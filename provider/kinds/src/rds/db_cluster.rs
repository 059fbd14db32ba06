//! `AWS::RDS::DBCluster`: a cluster of Aurora, or a Multi-AZ DB cluster of RDS.
//!
//! Reads `DescribeDBClusters`, which shows tags and what waits for the maintenance window; writes `CreateDBCluster` (from a backup
//! `RestoreDBClusterFromSnapshot` or `RestoreDBClusterToPointInTime`), `ModifyDBCluster` and `DeleteDBCluster`.
//!
//! # Guarantees
//! - What AWS raises on its own is no difference: storage, and the minor engine version.
//! - Another major version is asked for alone, with the parameter group of its family, and at once; `AllowMajorVersionUpgrade` is sent
//!   with it and never otherwise. An older one is asked for never.
//! - Which member writes is nothing that is asked for: a failover is no difference.
//! - A change that AWS has put off to the maintenance window counts as done, unless `ApplyImmediately` is asked for.
//! - What a blue/green deployment can change is changed by one where that is asked for, [step by step](blue_green).
//! - A password of our own is in no property: the call that makes the cluster, takes the password over from RDS or gives it another one has
//!   it filled in from its secret as it leaves. [A tag](own_password) tells which one that was.
//! - Deleting it leaves a final snapshot and the automated backups, unless `SkipFinalSnapshot` is asked for.
//!
//! # Caveats
//! - The members of an Aurora cluster are instances of their own; those of a Multi-AZ DB cluster come and go with the cluster.
//! - Readers that Aurora Auto Scaling added are deleted with the cluster.
//! - How it was restored counts only when it is made: AWS does not tell afterwards.
//! - The calls that restore take no windows, no insights mode and no managed password: these follow as changes. They take no password of
//!   ours either, and AWS does not tell that what was restored has another one.
//! - With a password of our own AWS does not tell whether it is still the one that was given: one that somebody else gives it stays until
//!   the next version.
//!
//! See <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBCluster.html>.

mod blue_green;
mod change;
mod seen;
#[cfg(test)]
mod tests;

use platform_graph::{
    Attributes, Blocker, Call, Claim, DeletionPolicy, Disruption, Forecast, Identity, Kind, Live,
    Properties, Seen, Tags,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::version;
use super::{Condition, MasterUserSecret, own_password};
use crate::{census, reply};

/// A cluster.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DbCluster {
    /// Name, unique in account and Region, 1 to 63 lowercase letters, digits and single hyphens; can't change.
    #[serde(rename = "DBClusterIdentifier", default)]
    pub identifier: String,
    /// GiB of storage of each member of a Multi-AZ DB cluster; grows only.
    pub allocated_storage: Option<u32>,
    /// Whether another major version may be asked for.
    pub allow_major_version_upgrade: Option<bool>,
    /// Whether changes that interrupt service are made at once instead of in the maintenance window.
    pub apply_immediately: Option<bool>,
    /// Whether AWS upgrades the minor version in the maintenance window; AWS's default is `true`.
    pub auto_minor_version_upgrade: Option<bool>,
    /// Days for which automated backups are kept, 1 (AWS's default) to 35.
    pub backup_retention_period: Option<u32>,
    /// Whether snapshots get the tags of the cluster.
    pub copy_tags_to_snapshot: Option<bool>,
    /// Instance class of the members of a Multi-AZ DB cluster.
    #[serde(rename = "DBClusterInstanceClass")]
    pub instance_class: Option<String>,
    /// Name of the cluster parameter group.
    #[serde(rename = "DBClusterParameterGroupName")]
    pub parameter_group_name: Option<String>,
    /// Name of the subnet group; can't change.
    #[serde(rename = "DBSubnetGroupName")]
    pub subnet_group_name: Option<String>,
    /// `standard` (AWS's default) or `advanced`.
    pub database_insights_mode: Option<String>,
    /// Name of the first database; can't change.
    pub database_name: Option<String>,
    /// Whether AWS refuses to delete it.
    pub deletion_protection: Option<bool>,
    /// Log types that go to CloudWatch Logs.
    pub enable_cloudwatch_logs_exports: Option<Vec<String>>,
    /// Whether IAM identities may connect with a token.
    #[serde(rename = "EnableIAMDatabaseAuthentication")]
    pub enable_iam_database_authentication: Option<bool>,
    /// `aurora-postgresql`, `aurora-mysql`, `postgres` or `mysql`; can't change.
    pub engine: Option<String>,
    /// Version as a policy, see [`version`]: `17` or `17.4`.
    pub engine_version: Option<String>,
    /// IOPS of the storage of a Multi-AZ DB cluster.
    pub iops: Option<u32>,
    /// Whether what a blue/green deployment took the place of is kept, under the name that AWS gives it.
    pub keep_previous: Option<bool>,
    /// ARN of the KMS key of the storage; can't change.
    pub kms_key_id: Option<String>,
    /// Whether RDS makes the password of the master user and rotates it in Secrets Manager.
    pub manage_master_user_password: Option<bool>,
    /// ARN of a secret of ours that holds the password of the master user, as a JSON object with `password`, where RDS does not manage it.
    pub master_user_password_secret: Option<String>,
    /// Id of the version of that secret with the password; with another one, the password is taken from there again.
    pub master_user_password_version: Option<String>,
    /// The key of the secret with the password that RDS manages.
    pub master_user_secret: Option<MasterUserSecret>,
    /// Name of the master user; can't change.
    pub master_username: Option<String>,
    /// Seconds between measurements of the operating system: 0 (off), 1, 5, 10, 15, 30 or 60.
    pub monitoring_interval: Option<u32>,
    /// ARN of the role with which they go to CloudWatch Logs.
    pub monitoring_role_arn: Option<String>,
    /// `IPV4` (AWS's default) or `DUAL`.
    pub network_type: Option<String>,
    /// Whether Performance Insights is on.
    pub performance_insights_enabled: Option<bool>,
    /// ARN of the KMS key of Performance Insights; AWS takes no other one once it is on.
    pub performance_insights_kms_key_id: Option<String>,
    /// Days for which Performance Insights keeps its data: 7, a multiple of 31, or 731.
    pub performance_insights_retention_period: Option<u32>,
    /// TCP port.
    pub port: Option<u32>,
    /// Daily window of automated backups in UTC, `02:00-03:00`.
    pub preferred_backup_window: Option<String>,
    /// Weekly window of maintenance in UTC, `Sun:04:00-Sun:05:00`.
    pub preferred_maintenance_window: Option<String>,
    /// Time to restore to, with a source; counts when it is made.
    pub restore_to_time: Option<String>,
    /// `full-copy` or `copy-on-write`; counts when it is made.
    pub restore_type: Option<String>,
    /// Between which capacities members of class `db.serverless` scale.
    pub serverless_v2_scaling_configuration: Option<ServerlessV2ScalingConfiguration>,
    /// Whether it goes without a final snapshot and takes its automated backups along.
    pub skip_final_snapshot: Option<bool>,
    /// Name or ARN of the snapshot it is restored from; counts when it is made.
    pub snapshot_identifier: Option<String>,
    /// The cluster it is restored from; counts when it is made.
    #[serde(rename = "SourceDBClusterIdentifier")]
    pub source_identifier: Option<String>,
    /// Whether the storage is encrypted; can't change.
    pub storage_encrypted: Option<bool>,
    /// `aurora` (AWS's default) or `aurora-iopt1`; `gp3`, `io1` or `io2` for a Multi-AZ DB cluster.
    pub storage_type: Option<String>,
    /// How changes are made that interrupt service: `in_place`, or `blue_green` where a deployment can make them. Without it no deployment
    /// is looked for; RDS makes none of a cluster whose master password it manages, and none of a Multi-AZ DB cluster.
    pub upgrade_strategy: Option<String>,
    /// Whether it is restored to the latest time there is; counts when it is made.
    pub use_latest_restorable_time: Option<bool>,
    /// Ids of its security groups.
    pub vpc_security_group_ids: Option<Vec<String>>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// Between which capacities serverless members scale, in Aurora capacity units of about 2 GiB.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ServerlessV2ScalingConfiguration {
    /// The least, in halves from 0.
    pub min_capacity: f64,
    /// The most, in halves up to 256.
    pub max_capacity: f64,
    /// Seconds without connections until it pauses, where the least is 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds_until_auto_pause: Option<u32>,
}

/// What every call that makes a cluster takes.
const ALWAYS: &[&str] = &[
    "BackupRetentionPeriod",
    "CopyTagsToSnapshot",
    "DBClusterInstanceClass",
    "DBClusterParameterGroupName",
    "DBSubnetGroupName",
    "DeletionProtection",
    "EnableCloudwatchLogsExports",
    "EnableIAMDatabaseAuthentication",
    "EnablePerformanceInsights",
    "Iops",
    "KmsKeyId",
    "MonitoringInterval",
    "MonitoringRoleArn",
    "NetworkType",
    "PerformanceInsightsKMSKeyId",
    "PerformanceInsightsRetentionPeriod",
    "Port",
    "PreferredBackupWindow",
    "ServerlessV2ScalingConfiguration",
    "StorageType",
    "Tags",
    "VpcSecurityGroupIds",
];
/// What only the call that makes an empty one takes.
const EMPTY: &[&str] = &[
    "AllocatedStorage",
    "AutoMinorVersionUpgrade",
    "DatabaseInsightsMode",
    "DatabaseName",
    "Engine",
    "EngineVersion",
    "ManageMasterUserPassword",
    "MasterUserSecretKmsKeyId",
    "MasterUsername",
    "PreferredMaintenanceWindow",
    "StorageEncrypted",
];

/// What AWS takes where nothing is asked for, for what can be taken back.
fn default_of(property: &str) -> Option<Value> {
    Some(match property {
        "AutoMinorVersionUpgrade" => json!(true),
        "BackupRetentionPeriod" => json!(1),
        "CopyTagsToSnapshot"
        | "DeletionProtection"
        | "EnableIAMDatabaseAuthentication"
        | "ManageMasterUserPassword"
        | "PerformanceInsightsEnabled" => json!(false),
        "EnableCloudwatchLogsExports" => json!([]),
        "MonitoringInterval" => json!(0),
        _ => return None,
    })
}

impl DbCluster {
    /// The properties as members of the calls.
    fn input(&self) -> Properties {
        // A struct of plain data always serialises to an object.
        let mut input = match serde_json::to_value(self) {
            Ok(Value::Object(input)) => input,
            _ => Map::new(),
        };
        let secret = self.master_user_secret.as_ref();
        for (member, value) in [
            (
                "EnablePerformanceInsights",
                json!(self.performance_insights_enabled),
            ),
            (
                "PerformanceInsightsKMSKeyId",
                json!(self.performance_insights_kms_key_id),
            ),
            (
                "MasterUserSecretKmsKeyId",
                json!(secret.map(|secret| &secret.kms_key_id)),
            ),
            ("Tags", json!(super::tag_list(&self.tags_at_birth()))),
        ] {
            input.insert(member.to_owned(), value);
        }
        if self.master_user_password_secret.is_some() {
            input.insert("ManageMasterUserPassword".to_owned(), json!(false));
        }
        input.retain(|_, value| !value.is_null());
        input
    }

    /// What it is tagged with when it is made.
    fn tags_at_birth(&self) -> Tags {
        // A restore takes no password.
        let is_new = self.snapshot_identifier.is_none() && self.source_identifier.is_none();
        let version = self.master_user_password_version.as_ref();
        own_password::among(&self.tags, version.filter(|_| is_new))
    }

    /// The call that deletes it, or what a copy took the place of: with a final snapshot unless that is ruled out.
    fn farewell_of(&self, id: &str, attributes: &Attributes) -> Call {
        let call = Call::new("rds", "DeleteDBCluster").with("DBClusterIdentifier", id);
        if self.skip_final_snapshot == Some(true) {
            call.with("SkipFinalSnapshot", true)
                .with("DeleteAutomatedBackups", true)
        } else {
            call.with("SkipFinalSnapshot", false)
                .with(
                    "FinalDBSnapshotIdentifier",
                    super::final_snapshot(id, attributes, "DBClusterResourceId"),
                )
                .with("DeleteAutomatedBackups", false)
        }
    }
}

impl Kind for DbCluster {
    const TYPE: &'static str = "AWS::RDS::DBCluster";
    const CREATE_ONLY: &'static [&'static str] = &[
        "DBClusterIdentifier",
        "DBSubnetGroupName",
        "DatabaseName",
        "Engine",
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
        "BlueGreenDeployment",
        "ClusterCreateTime",
        "DBClusterArn",
        "DBClusterResourceId",
        "Endpoint.Address",
        "Endpoint.Port",
        "MasterUserSecret.SecretArn",
        "PreviousDatabases",
        "ReadEndpoint.Address",
        "UpgradeTarget",
    ];
    const OURS: &'static [&'static str] = &[
        "AllowMajorVersionUpgrade",
        "ApplyImmediately",
        "KeepPrevious",
        "MasterUserPasswordSecret",
        "MasterUserPasswordVersion",
        "SkipFinalSnapshot",
        "UpgradeStrategy",
    ];
    const VOLATILE: &'static [&'static str] = &[
        "BlueGreenDeployment",
        "Endpoint.Port",
        "MasterUserSecret.SecretArn",
        "PreviousDatabases",
        "UpgradeTarget",
    ];
    const BORN: &'static str = "ClusterCreateTime";
    const STATEFUL: bool = true;
    const PROTECTED_BY: &'static str = "DeletionProtection";
    const TAGGED: bool = true;
    const CLEARED: bool = true;
    const EXPECTED_SECONDS: u32 = 120;
    const DEADLINE_SECONDS: u32 = 7200;

    fn find(&self, _me: &Identity) -> Vec<Call> {
        self.look().into_iter().chain(self.ask_target()).collect()
    }

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
        let name = super::name(me, &self.identifier);
        let Some(item) = super::named(replies, "DBClusters", "DBClusterIdentifier", name) else {
            // Names are being switched: what takes over has not got this one yet.
            return match self.deployment(me, name, replies) {
                Some(deployment) => Seen::Pending {
                    id: name.to_owned(),
                    why: format!("not there, and its {deployment}"),
                },
                None => Seen::Absent,
            };
        };
        let id = name.to_owned();
        let status = reply::text(item, "Status").unwrap_or_default();
        match super::condition(&status) {
            Condition::Deleting => Seen::Deleting { id },
            Condition::Failed => Seen::Failed {
                id,
                why: format!("its status is {status}"),
            },
            Condition::Busy => Seen::Pending { id, why: status },
            Condition::Usable if let Some(why) = self.under_way(item) => Seen::Pending { id, why },
            Condition::Usable if let Some(why) = self.busy(me, name, replies) => {
                Seen::Pending { id, why }
            }
            Condition::Usable => {
                let [deployment, previous] = self.deployed(me, name, replies);
                let attributes = super::attributes([
                    deployment,
                    ("ClusterCreateTime", item["ClusterCreateTime"].clone()),
                    ("DBClusterArn", item["DBClusterArn"].clone()),
                    ("DBClusterResourceId", item["DbClusterResourceId"].clone()),
                    ("Endpoint.Address", item["Endpoint"].clone()),
                    ("Endpoint.Port", super::digits(&item["Port"])),
                    (
                        "MasterUserSecret.SecretArn",
                        item["MasterUserSecret"]["SecretArn"].clone(),
                    ),
                    previous,
                    ("ReadEndpoint.Address", item["ReaderEndpoint"].clone()),
                    super::blue_green::target(replies.get(3), item, self.engine_version.as_ref()),
                ]);
                let mut properties = self.seen(name, item, &attributes);
                if attributes.contains_key(super::blue_green::DEPLOYMENT) {
                    // What takes over is ours by its deployment, whatever tags AWS has copied.
                    properties.tags.extend(me.tags());
                }
                Seen::Live(Live {
                    properties,
                    attributes,
                    id,
                })
            }
        }
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        let input = self.input();
        let make = |action, lists: &[&[&str]]| {
            let call = Call::new("rds", action).with("DBClusterIdentifier", &self.identifier);
            vec![super::give(call, &input, &lists.concat())]
        };
        if self.snapshot_identifier.is_some() {
            let further: &[&str] = &[
                "DatabaseName",
                "Engine",
                "EngineVersion",
                "SnapshotIdentifier",
            ];
            make("RestoreDBClusterFromSnapshot", &[ALWAYS, further])
        } else if self.source_identifier.is_some() {
            let further: &[&str] = &[
                "RestoreToTime",
                "RestoreType",
                "SourceDBClusterIdentifier",
                "UseLatestRestorableTime",
            ];
            make("RestoreDBClusterToPointInTime", &[ALWAYS, further])
        } else {
            make("CreateDBCluster", &[ALWAYS, EMPTY])
                .into_iter()
                .map(|call| own_password::into(call, self.master_user_password_secret.as_ref()))
                .collect()
        }
    }

    fn created(&self, _me: &Identity, _reply: &Value) -> Option<String> {
        Some(self.identifier.clone())
    }

    fn update(&self, _me: &Identity, live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        self.change(live, changed)
    }

    fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
        super::retag(&live.attributes, "DBClusterArn", set, remove)
    }

    fn delete(&self, _me: &Identity, id: &str, attributes: &Attributes) -> Vec<Call> {
        vec![self.farewell_of(id, attributes)]
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

    fn carries(id: &str, other: &str) -> bool {
        super::blue_green::is_copy(id, other) || super::blue_green::is_previous(id, other)
    }

    fn blockers(&self, _me: &Identity, _id: &str, replies: &[Value]) -> Vec<Call> {
        match self.upgrade_strategy {
            Some(_) if replies.is_empty() => self.look(),
            Some(_) => Vec::new(),
            None => super::scaled_readers::look(replies),
        }
    }

    fn blocking(&self, me: &Identity, id: &str, replies: &[Value]) -> Vec<Blocker> {
        let instances = match self.upgrade_strategy {
            Some(_) => replies.get(2..).unwrap_or_default(),
            None => replies,
        };
        let scaled = super::scaled_readers::found(id, instances);
        self.around(me, id, replies)
            .into_iter()
            .chain(scaled)
            .collect()
    }

    fn forecast(&self, _me: &Identity, _live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        match self.told(changed) {
            Some(_) => self.look(),
            None => Vec::new(),
        }
    }

    fn foretold(&self, live: &Live<Self>, changed: &[&str], replies: &[Value]) -> Forecast {
        Forecast {
            disruption: Some(Disruption::Failover),
            says: self.told(changed).unwrap_or_default(),
            refusals: self.obstacles(&live.id, replies),
            unasked: Vec::new(),
        }
    }

    fn unsettled(&self, changed: &[&str]) -> &'static [&'static str] {
        let is = |names: &[&str]| changed.iter().any(|name| names.contains(name));
        match self.told(changed) {
            // What takes over has an id of its own.
            Some(_) => &[
                "BlueGreenDeployment",
                "DBClusterResourceId",
                "Endpoint.Port",
                "MasterUserSecret.SecretArn",
                "PreviousDatabases",
                "UpgradeTarget",
            ],
            None if is(super::PASSWORD) => Self::VOLATILE,
            None if is(&["Port"]) => &["BlueGreenDeployment", "Endpoint.Port", "PreviousDatabases"],
            None => &["BlueGreenDeployment", "PreviousDatabases"],
        }
    }

    fn disruption(property: &str) -> Disruption {
        match property {
            "DBClusterInstanceClass" | "EngineVersion" | "NetworkType" | "Port" => {
                Disruption::Failover
            }
            _ => Disruption::None,
        }
    }

    fn same(property: &str, live: &Value, desired: &Value) -> bool {
        match property {
            "AllocatedStorage" => super::at_least(live, desired),
            "EngineVersion" => match (live.as_str(), desired.as_str()) {
                (Some(live), Some(desired)) => version::satisfies(live, desired),
                _ => false,
            },
            "PreferredBackupWindow" | "PreferredMaintenanceWindow" => {
                super::same_window(live, desired)
            }
            "ServerlessV2ScalingConfiguration" => same_scaling(live, desired),
            _ => live == desired,
        }
    }
}

/// Whether two ranges of capacity are the same; whole numbers come back as fractions, and AWS shows a pause that nobody asked for.
fn same_scaling(live: &Value, desired: &Value) -> bool {
    ["MinCapacity", "MaxCapacity"]
        .iter()
        .all(|member| live[member].as_f64() == desired[member].as_f64())
        && (desired["SecondsUntilAutoPause"].is_null()
            || live["SecondsUntilAutoPause"] == desired["SecondsUntilAutoPause"])
}
