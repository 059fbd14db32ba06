//! One rule of a plan, as CloudFormation and as the API have it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::PlanDocument;
use crate::backup::{self, UTC};
use crate::reply;

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

/// When AWS backs up where a rule does not say.
pub(super) const DAILY: &str = "cron(0 5 ? * * *)";

impl Lifecycle {
    fn of(item: &Value, asked: Option<&Lifecycle>) -> Option<Lifecycle> {
        let item = &item["Lifecycle"];
        let live = Lifecycle {
            delete_after_days: reply::number(item, "DeleteAfterDays"),
            move_to_cold_storage_after_days: reply::number(item, "MoveToColdStorageAfterDays"),
            opt_in_to_archive_for_supported_resources: reply::unless_default(
                item["OptInToArchiveForSupportedResources"].as_bool(),
                false,
                asked.and_then(|asked| asked.opt_in_to_archive_for_supported_resources.as_ref()),
            ),
        };
        reply::unless_default(Some(live), Lifecycle::default(), asked)
    }
}

impl CopyAction {
    fn of(item: &Value, asked: Option<&BackupRule>) -> Option<CopyAction> {
        let to = reply::text(item, "DestinationBackupVaultArn")?;
        let asked = asked
            .and_then(|rule| rule.copy_actions.as_ref())
            .and_then(|copies| {
                let mut copies = copies.iter();
                copies.find(|copy| copy.destination_backup_vault_arn == to)
            });
        Some(CopyAction {
            lifecycle: Lifecycle::of(item, asked.and_then(|copy| copy.lifecycle.as_ref())),
            destination_backup_vault_arn: to,
        })
    }
}

impl BackupRule {
    pub(super) fn input(&self) -> Value {
        let mut rule = json!(self);
        if let Some(fields) = rule.as_object_mut() {
            fields.remove("TargetBackupVault");
        }
        rule["TargetBackupVaultName"] = json!(self.target_backup_vault);
        rule
    }

    pub(super) fn of(item: &Value, plan: &PlanDocument) -> Option<BackupRule> {
        let rule_name = reply::text(item, "RuleName")?;
        let asked = plan
            .backup_plan_rule
            .iter()
            .find(|rule| rule.rule_name == rule_name);
        let window =
            |member: &str, asked: Option<u64>| item[member].as_u64().filter(|_| asked.is_some());
        let or_default = |member: &str, default: &str, asked: Option<&String>| {
            reply::unless_default(reply::text(item, member), default.to_owned(), asked)
        };
        let tags = backup::map(item.get("RecoveryPointTags"));
        Some(BackupRule {
            completion_window_minutes: window(
                "CompletionWindowMinutes",
                asked.and_then(|asked| asked.completion_window_minutes),
            ),
            copy_actions: backup::list(
                item,
                "CopyActions",
                asked.is_some_and(|asked| asked.copy_actions.is_some()),
                |copy| CopyAction::of(copy, asked),
            ),
            enable_continuous_backup: reply::unless_default(
                item["EnableContinuousBackup"].as_bool(),
                false,
                asked.and_then(|asked| asked.enable_continuous_backup.as_ref()),
            ),
            index_actions: backup::list(
                item,
                "IndexActions",
                asked.is_some_and(|asked| asked.index_actions.is_some()),
                |index| {
                    Some(IndexAction {
                        resource_types: backup::texts(index, "ResourceTypes", false),
                    })
                },
            ),
            lifecycle: Lifecycle::of(item, asked.and_then(|asked| asked.lifecycle.as_ref())),
            recovery_point_tags: reply::unless_default(
                Some(tags),
                BTreeMap::new(),
                asked.and_then(|asked| asked.recovery_point_tags.as_ref()),
            ),
            scan_actions: backup::list(
                item,
                "ScanActions",
                asked.is_some_and(|asked| asked.scan_actions.is_some()),
                |scan| {
                    Some(ScanAction {
                        malware_scanner: reply::text(scan, "MalwareScanner"),
                        scan_mode: reply::text(scan, "ScanMode"),
                    })
                },
            ),
            schedule_expression: or_default(
                "ScheduleExpression",
                DAILY,
                asked.and_then(|asked| asked.schedule_expression.as_ref()),
            ),
            schedule_expression_timezone: or_default(
                "ScheduleExpressionTimezone",
                UTC,
                asked.and_then(|asked| asked.schedule_expression_timezone.as_ref()),
            ),
            start_window_minutes: window(
                "StartWindowMinutes",
                asked.and_then(|asked| asked.start_window_minutes),
            ),
            target_backup_vault: reply::text(item, "TargetBackupVaultName").unwrap_or_default(),
            target_logically_air_gapped_backup_vault_arn: reply::text(
                item,
                "TargetLogicallyAirGappedBackupVaultArn",
            ),
            rule_name,
        })
    }
}
