//! Relational databases.

use platform_graph::{Action, Graph, Limits, Plan};

use super::*;

const ALARMS: &str = "arn:aws:sns:us-east-1:123456789012:on-call";

#[test]
fn a_database_in_full() {
    let expansion = expand(json!({ "postgres": { "orders": { "version": "17" } } }));
    insta::assert_json_snapshot!("relational_instance", expansion);
}

#[test]
fn an_aurora_cluster_in_full() {
    let expansion = expand(json!({ "mysql": { "orders": {
        "version": "8.0", "topology": "aurora_serverless", "capacity": { "min": 0, "max": 16, "pause_after_seconds": 600 },
    } } }));
    insta::assert_json_snapshot!("relational_aurora", expansion);
}

#[test]
fn everything_that_databases_can_have() {
    let expansion = expand(json!({
        "encryption": { "key_per_store": true },
        "alarms": { "topic_arn": ALARMS },
        "postgres": {
            "one": { "version": "17.4", "password": "own", "readers": { "reports": { "instance_class": "db.r8g.large" } }, "parameters": { "max_connections": "200" },
                "storage": { "size_gib": 400, "max_size_gib": 0, "iops": 12000, "throughput_mibps": 500 }, "insights": { "mode": "off", "monitoring_interval_seconds": 0 } },
            "two": { "version": "17", "topology": "multi_az_cluster", "storage": { "type": "io2", "iops": 12000 } },
            "three": { "version": "16.6", "topology": "aurora", "readers": { "a": {}, "b": { "promotion_tier": 15 } }, "storage": { "io_optimized": true } },
            "copy": { "version": "17", "restore": { "source": "shop-one", "time": "2026-01-02T03:04:05Z" } },
        },
        "mysql": { "four": { "version": "8.4", "topology": "single_instance", "restore": { "snapshot": "old" }, "final_snapshot": false, "logs": { "types": ["audit"] } },
            "five": { "version": "8.0", "topology": "aurora", "readers": {} } },
    }));
    insta::assert_snapshot!("relational_explained", explain(&expansion.graph));
}

#[test]
fn a_password_of_our_own_is_in_a_secret_and_nowhere_else() {
    let expansion = expand(json!({ "mysql": { "orders": {
        "version": "8.4", "password": "own", "readers": { "reports": {} }, "proxy": {},
    } } }));
    let secret = "${part:mysql/orders/master-password}";
    assert_eq!(
        expansion.outputs["mysql_endpoints"]["orders"]["secret_arn"],
        secret
    );
    let properties = |part: &str| &expansion.graph.parts[part].properties;
    let instance = properties("mysql/orders");
    assert_eq!(instance["MasterUserPasswordSecret"], secret);
    assert_eq!(instance["ManageMasterUserPassword"], false);
    assert_eq!(instance.get("MasterUserSecret"), None);
    let replica = properties("mysql/orders/reader/reports");
    assert_eq!(replica.get("MasterUserPasswordSecret"), None);
    assert_eq!(
        properties("mysql/orders/proxy")["Auth"][0]["SecretArn"],
        secret
    );
    let role = properties("mysql/orders/proxy/role")["Policies"].to_string();
    assert!(role.contains(secret), "{role}");
    insta::assert_json_snapshot!(
        "relational_password",
        properties("mysql/orders/master-password")
    );
    assert_eq!(
        instance["MasterUserPasswordVersion"],
        "${part:mysql/orders/master-password#VersionId}"
    );
    assert_eq!(replica.get("MasterUserPasswordVersion"), None);
}

#[test]
fn another_number_of_the_password_writes_the_secret_and_the_database() {
    for (sort, fields) in [
        ("mysql", json!({ "version": "8.4", "password": "own" })),
        (
            "postgres",
            json!({ "version": "17", "password": "own", "readers": { "reports": {} } }),
        ),
        (
            "postgres",
            json!({ "version": "17", "topology": "aurora", "password": "own" }),
        ),
        ("documents", json!({ "password": "own" })),
    ] {
        let tier = |version: u32| {
            let mut store = fields.clone();
            store["password_version"] = json!(version);
            expand(json!({ sort: { "orders": store } })).graph
        };
        let changes = |before: Graph, after: Graph| {
            let expansion = |graph| Expansion {
                graph,
                ..expand(json!({}))
            };
            let mut records = super::tables::recorded(expansion(before));
            let secret = format!("{sort}/orders/master-password");
            let record = records.get_mut(&secret).unwrap();
            record.attributes = Some(
                [("VersionId".to_owned(), json!(secret))]
                    .into_iter()
                    .collect(),
            );
            let kinds = platform_kinds::all();
            let plan = Plan::new(&kinds, &after, &records, &Limits::default());
            let updates = plan.steps.into_iter().filter_map(|(address, step)| {
                let Action::Update { changed } = step.action else {
                    return None;
                };
                Some(format!("{address}: {}", changed.join(", ")))
            });
            updates.collect::<Vec<_>>()
        };
        let first = || tier(1);
        assert_eq!(
            changes(first(), tier(2)),
            [
                format!("{sort}/orders: MasterUserPasswordVersion"),
                format!("{sort}/orders/master-password: Value"),
            ]
        );
        assert_eq!(changes(first(), first()), [""; 0]);
        let said = verdict(with(json!({ sort: { "orders": {
            "version": if sort == "documents" { "5.0" } else { "8.4" }, "password_version": 2,
        } } })));
        assert!(
            said.contains(&format!(
                "error at {sort}.orders.password_version: AWS makes the password"
            )),
            "{said}"
        );
    }
}

