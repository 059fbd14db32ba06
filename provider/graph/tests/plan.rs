//! Plans, differences and the order of operations, over kinds that do nothing.

#![allow(clippy::unwrap_used, reason = "a test that can't go on says where")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use platform_graph::{
    Action, Attributes, Call, Disruption, Graph, Identity, Kind, KindDef, Kinds, Limits, Live,
    Operation, Owner, Plan, Properties, Reason, Recorded, Records, Replacement, Seen, Tags, diff,
    original_address, replaced_address,
};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

macro_rules! kind {
    ($name:ident { $($body:tt)* }) => {
        #[derive(Clone, Default, Serialize, Deserialize)]
        #[serde(deny_unknown_fields, rename_all = "PascalCase")]
        struct $name {
            parent: Option<String>,
            uses: Option<Vec<String>>,
            size: Option<i64>,
            fixed: Option<String>,
            address: Option<String>,
            guarded: Option<bool>,
            tags: Option<Tags>,
        }
        impl Kind for $name {
            const TYPE: &'static str = concat!("Test::", stringify!($name));
            const CREATE_ONLY: &'static [&'static str] = &["Parent", "Fixed", "Address"];
            const UNORDERED: &'static [&'static str] = &["Uses"];
            const EXCLUSIVE: &'static [&'static str] = &["Address"];
            $($body)*
            fn find(&self, _: &Identity) -> Vec<Call> { vec![] }
            fn read(&self, _: &Identity, _: &[Value]) -> Seen<Self> { Seen::Absent }
            fn create(&self, _: &Identity) -> Vec<Call> { vec![] }
            fn created(&self, _: &Identity, _: &Value) -> Option<String> { None }
            fn delete(&self, _: &Identity, _: &str, _: &Attributes) -> Vec<Call> { vec![] }
            fn update(&self, _: &Identity, _: &Live<Self>, _: &[&str]) -> Vec<Call> { vec![] }
            fn disruption(property: &str) -> Disruption {
                if property == "Size" { Disruption::Failover } else { Disruption::None }
            }
            fn same(_: &str, live: &Value, desired: &Value) -> bool {
                live == desired || live.as_str().zip(desired.as_str()).is_some_and(|(a, b)| a.eq_ignore_ascii_case(b))
            }
        }
    };
}

kind! {
    First {
        const REPLACEMENT: Replacement = Replacement::CreateFirst;
        const TAGGED: bool = true;
        const VOLATILE: &'static [&'static str] = &["Arn"];
    }
}
kind! { Last { const REPLACEMENT: Replacement = Replacement::DeleteFirst; } }
kind! {
    Data {
        const STATEFUL: bool = true;
        const PROTECTED_BY: &'static str = "Guarded";
        fn holds_data(&self) -> bool { self.parent.is_none() }
    }
}

kind! { Keyed { const KEY: &'static [&'static str] = &["Parent", "Fixed"]; } }

fn kinds() -> Kinds {
    Kinds::new([
        KindDef::of::<Keyed>(),
        KindDef::of::<First>(),
        KindDef::of::<Last>(),
        KindDef::of::<Data>(),
    ])
}

fn graph() -> Graph {
    let owner: Owner = "platform_test/us-east-1/main".parse().unwrap();
    Graph::new(owner, Tags::new())
}

/// What is recorded once a graph is applied; ids are `id-<address>`.
fn applied(graph: &Graph) -> Records {
    let id = |address: &str| Value::String(format!("id-{address}"));
    let lookup = |address: &str, attribute: Option<&str>| match attribute {
        None => Some(id(address)),
        Some(name) => Some(Value::String(format!("{name}-of-{address}"))),
    };
    let record = |address: &String, part: &platform_graph::Part| Recorded {
        kind: part.kind.to_owned(),
        id: Some(format!("id-{address}")),
        properties: part
            .properties
            .iter()
            .map(|(name, value)| {
                (
                    name.clone(),
                    platform_graph::reference::resolve(value, &lookup),
                )
            })
            .collect(),
        refs: part.refs(),
        attributes: Some(Attributes::from_iter([(
            "Arn".to_owned(),
            Value::String(format!("Arn-of-{address}")),
        )])),
    };
    graph
        .parts
        .iter()
        .map(|(address, part)| (address.clone(), record(address, part)))
        .collect()
}

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

