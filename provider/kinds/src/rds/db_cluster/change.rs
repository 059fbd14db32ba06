//! What changes a cluster.

use platform_graph::{Call, Live};
use serde_json::json;

use super::super::version::{self, Change};
use super::{DbCluster, default_of};

/// The members of `ModifyDBCluster` that answer a change of a property: some go together.
fn answers(property: &str) -> &'static [&'static str] {
    match property {
        "AllocatedStorage" | "Iops" => &["AllocatedStorage", "Iops"],
        "StorageType" => &["AllocatedStorage", "Iops", "StorageType"],
        "EngineVersion" => &["EngineVersion"],
        "MonitoringInterval" | "MonitoringRoleArn" => &["MonitoringInterval", "MonitoringRoleArn"],
        "DatabaseInsightsMode"
        | "PerformanceInsightsEnabled"
        | "PerformanceInsightsRetentionPeriod" => &[
            "DatabaseInsightsMode",
            "EnablePerformanceInsights",
            "PerformanceInsightsRetentionPeriod",
        ],
        "PerformanceInsightsKmsKeyId" => {
            &["EnablePerformanceInsights", "PerformanceInsightsKMSKeyId"]
        }
        "ManageMasterUserPassword"
        | "MasterUserPasswordSecret"
        | "MasterUserPasswordVersion"
        | "MasterUserSecret" => &["ManageMasterUserPassword", "MasterUserSecretKmsKeyId"],
        "AutoMinorVersionUpgrade" => &["AutoMinorVersionUpgrade"],
        "BackupRetentionPeriod" => &["BackupRetentionPeriod"],
        "CopyTagsToSnapshot" => &["CopyTagsToSnapshot"],
        "DBClusterInstanceClass" => &["DBClusterInstanceClass"],
        "DBClusterParameterGroupName" => &["DBClusterParameterGroupName"],
        "DeletionProtection" => &["DeletionProtection"],
        "EnableCloudwatchLogsExports" => &["CloudwatchLogsExportConfiguration"],
        "EnableIAMDatabaseAuthentication" => &["EnableIAMDatabaseAuthentication"],
        "NetworkType" => &["NetworkType"],
        "Port" => &["Port"],
        "PreferredBackupWindow" => &["PreferredBackupWindow"],
        "PreferredMaintenanceWindow" => &["PreferredMaintenanceWindow"],
        "ServerlessV2ScalingConfiguration" => &["ServerlessV2ScalingConfiguration"],
        "VpcSecurityGroupIds" => &["VpcSecurityGroupIds"],
        // The others count in the calls that they are about.
        _ => &[],
    }
}

impl DbCluster {
    /// The calls that bring a live cluster to what is asked for.
    pub(super) fn change(&self, live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        if let Some(calls) = self.step(live, changed) {
            return calls;
        }
        let mut input = self.input();
        match self.version_change(live, changed) {
            // AWS has no way back, and parameters of the older family do not fit.
            Change::Older => return Vec::new(),
            // The rest follows when the new version runs: another class need not go with the old one.
            Change::Major => {
                let call = Call::new("rds", "ModifyDBCluster")
                    .with("DBClusterIdentifier", &live.id)
                    .with("ApplyImmediately", true);
                return vec![super::super::give(call, &input, version::UPGRADE)];
            }
            Change::Minor | Change::None => {}
        }
        for property in changed {
            if let Some(default) = default_of(property) {
                let member = match *property {
                    "PerformanceInsightsEnabled" => "EnablePerformanceInsights",
                    same => same,
                };
                input.entry(member).or_insert(default);
            }
        }
        // Storage that grew on its own stays as large as it is.
        if let (Some(grown), Some(asked)) =
            (live.properties.allocated_storage, self.allocated_storage)
        {
            input.insert("AllocatedStorage".to_owned(), json!(grown.max(asked)));
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
        let call = Call::new("rds", "ModifyDBCluster")
            .with("DBClusterIdentifier", &live.id)
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
            (&live.attributes, "DBClusterArn"),
        )
        .chain(let_go)
        .collect()
    }

    /// What a live cluster needs to run the version that is asked for.
    pub(super) fn version_change(&self, live: &Live<Self>, changed: &[&str]) -> Change {
        let live = live.properties.engine_version.as_deref();
        version::change_among(changed, live, self.engine_version.as_deref())
    }
}
