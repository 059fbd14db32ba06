//! AWS in memory: objects with a life of their own, replies that get lost, reads that lag, limits that throttle.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use platform_engine::{Aws, AwsError, ErrorKind};
use platform_graph::Call;
use serde_json::{Map, Value, json};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::random::Random;

/// What goes wrong, in per mille of the calls unless said otherwise.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// Throttled: no effect.
    pub throttled: u64,
    /// A 5xx; half of them had their effect.
    pub transient: u64,
    /// Effect, but no reply.
    pub lost: u64,
    /// Reads that show the past.
    pub stale: u64,
    /// How far back, at most.
    pub lag: Duration,
    /// Objects that take time and come up failed, once per name of a part.
    pub failed: u64,
    /// The number of the change at which the process dies, and whether the change still happens.
    pub crash: Option<(usize, bool)>,
    /// How long slow objects take, in percent of the usual time; 0 is random.
    pub pace: u64,
}

#[derive(Clone, Debug)]
pub struct Object {
    pub id: String,
    pub kind: String,
    pub properties: Map<String, Value>,
    pub ready: Instant,
    pub failed: bool,
    /// When it is gone, once it is being deleted.
    pub gone: Option<Instant>,
    /// When its ARN is shown.
    pub arn: Instant,
}

impl Object {
    pub fn is_there(&self, at: Instant) -> bool {
        self.gone.is_none_or(|gone| at < gone)
    }

    fn state(&self, at: Instant) -> &'static str {
        match self.gone {
            Some(gone) if at >= gone => "deleted",
            Some(_) => "deleting",
            None if at < self.ready => "pending",
            None if self.failed => "failed",
            None => "available",
        }
    }
}

pub struct State {
    random: Random,
    pub faults: Faults,
    /// Versions of each object, oldest first.
    history: BTreeMap<String, Vec<(Instant, Object)>>,
    tokens: BTreeMap<String, String>,
    pub calls: Vec<(&'static str, Duration)>,
    pub changes: usize,
    /// Deletes refused because something still used the object.
    pub refused: usize,
    /// What must never happen.
    pub violations: Vec<String>,
    pub trace: Vec<String>,
    pub traced: bool,
    failed_before: Vec<String>,
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
    pub state: Arc<Mutex<State>>,
    pub crashed: Arc<Notify>,
}

type Reply = Result<Value, (ErrorKind, &'static str, String)>;

impl World {
    pub fn new(seed: u64, faults: Faults) -> Self {
        let state = State {
            random: Random::new(seed),
            faults,
            history: BTreeMap::new(),
            tokens: BTreeMap::new(),
            calls: vec![],
            changes: 0,
            refused: 0,
            violations: vec![],
            trace: vec![],
            traced: false,
            failed_before: vec![],
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
            crashed: Arc::new(Notify::new()),
        }
    }

    pub fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.state.lock().unwrap())
    }

    /// Everything that exists now.
    pub fn objects(&self) -> Vec<Object> {
        self.with(|state| {
            state
                .now()
                .filter(|object| object.is_there(Instant::now()))
                .cloned()
                .collect()
        })
    }

    pub fn calls(&self) -> usize {
        self.with(|state| state.calls.len())
    }

    /// Calls of one action.
    pub fn count(&self, action: &str) -> usize {
        self.with(|state| {
            state
                .calls
                .iter()
                .filter(|(name, _)| *name == action)
                .count()
        })
    }

    /// Makes an object without anybody's doing.
    pub fn plant(&self, kind: &str, properties: Value) -> String {
        self.with(|state| {
            let Value::Object(properties) = properties else {
                panic!("not an object")
            };
            state.insert(kind, properties)
        })
    }

    /// Changes an object behind everybody's back.
    pub fn meddle(&self, id: &str, change: impl FnOnce(&mut Object)) {
        self.with(|state| {
            let mut object = state.latest(id).unwrap().clone();
            change(&mut object);
            state.version(object);
        });
    }
}

impl State {
    fn now(&self) -> impl Iterator<Item = &Object> {
        self.history
            .values()
            .filter_map(|versions| versions.last())
            .map(|(_, object)| object)
    }

