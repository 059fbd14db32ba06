//! Somebody changes AWS behind Terraform's back: the plan shows it, the apply repairs it, and that is that. What somebody adds
//! is told and left alone.

mod additions;
mod deletions;
mod hand;
mod tampering;

use std::collections::{BTreeMap, BTreeSet};

use acceptance_tests::{Flavor, Inventory, Outcome, Plan, Stage, ensure, with_provider};
use serde_json::{Map, Value};

use crate::configuration::{NETWORK, SMALL, WHOLE};
use deletions::{DELETIONS, UNDELETABLE};
use hand::{Hand, retag, untag};
use tampering::{LACKING, TAMPERINGS, UNCHANGEABLE};

/// One entry of `resources`.
pub struct Part {
    pub address: String,
    pub kind: String,
    pub id: String,
    pub properties: Value,
    attributes: Value,
}

impl Part {
    fn read(address: &str, part: &Value) -> Self {
        let text = |name: &str| part[name].as_str().unwrap_or_default().to_owned();
        Part {
            address: address.to_owned(),
            kind: text("type"),
            id: text("id"),
            properties: part["properties"].clone(),
            attributes: part["attributes"].clone(),
        }
    }

    fn text(&self, property: &str) -> &str {
        self.properties
            .get(property)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    fn is(&self, property: &str) -> bool {
        self.properties.get(property) == Some(&Value::Bool(true))
    }

    fn attribute(&self, name: &str) -> &str {
        self.attributes[name].as_str().unwrap_or_default()
    }
}

/// A network with a part of every type that the emulator has, in two zones.
const RICH: &str = r#"
  name             = "main"
  cidr             = "10.0.0.0/16"
  secondary_cidrs  = ["100.64.0.0/16"]
  ipv6             = {}
  zones            = { count = 1 }
  tiers = {
    public   = { kind = "public" }
    private  = { kind = "private" }
    database = {
      kind        = "isolated"
      network_acl = {
        ingress = { postgres = { number = 100, cidr = "10.0.0.0/16", protocol = "tcp", port = 5432 } }
        egress  = { answers = { number = 100, cidr = "10.0.0.0/16" } }
      }
    }
  }
  nat          = { mode = "single" }
  dhcp_options = { domain_name = "corp.example.com" }
  endpoints    = { interface = { sts = {} } }
  security_groups = {
    app = {
      ingress = { web = { from_cidrs = ["10.0.0.0/8"], port = 443 } }
      egress  = { db = { to_group = "db", port = 5432 } }
    }
    db = { ingress = { app = { from_group = "app", port = 5432 } } }
  }
  flow_logs           = { cloudwatch = { own_kms_key = true } }
  deletion_protection = false
"#;

/// A whole configuration with this network and these further lines in the provider block.
fn with(provider: &str, network: &str) -> String {
    with_provider(
        provider,
        &format!(r#"resource "platform_network" "main" {{{network}}}"#),
    )
}

const DEEP: &str = r#"  drift = "deep""#;

fn parts(stage: &Stage) -> Outcome<Map<String, Value>> {
    let state = stage.terraform.state_of(NETWORK)?;
    Ok(state["resources"].as_object().cloned().unwrap_or_default())
}

/// The addresses that a plan changes, by what it says of them in `changes`.
fn changed(plan: &Plan) -> BTreeSet<String> {
    let changes = plan.after(NETWORK, "changes").as_object().cloned();
    changes.unwrap_or_default().keys().cloned().collect()
}

fn plan(stage: &Stage) -> Outcome<Plan> {
    let plan = stage.terraform.plan()?;
    ensure!(
        plan.errors().is_empty(),
        "the plan fails: {:?}",
        plan.diagnostics
    );
    Ok(plan)
}

/// What a plan shows if it changes anything, none if it does not.
fn shown(stage: &Stage) -> Outcome<BTreeSet<String>> {
    let plan = plan(stage)?;
    Ok(if plan.actions.is_empty() {
        BTreeSet::new()
    } else {
        changed(&plan)
    })
}

/// Applies and expects that nothing is left to do, twice.
fn repair(stage: &Stage, what: &str) -> Outcome<()> {
    let run = stage.terraform.apply()?;
    let state = stage.terraform.state_of(NETWORK)?;
    ensure!(
        state["ready"] == true,
        "{what}: not ready after\n{}",
        run.text()
    );
    stage
        .terraform
        .expect_no_changes(&format!("{what}: once repaired"))?;
    stage
        .terraform
        .expect_no_changes(&format!("{what}: repaired, looked at again"))
}

/// Does everything a row says to every part that it applies to, and gives the addresses of those.
fn done_to_all(
    stage: &Stage,
    of: impl Fn(&Part) -> bool,
    act: impl Fn(&Hand<'_>, &Part) -> Outcome<bool>,
) -> Outcome<BTreeSet<String>> {
    let parts = parts(stage)?;
    let hand = Hand {
        stage,
        parts: &parts,
    };
    let mut done = BTreeSet::new();
    for (address, part) in &parts {
        let part = Part::read(address, part);
        if of(&part) && act(&hand, &part)? {
            done.insert(part.address);
        }
    }
    Ok(done)
}

/// Every part's properties, tampered with in rounds: the first row of each type at once, then the second, and so on.
fn tamper_in_rounds(stage: &Stage, deep: bool) -> Outcome<()> {
    let mut rows: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    let flavor = stage.emulator.flavor();
    let lacks = |what| {
        LACKING
            .iter()
            .any(|(lacking, row)| *lacking == flavor && *row == what)
    };
    for row in TAMPERINGS
        .iter()
        .filter(|row| row.deep == deep && !lacks(row.what))
    {
        rows.entry(row.kind).or_default().push(row);
    }
    let rounds = rows.values().map(Vec::len).max().unwrap_or_default();
    for round in 0..rounds {
        let now: BTreeMap<&str, _> = rows
            .iter()
            .filter_map(|(kind, rows)| Some((*kind, *rows.get(round)?)))
            .collect();
        let what = now
            .values()
            .map(|row| row.what)
            .collect::<Vec<_>>()
            .join(", ");
        let done = done_to_all(
            stage,
            |part| now.contains_key(part.kind.as_str()),
            |hand, part| (now[part.kind.as_str()].tamper)(hand, part),
        )?;
        if deep {
            stage.terraform.write(&with("", RICH))?;
            let seen = shown(stage)?;
            ensure!(seen.is_empty(), "{what}: a fast refresh sees {seen:?}");
            stage.terraform.write(&with(DEEP, RICH))?;
        }
        let seen = shown(stage)?;
        ensure!(
            seen == done,
            "{what}: the plan must show {done:?}, not {seen:?}"
        );
        repair(stage, &what)?;
    }
    Ok(())
}

#[test]
fn every_property_of_every_part_that_drifts_is_shown_and_repaired() -> Outcome<()> {
    drift_on(Flavor::Moto)
}

#[test]
fn every_property_of_every_part_that_drifts_is_shown_and_repaired_on_localstack() -> Outcome<()> {
    drift_on(Flavor::LocalStack)
}

fn drift_on(flavor: Flavor) -> Outcome<()> {
    let Some(stage) = Stage::on(flavor)? else {
        return Ok(());
    };
    stage.settle(&with("", RICH), NETWORK)?;
    for (what, act) in [
        (
            "tags have other values",
            retag as fn(&Hand<'_>, &Part) -> Outcome<bool>,
        ),
        ("tags are gone", untag),
    ] {
        let done = done_to_all(&stage, |_| true, act)?;
        let seen = shown(&stage)?;
        ensure!(
            seen == done,
            "{what}: the plan must show {done:?}, not {seen:?}"
        );
        repair(&stage, what)?;
    }
    tamper_in_rounds(&stage, false)?;
    stage.terraform.write(&with(DEEP, RICH))?;
    stage.terraform.expect_no_changes("looked at closely")?;
    tamper_in_rounds(&stage, true)
}

#[test]
fn every_part_that_is_deleted_is_made_again() -> Outcome<()> {
    let stage = Stage::new()?;
    stage.settle(&with("", RICH), NETWORK)?;
    let rounds: BTreeSet<usize> = DELETIONS.iter().map(|row| row.round).collect();
    for round in rounds {
        let now: BTreeMap<&str, _> = DELETIONS
            .iter()
            .filter(|row| row.round == round)
            .map(|row| (row.kind, row))
            .collect();
        let before = stage.made()?;
        let what = format!("{:?} deleted", now.keys());
        let done = done_to_all(
            &stage,
            |part| now.contains_key(part.kind.as_str()),
            |hand, part| (now[part.kind.as_str()].delete)(hand, part),
        )?;
        let seen = shown(&stage)?;
        let missed: Vec<&String> = done.difference(&seen).collect();
        ensure!(
            missed.is_empty(),
            "{what}: the plan does not show {missed:?}"
        );
        repair(&stage, &what)?;
        let after = stage.made()?;
        ensure!(
            existing(&before) == existing(&after),
            "{what}: before\n{before}after the repair\n{after}"
        );
    }
    let run = stage.terraform.destroy()?;
    let left = stage.made()?;
    ensure!(
        existing(&left).is_empty(),
        "after the destroy there is still:\n{left}\n{}",
        run.text()
    );
    Ok(())
}

/// How many of each exist. What is tagged counts for longer than it exists: AWS lists a NAT gateway for a while after its end.
fn existing(made: &Inventory) -> BTreeMap<&'static str, usize> {
    let mut counts = made.counts();
    counts.remove("tagged resource");
    counts
}

/// A type that a network has gets a row, or a reason why it needs none.
#[test]
fn every_type_has_a_row() -> Outcome<()> {
    let stage = Stage::new()?;
    stage.settle(&with("", RICH), NETWORK)?;
    let used: BTreeSet<String> = parts(&stage)?
        .values()
        .filter_map(|part| Some(part["type"].as_str()?.to_owned()))
        .collect();
    let tampered: BTreeSet<String> = TAMPERINGS
        .iter()
        .map(|row| row.kind)
        .chain(UNCHANGEABLE.iter().map(|(kind, _)| *kind))
        .map(str::to_owned)
        .collect();
    let deleted: BTreeSet<String> = DELETIONS
        .iter()
        .map(|row| row.kind)
        .chain(UNDELETABLE.iter().map(|(kind, _)| *kind))
        .map(str::to_owned)
        .collect();
    ensure!(
        used == tampered,
        "types in use {used:?}, types with a row {tampered:?}"
    );
    ensure!(
        used == deleted,
        "types in use {used:?}, types with a row {deleted:?}"
    );
    Ok(())
}

/// Looking at nothing sees nothing and asks nothing.
#[test]
fn drift_off_believes_the_state() -> Outcome<()> {
    let stage = Stage::new()?;
    stage.settle(&with("", RICH), NETWORK)?;
    done_to_all(&stage, |_| true, retag)?;
    stage.terraform.write(&with("  drift = \"off\"", RICH))?;
    stage.proxy.forget();
    stage.terraform.expect_no_changes("with drift off")?;
    let asked: Vec<String> = stage
        .proxy
        .counts()
        .into_keys()
        .filter(|call| !call.contains("GetCallerIdentity"))
        .collect();
    ensure!(asked.is_empty(), "drift = off asks {asked:?}");
    stage.terraform.write(&with("", RICH))?;
    ensure!(!shown(&stage)?.is_empty(), "a fast refresh sees it");
    Ok(())
}

/// A fast look at a network is a handful of calls however many parts it has, and a close one is at most five more, since it asks the
/// same replies more questions.
#[test]
fn a_look_at_a_network_takes_few_calls() -> Outcome<()> {
    let stage = Stage::new()?;
    let bare = include_str!("../../src/bench/platform.tf");
    for (parts_of, hcl, fast, deep) in [
        ("bare", bare, 10, 15),
        ("small", &SMALL.hcl(), 20, 24),
        ("whole", &WHOLE.hcl(), 20, 24),
    ] {
        stage.settle(hcl, NETWORK)?;
        let parts = parts(&stage)?.len();
        for (drift, most) in [("fast", fast), ("deep", deep)] {
            let look = format!("skip_credentials_validation = true\n  drift = \"{drift}\"");
            let looking = hcl.replace("skip_credentials_validation = true", &look);
            stage.terraform.write(&looking)?;
            stage.proxy.forget();
            stage.terraform.expect_no_changes("looked at")?;
            let counts = stage.proxy.counts();
            let calls: usize = counts
                .iter()
                .filter(|(call, _)| !call.contains("GetCallerIdentity"))
                .map(|(_, count)| count)
                .sum();
            ensure!(
                calls <= most,
                "a {drift} look at the {parts} parts of the {parts_of} network is {calls} calls, more than {most}: {counts:?}"
            );
        }
        stage.strike()?;
    }
    Ok(())
}
