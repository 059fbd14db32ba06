//! The protocol suites: requests and replies of made-up services.

use std::path::Path;

use http::{HeaderMap, HeaderName, HeaderValue};
use platform_aws::model::{Protocol, Service};
use platform_aws::request;
use platform_aws::wire::{self, Reply, Request};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use crate::canonical::{numbers, pairs, to_client, xml};
use crate::{distribution, report};

const SUITES: [&str; 7] = [
    "ec2",
    "query",
    "json",
    "json_1_0",
    "json_1_0-query-compatible",
    "rest-json",
    "rest-xml",
];

/// Cases that can't apply, each with the reason.
const EXCLUDED: &[(&str, &str)] = &[];

/// What the suites expect where a client shall make up an idempotency token.
const TOKEN: &str = "00000000-0000-4000-8000-000000000000";

#[test]
fn conformance_of_requests() {
    run("input", request_problem);
}

#[test]
fn conformance_of_replies() {
    run("output", reply_problem);
}

fn run(direction: &str, problem: fn(&Service, &Value) -> Result<(), String>) {
    let Some(folder) = distribution() else { return };
    let (mut all, mut failures) = (0, Vec::new());
    for suite in SUITES {
        let before = (all, failures.len());
        for group in load(&folder.join(format!("tests/unit/protocols/{direction}/{suite}.json"))) {
            for raw in &group.cases {
                let mut case: Value = serde_json::from_str(raw.get()).unwrap();
                let id = case["id"].as_str().unwrap().to_owned();
                if EXCLUDED.iter().any(|(excluded, _)| *excluded == id) {
                    continue;
                }
                all += 1;
                case["clientEndpoint"] = group.client_endpoint.clone();
                if let Err(problem) = problem(&service(&group, raw), &case) {
                    failures.push(format!("{suite} {id}: {problem}"));
                }
            }
        }
        println!(
            "{direction} {suite}: {} of {} cases passed",
            all - before.0 - (failures.len() - before.1),
            all - before.0
        );
    }
    report(
        &format!("protocol suite, {direction}"),
        all,
        EXCLUDED,
        &failures,
    );
}

/// Cases that share a made-up service. Its shapes stay text, since the order of their members counts.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Group {
    metadata: Box<RawValue>,
    shapes: Box<RawValue>,
    cases: Vec<Box<RawValue>>,
    #[serde(default)]
    client_endpoint: Value,
}

fn load(path: &Path) -> Vec<Group> {
    let text =
        std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap()
}

fn service(group: &Group, case: &RawValue) -> Service {
    #[derive(Deserialize)]
    struct Case {
        given: Box<RawValue>,
    }
    let case: Case = serde_json::from_str(case.get()).unwrap();
    let model = format!(
        r#"{{"name":"suite","metadata":{},"shapes":{},"operations":{{"operation":{}}}}}"#,
        group.metadata, group.shapes, case.given
    );
    serde_json::from_str(&model).unwrap()
}

fn request_problem(service: &Service, case: &Value) -> Result<(), String> {
    let operation = service.operations.values().next().unwrap();
    let mut params = match &operation.input {
        Some(input) => to_client(service, input, &case["params"]),
        None => Value::Object(Map::new()),
    };
    wire::fill_token(service, operation, &mut params, || TOKEN.to_owned());
    let mut request = wire::serialise(service, operation, &params)?;
    request::finish(operation, &mut request);
    let expected = &case["serialized"];
    same(
        "method",
        &request.method,
        &expected["method"].as_str().unwrap_or("POST").to_owned(),
    )?;
    let endpoint = case["clientEndpoint"].as_str().unwrap_or_default();
    let endpoint = endpoint
        .split_once("://")
        .map_or(endpoint, |(_, rest)| rest);
    let (authority, base) = endpoint.split_once('/').unwrap_or((endpoint, ""));
    let base = if base.is_empty() {
        String::new()
    } else {
        format!("/{}", base.trim_end_matches('/'))
    };
    uri_problem(
        &format!("{base}{}", request.uri),
        expected["uri"].as_str().unwrap(),
    )?;
    if let Some(body) = expected["body"].as_str() {
        body_problem(service.metadata.protocol, &request.body, body)?;
    }
    header_problem(&request, expected)?;
    if let Some(host) = expected["host"].as_str() {
        let prefix = request.host_prefix.unwrap_or_default();
        // Some cases repeat the endpoint's path here; it is checked with the URI.
        same(
            "host",
            &format!("{prefix}{authority}").as_str(),
            &host.split('/').next().unwrap(),
        )?;
    }
    Ok(())
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, found: &T, expected: &T) -> Result<(), String> {
    if found == expected {
        Ok(())
    } else {
        Err(format!("{what} is {found:?}, expected {expected:?}"))
    }
}

