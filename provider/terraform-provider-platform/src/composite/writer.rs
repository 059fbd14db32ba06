//! States of a composite while it changes, and the last-known note that follows them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use platform_composites::handover::waits_for;
use platform_engine::{Outcome, Watch};
use platform_graph::{Graph, Recorded, Records};
use platform_protocol::provider::LastKnown;
use platform_protocol::{Type, Value};
use serde_json::Value as Json;

use super::render;
use super::state::State;
use crate::watch::Journal;

/// Writes states of a composite while it changes.
#[derive(Clone)]
pub(super) struct Writer {
    pub owner: String,
    pub ty: Arc<Type>,
    pub draft: State,
    /// What was promised to Terraform.
    pub graph: Arc<Graph>,
    /// Outputs with their references; null leaves those of the draft.
    pub outputs: Arc<Json>,
    /// Whether success is returned whatever happened: then Terraform holds every part to what was planned, also one that
    /// could not be brought there. The next refresh shows what it is really like.
    pub creating: bool,
}

impl Writer {
    pub fn state(&self, records: &Records, ready: bool) -> State {
        let lookup =
            |address: &str, attribute: Option<&str>| records.get(address)?.lookup(attribute);
        let outputs = match &*self.outputs {
            Json::Null => self.draft.outputs.clone(),
            outputs => render::outputs(outputs, &lookup),
        };
        State {
            records: records.clone(),
            resources: if self.creating {
                render::promised_resources(records, &self.graph, &self.draft.whys)
            } else {
                render::recorded_resources(records, &self.graph, &self.draft.whys)
            },
            ready,
            outputs,
            ..self.draft.clone()
        }
    }

    /// Notes the state at every id that becomes known.
    pub fn notes(
        &self,
        last_known: LastKnown,
        before: &Records,
        home: Vec<u8>,
        identity: Option<Value>,
    ) -> Watch {
        let so_far = Mutex::new(before.clone());
        let writer = self.clone();
        let watch = match Journal::open(&self.owner) {
            Some(journal) => Watch::nobody().on_progress(move |progress| journal.write(progress)),
            None => Watch::nobody(),
        };
        watch.on_checkpoint(move |address: &str, record: Option<&Recorded>| {
            let mut so_far = so_far.lock().unwrap_or_else(PoisonError::into_inner);
            match record {
                Some(record) => so_far.insert(address.to_owned(), record.clone()),
                None => so_far.remove(address),
            };
            if let Ok(value) =
                super::value_of_type(&writer.ty, &writer.state(&so_far, false).write())
            {
                last_known.record(value.unknowns_to_null(), home.clone(), identity.clone());
            }
        })
    }
}

/// Why each part is not as it should be, by address.
pub(super) fn failures_of(outcome: &Outcome) -> BTreeMap<String, String> {
    let skipped = outcome
        .skipped
        .iter()
        .map(|(address, cause)| (address.clone(), waits_for(cause)));
    let failed = outcome
        .failures
        .iter()
        .map(|failure| (failure.address.clone(), failure.to_string()));
    let unmade = outcome
        .records
        .iter()
        .filter(|(_, record)| record.id.is_none())
        .map(|(address, _)| {
            (
                address.clone(),
                "the run ended before it was begun".to_owned(),
            )
        });
    // What says more comes later and wins.
    unmade.chain(skipped).chain(failed).collect()
}
