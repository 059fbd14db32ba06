//! Tables.

use platform_graph::{Limits, Plan, Recorded, Records, reference};

use super::*;

#[test]
fn a_table_in_full() {
    let expansion = expand(json!({ "tables": { "carts": { "partition_key": { "name": "id" } } } }));
    insta::assert_json_snapshot!("table", expansion);
}

#[test]
fn everything_that_a_table_can_have() {
    let expansion = expand(json!({
        "encryption": { "key_per_store": true },
        "alarms": { "topic_arn": "arn:aws:sns:us-east-1:123456789012:on-call" },
        "tables": { "orders": {
            "partition_key": { "name": "customer" }, "sort_key": { "name": "placed", "type": "number" },
            "global_indexes": { "by-state": { "partition_key": { "name": "state" }, "attributes": ["total"], "capacity": { "read": { "min": 1, "max": 2 } } } },
            "local_indexes": { "by-total": { "sort_key": { "name": "total", "type": "number" }, "attributes": [] } },
            "capacity": { "mode": "provisioned", "read": { "min": 5, "max": 100 }, "write": { "min": 2, "max": 2, "target_percent": 50 } },
            "class": "infrequent_access", "ttl_attribute": "expires", "stream": "new_and_old_images",
            "point_in_time_recovery": { "days": 7 }, "contributor_insights": true, "deletion_protection": false,
            "resource_policy": "{\"Version\":\"2012-10-17\",\"Statement\":[]}",
        } },
    }));
    insta::assert_snapshot!("table_explained", explain(&expansion.graph));
}

#[test]
fn tables_do_not_touch_one_another() {
    let table = json!({ "partition_key": { "name": "id" } });
    let one = expand(json!({ "tables": { "carts": table } }));
    let two = expand(json!({ "tables": { "carts": table, "sessions": table } }));
    for (address, part) in &one.graph.parts {
        assert_eq!(two.graph.parts.get(address), Some(part), "{address}");
    }
}

/// A tier whose keys are also in these regions.
fn with_keys_in(regions: &[&str], tables: Value) -> Value {
    json!({ "encryption": { "multi_region": true, "replica_regions": regions }, "tables": tables })
}

#[test]
fn a_table_over_regions() {
    let mut fields = with_keys_in(
        &["eu-west-1", "us-west-2"],
        json!({ "orders": {
            "partition_key": { "name": "id" },
            "stream": "new_and_old_images",
            "capacity": { "mode": "provisioned", "read": { "min": 5, "max": 100 }, "write": { "min": 2, "max": 20 } },
            "global_indexes": { "by-day": { "partition_key": { "name": "day" } } },
            "replicas": { "us-west-2": {}, "eu-west-1": {
                "class": "infrequent_access", "point_in_time_recovery": { "days": 7 }, "contributor_insights": true,
                "deletion_protection": false, "resource_policy": "{\"Statement\":[]}", "tags": { "team": "eu" },
            } },
        } }),
    );
    fields["alarms"] = json!({ "topic_arn": "arn:aws:sns:us-east-1:123456789012:on-call" });
    let expansion = expand(fields);
    let replicas: serde_json::Map<String, Value> = expansion
        .graph
        .parts
        .iter()
        .filter(|(address, _)| address.contains("replica"))
        .filter(|(address, _)| address.starts_with("table/"))
        .map(|(address, part)| {
            (
                address.clone(),
                json!({ "part": part, "after": part.after }),
            )
        })
        .collect();
    insta::assert_json_snapshot!(
        "table_over_regions",
        json!({
            "parts": replicas, "output": expansion.outputs["table_endpoints"],
        })
    );
}

