//! No value of a secret is in the state, in a plan, in what Terraform prints, in the log at its most talkative, in a journal or in
//! the tags of the account.

use acceptance_tests::{Canary, Outcome, Stage, Weather, ensure};
use serde_json::json;

use crate::configuration::{SECRETS, ask, value, with};

#[test]
fn no_value_is_anywhere_but_in_secrets_manager() -> Outcome<()> {
    let mut stage = Stage::new()?;
    let canary = Canary::new(&mut stage.terraform)?;
    let given = [
        "canary-first-6f1d2c",
        "canary-\"second\"\\9b3e7a",
        "canary-denied-71ac0e",
        "canary-refused-2d8c4f",
    ];
    let hcl = |version: u32| {
        with(&format!(
            "  secrets = {{ stripe = {{ value_version = {version} }}, app = {{ generate = {{ version = {version} }} }} }}\n  values_wo = {{ stripe = var.stripe }}"
        ))
    };
    let mut drawn = Vec::new();
    for (version, value_given) in (1..).zip(&given[..2]) {
        stage
            .terraform
            .set_environment("TF_VAR_stripe", value_given);
        stage.terraform.write(&hcl(version))?;
        canary.plan(&stage.terraform, &format!("plan-{version}"))?;
        canary.hear(stage.settle(&hcl(version), SECRETS)?)?;
        ensure!(value(&stage, "shop/stripe")? == *value_given, "it is there");
        drawn.push(value(&stage, "shop/app")?);
    }
    // A write that is not allowed, and one of a secret that waits for its end.
    stage.terraform.set_environment("TF_VAR_stripe", given[2]);
    stage.terraform.write(&hcl(3))?;
    stage.proxy.set_weather(Weather {
        denied: vec!["PutSecretValue"],
        ..Weather::default()
    });
    let denied = canary.hear(stage.terraform.try_apply()?)?;
    ensure!(
        denied.text().contains("secretsmanager:PutSecretValue"),
        "{}",
        denied.text()
    );
    stage.proxy.set_weather(Weather::default());
    ask(
        &stage,
        "DeleteSecret",
        &json!({ "SecretId": "shop/stripe", "RecoveryWindowInDays": 7 }),
    )?;
    stage.terraform.set_environment("TF_VAR_stripe", given[3]);
    canary.hear(stage.terraform.try_apply()?)?;
    for arguments in [
        &["show", "-json"][..],
        &["show", "-no-color"][..],
        &["state", "pull"][..],
    ] {
        canary.hear(stage.terraform.run(arguments)?)?;
    }
    drawn.push(value(&stage, "shop/app")?);
    let shown = ask(&stage, "ListSecrets", &json!({}))?.to_string();
    canary.hear(stage.terraform.destroy()?)?;

    let mut values: Vec<String> = given.map(str::to_owned).to_vec();
    values.extend(drawn);
    canary.expect_silence(&values, &["PutSecretValue", "DeleteSecret"])?;
    for value in &values {
        ensure!(!shown.contains(value), "a secret is in tags");
    }
    ensure!(stage.made()?.is_empty(), "{}", stage.made()?);
    Ok(())
}
