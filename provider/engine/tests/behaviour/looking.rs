//! What a refresh and a discovery see of what is there, and what a plan makes of it.

use std::time::Duration;

use platform_engine::{ErrorKind, Wanted};
use platform_graph::{Kind, Limits, Plan, Records, Seen, Tags};
use serde_json::json;
use tokio::time::Instant;

use crate::synthetic::kinds::{Plain, Slow, Thing, Token, kinds};
use crate::synthetic::world::Faults;
use crate::{apply, engine, graph, owner, small, thing, world};

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

/// The part was made by a run that ended a moment ago, and AWS does not show it everywhere yet.
#[tokio::test(start_paused = true)]
async fn a_seal_waits_until_its_part_shows() {
    let world = world(Faults::default());
    let first = apply(&world, &small(), &Records::new()).await;
    let record = &first.records["plain"];
    let seal = Tags::from([("platform:seal/begun".to_owned(), "x".to_owned())]);
    let engine = engine(&world);
    let owner = owner();
    let sealing = engine.seal(&owner, "plain", record, &seal);
    let id = record.id.as_deref().unwrap();
    let hide = || world.meddle(id, |object| object.gone = Some(Instant::now()));
    hide();
    let showing = async {
        tokio::time::sleep(Duration::from_secs(12)).await;
        world.meddle(id, |object| object.gone = None);
    };
    let (sealed, ()) = tokio::join!(sealing, showing);
    sealed.unwrap();
    assert_eq!(engine.discover(&small()).await.seals["plain"], seal);
    hide();
    let failure = engine.seal(&owner, "plain", record, &seal).await;
    assert!(failure.unwrap_err().to_string().contains("it is not there"));
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
