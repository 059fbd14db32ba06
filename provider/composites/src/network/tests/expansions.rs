//! Goldens of whole expansions.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

#[test]
fn the_default_network_explains_itself() {
    let expansion = expand(json!({}));
    insta::assert_snapshot!("explain_default", explain(&expansion.graph));
}

#[test]
fn the_default_network_in_full() {
    insta::assert_json_snapshot!("default", expand(json!({})));
}

#[test]
fn a_default_network_is_what_the_documentation_says() {
    let expansion = expand(json!({}));
    let outputs = &expansion.outputs;
    assert_eq!(outputs["zone_names"].as_object().unwrap().len(), 3);
    for tier in ["public", "private", "database"] {
        assert_eq!(
            outputs["subnet_ids"][tier].as_object().unwrap().len(),
            3,
            "{tier}"
        );
    }
    let prefix = |tier: &str| {
        let block = outputs["subnet_cidrs"][tier]["use1-az1"].as_str().unwrap();
        block.rsplit('/').next().unwrap().to_owned()
    };
    assert_eq!(
        (prefix("private"), prefix("public"), prefix("database")),
        ("19".into(), "22".into(), "22".into())
    );
    let addresses = addresses(&expansion);
    assert_eq!(
        addresses
            .iter()
            .filter(|address| address.starts_with("nat/"))
            .count(),
        3
    );
    for part in [
        "endpoint/s3",
        "endpoint/dynamodb",
        "flow-log",
        "flow-log/group",
        "default-security-group",
        "default-network-acl",
    ] {
        assert!(addresses.contains(part), "{part}");
    }
    for part in [
        "block-public-access",
        "dhcp-options",
        "flow-log/key",
        "egress-only-internet-gateway",
    ] {
        assert!(!addresses.contains(part), "{part}");
    }
    assert_eq!(
        expansion.graph.parts["flow-log/group"].properties["RetentionInDays"],
        30
    );
    assert!(network(json!({})).protected());
}

/// Without the tags that every part has anyway.
fn untagged(mut value: Value) -> Value {
    match &mut value {
        Value::Object(fields) => {
            if let Some(Value::Object(tags)) = fields.get_mut("Tags") {
                tags.retain(|key, _| {
                    !["team", "Name", "platform:owner", "platform:address"].contains(&key.as_str())
                });
                if tags.is_empty() {
                    fields.remove("Tags");
                }
            }
            fields
                .values_mut()
                .for_each(|field| *field = untagged(field.take()));
        }
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| *item = untagged(item.take())),
        _ => {}
    }
    value
}

fn brought_along() -> Value {
    json!({
        "zones": { "ids": ["use1-az1", "use1-az2"] },
        "nat": { "elastic_ips": { "use1-az1": "eipalloc-0a", "use1-az2": "${config:nat.elastic_ips[\"use1-az2\"]}" } },
    })
}

