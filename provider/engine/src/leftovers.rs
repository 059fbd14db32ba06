//! What an owner's tags are on and nobody recorded.
//!
//! # Flow
//! What a [census](crate::census) lists of one owner and no record knows is looked at. What is inside of that, or of what is kept
//! where something tells that it is ours, is added. All of it becomes records that [`Engine::destroy`] takes down in order: the
//! references are inferred from the ids that the properties hold.
//!
//! # Guarantees
//! - What cannot carry tags counts as left over only inside something that is, where it refers to something that is, inside of what
//!   nobody recorded, and where [`Traces`] tell it from what others put there.
//! - What comes along with something else (a default security group) is never left over: it goes with that.
//!
//! # Caveats
//! AWS shows the tags of what was made moments ago, or deleted, with a delay.

use std::collections::{BTreeMap, BTreeSet};

use platform_graph::{
    Action, Attributes, Graph, Handle, KindDef, Limits, Live, Plan, Properties, Recorded, Records,
    Seen, original_address, reference, replaced_address,
};
use serde_json::Value;

use crate::batch::Batch;
use crate::census::Tagged;
use crate::foreign::is_recorded;
use crate::{Cancel, Engine, Observation, Refreshed, Stop, Wanted};

/// What tells that a killed run made something that can't carry tags inside of what is kept. Nothing else can: others may have
/// put something there as well.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Traces {
    /// Nothing.
    #[default]
    None,
    /// Its [mark](KindDef::mark) is among these.
    Marks(BTreeSet<[u8; 3]>),
    /// That it is there: the owner was never complete, so that nobody had to do with it yet.
    Presence,
}

impl Traces {
    fn tell(&self, kind: &KindDef, resident: &Live<Properties>) -> bool {
        let mark = kind.mark(&resident.properties);
        match self {
            Traces::None => false,
            Traces::Marks(marks) => mark.is_some_and(|mark| marks.contains(&mark)),
            Traces::Presence => mark.is_some(),
        }
    }
}

impl Engine {
    /// What carries the tags of the graph's owner, or is told by `traces`, is not in `known` and has no address of the graph, and what is inside of it,
    /// ready to be [destroyed](Engine::destroy): the references are worked out from the ids that the properties hold.
    ///
    /// What is at an address of the graph is found by looking for that part and is not left over. What cannot carry tags in there
    /// is, when the graph does not ask for it and nobody recorded what it is in: the run that made the one made the other. Nor is
    /// what has the address of a recorded part that is to be replaced: a killed run has made it in its place. What another resource of the owner has the address of otherwise is recorded at its
    /// [`replaced_address`]. What holds data is among it; whether that may go is for the caller to decide.
    pub async fn leftovers(&self, graph: &Graph, known: &Records, traces: &Traces) -> Refreshed {
        let batch = self.batch(Cancel::new());
        let leftovers = self.leftovers_in(&batch, graph, known, traces);
        batch.during(leftovers).await
    }

