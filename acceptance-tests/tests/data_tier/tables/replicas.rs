//! Replicas of tables in other Regions.

use acceptance_tests::{Outcome, REGION, Stage, ensure};
use serde_json::{Value, json};

use super::{described, hand};
use crate::configuration::{DATA_TIER, alone, expect_refusal, expect_repair, settle_in_turn};

const THERE: &str = "us-west-2";

/// A tier whose key is also there, with a table that is replicated as it is said.
fn replicated(replicas: &str, more: &str) -> String {
    alone(&format!(
        r#"  encryption = {{ multi_region = true, deletion_window_days = 7, replica_regions = ["eu-west-1", "{THERE}"] }}
  tables = {{
    orders = {{
      partition_key  = {{ name = "id" }}
      global_indexes = {{ by-state = {{ partition_key = {{ name = "state" }} }} }}
      stream         = "new_and_old_images"
      replicas       = {{ {replicas} }}
    }}
  }}
{more}"#
    ))
}

/// Somebody with credentials and no Terraform, in a region.
fn ask(stage: &Stage, region: &str, action: &str, body: &Value) -> Outcome<(u16, Value)> {
    let target = format!("DynamoDB_20120810.{action}");
    let reply = stage
        .emulator
        .api()
        .json("dynamodb", region, &target, body)?;
    Ok((
        reply.status,
        serde_json::from_str(&reply.body).unwrap_or_default(),
    ))
}

