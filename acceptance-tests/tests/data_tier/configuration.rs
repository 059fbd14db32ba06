//! The configurations that the scenarios apply.

use std::collections::BTreeSet;

use acceptance_tests::{Outcome, Plan, Stage, ensure, with_provider};

/// Address of the composite in every configuration.
pub const DATA_TIER: &str = "platform_data_tier.main";
/// Address of the network that it is built on.
pub const NETWORK: &str = "platform_network.main";

/// A data tier with these arguments, in a network of two zones with the group `app`.
pub fn with(arguments: &str) -> String {
    on_network(
        "",
        &format!("  access_from         = {{ security_groups = [\"app\"] }}\n{arguments}"),
    )
}

/// The same with further arguments of the network.
pub fn on_network(network: &str, arguments: &str) -> String {
    with_provider(
        "",
        &format!(
            r#"resource "platform_network" "main" {{
  name                = "main"
  cidr                = "10.0.0.0/16"
  zones               = {{ count = 2 }}
  tiers               = {{ private = {{ kind = "private" }}, database = {{ kind = "isolated" }} }}
  nat                 = {{ mode = "none" }}
  endpoints           = {{ gateway = [] }}
  flow_logs           = {{ enabled = false }}
  security_groups     = {{ app = {{}} }}
  deletion_protection = false
{network}
}}

resource "platform_data_tier" "main" {{
  name                = "shop"
  network             = platform_network.main
  deletion_protection = false
{arguments}
}}"#
        ),
    )
}

/// A data tier without a network.
pub fn alone(arguments: &str) -> String {
    with_provider(
        "",
        &format!(
            r#"resource "platform_data_tier" "main" {{
  name                = "shop"
  deletion_protection = false
{arguments}
}}"#
        ),
    )
}

/// Applies one configuration after another; after each the composite is ready and two further plans are empty.
pub fn settle_in_turn(stage: &Stage, configurations: &[&str]) -> Outcome<()> {
    for (nth, hcl) in configurations.iter().enumerate() {
        stage.settle(hcl, DATA_TIER).map_err(|failure| {
            acceptance_tests::Failure::new(format!("step {nth}: {failure:?}"))
        })?;
        stage.terraform.expect_no_changes("a second time")?;
    }
    Ok(())
}

/// The addresses that the next plan changes; none when it is empty.
pub fn changed(stage: &Stage) -> Outcome<BTreeSet<String>> {
    let plan: Plan = stage.terraform.plan()?;
    ensure!(plan.errors().is_empty(), "{:?}", plan.diagnostics);
    if plan.actions.is_empty() {
        return Ok(BTreeSet::new());
    }
    let changes = plan.after(DATA_TIER, "changes").as_object().cloned();
    Ok(changes.unwrap_or_default().keys().cloned().collect())
}

/// Expects the next plan to show exactly this part, and an apply to repair it.
pub fn expect_repair(stage: &Stage, hcl: &str, address: &str) -> Outcome<()> {
    let shown = changed(stage)?;
    ensure!(
        shown.contains(address),
        "{address} was tampered with, but the plan shows {shown:?}"
    );
    stage.settle(hcl, DATA_TIER)?;
    Ok(())
}

/// Expects the next plan of a configuration to be refused with an error that contains all of these.
pub fn expect_refusal(stage: &Stage, hcl: &str, fragments: &[&str]) -> Outcome<()> {
    let before = stage.made()?;
    stage.terraform.write(hcl)?;
    let plan = stage.terraform.plan()?;
    let said: Vec<String> = plan.errors().iter().map(|error| error.message()).collect();
    for fragment in fragments {
        ensure!(
            said.iter().any(|error| error.contains(fragment)),
            "no error says {fragment:?}: {said:?}"
        );
    }
    ensure!(stage.made()? == before, "nothing may change");
    Ok(())
}
