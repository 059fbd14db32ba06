//! What document databases cost, and what whoever makes a global one is granted.

use crate::shown::{composite, tier};
use platform_insight::cost::{PriceBook, cost};
use platform_insight::policy::policy;
use serde_json::{Value, json};

fn monthly(kind: &str, properties: &Value) -> f64 {
    cost(&tier(kind, properties), &PriceBook::embedded().unwrap()).fixed
}

#[test]
fn instances_are_charged_by_the_hour_and_an_unknown_class_is_not_guessed_at() {
    for (class, hourly) in [
        ("db.t4g.medium", 0.07566),
        ("db.r6g.large", 0.26315),
        ("db.x99.large", 0.0),
    ] {
        let fixed = monthly(
            "AWS::DocDB::DBInstance",
            &json!({ "DBInstanceClass": class }),
        );
        assert!((fixed - 730.0 * hourly).abs() < 0.005, "{class}: {fixed}");
    }
}

/// Where each action of a planned tier with this cluster is granted on what is not of a key.
fn granted(cluster: &Value, refs: &Value) -> Vec<(String, Vec<String>)> {
    let part = |kind: &str, properties: Value, refs: &Value| json!({ "type": kind, "properties": properties, "refs": refs });
    let mut parts = json!({
        "documents/products": part("AWS::DocDB::DBCluster", cluster.clone(), refs),
        "documents/products/master-password": part("AWS::SecretsManager::Secret", json!({ "Name": "shop-products-docdb/master-password" }), &json!({})),
    });
    if cluster.get("SourceRegion").is_none() {
        parts["documents/products/global"] = part(
            "AWS::DocDB::GlobalCluster",
            json!({ "GlobalClusterIdentifier": "shop" }),
            &json!({ "/SourceDBClusterIdentifier": "${part:documents/products#Arn}" }),
        );
    }
    let tier = composite("platform_data_tier", &parts);
    let policy = policy(&tier, &platform_kinds::all(), &[], Some("123456789012"));
    assert_eq!(policy.missing, [""; 0]);
    let mut granted = Vec::new();
    for statement in policy.document.statement {
        for action in &statement.action {
            let on: Vec<String> = statement.resource.iter().cloned().collect();
            granted.push((action.clone(), on));
        }
    }
    granted
}

#[test]
fn a_global_database_is_granted_on_its_clusters_wherever_they_are_and_on_its_own_password() {
    let first =
        json!({ "DBClusterIdentifier": "shop-products-docdb", "ManageMasterUserPassword": false });
    let secret =
        json!({ "/MasterUserPasswordSecret": "${part:documents/products/master-password}" });
    let secondary = json!({ "DBClusterIdentifier": "shop-products-docdb", "GlobalClusterIdentifier": "shop", "SourceRegion": "eu-west-1" });
    let chosen = [
        "rds:CreateDBCluster",
        "rds:CreateGlobalCluster",
        "rds:RemoveFromGlobalCluster",
        "secretsmanager:GetSecretValue",
    ];
    let of = |cluster: &Value, refs: &Value| {
        let mut granted = granted(cluster, refs);
        granted.retain(|(action, _)| chosen.contains(&action.as_str()));
        granted.sort();
        granted
    };
    insta::assert_json_snapshot!(
        "documents_global",
        json!({ "first": of(&first, &secret), "secondary": of(&secondary, &json!({})) })
    );
}
