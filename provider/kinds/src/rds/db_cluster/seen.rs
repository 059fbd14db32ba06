//! What the replies of AWS say of a cluster.

use platform_graph::{Attributes, Properties};
use serde_json::{Value, json};

use super::super::blue_green::{self, Previous};
use super::super::{own_password, version};
use super::{DbCluster, default_of};
use crate::reply;

impl DbCluster {
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
        let secret = &item["MasterUserSecret"];
        let mut shown: Properties = [
            "AllocatedStorage",
            "AutoMinorVersionUpgrade",
            "BackupRetentionPeriod",
            "CopyTagsToSnapshot",
            "DBClusterInstanceClass",
            "DatabaseName",
            "DeletionProtection",
            "Engine",
            "Iops",
            "KmsKeyId",
            "MasterUsername",
            "MonitoringInterval",
            "MonitoringRoleArn",
            "NetworkType",
            "PerformanceInsightsRetentionPeriod",
            "Port",
            "PreferredBackupWindow",
            "PreferredMaintenanceWindow",
            "ServerlessV2ScalingConfiguration",
            "StorageEncrypted",
        ]
        .into_iter()
        .map(|name| (name.to_owned(), member(name)))
        .collect();
        for (property, value) in [
            (
                "DBClusterParameterGroupName",
                item["DBClusterParameterGroup"].clone(),
            ),
            ("DBSubnetGroupName", item["DBSubnetGroup"].clone()),
            (
                "DatabaseInsightsMode",
                json!(reply::text(item, "DatabaseInsightsMode").unwrap_or("standard".to_owned())),
            ),
            (
                "EnableCloudwatchLogsExports",
                json!(super::super::exported_logs(item)),
            ),
            (
                "EnableIAMDatabaseAuthentication",
                json!(member("IAMDatabaseAuthenticationEnabled") == true),
            ),
            ("EngineVersion", version::shown(item, waits)),
            (
                "ManageMasterUserPassword",
                json!(secret["SecretArn"].is_string()),
            ),
            (
                "MasterUserSecret",
                match reply::text(secret, "KmsKeyId") {
                    Some(key) => json!({ "KmsKeyId": key }),
                    None => Value::Null,
                },
            ),
            (
                "PerformanceInsightsEnabled",
                json!(item["PerformanceInsightsEnabled"] == true),
            ),
            (
                "PerformanceInsightsKmsKeyId",
                item["PerformanceInsightsKMSKeyId"].clone(),
            ),
            (
                "StorageType",
                // Aurora does not name its standard storage.
                Some(member("StorageType"))
                    .filter(|kind| !kind.is_null())
                    .unwrap_or(json!("aurora")),
            ),
            (
                "VpcSecurityGroupIds",
                json!(super::super::security_groups(item)),
            ),
        ] {
            shown.insert(property.to_owned(), value);
        }
        shown
    }

    pub(super) fn seen(&self, id: &str, item: &Value, attributes: &Attributes) -> DbCluster {
        let asked = self.input();
        let mut shown = self.shown(item);
        shown.retain(|property, value| {
            let is_beyond = default_of(property).is_some_and(|default| *value != default);
            !value.is_null() && (asked.contains_key(property) || is_beyond)
        });
        // It can be deleted only when what goes with it can.
        if self.deletion_protection == Some(false) && Previous::any_protected(attributes) {
            shown.insert("DeletionProtection".to_owned(), json!(true));
        }
        let read: DbCluster = serde_json::from_value(Value::Object(shown)).unwrap_or_default();
        let is_managed = item["MasterUserSecret"]["SecretArn"].is_string();
        let mut tags = super::super::tags(item);
        let given = own_password::taken_from(&mut tags);
        DbCluster {
            identifier: id.to_owned(),
            // What counts when it is made, changed or deleted can't be seen.
            allow_major_version_upgrade: self.allow_major_version_upgrade,
            apply_immediately: self.apply_immediately,
            keep_previous: blue_green::shown_keep(attributes, self.keep_previous),
            // With one that RDS manages, ours opens nothing.
            master_user_password_secret: self
                .master_user_password_secret
                .clone()
                .filter(|_| !is_managed),
            master_user_password_version: given.filter(|_| !is_managed),
            snapshot_identifier: self.snapshot_identifier.clone(),
            source_identifier: self.source_identifier.clone(),
            restore_to_time: self.restore_to_time.clone(),
            restore_type: self.restore_type.clone(),
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

    /// Why it has to be waited for although it is available: another major version is on its way to it.
    pub(super) fn under_way(&self, item: &Value) -> Option<String> {
        let next = version::impending(item, self.engine_version.as_deref()?)?;
        (self.allow_major_version_upgrade == Some(true))
            .then(|| format!("about to be upgraded to {next}"))
    }
}
