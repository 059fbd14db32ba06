//! The client itself: one call from parameters to joined answer.

use std::fmt;
use std::sync::Arc;

use aws_credential_types::Credentials;
use serde_json::Value;
use tokio::sync::OnceCell;

use crate::config::Config;
use crate::credentials::{self, Source};
use crate::endpoint;
use crate::error::{Error, ErrorKind};
use crate::limiter::Limiters;
use crate::model;
use crate::profile;
use crate::retry::Retry;
use crate::sending::Call;
use crate::sign::Clock;
use crate::transport::{Http, Transport};
use crate::wire;
use crate::{pages, redact};

/// A service that always returns another token shall not be asked forever.
const MOST_PAGES: usize = 10_000;

/// A client of AWS for one set of credentials and all Regions. Cloning is cheap and shares everything.
#[derive(Clone)]
pub struct Client {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) config: Config,
    pub(crate) endpoints: endpoint::Settings,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) credentials: Source,
    pub(crate) clock: Clock,
    pub(crate) retry: Retry,
    pub(crate) limiters: Limiters,
    pub(crate) identity: OnceCell<Identity>,
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
            use aws_sdk_sts::error::ProvideErrorMetadata;
            let (code, message) = match (error.code(), error.message()) {
                (Some(code), message) => (code.to_owned(), message.unwrap_or_default().to_owned()),
                (None, _) => ("NoReply".to_owned(), credentials::said(&error)),
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

    pub(crate) async fn credentials(
        &self,
        refused: Option<&Credentials>,
    ) -> Result<Credentials, String> {
        let reason = match self.inner.credentials.get(refused).await {
            Ok(credentials) => return Ok(credentials),
            Err(reason) => reason,
        };
        let reason = match profile::missing(&self.inner.config).await {
            Some(missing) => format!("{missing} ({reason})"),
            None => reason,
        };
        Err(format!(
            "no usable AWS credentials: {reason}. \
             Set profile, or access_key and secret_key, in the provider block, or AWS's variables"
        ))
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
        let endpoint = self.endpoint(model, operation, &params, region);
        let reads = operation.is_read();
        let call = Call {
            service: model,
            operation,
            region,
            endpoint: endpoint.map_err(|reason| invalid("NoEndpoint", reason))?,
            secrets: redact::secrets(model, operation, &params),
            reads,
        };
        let mut answer = self.send(&call, &params).await?;
        if let Some(fault) = unsuccessful(&answer) {
            return Err(Error::from_fault(service, action, region, 200, fault));
        }
        let Some(paginator) = &operation.paginator else {
            return Ok(answer);
        };
        if pages::is_one(&params) {
            return Ok(answer);
        }
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

    /// Where a call goes.
    pub(crate) fn endpoint(
        &self,
        service: &model::Service,
        operation: &model::Operation,
        params: &Value,
        region: &str,
    ) -> Result<endpoint::Endpoint, String> {
        endpoint::resolve(&self.inner.endpoints, service, operation, params, region)
    }

    /// The time by AWS's clock.
    pub(crate) fn now(&self) -> std::time::SystemTime {
        self.inner.clock.now()
    }

    pub(crate) fn user_agent(&self) -> &str {
        self.inner
            .config
            .user_agent
            .as_deref()
            .unwrap_or(concat!("platform-aws/", env!("CARGO_PKG_VERSION")))
    }
}

/// The first failure that a successful answer reports: EC2's calls on several resources answer 200 with a list
/// `Unsuccessful` for those on which they failed.
fn unsuccessful(answer: &Value) -> Option<wire::Fault> {
    let error = &answer["Unsuccessful"].as_array()?.first()?["Error"];
    let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
    Some(wire::Fault {
        code: text("Code"),
        message: text("Message"),
        request_id: None,
        members: Value::Null,
        coded: true,
    })
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
