//! The order in which the steps of a plan are taken.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{Action, Plan, Step, original_address};
use crate::{
    Graph, KindDef, Kinds, Part, Properties, Recorded, Records, Replacement, diff, reference,
};

/// One thing the engine does.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Operation {
    /// Bring the part at this address to what the graph says.
    Make(String),
    /// Delete the AWS resource that is recorded at this address.
    Remove(String),
}

impl Operation {
    /// Address of the part it is about.
    pub fn address(&self) -> &str {
        match self {
            Operation::Make(address) | Operation::Remove(address) => address,
        }
    }
}

impl Plan {
    /// The operations and what each has to wait for.
    ///
    /// # Guarantees
    /// - A part is made after every part it refers to, except where its kind says that its [change comes first](crate::Kind::precedes).
    /// - What only one part can use or be at a time is released before the next part takes it.
    /// - What is left of an earlier life of a part goes before another one is created.
    /// - What is no longer asked for goes before what it refers to is changed where its kind [wants that](crate::Kind::GONE_BEFORE).
    /// - A resource is removed after everything that was made with a reference to it is removed or has moved off it, except
    ///   where its successor, or something only one part can use, waits for its end.
    /// - There is no circle: of what would close one, the later in this list yields.
    pub fn operations(
        &self,
        kinds: &Kinds,
        graph: &Graph,
        records: &Records,
    ) -> BTreeMap<Operation, BTreeSet<Operation>> {
        let mut order: BTreeMap<Operation, BTreeSet<Operation>> = BTreeMap::new();
        for (address, step) in &self.steps {
            if step.makes() {
                order.entry(Operation::Make(address.clone())).or_default();
            }
            if step.removes() {
                order.entry(Operation::Remove(address.clone())).or_default();
            }
        }
        let mut require = |then: Operation, first: Operation| {
            if then != first
                && order.contains_key(&first)
                && order.contains_key(&then)
                && !reaches(&order, &first, &then)
                && let Some(needs) = order.get_mut(&then)
            {
                needs.insert(first);
            }
        };
        for (address, part) in &graph.parts {
            for follower in self.followers(kinds, records, address, part) {
                require(Operation::Make(follower), Operation::Make(address.clone()));
            }
        }
        for (address, part) in &graph.parts {
            for dependency in part.dependencies() {
                require(
                    Operation::Make(address.clone()),
                    Operation::Make(dependency),
                );
            }
        }
        for (address, step) in &self.steps {
            if let Action::Replace { order, .. } = step.action {
                let (make, remove) = (
                    Operation::Make(address.clone()),
                    Operation::Remove(address.clone()),
                );
                match order {
                    Replacement::CreateFirst => require(remove, make),
                    Replacement::DeleteFirst => require(make, remove),
                }
            }
        }
        for (address, step) in &self.steps {
            let original = original_address(address);
            if original != address
                && step.removes()
                && self
                    .steps
                    .get(original)
                    .is_some_and(|step| step.action == Action::Create)
            {
                require(
                    Operation::Make(original.to_owned()),
                    Operation::Remove(address.clone()),
                );
            }
        }
        let handovers = self.handovers(kinds, graph, records);
        let successions = self.successions(kinds, graph, records);
        for (next, previous) in handovers.into_iter().chain(successions) {
            require(Operation::Make(next), Operation::Remove(previous));
        }
        for (address, record) in records {
            for used in gone_before(kinds, record) {
                if self.changes(&used) {
                    require(Operation::Make(used), Operation::Remove(address.clone()));
                }
            }
        }
        for (address, record) in records {
            for used in record.references() {
                require(Operation::Remove(used), Operation::Remove(address.clone()));
            }
        }
        for (address, record) in records {
            let moves = |step: &Step| step.makes() && !step.removes();
            if self.steps.get(address).is_some_and(moves) {
                for used in record.references() {
                    require(Operation::Remove(used), Operation::Make(address.clone()));
                }
            }
        }
        order
    }

    /// Parts that are changed after the one at this address, although it refers to them.
    fn followers(
        &self,
        kinds: &Kinds,
        records: &Records,
        address: &str,
        part: &Part,
    ) -> BTreeSet<String> {
        let (Some(kind), Some(record)) = (kinds.get(part.kind), records.get(address)) else {
            return BTreeSet::new();
        };
        if !self.changes(address) {
            return BTreeSet::new();
        }
        // What does not fit its kind is told when it is its turn.
        let through = (kind.precedes)(&record.properties, &part.properties).unwrap_or_default();
        through
            .iter()
            .filter_map(|name| part.properties.get(*name))
            .flat_map(reference::parts_of)
            .filter(|follower| self.changes(follower))
            .collect()
    }

