//! The configurations that the scenarios apply, and what an account says of backups.

use acceptance_tests::{Failure, Outcome, Stage, ensure, with_provider};
use serde_json::Value;

/// Address of the composite in every configuration.
pub const BACKUP: &str = "platform_backup.main";

/// Backups with these arguments.
pub fn with(arguments: &str) -> String {
    with_provider(
        "",
        &format!(
            r#"resource "platform_backup" "main" {{
  name                = "shop"
  deletion_protection = false
{arguments}
}}"#
        ),
    )
}

/// Backups with a part of every kind.
pub const EVERY_KIND: &str = r#"  vaults = {
    main = {
      lock          = { min_retention_days = 7, max_retention_days = 400 }
      notifications = { topic_arn = "arn:aws:sns:us-east-1:123456789012:backups" }
    }
    copies = { copies_from = ["123456789013", "o-a1b2c3d4e5"] }
  }
  plans = {
    stores = {
      rules = {
        daily = { copy_to = { recovery = { vault_arn = "arn:aws:backup:us-west-2:123456789012:backup-vault:shop-main" } } }
        hours = { schedule = "hourly", continuous = true, delete_after_days = 14 }
      }
      selections = {
        stores = { composites = ["data-tier/shop", "data-tier/users"] }
        tagged = { tags = { backup = "daily" }, not_resources = ["arn:aws:s3:::scratch-*"] }
      }
    }
  }
  restore_testing = {
    weekly = { selections = { databases = { resource_type = "rds", composite = "data-tier/shop" } } }
  }
  framework = {}
  reports   = { controls = { template = "control_compliance", bucket = "shop-audit" } }
  alarms    = { topic_arn = "arn:aws:sns:us-east-1:123456789012:on-call" }"#;

/// Asks AWS Backup behind the provider's back: a method, a path and a body.
pub fn ask(stage: &Stage, call: (&str, &str), body: Option<&Value>) -> Outcome<Value> {
    let api = stage.emulator.api();
    let reply = api.rest("backup", "us-east-1", call, body)?;
    ensure!(
        reply.status == 200,
        "{call:?} answers {}: {}",
        reply.status,
        reply.body
    );
    Ok(serde_json::from_str(&reply.body).unwrap_or(Value::Null))
}

/// Applies one configuration after another; after each the composite is ready and two further plans are empty.
pub fn settle_in_turn(stage: &Stage, configurations: &[&str]) -> Outcome<()> {
    for (nth, arguments) in configurations.iter().enumerate() {
        stage
            .settle(&with(arguments), BACKUP)
            .map_err(|failure| Failure::new(format!("step {nth}: {failure:?}")))?;
        stage.terraform.expect_no_changes("a second time")?;
    }
    Ok(())
}

/// Everything that the next plan of a configuration says, errors and warnings.
pub fn said(stage: &Stage, arguments: &str) -> Outcome<String> {
    stage.terraform.write(&with(arguments))?;
    let plan = stage.terraform.plan()?;
    let said = plan
        .diagnostics
        .iter()
        .map(|diagnostic| diagnostic.message());
    Ok(said.collect::<Vec<_>>().join("\n"))
}

/// Expects the next plan of a configuration to say all of these.
pub fn expect_said(stage: &Stage, arguments: &str, fragments: &[&str]) -> Outcome<()> {
    let said = said(stage, arguments)?;
    for fragment in fragments {
        ensure!(said.contains(fragment), "nothing says {fragment:?}: {said}");
    }
    Ok(())
}

/// Id of the plan of backups.
pub fn plan_id(stage: &Stage) -> Outcome<String> {
    let state = stage.terraform.state_of(BACKUP)?;
    Ok(state["plan_ids"]["stores"]
        .as_str()
        .unwrap_or_default()
        .to_owned())
}
