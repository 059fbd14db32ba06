//! `AWS::ElastiCache::ParameterGroup`: settings of an engine.
//!
//! Reads `DescribeCacheParameterGroups` and `DescribeCacheParameters`; writes `ModifyCacheParameterGroup` and, for what is no longer
//! asked for, `ResetCacheParameterGroup`, which take 20 parameters each.
//!
//! # Caveats
//! - The family can't change: a cache that moves to another major version moves to another group.
//! - A parameter that was set to its default may be shown as the engine's own, so a parameter that is asked for counts whoever set
//!   it, and others only where somebody set them.
//! - A group is not deleted while a cache uses it.
//!
//! See <https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.html>.

use std::collections::BTreeMap;

use platform_graph::{Attributes, Call, Claim, Identity, Kind, Live, Seen, Tags};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::call;
use crate::reply;

/// How many parameters one call takes.
const MOST: usize = 20;

/// A parameter group.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ParameterGroup {
    /// Name, unique in account and Region, at most 255 lowercase characters; can't change.
    #[serde(default)]
    pub cache_parameter_group_name: String,
    /// Engine and major version, `valkey8`; can't change.
    #[serde(default)]
    pub cache_parameter_group_family: String,
    /// What it is for; can't change.
    #[serde(default)]
    pub description: String,
    /// Values by name; what is not named keeps the default of the family.
    pub properties: Option<BTreeMap<String, String>>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

type Values = BTreeMap<String, String>;

/// Calls over some of the parameters, as many at a time as one call takes.
fn over(action: &'static str, group: &str, parameters: &Values) -> Vec<Call> {
    let pairs: Vec<Value> = parameters
        .iter()
        .map(|(name, value)| json!({ "ParameterName": name, "ParameterValue": value }))
        .collect();
    pairs
        .chunks(MOST)
        .map(|chunk| {
            call(action)
                .with("CacheParameterGroupName", group)
                .with("ParameterNameValues", chunk)
        })
        .collect()
}

impl ParameterGroup {
    fn is_asked(&self, name: &str) -> bool {
        let asked = self.properties.as_ref();
        asked.is_some_and(|asked| asked.contains_key(name))
    }
}

