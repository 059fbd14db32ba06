//! AWS in memory, in which everything that may go wrong with a call is a decision of the [`Script`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use platform_engine::{Aws, AwsError, Cancel, ErrorKind};
use platform_graph::{ADDRESS_TAG, Call, OWNER_TAG, Properties, Replacement};
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::kinds::{Key, facts};
use super::script::Script;

/// What becomes of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It has its effect, which everybody sees at once, and is answered.
    Answered,
    /// It has its effect and is answered, and no read shows it before the lag is over.
    ShownLate,
    /// It has its effect and the reply is lost.
    ReplyLost,
    /// The same, and no read shows it before the lag is over.
    ReplyLostAndShownLate,
    /// It is lost on its way: no effect, no reply.
    NeverArrives,
    /// It arrives long after others that were sent later.
    Delayed,
    /// AWS asks for fewer calls: no effect.
    Throttled,
    /// AWS fails: no effect.
    Unavailable,
    /// The process is killed before it leaves.
    KilledBefore,
    /// The process is killed once it has its effect.
    KilledAfter,
    /// The same, and no read shows the effect before the lag is over.
    KilledAfterAndShownLate,
    /// Somebody asks the run to stop while the call is in flight.
    Interrupted,
    /// What it creates comes up failed.
    ComesUpFailed,
    /// A read that shows what was there a lag ago.
    Stale,
}

use Fate::*;

/// What may become of a call that changes something; the last is for what takes time to make.
const CHANGE: [Fate; 13] = [
    Answered,
    ShownLate,
    ReplyLost,
    ReplyLostAndShownLate,
    NeverArrives,
    Delayed,
    Throttled,
    Unavailable,
    KilledBefore,
    KilledAfter,
    KilledAfterAndShownLate,
    Interrupted,
    ComesUpFailed,
];

/// One state of an object.
#[derive(Clone)]
struct Version {
    /// When it came about.
    at: u64,
    /// When reads show it, unless they are stale.
    shown: u64,
    properties: Properties,
    /// When it is gone, once it is being deleted.
    gone: Option<u64>,
}

/// An AWS resource. Times are in milliseconds.
#[derive(Clone)]
pub struct Object {
    pub id: String,
    pub kind: &'static str,
    versions: Vec<Version>,
    ready: u64,
    failed: bool,
}

impl Object {
    fn now(&self) -> &Version {
        &self.versions[self.versions.len() - 1]
    }

    fn is_there(&self, at: u64) -> bool {
        self.now().gone.is_none_or(|gone| at < gone)
    }

    /// What it is now, whatever reads show.
    pub fn properties(&self) -> &Properties {
        &self.now().properties
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.properties().get(name)?.as_str()
    }

    fn tag(&self, key: &str) -> Option<&str> {
        self.properties().get("Tags")?.get(key)?.as_str()
    }
}

/// What outlives an execution's clock: to be copied and gone on with.
#[derive(Clone, Default)]
pub struct Contents {
    objects: Vec<Object>,
    tokens: BTreeMap<String, String>,
    clock: u64,
}

pub struct State {
    pub script: Script,
    contents: Contents,
    epoch: Instant,
    /// How long reads may show the past, in milliseconds.
    lag: u64,
    /// Addresses of parts with data that may be deleted.
    pub expendable: BTreeSet<String>,
    pub cancel: Cancel,
    /// Calls that may have changed something.
    pub changes: usize,
    /// What must never happen.
    pub violations: Vec<String>,
    /// Every call and what became of it, if somebody is going to read it.
    pub trace: Option<Vec<String>>,
}

#[derive(Clone)]
pub struct World {
    state: Arc<Mutex<State>>,
    pub killed: Arc<Notify>,
}

type Reply = Result<Value, (ErrorKind, &'static str)>;

impl World {
    pub fn new(contents: Contents, script: Script, lag: Duration, traced: bool) -> Self {
        let state = State {
            script,
            contents,
            epoch: Instant::now(),
            lag: lag.as_millis() as u64,
            expendable: BTreeSet::new(),
            cancel: Cancel::new(),
            changes: 0,
            violations: Vec::new(),
            trace: traced.then(Vec::new),
        };
        World {
            state: Arc::new(Mutex::new(state)),
            killed: Arc::new(Notify::new()),
        }
    }

    pub fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.state.lock().unwrap())
    }
}

impl State {
    fn now(&self) -> u64 {
        self.contents.clock + self.epoch.elapsed().as_millis() as u64
    }

    /// A copy for executions that begin here.
    pub fn contents(&self) -> Contents {
        Contents {
            clock: self.now(),
            ..self.contents.clone()
        }
    }

