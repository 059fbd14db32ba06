//! What carries an owner's tags is listed, and what nobody recorded of it is found and taken down, over a small AWS of its own.

#![allow(clippy::unwrap_used, reason = "a test that can't go on says where")]

#[path = "inventory/world.rs"]
mod world;

use std::collections::BTreeSet;
use std::sync::Arc;

use platform_engine::{Cancel, Condition, Engine, Traces, Watch};
use platform_graph::{
    Attributes, Call, Identity, Kind, KindDef, Kinds, Part, Properties, Recorded, Records, Seen,
    original_address,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use world::{Net, OWNER, Route, Step, Thing, half_made, nothing_asked, owner};

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
async fn what_is_asked_for_is_not_left_over_and_what_nobody_asks_for_in_it_is() {
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
    // The run that made the table, which nobody recorded, made the route in it. The recorded table holds somebody's.
    let both = ask("gateway/b", "Test::Gateway");
    let left = world.engine().leftovers(&both, &known, &Traces::None).await;
    assert_eq!(
        left.records.keys().collect::<Vec<_>>(),
        [
            "gateway/a/replaced:gate-3",
            "log",
            "table/b/Route:tab-2:0",
            "table/b/Route:tab-2:0/Step:step-1",
        ]
    );
    let mut all = both;
    let route = Part {
        kind: "Test::Route",
        why: String::new(),
        properties: Properties::from_iter([
            ("Name".to_owned(), json!("0")),
            ("Parent".to_owned(), json!("${part:table/b}")),
        ]),
        after: BTreeSet::new(),
    };
    all.parts.insert("route/b".to_owned(), route);
    let left = world.engine().leftovers(&all, &known, &Traces::None).await;
    assert_eq!(
        left.records.keys().collect::<Vec<_>>(),
        ["gateway/a/replaced:gate-3", "log"]
    );
}

/// A part that could not be made is recorded without an id. The run that was killed had made it after all.
#[tokio::test(start_paused = true)]
async fn what_takes_the_place_of_a_record_without_an_id_is_not_left_over() {
    let (world, mut known) = half_made();
    let unmade = Recorded {
        id: None,
        attributes: None,
        ..known["table/a"].clone()
    };
    known.insert("table/b".to_owned(), unmade);
    let mut graph = nothing_asked();
    let part = Part {
        kind: "Test::Table",
        why: String::new(),
        properties: Properties::new(),
        after: BTreeSet::new(),
    };
    graph.parts.insert("table/b".to_owned(), part);
    let left = world
        .engine()
        .leftovers(&graph, &known, &Traces::None)
        .await;
    let tables = left.records.values().filter(|r| r.kind == "Test::Table");
    assert_eq!(tables.count(), 0, "{:?}", left.records.keys());
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
        const TYPE: &'static str = "AWS::Test::Endless";
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
    let engine = Engine::new(Arc::new(world), kinds);
    let inventory = engine.inventory().await;
    assert_eq!(inventory.parts.len(), 1, "{:?}", inventory.parts);
    let problems: Vec<String> = inventory.problems.iter().map(ToString::to_string).collect();
    assert!(
        problems.len() == 1 && problems[0].contains("AWS::Test::Endless"),
        "{problems:?}"
    );
    // It is not asked for what its service has no part of.
    for (services, expected) in [(&["Other"] as &[_], 0), (&["Other", "Test"], 1)] {
        let engine = engine.clone().among(services);
        let (graph, known) = (nothing_asked(), Records::new());
        let left = engine.leftovers(&graph, &known, &Traces::None).await;
        assert_eq!(left.problems.iter().count(), expected, "{services:?}");
        assert_eq!(left.records.len(), 1, "{services:?}");
    }
}
