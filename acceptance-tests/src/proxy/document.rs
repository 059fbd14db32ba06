//! Replies as trees in which objects are found by their members, whatever the dialect.

use hyper::body::Bytes;
use quick_xml::events::{BytesStart, BytesText, Event};
use quick_xml::{Reader, Writer};
use serde_json::{Map, Value};

use crate::failure::Outcome;

/// The body of a reply.
#[derive(Debug)]
pub(super) enum Document {
    Json(Value),
    Xml(Vec<Node>),
}

/// Something with members: a JSON object, or an XML element with elements inside.
pub(super) enum Object<'d> {
    Json(&'d mut Map<String, Value>),
    Xml(&'d mut Vec<Node>),
}

/// A piece of XML.
#[derive(Debug)]
pub(super) enum Node {
    Element {
        start: BytesStart<'static>,
        inside: Vec<Node>,
    },
    /// Text, declarations and everything else that has nothing inside.
    Other(Event<'static>),
}

impl Document {
    /// Reads a body; `None` if it is neither JSON nor XML.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        if body.trim_ascii_start().starts_with(b"<") {
            let text = std::str::from_utf8(body).ok()?;
            let mut reader = Reader::from_str(text);
            return Some(Self::Xml(nodes(&mut reader)?));
        }
        serde_json::from_slice(body).ok().map(Self::Json)
    }

    pub(super) fn write(self) -> Outcome<Bytes> {
        Ok(match self {
            Self::Json(value) => serde_json::to_vec(&value)?.into(),
            Self::Xml(nodes) => {
                let mut writer = Writer::new(Vec::new());
                write(&mut writer, nodes)?;
                writer.into_inner().into()
            }
        })
    }

    /// Visits every object, outer ones first.
    pub(super) fn visit(&mut self, visitor: &mut dyn FnMut(Object<'_>)) {
        match self {
            Self::Json(value) => visit_json(value, visitor),
            Self::Xml(nodes) => visit_xml(nodes, visitor),
        }
    }
}

impl Object<'_> {
    /// The text of a member; of a flag or a number, how it is written.
    pub(super) fn member(&self, name: &str) -> Option<String> {
        match self {
            Self::Json(members) => match members.get(name)? {
                Value::String(text) => Some(text.clone()),
                Value::Bool(_) | Value::Number(_) => Some(members[name].to_string()),
                _ => None,
            },
            Self::Xml(nodes) => nodes.iter().find_map(|node| match node {
                Node::Element { start, inside } if start.local_name().as_ref() == name => {
                    Some(inside.iter().filter_map(text_of).collect())
                }
                _ => None,
            }),
        }
    }

    /// Gives a member that is there another text, or flag.
    pub(super) fn set(&mut self, name: &str, text: &str) {
        match self {
            Self::Json(members) => match members.get_mut(name) {
                Some(Value::Bool(flag)) => *flag = text == "true",
                Some(value) => *value = text.into(),
                None => {}
            },
            Self::Xml(nodes) => {
                for node in nodes.iter_mut() {
                    if let Node::Element { start, inside } = node
                        && start.local_name().as_ref() == name
                    {
                        *inside = vec![Node::Other(Event::Text(BytesText::new(text).into_owned()))];
                    }
                }
            }
        }
    }
}

fn text_of(node: &Node) -> Option<String> {
    match node {
        Node::Other(Event::Text(text)) => Some(text.trim().to_owned()),
        _ => None,
    }
}

/// The nodes up to the end of what they are inside of; `None` if it is not well-formed.
fn nodes(reader: &mut Reader<&[u8]>) -> Option<Vec<Node>> {
    let mut nodes = Vec::new();
    loop {
        nodes.push(match reader.read_event().ok()? {
            Event::Eof | Event::End(_) => return Some(nodes),
            Event::Start(start) => Node::Element {
                start: start.into_owned(),
                inside: self::nodes(reader)?,
            },
            other => Node::Other(other.into_owned()),
        });
    }
}

fn write(writer: &mut Writer<Vec<u8>>, nodes: Vec<Node>) -> Outcome<()> {
    for node in nodes {
        match node {
            Node::Element { start, inside } => {
                let end = start.to_end().into_owned();
                writer.write_event(Event::Start(start))?;
                write(writer, inside)?;
                writer.write_event(Event::End(end))?;
            }
            Node::Other(event) => writer.write_event(event)?,
        }
    }
    Ok(())
}

fn visit_json(value: &mut Value, visitor: &mut dyn FnMut(Object<'_>)) {
    match value {
        Value::Object(members) => {
            visitor(Object::Json(members));
            members
                .values_mut()
                .for_each(|inner| visit_json(inner, visitor));
        }
        Value::Array(items) => items
            .iter_mut()
            .for_each(|inner| visit_json(inner, visitor)),
        _ => {}
    }
}

fn visit_xml(nodes: &mut Vec<Node>, visitor: &mut dyn FnMut(Object<'_>)) {
    visitor(Object::Xml(nodes));
    for node in nodes {
        if let Node::Element { inside, .. } = node {
            visit_xml(inside, visitor);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the reply looks like when the state of the object `"a"` is set to `"held"`.
    fn held(body: &str) -> String {
        let mut document = Document::read(body.as_bytes()).unwrap();
        document.visit(&mut |mut object| {
            if object.member("id").as_deref() == Some("a") {
                object.set("state", "held");
                object.set("done", "false");
            }
        });
        String::from_utf8(document.write().unwrap().to_vec()).unwrap()
    }

    #[test]
    fn members_are_found_and_set_beside_each_other_only() {
        for (before, after) in [
            (
                r#"{"list":[{"done":true,"id":"a","state":"ready"},{"id":"b","state":"ready"}]}"#,
                r#"{"list":[{"done":false,"id":"a","state":"held"},{"id":"b","state":"ready"}]}"#,
            ),
            (
                r#"{"id":"a","inner":{"state":"ready"}}"#,
                r#"{"id":"a","inner":{"state":"ready"}}"#,
            ),
            (
                "<?xml version=\"1.0\"?>\n<r xmlns=\"x\"><set><item><state>ready</state><id>a</id></item><item><id>b</id><state>ready</state></item></set></r>",
                "<?xml version=\"1.0\"?>\n<r xmlns=\"x\"><set><item><state>held</state><id>a</id></item><item><id>b</id><state>ready</state></item></set></r>",
            ),
            (
                "<r><id>a</id><tag>&lt;x&gt; &amp; y</tag><inner><state>ready</state></inner><state/></r>",
                "<r><id>a</id><tag>&lt;x&gt; &amp; y</tag><inner><state>ready</state></inner><state/></r>",
            ),
        ] {
            assert_eq!(held(before), after);
        }
    }

    #[test]
    fn what_is_no_document_is_left_alone() {
        for body in ["", "plain text", "<r><unclosed"] {
            assert!(Document::read(body.as_bytes()).is_none(), "{body:?}");
        }
    }
}
