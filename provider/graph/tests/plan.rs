//! Plans, differences and the order of operations, over kinds that do nothing.

#![allow(clippy::unwrap_used, reason = "a test that can't go on says where")]

#[path = "plan/differences.rs"]
mod differences;
#[path = "plan/kinds.rs"]
mod kinds;
#[path = "plan/random.rs"]
mod random;

use std::collections::BTreeSet;
use std::fmt::Write;

use kinds::{Data, First, Keyed, Last, applied, graph, kinds};
use platform_graph::{
    Action, Disruption, Graph, Limits, Operation, Plan, Reason, Recorded, Records,
    original_address, replaced_address,
};
use serde_json::{Value, json};

fn shown(graph: &Graph, records: &Records) -> String {
    let plan = Plan::new(&kinds(), graph, records, &Limits::default());
    let mut text = String::new();
    for (address, step) in &plan.steps {
        writeln!(text, "{address}: {:?} ({:?})", step.action, step.disruption).unwrap();
    }
    for refusal in &plan.refusals {
        writeln!(text, "refused: {} {:?}", refusal.address, refusal.changed).unwrap();
    }
    for (operation, needs) in plan.operations(&kinds(), graph, records) {
        writeln!(text, "{operation:?} after {needs:?}").unwrap();
    }
    text
}

fn base(fixed: &str) -> Graph {
    let mut graph = graph();
    let fixed = Some(fixed.to_owned());
    let net = graph.add(
        "net",
        "the network",
        First {
            fixed: fixed.clone(),
            ..First::default()
        },
    );
    let ip = graph.add("ip", "an address", First::default());
    let child = Last {
        parent: Some(net.id()),
        ..Last::default()
    };
    let child = graph.add("child", "inside", child);
    let nat = First {
        address: Some(ip.id()),
        parent: Some(net.id()),
        ..First::default()
    };
    graph.add("nat", "holds the address", nat);
    let user = First {
        uses: Some(vec![child.id(), net.attribute("Arn")]),
        ..First::default()
    };
    let user = graph.add("user", "uses", user);
    graph.add("data", "holds data", Data::default());
    graph.after(&user, &ip);
    graph
}

#[test]
fn an_applied_graph_needs_nothing() {
    let graph = base("a");
    let plan = Plan::new(&kinds(), &graph, &applied(&graph), &Limits::default());
    assert!(plan.is_empty(), "{plan:?}");
    assert!(
        plan.operations(&kinds(), &graph, &applied(&graph))
            .is_empty()
    );
}

#[test]
fn plans_and_orders_of_typical_changes() {
    let before = base("a");
    let records = applied(&before);
    insta::assert_snapshot!("everything_new", shown(&before, &Records::new()));
    insta::assert_snapshot!("everything_goes", shown(&graph(), &records));
    insta::assert_snapshot!("the_network_is_replaced", shown(&base("b"), &records));

    let mut handover = base("a");
    let nat = handover.parts.remove("nat").unwrap();
    handover.parts.insert("nat2".to_owned(), nat);
    insta::assert_snapshot!("the_address_goes_to_another", shown(&handover, &records));

    let mut resized = base("a");
    for address in ["child", "data"] {
        let part = resized.parts.get_mut(address).unwrap();
        part.properties.insert("Size".to_owned(), json!(2));
    }
    let data = resized.parts.get_mut("data").unwrap();
    data.properties.insert("Fixed".to_owned(), json!("x"));
    insta::assert_snapshot!("one_resized_one_refused", shown(&resized, &records));
}

#[test]
fn a_part_that_was_never_seen_ready_is_taken_up_again() {
    let graph = base("a");
    let mut records = applied(&graph);
    records.get_mut("net").unwrap().attributes = None;
    records.get_mut("ip").unwrap().id = None;
    // What can't be changed and is not recorded is not known, so it is no reason to replace.
    records.get_mut("child").unwrap().attributes = None;
    records
        .get_mut("child")
        .unwrap()
        .properties
        .remove("Parent");
    let plan = Plan::new(&kinds(), &graph, &records, &Limits::default());
    let action = |address: &str| plan.steps[address].action.clone();
    assert_eq!(action("net"), Action::Update { changed: vec![] });
    assert_eq!(action("child"), Action::Update { changed: vec![] });
    assert_eq!(action("ip"), Action::Create);
    assert!(
        matches!(action("nat"), Action::Replace { .. }),
        "its address is yet to be made"
    );
}

