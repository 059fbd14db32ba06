//! Restore tests, and what they restore.

use platform_graph::{Graph, Handle};
use platform_kinds::backup::{
    KeyValue, ProtectedResourceConditions, RecoveryPointSelection, RestoreTestingPlan,
    RestoreTestingSelection,
};

use super::frame::{Composed, Frame, owner_key, tag_key};
use super::spec::{Pick, RecoveryPointType, RestoreSelection, RestoreTest};
use super::{restore_address, role, schedule, vault_address};

pub(super) fn add(frame: &Frame<'_>, name: &str, test: &RestoreTest, graph: &mut Graph) {
    let all = frame.spec.all_vaults();
    let tested = all
        .keys()
        .filter(|vault| test.vaults.is_empty() || test.vaults.contains(*vault));
    let handle = graph.add(
        restore_address(name),
        "restores recovery points to see whether they can be",
        RestoreTestingPlan {
            recovery_point_selection: RecoveryPointSelection {
                algorithm: match test.pick {
                    Pick::Latest => "LATEST_WITHIN_WINDOW",
                    Pick::Random => "RANDOM_WITHIN_WINDOW",
                }
                .to_owned(),
                include_vaults: tested
                    .map(|vault| Handle::to(vault_address(vault)).attribute("BackupVaultArn"))
                    .collect(),
                recovery_point_types: test
                    .recovery_points
                    .iter()
                    .map(|sort| match sort {
                        RecoveryPointType::Snapshot => "SNAPSHOT".to_owned(),
                        RecoveryPointType::Continuous => "CONTINUOUS".to_owned(),
                    })
                    .collect(),
                selection_window_days: Some(test.within_days),
                ..RecoveryPointSelection::default()
            },
            restore_testing_plan_name: frame.spec.underscored(name),
            schedule_expression: schedule::expression(&test.schedule),
            schedule_expression_timezone: Some(schedule::zone(test.timezone.as_deref())),
            start_window_hours: Some(test.start_window_hours),
            ..RestoreTestingPlan::default()
        },
    );
    for (name, selection) in &test.selections {
        graph.add(
            format!("{}/{name}", handle.address()),
            format!(
                "says which {} resources are restored",
                selection.resource_type.name()
            ),
            self::selection(frame, handle.id(), name, selection),
        );
    }
}

fn selection(
    frame: &Frame<'_>,
    plan: String,
    name: &str,
    spec: &RestoreSelection,
) -> RestoreTestingSelection {
    let tags = spec.tags.iter().map(|(tag, value)| KeyValue {
        key: tag_key(tag),
        value: value.clone(),
    });
    let composite = spec.composite.as_deref().and_then(Composed::parse);
    let conditions: Vec<KeyValue> = composite
        .map(|composite| KeyValue {
            key: owner_key(),
            value: frame.owner(&composite),
        })
        .into_iter()
        .chain(tags)
        .collect();
    RestoreTestingSelection {
        iam_role_arn: role::arn(frame),
        protected_resource_arns: Some(if spec.resources.is_empty() {
            vec!["*".to_owned()]
        } else {
            spec.resources.iter().cloned().collect()
        }),
        protected_resource_conditions: (!conditions.is_empty()).then(|| {
            ProtectedResourceConditions {
                string_equals: Some(conditions),
                ..ProtectedResourceConditions::default()
            }
        }),
        protected_resource_type: spec.resource_type.name().to_owned(),
        restore_metadata_overrides: (!spec.overrides.is_empty()).then(|| spec.overrides.clone()),
        restore_testing_plan_name: plan,
        restore_testing_selection_name: name.replace('-', "_"),
        validation_window_hours: Some(spec.validation_hours),
    }
}
