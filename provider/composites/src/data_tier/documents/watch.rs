//! Alarms on a document database.
//!
//! <https://docs.aws.amazon.com/documentdb/latest/developerguide/cloud_watch.html>

use platform_graph::{Graph, Handle};

use super::super::alarms::{self, Watch};
use super::super::frame::Store;
use super::super::spec::Documents;
use super::class;

/// Adds the alarms.
pub(super) fn add(store: &Store<'_>, spec: &Documents, cluster: &Handle, graph: &mut Graph) {
    let words = store.words();
    let five_minutes =
        |name, meaning: String, advice, metric, statistic, comparison, threshold| Watch {
            name,
            meaning,
            advice,
            namespace: "AWS/DocDB",
            metric,
            statistic,
            dimensions: vec![("DBClusterIdentifier", cluster.id())],
            comparison,
            threshold,
            period: 300,
            periods: 3,
            missing: "notBreaching",
        };
    let above = "GreaterThanThreshold";
    for watch in [
        five_minutes(
            "cpu",
            format!("the instances of {words} have been busy for 15 minutes"),
            "Look for slow operations in the profiler log; else take a larger class, or let more instances read.",
            "CPUUtilization",
            "Average",
            above,
            80.0,
        ),
        five_minutes(
            "connections",
            format!("an instance of {words} is close to its most connections"),
            "Let clients share connections in a pool, or take a larger class.",
            "DatabaseConnections",
            "Maximum",
            above,
            most_connections(spec) * 0.8,
        ),
        five_minutes(
            "memory",
            format!("an instance of {words} has less than 256 MiB of memory left"),
            "Take a larger class before operations are throttled.",
            "FreeableMemory",
            "Minimum",
            "LessThanThreshold",
            268_435_456.0,
        ),
        five_minutes(
            "replica-lag",
            format!("an instance of {words} that reads has been 2 seconds behind for 15 minutes"),
            "Spread heavy reads over more instances, or take a larger class.",
            "DBClusterReplicaLagMaximum",
            "Maximum",
            above,
            2000.0,
        ),
        five_minutes(
            "throttled",
            format!("{words} throttles operations because memory is short"),
            "Take a larger class now: operations wait or time out.",
            "LowMemNumOperationsThrottled",
            "Sum",
            above,
            0.0,
        ),
    ] {
        alarms::add(store, watch, graph);
    }
}

/// How many connections an instance of this class takes at least; AWS has raised it for some.
/// <https://docs.aws.amazon.com/documentdb/latest/developerguide/limits.html>
fn most_connections(spec: &Documents) -> f64 {
    if let Some(capacity) = &spec.serverless {
        return capacity.max * 500.0;
    }
    let class = class(spec);
    match class.rsplit('.').next().unwrap_or_default() {
        "medium" => 500.0,
        "large" => 1700.0,
        "xlarge" => 3400.0,
        "2xlarge" => 6800.0,
        "4xlarge" => 13600.0,
        "8xlarge" => 27200.0,
        _ => 30000.0,
    }
}
