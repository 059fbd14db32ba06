//! What is measured of a provider, and how.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use acceptance_tests::{Emulator, Outcome, Proxy, Terraform, Weather, ensure, process};

use crate::subject::Subject;

/// Every sample of every measure, by the measure's name and in the order of [`MEASURES`].
pub type Samples = BTreeMap<&'static str, Vec<f64>>;

/// Name of a measure and its unit, in the order of the table.
pub const MEASURES: &[(&str, &str)] = &[
    ("binary", "MB"),
    ("exec to handshake", "ms"),
    ("provider memory, peak of apply and plan", "MB"),
    ("schema as JSON", "kB"),
    ("apply", "s"),
    ("calls of apply", ""),
    ("plan without changes", "s"),
    ("calls of plan", ""),
    ("destroy", "s"),
    ("calls of destroy", ""),
];

const MEGABYTE: f64 = 1e6;

/// Measures a provider: `runs` samples of everything that varies, with `latency` added to every AWS call.
pub fn measure(subject: &Subject, runs: u32, latency: Duration) -> Outcome<Samples> {
    let mut samples = Samples::new();
    let mut add =
        |measure: &'static str, value: f64| samples.entry(measure).or_default().push(value);
    add(
        "binary",
        fs::metadata(&subject.binary)?.len() as f64 / MEGABYTE,
    );
    for _ in 0..runs {
        add("exec to handshake", handshake(subject)?.as_secs_f64() * 1e3);
    }
    let mut emulator = Emulator::moto()?;
    let proxy = Proxy::start(emulator.address())?;
    let terraform = Terraform::with_installation(&proxy.endpoint(), &subject.installation)?;
    terraform.write(subject.configuration)?;
    if subject.needs_init {
        terraform.run(&["init", "-no-color"])?.succeeded()?;
    }
    let schema = terraform
        .run(&["providers", "schema", "-json"])?
        .succeeded()?;
    add("schema as JSON", schema.stdout.len() as f64 / 1e3);

    // Watching memory costs processor time, so it has a round of its own.
    let applied = peak_memory(&terraform, &["apply", "-auto-approve"])?;
    add(
        "provider memory, peak of apply and plan",
        applied.max(peak_memory(&terraform, &["plan"])?),
    );
    terraform.destroy()?;

    for _ in 0..runs {
        emulator.reset()?;
        // The first EC2 call after a reset makes moto's default network; that is nobody's cost.
        emulator.api().ec2(&[("Action", "DescribeVpcs")])?;
        proxy.set_weather(Weather {
            latency,
            ..Weather::default()
        });
        for (arguments, wall, calls) in [
            (
                &["apply", "-auto-approve", "-no-color"][..],
                "apply",
                "calls of apply",
            ),
            (
                &["plan", "-detailed-exitcode", "-no-color"][..],
                "plan without changes",
                "calls of plan",
            ),
            (
                &["destroy", "-auto-approve", "-no-color"][..],
                "destroy",
                "calls of destroy",
            ),
        ] {
            proxy.forget();
            let run = terraform.run(arguments)?.succeeded()?;
            add(wall, run.wall.as_secs_f64());
            add(calls, proxy.calls().len() as f64);
        }
        proxy.set_weather(Weather::default());
    }
    Ok(samples)
}

/// From starting the binary to its handshake line, as Terraform starts it.
fn handshake(subject: &Subject) -> Outcome<Duration> {
    let started = Instant::now();
    let mut child = Command::new(&subject.binary)
        .env(
            "TF_PLUGIN_MAGIC_COOKIE",
            "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
        )
        .env("PLUGIN_PROTOCOL_VERSIONS", "5,6")
        .env("PLUGIN_MIN_PORT", "10000")
        .env("PLUGIN_MAX_PORT", "25000")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let mut line = String::new();
    if let Some(output) = child.stdout.take() {
        BufReader::new(output).read_line(&mut line)?;
    }
    let took = started.elapsed();
    child.kill()?;
    child.wait()?;
    ensure!(
        line.starts_with("1|"),
        "{} does not shake hands: {line:?}",
        subject.name
    );
    Ok(took)
}

/// The highest resident memory of any provider process during a command, in megabytes.
fn peak_memory(terraform: &Terraform, arguments: &[&str]) -> Outcome<f64> {
    let mut running = terraform.spawn(arguments)?;
    let mut peak = 0;
    while !running.has_ended()? {
        let memory = running
            .providers()
            .into_iter()
            .filter_map(process::peak_memory)
            .max();
        peak = peak.max(memory.unwrap_or_default());
        thread::sleep(Duration::from_millis(5));
    }
    running.wait()?.succeeded()?;
    Ok(peak as f64 / MEGABYTE)
}
