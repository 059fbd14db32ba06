//! The HTTP bindings that rest-json and rest-xml share: labels, query, headers, payload.

use serde_json::{Map, Value};

use super::{
    Reply, Request, decode_base64, encode_base64, encode_pairs, given, json, percent_encode,
    scalar, scalar_from, xml_read, xml_write,
};
use crate::model::{Operation, Protocol, Reference, Service, Shape, ShapeKind};

pub(super) fn serialise(
    service: &Service,
    operation: &Operation,
    params: &Map<String, Value>,
) -> Result<Request, String> {
    let mut request = Request {
        method: operation.http.method.clone(),
        ..Request::default()
    };
    let (path, constant_query) = match operation.http.request_uri.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (operation.http.request_uri.as_str(), None),
    };
    let mut path = path.to_owned();
    let mut query = Vec::new();
    let mut query_maps = Vec::new();
    if let Some(input) = &operation.input {
        let shape = service.shape(input);
        for (name, member, member_shape, value) in given(service, shape, params) {
            let wire = member.wire_name(name);
            match member.location.as_deref() {
                Some("uri") => {
                    path = with_label(&path, wire, &scalar(member, member_shape, value, "iso8601"))?
                }
                Some("querystring") => match value {
                    Value::Object(entries) => query_maps.push(entries),
                    Value::Array(elements) => query.extend(
                        list(service, member_shape, elements, "iso8601")
                            .map(|v| (wire.to_owned(), v)),
                    ),
                    value => query.push((
                        wire.to_owned(),
                        scalar(member, member_shape, value, "iso8601"),
                    )),
                },
                Some("header") => {
                    let text = header_text(service, member, member_shape, value);
                    request.header(wire, text);
                }
                Some("headers") => {
                    for (key, value) in value.as_object().into_iter().flatten() {
                        request.header(&format!("{wire}{key}"), value.as_str().unwrap_or_default());
                    }
                }
                _ => {}
            }
        }
        payload(service, input, shape, params, &mut request);
    }
    // A named parameter wins over the same name in a map of parameters.
    for entries in query_maps {
        for (key, value) in entries {
            if query.iter().any(|(name, _)| name == key) {
                continue;
            }
            match value {
                Value::Array(elements) => {
                    query.extend(
                        elements
                            .iter()
                            .map(|v| (key.clone(), v.as_str().unwrap_or_default().to_owned())),
                    );
                }
                value => query.push((key.clone(), value.as_str().unwrap_or_default().to_owned())),
            }
        }
    }
    if let Some(start) = path.find('{') {
        let label = path[start..]
            .split('}')
            .next()
            .unwrap_or_default()
            .trim_start_matches('{');
        return Err(format!(
            "{} is part of the path and must be given",
            label.trim_end_matches('+')
        ));
    }
    let encoded = encode_pairs(&query);
    let parts: Vec<_> = constant_query
        .into_iter()
        .chain(Some(encoded.as_str()))
        .filter(|p| !p.is_empty())
        .collect();
    request.uri = if parts.is_empty() {
        path
    } else {
        format!("{path}?{}", parts.join("&"))
    };
    Ok(request)
}

/// Replaces a label; a greedy one (`{Key+}`) keeps its slashes.
fn with_label(path: &str, name: &str, value: &str) -> Result<String, String> {
    if value.is_empty() {
        return Err(format!("{name} is part of the path and must not be empty"));
    }
    Ok(path
        .replace(&format!("{{{name}}}"), &percent_encode(value, b""))
        .replace(&format!("{{{name}+}}"), &percent_encode(value, b"/")))
}

fn list<'a>(
    service: &'a Service,
    shape: &'a Shape,
    elements: &'a [Value],
    format: &'a str,
) -> impl Iterator<Item = String> + 'a {
    let member = shape.member.as_ref();
    elements
        .iter()
        .filter_map(move |element| Some(scalar(member?, service.shape(member?), element, format)))
}

fn header_text(service: &Service, member: &Reference, shape: &Shape, value: &Value) -> String {
    match value {
        // JSON inside a header travels as base64.
        value if member.jsonvalue => encode_base64(value.to_string().as_bytes()),
        Value::Array(elements) => {
            let quoted = list(service, shape, elements, "rfc822").map(|text| {
                let date = shape
                    .member
                    .as_ref()
                    .is_some_and(|m| service.shape(m).kind == ShapeKind::Timestamp);
                if !date && text.contains([',', '"']) {
                    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
                } else {
                    text
                }
            });
            quoted.collect::<Vec<_>>().join(", ")
        }
        value => scalar(member, shape, value, "rfc822"),
    }
}

