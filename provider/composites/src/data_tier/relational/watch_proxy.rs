//! Alarms on the proxy of a database.
//!
//! <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy.monitoring.html>

use platform_graph::{Graph, Handle};

use super::super::alarms::{self, Watch};
use super::super::frame::Store;
use super::super::spec::Relational;

pub(super) fn add(store: &Store<'_>, spec: &Relational, graph: &mut Graph) {
    if spec.proxy.is_none() {
        return;
    }
    let words = store.words();
    let proxy = || ("ProxyName", Handle::to(store.part("proxy")).id());
    let watch = |name, metric, statistic, meaning, advice, threshold| Watch {
        name,
        meaning,
        advice,
        namespace: "AWS/RDS",
        metric,
        statistic,
        dimensions: vec![proxy()],
        comparison: "GreaterThanThreshold",
        threshold,
        period: 300,
        periods: 3,
        // A proxy shows nothing while nobody connects.
        missing: "notBreaching",
    };
    for watch in [
        // The metric is in microseconds.
        watch(
            "proxy/latency",
            "DatabaseConnectionsBorrowLatency",
            "Average",
            format!(
                "clients of the proxy of {words} have waited more than 100 ms for a connection for 15 minutes"
            ),
            "All connections are in use: raise proxy.max_connections_percent or max_connections, or look for sessions that are pinned.",
            100_000.0,
        ),
        watch(
            "proxy/failures",
            "DatabaseConnectionsSetupFailed",
            "Sum",
            format!("the proxy of {words} has failed to connect to it for 15 minutes"),
            "Look at the health of its targets: the secret of a user may be wrong, or the database is at its most connections.",
            0.0,
        ),
        watch(
            "proxy/log-ins",
            "ClientConnectionsSetupFailedAuth",
            "Sum",
            format!(
                "more than 10 clients in 5 minutes could not log in at the proxy of {words}, for 15 minutes"
            ),
            "Look for clients without TLS, with an old password, or whose user has no secret in proxy.users.",
            10.0,
        ),
    ] {
        alarms::add(store, watch, graph);
    }
}