#[test]
fn a_replica_touches_nothing_else_and_has_the_key_of_its_table() {
    let table = |replicas: Value| json!({ "orders": { "partition_key": { "name": "id" }, "stream": "new_and_old_images", "replicas": replicas } });
    let regions = ["eu-west-1", "us-west-2"];
    let none = expand(with_keys_in(&regions, table(json!({}))));
    let two = expand(with_keys_in(
        &regions,
        table(json!({ "eu-west-1": {}, "us-west-2": {} })),
    ));
    for (address, part) in &none.graph.parts {
        assert_eq!(two.graph.parts.get(address), Some(part), "{address}");
    }
    let mut fields = with_keys_in(&regions, table(json!({ "us-west-2": {} })));
    fields["encryption"]["key_per_store"] = json!(true);
    let own = expand(fields);
    let key = |expansion: &Expansion| {
        expansion.graph.parts["table/orders/replica/us-west-2"].properties["KMSMasterKeyId"].clone()
    };
    assert_eq!(key(&two), "${part:key/replica/us-west-2#Arn}");
    assert_eq!(key(&own), "${part:table/orders/key/replica/us-west-2#Arn}");
}

#[test]
fn what_is_said_about_wrong_replicas() {
    let mut fields = with_keys_in(
        &["eu-west-1"],
        json!({
            "carts": { "partition_key": { "name": "id" }, "replicas": { "eu-west-1": {} } },
            "orders": {
                "partition_key": { "name": "id" }, "stream": "new_image",
                "replicas": { "us-east-1": {}, "us-west-2": {} },
            },
            "sessions": {
                "partition_key": { "name": "id" }, "stream": "new_and_old_images",
                "capacity": { "mode": "provisioned", "read": { "min": 5, "max": 100 }, "write": { "min": 2, "max": 20 } },
                "replicas": { "eu-west-1": { "max_read_units": 5, "resource_policy": "[]" } },
            },
        }),
    );
    fields["region"] = json!("us-east-1");
    insta::assert_snapshot!("replicas_checked", verdict(with(fields)));
}

#[test]
fn a_replica_where_the_table_is_itself_is_said_to_be_there_whatever_the_key_has() {
    let table = json!({ "orders": { "partition_key": { "name": "id" }, "stream": "new_and_old_images", "replicas": { "us-east-1": {} } } });
    let itself = "us-east-1 is where the table is itself";
    // The region is that of the provider block, or the tier says it.
    let said = told(with_keys_in(&["eu-west-1"], table.clone()));
    assert!(
        said.contains(itself) && !said.contains("has no replica"),
        "{said}"
    );
    let mut fields = with_keys_in(&["eu-west-1"], table);
    fields["region"] = json!("us-east-1");
    let said = verdict(with(fields));
    assert!(
        said.contains(itself) && !said.contains("has no replica"),
        "{said}"
    );
}

#[test]
fn a_key_that_is_missing_there_is_told_wherever_the_region_comes_from() {
    let table = json!({ "orders": { "partition_key": { "name": "id" }, "stream": "new_and_old_images", "replicas": { "us-west-2": {} } } });
    let missing = "the key that encrypts the table has no replica in us-west-2";
    let said = told(with_keys_in(&["eu-west-1"], table.clone()));
    assert!(said.contains(missing), "{said}");
    let mut fields = with_keys_in(&["eu-west-1"], table);
    fields["region"] = json!("us-east-1");
    assert!(verdict(with(fields)).contains(missing));
}

/// What is said about a configuration until it is parts, in the region of the provider block.
fn told(fields: Value) -> String {
    let spec = CompositeDef::of::<DataTier>().decode(with(fields)).unwrap();
    let mut problems = Problems::new();
    spec.check(&mut problems);
    spec.expand(&setting(), &Ledger::default(), &mut problems);
    lines(&problems)
}

/// What a plan says when the tables of a tier go from one configuration to another.
fn weighed(before: Value, after: Value) -> String {
    let records = recorded(expand(before));
    let graph = expand(after.clone()).graph;
    let plan = Plan::new(&platform_kinds::all(), &graph, &records, &Limits::default());
    let spec = CompositeDef::of::<DataTier>().decode(with(after)).unwrap();
    let mut problems = Problems::new();
    spec.weigh(&plan, std::time::UNIX_EPOCH, &mut problems);
    lines(&problems)
}

