//! Alarms on caches: on every node, or on a serverless cache as a whole.
//!
//! See <https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.WhichShouldIMonitor.html> and
//! <https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/serverless-metrics-events-redis.html>.

use platform_graph::{Graph, Handle};

use crate::data_tier::alarms::{self, Watch};
use crate::data_tier::frame::Store;
use crate::data_tier::spec::{Cache, CacheMode};

/// A metric with what its alarm says.
struct Metric {
    name: &'static str,
    metric: &'static str,
    statistic: &'static str,
    threshold: f64,
    periods: u32,
    /// What happens at that node, after the words for it.
    what: &'static str,
    advice: &'static str,
}

const OF_NODE: [Metric; 5] = [
    Metric {
        name: "cpu",
        metric: "EngineCPUUtilization",
        statistic: "Average",
        threshold: 80.0,
        periods: 3,
        what: "has had its core busy for 15 minutes",
        advice: "Look for expensive commands in the slow log; add shards for writes or replicas for reads.",
    },
    Metric {
        name: "memory",
        metric: "DatabaseMemoryUsagePercentage",
        statistic: "Maximum",
        threshold: 85.0,
        periods: 3,
        what: "has had its memory almost full for 15 minutes",
        advice: "Let keys expire sooner, add shards or take larger nodes.",
    },
    Metric {
        name: "evictions",
        metric: "Evictions",
        statistic: "Sum",
        threshold: 1000.0,
        periods: 3,
        what: "has thrown out keys for 15 minutes to make room",
        advice: "Where the cache holds more than copies, that is data: add shards or take larger nodes.",
    },
    Metric {
        name: "connections",
        metric: "CurrConnections",
        statistic: "Maximum",
        threshold: 50_000.0,
        periods: 1,
        what: "has more than 50,000 of its 65,000 connections in use",
        advice: "Look for clients that connect for every request; let them pool.",
    },
    Metric {
        name: "replication-lag",
        metric: "ReplicationLag",
        statistic: "Maximum",
        threshold: 10.0,
        periods: 3,
        what: "has been more than 10 seconds behind its primary for 15 minutes",
        advice: "What the primary has not passed on is lost when it fails: look at its load and network.",
    },
];

pub(super) fn add(store: &Store<'_>, spec: &Cache, graph: &mut Graph) {
    match spec.mode {
        CacheMode::Serverless => serverless(store, spec, graph),
        _ => nodes(store, spec, graph),
    }
}

/// A node that the configuration names.
struct Node {
    /// Shard and member, by which its alarms are called in every mode.
    place: String,
    /// What ElastiCache adds to the name of the cache to name it.
    suffix: String,
}

/// ElastiCache numbers shards and their members; a cache of one shard has members alone.
fn named(spec: &Cache) -> Vec<Node> {
    let shards = match spec.mode {
        CacheMode::Single => 1,
        _ => spec.shards,
    };
    (1..=shards)
        .flat_map(|shard| (1..=spec.replicas_per_shard + 1).map(move |nth| (shard, nth)))
        .map(|(shard, nth)| {
            let place = format!("{shard:04}-{nth:03}");
            let suffix = match spec.mode {
                CacheMode::Single => format!("{nth:03}"),
                _ => place.clone(),
            };
            Node { place, suffix }
        })
        .collect()
}

fn nodes(store: &Store<'_>, spec: &Cache, graph: &mut Graph) {
    let cache = Handle::to(store.address());
    let metrics = OF_NODE
        .iter()
        .filter(|metric| metric.name != "replication-lag" || spec.replicas_per_shard > 0);
    for metric in metrics {
        for Node { place, suffix } in named(spec) {
            let dimensions = vec![("CacheClusterId", format!("{}-{suffix}", cache.id()))];
            put(
                store,
                metric,
                &format!("{place}/{}", metric.name),
                &format!("node {suffix} of {}", store.words()),
                dimensions,
                graph,
            );
        }
    }
}

fn serverless(store: &Store<'_>, spec: &Cache, graph: &mut Graph) {
    let cache = Handle::to(store.address());
    let throttled = Metric {
        name: "throttled",
        metric: "ThrottledCmds",
        statistic: "Sum",
        threshold: 0.0,
        periods: 3,
        what: "has turned commands away for 15 minutes",
        advice: "It does more than its limit, or grows faster than it can: raise `max_ecpu_per_second`, or set `min_ecpu_per_second`.",
    };
    let mut metrics = vec![throttled];
    if let Some(most) = spec
        .limits
        .as_ref()
        .and_then(|limits| limits.max_storage_gb)
    {
        metrics.push(Metric {
            name: "storage",
            metric: "BytesUsedForCache",
            statistic: "Maximum",
            threshold: f64::from(most) * 0.85e9,
            periods: 3,
            what: "has been at 85 percent of its storage limit for 15 minutes",
            advice: "Beyond it keys are thrown out: raise `max_storage_gb`, or let keys expire sooner.",
        });
    }
    for metric in &metrics {
        let dimensions = vec![("clusterId", cache.id())];
        put(
            store,
            metric,
            metric.name,
            &store.words(),
            dimensions,
            graph,
        );
    }
}

fn put(
    store: &Store<'_>,
    metric: &Metric,
    name: &str,
    words: &str,
    dimensions: Vec<(&str, String)>,
    graph: &mut Graph,
) {
    alarms::add(
        store,
        Watch {
            name,
            meaning: format!("{words} {}", metric.what),
            advice: metric.advice,
            namespace: "AWS/ElastiCache",
            metric: metric.metric,
            statistic: metric.statistic,
            dimensions,
            comparison: "GreaterThanThreshold",
            threshold: metric.threshold,
            period: 300,
            periods: metric.periods,
            missing: "notBreaching",
        },
        graph,
    );
}
