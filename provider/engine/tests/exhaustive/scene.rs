//! Processes that bring AWS to a graph, one after another, until one is left in peace; and what must hold then.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use platform_engine::{ApplyRequest, Cancel, Engine, Options, Outcome, Watch};
use platform_graph::{Graph, Limits, Owner, Plan, Properties, Records, Tags};

use super::kinds::kinds;
use super::script::{Execution, Script, explore};
use super::world::{Contents, World};

/// How AWS and people behave.
#[derive(Debug, Clone, Copy)]
pub struct Conditions {
    /// How long reads may show the past.
    pub lag: Duration,
    /// How long the engine believes that they may.
    pub believed: Duration,
    /// How long it takes until somebody starts the next process.
    pub pause: Duration,
}

impl Conditions {
    /// AWS lags no longer than the engine believes, and the next process starts when everything shows.
    pub const ORDINARY: Conditions = Conditions {
        lag: Duration::from_secs(5),
        believed: Duration::from_secs(8),
        pause: Duration::from_secs(6),
    };

    /// The next process starts at once, when AWS may not show yet what the last one has done.
    pub const HASTY: Conditions = Conditions {
        pause: Duration::ZERO,
        ..Conditions::ORDINARY
    };

    /// AWS lags longer than the engine believes.
    pub const SLUGGISH: Conditions = Conditions {
        lag: Duration::from_secs(20),
        believed: Duration::from_secs(8),
        pause: Duration::from_secs(21),
    };
}

pub fn owner() -> Owner {
    "platform_test/us-east-1/main".parse().unwrap()
}

pub fn empty() -> Graph {
    Graph::new(owner(), Tags::new())
}

/// One change of a platform that is explored.
pub struct Change {
    /// What is there, made without a fault.
    pub from: Graph,
    /// What is asked for.
    pub to: Graph,
    /// What is asked for instead once a process was killed.
    pub instead: Option<Graph>,
    /// Addresses of parts with data that may be replaced or deleted.
    pub expendable: &'static [&'static str],
}

impl Change {
    pub fn new(from: Graph, to: Graph) -> Self {
        Change {
            from,
            to,
            instead: None,
            expendable: &[],
        }
    }
}

struct Scene<'a> {
    world: World,
    conditions: Conditions,
    limits: &'a Limits,
    records: Records,
}

