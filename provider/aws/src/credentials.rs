//! Where credentials come from: AWS's own chain, then the roles that the configuration names.
//!
//! Flow: static keys, or else environment, profile (with SSO, processes and roles), web identity, container, instance,
//! in AWS's order; then each assumed role with the credentials of the one before. [`Source::get`] renews them five
//! minutes before they expire, once for all callers.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_config::ecs::EcsCredentialsProvider;
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::imds;
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::web_identity_token::WebIdentityTokenCredentialsProvider;
use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::future::ProvideCredentials as Provided;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_sdk_sts::config::retry::RetryConfig;
use aws_sdk_sts::error::ProvideErrorMetadata;
use aws_sdk_sts::types::{PolicyDescriptorType, Tag};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use tokio::sync::Mutex;

use crate::config::{AssumeRole, Config, WebIdentity};
use crate::error::with_causes;
use crate::profile;
use crate::transport::{SendError, Transport};

/// Renewed this long before they expire.
const MARGIN: Duration = Duration::from_secs(300);
/// How long a request may take where AWS's crates set no limit on the reply.
const REPLY_TIMEOUT: Duration = Duration::from_secs(10);
/// How often a call of STS is sent at most, over seconds.
const ATTEMPTS: u32 = 6;
const PROVIDER: &str = "platform";

/// Gives AWS's crates the client's transport, so that there is one pool, one TLS stack and one proxy setting.
#[derive(Debug, Clone)]
pub(crate) struct Bridge(pub(crate) Arc<dyn Transport>);

impl HttpClient for Bridge {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Connector {
            transport: self.0.clone(),
            timeout: reply_timeout(settings),
        })
    }
}

/// AWS's defaults limit the connecting alone, which says nothing of how long a reply may take.
fn reply_timeout(settings: &HttpConnectorSettings) -> Duration {
    settings.read_timeout().map_or(REPLY_TIMEOUT, |reading| {
        reading + settings.connect_timeout().unwrap_or_default()
    })
}

#[derive(Debug)]
struct Connector {
    transport: Arc<dyn Transport>,
    timeout: Duration,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (transport, timeout) = (self.transport.clone(), self.timeout);
        HttpConnectorFuture::new(async move {
            let request = request
                .try_into_http1x()
                .map_err(|error| ConnectorError::user(error.into()))?;
            let request =
                request.map(|body| Bytes::copy_from_slice(body.bytes().unwrap_or_default()));
            let uri = request.uri();
            // Not the whole authority, which may hold a password.
            let place = format!(
                "{}://{}{}",
                uri.scheme_str().unwrap_or("https"),
                uri.host().unwrap_or_default(),
                uri.port().map_or(String::new(), |port| format!(":{port}")),
            );
            match tokio::time::timeout(timeout, transport.send(request)).await {
                Ok(Ok(reply)) => HttpResponse::try_from(reply.map(SdkBody::from))
                    .map_err(|error| ConnectorError::other(error.into(), None)),
                Ok(Err(SendError::NotSent(reason))) => {
                    let reason = format!("{place} can't be reached: {reason}");
                    Err(ConnectorError::io(SendError::NotSent(reason).into()))
                }
                Ok(Err(error)) => Err(ConnectorError::io(error.into())),
                Err(elapsed) => Err(ConnectorError::timeout(elapsed.into())),
            }
        })
    }
}

/// The credentials of a client, kept fresh.
#[derive(Debug)]
pub(crate) struct Source {
    provider: SharedCredentialsProvider,
    kept: Mutex<Option<Credentials>>,
}

impl Source {
    /// The credentials of a configuration. No network.
    pub(crate) fn new(config: &Config, transport: &Arc<dyn Transport>) -> Result<Self, String> {
        let mut provider = base(config, transport)?;
        if let Some(web) = &config.assume_role_with_web_identity {
            let sts = sts_client(config, transport, None);
            provider = SharedCredentialsProvider::new(OpenedByToken {
                sts,
                web: web.clone(),
            });
        }
        for role in &config.assume_role {
            let sts = sts_client(config, transport, Some(provider));
            provider = SharedCredentialsProvider::new(Assumed {
                sts,
                role: role.clone(),
            });
        }
        Ok(Self {
            provider,
            kept: Mutex::new(None),
        })
    }

