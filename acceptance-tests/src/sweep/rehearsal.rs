//! The learning pass: what a scenario does when nothing disturbs it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::footprint::{Footprint, Untouched};
use super::point::Phase;
use super::scenario::Scenario;
use super::trial;
use super::world::{World, ending};
use crate::{Call, Outcome};

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
        let mut changes = Vec::new();
        for phase in scenario.phases() {
            world.stage(phase)?;
            let (again, once) = run(&world, phase)?;
            let (next, twice) = run(&world, phase)?;
            let expected = next.footprint()?;
            again
                .footprint()?
                .expect(&expected, "after the same run a second time")?;
            if phase == Phase::Destroy {
                expected.expect(&empty, "after the destroy")?;
            } else {
                next.expect_settled()?;
            }
            types.extend(next.types()?);
            let is_protected = phase == Phase::Create && is_protected(&next)?;
            let mut begin = std::mem::replace(&mut world, next);
            if is_protected {
                begin.keep();
            }
            let start = Start {
                world: begin,
                calls: once.len().max(twice.len()),
                expected,
            };
            starts.insert(phase, start);
            changes.extend(once.into_iter().chain(twice));
        }
        let footprints = starts.values().map(|start: &Start| &start.expected);
        let footprints: Vec<&Footprint> = footprints.chain([&empty]).collect();
        let untouched = Arc::new(Untouched::of(&footprints, &changes));
        for start in starts.values_mut() {
            start.world.rely_on(&untouched);
        }
        Ok(Self {
            scenario: scenario.clone(),
            starts,
            empty,
            types,
        })
    }
}

/// Whether what there is may not be destroyed before it is updated.
fn is_protected(world: &World) -> Outcome<bool> {
    let run = world.fork()?.run(trial::arguments(Phase::Destroy))?;
    Ok(run.code != Some(0) && ending(&run).contains("deletion_protection"))
}

/// Runs a phase in a fork; returns that and its mutating calls.
fn run(world: &World, phase: Phase) -> Outcome<(World, Vec<Call>)> {
    let fork = world.fork()?;
    fork.complete_phase(phase)?;
    let mut calls = fork.proxy.calls();
    calls.retain(Call::is_mutating);
    Ok((fork, calls))
}
