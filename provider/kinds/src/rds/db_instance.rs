//! `AWS::RDS::DBInstance`: a database server of RDS, a read replica of one, or a member of an Aurora cluster.
//!
//! Reads `DescribeDBInstances`, which shows tags and what waits for the maintenance window; writes `CreateDBInstance` (for a
//! replica `CreateDBInstanceReadReplica`, from a backup `RestoreDBInstanceFromDBSnapshot` or `RestoreDBInstanceToPointInTime`),
//! `ModifyDBInstance` and `DeleteDBInstance`.
//!
//! # Guarantees
//! - What AWS raises on its own is no difference: allocated storage under storage autoscaling, the minor engine version.
//! - Another major version is asked for alone, with the parameter group of its family, and at once; `AllowMajorVersionUpgrade` is sent
//!   with it and never otherwise. An older one is asked for never.
//! - A read replica is upgraded before what it replicates, except where RDS upgrades both together.
//! - A change that AWS has put off to the maintenance window counts as done, unless `ApplyImmediately` is asked for.
//! - What a blue/green deployment can change is changed by one where that is asked for, [step by step](blue_green).
//! - A password of our own is in no property: the call that makes the instance, takes the password over from RDS or gives it another one
//!   has it filled in from its secret as it leaves. [A tag](own_password) tells which one that was.
//! - Deleting it leaves a final snapshot and the automated backups, unless `SkipFinalSnapshot` is asked for; the members of a cluster
//!   and replicas have neither.
//!
//! # Assumptions
//! RDS stores names in lower case, so they are asked for in lower case.
//!
//! # Caveats
//! - How it was restored counts only when it is made: AWS does not tell afterwards.
//! - `ApplyImmediately` applies everything that waits, whoever asked for it.
//! - The key of the secret with the master password can't change while RDS manages the password.
//! - With a password of our own AWS does not tell whether it is still the one that was given: one that somebody else gives it stays until
//!   the next version. What is restored comes with a password that RDS manages, which ours then takes the place of: restoring takes none.
//!
//! See <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html> and
//! <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.DBInstance.Modifying.html>.

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

use super::version::{self, Change};
use super::{Condition, MasterUserSecret, own_password};
use crate::{census, reply};

