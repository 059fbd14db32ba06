//! Buckets: Amazon S3, private and encrypted, over TLS only.
//!
//! A bucket of the tier that takes logs or inventories of others lets them in by its policy, and those that send them wait for it.

mod check;
mod policy;
mod settings;
mod watch;

pub(super) use check::check;

use platform_graph::{Graph, Handle, Problems};
use platform_kinds::s3::{Bucket as S3Bucket, BucketPolicy};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use super::frame::{Frame, Store};
use super::keys;
use super::spec::{Bucket, BucketEncryption, DataTier, EventReceiver, LockMode};

const SORT: &str = "bucket";
/// The most characters of a bucket's name.
const LONGEST_NAME: usize = 63;
/// Id of the metrics of all requests, as the console calls it.
const METRICS: &str = "EntireBucket";

/// What a bucket gives to others.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct BucketOutput {
    /// Name of the bucket in AWS.
    pub name: String,
    /// ARN of the bucket.
    pub arn: String,
    /// Name in DNS under which the bucket is reached in its region.
    pub regional_domain_name: String,
}

/// The receivers of events, by the attribute that lists them and the service in their ARNs.
fn receivers(
    store: &Bucket,
) -> [(
    &'static str,
    &'static str,
    &std::collections::BTreeMap<String, EventReceiver>,
); 3] {
    let events = &store.event_notifications;
    [
        ("queues", "sqs", &events.queues),
        ("topics", "sns", &events.topics),
        ("functions", "lambda", &events.functions),
    ]
}

/// The name of a bucket in AWS.
fn name_of(store: &Store<'_>, spec: &Bucket) -> String {
    let setting = store.frame.setting;
    spec.bucket_name.clone().unwrap_or_else(|| {
        format!(
            "{}-{}-{}",
            store.physical_name(),
            setting.account,
            setting.owner.region
        )
    })
}

fn arn_of(frame: &Frame<'_>, name: &str) -> String {
    format!("arn:{}:s3:::{name}", frame.setting.partition)
}

pub(super) fn add(
    frame: &Frame<'_>,
    name: &str,
    spec: &Bucket,
    graph: &mut Graph,
    problems: &mut Problems,
) {
    let store = frame.store(SORT, name);
    let bucket_name = name_of(&store, spec);
    if bucket_name.len() > LONGEST_NAME {
        problems.error(
            ["buckets", name],
            format!(
                "{bucket_name} has {} characters, and a bucket's name at most {LONGEST_NAME}",
                bucket_name.len()
            ),
            "Shorten the name of the data tier or of the bucket, or set `bucket_name`.",
        );
    }
    let key = (spec.encryption == BucketEncryption::TierKey).then(|| keys::of(&store, graph));
    let bucket = graph.add(
        store.address(),
        "keeps objects",
        S3Bucket {
            accelerate_configuration: spec
                .transfer_acceleration
                .then(|| json!({ "AccelerationStatus": "Enabled" })),
            bucket_encryption: Some(settings::encryption(key)),
            cors_configuration: settings::cors(spec),
            force_destroy: Some(spec.force_destroy),
            intelligent_tiering_configurations: settings::tiering(&spec.lifecycle),
            inventory_configurations: settings::inventory(frame, spec),
            lifecycle_configuration: settings::lifecycle(spec),
            logging_configuration: settings::logging(frame, name, spec),
            metrics_configurations: spec.request_metrics.then(|| vec![json!({ "Id": METRICS })]),
            notification_configuration: settings::notifications(spec),
            object_lock_enabled: spec.object_lock.is_some().then_some(true),
            object_lock_configuration: spec.object_lock.as_ref().map(|lock| {
                let mode = match lock.mode {
                    LockMode::Governance => "GOVERNANCE",
                    LockMode::Compliance => "COMPLIANCE",
                };
                json!({ "ObjectLockEnabled": "Enabled", "Rule": { "DefaultRetention": { "Mode": mode, "Days": lock.days } } })
            }),
            ownership_controls: Some(
                json!({ "Rules": [{ "ObjectOwnership": "BucketOwnerEnforced" }] }),
            ),
            public_access_block_configuration: Some(
                json!({ "BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true }),
            ),
            versioning_configuration: Some(
                json!({ "Status": if spec.versioning { "Enabled" } else { "Suspended" } }),
            ),
            bucket_name: bucket_name.clone(),
            ..S3Bucket::default()
        },
    );
    graph.add(
        store.part("policy"),
        format!("keeps {} to TLS and to those who are let in", store.words()),
        BucketPolicy {
            bucket: bucket.id(),
            policy_document: policy::policy(frame, name, spec, &bucket_name),
        },
    );
    if spec.request_metrics {
        watch::add(&store, &bucket, graph);
    }
}

/// The texts of buckets that decide which parts there are, or what is in them, and may not be known yet.
pub(super) fn deciding(tier: &DataTier) -> impl Iterator<Item = &String> {
    tier.buckets.values().flat_map(|bucket| {
        let logs = bucket
            .access_logs
            .as_ref()
            .and_then(|logs| logs.bucket.as_ref());
        let list = bucket.inventory.as_ref().map(|inventory| &inventory.bucket);
        [
            bucket.bucket_name.as_ref(),
            bucket.policy_statements.as_ref(),
            logs,
            list,
        ]
        .into_iter()
        .flatten()
    })
}

pub(super) fn output(frame: &Frame<'_>, name: &str) -> BucketOutput {
    let bucket = Handle::to(frame.store(SORT, name).address());
    BucketOutput {
        name: bucket.id(),
        arn: bucket.attribute("Arn"),
        regional_domain_name: bucket.attribute("RegionalDomainName"),
    }
}
