//! What a user writes for a `platform_data_tier`. The comments on the fields are the descriptions in the Terraform schema.

mod bucket;
mod cache;
mod document;
mod file_system;
mod relational;
mod relational_events;
mod relational_proxy;
mod relational_readers;
mod search;
mod table;

pub use bucket::*;
pub use cache::*;
pub use document::*;
pub use file_system::*;
pub use relational::*;
pub use relational_events::*;
pub use relational_proxy::*;
pub use relational_readers::*;
pub use search::*;
pub use table::*;

use std::collections::{BTreeMap, BTreeSet};

use platform_graph::Tags;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::handover::NetworkHandover;

/// The stores of a platform, each by name: they share a key, the tier of a network, who may connect, and their alarms.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DataTier {
    /// Name of the data tier, unique per region and account: 1 to 24 lowercase letters, digits and hyphens, the first a letter, the
    /// last no hyphen. Stores are named after it: `<name>-<store>`. Example: `shop-prod`.
    #[schemars(regex(pattern = r"^[a-z]([a-z0-9-]{0,22}[a-z0-9])?$"), extend("x-replace" = true))]
    pub name: String,
    /// Region the stores live in. When left out, the region of the provider block. Example: `eu-central-1`.
    #[schemars(regex(pattern = r"^[a-z]{2,4}(-[a-z]+)+-[0-9]$"), extend("x-replace" = true))]
    pub region: Option<String>,
    /// Tags for every taggable AWS resource of the data tier. None when left out; they win over the default tags of the provider block.
    #[serde(default)]
    pub tags: Tags,

    /// The network in which stores get their addresses. Needed by every store that has one. Example: `platform_network.main`.
    pub network: Option<NetworkHandover>,
    /// Name of the network's tier in which stores get their addresses. `database` when left out.
    #[serde(default = "default_tier")]
    pub tier: String,
    /// Who may connect to the stores. A store with an `access_from` of its own does not use this one. Nobody when left out.
    #[serde(default)]
    pub access_from: Access,
    /// The key with which the stores are encrypted. One for the tier when left out, in its region only, rotated every year.
    #[serde(default)]
    pub encryption: Encryption,
    /// Alarms on the stores. None when left out.
    pub alarms: Option<Alarms>,

    /// Buckets (Amazon S3) by name, private, encrypted, with old versions. They need no network.
    #[serde(default)]
    pub buckets: BTreeMap<String, Bucket>,

    /// File systems (Amazon EFS) by name, with a mount target in every zone of the tier.
    #[serde(default)]
    pub file_systems: BTreeMap<String, FileSystem>,

    /// Document databases (Amazon DocumentDB, compatible with MongoDB) by name, with an instance in every zone of the tier.
    #[serde(default)]
    pub documents: BTreeMap<String, Documents>,

    /// Search domains (Amazon OpenSearch Service) by name, in the zones of the tier.
    #[serde(default)]
    pub search: BTreeMap<String, Search>,

    /// PostgreSQL databases (Amazon RDS and Aurora) by name, encrypted, reached over TLS only, with a master password that nobody sees.
    #[serde(default)]
    pub postgres: BTreeMap<String, Relational>,
    /// MySQL databases (Amazon RDS and Aurora) by name, encrypted, reached over TLS only, with a master password that nobody sees.
    #[serde(default)]
    pub mysql: BTreeMap<String, Relational>,

    /// Caches (Amazon ElastiCache for Valkey or Redis OSS) by name, on nodes in the zones of the tier or serverless.
    #[serde(default)]
    pub caches: BTreeMap<String, Cache>,

    /// Tables (Amazon DynamoDB) by name. They need no network: IAM decides who may use them.
    #[serde(default)]
    pub tables: BTreeMap<String, Table>,

    /// Whether `terraform destroy` is refused, and whether AWS refuses to delete the stores that do not say it themselves: databases, document
    /// databases and tables. `true` when left out: apply `false` first to destroy.
    #[serde(default = "yes")]
    pub deletion_protection: bool,
    /// Addresses of parts that hold data and may be replaced all the same, as the refusal in the plan names them. None when left
    /// out. Example: `["file-system/media"]`.
    #[serde(default)]
    pub allow_replace: BTreeSet<String>,
    /// Addresses of parts that hold data and may be deleted all the same, as the refusal in the plan names them. What AWS protects
    /// is deleted only once its `deletion_protection = false` was applied, named here or not. None when left out. Example:
    /// `["file-system/media"]`.
    #[serde(default)]
    pub allow_delete: BTreeSet<String>,
}

