//! `cargo xtask bench`: builds the optimised provider and the benchmark, and runs it.
//!
//! The measuring is done by the acceptance tests' `bench` program, which has the proxy that counts calls.

use std::env;
use std::path::PathBuf;

use crate::tools;
use crate::workspace::{Outcome, build_provider, cargo, run, target};

/// Runs the benchmark; `runs` is how often each measurement is repeated, `latency` what every AWS call takes longer, in
/// milliseconds.
pub fn bench(runs: Option<u32>, latency: Option<u32>) -> Outcome<()> {
    let provider = build_provider(true)?;
    let mut command = cargo(&[
        "run",
        "--quiet",
        "--package",
        "acceptance-tests",
        "--bin",
        "bench",
        "--",
    ]);
    command
        .arg("--output")
        .arg(target().join("bench.json"))
        .env("TERRAFORM_PROVIDER_PLATFORM_DIR", provider)
        .env("TERRAFORM", tools::terraform()?)
        .env("MOTO_PYTHON", tools::moto_python()?);
    for (option, value) in [("--runs", runs), ("--latency", latency)] {
        if let Some(value) = value {
            command.args([option, &value.to_string()]);
        }
    }
    match aws_provider_mirror() {
        Some(mirror) => {
            command.env("AWS_PROVIDER_MIRROR", mirror);
        }
        None => println!(
            "hashicorp/aws is not measured beside it: set AWS_PROVIDER_MIRROR to a filesystem mirror that holds it"
        ),
    }
    run(&mut command)
}

/// A filesystem mirror with hashicorp/aws: the variable's, or one of Terraform's implied mirror folders.
///
/// <https://developer.hashicorp.com/terraform/cli/config/config-file#implied-local-mirror-directories>
pub fn aws_provider_mirror() -> Option<PathBuf> {
    let home = env::var_os("HOME").map(PathBuf::from);
    let in_home = |path: &str| home.as_ref().map(|home| home.join(path));
    let candidates = [
        env::var_os("AWS_PROVIDER_MIRROR").map(PathBuf::from),
        in_home(".terraform.d/plugins"),
        in_home(".local/share/terraform/plugins"),
        in_home("Library/Application Support/io.terraform/plugins"),
        Some(PathBuf::from("/usr/local/share/terraform/plugins")),
        Some(PathBuf::from("/usr/share/terraform/plugins")),
    ];
    candidates
        .into_iter()
        .flatten()
        .find(|mirror| mirror.join("registry.terraform.io/hashicorp/aws").is_dir())
}
