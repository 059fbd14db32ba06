//! What the kinds of EC2 share: how its replies and its tags are written.
//!
//! # Assumptions
//! Replies carry the member names of AWS's service model; a list without elements may be missing. EC2 tags a resource at
//! birth through `TagSpecifications`, afterwards through `CreateTags` and `DeleteTags`
//! (<https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html>).

use std::net::IpAddr;

use platform_graph::{Attributes, Call, Identity, Seen, Tags};
use serde_json::{Value, json};

use crate::reply::{self, text};

/// States in which EC2 still shows something that is gone for good.
const GONE: [&str; 3] = ["deleted", "terminated", "detached"];
/// States of something that makes room for a successor.
const LEAVING: [&str; 3] = ["deleting", "terminating", "failed"];

/// The elements of a list of the `at`-th reply; none when reply or list is missing.
pub(crate) fn listed<'a>(replies: &'a [Value], at: usize, list: &str) -> &'a [Value] {
    replies
        .get(at)
        .map_or(&[], |reply| reply::items(reply, list))
}

/// A boolean member.
pub(crate) fn flag(item: &Value, member: &str) -> Option<bool> {
    item.get(member)?.as_bool()
}

/// A whole number; -1 is EC2's word for any.
pub(crate) fn integer(item: &Value, member: &str) -> Option<i64> {
    item.get(member)?.as_i64()
}

/// Whether a text member has this value.
pub(crate) fn is(item: &Value, member: &str, value: &str) -> bool {
    item.get(member).and_then(Value::as_str) == Some(value)
}

/// The tags of an item, AWS's own among them.
pub(crate) fn tags(item: &Value) -> Tags {
    reply::tags(reply::items(item, "Tags"), "Key", "Value")
}

/// Adds `TagSpecifications`, so that what the call creates is never without its owner.
pub(crate) fn tagged(call: Call, resource_type: &str, tags: &Tags) -> Call {
    // EC2 refuses a specification without tags.
    let specification = reply::tag_list(tags, "Key", "Value")
        .map(|list| json!([{ "ResourceType": resource_type, "Tags": list }]));
    call.with("TagSpecifications", specification)
}

/// The calls that set and remove tags of anything EC2 tags.
pub(crate) fn retag(id: &str, set: &Tags, remove: &[String]) -> Vec<Call> {
    let mut calls = Vec::new();
    if let Some(list) = reply::tag_list(set, "Key", "Value") {
        calls.push(
            Call::new("ec2", "CreateTags")
                .with("Resources", [id])
                .with("Tags", list),
        );
    }
    if !remove.is_empty() {
        // Without a value the key goes whatever its value is.
        let keys: Value = remove.iter().map(|key| json!({ "Key": key })).collect();
        calls.push(
            Call::new("ec2", "DeleteTags")
                .with("Resources", [id])
                .with("Tags", keys),
        );
    }
    calls
}

/// Picks the one item out of a `Describe` reply that is this part, by id when it is known, else by owner tags, and reads it.
///
/// What is gone is not there. Without an id, what is on its way out counts only when nothing else claims the part.
pub(crate) fn own<P>(
    me: &Identity,
    replies: &[Value],
    list: &str,
    id_member: &str,
    read: impl FnOnce(String, &Value) -> Seen<P>,
) -> Seen<P> {
    let state_in = |item: &Value, states: &[&str]| {
        item.get("State")
            .and_then(Value::as_str)
            .is_some_and(|state| states.contains(&state))
    };
    let claims: Vec<(String, &Value)> = listed(replies, 0, list)
        .iter()
        .filter(|item| !state_in(item, &GONE))
        .filter_map(|item| Some((text(item, id_member)?, item)))
        .filter(|(id, item)| match &me.id {
            Some(known) => id == known,
            None => me.owns(&tags(item)),
        })
        .collect();
    let staying: Vec<&(String, &Value)> = claims
        .iter()
        .filter(|(_, item)| !state_in(item, &LEAVING))
        .collect();
    match (&staying[..], claims.first()) {
        ([(id, item)], _) | ([], Some((id, item))) => read(id.clone(), item),
        ([], None) => Seen::Absent,
        (several, _) => Seen::Many(several.iter().map(|(id, _)| id.clone()).collect()),
    }
}

