//! Request bodies of rest-xml.

use std::borrow::Cow;

use quick_xml::escape::escape;
use serde_json::{Map, Value};

use super::{given, scalar};
use crate::model::{Reference, Service, Shape, ShapeKind, XmlNamespace};

/// The body whose root is the operation's input.
pub(super) fn document(
    service: &Service,
    input: &Reference,
    shape: &Shape,
    params: &Map<String, Value>,
) -> String {
    let name = shape
        .location_name
        .as_deref()
        .or(input.location_name.as_deref())
        .unwrap_or(&input.shape);
    let namespace = input
        .xml_namespace
        .as_ref()
        .or(shape.xml_namespace.as_ref());
    let mut writer = Writer {
        service,
        out: String::new(),
    };
    let root = Root {
        name,
        namespace: namespace.or(service.metadata.xml_namespace.as_ref()),
    };
    writer.structure(root, shape, params);
    writer.out
}

/// The body whose root is the member `member_name`.
///
/// Models repeat a member's own name where AWS names the element after the shape; a name that is meant differs, or
/// comes with a namespace.
pub(super) fn payload(
    service: &Service,
    member_name: &str,
    member: &Reference,
    value: &Value,
) -> String {
    let shape = service.shape(member);
    let meant = |name: &&str| *name != member_name || member.xml_namespace.is_some();
    let name = member.location_name.as_deref().filter(meant);
    let name = name
        .or(shape.location_name.as_deref())
        .unwrap_or(&member.shape);
    let namespace = member
        .xml_namespace
        .as_ref()
        .or(shape.xml_namespace.as_ref());
    let mut writer = Writer {
        service,
        out: String::new(),
    };
    let root = Root {
        name,
        namespace: namespace.or(service.metadata.xml_namespace.as_ref()),
    };
    match value {
        Value::Object(members) if shape.kind == ShapeKind::Structure => {
            writer.structure(root, shape, members);
        }
        value => writer.value(root, member, value),
    }
    writer.out
}

/// Name and namespace of an element about to be written.
#[derive(Clone, Copy)]
struct Root<'a> {
    name: &'a str,
    namespace: Option<&'a XmlNamespace>,
}

impl<'a> Root<'a> {
    fn of(reference: &'a Reference, name: &'a str) -> Self {
        Self {
            name: reference.wire_name(name),
            namespace: reference.xml_namespace.as_ref(),
        }
    }
}

struct Writer<'a> {
    service: &'a Service,
    out: String,
}

impl Writer<'_> {
    fn open(&mut self, root: Root<'_>, attributes: &[(Cow<'_, str>, String)]) {
        self.out.push('<');
        self.out.push_str(root.name);
        let namespace = root.namespace.map(|n| (n.attribute(), n.uri.clone()));
        for (name, value) in namespace.iter().chain(attributes) {
            for piece in [" ", name, "=\"", &escape(value.as_str()), "\""] {
                self.out.push_str(piece);
            }
        }
        self.out.push('>');
    }

    fn close(&mut self, root: Root<'_>) {
        for piece in ["</", root.name, ">"] {
            self.out.push_str(piece);
        }
    }

    fn structure(&mut self, root: Root<'_>, shape: &Shape, members: &Map<String, Value>) {
        let service = self.service;
        let attributes: Vec<_> = given(service, shape, members)
            .filter(|(_, member, ..)| member.xml_attribute)
            .map(|(name, member, shape, value)| {
                (
                    Cow::Borrowed(member.wire_name(name)),
                    scalar(member, shape, value, "iso8601"),
                )
            })
            .collect();
        self.open(root, &attributes);
        for (name, member, _, value) in given(service, shape, members) {
            if member.in_body() && !member.xml_attribute {
                self.value(Root::of(member, name), member, value);
            }
        }
        self.close(root);
    }

    fn value(&mut self, root: Root<'_>, reference: &Reference, value: &Value) {
        let service = self.service;
        let shape = service.shape(reference);
        let root = Root {
            namespace: root.namespace.or(shape.xml_namespace.as_ref()),
            ..root
        };
        let flattened = reference.flattened || shape.flattened;
        match (shape.kind, value) {
            (ShapeKind::Structure, Value::Object(members)) => self.structure(root, shape, members),
            (ShapeKind::List, Value::Array(elements)) => {
                let Some(member) = &shape.member else { return };
                if flattened {
                    for element in elements {
                        let own = shape.flattened && reference.location_name.is_none();
                        let name = if own {
                            member.wire_name(root.name)
                        } else {
                            root.name
                        };
                        self.value(Root { name, ..root }, member, element);
                    }
                } else {
                    self.open(root, &[]);
                    for element in elements {
                        self.value(Root::of(member, "member"), member, element);
                    }
                    self.close(root);
                }
            }
            (ShapeKind::Map, Value::Object(entries)) => {
                let (Some(key), Some(entry)) = (&shape.key, &shape.value) else {
                    return;
                };
                if !flattened {
                    self.open(root, &[]);
                }
                let wrapper = if flattened {
                    root
                } else {
                    Root {
                        name: "entry",
                        namespace: None,
                    }
                };
                for (name, element) in entries {
                    self.open(wrapper, &[]);
                    self.value(Root::of(key, "key"), key, &Value::String(name.clone()));
                    self.value(Root::of(entry, "value"), entry, element);
                    self.close(wrapper);
                }
                if !flattened {
                    self.close(root);
                }
            }
            _ => {
                self.open(root, &[]);
                let text = scalar(reference, shape, value, "iso8601");
                self.out.push_str(&escape(text.as_str()));
                self.close(root);
            }
        }
    }
}
