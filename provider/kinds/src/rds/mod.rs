//! Amazon RDS and Amazon Aurora: PostgreSQL and MySQL.
//!
//! Names are the natural keys here. The lists are asked for without a name, so that one call shows all parts of a platform, and
//! each part is picked out by its name; RDS fails a call that names something that is not there.

pub mod blue_green;
mod by_arn;
mod db_cluster;
mod db_cluster_endpoint;
mod db_cluster_parameter_group;
mod db_instance;
mod db_parameter_group;
mod db_proxy;
mod db_proxy_endpoint;
mod db_proxy_target_group;
mod db_subnet_group;
mod event_subscription;
mod global_cluster;
mod option_group;
pub(crate) mod own_password;
mod parameters;
mod scaled_readers;
pub mod version;

pub use db_cluster::{DbCluster, ServerlessV2ScalingConfiguration};
pub use db_cluster_endpoint::DbClusterEndpoint;
pub use db_cluster_parameter_group::DbClusterParameterGroup;
pub use db_instance::DbInstance;
pub use db_parameter_group::DbParameterGroup;
pub use db_proxy::{DbProxy, ProxyAuth};
pub use db_proxy_endpoint::DbProxyEndpoint;
pub use db_proxy_target_group::{ConnectionPool, DbProxyTargetGroup};
pub use db_subnet_group::DbSubnetGroup;
pub use event_subscription::EventSubscription;
pub use global_cluster::GlobalCluster;
pub use option_group::{OptionConfiguration, OptionGroup, OptionSetting};

use std::iter;

use platform_graph::{Attributes, Call, Claim, Properties, Tags};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{census, reply};

/// The secret with the password of the master user, which RDS makes and rotates.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct MasterUserSecret {
    /// ARN of the KMS key that encrypts the secret.
    pub kms_key_id: String,
}

/// Properties that say who has the password of the master user: a change of them is another secret.
const PASSWORD: &[&str] = &[
    "ManageMasterUserPassword",
    "MasterUserPasswordSecret",
    "MasterUserSecret",
];

/// Name of a part: its id where that is known.
fn name<'a>(me: &'a platform_graph::Identity, asked: &'a str) -> &'a str {
    me.id.as_deref().unwrap_or(asked)
}

/// The item of this name in a list; names of RDS are stored in lower case.
fn named<'a>(replies: &'a [Value], list: &str, member: &str, name: &str) -> Option<&'a Value> {
    reply::items(replies.first()?, list)
        .iter()
        .find(|item| {
            item[member]
                .as_str()
                .is_some_and(|shown| !name.is_empty() && shown.eq_ignore_ascii_case(name))
        })
        .filter(|item| !is_of_another_service(item))
}

/// Whether it belongs to DocumentDB or Neptune, which share endpoint, names and ARNs with RDS.
fn is_of_another_service(item: &Value) -> bool {
    ["Engine", "DBParameterGroupFamily"].iter().any(|member| {
        item[member]
            .as_str()
            .is_some_and(|engine| engine.starts_with("docdb") || engine.starts_with("neptune"))
    })
}

fn tag_list(tags: &Tags) -> Option<Value> {
    reply::tag_list(tags, "Key", "Value")
}

/// The tags in a reply or in an item of one, where `DescribeDBInstances` and `ListTagsForResource` alike call them `TagList`.
fn tags(item: &Value) -> Tags {
    reply::tags(reply::items(item, "TagList"), "Key", "Value")
}

/// The call that shows the tags of what does not show them itself.
fn list_tags(arn: &str, known: &Attributes) -> Vec<Call> {
    vec![Call::new("rds", "ListTagsForResource").with("ResourceName", known.get(arn))]
}

/// The calls that set and remove the tags of what has its ARN in this attribute.
fn retag(attributes: &Attributes, arn: &str, set: &Tags, remove: &[String]) -> Vec<Call> {
    let call = |action| Call::new("rds", action).with("ResourceName", attributes.get(arn));
    let set = tag_list(set).map(|tags| call("AddTagsToResource").with("Tags", tags));
    let remove =
        (!remove.is_empty()).then(|| call("RemoveTagsFromResource").with("TagKeys", remove));
    [set, remove].into_iter().flatten().collect()
}

