//! Tables: Amazon DynamoDB, with the scaling of their capacity.

use std::collections::BTreeMap;

use platform_graph::{Graph, Handle, Problems};
use platform_kinds::application_autoscaling::{
    PredefinedMetricSpecification, ScalableTarget, ScalingPolicy, SuspendedState, TargetTracking,
};
use platform_kinds::dynamodb::{
    AttributeDefinition, ContributorInsightsSpecification, GlobalSecondaryIndex,
    ImportSourceSpecification, KeyElement, LocalSecondaryIndex, OnDemandThroughput,
    PointInTimeRecoverySpecification, Projection, ProvisionedThroughput, ResourcePolicy,
    SseSpecification, StreamSpecification, Table as DynamoDb, TimeToLiveSpecification,
    WarmThroughput as Warm,
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::frame::{Frame, Store};
use super::spec::{
    AttributeType, CapacityMode, CapacityRange, GlobalIndex, ImportCompression, ImportFormat,
    IndexCapacity, KeyAttribute, StreamView, Table, TableCapacity, TableClass, TableImport,
    WarmThroughput,
};
use super::{alarms, check, keys};
use crate::schema::is_unknown_text;

const SORT: &str = "table";
/// How many indexes a table can have: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html>.
const MOST_GLOBAL_INDEXES: usize = 20;
const MOST_LOCAL_INDEXES: usize = 5;

/// What a table gives to others.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct TableOutput {
    /// Name of the table in AWS.
    pub name: String,
    /// ARN of the table.
    pub arn: String,
    /// ARN of its stream of changes, where it has one.
    pub stream_arn: Option<String>,
}

/// A direction of use, with the words that its names are made of.
#[derive(Debug, Clone, Copy)]
enum Direction {
    Read,
    Write,
}

impl Direction {
    const BOTH: [Direction; 2] = [Direction::Read, Direction::Write];

    fn word(self) -> &'static str {
        match self {
            Direction::Read => "read",
            Direction::Write => "write",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Direction::Read => "Read",
            Direction::Write => "Write",
        }
    }

    fn range(
        self,
        read: Option<CapacityRange>,
        write: Option<CapacityRange>,
    ) -> Option<CapacityRange> {
        match self {
            Direction::Read => read,
            Direction::Write => write,
        }
    }
}

