//! Replicas of tables in other regions.
//!
//! # Guarantees
//! - A replica is a part of its own: adding one changes nothing of the table, and taking one away is refused unless it is named.
//! - Replicas are made one after the other, in the order of their regions, once what they copy is as it is to be: DynamoDB takes one
//!   change of a table at a time.
//!
//! # Caveats
//! - Strong consistency over regions is left out: AWS makes such a table of an empty one, with all its replicas (three regions, or two
//!   and a witness) at once.
//! - Where capacity is provisioned, a replica starts with the units of its table, and DynamoDB scales writing there as it does here.
//!   Capacity to read there is not scaled by the tier.
//!
//! See <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GlobalTables.html>.

use std::collections::BTreeMap;

use platform_graph::{Action, Graph, Handle, Plan, Problems};
use platform_kinds::dynamodb::TableReplica as Replica;

use super::super::frame::{Frame, Store};
use super::super::spec::{CapacityMode, DataTier, StreamView, Table, TableReplica};
use super::super::{alarms, keys};
use super::check::judge_policy;
use super::{SORT, class, insights, policy, recovery};
use crate::schema::is_unknown_text;

pub(super) fn check(name: &str, table: &Table, spec: &DataTier, problems: &mut Problems) {
    let at = |more: &[&str]| -> Vec<String> {
        ["tables", name]
            .iter()
            .chain(more)
            .map(|step| (*step).to_owned())
            .collect()
    };
    if !table.replicas.is_empty() && table.stream != Some(StreamView::NewAndOldImages) {
        problems.error(
            at(&["stream"]),
            "DynamoDB replicates by a stream of both images",
            "Set `stream = \"new_and_old_images\"`, and keep it as long as there are replicas.",
        );
    }
    for (region, replica) in &table.replicas {
        if is_unknown_text(region) {
            continue;
        }
        // Without a region of its own the tier is where the provider block says, which is not known yet.
        if let Some(own) = spec.region.as_ref().filter(|own| !is_unknown_text(own)) {
            place(name, region, own, spec, problems);
        }
        if replica.max_read_units.is_some() && table.capacity.mode == CapacityMode::Provisioned {
            problems.error(
                at(&["replicas", region, "max_read_units"]),
                "a limit of units is only for on-demand capacity",
                "Leave it out: the capacity of the table is provisioned.",
            );
        }
        if let Some(text) = &replica.resource_policy {
            judge_policy(text, at(&["replicas", region, "resource_policy"]), problems);
        }
    }
}

/// Judges where a replica is, and says whether it can be there.
fn place(name: &str, region: &str, own: &str, spec: &DataTier, problems: &mut Problems) -> bool {
    let path = ["tables", name, "replicas", region];
    if region == own {
        problems.error(
            path,
            format!("{region} is where the table is itself"),
            "Name other regions only.",
        );
        return false;
    }
    let has_key = spec.encryption.replica_regions.contains(region);
    if !has_key {
        problems.error(
            path,
            format!("the key that encrypts the table has no replica in {region}"),
            format!(
                "Set `multi_region = true` in `encryption`, which can't be changed once the tier is there, and name {region:?} in its \
                 `replica_regions`."
            ),
        );
    }
    has_key
}

fn address(region: &str) -> String {
    format!("replica/{region}")
}

pub(super) fn add(
    store: &Store<'_>,
    spec: &Table,
    table: &Handle,
    scaling: &[Handle],
    graph: &mut Graph,
    problems: &mut Problems,
) {
    let mut first: Vec<Handle> = scaling.to_vec();
    for (region, replica) in &spec.replicas {
        let own = &store.frame.setting.owner.region;
        if !place(store.name, region, own, store.frame.spec, problems) {
            continue;
        }
        let part = graph.add(
            store.part(&address(region)),
            format!("keeps the same items in {region}, where they are read and written, too"),
            part(store, region, spec, replica, table),
        );
        for before in &first {
            graph.after(&part, before);
        }
        first.push(part);
        watch(store, region, table, graph);
    }
}

