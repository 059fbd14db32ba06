//! Raw calls to AWS's API, for what a scenario does behind the provider's back.

use std::net::SocketAddr;

use serde_json::Value;

use crate::ensure;
use crate::failure::Outcome;
use crate::http::{self, Reply};

/// AWS's API at an address: an emulator, or a proxy in front of one.
#[derive(Debug, Clone, Copy)]
pub struct Api {
    address: SocketAddr,
}

impl Api {
    /// The API that answers at this address.
    pub fn at(address: SocketAddr) -> Self {
        Self { address }
    }

    /// Calls an action of a query-protocol service (EC2, IAM, ...), in a region.
    pub fn query(
        &self,
        service: &str,
        region: &str,
        version: &str,
        parameters: &[(&str, &str)],
    ) -> Outcome<Reply> {
        let mut form = format!("Version={version}");
        for (name, value) in parameters {
            form.push_str(&format!("&{name}={}", percent_encode(value)));
        }
        let headers = [
            ("authorization", authorization(service, region)),
            ("content-type", "application/x-www-form-urlencoded".into()),
        ];
        self.post(&headers, form)
    }

    /// Calls an action of a JSON-protocol service; `target` is the value of `X-Amz-Target`.
    pub fn json(&self, service: &str, region: &str, target: &str, body: &Value) -> Outcome<Reply> {
        let headers = [
            ("authorization", authorization(service, region)),
            ("content-type", "application/x-amz-json-1.1".into()),
            ("x-amz-target", target.to_owned()),
        ];
        self.post(&headers, body.to_string())
    }

    /// Calls a REST service: a method on a path, with a body in JSON or none.
    pub fn rest(
        &self,
        service: &str,
        region: &str,
        (method, path): (&str, &str),
        body: Option<&Value>,
    ) -> Outcome<Reply> {
        let scope = authorization(service, region);
        let headers = [
            ("authorization", scope.as_str()),
            ("content-type", "application/json"),
        ];
        let headers = &headers[..1 + usize::from(body.is_some())];
        let body = body.map(Value::to_string).unwrap_or_default();
        http::send(self.address, method, path, headers, body)
    }

    /// Calls an EC2 action in us-east-1 and returns the XML; an error reply is a failure.
    pub fn ec2(&self, parameters: &[(&str, &str)]) -> Outcome<String> {
        let reply = self.query("ec2", "us-east-1", "2016-11-15", parameters)?;
        ensure!(
            reply.status == 200,
            "{parameters:?} answers {}: {}",
            reply.status,
            reply.body
        );
        Ok(reply.body)
    }

    fn post(&self, headers: &[(&str, String)], body: String) -> Outcome<Reply> {
        let headers: Vec<(&str, &str)> = headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        http::send(self.address, "POST", "/", &headers, body)
    }
}

/// A credential scope without a valid signature: emulators route by the scope and check nothing.
fn authorization(service: &str, region: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential=test/20260101/{region}/{service}/aws4_request, SignedHeaders=host, Signature=none"
    )
}

fn percent_encode(value: &str) -> String {
    value
        .bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}
