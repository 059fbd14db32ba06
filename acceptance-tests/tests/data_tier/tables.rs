//! Tables on moto.

mod replicas;

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
