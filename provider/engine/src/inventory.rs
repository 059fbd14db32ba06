//! What carries our tags in the account and region, whoever knows of it.
//!
//! # Flow
//! Every kind lists what carries an owner's tag ([`platform_graph::Kind::census`]); all kinds ask through one batch. What is
//! listed is then looked at by id, which tells what it is like, since when it exists, and what is gone although its tags are
//! still shown. [`Engine::leftovers`] goes on from there: what one owner's tags are on and nobody recorded, and what is inside
//! of that, as records that [`Engine::destroy`] takes down in order.
//!
//! # Guarantees
//! - A kind that can't be asked is named and keeps no other from being listed.
//! - What cannot carry tags counts as left over only inside something that is, where it refers to something that is, and where
//!   [`Traces`] tell it from what others put there.
//! - What comes along with something else (a default security group) is listed and never left over: it goes with that.
//!
//! # Caveats
//! AWS shows the tags of what was made moments ago, or deleted, with a delay.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use futures_util::future::join_all;
use platform_graph::{
    ADDRESS_TAG, Action, Attributes, Claim, Graph, Handle, Identity, KindDef, Limits, Live,
    OWNER_TAG, Owner, Plan, Problems, Properties, Recorded, Records, SEAL_TAG_PREFIX, Seen,
    original_address, reference, replaced_address,
};
use serde::Serialize;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::batch::Batch;
use crate::foreign::is_recorded;
use crate::outcome::panic_text;
use crate::{Cancel, Engine, Observation, Refreshed, Stop, Wanted};

/// More rounds than any list call needs; a kind that asks on and on is wrong.
const MOST_ROUNDS: usize = 16;
/// Seconds since 1970 that are none: later than this a number counts milliseconds, as CloudWatch Logs does.
const MOST_SECONDS: f64 = 1e11;

/// What carries an owner's tag.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Inventory {
    /// The parts, by owner, address and id.
    pub parts: Vec<Owned>,
    /// Kinds that could not be asked, and tags that make no sense. The path is the type name.
    pub problems: Problems,
}

/// A resource that carries an owner's tag.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Owned {
    /// Whose it is.
    pub owner: Owner,
    /// Its address inside the owner; its id where the tag that says so is missing.
    pub address: String,
    /// Its id.
    pub id: String,
    /// CloudFormation type name.
    pub kind: String,
    /// Since when it exists, where AWS tells.
    pub born: Option<OffsetDateTime>,
    /// Whether it carries the seal that says that its owner was complete.
    pub sealed: bool,
    /// What it is like.
    pub condition: Condition,
    /// Whether data is lost with it; taken to be so, of a kind that can, for what could not be looked at.
    pub holds_data: bool,
}

/// What something is like that was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// It is there.
    Live,
    /// It is on its way to being usable.
    Pending,
    /// It is on its way out.
    Deleting,
    /// It will never be usable.
    Failed,
    /// It carries the tags, and could not be looked at.
    Unknown,
}

impl Condition {
    /// `None` for what is gone.
    fn of<P>(seen: &Seen<P>) -> Option<Self> {
        match seen {
            Seen::Absent => None,
            Seen::Live(_) | Seen::Many(_) => Some(Condition::Live),
            Seen::Pending { .. } => Some(Condition::Pending),
            Seen::Deleting { .. } => Some(Condition::Deleting),
            Seen::Failed { .. } => Some(Condition::Failed),
        }
    }

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Condition::Live => "live",
            Condition::Pending => "pending",
            Condition::Deleting => "deleting",
            Condition::Failed => "failed",
            Condition::Unknown => "unknown",
        }
    }
}

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

/// A claim whose tags make sense.
struct Tagged<'k> {
    kind: &'k KindDef,
    me: Identity,
    sealed: bool,
}

impl Tagged<'_> {
    fn id(&self) -> &str {
        self.me.id.as_deref().unwrap_or_default()
    }
}