pub(super) fn check(name: &str, table: &Table, problems: &mut Problems) {
    let at = |more: &[&str]| -> Vec<String> {
        ["tables", name]
            .iter()
            .chain(more)
            .map(|step| (*step).to_owned())
            .collect()
    };
    let provisioned = table.capacity.mode == CapacityMode::Provisioned;
    let TableCapacity {
        read,
        write,
        max_read_units,
        max_write_units,
        ..
    } = table.capacity;
    for (attribute, range) in [("read", read), ("write", write)] {
        match range {
            None if provisioned => problems.error(
                at(&["capacity", attribute]),
                "provisioned capacity needs its limits",
                "Say between how many units it is scaled, or leave `mode` out to pay by the request.",
            ),
            Some(_) if !provisioned => problems.error(
                at(&["capacity", attribute]),
                "limits of capacity are only for provisioned capacity",
                "Leave them out, or set `mode = \"provisioned\"`. What limits on-demand capacity is `max_read_units` and `max_write_units`.",
            ),
            _ => {}
        }
        sound(range, &at(&["capacity", attribute]), problems);
    }
    for (attribute, limit) in [
        ("max_read_units", max_read_units),
        ("max_write_units", max_write_units),
    ] {
        if provisioned && limit.is_some() {
            problems.error(
                at(&["capacity", attribute]),
                "a limit of units is only for on-demand capacity",
                "Provisioned capacity is limited by `max` in `read` and `write`.",
            );
        }
    }
    let counts = [
        (
            "global_indexes",
            table.global_indexes.len(),
            MOST_GLOBAL_INDEXES,
        ),
        (
            "local_indexes",
            table.local_indexes.len(),
            MOST_LOCAL_INDEXES,
        ),
    ];
    for (attribute, count, most) in counts {
        if count > most {
            problems.error(
                at(&[attribute]),
                format!("{count} indexes are too many"),
                format!("A table can have {most} of them."),
            );
        }
    }
    for index in table.local_indexes.keys() {
        if table.global_indexes.contains_key(index) {
            problems.error(
                at(&["local_indexes", index]),
                format!("the table has a global index {index}, too"),
                "Names of indexes are unique in a table.",
            );
        }
    }
    let named = |attribute: &'static str, names: Vec<&String>, problems: &mut Problems| {
        for index in names {
            let sound = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
            if !(3..=255).contains(&index.len()) || !index.chars().all(sound) {
                problems.error(
                    at(&[attribute, index]),
                    format!("{index:?} can't be the name of an index"),
                    "A name has 3 to 255 letters, digits, underscores, hyphens and dots.",
                );
            }
        }
    };
    named(
        "global_indexes",
        table.global_indexes.keys().collect(),
        problems,
    );
    named(
        "local_indexes",
        table.local_indexes.keys().collect(),
        problems,
    );
    if table.sort_key.is_none() && !table.local_indexes.is_empty() {
        problems.error(
            at(&["local_indexes"]),
            "a table without a sort key has no local indexes",
            "Each partition key has one item: use a global index, or give the table a `sort_key`.",
        );
    }
    for (index, spec) in &table.global_indexes {
        let Some(capacity) = &spec.capacity else {
            continue;
        };
        for (attribute, range) in [("read", capacity.read), ("write", capacity.write)] {
            let path = at(&["global_indexes", index, "capacity", attribute]);
            if range.is_some() && !provisioned {
                problems.error(
                    path.clone(),
                    "limits of capacity are only for provisioned capacity",
                    "The capacity of the table is on demand: leave them out, or set `mode = \"provisioned\"` on the table.",
                );
            }
            sound(range, &path, problems);
        }
        let limits = [
            ("max_read_units", capacity.max_read_units),
            ("max_write_units", capacity.max_write_units),
        ];
        for (attribute, limit) in limits {
            if provisioned && limit.is_some() {
                problems.error(
                    at(&["global_indexes", index, "capacity", attribute]),
                    "a limit of units is only for on-demand capacity",
                    "The capacity of the table is provisioned: set `max` in `read` and `write`.",
                );
            }
        }
    }
    types(table, &at, problems);
    if let Some(policy) = &table.resource_policy
        && !is_unknown_text(policy)
        && !serde_json::from_str::<Value>(policy).is_ok_and(|policy| policy.is_object())
    {
        problems.error(
            at(&["resource_policy"]),
            "the policy is no JSON object",
            "Write it with `jsonencode({ ... })` or take the `json` of a `data.aws_iam_policy_document`.",
        );
    }
    if table.import_from_s3.is_some() && !table.local_indexes.is_empty() {
        problems.error(
            at(&["import_from_s3"]),
            "DynamoDB does not import into a table with local indexes",
            "Use global indexes, or fill the table by other means.",
        );
    }
    check::name(&["tables"], name, problems);
}

fn sound(range: Option<CapacityRange>, path: &[String], problems: &mut Problems) {
    if let Some(CapacityRange { min, max, .. }) = range
        && min > max
    {
        problems.error(
            path.iter().cloned().chain(["max".to_owned()]),
            format!("{max} is less than `min`"),
            format!("Say {min} or more."),
        );
    }
}

/// Every key of a table with the path of its attribute: of the table itself, then of its indexes.
fn key_attributes(table: &Table) -> Vec<(Vec<&str>, &KeyAttribute)> {
    let mut keys = vec![(vec!["partition_key"], &table.partition_key)];
    keys.extend(table.sort_key.iter().map(|key| (vec!["sort_key"], key)));
    for (name, index) in &table.global_indexes {
        keys.push((
            vec!["global_indexes", name, "partition_key"],
            &index.partition_key,
        ));
        let sort = index.sort_key.iter();
        keys.extend(sort.map(|key| (vec!["global_indexes", name.as_str(), "sort_key"], key)));
    }
    for (name, index) in &table.local_indexes {
        keys.push((vec!["local_indexes", name, "sort_key"], &index.sort_key));
    }
    keys
}

/// An attribute has one type, whatever keys it is part of.
fn types(table: &Table, at: &dyn Fn(&[&str]) -> Vec<String>, problems: &mut Problems) {
    let mut known: BTreeMap<&str, AttributeType> = BTreeMap::new();
    for (path, key) in key_attributes(table) {
        let first = *known.entry(&key.name).or_insert(key.value_type);
        if first != key.value_type {
            problems.error(
                at(&path).into_iter().chain(["type".to_owned()]),
                format!(
                    "{:?} has another type in another key of the table",
                    key.name
                ),
                "An attribute has one type, whatever keys it is part of.",
            );
        }
    }
    let pairs = std::iter::once((Vec::new(), &table.partition_key, table.sort_key.as_ref())).chain(
        table.global_indexes.iter().map(|(name, index)| {
            (
                vec!["global_indexes", name.as_str()],
                &index.partition_key,
                index.sort_key.as_ref(),
            )
        }),
    );
    for (path, partition, sort) in pairs {
        if sort.is_some_and(|sort| sort.name == partition.name) {
            let path: Vec<&str> = path.into_iter().chain(["sort_key"]).collect();
            problems.error(
                at(&path),
                "the sort key is the partition key",
                "Name another attribute, or leave the sort key out.",
            );
        }
    }
}

