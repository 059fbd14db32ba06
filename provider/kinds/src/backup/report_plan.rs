//! `AWS::Backup::ReportPlan`: a report of backups that arrives in a bucket every day.

use platform_graph::Tags;
use serde::{Deserialize, Serialize};

/// A report plan.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ReportPlan {
    /// Where reports arrive, and how they are written.
    #[serde(default)]
    pub report_delivery_channel: ReportDeliveryChannel,
    /// Description, at most 1024 characters.
    pub report_plan_description: Option<String>,
    /// Name, unique in account and Region: a letter, then letters, digits and underscores, at most 256; can't change.
    #[serde(default)]
    pub report_plan_name: String,
    /// What is reported.
    #[serde(default)]
    pub report_setting: ReportSetting,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// Where reports arrive.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ReportDeliveryChannel {
    /// `CSV` (AWS's default), `JSON` or both.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub formats: Option<Vec<String>>,
    /// Name of the bucket, whose policy lets the service-linked role of AWS Backup reports write.
    #[serde(rename = "S3BucketName")]
    pub s3_bucket_name: String,
    /// What the keys of the reports begin with.
    #[serde(rename = "S3KeyPrefix", skip_serializing_if = "Option::is_none")]
    pub s3_key_prefix: Option<String>,
}

/// What is reported.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ReportSetting {
    /// Ids of the accounts; this one without. `ROOT` for all of the organization.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accounts: Option<Vec<String>>,
    /// ARNs of the frameworks, for the two reports of compliance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub framework_arns: Option<Vec<String>>,
    /// Ids of organizational units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization_units: Option<Vec<String>>,
    /// Regions; this one without. `*` for all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub regions: Option<Vec<String>>,
    /// `RESOURCE_COMPLIANCE_REPORT`, `CONTROL_COMPLIANCE_REPORT`, `BACKUP_JOB_REPORT`, `COPY_JOB_REPORT`, `RESTORE_JOB_REPORT` or
    /// `SCAN_JOB_REPORT`.
    pub report_template: String,
}
