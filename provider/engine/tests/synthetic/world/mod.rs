//! AWS in memory: objects with a life of their own, replies that get lost, reads that lag, limits that throttle, calls that
//! overtake one another, and callers that die while theirs are on the way.

mod faults;
mod invariants;
mod objects;
mod operations;
mod trace;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use platform_engine::{Aws, AwsError, ErrorKind};
use platform_graph::Call;
use serde_json::{Map, Value};
use tokio::sync::Notify;
use tokio::time::Instant;

use faults::{Departure, Fate};
pub use faults::{Faults, LATE};
use invariants::Rules;
use objects::History;
pub use objects::Object;

use super::random::Random;

type Reply = Result<Value, (ErrorKind, &'static str, String)>;

pub struct State {
    seed: u64,
    random: Random,
    pub faults: Faults,
    history: History,
    /// What a client token has made, and out of which wish.
    tokens: BTreeMap<String, (String, Map<String, Value>)>,
    /// Every call that was sent.
    pub calls: Vec<&'static str>,
    /// Calls that AWS has carried out, whether or not it said so.
    pub carried_out: usize,
    pub changes: usize,
    /// Deletes refused because something still used the object.
    pub refused: usize,
    /// Plans refused because they would lose data that nobody had named.
    pub refused_plans: usize,
    pub rules: Rules,
    /// What must never happen and did.
    pub violations: Vec<String>,
    pub trace: Vec<String>,
    pub traced: bool,
    /// Number of the process that runs.
    process: usize,
    failed_before: Vec<String>,
    /// Addresses of which there has been an object.
    born: BTreeSet<String>,
    /// Actions that fail with this error, as long as it is there.
    pub broken: BTreeMap<String, (ErrorKind, &'static str)>,
    /// Changes are accepted and have no effect.
    pub deaf: bool,
    /// Objects that can fail do so always.
    pub always_fails: bool,
    /// A value that makes a Describe fail as a whole.
    pub poison: Option<String>,
    flying: usize,
    /// The most changes in flight at once.
    pub most_changes: usize,
    next: u64,
    epoch: Instant,
}

#[derive(Clone)]
pub struct World {
    state: Arc<Mutex<State>>,
    /// Told when the process dies, and when it does what must never happen.
    pub ended: Arc<Notify>,
}

impl World {
    pub fn new(seed: u64, faults: Faults) -> Self {
        let state = State {
            seed,
            random: Random::new(seed),
            faults,
            history: History::default(),
            tokens: BTreeMap::new(),
            calls: vec![],
            carried_out: 0,
            changes: 0,
            refused: 0,
            refused_plans: 0,
            rules: Rules::default(),
            violations: vec![],
            trace: vec![],
            traced: false,
            process: 0,
            failed_before: vec![],
            born: BTreeSet::new(),
            broken: BTreeMap::new(),
            deaf: false,
            always_fails: false,
            poison: None,
            flying: 0,
            most_changes: 0,
            next: 0,
            epoch: Instant::now(),
        };
        World {
            state: Arc::new(Mutex::new(state)),
            ended: Arc::new(Notify::new()),
        }
    }

    pub fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        // A part that panicked in the middle of a call is one more thing to look at.
        look(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Everything that exists now.
    pub fn objects(&self) -> Vec<Object> {
        let now = Instant::now();
        let there = |object: &&Object| object.is_there(now);
        self.with(|state| state.history.now().filter(there).cloned().collect())
    }

    pub fn calls(&self) -> usize {
        self.with(|state| state.calls.len())
    }

    /// Calls of one action.
    pub fn count(&self, action: &str) -> usize {
        self.with(|state| state.calls.iter().filter(|name| **name == action).count())
    }

    /// Makes an object without anybody's doing.
    pub fn plant(&self, kind: &str, properties: Value) -> String {
        let Value::Object(properties) = properties else {
            panic!("not an object")
        };
        self.with(|state| state.insert(kind, properties))
    }

    /// Changes an object behind everybody's back.
    pub fn meddle(&self, id: &str, change: impl FnOnce(&mut Object)) {
        self.with(|state| {
            let mut object = state.history.latest(id).unwrap().clone();
            change(&mut object);
            state.history.push(object);
        });
    }
}

impl State {
    /// Carries out a call and looks whether everything is still in order.
    fn carry_out(&mut self, call: &Call) -> Reply {
        self.carried_out += 1;
        self.judge(call);
        if call.is_read() {
            return self.perform(call);
        }
        let id = call.params.get("Id").and_then(Value::as_str);
        let before = id
            .filter(|_| self.traced)
            .and_then(|id| self.history.latest(id).cloned());
        let reply = self.perform(call);
        if let Ok(reply) = &reply {
            let after = reply["Id"].as_str().or(id);
            if self.traced
                && let Some(after) = after.and_then(|id| self.history.latest(id).cloned())
            {
                self.note(|| format!("    {}", trace::difference(before.as_ref(), &after)));
            }
            self.inspect();
        }
        reply
    }
}

/// A call on its way. Dropped before it has arrived, its caller has died; AWS may get it all the same.
struct Flight<'a> {
    world: &'a World,
    call: &'a Call,
    fate: Fate,
    arrived: bool,
}

impl Flight<'_> {
    fn arrive(&mut self, back: std::time::Duration) -> Reply {
        self.arrived = true;
        let (call, fate) = (self.call, self.fate);
        let reply = self.world.with(|state| {
            let does = match fate {
                Fate::Answered => true,
                Fate::Failed { happens } | Fate::Death { happens } => happens,
                Fate::Lost { after } => after.is_zero(),
                Fate::Throttled | Fate::Scripted(..) => false,
            };
            let done = does.then(|| state.carry_out(call));
            let error = |kind, code| Err((kind, code, "says the test".to_owned()));
            let reply = match (fate, done) {
                (Fate::Answered, Some(reply)) => reply,
                (Fate::Scripted(kind, code), _) => error(kind, code),
                (Fate::Throttled, _) => error(ErrorKind::Throttled, "Throttling"),
                (Fate::Failed { .. }, _) => error(ErrorKind::Transient, "InternalError"),
                _ => error(ErrorKind::Ambiguous, ""),
            };
            state.note_call(call, fate, back, &reply);
            reply
        });
        if let Fate::Lost { after } = fate
            && !after.is_zero()
        {
            self.world.do_later(call, after);
        }
        reply
    }
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        if self.call.is_read() {
            return;
        }
        let after = self.world.with(|state| {
            state.flying -= 1;
            let reaches = !self.arrived && state.random.chance(500);
            reaches.then(|| state.late())
        });
        if let Some(after) = after {
            self.world.do_later(self.call, after);
        }
    }
}

impl World {
    /// Carries out a call that nobody waits for any more.
    fn do_later(&self, call: &Call, after: std::time::Duration) {
        let (world, call) = (self.clone(), call.clone());
        tokio::spawn(async move {
            tokio::time::sleep(after).await;
            world.with(|state| {
                state.note_late(&call);
                let _ = state.carry_out(&call);
            });
        });
    }
}

impl Aws for World {
    fn call<'a>(&'a self, call: &'a Call) -> BoxFuture<'a, Result<Value, AwsError>> {
        async move {
            let Departure { fate, there, back } = self.with(|state| state.depart(call));
            let mut flight = Flight {
                world: self,
                call,
                fate,
                arrived: false,
            };
            tokio::time::sleep(there).await;
            let reply = flight.arrive(back);
            if !back.is_zero() {
                tokio::time::sleep(back).await;
            }
            let dies = matches!(fate, Fate::Death { .. });
            if dies || self.with(|state| !state.violations.is_empty()) {
                self.ended.notify_one();
            }
            if dies {
                std::future::pending::<()>().await;
            }
            reply.map_err(|(kind, code, message)| AwsError::of(call, kind, code, message))
        }
        .boxed()
    }
}