impl Kind for ParameterGroup {
    const TYPE: &'static str = "AWS::ElastiCache::ParameterGroup";
    const CREATE_ONLY: &'static [&'static str] = &[
        "CacheParameterGroupFamily",
        "CacheParameterGroupName",
        "Description",
    ];
    const ATTRIBUTES: &'static [&'static str] = &["Arn"];
    const OURS: &'static [&'static str] = &["CacheParameterGroupName"];
    const LASTING: &'static [&'static str] = &["Arn"];
    const DETAILS_NEED: &'static [&'static str] = &["Arn"];
    const TAGGED: bool = true;

    fn find(&self, _me: &Identity) -> Vec<Call> {
        vec![call("DescribeCacheParameterGroups")]
    }

    fn details_again(&self, _me: &Identity, id: &str, known: &Attributes) -> Vec<Call> {
        vec![
            call("DescribeCacheParameters").with("CacheParameterGroupName", id),
            super::list_tags(known),
        ]
    }

    fn read(&self, _me: &Identity, replies: &[Value]) -> Seen<Self> {
        let name = &self.cache_parameter_group_name;
        let found = super::named(
            replies,
            "CacheParameterGroups",
            "CacheParameterGroupName",
            name,
        );
        let Some(group) = found else {
            return Seen::Absent;
        };
        let details = replies.get(1..).unwrap_or_default();
        let values: Values = reply::having(details, "Parameters")
            .map(|reply| reply::items(reply, "Parameters"))
            .unwrap_or_default()
            .iter()
            .filter_map(|parameter| {
                let name = reply::text(parameter, "ParameterName")?;
                let counts = parameter["Source"] == "user" || self.is_asked(&name);
                let value = reply::text(parameter, "ParameterValue")?;
                counts.then_some((name, value))
            })
            .collect();
        Seen::Live(Live {
            id: name.clone(),
            attributes: super::attributes([("Arn", json!(reply::text(group, "ARN")))]),
            properties: ParameterGroup {
                cache_parameter_group_name: name.clone(),
                cache_parameter_group_family: reply::text(group, "CacheParameterGroupFamily")
                    .unwrap_or_default(),
                description: reply::text(group, "Description").unwrap_or_default(),
                properties: reply::unless_default(
                    Some(values),
                    Values::new(),
                    self.properties.as_ref(),
                ),
                tags: super::tags(replies),
            },
        })
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        let create = call("CreateCacheParameterGroup")
            .with("CacheParameterGroupName", &self.cache_parameter_group_name)
            .with(
                "CacheParameterGroupFamily",
                &self.cache_parameter_group_family,
            )
            .with("Description", &self.description)
            .with("Tags", super::tag_list(&self.tags));
        let values = self.properties.clone().unwrap_or_default();
        let set = over(
            "ModifyCacheParameterGroup",
            &self.cache_parameter_group_name,
            &values,
        );
        [create].into_iter().chain(set).collect()
    }

    fn created(&self, _me: &Identity, _reply: &Value) -> Option<String> {
        Some(self.cache_parameter_group_name.clone())
    }

    fn update(&self, _me: &Identity, live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        if !changed.contains(&"Properties") {
            return Vec::new();
        }
        let seen = live.properties.properties.clone().unwrap_or_default();
        let asked = self.properties.clone().unwrap_or_default();
        let set: Values = asked
            .into_iter()
            .filter(|(name, value)| seen.get(name) != Some(value))
            .collect();
        let left: Values = seen
            .into_iter()
            .filter(|(name, _)| !self.is_asked(name))
            .collect();
        [
            over("ResetCacheParameterGroup", &live.id, &left),
            over("ModifyCacheParameterGroup", &live.id, &set),
        ]
        .concat()
    }

    fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
        super::retag(&live.attributes, set, remove)
    }

    fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        vec![call("DeleteCacheParameterGroup").with("CacheParameterGroupName", id)]
    }

    fn known_by(id: &str) -> Self {
        ParameterGroup {
            cache_parameter_group_name: id.to_owned(),
            ..ParameterGroup::default()
        }
    }

    fn census(replies: &[Value]) -> Vec<Call> {
        super::census(replies)
    }

    fn counted(replies: &[Value]) -> Vec<Claim> {
        super::counted(replies, "parametergroup")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::me;

    fn group(values: &[(&str, &str)]) -> ParameterGroup {
        ParameterGroup {
            cache_parameter_group_name: "shop-sessions-valkey8".into(),
            cache_parameter_group_family: "valkey8".into(),
            properties: Some(
                values
                    .iter()
                    .map(|(name, value)| ((*name).into(), (*value).into()))
                    .collect(),
            ),
            ..ParameterGroup::default()
        }
    }

    fn replies(parameters: Value) -> [Value; 2] {
        [
            json!({ "CacheParameterGroups": [
                { "CacheParameterGroupName": "shop-sessions-valkey8-old", "CacheParameterGroupFamily": "valkey7" },
                { "CacheParameterGroupName": "shop-sessions-valkey8", "CacheParameterGroupFamily": "valkey8", "ARN": "arn:pg" },
            ] }),
            json!({ "Parameters": parameters }),
        ]
    }

    #[test]
    fn what_is_asked_for_or_set_counts() {
        let parameters = json!([
            { "ParameterName": "maxmemory-policy", "ParameterValue": "volatile-lru", "Source": "system" },
            { "ParameterName": "timeout", "ParameterValue": "60", "Source": "user" },
            { "ParameterName": "databases", "ParameterValue": "16", "Source": "system" },
        ]);
        let asked = group(&[("maxmemory-policy", "volatile-lru")]);
        let Seen::Live(live) = asked.read(&me(None), &replies(parameters)) else {
            panic!("not live")
        };
        let seen = live.properties.properties.clone().unwrap();
        assert_eq!(
            seen.keys().collect::<Vec<_>>(),
            ["maxmemory-policy", "timeout"]
        );
        let calls = asked.update(&me(None), &live, &["Properties"]);
        assert_eq!(calls.len(), 1, "only what nobody asks for changes");
        assert_eq!(calls[0].action, "ResetCacheParameterGroup");
        assert_eq!(
            calls[0].params["ParameterNameValues"][0]["ParameterName"],
            "timeout"
        );
    }

    #[test]
    fn one_call_takes_twenty_parameters() {
        let names: Vec<String> = (0..45).map(|n| format!("p{n}")).collect();
        let values: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "1")).collect();
        let calls = group(&values).create(&me(None));
        let sizes: Vec<usize> = calls[1..]
            .iter()
            .map(|call| {
                reply::items(&Value::Object(call.params.clone()), "ParameterNameValues").len()
            })
            .collect();
        assert_eq!(sizes, [20, 20, 5]);
    }
}
