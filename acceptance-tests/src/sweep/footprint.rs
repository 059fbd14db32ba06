//! What a run leaves, in a form that two runs which did the same share to the letter.
//!
//! # Flow
//!
//! Every list call's entries and everything in Terraform's state become JSON. Identifiers that AWS chose are replaced
//! by what they identify: the part's address, which its tags tell, or else only its sort. What AWS draws at random
//! is replaced by its sort as well: addresses, times, keys. Lists are sorted, because AWS promises no order.
//!
//! # Guarantees
//!
//! - A thing that exists twice, lacks a tag, has another property or points to another thing shows as a difference.
//! - Two undisturbed runs have the same footprint: the [rehearsal](super::Rehearsal) checks that before it is relied on.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use flate2::read::DeflateDecoder;
use serde_json::{Map, Value, json};

use super::labels::{Labels, drawn, is_random};
use super::xml::json_of;
use crate::api::Api;
use crate::failure::{Failure, Outcome};
use crate::inventory::{self, Listed};
use crate::proxy::Call;
use crate::stage::REGION;

/// Everything that exists and everything that the state says, by the sort of thing; equal entries as often as there are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Footprint(BTreeMap<String, Vec<String>>);

/// What an account holds of services that nothing calls to change anything, which need not be asked again.
#[derive(Debug, Clone, Default)]
pub struct Untouched {
    services: BTreeSet<&'static str>,
    entries: Footprint,
}

/// How many differences are worth reading.
const SHOWN: usize = 12;

/// How many characters of an entry.
const LENGTH: usize = 1500;

impl Footprint {
    /// Looks at an account, and at a state in Terraform's own format. Of a service that was untouched before, and that none of the
    /// `calls` changes either, the account holds what it held.
    pub fn take(api: Api, state: &Value, untouched: &Untouched, calls: &[Call]) -> Outcome<Self> {
        let called = changed_by(calls);
        let is_known =
            |service: &str| untouched.services.contains(service) && !called.contains(service);
        let mut entries: Vec<(String, Value)> = Vec::new();
        let mut labels = Labels::default();
        for (what, listed) in inventory::listed(api, REGION, |service| !is_known(service))? {
            match listed {
                Listed::Xml(identifier, body) => {
                    let mut listed = Vec::new();
                    living(json_of(&body)?, identifier, &mut listed);
                    for entry in listed {
                        labels.learn(&entry, identifier);
                        entries.push((what.to_owned(), entry));
                    }
                }
                Listed::Json(identifier, listed) => {
                    for entry in listed
                        .into_iter()
                        .filter(|entry| !is_automatic_snapshot(entry))
                    {
                        labels.learn(&entry, identifier);
                        entries.push((what.to_owned(), entry));
                    }
                }
            }
        }
        for (address, attributes) in instances(state) {
            for (part, value) in resources(attributes) {
                let mut value = value.clone();
                if let Some(members) = value.as_object_mut() {
                    // The reason is the one that was given when the part was last changed.
                    members.remove("why");
                }
                entries.push((format!("state of {address}: {}", drawn(part)), value));
            }
            for (name, value) in attributes.as_object().into_iter().flatten() {
                // What the last plan did depends on what was there already.
                if name != "changes" && name != "resources" && !is_random(name) {
                    entries.push((format!("state of {address}: {name}"), value.clone()));
                }
            }
        }
        let mut footprint = Self::default();
        for (what, service) in inventory::services() {
            if is_known(service)
                && let Some(entries) = untouched.entries.0.get(what)
            {
                footprint.0.insert(what.to_owned(), entries.clone());
            }
        }
        for (what, mut entry) in entries {
            without_signatures(&mut entry);
            unseal(&mut entry);
            labels.canonical(&mut entry);
            footprint.0.entry(what).or_default().push(entry.to_string());
        }
        for entries in footprint.0.values_mut() {
            entries.sort();
        }
        Ok(footprint)
    }

    /// Fails with the differences if this is not what was expected.
    pub fn expect(&self, expected: &Footprint, when: &str) -> Outcome<()> {
        let differences = self.differences(expected);
        if differences.is_empty() {
            return Ok(());
        }
        let mut text = format!("{when}, what is there differs from an undisturbed run:");
        for difference in differences.iter().take(SHOWN) {
            let _ = write!(text, "\n  {difference}");
        }
        if differences.len() > SHOWN {
            let _ = write!(text, "\n  and {} more", differences.len() - SHOWN);
        }
        Err(Failure::new(text))
    }

