//! What databases cost, and how the password of one is got.

use crate::shown::{composite, tier};
use platform_insight::CompositeView;
use platform_insight::cloudformation::cloudformation;
use platform_insight::cost::{PriceBook, cost};
use platform_insight::policy::policy;
use serde_json::{Value, json};

fn instance(class: &str, multi_az: bool) -> Value {
    json!({
        "DBInstanceIdentifier": "shop-orders", "DBInstanceClass": class, "Engine": "postgres", "MultiAZ": multi_az,
        "AllocatedStorage": "20", "StorageType": "gp3",
    })
}

#[test]
fn a_standby_costs_as_much_again() {
    let book = PriceBook::embedded().unwrap();
    let fixed = |multi_az| {
        let tier = tier("AWS::RDS::DBInstance", &instance("db.t4g.medium", multi_az));
        cost(&tier, &book).fixed
    };
    let one = 730.0 * 0.065 + 20.0 * 0.115;
    assert!((fixed(false) - one).abs() < 0.005, "{}", fixed(false));
    assert!((fixed(true) - 2.0 * one).abs() < 0.005, "{}", fixed(true));
}

#[test]
fn a_class_that_no_list_has_is_not_priced() {
    let book = PriceBook::embedded().unwrap();
    let tier = tier("AWS::RDS::DBInstance", &instance("db.x99.large", false));
    assert_eq!(
        cost(&tier, &book).not_priced["AWS::RDS::DBInstance"].len(),
        1
    );
}

#[test]
fn the_storage_of_aurora_is_metered_and_so_is_serverless_capacity() {
    let book = PriceBook::embedded().unwrap();
    let cluster = json!({
        "DBClusterIdentifier": "shop-orders", "Engine": "aurora-postgresql", "StorageType": "aurora",
        "ServerlessV2ScalingConfiguration": { "MinCapacity": 0.5, "MaxCapacity": 8.0 },
    });
    let cost = cost(&tier("AWS::RDS::DBCluster", &cluster), &book);
    let least = 730.0 * 0.5 * 0.12;
    let most = 730.0 * 8.0 * 0.12;
    assert!(cost.fixed.abs() < 0.005, "{}", cost.fixed);
    assert!(cost.usage_low > least && cost.usage_low < least + 5.0);
    assert!(cost.usage_high > most && cost.usage_high < most + 300.0);
}

#[test]
fn a_proxy_costs_by_the_processors_of_all_that_it_leads_to() {
    let book = PriceBook::embedded().unwrap();
    let part = |kind: &str, properties: Value, refs: Value| json!({ "type": kind, "properties": properties, "refs": refs, "id": "x", "attributes": {} });
    let cluster = "postgres/orders";
    let member = |class: &str| {
        part(
            "AWS::RDS::DBInstance",
            json!({ "DBInstanceClass": class, "Engine": "aurora-postgresql", "DBClusterIdentifier": "x" }),
            json!({ "/DBClusterIdentifier": format!("${{part:{cluster}}}") }),
        )
    };
    let parts = |class: &str| {
        json!({
            cluster: part("AWS::RDS::DBCluster", json!({ "Engine": "aurora-postgresql", "StorageType": "aurora" }), json!({})),
            "postgres/orders/instance": member(class),
            "postgres/orders/reader/standby": member("db.r6g.large"),
            "postgres/orders/proxy": part("AWS::RDS::DBProxy", json!({}), json!({})),
            "postgres/orders/proxy/targets": part(
                "AWS::RDS::DBProxyTargetGroup",
                json!({ "DBClusterIdentifiers": ["x"] }),
                json!({ "/DBClusterIdentifiers/0": format!("${{part:{cluster}}}") }),
            ),
        })
    };
    let cost = |class: &str| {
        let views = composite("platform_data_tier", &parts(class));
        cost(&views, &book)
    };
    let fixed = cost("db.r6g.large").fixed;
    let expected = 730.0 * (2.0 * 0.26 + 4.0 * 0.015);
    assert!((fixed - expected).abs() < 0.005, "{fixed}");
    assert!(
        cost("db.x.metal")
            .not_priced
            .contains_key("AWS::RDS::DBProxyTargetGroup")
    );
}

/// A planned tier whose instance takes its password from a secret, or none.
fn with_password(secret: bool) -> Vec<CompositeView> {
    let part = |kind: &str, properties: Value, refs: Value| json!({ "type": kind, "properties": properties, "refs": refs });
    let mut instance = instance("db.t4g.medium", false);
    let mut refs = json!({});
    if secret {
        instance["ManageMasterUserPassword"] = json!(false);
        refs["/MasterUserPasswordSecret"] = json!("${part:postgres/orders/master-password}");
    }
    let parts = json!({
        "postgres/orders": part("AWS::RDS::DBInstance", instance, refs),
        "postgres/orders/master-password": part("AWS::SecretsManager::Secret", json!({ "Name": "shop-orders/master-password" }), json!({})),
    });
    composite("platform_data_tier", &parts)
}

