//! The settings of a bucket, as CloudFormation and as S3's API have them.
//!
//! Most differ in names and nesting only: a table says where each value stands on either side, and is read in both directions.
//! What a table does not name is not sent and not looked at: ids that S3 makes up, grants of a time before bucket policies.
//!
//! # Caveats
//! - Dates and object sizes of lifecycle rules are not among the names: a rule goes by days, prefix and tags.
//! - Encryption types that are blocked are not either: S3 blocks keys that clients bring (SSE-C) in new buckets by itself.

use serde_json::{Map, Value, json};

use crate::reply::{items, text};

/// Where values stand, in CloudFormation and in the API: names separated by slashes, `*` for every item of a list.
type Table = &'static [(&'static str, &'static str)];

/// Names that are alike on both sides.
const PLAIN: Table = &[("", "")];

const ACCELERATION: Table = &[("AccelerationStatus", "Status")];

const ANALYTICS: Table = &[
    ("Id", "Id"),
    (
        "StorageClassAnalysis/DataExport/OutputSchemaVersion",
        "StorageClassAnalysis/DataExport/OutputSchemaVersion",
    ),
    (
        "StorageClassAnalysis/DataExport/Destination/BucketAccountId",
        "StorageClassAnalysis/DataExport/Destination/S3BucketDestination/BucketAccountId",
    ),
    (
        "StorageClassAnalysis/DataExport/Destination/BucketArn",
        "StorageClassAnalysis/DataExport/Destination/S3BucketDestination/Bucket",
    ),
    (
        "StorageClassAnalysis/DataExport/Destination/Format",
        "StorageClassAnalysis/DataExport/Destination/S3BucketDestination/Format",
    ),
    (
        "StorageClassAnalysis/DataExport/Destination/Prefix",
        "StorageClassAnalysis/DataExport/Destination/S3BucketDestination/Prefix",
    ),
];

const CORS: Table = &[
    ("CorsRules/*/AllowedHeaders", "CORSRules/*/AllowedHeaders"),
    ("CorsRules/*/AllowedMethods", "CORSRules/*/AllowedMethods"),
    ("CorsRules/*/AllowedOrigins", "CORSRules/*/AllowedOrigins"),
    ("CorsRules/*/ExposedHeaders", "CORSRules/*/ExposeHeaders"),
    ("CorsRules/*/Id", "CORSRules/*/ID"),
    ("CorsRules/*/MaxAge", "CORSRules/*/MaxAgeSeconds"),
];

const ENCRYPTION: Table = &[
    (
        "ServerSideEncryptionConfiguration/*/BucketKeyEnabled",
        "Rules/*/BucketKeyEnabled",
    ),
    (
        "ServerSideEncryptionConfiguration/*/ServerSideEncryptionByDefault/KMSMasterKeyID",
        "Rules/*/ApplyServerSideEncryptionByDefault/KMSMasterKeyID",
    ),
    (
        "ServerSideEncryptionConfiguration/*/ServerSideEncryptionByDefault/SSEAlgorithm",
        "Rules/*/ApplyServerSideEncryptionByDefault/SSEAlgorithm",
    ),
];

const INVENTORY: Table = &[
    ("Destination", "Destination/S3BucketDestination"),
    ("Enabled", "IsEnabled"),
    ("Id", "Id"),
    ("IncludedObjectVersions", "IncludedObjectVersions"),
    ("OptionalFields", "OptionalFields"),
    ("Prefix", "Filter/Prefix"),
    ("ScheduleFrequency", "Schedule/Frequency"),
];

/// S3BucketDestination calls two of its members otherwise.
const INVENTORY_DESTINATION: Table = &[
    ("BucketAccountId", "AccountId"),
    ("BucketArn", "Bucket"),
    ("Format", "Format"),
    ("Prefix", "Prefix"),
];

const LIFECYCLE_RULE: Table = &[
    (
        "AbortIncompleteMultipartUpload/DaysAfterInitiation",
        "AbortIncompleteMultipartUpload/DaysAfterInitiation",
    ),
    ("ExpirationInDays", "Expiration/Days"),
    (
        "ExpiredObjectDeleteMarker",
        "Expiration/ExpiredObjectDeleteMarker",
    ),
    ("Id", "ID"),
    (
        "NoncurrentVersionExpiration/NewerNoncurrentVersions",
        "NoncurrentVersionExpiration/NewerNoncurrentVersions",
    ),
    (
        "NoncurrentVersionExpiration/NoncurrentDays",
        "NoncurrentVersionExpiration/NoncurrentDays",
    ),
    (
        "NoncurrentVersionTransitions/*/NewerNoncurrentVersions",
        "NoncurrentVersionTransitions/*/NewerNoncurrentVersions",
    ),
    (
        "NoncurrentVersionTransitions/*/StorageClass",
        "NoncurrentVersionTransitions/*/StorageClass",
    ),
    (
        "NoncurrentVersionTransitions/*/TransitionInDays",
        "NoncurrentVersionTransitions/*/NoncurrentDays",
    ),
    ("Status", "Status"),
    ("Transitions/*/StorageClass", "Transitions/*/StorageClass"),
    ("Transitions/*/TransitionInDays", "Transitions/*/Days"),
];