fn part(
    store: &Store<'_>,
    region: &str,
    spec: &Table,
    replica: &TableReplica,
    table: &Handle,
) -> Replica {
    let protected = replica
        .deletion_protection
        .or(spec.deletion_protection)
        .unwrap_or(store.frame.spec.deletion_protection);
    Replica {
        table_name: table.id(),
        region: region.to_owned(),
        kms_master_key_id: Some(keys::replica_of(store, region)),
        table_class: Some(class(replica.class.unwrap_or(spec.class))),
        max_read_request_units: replica.max_read_units.map(u64::from),
        point_in_time_recovery_specification: Some(recovery(
            replica
                .point_in_time_recovery
                .unwrap_or(spec.point_in_time_recovery),
        )),
        contributor_insights_specification: Some(insights(
            replica
                .contributor_insights
                .unwrap_or(spec.contributor_insights),
        )),
        deletion_protection_enabled: Some(protected),
        resource_policy: replica.resource_policy.as_deref().map(policy),
        tags: replica.tags.clone(),
    }
}

/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/globaltables-monitoring.html>
fn watch(store: &Store<'_>, region: &str, table: &Handle, graph: &mut Graph) {
    let words = store.words();
    alarms::add(
        store,
        alarms::Watch {
            name: &format!("{}/lag", address(region)),
            meaning: format!(
                "changes of {words} have taken more than a minute to {region} for 15 minutes"
            ),
            advice: "Let nobody move there until it is over; see whether the replica is throttled.",
            namespace: "AWS/DynamoDB",
            metric: "ReplicationLatency",
            statistic: "Average",
            dimensions: vec![
                ("TableName", table.id()),
                ("ReceivingRegion", region.to_owned()),
            ],
            comparison: "GreaterThanThreshold",
            // Milliseconds.
            threshold: 60_000.0,
            period: 300,
            periods: 3,
            missing: "notBreaching",
        },
        graph,
    );
}

pub(super) fn arns(frame: &Frame<'_>, name: &str, spec: &Table) -> BTreeMap<String, String> {
    let store = frame.store(SORT, name);
    let regions = spec.replicas.keys();
    regions
        .map(|region| {
            let replica = Handle::to(store.part(&address(region)));
            (region.clone(), replica.attribute("Arn"))
        })
        .collect()
}

/// Finds what DynamoDB refuses while replicas go: they go last in a run, and keep the stream until then. Finds what it has no way to
/// do, too: taking off a limit that a replica has.
pub(in crate::data_tier) fn weigh(spec: &DataTier, plan: &Plan, problems: &mut Problems) {
    for (name, table) in &spec.tables {
        limits(name, table, plan, problems);
        let store = format!("{SORT}/{name}");
        let ends = plan.steps.get(&store).is_some_and(|step| {
            matches!(&step.action, Action::Update { changed } if changed.iter().any(|name| name == "StreamSpecification"))
        });
        let prefix = format!("{store}/replica/");
        let leaving: Vec<&str> = plan
            .steps
            .iter()
            .filter(|(_, step)| step.action == Action::Delete)
            .filter_map(|(address, _)| address.strip_prefix(&prefix))
            // What watches a replica is deeper down.
            .filter(|region| !region.contains('/'))
            .collect();
        if ends && !leaving.is_empty() && table.stream != Some(StreamView::NewAndOldImages) {
            problems.error(
                ["tables", name, "stream"],
                "replicas need the stream until they are gone",
                format!(
                    "Keep `stream = \"new_and_old_images\"` in the run that deletes the replica in {}, and change it in the next one.",
                    leaving.join(", ")
                ),
            );
        }
    }
}

/// AWS documents the `-1` that lifts a limit for tables and indexes only: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_OnDemandThroughputOverride.html>.
fn limits(name: &str, table: &Table, plan: &Plan, problems: &mut Problems) {
    // Provisioned capacity has other limits.
    if table.capacity.mode == CapacityMode::Provisioned {
        return;
    }
    for (region, replica) in &table.replicas {
        let step = plan
            .steps
            .get(&format!("{SORT}/{name}/{}", address(region)));
        let lifts = step.is_some_and(|step| {
            matches!(&step.action, Action::Update { changed } if changed.iter().any(|name| name == "MaxReadRequestUnits"))
        });
        if lifts && replica.max_read_units.is_none() {
            problems.error(
                ["tables", name, "replicas", region, "max_read_units"],
                format!("AWS does not take the limit of reading off the replica in {region} again"),
                "Keep it, and raise it as far as you like. Without any, there is only a new replica: take this one out, named in \
                 `allow_delete`, and add it again in the next run.",
            );
        }
    }
}
