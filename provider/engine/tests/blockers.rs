//! What is in the way of a delete: named, removed where it may be, waited for.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that can't go on says where"
)]

#[path = "blockers/store.rs"]
mod store;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use platform_engine::{
    Cancel, Engine, ErrorKind, LeftInside, Options, Outcome, Phase, Progress, Watch,
};
use platform_graph::{Attributes, Kind, KindDef, Kinds, OWNER_TAG, Owner, Recorded, Records, Tags};
use store::{Room, Shelf, Store, Thing};
use tokio::time::Instant;

fn owner() -> Owner {
    "platform_test/us-east-1/main".parse().unwrap()
}

fn records(ids: &[&str]) -> Records {
    ids.iter()
        .map(|id| {
            let kind = if id.starts_with("room") {
                Room::TYPE
            } else {
                Shelf::TYPE
            };
            let record = Recorded {
                kind: kind.to_owned(),
                id: Some((*id).to_owned()),
                properties: serde_json::Map::new(),
                refs: BTreeMap::new(),
                attributes: Some(Attributes::new()),
            };
            (format!("place/{id}"), record)
        })
        .collect()
}

/// What a destroy came to, what was said while it waited, and how long it took.
struct Told {
    outcome: Outcome,
    said: Vec<String>,
    seconds: u64,
}

impl Told {
    fn reason(&self) -> &str {
        &self.outcome.failures[0].reason
    }

    fn has_said(&self, text: &str) -> bool {
        self.said.iter().any(|said| said.contains(text))
    }
}

async fn destroy(store: &Store, ids: &[&str]) -> Told {
    destroy_until(store, ids, |_| false).await
}

/// Destroys, and stops when something is said that `ends` it.
async fn destroy_until(store: &Store, ids: &[&str], ends: fn(&str) -> bool) -> Told {
    destroy_with(Options::default(), store, ids, ends).await
}

async fn destroy_with(
    options: Options,
    store: &Store,
    ids: &[&str],
    ends: fn(&str) -> bool,
) -> Told {
    let kinds = Kinds::new([KindDef::of::<Shelf>(), KindDef::of::<Room>()]);
    let engine = Engine::with_options(Arc::new(store.clone()), kinds, options);
    let cancel = Cancel::new();
    let said = Arc::new(Mutex::new(Vec::new()));
    let (heard, stop) = (said.clone(), cancel.clone());
    let watch = Watch::nobody().on_progress(move |progress: &Progress| {
        if let Phase::Waiting(text) = &progress.phase {
            heard.lock().unwrap().push(text.clone());
            if ends(text) {
                stop.cancel();
            }
        }
    });
    let begun = Instant::now();
    let outcome = engine.destroy(&owner(), &records(ids), cancel, watch).await;
    Told {
        outcome,
        said: said.lock().unwrap().clone(),
        seconds: begun.elapsed().as_secs(),
    }
}

