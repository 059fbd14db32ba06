//! A small AWS with kinds of its own, and what a run that was killed left in it.

use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use platform_engine::{Aws, AwsError, Engine, ErrorKind};
use platform_graph::{
    Attributes, Call, Claim, Graph, Identity, Kind, KindDef, Kinds, Live, Owner, Recorded, Records,
    Seen, Tags,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What one kind is like.
pub trait Sort: Send + Sync + 'static {
    const TYPE: &'static str;
    const TAGGED: bool = true;
    const STATEFUL: bool = false;
    const TAKEN_OVER: bool = false;
    const INSIDE: &'static [&'static str] = &[];
    const KEY: &'static [&'static str] = &[];
}

macro_rules! sort {
    ($name:ident { $($body:tt)* }) => {
        #[derive(Default)]
        pub struct $name;
        impl Sort for $name {
            const TYPE: &'static str = concat!("Test::", stringify!($name));
            $($body)*
        }
    };
}

sort! { Net {} }
sort! { Table {} }
sort! { Gateway {} }
sort! { Log { const STATEFUL: bool = true; } }
sort! { Preset { const TAKEN_OVER: bool = true; } }
sort! {
    Route {
        const TAGGED: bool = false;
        const INSIDE: &'static [&'static str] = &["Test::Table"];
        const KEY: &'static [&'static str] = &["Name", "Parent"];
    }
}
sort! {
    Step {
        const TAGGED: bool = false;
        const INSIDE: &'static [&'static str] = &["Test::Route"];
    }
}

#[derive(Serialize, Deserialize)]
#[serde(bound = "", deny_unknown_fields, rename_all = "PascalCase")]
pub struct Thing<S> {
    /// Required: nothing can be looked at without it.
    name: String,
    parent: Option<String>,
    target: Option<String>,
    tags: Option<Tags>,
    #[serde(skip)]
    sort: PhantomData<S>,
}

impl<S> Default for Thing<S> {
    fn default() -> Self {
        Thing {
            name: String::new(),
            parent: None,
            target: None,
            tags: None,
            sort: PhantomData,
        }
    }
}

fn items(reply: &Value) -> &[Value] {
    reply["Items"].as_array().map_or(&[], Vec::as_slice)
}

fn live<S: Sort>(item: &Value) -> Live<Thing<S>> {
    Live {
        id: item["Id"].as_str().unwrap().to_owned(),
        properties: serde_json::from_value(item["Properties"].clone()).unwrap(),
        attributes: item["Attributes"].as_object().unwrap().clone(),
    }
}

impl<S: Sort> Kind for Thing<S> {
    const TYPE: &'static str = S::TYPE;
    const CREATE_ONLY: &'static [&'static str] = &["Name", "Parent"];
    const KEY: &'static [&'static str] = S::KEY;
    const ATTRIBUTES: &'static [&'static str] = &["Arn", "Since"];
    const TAGGED: bool = S::TAGGED;
    const STATEFUL: bool = S::STATEFUL;
    const TAKEN_OVER: bool = S::TAKEN_OVER;
    const INSIDE: &'static [&'static str] = S::INSIDE;
    const BORN: &'static str = "Since";

    fn find(&self, me: &Identity) -> Vec<Call> {
        let id = me.id.clone().unwrap_or_default();
        let call = Call::new("test", "Describe")
            .with("Kind", S::TYPE)
            .with("Ids", [id])
            .merging("/Ids");
        vec![call]
    }

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
        let found = items(&replies[0])
            .iter()
            .find(|item| item["Id"].as_str() == me.id.as_deref());
        match found {
            None => Seen::Absent,
            Some(item) if item["State"] == "pending" => Seen::Pending {
                id: me.id.clone().unwrap(),
                why: "pending".to_owned(),
            },
            Some(item) => Seen::Live(live(item)),
        }
    }

    fn create(&self, _: &Identity) -> Vec<Call> {
        vec![]
    }

    fn created(&self, _: &Identity, _: &Value) -> Option<String> {
        None
    }

    fn delete(&self, _: &Identity, id: &str, _: &Attributes) -> Vec<Call> {
        vec![Call::new("test", "Delete").with("Id", id)]
    }

    fn census(replies: &[Value]) -> Vec<Call> {
        match replies {
            _ if !S::TAGGED => vec![],
            // One call for all kinds, then a second page.
            [] => vec![Call::new("test", "ListTags").with("Page", 1)],
            [_] => vec![Call::new("test", "ListTags").with("Page", 2)],
            _ => vec![],
        }
    }

    fn counted(replies: &[Value]) -> Vec<Claim> {
        replies
            .iter()
            .flat_map(items)
            .filter(|item| item["Kind"] == S::TYPE)
            .map(|item| Claim {
                id: item["Id"].as_str().unwrap().to_owned(),
                tags: serde_json::from_value(item["Tags"].clone()).unwrap(),
            })
            .collect()
    }

    fn inside(_: &str, id: &str) -> Vec<Call> {
        vec![
            Call::new("test", "DescribeInside")
                .with("Kind", S::TYPE)
                .with("Id", id),
        ]
    }

    fn residents(_: &str, _: &str, replies: &[Value]) -> Vec<Live<Self>> {
        replies.iter().flat_map(items).map(live).collect()
    }
}