    fn latest(&self, id: &str) -> Option<&Object> {
        self.history.get(id)?.last().map(|(_, object)| object)
    }

    fn existing(&self, id: &str) -> Option<&Object> {
        self.latest(id)
            .filter(|object| object.is_there(Instant::now()))
    }

    fn version(&mut self, object: Object) {
        self.history
            .entry(object.id.clone())
            .or_default()
            .push((Instant::now(), object));
    }

    fn insert(&mut self, kind: &str, properties: Map<String, Value>) -> String {
        self.next += 1;
        let id = format!("{}-{}", kind.to_lowercase(), self.next);
        let usual = match kind {
            "Slow" => 30_000,
            "Store" => 6_000,
            "Token" => 1_000,
            _ => 0,
        };
        let percent = match self.faults.pace {
            0 => 50 + self.random.below(150),
            fixed => fixed,
        };
        let ready = Instant::now() + Duration::from_millis(usual * percent / 100);
        let label = properties
            .get("Tags")
            .and_then(|tags| tags["platform:address"].as_str())
            .unwrap_or_default()
            .to_owned();
        let failed = kind == "Slow"
            && self.random.chance(self.faults.failed)
            && (self.always_fails || !self.failed_before.contains(&label));
        if failed {
            self.failed_before.push(label);
        }
        let arn = ready
            + Duration::from_millis(if self.faults.stale > 0 {
                self.random.below(4) * 1000
            } else {
                0
            });
        self.version(Object {
            id: id.clone(),
            kind: kind.to_owned(),
            properties,
            ready,
            failed,
            gone: None,
            arn,
        });
        if kind == "Plain" {
            self.insert(
                "Preset",
                Map::from_iter([
                    ("Parent".to_owned(), json!(id)),
                    ("Size".to_owned(), json!(1)),
                ]),
            );
        }
        id
    }

    /// Lets something of a kind that no call creates come about.
    pub fn appear(&mut self, kind: &str, parent: &str) {
        let properties = Map::from_iter([("Parent".to_owned(), json!(parent))]);
        self.insert(kind, properties);
    }

    fn check_references(
        &mut self,
        action: &str,
        properties: &Map<String, Value>,
    ) -> Result<(), (ErrorKind, &'static str, String)> {
        let mut used: Vec<String> = ["Parent", "Address"]
            .iter()
            .filter_map(|name| properties.get(*name)?.as_str().map(str::to_owned))
            .collect();
        if let Some(Value::Array(uses)) = properties.get("Uses") {
            used.extend(uses.iter().filter_map(Value::as_str).map(str::to_owned));
        }
        for text in used {
            let id = text.strip_prefix("arn:").unwrap_or(&text).to_owned();
            let state = self.latest(&id).map(|object| object.state(Instant::now()));
            if state != Some("available") {
                self.violations
                    .push(format!("{action} refers to {text}, which is {state:?}"));
                return Err((
                    ErrorKind::Absent,
                    "NotFound",
                    format!("{text} does not exist"),
                ));
            }
        }
        Ok(())
    }

