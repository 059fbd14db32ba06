//! PostgreSQL and MySQL on moto: instances, clusters, what grows on its own, what is refused.

use acceptance_tests::{Outcome, Stage, Weather, ensure};

use crate::configuration::{DATA_TIER, expect_refusal, expect_repair, settle_in_turn, with};

const REGION: &str = "us-east-1";

/// Asks RDS for something behind Terraform's back; an error reply is a failure.
fn ask(stage: &Stage, action: &str, parameters: &[(&str, &str)]) -> Outcome<String> {
    let parameters = [&[("Action", action)], parameters].concat();
    let api = stage.emulator.api();
    let reply = api.query("rds", REGION, "2014-10-31", &parameters)?;
    ensure!(reply.status == 200, "{action}: {}", reply.body);
    Ok(reply.body)
}

/// Destroys everything and expects nothing but backups to be left: a final snapshot of each of these, and automated ones.
fn strike(stage: &Stage, databases: &[&str]) -> Outcome<()> {
    stage.terraform.destroy()?;
    let left = stage.made()?;
    const TAGGED: &str = "tagged resource";
    ensure!(
        left.counts().keys().all(|what| *what == TAGGED),
        "after the destroy there is still:\n{left}"
    );
    let kept = left.ids(TAGGED);
    let is_backup = |arn: &str| arn.contains(":snapshot:") || arn.contains(":cluster-snapshot:");
    ensure!(kept.iter().all(|arn| is_backup(arn)), "{kept:?}");
    for database in databases {
        let last = format!("snapshot:{database}-final-");
        ensure!(
            kept.iter().any(|arn| arn.contains(&last)),
            "no final snapshot of {database}: {kept:?}"
        );
    }
    Ok(())
}

#[test]
fn an_instance_is_created_changed_and_destroyed() -> Outcome<()> {
    let stage = Stage::new()?;
    settle_in_turn(
        &stage,
        &[
            &with("  postgres = { orders = { version = \"17\" } }"),
            &with(
                r#"  postgres = { orders = {
    version            = "17"
    instance_class     = "db.r8g.large"
    storage            = { size_gib = 40, max_size_gib = 100 }
    parameters         = { work_mem = "65536", max_connections = "300" }
    backup             = { retention_days = 14, window = "01:00-02:00" }
    maintenance_window = "sun:03:00-sun:04:00"
    insights           = { mode = "advanced", monitoring_interval_seconds = 15 }
    password           = "own"
    readers            = { reports = {} }
  } }
  tags   = { team = "shop" }
  alarms = { topic_arn = "arn:aws:sns:us-east-1:123456789012:on-call" }"#,
            ),
            &with(
                r#"  postgres = { orders = {
    version        = "17"
    instance_class = "db.r8g.large"
    storage        = { size_gib = 40, max_size_gib = 0 }
    logs           = { types = ["postgresql"], retention_days = 30 }
    password       = "own"
    readers        = { reports = {} }
  } }
  allow_delete = ["postgres/orders/log/upgrade", "postgres/orders/reader/reports/log/upgrade"]"#,
            ),
        ],
    )?;
    let state = stage.terraform.state_of(DATA_TIER)?;
    let endpoint = &state["postgres_endpoints"]["orders"];
    ensure!(endpoint["port"] == 5432, "{endpoint}");
    for known in ["endpoint", "secret_arn", "security_group_id", "arn"] {
        ensure!(endpoint[known].is_string(), "{known}: {endpoint}");
    }
    strike(&stage, &["shop-orders"])
}

#[test]
fn the_master_password_changes_hands_in_place() -> Outcome<()> {
    let stage = Stage::new()?;
    let tier = |password: &str, more: &str| {
        with(&format!(
            "  mysql = {{ orders = {{ version = \"8.4\", proxy = {{}}, {password} }} }}\n{more}"
        ))
    };
    let secret = || -> Outcome<String> {
        let state = stage.terraform.state_of(DATA_TIER)?;
        let arn = state["mysql_endpoints"]["orders"]["secret_arn"].as_str();
        Ok(arn.unwrap_or_default().to_owned())
    };
    stage.settle(&tier("", ""), DATA_TIER)?;
    let managed = secret()?;
    expect_refusal(
        &stage,
        &tier("readers = { reports = {} }", ""),
        &["password = \"own\"", "secret_arn"],
    )?;
    let own = "password = \"own\"";
    settle_in_turn(&stage, &[&tier(own, "")])?;
    let kept = secret()?;
    ensure!(
        kept != managed && kept.contains(":secret:shop-orders/master-password-"),
        "{managed}, then {kept}"
    );
    let replicated = tier(&format!("{own}, readers = {{ reports = {{}} }}"), "");
    settle_in_turn(&stage, &[&replicated, &tier(own, ALLOW_LOGS)])?;
    ensure!(secret()? == kept, "the secret stays");
    expect_refusal(&stage, &tier("", ""), &["mysql/orders/master-password"])?;
    let back = "  allow_delete = [\"mysql/orders/master-password\"]";
    settle_in_turn(&stage, &[&tier("", back)])?;
    ensure!(secret()?.contains("rds!"), "{}", secret()?);
    strike(&stage, &["shop-orders"])
}

