//! The composites of a Terraform plan or state, as the readings see them.

use std::collections::{BTreeMap, BTreeSet};

use platform_graph::{OWNER_TAG, Owner, Properties, Recorded, Records, reference};
use serde::Serialize;
use serde_json::{Map, Value};

mod given;

/// Prefix of the Terraform resource types whose `resources` attribute holds parts.
const COMPOSITE_PREFIX: &str = "platform_";

/// One composite with its parts.
///
/// # Guarantees
/// Every property that is asked for has a value: the known one, or the text of the reference it will come from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CompositeView {
    /// Address in Terraform (`module.network.platform_network.main`), or the owner when Terraform is not involved.
    pub address: String,
    /// Terraform resource type, e.g. `platform_network`.
    pub composite: String,
    /// Name of the composite.
    pub name: String,
    /// Region it lives in, where that is known.
    pub region: Option<String>,
    /// Whether every part exists; `None` where that is not known before the apply.
    pub ready: Option<bool>,
    /// Whether `terraform destroy` is refused; `None` where the composite has no such argument.
    pub protected: Option<bool>,
    /// The composites that it was given, as `region/name`, by argument: `network`.
    pub given: BTreeMap<String, String>,
    /// The parts, by address.
    pub parts: Records,
}

/// Where in a network a part stands, as far as its address says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Placement<'a> {
    /// Id of the availability zone (`use1-az1`); `None` for a part of the whole region.
    pub zone: Option<&'a str>,
    /// Tier of subnets (`private`); `None` for a part of no tier.
    pub tier: Option<&'a str>,
}

impl CompositeView {
    /// The owner of the parts: as their tags say, else put together from what Terraform says.
    pub fn owner(&self) -> Owner {
        owner_in(&self.parts).unwrap_or_else(|| Owner {
            composite: self.composite.clone(),
            region: self
                .region
                .clone()
                .unwrap_or_else(|| "unknown-region".to_owned()),
            name: self.name.clone(),
        })
    }

    /// Parts of one type, by address.
    pub fn of_type(&self, kind: &str) -> impl Iterator<Item = (&str, &Recorded)> {
        self.parts
            .iter()
            .filter(move |(_, part)| part.kind == kind)
            .map(|(address, part)| (address.as_str(), part))
    }

    /// Ids of the availability zones that have a subnet, in order.
    pub fn zones(&self) -> BTreeSet<&str> {
        self.of_type("AWS::EC2::Subnet")
            .filter_map(|(address, part)| {
                text(part, "AvailabilityZoneId")
                    .or_else(|| text(part, "AvailabilityZone"))
                    .or_else(|| address.split('/').nth(2))
            })
            .collect()
    }

    /// Tiers that have a subnet, in order.
    pub fn tiers(&self) -> BTreeSet<&str> {
        self.of_type("AWS::EC2::Subnet")
            .filter_map(|(address, _)| address.split('/').nth(1))
            .collect()
    }

    /// Where the part at an address stands.
    pub fn placement<'a>(&'a self, address: &'a str) -> Placement<'a> {
        // A rule that names a tier or zone belongs to its security group all the same.
        if address.starts_with("security-group/") {
            return Placement {
                zone: None,
                tier: None,
            };
        }
        let (zones, tiers) = (self.zones(), self.tiers());
        let mut segments = address.split('/').skip(1);
        Placement {
            tier: segments.clone().find(|segment| tiers.contains(segment)),
            zone: segments.find(|segment| zones.contains(segment)),
        }
    }
}

/// A property that is a string.
pub(crate) fn text<'a>(part: &'a Recorded, property: &str) -> Option<&'a str> {
    part.properties.get(property)?.as_str()
}

/// Whether a property is `true`.
pub(crate) fn flag(part: &Recorded, property: &str) -> bool {
    part.properties.get(property) == Some(&Value::Bool(true))
}

