//! The configurations that the scenarios apply, and what an account says of secrets.

use acceptance_tests::{Outcome, Stage, ensure, with_provider};
use serde_json::{Value, json};

/// Address of the composite in every configuration.
pub const SECRETS: &str = "platform_secrets.main";

/// A set of secrets with these arguments. `var.stripe` is an ephemeral variable.
pub fn with(arguments: &str) -> String {
    with_provider(
        "",
        &format!(
            r#"variable "stripe" {{
  type      = string
  default   = null
  ephemeral = true
}}

resource "platform_secrets" "main" {{
  name                = "shop"
  deletion_protection = false
{arguments}
}}"#
        ),
    )
}

/// Asks Secrets Manager behind the provider's back.
pub fn ask(stage: &Stage, action: &str, body: &Value) -> Outcome<Value> {
    let target = format!("secretsmanager.{action}");
    let reply = stage
        .emulator
        .api()
        .json("secretsmanager", "us-east-1", &target, body)?;
    ensure!(
        reply.status == 200,
        "{action} {body} answers {}: {}",
        reply.status,
        reply.body
    );
    Ok(serde_json::from_str(&reply.body)?)
}

/// The current value of a secret.
pub fn value(stage: &Stage, name: &str) -> Outcome<String> {
    let reply = ask(stage, "GetSecretValue", &json!({ "SecretId": name }))?;
    Ok(reply["SecretString"]
        .as_str()
        .unwrap_or_default()
        .to_owned())
}

/// How many versions with a label a secret has.
pub fn versions(stage: &Stage, name: &str) -> Outcome<usize> {
    let reply = ask(stage, "DescribeSecret", &json!({ "SecretId": name }))?;
    let versions = reply["VersionIdsToStages"].as_object();
    Ok(versions.map_or(0, serde_json::Map::len))
}
