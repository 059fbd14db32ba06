//! Changes by blue/green deployments: every state that AWS documents, from whatever a killed run left.

use platform_graph::{KindDef, diff};

use super::*;
use crate::rds::DbInstance;

const ID: &str = "bgd-0123456789abcdef";
const COPY: &str = "shop-orders-green-abcdef";

fn asked() -> DbCluster {
    DbCluster {
        allow_major_version_upgrade: Some(true),
        engine: Some("aurora-postgresql".into()),
        engine_version: Some("17.4".into()),
        identifier: "shop-orders".into(),
        keep_previous: Some(true),
        parameter_group_name: Some("shop-orders-aurora-postgresql17".into()),
        tags: me(None).tags(),
        upgrade_strategy: Some("blue_green".into()),
        ..DbCluster::default()
    }
}

fn tag_list() -> Value {
    json!([{ "Key": "platform:owner", "Value": "platform_network/us-east-1/main" }, { "Key": "platform:address", "Value": "part" }])
}

/// A cluster of the tests by its name, with tags of ours.
fn named(name: &str, version: &str, group: &str) -> Value {
    json!({
        "DBClusterIdentifier": name, "DBClusterArn": format!("arn:aws:rds:us-east-1:123456789012:cluster:{name}"),
        "DbClusterResourceId": format!("cluster-{}", name.to_uppercase()), "Status": "available", "Engine": "aurora-postgresql",
        "EngineVersion": version, "DBClusterParameterGroup": group, "AutoMinorVersionUpgrade": true, "BackupRetentionPeriod": 1,
        "TagList": tag_list(),
        "DBClusterMembers": [{ "DBInstanceIdentifier": format!("{name}-instance"), "IsClusterWriter": true, "DBClusterParameterGroupStatus": "in-sync" }],
    })
}

fn old(name: &str) -> Value {
    named(name, "16.6", "shop-orders-aurora-postgresql16")
}

fn new(name: &str) -> Value {
    named(name, "17.5", "shop-orders-aurora-postgresql17")
}

fn with(mut item: Value, member: &str, value: Value) -> Value {
    item[member] = value;
    item
}

fn member(name: &str, cluster: &str, status: &str) -> Value {
    json!({ "DBInstanceIdentifier": name, "DBClusterIdentifier": cluster, "DBInstanceStatus": status, "Engine": "aurora-postgresql", "TagList": tag_list() })
}

fn deployment(status: &str, target: &str) -> Value {
    let arn = |sort: &str, name: &str| format!("arn:aws:rds:us-east-1:123456789012:{sort}:{name}");
    json!({
        "BlueGreenDeploymentIdentifier": ID, "BlueGreenDeploymentName": "shop-orders", "Status": status,
        "Source": arn("cluster", "shop-orders"), "Target": arn("cluster", target), "TagList": tag_list(),
        "SwitchoverDetails": [
            { "SourceMember": arn("cluster", "shop-orders"), "TargetMember": arn("cluster", target), "Status": status },
            { "SourceMember": arn("db", "shop-orders-instance"), "TargetMember": arn("db", "shop-orders-instance-green-abcdef"), "Status": status },
        ],
    })
}

fn replies(clusters: &[Value], deployments: &[Value], instances: &[Value]) -> [Value; 3] {
    [
        json!({ "DBClusters": clusters }),
        json!({ "BlueGreenDeployments": deployments }),
        json!({ "DBInstances": instances }),
    ]
}

