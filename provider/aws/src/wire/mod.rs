//! AWS's wire protocols: a call's JSON parameters to an HTTP request, an HTTP reply to JSON.
//!
//! Flow: [`serialise`] and [`parse`] dispatch on the service's [`Protocol`]; [`fault()`] reads an error reply. All are
//! pure functions of the model and the bytes, and are checked case by case against AWS's own protocol test suite
//! (`tests/conformance`).
//!
//! The client's JSON: members by the names of the model; timestamps as ISO 8601 strings in UTC (numbers of seconds
//! since 1970 are accepted too); blobs as base64; `NaN`, `Infinity` and `-Infinity` as strings; absent and null members
//! of a structure are the same.

pub(crate) mod fault;
mod form;
mod json;
mod rest;
pub mod timestamp;
mod xml;
mod xml_read;
mod xml_write;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use serde_json::{Map, Value};

use crate::model::{Operation, Protocol, Reference, Service, Shape, ShapeKind};

pub use fault::{Fault, fault};

/// A request without its host: what the protocol alone determines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// HTTP method.
    pub method: String,
    /// Path and query, percent-encoded.
    pub uri: String,
    /// Headers in order.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
    /// Labels to set before the endpoint's host.
    pub host_prefix: Option<String>,
}

impl Request {
    fn header(&mut self, name: &str, value: impl Into<String>) {
        self.headers.push((name.to_owned(), value.into()));
    }

    fn has_header(&self, name: &str) -> bool {
        self.headers
            .iter()
            .any(|(n, _)| n.eq_ignore_ascii_case(name))
    }
}

/// A reply as it came.
#[derive(Debug, Clone, Copy)]
pub struct Reply<'a> {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: &'a HeaderMap,
    /// Body.
    pub body: &'a [u8],
}

impl<'a> Reply<'a> {
    /// A header's text.
    pub fn header(&self, name: &str) -> Option<&'a str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// Writes a call as the service's protocol wants it.
///
/// # Errors
/// The reason, when a parameter can't be written (a host label that isn't one, an empty path label).
pub fn serialise(
    service: &Service,
    operation: &Operation,
    params: &Value,
) -> Result<Request, String> {
    let empty = Map::new();
    let params = params.as_object().unwrap_or(&empty);
    let mut request = match service.metadata.protocol {
        Protocol::Json => json::serialise(service, operation, params),
        Protocol::RestJson | Protocol::RestXml => rest::serialise(service, operation, params)?,
        Protocol::Query | Protocol::Ec2 => form::serialise(service, operation, params),
    };
    request.host_prefix = host_prefix(service, operation, params)?;
    Ok(request)
}

/// Reads a successful reply.
///
/// # Errors
/// The reason, when the body isn't a document of the protocol.
pub fn parse(service: &Service, operation: &Operation, reply: Reply<'_>) -> Result<Value, String> {
    let Some(output) = &operation.output else {
        return Ok(Value::Object(Map::new()));
    };
    match service.metadata.protocol {
        Protocol::Json => json::parse(service, output, reply.body),
        Protocol::RestJson | Protocol::RestXml => {
            rest::parse(service, service.shape(output), reply)
        }
        Protocol::Query | Protocol::Ec2 => xml_read::rpc(service, operation, output, reply.body),
    }
}

/// Sets the operation's idempotency token where the caller gave none.
pub fn fill_token(
    service: &Service,
    operation: &Operation,
    params: &mut Value,
    token: impl FnOnce() -> String,
) {
    if let (Some(name), Some(params)) =
        (operation.idempotency_token(service), params.as_object_mut())
        && params.get(name).is_none_or(Value::is_null)
    {
        params.insert(name.to_owned(), Value::String(token()));
    }
}

fn host_prefix(
    service: &Service,
    operation: &Operation,
    params: &Map<String, Value>,
) -> Result<Option<String>, String> {
    let Some(endpoint) = &operation.endpoint else {
        return Ok(None);
    };
    let mut prefix = endpoint.host_prefix.clone();
    if let Some(input) = &operation.input {
        for (name, _) in service
            .shape(input)
            .members
            .iter()
            .filter(|(_, member)| member.host_label)
        {
            let label = params.get(name).and_then(Value::as_str).unwrap_or_default();
            let valid = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
            if label.is_empty() || !label.chars().all(valid) {
                return Err(format!(
                    "{name} is part of the host name: only letters, digits, hyphens and dots are allowed"
                ));
            }
            prefix = prefix.replace(&format!("{{{name}}}"), label);
        }
    }
    Ok(Some(prefix))
}

/// The given members of a structure in the model's order.
fn given<'a>(
    service: &'a Service,
    shape: &'a Shape,
    params: &'a Map<String, Value>,
) -> impl Iterator<Item = (&'a str, &'a Reference, &'a Shape, &'a Value)> {
    shape.members.iter().filter_map(move |(name, member)| {
        let value = params.get(name).filter(|value| !value.is_null())?;
        Some((name.as_str(), member, service.shape(member), value))
    })
}

/// A scalar as text: form fields, headers, labels and XML.
fn scalar(reference: &Reference, shape: &Shape, value: &Value, default_format: &str) -> String {
    match (shape.kind, value) {
        (ShapeKind::Timestamp, value) => match timestamp::from_value(value) {
            Some(instant) => {
                timestamp::format(instant, reference.timestamp_format(shape, default_format))
            }
            None => timestamp::text(value),
        },
        (_, Value::String(text)) => text.clone(),
        (_, other) => other.to_string(),
    }
}

/// A scalar from text, typed as the shape says. Text that isn't what the model promises stays text.
fn scalar_from(shape: &Shape, text: &str) -> Value {
    let as_text = || Value::String(text.to_owned());
    match shape.kind {
        ShapeKind::Boolean => match text {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ => as_text(),
        },
        ShapeKind::Integer | ShapeKind::Long => {
            text.parse::<i64>().map_or_else(|_| as_text(), Value::from)
        }
        ShapeKind::Float | ShapeKind::Double | ShapeKind::Number => match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Value::from(number),
            _ => as_text(),
        },
        ShapeKind::Timestamp => timestamp::canonical(&Value::String(text.to_owned())),
        _ => as_text(),
    }
}

/// The bytes behind base64, or `None` when the text isn't base64.
pub(crate) fn decode_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

fn encode_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Percent-encodes all but RFC 3986's unreserved characters, and `keep`.
pub(crate) fn percent_encode(text: &str, keep: &[u8]) -> String {
    use std::fmt::Write as _;
    text.bytes()
        .fold(String::with_capacity(text.len()), |mut out, byte| {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || keep.contains(&byte) {
                out.push(char::from(byte));
            } else {
                // Writing to a String can't fail.
                let _ = write!(out, "%{byte:02X}");
            }
            out
        })
}

/// Joins query or form pairs.
fn encode_pairs(pairs: &[(String, String)]) -> String {
    let encoded: Vec<_> = pairs
        .iter()
        .map(|(key, value)| {
            format!(
                "{}={}",
                percent_encode(key, b""),
                percent_encode(value, b"")
            )
        })
        .collect();
    encoded.join("&")
}
