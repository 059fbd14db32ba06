//! AWS Backup: vaults, plans and what they select, audits and reports of backups, and tests that restore them.
//!
//! One list of all vaults answers for each of them, and so does one of all plans; tags come by ARN, one call for each part.
//!
//! # Assumptions
//! No list in a document of AWS Backup has an order: rules, controls, vaults and events are sets that are written as lists.

mod backup_plan;
mod backup_selection;
mod backup_vault;
mod framework;
mod report_plan;
mod restore_testing_plan;
mod restore_testing_selection;

pub use backup_plan::{
    AdvancedBackupSetting, BackupPlan, BackupRule, CopyAction, IndexAction, Lifecycle,
    PlanDocument, ScanAction, ScanSetting,
};
pub use backup_selection::{
    BackupSelection, Condition, ConditionParameter, Conditions, SelectionDocument,
};
pub use backup_vault::{BackupVault, LockConfiguration, Notifications};
pub use framework::{ControlInputParameter, ControlScope, ControlTag, Framework, FrameworkControl};
pub use report_plan::{ReportDeliveryChannel, ReportPlan, ReportSetting};
pub use restore_testing_plan::{RecoveryPointSelection, RestoreTestingPlan};
pub use restore_testing_selection::{
    KeyValue, ProtectedResourceConditions, RestoreTestingSelection,
};

use platform_graph::{Attributes, Call, Claim, Tags};
use serde_json::Value;

use crate::{census, ec2, reply};

/// The time zone of a schedule that names none.
const UTC: &str = "Etc/UTC";

fn call(action: &'static str) -> Call {
    Call::new("backup", action)
}

/// Tags as a call takes them; nothing when there are none.
fn given(tags: &Tags) -> Option<&Tags> {
    (!tags.is_empty()).then_some(tags)
}

/// The call that lists tags, for an ARN that `find` showed.
fn list_tags(arn: &str, known: &Attributes) -> Call {
    call("ListTags").with("ResourceArn", known.get(arn))
}

/// The tags among the replies.
fn tags(replies: &[Value]) -> Tags {
    map(reply::having(replies, "Tags").map(|reply| &reply["Tags"]))
}

/// The texts of an object.
fn map(object: Option<&Value>) -> Tags {
    object
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .collect()
}

/// The calls that set and remove tags.
fn retag(attributes: &Attributes, arn: &str, set: &Tags, remove: &[String]) -> Vec<Call> {
    let call = |action| call(action).with("ResourceArn", attributes.get(arn));
    let set = given(set).map(|tags| call("TagResource").with("Tags", tags));
    let remove = (!remove.is_empty()).then(|| call("UntagResource").with("TagKeyList", remove));
    [set, remove].into_iter().flatten().collect()
}

/// The members of a reply that become attributes of the same names.
fn attributes(item: &Value, names: &[&str]) -> Attributes {
    names
        .iter()
        .filter_map(|name| {
            let value = item.get(*name).filter(|value| !value.is_null())?;
            Some(((*name).to_owned(), value.clone()))
        })
        .collect()
}

/// A list of a reply; nothing for an empty one that nobody asked for.
fn list<T>(
    item: &Value,
    member: &str,
    is_asked: bool,
    read: impl Fn(&Value) -> Option<T>,
) -> Option<Vec<T>> {
    let list: Vec<T> = reply::items(item, member).iter().filter_map(read).collect();
    (is_asked || !list.is_empty()).then_some(list)
}

/// The texts of a list of a reply; nothing for an empty one that nobody asked for.
fn texts(item: &Value, member: &str, is_asked: bool) -> Option<Vec<String>> {
    list(item, member, is_asked, |text| {
        text.as_str().map(str::to_owned)
    })
}

/// A value with all its lists in one order.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(sorted).collect();
            items.sort_by_cached_key(Value::to_string);
            Value::Array(items)
        }
        Value::Object(fields) => fields
            .iter()
            .map(|(name, field)| (name.clone(), sorted(field)))
            .collect(),
        plain => plain.clone(),
    }
}

/// Whether two values are the same, whatever the order of their lists.
fn same(live: &Value, desired: &Value) -> bool {
    live == desired || sorted(live) == sorted(desired)
}

