//! The client itself: one call from parameters to joined answer.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_credential_types::Credentials;
use bytes::Bytes;
use http::Response;
use serde_json::Value;
use tokio::sync::OnceCell;
use tokio::time::Instant;

use crate::config::Config;
use crate::credentials::{self, Source};
use crate::endpoint::{self, Endpoint};
use crate::error::{self, Error, ErrorKind};
use crate::limiter::Limiters;
use crate::model::{self, Operation, Service};
use crate::retry::{Cause, Retry};
use crate::sign::{self, Clock};
use crate::transport::{Http, SendError, Transport};
use crate::wire::{self, Reply};
use crate::{pages, redact};

const TIMEOUT: Duration = Duration::from_secs(60);
/// A service that always returns another token shall not be asked forever.
const MOST_PAGES: usize = 10_000;

/// A client of AWS for one set of credentials and all Regions. Cloning is cheap and shares everything.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    config: Config,
    endpoints: endpoint::Settings,
    transport: Arc<dyn Transport>,
    credentials: Source,
    clock: Clock,
    retry: Retry,
    limiters: Limiters,
    identity: OnceCell<Identity>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("config", &self.inner.config)
            .finish_non_exhaustive()
    }
}

/// Who the credentials belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The account's twelve digits.
    pub account: String,
    /// ARN of the user or of the role's session.
    pub arn: String,
    /// `aws`, `aws-cn`, `aws-us-gov` ...
    pub partition: String,
}

/// One call on its way.
struct Call<'a> {
    service: &'static Service,
    operation: &'static Operation,
    region: &'a str,
    endpoint: Endpoint,
    secrets: Vec<String>,
    reads: bool,
    /// It may be sent again when no reply is known.
    repeatable: bool,
}

impl Client {
    /// A client of a configuration. Touches the network only when the configuration names accounts, or validates
    /// credentials: then it looks up the identity.
    ///
    /// # Errors
    /// A configuration that contradicts itself, credentials that AWS refuses, an account that isn't allowed.
    pub async fn connect(config: Config) -> Result<Self, Error> {
        let transport = config
            .transport
            .clone()
            .unwrap_or_else(|| Arc::new(Http::new(&config)));
        let invalid = |message: String| {
            Error::new(
                ErrorKind::Invalid,
                "client",
                "configure",
                "Configuration",
                message,
            )
        };
        let client = Self {
            inner: Arc::new(Inner {
                endpoints: endpoint::Settings {
                    overrides: config.endpoints.clone(),
                    fips: config.use_fips_endpoint,
                    dualstack: config.use_dualstack_endpoint,
                    s3_path_style: config.s3_use_path_style,
                },
                credentials: Source::new(&config, &transport).map_err(invalid)?,
                transport,
                clock: Clock::default(),
                retry: Retry::new(config.max_retries, config.token_bucket_capacity),
                limiters: Limiters::new(config.retry_mode),
                identity: OnceCell::new(),
                config,
            }),
        };
        let config = &client.inner.config;
        let (allowed, forbidden) = (&config.allowed_account_ids, &config.forbidden_account_ids);
        if !config.skip_credentials_validation || !allowed.is_empty() || !forbidden.is_empty() {
            let account = client.identity().await?.account;
            let denied = |why: &str| {
                let message = format!("the credentials belong to account {account}, which {why}");
                Err(Error::new(
                    ErrorKind::Denied,
                    "sts",
                    "GetCallerIdentity",
                    "AccountNotAllowed",
                    message,
                ))
            };
            if !allowed.is_empty() && !allowed.contains(&account) {
                return denied(&format!(
                    "is none of allowed_account_ids ({})",
                    allowed.join(", ")
                ));
            }
            if forbidden.contains(&account) {
                return denied("forbidden_account_ids lists");
            }
        }
        Ok(client)
    }

    /// Who the credentials belong to; asked once.
    ///
    /// # Errors
    /// No credentials, or AWS refuses them.
    pub async fn identity(&self) -> Result<Identity, Error> {
        self.inner
            .identity
            .get_or_try_init(|| self.ask_identity())
            .await
            .cloned()
    }

    async fn ask_identity(&self) -> Result<Identity, Error> {
        let inner = &self.inner;
        let failed = |code: &str, message: String| {
            Error::new(ErrorKind::Denied, "sts", "GetCallerIdentity", code, message)
        };
        let credentials = self
            .credentials(None)
            .await
            .map_err(|message| failed("NoCredentials", message))?;
        let provider =
            aws_credential_types::provider::SharedCredentialsProvider::new(credentials.clone());
        let sts = credentials::sts_client(&inner.config, &inner.transport, Some(provider));
        let reply = sts.get_caller_identity().send().await.map_err(|error| {
            use aws_sdk_sts::error::{DisplayErrorContext, ProvideErrorMetadata};
            let (code, message) = match (error.code(), error.message()) {
                (Some(code), message) => (code.to_owned(), message.unwrap_or_default().to_owned()),
                (None, _) => (
                    "NoReply".to_owned(),
                    DisplayErrorContext(&error).to_string(),
                ),
            };
            let kind = if code == "NoReply" {
                ErrorKind::Transient
            } else {
                ErrorKind::Denied
            };
            Error {
                kind,
                ..failed(&code, redact::hide(&message, &[], Some(&credentials)))
            }
        })?;
        let arn = reply.arn().unwrap_or_default().to_owned();
        Ok(Identity {
            account: reply.account().unwrap_or_default().to_owned(),
            partition: arn.split(':').nth(1).unwrap_or("aws").to_owned(),
            arn,
        })
    }

