//! What carries an owner's tags is listed, and what nobody recorded of it is found and taken down, over a small AWS of its own.

#![allow(clippy::unwrap_used, reason = "a test that can't go on says where")]

use std::collections::{BTreeMap, BTreeSet};
use std::marker::PhantomData;
use std::sync::{Arc, Mutex};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use platform_engine::{Aws, AwsError, Cancel, Condition, Engine, ErrorKind, Traces, Watch};
use platform_graph::{
    Attributes, Call, Claim, Graph, Identity, Kind, KindDef, Kinds, Live, Owner, Part, Properties,
    Recorded, Records, Seen, Tags, original_address,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What one kind is like.
trait Sort: Send + Sync + 'static {
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
        struct $name;
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
struct Thing<S> {
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
struct Object {
    kind: &'static str,
    parent: Option<&'static str>,
    properties: Value,
    attributes: Value,
    state: &'static str,
    /// Whether the tags are still shown although it is gone.
    ghost: bool,
}

#[derive(Clone, Default)]
struct World(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    objects: BTreeMap<String, Object>,
    /// The kind that may not be described.
    denied: Option<&'static str>,
    calls: Vec<String>,
    deleted: Vec<String>,
}

const OWNER: &str = "platform_test/us-east-1/main";

fn tags(owner: &str, address: &str) -> Value {
    json!({ "platform:owner": owner, "platform:address": address })
}

impl World {
    fn plant(&self, id: &str, kind: &'static str, properties: Value) {
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

    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.0.lock().unwrap())
    }

    fn engine(&self) -> Engine {
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

fn owner() -> Owner {
    OWNER.parse().unwrap()
}

fn nothing_asked() -> Graph {
    Graph::new(owner(), Tags::new())
}

/// A net with two tables; the second one, its gateway and log, and a gateway of an earlier life are recorded nowhere.
fn half_made() -> (World, Records) {
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

#[tokio::test(start_paused = true)]
async fn everything_with_an_owner_is_listed() {
    let (world, _) = half_made();
    world.with(|state| {
        state.objects.get_mut("tab-2").unwrap().ghost = true;
        state.objects.get_mut("gate-2").unwrap().state = "pending";
        let seal = &mut state.objects.get_mut("net-1").unwrap().properties["Tags"];
        seal["platform:seal/0"] = json!("x");
    });
    world.plant(
        "odd-1",
        "Test::Net",
        json!({ "Name": "odd", "Tags": { "platform:owner": "me" } }),
    );
    world.plant(
        "lone-1",
        "Test::Net",
        json!({ "Name": "lone", "Tags": { "platform:owner": OWNER } }),
    );
    world.plant(
        "free-1",
        "Test::Net",
        json!({ "Name": "free", "Tags": { "team": "shop" } }),
    );
    let inventory = world.engine().inventory().await;
    let lines: Vec<String> = inventory
        .parts
        .iter()
        .map(|part| {
            let born = part
                .born
                .map(|born| born.date().to_string())
                .unwrap_or_default();
            let sealed = if part.sealed { " sealed" } else { "" };
            format!(
                "{} {} {} {} {} {born}{sealed}",
                part.owner.name,
                part.address,
                part.kind,
                part.id,
                part.condition.as_str()
            )
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
    let problems: Vec<String> = inventory.problems.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(problems.join("\n"));
    // Both pages of the one list, and one look per kind.
    assert_eq!(
        world.with(|state| state.calls.len()),
        2 + 4,
        "{:?}",
        world.with(|state| state.calls.clone())
    );
}

#[tokio::test(start_paused = true)]
async fn a_kind_that_may_not_be_asked_is_named_and_the_rest_is_listed() {
    let (world, _) = half_made();
    world.with(|state| state.denied = Some("Test::Gateway"));
    let inventory = world.engine().inventory().await;
    for part in &inventory.parts {
        let expected = if part.kind == "Test::Gateway" {
            Condition::Unknown
        } else {
            Condition::Live
        };
        assert_eq!(part.condition, expected, "{part:?}");
    }
    assert_eq!(inventory.parts.len(), 9);
    let problems: Vec<String> = inventory.problems.iter().map(ToString::to_string).collect();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(
        problems[0].contains("Test::Gateway") && problems[0].contains("not authorized"),
        "{problems:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_nobody_recorded_is_found_with_what_is_inside_and_refers_to_it() {
    let (world, known) = half_made();
    let left = world
        .engine()
        .leftovers(&nothing_asked(), &known, &Traces::None)
        .await;
    assert!(left.problems.is_empty(), "{:?}", left.problems);
    let lines: Vec<String> = left
        .records
        .iter()
        .map(|(address, record)| {
            let refs: Vec<String> = record
                .refs
                .iter()
                .map(|(at, text)| format!("{at} {text}"))
                .collect();
            format!(
                "{address} {} {}",
                record.id.as_deref().unwrap(),
                refs.join(", ")
            )
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[tokio::test(start_paused = true)]
async fn nothing_in_what_is_asked_for_is_left_over_unless_it_refers_to_what_is() {
    let (world, known) = half_made();
    let mut graph = nothing_asked();
    let mut ask = |address: &str, kind: &'static str| {
        let part = Part {
            kind,
            why: String::new(),
            properties: Properties::new(),
            after: BTreeSet::new(),
        };
        graph.parts.insert(address.to_owned(), part);
        graph.clone()
    };
    let table = ask("table/b", "Test::Table");
    let left = world
        .engine()
        .leftovers(&table, &known, &Traces::None)
        .await;
    assert_eq!(
        left.records.keys().collect::<Vec<_>>(),
        [
            "gateway/a/replaced:gate-3",
            "gateway/b",
            "log",
            "table/a/Route:tab-1:1",
            "table/b/Route:tab-2:0",
            "table/b/Route:tab-2:0/Step:step-1",
        ]
    );
    let both = ask("gateway/b", "Test::Gateway");
    let left = world.engine().leftovers(&both, &known, &Traces::None).await;
    assert_eq!(
        left.records.keys().collect::<Vec<_>>(),
        ["gateway/a/replaced:gate-3", "log"]
    );
}

/// A run that was killed made the third route of the table that is recorded, or somebody did.
#[tokio::test(start_paused = true)]
async fn traces_tell_what_has_no_tags_from_what_others_made() {
    let (world, known) = half_made();
    let route = |name: &str| {
        Properties::from_iter([
            ("Name".to_owned(), json!(name)),
            ("Parent".to_owned(), json!("tab-1")),
        ])
    };
    let mark = |name: &str| {
        let kind = KindDef::of::<Thing<Route>>();
        Traces::Marks(BTreeSet::from([kind.mark(&route(name)).unwrap()]))
    };
    let open = Properties::from_iter([("Name".to_owned(), json!("${part:table/a}"))]);
    assert_eq!(KindDef::of::<Thing<Route>>().mark(&open), None);
    assert_eq!(KindDef::of::<Thing<Step>>().mark(&route("2")), None);
    let mut asked = nothing_asked();
    let part = Part {
        kind: "Test::Route",
        why: String::new(),
        properties: Properties::from_iter([
            ("Name".to_owned(), json!("2")),
            ("Parent".to_owned(), json!("${part:table/a}")),
        ]),
        after: BTreeSet::new(),
    };
    asked.parts.insert("route/a/2".to_owned(), part);
    for (graph, traces, expected) in [
        (nothing_asked(), Traces::None, false),
        (nothing_asked(), mark("2"), true),
        (nothing_asked(), mark("3"), false),
        (nothing_asked(), Traces::Presence, true),
        (asked.clone(), mark("2"), false),
        (asked, Traces::Presence, false),
    ] {
        let left = world.engine().leftovers(&graph, &known, &traces).await;
        let found = left.records.contains_key("table/a/Route:tab-1:2");
        assert_eq!(found, expected, "{traces:?} {:?}", left.records.keys());
    }
}

/// A run that was killed had replaced the gateway already. Its successor is in use.
#[tokio::test(start_paused = true)]
async fn the_successor_of_what_is_to_be_replaced_is_not_left_over() {
    let (world, known) = half_made();
    for (parent, expected) in [
        ("net-1", Some("gateway/a/replaced:gate-3")),
        ("net-2", None),
    ] {
        let mut graph = nothing_asked();
        let part = Part {
            kind: "Test::Gateway",
            why: String::new(),
            properties: Properties::from_iter([
                ("Name".to_owned(), json!("gateway/a")),
                ("Parent".to_owned(), json!(parent)),
            ]),
            after: BTreeSet::new(),
        };
        graph.parts.insert("gateway/a".to_owned(), part);
        let left = world
            .engine()
            .leftovers(&graph, &known, &Traces::None)
            .await;
        let gateway = left.records.keys().find(|at| at.starts_with("gateway/a"));
        assert_eq!(gateway.map(String::as_str), expected, "{parent}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_left_over_goes_in_order_and_nothing_else_does() {
    let (world, known) = half_made();
    let engine = world.engine();
    let left = engine
        .leftovers(&nothing_asked(), &known, &Traces::None)
        .await;
    let outcome = engine
        .destroy(&owner(), &left.records, Cancel::new(), Watch::nobody())
        .await;
    assert!(outcome.is_complete(), "{outcome:?}");
    let there: Vec<String> = world.with(|state| state.objects.keys().cloned().collect());
    assert_eq!(
        there,
        [
            "gate-1", "net-1", "pre-1", "tab-1", "tab-1|0", "tab-1|2", "tab-9"
        ]
    );
    let again = engine
        .leftovers(&nothing_asked(), &known, &Traces::None)
        .await;
    assert!(again.records.is_empty(), "{:?}", again.records);
}

#[tokio::test(start_paused = true)]
async fn everything_of_an_owner_goes_when_nothing_is_recorded() {
    let (world, _) = half_made();
    let engine = world.engine();
    world.with(|state| {
        state.objects.remove("tab-9");
        state.objects.remove("pre-1");
    });
    let left = engine
        .leftovers(&nothing_asked(), &Records::new(), &Traces::None)
        .await;
    let twice = left
        .records
        .keys()
        .filter(|address| original_address(address) == "gateway/a");
    assert_eq!(twice.count(), 2, "{:?}", left.records.keys());
    let outcome = engine
        .destroy(&owner(), &left.records, Cancel::new(), Watch::nobody())
        .await;
    assert!(outcome.is_complete(), "{outcome:?}");
    let there: Vec<String> = world.with(|state| state.objects.keys().cloned().collect());
    assert!(there.is_empty(), "{there:?}");
}

#[tokio::test(start_paused = true)]
async fn a_list_without_end_is_a_problem_of_its_kind() {
    #[derive(Default, Serialize, Deserialize)]
    struct Endless {}
    impl Kind for Endless {
        const TYPE: &'static str = "Test::Endless";
        fn find(&self, _: &Identity) -> Vec<Call> {
            vec![]
        }
        fn read(&self, _: &Identity, _: &[Value]) -> Seen<Self> {
            Seen::Absent
        }
        fn create(&self, _: &Identity) -> Vec<Call> {
            vec![]
        }
        fn created(&self, _: &Identity, _: &Value) -> Option<String> {
            None
        }
        fn delete(&self, _: &Identity, _: &str, _: &Attributes) -> Vec<Call> {
            vec![]
        }
        fn census(_: &[Value]) -> Vec<Call> {
            vec![Call::new("test", "ListTags").with("Page", 1)]
        }
    }
    let (world, _) = half_made();
    let kinds = Kinds::new([KindDef::of::<Endless>(), KindDef::of::<Thing<Net>>()]);
    let inventory = Engine::new(Arc::new(world), kinds).inventory().await;
    assert_eq!(inventory.parts.len(), 1, "{:?}", inventory.parts);
    let problems: Vec<String> = inventory.problems.iter().map(ToString::to_string).collect();
    assert!(
        problems.len() == 1 && problems[0].contains("Test::Endless"),
        "{problems:?}"
    );
}
