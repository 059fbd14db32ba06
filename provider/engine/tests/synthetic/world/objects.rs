//! What exists, and what existed.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::time::Instant;

use super::super::random::Random;
use super::State;

#[derive(Clone, Debug)]
pub struct Object {
    pub id: String,
    pub kind: &'static str,
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

    pub fn state(&self, at: Instant) -> &'static str {
        match self.gone {
            Some(gone) if at >= gone => "deleted",
            Some(_) => "deleting",
            None if at < self.ready => "pending",
            None if self.failed => "failed",
            None => "available",
        }
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.properties.get(name)?.as_str()
    }

    fn tag(&self, key: &str) -> Option<&str> {
        self.properties.get("Tags")?.get(key)?.as_str()
    }

    pub fn owner(&self) -> Option<&str> {
        self.tag("platform:owner")
    }

    pub fn address(&self) -> Option<&str> {
        self.tag("platform:address")
    }

    /// Whether it can't be without the object with this id.
    pub fn needs(&self, id: &str) -> bool {
        ["Parent", "Address"]
            .iter()
            .any(|name| self.text(name) == Some(id))
    }
}

const KINDS: [&str; 10] = [
    "Along", "Child", "Common", "Named", "Plain", "Preset", "Slow", "Store", "Stubborn", "Token",
];

/// Versions of every object, oldest first, by id. Ids begin with the kind, so that objects of a kind lie together.
#[derive(Default)]
pub struct History(BTreeMap<String, Vec<(Instant, Object)>>);

impl History {
    pub fn push(&mut self, object: Object) {
        let now = Instant::now();
        let versions = self.0.entry(object.id.clone()).or_default();
        versions.push((now, object));
    }

    pub fn latest(&self, id: &str) -> Option<&Object> {
        self.0.get(id)?.last().map(|(_, object)| object)
    }

    /// The latest version of each object.
    pub fn now(&self) -> impl Iterator<Item = &Object> {
        self.0
            .values()
            .filter_map(|versions| versions.last())
            .map(|(_, object)| object)
    }

    /// What was the latest version of each object of a kind at a moment.
    pub fn at(&self, kind: &'static str, then: Instant) -> impl Iterator<Item = &Object> {
        self.of_kind(kind)
            .filter_map(move |versions| versions.iter().rev().find(|(at, _)| *at <= then))
            .map(|(_, object)| object)
    }

    /// The latest version of each object of a kind.
    pub fn now_of(&self, kind: &'static str) -> impl Iterator<Item = &Object> {
        self.of_kind(kind)
            .filter_map(|versions| versions.last())
            .map(|(_, object)| object)
    }

    fn of_kind(&self, kind: &'static str) -> impl Iterator<Item = &Vec<(Instant, Object)>> {
        let kind = kind.to_lowercase();
        let (from, to) = (format!("{kind}-"), format!("{kind}."));
        self.0.range(from..to).map(|(_, versions)| versions)
    }
}

impl State {
    pub fn existing(&self, id: &str) -> Option<&Object> {
        self.history
            .latest(id)
            .filter(|object| object.is_there(Instant::now()))
    }

    /// Makes an object; how it fares depends on the seed and its address, not on what else happened.
    pub fn insert(&mut self, kind: &str, properties: Map<String, Value>) -> String {
        let kind = *KINDS
            .iter()
            .find(|known| **known == kind)
            .expect("a kind of this world");
        self.next += 1;
        let id = format!("{}-{}", kind.to_lowercase(), self.next);
        let usual = match kind {
            "Slow" => 30_000,
            "Store" => 6_000,
            "Token" => 1_000,
            _ => 0,
        };
        let now = Instant::now();
        let mut object = Object {
            id: id.clone(),
            kind,
            properties,
            ready: now,
            failed: false,
            gone: None,
            arn: now,
        };
        let label = object.address().unwrap_or_default().to_owned();
        self.born.insert(label.clone());
        let percent = match self.faults.pace {
            0 => 10 + Random::of(self.seed, &label).below(80),
            fixed => fixed,
        };
        object.ready += Duration::from_millis(usual * percent / 100);
        object.failed = kind == "Slow"
            && self.random.chance(self.faults.failed)
            && (self.always_fails || !self.failed_before.contains(&label));
        if object.failed {
            self.failed_before.push(label);
        }
        object.arn = object.ready;
        if self.faults.stale > 0 {
            object.arn += Duration::from_secs(self.random.below(4));
        }
        self.history.push(object);
        if kind == "Plain" {
            let preset = json!({"Parent": id, "Size": 1});
            self.insert("Preset", preset.as_object().unwrap().clone());
        }
        id
    }

    /// Lets something of a kind that no call creates come about.
    pub fn appear(&mut self, kind: &str, parent: &str) {
        let properties = Map::from_iter([("Parent".to_owned(), json!(parent))]);
        self.insert(kind, properties);
    }
}
