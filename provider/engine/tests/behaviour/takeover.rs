//! What is there already when a part is made: by an earlier run, by others, along with something else.

use std::time::Duration;

use platform_engine::{Cancel, ErrorKind, Watch};
use platform_graph::{Limits, Plan, Records};
use serde_json::json;
use tokio::time::Instant;

use crate::synthetic::kinds::{Along, Common, Named, Plain, Preset, Slow, Store, Token, kinds};
use crate::synthetic::world::Faults;
use crate::{apply, engine, graph, ours, owner, thing, tree, world};

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
