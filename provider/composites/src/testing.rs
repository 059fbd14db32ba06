//! What the tests of all composites share.

use std::collections::BTreeSet;

use platform_graph::{Graph, Problems, Recorded, Records, Token, reference};
use serde_json::json;

use crate::Expansion;

/// Problems, a line each.
pub(crate) fn lines(problems: &Problems) -> String {
    problems
        .iter()
        .map(|problem| format!("{problem}\n"))
        .collect()
}

/// Everything that no expansion may have: missing parts, circles, properties that do not fit their kind, references to
/// attributes that the kind does not have, addresses that AWS would not take as a tag, and services in which the composite's
/// leftovers are not looked for.
pub(crate) fn faults(expansion: &Expansion) -> Vec<String> {
    let kinds = platform_kinds::all();
    let graph = &expansion.graph;
    let mut faults = graph.faults();
    let composites = crate::all();
    let composite = composites
        .iter()
        .find(|def| def.name == graph.owner.composite);
    for (address, part) in &graph.parts {
        let Some(kind) = kinds.get(part.kind) else {
            faults.push(format!("{address} is of the unknown type {}", part.kind));
            continue;
        };
        let is_declared = |service| composite.is_some_and(|def| def.services.contains(&service));
        if !kind.service().is_none_or(is_declared) {
            faults.push(format!("{address} is of a service that is not declared"));
        }
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
pub(crate) fn explain(graph: &Graph) -> String {
    graph
        .parts
        .iter()
        .map(|(address, part)| format!("{address:<62} {:<42} {}\n", part.kind, part.why))
        .collect()
}

/// What the state would hold after everything in the graph was made.
pub(crate) fn made(expansion: &Expansion) -> Records {
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

/// Addresses of all parts.
pub(crate) fn addresses(expansion: &Expansion) -> BTreeSet<&str> {
    expansion.graph.parts.keys().map(String::as_str).collect()
}