#[test]
fn networks_of_many_shapes() {
    let six = json!({
        "public": { "kind": "public" },
        "nodes": { "kind": "private", "ipv6": "only" },
        "legacy": { "kind": "private", "ipv6": "none" },
    });
    for (name, region, configuration) in [
        ("dual_stack", "us-east-1", json!({ "ipv6": {} })),
        (
            "ipv6_only_tier",
            "us-east-1",
            json!({ "ipv6": {}, "tiers": six }),
        ),
        (
            "regional_nat",
            "us-east-1",
            json!({ "nat": { "mode": "regional" }, "tiers": { "private": { "kind": "private" } } }),
        ),
        ("own_elastic_ips", "us-east-1", brought_along()),
        (
            "isolated_only",
            "us-east-1",
            json!({
                "nat": { "mode": "none" }, "flow_logs": { "enabled": false }, "endpoints": { "gateway": [] },
                "tiers": { "apps": { "kind": "isolated", "prefix_length": 20 } },
            }),
        ),
        (
            "gov_cloud",
            "us-gov-west-1",
            json!({ "flow_logs": { "cloudwatch": { "own_kms_key": true, "retention_days": 0 } } }),
        ),
        (
            "china",
            "cn-north-1",
            json!({
                "endpoints": { "interface": { "sts": {}, "logs": {}, "s3": { "private_dns": true } } },
                "flow_logs": { "cloudwatch": { "own_kms_key": true } },
            }),
        ),
        (
            "pods_in_a_secondary_block",
            "us-east-1",
            json!({
                "secondary_cidrs": ["100.64.0.0/16"],
                "tiers": {
                    "public": { "kind": "public" }, "private": { "kind": "private" },
                    "pods": { "kind": "private", "cidr_block": "100.64.0.0/16", "prefix_length": 18, "karpenter_discovery": "shop" },
                },
                "cluster_names": ["shop"],
            }),
        ),
        (
            "transit_gateway_egress",
            "us-east-1",
            json!({
                "zones": { "count": 2 },
                "tiers": {
                    "private": { "kind": "private", "routes": {
                        "0.0.0.0/0": { "transit_gateway_id": "tgw-0a" }, "pl-0a": { "vpc_peering_connection_id": "pcx-0a" },
                    } },
                },
            }),
        ),
        (
            "network_acls",
            "us-east-1",
            json!({
                "zones": { "count": 2 },
                "tiers": { "database": { "kind": "isolated", "network_acl": {
                    "ingress": { "postgres": { "number": 100, "cidr": "10.0.0.0/16", "protocol": "tcp", "port": 5432 } },
                    "egress": {
                        "answers": { "number": 100, "cidr": "10.0.0.0/16", "protocol": "tcp", "from_port": 1024, "to_port": 65535 },
                        "nothing-else": { "number": 200, "cidr": "0.0.0.0/0", "action": "deny" },
                    },
                } } },
            }),
        ),
        (
            "flow_logs_to_s3",
            "us-east-1",
            json!({
                "zones": { "count": 1 },
                "flow_logs": {
                    "traffic": "reject", "interval_seconds": 60, "format": "${version} ${srcaddr}",
                    "s3": { "bucket_arn": "arn:aws:s3:::central-logs/network/", "file_format": "parquet", "hive_partitions": true },
                },
            }),
        ),
        (
            "dhcp_and_block_public_access",
            "us-east-1",
            json!({
                "zones": { "names": ["us-east-1c"] },
                "dhcp_options": { "domain_name": "corp.example.com", "ntp_servers": ["169.254.169.123"] },
                "block_public_access": { "mode": "block_ingress" },
                "lock_default_network_acl": false, "lock_default_security_group": false,
            }),
        ),
    ] {
        let expansion = expand_from(
            &*network(configuration),
            &setting_in(region),
            &Ledger::default(),
        );
        insta::assert_json_snapshot!(name, untagged(serde_json::to_value(expansion).unwrap()));
    }
}

#[test]
fn security_groups_as_edges() {
    let expansion = expand(json!({
        "ipv6": {},
        "zones": { "count": 2 },
        "security_groups": {
            "alb": {
                "description": "Entry",
                "ingress": { "https": { "from_cidrs": ["0.0.0.0/0", "::/0"], "port": 443 } },
                "egress": { "app": { "to_group": "app", "port": 8080 } },
            },
            "app": {
                "ingress": {
                    "alb": { "from_group": "alb", "port": 8080 },
                    "peers": { "from_self": true, "protocol": "all" },
                    "bastion": { "from_group": "sg-0123", "port": 22, "description": "Break glass" },
                    "monitoring": { "from_group": "${config:security_groups.app}", "from_port": 9000, "to_port": 9100 },
                },
                "egress": { "s3": { "to_prefix_list": "pl-0a", "port": 443 } },
            },
            "db": {
                "ingress": {
                    "app": { "from_group": "app", "from_tier": "private", "port": 5432 },
                    "ping": { "from_cidrs": ["10.0.0.0/8"], "protocol": "icmp" },
                },
            },
        },
    }));
    let parts: BTreeMap<_, _> = expansion
        .graph
        .parts
        .iter()
        .filter(|(address, _)| address.starts_with("security-group/"))
        .collect();
    insta::assert_json_snapshot!(
        "security_groups",
        untagged(serde_json::to_value(parts).unwrap())
    );
}