impl Engine {
    /// Everything that carries an owner's tag, with its owner, its age and what it is like.
    pub async fn inventory(&self) -> Inventory {
        let batch = self.batch(Cancel::new());
        let listing = async {
            let mut problems = Problems::new();
            let tagged = self.tagged(&batch, |_| true, &mut problems).await;
            let batch = &batch;
            let looks = tagged.iter().map(|part| async move {
                let seen = guarded(glance(batch, part)).await;
                (part, seen)
            });
            let mut parts = Vec::new();
            let mut unseen: BTreeMap<&str, String> = BTreeMap::new();
            for (part, seen) in join_all(looks).await {
                let (condition, born, holds_data) = match seen {
                    Ok(Some(seen)) => match Condition::of(&seen) {
                        Some(condition) => {
                            (condition, born(part.kind, &seen), data(part.kind, &seen))
                        }
                        None => continue,
                    },
                    Ok(None) => (Condition::Live, None, part.kind.stateful),
                    Err(stop) => {
                        unseen.insert(part.kind.name, stop.explain().0);
                        (Condition::Unknown, None, part.kind.stateful)
                    }
                };
                parts.push(Owned {
                    owner: part.me.owner.clone(),
                    address: part.me.address.clone(),
                    id: part.id().to_owned(),
                    kind: part.kind.name.to_owned(),
                    born,
                    sealed: part.sealed,
                    condition,
                    holds_data,
                });
            }
            for (kind, why) in unseen {
                problems.warning(
                    [kind],
                    format!("Some {kind} could not be looked at"),
                    format!("They carry an owner's tag; what they are like is not known. {why}"),
                );
            }
            parts.sort();
            Inventory { parts, problems }
        };
        batch.during(listing).await
    }

    /// What carries the tags of the graph's owner, or is told by `traces`, is not in `known` and has no address of the graph, and what is inside of it,
    /// ready to be [destroyed](Engine::destroy): the references are worked out from the ids that the properties hold.
    ///
    /// What is at an address of the graph is found by looking for that part, and what cannot carry tags in there may be asked
    /// for, too: nothing of it is left over. Nor is what has the address of a recorded part that is to be replaced: a killed run
    /// has made it in its place. What another resource of the owner has the address of otherwise is recorded at its
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
        if !left.records.is_empty() || *traces != Traces::None {
            self.add_residents(batch, graph, &kept, traces, &mut left)
                .await;
            infer_references(self, &kept, &mut left.records);
        }
        left
    }

    /// What cannot carry tags: everything of the sort inside what is left over, and inside what is kept as far as it refers to
    /// something left over, or as the traces tell it and nobody asks for it.
    async fn add_residents(
        &self,
        batch: &Batch,
        graph: &Graph,
        kept: &Records,
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

    /// Everything that carries the tag of an owner that is `wanted`.
    async fn tagged(
        &self,
        batch: &Batch,
        wanted: impl Fn(&Owner) -> bool,
        problems: &mut Problems,
    ) -> Vec<Tagged<'_>> {
        let counts = self.kinds.iter().map(|kind| async move {
            let claims = guarded(census(batch, kind)).await;
            (kind, claims)
        });
        let mut all = Vec::new();
        for (kind, claims) in join_all(counts).await {
            let claims = match claims {
                Ok(claims) => claims,
                Err(stop) => {
                    problems.warning(
                        [kind.name],
                        format!("{} could not be listed", kind.name),
                        format!("Whether there are any is not known. {}", stop.explain().0),
                    );
                    continue;
                }
            };
            let mut listed = BTreeSet::new();
            for Claim { id, tags } in claims {
                let Some(text) = tags.get(OWNER_TAG) else {
                    continue;
                };
                match text.parse::<Owner>() {
                    Ok(owner) if wanted(&owner) => {
                        if listed.insert(id.clone()) {
                            all.push(Tagged {
                                kind,
                                sealed: tags.keys().any(|key| key.starts_with(SEAL_TAG_PREFIX)),
                                me: Identity {
                                    owner,
                                    address: tags.get(ADDRESS_TAG).unwrap_or(&id).clone(),
                                    id: Some(id),
                                },
                            });
                        }
                    }
                    Ok(_) => {}
                    Err(why) => problems.warning(
                        [kind.name],
                        format!(
                            "{} {id} has a tag {OWNER_TAG} that is none of ours",
                            kind.name
                        ),
                        why,
                    ),
                }
            }
        }
        all
    }
}

