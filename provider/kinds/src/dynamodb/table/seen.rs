//! What the replies of AWS say of a table.

use serde_json::Value;

use super::super::indexes::{
    self, AttributeDefinition, GlobalSecondaryIndex, KeyElement, LocalSecondaryIndex,
};
use super::super::properties::{
    KinesisStreamSpecification, OnDemandThroughput, ProvisionedThroughput, SseSpecification,
    StreamSpecification, TimeToLiveSpecification, WarmThroughput,
};
use super::super::settings;
use super::{PROVISIONED, Table};
use crate::reply;

impl Table {
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

    pub(super) fn seen(&self, shown: &Value, replies: &[Value]) -> Table {
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
            point_in_time_recovery_specification: settings::recovery(
                replies,
                self.point_in_time_recovery_specification.as_ref(),
            ),
            time_to_live_specification: self.time_to_live(replies),
            contributor_insights_specification: settings::insights(replies),
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
            resource_policy: settings::resource_policy(replies),
            kinesis_stream_specification: Self::kinesis(replies),
            import_source_specification: self.import_source_specification.clone(),
            tags: settings::tags(replies),
        }
    }

    /// What AWS is doing that must end before anything else can be done, or be said to be done.
    pub(super) fn in_motion(&self, shown: &Value, replies: &[Value]) -> Option<String> {
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
}
