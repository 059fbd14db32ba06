//! The event loop: what starts when, and what becomes of it.
//!
//! # Flow
//! [`Plan::operations`] says what waits for what. Everything that waits for nothing starts, the longest road to the end
//! first; whenever something is done, what waited for it last starts. There are no waves.
//!
//! # Guarantees
//! A failure stops only what depends on it. Once cancelled nothing starts; calls in flight finish and are recorded.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use platform_graph::{
    Action, Graph, Operation, Owner, Plan, Properties, Recorded, Records, reference,
    replaced_address,
};
use tokio::time::Instant;

use crate::batch::Batch;
use crate::caller::Caller;
use crate::order::Order;
use crate::outcome::panic_text;
use crate::part::Work;
use crate::{ApplyRequest, Cancel, Engine, Outcome, PartFailure, Phase, Progress, Stop, Watch};

/// Everything the parts of one run share.
pub(crate) struct Run<'r> {
    pub engine: &'r Engine,
    pub owner: &'r Owner,
    pub graph: &'r Graph,
    pub plan: &'r Plan,
    /// What was recorded when the run began.
    pub before: &'r Records,
    pub caller: Arc<Caller>,
    pub batch: Batch,
    pub cancel: Cancel,
    pub watch: Watch,
    pub epoch: Instant,
    /// Held by the part that clears its way.
    pub clearing: tokio::sync::Mutex<()>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    records: Records,
    /// Ids that are known to be gone, by address.
    gone: BTreeMap<String, Vec<String>>,
    adopted: BTreeSet<String>,
    /// Addresses whose record is that of this run.
    fresh: BTreeSet<String>,
}

impl<'r> Run<'r> {
    pub fn new(engine: &'r Engine, request: ApplyRequest<'r>) -> Self {
        let ApplyRequest {
            graph,
            records,
            plan,
            cancel,
            watch,
        } = request;
        let caller = engine.caller(cancel.clone());
        Run {
            engine,
            owner: &graph.owner,
            graph,
            plan,
            before: records,
            batch: Batch::new(caller.clone()),
            caller,
            cancel,
            watch,
            epoch: Instant::now(),
            clearing: tokio::sync::Mutex::default(),
            state: Mutex::new(State {
                records: records.clone(),
                ..State::default()
            }),
        }
    }

