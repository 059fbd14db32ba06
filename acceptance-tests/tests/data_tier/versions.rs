//! Versions of databases on moto: what AWS upgrades, what is refused at plan, and in which order upgrades go.

use acceptance_tests::{Outcome, Plan, Stage, ensure};
use serde_json::Value;

use crate::configuration::{DATA_TIER, expect_refusal, settle_in_turn, with};

const REGION: &str = "us-east-1";

/// Asks RDS for something behind Terraform's back; an error reply is a failure.
fn ask(stage: &Stage, action: &str, parameters: &[(&str, &str)]) -> Outcome<String> {
    let parameters = [&[("Action", action)], parameters].concat();
    let api = stage.emulator.api();
    let reply = api.query("rds", REGION, "2014-10-31", &parameters)?;
    ensure!(reply.status == 200, "{action}: {}", reply.body);
    Ok(reply.body)
}

/// A tier with this database of PostgreSQL.
fn postgres(arguments: &str) -> String {
    with(&format!("  postgres = {{ orders = {{ {arguments} }} }}"))
}

fn mysql(arguments: &str) -> String {
    with(&format!("  mysql = {{ orders = {{ {arguments} }} }}"))
}

/// What RDS shows of an instance, as XML.
fn shown(stage: &Stage, instance: &str) -> Outcome<String> {
    ask(
        stage,
        "DescribeDBInstances",
        &[("DBInstanceIdentifier", instance)],
    )
}

fn expect_version(stage: &Stage, instance: &str, version: &str, family: &str) -> Outcome<()> {
    let xml = shown(stage, instance)?;
    for expected in [
        format!("<EngineVersion>{version}</EngineVersion>"),
        format!("<DBParameterGroupName>shop-orders-{family}</DBParameterGroupName>"),
    ] {
        ensure!(
            xml.contains(&expected),
            "{instance} lacks {expected}: {xml}"
        );
    }
    Ok(())
}

/// Expects the next plan to warn of something.
fn expect_warning(stage: &Stage, hcl: &str, fragment: &str) -> Outcome<()> {
    stage.terraform.write(hcl)?;
    let plan: Plan = stage.terraform.plan()?;
    ensure!(plan.errors().is_empty(), "{:?}", plan.diagnostics);
    ensure!(
        plan.diagnostics
            .iter()
            .any(|warning| warning.message().contains(fragment)),
        "no warning says {fragment:?}: {:?}",
        plan.diagnostics
    );
    Ok(())
}

#[test]
fn auto_takes_the_default_version_and_keeps_to_it() -> Outcome<()> {
    let stage = Stage::new()?;
    let hcl = postgres("version = \"auto\"");
    settle_in_turn(&stage, &[&hcl])?;
    expect_version(&stage, "shop-orders", "17.6", "postgres17")?;
    // The same version by its name is no change of the database.
    settle_in_turn(&stage, &[&postgres("version = \"17\""), &hcl])?;
    Ok(())
}

#[test]
fn an_older_version_is_refused_at_plan() -> Outcome<()> {
    let stage = Stage::new()?;
    let hcl = with(
        r#"  postgres = {
    orders = { version = "17.4" }
    users  = { version = "16", topology = "aurora" }
  }"#,
    );
    stage.settle(&hcl, DATA_TIER)?;
    let grown = [
        ("DBInstanceIdentifier", "shop-orders"),
        ("EngineVersion", "17.6"),
    ];
    ask(&stage, "ModifyDBInstance", &grown)?;
    stage
        .terraform
        .expect_no_changes("with a minor version that AWS raised")?;
    let older = with(
        r#"  postgres = {
    orders = { version = "16", allow_major_upgrade = true }
    users  = { version = "15", topology = "aurora" }
  }"#,
    );
    expect_refusal(
        &stage,
        &older,
        &[
            "postgres/orders runs 17.6, and 16 is older",
            "postgres/users runs 16.9, and 15 is older",
        ],
    )?;
    Ok(())
}

