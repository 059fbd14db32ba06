//! Document databases.

use platform_graph::{Limits, Plan};

use super::tables::recorded;
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

#[test]
fn a_document_database_over_regions() {
    let parts = |products: Value| {
        let expansion = expand(json!({ "documents": { "products": products } }));
        let chosen = [
            "documents/products",
            "documents/products/global",
            "documents/products/master-password",
        ];
        let parts: BTreeMap<&str, Value> = chosen
            .into_iter()
            .filter_map(|address| {
                let part = expansion.graph.parts.get(address)?;
                Some((address, json!({ "part": part, "after": part.after })))
            })
            .collect();
        json!({ "parts": parts, "output": expansion.outputs["document_endpoints"] })
    };
    insta::assert_json_snapshot!(
        "documents_over_regions",
        json!({
            "first": parts(json!({ "zones": ["use1-az1"], "password": "own", "global": { "name": "shop-products" } })),
            "secondary": parts(json!({ "global": { "name": "shop-products", "primary_region": "eu-west-1" } })),
        })
    );
}

#[test]
fn what_is_said_about_wrong_global_databases() {
    let said = verdict(with(json!({ "region": "us-east-1", "documents": {
        "one": { "global": { "name": "Shop" }, "instance_class": "db.t4g.medium", "allow_major_upgrade": true },
        "two": {
            "global": { "name": "shop", "primary_region": "us-east-1" }, "restore": { "snapshot": "s" }, "master_username": "root",
            "password": "own",
            "readers": { "reports": { "zone": "use1-az1", "instance_class": "db.t3.medium" } },
        },
    } })));
    insta::assert_snapshot!("documents_global_wrong", said);
}

#[test]
fn what_no_call_answers_is_refused() {
    let alone = json!({});
    let own = json!({ "password": "own" });
    let first = json!({ "password": "own", "global": { "name": "shop" } });
    let secondary = json!({ "global": { "name": "shop", "primary_region": "eu-west-1" } });
    let other = json!({ "global": { "name": "store", "primary_region": "eu-west-1" } });
    for (before, after, expected) in [
        (&alone, &first, ""),
        (&own, &first, ""),
        (&first, &own, ""),
        (&first, &alone, "in the run that deletes the global cluster"),
        (&own, &alone, ""),
        (&secondary, &secondary, ""),
        (&alone, &secondary, "AWS takes none in that is there"),
        (&secondary, &other, "AWS takes none in that is there"),
        (&secondary, &alone, "Take it out by hand"),
        (&secondary, &first, "Take it out by hand"),
    ] {
        let fields = |products: &Value| json!({ "documents": { "products": products } });
        let mut records = recorded(expand(fields(before)));
        let cluster = records.get_mut("documents/products").unwrap();
        // AWS shows it of a secondary too.
        let master = ("MasterUsername".to_owned(), json!("docdbadmin"));
        cluster.properties.extend([master]);
        let graph = expand(fields(after)).graph;
        let plan = Plan::new(&platform_kinds::all(), &graph, &records, &Limits::default());
        let spec = CompositeDef::of::<DataTier>()
            .decode(with(fields(after)))
            .unwrap();
        let mut problems = Problems::new();
        spec.weigh(&plan, std::time::UNIX_EPOCH, &mut problems);
        let said = lines(&problems);
        let is_expected = match expected {
            "" => said.is_empty(),
            expected => said.contains(expected),
        };
        assert!(is_expected, "{before} to {after}: {said}");
    }
}
