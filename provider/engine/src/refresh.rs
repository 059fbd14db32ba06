//! What AWS has of what is recorded.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join;
use platform_graph::{
    Attributes, Identity, KindDef, Live, Owner, Problems, Properties, Recorded, Records,
    SEAL_TAG_PREFIX, Seen, Tags, diff, original_address, reference, replaced_address,
};

use crate::foreign::{self, Foreign, Inside};
use crate::observe::{owner_in_words, tags_of};
use crate::outcome::clause;
use crate::unseen::UnseenParts;
use crate::{Cancel, Engine, Observation, Wanted};

/// What a refresh found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Refreshed {
    /// What is still there, as AWS shows it now. Parts that could not be looked at are as they were recorded.
    pub records: Records,
    /// What could not be looked at, and what is odd. The path is `resources`, then the part's address.
    pub problems: Problems,
    /// Tags that somebody else put on parts, by address.
    pub foreign_tags: BTreeMap<String, Tags>,
    /// What somebody else put into parts, by the address of the part; a deep refresh alone looks for it.
    pub foreign: BTreeMap<String, Vec<Foreign>>,
    /// The seal on each part that carries one, by address: tags whose key starts with
    /// [`SEAL_TAG_PREFIX`].
    pub seals: BTreeMap<String, Tags>,
}

/// How closely a refresh looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Depth {
    /// At what is recorded, with as few calls as AWS allows.
    Fast,
    /// At everything there is to see.
    Deep,
}

impl Engine {
    /// Looks again at everything recorded.
    ///
    /// A part that is gone is dropped; a recorded part without an id, or whose id is gone, is looked for by owner. A part
    /// that exists and is not usable (yet) keeps its id and loses its attributes, so that the next plan takes it up. One that
    /// is on its way out or has failed will have another id: it is recorded at its
    /// [`replaced_address`], unless it holds data, so that the next plan makes a successor
    /// and everything that refers to it follows.
    pub async fn refresh(&self, owner: &Owner, records: &Records) -> Refreshed {
        self.refresh_to(Depth::Fast, owner, records).await
    }

    /// Looks at everything recorded, and at everything there is to see of it.
    ///
    /// Beyond a [refresh](Engine::refresh): nothing is taken to have stayed what it was; properties that nobody asked for and
    /// that are not what AWS gives by itself are recorded too, so that the next plan takes them back; and what others put
    /// inside the parts is [told](Refreshed::foreign). A property that can't change after creation can't drift and is left out,
    /// and so is one that a resident of the part shows: that one is told, or is a part of its own.
    pub async fn refresh_deep(&self, owner: &Owner, records: &Records) -> Refreshed {
        self.refresh_to(Depth::Deep, owner, records).await
    }

    async fn refresh_to(&self, depth: Depth, owner: &Owner, records: &Records) -> Refreshed {
        let mut found = Refreshed::default();
        let batch = self.batch(Cancel::new());
        let known = |record: &Recorded| match depth {
            Depth::Fast => record.attributes.clone().unwrap_or_default(),
            Depth::Deep => Attributes::new(),
        };
        let wanted: Vec<Wanted> = records
            .iter()
            .filter(|(_, record)| record.id.is_some() || is_settled(&record.properties))
            .map(|(address, record)| Wanted {
                address: address.clone(),
                kind: record.kind.clone(),
                properties: record.properties.clone(),
                id: record.id.clone(),
                known: known(record),
            })
            .collect();
        let (mut seen, inside) = batch
            .during(async {
                let within = async {
                    match depth {
                        Depth::Fast => Vec::new(),
                        Depth::Deep => self.look_inside(&batch, records).await,
                    }
                };
                join(self.observe_in(&batch, owner, &wanted), within).await
            })
            .await;
        let gone: Vec<Wanted> = wanted
            .into_iter()
            .filter(|part| {
                part.id.is_some()
                    && self.kinds.get(&part.kind).is_some_and(|kind| kind.tagged)
                    && matches!(seen.get(&part.address), Some(Ok(seen)) if seen.seen == Seen::Absent)
            })
            .map(|part| Wanted { id: None, known: Attributes::new(), ..part })
            .collect();
        if !gone.is_empty() {
            let mut found = self.observe(owner, &gone).await;
            for (address, observation) in &mut found {
                if let Ok(observation) = observation {
                    let others = records.iter().filter(|(other, _)| *other != address);
                    observation.pass_over(
                        &others
                            .filter_map(|(_, other)| other.id.as_deref())
                            .collect(),
                    );
                }
            }
            seen.extend(found);
        }
        let residents = foreign::by_address(&inside);
        let mut unseen = UnseenParts::default();
        for (address, record) in records {
            let shape = match (depth, seen.get(address)) {
                (Depth::Deep, Some(Ok(observation))) => {
                    let residents = residents
                        .get(address.as_str())
                        .map_or(&[][..], Vec::as_slice);
                    self.everything(record, observation, residents)
                }
                _ => record.properties.clone(),
            };
            match seen.remove(address) {
                None => {}
                Some(Err(why)) => {
                    unseen.part(address, &record.kind, why, record.id.is_some());
                    found.records.insert(address.clone(), record.clone());
                }
                Some(Ok(observation)) => self.take_in(
                    &mut found,
                    owner,
                    address,
                    &record.kind,
                    &shape,
                    &record.refs,
                    Some(record),
                    observation,
                ),
            }
        }
        self.take_in_strangers(&mut found, records, inside, &mut unseen);
        found.problems.extend(unseen.problems());
        found
    }

