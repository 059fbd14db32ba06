//! Every call that a kind can make of its example, against AWS's service models.
//!
//! Names of filters are not in the models; everything else of a call is.

use std::collections::{BTreeMap, BTreeSet};

use crate::examples::{self, Example, me};
use crate::unanswered::Change::{self, Given, TakenAway};
use crate::unanswered::UNANSWERED;
use platform_graph::{Call, KindDef, Tags};
use serde_json::{Value, json};

/// All calls that the example leads to, each with what it is for.
fn calls(kind: &KindDef, example: &Example) -> Vec<(String, Call)> {
    let mut calls = Vec::new();
    let mut add = |what: String, made: Vec<Call>| {
        calls.extend(made.into_iter().map(|call| (what.clone(), call)))
    };
    let id = example.id.as_str();
    for (name, desired, other) in [
        ("minimal", &example.minimal, &example.full),
        ("full", &example.full, &example.minimal),
    ] {
        for me in [me(None), me(Some(id))] {
            add(
                format!("find {name}"),
                (kind.find)(desired, &me).expect("the example fits"),
            );
            add(
                format!("details of {name}"),
                (kind.details)(desired, &me, id).expect("the example fits"),
            );
        }
        add(
            format!("create {name}"),
            (kind.create)(desired, &me(None)).expect("the example fits"),
        );
        let live = example.live(other);
        let changeable = Example::changeable(kind, desired, other);
        let update = |changed: &[&str]| {
            (kind.update)(desired, &me(Some(id)), &live, changed).expect("the example fits")
        };
        for property in &changeable {
            add(format!("update {property} to {name}"), update(&[property]));
        }
        if !changeable.is_empty() {
            add(format!("update everything to {name}"), update(&changeable));
            let asked = (kind.forecast)(desired, &me(Some(id)), &live, &changeable);
            add(
                format!("forecast of {name}"),
                asked.expect("the example fits"),
            );
        }
        add(
            format!("delete {name}"),
            (kind.delete)(desired, &me(Some(id)), id, &example.attributes)
                .expect("the example fits"),
        );
    }
    if kind.tagged {
        let set = Tags::from([("team".to_owned(), "core".to_owned())]);
        add(
            "retag".to_owned(),
            (kind.retag)(&example.live(&example.full), &set, &["old".to_owned()])
                .expect("the example fits"),
        );
    }
    for round in example.census(kind) {
        add("census".to_owned(), round);
    }
    for (parent, inside) in &example.inside {
        add(
            format!("inside {parent}"),
            (kind.inside)(parent, &inside.id),
        );
    }
    calls
}

#[test]
fn conformance_service_models() {
    let (kinds, examples) = examples::all();
    let mut problems = BTreeSet::new();
    for kind in kinds.iter() {
        for (what, call) in calls(kind, &examples[kind.name]) {
            let at = format!("{}: {what}: {} {}", kind.name, call.service, call.action);
            let mut params = call.params.clone();
            if let Some(member) = call.token {
                params.insert(member.to_owned(), json!("00112233445566778899aabbccddeeff"));
            }
            let params = Value::Object(params);
            if let Some(pointer) = call.merge
                && !params.pointer(pointer).is_some_and(Value::is_array)
            {
                problems.insert(format!("{at}: there is no list at {pointer} to merge"));
            }
            if let Err(found) = platform_aws::model::validate(call.service, call.action, &params) {
                problems.extend(found.into_iter().map(|problem| format!("{at}: {problem}")));
            }
        }
    }
    assert!(
        problems.is_empty(),
        "{}",
        problems.into_iter().collect::<Vec<_>>().join("\n")
    );
}

#[test]
fn reads_and_writes_are_told_apart() {
    let (kinds, examples) = examples::all();
    for kind in kinds.iter() {
        for (what, call) in calls(kind, &examples[kind.name]) {
            let reads = ["find", "details", "census", "inside", "forecast"]
                .iter()
                .any(|word| what.starts_with(word));
            assert_eq!(
                call.is_read(),
                reads,
                "{}: {what}: {}",
                kind.name,
                call.action
            );
        }
    }
}

/// A difference that is neither create-only nor answered by a call would never go away.
#[test]
fn every_difference_is_answered() {
    let (kinds, examples) = examples::all();
    let mut problems = Vec::new();
    let mut unused: BTreeMap<(&str, &str, Change), &str> = BTreeMap::new();
    for row in UNANSWERED {
        for property in row.properties {
            for change in row.changes {
                unused.insert((row.kind, property, *change), row.why);
            }
        }
    }
    for kind in kinds.iter() {
        let example = &examples[kind.name];
        for property in examples::property_names(kind) {
            let property = property.as_str();
            if property == "Tags" || kind.create_only.contains(&property) {
                continue;
            }
            if example.full.get(property) == example.minimal.get(property) {
                problems.push(format!(
                    "{}: the examples must differ in {property}",
                    kind.name
                ));
                continue;
            }
            for (change, desired, other) in [
                (Given, &example.full, &example.minimal),
                (TakenAway, &example.minimal, &example.full),
            ] {
                let update = (kind.update)(
                    desired,
                    &me(Some(&example.id)),
                    &example.live(other),
                    &[property],
                )
                .expect("the example fits");
                let known = unused
                    .keys()
                    .find(|known| **known == (kind.name, property, change))
                    .copied();
                let excused = known.is_some_and(|known| unused.remove(&known).is_some());
                if update.is_empty() != excused {
                    problems.push(format!(
                        "{}: {property} {change:?} is answered by {} calls",
                        kind.name,
                        update.len()
                    ));
                }
            }
        }
    }
    problems.extend(
        unused
            .iter()
            .map(|(change, why)| format!("{change:?} is in the table for nothing: {why}")),
    );
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
