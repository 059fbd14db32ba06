//! Alarms on a bucket whose requests are measured.

use platform_graph::{Graph, Handle};

use super::super::alarms;
use super::super::frame::Store;
use super::METRICS;

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html>
pub(super) fn add(store: &Store<'_>, bucket: &Handle, graph: &mut Graph) {
    for (name, metric, threshold, what, advice) in [
        (
            "refused-requests",
            "4xxErrors",
            0.05,
            "more than 5% of the requests to",
            "Someone asks for what is not there or not theirs: look at the access logs.",
        ),
        (
            "failed-requests",
            "5xxErrors",
            0.01,
            "more than 1% of the requests to",
            "S3 fails or wants fewer requests: spread keys over more prefixes and retry with back-off.",
        ),
    ] {
        let verb = if metric == "4xxErrors" {
            "refused"
        } else {
            "failed"
        };
        alarms::add(
            store,
            alarms::Watch {
                name,
                meaning: format!("{what} {} have been {verb} for 15 minutes", store.words()),
                advice,
                namespace: "AWS/S3",
                metric,
                statistic: "Average",
                dimensions: vec![
                    ("BucketName", bucket.id()),
                    ("FilterId", METRICS.to_owned()),
                ],
                comparison: "GreaterThanThreshold",
                threshold,
                period: 300,
                periods: 3,
                missing: "notBreaching",
            },
            graph,
        );
    }
}
