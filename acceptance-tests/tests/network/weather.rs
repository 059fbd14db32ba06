//! Bad weather over a whole life: created, changed and destroyed while AWS throttles, fails, loses connections, shows
//! what was, and takes its time. It costs time, not correctness.
//!
//! Each life is lived in one weather; `ACCEPTANCE_SEEDS=20` lives it in twenty.

use std::time::Duration;
use std::{env, thread};

use acceptance_tests::{Emulator, Failure, Held, Hold, Outcome, Stage, Victim, Weather, ensure};

use crate::configuration::{DATABASE, NETWORK, Network, PUBLIC, SMALL};

const APPLY: &[&str] = &["apply", "-auto-approve", "-no-color"];
const DESTROY: &[&str] = &["destroy", "-auto-approve", "-no-color"];

/// Something of every sort comes, goes and changes.
const CHANGED: Network = Network {
    zones: 2,
    tiers: &[PUBLIC, DATABASE],
    nat: "none",
    ..SMALL
};

/// A stage on which reads can be stale and deletions be put off.
fn stage() -> Outcome<Stage> {
    Stage::around(Emulator::forkable()?)
}

/// Expects, in good weather, what an undisturbed apply leaves: everything once, and nothing more to do, twice.
fn expect_settled(stage: &Stage, network: Network) -> Outcome<()> {
    stage.proxy.set_weather(Weather::default());
    ensure!(
        stage.terraform.state_of(NETWORK)?["ready"] == true,
        "it is not ready"
    );
    network.expect_in(stage)?;
    stage.terraform.expect_no_changes("after the apply")?;
    stage.terraform.expect_no_changes("a second time")
}

/// Creates, changes and destroys, each in this weather.
fn live_through(stage: &Stage, weather: &Weather) -> Outcome<()> {
    for (what, network) in [("created", SMALL), ("changed", CHANGED)] {
        stage.terraform.write(&network.hcl())?;
        stage.proxy.set_weather(weather.clone());
        let run = stage.terraform.apply()?;
        expect_settled(stage, network)
            .map_err(|failure| Failure::new(format!("{what}: {failure:?}\n{}", run.text())))?;
    }
    stage.proxy.set_weather(weather.clone());
    let destroyed = stage.strike();
    stage.proxy.set_weather(Weather::default());
    destroyed
}

fn live_through_seeds(weather: &Weather) -> Outcome<()> {
    let seeds = env::var("ACCEPTANCE_SEEDS").map_or(Ok(1), |seeds| seeds.parse())?;
    for seed in 1..=seeds {
        let stage = stage()?;
        let weather = Weather {
            seed,
            ..weather.clone()
        };
        live_through(&stage, &weather)
            .map_err(|failure| Failure::new(format!("seed {seed}: {failure:?}")))?;
    }
    Ok(())
}

#[test]
fn a_life_under_throttling_and_errors() -> Outcome<()> {
    let weather = Weather {
        throttled: 0.2,
        broken: 0.03,
        ..Weather::default()
    };
    live_through_seeds(&weather)
}

#[test]
fn a_life_with_connections_that_break() -> Outcome<()> {
    let weather = Weather {
        // What was not executed costs the time that AWS may take to show what it was.
        reset_before: 0.02,
        reset_after: 0.1,
        cut: 0.08,
        jitter: Duration::from_millis(50),
        ..Weather::default()
    };
    live_through_seeds(&weather)
}

#[test]
fn a_life_with_reads_that_lag() -> Outcome<()> {
    let weather = Weather {
        stale: 0.3,
        lag: Duration::from_secs(3),
        ..Weather::default()
    };
    live_through_seeds(&weather)
}

/// What AWS takes three and two seconds for.
fn holds() -> Weather {
    Weather {
        holds: vec![
            Hold {
                of: Held::NAT_GATEWAY,
                creating: Duration::from_secs(3),
                deleting: Duration::from_secs(2),
            },
            Hold {
                of: Held::VPC_ENDPOINT,
                creating: Duration::from_secs(2),
                deleting: Duration::from_secs(2),
            },
        ],
        ..Weather::default()
    }
}

