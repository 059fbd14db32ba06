use super::*;
use crate::testing::{me, property_names};
use serde_json::json;

fn asked() -> ReplicationGroup {
    ReplicationGroup {
        replication_group_id: "shop-sessions".into(),
        replication_group_description: "sessions".into(),
        cache_node_type: Some("cache.t4g.small".into()),
        cluster_mode: Some("enabled".into()),
        engine: Some("valkey".into()),
        engine_version: Some("8.0".into()),
        num_node_groups: Some(2),
        replicas_per_node_group: Some(1),
        security_group_ids: Some(vec!["sg-1".into()]),
        ..ReplicationGroup::default()
    }
}

fn shard(nth: u32) -> Value {
    json!({ "NodeGroupId": format!("{nth:04}"), "Status": "available", "NodeGroupMembers": [
        { "CacheClusterId": format!("shop-sessions-{nth:04}-001") }, { "CacheClusterId": format!("shop-sessions-{nth:04}-002") } ] })
}

/// The replies for a group with these shards, of which the group itself has further members.
fn replies(shards: &[u32], more: &Value) -> [Value; 3] {
    let shards: Vec<Value> = shards.iter().map(|nth| shard(*nth)).collect();
    let mut group = json!({
        "ReplicationGroupId": "shop-sessions", "Description": "sessions", "Status": "available", "NodeGroups": shards,
        "AutomaticFailover": "disabled", "MultiAZ": "disabled", "SnapshotRetentionLimit": 0, "SnapshotWindow": "05:00-06:00",
        "ClusterEnabled": true, "ClusterMode": "enabled", "CacheNodeType": "cache.t4g.small", "TransitEncryptionEnabled": false,
        "AtRestEncryptionEnabled": false, "ARN": "arn:rg", "AutoMinorVersionUpgrade": true, "Engine": "valkey",
        "ReplicationGroupCreateTime": "2026-01-02T03:04:05Z", "LogDeliveryConfigurations": [], "UserGroupIds": [],
        "ConfigurationEndpoint": { "Address": "clustercfg.shop", "Port": 6379 },
    });
    for (name, value) in more.as_object().unwrap() {
        group[name] = value.clone();
    }
    let member = |of: &str, version: &str| {
        json!({ "CacheClusterId": format!("{of}-0001-001"), "ReplicationGroupId": of, "EngineVersion": version,
        "CacheParameterGroup": { "CacheParameterGroupName": "default.valkey8.cluster.on" }, "CacheSubnetGroupName": "default",
        "PreferredMaintenanceWindow": "sun:05:00-sun:06:00", "SecurityGroups": [{ "SecurityGroupId": "sg-1", "Status": "active" }] })
    };
    [
        json!({ "ReplicationGroups": [group] }),
        json!({ "CacheClusters": [member("shop-carts", "7.2.6"), member("shop-sessions", "8.1.0")] }),
        json!({ "TagList": [{ "Key": "team", "Value": "shop" }] }),
    ]
}

fn live(asked: &ReplicationGroup, replies: &[Value]) -> Live<ReplicationGroup> {
    match asked.read(&me(None), replies) {
        Seen::Live(live) => live,
        seen => panic!("{seen:?}"),
    }
}

#[test]
fn members_show_what_the_group_does_not() {
    let live = live(&asked(), &replies(&[1, 2], &json!({})));
    assert_eq!(live.properties.engine_version.as_deref(), Some("8.1.0"));
    assert_eq!(
        live.properties.security_group_ids,
        asked().security_group_ids
    );
    assert_eq!(live.properties.tags["team"], "shop");
    let expected = ReplicationGroup {
        engine_version: Some("8.1.0".into()),
        tags: live.properties.tags.clone(),
        ..asked()
    };
    assert_eq!(
        live.properties, expected,
        "defaults show only when asked for"
    );
    assert_eq!(live.attributes["ConfigurationEndPoint.Port"], "6379");
    assert_eq!(live.attributes.get("PrimaryEndPoint.Address"), None);
}

#[test]
fn nothing_is_concluded_before_its_members_show() {
    let mut replies = replies(&[1, 2], &json!({}));
    replies[1] = json!({ "CacheClusters": [] });
    assert!(matches!(
        asked().read(&me(None), &replies),
        Seen::Pending { .. }
    ));
    assert!(matches!(
        asked().read(&me(None), &replies[..1]),
        Seen::Live(_)
    ));
}

#[test]
fn what_aws_raises_by_itself_is_no_difference() {
    for (live, desired, same) in [
        ("8.1.0", "8.0", true),
        ("8.0.1", "8.1", false),
        ("7.2.6", "8.0", false),
    ] {
        assert_eq!(
            ReplicationGroup::same("EngineVersion", &json!(live), &json!(desired)),
            same,
            "{live} for {desired}"
        );
    }
    assert!(ReplicationGroup::same(
        "PreferredMaintenanceWindow",
        &json!("sun:05:00-sun:06:00"),
        &json!("Sun:05:00-Sun:06:00")
    ));
}

