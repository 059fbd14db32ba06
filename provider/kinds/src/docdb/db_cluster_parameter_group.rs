//! `AWS::DocDB::DBClusterParameterGroup`: settings of all instances of a cluster, TLS among them.
//!
//! Reads `DescribeDBClusterParameterGroups`, `DescribeDBClusterParameters` and `ListTagsForResource`; writes
//! `CreateDBClusterParameterGroup`, `ModifyDBClusterParameterGroup` and `ResetDBClusterParameterGroup`.
//!
//! # Guarantees
//! A group has exactly the parameters that are asked for: what somebody else set shows as a difference and is reset.
//!
//! # Caveats
//! - AWS refuses to apply a static parameter (`tls`) at once, so only parameters that are known to be dynamic are; all others
//!   take effect when the instances restart next.
//! - The family is create-only: another major version needs another group, which takes another name.
//! - A call takes at most 20 parameters.
//! - Groups of RDS and Neptune have the same ARNs; the family tells them apart.
//!
//! See <https://docs.aws.amazon.com/documentdb/latest/developerguide/cluster_parameter_groups-list_of_parameters.html>.

use std::collections::BTreeMap;

use platform_graph::{Attributes, Call, Claim, Identity, Kind, Live, Replacement, Seen, Tags};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{census, reply};

/// As many parameters as one call takes.
const MOST: usize = 20;

/// Parameters that take effect without a restart.
const DYNAMIC: &[&str] = &[
    "audit_logs",
    "change_stream_log_retention_duration",
    "default_collection_compression",
    "planner_version",
    "profiler",
    "profiler_sampling_rate",
    "profiler_threshold_ms",
    "ttl_monitor",
];

/// Settings of the instances of a cluster.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DbClusterParameterGroup {
    /// Name, unique in account and Region, in lower case; can't change.
    pub name: String,
    /// Description; can't change.
    pub description: String,
    /// Engine and major version, `docdb5.0`; can't change.
    pub family: String,
    /// Values by the name of the parameter: all that are to differ from the defaults.
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

fn method(parameter: &str) -> &'static str {
    if DYNAMIC.contains(&parameter) {
        "immediate"
    } else {
        "pending-reboot"
    }
}

/// The calls of an action for so many parameters, 20 in each.
fn in_calls(action: &'static str, group: &str, parameters: &[Value]) -> Vec<Call> {
    parameters
        .chunks(MOST)
        .map(|some| {
            Call::new("docdb", action)
                .with("DBClusterParameterGroupName", group)
                .with("Parameters", some)
        })
        .collect()
}

impl DbClusterParameterGroup {
    /// The calls that set those parameters that are not as in `live`.
    fn set(&self, group: &str, live: &BTreeMap<String, String>) -> Vec<Call> {
        let parameters: Vec<Value> = self
            .parameters
            .iter()
            .filter(|(name, value)| live.get(*name) != Some(value))
            .map(|(name, value)| {
                json!({ "ParameterName": name, "ParameterValue": value, "ApplyMethod": method(name) })
            })
            .collect();
        in_calls("ModifyDBClusterParameterGroup", group, &parameters)
    }
}