#[test]
fn a_version_that_is_not_there_is_refused_at_plan() -> Outcome<()> {
    let stage = Stage::new()?;
    let network = with("");
    stage.settle(&network, DATA_TIER)?;
    expect_refusal(
        &stage,
        &postgres("version = \"17.3\""),
        &[
            "AWS offers no version 17.3 of postgres in us-east-1",
            "17.2, 17.4, 17.5, 17.6",
        ],
    )?;
    stage.settle(&postgres("version = \"17.4\""), DATA_TIER)?;
    expect_refusal(
        &stage,
        &postgres("version = \"19\", allow_major_upgrade = true"),
        &[
            "postgres/orders runs 17.4, which can't be upgraded to 19",
            "17.5, 17.6, 18.1",
        ],
    )?;
    Ok(())
}

#[test]
fn another_major_version_is_asked_for_twice_and_done_once() -> Outcome<()> {
    let stage = Stage::new()?;
    let tier = |version: &str, more: &str| {
        with(&format!(
            r#"  postgres = {{
    orders = {{ version = "{version}", password = "own", readers = {{ reports = {{}} }}{more} }}
    users  = {{ version = "{version}", topology = "aurora"{more} }}
  }}"#
        ))
    };
    stage.settle(&tier("16", ""), DATA_TIER)?;
    expect_refusal(
        &stage,
        &tier("17", ""),
        &[
            "postgres/orders runs 16.10, and 17 is another major version",
            "postgres/users runs 16.9, and 17 is another major version",
        ],
    )?;
    let upgraded = tier("17", ", allow_major_upgrade = true");
    for database in ["orders", "users"] {
        expect_warning(
            &stage,
            &upgraded,
            &format!("postgres/{database} is upgraded from 16."),
        )?;
    }
    settle_in_turn(&stage, &[&upgraded, &tier("17", "")])?;
    for instance in ["shop-orders", "shop-orders-reports"] {
        expect_version(&stage, instance, "17.6", "postgres17")?;
    }
    let state = stage.terraform.state_of(DATA_TIER)?;
    let parameters = |database: &str, major: &str| -> &Value {
        &state["resources"][format!("postgres/{database}/parameters/{major}")]
    };
    for database in ["orders", "users"] {
        ensure!(
            parameters(database, "17").is_object(),
            "{database}: {state}"
        );
        ensure!(parameters(database, "16").is_null(), "{database}: {state}");
    }
    Ok(())
}

#[test]
fn replicas_of_mysql_are_upgraded_first() -> Outcome<()> {
    let stage = Stage::new()?;
    let tier = |more: &str| {
        mysql(&format!(
            "password = \"own\", readers = {{ reports = {{}}, search = {{}} }}, {more}"
        ))
    };
    stage.settle(&tier("version = \"8.0.42\""), DATA_TIER)?;
    expect_refusal(
        &stage,
        &tier("version = \"8.0.43\""),
        &["mysql/orders has readers, so another minor version can't wait"],
    )?;
    settle_in_turn(
        &stage,
        &[
            &tier("version = \"8.0.43\", apply_immediately = true"),
            &tier("version = \"8.4\", allow_major_upgrade = true"),
        ],
    )?;
    for instance in ["shop-orders", "shop-orders-reports", "shop-orders-search"] {
        expect_version(&stage, instance, "8.4.6", "mysql8-4")?;
    }
    Ok(())
}

#[test]
fn a_class_that_is_not_to_be_had_is_refused_at_plan() -> Outcome<()> {
    let stage = Stage::new()?;
    let class = |class: &str| {
        postgres(&format!(
            "version = \"17\"\n      instance_class = \"{class}\""
        ))
    };
    expect_refusal(
        &stage,
        &class("db.m4.large"),
        &["postgres/orders can't have db.m4.large", "It has it for 15"],
    )?;
    stage.settle(&class("db.m6g.large"), DATA_TIER)?;
    expect_refusal(
        &stage,
        &class("db.x2iedn.large"),
        &["AWS has it in too few of its zones", "us-east-1a"],
    )?;
    settle_in_turn(&stage, &[&class("db.t4g.medium")])
}
