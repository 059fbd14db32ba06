//! Keys with replicas in other regions, on moto: parts whose calls go to a region of their own.

use acceptance_tests::{Flavor, Outcome, Stage, ensure};
use serde_json::{Value, json};

use crate::configuration::{DATA_TIER, alone, expect_refusal, expect_repair, settle_in_turn};

const IRELAND: &str = "eu-west-1";
const REPLICA: &str = "key/replica/eu-west-1";

fn replicated(regions: &str, more: &str) -> String {
    alone(&format!(
        "  encryption = {{ multi_region = true, deletion_window_days = 7, replica_regions = [{regions}] }}\n{more}"
    ))
}

/// Somebody with credentials and no Terraform.
fn hand(stage: &Stage, region: &str, action: &str, body: &Value) -> Outcome<Value> {
    let target = format!("TrentService.{action}");
    let reply = stage.emulator.api().json("kms", region, &target, body)?;
    ensure!(
        reply.status == 200,
        "{action} in {region} answers {}: {}",
        reply.status,
        reply.body
    );
    Ok(serde_json::from_str(&reply.body).unwrap_or_default())
}

/// Id of the key of the tier, which is that of its replicas.
fn key(stage: &Stage) -> Outcome<String> {
    let parts = stage.parts(DATA_TIER)?;
    let id = parts["key"].id.as_str().unwrap_or_default().to_owned();
    ensure!(id.starts_with("mrk-"), "{id} is no multi-Region key");
    Ok(id)
}

#[test]
fn a_replica_is_made_repaired_refused_to_go_and_had_back() -> Outcome<()> {
    let Some(stage) = Stage::on(Flavor::Moto)? else {
        return Ok(());
    };
    let with = replicated(&format!("{IRELAND:?}"), "");
    settle_in_turn(&stage, &[&replicated("", "")])?;
    let single = alone("  encryption = { deletion_window_days = 7 }\n");
    expect_refusal(&stage, &single, &["MultiRegion", "allow_replace"])?;
    settle_in_turn(&stage, &[&with])?;
    let key = key(&stage)?;
    let id = json!({ "KeyId": key });
    let described = hand(&stage, IRELAND, "DescribeKey", &id)?;
    let metadata = &described["KeyMetadata"];
    ensure!(
        metadata["Arn"]
            .as_str()
            .is_some_and(|arn| arn.contains(IRELAND))
            && metadata["Enabled"] == true
            && metadata["Description"] == "Stores of data tier shop",
        "{described}"
    );
    let tags = hand(&stage, IRELAND, "ListResourceTags", &id)?;
    ensure!(tags.to_string().contains("platform:owner"), "{tags}");

    hand(&stage, IRELAND, "DisableKey", &id)?;
    expect_repair(&stage, &with, REPLICA)?;
    let described = json!({ "KeyId": key, "Description": "mine" });
    hand(&stage, IRELAND, "UpdateKeyDescription", &described)?;
    expect_repair(&stage, &with, REPLICA)?;

    let refused = "key/replica/eu-west-1 would be deleted";
    expect_refusal(&stage, &replicated("", ""), &[refused, "allow_delete"])?;
    let gone = replicated("", &format!("  allow_delete = [{REPLICA:?}]"));
    settle_in_turn(&stage, &[&gone])?;
    let state = |stage: &Stage, region: &str| -> Outcome<Value> {
        Ok(hand(stage, region, "DescribeKey", &id)?["KeyMetadata"]["KeyState"].clone())
    };
    ensure!(
        state(&stage, IRELAND)? == "PendingDeletion" && state(&stage, "us-east-1")? == "Enabled",
        "the replica goes and the key stays"
    );
    // AWS makes no other one as long as it is there.
    settle_in_turn(&stage, &[&with])?;
    ensure!(state(&stage, IRELAND)? == "Enabled", "it is had back");
    stage.strike()?;
    ensure!(
        state(&stage, IRELAND)? == "PendingDeletion",
        "it goes with its tier"
    );
    Ok(())
}
