//! What is wrong with the arguments of `data "platform_inventory"`: what would match nothing, or claim nothing, without a word.

use platform_composites::schema;
use platform_protocol::{AttributePath, Diagnostic, Diagnostics, Value};

/// The longest name that a composite can have.
const LONGEST_NAME: usize = 40;
/// How many places of one argument are named.
const MOST: usize = 5;

/// Everything that is wrong with the arguments, each at its path. What is not known yet is not judged.
pub fn check(config: &Value) -> Diagnostics {
    let mut problems = Diagnostics::new();
    let mut wrong = |argument: &str, summary: String, detail: String| {
        let at = AttributePath::root().child(argument);
        problems.push(Diagnostic::error(summary, detail).at(at));
    };
    if let Some(composite) = config.attr("composite").as_str() {
        let mut known: Vec<&str> = schema::all().iter().map(|def| def.name).collect();
        known.sort_unstable();
        if !known.contains(&composite) {
            wrong(
                "composite",
                format!("{composite:?} is no composite of this provider"),
                format!("Write one of {}, or leave it out.", known.join(", ")),
            );
        }
    }
    if let Some(name) = config.attr("name").as_str()
        && !can_be_a_name(name)
    {
        wrong(
            "name",
            format!("{name:?} can't be the name of a composite"),
            format!(
                "A name has 1 to {LONGEST_NAME} lowercase letters, digits and hyphens, starts with a letter and does not end with a hyphen. \
                 Without name, composites of every name are listed."
            ),
        );
    }
    let mut places = Vec::new();
    claims_nothing(config.attr("claimed_by"), "claimed_by", &mut places);
    if let Some(first) = places.first() {
        let (summary, why) = match places.len() {
            1 => (
                format!("{first} is neither a composite nor its resources"),
                "It claims nothing".to_owned(),
            ),
            all => {
                let mut named = places[..all.min(MOST)].join(", ");
                if all > MOST {
                    named.push_str(&format!(" and {} more", all - MOST));
                }
                (
                    format!(
                        "{all} values of claimed_by are neither composites nor their resources"
                    ),
                    format!("They claim nothing: {named}"),
                )
            }
        };
        wrong(
            "claimed_by",
            summary,
            format!(
                "{why}. Write whole composites, as in claimed_by = [platform_network.main], or their resources, as in \
                 claimed_by = [platform_network.main.resources]; not ids or names."
            ),
        );
    }
    problems
}

fn can_be_a_name(name: &str) -> bool {
    let inside = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(inside)
        && !name.ends_with('-')
        && name.len() <= LONGEST_NAME
}

/// The places in a value that hold something other than composites and parts, as HCL writes them.
fn claims_nothing(value: &Value, place: &str, places: &mut Vec<String>) {
    match value {
        Value::Null | Value::Unknown(_) => {}
        Value::Dynamic(inner) => claims_nothing(&inner.1, place, places),
        Value::List(items) | Value::Set(items) => {
            for (index, item) in items.iter().enumerate() {
                claims_nothing(item, &format!("{place}[{index}]"), places);
            }
        }
        Value::Map(fields) | Value::Object(fields) => {
            if let Some(resources) = fields.get("resources") {
                claims_nothing(resources, &format!("{place}.resources"), places);
            } else if fields.get("type").is_some_and(is_part_type) && fields.contains_key("id") {
                // A part: it claims itself.
            } else if fields.values().any(is_scalar) {
                // A module gives its composite among other things.
                if !fields.values().any(holds_parts) {
                    places.push(place.to_owned());
                }
            } else {
                for (key, field) in fields {
                    claims_nothing(field, &format!("{place}[{key:?}]"), places);
                }
            }
        }
        Value::Bool(_) | Value::Number(_) | Value::String(_) => places.push(place.to_owned()),
    }
}

/// Whether there is a composite or a part in a value, or may be once it is known.
fn holds_parts(value: &Value) -> bool {
    match value {
        Value::Unknown(_) => true,
        Value::Dynamic(inner) => holds_parts(&inner.1),
        Value::List(items) | Value::Set(items) => items.iter().any(holds_parts),
        Value::Map(fields) | Value::Object(fields) => {
            fields.contains_key("resources")
                || fields.get("type").is_some_and(is_part_type)
                || fields.values().any(holds_parts)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

fn is_part_type(value: &Value) -> bool {
    matches!(value, Value::Unknown(_)) || value.as_str().is_some_and(|kind| kind.contains("::"))
}

fn is_scalar(value: &Value) -> bool {
    match value {
        Value::Dynamic(inner) => is_scalar(&inner.1),
        _ => matches!(value, Value::Bool(_) | Value::Number(_) | Value::String(_)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;

    fn complaints(config: &Json) -> Vec<String> {
        let config = Value::infer(config).unwrap();
        check(&config).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_would_silently_match_or_claim_nothing_is_refused() {
        let ids: Vec<String> = (0..9).map(|number| format!("vpc-{number}")).collect();
        let said: Vec<String> = [
            json!({"composite": "network"}),
            json!({"composite": "aws_vpc", "name": ""}),
            json!({"name": "BAD NAME"}),
            json!({"name": "ends-"}),
            json!({"name": "a".repeat(41)}),
            json!({"claimed_by": "foo"}),
            json!({"claimed_by": [1, 2]}),
            json!({"claimed_by": ids}),
            json!({"claimed_by": {"a": {"id": "vpc-1", "arn": "arn:aws:ec2:::vpc/vpc-1"}}}),
            json!({"claimed_by": [{"id": "bucket", "resources": ["vpc-1"]}]}),
        ]
        .iter()
        .flat_map(complaints)
        .collect();
        insta::assert_snapshot!(said.join("\n"));
    }

    #[test]
    fn composites_and_their_resources_are_taken_however_they_are_handed_over() {
        let part = json!({"type": "AWS::EC2::VPC", "id": "vpc-1", "properties": {}});
        let resources = json!({"vpc": part, "eip/a": {"type": "AWS::EC2::EIP", "id": null}});
        let composite = json!({"id": "us-east-1/main", "name": "main", "resources": resources});
        for handed in [
            json!(null),
            json!([]),
            json!({}),
            part,
            resources.clone(),
            composite.clone(),
            json!([composite, resources]),
            json!({"main": composite}),
            json!({"id": "us-east-1/new", "resources": null}),
            json!({"vpc_id": "vpc-1", "network": composite}),
        ] {
            let config =
                json!({"composite": "platform_network", "name": "a1-b", "claimed_by": handed});
            assert_eq!(complaints(&config), [""; 0], "{handed}");
        }
    }

    #[test]
    fn what_is_not_known_yet_is_not_judged() {
        let unknown = || Value::Unknown(None);
        let later = Value::Object(
            [
                ("composite".to_owned(), unknown()),
                ("name".to_owned(), unknown()),
                ("claimed_by".to_owned(), Value::List(vec![unknown()])),
            ]
            .into(),
        );
        assert!(check(&later).is_empty());
    }
}
