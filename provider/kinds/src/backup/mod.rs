//! AWS Backup: vaults, plans and what they select, audits and reports of backups, and tests that restore them.
//!
//! A list of all vaults, or of all plans, answers for each of them; tags come by ARN, one call for each part.

mod backup_plan;
mod backup_selection;
mod backup_vault;
mod framework;
mod report_plan;
mod restore_testing_plan;
mod restore_testing_selection;

pub use backup_plan::{
    AdvancedBackupSetting, BackupPlan, BackupRule, CopyAction, IndexAction, Lifecycle,
    PlanDocument, ScanAction, ScanSetting,
};
pub use backup_selection::{
    BackupSelection, Condition, ConditionParameter, Conditions, SelectionDocument,
};
pub use backup_vault::{BackupVault, LockConfiguration, Notifications};
pub use framework::{
    ControlInputParameter, ControlScope, ControlTag, Framework, FrameworkControl,
};
pub use report_plan::{ReportDeliveryChannel, ReportPlan, ReportSetting};
pub use restore_testing_plan::{RecoveryPointSelection, RestoreTestingPlan};
pub use restore_testing_selection::{
    KeyValue, ProtectedResourceConditions, RestoreTestingSelection,
};
