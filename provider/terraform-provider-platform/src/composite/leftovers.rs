//! What runs that were killed left behind at addresses that the configuration no longer has.
//!
//! What is left at an address that is still asked for is found by looking for that part. The rest only its owner's tags show,
//! so it is asked for where there is reason to: before a composite is created, while it is not complete, and when it goes.
//!
//! What can't carry tags (a route, a rule of a network ACL) and is inside of what stays could as well be somebody else's. Of a
//! composite that was never complete it is not; later, the run that made it [signed](Signature) for it.
//!
//! # Guarantees
//! What is left over is told in warnings and is no value of a plan: Terraform plans once more while it applies and wants the same
//! plan, and by then what was being deleted may be gone, and what a killed run asked for last may be there.

use std::collections::BTreeMap;

use platform_composites::schema::Expand;
use platform_engine::Traces;
use platform_graph::{Graph, Kinds, Plan, Problems, Records, Tags};
use serde_json::{Value as Json, json};

use super::intent::{Ground, Intent, refusals};
use super::seal::{Sealed, Signature};

/// What is handed from plan to apply.
const LEFT_BEHIND: &str = "left_behind";
/// Why something goes that no state knows.
const WHY: &str = "an earlier run left it behind, and the configuration does not ask for it";

/// What the plan of a composite without a state hands to its apply: whether an earlier run left anything.
pub fn hand_over(left_behind: bool) -> Vec<u8> {
    match left_behind {
        true => json!({ LEFT_BEHIND: true }).to_string().into_bytes(),
        false => Vec::new(),
    }
}

/// Whether the plan saw that an earlier run had left something.
pub fn is_handed_over(private: &[u8]) -> bool {
    let kept: Json = serde_json::from_slice(private).unwrap_or_default();
    kept[LEFT_BEHIND] == true
}

/// What tells which of the resources without tags, inside of what is recorded, runs made that were killed, by the
/// [tags of the anchor](Ground::seal_on) and the signatures that the state remembers, if there is one.
pub fn traces(seal: &Tags, has_state: bool, known: &[String]) -> Traces {
    if !Sealed::is_in(seal) && !has_state {
        return Traces::Presence;
    }
    Signature::unfinished(seal, known).map_or(Traces::None, Traces::Marks)
}

impl Ground<'_> {
    /// The seal and the signatures that the recorded anchor carries now; none when it is not recorded or can't be looked at.
    pub async fn seal_on(&self, anchor: &str, known: &Records) -> Tags {
        let Some(record) = known.get(anchor) else {
            return Tags::new();
        };
        let records = Records::from([(anchor.to_owned(), record.clone())]);
        let mut found = self.engine.refresh(&self.owner, &records).await;
        found.seals.remove(anchor).unwrap_or_default()
    }

    /// What of the leftovers may not go.
    pub fn refuse(&self, spec: &dyn Expand, leftovers: &Records, problems: &mut Problems) {
        let nothing = Graph::new(self.owner.clone(), Tags::new());
        let kinds = self.session.kinds();
        let plan = Plan::new(kinds, &nothing, leftovers, &spec.limits());
        refusals(&plan.refusals, problems);
    }

    /// What carries this owner's tags besides the parts of the graph and what is recorded, with what is inside of it. What holds
    /// data is named in `problems` and left alone unless the configuration allows to delete it.
    pub async fn leftovers(
        &self,
        spec: &dyn Expand,
        graph: &Graph,
        known: &Records,
        traces: &Traces,
        problems: &mut Problems,
    ) -> Records {
        let found = self.engine.leftovers(graph, known, traces).await;
        let mut records = found.records;
        for problem in found.problems.iter() {
            // What may not be asked is no reason not to go on: most of it is never used.
            tracing::warn!(%problem, owner = %self.owner, "leftovers");
        }
        let allowed = spec.limits().delete;
        let kept = keep_data(self.session.kinds(), &mut records, &|address| {
            allowed.contains(address)
        });
        for (address, (kind, id)) in kept {
            problems.warning(
                ["allow_delete"],
                format!("{address} was left behind and holds data"),
                format!(
                    "{kind} {id} carries the tags of {}, and neither the configuration nor the state has it. It is left alone. To delete it, \
                     write allow_delete = [\"{address}\"], or run terraform-provider-platform sweep.",
                    self.owner
                ),
            );
        }
        if !records.is_empty() {
            let listed: Vec<String> = records
                .iter()
                .map(|(address, record)| {
                    let id = record.id.as_deref().unwrap_or_default();
                    format!("{address} ({} {id})", record.kind)
                })
                .collect();
            problems.warning(
                ["name"],
                format!(
                    "An earlier run left {} AWS resources of {} that are no longer asked for",
                    records.len(),
                    self.owner
                ),
                format!(
                    "They carry its tags and are in no state. Apply deletes them:\n  {}",
                    listed.join("\n  ")
                ),
            );
        }
        records
    }
}

/// Takes what holds data, and is not allowed to go, out of what is left over: type and id by address.
pub fn keep_data(
    kinds: &Kinds,
    records: &mut Records,
    allowed: &dyn Fn(&str) -> bool,
) -> BTreeMap<String, (String, String)> {
    let mut kept = BTreeMap::new();
    records.retain(|address, record| {
        if kinds.holds_data(record) && !allowed(address) {
            let id = record.id.clone().unwrap_or_default();
            kept.insert(address.clone(), (record.kind.clone(), id));
            return false;
        }
        true
    });
    kept
}

impl Intent {
    /// Says of what was left behind why it goes.
    pub fn explain(&mut self, leftovers: &Records) {
        for address in leftovers.keys() {
            if let Some(step) = self.plan.steps.get_mut(address) {
                WHY.clone_into(&mut step.why);
            }
        }
    }
}
