//! One test per promise of the engine.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test that can't go on says where"
)]

#[path = "behaviour/looking.rs"]
mod looking;
#[path = "behaviour/pace.rs"]
mod pace;
mod synthetic;
#[path = "behaviour/takeover.rs"]
mod takeover;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use platform_engine::{ApplyRequest, AwsError, Cancel, Engine, ErrorKind, Outcome, Watch};
use platform_graph::{Call, Graph, Identity, Limits, Owner, Plan, Recorded, Records, Tags};
use serde_json::json;
use synthetic::kinds::{Child, Named, Plain, Slow, Store, Stubborn, Thing, Token, kinds};
use synthetic::world::{Faults, World};
use tokio::time::Instant;

fn owner() -> Owner {
    "platform_test/us-east-1/main".parse().unwrap()
}

fn graph() -> Graph {
    Graph::new(owner(), Tags::new())
}

fn thing<F>(change: impl FnOnce(&mut Thing<F>)) -> Thing<F> {
    let mut thing = Thing::default();
    change(&mut thing);
    thing
}

fn world(faults: Faults) -> World {
    World::new(1, faults)
}

fn engine(world: &World) -> Engine {
    Engine::new(Arc::new(world.clone()), kinds())
}

fn all(graph: &Graph, records: &Records) -> Limits {
    let all: std::collections::BTreeSet<String> =
        graph.parts.keys().chain(records.keys()).cloned().collect();
    Limits {
        replace: all.clone(),
        delete: all,
    }
}

async fn apply_with(
    world: &World,
    graph: &Graph,
    records: &Records,
    cancel: Cancel,
    watch: Watch,
) -> Outcome {
    let plan = Plan::new(&kinds(), graph, records, &all(graph, records));
    let request = ApplyRequest {
        graph,
        records,
        plan: &plan,
        cancel,
        watch,
    };
    engine(world).apply(request).await
}

async fn apply(world: &World, graph: &Graph, records: &Records) -> Outcome {
    apply_with(world, graph, records, Cancel::new(), Watch::nobody()).await
}

fn ours(address: &str) -> serde_json::Value {
    let me = Identity {
        owner: owner(),
        address: address.to_owned(),
        id: None,
    };
    let mut tags = me.tags();
    tags.insert("Name".to_owned(), format!("main/{address}"));
    json!(tags)
}

/// How a run ended, part by part.
fn tree(graph: &Graph, outcome: &Outcome) -> String {
    let failures: BTreeMap<&str, &platform_engine::PartFailure> = outcome
        .failures
        .iter()
        .map(|failure| (&*failure.address, failure))
        .collect();
    let mut addresses: Vec<&String> = graph.parts.keys().chain(outcome.records.keys()).collect();
    addresses.sort();
    addresses.dedup();
    let mut text = String::new();
    for address in addresses {
        let id = outcome
            .records
            .get(address)
            .and_then(|record| record.id.as_deref());
        let state = match (failures.get(&**address), outcome.skipped.get(address)) {
            (Some(failure), _) => failure.to_string(),
            (None, Some(because)) => format!("skipped because of {because}"),
            (None, None) => "done".to_owned(),
        };
        text += &format!("{address} [{}]: {state}\n", id.unwrap_or("-"));
    }
    text
}

/// plain ← token ← slow; plain ← child; named stands alone.
fn small() -> Graph {
    let mut graph = graph();
    let plain = graph.add("plain", "the ground", thing::<Plain>(|_| {}));
    let token = graph.add(
        "token",
        "an address",
        thing::<Token>(|t| t.uses = Some(vec![plain.id()])),
    );
    graph.add(
        "slow",
        "takes long",
        thing::<Slow>(|t| {
            t.parent = Some(plain.id());
            t.address = Some(token.id());
        }),
    );
    graph.add(
        "child",
        "belongs",
        thing::<Child>(|t| {
            t.parent = Some(plain.id());
            t.name = Some("c".to_owned());
        }),
    );
    graph.add(
        "named",
        "stands alone",
        thing::<Named>(|t| {
            t.name = Some("n".to_owned());
            t.size = Some(1);
        }),
    );
    graph
}