#[derive(Clone, Debug)]
pub struct Object {
    pub kind: &'static str,
    pub parent: Option<&'static str>,
    pub properties: Value,
    pub attributes: Value,
    pub state: &'static str,
    /// Whether the tags are still shown although it is gone.
    pub ghost: bool,
}

#[derive(Clone, Default)]
pub struct World(Arc<Mutex<State>>);

#[derive(Default)]
pub struct State {
    pub objects: BTreeMap<String, Object>,
    /// The kind that may not be described.
    pub denied: Option<&'static str>,
    pub calls: Vec<String>,
    pub deleted: Vec<String>,
}

pub const OWNER: &str = "platform_test/us-east-1/main";

fn tags(owner: &str, address: &str) -> Value {
    json!({ "platform:owner": owner, "platform:address": address })
}

impl World {
    pub fn plant(&self, id: &str, kind: &'static str, properties: Value) {
        let parent = match &properties["Parent"] {
            Value::String(parent) => Some(&*parent.clone().leak()),
            _ => None,
        };
        let object = Object {
            kind,
            parent,
            properties,
            attributes: json!({ "Arn": format!("arn:{id}"), "Since": "2026-01-02T03:04:05Z" }),
            state: "available",
            ghost: false,
        };
        self.0.lock().unwrap().objects.insert(id.to_owned(), object);
    }

    pub fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.0.lock().unwrap())
    }

    pub fn engine(&self) -> Engine {
        let kinds = Kinds::new([
            KindDef::of::<Thing<Net>>(),
            KindDef::of::<Thing<Table>>(),
            KindDef::of::<Thing<Gateway>>(),
            KindDef::of::<Thing<Log>>(),
            KindDef::of::<Thing<Preset>>(),
            KindDef::of::<Thing<Route>>(),
            KindDef::of::<Thing<Step>>(),
        ]);
        Engine::new(Arc::new(self.clone()), kinds)
    }
}

impl State {
    fn item(&self, id: &str) -> Value {
        let object = &self.objects[id];
        json!({ "Id": id, "State": object.state, "Properties": object.properties, "Attributes": object.attributes })
    }

    fn perform(&mut self, call: &Call) -> Result<Value, (ErrorKind, String)> {
        let text = |name: &str| call.params[name].as_str().unwrap().to_owned();
        let shown = |state: &State, keep: &dyn Fn(&str, &Object) -> bool| -> Value {
            let ids = state
                .objects
                .iter()
                .filter(|(id, object)| !object.ghost && keep(id, object));
            json!({ "Items": ids.map(|(id, _)| state.item(id)).collect::<Vec<_>>() })
        };
        match call.action {
            "ListTags" => {
                let page = call.params["Page"].as_u64().unwrap() as usize;
                let tagged: Vec<Value> = self
                    .objects
                    .iter()
                    .filter(|(_, object)| object.properties["Tags"].is_object())
                    .map(|(id, object)| json!({ "Id": id, "Kind": object.kind, "Tags": object.properties["Tags"] }))
                    .collect();
                let half = tagged.len() / 2;
                let (first, second) = tagged.split_at(half);
                Ok(json!({ "Items": if page == 1 { first } else { second } }))
            }
            "Describe" if self.denied == Some(&text("Kind")) => {
                Err((ErrorKind::Denied, "not authorized".to_owned()))
            }
            "Describe" => Ok(shown(self, &|id, object| {
                object.kind == text("Kind")
                    && call.params["Ids"].as_array().unwrap().contains(&json!(id))
            })),
            "DescribeInside" => Ok(shown(self, &|_, object| {
                object.kind == text("Kind") && object.parent == Some(&text("Id"))
            })),
            "Delete" => {
                let id = text("Id");
                let user = self.objects.iter().find(|(_, other)| {
                    !other.ghost
                        && (other.properties["Parent"] == json!(id)
                            || other.properties["Target"] == json!(id))
                });
                if let Some((user, _)) = user {
                    return Err((ErrorKind::Other, format!("{id} is used by {user}")));
                }
                self.objects.remove(&id);
                self.deleted.push(id);
                Ok(json!({}))
            }
            other => panic!("{other}"),
        }
    }
}