    /// Credentials that stay valid for a while. `refused` names a set that AWS refused: another is fetched unless that
    /// has happened already.
    pub(crate) async fn get(&self, refused: Option<&Credentials>) -> Result<Credentials, String> {
        // Held while fetching, so that a hundred calls fetch once.
        let mut kept = self.kept.lock().await;
        if let Some(credentials) = kept.as_ref().filter(|kept| Some(*kept) != refused) {
            let left = credentials
                .expiry()
                .map(|at| at.duration_since(SystemTime::now()).unwrap_or_default());
            if left.is_none_or(|left| left > MARGIN) {
                return Ok(credentials.clone());
            }
        }
        match self.provider.provide_credentials().await {
            Ok(fresh) => Ok(kept.insert(fresh).clone()),
            Err(error) => {
                // What still works for a minute is better than nothing.
                let valid = |c: &&Credentials| c.expiry().is_some_and(|at| at > SystemTime::now());
                match kept
                    .as_ref()
                    .filter(|kept| Some(*kept) != refused)
                    .filter(valid)
                {
                    Some(credentials) => Ok(credentials.clone()),
                    None => Err(with_causes(&error)),
                }
            }
        }
    }
}

/// An STS client over the client's transport; without a provider it calls unsigned.
pub(crate) fn sts_client(
    config: &Config,
    transport: &Arc<dyn Transport>,
    provider: Option<SharedCredentialsProvider>,
) -> aws_sdk_sts::Client {
    let region = config
        .sts_region
        .clone()
        .or_else(|| config.region.clone())
        .unwrap_or_else(|| "us-east-1".to_owned());
    let endpoint = config.endpoint_of("sts").cloned();
    let own = endpoint.is_some();
    let mut builder = aws_sdk_sts::Config::builder()
        .behavior_version(behaviour())
        .region(Region::new(region))
        .http_client(Bridge(transport.clone()))
        .retry_config(patience(config.max_retries))
        .use_fips(config.use_fips_endpoint && !own)
        .use_dual_stack(config.use_dualstack_endpoint && !own);
    builder.set_endpoint_url(endpoint);
    builder.set_credentials_provider(provider);
    aws_sdk_sts::Client::from_conf(builder.build())
}

/// Every run begins with these calls, so they get twice the attempts that AWS's SDKs give a call.
fn patience(max_retries: Option<u32>) -> RetryConfig {
    RetryConfig::standard()
        .with_max_attempts(max_retries.map_or(ATTEMPTS, |most| (most + 1).min(ATTEMPTS)))
        .with_initial_backoff(Duration::from_millis(300))
}

pub(crate) fn behaviour() -> BehaviorVersion {
    BehaviorVersion::v2026_01_12()
}

pub(crate) fn provider_config(config: &Config, transport: &Arc<dyn Transport>) -> ProviderConfig {
    let region = config
        .region
        .clone()
        .unwrap_or_else(|| "us-east-1".to_owned());
    ProviderConfig::without_region()
        .with_behavior_version(Some(behaviour()))
        .with_http_client(Bridge(transport.clone()))
        .with_region(Some(Region::new(region)))
        .with_use_fips(Some(config.use_fips_endpoint))
        .with_use_dual_stack(Some(config.use_dualstack_endpoint))
}

