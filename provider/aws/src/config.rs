//! What a user says about AWS: the provider block and the `AWS_*` variables, with hashicorp/aws's names and meanings.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::model;
use crate::transport::Transport;

/// Text that must not be shown.
#[derive(Clone, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(transparent)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// How the client talks to AWS. Everything is optional; [`Config::with_environment`] fills what the caller left out.
#[derive(Clone, Default)]
pub struct Config {
    /// Region of calls that don't name one, and of STS.
    pub region: Option<String>,
    /// Profile in the shared files.
    pub profile: Option<String>,
    /// Static credentials.
    pub access_key: Option<String>,
    /// Static credentials.
    pub secret_key: Option<Secret>,
    /// Session token of static credentials.
    pub token: Option<Secret>,
    /// Paths instead of `~/.aws/config`.
    pub shared_config_files: Vec<String>,
    /// Paths instead of `~/.aws/credentials`.
    pub shared_credentials_files: Vec<String>,
    /// Roles to assume, each with the credentials of the one before.
    pub assume_role: Vec<AssumeRole>,
    /// A role to assume with a token of an identity provider, before the chain.
    pub assume_role_with_web_identity: Option<WebIdentity>,
    /// Endpoints by service; `*` stands for all others.
    pub endpoints: BTreeMap<String, String>,
    /// How often a call is sent at most, beyond the first time. 25 when absent.
    pub max_retries: Option<u32>,
    /// How retries are spaced.
    pub retry_mode: RetryMode,
    /// Tokens of the retry quota: a transient failure takes 5 or 10, a success gives back. 500 when absent.
    pub token_bucket_capacity: Option<u32>,
    /// Only these accounts may be touched. Makes [`crate::Client::connect`] look up the identity.
    pub allowed_account_ids: Vec<String>,
    /// These accounts must not be touched. Likewise.
    pub forbidden_account_ids: Vec<String>,
    /// Don't look up the identity when connecting, unless accounts are named.
    pub skip_credentials_validation: bool,
    /// Never ask the instance's metadata service.
    pub skip_metadata_api_check: bool,
    /// Proxy for plain HTTP.
    pub http_proxy: Option<String>,
    /// Proxy for HTTPS.
    pub https_proxy: Option<String>,
    /// Hosts that need no proxy, separated by commas.
    pub no_proxy: Option<String>,
    /// A file of certificates in PEM, in place of the system's.
    pub custom_ca_bundle: Option<String>,
    /// The instance's metadata service.
    pub ec2_metadata_service_endpoint: Option<String>,
    /// `IPv4` or `IPv6`.
    pub ec2_metadata_service_endpoint_mode: Option<String>,
    /// FIPS endpoints.
    pub use_fips_endpoint: bool,
    /// Dual-stack endpoints.
    pub use_dualstack_endpoint: bool,
    /// S3 buckets in the path.
    pub s3_use_path_style: bool,
    /// Region of STS, when it isn't `region`.
    pub sts_region: Option<String>,
    /// What the client calls itself.
    pub user_agent: Option<String>,
    /// How long one sending may take. 60 seconds when absent.
    pub timeout: Option<Duration>,
    /// What carries the requests; HTTP when absent. For simulators and tests.
    pub transport: Option<Arc<dyn Transport>>,
}

/// One role of a chain.
#[derive(Clone, Default)]
pub struct AssumeRole {
    /// ARN of the role.
    pub role_arn: String,
    /// Name of the session.
    pub session_name: Option<String>,
    /// The secret that a third party shares with the role's owner.
    pub external_id: Option<String>,
    /// Lifetime of the session.
    pub duration: Option<Duration>,
    /// A policy document that narrows the session.
    pub policy: Option<String>,
    /// Managed policies that narrow the session.
    pub policy_arns: Vec<String>,
    /// Tags of the session.
    pub tags: BTreeMap<String, String>,
    /// Tags that later sessions of the chain inherit.
    pub transitive_tag_keys: Vec<String>,
    /// Who is behind the session.
    pub source_identity: Option<String>,
}

/// A role that an identity provider's token opens.
#[derive(Debug, Clone, Default)]
pub struct WebIdentity {
    /// ARN of the role.
    pub role_arn: String,
    /// Name of the session.
    pub session_name: Option<String>,
    /// The token itself.
    pub web_identity_token: Option<Secret>,
    /// A file that holds it, read anew for each session.
    pub web_identity_token_file: Option<String>,
    /// Lifetime of the session.
    pub duration: Option<Duration>,
    /// A policy document that narrows the session.
    pub policy: Option<String>,
    /// Managed policies that narrow the session.
    pub policy_arns: Vec<String>,
}

