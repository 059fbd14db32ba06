//! What a user writes for a `platform_secrets`. The comments on the fields are the descriptions in the Terraform schema.

use std::collections::{BTreeMap, BTreeSet};

use platform_graph::Tags;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Secrets by name: they share a key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Secrets {
    /// Name of the set of secrets, unique per region and account: 1 to 40 lowercase letters, digits and hyphens, the first a letter, the
    /// last no hyphen. Secrets are named `<name>/<secret>`. Example: `shop-prod`.
    #[schemars(regex(pattern = r"^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$"), extend("x-replace" = true))]
    pub name: String,
    /// Region the secrets live in. When left out, the region of the provider block. Example: `eu-central-1`.
    #[schemars(regex(pattern = r"^[a-z]{2,4}(-[a-z]+)+-[0-9]$"), extend("x-replace" = true))]
    pub region: Option<String>,
    /// Tags for every taggable AWS resource of the composite; they win over the default tags of the provider block.
    #[serde(default)]
    pub tags: Tags,

    /// The secrets by name: 1 to 60 lowercase letters, digits, hyphens and underscores, the first a letter. Each says where its value
    /// comes from: `value_version`, `generate` or `external`.
    #[serde(default)]
    pub secrets: BTreeMap<String, Secret>,
    /// Values of the secrets that have a `value_version`, by name. Write-only (Terraform 1.11 and newer): they are in no plan and no
    /// state, and ephemeral values can be used. A value is written when its secret is created and when its `value_version` changes; it need
    /// not be given otherwise. A plan that would write one is refused when the value is missing, empty or longer than 65,536 bytes, as far as
    /// it is known then. Example: `{ stripe = var.stripe_key }`.
    #[serde(default)]
    #[schemars(extend("x-write-only" = true, "x-late" = {}))]
    pub values_wo: BTreeMap<String, String>,

    /// The key with which the secrets are encrypted.
    #[serde(default)]
    pub encryption: Encryption,
    /// Copies of every secret in other regions, by region. A secret with `replicas` of its own does not use these. Example:
    /// `{ "us-west-2" = {} }`.
    #[serde(default)]
    pub replicas: BTreeMap<String, Replica>,
    /// Days in which a deleted secret can be had back, from 7 to 30. 30 when left out. Its name stays taken for as long; a secret that is
    /// wanted again in that time is restored, with the value it had. When the whole set was destroyed, its key waits for its end too:
    /// cancel that first, because secrets can't move to the new key without the old one.
    #[serde(default = "default_window")]
    #[schemars(range(min = 7, max = 30))]
    pub recovery_window_days: u32,
    /// Whether deleted secrets are gone at once, in place of after `recovery_window_days`. `false` when left out.
    #[serde(default)]
    pub force_delete: bool,

    /// Whether `terraform destroy` is refused. `true` when left out: apply `false` first to destroy.
    #[serde(default = "yes")]
    pub deletion_protection: bool,
    /// Addresses of parts that hold data and may be replaced all the same, as the refusal in the plan names them. Example:
    /// `["secret/stripe"]`.
    #[serde(default)]
    pub allow_replace: BTreeSet<String>,
    /// Addresses of parts that hold data and may be deleted all the same, as the refusal in the plan names them. Example:
    /// `["secret/stripe"]`.
    #[serde(default)]
    pub allow_delete: BTreeSet<String>,
}

impl Secrets {
    /// A set without secrets.
    pub fn named(name: &str) -> Self {
        Secrets {
            name: name.to_owned(),
            region: None,
            tags: Tags::new(),
            secrets: BTreeMap::new(),
            values_wo: BTreeMap::new(),
            encryption: Encryption::default(),
            replicas: BTreeMap::new(),
            recovery_window_days: default_window(),
            force_delete: false,
            deletion_protection: true,
            allow_replace: BTreeSet::new(),
            allow_delete: BTreeSet::new(),
        }
    }
}

/// One secret.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Secret {
    /// What it is for. Example: `API key of the payment provider`.
    #[schemars(length(max = 2048))]
    pub description: Option<String>,
    /// Number of the value in `values_wo`, from 1. Another number writes the value that is given then; the value alone writes nothing, because
    /// nobody keeps it to compare with.
    #[schemars(range(min = 1))]
    pub value_version: Option<u32>,
    /// Generates the value once; it is known to nobody but those who may read the secret.
    pub generate: Option<Generate>,
    /// Whether others set the value: by hand, or a program. `false` when left out.
    #[serde(default)]
    pub external: bool,
    /// Who may read the secret, besides those whom IAM policies of the account allow it: ARNs of roles and users, or accounts by their id;
    /// also of other accounts. They may decrypt with the key, too. Example: `["arn:aws:iam::123456789012:role/shop"]`.
    #[serde(default)]
    pub readers: BTreeSet<String>,
    /// Resource policy, as JSON, in place of `readers`. Example: `jsonencode({ Version = "2012-10-17", Statement = [] })`.
    pub policy: Option<String>,
    /// Rotation by a Lambda function. Secrets that another service manages, such as master passwords of RDS, are rotated by that service.
    pub rotation: Option<Rotation>,
    /// Copies in other regions, by region, in place of those of the whole set. Example: `{ "us-west-2" = {} }`.
    pub replicas: Option<BTreeMap<String, Replica>>,
}