/// A database server.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DbInstance {
    /// Name, unique in account and Region, 1 to 63 lowercase letters, digits and single hyphens; can't change.
    #[serde(rename = "DBInstanceIdentifier", default)]
    pub identifier: String,
    /// GiB of storage, as a number in text; grows only.
    pub allocated_storage: Option<String>,
    /// Whether another major version may be asked for.
    pub allow_major_version_upgrade: Option<bool>,
    /// Whether changes that interrupt service are made at once instead of in the maintenance window.
    pub apply_immediately: Option<bool>,
    /// Whether AWS upgrades the minor version in the maintenance window; AWS's default is `true`.
    pub auto_minor_version_upgrade: Option<bool>,
    /// Zone name; AWS chooses without. Can't change.
    pub availability_zone: Option<String>,
    /// Days for which automated backups are kept, 0 to 35; AWS's default is 1.
    pub backup_retention_period: Option<u32>,
    /// Certificate authority of the server's certificate, `rds-ca-rsa2048-g1`.
    #[serde(rename = "CACertificateIdentifier")]
    pub ca_certificate_identifier: Option<String>,
    /// Whether snapshots get the tags of the instance.
    pub copy_tags_to_snapshot: Option<bool>,
    /// Name of the Aurora cluster it is a member of; can't change.
    #[serde(rename = "DBClusterIdentifier")]
    pub cluster_identifier: Option<String>,
    /// Instance class, `db.r8g.large`.
    #[serde(rename = "DBInstanceClass")]
    pub instance_class: Option<String>,
    /// Name of the first database; can't change.
    #[serde(rename = "DBName")]
    pub db_name: Option<String>,
    /// Name of the parameter group.
    #[serde(rename = "DBParameterGroupName")]
    pub parameter_group_name: Option<String>,
    /// Name or ARN of the snapshot it is restored from; counts when it is made.
    #[serde(rename = "DBSnapshotIdentifier")]
    pub snapshot_identifier: Option<String>,
    /// Name of the subnet group; can't change.
    #[serde(rename = "DBSubnetGroupName")]
    pub subnet_group_name: Option<String>,
    /// `standard` (AWS's default) or `advanced`.
    pub database_insights_mode: Option<String>,
    /// Whether AWS refuses to delete it.
    pub deletion_protection: Option<bool>,
    /// Log types that go to CloudWatch Logs.
    pub enable_cloudwatch_logs_exports: Option<Vec<String>>,
    /// Whether IAM identities may connect with a token.
    #[serde(rename = "EnableIAMDatabaseAuthentication")]
    pub enable_iam_database_authentication: Option<bool>,
    /// Whether Performance Insights is on.
    pub enable_performance_insights: Option<bool>,
    /// `postgres`, `mysql`, `aurora-postgresql` and so on; can't change.
    pub engine: Option<String>,
    /// Version as a policy, see [`version`]: `17` or `17.4`.
    pub engine_version: Option<String>,
    /// IOPS of the storage.
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
    /// GiB up to which storage grows on its own.
    pub max_allocated_storage: Option<u32>,
    /// Seconds between measurements of the operating system: 0 (off), 1, 5, 10, 15, 30 or 60.
    pub monitoring_interval: Option<u32>,
    /// ARN of the role with which they go to CloudWatch Logs.
    pub monitoring_role_arn: Option<String>,
    /// Whether there is a standby in another zone.
    #[serde(rename = "MultiAZ")]
    pub multi_az: Option<bool>,
    /// `IPV4` (AWS's default) or `DUAL`.
    pub network_type: Option<String>,
    /// Name of the option group; the engine's own without.
    pub option_group_name: Option<String>,
    /// ARN of the KMS key of Performance Insights; AWS takes no other one once it is on.
    #[serde(rename = "PerformanceInsightsKMSKeyId")]
    pub performance_insights_kms_key_id: Option<String>,
    /// Days for which Performance Insights keeps its data: 7, a multiple of 31, or 731.
    pub performance_insights_retention_period: Option<u32>,
    /// TCP port, as a number in text.
    pub port: Option<String>,
    /// Daily window of automated backups in UTC, `02:00-03:00`.
    pub preferred_backup_window: Option<String>,
    /// Weekly window of maintenance in UTC, `Sun:04:00-Sun:05:00`.
    pub preferred_maintenance_window: Option<String>,
    /// Order in which members of a cluster take over from the writer, 0 to 15; AWS's default is 1.
    pub promotion_tier: Option<u32>,
    /// Whether it has a public address.
    pub publicly_accessible: Option<bool>,
    /// Time to restore to, with a source; counts when it is made.
    pub restore_time: Option<String>,
    /// Whether it goes without a final snapshot and takes its automated backups along.
    pub skip_final_snapshot: Option<bool>,
    /// The instance it replicates or, with a time, is restored from; counts when it is made.
    #[serde(rename = "SourceDBInstanceIdentifier")]
    pub source_identifier: Option<String>,
    /// Whether the storage is encrypted; can't change.
    pub storage_encrypted: Option<bool>,
    /// MiB/s of gp3 storage.
    pub storage_throughput: Option<u32>,
    /// `gp2`, `gp3`, `io1` or `io2`.
    pub storage_type: Option<String>,
    /// How changes are made that interrupt service: `in_place`, or `blue_green` where a deployment can make them. Without it no deployment
    /// is looked for; RDS makes none of an instance whose master password it manages. A member goes along with its cluster, a replica with
    /// what it replicates.
    pub upgrade_strategy: Option<String>,
    /// Whether it is restored to the latest time there is; counts when it is made.
    pub use_latest_restorable_time: Option<bool>,
    /// Ids of its security groups.
    #[serde(rename = "VPCSecurityGroups")]
    pub vpc_security_groups: Option<Vec<String>>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// What every call that makes an instance takes.
