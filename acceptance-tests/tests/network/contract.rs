//! What Terraform is told when AWS refuses a part: nothing that exists is lost or tainted, nothing that hangs on the
//! network runs, and the next apply goes on from there.

use std::fs;

use acceptance_tests::{Outcome, Run, Stage, Weather, ensure};
use serde_json::Value;

use crate::configuration::{DATABASE, NETWORK, Network, PRIVATE, PUBLIC, SMALL};

const DENIAL: &str = "not authorized to perform this operation";

fn deny(stage: &Stage, actions: &[&'static str]) {
    stage.proxy.set_weather(Weather {
        denied: actions.to_vec(),
        ..Weather::default()
    });
}

fn allow(stage: &Stage) {
    stage.proxy.set_weather(Weather::default());
}

/// What was printed as one line: Terraform breaks lines, and draws a bar beside them.
fn said(run: &Run) -> String {
    let words = run
        .stdout
        .split_whitespace()
        .chain(run.stderr.split_whitespace());
    words
        .filter(|word| *word != "│")
        .collect::<Vec<_>>()
        .join(" ")
}

fn expect_said(run: &Run, fragments: &[&str]) -> Outcome<()> {
    let said = said(run);
    for fragment in fragments {
        ensure!(
            said.contains(fragment),
            "nothing is said of {fragment:?}:\n{}",
            run.text()
        );
    }
    Ok(())
}

/// The entry of the network in the state file; null if there is none.
fn recorded(stage: &Stage) -> Outcome<Value> {
    let path = stage.terraform.folder().join("terraform.tfstate");
    if !path.exists() {
        return Ok(Value::Null);
    }
    let state: Value = serde_json::from_str(&fs::read_to_string(path)?)?;
    let resources = state["resources"].as_array().cloned().unwrap_or_default();
    let network = resources
        .into_iter()
        .find(|resource| resource["type"] == "platform_network");
    Ok(network.map_or(Value::Null, |resource| resource["instances"][0].clone()))
}

/// Expects a state that Terraform will go on from, with `ready = false`, and that the next plan does.
fn expect_resumable(stage: &Stage) -> Outcome<()> {
    let instance = recorded(stage)?;
    ensure!(
        instance["status"].is_null() && instance["attributes"]["ready"] == false,
        "it must be kept, unready and not tainted: {instance}"
    );
    let plan = stage.terraform.plan()?;
    assert_eq!(plan.actions[NETWORK], ["update"], "{:?}", plan.diagnostics);
    Ok(())
}

/// Expects that exactly those parts which the state gives an id are there, of what has ids of its own in an inventory.
fn expect_recorded_is_there(stage: &Stage) -> Outcome<()> {
    let parts = stage.parts(NETWORK)?;
    let made = stage.made()?;
    for (what, kind) in [
        ("vpc", "AWS::EC2::VPC"),
        ("subnet", "AWS::EC2::Subnet"),
        ("internet gateway", "AWS::EC2::InternetGateway"),
        ("nat gateway", "AWS::EC2::NatGateway"),
        ("log group", "AWS::Logs::LogGroup"),
    ] {
        let mut recorded: Vec<&str> = parts
            .values()
            .filter(|part| part.kind == kind)
            .filter_map(|part| part.id.as_str())
            .collect();
        recorded.sort_unstable();
        assert_eq!(recorded, made.ids(what), "{what}");
    }
    Ok(())
}

#[test]
fn a_network_of_which_nothing_was_created_is_an_error_without_a_state() -> Outcome<()> {
    let stage = Stage::new()?;
    let bare = Network {
        tiers: &[PRIVATE],
        nat: "none",
        flow_logs: false,
        ..SMALL
    };
    deny(&stage, &["CreateVpc"]);
    stage.terraform.write(&bare.hcl())?;
    let run = stage.terraform.try_apply()?;
    ensure!(run.code == Some(1), "{}", run.text());
    expect_said(&run, &["Error: main: could not create vpc", DENIAL])?;
    assert_eq!(recorded(&stage)?, Value::Null);
    let made = stage.made()?;
    ensure!(made.is_empty(), "{made}");
    allow(&stage);
    stage.settle(&bare.hcl(), NETWORK)?;
    assert_eq!(stage.made()?.ids("vpc").len(), 1);
    stage.strike()
}

#[test]
fn a_network_of_which_some_was_created_is_kept_with_a_warning_per_part() -> Outcome<()> {
    let stage = Stage::new()?;
    deny(&stage, &["CreateNatGateway", "CreateFlowLogs"]);
    stage.terraform.write(&SMALL.hcl())?;
    let run = stage.terraform.apply()?;
    expect_said(
        &run,
        &[
            "Warning: main: could not create nat/use1-az1",
            "Warning: main: could not create flow-log",
            DENIAL,
            "CreateNatGateway",
            "CreateFlowLogs",
        ],
    )?;
    ensure!(!said(&run).contains("Error:"), "{}", run.text());
    expect_resumable(&stage)?;
    expect_recorded_is_there(&stage)?;
    let before = stage.parts(NETWORK)?;

    allow(&stage);
    stage.settle(&SMALL.hcl(), NETWORK)?;
    SMALL.expect_in(&stage)?;
    let after = stage.parts(NETWORK)?;
    assert!(before.keys().eq(after.keys()), "{before:?} {after:?}");
    for (address, part) in &before {
        let kept = part.id.is_null() || part.id == after[address].id;
        ensure!(
            kept,
            "{address} was {part:?} and is now {:?}",
            after[address]
        );
    }
    stage.strike()
}

#[test]
fn a_run_fails_by_its_postcondition_and_what_depends_on_the_network_waits() -> Outcome<()> {
    const DEPENDENT: &str = "terraform_data.dependent";
    let stage = Stage::new()?;
    let guarded = SMALL.hcl().replace(
        "  deletion_protection",
        r#"  lifecycle {
    postcondition {
      condition     = self.ready
      error_message = "the network is not ready"
    }
  }
  deletion_protection"#,
    ) + "resource \"terraform_data\" \"dependent\" {\n  input = platform_network.main.vpc_id\n}\n";
    deny(&stage, &["CreateNatGateway"]);
    stage.terraform.write(&guarded)?;
    for attempt in ["create", "update"] {
        let run = stage.terraform.try_apply()?;
        ensure!(run.code == Some(1), "{attempt}: {}", run.text());
        expect_said(&run, &["could not create nat/use1-az1", DENIAL])?;
        if attempt == "create" {
            expect_said(&run, &["the network is not ready"])?;
        }
        assert_eq!(stage.terraform.state_of(DEPENDENT)?, Value::Null);
        expect_resumable(&stage)?;
    }
    allow(&stage);
    stage.settle(&guarded, NETWORK)?;
    let (network, dependent) = (
        stage.terraform.state_of(NETWORK)?,
        stage.terraform.state_of(DEPENDENT)?,
    );
    assert_eq!(dependent["input"], network["vpc_id"]);
    stage.strike()
}