    /// Performs all operations.
    pub async fn complete(&self) -> Outcome {
        self.batch.during(self.drive()).await
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is recorded of a part now.
    pub fn record(&self, address: &str) -> Option<Recorded> {
        self.state().records.get(address).cloned()
    }

    /// Properties with every reference to what exists by now resolved.
    pub fn resolve(&self, properties: &Properties) -> Properties {
        let state = self.state();
        let lookup = |address: &str, attribute: Option<&str>| {
            state
                .records
                .get(address)
                .and_then(|record| record.lookup(attribute))
        };
        properties
            .iter()
            .map(|(name, value)| (name.clone(), reference::resolve(value, &lookup)))
            .collect()
    }

    /// Records a part. What was recorded under another id and still exists stays recorded beside it.
    pub fn put(&self, address: &str, record: Recorded) {
        let mut state = self.state();
        let old = state.records.insert(address.to_owned(), record.clone());
        let first = state.fresh.insert(address.to_owned());
        let beside = old
            .filter(|old| first && old.id.is_some() && old.id != record.id)
            .and_then(|old| {
                let aside = replaced_address(address, old.id.as_deref()?);
                state.records.insert(aside.clone(), old.clone());
                Some((aside, old))
            });
        drop(state);
        if let Some((aside, old)) = beside {
            self.watch.keep(&aside, Some(&old));
        }
        self.watch.keep(address, Some(&record));
    }

    /// Drops the record of an id that is gone.
    pub fn forget(&self, address: &str, id: &str) {
        let aside = replaced_address(address, id);
        let mut state = self.state();
        state
            .gone
            .entry(address.to_owned())
            .or_default()
            .push(id.to_owned());
        let mut dropped = Vec::new();
        if state
            .records
            .get(address)
            .is_some_and(|record| record.id.as_deref() == Some(id))
        {
            state.records.remove(address);
            dropped.push(address);
        }
        if state.records.remove(&aside).is_some() {
            dropped.push(&aside);
        }
        drop(state);
        for address in dropped {
            self.watch.keep(address, None);
        }
    }

    /// Ids at an address that are known to be gone.
    pub fn gone(&self, address: &str) -> Vec<String> {
        self.state().gone.get(address).cloned().unwrap_or_default()
    }

    /// All recorded ids.
    pub fn ids(&self) -> BTreeSet<String> {
        self.state()
            .records
            .values()
            .filter_map(|record| record.id.clone())
            .collect()
    }

    /// Address at which an id is recorded.
    pub fn address_of(&self, id: &str) -> Option<String> {
        let state = self.state();
        let recorded = |record: &Recorded| record.id.as_deref() == Some(id);
        let (address, _) = state.records.iter().find(|(_, record)| recorded(record))?;
        Some(address.clone())
    }

    /// Notes that a part was found rather than created.
    pub fn adopt(&self, address: &str) {
        self.state().adopted.insert(address.to_owned());
    }

    async fn perform(&self, operation: &Operation) -> Result<(), Stop> {
        match operation {
            Operation::Make(address) => {
                let (Some(part), Some(step)) =
                    (self.graph.parts.get(address), self.plan.steps.get(address))
                else {
                    return Err(Stop::Said("the plan was made for another graph".to_owned()));
                };
                let kind = *self.engine.kind(part.kind)?;
                let desired = crate::make::desired(self, &part.properties).await?;
                let work = Work::new(self, address, kind, desired);
                work.make(&step.action).await?;
                work.tell(
                    Phase::Done,
                    self.record(address).and_then(|record| record.id).as_deref(),
                );
            }
            Operation::Remove(address) => {
                let Some(record) = self.before.get(address) else {
                    return Ok(());
                };
                let kind = *self.engine.kind(&record.kind)?;
                let id = record.id.clone().unwrap_or_default();
                let reused = {
                    let state = self.state();
                    state.fresh.contains(address)
                        && state
                            .records
                            .get(address)
                            .is_some_and(|now| now.id == record.id)
                };
                let original = platform_graph::original_address(address);
                let work = Work::new(self, original, kind, record.properties.clone());
                if !reused {
                    work.remove(record).await?;
                    self.forget(address, &id);
                    self.forget(original, &id);
                }
                work.tell(Phase::Done, record.id.as_deref());
            }
        }
        Ok(())
    }

    async fn attempt(&self, operation: Operation) -> (Operation, Result<(), Stop>) {
        let result = AssertUnwindSafe(self.perform(&operation))
            .catch_unwind()
            .await
            .unwrap_or_else(|panic| Err(Stop::Said(panic_text(&*panic))));
        (operation, result)
    }

    /// Performs all operations as soon as what they wait for is done.
    async fn drive(&self) -> Outcome {
        let kinds = self.engine.kinds();
        let operations = self.plan.operations(kinds, self.graph, self.before);
        let order = Order::new(self, operations);
        let mut open = order.needs.clone();
        let mut left: BTreeMap<&Operation, usize> = open
            .iter()
            .map(|(operation, needs)| (operation, needs.len()))
            .collect();
        let mut ready: Vec<&Operation> = left
            .iter()
            .filter(|(_, needs)| **needs == 0)
            .map(|(operation, _)| *operation)
            .collect();
        let mut flying: FuturesUnordered<BoxFuture<'_, _>> = FuturesUnordered::new();
        let mut outcome = Outcome::default();
        let mut settled: BTreeSet<Operation> = BTreeSet::new();
        loop {
            ready.sort_by_key(|operation| std::cmp::Reverse(order.road.get(*operation).copied()));
            for operation in ready.drain(..) {
                if self.cancel.is_cancelled() {
                    outcome.cancelled = true;
                } else if !settled.contains(operation) {
                    flying.push(Box::pin(self.attempt(operation.clone())));
                }
            }
            let Some((operation, result)) = flying.next().await else {
                break;
            };
            settled.insert(operation.clone());
            match result {
                Ok(()) => {
                    for next in order.dependents.get(&operation).into_iter().flatten() {
                        if let Some((next, needs)) = left.get_key_value(next).map(|(k, v)| (*k, *v))
                        {
                            left.insert(next, needs - 1);
                            if needs == 1 {
                                ready.push(next);
                            }
                        }
                    }
                }
                Err(Stop::Cancelled) => {
                    outcome.cancelled = true;
                    self.tell(&operation, Phase::Stopped);
                }
                Err(stop) => {
                    let failure = self.failure(&operation, stop);
                    self.tell(&operation, Phase::Failed(failure.reason.clone()));
                    for skipped in order.descendants(&operation) {
                        if settled.insert(skipped.clone())
                            && skipped.address() != operation.address()
                        {
                            self.tell(skipped, Phase::Skipped(failure.address.clone()));
                            outcome
                                .skipped
                                .entry(self.place(skipped))
                                .or_insert_with(|| failure.address.clone());
                        }
                    }
                    outcome.failures.push(failure);
                }
            }
        }
        open.retain(|operation, _| !settled.contains(operation));
        if !open.is_empty() && !outcome.cancelled {
            let names: Vec<&str> = open.keys().map(Operation::address).collect();
            let operation = open.keys().next();
            if let Some(operation) = operation {
                let text = format!(
                    "these wait for one another: {}. This is a bug of the provider",
                    names.join(", ")
                );
                outcome
                    .failures
                    .push(self.failure(operation, Stop::Said(text)));
            }
        }
        self.find_left_behind(&mut outcome.failures);
        for failure in &outcome.failures {
            outcome.skipped.remove(&failure.address);
        }
        outcome.failures.sort_by(|a, b| a.address.cmp(&b.address));
        outcome.records = self.records();
        outcome.adopted = self.state().adopted.iter().cloned().collect();
        outcome
    }

    /// Parts that were to stay as they are and refer to one that turned out unfit and was made anew: the plan could not know.
    fn find_left_behind(&self, failures: &mut Vec<PartFailure>) {
        let id_in = |records: &Records, address: &str| {
            records.get(address).and_then(|record| record.id.clone())
        };
        let now = self.state().records.clone();
        let is = |address: &str, wanted: fn(&Action) -> bool| {
            self.plan
                .steps
                .get(address)
                .is_some_and(|step| wanted(&step.action))
        };
        for (address, part) in &self.graph.parts {
            if !is(address, |action| *action == Action::Keep) {
                continue;
            }
            let anew = part
                .properties
                .values()
                .flat_map(reference::parts_of)
                .find(|used| {
                    is(used, |action| matches!(action, Action::Update { .. }))
                        && id_in(&now, used) != id_in(self.before, used)
                });
            if let Some(used) = anew {
                let text = format!("{used}, which it refers to, had to be made anew. Apply again");
                failures.push(self.failure(&Operation::Make(address.clone()), Stop::Said(text)));
            }
        }
    }

    /// What is recorded at the end.
    fn records(&self) -> Records {
        let mut records = self.state().records.clone();
        for (address, part) in &self.graph.parts {
            let kept = self
                .plan
                .steps
                .get(address)
                .is_some_and(|step| step.action == Action::Keep);
            match records.get_mut(address) {
                Some(record) if kept => record.refs = part.refs(),
                Some(_) => {}
                None => {
                    let record = Recorded {
                        kind: part.kind.to_owned(),
                        id: None,
                        properties: self.resolve(&part.properties),
                        refs: part.refs(),
                        attributes: None,
                    };
                    records.insert(address.clone(), record);
                }
            }
        }
        records.retain(|address, record| {
            record.id.is_some() || self.graph.parts.contains_key(address)
        });
        records
    }

    /// Where the resource that an operation is about is recorded: the old one of a replaced part stands beside the new one.
    fn place(&self, operation: &Operation) -> String {
        let address = operation.address();
        let old = match operation {
            Operation::Make(_) => None,
            Operation::Remove(_) => self
                .before
                .get(address)
                .and_then(|record| record.id.as_deref()),
        };
        old.map(|id| replaced_address(address, id))
            .filter(|aside| self.record(aside).is_some())
            .unwrap_or_else(|| address.to_owned())
    }

    fn is_taken_over(&self, address: &str) -> bool {
        let part = self.graph.parts.get(address);
        part.and_then(|part| self.engine.kinds.get(part.kind))
            .is_some_and(|kind| kind.taken_over)
    }

    fn failure(&self, operation: &Operation, stop: Stop) -> PartFailure {
        let step = self.plan.steps.get(operation.address());
        let address = self.place(operation);
        let (reason, error) = stop.explain();
        PartFailure {
            kind: step.map(|step| step.kind.clone()).unwrap_or_default(),
            id: self.record(&address).and_then(|record| record.id),
            address,
            action: match step.map(|step| &step.action) {
                Some(Action::Update { .. }) => "update",
                Some(Action::Replace { .. }) => "replace",
                Some(Action::Delete) => "delete",
                Some(Action::Keep) => "keep",
                Some(Action::Create) if self.is_taken_over(operation.address()) => "take over",
                Some(Action::Create) | None => "create",
            },
            reason,
            error,
        }
    }

    fn tell(&self, operation: &Operation, phase: Phase) {
        let address = operation.address();
        self.watch.tell(&Progress {
            address: address.to_owned(),
            kind: self
                .plan
                .steps
                .get(address)
                .map(|step| step.kind.clone())
                .unwrap_or_default(),
            phase,
            id: self.record(address).and_then(|record| record.id),
            elapsed: self.epoch.elapsed(),
            expected: std::time::Duration::ZERO,
        });
    }
}
