//! What caches cost.

use crate::shown::tier;
use platform_insight::cost::{PriceBook, cost};
use serde_json::{Value, json};

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