impl Scene<'_> {
    fn engine(&self) -> Engine {
        let options = Options {
            lag: self.conditions.believed,
            ..Options::default()
        };
        Engine::with_options(Arc::new(self.world.clone()), kinds(), options)
    }

    /// Looks, plans and applies.
    async fn apply(
        &self,
        records: &Records,
        to: &Graph,
        cancel: Cancel,
    ) -> Result<Outcome, String> {
        let engine = self.engine();
        let refreshed = engine.refresh(&owner(), records).await;
        if refreshed.problems.has_errors() {
            return Err(format!("refresh: {:?}", refreshed.problems));
        }
        let records = &refreshed.records;
        let plan = &Plan::new(engine.kinds(), to, records, self.limits);
        let request = ApplyRequest {
            graph: to,
            records,
            plan,
            cancel,
            watch: Watch::nobody(),
        };
        Ok(engine.apply(request).await)
    }

    /// One process; `None` when it was killed.
    async fn process(&self, to: &Graph) -> Option<Result<Outcome, String>> {
        let cancel = Cancel::new();
        self.world.with(|state| {
            state.cancel = cancel.clone();
            state.note(|| "-- a process starts".to_owned());
        });
        // Two calls may have died together.
        let _ = self.world.killed.notified().now_or_never();
        tokio::select! {
            outcome = self.apply(&self.records, to, cancel) => Some(outcome),
            () = self.world.killed.notified() => None,
        }
    }

    /// Processes until one has done everything; the graph that it was done for. Only a fault excuses a process that has not.
    async fn converge<'g>(
        &mut self,
        mut to: &'g Graph,
        instead: Option<&'g Graph>,
    ) -> Result<&'g Graph, String> {
        loop {
            let faults = self.world.with(|state| state.script.faults.len());
            if let Some(outcome) = self.process(to).await {
                let outcome = outcome?;
                self.records = outcome.records.clone();
                if outcome.is_complete() {
                    return Ok(to);
                }
                if faults == self.world.with(|state| state.script.faults.len()) {
                    return Err(format!("nothing went wrong, and yet: {outcome:#?}"));
                }
            } else {
                to = instead.unwrap_or(to);
            }
            tokio::time::sleep(self.conditions.pause).await;
        }
    }

    /// Nothing forbidden has happened, AWS holds exactly what the graph says, a further process has nothing to do, and one
    /// that knows nothing finds everything.
    async fn inspect(&self, to: &Graph) -> Result<(), String> {
        tokio::time::sleep(self.conditions.lag).await;
        let (violations, objects, changes) = self.world.with(|state| {
            state.script.calm = true;
            state.note(|| "-- inspection".to_owned());
            (state.violations.clone(), state.objects(), state.changes)
        });
        if !violations.is_empty() {
            return Err(format!("violations: {violations:#?}"));
        }
        let there: BTreeSet<&str> = objects.iter().map(|object| &*object.id).collect();
        let ids = |records: &Records| -> BTreeSet<String> {
            records
                .values()
                .filter_map(|record| record.id.clone())
                .collect()
        };
        let recorded = ids(&self.records);
        if !recorded
            .iter()
            .map(String::as_str)
            .eq(there.iter().copied())
            || there.len() != to.parts.len()
        {
            return Err(format!("{there:?} are there, recorded are {recorded:?}"));
        }
        let resolve = |properties: &Properties| -> Properties {
            let lookup = |address: &str, attribute: Option<&str>| {
                self.records.get(address)?.lookup(attribute)
            };
            let resolved = properties.iter().map(|(name, value)| {
                (
                    name.clone(),
                    platform_graph::reference::resolve(value, &lookup),
                )
            });
            resolved.collect()
        };
        for (address, part) in &to.parts {
            let id = self
                .records
                .get(address)
                .and_then(|record| record.id.as_deref());
            let object = objects.iter().find(|object| Some(&*object.id) == id);
            let object = object.ok_or_else(|| format!("{address} is not there"))?;
            let wanted = resolve(&part.properties);
            let told = self.records.get(address).map(|record| &record.properties);
            if *object.properties() != wanted || told != Some(&wanted) {
                return Err(format!(
                    "{address} is {:?} and not {wanted:?}",
                    object.properties()
                ));
            }
        }
        for (knowing, records) in [("state", self.records.clone()), ("nothing", Records::new())] {
            let outcome = self.apply(&records, to, Cancel::new()).await?;
            let more = self.world.with(|state| state.changes) - changes;
            if !outcome.is_complete() || more > 0 || ids(&outcome.records) != recorded {
                return Err(format!(
                    "knowing {knowing}, {more} more changes and: {outcome:#?}"
                ));
            }
        }
        Ok(())
    }
}

/// Runs on a clock that jumps to the next thing that happens.
fn clocked<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(work)
}

/// Makes what is there before, without a fault.
fn prepare(
    change: &Change,
    conditions: Conditions,
    limits: &Limits,
) -> Result<(Contents, Records), String> {
    clocked(async {
        let world = World::new(
            Contents::default(),
            Script::faultless(),
            conditions.lag,
            false,
        );
        let mut scene = Scene {
            world,
            conditions,
            limits,
            records: Records::new(),
        };
        scene.converge(&change.from, None).await?;
        scene.inspect(&change.from).await?;
        tokio::time::sleep(2 * conditions.lag).await;
        Ok((scene.world.with(|state| state.contents()), scene.records))
    })
}

/// Executes a change with every choice of at most `budget` faults.
///
/// # Errors
/// What went wrong in the first execution that did, with its trace. Otherwise the number of executions.
pub fn explore_change(
    change: &Change,
    conditions: Conditions,
    budget: usize,
) -> Result<usize, String> {
    let named: BTreeSet<String> = change
        .expendable
        .iter()
        .map(|&address| address.to_owned())
        .collect();
    let limits = Limits {
        replace: named.clone(),
        delete: named.clone(),
    };
    let (contents, records) = prepare(change, conditions, &limits)?;
    explore(budget, |script, traced| {
        clocked(async {
            let world = World::new(contents.clone(), script, conditions.lag, traced);
            world.with(|state| state.expendable = named.clone());
            let mut scene = Scene {
                world: world.clone(),
                conditions,
                limits: &limits,
                records: records.clone(),
            };
            let result = async {
                let to = scene.converge(&change.to, change.instead.as_ref()).await?;
                scene.inspect(to).await
            };
            let result = result.await;
            world.with(|state| {
                let trace = state.trace.take().unwrap_or_default().join("\n");
                let script = std::mem::replace(&mut state.script, Script::faultless());
                let result = result.map_err(|why| format!("{trace}\n{why}"));
                Execution { script, result }
            })
        })
    })
}