#[test]
fn a_cluster_may_have_a_password_of_our_own() {
    for topology in ["aurora", "aurora_serverless", "multi_az_cluster"] {
        let expansion = expand(
            json!({ "postgres": { "orders": { "version": "17", "topology": topology, "password": "own" } } }),
        );
        let secret = "${part:postgres/orders/master-password}";
        let properties = |part: &str| &expansion.graph.parts[part].properties;
        let cluster = properties("postgres/orders");
        assert_eq!(cluster["MasterUserPasswordSecret"], secret);
        assert_eq!(cluster["ManageMasterUserPassword"], false);
        assert_eq!(cluster.get("MasterUserSecret"), None);
        let kept =
            properties("postgres/orders/master-password")["GenerateSecretString"].to_string();
        assert!(kept.contains("dbClusterIdentifier"), "{kept}");
        assert_eq!(
            expansion.outputs["postgres_endpoints"]["orders"]["secret_arn"],
            secret
        );
    }
}

#[test]
fn a_cluster_is_not_restored_with_a_password_of_our_own() {
    let said = |store: Value, creates: bool| {
        let spec = CompositeDef::of::<DataTier>()
            .decode(with(json!({ "postgres": { "orders": store } })))
            .unwrap();
        let setting = setting();
        let mut problems = Problems::new();
        let expansion = spec
            .expand(&setting, &Ledger::default(), &mut problems)
            .unwrap();
        spec.preflight(&setting, &expansion, &|_| creates, &mut problems);
        lines(&problems)
    };
    let restored = |password: &str| json!({ "version": "17", "topology": "aurora", "password": password, "restore": { "snapshot": "s" } });
    let refused = said(restored("own"), true);
    assert!(refused.contains("keeps the password it had"), "{refused}");
    assert_eq!(said(restored("own"), false), "");
    assert_eq!(said(restored("managed"), true), "");
}

#[test]
fn a_reader_more_touches_no_other_part() {
    let with = |readers: Value| {
        expand(
            json!({ "postgres": { "orders": { "version": "16", "topology": "aurora", "readers": readers } } }),
        )
    };
    let (one, two) = (with(json!({ "b": {} })), with(json!({ "a": {}, "b": {} })));
    for (address, part) in &one.graph.parts {
        assert_eq!(two.graph.parts.get(address), Some(part), "{address}");
    }
    assert_eq!(two.graph.parts.len(), one.graph.parts.len() + 1);
}

#[test]
fn another_major_version_has_a_parameter_group_of_its_own() {
    let of = |version: &str| {
        let expansion = expand(json!({ "postgres": { "orders": { "version": version } } }));
        let parts = expansion.graph.parts.into_keys();
        let groups: Vec<String> = parts
            .filter(|address| address.contains("/parameters/"))
            .collect();
        groups.concat()
    };
    assert_eq!(of("16.3"), "postgres/orders/parameters/16");
    assert_eq!(of("16"), "postgres/orders/parameters/16");
    assert_eq!(of("17"), "postgres/orders/parameters/17");
}

