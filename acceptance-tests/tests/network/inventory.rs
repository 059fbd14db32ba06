//! What is there and whose it is: the inventory, the sweep of leftovers, and runs that were killed and whose configuration has
//! changed since.

use std::collections::BTreeMap;
use std::process::{Command, Output};
use std::time::Duration;

use acceptance_tests::{
    Delivery, Fault, Inventory, Outcome, REGION, Run, Stage, Weather, ensure, workspace,
};
use serde_json::Value;

use crate::configuration::{CACHE, DATABASE, NETWORK, Network, PRIVATE, PUBLIC, SMALL};

const OWNER: &str = "platform_network/us-east-1/main";

/// The network, and an inventory in which it claims what it holds.
fn with_inventory(network: Network) -> String {
    format!(
        "{}\n{}",
        network.hcl(),
        inventory("claimed_by = [platform_network.main]")
    )
}

fn inventory(arguments: &str) -> String {
    format!(
        r#"
data "platform_inventory" "all" {{
  {arguments}
}}

output "parts"  {{ value = data.platform_inventory.all.parts }}
output "owners" {{ value = data.platform_inventory.all.owners }}
"#
    )
}

fn without_network(arguments: &str) -> String {
    let whole = SMALL.hcl();
    let head = whole.split("resource \"platform_network\"").next();
    format!("{}\n{}", head.unwrap_or_default(), inventory(arguments))
}

fn outputs(stage: &Stage) -> Outcome<(Vec<Value>, Value)> {
    let run = stage.terraform.run(&["output", "-json"])?.succeeded()?;
    let outputs: Value = serde_json::from_str(&run.stdout)
        .map_err(|error| acceptance_tests::Failure::new(format!("{error}:\n{}", run.stdout)))?;
    let parts = outputs["parts"]["value"].as_array().cloned();
    Ok((
        parts.unwrap_or_default(),
        outputs["owners"]["value"].clone(),
    ))
}

