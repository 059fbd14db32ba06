//! What changes a table, one step at a time.

use platform_graph::{Call, Live};
use serde_json::{Value, json};

use super::super::indexes::{AttributeDefinition, GlobalSecondaryIndex};
use super::super::properties::{OnDemandThroughput, SseSpecification, TimeToLiveSpecification};
use super::super::settings::{self, Asked};
use super::{ON_DEMAND, PROVISIONED, Table, by_arn, some};

impl Table {
    /// The settings that have operations of their own and do not keep the table busy.
    pub(super) fn settings(&self, live: &Live<Self>, is: impl Fn(&str) -> bool) -> Vec<Call> {
        let there = &live.properties;
        let mut calls = Vec::new();
        if is("DeletionProtectionEnabled") {
            calls.push(self.call("UpdateTable").with(
                "DeletionProtectionEnabled",
                self.deletion_protection_enabled.unwrap_or(false),
            ));
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
        calls.extend(settings::changes(
            &Asked {
                recovery: self.point_in_time_recovery_specification,
                insights: self.contributor_insights_specification.as_ref(),
                policy: self.resource_policy.as_ref(),
            },
            &is,
            |action| self.call(action),
            |action| by_arn(action, &live.attributes),
        ));
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
    pub(super) fn step(&self, live: &Live<Self>, is: impl Fn(&str) -> bool) -> Option<Call> {
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
