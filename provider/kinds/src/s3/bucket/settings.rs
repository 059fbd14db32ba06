//! The settings of a bucket: the call that shows each, and those that bring it to what is asked for.

use platform_graph::Call;
use serde_json::{Value, json};

use super::{Bucket, call};
use crate::reply;
use crate::s3::shape;

/// The calls that show a bucket, and the member of the reply that holds the setting; without one it is the reply itself.
pub(super) const SHOWN: [(&str, &str); 18] = [
    ("GetBucketTagging", "TagSet"),
    ("GetBucketVersioning", ""),
    ("GetBucketEncryption", "ServerSideEncryptionConfiguration"),
    ("GetPublicAccessBlock", "PublicAccessBlockConfiguration"),
    ("GetBucketOwnershipControls", "OwnershipControls"),
    ("GetBucketLifecycleConfiguration", ""),
    ("GetObjectLockConfiguration", "ObjectLockConfiguration"),
    ("GetBucketLogging", ""),
    (
        "ListBucketInventoryConfigurations",
        "InventoryConfigurationList",
    ),
    (
        "ListBucketIntelligentTieringConfigurations",
        "IntelligentTieringConfigurationList",
    ),
    (
        "ListBucketMetricsConfigurations",
        "MetricsConfigurationList",
    ),
    ("GetBucketCors", ""),
    ("GetBucketNotificationConfiguration", ""),
    ("GetBucketAccelerateConfiguration", ""),
    ("GetBucketWebsite", ""),
    ("GetBucketReplication", "ReplicationConfiguration"),
    (
        "ListBucketAnalyticsConfigurations",
        "AnalyticsConfigurationList",
    ),
    ("GetBucketRequestPayment", ""),
];

/// The properties that `update` sets, in the order in which they are: a lock needs versions.
pub(super) const SETTINGS: [&str; 18] = [
    "PublicAccessBlockConfiguration",
    "OwnershipControls",
    "VersioningConfiguration",
    "ObjectLockEnabled",
    "ObjectLockConfiguration",
    "BucketEncryption",
    "LifecycleConfiguration",
    "LoggingConfiguration",
    "InventoryConfigurations",
    "IntelligentTieringConfigurations",
    "MetricsConfigurations",
    "CorsConfiguration",
    "NotificationConfiguration",
    "AccelerateConfiguration",
    "WebsiteConfiguration",
    "ReplicationConfiguration",
    "AnalyticsConfigurations",
    "RequestPaymentConfiguration",
];

/// The setting in the reply to one of the calls in [`SHOWN`].
fn shown<'a>(replies: &'a [Value], action: &str) -> Option<&'a Value> {
    let at = SHOWN.iter().position(|(name, _)| *name == action)?;
    let answer = replies.get(at + 1).filter(|answer| !answer.is_null())?;
    match SHOWN[at].1 {
        "" => Some(answer),
        member => answer.get(member),
    }
}

/// The calls that bring configurations that are put one by one, by id, to what is asked for.
fn one_by_one(
    bucket: &str,
    property: &str,
    (put, delete, member): (&'static str, &'static str, &str),
    live: Option<&Vec<Value>>,
    desired: Option<&Vec<Value>>,
) -> Vec<Call> {
    let (live, desired) = (live.into_iter().flatten(), desired.into_iter().flatten());
    let ids: Vec<&Value> = desired.clone().map(|item| &item["Id"]).collect();
    let gone = live
        .clone()
        .filter(|item| !ids.contains(&&item["Id"]))
        .map(|item| call(delete, bucket).with("Id", &item["Id"]));
    let others = desired
        .filter(|item| !live.clone().any(|shown| shape::same(property, shown, item)))
        .map(|item| {
            call(put, bucket)
                .with("Id", &item["Id"])
                .with(member, shape::to_api(property, item))
        });
    gone.chain(others).collect()
}

impl Bucket {
    /// Whether each of the last settings in [`SHOWN`] is asked for. Where they are not, only a look at a bucket of which nothing is known
    /// beforehand asks for them.
    pub(super) fn looked_at_closely(&self) -> [bool; 4] {
        [
            self.website_configuration.is_some(),
            self.replication_configuration.is_some(),
            self.analytics_configurations.is_some(),
            self.request_payment_configuration.is_some(),
        ]
    }

