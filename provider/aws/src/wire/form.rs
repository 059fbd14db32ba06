//! Requests of the query and ec2 protocols: an HTML form with dotted names.
//!
//! They differ in the names (ec2 capitalises), in lists (ec2 never wraps them and leaves out empty ones) and in maps
//! (ec2 has none).

use serde_json::{Map, Value};

use super::{Request, encode_pairs, given, scalar};
use crate::model::{Operation, Protocol, Reference, Service, Shape, ShapeKind};

pub(super) fn serialise(
    service: &Service,
    operation: &Operation,
    params: &Map<String, Value>,
) -> Request {
    let mut form = Form {
        service,
        ec2: service.metadata.protocol == Protocol::Ec2,
        pairs: Vec::new(),
    };
    form.push("Action", operation.name.clone());
    form.push("Version", service.metadata.api_version.clone());
    if let Some(input) = &operation.input {
        form.structure("", service.shape(input), params);
    }
    let mut request = Request {
        method: operation.http.method.clone(),
        uri: operation.http.request_uri.clone(),
        body: encode_pairs(&form.pairs).into_bytes(),
        ..Request::default()
    };
    request.header(
        "Content-Type",
        "application/x-www-form-urlencoded; charset=utf-8",
    );
    request
}

struct Form<'a> {
    service: &'a Service,
    ec2: bool,
    pairs: Vec<(String, String)>,
}

impl Form<'_> {
    fn push(&mut self, name: impl Into<String>, value: String) {
        self.pairs.push((name.into(), value));
    }

    fn structure(&mut self, prefix: &str, shape: &Shape, members: &Map<String, Value>) {
        for (name, member, _, value) in given(self.service, shape, members) {
            let name = self.name(name, member);
            let path = if prefix.is_empty() {
                name
            } else {
                format!("{prefix}.{name}")
            };
            self.value(&path, member, value);
        }
    }

    fn name(&self, name: &str, member: &Reference) -> String {
        if !self.ec2 {
            return member.wire_name(name).to_owned();
        }
        member
            .query_name
            .clone()
            .unwrap_or_else(|| capitalise(member.wire_name(name)))
    }

    fn value(&mut self, path: &str, reference: &Reference, value: &Value) {
        let shape = self.service.shape(reference);
        match (shape.kind, value) {
            (ShapeKind::Structure, Value::Object(members)) => self.structure(path, shape, members),
            (ShapeKind::List, Value::Array(elements)) => {
                self.list(path, reference, shape, elements)
            }
            (ShapeKind::Map, Value::Object(entries)) => self.map(path, reference, shape, entries),
            _ => self.push(path, scalar(reference, shape, value, "iso8601")),
        }
    }

    fn list(&mut self, path: &str, reference: &Reference, shape: &Shape, elements: &[Value]) {
        let Some(member) = &shape.member else { return };
        if elements.is_empty() {
            // In the query protocol this is how a list is emptied; the ec2 protocol can't say it.
            if !self.ec2 {
                self.push(path, String::new());
            }
            return;
        }
        let prefix = if self.ec2 {
            path.to_owned()
        } else if reference.flattened || shape.flattened {
            // A shape that is itself flattened names its elements in place of the list.
            match (&member.location_name, path.rsplit_once('.')) {
                (Some(name), parent) if shape.flattened && reference.location_name.is_none() => {
                    parent.map_or_else(|| name.clone(), |(parent, _)| format!("{parent}.{name}"))
                }
                _ => path.to_owned(),
            }
        } else {
            format!("{path}.{}", member.wire_name("member"))
        };
        for (index, element) in elements.iter().enumerate() {
            self.value(&format!("{prefix}.{}", index + 1), member, element);
        }
    }

    fn map(
        &mut self,
        path: &str,
        reference: &Reference,
        shape: &Shape,
        entries: &Map<String, Value>,
    ) {
        let (Some(key), Some(value)) = (&shape.key, &shape.value) else {
            return;
        };
        let entry = if reference.flattened || shape.flattened {
            ""
        } else {
            ".entry"
        };
        for (index, (name, element)) in entries.iter().enumerate() {
            let prefix = format!("{path}{entry}.{}", index + 1);
            self.push(format!("{prefix}.{}", key.wire_name("key")), name.clone());
            self.value(
                &format!("{prefix}.{}", value.wire_name("value")),
                value,
                element,
            );
        }
    }
}

fn capitalise(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}
