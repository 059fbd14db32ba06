//! The master passwords, which AWS makes and keeps or which are drawn for it, are nowhere but in Secrets Manager: whatever is planned, applied, changed,
//! refused or destroyed, and however much is logged.

use acceptance_tests::{Canary, Failure, Outcome, REGION, Stage, Weather, ensure};
use serde_json::{Value, json};

use crate::configuration::{DATA_TIER, with};

const STORES: &str = r#"
  postgres = {
    orders = { version = "17", final_snapshot = false }
    users  = { version = "16", topology = "aurora", password = "own", final_snapshot = false }
    ledger = { version = "17", password = "own", readers = { reports = {} }, final_snapshot = false }
  }
  mysql  = { legacy = { version = "8.4", final_snapshot = false } }
  caches = { sessions = { mode = "single", users = { app = { access_string = "on ~* +@all" } } } }
"#;

/// Asks Secrets Manager behind the provider's back.
fn ask(stage: &Stage, action: &str, body: &Value) -> Outcome<Value> {
    let target = format!("secretsmanager.{action}");
    let api = stage.emulator.api();
    let reply = api.json("secretsmanager", REGION, &target, body)?;
    ensure!(reply.status == 200, "{action}: {}", reply.body);
    Ok(serde_json::from_str(&reply.body)?)
}

/// The passwords that AWS has made: one by each secret.
fn passwords(stage: &Stage) -> Outcome<Vec<String>> {
    let listed = ask(stage, "ListSecrets", &json!({}))?;
    let secrets = listed["SecretList"].as_array().cloned().unwrap_or_default();
    let password = |secret: &Value| {
        let shown = ask(
            stage,
            "GetSecretValue",
            &json!({ "SecretId": secret["ARN"] }),
        )?;
        let text = shown["SecretString"].as_str().unwrap_or_default();
        let value: Value = serde_json::from_str(text)?;
        value["password"]
            .as_str()
            .map(str::to_owned)
            .ok_or_else(|| Failure::new(format!("{} holds no password", secret["Name"])))
    };
    secrets.iter().map(password).collect()
}

#[test]
fn no_password_is_anywhere_but_in_secrets_manager() -> Outcome<()> {
    let mut stage = Stage::new()?;
    let canary = Canary::new(&mut stage.terraform)?;
    stage.terraform.write(&with(STORES))?;
    canary.plan(&stage.terraform, "first")?;
    canary.hear(stage.settle(&with(STORES), DATA_TIER)?)?;
    let mut values = passwords(&stage)?;
    ensure!(values.len() == 4, "{} passwords are made", values.len());

    // Somebody sets a password of their own, which AWS has to show to nobody; AWS rotates one.
    let theirs = "canary-4f1d9c27";
    for parameters in [
        [
            ("Action", "ModifyDBInstance"),
            ("DBInstanceIdentifier", "shop-orders"),
            ("MasterUserPassword", theirs),
            ("ApplyImmediately", "true"),
        ],
        [
            ("Action", "ModifyDBInstance"),
            ("DBInstanceIdentifier", "shop-legacy"),
            ("RotateMasterUserPassword", "true"),
            ("ApplyImmediately", "true"),
        ],
    ] {
        let api = stage.emulator.api();
        let reply = api.query("rds", REGION, "2014-10-31", &parameters)?;
        ensure!(reply.status == 200, "{}", reply.body);
    }
    values.push(theirs.to_owned());
    values.extend(passwords(&stage)?);

    // A change that AWS refuses, then the same one.
    let more = STORES.replace(
        "final_snapshot = false",
        "final_snapshot = false, backup = { retention_days = 14 }",
    );
    stage.terraform.write(&with(&more))?;
    canary.plan(&stage.terraform, "second")?;
    stage.proxy.set_weather(Weather {
        denied: vec!["ModifyDBInstance", "ModifyDBCluster"],
        ..Weather::default()
    });
    let refused = canary.hear(stage.terraform.try_apply()?)?;
    ensure!(
        refused.code == Some(1) && refused.text().contains("rds:ModifyDBInstance"),
        "{}",
        refused.text()
    );
    stage.proxy.set_weather(Weather::default());
    canary.hear(stage.settle(&with(&more), DATA_TIER)?)?;
    for arguments in [
        &["show", "-json"][..],
        &["show", "-no-color"][..],
        &["state", "pull"][..],
    ] {
        canary.hear(stage.terraform.run(arguments)?)?;
    }
    values.extend(passwords(&stage)?);
    canary.hear(stage.terraform.destroy()?)?;

    values.sort();
    values.dedup();
    canary.expect_silence(
        &values,
        &["CreateDBInstance", "ModifyDBCluster", "DeleteDBCluster"],
    )?;
    let calls = stage.proxy.calls();
    let read = calls.iter().filter(|call| call.action == "GetSecretValue");
    ensure!(
        read.count() == 2,
        "only the calls that make an instance and a cluster with passwords of our own take them along"
    );
    Ok(())
}
