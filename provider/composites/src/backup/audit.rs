//! What proves that backups are as they should be: a framework of controls, and reports.

use std::collections::{BTreeMap, BTreeSet};

use platform_graph::{Graph, Handle};
use platform_kinds::backup::{
    ControlInputParameter, ControlScope, ControlTag, Framework, FrameworkControl,
    ReportDeliveryChannel, ReportPlan, ReportSetting,
};

use super::frame::Frame;
use super::spec::{self, Control, Report};
use super::{FRAMEWORK, report_address};

/// The controls that AWS has, and the parameters of each.
/// <https://docs.aws.amazon.com/aws-backup/latest/devguide/controls-and-remediation.html>
pub(super) const CONTROLS: &[(&str, &[&str])] = &[
    (
        "BACKUP_LAST_RECOVERY_POINT_CREATED",
        &["recoveryPointAgeUnit", "recoveryPointAgeValue"],
    ),
    (
        "BACKUP_PLAN_MIN_FREQUENCY_AND_MIN_RETENTION_CHECK",
        &[
            "requiredFrequencyUnit",
            "requiredFrequencyValue",
            "requiredRetentionDays",
        ],
    ),
    ("BACKUP_RECOVERY_POINT_ENCRYPTED", &[]),
    (
        "BACKUP_RECOVERY_POINT_MANUAL_DELETION_DISABLED",
        &["principalArnList"],
    ),
    (
        "BACKUP_RECOVERY_POINT_MINIMUM_RETENTION_CHECK",
        &["requiredRetentionDays"],
    ),
    ("BACKUP_RESOURCES_PROTECTED_BY_BACKUP_PLAN", &[]),
    (
        "BACKUP_RESOURCES_PROTECTED_BY_BACKUP_VAULT_LOCK",
        &["maxRetentionDays", "minRetentionDays"],
    ),
    (
        "BACKUP_RESOURCES_PROTECTED_BY_CROSS_ACCOUNT",
        &["crossAccountList"],
    ),
    (
        "BACKUP_RESOURCES_PROTECTED_BY_CROSS_REGION",
        &["crossRegionList"],
    ),
    (
        "RESTORE_TIME_FOR_RESOURCES_MEET_TARGET",
        &["maxRestoreTime"],
    ),
];

/// Types of stores that controls of resources judge.
const STORES: [&str; 5] = ["Aurora", "DynamoDB", "EFS", "RDS", "S3"];

/// The controls of a framework: six where none is named.
fn controls(spec: &spec::Framework) -> BTreeMap<String, Control> {
    if !spec.controls.is_empty() {
        return spec.controls.clone();
    }
    let of_backups = |parameters: &[(&str, &str)]| Control {
        parameters: parameters
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        ..Control::default()
    };
    let of_resources = |parameters| Control {
        resource_types: BTreeSet::from(STORES.map(str::to_owned)),
        ..of_backups(parameters)
    };
    [
        (
            "BACKUP_LAST_RECOVERY_POINT_CREATED",
            of_resources(&[
                ("recoveryPointAgeUnit", "days"),
                ("recoveryPointAgeValue", "1"),
            ]),
        ),
        (
            "BACKUP_PLAN_MIN_FREQUENCY_AND_MIN_RETENTION_CHECK",
            of_backups(&[
                ("requiredFrequencyUnit", "days"),
                ("requiredFrequencyValue", "1"),
                ("requiredRetentionDays", "35"),
            ]),
        ),
        ("BACKUP_RECOVERY_POINT_ENCRYPTED", of_backups(&[])),
        (
            "BACKUP_RECOVERY_POINT_MANUAL_DELETION_DISABLED",
            of_backups(&[]),
        ),
        (
            "BACKUP_RECOVERY_POINT_MINIMUM_RETENTION_CHECK",
            of_backups(&[("requiredRetentionDays", "35")]),
        ),
        (
            "BACKUP_RESOURCES_PROTECTED_BY_BACKUP_PLAN",
            of_resources(&[]),
        ),
    ]
    .into_iter()
    .map(|(name, control)| (name.to_owned(), control))
    .collect()
}

pub(super) fn add_framework(frame: &Frame<'_>, spec: &spec::Framework, graph: &mut Graph) {
    graph.add(
        FRAMEWORK,
        "judges backups by controls every day",
        Framework {
            framework_controls: controls(spec)
                .iter()
                .map(|(name, control)| self::control(name, control))
                .collect(),
            framework_description: spec.description.clone(),
            framework_name: frame.spec.name.replace('-', "_"),
            ..Framework::default()
        },
    );
}

fn control(name: &str, control: &Control) -> FrameworkControl {
    let parameters: Vec<ControlInputParameter> = control
        .parameters
        .iter()
        .map(|(name, value)| ControlInputParameter {
            parameter_name: name.clone(),
            parameter_value: value.clone(),
        })
        .collect();
    let tags: Vec<ControlTag> = control
        .tags
        .iter()
        .map(|(key, value)| ControlTag {
            key: key.clone(),
            value: value.clone(),
        })
        .collect();
    let scope = ControlScope {
        compliance_resource_ids: control.resource_id.clone().map(|id| vec![id]),
        compliance_resource_types: list(&control.resource_types),
        tags: (!tags.is_empty()).then_some(tags),
    };
    FrameworkControl {
        control_input_parameters: (!parameters.is_empty()).then_some(parameters),
        control_name: name.to_owned(),
        control_scope: (scope != ControlScope::default()).then_some(scope),
    }
}

pub(super) fn add_report(frame: &Frame<'_>, name: &str, report: &Report, graph: &mut Graph) {
    graph.add(
        report_address(name),
        "says every day how backups are doing",
        ReportPlan {
            report_delivery_channel: ReportDeliveryChannel {
                formats: Some(
                    report
                        .formats
                        .iter()
                        .map(|format| format.name().to_owned())
                        .collect(),
                ),
                s3_bucket_name: report.bucket.clone(),
                s3_key_prefix: report.prefix.clone(),
            },
            report_plan_name: frame.spec.underscored(name),
            report_setting: ReportSetting {
                accounts: list(&report.accounts),
                framework_arns: report
                    .template
                    .needs_framework()
                    .then(|| vec![Handle::to(FRAMEWORK).attribute("FrameworkArn")]),
                organization_units: list(&report.organization_units),
                regions: list(&report.regions),
                report_template: report.template.name().to_owned(),
            },
            ..ReportPlan::default()
        },
    );
}

fn list(texts: &BTreeSet<String>) -> Option<Vec<String>> {
    (!texts.is_empty()).then(|| texts.iter().cloned().collect())
}