fn base(
    config: &Config,
    transport: &Arc<dyn Transport>,
) -> Result<SharedCredentialsProvider, String> {
    match (&config.access_key, &config.secret_key) {
        (Some(access), Some(secret)) => {
            let token = config.token.as_ref().map(|token| token.0.clone());
            return Ok(SharedCredentialsProvider::new(Credentials::new(
                access, &secret.0, token, None, PROVIDER,
            )));
        }
        (None, None) => {}
        _ => {
            return Err(
                "access_key and secret_key belong together: give both or neither".to_owned(),
            );
        }
    }
    let shared = provider_config(config, transport);
    let mut profile = ProfileFileCredentialsProvider::builder().configure(&shared);
    if let Some(name) = &config.profile {
        profile = profile.profile_name(name);
    }
    if let Some(files) = profile::files(config) {
        profile = profile.profile_files(files);
    }
    let profile = profile.build();
    // A profile that the configuration names wins over the environment, as in every AWS tool.
    let mut chain = if config.profile.is_some() {
        CredentialsProviderChain::first_try("profile", profile)
    } else {
        CredentialsProviderChain::first_try(
            "environment",
            EnvironmentVariableCredentialsProvider::new(),
        )
        .or_else("profile", profile)
    };
    let web_identity = WebIdentityTokenCredentialsProvider::builder()
        .configure(&shared)
        .build();
    chain = chain.or_else("web identity", web_identity).or_else(
        "container",
        EcsCredentialsProvider::builder().configure(&shared).build(),
    );
    if !config.skip_metadata_api_check {
        chain = chain.or_else("instance", instance(config, &shared)?);
    }
    Ok(SharedCredentialsProvider::new(chain))
}

fn instance(
    config: &Config,
    shared: &ProviderConfig,
) -> Result<imds::credentials::ImdsCredentialsProvider, String> {
    let mut client = imds::Client::builder().configure(shared);
    if let Some(endpoint) = &config.ec2_metadata_service_endpoint {
        let set = client.endpoint(endpoint);
        client =
            set.map_err(|error| format!("ec2_metadata_service_endpoint {endpoint}: {error}"))?;
    }
    if let Some(mode) = &config.ec2_metadata_service_endpoint_mode {
        let parsed = mode.parse();
        client = client.endpoint_mode(parsed.map_err(|_| {
            format!("ec2_metadata_service_endpoint_mode is {mode:?}; use \"IPv4\" or \"IPv6\"")
        })?);
    }
    Ok(imds::credentials::ImdsCredentialsProvider::builder()
        .configure(shared)
        .imds_client(client.build())
        .build())
}

/// A role assumed with other credentials.
struct Assumed {
    sts: aws_sdk_sts::Client,
    role: AssumeRole,
}

impl fmt::Debug for Assumed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Assumed")
            .field("role", &self.role.role_arn)
            .finish_non_exhaustive()
    }
}

impl ProvideCredentials for Assumed {
    fn provide_credentials<'a>(&'a self) -> Provided<'a>
    where
        Self: 'a,
    {
        Provided::new(async {
            let role = &self.role;
            let mut call = self
                .sts
                .assume_role()
                .role_arn(&role.role_arn)
                .role_session_name(session_name(role.session_name.as_deref()))
                .set_external_id(role.external_id.clone())
                .set_duration_seconds(role.duration.map(seconds))
                .set_policy(role.policy.clone())
                .set_policy_arns(descriptors(&role.policy_arns))
                .set_source_identity(role.source_identity.clone());
            for (key, value) in &role.tags {
                let tag = Tag::builder().key(key).value(value).build();
                call = call.tags(tag.map_err(CredentialsError::invalid_configuration)?);
            }
            for key in &role.transitive_tag_keys {
                call = call.transitive_tag_keys(key);
            }
            let reply = call
                .send()
                .await
                .map_err(|error| refused(&role.role_arn, &error))?;
            issued(reply.credentials, &role.role_arn)
        })
    }
}

/// A role opened by an identity provider's token.
struct OpenedByToken {
    sts: aws_sdk_sts::Client,
    web: WebIdentity,
}

impl fmt::Debug for OpenedByToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenedByToken")
            .field("role", &self.web.role_arn)
            .finish_non_exhaustive()
    }
}