impl Aws for World {
    fn call<'a>(&'a self, call: &'a Call) -> BoxFuture<'a, Result<Value, AwsError>> {
        let reply = self.with(|state| {
            state.calls.push(call.action.to_owned());
            state.perform(call)
        });
        async move { reply.map_err(|(kind, message)| AwsError::of(call, kind, "Refused", message)) }
            .boxed()
    }
}

pub fn owner() -> Owner {
    OWNER.parse().unwrap()
}

pub fn nothing_asked() -> Graph {
    Graph::new(owner(), Tags::new())
}

/// A net with two tables; the second one, its gateway and log, and a gateway of an earlier life are recorded nowhere.
pub fn half_made() -> (World, Records) {
    let world = World::default();
    let part = |address: &str, more: Value| {
        let mut properties = json!({ "Name": address, "Tags": tags(OWNER, address) });
        properties
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        properties
    };
    world.plant("net-1", "Test::Net", part("net", json!({})));
    world.plant(
        "tab-1",
        "Test::Table",
        part("table/a", json!({ "Parent": "net-1" })),
    );
    world.plant(
        "gate-1",
        "Test::Gateway",
        part("gateway/a", json!({ "Parent": "net-1" })),
    );
    world.plant(
        "tab-2",
        "Test::Table",
        part("table/b", json!({ "Parent": "net-1" })),
    );
    world.plant(
        "gate-2",
        "Test::Gateway",
        part("gateway/b", json!({ "Parent": "net-1" })),
    );
    world.plant(
        "gate-3",
        "Test::Gateway",
        part("gateway/a", json!({ "Parent": "net-1" })),
    );
    world.plant(
        "log-1",
        "Test::Log",
        part("log", json!({ "Target": "arn:net-1" })),
    );
    world.plant(
        "pre-1",
        "Test::Preset",
        part("preset", json!({ "Parent": "net-1" })),
    );
    world.with(|state| state.objects.get_mut("pre-1").unwrap().properties["Parent"] = Value::Null);
    // In the table that is recorded: the recorded route, one to the gateway that is not, and one that somebody made.
    let route = |world: &World, id: &str, name: &str, parent: &str, target: &str| {
        world.plant(
            id,
            "Test::Route",
            json!({ "Name": name, "Parent": parent, "Target": target }),
        );
    };
    route(&world, "tab-1|0", "0", "tab-1", "gate-1");
    route(&world, "tab-1|1", "1", "tab-1", "gate-2");
    route(&world, "tab-1|2", "2", "tab-1", "pcx-1");
    route(&world, "tab-2|0", "0", "tab-2", "gate-2");
    world.plant(
        "step-1",
        "Test::Step",
        json!({ "Name": "s", "Parent": "tab-2|0" }),
    );
    // Somebody else's.
    let theirs = json!({ "Name": "theirs", "Parent": "net-1", "Tags": tags("platform_test/us-east-1/other", "table/b") });
    world.plant("tab-9", "Test::Table", theirs);
    let record = |id: &str| {
        world.with(|state| {
            let object = &state.objects[id];
            Recorded {
                kind: object.kind.to_owned(),
                id: Some(id.to_owned()),
                properties: object.properties.as_object().unwrap().clone(),
                refs: BTreeMap::new(),
                attributes: Some(object.attributes.as_object().unwrap().clone()),
            }
        })
    };
    let known = Records::from(
        [
            ("net", "net-1"),
            ("table/a", "tab-1"),
            ("gateway/a", "gate-1"),
            ("route/a", "tab-1|0"),
        ]
        .map(|(address, id)| (address.to_owned(), record(id))),
    );
    (world, known)
}
