//! What DocumentDB shows of a cluster, and the calls that follow.

use platform_graph::SecretSource;
use serde_json::json;

use super::*;
use crate::testing::{me, property_names};

fn asked() -> DbCluster {
    DbCluster {
        identifier: "shop-products-docdb".into(),
        engine_version: Some("5.0.0".into()),
        ..DbCluster::default()
    }
}

fn reply(more: Value) -> Value {
    let mut item = json!({
        "DBClusterIdentifier": "shop-products-docdb", "Engine": "docdb", "EngineVersion": "5.0.0", "Status": "available",
        "DBClusterArn": "arn:aws:rds:us-east-1:123456789012:cluster:shop-products-docdb",
        "DbClusterResourceId": "cluster-ABCDEFGHIJKLMNOP",
        "DBClusterMembers": [{ "DBInstanceIdentifier": "one", "IsClusterWriter": true }, { "DBInstanceIdentifier": "two", "IsClusterWriter": false }],
    });
    for (name, value) in more.as_object().unwrap() {
        item[name] = value.clone();
    }
    json!({ "DBClusters": [item] })
}

fn live(reply: Value) -> Live<DbCluster> {
    match asked().read(&me(None), &[reply]) {
        Seen::Live(live) => live,
        seen => panic!("{seen:?}"),
    }
}

#[test]
fn which_instance_writes_is_not_compared() {
    let before = live(reply(json!({})));
    let after = live(reply(json!({ "DBClusterMembers": [
        { "DBInstanceIdentifier": "one", "IsClusterWriter": false }, { "DBInstanceIdentifier": "two", "IsClusterWriter": true },
    ] })));
    assert_eq!(before, after);
}

#[test]
fn a_cluster_of_another_engine_is_not_ours() {
    let other = reply(json!({ "Engine": "aurora-postgresql" }));
    assert_eq!(asked().read(&me(None), &[other]), Seen::Absent);
}

#[test]
fn storage_without_a_type_is_standard_and_no_secret_is_no_managed_password() {
    let asked = DbCluster {
        storage_type: Some("iopt1".into()),
        manage_master_user_password: Some(true),
        ..asked()
    };
    let live = |reply: Value| match asked.read(&me(None), &[reply]) {
        Seen::Live(live) => live,
        seen => panic!("{seen:?}"),
    };
    let seen = live(reply(json!({}))).properties;
    assert_eq!(seen.storage_type.as_deref(), Some("standard"));
    assert_eq!(seen.manage_master_user_password, Some(false));
    let secret = json!({ "MasterUserSecret": { "SecretArn": "arn:secret", "SecretStatus": "active", "KmsKeyId": "arn:key" } });
    let managed = live(reply(secret));
    assert_eq!(managed.properties.manage_master_user_password, Some(true));
    assert_eq!(managed.attributes["SecretArn"], "arn:secret");
}

#[test]
fn no_version_is_lowered() {
    for (live, desired, expected) in [
        ("5.0.0", "5.0.0", true),
        ("5.0.2", "5.0.0", true),
        ("5.0.0", "5.0", true),
        ("8.0.0", "5.0.0", true),
        ("5.0.0", "5.0.1", false),
        ("5.0.9", "8.0.0", false),
        ("5.0.10", "5.0.9", true),
    ] {
        assert_eq!(
            DbCluster::same("EngineVersion", &json!(live), &json!(desired)),
            expected,
            "{live} for {desired}"
        );
    }
}

#[test]
fn a_major_version_comes_first_and_takes_the_parameter_group_along() {
    let desired = DbCluster {
        engine_version: Some("8.0.0".into()),
        parameter_group: Some("shop-8-0".into()),
        backup_retention_period: Some(7),
        ..asked()
    };
    let changed = [
        "BackupRetentionPeriod",
        "DBClusterParameterGroupName",
        "EngineVersion",
    ];
    let calls = desired.update(&me(None), &live(reply(json!({}))), &changed);
    assert_eq!(
        calls
            .iter()
            .map(|call| Value::Object(call.params.clone()))
            .collect::<Vec<_>>(),
        [
            json!({ "DBClusterIdentifier": "shop-products-docdb", "ApplyImmediately": true, "AllowMajorVersionUpgrade": true,
            "EngineVersion": "8.0.0", "DBClusterParameterGroupName": "shop-8-0" })
        ]
    );
}

