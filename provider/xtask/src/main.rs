//! The developer's commands: `cargo xtask --help` lists them. The README, CI and people use only these.
//!
//! Everything that a command installs or writes goes under `target/`, except what it is there to write:
//! documentation and service models.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command talks to the person who runs it"
)]

mod bench;
mod conformance;
mod demo;
mod docs;
mod emulator;
mod models;
mod modules;
mod release;
mod sweep;
mod terraform;
mod test;
mod tools;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

use crate::sweep::Selection;
use crate::test::Level;
use crate::tools::Group;
use crate::workspace::Outcome;

/// Developer's commands of terraform-provider-platform.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Apply a small shop, network and stores, to an emulator of AWS, show it, destroy it.
    Demo {
        /// Build the provider with optimisations.
        #[arg(long)]
        release: bool,
        /// Leave the platform and the emulator running.
        #[arg(long)]
        keep: bool,
    },
    /// Run every test, or one level.
    Test {
        /// The level; all but the whole sweep if it is left out.
        level: Option<Level>,
        /// For the level `sweep`.
        #[command(flatten)]
        selection: Selection,
    },
    /// Measure the provider, beside hashicorp/aws where a mirror holds it.
    Bench {
        /// How often each measurement is repeated.
        #[arg(long)]
        runs: Option<u32>,
        /// Milliseconds added to every AWS call.
        #[arg(long)]
        latency: Option<u32>,
    },
    /// Write the Registry pages and the tables in the modules' READMEs.
    Docs {
        /// Write nothing; fail if something is out of date.
        #[arg(long)]
        check: bool,
    },
    /// Write the service models again from botocore's.
    Models,
    /// Run an emulator of AWS in the background.
    Emulator {
        #[command(subcommand)]
        action: EmulatorAction,
    },
    /// Build the files of a release.
    Release {
        /// Rust targets to build; this machine's if it is left out.
        #[arg(long = "target")]
        targets: Vec<String>,
        /// GPG key that signs the checksums.
        #[arg(long)]
        gpg_key: Option<String>,
    },
}

#[derive(Subcommand)]
enum EmulatorAction {
    /// Start one and print the provider block that uses it.
    Start {
        /// Which one.
        #[arg(default_value = "moto")]
        emulator: EmulatorName,
    },
    /// Stop every emulator that `start` started.
    Stop,
}

#[derive(Clone, Copy, ValueEnum)]
enum EmulatorName {
    Moto,
    Ministack,
    Localstack,
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("error: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Outcome<()> {
    match task {
        Task::Demo { release, keep } => demo::demo(release, keep),
        Task::Test { level, selection } => test::test(level, &selection),
        Task::Bench { runs, latency } => bench::bench(runs, latency),
        Task::Docs { check } => docs::run(check),
        Task::Models => models::run(&tools::moto_python()?),
        Task::Emulator {
            action: EmulatorAction::Start { emulator },
        } => emulator::start(match emulator {
            EmulatorName::Moto => Group::Moto,
            EmulatorName::Ministack => Group::Ministack,
            EmulatorName::Localstack => Group::LocalStack,
        }),
        Task::Emulator {
            action: EmulatorAction::Stop,
        } => emulator::stop(),
        Task::Release { targets, gpg_key } => release::release(&targets, gpg_key.as_deref()),
    }
}