/// The call, with a password of ours out of this secret if there is one, and those that tell which version of it the database has, after
/// the one that it had, on what has its ARN in this attribute.
fn give_password(
    call: Call,
    secret: Option<&String>,
    (had, has): (Option<&String>, Option<&String>),
    (attributes, arn): (&Attributes, &str),
) -> impl Iterator<Item = Call> {
    let (set, remove) = own_password::change(had, has);
    let told = retag(attributes, arn, &set, &remove);
    iter::once(own_password::into(call, secret)).chain(told)
}

/// What carries an owner's tag and has an ARN of this sort, `subgrp` or `db`: its name is the rest.
fn counted(replies: &[Value], sort: &str) -> Vec<Claim> {
    census::in_service(replies, |service, resource| {
        let name = resource.strip_prefix(sort)?.strip_prefix(':')?;
        (service == "rds").then(|| name.to_owned())
    })
}

/// Attributes that have a value.
fn attributes<const N: usize>(pairs: [(&str, Value); N]) -> Attributes {
    pairs
        .into_iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// A number as text, as `Endpoint.Port` is in CloudFormation.
fn digits(value: &Value) -> Value {
    value
        .as_u64()
        .map_or(Value::Null, |number| json!(number.to_string()))
}

/// Adds to a call those members of `input` that are in `members`.
fn give(call: Call, input: &Properties, members: &[&str]) -> Call {
    members
        .iter()
        .fold(call, |call, member| call.with(member, input.get(*member)))
}

/// The log types that are exported once what is under way is done.
fn exported_logs(item: &Value) -> Vec<String> {
    let mut logs = reply::texts(item, "EnabledCloudwatchLogsExports");
    let pending = &item["PendingModifiedValues"]["PendingCloudwatchLogsExports"];
    let off = reply::texts(pending, "LogTypesToDisable");
    logs.retain(|log| !off.contains(log));
    for log in reply::texts(pending, "LogTypesToEnable") {
        if !logs.contains(&log) {
            logs.push(log);
        }
    }
    logs.sort();
    logs
}

/// The change of the exported logs that leads from one list to another.
fn log_change(live: Option<&Vec<String>>, desired: Option<&Vec<String>>) -> Value {
    let (live, desired) = (
        live.cloned().unwrap_or_default(),
        desired.cloned().unwrap_or_default(),
    );
    let beyond = |these: &[String], those: &[String]| -> Vec<String> {
        these
            .iter()
            .filter(|log| !those.contains(log))
            .cloned()
            .collect()
    };
    json!({ "EnableLogTypes": beyond(&desired, &live), "DisableLogTypes": beyond(&live, &desired) })
}

/// The ids of the security groups that stay.
fn security_groups(item: &Value) -> Vec<String> {
    reply::items(item, "VpcSecurityGroups")
        .iter()
        .filter(|group| group["Status"] != "removing")
        .filter_map(|group| reply::text(group, "VpcSecurityGroupId"))
        .collect()
}

/// The final snapshot of an instance or cluster: named after it and after its one life, so that the next one of the name does not
/// find the name of its last snapshot taken.
fn final_snapshot(id: &str, attributes: &Attributes, resource_id: &str) -> String {
    let life: String = attributes
        .get(resource_id)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_ascii_lowercase()
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    match life.len().checked_sub(8).and_then(|from| life.get(from..)) {
        Some(end) => format!("{id}-final-{end}"),
        None => format!("{id}-final"),
    }
}

/// What the states of RDS mean for instances and clusters alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Condition {
    Usable,
    Busy,
    Deleting,
    Failed,
}

/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html> and
/// <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/accessing-monitoring.html>
fn condition(status: &str) -> Condition {
    match status {
        // It serves while it is backed up and while its storage is being moved; one that is stopped waits for who stopped it.
        "available"
        | "backing-up"
        | "backtracking"
        | "storage-config-upgrade"
        | "storage-full"
        | "storage-initialization"
        | "storage-optimization"
        | "stopped" => Condition::Usable,
        "delete-precheck" | "deleting" => Condition::Deleting,
        "failed"
        | "cloning-failed"
        | "migration-failed"
        | "inaccessible-encryption-credentials"
        | "restore-error" => Condition::Failed,
        status if status.starts_with("incompatible-") => Condition::Failed,
        // Among them inaccessible-encryption-credentials-recoverable, insufficient-capacity and whatever word comes later.
        _ => Condition::Busy,
    }
}

