//! Changes by blue/green deployments: every state that AWS documents, from whatever a killed run left.

mod replicas;

use platform_graph::{KindDef, diff};

use super::*;

const ID: &str = "bgd-0123456789abcdef";
const COPY: &str = "shop-orders-green-abcdef";

fn asked() -> DbInstance {
    DbInstance {
        allow_major_version_upgrade: Some(true),
        backup_retention_period: Some(7),
        engine: Some("postgres".into()),
        engine_version: Some("17.4".into()),
        identifier: "shop-orders".into(),
        instance_class: Some("db.r8g.large".into()),
        keep_previous: Some(true),
        parameter_group_name: Some("shop-orders-postgres17".into()),
        tags: me(None).tags(),
        upgrade_strategy: Some("blue_green".into()),
        ..DbInstance::default()
    }
}

/// An instance of the tests by its name, with tags of ours.
fn named(name: &str, more: Value) -> Value {
    let mut item = json!({
        "DBInstanceIdentifier": name, "DBInstanceArn": format!("arn:aws:rds:us-east-1:123456789012:db:{name}"),
        "DbiResourceId": format!("db-{}", name.to_uppercase()), "DBInstanceStatus": "available", "Engine": "postgres",
        "BackupRetentionPeriod": 7, "AutoMinorVersionUpgrade": true,
        "TagList": [{ "Key": "platform:owner", "Value": "platform_network/us-east-1/main" }, { "Key": "platform:address", "Value": "part" }],
    });
    for (name, value) in more.as_object().unwrap() {
        item[name] = value.clone();
    }
    item
}

fn old(name: &str) -> Value {
    let group = json!([{ "DBParameterGroupName": "shop-orders-postgres16", "ParameterApplyStatus": "in-sync" }]);
    named(
        name,
        json!({ "EngineVersion": "16.9", "DBInstanceClass": "db.r8g.large", "DBParameterGroups": group }),
    )
}

fn new(name: &str) -> Value {
    let group = json!([{ "DBParameterGroupName": "shop-orders-postgres17" }]);
    named(
        name,
        json!({ "EngineVersion": "17.5", "DBInstanceClass": "db.r8g.large", "DBParameterGroups": group }),
    )
}

fn with(mut item: Value, member: &str, value: Value) -> Value {
    item[member] = value;
    item
}

fn deployment(status: &str, target: &str) -> Value {
    json!({
        "BlueGreenDeploymentIdentifier": ID, "BlueGreenDeploymentName": "shop-orders", "Status": status,
        "Source": "arn:aws:rds:us-east-1:123456789012:db:shop-orders", "Target": format!("arn:aws:rds:us-east-1:123456789012:db:{target}"),
        "TagList": named("", json!({}))["TagList"],
    })
}

fn replies(instances: &[Value], deployments: &[Value]) -> [Value; 2] {
    [
        json!({ "DBInstances": instances }),
        json!({ "BlueGreenDeployments": deployments }),
    ]
}

/// What a run does when it sees this: it waits, is done, says why it can't go on, or sends calls.
fn next(asked: &DbInstance, replies: &[Value]) -> String {
    let kind = KindDef::of::<DbInstance>();
    let mut desired = serde_json::to_value(asked).unwrap();
    let desired = desired.as_object_mut().unwrap();
    desired.retain(|_, value| !value.is_null());
    let live = match (kind.read)(desired, &me(Some("shop-orders")), replies).unwrap() {
        Seen::Live(live) => live,
        Seen::Pending { why, .. } => return format!("waits: it is {why}"),
        seen => return format!("{seen:?}"),
    };
    let changed = diff::changed(&kind, &live.properties, desired, None);
    if changed.is_empty() {
        return "is done".to_owned();
    }
    let names: Vec<&str> = changed.iter().map(String::as_str).collect();
    let calls = (kind.update)(desired, &me(Some("shop-orders")), &live, &names).unwrap();
    match &calls[..] {
        [] => format!("can't go on: {}", live.properties["UpgradeStrategy"]),
        calls => calls
            .iter()
            .map(|call| format!("{} {}", call.action, Value::Object(call.params.clone())))
            .collect::<Vec<_>>()
            .join("\n  "),
    }
}

/// An instance with this replica.
fn replicated(item: Value, replica: &str) -> Value {
    with(item, "ReadReplicaDBInstanceIdentifiers", json!([replica]))
}