/// Runs `terraform-provider-platform sweep`.
fn sweep(stage: &Stage, arguments: &[&str]) -> Outcome<Output> {
    let binary = workspace::provider_folder().join(format!(
        "terraform-provider-platform{}",
        std::env::consts::EXE_SUFFIX
    ));
    Ok(Command::new(binary)
        .arg("sweep")
        .args(arguments)
        .current_dir(stage.terraform.folder())
        .env_clear()
        .env("HOME", stage.terraform.folder())
        .env("AWS_ENDPOINT_URL", stage.proxy.endpoint())
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_REGION", REGION)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .output()?)
}

fn text(output: &Output) -> String {
    format!(
        "{:?}\n{}{}",
        output.status.code(),
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// Writes what `terraform show -json` prints into a file of the working folder.
fn show(stage: &Stage, file: &str) -> Outcome<()> {
    let shown = stage.terraform.run(&["show", "-json"])?.succeeded()?;
    std::fs::write(stage.terraform.folder().join(file), shown.stdout)?;
    Ok(())
}

/// How many of each exist, without what moto goes on listing: tags of what is deleted, and the association of a deleted subnet.
fn counts(inventory: &Inventory) -> BTreeMap<&'static str, usize> {
    let mut counts = inventory.counts();
    counts.retain(|what, _| !["tagged resource", "route table association"].contains(what));
    counts
}

fn ids(parts: &[Value]) -> Vec<&str> {
    parts
        .iter()
        .filter_map(|part| part["id"].as_str())
        .collect()
}

#[test]
fn the_inventory_lists_every_tagged_part_with_and_without_its_state() -> Outcome<()> {
    let stage = Stage::new()?;
    stage.settle(&with_inventory(SMALL), NETWORK)?;
    let (parts, owners) = outputs(&stage)?;
    let known = stage.parts(NETWORK)?;
    for part in &parts {
        let address = part["address"].as_str().unwrap_or_default();
        ensure!(
            known
                .get(address)
                .is_some_and(|known| known.id == part["id"])
                && part["claimed"] == true
                && part["condition"] == "live"
                && part["owner"] == OWNER,
            "{part} is not what {known:?} says"
        );
    }
    let made = stage.made()?;
    for what in [
        "vpc",
        "subnet",
        "nat gateway",
        "elastic ip",
        "route table",
        "iam role",
        "log group",
        "flow log",
    ] {
        for id in made.ids(what) {
            // A VPC's main route table and a role's id are not what a state calls them.
            let there = parts.iter().any(|part| part.to_string().contains(id));
            let main = what == "route table" && !known.values().any(|part| part.id == id);
            ensure!(
                there || main || what == "iam role",
                "{what} {id} is not in the inventory: {parts:?}"
            );
        }
    }
    let summary = &owners[OWNER];
    ensure!(
        summary["claimed"] == true
            && summary["complete"] == true
            && summary["parts"] == parts.len()
            && summary["born"].is_string()
            && summary["age_days"] == 0,
        "{owners}"
    );

    stage.terraform.lose_state()?;
    stage.terraform.write(&without_network(""))?;
    stage.terraform.apply()?;
    let (orphans, owners) = outputs(&stage)?;
    assert_eq!(ids(&orphans), ids(&parts), "the same parts");
    ensure!(
        orphans.iter().all(|part| part["claimed"] == false) && owners[OWNER]["claimed"] == false,
        "{orphans:?}"
    );
    stage
        .terraform
        .write(&without_network("name = \"other\""))?;
    stage.terraform.apply()?;
    let (others, _) = outputs(&stage)?;
    ensure!(others.is_empty(), "{others:?}");
    Ok(())
}

#[test]
fn a_sweep_deletes_what_no_state_claims_and_only_when_that_is_confirmed() -> Outcome<()> {
    let stage = Stage::new()?;
    stage.settle(&SMALL.hcl(), NETWORK)?;
    show(&stage, "state.json")?;
    let made = stage.made()?;

    let listed = sweep(&stage, &[])?;
    ensure!(
        listed.status.success() && text(&listed).contains(OWNER) && text(&listed).contains("vpc-"),
        "{}",
        text(&listed)
    );
    stage.proxy.forget();
    for (arguments, code, says) in [
        (&["--state", "state.json"] as &[&str], 0, "claimed"),
        (&["--delete"], 3, "--owner"),
        (&["--delete", "--owner", OWNER], 3, "no terminal"),
        (
            &["--delete", "--owner", OWNER, "--confirm", "yes"],
            3,
            "nothing was deleted",
        ),
        (
            &[
                "--delete",
                "--owner",
                OWNER,
                "--state",
                "state.json",
                "--confirm",
                OWNER,
            ],
            3,
            "holds all of",
        ),
        (
            &[
                "--delete",
                "--owner",
                OWNER,
                "--older-than",
                "1d",
                "--confirm",
                OWNER,
            ],
            0,
            "nothing to delete",
        ),
        (&["--older-than", "soon"], 2, "no age"),
        (&["--state", "absent.json"], 1, "can't be read"),
    ] {
        let output = sweep(&stage, arguments)?;
        ensure!(
            output.status.code() == Some(code) && text(&output).contains(says),
            "{arguments:?}: {}",
            text(&output)
        );
    }
    // The tags that say that a network is complete cannot be read.
    stage.proxy.set_weather(Weather {
        denied: vec!["DescribeTags"],
        ..Weather::default()
    });
    let blind = sweep(&stage, &["--delete"])?;
    ensure!(
        blind.status.code() == Some(1) && text(&blind).contains("is not known"),
        "{}",
        text(&blind)
    );
    ensure!(
        text(&blind).contains("nothing to delete"),
        "{}",
        text(&blind)
    );
    stage.proxy.set_weather(Weather::default());
    assert_eq!(stage.proxy.mutating(), 0, "{:?}", stage.proxy.counts());
    ensure!(stage.made()? == made, "nothing may be gone");

    let swept = sweep(&stage, &["--delete", "--owner", OWNER, "--confirm", OWNER])?;
    ensure!(
        swept.status.success() && text(&swept).contains("--including-data"),
        "{}",
        text(&swept)
    );
    let left = stage.made()?;
    ensure!(
        counts(&left) == [("log group", 1)].into(),
        "only what holds data stays, but there is\n{left}\n{}",
        text(&swept)
    );
    let data = [
        "--delete",
        "--owner",
        OWNER,
        "--including-data",
        "--confirm",
        OWNER,
    ];
    let swept = sweep(&stage, &data)?;
    let left = stage.made()?;
    ensure!(
        swept.status.success() && counts(&left).is_empty(),
        "{left}\n{}",
        text(&swept)
    );
    Ok(())
}

/// Kills terraform and the provider at mutating call `at` of an apply.
fn killed_at(stage: &Stage, at: usize) -> Outcome<Run> {
    let struck = stage.proxy.place(Fault {
        at,
        delivery: Delivery::Withheld,
        freeze: true,
    });
    let running = stage
        .terraform
        .spawn(&["apply", "-auto-approve", "-no-color"])?;
    let reached = struck.recv_timeout(Duration::from_secs(60));
    running.kill();
    let run = running.wait()?;
    stage.proxy.thaw();
    ensure!(
        reached.is_ok(),
        "the run ended before the fault struck:\n{}",
        run.text()
    );
    Ok(run)
}

/// What a run of `network` in an empty account makes, by count.
fn undisturbed(stage: &mut Stage, network: Network) -> Outcome<Inventory> {
    stage.settle(&network.hcl(), NETWORK)?;
    let made = stage.made()?;
    stage.reset()?;
    Ok(made)
}

/// A zone, two tiers and the NAT gateways more than [`LESS`], so that address blocks move too.
const MORE: Network = Network {
    zones: 2,
    tiers: &[PUBLIC, PRIVATE, DATABASE, CACHE],
    nat: "per_zone",
    flow_logs: false,
    protected: false,
};
const LESS: Network = Network {
    zones: 1,
    tiers: &[PUBLIC, DATABASE],
    nat: "none",
    flow_logs: false,
    protected: false,
};

#[test]
fn what_a_killed_create_made_of_a_tier_that_is_gone_since_goes() -> Outcome<()> {
    let mut stage = Stage::new()?;
    let expected = undisturbed(&mut stage, LESS)?;
    for at in [8, 20, 30] {
        stage.terraform.write(&MORE.hcl())?;
        killed_at(&stage, at)?;
        stage.terraform.write(&LESS.hcl())?;
        let plan = stage.terraform.plan()?;
        let changes = plan.after(NETWORK, "changes").clone();
        stage.settle(&LESS.hcl(), NETWORK)?;
        LESS.expect_in(&stage)?;
        let made = stage.made()?;
        ensure!(
            counts(&made) == counts(&expected),
            "killed at call {at}, planned {changes}: there is\n{made}\nand not what an undisturbed run makes:\n{expected}"
        );
        stage.reset()?;
    }
    Ok(())
}

#[test]
fn what_a_killed_update_made_goes_when_the_change_is_taken_back() -> Outcome<()> {
    let stage = Stage::new()?;
    stage.settle(&LESS.hcl(), NETWORK)?;
    let before = stage.made()?;
    for at in [2, 12] {
        stage.terraform.write(&MORE.hcl())?;
        killed_at(&stage, at)?;
        stage.settle(&LESS.hcl(), NETWORK)?;
        let made = stage.made()?;
        ensure!(
            counts(&made) == counts(&before),
            "killed at call {at}: there is\n{made}\nand before there was\n{before}"
        );
    }
    Ok(())
}

#[test]
fn a_destroy_takes_along_what_a_killed_update_made() -> Outcome<()> {
    let stage = Stage::new()?;
    stage.settle(&LESS.hcl(), NETWORK)?;
    stage.terraform.write(&MORE.hcl())?;
    killed_at(&stage, 12)?;
    stage.terraform.write(&LESS.hcl())?;
    stage.terraform.destroy()?;
    let left = stage.made()?;
    ensure!(counts(&left).is_empty(), "{left}");
    Ok(())
}
