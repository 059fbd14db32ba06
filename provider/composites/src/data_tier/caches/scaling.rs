//! Counts of a cache that AWS scales with its load.
//!
//! <https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/AutoScaling.html>

use platform_graph::{Graph, Handle};
use platform_kinds::application_autoscaling::{
    PredefinedMetricSpecification, ScalableTarget, ScalingPolicy, TargetTracking,
};

use super::super::frame::Store;
use super::super::spec::{Cache, CacheScaling};

/// A count that AWS scales: its part, its property, its name in Application Auto Scaling, and the load it follows.
pub(super) struct Dimension {
    pub part: &'static str,
    pub property: &'static str,
    pub name: &'static str,
    pub metric: &'static str,
}

const SHARDS: Dimension = Dimension {
    part: "shards",
    property: "NumNodeGroups",
    name: "elasticache:replication-group:NodeGroups",
    metric: "ElastiCachePrimaryEngineCPUUtilization",
};

const REPLICAS: Dimension = Dimension {
    part: "replicas",
    property: "ReplicasPerNodeGroup",
    name: "elasticache:replication-group:Replicas",
    metric: "ElastiCacheReplicaEngineCPUUtilization",
};

/// The counts that are scaled, each with its least and its most.
pub(super) fn scaled(spec: &Cache) -> impl Iterator<Item = (Dimension, u32, u32)> {
    let most = |limit: fn(&CacheScaling) -> Option<u32>| spec.scaling.as_ref().and_then(limit);
    [
        (SHARDS, spec.shards, most(|scaling| scaling.max_shards)),
        (
            REPLICAS,
            spec.replicas_per_shard,
            most(|scaling| scaling.max_replicas_per_shard),
        ),
    ]
    .into_iter()
    .filter_map(|(dimension, least, most)| Some((dimension, least, most?)))
}

/// Adds what lets AWS change one count.
pub(super) fn scale(
    store: &Store<'_>,
    cache: &Handle,
    scaling: &CacheScaling,
    dimension: &Dimension,
    (least, most): (u32, u32),
    graph: &mut Graph,
) {
    let words = store.words();
    let target = graph.add(
        store.part(&format!("scaling/{}", dimension.part)),
        format!("lets {words} have {least} to {most} {}", dimension.part),
        ScalableTarget {
            service_namespace: "elasticache".to_owned(),
            resource_id: format!("replication-group/{}", cache.id()),
            scalable_dimension: dimension.name.to_owned(),
            min_capacity: least,
            max_capacity: most,
            ..ScalableTarget::default()
        },
    );
    graph.add(
        store.part(&format!("scaling/{}/load", dimension.part)),
        format!(
            "adds {} to {words} when the load is high, and takes them away when it is low",
            dimension.part
        ),
        ScalingPolicy {
            policy_name: format!("{}-{}", store.physical_name(), dimension.part),
            policy_type: "TargetTrackingScaling".to_owned(),
            scaling_target_id: target.id(),
            target_tracking_scaling_policy_configuration: Some(TargetTracking {
                target_value: f64::from(scaling.target_cpu_percent),
                predefined_metric_specification: Some(PredefinedMetricSpecification {
                    predefined_metric_type: dimension.metric.to_owned(),
                    ..PredefinedMetricSpecification::default()
                }),
                ..TargetTracking::default()
            }),
            ..ScalingPolicy::default()
        },
    );
}
