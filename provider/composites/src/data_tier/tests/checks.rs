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
