//! `AWS::Backup::RestoreTestingSelection`: what a restore testing plan restores, of one type.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What a restore testing plan restores, of one type.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct RestoreTestingSelection {
    /// ARN of the role that restores.
    #[serde(default)]
    pub iam_role_arn: String,
    /// ARNs of what is restored, or `*` alone: all of the type that meets the conditions.
    pub protected_resource_arns: Option<Vec<String>>,
    /// Conditions on tags, beside `*`.
    pub protected_resource_conditions: Option<ProtectedResourceConditions>,
    /// `RDS`, `Aurora`, `DocumentDB`, `DynamoDB`, `EFS`, `S3` and so on; can't change.
    #[serde(default)]
    pub protected_resource_type: String,
    /// What is restored otherwise than AWS Backup infers, by metadata key: `{"dbInstanceClass": "db.t4g.medium"}`.
    pub restore_metadata_overrides: Option<BTreeMap<String, String>>,
    /// Name of the plan; can't change.
    #[serde(default)]
    pub restore_testing_plan_name: String,
    /// Name, unique in the plan: 1 to 50 letters, digits and underscores; can't change.
    #[serde(default)]
    pub restore_testing_selection_name: String,
    /// Hours for which what was restored is there to be looked at, 0 to 168; AWS's default is 0.
    pub validation_window_hours: Option<u32>,
}

/// Conditions on tags, all of which must hold.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ProtectedResourceConditions {
    /// Tags that have this value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub string_equals: Option<Vec<KeyValue>>,
    /// Tags that do not have this value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub string_not_equals: Option<Vec<KeyValue>>,
}

/// A tag and a value to compare it with.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct KeyValue {
    /// `aws:ResourceTag/` and the key of the tag.
    pub key: String,
    /// Value.
    pub value: String,
}
