//! One disturbed run, one more run, and the verdict.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use super::footprint::Footprint;
use super::point::{Case, Disturbance, Phase, Variant};
use super::world::{World, ending};
use crate::terraform::Running;
use crate::{Call, Failure, Fault, Outcome, Run, Weather, ensure};

/// How long an interrupted run may take to end.
pub const EXIT_DEADLINE: Duration = Duration::from_secs(5);

/// So much every call takes longer while an interrupt is awaited, so that it meets calls under way.
const LATENCY: Duration = Duration::from_millis(20);

/// Of the trials at a call, what this one left is destroyed as well. For the others the rehearsed destroy speaks: account and
/// state are those that it began with, to the letter.
const DESTROYED: (Disturbance, Variant) = (Disturbance::Kill, Variant::Withheld);

/// How long a lost call stays unanswered after the interrupt.
const SILENCE: Duration = Duration::from_millis(200);

/// Terraform's arguments for a phase. What it says is for programs: for people it would render every plan, a tenth of its time.
pub fn arguments(phase: Phase) -> &'static [&'static str] {
    match phase {
        Phase::Create | Phase::Update => &["apply", "-auto-approve", "-json"],
        Phase::Destroy => &["destroy", "-auto-approve", "-json"],
    }
}

/// What a disturbed run was like.
#[derive(Debug)]
pub struct Disturbed {
    /// The call at which it was disturbed, as IAM writes it.
    pub action: String,
    /// How long it went on after an interrupt.
    pub exit: Option<Duration>,
    run: Run,
}

impl Disturbed {
    fn told(&self) -> String {
        format!(
            "The disturbed run had been hit at {} and ended so:\n{}",
            self.action,
            ending(&self.run)
        )
    }
}

/// Runs a phase in a world, disturbs it at the mutating call number `at`, kills the next run at its call number `again` if it makes so
/// many, runs it once more, and judges what there is then: `expected` after the phase, `empty` after a destroy. What a create or an update
/// leaves after a kill whose reply is withheld is destroyed as well, unless its configuration forbids it.
pub fn run(
    world: &World,
    case: Case,
    (at, again): (usize, Option<usize>),
    expected: &Footprint,
    empty: &Footprint,
) -> Outcome<Disturbed> {
    let disturbed = disturb(world, case, at)?.map_err(|run| {
        Failure::new(format!(
            "the run ended before its mutating call {at}:\n{}",
            ending(&run)
        ))
    })?;
    let mut told = disturbed.told();
    if let Some(again) = again {
        let kill = Case {
            disturbance: Disturbance::Kill,
            ..case
        };
        told = match disturb(world, kill, again)? {
            Ok(second) => format!("{told}\n{}", second.told()),
            Err(run) => {
                ensure!(run.code == Some(0), "{}\n{told}", ending(&run));
                told
            }
        };
    }
    judge(world, case, expected, empty)
        .map_err(|failure| Failure::new(format!("{failure:?}\n{told}")))?;
    Ok(disturbed)
}

fn judge(world: &World, case: Case, expected: &Footprint, empty: &Footprint) -> Outcome<()> {
    world.complete_phase(case.phase)?;
    if case.phase == Phase::Destroy {
        return world.footprint()?.expect(empty, "after the second destroy");
    }
    world
        .footprint()?
        .expect(expected, "after one more apply")?;
    world.expect_settled()?;
    if (case.disturbance, case.variant) != DESTROYED || world.is_kept() {
        return Ok(());
    }
    world.complete_phase(Phase::Destroy)?;
    world
        .footprint()?
        .expect(empty, "after everything was destroyed")
}

/// Runs a phase until the disturbance ends it; a run that ends by itself before is returned.
fn disturb(world: &World, case: Case, at: usize) -> Outcome<Result<Disturbed, Run>> {
    let interrupts = case.disturbance == Disturbance::Interrupt;
    if interrupts {
        world.proxy.set_weather(Weather {
            latency: LATENCY,
            ..Weather::default()
        });
    }
    let struck = world.proxy.place(Fault {
        at,
        delivery: case.variant.delivery(),
        freeze: !interrupts,
    });
    let mut running = world.spawn(arguments(case.phase))?;
    let Some(call) = wait_for(&struck, &mut running)? else {
        world.proxy.thaw();
        world.proxy.set_weather(Weather::default());
        return Ok(Err(running.wait()?));
    };
    let mut exit = None;
    let run = match case.disturbance {
        Disturbance::Kill => {
            running.kill();
            running.wait()?
        }
        Disturbance::KillProvider => {
            running.kill_providers();
            running.wait()?
        }
        Disturbance::Interrupt => {
            running.interrupt();
            if case.variant != Variant::Delivered {
                thread::sleep(SILENCE);
                world.proxy.cut();
            }
            let last_reply = Instant::now();
            let run = running.wait()?;
            exit = Some(last_reply.elapsed());
            run
        }
    };
    world.proxy.thaw();
    world.proxy.set_weather(Weather::default());
    if let Some(exit) = exit {
        ensure!(
            exit < EXIT_DEADLINE,
            "it took {exit:?} to end after Ctrl-C at {}:\n{}",
            call.name(),
            ending(&run)
        );
    }
    Ok(Ok(Disturbed {
        action: call.name(),
        exit,
        run,
    }))
}

/// Waits until the fault strikes; `None` if the run ends before.
fn wait_for(struck: &Receiver<Call>, running: &mut Running) -> Outcome<Option<Call>> {
    loop {
        match struck.recv_timeout(Duration::from_millis(20)) {
            Ok(call) => return Ok(Some(call)),
            Err(RecvTimeoutError::Disconnected) => return Ok(None),
            Err(RecvTimeoutError::Timeout) => {
                if running.has_ended()? {
                    // It may have struck in the meantime.
                    return Ok(struck.try_recv().ok());
                }
            }
        }
    }
}
