//! Buckets: Amazon S3, private and encrypted, over TLS only.
//!
//! A bucket of the tier that takes logs or inventories of others lets them in by its policy, and those that send them wait for it.

use platform_graph::{Graph, Handle, Problems};
use platform_kinds::s3::{Bucket as S3Bucket, BucketPolicy};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::frame::{Frame, Store};
use super::spec::{
    Bucket, BucketEncryption, BucketLifecycle, DataTier, EventReceiver, Frequency, LockMode,
};
use super::{alarms, check, keys};
use crate::schema::is_unknown_text;

const SORT: &str = "bucket";
/// The most characters of a bucket's name.
const LONGEST_NAME: usize = 63;
/// Days that objects stay in Standard-IA at least before they move on.
const LEAST_DAYS_IN_IA: u32 = 30;
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

pub(super) fn check(
    name: &str,
    store: &Bucket,
    frame: &check::Checks<'_>,
    problems: &mut Problems,
) {
    let at = |more: &[&str]| -> Vec<String> {
        ["buckets", name]
            .iter()
            .chain(more)
            .map(|step| (*step).to_owned())
            .collect()
    };
    if let Some(bucket_name) = store
        .bucket_name
        .as_ref()
        .filter(|name| !is_unknown_text(name))
        && !is_name(bucket_name)
    {
        problems.error(
            at(&["bucket_name"]),
            format!("{bucket_name:?} can't be the name of a bucket"),
            "A name has 3 to 63 lowercase letters, digits, hyphens and dots, begins and ends with a letter or digit, and is no IP address.",
        );
    }
    if store.transfer_acceleration
        && store
            .bucket_name
            .as_ref()
            .is_some_and(|name| name.contains('.'))
    {
        problems.error(
            at(&["transfer_acceleration"]),
            "a bucket with dots in its name can't be accelerated",
            "Choose a name without dots, or leave it out.",
        );
    }
    if store.object_lock.is_some() && !store.versioning {
        problems.error(
            at(&["object_lock"]),
            "it is versions that are locked",
            "Set `versioning = true`, or leave the lock out.",
        );
    }
    check_lifecycle(&store.lifecycle, &at, problems);
    if let Some(statements) = store
        .policy_statements
        .as_ref()
        .filter(|text| !is_unknown_text(text))
        && let Err(why) = parse_statements(statements)
    {
        problems.error(
            at(&["policy_statements"]),
            format!("these are no statements of a policy: {why}"),
            "Write jsonencode([{ Effect = ..., Principal = ..., Action = ..., Resource = ... }]).",
        );
    }
    if let Some(logs) = &store.access_logs {
        match (&logs.bucket, &logs.external_bucket) {
            (Some(target), None) => {
                check_target(
                    frame.spec,
                    name,
                    target,
                    at(&["access_logs", "bucket"]),
                    problems,
                );
            }
            (None, Some(_)) => {}
            _ => problems.error(
                at(&["access_logs"]),
                "it is not clear where the logs go",
                "Name either `bucket`, one of this data tier, or `external_bucket`.",
            ),
        }
    }
    if let Some(inventory) = &store.inventory {
        check_target(
            frame.spec,
            name,
            &inventory.bucket,
            at(&["inventory", "bucket"]),
            problems,
        );
    }
    for (rule, cors) in store.cors.iter().enumerate() {
        for method in &cors.allowed_methods {
            if !["GET", "HEAD", "PUT", "POST", "DELETE"].contains(&method.as_str())
                && !is_unknown_text(method)
            {
                problems.error(
                    at(&["cors", &rule.to_string(), "allowed_methods"]),
                    format!("{method:?} is no method of S3"),
                    "Methods are GET, HEAD, PUT, POST and DELETE, in capitals.",
                );
            }
        }
    }
    for (list, service, receivers) in receivers(store) {
        for (receiver, spec) in receivers {
            let fits = is_unknown_text(&spec.arn)
                || (spec.arn.starts_with("arn:") && spec.arn.split(':').nth(2) == Some(service));
            if !fits {
                problems.error(
                    at(&["event_notifications", list, receiver, "arn"]),
                    format!("{:?} is not the ARN of one of the {list}", spec.arn),
                    format!("It begins with arn:aws:{service}:."),
                );
            }
        }
    }
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

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>
fn is_name(name: &str) -> bool {
    let end = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    (3..=LONGEST_NAME).contains(&name.len())
        && name.chars().all(|c| end(c) || c == '-' || c == '.')
        && name.starts_with(end)
        && name.ends_with(end)
        && !name.contains("..")
        && name.parse::<std::net::Ipv4Addr>().is_err()
}

fn check_lifecycle(
    lifecycle: &BucketLifecycle,
    at: &dyn Fn(&[&str]) -> Vec<String>,
    problems: &mut Problems,
) {
    if lifecycle.infrequent_access_days.is_some() && lifecycle.intelligent_tiering.is_some() {
        problems.error(
            at(&["lifecycle", "infrequent_access_days"]),
            "Intelligent-Tiering moves objects to infrequent access by itself",
            "Leave out one of the two.",
        );
    }
    if let Some(tiering) = &lifecycle.intelligent_tiering
        && let (Some(archive), Some(deep)) = (tiering.archive_days, tiering.deep_archive_days)
        && deep <= archive
    {
        problems.error(
            at(&["lifecycle", "intelligent_tiering", "deep_archive_days"]),
            "objects move to Deep Archive Access later than to Archive Access",
            format!("Say more than {archive} days."),
        );
    }
    let mut last: Option<(&str, u32)> = None;
    for (attribute, days) in [
        ("infrequent_access_days", lifecycle.infrequent_access_days),
        ("glacier_days", lifecycle.glacier_days),
        ("deep_archive_days", lifecycle.deep_archive_days),
        ("expire_days", lifecycle.expire_days),
    ] {
        let Some(days) = days else { continue };
        if let Some((before, earlier)) = last {
            // Whoever expires objects may do so right after a move.
            let least = match before {
                "infrequent_access_days" if attribute != "expire_days" => {
                    earlier + LEAST_DAYS_IN_IA
                }
                _ => earlier + 1,
            };
            if days < least {
                problems.error(
                    at(&["lifecycle", attribute]),
                    format!("{attribute} = {days} comes too early after {before} = {earlier}"),
                    format!("Say at least {least}."),
                );
            }
        }
        last = Some((attribute, days));
    }
    if lifecycle.noncurrent_versions.is_some() && lifecycle.noncurrent_days == 0 {
        problems.error(
            at(&["lifecycle", "noncurrent_versions"]),
            "it says how many old versions outlive `noncurrent_days`, and they are kept for ever",
            "Set `noncurrent_days`, or leave it out.",
        );
    }
}

/// Judges a bucket of the tier that is to take logs or inventories of another one.
fn check_target(tier: &DataTier, from: &str, to: &str, path: Vec<String>, problems: &mut Problems) {
    if is_unknown_text(to) {
        return;
    }
    let Some(target) = tier.buckets.get(to) else {
        problems.error(
            path,
            format!("the data tier has no bucket {to:?}"),
            format!(
                "It has {}.",
                tier.buckets
                    .keys()
                    .map(String::as_str)
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
        );
        return;
    };
    let complaint = if from == to {
        Some("a bucket does not log into itself: every log would be logged")
    } else if target.encryption != BucketEncryption::S3 {
        Some("S3 can't deliver into a bucket with a customer-managed key")
    } else if target.object_lock.is_some() {
        Some("S3 can't deliver logs into a bucket that locks every object")
    } else if target.access_logs.is_some() || target.inventory.is_some() {
        Some("a bucket that takes logs or lists of others sends none itself")
    } else {
        None
    };
    if let Some(complaint) = complaint {
        problems.error(
            path,
            format!("bucket {to} can't take this: {complaint}"),
            format!("Use another bucket with `encryption = \"s3\"`, or change bucket {to}."),
        );
    }
}

fn parse_statements(text: &str) -> Result<Vec<Value>, String> {
    match serde_json::from_str(text).map_err(|error| error.to_string())? {
        Value::Array(list) if list.iter().all(Value::is_object) => Ok(list),
        one @ Value::Object(_) => Ok(vec![one]),
        _ => Err("neither a statement nor a list of statements".to_owned()),
    }
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
            bucket_encryption: Some(encryption(key)),
            cors_configuration: cors(spec),
            force_destroy: Some(spec.force_destroy),
            intelligent_tiering_configurations: tiering(&spec.lifecycle),
            inventory_configurations: inventory(frame, spec),
            lifecycle_configuration: lifecycle(spec),
            logging_configuration: logging(frame, name, spec),
            metrics_configurations: spec.request_metrics.then(|| vec![json!({ "Id": METRICS })]),
            notification_configuration: notifications(spec),
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
            policy_document: policy(frame, name, spec, &bucket_name),
        },
    );
    if spec.request_metrics {
        watch(&store, &bucket, graph);
    }
}

