//! What changes an instance.

use platform_graph::{Call, Live};
use serde_json::{Value, json};

use super::super::version::{self, Change};
use super::{DbInstance, default_of};

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
        "ManageMasterUserPassword"
        | "MasterUserPasswordSecret"
        | "MasterUserPasswordVersion"
        | "MasterUserSecret" => &["ManageMasterUserPassword", "MasterUserSecretKmsKeyId"],
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
    /// The calls that bring a live instance to what is asked for.
    pub(super) fn change(&self, live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        if let Some(calls) = self.step(live, changed) {
            return calls;
        }
        let mut input = self.input();
        if self.option_group_name.is_none() && live.properties.option_group_name.is_some() {
            let own = super::super::option_group::own(
                self.engine.as_deref(),
                self.engine_version.as_deref(),
            );
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
                return vec![super::super::give(call, &input, version::UPGRADE)];
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
            super::super::log_change(
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
        let let_go = self.let_go(live, changed);
        if members.is_empty() {
            return let_go;
        }
        let call = Call::new("rds", "ModifyDBInstance")
            .with("DBInstanceIdentifier", &live.id)
            .with("ApplyImmediately", self.apply_immediately);
        let call = super::super::give(call, &input, &members);
        if !members.contains(&"ManageMasterUserPassword") {
            return [call].into_iter().chain(let_go).collect();
        }
        super::super::give_password(
            call,
            self.master_user_password_secret.as_ref(),
            (
                live.properties.master_user_password_version.as_ref(),
                self.master_user_password_version.as_ref(),
            ),
            (&live.attributes, "DBInstanceArn"),
        )
        .chain(let_go)
        .collect()
    }

    /// What a live instance needs to run the version that is asked for.
    pub(super) fn version_change(&self, live: &Live<Self>, changed: &[&str]) -> Change {
        let live = live.properties.engine_version.as_deref();
        version::change_among(changed, live, self.engine_version.as_deref())
    }
}
