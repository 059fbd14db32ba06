//! A sample of the sweeps: `cargo xtask test sweep` disturbs at every call, this at a few.
//!
//! Each test rehearses a phase and disturbs it in every way at the first mutating call, in the middle and at the last
//! one, turn and turn about, so that every way and every place is among them. The run after every other one is killed as well.

use std::collections::BTreeSet;
use std::fs;
use std::num::NonZero;
use std::thread;

use acceptance_tests::sweep::{
    self, Case, Disturbance, Phase, Point, Rehearsal, Scenario, Variant,
};
use acceptance_tests::{Emulator, Failure, Flavor, Outcome, ensure, workspace};

/// Disturbs a scenario in every way, each at `places` of its mutating calls.
fn sample(name: &str, places: usize) -> Outcome<()> {
    let rehearsal = Rehearsal::of(&Scenario::named(name)?)?;
    let mut points = Vec::new();
    for (&phase, start) in &rehearsal.starts {
        for (nth, case) in Case::of(phase).into_iter().enumerate() {
            // From the first call to the last, shifted from case to case.
            let steps = places * Case::of(phase).len();
            let calls = (0..places).map(|place| {
                let step = place * Case::of(phase).len() + nth;
                1 + step * (start.calls - 1) / (steps - 1)
            });
            points.extend(calls.map(|at| Point {
                rehearsal: &rehearsal,
                case,
                at,
                // Every other one is killed once more, a few calls later.
                again: (nth % 2 == 1).then_some(1 + nth),
            }));
        }
    }
    let jobs = thread::available_parallelism().map_or(1, NonZero::get);
    let report = sweep::sweep(&points, jobs, &|_, _, _| {});
    let failures = report.failures();
    let said: Vec<String> = failures
        .iter()
        .map(|(point, failure)| format!("{}\n{failure:?}", point.command()))
        .collect();
    ensure!(
        failures.is_empty(),
        "{}\n\n{}",
        report.table(),
        said.join("\n\n")
    );
    Ok(())
}

#[test]
fn a_network_survives_every_disturbance() -> Outcome<()> {
    sample("network-small", 2)
}

#[test]
fn a_network_with_every_kind_of_part_survives_every_disturbance() -> Outcome<()> {
    sample("network", 1)
}

#[test]
fn secrets_survive_every_disturbance() -> Outcome<()> {
    sample("secrets", 1)
}

#[test]
fn backups_survive_every_disturbance() -> Outcome<()> {
    sample("backup", 1)
}

/// LocalStack can't be forked: each phase begins where the one before has ended, and is disturbed in the middle.
#[test]
fn a_network_survives_on_localstack() -> Outcome<()> {
    let Some(emulator) = Emulator::start(Flavor::LocalStack)? else {
        return Ok(());
    };
    let mut world = sweep::World::on(emulator, &Scenario::named("network-small")?)?;
    let empty = world.footprint()?;
    let mut rehearsed = Vec::new();
    for &phase in Phase::ALL {
        world.stage(phase)?;
        world.proxy.forget();
        world.complete(sweep::trial::arguments(phase))?;
        rehearsed.push((phase, world.proxy.mutating(), world.footprint()?));
    }
    // Each begins with what the one before it left: none of them may be one after which a trial destroys that.
    let disturbances = [
        (Variant::Withheld, Disturbance::KillProvider),
        (Variant::Delivered, Disturbance::Interrupt),
        (Variant::Withheld, Disturbance::Kill),
    ];
    for ((phase, calls, expected), (variant, disturbance)) in rehearsed.iter().zip(disturbances) {
        world.stage(*phase)?;
        let case = Case {
            phase: *phase,
            variant,
            disturbance,
        };
        let at = (calls.div_ceil(2), None);
        sweep::trial::run(&world, case, at, expected, &empty)?;
    }
    Ok(())
}

/// What no emulator makes, and so no scenario holds.
const NOT_EMULATED: &[(&str, &str)] = &[
    (
        "AWS::EC2::VPCBlockPublicAccessOptions",
        "moto does not implement ModifyVpcBlockPublicAccessOptions",
    ),
    ("AWS::DocDB::DBCluster", NO_DOCUMENTS),
    ("AWS::DocDB::DBClusterParameterGroup", NO_DOCUMENTS),
    ("AWS::DocDB::DBInstance", NO_DOCUMENTS),
    ("AWS::DocDB::GlobalCluster", NO_DOCUMENTS),
];
const NO_DOCUMENTS: &str = "moto has no DocumentDB, and ministack, which has it, can't be forked";

/// Every type that a composite's golden expansion holds must be in a scenario, so that the sweeps reach it.
#[test]
fn every_part_of_a_composite_is_in_a_scenario() -> Outcome<()> {
    let mut types = golden_types()?;
    let mut made = BTreeSet::new();
    for scenario in sweep::all()? {
        let rehearsal = Rehearsal::of(&scenario)
            .map_err(|failure| Failure::new(format!("{}: {failure:?}", scenario.name)))?;
        made.extend(rehearsal.types);
    }
    for (name, reason) in NOT_EMULATED {
        ensure!(!made.contains(*name), "{name} is made after all: {reason}?");
        ensure!(types.remove(*name), "no composite has {name}: {reason}");
    }
    let missing: Vec<&String> = types.difference(&made).collect();
    ensure!(
        missing.is_empty(),
        "no scenario in {} makes {missing:?}: give one of them such a part, or say in NOT_EMULATED why none can",
        sweep::folder().display()
    );
    Ok(())
}

/// CloudFormation types in the golden expansions of the composites.
fn golden_types() -> Outcome<BTreeSet<String>> {
    let mut types = BTreeSet::new();
    for composite in fs::read_dir(workspace::root().join("provider/composites/src"))? {
        let snapshots = composite?.path().join("tests/snapshots");
        if !snapshots.is_dir() {
            continue;
        }
        for snapshot in fs::read_dir(snapshots)? {
            let text = fs::read_to_string(snapshot?.path())?;
            let named = text
                .lines()
                .filter_map(|line| line.trim().strip_prefix("\"type\": \""))
                .filter_map(|rest| rest.split('"').next())
                .filter(|name| name.contains("::"));
            types.extend(named.map(str::to_owned));
        }
    }
    ensure!(
        types.contains("AWS::EC2::VPC"),
        "the golden expansions are read wrongly: {types:?}"
    );
    Ok(types)
}
