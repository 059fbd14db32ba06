//! What happened, one line per event: virtual seconds, process, address, call, reply, fault.

use std::time::Duration;

use platform_graph::Call;
use serde_json::{Map, Value};
use tokio::time::Instant;

use super::faults::Fate;
use super::objects::Object;
use super::operations::{filter, text, verb_and_kind};
use super::{Reply, State};

impl State {
    /// Adds a line, when somebody wants to read it.
    pub fn note(&mut self, text: impl FnOnce() -> String) {
        if self.traced {
            let line = format!("{} {}", self.when(), text());
            self.trace.push(line);
        }
    }

    fn when(&self) -> String {
        let seconds = self.epoch.elapsed().as_secs_f64();
        format!("{seconds:>8.2} #{:<2}", self.process)
    }

    /// Adds the line of a call that has been answered or not.
    pub fn note_call(&mut self, call: &Call, fate: Fate, back: Duration, reply: &Reply) {
        if !self.traced {
            return;
        }
        let mark = match fate {
            Fate::Answered | Fate::Scripted(..) => String::new(),
            Fate::Throttled => "   ** throttled".to_owned(),
            Fate::Failed { happens: true } => "   ** 5xx, yet done".to_owned(),
            Fate::Failed { happens: false } => "   ** 5xx".to_owned(),
            Fate::Lost { after } if after.is_zero() => "   ** no reply, yet done".to_owned(),
            Fate::Lost { after } => {
                format!("   ** no reply, done {:.2} s later", after.as_secs_f64())
            }
            Fate::Death { happens: true } => "   ** killed, yet done".to_owned(),
            Fate::Death { happens: false } => "   ** killed before".to_owned(),
        };
        let slow = if back.is_zero() {
            String::new()
        } else {
            format!("   ** reply takes {:.2} s", back.as_secs_f64())
        };
        let reply = match reply {
            Ok(reply) if matches!(fate, Fate::Answered) => answer(reply),
            Err((_, code, message)) if matches!(fate, Fate::Answered | Fate::Scripted(..)) => {
                format!(" -> {code}: {message}")
            }
            _ => String::new(),
        };
        let (address, what) = (self.address_of(call), asked(call));
        self.note(|| format!("{address:<12} {what}{reply}{mark}{slow}"));
    }

    /// Adds the line of a call whose caller does not wait any more.
    pub fn note_late(&mut self, call: &Call) {
        let (address, what) = (self.address_of(call), asked(call));
        self.note(|| format!("{address:<12} {what}   ** done only now"));
    }

    /// The part that an object is of.
    pub fn label(&self, object: &Object) -> String {
        match (object.address(), object.text("Parent"), object.text("Name")) {
            (Some(address), ..) => address.to_owned(),
            (_, Some(parent), name) => format!("{} in {parent}", name.unwrap_or(object.kind)),
            _ => "?".to_owned(),
        }
    }

    fn address_of(&self, call: &Call) -> String {
        if let Some(wish) = call.params.get("Properties") {
            return match wish["Tags"]["platform:address"].as_str() {
                Some(address) => address.to_owned(),
                None => format!("child {}", wish["Name"].as_str().unwrap_or_default()),
            };
        }
        self.history
            .latest(text(call, "Id"))
            .map_or_else(|| "-".to_owned(), |object| self.label(object))
    }
}

fn asked(call: &Call) -> String {
    let (verb, _) = verb_and_kind(call.action);
    let rest = match verb {
        "Describe" => {
            let (name, values) = filter(call);
            let name = if name == "id" { "" } else { name };
            format!("{name} {}", values.join(" "))
        }
        "Create" => match call.params.get("Properties") {
            Some(Value::Object(properties)) => listed(properties),
            _ => String::new(),
        },
        "Modify" => {
            let value = call.params.get("Value").map_or("nothing".to_owned(), plain);
            format!("{} {}={value}", text(call, "Id"), text(call, "Property"))
        }
        "ChangeTags" => {
            let set = match call.params.get("Set") {
                Some(Value::Object(set)) => listed(set),
                _ => String::new(),
            };
            let removed = call.params.get("Remove").map_or(String::new(), plain);
            format!("{} {set} -{removed}", text(call, "Id"))
        }
        _ => text(call, "Id").to_owned(),
    };
    format!("{} {}", call.action, rest.trim())
}

fn listed(properties: &Map<String, Value>) -> String {
    let each: Vec<String> = properties
        .iter()
        .filter(|(name, value)| *name != "Tags" && !value.is_null())
        .map(|(name, value)| format!("{name}={}", plain(value)))
        .collect();
    each.join(" ")
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => {
            let each: Vec<String> = values.iter().map(plain).collect();
            format!("[{}]", each.join(" "))
        }
        other => other.to_string(),
    }
}

fn answer(reply: &Value) -> String {
    if let Some(items) = reply["Items"].as_array() {
        let each: Vec<String> = items
            .iter()
            .map(|item| format!("{} {}", plain(&item["Id"]), plain(&item["State"])))
            .collect();
        let text = if each.is_empty() {
            "nothing".to_owned()
        } else {
            each.join(", ")
        };
        return format!(" -> {text}");
    }
    match (&reply["Id"], &reply["Size"]) {
        (Value::String(id), _) => format!(" -> {id}"),
        (_, Value::Number(size)) => format!(" -> {size}"),
        _ => " -> done".to_owned(),
    }
}

/// The differences between two versions of an object, for people.
pub fn difference(before: Option<&Object>, after: &Object) -> String {
    let Some(before) = before else {
        let soon = after.ready.saturating_duration_since(Instant::now());
        return format!("+ {}, available in {} s", after.id, soon.as_secs());
    };
    if before.gone != after.gone {
        return format!("- {}", after.id);
    }
    let mut each = Vec::new();
    let names = before.properties.keys().chain(after.properties.keys());
    for name in names.collect::<std::collections::BTreeSet<_>>() {
        let (old, new) = (before.properties.get(name), after.properties.get(name));
        if old != new {
            let shown = |value: Option<&Value>| value.map_or("nothing".to_owned(), plain);
            each.push(format!("{name} {} => {}", shown(old), shown(new)));
        }
    }
    format!("~ {} {}", after.id, each.join(", "))
}
