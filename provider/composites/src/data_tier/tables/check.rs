//! What is wrong with a table, found without asking AWS.

use std::collections::BTreeMap;

use platform_graph::Problems;
use serde_json::Value;

use super::super::check;
use super::super::spec::{AttributeType, CapacityMode, CapacityRange, Table, TableCapacity};
use super::{MOST_GLOBAL_INDEXES, MOST_LOCAL_INDEXES, key_attributes, replicas};
use crate::schema::is_unknown_text;

pub(in crate::data_tier) fn check(
    name: &str,
    table: &Table,
    checks: &check::Checks<'_>,
    problems: &mut Problems,
) {
    let at = |more: &[&str]| -> Vec<String> {
        ["tables", name]
            .iter()
            .chain(more)
            .map(|step| (*step).to_owned())
            .collect()
    };
    let provisioned = table.capacity.mode == CapacityMode::Provisioned;
    let TableCapacity {
        read,
        write,
        max_read_units,
        max_write_units,
        ..
    } = table.capacity;
    for (attribute, range) in [("read", read), ("write", write)] {
        match range {
            None if provisioned => problems.error(
                at(&["capacity", attribute]),
                "provisioned capacity needs its limits",
                "Say between how many units it is scaled, or leave `mode` out to pay by the request.",
            ),
            Some(_) if !provisioned => problems.error(
                at(&["capacity", attribute]),
                "limits of capacity are only for provisioned capacity",
                "Leave them out, or set `mode = \"provisioned\"`. What limits on-demand capacity is `max_read_units` and `max_write_units`.",
            ),
            _ => {}
        }
        sound(range, &at(&["capacity", attribute]), problems);
    }
    for (attribute, limit) in [
        ("max_read_units", max_read_units),
        ("max_write_units", max_write_units),
    ] {
        if provisioned && limit.is_some() {
            problems.error(
                at(&["capacity", attribute]),
                "a limit of units is only for on-demand capacity",
                "Provisioned capacity is limited by `max` in `read` and `write`.",
            );
        }
    }
    let counts = [
        (
            "global_indexes",
            table.global_indexes.len(),
            MOST_GLOBAL_INDEXES,
        ),
        (
            "local_indexes",
            table.local_indexes.len(),
            MOST_LOCAL_INDEXES,
        ),
    ];
    for (attribute, count, most) in counts {
        if count > most {
            problems.error(
                at(&[attribute]),
                format!("{count} indexes are too many"),
                format!("A table can have {most} of them."),
            );
        }
    }
    for index in table.local_indexes.keys() {
        if table.global_indexes.contains_key(index) {
            problems.error(
                at(&["local_indexes", index]),
                format!("the table has a global index {index}, too"),
                "Names of indexes are unique in a table.",
            );
        }
    }
    let named = |attribute: &'static str, names: Vec<&String>, problems: &mut Problems| {
        for index in names {
            let sound = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
            if !(3..=255).contains(&index.len()) || !index.chars().all(sound) {
                problems.error(
                    at(&[attribute, index]),
                    format!("{index:?} can't be the name of an index"),
                    "A name has 3 to 255 letters, digits, underscores, hyphens and dots.",
                );
            }
        }
    };
    named(
        "global_indexes",
        table.global_indexes.keys().collect(),
        problems,
    );
    named(
        "local_indexes",
        table.local_indexes.keys().collect(),
        problems,
    );
    if table.sort_key.is_none() && !table.local_indexes.is_empty() {
        problems.error(
            at(&["local_indexes"]),
            "a table without a sort key has no local indexes",
            "Each partition key has one item: use a global index, or give the table a `sort_key`.",
        );
    }
    for (index, spec) in &table.global_indexes {
        let Some(capacity) = &spec.capacity else {
            continue;
        };
        for (attribute, range) in [("read", capacity.read), ("write", capacity.write)] {
            let path = at(&["global_indexes", index, "capacity", attribute]);
            if range.is_some() && !provisioned {
                problems.error(
                    path.clone(),
                    "limits of capacity are only for provisioned capacity",
                    "The capacity of the table is on demand: leave them out, or set `mode = \"provisioned\"` on the table.",
                );
            }
            sound(range, &path, problems);
        }
        let limits = [
            ("max_read_units", capacity.max_read_units),
            ("max_write_units", capacity.max_write_units),
        ];
        for (attribute, limit) in limits {
            if provisioned && limit.is_some() {
                problems.error(
                    at(&["global_indexes", index, "capacity", attribute]),
                    "a limit of units is only for on-demand capacity",
                    "The capacity of the table is provisioned: set `max` in `read` and `write`.",
                );
            }
        }
    }
    types(table, &at, problems);
    if let Some(text) = &table.resource_policy {
        judge_policy(text, at(&["resource_policy"]), problems);
    }
    if table.import_from_s3.is_some() && !table.local_indexes.is_empty() {
        problems.error(
            at(&["import_from_s3"]),
            "DynamoDB does not import into a table with local indexes",
            "Use global indexes, or fill the table by other means.",
        );
    }
    replicas::check(name, table, checks.spec, problems);
    check::name(&["tables"], name, problems);
}

pub(super) fn judge_policy(text: &str, path: Vec<String>, problems: &mut Problems) {
    if !is_unknown_text(text)
        && !serde_json::from_str::<Value>(text).is_ok_and(|policy| policy.is_object())
    {
        problems.error(
            path,
            "the policy is no JSON object",
            "Write it with `jsonencode({ ... })` or take the `json` of a `data.aws_iam_policy_document`.",
        );
    }
}

fn sound(range: Option<CapacityRange>, path: &[String], problems: &mut Problems) {
    if let Some(CapacityRange { min, max, .. }) = range
        && min > max
    {
        problems.error(
            path.iter().cloned().chain(["max".to_owned()]),
            format!("{max} is less than `min`"),
            format!("Say {min} or more."),
        );
    }
}

/// An attribute has one type, whatever keys it is part of.
fn types(table: &Table, at: &dyn Fn(&[&str]) -> Vec<String>, problems: &mut Problems) {
    let mut known: BTreeMap<&str, AttributeType> = BTreeMap::new();
    for (path, key) in key_attributes(table) {
        let first = *known.entry(&key.name).or_insert(key.value_type);
        if first != key.value_type {
            problems.error(
                at(&path).into_iter().chain(["type".to_owned()]),
                format!(
                    "{:?} has another type in another key of the table",
                    key.name
                ),
                "An attribute has one type, whatever keys it is part of.",
            );
        }
    }
    let pairs = std::iter::once((Vec::new(), &table.partition_key, table.sort_key.as_ref())).chain(
        table.global_indexes.iter().map(|(name, index)| {
            (
                vec!["global_indexes", name.as_str()],
                &index.partition_key,
                index.sort_key.as_ref(),
            )
        }),
    );
    for (path, partition, sort) in pairs {
        if sort.is_some_and(|sort| sort.name == partition.name) {
            let path: Vec<&str> = path.into_iter().chain(["sort_key"]).collect();
            problems.error(
                at(&path),
                "the sort key is the partition key",
                "Name another attribute, or leave the sort key out.",
            );
        }
    }
}
