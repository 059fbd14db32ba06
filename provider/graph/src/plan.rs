//! What has to happen to each part.
//!
//! # Flow
//! [`Plan::new`] compares a graph with the records, each part after those it refers to: whether one is replaced decides what of
//! another is still known. [`Plan::operations`] says in which order the steps are taken.

mod operations;
pub use operations::Operation;
use operations::{held_by, wanted_by};

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{
    Forecast, Graph, KindDef, Kinds, Part, Properties, Recorded, Records, Replacement, diff,
    reference,
};

/// What a change disturbs, from nothing to lost data.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Disruption {
    /// Nobody notices.
    #[default]
    None,
    /// Capacity is exchanged step by step.
    Rolling,
    /// Connections break while a standby takes over.
    Failover,
    /// The resource is exchanged for a new one with another id.
    Replace,
    /// Data is lost.
    DataLoss,
}

/// What happens to one part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// It is as it should be.
    Keep,
    /// It does not exist and is made (or found by its owner and taken up where an earlier run stopped).
    Create,
    /// It is changed in place, or an earlier run left before it was ready.
    Update {
        /// Names of the properties that change; empty for a part that only has to become ready.
        changed: Vec<String>,
    },
    /// It is exchanged for a new one.
    Replace {
        /// Names of the properties that differ.
        changed: Vec<String>,
        /// Whether the new one or the end of the old one comes first.
        order: Replacement,
    },
    /// It is no longer asked for.
    Delete,
}

/// One line of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// CloudFormation type name.
    #[serde(rename = "type")]
    pub kind: String,
    /// What happens.
    pub action: Action,
    /// The part's purpose, or why it goes.
    pub why: String,
    /// What it disturbs.
    pub disruption: Disruption,
    /// How AWS would make the change, where it [foretold](Plan::foretell) that.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub foretold: String,
}

/// What the configuration allows that is refused otherwise.
#[derive(Debug, Clone, Default)]
pub struct Limits {
    /// Addresses of parts that hold data and may be replaced.
    pub replace: BTreeSet<String>,
    /// Addresses of parts that hold data and may be deleted.
    pub delete: BTreeSet<String>,
}

/// Why a step may not be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// It would lose data and is not named in the configuration.
    HoldsData,
    /// AWS refuses to delete what is there, because this property of it is set. Naming it in the configuration is not enough.
    Protected(&'static str),
}

/// A step that may not be taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// Address of the part.
    pub address: String,
    /// Its type.
    pub kind: String,
    /// Properties whose change asks for a replacement; empty for a deletion.
    pub changed: Vec<String>,
    /// Why not.
    pub reason: Reason,
}

const REPLACED: &str = "/replaced:";

/// Address under which the old resource of a part stays recorded when the new one is there and the old one could not be
/// removed. The next plan deletes it.
pub fn replaced_address(address: &str, id: &str) -> String {
    format!("{address}{REPLACED}{id}")
}

/// Address of the part that an address is or, for an old resource of a replaced part, was about.
pub fn original_address(address: &str) -> &str {
    address
        .split_once(REPLACED)
        .map_or(address, |(original, _)| original)
}

/// What happens to every part, by address.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plan {
    /// One step per part that is asked for or recorded.
    pub steps: BTreeMap<String, Step>,
    /// Steps that may not be taken; when there is one, nothing is to be applied.
    pub refusals: Vec<Refusal>,
    /// Attributes that the steps change, by address.
    #[serde(skip)]
    unsettled: BTreeMap<String, &'static [&'static str]>,
}