#[test]
fn what_a_copy_took_the_place_of_keeps_its_parameter_group() {
    let groups = |more: Value, live: &[(&str, &str)]| -> Vec<String> {
        let mut store = json!({ "version": "8.4", "password": "own", "options": { "MARIADB_AUDIT_PLUGIN": {} } });
        let fields = more.as_object().unwrap().clone();
        store.as_object_mut().unwrap().extend(fields);
        let instances: Vec<Value> = live
            .iter()
            .map(|(name, version)| json!({ "DBInstanceIdentifier": name, "Engine": "mysql", "EngineVersion": version }))
            .collect();
        let mut setting = setting();
        let answer = json!({ "DBInstances": instances });
        setting.answers.insert("live/instances".to_owned(), answer);
        let spec = CompositeDef::of::<DataTier>()
            .decode(with(json!({ "mysql": { "orders": store } })))
            .unwrap();
        let mut problems = Problems::new();
        let expansion = spec.expand(&setting, &Ledger::default(), &mut problems);
        let expansion = expansion.unwrap();
        assert_eq!(faults(&expansion), Vec::<String>::new());
        let parts = expansion.graph.parts.into_keys();
        parts
            .filter_map(|address| {
                let group = address.strip_prefix("mysql/orders/")?;
                (group.starts_with("parameters/") || group.starts_with("options/"))
                    .then(|| group.to_owned())
            })
            .collect()
    };
    let (main, old) = ("shop-orders", "shop-orders-old1");
    let one = ["options/8.4", "parameters/8.4"];
    let both = [
        "options/8.0",
        "options/8.4",
        "parameters/8.0",
        "parameters/8.4",
    ];
    let blue_green = json!({ "upgrade": "blue_green" });
    let without = json!({ "upgrade": "blue_green", "keep_previous": false });
    for (more, live, expected) in [
        (blue_green.clone(), vec![], &one[..]),
        (blue_green.clone(), vec![(main, "8.0.43")], &both),
        (
            blue_green.clone(),
            vec![(main, "8.4.6"), (old, "8.0.43")],
            &both,
        ),
        (
            blue_green,
            vec![(main, "8.4.6"), ("shop-users-old1", "8.0.43")],
            &one,
        ),
        (without, vec![(main, "8.0.43"), (old, "8.0.43")], &one),
        // In place nothing is left.
        (json!({}), vec![(main, "8.0.43")], &one),
        (json!({}), vec![(main, "8.4.6"), (old, "8.0.43")], &both),
    ] {
        assert_eq!(groups(more, &live), expected, "{live:?}");
    }
}

#[test]
fn what_a_copy_of_a_cluster_took_the_place_of_keeps_its_parameter_group() {
    let parts = |more: Value, live: &[(&str, &str)]| {
        let mut store = json!({ "version": "17", "topology": "aurora", "password": "own" });
        let fields = more.as_object().unwrap().clone();
        store.as_object_mut().unwrap().extend(fields);
        let clusters: Vec<Value> = live
            .iter()
            .map(|(name, version)| json!({ "DBClusterIdentifier": name, "Engine": "aurora-postgresql", "EngineVersion": version }))
            .collect();
        let mut setting = setting();
        let answer = json!({ "DBClusters": clusters });
        setting.answers.insert("live/clusters".to_owned(), answer);
        let spec = CompositeDef::of::<DataTier>()
            .decode(with(json!({ "postgres": { "orders": store } })))
            .unwrap();
        let mut problems = Problems::new();
        let expansion = spec.expand(&setting, &Ledger::default(), &mut problems);
        let expansion = expansion.unwrap();
        assert_eq!(faults(&expansion), Vec::<String>::new());
        expansion.graph.parts
    };
    let (main, old) = ("shop-orders", "shop-orders-old1");
    let former = "postgres/orders/parameters/16";
    let blue_green = json!({ "upgrade": "blue_green" });
    for (more, live, stays) in [
        (blue_green.clone(), vec![(main, "16.6")], true),
        (
            blue_green.clone(),
            vec![(main, "17.5"), (old, "16.6")],
            true,
        ),
        (blue_green, vec![(main, "17.5")], false),
        (
            json!({ "upgrade": "blue_green", "keep_previous": false }),
            vec![(main, "16.6"), (old, "15.13")],
            false,
        ),
        (json!({}), vec![(main, "16.6")], false),
    ] {
        let parts = parts(more, &live);
        assert_eq!(parts.contains_key(former), stays, "{live:?}");
        let strategy = |part: &str| parts[part].properties.get("UpgradeStrategy").is_some();
        // Those of its instances that are being renamed are waited for.
        assert!(strategy("postgres/orders") && strategy("postgres/orders/instance"));
    }
}

