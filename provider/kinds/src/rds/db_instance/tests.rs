mod blue_green;

use super::*;
use crate::testing::me;
use platform_graph::SecretSource;

fn item(more: Value) -> Value {
    let mut item = json!({
        "DBInstanceIdentifier": "shop-orders", "DBInstanceArn": "arn:aws:rds:us-east-1:123456789012:db:shop-orders",
        "DbiResourceId": "db-ABCDEFGHIJKLMNOPQRSTUVWX", "DBInstanceStatus": "available", "DBInstanceClass": "db.t4g.medium",
        "Engine": "postgres", "EngineVersion": "17.6", "AllocatedStorage": 40, "BackupRetentionPeriod": 7, "MultiAZ": true,
        "AutoMinorVersionUpgrade": true, "PreferredMaintenanceWindow": "sun:04:00-sun:05:00", "Endpoint": { "Address": "a", "Port": 5432 },
        "TagList": [],
    });
    for (name, value) in more.as_object().unwrap() {
        item[name] = value.clone();
    }
    json!({ "DBInstances": [item] })
}

fn asked() -> DbInstance {
    DbInstance {
        identifier: "shop-orders".into(),
        allocated_storage: Some("20".into()),
        engine_version: Some("17.4".into()),
        instance_class: Some("db.t4g.medium".into()),
        preferred_maintenance_window: Some("Sun:04:00-Sun:05:00".into()),
        backup_retention_period: Some(7),
        multi_az: Some(true),
        port: Some("5432".into()),
        ..DbInstance::default()
    }
}

fn changed(asked: &DbInstance, reply: &Value) -> Vec<String> {
    let kind = platform_graph::KindDef::of::<DbInstance>();
    let mut desired = serde_json::to_value(asked).unwrap();
    let desired = desired.as_object_mut().unwrap();
    desired.retain(|_, value| !value.is_null());
    match (kind.read)(desired, &me(None), std::slice::from_ref(reply)).unwrap() {
        Seen::Live(live) => platform_graph::diff::changed(&kind, &live.properties, desired, None),
        seen => panic!("{seen:?}"),
    }
}

#[test]
fn what_aws_raises_on_its_own_is_no_difference() {
    assert_eq!(changed(&asked(), &item(json!({}))), [""; 0]);
    assert_eq!(
        changed(
            &asked(),
            &item(json!({ "EngineVersion": "17.2", "AllocatedStorage": 10 }))
        ),
        ["AllocatedStorage", "EngineVersion"]
    );
    assert_eq!(
        changed(&asked(), &item(json!({ "EngineVersion": "16.9" }))),
        ["EngineVersion"]
    );
}

#[test]
fn what_waits_for_the_window_counts_as_done_unless_it_is_not_to_wait() {
    let reply = item(json!({
        "DBInstanceClass": "db.t4g.large", "EngineVersion": "17.2", "BackupRetentionPeriod": 1,
        "PendingModifiedValues": { "DBInstanceClass": "db.t4g.medium", "EngineVersion": "17.4", "BackupRetentionPeriod": 7 },
    }));
    assert_eq!(changed(&asked(), &reply), [""; 0]);
    let at_once = DbInstance {
        apply_immediately: Some(true),
        ..asked()
    };
    assert_eq!(
        changed(&at_once, &reply),
        ["BackupRetentionPeriod", "DBInstanceClass", "EngineVersion"]
    );
}

fn updated(asked: &DbInstance, reply: &Value) -> Vec<Call> {
    let changed = changed(asked, reply);
    let Seen::Live(live) = asked.read(&me(None), std::slice::from_ref(reply)) else {
        panic!("not live")
    };
    let changed: Vec<&str> = changed.iter().map(String::as_str).collect();
    asked.update(&me(None), &live, &changed)
}

