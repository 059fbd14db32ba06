//! Judging a value by a schema, in words for the person who wrote it.

use platform_graph::Problems;
use regex::Regex;
use serde_json::{Map, Value};

use super::{child, is_unknown, whole};

/// The value with something possible in place of whatever has the wrong form, so that the rest can be judged by its meaning.
/// `None` where nothing fits but leaving it out.
pub(super) fn repaired(schema: &Value, value: &Value) -> Option<Value> {
    let mut problems = Problems::new();
    judge(schema, value, "", &mut Vec::new(), &mut problems);
    if problems.is_empty() {
        return Some(value.clone());
    }
    let expected = schema.get("type").and_then(Value::as_str).unwrap_or("");
    match (expected, value) {
        ("object", Value::Object(fields)) => {
            let mut sound: Map<String, Value> = fields
                .iter()
                .filter(|(_, value)| !value.is_null())
                .filter_map(|(name, value)| {
                    Some((name.clone(), repaired(child(schema, name)?, value)?))
                })
                .collect();
            let required = schema.get("required").and_then(Value::as_array);
            for name in required.into_iter().flatten().filter_map(Value::as_str) {
                if !sound.contains_key(name)
                    && let Some(any) = child(schema, name).and_then(possible)
                {
                    sound.insert(name.to_owned(), any);
                }
            }
            Some(Value::Object(sound))
        }
        ("array", Value::Array(items)) => {
            let inner = schema.get("items")?;
            Some(
                items
                    .iter()
                    .filter(|item| !item.is_null())
                    .filter_map(|item| repaired(inner, item))
                    .collect(),
            )
        }
        // A text of the wrong form is still a text: others may refer to it.
        ("string", Value::String(_)) if schema.get("enum").is_none() => Some(value.clone()),
        _ => possible(schema),
    }
}

/// Some value that a schema allows.
fn possible(schema: &Value) -> Option<Value> {
    if let Some(first) = schema.get("enum").and_then(|values| values.get(0)) {
        return Some(first.clone());
    }
    match schema.get("type").and_then(Value::as_str)? {
        "string" => Some("any".into()),
        "integer" | "number" => Some(schema.get("minimum").cloned().unwrap_or_else(|| 0.into())),
        "boolean" => Some(false.into()),
        "array" => Some(Value::Array(Vec::new())),
        "object" => repaired(schema, &Value::Object(Map::new())),
        _ => None,
    }
}

/// Judges a value; `outside` describes the list or map that it is an element of.
pub(super) fn judge(
    schema: &Value,
    value: &Value,
    outside: &str,
    path: &mut Vec<String>,
    problems: &mut Problems,
) {
    if value.is_null() || is_unknown(value) {
        return;
    }
    let about = schema
        .get("description")
        .and_then(Value::as_str)
        .unwrap_or(outside);
    let expected = schema.get("type").and_then(Value::as_str).unwrap_or("");
    match (expected, value) {
        ("object", Value::Object(fields)) => judge_object(schema, fields, about, path, problems),
        ("array", Value::Array(items)) => {
            judge_size(
                schema,
                items.len(),
                ("minItems", "maxItems"),
                "elements",
                path,
                problems,
            );
            let inner = schema.get("items").unwrap_or(&Value::Null);
            for (index, item) in items.iter().enumerate() {
                path.push(index.to_string());
                if item.is_null() {
                    problems.error(
                        path.clone(),
                        "an element is null",
                        format!("Leave it out. {about}").trim().to_owned(),
                    );
                }
                judge(inner, item, about, path, problems);
                path.pop();
            }
        }
        ("string", Value::String(text)) => judge_text(schema, text, about, path, problems),
        ("integer" | "number", Value::Number(number)) => {
            judge_number(schema, number, about, path, problems);
        }
        ("boolean", Value::Bool(_)) | ("", _) => {}
        _ => problems.error(
            path.clone(),
            format!("{} is expected here", noun(expected)),
            format!("This is {}. {about}", noun_of(value))
                .trim()
                .to_owned(),
        ),
    }
}

