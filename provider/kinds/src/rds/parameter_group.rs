//! `AWS::RDS::DBParameterGroup` and `AWS::RDS::DBClusterParameterGroup`: settings of a database engine.
//!
//! Reads `DescribeDBParameterGroups`, `DescribeDBParameters` and `ListTagsForResource`; writes `CreateDBParameterGroup`,
//! `ModifyDBParameterGroup` and `ResetDBParameterGroup`; for clusters the operations that have `Cluster` in their names.
//!
//! # Guarantees
//! A group has exactly the parameters that are asked for: what somebody else set shows as a difference and is reset.
//!
//! # Caveats
//! - RDS refuses to apply a static parameter at once, so only parameters that are known to be dynamic are; all others take effect
//!   when their instances restart next.
//! - The family is create-only: another major version needs another group.
//! - RDS takes at most 20 parameters a call.
//!
//! See <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithParamGroups.html>.

use std::collections::BTreeMap;

use platform_graph::{Attributes, Call, Claim, Identity, Kind, Live, Seen, Tags};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{census, reply};

/// As many parameters as one call takes.
const MOST: usize = 20;

/// Parameters of PostgreSQL and MySQL that take effect without a restart.
const DYNAMIC: &[&str] = &[
    "auto_explain.log_min_duration",
    "autovacuum_analyze_scale_factor",
    "autovacuum_naptime",
    "autovacuum_vacuum_cost_limit",
    "autovacuum_vacuum_scale_factor",
    "checkpoint_timeout",
    "effective_cache_size",
    "effective_io_concurrency",
    "event_scheduler",
    "general_log",
    "idle_in_transaction_session_timeout",
    "innodb_lock_wait_timeout",
    "innodb_print_all_deadlocks",
    "interactive_timeout",
    "lock_timeout",
    "log_autovacuum_min_duration",
    "log_connections",
    "log_disconnections",
    "log_lock_waits",
    "log_min_duration_statement",
    "log_output",
    "log_queries_not_using_indexes",
    "log_statement",
    "log_temp_files",
    "long_query_time",
    "maintenance_work_mem",
    "max_allowed_packet",
    "max_wal_size",
    "pgaudit.log",
    "random_page_cost",
    "require_secure_transport",
    "slow_query_log",
    "statement_timeout",
    "temp_file_limit",
    "time_zone",
    "tls_version",
    "wait_timeout",
    "work_mem",
];

/// Settings of the engine of one instance.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DbParameterGroup {
    /// Name, unique in account and Region, in lower case; can't change.
    #[serde(rename = "DBParameterGroupName")]
    pub name: String,
    /// Description; can't change.
    #[serde(rename = "Description")]
    pub description: String,
    /// Engine and major version, `postgres17`; can't change.
    #[serde(rename = "Family")]
    pub family: String,
    /// Values by the name of the parameter: all that are to differ from the engine's defaults.
    #[serde(rename = "Parameters", default)]
    pub parameters: BTreeMap<String, String>,
    /// Tags.
    #[serde(rename = "Tags", default)]
    pub tags: Tags,
}

/// Settings of the engine of all instances of a cluster.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DbClusterParameterGroup {
    /// Name, unique in account and Region, in lower case; can't change.
    #[serde(rename = "DBClusterParameterGroupName")]
    pub name: String,
    /// Description; can't change.
    #[serde(rename = "Description")]
    pub description: String,
    /// Engine and major version, `aurora-postgresql17`; can't change.
    #[serde(rename = "Family")]
    pub family: String,
    /// Values by the name of the parameter: all that are to differ from the engine's defaults.
    #[serde(rename = "Parameters", default)]
    pub parameters: BTreeMap<String, String>,
    /// Tags.
    #[serde(rename = "Tags", default)]
    pub tags: Tags,
}

/// The words of the API for one of the two types.
struct Words {
    name: &'static str,
    arn: &'static str,
    groups: &'static str,
    list: &'static str,
    parameters: &'static str,
    create: &'static str,
    modify: &'static str,
    reset: &'static str,
    delete: &'static str,
}

const OF_INSTANCE: Words = Words {
    name: "DBParameterGroupName",
    arn: "DBParameterGroupArn",
    groups: "DBParameterGroups",
    list: "DescribeDBParameterGroups",
    parameters: "DescribeDBParameters",
    create: "CreateDBParameterGroup",
    modify: "ModifyDBParameterGroup",
    reset: "ResetDBParameterGroup",
    delete: "DeleteDBParameterGroup",
};

