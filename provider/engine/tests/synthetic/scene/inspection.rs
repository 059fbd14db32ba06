//! What there is to see when processes have ended.

use std::collections::BTreeSet;

use platform_engine::{ApplyRequest, Cancel, ErrorKind, Outcome, PartFailure, Watch};
use platform_graph::{Limits, Plan, diff};

use super::super::kinds::kinds;
use super::super::platform::{Platform, owner};
use super::{Scene, failures, steps};

impl Scene {
    pub(super) fn check_nothing_is_left(&self) {
        let ours = |id: &str| !self.world.with(|state| state.rules.is_strange(id));
        let left: Vec<String> = self
            .world
            .objects()
            .into_iter()
            .filter(|object| object.kind != "Preset" && ours(&object.id))
            .map(|object| object.id)
            .collect();
        assert_eq!(left, Vec::<String>::new(), "left after the destruction");
        assert!(
            self.records.is_empty(),
            "recorded: {:?}",
            self.records.keys()
        );
    }

    /// AWS holds exactly what the graph says, the next plan is empty, and applying it changes nothing.
    pub(super) async fn check(&mut self, platform: &Platform) {
        let (engine, graph) = (self.engine(), platform.graph());
        let refreshed = engine.refresh(&owner(), &self.records).await;
        assert!(refreshed.problems.is_empty(), "{:?}", refreshed.problems);
        // An attribute may appear late; nobody waits for one that no part refers to.
        let mut told = self.records.clone();
        for (address, record) in &mut told {
            record.attributes = refreshed
                .records
                .get(address)
                .and_then(|now| now.attributes.clone());
        }
        assert_eq!(refreshed.records, told, "what is recorded is what is there");
        let plan = Plan::new(&kinds(), &graph, &refreshed.records, &Limits::default());
        assert!(
            plan.is_empty(),
            "the next plan is not empty:\n{}",
            steps(&plan)
        );
        let calls = self.world.calls();
        let request = ApplyRequest {
            graph: &graph,
            records: &refreshed.records,
            plan: &plan,
            cancel: Cancel::new(),
            watch: Watch::nobody(),
        };
        let outcome = engine.apply(request).await;
        assert!(outcome.is_complete(), "{}", failures(&outcome));
        assert_eq!(self.world.calls(), calls, "an empty plan is no work");
        let objects = self.world.objects();
        let recorded: BTreeSet<&str> = self
            .records
            .values()
            .filter_map(|record| record.id.as_deref())
            .collect();
        let orphans: Vec<&str> = objects
            .iter()
            .filter(|object| object.kind != "Preset")
            .map(|object| object.id.as_str())
            .filter(|id| !self.world.with(|state| state.rules.is_strange(id)))
            .filter(|id| !recorded.contains(id))
            .collect();
        assert_eq!(orphans, Vec::<&str>::new(), "orphans");
        for (address, part) in &graph.parts {
            let id = self.records[address].id.as_ref();
            let object = objects
                .iter()
                .find(|object| Some(&object.id) == id)
                .expect("it exists");
            let kind = engine.kinds().get(part.kind).unwrap();
            let desired = plan.resolved(&self.records, &part.properties);
            let differs = diff::changed(kind, &object.properties, &desired, None);
            assert_eq!(differs, Vec::<String>::new(), "{address} {}", object.id);
        }
    }
}

/// A run may fail where AWS has failed for too long, and where what the plan meant to keep had to be made anew.
pub(super) fn assert_excusable(outcome: &Outcome) {
    let is_lasting = |failure: &&PartFailure| {
        let passing = [
            ErrorKind::Throttled,
            ErrorKind::Transient,
            ErrorKind::Ambiguous,
        ];
        let excused = failure.action == "keep"
            || failure
                .error
                .as_ref()
                .is_some_and(|error| passing.contains(&error.kind));
        !excused
    };
    let lasting = outcome.failures.iter().find(is_lasting);
    assert!(lasting.is_none(), "{}", failures(outcome));
}
