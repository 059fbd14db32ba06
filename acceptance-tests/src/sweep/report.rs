//! Runs trials in parallel and says how they ended.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::point::{Case, Disturbance};
use super::rehearsal::Rehearsal;
use super::trial;
use crate::{Failure, Outcome};

/// Where to disturb a rehearsed scenario.
#[derive(Clone, Copy)]
pub struct Point<'a> {
    /// What is disturbed.
    pub rehearsal: &'a Rehearsal,
    /// How.
    pub case: Case,
    /// At which mutating call, counted from 1.
    pub at: usize,
    /// At which of its own the next run is killed as well.
    pub again: Option<usize>,
}

/// How the trial at a point ended.
struct Ending {
    /// The call that was hit, and how long the run went on after an interrupt.
    clean: Outcome<(String, Option<Duration>)>,
    took: Duration,
}

/// How a sweep ended.
pub struct Report<'a> {
    endings: Vec<(Point<'a>, Ending)>,
    /// Wall time of all trials.
    pub wall: Duration,
}

/// Disturbs at every point, `jobs` at a time; `progress` hears of each end: the point, how many are done, and the
/// failure if it was not clean.
pub fn sweep<'a>(
    points: &[Point<'a>],
    jobs: usize,
    progress: &(dyn Fn(&Point<'a>, usize, Option<&Failure>) + Sync),
) -> Report<'a> {
    let started = Instant::now();
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let endings = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                while let Some(point) = points.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let begun = Instant::now();
                    let clean = try_at(point);
                    let number = done.fetch_add(1, Ordering::Relaxed) + 1;
                    progress(point, number, clean.as_ref().err());
                    let ending = Ending {
                        clean,
                        took: begun.elapsed(),
                    };
                    endings
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push((*point, ending));
                }
            });
        }
    });
    let mut endings = endings.into_inner().unwrap_or_else(PoisonError::into_inner);
    endings.sort_by_key(|(point, _)| (point.rehearsal.scenario.name.clone(), point.case, point.at));
    Report {
        endings,
        wall: started.elapsed(),
    }
}

fn try_at(point: &Point<'_>) -> Outcome<(String, Option<Duration>)> {
    let start = (point.rehearsal.starts.get(&point.case.phase)).ok_or_else(|| {
        Failure::new(format!(
            "{} has no {}",
            point.rehearsal.scenario.name, point.case.phase
        ))
    })?;
    let world = start.world.fork()?;
    let disturbed = trial::run(
        &world,
        point.case,
        (point.at, point.again),
        &start.expected,
        &point.rehearsal.empty,
    )?;
    Ok((disturbed.action, disturbed.exit))
}

impl Point<'_> {
    /// The command that disturbs here alone.
    pub fn command(&self) -> String {
        let again = self.again.map(|at| format!(" --again {at}"));
        format!(
            "cargo xtask test sweep --scenario {} --phase {} --at {} --variant {} --disturbance {}{}",
            self.rehearsal.scenario.name,
            self.case.phase,
            self.at,
            self.case.variant,
            self.case.disturbance,
            again.unwrap_or_default()
        )
    }
}

impl Report<'_> {
    /// Points that were not clean, and why.
    pub fn failures(&self) -> Vec<(&Point<'_>, &Failure)> {
        self.endings
            .iter()
            .filter_map(|(point, ending)| Some((point, ending.clean.as_ref().err()?)))
            .collect()
    }

    /// A line per scenario and case, and the command of every point that was not clean.
    pub fn table(&self) -> String {
        let mut table = format!(
            "{:<24} {:<8} {:<13} {:<10} {:>6} {:>6} {:>9}  {}\n",
            "scenario",
            "phase",
            "disturbance",
            "reply",
            "points",
            "clean",
            "not clean",
            "longest exit"
        );
        for ((scenario, case), endings) in self.lines() {
            let clean = endings.iter().filter(|e| e.clean.is_ok()).count();
            let exit = match longest_exit(&endings) {
                Some(exit) if case.disturbance == Disturbance::Interrupt => format!("{exit:.1?}"),
                _ => String::new(),
            };
            let _ = writeln!(
                table,
                "{scenario:<24} {:<8} {:<13} {:<10} {:>6} {clean:>6} {:>9}  {exit}",
                case.phase,
                case.disturbance,
                case.variant,
                endings.len(),
                endings.len() - clean
            );
        }
        let failures = self.failures();
        let all = self.endings.len();
        let _ = writeln!(
            table,
            "\n{} of {all} points clean after one more run, in {:.0?}",
            all - failures.len(),
            self.wall
        );
        for (point, failure) in failures {
            let said = format!("{failure:?}");
            let first = said.lines().next().unwrap_or_default();
            let _ = writeln!(table, "not clean: {first}\n  {}", point.command());
        }
        table
    }

    /// Everything, for machines.
    pub fn json(&self) -> Value {
        let lines: Vec<Value> = self
            .lines()
            .into_iter()
            .map(|((scenario, case), endings)| {
                json!({
                    "scenario": scenario,
                    "phase": case.phase,
                    "variant": case.variant,
                    "disturbance": case.disturbance,
                    "points": endings.len(),
                    "clean": endings.iter().filter(|e| e.clean.is_ok()).count(),
                    "longest_exit_seconds": longest_exit(&endings).map(|exit| exit.as_secs_f64()),
                    "seconds": endings.iter().map(|e| e.took.as_secs_f64()).sum::<f64>(),
                })
            })
            .collect();
        let trials: Vec<Value> = self
            .endings
            .iter()
            .map(|(point, ending)| {
                let (action, problem) = match &ending.clean {
                    Ok((action, _)) => (Some(action), None),
                    Err(failure) => (None, Some(format!("{failure:?}"))),
                };
                json!({
                    "command": point.command(),
                    "action": action,
                    "clean": problem.is_none(),
                    "problem": problem,
                    "seconds": ending.took.as_secs_f64(),
                })
            })
            .collect();
        json!({
            "points": self.endings.len(),
            "clean": self.endings.len() - self.failures().len(),
            "seconds": self.wall.as_secs_f64(),
            "cases": lines,
            "trials": trials,
        })
    }

    fn lines(&self) -> BTreeMap<(&str, Case), Vec<&Ending>> {
        let mut lines = BTreeMap::<_, Vec<_>>::new();
        for (point, ending) in &self.endings {
            let scenario = point.rehearsal.scenario.name.as_str();
            lines
                .entry((scenario, point.case))
                .or_default()
                .push(ending);
        }
        lines
    }
}

fn longest_exit(endings: &[&Ending]) -> Option<Duration> {
    let exits = endings
        .iter()
        .filter_map(|ending| ending.clean.as_ref().ok()?.1);
    exits.max()
}
