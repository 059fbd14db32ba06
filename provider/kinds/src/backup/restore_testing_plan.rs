//! `AWS::Backup::RestoreTestingPlan`: when recovery points are restored to see whether they can be.

use platform_graph::Tags;
use serde::{Deserialize, Serialize};

/// A restore testing plan. What it restores is said by [selections](super::RestoreTestingSelection).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct RestoreTestingPlan {
    /// Which recovery points are restored.
    #[serde(default)]
    pub recovery_point_selection: RecoveryPointSelection,
    /// Name, unique in account and Region: 1 to 50 letters, digits and underscores; can't change.
    #[serde(default)]
    pub restore_testing_plan_name: String,
    /// `cron(0 5 ? * SUN *)`.
    #[serde(default)]
    pub schedule_expression: String,
    /// Time zone of the schedule; AWS's default is `Etc/UTC`.
    pub schedule_expression_timezone: Option<String>,
    /// Hours after its time in which a test must start or is given up, 1 to 168; AWS's default is 24.
    pub start_window_hours: Option<u32>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// Which recovery points are restored.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct RecoveryPointSelection {
    /// `LATEST_WITHIN_WINDOW` or `RANDOM_WITHIN_WINDOW`.
    pub algorithm: String,
    /// ARNs, possibly with `*`, of vaults that are left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exclude_vaults: Option<Vec<String>>,
    /// ARNs, possibly with `*`, of vaults; `*` for all.
    pub include_vaults: Vec<String>,
    /// `SNAPSHOT`, `CONTINUOUS` or both.
    pub recovery_point_types: Vec<String>,
    /// How many days old a recovery point is at most, 1 to 365; AWS's default is 30.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selection_window_days: Option<u32>,
}
