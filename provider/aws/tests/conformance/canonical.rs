//! Brings values of the suites into the client's JSON, and XML and numbers into a form that can be compared.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use platform_aws::model::{Reference, Service, ShapeKind};
use platform_aws::wire::timestamp;
use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::Value;
use time::format_description::well_known::Rfc3339;

/// The suites write blobs as text, times as seconds and JSON in headers as text.
pub fn to_client(service: &Service, reference: &Reference, value: &Value) -> Value {
    let shape = service.shape(reference);
    match (shape.kind, value) {
        _ if shape.document => value.clone(),
        (_, Value::String(text)) if reference.jsonvalue => serde_json::from_str(text).unwrap(),
        (ShapeKind::Blob, Value::String(text)) => Value::String(STANDARD.encode(text)),
        (ShapeKind::Timestamp, value @ Value::Number(_)) => Value::String(
            timestamp::from_value(value)
                .unwrap()
                .format(&Rfc3339)
                .unwrap(),
        ),
        (ShapeKind::Structure, Value::Object(members)) => members
            .iter()
            .map(|(name, member)| {
                (
                    name.clone(),
                    to_client(service, &shape.members[name.as_str()], member),
                )
            })
            .collect(),
        (ShapeKind::List, Value::Array(elements)) => {
            let member = shape.member.as_ref().unwrap();
            elements
                .iter()
                .map(|element| to_client(service, member, element))
                .collect()
        }
        (ShapeKind::Map, Value::Object(entries)) => {
            let member = shape.value.as_ref().unwrap();
            entries
                .iter()
                .map(|(key, entry)| (key.clone(), to_client(service, member, entry)))
                .collect()
        }
        _ => value.clone(),
    }
}

/// `1` and `1.0` are one number.
pub fn numbers(value: Value) -> Value {
    match value {
        Value::Number(number) => Value::from(number.as_f64().unwrap()),
        Value::Array(elements) => elements.into_iter().map(numbers).collect(),
        Value::Object(members) => members
            .into_iter()
            .map(|(name, member)| (name, numbers(member)))
            .collect(),
        other => other,
    }
}

/// Pairs of a form or query, sorted.
pub fn pairs(text: &str) -> Vec<&str> {
    let mut pairs: Vec<_> = text.split('&').filter(|pair| !pair.is_empty()).collect();
    pairs.sort_unstable();
    pairs
}

/// XML one element per line, attributes sorted, without the white space between elements.
pub fn xml(text: &str) -> String {
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut lines = String::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => {
                let attributes = start.attributes().map(Result::unwrap);
                let mut attributes: Vec<_> = attributes
                    .map(|a| format!(" {}={:?}", a.key.as_ref(), a.value))
                    .collect();
                attributes.sort();
                lines += &format!("\n<{}{}>", start.name().as_ref(), attributes.concat());
            }
            Event::End(end) => lines += &format!("\n</{}>", end.name().as_ref()),
            Event::Text(text) => lines += text.xml10_content().trim(),
            Event::GeneralRef(reference) => lines += &format!("&{};", reference.xml10_content()),
            Event::Eof => return lines,
            _ => {}
        }
    }
}
