//! Wrong configurations and what is said about each.

use super::*;

#[test]
fn what_is_said_about_wrong_configurations() {
    let broken = |condition: Value| {
        let mut network = network();
        for (name, value) in condition.as_object().unwrap() {
            network[name] = value.clone();
        }
        with(json!({ "network": network }))
    };
    let mut said = String::new();
    for (name, configuration) in [
        (
            "a network that is not ready",
            broken(
                json!({ "ready": false, "failures": { "nat/use1-az1": "could not create nat/use1-az1 (AWS::EC2::NatGateway): quota", "route/private/use1-az1/internet": "waits for nat/use1-az1, which is missing" } }),
            ),
        ),
        (
            "no network",
            json!({ "name": "shop", "file_systems": { "media": {} } }),
        ),
        (
            "tiers and groups that the network does not have",
            with(
                json!({ "tier": "data", "access_from": { "security_groups": ["web"], "tiers": ["public"] }, "file_systems": { "media": {}, "logs": { "tier": "cache" } } }),
            ),
        ),
        (
            "blocks and ids of the wrong form",
            with(
                json!({ "access_from": { "cidrs": ["10.0.0.1/8", "0.0.0.0/0", "x"], "other_security_groups": { "Batch": "batch" } } }),
            ),
        ),
        (
            "names",
            with(
                json!({ "name": "Shop", "file_systems": { "Media": {}, "a-name-that-is-too-long": {} } }),
            ),
        ),
        (
            "a name with two hyphens, and tags that are not to be given",
            with(
                json!({ "name": "shop--eu", "tags": { "aws:team": "shop", "platform:owner": "me", "long": "x".repeat(257) } }),
            ),
        ),
        (
            "windows of databases",
            with(json!({
                "postgres": {
                    "a": { "version": "17", "backup": { "window": "03:30-04:00" }, "maintenance_window": "sun:03:00-sun:04:00" },
                    "b": { "version": "17", "backup": { "window": "23:45-00:15" }, "maintenance_window": "mon:00:00-mon:00:30" },
                    "c": { "version": "17", "backup": { "window": "03:00-03:10" }, "maintenance_window": "sun:23:50-mon:00:10" },
                    "d": { "version": "17", "backup": { "window": "02:00-03:00" }, "maintenance_window": "sun:03:00-sun:04:00" },
                    "e": { "version": "17", "master_username": "admin" },
                },
                "documents": { "f": { "backup_window": "23:00-00:00", "maintenance_window": "sat:23:59-sun:01:00" } },
            })),
        ),
        (
            "alarms without a topic",
            with(json!({ "alarms": { "topic_arn": "on-call" } })),
        ),
        (
            "file systems",
            with(json!({ "file_systems": { "media": {
                "throughput": { "mibps": 10 }, "lifecycle": { "infrequent_access_days": 45, "archive_days": 14 },
                "access_points": { "up": { "uid": 1, "gid": 1, "path": "uploads" } },
            }, "logs": { "throughput": { "mode": "provisioned" } } } })),
        ),
    ] {
        said.push_str(&format!("## {name}\n{}\n", verdict(configuration)));
    }
    insta::assert_snapshot!(said);
}

#[test]
fn no_two_parts_have_one_name() {
    for (stores, said) in [
        (
            json!({ "postgres": {
                "orders": { "version": "17", "password": "own", "readers": { "reports": {} } },
                "orders-reports": { "version": "17" },
            } }),
            "postgres/orders-reports and postgres/orders/reader/reports would both be called \"shop-orders-reports\" in AWS",
        ),
        (
            json!({ "documents": { "a": {} }, "mysql": { "a-docdb": { "version": "8.4", "topology": "aurora" } } }),
            "documents/a and mysql/a-docdb would both be called \"shop-a-docdb\" in AWS",
        ),
        (
            json!({ "buckets": { "a": { "bucket_name": "shop-media" }, "b": { "bucket_name": "shop-media" } } }),
            "bucket/a and bucket/b would both be called \"shop-media\" in AWS",
        ),
    ] {
        let spec: Box<dyn Expand> = CompositeDef::of::<DataTier>().decode(with(stores)).unwrap();
        let mut problems = Problems::new();
        spec.expand(&setting(), &Ledger::default(), &mut problems);
        let lines = lines(&problems);
        assert!(lines.contains(said), "{lines}");
    }
}
