//! Tests of the network as a whole: from a configuration, as it comes from Terraform, to parts.

mod checks;
mod drift;
mod expansions;
mod ledger;
mod plans;
mod preflights;

use std::collections::{BTreeMap, BTreeSet};

use platform_graph::{Graph, Problems, Tags};
use serde_json::{Value, json};

use super::Network;
use crate::testing::{addresses, explain, faults, lines, made};
use crate::{Composite, CompositeDef, Expand, Expansion, Ledger, Setting};

/// Decodes a configuration the way the provider does; `name` and `cidr` are filled in.
fn network(configuration: Value) -> Box<dyn Expand> {
    let mut fields = json!({ "name": "main" });
    let given = configuration.as_object().unwrap();
    if !given.contains_key("ipam") {
        fields["cidr"] = json!("10.0.0.0/16");
    }
    for (name, value) in given {
        fields[name] = value.clone();
    }
    let spec = CompositeDef::of::<Network>().decode(fields).unwrap();
    let mut problems = Problems::new();
    spec.check(&mut problems);
    assert!(!problems.has_errors(), "{}", lines(&problems));
    spec
}

fn zone(id: &str, name: &str) -> Value {
    json!({ "ZoneId": id, "ZoneName": name, "ZoneType": "availability-zone", "OptInStatus": "opt-in-not-required" })
}

/// An account in a region, with all of its zones known.
fn setting_in(region: &str) -> Setting {
    let (partition, zones) = match region {
        "us-gov-west-1" => (
            "aws-us-gov",
            vec![("usgw1-az1", "a"), ("usgw1-az2", "b"), ("usgw1-az3", "c")],
        ),
        "cn-north-1" => (
            "aws-cn",
            vec![("cnn1-az1", "a"), ("cnn1-az2", "b"), ("cnn1-az4", "d")],
        ),
        _ => (
            "aws",
            vec![
                ("use1-az4", "a"),
                ("use1-az6", "b"),
                ("use1-az1", "c"),
                ("use1-az2", "d"),
                ("use1-az3", "e"),
                ("use1-az5", "f"),
            ],
        ),
    };
    let zones: Vec<Value> = zones
        .into_iter()
        .map(|(id, letter)| zone(id, &format!("{region}{letter}")))
        .collect();
    Setting {
        owner: format!("platform_network/{region}/main").parse().unwrap(),
        account: "123456789012".to_owned(),
        partition: partition.to_owned(),
        tags: Tags::from([("team".to_owned(), "shop".to_owned())]),
        answers: BTreeMap::from([("zones".to_owned(), json!({ "AvailabilityZones": zones }))]),
    }
}

fn setting() -> Setting {
    setting_in("us-east-1")
}

/// Expands and insists that it works and that the graph is sound.
fn expand_from(spec: &dyn Expand, setting: &Setting, ledger: &Ledger) -> Expansion {
    let mut problems = Problems::new();
    let expansion = spec.expand(setting, ledger, &mut problems);
    assert!(!problems.has_errors(), "{}", lines(&problems));
    let expansion = expansion.unwrap();
    assert_eq!(faults(&expansion), Vec::<String>::new());
    expansion
}

fn expand(configuration: Value) -> Expansion {
    expand_from(&*network(configuration), &setting(), &Ledger::default())
}

#[test]
fn the_catalogue_has_the_network() {
    let network = crate::all()
        .into_iter()
        .find(|def| def.name == Network::TYPE);
    assert_eq!(network.unwrap().anchor, "vpc");
}
