//! Upgrades by blue/green deployments on moto: what is refused, what is kept, and runs that are killed at every call.

use std::time::Duration;

use acceptance_tests::{Delivery, Failure, Fault, Outcome, Stage, ensure};

use crate::configuration::{DATA_TIER, expect_refusal, settle_in_turn, with};

const REGION: &str = "us-east-1";

/// A tier with a database of PostgreSQL of this version.
fn tier(version: &str, more: &str) -> String {
    with(&format!(
        r#"  postgres = {{ orders = {{
    version             = "{version}"
    password            = "own"
    upgrade             = "blue_green"
    allow_major_upgrade = true
    parameters          = {{ "rds.logical_replication" = "1" }}
    {more}
  }} }}"#
    ))
}

/// The names of all instances with their versions, and how many deployments there are.
fn there(stage: &Stage) -> Outcome<(Vec<String>, usize)> {
    let ask = |action: &str| -> Outcome<String> {
        let api = stage.emulator.api();
        let reply = api.query("rds", REGION, "2014-10-31", &[("Action", action)])?;
        ensure!(reply.status == 200, "{action}: {}", reply.body);
        Ok(reply.body)
    };
    let between = |xml: &str, tag: &str| -> Vec<String> {
        let opening = format!("<{tag}>");
        xml.split(&opening)
            .skip(1)
            .filter_map(|rest| rest.split('<').next().map(str::to_owned))
            .collect()
    };
    let instances = ask("DescribeDBInstances")?;
    let names = between(&instances, "DBInstanceIdentifier");
    let versions = between(&instances, "EngineVersion");
    let mut all: Vec<String> = names
        .iter()
        .zip(&versions)
        .map(|(name, version)| format!("{name} {version}"))
        .collect();
    all.sort();
    let deployments = ask("DescribeBlueGreenDeployments")?;
    Ok((
        all,
        between(&deployments, "BlueGreenDeploymentIdentifier").len(),
    ))
}

fn expect(stage: &Stage, instances: &[&str]) -> Outcome<()> {
    let (there, deployments) = there(stage)?;
    ensure!(
        there == instances && deployments == 0,
        "there are {there:?} and {deployments} deployments, not {instances:?}"
    );
    Ok(())
}

#[test]
fn a_copy_is_upgraded_and_takes_over() -> Outcome<()> {
    let stage = Stage::new()?;
    let before = tier("16", "");
    stage.settle(&before, DATA_TIER)?;
    let resource = |stage: &Stage| -> Outcome<String> {
        let state = stage.terraform.state_of(DATA_TIER)?;
        Ok(state["postgres_endpoints"]["orders"]["resource_id"].to_string())
    };
    let blue = resource(&stage)?;
    let upgraded = tier("17", "");
    stage.terraform.write(&upgraded)?;
    let plan = stage.terraform.plan()?;
    ensure!(
        plan.diagnostics.iter().any(|warning| {
            let message = warning.message();
            message.contains("another major version, by a blue/green deployment")
                && message.contains("costs as much again")
        }),
        "{:?}",
        plan.diagnostics
    );
    settle_in_turn(&stage, &[&upgraded])?;
    expect(&stage, &["shop-orders 17.6", "shop-orders-old1 16.10"])?;
    ensure!(resource(&stage)? != blue, "the copy has an id of its own");
    let parts = stage.parts(DATA_TIER)?;
    for group in [
        "postgres/orders/parameters/16",
        "postgres/orders/parameters/17",
    ] {
        ensure!(parts.contains_key(group), "{group} is not among {parts:?}");
    }
    // What was kept goes when nobody wants it any more, and with it what it used.
    let without = tier("17", "keep_previous = false\n    final_snapshot = false");
    settle_in_turn(&stage, &[&without])?;
    expect(&stage, &["shop-orders 17.6"])?;
    ensure!(
        !stage
            .parts(DATA_TIER)?
            .contains_key("postgres/orders/parameters/16"),
        "the group of the former version is still there"
    );
    stage.strike()
}

#[test]
fn another_class_takes_over_and_leaves_nothing_where_nothing_is_to_stay() -> Outcome<()> {
    let stage = Stage::new()?;
    let of = |class: &str| {
        tier(
            "17.4",
            &format!(
                "instance_class = \"{class}\"\n    keep_previous = false\n    final_snapshot = false"
            ),
        )
    };
    settle_in_turn(&stage, &[&of("db.r8g.large"), &of("db.r8g.xlarge")])?;
    expect(&stage, &["shop-orders 17.4"])?;
    stage.strike()
}

#[test]
fn a_destroy_takes_along_what_was_kept() -> Outcome<()> {
    let stage = Stage::new()?;
    settle_in_turn(
        &stage,
        &[
            &tier("17.4", "final_snapshot = false"),
            &tier("17.5", "final_snapshot = false"),
        ],
    )?;
    expect(&stage, &["shop-orders 17.5", "shop-orders-old1 17.4"])?;
    stage.strike()
}

#[test]
fn what_rds_refuses_is_refused_at_plan() -> Outcome<()> {
    let stage = Stage::new()?;
    let managed = |upgrade: &str| {
        with(&format!(
            "  postgres = {{ orders = {{ version = \"17.4\"{upgrade} }} }}"
        ))
    };
    stage.settle(&managed(""), DATA_TIER)?;
    expect_refusal(
        &stage,
        &managed(", upgrade = \"blue_green\""),
        &["RDS makes no blue/green deployment of an instance whose master password it manages"],
    )?;
    // The password and the version at once.
    expect_refusal(
        &stage,
        &with(
            "  postgres = { orders = { version = \"17.5\", upgrade = \"blue_green\", password = \"own\" } }",
        ),
        &["RDS manages the master password. Apply password = \"own\" first, by itself"],
    )
}

#[test]
fn a_run_that_was_killed_is_gone_on_with_and_makes_no_second_deployment() -> Outcome<()> {
    let mut stage = Stage::new()?;
    let before = tier("16", "");
    let upgraded = tier("17", "");
    for at in 1.. {
        stage.reset()?;
        stage.settle(&before, DATA_TIER)?;
        stage.terraform.write(&upgraded)?;
        let struck = stage.proxy.place(Fault {
            at,
            delivery: Delivery::Withheld,
            freeze: true,
        });
        let mut running = stage
            .terraform
            .spawn(&["apply", "-auto-approve", "-no-color"])?;
        let reached = loop {
            if let Ok(call) = struck.recv_timeout(Duration::from_millis(200)) {
                break Some(call);
            }
            if running.has_ended()? {
                break None;
            }
        };
        running.kill();
        running.wait()?;
        stage.proxy.thaw();
        let Some(call) = reached else {
            ensure!(at > 4, "only {at} calls change anything");
            return Ok(());
        };
        let name = call.name();
        settle_in_turn(&stage, &[&upgraded])
            .map_err(|failure| Failure::new(format!("killed at {name}: {failure:?}")))?;
        let calls = stage.proxy.counts();
        let made: usize = calls
            .iter()
            .filter(|(name, _)| name.ends_with("CreateBlueGreenDeployment"))
            .map(|(_, count)| count)
            .sum();
        expect(&stage, &["shop-orders 17.6", "shop-orders-old1 16.10"])?;
        ensure!(made <= 2, "killed at {name}: asked for {made} deployments");
        stage.proxy.forget();
    }
    Ok(())
}