fn encryption(key: Option<String>) -> Value {
    let rule = match key {
        Some(key) => {
            json!({ "BucketKeyEnabled": true, "ServerSideEncryptionByDefault": { "SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key } })
        }
        None => json!({ "ServerSideEncryptionByDefault": { "SSEAlgorithm": "AES256" } }),
    };
    json!({ "ServerSideEncryptionConfiguration": [rule] })
}

fn cors(spec: &Bucket) -> Option<Value> {
    let rule = |(nth, rule): (usize, &super::spec::CorsRule)| {
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

fn tiering(lifecycle: &BucketLifecycle) -> Option<Vec<Value>> {
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
fn lifecycle(spec: &Bucket) -> Option<Value> {
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

fn logging(frame: &Frame<'_>, name: &str, spec: &Bucket) -> Option<Value> {
    let logs = spec.access_logs.as_ref()?;
    let target = match &logs.bucket {
        // The policy that lets the logs in has the id of its bucket: the name.
        Some(target) => Handle::to(frame.store(SORT, target).part("policy")).id(),
        None => logs.external_bucket.clone()?,
    };
    let prefix = logs.prefix.clone().unwrap_or_else(|| format!("{name}/"));
    Some(json!({ "DestinationBucketName": target, "LogFilePrefix": prefix }))
}

fn inventory(frame: &Frame<'_>, spec: &Bucket) -> Option<Vec<Value>> {
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

fn notifications(spec: &Bucket) -> Option<Value> {
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

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html>
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies-vpc-endpoint.html>
fn policy(frame: &Frame<'_>, name: &str, spec: &Bucket, bucket_name: &str) -> Value {
    let arn = arn_of(frame, bucket_name);
    let everything = json!([arn, format!("{arn}/*")]);
    let mut statements = vec![
        json!({
            "Sid": "OnlyOverTls",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": everything,
            "Condition": { "Bool": { "aws:SecureTransport": "false" } },
        }),
        json!({
            "Sid": "OnlyTlsOfToday",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": everything,
            "Condition": { "NumericLessThan": { "s3:TlsVersion": "1.2" } },
        }),
    ];
    if !spec.vpc_endpoint_ids.is_empty() {
        statements.push(json!({
            "Sid": "OnlyThroughEndpoints",
            "Effect": "Deny",
            "Principal": "*",
            // What concerns objects: whoever manages the bucket stays able to.
            "Action": ["s3:AbortMultipartUpload", "s3:DeleteObject*", "s3:GetObject*", "s3:ListBucket*", "s3:PutObject*", "s3:RestoreObject"],
            "Resource": everything,
            "Condition": {
                "Bool": { "aws:PrincipalIsAWSService": "false", "aws:ViaAWSService": "false" },
                "StringNotEquals": { "aws:SourceVpce": spec.vpc_endpoint_ids },
            },
        }));
    }
    let senders = |sends: &dyn Fn(&Bucket) -> bool| -> Vec<String> {
        let buckets = frame.spec.buckets.iter();
        buckets
            .filter(|(_, bucket)| sends(bucket))
            .map(|(sender, bucket)| arn_of(frame, &name_of(&frame.store(SORT, sender), bucket)))
            .collect()
    };
    let deliver = |sid: &str, service: &str, senders: Vec<String>| {
        json!({
            "Sid": sid,
            "Effect": "Allow",
            "Principal": { "Service": service },
            "Action": "s3:PutObject",
            "Resource": format!("{arn}/*"),
            "Condition": {
                "ArnLike": { "aws:SourceArn": senders },
                "StringEquals": { "aws:SourceAccount": frame.setting.account },
            },
        })
    };
    let logged = senders(&|bucket| {
        bucket
            .access_logs
            .as_ref()
            .is_some_and(|logs| logs.bucket.as_deref() == Some(name))
    });
    if !logged.is_empty() {
        statements.push(deliver("AccessLogs", "logging.s3.amazonaws.com", logged));
    }
    let listed = senders(&|bucket| {
        bucket
            .inventory
            .as_ref()
            .is_some_and(|inventory| inventory.bucket == name)
    });
    if !listed.is_empty() {
        statements.push(deliver("Inventories", "s3.amazonaws.com", listed));
    }
    if let Some(text) = &spec.policy_statements {
        statements.extend(parse_statements(text).unwrap_or_default());
    }
    json!({ "Version": "2012-10-17", "Statement": statements })
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html>
fn watch(store: &Store<'_>, bucket: &Handle, graph: &mut Graph) {
    for (name, metric, threshold, what, advice) in [
        (
            "refused-requests",
            "4xxErrors",
            0.05,
            "more than 5% of the requests to",
            "Someone asks for what is not there or not theirs: look at the access logs.",
        ),
        (
            "failed-requests",
            "5xxErrors",
            0.01,
            "more than 1% of the requests to",
            "S3 fails or wants fewer requests: spread keys over more prefixes and retry with back-off.",
        ),
    ] {
        let verb = if metric == "4xxErrors" {
            "refused"
        } else {
            "failed"
        };
        alarms::add(
            store,
            alarms::Watch {
                name,
                meaning: format!("{what} {} have been {verb} for 15 minutes", store.words()),
                advice,
                namespace: "AWS/S3",
                metric,
                statistic: "Average",
                dimensions: vec![
                    ("BucketName", bucket.id()),
                    ("FilterId", METRICS.to_owned()),
                ],
                comparison: "GreaterThanThreshold",
                threshold,
                period: 300,
                periods: 3,
                missing: "notBreaching",
            },
            graph,
        );
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
