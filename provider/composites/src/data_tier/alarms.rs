//! Alarms on stores.

use platform_graph::Graph;
use platform_kinds::cloudwatch::{Alarm, Dimension};

use super::frame::Store;

/// What an alarm watches and when it fires; the rest is the same for all.
pub(super) struct Watch<'a> {
    /// What it is called, `cpu`.
    pub name: &'a str,
    /// What it means when it fires, as a clause: `the processor of orders has been busy for 15 minutes`.
    pub meaning: String,
    /// What the person who is woken is to do.
    pub advice: &'a str,
    pub namespace: &'a str,
    pub metric: &'a str,
    pub statistic: &'a str,
    /// The metric's dimensions; values may refer to parts.
    pub dimensions: Vec<(&'a str, String)>,
    /// `GreaterThanThreshold`, `LessThanThreshold` and so on.
    pub comparison: &'a str,
    pub threshold: f64,
    /// Length of a period in seconds.
    pub period: u32,
    /// How many periods in a row.
    pub periods: u32,
    /// What no data means: `missing`, `breaching`, `notBreaching` or `ignore`.
    pub missing: &'a str,
}

/// Adds an alarm to a store, where the tier has alarms.
pub(super) fn add(store: &Store<'_>, watch: Watch<'_>, graph: &mut Graph) {
    let Some(alarms) = &store.frame.spec.alarms else {
        return;
    };
    let topic = vec![alarms.topic_arn.clone()];
    let dimensions = watch
        .dimensions
        .into_iter()
        .map(|(name, value)| Dimension {
            name: name.to_owned(),
            value,
        })
        .collect();
    graph.add(
        store.part(&format!("alarm/{}", watch.name)),
        format!("tells when {}", watch.meaning),
        Alarm {
            alarm_name: format!(
                "{}/{}/{}",
                store.frame.spec.name,
                store.address(),
                watch.name
            ),
            alarm_description: Some(format!(
                "Data tier {}: {}. {}",
                store.frame.spec.name, watch.meaning, watch.advice
            )),
            // Asked for, so that an alarm that somebody silenced shows in a plan.
            actions_enabled: Some(true),
            alarm_actions: Some(topic.clone()),
            ok_actions: Some(topic),
            comparison_operator: Some(watch.comparison.to_owned()),
            dimensions: Some(dimensions),
            evaluation_periods: Some(watch.periods),
            metric_name: Some(watch.metric.to_owned()),
            namespace: Some(watch.namespace.to_owned()),
            period: Some(watch.period),
            statistic: Some(watch.statistic.to_owned()),
            threshold: Some(watch.threshold),
            treat_missing_data: Some(watch.missing.to_owned()),
            ..Alarm::default()
        },
    );
}
