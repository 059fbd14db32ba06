//! Where a call goes and for which scope it is signed.
//!
//! AWS publishes a rule set per service, the same that its SDKs evaluate: partitions, FIPS, dual-stack, global
//! services and S3's addressing are all in there. The client embeds those of the services in use and interprets them;
//! `tests/conformance` runs AWS's endpoint tests, which every SDK has to pass.

pub mod partition;
pub mod rules;

use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};

use serde_json::{Map, Value};

use crate::model::{self, Operation, Service};

/// What the configuration says about endpoints.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Endpoints that replace AWS's, by the client's name of the service; `*` stands for all others.
    pub overrides: BTreeMap<String, String>,
    /// Endpoints with FIPS-validated cryptography.
    pub fips: bool,
    /// Endpoints that speak IPv6 too.
    pub dualstack: bool,
    /// S3 buckets in the path instead of the host name.
    pub s3_path_style: bool,
}

/// Where a call goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Scheme, host and possibly a path.
    pub url: String,
    /// Service name in the signature's scope.
    pub signing_name: String,
    /// Region in the signature's scope; `us-east-1` for most global services.
    pub signing_region: String,
    /// The path is encoded a second time for the signature, as everywhere but in S3.
    pub double_encode: bool,
}

static RULES: LazyLock<BTreeMap<&'static str, OnceLock<Option<rules::RuleSet>>>> =
    LazyLock::new(|| {
        model::services()
            .map(|name| (name, OnceLock::new()))
            .collect()
    });

fn rule_set(service: &str) -> Option<&'static rules::RuleSet> {
    let parse = || serde_json::from_str(model::endpoint_rules(service)?).ok();
    RULES.get(service)?.get_or_init(parse).as_ref()
}

/// Resolves the endpoint of a call.
///
/// A configured endpoint wins over FIPS and dual-stack: whoever names the host has chosen.
///
/// # Errors
/// AWS's sentence on why there is no such endpoint.
pub fn resolve(
    settings: &Settings,
    service: &Service,
    operation: &Operation,
    params: &Value,
    region: &str,
) -> Result<Endpoint, String> {
    let rules =
        rule_set(&service.name).ok_or_else(|| format!("{} has no endpoint rules", service.name))?;
    let custom = settings
        .overrides
        .get(&service.name)
        .or_else(|| settings.overrides.get("*"));
    let mut given = Map::new();
    for (name, parameter) in &rules.parameters {
        let value = match parameter.built_in.as_deref() {
            Some("AWS::Region") => Value::from(region),
            Some("AWS::UseFIPS") => Value::from(settings.fips && custom.is_none()),
            Some("AWS::UseDualStack") => Value::from(settings.dualstack && custom.is_none()),
            Some("SDK::Endpoint") => {
                custom.map_or(Value::Null, |url| Value::from(url.trim_end_matches('/')))
            }
            Some("AWS::S3::ForcePathStyle") => Value::from(settings.s3_path_style),
            _ => continue,
        };
        given.insert(name.clone(), value);
    }
    context(service, operation, params, &mut given);
    let resolved = rules.resolve(&given)?;
    let scheme = resolved.properties.get("authSchemes").and_then(|schemes| {
        schemes
            .as_array()?
            .iter()
            .find(|scheme| scheme["name"] == "sigv4" || scheme["name"] == "sigv4-s3express")
    });
    let text = |name: &str| {
        scheme
            .and_then(|scheme| scheme[name].as_str())
            .map(str::to_owned)
    };
    Ok(Endpoint {
        url: resolved.url,
        signing_name: text("signingName").unwrap_or_else(|| service.signing_name().to_owned()),
        signing_region: text("signingRegion").unwrap_or_else(|| region.to_owned()),
        double_encode: scheme.is_none_or(|scheme| scheme["disableDoubleEncoding"] != true),
    })
}

/// The parameters of the rules that come from the operation: constants of the model and members of the call.
fn context(
    service: &Service,
    operation: &Operation,
    params: &Value,
    given: &mut Map<String, Value>,
) {
    for (name, constant) in &operation.static_context_params {
        given.insert(name.clone(), constant.value.clone());
    }
    let Some(input) = &operation.input else {
        return;
    };
    for (name, member) in &service.shape(input).members {
        if let Some(context) = &member.context_param
            && let Some(value) = params.get(name)
        {
            given.insert(context.name.clone(), value.clone());
        }
    }
    if service.name == "s3" {
        // Session credentials exist for directory buckets alone, which the client doesn't serve.
        given.insert("DisableS3ExpressSessionAuth".to_owned(), Value::Bool(true));
    }
}
