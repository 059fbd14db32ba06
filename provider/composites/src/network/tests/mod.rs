//! Tests of the network as a whole: from a configuration, as it comes from Terraform, to parts.

mod checks;
mod drift;
mod expansions;
mod ledger;
mod plans;
mod preflights;

use std::collections::{BTreeMap, BTreeSet};

use platform_graph::{Graph, Problems, Recorded, Records, Tags, Token, reference};
use serde_json::{Value, json};

use super::Network;
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

fn lines(problems: &Problems) -> String {
    problems
        .iter()
        .map(|problem| format!("{problem}\n"))
        .collect()
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

/// Everything that no expansion may have: missing parts, circles, properties that do not fit their kind, references to
/// attributes that the kind does not have, and addresses that AWS would not take as a tag.
fn faults(expansion: &Expansion) -> Vec<String> {
    let kinds = platform_kinds::all();
    let graph = &expansion.graph;
    let mut faults = graph.faults();
    for (address, part) in &graph.parts {
        let Some(kind) = kinds.get(part.kind) else {
            faults.push(format!("{address} is of the unknown type {}", part.kind));
            continue;
        };
        if let Err(error) = (kind.find)(&part.properties, &graph.identity(address, None)) {
            faults.push(format!("{address}: {error}"));
        }
        let allowed = |c: char| c.is_ascii_alphanumeric() || "+-=._:/@".contains(c);
        if !address.chars().all(allowed) || address.len() > 256 {
            faults.push(format!("{address} can't be a tag"));
        }
        if part.why.is_empty() || part.why.ends_with('.') {
            faults.push(format!("{address} does not say why: {:?}", part.why));
        }
    }
    let mut texts = expansion.outputs.clone();
    texts["graph"] = serde_json::to_value(&graph.parts).unwrap();
    reference::visit(&texts, "", &mut |pointer, text| {
        for (_, token) in reference::tokens(text) {
            let Token::Part {
                address, attribute, ..
            } = token
            else {
                continue;
            };
            let kind = graph
                .parts
                .get(&address)
                .and_then(|part| kinds.get(part.kind));
            let known = match (kind, attribute) {
                (None, _) => false,
                (Some(_), None) => true,
                (Some(kind), Some(attribute)) => kind.attributes.contains(&attribute.as_str()),
            };
            if !known {
                faults.push(format!("{pointer} refers to {text}, which nothing yields"));
            }
        }
    });
    faults
}

/// Type and reason of every part, as a person reads a plan.
fn explain(graph: &Graph) -> String {
    graph
        .parts
        .iter()
        .map(|(address, part)| format!("{address:<62} {:<42} {}\n", part.kind, part.why))
        .collect()
}

/// What the state would hold after everything in the graph was made.
fn made(expansion: &Expansion) -> Records {
    let kinds = platform_kinds::all();
    let id = |address: &str| format!("id-of-{address}");
    let lookup = |address: &str, attribute: Option<&str>| match attribute {
        None => Some(json!(id(address))),
        Some("Ipv6CidrBlock") => Some(json!("2001:db8:1234::/56")),
        Some(attribute) => Some(json!(format!("{attribute}-of-{address}"))),
    };
    expansion
        .graph
        .parts
        .iter()
        .map(|(address, part)| {
            let attributes = kinds.get(part.kind).unwrap().attributes;
            let properties = part
                .properties
                .iter()
                .map(|(name, value)| (name.clone(), reference::resolve(value, &lookup)))
                .collect();
            let recorded = Recorded {
                kind: part.kind.to_owned(),
                id: Some(id(address)),
                properties,
                refs: part.refs(),
                attributes: Some(
                    attributes
                        .iter()
                        .filter_map(|name| Some(((*name).to_owned(), lookup(address, Some(name))?)))
                        .collect(),
                ),
            };
            (address.clone(), recorded)
        })
        .collect()
}

fn addresses(expansion: &Expansion) -> BTreeSet<&str> {
    expansion.graph.parts.keys().map(String::as_str).collect()
}

#[test]
fn the_catalogue_has_the_network() {
    let network = crate::all()
        .into_iter()
        .find(|def| def.name == Network::TYPE);
    assert_eq!(network.unwrap().anchor, "vpc");
}

#[test]
fn outputs_and_arguments_have_different_names() {
    let def = CompositeDef::of::<Network>();
    let names = |schema: Value| -> BTreeSet<String> {
        schema["properties"]
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect()
    };
    let arguments = names((def.spec_schema)());
    let outputs = names((def.outputs_schema)());
    let twice: Vec<_> = arguments.intersection(&outputs).collect();
    assert!(
        twice.is_empty(),
        "one Terraform resource has both: {twice:?}"
    );
}