#[test]
fn one_change_at_a_time_in_an_order_that_aws_takes() {
    let live = live(&asked(), &replies(&[1, 2, 4], &json!({})));
    let wished = ReplicationGroup {
        automatic_failover_enabled: Some(true),
        cache_node_type: Some("cache.r7g.large".into()),
        engine_version: Some("9.0".into()),
        num_node_groups: Some(2),
        replicas_per_node_group: Some(2),
        ..asked()
    };
    let mut left = vec![
        "AutomaticFailoverEnabled",
        "CacheNodeType",
        "EngineVersion",
        "NumNodeGroups",
        "ReplicasPerNodeGroup",
    ];
    let mut steps = Vec::new();
    while !left.is_empty() {
        let calls = wished.update(&me(None), &live, &left);
        assert_eq!(calls.len(), 1);
        let done = match calls[0].action {
            "IncreaseReplicaCount" => "ReplicasPerNodeGroup",
            "ModifyReplicationGroupShardConfiguration" => {
                assert_eq!(
                    calls[0].params["NodeGroupsToRetain"],
                    json!(["0001", "0002"])
                );
                "NumNodeGroups"
            }
            _ => left
                .iter()
                .copied()
                .find(|name| calls[0].params.contains_key(*name))
                .unwrap(),
        };
        left.retain(|name| *name != done);
        steps.push(done);
    }
    assert_eq!(
        steps,
        [
            "ReplicasPerNodeGroup",
            "AutomaticFailoverEnabled",
            "EngineVersion",
            "CacheNodeType",
            "NumNodeGroups"
        ]
    );
}

#[test]
fn the_last_replicas_go_after_the_failover_that_needs_them() {
    let live = live(
        &asked(),
        &replies(&[1], &json!({ "AutomaticFailover": "enabled" })),
    );
    let wished = ReplicationGroup {
        automatic_failover_enabled: Some(false),
        replicas_per_node_group: Some(0),
        ..asked()
    };
    let changed = ["AutomaticFailoverEnabled", "ReplicasPerNodeGroup"];
    assert_eq!(
        wished.update(&me(None), &live, &changed)[0].action,
        "ModifyReplicationGroup"
    );
    let left = ["ReplicasPerNodeGroup"];
    assert_eq!(
        wished.update(&me(None), &live, &left)[0].action,
        "DecreaseReplicaCount"
    );
}

#[test]
fn a_log_that_nobody_asks_for_stops() {
    let log = |kind: &str| {
        json!({ "DestinationDetails": { "CloudWatchLogsDetails": { "LogGroup": "/g" } },
        "DestinationType": "cloudwatch-logs", "LogFormat": "json", "LogType": kind, "Status": "active" })
    };
    let shown = json!({ "LogDeliveryConfigurations": [log("slow-log"), log("engine-log")] });
    let wished = ReplicationGroup {
        log_delivery_configurations: Some(vec![seen::log_delivery(&log("slow-log")).unwrap()]),
        ..asked()
    };
    let live = live(&wished, &replies(&[1, 2], &shown));
    assert!(property_names(&live.properties).contains(&"LogDeliveryConfigurations".to_owned()));
    let calls = wished.update(&me(None), &live, &["LogDeliveryConfigurations"]);
    assert_eq!(
        calls[0].params["LogDeliveryConfigurations"],
        json!([{ "LogType": "engine-log", "Enabled": false }])
    );
}

#[test]
fn encryption_in_transit_is_preferred_before_it_is_required() {
    let live = live(&asked(), &replies(&[1, 2], &json!({})));
    let wished = ReplicationGroup {
        transit_encryption_enabled: Some(true),
        ..asked()
    };
    let calls = wished.update(&me(None), &live, &["TransitEncryptionEnabled"]);
    assert_eq!(calls[0].params["TransitEncryptionMode"], "preferred");
}

#[test]
fn a_new_major_version_brings_its_parameters() {
    let live = live(&asked(), &replies(&[1, 2], &json!({})));
    let wished = ReplicationGroup {
        engine_version: Some("9.0".into()),
        ..asked()
    };
    let calls = wished.update(&me(None), &live, &["EngineVersion"]);
    assert_eq!(
        calls[0].params["CacheParameterGroupName"],
        "default.valkey9.cluster.on"
    );
}

#[test]
fn what_auto_scaling_adds_is_no_difference_and_what_is_missing_is() {
    let scaled = ReplicationGroup {
        auto_scaled: Some(vec!["NumNodeGroups".into()]),
        ..asked()
    };
    let counts = |asked: &ReplicationGroup, shards: &[u32]| {
        live(asked, &replies(shards, &json!({})))
            .properties
            .num_node_groups
    };
    assert_eq!(counts(&scaled, &[1, 2, 3]), Some(2));
    assert_eq!(counts(&scaled, &[1]), Some(1));
    assert_eq!(counts(&asked(), &[1, 2, 3]), Some(3));
}

#[test]
fn one_shard_becomes_a_cluster_by_way_of_both() {
    let mode = |shown: &str| {
        let live = live(
            &asked(),
            &replies(&[1, 2], &json!({ "ClusterMode": shown })),
        );
        asked().update(&me(None), &live, &["ClusterMode"])[0].params["ClusterMode"].clone()
    };
    assert_eq!(mode("disabled"), "compatible");
    assert_eq!(mode("compatible"), "enabled");
}