    pub(super) fn seen(&self, replies: &[Value]) -> Bucket {
        let setting = |property: &str, action: &str| {
            shown(replies, action).and_then(|value| shape::from_api(property, value))
        };
        let configurations = |property: &str, action: &str| match setting(property, action) {
            Some(Value::Array(list)) => Some(list),
            _ => None,
        };
        let unless = |live: Option<Value>, default: Value, asked: &Option<Value>| {
            reply::unless_default(live, default, asked.as_ref())
        };
        let lock = setting("ObjectLockConfiguration", "GetObjectLockConfiguration");
        let all = [
            "BlockPublicAcls",
            "BlockPublicPolicy",
            "IgnorePublicAcls",
            "RestrictPublicBuckets",
        ];
        Bucket {
            bucket_name: self.bucket_name.clone(),
            accelerate_configuration: unless(
                setting(
                    "AccelerateConfiguration",
                    "GetBucketAccelerateConfiguration",
                ),
                json!({ "AccelerationStatus": "Suspended" }),
                &self.accelerate_configuration,
            ),
            analytics_configurations: configurations(
                "AnalyticsConfigurations",
                "ListBucketAnalyticsConfigurations",
            ),
            bucket_encryption: setting("BucketEncryption", "GetBucketEncryption").filter(|live| {
                let default = json!({ "ServerSideEncryptionConfiguration": [{ "ServerSideEncryptionByDefault": { "SSEAlgorithm": "AES256" } }] });
                self.bucket_encryption.is_some()
                    || !shape::same("BucketEncryption", live, &default)
            }),
            cors_configuration: setting("CorsConfiguration", "GetBucketCors"),
            force_destroy: self.force_destroy,
            intelligent_tiering_configurations: configurations(
                "IntelligentTieringConfigurations",
                "ListBucketIntelligentTieringConfigurations",
            ),
            inventory_configurations: configurations(
                "InventoryConfigurations",
                "ListBucketInventoryConfigurations",
            ),
            lifecycle_configuration: setting(
                "LifecycleConfiguration",
                "GetBucketLifecycleConfiguration",
            ),
            logging_configuration: setting("LoggingConfiguration", "GetBucketLogging"),
            metrics_configurations: configurations(
                "MetricsConfigurations",
                "ListBucketMetricsConfigurations",
            ),
            notification_configuration: setting(
                "NotificationConfiguration",
                "GetBucketNotificationConfiguration",
            ),
            // A lock can't be taken off again: where none is asked for any more, it is no difference.
            object_lock_enabled: self.object_lock_enabled.map(|_| lock.is_some()),
            object_lock_configuration: unless(
                lock,
                json!({ "ObjectLockEnabled": "Enabled" }),
                &self.object_lock_configuration,
            ),
            ownership_controls: unless(
                setting("OwnershipControls", "GetBucketOwnershipControls"),
                json!({ "Rules": [{ "ObjectOwnership": "BucketOwnerEnforced" }] }),
                &self.ownership_controls,
            ),
            public_access_block_configuration: unless(
                setting("PublicAccessBlockConfiguration", "GetPublicAccessBlock"),
                all.iter().map(|name| ((*name).to_owned(), json!(true))).collect(),
                &self.public_access_block_configuration,
            ),
            replication_configuration: setting("ReplicationConfiguration", "GetBucketReplication"),
            request_payment_configuration: unless(
                setting("RequestPaymentConfiguration", "GetBucketRequestPayment"),
                json!({ "Payer": "BucketOwner" }),
                &self.request_payment_configuration,
            ),
            versioning_configuration: unless(
                // Whether deletes need a second factor is said beside it and is not ours to say.
                setting("VersioningConfiguration", "GetBucketVersioning")
                    .and_then(|live| Some(json!({ "Status": reply::text(&live, "Status")? }))),
                json!({ "Status": "Suspended" }),
                &self.versioning_configuration,
            ),
            website_configuration: setting("WebsiteConfiguration", "GetBucketWebsite"),
            tags: reply::tags(
                shown(replies, "GetBucketTagging")
                    .and_then(Value::as_array)
                    .map_or(&[], Vec::as_slice),
                "Key",
                "Value",
            ),
        }
    }

