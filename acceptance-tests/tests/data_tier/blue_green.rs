//! Upgrades by blue/green deployments on moto: what is refused, what is kept, and runs that are killed at every call.

mod readers;

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

/// A tier with a cluster of PostgreSQL of this version.
fn aurora(version: &str, more: &str) -> String {
    tier(
        version,
        &format!(
            "topology = \"aurora\"\n    endpoints = {{ reports = {{ members = [\"standby\"] }} }}\n    {more}"
        ),
    )
}

fn ask(stage: &Stage, action: &str) -> Outcome<String> {
    let api = stage.emulator.api();
    let reply = api.query("rds", REGION, "2014-10-31", &[("Action", action)])?;
    ensure!(reply.status == 200, "{action}: {}", reply.body);
    Ok(reply.body)
}

/// What stands in every element of this name.
fn between(xml: &str, tag: &str) -> Vec<String> {
    let opening = format!("<{tag}>");
    xml.split(&opening)
        .skip(1)
        .filter_map(|rest| rest.split('<').next().map(str::to_owned))
        .collect()
}

/// The names of all instances or clusters with their versions, and how many deployments there are.
fn there(stage: &Stage, action: &str, name: &str) -> Outcome<(Vec<String>, usize)> {
    let listed = ask(stage, action)?;
    let names = between(&listed, name);
    let versions = between(&listed, "EngineVersion");
    let mut all: Vec<String> = names
        .iter()
        .zip(&versions)
        .map(|(name, version)| format!("{name} {version}"))
        .collect();
    all.sort();
    let deployments = ask(stage, "DescribeBlueGreenDeployments")?;
    Ok((
        all,
        between(&deployments, "BlueGreenDeploymentIdentifier").len(),
    ))
}

fn expect(stage: &Stage, instances: &[&str]) -> Outcome<()> {
    let (there, deployments) = there(stage, "DescribeDBInstances", "DBInstanceIdentifier")?;
    ensure!(
        there == instances && deployments == 0,
        "there are {there:?} and {deployments} deployments, not {instances:?}"
    );
    Ok(())
}

/// The instances of a cluster, with this at the end of their names.
fn members(end: &str, version: &str) -> [String; 2] {
    ["instance", "standby"].map(|member| format!("shop-orders-{member}{end} {version}"))
}

/// Expects these clusters, each with an instance that writes and one that reads.
fn expect_clusters(stage: &Stage, clusters: &[(&str, &str)]) -> Outcome<()> {
    let named: Vec<String> = clusters
        .iter()
        .map(|(end, version)| format!("shop-orders{end} {version}"))
        .collect();
    let (there, _) = there(stage, "DescribeDBClusters", "DBClusterIdentifier")?;
    ensure!(there == named, "there are {there:?}, not {named:?}");
    let mut instances: Vec<String> = clusters
        .iter()
        .flat_map(|(end, version)| members(end, version))
        .collect();
    instances.sort();
    let instances: Vec<&str> = instances.iter().map(String::as_str).collect();
    expect(stage, &instances)
}

#[test]
fn a_copy_of_a_cluster_is_upgraded_and_takes_over_with_its_instances() -> Outcome<()> {
    let stage = Stage::new()?;
    stage.settle(&aurora("16", ""), DATA_TIER)?;
    let output = |stage: &Stage, name: &str| -> Outcome<String> {
        let state = stage.terraform.state_of(DATA_TIER)?;
        Ok(state["postgres_endpoints"]["orders"][name].to_string())
    };
    let names = [
        "endpoint",
        "reader_endpoint",
        "custom_endpoints",
        "arn",
        "secret_arn",
    ];
    let before: Vec<String> = names
        .iter()
        .map(|name| output(&stage, name))
        .collect::<Outcome<_>>()?;
    let blue = output(&stage, "resource_id")?;
    stage.proxy.forget();
    settle_in_turn(&stage, &[&aurora("17", "")])?;
    expect_clusters(&stage, &[("", "17.5"), ("-old1", "16.9")])?;
    ensure!(
        output(&stage, "resource_id")? != blue,
        "the copy has an id of its own"
    );
    for (name, before) in names.iter().zip(before) {
        let after = output(&stage, name)?;
        ensure!(after == before, "{name} was {before} and is {after}");
    }
    let calls = stage.proxy.counts();
    let sent = |action: &str| calls.keys().any(|name| name.ends_with(action));
    ensure!(
        !sent("ModifyDBCluster"),
        "nothing is upgraded in place: {calls:?}"
    );
    let former = "postgres/orders/parameters/16";
    ensure!(
        stage.parts(DATA_TIER)?.contains_key(former),
        "the group of the former version is gone"
    );
    // What was kept goes when nobody wants it any more, and with it what it used.
    let without = aurora("17", "keep_previous = false\n    final_snapshot = false");
    settle_in_turn(&stage, &[&without])?;
    expect_clusters(&stage, &[("", "17.5")])?;
    ensure!(
        !stage.parts(DATA_TIER)?.contains_key(former),
        "the group of the former version is still there"
    );
    stage.terraform.destroy()?;
    expect_clusters(&stage, &[])
}