    fn perform(&mut self, call: &Call) -> Reply {
        let text = |name: &str| {
            call.params
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let now = Instant::now();
        let (verb, kind) = ["Create", "Describe", "Modify", "Delete"]
            .iter()
            .find_map(|verb| Some((*verb, call.action.strip_prefix(verb)?)))
            .unwrap_or((call.action, ""));
        let absent = |id: &str| {
            (
                ErrorKind::Absent,
                "NotFound",
                format!("{id} does not exist"),
            )
        };
        match verb {
            "Describe" => {
                let lag = if self.random.chance(self.faults.stale) {
                    Duration::from_millis(self.random.below(self.faults.lag.as_millis() as u64 + 1))
                } else {
                    Duration::ZERO
                };
                let then = now - lag.min(now - self.epoch);
                let filter = &call.params["Filters"][0];
                if let Some(bad) = &self.poison
                    && filter["Values"].as_array().unwrap().contains(&json!(bad))
                {
                    return Err((
                        ErrorKind::Invalid,
                        "Malformed",
                        format!("{bad} is not an id"),
                    ));
                }
                let items: Vec<Value> = self
                    .history
                    .values()
                    .filter_map(|versions| versions.iter().rev().find(|(at, _)| *at <= then))
                    .map(|(_, object)| object)
                    .filter(|object| object.kind == kind && object.gone.is_none_or(|gone| kind == "Slow" || then < gone))
                    .filter(|object| {
                        let value = match filter["Name"].as_str().unwrap() {
                            "id" => Some(json!(object.id)),
                            "owner" => object.properties.get("Tags").map(|tags| tags["platform:owner"].clone()),
                            "name" => object.properties.get("Name").cloned(),
                            _ => object.properties.get("Parent").cloned(),
                        };
                        value.is_some_and(|value| filter["Values"].as_array().unwrap().contains(&value))
                    })
                    .map(|object| {
                        let mut shown = object.properties.clone();
                        if kind == "Named" {
                            shown.remove("Size");
                        }
                        let mut item = json!({"Id": object.id, "State": object.state(then), "Properties": shown});
                        if then >= object.arn {
                            item["Arn"] = json!(format!("arn:{}", object.id));
                        }
                        item
                    })
                    .collect();
                Ok(json!({ "Items": items }))
            }
            "GetSize" => match self.existing(&text("Id")) {
                Some(object) => Ok(json!({"Size": object.properties.get("Size")})),
                None => Err(absent(&text("Id"))),
            },
            "Create" => {
                let token = text("Token");
                if let Some(id) = self.tokens.get(&token).filter(|_| !token.is_empty()) {
                    return Ok(json!({ "Id": id }));
                }
                let Some(Value::Object(mut properties)) = call.params.get("Properties").cloned()
                else {
                    return Err((ErrorKind::Invalid, "Missing", "Properties".to_owned()));
                };
                properties.retain(|_, value| !value.is_null());
                self.check_references(call.action, &properties)?;
                let clash = self.now().find(|other| {
                    other.kind == kind
                        && other.is_there(now)
                        && match kind {
                            "Named" | "Store" => {
                                other.properties.get("Name") == properties.get("Name")
                            }
                            "Child" => {
                                other.properties.get("Name") == properties.get("Name")
                                    && other.properties.get("Parent") == properties.get("Parent")
                            }
                            _ => false,
                        }
                });
                if let Some(other) = clash {
                    return Err((
                        ErrorKind::Conflict,
                        "AlreadyExists",
                        format!("{} has that name", other.id),
                    ));
                }
                if let Some(address) = properties.get("Address")
                    && let Some(user) = self.now().find(|other| {
                        other.is_there(now) && other.properties.get("Address") == Some(address)
                    })
                {
                    return Err((
                        ErrorKind::Dependency,
                        "InUse",
                        format!("{address} is used by {}", user.id),
                    ));
                }
                let id = self.insert(kind, properties);
                if !token.is_empty() {
                    self.tokens.insert(token, id.clone());
                }
                Ok(json!({ "Id": id }))
            }
            "Modify" => {
                let mut object = self
                    .existing(&text("Id"))
                    .ok_or_else(|| absent(&text("Id")))?
                    .clone();
                if self.deaf {
                    return Ok(json!({}));
                }
                match call.params.get("Value") {
                    Some(value) => object.properties.insert(text("Property"), value.clone()),
                    None => object.properties.remove(&text("Property")),
                };
                let changed = object.properties.get_key_value(&text("Property"));
                let changed =
                    Map::from_iter(changed.map(|(name, value)| (name.clone(), value.clone())));
                self.check_references(call.action, &changed)?;
                self.version(object);
                Ok(json!({}))
            }
            "ChangeTags" => {
                let mut object = self
                    .existing(&text("Id"))
                    .ok_or_else(|| absent(&text("Id")))?
                    .clone();
                let tags = object
                    .properties
                    .entry("Tags")
                    .or_insert_with(|| json!({}))
                    .as_object_mut()
                    .unwrap();
                for (key, value) in call
                    .params
                    .get("Set")
                    .and_then(Value::as_object)
                    .into_iter()
                    .flatten()
                {
                    tags.insert(key.clone(), value.clone());
                }
                for key in call
                    .params
                    .get("Remove")
                    .and_then(Value::as_array)
                    .into_iter()
                    .flatten()
                {
                    tags.remove(key.as_str().unwrap());
                }
                self.version(object);
                Ok(json!({}))
            }
            "Delete" => {
                let id = text("Id");
                let mut object = self.existing(&id).ok_or_else(|| absent(&id))?.clone();
                if object.gone.is_some() {
                    return Err((
                        ErrorKind::Conflict,
                        "InvalidState",
                        format!("{id} is being deleted"),
                    ));
                }
                let user = self.now().find(|other| {
                    other.is_there(now)
                        && other.kind != "Preset"
                        && ["Parent", "Address"]
                            .iter()
                            .any(|name| other.properties.get(*name) == Some(&json!(id)))
                });
                if let Some(user) = user {
                    let message = format!("{id} is used by {}", user.id);
                    self.refused += 1;
                    return Err((ErrorKind::Dependency, "DependencyViolation", message));
                }
                let seconds = match object.kind.as_str() {
                    "Slow" => 10,
                    "Named" | "Store" => 3,
                    _ => 0,
                };
                object.gone = Some(now + Duration::from_secs(seconds));
                self.version(object);
                let default = self
                    .now()
                    .find(|other| other.kind == "Preset" && other.properties["Parent"] == json!(id))
                    .cloned();
                if let Some(mut default) = default {
                    default.gone = Some(now);
                    self.version(default);
                }
                Ok(json!({}))
            }
            other => Err((ErrorKind::Invalid, "UnknownOperation", other.to_owned())),
        }
    }
}

impl Aws for World {
    fn call<'a>(&'a self, call: &'a Call) -> BoxFuture<'a, Result<Value, AwsError>> {
        async move {
            let (pause, crash) = self.with(|state| {
                let now = state.epoch.elapsed();
                state.calls.push((call.action, now));
                if !call.is_read() {
                    state.changes += 1;
                    state.flying += 1;
                    state.most_changes = state.most_changes.max(state.flying);
                }
                let crash = state
                    .faults
                    .crash
                    .filter(|(at, _)| !call.is_read() && state.changes >= *at);
                (20 + state.random.below(120), crash)
            });
            tokio::time::sleep(Duration::from_millis(pause)).await;
            let reply = self.with(|state| {
                if !call.is_read() {
                    state.flying -= 1;
                }
                let broken = state.broken.get(call.action).copied();
                let error = |kind: ErrorKind, code: &'static str| {
                    Err((kind, code, "says the test".to_owned()))
                };
                let faults = state.faults.clone();
                let dice = state.random.below(1000);
                let reply = if let Some((_, happens)) = crash {
                    if happens {
                        let _ = state.perform(call);
                    }
                    error(ErrorKind::Ambiguous, "Crash")
                } else if let Some((kind, code)) = broken {
                    error(kind, code)
                } else if dice < faults.throttled {
                    error(ErrorKind::Throttled, "Throttling")
                } else if dice < faults.throttled + faults.transient {
                    if dice % 2 == 0 {
                        let _ = state.perform(call);
                    }
                    error(ErrorKind::Transient, "InternalError")
                } else if dice < faults.throttled + faults.transient + faults.lost {
                    let _ = state.perform(call);
                    error(ErrorKind::Ambiguous, "")
                } else {
                    state.perform(call)
                };
                if state.traced {
                    let line = format!(
                        "{:>8.2} {} {} -> {}",
                        state.epoch.elapsed().as_secs_f64(),
                        call.action,
                        Value::Object(call.params.clone()),
                        match &reply {
                            Ok(value) => value.to_string(),
                            Err((kind, code, message)) => format!("{kind:?} {code} {message}"),
                        }
                    );
                    state.trace.push(line);
                }
                reply
            });
            if crash.is_some() {
                self.crashed.notify_one();
                std::future::pending::<()>().await;
            }
            reply.map_err(|(kind, code, message)| AwsError::of(call, kind, code, message))
        }
        .boxed()
    }
}