#[test]
fn a_copy_of_aurora_is_kept_in_step_by_what_is_written() {
    let said = |sort: &str, version: &str, live: (&str, &str), parameters: Value| {
        let store = json!({ "version": version, "topology": "aurora", "password": "own", "upgrade": "blue_green", "parameters": parameters });
        let spec = CompositeDef::of::<DataTier>()
            .decode(with(json!({ sort: { "orders": store } })))
            .unwrap();
        let mut setting = setting();
        let (engine, runs) = live;
        let cluster = json!({ "DBClusterIdentifier": "shop-orders", "Engine": engine, "EngineVersion": runs });
        setting.answers.insert(
            "live/clusters".to_owned(),
            json!({ "DBClusters": [cluster] }),
        );
        let mut problems = Problems::new();
        let expansion = spec
            .expand(&setting, &Ledger::default(), &mut problems)
            .unwrap();
        spec.preflight(&setting, &expansion, &|_| false, &mut problems);
        lines(&problems)
    };
    let postgres = ("aurora-postgresql", "17.4");
    let mysql = ("aurora-mysql", "8.0.mysql_aurora.3.08.2");
    let newer = "8.0.mysql_aurora.3.10.0";
    insta::assert_snapshot!(
        [
            said("postgres", "17.5", postgres, json!({})),
            said("mysql", newer, mysql, json!({ "binlog_format": "OFF" })),
        ]
        .concat()
    );
    for (sort, version, live, parameters) in [
        ("postgres", "17", postgres, json!({})),
        (
            "postgres",
            "17.5",
            postgres,
            json!({ "rds.logical_replication": "1" }),
        ),
        ("mysql", newer, mysql, json!({ "binlog_format": "ROW" })),
    ] {
        assert_eq!(said(sort, version, live, parameters), "", "{version}");
    }
}

#[test]
fn what_is_said_about_wrong_databases() {
    let mut said = String::new();
    for (name, configuration) in [
        (
            "two of a name",
            with(
                json!({ "postgres": { "orders": { "version": "17" } }, "mysql": { "orders": { "version": "8.4" } } }),
            ),
        ),
        (
            "versions",
            with(json!({ "postgres": { "orders": {} , "users": { "version": "latest" } } })),
        ),
        (
            "no network",
            json!({ "name": "shop", "postgres": { "orders": { "version": "17" } } }),
        ),
        (
            "members and capacities that do not fit",
            with(json!({ "postgres": {
                "a": { "version": "17", "topology": "aurora_serverless", "instance_class": "db.r8g.large", "capacity": { "min": 4, "max": 2.3, "pause_after_seconds": 300 } },
                "b": { "version": "17", "topology": "multi_az_cluster", "readers": {}, "insights": { "mode": "off" }, "storage": { "max_size_gib": 500 } },
                "c": { "version": "17", "capacity": {}, "readers": { "Big": {} } },
            } })),
        ),
        (
            "storage that does not fit",
            with(json!({ "postgres": {
                "a": { "version": "17", "topology": "aurora", "storage": { "size_gib": 100, "iops": 3000 } },
                "b": { "version": "17", "storage": { "type": "io2", "throughput_mibps": 200, "io_optimized": true } },
                "c": { "version": "17", "storage": { "size_gib": 100, "max_size_gib": 105 } },
                "d": { "version": "17", "storage": { "size_gib": 399, "iops": 12000, "throughput_mibps": 500 } },
                "e": { "version": "17", "storage": { "type": "io1", "size_gib": 99, "iops": 1000 } },
                "f": { "version": "17", "storage": { "size_gib": 400, "iops": 3000, "throughput_mibps": 125 } },
                "g": { "version": "17", "topology": "multi_az_cluster", "storage": { "size_gib": 500, "iops": 3000 } },
                "h": { "version": "17", "topology": "multi_az_cluster", "storage": { "size_gib": 100, "iops": 2000 } },
            } })),
        ),
        (
            "names that the engine keeps for itself",
            with(json!({
                "postgres": {
                    "a": { "version": "17", "database": "Template1" },
                    "user": { "version": "17" },
                    "b": { "version": "17", "topology": "aurora", "database": "catalog" },
                    "c": { "version": "17", "master_username": "pg_admin" },
                    "d": { "version": "17", "master_username": "Grant", "database": "rdsadmin" },
                    "order": { "version": "17", "restore": { "snapshot": "s" } },
                    "postgres": { "version": "17" },
                },
                "mysql": { "e": { "version": "8.4", "database": "MySQL" }, "sys": { "version": "8.4", "master_username": "rdsadmin" }, "group": { "version": "8.4" } },
            })),
        ),
        (
            "blue/green deployments that RDS does not make",
            with(json!({
                "postgres": {
                    "a": { "version": "17", "upgrade": "blue_green" },
                    "b": { "version": "17", "upgrade": "blue_green", "topology": "multi_az_cluster" },
                    "c": { "version": "17", "upgrade": "blue_green", "topology": "aurora" },
                    "d": { "version": "17", "upgrade": "blue_green", "readers": { "reports": {} } },
                    "e": { "version": "17", "upgrade": "by_hand" },
                    "g": { "version": "17", "upgrade": "blue_green", "topology": "aurora", "password": "own", "reader_scaling": { "max": 5 } },
                },
                "mysql": { "h": { "version": "8.0", "upgrade": "blue_green", "topology": "aurora_serverless", "password": "own", "readers": { "reports": {} } }, "f": { "version": "8.4", "upgrade": "blue_green", "password": "own", "parameters": { "event_scheduler": "ON" } } },
            })),
        ),
        (
            "what is logged, measured and restored",
            with(json!({ "mysql": {
                "a": { "version": "8.4", "parameters": { "require_secure_transport": "0" }, "logs": { "types": ["postgresql"], "retention_days": 8 }, "insights": { "monitoring_interval_seconds": 20 } },
                "b": { "version": "8.4", "restore": { "snapshot": "s", "source": "t" } },
                "c": { "version": "8.4", "restore": { "snapshot": "s", "time": "2026-01-02T03:04:05Z" } },
            } })),
        ),
    ] {
        said.push_str(&format!("## {name}\n{}\n", verdict(configuration)));
    }
    insta::assert_snapshot!(said);
}