const ALWAYS: &[&str] = &[
    "AutoMinorVersionUpgrade",
    "AvailabilityZone",
    "CACertificateIdentifier",
    "CopyTagsToSnapshot",
    "DBInstanceClass",
    "DBParameterGroupName",
    "DBSubnetGroupName",
    "DeletionProtection",
    "EnableCloudwatchLogsExports",
    "EnableIAMDatabaseAuthentication",
    "Iops",
    "MultiAZ",
    "NetworkType",
    "OptionGroupName",
    "Port",
    "PubliclyAccessible",
    "StorageThroughput",
    "StorageType",
    "Tags",
    "VpcSecurityGroupIds",
];
/// What calls that make one with new settings of insight take.
const INSIGHT: &[&str] = &[
    "DatabaseInsightsMode",
    "EnablePerformanceInsights",
    "KmsKeyId",
    "MaxAllocatedStorage",
    "MonitoringInterval",
    "MonitoringRoleArn",
    "PerformanceInsightsKMSKeyId",
    "PerformanceInsightsRetentionPeriod",
];
/// What calls that make one that is no replica take.
const PRIMARY: &[&str] = &[
    "BackupRetentionPeriod",
    "ManageMasterUserPassword",
    "MasterUserSecretKmsKeyId",
    "PreferredBackupWindow",
];
/// What only the call that makes an empty one takes. What is restored or replicates has the storage of where it comes from to begin with,
/// which may have grown beyond what is asked for, and AWS makes none with less; what is missing is added afterwards.
const EMPTY: &[&str] = &[
    "AllocatedStorage",
    "DBClusterIdentifier",
    "DBName",
    "Engine",
    "EngineVersion",
    "MasterUsername",
    "PreferredMaintenanceWindow",
    "PromotionTier",
    "StorageEncrypted",
];

/// What AWS takes where nothing is asked for, for what can be taken back.
fn default_of(property: &str) -> Option<Value> {
    Some(match property {
        "AutoMinorVersionUpgrade" => json!(true),
        "BackupRetentionPeriod" | "PromotionTier" => json!(1),
        "CopyTagsToSnapshot"
        | "DeletionProtection"
        | "EnableIAMDatabaseAuthentication"
        | "EnablePerformanceInsights"
        | "ManageMasterUserPassword"
        | "MultiAZ"
        | "PubliclyAccessible" => json!(false),
        "EnableCloudwatchLogsExports" => json!([]),
        "MonitoringInterval" => json!(0),
        _ => return None,
    })
}

