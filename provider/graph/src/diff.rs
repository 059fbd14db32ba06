//! Differences between what is asked for and what is there, property by property.

use serde_json::Value;

use crate::{KindDef, OWNER_TAG, Properties, SEAL_TAG_PREFIX, Tags, reference};

/// Names of the properties in which a live part differs from the desired one, in order.
///
/// A property that is not asked for is not compared: AWS's defaults are not ours to judge. A property that was asked for
/// before (`formerly`) and no longer is counts as different while AWS still shows a value for it, unless it is create-only:
/// then the part keeps the value it was created with. A value that still holds an open reference counts as different from
/// everything but the same text.
pub fn changed(
    kind: &KindDef,
    live: &Properties,
    desired: &Properties,
    formerly: Option<&Properties>,
) -> Vec<String> {
    let mut names: Vec<String> = desired
        .iter()
        .filter(|(name, value)| {
            !live
                .get(*name)
                .is_some_and(|seen| same(kind, name, seen, value))
        })
        .map(|(name, _)| name.clone())
        .collect();
    if let Some(formerly) = formerly {
        names.extend(
            formerly
                .keys()
                .filter(|name| !desired.contains_key(*name) && live.contains_key(*name))
                .filter(|name| *name != "Tags" && !kind.create_only.contains(&name.as_str()))
                .cloned(),
        );
        if !names.iter().any(|name| name == "Tags")
            && !tag_changes(live, desired, Some(formerly)).1.is_empty()
        {
            names.push("Tags".to_owned());
        }
    }
    names.sort();
    names
}

/// Whether a live value of a property means the same as the desired one.
pub fn same(kind: &KindDef, name: &str, live: &Value, desired: &Value) -> bool {
    if live == desired {
        return true;
    }
    if reference::is_open(desired) {
        return false;
    }
    match (live, desired) {
        (Value::Object(live), Value::Object(desired)) if name == "Tags" => desired
            .iter()
            .all(|(key, value)| live.get(key) == Some(value)),
        (Value::Array(live), Value::Array(desired)) if kind.unordered.contains(&name) => {
            live.len() == desired.len() && {
                let mut left: Vec<&Value> = live.iter().collect();
                desired.iter().all(|wanted| {
                    let found = left.iter().position(|seen| *seen == wanted);
                    found.map(|at| left.swap_remove(at)).is_some()
                })
            }
        }
        _ => (kind.same)(name, live, desired),
    }
}

/// Tags to set and tag keys to remove. Only keys that were ours before and are no longer asked for are removed; the seal and
/// AWS's own tags are never touched.
pub fn tag_changes(
    live: &Properties,
    desired: &Properties,
    formerly: Option<&Properties>,
) -> (Tags, Vec<String>) {
    let tags = |properties: &Properties| match properties.get("Tags") {
        Some(Value::Object(tags)) => tags.clone(),
        _ => serde_json::Map::new(),
    };
    let (live, desired) = (tags(live), tags(desired));
    let set = desired
        .iter()
        .filter(|(key, value)| live.get(*key) != Some(value))
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .collect();
    let ours = |key: &str| {
        !key.starts_with(SEAL_TAG_PREFIX) && !key.starts_with("aws:") && key != OWNER_TAG
    };
    let remove = formerly
        .map(tags)
        .unwrap_or_default()
        .keys()
        .filter(|key| ours(key) && !desired.contains_key(*key) && live.contains_key(*key))
        .cloned()
        .collect();
    (set, remove)
}

/// The live properties restricted to those in `shape`, written as in `shape` wherever they mean the same. This is what the
/// state records: an unchanged part reads back byte for byte.
pub fn project(kind: &KindDef, live: &Properties, shape: &Properties) -> Properties {
    let mut projected = Properties::new();
    for (name, wanted) in shape {
        let Some(seen) = live.get(name) else { continue };
        let value = if same(kind, name, seen, wanted) {
            wanted.clone()
        } else if let (Value::Object(seen), Value::Object(wanted), "Tags") =
            (seen, wanted, name.as_str())
        {
            seen.iter()
                .filter(|(key, _)| wanted.contains_key(*key))
                .map(|(k, v)| (k.clone(), v.clone()))
                .collect()
        } else {
            seen.clone()
        };
        projected.insert(name.clone(), value);
    }
    projected
}

/// Tags that AWS shows and nobody asked for: somebody else's, reported and left alone.
pub fn foreign_tags(live: &Properties, desired: &Properties) -> Tags {
    let (Some(Value::Object(live)), Some(Value::Object(desired))) =
        (live.get("Tags"), desired.get("Tags"))
    else {
        return Tags::new();
    };
    live.iter()
        .filter(|(key, _)| {
            !desired.contains_key(*key)
                && !key.starts_with("aws:")
                && !key.starts_with(SEAL_TAG_PREFIX)
        })
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .collect()
}