#[test]
fn the_limit_of_a_replica_is_changed_and_not_lifted() {
    let orders = |capacity: Value, replica: Value| {
        let table = json!({ "partition_key": { "name": "id" }, "stream": "new_and_old_images", "capacity": capacity,
            "replicas": { "eu-west-1": replica } });
        with_keys_in(&["eu-west-1"], json!({ "orders": table }))
    };
    let limited = || json!({ "max_read_units": 100 });
    let none = || json!({});
    let range = json!({ "min": 5, "max": 9 });
    let provisioned = json!({ "mode": "provisioned", "read": range, "write": range });
    for (before, after, refused) in [
        (orders(none(), limited()), orders(none(), none()), true),
        (
            orders(limited(), limited()),
            orders(limited(), none()),
            true,
        ),
        (
            orders(none(), limited()),
            orders(none(), json!({ "max_read_units": 500 })),
            false,
        ),
        // Those of tables go.
        (orders(limited(), none()), orders(none(), none()), false),
        (
            orders(none(), limited()),
            orders(provisioned, none()),
            false,
        ),
        (orders(none(), none()), orders(none(), limited()), false),
    ] {
        let said = weighed(before, after);
        assert_eq!(
            said.contains("does not take the limit of reading off the replica in eu-west-1"),
            refused,
            "{said}"
        );
    }
}

/// An expansion as it is recorded once all of it is there.
pub(super) fn recorded(expansion: Expansion) -> Records {
    let parts = expansion.graph.parts.into_iter();
    parts
        .map(|(address, part)| {
            let lookup = |address: &str, _: Option<&str>| Some(json!(address));
            let refs = part.refs();
            let settled = |(name, value)| (name, reference::resolve(&value, &lookup));
            let record = Recorded {
                kind: part.kind.to_owned(),
                id: Some(address.clone()),
                refs,
                properties: part.properties.into_iter().map(settled).collect(),
                attributes: Some(serde_json::Map::from_iter([(
                    "Arn".to_owned(),
                    json!(address),
                )])),
            };
            (address, record)
        })
        .collect()
}

#[test]
fn a_stream_does_not_end_in_the_run_in_which_its_replicas_go() {
    let orders = |stream: Value, replicas: Value| {
        let table =
            json!({ "partition_key": { "name": "id" }, "stream": stream, "replicas": replicas });
        with_keys_in(&["eu-west-1"], json!({ "orders": table }))
    };
    let both = json!("new_and_old_images");
    for (before, stream, after, expected) in [
        (json!({ "eu-west-1": {} }), json!(null), json!({}), true),
        (json!({ "eu-west-1": {} }), both.clone(), json!({}), false),
        (json!({}), json!(null), json!({}), false),
    ] {
        let said = weighed(orders(both.clone(), before), orders(stream, after));
        assert_eq!(
            said.contains("the replica in eu-west-1"),
            expected,
            "{said}"
        );
    }
}

#[test]
fn what_is_said_about_wrong_tables() {
    let said = verdict(with(json!({ "tables": {
        "Carts": { "partition_key": { "name": "id" }, "sort_key": { "name": "id" } },
        "orders": {
            "partition_key": { "name": "id" },
            "global_indexes": { "x": { "partition_key": { "name": "id", "type": "number" }, "capacity": { "read": { "min": 1, "max": 2 } } }, "twice": { "partition_key": { "name": "day" } } },
            "local_indexes": { "twice": { "sort_key": { "name": "day" } } },
            "capacity": { "read": { "min": 5, "max": 1 } },
            "resource_policy": "[]",
            "import_from_s3": { "bucket": "seeds" },
        },
        "sessions": {
            "partition_key": { "name": "id" },
            "global_indexes": { "by-user": { "partition_key": { "name": "user" }, "capacity": { "max_read_units": 5 } } },
            "capacity": { "mode": "provisioned", "write": { "min": 1, "max": 2 }, "max_read_units": 5 },
        },
    } })));
    insta::assert_snapshot!("tables_checked", said);
}
