//! From the first apply to the destroy: values are written once per version, whatever else changes and whoever rotates.

use acceptance_tests::{Flavor, Outcome, Stage, ensure, safety};
use serde_json::json;

use crate::configuration::{SECRETS, ask, value, versions, with};

/// A set with a secret of every sort.
fn every_sort(version: u32, more: &str) -> String {
    with(&format!(
        r#"  secrets = {{
    stripe  = {{ description = "Payments", value_version = {version}, readers = ["123456789013"] }}
    session = {{ generate = {{ length = 48, punctuation = false }} }}
    app     = {{ generate = {{ json_key = "password", json_fields = {{ username = "app" }} }} }}
    partner = {{ external = true }}
  }}
  values_wo = {{ stripe = var.stripe }}
{more}"#
    ))
}

fn created_changed_and_destroyed(mut stage: Stage) -> Outcome<()> {
    stage
        .terraform
        .set_environment("TF_VAR_stripe", "first value");
    stage.settle(&every_sort(1, ""), SECRETS)?;
    let sorts = [("key", 1), ("secret", 4)];
    safety::expect(&stage.emulator, "platform_secrets", "shop", &sorts)?;
    assert_eq!(value(&stage, "shop/stripe")?, "first value");
    let session = value(&stage, "shop/session")?;
    assert_eq!(session.len(), 48);
    assert!(session.chars().all(|c| c.is_ascii_alphanumeric()));
    let app: serde_json::Value = serde_json::from_str(&value(&stage, "shop/app")?)?;
    assert_eq!(app["username"], "app");
    assert_eq!(app["password"].as_str().map(str::len), Some(32));
    assert_eq!(versions(&stage, "shop/partner")?, 0);

    // Another value under the same version writes nothing, and neither does another description.
    stage
        .terraform
        .set_environment("TF_VAR_stripe", "second value");
    stage.terraform.expect_no_changes("with another value")?;
    let described = every_sort(1, "").replace("Payments", "Payment provider");
    stage.settle(&described, SECRETS)?;
    assert_eq!(value(&stage, "shop/stripe")?, "first value");

    // A higher version writes it, once.
    stage.settle(&every_sort(2, ""), SECRETS)?;
    assert_eq!(value(&stage, "shop/stripe")?, "second value");
    assert_eq!(versions(&stage, "shop/stripe")?, 2);
    assert_eq!(value(&stage, "shop/session")?, session);

    // What others set is theirs, also where the first value came from here.
    for name in ["shop/partner", "shop/session"] {
        for text in ["theirs", "theirs again"] {
            let put = json!({ "SecretId": name, "SecretString": text, "ClientRequestToken": format!("{text:-<32}").replace(' ', "-") });
            ask(&stage, "PutSecretValue", &put)?;
        }
    }
    stage.terraform.expect_no_changes("after a rotation")?;
    stage.settle(&every_sort(2, "  tags = { team = \"shop\" }"), SECRETS)?;
    assert_eq!(value(&stage, "shop/session")?, "theirs again");

    // Without the value nothing is missing, as long as nothing is to be written.
    let without = every_sort(2, "").replace("  values_wo = { stripe = var.stripe }\n", "");
    stage.settle(&without, SECRETS)?;
    stage.strike()
}

#[test]
fn created_changed_and_destroyed_on_moto() -> Outcome<()> {
    created_changed_and_destroyed(Stage::new()?)
}

#[test]
fn created_changed_and_destroyed_on_localstack() -> Outcome<()> {
    match Stage::on(Flavor::LocalStack)? {
        Some(stage) => created_changed_and_destroyed(stage),
        None => Ok(()),
    }
}

#[test]
fn what_others_change_is_repaired() -> Outcome<()> {
    let stage = Stage::new()?;
    let hcl = with(
        r#"  secrets = {
    app = {
      generate = {}
      readers  = ["123456789013"]
      rotation = { lambda_arn = "arn:aws:lambda:us-east-1:123456789012:function:rotate", every_days = 30 }
    }
  }"#,
    );
    stage.settle(&hcl, SECRETS)?;
    let before = value(&stage, "shop/app")?;
    let own = json!({ "SecretId": "shop/app" });
    let with_own = |more: serde_json::Value| {
        let mut body = own.clone();
        if let (Some(body), Some(more)) = (body.as_object_mut(), more.as_object()) {
            body.extend(more.clone());
        }
        body
    };
    let open = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"secretsmanager:GetSecretValue","Resource":"*"}]}"#;
    for (action, body) in [
        (
            "UpdateSecret",
            with_own(json!({ "Description": "mine", "ClientRequestToken": "d".repeat(32) })),
        ),
        (
            "UpdateSecret",
            with_own(
                json!({ "KmsKeyId": "alias/aws/secretsmanager", "ClientRequestToken": "k".repeat(32) }),
            ),
        ),
        (
            "PutResourcePolicy",
            with_own(json!({ "ResourcePolicy": open })),
        ),
        ("DeleteResourcePolicy", own.clone()),
        (
            "RotateSecret",
            with_own(
                json!({ "RotationLambdaARN": "arn:aws:lambda:us-east-1:123456789012:function:rotate", "RotationRules": { "AutomaticallyAfterDays": 90 } }),
            ),
        ),
        ("CancelRotateSecret", own.clone()),
        (
            "TagResource",
            with_own(json!({ "Tags": [{ "Key": "Name", "Value": "mine" }] })),
        ),
    ] {
        ask(&stage, action, &body)?;
        let plan = stage.terraform.plan()?;
        ensure!(
            plan.actions.contains_key(SECRETS),
            "{action} {body} is not noticed"
        );
        stage.settle(&hcl, SECRETS)?;
    }
    assert_eq!(value(&stage, "shop/app")?, before);
    stage.strike()
}