fn on(places: &[&'static str]) -> Thing {
    Thing {
        on: places.to_vec(),
        ..Thing::default()
    }
}

#[tokio::test(start_paused = true)]
async fn a_blocker_that_vanishes_is_named_while_it_is_there() {
    let thing = Thing {
        until: Some(40),
        ..on(&["shelf-1"])
    };
    let store = Store::with([("thing-1", thing)]);
    let told = destroy(&store, &["shelf-1"]).await;
    assert!(told.outcome.is_complete(), "{:?}", told.outcome);
    assert!(
        told.has_said("shelf-1 is still used by thing-1 (thing)"),
        "{:#?}",
        told.said
    );
    assert_eq!(store.count("DeleteThing"), 0);
    assert!(
        store.count("DescribeThings") <= 8,
        "it is asked for again only now and then, not at every refusal: {}",
        store.count("DescribeThings")
    );
}

#[tokio::test(start_paused = true)]
async fn what_was_left_behind_is_removed_once_for_all_it_is_in_the_way_of() {
    let thing = Thing {
        left: true,
        ..on(&["shelf-1", "shelf-2"])
    };
    let store = Store::with([("thing-1", thing)]);
    let told = destroy(&store, &["shelf-1", "shelf-2"]).await;
    assert!(told.outcome.is_complete(), "{:?}", told.outcome);
    assert_eq!(store.count("DeleteThing thing-1"), 1);
    assert!(
        told.has_said("removing thing-1 (thing)"),
        "{:#?}",
        told.said
    );
    assert!(told.seconds < 5, "{} s", told.seconds);
}

#[tokio::test(start_paused = true)]
async fn what_is_somebody_elses_is_named_and_kept() {
    let tags = Tags::from([(
        OWNER_TAG.to_owned(),
        "platform_cluster/us-east-1/shop".to_owned(),
    )]);
    let store = Store::with([
        ("thing-1", on(&["shelf-1"])),
        (
            "thing-2",
            Thing {
                tags,
                ..on(&["shelf-1"])
            },
        ),
    ]);
    let told = destroy(&store, &["shelf-1"]).await;
    insta::assert_snapshot!(told.reason());
    assert_eq!(
        told.outcome.failures[0]
            .error
            .as_ref()
            .map(|error| &*error.code),
        Some("DependencyViolation")
    );
    assert!((60..75).contains(&told.seconds), "{} s", told.seconds);
    assert_eq!(store.count("DeleteThing"), 0);
    assert_eq!(store.shop(|shop| shop.things.len()), 2);
    assert!(told.outcome.records.contains_key("place/shelf-1"));
}

#[tokio::test(start_paused = true)]
async fn many_blockers_are_counted() {
    let ids: [&'static str; 13] = std::array::from_fn(|n| &*format!("thing-{n:02}").leak());
    let store = Store::with(ids.map(|id| (id, on(&["shelf-1"]))));
    let told = destroy(&store, &["shelf-1"]).await;
    assert!(
        told.reason().contains("thing-09 (thing) and 3 more"),
        "{}",
        told.reason()
    );
}

#[tokio::test(start_paused = true)]
async fn what_goes_by_itself_is_waited_for_beyond_the_usual_deadline() {
    let thing = |until| Thing {
        lingers: 600,
        until,
        ..on(&["shelf-1"])
    };
    let store = Store::with([("thing-1", thing(Some(500)))]);
    let told = destroy(&store, &["shelf-1"]).await;
    assert!(told.outcome.is_complete(), "{:?}", told.outcome);
    assert!(told.seconds >= 500, "{} s", told.seconds);

    let store = Store::with([("thing-1", thing(None))]);
    let told = destroy(&store, &["shelf-1"]).await;
    assert!((600..620).contains(&told.seconds), "{} s", told.seconds);
    insta::assert_snapshot!(told.reason());
}

#[tokio::test(start_paused = true)]
async fn a_removal_that_is_refused_is_said() {
    let kept = |kind, code| Thing {
        left: true,
        keeps: Some((kind, code)),
        ..on(&["shelf-1"])
    };
    for (thing, most) in [
        (kept(ErrorKind::Invalid, "OperationNotPermitted"), 6),
        // It may go later: that is tried as often as the shelf itself.
        (kept(ErrorKind::Dependency, "ResourceInUse"), 30),
    ] {
        let store = Store::with([("thing-1", thing)]);
        let told = destroy(&store, &["shelf-1"]).await;
        assert!(
            told.reason()
                .contains("thing-1 (thing, which could not be removed: store:DeleteThing: "),
            "{}",
            told.reason()
        );
        let tries = store.count("DeleteThing");
        assert!((1..=most).contains(&tries), "{tries} tries");
    }
}

/// Where AWS does not refuse, nothing would ever be found: what goes down with a place is removed first.
#[tokio::test(start_paused = true)]
async fn a_place_that_goes_with_its_things_is_cleared_before_it_is_deleted() {
    let left = Thing {
        left: true,
        ..on(&["room-1"])
    };
    let elsewhere = Thing {
        left: true,
        ..on(&["room-2"])
    };
    let store = Store::with([
        ("thing-1", left),
        ("thing-2", on(&["room-1"])),
        ("thing-3", elsewhere),
    ]);
    store.shop(|shop| shop.refuses = false);
    let told = destroy(&store, &["room-1"]).await;
    assert!(told.outcome.is_complete(), "{:?}", told.outcome);
    let deletes: Vec<String> = store.shop(|shop| {
        shop.calls
            .iter()
            .filter(|call| call.starts_with("Delete"))
            .cloned()
            .collect()
    });
    assert_eq!(deletes, ["DeleteThing thing-1", "DeletePlace room-1"]);
}

#[tokio::test(start_paused = true)]
async fn a_thing_that_cannot_go_does_not_keep_the_delete_from_being_tried() {
    let kept = Thing {
        left: true,
        keeps: Some((ErrorKind::Dependency, "ResourceInUse")),
        ..on(&["room-1"])
    };
    let store = Store::with([("thing-1", kept)]);
    store.shop(|shop| shop.refuses = false);
    let told = destroy(&store, &["room-1"]).await;
    assert!(told.outcome.is_complete(), "{:?}", told.outcome);
    assert!(told.seconds < 50, "{} s", told.seconds);
}

/// What AWS refuses for good is not tried again, and is told with what is in the way, where that was looked for before.
#[tokio::test(start_paused = true)]
async fn a_refusal_for_good_names_what_is_in_the_way() {
    for (place, expected) in [("room-1", true), ("shelf-1", false)] {
        let store = Store::with([("thing-1", on(&[place]))]);
        store.shop(|shop| shop.for_good = true);
        let told = destroy(&store, &[place]).await;
        assert_eq!(store.count("DeletePlace"), 1);
        let named = format!("{place} is still used by thing-1 (thing)");
        assert!(told.reason().contains("ValidationException"));
        assert_eq!(
            told.reason().contains(&named),
            expected,
            "{}",
            told.reason()
        );
        assert_eq!(store.count("DeleteThing"), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_recorded_part_is_named_and_left_to_its_own_turn() {
    let left = Thing {
        left: true,
        ..on(&["shelf-1"])
    };
    let store = Store::with([("shelf-2", left), ("thing-1", on(&["shelf-2"]))]);
    let told = destroy(&store, &["shelf-1", "shelf-2"]).await;
    assert_eq!(store.count("DeleteThing"), 0);
    assert!(
        told.reason()
            .contains("shelf-2 (thing, the part place/shelf-2)"),
        "{}",
        told.reason()
    );
}

#[tokio::test(start_paused = true)]
async fn data_that_was_left_stays_unless_it_is_said_to_go_and_is_in_nobodys_way() {
    for (remove, deletes) in [(false, 0), (true, 1)] {
        let store = Store::with([(
            "thing-1",
            Thing {
                left: true,
                data: true,
                ..on(&["room-1"])
            },
        )]);
        // A volume is in no place: AWS deletes the place all the same.
        store.shop(|shop| shop.refuses = false);
        let options = Options {
            remove_left_data: remove,
            ..Options::default()
        };
        let told = destroy_with(options, &store, &["room-1"], |_| false).await;
        assert!(told.outcome.is_complete(), "{:?}", told.outcome);
        assert_eq!(store.count("DeleteThing"), deletes);
        assert_eq!(told.has_said("thing-1"), remove);
    }
}

#[tokio::test(start_paused = true)]
async fn a_question_without_an_answer_is_said_and_removes_nothing() {
    let store = Store::with([(
        "thing-1",
        Thing {
            left: true,
            ..on(&["shelf-1"])
        },
    )]);
    store.shop(|shop| shop.silent = true);
    let told = destroy(&store, &["shelf-1"]).await;
    assert_eq!(store.count("DeleteThing"), 0);
    insta::assert_snapshot!(told.reason());
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_stopped_while_something_is_in_the_way_keeps_the_part() {
    let store = Store::with([("thing-1", on(&["shelf-1"]))]);
    let told = destroy_until(&store, &["shelf-1"], |said| {
        said.contains("is still used by")
    })
    .await;
    assert!(told.outcome.cancelled, "{:?}", told.outcome);
    assert!(told.outcome.records["place/shelf-1"].id.is_some());
    assert!(told.seconds < 2, "{} s", told.seconds);
}

#[tokio::test(start_paused = true)]
async fn what_is_inside_is_told_without_touching_it() {
    let store = Store::with([
        (
            "thing-1",
            Thing {
                left: true,
                ..on(&["room-1"])
            },
        ),
        ("thing-2", on(&["room-1"])),
        ("shelf-1", on(&["room-1"])),
        ("thing-3", on(&["room-2", "shelf-1"])),
        (
            "thing-4",
            Thing {
                left: true,
                data: true,
                ..on(&["room-1"])
            },
        ),
    ]);
    let kinds = Kinds::new([KindDef::of::<Shelf>(), KindDef::of::<Room>()]);
    let engine = Engine::new(Arc::new(store.clone()), kinds);
    let found = engine
        .left_inside(&owner(), &records(&["room-1", "shelf-1"]))
        .await;
    // A shelf is not cleared before it goes, and is a part itself.
    assert_eq!(
        found,
        [LeftInside {
            address: "place/room-1".to_owned(),
            id: "room-1".to_owned(),
            removed: vec!["thing-1 (thing)".to_owned()],
            kept: vec!["thing-2 (thing)".to_owned()],
            data: vec!["thing-4 (thing)".to_owned()],
        }]
    );
    assert_eq!(store.count("Delete"), 0);
}
