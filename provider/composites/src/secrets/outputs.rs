//! What others need to know of a set of secrets: where they are, never what they are.

use std::collections::BTreeMap;

use platform_graph::Handle;
use schemars::JsonSchema;
use serde::Serialize;

use super::spec::Secrets;
use super::{address, store};

/// The outputs of a set of secrets.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Outputs {
    /// ARN of the key.
    pub kms_key_arn: String,
    /// ARNs of the secrets, by name.
    pub secret_arns: BTreeMap<String, String>,
    /// Names of the secrets in Secrets Manager, by name.
    pub secret_names: BTreeMap<String, String>,
}

impl Outputs {
    pub(super) fn of(spec: &Secrets, key: &Handle) -> Self {
        let names = || spec.secrets.keys();
        Outputs {
            kms_key_arn: key.attribute("Arn"),
            secret_arns: names()
                .map(|name| (name.clone(), Handle::to(address(name)).id()))
                .collect(),
            secret_names: names()
                .map(|name| (name.clone(), store::physical_name(spec, name)))
                .collect(),
        }
    }
}
