//! Paths that come back to where they were.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use stateright::Model as _;

use crate::{Model, State};

/// Whether no path comes back to a state: then every path ends.
pub fn has_no_circle(model: &Model) -> bool {
    let fingerprint = |state: &State| {
        let mut hasher = DefaultHasher::new();
        state.hash(&mut hasher);
        hasher.finish()
    };
    let mut done = BTreeSet::new();
    let mut path = BTreeSet::new();
    let mut open: Vec<(u64, std::vec::IntoIter<State>)> = Vec::new();
    for state in model.init_states() {
        path.insert(fingerprint(&state));
        open.push((fingerprint(&state), model.next_states(&state).into_iter()));
    }
    while let Some((here, nexts)) = open.last_mut() {
        let Some(next) = nexts.next() else {
            path.remove(here);
            done.insert(*here);
            open.pop();
            continue;
        };
        let there = fingerprint(&next);
        if path.contains(&there) {
            return false;
        }
        if !done.contains(&there) {
            path.insert(there);
            open.push((there, model.next_states(&next).into_iter()));
        }
    }
    true
}
