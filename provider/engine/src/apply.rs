//! Applying a plan, and taking everything down, which is the plan that deletes all that is recorded.

use platform_graph::{Graph, Kinds, Limits, Owner, Plan, Reason, Records, Tags};

use crate::run::Run;
use crate::{Cancel, Engine, Outcome, PartFailure, Watch};

/// What to apply.
#[derive(Debug, Clone)]
pub struct ApplyRequest<'a> {
    /// What is asked for.
    pub graph: &'a Graph,
    /// What is recorded: that from which the plan was made.
    pub records: &'a Records,
    /// What is to happen.
    pub plan: &'a Plan,
    /// Stops the run.
    pub cancel: Cancel,
    /// Who wants to know how it goes.
    pub watch: Watch,
}

impl Engine {
    /// Brings AWS to what a graph says.
    ///
    /// Never panics because of a kind, and always tells what exists. A plan with refusals is not applied at all.
    pub async fn apply(&self, request: ApplyRequest<'_>) -> Outcome {
        let ApplyRequest { records, plan, .. } = request;
        if !plan.refusals.is_empty() {
            let failures = plan.refusals.iter().map(|refusal| PartFailure {
                address: refusal.address.clone(),
                kind: refusal.kind.clone(),
                id: records
                    .get(&refusal.address)
                    .and_then(|record| record.id.clone()),
                action: if refusal.changed.is_empty() {
                    "delete"
                } else {
                    "replace"
                },
                reason: match refusal.reason {
                    Reason::HoldsData => {
                        "it holds data and the configuration does not name it".to_owned()
                    }
                    Reason::Protected(by) => format!("{by} protects it"),
                },
                error: None,
            });
            return Outcome {
                records: records.clone(),
                failures: failures.collect(),
                ..Outcome::default()
            };
        }
        Run::new(self, request).complete().await
    }

    /// Deletes everything recorded, dependents first. What is allowed to go was decided before: nothing is refused here.
    pub async fn destroy(
        &self,
        owner: &Owner,
        records: &Records,
        cancel: Cancel,
        watch: Watch,
    ) -> Outcome {
        let graph = Graph::new(owner.clone(), Tags::new());
        let plan = destruction(self.kinds(), &graph, records);
        self.apply(ApplyRequest {
            graph: &graph,
            records,
            plan: &plan,
            cancel,
            watch,
        })
        .await
    }
}

/// The plan that deletes everything recorded.
fn destruction(kinds: &Kinds, graph: &Graph, records: &Records) -> Plan {
    let limits = Limits {
        delete: records.keys().cloned().collect(),
        ..Limits::default()
    };
    Plan::new(kinds, graph, records, &limits)
}
