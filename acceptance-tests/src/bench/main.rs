//! Measures the provider against an emulator, beside hashicorp/aws where a mirror holds it.
//!
//! Both make the same 37 AWS resources and both are done when `terraform` exits. The figures are medians;
//! the table shows the smallest and largest sample too, because a difference is only one where the ranges
//! do not overlap. An emulator has none of AWS's provisioning time: these are the overheads above it.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a benchmark prints its table"
)]

mod measure;
mod subject;

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use acceptance_tests::Outcome;
use clap::Parser;
use serde_json::json;

use measure::{MEASURES, Samples, measure};

/// Measures the provider against moto.
#[derive(Parser)]
struct Arguments {
    /// Where to write every sample, as JSON.
    #[arg(long)]
    output: PathBuf,
    /// Samples of each measure.
    #[arg(long, default_value_t = 7)]
    runs: u32,
    /// Milliseconds added to every AWS call.
    #[arg(long, default_value_t = 0)]
    latency: u64,
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
    let latency = Duration::from_millis(arguments.latency);
    let mut results = Vec::new();
    for subject in [Some(subject::platform()?), subject::incumbent()]
        .into_iter()
        .flatten()
    {
        eprintln!("measuring {} ({} runs)", subject.name, arguments.runs);
        let samples = measure(&subject, arguments.runs, latency)?;
        results.push((subject.name, samples));
    }
    print_table(&results, arguments);
    let report = json!({
        "emulator": "moto",
        "latency_ms": arguments.latency,
        "runs": arguments.runs,
        "units": MEASURES.iter().copied().collect::<std::collections::BTreeMap<_, _>>(),
        "samples": results.iter().cloned().collect::<std::collections::BTreeMap<_, _>>(),
    });
    fs::write(&arguments.output, format!("{report:#}\n"))?;
    println!("\nEvery sample: {}", arguments.output.display());
    Ok(())
}

fn print_table(results: &[(String, Samples)], arguments: &Arguments) {
    println!(
        "\nA network of 37 resources on moto, {} ms added per call; median of {} (smallest to largest)\n",
        arguments.latency, arguments.runs
    );
    let names: Vec<&str> = results.iter().map(|(name, _)| name.as_str()).collect();
    println!(
        "| measure | {} |{}",
        names.join(" | "),
        if names.len() > 1 { " ratio |" } else { "" }
    );
    println!(
        "|---|{}{}",
        "---|".repeat(names.len()),
        if names.len() > 1 { "---|" } else { "" }
    );
    for (measure, unit) in MEASURES {
        let medians: Vec<f64> = results
            .iter()
            .map(|(_, samples)| median(&samples[measure]))
            .collect();
        let cells: Vec<String> = results
            .iter()
            .map(|(_, samples)| cell(&samples[measure], unit))
            .collect();
        let ratio = match medians[..] {
            [ours, theirs] if ours > 0.0 => format!(" {} |", number(theirs / ours)),
            _ => String::new(),
        };
        println!("| {measure} | {} |{ratio}", cells.join(" | "));
    }
}

/// `6.3 s (6.1 to 6.6)`, or only the median of a single sample.
fn cell(samples: &[f64], unit: &str) -> String {
    let median = format!("{} {unit}", number(median(samples)));
    let least = samples.iter().copied().fold(f64::INFINITY, f64::min);
    let most = samples.iter().copied().fold(0.0, f64::max);
    if samples.len() < 2 || least == most {
        return median.trim().to_owned();
    }
    format!("{} ({} to {})", median.trim(), number(least), number(most))
}

/// Three significant digits, and no more than a reader needs.
fn number(value: f64) -> String {
    match value {
        value if value.fract() == 0.0 => format!("{value:.0}"),
        value if value >= 100.0 => format!("{value:.0}"),
        value if value >= 10.0 => format!("{value:.1}"),
        value => format!("{value:.2}"),
    }
}

fn median(samples: &[f64]) -> f64 {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => f64::NAN,
        length if length % 2 == 1 => sorted[middle],
        _ => f64::midpoint(sorted[middle - 1], sorted[middle]),
    }
}
