//! What DynamoDB shows, and the steps of an update.

use super::*;
use crate::testing::{me, property_names};

const ARN: &str = "arn:aws:dynamodb:us-east-1:123456789012:table/orders";

fn key(partition: &str) -> Vec<KeyElement> {
    vec![KeyElement {
        attribute_name: partition.into(),
        key_type: "HASH".into(),
    }]
}

fn index(name: &str, partition: &str) -> GlobalSecondaryIndex {
    GlobalSecondaryIndex {
        index_name: name.into(),
        key_schema: key(partition),
        projection: super::super::Projection {
            projection_type: "ALL".into(),
            non_key_attributes: None,
        },
        ..GlobalSecondaryIndex::default()
    }
}

fn definitions(names: &[&str]) -> Option<Vec<AttributeDefinition>> {
    let text = |name: &&str| AttributeDefinition {
        attribute_name: (*name).into(),
        attribute_type: "S".into(),
    };
    Some(names.iter().map(text).collect())
}

fn table(indexes: &[(&str, &str)]) -> Table {
    let names: Vec<&str> = std::iter::once("id")
        .chain(indexes.iter().map(|(_, key)| *key))
        .collect();
    Table {
        table_name: "orders".into(),
        attribute_definitions: definitions(&names),
        key_schema: key("id"),
        global_secondary_indexes: Some(
            indexes.iter().map(|(name, key)| index(name, key)).collect(),
        ),
        billing_mode: Some(ON_DEMAND.into()),
        ..Table::default()
    }
}

/// A table as DynamoDB shows it.
fn shown(table: &Table, status: &str, more: Value) -> Value {
    let indexes: Vec<Value> = table
        .global_secondary_indexes
        .iter()
        .flatten()
        .map(|index| {
            let mut item = json!(index);
            item["IndexStatus"] = json!("ACTIVE");
            item["ProvisionedThroughput"] = json!({ "ReadCapacityUnits": 0, "WriteCapacityUnits": 0 });
            item["WarmThroughput"] = json!({ "ReadUnitsPerSecond": 12000, "WriteUnitsPerSecond": 4000, "Status": "ACTIVE" });
            item
        })
        .collect();
    let mut item = json!({
        "TableName": "orders", "TableStatus": status, "TableArn": ARN, "TableId": "t-1", "CreationDateTime": "2026-01-02T03:04:05Z",
        "AttributeDefinitions": table.attribute_definitions, "KeySchema": table.key_schema, "GlobalSecondaryIndexes": indexes,
        "ProvisionedThroughput": { "ReadCapacityUnits": 0, "WriteCapacityUnits": 0, "NumberOfDecreasesToday": 0 },
        "BillingModeSummary": { "BillingMode": "PAY_PER_REQUEST" }, "DeletionProtectionEnabled": false,
        "WarmThroughput": { "ReadUnitsPerSecond": 12000, "WriteUnitsPerSecond": 4000, "Status": "ACTIVE" },
    });
    for (name, value) in more.as_object().unwrap() {
        item[name] = value.clone();
    }
    json!({ "Table": item })
}

fn off() -> [Value; 3] {
    [
        json!({ "Tags": [] }),
        json!({ "ContinuousBackupsDescription": { "ContinuousBackupsStatus": "ENABLED", "PointInTimeRecoveryDescription": { "PointInTimeRecoveryStatus": "DISABLED" } } }),
        json!({ "TimeToLiveDescription": { "TimeToLiveStatus": "DISABLED" } }),
    ]
}

fn read(asked: &Table, table: Value, details: &[Value]) -> Seen<Table> {
    let replies: Vec<Value> = std::iter::once(table)
        .chain(details.iter().cloned())
        .collect();
    asked.read(&me(None), &replies)
}

fn live(asked: &Table, table: Value) -> Live<Table> {
    match read(asked, table, &off()) {
        Seen::Live(live) => live,
        seen => panic!("{seen:?}"),
    }
}

/// The update that follows when `asked` is wanted of a table that is `there`.
fn step(asked: &Table, there: &Live<Table>, changed: &[&str]) -> Value {
    let calls = asked.update(&me(None), there, changed);
    assert_eq!(calls.len(), 1, "{calls:?}");
    let mut params = calls[0].params.clone();
    assert_eq!(calls[0].action, "UpdateTable");
    params.remove("TableName");
    Value::Object(params)
}