const LOGGING: Table = &[
    ("DestinationBucketName", "TargetBucket"),
    ("LogFilePrefix", "TargetPrefix"),
    ("TargetObjectKeyFormat", "TargetObjectKeyFormat"),
];

const METRICS: Table = &[("Id", "Id")];

const REPLICATION: Table = &[
    ("Role", "Role"),
    (
        "Rules/*/DeleteMarkerReplication",
        "Rules/*/DeleteMarkerReplication",
    ),
    (
        "Rules/*/Destination/AccessControlTranslation",
        "Rules/*/Destination/AccessControlTranslation",
    ),
    ("Rules/*/Destination/Account", "Rules/*/Destination/Account"),
    ("Rules/*/Destination/Bucket", "Rules/*/Destination/Bucket"),
    (
        "Rules/*/Destination/EncryptionConfiguration",
        "Rules/*/Destination/EncryptionConfiguration",
    ),
    ("Rules/*/Destination/Metrics", "Rules/*/Destination/Metrics"),
    (
        "Rules/*/Destination/ReplicationTime",
        "Rules/*/Destination/ReplicationTime",
    ),
    (
        "Rules/*/Destination/StorageClass",
        "Rules/*/Destination/StorageClass",
    ),
    ("Rules/*/Filter/And/Prefix", "Rules/*/Filter/And/Prefix"),
    ("Rules/*/Filter/And/TagFilters", "Rules/*/Filter/And/Tags"),
    ("Rules/*/Filter/Prefix", "Rules/*/Filter/Prefix"),
    ("Rules/*/Filter/TagFilter", "Rules/*/Filter/Tag"),
    ("Rules/*/Id", "Rules/*/ID"),
    ("Rules/*/Prefix", "Rules/*/Prefix"),
    ("Rules/*/Priority", "Rules/*/Priority"),
    (
        "Rules/*/SourceSelectionCriteria",
        "Rules/*/SourceSelectionCriteria",
    ),
    ("Rules/*/Status", "Rules/*/Status"),
];

const TIERING: Table = &[("Id", "Id"), ("Status", "Status"), ("Tierings", "Tierings")];

const WEBSITE: Table = &[
    ("ErrorDocument", "ErrorDocument/Key"),
    ("IndexDocument", "IndexDocument/Suffix"),
    ("RedirectAllRequestsTo", "RedirectAllRequestsTo"),
    ("RoutingRules/*/RedirectRule", "RoutingRules/*/Redirect"),
    (
        "RoutingRules/*/RoutingRuleCondition",
        "RoutingRules/*/Condition",
    ),
];

/// Who is told of events: CloudFormation's list, the name of the receiver in it, and both in the API.
const RECEIVERS: [(&str, &str, &str, &str); 3] = [
    (
        "LambdaConfigurations",
        "Function",
        "LambdaFunctionConfigurations",
        "LambdaFunctionArn",
    ),
    (
        "QueueConfigurations",
        "Queue",
        "QueueConfigurations",
        "QueueArn",
    ),
    (
        "TopicConfigurations",
        "Topic",
        "TopicConfigurations",
        "TopicArn",
    ),
];

/// A property as the member of the API's `Put` that carries it. Lists of configurations are put one by one: there it is one item.
pub(super) fn to_api(property: &str, value: &Value) -> Value {
    match property {
        "AnalyticsConfigurations" => filtered(value, ANALYTICS, None),
        "IntelligentTieringConfigurations" => filtered(value, TIERING, None),
        "InventoryConfigurations" => {
            let mut all = forth(value, INVENTORY);
            let destination = forth(&value["Destination"], INVENTORY_DESTINATION);
            set(
                &mut all,
                &["Destination", "S3BucketDestination"],
                destination,
            );
            all
        }
        "LifecycleConfiguration" => {
            // The rule of an API of old had no filter, and a prefix instead: a filter for everything has an empty one.
            let rules = items(value, "Rules").iter();
            json!({ "Rules": rules.map(|rule| filtered(rule, LIFECYCLE_RULE, Some(json!({ "Prefix": "" })))).collect::<Vec<_>>() })
        }
        "LoggingConfiguration" => {
            let mut target = forth(value, LOGGING);
            if let Value::Object(members) = &mut target {
                members.entry("TargetPrefix").or_insert_with(|| json!(""));
            }
            json!({ "LoggingEnabled": target })
        }
        "MetricsConfigurations" => filtered(value, METRICS, None),
        "NotificationConfiguration" => notifications_to_api(value),
        property => forth(value, table(property)),
    }
}