#[test]
fn replicas_come_and_go_and_leave_their_table_alone() -> Outcome<()> {
    let stage = Stage::new()?;
    let name = json!({ "TableName": "shop-orders" });
    let one = replicated(r#""us-west-2" = {}"#, "");
    let two = replicated(
        r#""us-west-2" = { class = "infrequent_access", max_read_units = 100, contributor_insights = true, tags = { team = "west" } }, "eu-west-1" = { point_in_time_recovery = { enabled = false } }"#,
        "",
    );
    stage.settle(&replicated("", ""), DATA_TIER)?;
    let born = described(&stage, "shop-orders")?["TableId"].clone();
    settle_in_turn(&stage, &[&one, &two])?;
    ensure!(
        described(&stage, "shop-orders")?["TableId"] == born,
        "the table is the one it was"
    );
    for (region, key) in [(THERE, "team"), ("eu-west-1", "platform:owner")] {
        let (_, shown) = ask(&stage, region, "DescribeTable", &name)?;
        let table = &shown["Table"];
        ensure!(
            table["SSEDescription"]["KMSMasterKeyArn"]
                .as_str()
                .is_some_and(|arn| arn.contains(region)),
            "{table}"
        );
        let arn = json!({ "ResourceArn": table["TableArn"] });
        let (_, tags) = ask(&stage, region, "ListTagsOfResource", &arn)?;
        ensure!(tags.to_string().contains(key), "{tags}");
    }

    let replica = "table/orders/replica/eu-west-1";
    let limited = r#""us-west-2" = { max_read_units = 100 }"#;
    expect_refusal(
        &stage,
        &replicated(limited, ""),
        &[&format!("{replica} would be deleted"), "allow_delete"],
    )?;
    let allowed = replicated(limited, &format!("  allow_delete = [{replica:?}]"));
    settle_in_turn(&stage, &[&allowed])?;
    ensure!(
        ask(&stage, "eu-west-1", "DescribeTable", &name)?.0 == 400,
        "the replica is gone"
    );
    stage.strike()?;
    ensure!(
        ask(&stage, THERE, "DescribeTable", &name)?.0 == 400,
        "the other one goes with its tier"
    );
    Ok(())
}

#[test]
fn what_somebody_changes_of_a_replica_is_found_and_repaired() -> Outcome<()> {
    let stage = Stage::new()?;
    let hcl = replicated(r#""us-west-2" = {}"#, "");
    stage.settle(&hcl, DATA_TIER)?;
    let replica = "table/orders/replica/us-west-2";
    let name = "shop-orders";
    let (_, shown) = ask(
        &stage,
        THERE,
        "DescribeTable",
        &json!({ "TableName": name }),
    )?;
    let arn = &shown["Table"]["TableArn"];
    for (action, body) in [
        (
            "UpdateTable",
            json!({ "TableName": name, "DeletionProtectionEnabled": true }),
        ),
        (
            "UpdateTable",
            json!({ "TableName": name, "TableClass": "STANDARD_INFREQUENT_ACCESS" }),
        ),
        (
            "UpdateContinuousBackups",
            json!({ "TableName": name, "PointInTimeRecoverySpecification": { "PointInTimeRecoveryEnabled": false } }),
        ),
        (
            "UpdateContributorInsights",
            json!({ "TableName": name, "ContributorInsightsAction": "ENABLE" }),
        ),
        (
            "UntagResource",
            json!({ "ResourceArn": arn, "TagKeys": ["Name"] }),
        ),
        ("DeleteTable", json!({ "TableName": name })),
    ] {
        let (status, reply) = ask(&stage, THERE, action, &body)?;
        ensure!(status == 200, "{action}: {reply}");
        expect_repair(&stage, &hcl, replica)?;
    }
    stage.strike()
}

#[test]
fn a_replica_that_a_killed_run_left_without_tags_is_gone_on_with() -> Outcome<()> {
    let stage = Stage::new()?;
    stage.settle(&replicated("", ""), DATA_TIER)?;
    let key = stage.parts(DATA_TIER)?["key/replica/us-west-2"].id.clone();
    hand(
        &stage,
        "UpdateTable",
        &json!({ "TableName": "shop-orders", "ReplicaUpdates": [{ "Create": { "RegionName": THERE, "KMSMasterKeyId": key } }] }),
    )?;
    settle_in_turn(&stage, &[&replicated(r#""us-west-2" = {}"#, "")])?;
    stage.strike()
}

#[test]
fn the_limit_of_a_replica_is_not_lifted_in_silence() -> Outcome<()> {
    let stage = Stage::new()?;
    let limited = |units: u32| {
        replicated(
            &format!(r#""us-west-2" = {{ max_read_units = {units} }}"#),
            "",
        )
    };
    settle_in_turn(&stage, &[&limited(100), &limited(500)])?;
    expect_refusal(
        &stage,
        &replicated(r#""us-west-2" = {}"#, ""),
        &["does not take the limit of reading off the replica in us-west-2"],
    )?;
    stage.terraform.write(&limited(500))?;
    stage.strike()
}

#[test]
fn a_replica_that_somebody_else_added_is_told_and_left_alone() -> Outcome<()> {
    let stage = Stage::new()?;
    let hcl = replicated(r#""us-west-2" = {}"#, "");
    stage.settle(&hcl, DATA_TIER)?;
    let key = stage.parts(DATA_TIER)?["key/replica/eu-west-1"].id.clone();
    let theirs = json!({ "RegionName": "eu-west-1", "KMSMasterKeyId": key });
    let change = |update: Value| {
        let body = json!({ "TableName": "shop-orders", "ReplicaUpdates": [update] });
        hand(&stage, "UpdateTable", &body)
    };
    change(json!({ "Create": theirs }))?;
    stage.terraform.expect_no_changes("with another replica")?;
    let deep = hcl.replace(
        "skip_credentials_validation = true",
        "skip_credentials_validation = true\n  drift = \"deep\"",
    );
    stage.terraform.write(&deep)?;
    let arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/shop-orders";
    let told = format!("shop-orders (table/orders) has Custom::TableReplica {arn}");
    let plan = stage.terraform.plan()?;
    ensure!(plan.actions.is_empty(), "{:?}", plan.actions);
    let said: Vec<String> = plan.diagnostics.iter().map(|one| one.message()).collect();
    ensure!(
        said.iter().any(|one| one.contains(&told)) && !said.join(" ").contains("us-west-2:"),
        "{said:?}"
    );

    // AWS refuses to delete the table for a day after the replica was added.
    let plan = stage.terraform.plan_with(&["-destroy"])?;
    let said: Vec<String> = plan.diagnostics.iter().map(|one| one.message()).collect();
    ensure!(said.iter().any(|one| one.contains(arn)), "{said:?}");
    let run = stage
        .terraform
        .run(&["destroy", "-auto-approve", "-no-color"])?;
    // Terraform wraps its lines and draws a bar before each.
    let text = run.text().replace('│', "");
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    ensure!(
        run.code == Some(1) && text.contains("is still used by") && text.contains(arn),
        "{text}"
    );
    let name = json!({ "TableName": "shop-orders" });
    for (region, status) in [(REGION, 200), ("eu-west-1", 200), (THERE, 400)] {
        let answer = ask(&stage, region, "DescribeTable", &name)?;
        ensure!(answer.0 == status, "{region}: {answer:?}");
    }
    change(json!({ "Delete": { "RegionName": "eu-west-1" } }))?;
    stage.strike()
}
