//! `AWS::DynamoDB::Table`: a table of items in one Region.
//!
//! Reads `DescribeTable`, `ListTagsOfResource`, `DescribeContinuousBackups`, `DescribeTimeToLive` and `GetResourcePolicy`, and
//! where they are asked for `DescribeContributorInsights` and `DescribeKinesisStreamingDestination`; writes `CreateTable` or
//! `ImportTable`, `UpdateTable` and one operation for each of the other settings.
//!
//! # Flow
//! DynamoDB takes one change of a table at a time: one index made or deleted, or its capacity, or its stream, and so on. An update
//! sends the settings that have operations of their own and then the first of these changes; once the table is active again it
//! differs less, and the next one follows. Indexes that go are deleted before others are made.
//!
//! # Guarantees
//! - Capacity at or above what is asked for is as asked: Application Auto Scaling raises it, and warm throughput grows with use.
//!   No update lowers it on the way. Who wants a fixed capacity gives a scalable target two equal limits.
//! - A table that AWS is updating is live where it shows all that is asked for already: a capacity that is being scaled does not
//!   show in a plan.
//!
//! # Caveats
//! - The name is the identity: a table of that name that somebody else made is shown with its own tags.
//! - Definitions of attributes that are in no key are not shown. A new type for an attribute of the table's own key can't be had.
//! - Time to live that is switched off can be switched on again, for another attribute, after up to an hour: until then it waits.
//! - Contributor Insights and the Kinesis stream are looked at only when they are asked for; to end the former ask for
//!   `Enabled: false`.
//! - An import takes no tags: they are set once the table is there. It takes no local indexes and no stream either.
//! - A table whose key of KMS can't be used is not usable, and is archived after a week.
//! - A table with deletion protection is not deleted: AWS refuses until the protection is taken off.
//! - AWS refuses to delete a table in the Region from which a replica was added within 24 hours, as long as there are replicas. Later it
//!   deletes the table, and the replicas go on without it: those that nobody here asked for are told before.
//! - A table with [replicas](super::TableReplica) in other Regions keeps its stream of both images: AWS refuses to end it before the last
//!   replica is gone.
//! - Switching to on-demand capacity is possible a few times a day only; AWS says when the next time is.
//!
//! See <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html>.

use platform_graph::{Attributes, Blocker, Call, Claim, Identity, Kind, Live, Seen, Tags};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::indexes::{
    self, AttributeDefinition, GlobalSecondaryIndex, KeyElement, LocalSecondaryIndex,
};
use super::properties::{
    ContributorInsightsSpecification, ImportSourceSpecification, KinesisStreamSpecification,
    OnDemandThroughput, PointInTimeRecoverySpecification, ProvisionedThroughput, ResourcePolicy,
    SseSpecification, StreamSpecification, TimeToLiveSpecification, WarmThroughput,
};
use super::settings;
use crate::{census, policy, reply};

mod change;
mod seen;
#[cfg(test)]
mod tests;

const ON_DEMAND: &str = "PAY_PER_REQUEST";
const PROVISIONED: &str = "PROVISIONED";

