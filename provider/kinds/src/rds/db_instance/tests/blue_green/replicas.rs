//! Blue/green deployments of instances with replicas.

use super::*;

fn asked_of_replica() -> DbInstance {
    DbInstance {
        backup_retention_period: None,
        engine: None,
        identifier: REPLICA.into(),
        keep_previous: None,
        source_identifier: Some("shop-orders".into()),
        ..asked()
    }
}

#[test]
fn every_state_of_a_deployment_with_a_replica() {
    let keep = asked();
    let (let_go, taken_back) = (let_go(), taken_back());
    let protected = |item: &Value| with(item.clone(), "DeletionProtection", json!(true));
    let status = |item: &Value, status: &str| with(item.clone(), "DBInstanceStatus", json!(status));
    let before = replicated(old("shop-orders"), REPLICA);
    let copy = replicated(new(COPY), COPY_OF_REPLICA);
    let its_copy = replica(new(COPY_OF_REPLICA), COPY);
    let after = replicated(new("shop-orders"), REPLICA);
    let left = replicated(old("shop-orders-old1"), "shop-orders-reports-old1");
    let its_left = replica(old("shop-orders-reports-old1"), "shop-orders-old1");
    let ready = deployment("AVAILABLE", COPY);
    let mut all = String::new();
    for (what, asked, instances, deployments) in [
        (
            "the copy of the replica is busy",
            &keep,
            vec![before.clone(), copy.clone(), status(&its_copy, "upgrading")],
            vec![ready.clone()],
        ),
        (
            "both are ready",
            &keep,
            vec![before.clone(), copy.clone(), its_copy.clone()],
            vec![ready.clone()],
        ),
        (
            "the change is taken back, both are protected",
            &taken_back,
            vec![before.clone(), protected(&copy), protected(&its_copy)],
            vec![ready.clone()],
        ),
        (
            "the change is taken back, the replica is protected",
            &taken_back,
            vec![before.clone(), copy.clone(), protected(&its_copy)],
            vec![ready.clone()],
        ),
        (
            "kept",
            &keep,
            vec![after.clone(), left.clone(), its_left.clone()],
            vec![],
        ),
        (
            "to go and protected",
            &let_go,
            vec![after.clone(), protected(&left), protected(&its_left)],
            vec![],
        ),
        (
            "to go",
            &let_go,
            vec![after.clone(), left.clone(), its_left.clone()],
            vec![],
        ),
        (
            "the replica is going",
            &let_go,
            vec![after.clone(), left.clone(), status(&its_left, "deleting")],
            vec![],
        ),
        (
            "the replica is gone",
            &let_go,
            vec![after.clone(), old("shop-orders-old1")],
            vec![],
        ),
        (
            "only the replica is there, on its own since",
            &let_go,
            vec![after.clone(), old("shop-orders-reports-old1")],
            vec![],
        ),
        (
            "the replica is somebody else's",
            &let_go,
            vec![
                after.clone(),
                left.clone(),
                with(its_left.clone(), "TagList", json!([])),
            ],
            vec![],
        ),
        (
            "a replica in use has such a name",
            &let_go,
            vec![
                with(
                    after.clone(),
                    "ReadReplicaDBInstanceIdentifiers",
                    json!([REPLICA, "shop-orders-reports-old1"]),
                ),
                replica(new("shop-orders-reports-old1"), "shop-orders"),
            ],
            vec![],
        ),
        (
            "another part has such a name",
            &let_go,
            vec![
                after.clone(),
                with(
                    old("shop-orders-old1"),
                    "TagList",
                    json!([{ "Key": "platform:owner", "Value": "platform_network/us-east-1/main" }, { "Key": "platform:address", "Value": "other" }]),
                ),
            ],
            vec![],
        ),
    ] {
        let next = next(asked, &replies(&instances, &deployments));
        all.push_str(&format!("{what}:\n  {next}\n"));
    }
    insta::assert_snapshot!(all);
}