/// A property out of the reply to the API's `Get` or `List`, without the name of the member that wraps it; `None` where it says
/// nothing.
pub(super) fn from_api(property: &str, value: &Value) -> Option<Value> {
    let each = |one: fn(&Value) -> Value| Value::Array(list(value).iter().map(one).collect());
    let shown = match property {
        "AnalyticsConfigurations" => each(|item| unfiltered(item, ANALYTICS)),
        "IntelligentTieringConfigurations" => each(|item| unfiltered(item, TIERING)),
        "InventoryConfigurations" => each(|item| {
            let mut all = back(item, INVENTORY);
            let destination = &item["Destination"]["S3BucketDestination"];
            set(
                &mut all,
                &["Destination"],
                back(destination, INVENTORY_DESTINATION),
            );
            all
        }),
        "LifecycleConfiguration" => match items(value, "Rules") {
            [] => Value::Null,
            rules => {
                json!({ "Rules": rules.iter().map(|rule| unfiltered(rule, LIFECYCLE_RULE)).collect::<Vec<_>>() })
            }
        },
        "LoggingConfiguration" => back(&value["LoggingEnabled"], LOGGING),
        "MetricsConfigurations" => each(|item| unfiltered(item, METRICS)),
        "NotificationConfiguration" => notifications_from_api(value),
        property => back(value, table(property)),
    };
    (!is_nothing(&shown)).then_some(shown)
}

/// Whether two values of a setting mean the same. What is false, empty or left out is one and the same, and only the rules of
/// CORS and of a web site have an order: the first that fits counts.
pub(super) fn same(property: &str, live: &Value, desired: &Value) -> bool {
    let ordered = matches!(property, "CorsConfiguration" | "WebsiteConfiguration");
    meaning(live, ordered) == meaning(desired, ordered)
}

fn table(property: &str) -> Table {
    match property {
        "AccelerateConfiguration" => ACCELERATION,
        "BucketEncryption" => ENCRYPTION,
        "CorsConfiguration" => CORS,
        "ReplicationConfiguration" => REPLICATION,
        "WebsiteConfiguration" => WEBSITE,
        _ => PLAIN,
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

fn meaning(value: &Value, ordered: bool) -> Value {
    match value {
        Value::Object(fields) => fields
            .iter()
            .map(|(name, field)| (name.clone(), meaning(field, ordered)))
            .filter(|(_, field)| !is_nothing(field))
            .collect(),
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(|item| meaning(item, ordered)).collect();
            // Within a rule the order of methods, origins and headers means nothing.
            if !ordered || items.iter().all(Value::is_string) {
                items.sort_by_key(Value::to_string);
            }
            items.into()
        }
        plain => plain.clone(),
    }
}

fn forth(value: &Value, table: Table) -> Value {
    translated(value, table.iter().copied())
}

fn back(value: &Value, table: Table) -> Value {
    translated(value, table.iter().map(|(ours, theirs)| (*theirs, *ours)))
}

fn translated(value: &Value, places: impl Iterator<Item = (&'static str, &'static str)>) -> Value {
    let steps = |path: &'static str| -> Vec<&str> {
        path.split('/').filter(|step| !step.is_empty()).collect()
    };
    let mut whole = Value::Null;
    for (source, target) in places {
        copy(value, &steps(source), &mut whole, &steps(target));
    }
    whole
}

/// Copies what stands at `source` to `target`; both have as many `*`.
fn copy(from: &Value, source: &[&str], to: &mut Value, target: &[&str]) {
    match source {
        [] => set(to, target, from.clone()),
        ["*", rest @ ..] => {
            let (before, after) = match target.iter().position(|step| *step == "*") {
                Some(at) => (&target[..at], &target[at + 1..]),
                None => (target, &[][..]),
            };
            let items = list(from);
            if items.is_empty() {
                return;
            }
            let slot = place(to, before);
            if !slot.is_array() {
                *slot = json!([]);
            }
            if let Value::Array(slots) = slot {
                slots.resize(slots.len().max(items.len()), Value::Null);
                for (slot, item) in slots.iter_mut().zip(items) {
                    copy(item, rest, slot, after);
                }
            }
        }
        [name, rest @ ..] => {
            if let Some(inner) = from.get(name) {
                copy(inner, rest, to, target);
            }
        }
    }
}

