//! `cargo xtask test sweep`: builds the optimised provider and the sweep, and runs it.
//!
//! The disturbing and judging is done by the acceptance tests' `sweep` program, which has the proxy that places faults.

use clap::Args;

use crate::bench;
use crate::tools;
use crate::workspace::{Outcome, build_provider, cargo, run, target};

/// Which points of which scenarios are disturbed; all of them if nothing is said.
#[derive(Args, Default)]
pub struct Selection {
    /// A scenario by name, or any folder with a main.tf.
    #[arg(long = "scenario", value_name = "NAME|FOLDER")]
    scenarios: Vec<String>,
    /// Only one phase: create, update or destroy.
    #[arg(long)]
    phase: Option<String>,
    /// Only at this mutating call, counted from 1.
    #[arg(long)]
    at: Option<usize>,
    /// Only one fate of the call: withheld, delivered or never-sent.
    #[arg(long)]
    variant: Option<String>,
    /// Only one disturbance: kill, kill-provider or interrupt.
    #[arg(long)]
    disturbance: Option<String>,
    /// Kill the run after the disturbed one too, at this mutating call of its own.
    #[arg(long)]
    again: Option<usize>,
    /// Only so many points, evenly spread over all that are left.
    #[arg(long)]
    sample: Option<usize>,
    /// How many trials run at a time.
    #[arg(long)]
    jobs: Option<usize>,
    /// Sweep hashicorp/aws too, on a small network; takes long.
    #[arg(long)]
    incumbent: bool,
}

impl Selection {
    /// Whether everything is to be swept.
    pub fn is_everything(&self) -> bool {
        self.arguments().is_empty()
    }

    fn arguments(&self) -> Vec<String> {
        let mut arguments = Vec::new();
        let mut add = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                arguments.extend([name.to_owned(), value]);
            }
        };
        for scenario in &self.scenarios {
            add("--scenario", Some(scenario.clone()));
        }
        add("--phase", self.phase.clone());
        add("--at", self.at.map(|at| at.to_string()));
        add("--variant", self.variant.clone());
        add("--disturbance", self.disturbance.clone());
        add("--again", self.again.map(|at| at.to_string()));
        add("--sample", self.sample.map(|size| size.to_string()));
        add("--jobs", self.jobs.map(|jobs| jobs.to_string()));
        if self.incumbent {
            arguments.push("--incumbent".to_owned());
        }
        arguments
    }
}

/// Runs the sweep. Optimised builds halve its time.
pub fn sweep(selection: &Selection) -> Outcome<()> {
    let provider = build_provider(true)?;
    let mut build = cargo(&[
        "build",
        "--release",
        "--package",
        "acceptance-tests",
        "--bin",
        "sweep",
    ]);
    run(&mut build)?;
    // Not through `cargo run`: a folder is named from where the command is called.
    let mut command = std::process::Command::new(
        target()
            .join("release")
            .join(format!("sweep{}", std::env::consts::EXE_SUFFIX)),
    );
    command
        .arg("--output")
        .arg(target().join("sweep.json"))
        .args(selection.arguments())
        .env("TERRAFORM_PROVIDER_PLATFORM_DIR", provider)
        .env("TERRAFORM", tools::terraform()?)
        .env("MOTO_PYTHON", tools::moto_python()?);
    if let Some(mirror) = bench::aws_provider_mirror() {
        command.env("AWS_PROVIDER_MIRROR", mirror);
    }
    run(&mut command)
}
