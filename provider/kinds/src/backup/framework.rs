//! `AWS::Backup::Framework`: controls by which AWS Backup Audit Manager judges backups.

use platform_graph::Tags;
use serde::{Deserialize, Serialize};

/// A framework.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Framework {
    /// Controls, at least one.
    #[serde(default)]
    pub framework_controls: Vec<FrameworkControl>,
    /// Description, at most 1024 characters.
    pub framework_description: Option<String>,
    /// Name, unique in account and Region: a letter, then letters, digits and underscores, at most 256; can't change.
    #[serde(default)]
    pub framework_name: String,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// One control.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct FrameworkControl {
    /// Parameters; AWS's defaults without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub control_input_parameters: Option<Vec<ControlInputParameter>>,
    /// `BACKUP_RESOURCES_PROTECTED_BY_BACKUP_PLAN`, `BACKUP_RECOVERY_POINT_ENCRYPTED` and so on.
    pub control_name: String,
    /// What is judged; everything that the control can judge without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub control_scope: Option<ControlScope>,
}

/// A parameter of a control.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ControlInputParameter {
    /// `requiredRetentionDays`.
    pub parameter_name: String,
    /// `35`.
    pub parameter_value: String,
}

/// What a control judges.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ControlScope {
    /// Id of the only resource.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compliance_resource_ids: Option<Vec<String>>,
    /// Types: `RDS`, `EFS`, `DynamoDB`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compliance_resource_types: Option<Vec<String>>,
    /// A tag: at most one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<ControlTag>>,
}

/// A tag that is judged.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ControlTag {
    /// Key.
    pub key: String,
    /// Value.
    pub value: String,
}