/// Whether two windows, `Sun:05:00-Sun:06:00`, are the same: RDS writes the days in lower case.
fn same_window(live: &Value, desired: &Value) -> bool {
    match (live.as_str(), desired.as_str()) {
        (Some(live), Some(desired)) => live.eq_ignore_ascii_case(desired),
        _ => live == desired,
    }
}

/// Whether there is at least as much as asked for: storage grows on its own under storage autoscaling and never shrinks. Numbers
/// may be written as texts.
fn at_least(live: &Value, desired: &Value) -> bool {
    let number = |value: &Value| match value {
        Value::String(text) => text.parse::<u64>().ok(),
        value => value.as_u64(),
    };
    match (number(live), number(desired)) {
        (Some(live), Some(desired)) => live >= desired,
        _ => live == desired,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_final_snapshot_belongs_to_one_life() {
        let of = |resource: &str| {
            final_snapshot(
                "shop-orders",
                &attributes([("DbiResourceId", json!(resource))]),
                "DbiResourceId",
            )
        };
        assert_eq!(
            of("db-ABCDEFGHIJKLMNOPQRSTUVWX"),
            "shop-orders-final-qrstuvwx"
        );
        assert_ne!(
            of("db-ABCDEFGHIJKLMNOPQRSTUVWX"),
            of("db-ABCDEFGHIJKLMNOPQRSTUVWY")
        );
        assert_eq!(of("db"), "shop-orders-final");
    }

    #[test]
    fn what_belongs_to_another_service_is_not_there() {
        for (member, engine, expected) in [
            ("Engine", "postgres", true),
            ("Engine", "docdb", false),
            ("Engine", "neptune", false),
            ("DBParameterGroupFamily", "aurora-postgresql17", true),
            ("DBParameterGroupFamily", "docdb5.0", false),
        ] {
            let reply = json!({ "Things": [{ "Name": "shop", member: engine }] });
            let found = named(&[reply], "Things", "Name", "shop").is_some();
            assert_eq!(found, expected, "{engine}");
        }
    }

    #[test]
    fn storage_that_grew_is_as_asked() {
        assert!(at_least(&json!("200"), &json!("100")));
        assert!(at_least(&json!(100), &json!("100")));
        assert!(!at_least(&json!("100"), &json!("200")));
        assert!(!at_least(&json!("x"), &json!("100")));
    }

    #[test]
    fn logs_that_are_being_switched_count_as_switched() {
        let item = json!({
            "EnabledCloudwatchLogsExports": ["error", "audit"],
            "PendingModifiedValues": { "PendingCloudwatchLogsExports": { "LogTypesToEnable": ["slowquery"], "LogTypesToDisable": ["audit"] } },
        });
        assert_eq!(exported_logs(&item), ["error", "slowquery"]);
        let change = log_change(
            Some(&vec!["a".into(), "b".into()]),
            Some(&vec!["b".into(), "c".into()]),
        );
        assert_eq!(
            change,
            json!({ "EnableLogTypes": ["c"], "DisableLogTypes": ["a"] })
        );
    }

    #[test]
    fn every_word_has_a_meaning() {
        for (status, expected) in [
            ("available", Condition::Usable),
            ("storage-optimization", Condition::Usable),
            ("creating", Condition::Busy),
            ("modifying", Condition::Busy),
            ("upgrading", Condition::Busy),
            ("a-word-of-the-future", Condition::Busy),
            ("deleting", Condition::Deleting),
            ("incompatible-parameters", Condition::Failed),
            ("inaccessible-encryption-credentials", Condition::Failed),
            (
                "inaccessible-encryption-credentials-recoverable",
                Condition::Busy,
            ),
        ] {
            assert_eq!(condition(status), expected, "{status}");
        }
    }
}
