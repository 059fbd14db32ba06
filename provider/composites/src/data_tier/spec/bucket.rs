//! Buckets as a user writes them.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A bucket of Amazon S3. It is private, encrypted, keeps old versions and is spoken to over TLS 1.2 or later.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bucket {
    /// Name of the bucket in AWS, unique among the buckets of everybody. `<tier>-<store>-<account>-<region>` when left out, which
    /// nobody else comes by. Another name is another bucket. Example: `media.shop.example`.
    pub bucket_name: Option<String>,
    /// Whether what is overwritten or deleted is kept as an old version, for as long as `lifecycle` says. `true` when left out.
    #[serde(default = "super::yes")]
    pub versioning: bool,
    /// Who holds the key: `tier_key`, the customer-managed key of the tier, or `s3`, keys that S3 manages, which buckets need that
    /// take access logs or inventories. `tier_key` when left out.
    #[serde(default)]
    pub encryption: BucketEncryption,
    /// When objects move to cheaper storage, and when they end. When left out, objects stay for ever where they are and old versions for 90
    /// days.
    #[serde(default)]
    pub lifecycle: BucketLifecycle,
    /// Lock of object versions against deleting and overwriting. None when left out; can't be taken away once it is there: left
    /// out again, new versions are locked no more, and what is locked stays.
    pub object_lock: Option<ObjectLock>,
    /// VPC endpoints through which objects are reached, and through nothing else; AWS services that act on their own are not held
    /// up. No restriction when left out. Example: `["vpce-0123456789abcdef0"]`.
    #[serde(default)]
    pub vpc_endpoint_ids: BTreeSet<String>,
    /// Further statements for the policy of the bucket, as JSON: one statement or a list. None when left out. Example:
    /// `jsonencode([{ Effect = "Allow", Principal = { AWS = "123456789012" }, Action = "s3:GetObject", Resource = "arn:aws:s3:::media/*" }])`.
    pub policy_statements: Option<String>,
    /// Where every access is logged. Nowhere when left out.
    pub access_logs: Option<AccessLogs>,
    /// Lists of all objects, every day or week. None when left out.
    pub inventory: Option<Inventory>,
    /// What pages of other origins may do, the first rule that fits counts. Nothing when left out.
    #[serde(default)]
    pub cors: Vec<CorsRule>,
    /// Who is told of events. Nobody when left out.
    #[serde(default)]
    pub event_notifications: EventNotifications,
    /// Whether uploads may enter at the nearest edge location, for a price per GB. `false` when left out. Not in every region, and
    /// not with dots in the name.
    #[serde(default)]
    pub transfer_acceleration: bool,
    /// Whether requests are counted as metrics, for a price per metric; the alarms on failing requests need them. `false` when left
    /// out.
    #[serde(default)]
    pub request_metrics: bool,
    /// Whether everything in the bucket is removed when the bucket is deleted: all objects, in all versions, and unfinished uploads.
    /// `false` when left out: then only an empty bucket is deleted.
    #[serde(default)]
    pub force_destroy: bool,
}

impl Default for Bucket {
    fn default() -> Self {
        Bucket {
            bucket_name: None,
            versioning: true,
            encryption: BucketEncryption::default(),
            lifecycle: BucketLifecycle::default(),
            object_lock: None,
            vpc_endpoint_ids: BTreeSet::new(),
            policy_statements: None,
            access_logs: None,
            inventory: None,
            cors: Vec::new(),
            event_notifications: EventNotifications::default(),
            transfer_acceleration: false,
            request_metrics: false,
            force_destroy: false,
        }
    }
}

/// Who holds the key of a bucket.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BucketEncryption {
    /// The customer-managed key of the tier, or of the store; S3 asks for it once per bucket and not for every object.
    #[default]
    TierKey,
    /// Keys that S3 manages.
    S3,
}

/// When objects move to cheaper storage and end, by the days since they were made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BucketLifecycle {
    /// Days until objects move to Standard-IA, at least 30. Never when left out.
    #[schemars(range(min = 30, max = 36500))]
    pub infrequent_access_days: Option<u32>,
    /// Intelligent-Tiering, which moves each object by how it is read. None when left out; not together with
    /// `infrequent_access_days`.
    pub intelligent_tiering: Option<IntelligentTiering>,
    /// Days until objects move to Glacier Flexible Retrieval. Never when left out.
    #[schemars(range(min = 1, max = 36500))]
    pub glacier_days: Option<u32>,
    /// Days until objects move to Glacier Deep Archive. Never when left out.
    #[schemars(range(min = 1, max = 36500))]
    pub deep_archive_days: Option<u32>,
    /// Days until objects are deleted. Never when left out. In a bucket with versions the object becomes an old version.
    #[schemars(range(min = 1, max = 36500))]
    pub expire_days: Option<u32>,
    /// Days that old versions are kept. 90 when left out; 0 for ever.
    #[serde(default = "default_noncurrent")]
    #[schemars(range(min = 0, max = 36500))]
    pub noncurrent_days: u32,
    /// How many old versions of an object are kept however old they are, up to 100. None when left out.
    #[schemars(range(min = 1, max = 100))]
    pub noncurrent_versions: Option<u32>,
    /// Days until an upload in parts that was never finished is removed. 7 when left out; 0 for never.
    #[serde(default = "default_abort")]
    #[schemars(range(min = 0, max = 36500))]
    pub abort_multipart_days: u32,
}