/// The address of the part that a property refers to.
pub(crate) fn target(part: &Recorded, property: &str) -> Option<String> {
    let text = part.refs.get(&format!("/{property}"))?;
    reference::parts_in(text).into_iter().next()
}

/// Addresses of the parts that a property refers to, at any depth.
pub(crate) fn targets(part: &Recorded, property: &str) -> BTreeSet<String> {
    let (exact, inside) = (format!("/{property}"), format!("/{property}/"));
    part.refs
        .iter()
        .filter(|(pointer, _)| **pointer == exact || pointer.starts_with(&inside))
        .flat_map(|(_, text)| reference::parts_in(text))
        .collect()
}

/// References that stand in properties, by JSON pointer. A part that is only waited for stands in `refs` under
/// `after/<address>`, which is no pointer.
pub(crate) fn property_refs(part: &Recorded) -> impl Iterator<Item = (&str, &str)> {
    part.refs
        .iter()
        .filter(|(pointer, _)| pointer.starts_with('/'))
        .map(|(pointer, text)| (pointer.as_str(), text.as_str()))
}

/// Addresses of the parts that a part waits for although none of its properties refers to them.
pub(crate) fn awaited(part: &Recorded) -> impl Iterator<Item = &str> {
    part.refs
        .keys()
        .filter_map(|pointer| pointer.strip_prefix("after/"))
}

