//! A census of what has a name that its ARN does not show: proxies and their endpoints.

use platform_graph::{Call, Claim};
use serde_json::Value;

use crate::{census, reply};

/// Lists what carries an owner's tag, then everything of the type, which tells names by ARN.
pub(super) fn census(replies: &[Value], action: &'static str) -> Vec<Call> {
    match replies.len() {
        0 => census::of_service(replies, "rds"),
        1 => vec![Call::new("rds", action)],
        _ => Vec::new(),
    }
}

/// What carries an owner's tag, by the name that the second reply tells for its ARN.
pub(super) fn counted(replies: &[Value], list: &str, name: &str, arn: &str) -> Vec<Claim> {
    let items = replies.get(1).map(|reply| reply::items(reply, list));
    let name_of = |resource: &str| {
        let item = items.unwrap_or_default().iter().find(|item| {
            let shown = item[arn].as_str().and_then(|arn| arn.splitn(6, ':').nth(5));
            shown == Some(resource)
        })?;
        reply::text(item, name)
    };
    census::in_service(replies, |service, resource| {
        (service == "rds").then(|| name_of(resource)).flatten()
    })
}