#[test]
fn an_update_that_failed_is_an_error_and_records_what_is_really_there() -> Outcome<()> {
    let stage = Stage::new()?;
    stage.settle(&SMALL.hcl(), NETWORK)?;
    let before = stage.parts(NETWORK)?;
    let other = Network {
        tiers: &[PUBLIC, PRIVATE, DATABASE],
        nat: "none",
        ..SMALL
    };
    deny(&stage, &["CreateSubnet", "DeleteNatGateway"]);
    stage.terraform.write(&other.hcl())?;
    let run = stage.terraform.try_apply()?;
    ensure!(run.code == Some(1), "{}", run.text());
    expect_said(
        &run,
        &[
            "Error: main: could not create subnet/database/use1-az1",
            "Error: main: could not delete nat/use1-az1",
            DENIAL,
        ],
    )?;
    expect_resumable(&stage)?;
    expect_recorded_is_there(&stage)?;
    let after = stage.parts(NETWORK)?;
    for (address, part) in &before {
        let kept = after.get(address).is_none_or(|now| now == part);
        ensure!(
            kept,
            "{address} was {part:?} and is now {:?}",
            after[address]
        );
    }
    assert_eq!(after["nat/use1-az1"], before["nat/use1-az1"]);
    allow(&stage);
    stage.settle(&other.hcl(), NETWORK)?;
    other.expect_in(&stage)?;
    stage.strike()
}

#[test]
fn a_destroy_that_failed_keeps_what_is_left() -> Outcome<()> {
    let stage = Stage::new()?;
    stage.settle(&SMALL.hcl(), NETWORK)?;
    let all = stage.parts(NETWORK)?.len();
    deny(&stage, &["DeleteSubnet"]);
    let run = stage
        .terraform
        .run(&["destroy", "-auto-approve", "-no-color"])?;
    ensure!(run.code == Some(1), "{}", run.text());
    expect_said(&run, &["could not delete subnet/public/use1-az1", DENIAL])?;
    ensure!(
        recorded(&stage)?["status"].is_null(),
        "{}",
        recorded(&stage)?
    );
    expect_recorded_is_there(&stage)?;
    let left = stage.parts(NETWORK)?.len();
    ensure!(left < all, "{left} of {all} are left: what can go must go");
    assert_eq!(stage.made()?.ids("subnet").len(), 2);
    allow(&stage);
    stage.strike()
}