/// Name out of the ARN of what has a name without hyphens, `arn:aws:backup:us-east-1:123456789012:framework:shop_audit-1f2e`.
fn named_by(arn: &str) -> Option<&str> {
    Some(arn.rsplit_once(':')?.1.split_once('-')?.0)
}

fn census(replies: &[Value]) -> Vec<Call> {
    census::of_service(replies, "backup")
}

/// The resources with an owner's tag that have this word in their ARN, `backup-vault`, each with the ARN and what is after the word.
fn tagged(replies: &[Value], word: &str) -> Vec<(String, String, Tags)> {
    ec2::listed(replies, 0, "ResourceTagMappingList")
        .iter()
        .filter_map(|mapping| {
            let arn = reply::text(mapping, "ResourceARN")?;
            let parts: Vec<&str> = arn.splitn(7, ':').collect();
            let ["arn", _, "backup", _, _, found, rest] = parts[..] else {
                return None;
            };
            let tags = reply::tags(reply::items(mapping, "Tags"), "Key", "Value");
            (found == word).then(|| (arn.clone(), rest.to_owned(), tags))
        })
        .collect()
}

/// What [`tagged`] finds, by ARN.
fn counted_by_arn(replies: &[Value], word: &str) -> Vec<Claim> {
    tagged(replies, word)
        .into_iter()
        .map(|(id, _, tags)| Claim { id, tags })
        .collect()
}

/// What [`tagged`] finds, by what is after the word.
fn counted_by_name(replies: &[Value], word: &str) -> Vec<Claim> {
    tagged(replies, word)
        .into_iter()
        .map(|(_, id, tags)| Claim { id, tags })
        .collect()
}

/// What a thing with a deployment status of AWS Backup Audit Manager is doing, when it is not deployed.
fn passing<P>(id: &str, status: Option<&str>) -> Option<platform_graph::Seen<P>> {
    use platform_graph::Seen;
    let id = id.to_owned();
    match status? {
        "DELETE_IN_PROGRESS" => Some(Seen::Deleting { id }),
        why @ ("CREATE_IN_PROGRESS" | "UPDATE_IN_PROGRESS") => Some(Seen::Pending {
            id,
            why: why.to_owned(),
        }),
        "FAILED" => Some(Seen::Failed {
            id,
            why: "its deployment failed; controls need AWS Config to record the types that they judge"
                .to_owned(),
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lists_have_no_order_however_deep() {
        let one = json!({ "Rules": [{ "Name": "a", "Types": ["x", "y"] }, { "Name": "b" }] });
        let other = json!({ "Rules": [{ "Name": "b" }, { "Name": "a", "Types": ["y", "x"] }] });
        assert!(same(&one, &other));
        assert!(!same(&one, &json!({ "Rules": [{ "Name": "b" }] })));
        assert!(!same(&json!(["a", "a"]), &json!(["a"])));
    }

    #[test]
    fn a_name_is_in_the_arn() {
        let arn = "arn:aws:backup:us-east-1:123456789012:framework:shop_audit-1f2e3d4c-0000-4000-8000-000000000000";
        assert_eq!(named_by(arn), Some("shop_audit"));
        assert_eq!(named_by("shop_audit"), None);
    }

    #[test]
    fn what_is_counted_is_told_apart_by_the_word_in_its_arn() {
        let mapping = |arn: &str| json!({ "ResourceARN": arn, "Tags": [{ "Key": "platform:owner", "Value": "o" }] });
        let reply = json!({ "ResourceTagMappingList": [
            mapping("arn:aws:backup:us-east-1:123456789012:backup-vault:shop"),
            mapping("arn:aws:backup:us-east-1:123456789012:backup-plan:1f2e"),
            mapping("arn:aws:rds:us-east-1:123456789012:backup-vault:other"),
            mapping("arn:aws:backup:us-east-1"),
        ] });
        let ids = |claims: Vec<Claim>| -> Vec<String> {
            claims.into_iter().map(|claim| claim.id).collect()
        };
        let replies = [reply];
        assert_eq!(ids(counted_by_name(&replies, "backup-vault")), ["shop"]);
        assert_eq!(
            ids(counted_by_arn(&replies, "backup-plan")),
            ["arn:aws:backup:us-east-1:123456789012:backup-plan:1f2e"]
        );
        assert_eq!(ids(counted_by_arn(&[], "backup-plan")), [""; 0]);
    }
}
