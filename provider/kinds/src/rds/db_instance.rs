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
//! - A password of our own is in no property: the call that makes the instance, or takes the password over from RDS, has it filled in from
//!   its secret as it leaves.
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
//! - With a password of our own AWS does not tell whether it is still the one in the secret: whoever writes another one there tells the
//!   instance. What is restored comes with a password that RDS manages, which ours then takes the place of: restoring takes none.
//!
//! See <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html> and
//! <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.DBInstance.Modifying.html>.

use platform_graph::{
    Attributes, Call, Claim, DeletionPolicy, Disruption, Identity, Kind, Live, Properties,
    SecretMember, SecretSource, Seen, Tags,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::version::{self, Change};
use super::{Condition, MasterUserSecret};
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
    /// ARN of the KMS key of the storage; can't change.
    pub kms_key_id: Option<String>,
    /// Whether RDS makes the password of the master user and rotates it in Secrets Manager.
    pub manage_master_user_password: Option<bool>,
    /// ARN of a secret of ours that holds the password of the master user, as a JSON object with `password`, where RDS does not manage it.
    pub master_user_password_secret: Option<String>,
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
    "AllocatedStorage",
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
/// What only the call that makes an empty one takes.
const EMPTY: &[&str] = &[
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

/// The members of `ModifyDBInstance` that answer a change of a property: some go together.
fn answers(property: &str) -> &'static [&'static str] {
    match property {
        "AllocatedStorage" | "Iops" | "StorageThroughput" => {
            &["AllocatedStorage", "Iops", "StorageThroughput"]
        }
        "StorageType" => &[
            "AllocatedStorage",
            "Iops",
            "StorageThroughput",
            "StorageType",
        ],
        "EngineVersion" => &["EngineVersion"],
        "MonitoringInterval" | "MonitoringRoleArn" => &["MonitoringInterval", "MonitoringRoleArn"],
        "DatabaseInsightsMode"
        | "EnablePerformanceInsights"
        | "PerformanceInsightsRetentionPeriod" => &[
            "DatabaseInsightsMode",
            "EnablePerformanceInsights",
            "PerformanceInsightsRetentionPeriod",
        ],
        "PerformanceInsightsKMSKeyId" => {
            &["EnablePerformanceInsights", "PerformanceInsightsKMSKeyId"]
        }
        "ManageMasterUserPassword" | "MasterUserPasswordSecret" | "MasterUserSecret" => {
            &["ManageMasterUserPassword", "MasterUserSecretKmsKeyId"]
        }
        "AutoMinorVersionUpgrade" => &["AutoMinorVersionUpgrade"],
        "BackupRetentionPeriod" => &["BackupRetentionPeriod"],
        "CACertificateIdentifier" => &["CACertificateIdentifier"],
        "CopyTagsToSnapshot" => &["CopyTagsToSnapshot"],
        "DBInstanceClass" => &["DBInstanceClass"],
        "DBParameterGroupName" => &["DBParameterGroupName"],
        "DeletionProtection" => &["DeletionProtection"],
        "EnableCloudwatchLogsExports" => &["CloudwatchLogsExportConfiguration"],
        "EnableIAMDatabaseAuthentication" => &["EnableIAMDatabaseAuthentication"],
        "MaxAllocatedStorage" => &["MaxAllocatedStorage"],
        "MultiAZ" => &["MultiAZ"],
        "NetworkType" => &["NetworkType"],
        "OptionGroupName" => &["OptionGroupName"],
        "Port" => &["DBPortNumber"],
        "PreferredBackupWindow" => &["PreferredBackupWindow"],
        "PreferredMaintenanceWindow" => &["PreferredMaintenanceWindow"],
        "PromotionTier" => &["PromotionTier"],
        "PubliclyAccessible" => &["PubliclyAccessible"],
        "VPCSecurityGroups" => &["VpcSecurityGroupIds"],
        // The others count in the calls that they are about.
        _ => &[],
    }
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
            ("Tags", json!(super::tag_list(&self.tags))),
        ] {
            input.insert(member.to_owned(), value);
        }
        if self.master_user_password_secret.is_some() {
            input.insert("ManageMasterUserPassword".to_owned(), json!(false));
        }
        input.retain(|_, value| !value.is_null());
        input
    }

    /// What the item shows, with what waits for the maintenance window in its place where that counts as done.
    fn shown(&self, item: &Value) -> Properties {
        let pending = &item["PendingModifiedValues"];
        let waits = self.apply_immediately != Some(true);
        let member = |name: &str| -> Value {
            Some(&pending[name])
                .filter(|value| waits && !value.is_null())
                .unwrap_or(&item[name])
                .clone()
        };
        let port = Some(member("Port"))
            .filter(Value::is_u64)
            .unwrap_or_else(|| item["Endpoint"]["Port"].clone());
        let groups = reply::items(item, "DBParameterGroups");
        let group_name = |group: &Value| reply::text(group, "DBParameterGroupName");
        // While one group takes the place of another, both may be listed.
        let group = groups
            .iter()
            .filter_map(group_name)
            .find(|name| Some(name) == self.parameter_group_name.as_ref())
            .or_else(|| groups.first().and_then(group_name));
        let secret = &item["MasterUserSecret"];
        let is_managed = secret["SecretArn"].is_string();
        let mut shown: Properties = [
            "AutoMinorVersionUpgrade",
            "AvailabilityZone",
            "BackupRetentionPeriod",
            "CACertificateIdentifier",
            "CopyTagsToSnapshot",
            "DBClusterIdentifier",
            "DBInstanceClass",
            "DBName",
            "DeletionProtection",
            "Engine",
            "Iops",
            "KmsKeyId",
            "MasterUsername",
            "MaxAllocatedStorage",
            "MonitoringInterval",
            "MonitoringRoleArn",
            "MultiAZ",
            "NetworkType",
            "PerformanceInsightsKMSKeyId",
            "PerformanceInsightsRetentionPeriod",
            "PreferredBackupWindow",
            "PreferredMaintenanceWindow",
            "PromotionTier",
            "PubliclyAccessible",
            "StorageEncrypted",
            "StorageThroughput",
            "StorageType",
        ]
        .into_iter()
        .map(|name| (name.to_owned(), member(name)))
        .collect();
        let mode = reply::text(item, "DatabaseInsightsMode");
        for (property, value) in [
            (
                "AllocatedStorage",
                super::digits(&member("AllocatedStorage")),
            ),
            ("DBParameterGroupName", json!(group)),
            (
                "DBSubnetGroupName",
                item["DBSubnetGroup"]["DBSubnetGroupName"].clone(),
            ),
            (
                "DatabaseInsightsMode",
                json!(mode.as_deref().unwrap_or("standard")),
            ),
            (
                "EnableCloudwatchLogsExports",
                json!(super::exported_logs(item)),
            ),
            (
                "EnableIAMDatabaseAuthentication",
                json!(member("IAMDatabaseAuthenticationEnabled") == true),
            ),
            (
                "EnablePerformanceInsights",
                json!(item["PerformanceInsightsEnabled"] == true),
            ),
            ("EngineVersion", version::shown(item, waits)),
            ("ManageMasterUserPassword", json!(is_managed)),
            (
                "MasterUserSecret",
                match reply::text(secret, "KmsKeyId") {
                    Some(key) => json!({ "KmsKeyId": key }),
                    None => Value::Null,
                },
            ),
            (
                "OptionGroupName",
                json!(super::option_group::of_instance(item)),
            ),
            ("Port", super::digits(&port)),
            ("VPCSecurityGroups", json!(super::security_groups(item))),
        ] {
            shown.insert(property.to_owned(), value);
        }
        shown
    }

    fn seen(&self, id: &str, item: &Value) -> DbInstance {
        let asked = self.input();
        let mut shown = self.shown(item);
        shown.retain(|property, value| {
            let is_asked = asked.contains_key(property)
                || (property == "VPCSecurityGroups" && self.vpc_security_groups.is_some());
            let is_beyond = default_of(property).is_some_and(|default| *value != default);
            let is_chosen = ["DBClusterIdentifier", "OptionGroupName"].contains(&property.as_str());
            !value.is_null() && (is_asked || is_beyond || is_chosen)
        });
        let read: DbInstance = serde_json::from_value(Value::Object(shown)).unwrap_or_default();
        let replicated = reply::text(item, "ReadReplicaSourceDBInstanceIdentifier");
        let is_managed = item["MasterUserSecret"]["SecretArn"].is_string();
        DbInstance {
            identifier: id.to_owned(),
            // What counts when it is made, changed or deleted can't be seen.
            allow_major_version_upgrade: self.allow_major_version_upgrade,
            apply_immediately: self.apply_immediately,
            master_user_password_secret: self
                .master_user_password_secret
                .clone()
                .filter(|_| !is_managed),
            snapshot_identifier: self.snapshot_identifier.clone(),
            source_identifier: self.source(replicated),
            restore_time: self.restore_time.clone(),
            use_latest_restorable_time: self.use_latest_restorable_time,
            skip_final_snapshot: self.skip_final_snapshot,
            tags: super::tags(item),
            ..read
        }
    }

    /// The source in the words it was asked for with; none for a replica that was promoted, which is on its own since.
    fn source(&self, replicated: Option<String>) -> Option<String> {
        if self.is_restored_in_time() {
            return self.source_identifier.clone();
        }
        let asked = self.source_identifier.clone();
        replicated.map(|shown| asked.unwrap_or(shown))
    }

    fn is_replica(&self) -> bool {
        self.source_identifier.is_some() && !self.is_restored_in_time()
    }

    /// The call with the password of ours, if there is one, which is filled in as it leaves.
    fn with_password(&self, call: Call) -> Call {
        match &self.master_user_password_secret {
            Some(arn) => call.secret(SecretMember {
                member: "MasterUserPassword",
                source: SecretSource::Kept {
                    arn: arn.clone(),
                    key: "password".to_owned(),
                },
            }),
            None => call,
        }
    }

    fn is_restored(&self) -> bool {
        self.snapshot_identifier.is_some() || self.is_restored_in_time()
    }

    fn is_restored_in_time(&self) -> bool {
        self.restore_time.is_some() || self.use_latest_restorable_time == Some(true)
    }

    /// Why it has to be waited for although it is available: another major version is on its way to it.
    fn under_way(&self, item: &Value) -> Option<String> {
        let (live, asked) = (
            item["EngineVersion"].as_str()?,
            self.engine_version.as_deref()?,
        );
        if self.is_replica() && version::takes_replicas_along(live, asked) {
            return Some("to be upgraded together with the instance that it replicates".to_owned());
        }
        let next = version::impending(item, asked)?;
        (self.allow_major_version_upgrade == Some(true))
            .then(|| format!("about to be upgraded to {next}"))
    }

    /// What a live instance needs to run the version that is asked for.
    fn version_change(&self, live: &Live<Self>, changed: &[&str]) -> Change {
        match (&live.properties.engine_version, &self.engine_version) {
            (Some(live), Some(asked)) if changed.contains(&"EngineVersion") => {
                version::change(live, asked)
            }
            _ => Change::None,
        }
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
    const ATTRIBUTES: &'static [&'static str] = &[
        "DBInstanceArn",
        "DbiResourceId",
        "Endpoint.Address",
        "Endpoint.Port",
        "InstanceCreateTime",
        "MasterUserSecret.SecretArn",
    ];
    const OURS: &'static [&'static str] = &["MasterUserPasswordSecret", "SkipFinalSnapshot"];
    const VOLATILE: &'static [&'static str] = &["Endpoint.Port", "MasterUserSecret.SecretArn"];
    const BORN: &'static str = "InstanceCreateTime";
    const STATEFUL: bool = true;
    const PROTECTED_BY: &'static str = "DeletionProtection";
    const TAGGED: bool = true;
    const EXPECTED_SECONDS: u32 = 900;
    const DEADLINE_SECONDS: u32 = 7200;

    fn find(&self, _me: &Identity) -> Vec<Call> {
        vec![Call::new("rds", "DescribeDBInstances")]
    }

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
        let name = super::name(me, &self.identifier);
        let Some(item) = super::named(replies, "DBInstances", "DBInstanceIdentifier", name) else {
            return Seen::Absent;
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
            Condition::Usable => Seen::Live(Live {
                properties: self.seen(name, item),
                attributes: super::attributes([
                    ("DBInstanceArn", item["DBInstanceArn"].clone()),
                    ("DbiResourceId", item["DbiResourceId"].clone()),
                    ("Endpoint.Address", item["Endpoint"]["Address"].clone()),
                    ("Endpoint.Port", super::digits(&item["Endpoint"]["Port"])),
                    ("InstanceCreateTime", item["InstanceCreateTime"].clone()),
                    (
                        "MasterUserSecret.SecretArn",
                        item["MasterUserSecret"]["SecretArn"].clone(),
                    ),
                ]),
                id,
            }),
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
                .map(|call| self.with_password(call))
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
        let mut input = self.input();
        if self.option_group_name.is_none() && live.properties.option_group_name.is_some() {
            let own =
                super::option_group::own(self.engine.as_deref(), self.engine_version.as_deref());
            input.insert("OptionGroupName".to_owned(), json!(own));
        }
        match self.version_change(live, changed) {
            // AWS has no way back, and parameters of the older family do not fit.
            Change::Older => return Vec::new(),
            // The rest follows when the new version runs: another class need not go with the old one.
            Change::Major => {
                let call = Call::new("rds", "ModifyDBInstance")
                    .with("DBInstanceIdentifier", &live.id)
                    .with("ApplyImmediately", true);
                return vec![super::give(call, &input, version::UPGRADE)];
            }
            Change::Minor | Change::None => {}
        }
        for property in changed {
            if let Some(default) = default_of(property) {
                input.entry(*property).or_insert(default);
            }
        }
        // Storage that grew on its own stays as large as it is.
        let grown = live
            .properties
            .allocated_storage
            .as_ref()
            .and_then(|text| text.parse::<u64>().ok());
        if let Some(grown) = grown
            && input
                .get("AllocatedStorage")
                .and_then(Value::as_u64)
                .is_some_and(|asked| asked < grown)
        {
            input.insert("AllocatedStorage".to_owned(), json!(grown));
        }
        input.insert(
            "CloudwatchLogsExportConfiguration".to_owned(),
            super::log_change(
                live.properties.enable_cloudwatch_logs_exports.as_ref(),
                self.enable_cloudwatch_logs_exports.as_ref(),
            ),
        );
        let mut members: Vec<&str> = changed
            .iter()
            .flat_map(|property| answers(property))
            .copied()
            .collect();
        members.sort_unstable();
        members.dedup();
        if members.is_empty() {
            return Vec::new();
        }
        let call = Call::new("rds", "ModifyDBInstance")
            .with("DBInstanceIdentifier", &live.id)
            .with("ApplyImmediately", self.apply_immediately);
        let call = super::give(call, &input, &members);
        vec![if members.contains(&"ManageMasterUserPassword") {
            self.with_password(call)
        } else {
            call
        }]
    }

    fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
        super::retag(&live.attributes, "DBInstanceArn", set, remove)
    }

    fn delete(&self, _me: &Identity, id: &str, attributes: &Attributes) -> Vec<Call> {
        let call = Call::new("rds", "DeleteDBInstance").with("DBInstanceIdentifier", id);
        vec![if !self.holds_data() {
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
        }]
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
        if asked.is_replica() && rises && !version::takes_replicas_along(runs, policy) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::me;

    fn item(more: Value) -> Value {
        let mut item = json!({
            "DBInstanceIdentifier": "shop-orders", "DBInstanceArn": "arn:aws:rds:us-east-1:123456789012:db:shop-orders",
            "DbiResourceId": "db-ABCDEFGHIJKLMNOPQRSTUVWX", "DBInstanceStatus": "available", "DBInstanceClass": "db.t4g.medium",
            "Engine": "postgres", "EngineVersion": "17.6", "AllocatedStorage": 40, "BackupRetentionPeriod": 7, "MultiAZ": true,
            "AutoMinorVersionUpgrade": true, "PreferredMaintenanceWindow": "sun:04:00-sun:05:00", "Endpoint": { "Address": "a", "Port": 5432 },
            "TagList": [],
        });
        for (name, value) in more.as_object().unwrap() {
            item[name] = value.clone();
        }
        json!({ "DBInstances": [item] })
    }

    fn asked() -> DbInstance {
        DbInstance {
            identifier: "shop-orders".into(),
            allocated_storage: Some("20".into()),
            engine_version: Some("17.4".into()),
            instance_class: Some("db.t4g.medium".into()),
            preferred_maintenance_window: Some("Sun:04:00-Sun:05:00".into()),
            backup_retention_period: Some(7),
            multi_az: Some(true),
            port: Some("5432".into()),
            ..DbInstance::default()
        }
    }

    fn changed(asked: &DbInstance, reply: &Value) -> Vec<String> {
        let kind = platform_graph::KindDef::of::<DbInstance>();
        let mut desired = serde_json::to_value(asked).unwrap();
        let desired = desired.as_object_mut().unwrap();
        desired.retain(|_, value| !value.is_null());
        match (kind.read)(desired, &me(None), std::slice::from_ref(reply)).unwrap() {
            Seen::Live(live) => {
                platform_graph::diff::changed(&kind, &live.properties, desired, None)
            }
            seen => panic!("{seen:?}"),
        }
    }

    #[test]
    fn what_aws_raises_on_its_own_is_no_difference() {
        assert_eq!(changed(&asked(), &item(json!({}))), [""; 0]);
        assert_eq!(
            changed(
                &asked(),
                &item(json!({ "EngineVersion": "17.2", "AllocatedStorage": 10 }))
            ),
            ["AllocatedStorage", "EngineVersion"]
        );
        assert_eq!(
            changed(&asked(), &item(json!({ "EngineVersion": "16.9" }))),
            ["EngineVersion"]
        );
    }

    #[test]
    fn what_waits_for_the_window_counts_as_done_unless_it_is_not_to_wait() {
        let reply = item(json!({
            "DBInstanceClass": "db.t4g.large", "EngineVersion": "17.2", "BackupRetentionPeriod": 1,
            "PendingModifiedValues": { "DBInstanceClass": "db.t4g.medium", "EngineVersion": "17.4", "BackupRetentionPeriod": 7 },
        }));
        assert_eq!(changed(&asked(), &reply), [""; 0]);
        let at_once = DbInstance {
            apply_immediately: Some(true),
            ..asked()
        };
        assert_eq!(
            changed(&at_once, &reply),
            ["BackupRetentionPeriod", "DBInstanceClass", "EngineVersion"]
        );
    }

    fn updated(asked: &DbInstance, reply: &Value) -> Vec<Call> {
        let changed = changed(asked, reply);
        let Seen::Live(live) = asked.read(&me(None), std::slice::from_ref(reply)) else {
            panic!("not live")
        };
        let changed: Vec<&str> = changed.iter().map(String::as_str).collect();
        asked.update(&me(None), &live, &changed)
    }

    #[test]
    fn another_major_version_comes_alone_and_at_once() {
        let asked = DbInstance {
            allow_major_version_upgrade: Some(true),
            instance_class: Some("db.r8g.large".into()),
            parameter_group_name: Some("shop-orders-postgres17".into()),
            ..asked()
        };
        let old = json!([{ "DBParameterGroupName": "shop-orders-postgres16" }]);
        let calls = updated(
            &asked,
            &item(json!({ "EngineVersion": "16.9", "DBParameterGroups": old })),
        );
        assert_eq!(
            json!(calls[0].params),
            json!({
                "DBInstanceIdentifier": "shop-orders", "ApplyImmediately": true, "AllowMajorVersionUpgrade": true,
                "DBParameterGroupName": "shop-orders-postgres17", "EngineVersion": "17.4",
            })
        );
        assert_eq!(calls.len(), 1);
    }

    #[test]
    fn a_minor_version_comes_with_the_rest_and_without_leave_for_more() {
        let asked = DbInstance {
            allow_major_version_upgrade: Some(true),
            ..asked()
        };
        let calls = updated(
            &asked,
            &item(json!({ "EngineVersion": "17.2", "BackupRetentionPeriod": 1 })),
        );
        assert_eq!(
            json!(calls[0].params),
            json!({ "DBInstanceIdentifier": "shop-orders", "BackupRetentionPeriod": 7, "EngineVersion": "17.4" })
        );
    }

    #[test]
    fn no_version_is_lowered() {
        let calls = updated(
            &asked(),
            &item(json!({ "EngineVersion": "18.1", "BackupRetentionPeriod": 1 })),
        );
        assert_eq!(calls, []);
    }

    #[test]
    fn an_upgrade_that_has_not_begun_is_waited_for() {
        let asked = DbInstance {
            allow_major_version_upgrade: Some(true),
            ..asked()
        };
        let about = item(
            json!({ "EngineVersion": "16.9", "PendingModifiedValues": { "EngineVersion": "17.4" } }),
        );
        assert!(
            matches!(asked.read(&me(None), &[about]), Seen::Pending { why, .. } if why.contains("17.4"))
        );
    }

    #[test]
    fn a_replica_of_postgresql_waits_for_the_major_version_of_its_source() {
        let replica = DbInstance {
            source_identifier: Some("shop-orders-source".into()),
            ..asked()
        };
        let waits = |live: &str| {
            let reply = item(json!({ "EngineVersion": live }));
            matches!(replica.read(&me(None), &[reply]), Seen::Pending { .. })
        };
        assert!(waits("16.9"));
        assert!(!waits("17.2"));
        assert!(!waits("17.4"));
    }

    #[test]
    fn storage_never_shrinks() {
        let Seen::Live(live) = asked().read(&me(None), &[item(json!({}))]) else {
            panic!("not live")
        };
        let more = DbInstance {
            iops: Some(6000),
            ..asked()
        };
        let calls = more.update(&me(None), &live, &["Iops"]);
        assert_eq!(calls[0].params["AllocatedStorage"], 40);
        assert_eq!(calls[0].params["Iops"], 6000);
    }

    #[test]
    fn the_call_that_makes_it_depends_on_where_it_comes_from() {
        for (made, action) in [
            (asked(), "CreateDBInstance"),
            (
                DbInstance {
                    snapshot_identifier: Some("s".into()),
                    ..asked()
                },
                "RestoreDBInstanceFromDBSnapshot",
            ),
            (
                DbInstance {
                    source_identifier: Some("s".into()),
                    ..asked()
                },
                "CreateDBInstanceReadReplica",
            ),
            (
                DbInstance {
                    source_identifier: Some("s".into()),
                    use_latest_restorable_time: Some(true),
                    ..asked()
                },
                "RestoreDBInstanceToPointInTime",
            ),
        ] {
            assert_eq!(made.create(&me(None))[0].action, action);
        }
    }

    #[test]
    fn the_data_outlives_the_instance_unless_that_is_ruled_out() {
        let attributes =
            super::super::attributes([("DbiResourceId", json!("db-ABCDEFGHIJKLMNOPQRSTUVWX"))]);
        let delete = |instance: &DbInstance| {
            instance.delete(&me(None), "shop-orders", &attributes)[0]
                .params
                .clone()
        };
        let kept = delete(&asked());
        assert_eq!(
            kept["FinalDBSnapshotIdentifier"],
            "shop-orders-final-qrstuvwx"
        );
        assert_eq!(kept["DeleteAutomatedBackups"], false);
        for without in [
            DbInstance {
                skip_final_snapshot: Some(true),
                ..asked()
            },
            DbInstance {
                cluster_identifier: Some("c".into()),
                ..asked()
            },
            DbInstance {
                source_identifier: Some("s".into()),
                ..asked()
            },
        ] {
            let params = delete(&without);
            assert_eq!(params["SkipFinalSnapshot"], true);
            assert_eq!(params.get("FinalDBSnapshotIdentifier"), None);
        }
    }

    #[test]
    fn a_replica_holds_no_data_until_it_is_promoted() {
        let replica = DbInstance {
            source_identifier: Some("shop-orders-primary".into()),
            ..asked()
        };
        let seen = |more: Value| match replica.read(&me(None), &[item(more)]) {
            Seen::Live(live) => live.properties,
            seen => panic!("{seen:?}"),
        };
        let arn = "arn:aws:rds:us-west-2:123456789012:db:shop-orders-primary";
        let shown = seen(json!({ "ReadReplicaSourceDBInstanceIdentifier": arn }));
        assert_eq!(shown.source_identifier, replica.source_identifier);
        assert!(!shown.holds_data());
        let promoted = seen(json!({}));
        assert_eq!(promoted.source_identifier, None);
        assert!(promoted.holds_data());
        assert_eq!(
            changed(&replica, &item(json!({}))),
            ["SourceDBInstanceIdentifier"]
        );
        let restored = DbInstance {
            use_latest_restorable_time: Some(true),
            ..replica.clone()
        };
        assert!(restored.holds_data() && asked().holds_data());
        assert_eq!(changed(&restored, &item(json!({}))), [""; 0]);
        let member = DbInstance {
            cluster_identifier: Some("c".into()),
            ..asked()
        };
        assert!(!member.holds_data());
    }

    #[test]
    fn a_password_that_is_no_longer_managed_shows() {
        let managed = DbInstance {
            manage_master_user_password: Some(true),
            ..asked()
        };
        assert_eq!(
            changed(&managed, &item(json!({}))),
            ["ManageMasterUserPassword"]
        );
        let secret = json!({ "MasterUserSecret": { "SecretArn": "arn:s", "SecretStatus": "active", "KmsKeyId": "arn:k" } });
        assert_eq!(changed(&managed, &item(secret)), [""; 0]);
    }

    const SECRET: &str =
        "arn:aws:secretsmanager:us-east-1:123456789012:secret:shop-orders/master-password-AbCdEf";

    fn own() -> DbInstance {
        DbInstance {
            manage_master_user_password: Some(false),
            master_user_password_secret: Some(SECRET.into()),
            ..asked()
        }
    }

    /// Whether RDS is to manage the password, and the secret that the call takes it from.
    fn password(call: &Call) -> (Value, Option<&str>) {
        let secret = call.secret.as_ref().map(|secret| {
            assert_eq!(secret.member, "MasterUserPassword");
            match &secret.source {
                SecretSource::Kept { arn, key } if key == "password" => arn.as_str(),
                source => panic!("{source:?}"),
            }
        });
        assert_eq!(call.params.get("MasterUserPassword"), None);
        let managed = call.params.get("ManageMasterUserPassword");
        (managed.cloned().unwrap_or_default(), secret)
    }

    #[test]
    fn a_password_of_ours_is_filled_in_where_aws_takes_one() {
        let restored = DbInstance {
            snapshot_identifier: Some("s".into()),
            ..own()
        };
        let replica = DbInstance {
            source_identifier: Some("s".into()),
            ..asked()
        };
        for (made, expected) in [
            (own(), (json!(false), Some(SECRET))),
            (restored, (json!(true), None)),
            (replica, (Value::Null, None)),
            (asked(), (Value::Null, None)),
        ] {
            let calls = made.create(&me(None));
            assert_eq!(password(&calls[0]), expected, "{}", calls[0].action);
        }
    }

    #[test]
    fn the_password_changes_hands_in_place() {
        let by_rds = item(
            json!({ "MasterUserSecret": { "SecretArn": "arn:s", "SecretStatus": "active", "KmsKeyId": "arn:k" } }),
        );
        assert_eq!(changed(&own(), &item(json!({}))), [""; 0]);
        assert_eq!(
            changed(&own(), &by_rds),
            ["ManageMasterUserPassword", "MasterUserPasswordSecret"]
        );
        let calls = updated(&own(), &by_rds);
        assert_eq!(calls.len(), 1);
        assert_eq!(password(&calls[0]), (json!(false), Some(SECRET)));
        let managed = DbInstance {
            manage_master_user_password: Some(true),
            master_user_secret: Some(MasterUserSecret {
                kms_key_id: "arn:k".into(),
            }),
            ..asked()
        };
        let calls = updated(&managed, &item(json!({})));
        assert_eq!(calls.len(), 1);
        assert_eq!(password(&calls[0]), (json!(true), None));
        assert_eq!(calls[0].params["MasterUserSecretKmsKeyId"], "arn:k");
        let larger = DbInstance {
            multi_az: Some(false),
            ..own()
        };
        assert_eq!(
            password(&updated(&larger, &item(json!({})))[0]),
            (Value::Null, None),
            "no other change writes the password"
        );
    }
}