#[test]
fn the_master_password_of_a_cluster_changes_hands_in_place() -> Outcome<()> {
    let stage = Stage::new()?;
    let tier = |password: &str, more: &str| {
        with(&format!(
            "  postgres = {{ orders = {{ version = \"17\", topology = \"aurora\", proxy = {{}}, {password} }} }}\n{more}"
        ))
    };
    let secret = || -> Outcome<String> {
        let state = stage.terraform.state_of(DATA_TIER)?;
        let arn = state["postgres_endpoints"]["orders"]["secret_arn"].as_str();
        Ok(arn.unwrap_or_default().to_owned())
    };
    let own = "password = \"own\"";
    settle_in_turn(&stage, &[&tier("", ""), &tier(own, "")])?;
    ensure!(
        secret()?.contains(":secret:shop-orders/master-password-"),
        "{}",
        secret()?
    );
    expect_refusal(&stage, &tier("", ""), &["postgres/orders/master-password"])?;
    let back = "  allow_delete = [\"postgres/orders/master-password\"]";
    settle_in_turn(&stage, &[&tier("", back)])?;
    ensure!(secret()?.contains("rds!"), "{}", secret()?);
    strike(&stage, &["shop-orders"])?;
    expect_refusal(
        &stage,
        &tier(
            "password = \"own\", restore = { source = \"shop-old\" }",
            "",
        ),
        &["keeps the password it had"],
    )
}

/// The calls about passwords since the last time, in order.
fn writes(stage: &Stage, from: usize) -> Vec<String> {
    const ABOUT: [&str; 3] = ["PutSecretValue", "GetSecretValue", "ModifyDBInstance"];
    let calls = stage.proxy.calls();
    let of = calls.iter().skip(from).map(|call| call.action.clone());
    of.filter(|action| ABOUT.contains(&action.as_str()))
        .collect()
}

#[test]
fn another_password_reaches_secret_and_database_in_one_apply() -> Outcome<()> {
    let stage = Stage::new()?;
    let tier = |version: u32| {
        with(&format!(
            "  mysql = {{ orders = {{ version = \"8.4\", password = \"own\", password_version = {version}, final_snapshot = false }} }}"
        ))
    };
    let current = || -> Outcome<String> {
        let body = serde_json::json!({ "SecretId": "shop-orders/master-password" });
        let api = stage.emulator.api();
        let reply = api.json(
            "secretsmanager",
            REGION,
            "secretsmanager.GetSecretValue",
            &body,
        )?;
        Ok(reply.body)
    };
    settle_in_turn(&stage, &[&tier(1)])?;
    let first = current()?;
    let from = stage.proxy.calls().len();
    settle_in_turn(&stage, &[&tier(2)])?;
    ensure!(current()? != first, "another one is drawn");
    let calls = writes(&stage, from);
    ensure!(
        calls == ["PutSecretValue", "GetSecretValue", "ModifyDBInstance"],
        "{calls:?}"
    );

    // A run that ends between the two writes is gone on with, and draws no third one.
    let from = stage.proxy.calls().len();
    stage.proxy.set_weather(Weather {
        denied: vec!["ModifyDBInstance"],
        ..Weather::default()
    });
    stage.terraform.write(&tier(3))?;
    let refused = stage.terraform.try_apply()?;
    ensure!(refused.code == Some(1), "{}", refused.text());
    stage.proxy.set_weather(Weather::default());
    let second = current()?;
    settle_in_turn(&stage, &[&tier(3)])?;
    ensure!(current()? == second, "it was drawn before");
    let calls = writes(&stage, from);
    ensure!(
        calls
            .iter()
            .filter(|call| *call == "PutSecretValue")
            .count()
            == 1
            && calls.last().is_some_and(|call| call == "ModifyDBInstance"),
        "{calls:?}"
    );
    stage.strike()
}

/// Lets the logs of a reader go with it.
const ALLOW_LOGS: &str = r#"  allow_delete = ["mysql/orders/reader/reports/log/error", "mysql/orders/reader/reports/log/slowquery"]"#;

