//! What others need to know of backups.

use std::collections::BTreeMap;

use platform_graph::Handle;
use schemars::JsonSchema;
use serde::Serialize;

use super::frame::Frame;
use super::{FRAMEWORK, KEY, plan_address, report_address, restore_address, role, vault_address};

/// The outputs of backups. Everything is found by its name.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Outputs {
    /// ARN of the key.
    pub kms_key_arn: String,
    /// ARN of the role with which AWS Backup backs up and restores; none where nothing is backed up.
    pub role_arn: Option<String>,
    /// ARNs of the vaults, by name: what goes into `copy_to` of backups elsewhere.
    pub vault_arns: BTreeMap<String, String>,
    /// Names of the vaults in AWS, by name.
    pub vault_names: BTreeMap<String, String>,
    /// Ids of the plans, by name.
    pub plan_ids: BTreeMap<String, String>,
    /// ARNs of the plans, by name.
    pub plan_arns: BTreeMap<String, String>,
    /// ARNs of the restore tests, by name.
    pub restore_testing_arns: BTreeMap<String, String>,
    /// ARN of the framework, where there is one.
    pub framework_arn: Option<String>,
    /// ARNs of the report plans, by name.
    pub report_arns: BTreeMap<String, String>,
}

impl Outputs {
    pub(super) fn of(frame: &Frame<'_>) -> Self {
        let spec = frame.spec;
        let arn = |address: String, name: &str| Handle::to(address).attribute(name);
        let by_name = |names: Vec<&String>, value: &dyn Fn(&str) -> String| {
            names
                .into_iter()
                .map(|name| (name.clone(), value(name)))
                .collect()
        };
        let vaults = spec.all_vaults();
        Outputs {
            kms_key_arn: arn(KEY.to_owned(), "Arn"),
            role_arn: spec.acts().then(|| role::arn(frame)),
            vault_arns: by_name(vaults.keys().collect(), &|name| {
                arn(vault_address(name), "BackupVaultArn")
            }),
            vault_names: by_name(vaults.keys().collect(), &|name| spec.physical_name(name)),
            plan_ids: by_name(spec.plans.keys().collect(), &|name| {
                Handle::to(plan_address(name)).id()
            }),
            plan_arns: by_name(spec.plans.keys().collect(), &|name| {
                arn(plan_address(name), "BackupPlanArn")
            }),
            restore_testing_arns: by_name(spec.restore_testing.keys().collect(), &|name| {
                arn(restore_address(name), "RestoreTestingPlanArn")
            }),
            framework_arn: spec
                .framework
                .as_ref()
                .map(|_| arn(FRAMEWORK.to_owned(), "FrameworkArn")),
            report_arns: by_name(spec.reports.keys().collect(), &|name| {
                arn(report_address(name), "ReportPlanArn")
            }),
        }
    }
}