#[test]
fn a_replica_goes_along_and_asks_for_nothing() {
    let asked = asked_of_replica();
    let renaming = |status: &str| {
        let mut deployment = deployment(status, COPY);
        let arn = |name: &str| format!("arn:aws:rds:us-east-1:123456789012:db:{name}");
        deployment["SwitchoverDetails"] = json!([
            { "SourceMember": arn("shop-orders-old1"), "TargetMember": arn(COPY) },
            { "SourceMember": arn("shop-orders-reports-old1"), "TargetMember": arn(COPY_OF_REPLICA) },
        ]);
        deployment
    };
    let seen = |asked: &DbInstance, instances: &[Value], status: &str| {
        let replies = replies(instances, &[renaming(status)]);
        match asked.read(&me(Some(REPLICA)), &replies) {
            Seen::Live(live) => {
                assert_eq!(live.properties.upgrade_strategy, asked.upgrade_strategy);
                assert!(!live.attributes.contains_key("BlueGreenDeployment"));
                assert!(!live.attributes.contains_key("PreviousDatabases"));
                "live".to_owned()
            }
            Seen::Pending { why, .. } => format!("waits: it is {why}"),
            seen => format!("{seen:?}"),
        }
    };
    let blue = replica(old(REPLICA), "shop-orders");
    let green = replica(new(REPLICA), "shop-orders");
    let left = replica(old("shop-orders-reports-old1"), "shop-orders-old1");
    let before = DbInstance {
        engine_version: Some("16".into()),
        parameter_group_name: Some("shop-orders-postgres16".into()),
        ..asked.clone()
    };
    let switching = "SWITCHOVER_IN_PROGRESS";
    let all = [
        seen(&before, std::slice::from_ref(&blue), "PROVISIONING"),
        seen(&before, std::slice::from_ref(&blue), "AVAILABLE"),
        seen(&asked, std::slice::from_ref(&blue), "AVAILABLE"),
        seen(&asked, std::slice::from_ref(&blue), switching),
        seen(&asked, std::slice::from_ref(&left), switching),
        seen(&asked, &[green.clone(), left.clone()], switching),
        seen(
            &asked,
            &[green.clone(), left.clone()],
            "SWITCHOVER_COMPLETED",
        ),
        seen(&asked, std::slice::from_ref(&left), "AVAILABLE"),
    ];
    insta::assert_snapshot!(all.join("\n"));
    // What is left of a change is made in place, and nothing goes with it.
    let larger = DbInstance {
        instance_class: Some("db.r8g.xlarge".into()),
        ..asked.clone()
    };
    let Seen::Live(live) = asked.read(&me(Some(REPLICA)), &replies(&[green], &[])) else {
        panic!("it is there");
    };
    let calls = larger.update(&me(Some(REPLICA)), &live, &["DBInstanceClass"]);
    let actions: Vec<&str> = calls.iter().map(|call| call.action).collect();
    assert_eq!(actions, ["ModifyDBInstance"]);
    let around = replies(&[blue, left], &[renaming("AVAILABLE")]);
    assert_eq!(asked.blocking(&me(Some(REPLICA)), REPLICA, &around), []);
}

#[test]
fn the_plan_says_what_happens_to_replicas() {
    let before = replicated(old("shop-orders"), REPLICA);
    let now = replies(&[before, replica(old(REPLICA), "shop-orders")], &[]);
    let upgraded = replies(
        &[new("shop-orders"), replica(old(REPLICA), "shop-orders")],
        &[],
    );
    let switching = replies(&[], &[deployment("SWITCHOVER_IN_PROGRESS", COPY)]);
    let switched = replies(
        &[
            replicated(new("shop-orders"), REPLICA),
            replica(new(REPLICA), "shop-orders"),
        ],
        &[deployment("SWITCHOVER_COMPLETED", "shop-orders")],
    );
    let live = |asked: &DbInstance, id: &str| Live {
        id: id.to_owned(),
        properties: asked.clone(),
        attributes: Attributes::new(),
    };
    let said = |asked: &DbInstance, changed: &[&str], replies: &[Value]| {
        let live = live(asked, &asked.identifier);
        let calls = asked.forecast(&me(Some(&live.id)), &live, changed).len();
        let forecast = asked.foretold(&live, changed, replies);
        assert_eq!(forecast.refusals, [""; 0]);
        format!("{calls} {}", forecast.says)
    };
    let replica = asked_of_replica();
    let in_place = DbInstance {
        upgrade_strategy: Some("in_place".into()),
        ..asked_of_replica()
    };
    insta::assert_snapshot!(
        [
            said(&asked(), &["EngineVersion"], &now),
            said(&replica, &["EngineVersion"], &now),
            said(&replica, &["DBInstanceClass", "EngineVersion"], &now),
            said(&replica, &["DBInstanceClass"], &now),
            said(&replica, &["EngineVersion"], &upgraded),
            said(&in_place, &["EngineVersion"], &now),
            said(&asked(), &["EngineVersion"], &switching),
            said(&asked(), &["EngineVersion"], &switched),
            said(&replica, &["EngineVersion"], &switching),
            said(&replica, &["EngineVersion"], &switched),
        ]
        .join("\n")
    );
    assert!(
        replica
            .unsettled(&["EngineVersion"])
            .contains(&"DbiResourceId")
    );
    assert!(
        !in_place
            .unsettled(&["EngineVersion"])
            .contains(&"DbiResourceId")
    );
    let older = DbInstance {
        engine_version: Some("8.0".into()),
        ..asked_of_replica()
    };
    let newer = |strategy: &str| DbInstance {
        engine_version: Some("8.4".into()),
        upgrade_strategy: Some(strategy.into()),
        ..asked_of_replica()
    };
    assert_eq!(DbInstance::precedes(&older, &newer("blue_green")), [""; 0]);
    assert_eq!(
        DbInstance::precedes(&older, &newer("in_place")),
        ["SourceDBInstanceIdentifier"]
    );
}
