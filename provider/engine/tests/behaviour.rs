//! One test per promise of the engine.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test that can't go on says where"
)]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use platform_engine::{
    ApplyRequest, AwsError, Cancel, Engine, ErrorKind, Options, Outcome, Phase, Wanted, Watch,
};
use platform_graph::{
    Call, Graph, Identity, Kind, Limits, Owner, Plan, Recorded, Records, Seen, Tags,
};
use serde_json::json;
use synthetic::kinds::{
    Along, Child, Common, Named, Plain, Preset, Slow, Store, Stubborn, Thing, Token, kinds,
};
use synthetic::world::{Faults, World};
use tokio::time::Instant;

mod synthetic;

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
async fn what_an_earlier_run_left_is_adopted_and_brought_in_line() {
    let world = world(Faults::default());
    let id = world.plant("Plain", json!({"Size": 1, "Tags": ours("plain")}));
    let mut graph = graph();
    graph.add("plain", "p", thing::<Plain>(|t| t.size = Some(5)));
    let outcome = apply(&world, &graph, &Records::new()).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    assert_eq!(outcome.adopted, ["plain"]);
    assert_eq!(outcome.records["plain"].id.as_deref(), Some(&*id));
    assert_eq!(
        (world.count("CreatePlain"), world.count("ModifyPlain")),
        (0, 1)
    );
}

#[tokio::test(start_paused = true)]
async fn what_an_earlier_run_left_unfit_makes_room_unless_it_holds_data() {
    let world = world(Faults::default());
    world.plant("Plain", json!({"Fixed": "old", "Tags": ours("plain")}));
    world.plant(
        "Store",
        json!({"Name": "s", "Fixed": "old", "Tags": ours("store")}),
    );
    tokio::time::sleep(Duration::from_secs(60)).await;
    let mut graph = graph();
    graph.add(
        "plain",
        "p",
        thing::<Plain>(|t| t.fixed = Some("new".to_owned())),
    );
    graph.add(
        "store",
        "s",
        thing::<Store>(|t| {
            t.name = Some("s".to_owned());
            t.fixed = Some("new".to_owned());
        }),
    );
    let outcome = apply(&world, &graph, &Records::new()).await;
    insta::assert_snapshot!(tree(&graph, &outcome));
    assert_eq!(
        (world.count("DeletePlain"), world.count("DeleteStore")),
        (1, 0)
    );
}

#[tokio::test(start_paused = true)]
async fn names_of_others_and_several_of_one_are_errors_that_say_what_to_do() {
    let world = world(Faults::default());
    world.plant("Named", json!({"Name": "a"}));
    let theirs =
        json!({"platform:owner": "platform_test/us-east-1/other", "platform:address": "role"});
    world.plant("Named", json!({"Name": "b", "Tags": theirs}));
    world.plant("Plain", json!({"Tags": ours("plain")}));
    world.plant("Plain", json!({"Tags": ours("plain")}));
    let mut graph = graph();
    for name in ["a", "b"] {
        graph.add(
            name,
            "n",
            thing::<Named>(|t| t.name = Some(name.to_owned())),
        );
    }
    graph.add("plain", "p", thing::<Plain>(|_| {}));
    let outcome = apply(&world, &graph, &Records::new()).await;
    insta::assert_snapshot!(tree(&graph, &outcome));
    assert_eq!(world.with(|state| state.changes), 0, "nothing was touched");
}

