//! Who waits for whom in a run, and how long the road from each operation to the end is.

use std::collections::{BTreeMap, BTreeSet};

use platform_graph::Operation;

use crate::run::Run;

/// The operations of a run, who waits for whom, and how long the road from each to the end is.
pub(crate) struct Order {
    pub needs: BTreeMap<Operation, BTreeSet<Operation>>,
    pub dependents: BTreeMap<Operation, Vec<Operation>>,
    /// Usual seconds from the start of an operation to the end of the last one that waits for it.
    pub road: BTreeMap<Operation, u64>,
}

impl Order {
    pub fn new(run: &Run<'_>, needs: BTreeMap<Operation, BTreeSet<Operation>>) -> Self {
        let mut dependents: BTreeMap<Operation, Vec<Operation>> = BTreeMap::new();
        for (operation, firsts) in &needs {
            for first in firsts {
                dependents
                    .entry(first.clone())
                    .or_default()
                    .push(operation.clone());
            }
        }
        let mut order = Order {
            needs,
            dependents,
            road: BTreeMap::new(),
        };
        // Backwards from those nobody waits for.
        let mut waiting: BTreeMap<Operation, usize> = order
            .needs
            .keys()
            .map(|operation| {
                (
                    operation.clone(),
                    order.dependents.get(operation).map_or(0, Vec::len),
                )
            })
            .collect();
        let mut open: Vec<Operation> = waiting
            .iter()
            .filter(|(_, count)| **count == 0)
            .map(|(operation, _)| operation.clone())
            .collect();
        while let Some(operation) = open.pop() {
            let after = order
                .dependents
                .get(&operation)
                .into_iter()
                .flatten()
                .filter_map(|next| order.road.get(next))
                .max()
                .copied()
                .unwrap_or_default();
            let own = expected_seconds(run, &operation);
            for first in order.needs.get(&operation).into_iter().flatten() {
                if let Some(count) = waiting.get_mut(first) {
                    *count -= 1;
                    if *count == 0 {
                        open.push(first.clone());
                    }
                }
            }
            order.road.insert(operation, after + own);
        }
        order
    }

    /// Everything that waits for an operation, directly or not.
    pub fn descendants(&self, operation: &Operation) -> BTreeSet<&Operation> {
        let mut found = BTreeSet::new();
        let mut open: Vec<&Operation> = self
            .dependents
            .get(operation)
            .into_iter()
            .flatten()
            .collect();
        while let Some(next) = open.pop() {
            if found.insert(next) {
                open.extend(self.dependents.get(next).into_iter().flatten());
            }
        }
        found
    }
}

fn expected_seconds(run: &Run<'_>, operation: &Operation) -> u64 {
    run.plan
        .steps
        .get(operation.address())
        .and_then(|step| run.engine.kinds.get(&step.kind))
        .map_or(0, |kind| u64::from(kind.expected_seconds))
}
