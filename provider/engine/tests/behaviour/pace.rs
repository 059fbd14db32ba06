//! How long things take, and how many calls.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use platform_engine::{ApplyRequest, Cancel, Engine, ErrorKind, Options, Phase, Watch};
use platform_graph::{Graph, Limits, Plan, Records};
use serde_json::json;
use tokio::time::Instant;

use crate::synthetic::kinds::{Child, Named, Plain, Slow, Token, kinds};
use crate::synthetic::world::Faults;
use crate::{apply, apply_with, engine, graph, ours, owner, thing, world};

/// A service that lacks an operation says so soon: what reads in seconds, what changes within two minutes.
#[tokio::test(start_paused = true)]
async fn a_call_that_keeps_failing_is_given_up_soon() {
    for (action, kind, seconds) in [
        ("DescribePlain", ErrorKind::Transient, 15),
        ("ModifyPlain", ErrorKind::Transient, 70),
        ("CreateToken", ErrorKind::Transient, 130),
        ("CreatePlain", ErrorKind::Ambiguous, 130),
        ("CreateNamed", ErrorKind::Conflict, 40),
    ] {
        let world = world(Faults::default());
        world.plant("Plain", json!({"Tags": ours("old")}));
        let mut graph = graph();
        graph.add("old", "o", thing::<Plain>(|t| t.size = Some(2)));
        match action {
            "CreateToken" => drop(graph.add("new", "n", thing::<Token>(|_| {}))),
            "CreateNamed" => drop(graph.add("new", "n", thing::<Named>(|_| {}))),
            _ => drop(graph.add("new", "n", thing::<Plain>(|_| {}))),
        }
        world.with(|state| state.broken.insert(action.to_owned(), (kind, "")));
        let begun = Instant::now();
        let outcome = apply(&world, &graph, &Records::new()).await;
        assert!(!outcome.failures.is_empty(), "{action}");
        let took = begun.elapsed();
        assert!(
            took <= Duration::from_secs(seconds),
            "{action}: given up after {took:?}"
        );
    }
}

/// Ten chains of a plain part, an address and a slow part.
fn wide() -> Graph {
    let mut graph = graph();
    let ground = graph.add("plain", "p", thing::<Plain>(|_| {}));
    for chain in 0..10 {
        let token = thing::<Token>(|t| t.uses = Some(vec![ground.id()]));
        let token = graph.add(format!("token/{chain}"), "t", token);
        let slow = thing::<Slow>(|t| t.address = Some(token.attribute("Arn")));
        let slow = graph.add(format!("slow/{chain}"), "s", slow);
        let last = thing::<Named>(|t| {
            t.name = Some(format!("n{chain}"));
            t.uses = Some(vec![slow.id()]);
        });
        graph.add(format!("named/{chain}"), "n", last);
    }
    graph
}

#[tokio::test(start_paused = true)]
async fn an_apply_takes_as_long_as_its_longest_road() {
    // 0.28 s at most per look, create and look again; 1 s for an address, 60 s for a slow part.
    let world = world(Faults {
        pace: 200,
        ..Faults::default()
    });
    let begun = Instant::now();
    let outcome = apply(&world, &wide(), &Records::new()).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    let critical = 62.0 + 4.0 * 3.0 * 0.08;
    let wall = begun.elapsed().as_secs_f64();
    assert!(
        wall <= 1.05 * critical + 2.0,
        "{wall:.1} s for a critical path of {critical:.1} s"
    );
}

#[tokio::test(start_paused = true)]
async fn waiting_parts_are_asked_for_together() {
    let world = world(Faults {
        pace: 200,
        ..Faults::default()
    });
    let late: Arc<Mutex<Vec<f64>>> = Arc::default();
    let noticed = late.clone();
    let objects = world.clone();
    let watch = Watch::nobody().on_progress(move |progress| {
        if progress.phase == Phase::Done && progress.kind == "Test::Slow" {
            let ready = objects
                .objects()
                .into_iter()
                .find(|object| Some(&object.id) == progress.id.as_ref())
                .unwrap()
                .ready;
            noticed.lock().unwrap().push(ready.elapsed().as_secs_f64());
        }
    });
    let graph = wide();
    apply_with(&world, &graph, &Records::new(), Cancel::new(), watch).await;
    let polls = world.count("DescribeSlow");
    // Ten looks by owner; then one per tick for all: every half second for 20 s, every second after that.
    assert!(
        polls <= 10 + 40 + 42,
        "{polls} looks at ten slow parts in a minute"
    );
    let mut late = late.lock().unwrap().clone();
    late.sort_by(f64::total_cmp);
    assert_eq!(late.len(), 10);
    assert!(late[9] <= 2.2, "readiness was noticed late: {late:?}");
}

#[tokio::test(start_paused = true)]
async fn three_hundred_parts_are_observed_in_few_calls() {
    let world = world(Faults::default());
    let mut graph = graph();
    for index in 0..60 {
        let plain = graph.add(format!("plain/{index}"), "p", thing::<Plain>(|_| {}));
        for child in 0..4 {
            let child_of = thing::<Child>(|t| {
                t.parent = Some(plain.id());
                t.name = Some(format!("c{child}"));
            });
            graph.add(format!("child/{index}/{child}"), "c", child_of);
        }
    }
    let outcome = apply(&world, &graph, &Records::new()).await;
    assert!(outcome.is_complete());
    let before = world.calls();
    let begun = Instant::now();
    let refreshed = engine(&world).refresh(&owner(), &outcome.records).await;
    assert_eq!(refreshed.records, outcome.records);
    let calls = world.calls() - before;
    assert!(
        calls <= 4,
        "60 of one type and 240 of another took {calls} calls"
    );
    assert!(begun.elapsed() < Duration::from_millis(500));
}

#[tokio::test(start_paused = true)]
async fn no_more_calls_are_in_flight_than_allowed() {
    let world = world(Faults::default());
    let options = Options {
        changes: 3,
        ..Options::default()
    };
    let engine = Engine::with_options(Arc::new(world.clone()), kinds(), options);
    let mut graph = graph();
    for index in 0..30 {
        graph.add(format!("plain/{index}"), "p", thing::<Plain>(|_| {}));
    }
    let none = Records::new();
    let plan = Plan::new(&kinds(), &graph, &none, &Limits::default());
    let request = ApplyRequest {
        graph: &graph,
        records: &none,
        plan: &plan,
        cancel: Cancel::new(),
        watch: Watch::nobody(),
    };
    assert!(engine.apply(request).await.is_complete());
    assert_eq!(world.with(|state| state.most_changes), 3);
}

/// A killed run had deleted it, and AWS does not get to say so.
#[tokio::test(start_paused = true)]
async fn what_is_shown_no_more_is_gone_although_no_delete_is_answered() {
    let world = world(Faults::default());
    let mut graph = graph();
    graph.add("plain", "p", thing::<Plain>(|_| {}));
    let first = apply(&world, &graph, &Records::new()).await;
    let id = first.records["plain"].id.clone().unwrap();
    world.meddle(&id, |object| object.gone = Some(Instant::now()));
    world.with(|state| {
        let failure = (ErrorKind::Transient, "InternalFailure");
        state.broken.insert("DeletePlain".to_owned(), failure);
    });
    let begun = Instant::now();
    let end = engine(&world)
        .destroy(&owner(), &first.records, Cancel::new(), Watch::nobody())
        .await;
    assert!(end.is_complete(), "{end:?}");
    assert!(
        world.count("DeletePlain") > 1 && begun.elapsed() < Duration::from_secs(90),
        "{:?}",
        begun.elapsed()
    );
}