    /// The properties that a deep refresh records: those asked for, and all that drift could have added.
    fn everything(
        &self,
        record: &Recorded,
        observation: &Observation,
        residents: &[Live<Properties>],
    ) -> Properties {
        let mut shape = record.properties.clone();
        let kind = self.kinds.get(&record.kind);
        if let (Seen::Live(live), Some(kind)) = (&observation.seen, kind) {
            for (name, value) in &live.properties {
                let fixed = name == "Tags" || kind.create_only.contains(&name.as_str());
                if !fixed && !foreign::is_of_resident(name, value, residents) {
                    shape.entry(name.clone()).or_insert_with(|| value.clone());
                }
            }
        }
        shape
    }

    fn take_in_strangers(
        &self,
        found: &mut Refreshed,
        records: &Records,
        inside: Vec<Inside>,
        unseen: &mut UnseenParts,
    ) {
        // An association is inside both of its ends.
        let mut told = BTreeSet::new();
        for Inside {
            address,
            kind,
            residents,
        } in inside
        {
            let (Some(part), Some(kind)) = (found.records.get(&address), self.kinds.get(kind))
            else {
                continue;
            };
            match residents {
                Ok(residents) => {
                    // What was found by its owner has another id than the one recorded.
                    let ours = records.values().chain(found.records.values());
                    let mut strangers = foreign::strangers(kind, part, &residents, ours);
                    strangers.retain(|one| told.insert((kind.name, one.id.clone())));
                    if !strangers.is_empty() {
                        found.foreign.entry(address).or_default().extend(strangers);
                    }
                }
                Err(stop) => unseen.inside(&address, kind.name, stop.into()),
            }
        }
    }

    /// Whether what is being deleted can be had back.
    fn can_be_restored(
        &self,
        kind: &str,
        owner: &Owner,
        address: &str,
        properties: &Properties,
        id: &str,
    ) -> bool {
        let me = Identity {
            owner: owner.clone(),
            address: address.to_owned(),
            id: Some(id.to_owned()),
        };
        self.kinds.get(kind).is_some_and(|kind| {
            (kind.restore)(properties, &me, id).is_ok_and(|calls| !calls.is_empty())
        })
    }

