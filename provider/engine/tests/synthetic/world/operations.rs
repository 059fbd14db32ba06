//! What each operation does.

use platform_engine::ErrorKind;
use platform_graph::Call;
use serde_json::{Map, Value, json};
use std::time::Duration;
use tokio::time::Instant;

use super::objects::Object;
use super::{Reply, State};

/// The verb of an operation and the kind that it is about.
pub fn verb_and_kind(action: &'static str) -> (&'static str, &'static str) {
    ["Create", "Describe", "Modify", "Delete"]
        .iter()
        .find_map(|verb| Some((*verb, action.strip_prefix(verb)?)))
        .unwrap_or((action, ""))
}

pub fn text<'a>(call: &'a Call, name: &str) -> &'a str {
    call.params
        .get(name)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// The name and the values of the filter of a Describe.
pub fn filter(call: &Call) -> (&str, Vec<&str>) {
    let filter = &call.params["Filters"][0];
    let values = filter["Values"].as_array().unwrap();
    (
        filter["Name"].as_str().unwrap(),
        values.iter().filter_map(Value::as_str).collect(),
    )
}

type Refusal = (ErrorKind, &'static str, String);

fn absent(id: &str) -> Refusal {
    let message = format!("{id} does not exist");
    (ErrorKind::Absent, "NotFound", message)
}

impl State {
    /// Does what a call asks for.
    pub fn perform(&mut self, call: &Call) -> Reply {
        match verb_and_kind(call.action) {
            ("Describe", kind) => self.describe(call, kind),
            ("Create", kind) => self.create(call, kind),
            ("Modify", _) => self.modify(call),
            ("Delete", _) => self.delete(call),
            ("ChangeTags", _) => self.change_tags(call),
            ("GetSize", _) => {
                let id = text(call, "Id");
                let object = self.existing(id).ok_or_else(|| absent(id))?;
                Ok(json!({"Size": object.properties.get("Size")}))
            }
            (other, _) => Err((ErrorKind::Invalid, "UnknownOperation", other.to_owned())),
        }
    }

    fn describe(&mut self, call: &Call, kind: &'static str) -> Reply {
        let (name, values) = filter(call);
        if let Some(bad) = &self.poison
            && values.contains(&bad.as_str())
        {
            let message = format!("{bad} is not an id");
            return Err((ErrorKind::Invalid, "Malformed", message));
        }
        let then = self.shown_moment();
        let is_asked_for = |object: &&Object| {
            let value = match name {
                "id" => Some(object.id.as_str()),
                "owner" => object.owner(),
                "name" => object.text("Name"),
                _ => object.text("Parent"),
            };
            value.is_some_and(|value| values.contains(&value))
        };
        // What takes long to make is shown for long after it is gone.
        let is_shown = |object: &&Object| kind == "Slow" || object.is_there(then);
        let items: Vec<Value> = self
            .history
            .at(kind, then)
            .filter(is_shown)
            .filter(is_asked_for)
            .map(|object| {
                let mut shown = object.properties.clone();
                if kind == "Named" {
                    shown.remove("Size");
                }
                let mut item = Map::new();
                item.insert("Id".to_owned(), Value::String(object.id.clone()));
                item.insert("State".to_owned(), Value::from(object.state(then)));
                item.insert("Properties".to_owned(), Value::Object(shown));
                if then >= object.arn {
                    let arn = Value::String(format!("arn:{}", object.id));
                    item.insert("Arn".to_owned(), arn);
                }
                Value::Object(item)
            })
            .collect();
        Ok(Value::Object(Map::from_iter([(
            "Items".to_owned(),
            Value::Array(items),
        )])))
    }

    fn create(&mut self, call: &Call, kind: &'static str) -> Reply {
        let now = Instant::now();
        let Some(Value::Object(mut properties)) = call.params.get("Properties").cloned() else {
            return Err((ErrorKind::Invalid, "Missing", "Properties".to_owned()));
        };
        let token = text(call, "Token").to_owned();
        if let Some((id, before)) = self.tokens.get(&token).cloned() {
            if before != properties {
                self.violate("one client token for two different wishes".to_owned());
            }
            return Ok(json!({ "Id": id }));
        }
        let wish = properties.clone();
        properties.retain(|_, value| !value.is_null());
        self.check_references(call.action, &properties)?;
        let is_same =
            |other: &Object, name: &str| other.properties.get(name) == properties.get(name);
        let clash = self
            .history
            .now_of(kind)
            .find(|other| {
                other.is_there(now)
                    && match kind {
                        "Named" | "Store" => is_same(other, "Name"),
                        "Child" => is_same(other, "Name") && is_same(other, "Parent"),
                        _ => false,
                    }
            })
            .map(|other| format!("{} has that name", other.id));
        if let Some(message) = clash {
            return Err((ErrorKind::Conflict, "AlreadyExists", message));
        }
        if let Some(address) = properties.get("Address")
            && let Some(user) = self.history.now().find(|other| {
                other.is_there(now) && other.properties.get("Address") == Some(address)
            })
        {
            let message = format!("{address} is used by {}", user.id);
            return Err((ErrorKind::Dependency, "InUse", message));
        }
        let id = self.insert(kind, properties);
        if !token.is_empty() {
            self.tokens.insert(token, (id.clone(), wish));
        }
        Ok(json!({ "Id": id }))
    }

    fn check_references(
        &mut self,
        action: &str,
        properties: &Map<String, Value>,
    ) -> Result<(), Refusal> {
        let uses = match properties.get("Uses") {
            Some(Value::Array(uses)) => uses.as_slice(),
            _ => &[],
        };
        let used = ["Parent", "Address"]
            .iter()
            .filter_map(|name| properties.get(*name))
            .chain(uses)
            .filter_map(Value::as_str);
        for text in used {
            let id = text.strip_prefix("arn:").unwrap_or(text);
            let state = self
                .history
                .latest(id)
                .map_or("unknown", |object| object.state(Instant::now()));
            if state != "available" {
                self.violate(format!("{action} refers to {text}, which is {state}"));
                return Err(absent(text));
            }
        }
        Ok(())
    }

    fn modify(&mut self, call: &Call) -> Reply {
        let (id, name) = (text(call, "Id"), text(call, "Property"));
        let mut object = self.existing(id).ok_or_else(|| absent(id))?.clone();
        if self.deaf {
            return Ok(json!({}));
        }
        if let Some(value) = call.params.get("Value") {
            let changed = Map::from_iter([(name.to_owned(), value.clone())]);
            self.check_references(call.action, &changed)?;
            object.properties.extend(changed);
        } else if object.properties.remove(name).is_none() {
            // As EC2 answers who takes a rule away that is not there.
            return Err(absent(&format!("{name} of {id}")));
        }
        self.history.push(object);
        Ok(json!({}))
    }

    fn change_tags(&mut self, call: &Call) -> Reply {
        let id = text(call, "Id");
        let mut object = self.existing(id).ok_or_else(|| absent(id))?.clone();
        let tags = object.properties.entry("Tags").or_insert_with(|| json!({}));
        let tags = tags.as_object_mut().unwrap();
        if let Some(Value::Object(set)) = call.params.get("Set") {
            tags.extend(set.clone());
        }
        if let Some(Value::Array(remove)) = call.params.get("Remove") {
            tags.retain(|key, _| !remove.contains(&json!(key)));
        }
        self.history.push(object);
        Ok(json!({}))
    }

    fn delete(&mut self, call: &Call) -> Reply {
        let (id, now) = (text(call, "Id"), Instant::now());
        let mut object = self.existing(id).ok_or_else(|| absent(id))?.clone();
        if object.gone.is_some() {
            let message = format!("{id} is being deleted");
            return Err((ErrorKind::Conflict, "InvalidState", message));
        }
        // What others put inside goes with it, as rules go with a security group.
        let (goes_along, users): (Vec<&Object>, Vec<&Object>) = self
            .history
            .now()
            .filter(|other| other.is_there(now) && other.needs(id))
            .partition(|other| other.kind == "Preset" || self.rules.is_strange(&other.id));
        if let Some(user) = users.first() {
            let message = format!("{id} is used by {}", user.id);
            self.refused += 1;
            return Err((ErrorKind::Dependency, "DependencyViolation", message));
        }
        let goes_along: Vec<Object> = goes_along.into_iter().cloned().collect();
        for mut other in goes_along {
            other.gone = Some(now);
            self.history.push(other);
        }
        let seconds = match object.kind {
            "Slow" => 10,
            "Named" | "Store" => 3,
            _ => 0,
        };
        object.gone = Some(now + Duration::from_secs(seconds));
        self.history.push(object);
        Ok(json!({}))
    }
}
