//! JSON bodies: the json protocol whole, and the bodies of rest-json.

use serde_json::{Map, Value};

use super::{Request, given, timestamp};
use crate::model::{Operation, Reference, Service, Shape, ShapeKind};

pub(super) fn serialise(
    service: &Service,
    operation: &Operation,
    params: &Map<String, Value>,
) -> Request {
    let metadata = &service.metadata;
    let body = match &operation.input {
        Some(input) => structure(service, service.shape(input), params),
        None => Value::Object(Map::new()),
    };
    let mut request = Request {
        method: operation.http.method.clone(),
        uri: operation.http.request_uri.clone(),
        body: body.to_string().into_bytes(),
        ..Request::default()
    };
    request.header(
        "Content-Type",
        format!(
            "application/x-amz-json-{}",
            metadata.json_version.as_deref().unwrap_or("1.0")
        ),
    );
    let target = metadata.target_prefix.as_deref().unwrap_or_default();
    request.header("X-Amz-Target", format!("{target}.{}", operation.name));
    if metadata.aws_query_compatible.is_some() {
        request.header("x-amzn-query-mode", "true");
    }
    request
}

/// A structure's body members as a JSON object with wire names.
pub(super) fn structure(service: &Service, shape: &Shape, members: &Map<String, Value>) -> Value {
    let written = given(service, shape, members)
        .filter(|(_, member, ..)| member.in_body())
        .map(|(name, member, _, value)| {
            (
                member.wire_name(name).to_owned(),
                write(service, member, value),
            )
        });
    Value::Object(written.collect())
}

/// A value with wire names and formats.
pub(super) fn write(service: &Service, reference: &Reference, value: &Value) -> Value {
    let shape = service.shape(reference);
    match (shape.kind, value) {
        _ if shape.document => value.clone(),
        (_, value) if reference.jsonvalue => Value::String(value.to_string()),
        (ShapeKind::Structure, Value::Object(members)) => structure(service, shape, members),
        (ShapeKind::List, Value::Array(elements)) => match &shape.member {
            Some(member) => elements
                .iter()
                .map(|element| write(service, member, element))
                .collect(),
            None => value.clone(),
        },
        (ShapeKind::Map, Value::Object(entries)) => match &shape.value {
            Some(member) => Value::Object(
                entries
                    .iter()
                    .map(|(key, entry)| (key.clone(), write(service, member, entry)))
                    .collect(),
            ),
            None => value.clone(),
        },
        (ShapeKind::Timestamp, value) => match timestamp::from_value(value) {
            Some(instant) => match reference.timestamp_format(shape, "unixTimestamp") {
                "unixTimestamp" => Value::Number(timestamp::seconds(instant)),
                format => Value::String(timestamp::format(instant, format)),
            },
            None => value.clone(),
        },
        _ => value.clone(),
    }
}

pub(super) fn parse(service: &Service, output: &Reference, body: &[u8]) -> Result<Value, String> {
    Ok(read(service, output, document(body)?))
}

/// The body as JSON; an empty one is an empty object.
pub(super) fn document(body: &[u8]) -> Result<Value, String> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Value::Object(Map::new()));
    }
    serde_json::from_slice(body).map_err(|error| format!("the reply isn't JSON: {error}"))
}

/// A value with the model's names and the client's formats. Members the model doesn't know are dropped.
pub(super) fn read(service: &Service, reference: &Reference, value: Value) -> Value {
    let shape = service.shape(reference);
    match (shape.kind, value) {
        (_, value) if shape.document => value,
        (_, Value::String(text)) if reference.jsonvalue => {
            serde_json::from_str(&text).unwrap_or(Value::String(text))
        }
        (ShapeKind::Structure, Value::Object(members)) => structure_from(service, shape, members),
        (ShapeKind::List, Value::Array(elements)) => match &shape.member {
            Some(member) => elements
                .into_iter()
                .map(|element| read(service, member, element))
                .collect(),
            None => Value::Array(elements),
        },
        (ShapeKind::Map, Value::Object(entries)) => match &shape.value {
            Some(member) => Value::Object(
                entries
                    .into_iter()
                    .filter(|(_, entry)| shape.sparse || !entry.is_null())
                    .map(|(key, entry)| (key, read(service, member, entry)))
                    .collect(),
            ),
            None => Value::Object(entries),
        },
        (ShapeKind::Timestamp, value) => timestamp::canonical(&value),
        (_, value) => value,
    }
}

/// A structure's body members by the model's names.
pub(super) fn structure_from(
    service: &Service,
    shape: &Shape,
    mut members: Map<String, Value>,
) -> Value {
    let read = shape
        .members
        .iter()
        .filter(|(_, member)| member.in_reply_body())
        .filter_map(|(name, member)| {
            let value = members
                .remove(member.wire_name(name))
                .filter(|value| !value.is_null())?;
            Some((name.clone(), read(service, member, value)))
        });
    Value::Object(read.collect())
}
