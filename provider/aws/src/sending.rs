//! One call sent until there is an answer: signed, limited, retried, put right.

use std::time::Duration;

use aws_credential_types::Credentials;
use bytes::Bytes;
use http::Response;
use serde_json::Value;
use tokio::time::Instant;

use crate::client::Client;
use crate::endpoint::Endpoint;
use crate::error::{self, Error, ErrorKind};
use crate::model::{Operation, Service};
use crate::redact;
use crate::retry::Cause;
use crate::sign;
use crate::transport::SendError;
use crate::wire::{self, Reply};

const TIMEOUT: Duration = Duration::from_secs(60);

/// One call on its way.
pub(crate) struct Call<'a> {
    pub(crate) service: &'static Service,
    pub(crate) operation: &'static Operation,
    pub(crate) region: &'a str,
    pub(crate) endpoint: Endpoint,
    pub(crate) secrets: Vec<String>,
    /// It changes nothing, so it may be sent again when no reply is known. A change may not, token or not: whoever asked for it
    /// looks first, since not everything that AWS's interface is spoken by honours tokens.
    pub(crate) reads: bool,
}

impl Client {
    /// One page: serialises once, then sends until there is an answer.
    pub(crate) async fn send(&self, call: &Call<'_>, params: &Value) -> Result<Value, Error> {
        let request = wire::serialise(call.service, call.operation, params);
        let request = request
            .map_err(|reason| self.failure(call, ErrorKind::Invalid, "InvalidCall", &reason))?;
        let request =
            crate::request::complete(call.operation, request, &call.endpoint, self.user_agent())
                .map_err(|reason| self.failure(call, ErrorKind::Invalid, "InvalidCall", &reason))?;
        let limiter = self
            .inner
            .limiters
            .of(call.region, &call.service.name, call.reads);
        let mut retries = 0;
        let mut corrected = Corrected::default();
        loop {
            let flight = limiter.enter().await;
            let credentials = self.credentials(corrected.refused.as_ref()).await;
            let credentials = credentials.map_err(|reason| {
                self.failure(call, ErrorKind::Denied, "NoCredentials", &reason)
            })?;
            let begun = Instant::now();
            let attempt = self.attempt(call, &request, &credentials).await;
            tracing::debug!(
                service = call.service.name,
                action = call.operation.name,
                region = call.region,
                outcome = attempt
                    .as_ref()
                    .map_or_else(|failed| &*failed.error.code, |_| "ok"),
                ms = begun.elapsed().as_millis(),
                "call"
            );
            limiter.learn(
                &flight,
                matches!(&attempt, Err(failed) if failed.cause == Some(Cause::Throttled)),
            );
            drop(flight);
            let failed = match attempt {
                Ok(answer) => {
                    self.inner.retry.succeeded(retries);
                    return Ok(answer);
                }
                Err(failed) => failed,
            };
            if let Some(reply) = &failed.reply
                && self.corrects(reply, &failed.error, &mut corrected, &credentials)
            {
                continue;
            }
            let pause = failed
                .cause
                .and_then(|cause| self.inner.retry.pause(retries, cause, failed.after));
            let Some(pause) = pause else {
                return Err(failed.error);
            };
            retries += 1;
            tracing::debug!(
                service = call.service.name,
                action = call.operation.name,
                region = call.region,
                code = &*failed.error.code,
                retries,
                pause_ms = pause.as_millis(),
                "retry"
            );
            tokio::time::sleep(pause).await;
        }
    }

    /// Whether the refusal is due to the clock or to expired credentials, and that is now put right. Each once.
    fn corrects(
        &self,
        reply: &Response<Bytes>,
        error: &Error,
        corrected: &mut Corrected,
        used: &Credentials,
    ) -> bool {
        let skewed = matches!(
            &*error.code,
            "RequestTimeTooSkewed"
                | "RequestExpired"
                | "RequestInTheFuture"
                | "InvalidSignatureException"
                | "SignatureDoesNotMatch"
                | "AuthFailure"
                | "AccessDeniedException"
        );
        if skewed && !corrected.clock && self.inner.clock.correct(reply) {
            corrected.clock = true;
            return true;
        }
        let expired = matches!(
            &*error.code,
            "ExpiredToken" | "ExpiredTokenException" | "RequestExpired"
        );
        if expired && corrected.refused.is_none() && used.expiry().is_some() {
            corrected.refused = Some(used.clone());
            return true;
        }
        false
    }

