//! Audit of backups as a user writes it.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A framework of AWS Backup Audit Manager. It judges through AWS Config, which must record in this region.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Framework {
    /// What it is for.
    #[schemars(length(min = 1, max = 1024))]
    pub description: Option<String>,
    /// The controls by AWS's names, each with its parameters and scope. When left out, six of them: resources are in a plan, plans back up
    /// every day and keep backups for 35 days, so do recovery points, each resource has a recovery point of the last day, recovery points
    /// are encrypted, and nobody can delete them by hand. Example:
    /// `{ BACKUP_RECOVERY_POINT_MINIMUM_RETENTION_CHECK = { parameters = { requiredRetentionDays = "35" } } }`.
    #[serde(default)]
    pub controls: BTreeMap<String, Control>,
}

/// A control of a framework.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Control {
    /// Values of its parameters, by AWS's names. Example: `{ requiredRetentionDays = "35" }`.
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
    /// Types of resources that it judges. Example: `["RDS", "S3"]`.
    #[serde(default)]
    pub resource_types: BTreeSet<String>,
    /// The one resource that it judges, by id, with its type in `resource_types`.
    pub resource_id: Option<String>,
    /// The one tag that resources have that it judges. Example: `{ backup = "daily" }`.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

/// A report, every day, into a bucket whose policy must let the service-linked role `AWSServiceRoleForBackupReports` put objects.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// What it reports.
    pub template: ReportTemplate,
    /// Name of the bucket. Example: `platform_data_tier.main.bucket_endpoints["audit"].name`.
    pub bucket: String,
    /// Prefix of its objects. None when left out. Example: `backup`.
    pub prefix: Option<String>,
    /// Its formats: `csv`, `json`. `csv` when left out.
    #[serde(default = "csv")]
    pub formats: BTreeSet<ReportFormat>,
    /// Accounts that it covers, by id, from the management account of an organization or a delegated one. This one when left out. Example:
    /// `["123456789012"]`.
    #[serde(default)]
    pub accounts: BTreeSet<String>,
    /// Units of the organization that it covers. None when left out. Example: `["ou-ab12-cdef3456"]`.
    #[serde(default)]
    pub organization_units: BTreeSet<String>,
    /// Regions that it covers. This one when left out. Example: `["eu-central-1", "eu-west-1"]`.
    #[serde(default)]
    pub regions: BTreeSet<String>,
}

/// What a report is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReportTemplate {
    /// Backups of the last day.
    BackupJobs,
    /// Copies of the last day.
    CopyJobs,
    /// Restores of the last day.
    RestoreJobs,
    /// Which controls of `framework` are met.
    ControlCompliance,
    /// Which resources meet the controls of `framework`.
    ResourceCompliance,
}

impl ReportTemplate {
    /// The template as AWS names it.
    pub(in crate::backup) fn name(self) -> &'static str {
        match self {
            ReportTemplate::BackupJobs => "BACKUP_JOB_REPORT",
            ReportTemplate::CopyJobs => "COPY_JOB_REPORT",
            ReportTemplate::RestoreJobs => "RESTORE_JOB_REPORT",
            ReportTemplate::ControlCompliance => "CONTROL_COMPLIANCE_REPORT",
            ReportTemplate::ResourceCompliance => "RESOURCE_COMPLIANCE_REPORT",
        }
    }

    /// Whether it judges by a framework.
    pub(in crate::backup) fn needs_framework(self) -> bool {
        matches!(
            self,
            ReportTemplate::ControlCompliance | ReportTemplate::ResourceCompliance
        )
    }
}

/// Format of a report.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ReportFormat {
    /// Lines with commas.
    Csv,
    /// JSON.
    Json,
}

impl ReportFormat {
    /// The format as AWS names it.
    pub(in crate::backup) fn name(self) -> &'static str {
        match self {
            ReportFormat::Csv => "CSV",
            ReportFormat::Json => "JSON",
        }
    }
}

fn csv() -> BTreeSet<ReportFormat> {
    BTreeSet::from([ReportFormat::Csv])
}