fn uri_problem(found: &str, expected: &str) -> Result<(), String> {
    let parts = |uri: &'_ str| {
        let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
        (path.to_owned(), pairs(query).join("&"))
    };
    same("uri", &parts(found), &parts(expected))
}

fn body_problem(protocol: Protocol, found: &[u8], expected: &str) -> Result<(), String> {
    let found = std::str::from_utf8(found).unwrap();
    match protocol {
        Protocol::Query | Protocol::Ec2 => same("body", &pairs(found), &pairs(expected)),
        Protocol::Json | Protocol::RestJson => {
            match (
                serde_json::from_str::<Value>(found),
                serde_json::from_str::<Value>(expected),
            ) {
                (Ok(found), Ok(expected)) => same("body", &numbers(found), &numbers(expected)),
                _ => same("body", &found, &expected),
            }
        }
        Protocol::RestXml if expected.trim_start().starts_with('<') => {
            same("body", &xml(found), &xml(expected))
        }
        Protocol::RestXml => same("body", &found, &expected),
    }
}

fn header_problem(request: &Request, expected: &Value) -> Result<(), String> {
    let header = |name: &str| {
        request
            .headers
            .iter()
            .find(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    };
    for (name, value) in expected["headers"].as_object().into_iter().flatten() {
        let found = header(name).unwrap_or("(absent)");
        let value = value.as_str().unwrap();
        // The character set is no news: a form is ASCII.
        if found != value && found != format!("{value}; charset=utf-8") {
            return Err(format!("header {name} is {found:?}, expected {value:?}"));
        }
    }
    for name in expected["forbidHeaders"].as_array().into_iter().flatten() {
        same("forbidden header", &header(name.as_str().unwrap()), &None)?;
    }
    for name in expected["requireHeaders"].as_array().into_iter().flatten() {
        // HTTP itself sets the length of every body.
        if name != "Content-Length" && header(name.as_str().unwrap()).is_none() {
            return Err(format!("header {name} is missing"));
        }
    }
    Ok(())
}

fn reply_problem(service: &Service, case: &Value) -> Result<(), String> {
    let operation = service.operations.values().next().unwrap();
    let response = &case["response"];
    let headers: HeaderMap = response["headers"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| {
            (
                name.parse::<HeaderName>().unwrap(),
                HeaderValue::from_str(value.as_str().unwrap()).unwrap(),
            )
        })
        .collect();
    let reply = Reply {
        status: u16::try_from(response["status_code"].as_u64().unwrap()).unwrap(),
        headers: &headers,
        body: response["body"].as_str().unwrap_or_default().as_bytes(),
    };
    if let Some(error) = case.get("error") {
        let fault = wire::fault(service, operation, reply);
        same(
            "code",
            &fault.code.as_str(),
            &case["errorCode"].as_str().unwrap(),
        )?;
        if let Some(message) = case["errorMessage"].as_str() {
            same("message", &fault.message.as_str(), &message)?;
        }
        // An error without a shape has no members.
        let members = if fault.members.is_null() {
            json!({})
        } else {
            fault.members
        };
        return same("members", &numbers(members), &numbers(error.clone()));
    }
    let found = wire::parse(service, operation, reply)?;
    let expected = match &operation.output {
        Some(output) => to_client(service, output, &case["result"]),
        None => case["result"].clone(),
    };
    same("result", &numbers(found), &numbers(expected))
}
