//! `AWS::DocDB::DBCluster`: the storage volume of a DocumentDB database, with its endpoints.
//!
//! Reads `DescribeDBClusters` and `ListTagsForResource`; writes `CreateDBCluster` (or `RestoreDBClusterFromSnapshot` or
//! `RestoreDBClusterToPointInTime`), `ModifyDBCluster` and `DeleteDBCluster`. Which instance writes is AWS's business: a failover
//! shows nowhere here.
//!
//! # Guarantees
//! The password of the master user is made, kept and rotated by AWS in Secrets Manager; no call here has one.
//!
//! # Caveats
//! - `5.0.0` is what is asked for as long as AWS shows it or a later version: no version can be lowered.
//! - A major version is raised together with the parameter group, whose family goes with it; everything else follows.
//! - AWS shows no storage type for `standard`.
//! - How it was restored counts only when it is made: AWS does not tell afterwards. The calls that restore take no windows, no
//!   retention and no managed password, and a point in time no version and no parameter group: these follow as changes.
//! - What has no default (a window, a version) and is no longer asked for stays as it is, and shows no more.
//! - A deletion leaves a final snapshot unless `SkipFinalSnapshot` is set.
//!
//! See <https://docs.aws.amazon.com/documentdb/latest/developerguide/API_CreateDBCluster.html>.

