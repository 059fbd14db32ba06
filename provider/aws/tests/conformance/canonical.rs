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

/// `1` and `1.0` are one number, and JSON inside a string is the same in any order.
pub fn numbers(value: Value) -> Value {
    match value {
        Value::Number(number) => Value::from(number.as_f64().unwrap()),
        Value::Array(elements) => elements.into_iter().map(numbers).collect(),
        Value::Object(members) => members
            .into_iter()
            .map(|(name, member)| (name, numbers(member)))
            .collect(),
        Value::String(text) if text.starts_with('{') => match serde_json::from_str(&text) {
            Ok(inside) => numbers(inside),
            Err(_) => Value::String(text),
        },
        other => other,
    }
}

/// Pairs of a form or query, sorted.
pub fn pairs(text: &str) -> Vec<&str> {
    let mut pairs: Vec<_> = text.split('&').filter(|pair| !pair.is_empty()).collect();
    pairs.sort_unstable();
    pairs
}

/// An element in a form that can be compared: attributes in order, white space between elements gone, and the entries
/// of a map, which have no order, sorted.
#[derive(Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Element {
    name: String,
    attributes: Vec<String>,
    text: String,
    children: Vec<Element>,
}

impl Element {
    /// An entry of a map is a key and a value.
    fn is_entry(&self) -> bool {
        self.children.len() == 2
    }

    fn sort_entries(&mut self) {
        let entries = |a: &Self, b: &Self| a.name == b.name && a.is_entry() && b.is_entry();
        self.children.chunk_by_mut(entries).for_each(<[Self]>::sort);
    }
}

/// The document's tree below a nameless root.
pub fn xml(text: &str) -> Element {
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut open = vec![Element::default()];
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => {
                let attributes = start.attributes().map(Result::unwrap);
                let attributes = attributes.map(|a| format!("{}={:?}", a.key.as_ref(), a.value));
                let mut element = Element {
                    name: start.name().as_ref().to_owned(),
                    attributes: attributes.collect(),
                    ..Element::default()
                };
                element.attributes.sort();
                open.push(element);
            }
            Event::End(_) => {
                let mut element = open.pop().unwrap();
                element.sort_entries();
                open.last_mut().unwrap().children.push(element);
            }
            Event::Text(text) => open.last_mut().unwrap().text += text.xml10_content().trim(),
            Event::GeneralRef(reference) => {
                open.last_mut().unwrap().text += &format!("&{};", reference.xml10_content());
            }
            Event::Eof => return open.pop().unwrap(),
            _ => {}
        }
    }
}