#[test]
fn every_state_is_told_apart() {
    let asked = table(&[]);
    for (state, expected) in [
        ("CREATING", "Pending"),
        ("ACTIVE", "Live"),
        ("UPDATING", "Live"),
        ("DELETING", "Deleting"),
        ("INACCESSIBLE_ENCRYPTION_CREDENTIALS", "Failed"),
        ("ARCHIVED", "Failed"),
    ] {
        let seen = format!(
            "{:?}",
            read(&asked, shown(&asked, state, json!({})), &off())
        );
        assert!(seen.starts_with(expected), "{state}: {seen}");
    }
    assert_eq!(asked.read(&me(None), &[Value::Null]), Seen::Absent);
}

#[test]
fn what_is_updated_is_waited_for_unless_it_shows_already() {
    let before = table(&[]);
    let asked = Table {
        table_class: Some("STANDARD_INFREQUENT_ACCESS".into()),
        ..table(&[])
    };
    let updating = |more| read(&asked, shown(&before, "UPDATING", more), &off());
    assert!(matches!(updating(json!({})), Seen::Pending { .. }));
    let class = json!({ "TableClassSummary": { "TableClass": "STANDARD_INFREQUENT_ACCESS" } });
    assert!(matches!(updating(class), Seen::Live(_)));
}

#[test]
fn an_index_that_is_being_made_is_waited_for() {
    let asked = table(&[("by-user", "user")]);
    let mut reply = shown(&asked, "ACTIVE", json!({}));
    reply["Table"]["GlobalSecondaryIndexes"][0]["IndexStatus"] = json!("CREATING");
    let Seen::Pending { why, .. } = read(&asked, reply, &off()) else {
        panic!("not pending")
    };
    assert_eq!(why, "creating its index by-user");
}

#[test]
fn indexes_change_one_at_a_time_and_old_ones_go_first() {
    let asked = table(&[
        ("by-day", "day"),
        ("by-shop", "shop"),
        ("by-user", "customer"),
    ]);
    let mut there = table(&[("by-old", "old"), ("by-user", "user")]);
    let changed = ["AttributeDefinitions", "GlobalSecondaryIndexes"];
    let mut steps = Vec::new();
    loop {
        let live = live(&asked, shown(&there, "ACTIVE", json!({})));
        let as_json = |table: &Table| json!(table.global_secondary_indexes);
        if Table::same(
            "GlobalSecondaryIndexes",
            &as_json(&live.properties),
            &as_json(&asked),
        ) {
            assert_eq!(
                live.properties.attribute_definitions,
                asked.attribute_definitions
            );
            break;
        }
        let update = step(&asked, &live, &changed);
        let indexes = there.global_secondary_indexes.as_mut().unwrap();
        let change = &update["GlobalSecondaryIndexUpdates"][0];
        if let Some(name) = change["Delete"]["IndexName"].as_str() {
            indexes.retain(|index| index.index_name != name);
            steps.push(format!("-{name}"));
        } else {
            let index: GlobalSecondaryIndex =
                serde_json::from_value(change["Create"].clone()).unwrap();
            steps.push(format!("+{}", index.index_name));
            indexes.push(index);
            there.attribute_definitions =
                serde_json::from_value(update["AttributeDefinitions"].clone()).unwrap();
        }
    }
    assert_eq!(
        steps,
        ["-by-old", "-by-user", "+by-day", "+by-shop", "+by-user"]
    );
}

#[test]
fn another_type_of_an_attribute_is_another_index() {
    let there = live(
        &table(&[("by-user", "user")]),
        shown(&table(&[("by-user", "user")]), "ACTIVE", json!({})),
    );
    let mut asked = table(&[("by-user", "user")]);
    asked.attribute_definitions.as_mut().unwrap()[1].attribute_type = "N".into();
    let update = step(&asked, &there, &["AttributeDefinitions"]);
    assert_eq!(
        update,
        json!({ "GlobalSecondaryIndexUpdates": [{ "Delete": { "IndexName": "by-user" } }] })
    );
}

