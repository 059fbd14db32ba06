//! `AWS::Backup::BackupSelection`: what a plan backs up.

use serde::{Deserialize, Serialize};

/// What a plan backs up. Nothing of it can change.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct BackupSelection {
    /// Id of the plan; can't change.
    #[serde(default)]
    pub backup_plan_id: String,
    /// What is backed up, and as whom; can't change.
    #[serde(default)]
    pub backup_selection: SelectionDocument,
}

/// What is backed up: what is named or has one of the tags, and meets all conditions.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct SelectionDocument {
    /// Conditions, all of which must hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conditions: Option<Conditions>,
    /// ARN of the role that backs up.
    pub iam_role_arn: String,
    /// Tags, one of which is enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub list_of_tags: Option<Vec<Condition>>,
    /// ARNs, possibly with `*`, of what is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_resources: Option<Vec<String>>,
    /// ARNs, possibly with `*`: at most 500, or 30 with `*`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resources: Option<Vec<String>>,
    /// Name, unique in the plan: 1 to 50 letters, digits, hyphens, underscores and periods.
    pub selection_name: String,
}

/// A tag that is enough to be backed up.
#[derive(Debug, Clone, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Condition {
    /// Key of the tag: `backup`.
    pub condition_key: String,
    /// `STRINGEQUALS`.
    pub condition_type: String,
    /// Value of the tag.
    pub condition_value: String,
}

/// Conditions, all of which must hold.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Conditions {
    /// Tags that have exactly this value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub string_equals: Option<Vec<ConditionParameter>>,
    /// Tags whose value is like this one, with `*` for any characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub string_like: Option<Vec<ConditionParameter>>,
    /// Tags that do not have this value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub string_not_equals: Option<Vec<ConditionParameter>>,
    /// Tags whose value is not like this one, with `*` for any characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub string_not_like: Option<Vec<ConditionParameter>>,
}

/// A tag and a value to compare it with.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ConditionParameter {
    /// `aws:ResourceTag/` and the key of the tag.
    pub condition_key: String,
    /// Value.
    pub condition_value: String,
}