/// A table.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Table {
    /// Name, unique in account and Region, 3 to 255 characters; can't change.
    #[serde(default)]
    pub table_name: String,
    /// Types of the attributes in keys, of the table and of its indexes.
    pub attribute_definitions: Option<Vec<AttributeDefinition>>,
    /// The key: a partition key, and a sort key where there is one; can't change.
    #[serde(default)]
    pub key_schema: Vec<KeyElement>,
    /// Indexes over all items by other keys.
    pub global_secondary_indexes: Option<Vec<GlobalSecondaryIndex>>,
    /// Indexes over the items of one partition key; can't change.
    pub local_secondary_indexes: Option<Vec<LocalSecondaryIndex>>,
    /// `PROVISIONED` (AWS's default) or `PAY_PER_REQUEST`.
    pub billing_mode: Option<String>,
    /// Capacity of a provisioned table, at least.
    pub provisioned_throughput: Option<ProvisionedThroughput>,
    /// The most that on-demand capacity grows to.
    pub on_demand_throughput: Option<OnDemandThroughput>,
    /// What it can bear at once, at least.
    pub warm_throughput: Option<WarmThroughput>,
    /// The stream of its changes.
    pub stream_specification: Option<StreamSpecification>,
    /// The key that encrypts it; a key that AWS owns without.
    #[serde(rename = "SSESpecification")]
    pub sse_specification: Option<SseSpecification>,
    /// Whether it can be restored to any second of the past.
    pub point_in_time_recovery_specification: Option<PointInTimeRecoverySpecification>,
    /// The attribute that says when an item expires.
    pub time_to_live_specification: Option<TimeToLiveSpecification>,
    /// Whether CloudWatch shows the keys that are used most.
    pub contributor_insights_specification: Option<ContributorInsightsSpecification>,
    /// Whether AWS refuses to delete it; AWS's default is `false`.
    pub deletion_protection_enabled: Option<bool>,
    /// `STANDARD` (AWS's default) or `STANDARD_INFREQUENT_ACCESS`.
    pub table_class: Option<String>,
    /// Who may use it, besides whom IAM lets.
    pub resource_policy: Option<ResourcePolicy>,
    /// A stream of Kinesis that gets every change.
    pub kinesis_stream_specification: Option<KinesisStreamSpecification>,
    /// Objects in S3 that it is filled with when it is made; can't change.
    pub import_source_specification: Option<ImportSourceSpecification>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// A list without its empty form, which the operations refuse.
fn some<I>(list: Option<&Vec<I>>) -> Option<&Vec<I>> {
    list.filter(|list| !list.is_empty())
}

/// A call about the table with the ARN among these attributes.
fn by_arn(action: &'static str, attributes: &Attributes) -> Call {
    Call::new("dynamodb", action).with("ResourceArn", attributes.get("Arn"))
}

impl Table {
    fn call(&self, action: &'static str) -> Call {
        Call::new("dynamodb", action).with("TableName", &self.table_name)
    }

    /// The members that `CreateTable` and `ImportTable` share.
    fn birth(&self, call: Call) -> Call {
        let encrypted = self
            .sse_specification
            .as_ref()
            .map(|asked| SseSpecification::member(Some(asked)));
        call.with("AttributeDefinitions", &self.attribute_definitions)
            .with("KeySchema", &self.key_schema)
            .with("BillingMode", &self.billing_mode)
            .with("ProvisionedThroughput", self.provisioned_throughput)
            .with("OnDemandThroughput", self.on_demand_throughput)
            .with(
                "GlobalSecondaryIndexes",
                some(self.global_secondary_indexes.as_ref()),
            )
            .with("SSESpecification", encrypted)
    }
}