fn properties(value: Value) -> Properties {
    match value {
        Value::Object(fields) => fields,
        other => panic!("{other} is not an object"),
    }
}

#[test]
fn differences_property_by_property() {
    let kind = KindDef::of::<First>();
    for (why, live, desired, formerly, expected) in [
        (
            "the same",
            json!({"Size": 1}),
            json!({"Size": 1}),
            None,
            vec![],
        ),
        (
            "another value",
            json!({"Size": 1}),
            json!({"Size": 2}),
            None,
            vec!["Size"],
        ),
        ("missing", json!({}), json!({"Size": 2}), None, vec!["Size"]),
        ("not asked for", json!({"Size": 1}), json!({}), None, vec![]),
        (
            "no longer asked for",
            json!({"Size": 1}),
            json!({}),
            Some(json!({"Size": 1})),
            vec!["Size"],
        ),
        (
            "no longer asked for and gone",
            json!({}),
            json!({}),
            Some(json!({"Size": 1})),
            vec![],
        ),
        (
            "no longer asked for and create-only",
            json!({"Fixed": "a"}),
            json!({}),
            Some(json!({"Fixed": "a"})),
            vec![],
        ),
        (
            "another order",
            json!({"Uses": ["a", "b"]}),
            json!({"Uses": ["b", "a"]}),
            None,
            vec![],
        ),
        (
            "another count",
            json!({"Uses": ["a", "a", "b"]}),
            json!({"Uses": ["a", "b", "b"]}),
            None,
            vec!["Uses"],
        ),
        (
            "the kind's own sameness",
            json!({"Fixed": "ABC"}),
            json!({"Fixed": "abc"}),
            None,
            vec![],
        ),
        (
            "an open reference",
            json!({"Parent": "x"}),
            json!({"Parent": "${part:x}"}),
            None,
            vec!["Parent"],
        ),
        (
            "the same open reference",
            json!({"Parent": "${part:x}"}),
            json!({"Parent": "${part:x}"}),
            None,
            vec![],
        ),
        (
            "somebody's tag",
            json!({"Tags": {"a": "1", "b": "2"}}),
            json!({"Tags": {"a": "1"}}),
            None,
            vec![],
        ),
        (
            "another tag value",
            json!({"Tags": {"a": "1"}}),
            json!({"Tags": {"a": "2"}}),
            None,
            vec!["Tags"],
        ),
        (
            "our tag no longer wanted",
            json!({"Tags": {"a": "1", "b": "2"}}),
            json!({"Tags": {"a": "1"}}),
            Some(json!({"Tags": {"b": "2"}})),
            vec!["Tags"],
        ),
        (
            "no tags wanted any more",
            json!({"Tags": {"b": "2"}}),
            json!({}),
            Some(json!({"Tags": {"b": "2"}})),
            vec!["Tags"],
        ),
        (
            "the seal stays",
            json!({"Tags": {"platform:seal": "2"}}),
            json!({"Tags": {}}),
            Some(json!({"Tags": {"platform:seal": "2"}})),
            vec![],
        ),
    ] {
        let formerly = formerly.map(properties);
        let found = diff::changed(
            &kind,
            &properties(live),
            &properties(desired),
            formerly.as_ref(),
        );
        assert_eq!(found, expected, "{why}");
    }
}

#[test]
fn tags_to_set_and_to_remove() {
    let live =
        properties(json!({"Tags": {"a": "1", "b": "1", "c": "1", "theirs": "1", "aws:x": "1"}}));
    let desired = properties(json!({"Tags": {"a": "1", "b": "2", "d": "1"}}));
    let formerly = properties(json!({"Tags": {"a": "1", "c": "1", "aws:x": "1", "gone": "1"}}));
    let (set, remove) = diff::tag_changes(&live, &desired, Some(&formerly));
    assert_eq!(json!(set), json!({"b": "2", "d": "1"}));
    assert_eq!(remove, ["c"]);
    assert_eq!(
        json!(diff::foreign_tags(&live, &desired)),
        json!({"c": "1", "theirs": "1"})
    );
}