impl Default for BucketLifecycle {
    fn default() -> Self {
        BucketLifecycle {
            infrequent_access_days: None,
            intelligent_tiering: None,
            glacier_days: None,
            deep_archive_days: None,
            expire_days: None,
            noncurrent_days: default_noncurrent(),
            noncurrent_versions: None,
            abort_multipart_days: default_abort(),
        }
    }
}

/// Intelligent-Tiering of a bucket.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IntelligentTiering {
    /// Days until objects move to Intelligent-Tiering. 0 when left out: on the day they are made.
    #[serde(default)]
    #[schemars(range(min = 0, max = 36500))]
    pub after_days: u32,
    /// Days without a read until an object moves to the Archive Access tier, from 90 to 730. Never when left out: reading from
    /// there takes hours.
    #[schemars(range(min = 90, max = 730))]
    pub archive_days: Option<u32>,
    /// Days without a read until an object moves to the Deep Archive Access tier, from 180 to 730. Never when left out.
    #[schemars(range(min = 180, max = 730))]
    pub deep_archive_days: Option<u32>,
}

/// Lock of object versions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ObjectLock {
    /// `governance`, which those who may bypass it can lift, or `compliance`, which nobody can, the root of the account included.
    pub mode: LockMode,
    /// Days for which a new version is locked. Example: `30`.
    #[schemars(range(min = 1, max = 36500))]
    pub days: u32,
}

/// Who can lift a lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LockMode {
    /// Those with `s3:BypassGovernanceRetention`.
    Governance,
    /// Nobody.
    Compliance,
}

/// Where accesses are logged: a bucket of the tier or another one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccessLogs {
    /// Name of a bucket of this data tier, with `encryption = "s3"`; its policy lets the logs in. Example: `logs`.
    pub bucket: Option<String>,
    /// Name in AWS of another bucket of the same account and region, which lets the logs in. Example: `central-access-logs`.
    pub external_bucket: Option<String>,
    /// What the names of logs begin with. `<store>/` when left out.
    pub prefix: Option<String>,
}

/// Lists of all objects.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Inventory {
    /// Name of a bucket of this data tier, with `encryption = "s3"`, that takes the lists; its policy lets them in. Example: `logs`.
    pub bucket: String,
    /// `daily` or `weekly`. `weekly` when left out.
    #[serde(default)]
    pub frequency: Frequency,
    /// Whether old versions are listed too. `true` when left out.
    #[serde(default = "super::yes")]
    pub all_versions: bool,
}

/// How often a list is made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Frequency {
    /// Every day.
    Daily,
    /// Every Sunday.
    #[default]
    Weekly,
}

/// What pages of some origins may do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CorsRule {
    /// Origins, with at most one `*` each. Example: `["https://shop.example"]`.
    #[schemars(length(min = 1))]
    pub allowed_origins: BTreeSet<String>,
    /// Methods: `GET`, `HEAD`, `PUT`, `POST`, `DELETE`. Example: `["GET", "HEAD"]`.
    #[schemars(length(min = 1))]
    pub allowed_methods: BTreeSet<String>,
    /// Headers that a request may have. None when left out. Example: `["*"]`.
    #[serde(default)]
    pub allowed_headers: BTreeSet<String>,
    /// Headers that a page may read. None when left out. Example: `["ETag"]`.
    #[serde(default)]
    pub expose_headers: BTreeSet<String>,
    /// Seconds for which a browser remembers the answer. 3600 when left out.
    #[serde(default = "default_max_age")]
    #[schemars(range(min = 0, max = 86400))]
    pub max_age_seconds: u32,
}

/// Who is told of events.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EventNotifications {
    /// Whether every event goes to the default event bus of EventBridge. `false` when left out.
    #[serde(default)]
    pub eventbridge: bool,
    /// SQS queues by a name of your choice. Each lets S3 send to it by its own policy.
    #[serde(default)]
    pub queues: BTreeMap<String, EventReceiver>,
    /// SNS topics by a name of your choice. Each lets S3 publish to it by its own policy.
    #[serde(default)]
    pub topics: BTreeMap<String, EventReceiver>,
    /// Lambda functions by a name of your choice. Each lets S3 invoke it by its own policy.
    #[serde(default)]
    pub functions: BTreeMap<String, EventReceiver>,
}

/// One that is told of events.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EventReceiver {
    /// Its ARN. Example: `arn:aws:sqs:eu-central-1:123456789012:thumbnails`.
    pub arn: String,
    /// The events. `["s3:ObjectCreated:*"]` when left out.
    #[serde(default = "default_events")]
    #[schemars(length(min = 1))]
    pub events: BTreeSet<String>,
    /// Only objects whose keys begin with this. All when left out. Example: `uploads/`.
    pub prefix: Option<String>,
    /// Only objects whose keys end with this. All when left out. Example: `.jpg`.
    pub suffix: Option<String>,
}

fn default_noncurrent() -> u32 {
    90
}

fn default_abort() -> u32 {
    7
}

fn default_max_age() -> u32 {
    3600
}

fn default_events() -> BTreeSet<String> {
    BTreeSet::from(["s3:ObjectCreated:*".to_owned()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_the_default() {
        let decoded: Bucket = serde_json::from_str("{}").unwrap();
        assert_eq!(decoded, Bucket::default());
    }
}