use platform_graph::{
    Attributes, Call, Claim, DeletionPolicy, Disruption, Identity, Kind, Live, Properties, Seen,
    Tags,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{census, reply};

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
    /// ARN of the KMS key that encrypts the storage; can't change.
    pub kms_key_id: Option<String>,
    /// Whether AWS makes, keeps and rotates the password of the master user.
    pub manage_master_user_password: Option<bool>,
    /// ARN of the KMS key of the secret with that password; can't change.
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

/// What counts when a cluster is made from the data of another one.
const ORIGIN: &[&str] = &[
    "RestoreToTime",
    "RestoreType",
    "SnapshotIdentifier",
    "SourceDBClusterIdentifier",
    "UseLatestRestorableTime",
];
/// What the calls that restore a cluster take.
const RESTORED: &[&str] = &[
    "CopyTagsToSnapshot",
    "DBClusterIdentifier",
    "DBSubnetGroupName",
    "DeletionProtection",
    "EnableCloudwatchLogsExports",
    "KmsKeyId",
    "NetworkType",
    "Port",
    "ServerlessV2ScalingConfiguration",
    "StorageType",
    "VpcSecurityGroupIds",
];

/// The numbers of a version, `[5, 0, 0]`.
fn numbers(version: &str) -> Vec<u32> {
    version
        .split('.')
        .map_while(|piece| piece.parse().ok())
        .collect()
}

/// `5.0` of `5.0.1`.
fn major(version: &str) -> Vec<u32> {
    numbers(version).into_iter().take(2).collect()
}

/// The logs of one list that the other one lacks.
fn beyond(these: Option<&Vec<String>>, those: Option<&Vec<String>>) -> Vec<String> {
    let those = those.map(Vec::as_slice).unwrap_or_default();
    these
        .into_iter()
        .flatten()
        .filter(|log| !those.contains(log))
        .cloned()
        .collect()
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
        match serde_json::to_value(self) {
            Ok(Value::Object(fields)) => fields,
            _ => Properties::new(),
        }
    }

    fn seen(&self, id: String, item: &Value, tags: Tags) -> DbCluster {
        let text = |member: &str| reply::text(item, member);
        let window =
            |member: &str, asked: &Option<String>| text(member).filter(|_| asked.is_some());
        let flag = |member: &str, asked: &Option<bool>| {
            reply::unless_default(Some(item[member] == true), false, asked.as_ref())
        };
        let secret = &item["MasterUserSecret"];
        let managed = reply::text(secret, "SecretArn").is_some();
        let scaling = &item["ServerlessV2ScalingConfiguration"];
        let bound = |name: &str| scaling[name].as_f64();
        let groups = reply::items(item, "VpcSecurityGroups")
            .iter()
            .filter(|group| group["Status"] != "removing")
            .filter_map(|group| reply::text(group, "VpcSecurityGroupId"));
        DbCluster {
            backup_retention_period: reply::unless_default(
                reply::number(item, "BackupRetentionPeriod"),
                1,
                self.backup_retention_period.as_ref(),
            ),
            copy_tags_to_snapshot: flag("CopyTagsToSnapshot", &self.copy_tags_to_snapshot),
            parameter_group: text("DBClusterParameterGroup")
                .filter(|_| self.parameter_group.is_some()),
            subnet_group: text("DBSubnetGroup"),
            deletion_protection: flag("DeletionProtection", &self.deletion_protection),
            enable_cloudwatch_logs_exports: reply::unless_default(
                Some(reply::texts(item, "EnabledCloudwatchLogsExports")),
                Vec::new(),
                self.enable_cloudwatch_logs_exports.as_ref(),
            ),
            engine_version: text("EngineVersion").filter(|_| self.engine_version.is_some()),
            kms_key_id: text("KmsKeyId").filter(|key| !key.is_empty()),
            manage_master_user_password: self.manage_master_user_password.map(|_| managed),
            // As long as there is no secret it has no other key than the one asked for.
            master_user_secret_kms_key_id: match managed {
                true => reply::text(secret, "KmsKeyId"),
                false => self.master_user_secret_kms_key_id.clone(),
            },
            master_username: text("MasterUsername"),
            network_type: reply::unless_default(
                text("NetworkType"),
                "IPV4".to_owned(),
                self.network_type.as_ref(),
            ),
            port: reply::unless_default(reply::number(item, "Port"), 27017, self.port.as_ref()),
            preferred_backup_window: window("PreferredBackupWindow", &self.preferred_backup_window),
            preferred_maintenance_window: window(
                "PreferredMaintenanceWindow",
                &self.preferred_maintenance_window,
            ),
            serverless_scaling: self.serverless_scaling.as_ref().and_then(|_| {
                Some(ServerlessV2ScalingConfiguration {
                    min_capacity: bound("MinCapacity")?,
                    max_capacity: bound("MaxCapacity")?,
                })
            }),
            // AWS knows nothing of these.
            restore_to_time: self.restore_to_time.clone(),
            restore_type: self.restore_type.clone(),
            skip_final_snapshot: self.skip_final_snapshot,
            snapshot_identifier: self.snapshot_identifier.clone(),
            source_cluster: self.source_cluster.clone(),
            use_latest_restorable_time: self.use_latest_restorable_time,
            storage_encrypted: item["StorageEncrypted"].as_bool(),
            storage_type: reply::unless_default(
                text("StorageType").or_else(|| Some("standard".to_owned())),
                "standard".to_owned(),
                self.storage_type.as_ref(),
            ),
            vpc_security_group_ids: self
                .vpc_security_group_ids
                .as_ref()
                .map(|_| groups.collect()),
            tags,
            identifier: id,
        }
    }

    /// The change of the version, which comes before all others where it is a major one.
    fn upgrade(&self, live: &Live<Self>, changed: &[&str]) -> Option<Call> {
        let (live_version, version) = (
            live.properties.engine_version.as_deref()?,
            self.engine_version.as_deref()?,
        );
        if !changed.contains(&"EngineVersion") || major(live_version) == major(version) {
            return None;
        }
        Some(
            Self::call("ModifyDBCluster", &live.id)
                .with("ApplyImmediately", true)
                .with("AllowMajorVersionUpgrade", true)
                .with("EngineVersion", version)
                .with("DBClusterParameterGroupName", &self.parameter_group),
        )
    }
}