#[test]
fn logs_are_switched_by_what_differs() {
    let desired = DbCluster {
        enable_cloudwatch_logs_exports: Some(vec!["profiler".into()]),
        ..asked()
    };
    let live = live(reply(json!({ "EnabledCloudwatchLogsExports": ["audit"] })));
    let calls = desired.update(&me(None), &live, &["EnableCloudwatchLogsExports"]);
    assert_eq!(
        calls[0].params["CloudwatchLogsExportConfiguration"],
        json!({ "EnableLogTypes": ["profiler"], "DisableLogTypes": ["audit"] })
    );
}

#[test]
fn defaults_show_only_when_asked_for() {
    let shown = reply(
        json!({ "BackupRetentionPeriod": 1, "CopyTagsToSnapshot": false, "DeletionProtection": false,
        "EnabledCloudwatchLogsExports": [], "NetworkType": "IPV4", "Port": 27017, "PreferredBackupWindow": "02:00-03:00",
        "DBClusterParameterGroup": "default.docdb5.0", "VpcSecurityGroups": [{ "VpcSecurityGroupId": "sg-1", "Status": "active" }] }),
    );
    assert_eq!(
        property_names(&live(shown).properties),
        ["DBClusterIdentifier", "EngineVersion", "Tags"]
    );
}

#[test]
fn what_is_no_longer_asked_for_goes_back_to_its_default() {
    let live = live(reply(json!({ "BackupRetentionPeriod": 35, "Port": 27018 })));
    let calls = asked().update(&me(None), &live, &["BackupRetentionPeriod", "Port"]);
    assert_eq!(calls[0].params["BackupRetentionPeriod"], 1);
    assert_eq!(calls[0].params["Port"], 27017);
}

#[test]
fn the_call_that_makes_it_depends_on_where_its_data_comes_from() {
    let call = |cluster: DbCluster| cluster.create(&me(None)).remove(0);
    let all = DbCluster {
        backup_retention_period: Some(7),
        manage_master_user_password: Some(true),
        parameter_group: Some("g".into()),
        port: Some(27018),
        ..asked()
    };
    let new = call(all.clone());
    assert_eq!(new.action, "CreateDBCluster");
    assert_eq!(new.params["BackupRetentionPeriod"], 7);
    let snapshot = call(DbCluster {
        snapshot_identifier: Some("s".into()),
        ..all.clone()
    });
    assert_eq!(
        Value::Object(snapshot.params),
        json!({ "DBClusterIdentifier": "shop-products-docdb", "DBClusterParameterGroupName": "g", "Engine": "docdb",
            "EngineVersion": "5.0.0", "Port": 27018, "SnapshotIdentifier": "s" })
    );
    let then = call(DbCluster {
        source_cluster: Some("old".into()),
        restore_to_time: Some("2026-01-02T03:04:05Z".into()),
        ..all
    });
    assert_eq!(then.action, "RestoreDBClusterToPointInTime");
    assert_eq!(
        Value::Object(then.params),
        json!({ "DBClusterIdentifier": "shop-products-docdb", "Port": 27018, "RestoreToTime": "2026-01-02T03:04:05Z",
            "SourceDBClusterIdentifier": "old" })
    );
}

#[test]
fn where_its_data_came_from_is_forgotten() {
    let kind = platform_graph::KindDef::of::<DbCluster>();
    let fields = |cluster: &DbCluster| {
        let mut fields = cluster.fields();
        fields.retain(|_, value| !value.is_null());
        fields
    };
    let restored = DbCluster {
        snapshot_identifier: Some("s".into()),
        ..asked()
    };
    for (asked, expected) in [(asked(), [""; 0].as_slice()), (restored.clone(), &[])] {
        let Seen::Live(live) = restored.read(&me(None), &[reply(json!({}))]) else {
            panic!("not live")
        };
        let live = fields(&live.properties);
        assert_eq!(
            platform_graph::diff::changed(&kind, &live, &fields(&asked), None),
            expected
        );
    }
}