impl Kind for DbClusterParameterGroup {
    const TYPE: &'static str = "AWS::DocDB::DBClusterParameterGroup";
    const CREATE_ONLY: &'static [&'static str] = &["Description", "Family", "Name"];
    const ATTRIBUTES: &'static [&'static str] = &["Arn"];
    const LASTING: &'static [&'static str] = &["Arn"];
    const DETAILS_NEED: &'static [&'static str] = &["Arn"];
    const TAGGED: bool = true;
    // A cluster moves to the group of the next major version before it leaves the old one.
    const REPLACEMENT: Replacement = Replacement::CreateFirst;

    fn find(&self, _me: &Identity) -> Vec<Call> {
        vec![Call::new("docdb", "DescribeDBClusterParameterGroups")]
    }

    fn details_again(&self, _me: &Identity, id: &str, known: &Attributes) -> Vec<Call> {
        vec![
            super::list_tags(known),
            Call::new("docdb", "DescribeDBClusterParameters")
                .with("DBClusterParameterGroupName", id)
                .with("Source", "user"),
        ]
    }

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
        let name = super::name(me, &self.name);
        let found = super::named(
            replies,
            "DBClusterParameterGroups",
            "DBClusterParameterGroupName",
            name,
        );
        let family = |item| reply::text(item, "DBParameterGroupFamily").unwrap_or_default();
        let Some(item) = found.filter(|item| family(item).starts_with(super::ENGINE)) else {
            return Seen::Absent;
        };
        let parameters = replies
            .get(1..)
            .and_then(|details| reply::having(details, "Parameters"))
            .map(|reply| reply::items(reply, "Parameters"))
            .unwrap_or_default();
        Seen::Live(Live {
            id: name.to_owned(),
            properties: DbClusterParameterGroup {
                name: name.to_owned(),
                description: reply::text(item, "Description").unwrap_or_default(),
                family: family(item),
                parameters: parameters
                    .iter()
                    .filter_map(|parameter| {
                        Some((
                            reply::text(parameter, "ParameterName")?,
                            reply::text(parameter, "ParameterValue")?,
                        ))
                    })
                    .collect(),
                tags: super::tags(replies),
            },
            attributes: super::attributes([("Arn", item["DBClusterParameterGroupArn"].clone())]),
        })
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        let create = Call::new("docdb", "CreateDBClusterParameterGroup")
            .with("DBClusterParameterGroupName", &self.name)
            .with("DBParameterGroupFamily", &self.family)
            .with("Description", &self.description)
            .with("Tags", super::tag_list(&self.tags));
        let mut calls = vec![create];
        calls.extend(self.set(&self.name, &BTreeMap::new()));
        calls
    }

    fn created(&self, _me: &Identity, _reply: &Value) -> Option<String> {
        Some(self.name.clone())
    }

    fn update(&self, _me: &Identity, live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        if !changed.contains(&"Parameters") {
            return Vec::new();
        }
        let beyond: Vec<Value> = live
            .properties
            .parameters
            .keys()
            .filter(|name| !self.parameters.contains_key(*name))
            .map(|name| json!({ "ParameterName": name, "ApplyMethod": method(name) }))
            .collect();
        let mut calls = self.set(&live.id, &live.properties.parameters);
        calls.extend(in_calls("ResetDBClusterParameterGroup", &live.id, &beyond));
        calls
    }

    fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
        super::retag(&live.attributes, set, remove)
    }

    fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        vec![
            Call::new("docdb", "DeleteDBClusterParameterGroup")
                .with("DBClusterParameterGroupName", id),
        ]
    }

    fn known_by(id: &str) -> Self {
        DbClusterParameterGroup {
            name: id.to_owned(),
            ..DbClusterParameterGroup::default()
        }
    }

    fn census(replies: &[Value]) -> Vec<Call> {
        census::of_service(replies, "rds")
    }

    fn counted(replies: &[Value]) -> Vec<Claim> {
        super::counted(replies, "cluster-pg")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::me;

    fn group(parameters: &[(&str, &str)]) -> DbClusterParameterGroup {
        DbClusterParameterGroup {
            name: "shop-docdb-5-0".into(),
            description: "products".into(),
            family: "docdb5.0".into(),
            parameters: parameters
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            ..DbClusterParameterGroup::default()
        }
    }

    fn replies(family: &str) -> [Value; 3] {
        [
            json!({ "DBClusterParameterGroups": [{ "DBClusterParameterGroupName": "shop-docdb-5-0", "DBParameterGroupFamily": family,
                "Description": "products", "DBClusterParameterGroupArn": "arn:aws:rds:us-east-1:123456789012:cluster-pg:shop-docdb-5-0" }] }),
            json!({ "TagList": [] }),
            json!({ "Parameters": [{ "ParameterName": "tls", "ParameterValue": "enabled", "ApplyType": "static" },
                { "ParameterName": "ttl_monitor", "ParameterValue": "disabled", "ApplyType": "dynamic" }] }),
        ]
    }

    #[test]
    fn what_somebody_else_set_is_reset() {
        let asked = group(&[("audit_logs", "all"), ("tls", "tls1.2+")]);
        let Seen::Live(live) = asked.read(&me(None), &replies("docdb5.0")) else {
            panic!("not live")
        };
        assert_eq!(
            live.properties,
            group(&[("tls", "enabled"), ("ttl_monitor", "disabled")])
        );
        let calls = asked.update(&me(None), &live, &["Parameters"]);
        let parameters: Vec<&Value> = calls
            .iter()
            .map(|call| &call.params["Parameters"])
            .collect();
        assert_eq!(
            parameters,
            [
                &json!([
                    { "ParameterName": "audit_logs", "ParameterValue": "all", "ApplyMethod": "immediate" },
                    { "ParameterName": "tls", "ParameterValue": "tls1.2+", "ApplyMethod": "pending-reboot" },
                ]),
                &json!([{ "ParameterName": "ttl_monitor", "ApplyMethod": "immediate" }]),
            ]
        );
    }

    #[test]
    fn a_group_of_another_engine_is_not_ours() {
        let asked = group(&[]);
        for family in ["aurora-postgresql17", "neptune1.3"] {
            assert_eq!(
                asked.read(&me(None), &replies(family)),
                Seen::Absent,
                "{family}"
            );
        }
    }

    #[test]
    fn a_call_takes_twenty_parameters() {
        let mut asked = group(&[]);
        for n in 0..41 {
            asked.parameters.insert(format!("p{n:02}"), "1".to_owned());
        }
        let calls = asked.create(&me(None));
        let sizes: Vec<usize> = calls[1..]
            .iter()
            .map(|call| call.params["Parameters"].as_array().unwrap().len())
            .collect();
        assert_eq!(sizes, [20, 20, 1]);
    }
}
