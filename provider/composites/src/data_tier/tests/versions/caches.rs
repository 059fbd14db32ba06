//! Versions of caches.

use super::*;

fn caches(version: &str, live: Option<Value>, kept: Option<&str>, more: Value) -> (String, String) {
    let mut store = more;
    store["version"] = json!(version);
    let fields = json!({ "caches": { "carts": store } });
    let default =
        json!({ "CacheEngineVersions": [{ "Engine": "valkey", "EngineVersion": "8.1" }] });
    let offers = ["7.2", "8.0", "8.1"]
        .map(|version| json!({ "Engine": "valkey", "EngineVersion": version }));
    let mut setting = asking(&[
        ("version/default/valkey", default),
        (
            "version/offers/valkey",
            json!({ "CacheEngineVersions": offers }),
        ),
    ]);
    if let Some(live) = live {
        let (key, list) = match live.get("ReplicationGroupId") {
            Some(_) => ("live/cache-nodes", "CacheClusters"),
            None => ("live/serverless-caches", "ServerlessCaches"),
        };
        setting
            .answers
            .insert(key.to_owned(), json!({ list: [live] }));
    }
    let kept = kept.map(|kept| ("cache/carts/version".to_owned(), kept.to_owned()));
    let ledger = Ledger(kept.into_iter().collect());
    let spec = decoded(&fields);
    let mut problems = Problems::new();
    let expansion = spec.expand(&setting, &ledger, &mut problems).unwrap();
    let creates = setting.answers.keys().all(|key| !key.starts_with("live/"));
    spec.preflight(&setting, &expansion, &|_| creates, &mut problems);
    let properties = &expansion.graph.parts["cache/carts"].properties;
    let version = properties
        .get("EngineVersion")
        .or(properties.get("MajorEngineVersion"));
    (
        version.unwrap().as_str().unwrap().to_owned(),
        lines(&problems),
    )
}

#[test]
fn auto_of_caches() {
    let nodes = |version: &str| {
        Some(
            json!({ "ReplicationGroupId": "shop-carts", "Engine": "valkey", "EngineVersion": version }),
        )
    };
    let serverless = || {
        Some(
            json!({ "ServerlessCacheName": "shop-carts", "Engine": "valkey", "MajorEngineVersion": "9" }),
        )
    };
    for (live, kept, more, expected) in [
        (None, None, json!({}), "8.1"),
        (None, Some("8.0"), json!({}), "8.0"),
        (nodes("8.2.0"), Some("8.1"), json!({}), "8.1"),
        (nodes("9.0.1"), Some("8.1"), json!({}), "9.0"),
        (nodes("7.2.6"), None, json!({}), "7.2"),
        (None, None, json!({ "mode": "serverless" }), "8"),
        (
            serverless(),
            Some("8"),
            json!({ "mode": "serverless" }),
            "9",
        ),
    ] {
        let (version, said) = caches("auto", live.clone(), kept, more);
        assert_eq!(
            (version.as_str(), said.as_str()),
            (expected, ""),
            "{live:?}"
        );
    }
}

#[test]
fn what_is_said_before_a_cache_changes() {
    let live = |engine: &str, version: &str| {
        Some(
            json!({ "ReplicationGroupId": "shop-carts", "Engine": engine, "EngineVersion": version }),
        )
    };
    let mut all = String::new();
    for (asked, more, running) in [
        ("8", json!({}), ("valkey", "8.1.0")),
        ("8.1", json!({}), ("valkey", "8.0.1")),
        (
            "7",
            json!({ "allow_major_upgrade": true }),
            ("valkey", "8.0.1"),
        ),
        ("8", json!({}), ("valkey", "7.2.6")),
        (
            "8",
            json!({ "allow_major_upgrade": true }),
            ("valkey", "7.2.6"),
        ),
        ("7.2", json!({}), ("redis", "7.1.0")),
        ("8", json!({}), ("redis", "7.1.0")),
        ("7", json!({ "engine": "redis" }), ("valkey", "7.2.6")),
        ("auto", json!({}), ("redis", "7.1.0")),
        ("8.2", json!({}), ("valkey", "8.1.0")),
        ("8.1", json!({}), ("valkey", "8.2.0")),
        (
            "9",
            json!({ "allow_major_upgrade": true }),
            ("valkey", "8.1.0"),
        ),
    ] {
        let (engine, version) = running;
        let (_, said) = caches(asked, live(engine, version), None, more);
        all.push_str(&format!("## {engine} {version} to {asked}\n{said}"));
    }
    for (asked, more) in [
        ("8", json!({})),
        ("9", json!({})),
        ("8.2", json!({})),
        ("8", json!({ "mode": "serverless" })),
        ("9", json!({ "mode": "serverless" })),
        ("7", json!({ "engine": "redis" })),
    ] {
        let (_, said) = caches(asked, None, None, more.clone());
        all.push_str(&format!("## new {asked} {more}\n{said}"));
    }
    insta::assert_snapshot!(all);
}
