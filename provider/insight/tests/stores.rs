//! What is told of stores.

use crate::shown::composite;
use platform_insight::CompositeView;
use platform_insight::cost::{PriceBook, cost};
use platform_insight::inventory::from_terraform_json;
use platform_insight::stores::{Stores, stores};
use serde_json::json;

fn views() -> Vec<CompositeView> {
    let shown = include_str!("fixtures/stores.json");
    from_terraform_json(&serde_json::from_str(shown).unwrap()).unwrap()
}

fn told(views: &[CompositeView]) -> Stores {
    stores(
        views,
        &platform_kinds::all(),
        &PriceBook::embedded().unwrap(),
    )
}

#[test]
fn nothing_costs_nothing() {
    assert!(
        told(&[])
            .to_string()
            .ends_with("fixed: 0.00 USD a month, without what they share\n")
    );
    let nothing = cost(&[], &PriceBook::embedded().unwrap());
    assert!(nothing.fixed.is_sign_positive() && nothing.usage_high.is_sign_positive());
}

#[test]
fn each_store_has_a_row() {
    insta::assert_snapshot!(told(&views()));
}

#[test]
fn stores_and_what_they_share_cost_what_everything_costs() {
    let all = cost(&views(), &PriceBook::embedded().unwrap());
    let stores: f64 = told(&views()).stores.iter().map(|store| store.fixed).sum();
    let shared: f64 = all
        .lines
        .iter()
        .filter(|line| line.assumed.is_none() && line.part == "key")
        .map(|line| line.low)
        .sum();
    assert!(
        (stores + shared - all.fixed).abs() < 0.005,
        "{stores} {shared}"
    );
}

#[test]
fn what_has_no_price_is_said() {
    let mut views = views();
    let part = format!("{} postgres/users", views[0].address);
    let told_of = |views: &[CompositeView]| {
        let databases = told(views).not_priced.remove("AWS::RDS::DBInstance");
        databases.unwrap_or_default().contains(&part)
    };
    assert!(!told_of(&views));
    let users = views[0].parts.get_mut("postgres/users").unwrap();
    users
        .properties
        .insert("DBInstanceClass".to_owned(), json!("db.x99.large"));
    assert!(told_of(&views));
    assert!(
        told(&views)
            .to_string()
            .contains("not priced: AWS::RDS::DBInstance")
    );
}

#[test]
fn who_refuses_a_deletion_is_said() {
    let by = |tier: Option<bool>, flag: bool| {
        let mut views = views();
        views[0].protected = tier;
        let users = views[0].parts.get_mut("postgres/users").unwrap();
        users
            .properties
            .insert("DeletionProtection".to_owned(), json!(flag));
        let rows = told(&views).stores;
        let row = rows.iter().find(|row| row.store == "postgres/users");
        row.unwrap().protected_by.clone()
    };
    assert_eq!(by(Some(true), true), "AWS, plan");
    assert_eq!(by(Some(true), false), "plan");
    assert_eq!(by(Some(false), false), "nobody");
    assert_eq!(by(None, false), "nobody");
}

/// What a table and its replica cost, in the table's mode.
fn replicated(capacity: serde_json::Value) -> platform_insight::cost::Cost {
    let mut table = json!({ "TableName": "shop-orders", "GlobalSecondaryIndexes": [
        { "IndexName": "by-day", "ProvisionedThroughput": { "ReadCapacityUnits": 1, "WriteCapacityUnits": 3 } },
    ] });
    for (name, value) in capacity.as_object().unwrap() {
        table[name] = value.clone();
    }
    let parts = json!({
        "table/orders": { "type": "AWS::DynamoDB::Table", "properties": table, "refs": {}, "id": "shop-orders", "attributes": {} },
        "table/orders/replica/eu-west-1": {
            "type": "Custom::TableReplica", "id": "arn", "attributes": {}, "refs": { "/TableName": "${part:table/orders}" },
            "properties": { "TableName": "shop-orders", "Region": "eu-west-1", "TableClass": "STANDARD_INFREQUENT_ACCESS" },
        },
    });
    cost(
        &composite("platform_data_tier", &parts),
        &PriceBook::embedded().unwrap(),
    )
}

#[test]
fn a_replica_is_charged_in_the_mode_of_its_table() {
    let size = json!({ "ReadCapacityUnits": 5, "WriteCapacityUnits": 2 });
    let provisioned =
        replicated(json!({ "BillingMode": "PROVISIONED", "ProvisionedThroughput": size }));
    let hourly = |read: f64, write: f64| 730.0 * (6.0 * read + 5.0 * write);
    let expected = hourly(0.00013, 0.00065) + hourly(0.00016, 0.00081);
    assert!(
        (provisioned.fixed - expected).abs() < 0.02,
        "{}",
        provisioned.fixed
    );
    let text = format!("{provisioned}");
    assert!(
        text.contains("replicated write capacity unit, 5 × 730 h × 0.00081")
            && !text.contains("million request units"),
        "{text}"
    );
    let on_demand = replicated(json!({ "BillingMode": "PAY_PER_REQUEST" }));
    assert_eq!(on_demand.fixed, 0.0);
    let text = format!("{on_demand}");
    assert!(
        text.contains("written, as everywhere, 0.78 per million request units"),
        "{text}"
    );
}