#[test]
fn a_serverless_cluster_of_mysql_is_upgraded_and_a_destroy_takes_along_what_was_kept() -> Outcome<()>
{
    let stage = Stage::new()?;
    let of = |version: &str, binary_log: &str| {
        with(&format!(
            r#"  mysql = {{ orders = {{
    version        = "{version}"
    topology       = "aurora_serverless"
    password       = "own"
    upgrade        = "blue_green"
    final_snapshot = false
    parameters     = {{ {binary_log} }}
  }} }}"#
        ))
    };
    let (old, new) = ("8.0.mysql_aurora.3.08.2", "8.0.mysql_aurora.3.10.0");
    let log = "binlog_format = \"ROW\"";
    stage.settle(&of(old, ""), DATA_TIER)?;
    expect_refusal(&stage, &of(new, ""), &["writes no binary log"])?;
    settle_in_turn(&stage, &[&of(old, log), &of(new, log)])?;
    expect_clusters(&stage, &[("", new), ("-old1", old)])?;
    stage.terraform.destroy()?;
    expect_clusters(&stage, &[])
}

/// Upgrades a cluster and deletes what it was, killed at every third call that changes something, from this one on.
fn killed_with_a_cluster(first: usize) -> Outcome<()> {
    let of = |version: &str| {
        tier(
            version,
            "topology = \"aurora\"\n    keep_previous = false\n    final_snapshot = false\n    \
             logs = { types = [] }\n    insights = { monitoring_interval_seconds = 0 }",
        )
    };
    killed_at((first..).step_by(3), &of("17.4"), &of("17.5"), &|stage| {
        expect_clusters(stage, &[("", "17.5")])
    })
}

#[test]
fn a_run_with_a_cluster_that_was_killed_is_gone_on_with_1() -> Outcome<()> {
    killed_with_a_cluster(1)
}

#[test]
fn a_run_with_a_cluster_that_was_killed_is_gone_on_with_2() -> Outcome<()> {
    killed_with_a_cluster(2)
}

#[test]
fn a_run_with_a_cluster_that_was_killed_is_gone_on_with_3() -> Outcome<()> {
    killed_with_a_cluster(3)
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
    killed_at(1.., &tier("16", ""), &tier("17", ""), &|stage| {
        expect(stage, &["shop-orders 17.6", "shop-orders-old1 16.10"])
    })
}

/// Upgrades a database once for each of these calls that change something, kills the run there, and goes on.
fn killed_at(
    calls: impl Iterator<Item = usize>,
    before: &str,
    upgraded: &str,
    expect: &dyn Fn(&Stage) -> Outcome<()>,
) -> Outcome<()> {
    let mut stage = Stage::new()?;
    for at in calls {
        stage.reset()?;
        stage.settle(before, DATA_TIER)?;
        let Some(name) = killed(&mut stage, at, upgraded)? else {
            ensure!(at > 4, "only {at} calls change anything");
            return Ok(());
        };
        settle_in_turn(&stage, &[upgraded])
            .map_err(|failure| Failure::new(format!("killed at {name}: {failure:?}")))?;
        let calls = stage.proxy.counts();
        let made: usize = calls
            .iter()
            .filter(|(name, _)| name.ends_with("CreateBlueGreenDeployment"))
            .map(|(_, count)| count)
            .sum();
        expect(&stage)?;
        ensure!(made <= 2, "killed at {name}: asked for {made} deployments");
        stage.proxy.forget();
    }
    Ok(())
}

/// Applies a configuration and kills the run at the call with this number of those that change something; yields its name. Nothing where
/// there are fewer.
fn killed(stage: &mut Stage, at: usize, hcl: &str) -> Outcome<Option<String>> {
    stage.terraform.write(hcl)?;
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
    Ok(reached.map(|call| call.name()))
}
