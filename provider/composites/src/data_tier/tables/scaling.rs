//! Scaling of the capacity of tables and their indexes.

use platform_graph::{Graph, Handle};
use platform_kinds::application_autoscaling::{
    PredefinedMetricSpecification, ScalableTarget, ScalingPolicy, SuspendedState, TargetTracking,
};

use super::super::frame::Store;
use super::super::spec::{IndexCapacity, Table};
use super::{Direction, capacity_of};

/// Scales the capacity of a table and of each of its indexes, in both directions.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/AutoScaling.html>
/// Yields the policies that scale writing.
pub(super) fn scale(
    store: &Store<'_>,
    spec: &Table,
    table: &Handle,
    graph: &mut Graph,
) -> Vec<Handle> {
    let mut writing = Vec::new();
    let own = (
        String::new(),
        format!("table/{}", table.id()),
        "table",
        IndexCapacity {
            read: spec.capacity.read,
            write: spec.capacity.write,
            ..IndexCapacity::default()
        },
    );
    let indexes = spec.global_indexes.iter().map(|(name, index)| {
        (
            format!("index/{name}/"),
            format!("table/{}/index/{name}", table.id()),
            "index",
            capacity_of(index, &spec.capacity),
        )
    });
    for (prefix, resource, what, capacity) in std::iter::once(own).chain(indexes) {
        for direction in Direction::BOTH {
            let Some(range) = direction.range(capacity.read, capacity.write) else {
                continue;
            };
            let (word, title) = (direction.word(), direction.title());
            let address = store.part(&format!("{prefix}scaling/{word}"));
            let target = graph.add(
                address.clone(),
                format!(
                    "keeps the capacity to {word} between {} and {} units",
                    range.min, range.max
                ),
                ScalableTarget {
                    service_namespace: "dynamodb".to_owned(),
                    resource_id: resource.clone(),
                    scalable_dimension: format!("dynamodb:{what}:{title}CapacityUnits"),
                    min_capacity: range.min,
                    max_capacity: range.max,
                    // Asked for, so that scaling that somebody suspended shows in a plan.
                    suspended_state: Some(SuspendedState::default()),
                    ..ScalableTarget::default()
                },
            );
            let policy = graph.add(
                format!("{address}/policy"),
                format!(
                    "has {} percent of the capacity to {word} in use",
                    range.target_percent
                ),
                ScalingPolicy {
                    policy_name: format!("{}/{prefix}{word}", store.physical_name()),
                    policy_type: "TargetTrackingScaling".to_owned(),
                    scaling_target_id: target.id(),
                    target_tracking_scaling_policy_configuration: Some(TargetTracking {
                        target_value: range.target_percent.into(),
                        predefined_metric_specification: Some(PredefinedMetricSpecification {
                            predefined_metric_type: format!("DynamoDB{title}CapacityUtilization"),
                            resource_label: None,
                        }),
                        ..TargetTracking::default()
                    }),
                    ..ScalingPolicy::default()
                },
            );
            if matches!(direction, Direction::Write) {
                writing.push(policy);
            }
        }
    }
    writing
}
