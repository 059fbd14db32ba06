//! What a plan refuses or warns of, and what stands in the way of a destroy.

use acceptance_tests::{Outcome, Stage, ensure};
use serde_json::json;

use crate::configuration::{BACKUP, ask, expect_said, said, settle_in_turn, with};

const TABLE: &str = "arn:aws:dynamodb:us-east-1:123456789012:table/carts";

/// Backs up a table into the main vault behind the provider's back.
fn back_up(stage: &Stage) -> Outcome<()> {
    let job = json!({
        "BackupVaultName": "shop-main",
        "ResourceArn": TABLE,
        "IamRoleArn": "arn:aws:iam::123456789012:role/any",
    });
    ask(stage, ("PUT", "/backup-jobs"), Some(&job)).map(|_| ())
}

#[test]
fn a_plan_that_the_lock_of_its_vault_would_refuse_is_refused() -> Outcome<()> {
    let stage = Stage::new()?;
    let broken = r#"  vaults = { main = { lock = { mode = "compliance", min_retention_days = 30, changeable_for_days = 3 } } }
  plans  = { stores = { rules = { daily = { delete_after_days = 7 } }, selections = { tagged = { tags = { backup = "daily" } } } } }"#;
    expect_said(
        &stage,
        broken,
        &[
            "vault main takes no backup that is kept for 7 days",
            "a lock in compliance mode can't be undone",
        ],
    )?;
    let nothing = stage.made()?;
    ensure!(nothing.is_empty(), "something was made:\n{nothing}");
    Ok(())
}

#[test]
fn a_vault_is_neither_replaced_nor_deleted_unless_named() -> Outcome<()> {
    let stage = Stage::new()?;
    settle_in_turn(&stage, &["  vaults = { main = {}, other = {} }"])?;
    expect_said(
        &stage,
        "  vaults = { main = {} }",
        &["vault/other would be deleted", "allow_delete"],
    )?;
    expect_said(
        &stage,
        r#"  vaults = { main = { kms_key_arn = "arn:aws:kms:us-east-1:123456789012:key/k" }, other = {} }"#,
        &["vault/main would be", "allow_replace"],
    )?;
    settle_in_turn(
        &stage,
        &["  vaults = { main = {} }\n  allow_delete = [\"vault/other\"]"],
    )?;
    stage.strike()
}

#[test]
fn recovery_points_stay_unless_they_are_given_up() -> Outcome<()> {
    let stage = Stage::new()?;
    stage.settle(&with(""), BACKUP)?;
    back_up(&stage)?;
    let run = stage
        .terraform
        .run(&["destroy", "-auto-approve", "-no-color"])?;
    ensure!(
        run.code != Some(0) && run.text().contains(TABLE) && run.text().contains("force_destroy"),
        "the destroy goes on:\n{}",
        run.text()
    );
    let points = ask(
        &stage,
        ("GET", "/backup-vaults/shop-main/recovery-points/"),
        None,
    )?;
    assert_eq!(points["RecoveryPoints"].as_array().map(Vec::len), Some(1));
    settle_in_turn(&stage, &["  force_destroy = true"])?;
    stage.strike()
}

#[test]
fn types_that_are_switched_off_are_named() -> Outcome<()> {
    let stage = Stage::new()?;
    let off = json!({ "ResourceTypeOptInPreference": { "DynamoDB": false } });
    ask(&stage, ("PUT", "/account-settings"), Some(&off))?;
    let stores = r#"  plans = { stores = { selections = { stores = { composites = ["data-tier/shop"] } } } }"#;
    expect_said(
        &stage,
        stores,
        &["AWS Backup leaves out DynamoDB here", "DynamoDB=true"],
    )?;
    stage.settle(&with(stores), BACKUP)?;
    let quiet = said(&stage, &format!("{stores}\n  tags = {{ team = \"shop\" }}"))?;
    ensure!(!quiet.contains("leaves out"), "{quiet}");
    stage.strike()
}
