//! Subscriptions to the events of a database.
//!
//! <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.Messages.html>

use std::collections::BTreeSet;

use platform_graph::{Graph, Handle, Problems};
use platform_kinds::rds::EventSubscription;

use super::super::check::Checks;
use super::super::spec::{Events, Relational};
use super::{Engine, Plan};
use crate::schema::is_unknown_text;

/// What RDS tells of one sort of source.
struct Source {
    part: &'static str,
    /// RDS's word for the sort.
    sort: &'static str,
    categories: &'static [&'static str],
}

const INSTANCES: Source = Source {
    part: "instances",
    sort: "db-instance",
    categories: &[
        "availability",
        "backtrack",
        "backup",
        "configuration change",
        "creation",
        "deletion",
        "failover",
        "failure",
        "low storage",
        "maintenance",
        "notification",
        "read replica",
        "recovery",
        "restoration",
        "security",
        "security patching",
    ],
};

const CLUSTER: Source = Source {
    part: "cluster",
    sort: "db-cluster",
    categories: &[
        "configuration change",
        "creation",
        "deletion",
        "failover",
        "failure",
        "global-failover",
        "maintenance",
        "migration",
        "notification",
        "serverless",
    ],
};

const PROXY: Source = Source {
    part: "proxy",
    sort: "db-proxy",
    categories: &["configuration change", "creation", "deletion", "failure"],
};

/// What is told unless something else is asked for: what people are to know, and not what they did themselves.
const USUAL: [&str; 8] = [
    "availability",
    "failover",
    "failure",
    "low storage",
    "maintenance",
    "notification",
    "read replica",
    "recovery",
];

pub(super) fn check(
    engine: Engine,
    name: &str,
    spec: &Relational,
    checks: &Checks<'_>,
    problems: &mut Problems,
) {
    let Some(events) = &spec.events else { return };
    let path = [engine.sort(), name, "events"];
    match &events.topic_arn {
        None if checks.spec.alarms.is_none() => problems.error(
            path,
            "nobody is told",
            "Set `topic_arn`, or `alarms` on the data tier.",
        ),
        Some(topic)
            if !(is_unknown_text(topic)
                || topic.starts_with("arn:") && topic.contains(":sns:")) =>
        {
            problems.error(
                path.into_iter().chain(["topic_arn"]),
                format!("{topic:?} is not the ARN of an SNS topic"),
                "It looks like arn:aws:sns:eu-central-1:123456789012:on-call.",
            );
        }
        _ => {}
    }
    let known: BTreeSet<&str> = [INSTANCES, CLUSTER, PROXY]
        .iter()
        .flat_map(|source| source.categories)
        .copied()
        .collect();
    for category in events.categories.iter().flatten() {
        if !is_unknown_text(category) && !known.contains(category.as_str()) {
            let known: Vec<&str> = known.iter().copied().collect();
            problems.error(
                path.into_iter().chain(["categories"]),
                format!("there is no category {category:?}"),
                format!("There are {}.", known.join(", ")),
            );
        }
    }
}

impl Events {
    /// The categories of a source that are told.
    fn told(&self, source: &Source) -> Vec<String> {
        let is_wanted = |category: &str| match &self.categories {
            Some(chosen) => chosen.contains(category),
            None => USUAL.contains(&category),
        };
        let categories = source.categories.iter().copied();
        categories
            .filter(|category| is_wanted(category))
            .map(str::to_owned)
            .collect()
    }
}

impl Plan<'_> {
    /// Subscribes to what happens to the database: to `main`, to the instances beside it, and to the proxy.
    pub(super) fn events(&self, main: &Handle, instances: &[Handle], graph: &mut Graph) {
        let Some(events) = &self.spec.events else {
            return;
        };
        let alarms = self.store.frame.spec.alarms.as_ref();
        let topic = events
            .topic_arn
            .as_ref()
            .or(alarms.map(|alarms| &alarms.topic_arn));
        let Some(topic) = topic else { return };
        let is_cluster = self.spec.topology.is_cluster();
        let mut servers: Vec<String> = instances.iter().map(Handle::id).collect();
        if !is_cluster {
            servers.insert(0, main.id());
        }
        let cluster = is_cluster.then(|| main.id()).into_iter().collect();
        let proxy = self.spec.proxy.as_ref();
        let proxy = proxy.map(|_| Handle::to(self.store.part("proxy")).id());
        for (source, ids) in [
            (INSTANCES, servers),
            (CLUSTER, cluster),
            (PROXY, proxy.into_iter().collect::<Vec<_>>()),
        ] {
            let told = events.told(&source);
            if ids.is_empty() || told.is_empty() {
                continue;
            }
            graph.add(
                self.store.part(&format!("events/{}", source.part)),
                format!("tells what happens to {} ({})", self.words(), source.sort),
                EventSubscription {
                    subscription_name: format!("{}-{}", self.identifier(), source.part),
                    enabled: Some(true),
                    event_categories: Some(told),
                    sns_topic_arn: topic.clone(),
                    source_ids: Some(ids),
                    source_type: Some(source.sort.to_owned()),
                    ..EventSubscription::default()
                },
            );
        }
    }
}