    /// The Region of calls that name none: the configuration's, or else the profile's.
    pub async fn default_region(&self) -> Option<String> {
        match &self.inner.config.region {
            Some(region) => Some(region.clone()),
            None => credentials::region_of_profile(&self.inner.config, &self.inner.transport).await,
        }
    }

    async fn credentials(&self, refused: Option<&Credentials>) -> Result<Credentials, String> {
        self.inner.credentials.get(refused).await.map_err(|reason| {
            format!("no usable AWS credentials: {reason}. Set the provider's profile, access_key and secret_key, or AWS_* variables")
        })
    }

    /// Calls `action` of `service` in `region` and returns the answer; all pages, where it comes in pages.
    ///
    /// Parameters and answer are JSON by the names of the [`model`]; see [`wire`] for times and blobs.
    ///
    /// # Errors
    /// AWS's error, classified; [`ErrorKind::Ambiguous`] when a change was sent and no reply is known;
    /// [`ErrorKind::Invalid`] for a call that the model doesn't allow (every debug build checks, tests do).
    pub async fn call(
        &self,
        region: &str,
        service: &str,
        action: &str,
        params: &Value,
    ) -> Result<Value, Error> {
        let invalid = |code: &str, message: String| {
            Error::new(ErrorKind::Invalid, service, action, code, message).in_region(region)
        };
        let unknown = |what: &str| {
            invalid(
                "UnknownOperation",
                format!("{what} is not in models/operations.json"),
            )
        };
        let model = model::service(service).ok_or_else(|| unknown("the service"))?;
        let operation = model
            .operation(action)
            .ok_or_else(|| unknown("the operation"))?;
        let mut params = if params.is_null() {
            Value::Object(serde_json::Map::new())
        } else {
            params.clone()
        };
        if cfg!(debug_assertions)
            && let Err(problems) = model::validate(service, action, &params)
        {
            return Err(invalid("InvalidCall", problems.join("; ")));
        }
        wire::fill_token(model, operation, &mut params, token);
        let endpoint = endpoint::resolve(&self.inner.endpoints, model, operation, &params, region);
        let reads = operation.is_read();
        let call = Call {
            service: model,
            operation,
            region,
            endpoint: endpoint.map_err(|reason| invalid("NoEndpoint", reason))?,
            secrets: redact::secrets(model, operation, &params),
            reads,
            repeatable: reads || operation.idempotency_token(model).is_some(),
        };
        let mut answer = self.send(&call, &params).await?;
        let Some(paginator) = &operation.paginator else {
            return Ok(answer);
        };
        let mut tokens = Vec::new();
        let mut next = pages::next(paginator, &answer, &tokens);
        for _ in 1..MOST_PAGES {
            let Some(asked) = next else { break };
            for (name, token) in &asked {
                params[name] = token.clone();
            }
            tokens = asked;
            let page = self.send(&call, &params).await?;
            next = pages::next(paginator, &page, &tokens);
            pages::join(paginator, &mut answer, page);
        }
        pages::close(paginator, &mut answer);
        Ok(answer)
    }

    /// One page: serialises once, then sends until there is an answer.
    async fn send(&self, call: &Call<'_>, params: &Value) -> Result<Value, Error> {
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
            let late = call.service.name == "s3"
                && raw
                    .body
                    .windows(7)
                    .take(512)
                    .any(|window| window == b"<Error>");
            if !late {
                return wire::parse(call.service, call.operation, raw).map_err(|reason| {
                    let kind = if call.repeatable {
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
        } else if gateway && !call.repeatable {
            // Something between answered for a service that may have done it.
            error.kind = ErrorKind::Ambiguous;
            None
        } else {
            (error.kind == ErrorKind::Transient).then_some(Cause::Transient)
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
        if call.repeatable {
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

    fn user_agent(&self) -> &str {
        self.inner
            .config
            .user_agent
            .as_deref()
            .unwrap_or(concat!("platform-aws/", env!("CARGO_PKG_VERSION")))
    }
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

/// A random UUID, for the idempotency tokens that callers leave to the client.
fn token() -> String {
    let bits = (fastrand::u128(..) & !(0xf000_u128 << 64) & !(0b11_u128 << 62))
        | (0x4000_u128 << 64)
        | (0b10_u128 << 62);
    let hex = format!("{bits:032x}");
    [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ]
    .join("-")
}
