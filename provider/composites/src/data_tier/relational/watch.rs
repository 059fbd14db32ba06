//! Alarms on databases.
//!
//! <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-metrics.html> and
//! <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.AuroraMonitoring.Metrics.html>

use platform_graph::{Graph, Handle};

use super::super::alarms::{self, Watch};
use super::super::frame::Store;
use super::super::spec::{Relational, Topology};
use super::engine::Engine;

const GIB: f64 = 1_073_741_824.0;

/// What is the same for all alarms here: five minutes each, three in a row.
fn watch<'a>(
    name: &'a str,
    metric: &'a str,
    meaning: String,
    advice: &'a str,
    dimension: (&'a str, String),
    threshold: f64,
    is_floor: bool,
) -> Watch<'a> {
    Watch {
        name,
        meaning,
        advice,
        namespace: "AWS/RDS",
        metric,
        statistic: if is_floor { "Minimum" } else { "Average" },
        dimensions: vec![dimension],
        comparison: if is_floor {
            "LessThanThreshold"
        } else {
            "GreaterThanThreshold"
        },
        threshold,
        period: 300,
        periods: 3,
        missing: "missing",
    }
}

pub(super) fn add(engine: Engine, store: &Store<'_>, spec: &Relational, graph: &mut Graph) {
    let words = store.words();
    let main = Handle::to(store.address()).id();
    let dimension = || {
        let name = if spec.topology.is_cluster() {
            "DBClusterIdentifier"
        } else {
            "DBInstanceIdentifier"
        };
        (name, main.clone())
    };
    let mut add = |watch: Watch<'_>| alarms::add(store, watch, graph);
    add(watch(
        "cpu",
        "CPUUtilization",
        format!("the processors of {words} have been more than 80 % busy for 15 minutes"),
        "Look for the statements with the highest load in Database Insights, or choose a larger class.",
        dimension(),
        80.0,
        false,
    ));
    add(watch(
        "memory",
        "FreeableMemory",
        format!("{words} has had less than 256 MiB of free memory for 15 minutes"),
        "It is about to swap or to restart: choose a larger class, or lower what each connection may use.",
        dimension(),
        GIB / 4.0,
        true,
    ));
    let most = spec
        .parameters
        .get("max_connections")
        .and_then(|text| text.parse::<u32>().ok());
    if let Some(most) = most {
        add(watch(
            "connections",
            "DatabaseConnections",
            format!(
                "{words} has had more than 80 % of its {most} connections in use for 15 minutes"
            ),
            "Pool connections, or raise max_connections with the memory that they need.",
            dimension(),
            f64::from(most) * 0.8,
            false,
        ));
    }
    if !spec.topology.is_aurora() {
        let tenth = f64::from(super::size(spec)) * GIB / 10.0;
        add(watch(
            "storage",
            "FreeStorageSpace",
            format!("{words} has had less than a tenth of its first storage free for 15 minutes"),
            "Raise storage.size_gib or storage.max_size_gib: without storage it stops.",
            dimension(),
            tenth,
            true,
        ));
    }
    match spec.topology {
        Topology::SingleInstance | Topology::MultiAz => {
            for reader in super::readers(spec).keys() {
                let id = Handle::to(store.part(&format!("reader/{reader}"))).id();
                let name = format!("replica-lag/{reader}");
                add(watch(
                    &name,
                    "ReplicaLag",
                    format!(
                        "reader {reader} of {words} has been more than a minute behind for 15 minutes"
                    ),
                    "Look for long transactions and heavy writes, or give the reader a larger class.",
                    ("DBInstanceIdentifier", id),
                    60.0,
                    false,
                ));
            }
        }
        Topology::MultiAzCluster => {}
        Topology::Aurora | Topology::AuroraServerless => {
            add(watch(
                "replica-lag",
                "AuroraReplicaLagMaximum",
                format!(
                    "the readers of {words} have been more than 2 seconds behind for 15 minutes"
                ),
                "Look for long transactions and heavy writes, or give the readers a larger class.",
                dimension(),
                2000.0,
                false,
            ));
            add(watch(
                "local-storage",
                "FreeLocalStorage",
                format!("{words} has had less than 2 GiB of local storage for 15 minutes"),
                "Sorts and temporary tables live there: look for the statements that spill, or choose a larger class.",
                dimension(),
                2.0 * GIB,
                true,
            ));
            if engine == Engine::MySql {
                add(watch(
                    "deadlocks",
                    "Deadlocks",
                    format!("{words} has met deadlocks for 15 minutes"),
                    "Look at the error log for the transactions that block one another.",
                    dimension(),
                    0.1,
                    false,
                ));
            }
        }
    }
    if spec.topology == Topology::AuroraServerless {
        add(watch(
            "capacity",
            "ACUUtilization",
            format!("{words} has used more than 90 % of its greatest capacity for 15 minutes"),
            "Raise capacity.max.",
            dimension(),
            90.0,
            false,
        ));
    }
}