#[test]
fn the_indexes_get_capacity_together_with_the_table() {
    let size = ProvisionedThroughput {
        read_capacity_units: 5,
        write_capacity_units: 2,
    };
    let mut asked = table(&[("by-user", "user"), ("by-day", "day")]);
    asked.billing_mode = Some(PROVISIONED.into());
    asked.provisioned_throughput = Some(size);
    for index in asked.global_secondary_indexes.iter_mut().flatten() {
        index.provisioned_throughput = Some(size);
    }
    let there = live(
        &asked,
        shown(&table(&[("by-user", "user")]), "ACTIVE", json!({})),
    );
    assert_eq!(there.properties.provisioned_throughput, None);
    let changed = [
        "BillingMode",
        "GlobalSecondaryIndexes",
        "ProvisionedThroughput",
    ];
    let units = json!({ "ReadCapacityUnits": 5, "WriteCapacityUnits": 2 });
    assert_eq!(
        step(&asked, &there, &changed),
        json!({
            "BillingMode": "PROVISIONED", "ProvisionedThroughput": units,
            "GlobalSecondaryIndexUpdates": [{ "Update": { "IndexName": "by-user", "ProvisionedThroughput": units } }],
        })
    );
}

#[test]
fn capacity_that_has_grown_is_as_asked_and_is_never_lowered() {
    let units =
        |read: u64, write: u64| json!({ "ReadCapacityUnits": read, "WriteCapacityUnits": write });
    let same = |live, asked| Table::same("ProvisionedThroughput", &live, &asked);
    assert!(same(units(50, 5), units(5, 5)));
    assert!(!same(units(50, 4), units(5, 5)));
    let warm = |read: u64| json!({ "ReadUnitsPerSecond": read });
    assert!(Table::same("WarmThroughput", &warm(15000), &warm(12000)));
    assert!(!Table::same("WarmThroughput", &warm(12000), &warm(15000)));

    let mut asked = table(&[]);
    asked.provisioned_throughput = Some(ProvisionedThroughput {
        read_capacity_units: 5,
        write_capacity_units: 5,
    });
    let there = live(
        &asked,
        shown(
            &table(&[]),
            "ACTIVE",
            json!({ "ProvisionedThroughput": units(50, 4) }),
        ),
    );
    assert_eq!(
        step(&asked, &there, &["ProvisionedThroughput"])["ProvisionedThroughput"],
        units(50, 5)
    );
}

#[test]
fn a_stream_with_another_view_is_ended_first() {
    let mut asked = table(&[]);
    asked.stream_specification = Some(StreamSpecification {
        stream_view_type: "NEW_IMAGE".into(),
    });
    let other = json!({ "StreamSpecification": { "StreamEnabled": true, "StreamViewType": "KEYS_ONLY" }, "LatestStreamArn": "arn:stream" });
    let there = live(&asked, shown(&table(&[]), "ACTIVE", other));
    assert_eq!(there.attributes["StreamArn"], "arn:stream");
    assert_eq!(
        step(&asked, &there, &["StreamSpecification"]),
        json!({ "StreamSpecification": { "StreamEnabled": false } })
    );
    // DynamoDB goes on showing the stream that was ended.
    let there = live(
        &asked,
        shown(
            &table(&[]),
            "ACTIVE",
            json!({ "LatestStreamArn": "arn:stream" }),
        ),
    );
    assert_eq!(there.attributes.get("StreamArn"), None);
    assert_eq!(
        step(&asked, &there, &["StreamSpecification"]),
        json!({ "StreamSpecification": { "StreamEnabled": true, "StreamViewType": "NEW_IMAGE" } })
    );
}

#[test]
fn time_to_live_moves_to_another_attribute_over_none() {
    let expires = |attribute: &str, enabled| TimeToLiveSpecification {
        attribute_name: Some(attribute.into()),
        enabled,
    };
    let mut asked = table(&[]);
    asked.time_to_live_specification = Some(expires("expires", true));
    let state = |status: &str| {
        let ttl = json!({ "TimeToLiveDescription": { "TimeToLiveStatus": status, "AttributeName": "until" } });
        read(&asked, shown(&table(&[]), "ACTIVE", json!({})), &[ttl])
    };
    let Seen::Live(there) = state("ENABLED") else {
        panic!("not live")
    };
    let calls = asked.update(&me(None), &there, &["TimeToLiveSpecification"]);
    assert_eq!(
        calls[0].params["TimeToLiveSpecification"],
        json!(expires("until", false))
    );
    assert!(matches!(state("DISABLING"), Seen::Pending { .. }));
    let Seen::Live(there) = state("DISABLED") else {
        panic!("not live")
    };
    let calls = asked.update(&me(None), &there, &["TimeToLiveSpecification"]);
    assert_eq!(
        calls[0].params["TimeToLiveSpecification"],
        json!(expires("expires", true))
    );
}