#[test]
fn a_deletion_leaves_a_snapshot_named_after_the_one_life() {
    let live = live(reply(json!({ "DeletionProtection": true })));
    let calls = live
        .properties
        .delete(&me(None), &live.id, &live.attributes);
    let actions: Vec<&str> = calls.iter().map(|call| call.action).collect();
    assert_eq!(actions, ["DeleteDBCluster"]);
    assert_eq!(
        calls[0].params["FinalDBSnapshotIdentifier"],
        "shop-products-docdb-final-ijklmnop"
    );
    let skipped = DbCluster {
        skip_final_snapshot: Some(true),
        ..asked()
    };
    let calls = skipped.delete(&me(None), "shop", &Attributes::new());
    assert_eq!(
        Value::Object(calls[0].params.clone()),
        json!({ "DBClusterIdentifier": "shop", "SkipFinalSnapshot": true })
    );
}

const SECRET: &str =
    "arn:aws:secretsmanager:us-east-1:123456789012:secret:shop-products/master-password-AbCdEf";

fn own() -> DbCluster {
    DbCluster {
        manage_master_user_password: Some(false),
        master_user_password_secret: Some(SECRET.into()),
        ..asked()
    }
}

/// Whether AWS is to manage the password, and the secret that the call takes it from.
fn password(call: &Call) -> (Value, Option<&str>) {
    let secret = call.secret.as_ref().map(|secret| {
        assert_eq!(secret.member, "MasterUserPassword");
        match &secret.source {
            SecretSource::Kept { arn, key } if key == "password" => arn.as_str(),
            source => panic!("{source:?}"),
        }
    });
    assert_eq!(call.params.get("MasterUserPassword"), None);
    assert_eq!(call.params.get("MasterUserPasswordSecret"), None);
    let managed = call.params.get("ManageMasterUserPassword");
    (managed.cloned().unwrap_or_default(), secret)
}

#[test]
fn a_password_of_ours_is_filled_in_where_aws_takes_one() {
    let restored = DbCluster {
        snapshot_identifier: Some("s".into()),
        ..own()
    };
    for (made, expected) in [
        (own(), (json!(false), Some(SECRET))),
        (restored, (Value::Null, None)),
        (asked(), (Value::Null, None)),
    ] {
        let calls = made.create(&me(None));
        assert_eq!(password(&calls[0]), expected, "{}", calls[0].action);
    }
}

#[test]
fn the_password_changes_hands_in_place() {
    let kind = platform_graph::KindDef::of::<DbCluster>();
    let fields = |cluster: &DbCluster| {
        let mut fields = cluster.fields();
        fields.retain(|_, value| !value.is_null());
        fields
    };
    let managed = DbCluster {
        manage_master_user_password: Some(true),
        master_user_secret_kms_key_id: Some("arn:k".into()),
        ..asked()
    };
    let by_aws = json!({ "MasterUserSecret": { "SecretArn": "arn:s", "SecretStatus": "active", "KmsKeyId": "arn:k" } });
    // What differs, as it is read by what was asked for before, and the calls that follow.
    let answer = |before: &DbCluster, desired: &DbCluster, shown: Value| {
        let Seen::Live(live) = before.read(&me(None), &[reply(shown)]) else {
            panic!("not live")
        };
        let changed = platform_graph::diff::changed(
            &kind,
            &fields(&live.properties),
            &fields(desired),
            Some(&fields(before)),
        );
        let names: Vec<&str> = changed.iter().map(String::as_str).collect();
        let calls = desired.update(&me(None), &live, &names);
        (changed, calls)
    };
    let (changed, calls) = answer(&own(), &own(), json!({}));
    assert_eq!((changed, calls), (Vec::new(), Vec::new()));

    let (changed, calls) = answer(&managed, &own(), by_aws.clone());
    let handover = [
        "ManageMasterUserPassword",
        "MasterUserPasswordSecret",
        "MasterUserSecretKmsKeyId",
    ];
    assert_eq!(changed, handover);
    assert_eq!(calls.len(), 1);
    assert_eq!(password(&calls[0]), (json!(false), Some(SECRET)));

    let (changed, calls) = answer(&own(), &managed, json!({}));
    assert_eq!(changed, handover);
    assert_eq!(calls.len(), 1);
    assert_eq!(password(&calls[0]), (json!(true), None));
    assert_eq!(calls[0].params["MasterUserSecretKmsKeyId"], "arn:k");

    let longer = DbCluster {
        backup_retention_period: Some(7),
        ..own()
    };
    let (changed, calls) = answer(&own(), &longer, json!({ "BackupRetentionPeriod": 1 }));
    assert_eq!(changed, ["BackupRetentionPeriod"]);
    assert_eq!(
        password(&calls[0]),
        (Value::Null, None),
        "no other change writes the password"
    );
}

