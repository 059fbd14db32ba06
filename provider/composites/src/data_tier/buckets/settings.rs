//! What is set at a bucket, in the words of CloudFormation.

use platform_graph::Handle;
use serde_json::{Map, Value, json};

use super::super::frame::Frame;
use super::super::spec::{Bucket, BucketLifecycle, CorsRule, Frequency};
use super::{SORT, receivers};

pub(super) fn encryption(key: Option<String>) -> Value {
    let rule = match key {
        Some(key) => {
            json!({ "BucketKeyEnabled": true, "ServerSideEncryptionByDefault": { "SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key } })
        }
        None => json!({ "ServerSideEncryptionByDefault": { "SSEAlgorithm": "AES256" } }),
    };
    json!({ "ServerSideEncryptionConfiguration": [rule] })
}

pub(super) fn cors(spec: &Bucket) -> Option<Value> {
    let rule = |(nth, rule): (usize, &CorsRule)| {
        json!({
            "Id": format!("rule-{}", nth + 1),
            "AllowedHeaders": rule.allowed_headers,
            "AllowedMethods": rule.allowed_methods,
            "AllowedOrigins": rule.allowed_origins,
            "ExposedHeaders": rule.expose_headers,
            "MaxAge": rule.max_age_seconds,
        })
    };
    let rules: Vec<Value> = spec.cors.iter().enumerate().map(rule).collect();
    (!rules.is_empty()).then(|| json!({ "CorsRules": rules }))
}

pub(super) fn tiering(lifecycle: &BucketLifecycle) -> Option<Vec<Value>> {
    let spec = lifecycle.intelligent_tiering.as_ref()?;
    let tiers: Vec<Value> = [
        ("ARCHIVE_ACCESS", spec.archive_days),
        ("DEEP_ARCHIVE_ACCESS", spec.deep_archive_days),
    ]
    .into_iter()
    .filter_map(|(tier, days)| Some(json!({ "AccessTier": tier, "Days": days? })))
    .collect();
    (!tiers.is_empty())
        .then(|| vec![json!({ "Id": "archive", "Status": "Enabled", "Tierings": tiers })])
}

/// One rule for objects, one for their old versions, one for uploads that were never finished.
pub(super) fn lifecycle(spec: &Bucket) -> Option<Value> {
    let lifecycle = &spec.lifecycle;
    let mut rules = Vec::new();
    let move_to = |class: &str, days: Option<u32>| {
        days.map(|days| json!({ "StorageClass": class, "TransitionInDays": days }))
    };
    let moves: Vec<Value> = [
        move_to("STANDARD_IA", lifecycle.infrequent_access_days),
        move_to(
            "INTELLIGENT_TIERING",
            lifecycle
                .intelligent_tiering
                .as_ref()
                .map(|tiering| tiering.after_days),
        ),
        move_to("GLACIER", lifecycle.glacier_days),
        move_to("DEEP_ARCHIVE", lifecycle.deep_archive_days),
    ]
    .into_iter()
    .flatten()
    .collect();
    if !moves.is_empty() || lifecycle.expire_days.is_some() {
        let mut rule = Map::from_iter([
            ("Id".to_owned(), json!("objects")),
            ("Status".to_owned(), json!("Enabled")),
        ]);
        if !moves.is_empty() {
            rule.insert("Transitions".to_owned(), json!(moves));
        }
        if let Some(days) = lifecycle.expire_days {
            rule.insert("ExpirationInDays".to_owned(), json!(days));
        }
        rules.push(Value::Object(rule));
    }
    // Versions stay behind where versioning was switched off later, so the rule does not depend on it.
    if lifecycle.noncurrent_days > 0 {
        let mut expiration = json!({ "NoncurrentDays": lifecycle.noncurrent_days });
        if let Some(kept) = lifecycle.noncurrent_versions {
            expiration["NewerNoncurrentVersions"] = json!(kept);
        }
        rules.push(json!({
            "Id": "versions",
            "Status": "Enabled",
            "NoncurrentVersionExpiration": expiration,
            "ExpiredObjectDeleteMarker": true,
        }));
    }
    if lifecycle.abort_multipart_days > 0 {
        rules.push(json!({
            "Id": "uploads",
            "Status": "Enabled",
            "AbortIncompleteMultipartUpload": { "DaysAfterInitiation": lifecycle.abort_multipart_days },
        }));
    }
    (!rules.is_empty()).then(|| json!({ "Rules": rules }))
}

pub(super) fn logging(frame: &Frame<'_>, name: &str, spec: &Bucket) -> Option<Value> {
    let logs = spec.access_logs.as_ref()?;
    let target = match &logs.bucket {
        // The policy that lets the logs in has the id of its bucket: the name.
        Some(target) => Handle::to(frame.store(SORT, target).part("policy")).id(),
        None => logs.external_bucket.clone()?,
    };
    let prefix = logs.prefix.clone().unwrap_or_else(|| format!("{name}/"));
    Some(json!({ "DestinationBucketName": target, "LogFilePrefix": prefix }))
}

pub(super) fn inventory(frame: &Frame<'_>, spec: &Bucket) -> Option<Vec<Value>> {
    let inventory = spec.inventory.as_ref()?;
    let target = frame.store(SORT, &inventory.bucket);
    Some(vec![json!({
        "Id": "all",
        "Enabled": true,
        "IncludedObjectVersions": if inventory.all_versions { "All" } else { "Current" },
        "OptionalFields": ["Size", "LastModifiedDate", "StorageClass", "EncryptionStatus", "IsMultipartUploaded"],
        "ScheduleFrequency": match inventory.frequency { Frequency::Daily => "Daily", Frequency::Weekly => "Weekly" },
        "Destination": {
            "BucketAccountId": frame.setting.account,
            "BucketArn": Handle::to(target.address()).attribute("Arn"),
            "Format": "Parquet",
            "Prefix": "inventory",
        },
    })])
}

pub(super) fn notifications(spec: &Bucket) -> Option<Value> {
    let mut all = Map::new();
    if spec.event_notifications.eventbridge {
        all.insert(
            "EventBridgeConfiguration".to_owned(),
            json!({ "EventBridgeEnabled": true }),
        );
    }
    let names = [
        ("QueueConfigurations", "Queue"),
        ("TopicConfigurations", "Topic"),
        ("LambdaConfigurations", "Function"),
    ];
    for ((list, member), (_, _, receivers)) in names.into_iter().zip(receivers(spec)) {
        let mut configurations = Vec::new();
        for receiver in receivers.values() {
            let rules: Vec<Value> = [("prefix", &receiver.prefix), ("suffix", &receiver.suffix)]
                .into_iter()
                .filter_map(|(name, value)| Some(json!({ "Name": name, "Value": value.as_ref()? })))
                .collect();
            for event in &receiver.events {
                let mut one = json!({ "Event": event, member: receiver.arn });
                if !rules.is_empty() {
                    one["Filter"] = json!({ "S3Key": { "Rules": rules } });
                }
                configurations.push(one);
            }
        }
        if !configurations.is_empty() {
            all.insert(list.to_owned(), configurations.into());
        }
    }
    (!all.is_empty()).then_some(Value::Object(all))
}
