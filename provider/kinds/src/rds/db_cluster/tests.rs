mod blue_green;

use super::*;
use crate::testing::me;
use platform_graph::SecretSource;

fn item(more: Value) -> Value {
    let mut item = json!({
        "DBClusterIdentifier": "shop-orders", "DBClusterArn": "arn:aws:rds:us-east-1:123456789012:cluster:shop-orders",
        "DbClusterResourceId": "cluster-ABCDEFGHIJKLMNOPQRSTUVWX", "Status": "available", "Engine": "aurora-postgresql",
        "EngineVersion": "16.6", "Endpoint": "a", "ReaderEndpoint": "b", "Port": 5432, "AllocatedStorage": 1,
        "DBClusterMembers": [{ "DBInstanceIdentifier": "one", "IsClusterWriter": true }, { "DBInstanceIdentifier": "two", "IsClusterWriter": false }],
        "ServerlessV2ScalingConfiguration": { "MinCapacity": 0.5, "MaxCapacity": 8, "SecondsUntilAutoPause": 300 }, "TagList": [],
    });
    for (name, value) in more.as_object().unwrap() {
        item[name] = value.clone();
    }
    json!({ "DBClusters": [item] })
}

fn asked() -> DbCluster {
    DbCluster {
        identifier: "shop-orders".into(),
        engine_version: Some("16".into()),
        storage_type: Some("aurora".into()),
        port: Some(5432),
        serverless_v2_scaling_configuration: Some(ServerlessV2ScalingConfiguration {
            min_capacity: 0.5,
            max_capacity: 8.0,
            seconds_until_auto_pause: None,
        }),
        ..DbCluster::default()
    }
}

fn changed(asked: &DbCluster, reply: &Value) -> Vec<String> {
    let kind = platform_graph::KindDef::of::<DbCluster>();
    let mut desired = serde_json::to_value(asked).unwrap();
    let desired = desired.as_object_mut().unwrap();
    desired.retain(|_, value| !value.is_null());
    match (kind.read)(desired, &me(None), std::slice::from_ref(reply)).unwrap() {
        Seen::Live(live) => platform_graph::diff::changed(&kind, &live.properties, desired, None),
        seen => panic!("{seen:?}"),
    }
}

#[test]
fn which_member_writes_is_no_difference() {
    let swapped = json!([{ "DBInstanceIdentifier": "one", "IsClusterWriter": false }, { "DBInstanceIdentifier": "two", "IsClusterWriter": true }]);
    assert_eq!(changed(&asked(), &item(json!({}))), [""; 0]);
    assert_eq!(
        changed(&asked(), &item(json!({ "DBClusterMembers": swapped }))),
        [""; 0]
    );
}

#[test]
fn what_waits_for_the_window_counts_as_done() {
    let asked = DbCluster {
        engine_version: Some("16.6".into()),
        ..asked()
    };
    let pending =
        json!({ "EngineVersion": "16.4", "PendingModifiedValues": { "EngineVersion": "16.6" } });
    assert_eq!(changed(&asked, &item(pending)), [""; 0]);
    for older in ["16.4", "15.8"] {
        let live = json!({ "EngineVersion": older });
        assert_eq!(changed(&asked, &item(live)), ["EngineVersion"]);
    }
}

#[test]
fn another_major_version_comes_alone_at_once_and_is_waited_for() {
    let asked = DbCluster {
        allow_major_version_upgrade: Some(true),
        deletion_protection: Some(true),
        engine_version: Some("17.4".into()),
        parameter_group_name: Some("shop-orders-aurora-postgresql17".into()),
        ..asked()
    };
    let Seen::Live(live) = asked.read(&me(None), &[item(json!({}))]) else {
        panic!("not live")
    };
    let update = |asked: &DbCluster| {
        asked.update(
            &me(None),
            &live,
            &[
                "DBClusterParameterGroupName",
                "DeletionProtection",
                "EngineVersion",
            ],
        )
    };
    let calls = update(&asked);
    assert_eq!(
        json!(calls[0].params),
        json!({
            "DBClusterIdentifier": "shop-orders", "ApplyImmediately": true, "AllowMajorVersionUpgrade": true,
            "DBClusterParameterGroupName": "shop-orders-aurora-postgresql17", "EngineVersion": "17.4",
        })
    );
    let older = DbCluster {
        engine_version: Some("15".into()),
        ..asked.clone()
    };
    assert_eq!(update(&older), []);
    let about = item(json!({ "PendingModifiedValues": { "EngineVersion": "17.4" } }));
    assert!(matches!(
        asked.read(&me(None), &[about]),
        Seen::Pending { .. }
    ));
}

#[test]
fn the_call_that_makes_it_depends_on_where_it_comes_from() {
    let action = |cluster: DbCluster| cluster.create(&me(None))[0].action;
    assert_eq!(action(asked()), "CreateDBCluster");
    let snapshot = DbCluster {
        snapshot_identifier: Some("s".into()),
        ..asked()
    };
    assert_eq!(action(snapshot), "RestoreDBClusterFromSnapshot");
    let source = DbCluster {
        source_identifier: Some("s".into()),
        ..asked()
    };
    assert_eq!(action(source), "RestoreDBClusterToPointInTime");
}

