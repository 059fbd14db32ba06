//! An interpreter of AWS's endpoint rule sets.
//!
//! A rule set is a decision tree: each rule has conditions, and is a tree of further rules, an endpoint, or an error.
//! <https://smithy.io/2.0/additional-specs/rules-engine/specification.html>

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::partition;

/// A service's rules.
#[derive(Debug, Deserialize)]
pub struct RuleSet {
    /// What the rules take.
    pub parameters: BTreeMap<String, Parameter>,
    rules: Vec<Rule>,
}

/// One parameter of a rule set.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Parameter {
    /// Where a client takes it from when the caller doesn't give it.
    pub built_in: Option<String>,
    /// Value where it isn't given.
    pub default: Option<Value>,
    /// It must have a value.
    #[serde(default)]
    pub required: bool,
}

#[derive(Debug, Deserialize)]
struct Rule {
    #[serde(default)]
    conditions: Vec<Condition>,
    #[serde(default)]
    rules: Vec<Rule>,
    endpoint: Option<Value>,
    error: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct Condition {
    #[serde(rename = "fn")]
    function: String,
    argv: Vec<Value>,
    assign: Option<String>,
}

/// What the rules decide.
#[derive(Debug, Clone, PartialEq)]
pub struct Resolved {
    /// Scheme, host and possibly a path.
    pub url: String,
    /// Facts about signing.
    pub properties: Map<String, Value>,
    /// Headers to send along.
    pub headers: Map<String, Value>,
}

impl RuleSet {
    /// Evaluates the rules.
    ///
    /// # Errors
    /// The sentence of the rule that refuses, or the name of the missing parameter.
    pub fn resolve(&self, given: &Map<String, Value>) -> Result<Resolved, String> {
        let mut scope = Map::new();
        for (name, parameter) in &self.parameters {
            let value = given
                .get(name)
                .filter(|value| !value.is_null())
                .or(parameter.default.as_ref());
            match value {
                Some(value) => drop(scope.insert(name.clone(), value.clone())),
                None if parameter.required => {
                    return Err(format!("endpoint parameter {name} is required"));
                }
                None => {}
            }
        }
        first(&self.rules, &scope).unwrap_or_else(|| Err("no endpoint rule applies".to_owned()))
    }
}

/// The outcome of the first rule whose conditions hold.
fn first(rules: &[Rule], scope: &Map<String, Value>) -> Option<Result<Resolved, String>> {
    rules.iter().find_map(|rule| {
        let mut scope = scope.clone();
        for condition in &rule.conditions {
            let value = call(&condition.function, &condition.argv, &scope);
            if matches!(value, Value::Null | Value::Bool(false)) {
                return None;
            }
            if let Some(name) = &condition.assign {
                scope.insert(name.clone(), value);
            }
        }
        if let Some(error) = &rule.error {
            return Some(Err(text(&evaluate(error, &scope))));
        }
        match &rule.endpoint {
            Some(endpoint) => Some(Ok(resolved(endpoint, &scope))),
            None => first(&rule.rules, &scope),
        }
    })
}

fn resolved(endpoint: &Value, scope: &Map<String, Value>) -> Resolved {
    let object = |name: &str| match template_all(&endpoint[name], scope) {
        Value::Object(object) => object,
        _ => Map::new(),
    };
    Resolved {
        url: text(&evaluate(&endpoint["url"], scope)),
        properties: object("properties"),
        headers: endpoint["headers"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, values)| {
                let values = values
                    .as_array()
                    .into_iter()
                    .flatten()
                    .map(|value| evaluate(value, scope));
                (name.clone(), values.collect())
            })
            .collect(),
    }
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// Expands the templates anywhere inside a value.
fn template_all(value: &Value, scope: &Map<String, Value>) -> Value {
    match value {
        Value::String(pattern) => Value::String(template(pattern, scope)),
        Value::Array(elements) => elements
            .iter()
            .map(|element| template_all(element, scope))
            .collect(),
        Value::Object(members) if members.contains_key("ref") || members.contains_key("fn") => {
            evaluate(value, scope)
        }
        Value::Object(members) => members
            .iter()
            .map(|(name, member)| (name.clone(), template_all(member, scope)))
            .collect(),
        other => other.clone(),
    }
}

/// A template, reference, call or constant.
fn evaluate(value: &Value, scope: &Map<String, Value>) -> Value {
    match value {
        Value::String(pattern) => Value::String(template(pattern, scope)),
        Value::Object(members) => {
            if let Some(name) = members.get("ref").and_then(Value::as_str) {
                return scope.get(name).cloned().unwrap_or(Value::Null);
            }
            match (
                members.get("fn").and_then(Value::as_str),
                members.get("argv").and_then(Value::as_array),
            ) {
                (Some(function), Some(arguments)) => call(function, arguments, scope),
                _ => value.clone(),
            }
        }
        other => other.clone(),
    }
}

/// Expands `{Name}` and `{Name#path}`; `{{` and `}}` stand for braces.
fn template(pattern: &str, scope: &Map<String, Value>) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some(at) = rest.find(['{', '}']) {
        out.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        let after = &rest[at + 1..];
        if let Some(escaped) = after.strip_prefix(brace) {
            out.push_str(brace);
            rest = escaped;
        } else if let (true, Some(end)) = (brace == "{", after.find('}')) {
            let (name, path) = after[..end].split_once('#').unwrap_or((&after[..end], ""));
            let value = scope
                .get(name)
                .map(|value| attribute(value, path))
                .unwrap_or(Value::Null);
            out.push_str(&text(&value));
            rest = &after[end + 1..];
        } else {
            out.push_str(brace);
            rest = after;
        }
    }
    out + rest
}

