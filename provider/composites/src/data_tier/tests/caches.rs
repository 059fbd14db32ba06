//! Caches.

use super::*;

/// The parts of an expansion, and what it gives of caches to others.
fn whole(expansion: &Expansion) -> Value {
    json!({ "parts": expansion.graph.parts, "outputs": expansion.outputs["cache_endpoints"] })
}

#[test]
fn a_cache_in_full() {
    let expansion = expand(json!({ "caches": { "sessions": {} } }));
    insta::assert_json_snapshot!("cache", whole(&expansion));
}

#[test]
fn everything_that_a_cache_can_have() {
    let expansion = expand(json!({
        "encryption": { "key_per_store": true },
        "alarms": { "topic_arn": "arn:aws:sns:us-east-1:123456789012:on-call" },
        "caches": { "sessions": {
            "version": "8.1", "node_type": "cache.r7g.large", "shards": 2, "replicas_per_shard": 1, "port": 6400,
            "scaling": { "max_shards": 6, "max_replicas_per_shard": 3 },
            "users": { "app": { "access_string": "on ~session:* +@all" }, "ops": { "access_string": "on ~* +@read" } },
            "parameters": { "maxmemory-policy": "allkeys-lru" },
            "maintenance_window": "sun:05:00-sun:06:00",
            "snapshots": { "retention_days": 3, "restore_from": "before" },
        } },
    }));
    insta::assert_snapshot!("cache_explained", explain(&expansion.graph));
}

#[test]
fn a_serverless_cache_in_full() {
    let expansion = expand(json!({
        "alarms": { "topic_arn": "arn:aws:sns:us-east-1:123456789012:on-call" },
        "caches": { "carts": {
            "mode": "serverless", "limits": { "max_storage_gb": 10, "max_ecpu_per_second": 5000 },
            "users": { "app": { "access_string": "on ~cart:* +@all" } },
        } },
    }));
    insta::assert_json_snapshot!("cache_serverless", whole(&expansion));
}

/// The property of a part of the cache `sessions`.
fn property(fields: Value, part: &str, name: &str) -> Value {
    let expansion = expand(json!({ "caches": { "sessions": fields } }));
    expansion.graph.parts[&format!("cache/sessions{part}")].properties[name].clone()
}

#[test]
fn a_version_is_the_least_that_there_is() {
    for (fields, expected) in [
        (json!({}), "8.0"),
        (json!({ "version": "8" }), "8.0"),
        (json!({ "version": "8.1" }), "8.1"),
        (json!({ "version": "7" }), "7.2"),
        (json!({ "engine": "redis" }), "7.1"),
        (json!({ "engine": "redis", "version": "7.0" }), "7.0"),
    ] {
        assert_eq!(
            property(fields.clone(), "", "EngineVersion"),
            expected,
            "{fields}"
        );
    }
}

#[test]
fn the_highest_of_counts_is_left_to_auto_scaling() {
    let fields = json!({ "node_type": "cache.m7g.large", "scaling": { "max_shards": 4 } });
    assert_eq!(
        property(fields.clone(), "", "AutoScaled"),
        json!(["NumNodeGroups"])
    );
    assert_eq!(property(fields, "/scaling/shards", "MinCapacity"), 1);
}

#[test]
fn a_cache_without_replicas_fails_over_only_as_a_cluster_and_to_no_other_zone() {
    for (mode, failover) in [("cluster", true), ("single", false)] {
        let fields = json!({ "mode": mode, "replicas_per_shard": 0 });
        assert_eq!(
            property(fields.clone(), "", "AutomaticFailoverEnabled"),
            failover
        );
        assert_eq!(property(fields, "", "MultiAZEnabled"), false);
    }
}

#[test]
fn alarms_keep_their_names_when_a_cache_becomes_a_cluster() {
    let alarms = |mode: &str, shards: u32| -> BTreeMap<String, (Value, Value)> {
        let expansion = expand(json!({
            "alarms": { "topic_arn": "arn:aws:sns:us-east-1:123456789012:on-call" },
            "caches": { "sessions": { "mode": mode, "shards": shards } },
        }));
        let alarms = expansion.graph.parts.into_iter();
        alarms
            .filter(|(_, part)| part.kind == "AWS::CloudWatch::Alarm")
            .map(|(address, part)| {
                let properties = &part.properties;
                let node = properties["Dimensions"][0]["Value"].clone();
                (address, (properties["AlarmName"].clone(), node))
            })
            .collect()
    };
    let (single, cluster, wider) = (
        alarms("single", 1),
        alarms("cluster", 1),
        alarms("cluster", 2),
    );
    assert!(!single.is_empty() && single.keys().eq(cluster.keys()));
    for (address, (name, node)) in &single {
        let (other, of_cluster) = &cluster[address];
        assert_eq!(name, other);
        let suffix = node.as_str().unwrap().rsplit('-').next().unwrap();
        assert!(
            of_cluster
                .as_str()
                .unwrap()
                .ends_with(&format!("-0001-{suffix}"))
        );
        assert_ne!(node, of_cluster);
    }
    // Another shard adds alarms and leaves the others as they are.
    assert!(wider.len() > cluster.len());
    assert!(
        cluster
            .iter()
            .all(|(address, alarm)| wider.get(address) == Some(alarm))
    );
}

