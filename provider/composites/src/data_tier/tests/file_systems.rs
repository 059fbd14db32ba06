//! File systems.

use super::*;

#[test]
fn a_file_system_in_full() {
    let expansion = expand(json!({ "file_systems": { "media": {} } }));
    insta::assert_json_snapshot!("file_system", expansion);
}

#[test]
fn everything_that_a_file_system_can_have() {
    let expansion = expand(json!({
        "encryption": { "key_per_store": true },
        "alarms": { "topic_arn": "arn:aws:sns:us-east-1:123456789012:on-call" },
        "access_from": { "security_groups": ["app"], "tiers": ["private"], "cidrs": ["10.8.0.0/16", "fd00::/64"], "other_security_groups": { "batch": "sg-batch" } },
        "file_systems": { "media": {
            "throughput": { "mode": "bursting" },
            "require_iam": true,
            "access_points": { "uploads": { "uid": 1000, "gid": 1000, "secondary_gids": [100] } },
        } },
    }));
    insta::assert_snapshot!("file_system_explained", explain(&expansion.graph));
}

#[test]
fn stores_do_not_touch_one_another() {
    let one = expand(json!({ "file_systems": { "media": {} } }));
    let two = expand(json!({ "file_systems": { "media": {}, "logs": {} } }));
    for (address, part) in &one.graph.parts {
        assert_eq!(two.graph.parts.get(address), Some(part), "{address}");
    }
}