impl Kind for Table {
    const TYPE: &'static str = "AWS::DynamoDB::Table";
    const CREATE_ONLY: &'static [&'static str] = &[
        "ImportSourceSpecification",
        "KeySchema",
        "LocalSecondaryIndexes",
        "TableName",
    ];
    const UNORDERED: &'static [&'static str] = &["AttributeDefinitions"];
    const ATTRIBUTES: &'static [&'static str] =
        &["Arn", "CreationDateTime", "StreamArn", "TableId"];
    const LASTING: &'static [&'static str] = &["Arn", "TableId"];
    const VOLATILE: &'static [&'static str] = &["StreamArn"];
    const DETAILS_NEED: &'static [&'static str] = &["Arn"];
    const BORN: &'static str = "CreationDateTime";
    const STATEFUL: bool = true;
    const PROTECTED_BY: &'static str = "DeletionProtectionEnabled";
    const TAGGED: bool = true;
    const CLEARED: bool = true;
    const EXPECTED_SECONDS: u32 = 15;
    // An index over many items takes hours.
    const DEADLINE_SECONDS: u32 = 14_400;

    fn find(&self, _me: &Identity) -> Vec<Call> {
        vec![self.call("DescribeTable")]
    }

    fn details_again(&self, _me: &Identity, _id: &str, known: &Attributes) -> Vec<Call> {
        let mut calls = vec![
            by_arn("ListTagsOfResource", known),
            by_arn("GetResourcePolicy", known),
            self.call("DescribeContinuousBackups"),
            self.call("DescribeTimeToLive"),
        ];
        if self.contributor_insights_specification.is_some() {
            calls.push(self.call("DescribeContributorInsights"));
        }
        if self.kinesis_stream_specification.is_some() {
            calls.push(self.call("DescribeKinesisStreamingDestination"));
        }
        calls
    }

    fn read(&self, _me: &Identity, replies: &[Value]) -> Seen<Self> {
        let Some(shown) = replies
            .first()
            .and_then(|reply| reply.get("Table"))
            .filter(|table| table["TableName"] == *self.table_name)
        else {
            return Seen::Absent;
        };
        let id = self.table_name.clone();
        let details = replies.get(1..).unwrap_or_default();
        let seen = self.seen(shown, details);
        let status = shown["TableStatus"].as_str().unwrap_or("ACTIVE");
        match status {
            "CREATING" => {
                let why = "being created".to_owned();
                return Seen::Pending { id, why };
            }
            "DELETING" => return Seen::Deleting { id },
            "INACCESSIBLE_ENCRYPTION_CREDENTIALS" => {
                let why = "its KMS key can't be used; it is archived when that stays so for 7 days";
                return Seen::Failed {
                    id,
                    why: why.to_owned(),
                };
            }
            "ARCHIVING" | "ARCHIVED" => {
                let why = "it is archived, because its KMS key could not be used; restore it from its backup";
                return Seen::Failed {
                    id,
                    why: why.to_owned(),
                };
            }
            // Details are asked of what is live.
            _ if details.is_empty() => {}
            _ => {
                if let Some(why) = self.in_motion(shown, details) {
                    return Seen::Pending { id, why };
                }
                if status == "UPDATING" && !settings::met(self, &seen) {
                    let why = "being updated".to_owned();
                    return Seen::Pending { id, why };
                }
            }
        }
        let stream =
            reply::text(shown, "LatestStreamArn").filter(|_| seen.stream_specification.is_some());
        let attributes = [
            ("Arn", reply::text(shown, "TableArn")),
            ("CreationDateTime", reply::text(shown, "CreationDateTime")),
            ("StreamArn", stream),
            ("TableId", reply::text(shown, "TableId")),
        ];
        Seen::Live(Live {
            id,
            properties: seen,
            attributes: attributes
                .into_iter()
                .filter_map(|(name, value)| Some((name.to_owned(), json!(value?))))
                .collect(),
        })
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        if let Some(import) = &self.import_source_specification {
            let table = self.birth(self.call("ImportTable"));
            return vec![
                Call::new("dynamodb", "ImportTable")
                    .with("S3BucketSource", &import.s3_bucket_source)
                    .with("InputFormat", &import.input_format)
                    .with("InputFormatOptions", &import.input_format_options)
                    .with("InputCompressionType", &import.input_compression_type)
                    .with("TableCreationParameters", table.params)
                    .idempotent("ClientToken"),
            ];
        }
        let stream = self.stream_specification.as_ref().map(
            |stream| json!({ "StreamEnabled": true, "StreamViewType": stream.stream_view_type }),
        );
        let policy = self
            .resource_policy
            .as_ref()
            .map(|asked| policy::text(&asked.policy_document));
        vec![
            self.birth(self.call("CreateTable"))
                .with(
                    "LocalSecondaryIndexes",
                    some(self.local_secondary_indexes.as_ref()),
                )
                .with("StreamSpecification", stream)
                .with("TableClass", &self.table_class)
                .with(
                    "DeletionProtectionEnabled",
                    self.deletion_protection_enabled,
                )
                .with("WarmThroughput", self.warm_throughput)
                .with("ResourcePolicy", policy)
                .with("Tags", reply::tag_list(&self.tags, "Key", "Value")),
        ]
    }

    fn created(&self, _me: &Identity, _reply: &Value) -> Option<String> {
        Some(self.table_name.clone())
    }

    fn unsettled(&self, changed: &[&str]) -> &'static [&'static str] {
        match changed.contains(&"StreamSpecification") {
            true => Self::VOLATILE,
            false => &[],
        }
    }

    fn update(&self, _me: &Identity, live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        let is = |name: &str| changed.contains(&name);
        let mut calls = self.settings(live, is);
        calls.extend(self.step(live, is));
        calls
    }

    fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
        settings::retag(|action| by_arn(action, &live.attributes), set, remove)
    }

    fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        vec![Call::new("dynamodb", "DeleteTable").with("TableName", id)]
    }

    fn blockers(&self, _me: &Identity, id: &str, replies: &[Value]) -> Vec<Call> {
        match replies.is_empty() {
            true => vec![Call::new("dynamodb", "DescribeTable").with("TableName", id)],
            false => Vec::new(),
        }
    }

    fn blocking(&self, _me: &Identity, _id: &str, replies: &[Value]) -> Vec<Blocker> {
        let table = replies.first().and_then(|reply| reply.get("Table"));
        let replicas = table.into_iter().flat_map(super::replicas);
        replicas
            .map(|(arn, _)| Blocker {
                what: format!(
                    "replica in {} with a copy of the items: delete it, or let it go on without this table",
                    arn.region
                ),
                tags: Tags::new(),
                remove: Vec::new(),
                lingers_seconds: 0,
                holds_data: false,
                id: arn.whole,
            })
            .collect()
    }

    fn known_by(id: &str) -> Self {
        Table {
            table_name: id.to_owned(),
            ..Table::default()
        }
    }

    fn census(replies: &[Value]) -> Vec<Call> {
        census::of_service(replies, "dynamodb")
    }

    fn counted(replies: &[Value]) -> Vec<Claim> {
        // A table elsewhere than its owner is a replica.
        super::counted(replies, |arn, owner| arn.region == owner.region)
            .map(|(arn, tags)| Claim { id: arn.name, tags })
            .collect()
    }

    fn same(property: &str, live: &Value, desired: &Value) -> bool {
        match property {
            "AttributeDefinitions" => {
                let definitions = |value: &Value| {
                    let mut list: Vec<AttributeDefinition> =
                        serde_json::from_value(value.clone()).unwrap_or_default();
                    list.sort_by(|one, other| one.attribute_name.cmp(&other.attribute_name));
                    list
                };
                definitions(live) == definitions(desired)
            }
            "GlobalSecondaryIndexes" => indexes::same_global(live, desired),
            "LocalSecondaryIndexes" => indexes::same_local(live, desired),
            "ProvisionedThroughput" => both(live, desired, ProvisionedThroughput::covers),
            "WarmThroughput" => both(live, desired, WarmThroughput::covers),
            "ResourcePolicy" => policy::same(&live["PolicyDocument"], &desired["PolicyDocument"]),
            "PointInTimeRecoverySpecification"
            | "ContributorInsightsSpecification"
            | "KinesisStreamSpecification"
            | "SSESpecification" => settings::says_all(live, desired),
            "TimeToLiveSpecification" if live["Enabled"] == false => desired["Enabled"] == false,
            _ => live == desired,
        }
    }
}

fn both<T: serde::de::DeserializeOwned>(
    live: &Value,
    desired: &Value,
    same: impl Fn(&T, &T) -> bool,
) -> bool {
    let typed = |value: &Value| serde_json::from_value(value.clone()).ok();
    match (typed(live), typed(desired)) {
        (Some(live), Some(desired)) => same(&live, &desired),
        _ => false,
    }
}