    fn differences(&self, expected: &Footprint) -> Vec<String> {
        let none = Vec::new();
        let sorts: BTreeSet<&String> = self.0.keys().chain(expected.0.keys()).collect();
        let mut differences = Vec::new();
        for what in sorts {
            let found = self.0.get(what).unwrap_or(&none);
            let wanted = expected.0.get(what).unwrap_or(&none);
            let (extra, missing) = (without(found, wanted), without(wanted, found));
            if let ([extra], [missing]) = (&extra[..], &missing[..]) {
                let (extra, missing) = (parsed(extra), parsed(missing));
                compare(what, &missing, &extra, &mut differences);
                continue;
            }
            let shown = |entry: &String| entry.chars().take(LENGTH).collect::<String>();
            differences.extend(
                extra
                    .iter()
                    .map(|e| format!("{what}, too much: {}", shown(e))),
            );
            differences.extend(
                missing
                    .iter()
                    .map(|e| format!("{what}, missing: {}", shown(e))),
            );
        }
        differences
    }
}

impl Untouched {
    /// The services that none of the `calls` changes and of which all `footprints` say the same.
    pub fn of(footprints: &[&Footprint], calls: &[Call]) -> Self {
        let called = changed_by(calls);
        let Some((first, others)) = footprints.split_first() else {
            return Self::default();
        };
        let listings = inventory::services();
        let is_same = |what: &str| {
            let entries = first.0.get(what);
            others.iter().all(|other| other.0.get(what) == entries)
        };
        let touched: BTreeSet<&str> = listings
            .iter()
            .filter(|(what, service)| called.contains(**service) || !is_same(what))
            .map(|(_, service)| *service)
            .collect();
        Self {
            services: (listings.into_values())
                .filter(|service| !touched.contains(service))
                .collect(),
            entries: (*first).clone(),
        }
    }
}

/// Signing names of the services that calls change something in.
fn changed_by(calls: &[Call]) -> BTreeSet<&str> {
    let changes = calls.iter().filter(|call| call.is_mutating());
    changes.map(|call| call.service.as_str()).collect()
}

/// Takes away the tags that say that an update began and ended: a disturbed create is finished by an update, an undisturbed one is not.
fn without_signatures(value: &mut Value) {
    let is_signature = |tag: &Value| {
        ["key", "Key", "TagKey"]
            .iter()
            .any(|name| tag[*name] == "platform:seal/begun" || tag[*name] == "platform:seal/ended")
    };
    match value {
        Value::Array(items) => {
            items.retain(|item| !is_signature(item));
            items.iter_mut().for_each(without_signatures);
        }
        Value::Object(members) => members.values_mut().for_each(without_signatures),
        _ => {}
    }
}

/// Puts what a seal says in the place of its pieces: they are compressed, and one identifier in them changes them all.
fn unseal(value: &mut Value) {
    match value {
        Value::Array(items) => {
            for (key, text) in [("key", "value"), ("Key", "Value"), ("TagKey", "TagValue")] {
                let number = |tag: &Value| -> Option<usize> {
                    let number = tag[key].as_str()?.strip_prefix("platform:seal/")?;
                    number.parse().ok()
                };
                let mut pieces: Vec<(usize, &str)> = items
                    .iter()
                    .filter_map(|tag| Some((number(tag)?, tag[text].as_str()?)))
                    .collect();
                pieces.sort_unstable();
                let packed: String = pieces.into_iter().map(|(_, piece)| piece).collect();
                if let Some(seal) = inflated(&packed) {
                    items.retain(|tag| number(tag).is_none());
                    items.push(json!({ key: "platform:seal", text: seal }));
                }
            }
            items.iter_mut().for_each(unseal);
        }
        Value::Object(members) => members.values_mut().for_each(unseal),
        _ => {}
    }
}

/// A text of a seal: JSON, deflated, as base64.
fn inflated(packed: &str) -> Option<Value> {
    let packed = STANDARD_NO_PAD.decode(packed).ok()?;
    serde_json::from_reader(DeflateDecoder::new(&packed[..])).ok()
}