#[tokio::test(start_paused = true)]
async fn a_lost_reply_is_looked_for_before_anything_is_created_again() {
    let world = world(Faults::default());
    for (action, address) in [
        ("CreatePlain", "plain"),
        ("CreateToken", "token"),
        ("CreateNamed", "named"),
    ] {
        let mut graph = graph();
        match address {
            "plain" => graph.add(address, "p", thing::<Plain>(|_| {})),
            "token" => graph.add(address, "t", thing::<Token>(|_| {})),
            _ => graph.add(
                address,
                "n",
                thing::<Named>(|t| t.name = Some("n".to_owned())),
            ),
        };
        world.with(|state| {
            state
                .broken
                .insert(action.to_owned(), (ErrorKind::Ambiguous, ""));
        });
        let none = Records::new();
        let begun = Instant::now();
        let heal = async {
            tokio::time::sleep(Duration::from_secs(5)).await;
            world.with(|state| state.broken.clear());
        };
        let (outcome, ()) = tokio::join!(apply(&world, &graph, &none), heal);
        assert!(outcome.is_complete(), "{outcome:?}");
        let creates = world.count(action);
        assert_eq!(
            creates, 2,
            "{address}: nothing is created, token or not, before the lag has passed"
        );
        assert!(begun.elapsed() > Duration::from_secs(30), "{address}");
    }
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
async fn what_comes_with_another_part_is_taken_over_and_never_deleted() {
    let world = world(Faults::default());
    let mut graph = graph();
    let plain = graph.add("plain", "p", thing::<Plain>(|_| {}));
    let preset = thing::<Preset>(|t| {
        t.parent = Some(plain.id());
        t.size = Some(7);
    });
    graph.add("preset", "d", preset);
    let first = apply(&world, &graph, &Records::new()).await;
    assert!(first.is_complete(), "{first:?}");
    assert_eq!(
        (world.count("CreatePreset"), world.count("ModifyPreset")),
        (0, 1)
    );
    graph.parts.remove("preset");
    let second = apply(&world, &graph, &first.records).await;
    assert!(
        second.is_complete() && !second.records.contains_key("preset"),
        "{second:?}"
    );
    assert_eq!(world.count("DeletePreset"), 0);
}

#[tokio::test(start_paused = true)]
async fn what_belongs_to_the_account_is_made_once_and_never_deleted() {
    let world = world(Faults::default());
    let mut graph = graph();
    graph.add(
        "common",
        "c",
        thing::<Common>(|t| t.name = Some("role".to_owned())),
    );
    let first = apply(&world, &graph, &Records::new()).await;
    let second = apply(&world, &graph, &Records::new()).await;
    assert!(first.is_complete() && second.is_complete(), "{second:?}");
    assert_eq!(first.records["common"].id, second.records["common"].id);
    graph.parts.remove("common");
    let third = apply(&world, &graph, &second.records).await;
    assert!(third.is_complete() && third.records.is_empty(), "{third:?}");
    assert_eq!(
        (world.count("CreateCommon"), world.count("DeleteCommon")),
        (1, 0)
    );
}

#[tokio::test(start_paused = true)]
async fn what_comes_with_something_else_is_waited_for_as_long_as_aws_may_lag() {
    for (seconds, comes) in [(3, true), (300, false)] {
        let world = world(Faults::default());
        let mut graph = graph();
        let plain = graph.add("plain", "p", thing::<Plain>(|_| {}));
        let along = thing::<Along>(|t| {
            t.parent = Some(plain.id());
            t.size = Some(7);
        });
        graph.add("along", "a", along);
        let late = async {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            world.with(|state| state.appear("Along", "plain-1"));
        };
        let records = Records::new();
        let (outcome, ()) = tokio::join!(apply(&world, &graph, &records), late);
        assert_eq!(outcome.is_complete(), comes, "{outcome:?}");
        assert_eq!(world.count("ModifyAlong"), usize::from(comes));
        assert_eq!(world.count("CreateAlong"), 0);
    }
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

#[tokio::test(start_paused = true)]
async fn a_refresh_keeps_what_it_could_not_see_and_says_so() {
    let world = world(Faults::default());
    let first = apply(&world, &small(), &Records::new()).await;
    world.with(|state| {
        state.broken.insert(
            "DescribeNamed".to_owned(),
            (ErrorKind::Denied, "AccessDenied"),
        );
    });
    let token = first.records["token"].id.clone().unwrap();
    world.meddle(&token, |object| object.gone = Some(Instant::now()));
    let plain = first.records["plain"].id.clone().unwrap();
    world.meddle(&plain, |object| {
        object.properties.insert("Size".to_owned(), json!(3));
        object.properties["Tags"]["theirs"] = json!("x");
    });
    let refreshed = engine(&world).refresh(&owner(), &first.records).await;
    assert_eq!(refreshed.records.get("named"), first.records.get("named"));
    assert!(
        !refreshed.records.contains_key("token"),
        "it was deleted by somebody"
    );
    assert_eq!(refreshed.foreign_tags["plain"]["theirs"], "x");
    assert_eq!(
        refreshed.records["plain"], first.records["plain"],
        "nobody asked for a size"
    );
    let text: Vec<String> = refreshed.problems.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(text.join("\n"));
}

/// Somebody deletes a part that others refer to, or it fails: its successor and what refers to it are one plan's work.
#[tokio::test(start_paused = true)]
async fn what_goes_away_has_a_successor_that_everything_follows() {
    for (what, state, deletes, creates) in [
        ("fails", "failed", 1, 2),
        ("is being deleted", "deleting", 1, 2),
        // Nothing tells its id any more, so that AWS answers the old client token with it once.
        ("is gone and still shown", "deleted", 0, 3),
    ] {
        let world = world(Faults::default());
        let mut graph = graph();
        let address = graph.add("token", "an address", thing::<Token>(|_| {}));
        let slow = graph.add(
            "slow",
            "a gateway",
            thing::<Slow>(|t| t.address = Some(address.id())),
        );
        graph.add(
            "user",
            "a route",
            thing::<Plain>(|t| t.uses = Some(vec![slow.id()])),
        );
        let first = apply(&world, &graph, &Records::new()).await;
        assert!(first.is_complete(), "{first:?}");
        let old = first.records["slow"].id.clone().unwrap();
        let soon = Instant::now() + Duration::from_secs(40);
        world.meddle(&old, |object| match state {
            "failed" => object.failed = true,
            "deleting" => object.gone = Some(soon),
            _ => object.gone = Some(Instant::now()),
        });
        let engine = engine(&world);
        let refreshed = engine.refresh(&owner(), &first.records).await;
        let missing = engine.discover_missing(&graph, &refreshed.records).await;
        assert_eq!(missing.records, Records::new(), "one that {what}");
        let second = apply(&world, &graph, &refreshed.records).await;
        assert!(second.is_complete(), "one that {what}: {second:?}");
        let new = second.records["slow"].id.clone().unwrap();
        assert_ne!(new, old);
        assert_eq!(
            second.records["user"].properties["Uses"],
            json!([new]),
            "what refers to one that {what} follows"
        );
        assert_eq!(second.records.len(), 3, "the old one is forgotten");
        assert_eq!(world.count("DeleteSlow"), deletes, "one that {what}");
        assert_eq!(world.count("CreateSlow"), creates, "one that {what}");
        assert_eq!(world.count("CreatePlain"), 1, "one that {what}");
    }
}

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
async fn everything_of_a_graph_is_found_again_without_a_record() {
    let world = world(Faults::default());
    let first = apply(&world, &small(), &Records::new()).await;
    let engine = engine(&world);
    let seal = Tags::from([("platform:seal".to_owned(), "complete".to_owned())]);
    engine
        .seal(&owner(), "plain", &first.records["plain"], &seal)
        .await
        .unwrap();
    engine
        .seal(&owner(), "plain", &first.records["plain"], &seal)
        .await
        .unwrap();
    assert_eq!(world.count("ChangeTags"), 1, "a seal is set once");
    let found = engine.discover(&small()).await;
    assert!(found.problems.is_empty(), "{:?}", found.problems);
    assert_eq!(found.records, first.records);
    assert_eq!(found.seals["plain"], seal);
    let mut known = first.records.clone();
    let child = known.remove("child").unwrap();
    let missing = engine.discover_missing(&small(), &known).await.records;
    assert_eq!(missing, Records::from([("child".to_owned(), child)]));
    let plan = Plan::new(&kinds(), &small(), &found.records, &Limits::default());
    assert!(plan.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_shorter_seal_leaves_nothing_of_a_longer_one() {
    let world = world(Faults::default());
    let first = apply(&world, &small(), &Records::new()).await;
    let engine = engine(&world);
    let tags = |entries: &[(&str, &str)]| -> Tags {
        entries
            .iter()
            .map(|(key, value)| (format!("platform:seal/{key}"), (*value).to_owned()))
            .collect()
    };
    let long = tags(&[("0", "a"), ("1", "b"), ("10", "c"), ("begun", "x")]);
    let short = tags(&[("0", "d"), ("ended", "x")]);
    let begun = tags(&[("begun", "y")]);
    for (seal, left) in [
        (&long, long.clone()),
        (
            &begun,
            tags(&[("0", "a"), ("1", "b"), ("10", "c"), ("begun", "y")]),
        ),
        (&short, tags(&[("0", "d"), ("begun", "y"), ("ended", "x")])),
    ] {
        engine
            .seal(&owner(), "plain", &first.records["plain"], seal)
            .await
            .unwrap();
        let found = engine.discover(&small()).await;
        assert_eq!(found.seals["plain"], left);
    }
}

#[tokio::test(start_paused = true)]
async fn a_deletion_takes_what_a_killed_replacement_left() {
    let world = world(Faults::default());
    let mut graph = graph();
    graph.add("plain", "p", thing::<Plain>(|_| {}));
    let first = apply(&world, &graph, &Records::new()).await;
    world.plant("Plain", json!({"Tags": ours("plain")}));
    let end = engine(&world)
        .destroy(&owner(), &first.records, Cancel::new(), Watch::nobody())
        .await;
    assert!(end.is_complete());
    assert_eq!(world.objects().len(), 0);
}

/// A run was killed after it had replaced a part and what refers to it, and its records are lost with it.
#[tokio::test(start_paused = true)]
async fn what_a_killed_run_replaced_is_not_replaced_again() {
    let world = world(Faults::default());
    let build = |fixed: &str| {
        let mut graph = graph();
        let plain = graph.add(
            "plain",
            "p",
            thing::<Plain>(|t| t.fixed = Some(fixed.to_owned())),
        );
        graph.add("slow", "s", thing::<Slow>(|t| t.parent = Some(plain.id())));
        graph
    };
    let first = apply(&world, &build("a"), &Records::new()).await;
    let plain = world.plant("Plain", json!({"Fixed": "b", "Tags": ours("plain")}));
    let slow = world.plant("Slow", json!({"Parent": plain, "Tags": ours("slow")}));
    let old = first.records["slow"].id.clone().unwrap();
    world.meddle(&old, |object| object.gone = Some(Instant::now()));
    tokio::time::sleep(Duration::from_secs(60)).await;
    let refreshed = engine(&world).refresh(&owner(), &first.records).await;
    let second = apply(&world, &build("b"), &refreshed.records).await;
    assert!(second.is_complete(), "{second:?}");
    assert_eq!(second.records["slow"].id.as_ref(), Some(&slow));
    assert_eq!(second.records["plain"].id.as_ref(), Some(&plain));
    assert_eq!(second.records.len(), 2);
    assert_eq!(world.count("CreateSlow"), 1, "the one that is gone");
    let plan = Plan::new(&kinds(), &build("b"), &second.records, &Limits::default());
    assert!(plan.is_empty(), "{plan:?}");
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
async fn a_bad_value_does_not_spoil_the_answers_of_the_others() {
    let world = world(Faults::default());
    let first = apply(&world, &small(), &Records::new()).await;
    world.with(|state| state.poison = Some("bad-id".to_owned()));
    let plain = first.records["plain"].id.clone();
    let wanted: Vec<Wanted> = [
        plain,
        Some("bad-id".to_owned()),
        Some("plain-99".to_owned()),
    ]
    .into_iter()
    .enumerate()
    .map(|(index, id)| Wanted {
        address: format!("p{index}"),
        kind: <Thing<Plain> as Kind>::TYPE.to_owned(),
        properties: Default::default(),
        id,
        known: Default::default(),
    })
    .collect();
    let seen = engine(&world).observe(&owner(), &wanted).await;
    assert!(matches!(seen["p0"].as_ref().unwrap().seen, Seen::Live(_)));
    assert_eq!(seen["p2"].as_ref().unwrap().seen, Seen::Absent);
    assert!(seen["p1"].as_ref().unwrap_err().reason.contains("bad-id"));
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