#[test]
fn a_new_cache_of_many_nodes_needs_a_quota() {
    let said = |shards: u32, creates: bool| {
        let fields = json!({ "caches": { "sessions": { "shards": shards } } });
        let spec = CompositeDef::of::<DataTier>().decode(with(fields)).unwrap();
        let mut problems = Problems::new();
        let expansion = spec
            .expand(&setting(), &Ledger::default(), &mut problems)
            .unwrap();
        spec.preflight(&setting(), &expansion, &|_| creates, &mut problems);
        lines(&problems)
    };
    assert!(said(46, true).contains("92 nodes need a higher quota"));
    assert_eq!(said(45, true), "");
    assert_eq!(said(46, false), "");
}

#[test]
fn caches_do_not_touch_one_another() {
    let one = expand(json!({ "caches": { "sessions": {} } }));
    let two = expand(json!({ "caches": { "sessions": {}, "carts": { "mode": "serverless" } } }));
    for (address, part) in &one.graph.parts {
        assert_eq!(two.graph.parts.get(address), Some(part), "{address}");
    }
}

#[test]
fn a_version_that_is_not_known_yet_leaves_the_tier_open() {
    let open = |version: &str| {
        let configuration = with(json!({ "caches": { "sessions": { "version": version } } }));
        let (spec, problems) = CompositeDef::of::<DataTier>().examine(configuration);
        assert_eq!(lines(&problems), "");
        spec.unwrap().is_open()
    };
    assert!(open("${config:caches.sessions.version}"));
    assert!(!open("8.1"));
}

#[test]
fn what_is_said_about_wrong_caches() {
    let mut said = String::new();
    for (name, cache) in [
        ("versions", json!({ "engine": "redis", "version": "8" })),
        ("an old version", json!({ "version": "6.2" })),
        (
            "users",
            json!({ "users": { "a-long-name-too": { "access_string": "~* +@all" }, "app": { "access_string": "on >secret ~* +@all" } } }),
        ),
        (
            "a serverless cache with nodes",
            json!({ "mode": "serverless", "version": "8.0", "shards": 2, "node_type": "cache.r7g.large", "parameters": { "timeout": "1" },
                "limits": { "min_storage_gb": 9, "max_storage_gb": 3 } }),
        ),
        (
            "one shard that is several",
            json!({ "mode": "single", "shards": 2, "limits": {}, "parameters": { "cluster-enabled": "no" }, "scaling": { "max_shards": 3 } }),
        ),
        (
            "scaling",
            json!({ "shards": 3, "replicas_per_shard": 0, "scaling": { "max_shards": 2, "max_replicas_per_shard": 1 } }),
        ),
        ("logs", json!({ "logs": { "retention_days": 31 } })),
        (
            "windows that are too short",
            json!({ "snapshots": { "window": "03:00-03:30" }, "maintenance_window": "sun:05:00-sun:05:59" }),
        ),
        (
            "windows that overlap, whether there are snapshots or not",
            json!({ "snapshots": { "retention_days": 0 }, "maintenance_window": "sun:03:30-sun:04:30" }),
        ),
        (
            "windows that are none",
            json!({ "snapshots": { "window": "24:00-25:00" }, "maintenance_window": "son:05:00-son:06:00" }),
        ),
        ("too many nodes", json!({ "shards": 251 })),
        (
            "the user that everybody is",
            json!({ "users": { "default": { "access_string": "on ~* +@all" } } }),
        ),
    ] {
        let configuration =
            with(json!({ "name": "a-rather-long-tier-name", "caches": { "sessions": cache } }));
        said.push_str(&format!("## {name}\n{}\n", verdict(configuration)));
    }
    insta::assert_snapshot!(said);
}
