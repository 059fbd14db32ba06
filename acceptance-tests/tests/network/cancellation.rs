//! Runs that are told to stop, or lose their master: no new call that changes anything, no reply thrown away,
//! nothing left behind.

use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use std::{fs, thread};

use acceptance_tests::terraform::Running;
use acceptance_tests::{Call, Held, Hold, Outcome, Run, Stage, Victim, Weather, ensure, process};

use crate::configuration::{NETWORK, SMALL};

/// How long every change takes, so that several are in flight at once and none of the next has begun.
const LATENCY: Duration = Duration::from_secs(3);
/// How long a signal may take until the provider has heard of it. Shorter than a change takes: calls that the
/// replies to those in flight would lead to count as new.
const NOTICE: Duration = Duration::from_millis(2500);
/// How long an end may take after the last reply.
const EXIT: Duration = Duration::from_secs(5);
const SOON: Duration = Duration::from_secs(60);

const APPLY: &[&str] = &["apply", "-auto-approve", "-no-color"];
const DESTROY: &[&str] = &["destroy", "-auto-approve", "-no-color"];

/// A stage whose processes keep their temporary files to themselves.
fn stage() -> Outcome<Stage> {
    let mut stage = Stage::new()?;
    let temporary = temporary(&stage);
    fs::create_dir(&temporary)?;
    stage
        .terraform
        .set_environment("TMPDIR", &temporary.display().to_string());
    stage.terraform.write(&SMALL.hcl())?;
    Ok(stage)
}

fn temporary(stage: &Stage) -> PathBuf {
    stage.terraform.folder().join("tmp")
}

fn wait_until(what: &str, mut holds: impl FnMut() -> Outcome<bool>) -> Outcome<()> {
    let started = Instant::now();
    while !holds()? {
        ensure!(started.elapsed() < SOON, "it takes too long until {what}");
        thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}

/// Starts a command and waits until at least so many changes are in flight.
fn start(stage: &Stage, arguments: &[&str], changes: usize) -> Outcome<Running> {
    stage.proxy.set_weather(Weather {
        latency_of_changes: LATENCY,
        ..Weather::default()
    });
    stage.proxy.forget();
    let mut running = stage.terraform.spawn(arguments)?;
    wait_until("changes are in flight", || {
        ensure!(
            !running.has_ended()?,
            "it ended before anything was in flight"
        );
        Ok(stage.proxy.mutating() >= changes)
    })?;
    Ok(running)
}

fn changes(stage: &Stage) -> Vec<Call> {
    let mut calls = stage.proxy.calls();
    calls.retain(Call::is_mutating);
    calls
}

/// Expects that no change began once a signal that was sent at `signal` had arrived, and that the replies to those
/// under way were awaited.
fn expect_only_what_was_in_flight(stage: &Stage, signal: Duration) -> Outcome<()> {
    let calls = changes(stage);
    let late: Vec<&Call> = calls
        .iter()
        .filter(|call| call.at > signal + NOTICE)
        .collect();
    ensure!(late.is_empty(), "begun after {signal:?}: {late:?}");
    let lost: Vec<&Call> = calls.iter().filter(|call| call.status.is_none()).collect();
    ensure!(lost.is_empty(), "not waited for: {lost:?}");
    Ok(())
}

/// Expects that the state names everything that exists.
fn expect_all_recorded(stage: &Stage, run: &Run) -> Outcome<()> {
    let state = stage.terraform.state_of(NETWORK)?.to_string();
    let made = stage.made()?;
    for what in [
        "vpc",
        "subnet",
        "internet gateway",
        "elastic ip",
        "nat gateway",
        "log group",
    ] {
        for id in made.ids(what) {
            ensure!(
                state.contains(id),
                "the state misses {what} {id}:\n{state}\n{}",
                run.text()
            );
        }
    }
    Ok(())
}

fn sockets(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            found.extend(sockets(&entry.path())?);
        }
        if kind.is_socket() {
            found.push(entry.path());
        }
    }
    Ok(found)
}

/// Expects that no process and no socket outlives the run for long.
fn expect_nothing_behind(stage: &Stage, providers: &[u32]) -> Outcome<()> {
    let started = Instant::now();
    while providers.iter().any(|&pid| process::is_alive(pid)) {
        ensure!(
            started.elapsed() < LATENCY + EXIT,
            "a provider is still there after {:?}; meanwhile it called {:?}",
            started.elapsed(),
            stage.proxy.counts()
        );
        thread::sleep(Duration::from_millis(20));
    }
    let left = sockets(&temporary(stage))?;
    ensure!(left.is_empty(), "left behind: {left:?}");
    Ok(())
}

/// Expects that one more run, undisturbed, ends where it should.
fn expect_recovery(stage: &Stage) -> Outcome<()> {
    stage.proxy.set_weather(Weather::default());
    stage.settle(&SMALL.hcl(), NETWORK)?;
    SMALL.expect_in(stage)?;
    stage.strike()
}

