//! What the replies of AWS say of an instance.

use platform_graph::{Attributes, Properties};
use serde_json::{Value, json};

use super::super::blue_green::{self, Previous};
use super::super::{own_password, version};
use super::{DbInstance, default_of};
use crate::reply;

impl DbInstance {
    /// What the item shows, with what waits for the maintenance window in its place where that counts as done.
    pub(super) fn shown(&self, item: &Value) -> Properties {
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
                super::super::digits(&member("AllocatedStorage")),
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
                json!(super::super::exported_logs(item)),
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
                json!(super::super::option_group::of_instance(item)),
            ),
            ("Port", super::super::digits(&port)),
            (
                "VPCSecurityGroups",
                json!(super::super::security_groups(item)),
            ),
        ] {
            shown.insert(property.to_owned(), value);
        }
        shown
    }

    pub(super) fn seen(&self, id: &str, item: &Value, attributes: &Attributes) -> DbInstance {
        let asked = self.input();
        let mut shown = self.shown(item);
        shown.retain(|property, value| {
            let is_asked = asked.contains_key(property)
                || (property == "VPCSecurityGroups" && self.vpc_security_groups.is_some());
            let is_beyond = default_of(property).is_some_and(|default| *value != default);
            let is_chosen = ["DBClusterIdentifier", "OptionGroupName"].contains(&property.as_str());
            !value.is_null() && (is_asked || is_beyond || is_chosen)
        });
        // It can be deleted only when what goes with it can.
        if self.deletion_protection == Some(false) && Previous::any_protected(attributes) {
            shown.insert("DeletionProtection".to_owned(), json!(true));
        }
        let read: DbInstance = serde_json::from_value(Value::Object(shown)).unwrap_or_default();
        let replicated = reply::text(item, "ReadReplicaSourceDBInstanceIdentifier");
        let is_managed = item["MasterUserSecret"]["SecretArn"].is_string();
        let mut tags = super::super::tags(item);
        let given = own_password::taken_from(&mut tags);
        DbInstance {
            identifier: id.to_owned(),
            // What counts when it is made, changed or deleted can't be seen.
            allow_major_version_upgrade: self.allow_major_version_upgrade,
            apply_immediately: self.apply_immediately,
            keep_previous: blue_green::shown_keep(attributes, self.keep_previous),
            master_user_password_secret: self
                .master_user_password_secret
                .clone()
                .filter(|_| !is_managed),
            master_user_password_version: given.filter(|_| !is_managed),
            snapshot_identifier: self.snapshot_identifier.clone(),
            source_identifier: self.source(replicated),
            restore_time: self.restore_time.clone(),
            use_latest_restorable_time: self.use_latest_restorable_time,
            skip_final_snapshot: self.skip_final_snapshot,
            upgrade_strategy: blue_green::shown_strategy(
                attributes,
                self.upgrade_strategy.as_ref(),
            ),
            tags,
            ..read
        }
    }

    /// The source in the words it was asked for with; none for a replica that was promoted, which is on its own since.
    pub(super) fn source(&self, replicated: Option<String>) -> Option<String> {
        if self.is_restored_in_time() {
            return self.source_identifier.clone();
        }
        let asked = self.source_identifier.clone();
        replicated.map(|shown| asked.unwrap_or(shown))
    }

    /// Why it has to be waited for although it is available: another major version is on its way to it.
    pub(super) fn under_way(&self, item: &Value) -> Option<String> {
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
}