impl Plan {
    /// Compares a graph with the records of an earlier run.
    ///
    /// # Assumptions
    /// The graph has no [faults](Graph::faults) and every type in it is among `kinds`.
    pub fn new(kinds: &Kinds, graph: &Graph, records: &Records, limits: &Limits) -> Self {
        let mut plan = Plan {
            steps: BTreeMap::new(),
            refusals: Vec::new(),
            unsettled: BTreeMap::new(),
        };
        for address in creation_order(graph) {
            let Some(part) = graph.parts.get(&address) else {
                continue;
            };
            let action = plan.action_for(kinds, graph, records, &address);
            if let Action::Update { changed } = &action
                && changed.iter().any(|name| name != "Tags")
                && let Some(kind) = kinds.get(part.kind)
            {
                let changed: Vec<&str> = changed.iter().map(String::as_str).collect();
                let unsettled = (kind.unsettled)(&part.properties, &changed);
                plan.unsettled.insert(address.clone(), unsettled);
            }
            let disruption = match &action {
                // What is there now goes, whatever comes in its place.
                Action::Replace { changed, .. } => match records.get(&address) {
                    Some(record) => {
                        let named = limits.replace.contains(&address);
                        let fixed = fixed(kinds, record, changed);
                        plan.refuse(kinds, &address, record, &fixed, named)
                    }
                    None => Disruption::Replace,
                },
                Action::Update { changed } => kinds
                    .get(part.kind)
                    .and_then(|kind| changed.iter().map(|name| (kind.disruption)(name)).max())
                    .unwrap_or_default(),
                Action::Keep | Action::Create | Action::Delete => Disruption::None,
            };
            let step = Step {
                kind: part.kind.to_owned(),
                action,
                why: part.why.clone(),
                disruption,
                foretold: String::new(),
            };
            plan.steps.insert(address, step);
        }
        for (address, record) in records {
            if graph.parts.contains_key(address) || record.id.is_none() {
                continue;
            }
            let named = limits.delete.contains(address)
                || original_address(address) != address
                    && limits.replace.contains(original_address(address));
            let disruption = plan.refuse(kinds, address, record, &[], named);
            plan.steps.insert(
                address.clone(),
                Step {
                    kind: record.kind.clone(),
                    action: Action::Delete,
                    why: "no longer part of the configuration".to_owned(),
                    disruption,
                    foretold: String::new(),
                },
            );
        }
        plan
    }

    /// Refuses the end of what is recorded where it may not go, and says what that would disturb. It is replaced because of what
    /// `changed`, or else deleted.
    fn refuse(
        &mut self,
        kinds: &Kinds,
        address: &str,
        record: &Recorded,
        changed: &[String],
        named: bool,
    ) -> Disruption {
        let holds_data = kinds.holds_data(record);
        let unnamed = (holds_data && !named).then_some(Reason::HoldsData);
        let protected = kinds.protection(record).map(Reason::Protected);
        let reasons = unnamed.into_iter().chain(protected);
        self.refusals.extend(reasons.map(|reason| Refusal {
            address: address.to_owned(),
            kind: record.kind.clone(),
            changed: changed.to_vec(),
            reason,
        }));
        match (holds_data, changed) {
            (true, _) => Disruption::DataLoss,
            (false, []) => Disruption::None,
            (false, _) => Disruption::Replace,
        }
    }

    fn action_for(&self, kinds: &Kinds, graph: &Graph, records: &Records, address: &str) -> Action {
        let (Some(part), Some(record)) = (graph.parts.get(address), records.get(address)) else {
            return Action::Create;
        };
        if record.id.is_none() {
            return Action::Create;
        }
        let Some(kind) = kinds.get(part.kind) else {
            return Action::Create;
        };
        if record.kind != part.kind {
            return Action::Replace {
                changed: vec!["type".to_owned()],
                order: Replacement::DeleteFirst,
            };
        }
        let desired = self.resolved(records, &part.properties);
        let mut changed =
            diff::changed(kind, &record.properties, &desired, Some(&record.properties));
        if record.attributes.is_none() {
            // Nobody has seen it ready yet, so what is not recorded of it is not known.
            changed.retain(|name| {
                record.properties.contains_key(name) || !kind.create_only.contains(&name.as_str())
            });
        }
        if changed.is_empty() && record.attributes.is_some() {
            Action::Keep
        } else if changed
            .iter()
            .any(|name| kind.create_only.contains(&name.as_str()))
        {
            Action::Replace {
                order: self.replacement_order(kind, part, record),
                changed,
            }
        } else {
            Action::Update { changed }
        }
    }