const OF_CLUSTER: Words = Words {
    name: "DBClusterParameterGroupName",
    arn: "DBClusterParameterGroupArn",
    groups: "DBClusterParameterGroups",
    list: "DescribeDBClusterParameterGroups",
    parameters: "DescribeDBClusterParameters",
    create: "CreateDBClusterParameterGroup",
    modify: "ModifyDBClusterParameterGroup",
    reset: "ResetDBClusterParameterGroup",
    delete: "DeleteDBClusterParameterGroup",
};

fn apply_method(parameter: &str) -> &'static str {
    if DYNAMIC.contains(&parameter) {
        "immediate"
    } else {
        "pending-reboot"
    }
}

/// What a live group of this name shows: the item, its parameters and its tags.
fn seen<'a>(
    words: &Words,
    name: &str,
    replies: &'a [Value],
) -> Option<(&'a Value, BTreeMap<String, String>, Tags)> {
    let item = super::named(replies, words.groups, words.name, name)?;
    let details = replies.get(1..).unwrap_or_default();
    let parameters = reply::having(details, "Parameters")
        .map(|reply| reply::items(reply, "Parameters"))
        .unwrap_or_default()
        .iter()
        .filter_map(|parameter| {
            Some((
                reply::text(parameter, "ParameterName")?,
                reply::text(parameter, "ParameterValue")?,
            ))
        })
        .collect();
    let tags = reply::having(details, "TagList")
        .map(super::tags)
        .unwrap_or_default();
    Some((item, parameters, tags))
}

/// The calls that lead from some parameters to others.
fn changes(
    words: &Words,
    id: &str,
    live: &BTreeMap<String, String>,
    desired: &BTreeMap<String, String>,
) -> Vec<Call> {
    let set: Vec<Value> = desired
        .iter()
        .filter(|(name, value)| live.get(*name) != Some(value))
        .map(|(name, value)| json!({ "ParameterName": name, "ParameterValue": value, "ApplyMethod": apply_method(name) }))
        .collect();
    let reset: Vec<Value> = live
        .keys()
        .filter(|name| !desired.contains_key(*name))
        .map(|name| json!({ "ParameterName": name, "ApplyMethod": apply_method(name) }))
        .collect();
    let calls = |action, list: &[Value]| -> Vec<Call> {
        list.chunks(MOST)
            .map(|some| {
                Call::new("rds", action)
                    .with(words.name, id)
                    .with("Parameters", some)
            })
            .collect()
    };
    [calls(words.modify, &set), calls(words.reset, &reset)].concat()
}

/// Whether two sets of parameters mean the same; numbers and switches may be written as such.
fn same_parameters(live: &Value, desired: &Value) -> bool {
    let texts = |value: &Value| -> Option<BTreeMap<String, String>> {
        Some(
            value
                .as_object()?
                .iter()
                .map(|(name, value)| {
                    let text = value
                        .as_str()
                        .map_or_else(|| value.to_string(), str::to_owned);
                    (name.clone(), text)
                })
                .collect(),
        )
    };
    texts(live) == texts(desired)
}

