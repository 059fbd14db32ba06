//! Any change of any graph has an order, and needs nothing more once it is applied.

use std::collections::{BTreeMap, BTreeSet};

use platform_graph::{Graph, Limits, Operation, Plan};
use proptest::prelude::*;

use crate::kinds::{First, Last, applied, graph, kinds};

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