    /// Everything that exists now.
    pub fn objects(&self) -> Vec<Object> {
        let there = |object: &&Object| object.is_there(self.now());
        self.contents
            .objects
            .iter()
            .filter(there)
            .cloned()
            .collect()
    }

    pub fn note(&mut self, line: impl FnOnce() -> String) {
        let seconds = self.epoch.elapsed().as_secs_f64();
        if let Some(trace) = &mut self.trace {
            trace.push(format!("{seconds:7.2} s  {}", line()));
        }
    }

    fn decide(&mut self, call: &Call) -> Fate {
        let what = format_args!("{} {}", call.service, call.action);
        if call.is_read() {
            let differs = self.shown(call, false) != self.shown(call, true);
            return match differs {
                true => self.script.choose(what, &[Answered, Stale, Unavailable]),
                false => Answered,
            };
        }
        // What comes up failed where there could be data is for a person to judge, so the engine would not go on.
        let facts = facts(call.service);
        let can_fail = call.action == "Create" && facts.seconds > 0 && !facts.stateful;
        let fates = &CHANGE[..CHANGE.len() - usize::from(!can_fail)];
        self.script.choose(what, fates)
    }

    /// What a Describe shows.
    fn shown(&self, call: &Call, stale: bool) -> Value {
        let now = self.now();
        let then = if stale {
            now.saturating_sub(self.lag)
        } else {
            now
        };
        let wanted = |name: &str| call.params.get(name).and_then(Value::as_str);
        let is = |wanted: Option<&str>, value: Option<&str>| wanted.is_none() || wanted == value;
        let item = |object: &Object| {
            let is_shown = |version: &&Version| {
                if stale {
                    version.at <= then
                } else {
                    version.shown <= now
                }
            };
            let version = object.versions.iter().rfind(is_shown)?;
            let text = |name: &str| version.properties.get(name)?.as_str();
            let owner = || version.properties.get("Tags")?.get(OWNER_TAG)?.as_str();
            let is_meant = is(wanted("Id"), Some(&object.id))
                && is(wanted("Name"), text("Name"))
                && is(wanted("Parent"), text("Parent"))
                && is(wanted("Owner"), owner());
            let state = match version.gone {
                Some(gone) if gone <= then => return None,
                Some(_) => "deleting",
                None if then < object.ready => "pending",
                None if object.failed => "failed",
                None => "available",
            };
            (is_meant && object.kind == call.service)
                .then(|| json!({"Id": object.id, "State": state, "Properties": version.properties}))
        };
        json!({"Items": self.contents.objects.iter().filter_map(item).collect::<Vec<_>>()})
    }

    fn perform(&mut self, call: &Call, fate: Fate) -> Reply {
        let late = matches!(
            fate,
            ShownLate | ReplyLostAndShownLate | KilledAfterAndShownLate
        );
        let now = self.now();
        let shown = if late { now + self.lag } else { now };
        if call.action == "Describe" {
            return Ok(self.shown(call, fate == Stale));
        }
        self.changes += 1;
        if call.action == "Create" {
            return self.create(call, shown, fate == ComesUpFailed);
        }
        let id = call.params["Id"].as_str().unwrap();
        let is_meant = |object: &Object| object.id == id && object.is_there(now);
        let Some(at) = self.contents.objects.iter().position(is_meant) else {
            return Err((ErrorKind::Absent, "NotFound"));
        };
        let object = self.contents.objects[at].clone();
        let mut version = Version {
            at: now,
            shown,
            ..object.now().clone()
        };
        if version.gone.is_some() || now < object.ready {
            return Err((ErrorKind::Dependency, "IncorrectState"));
        }
        let facts = facts(object.kind);
        match call.action {
            "Modify" => {
                version
                    .properties
                    .insert("Size".to_owned(), call.params["Size"].clone());
            }
            "Tag" => {
                let tags = version
                    .properties
                    .get_mut("Tags")
                    .and_then(Value::as_object_mut);
                tags.unwrap()
                    .extend(call.params["Tags"].as_object().unwrap().clone());
            }
            "Delete" => {
                let address = object.tag(ADDRESS_TAG).unwrap_or_default();
                if facts.stateful && !self.expendable.contains(address) {
                    self.violations.push(format!(
                        "{id} holds data and is deleted although nobody named it"
                    ));
                }
                let is_used = |other: &Object| other.text("Parent") == Some(id);
                if self.objects().iter().any(is_used) {
                    return Err((ErrorKind::Dependency, "DependencyViolation"));
                }
                version.gone = Some(now + facts.end_seconds * 1000);
            }
            other => panic!("{other}?"),
        }
        self.contents.objects[at].versions.push(version);
        Ok(Value::Null)
    }

