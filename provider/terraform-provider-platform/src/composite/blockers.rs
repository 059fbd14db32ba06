//! What the plan of a destroy says: what protects the composite, what others left inside, and what becomes of that.

use std::time::Duration;

use platform_protocol::{AttributePath, Diagnostic, Diagnostics};

use super::CompositeType;
use super::state::State;
use crate::session::Session;

/// A plan says what it can find out in this time. AWS need not be reachable to plan a destroy.
const PATIENCE: Duration = Duration::from_secs(15);

impl CompositeType {
    /// The refusal to destroy a protected composite, with the parts whose data would be lost, or one with parts that AWS
    /// would refuse to delete when others are gone already; `None` when nothing is protected. `replaced_by` are the arguments
    /// whose change would destroy it, none where nothing else is to take its place.
    pub(super) fn protection(
        &self,
        session: &Session,
        state: &State,
        replaced_by: &[AttributePath],
    ) -> Option<Diagnostic> {
        if !self.decoded(state).is_ok_and(|spec| spec.protected()) {
            return self.protected_parts(session, state, replaced_by);
        }
        let anchor = state.records.get(self.def.anchor);
        let data: Vec<&str> = state
            .records
            .iter()
            .filter(|(_, record)| record.id.is_some() && session.kinds().holds_data(record))
            .map(|(address, _)| address.as_str())
            .collect();
        let lost = match &data[..] {
            [] => String::new(),
            data => format!(" The data in {} would be lost.", data.join(", ")),
        };
        let (cause, then) = match replaced_by {
            [] => ("Destroying it", "destroy"),
            _ => (
                "This can't be changed: it would be another composite. Destroying the old one",
                "change it",
            ),
        };
        let at = replaced_by
            .first()
            .cloned()
            .unwrap_or_else(|| AttributePath::attribute("deletion_protection"));
        let refusal = Diagnostic::error(
            format!("{} {} is protected", self.def.name, state.name()),
            format!(
                "{cause} would delete {} AWS resources, with its anchor {} ({}).{lost} \
                 Set deletion_protection = false and apply, then {then}.",
                state.records.len(),
                self.def.anchor,
                anchor
                    .and_then(|anchor| anchor.id.as_deref())
                    .unwrap_or("not created"),
            ),
        );
        Some(refusal.at(at))
    }

    fn protected_parts(
        &self,
        session: &Session,
        state: &State,
        replaced_by: &[AttributePath],
    ) -> Option<Diagnostic> {
        let protected: Vec<String> = state
            .records
            .iter()
            .filter(|(_, record)| record.id.is_some())
            .filter_map(|(address, record)| {
                let by = session.kinds().protection(record)?;
                Some(format!("{address} ({by})"))
            })
            .collect();
        if protected.is_empty() {
            return None;
        }
        let then = match replaced_by {
            [] => "destroy",
            _ => "change what needs another composite",
        };
        let at = replaced_by
            .first()
            .cloned()
            .unwrap_or_else(|| AttributePath::attribute("deletion_protection"));
        let refusal = Diagnostic::error(
            format!("Parts of {} {} are protected", self.def.name, state.name()),
            format!(
                "AWS refuses to delete {}. Set deletion_protection = false for them and apply, then {then}.",
                protected.join(", ")
            ),
        );
        Some(refusal.at(at))
    }

    /// Whether data that others left inside goes with the composite.
    pub(super) fn removes_left_data(&self, state: &State) -> bool {
        self.decoded(state)
            .is_ok_and(|spec| spec.removes_left_data())
    }

    /// Warns of what is inside and is no part: what goes with the composite, and what may keep AWS from deleting it.
    pub(super) async fn foretell_destroy(&self, session: &Session, state: &State) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        if session.identity().await.is_err() {
            return diagnostics;
        }
        let engine = session
            .engine(state.region())
            .removing_left_data(self.removes_left_data(state));
        let owner = self.owner(state.region(), state.name());
        let look = engine.left_inside(&owner, &state.records);
        let found = tokio::time::timeout(PATIENCE, look)
            .await
            .unwrap_or_default();
        for inside in found {
            let mut detail = Vec::new();
            if !inside.removed.is_empty() {
                detail.push(format!(
                    "The destroy removes with it what nobody needs any more:\n  {}",
                    inside.removed.join("\n  ")
                ));
            }
            if !inside.kept.is_empty() {
                detail.push(format!(
                    "These are left alone, and AWS may refuse to delete {} as long as they are there:\n  {}",
                    inside.id,
                    inside.kept.join("\n  ")
                ));
            }
            if !inside.data.is_empty() {
                detail.push(format!(
                    "These hold data and stay, unless delete_cluster_volumes = true is applied before:\n  {}",
                    inside.data.join("\n  ")
                ));
            }
            diagnostics.push(Diagnostic::warning(
                format!("{} holds what is not part of {}", inside.id, state.name()),
                detail.join("\n"),
            ));
        }
        diagnostics
    }
}
