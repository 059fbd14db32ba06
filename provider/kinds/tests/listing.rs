//! What every kind lists: its census, its residents, and since when its resources exist.
//!
//! Everything is told by the examples; a kind that is added later joins by having one.

use std::collections::BTreeSet;

use crate::examples::{self, me};
use platform_graph::{OWNER_TAG, Seen};
use serde_json::{Value, json};

#[test]
fn every_kind_with_tags_is_counted_by_a_census() {
    let (kinds, examples) = examples::all();
    let mut problems = Vec::new();
    for kind in kinds.iter() {
        let example = &examples[kind.name];
        let rounds = example.census(kind);
        if rounds.is_empty() {
            if kind.tagged {
                problems.push(format!("{}: nothing lists it by its owner", kind.name));
            }
            continue;
        }
        let calls: usize = rounds.iter().map(Vec::len).sum();
        if calls != example.census.len() {
            problems.push(format!(
                "{}: the example has {} replies to {calls} calls of the census",
                kind.name,
                example.census.len()
            ));
            continue;
        }
        let claims = (kind.counted)(&example.census);
        let ids: BTreeSet<&str> = claims.iter().map(|claim| claim.id.as_str()).collect();
        if ids.len() != claims.len() {
            problems.push(format!("{}: one is counted twice", kind.name));
        }
        match claims.iter().find(|claim| claim.id == example.id) {
            Some(claim) if claim.tags.get(OWNER_TAG) == Some(&me(None).owner.to_string()) => {}
            Some(_) => problems.push(format!("{}: it is counted without its owner", kind.name)),
            None => problems.push(format!("{}: the example is not counted", kind.name)),
        }
        for nothing in [Value::Null, json!({})] {
            let replies = vec![nothing; example.census.len()];
            if !(kind.counted)(&replies).is_empty() {
                problems.push(format!("{}: it counts what is not there", kind.name));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// What a killed run left is known by its id alone.
#[test]
fn what_is_counted_is_found_by_its_id_alone() {
    let (kinds, examples) = examples::all();
    let mut problems = Vec::new();
    for kind in kinds.iter().filter(|kind| kind.tagged && !kind.taken_over) {
        let id = examples[kind.name].id.as_str();
        let known = (kind.known_by)(id).expect("it fits");
        for call in (kind.find)(&known, &me(Some(id))).expect("it fits") {
            let asked = Value::Object(call.params.clone()).to_string();
            if asked.contains("[\"\"]") || asked.contains(":\"\"") {
                problems.push(format!("{}: {} asks for nothing", kind.name, asked));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn a_resource_is_found_inside_others_as_it_is_found_by_itself() {
    let (kinds, examples) = examples::all();
    let mut problems = Vec::new();
    for kind in kinds.iter() {
        let example = &examples[kind.name];
        let declared: BTreeSet<&str> = kind.inside_of.iter().copied().collect();
        let given: BTreeSet<&str> = example.inside.keys().map(String::as_str).collect();
        for parent in declared.symmetric_difference(&given) {
            problems.push(format!(
                "{}: {parent} is not in both INSIDE and the example",
                kind.name
            ));
        }
        for (parent, inside) in &example.inside {
            if kinds.get(parent).is_none() {
                problems.push(format!("{}: {parent} is no kind", kind.name));
            }
            let calls = (kind.inside)(parent, &inside.id);
            if calls.len() != inside.replies.len() {
                problems.push(format!(
                    "{}: {parent} is looked into by {} calls and has {} replies",
                    kind.name,
                    calls.len(),
                    inside.replies.len()
                ));
            }
            let none = (kind.residents)(parent, &inside.id, &vec![Value::Null; calls.len()]);
            if !none.expect("there is nothing to fit").is_empty() {
                problems.push(format!("{}: {parent} holds what is not there", kind.name));
            }
            let residents = (kind.residents)(parent, &inside.id, &inside.replies)
                .expect("residents are of the kind");
            if !residents.iter().any(|live| live.id == example.id) {
                problems.push(format!("{}: {parent} does not hold the example", kind.name));
            }
            for mut live in residents {
                let undeclared = live
                    .attributes
                    .keys()
                    .find(|name| !kind.attributes.contains(&name.as_str()));
                if let Some(name) = undeclared {
                    problems.push(format!("{}: attribute {name} is not declared", kind.name));
                }
                let find = (kind.find)(&live.properties, &me(None)).expect("it fits");
                let alike = find.iter().zip(&calls).all(|(find, inside)| {
                    (find.action, &find.region) == (inside.action, &inside.region)
                });
                if !alike {
                    continue;
                }
                // Whose a rule is shows on it only where it is found inside its group.
                let tags = live.properties.remove("Tags");
                let seen = (kind.read)(&live.properties, &me(None), &inside.replies);
                if seen.expect("it fits") != Seen::Live(live.clone()) {
                    problems.push(format!(
                        "{}: {} in {parent} reads otherwise by itself",
                        kind.name, live.id
                    ));
                }
                if kind.tagged && tags.is_none() {
                    problems.push(format!("{}: {} has no tags", kind.name, live.id));
                }
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn the_attribute_that_says_since_when_something_exists_is_an_instant() {
    let (kinds, examples) = examples::all();
    for kind in kinds.iter().filter(|kind| !kind.born.is_empty()) {
        assert!(
            kind.attributes.contains(&kind.born) && !kind.volatile.contains(&kind.born),
            "{}: {} is no attribute that stays",
            kind.name,
            kind.born
        );
        let instant = examples[kind.name].attributes[kind.born].as_str();
        let shape: Option<String> = instant.map(|instant| {
            instant
                .chars()
                .map(|c| if c.is_ascii_digit() { '0' } else { c })
                .collect()
        });
        assert!(
            matches!(
                shape.as_deref(),
                Some("0000-00-00T00:00:00Z" | "0000-00-00T00:00:00.000Z")
            ),
            "{}: {} is {instant:?}",
            kind.name,
            kind.born
        );
    }
}