#[test]
fn whoever_applies_may_read_the_password_that_goes_to_rds_and_no_other() {
    let kinds = platform_kinds::all();
    let statements = |secret: bool| {
        let policy = policy(&with_password(secret), &kinds, &[], Some("123456789012"));
        assert_eq!(policy.missing, [""; 0]);
        let statements = policy.document.statement.into_iter();
        statements
            .filter(|statement| statement.action.contains("secretsmanager:GetSecretValue"))
            .collect::<Vec<_>>()
    };
    assert_eq!(statements(false), []);
    let found = statements(true);
    assert_eq!(found.len(), 1);
    let (action, resource): (Vec<_>, Vec<_>) = (
        found[0].action.iter().map(String::as_str).collect(),
        found[0].resource.iter().map(String::as_str).collect(),
    );
    assert_eq!(action, ["secretsmanager:GetSecretValue"]);
    assert_eq!(
        resource,
        ["arn:aws:secretsmanager:us-east-1:123456789012:secret:shop-orders/master-password-??????"]
    );
}

#[test]
fn a_template_fetches_the_password_of_an_instance() {
    let kinds = platform_kinds::all();
    let template = cloudformation(&with_password(true), &kinds).unwrap();
    let text = json!(template.resources).to_string();
    assert!(
        text.contains("{{resolve:secretsmanager:${Value1}:SecretString:password}}"),
        "{text}"
    );
    assert!(!text.contains("MasterUserPasswordSecret"), "{text}");
}

#[test]
fn whoever_upgrades_a_copy_may_make_it_switch_to_it_and_remove_it() {
    let kinds = platform_kinds::all();
    let granted = |strategy: Option<&str>| -> Vec<String> {
        let mut properties = instance("db.t4g.medium", false);
        if let Some(strategy) = strategy {
            properties["UpgradeStrategy"] = json!(strategy);
        }
        let views = tier("AWS::RDS::DBInstance", &properties);
        let policy = policy(&views, &kinds, &[], Some("123456789012"));
        assert_eq!(policy.missing, [""; 0]);
        let statements = policy.document.statement.into_iter();
        let mut actions: Vec<String> = statements
            .flat_map(|statement| statement.action)
            .filter_map(|action| Some(action.strip_suffix("BlueGreenDeployment")?.to_owned()))
            .collect();
        actions.sort();
        actions.dedup();
        actions
    };
    assert_eq!(granted(None), [""; 0]);
    assert_eq!(granted(Some("in_place")), ["rds:Delete"]);
    assert_eq!(
        granted(Some("blue_green")),
        ["rds:Create", "rds:Delete", "rds:Switchover"]
    );
}

#[test]
fn rds_makes_and_renames_what_a_deployment_is_made_of_with_the_permissions_of_whoever_applies() {
    let kinds = platform_kinds::all();
    let granted = |kind: &str, properties: &Value| -> Vec<String> {
        let policy = policy(&tier(kind, properties), &kinds, &[], Some("123456789012"));
        assert_eq!(policy.missing, [""; 0]);
        let statements = policy.document.statement.into_iter();
        statements.flat_map(|statement| statement.action).collect()
    };
    let mut properties = instance("db.r8g.large", false);
    properties["UpgradeStrategy"] = json!("blue_green");
    let cluster = json!({
        "DBClusterIdentifier": "shop-orders", "Engine": "aurora-postgresql", "EngineVersion": "17", "StorageType": "aurora",
        "UpgradeStrategy": "blue_green",
    });
    for (kind, properties, expected) in [
        (
            "AWS::RDS::DBInstance",
            &properties,
            &[
                "CreateDBInstanceReadReplica",
                "DeleteDBInstance",
                "ModifyDBInstance",
                "PromoteReadReplica",
            ][..],
        ),
        (
            "AWS::RDS::DBCluster",
            &cluster,
            &[
                "CreateDBCluster",
                "CreateDBClusterEndpoint",
                "CreateDBInstance",
                "DeleteDBCluster",
                "DeleteDBClusterEndpoint",
                "DeleteDBInstance",
                "DescribeDBEngineVersions",
                "ModifyDBCluster",
                "PromoteReadReplicaDBCluster",
            ],
        ),
    ] {
        let granted = granted(kind, properties);
        for action in expected.iter().chain(&[
            "AddTagsToResource",
            "CreateBlueGreenDeployment",
            "DeleteBlueGreenDeployment",
            "SwitchoverBlueGreenDeployment",
        ]) {
            let action = format!("rds:{action}");
            assert!(granted.contains(&action), "{kind} lacks {action}");
        }
    }
}