impl ProvideCredentials for OpenedByToken {
    fn provide_credentials<'a>(&'a self) -> Provided<'a>
    where
        Self: 'a,
    {
        Provided::new(async {
            let web = &self.web;
            let token = match (&web.web_identity_token, &web.web_identity_token_file) {
                (Some(token), _) => token.0.clone(),
                (None, Some(path)) => std::fs::read_to_string(path).map_err(|error| {
                    CredentialsError::invalid_configuration(format!(
                        "web_identity_token_file {path}: {error}"
                    ))
                })?,
                (None, None) => {
                    return Err(CredentialsError::invalid_configuration(
                        "assume_role_with_web_identity needs web_identity_token or web_identity_token_file",
                    ));
                }
            };
            let reply = self
                .sts
                .assume_role_with_web_identity()
                .role_arn(&web.role_arn)
                .role_session_name(session_name(web.session_name.as_deref()))
                .web_identity_token(token.trim())
                .set_duration_seconds(web.duration.map(seconds))
                .set_policy(web.policy.clone())
                .set_policy_arns(descriptors(&web.policy_arns))
                .send()
                .await
                .map_err(|error| refused(&web.role_arn, &error))?;
            issued(reply.credentials, &web.role_arn)
        })
    }
}

fn session_name(given: Option<&str>) -> String {
    given.map_or_else(
        || format!("{PROVIDER}-{}", std::process::id()),
        str::to_owned,
    )
}

fn seconds(duration: Duration) -> i32 {
    i32::try_from(duration.as_secs()).unwrap_or(i32::MAX)
}

fn descriptors(arns: &[String]) -> Option<Vec<PolicyDescriptorType>> {
    let descriptors = arns
        .iter()
        .map(|arn| PolicyDescriptorType::builder().arn(arn).build());
    (!arns.is_empty()).then(|| descriptors.collect())
}

fn refused<E>(role: &str, error: &E) -> CredentialsError
where
    E: std::error::Error + ProvideErrorMetadata + 'static,
{
    CredentialsError::provider_error(format!("assuming {role}: {}", said(error)))
}

/// What STS said, or else why it said nothing.
pub(crate) fn said<E>(error: &E) -> String
where
    E: std::error::Error + ProvideErrorMetadata + 'static,
{
    match (error.code(), error.message()) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(code), None) => code.to_owned(),
        (None, _) => with_causes(error),
    }
}

fn issued(
    credentials: Option<aws_sdk_sts::types::Credentials>,
    role: &str,
) -> Result<Credentials, CredentialsError> {
    let Some(issued) = credentials else {
        return Err(CredentialsError::unhandled(format!(
            "assuming {role}: STS returned no credentials"
        )));
    };
    let expires =
        SystemTime::try_from(*issued.expiration()).map_err(CredentialsError::unhandled)?;
    Ok(Credentials::new(
        issued.access_key_id(),
        issued.secret_access_key(),
        Some(issued.session_token().to_owned()),
        Some(expires),
        PROVIDER,
    ))
}

#[cfg(test)]
mod tests {
    use crate::transport::BoxFuture;

    use super::*;

    /// AWS that answers late.
    #[derive(Debug)]
    struct Late(Duration);

    impl Transport for Late {
        fn send(
            &self,
            _: http::Request<Bytes>,
        ) -> BoxFuture<'_, Result<http::Response<Bytes>, SendError>> {
            Box::pin(async {
                tokio::time::sleep(self.0).await;
                Ok(http::Response::new(Bytes::new()))
            })
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_limit_for_connecting_is_none_for_the_reply() {
        let answered = async |after: u64, settings: HttpConnectorSettings| {
            let connector = Connector {
                transport: Arc::new(Late(Duration::from_secs(after))),
                timeout: reply_timeout(&settings),
            };
            let request = HttpRequest::get("https://sts.us-east-1.amazonaws.com/").unwrap();
            connector.call(request).await.is_ok()
        };
        let connecting =
            || HttpConnectorSettings::builder().connect_timeout(Duration::from_secs(3));
        assert!(answered(9, connecting().build()).await);
        assert!(!answered(11, connecting().build()).await);
        let reading = || connecting().read_timeout(Duration::from_secs(1)).build();
        assert!(answered(3, reading()).await);
        assert!(!answered(5, reading()).await);
    }
}
