//! Amazon EFS: file systems that many instances mount at once.

mod access_point;
mod file_system;
mod mount_target;

pub use access_point::{AccessPoint, CreationInfo, PosixUser, RootDirectory};
pub use file_system::{BackupPolicy, FileSystem, FileSystemProtection, LifecyclePolicy};
pub use mount_target::MountTarget;

use platform_graph::{Call, Identity, Seen, Tags};
use serde_json::Value;

use crate::reply;

/// EFS's list of tags.
fn tag_list(tags: &Tags) -> Option<Value> {
    reply::tag_list(tags, "Key", "Value")
}

/// The tags of a file system or an access point.
fn tags(item: &Value) -> Tags {
    reply::tags(reply::items(item, "Tags"), "Key", "Value")
}

/// The calls that set and remove tags of anything EFS tags.
fn retag(id: &str, set: &Tags, remove: &[String]) -> Vec<Call> {
    let call = |action| Call::new("efs", action).with("ResourceId", id);
    let set = tag_list(set).map(|tags| call("TagResource").with("Tags", tags));
    let remove = (!remove.is_empty()).then(|| call("UntagResource").with("TagKeys", remove));
    [set, remove].into_iter().flatten().collect()
}

/// Picks the part out of a list, by id when it is known, else by owner tags, and reads it in its state. What is deleted is not
/// there; what is being deleted counts only when nothing else claims the part.
fn own<P>(
    me: &Identity,
    list: &[Value],
    id_member: &str,
    live: impl FnOnce(String, &Value) -> Seen<P>,
) -> Seen<P> {
    let state = |item: &Value| {
        item["LifeCycleState"]
            .as_str()
            .unwrap_or("available")
            .to_owned()
    };
    let claims: Vec<(String, &Value)> = list
        .iter()
        .filter(|item| state(item) != "deleted")
        .filter_map(|item| Some((reply::text(item, id_member)?, item)))
        .filter(|(id, item)| match &me.id {
            Some(known) => id == known,
            None => me.owns(&tags(item)),
        })
        .collect();
    let staying: Vec<&(String, &Value)> = claims
        .iter()
        .filter(|(_, item)| state(item) != "deleting")
        .collect();
    match (&staying[..], claims.first()) {
        ([(id, item)], _) | ([], Some((id, item))) => {
            let id = id.clone();
            match state(item).as_str() {
                "deleting" => Seen::Deleting { id },
                "error" => Seen::Failed {
                    id,
                    why: "its state is error".to_owned(),
                },
                why @ "creating" => Seen::Pending {
                    id,
                    why: why.to_owned(),
                },
                // "updating" is usable, and so is whatever word comes later.
                _ => live(id, item),
            }
        }
        ([], None) => Seen::Absent,
        (several, _) => Seen::Many(several.iter().map(|(id, _)| id.clone()).collect()),
    }
}

/// The file systems or access points that carry an owner's tag.
fn counted(replies: &[Value], kind: &str) -> Vec<platform_graph::Claim> {
    crate::census::in_service(replies, |service, resource| {
        let id = resource.strip_prefix(kind)?.strip_prefix('/')?;
        (service == "elasticfilesystem").then(|| id.to_owned())
    })
}
