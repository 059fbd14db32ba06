//! What document databases cost.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use platform_insight::cost::{PriceBook, cost};
use platform_insight::inventory::from_terraform_json;
use serde_json::{Value, json};

fn monthly(kind: &str, properties: &Value) -> f64 {
    let part =
        json!({ "type": kind, "properties": properties, "refs": {}, "id": "x", "attributes": {} });
    let resource = json!({
        "address": "platform_data_tier.main", "mode": "managed", "type": "platform_data_tier", "name": "main",
        "values": { "name": "shop", "region": "us-east-1", "resources": { "documents/products": part } },
    });
    let tier = from_terraform_json(&json!({
        "format_version": "1.0", "terraform_version": "1.11.4",
        "values": { "root_module": { "resources": [resource] } },
    }))
    .unwrap();
    cost(&tier, &PriceBook::embedded().unwrap()).fixed
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
