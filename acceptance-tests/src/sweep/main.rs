//! Sweeps scenarios: disturbs a run at every mutating call and judges what one more run makes of it.
//!
//! `cargo xtask test sweep` builds the provider, gets the tools and starts this.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a sweep prints its table"
)]

use std::fs;
use std::num::NonZero;
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;
use std::time::Instant;

use acceptance_tests::sweep::{
    self, Case, Disturbance, Phase, Point, Rehearsal, Scenario, Variant,
};
use acceptance_tests::{Failure, Outcome, ensure, workspace};
use clap::Parser;

/// Disturbs runs at their mutating calls.
#[derive(Parser)]
struct Arguments {
    /// Where to write the report, as JSON.
    #[arg(long)]
    output: PathBuf,
    /// A scenario of this project or a folder; all of this project if it is left out.
    #[arg(long = "scenario")]
    scenarios: Vec<String>,
    /// Only this phase.
    #[arg(long)]
    phase: Option<Phase>,
    /// Only at this mutating call, counted from 1.
    #[arg(long)]
    at: Option<usize>,
    /// Only this fate of the call.
    #[arg(long)]
    variant: Option<Variant>,
    /// Only this disturbance.
    #[arg(long)]
    disturbance: Option<Disturbance>,
    /// Kill the run after the disturbed one too, at this mutating call of its own.
    #[arg(long)]
    again: Option<usize>,
    /// Only so many points, evenly spread over all that are left.
    #[arg(long)]
    sample: Option<usize>,
    /// How many trials run at a time; two per processor if it is left out.
    #[arg(long)]
    jobs: Option<usize>,
    /// Sweeps hashicorp/aws too, on a small network.
    #[arg(long)]
    incumbent: bool,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure:?}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Outcome<()> {
    let started = Instant::now();
    let scenarios = scenarios(arguments)?;
    let rehearsals = rehearse(&scenarios)?;
    for rehearsal in &rehearsals {
        let calls: Vec<String> = rehearsal
            .starts
            .iter()
            .map(|(phase, start)| format!("{} of {phase}", start.calls))
            .collect();
        println!(
            "{}: mutating calls: {}",
            rehearsal.scenario.name,
            calls.join(", ")
        );
    }
    let points = points(arguments, &rehearsals);
    ensure!(!points.is_empty(), "there is no such point");
    let jobs = arguments
        .jobs
        .unwrap_or_else(|| 2 * thread::available_parallelism().map_or(1, NonZero::get));
    println!("{} points, {jobs} at a time", points.len());
    let report = sweep::sweep(&points, jobs, &|point, done, failure| {
        if let Some(failure) = failure {
            println!("NOT CLEAN {}\n{failure:?}\n", point.command());
        } else if done.is_multiple_of(20) {
            println!("{done} of {} after {:.0?}", points.len(), started.elapsed());
        }
    });
    println!("\n{}", report.table());
    fs::write(&arguments.output, format!("{:#}\n", report.json()))?;
    println!("Every point: {}", arguments.output.display());
    // What hashicorp/aws leaves behind is a finding, and no fault of this project.
    let failures = report.failures();
    let own = failures
        .iter()
        .filter(|(point, _)| point.rehearsal.scenario.name != sweep::INCUMBENT)
        .count();
    ensure!(own == 0, "{own} points are not clean");
    Ok(())
}

fn scenarios(arguments: &Arguments) -> Outcome<Vec<Scenario>> {
    let named = arguments.scenarios.iter().map(|name| Scenario::named(name));
    let mut scenarios = if arguments.scenarios.is_empty() {
        sweep::all()?
    } else {
        named.collect::<Outcome<_>>()?
    };
    if arguments.incumbent {
        scenarios.push(Scenario::named(sweep::INCUMBENT)?);
    }
    let needs_mirror = scenarios.iter().any(|s| s.name == sweep::INCUMBENT);
    ensure!(
        !needs_mirror || workspace::incumbent().is_some(),
        "hashicorp/aws is not here: set AWS_PROVIDER_MIRROR to a filesystem mirror that holds it"
    );
    Ok(scenarios)
}

/// Rehearses all scenarios at once.
fn rehearse(scenarios: &[Scenario]) -> Outcome<Vec<Rehearsal>> {
    thread::scope(|scope| {
        let rehearsing: Vec<_> = scenarios
            .iter()
            .map(|scenario| (scenario, scope.spawn(|| Rehearsal::of(scenario))))
            .collect();
        rehearsing
            .into_iter()
            .map(|(scenario, rehearsal)| {
                let rehearsal = rehearsal
                    .join()
                    .unwrap_or_else(|_| Err(Failure::new("the rehearsal panicked")));
                rehearsal.map_err(|failure| Failure::new(format!("{}: {failure:?}", scenario.name)))
            })
            .collect()
    })
}

/// The points that are asked for, of all that there are.
fn points<'a>(arguments: &Arguments, rehearsals: &'a [Rehearsal]) -> Vec<Point<'a>> {
    fn asked<T: PartialEq>(filter: Option<T>, value: T) -> bool {
        filter.is_none_or(|wanted| wanted == value)
    }
    let mut points = Vec::new();
    for rehearsal in rehearsals {
        for (&phase, start) in &rehearsal.starts {
            let cases = if rehearsal.scenario.name == sweep::INCUMBENT {
                Case::of_incumbent(phase)
            } else {
                Case::of(phase)
            };
            for case in cases {
                if !asked(arguments.phase, phase)
                    || !asked(arguments.variant, case.variant)
                    || !asked(arguments.disturbance, case.disturbance)
                {
                    continue;
                }
                let calls = (1..=start.calls).filter(|&at| asked(arguments.at, at));
                points.extend(calls.map(|at| Point {
                    rehearsal,
                    case,
                    at,
                    again: arguments.again,
                }));
            }
        }
    }
    match arguments.sample {
        Some(size) if size < points.len() => (0..size)
            .map(|nth| points[nth * points.len() / size])
            .collect(),
        _ => points,
    }
}
