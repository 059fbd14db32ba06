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
//! - Switching to on-demand capacity is possible a few times a day only; AWS says when the next time is.
//!
//! See <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html>.

use platform_graph::{Attributes, Call, Claim, Identity, Kind, Live, Seen, Tags};
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
use crate::{census, policy, reply};

const ON_DEMAND: &str = "PAY_PER_REQUEST";
const PROVISIONED: &str = "PROVISIONED";
/// Days that point-in-time recovery goes back when none are asked for.
const DEFAULT_PERIOD: u32 = 35;

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

fn arn(attributes: &Attributes) -> Option<&Value> {
    attributes.get("Arn")
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

    /// Types of the attributes that keys of the shown table use, in the order in which they are asked for.
    fn definitions(&self, shown: &Value) -> Vec<AttributeDefinition> {
        let indexes = ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"]
            .map(|member| reply::items(shown, member));
        let keys: Vec<KeyElement> = std::iter::once(shown)
            .chain(indexes.into_iter().flatten())
            .flat_map(indexes::key)
            .collect();
        let mut used: Vec<AttributeDefinition> =
            serde_json::from_value(shown["AttributeDefinitions"].clone()).unwrap_or_default();
        used.retain(|definition| {
            keys.iter()
                .any(|key| key.attribute_name == definition.attribute_name)
        });
        let asked = self.attribute_definitions.as_deref().unwrap_or_default();
        used.sort_by_key(|definition| {
            asked
                .iter()
                .position(|asked| asked.attribute_name == definition.attribute_name)
                .unwrap_or(asked.len())
        });
        used
    }

    fn time_to_live(&self, replies: &[Value]) -> Option<TimeToLiveSpecification> {
        let shown = &reply::having(replies, "TimeToLiveDescription")?["TimeToLiveDescription"];
        let enabled = matches!(
            shown["TimeToLiveStatus"].as_str(),
            Some("ENABLED" | "ENABLING")
        );
        let off = TimeToLiveSpecification::default();
        let live = TimeToLiveSpecification {
            attribute_name: reply::text(shown, "AttributeName").filter(|_| enabled),
            enabled,
        };
        reply::unless_default(Some(live), off, self.time_to_live_specification.as_ref())
    }

    fn recovery(&self, replies: &[Value]) -> Option<PointInTimeRecoverySpecification> {
        let shown = &reply::having(replies, "ContinuousBackupsDescription")?["ContinuousBackupsDescription"]
            ["PointInTimeRecoveryDescription"];
        let enabled = shown["PointInTimeRecoveryStatus"] == "ENABLED";
        let days = reply::number(shown, "RecoveryPeriodInDays").unwrap_or(DEFAULT_PERIOD);
        let live = PointInTimeRecoverySpecification {
            point_in_time_recovery_enabled: enabled,
            recovery_period_in_days: enabled.then_some(days),
        };
        let asked = self.point_in_time_recovery_specification.as_ref();
        reply::unless_default(
            Some(live),
            PointInTimeRecoverySpecification::default(),
            asked,
        )
    }

    fn insights(replies: &[Value]) -> Option<ContributorInsightsSpecification> {
        let shown = reply::having(replies, "ContributorInsightsStatus")?;
        let status = shown["ContributorInsightsStatus"].as_str();
        let enabled = matches!(status, Some("ENABLED" | "ENABLING"));
        Some(ContributorInsightsSpecification {
            enabled,
            mode: reply::text(shown, "ContributorInsightsMode").filter(|_| enabled),
        })
    }

    fn kinesis(replies: &[Value]) -> Option<KinesisStreamSpecification> {
        let shown = reply::having(replies, "KinesisDataStreamDestinations")?;
        let destinations = reply::items(shown, "KinesisDataStreamDestinations");
        let live = destinations.iter().find(|destination| {
            matches!(
                destination["DestinationStatus"].as_str(),
                Some("ACTIVE" | "ENABLING" | "UPDATING")
            )
        })?;
        Some(KinesisStreamSpecification {
            stream_arn: reply::text(live, "StreamArn")?,
            approximate_creation_date_time_precision: reply::text(
                live,
                "ApproximateCreationDateTimePrecision",
            ),
        })
    }

    fn seen(&self, shown: &Value, replies: &[Value]) -> Table {
        let listed = |member| reply::items(shown, member).iter();
        let global = listed("GlobalSecondaryIndexes")
            .map(|item| GlobalSecondaryIndex::shown(item, self.global_secondary_indexes.as_deref()))
            .collect();
        let local = listed("LocalSecondaryIndexes")
            .map(LocalSecondaryIndex::shown)
            .collect();
        let billing = reply::text(&shown["BillingModeSummary"], "BillingMode");
        let class = reply::text(&shown["TableClassSummary"], "TableClass");
        let stream = &shown["StreamSpecification"];
        Table {
            table_name: reply::text(shown, "TableName").unwrap_or_default(),
            attribute_definitions: Some(self.definitions(shown)),
            key_schema: indexes::key(shown),
            global_secondary_indexes: reply::unless_default(
                Some(global),
                Vec::new(),
                self.global_secondary_indexes.as_ref(),
            ),
            local_secondary_indexes: reply::unless_default(
                Some(local),
                Vec::new(),
                self.local_secondary_indexes.as_ref(),
            ),
            billing_mode: reply::unless_default(
                billing.or_else(|| Some(PROVISIONED.to_owned())),
                PROVISIONED.to_owned(),
                self.billing_mode.as_ref(),
            ),
            provisioned_throughput: ProvisionedThroughput::shown(shown),
            on_demand_throughput: OnDemandThroughput::shown(shown),
            warm_throughput: WarmThroughput::shown(shown, self.warm_throughput.as_ref()),
            stream_specification: (stream["StreamEnabled"] == true)
                .then(|| reply::text(stream, "StreamViewType"))
                .flatten()
                .map(|stream_view_type| StreamSpecification { stream_view_type }),
            sse_specification: SseSpecification::shown(shown).or_else(|| {
                let asked = self.sse_specification.clone();
                asked.filter(|asked| !asked.sse_enabled)
            }),
            point_in_time_recovery_specification: self.recovery(replies),
            time_to_live_specification: self.time_to_live(replies),
            contributor_insights_specification: Self::insights(replies),
            deletion_protection_enabled: reply::unless_default(
                Some(shown["DeletionProtectionEnabled"] == true),
                false,
                self.deletion_protection_enabled.as_ref(),
            ),
            table_class: reply::unless_default(
                class.or_else(|| Some("STANDARD".to_owned())),
                "STANDARD".to_owned(),
                self.table_class.as_ref(),
            ),
            resource_policy: reply::having(replies, "Policy")
                .and_then(|reply| reply::text(reply, "Policy"))
                .map(|text| ResourcePolicy {
                    policy_document: policy::parse(&text),
                }),
            kinesis_stream_specification: Self::kinesis(replies),
            import_source_specification: self.import_source_specification.clone(),
            tags: reply::having(replies, "Tags")
                .map(|reply| reply::tags(reply::items(reply, "Tags"), "Key", "Value"))
                .unwrap_or_default(),
        }
    }

    /// What AWS is doing that must end before anything else can be done, or be said to be done.
    fn in_motion(&self, shown: &Value, replies: &[Value]) -> Option<String> {
        for index in reply::items(shown, "GlobalSecondaryIndexes") {
            if let Some(state @ ("CREATING" | "DELETING")) = index["IndexStatus"].as_str() {
                let name = reply::text(index, "IndexName").unwrap_or_default();
                return Some(format!("{} its index {name}", state.to_lowercase()));
            }
        }
        if let Some(state @ ("ENABLING" | "DISABLING" | "UPDATING")) =
            shown["SSEDescription"]["Status"].as_str()
        {
            return Some(format!("{} its encryption", state.to_lowercase()));
        }
        let asked = self.time_to_live_specification.as_ref()?;
        let shown = &reply::having(replies, "TimeToLiveDescription")?["TimeToLiveDescription"];
        match shown["TimeToLiveStatus"].as_str() {
            Some("ENABLING") if !asked.enabled => Some("enabling its time to live".to_owned()),
            Some("DISABLING") if asked.enabled => Some("disabling its time to live".to_owned()),
            _ => None,
        }
    }

    /// Whether a table shows all that is asked for.
    fn is_met_by(&self, seen: &Table) -> bool {
        let (Ok(Value::Object(asked)), Ok(Value::Object(seen))) =
            (serde_json::to_value(self), serde_json::to_value(seen))
        else {
            return false;
        };
        asked
            .iter()
            .filter(|(name, value)| !value.is_null() && *name != "Tags")
            .all(|(name, value)| {
                let live = seen.get(name).unwrap_or(&Value::Null);
                live == value || Self::same(name, live, value)
            })
    }

    /// The settings that have operations of their own and do not keep the table busy.
    fn settings(&self, live: &Live<Self>, is: impl Fn(&str) -> bool) -> Vec<Call> {
        let there = &live.properties;
        let mut calls = Vec::new();
        if is("DeletionProtectionEnabled") {
            calls.push(self.call("UpdateTable").with(
                "DeletionProtectionEnabled",
                self.deletion_protection_enabled.unwrap_or(false),
            ));
        }
        if is("PointInTimeRecoverySpecification") {
            calls.push(
                self.call("UpdateContinuousBackups").with(
                    "PointInTimeRecoverySpecification",
                    self.point_in_time_recovery_specification
                        .unwrap_or_default(),
                ),
            );
        }
        if is("TimeToLiveSpecification") {
            let asked = self.time_to_live_specification.clone().unwrap_or_default();
            // What expires items now ends first; a name must be given to end it, too.
            let now = there
                .time_to_live_specification
                .clone()
                .filter(|live| live.enabled)
                .map(|live| TimeToLiveSpecification {
                    enabled: false,
                    ..live
                });
            calls.push(
                self.call("UpdateTimeToLive")
                    .with("TimeToLiveSpecification", now.unwrap_or(asked)),
            );
        }
        if is("ContributorInsightsSpecification") {
            let asked = self
                .contributor_insights_specification
                .clone()
                .unwrap_or_default();
            let action = if asked.enabled { "ENABLE" } else { "DISABLE" };
            calls.push(
                self.call("UpdateContributorInsights")
                    .with("ContributorInsightsAction", action)
                    .with(
                        "ContributorInsightsMode",
                        asked.mode.filter(|_| asked.enabled),
                    ),
            );
        }
        if is("ResourcePolicy") {
            let call =
                |action| Call::new("dynamodb", action).with("ResourceArn", arn(&live.attributes));
            calls.push(match &self.resource_policy {
                Some(asked) => {
                    call("PutResourcePolicy").with("Policy", policy::text(&asked.policy_document))
                }
                None => call("DeleteResourcePolicy"),
            });
        }
        if is("KinesisStreamSpecification") {
            let asked = self.kinesis_stream_specification.as_ref();
            let before = there.kinesis_stream_specification.as_ref();
            calls.extend(match (before, asked) {
                (Some(before), Some(asked)) if before.stream_arn == asked.stream_arn => asked
                    .approximate_creation_date_time_precision
                    .as_ref()
                    .map(|precision| {
                        self.call("UpdateKinesisStreamingDestination")
                            .with("StreamArn", &asked.stream_arn)
                            .with(
                                "UpdateKinesisStreamingConfiguration",
                                json!({ "ApproximateCreationDateTimePrecision": precision }),
                            )
                    }),
                (Some(before), _) => Some(
                    self.call("DisableKinesisStreamingDestination")
                        .with("StreamArn", &before.stream_arn),
                ),
                (None, Some(asked)) => Some(
                    self.call("EnableKinesisStreamingDestination")
                        .with("StreamArn", &asked.stream_arn)
                        .with(
                            "EnableKinesisStreamingConfiguration",
                            asked.approximate_creation_date_time_precision.as_ref().map(
                                |precision| {
                                    json!({ "ApproximateCreationDateTimePrecision": precision })
                                },
                            ),
                        ),
                ),
                (None, None) => None,
            });
        }
        calls
    }

    /// The first of the changes that DynamoDB makes one at a time.
    fn step(&self, live: &Live<Self>, is: impl Fn(&str) -> bool) -> Option<Call> {
        let there = &live.properties;
        let call = || self.call("UpdateTable");
        let asked = self.global_secondary_indexes.as_deref().unwrap_or_default();
        let built = there
            .global_secondary_indexes
            .as_deref()
            .unwrap_or_default();
        let find = |list: &[GlobalSecondaryIndex], name: &str| {
            list.iter().find(|index| index.index_name == name).cloned()
        };
        let indexes = is("GlobalSecondaryIndexes") || is("AttributeDefinitions");
        if indexes && let Some(index) = built.iter().find(|index| !self.keeps(index, there)) {
            let delete = json!([{ "Delete": { "IndexName": index.index_name } }]);
            return Some(call().with("GlobalSecondaryIndexUpdates", delete));
        }
        if is("BillingMode") {
            let mode = self.billing_mode.as_deref().unwrap_or(PROVISIONED);
            let limits = (mode == ON_DEMAND && is("OnDemandThroughput"))
                .then(|| OnDemandThroughput::in_full(self.on_demand_throughput.as_ref()));
            // Whatever has a capacity of its own gets one together with the table.
            let sized: Vec<Value> = built
                .iter()
                .filter(|_| mode == PROVISIONED)
                .filter_map(|index| {
                    let size = find(asked, &index.index_name)?.provisioned_throughput?;
                    Some(json!({ "Update": { "IndexName": index.index_name, "ProvisionedThroughput": size } }))
                })
                .collect();
            return Some(
                call()
                    .with("BillingMode", mode)
                    .with(
                        "ProvisionedThroughput",
                        self.provisioned_throughput.filter(|_| mode == PROVISIONED),
                    )
                    .with("OnDemandThroughput", limits)
                    .with("GlobalSecondaryIndexUpdates", some(Some(&sized))),
            );
        }
        if indexes
            && let Some(index) = asked
                .iter()
                .find(|index| find(built, &index.index_name).is_none())
        {
            return Some(
                call()
                    .with("AttributeDefinitions", self.definitions_with(index, there))
                    .with("GlobalSecondaryIndexUpdates", json!([{ "Create": index }])),
            );
        }
        if is("ProvisionedThroughput")
            && let Some(asked) = self.provisioned_throughput
        {
            let size = asked.or_more(there.provisioned_throughput.as_ref());
            return Some(call().with("ProvisionedThroughput", size));
        }
        if is("OnDemandThroughput") {
            let limits = OnDemandThroughput::in_full(self.on_demand_throughput.as_ref());
            return Some(call().with("OnDemandThroughput", limits));
        }
        if is("WarmThroughput") && self.warm_throughput.is_some() {
            return Some(call().with("WarmThroughput", self.warm_throughput));
        }
        let resized: Vec<Value> = built
            .iter()
            .filter(|_| indexes)
            .filter_map(|index| index.resized(&find(asked, &index.index_name)?))
            .collect();
        if !resized.is_empty() {
            return Some(call().with("GlobalSecondaryIndexUpdates", resized));
        }
        if is("StreamSpecification") {
            // A stream shows what it showed from the beginning: another view is another stream.
            let stream = match (&there.stream_specification, &self.stream_specification) {
                (None, Some(asked)) => {
                    json!({ "StreamEnabled": true, "StreamViewType": asked.stream_view_type })
                }
                _ => json!({ "StreamEnabled": false }),
            };
            return Some(call().with("StreamSpecification", stream));
        }
        if is("TableClass") {
            let class = self.table_class.as_deref().unwrap_or("STANDARD");
            return Some(call().with("TableClass", class));
        }
        is("SSESpecification").then(|| {
            call().with(
                "SSESpecification",
                SseSpecification::member(self.sse_specification.as_ref()),
            )
        })
    }

    /// Whether an index that is there is one that is asked for, over attributes of the same types.
    fn keeps(&self, index: &GlobalSecondaryIndex, there: &Table) -> bool {
        let asked = self.global_secondary_indexes.iter().flatten();
        asked
            .filter(|asked| asked.index_name == index.index_name)
            .any(|asked| {
                index.is_built_as(asked)
                    && asked.key_schema.iter().all(|key| {
                        let name = &key.attribute_name;
                        self.type_of(name) == there.type_of(name)
                    })
            })
    }

    fn type_of(&self, attribute: &str) -> Option<&str> {
        self.attribute_definitions
            .iter()
            .flatten()
            .find(|definition| definition.attribute_name == attribute)
            .map(|definition| definition.attribute_type.as_str())
    }

    /// The definitions that a table needs for its keys and for one more index.
    fn definitions_with(
        &self,
        index: &GlobalSecondaryIndex,
        there: &Table,
    ) -> Vec<AttributeDefinition> {
        let mut all = there.attribute_definitions.clone().unwrap_or_default();
        for key in &index.key_schema {
            let name = &key.attribute_name;
            if there.type_of(name).is_none()
                && let Some(kind) = self.type_of(name)
            {
                all.push(AttributeDefinition {
                    attribute_name: name.clone(),
                    attribute_type: kind.to_owned(),
                });
            }
        }
        all
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
    const EXPECTED_SECONDS: u32 = 15;
    // An index over many items takes hours.
    const DEADLINE_SECONDS: u32 = 14_400;

    fn find(&self, _me: &Identity) -> Vec<Call> {
        vec![self.call("DescribeTable")]
    }

    fn details_again(&self, _me: &Identity, _id: &str, known: &Attributes) -> Vec<Call> {
        let by_arn = |action| Call::new("dynamodb", action).with("ResourceArn", arn(known));
        let mut calls = vec![
            by_arn("ListTagsOfResource"),
            by_arn("GetResourcePolicy"),
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
                if status == "UPDATING" && !self.is_met_by(&seen) {
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

    fn update(&self, _me: &Identity, live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        let is = |name: &str| changed.contains(&name);
        let mut calls = self.settings(live, is);
        calls.extend(self.step(live, is));
        calls
    }

    fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
        let call =
            |action| Call::new("dynamodb", action).with("ResourceArn", arn(&live.attributes));
        let set =
            reply::tag_list(set, "Key", "Value").map(|tags| call("TagResource").with("Tags", tags));
        let remove = (!remove.is_empty()).then(|| call("UntagResource").with("TagKeys", remove));
        [set, remove].into_iter().flatten().collect()
    }

    fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        vec![Call::new("dynamodb", "DeleteTable").with("TableName", id)]
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
        census::in_service(replies, |service, resource| {
            let name = resource.strip_prefix("table/")?;
            (service == "dynamodb" && !name.contains('/')).then(|| name.to_owned())
        })
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
            | "SSESpecification" => says_all(live, desired),
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

/// Whether a live value has every member that is asked for; what is left out is AWS's default. Of what is switched off no more
/// than that is compared.
fn says_all(live: &Value, desired: &Value) -> bool {
    let off = |value: &Value| {
        ["PointInTimeRecoveryEnabled", "Enabled", "SSEEnabled"]
            .iter()
            .any(|name| value[*name] == false)
    };
    match desired.as_object() {
        _ if off(live) && off(desired) => true,
        Some(fields) => fields
            .iter()
            .all(|(name, value)| live.get(name) == Some(value)),
        None => live == desired,
    }
}

#[cfg(test)]
mod tests;
