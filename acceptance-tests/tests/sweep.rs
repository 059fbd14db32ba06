//! A sample of the sweeps: `cargo xtask test sweep` disturbs at every call, this at a few.
//!
//! Each test rehearses a phase and disturbs it in every way at the first mutating call, in the middle and at the last
//! one, turn and turn about, so that every way and every place is among them.

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
    let disturbances = [
        (Variant::Withheld, Disturbance::Kill),
        (Variant::Withheld, Disturbance::KillProvider),
        (Variant::Delivered, Disturbance::Interrupt),
    ];
    for ((phase, calls, expected), (variant, disturbance)) in rehearsed.iter().zip(disturbances) {
        world.stage(*phase)?;
        let case = Case {
            phase: *phase,
            variant,
            disturbance,
        };
        sweep::trial::run(&world, case, calls.div_ceil(2), expected, &empty)?;
    }
    Ok(())
}

/// What no emulator makes, and so no scenario holds.
const NOT_EMULATED: &[(&str, &str)] = &[(
    "AWS::EC2::VPCBlockPublicAccessOptions",
    "moto does not implement ModifyVpcBlockPublicAccessOptions",
)];

/// Every kind is found by its example; a scenario must bring it about, so that the sweeps reach it.
#[test]
fn every_kind_is_in_a_scenario() -> Outcome<()> {
    let mut kinds = BTreeSet::new();
    for entry in fs::read_dir(workspace::root().join("provider/kinds/tests/examples"))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if let Some(kind) = name.strip_suffix(".json") {
            kinds.insert(kind.replace('.', "::"));
        }
    }
    let mut made = BTreeSet::new();
    for scenario in sweep::all()? {
        let rehearsal = Rehearsal::of(&scenario)
            .map_err(|failure| Failure::new(format!("{}: {failure:?}", scenario.name)))?;
        made.extend(rehearsal.types);
    }
    for (kind, reason) in NOT_EMULATED {
        ensure!(!made.contains(*kind), "{kind} is made after all: {reason}?");
        ensure!(kinds.remove(*kind), "{kind} is no kind any more: {reason}");
    }
    let missing: Vec<&String> = kinds.difference(&made).collect();
    ensure!(
        missing.is_empty(),
        "no scenario in {} makes {missing:?}: give one of them such a part, or say in NOT_EMULATED why none can",
        sweep::folder().display()
    );
    Ok(())
}
