//! The learning pass: what a scenario does when nothing disturbs it.

use std::collections::{BTreeMap, BTreeSet};

use super::footprint::Footprint;
use super::point::Phase;
use super::scenario::Scenario;
use super::world::World;
use crate::Outcome;

/// What is known of a scenario before it is disturbed.
pub struct Rehearsal {
    /// The scenario.
    pub scenario: Scenario,
    /// What each phase starts from and must end with.
    pub starts: BTreeMap<Phase, Start>,
    /// The empty account.
    pub empty: Footprint,
    /// CloudFormation types of all parts that existed at some time.
    pub types: BTreeSet<String>,
}

/// A phase that is about to begin.
pub struct Start {
    /// What it begins with; only forks of it go on.
    pub world: World,
    /// How many mutating calls it makes undisturbed.
    pub calls: usize,
    /// What it leaves undisturbed.
    pub expected: Footprint,
}

impl Rehearsal {
    /// Runs every phase of a scenario twice, and expects both times to leave the same.
    pub fn of(scenario: &Scenario) -> Outcome<Self> {
        let mut world = World::forkable(scenario)?;
        let empty = world.footprint()?;
        let mut starts = BTreeMap::new();
        let mut types = BTreeSet::new();
        for phase in scenario.phases() {
            world.stage(phase)?;
            let again = run(&world, phase)?;
            let (next, calls) = run(&world, phase)?;
            let expected = next.footprint()?;
            again
                .0
                .footprint()?
                .expect(&expected, "after the same run a second time")?;
            if phase == Phase::Destroy {
                expected.expect(&empty, "after the destroy")?;
            } else {
                next.expect_settled()?;
            }
            types.extend(next.types()?);
            let start = Start {
                world: std::mem::replace(&mut world, next),
                calls: calls.max(again.1),
                expected,
            };
            starts.insert(phase, start);
        }
        Ok(Self {
            scenario: scenario.clone(),
            starts,
            empty,
            types,
        })
    }
}

/// Runs a phase in a fork; returns that and how many mutating calls it made.
fn run(world: &World, phase: Phase) -> Outcome<(World, usize)> {
    let fork = world.fork()?;
    fork.complete_phase(phase)?;
    let calls = fork.proxy.mutating();
    Ok((fork, calls))
}
