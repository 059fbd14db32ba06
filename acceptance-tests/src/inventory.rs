//! What exists in an emulated account, asked through AWS's own list calls.
//!
//! # Guarantees
//!
//! - Only what someone made and still has counts: neither a deleted NAT gateway that AWS goes on showing for
//!   a while, nor a network's default ACL, which comes and goes with the network (moto forgets the going), nor groups of
//!   default parameters, nor a secret that waits for its end, nor the role of a service.
//! - A call that an emulator does not implement adds nothing, on both sides of a comparison.
//!
//! # Caveats
//!
//! moto's `/moto-api/data.json` is no use for this: it keeps every object ever made, deleted or not.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::{Value, json};

use self::listings::{Ask, Listing};
use crate::api::Api;
use crate::failure::Outcome;

mod listings;

/// Identifiers of everything that exists, by what they are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inventory(BTreeMap<&'static str, BTreeSet<String>>);

/// What a list call answers.
#[derive(Debug)]
pub enum Listed {
    /// A reply in XML, and the element that holds an identifier.
    Xml(&'static str, String),
    /// The entries of a reply in JSON, and the member that holds an identifier; empty if the entry is one.
    Json(&'static str, Vec<Value>),
}

impl Listed {
    fn identifiers(&self) -> BTreeSet<String> {
        match self {
            Listed::Xml(element, body) => existing(body, element),
            Listed::Json(member, entries) => entries
                .iter()
                .map(|entry| {
                    if member.is_empty() {
                        entry
                    } else {
                        &entry[member]
                    }
                })
                .filter_map(|identifier| identifier.as_str().map(str::to_owned))
                .collect(),
        }
    }
}

/// Asks the list calls of the services that are wanted in a region, and returns the answers by what they list. A call that the
/// emulator does not implement answers nothing.
pub fn listed(
    api: Api,
    region: &str,
    is_wanted: impl Fn(&str) -> bool,
) -> Outcome<Vec<(&'static str, Listed)>> {
    let mut answers = Vec::new();
    for listing in listings::all().filter(|listing| is_wanted(listing.service)) {
        if let Some(listed) = ask(api, region, listing)? {
            answers.push((listing.what, listed));
        }
    }
    Ok(answers)
}

/// The services whose list calls are asked, by what these list.
pub fn services() -> BTreeMap<&'static str, &'static str> {
    listings::all()
        .map(|listing| (listing.what, listing.service))
        .collect()
}

fn ask(api: Api, region: &str, listing: &Listing) -> Outcome<Option<Listed>> {
    let &Listing {
        service,
        identifier,
        ..
    } = listing;
    let entries = match listing.ask {
        Ask::Query(version, action, parameters) => {
            let parameters = [&[("Action", action)], parameters].concat();
            let reply = api.query(service, region, version, &parameters)?;
            return Ok((reply.status == 200).then_some(Listed::Xml(identifier, reply.body)));
        }
        Ask::Path(path, list) => {
            let reply = api.rest(service, region, ("GET", path), None)?;
            if list.is_empty() {
                return Ok((reply.status == 200).then_some(Listed::Xml(identifier, reply.body)));
            }
            let mut body: Value = serde_json::from_str(&reply.body).unwrap_or(Value::Null);
            let Value::Array(entries) = body[list].take() else {
                return Ok(None);
            };
            entries
        }
        Ask::Json(target, members, list) => {
            let asked = members.iter().copied().collect();
            let Some(mut entries) = entries(api, region, service, target, asked, list)? else {
                return Ok(None);
            };
            entries.retain(|entry| !is_listed_elsewhere(entry));
            entries
        }
        Ask::Described(target, list, describe, description) => {
            let asked = json!({});
            let Some(entries) = entries(api, region, service, target, asked, list)? else {
                return Ok(None);
            };
            let mut described = Vec::new();
            for entry in entries {
                let asked = json!({ identifier: entry[identifier] });
                let reply = api.json(service, region, describe, &asked)?;
                let mut body: Value = serde_json::from_str(&reply.body).unwrap_or(Value::Null);
                if body[description]["KeyState"] != "PendingDeletion" {
                    described.push(body[description].take());
                }
            }
            described
        }
    };
    Ok(Some(Listed::Json(identifier, entries)))
}

/// Whether a tagged resource is of a service whose own list calls are asked. The list of all that is tagged goes on showing
/// what was deleted there, and secrets that wait for their end.
fn is_listed_elsewhere(entry: &Value) -> bool {
    let service = entry["ResourceARN"]
        .as_str()
        .and_then(|arn| arn.split(':').nth(2));
    matches!(service, Some("ec2" | "kms" | "secretsmanager"))
}

/// The entries that a JSON-protocol list call answers; `None` if it is not implemented.
fn entries(
    api: Api,
    region: &str,
    service: &str,
    target: &str,
    mut asked: Value,
    list: &str,
) -> Outcome<Option<Vec<Value>>> {
    let mut all = None;
    loop {
        let reply = api.json(service, region, target, &asked)?;
        let mut body: Value = serde_json::from_str(&reply.body).unwrap_or(Value::Null);
        let Value::Array(page) = body[list].take() else {
            return Ok(all);
        };
        all.get_or_insert_with(Vec::new).extend(page);
        // Only the tagging API has so few things on a page that a scenario fills one.
        match body["PaginationToken"].as_str() {
            Some(token) if !token.is_empty() => asked["PaginationToken"] = token.into(),
            _ => return Ok(all),
        }
    }
}

impl Inventory {
    /// Lists what exists in a region.
    pub fn take(api: Api, region: &str) -> Outcome<Self> {
        let mut inventory = Self::default();
        for (what, listed) in listed(api, region, |_| true)? {
            inventory
                .0
                .entry(what)
                .or_default()
                .extend(listed.identifiers());
        }
        Ok(inventory)
    }

    /// What exists here and did not exist in `earlier`.
    pub fn since(&self, earlier: &Inventory) -> Inventory {
        let none = BTreeSet::new();
        let added = |(what, now): (&&'static str, &BTreeSet<String>)| {
            let before = earlier.0.get(what).unwrap_or(&none);
            let new: BTreeSet<String> = now.difference(before).cloned().collect();
            (!new.is_empty()).then_some((*what, new))
        };
        Inventory(self.0.iter().filter_map(added).collect())
    }

    /// How many of each exist: two runs that built the same thing agree on this, whatever the ids.
    pub fn counts(&self) -> BTreeMap<&'static str, usize> {
        self.0
            .iter()
            .map(|(what, ids)| (*what, ids.len()))
            .filter(|(_, count)| *count > 0)
            .collect()
    }

    /// The identifiers of one sort of thing.
    pub fn ids(&self, what: &str) -> Vec<&str> {
        self.0
            .get(what)
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect()
    }

    /// Whether nothing exists.
    pub fn is_empty(&self) -> bool {
        self.0.values().all(BTreeSet::is_empty)
    }
}

impl fmt::Display for Inventory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("nothing");
        }
        for (what, ids) in self.0.iter().filter(|(_, ids)| !ids.is_empty()) {
            let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
            writeln!(f, "  {what}: {}", ids.join(", "))?;
        }
        Ok(())
    }
}

