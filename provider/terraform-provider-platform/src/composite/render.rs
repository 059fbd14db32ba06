//! What a plan and a state show of a composite: pure functions from graph, plan and records to JSON.
//!
//! In planned JSON a text that still holds a `${part:…}` or `${config:…}` token is a value that is known after apply, and
//! [`UNKNOWN`] stands for an unknown value of whatever type its place has. Only `refs` holds tokens that are meant as text:
//! they say which property comes from which part, and [`is_unknown`] leaves them alone.

use std::collections::BTreeMap;

use platform_graph::{
    Action, Disruption, Graph, Kinds, Operation, Plan, Properties, Recorded, Records, Step,
    reference,
};
use serde_json::{Map, Value as Json, json};

/// Stands in planned JSON for a value that is not known yet, of the type of its place.
pub const UNKNOWN: &str = "${config:}";
/// Stands for an unknown text inside `resources`, where a place has no type of its own.
const UNKNOWN_TEXT: &str = "${config:id}";

/// Whether the node of planned JSON at this path (attribute names and keys from the outside in) is an unknown value.
pub fn is_unknown(path: &[&str], node: &Json) -> bool {
    let is_ref = matches!(path, ["resources", _, "refs", ..]);
    !is_ref
        && node
            .as_str()
            .is_some_and(|text| text == UNKNOWN || !reference::tokens(text).is_empty())
}

/// What each part is for, by address, in the words of its composite.
pub type Whys = BTreeMap<String, String>;

/// What the parts of a graph are for. A part that stays as it is keeps the words of the state, so that a new version of the
/// provider that has better ones plans no change.
pub fn whys(graph: &Graph, plan: &Plan, before: &Whys) -> Whys {
    let mut whys = before.clone();
    for (address, part) in &graph.parts {
        let stays = plan
            .steps
            .get(address)
            .is_some_and(|step| step.action == Action::Keep);
        if !stays || !before.contains_key(address) {
            whys.insert(address.clone(), part.why.clone());
        }
    }
    whys
}

/// Reads what each part is for out of the attribute `resources`.
pub fn whys_of(resources: &Json) -> Whys {
    let parts = resources.as_object().into_iter().flatten();
    parts
        .filter_map(|(address, part)| {
            Some((address.clone(), part.get("why")?.as_str()?.to_owned()))
        })
        .collect()
}

/// The attribute `resources` as planned: every part by address, with everything that is known before apply.
pub fn planned_resources(graph: &Graph, plan: &Plan, records: &Records, whys: &Whys) -> Json {
    let mut resources = Map::new();
    for (address, part) in &graph.parts {
        let Some(step) = plan.steps.get(address) else {
            continue;
        };
        let kept = records.get(address).filter(|record| record.id.is_some());
        let properties = plan.resolved(records, &part.properties);
        let (id, attributes, properties) = match (&step.action, kept) {
            (Action::Keep, Some(record)) => (
                json!(record.id),
                json!(record.attributes),
                record.properties.clone(),
            ),
            // Tags disturb nothing that AWS computes; any other change may.
            (Action::Update { changed }, Some(record)) if *changed == ["Tags"] => {
                (json!(record.id), json!(record.attributes), properties)
            }
            // What was never seen ready may turn out unfit and be made anew.
            (Action::Update { .. }, Some(record)) if record.attributes.is_some() => {
                (json!(record.id), json!(UNKNOWN), properties)
            }
            _ => (json!(UNKNOWN_TEXT), json!(UNKNOWN), properties),
        };
        resources.insert(
            address.clone(),
            resource(
                part.kind,
                id,
                properties,
                &part.refs(),
                attributes,
                whys.get(address),
            ),
        );
    }
    Json::Object(resources)
}

/// The attribute `resources` as it is: what is recorded, and for parts that could not be made what was asked for.
///
/// `planned` are the parts that the plan promised to Terraform: each keeps its key. What never became known is still an
/// unknown value of the promised type; the state holds a null of that type in its place.
pub fn recorded_resources(records: &Records, planned: &Graph, whys: &Whys) -> Json {
    let Json::Object(mut resources) = resources(records, whys) else {
        return Json::Null;
    };
    let lookup = |address: &str, attribute: Option<&str>| records.get(address)?.lookup(attribute);
    for (address, part) in planned
        .parts
        .iter()
        .filter(|(address, _)| !records.contains_key(*address))
    {
        let properties = part
            .properties
            .iter()
            .map(|(name, value)| (name.clone(), reference::resolve(value, &lookup)))
            .collect();
        let absent = resource(
            part.kind,
            json!(UNKNOWN_TEXT),
            properties,
            &part.refs(),
            json!(UNKNOWN),
            whys.get(address),
        );
        resources.insert(address.clone(), absent);
    }
    Json::Object(resources)
}

