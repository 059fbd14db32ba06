//! Document databases.

use super::*;

#[test]
fn a_document_database_in_full() {
    let expansion = expand(json!({ "documents": { "products": {} } }));
    insta::assert_json_snapshot!("documents", expansion);
}

#[test]
fn everything_that_a_document_database_can_have() {
    let expansion = expand(json!({
        "encryption": { "key_per_store": true },
        "alarms": { "topic_arn": "arn:aws:sns:us-east-1:123456789012:on-call" },
        "documents": { "products": {
            "version": "8.0.1", "zones": ["use1-az1"], "serverless": { "min": 1, "max": 16 },
            "readers": { "reports": { "zone": "use1-az4", "instance_class": "db.r6g.xlarge" } },
            "storage": "io_optimized", "master_username": "root", "tls": "fips-140-3", "audit": "dml_write",
            "profiler": { "enabled": false }, "log_retention_days": 7, "parameters": { "ttl_monitor": "disabled" },
            "performance_insights": true, "ca_certificate": "rds-ca-rsa2048-g1", "backup_retention_days": 35,
            "backup_window": "02:00-03:00", "maintenance_window": "sun:04:00-sun:05:00", "final_snapshot": false,
        } },
    }));
    insta::assert_snapshot!("documents_explained", explain(&expansion.graph));
}

#[test]
fn another_zone_of_the_network_is_another_instance() {
    let two = |zones: &[&str]| {
        let mut network = network();
        for attribute in ["subnet_ids", "subnet_cidrs"] {
            let all = network[attribute]["database"].clone();
            network[attribute]["database"] = zones
                .iter()
                .map(|zone| ((*zone).to_owned(), all[zone].clone()))
                .collect::<serde_json::Map<_, _>>()
                .into();
        }
        let expansion = expand(json!({ "network": network, "documents": { "products": {} } }));
        expansion
            .graph
            .parts
            .into_keys()
            .collect::<std::collections::BTreeSet<String>>()
    };
    let (before, after) = (
        two(&["use1-az1", "use1-az4"]),
        two(&["use1-az1", "use1-az2", "use1-az4"]),
    );
    assert_eq!(
        after.difference(&before).collect::<Vec<_>>(),
        ["documents/products/instance/use1-az2"]
    );
    assert!(before.is_subset(&after));
}

#[test]
fn a_document_database_is_restored_from_a_snapshot_or_from_another_one() {
    let cluster = |restore: serde_json::Value| {
        let expansion = expand(json!({ "documents": { "products": { "restore": restore } } }));
        expansion.graph.parts["documents/products"]
            .properties
            .clone()
    };
    let origin = [
        "SnapshotIdentifier",
        "SourceDBClusterIdentifier",
        "RestoreToTime",
        "RestoreType",
        "UseLatestRestorableTime",
        "MasterUsername",
    ];
    for (restore, expected) in [
        (
            json!(null),
            [
                json!(null),
                json!(null),
                json!(null),
                json!(null),
                json!(null),
                json!("docdbadmin"),
            ],
        ),
        (
            json!({ "snapshot": "s" }),
            [
                json!("s"),
                json!(null),
                json!(null),
                json!(null),
                json!(null),
                json!(null),
            ],
        ),
        (
            json!({ "source": "c" }),
            [
                json!(null),
                json!("c"),
                json!(null),
                json!(null),
                json!(true),
                json!(null),
            ],
        ),
        (
            json!({ "source": "c", "time": "2026-01-02T03:04:05Z" }),
            [
                json!(null),
                json!("c"),
                json!("2026-01-02T03:04:05Z"),
                json!(null),
                json!(null),
                json!(null),
            ],
        ),
        (
            json!({ "source": "c", "copy_on_write": true }),
            [
                json!(null),
                json!("c"),
                json!(null),
                json!("copy-on-write"),
                json!(true),
                json!(null),
            ],
        ),
    ] {
        let properties = cluster(restore);
        let made = origin.map(|name| properties.get(name).cloned().unwrap_or_default());
        assert_eq!(made, expected);
        assert_eq!(properties["ManageMasterUserPassword"], true);
    }
}

#[test]
fn one_database_may_be_protected_otherwise_than_its_tier() {
    for (tier, own, expected) in [
        (true, json!(null), true),
        (true, json!(false), false),
        (false, json!(true), true),
    ] {
        let expansion = expand(json!({
            "deletion_protection": tier, "documents": { "products": { "deletion_protection": own } },
        }));
        let cluster = &expansion.graph.parts["documents/products"];
        assert_eq!(cluster.properties["DeletionProtection"], expected);
    }
}

#[test]
fn no_configuration_has_a_place_for_a_password() {
    let said = verdict(with(
        json!({ "documents": { "products": { "master_password": "canary" } } }),
    ));
    assert!(said.contains("master_password"), "{said}");
    assert!(!said.contains("canary"), "{said}");
}

#[test]
fn what_is_said_about_wrong_document_databases() {
    let said = verdict(with(json!({ "documents": {
        "Products": {},
        "one": { "zones": [] },
        "two": { "zones": ["use1-az9"], "readers": { "Re": { "zone": "use1-az8" }, "use1-az1": { "zone": "use1-az1" } } },
        "three": { "instance_class": "db.r6g.large", "serverless": { "min": 4.2, "max": 2 } },
        "four": { "parameters": { "tls": "disabled" }, "log_retention_days": 31 },
        "five": { "restore": {} },
        "six": { "restore": { "snapshot": "s", "source": "c" } },
        "seven": { "restore": { "snapshot": "s", "time": "2026-01-02T03:04:05Z", "copy_on_write": true } },
        "eight": { "restore": { "source": "c", "time": "yesterday" } },
        "nine": { "restore": { "source": "c", "time": "2026-01-02T03:04:05Z", "copy_on_write": true } },
    } })));
    insta::assert_snapshot!("documents_wrong", said);
}
