//! Keys and indexes of a table, and the steps from one set of indexes to another.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::properties::{OnDemandThroughput, ProvisionedThroughput, WarmThroughput};
use crate::reply;

/// An attribute that is part of a key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct AttributeDefinition {
    /// Its name.
    pub attribute_name: String,
    /// `S` for text, `N` for numbers, `B` for bytes.
    pub attribute_type: String,
}

/// One part of a key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct KeyElement {
    /// Name of the attribute.
    pub attribute_name: String,
    /// `HASH` for the partition key, `RANGE` for the sort key.
    pub key_type: String,
}

/// What of an item an index holds besides the keys.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Projection {
    /// `ALL`, `KEYS_ONLY` or `INCLUDE`.
    pub projection_type: String,
    /// The further attributes, for `INCLUDE`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub non_key_attributes: Option<Vec<String>>,
}

/// An index over all items by another key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct GlobalSecondaryIndex {
    /// Name, unique in the table, 3 to 255 characters.
    pub index_name: String,
    /// Its key.
    pub key_schema: Vec<KeyElement>,
    /// What it holds.
    pub projection: Projection,
    /// Its capacity, in a table whose capacity is provisioned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provisioned_throughput: Option<ProvisionedThroughput>,
    /// The most its on-demand capacity grows to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_demand_throughput: Option<OnDemandThroughput>,
    /// What it can bear at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warm_throughput: Option<WarmThroughput>,
}

/// An index over the items of one partition key, by another sort key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct LocalSecondaryIndex {
    /// Name, unique in the table, 3 to 255 characters.
    pub index_name: String,
    /// Its key; the partition key is that of the table.
    pub key_schema: Vec<KeyElement>,
    /// What it holds.
    pub projection: Projection,
}

impl Projection {
    fn shown(item: &Value) -> Self {
        let shown = &item["Projection"];
        let mut attributes = reply::texts(shown, "NonKeyAttributes");
        attributes.sort();
        Projection {
            projection_type: reply::text(shown, "ProjectionType").unwrap_or_default(),
            non_key_attributes: (!attributes.is_empty()).then_some(attributes),
        }
    }

    fn holds_the_same(&self, other: &Self) -> bool {
        let attributes = |projection: &Self| {
            let mut names = projection.non_key_attributes.clone().unwrap_or_default();
            names.sort();
            names
        };
        self.projection_type == other.projection_type && attributes(self) == attributes(other)
    }
}

/// The key of a table or an index.
pub(super) fn key(item: &Value) -> Vec<KeyElement> {
    serde_json::from_value(item["KeySchema"].clone()).unwrap_or_default()
}

impl LocalSecondaryIndex {
    pub(super) fn shown(item: &Value) -> Self {
        LocalSecondaryIndex {
            index_name: reply::text(item, "IndexName").unwrap_or_default(),
            key_schema: key(item),
            projection: Projection::shown(item),
        }
    }

    fn is_as(&self, asked: &Self) -> bool {
        self.index_name == asked.index_name
            && self.key_schema == asked.key_schema
            && self.projection.holds_the_same(&asked.projection)
    }
}

impl GlobalSecondaryIndex {
    pub(super) fn shown(item: &Value, asked: Option<&[Self]>) -> Self {
        let name = reply::text(item, "IndexName").unwrap_or_default();
        let asked = asked
            .unwrap_or_default()
            .iter()
            .find(|index| index.index_name == name);
        GlobalSecondaryIndex {
            key_schema: key(item),
            projection: Projection::shown(item),
            provisioned_throughput: ProvisionedThroughput::shown(item),
            on_demand_throughput: OnDemandThroughput::shown(item),
            warm_throughput: WarmThroughput::shown(
                item,
                asked.and_then(|asked| asked.warm_throughput.as_ref()),
            ),
            index_name: name,
        }
    }

    /// Whether it is the index that is asked for, whatever its capacity: anything else needs another index.
    pub(super) fn is_built_as(&self, asked: &Self) -> bool {
        self.key_schema == asked.key_schema && self.projection.holds_the_same(&asked.projection)
    }

    /// Whether its capacity is what is asked for, or has grown beyond.
    fn is_sized_as(&self, asked: &Self) -> bool {
        let provisioned = match (&self.provisioned_throughput, &asked.provisioned_throughput) {
            (live, Some(asked)) => live.is_some_and(|live| live.covers(asked)),
            (_, None) => true,
        };
        let warm = match (&self.warm_throughput, &asked.warm_throughput) {
            (live, Some(asked)) => live.is_some_and(|live| live.covers(asked)),
            (_, None) => true,
        };
        provisioned && warm && self.on_demand_throughput == asked.on_demand_throughput
    }

    /// The update that brings its capacity to what is asked for, if there is a difference.
    pub(super) fn resized(&self, asked: &Self) -> Option<Value> {
        if self.is_sized_as(asked) {
            return None;
        }
        let mut update = json!({ "IndexName": asked.index_name });
        if let Some(throughput) = &asked.provisioned_throughput {
            update["ProvisionedThroughput"] =
                json!(throughput.or_more(self.provisioned_throughput.as_ref()));
        }
        if self.on_demand_throughput != asked.on_demand_throughput {
            update["OnDemandThroughput"] =
                OnDemandThroughput::in_full(asked.on_demand_throughput.as_ref());
        }
        if let Some(warm) = &asked.warm_throughput {
            update["WarmThroughput"] = json!(warm);
        }
        Some(json!({ "Update": update }))
    }
}

/// Whether two lists hold the same indexes by name, judged by `same`.
fn each<I>(
    live: &[I],
    asked: &[I],
    name: impl Fn(&I) -> &str,
    same: impl Fn(&I, &I) -> bool,
) -> bool {
    live.len() == asked.len()
        && asked.iter().all(|wanted| {
            live.iter()
                .any(|seen| name(seen) == name(wanted) && same(seen, wanted))
        })
}

fn lists<I: serde::de::DeserializeOwned>(live: &Value, asked: &Value) -> Option<(Vec<I>, Vec<I>)> {
    let list = |value: &Value| serde_json::from_value(value.clone()).ok();
    Some((list(live)?, list(asked)?))
}

/// Whether live global indexes are those that are asked for.
pub(super) fn same_global(live: &Value, asked: &Value) -> bool {
    lists::<GlobalSecondaryIndex>(live, asked).is_some_and(|(live, asked)| {
        each(
            &live,
            &asked,
            |index| &index.index_name,
            |seen, wanted| seen.is_built_as(wanted) && seen.is_sized_as(wanted),
        )
    })
}

/// Whether live local indexes are those that are asked for.
pub(super) fn same_local(live: &Value, asked: &Value) -> bool {
    lists::<LocalSecondaryIndex>(live, asked).is_some_and(|(live, asked)| {
        each(
            &live,
            &asked,
            |index| &index.index_name,
            LocalSecondaryIndex::is_as,
        )
    })
}