/// The identifiers in a list reply of what has not been deleted.
///
/// AWS's replies begin each entry with its identifier, so an entry is what follows one up to the next.
fn existing(xml: &str, identifier: &str) -> BTreeSet<String> {
    let open = format!("<{identifier}>");
    xml.split(&open)
        .skip(1)
        .filter(|entry| !entry.contains("<state>deleted</state>") && !is_ghost(identifier, entry))
        .filter(|entry| !entry.contains(SERVICE_ROLE))
        .filter_map(|entry| entry.split_once("</"))
        .map(|(id, _)| id.to_owned())
        .filter(|id| !is_default(id))
        .collect()
}

/// In the ARN of a role that a service has in an account: it belongs to the account, and stays when what needed it is gone.
pub(crate) const SERVICE_ROLE: &str = ":role/aws-service-role/";

/// Whether it is a group of default parameters, which AWS makes when it is used for the first time.
pub(crate) fn is_default(id: &str) -> bool {
    id.starts_with("default.")
}

/// moto never removes the network interface of a NAT gateway. It is the only one without a description: AWS
/// and everything that makes interfaces for others describes them.
fn is_ghost(identifier: &str, entry: &str) -> bool {
    let described = entry
        .split_once("<description>")
        .is_some_and(|(_, text)| !text.starts_with('<'));
    identifier == "networkInterfaceId" && !described
}

/// The texts of every element of this name, at any depth.
pub fn elements(xml: &str, name: &str) -> BTreeSet<String> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    xml.split(&open)
        .skip(1)
        .filter_map(|rest| rest.split_once(&close))
        .map(|(text, _)| text.to_owned())
        .collect()
}