/// What a run does when it sees this: it waits, is done, says why it can't go on, or sends calls.
fn next(asked: &DbCluster, replies: &[Value]) -> String {
    let kind = KindDef::of::<DbCluster>();
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

#[test]
fn every_state_of_a_deployment() {
    let keep = asked();
    let let_go = DbCluster {
        keep_previous: Some(false),
        ..asked()
    };
    let taken_back = DbCluster {
        engine_version: Some("16".into()),
        parameter_group_name: Some("shop-orders-aurora-postgresql16".into()),
        ..asked()
    };
    let in_place = DbCluster {
        upgrade_strategy: Some("in_place".into()),
        ..asked()
    };
    let before = old("shop-orders");
    let copy = new(COPY);
    let protected = |item: &Value| with(item.clone(), "DeletionProtection", json!(true));
    let status = |item: &Value, status: &str| with(item.clone(), "Status", json!(status));
    let ready = [before.clone(), copy.clone()];
    let over = [new("shop-orders"), old("shop-orders-old1")];
    let greens = |status: &str| {
        vec![
            member("shop-orders-instance", "shop-orders", "available"),
            member("shop-orders-instance-green-abcdef", COPY, status),
        ]
    };
    let blues = |status: &str| {
        vec![
            member("shop-orders-instance", "shop-orders", "available"),
            member("shop-orders-instance-old1", "shop-orders-old1", status),
            member("shop-orders-standby-old1", "shop-orders-old1", status),
        ]
    };
    let failed = with(
        deployment("SWITCHOVER_FAILED", COPY),
        "StatusDetails",
        json!("Switchover timed out."),
    );
    let available = deployment("AVAILABLE", COPY);
    let mut foreign = available.clone();
    foreign["TagList"] = json!([]);
    let mut all = String::new();
    for (what, asked, clusters, deployments, instances) in [
        ("nothing yet", &keep, vec![before.clone()], vec![], vec![]),
        (
            "it is made",
            &keep,
            vec![before.clone()],
            vec![deployment("PROVISIONING", COPY)],
            vec![],
        ),
        (
            "somebody else's",
            &keep,
            ready.to_vec(),
            vec![foreign],
            vec![],
        ),
        (
            "the copy is busy",
            &keep,
            vec![before.clone(), status(&copy, "upgrading")],
            vec![available.clone()],
            vec![],
        ),
        (
            "a member of the copy is busy",
            &keep,
            ready.to_vec(),
            vec![available.clone()],
            greens("creating"),
        ),
        (
            "the copy is ready",
            &keep,
            ready.to_vec(),
            vec![available.clone()],
            greens("available"),
        ),
        (
            "the copy is for something else",
            &keep,
            vec![before.clone(), old(COPY)],
            vec![available.clone()],
            vec![],
        ),
        (
            "the copy is gone",
            &keep,
            vec![before.clone()],
            vec![available.clone()],
            vec![],
        ),
        (
            "names are switched",
            &keep,
            vec![copy.clone(), old("shop-orders-old1")],
            vec![deployment("SWITCHOVER_IN_PROGRESS", COPY)],
            vec![],
        ),
        (
            "still switching",
            &keep,
            ready.to_vec(),
            vec![deployment("SWITCHOVER_IN_PROGRESS", COPY)],
            vec![],
        ),
        (
            "taken back by AWS",
            &keep,
            ready.to_vec(),
            vec![failed],
            greens("available"),
        ),
        (
            "invalid",
            &keep,
            ready.to_vec(),
            vec![deployment("INVALID_CONFIGURATION", COPY)],
            vec![],
        ),
        (
            "it took over",
            &keep,
            over.to_vec(),
            vec![deployment("SWITCHOVER_COMPLETED", "shop-orders")],
            blues("available"),
        ),
        (
            "the record goes",
            &keep,
            over.to_vec(),
            vec![deployment("DELETING", "shop-orders")],
            blues("available"),
        ),
        ("kept", &keep, over.to_vec(), vec![], blues("available")),
        (
            "to go and protected",
            &let_go,
            vec![over[0].clone(), protected(&over[1])],
            vec![],
            blues("available"),
        ),
        ("to go", &let_go, over.to_vec(), vec![], blues("available")),
        (
            "its members go",
            &let_go,
            over.to_vec(),
            vec![],
            blues("deleting"),
        ),
        (
            "its members are gone",
            &let_go,
            over.to_vec(),
            vec![],
            vec![],
        ),
        (
            "it goes",
            &let_go,
            vec![over[0].clone(), status(&over[1], "deleting")],
            vec![],
            vec![],
        ),
        ("gone", &let_go, vec![over[0].clone()], vec![], vec![]),
        (
            "of somebody else",
            &let_go,
            vec![over[0].clone(), with(over[1].clone(), "TagList", json!([]))],
            vec![],
            vec![],
        ),
        (
            "the change is taken back, protected",
            &taken_back,
            vec![before.clone(), protected(&copy)],
            vec![available.clone()],
            vec![],
        ),
        (
            "the change is taken back",
            &taken_back,
            ready.to_vec(),
            vec![available.clone()],
            vec![],
        ),
        (
            "the strategy is taken back",
            &in_place,
            ready.to_vec(),
            vec![available.clone()],
            vec![],
        ),
        (
            "in place without one",
            &in_place,
            vec![before.clone()],
            vec![],
            vec![],
        ),
        (
            "missing in the middle",
            &keep,
            vec![copy],
            vec![available],
            vec![],
        ),
        (
            "missing without one",
            &keep,
            vec![old("shop-orders-old1")],
            vec![],
            vec![],
        ),
    ] {
        let next = next(asked, &replies(&clusters, &deployments, &instances));
        all.push_str(&format!("{what}:\n  {next}\n"));
    }
    insta::assert_snapshot!(all);
}

#[test]
fn aws_is_told_a_whole_version() {
    let major = DbCluster {
        engine_version: Some("17".into()),
        ..asked()
    };
    let asked_for: Vec<&str> = major
        .find(&me(None))
        .iter()
        .map(|call| call.action)
        .collect();
    assert_eq!(
        asked_for,
        [
            "DescribeDBClusters",
            "DescribeBlueGreenDeployments",
            "DescribeDBInstances",
            "DescribeDBEngineVersions"
        ]
    );
    let [clusters, deployments, instances] = replies(&[old("shop-orders")], &[], &[]);
    let versions =
        json!({ "DBEngineVersions": [{ "Engine": "aurora-postgresql", "EngineVersion": "17.5" }] });
    let call = next(
        &major,
        &[clusters, deployments, instances, versions.clone()],
    );
    assert!(call.contains(r#""TargetEngineVersion":"17.5""#), "{call}");
    let [clusters, deployments, instances] = replies(&[new("shop-orders")], &[], &[]);
    let done = next(&major, &[clusters, deployments, instances, versions]);
    assert_eq!(done, "is done");
    assert_eq!(asked().find(&me(None)).len(), 3);
}

#[test]
fn no_deployment_is_looked_for_where_there_can_be_none() {
    let managed = DbCluster {
        upgrade_strategy: None,
        keep_previous: None,
        ..asked()
    };
    assert_eq!(managed.find(&me(None)).len(), 1);
    let looked = managed.blockers(&me(None), "shop-orders", &[]);
    assert_eq!(looked.len(), 1);
    assert!(managed.told(&["EngineVersion"]).is_none());
}

#[test]
fn a_member_is_waited_for_while_it_is_renamed() {
    let instance = DbInstance {
        cluster_identifier: Some("shop-orders".into()),
        identifier: "shop-orders-instance".into(),
        upgrade_strategy: Some("blue_green".into()),
        ..DbInstance::default()
    };
    let seen = |status: &str, instances: &[Value]| {
        let deployments = json!({ "BlueGreenDeployments": [deployment(status, COPY)] });
        instance.read(
            &me(None),
            &[json!({ "DBInstances": instances }), deployments],
        )
    };
    let green = [member(
        "shop-orders-instance-green-abcdef",
        COPY,
        "available",
    )];
    assert!(
        matches!(seen("SWITCHOVER_IN_PROGRESS", &green), Seen::Pending { why, .. } if why.contains(ID))
    );
    assert!(matches!(seen("AVAILABLE", &green), Seen::Absent));
    let there = [member("shop-orders-instance", "shop-orders", "available")];
    let Seen::Live(live) = seen("AVAILABLE", &there) else {
        panic!("not live")
    };
    assert_eq!(live.attributes.get("BlueGreenDeployment"), None);
    assert_eq!(
        instance.blockers(&me(None), "shop-orders-instance", &[]),
        []
    );
}

#[test]
fn a_deletion_takes_along_what_deployments_left() {
    let around = |clusters: &[Value],
                  deployments: &[Value],
                  instances: &[Value]|
     -> Vec<(String, Vec<&'static str>)> {
        asked()
            .blocking(
                &me(None),
                "shop-orders",
                &replies(clusters, deployments, instances),
            )
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
            &[deployment("AVAILABLE", COPY)],
            &[]
        ),
        [(
            ID.to_owned(),
            vec!["ModifyDBCluster", "DeleteBlueGreenDeployment"]
        )]
    );
    let over = [new("shop-orders"), old("shop-orders-old1")];
    let instances = [
        member("shop-orders-instance-old1", "shop-orders-old1", "available"),
        member("application-autoscaling-1", "shop-orders", "available"),
    ];
    assert_eq!(
        around(&over, &[], &instances),
        [
            (
                "shop-orders-instance-old1".to_owned(),
                vec!["DeleteDBInstance"]
            ),
            ("shop-orders-old1".to_owned(), vec!["DeleteDBCluster"]),
            (
                "application-autoscaling-1".to_owned(),
                vec!["DeleteDBInstance"]
            ),
        ]
    );
    assert!(DbCluster::carries("shop-orders", "shop-orders-old1"));
    assert!(DbCluster::carries("shop-orders", COPY));
    assert!(!DbCluster::carries("shop-orders", "shop-orders-docdb"));
}

#[test]
fn what_is_protected_of_it_shows_until_all_of_it_can_be_deleted() {
    let open = DbCluster {
        deletion_protection: Some(false),
        ..asked()
    };
    let previous = with(old("shop-orders-old1"), "DeletionProtection", json!(true));
    let call = next(&open, &replies(&[new("shop-orders"), previous], &[], &[]));
    assert!(
        call.contains(r#""DBClusterIdentifier":"shop-orders-old1""#),
        "{call}"
    );
}

#[test]
fn what_aws_would_refuse_is_known_before() {
    let obstacles = |item: Value| asked().obstacles("shop-orders", &replies(&[item], &[], &[]));
    assert_eq!(obstacles(old("shop-orders")), [""; 0]);
    let more =
        |member: &str, value: Value| obstacles(with(old("shop-orders"), member, value)).join("; ");
    let waiting =
        json!([{ "IsClusterWriter": true, "DBClusterParameterGroupStatus": "pending-reboot" }]);
    let reader =
        json!([{ "IsClusterWriter": false, "DBClusterParameterGroupStatus": "pending-reboot" }]);
    assert_eq!(more("DBClusterMembers", reader), "");
    insta::assert_snapshot!(
        [
            more("MasterUserSecret", json!({ "SecretArn": "arn:s" })),
            more("GlobalClusterIdentifier", json!("shop-world")),
            more("ReadReplicaIdentifiers", json!(["arn:r"])),
            more("ReplicationSourceIdentifier", json!("arn:r")),
            more("DBClusterMembers", waiting),
            more("EngineVersion", json!("15.3")),
            more("EngineVersion", json!("17.2")),
        ]
        .join("\n")
    );
}

#[test]
fn the_plan_says_what_it_means() {
    assert!(asked().told(&["BackupRetentionPeriod"]).is_none());
    assert!(asked().told(&["EngineVersion"]).is_some());
    assert!(
        asked()
            .unsettled(&["EngineVersion"])
            .contains(&"DBClusterResourceId")
    );
    assert!(
        !asked()
            .unsettled(&["Port"])
            .contains(&"DBClusterResourceId")
    );
}