#[test]
fn another_major_version_comes_alone_and_at_once() {
    let asked = DbInstance {
        allow_major_version_upgrade: Some(true),
        instance_class: Some("db.r8g.large".into()),
        parameter_group_name: Some("shop-orders-postgres17".into()),
        ..asked()
    };
    let old = json!([{ "DBParameterGroupName": "shop-orders-postgres16" }]);
    let calls = updated(
        &asked,
        &item(json!({ "EngineVersion": "16.9", "DBParameterGroups": old })),
    );
    assert_eq!(
        json!(calls[0].params),
        json!({
            "DBInstanceIdentifier": "shop-orders", "ApplyImmediately": true, "AllowMajorVersionUpgrade": true,
            "DBParameterGroupName": "shop-orders-postgres17", "EngineVersion": "17.4",
        })
    );
    assert_eq!(calls.len(), 1);
}

#[test]
fn a_minor_version_comes_with_the_rest_and_without_leave_for_more() {
    let asked = DbInstance {
        allow_major_version_upgrade: Some(true),
        ..asked()
    };
    let calls = updated(
        &asked,
        &item(json!({ "EngineVersion": "17.2", "BackupRetentionPeriod": 1 })),
    );
    assert_eq!(
        json!(calls[0].params),
        json!({ "DBInstanceIdentifier": "shop-orders", "BackupRetentionPeriod": 7, "EngineVersion": "17.4" })
    );
}

#[test]
fn no_version_is_lowered() {
    let calls = updated(
        &asked(),
        &item(json!({ "EngineVersion": "18.1", "BackupRetentionPeriod": 1 })),
    );
    assert_eq!(calls, []);
}

#[test]
fn an_upgrade_that_has_not_begun_is_waited_for() {
    let asked = DbInstance {
        allow_major_version_upgrade: Some(true),
        ..asked()
    };
    let about = item(
        json!({ "EngineVersion": "16.9", "PendingModifiedValues": { "EngineVersion": "17.4" } }),
    );
    assert!(
        matches!(asked.read(&me(None), &[about]), Seen::Pending { why, .. } if why.contains("17.4"))
    );
}

#[test]
fn a_replica_of_postgresql_waits_for_the_major_version_of_its_source() {
    let replica = DbInstance {
        source_identifier: Some("shop-orders-source".into()),
        ..asked()
    };
    let waits = |live: &str| {
        let reply = item(json!({ "EngineVersion": live }));
        matches!(replica.read(&me(None), &[reply]), Seen::Pending { .. })
    };
    assert!(waits("16.9"));
    assert!(!waits("17.2"));
    assert!(!waits("17.4"));
}

#[test]
fn storage_never_shrinks() {
    let Seen::Live(live) = asked().read(&me(None), &[item(json!({}))]) else {
        panic!("not live")
    };
    let more = DbInstance {
        iops: Some(6000),
        ..asked()
    };
    let calls = more.update(&me(None), &live, &["Iops"]);
    assert_eq!(calls[0].params["AllocatedStorage"], 40);
    assert_eq!(calls[0].params["Iops"], 6000);
}

#[test]
fn the_call_that_makes_it_depends_on_where_it_comes_from() {
    for (made, action) in [
        (asked(), "CreateDBInstance"),
        (
            DbInstance {
                snapshot_identifier: Some("s".into()),
                ..asked()
            },
            "RestoreDBInstanceFromDBSnapshot",
        ),
        (
            DbInstance {
                source_identifier: Some("s".into()),
                ..asked()
            },
            "CreateDBInstanceReadReplica",
        ),
        (
            DbInstance {
                source_identifier: Some("s".into()),
                use_latest_restorable_time: Some(true),
                ..asked()
            },
            "RestoreDBInstanceToPointInTime",
        ),
    ] {
        let call = &made.create(&me(None))[0];
        assert_eq!(call.action, action);
        // What has a past may have grown beyond what is asked for.
        let sized = call.params.get("AllocatedStorage").is_some();
        assert_eq!(sized, action == "CreateDBInstance", "{action}");
    }
}