fn payload(
    service: &Service,
    input: &Reference,
    shape: &Shape,
    params: &Map<String, Value>,
    request: &mut Request,
) {
    let xml = service.metadata.protocol == Protocol::RestXml;
    let mut content_type = if xml {
        "application/xml"
    } else {
        "application/json"
    };
    if let Some(name) = &shape.payload {
        let Some(member) = shape.members.get(name) else {
            return;
        };
        let payload_shape = service.shape(member);
        let value = params.get(name).filter(|value| !value.is_null());
        request.body = match (payload_shape.kind, value) {
            (ShapeKind::Blob, Some(Value::String(text))) => {
                content_type = "application/octet-stream";
                decode_base64(text).unwrap_or_default()
            }
            (ShapeKind::String, Some(Value::String(text))) => {
                content_type = "text/plain";
                text.clone().into_bytes()
            }
            (_, Some(value)) if xml => {
                xml_write::payload(service, name, member, value).into_bytes()
            }
            (_, Some(value)) => json::write(service, member, value).to_string().into_bytes(),
            // A body is expected, and in JSON nothing is an empty object. A union without a member would be invalid.
            (ShapeKind::Structure, None)
                if !xml && !payload_shape.union && !payload_shape.document =>
            {
                b"{}".to_vec()
            }
            (_, None) => return,
        };
    } else if shape.members.values().any(Reference::in_body) {
        if xml {
            let given = given(service, shape, params).any(|(_, member, ..)| member.in_body());
            if !given {
                return;
            }
            request.body = xml_write::document(service, input, shape, params).into_bytes();
        } else {
            request.body = json::structure(service, shape, params)
                .to_string()
                .into_bytes();
        }
    } else {
        return;
    }
    if !request.has_header("Content-Type") {
        request.header("Content-Type", content_type);
    }
}

/// Reads a structure from a reply: headers, status and body.
pub(super) fn parse(service: &Service, shape: &Shape, reply: Reply<'_>) -> Result<Value, String> {
    let mut members = body(service, shape, reply)?;
    for (name, member) in &shape.members {
        let member_shape = service.shape(member);
        let wire = member.wire_name(name);
        let value = match member.location.as_deref() {
            Some("header") => reply
                .header(wire)
                .map(|text| header_value(service, member, member_shape, text)),
            Some("headers") => Some(Value::Object(prefixed_headers(reply, wire))),
            Some("statusCode") => Some(Value::from(reply.status)),
            _ => None,
        };
        if let Some(value) = value {
            members.insert(name.clone(), value);
        }
    }
    Ok(Value::Object(members))
}

fn body(service: &Service, shape: &Shape, reply: Reply<'_>) -> Result<Map<String, Value>, String> {
    let xml = service.metadata.protocol == Protocol::RestXml;
    let Some(name) = &shape.payload else {
        if !shape.members.values().any(Reference::in_reply_body) {
            return Ok(Map::new());
        }
        let value = if xml {
            xml_read::document(service, shape, reply.body)?
        } else {
            match json::document(reply.body)? {
                Value::Object(members) => json::structure_from(service, shape, members),
                _ => Value::Null,
            }
        };
        return Ok(value.as_object().cloned().unwrap_or_default());
    };
    let Some(member) = shape.members.get(name) else {
        return Ok(Map::new());
    };
    let payload_shape = service.shape(member);
    if reply.body.is_empty() {
        return Ok(Map::new());
    }
    let value = match payload_shape.kind {
        ShapeKind::Blob => Value::String(encode_base64(reply.body)),
        ShapeKind::String => Value::String(String::from_utf8_lossy(reply.body).into_owned()),
        _ if xml => xml_read::document(service, payload_shape, reply.body)?,
        _ => json::read(service, member, json::document(reply.body)?),
    };
    Ok(Map::from_iter([(name.clone(), value)]))
}

fn prefixed_headers(reply: Reply<'_>, prefix: &str) -> Map<String, Value> {
    let lower = prefix.to_ascii_lowercase();
    reply
        .headers
        .iter()
        .filter_map(|(name, value)| {
            let key = name.as_str().strip_prefix(&lower)?;
            Some((
                key.to_owned(),
                Value::String(value.to_str().ok()?.to_owned()),
            ))
        })
        .collect()
}

fn header_value(service: &Service, member: &Reference, shape: &Shape, text: &str) -> Value {
    if member.jsonvalue {
        let json = decode_base64(text).and_then(|bytes| serde_json::from_slice(&bytes).ok());
        return json.unwrap_or_else(|| Value::String(text.to_owned()));
    }
    match (&shape.member, shape.kind) {
        (Some(element), ShapeKind::List) => {
            let element_shape = service.shape(element);
            let dates = element_shape.kind == ShapeKind::Timestamp;
            split_list(text, dates)
                .iter()
                .map(|part| scalar_from(element_shape, part))
                .collect()
        }
        _ => scalar_from(shape, text.trim()),
    }
}

/// Splits a header's list at commas outside quotes; HTTP dates carry a comma of their own.
fn split_list(text: &str, dates: bool) -> Vec<String> {
    let mut parts = vec![String::new()];
    let (mut quoted, mut escaped) = (false, false);
    for letter in text.chars() {
        let Some(part) = parts.last_mut() else { break };
        match letter {
            _ if escaped => {
                part.push(letter);
                escaped = false;
            }
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ',' if !(quoted || dates && part.trim().len() == 3) => parts.push(String::new()),
            _ => part.push(letter),
        }
    }
    parts.iter().map(|part| part.trim().to_owned()).collect()
}