#[test]
fn a_secret_is_deleted_only_by_name_and_comes_back_with_its_value() -> Outcome<()> {
    let stage = Stage::new()?;
    let two = "  secrets = { app = { generate = {} }, other = { external = true } }";
    let one = "  secrets = { other = { external = true } }";
    stage.settle(&with(two), SECRETS)?;
    let before = value(&stage, "shop/app")?;

    stage.terraform.write(&with(one))?;
    let plan = stage.terraform.plan()?;
    let said: Vec<String> = plan.errors().iter().map(|error| error.message()).collect();
    for fragment in ["secret/app would be deleted", "allow_delete"] {
        ensure!(
            said.iter().any(|error| error.contains(fragment)),
            "no error says {fragment:?}: {said:?}"
        );
    }
    let named = format!("{one}\n  allow_delete = [\"secret/app\"]");
    stage.settle(&with(&named), SECRETS)?;
    let shown = ask(&stage, "DescribeSecret", &json!({ "SecretId": "shop/app" }))?;
    ensure!(!shown["DeletedDate"].is_null(), "it is scheduled: {shown}");

    stage.settle(&with(two), SECRETS)?;
    assert_eq!(value(&stage, "shop/app")?, before);
    stage.strike()
}

#[test]
fn copies_in_other_regions_come_and_go() -> Outcome<()> {
    let stage = Stage::new()?;
    let secrets = "  secrets = { app = { generate = {} } }";
    let copied = format!("{secrets}\n  replicas = {{ \"us-west-2\" = {{}} }}");
    stage.settle(&with(&copied), SECRETS)?;
    let regions = || -> Outcome<usize> {
        let shown = ask(&stage, "DescribeSecret", &json!({ "SecretId": "shop/app" }))?;
        Ok(shown["ReplicationStatus"].as_array().map_or(0, Vec::len))
    };
    assert_eq!(regions()?, 1);
    stage.settle(&with(secrets), SECRETS)?;
    assert_eq!(regions()?, 0);
    stage.settle(&with(&copied), SECRETS)?;
    stage.strike()
}

#[test]
fn a_value_that_can_not_be_written_is_refused_at_plan() -> Outcome<()> {
    let mut stage = Stage::new()?;
    let secrets =
        |version: u32| format!("  secrets = {{ stripe = {{ value_version = {version} }} }}");
    let given = |version: u32| {
        format!(
            "{}\n  values_wo = {{ stripe = var.stripe }}",
            secrets(version)
        )
    };
    let long = "z".repeat(65_537);
    let refused = |stage: &Stage, arguments: &str, fragment: &str| -> Outcome<()> {
        let before = stage.made()?;
        stage.terraform.write(&with(arguments))?;
        let plan = stage.terraform.plan()?;
        let said: Vec<String> = plan.errors().iter().map(|error| error.message()).collect();
        for fragment in [fragment, "values_wo[\"stripe\"]"] {
            ensure!(
                said.iter().any(|error| error.contains(fragment)),
                "no error says {fragment:?}: {said:?}"
            );
        }
        ensure!(
            !said.iter().any(|error| error.contains("zzzzzzzz")),
            "an error holds the value"
        );
        ensure!(stage.made()? == before, "nothing may change");
        Ok(())
    };
    let missing = "no value is given for secret/stripe";
    refused(&stage, &secrets(1), missing)?;
    // A variable that is not set is a value that is not given.
    refused(&stage, &given(1), missing)?;
    stage.terraform.set_environment("TF_VAR_stripe", "");
    refused(&stage, &given(1), "an empty value is given")?;
    stage.terraform.set_environment("TF_VAR_stripe", &long);
    refused(&stage, &given(1), "too long a value is given")?;

    stage.terraform.set_environment("TF_VAR_stripe", &long[1..]);
    stage.settle(&with(&given(1)), SECRETS)?;
    assert_eq!(value(&stage, "shop/stripe")?.len(), 65_536);
    refused(&stage, &secrets(2), missing)?;
    stage.terraform.set_environment("TF_VAR_stripe", "");
    refused(&stage, &given(2), "an empty value is given")?;
    // What is not about to be written need not be right.
    stage.settle(&with(&given(1)), SECRETS)?;
    stage.terraform.set_environment("TF_VAR_stripe", "late");
    stage.settle(&with(&given(2)), SECRETS)?;
    assert_eq!(value(&stage, "shop/stripe")?, "late");
    stage.strike()
}
