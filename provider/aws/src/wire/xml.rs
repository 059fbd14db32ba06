//! An XML document as a tree of elements: what the readers of replies need, and no more.

use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesStart, Event};

/// One element. Names are local: prefixes carry no meaning in AWS's replies.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
    pub(super) children: Vec<Element>,
    pub(super) text: String,
}

/// Deeper documents aren't AWS's; the limit keeps a hostile one from exhausting the stack of the recursive readers.
const DEPTH: usize = 128;

impl Element {
    /// Reads a document and returns its root.
    pub(super) fn parse(body: &[u8]) -> Result<Self, String> {
        let body =
            std::str::from_utf8(body).map_err(|_| "the reply isn't XML: not UTF-8".to_owned())?;
        let broken = |error: &dyn std::fmt::Display| format!("the reply isn't XML: {error}");
        let mut reader = Reader::from_str(body);
        // The bottom of the stack collects the root.
        let mut open = vec![Element::default()];
        loop {
            let event = reader.read_event().map_err(|error| broken(&error))?;
            match event {
                Event::Start(start) if open.len() < DEPTH => open.push(Self::started(&start)),
                Event::Start(_) => return Err(broken(&"nested too deeply")),
                Event::Empty(start) => {
                    let element = Self::started(&start);
                    if let Some(parent) = open.last_mut() {
                        parent.children.push(element);
                    }
                }
                Event::End(_) => {
                    if let Some(element) = open.pop()
                        && let Some(parent) = open.last_mut()
                    {
                        parent.children.push(element);
                    }
                }
                Event::Text(text) => Self::append(&mut open, &text.xml10_content()),
                Event::CData(text) => Self::append(&mut open, &text.xml10_content()),
                Event::GeneralRef(reference) => match reference.resolve_char_ref() {
                    Ok(Some(letter)) => Self::append(&mut open, letter.encode_utf8(&mut [0; 4])),
                    _ => match resolve_xml_entity(&reference.xml10_content()) {
                        Some(text) => Self::append(&mut open, text),
                        None => return Err(broken(&"unknown entity")),
                    },
                },
                Event::Eof => break,
                Event::Decl(_) | Event::Comment(_) | Event::PI(_) | Event::DocType(_) => {}
            }
        }
        match open.pop() {
            Some(mut bottom) if open.is_empty() && !bottom.children.is_empty() => {
                Ok(bottom.children.swap_remove(0))
            }
            _ => Err(broken(&"no complete document")),
        }
    }

    fn append(open: &mut [Element], text: &str) {
        if let Some(element) = open.last_mut() {
            element.text.push_str(text);
        }
    }

    fn started(start: &BytesStart<'_>) -> Self {
        let text = |bytes: &str| bytes.to_owned();
        let attributes = start.attributes().flatten().filter_map(|attribute| {
            let value = attribute
                .normalized_value(quick_xml::XmlVersion::Implicit1_0)
                .ok()?;
            Some((
                text(attribute.key.local_name().as_ref()),
                value.into_owned(),
            ))
        });
        Self {
            name: text(start.local_name().as_ref()),
            attributes: attributes.collect(),
            ..Self::default()
        }
    }

    /// The first child of that name.
    pub(super) fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The text of the first child of that name.
    pub(super) fn child_text(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.trim())
    }

    /// The first element of that name, in document order, this one included.
    pub(super) fn find(&self, name: &str) -> Option<&Element> {
        if self.name == name {
            return Some(self);
        }
        self.children.iter().find_map(|child| child.find(name))
    }
}
