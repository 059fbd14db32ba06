//! What caches cost.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use platform_insight::CompositeView;
use platform_insight::cost::{PriceBook, cost};
use platform_insight::inventory::from_terraform_json;
use serde_json::{Value, json};

/// A data tier with one part of this type.
fn tier(kind: &str, properties: &Value) -> Vec<CompositeView> {
    let cache = json!({
        "type": kind, "properties": properties, "refs": {}, "id": "shop-sessions", "attributes": {},
    });
    let resource = json!({
        "address": "platform_data_tier.main", "mode": "managed", "type": "platform_data_tier", "name": "main",
        "values": { "name": "shop", "region": "us-east-1", "resources": { "cache/sessions": cache } },
    });
    from_terraform_json(&json!({
        "format_version": "1.0", "terraform_version": "1.11.4",
        "values": { "root_module": { "resources": [resource] } },
    }))
    .unwrap()
}

#[test]
fn every_node_of_every_shard_is_charged_by_the_hour() {
    let book = PriceBook::embedded().unwrap();
    for (engine, class, shards, replicas, hourly) in [
        ("redis", "cache.t4g.small", json!(1), json!(1), 2.0 * 0.032),
        (
            "valkey",
            "cache.r7g.large",
            json!(3),
            json!(2),
            9.0 * 0.219 * 0.8,
        ),
        (
            "valkey",
            "cache.t4g.micro",
            Value::Null,
            Value::Null,
            0.016 * 0.8,
        ),
    ] {
        let properties = json!({
            "ReplicationGroupId": "shop-sessions", "Engine": engine, "CacheNodeType": class, "NumNodeGroups": shards,
            "ReplicasPerNodeGroup": replicas,
        });
        let fixed = cost(
            &tier("AWS::ElastiCache::ReplicationGroup", &properties),
            &book,
        )
        .fixed;
        assert!((fixed - 730.0 * hourly).abs() < 0.005, "{class}: {fixed}");
    }
}

#[test]
fn a_class_that_no_list_has_is_not_guessed_at() {
    let book = PriceBook::embedded().unwrap();
    let properties = json!({ "Engine": "valkey", "CacheNodeType": "cache.x9.large" });
    let unknown = cost(
        &tier("AWS::ElastiCache::ReplicationGroup", &properties),
        &book,
    );
    assert_eq!(unknown.fixed, 0.0);
}

#[test]
fn a_serverless_cache_is_metered() {
    let book = PriceBook::embedded().unwrap();
    let properties = json!({ "ServerlessCacheName": "shop-sessions", "Engine": "valkey" });
    let cost = cost(
        &tier("AWS::ElastiCache::ServerlessCache", &properties),
        &book,
    );
    assert_eq!(cost.fixed, 0.0);
    assert!(cost.usage_high > cost.usage_low && cost.usage_low > 0.0);
}