/// A value that is drawn at random.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Generate {
    /// Number of the value, from 1 (when left out). Another number draws another value; nothing else does.
    #[serde(default = "one")]
    #[schemars(range(min = 1))]
    pub version: u32,
    /// How many characters it has, from 8 to 4096. 32 when left out.
    #[serde(default = "default_length")]
    #[schemars(range(min = 8, max = 4096))]
    pub length: u32,
    /// Whether lowercase letters are in it. `true` when left out.
    #[serde(default = "yes")]
    pub lowercase: bool,
    /// Whether uppercase letters are in it. `true` when left out.
    #[serde(default = "yes")]
    pub uppercase: bool,
    /// Whether digits are in it. `true` when left out.
    #[serde(default = "yes")]
    pub digits: bool,
    /// Whether punctuation is in it. `true` when left out.
    #[serde(default = "yes")]
    pub punctuation: bool,
    /// Characters that are not in it. Example: `"@/\\"`.
    pub exclude_characters: Option<String>,
    /// The value becomes a JSON object that has it under this key. Example: `password`.
    pub json_key: Option<String>,
    /// What else is in that object. Example: `{ username = "shop" }`.
    #[serde(default)]
    pub json_fields: BTreeMap<String, String>,
}

impl Default for Generate {
    fn default() -> Self {
        Generate {
            version: 1,
            length: default_length(),
            lowercase: true,
            uppercase: true,
            digits: true,
            punctuation: true,
            exclude_characters: None,
            json_key: None,
            json_fields: BTreeMap::new(),
        }
    }
}

/// Rotation by a Lambda function that knows how, and that Secrets Manager may invoke.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rotation {
    /// ARN of the function. Example: `arn:aws:lambda:eu-central-1:123456789012:function:rotate`.
    pub lambda_arn: String,
    /// Days between rotations, from 1 to 1000.
    #[schemars(range(min = 1, max = 1000))]
    pub every_days: Option<u32>,
    /// When it rotates, in UTC, in place of `every_days`. Example: `cron(0 8 1 * ? *)`.
    pub schedule: Option<String>,
    /// Hours of the window in which it rotates, from 1 to 24. When left out, until the end of the day, or as the schedule has it.
    #[schemars(range(min = 1, max = 24))]
    pub window_hours: Option<u32>,
    /// Whether it rotates as soon as rotation is set up or changed, too. `false` when left out: AWS then only tests the function.
    #[serde(default)]
    pub at_once: bool,
}

/// A copy of a secret in another region; AWS keeps it in step.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Replica {
    /// ARN of a KMS key in that region. AWS's own key of that region when left out.
    pub kms_key_arn: Option<String>,
}

/// The customer-managed key of the secrets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Encryption {
    /// Whether the key can be replicated into other regions, for the copies of the secrets there. `false` when left out; can't be
    /// changed later.
    #[serde(default)]
    pub multi_region: bool,
    /// Days between rotations of the key material, from 90 to 2560. 365 when left out.
    #[serde(default = "default_rotation")]
    #[schemars(range(min = 90, max = 2560))]
    pub rotation_days: u32,
    /// Days between the order to delete the key and its end, from 7 to 30, in which it can be had back. 30 when left out; not below
    /// `recovery_window_days`, because a secret can't be read without its key.
    #[serde(default = "default_window")]
    #[schemars(range(min = 7, max = 30))]
    pub deletion_window_days: u32,
}

impl Default for Encryption {
    fn default() -> Self {
        Encryption {
            multi_region: false,
            rotation_days: default_rotation(),
            deletion_window_days: default_window(),
        }
    }
}

fn yes() -> bool {
    true
}

fn one() -> u32 {
    1
}

fn default_length() -> u32 {
    32
}

fn default_rotation() -> u32 {
    365
}

fn default_window() -> u32 {
    30
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_the_default() {
        let decoded: Secrets =
            serde_json::from_value(serde_json::json!({ "name": "any" })).unwrap();
        assert_eq!(decoded, Secrets::named("any"));
        let generated: Generate = serde_json::from_value(serde_json::json!({})).unwrap();
        assert_eq!(generated, Generate::default());
    }
}