#[test]
fn aurora_is_created_changed_and_destroyed() -> Outcome<()> {
    let stage = Stage::new()?;
    settle_in_turn(
        &stage,
        &[
            &with("  mysql = { orders = { version = \"8.0\", topology = \"aurora_serverless\" } }"),
            &with(
                r#"  mysql = { orders = {
    version    = "8.0"
    topology   = "aurora_serverless"
    capacity   = { min = 1, max = 16 }
    readers    = { standby = {}, reports = { promotion_tier = 15 } }
    parameters = { max_connections = "500" }
    backup     = { retention_days = 3 }
    storage    = { io_optimized = true }
  } }"#,
            ),
        ],
    )?;
    strike(&stage, &["shop-orders"])
}

#[test]
fn what_aws_does_on_its_own_plans_nothing() -> Outcome<()> {
    let stage = Stage::new()?;
    let hcl = with(
        r#"  postgres = {
    orders = { version = "17.2" }
    users  = { version = "16", topology = "aurora" }
  }"#,
    );
    stage.settle(&hcl, DATA_TIER)?;
    let grown = [
        ("DBInstanceIdentifier", "shop-orders"),
        ("AllocatedStorage", "60"),
        ("EngineVersion", "17.6"),
    ];
    ask(&stage, "ModifyDBInstance", &grown)?;
    stage
        .terraform
        .expect_no_changes("with grown storage and another minor version")?;
    let swap = [
        ("DBClusterIdentifier", "shop-users"),
        ("TargetDBInstanceIdentifier", "shop-users-standby"),
    ];
    ask(&stage, "FailoverDBCluster", &swap)?;
    stage.terraform.expect_no_changes("after a failover")?;
    strike(&stage, &["shop-orders", "shop-users"])
}

#[test]
fn what_somebody_changes_is_repaired() -> Outcome<()> {
    let stage = Stage::new()?;
    let hcl = with("  postgres = { orders = { version = \"17\" } }");
    stage.settle(&hcl, DATA_TIER)?;
    for (action, parameters, address) in [
        (
            "ModifyDBInstance",
            [
                ("DBInstanceIdentifier", "shop-orders"),
                ("DBInstanceClass", "db.t4g.small"),
            ]
            .as_slice(),
            "postgres/orders",
        ),
        (
            "ModifyDBInstance",
            &[
                ("DBInstanceIdentifier", "shop-orders"),
                ("BackupRetentionPeriod", "1"),
            ],
            "postgres/orders",
        ),
        (
            "ModifyDBInstance",
            &[
                ("DBInstanceIdentifier", "shop-orders"),
                ("MultiAZ", "false"),
            ],
            "postgres/orders",
        ),
        (
            "ModifyDBInstance",
            &[
                ("DBInstanceIdentifier", "shop-orders"),
                ("PubliclyAccessible", "true"),
            ],
            "postgres/orders",
        ),
        (
            "ModifyDBParameterGroup",
            &[
                ("DBParameterGroupName", "shop-orders-postgres17"),
                ("Parameters.Parameter.1.ParameterName", "rds.force_ssl"),
                ("Parameters.Parameter.1.ParameterValue", "0"),
                ("Parameters.Parameter.1.ApplyMethod", "immediate"),
            ],
            "postgres/orders/parameters/17",
        ),
        (
            "ModifyDBParameterGroup",
            &[
                ("DBParameterGroupName", "shop-orders-postgres17"),
                ("Parameters.Parameter.1.ParameterName", "work_mem"),
                ("Parameters.Parameter.1.ParameterValue", "9"),
                ("Parameters.Parameter.1.ApplyMethod", "immediate"),
            ],
            "postgres/orders/parameters/17",
        ),
    ] {
        ask(&stage, action, parameters)?;
        expect_repair(&stage, &hcl, address)?;
    }
    strike(&stage, &["shop-orders"])
}

#[test]
fn no_data_is_lost_by_mistake() -> Outcome<()> {
    let stage = Stage::new()?;
    let hcl = with("  postgres = { orders = { version = \"17\" } }");
    stage.settle(&hcl, DATA_TIER)?;
    for (changed, address) in [
        (
            "version = \"17\", master_username = \"boss\"",
            "postgres/orders would be replaced",
        ),
        (
            "version = \"17\", database = \"other\"",
            "postgres/orders would be replaced",
        ),
        (
            "version = \"17\", topology = \"aurora\"",
            "postgres/orders would be replaced",
        ),
    ] {
        let changed = with(&format!("  postgres = {{ orders = {{ {changed} }} }}"));
        expect_refusal(&stage, &changed, &[address])?;
    }
    expect_refusal(
        &stage,
        &with(""),
        &["postgres/orders would be deleted", "allow_delete"],
    )?;
    stage.terraform.write(&hcl)?;
    strike(&stage, &["shop-orders"])
}