fn judge_object(
    schema: &Value,
    fields: &Map<String, Value>,
    about: &str,
    path: &mut Vec<String>,
    problems: &mut Problems,
) {
    for name in schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
    {
        if fields.get(name).is_none_or(Value::is_null) {
            let inner = child(schema, name).and_then(|inner| inner.get("description"));
            path.push(name.to_owned());
            problems.error(
                path.clone(),
                format!("`{name}` is needed"),
                inner.and_then(Value::as_str).unwrap_or_default(),
            );
            path.pop();
        }
    }
    for (name, value) in fields {
        path.push(name.clone());
        match child(schema, name) {
            Some(inner) => judge(inner, value, about, path, problems),
            None => {
                let known = schema
                    .get("properties")
                    .and_then(Value::as_object)
                    .map(|properties| properties.keys().cloned().collect::<Vec<_>>())
                    .unwrap_or_default();
                problems.error(
                    path.clone(),
                    format!("`{name}` is not an argument"),
                    format!("The arguments here are: {}.", known.join(", ")),
                );
            }
        }
        path.pop();
    }
}

fn judge_text(schema: &Value, text: &str, about: &str, path: &[String], problems: &mut Problems) {
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        if !values.iter().any(|value| value == text) {
            let values: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
            problems.error(
                path.to_vec(),
                format!("{text:?} is not one of the possible values"),
                format!("Possible are: {}.", values.join(", ")),
            );
        }
        return;
    }
    judge_size(
        schema,
        text.chars().count(),
        ("minLength", "maxLength"),
        "characters",
        path,
        problems,
    );
    if let Some(pattern) = schema.get("pattern").and_then(Value::as_str)
        && let Ok(form) = Regex::new(pattern)
        && !form.is_match(text)
    {
        problems.error(
            path.to_vec(),
            format!("{text:?} does not have the form that is needed"),
            format!("{about} As a regular expression: {pattern}")
                .trim()
                .to_owned(),
        );
    }
}

fn judge_number(
    schema: &Value,
    number: &serde_json::Number,
    about: &str,
    path: &[String],
    problems: &mut Problems,
) {
    if schema.get("type") == Some(&Value::from("integer")) && whole(number).is_none() {
        problems.error(
            path.to_vec(),
            "a whole number is expected here",
            format!("This is {number}. {about}").trim().to_owned(),
        );
        return;
    }
    let bound = |name: &str| schema.get(name).and_then(Value::as_f64);
    let (least, most) = (bound("minimum"), bound("maximum"));
    let value = number.as_f64().unwrap_or_default();
    if least.is_some_and(|least| value < least) || most.is_some_and(|most| value > most) {
        problems.error(
            path.to_vec(),
            format!("{number} is out of range"),
            format!("{} {about}", range(least, most)).trim().to_owned(),
        );
    }
}

fn judge_size(
    schema: &Value,
    size: usize,
    (least, most): (&str, &str),
    what: &str,
    path: &[String],
    problems: &mut Problems,
) {
    let bound = |name: &str| schema.get(name).and_then(Value::as_u64);
    if let Some(least) = bound(least).filter(|least| (size as u64) < *least) {
        problems.error(
            path.to_vec(),
            format!("too few {what}"),
            format!("At least {least} {what} are needed; there are {size}."),
        );
    }
    if let Some(most) = bound(most).filter(|most| (size as u64) > *most) {
        problems.error(
            path.to_vec(),
            format!("too many {what}"),
            format!("At most {most} {what} are possible; there are {size}."),
        );
    }
}

fn range(least: Option<f64>, most: Option<f64>) -> String {
    match (least, most) {
        (Some(least), Some(most)) => format!("Possible is {least} to {most}."),
        (Some(least), None) => format!("The least is {least}."),
        (None, Some(most)) => format!("The most is {most}."),
        (None, None) => String::new(),
    }
}

fn noun(expected: &str) -> &'static str {
    match expected {
        "object" => "an object",
        "array" => "a list",
        "string" => "a string",
        "boolean" => "true or false",
        _ => "a number",
    }
}

fn noun_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
