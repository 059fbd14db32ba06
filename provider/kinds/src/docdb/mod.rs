//! Amazon DocumentDB: clusters that speak the protocol of MongoDB.
//!
//! DocumentDB shares its endpoint, its names and its ARNs with RDS: what is of DocumentDB is told by its engine, or by the family
//! of a parameter group. A subnet group and an event subscription belong to none of them and can't be told apart, so there is one
//! kind for each, `AWS::RDS::DBSubnetGroup` and `AWS::RDS::EventSubscription`, and none of DocumentDB's own.
//!
//! Names are the natural keys here. The lists are asked for without a name, so that one call shows all parts of a platform, and
//! each part is picked out by its name; the API fails a call that names something that is not there.

mod db_cluster;
mod db_cluster_parameter_group;
mod db_instance;
mod global_cluster;

pub use db_cluster::{DbCluster, ServerlessV2ScalingConfiguration};
pub use db_cluster_parameter_group::DbClusterParameterGroup;
pub use db_instance::DbInstance;
pub use global_cluster::GlobalCluster;

use platform_graph::{Attributes, Call, Claim, Identity, Properties, Seen, Tags};
use serde_json::{Value, json};

use crate::reply::attributes;
use crate::{census, reply};

/// The engine of everything in DocumentDB.
const ENGINE: &str = "docdb";

/// The call that lists everything of DocumentDB that has an engine.
fn list(action: &'static str) -> Call {
    Call::new("docdb", action).with("Filters", json!([{ "Name": "engine", "Values": [ENGINE] }]))
}

/// The call that lists the databases over Regions.
fn list_global() -> Call {
    Call::new("docdb", "DescribeGlobalClusters")
}

/// Name of a part: its id where that is known.
fn name<'a>(me: &'a Identity, asked: &'a str) -> &'a str {
    me.id.as_deref().unwrap_or(asked)
}

/// The item of this name in the first reply; names are stored in lower case.
fn named<'a>(replies: &'a [Value], list: &str, member: &str, name: &str) -> Option<&'a Value> {
    reply::items(replies.first()?, list).iter().find(|item| {
        item[member]
            .as_str()
            .is_some_and(|shown| !name.is_empty() && shown.eq_ignore_ascii_case(name))
    })
}

/// The list of tags that the API takes.
fn tag_list(tags: &Tags) -> Option<Value> {
    reply::tag_list(tags, "Key", "Value")
}

/// The call that lists tags; no description shows them.
fn list_tags(known: &Attributes) -> Call {
    Call::new("docdb", "ListTagsForResource").with("ResourceName", known.get("Arn"))
}

/// The tags among the replies that follow the first one.
fn tags(replies: &[Value]) -> Tags {
    let shown = replies
        .get(1..)
        .and_then(|details| reply::having(details, "TagList"));
    shown
        .map(|reply| reply::tags(reply::items(reply, "TagList"), "Key", "Value"))
        .unwrap_or_default()
}

/// The calls that set and remove tags.
fn retag(attributes: &Attributes, set: &Tags, remove: &[String]) -> Vec<Call> {
    retag_arn(attributes.get("Arn"), set, remove)
}

/// The same for what has its ARN under another name.
fn retag_arn(arn: Option<&Value>, set: &Tags, remove: &[String]) -> Vec<Call> {
    let call = |action| Call::new("docdb", action).with("ResourceName", arn);
    let set = tag_list(set).map(|tags| call("AddTagsToResource").with("Tags", tags));
    let remove =
        (!remove.is_empty()).then(|| call("RemoveTagsFromResource").with("TagKeys", remove));
    [set, remove].into_iter().flatten().collect()
}

/// What carries an owner's tag and has an ARN of this sort, `cluster` or `db`; RDS's own is among it.
fn counted(replies: &[Value], sort: &str) -> Vec<Claim> {
    census::in_service(replies, |service, resource| {
        let name = resource.strip_prefix(sort)?.strip_prefix(':')?;
        (service == "rds").then(|| name.to_owned())
    })
}

/// Adds to a call what is asked for of the properties that changed, and AWS's default for what is no longer asked for.
fn give(call: Call, changed: &[&str], asked: &Properties, defaults: &[(&str, Value)]) -> Call {
    let default = |name: &str| {
        let (_, value) = defaults.iter().find(|(known, _)| *known == name)?;
        Some(value)
    };
    changed.iter().fold(call, |call, name| {
        let value = asked.get(*name).filter(|value| !value.is_null());
        call.with(name, value.or_else(|| default(name)))
    })
}

/// Whether two windows, `Sun:05:00-Sun:06:00`, are the same: AWS writes the days in lower case.
fn same_window(live: &Value, desired: &Value) -> bool {
    match (live.as_str(), desired.as_str()) {
        (Some(live), Some(desired)) => live.eq_ignore_ascii_case(desired),
        _ => live == desired,
    }
}

/// What a state means for clusters and instances alike; `live` reads what is usable.
///
/// What is being changed, upgraded, restarted or backed up goes on serving; what is stopped waits for whoever stopped it. A
/// cluster whose key is switched off shows neither as failed: the key does, and is repaired.
///
/// See <https://docs.aws.amazon.com/documentdb/latest/developerguide/monitoring_docdb-cluster_status.html>.
fn in_state<P>(status: &str, id: String, live: impl FnOnce(String) -> Seen<P>) -> Seen<P> {
    let status = status.trim();
    match status {
        "deleting" => Seen::Deleting { id },
        "creating" | "preparing-data-migration" | "migrating" => Seen::Pending {
            id,
            why: status.to_owned(),
        },
        "failed" | "cloning-failed" | "migration-failed" | "restore-error" => failed(id, status),
        status if status.starts_with("incompatible-") => failed(id, status),
        _ => live(id),
    }
}

fn failed<P>(id: String, status: &str) -> Seen<P> {
    Seen::Failed {
        id,
        why: format!("its state is {status}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_is_told_apart() {
        for (status, expected) in [
            ("available", "Live"),
            ("backing-up", "Live"),
            ("configuring-log-exports", "Live"),
            ("failing-over", "Live"),
            ("inaccessible-encryption-credentials-recoverable", "Live"),
            ("maintenance", "Live"),
            ("modifying", "Live"),
            ("rebooting", "Live"),
            ("stopped", "Live"),
            ("upgrading", "Live"),
            ("creating", "Pending"),
            ("deleting", "Deleting"),
            ("failed", "Failed"),
            ("incompatible-parameters", "Failed"),
            ("restore-error", "Failed"),
        ] {
            let seen = in_state(status, "shop".to_owned(), |id| {
                Seen::Live(platform_graph::Live {
                    id,
                    properties: (),
                    attributes: Attributes::new(),
                })
            });
            let seen = format!("{seen:?}");
            assert!(seen.starts_with(expected), "{status}: {seen}");
        }
    }
}
