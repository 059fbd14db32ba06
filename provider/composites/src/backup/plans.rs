//! Plans, and what they select.

use std::collections::BTreeSet;

use platform_graph::{Graph, Handle};
use platform_kinds::backup::{
    AdvancedBackupSetting, BackupPlan, BackupRule, BackupSelection, ConditionParameter, Conditions,
    CopyAction, Lifecycle, PlanDocument, SelectionDocument,
};

use super::frame::{Composed, Frame, Retention, owner_key, tag_key};
use super::spec::{Plan, Rule, Selection};
use super::{plan_address, role, schedule, vault_address};

pub(super) fn add(frame: &Frame<'_>, name: &str, plan: &Plan, graph: &mut Graph) {
    let handle = graph.add(
        plan_address(name),
        "says when backups are made and how long they are kept",
        BackupPlan {
            backup_plan: PlanDocument {
                advanced_backup_settings: settings(plan),
                backup_plan_name: frame.spec.physical_name(name),
                backup_plan_rule: plan
                    .all_rules()
                    .iter()
                    .map(|(name, rule)| self::rule(frame, name, rule))
                    .collect(),
                ..PlanDocument::default()
            },
            ..BackupPlan::default()
        },
    );
    for (name, selection) in &plan.selections {
        for part in Cut::of(name, selection) {
            graph.add(
                format!("{}/selection/{}", handle.address(), part.address),
                part.why(),
                BackupSelection {
                    backup_plan_id: handle.id(),
                    backup_selection: part.document(frame, selection),
                },
            );
        }
    }
}

fn settings(plan: &Plan) -> Option<Vec<AdvancedBackupSetting>> {
    let option =
        |key: &str, value: &str, wanted: bool| wanted.then(|| (key.to_owned(), value.to_owned()));
    let settings: Vec<AdvancedBackupSetting> = [
        (
            "EC2",
            vec![option("WindowsVSS", "enabled", plan.windows_vss)],
        ),
        (
            "S3",
            vec![
                option("BackupACLs", "disabled", !plan.s3_acls),
                option("BackupObjectTags", "disabled", !plan.s3_object_tags),
            ],
        ),
    ]
    .into_iter()
    .map(|(resource_type, options)| AdvancedBackupSetting {
        backup_options: options.into_iter().flatten().collect(),
        resource_type: resource_type.to_owned(),
    })
    .filter(|setting| !setting.backup_options.is_empty())
    .collect();
    (!settings.is_empty()).then_some(settings)
}

fn rule(frame: &Frame<'_>, name: &str, rule: &Rule) -> BackupRule {
    // A rule whose vault is not clear the check has refused.
    let vault = frame.spec.vault_of(rule).unwrap_or_default();
    let copies: Vec<CopyAction> = rule
        .copy_to
        .values()
        .map(|copy| CopyAction {
            destination_backup_vault_arn: copy.vault_arn.clone(),
            lifecycle: lifecycle(
                rule,
                copy.cold_after_days,
                Retention::of_copy(rule, copy.delete_after_days),
            ),
        })
        .collect();
    BackupRule {
        completion_window_minutes: Some(rule.completion_window_minutes.into()),
        copy_actions: (!copies.is_empty()).then_some(copies),
        enable_continuous_backup: rule.continuous.then_some(true),
        lifecycle: lifecycle(rule, rule.cold_after_days, Retention::of_rule(rule)),
        recovery_point_tags: (!rule.recovery_point_tags.is_empty())
            .then(|| rule.recovery_point_tags.clone()),
        rule_name: name.to_owned(),
        schedule_expression: Some(schedule::expression(&rule.schedule)),
        schedule_expression_timezone: Some(schedule::zone(rule.timezone.as_deref())),
        start_window_minutes: Some(rule.start_window_minutes.into()),
        target_backup_vault: Handle::to(vault_address(&vault)).id(),
        ..BackupRule::default()
    }
}

fn lifecycle(rule: &Rule, cold: Option<u32>, kept: Retention) -> Option<Lifecycle> {
    let lifecycle = Lifecycle {
        delete_after_days: kept.days(),
        move_to_cold_storage_after_days: cold,
        opt_in_to_archive_for_supported_resources: (rule.archive_snapshots && cold.is_some())
            .then_some(true),
    };
    (lifecycle != Lifecycle::default()).then_some(lifecycle)
}

/// A selection as AWS has them: conditions must all hold there, so each composite has a selection of its own.
pub(super) struct Cut<'a> {
    /// Address inside its plan.
    pub address: String,
    /// Name inside its plan.
    pub name: String,
    composite: Option<Composed<'a>>,
}

impl<'a> Cut<'a> {
    pub fn of(name: &str, selection: &'a Selection) -> Vec<Self> {
        if selection.composites.is_empty() {
            return vec![Cut {
                address: name.to_owned(),
                name: name.to_owned(),
                composite: None,
            }];
        }
        selection
            .composites
            .iter()
            .filter_map(|text| Composed::parse(text))
            .map(|composite| Cut {
                address: format!("{name}/{}/{}", composite.sort, composite.name),
                name: format!("{name}.{}.{}", composite.sort, composite.name),
                composite: Some(composite),
            })
            .collect()
    }

    fn why(&self) -> String {
        match self.composite {
            Some(Composed { sort, name }) => {
                format!(
                    "says what is backed up of {} {name}",
                    sort.replace('-', " ")
                )
            }
            None => "says what is backed up".to_owned(),
        }
    }

    fn document(&self, frame: &Frame<'_>, selection: &Selection) -> SelectionDocument {
        let parameter = |key: String, value: &str| ConditionParameter {
            condition_key: key,
            condition_value: value.to_owned(),
        };
        let owner = self
            .composite
            .map(|composite| parameter(owner_key(), &frame.owner(&composite)));
        let (like, equal): (Vec<_>, Vec<_>) = selection
            .tags
            .iter()
            .map(|(tag, value)| parameter(tag_key(tag), value))
            .partition(|parameter| parameter.condition_value.contains('*'));
        let equal: Vec<_> = owner.into_iter().chain(equal).collect();
        let conditions = Conditions {
            string_equals: (!equal.is_empty()).then_some(equal),
            string_like: (!like.is_empty()).then_some(like),
            ..Conditions::default()
        };
        let list = |arns: &BTreeSet<String>| arns.iter().cloned().collect();
        SelectionDocument {
            conditions: (conditions != Conditions::default()).then_some(conditions),
            iam_role_arn: role::arn(frame),
            not_resources: (!selection.not_resources.is_empty())
                .then(|| list(&selection.not_resources)),
            // Conditions choose among resources, so all of them are named where none is.
            resources: Some(if selection.resources.is_empty() {
                vec!["*".to_owned()]
            } else {
                list(&selection.resources)
            }),
            selection_name: self.name.clone(),
            ..SelectionDocument::default()
        }
    }
}
