//! When two settings of a domain mean the same.
//!
//! A setting shown by AWS has members that nobody asked for: they are AWS's to choose.

use std::collections::BTreeMap;

use serde_json::Value;

/// Whether the live value has everything that is desired: members that nobody asked for do not matter, lists have no order, and
/// a switch that is not shown is off.
pub(super) fn covers(live: &Value, desired: &Value) -> bool {
    match (live, desired) {
        (Value::Object(live), Value::Object(desired)) => desired.iter().all(|(name, desired)| {
            let live = live.get(name).unwrap_or(&Value::Null);
            match name.as_str() {
                "KmsKeyId" => last(live, '/') == last(desired, '/'),
                "MetadataContent" => words(live) == words(desired),
                _ => covers(live, desired),
            }
        }),
        (Value::Array(live), Value::Array(desired)) => {
            live.len() == desired.len() && desired.iter().all(|item| live.contains(item))
        }
        (Value::Null, Value::Object(desired)) => {
            desired.values().all(|desired| covers(live, desired))
        }
        (Value::Null, Value::Bool(on)) => !on,
        _ => live == desired,
    }
}

/// A key is shown by its ARN, whether it was given by ARN or by id.
fn last(value: &Value, separator: char) -> Option<&str> {
    value.as_str()?.rsplit(separator).next()
}

/// XML comes back laid out in another way.
fn words(value: &Value) -> Vec<&str> {
    value
        .as_str()
        .unwrap_or_default()
        .split_whitespace()
        .collect()
}

/// Engine and version as numbers, so that 2.9 comes before 2.11.
fn version(text: &str) -> Option<(&str, Vec<u32>)> {
    let (engine, numbers) = text.split_once('_')?;
    let numbers: Option<Vec<u32>> = numbers.split('.').map(|part| part.parse().ok()).collect();
    Some((engine, numbers?))
}

/// Whether a domain of one version is as a domain of the other is to be: a newer minor version will do, and OpenSearch follows
/// Elasticsearch.
pub(super) fn reached(live: &str, desired: &str) -> bool {
    match (version(live), version(desired)) {
        (Some(("OpenSearch", _)), Some(("Elasticsearch", _))) => true,
        (Some((live_engine, live)), Some((engine, desired))) => {
            live_engine == engine && live.first() == desired.first() && live >= desired
        }
        _ => live == desired,
    }
}

/// Whether a version comes before another one of the same engine: there is no way back to it.
pub(super) fn is_before(one: &str, other: &str) -> bool {
    match (version(one), version(other)) {
        (Some((engine, one)), Some((other_engine, other))) => engine == other_engine && one < other,
        _ => false,
    }
}

/// Whether logs go to the same places; a log that is switched off is none.
pub(super) fn same_logs(live: &Value, desired: &Value) -> bool {
    let places = |logs: &Value| -> BTreeMap<String, String> {
        logs.as_object()
            .into_iter()
            .flatten()
            .filter(|(_, log)| log["Enabled"] == true)
            .filter_map(|(name, log)| {
                let arn = log["CloudWatchLogsLogGroupArn"].as_str()?;
                let plain = arn.strip_suffix(":*").unwrap_or(arn);
                Some((name.clone(), plain.to_owned()))
            })
            .collect()
    };
    places(live) == places(desired)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_nobody_asked_for_does_not_matter() {
        for (live, desired, same) in [
            (
                json!({ "InstanceCount": 3, "WarmEnabled": false }),
                json!({ "InstanceCount": 3 }),
                true,
            ),
            (
                json!({ "InstanceCount": 3 }),
                json!({ "InstanceCount": 2 }),
                false,
            ),
            (json!({}), json!({ "WarmEnabled": false }), true),
            (json!({}), json!({ "WarmEnabled": true }), false),
            (
                json!({}),
                json!({ "ColdStorageOptions": { "Enabled": false } }),
                true,
            ),
            (
                json!({ "SubnetIds": ["a", "b"] }),
                json!({ "SubnetIds": ["b", "a"] }),
                true,
            ),
            (
                json!({ "SubnetIds": ["a", "b"] }),
                json!({ "SubnetIds": ["a"] }),
                false,
            ),
            (
                json!({ "KmsKeyId": "arn:aws:kms:us-east-1:1:key/k-1" }),
                json!({ "KmsKeyId": "k-1" }),
                true,
            ),
            (
                json!({ "KmsKeyId": "arn:aws:kms:us-east-1:1:key/k-1" }),
                json!({ "KmsKeyId": "k-2" }),
                false,
            ),
            (
                json!({ "MetadataContent": "<a>\n  <b/>\n</a>" }),
                json!({ "MetadataContent": "<a> <b/> </a>" }),
                true,
            ),
        ] {
            assert_eq!(covers(&live, &desired), same, "{live} {desired}");
        }
    }
}
