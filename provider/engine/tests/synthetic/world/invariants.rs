//! What must never happen, looked at whenever AWS does something.
//!
//! - No two objects of one owner and address, except while a plan exchanges one for the other, the new one first.
//! - What holds data is deleted only where that was allowed by name.
//! - Nothing is created before this very process has looked for it, and nothing refers to what is not available.
//! - What belongs to others (objects, objects inside ours, tags on ours) is not touched.
//! - Nothing is changed after the run was stopped.
//! - One client token stands for one wish, and one wish has one client token until it is fulfilled.

use std::collections::{BTreeMap, BTreeSet};

use platform_graph::Call;
use serde_json::{Map, Value};
use tokio::time::Instant;

use super::State;
use super::objects::Object;
use super::operations::{filter, text, verb_and_kind};

/// What the process that runs may do, and what is not its business.
#[derive(Default)]
pub struct Rules {
    /// Addresses of the parts with data that may go.
    pub named: BTreeSet<String>,
    /// Addresses at which the old object goes after the new one has come.
    pub exchanged: BTreeSet<String>,
    /// Whether the run was stopped.
    pub stopped: bool,
    /// What the process has looked for: kind, filter, value.
    looked: BTreeSet<(&'static str, String, String)>,
    /// The client token with which each wish was sent last.
    tokens: BTreeMap<String, String>,
    /// Ids of objects of others.
    strangers: BTreeSet<String>,
    /// A tag that others put on an object, by its id.
    strange_tags: BTreeMap<String, &'static str>,
}

impl Rules {
    pub fn is_strange(&self, id: &str) -> bool {
        self.strangers.contains(id)
    }
}

impl State {
    /// A process begins, which may do this.
    pub fn begin(&mut self) {
        self.process += 1;
        self.rules.stopped = false;
        self.rules.looked.clear();
        self.rules.named.clear();
        self.rules.exchanged.clear();
    }

    /// Makes an object that belongs to others.
    pub fn plant_strange(&mut self, kind: &str, properties: Map<String, Value>) -> String {
        let id = self.insert(kind, properties);
        self.rules.strangers.insert(id.clone());
        id
    }

    /// Puts a tag of others on an object.
    pub fn tag_strangely(&mut self, id: &str, key: &'static str) {
        let Some(mut object) = self.existing(id).cloned() else {
            return;
        };
        if let Some(Value::Object(tags)) = object.properties.get_mut("Tags") {
            tags.insert(key.to_owned(), Value::from("theirs"));
            self.history.push(object);
            self.rules.strange_tags.insert(id.to_owned(), key);
        }
    }

    /// Notes what must never happen and did.
    pub fn violate(&mut self, what: String) {
        self.note(|| format!("!! {what}"));
        self.violations.push(what);
    }

    /// Before a call is carried out: may it be?
    pub fn judge(&mut self, call: &Call) {
        let (verb, kind) = verb_and_kind(call.action);
        match verb {
            "Describe" => {
                let (name, values) = filter(call);
                if name != "id" {
                    let asked = values
                        .into_iter()
                        .map(|value| (kind, name.to_owned(), value.to_owned()));
                    self.rules.looked.extend(asked);
                }
            }
            "Create" => {
                let key = call.params.get("Properties").map(|wish| match kind {
                    "Named" | "Store" => ("name", &wish["Name"]),
                    "Child" => ("parent", &wish["Parent"]),
                    _ => ("owner", &wish["Tags"]["platform:owner"]),
                });
                let Some((name, Value::String(value))) = key else {
                    return self.violate(format!("{} says not whose it is", call.action));
                };
                let key = (kind, name.to_owned(), value.clone());
                if !self.rules.looked.contains(&key) {
                    self.violate(format!(
                        "{} was sent before a look for {name} {value}",
                        call.action
                    ));
                }
            }
            "Modify" | "Delete" | "ChangeTags" => self.judge_change(verb, call),
            _ => {}
        }
    }

    /// Until a wish is fulfilled, every process asks for it with the same client token: one that died may have been heard.
    pub fn judge_token(&mut self, call: &Call) {
        let (token, wish) = (text(call, "Token"), call.params.get("Properties"));
        let Some(wish) = wish.filter(|_| !token.is_empty()) else {
            return;
        };
        let address = wish["Tags"]["platform:address"].as_str();
        let is_first = address.is_some_and(|address| !self.born.contains(address));
        let wish = format!("{}{wish}", call.action);
        let before = self.rules.tokens.insert(wish, token.to_owned());
        if is_first && before.is_some_and(|before| before != token) {
            self.violate(format!(
                "{} has another client token than before",
                call.action
            ));
        }
    }

    fn judge_change(&mut self, verb: &str, call: &Call) {
        let id = text(call, "Id");
        if self.rules.is_strange(id) {
            self.violate(format!("{} touches {id}, which is not ours", call.action));
        }
        let Some(object) = self.existing(id) else {
            return;
        };
        if verb == "Delete" && object.kind == "Store" && object.text("Parent").is_none() {
            let address = object.address().unwrap_or_default().to_owned();
            if !self.rules.named.contains(&address) {
                self.violate(format!("{id} of {address} holds data and was not named"));
            }
        }
        if verb == "ChangeTags"
            && let Some(key) = self.rules.strange_tags.get(id)
        {
            let touched = call
                .params
                .get("Remove")
                .and_then(Value::as_array)
                .is_some_and(|keys| keys.iter().any(|removed| removed == key))
                || call
                    .params
                    .get("Set")
                    .is_some_and(|set| set.get(key).is_some());
            if touched {
                self.violate(format!("the tag {key} of {id} is not ours to change"));
            }
        }
    }

    /// After a change: is what exists still in order?
    pub fn inspect(&mut self) {
        let now = Instant::now();
        let mut first: BTreeMap<(&str, &str, &str), &Object> = BTreeMap::new();
        let mut twice = None;
        let mut counted: BTreeMap<&str, usize> = BTreeMap::new();
        let ours = |object: &&Object| object.gone.is_none() && !self.rules.is_strange(&object.id);
        for object in self.history.now().filter(ours) {
            let identity = match (object.owner(), object.address()) {
                (Some(owner), Some(address)) => (object.kind, owner, address),
                // Without tags it is known by where it is and its name.
                _ => match (object.text("Parent"), object.text("Name")) {
                    (Some(parent), Some(name)) => (object.kind, parent, name),
                    _ => continue,
                },
            };
            if let Some(other) = first.insert(identity, object) {
                let count = counted.entry(identity.2).or_insert(1);
                *count += 1;
                if *count > 2 || !self.rules.exchanged.contains(identity.2) {
                    twice = Some(format!(
                        "{} ({}) and {} ({}) are both {}",
                        other.id,
                        other.state(now),
                        object.id,
                        object.state(now),
                        identity.2
                    ));
                }
            }
        }
        if let Some(text) = twice {
            self.violate(text);
        }
    }

    /// Everything that exists, for people.
    pub fn inventory(&self) -> String {
        let now = Instant::now();
        let mut lines: Vec<String> = self
            .history
            .now()
            .filter(|object| object.is_there(now) && object.kind != "Preset")
            .map(|object| {
                let whose = if self.rules.is_strange(&object.id) {
                    "(not ours)".to_owned()
                } else {
                    self.label(object)
                };
                let state = object.state(now);
                format!("  {whose:<14} {:<10} {state}", object.id)
            })
            .collect();
        lines.sort();
        lines.join("\n")
    }
}
