//! Tables on moto.

use acceptance_tests::{Outcome, REGION, Stage, ensure};
use serde_json::{Value, json};

use crate::configuration::{
    DATA_TIER, alone, changed, expect_refusal, expect_repair, settle_in_turn,
};

/// A data tier with these tables; a table needs no network.
fn tables(tables: &str) -> String {
    alone(&format!("  tables = {{\n{tables}\n  }}"))
}

/// Somebody with credentials and no Terraform.
fn hand(stage: &Stage, action: &str, body: &Value) -> Outcome<Value> {
    let (service, target) = match action.split_once(':') {
        Some(("scaling", action)) => (
            "application-autoscaling",
            format!("AnyScaleFrontendService.{action}"),
        ),
        _ => ("dynamodb", format!("DynamoDB_20120810.{action}")),
    };
    let reply = stage.emulator.api().json(service, REGION, &target, body)?;
    ensure!(
        reply.status == 200,
        "{action} answers {}: {}",
        reply.status,
        reply.body
    );
    Ok(serde_json::from_str(&reply.body).unwrap_or(Value::Null))
}

fn described(stage: &Stage, table: &str) -> Outcome<Value> {
    Ok(hand(stage, "DescribeTable", &json!({ "TableName": table }))?["Table"].take())
}

#[test]
fn created_changed_and_destroyed() -> Outcome<()> {
    let stage = Stage::new()?;
    settle_in_turn(
        &stage,
        &[
            &tables(r#"    orders = { partition_key = { name = "id" } }"#),
            // Two indexes more, and everything that can change in place.
            &tables(
                r#"    orders = {
      partition_key          = { name = "id" }
      global_indexes         = {
        by-customer = { partition_key = { name = "customer" }, sort_key = { name = "placed", type = "number" } }
        by-state    = { partition_key = { name = "state" }, attributes = ["total"] }
      }
      capacity               = { max_read_units = 1000 }
      class                  = "infrequent_access"
      ttl_attribute          = "expires"
      stream                 = "keys_only"
      point_in_time_recovery = { days = 7 }
      contributor_insights   = true
      resource_policy        = jsonencode({
        Version   = "2012-10-17"
        Statement = [{ Effect = "Deny", Principal = "*", Action = "dynamodb:DeleteItem", Resource = "*" }]
      })
    }
    sessions = {
      partition_key = { name = "user" }
      sort_key      = { name = "seen", type = "number" }
      local_indexes = { by-device = { sort_key = { name = "device" }, attributes = [] } }
      stream        = "new_image"
    }"#,
            ),
            // One index is built anew, one goes; capacity is paid by the hour; the stream shows something else.
            &tables(
                r#"    orders = {
      partition_key  = { name = "id" }
      global_indexes = { by-state = { partition_key = { name = "state" }, attributes = ["placed"] } }
      capacity       = { mode = "provisioned", read = { min = 5, max = 50 }, write = { min = 5, max = 20, target_percent = 60 } }
      stream         = "new_and_old_images"
    }
    sessions = {
      partition_key = { name = "user" }
      sort_key      = { name = "seen", type = "number" }
      local_indexes = { by-device = { sort_key = { name = "device" }, attributes = [] } }
    }"#,
            ),
            &tables(
                r#"    orders = {
      partition_key          = { name = "id" }
      point_in_time_recovery = { enabled = false }
    }
    sessions = {
      partition_key = { name = "user" }
      sort_key      = { name = "seen", type = "number" }
      local_indexes = { by-device = { sort_key = { name = "device" }, attributes = [] } }
    }"#,
            ),
        ],
    )?;
    let orders = r#"    orders = { partition_key = { name = "id" }, point_in_time_recovery = { enabled = false } }"#;
    expect_refusal(
        &stage,
        &tables(orders),
        &["table/sessions would be deleted", "allow_delete"],
    )?;
    expect_refusal(
        &stage,
        &tables(
            r#"    orders   = { partition_key = { name = "number" } }
    sessions = { partition_key = { name = "user" }, sort_key = { name = "seen", type = "number" } }"#,
        ),
        &[
            "table/orders would be replaced",
            "table/sessions would be replaced",
            "allow_replace",
        ],
    )?;
    settle_in_turn(
        &stage,
        &[&alone(&format!(
            "  tables = {{\n{orders}\n  }}\n  allow_delete = [\"table/sessions\"]"
        ))],
    )?;
    stage.strike()
}