    async fn leftovers_in(
        &self,
        batch: &Batch,
        graph: &Graph,
        known: &Records,
        traces: &Traces,
    ) -> Refreshed {
        let owner = &graph.owner;
        let mut left = Refreshed::default();
        let tagged = self
            .tagged(batch, |claimed| claimed == owner, &mut left.problems)
            .await;
        let ids: BTreeSet<(&str, &str)> = known
            .values()
            .filter_map(|record| Some((record.kind.as_str(), record.id.as_deref()?)))
            .collect();
        let mut wanted = Vec::new();
        for part in &tagged {
            let is_carried = || {
                ids.iter()
                    .any(|(kind, id)| *kind == part.kind.name && (part.kind.carries)(id, part.id()))
            };
            if part.kind.taken_over || ids.contains(&(part.kind.name, part.id())) || is_carried() {
                continue;
            }
            match (part.kind.known_by)(part.id()) {
                Ok(properties) => wanted.push((
                    part,
                    Wanted {
                        address: format!("{} {}", part.kind.name, part.id()),
                        kind: part.kind.name.to_owned(),
                        properties,
                        id: part.me.id.clone(),
                        known: Attributes::new(),
                    },
                )),
                Err(error) => {
                    let (why, _) = Stop::from(error).explain();
                    left.problems
                        .error([part.kind.name], could_not_be_looked_at(part), why);
                }
            }
        }
        let asked: Vec<Wanted> = wanted.iter().map(|(_, wanted)| wanted.clone()).collect();
        let mut seen = self.observe_in(batch, owner, &asked).await;
        let plan = Plan::new(&self.kinds, graph, known, &Limits::default());
        let is_succeeded = |address: &str| {
            let step = plan.steps.get(address);
            step.is_some_and(|step| matches!(step.action, Action::Replace { .. }))
        };
        let mut kept = known.clone();
        for (part, wanted) in wanted {
            match seen.remove(&wanted.address) {
                Some(Ok(Observation { seen, .. })) => {
                    if let Some(record) = recorded(part, seen, wanted.properties) {
                        let address = place(&part.me.address, part.id(), &kept, &left.records);
                        let records = if graph.parts.contains_key(&address)
                            || is_succeeded(&part.me.address)
                        {
                            &mut kept
                        } else {
                            &mut left.records
                        };
                        records.insert(address, record);
                    }
                }
                Some(Err(unseen)) => left.problems.error(
                    [part.kind.name],
                    could_not_be_looked_at(part),
                    unseen.reason,
                ),
                None => {}
            }
        }
        let unrecorded: BTreeSet<&str> = kept
            .keys()
            .filter(|at| graph.parts.contains_key(*at) && !is_recorded_at(known, at))
            .map(String::as_str)
            .collect();
        if !left.records.is_empty() || !unrecorded.is_empty() || *traces != Traces::None {
            self.add_residents(batch, graph, &kept, &unrecorded, traces, &mut left)
                .await;
            infer_references(self, &kept, &mut left.records);
        }
        left
    }

    /// What cannot carry tags: everything of the sort inside what is left over, and inside what is kept as far as it refers to
    /// something left over, or as nobody asks for it and it is in something unrecorded or told by the traces.
    async fn add_residents(
        &self,
        batch: &Batch,
        graph: &Graph,
        kept: &Records,
        unrecorded: &BTreeSet<&str>,
        traces: &Traces,
        left: &mut Refreshed,
    ) {
        let mut in_kept = self.look_inside(batch, kept).await;
        let mut parents = left.records.clone();
        loop {
            let mut inside = self.look_inside(batch, &parents).await;
            parents.clear();
            let within = inside.len();
            inside.append(&mut in_kept);
            let gone: BTreeSet<String> = left
                .records
                .values()
                .filter_map(|record| record.id.clone())
                .collect();
            for (index, one) in inside.into_iter().enumerate() {
                let Some(kind) = self.kinds.get(one.kind).filter(|kind| is_bare(kind)) else {
                    continue;
                };
                let residents = match one.residents {
                    Ok(residents) => residents,
                    Err(stop) => {
                        left.problems.warning(
                            [one.kind],
                            format!("It is not known which {} are in {}", one.kind, one.address),
                            stop.explain().0,
                        );
                        continue;
                    }
                };
                let traces = match unrecorded.contains(&*one.address) {
                    true => &Traces::Presence,
                    false => traces,
                };
                for resident in residents {
                    let is_known = |records: &Records| {
                        records
                            .values()
                            .filter(|record| record.kind == kind.name)
                            .any(|record| is_recorded(kind, record, &resident))
                    };
                    let concerned = index < within
                        || refers_to(&resident.properties, &gone)
                        || traces.tell(kind, &resident) && !is_asked(graph, kept, kind, &resident);
                    if !concerned || is_known(kept) || is_known(&left.records) {
                        continue;
                    }
                    let name = kind.name.rsplit("::").next().unwrap_or(kind.name);
                    let parent = original_address(&one.address);
                    let address = format!("{parent}/{name}:{}", in_address(&resident.id));
                    let address = place(&address, &resident.id, kept, &left.records);
                    let record = live_record(kind, resident);
                    parents.insert(address.clone(), record.clone());
                    left.records.insert(address, record);
                }
            }
            if parents.is_empty() {
                return;
            }
        }
    }
}

fn could_not_be_looked_at(part: &Tagged<'_>) -> String {
    format!("{} {} could not be looked at", part.kind.name, part.id())
}