/// Runs what a kind does; its panic is an error.
async fn guarded<T>(work: impl Future<Output = Result<T, Stop>>) -> Result<T, Stop> {
    AssertUnwindSafe(work)
        .catch_unwind()
        .await
        .unwrap_or_else(|panic| Err(Stop::Said(panic_text(&*panic))))
}

async fn census(batch: &Batch, kind: &KindDef) -> Result<Vec<Claim>, Stop> {
    let mut replies: Vec<Value> = Vec::new();
    for _ in 0..MOST_ROUNDS {
        let calls = (kind.census)(&replies);
        if calls.is_empty() {
            return Ok((kind.counted)(&replies));
        }
        let answers = batch.ask(calls).await?;
        replies.extend(answers.iter().map(|reply| (**reply).clone()));
    }
    Err(Stop::Said(format!(
        "its list goes on after {MOST_ROUNDS} rounds. This is a bug of the provider"
    )))
}

/// Looks at a part by its id with as few calls as show that it is there; `None` where its id alone does not find it.
async fn glance(batch: &Batch, part: &Tagged<'_>) -> Result<Option<Seen<Properties>>, Stop> {
    if part.kind.taken_over {
        return Ok(None);
    }
    let properties = (part.kind.known_by)(part.id())?;
    let calls = (part.kind.find)(&properties, &part.me)?;
    let replies: Vec<Value> = batch
        .ask(calls)
        .await?
        .iter()
        .map(|reply| (**reply).clone())
        .collect();
    Ok(Some((part.kind.read)(&properties, &part.me, &replies)?))
}

fn born(kind: &KindDef, seen: &Seen<Properties>) -> Option<OffsetDateTime> {
    match seen {
        Seen::Live(live) => instant(live.attributes.get(kind.born)?),
        _ => None,
    }
}

/// The instant that AWS writes as text (ISO 8601) or as a number since 1970, of seconds or milliseconds.
fn instant(value: &Value) -> Option<OffsetDateTime> {
    let since_1970 = |number: f64| {
        let seconds = if number.abs() > MOST_SECONDS {
            number / 1000.0
        } else {
            number
        };
        #[expect(
            clippy::cast_possible_truncation,
            reason = "saturates, and what is out of range is refused"
        )]
        OffsetDateTime::from_unix_timestamp(seconds as i64).ok()
    };
    match value {
        Value::String(text) => OffsetDateTime::parse(text, &Rfc3339)
            .ok()
            .or_else(|| since_1970(text.parse().ok()?)),
        Value::Number(number) => since_1970(number.as_f64()?),
        _ => None,
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

/// Whether data is lost with what was seen.
fn data(kind: &KindDef, seen: &Seen<Properties>) -> bool {
    match seen {
        Seen::Live(live) => (kind.holds_data)(&live.properties),
        _ => kind.stateful,
    }
}

/// Whether resources of this kind belong to what they are inside of, since nothing on them says whose they are.
fn is_bare(kind: &KindDef) -> bool {
    !kind.tagged && !kind.taken_over && !kind.stateful
}

/// Where something is recorded of which another may have the address.
fn place(address: &str, id: &str, known: &Records, left: &Records) -> String {
    if known.contains_key(address) || left.contains_key(address) {
        replaced_address(original_address(address), &in_address(id))
    } else {
        address.to_owned()
    }
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_way_to_write_an_instant_is_read() {
        let expected = instant(&json!("2026-03-01T12:00:00Z")).map(OffsetDateTime::unix_timestamp);
        assert_eq!(expected, Some(1_772_366_400));
        for written in [
            json!("2026-03-01T12:00:00.000Z"),
            json!("2026-03-01T13:00:00+01:00"),
            json!(1_772_366_400),
            json!(1_772_366_400.25),
            json!(1_772_366_400_123_u64),
            json!("1772366400"),
        ] {
            let seconds = instant(&written).map(OffsetDateTime::unix_timestamp);
            assert_eq!(seconds, expected, "{written}");
        }
        for none in [json!(null), json!("yesterday"), json!(1e300), json!(true)] {
            assert_eq!(instant(&none), None, "{none}");
        }
    }
}
