//! `cargo xtask test`: every level of test, or one.
//!
//! # Flow
//!
//! Install what the level needs, build the provider once, check the modules, then run the test runner once
//! for all Rust levels: its closing lines are the last that is printed. A level is a filter on test names, so that a test belongs to its level by where it
//! is and what it is called: `simulation` and `conformance` in the name, or the acceptance crate.
//!
//! The runner is cargo-nextest where it is installed. Otherwise it is `cargo test`, which passes and fails
//! on the same tests: building nextest would take longer than every test together.

use std::process::Command;

use clap::ValueEnum;

use crate::sweep::Selection;
use crate::tools::{self, Group};
use crate::workspace::{Outcome, build_provider, capture, cargo, run};
use crate::{bench, conformance, modules, sweep};

/// A level of test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Level {
    /// Pure functions, snapshots and properties; milliseconds.
    Unit,
    /// The engine under a virtual clock and injected faults.
    Sim,
    /// AWS's own protocol suite and schemas.
    Conformance,
    /// The real terraform against emulators.
    Acceptance,
    /// Modules and examples: formatted, valid, their own tests.
    Modules,
    /// Runs that are killed or interrupted at every mutating call; a sample of it is among the acceptance tests.
    Sweep,
}

/// Runs a level, or all of them but the whole sweep; `selection` says what is swept.
pub fn test(level: Option<Level>, selection: &Selection) -> Outcome<()> {
    if level == Some(Level::Sweep) {
        return sweep::sweep(selection);
    }
    if !selection.is_everything() {
        return Err("only `cargo xtask test sweep` has these options".into());
    }
    let wants = |wanted: Level| level.is_none_or(|level| level == wanted);
    let mut outcomes = Vec::new();
    let mut command = runner(level)?;
    if wants(Level::Acceptance) || wants(Level::Modules) {
        let provider = build_provider(false)?;
        if wants(Level::Modules) {
            outcomes.push(modules::run(&provider));
        }
        command.env("TERRAFORM_PROVIDER_PLATFORM_DIR", &provider);
    }
    if wants(Level::Acceptance) {
        provide_emulators(&mut command)?;
    }
    if wants(Level::Conformance) {
        provide_references(&mut command)?;
    }
    if level != Some(Level::Modules) {
        outcomes.push(run(&mut command));
    }
    let problems: Vec<String> = outcomes.into_iter().filter_map(Result::err).collect();
    if problems.is_empty() {
        Ok(())
    } else {
        Err(problems.join("\n\n"))
    }
}

/// Terraform and the emulators, by the variables that the acceptance tests read.
fn provide_emulators(command: &mut Command) -> Outcome<()> {
    command.env("TERRAFORM", tools::terraform()?);
    for (group, variable) in [
        (Group::Moto, "MOTO_PYTHON"),
        (Group::Ministack, "MINISTACK_PYTHON"),
        (Group::LocalStack, "LOCALSTACK_PYTHON"),
    ] {
        match tools::python(group)? {
            Some(python) => {
                command.env(variable, python);
            }
            None => println!(
                "{} is left out: it needs Python 3.13, and none was found",
                group.name()
            ),
        }
    }
    match bench::aws_provider_mirror() {
        Some(mirror) => {
            command.env("AWS_PROVIDER_MIRROR", mirror);
        }
        None => println!(
            "hashicorp/aws doesn't read what was made: set AWS_PROVIDER_MIRROR to a filesystem mirror that holds it"
        ),
    }
    Ok(())
}

/// AWS's protocol suite and a Python with cfn-lint, by the variables that the conformance tests read.
fn provide_references(command: &mut Command) -> Outcome<()> {
    let python = tools::moto_python()?;
    if let Some(suite) = conformance::fetch(&python)? {
        command.env("BOTOCORE_SDIST", suite);
    }
    command.env("CFN_PYTHON", python);
    Ok(())
}

/// The test runner with the filter of a level.
fn runner(level: Option<Level>) -> Outcome<Command> {
    let has_nextest = capture(&mut cargo(&["nextest", "--version"]))?
        .status
        .success();
    Ok(if has_nextest {
        nextest(level)
    } else {
        cargo_test(level)
    })
}

fn nextest(level: Option<Level>) -> Command {
    let mut command = cargo(&["nextest", "run", "--no-fail-fast", "--no-tests", "pass"]);
    let filter = match level {
        Some(Level::Unit) => "not test(/simulation|conformance/)",
        Some(Level::Sim) => "test(/simulation/)",
        Some(Level::Conformance) => "test(/conformance/)",
        _ => "all()",
    };
    command.args(["-E", filter]);
    if level == Some(Level::Conformance) {
        // How many cases passed is what one wants to know of this level.
        command.args(["--success-output", "final"]);
    }
    packages(&mut command, level);
    command
}

fn cargo_test(level: Option<Level>) -> Command {
    let mut command = cargo(&["test", "--no-fail-fast"]);
    packages(&mut command, level);
    match level {
        Some(Level::Unit) => command.args(["--", "--skip", "simulation", "--skip", "conformance"]),
        Some(Level::Sim) => command.args(["--", "simulation"]),
        Some(Level::Conformance) => command.args(["--", "conformance", "--nocapture"]),
        _ => &mut command,
    };
    command
}

fn packages(command: &mut Command, level: Option<Level>) {
    match level {
        Some(Level::Acceptance) => command.args(["--package", "acceptance-tests"]),
        None => command.arg("--workspace"),
        Some(_) => command.args(["--workspace", "--exclude", "acceptance-tests"]),
    };
}