/// A replica of this instance.
fn replica(item: Value, source: &str) -> Value {
    with(item, "ReadReplicaSourceDBInstanceIdentifier", json!(source))
}

const REPLICA: &str = "shop-orders-reports";
const COPY_OF_REPLICA: &str = "shop-orders-reports-green-fedcba";

/// The previous one is not to be kept any longer.
fn let_go() -> DbInstance {
    DbInstance {
        keep_previous: Some(false),
        ..asked()
    }
}

/// The change is taken back.
fn taken_back() -> DbInstance {
    DbInstance {
        engine_version: Some("16".into()),
        parameter_group_name: Some("shop-orders-postgres16".into()),
        ..asked()
    }
}

#[test]
fn every_state_of_a_deployment() {
    let keep = asked();
    let (let_go, taken_back) = (let_go(), taken_back());
    let in_place = DbInstance {
        upgrade_strategy: Some("in_place".into()),
        ..asked()
    };
    let before = old("shop-orders");
    let copy = new(COPY);
    let protected = |item: &Value| with(item.clone(), "DeletionProtection", json!(true));
    let status = |item: &Value, status: &str| with(item.clone(), "DBInstanceStatus", json!(status));
    let ready = [before.clone(), copy.clone()];
    let over = [new("shop-orders"), old("shop-orders-old1")];
    let failed = with(
        deployment("SWITCHOVER_FAILED", COPY),
        "StatusDetails",
        json!("Switchover timed out."),
    );
    let making = with(
        deployment("PROVISIONING", COPY),
        "Tasks",
        json!([{ "Name": "CREATING_READ_REPLICA_OF_SOURCE", "Status": "COMPLETED" }, { "Name": "DB_ENGINE_VERSION_UPGRADE", "Status": "IN_PROGRESS" }]),
    );
    let mut foreign = deployment("AVAILABLE", COPY);
    foreign["TagList"] = json!([]);
    let mut all = String::new();
    for (what, asked, instances, deployments) in [
        ("nothing yet", &keep, vec![before.clone()], vec![]),
        ("it is made", &keep, vec![before.clone()], vec![making]),
        ("somebody else's", &keep, ready.to_vec(), vec![foreign]),
        (
            "the copy is busy",
            &keep,
            vec![before.clone(), status(&copy, "storage-optimization")],
            vec![deployment("AVAILABLE", COPY)],
        ),
        (
            "the copy is ready",
            &keep,
            ready.to_vec(),
            vec![deployment("AVAILABLE", COPY)],
        ),
        (
            "the copy is for something else",
            &keep,
            vec![before.clone(), old(COPY)],
            vec![deployment("AVAILABLE", COPY)],
        ),
        (
            "the copy is gone",
            &keep,
            vec![before.clone()],
            vec![deployment("AVAILABLE", COPY)],
        ),
        (
            "names are switched",
            &keep,
            vec![copy.clone(), old("shop-orders-old1")],
            vec![deployment("SWITCHOVER_IN_PROGRESS", COPY)],
        ),
        (
            "still switching",
            &keep,
            ready.to_vec(),
            vec![deployment("SWITCHOVER_IN_PROGRESS", COPY)],
        ),
        ("taken back by AWS", &keep, ready.to_vec(), vec![failed]),
        (
            "invalid",
            &keep,
            ready.to_vec(),
            vec![deployment("INVALID_CONFIGURATION", COPY)],
        ),
        (
            "could not be made",
            &keep,
            vec![before.clone()],
            vec![deployment("PROVISIONING_FAILED", COPY)],
        ),
        (
            "a word of the future",
            &keep,
            ready.to_vec(),
            vec![deployment("RETHINKING", COPY)],
        ),
        (
            "it took over",
            &keep,
            over.to_vec(),
            vec![deployment("SWITCHOVER_COMPLETED", "shop-orders")],
        ),
        (
            "the record goes",
            &keep,
            over.to_vec(),
            vec![deployment("DELETING", "shop-orders")],
        ),
        ("kept", &keep, over.to_vec(), vec![]),
        (
            "to go and protected",
            &let_go,
            vec![over[0].clone(), protected(&over[1])],
            vec![],
        ),
        ("to go", &let_go, over.to_vec(), vec![]),
        (
            "going",
            &let_go,
            vec![over[0].clone(), status(&over[1], "deleting")],
            vec![],
        ),
        ("gone", &let_go, vec![over[0].clone()], vec![]),
        (
            "of somebody else",
            &let_go,
            vec![over[0].clone(), with(over[1].clone(), "TagList", json!([]))],
            vec![],
        ),
        (
            "the change is taken back, protected",
            &taken_back,
            vec![before.clone(), protected(&copy)],
            vec![deployment("AVAILABLE", COPY)],
        ),
        (
            "the change is taken back",
            &taken_back,
            ready.to_vec(),
            vec![deployment("AVAILABLE", COPY)],
        ),
        (
            "the change of something invalid is taken back",
            &taken_back,
            ready.to_vec(),
            vec![deployment("INVALID_CONFIGURATION", COPY)],
        ),
        (
            "the strategy is taken back",
            &in_place,
            ready.to_vec(),
            vec![deployment("AVAILABLE", COPY)],
        ),
        (
            "in place without one",
            &in_place,
            vec![before.clone()],
            vec![],
        ),
        (
            "missing in the middle",
            &keep,
            vec![copy],
            vec![deployment("AVAILABLE", COPY)],
        ),
        (
            "missing without one",
            &keep,
            vec![old("shop-orders-old1")],
            vec![],
        ),
    ] {
        let next = next(asked, &replies(&instances, &deployments));
        all.push_str(&format!("{what}:\n  {next}\n"));
    }
    insta::assert_snapshot!(all);
}