#[test]
fn what_somebody_changes_is_found_and_repaired() -> Outcome<()> {
    let stage = Stage::new()?;
    let hcl = tables(
        r#"    orders = {
      partition_key  = { name = "id" }
      global_indexes = { by-state = { partition_key = { name = "state" } } }
      capacity       = { mode = "provisioned", read = { min = 5, max = 50 }, write = { min = 5, max = 5 } }
      ttl_attribute  = "expires"
      stream         = "keys_only"
    }"#,
    );
    stage.settle(&hcl, DATA_TIER)?;
    let name = "shop-orders";
    let arn = described(&stage, name)?["TableArn"].clone();
    let scaled = |more: Value| {
        let mut body = json!({ "ServiceNamespace": "dynamodb", "ResourceId": format!("table/{name}"), "ScalableDimension": "dynamodb:table:ReadCapacityUnits" });
        for (member, value) in more.as_object().into_iter().flatten() {
            body[member] = value.clone();
        }
        body
    };
    let table = "table/orders";
    let read = "table/orders/scaling/read";
    let policy = "table/orders/scaling/read/policy";
    let tracking = json!({ "PolicyName": "shop-orders/read", "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": { "TargetValue": 90.0, "PredefinedMetricSpecification": { "PredefinedMetricType": "DynamoDBReadCapacityUtilization" } } });
    for (address, action, body) in [
        (
            table,
            "UpdateTable",
            json!({ "TableName": name, "DeletionProtectionEnabled": true }),
        ),
        (
            table,
            "UpdateTable",
            json!({ "TableName": name, "TableClass": "STANDARD_INFREQUENT_ACCESS" }),
        ),
        (
            table,
            "UpdateTable",
            json!({ "TableName": name, "StreamSpecification": { "StreamEnabled": false } }),
        ),
        (
            table,
            "UpdateTable",
            json!({ "TableName": name, "SSESpecification": { "Enabled": false } }),
        ),
        (
            table,
            "UpdateTable",
            json!({ "TableName": name, "ProvisionedThroughput": { "ReadCapacityUnits": 1, "WriteCapacityUnits": 9 } }),
        ),
        (
            table,
            "UpdateTable",
            json!({ "TableName": name, "GlobalSecondaryIndexUpdates": [{ "Delete": { "IndexName": "by-state" } }] }),
        ),
        (
            table,
            "UpdateTable",
            json!({ "TableName": name, "AttributeDefinitions": [{ "AttributeName": "id", "AttributeType": "S" }, { "AttributeName": "state", "AttributeType": "S" }, { "AttributeName": "day", "AttributeType": "S" }],
                "GlobalSecondaryIndexUpdates": [{ "Create": { "IndexName": "by-day", "KeySchema": [{ "AttributeName": "day", "KeyType": "HASH" }], "Projection": { "ProjectionType": "ALL" }, "ProvisionedThroughput": { "ReadCapacityUnits": 1, "WriteCapacityUnits": 1 } } }] }),
        ),
        (
            table,
            "UpdateTable",
            json!({ "TableName": name, "BillingMode": "PAY_PER_REQUEST" }),
        ),
        (
            table,
            "UpdateContinuousBackups",
            json!({ "TableName": name, "PointInTimeRecoverySpecification": { "PointInTimeRecoveryEnabled": false } }),
        ),
        (
            table,
            "UpdateTimeToLive",
            json!({ "TableName": name, "TimeToLiveSpecification": { "Enabled": false, "AttributeName": "expires" } }),
        ),
        (
            table,
            "UpdateContributorInsights",
            json!({ "TableName": name, "ContributorInsightsAction": "ENABLE" }),
        ),
        (
            table,
            "UntagResource",
            json!({ "ResourceArn": arn, "TagKeys": ["Name"] }),
        ),
        (
            read,
            "scaling:RegisterScalableTarget",
            scaled(json!({ "MaxCapacity": 500 })),
        ),
        (
            read,
            "scaling:RegisterScalableTarget",
            scaled(json!({ "SuspendedState": { "DynamicScalingInSuspended": true } })),
        ),
        (read, "scaling:DeregisterScalableTarget", scaled(json!({}))),
        (policy, "scaling:PutScalingPolicy", scaled(tracking)),
        (
            policy,
            "scaling:DeleteScalingPolicy",
            scaled(json!({ "PolicyName": "shop-orders/read" })),
        ),
    ] {
        hand(&stage, action, &body)?;
        expect_repair(&stage, &hcl, address)?;
    }
    let there = described(&stage, name)?;
    ensure!(
        there["ProvisionedThroughput"]["WriteCapacityUnits"].as_u64() >= Some(5),
        "{there}"
    );
    stage.strike()
}

