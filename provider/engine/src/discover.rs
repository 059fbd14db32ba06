//! What AWS has of what a graph asks for, when nothing is recorded.

use std::collections::BTreeSet;

use platform_graph::{Attributes, Graph, Properties, Records, reference};

use crate::refresh::is_settled;
use crate::unseen::UnseenParts;
use crate::{Engine, Refreshed, Wanted};

/// What exists of a graph. The same shape as that of a refresh.
pub type Discovered = Refreshed;

impl Engine {
    /// Looks for every part of a graph by owner or natural key, each as soon as the parts it refers to are found.
    pub async fn discover(&self, graph: &Graph) -> Discovered {
        self.discover_missing(graph, &Records::new()).await
    }

    /// Looks for the parts of a graph that have no id in `known`; tells only of those.
    pub async fn discover_missing(&self, graph: &Graph, known: &Records) -> Discovered {
        let mut found = Discovered::default();
        let mut unseen = UnseenParts::default();
        let is_known =
            |address: &String| known.get(address).is_some_and(|record| record.id.is_some());
        // What makes room for a successor still carries its address; it is recorded already.
        let ids: BTreeSet<&str> = known
            .values()
            .filter_map(|record| record.id.as_deref())
            .collect();
        let mut open: Vec<&String> = graph
            .parts
            .keys()
            .filter(|address| !is_known(address))
            .collect();
        loop {
            let lookup = |address: &str, attribute: Option<&str>| {
                let record = found.records.get(address).or_else(|| known.get(address))?;
                record.lookup(attribute)
            };
            let mut wanted = Vec::new();
            let mut later = Vec::new();
            for address in open {
                let Some(part) = graph.parts.get(address) else {
                    continue;
                };
                let properties: Properties = part
                    .properties
                    .iter()
                    .map(|(name, value)| (name.clone(), reference::resolve(value, &lookup)))
                    .collect();
                if is_settled(&properties) {
                    wanted.push(Wanted {
                        address: address.clone(),
                        kind: part.kind.to_owned(),
                        properties,
                        id: None,
                        known: Attributes::new(),
                    });
                } else {
                    later.push(address);
                }
            }
            if wanted.is_empty() {
                // What is left refers to something that is not there. Only what carries its owner's tags can exist without.
                wanted = later
                    .iter()
                    .filter_map(|address| {
                        let part = graph.parts.get(*address)?;
                        let kind = self.kinds.get(part.kind)?;
                        kind.tagged.then(|| Wanted {
                            address: (*address).clone(),
                            kind: part.kind.to_owned(),
                            properties: part.properties.clone(),
                            id: None,
                            known: Attributes::new(),
                        })
                    })
                    .collect();
                later.clear();
            }
            let mut seen = self.observe(&graph.owner, &wanted).await;
            for part in wanted {
                let refs = graph
                    .parts
                    .get(&part.address)
                    .map(platform_graph::Part::refs);
                let observation = seen.remove(&part.address).filter(|observation| {
                    let id = observation.as_ref().ok().and_then(|seen| seen.seen.id());
                    id.is_none_or(|id| !ids.contains(id))
                });
                match observation {
                    None => {}
                    Some(Err(why)) => unseen.part(&part.address, &part.kind, why, false),
                    Some(Ok(observation)) => self.take_in(
                        &mut found,
                        &graph.owner,
                        &part.address,
                        &part.kind,
                        &part.properties,
                        &refs.unwrap_or_default(),
                        None,
                        observation,
                    ),
                }
            }
            if later.is_empty() {
                found.problems.extend(unseen.problems());
                return found;
            }
            open = later;
        }
    }
}