#[test]
fn what_needs_no_deployment_is_changed_in_place() {
    let asked = DbInstance {
        backup_retention_period: Some(14),
        engine_version: Some("17".into()),
        ..asked()
    };
    let now = replies(&[new("shop-orders")], &[]);
    assert!(next(&asked, &now).starts_with("ModifyDBInstance"));
    let larger = DbInstance {
        instance_class: Some("db.r8g.xlarge".into()),
        ..asked
    };
    let call = next(&larger, &now);
    assert!(call.starts_with("CreateBlueGreenDeployment"), "{call}");
    assert!(call.contains(r#""TargetDBInstanceClass":"db.r8g.xlarge""#));
    assert!(!call.contains("TargetEngineVersion"));
}

#[test]
fn aws_is_told_a_whole_version() {
    let major = DbInstance {
        engine_version: Some("17".into()),
        ..asked()
    };
    let [instances, deployments] = replies(&[old("shop-orders")], &[]);
    let versions =
        json!({ "DBEngineVersions": [{ "Engine": "postgres", "EngineVersion": "17.6" }] });
    assert_eq!(major.find(&me(None)).len(), 3);
    let call = next(&major, &[instances.clone(), deployments.clone(), versions]);
    assert!(call.contains(r#""TargetEngineVersion":"17.6""#), "{call}");
    // AWS says itself what it does not take where it did not tell what it has.
    let call = next(&major, &[instances, deployments]);
    assert!(call.contains(r#""TargetEngineVersion":"17""#), "{call}");
}

#[test]
fn no_deployment_is_looked_for_where_there_can_be_none() {
    let managed = DbInstance {
        upgrade_strategy: None,
        keep_previous: None,
        ..asked()
    };
    assert_eq!(managed.find(&me(None)).len(), 1);
    assert_eq!(managed.blockers(&me(None), "shop-orders", &[]), []);
    assert_eq!(asked().find(&me(None)).len(), 2);
    let member = DbInstance {
        cluster_identifier: Some("c".into()),
        ..asked()
    };
    assert!(member.told(&["EngineVersion"]).is_none());
}

#[test]
fn what_is_protected_of_it_shows_until_all_of_it_can_be_deleted() {
    let open = DbInstance {
        deletion_protection: Some(false),
        ..asked()
    };
    let previous = with(old("shop-orders-old1"), "DeletionProtection", json!(true));
    let call = next(&open, &replies(&[new("shop-orders"), previous], &[]));
    assert!(
        call.contains(r#""DBInstanceIdentifier":"shop-orders-old1""#),
        "{call}"
    );
}

#[test]
fn a_deletion_takes_along_what_deployments_left() {
    let around = |instances: &[Value], deployments: &[Value]| -> Vec<(String, Vec<&'static str>)> {
        asked()
            .blocking(&me(None), "shop-orders", &replies(instances, deployments))
            .into_iter()
            .map(|blocker| {
                let calls = blocker.remove.iter().map(|call| call.action);
                (blocker.id.clone(), calls.collect())
            })
            .collect()
    };
    let copy = with(new(COPY), "DeletionProtection", json!(true));
    assert_eq!(
        around(
            &[old("shop-orders"), copy],
            &[deployment("AVAILABLE", COPY)]
        ),
        [(
            ID.to_owned(),
            vec!["ModifyDBInstance", "DeleteBlueGreenDeployment"]
        )]
    );
    let over = [
        new("shop-orders"),
        old("shop-orders-old1"),
        old("shop-orders-old2"),
    ];
    assert_eq!(
        around(&over, &[deployment("SWITCHOVER_COMPLETED", "shop-orders")]),
        [
            (ID.to_owned(), vec!["DeleteBlueGreenDeployment"]),
            ("shop-orders-old1".to_owned(), vec!["DeleteDBInstance"]),
            ("shop-orders-old2".to_owned(), vec!["DeleteDBInstance"]),
        ]
    );
    // Replicas go before what they replicate, and with no snapshot, which AWS refuses.
    let replicas = [
        replicated(new("shop-orders"), REPLICA),
        replicated(old("shop-orders-old1"), "shop-orders-reports-old1"),
        replica(old("shop-orders-reports-old1"), "shop-orders-old1"),
    ];
    let found = asked().blocking(&me(None), "shop-orders", &replies(&replicas, &[]));
    let said: Vec<String> = found
        .iter()
        .map(|blocker| {
            let snapshot = blocker.remove[0].params.get("FinalDBSnapshotIdentifier");
            format!("{}, {}: {snapshot:?}", blocker.id, blocker.what)
        })
        .collect();
    insta::assert_snapshot!(said.join("\n"));
    let copies = [
        with(
            replicated(new(COPY), COPY_OF_REPLICA),
            "DeletionProtection",
            json!(true),
        ),
        with(
            replica(new(COPY_OF_REPLICA), COPY),
            "DeletionProtection",
            json!(true),
        ),
    ];
    let actions = around(&copies, &[deployment("AVAILABLE", COPY)])
        .remove(0)
        .1;
    assert_eq!(
        actions,
        [
            "ModifyDBInstance",
            "ModifyDBInstance",
            "DeleteBlueGreenDeployment"
        ]
    );
    assert!(DbInstance::carries("shop-orders", "shop-orders-old1"));
    assert!(DbInstance::carries("shop-orders", COPY));
    assert!(!DbInstance::carries("shop-orders", "shop-orders-reports"));
}

#[test]
fn what_aws_would_refuse_is_known_before() {
    let obstacles = |item: Value| {
        let others = named(
            "reports",
            json!({ "ReadReplicaDBInstanceIdentifiers": ["more"] }),
        );
        asked().obstacles("shop-orders", &replies(&[item, others], &[]))
    };
    assert_eq!(obstacles(old("shop-orders")), [""; 0]);
    let more =
        |member: &str, value: Value| obstacles(with(old("shop-orders"), member, value)).join("; ");
    let abroad = json!(["arn:aws:rds:us-west-2:123456789012:db:reports-west"]);
    let waiting =
        json!([{ "DBParameterGroupName": "g", "ParameterApplyStatus": "pending-reboot" }]);
    // A copy that is there already replicates it, and has its own replicas.
    let copied = replies(
        &[
            with(
                old("shop-orders"),
                "ReadReplicaDBInstanceIdentifiers",
                json!([REPLICA, COPY]),
            ),
            replicated(new(COPY), COPY_OF_REPLICA),
        ],
        &[deployment("AVAILABLE", COPY)],
    );
    assert_eq!(asked().obstacles("shop-orders", &copied), [""; 0]);
    insta::assert_snapshot!(
        [
            more("MasterUserSecret", json!({ "SecretArn": "arn:s" })),
            more("BackupRetentionPeriod", json!(0)),
            more("ReadReplicaDBInstanceIdentifiers", abroad),
            more("ReadReplicaDBInstanceIdentifiers", json!(["reports"])),
            more("DBParameterGroups", waiting),
            more("EngineVersion", json!("15.3")),
            more("EngineVersion", json!("16.0")),
        ]
        .join("\n")
    );
}

#[test]
fn the_plan_says_what_it_means() {
    let changed = ["EngineVersion"];
    assert!(asked().told(&["BackupRetentionPeriod"]).is_none());
    assert!(asked().unsettled(&changed).contains(&"DbiResourceId"));
    assert!(
        !asked()
            .unsettled(&["BackupRetentionPeriod"])
            .contains(&"DbiResourceId")
    );
    insta::assert_snapshot!(asked().told(&changed).unwrap());
}