#[test]
fn the_data_outlives_the_instance_unless_that_is_ruled_out() {
    let attributes =
        super::super::attributes([("DbiResourceId", json!("db-ABCDEFGHIJKLMNOPQRSTUVWX"))]);
    let delete = |instance: &DbInstance| {
        instance.delete(&me(None), "shop-orders", &attributes)[0]
            .params
            .clone()
    };
    let kept = delete(&asked());
    assert_eq!(
        kept["FinalDBSnapshotIdentifier"],
        "shop-orders-final-qrstuvwx"
    );
    assert_eq!(kept["DeleteAutomatedBackups"], false);
    for without in [
        DbInstance {
            skip_final_snapshot: Some(true),
            ..asked()
        },
        DbInstance {
            cluster_identifier: Some("c".into()),
            ..asked()
        },
        DbInstance {
            source_identifier: Some("s".into()),
            ..asked()
        },
    ] {
        let params = delete(&without);
        assert_eq!(params["SkipFinalSnapshot"], true);
        assert_eq!(params.get("FinalDBSnapshotIdentifier"), None);
    }
}

#[test]
fn a_replica_holds_no_data_until_it_is_promoted() {
    let replica = DbInstance {
        source_identifier: Some("shop-orders-primary".into()),
        ..asked()
    };
    let seen = |more: Value| match replica.read(&me(None), &[item(more)]) {
        Seen::Live(live) => live.properties,
        seen => panic!("{seen:?}"),
    };
    let arn = "arn:aws:rds:us-west-2:123456789012:db:shop-orders-primary";
    let shown = seen(json!({ "ReadReplicaSourceDBInstanceIdentifier": arn }));
    assert_eq!(shown.source_identifier, replica.source_identifier);
    assert!(!shown.holds_data());
    let promoted = seen(json!({}));
    assert_eq!(promoted.source_identifier, None);
    assert!(promoted.holds_data());
    assert_eq!(
        changed(&replica, &item(json!({}))),
        ["SourceDBInstanceIdentifier"]
    );
    let restored = DbInstance {
        use_latest_restorable_time: Some(true),
        ..replica.clone()
    };
    assert!(restored.holds_data() && asked().holds_data());
    assert_eq!(changed(&restored, &item(json!({}))), [""; 0]);
    let member = DbInstance {
        cluster_identifier: Some("c".into()),
        ..asked()
    };
    assert!(!member.holds_data());
}

#[test]
fn a_password_that_is_no_longer_managed_shows() {
    let managed = DbInstance {
        manage_master_user_password: Some(true),
        ..asked()
    };
    assert_eq!(
        changed(&managed, &item(json!({}))),
        ["ManageMasterUserPassword"]
    );
    let secret = json!({ "MasterUserSecret": { "SecretArn": "arn:s", "SecretStatus": "active", "KmsKeyId": "arn:k" } });
    assert_eq!(changed(&managed, &item(secret)), [""; 0]);
}

const SECRET: &str =
    "arn:aws:secretsmanager:us-east-1:123456789012:secret:shop-orders/master-password-AbCdEf";

fn own() -> DbInstance {
    DbInstance {
        manage_master_user_password: Some(false),
        master_user_password_secret: Some(SECRET.into()),
        ..asked()
    }
}

/// Whether RDS is to manage the password, and the secret that the call takes it from.
fn password(call: &Call) -> (Value, Option<&str>) {
    let secret = call.secret.as_ref().map(|secret| {
        assert_eq!(secret.member, "MasterUserPassword");
        match &secret.source {
            SecretSource::Kept { arn, key } if key == "password" => arn.as_str(),
            source => panic!("{source:?}"),
        }
    });
    assert_eq!(call.params.get("MasterUserPassword"), None);
    let managed = call.params.get("ManageMasterUserPassword");
    (managed.cloned().unwrap_or_default(), secret)
}

#[test]
fn a_password_of_ours_is_filled_in_where_aws_takes_one() {
    let restored = DbInstance {
        snapshot_identifier: Some("s".into()),
        ..own()
    };
    let replica = DbInstance {
        source_identifier: Some("s".into()),
        ..asked()
    };
    for (made, expected) in [
        (own(), (json!(false), Some(SECRET))),
        (restored, (json!(true), None)),
        (replica, (Value::Null, None)),
        (asked(), (Value::Null, None)),
    ] {
        let calls = made.create(&me(None));
        assert_eq!(password(&calls[0]), expected, "{}", calls[0].action);
    }
}