/// What is in one sorted list more often than in the other.
fn without(entries: &[String], others: &[String]) -> Vec<String> {
    let mut left = others.to_vec();
    let is_left_over = |entry: &&String| match left.iter().position(|other| other == *entry) {
        Some(position) => {
            left.swap_remove(position);
            false
        }
        None => true,
    };
    entries.iter().filter(is_left_over).cloned().collect()
}

fn parsed(entry: &str) -> Value {
    serde_json::from_str(entry).unwrap_or(Value::Null)
}

/// Names every place where two values differ.
fn compare(place: &str, expected: &Value, found: &Value, differences: &mut Vec<String>) {
    match (expected, found) {
        (Value::Object(one), Value::Object(other)) => {
            let names: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
            for name in names {
                let member = |of: &Map<String, Value>| of.get(name).cloned().unwrap_or_default();
                compare(
                    &format!("{place}/{name}"),
                    &member(one),
                    &member(other),
                    differences,
                );
            }
        }
        _ if expected != found => {
            differences.push(format!("{place} is {found} instead of {expected}"));
        }
        _ => {}
    }
}

/// The managed resources of a state: address and attributes.
pub(super) fn instances(state: &Value) -> Vec<(String, &Value)> {
    let mut found = Vec::new();
    for resource in array(&state["resources"]) {
        if resource["mode"] != "managed" {
            continue;
        }
        let mut address = format!("{}.{}", text(&resource["type"]), text(&resource["name"]));
        if let Some(module) = resource["module"].as_str() {
            address = format!("{module}.{address}");
        }
        for instance in array(&resource["instances"]) {
            let key = &instance["index_key"];
            let address = if key.is_null() {
                address.clone()
            } else {
                format!("{address}[{key}]")
            };
            found.push((address, &instance["attributes"]));
        }
    }
    found
}

/// The parts of a composite by address; none if it is not one.
pub(super) fn resources(attributes: &Value) -> impl Iterator<Item = (&String, &Value)> {
    // A dynamic attribute is written with its type beside it.
    let resources = match &attributes["resources"]["value"] {
        Value::Null => &attributes["resources"],
        value => value,
    };
    resources.as_object().into_iter().flatten()
}

/// Whether it is a snapshot that a database makes of itself: it bears the minute in its name, and moto keeps those of a cluster
/// when it goes.
fn is_automatic_snapshot(entry: &Value) -> bool {
    text(&entry["ResourceARN"]).contains("snapshot:rds:")
}