#[test]
fn a_block_from_a_pool_is_known_when_planning() {
    let spec = network(json!({ "ipam": { "pool_id": "ipam-pool-0a", "netmask_length": 20 } }));
    let keys: Vec<_> = spec
        .questions(&Ledger::default())
        .into_iter()
        .map(|question| (question.key.into_owned(), question.required))
        .collect();
    assert_eq!(
        keys,
        [
            ("zones".to_owned(), true),
            ("ipam-cidrs".to_owned(), true),
            ("ipam-allocations".to_owned(), true)
        ]
    );
    let mut setting = setting();
    setting.answers.insert("ipam-cidrs".into(), json!({ "IpamPoolCidrs": [
        { "Cidr": "10.16.0.0/16", "State": "provisioned" }, { "Cidr": "10.8.0.0/16", "State": "pending-provision" },
    ] }));
    setting.answers.insert(
        "ipam-allocations".into(),
        json!({ "IpamPoolAllocations": [
        { "Cidr": "10.16.0.0/20" }, { "Cidr": "10.16.32.0/19" },
    ] }),
    );
    let first = expand_from(&*spec, &setting, &Ledger::default());
    let vpc = &first.graph.parts["vpc"].properties;
    assert_eq!(
        (&vpc["CidrBlock"], &vpc["Ipv4IpamPoolId"]),
        (&json!("10.16.16.0/20"), &json!("ipam-pool-0a"))
    );
    // The pool now holds this very network too; nothing is asked and nothing moves.
    assert_eq!(spec.questions(&first.ledger), []);
    setting.answers.clear();
    assert_eq!(expand_from(&*spec, &setting, &first.ledger), first);

    setting = super::setting();
    setting.answers.insert(
        "ipam-cidrs".into(),
        json!({ "IpamPoolCidrs": [{ "Cidr": "10.16.0.0/20" }] }),
    );
    setting.answers.insert(
        "ipam-allocations".into(),
        json!({ "IpamPoolAllocations": [{ "Cidr": "10.16.1.0/24" }] }),
    );
    let mut problems = Problems::new();
    assert!(
        spec.expand(&setting, &Ledger::default(), &mut problems)
            .is_none()
    );
    insta::assert_snapshot!("pool_exhausted", lines(&problems));
}

#[test]
fn an_unchanged_network_asks_nothing() {
    for configuration in [
        json!({}),
        json!({ "zones": { "ids": ["use1-az1"] } }),
        json!({ "zones": { "names": ["us-east-1a"] } }),
        json!({ "zones": { "count": 6 } }),
    ] {
        let spec = network(configuration);
        assert_eq!(spec.questions(&Ledger::default()).len(), 1);
        let ledger = expand_from(&*spec, &setting(), &Ledger::default()).ledger;
        assert_eq!(spec.questions(&ledger), []);
    }
}

/// Any configuration that could be meant, and that fits its block.
pub(super) fn configurations() -> impl Strategy<Value = Value> {
    let tier = (
        prop_oneof![Just("public"), Just("private"), Just("isolated")],
        prop_oneof![
            Just(Value::Null),
            Just(json!("none")),
            Just(json!("dual_stack")),
            Just(json!("only"))
        ],
        any::<bool>(),
    );
    let tiers = prop::collection::btree_map("[a-z][a-z0-9]{0,8}", tier, 1..6);
    let modes = prop_oneof![
        Just("none"),
        Just("single"),
        Just("per_zone"),
        Just("regional")
    ];
    (tiers, modes, any::<bool>(), 1_u8..=6, 1_u8..=4, any::<[bool; 6]>()).prop_map(
        |(tiers, mode, ipv6, count, reserve, flags)| {
            let mut tiers: serde_json::Map<String, Value> = tiers
                .into_iter()
                .map(|(name, (kind, family, acl))| {
                    let family = if ipv6 { family } else { Value::Null };
                    let mut tier = json!({ "kind": kind, "ipv6": family });
                    if family != "only" {
                        tier["prefix_length"] = json!(24);
                    }
                    if acl {
                        tier["network_acl"] = json!({ "ingress": { "all": { "number": 1, "cidr": "0.0.0.0/0" } } });
                    }
                    (name, tier)
                })
                .collect();
            tiers.insert("edge".into(), json!({ "kind": "public", "ipv6": "none", "prefix_length": 26 }));
            json!({
                "tiers": tiers,
                "zones": { "count": count },
                "reserve_zones": reserve,
                "ipv6": if ipv6 { json!({ "egress_only": flags[0], "nat64": flags[1] }) } else { Value::Null },
                "nat": { "mode": mode },
                "endpoints": { "interface": if flags[2] { json!({ "sts": {} }) } else { json!({}) } },
                "flow_logs": { "enabled": flags[3] },
                "lock_default_network_acl": flags[4],
                "security_groups": {
                    "a": { "ingress": { "edge": { "from_tier": "edge", "port": 443 }, "b": { "from_group": "b", "port": 80 } } },
                    "b": { "egress": { "a": { "to_group": "a", "port": 80 } } },
                },
                "cluster_names": if flags[5] { json!(["one"]) } else { json!(["one", "two"]) },
            })
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn every_expansion_is_sound_and_the_same_twice(configuration in configurations()) {
        let spec = network(configuration);
        let first = expand_from(&*spec, &setting(), &Ledger::default());
        let second = expand_from(&*spec, &setting(), &Ledger::default());
        prop_assert_eq!(serde_json::to_vec(&first).unwrap(), serde_json::to_vec(&second).unwrap());
        // With the ledger and without any answer it is the same again.
        let mut silent = setting();
        silent.answers.clear();
        prop_assert_eq!(expand_from(&*spec, &silent, &first.ledger), first);
    }
}
