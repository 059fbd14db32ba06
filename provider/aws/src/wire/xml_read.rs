//! Replies in XML: the query and ec2 protocols whole, and the bodies of rest-xml.

use serde_json::{Map, Value};

use super::scalar_from;
use super::xml::Element;
use crate::model::{Operation, Protocol, Reference, Service, Shape, ShapeKind};

/// Reads a reply of the query or ec2 protocol.
pub(super) fn rpc(
    service: &Service,
    operation: &Operation,
    output: &Reference,
    body: &[u8],
) -> Result<Value, String> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Value::Object(Map::new()));
    }
    let root = Element::parse(body)?;
    let shape = service.shape(output);
    // Query wraps the members once more; ec2 doesn't.
    let node = match service.metadata.protocol {
        Protocol::Query => root
            .child(&format!("{}Result", operation.name))
            .unwrap_or(&root),
        _ => &root,
    };
    Ok(structure(service, shape, node))
}

/// Reads a body whose root is the structure itself.
pub(super) fn document(service: &Service, shape: &Shape, body: &[u8]) -> Result<Value, String> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Value::Object(Map::new()));
    }
    let root = Element::parse(body)?;
    Ok(value(service, shape, &root))
}

/// The body members of a structure.
pub(super) fn structure(service: &Service, shape: &Shape, node: &Element) -> Value {
    let mut members = Map::new();
    for (name, member) in shape
        .members
        .iter()
        .filter(|(_, member)| member.in_reply_body())
    {
        let member_shape = service.shape(member);
        let wire = member.wire_name(name);
        let local = wire.rsplit(':').next().unwrap_or(wire);
        let read = if member.xml_attribute {
            node.attributes
                .iter()
                .find(|(key, _)| key == local)
                .map(|(_, text)| scalar_from(member_shape, text))
        } else if (member.flattened || member_shape.flattened) && is_collection(member_shape) {
            // Flattened elements bear the list's name, or their own where the model gives them one.
            let own = member_shape
                .member
                .as_ref()
                .filter(|_| member_shape.flattened)
                .and_then(|element| element.location_name.as_deref());
            let elements: Vec<_> = node
                .children
                .iter()
                .filter(|child| child.name == local || Some(child.name.as_str()) == own)
                .collect();
            (!elements.is_empty()).then(|| collection(service, member_shape, &elements))
        } else {
            node.child(local)
                .map(|child| value(service, member_shape, child))
        };
        if let Some(read) = read {
            members.insert(name.clone(), read);
        }
    }
    Value::Object(members)
}

fn is_collection(shape: &Shape) -> bool {
    matches!(shape.kind, ShapeKind::List | ShapeKind::Map)
}

fn value(service: &Service, shape: &Shape, node: &Element) -> Value {
    match shape.kind {
        ShapeKind::Structure => structure(service, shape, node),
        ShapeKind::List | ShapeKind::Map => {
            collection(service, shape, &node.children.iter().collect::<Vec<_>>())
        }
        ShapeKind::String | ShapeKind::Character => Value::String(node.text.clone()),
        _ => scalar_from(shape, node.text.trim()),
    }
}

/// A list from its elements, or a map from its entries.
fn collection(service: &Service, shape: &Shape, elements: &[&Element]) -> Value {
    match (&shape.member, &shape.key, &shape.value) {
        (Some(member), ..) => elements
            .iter()
            .map(|element| value(service, service.shape(member), element))
            .collect(),
        (_, Some(key), Some(entry)) => Value::Object(
            elements
                .iter()
                .filter_map(|element| {
                    let name = element.child(key.wire_name("key"))?.text.clone();
                    Some((
                        name,
                        value(
                            service,
                            service.shape(entry),
                            element.child(entry.wire_name("value"))?,
                        ),
                    ))
                })
                .collect(),
        ),
        _ => Value::Null,
    }
}