pub(super) fn add(frame: &Frame<'_>, name: &str, spec: &Table, graph: &mut Graph) {
    let store = frame.store(SORT, name);
    let key = keys::of(&store, graph);
    let table = graph.add(
        store.address(),
        "keeps items that are found by their keys",
        DynamoDb {
            table_name: store.physical_name(),
            attribute_definitions: Some(definitions(spec)),
            key_schema: key_schema(&spec.partition_key, spec.sort_key.as_ref()),
            // Asked for, so that an index that somebody else makes shows in a plan: it is paid for.
            global_secondary_indexes: Some(global_indexes(spec)),
            local_secondary_indexes: Some(local_indexes(spec)),
            billing_mode: Some(
                match spec.capacity.mode {
                    CapacityMode::OnDemand => "PAY_PER_REQUEST",
                    CapacityMode::Provisioned => "PROVISIONED",
                }
                .to_owned(),
            ),
            provisioned_throughput: provisioned(spec.capacity.read, spec.capacity.write),
            on_demand_throughput: on_demand(
                spec.capacity.max_read_units,
                spec.capacity.max_write_units,
            ),
            warm_throughput: spec.warm_throughput.map(warm),
            stream_specification: spec.stream.map(|view| StreamSpecification {
                stream_view_type: match view {
                    StreamView::KeysOnly => "KEYS_ONLY",
                    StreamView::NewImage => "NEW_IMAGE",
                    StreamView::OldImage => "OLD_IMAGE",
                    StreamView::NewAndOldImages => "NEW_AND_OLD_IMAGES",
                }
                .to_owned(),
            }),
            sse_specification: Some(SseSpecification {
                kms_master_key_id: Some(key),
                sse_enabled: true,
                sse_type: Some("KMS".to_owned()),
            }),
            point_in_time_recovery_specification: Some(PointInTimeRecoverySpecification {
                point_in_time_recovery_enabled: spec.point_in_time_recovery.enabled,
                recovery_period_in_days: spec
                    .point_in_time_recovery
                    .enabled
                    .then_some(spec.point_in_time_recovery.days),
            }),
            // Asked for, so that items that somebody lets expire show in a plan.
            time_to_live_specification: Some(TimeToLiveSpecification {
                attribute_name: spec.ttl_attribute.clone(),
                enabled: spec.ttl_attribute.is_some(),
            }),
            contributor_insights_specification: Some(ContributorInsightsSpecification {
                enabled: spec.contributor_insights,
                mode: None,
            }),
            deletion_protection_enabled: Some(
                spec.deletion_protection
                    .unwrap_or(frame.spec.deletion_protection),
            ),
            table_class: Some(
                match spec.class {
                    TableClass::Standard => "STANDARD",
                    TableClass::InfrequentAccess => "STANDARD_INFREQUENT_ACCESS",
                }
                .to_owned(),
            ),
            resource_policy: spec.resource_policy.as_ref().map(|text| ResourcePolicy {
                policy_document: serde_json::from_str(text)
                    .unwrap_or_else(|_| Value::String(text.clone())),
            }),
            import_source_specification: spec.import_from_s3.as_ref().map(import),
            ..DynamoDb::default()
        },
    );
    if spec.capacity.mode == CapacityMode::Provisioned {
        scale(&store, spec, &table, graph);
    }
    watch(&store, spec, &table, graph);
}

fn element(key: &KeyAttribute, key_type: &str) -> KeyElement {
    KeyElement {
        attribute_name: key.name.clone(),
        key_type: key_type.to_owned(),
    }
}

fn key_schema(partition: &KeyAttribute, sort: Option<&KeyAttribute>) -> Vec<KeyElement> {
    std::iter::once(element(partition, "HASH"))
        .chain(sort.map(|key| element(key, "RANGE")))
        .collect()
}

/// Types of all attributes in keys, by name.
fn definitions(spec: &Table) -> Vec<AttributeDefinition> {
    let types: BTreeMap<&str, AttributeType> = key_attributes(spec)
        .into_iter()
        .map(|(_, key)| (key.name.as_str(), key.value_type))
        .collect();
    types
        .into_iter()
        .map(|(name, value_type)| AttributeDefinition {
            attribute_name: name.to_owned(),
            attribute_type: match value_type {
                AttributeType::String => "S",
                AttributeType::Number => "N",
                AttributeType::Binary => "B",
            }
            .to_owned(),
        })
        .collect()
}

