//! What is around databases on moto: proxies, endpoints, readers that come and go, options, events.

use acceptance_tests::{Outcome, Stage, ensure};

use crate::configuration::{DATA_TIER, expect_repair, settle_in_turn, with};

const REGION: &str = "us-east-1";

/// Asks RDS for something behind Terraform's back; an error reply is a failure.
fn ask(stage: &Stage, action: &str, parameters: &[(&str, &str)]) -> Outcome<String> {
    let parameters = [&[("Action", action)], parameters].concat();
    let api = stage.emulator.api();
    let reply = api.query("rds", REGION, "2014-10-31", &parameters)?;
    ensure!(reply.status == 200, "{action}: {}", reply.body);
    Ok(reply.body)
}

/// Destroys everything and expects nothing of these sorts to be left.
fn strike(stage: &Stage) -> Outcome<()> {
    stage.terraform.destroy()?;
    for (action, item) in [
        (
            "DescribeDBClusterEndpoints",
            "<DBClusterEndpointIdentifier>",
        ),
        ("DescribeDBClusters", "<DBClusterIdentifier>"),
        ("DescribeDBInstances", "<DBInstanceIdentifier>"),
        ("DescribeDBProxies", "<DBProxyName>"),
        ("DescribeDBProxyEndpoints", "<DBProxyEndpointName>"),
        ("DescribeEventSubscriptions", "<CustSubscriptionId>"),
    ] {
        let left = ask(stage, action, &[])?;
        ensure!(!left.contains(item), "{action} still shows {left}");
    }
    Ok(())
}

#[test]
fn a_proxy_is_created_changed_and_destroyed() -> Outcome<()> {
    let stage = Stage::new()?;
    settle_in_turn(
        &stage,
        &[
            &with("  postgres = { orders = { version = \"17\", proxy = {} } }"),
            &with(
                r#"  postgres = { orders = {
    version = "17"
    proxy = {
      authentication          = "token"
      idle_client_seconds     = 600
      max_connections_percent = 70
      borrow_timeout_seconds  = 30
      session_pinning_filters = ["EXCLUDE_VARIABLE_SETS"]
      access_from             = { cidrs = ["10.8.0.0/16"] }
      users                   = { app = { secret_arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:app-AbCdEf" } }
    }
    events = { categories = ["failover", "failure"] }
  } }
  tags   = { team = "shop" }
  alarms = { topic_arn = "arn:aws:sns:us-east-1:123456789012:on-call" }"#,
            ),
            &with(
                r#"  postgres = { orders = {
    version = "17"
    proxy   = { authentication = "iam", debug_logging = true }
    events  = { topic_arn = "arn:aws:sns:us-east-1:123456789012:other" }
  } }"#,
            ),
        ],
    )?;
    let state = stage.terraform.state_of(DATA_TIER)?;
    let proxy = &state["postgres_endpoints"]["orders"]["proxy"];
    ensure!(proxy["port"] == 5432, "{proxy}");
    for known in ["endpoint", "arn", "resource_id", "security_group_id"] {
        ensure!(proxy[known].is_string(), "{known}: {proxy}");
    }
    settle_in_turn(
        &stage,
        &[&with(
            r#"  postgres     = { orders = { version = "17" } }
  allow_delete = ["postgres/orders/proxy/log"]"#,
        )],
    )?;
    let left = ask(&stage, "DescribeDBProxies", &[])?;
    ensure!(!left.contains("<DBProxyName>"), "{left}");
    strike(&stage)
}

#[test]
fn an_aurora_cluster_has_endpoints_and_readers_that_come_and_go() -> Outcome<()> {
    let stage = Stage::new()?;
    let hcl = with(
        r#"  postgres = { orders = {
    version        = "16"
    topology       = "aurora"
    readers        = { standby = {}, reports = {} }
    proxy          = { reader_endpoint = true }
    endpoints      = { reports = { members = ["reports"] }, rest = { excluded = ["reports"], type = "any" } }
    reader_scaling = { max = 5, cpu_percent = 60 }
    events         = { topic_arn = "arn:aws:sns:us-east-1:123456789012:on-call" }
  } }"#,
    );
    settle_in_turn(&stage, &[&hcl])?;
    let state = stage.terraform.state_of(DATA_TIER)?;
    let orders = &state["postgres_endpoints"]["orders"];
    ensure!(
        orders["custom_endpoints"]["reports"].is_string(),
        "{orders}"
    );
    ensure!(orders["proxy"]["reader_endpoint"].is_string(), "{orders}");

    let reader = [
        ("DBInstanceIdentifier", "application-autoscaling-1f2e3d4c"),
        ("DBClusterIdentifier", "shop-orders"),
        ("DBInstanceClass", "db.r6g.large"),
        ("Engine", "aurora-postgresql"),
    ];
    ask(&stage, "CreateDBInstance", &reader)?;
    stage
        .terraform
        .expect_no_changes("with a reader that auto scaling added")?;

    settle_in_turn(
        &stage,
        &[&with(
            r#"  postgres = { orders = {
    version        = "16"
    topology       = "aurora"
    readers        = { standby = {}, reports = {} }
    proxy          = { reader_endpoint = true }
    endpoints      = { reports = { excluded = ["standby"] } }
    reader_scaling = { min = 3, max = 6, connections = 500 }
    events         = { topic_arn = "arn:aws:sns:us-east-1:123456789012:on-call", categories = ["failover"] }
  } }"#,
        )],
    )?;
    strike(&stage)
}

