//! What is told of stores.

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
