//! The `provider "platform"` block: arguments with the names and meanings of hashicorp/aws, so that a block carries over.
//!
//! Values that Terraform does not know yet (a role made in the same run) are not an error here: what is missing is reported by
//! the first resource that needs AWS.

mod schema;
pub use schema::schema;

use std::collections::BTreeMap;
use std::time::Duration;

use platform_aws::{AssumeRole, Config, RetryMode, Secret, WebIdentity};
use platform_graph::{Properties, Tags};
use platform_protocol::{AttributePath, Diagnostic, Diagnostics, Value};
use serde::Deserialize;
use serde_json::Value as Json;

use crate::composite::arguments::without_nulls;

/// Beginnings of the keys of tags that nobody else may give, and why.
const RESERVED_TAGS: [(&str, &str); 2] = [
    ("aws:", "Keys that start with `aws:` belong to AWS"),
    (
        "platform:",
        "This provider knows its resources by keys that start with `platform:`",
    ),
];

/// What the block says, with the names of its arguments. It can't be printed: proxies carry passwords and policies tell more
/// than a log should.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct ProviderBlock {
    access_key: Option<String>,
    allowed_account_ids: Vec<String>,
    assume_role: Vec<RoleBlock>,
    assume_role_with_web_identity: Option<WebIdentityBlock>,
    custom_ca_bundle: Option<String>,
    default_tags: Option<DefaultTags>,
    drift: Option<String>,
    ec2_metadata_service_endpoint: Option<String>,
    ec2_metadata_service_endpoint_mode: Option<String>,
    endpoints: Vec<BTreeMap<String, String>>,
    forbidden_account_ids: Vec<String>,
    http_proxy: Option<String>,
    https_proxy: Option<String>,
    ignore_tags: Option<IgnoreTags>,
    max_retries: Option<u32>,
    no_proxy: Option<String>,
    profile: Option<String>,
    region: Option<String>,
    retry_mode: Option<String>,
    s3_use_path_style: bool,
    secret_key: Option<Secret>,
    shared_config_files: Vec<String>,
    shared_credentials_files: Vec<String>,
    skip_credentials_validation: bool,
    skip_metadata_api_check: bool,
    sts_region: Option<String>,
    token: Option<Secret>,
    token_bucket_rate_limiter_capacity: Option<u32>,
    use_dualstack_endpoint: bool,
    use_fips_endpoint: bool,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct RoleBlock {
    duration: Option<String>,
    external_id: Option<String>,
    policy: Option<String>,
    policy_arns: Vec<String>,
    role_arn: String,
    session_name: Option<String>,
    source_identity: Option<String>,
    tags: BTreeMap<String, String>,
    transitive_tag_keys: Vec<String>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct WebIdentityBlock {
    duration: Option<String>,
    policy: Option<String>,
    policy_arns: Vec<String>,
    role_arn: String,
    session_name: Option<String>,
    web_identity_token: Option<Secret>,
    web_identity_token_file: Option<String>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct DefaultTags {
    tags: Tags,
}

/// Tags that others manage: never compared, never changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct IgnoreTags {
    /// Whole keys.
    pub keys: Vec<String>,
    /// Beginnings of keys.
    pub key_prefixes: Vec<String>,
}

impl IgnoreTags {
    /// Takes the tags that are left alone out of a part's properties.
    pub fn leave_out(&self, properties: &mut Properties) {
        if let Some(Json::Object(tags)) = properties.get_mut("Tags") {
            tags.retain(|key, _| !self.covers(key));
        }
    }

    /// Whether a tag with this key is left alone.
    pub fn covers(&self, key: &str) -> bool {
        self.keys.iter().any(|ignored| ignored == key)
            || self
                .key_prefixes
                .iter()
                .any(|prefix| key.starts_with(prefix.as_str()))
    }
}

/// How much a refresh looks at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Drift {
    /// Every part, with as few calls as AWS allows.
    #[default]
    Fast,
    /// Everything that can be seen of every part, what others put inside and on it among that.
    Deep,
    /// Nothing: the state is believed.
    Off,
}

impl ProviderBlock {
    /// Reads the block. Unknown values count as absent; the second value names them.
    ///
    /// # Errors
    /// Every argument with a value that is none.
    pub fn read(config: &Value) -> Result<(Self, Vec<String>), Diagnostics> {
        let unknown = config
            .unknown_paths()
            .iter()
            .map(ToString::to_string)
            .collect();
        let block: ProviderBlock = match without_nulls(config.to_json_known()) {
            Json::Object(fields) => {
                serde_json::from_value(Json::Object(fields)).map_err(|error| {
                    Diagnostics::from(Diagnostic::error(
                        "The provider block can't be read",
                        error.to_string(),
                    ))
                })?
            }
            _ => ProviderBlock::default(),
        };
        let problems = block.problems();
        if problems.has_errors() {
            Err(problems)
        } else {
            Ok((block, unknown))
        }
    }