impl DbInstance {
    /// The properties as members of the calls.
    fn input(&self) -> Properties {
        // A struct of plain data always serialises to an object.
        let mut input = match serde_json::to_value(self) {
            Ok(Value::Object(input)) => input,
            _ => Map::new(),
        };
        let number =
            |text: &Option<String>| text.as_ref().and_then(|text| text.parse::<u32>().ok());
        let secret = self.master_user_secret.as_ref();
        for (member, value) in [
            ("AllocatedStorage", json!(number(&self.allocated_storage))),
            ("Port", json!(number(&self.port))),
            ("DBPortNumber", json!(number(&self.port))),
            (
                "MasterUserSecretKmsKeyId",
                json!(secret.map(|secret| &secret.kms_key_id)),
            ),
            ("VpcSecurityGroupIds", json!(self.vpc_security_groups)),
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
        let version = self.master_user_password_version.as_ref();
        own_password::among(&self.tags, version.filter(|_| !self.is_restored()))
    }

    fn is_replica(&self) -> bool {
        self.source_identifier.is_some() && !self.is_restored_in_time()
    }

    /// The call that deletes it, or what a copy took the place of: with a final snapshot unless that is ruled out.
    fn farewell_of(&self, id: &str, attributes: &Attributes) -> Call {
        let call = Call::new("rds", "DeleteDBInstance").with("DBInstanceIdentifier", id);
        if !self.holds_data() {
            call.with("SkipFinalSnapshot", true)
        } else if self.skip_final_snapshot == Some(true) {
            call.with("SkipFinalSnapshot", true)
                .with("DeleteAutomatedBackups", true)
        } else {
            call.with("SkipFinalSnapshot", false)
                .with(
                    "FinalDBSnapshotIdentifier",
                    super::final_snapshot(id, attributes, "DbiResourceId"),
                )
                .with("DeleteAutomatedBackups", false)
        }
    }

    fn is_restored(&self) -> bool {
        self.snapshot_identifier.is_some() || self.is_restored_in_time()
    }

    fn is_restored_in_time(&self) -> bool {
        self.restore_time.is_some() || self.use_latest_restorable_time == Some(true)
    }
}

impl Kind for DbInstance {
    const TYPE: &'static str = "AWS::RDS::DBInstance";
    const CREATE_ONLY: &'static [&'static str] = &[
        "AvailabilityZone",
        "DBClusterIdentifier",
        "DBInstanceIdentifier",
        "DBName",
        "DBSnapshotIdentifier",
        "DBSubnetGroupName",
        "Engine",
        "KmsKeyId",
        "MasterUsername",
        "RestoreTime",
        "SourceDBInstanceIdentifier",
        "StorageEncrypted",
        "UseLatestRestorableTime",
    ];
    const UNORDERED: &'static [&'static str] =
        &["EnableCloudwatchLogsExports", "VPCSecurityGroups"];
    const GONE_BEFORE: &'static [&'static str] =
        &["DBClusterIdentifier", "SourceDBInstanceIdentifier"];
    const ATTRIBUTES: &'static [&'static str] = &[
        "BlueGreenDeployment",
        "DBInstanceArn",
        "DbiResourceId",
        "Endpoint.Address",
        "Endpoint.Port",
        "InstanceCreateTime",
        "MasterUserSecret.SecretArn",
        "PreviousDatabases",
        "UpgradeTarget",
    ];
    const OURS: &'static [&'static str] = &[
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
    const BORN: &'static str = "InstanceCreateTime";
    const STATEFUL: bool = true;
    const PROTECTED_BY: &'static str = "DeletionProtection";
    const TAGGED: bool = true;
    const CLEARED: bool = true;
    const EXPECTED_SECONDS: u32 = 900;
    const DEADLINE_SECONDS: u32 = 7200;

    fn find(&self, _me: &Identity) -> Vec<Call> {
        self.look().into_iter().chain(self.ask_target()).collect()
    }

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
        let name = super::name(me, &self.identifier);
        let Some(item) = super::named(replies, "DBInstances", "DBInstanceIdentifier", name) else {
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
        let status = reply::text(item, "DBInstanceStatus").unwrap_or_default();
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
                    ("DBInstanceArn", item["DBInstanceArn"].clone()),
                    ("DbiResourceId", item["DbiResourceId"].clone()),
                    ("Endpoint.Address", item["Endpoint"]["Address"].clone()),
                    ("Endpoint.Port", super::digits(&item["Endpoint"]["Port"])),
                    ("InstanceCreateTime", item["InstanceCreateTime"].clone()),
                    (
                        "MasterUserSecret.SecretArn",
                        item["MasterUserSecret"]["SecretArn"].clone(),
                    ),
                    previous,
                    super::blue_green::target(replies.get(2), item, self.engine_version.as_ref()),
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
        let mut input = self.input();
        if self.master_user_password_secret.is_some() && self.is_restored() {
            // A restore takes no password: RDS manages it until ours takes its place.
            input.insert("ManageMasterUserPassword".to_owned(), json!(true));
        }
        let make = |action, name, lists: &[&[&str]]| {
            let call = Call::new("rds", action).with(name, &self.identifier);
            vec![super::give(call, &input, &lists.concat())]
        };
        const NAME: &str = "DBInstanceIdentifier";
        if self.snapshot_identifier.is_some() {
            make(
                "RestoreDBInstanceFromDBSnapshot",
                NAME,
                &[ALWAYS, PRIMARY, &["DBSnapshotIdentifier", "Engine"]],
            )
        } else if self.source_identifier.is_none() {
            make("CreateDBInstance", NAME, &[ALWAYS, INSIGHT, PRIMARY, EMPTY])
                .into_iter()
                .map(|call| own_password::into(call, self.master_user_password_secret.as_ref()))
                .collect()
        } else if self.is_restored_in_time() {
            make(
                "RestoreDBInstanceToPointInTime",
                "TargetDBInstanceIdentifier",
                &[
                    ALWAYS,
                    PRIMARY,
                    &[
                        "MaxAllocatedStorage",
                        "RestoreTime",
                        "SourceDBInstanceIdentifier",
                        "UseLatestRestorableTime",
                    ],
                ],
            )
        } else {
            make(
                "CreateDBInstanceReadReplica",
                NAME,
                &[ALWAYS, INSIGHT, &["SourceDBInstanceIdentifier"]],
            )
        }
    }

    fn created(&self, _me: &Identity, _reply: &Value) -> Option<String> {
        Some(self.identifier.clone())
    }

    fn update(&self, _me: &Identity, live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        self.change(live, changed)
    }

    fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
        super::retag(&live.attributes, "DBInstanceArn", set, remove)
    }

    fn delete(&self, _me: &Identity, id: &str, attributes: &Attributes) -> Vec<Call> {
        vec![self.farewell_of(id, attributes)]
    }

    fn carries(id: &str, other: &str) -> bool {
        super::blue_green::is_copy(id, other)
            || super::blue_green::is_previous(id, other)
            || super::blue_green::may_be_previous_replica(id, other)
    }

    fn blockers(&self, _me: &Identity, _id: &str, replies: &[Value]) -> Vec<Call> {
        self.look_around(replies)
    }

    fn blocking(&self, me: &Identity, id: &str, replies: &[Value]) -> Vec<Blocker> {
        self.around(me, id, replies)
    }

    fn forecast(&self, _me: &Identity, _live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        match self.may_be_replaced(changed) {
            true => self.look(),
            false => Vec::new(),
        }
    }

    fn foretold(&self, live: &Live<Self>, changed: &[&str], replies: &[Value]) -> Forecast {
        self.expect(&live.id, changed, replies)
    }

    fn unsettled(&self, changed: &[&str]) -> &'static [&'static str] {
        let is = |names: &[&str]| changed.iter().any(|name| names.contains(name));
        match self.may_be_replaced(changed) {
            // What takes over has an id of its own.
            true => &[
                "BlueGreenDeployment",
                "DbiResourceId",
                "Endpoint.Port",
                "MasterUserSecret.SecretArn",
                "PreviousDatabases",
                "UpgradeTarget",
            ],
            false if is(super::PASSWORD) => Self::VOLATILE,
            false if is(&["Port"]) => {
                &["BlueGreenDeployment", "Endpoint.Port", "PreviousDatabases"]
            }
            false => &["BlueGreenDeployment", "PreviousDatabases"],
        }
    }

    fn holds_data(&self) -> bool {
        self.cluster_identifier.is_none() && !self.is_replica()
    }

    fn deletion_policy(&self) -> DeletionPolicy {
        if self.holds_data() && self.skip_final_snapshot != Some(true) {
            DeletionPolicy::Snapshot
        } else {
            DeletionPolicy::Delete
        }
    }

    fn known_by(id: &str) -> Self {
        DbInstance {
            identifier: id.to_owned(),
            ..DbInstance::default()
        }
    }

    fn census(replies: &[Value]) -> Vec<Call> {
        census::of_service(replies, "rds")
    }

    fn counted(replies: &[Value]) -> Vec<Claim> {
        super::counted(replies, "db")
    }

    fn precedes(recorded: &Self, asked: &Self) -> &'static [&'static str] {
        let (Some(runs), Some(policy)) = (&recorded.engine_version, &asked.engine_version) else {
            return &[];
        };
        let rises = matches!(version::change(runs, policy), Change::Minor | Change::Major);
        let rises_first = rises && !version::takes_replicas_along(runs, policy);
        // A deployment upgrades the copies of both.
        if asked.is_replica() && rises_first && !asked.is_blue_green() {
            &["SourceDBInstanceIdentifier"]
        } else {
            &[]
        }
    }

    fn disruption(property: &str) -> Disruption {
        match property {
            "CACertificateIdentifier"
            | "DBInstanceClass"
            | "EngineVersion"
            | "NetworkType"
            | "Port" => Disruption::Failover,
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
            _ => live == desired,
        }
    }
}