#[test]
fn what_refers_to_an_attribute_that_an_update_changes_is_updated_too() {
    let graph = base("a");
    let records = applied(&graph);
    let with = |name: &str, value: Value| {
        let mut graph = graph.clone();
        let net = graph.parts.get_mut("net").unwrap();
        net.properties.insert(name.to_owned(), value);
        let plan = Plan::new(&kinds(), &graph, &records, &Limits::default());
        plan.steps["user"].action.clone()
    };
    let uses = vec!["Uses".to_owned()];
    assert_eq!(with("Size", json!(2)), Action::Update { changed: uses });
    assert_eq!(with("Tags", json!({"a": "b"})), Action::Keep);
}

#[test]
fn what_has_the_key_of_a_part_goes_before_it_is_made() {
    let rules = |named: &[(&str, &str)]| {
        let mut graph = base("b");
        for (address, fixed) in named {
            let keyed = Keyed {
                parent: Some(platform_graph::Handle::to("net").id()),
                fixed: Some((*fixed).to_owned()),
                ..Keyed::default()
            };
            graph.add(*address, "a rule", keyed);
        }
        graph
    };
    let before = rules(&[("one", "a"), ("two", "b"), ("old", "c")]);
    // Two trade places, one is the same although it is spelled otherwise, and one has nobody's key.
    let after = rules(&[("one", "b"), ("two", "a"), ("new", "C"), ("other", "d")]);
    let records = applied(&before);
    let plan = Plan::new(&kinds(), &after, &records, &Limits::default());
    let operations = plan.operations(&kinds(), &after, &records);
    let waits = |address: &str| -> Vec<&str> {
        let needs = &operations[&Operation::Make(address.to_owned())];
        let removals = needs.iter().filter_map(|need| match need {
            Operation::Remove(address) => Some(address.as_str()),
            Operation::Make(_) => None,
        });
        removals.collect()
    };
    assert_eq!(waits("one"), ["one", "two"]);
    assert_eq!(waits("two"), ["one", "two"]);
    assert_eq!(waits("new"), ["old"]);
    assert_eq!(waits("other"), Vec::<&str>::new());
}

#[test]
fn a_replica_that_is_no_longer_asked_for_goes_before_what_it_replicates_is_changed() {
    // What watches both moves off the replica afterwards.
    let of = |size: i64, replicated: bool| {
        let mut graph = graph();
        let store = Data {
            size: Some(size),
            ..Data::default()
        };
        let store = graph.add("store", "holds data", store);
        let replica = Data {
            parent: Some(store.id()),
            ..Data::default()
        };
        let replica = replicated.then(|| graph.add("replica", "reads it", replica));
        let watched = [Some(store), replica].into_iter().flatten();
        let watch = First {
            uses: Some(watched.map(|part| part.id()).collect()),
            ..First::default()
        };
        graph.add("watch", "watches", watch);
        graph
    };
    let records = applied(&of(1, true));
    let waits = |graph: &Graph, operation: Operation| -> Vec<Operation> {
        let plan = Plan::new(&kinds(), graph, &records, &Limits::default());
        let mut operations = plan.operations(&kinds(), graph, &records);
        let needs = operations.remove(&operation).unwrap();
        needs.into_iter().collect()
    };
    let gone = Operation::Remove("replica".to_owned());
    let changed = Operation::Make("store".to_owned());
    let only = std::slice::from_ref;
    assert_eq!(waits(&of(2, false), changed.clone()), only(&gone));
    assert_eq!(waits(&of(2, false), gone.clone()), []);
    let watch = Operation::Make("watch".to_owned());
    assert_eq!(waits(&of(2, false), watch.clone()), only(&changed));
    // One that stays, or that nothing is changed around, waits for nothing of that.
    assert_eq!(waits(&of(2, true), changed), []);
    assert_eq!(waits(&of(1, false), gone), [watch]);
}