    fn problems(&self) -> Diagnostics {
        let mut problems = Diagnostics::new();
        let mut at = |name: &str, summary: &str, detail: String| {
            problems.push(Diagnostic::error(summary, detail).at(AttributePath::root().child(name)));
        };
        if let Some(region) = self.region.as_deref()
            && !is_region(region)
        {
            at(
                "region",
                "Not a Region",
                format!("{region:?} is not the code of an AWS Region, such as us-east-1."),
            );
        }
        if let Some(Err(why)) = self.retry_mode.as_deref().map(str::parse::<RetryMode>) {
            at("retry_mode", "Unknown retry mode", why);
        }
        if let Some(word) = self.drift.as_deref()
            && drift(word).is_none()
        {
            at(
                "drift",
                "Unknown way to look for drift",
                format!("{word:?} is none of \"fast\", \"deep\" and \"off\"."),
            );
        }
        let chain = self.assume_role.iter().map(|role| {
            let duration = role.duration.as_deref();
            ("assume_role", duration, role.role_arn.as_str())
        });
        let first = self.assume_role_with_web_identity.iter().map(|role| {
            let duration = role.duration.as_deref();
            (
                "assume_role_with_web_identity",
                duration,
                role.role_arn.as_str(),
            )
        });
        for (name, lasting, role_arn) in chain.chain(first) {
            if let Some(text) = lasting
                && duration(text).is_none()
            {
                at(
                    name,
                    "Not a duration",
                    format!("{text:?} is not a duration such as \"1h\" or \"15m\"."),
                );
            }
            if role_arn.is_empty() {
                at(
                    name,
                    "A role is missing",
                    format!("Every {name} block needs a role_arn."),
                );
            }
        }
        if self.access_key.is_some() != self.secret_key.is_some() {
            let present = if self.access_key.is_some() {
                "access_key"
            } else {
                "secret_key"
            };
            at(
                present,
                "Half a pair of credentials",
                "access_key and secret_key are given together or not at all.".to_owned(),
            );
        }
        for key in self.default_tags().keys() {
            if let Some((_, whose)) = RESERVED_TAGS
                .iter()
                .find(|(prefix, _)| key.starts_with(prefix))
            {
                at(
                    "default_tags",
                    "A reserved tag",
                    format!("{whose}: choose another key than {key:?}."),
                );
            }
        }
        let ignored = self.ignore_tags();
        let reserved = "platform:";
        if ignored
            .keys
            .iter()
            .chain(&ignored.key_prefixes)
            .any(|key| key.starts_with(reserved))
            || ignored
                .key_prefixes
                .iter()
                .any(|prefix| reserved.starts_with(prefix.as_str()))
        {
            at(
                "ignore_tags",
                "A reserved tag",
                format!(
                    "Keys that start with `{reserved}` say whose each resource is; without them nothing would be found again. Take them out of ignore_tags."
                ),
            );
        }
        if !self.allowed_account_ids.is_empty() && !self.forbidden_account_ids.is_empty() {
            at(
                "forbidden_account_ids",
                "Two rules about accounts",
                "allowed_account_ids and forbidden_account_ids exclude one another: name the accounts that are allowed.".to_owned(),
            );
        }
        problems
    }

    /// Tags for every tagged part of every composite.
    pub fn default_tags(&self) -> Tags {
        self.default_tags
            .as_ref()
            .map(|block| block.tags.clone())
            .unwrap_or_default()
    }

    /// Tags that others manage.
    pub fn ignore_tags(&self) -> IgnoreTags {
        self.ignore_tags.clone().unwrap_or_default()
    }

    /// How much a refresh looks at.
    pub fn drift(&self) -> Drift {
        self.drift.as_deref().and_then(drift).unwrap_or_default()
    }

