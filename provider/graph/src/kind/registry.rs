//! All kinds of a program, by type name.

use std::collections::BTreeMap;

use super::KindDef;
use crate::Recorded;

/// The kinds that a program knows, by type name.
#[derive(Debug, Clone, Default)]
pub struct Kinds(BTreeMap<&'static str, KindDef>);

impl Kinds {
    /// A registry of these kinds.
    pub fn new(kinds: impl IntoIterator<Item = KindDef>) -> Self {
        Kinds(kinds.into_iter().map(|kind| (kind.name, kind)).collect())
    }

    /// The kind of this type name.
    pub fn get(&self, name: &str) -> Option<&KindDef> {
        self.0.get(name)
    }

    /// Whether data is lost with what is recorded. What can't be changed of a part says more of it than what is asked for now.
    pub fn holds_data(&self, record: &Recorded) -> bool {
        self.get(&record.kind)
            .is_some_and(|kind| (kind.holds_data)(&record.properties))
    }

    /// The property by which AWS refuses to delete what is recorded, where it does.
    pub fn protection(&self, record: &Recorded) -> Option<&'static str> {
        let by = self.get(&record.kind)?.protected_by;
        (record.properties.get(by)? == true).then_some(by)
    }

    /// All kinds, by name.
    pub fn iter(&self) -> impl Iterator<Item = &KindDef> {
        self.0.values()
    }
}
