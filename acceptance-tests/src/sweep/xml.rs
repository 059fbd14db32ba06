//! Replies in XML, as JSON.

use std::fmt::Write;

use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::{Map, Value, json};

use crate::failure::Outcome;

/// An element as JSON: a text, a list of `item` or `member`, or an object of its children.
pub(super) fn json_of(xml: &str) -> Outcome<Value> {
    let mut reader = Reader::from_str(xml);
    // The innermost open element is last: its name, its children and its text.
    type Open = (String, Vec<(String, Value)>, String);
    let mut open = vec![Open::default()];
    loop {
        match reader.read_event()? {
            Event::Start(element) => {
                let name = element.local_name().as_ref().to_owned();
                open.push((name, Vec::new(), String::new()));
            }
            Event::Empty(element) => {
                let name = element.local_name().as_ref().to_owned();
                if let Some((_, children, _)) = open.last_mut() {
                    children.push((name, Value::Null));
                }
            }
            Event::Text(text) => {
                if let Some((_, _, collected)) = open.last_mut() {
                    collected.push_str(&text);
                }
            }
            Event::GeneralRef(reference) => {
                if let Some((_, _, collected)) = open.last_mut() {
                    let _ = write!(collected, "&{};", &*reference);
                }
            }
            Event::End(_) => {
                if let Some((name, children, text)) = open.pop()
                    && let Some((_, siblings, _)) = open.last_mut()
                {
                    siblings.push((name, element(children, &text)));
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
    let (_, children, text) = open.swap_remove(0);
    Ok(element(children, &text))
}

/// An element of these children: a list where they are entries, which AWS calls `item`, `member` or what they are, as often as there
/// are some.
fn element(children: Vec<(String, Value)>, text: &str) -> Value {
    if children.is_empty() {
        return match text.trim() {
            "" => Value::Null,
            text => json!(text),
        };
    }
    let is_list = match &children[..] {
        [(name, _)] => name == "item" || name == "member",
        [(first, _), rest @ ..] => rest.iter().all(|(name, _)| name == first),
        [] => false,
    };
    if is_list {
        return Value::Array(children.into_iter().map(|(_, value)| value).collect());
    }
    Value::Object(children.into_iter().collect::<Map<String, Value>>())
}