/// The attribute `resources` with exactly the planned parts, each with exactly the planned properties.
pub fn promised_resources(records: &Records, planned: &Graph, whys: &Whys) -> Json {
    let lookup = |address: &str, attribute: Option<&str>| records.get(address)?.lookup(attribute);
    let promised = planned
        .parts
        .iter()
        .map(|(address, part)| {
            let record = records.get(address);
            let properties: Properties = part
                .properties
                .iter()
                .map(|(name, value)| (name.clone(), reference::resolve(value, &lookup)))
                .collect();
            let promised = Recorded {
                kind: part.kind.to_owned(),
                id: record.and_then(|record| record.id.clone()),
                refs: part.refs(),
                // A part that is not what was promised is not ready, so that the next plan takes it up even without a refresh.
                attributes: record
                    .filter(|record| record.properties == properties)
                    .and_then(|record| record.attributes.clone()),
                properties,
            };
            (address.clone(), promised)
        })
        .collect();
    resources(&promised, whys)
}

/// The attribute `resources` of what is recorded, no more.
pub fn resources(records: &Records, whys: &Whys) -> Json {
    Json::Object(
        records
            .iter()
            .map(|(address, record)| (address.clone(), recorded(record, whys.get(address))))
            .collect(),
    )
}

fn recorded(record: &Recorded, why: Option<&String>) -> Json {
    let id = record.id.as_deref().unwrap_or(UNKNOWN_TEXT);
    let attributes = record
        .attributes
        .as_ref()
        .map_or_else(|| json!(UNKNOWN), |attributes| json!(attributes));
    resource(
        &record.kind,
        json!(id),
        record.properties.clone(),
        &record.refs,
        attributes,
        why,
    )
}

fn resource(
    kind: &str,
    id: Json,
    properties: Properties,
    refs: &BTreeMap<String, String>,
    attributes: Json,
    why: Option<&String>,
) -> Json {
    json!({"type": kind, "id": id, "properties": properties, "refs": refs, "attributes": attributes, "why": why})
}

/// Reads the attribute `resources` of a state. Entries that are not of its shape are left out, which only a state written by
/// hand has.
///
/// A property that never became known is null in the state; here it is the reference again that it came from.
pub fn records_of(resources: &Json) -> Records {
    let Json::Object(resources) = resources else {
        return Records::new();
    };
    resources
        .iter()
        .filter_map(|(address, resource)| {
            let mut resource = resource.clone();
            let refs = resource["refs"].as_object().cloned().unwrap_or_default();
            for (pointer, text) in refs {
                if let Some(value @ Json::Null) = resource["properties"].pointer_mut(&pointer) {
                    *value = text;
                }
            }
            let mut record: Recorded = serde_json::from_value(resource).ok()?;
            record.properties.retain(|_, value| !value.is_null());
            Some((address.clone(), record))
        })
        .collect()
}

/// The attribute `changes`: what the plan does to each part and why. Parts that stay as they are are left out.
///
/// Terraform shows a plan as the difference to the state, which holds the changes of the plan before. So the first plan of a
/// composite, in which everything is created and `resources` says why, has no changes: the second would strike them all out.
pub fn changes(plan: &Plan, kinds: &Kinds, graph: &Graph, records: &Records) -> Json {
    let order = plan.operations(kinds, graph, records);
    let mut changes = Map::new();
    for (address, step) in plan
        .steps
        .iter()
        .filter(|(_, step)| step.action != Action::Keep)
    {
        let waits = order
            .get(&Operation::Make(address.clone()))
            .into_iter()
            .flatten()
            .any(|first| matches!(first, Operation::Remove(other) if other != address));
        let taken_over = kinds.get(&step.kind).is_some_and(|kind| kind.taken_over);
        changes.insert(address.clone(), change(step, taken_over, waits));
    }
    Json::Object(changes)
}

fn change(step: &Step, taken_over: bool, waits: bool) -> Json {
    let properties: &[String] = match &step.action {
        Action::Update { changed } | Action::Replace { changed, .. } => changed,
        Action::Keep | Action::Create | Action::Delete => &[],
    };
    let action = match &step.action {
        Action::Keep => "keep",
        Action::Create if taken_over => "adopt",
        Action::Create => "create",
        Action::Update { .. } => "update",
        Action::Replace { .. } => "replace",
        Action::Delete if taken_over => "release",
        Action::Delete => "delete",
    };
    let mut reason = step.why.clone();
    if !properties.is_empty() {
        let verb = if properties.len() == 1 {
            "differs"
        } else {
            "differ"
        };
        reason = format!("{} {verb}: {reason}", properties.join(", "));
    }
    if !step.foretold.is_empty() {
        reason.push_str(&format!("; AWS foretells {}", step.foretold));
    }
    if waits {
        reason.push_str("; waits until its predecessor has let go");
    }
    json!({"action": action, "reason": reason, "disruption": disruption(step.disruption)})
}

fn disruption(disruption: Disruption) -> &'static str {
    match disruption {
        Disruption::None => "none",
        Disruption::Rolling => "rolling",
        Disruption::Failover => "failover",
        Disruption::Replace => "replace",
        Disruption::DataLoss => "data-loss",
    }
}

/// The typed outputs, with references resolved as far as `lookup` knows them.
pub fn outputs(
    outputs: &Json,
    lookup: &impl Fn(&str, Option<&str>) -> Option<Json>,
) -> Map<String, Json> {
    match reference::resolve(outputs, lookup) {
        Json::Object(fields) => fields,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests;
