//! Reading replies: members that may be missing, defaults that nobody asked for, tags as lists.

use platform_graph::{Attributes, Tags};
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

/// An instant given in milliseconds since 1970, as other APIs write theirs: ISO 8601 in UTC.
pub(crate) fn instant(milliseconds: i64) -> String {
    let (seconds, millis) = (milliseconds.div_euclid(1000), milliseconds.rem_euclid(1000));
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Years are counted from March, so that the leap day is the last one: 146,097 days make 400 of them.
    let days = days + 719_468;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (year, month) = if month < 10 {
        (year + era * 400, month + 3)
    } else {
        (year + era * 400 + 1, month - 9)
    };
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
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

/// Attributes that have a value.
pub(crate) fn attributes<const N: usize>(pairs: [(&str, Value); N]) -> Attributes {
    pairs
        .into_iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn milliseconds_become_an_instant() {
        for (milliseconds, expected) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_700_000_000_001, "2023-11-14T22:13:20.001Z"),
            (1_709_251_199_999, "2024-02-29T23:59:59.999Z"),
            (1_709_251_200_000, "2024-03-01T00:00:00.000Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(instant(milliseconds), expected);
        }
    }
}
