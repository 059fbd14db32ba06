//! What a planned composite takes from another one that is not there yet.
//!
//! # Flow
//! A plan says which values are not known, and not where each will come from. Those that no part gives come from the composites
//! that were given; which output it is follows from the name of the property and the address of the part.
//!
//! # Caveats
//! Where more than one output would do, nothing is said.

use std::collections::{BTreeMap, BTreeSet};

use platform_graph::Token;
use serde_json::Value;

use super::CompositeView;

/// The tier in which stores are when their composite names none.
const USUAL_TIER: &str = "database";

/// The arguments that are composites: objects with an id of the form that only composites have.
pub(super) fn composites(values: &Value) -> BTreeMap<String, String> {
    let arguments = values.as_object().into_iter().flatten();
    arguments
        .filter_map(|(name, value)| {
            let id = value.get("id")?.as_str()?;
            id.contains('/').then(|| (name.clone(), id.to_owned()))
        })
        .collect()
}

/// Adds a reference to an argument for every unknown property that no part gives; `unknown` is Terraform's `after_unknown`,
/// `tier` the tier that the composite names.
pub(super) fn refer(view: &mut CompositeView, unknown: &Value, tier: Option<&str>) {
    let outputs: Vec<Vec<String>> = view
        .given
        .keys()
        .flat_map(|argument| {
            let mut found = Vec::new();
            leaves(
                unknown.get(argument).unwrap_or(&Value::Null),
                &mut vec![argument.clone()],
                &mut found,
            );
            found
        })
        .collect();
    let choices = Choices {
        outputs: &outputs,
        tier,
    };
    for (address, part) in &mut view.parts {
        let properties = unknown
            .get("resources")
            .and_then(|resources| resources.get(address)?.get("properties"));
        let mut places = Vec::new();
        leaves(
            properties.unwrap_or(&Value::Null),
            &mut Vec::new(),
            &mut places,
        );
        for place in places {
            let pointer: String = place
                .iter()
                .map(|step| format!("/{}", step.replace('~', "~0").replace('/', "~1")))
                .collect();
            if part.refs.contains_key(&pointer) {
                continue;
            }
            if let Some(output) = choices.of(address, &place) {
                let path = output.join(".");
                part.refs
                    .insert(pointer, Token::Config { path }.to_string());
            }
        }
    }
}

/// The paths of everything in `after_unknown` that is not known.
fn leaves(unknown: &Value, at: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    let mut step = |name: String, inner: &Value| {
        at.push(name);
        leaves(inner, at, found);
        at.pop();
    };
    match unknown {
        Value::Bool(true) => found.push(at.clone()),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                step(index.to_string(), item);
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                step(name.clone(), field);
            }
        }
        _ => {}
    }
}

/// The outputs that are not known, each as argument, output and keys.
struct Choices<'a> {
    outputs: &'a [Vec<String>],
    tier: Option<&'a str>,
}

impl Choices<'_> {
    /// The output that stands at a place in the properties of a part.
    fn of(&self, address: &str, place: &[String]) -> Option<&[String]> {
        let names: Vec<&str> = place
            .iter()
            .filter(|step| step.parse::<usize>().is_err())
            .map(String::as_str)
            .collect();
        let name = *names.last()?;
        let position = place.last()?.parse::<usize>().ok();
        let segments: BTreeSet<&str> = address.split('/').collect();
        if name == "VpcId" {
            only(self.named("vpc_id"))
        } else if name.starts_with("SubnetId") {
            let of_tier = |tier: &str| {
                let in_tier = |output: &&[String]| output.get(2).is_some_and(|own| own == tier);
                self.named("subnet_ids").filter(in_tier).collect::<Vec<_>>()
            };
            let zones = of_tier(self.tier.unwrap_or(USUAL_TIER));
            match position {
                Some(position) => zones.get(position).copied(),
                None => only(zones.into_iter().filter(|output| is_in(output, &segments))),
            }
        } else if name.contains("GroupId") {
            let groups = || self.named("security_group_ids");
            only(groups().filter(|output| is_in(output, &segments))).or_else(|| only(groups()))
        } else {
            None
        }
    }

    fn named<'a>(&'a self, output: &'a str) -> impl Iterator<Item = &'a [String]> {
        self.outputs
            .iter()
            .map(Vec::as_slice)
            .filter(move |path| path.get(1).is_some_and(|name| name == output))
    }
}

/// Whether the address names the last key of an output: a zone, a group.
fn is_in(output: &[String], segments: &BTreeSet<&str>) -> bool {
    output
        .last()
        .is_some_and(|key| segments.contains(key.as_str()))
}

fn only<'a>(mut found: impl Iterator<Item = &'a [String]>) -> Option<&'a [String]> {
    let first = found.next()?;
    found.next().is_none().then_some(first)
}