    /// The client's configuration, completed from the environment.
    pub fn config(&self) -> Config {
        Config {
            region: self.region.clone(),
            profile: self.profile.clone(),
            access_key: self.access_key.clone(),
            secret_key: self.secret_key.clone(),
            token: self.token.clone(),
            shared_config_files: self.shared_config_files.clone(),
            shared_credentials_files: self.shared_credentials_files.clone(),
            assume_role: self.assume_role.iter().map(RoleBlock::role).collect(),
            assume_role_with_web_identity: self
                .assume_role_with_web_identity
                .as_ref()
                .map(WebIdentityBlock::role),
            endpoints: self
                .endpoints
                .iter()
                .flatten()
                .map(|(name, url)| (service_of(name), url.clone()))
                .collect(),
            max_retries: self.max_retries,
            retry_mode: self
                .retry_mode
                .as_deref()
                .and_then(|mode| mode.parse().ok())
                .unwrap_or_default(),
            token_bucket_capacity: self.token_bucket_rate_limiter_capacity,
            allowed_account_ids: self.allowed_account_ids.clone(),
            forbidden_account_ids: self.forbidden_account_ids.clone(),
            skip_credentials_validation: self.skip_credentials_validation,
            skip_metadata_api_check: self.skip_metadata_api_check,
            http_proxy: self.http_proxy.clone(),
            https_proxy: self.https_proxy.clone(),
            no_proxy: self.no_proxy.clone(),
            custom_ca_bundle: self.custom_ca_bundle.clone(),
            ec2_metadata_service_endpoint: self.ec2_metadata_service_endpoint.clone(),
            ec2_metadata_service_endpoint_mode: self.ec2_metadata_service_endpoint_mode.clone(),
            use_fips_endpoint: self.use_fips_endpoint,
            use_dualstack_endpoint: self.use_dualstack_endpoint,
            s3_use_path_style: self.s3_use_path_style,
            sts_region: self.sts_region.clone(),
            user_agent: Some(
                concat!("terraform-provider-platform/", env!("CARGO_PKG_VERSION")).to_owned(),
            ),
            ..Config::default()
        }
        .with_environment()
    }
}

impl RoleBlock {
    fn role(&self) -> AssumeRole {
        AssumeRole {
            role_arn: self.role_arn.clone(),
            session_name: self.session_name.clone(),
            external_id: self.external_id.clone(),
            duration: self.duration.as_deref().and_then(duration),
            policy: self.policy.clone(),
            policy_arns: self.policy_arns.clone(),
            tags: self.tags.clone(),
            transitive_tag_keys: self.transitive_tag_keys.clone(),
            source_identity: self.source_identity.clone(),
        }
    }
}

impl WebIdentityBlock {
    fn role(&self) -> WebIdentity {
        WebIdentity {
            role_arn: self.role_arn.clone(),
            session_name: self.session_name.clone(),
            web_identity_token: self.web_identity_token.clone(),
            web_identity_token_file: self.web_identity_token_file.clone(),
            duration: self.duration.as_deref().and_then(duration),
            policy: self.policy.clone(),
            policy_arns: self.policy_arns.clone(),
        }
    }
}

/// Whether a text has the form of a Region's code: words of small letters, then a number. Which there are, AWS knows.
fn is_region(text: &str) -> bool {
    let mut words: Vec<&str> = text.split('-').collect();
    let number = words.pop().unwrap_or_default();
    let filled = |word: &str, of: fn(char) -> bool| !word.is_empty() && word.chars().all(of);
    words.len() >= 2
        && filled(number, |c| c.is_ascii_digit())
        && words
            .iter()
            .all(|word| filled(word, |c| c.is_ascii_lowercase()))
}

fn drift(word: &str) -> Option<Drift> {
    match word {
        "fast" => Some(Drift::Fast),
        "deep" => Some(Drift::Deep),
        "off" => Some(Drift::Off),
        _ => None,
    }
}

/// A duration in Go's notation as far as sessions need it: `1h30m`, `900s`.
fn duration(text: &str) -> Option<Duration> {
    let mut seconds = 0_u64;
    let mut number = String::new();
    for character in text.chars() {
        let unit = match character {
            '0'..='9' => {
                number.push(character);
                continue;
            }
            'h' => 3600,
            'm' => 60,
            's' => 1,
            _ => return None,
        };
        seconds = seconds.checked_add(number.parse::<u64>().ok()?.checked_mul(unit)?)?;
        number.clear();
    }
    (number.is_empty() && seconds > 0).then(|| Duration::from_secs(seconds))
}

/// The client's name of a service, from the name of its argument in `endpoints`.
fn service_of(argument: &str) -> String {
    platform_aws::model::services()
        .find(|service| argument_of(service) == argument)
        .map_or_else(
            || {
                if argument == "cloudwatchlogs" {
                    "logs"
                } else {
                    argument
                }
                .to_owned()
            },
            str::to_owned,
        )
}

fn argument_of(service: &str) -> String {
    service.replace('-', "")
}

#[cfg(test)]
mod tests;
