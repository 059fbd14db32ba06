//! Tables.

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