#[test]
fn the_password_changes_hands_in_place() {
    let by_rds = item(
        json!({ "MasterUserSecret": { "SecretArn": "arn:s", "SecretStatus": "active", "KmsKeyId": "arn:k" } }),
    );
    assert_eq!(changed(&own(), &item(json!({}))), [""; 0]);
    assert_eq!(
        changed(&own(), &by_rds),
        ["ManageMasterUserPassword", "MasterUserPasswordSecret"]
    );
    let calls = updated(&own(), &by_rds);
    assert_eq!(calls.len(), 1);
    assert_eq!(password(&calls[0]), (json!(false), Some(SECRET)));
    let managed = DbInstance {
        manage_master_user_password: Some(true),
        master_user_secret: Some(MasterUserSecret {
            kms_key_id: "arn:k".into(),
        }),
        ..asked()
    };
    let calls = updated(&managed, &item(json!({})));
    assert_eq!(calls.len(), 1);
    assert_eq!(password(&calls[0]), (json!(true), None));
    assert_eq!(calls[0].params["MasterUserSecretKmsKeyId"], "arn:k");
    let larger = DbInstance {
        multi_az: Some(false),
        ..own()
    };
    assert_eq!(
        password(&updated(&larger, &item(json!({})))[0]),
        (Value::Null, None),
        "no other change writes the password"
    );
}

/// The tag with the version of the password in a call, or its removal.
fn told(call: &Call) -> (Option<&str>, Value) {
    const TAG: &str = "platform:password-version";
    let tags = call.params.get("Tags").and_then(Value::as_array);
    let set = tags
        .into_iter()
        .flatten()
        .find(|tag| tag["Key"] == TAG)
        .and_then(|tag| tag["Value"].as_str());
    let removed = call.params.get("TagKeys").cloned().unwrap_or_default();
    (set, removed)
}

#[test]
fn another_version_of_the_secret_is_given_and_then_told() {
    let of = |version: &str| DbInstance {
        master_user_password_version: Some(version.into()),
        ..own()
    };
    let create = of("v1").create(&me(None)).remove(0);
    assert_eq!(told(&create).0, Some("v1"));
    let restored = DbInstance {
        snapshot_identifier: Some("s".into()),
        ..of("v1")
    };
    assert_eq!(told(&restored.create(&me(None))[0]).0, None);

    let given = |version: &str| {
        item(json!({ "TagList": [{ "Key": "platform:password-version", "Value": version }] }))
    };
    assert_eq!(changed(&of("v1"), &given("v1")), [""; 0]);
    // Nobody knows which one it has.
    for there in [given("v1"), item(json!({}))] {
        assert_eq!(changed(&of("v2"), &there), ["MasterUserPasswordVersion"]);
        let calls = updated(&of("v2"), &there);
        let actions: Vec<&str> = calls.iter().map(|call| call.action).collect();
        assert_eq!(actions, ["ModifyDBInstance", "AddTagsToResource"]);
        assert_eq!(password(&calls[0]), (json!(false), Some(SECRET)));
        assert_eq!(told(&calls[1]).0, Some("v2"));
    }
    // What RDS manages has no version of ours.
    let managed = DbInstance {
        manage_master_user_password: Some(true),
        ..asked()
    };
    let calls = updated(&managed, &given("v1"));
    assert_eq!(password(&calls[0]), (json!(true), None));
    assert_eq!(told(&calls[1]).1, json!(["platform:password-version"]));
    let by_rds = item(
        json!({ "MasterUserSecret": { "SecretArn": "arn:s", "SecretStatus": "active", "KmsKeyId": "arn:k" },
        "TagList": [{ "Key": "platform:password-version", "Value": "v1" }] }),
    );
    assert!(changed(&of("v1"), &by_rds).contains(&"MasterUserPasswordVersion".to_owned()));
}

#[test]
fn only_another_keeper_of_the_password_makes_another_secret() {
    let secret = "MasterUserSecret.SecretArn";
    for (property, another) in [
        ("Tags", false),
        ("DBInstanceClass", false),
        ("ManageMasterUserPassword", true),
        ("MasterUserPasswordSecret", true),
    ] {
        let unsettled = asked().unsettled(&[property]);
        assert_eq!(unsettled.contains(&secret), another, "{property}");
        assert!(
            !unsettled.contains(&"Endpoint.Port") || another,
            "{property}"
        );
    }
}
