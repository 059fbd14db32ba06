//! AWS's shared files: what a profile says besides credentials.

use std::sync::Arc;

use aws_config::Region;
use aws_config::meta::region::ProvideRegion;
use aws_config::profile::ProfileFileRegionProvider;
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_types::os_shim_internal::{Env, Fs};
use aws_types::service_config::ServiceConfigKey;

use crate::config::Config;
use crate::credentials::{Bridge, behaviour, provider_config};
use crate::model;
use crate::transport::{Http, Transport};

/// What the profile in use says about endpoints and Region: `endpoint_url`, its `services` section,
/// `use_fips_endpoint`, `use_dualstack_endpoint`, `region`. What the configuration has already stays. Reads files, no
/// network.
pub(crate) async fn fill(mut config: Config) -> Config {
    let transport: Arc<dyn Transport> = Arc::new(Http::new(&config));
    if config.region.is_none() {
        config.region = region(&config, &transport).await;
    }
    let mut loader = aws_config::defaults(behaviour())
        .no_credentials()
        .http_client(Bridge(transport))
        // Given, so that nobody asks the instance for one.
        .region(Region::new(
            config
                .region
                .clone()
                .unwrap_or_else(|| "us-east-1".to_owned()),
        ));
    if let Some(name) = &config.profile {
        loader = loader.profile_name(name);
    }
    if let Some(shared) = files(&config) {
        loader = loader.profile_files(shared);
    }
    let profile = loader.load().await;
    config.use_fips_endpoint |= profile.use_fips().unwrap_or_default();
    config.use_dualstack_endpoint |= profile.use_dual_stack().unwrap_or_default();
    if config.endpoints.contains_key("*") {
        return config;
    }
    if let Some(services) = profile.service_config() {
        for (service, id) in model::endpoint_variables().chain(Some(("sts", "STS"))) {
            let key = ServiceConfigKey::builder()
                .service_id(id)
                .profile("endpoint_url")
                .env("AWS_ENDPOINT_URL")
                .build();
            let url = key.ok().and_then(|key| services.load_config(key));
            if let (Some(url), false) = (url, config.endpoints.contains_key(service)) {
                config.endpoints.insert(service.to_owned(), url);
            }
        }
    }
    if let Some(url) = profile.endpoint_url() {
        config.endpoints.insert("*".to_owned(), url.to_owned());
    }
    config
}

/// The Region of the profile in use, where the configuration names none. Reads files, no network.
pub(crate) async fn region(config: &Config, transport: &Arc<dyn Transport>) -> Option<String> {
    let mut provider =
        ProfileFileRegionProvider::builder().configure(&provider_config(config, transport));
    if let Some(name) = &config.profile {
        provider = provider.profile_name(name);
    }
    if let Some(shared) = files(config) {
        provider = provider.profile_files(shared);
    }
    provider
        .build()
        .region()
        .await
        .map(|region| region.to_string())
}

/// The shared files that the configuration names, or `None` for AWS's own.
pub(crate) fn files(config: &Config) -> Option<EnvConfigFiles> {
    if config.shared_config_files.is_empty() && config.shared_credentials_files.is_empty() {
        return None;
    }
    let mut files = EnvConfigFiles::builder();
    match &config.shared_config_files[..] {
        [] => files = files.include_default_config_file(true),
        paths => {
            for path in paths {
                files = files.with_file(EnvConfigFileKind::Config, expand_home(path));
            }
        }
    }
    match &config.shared_credentials_files[..] {
        [] => files = files.include_default_credentials_file(true),
        paths => {
            for path in paths {
                files = files.with_file(EnvConfigFileKind::Credentials, expand_home(path));
            }
        }
    }
    Some(files.build())
}

/// Says that the profile in use does not exist, and where it was looked for. Reads files.
pub(crate) async fn missing(config: &Config) -> Option<String> {
    let name = config
        .profile
        .clone()
        .or_else(|| std::env::var("AWS_PROFILE").ok())
        .filter(|name| !name.is_empty())?;
    let shared = files(config).unwrap_or_default();
    // A file that can't be read is what the credential chain complains of.
    let found = aws_config::profile::load(&Fs::real(), &Env::real(), &shared, None)
        .await
        .ok()?;
    if found.get_profile(&name).is_some() {
        return None;
    }
    let mut there: Vec<&str> = found.profiles().collect();
    there.sort_unstable();
    let there = match &there[..] {
        [] => "have none at all".to_owned(),
        some => format!("have {}", some.join(", ")),
    };
    Some(format!(
        "there is no profile {name:?} in {} and {}, which {there}",
        places(
            &config.shared_config_files,
            "AWS_CONFIG_FILE",
            "~/.aws/config"
        ),
        places(
            &config.shared_credentials_files,
            "AWS_SHARED_CREDENTIALS_FILE",
            "~/.aws/credentials"
        ),
    ))
}

/// Where shared files are: those that the configuration names, or that a variable names, or AWS's own.
fn places(named: &[String], variable: &str, default: &str) -> String {
    if named.is_empty() {
        std::env::var(variable).unwrap_or_else(|_| default.to_owned())
    } else {
        named.join(", ")
    }
}

fn expand_home(path: &str) -> std::path::PathBuf {
    match (path.strip_prefix("~/"), std::env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => path.into(),
    }
}
