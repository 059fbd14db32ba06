//! What is wrong with a configuration, all of it at once, each at its attribute path.
//!
//! The schema has judged types, forms and ranges before; here is what concerns more than one attribute or needs arithmetic.

mod addresses;
mod parts;
mod traffic;

use std::collections::BTreeSet;

use platform_graph::{Graph, Problems};

use crate::Ledger;
use crate::schema::is_unknown_text;

use super::layout::Layout;
use super::spec::{NatMode, Network};

/// The longest name of a tier, group or rule; addresses stay well under the 256 characters of a tag value.
const LONGEST_NAME: usize = 40;

/// Finds everything that is wrong with the configuration alone.
pub(super) fn check(spec: &Network, problems: &mut Problems) {
    addresses::check(spec, problems);
    traffic::check(spec, problems);
    parts::check(spec, problems);
}

/// Whether a value that decides which parts there are is not known yet.
pub(super) fn is_open(spec: &Network) -> bool {
    let single = [
        Some(&spec.name),
        spec.region.as_ref(),
        spec.cidr.as_ref(),
        spec.ipam.as_ref().map(|pool| &pool.pool_id),
        spec.nat.tier.as_ref(),
        spec.endpoints.tier.as_ref(),
    ];
    let sets = [
        &spec.secondary_cidrs,
        &spec.zones.ids,
        &spec.zones.names,
        &spec.cluster_names,
        &spec.release,
    ];
    let tiers = spec.tiers.values().flat_map(|tier| &tier.cidr_block);
    let endpoints = spec
        .endpoints
        .interface
        .values()
        .flat_map(|endpoint| endpoint.tier.iter().chain(&endpoint.security_groups));
    let groups = spec.security_groups.values();
    let ingress = groups
        .clone()
        .flat_map(|group| group.ingress.values())
        .flat_map(|rule| rule.from_cidrs.iter().chain(&rule.from_tier));
    let egress = groups
        .flat_map(|group| group.egress.values())
        .flat_map(|rule| rule.to_cidrs.iter().chain(&rule.to_tier));
    let acls = spec
        .tiers
        .values()
        .flat_map(|tier| &tier.network_acl)
        .flat_map(|acl| acl.ingress.values().chain(acl.egress.values()))
        .map(|rule| &rule.cidr);
    single
        .into_iter()
        .flatten()
        .chain(sets.into_iter().flatten())
        .chain(tiers)
        .chain(endpoints)
        .chain(ingress)
        .chain(egress)
        .chain(acls)
        .any(|text| is_unknown_text(text))
}

/// What can be judged only when the zones are known.
pub(super) fn check_zones(spec: &Network, layout: Option<&Layout<'_>>, problems: &mut Problems) {
    let Some(layout) = layout else { return };
    let ids: BTreeSet<&str> = layout.zones.iter().map(|zone| zone.id.as_str()).collect();
    let used: BTreeSet<&str> = match spec.nat_mode() {
        NatMode::Regional => ids.clone(),
        _ => layout.nat_zones().into_iter().collect(),
    };
    for zone in spec.nat.elastic_ips.keys() {
        let path = ["nat", "elastic_ips", zone.as_str()];
        if !ids.contains(zone.as_str()) {
            let ids: Vec<&str> = ids.iter().copied().collect();
            problems.error(
                path,
                format!("the network is not in zone {zone}"),
                format!(
                    "Its zones are {}. Name one of them, or add {zone} to `zones.ids`.",
                    ids.join(", ")
                ),
            );
        } else if !used.contains(zone.as_str()) {
            problems.warning(
                path,
                format!("the address for {zone} is not used"),
                format!(
                    "In this NAT mode there is a gateway in {} only.",
                    join(&used)
                ),
            );
        }
    }
}

fn join(words: &BTreeSet<&str>) -> String {
    match words.is_empty() {
        true => "no zone".to_owned(),
        false => words.iter().copied().collect::<Vec<_>>().join(", "),
    }
}

/// Finds addresses in `allow_replace` and `allow_delete` that can't be meant.
pub(super) fn check_addresses(
    spec: &Network,
    graph: &Graph,
    ledger: &Ledger,
    problems: &mut Problems,
) {
    for address in &spec.allow_replace {
        if !is_unknown_text(address) && !graph.parts.contains_key(address) {
            problems.warning(
                ["allow_replace"],
                format!("{address} is not a part of this network"),
                "Name a part as the plan names it, for example `flow-log/group`, or take it out.",
            );
        }
    }
    // A part that is to be deleted is no longer in the graph, so that only its family can be judged.
    let family = |address: &str| address.split('/').next().map(str::to_owned);
    let families: BTreeSet<String> = graph
        .parts
        .keys()
        .filter_map(|address| family(address))
        .chain(["flow-log", "nat", "eip", "vpc-cidr"].map(str::to_owned))
        .chain(ledger.0.keys().filter_map(|key| family(key)))
        .collect();
    for address in &spec.allow_delete {
        if !is_unknown_text(address)
            && !family(address).is_some_and(|word| families.contains(&word))
        {
            problems.warning(
                ["allow_delete"],
                format!("{address} does not look like a part of a network"),
                "Name a part as the refusal in the plan names it, for example `flow-log/group`, or take it out.",
            );
        }
    }
}

/// Judges a name that the user gave to something inside the network.
fn check_name(path: &[&str], what: &str, name: &str, problems: &mut Problems) {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let starts = name
        .chars()
        .next()
        .is_some_and(|c| c.is_ascii_alphanumeric());
    if !starts || !name.chars().all(allowed) || name.len() > LONGEST_NAME {
        problems.error(
            path.iter().copied(),
            format!("{name:?} can't be the name of {what}"),
            format!(
                "A name has letters, digits, hyphens and underscores, starts with a letter or digit and is at most {LONGEST_NAME} \
                 characters long: AWS resources are tagged with it."
            ),
        );
    }
}

/// How many more are for `tags` of a tier or group.
const MOST_FURTHER_TAGS: usize = 15;

/// Judges text that has to be a JSON object, such as a policy.
fn check_policy(path: &[&str], text: &str, problems: &mut Problems) {
    if is_unknown_text(text) {
        return;
    }
    let why = match serde_json::from_str::<serde_json::Value>(text) {
        Ok(serde_json::Value::Object(_)) => return,
        Ok(_) => "It is JSON, but not an object.".to_owned(),
        Err(error) => format!("Reading it fails with: {error}."),
    };
    problems.error(
        path.iter().copied(),
        "the policy is not a JSON policy document",
        format!("{why} Write it with `jsonencode`."),
    );
}

/// The names of a map in a sentence.
fn names<'a>(names: impl Iterator<Item = &'a String>) -> String {
    let names: Vec<&str> = names.map(String::as_str).collect();
    if names.is_empty() {
        "there are none".to_owned()
    } else {
        format!("there are {}", names.join(", "))
    }
}
