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

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write;
use std::sync::LazyLock;

use quick_xml::Reader;
use quick_xml::events::Event;
use regex::{Captures, Regex};
use serde_json::{Map, Value, json};

use crate::api::Api;
use crate::failure::{Failure, Outcome};
use crate::inventory::{self, Listed};
use crate::stage::REGION;

/// Everything that exists and everything that the state says, by the sort of thing; equal entries as often as there are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Footprint(BTreeMap<String, Vec<String>>);

/// How many differences are worth reading.
const SHOWN: usize = 12;

/// How many characters of an entry.
const LENGTH: usize = 1500;

impl Footprint {
    /// Looks at an account, and at a state in Terraform's own format.
    pub fn take(api: Api, state: &Value) -> Outcome<Self> {
        let mut entries: Vec<(String, Value)> = Vec::new();
        let mut labels = Labels::default();
        for (what, listed) in inventory::listed(api, REGION)? {
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
                entries.push((format!("state of {address}: {part}"), value));
            }
            for (name, value) in attributes.as_object().into_iter().flatten() {
                // What the last plan did depends on what was there already.
                if name != "changes" && name != "resources" && !is_random(name) {
                    entries.push((format!("state of {address}: {name}"), value.clone()));
                }
            }
        }
        let mut footprint = Self::default();
        for (what, mut entry) in entries {
            without_signatures(&mut entry);
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

/// What identifiers stand for.
#[derive(Default)]
struct Labels {
    of: BTreeMap<String, String>,
    /// Texts that were replaced before: most occur again and again, and the patterns are slow.
    replaced: HashMap<String, String>,
}

impl Labels {
    /// Learns what a listed thing is from its own tags: this provider's address, else its name.
    fn learn(&mut self, entry: &Value, identifier: &str) {
        let tags = tags(entry);
        let label = match (tags.get("platform:owner"), tags.get("platform:address")) {
            (Some(owner), Some(address)) => format!("{owner}/{address}"),
            _ => match tags.get("Name") {
                Some(name) => name.clone(),
                None => return,
            },
        };
        if let Some(id) = entry[identifier].as_str() {
            self.of.insert(id.to_owned(), label);
        }
    }

    fn canonical(&mut self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.replaced(text),
            Value::Array(entries) => {
                for entry in entries.iter_mut() {
                    self.canonical(entry);
                }
                entries.sort_by_cached_key(Value::to_string);
            }
            Value::Object(members) => {
                let old = std::mem::take(members);
                for (name, mut value) in old {
                    if is_random(&name) && !value.is_null() {
                        value = json!("random");
                    } else {
                        self.canonical(&mut value);
                    }
                    members.insert(self.replaced(&name), value);
                }
            }
            _ => {}
        }
    }

    fn replaced(&mut self, text: &str) -> String {
        if let Some(known) = self.replaced.get(text) {
            return known.clone();
        }
        // First, because a part of a UUID looks like an identifier.
        let drawn = RANDOM
            .iter()
            .fold(text.to_owned(), |text, (pattern, sort)| {
                pattern.replace_all(&text, *sort).into_owned()
            });
        let label = |found: &Captures<'_>| {
            let id = &found[0];
            match self.of.get(id) {
                Some(label) => format!("<{label}>"),
                None => format!("<{}>", id.rsplit_once('-').map_or("id", |(sort, _)| sort)),
            }
        };
        let replaced = CHOSEN_BY_AWS.replace_all(&drawn, label).into_owned();
        self.replaced.insert(text.to_owned(), replaced.clone());
        replaced
    }
}

#[expect(clippy::expect_used, reason = "the patterns are constants")]
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a valid pattern")
}

/// Identifiers such as `subnet-0a1b2c3d4e5f67890`.
static CHOSEN_BY_AWS: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\b[a-z]+(?:-[a-z]+)*-[0-9a-f]{8,32}\b"));

