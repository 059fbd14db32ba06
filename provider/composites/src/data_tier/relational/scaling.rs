//! Readers that AWS adds to an Aurora cluster and takes away.
//!
//! They are no parts: their names begin with `application-autoscaling-`, and how many there are is AWS's affair. They go with the
//! cluster.
//!
//! <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Integrating.AutoScaling.html>

use platform_graph::{Graph, Handle, Problems};
use platform_kinds::application_autoscaling::{
    PredefinedMetricSpecification, ScalableTarget, ScalingPolicy, TargetTracking,
};

use super::super::spec::{ReaderScaling, Relational};
use super::{Engine, Plan};

/// As many readers as an Aurora cluster can have.
const MOST: usize = 15;

/// The least number of readers, those that are parts included.
fn least(spec: &Relational, scaling: &ReaderScaling) -> u32 {
    let own = u32::try_from(super::readers(spec).len()).unwrap_or(u32::MAX);
    scaling.min.unwrap_or(own)
}

pub(super) fn check(engine: Engine, name: &str, spec: &Relational, problems: &mut Problems) {
    let Some(scaling) = &spec.reader_scaling else {
        return;
    };
    let at = |field: &'static str| {
        [engine.sort(), name, "reader_scaling", field]
            .into_iter()
            .filter(|step| !step.is_empty())
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    if !spec.topology.is_aurora() {
        problems.error(
            at(""),
            "only an Aurora cluster gets readers of its own accord",
            "Leave it out, or use `topology = \"aurora\"`.",
        );
        return;
    }
    let own = super::readers(spec).len();
    if own > MOST {
        problems.error(
            at(""),
            format!("an Aurora cluster has at most {MOST} readers and `readers` are {own}"),
            "Name fewer of them.",
        );
    }
    let least = least(spec, scaling);
    if scaling.max < least || u64::from(scaling.max) < own as u64 {
        problems.error(
            at("max"),
            format!(
                "at most {} readers are fewer than there are at least: {}",
                scaling.max,
                u64::from(least).max(own as u64)
            ),
            "It counts those of `readers` too: raise it.",
        );
    }
    if scaling.cpu_percent.is_some() && scaling.connections.is_some() {
        problems.error(
            at("connections"),
            "readers follow the load of processors or the number of connections",
            "Set `cpu_percent` or `connections`, one of them.",
        );
    }
}

impl Plan<'_> {
    /// Lets AWS add readers to the cluster, once all of `members` are there.
    pub(super) fn reader_scaling(&self, cluster: &Handle, members: &[Handle], graph: &mut Graph) {
        let Some(scaling) = &self.spec.reader_scaling else {
            return;
        };
        let words = self.words();
        let least = least(self.spec, scaling);
        let target = graph.add(
            self.store.part("scaling/readers"),
            format!("lets {words} have {least} to {} readers", scaling.max),
            ScalableTarget {
                service_namespace: "rds".to_owned(),
                resource_id: format!("cluster:{}", cluster.id()),
                scalable_dimension: "rds:cluster:ReadReplicaCount".to_owned(),
                min_capacity: least,
                max_capacity: scaling.max,
                ..ScalableTarget::default()
            },
        );
        for member in members {
            graph.after(&target, member);
        }
        let (metric, value) = match (scaling.connections, scaling.cpu_percent) {
            (Some(connections), _) => ("RDSReaderAverageDatabaseConnections", connections),
            (None, cpu) => ("RDSReaderAverageCPUUtilization", cpu.unwrap_or(70)),
        };
        graph.add(
            self.store.part("scaling/readers/load"),
            format!(
                "adds readers to {words} when the load is high, and takes them away when it is low"
            ),
            ScalingPolicy {
                policy_name: format!("{}-readers", self.identifier()),
                policy_type: "TargetTrackingScaling".to_owned(),
                scaling_target_id: target.id(),
                target_tracking_scaling_policy_configuration: Some(TargetTracking {
                    target_value: f64::from(value),
                    predefined_metric_specification: Some(PredefinedMetricSpecification {
                        predefined_metric_type: metric.to_owned(),
                        ..PredefinedMetricSpecification::default()
                    }),
                    scale_in_cooldown: Some(scaling.scale_in_cooldown_seconds),
                    scale_out_cooldown: Some(scaling.scale_out_cooldown_seconds),
                    ..TargetTracking::default()
                }),
                ..ScalingPolicy::default()
            },
        );
    }
}
