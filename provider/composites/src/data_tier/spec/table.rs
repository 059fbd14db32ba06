//! Tables of a data tier.

use std::collections::{BTreeMap, BTreeSet};

use platform_graph::Tags;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::yes;

/// A table of Amazon DynamoDB.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// The attribute that spreads items over partitions, and finds them. Can't change: another key is another table.
    pub partition_key: KeyAttribute,
    /// The attribute that orders the items of a partition key. None when left out: one item per partition key. Can't change.
    pub sort_key: Option<KeyAttribute>,
    /// Indexes over all items by another key, by name, at most 20. None when left out. They can come and go at any time, one after the other.
    #[serde(default)]
    pub global_indexes: BTreeMap<String, GlobalIndex>,
    /// Indexes over the items of a partition key by another sort key, by name, at most 5. They are made together with the table and
    /// can't change later.
    #[serde(default)]
    pub local_indexes: BTreeMap<String, LocalIndex>,
    /// How reading and writing is paid for. By the request when left out.
    #[serde(default)]
    pub capacity: TableCapacity,
    /// What the table can bear from the beginning, before it has grown with use. AWS's defaults when left out. It never shrinks.
    pub warm_throughput: Option<WarmThroughput>,
    /// How storage and requests are weighed in the price. `standard` when left out.
    #[serde(default)]
    pub class: TableClass,
    /// Name of the attribute that says when an item expires, in seconds since 1970. Items stay for ever when left out. Example:
    /// `expires_at`.
    #[schemars(length(min = 1, max = 255))]
    pub ttl_attribute: Option<String>,
    /// What of an item its stream of changes shows. No stream when left out.
    pub stream: Option<StreamView>,
    /// Restoring the table to any second of the past. Of the last 35 days when left out.
    #[serde(default)]
    pub point_in_time_recovery: PointInTimeRecovery,
    /// Whether CloudWatch shows which keys are read, written and throttled most. `false` when left out: keys show there in plain text.
    #[serde(default)]
    pub contributor_insights: bool,
    /// Whether AWS refuses to delete the table, whoever asks. That of the data tier when left out: to delete one table, apply
    /// `false` first.
    pub deletion_protection: Option<bool>,
    /// Resource policy, as JSON: who may use it besides whom IAM lets, or who may not, whatever IAM says. None when left out.
    /// Example: `data.aws_iam_policy_document.orders.json`.
    pub resource_policy: Option<String>,
    /// Objects in S3 that the table is filled with when it is made. Can't change. Empty when left out.
    pub import_from_s3: Option<TableImport>,
    /// Replicas of the table by region: each is read and written there under the same name, and gets every change of the others,
    /// usually within a second (a global table, eventually consistent: the last writer wins). They come and go one after the other,
    /// and never touch the table itself. They need `stream = "new_and_old_images"`, and the keys of the tier in their regions:
    /// `encryption = { multi_region = true, replica_regions = [...] }`. A region that is taken out again loses its copy: name the
    /// replica in `allow_delete`. One that somebody else added is left alone; `drift = "deep"` tells of it, and so does a destroy. None
    /// when left out. Example: `{ "eu-west-1" = {} }`.
    #[serde(default)]
    pub replicas: BTreeMap<String, TableReplica>,
}

/// A replica of a table in another region. What it does not say itself is as for the table. Keys, indexes, expiry of items and the
/// capacity to write are the table's everywhere.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TableReplica {
    /// How storage and requests are weighed in the price there. That of the table when left out.
    pub class: Option<TableClass>,
    /// Restoring the replica to any second of the past, in its region. That of the table when left out.
    pub point_in_time_recovery: Option<PointInTimeRecovery>,
    /// Whether CloudWatch shows there which keys are read, written and throttled most. As for the table when left out.
    pub contributor_insights: Option<bool>,
    /// Whether AWS refuses to delete the replica, whoever asks. As for the table when left out: to delete one replica, apply `false`
    /// first.
    pub deletion_protection: Option<bool>,
    /// The most units of reading a second there; only for `on_demand`. The table's limit when left out. Once it is set it can be raised and
    /// lowered, and not taken out again: AWS has no way to lift it, and the plan refuses.
    #[schemars(range(min = 1))]
    pub max_read_units: Option<u32>,
    /// Resource policy of the replica, as JSON; that of the table does not count there. None when left out. Example:
    /// `data.aws_iam_policy_document.orders.json`.
    pub resource_policy: Option<String>,
    /// Further tags of the replica. None when left out.
    #[serde(default)]
    pub tags: Tags,
}

/// An attribute that is part of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyAttribute {
    /// Name of the attribute. Example: `order_id`.
    #[schemars(length(min = 1, max = 255))]
    pub name: String,
    /// Type of its values. `string` when left out.
    #[serde(default, rename = "type")]
    pub value_type: AttributeType,
}

/// Type of a key's values.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AttributeType {
    /// Text.
    #[default]
    String,
    /// A number.
    Number,
    /// Bytes.
    Binary,
}

/// An index over all items by another key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GlobalIndex {
    /// The attribute by which items are found. Items without it are not in the index.
    pub partition_key: KeyAttribute,
    /// The attribute that orders what is found. None when left out.
    pub sort_key: Option<KeyAttribute>,
    /// Attributes that the index holds besides the keys: none of them when empty, all of the item's when left out. Example: `["total"]`.
    pub attributes: Option<BTreeSet<String>>,
    /// Its capacity. That of the table when left out.
    pub capacity: Option<IndexCapacity>,
    /// What it can bear from the beginning. AWS's defaults when left out.
    pub warm_throughput: Option<WarmThroughput>,
}