#[test]
fn what_somebody_changes_around_a_database_is_repaired() -> Outcome<()> {
    let stage = Stage::new()?;
    let hcl = with(
        r#"  postgres = { orders = {
    version   = "16"
    topology  = "aurora"
    proxy     = {}
    endpoints = { all = { excluded = ["standby"] } }
    events    = { topic_arn = "arn:aws:sns:us-east-1:123456789012:on-call" }
  } }"#,
    );
    stage.settle(&hcl, DATA_TIER)?;
    for (action, parameters, address) in [
        (
            "ModifyDBProxy",
            [("DBProxyName", "shop-orders"), ("RequireTLS", "false")].as_slice(),
            "postgres/orders/proxy",
        ),
        (
            "ModifyDBProxyTargetGroup",
            &[
                ("DBProxyName", "shop-orders"),
                ("TargetGroupName", "default"),
                ("ConnectionPoolConfig.MaxConnectionsPercent", "10"),
            ],
            "postgres/orders/proxy/targets",
        ),
        (
            "DeregisterDBProxyTargets",
            &[
                ("DBProxyName", "shop-orders"),
                ("DBClusterIdentifiers.member.1", "shop-orders"),
            ],
            "postgres/orders/proxy/targets",
        ),
        (
            "ModifyDBClusterEndpoint",
            &[
                ("DBClusterEndpointIdentifier", "shop-orders-all"),
                ("EndpointType", "ANY"),
            ],
            "postgres/orders/endpoint/all",
        ),
        (
            "ModifyEventSubscription",
            &[
                ("SubscriptionName", "shop-orders-cluster"),
                ("Enabled", "false"),
            ],
            "postgres/orders/events/cluster",
        ),
    ] {
        ask(&stage, action, parameters)?;
        expect_repair(&stage, &hcl, address)?;
    }
    strike(&stage)
}

#[test]
fn options_stay_for_the_final_snapshot_and_come_back() -> Outcome<()> {
    let stage = Stage::new()?;
    let audited = with(
        r#"  mysql = { orders = {
    version = "8.0"
    options = { MARIADB_AUDIT_PLUGIN = { settings = { SERVER_AUDIT_EVENTS = "CONNECT" } } }
  } }"#,
    );
    settle_in_turn(
        &stage,
        &[
            &audited,
            &with(
                r#"  mysql = { orders = {
    version = "8.0"
    options = { MARIADB_AUDIT_PLUGIN = { settings = { SERVER_AUDIT_EVENTS = "CONNECT,QUERY_DDL" } } }
  } }"#,
            ),
            &with("  mysql = { orders = { version = \"8.0\" } }"),
            &audited,
        ],
    )?;
    let instance = ask(&stage, "DescribeDBInstances", &[])?;
    ensure!(
        instance.contains("<OptionGroupName>shop-orders-mysql8-0</OptionGroupName>"),
        "{instance}"
    );
    strike(&stage)?;
    let kept = ask(&stage, "DescribeOptionGroups", &[])?;
    ensure!(kept.contains("shop-orders-mysql8-0"), "{kept}");
    stage.settle(&audited, DATA_TIER)?;
    stage.terraform.expect_no_changes("with the group back")?;
    settle_in_turn(
        &stage,
        &[&with(
            r#"  mysql = { orders = {
    version        = "8.0"
    final_snapshot = false
    options        = { MARIADB_AUDIT_PLUGIN = {} }
  } }"#,
        )],
    )?;
    strike(&stage)?;
    let kept = ask(&stage, "DescribeOptionGroups", &[])?;
    ensure!(!kept.contains("shop-orders-mysql8-0"), "{kept}");
    Ok(())
}
