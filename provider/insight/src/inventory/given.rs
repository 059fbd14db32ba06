//! What a planned composite takes from another one that is not there yet.
//!
//! # Flow
//! A plan says which values are not known, and not where each will come from. Those that no part gives come from the composites
//! that were given, or from an argument that is not known itself; which of them follows from the name of the property and the
//! address of the part.
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
    let mut arguments = Vec::new();
    for (argument, value) in unknown.as_object().into_iter().flatten() {
        if argument != "resources" && !view.given.contains_key(argument) {
            leaves(value, &mut vec![argument.clone()], &mut arguments);
        }
    }
    let choices = Choices {
        outputs: &outputs,
        arguments: &arguments,
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

/// What a property that is not known may come from.
struct Choices<'a> {
    /// The outputs of composites that were given, each as argument, output and keys.
    outputs: &'a [Vec<String>],
    /// The other arguments, each as a path.
    arguments: &'a [Vec<String>],
    tier: Option<&'a str>,
}

impl Choices<'_> {
    /// The output or the argument that stands at a place in the properties of a part.
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
            self.argument(&segments, name)
        }
    }

    /// The argument with the same name as a property, or the end of it: `vault_arn` of `DestinationBackupVaultArn`.
    fn argument(&self, segments: &BTreeSet<&str>, property: &str) -> Option<&[String]> {
        let named = || {
            let same = |path: &&Vec<String>| {
                let last = path.last().map(|name| name.replace('_', ""));
                // The first step alone is an output of the composite itself.
                path.len() > 1
                    && last.is_some_and(|name| property.to_ascii_lowercase().ends_with(&name))
            };
            self.arguments.iter().filter(same).map(Vec::as_slice)
        };
        let keyed = |path: &&[String]| path.iter().any(|step| segments.contains(step.as_str()));
        only(named()).or_else(|| only(named().filter(keyed)))
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::inventory::from_terraform_json;

    #[test]
    fn a_property_that_is_not_known_comes_from_the_argument_of_its_name() {
        let plan = |unknown: Value| {
            let rule = json!({ "CopyActions": [{}, { "Lifecycle": {} }] });
            let parts = json!({ "plan/stores": {
                "type": "AWS::Backup::BackupPlan",
                "properties": { "Rules": [rule] },
            } });
            let copies = json!([{ "DestinationBackupVaultArn": true }, {}]);
            json!({
                "planned_values": { "root_module": { "resources": [{
                    "address": "platform_backup.shop", "mode": "managed", "type": "platform_backup",
                    "values": { "name": "shop", "resources": parts },
                }] } },
                "resource_changes": [{ "address": "platform_backup.shop", "change": { "after_unknown": {
                    "plans": unknown,
                    "vault_arns": true,
                    "resources": { "plan/stores": { "properties": { "Rules": [{ "CopyActions": copies }] } } },
                } } }],
            })
        };
        let refs = |unknown: Value| {
            let views = from_terraform_json(&plan(unknown)).unwrap();
            views[0].parts["plan/stores"].refs.clone()
        };
        let copy = |to: &str| json!({ "copy_to": { to: { "vault_arn": true } } });
        let found = refs(json!({ "stores": copy("there") }));
        assert_eq!(
            found["/Rules/0/CopyActions/0/DestinationBackupVaultArn"],
            "${config:plans.stores.copy_to.there.vault_arn}"
        );
        let with_another = refs(json!({ "stores": copy("there"), "others": copy("there") }));
        assert_eq!(with_another, found, "that whose key is in the address");
        let either = refs(json!({ "a": copy("there"), "b": copy("there") }));
        assert!(either.is_empty(), "{either:?}");
    }
}