/// The entries of a reply: what has the identifier, unless it is deleted and only still shown.
fn living(value: Value, identifier: &str, into: &mut Vec<Value>) {
    match value {
        Value::Object(members) if members.contains_key(identifier) => {
            let entry = Value::Object(members);
            let is_deleted = entry["state"] == "deleted";
            // moto never removes the network interface of a NAT gateway, the only one without a description.
            let is_ghost = identifier == "networkInterfaceId" && entry["description"].is_null();
            let is_others = inventory::is_default(text(&entry[identifier]))
                || text(&entry["Arn"]).contains(inventory::SERVICE_ROLE);
            if !is_deleted && !is_ghost && !is_others {
                into.push(entry);
            }
        }
        Value::Object(members) => {
            for (_, value) in members {
                living(value, identifier, into);
            }
        }
        Value::Array(entries) => {
            for value in entries {
                living(value, identifier, into);
            }
        }
        _ => {}
    }
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::time::Duration;

    use flate2::Compression;
    use flate2::write::DeflateEncoder;

    use super::*;
    use crate::proxy::Dialect;

    fn footprint(entries: &[Value]) -> Footprint {
        let mut labels = Labels::default();
        for entry in entries {
            labels.learn(entry, "id");
        }
        let entries = entries.iter().map(|entry| {
            let mut entry = entry.clone();
            labels.canonical(&mut entry);
            entry.to_string()
        });
        Footprint(BTreeMap::from([("thing".to_owned(), entries.collect())]))
    }

    fn thing(id: &str, address: &str, points_to: &str) -> Value {
        json!({
            "id": id,
            "to": points_to,
            "made": "2026-01-01T10:00:00Z",
            "tagSet": [
                { "key": "platform:owner", "value": "net" },
                { "key": "platform:address", "value": address },
            ],
        })
    }

    #[test]
    fn a_service_that_somebody_changes_is_asked() {
        let listed = |entries: &[(&str, &str)]| {
            let entries = entries.iter();
            Footprint(
                entries
                    .map(|(what, entry)| ((*what).to_owned(), vec![(*entry).to_owned()]))
                    .collect(),
            )
        };
        let empty = listed(&[("vpc", "default"), ("iam policy", "aws")]);
        let full = listed(&[
            ("vpc", "default"),
            ("iam policy", "aws"),
            ("table", "carts"),
        ]);
        let call = |service: &str, action: &str| Call {
            service: service.to_owned(),
            region: REGION.to_owned(),
            action: action.to_owned(),
            dialect: Dialect::Query,
            at: Duration::ZERO,
            status: Some(200),
            stale: false,
        };
        let calls = [call("ec2", "CreateVpc"), call("iam", "ListPolicies")];
        let untouched = Untouched::of(&[&empty, &full], &calls);
        let is_untouched = |service| untouched.services.contains(service);
        assert!(!is_untouched("ec2"), "it was called to change something");
        assert!(!is_untouched("dynamodb"), "it came to have a table");
        assert!(is_untouched("iam") && is_untouched("rds"));
        assert_eq!(
            changed_by(&[call("iam", "GetRole"), call("rds", "CreateDBProxy")]),
            BTreeSet::from(["rds"])
        );
    }

    #[test]
    fn other_ids_are_no_difference() {
        let one = footprint(&[
            thing("vpc-00000001", "vpc", ""),
            thing("subnet-00000002", "subnet/a", "vpc-00000001"),
        ]);
        let other = footprint(&[
            thing("vpc-0000000a", "vpc", ""),
            thing("subnet-0000000b", "subnet/a", "vpc-0000000a"),
        ]);
        other.expect(&one, "here").unwrap();
    }

    #[test]
    fn seals_are_compared_by_what_they_say() {
        let sealed = |group: &str, port: u16| {
            let spec = json!({ "spec": { "from_group": group, "port": port } });
            let mut packed = DeflateEncoder::new(Vec::new(), Compression::best());
            packed.write_all(spec.to_string().as_bytes()).unwrap();
            let packed = STANDARD_NO_PAD.encode(packed.finish().unwrap());
            let (first, second) = packed.split_at(10);
            let mut vpc = thing("vpc-00000001", "vpc", "");
            let tags = vpc["tagSet"].as_array_mut().unwrap();
            tags.push(json!({ "key": "platform:seal/1", "value": second }));
            tags.push(json!({ "key": "platform:seal/0", "value": first }));
            unseal(&mut vpc);
            footprint(&[vpc])
        };
        let one = sealed("sg-00000001", 22);
        sealed("sg-0000000a", 22).expect(&one, "here").unwrap();
        assert!(sealed("sg-00000001", 23).expect(&one, "here").is_err());
    }

    #[test]
    fn a_thing_that_exists_twice_or_points_elsewhere_is_a_difference() {
        let vpc = thing("vpc-00000001", "vpc", "");
        let one = footprint(std::slice::from_ref(&vpc));
        let twice = footprint(&[vpc.clone(), thing("vpc-00000002", "vpc", "")]);
        let found = format!("{:?}", twice.expect(&one, "here").unwrap_err());
        assert!(found.contains("thing, too much: "), "{found}");

        let subnet = |to| thing("subnet-00000003", "subnet/a", to);
        let right = footprint(&[vpc.clone(), subnet("vpc-00000001")]);
        let wrong = footprint(&[vpc, subnet("vpc-0000dead")]);
        assert!(wrong.expect(&right, "here").is_err());
    }

    #[test]
    fn xml_becomes_json() {
        let entry = json_of(
            "<id>a</id><none/><set><item><key>k</key><value>v &amp; w</value></item></set>",
        );
        assert_eq!(
            entry.unwrap(),
            json!({ "id": "a", "none": null, "set": [{ "key": "k", "value": "v &amp; w" }] })
        );
        let buckets = json_of(
            "<Buckets><Bucket><Name>a</Name></Bucket><Bucket><Name>b</Name></Bucket></Buckets>",
        );
        let mut found = Vec::new();
        living(buckets.unwrap(), "Name", &mut found);
        assert_eq!(found, [json!({ "Name": "a" }), json!({ "Name": "b" })]);
    }
}
