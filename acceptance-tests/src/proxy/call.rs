//! What a request asks of AWS, read from the request alone.

use std::time::Duration;

use hyper::body::Bytes;
use hyper::http::request::Parts;

/// How a service puts its calls and errors on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// EC2: a form, errors inside `<Response>`.
    Ec2,
    /// The query protocol: a form, errors inside `<ErrorResponse>`.
    Query,
    /// The JSON protocols with `X-Amz-Target`.
    Json,
    /// REST: method and path say what is asked.
    Rest,
}

/// One call that reached the proxy.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// Signing name of the service, such as `ec2`.
    pub service: String,
    /// Region of the signature.
    pub region: String,
    /// `DescribeVpcs`, `GetParameter`, or `PUT /bucket` for REST.
    pub action: String,
    /// How it is written.
    pub dialect: Dialect,
    /// Time since the proxy started.
    pub at: Duration,
    /// Status of the reply that was delivered; `None` if the caller never got one.
    pub status: Option<u16>,
    /// Whether the reply showed what there was, and no longer is.
    pub stale: bool,
}

impl Call {
    /// Reads a request.
    pub(super) fn read(parts: &Parts, body: &Bytes, at: Duration) -> Self {
        let header = |name: &str| {
            parts
                .headers
                .get(name)
                .and_then(|value| value.to_str().ok())
        };
        let (service, region) = credential_scope(header("authorization").unwrap_or_default());
        let form_action = || {
            let text = std::str::from_utf8(body).ok()?;
            text.split('&')
                .find_map(|pair| pair.strip_prefix("Action="))
                .map(str::to_owned)
        };
        let (action, dialect) = if let Some(target) = header("x-amz-target") {
            (
                target.rsplit('.').next().unwrap_or(target).to_owned(),
                Dialect::Json,
            )
        } else if let Some(action) = form_action() {
            (
                action,
                if service == "ec2" {
                    Dialect::Ec2
                } else {
                    Dialect::Query
                },
            )
        } else {
            (
                format!("{} {}", parts.method, parts.uri.path()),
                Dialect::Rest,
            )
        };
        Self {
            service,
            region,
            action,
            dialect,
            at,
            status: None,
            stale: false,
        }
    }

    /// `service:action`, as IAM writes it.
    pub fn name(&self) -> String {
        format!("{}:{}", self.service, self.action)
    }

    /// Whether the call changes anything in AWS.
    ///
    /// Dry runs are not told apart: no scenario uses one.
    pub fn is_mutating(&self) -> bool {
        const READS: [&str; 9] = [
            "Describe",
            "Get",
            "List",
            "Head",
            "Lookup",
            "Search",
            "BatchGet",
            "Simulate",
            "AssumeRole",
        ];
        match self.dialect {
            Dialect::Rest => !(self.action.starts_with("GET ") || self.action.starts_with("HEAD ")),
            _ => !READS.iter().any(|verb| self.action.starts_with(verb)),
        }
    }

    /// An error reply as the service would write it: (status, content type, body).
    pub(super) fn error_reply(&self, error: Refusal) -> (u16, &'static str, String) {
        let (code, status, message) = match (error, self.dialect) {
            (Refusal::Denied, Dialect::Ec2) => (
                "UnauthorizedOperation",
                403,
                "You are not authorized to perform this operation.",
            ),
            (Refusal::Denied, Dialect::Query) => ("AccessDenied", 403, "Access denied"),
            (Refusal::Denied, _) => ("AccessDeniedException", 400, "Access denied"),
            (Refusal::Throttled, Dialect::Ec2) => {
                ("RequestLimitExceeded", 503, "Request limit exceeded.")
            }
            (Refusal::Throttled, Dialect::Query) => ("Throttling", 400, "Rate exceeded"),
            (Refusal::Throttled, Dialect::Json) => ("ThrottlingException", 400, "Rate exceeded"),
            (Refusal::Throttled, Dialect::Rest) => {
                ("TooManyRequestsException", 429, "Rate exceeded")
            }
            (Refusal::Broken, Dialect::Ec2) => {
                ("InternalError", 500, "An internal error has occurred")
            }
            (Refusal::Broken, _) => ("InternalFailure", 500, "An internal error has occurred"),
        };
        match self.dialect {
            Dialect::Ec2 => (
                status,
                "text/xml",
                format!(
                    "<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors><RequestID>proxy</RequestID></Response>"
                ),
            ),
            Dialect::Query => (
                status,
                "text/xml",
                format!(
                    "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error><RequestId>proxy</RequestId></ErrorResponse>"
                ),
            ),
            Dialect::Rest if self.service == "s3" => (
                503,
                "application/xml",
                format!(
                    "<Error><Code>SlowDown</Code><Message>{message}</Message><RequestId>proxy</RequestId></Error>"
                ),
            ),
            Dialect::Json | Dialect::Rest => (
                status,
                "application/json",
                format!(r#"{{"__type":"{code}","code":"{code}","message":"{message}"}}"#),
            ),
        }
    }
}

/// Why the proxy answers in the emulator's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    Denied,
    Throttled,
    Broken,
}

/// (service, region) of `Credential=KEY/DATE/REGION/SERVICE/aws4_request`.
fn credential_scope(authorization: &str) -> (String, String) {
    let scope = authorization
        .split_once("Credential=")
        .and_then(|(_, rest)| rest.split([',', ' ']).next())
        .unwrap_or_default();
    let mut fields = scope.split('/').skip(2).map(str::to_owned);
    let region = fields.next().unwrap_or_default();
    (fields.next().unwrap_or_else(|| "unsigned".into()), region)
}