    fn create(&mut self, call: &Call, shown: u64, failed: bool) -> Reply {
        let now = self.now();
        let token = call.params.get("Token").and_then(Value::as_str);
        if let Some(id) = token.and_then(|token| self.contents.tokens.get(token)) {
            return Ok(json!({ "Id": id }));
        }
        let facts = facts(call.service);
        let mut properties = call.params["Properties"].as_object().unwrap().clone();
        properties.retain(|_, value| !value.is_null());
        let id = match properties.get("Name").and_then(Value::as_str) {
            Some(name) if facts.name_is_id => name.to_owned(),
            _ => format!(
                "{}-{}",
                call.service.to_lowercase(),
                self.contents.objects.len() + 1
            ),
        };
        let new = Object {
            id: id.clone(),
            kind: call.service,
            versions: vec![Version {
                at: now,
                shown,
                properties,
                gone: None,
            }],
            ready: now + facts.seconds * 1000,
            failed,
        };
        let others = self.objects();
        if let Some(parent) = new.text("Parent") {
            let is_usable = |other: &&Object| {
                other.id == parent
                    && other.now().gone.is_none()
                    && other.ready <= now
                    && !other.failed
            };
            if !others.iter().any(|other| is_usable(&other)) {
                self.violations
                    .push(format!("{id} refers to {parent}, which is not usable"));
                return Err((ErrorKind::Absent, "NotFound"));
            }
        }
        let same = |other: &Object, names: &[&str]| {
            other.kind == new.kind && names.iter().all(|name| other.text(name) == new.text(name))
        };
        if matches!(facts.key, Key::Name | Key::Parent)
            && others.iter().any(|other| same(other, &["Name", "Parent"]))
        {
            return Err((ErrorKind::Conflict, "AlreadyExists"));
        }
        if facts.key != Key::Parent {
            if new.tag(OWNER_TAG).is_none() || new.tag(ADDRESS_TAG).is_none() {
                self.violations
                    .push(format!("{id} is born without its owner's tags"));
            }
            let may_coexist = |other: &Object| {
                facts.replacement == Replacement::CreateFirst
                    && !same(other, &["Name", "Parent", "Fixed"])
            };
            let twin = others.iter().find(|other| {
                other.kind == new.kind
                    && other.now().gone.is_none()
                    && other.tag(ADDRESS_TAG) == new.tag(ADDRESS_TAG)
                    && other.tag(OWNER_TAG) == new.tag(OWNER_TAG)
                    && !may_coexist(other)
            });
            if let Some(twin) = twin {
                self.violations
                    .push(format!("{id} is made although {} is there", twin.id));
            }
        }
        if let Some(token) = token {
            self.contents.tokens.insert(token.to_owned(), id.clone());
        }
        self.contents.objects.push(new);
        Ok(json!({ "Id": id }))
    }
}

/// How long a call is on its way to AWS.
const WAY: Duration = Duration::from_millis(50);
/// How long a call that is late is on its way.
const DETOUR: Duration = Duration::from_secs(2);
/// After how long a client gives up on a reply.
const TIMEOUT: Duration = Duration::from_secs(3);

impl Aws for World {
    fn call<'a>(&'a self, call: &'a Call) -> BoxFuture<'a, Result<Value, AwsError>> {
        async move {
            tokio::time::sleep(WAY).await;
            let fate = self.with(|state| state.decide(call));
            if fate == Delayed {
                tokio::time::sleep(DETOUR).await;
            }
            let reply = self.with(|state| {
                let reply = match fate {
                    NeverArrives | KilledBefore => Ok(Value::Null),
                    Throttled => Err((ErrorKind::Throttled, "Throttling")),
                    Unavailable => Err((ErrorKind::Transient, "ServiceUnavailable")),
                    _ => state.perform(call, fate),
                };
                state.note(|| {
                    let params = Value::Object(call.params.clone());
                    let reply = match &reply {
                        Ok(reply) => reply.to_string(),
                        Err((_, code)) => (*code).to_owned(),
                    };
                    format!(
                        "{:<8} {:<9} {fate:?}\n{:13}{params}\n{:13}{reply}",
                        call.service, call.action, "", "",
                    )
                });
                reply
            });
            match fate {
                KilledBefore | KilledAfter | KilledAfterAndShownLate => {
                    self.killed.notify_one();
                    std::future::pending().await
                }
                NeverArrives | ReplyLost | ReplyLostAndShownLate => {
                    tokio::time::sleep(TIMEOUT).await;
                    return Err(AwsError::of(call, ErrorKind::Ambiguous, "", "no reply"));
                }
                Interrupted => self.with(|state| state.cancel.cancel()),
                _ => {}
            }
            tokio::time::sleep(WAY).await;
            reply.map_err(|(kind, code)| AwsError::of(call, kind, code, "as AWS says"))
        }
        .boxed()
    }
}
