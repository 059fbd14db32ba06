//! What differs between what AWS shows and what is asked for, and what of it is recorded.

use platform_graph::{KindDef, Properties, diff};
use serde_json::{Value, json};

use crate::kinds::First;

fn properties(value: Value) -> Properties {
    match value {
        Value::Object(fields) => fields,
        other => panic!("{other} is not an object"),
    }
}

#[test]
fn differences_property_by_property() {
    let kind = KindDef::of::<First>();
    for (why, live, desired, formerly, expected) in [
        (
            "the same",
            json!({"Size": 1}),
            json!({"Size": 1}),
            None,
            vec![],
        ),
        (
            "another value",
            json!({"Size": 1}),
            json!({"Size": 2}),
            None,
            vec!["Size"],
        ),
        ("missing", json!({}), json!({"Size": 2}), None, vec!["Size"]),
        ("not asked for", json!({"Size": 1}), json!({}), None, vec![]),
        (
            "no longer asked for",
            json!({"Size": 1}),
            json!({}),
            Some(json!({"Size": 1})),
            vec!["Size"],
        ),
        (
            "no longer asked for and gone",
            json!({}),
            json!({}),
            Some(json!({"Size": 1})),
            vec![],
        ),
        (
            "no longer asked for and create-only",
            json!({"Fixed": "a"}),
            json!({}),
            Some(json!({"Fixed": "a"})),
            vec![],
        ),
        (
            "another order",
            json!({"Uses": ["a", "b"]}),
            json!({"Uses": ["b", "a"]}),
            None,
            vec![],
        ),
        (
            "another count",
            json!({"Uses": ["a", "a", "b"]}),
            json!({"Uses": ["a", "b", "b"]}),
            None,
            vec!["Uses"],
        ),
        (
            "the kind's own sameness",
            json!({"Fixed": "ABC"}),
            json!({"Fixed": "abc"}),
            None,
            vec![],
        ),
        (
            "an open reference",
            json!({"Parent": "x"}),
            json!({"Parent": "${part:x}"}),
            None,
            vec!["Parent"],
        ),
        (
            "the same open reference",
            json!({"Parent": "${part:x}"}),
            json!({"Parent": "${part:x}"}),
            None,
            vec![],
        ),
        (
            "somebody's tag",
            json!({"Tags": {"a": "1", "b": "2"}}),
            json!({"Tags": {"a": "1"}}),
            None,
            vec![],
        ),
        (
            "another tag value",
            json!({"Tags": {"a": "1"}}),
            json!({"Tags": {"a": "2"}}),
            None,
            vec!["Tags"],
        ),
        (
            "our tag no longer wanted",
            json!({"Tags": {"a": "1", "b": "2"}}),
            json!({"Tags": {"a": "1"}}),
            Some(json!({"Tags": {"b": "2"}})),
            vec!["Tags"],
        ),
        (
            "no tags wanted any more",
            json!({"Tags": {"b": "2"}}),
            json!({}),
            Some(json!({"Tags": {"b": "2"}})),
            vec!["Tags"],
        ),
        (
            "the seal stays",
            json!({"Tags": {"platform:seal": "2"}}),
            json!({"Tags": {}}),
            Some(json!({"Tags": {"platform:seal": "2"}})),
            vec![],
        ),
    ] {
        let formerly = formerly.map(properties);
        let found = diff::changed(
            &kind,
            &properties(live),
            &properties(desired),
            formerly.as_ref(),
        );
        assert_eq!(found, expected, "{why}");
    }
}

#[test]
fn tags_to_set_and_to_remove() {
    let live =
        properties(json!({"Tags": {"a": "1", "b": "1", "c": "1", "theirs": "1", "aws:x": "1"}}));
    let desired = properties(json!({"Tags": {"a": "1", "b": "2", "d": "1"}}));
    let formerly = properties(json!({"Tags": {"a": "1", "c": "1", "aws:x": "1", "gone": "1"}}));
    let (set, remove) = diff::tag_changes(&live, &desired, Some(&formerly));
    assert_eq!(json!(set), json!({"b": "2", "d": "1"}));
    assert_eq!(remove, ["c"]);
    assert_eq!(
        json!(diff::foreign_tags(&live, &desired)),
        json!({"c": "1", "theirs": "1"})
    );
}

#[test]
fn what_is_recorded_is_what_was_asked_for_unless_it_means_something_else() {
    let kind = KindDef::of::<First>();
    let live = properties(
        json!({"Uses": ["b", "a"], "Fixed": "ABC", "Size": 3, "Parent": "p", "Tags": {"a": "1", "x": "y"}}),
    );
    let shape = properties(
        json!({"Uses": ["a", "b"], "Fixed": "abc", "Size": 2, "Address": "q", "Tags": {"a": "2"}}),
    );
    assert_eq!(
        Value::Object(diff::project(&kind, &live, &shape)),
        json!({"Uses": ["a", "b"], "Fixed": "abc", "Size": 3, "Tags": {"a": "1"}})
    );
}
