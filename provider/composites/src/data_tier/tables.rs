//! Tables: Amazon DynamoDB, with the scaling of their capacity and their replicas in other regions.

mod check;
mod replicas;
mod scaling;
mod watch;

pub(super) use check::check;
pub(super) use replicas::weigh;

use std::collections::BTreeMap;

use platform_graph::{Graph, Handle, Problems};
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

use super::frame::Frame;
use super::keys;
use super::spec::{
    AttributeType, CapacityMode, CapacityRange, GlobalIndex, ImportCompression, ImportFormat,
    IndexCapacity, KeyAttribute, PointInTimeRecovery, StreamView, Table, TableCapacity, TableClass,
    TableImport, WarmThroughput,
};

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
    /// ARNs of its replicas, by region.
    pub replica_arns: BTreeMap<String, String>,
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

pub(super) fn add(
    frame: &Frame<'_>,
    name: &str,
    spec: &Table,
    graph: &mut Graph,
    problems: &mut Problems,
) {
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
            point_in_time_recovery_specification: Some(recovery(spec.point_in_time_recovery)),
            // Asked for, so that items that somebody lets expire show in a plan.
            time_to_live_specification: Some(TimeToLiveSpecification {
                attribute_name: spec.ttl_attribute.clone(),
                enabled: spec.ttl_attribute.is_some(),
            }),
            contributor_insights_specification: Some(insights(spec.contributor_insights)),
            deletion_protection_enabled: Some(
                spec.deletion_protection
                    .unwrap_or(frame.spec.deletion_protection),
            ),
            table_class: Some(class(spec.class)),
            resource_policy: spec.resource_policy.as_deref().map(policy),
            import_source_specification: spec.import_from_s3.as_ref().map(import),
            ..DynamoDb::default()
        },
    );
    let scaling = match spec.capacity.mode {
        CapacityMode::Provisioned => scaling::scale(&store, spec, &table, graph),
        CapacityMode::OnDemand => Vec::new(),
    };
    watch::watch(&store, spec, &table, graph);
    replicas::add(&store, spec, &table, &scaling, graph, problems);
}

fn recovery(spec: PointInTimeRecovery) -> PointInTimeRecoverySpecification {
    PointInTimeRecoverySpecification {
        point_in_time_recovery_enabled: spec.enabled,
        recovery_period_in_days: spec.enabled.then_some(spec.days),
    }
}

fn insights(enabled: bool) -> ContributorInsightsSpecification {
    ContributorInsightsSpecification {
        enabled,
        mode: None,
    }
}

fn class(class: TableClass) -> String {
    match class {
        TableClass::Standard => "STANDARD",
        TableClass::InfrequentAccess => "STANDARD_INFREQUENT_ACCESS",
    }
    .to_owned()
}

fn policy(text: &str) -> ResourcePolicy {
    ResourcePolicy {
        policy_document: serde_json::from_str(text)
            .unwrap_or_else(|_| Value::String(text.to_owned())),
    }
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

pub(super) fn output(frame: &Frame<'_>, name: &str, spec: &Table) -> TableOutput {
    let table = Handle::to(frame.store(SORT, name).address());
    TableOutput {
        name: table.id(),
        arn: table.attribute("Arn"),
        stream_arn: spec.stream.map(|_| table.attribute("StreamArn")),
        replica_arns: replicas::arns(frame, name, spec),
    }
}
