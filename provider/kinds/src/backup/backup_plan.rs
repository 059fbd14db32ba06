//! `AWS::Backup::BackupPlan`: when recovery points are made, where they are kept and copied to, and for how long.

use std::collections::BTreeMap;

use platform_graph::Tags;
use serde::{Deserialize, Serialize};

/// A plan. What it backs up is said by [selections](super::BackupSelection).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct BackupPlan {
    /// Name and rules.
    #[serde(default)]
    pub backup_plan: PlanDocument,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// Name and rules of a plan.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct PlanDocument {
    /// Options for types of resources.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advanced_backup_settings: Option<Vec<AdvancedBackupSetting>>,
    /// Name: 1 to 50 letters, digits, hyphens, underscores and periods. AWS lets two plans have one name.
    pub backup_plan_name: String,
    /// Rules, each with a name of its own.
    pub backup_plan_rule: Vec<BackupRule>,
    /// What is scanned for malware.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scan_settings: Option<Vec<ScanSetting>>,
}

/// Options for one type of resource.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct AdvancedBackupSetting {
    /// `{"WindowsVSS": "enabled"}` for `EC2`, `{"BackupACLs": "disabled", "BackupObjectTags": "disabled"}` for `S3`.
    pub backup_options: BTreeMap<String, String>,
    /// `EC2` or `S3`.
    pub resource_type: String,
}

/// One schedule: when, where to, for how long.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct BackupRule {
    /// Minutes after its start in which a job must be done or is given up; AWS's affair without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completion_window_minutes: Option<u64>,
    /// Copies in other vaults, of this or another Region or account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copy_actions: Option<Vec<CopyAction>>,
    /// Whether changes are backed up all the time, so that any second of the last 35 days can be restored; AWS's default is `false`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_continuous_backup: Option<bool>,
    /// Which recovery points are indexed, so that files in them can be searched: at most one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index_actions: Option<Vec<IndexAction>>,
    /// When recovery points go to cold storage and end; kept for ever without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifecycle: Option<Lifecycle>,
    /// Tags of the recovery points, besides those of what is backed up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recovery_point_tags: Option<BTreeMap<String, String>>,
    /// Name, unique in the plan: 1 to 50 letters, digits, hyphens, underscores and periods.
    pub rule_name: String,
    /// Scans for malware.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scan_actions: Option<Vec<ScanAction>>,
    /// `cron(0 5 ? * * *)`, AWS's default, or a `rate(…)`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule_expression: Option<String>,
    /// Time zone of the schedule, `Europe/Berlin`; AWS's default is `Etc/UTC`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule_expression_timezone: Option<String>,
    /// Minutes after its time in which a job must start or is given up, at least 60; AWS's affair without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_window_minutes: Option<u64>,
    /// Name of the vault.
    pub target_backup_vault: String,
    /// ARN of a logically air-gapped vault that gets the recovery points of the types that can be kept there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_logically_air_gapped_backup_vault_arn: Option<String>,
}

/// A copy of every recovery point of a rule in another vault.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct CopyAction {
    /// ARN of the other vault.
    pub destination_backup_vault_arn: String,
    /// When copies go to cold storage and end; kept for ever without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifecycle: Option<Lifecycle>,
}

/// When recovery points go to cold storage and end. What went to cold storage stays there for 90 days at least.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Lifecycle {
    /// Days after their making in which they are deleted: 90 more than those to cold storage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delete_after_days: Option<u32>,
    /// Days after their making in which they go to cold storage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub move_to_cold_storage_after_days: Option<u32>,
    /// Whether EBS snapshots go to their archive tier; AWS's default is `false`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opt_in_to_archive_for_supported_resources: Option<bool>,
}

/// Which recovery points are indexed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct IndexAction {
    /// `EBS` or `S3`: one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_types: Option<Vec<String>>,
}

/// A scan for malware of every recovery point of a rule.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ScanAction {
    /// `GUARDDUTY`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub malware_scanner: Option<String>,
    /// `FULL_SCAN` or `INCREMENTAL_SCAN`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scan_mode: Option<String>,
}

/// What is scanned for malware, and as whom.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ScanSetting {
    /// `GUARDDUTY`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub malware_scanner: Option<String>,
    /// `EBS`, `EC2`, `S3`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_types: Option<Vec<String>>,
    /// ARN of the role that the scanner takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scanner_role_arn: Option<String>,
}