fn set(to: &mut Value, path: &[&str], value: Value) {
    if !value.is_null() {
        *place(to, path) = value;
    }
}

/// The place at a path of names, made where it is not there.
fn place<'a>(to: &'a mut Value, path: &[&str]) -> &'a mut Value {
    path.iter().fold(to, |at, name| {
        if !at.is_object() {
            *at = Value::Object(Map::new());
        }
        // An object makes room for a member that it does not have.
        &mut at[*name]
    })
}

/// A rule with its prefix and tags as the filter of the API: alone, or in an `And`.
fn filtered(rule: &Value, table: Table, everything: Option<Value>) -> Value {
    let mut all = forth(rule, table);
    let prefix = text(rule, "Prefix").filter(|prefix| !prefix.is_empty());
    let filter = match (prefix, items(rule, "TagFilters")) {
        (None, []) => everything,
        (Some(prefix), []) => Some(json!({ "Prefix": prefix })),
        (None, [tag]) => Some(json!({ "Tag": tag })),
        (None, tags) => Some(json!({ "And": { "Tags": tags } })),
        (Some(prefix), tags) => Some(json!({ "And": { "Prefix": prefix, "Tags": tags } })),
    };
    set(&mut all, &["Filter"], filter.unwrap_or_default());
    all
}

fn unfiltered(rule: &Value, table: Table) -> Value {
    let mut all = back(rule, table);
    let filter = &rule["Filter"];
    let prefix = [filter, &filter["And"], rule]
        .iter()
        .find_map(|at| text(at, "Prefix").filter(|prefix| !prefix.is_empty()));
    set(&mut all, &["Prefix"], json!(prefix));
    let tags = match (&filter["Tag"], items(&filter["And"], "Tags")) {
        (Value::Null, []) => Value::Null,
        (Value::Null, tags) => json!(tags),
        (tag, _) => json!([tag]),
    };
    set(&mut all, &["TagFilters"], tags);
    all
}

fn notifications_to_api(value: &Value) -> Value {
    let mut all = json!({});
    for (ours, receiver, theirs, arn) in RECEIVERS {
        let configurations: Vec<Value> = items(value, ours)
            .iter()
            .map(|one| {
                let mut configuration = json!({ "Events": [one["Event"]] });
                set(&mut configuration, &[arn], one[receiver].clone());
                set(
                    &mut configuration,
                    &["Filter", "Key", "FilterRules"],
                    one["Filter"]["S3Key"]["Rules"].clone(),
                );
                configuration
            })
            .collect();
        if !configurations.is_empty() {
            set(&mut all, &[theirs], configurations.into());
        }
    }
    if value["EventBridgeConfiguration"]["EventBridgeEnabled"] == true {
        set(&mut all, &["EventBridgeConfiguration"], json!({}));
    }
    all
}

/// CloudFormation has one event to a configuration, the API several.
fn notifications_from_api(value: &Value) -> Value {
    let mut all = Value::Null;
    for (ours, receiver, theirs, arn) in RECEIVERS {
        let mut configurations = Vec::new();
        for one in items(value, theirs) {
            let rules: Vec<Value> = items(&one["Filter"]["Key"], "FilterRules")
                .iter()
                .map(|rule| {
                    // S3 shows `Prefix` for the `prefix` it was given.
                    json!({ "Name": text(rule, "Name").map(|name| name.to_lowercase()), "Value": rule["Value"] })
                })
                .collect();
            for event in items(one, "Events") {
                let mut configuration = json!({ "Event": event, receiver: one[arn] });
                if !rules.is_empty() {
                    set(
                        &mut configuration,
                        &["Filter", "S3Key", "Rules"],
                        json!(rules),
                    );
                }
                configurations.push(configuration);
            }
        }
        if !configurations.is_empty() {
            set(&mut all, &[ours], configurations.into());
        }
    }
    if value
        .get("EventBridgeConfiguration")
        .is_some_and(|bridge| !bridge.is_null())
    {
        set(
            &mut all,
            &["EventBridgeConfiguration", "EventBridgeEnabled"],
            json!(true),
        );
    }
    all
}

#[cfg(test)]
mod tests;
