//! Alarms on a domain: those that AWS recommends.
//!
//! <https://docs.aws.amazon.com/opensearch-service/latest/developerguide/cloudwatch-alarms.html>

use platform_graph::{Graph, Handle};

use super::super::alarms::{self, Watch};
use super::super::frame::Store;
use super::super::spec::Search;

/// One line of the table: what is called how, what it means, what to do, and when it fires.
struct Line {
    name: &'static str,
    meaning: &'static str,
    advice: &'static str,
    metric: &'static str,
    statistic: &'static str,
    comparison: &'static str,
    threshold: f64,
    period: u32,
    periods: u32,
}

const LEAST: &str = "GreaterThanOrEqualToThreshold";

/// A metric that is 1 as long as something is wrong.
const fn flag(
    name: &'static str,
    meaning: &'static str,
    advice: &'static str,
    metric: &'static str,
    period: u32,
    periods: u32,
) -> Line {
    Line {
        name,
        meaning,
        advice,
        metric,
        statistic: "Maximum",
        comparison: LEAST,
        threshold: 1.0,
        period,
        periods,
    }
}

/// A share in percent that is too high for too long.
const fn load(
    name: &'static str,
    meaning: &'static str,
    advice: &'static str,
    metric: &'static str,
    (statistic, threshold): (&'static str, f64),
    (period, periods): (u32, u32),
) -> Line {
    Line {
        name,
        meaning,
        advice,
        metric,
        statistic,
        comparison: LEAST,
        threshold,
        period,
        periods,
    }
}

/// On every domain.
const ALWAYS: &[Line] = &[
    flag(
        "red",
        "lacks a primary shard: some of its data is not there",
        "Look at _cluster/allocation/explain and bring the shards back, from a snapshot if need be.",
        "ClusterStatus.red",
        60,
        1,
    ),
    flag(
        "yellow",
        "has lacked a replica for five minutes",
        "Another loss costs data: look at _cluster/allocation/explain; a domain of one node wants indices without replicas.",
        "ClusterStatus.yellow",
        60,
        5,
    ),
    flag(
        "writes-blocked",
        "refuses writes",
        "It lacks storage or memory: delete indices, or give it more of either.",
        "ClusterIndexWritesBlocked",
        300,
        1,
    ),
    flag(
        "snapshot",
        "could not be backed up by its hourly snapshot",
        "A red cluster can't be backed up: bring it back first.",
        "AutomatedSnapshotFailure",
        60,
        1,
    ),
    flag(
        "key",
        "can't use its key",
        "Enable the key and give OpenSearch the right to it: without it the domain is lost after some days.",
        "KMSKeyError",
        60,
        1,
    ),
    load(
        "memory",
        "has been short of memory for three minutes",
        "Spread its shards over more nodes, or choose nodes with more memory.",
        "JVMMemoryPressure",
        ("Maximum", 95.0),
        (60, 3),
    ),
    load(
        "cpu",
        "has had busy processors for 45 minutes",
        "Choose larger nodes, or more of them.",
        "CPUUtilization",
        ("Average", 80.0),
        (900, 3),
    ),
];

/// On domains with dedicated masters.
const MASTERS: &[Line] = &[
    load(
        "master-memory",
        "has had masters short of memory for three minutes",
        "Choose larger masters, or fewer shards.",
        "MasterJVMMemoryPressure",
        ("Maximum", 95.0),
        (60, 3),
    ),
    load(
        "master-cpu",
        "has had masters with busy processors for 45 minutes",
        "Choose larger masters, or fewer shards.",
        "MasterCPUUtilization",
        ("Average", 50.0),
        (900, 3),
    ),
];

pub(super) fn add(store: &Store<'_>, spec: &Search, domain: &Handle, graph: &mut Graph) {
    let storage = Line {
        name: "storage",
        meaning: "has a node with less than a quarter of its storage free",
        advice: "Delete indices, or make the volumes larger: below a fifth shards move away, and then writes are refused.",
        metric: "FreeStorageSpace",
        statistic: "Minimum",
        comparison: "LessThanThreshold",
        // In MiB.
        threshold: f64::from(spec.storage.size_gb) * 1024.0 / 4.0,
        period: 60,
        periods: 1,
    };
    let masters = if spec.has_masters() { MASTERS } else { &[] };
    for line in ALWAYS.iter().chain([&storage]).chain(masters) {
        alarms::add(
            store,
            Watch {
                name: line.name,
                meaning: format!("{} {}", store.words(), line.meaning),
                advice: line.advice,
                namespace: "AWS/ES",
                metric: line.metric,
                statistic: line.statistic,
                dimensions: vec![
                    ("ClientId", store.frame.setting.account.clone()),
                    ("DomainName", domain.id()),
                ],
                comparison: line.comparison,
                threshold: line.threshold,
                period: line.period,
                periods: line.periods,
                missing: "notBreaching",
            },
            graph,
        );
    }
}
