//! Error replies: the same four facts from five forms.

use serde_json::{Map, Value};

use super::xml::Element;
use super::{Reply, json, rest, xml_read};
use crate::model::{Operation, Protocol, Service};

/// What an error reply says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Fault {
    /// AWS's code, such as `InvalidVpcID.NotFound`; the HTTP status where the reply carries none.
    pub code: String,
    /// AWS's sentence.
    pub message: String,
    /// AWS's id of the request.
    pub request_id: Option<String>,
    /// The members of the error's shape, where the model has one.
    pub members: Value,
    /// The reply carried a code, so that a service wrote it and not something between.
    pub coded: bool,
}

/// Reads an error reply. What can't be read is left out: a proxy's HTML page still gives a status.
pub fn fault(service: &Service, operation: &Operation, reply: Reply<'_>) -> Fault {
    let mut fault = match service.metadata.protocol {
        Protocol::Json | Protocol::RestJson => from_json(service, operation, reply),
        Protocol::RestXml | Protocol::Query | Protocol::Ec2 => from_xml(service, operation, reply),
    };
    if fault.request_id.is_none() {
        let headers = ["x-amzn-requestid", "x-amz-request-id", "x-amz-id-2"];
        fault.request_id = headers
            .iter()
            .find_map(|name| reply.header(name))
            .map(str::to_owned);
    }
    fault.coded = !fault.code.is_empty();
    if !fault.coded {
        fault.code = match http::StatusCode::from_u16(reply.status)
            .ok()
            .and_then(|s| s.canonical_reason())
        {
            Some(reason) => format!("{} {reason}", reply.status),
            None => reply.status.to_string(),
        };
    }
    fault
}

fn from_json(service: &Service, operation: &Operation, reply: Reply<'_>) -> Fault {
    let body = match json::document(reply.body) {
        Ok(Value::Object(members)) => members,
        _ => Map::new(),
    };
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let raw = reply
        .header("x-amzn-errortype")
        .or_else(|| text("__type"))
        .or_else(|| text("code"));
    let raw = raw.or_else(|| text("Code")).unwrap_or_default();
    let shape_code = raw
        .rsplit('#')
        .next()
        .unwrap_or(raw)
        .split(':')
        .next()
        .unwrap_or(raw)
        .to_owned();
    // Services that once spoke query tell their old code in a header, and callers know that one.
    let query_code = service
        .metadata
        .aws_query_compatible
        .as_ref()
        .and_then(|_| reply.header("x-amzn-query-error"))
        .and_then(|header| header.split(';').next());
    let message = ["message", "Message", "errorMessage"]
        .iter()
        .find_map(|name| text(name))
        .unwrap_or_default();
    let shape = service.error_shape(operation, &shape_code);
    let members = shape.map(|shape| match service.metadata.protocol {
        Protocol::RestJson => rest::parse(service, shape, reply).unwrap_or_default(),
        _ => json::structure_from(service, shape, body.clone()),
    });
    Fault {
        code: query_code.map_or(shape_code, str::to_owned),
        message: message.to_owned(),
        members: members.unwrap_or_default(),
        ..Fault::default()
    }
}

fn from_xml(service: &Service, operation: &Operation, reply: Reply<'_>) -> Fault {
    let Ok(root) = Element::parse(reply.body) else {
        return Fault::default();
    };
    let Some(error) = root.find("Error") else {
        return Fault::default();
    };
    let code = error.child_text("Code").unwrap_or_default();
    let message = error
        .child_text("Message")
        .or_else(|| error.child_text("message"))
        .unwrap_or_default();
    let request_id = ["RequestId", "RequestID", "requestId"]
        .iter()
        .find_map(|name| root.find(name))
        .map(|element| element.text.trim().to_owned());
    let members = service.error_shape(operation, code).map(|shape| {
        let mut members = xml_read::structure(service, shape, error);
        if service.metadata.protocol == Protocol::RestXml
            && let (Value::Object(all), Ok(Value::Object(bound))) = (
                &mut members,
                rest::parse(service, shape, Reply { body: b"", ..reply }),
            )
        {
            all.extend(bound);
        }
        members
    });
    Fault {
        code: code.to_owned(),
        message: message.to_owned(),
        request_id,
        members: members.unwrap_or_default(),
        coded: false,
    }
}
