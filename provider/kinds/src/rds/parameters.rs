//! What parameter groups of instances and of clusters share: settings of a database engine.
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

use platform_graph::{Call, Tags};
use serde_json::{Value, json};

use crate::reply;

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

/// The words of the API for one of the two types.
pub(super) struct Words {
    pub name: &'static str,
    pub arn: &'static str,
    pub groups: &'static str,
    pub list: &'static str,
    pub parameters: &'static str,
    pub create: &'static str,
    pub modify: &'static str,
    pub reset: &'static str,
    pub delete: &'static str,
}

pub(super) const OF_INSTANCE: Words = Words {
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

pub(super) const OF_CLUSTER: Words = Words {
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
pub(super) fn seen<'a>(
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
pub(super) fn changes(
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
pub(super) fn same_parameters(live: &Value, desired: &Value) -> bool {
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

/// Everything but the type of the two kinds, which differ in the words of their operations.
macro_rules! items {
    ($words:expr, $name:literal, $arn:literal, $sort:literal) => {
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
            [vec![parameters], crate::rds::list_tags($words.arn, known)].concat()
        }

        fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
            let name = crate::rds::name(me, &self.name);
            let Some((item, parameters, tags)) =
                crate::rds::parameters::seen(&$words, name, replies)
            else {
                return Seen::Absent;
            };
            Seen::Live(Live {
                id: name.to_owned(),
                properties: Self {
                    name: name.to_owned(),
                    description: crate::reply::text(item, "Description").unwrap_or_default(),
                    family: crate::reply::text(item, "DBParameterGroupFamily").unwrap_or_default(),
                    parameters,
                    tags,
                },
                attributes: crate::rds::attributes([($words.arn, item[$words.arn].clone())]),
            })
        }

        fn create(&self, _me: &Identity) -> Vec<Call> {
            vec![
                Call::new("rds", $words.create)
                    .with($words.name, &self.name)
                    .with("Description", &self.description)
                    .with("DBParameterGroupFamily", &self.family)
                    .with("Tags", crate::rds::tag_list(&self.tags)),
            ]
        }

        fn created(&self, _me: &Identity, _reply: &Value) -> Option<String> {
            Some(self.name.clone())
        }

        fn update(&self, _me: &Identity, live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
            if !changed.contains(&"Parameters") {
                return Vec::new();
            }
            crate::rds::parameters::changes(
                &$words,
                &live.id,
                &live.properties.parameters,
                &self.parameters,
            )
        }

        fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
            crate::rds::retag(&live.attributes, $words.arn, set, remove)
        }

        fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
            vec![Call::new("rds", $words.delete).with($words.name, id)]
        }

        fn known_by(id: &str) -> Self {
            Self {
                name: id.to_owned(),
                ..Self::default()
            }
        }

        fn census(replies: &[Value]) -> Vec<Call> {
            crate::census::of_service(replies, "rds")
        }

        fn counted(replies: &[Value]) -> Vec<Claim> {
            crate::rds::counted(replies, $sort)
        }

        fn same(property: &str, live: &Value, desired: &Value) -> bool {
            match property {
                "Parameters" => crate::rds::parameters::same_parameters(live, desired),
                _ => live == desired,
            }
        }
    };
}
pub(super) use items;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_texts_however_they_are_written() {
        assert!(same_parameters(&json!({ "a": "1" }), &json!({ "a": 1 })));
        assert!(!same_parameters(&json!({ "a": "1" }), &json!({})));
    }
}
