//! Reading replies: members that may be missing, defaults that nobody asked for, tags as lists.

use platform_graph::Tags;
use serde_json::{Value, json};

/// A text member; `None` when it is missing, `Null` or no text.
pub(crate) fn text(reply: &Value, member: &str) -> Option<String> {
    reply.get(member)?.as_str().map(str::to_owned)
}

/// A number member; `None` when it is missing, `Null` or does not fit.
pub(crate) fn number(reply: &Value, member: &str) -> Option<u32> {
    reply.get(member)?.as_u64()?.try_into().ok()
}

/// The items of a list member; a missing list has none.
pub(crate) fn items<'a>(reply: &'a Value, member: &str) -> &'a [Value] {
    reply
        .get(member)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// The texts of a list member, in order.
pub(crate) fn texts(reply: &Value, member: &str) -> Vec<String> {
    items(reply, member)
        .iter()
        .filter_map(|item| Some(item.as_str()?.to_owned()))
        .collect()
}

/// The first reply that has a member: tells replies apart by what they hold, since which calls were made depends on
/// what was known.
pub(crate) fn having<'a>(replies: &'a [Value], member: &str) -> Option<&'a Value> {
    replies.iter().find(|reply| reply.get(member).is_some())
}

/// A live value, unless it is AWS's default and nobody asked for the property.
///
/// Without this a property that is taken out of the configuration would stay different for ever: AWS goes on showing the
/// default it was reset to.
pub(crate) fn unless_default<T: PartialEq>(
    live: Option<T>,
    default: T,
    asked: Option<&T>,
) -> Option<T> {
    live.filter(|live| asked.is_some() || *live != default)
}

/// Tags as a list, with the member names of the API at hand.
pub(crate) fn tag_list(tags: &Tags, key: &str, value: &str) -> Option<Value> {
    let entry = |(k, v): (&String, &String)| json!({ key: k, value: v });
    (!tags.is_empty()).then(|| tags.iter().map(entry).collect())
}

/// Tags out of a list, with the member names of the API at hand.
pub(crate) fn tags(list: &[Value], key: &str, value: &str) -> Tags {
    list.iter()
        .filter_map(|tag| Some((text(tag, key)?, text(tag, value)?)))
        .collect()
}
