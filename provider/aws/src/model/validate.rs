//! Checks a call's parameters against the model before they are sent.

use std::fmt::Write as _;

use serde_json::Value;

use super::{Operation, Reference, Service, Shape, ShapeKind};
use crate::wire::timestamp;

/// Checks parameters against the model: unknown services, operations and members, wrong types, missing required
/// members, values outside a closed set.
///
/// Enumerations of more than two hundred values aren't in the models, since they grow faster than this client is
/// released.
///
/// # Errors
/// All problems, each beginning with the path of the member, such as `Tags[0].Key: must be a string, not a number`.
pub fn validate(service: &str, action: &str, params: &Value) -> Result<(), Vec<String>> {
    let Some(model) = super::service(service) else {
        return Err(vec![format!(
            "{service}: no such service in models/operations.json"
        )]);
    };
    let Some(operation) = model.operation(action) else {
        return Err(vec![format!(
            "{service}: no operation {action} in models/operations.json"
        )]);
    };
    match problems(model, operation, params) {
        problems if problems.is_empty() => Ok(()),
        problems => Err(problems),
    }
}

/// The problems of `params` as input of `operation`.
pub(crate) fn problems(service: &Service, operation: &Operation, params: &Value) -> Vec<String> {
    let mut check = Check {
        service,
        path: String::new(),
        problems: Vec::new(),
    };
    match &operation.input {
        Some(input) => check.value(input, params),
        None if params.as_object().is_none_or(serde_json::Map::is_empty) => {}
        None => check.problem("the operation takes no parameters"),
    }
    check.problems
}

struct Check<'a> {
    service: &'a Service,
    path: String,
    problems: Vec<String>,
}

impl Check<'_> {
    fn problem(&mut self, what: impl std::fmt::Display) {
        let at = if self.path.is_empty() {
            "parameters"
        } else {
            &self.path
        };
        self.problems.push(format!("{at}: {what}"));
    }

    fn below(&mut self, step: std::fmt::Arguments<'_>, check: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        // Writing to a String can't fail.
        let _ = self.path.write_fmt(step);
        check(self);
        self.path.truncate(length);
    }

    fn value(&mut self, reference: &Reference, value: &Value) {
        let shape = self.service.shape(reference);
        if shape.document || reference.jsonvalue || value.is_null() {
            return;
        }
        match (shape.kind, value) {
            (ShapeKind::Structure, Value::Object(members)) => self.structure(shape, members),
            (ShapeKind::List, Value::Array(elements)) => {
                let Some(member) = &shape.member else { return };
                for (index, element) in elements.iter().enumerate() {
                    self.below(format_args!("[{index}]"), |check| {
                        check.value(member, element)
                    });
                }
            }
            (ShapeKind::Map, Value::Object(entries)) => {
                let Some(member) = &shape.value else { return };
                for (key, entry) in entries {
                    self.below(format_args!("[{key:?}]"), |check| {
                        check.value(member, entry)
                    });
                }
            }
            (ShapeKind::String | ShapeKind::Character, Value::String(text)) => {
                if !shape.values.is_empty() && !shape.values.contains(text) && !shape.sensitive {
                    let known = nearest(text, shape.values.iter().map(String::as_str));
                    self.problem(format_args!("{text:?} is no value of it; {known}"));
                }
            }
            (ShapeKind::Boolean, Value::Bool(_))
            | (ShapeKind::Float | ShapeKind::Double | ShapeKind::Number, Value::Number(_)) => {}
            (ShapeKind::Float | ShapeKind::Double, Value::String(text))
                if matches!(text.as_str(), "NaN" | "Infinity" | "-Infinity") => {}
            (ShapeKind::Integer | ShapeKind::Long, Value::Number(number))
                if number.is_i64() || number.is_u64() => {}
            (ShapeKind::Timestamp, Value::Number(_)) => {}
            (ShapeKind::Timestamp, Value::String(text)) if timestamp::parse(text).is_some() => {}
            (ShapeKind::Blob, Value::String(text))
                if crate::wire::decode_base64(text).is_some() => {}
            (kind, value) => self.problem(format_args!(
                "must be {}, not {}",
                expected(kind),
                found(value)
            )),
        }
    }

    fn structure(&mut self, shape: &Shape, members: &serde_json::Map<String, Value>) {
        for name in &shape.required {
            // An absent token is filled by the client.
            let filled = shape
                .members
                .get(name)
                .is_some_and(|member| member.idempotency_token);
            if !filled && members.get(name).is_none_or(Value::is_null) {
                self.problem(format_args!("{name} is required"));
            }
        }
        if shape.union && members.values().filter(|value| !value.is_null()).count() != 1 {
            self.problem("exactly one member must be given");
        }
        for (name, value) in members {
            match shape.members.get(name) {
                Some(member) => {
                    let dot = if self.path.is_empty() { "" } else { "." };
                    self.below(format_args!("{dot}{name}"), |check| {
                        check.value(member, value)
                    });
                }
                None => {
                    let known = nearest(name, shape.members.keys().map(String::as_str));
                    self.problem(format_args!("no member {name}; {known}"));
                }
            }
        }
    }
}

/// What there is instead: all names when they are few, those that begin most alike when they are many.
fn nearest<'a>(wrong: &str, names: impl Iterator<Item = &'a str>) -> String {
    const FEW: usize = 12;
    let alike = |name: &str| {
        let pairs = name.chars().zip(wrong.chars());
        pairs.take_while(|(a, b)| a.eq_ignore_ascii_case(b)).count()
    };
    let mut names: Vec<_> = names.collect();
    if names.len() <= FEW {
        return format!("there are {}", names.join(", "));
    }
    let all = names.len();
    names.sort_by_key(|name| (std::cmp::Reverse(alike(name)), *name));
    names.truncate(3);
    format!("nearest of {all} are {}", names.join(", "))
}

fn expected(kind: ShapeKind) -> &'static str {
    match kind {
        ShapeKind::Structure | ShapeKind::Map => "an object",
        ShapeKind::List => "an array",
        ShapeKind::String | ShapeKind::Character => "a string",
        ShapeKind::Boolean => "a boolean",
        ShapeKind::Integer | ShapeKind::Long => "a whole number",
        ShapeKind::Float | ShapeKind::Double | ShapeKind::Number => "a number",
        ShapeKind::Timestamp => "a time (ISO 8601 or seconds since 1970)",
        ShapeKind::Blob => "a base64 string",
    }
}

fn found(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(number) if number.is_f64() => "a fraction",
        Value::Number(_) => "a number",
        Value::String(_) => "such a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