#[test]
fn the_old_resource_of_a_replaced_part_is_deleted_by_the_next_plan() {
    let graph = base("a");
    let mut records = applied(&graph);
    let aside = replaced_address("data", "id-0");
    assert_eq!(original_address(&aside), "data");
    let old = Recorded {
        id: Some("id-0".to_owned()),
        ..records["data"].clone()
    };
    records.insert(aside.clone(), old);
    let mut limits = Limits::default();
    assert_eq!(
        Plan::new(&kinds(), &graph, &records, &limits)
            .refusals
            .len(),
        1
    );
    limits.replace.insert("data".to_owned());
    let plan = Plan::new(&kinds(), &graph, &records, &limits);
    assert_eq!(
        (plan.refusals.len(), &plan.steps[&aside].action),
        (0, &Action::Delete)
    );
}

/// What is recorded decides of what goes, not what is to come in its place.
#[test]
fn a_part_without_data_goes_unnamed() {
    let with = |parent: Option<&str>| {
        let mut graph = graph();
        let data = Data {
            parent: parent.map(str::to_owned),
            ..Data::default()
        };
        graph.add("data", "may hold data", data);
        graph
    };
    for (before, after, refused) in [
        (with(Some("a")), graph(), false),
        (with(None), graph(), true),
        (with(Some("a")), with(None), false),
        (with(Some("a")), with(Some("b")), false),
        (with(None), with(Some("a")), true),
    ] {
        let plan = Plan::new(&kinds(), &after, &applied(&before), &Limits::default());
        let lost = plan.steps["data"].disruption == Disruption::DataLoss;
        assert_eq!((plan.refusals.len(), lost), (usize::from(refused), refused));
    }
    let mut unreadable = applied(&with(Some("a")));
    let record = unreadable.get_mut("data").unwrap();
    record.properties.insert("Size".to_owned(), json!("large"));
    let plan = Plan::new(&kinds(), &graph(), &unreadable, &Limits::default());
    assert_eq!(plan.refusals.len(), 1);
}

/// A refusal names what can't be changed in place, and nothing that merely differs too.
#[test]
fn a_refusal_names_what_asks_for_the_replacement() {
    let with = |fixed: &str, size: i64| {
        let mut graph = graph();
        let data = Data {
            fixed: Some(fixed.to_owned()),
            size: Some(size),
            ..Data::default()
        };
        graph.add("data", "holds data", data);
        graph
    };
    let plan = Plan::new(
        &kinds(),
        &with("b", 2),
        &applied(&with("a", 1)),
        &Limits::default(),
    );
    assert_eq!(plan.refusals[0].changed, ["Fixed"]);
    let Action::Replace { changed, .. } = &plan.steps["data"].action else {
        panic!("it is replaced")
    };
    assert_eq!(*changed, ["Fixed", "Size"]);
}

/// Whoever names a part may lose its data; what AWS protects is given free by a change of its own first.
#[test]
fn a_protected_part_goes_only_after_its_protection() {
    let with = |guarded: bool, fixed: &str| {
        let mut graph = graph();
        let data = Data {
            guarded: Some(guarded),
            fixed: Some(fixed.to_owned()),
            ..Data::default()
        };
        graph.add("data", "holds data", data);
        graph
    };
    let named = Limits {
        replace: BTreeSet::from(["data".to_owned()]),
        delete: BTreeSet::from(["data".to_owned()]),
    };
    let reasons = |before: &Graph, after: &Graph, limits: &Limits| -> Vec<Reason> {
        let plan = Plan::new(&kinds(), after, &applied(before), limits);
        let reasons = plan.refusals.iter().map(|refusal| refusal.reason);
        reasons.collect()
    };
    let (free, guarded) = (with(false, "a"), with(true, "a"));
    let protected = Reason::Protected("Guarded");
    for gone in [graph(), with(false, "b"), with(true, "b")] {
        assert_eq!(reasons(&free, &gone, &named), []);
        assert_eq!(reasons(&guarded, &gone, &named), [protected]);
        let both = [Reason::HoldsData, protected];
        assert_eq!(reasons(&guarded, &gone, &Limits::default()), both);
    }
    assert_eq!(reasons(&guarded, &free, &Limits::default()), []);
}
