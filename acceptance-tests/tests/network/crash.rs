//! Crashes and interrupts at mutating calls: one more apply must end where an undisturbed one ends.
//!
//! Each sweep places its fault at three calls, from the first to the last; `ACCEPTANCE_SWEEP=all` places it at every
//! one.

use std::collections::BTreeMap;
use std::env;
use std::time::{Duration, Instant};

use acceptance_tests::{Delivery, Failure, Fault, Flavor, Outcome, Run, Stage, Weather, ensure};

use crate::configuration::{NETWORK, Network, PRIVATE, PUBLIC, SMALL};

/// How long an interrupted run may take to end after its last reply.
const EXIT_DEADLINE: Duration = Duration::from_secs(5);

/// What is under way when the fault strikes: one configuration after another, or the end of one.
#[derive(Debug, Clone, Copy)]
struct Phase {
    from: Option<Network>,
    to: Option<Network>,
}

const CREATE: Phase = Phase {
    from: None,
    to: Some(SMALL),
};
const UPDATE: Phase = Phase {
    from: Some(SMALL),
    to: Some(Network {
        zones: 2,
        tiers: &[PUBLIC, PRIVATE],
        nat: "per_zone",
        ..SMALL
    }),
};
const DESTROY: Phase = Phase {
    from: Some(SMALL),
    to: None,
};

/// How the run is disturbed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Disturbance {
    /// Terraform and the provider die at once.
    Kill(Delivery),
    /// Only the provider dies.
    KillProvider,
    /// Ctrl-C.
    Interrupt,
}

impl Phase {
    fn prepare(&self, stage: &Stage) -> Outcome<()> {
        if let Some(network) = self.from {
            stage.settle(&network.hcl(), NETWORK)?;
        }
        if let Some(network) = self.to {
            stage.terraform.write(&network.hcl())?;
        }
        Ok(())
    }

    fn arguments(&self) -> [&'static str; 3] {
        [
            if self.to.is_some() {
                "apply"
            } else {
                "destroy"
            },
            "-auto-approve",
            "-no-color",
        ]
    }

    /// Runs the phase to its end and expects what an undisturbed run leaves.
    fn finish(&self, stage: &Stage) -> Outcome<BTreeMap<&'static str, usize>> {
        match self.to {
            Some(network) => {
                stage.settle(&network.hcl(), NETWORK)?;
                network.expect_in(stage)?;
            }
            None => stage.strike()?,
        }
        Ok(stage.made()?.counts())
    }
}

/// Mutating calls at which to strike, of `calls` in all.
fn points(calls: usize) -> Vec<usize> {
    const SAMPLE: usize = 3;
    if calls <= SAMPLE || env::var("ACCEPTANCE_SWEEP").is_ok_and(|sweep| sweep == "all") {
        return (1..=calls).collect();
    }
    (0..SAMPLE)
        .map(|nth| 1 + nth * (calls - 1) / (SAMPLE - 1))
        .collect()
}

fn sweep(phase: Phase, disturbance: Disturbance) -> Outcome<()> {
    sweep_on(Flavor::Moto, phase, disturbance, points)
}

/// The same on another emulator, where a fresh account takes longer: at the call in the middle.
fn strike_midway(flavor: Flavor, phase: Phase, disturbance: Disturbance) -> Outcome<()> {
    sweep_on(flavor, phase, disturbance, |calls| vec![calls.div_ceil(2)])
}

fn sweep_on(
    flavor: Flavor,
    phase: Phase,
    disturbance: Disturbance,
    points: fn(usize) -> Vec<usize>,
) -> Outcome<()> {
    let Some(mut stage) = Stage::on(flavor)? else {
        return Ok(());
    };
    phase.prepare(&stage)?;
    stage.proxy.forget();
    stage.terraform.run(&phase.arguments())?.succeeded()?;
    let calls = stage.proxy.mutating();
    let undisturbed = phase.finish(&stage)?;
    if flavor == Flavor::Moto {
        stage.reset()?;
    } else if phase.to.is_some() {
        // A new account is a new process there; an empty one does as well.
        stage.strike()?;
    }

    let mut failures = Vec::new();
    let points = points(calls);
    for &at in &points {
        let outcome = disturb(&stage, phase, disturbance, at, &undisturbed);
        if let Err(failure) = outcome {
            failures.push(format!("call {at} of {calls}: {failure:?}"));
            if flavor == Flavor::Moto {
                stage.reset()?;
            }
        }
    }
    ensure!(
        failures.is_empty(),
        "{disturbance:?} went wrong at {} of {} points:\n{}",
        failures.len(),
        points.len(),
        failures.join("\n")
    );
    Ok(())
}