fn recorded(part: &Tagged<'_>, seen: Seen<Properties>, mut known: Properties) -> Option<Recorded> {
    match seen {
        Seen::Absent => None,
        Seen::Live(live) => Some(live_record(part.kind, live)),
        Seen::Pending { .. } | Seen::Deleting { .. } | Seen::Failed { .. } | Seen::Many(_) => {
            known.retain(|_, value| !value.is_null());
            Some(Recorded {
                kind: part.kind.name.to_owned(),
                id: part.me.id.clone(),
                properties: known,
                refs: BTreeMap::new(),
                attributes: None,
            })
        }
    }
}

fn live_record(kind: &KindDef, live: Live<Properties>) -> Recorded {
    Recorded {
        kind: kind.name.to_owned(),
        id: Some(live.id),
        properties: live.properties,
        refs: BTreeMap::new(),
        attributes: Some(live.attributes),
    }
}

/// Whether resources of this kind belong to what they are inside of, since nothing on them says whose they are.
fn is_bare(kind: &KindDef) -> bool {
    !kind.tagged && !kind.taken_over && !kind.stateful
}

/// Where something is recorded of which another may have the address.
fn place(address: &str, id: &str, known: &Records, left: &Records) -> String {
    if is_recorded_at(known, address) || left.contains_key(address) {
        replaced_address(original_address(address), &in_address(id))
    } else {
        address.to_owned()
    }
}

/// Whether there is something at this address; one that could not be made has a record too.
fn is_recorded_at(records: &Records, address: &str) -> bool {
    let record = records.get(address);
    record.is_some_and(|record| record.id.is_some())
}

/// An id without what would end the address in a [reference](platform_graph::Token).
fn in_address(id: &str) -> String {
    id.replace(['|', '#', '}'], ":")
}

/// Whether a graph asks for a resident of what is kept.
fn is_asked(graph: &Graph, kept: &Records, kind: &KindDef, resident: &Live<Properties>) -> bool {
    let lookup = |address: &str, attribute: Option<&str>| kept.get(address)?.lookup(attribute);
    let mut parts = (graph.parts.values()).filter(|part| part.kind == kind.name);
    parts.any(|part| {
        let resolve =
            |(name, value): (&String, &Value)| (name.clone(), reference::resolve(value, &lookup));
        let asked = Recorded {
            kind: kind.name.to_owned(),
            id: None,
            properties: part.properties.iter().map(resolve).collect(),
            refs: BTreeMap::new(),
            attributes: None,
        };
        is_recorded(kind, &asked, resident)
    })
}

fn refers_to(properties: &Properties, ids: &BTreeSet<String>) -> bool {
    let mut found = false;
    for value in properties.values() {
        reference::visit(value, "", &mut |_, text| found |= ids.contains(text));
    }
    found
}

/// Writes down which property came from which part, so that what refers to something goes before it.
fn infer_references(engine: &Engine, known: &Records, left: &mut Records) {
    let mut sources: BTreeMap<String, String> = BTreeMap::new();
    let all: Vec<(&String, &Recorded)> = left.iter().chain(known).collect();
    let is_bare = |record: &Recorded| engine.kinds.get(&record.kind).is_none_or(is_bare);
    // Some that cannot carry tags have the id of what they belong to.
    for bare in [false, true] {
        for (address, record) in all.iter().filter(|(_, record)| is_bare(record) == bare) {
            if let Some(id) = &record.id {
                let source = || Handle::to(*address).id();
                sources.entry(id.clone()).or_insert_with(source);
            }
        }
    }
    for (address, record) in &all {
        for (name, value) in record.attributes.iter().flatten() {
            // What a property says too, the part did not bring into the world.
            if let Value::String(text) = value
                && !text.is_empty()
                && !record.properties.values().any(|property| property == value)
            {
                let source = || Handle::to(*address).attribute(name);
                sources.entry(text.clone()).or_insert_with(source);
            }
        }
    }
    for (address, record) in left.iter_mut() {
        let mut refs = BTreeMap::new();
        for (name, value) in record.properties.iter().filter(|(name, _)| *name != "Tags") {
            reference::visit(value, &format!("/{name}"), &mut |pointer, text| {
                if let Some(source) = sources.get(text)
                    && !reference::parts_in(source).contains(address)
                {
                    refs.insert(pointer.to_owned(), source.clone());
                }
            });
        }
        record.refs = refs;
    }
}