impl Kind for DbCluster {
    const TYPE: &'static str = "AWS::DocDB::DBCluster";
    const CREATE_ONLY: &'static [&'static str] = &[
        "DBClusterIdentifier",
        "DBSubnetGroupName",
        "KmsKeyId",
        "MasterUserSecretKmsKeyId",
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
    const OURS: &'static [&'static str] = &["SkipFinalSnapshot"];
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
        vec![super::list_tags(known)]
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
                properties: self.seen(id.clone(), item, super::tags(replies)),
                id,
            })
        })
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        let made = |action, takes: &dyn Fn(&str) -> bool| {
            self.fields()
                .into_iter()
                .filter(|(name, _)| takes(name))
                .fold(Call::new("docdb", action), |call, (name, value)| {
                    call.with(&name, value)
                })
                .with("Tags", super::tag_list(&self.tags))
        };
        let restored =
            |name: &str, further: &[&str]| RESTORED.contains(&name) || further.contains(&name);
        vec![if self.snapshot_identifier.is_some() {
            let further = [
                "DBClusterParameterGroupName",
                "EngineVersion",
                "SnapshotIdentifier",
            ];
            made("RestoreDBClusterFromSnapshot", &|name| {
                restored(name, &further)
            })
            .with("Engine", super::ENGINE)
        } else if self.source_cluster.is_some() {
            made("RestoreDBClusterToPointInTime", &|name| {
                restored(name, ORIGIN)
            })
        } else {
            let ours = ["SkipFinalSnapshot", "Tags"];
            made("CreateDBCluster", &|name| {
                !ours.contains(&name) && !ORIGIN.contains(&name)
            })
            .with("Engine", super::ENGINE)
        }]
    }

    fn created(&self, _me: &Identity, _reply: &Value) -> Option<String> {
        Some(self.identifier.clone())
    }

    fn update(&self, _me: &Identity, live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        if let Some(upgrade) = self.upgrade(live, changed) {
            return vec![upgrade];
        }
        let call = Self::call("ModifyDBCluster", &live.id).with("ApplyImmediately", true);
        let plain: Vec<&str> = changed
            .iter()
            .copied()
            .filter(|name| !matches!(*name, "EnableCloudwatchLogsExports" | "SkipFinalSnapshot"))
            .collect();
        let defaults = [
            ("BackupRetentionPeriod", json!(1)),
            ("CopyTagsToSnapshot", json!(false)),
            ("DeletionProtection", json!(false)),
            ("NetworkType", json!("IPV4")),
            ("Port", json!(27017)),
            ("StorageType", json!("standard")),
        ];
        let mut call = super::give(call, &plain, &self.fields(), &defaults);
        if changed.contains(&"EnableCloudwatchLogsExports") {
            let (on, off) = (
                self.enable_cloudwatch_logs_exports.as_ref(),
                live.properties.enable_cloudwatch_logs_exports.as_ref(),
            );
            call = call.with(
                "CloudwatchLogsExportConfiguration",
                json!({ "EnableLogTypes": beyond(on, off), "DisableLogTypes": beyond(off, on) }),
            );
        }
        if self.manage_master_user_password.is_some()
            && changed.contains(&"ManageMasterUserPassword")
        {
            call = call.with(
                "MasterUserSecretKmsKeyId",
                &self.master_user_secret_kms_key_id,
            );
        }
        // Nothing but the name and the order to hurry.
        if call.params.len() <= 2 {
            return Vec::new();
        }
        vec![call]
    }

    fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
        super::retag(&live.attributes, set, remove)
    }

    fn delete(&self, _me: &Identity, id: &str, attributes: &Attributes) -> Vec<Call> {
        let delete = Self::call("DeleteDBCluster", id);
        vec![if self.skip_final_snapshot == Some(true) {
            delete.with("SkipFinalSnapshot", true)
        } else {
            delete
                .with("SkipFinalSnapshot", false)
                .with("FinalDBSnapshotIdentifier", final_snapshot(id, attributes))
        }]
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
                (Some(live), Some(desired)) => numbers(live) >= numbers(desired),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{me, property_names};

    fn asked() -> DbCluster {
        DbCluster {
            identifier: "shop-products-docdb".into(),
            engine_version: Some("5.0.0".into()),
            ..DbCluster::default()
        }
    }

    fn reply(more: Value) -> Value {
        let mut item = json!({
            "DBClusterIdentifier": "shop-products-docdb", "Engine": "docdb", "EngineVersion": "5.0.0", "Status": "available",
            "DBClusterArn": "arn:aws:rds:us-east-1:123456789012:cluster:shop-products-docdb",
            "DbClusterResourceId": "cluster-ABCDEFGHIJKLMNOP",
            "DBClusterMembers": [{ "DBInstanceIdentifier": "one", "IsClusterWriter": true }, { "DBInstanceIdentifier": "two", "IsClusterWriter": false }],
        });
        for (name, value) in more.as_object().unwrap() {
            item[name] = value.clone();
        }
        json!({ "DBClusters": [item] })
    }

    fn live(reply: Value) -> Live<DbCluster> {
        match asked().read(&me(None), &[reply]) {
            Seen::Live(live) => live,
            seen => panic!("{seen:?}"),
        }
    }

    #[test]
    fn which_instance_writes_is_not_compared() {
        let before = live(reply(json!({})));
        let after = live(reply(json!({ "DBClusterMembers": [
            { "DBInstanceIdentifier": "one", "IsClusterWriter": false }, { "DBInstanceIdentifier": "two", "IsClusterWriter": true },
        ] })));
        assert_eq!(before, after);
    }

    #[test]
    fn a_cluster_of_another_engine_is_not_ours() {
        let other = reply(json!({ "Engine": "aurora-postgresql" }));
        assert_eq!(asked().read(&me(None), &[other]), Seen::Absent);
    }

    #[test]
    fn storage_without_a_type_is_standard_and_no_secret_is_no_managed_password() {
        let asked = DbCluster {
            storage_type: Some("iopt1".into()),
            manage_master_user_password: Some(true),
            ..asked()
        };
        let live = |reply: Value| match asked.read(&me(None), &[reply]) {
            Seen::Live(live) => live,
            seen => panic!("{seen:?}"),
        };
        let seen = live(reply(json!({}))).properties;
        assert_eq!(seen.storage_type.as_deref(), Some("standard"));
        assert_eq!(seen.manage_master_user_password, Some(false));
        let secret = json!({ "MasterUserSecret": { "SecretArn": "arn:secret", "SecretStatus": "active", "KmsKeyId": "arn:key" } });
        let managed = live(reply(secret));
        assert_eq!(managed.properties.manage_master_user_password, Some(true));
        assert_eq!(managed.attributes["SecretArn"], "arn:secret");
    }

    #[test]
    fn no_version_is_lowered() {
        for (live, desired, expected) in [
            ("5.0.0", "5.0.0", true),
            ("5.0.2", "5.0.0", true),
            ("5.0.0", "5.0", true),
            ("8.0.0", "5.0.0", true),
            ("5.0.0", "5.0.1", false),
            ("5.0.9", "8.0.0", false),
            ("5.0.10", "5.0.9", true),
        ] {
            assert_eq!(
                DbCluster::same("EngineVersion", &json!(live), &json!(desired)),
                expected,
                "{live} for {desired}"
            );
        }
    }

    #[test]
    fn a_major_version_comes_first_and_takes_the_parameter_group_along() {
        let desired = DbCluster {
            engine_version: Some("8.0.0".into()),
            parameter_group: Some("shop-8-0".into()),
            backup_retention_period: Some(7),
            ..asked()
        };
        let changed = [
            "BackupRetentionPeriod",
            "DBClusterParameterGroupName",
            "EngineVersion",
        ];
        let calls = desired.update(&me(None), &live(reply(json!({}))), &changed);
        assert_eq!(
            calls
                .iter()
                .map(|call| Value::Object(call.params.clone()))
                .collect::<Vec<_>>(),
            [
                json!({ "DBClusterIdentifier": "shop-products-docdb", "ApplyImmediately": true, "AllowMajorVersionUpgrade": true,
                "EngineVersion": "8.0.0", "DBClusterParameterGroupName": "shop-8-0" })
            ]
        );
    }

    #[test]
    fn logs_are_switched_by_what_differs() {
        let desired = DbCluster {
            enable_cloudwatch_logs_exports: Some(vec!["profiler".into()]),
            ..asked()
        };
        let live = live(reply(json!({ "EnabledCloudwatchLogsExports": ["audit"] })));
        let calls = desired.update(&me(None), &live, &["EnableCloudwatchLogsExports"]);
        assert_eq!(
            calls[0].params["CloudwatchLogsExportConfiguration"],
            json!({ "EnableLogTypes": ["profiler"], "DisableLogTypes": ["audit"] })
        );
    }

    #[test]
    fn defaults_show_only_when_asked_for() {
        let shown = reply(
            json!({ "BackupRetentionPeriod": 1, "CopyTagsToSnapshot": false, "DeletionProtection": false,
            "EnabledCloudwatchLogsExports": [], "NetworkType": "IPV4", "Port": 27017, "PreferredBackupWindow": "02:00-03:00",
            "DBClusterParameterGroup": "default.docdb5.0", "VpcSecurityGroups": [{ "VpcSecurityGroupId": "sg-1", "Status": "active" }] }),
        );
        assert_eq!(
            property_names(&live(shown).properties),
            ["DBClusterIdentifier", "EngineVersion", "Tags"]
        );
    }

    #[test]
    fn what_is_no_longer_asked_for_goes_back_to_its_default() {
        let live = live(reply(json!({ "BackupRetentionPeriod": 35, "Port": 27018 })));
        let calls = asked().update(&me(None), &live, &["BackupRetentionPeriod", "Port"]);
        assert_eq!(calls[0].params["BackupRetentionPeriod"], 1);
        assert_eq!(calls[0].params["Port"], 27017);
    }

    #[test]
    fn the_call_that_makes_it_depends_on_where_its_data_comes_from() {
        let call = |cluster: DbCluster| cluster.create(&me(None)).remove(0);
        let all = DbCluster {
            backup_retention_period: Some(7),
            manage_master_user_password: Some(true),
            parameter_group: Some("g".into()),
            port: Some(27018),
            ..asked()
        };
        let new = call(all.clone());
        assert_eq!(new.action, "CreateDBCluster");
        assert_eq!(new.params["BackupRetentionPeriod"], 7);
        let snapshot = call(DbCluster {
            snapshot_identifier: Some("s".into()),
            ..all.clone()
        });
        assert_eq!(
            Value::Object(snapshot.params),
            json!({ "DBClusterIdentifier": "shop-products-docdb", "DBClusterParameterGroupName": "g", "Engine": "docdb",
                "EngineVersion": "5.0.0", "Port": 27018, "SnapshotIdentifier": "s" })
        );
        let then = call(DbCluster {
            source_cluster: Some("old".into()),
            restore_to_time: Some("2026-01-02T03:04:05Z".into()),
            ..all
        });
        assert_eq!(then.action, "RestoreDBClusterToPointInTime");
        assert_eq!(
            Value::Object(then.params),
            json!({ "DBClusterIdentifier": "shop-products-docdb", "Port": 27018, "RestoreToTime": "2026-01-02T03:04:05Z",
                "SourceDBClusterIdentifier": "old" })
        );
    }

    #[test]
    fn where_its_data_came_from_is_forgotten() {
        let kind = platform_graph::KindDef::of::<DbCluster>();
        let fields = |cluster: &DbCluster| {
            let mut fields = cluster.fields();
            fields.retain(|_, value| !value.is_null());
            fields
        };
        let restored = DbCluster {
            snapshot_identifier: Some("s".into()),
            ..asked()
        };
        for (asked, expected) in [(asked(), [""; 0].as_slice()), (restored.clone(), &[])] {
            let Seen::Live(live) = restored.read(&me(None), &[reply(json!({}))]) else {
                panic!("not live")
            };
            let live = fields(&live.properties);
            assert_eq!(
                platform_graph::diff::changed(&kind, &live, &fields(&asked), None),
                expected
            );
        }
    }

    #[test]
    fn a_deletion_leaves_a_snapshot_named_after_the_one_life() {
        let live = live(reply(json!({ "DeletionProtection": true })));
        let calls = live
            .properties
            .delete(&me(None), &live.id, &live.attributes);
        let actions: Vec<&str> = calls.iter().map(|call| call.action).collect();
        assert_eq!(actions, ["DeleteDBCluster"]);
        assert_eq!(
            calls[0].params["FinalDBSnapshotIdentifier"],
            "shop-products-docdb-final-ijklmnop"
        );
        let skipped = DbCluster {
            skip_final_snapshot: Some(true),
            ..asked()
        };
        let calls = skipped.delete(&me(None), "shop", &Attributes::new());
        assert_eq!(
            Value::Object(calls[0].params.clone()),
            json!({ "DBClusterIdentifier": "shop", "SkipFinalSnapshot": true })
        );
    }
}