/// Reads the one association that is this part, by its state.
///
/// Each candidate comes with the name of the member that holds its state. What is disassociated is not there; what is on its
/// way out or has failed counts only when there is no other.
pub(crate) fn association<'a, P>(
    candidates: impl Iterator<Item = (&'a Value, &'a str)>,
    id_member: &str,
    read: impl FnOnce(String, &Value) -> Seen<P>,
) -> Seen<P> {
    let mut staying = Vec::new();
    let mut leaving = Vec::new();
    for (item, state_member) in candidates {
        let Some(id) = text(item, id_member) else {
            continue;
        };
        let status = item.get(state_member).unwrap_or(&Value::Null);
        let why = || text(status, "StatusMessage");
        match text(status, "State").as_deref() {
            Some("disassociated") => {}
            Some("disassociating") => leaving.push(Seen::Deleting { id }),
            Some(state @ ("failing" | "failed")) => leaving.push(Seen::Failed {
                id,
                why: why().unwrap_or_else(|| state.to_owned()),
            }),
            state => staying.push((id, item, state == Some("associating"))),
        }
    }
    if staying.len() > 1 {
        return Seen::Many(staying.into_iter().map(|(id, ..)| id).collect());
    }
    match staying.pop() {
        Some((id, _, true)) => Seen::Pending {
            id,
            why: "associating".to_owned(),
        },
        Some((id, item, false)) => read(id, item),
        None => leaving.pop().unwrap_or(Seen::Absent),
    }
}

/// Whether an association is there to stay, by the member that holds its state; one that shows none is.
pub(crate) fn is_associated(association: &Value, state_member: &str) -> bool {
    let state = association
        .get(state_member)
        .and_then(|status| text(status, "State"));
    state.is_none_or(|state| state == "associated" || state == "associating")
}

/// Whether two CIDR blocks are the same network, however their addresses are written: EC2 cuts off what lies outside the
/// prefix and shortens IPv6.
pub(crate) fn same_cidr(one: &str, other: &str) -> bool {
    fn network(block: &str) -> Option<(u32, u32, u128)> {
        let (address, prefix) = block.split_once('/')?;
        let prefix: u32 = prefix.parse().ok()?;
        let (width, bits): (u32, u128) = match address.parse().ok()? {
            IpAddr::V4(address) => (32, u32::from(address).into()),
            IpAddr::V6(address) => (128, address.into()),
        };
        let rest = bits.checked_shr(width.checked_sub(prefix)?).unwrap_or(0);
        Some((width, prefix, rest))
    }
    one == other || network(one).is_some_and(|block| Some(block) == network(other))
}

/// Whether two values are the same, where texts may be CIDR blocks.
pub(crate) fn same_block(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::String(one), Value::String(other)) => same_cidr(one, other),
        _ => one == other,
    }
}

/// Attributes, without those AWS does not show.
pub(crate) fn attributes<const N: usize>(values: [(&str, Option<Value>); N]) -> Attributes {
    values
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{fixture, testing};

    #[test]
    fn the_part_is_picked_by_id_or_by_owner() {
        let item = |id: &str, state: &str, owner: bool| {
            let tags = if owner { fixture::tags() } else { json!([]) };
            json!({ "VpcId": id, "State": state, "Tags": tags })
        };
        let pick = |known: Option<&str>, items: &[Value]| {
            let seen: Seen<()> = own(
                &testing::me(known),
                &[json!({ "Vpcs": items })],
                "Vpcs",
                "VpcId",
                |id, _| Seen::Deleting { id },
            );
            match seen {
                Seen::Many(ids) => ids.join("+"),
                seen => seen.id().unwrap_or("absent").to_owned(),
            }
        };
        let a = item("a", "available", true);
        let b = item("b", "available", true);
        let foreign = item("c", "available", false);
        let going = item("d", "deleting", true);
        let gone = item("e", "deleted", true);
        for (known, items, expected) in [
            (None, vec![], "absent"),
            (None, vec![&foreign], "absent"),
            (None, vec![&foreign, &a], "a"),
            (None, vec![&a, &b], "a+b"),
            (None, vec![&going, &a, &gone], "a"),
            (None, vec![&gone, &going], "d"),
            (None, vec![&gone], "absent"),
            (Some("b"), vec![&a, &b], "b"),
            (Some("c"), vec![&a, &foreign], "c"),
            (Some("e"), vec![&a, &gone], "absent"),
            (Some("x"), vec![&a], "absent"),
        ] {
            let items: Vec<Value> = items.into_iter().cloned().collect();
            assert_eq!(pick(known, &items), expected, "{known:?} among {items:?}");
        }
    }

    #[test]
    fn a_network_is_the_same_however_it_is_written() {
        for (one, other, same) in [
            ("::/0", "0:0::/0", true),
            ("2001:DB8::/56", "2001:db8:0::/56", true),
            ("10.0.0.0/8", "10.0.0.0/16", false),
            ("10.0.0.0/8", "10.0.0.0", false),
            ("10.0.7.9/16", "10.0.0.0/16", true),
            ("10.1.7.9/16", "10.0.0.0/16", false),
            ("0.0.0.0/0", "::/0", false),
            ("10.0.0.0/33", "10.0.0.0/33", true),
            ("10.0.0.0/33", "10.0.0.1/33", false),
            ("pl-1", "pl-1", true),
        ] {
            assert_eq!(same_cidr(one, other), same, "{one} and {other}");
        }
    }
}