#[test]
fn what_is_recorded_is_what_was_asked_for_unless_it_means_something_else() {
    let kind = KindDef::of::<First>();
    let live = properties(
        json!({"Uses": ["b", "a"], "Fixed": "ABC", "Size": 3, "Parent": "p", "Tags": {"a": "1", "x": "y"}}),
    );
    let shape = properties(
        json!({"Uses": ["a", "b"], "Fixed": "abc", "Size": 2, "Address": "q", "Tags": {"a": "2"}}),
    );
    assert_eq!(
        Value::Object(diff::project(&kind, &live, &shape)),
        json!({"Uses": ["a", "b"], "Fixed": "abc", "Size": 3, "Tags": {"a": "1"}})
    );
}

/// A part as random numbers: its kind, what it refers to among the parts before it, and its values.
type Draft = (u8, Vec<prop::sample::Index>, u8, bool);

fn drafted(drafts: &[Draft], order: &[usize]) -> Graph {
    let mut graph = graph();
    let mut made: Vec<String> = Vec::new();
    let mut held = BTreeSet::new();
    for &at in order {
        let Some((kind, uses, values, present)) = drafts.get(at) else {
            continue;
        };
        if !present {
            continue;
        }
        let address = format!("p{at}");
        let refer = |index: &prop::sample::Index| {
            let name: &String = index.get(&made);
            format!("${{part:{name}}}")
        };
        let mut used: Vec<String> = if made.is_empty() {
            vec![]
        } else {
            uses.iter().map(refer).collect()
        };
        let parent = used.pop();
        let address_used = (values % 3 == 0)
            .then(|| used.pop())
            .flatten()
            .filter(|used| held.insert(used.clone()));
        let (uses, size, fixed) = (
            Some(used),
            Some(i64::from(values % 2)),
            Some(format!("f{}", values % 4)),
        );
        match kind % 2 {
            0 => graph.add(
                &address,
                "random",
                First {
                    parent,
                    uses,
                    size,
                    fixed,
                    address: address_used,
                    ..Default::default()
                },
            ),
            _ => graph.add(
                &address,
                "random",
                Last {
                    parent,
                    uses,
                    size,
                    fixed,
                    address: address_used,
                    ..Default::default()
                },
            ),
        };
        made.push(address);
    }
    graph
}

fn drafts() -> impl Strategy<Value = Vec<Draft>> {
    let uses = prop::collection::vec(any::<prop::sample::Index>(), 0..4);
    prop::collection::vec(
        (any::<u8>(), uses, any::<u8>(), prop::bool::weighted(0.8)),
        1..12,
    )
}

proptest! {
    #[test]
    fn every_change_has_an_order_without_circles(before in drafts(), after in drafts()) {
        let order: Vec<usize> = (0..12).collect();
        let reversed: Vec<usize> = order.iter().rev().copied().collect();
        let old = drafted(&before, &order);
        let records = applied(&old);
        for new in [drafted(&after, &order), drafted(&after, &reversed), graph()] {
            prop_assert_eq!(new.faults(), Vec::<String>::new());
            let plan = Plan::new(&kinds(), &new, &records, &Limits::default());
            let mut left = plan.operations(&kinds(), &new, &records);
            let mut done: BTreeMap<Operation, usize> = BTreeMap::new();
            while !left.is_empty() {
                let ready: Vec<Operation> = left
                    .iter()
                    .filter(|(_, needs)| needs.iter().all(|need| done.contains_key(need)))
                    .map(|(operation, _)| operation.clone())
                    .collect();
                prop_assert!(!ready.is_empty(), "these wait for one another: {left:?}");
                for operation in ready {
                    left.remove(&operation);
                    done.insert(operation, done.len());
                }
            }
            for (address, part) in &new.parts {
                for used in part.dependencies() {
                    if let (Some(made), Some(first)) = (done.get(&Operation::Make(address.clone())), done.get(&Operation::Make(used))) {
                        prop_assert!(first < made, "{address} is made before what it refers to");
                    }
                }
            }
            if new.parts.is_empty() {
                for (address, record) in &records {
                    for used in record.references() {
                        prop_assert!(done[&Operation::Remove(address.clone())] < done[&Operation::Remove(used)]);
                    }
                }
            }
            // What was planned and applied needs nothing more.
            let again = Plan::new(&kinds(), &new, &applied(&new), &Limits::default());
            prop_assert!(again.is_empty(), "{again:?}");
        }
    }
}