    /// The calls that bring one setting to what is asked for.
    pub(super) fn settle(&self, property: &str, live: &Bucket) -> Vec<Call> {
        let name = self.bucket_name.as_str();
        let put = |action: &'static str, member: &str, value: &Value| {
            call(action, name).with(member, shape::to_api(property, value))
        };
        let put_or_delete = |value: &Option<Value>, action, member, delete| {
            vec![match value {
                Some(value) => put(action, member, value),
                None => call(delete, name),
            }]
        };
        // For what can't be taken away the value that it has by default is put.
        let put_or_default = |value: &Option<Value>, action, member, default: Value| {
            vec![put(action, member, value.as_ref().unwrap_or(&default))]
        };
        match property {
            "PublicAccessBlockConfiguration" => put_or_default(
                &self.public_access_block_configuration,
                "PutPublicAccessBlock",
                "PublicAccessBlockConfiguration",
                json!({ "BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true }),
            ),
            "OwnershipControls" => put_or_default(
                &self.ownership_controls,
                "PutBucketOwnershipControls",
                "OwnershipControls",
                json!({ "Rules": [{ "ObjectOwnership": "BucketOwnerEnforced" }] }),
            ),
            "VersioningConfiguration" => put_or_default(
                &self.versioning_configuration,
                "PutBucketVersioning",
                "VersioningConfiguration",
                json!({ "Status": "Suspended" }),
            ),
            "ObjectLockConfiguration" => put_or_default(
                &self.object_lock_configuration,
                "PutObjectLockConfiguration",
                "ObjectLockConfiguration",
                json!({ "ObjectLockEnabled": "Enabled" }),
            ),
            "BucketEncryption" => put_or_delete(
                &self.bucket_encryption,
                "PutBucketEncryption",
                "ServerSideEncryptionConfiguration",
                "DeleteBucketEncryption",
            ),
            "LifecycleConfiguration" => put_or_delete(
                &self.lifecycle_configuration,
                "PutBucketLifecycleConfiguration",
                "LifecycleConfiguration",
                "DeleteBucketLifecycle",
            ),
            "LoggingConfiguration" => {
                let status = self
                    .logging_configuration
                    .as_ref()
                    .map_or_else(|| json!({}), |value| shape::to_api(property, value));
                vec![call("PutBucketLogging", name).with("BucketLoggingStatus", status)]
            }
            "InventoryConfigurations" => one_by_one(
                name,
                property,
                (
                    "PutBucketInventoryConfiguration",
                    "DeleteBucketInventoryConfiguration",
                    "InventoryConfiguration",
                ),
                live.inventory_configurations.as_ref(),
                self.inventory_configurations.as_ref(),
            ),
            "IntelligentTieringConfigurations" => one_by_one(
                name,
                property,
                (
                    "PutBucketIntelligentTieringConfiguration",
                    "DeleteBucketIntelligentTieringConfiguration",
                    "IntelligentTieringConfiguration",
                ),
                live.intelligent_tiering_configurations.as_ref(),
                self.intelligent_tiering_configurations.as_ref(),
            ),
            "MetricsConfigurations" => one_by_one(
                name,
                property,
                (
                    "PutBucketMetricsConfiguration",
                    "DeleteBucketMetricsConfiguration",
                    "MetricsConfiguration",
                ),
                live.metrics_configurations.as_ref(),
                self.metrics_configurations.as_ref(),
            ),
            "CorsConfiguration" => put_or_delete(
                &self.cors_configuration,
                "PutBucketCors",
                "CORSConfiguration",
                "DeleteBucketCors",
            ),
            "NotificationConfiguration" => put_or_default(
                &self.notification_configuration,
                "PutBucketNotificationConfiguration",
                "NotificationConfiguration",
                json!({}),
            ),
            "AccelerateConfiguration" => put_or_default(
                &self.accelerate_configuration,
                "PutBucketAccelerateConfiguration",
                "AccelerateConfiguration",
                json!({ "AccelerationStatus": "Suspended" }),
            ),
            "WebsiteConfiguration" => put_or_delete(
                &self.website_configuration,
                "PutBucketWebsite",
                "WebsiteConfiguration",
                "DeleteBucketWebsite",
            ),
            "ReplicationConfiguration" => put_or_delete(
                &self.replication_configuration,
                "PutBucketReplication",
                "ReplicationConfiguration",
                "DeleteBucketReplication",
            ),
            "AnalyticsConfigurations" => one_by_one(
                name,
                property,
                (
                    "PutBucketAnalyticsConfiguration",
                    "DeleteBucketAnalyticsConfiguration",
                    "AnalyticsConfiguration",
                ),
                live.analytics_configurations.as_ref(),
                self.analytics_configurations.as_ref(),
            ),
            "RequestPaymentConfiguration" => put_or_default(
                &self.request_payment_configuration,
                "PutBucketRequestPayment",
                "RequestPaymentConfiguration",
                json!({ "Payer": "BucketOwner" }),
            ),
            _ => Vec::new(),
        }
    }
}