#[test]
fn what_aws_does_by_itself_plans_nothing() -> Outcome<()> {
    let stage = Stage::new()?;
    let hcl = tables(
        r#"    orders = {
      partition_key  = { name = "id" }
      global_indexes = { by-state = { partition_key = { name = "state" } } }
      capacity       = { mode = "provisioned", read = { min = 5, max = 50 }, write = { min = 5, max = 20 } }
    }"#,
    );
    stage.settle(&hcl, DATA_TIER)?;
    let grown = json!({ "ReadCapacityUnits": 40, "WriteCapacityUnits": 15 });
    hand(
        &stage,
        "UpdateTable",
        &json!({ "TableName": "shop-orders", "ProvisionedThroughput": grown,
            "GlobalSecondaryIndexUpdates": [{ "Update": { "IndexName": "by-state", "ProvisionedThroughput": grown } }],
            "WarmThroughput": { "ReadUnitsPerSecond": 20000, "WriteUnitsPerSecond": 8000 } }),
    )?;
    let shown = changed(&stage)?;
    ensure!(shown.is_empty(), "{shown:?}");
    stage.strike()
}

#[test]
fn a_protected_table_is_kept_by_aws_too() -> Outcome<()> {
    let stage = Stage::new()?;
    let table = r#"    orders = { partition_key = { name = "id" }, deletion_protection = true }"#;
    stage.settle(&tables(table), DATA_TIER)?;
    let reply = stage.emulator.api().json(
        "dynamodb",
        REGION,
        "DynamoDB_20120810.DeleteTable",
        &json!({ "TableName": "shop-orders" }),
    )?;
    ensure!(reply.status == 400, "{}: {}", reply.status, reply.body);
    stage.settle(
        &tables(r#"    orders = { partition_key = { name = "id" } }"#),
        DATA_TIER,
    )?;
    stage.strike()
}

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
fn limits_of_on_demand_capacity_are_set_changed_and_lifted() -> Outcome<()> {
    let stage = Stage::new()?;
    let limited = |table: &str, index: &str| {
        tables(&format!(
            r#"    orders = {{
      partition_key  = {{ name = "id" }}
      global_indexes = {{ by-state = {{ partition_key = {{ name = "state" }}, {index} }} }}
      {table}
    }}"#
        ))
    };
    let own = "capacity = { max_read_units = 20 }";
    for (table, index, of_table, of_index) in [
        (
            "capacity = { max_read_units = 100, max_write_units = 50 }",
            own,
            json!({ "MaxReadRequestUnits": 100, "MaxWriteRequestUnits": 50 }),
            json!({ "MaxReadRequestUnits": 20, "MaxWriteRequestUnits": 50 }),
        ),
        (
            "capacity = { max_write_units = 60 }",
            own,
            json!({ "MaxWriteRequestUnits": 60 }),
            json!({ "MaxReadRequestUnits": 20, "MaxWriteRequestUnits": 60 }),
        ),
        ("", own, Value::Null, json!({ "MaxReadRequestUnits": 20 })),
        ("", "", Value::Null, Value::Null),
    ] {
        settle_in_turn(&stage, &[&limited(table, index)])?;
        let shown = described(&stage, "shop-orders")?;
        let there = (
            &shown["OnDemandThroughput"],
            &shown["GlobalSecondaryIndexes"][0]["OnDemandThroughput"],
        );
        ensure!(there == (&of_table, &of_index), "{shown}");
    }
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