/// Properties with every reference in place of the value it stands for.
pub(crate) fn open(part: &Recorded) -> Properties {
    let mut properties = Value::Object(part.properties.clone());
    for (pointer, text) in property_refs(part) {
        put(&mut properties, pointer, text);
    }
    match properties {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

/// Sets the value at a JSON pointer, and makes what is missing on the way: a list where the next step is a number.
fn put(value: &mut Value, pointer: &str, text: &str) {
    let mut at = value;
    for step in pointer.split('/').skip(1) {
        let step = step.replace("~1", "/").replace("~0", "~");
        if at.is_null() {
            *at = match step.parse::<usize>() {
                Ok(_) => Value::Array(Vec::new()),
                Err(_) => Value::Object(Map::new()),
            };
        }
        at = match at {
            Value::Object(fields) => fields.entry(step).or_insert(Value::Null),
            Value::Array(items) => {
                let Ok(index) = step.parse::<usize>() else {
                    return;
                };
                // References are written in order, so a list lacks its end at most.
                if index == items.len() {
                    items.push(Value::Null);
                }
                match items.get_mut(index) {
                    Some(item) => item,
                    None => return,
                }
            }
            _ => return,
        };
    }
    *at = Value::String(text.to_owned());
}

/// The composites in what `terraform show -json` prints for a plan file or for a state.
///
/// # Errors
/// Says what was found instead, and at which composite and part, when the shape is another one.
pub fn from_terraform_json(shown: &Value) -> Result<Vec<CompositeView>, String> {
    let values = shown
        .get("planned_values")
        .or_else(|| shown.get("values"))
        .ok_or_else(|| not_shown(shown))?;
    let mut views = Vec::new();
    if let Some(root) = values.get("root_module") {
        walk(root, &mut views)?;
    }
    for change in list(shown, "resource_changes") {
        let address = change.get("address").and_then(Value::as_str);
        let unknown = change.pointer("/change/after_unknown");
        if let (Some(view), Some(unknown)) = (
            views
                .iter_mut()
                .find(|view| Some(&*view.address) == address),
            unknown,
        ) {
            let tier = change.pointer("/change/after/tier").and_then(Value::as_str);
            given::refer(view, unknown, tier);
        }
    }
    views.sort_by(|one, other| one.address.cmp(&other.address));
    Ok(views)
}

fn not_shown(shown: &Value) -> String {
    let seen = if shown.get("lineage").is_some() {
        "this is a raw state file"
    } else if shown.get("format_version").is_some() {
        "this state is empty: it has no `values`"
    } else {
        "there is neither `planned_values` nor `values`"
    };
    format!(
        "not a plan or state as `terraform show -json` prints it: {seen}. Run `terraform show -json` (state) or `terraform show -json <plan file>` and pass its output"
    )
}

fn walk(module: &Value, views: &mut Vec<CompositeView>) -> Result<(), String> {
    for resource in list(module, "resources") {
        let word = |name: &str| {
            resource
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let managed = word("mode") != "data" && word("type").starts_with(COMPOSITE_PREFIX);
        let values = resource.get("values").unwrap_or(&Value::Null);
        let Some(resources) = values
            .get("resources")
            .filter(|found| managed && !found.is_null())
        else {
            continue;
        };
        let mut view = from_resources(resources)
            .map_err(|why| format!("the composite {}: {why}", word("address")))?;
        word("address").clone_into(&mut view.address);
        word("type").clone_into(&mut view.composite);
        if let Some(name) = values.get("name").and_then(Value::as_str) {
            name.clone_into(&mut view.name);
        } else if view.name.is_empty() {
            word("name").clone_into(&mut view.name);
        }
        if let Some(region) = values.get("region").and_then(Value::as_str) {
            view.region = Some(region.to_owned());
        }
        view.ready = values.get("ready").and_then(Value::as_bool);
        view.protected = values.get("deletion_protection").and_then(Value::as_bool);
        view.given = given::composites(values);
        views.push(view);
    }
    for child in list(module, "child_modules") {
        walk(child, views)?;
    }
    Ok(())
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value
        .get(name)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// The composite whose attribute `resources` this is. Its type, name and region come from the owner's tag of the parts.
///
/// # Errors
/// Says which part has which fault when the value is not an object of parts.
pub fn from_resources(resources: &Value) -> Result<CompositeView, String> {
    let Value::Object(resources) = unwrapped(resources) else {
        return Err("`resources` is not an object keyed by the addresses of parts".to_owned());
    };
    let mut parts = Records::new();
    let mut faults = Vec::new();
    for (address, part) in resources {
        match recorded(part) {
            Ok(part) => {
                parts.insert(address.clone(), part);
            }
            Err(why) => faults.push(format!("{address} {why}")),
        }
    }
    if !faults.is_empty() {
        return Err(format!(
            "not every entry of `resources` is a part: {}",
            faults.join("; ")
        ));
    }
    let owner = owner_in(&parts);
    let (composite, name, region) = match owner {
        Some(owner) => (owner.composite, owner.name, Some(owner.region)),
        None => (String::new(), String::new(), None),
    };
    let address = match &region {
        Some(region) => format!("{composite}/{region}/{name}"),
        None => "resources".to_owned(),
    };
    Ok(CompositeView {
        address,
        composite,
        name,
        region,
        ready: None,
        protected: None,
        given: BTreeMap::new(),
        parts,
    })
}

/// A value of Terraform's type `dynamic` may come with its type beside it.
fn unwrapped(value: &Value) -> &Value {
    match value {
        Value::Object(fields) if fields.len() == 2 && fields.contains_key("type") => {
            fields.get("value").unwrap_or(value)
        }
        _ => value,
    }
}

fn recorded(part: &Value) -> Result<Recorded, String> {
    let field = |name: &str| part.get(name).filter(|value| !value.is_null());
    let object = |name: &str| match field(name) {
        None => Ok(None),
        Some(Value::Object(fields)) => Ok(Some(fields.clone())),
        Some(_) => Err(format!("has `{name}` that is not an object")),
    };
    let kind = field("type")
        .and_then(Value::as_str)
        .ok_or("has no `type`")?;
    let refs: BTreeMap<String, String> = object("refs")?
        .unwrap_or_default()
        .into_iter()
        .filter_map(|(pointer, text)| Some((pointer, text.as_str()?.to_owned())))
        .collect();
    let mut properties = Value::Object(object("properties")?.unwrap_or_default());
    for (pointer, text) in refs.iter().filter(|(pointer, _)| pointer.starts_with('/')) {
        if properties.pointer(pointer).is_none_or(Value::is_null) {
            put(&mut properties, pointer, text);
        }
    }
    Ok(Recorded {
        kind: kind.to_owned(),
        id: field("id").and_then(Value::as_str).map(str::to_owned),
        properties: match properties {
            Value::Object(fields) => fields,
            _ => Map::new(),
        },
        refs,
        attributes: object("attributes")?,
    })
}

/// The owner that the tags of the parts name.
fn owner_in(parts: &Records) -> Option<Owner> {
    parts.values().find_map(|part| {
        let tags = part.properties.get("Tags")?;
        tags.get(OWNER_TAG)?.as_str()?.parse().ok()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn part(subnet: &Value) -> Value {
        json!({
            "type": "AWS::EC2::NatGateway", "id": null, "attributes": null,
            "properties": subnet, "refs": { "/SubnetId": "${part:subnet/public/use1-az1}", "/Ids/1": "${part:vpc}", "/Zones/0/Ids/0": "${part:eip}", "after/internet-gateway": "${part:internet-gateway}" }
        })
    }

    #[test]
    fn composites_are_found_in_plans_and_states_at_any_depth() {
        let resource = |address: &str, kind: &str| {
            json!({
                "address": address, "mode": "managed", "type": kind, "name": "main",
                "values": { "name": "shop", "region": "eu-west-1", "ready": true, "resources": { "nat/a": part(&json!({"Ids": ["x", null]})) } }
            })
        };
        let module = json!({
            "resources": [resource("platform_network.main", "platform_network"), resource("other.main", "other")],
            "child_modules": [{ "child_modules": [{ "resources": [resource("module.a.module.b.platform_network.main", "platform_network")] }] }]
        });
        for shown in [
            json!({ "planned_values": { "root_module": module } }),
            json!({ "values": { "root_module": module } }),
        ] {
            let views = from_terraform_json(&shown).unwrap();
            let addresses: Vec<&str> = views.iter().map(|view| view.address.as_str()).collect();
            assert_eq!(
                addresses,
                [
                    "module.a.module.b.platform_network.main",
                    "platform_network.main"
                ]
            );
            assert_eq!(views[0].region.as_deref(), Some("eu-west-1"));
            assert_eq!(
                Value::Object(views[0].parts["nat/a"].properties.clone()),
                json!({ "SubnetId": "${part:subnet/public/use1-az1}", "Ids": ["x", "${part:vpc}"], "Zones": [{ "Ids": ["${part:eip}"] }] }),
                "what a plan does not know yet is the reference"
            );
        }
    }

    #[test]
    fn a_known_value_stays_and_the_reference_can_be_put_back() {
        let view = from_resources(
            &json!({ "nat/a": part(&json!({ "SubnetId": "subnet-1", "Ids": ["x", "vpc-1"] })) }),
        )
        .unwrap();
        let nat = &view.parts["nat/a"];
        assert_eq!(text(nat, "SubnetId"), Some("subnet-1"));
        assert_eq!(open(nat)["SubnetId"], "${part:subnet/public/use1-az1}");
        assert_eq!(
            target(nat, "SubnetId").as_deref(),
            Some("subnet/public/use1-az1")
        );
        assert_eq!(targets(nat, "Ids"), BTreeSet::from(["vpc".to_owned()]));
    }

    #[test]
    fn other_shapes_are_refused_with_what_to_do() {
        for (shown, expected) in [
            (json!({ "lineage": "x", "resources": [] }), "raw state file"),
            (json!({ "format_version": "1.0" }), "state is empty"),
            (json!([]), "neither"),
        ] {
            let why = from_terraform_json(&shown).unwrap_err();
            assert!(
                why.contains(expected) && why.contains("terraform show -json"),
                "{why}"
            );
        }
        let why =
            from_resources(&json!({ "vpc": {}, "b": { "type": "T", "refs": [] } })).unwrap_err();
        assert!(
            why.contains("vpc has no `type`") && why.contains("b has `refs`"),
            "{why}"
        );
    }
}