impl DataTier {
    /// A data tier without stores.
    pub fn named(name: &str) -> Self {
        DataTier {
            name: name.to_owned(),
            region: None,
            tags: Tags::new(),
            network: None,
            tier: default_tier(),
            access_from: Access::default(),
            encryption: Encryption::default(),
            alarms: None,
            documents: BTreeMap::new(),
            buckets: BTreeMap::new(),
            file_systems: BTreeMap::new(),
            search: BTreeMap::new(),
            postgres: BTreeMap::new(),
            mysql: BTreeMap::new(),
            caches: BTreeMap::new(),
            tables: BTreeMap::new(),
            deletion_protection: true,
            allow_replace: BTreeSet::new(),
            allow_delete: BTreeSet::new(),
        }
    }
}

/// Who may connect to a store.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Access {
    /// Security groups of the network, by name. Each also gets a rule that lets it out to the store. Example: `["app"]`.
    #[serde(default)]
    pub security_groups: BTreeSet<String>,
    /// Other security groups: ids by a name of your choice. Example: `{ batch = "sg-0123456789abcdef0" }`.
    #[serde(default)]
    pub other_security_groups: BTreeMap<String, String>,
    /// Tiers of the network, by name: whatever has an address in their subnets. Example: `["private"]`.
    #[serde(default)]
    pub tiers: BTreeSet<String>,
    /// IPv4 or IPv6 blocks. Example: `["10.8.0.0/16"]`.
    #[serde(default)]
    pub cidrs: BTreeSet<String>,
}

/// The customer-managed key of a data tier. Every store is encrypted; this says who holds the key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Encryption {
    /// Whether every store has a key of its own besides the one of the tier, so that access can be told apart and one store can be
    /// shredded by its key. `false` when left out. A store that is encrypted already can't move to another key.
    #[serde(default)]
    pub key_per_store: bool,
    /// Whether the keys can be replicated into other regions, for copies of the stores there. `false` when left out; can't be
    /// changed later.
    #[serde(default)]
    pub multi_region: bool,
    /// Other regions in which every key has a replica with the same key material, so that copies of the stores there can be read and
    /// encrypted. Needs `multi_region`. A region that is taken out again is taken for the loss of data: name the replica in
    /// `allow_delete`. None when left out. Example: `["eu-west-1"]`.
    #[serde(default)]
    pub replica_regions: BTreeSet<String>,
    /// Days between rotations of the key material, from 90 to 2560. 365 when left out.
    #[serde(default = "default_rotation")]
    #[schemars(range(min = 90, max = 2560))]
    pub rotation_days: u32,
    /// Days between the order to delete a key and its end, from 7 to 30, in which it can be had back. 30 when left out.
    #[serde(default = "default_window")]
    #[schemars(range(min = 7, max = 30))]
    pub deletion_window_days: u32,
}

impl Default for Encryption {
    fn default() -> Self {
        Encryption {
            key_per_store: false,
            multi_region: false,
            replica_regions: BTreeSet::new(),
            rotation_days: default_rotation(),
            deletion_window_days: default_window(),
        }
    }
}

/// Alarms on every store, with thresholds that fit most.
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

fn default_tier() -> String {
    "database".to_owned()
}

/// Number of the password that a database is made with.
fn first_password() -> u32 {
    1
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
        let decoded: DataTier =
            serde_json::from_value(serde_json::json!({ "name": "any" })).unwrap();
        assert_eq!(decoded, DataTier::named("any"));
    }
}