    async fn attempt(
        &self,
        call: &Call<'_>,
        request: &http::Request<Bytes>,
        credentials: &Credentials,
    ) -> Result<Value, Box<Failed>> {
        let mut request = request.clone();
        sign::sign(
            &mut request,
            &call.endpoint,
            credentials,
            self.inner.clock.now(),
        )
        .map_err(|reason| {
            Failed::finally(self.failure(call, ErrorKind::Invalid, "NotSignable", &reason))
        })?;
        let timeout = self.inner.config.timeout.unwrap_or(TIMEOUT);
        let reply = match tokio::time::timeout(timeout, self.inner.transport.send(request)).await {
            Ok(Ok(reply)) => reply,
            Ok(Err(SendError::NotSent(reason))) => {
                let host = call.endpoint.url.as_str();
                let error = self.failure(
                    call,
                    ErrorKind::Transient,
                    "NotReachable",
                    &format!("{host}: {reason}"),
                );
                return Err(Failed::again(error, Cause::Unreachable));
            }
            Ok(Err(SendError::NoReply(reason))) => {
                return Err(self.no_reply(call, &reason, Cause::Transient));
            }
            Err(_) => {
                let reason = format!("nothing came within {} seconds", timeout.as_secs());
                return Err(self.no_reply(call, &reason, Cause::TimedOut));
            }
        };
        let raw = Reply {
            status: reply.status().as_u16(),
            headers: reply.headers(),
            body: reply.body(),
        };
        if (200..300).contains(&raw.status) {
            // S3 can fail after it began a reply with 200.
            let late = call.service.name == "s3" && is_error_document(raw.body);
            if !late {
                return wire::parse(call.service, call.operation, raw).map_err(|reason| {
                    let kind = if call.reads {
                        ErrorKind::Other
                    } else {
                        ErrorKind::Ambiguous
                    };
                    Failed::finally(self.failure(call, kind, "UnreadableReply", &reason))
                });
            }
        }
        let mut fault = wire::fault(call.service, call.operation, raw);
        fault.message = redact::hide(&fault.message, &call.secrets, Some(credentials));
        let coded = fault.coded;
        let throttled = error::is_throttling(raw.status, &fault.code, &fault.message);
        let mut error = Error::from_fault(
            &call.service.name,
            &call.operation.name,
            call.region,
            raw.status,
            fault,
        );
        let gateway = matches!(raw.status, 502 | 504) && !coded;
        let cause = if throttled {
            Some(Cause::Throttled)
        } else if gateway && !call.reads {
            // Something between answered for a service that may have done it.
            error.kind = ErrorKind::Ambiguous;
            None
        } else if error.kind != ErrorKind::Transient || !call.reads {
            // A service that failed may have done all the same what it was asked to change.
            None
        } else if raw.status == 500 && !coded {
            Some(Cause::Foreign)
        } else {
            Some(Cause::Transient)
        };
        let after = reply
            .headers()
            .get(http::header::RETRY_AFTER)
            .and_then(|value| value.to_str().ok()?.parse().ok());
        Err(Box::new(Failed {
            error,
            cause,
            after: after.map(Duration::from_secs),
            reply: Some(reply),
        }))
    }

    fn no_reply(&self, call: &Call<'_>, reason: &str, cause: Cause) -> Box<Failed> {
        if call.reads {
            Failed::again(
                self.failure(call, ErrorKind::Transient, "NoReply", reason),
                cause,
            )
        } else {
            let reason = format!("{reason}; the call was sent and may have taken effect");
            Failed::finally(self.failure(call, ErrorKind::Ambiguous, "NoReply", &reason))
        }
    }

    fn failure(&self, call: &Call<'_>, kind: ErrorKind, code: &str, message: &str) -> Error {
        let message = redact::hide(message, &call.secrets, None);
        Error::new(
            kind,
            &call.service.name,
            &call.operation.name,
            code,
            message,
        )
        .in_region(call.region)
    }
}

/// Whether an XML document's root is `Error`.
fn is_error_document(body: &[u8]) -> bool {
    let body = body.trim_ascii_start();
    let declaration = body
        .starts_with(b"<?xml")
        .then(|| body.iter().position(|byte| *byte == b'>'));
    let root = declaration.flatten().map_or(body, |end| &body[end + 1..]);
    root.trim_ascii_start().starts_with(b"<Error>")
}

/// What was put right for a call already.
#[derive(Default)]
struct Corrected {
    clock: bool,
    refused: Option<Credentials>,
}

/// A failed attempt.
struct Failed {
    error: Error,
    /// Set when it may be repeated.
    cause: Option<Cause>,
    after: Option<Duration>,
    reply: Option<Response<Bytes>>,
}

impl Failed {
    fn finally(error: Error) -> Box<Self> {
        Box::new(Self {
            error,
            cause: None,
            after: None,
            reply: None,
        })
    }

    fn again(error: Error, cause: Cause) -> Box<Self> {
        Box::new(Self {
            error,
            cause: Some(cause),
            after: None,
            reply: None,
        })
    }
}