/// Texts that AWS draws, or takes from its clock, and what is put in their place.
static RANDOM: LazyLock<[(Regex, &str); 14]> = LazyLock::new(|| {
    [
        (
            pattern(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"),
            "<uuid>",
        ),
        (
            pattern(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?"),
            "<time>",
        ),
        (pattern(r"\bA[A-Z]{3}[A-Z0-9]{16,17}\b"), "<principal>"),
        // Emulators draw public addresses from here.
        (pattern(r"\b127(?:[.-]\d+){3}\b"), "<address>"),
        // moto draws the VPC's block; subnets differ in its last two digits, of which leading zeros are not written.
        (
            pattern(r"\b[0-9a-f]{4}:[0-9a-f]{1,4}:[0-9a-f]{1,4}:[0-9a-f]{0,2}([0-9a-f]{2})::"),
            "<block>:$1::",
        ),
        (
            pattern(r"\b[0-9a-f]{4}:[0-9a-f]{1,4}:[0-9a-f]{1,4}:([0-9a-f])::"),
            "<block>:0$1::",
        ),
        (
            pattern(r"\b[0-9a-f]{4}:[0-9a-f]{1,4}:[0-9a-f]{1,4}::"),
            "<block>:00::",
        ),
        // What Secrets Manager adds to a name, and RDS to the names of its resources and hosts.
        (pattern(r#"(:secret:[^"]*)-[A-Za-z0-9]{6}\b"#), "$1-<drawn>"),
        (pattern(r"\b(db|cluster)-[A-Z0-9]{24,30}\b"), "$1-<drawn>"),
        (
            pattern(r"\bprx-(tg-|endpoint-)?[a-z0-9]{17}\b"),
            "prx-$1<drawn>",
        ),
        (pattern(r"\bdb-proxy-[a-z0-9]{12}\b"), "db-proxy-<drawn>"),
        // The version of a secret: which value it is, and a digest of who wrote it to what.
        (pattern(r"\bvalue-(\d{10})-[0-9a-f]{32}\b"), "value $1"),
        (
            pattern(r"\bscalable-target/[a-z0-9]{36}\b"),
            "scalable-target/<drawn>",
        ),
        (
            pattern(r"\.(cluster-|cluster-ro-)?[a-z0-9]{12}\.([a-z0-9-]+)\.rds\b"),
            ".$1<drawn>.$2.rds",
        ),
    ]
});

/// Members that hold what AWS draws, where no pattern would tell.
fn is_random(name: &str) -> bool {
    const DRAWN: [&str; 28] = [
        // moto says so of the first subnet of a zone, whichever that was.
        "defaultforaz",
        "publicip",
        "carrierip",
        "privateip",
        "privateipaddress",
        "privateipaddressesset",
        "macaddress",
        "privatedns",
        "privatednsname",
        "publicdnsname",
        "ipowner",
        "dnsentries",
        "dnsentryset",
        // A digest of what it was created with, ids among it.
        "clienttoken",
        "creationtoken",
        "creatorrequestid",
        "hostedzoneid",
        "versionid",
        "timestamp",
        "createtime",
        "creationtime",
        "creationdate",
        "createdate",
        "lastupdateddate",
        "lastupdatedtime",
        "createddate",
        "lastchangeddate",
        "deleteddate",
    ];
    // hashicorp/aws writes its attributes with underscores.
    let name = name.to_lowercase().replace('_', "");
    DRAWN.contains(&name.as_str())
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

/// The tags of a listed thing, however its service writes them.
fn tags(entry: &Value) -> BTreeMap<String, String> {
    let lists = ["tagSet", "Tags", "tags", "TagSet", "TagList"];
    let Some(list) = lists
        .iter()
        .map(|name| &entry[*name])
        .find(|l| !l.is_null())
    else {
        return BTreeMap::new();
    };
    let member = |tag: &Value, names: [&str; 2]| {
        names
            .iter()
            .find_map(|name| tag[*name].as_str())
            .map(str::to_owned)
    };
    array(list)
        .iter()
        .filter_map(|tag| {
            Some((
                member(tag, ["key", "Key"])?,
                member(tag, ["value", "Value"])?,
            ))
        })
        .collect()
}

/// An element as JSON: a text, a list of `item` or `member`, or an object of its children.
fn json_of(xml: &str) -> Outcome<Value> {
    let mut reader = Reader::from_str(xml);
    // The innermost open element is last: its name, its children and its text.
    type Open = (String, Vec<(String, Value)>, String);
    let mut open = vec![Open::default()];
    loop {
        match reader.read_event()? {
            Event::Start(element) => {
                let name = element.local_name().as_ref().to_owned();
                open.push((name, Vec::new(), String::new()));
            }
            Event::Empty(element) => {
                let name = element.local_name().as_ref().to_owned();
                if let Some((_, children, _)) = open.last_mut() {
                    children.push((name, Value::Null));
                }
            }
            Event::Text(text) => {
                if let Some((_, _, collected)) = open.last_mut() {
                    collected.push_str(&text);
                }
            }
            Event::GeneralRef(reference) => {
                if let Some((_, _, collected)) = open.last_mut() {
                    let _ = write!(collected, "&{};", &*reference);
                }
            }
            Event::End(_) => {
                if let Some((name, children, text)) = open.pop()
                    && let Some((_, siblings, _)) = open.last_mut()
                {
                    siblings.push((name, element(children, &text)));
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
    let (_, children, text) = open.swap_remove(0);
    Ok(element(children, &text))
}

/// An element of these children: a list where they are entries, which AWS calls `item`, `member` or what they are, as often as there
/// are some.
fn element(children: Vec<(String, Value)>, text: &str) -> Value {
    if children.is_empty() {
        return match text.trim() {
            "" => Value::Null,
            text => json!(text),
        };
    }
    let is_list = match &children[..] {
        [(name, _)] => name == "item" || name == "member",
        [(first, _), rest @ ..] => rest.iter().all(|(name, _)| name == first),
        [] => false,
    };
    if is_list {
        return Value::Array(children.into_iter().map(|(_, value)| value).collect());
    }
    Value::Object(children.into_iter().collect::<Map<String, Value>>())
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn what_aws_draws_is_replaced_by_its_sort() {
        let mut labels = Labels::default();
        for (drawn, sort) in [
            ("sgr-0123456789abcdef0", "<sgr>"),
            ("vpc-cidr-assoc-0123abcd", "<vpc-cidr-assoc>"),
            ("2026-01-01T10:00:00.123Z", "<time>"),
            ("key/0a1b2c3d-0a1b-0a1b-aaef-0a1b2c3d4e5f", "key/<uuid>"),
            ("2400:6500:1a2b:7b03::/64", "<block>:03::/64"),
            ("2400:6500:1a2b:3::/64", "<block>:03::/64"),
            ("2400:6500:1a2b::/64", "<block>:00::/64"),
            ("::/0", "::/0"),
            ("10.0.0.0/16", "10.0.0.0/16"),
            ("use1-az1", "use1-az1"),
            (
                "value-0000000002-84bafaf82b2c4bc94ed4bda10a27fb9b",
                "value 0000000002",
            ),
        ] {
            assert_eq!(labels.replaced(drawn), sort);
        }
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