fn projection(attributes: Option<&std::collections::BTreeSet<String>>) -> Projection {
    let (projection_type, non_key_attributes) = match attributes {
        None => ("ALL", None),
        Some(none) if none.is_empty() => ("KEYS_ONLY", None),
        Some(some) => ("INCLUDE", Some(some.iter().cloned().collect())),
    };
    Projection {
        projection_type: projection_type.to_owned(),
        non_key_attributes,
    }
}

fn provisioned(
    read: Option<CapacityRange>,
    write: Option<CapacityRange>,
) -> Option<ProvisionedThroughput> {
    Some(ProvisionedThroughput {
        read_capacity_units: read?.min.into(),
        write_capacity_units: write?.min.into(),
    })
}

fn on_demand(read: Option<u32>, write: Option<u32>) -> Option<OnDemandThroughput> {
    let limits = OnDemandThroughput {
        max_read_request_units: read.map(u64::from),
        max_write_request_units: write.map(u64::from),
    };
    (limits != OnDemandThroughput::default()).then_some(limits)
}

fn warm(spec: WarmThroughput) -> Warm {
    Warm {
        read_units_per_second: spec.read_units.map(u64::from),
        write_units_per_second: spec.write_units.map(u64::from),
    }
}

/// The capacity of an index: what it does not say itself is that of its table.
fn capacity_of(index: &GlobalIndex, table: &TableCapacity) -> IndexCapacity {
    let own = index.capacity.clone().unwrap_or_default();
    IndexCapacity {
        read: own.read.or(table.read),
        write: own.write.or(table.write),
        max_read_units: own.max_read_units.or(table.max_read_units),
        max_write_units: own.max_write_units.or(table.max_write_units),
    }
}

fn global_indexes(spec: &Table) -> Vec<GlobalSecondaryIndex> {
    let index = |(name, index): (&String, &GlobalIndex)| {
        let capacity = capacity_of(index, &spec.capacity);
        GlobalSecondaryIndex {
            index_name: name.clone(),
            key_schema: key_schema(&index.partition_key, index.sort_key.as_ref()),
            projection: projection(index.attributes.as_ref()),
            provisioned_throughput: provisioned(capacity.read, capacity.write),
            on_demand_throughput: on_demand(capacity.max_read_units, capacity.max_write_units),
            warm_throughput: index.warm_throughput.map(warm),
        }
    };
    spec.global_indexes.iter().map(index).collect()
}

fn local_indexes(spec: &Table) -> Vec<LocalSecondaryIndex> {
    let indexes = spec.local_indexes.iter();
    indexes
        .map(|(name, index)| LocalSecondaryIndex {
            index_name: name.clone(),
            key_schema: key_schema(&spec.partition_key, Some(&index.sort_key)),
            projection: projection(index.attributes.as_ref()),
        })
        .collect()
}

fn import(spec: &TableImport) -> ImportSourceSpecification {
    let mut source = json!({ "S3Bucket": spec.bucket });
    if let Some(prefix) = &spec.prefix {
        source["S3KeyPrefix"] = json!(prefix);
    }
    if let Some(owner) = &spec.bucket_owner {
        source["S3BucketOwner"] = json!(owner);
    }
    ImportSourceSpecification {
        input_compression_type: Some(
            match spec.compression {
                ImportCompression::None => "NONE",
                ImportCompression::Gzip => "GZIP",
                ImportCompression::Zstd => "ZSTD",
            }
            .to_owned(),
        ),
        input_format: match spec.format {
            ImportFormat::DynamodbJson => "DYNAMODB_JSON",
            ImportFormat::Ion => "ION",
            ImportFormat::Csv => "CSV",
        }
        .to_owned(),
        input_format_options: None,
        s3_bucket_source: source,
    }
}