/// A member by path: `resourceId[1]`, `authority`.
fn attribute(value: &Value, path: &str) -> Value {
    let mut current = value.clone();
    for step in path.split('.').filter(|step| !step.is_empty()) {
        let (name, index) = match step.split_once('[') {
            Some((name, index)) => (name, index.trim_end_matches(']').parse::<usize>().ok()),
            None => (step, None),
        };
        if !name.is_empty() {
            current = current.get(name).cloned().unwrap_or(Value::Null);
        }
        if let Some(index) = index {
            current = current.get(index).cloned().unwrap_or(Value::Null);
        }
    }
    current
}

fn call(function: &str, arguments: &[Value], scope: &Map<String, Value>) -> Value {
    let argument = |index: usize| {
        arguments
            .get(index)
            .map_or(Value::Null, |value| evaluate(value, scope))
    };
    let string = |index: usize| argument(index).as_str().map(str::to_owned);
    let flag = |index: usize| argument(index).as_bool().unwrap_or(false);
    let number = |index: usize| {
        argument(index)
            .as_u64()
            .and_then(|n| usize::try_from(n).ok())
            .unwrap_or(0)
    };
    let result = match function {
        "isSet" => Some(Value::Bool(!argument(0).is_null())),
        "not" => Some(Value::Bool(matches!(
            argument(0),
            Value::Null | Value::Bool(false)
        ))),
        "stringEquals" | "booleanEquals" => Some(Value::Bool(argument(0) == argument(1))),
        "getAttr" => string(1).map(|path| attribute(&argument(0), &path)),
        "coalesce" => (0..arguments.len())
            .map(argument)
            .find(|value| !value.is_null()),
        "ite" => Some(if flag(0) { argument(1) } else { argument(2) }),
        "substring" => string(0).and_then(|text| {
            Some(Value::from(substring(
                &text,
                number(1),
                number(2),
                flag(3),
            )?))
        }),
        "split" => string(0)
            .zip(string(1))
            .map(|(text, by)| split(&text, &by, number(2))),
        "uriEncode" => string(0).map(|text| Value::from(crate::wire::percent_encode(&text, b""))),
        "parseURL" => string(0).and_then(|text| parse_url(&text)),
        "isValidHostLabel" => string(0).map(|text| Value::Bool(is_host_label(&text, flag(1)))),
        "aws.partition" => string(0).and_then(|region| partition_of(&region)),
        "aws.parseArn" => string(0).and_then(|arn| parse_arn(&arn)),
        "aws.isVirtualHostableS3Bucket" => {
            string(0).map(|bucket| Value::Bool(is_bucket_label(&bucket, flag(1))))
        }
        _ => None,
    };
    result.unwrap_or(Value::Null)
}

fn substring(text: &str, start: usize, stop: usize, reverse: bool) -> Option<&str> {
    if start >= stop || text.len() < stop || !text.is_ascii() {
        return None;
    }
    if reverse {
        text.get(text.len() - stop..text.len() - start)
    } else {
        text.get(start..stop)
    }
}

fn split(text: &str, by: &str, limit: usize) -> Value {
    match limit {
        0 => text.split(by).map(Value::from).collect(),
        limit => text.splitn(limit, by).map(Value::from).collect(),
    }
}

fn parse_url(text: &str) -> Option<Value> {
    let (scheme, rest) = text
        .split_once("://")
        .filter(|(scheme, _)| matches!(*scheme, "http" | "https"))?;
    if text.contains(['?', '#']) {
        return None;
    }
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next()?,
        None => authority.split(':').next()?,
    };
    let path = if path.is_empty() {
        String::new()
    } else {
        format!("/{}", path.trim_end_matches('/'))
    };
    let normalized = if path.is_empty() {
        "/".to_owned()
    } else {
        format!("{path}/")
    };
    Some(json!({
        "scheme": scheme,
        "authority": authority,
        "path": path,
        "normalizedPath": normalized,
        "isIp": host.parse::<std::net::IpAddr>().is_ok(),
    }))
}

fn is_host_label(text: &str, subdomains: bool) -> bool {
    if subdomains {
        return text.split('.').all(|label| is_host_label(label, false));
    }
    (1..=63).contains(&text.len())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        && !text.starts_with('-')
}

fn is_bucket_label(text: &str, subdomains: bool) -> bool {
    if text.parse::<std::net::Ipv4Addr>().is_ok() {
        return false;
    }
    if subdomains {
        return text.split('.').all(|label| is_bucket_label(label, false));
    }
    (3..=63).contains(&text.len())
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

fn partition_of(region: &str) -> Option<Value> {
    Some(Value::Object(partition::of_region(region)?.outputs.clone()))
}

fn parse_arn(text: &str) -> Option<Value> {
    let parts: Vec<_> = text.splitn(6, ':').collect();
    let [start, partition, service, region, account, resource] = parts[..] else {
        return None;
    };
    if start != "arn" || partition.is_empty() || service.is_empty() || resource.is_empty() {
        return None;
    }
    Some(json!({
        "partition": partition,
        "service": service,
        "region": region,
        "accountId": account,
        "resourceId": resource.split([':', '/']).collect::<Vec<_>>(),
    }))
}
