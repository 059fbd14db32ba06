//! Alarms on tables.

use platform_graph::{Graph, Handle};

use super::super::alarms;
use super::super::frame::Store;
use super::super::spec::{CapacityMode, Table};
use super::Direction;

/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html>
pub(super) fn watch(store: &Store<'_>, spec: &Table, table: &Handle, graph: &mut Graph) {
    let words = store.words();
    let provisioned = spec.capacity.mode == CapacityMode::Provisioned;
    for direction in Direction::BOTH {
        let (word, title) = (direction.word(), direction.title());
        let throttles = format!("{title}ThrottleEvents");
        let indexes = spec.global_indexes.keys().map(Some);
        for index in std::iter::once(None).chain(indexes) {
            let mut dimensions = vec![("TableName", table.id())];
            let (name, what) = match index {
                None => (format!("{word}-throttles"), words.clone()),
                Some(index) => {
                    dimensions.push(("GlobalSecondaryIndexName", index.clone()));
                    (
                        format!("index/{index}/{word}-throttles"),
                        format!("index {index} of {words}"),
                    )
                }
            };
            alarms::add(
                store,
                alarms::Watch {
                    name: &name,
                    meaning: format!("{what} has refused to {word} for 5 minutes"),
                    advice: "Look for a key that is used more than others, then raise the capacity or its limit.",
                    namespace: "AWS/DynamoDB",
                    metric: &throttles,
                    statistic: "Sum",
                    dimensions,
                    comparison: "GreaterThanThreshold",
                    threshold: 0.0,
                    period: 60,
                    periods: 5,
                    missing: "notBreaching",
                },
                graph,
            );
        }
        let limit = match direction {
            Direction::Read => spec.capacity.max_read_units,
            Direction::Write => spec.capacity.max_write_units,
        };
        let scaled = direction.range(spec.capacity.read, spec.capacity.write);
        let most = if provisioned {
            scaled.map(|range| range.max)
        } else {
            limit
        };
        if let Some(most) = most {
            let metric = format!("Consumed{title}CapacityUnits");
            alarms::add(
                store,
                alarms::Watch {
                    name: &format!("{word}-limit"),
                    meaning: format!(
                        "{words} has used nine tenths of the {most} units to {word} that it may have for 15 minutes"
                    ),
                    advice: "Raise the limit before it refuses.",
                    namespace: "AWS/DynamoDB",
                    metric: &metric,
                    statistic: "Sum",
                    dimensions: vec![("TableName", table.id())],
                    comparison: "GreaterThanThreshold",
                    // The metric counts the units of all seconds of the period.
                    threshold: f64::from(most) * 0.9 * 300.0,
                    period: 300,
                    periods: 3,
                    missing: "notBreaching",
                },
                graph,
            );
        }
    }
}