    /// Whether the part at this address is changed in place.
    fn changes(&self, address: &str) -> bool {
        let action = self.steps.get(address).map(|step| &step.action);
        matches!(action, Some(Action::Update { .. }))
    }

    /// Pairs of a part to make and a part to remove first, because both use what only one can.
    fn handovers(&self, kinds: &Kinds, graph: &Graph, records: &Records) -> Vec<(String, String)> {
        let mut users: BTreeMap<String, Vec<&String>> = BTreeMap::new();
        for (address, record) in records {
            let Some(kind) = kinds.get(&record.kind) else {
                continue;
            };
            if self.steps.get(address).is_some_and(Step::removes) {
                for used in held_by(kind, record) {
                    users.entry(used).or_default().push(address);
                }
            }
        }
        let mut pairs = Vec::new();
        for (address, part) in &graph.parts {
            let Some(kind) = kinds.get(part.kind) else {
                continue;
            };
            for used in wanted_by(kind, part) {
                for previous in users.get(&used).into_iter().flatten() {
                    if *previous != address {
                        pairs.push((address.clone(), (*previous).clone()));
                    }
                }
            }
        }
        pairs
    }

    /// Pairs of a part to make and a part to remove first, because AWS takes both for the same: a rule that is said otherwise.
    fn successions(
        &self,
        kinds: &Kinds,
        graph: &Graph,
        records: &Records,
    ) -> Vec<(String, String)> {
        let removed: Vec<(&String, &Recorded)> = records
            .iter()
            .filter(|(address, _)| self.steps.get(*address).is_some_and(Step::removes))
            .collect();
        let mut pairs = Vec::new();
        for (address, part) in &graph.parts {
            let kind = kinds.get(part.kind).filter(|kind| !kind.key.is_empty());
            let (Some(kind), true) = (kind, self.steps.get(address).is_some_and(Step::makes))
            else {
                continue;
            };
            let wanted = self.resolved(records, &part.properties);
            for (previous, record) in &removed {
                if *previous != address
                    && record.kind == part.kind
                    && has_key_of(kind, &record.properties, &wanted)
                {
                    pairs.push((address.clone(), (*previous).clone()));
                }
            }
        }
        pairs
    }
}

/// What a recorded part uses that only one part can use at a time.
pub(super) fn held_by(kind: &KindDef, record: &Recorded) -> BTreeSet<String> {
    referred_to(record, kind.exclusive)
}

/// What is changed only once a recorded part is gone, if it goes.
fn gone_before(kinds: &Kinds, record: &Recorded) -> BTreeSet<String> {
    let kind = kinds.get(&record.kind);
    kind.map_or_else(BTreeSet::new, |kind| referred_to(record, kind.gone_before))
}

/// The parts that these properties of a recorded part refer to.
fn referred_to(record: &Recorded, properties: &[&str]) -> BTreeSet<String> {
    record
        .refs
        .iter()
        .filter(|(pointer, _)| properties.iter().any(|name| is_under(pointer, name)))
        .flat_map(|(_, text)| reference::parts_in(text))
        .collect()
}

/// What a part is to use that only one part can use at a time.
pub(super) fn wanted_by(kind: &KindDef, part: &Part) -> impl Iterator<Item = String> {
    kind.exclusive
        .iter()
        .filter_map(|name| part.properties.get(*name))
        .flat_map(reference::parts_of)
}

/// Whether two resources would be the same to AWS.
fn has_key_of(kind: &KindDef, recorded: &Properties, wanted: &Properties) -> bool {
    kind.key
        .iter()
        .all(|name| match (recorded.get(*name), wanted.get(*name)) {
            (None, None) => true,
            (Some(recorded), Some(wanted)) => diff::same(kind, name, recorded, wanted),
            _ => false,
        })
}

fn is_under(pointer: &str, property: &str) -> bool {
    pointer
        .strip_prefix('/')
        .is_some_and(|rest| rest.split('/').next() == Some(property))
}

/// Whether `from` has to wait, directly or not, for `to`.
fn reaches(
    order: &BTreeMap<Operation, BTreeSet<Operation>>,
    from: &Operation,
    to: &Operation,
) -> bool {
    let mut open = vec![from];
    let mut seen = BTreeSet::new();
    while let Some(next) = open.pop() {
        if next == to {
            return true;
        }
        if seen.insert(next) {
            open.extend(order.get(next).into_iter().flatten());
        }
    }
    false
}