#[tokio::test(start_paused = true)]
async fn a_platform_comes_up_stays_and_goes() {
    let world = world(Faults::default());
    let outcome = apply(&world, &small(), &Records::new()).await;
    insta::assert_snapshot!(tree(&small(), &outcome));
    assert!(outcome.is_complete());
    let plan = Plan::new(&kinds(), &small(), &outcome.records, &Limits::default());
    assert!(plan.is_empty(), "{plan:?}");
    let refreshed = engine(&world).refresh(&owner(), &outcome.records).await;
    assert_eq!(refreshed.records, outcome.records);
    let end = engine(&world)
        .destroy(&owner(), &outcome.records, Cancel::new(), Watch::nobody())
        .await;
    assert!(end.is_complete(), "{end:?}");
    assert_eq!(end.records, Records::new());
    assert_eq!(world.objects().len(), 0);
    assert_eq!(
        world.with(|state| state.refused),
        0,
        "AWS never had to refuse a delete"
    );
}

#[tokio::test(start_paused = true)]
async fn a_failure_stops_only_what_depends_on_it() {
    let world = world(Faults::default());
    world.with(|state| {
        let denied = (ErrorKind::Denied, "UnauthorizedOperation");
        state.broken.insert("CreateToken".to_owned(), denied);
    });
    let outcome = apply(&world, &small(), &Records::new()).await;
    insta::assert_snapshot!(tree(&small(), &outcome));
    world.with(|state| state.broken.clear());
    let again = apply(&world, &small(), &outcome.records).await;
    assert!(again.is_complete(), "{again:?}");
    assert_eq!(again.adopted, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_failed_move_keeps_the_replaced_resource_recorded() {
    let world = world(Faults::default());
    let build = |fixed: &str| {
        let mut graph = graph();
        let token = graph.add(
            "token",
            "t",
            thing::<Token>(|t| t.fixed = Some(fixed.to_owned())),
        );
        graph.add(
            "plain",
            "p",
            thing::<Plain>(|t| t.uses = Some(vec![token.id()])),
        );
        graph
    };
    let first = apply(&world, &build("a"), &Records::new()).await;
    world.with(|state| {
        let invalid = (ErrorKind::Invalid, "InvalidParameterValue");
        state.broken.insert("ModifyPlain".to_owned(), invalid);
    });
    let second = apply(&world, &build("b"), &first.records).await;
    insta::assert_snapshot!(tree(&build("b"), &second));
    world.with(|state| state.broken.clear());
    let third = apply(&world, &build("b"), &second.records).await;
    assert!(third.is_complete(), "{third:?}");
    assert_eq!(third.records.len(), 2);
    assert_eq!(
        world
            .objects()
            .iter()
            .filter(|object| object.kind == "Token")
            .count(),
        1
    );
}

#[tokio::test(start_paused = true)]
async fn a_difference_that_no_call_answers_or_that_stays_is_named() {
    let world = world(Faults::default());
    let build = |size: i64| {
        let mut graph = graph();
        graph.add("stubborn", "s", thing::<Stubborn>(|t| t.size = Some(size)));
        graph.add("plain", "p", thing::<Plain>(|t| t.size = Some(size)));
        graph
    };
    let first = apply(&world, &build(1), &Records::new()).await;
    world.with(|state| state.deaf = true);
    let begun = Instant::now();
    let second = apply(&world, &build(2), &first.records).await;
    insta::assert_snapshot!(tree(&build(2), &second));
    assert!(
        begun.elapsed() < Duration::from_secs(40),
        "{:?}",
        begun.elapsed()
    );
    assert_eq!(
        second.records["plain"].properties["Size"],
        json!(1),
        "what is live is recorded"
    );
}

#[tokio::test(start_paused = true)]
async fn a_blocker_is_named_when_a_delete_is_given_up() {
    let world = world(Faults::default());
    let mut graph = graph();
    graph.add("plain", "p", thing::<Plain>(|_| {}));
    let first = apply(&world, &graph, &Records::new()).await;
    let id = first.records["plain"].id.clone().unwrap();
    world.plant("Child", json!({"Parent": id, "Name": "planted"}));
    let end = engine(&world)
        .destroy(&owner(), &first.records, Cancel::new(), Watch::nobody())
        .await;
    insta::assert_snapshot!(tree(&graph, &end));
    assert!(
        end.records.contains_key("plain"),
        "it is still there and still recorded"
    );
}

#[tokio::test(start_paused = true)]
async fn cancelling_stops_new_work_and_keeps_what_is_known() {
    let world = world(Faults {
        pace: 100,
        ..Faults::default()
    });
    let cancel = Cancel::new();
    let kept: Arc<Mutex<Records>> = Arc::default();
    let keep = kept.clone();
    let watch = Watch::nobody().on_checkpoint(move |address, record| {
        let mut kept = keep.lock().unwrap();
        match record {
            Some(record) => kept.insert(address.to_owned(), record.clone()),
            None => kept.remove(address),
        };
    });
    let begun = Instant::now();
    let stop = async {
        tokio::time::sleep(Duration::from_secs(10)).await;
        cancel.cancel();
    };
    let graph = small();
    let none = Records::new();
    let (outcome, ()) = tokio::join!(
        apply_with(&world, &graph, &none, cancel.clone(), watch),
        stop
    );
    assert!(
        begun.elapsed() < Duration::from_secs(11),
        "{:?}",
        begun.elapsed()
    );
    assert!(
        outcome.cancelled && outcome.failures.is_empty(),
        "{outcome:?}"
    );
    let slow: &Recorded = &outcome.records["slow"];
    assert!(slow.id.is_some() && slow.attributes.is_none(), "{slow:?}");
    let existing: Records = outcome
        .records
        .clone()
        .into_iter()
        .filter(|(_, record)| record.id.is_some())
        .collect();
    assert_eq!(*kept.lock().unwrap(), existing, "checkpoints tell the same");
    let again = apply(&world, &graph, &outcome.records).await;
    assert!(again.is_complete(), "{again:?}");
    assert_eq!(world.count("CreateSlow"), 1);
}

#[tokio::test(start_paused = true)]
async fn cancelled_before_it_began_nothing_happens() {
    let world = world(Faults::default());
    let cancel = Cancel::new();
    cancel.cancel();
    let outcome = apply_with(&world, &small(), &Records::new(), cancel, Watch::nobody()).await;
    assert!(outcome.cancelled);
    assert_eq!(world.calls(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_panic_and_malformed_properties_are_failures_of_their_part() {
    let world = world(Faults::default());
    let mut graph = graph();
    graph.add(
        "bad",
        "n",
        thing::<Named>(|t| t.name = Some("panic".to_owned())),
    );
    graph.add("odd", "p", thing::<Plain>(|_| {}));
    graph.add("good", "p", thing::<Plain>(|_| {}));
    graph
        .parts
        .get_mut("odd")
        .unwrap()
        .properties
        .insert("Shape".to_owned(), json!("round"));
    let outcome = apply(&world, &graph, &Records::new()).await;
    insta::assert_snapshot!(tree(&graph, &outcome));
}

#[tokio::test(start_paused = true)]
async fn what_one_part_holds_is_released_before_the_next_takes_it() {
    let world = world(Faults::default());
    let build = |name: &str| {
        let mut graph = graph();
        let token = graph.add("token", "t", thing::<Token>(|_| {}));
        graph.add(name, "s", thing::<Slow>(|t| t.address = Some(token.id())));
        graph
    };
    let first = apply(&world, &build("slow/a"), &Records::new()).await;
    let second = apply(&world, &build("slow/b"), &first.records).await;
    assert!(second.is_complete(), "{second:?}");
    let creates = world.count("CreateSlow");
    assert_eq!(creates, 2, "AWS never had to refuse the second");
}

#[test]
fn what_aws_says_is_punctuated_once() {
    let call = Call::new("ec2", "DescribeVpcs");
    let texts: Vec<String> = [
        ("500 Internal Server Error", ""),
        ("InternalError", "An internal error has occurred."),
        ("", "connection refused"),
        ("", ""),
        ("Throttling", "Rate exceeded. "),
    ]
    .into_iter()
    .map(|(code, message)| AwsError::of(&call, ErrorKind::Transient, code, message).to_string())
    .collect();
    insta::assert_snapshot!(texts.join("\n"), @r"
    ec2:DescribeVpcs: 500 Internal Server Error
    ec2:DescribeVpcs: InternalError: An internal error has occurred
    ec2:DescribeVpcs: connection refused
    ec2:DescribeVpcs: it failed without a reason
    ec2:DescribeVpcs: Throttling: Rate exceeded
    ");
}

#[tokio::test(start_paused = true)]
async fn a_failed_object_is_made_anew_once() {
    let world = world(Faults {
        failed: 1000,
        pace: 100,
        ..Faults::default()
    });
    let mut graph = graph();
    graph.add("slow", "s", thing::<Slow>(|_| {}));
    let outcome = apply(&world, &graph, &Records::new()).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    assert_eq!(
        (world.count("CreateSlow"), world.count("DeleteSlow")),
        (2, 1)
    );
    world.with(|state| state.always_fails = true);
    graph.add("other", "s", thing::<Slow>(|_| {}));
    let outcome = apply(&world, &graph, &outcome.records).await;
    insta::assert_snapshot!(tree(&graph, &outcome));
}

#[tokio::test(start_paused = true)]
async fn a_plan_with_refusals_is_not_applied() {
    let world = world(Faults::default());
    let mut graph = graph();
    graph.add(
        "store",
        "s",
        thing::<Store>(|t| t.name = Some("s".to_owned())),
    );
    let first = apply(&world, &graph, &Records::new()).await;
    let calls = world.calls();
    graph.parts.clear();
    let plan = Plan::new(&kinds(), &graph, &first.records, &Limits::default());
    let request = ApplyRequest {
        graph: &graph,
        records: &first.records,
        plan: &plan,
        cancel: Cancel::new(),
        watch: Watch::nobody(),
    };
    let outcome = engine(&world).apply(request).await;
    assert_eq!((outcome.failures.len(), world.calls()), (1, calls));
    assert_eq!(outcome.records, first.records);
}

/// A store inside of something is a replica: it may go unless it holds data of its own by the time it is to.
#[tokio::test(start_paused = true)]
async fn a_replica_goes_unnamed_unless_it_was_promoted_since_the_plan() {
    for promoted in [false, true] {
        let world = world(Faults::default());
        let mut graph = graph();
        let plain = graph.add("plain", "p", thing::<Plain>(|_| {}));
        let replica = thing::<Store>(|t| {
            t.name = Some("s".to_owned());
            t.parent = Some(plain.id());
        });
        graph.add("store", "s", replica);
        let first = apply(&world, &graph, &Records::new()).await;
        assert!(first.is_complete(), "{first:?}");
        graph.parts.remove("store");
        let plan = Plan::new(&kinds(), &graph, &first.records, &Limits::default());
        assert_eq!(plan.refusals, []);
        if promoted {
            let id = first.records["store"].id.clone().unwrap();
            world.meddle(&id, |object| {
                object.properties.remove("Parent");
            });
        }
        let request = ApplyRequest {
            graph: &graph,
            records: &first.records,
            plan: &plan,
            cancel: Cancel::new(),
            watch: Watch::nobody(),
        };
        let outcome = engine(&world).apply(request).await;
        assert_eq!(world.count("DeleteStore"), usize::from(!promoted));
        if !promoted {
            assert!(outcome.is_complete(), "{outcome:?}");
            continue;
        }
        assert!(
            outcome.failures[0].reason.contains("Plan again"),
            "{outcome:?}"
        );
        // What is refreshed is refused.
        let records = engine(&world)
            .refresh(&owner(), &outcome.records)
            .await
            .records;
        let plan = Plan::new(&kinds(), &graph, &records, &Limits::default());
        assert_eq!(plan.refusals[0].address, "store");
    }
}