#[test]
fn ctrl_c_starts_nothing_new_and_records_what_was_in_flight() -> Outcome<()> {
    let stage = stage()?;
    let running = start(&stage, APPLY, 4)?;
    let (signal, providers) = (stage.proxy.now(), running.providers());
    running.strike(Victim::Interrupted);
    let run = running.wait()?;
    let took = stage.proxy.now() - signal;
    ensure!(run.code == Some(1), "{}", run.text());
    ensure!(took < LATENCY + EXIT, "it took {took:?}:\n{}", run.text());
    expect_only_what_was_in_flight(&stage, signal)?;
    expect_all_recorded(&stage, &run)?;
    expect_nothing_behind(&stage, &providers)?;
    assert_eq!(stage.terraform.state_of(NETWORK)?["ready"], false);
    expect_recovery(&stage)
}

#[test]
fn ctrl_c_ends_a_destroy_and_keeps_what_is_left() -> Outcome<()> {
    let stage = stage()?;
    stage.terraform.apply()?;
    let running = start(&stage, DESTROY, 2)?;
    let (signal, providers) = (stage.proxy.now(), running.providers());
    running.strike(Victim::Interrupted);
    let run = running.wait()?;
    ensure!(run.code == Some(1), "{}", run.text());
    expect_only_what_was_in_flight(&stage, signal)?;
    expect_all_recorded(&stage, &run)?;
    expect_nothing_behind(&stage, &providers)?;
    ensure!(!stage.made()?.is_empty(), "it must have ended halfway");
    stage.proxy.set_weather(Weather::default());
    stage.strike()
}

/// The wait is not a call: it ends at once.
#[test]
fn ctrl_c_ends_a_wait_for_aws() -> Outcome<()> {
    let stage = stage()?;
    stage.proxy.set_weather(Weather {
        holds: vec![Hold {
            of: Held::NAT_GATEWAY,
            creating: SOON,
            deleting: Duration::ZERO,
        }],
        ..Weather::default()
    });
    let mut running = stage.terraform.spawn(APPLY)?;
    let gateway_asked_for = |stage: &Stage| {
        let counts = stage.proxy.counts();
        let count = |action: &str| counts.get(action).copied().unwrap_or_default();
        count("ec2:CreateNatGateway") == 1 && count("ec2:DescribeNatGateways") >= 3
    };
    wait_until("the gateway is waited for", || {
        ensure!(!running.has_ended()?, "it ended before");
        Ok(gateway_asked_for(&stage))
    })?;
    let interrupted = Instant::now();
    running.strike(Victim::Interrupted);
    let run = running.wait()?;
    ensure!(
        run.code == Some(1) && interrupted.elapsed() < EXIT,
        "it took {:?}:\n{}",
        interrupted.elapsed(),
        run.text()
    );
    expect_all_recorded(&stage, &run)?;
    expect_recovery(&stage)
}

/// Terraform leaves at the second one; the state is lost, AWS is not.
#[test]
fn a_second_ctrl_c_loses_nothing_that_cannot_be_found_again() -> Outcome<()> {
    let stage = stage()?;
    let running = start(&stage, APPLY, 4)?;
    let providers = running.providers();
    let signal = stage.proxy.now();
    running.strike(Victim::Interrupted);
    // Terraform takes two in one instant for one.
    thread::sleep(Duration::from_millis(300));
    running.strike(Victim::Interrupted);
    let run = running.wait()?;
    ensure!(run.code != Some(0), "{}", run.text());
    expect_nothing_behind(&stage, &providers)?;
    let late: Vec<Call> = changes(&stage)
        .into_iter()
        .filter(|call| call.at > signal + NOTICE)
        .collect();
    ensure!(late.is_empty(), "begun after {signal:?}: {late:?}");
    expect_recovery(&stage)
}

/// Without a master there is nobody to record anything, and the next run may begin at any moment.
#[test]
fn a_provider_whose_terraform_was_killed_finishes_its_calls_and_leaves() -> Outcome<()> {
    let stage = stage()?;
    let running = start(&stage, APPLY, 4)?;
    let providers = running.providers();
    assert_eq!(providers.len(), 1);
    let signal = stage.proxy.now();
    running.strike(Victim::Terraform);
    expect_nothing_behind(&stage, &providers)?;
    expect_only_what_was_in_flight(&stage, signal)?;
    drop(running);
    expect_recovery(&stage)
}

#[test]
fn a_provider_whose_terraform_was_killed_stops_to_destroy() -> Outcome<()> {
    let stage = stage()?;
    stage.terraform.apply()?;
    let running = start(&stage, DESTROY, 2)?;
    let providers = running.providers();
    let signal = stage.proxy.now();
    running.strike(Victim::Terraform);
    expect_nothing_behind(&stage, &providers)?;
    expect_only_what_was_in_flight(&stage, signal)?;
    drop(running);
    stage.proxy.set_weather(Weather::default());
    stage.strike()
}
