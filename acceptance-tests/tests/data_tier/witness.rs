//! Others look at what was made: boto3 says of every store, in its own words, whether it is safe. What is expected stands in
//! `python/safety.py`, so that a default that nobody thought of cannot vouch for itself.

use acceptance_tests::safety::{self, Found};
use acceptance_tests::{Flavor, Outcome, Stage, ensure};

use crate::configuration::{DATA_TIER, expect_refusal, on_network};

/// A tier as it is meant to run, with every store that moto has and hardly a word about any of them.
const STORES: &str = r#"
  alarms = { topic_arn = "arn:aws:sns:us-east-1:123456789012:on-call" }
  postgres = {
    orders = { version = "17", password = "own", readers = { reports = {} } }
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

const COMPOSITE: &str = "platform_data_tier";

#[test]
fn boto3_finds_every_store_safe_and_what_is_not() -> Outcome<()> {
    let stage = Stage::new()?;
    stage.settle(&tier(STORES, true), DATA_TIER)?;
    safety::expect(
        &stage.emulator,
        COMPOSITE,
        "shop",
        &[
            ("key", 1),
            ("security group", 11),
            ("secret", 6),
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
    let found = safety::look(&stage.emulator, COMPOSITE, "shop")?;
    let expected = [
        "aurora-postgresql shop-users: keeps backups for a week: 1",
        "postgres instance shop-orders: cannot be deleted by mistake: False",
    ];
    ensure!(
        found == Found::Wrong(expected.map(str::to_owned).to_vec()),
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
    let still = safety::look(&stage.emulator, COMPOSITE, "shop")?;
    ensure!(still == found, "nothing was destroyed: {still:?}");
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
    let sorts = [("key", 1), ("docdb", 1), ("docdb instance", 3)];
    safety::expect(&stage.emulator, COMPOSITE, "shop", &sorts)?;
    stage.settle(&tier(documents, false), DATA_TIER)?;
    stage.strike()
}
