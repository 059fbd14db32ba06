//! Others look at what was made: boto3 says of every store, in its own words, whether it is safe. What is expected stands in
//! `python/safety.py`, so that a default that nobody thought of cannot vouch for itself.

use std::process::Command;

use acceptance_tests::{Failure, Flavor, Outcome, Stage, ensure, workspace};
use serde_json::Value;

use crate::configuration::{DATA_TIER, expect_refusal, on_network};

/// A tier as it is meant to run, with every store that moto has and hardly a word about any of them.
const STORES: &str = r#"
  alarms = { topic_arn = "arn:aws:sns:us-east-1:123456789012:on-call" }
  postgres = {
    orders = { version = "17", readers = { reports = {} } }
    users  = { version = "16", topology = "aurora" }
    events = { version = "16", topology = "aurora_serverless" }
    ledger = { version = "17", topology = "multi_az_cluster" }
  }
  mysql = {
    legacy = { version = "8.4" }
    shop   = { version = "8.0", topology = "aurora" }
  }
  tables = { carts = { partition_key = { name = "user_id" } } }
  caches = {
    catalog  = {}
    offers   = { mode = "serverless" }
    sessions = { mode = "single" }
  }
  search       = { products = { logs = {} } }
  buckets      = { media = {} }
  file_systems = { media = {} }
"#;

/// The tier in a network of three zones, protected or not.
fn tier(stores: &str, protected: bool) -> String {
    let access = "  access_from         = { security_groups = [\"app\"] }";
    on_network("", &format!("{access}\n{stores}"))
        .replace("count = 2", "count = 3")
        .replace(
            "network             = platform_network.main\n  deletion_protection = false",
            &format!(
                "network             = platform_network.main\n  deletion_protection = {protected}"
            ),
        )
}

/// What boto3 finds wrong, by the line; nothing, and how many stores and facts there were of each sort, if all is well.
fn look(stage: &Stage) -> Outcome<Result<Value, Vec<String>>> {
    let python =
        workspace::emulator_python("moto").ok_or_else(|| Failure::new("moto is not installed"))?;
    let report = Command::new(python)
        .arg("-B")
        .arg(workspace::root().join("acceptance-tests/python/safety.py"))
        .args([stage.emulator.endpoint().as_str(), "shop"])
        .env_clear()
        .output()?;
    let printed = String::from_utf8_lossy(&report.stdout).into_owned();
    if report.status.success() {
        return Ok(Ok(serde_json::from_str(&printed)?));
    }
    let errors = String::from_utf8_lossy(&report.stderr);
    ensure!(errors.is_empty(), "{errors}");
    Ok(Err(printed.lines().map(str::to_owned).collect()))
}

/// Expects that all is well with so many stores of each sort.
fn expect_safe(stage: &Stage, sorts: &[(&str, u64)]) -> Outcome<()> {
    let seen = match look(stage)? {
        Ok(seen) => seen,
        Err(wrong) => return Err(Failure::new(wrong.join("\n"))),
    };
    for (sort, stores) in sorts {
        let found = &seen[*sort];
        ensure!(found["stores"] == *stores, "{sort}: {found}, not {stores}");
        ensure!(found["facts"].as_u64() >= Some(*stores), "{sort}: {found}");
    }
    for shared in ["key", "security group", "log group", "alarm"] {
        ensure!(seen[shared]["stores"].as_u64() > Some(0), "no {shared}");
    }
    Ok(())
}

#[test]
fn boto3_finds_every_store_safe_and_what_is_not() -> Outcome<()> {
    let stage = Stage::new()?;
    stage.settle(&tier(STORES, true), DATA_TIER)?;
    expect_safe(
        &stage,
        &[
            ("postgres", 1),
            ("postgres instance", 2),
            ("aurora-postgresql", 2),
            ("aurora-postgresql instance", 4),
            ("mysql instance", 1),
            ("aurora-mysql", 1),
            ("aurora-mysql instance", 2),
            ("table", 1),
            ("cache", 2),
            ("serverless cache", 1),
            ("search", 1),
            ("bucket", 1),
            ("file system", 1),
        ],
    )?;

    // A witness that finds nothing wrong with anything would be none.
    let api = stage.emulator.api();
    for parameters in [
        [
            ("Action", "ModifyDBInstance"),
            ("DBInstanceIdentifier", "shop-orders"),
            ("DeletionProtection", "false"),
        ],
        [
            ("Action", "ModifyDBCluster"),
            ("DBClusterIdentifier", "shop-users"),
            ("BackupRetentionPeriod", "1"),
        ],
    ] {
        let reply = api.query("rds", acceptance_tests::REGION, "2014-10-31", &parameters)?;
        ensure!(reply.status == 200, "{}", reply.body);
    }
    let found = look(&stage)?;
    let expected = [
        "aurora-postgresql shop-users: keeps backups for a week: 1",
        "postgres instance shop-orders: cannot be deleted by mistake: False",
    ];
    ensure!(
        found == Err(expected.map(str::to_owned).to_vec()),
        "{found:?}"
    );

    for refused in [
        &["destroy", "-auto-approve", "-no-color"][..],
        &["apply", "-auto-approve", "-no-color", "-replace", DATA_TIER][..],
    ] {
        let run = stage.terraform.run(refused)?;
        let said = run.text().split_whitespace().collect::<Vec<_>>().join(" ");
        for fragment in ["is protected", "table/carts", "deletion_protection"] {
            ensure!(run.code == Some(1) && said.contains(fragment), "{said}");
        }
    }
    let renamed = tier(STORES, true).replace("\"shop\"", "\"other\"");
    expect_refusal(&stage, &renamed, &["is protected", "postgres/orders"])?;
    ensure!(look(&stage)? == found, "nothing was destroyed");
    stage.settle(&tier(STORES, false), DATA_TIER)?;
    stage.terraform.destroy()?;
    // What stays are backups: snapshots that were taken last, and those that RDS keeps.
    let left = stage.made()?;
    let is_backup = |arn: &&str| arn.contains(":snapshot:") || arn.contains("-snapshot:");
    ensure!(
        left.counts().keys().all(|what| *what == "tagged resource")
            && left.ids("tagged resource").iter().all(is_backup),
        "after the destroy there is still:\n{left}"
    );
    for last in ["orders", "users", "events", "ledger", "legacy", "shop"] {
        let name = format!("snapshot:shop-{last}-final-");
        ensure!(
            left.to_string().contains(&name),
            "no final snapshot of {last}:\n{left}"
        );
    }
    Ok(())
}

#[test]
fn boto3_finds_documents_safe() -> Outcome<()> {
    let Some(stage) = Stage::on(Flavor::Ministack)? else {
        return Ok(());
    };
    let documents = r#"
  alarms    = { topic_arn = "arn:aws:sns:us-east-1:123456789012:on-call" }
  documents = { products = {} }
"#;
    stage.settle(&tier(documents, true), DATA_TIER)?;
    expect_safe(&stage, &[("docdb", 1), ("docdb instance", 3)])?;
    stage.settle(&tier(documents, false), DATA_TIER)?;
    stage.strike()
}
