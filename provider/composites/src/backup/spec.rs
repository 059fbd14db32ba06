//! What a user writes for a `platform_backup`. The comments on the fields are the descriptions in the Terraform schema.

mod audit;
mod plan;
mod restore;
mod vault;

pub use audit::*;
pub use plan::*;
pub use restore::*;
pub use vault::*;

use std::collections::{BTreeMap, BTreeSet};

use platform_graph::Tags;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Backups with AWS Backup: vaults that keep them, plans that make them, and the proof that they can be restored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Backup {
    /// Name of the backups, unique per region and account: 1 to 24 lowercase letters, digits and hyphens, the first a letter, the last no
    /// hyphen. Vaults and plans are named `<name>-<vault>` and `<name>-<plan>`. Example: `shop-prod`.
    #[schemars(regex(pattern = r"^[a-z]([a-z0-9-]{0,22}[a-z0-9])?$"), extend("x-replace" = true))]
    pub name: String,
    /// Region of the vaults and of what is backed up. When left out, the region of the provider block. Vaults in another region are
    /// another `platform_backup`, whose `vault_arns` go into `copy_to` here. Example: `eu-central-1`.
    #[schemars(regex(pattern = r"^[a-z]{2,4}(-[a-z]+)+-[0-9]$"), extend("x-replace" = true))]
    pub region: Option<String>,
    /// Tags for every taggable AWS resource of the composite; they win over the default tags of the provider block.
    #[serde(default)]
    pub tags: Tags,

    /// The vaults by name: 1 to 24 lowercase letters, digits and single hyphens, the first a letter. When left out, one vault `main`.
    #[serde(default)]
    pub vaults: BTreeMap<String, Vault>,
    /// The plans by name: what is backed up, when, and for how long it is kept. None when left out, for vaults that only take copies.
    #[serde(default)]
    pub plans: BTreeMap<String, Plan>,
    /// Restore tests by name: AWS restores recovery points regularly and deletes what it restored. None when left out.
    #[serde(default)]
    pub restore_testing: BTreeMap<String, RestoreTest>,
    /// Controls against which AWS Backup Audit Manager judges backups every day, through AWS Config, which must record. None when left
    /// out.
    pub framework: Option<Framework>,
    /// Reports of AWS Backup Audit Manager by name, every day, into a bucket. None when left out.
    #[serde(default)]
    pub reports: BTreeMap<String, Report>,

    /// The key with which the vaults are encrypted.
    #[serde(default)]
    pub encryption: Encryption,
    /// ARN of the role with which AWS Backup backs up and restores. When left out, a role with AWS's managed policies for that, those for
    /// S3 included. Example: `arn:aws:iam::123456789012:role/backup`.
    pub iam_role_arn: Option<String>,
    /// Alarms on every vault: backup jobs that fail, and such that never began. None when left out.
    pub alarms: Option<Alarms>,

    /// Whether the recovery points in a vault go when the vault is deleted. `false` when left out: then only an empty vault is deleted. With
    /// `true`, the policies of the vaults no longer deny to delete recovery points; a lock still does.
    #[serde(default)]
    pub force_destroy: bool,
    /// Whether `terraform destroy` is refused. `true` when left out: apply `false` first to destroy.
    #[serde(default = "yes")]
    pub deletion_protection: bool,
    /// Addresses of parts that hold data and may be replaced all the same, as the refusal in the plan names them. Example:
    /// `["vault/main"]`.
    #[serde(default)]
    pub allow_replace: BTreeSet<String>,
    /// Addresses of parts that hold data and may be deleted all the same, as the refusal in the plan names them. Example:
    /// `["vault/main"]`.
    #[serde(default)]
    pub allow_delete: BTreeSet<String>,
}

impl Backup {
    /// One vault, and nothing that is backed up.
    pub fn named(name: &str) -> Self {
        Backup {
            name: name.to_owned(),
            region: None,
            tags: Tags::new(),
            vaults: BTreeMap::new(),
            plans: BTreeMap::new(),
            restore_testing: BTreeMap::new(),
            framework: None,
            reports: BTreeMap::new(),
            encryption: Encryption::default(),
            iam_role_arn: None,
            alarms: None,
            force_destroy: false,
            deletion_protection: true,
            allow_replace: BTreeSet::new(),
            allow_delete: BTreeSet::new(),
        }
    }
}

/// The customer-managed key of the vaults.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Encryption {
    /// Whether the key can be replicated into other regions. `false` when left out; can't be changed later.
    #[serde(default)]
    pub multi_region: bool,
    /// Days between rotations of the key material, from 90 to 2560. 365 when left out.
    #[serde(default = "default_rotation")]
    #[schemars(range(min = 90, max = 2560))]
    pub rotation_days: u32,
    /// Days between the order to delete the key and its end, from 7 to 30, in which it can be had back. 30 when left out.
    #[serde(default = "default_window")]
    #[schemars(range(min = 7, max = 30))]
    pub deletion_window_days: u32,
    /// Ids of other accounts that use the key: those into which backups are copied. Accounts and organizations from which the vaults take
    /// copies may use it anyway. Example: `["123456789013"]`.
    #[serde(default)]
    pub accounts: BTreeSet<String>,
}

impl Default for Encryption {
    fn default() -> Self {
        Encryption {
            multi_region: false,
            rotation_days: default_rotation(),
            deletion_window_days: default_window(),
            accounts: BTreeSet::new(),
        }
    }
}

/// Alarms on every vault.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Alarms {
    /// ARN of the SNS topic that is told when an alarm fires, and when it is over. Example:
    /// `arn:aws:sns:eu-central-1:123456789012:on-call`.
    pub topic_arn: String,
}

fn yes() -> bool {
    true
}

fn default_rotation() -> u32 {
    365
}

fn default_window() -> u32 {
    30
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_left_out_is_the_default() {
        let decoded: Backup = serde_json::from_value(json!({ "name": "any" })).unwrap();
        assert_eq!(decoded, Backup::named("any"));
        let rule: Rule = serde_json::from_value(json!({})).unwrap();
        assert_eq!(rule, Rule::default());
        let vault: Vault = serde_json::from_value(json!({})).unwrap();
        assert_eq!(vault, Vault::default());
        let test: RestoreTest = serde_json::from_value(json!({})).unwrap();
        assert_eq!(test, RestoreTest::default());
    }
}