/// Scales the capacity of a table and of each of its indexes, in both directions.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/AutoScaling.html>
fn scale(store: &Store<'_>, spec: &Table, table: &Handle, graph: &mut Graph) {
    let own = (
        String::new(),
        format!("table/{}", table.id()),
        "table",
        IndexCapacity {
            read: spec.capacity.read,
            write: spec.capacity.write,
            ..IndexCapacity::default()
        },
    );
    let indexes = spec.global_indexes.iter().map(|(name, index)| {
        (
            format!("index/{name}/"),
            format!("table/{}/index/{name}", table.id()),
            "index",
            capacity_of(index, &spec.capacity),
        )
    });
    for (prefix, resource, what, capacity) in std::iter::once(own).chain(indexes) {
        for direction in Direction::BOTH {
            let Some(range) = direction.range(capacity.read, capacity.write) else {
                continue;
            };
            let (word, title) = (direction.word(), direction.title());
            let address = store.part(&format!("{prefix}scaling/{word}"));
            let target = graph.add(
                address.clone(),
                format!(
                    "keeps the capacity to {word} between {} and {} units",
                    range.min, range.max
                ),
                ScalableTarget {
                    service_namespace: "dynamodb".to_owned(),
                    resource_id: resource.clone(),
                    scalable_dimension: format!("dynamodb:{what}:{title}CapacityUnits"),
                    min_capacity: range.min,
                    max_capacity: range.max,
                    // Asked for, so that scaling that somebody suspended shows in a plan.
                    suspended_state: Some(SuspendedState::default()),
                    ..ScalableTarget::default()
                },
            );
            graph.add(
                format!("{address}/policy"),
                format!(
                    "has {} percent of the capacity to {word} in use",
                    range.target_percent
                ),
                ScalingPolicy {
                    policy_name: format!("{}/{prefix}{word}", store.physical_name()),
                    policy_type: "TargetTrackingScaling".to_owned(),
                    scaling_target_id: target.id(),
                    target_tracking_scaling_policy_configuration: Some(TargetTracking {
                        target_value: range.target_percent.into(),
                        predefined_metric_specification: Some(PredefinedMetricSpecification {
                            predefined_metric_type: format!("DynamoDB{title}CapacityUtilization"),
                            resource_label: None,
                        }),
                        ..TargetTracking::default()
                    }),
                    ..ScalingPolicy::default()
                },
            );
        }
    }
}

/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html>
fn watch(store: &Store<'_>, spec: &Table, table: &Handle, graph: &mut Graph) {
    let words = store.words();
    let provisioned = spec.capacity.mode == CapacityMode::Provisioned;
    for direction in Direction::BOTH {
        let (word, title) = (direction.word(), direction.title());
        let throttles = format!("{title}ThrottleEvents");
        let indexes = spec.global_indexes.keys().map(Some);
        for index in std::iter::once(None).chain(indexes) {
            let mut dimensions = vec![("TableName", table.id())];
            let (name, what) = match index {
                None => (format!("{word}-throttles"), words.clone()),
                Some(index) => {
                    dimensions.push(("GlobalSecondaryIndexName", index.clone()));
                    (
                        format!("index/{index}/{word}-throttles"),
                        format!("index {index} of {words}"),
                    )
                }
            };
            alarms::add(
                store,
                alarms::Watch {
                    name: &name,
                    meaning: format!("{what} has refused to {word} for 5 minutes"),
                    advice: "Look for a key that is used more than others, then raise the capacity or its limit.",
                    namespace: "AWS/DynamoDB",
                    metric: &throttles,
                    statistic: "Sum",
                    dimensions,
                    comparison: "GreaterThanThreshold",
                    threshold: 0.0,
                    period: 60,
                    periods: 5,
                    missing: "notBreaching",
                },
                graph,
            );
        }
        let limit = match direction {
            Direction::Read => spec.capacity.max_read_units,
            Direction::Write => spec.capacity.max_write_units,
        };
        let scaled = direction.range(spec.capacity.read, spec.capacity.write);
        let most = if provisioned {
            scaled.map(|range| range.max)
        } else {
            limit
        };
        if let Some(most) = most {
            let metric = format!("Consumed{title}CapacityUnits");
            alarms::add(
                store,
                alarms::Watch {
                    name: &format!("{word}-limit"),
                    meaning: format!(
                        "{words} has used nine tenths of the {most} units to {word} that it may have for 15 minutes"
                    ),
                    advice: "Raise the limit before it refuses.",
                    namespace: "AWS/DynamoDB",
                    metric: &metric,
                    statistic: "Sum",
                    dimensions: vec![("TableName", table.id())],
                    comparison: "GreaterThanThreshold",
                    // The metric counts the units of all seconds of the period.
                    threshold: f64::from(most) * 0.9 * 300.0,
                    period: 300,
                    periods: 3,
                    missing: "notBreaching",
                },
                graph,
            );
        }
    }
}

pub(super) fn output(frame: &Frame<'_>, name: &str, spec: &Table) -> TableOutput {
    let table = Handle::to(frame.store(SORT, name).address());
    TableOutput {
        name: table.id(),
        arn: table.attribute("Arn"),
        stream_arn: spec.stream.map(|_| table.attribute("StreamArn")),
    }
}
