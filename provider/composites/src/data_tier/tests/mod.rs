//! Tests of the data tier as a whole: from a configuration, as it comes from Terraform, to parts.

mod buckets;
mod caches;
mod checks;
mod documents;
mod file_systems;
mod keys;
mod orderable;
mod parameters;
mod relational;
mod relational_around;
mod search;
mod tables;
mod versions;

use std::collections::BTreeMap;

use platform_graph::{Problems, Tags};
use serde_json::{Value, json};

use super::DataTier;
use crate::testing::{addresses, explain, faults, lines};
use crate::{CompositeDef, Expand, Expansion, Ledger, Setting};

/// A network as Terraform hands it over.
pub(super) fn network() -> Value {
    let zones = |prefix: &str| json!({ "use1-az1": format!("{prefix}1"), "use1-az2": format!("{prefix}2"), "use1-az4": format!("{prefix}4") });
    json!({
        "id": "us-east-1/main",
        "ready": true,
        "failures": {},
        "vpc_id": "vpc-1",
        "zone_names": { "use1-az1": "us-east-1a", "use1-az2": "us-east-1b", "use1-az4": "us-east-1c" },
        "subnet_ids": { "database": zones("subnet-d"), "private": zones("subnet-p") },
        "subnet_cidrs": {
            "database": { "use1-az1": "10.0.192.0/22", "use1-az2": "10.0.196.0/22", "use1-az4": "10.0.200.0/22" },
            "private": { "use1-az1": "10.0.0.0/19", "use1-az2": "10.0.32.0/19", "use1-az4": "10.0.64.0/19" },
        },
        "security_group_ids": { "app": "sg-app" },
    })
}

/// A configuration with name, network and access filled in.
pub(super) fn with(fields: Value) -> Value {
    let mut configuration = json!({ "name": "shop", "network": network(), "access_from": { "security_groups": ["app"] } });
    for (name, value) in fields.as_object().unwrap() {
        configuration[name] = value.clone();
    }
    configuration
}

pub(super) fn setting() -> Setting {
    Setting {
        owner: "platform_data_tier/us-east-1/shop".parse().unwrap(),
        account: "123456789012".to_owned(),
        partition: "aws".to_owned(),
        tags: Tags::from([("team".to_owned(), "shop".to_owned())]),
        answers: BTreeMap::new(),
    }
}

/// Decodes, checks and expands a configuration and insists that it works and that the graph is sound.
pub(super) fn expand(fields: Value) -> Expansion {
    let spec: Box<dyn Expand> = CompositeDef::of::<DataTier>().decode(with(fields)).unwrap();
    let mut problems = Problems::new();
    spec.check(&mut problems);
    let expansion = spec.expand(&setting(), &Ledger::default(), &mut problems);
    assert!(!problems.has_errors(), "{}", lines(&problems));
    let expansion = expansion.unwrap();
    assert_eq!(faults(&expansion), Vec::<String>::new());
    expansion
}

/// Everything that is said about a configuration.
pub(super) fn verdict(configuration: Value) -> String {
    let (_, problems) = CompositeDef::of::<DataTier>().examine(configuration);
    lines(&problems)
}

#[test]
fn a_tier_without_stores_is_its_key() {
    let expansion = expand(json!({}));
    assert_eq!(
        addresses(&expansion).into_iter().collect::<Vec<_>>(),
        ["key", "key/alias"]
    );
}

#[test]
fn how_the_network_is_doing_is_not_sealed_and_comes_back() {
    let def = CompositeDef::of::<DataTier>();
    let configuration = with(json!({}));
    let sealed = def.sealed(&configuration);
    assert_eq!(sealed["network"].get("ready"), None);
    assert_eq!(sealed["network"].get("failures"), None);
    assert_eq!(def.unsealed(&sealed), configuration);
}

#[test]
fn a_network_that_is_being_made_can_be_built_on() {
    let mut configuration = with(json!({ "file_systems": { "media": {} } }));
    configuration["network"]["ready"] = json!("${config:network.ready}");
    configuration["network"]["failures"] = json!("${config:network.failures}");
    configuration["network"]["vpc_id"] = json!("${config:network.vpc_id}");
    let def = CompositeDef::of::<DataTier>();
    assert_eq!(def.open_values(&configuration), Vec::<Vec<String>>::new());
    let (spec, problems) = def.examine(configuration);
    assert_eq!(lines(&problems), "");
    assert!(!spec.unwrap().is_open());
}