// Proxies carry passwords, external ids are shared secrets and policies tell more than a log should: what is printed is
// named here, nothing else.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("region", &self.region)
            .field("profile", &self.profile)
            .field("access_key", &self.access_key)
            .field("assume_role", &self.assume_role)
            .field("endpoints", &self.endpoints)
            .field("max_retries", &self.max_retries)
            .field("retry_mode", &self.retry_mode)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for AssumeRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AssumeRole")
            .field("role_arn", &self.role_arn)
            .field("session_name", &self.session_name)
            .finish_non_exhaustive()
    }
}

/// How retries are spaced.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RetryMode {
    /// Backoff with jitter, and a limit of calls in flight that follows throttling.
    #[default]
    Standard,
    /// The same, and a rate that follows throttling.
    Adaptive,
}

impl std::str::FromStr for RetryMode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "standard" => Ok(Self::Standard),
            "adaptive" => Ok(Self::Adaptive),
            other => Err(format!(
                "{other:?} is not a retry mode; use \"standard\" or \"adaptive\""
            )),
        }
    }
}

impl Config {
    /// Fills what is absent from the process's environment.
    pub fn with_environment(self) -> Self {
        self.with_variables(|name| std::env::var(name).ok())
    }

    /// Fills what is absent from the `AWS_*` variables that `read` knows. An empty variable counts as absent.
    ///
    /// Credentials and the profile are not among them: AWS's own chain reads those, in its order.
    pub fn with_variables(mut self, read: impl Fn(&str) -> Option<String>) -> Self {
        let get = |name: &str| read(name).filter(|value| !value.is_empty());
        let first = |names: &[&str]| names.iter().find_map(|name| get(name));
        let fill = |slot: &mut Option<String>, names: &[&str]| {
            if slot.is_none() {
                *slot = first(names);
            }
        };
        let truth = |name: &str| get(name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
        fill(&mut self.region, &["AWS_REGION", "AWS_DEFAULT_REGION"]);
        fill(&mut self.custom_ca_bundle, &["AWS_CA_BUNDLE"]);
        fill(&mut self.http_proxy, &["HTTP_PROXY", "http_proxy"]);
        fill(&mut self.https_proxy, &["HTTPS_PROXY", "https_proxy"]);
        fill(&mut self.no_proxy, &["NO_PROXY", "no_proxy"]);
        fill(
            &mut self.ec2_metadata_service_endpoint,
            &["AWS_EC2_METADATA_SERVICE_ENDPOINT"],
        );
        fill(
            &mut self.ec2_metadata_service_endpoint_mode,
            &["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"],
        );
        if self.shared_config_files.is_empty() {
            self.shared_config_files.extend(get("AWS_CONFIG_FILE"));
        }
        if self.shared_credentials_files.is_empty() {
            self.shared_credentials_files
                .extend(get("AWS_SHARED_CREDENTIALS_FILE"));
        }
        self.use_fips_endpoint |= truth("AWS_USE_FIPS_ENDPOINT");
        self.use_dualstack_endpoint |= truth("AWS_USE_DUALSTACK_ENDPOINT");
        self.skip_metadata_api_check |= truth("AWS_EC2_METADATA_DISABLED");
        if self.max_retries.is_none() {
            let attempts = get("AWS_MAX_ATTEMPTS").and_then(|value| value.parse::<u32>().ok());
            self.max_retries = attempts.map(|attempts| attempts.saturating_sub(1));
        }
        if let (RetryMode::Standard, Some(mode)) = (self.retry_mode, get("AWS_RETRY_MODE")) {
            self.retry_mode = mode.parse().unwrap_or_default();
        }
        if !truth("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") {
            for (service, suffix) in model::endpoint_variables().chain(Some(("sts", "STS"))) {
                if let (false, Some(url)) = (
                    self.endpoints.contains_key(service),
                    get(&format!("AWS_ENDPOINT_URL_{suffix}")),
                ) {
                    self.endpoints.insert(service.to_owned(), url);
                }
            }
            if let (false, Some(url)) = (self.endpoints.contains_key("*"), get("AWS_ENDPOINT_URL"))
            {
                self.endpoints.insert("*".to_owned(), url);
            }
        }
        self
    }

    /// Fills what is absent from the profile in use: Region, endpoints, FIPS, dual-stack. Comes after
    /// [`Self::with_environment`], since variables win over profiles. Reads files, no network.
    pub async fn with_profile(self) -> Self {
        crate::profile::fill(self).await
    }

    pub(crate) fn endpoint_of(&self, service: &str) -> Option<&String> {
        self.endpoints
            .get(service)
            .or_else(|| self.endpoints.get("*"))
    }
}
