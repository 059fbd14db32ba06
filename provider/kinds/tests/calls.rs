//! The calls of every kind for its examples, as golden files: what a review of a kind looks at first.

use std::fmt::Write as _;

use crate::examples::{self, Example, me};
use platform_graph::{Call, KindDef, Tags};
use serde_json::{Value, json};

/// JSON with its keys in order, however `serde_json` is built.
fn sorted(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields
                .iter()
                .map(|(name, field)| format!("{name}: {}", sorted(field)))
                .collect();
            fields.sort();
            format!("{{{}}}", fields.join(", "))
        }
        Value::Array(items) => format!(
            "[{}]",
            items.iter().map(sorted).collect::<Vec<_>>().join(", ")
        ),
        plain => plain.to_string(),
    }
}

fn show(text: &mut String, title: &str, calls: &[Call]) {
    let _ = writeln!(text, "{title}");
    for call in calls {
        let _ = write!(
            text,
            "  {} {} {}",
            call.service,
            call.action,
            sorted(&Value::Object(call.params.clone()))
        );
        if let Some(region) = &call.region {
            let _ = write!(text, " in {region}");
        }
        if let Some(source) = &call.source {
            let _ = write!(text, " presigned for {source}");
        }
        if let Some(secret) = &call.secret {
            let _ = write!(
                text,
                " ({} <- {})",
                secret.member,
                sorted(&json!(secret.source))
            );
        }
        let _ = match (call.token, call.merge) {
            (None, None) => writeln!(text),
            (token, merge) => writeln!(
                text,
                "{}{}",
                token.map(|token| format!(" + {token}")).unwrap_or_default(),
                merge.map(|list| format!(" * {list}")).unwrap_or_default()
            ),
        };
    }
}

fn story(kind: &KindDef, example: &Example) -> String {
    let mut text = String::new();
    let id = example.id.as_str();
    show(
        &mut text,
        "find by owner",
        &(kind.find)(&example.full, &me(None)).expect("the example fits"),
    );
    show(
        &mut text,
        "find by id",
        &(kind.find)(&example.full, &me(Some(id))).expect("the example fits"),
    );
    show(
        &mut text,
        "details",
        &(kind.details)(&example.full, &me(Some(id)), id).expect("the example fits"),
    );
    for (name, desired, other) in [
        ("minimal", &example.minimal, &example.full),
        ("full", &example.full, &example.minimal),
    ] {
        show(
            &mut text,
            &format!("create {name}"),
            &(kind.create)(desired, &me(None)).expect("the example fits"),
        );
        let changed = Example::changeable(kind, desired, other);
        if !changed.is_empty() {
            let update = (kind.update)(desired, &me(Some(id)), &example.live(other), &changed)
                .expect("the example fits");
            show(
                &mut text,
                &format!("update to {name}: {}", changed.join(", ")),
                &update,
            );
            let asked = (kind.forecast)(desired, &me(Some(id)), &example.live(other), &changed);
            let asked = asked.expect("the example fits");
            if !asked.is_empty() {
                show(&mut text, &format!("forecast of that to {name}"), &asked);
            }
        }
    }
    if kind.tagged {
        let set = Tags::from([("team".to_owned(), "core".to_owned())]);
        show(
            &mut text,
            "retag",
            &(kind.retag)(&example.live(&example.full), &set, &["old".to_owned()])
                .expect("the example fits"),
        );
    }
    show(
        &mut text,
        "delete",
        &(kind.delete)(&example.full, &me(Some(id)), id, &example.attributes)
            .expect("the example fits"),
    );
    for (round, calls) in example.census(kind).iter().enumerate() {
        show(&mut text, &format!("census, round {}", round + 1), calls);
    }
    for claim in (kind.counted)(&example.census) {
        let _ = writeln!(text, "  counts {} {}", claim.id, sorted(&json!(claim.tags)));
    }
    for (parent, inside) in &example.inside {
        show(
            &mut text,
            &format!("inside {parent}"),
            &(kind.inside)(parent, &inside.id),
        );
        let residents = (kind.residents)(parent, &inside.id, &inside.replies);
        for live in residents.expect("residents are of the kind") {
            let _ = writeln!(
                text,
                "  holds {} {} with {}",
                live.id,
                sorted(&Value::Object(live.properties)),
                sorted(&Value::Object(live.attributes))
            );
        }
    }
    text
}

#[test]
fn the_calls_of_every_kind() {
    let (kinds, examples) = examples::all();
    for kind in kinds.iter() {
        let name = kind.name.replace("::", ".");
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(name, story(kind, &examples[kind.name]));
        });
    }
}