#[test]
fn defaults_show_only_when_asked_for() {
    let asked = Table {
        table_name: "orders".into(),
        ..Table::default()
    };
    let seen = live(
        &asked,
        shown(
            &table(&[]),
            "ACTIVE",
            json!({ "BillingModeSummary": { "BillingMode": "PROVISIONED" } }),
        ),
    );
    assert_eq!(
        property_names(&seen.properties),
        ["AttributeDefinitions", "KeySchema", "TableName", "Tags"]
    );
}

#[test]
fn what_is_left_out_is_not_compared() {
    let recovery = |days: Option<u32>| {
        json!(PointInTimeRecoverySpecification {
            point_in_time_recovery_enabled: true,
            recovery_period_in_days: days,
        })
    };
    let name = "PointInTimeRecoverySpecification";
    assert!(Table::same(name, &recovery(Some(35)), &recovery(None)));
    assert!(!Table::same(name, &recovery(Some(35)), &recovery(Some(7))));
    let off = json!({ "PointInTimeRecoveryEnabled": false });
    assert!(!Table::same(name, &off, &recovery(None)));
    assert!(Table::same(
        "ContributorInsightsSpecification",
        &json!({ "Enabled": false }),
        &json!({ "Enabled": false, "Mode": "THROTTLED_KEYS" })
    ));
}

#[test]
fn limits_of_on_demand_capacity_are_lifted_by_what_aws_documents() {
    let limits = |read, write| {
        Some(OnDemandThroughput {
            max_read_request_units: read,
            max_write_request_units: write,
        })
    };
    let mut limited = table(&[("by-user", "user")]);
    limited.on_demand_throughput = limits(Some(100), Some(50));
    for index in limited.global_secondary_indexes.iter_mut().flatten() {
        index.on_demand_throughput = limits(Some(100), None);
    }
    let shown = shown(
        &limited,
        "ACTIVE",
        json!({ "OnDemandThroughput": limited.on_demand_throughput }),
    );
    let there = live(&limited, shown);
    let lifted = json!({ "MaxReadRequestUnits": -1, "MaxWriteRequestUnits": -1 });

    let mut asked = limited.clone();
    asked.on_demand_throughput = limits(None, Some(50));
    assert_eq!(
        step(&asked, &there, &["OnDemandThroughput"]),
        json!({ "OnDemandThroughput": { "MaxReadRequestUnits": -1, "MaxWriteRequestUnits": 50 } })
    );
    asked.on_demand_throughput = None;
    assert_eq!(
        step(&asked, &there, &["OnDemandThroughput"]),
        json!({ "OnDemandThroughput": lifted })
    );
    for index in asked.global_secondary_indexes.iter_mut().flatten() {
        index.on_demand_throughput = None;
    }
    let as_json = |table: &Table| json!(table.global_secondary_indexes);
    assert!(!Table::same(
        "GlobalSecondaryIndexes",
        &as_json(&there.properties),
        &as_json(&asked)
    ));
    assert_eq!(
        step(&asked, &there, &["GlobalSecondaryIndexes"]),
        json!({ "GlobalSecondaryIndexUpdates": [{ "Update": { "IndexName": "by-user", "OnDemandThroughput": lifted } }] })
    );
}

#[test]
fn replicas_elsewhere_are_named_before_it_is_deleted() {
    let mut reply = shown(&table(&[]), "ACTIVE", json!({}));
    let blocking = |reply: &Value| {
        let me = me(Some("orders"));
        let calls = Table::default().blockers(&me, "orders", &[]);
        assert_eq!(calls[0].params["TableName"], "orders");
        Table::default().blocking(&me, "orders", std::slice::from_ref(reply))
    };
    assert_eq!(blocking(&reply), []);
    reply["Table"]["Replicas"] = json!([{ "RegionName": "eu-west-1", "ReplicaStatus": "ACTIVE" }]);
    let blockers = blocking(&reply);
    assert_eq!(blockers[0].id, ARN.replace("us-east-1", "eu-west-1"));
    assert!(blockers[0].remove.is_empty() && blockers[0].what.starts_with("replica in eu-west-1"));
}

#[test]
fn only_another_stream_has_another_arn() {
    assert_eq!(table(&[]).unsettled(&["Tags", "BillingMode"]), [""; 0]);
    assert_eq!(
        table(&[]).unsettled(&["StreamSpecification"]),
        ["StreamArn"]
    );
}
