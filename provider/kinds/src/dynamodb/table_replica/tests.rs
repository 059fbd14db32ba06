//! What both ends of a replication show of a replica.

use super::*;
use crate::testing::me;

const HOME: &str = "arn:aws:dynamodb:us-east-1:123456789012:table/orders";
const THERE: &str = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders";

fn asked() -> TableReplica {
    TableReplica {
        table_name: "orders".into(),
        region: "eu-west-1".into(),
        table_class: Some("STANDARD".into()),
        ..TableReplica::default()
    }
}

/// A table at this end, with what it says of the other one.
fn table(arn: &str, status: &str, other: Option<(&str, &str)>) -> Value {
    let replicas: Vec<Value> = other
        .iter()
        .map(|(region, state)| json!({ "RegionName": region, "ReplicaStatus": state }))
        .collect();
    json!({ "Table": { "TableName": "orders", "TableArn": arn, "TableStatus": status, "Replicas": replicas,
        "CreationDateTime": "2026-01-02T03:04:05Z" } })
}

fn state(here: Option<(&str, Option<&str>)>, listed: Option<&str>) -> String {
    let here = here.map_or(Value::Null, |(status, home)| {
        table(THERE, status, home.map(|state| ("us-east-1", state)))
    });
    let home = table(HOME, "ACTIVE", listed.map(|state| ("eu-west-1", state)));
    let tags = json!({ "Tags": [{ "Key": "team", "Value": "core" }] });
    match asked().read(&me(None), &[here, home, tags]) {
        Seen::Pending { id, why } => format!("pending {id}: {why}"),
        Seen::Failed { id, why } => format!("failed {id}: {why}"),
        Seen::Deleting { id } => format!("deleting {id}"),
        Seen::Live(live) => format!("live {}", live.id),
        other => format!("{other:?}"),
    }
}

#[test]
fn both_ends_say_how_it_is() {
    for (here, listed, expected) in [
        (None, None, "Absent"),
        (None, Some("CREATING"), "pending"),
        (None, Some("CREATION_FAILED"), "failed"),
        (None, Some("DELETING"), "deleting"),
        (Some(("CREATING", None)), Some("CREATING"), "pending"),
        (Some(("ACTIVE", None)), Some("CREATING"), "pending"),
        (Some(("ACTIVE", Some("ACTIVE"))), Some("ACTIVE"), "live"),
        (Some(("ACTIVE", Some("ACTIVE"))), None, "live"),
        (Some(("UPDATING", Some("ACTIVE"))), Some("ACTIVE"), "live"),
        (Some(("ACTIVE", None)), Some("DELETING"), "deleting"),
        (Some(("DELETING", None)), None, "deleting"),
        (Some(("ACTIVE", None)), Some("REGION_DISABLED"), "failed"),
        (Some(("ACTIVE", None)), None, "failed"),
    ] {
        let seen = state(here, listed);
        assert!(seen.starts_with(expected), "{here:?} {listed:?}: {seen}");
        assert!(expected == "Absent" || seen.contains(THERE), "{seen}");
    }
}

#[test]
fn a_table_of_its_own_is_never_taken_for_a_replica() {
    assert_eq!(
        state(Some(("ACTIVE", None)), None),
        format!(
            "failed {THERE}: it is a table of its own, which replicates nothing of orders in us-east-1"
        )
    );
}

#[test]
fn it_is_changed_where_its_table_is_and_set_up_where_it_is_itself() {
    let me = me(Some(THERE));
    let live = Live {
        id: THERE.to_owned(),
        properties: asked(),
        attributes: Attributes::new(),
    };
    let full = TableReplica {
        table_class: Some("STANDARD_INFREQUENT_ACCESS".into()),
        deletion_protection_enabled: Some(true),
        point_in_time_recovery_specification: Some(PointInTimeRecoverySpecification {
            point_in_time_recovery_enabled: true,
            recovery_period_in_days: None,
        }),
        ..asked()
    };
    let changed = [
        "DeletionProtectionEnabled",
        "PointInTimeRecoverySpecification",
        "TableClass",
    ];
    let sent: Vec<(&str, Option<String>)> = full
        .create(&me)
        .into_iter()
        .chain(full.update(&me, &live, &changed))
        .chain(full.delete(&me, THERE, &Attributes::new()))
        .map(|call| (call.action, call.region))
        .collect();
    let (home, there) = (Some("us-east-1".to_owned()), Some("eu-west-1".to_owned()));
    assert_eq!(
        sent,
        [
            ("UpdateTable", home.clone()),
            ("UpdateTable", there.clone()),
            ("UpdateContinuousBackups", there),
            ("UpdateTable", home.clone()),
            ("UpdateTable", home),
        ]
    );
}

#[test]
fn the_reply_of_its_table_tells_its_arn() {
    let reply = json!({ "TableDescription": { "TableArn": HOME } });
    assert_eq!(asked().created(&me(None), &reply).as_deref(), Some(THERE));
    let known = TableReplica::known_by(THERE);
    assert_eq!(
        (known.table_name, known.region),
        ("orders".into(), "eu-west-1".into())
    );
}

#[test]
fn what_a_killed_run_left_without_tags_is_gone_on_with() {
    let me = me(None);
    let replies = |tags: Value| {
        vec![
            table(THERE, "ACTIVE", Some(("us-east-1", "ACTIVE"))),
            table(HOME, "ACTIVE", Some(("eu-west-1", "ACTIVE"))),
            json!({ "Tags": tags }),
        ]
    };
    let read = |tags: Value| match asked().read(&me, &replies(tags)) {
        Seen::Live(live) => live,
        seen => panic!("{seen:?}"),
    };
    let bare = read(json!([]));
    assert!(me.owns(&bare.properties.tags));
    // The owner's are set together with the first others.
    let calls = TableReplica::retag(&bare, &Tags::from([("Name".into(), "shop".into())]), &[]);
    let set = calls[0].params["Tags"].to_string();
    assert!(
        set.contains(OWNER_TAG) && set.contains(ADDRESS_TAG),
        "{set}"
    );
    let others = read(json!([{ "Key": "team", "Value": "core" }]));
    assert!(!me.owns(&others.properties.tags));
}

#[test]
fn what_a_table_shows_in_other_regions_resides_there() {
    let table = json!({ "Table": { "TableName": "orders", "TableArn": HOME, "Replicas": [
        { "RegionName": "eu-west-1", "ReplicaStatus": "ACTIVE" },
        { "RegionName": "us-east-1", "ReplicaStatus": "ACTIVE" },
        { "RegionName": "us-west-2", "ReplicaStatus": "DELETING" },
    ] } });
    let residents = TableReplica::residents("AWS::DynamoDB::Table", "orders", &[table]);
    let [one] = &residents[..] else {
        panic!("{residents:?}")
    };
    assert_eq!(
        (one.id.as_str(), one.properties.region.as_str()),
        (THERE, "eu-west-1")
    );
    // It is known by the id of the part that asks for it.
    assert_eq!(TableReplica::known_by(&one.id).region, "eu-west-1");
}
