//! Amazon ElastiCache: caches of Valkey and Redis OSS, on nodes of their own or serverless, and who may use them.
//!
//! Names are identities and every list is asked for whole, so that a refresh asks once per type, however many caches there are.
//! Tags come by ARN, one call for each part.

mod global_replication_group;
mod parameter_group;
mod replication_group;
mod serverless_cache;
mod subnet_group;
mod user;
mod user_group;
mod version;

pub use global_replication_group::{GlobalReplicationGroup, GlobalReplicationGroupMember};
pub use parameter_group::ParameterGroup;
pub use replication_group::{
    CloudWatchLogs, DestinationDetails, LogDeliveryConfiguration, ReplicationGroup,
};
pub use serverless_cache::{CacheUsageLimits, DataStorage, EcpuPerSecond, ServerlessCache};
pub use subnet_group::SubnetGroup;
pub use user::{AuthenticationMode, User};
pub use user_group::UserGroup;

use platform_graph::{Attributes, Call, Claim, Seen, Tags};
use serde_json::{Value, json};

use crate::reply::attributes;
use crate::{census, reply};

fn call(action: &'static str) -> Call {
    Call::new("elasticache", action)
}

/// The item of a list whose `member` is `name`.
fn named<'a>(replies: &'a [Value], list: &str, member: &str, name: &str) -> Option<&'a Value> {
    let items = reply::items(replies.first()?, list);
    items.iter().find(|item| item[member] == *name)
}

/// What stands in the way of reading a resource as live, by its status.
///
/// A cache that is being backed up can be used and so counts as live; one that is being modified takes no other change.
fn passing<P>(id: &str, status: Option<&str>) -> Option<Seen<P>> {
    let id = id.to_owned();
    match status.unwrap_or_default().to_ascii_lowercase().as_str() {
        "deleted" => Some(Seen::Absent),
        "deleting" => Some(Seen::Deleting { id }),
        why @ ("creating" | "modifying") => Some(Seen::Pending {
            id,
            why: why.to_owned(),
        }),
        why @ ("create-failed" | "restore-failed" | "incompatible-network") => Some(Seen::Failed {
            id,
            why: format!("its status is {why}"),
        }),
        _ => None,
    }
}

/// The call that lists tags, for an ARN that `find` showed.
fn list_tags(known: &Attributes) -> Call {
    call("ListTagsForResource").with("ResourceName", arn(known))
}

fn arn(attributes: &Attributes) -> Option<&Value> {
    attributes.get("Arn").or_else(|| attributes.get("ARN"))
}

/// The tags among the replies to `details`.
fn tags(replies: &[Value]) -> Tags {
    let details = replies.get(1..).unwrap_or_default();
    reply::having(details, "TagList")
        .map(|reply| reply::tags(reply::items(reply, "TagList"), "Key", "Value"))
        .unwrap_or_default()
}

fn tag_list(tags: &Tags) -> Option<Value> {
    reply::tag_list(tags, "Key", "Value")
}

/// The calls that set and remove tags.
fn retag(attributes: &Attributes, set: &Tags, remove: &[String]) -> Vec<Call> {
    let call = |action| call(action).with("ResourceName", arn(attributes));
    let set = tag_list(set).map(|tags| call("AddTagsToResource").with("Tags", tags));
    let remove =
        (!remove.is_empty()).then(|| call("RemoveTagsFromResource").with("TagKeys", remove));
    [set, remove].into_iter().flatten().collect()
}

/// Address of an endpoint; `Null` while there is none.
fn address(endpoint: &Value) -> Value {
    json!(reply::text(endpoint, "Address"))
}

/// Port of an endpoint as text, as CloudFormation gives it.
fn port(endpoint: &Value) -> Value {
    json!(endpoint["Port"].as_u64().map(|port| port.to_string()))
}

/// Name of the snapshot that is taken when a cache is deleted: the name asked for with the instant at which the cache was born, so
/// that the cache that follows under the same name has another one.
fn final_snapshot(asked: Option<&String>, attributes: &Attributes, born: &str) -> Option<String> {
    let name = asked?;
    let born = attributes.get(born).and_then(Value::as_str);
    let digits: String = born
        .unwrap_or_default()
        .chars()
        .filter(char::is_ascii_digit)
        .take(14)
        .collect();
    Some(match digits.as_str() {
        "" => name.clone(),
        digits => format!("{name}-{digits}"),
    })
}

fn census(replies: &[Value]) -> Vec<Call> {
    census::of_service(replies, "elasticache")
}

/// The resources with an owner's tag that have this word in their ARN, `subnetgroup`.
fn counted(replies: &[Value], word: &str) -> Vec<Claim> {
    census::in_service(replies, |service, resource| {
        let name = resource.strip_prefix(word)?.strip_prefix(':')?;
        (service == "elasticache").then(|| name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_is_told_apart() {
        for (status, expected) in [
            ("creating", "Some(Pending"),
            ("CREATING", "Some(Pending"),
            ("modifying", "Some(Pending"),
            ("available", "None"),
            ("active", "None"),
            ("snapshotting", "None"),
            ("deleting", "Some(Deleting"),
            ("deleted", "Some(Absent"),
            ("create-failed", "Some(Failed"),
        ] {
            let seen = format!("{:?}", passing::<Value>("a", Some(status)));
            assert!(seen.starts_with(expected), "{status}: {seen}");
        }
    }

    #[test]
    fn lives_of_one_name_have_final_snapshots_of_their_own() {
        let asked = "shop-sessions-final".to_owned();
        let born = attributes([("CreateTime", json!("2026-01-02T03:04:05.678Z"))]);
        assert_eq!(
            final_snapshot(Some(&asked), &born, "CreateTime").as_deref(),
            Some("shop-sessions-final-20260102030405")
        );
        assert_eq!(
            final_snapshot(Some(&asked), &Attributes::new(), "CreateTime"),
            Some(asked)
        );
        assert_eq!(final_snapshot(None, &born, "CreateTime"), None);
    }
}