    #[allow(clippy::too_many_arguments, reason = "one part, seen from all sides")]
    pub(crate) fn take_in(
        &self,
        found: &mut Refreshed,
        owner: &Owner,
        address: &str,
        kind_name: &str,
        shape: &Properties,
        refs: &BTreeMap<String, String>,
        before: Option<&Recorded>,
        Observation { seen, foreign_tags }: Observation,
    ) {
        let path = ["resources", address];
        let recorded = |id: &str, properties: Properties, attributes| Recorded {
            kind: kind_name.to_owned(),
            id: Some(id.to_owned()),
            properties,
            refs: refs.clone(),
            attributes,
        };
        let known = before.and_then(|record| record.id.as_deref());
        let makes_room = |id: &str| {
            // Nobody can tell what holds no data of what was never seen.
            let held = |record: &Recorded, kind: &KindDef| match record.attributes {
                Some(_) => (kind.holds_data)(&record.properties),
                None => kind.stateful,
            };
            let record = before.filter(|record| record.id.as_deref() == Some(id));
            record
                .zip(self.kinds.get(kind_name))
                .is_some_and(|(record, kind)| !kind.taken_over && !held(record, kind))
        };
        // What stands in for what is recorded may have been made to another wish. What can't be changed of it is not known
        // before it shows, or the next plan would replace it on a guess.
        let unready = |id: &str| {
            let mut properties = shape.clone();
            if before.is_some() && known != Some(id) {
                let fixed = self.kinds.get(kind_name).map(|kind| kind.create_only);
                properties.retain(|name, _| !fixed.is_some_and(|all| all.contains(&name.as_str())));
            }
            recorded(id, properties, None)
        };
        let mut place = address.to_owned();
        let record = match seen {
            Seen::Absent => None,
            Seen::Many(ids) => {
                found.problems.error(
                        path,
                        format!("several {kind_name} claim to be this part"),
                        format!(
                            "{} all carry the tags of {owner} and {address}. Delete those that are not in use",
                            ids.join(", ")
                        ),
                    );
                before.cloned()
            }
            Seen::Pending { id, .. } => Some(unready(&id)),
            // Apply looks for it by itself and brings it back.
            Seen::Deleting { id }
                if self.can_be_restored(kind_name, owner, address, shape, &id) =>
            {
                None
            }
            Seen::Deleting { id } => {
                if makes_room(&id) {
                    place = aside(address, &id);
                }
                Some(unready(&id))
            }
            Seen::Failed { id, why } => {
                found.problems.warning(
                    path,
                    format!("{kind_name} {id} is not usable"),
                    format!("AWS says: {}. The next apply makes it anew", clause(&why)),
                );
                if makes_room(&id) {
                    place = aside(address, &id);
                }
                Some(unready(&id))
            }
            Seen::Live(live) => self.kinds.get(kind_name).and_then(|kind| {
                let tags = tags_of(&live.properties);
                if known != Some(&*live.id) && !is_ours(kind, owner, address, &tags) {
                    found.problems.warning(
                        path,
                        format!("{kind_name} {} is in the way", live.id),
                        format!("It has the name of this part and {}", owner_in_words(&tags)),
                    );
                    return None;
                }
                if !foreign_tags.is_empty() {
                    found.foreign_tags.insert(address.to_owned(), foreign_tags);
                }
                let seal: Tags = tags
                    .into_iter()
                    .filter(|(key, _)| key.starts_with(SEAL_TAG_PREFIX))
                    .collect();
                if !seal.is_empty() {
                    found.seals.insert(address.to_owned(), seal);
                }
                let mut properties = diff::project(kind, &live.properties, shape);
                if before.is_some() && known != Some(&*live.id) {
                    // It may have been made to another wish than the one recorded: then what can't be changed must be
                    // known, or the next plan would replace it once more.
                    let fixed = live
                        .properties
                        .iter()
                        .filter(|(name, _)| kind.create_only.contains(&name.as_str()));
                    for (name, value) in fixed {
                        properties
                            .entry(name.clone())
                            .or_insert_with(|| value.clone());
                    }
                }
                let mut attributes = live.attributes;
                if let Some(before) = before.filter(|_| known == Some(&*live.id)) {
                    for name in kind.lasting.iter().copied() {
                        let value = before
                            .lookup(Some(name))
                            .filter(|_| !attributes.contains_key(name));
                        attributes.extend(value.map(|value| (name.to_owned(), value)));
                    }
                }
                Some(recorded(&live.id, properties, Some(attributes)))
            }),
        };
        if let Some(record) = record {
            found.records.insert(place, record);
        }
    }
}

/// Whether a found part may be taken for the one asked for: kinds without tags are found by what they belong to.
pub(crate) fn is_ours(kind: &KindDef, owner: &Owner, address: &str, tags: &Tags) -> bool {
    let me = Identity {
        owner: owner.clone(),
        address: address.to_owned(),
        id: None,
    };
    !kind.tagged || kind.taken_over || me.owns(tags)
}

/// The address at which an id that makes room for another is recorded; what stands aside already stays there.
fn aside(address: &str, id: &str) -> String {
    replaced_address(original_address(address), id)
}

/// Whether every reference in it is resolved.
pub(crate) fn is_settled(properties: &Properties) -> bool {
    !properties.values().any(reference::is_open)
}

impl Observation {
    /// Passes over what is recorded elsewhere, such as what makes room for its successor: it carries the same address.
    fn pass_over(&mut self, recorded: &BTreeSet<&str>) {
        let is_recorded = |id: &str| recorded.contains(id);
        if let Seen::Many(ids) = &mut self.seen {
            ids.retain(|id| !is_recorded(id));
            if let [id] = &ids[..] {
                self.seen = Seen::Pending {
                    id: id.clone(),
                    why: "not looked at yet".to_owned(),
                };
            } else if ids.is_empty() {
                self.seen = Seen::Absent;
            }
        } else if self.seen.id().is_some_and(is_recorded) {
            self.seen = Seen::Absent;
        }
    }
}
