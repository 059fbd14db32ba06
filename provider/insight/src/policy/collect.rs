//! Every call that a part can ask for in its life.

use std::collections::BTreeSet;

use platform_graph::{
    Attributes, Call, Identity, KindDef, Kinds, Live, MalformedProperties, Properties, Recorded,
    Tags,
};
use serde_json::{Value, json};

use crate::CompositeView;
use crate::inventory::open;

/// Properties that are asked for as empty and found full, with an element that may be found: what is there and should not be is
/// taken away.
const FOUND: &[(&str, &str, &str)] = &[
    (
        "SecurityGroup",
        "SecurityGroupIngress",
        r#"{"SecurityGroupRuleId": "sgr-0", "IpProtocol": "-1"}"#,
    ),
    (
        "SecurityGroup",
        "SecurityGroupEgress",
        r#"{"SecurityGroupRuleId": "sgr-0", "IpProtocol": "-1"}"#,
    ),
    (
        "DefaultNetworkAcl",
        "Entries",
        r#"{"NetworkAclId": "acl-0", "RuleNumber": 100, "Protocol": -1, "RuleAction": "allow", "CidrBlock": "0.0.0.0/0"}"#,
    ),
];

/// Stands for an id or attribute that only AWS can choose.
const PLACEHOLDER: &str = "placeholder";

/// The calls by which a part is found, read, created, changed, tagged and deleted, and by which others like it and others
/// inside it are listed.
///
/// # Errors
/// Says why the part can't be asked: its kind is unknown, or its properties don't fit it.
pub(super) fn calls(
    view: &CompositeView,
    address: &str,
    part: &Recorded,
    kinds: &Kinds,
) -> Result<Vec<Call>, String> {
    let kind = kinds
        .get(&part.kind)
        .ok_or_else(|| format!("no kind is known for {}", part.kind))?;
    let mut calls = lifetime(kind, view, address, part).map_err(|why| why.to_string())?;
    calls.extend(looks(kind, part, kinds));
    Ok(calls)
}

/// The calls that list what a lost state forgot, and, in a refresh with `drift = "deep"`, what others put inside the part.
fn looks(kind: &KindDef, part: &Recorded, kinds: &Kinds) -> Vec<Call> {
    let id = part.id.as_deref().unwrap_or(PLACEHOLDER);
    let mut calls = (kind.census)(&[]);
    for resident in kinds.iter() {
        if resident.inside_of.contains(&kind.name) {
            calls.extend((resident.inside)(kind.name, id));
        }
    }
    calls
}

/// The calls with which a destroy looks for what others left inside a part, and removes it.
///
/// # Errors
/// As [`calls`].
pub(super) fn left_behind(
    view: &CompositeView,
    address: &str,
    part: &Recorded,
    kinds: &Kinds,
) -> Result<Vec<Call>, String> {
    let kind = kinds
        .get(&part.kind)
        .ok_or_else(|| format!("no kind is known for {}", part.kind))?;
    let id = part.id.as_deref().unwrap_or(PLACEHOLDER);
    let me = Identity {
        owner: view.owner(),
        address: address.to_owned(),
        id: Some(id.to_owned()),
    };
    super::left_behind::calls(kind, &open(part), &me, id).map_err(|why| why.to_string())
}

fn lifetime(
    kind: &KindDef,
    view: &CompositeView,
    address: &str,
    part: &Recorded,
) -> Result<Vec<Call>, MalformedProperties> {
    let desired = open(part);
    let known = Identity {
        owner: view.owner(),
        address: address.to_owned(),
        id: Some(part.id.clone().unwrap_or_else(|| PLACEHOLDER.to_owned())),
    };
    let unknown = Identity {
        id: None,
        ..known.clone()
    };
    let id = known.id.as_deref().unwrap_or(PLACEHOLDER);
    let attributes: Attributes = kind
        .attributes
        .iter()
        .map(|name| ((*name).to_owned(), json!(PLACEHOLDER)))
        .chain(part.attributes.clone().unwrap_or_default())
        .collect();
    let mut calls = (kind.find)(&desired, &unknown)?;
    calls.extend((kind.find)(&desired, &known)?);
    calls.extend((kind.details)(&desired, &known, id)?);
    calls.extend((kind.create)(&desired, &unknown)?);
    calls.extend((kind.restore)(&desired, &known, id)?);
    calls.extend((kind.delete)(&desired, &known, id, &attributes)?);
    let live = |properties: Properties| Live {
        id: id.to_owned(),
        properties,
        attributes: attributes.clone(),
    };
    if kind.tagged {
        let set = Tags::from([("key".to_owned(), "value".to_owned())]);
        calls.extend((kind.retag)(
            &live(desired.clone()),
            &set,
            &["key".to_owned()],
        )?);
    }
    for name in names(kind, &desired)
        .iter()
        .filter(|name| *name != "Tags" && !kind.create_only.contains(&name.as_str()))
    {
        for other in variants(kind, &desired, name) {
            // Some variants are no valid properties of the kind: they are not reachable either.
            for (from, to) in [(&other, &desired), (&desired, &other)] {
                let (live, changed) = (live(from.clone()), [name.as_str()]);
                for ask in [kind.update, kind.forecast] {
                    calls.extend(ask(to, &known, &live, &changed).unwrap_or_default());
                }
            }
        }
    }
    Ok(calls)
}

/// Names of the properties that may differ: those asked for, and those found although not asked for.
fn names(kind: &KindDef, desired: &Properties) -> BTreeSet<String> {
    let found = FOUND
        .iter()
        .filter(|(suffix, ..)| kind.name.ends_with(suffix))
        .map(|(_, name, _)| (*name).to_owned());
    desired.keys().cloned().chain(found).collect()
}

/// Properties in which one has another value: none, an empty one, the opposite, a found one.
fn variants(kind: &KindDef, properties: &Properties, name: &str) -> Vec<Properties> {
    let with = |value: Option<Value>| {
        let mut other = properties.clone();
        match value {
            Some(value) => other.insert(name.to_owned(), value),
            None => other.remove(name),
        };
        other
    };
    let mut variants = vec![with(None)];
    match properties.get(name) {
        Some(Value::Array(_)) => variants.push(with(Some(json!([])))),
        Some(Value::Bool(value)) => variants.push(with(Some(json!(!value)))),
        Some(Value::String(value)) => variants.push(with(Some(json!(format!("{value}-other"))))),
        Some(Value::Number(_)) => variants.push(with(Some(json!(1)))),
        Some(Value::Object(_)) => variants.push(with(Some(json!({})))),
        _ => {}
    }
    for (suffix, property, element) in FOUND {
        if kind.name.ends_with(suffix) && *property == name {
            let found: Value = serde_json::from_str(element).unwrap_or_default();
            variants.push(with(Some(json!([found]))));
        }
    }
    variants
}