#[test]
fn a_secondary_is_made_of_its_primary_and_leaves_it_before_it_goes() {
    let secondary = DbCluster {
        global_cluster: Some("shop".into()),
        source_region: Some("us-east-1".into()),
        ..asked()
    };
    let create = secondary.create(&me(None)).remove(0);
    assert_eq!(create.source.as_deref(), Some("us-east-1"));
    assert_eq!(create.params["GlobalClusterIdentifier"], "shop");
    assert_eq!(create.params.get("SourceRegion"), None);

    let arn = "arn:aws:rds:us-east-1:123456789012:cluster:shop-products-docdb";
    let global = |members: Value| json!({ "GlobalClusters": [{ "GlobalClusterIdentifier": "shop", "GlobalClusterMembers": members }] });
    let read = |members: Value| {
        let replies = [reply(json!({})), json!({ "TagList": [] }), global(members)];
        match secondary.read(&me(None), &replies) {
            Seen::Live(live) => live,
            seen => panic!("{seen:?}"),
        }
    };
    let member = read(json!([{ "DBClusterArn": arn, "IsWriter": false }]));
    assert_eq!(member.properties.global_cluster.as_deref(), Some("shop"));
    // A switchover makes it the one that writes.
    assert_eq!(
        read(json!([{ "DBClusterArn": arn, "IsWriter": true }])),
        member
    );
    assert_eq!(read(json!([])).properties.global_cluster, None);

    let actions = |calls: Vec<Call>| calls.iter().map(|call| call.action).collect::<Vec<_>>();
    let gone = member
        .properties
        .delete(&me(None), &member.id, &member.attributes);
    assert_eq!(gone[0].params["DbClusterIdentifier"], arn);
    assert_eq!(
        actions(gone),
        ["RemoveFromGlobalCluster", "DeleteDBCluster"]
    );
}

#[test]
fn another_version_of_the_secret_is_given_and_then_told() {
    const TAG: &str = "platform:password-version";
    let of = |version: &str| DbCluster {
        master_user_password_version: Some(version.into()),
        ..own()
    };
    let create = of("v1").create(&me(None)).remove(0);
    assert!(create.params["Tags"].to_string().contains("\"v1\""));
    assert_eq!(create.params.get("MasterUserPasswordVersion"), None);
    let restored = DbCluster {
        snapshot_identifier: Some("s".into()),
        ..of("v1")
    };
    let restore = restored.create(&me(None)).remove(0);
    assert!(!Value::Object(restore.params).to_string().contains(TAG));

    let with_tag = |cluster: &DbCluster, version: &str| {
        let tags = json!({ "TagList": [{ "Key": TAG, "Value": version }] });
        match cluster.read(&me(None), &[reply(json!({})), tags]) {
            Seen::Live(live) => live,
            seen => panic!("{seen:?}"),
        }
    };
    let live = with_tag(&of("v1"), "v1");
    assert_eq!(
        live.properties.master_user_password_version,
        Some("v1".into())
    );
    assert!(!live.properties.tags.contains_key(TAG));
    let calls = of("v2").update(&me(None), &live, &["MasterUserPasswordVersion"]);
    let actions: Vec<&str> = calls.iter().map(|call| call.action).collect();
    assert_eq!(actions, ["ModifyDBCluster", "AddTagsToResource"]);
    assert_eq!(password(&calls[0]), (json!(false), Some(SECRET)));
    assert_eq!(
        calls[1].params["Tags"],
        json!([{ "Key": TAG, "Value": "v2" }])
    );
    let managed = DbCluster {
        manage_master_user_password: Some(true),
        ..asked()
    };
    let calls = managed.update(
        &me(None),
        &live,
        &["ManageMasterUserPassword", "MasterUserPasswordVersion"],
    );
    assert_eq!(calls[1].params["TagKeys"], json!([TAG]));
}