const SECRET: &str =
    "arn:aws:secretsmanager:us-east-1:123456789012:secret:shop-orders/master-password-AbCdEf";

/// Whether a call says who has the password, and from which secret it takes one along.
fn password(call: &Call) -> (Value, Option<&str>) {
    let said = call.params.get("ManageMasterUserPassword");
    let taken = call.secret.as_ref().map(|secret| {
        assert_eq!(secret.member, "MasterUserPassword");
        match &secret.source {
            SecretSource::Kept { arn, key } if key == "password" => arn.as_str(),
            other => panic!("{other:?}"),
        }
    });
    (said.cloned().unwrap_or_default(), taken)
}

#[test]
fn the_password_changes_hands_and_is_in_no_property() {
    let own = DbCluster {
        manage_master_user_password: Some(false),
        master_user_password_secret: Some(SECRET.into()),
        ..asked()
    };
    let by_rds = item(
        json!({ "MasterUserSecret": { "SecretArn": "arn:s", "SecretStatus": "active", "KmsKeyId": "arn:k" } }),
    );
    assert_eq!(
        password(&own.create(&me(None))[0]),
        (json!(false), Some(SECRET))
    );
    assert_eq!(changed(&own, &item(json!({}))), [""; 0]);
    assert_eq!(
        changed(&own, &by_rds),
        ["ManageMasterUserPassword", "MasterUserPasswordSecret"]
    );
    let updated = |asked: &DbCluster, reply: &Value| {
        let changed = changed(asked, reply);
        let Seen::Live(live) = asked.read(&me(None), std::slice::from_ref(reply)) else {
            panic!("not live")
        };
        let changed: Vec<&str> = changed.iter().map(String::as_str).collect();
        let calls = asked.update(&me(None), &live, &changed);
        assert_eq!(calls.len(), 1);
        calls.into_iter().next().unwrap()
    };
    let call = updated(&own, &by_rds);
    assert_eq!(password(&call), (json!(false), Some(SECRET)));
    let managed = DbCluster {
        manage_master_user_password: Some(true),
        master_user_secret: Some(MasterUserSecret {
            kms_key_id: "arn:k".into(),
        }),
        ..asked()
    };
    let call = updated(&managed, &item(json!({})));
    assert_eq!(password(&call), (json!(true), None));
    assert_eq!(call.params["MasterUserSecretKmsKeyId"], "arn:k");
    let kept_longer = DbCluster {
        backup_retention_period: Some(14),
        ..own
    };
    assert_eq!(
        password(&updated(&kept_longer, &item(json!({})))),
        (Value::Null, None),
        "no other change writes the password"
    );
}

#[test]
fn another_version_of_the_secret_is_given_and_then_told() {
    const TAG: &str = "platform:password-version";
    const SECRET: &str =
        "arn:aws:secretsmanager:us-east-1:123456789012:secret:shop/master-password-AbCdEf";
    let of = |version: &str| DbCluster {
        identifier: "shop".into(),
        manage_master_user_password: Some(false),
        master_user_password_secret: Some(SECRET.into()),
        master_user_password_version: Some(version.into()),
        ..DbCluster::default()
    };
    let made = |cluster: &DbCluster| {
        json!(cluster.create(&crate::testing::me(None))[0].params).to_string()
    };
    assert!(made(&of("v1")).contains(TAG));
    let restored = DbCluster {
        snapshot_identifier: Some("s".into()),
        ..of("v1")
    };
    assert!(!made(&restored).contains(TAG));

    let reply = json!({ "DBClusters": [{
        "DBClusterIdentifier": "shop", "DBClusterArn": "arn:aws:rds:us-east-1:123456789012:cluster:shop", "Status": "available",
        "Engine": "aurora-postgresql", "EngineVersion": "17.4", "TagList": [{ "Key": TAG, "Value": "v1" }],
    }] });
    let me = crate::testing::me(None);
    let Seen::Live(live) = of("v1").read(&me, &[reply]) else {
        panic!("not live")
    };
    assert_eq!(
        live.properties.master_user_password_version,
        Some("v1".into())
    );
    assert!(!live.properties.tags.contains_key(TAG));
    let calls = of("v2").update(&me, &live, &["MasterUserPasswordVersion"]);
    let actions: Vec<&str> = calls.iter().map(|call| call.action).collect();
    assert_eq!(actions, ["ModifyDBCluster", "AddTagsToResource"]);
    assert!(calls[0].secret.is_some());
    assert_eq!(
        calls[1].params["Tags"],
        json!([{ "Key": TAG, "Value": "v2" }])
    );
}

#[test]
fn only_another_keeper_of_the_password_makes_another_secret() {
    let secret = "MasterUserSecret.SecretArn";
    let port = "Endpoint.Port";
    for (property, unsettled, settled) in [
        ("Tags", &[][..], &[secret, port][..]),
        ("Port", &[port], &[secret]),
        ("ManageMasterUserPassword", &[secret, port], &[]),
    ] {
        let found = asked().unsettled(&[property]);
        assert!(
            unsettled.iter().all(|name| found.contains(name)),
            "{property}"
        );
        assert!(
            !settled.iter().any(|name| found.contains(name)),
            "{property}"
        );
    }
}