#[test]
fn a_life_in_which_gateways_and_endpoints_take_their_time() -> Outcome<()> {
    live_through(&stage()?, &holds())
}

#[test]
fn a_life_with_all_of_it() -> Outcome<()> {
    let weather = Weather {
        throttled: 0.05,
        broken: 0.02,
        reset_before: 0.03,
        reset_after: 0.03,
        stale: 0.15,
        lag: Duration::from_secs(2),
        ..holds()
    };
    live_through_seeds(&weather)
}

/// Readiness is noticed soon without being asked for all the time: looks come every half to two seconds.
#[test]
fn what_takes_its_time_is_looked_at_now_and_then() -> Outcome<()> {
    const PENDING: Duration = Duration::from_secs(6);
    let stage = stage()?;
    stage.proxy.set_weather(Weather {
        holds: vec![Hold {
            of: Held::NAT_GATEWAY,
            creating: PENDING,
            deleting: Duration::ZERO,
        }],
        ..Weather::default()
    });
    stage.terraform.write(&SMALL.hcl())?;
    stage.terraform.apply()?;
    let calls = stage.proxy.calls();
    let at = |action: &str| {
        let times = calls.iter().filter(|call| call.action == action);
        times.map(|call| call.at).collect::<Vec<_>>()
    };
    let created = at("CreateNatGateway")[0];
    let looks: Vec<Duration> = at("DescribeNatGateways")
        .into_iter()
        .filter(|look| *look > created)
        .collect();
    let waiting = looks
        .iter()
        .filter(|look| **look < created + PENDING)
        .count();
    ensure!(
        (3..=13).contains(&waiting),
        "{waiting} looks in {PENDING:?}: {looks:?}"
    );
    // The reply that the time counts from comes a little after the call.
    let noticed = looks.iter().find(|look| **look >= created + PENDING);
    ensure!(
        noticed.is_some_and(|look| *look < created + PENDING + Duration::from_secs(4)),
        "{PENDING:?} after {created:?}, but {looks:?}"
    );
    expect_settled(&stage, SMALL)
}

/// Runs a command and cuts the power once AWS has accepted a call, and is busy with it.
fn cut_power_after(
    action: &str,
    stage: &Stage,
    arguments: &[&str],
    weather: &Weather,
) -> Outcome<()> {
    stage.proxy.forget();
    stage.proxy.set_weather(weather.clone());
    let mut running = stage.terraform.spawn(arguments)?;
    let accepted = || {
        let calls = stage.proxy.calls();
        calls
            .iter()
            .any(|call| call.action == action && call.status == Some(200))
    };
    while !accepted() {
        ensure!(!running.has_ended()?, "it ended before {action}");
        thread::sleep(Duration::from_millis(5));
    }
    running.strike(Victim::Both);
    let run = running.wait()?;
    ensure!(run.code != Some(0), "{}", run.text());
    Ok(())
}

#[test]
fn killed_while_a_gateway_is_pending() -> Outcome<()> {
    let stage = stage()?;
    stage.terraform.write(&SMALL.hcl())?;
    cut_power_after("CreateNatGateway", &stage, APPLY, &holds())?;
    stage.terraform.apply()?;
    expect_settled(&stage, SMALL)?;
    stage.strike()
}

#[test]
fn killed_while_endpoints_are_being_deleted() -> Outcome<()> {
    let stage = stage()?;
    stage.settle(&SMALL.hcl(), NETWORK)?;
    cut_power_after("DeleteVpcEndpoints", &stage, DESTROY, &holds())?;
    let left = stage.made()?;
    assert_eq!(left.ids("vpc").len(), 1, "{left}");
    stage.strike()
}

/// The first run was killed, so nobody knows what was made, and what was made may not show yet.
#[test]
fn killed_and_run_again_while_reads_lag() -> Outcome<()> {
    let stage = stage()?;
    stage.terraform.write(&SMALL.hcl())?;
    let lagging = Weather {
        stale: 0.3,
        lag: Duration::from_secs(2),
        ..Weather::default()
    };
    cut_power_after("CreateNatGateway", &stage, APPLY, &lagging)?;
    stage.terraform.apply()?;
    expect_settled(&stage, SMALL)?;
    stage.strike()
}