/// An index over the items of a partition key by another sort key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LocalIndex {
    /// The attribute that orders the items of a partition key here.
    pub sort_key: KeyAttribute,
    /// Attributes that the index holds besides the keys: none of them when empty, all of the item's when left out. Example: `["total"]`.
    pub attributes: Option<BTreeSet<String>>,
}

/// How reading and writing is paid for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TableCapacity {
    /// `on_demand` when left out. AWS allows going back to it a few times a day only.
    #[serde(default)]
    pub mode: CapacityMode,
    /// Units of reading that are paid for, between which it is scaled; only for `provisioned`, which needs it. A unit is one
    /// strongly consistent read of up to 4 KB a second.
    pub read: Option<CapacityRange>,
    /// Units of writing that are paid for, between which it is scaled; only for `provisioned`, which needs it. A unit is one write
    /// of up to 1 KB a second.
    pub write: Option<CapacityRange>,
    /// The most units of reading a second; only for `on_demand`. The quota of the account when left out, and when it is taken out again.
    #[schemars(range(min = 1))]
    pub max_read_units: Option<u32>,
    /// The most units of writing a second; only for `on_demand`. The quota of the account when left out, and when it is taken out again.
    #[schemars(range(min = 1))]
    pub max_write_units: Option<u32>,
}

/// Capacity of an index.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IndexCapacity {
    /// Units of reading that are paid for; only where the table's capacity is `provisioned`. Those of the table when left out.
    pub read: Option<CapacityRange>,
    /// Units of writing that are paid for; only where the table's capacity is `provisioned`. Those of the table when left out.
    pub write: Option<CapacityRange>,
    /// The most units of reading a second; only where the table's capacity is `on_demand`. That of the table when left out.
    #[schemars(range(min = 1))]
    pub max_read_units: Option<u32>,
    /// The most units of writing a second; only where the table's capacity is `on_demand`. That of the table when left out.
    #[schemars(range(min = 1))]
    pub max_write_units: Option<u32>,
}

/// How capacity is paid for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CapacityMode {
    /// By the request, without a limit unless one is set.
    #[default]
    OnDemand,
    /// By the hour, for units that follow what is used.
    Provisioned,
}

/// Limits between which capacity follows what is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CapacityRange {
    /// The fewest units; what the table starts with.
    #[schemars(range(min = 1))]
    pub min: u32,
    /// The most units; the same number for a fixed capacity.
    #[schemars(range(min = 1))]
    pub max: u32,
    /// How much of the capacity is to be in use, in percent, from 20 to 90. 70 when left out.
    #[serde(default = "default_target")]
    #[schemars(range(min = 20, max = 90))]
    pub target_percent: u32,
}

/// What can be borne at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WarmThroughput {
    /// Units of reading a second, at least AWS's 12000.
    #[schemars(range(min = 12000))]
    pub read_units: Option<u32>,
    /// Units of writing a second, at least AWS's 4000.
    #[schemars(range(min = 4000))]
    pub write_units: Option<u32>,
}

/// How storage and requests are weighed in the price.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TableClass {
    /// For what is used.
    #[default]
    Standard,
    /// For what is kept: storage costs less than half, requests a quarter more.
    InfrequentAccess,
}

/// What of an item a stream shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StreamView {
    /// Its key.
    KeysOnly,
    /// The item after the change.
    NewImage,
    /// The item before the change.
    OldImage,
    /// Both.
    NewAndOldImages,
}

/// Restoring a table to any second of the past.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PointInTimeRecovery {
    /// Whether it is possible. `true` when left out.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// How many days back, from 1 to 35. 35 when left out.
    #[serde(default = "default_days")]
    #[schemars(range(min = 1, max = 35))]
    pub days: u32,
}

impl Default for PointInTimeRecovery {
    fn default() -> Self {
        PointInTimeRecovery {
            enabled: true,
            days: default_days(),
        }
    }
}

/// Objects in S3 that a new table is filled with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TableImport {
    /// Name of the bucket.
    pub bucket: String,
    /// Beginning of the keys of the objects. All of the bucket when left out. Example: `exports/orders/`.
    pub prefix: Option<String>,
    /// Account of the bucket. That of the table when left out.
    #[schemars(regex(pattern = r"^[0-9]{12}$"))]
    pub bucket_owner: Option<String>,
    /// How items are written. `dynamodb_json` when left out.
    #[serde(default)]
    pub format: ImportFormat,
    /// How objects are compressed. `none` when left out.
    #[serde(default)]
    pub compression: ImportCompression,
}

/// How items are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportFormat {
    /// As an export of DynamoDB writes them.
    #[default]
    DynamodbJson,
    /// Amazon Ion.
    Ion,
    /// Values between commas, their names in the first line.
    Csv,
}

/// How objects are compressed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportCompression {
    /// Not at all.
    #[default]
    None,
    /// By gzip.
    Gzip,
    /// By Zstandard.
    Zstd,
}

fn default_target() -> u32 {
    70
}

fn default_days() -> u32 {
    35
}