macro_rules! kind {
    ($group:ident, $type:literal, $words:ident, $name:literal, $arn:literal, $sort:literal) => {
        impl Kind for $group {
            const TYPE: &'static str = $type;
            const CREATE_ONLY: &'static [&'static str] = &[$name, "Description", "Family"];
            const ATTRIBUTES: &'static [&'static str] = &[$arn];
            const LASTING: &'static [&'static str] = &[$arn];
            const DETAILS_NEED: &'static [&'static str] = &[$arn];
            const TAGGED: bool = true;

            fn find(&self, _me: &Identity) -> Vec<Call> {
                vec![Call::new("rds", $words.list)]
            }

            fn details_again(&self, _me: &Identity, id: &str, known: &Attributes) -> Vec<Call> {
                let parameters = Call::new("rds", $words.parameters)
                    .with($words.name, id)
                    .with("Source", "user");
                [vec![parameters], super::list_tags($words.arn, known)].concat()
            }

            fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
                let name = super::name(me, &self.name);
                let Some((item, parameters, tags)) = seen(&$words, name, replies) else {
                    return Seen::Absent;
                };
                Seen::Live(Live {
                    id: name.to_owned(),
                    properties: $group {
                        name: name.to_owned(),
                        description: reply::text(item, "Description").unwrap_or_default(),
                        family: reply::text(item, "DBParameterGroupFamily").unwrap_or_default(),
                        parameters,
                        tags,
                    },
                    attributes: super::attributes([($words.arn, item[$words.arn].clone())]),
                })
            }

            fn create(&self, _me: &Identity) -> Vec<Call> {
                vec![
                    Call::new("rds", $words.create)
                        .with($words.name, &self.name)
                        .with("Description", &self.description)
                        .with("DBParameterGroupFamily", &self.family)
                        .with("Tags", super::tag_list(&self.tags)),
                ]
            }

            fn created(&self, _me: &Identity, _reply: &Value) -> Option<String> {
                Some(self.name.clone())
            }

            fn update(&self, _me: &Identity, live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
                if !changed.contains(&"Parameters") {
                    return Vec::new();
                }
                changes(
                    &$words,
                    &live.id,
                    &live.properties.parameters,
                    &self.parameters,
                )
            }

            fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
                super::retag(&live.attributes, $words.arn, set, remove)
            }

            fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
                vec![Call::new("rds", $words.delete).with($words.name, id)]
            }

            fn known_by(id: &str) -> Self {
                $group {
                    name: id.to_owned(),
                    ..$group::default()
                }
            }

            fn census(replies: &[Value]) -> Vec<Call> {
                census::of_service(replies, "rds")
            }

            fn counted(replies: &[Value]) -> Vec<Claim> {
                super::counted(replies, $sort)
            }

            fn same(property: &str, live: &Value, desired: &Value) -> bool {
                match property {
                    "Parameters" => same_parameters(live, desired),
                    _ => live == desired,
                }
            }
        }
    };
}

kind!(
    DbParameterGroup,
    "AWS::RDS::DBParameterGroup",
    OF_INSTANCE,
    "DBParameterGroupName",
    "DBParameterGroupArn",
    "pg"
);
kind!(
    DbClusterParameterGroup,
    "AWS::RDS::DBClusterParameterGroup",
    OF_CLUSTER,
    "DBClusterParameterGroupName",
    "DBClusterParameterGroupArn",
    "cluster-pg"
);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::me;

    fn group(parameters: &[(&str, &str)]) -> DbParameterGroup {
        DbParameterGroup {
            name: "shop-orders".into(),
            description: "orders".into(),
            family: "postgres17".into(),
            parameters: parameters
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            tags: Tags::new(),
        }
    }

    #[test]
    fn what_somebody_else_set_is_reset() {
        let replies = [
            json!({ "DBParameterGroups": [{ "DBParameterGroupName": "shop-orders", "DBParameterGroupFamily": "postgres17", "Description": "orders", "DBParameterGroupArn": "arn:g" }] }),
            json!({ "Parameters": [{ "ParameterName": "work_mem", "ParameterValue": "64" }, { "ParameterName": "max_connections", "ParameterValue": "9" }] }),
            json!({ "TagList": [{ "Key": "a", "Value": "b" }] }),
        ];
        let asked = group(&[("work_mem", "128")]);
        let Seen::Live(live) = asked.read(&me(None), &replies) else {
            panic!("not live")
        };
        assert_eq!(live.properties.tags["a"], "b");
        let calls = asked.update(&me(None), &live, &["Parameters"]);
        assert_eq!(calls.len(), 2);
        assert_eq!(
            calls[0].params["Parameters"],
            json!([{ "ParameterName": "work_mem", "ParameterValue": "128", "ApplyMethod": "immediate" }])
        );
        assert_eq!(
            calls[1].params["Parameters"],
            json!([{ "ParameterName": "max_connections", "ApplyMethod": "pending-reboot" }])
        );
    }

    #[test]
    fn twenty_parameters_a_call() {
        let names: Vec<String> = (0..45).map(|n| format!("p{n}")).collect();
        let many: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "1")).collect();
        let live = Live {
            id: "shop-orders".into(),
            properties: group(&[]),
            attributes: Attributes::new(),
        };
        let calls = group(&many).update(&me(None), &live, &["Parameters"]);
        assert_eq!(calls.len(), 3);
    }

    #[test]
    fn values_are_texts_however_they_are_written() {
        assert!(same_parameters(&json!({ "a": "1" }), &json!({ "a": 1 })));
        assert!(!same_parameters(&json!({ "a": "1" }), &json!({})));
    }
}