    /// The old one goes first where its kind says so, where both would use what only one can, and where it was made with a
    /// reference to a part whose old resource goes first.
    fn replacement_order(&self, kind: &KindDef, part: &Part, record: &Recorded) -> Replacement {
        let goes_first = |address: &String| {
            matches!(
                self.steps.get(address),
                Some(Step {
                    action: Action::Replace {
                        order: Replacement::DeleteFirst,
                        ..
                    },
                    ..
                })
            )
        };
        let held = held_by(kind, record);
        if wanted_by(kind, part).any(|used| held.contains(&used))
            || record.references().any(|used| goes_first(&used))
        {
            return Replacement::DeleteFirst;
        }
        kind.replacement
    }

    /// Properties with every reference to a part that stays what it is replaced by its recorded value; references to parts
    /// that are yet to be made stay open.
    pub fn resolved(&self, records: &Records, properties: &Properties) -> Properties {
        let lookup =
            |address: &str, attribute: Option<&str>| self.value_of(records, address, attribute);
        properties
            .iter()
            .map(|(name, value)| (name.clone(), reference::resolve(value, &lookup)))
            .collect()
    }

    /// The id or an attribute of a part, when the plan leaves it as it is; an update leaves everything but its kind's volatile
    /// attributes.
    pub fn value_of(
        &self,
        records: &Records,
        address: &str,
        attribute: Option<&str>,
    ) -> Option<serde_json::Value> {
        let unsettled = self.unsettled.get(address).copied().unwrap_or_default();
        if attribute.is_some_and(|name| unsettled.contains(&name)) {
            return None;
        }
        match self.steps.get(address)?.action {
            Action::Keep | Action::Update { .. } => records.get(address)?.lookup(attribute),
            Action::Create | Action::Replace { .. } | Action::Delete => None,
        }
    }

    /// Takes in what AWS foretells of the change of a part: it knows better what that disturbs.
    pub fn foretell(&mut self, address: &str, forecast: &Forecast) {
        if let Some(step) = self.steps.get_mut(address) {
            step.disruption = forecast.disruption.unwrap_or(step.disruption);
            step.foretold.clone_from(&forecast.says);
        }
    }

    /// Whether nothing is to be done.
    pub fn is_empty(&self) -> bool {
        self.steps.values().all(|step| step.action == Action::Keep)
    }
}

impl Step {
    /// Whether a resource is created or changed.
    pub fn makes(&self) -> bool {
        matches!(
            self.action,
            Action::Create | Action::Update { .. } | Action::Replace { .. }
        )
    }

    /// Whether a resource is deleted.
    pub fn removes(&self) -> bool {
        matches!(self.action, Action::Delete | Action::Replace { .. })
    }
}

/// What asks for a replacement, of everything that differs in what is recorded: the rest could be changed in place.
fn fixed(kinds: &Kinds, record: &Recorded, changed: &[String]) -> Vec<String> {
    let create_only = kinds
        .get(&record.kind)
        .map_or(&[][..], |kind| kind.create_only);
    let fixed: Vec<String> = changed
        .iter()
        .filter(|name| create_only.contains(&name.as_str()))
        .cloned()
        .collect();
    // Another type is in no list.
    if fixed.is_empty() {
        changed.to_vec()
    } else {
        fixed
    }
}

/// Addresses of a graph, each after everything it depends on; by address where that leaves a choice.
fn creation_order(graph: &Graph) -> Vec<String> {
    let mut needs: BTreeMap<&str, usize> = BTreeMap::new();
    let mut dependents: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (address, part) in &graph.parts {
        let known: Vec<String> = part
            .dependencies()
            .into_iter()
            .filter(|need| graph.parts.contains_key(need))
            .collect();
        needs.insert(address, known.len());
        for need in known {
            dependents.entry(need).or_default().push(address);
        }
    }
    let mut ready: BTreeSet<&str> = needs
        .iter()
        .filter(|(_, count)| **count == 0)
        .map(|(a, _)| *a)
        .collect();
    let mut order = Vec::with_capacity(graph.parts.len());
    while let Some(address) = ready.pop_first() {
        order.push(address.to_owned());
        for dependent in dependents.get(address).into_iter().flatten() {
            if let Some(count) = needs.get_mut(dependent) {
                *count -= 1;
                if *count == 0 {
                    ready.insert(dependent);
                }
            }
        }
    }
    order
}