#[test]
fn a_multi_az_cluster_is_told_what_comes_with_its_storage() {
    for (storage, expected) in [
        (json!({}), 3000),
        (json!({ "size_gib": 399 }), 3000),
        (json!({ "size_gib": 400 }), 12_000),
        (json!({ "size_gib": 400, "iops": 16_000 }), 16_000),
        (
            json!({ "size_gib": 400, "type": "io2", "iops": 5000 }),
            5000,
        ),
    ] {
        let store = json!({ "version": "17", "topology": "multi_az_cluster", "storage": storage });
        let expansion = expand(json!({ "postgres": { "orders": store } }));
        let cluster = &expansion.graph.parts["postgres/orders"];
        assert_eq!(cluster.properties["Iops"], expected, "{storage}");
    }
}

#[test]
fn a_database_may_be_protected_otherwise_than_its_tier() {
    let protected = |tier: bool, own: Value| {
        let store = |topology: &str| json!({ "version": "17", "topology": topology, "deletion_protection": own });
        let expansion = expand(json!({
            "deletion_protection": tier,
            "postgres": { "one": store("multi_az"), "two": store("aurora"), "three": store("multi_az_cluster") },
        }));
        let of = |store: &str| {
            let part = &expansion.graph.parts[&format!("postgres/{store}")];
            part.properties["DeletionProtection"] == true
        };
        assert_eq!(of("one"), of("two"));
        assert_eq!(of("one"), of("three"));
        of("one")
    };
    assert!(protected(true, Value::Null));
    assert!(!protected(false, Value::Null));
    assert!(!protected(true, json!(false)));
    assert!(protected(false, json!(true)));
}

#[test]
fn a_password_is_not_handed_over_while_there_are_replicas() {
    let said = |store: Value, live: Value| {
        let spec = CompositeDef::of::<DataTier>()
            .decode(with(json!({ "postgres": { "orders": store } })))
            .unwrap();
        let mut setting = setting();
        let mut instance = live;
        instance["DBInstanceIdentifier"] = json!("shop-orders");
        instance["Engine"] = json!("postgres");
        setting.answers.insert(
            "live/instances".to_owned(),
            json!({ "DBInstances": [instance] }),
        );
        let mut problems = Problems::new();
        let expansion = spec
            .expand(&setting, &Ledger::default(), &mut problems)
            .unwrap();
        spec.preflight(&setting, &expansion, &|_| false, &mut problems);
        lines(&problems)
    };
    let managed = || json!({ "version": "17" });
    let replicas = json!(["shop-orders-reports"]);
    insta::assert_snapshot!(said(
        managed(),
        json!({ "ReadReplicaDBInstanceIdentifiers": replicas })
    ));
    for (store, live) in [
        (managed(), json!({ "ReadReplicaDBInstanceIdentifiers": [] })),
        (managed(), json!({})),
        (
            managed(),
            json!({ "ReadReplicaDBInstanceIdentifiers": replicas, "MasterUserSecret": { "SecretArn": "arn" } }),
        ),
        (
            json!({ "version": "17", "password": "own" }),
            json!({ "ReadReplicaDBInstanceIdentifiers": replicas }),
        ),
    ] {
        assert_eq!(said(store, live.clone()), "", "{live}");
    }
}