/// Disturbs one run at one call and expects that one more run makes everything right.
fn disturb(
    stage: &Stage,
    phase: Phase,
    disturbance: Disturbance,
    at: usize,
    undisturbed: &BTreeMap<&'static str, usize>,
) -> Outcome<()> {
    phase.prepare(stage)?;
    let run = match disturbance {
        Disturbance::Interrupt => interrupt(stage, phase, at)?,
        Disturbance::Kill(delivery) => kill(
            stage,
            phase,
            Fault {
                at,
                delivery,
                freeze: true,
            },
            true,
        )?,
        Disturbance::KillProvider => kill(
            stage,
            phase,
            Fault {
                at,
                delivery: Delivery::Withheld,
                freeze: true,
            },
            false,
        )?,
    };
    let context = |failure: Failure| {
        Failure::new(format!(
            "{failure:?}\nafter the disturbed run:\n{}",
            run.text()
        ))
    };
    let counts = phase.finish(stage).map_err(context)?;
    ensure!(
        counts == *undisturbed,
        "undisturbed {undisturbed:?}, but now {counts:?}\n{}",
        run.text()
    );
    if phase.to.is_some() {
        stage.strike().map_err(context)?;
    }
    Ok(())
}

fn kill(stage: &Stage, phase: Phase, fault: Fault, terraform_too: bool) -> Outcome<Run> {
    let struck = stage.proxy.place(fault);
    let running = stage.terraform.spawn(&phase.arguments())?;
    let reached = struck.recv_timeout(Duration::from_secs(60));
    if terraform_too {
        running.kill()
    } else {
        running.kill_providers()
    }
    let run = running.wait()?;
    stage.proxy.thaw();
    ensure!(
        reached.is_ok(),
        "the run ended before the fault struck:\n{}",
        run.text()
    );
    ensure!(
        run.code != Some(0),
        "a killed run cannot succeed:\n{}",
        run.text()
    );
    Ok(run)
}

fn interrupt(stage: &Stage, phase: Phase, at: usize) -> Outcome<Run> {
    stage.proxy.set_weather(Weather {
        latency: Duration::from_millis(20),
        ..Weather::default()
    });
    let struck = stage.proxy.place(Fault {
        at,
        delivery: Delivery::Delivered,
        freeze: false,
    });
    let running = stage.terraform.spawn(&phase.arguments())?;
    let reached = struck.recv_timeout(Duration::from_secs(60));
    running.interrupt();
    let interrupted = Instant::now();
    let run = running.wait()?;
    let took = interrupted.elapsed();
    stage.proxy.thaw();
    stage.proxy.set_weather(Weather::default());
    ensure!(
        reached.is_ok(),
        "the run ended before the fault struck:\n{}",
        run.text()
    );
    ensure!(
        took < EXIT_DEADLINE,
        "it took {took:?} to end after Ctrl-C:\n{}",
        run.text()
    );
    Ok(run)
}

macro_rules! sweeps {
    ($($name:ident: $phase:expr, $disturbance:expr;)*) => {
        $(#[test]
        fn $name() -> Outcome<()> {
            sweep($phase, $disturbance)
        })*
    };
}

sweeps! {
    create_survives_a_kill_with_the_reply_lost: CREATE, Disturbance::Kill(Delivery::Withheld);
    create_survives_a_kill_with_the_reply_delivered: CREATE, Disturbance::Kill(Delivery::Delivered);
    create_survives_a_kill_before_the_call: CREATE, Disturbance::Kill(Delivery::NeverSent);
    create_survives_the_death_of_the_provider: CREATE, Disturbance::KillProvider;
    create_survives_ctrl_c: CREATE, Disturbance::Interrupt;
    update_survives_a_kill_with_the_reply_lost: UPDATE, Disturbance::Kill(Delivery::Withheld);
    update_survives_a_kill_with_the_reply_delivered: UPDATE, Disturbance::Kill(Delivery::Delivered);
    update_survives_a_kill_before_the_call: UPDATE, Disturbance::Kill(Delivery::NeverSent);
    update_survives_ctrl_c: UPDATE, Disturbance::Interrupt;
    destroy_survives_a_kill_with_the_reply_lost: DESTROY, Disturbance::Kill(Delivery::Withheld);
    destroy_survives_a_kill_with_the_reply_delivered: DESTROY, Disturbance::Kill(Delivery::Delivered);
    destroy_survives_a_kill_before_the_call: DESTROY, Disturbance::Kill(Delivery::NeverSent);
    destroy_survives_ctrl_c: DESTROY, Disturbance::Interrupt;
}

#[test]
fn create_survives_a_kill_on_localstack() -> Outcome<()> {
    strike_midway(
        Flavor::LocalStack,
        CREATE,
        Disturbance::Kill(Delivery::Withheld),
    )
}

#[test]
fn update_survives_a_dead_provider_on_localstack() -> Outcome<()> {
    strike_midway(Flavor::LocalStack, UPDATE, Disturbance::KillProvider)
}

#[test]
fn destroy_survives_ctrl_c_on_localstack() -> Outcome<()> {
    strike_midway(Flavor::LocalStack, DESTROY, Disturbance::Interrupt)
}
