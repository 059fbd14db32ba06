//! Wrong configurations and what is said about each.

use super::*;

/// Everything said about a configuration before anything is asked of AWS, and then while expanding.
fn verdict(configuration: Value) -> String {
    let def = CompositeDef::of::<Network>();
    let spec = match def.decode(configuration) {
        Ok(spec) => spec,
        Err(problems) => return lines(&problems),
    };
    let mut problems = Problems::new();
    spec.check(&mut problems);
    if !problems.has_errors() && !spec.is_open() {
        spec.expand(&setting(), &Ledger::default(), &mut problems);
    }
    lines(&problems)
}

fn with(fields: Value) -> Value {
    let mut configuration = json!({ "name": "main", "cidr": "10.0.0.0/16" });
    for (name, value) in fields.as_object().unwrap() {
        configuration[name] = value.clone();
    }
    configuration
}

fn tier(fields: Value) -> Value {
    let mut tier = json!({ "kind": "private" });
    for (name, value) in fields.as_object().unwrap() {
        tier[name] = value.clone();
    }
    with(json!({ "tiers": { "public": { "kind": "public" }, "apps": tier } }))
}

fn rule(rule: Value) -> Value {
    with(json!({ "security_groups": { "app": { "ingress": { "web": rule } } } }))
}

#[test]
fn what_is_said_about_wrong_configurations() {
    let acl = |rules: Value| tier(json!({ "network_acl": { "ingress": rules } }));
    let mut said = String::new();
    for (name, configuration) in [
        ("nothing", json!({})),
        (
            "unknown and missing arguments",
            json!({ "name": "main", "cidrs": "10.0.0.0/16", "nat": { "modes": "none" } }),
        ),
        (
            "wrong types",
            with(
                json!({ "tags": [], "reserve_zones": "four", "deletion_protection": 1, "secondary_cidrs": {} }),
            ),
        ),
        (
            "wrong forms",
            json!({ "name": "Shop_1", "region": "Frankfurt", "cidr": "10.0.0.0/16", "zones": { "ids": ["us-east-1a"] } }),
        ),
        (
            "out of range",
            with(
                json!({ "reserve_zones": 0, "zones": { "count": 7 }, "tiers": { "a": { "kind": "privat", "prefix_length": 29.5 } } }),
            ),
        ),
        (
            "several problems at once",
            with(
                json!({ "cidr": "10.0.0.1/16", "dns": { "support": false }, "flow_logs": { "interval_seconds": 61 } }),
            ),
        ),
        ("not a block", with(json!({ "cidr": "ten" }))),
        ("host bits", with(json!({ "cidr": "10.1.2.3/16" }))),
        ("IPv6 as IPv4", with(json!({ "cidr": "2001:db8::/56" }))),
        ("too large", with(json!({ "cidr": "10.0.0.0/8" }))),
        ("too small", with(json!({ "cidr": "10.0.0.0/29" }))),
        ("neither cidr nor ipam", json!({ "name": "main" })),
        (
            "both cidr and ipam",
            with(json!({ "ipam": { "pool_id": "ipam-pool-0a", "netmask_length": 16 } })),
        ),
        (
            "overlapping blocks",
            with(
                json!({ "secondary_cidrs": ["10.0.128.0/20", "100.64.0.0/16", "100.64.64.0/20"] }),
            ),
        ),
        (
            "blocks AWS does not combine",
            with(json!({ "secondary_cidrs": ["192.168.0.0/20", "198.19.0.0/20"] })),
        ),
        (
            "IPv6 pool length",
            with(
                json!({ "ipv6": { "ipam": { "pool_id": "ipam-pool-0a", "netmask_length": 50 } } }),
            ),
        ),
        (
            "zones twice",
            with(json!({ "zones": { "count": 2, "ids": ["use1-az1"] } })),
        ),
        (
            "zone that is not there",
            with(json!({ "zones": { "ids": ["use1-az1", "use1-az9"] } })),
        ),
        (
            "zone name that is not there",
            with(json!({ "zones": { "names": ["us-east-1z"] } })),
        ),
        ("no tiers", with(json!({ "tiers": {} }))),
        (
            "tier name",
            with(json!({ "tiers": { "my tier": { "kind": "isolated" } } })),
        ),
        ("IPv6 tier without IPv6", tier(json!({ "ipv6": "only" }))),
        ("IPv6-only tier with IPv4", {
            let mut both =
                tier(json!({ "ipv6": "only", "prefix_length": 24, "assign_public_ips": true }));
            both["ipv6"] = json!({});
            both
        }),
        (
            "public addresses in private",
            tier(json!({ "assign_public_ips": true })),
        ),
        (
            "block of another VPC",
            tier(json!({ "cidr_block": "10.9.0.0/16" })),
        ),
        ("subnet larger than the VPC", {
            let mut small = tier(json!({ "prefix_length": 18 }));
            small["cidr"] = json!("10.0.0.0/20");
            small
        }),
        (
            "no room",
            with(
                json!({ "cidr": "10.0.0.0/20", "tiers": { "public": { "kind": "public", "prefix_length": 22 }, "private": { "kind": "private" } } }),
            ),
        ),
        (
            "VPC too small for the defaults",
            with(json!({ "cidr": "10.0.0.0/26" })),
        ),
        (
            "route to nowhere",
            tier(
                json!({ "routes": { "10.9.0.1/16": {}, "0.0.0.0/0": { "transit_gateway_id": "tgw-0a", "network_interface_id": "eni-0a" } } }),
            ),
        ),
        (
            "ACL numbers, blocks and ports",
            acl(json!({
                "a": { "number": 100, "cidr": "10.0.0.0/8", "protocol": "icmpv6" }, "b": { "number": 100, "cidr": "nowhere" },
                "c": { "number": 101, "cidr": "10.0.0.0/8", "protocol": "tcp", "from_port": 10, "to_port": 1 },
            })),
        ),
        (
            "NAT without public tier",
            with(json!({ "tiers": { "apps": { "kind": "private" } } })),
        ),
        (
            "NAT in a private tier",
            with(json!({ "nat": { "tier": "private" } })),
        ),
        ("NAT in no tier", with(json!({ "nat": { "tier": "dmz" } }))),
        (
            "Elastic IP for another zone",
            with(json!({ "nat": { "elastic_ips": { "use1-az6": "eipalloc-0a" } } })),
        ),
        (
            "Elastic IP that is not used",
            with(
                json!({ "nat": { "mode": "single", "elastic_ips": { "use1-az4": "eipalloc-0a" } } }),
            ),
        ),
        (
            "one Elastic IP twice",
            with(
                json!({ "nat": { "elastic_ips": { "use1-az1": "eipalloc-0a", "use1-az2": "eipalloc-0a" } } }),
            ),
        ),
        (
            "endpoint names, tiers, groups and policies",
            with(json!({ "endpoints": {
            "tier": "middle", "gateway": ["s3"], "gateway_policies": { "s3": "[]", "dynamodb": "{}" },
            "interface": {
                "com.amazonaws.us-east-1.sts": {}, "ECR": {}, "sqs": { "policy": "{", "tier": "x", "security_groups": ["y"] },
            },
        } })),
        ),
        (
            "private DNS without DNS",
            with(
                json!({ "dns": { "hostnames": false }, "endpoints": { "interface": { "sts": {} } } }),
            ),
        ),
        (
            "flow log destinations",
            with(json!({ "flow_logs": {
            "format": " ", "cloudwatch": { "retention_days": 45, "own_kms_key": true, "kms_key_arn": "arn:aws:kms:us-east-1:123456789012:key/a" },
            "firehose": { "stream_arn": "arn:aws:firehose:us-east-1:123456789012:deliverystream/a" },
        } })),
        ),
        ("rule from nobody", rule(json!({ "port": 80 }))),
        (
            "rule from unknown groups and tiers",
            rule(json!({ "from_group": "web", "from_tier": "dmz", "port": 80 })),
        ),
        (
            "rule from its own group",
            rule(json!({ "from_group": "app", "port": 80 })),
        ),
        (
            "rule with wrong blocks",
            rule(json!({ "from_cidrs": ["10.0.0.1/8", "::1/0", "2001:DB8::/32"], "port": 80 })),
        ),
        (
            "ICMP of the other family",
            rule(json!({ "from_cidrs": ["::/0"], "protocol": "icmp" })),
        ),
        ("rule without port", rule(json!({ "from_self": true }))),
        (
            "rule with half a range",
            rule(json!({ "from_self": true, "from_port": 80 })),
        ),
        (
            "rule with ports twice",
            rule(json!({ "from_self": true, "port": 80, "from_port": 80, "to_port": 81 })),
        ),
        (
            "rule with port and no protocol for it",
            rule(json!({ "from_self": true, "port": 80, "protocol": "icmp" })),
        ),
        (
            "the same rule twice",
            with(json!({ "security_groups": { "app": { "ingress": {
            "one": { "from_cidrs": ["10.0.0.0/8"], "port": 80 }, "two": { "from_cidrs": ["10.0.0.0/8", "172.16.0.0/12"], "port": 80 },
        } } } })),
        ),
        (
            "group names",
            with(
                json!({ "security_groups": { "endpoints": {}, "default": {}, "sg-a": {}, "a/b": {} } }),
            ),
        ),
        (
            "tags",
            with(json!({ "tags": { "aws:x": "y", "Platform:owner": "me", "": "z" } })),
        ),
        (
            "DHCP servers",
            with(
                json!({ "dhcp_options": { "domain_name_servers": ["dns", "::1"], "netbios_name_servers": ["::1"], "netbios_node_type": 3 } }),
            ),
        ),
        (
            "too many DHCP servers",
            with(
                json!({ "dhcp_options": { "ntp_servers": ["1.1.1.1", "1.1.1.2", "1.1.1.3", "1.1.1.4", "1.1.1.5"] } }),
            ),
        ),
        (
            "cluster name",
            with(json!({ "cluster_names": ["my cluster"] })),
        ),
        (
            "addresses that are no parts",
            with(
                json!({ "allow_replace": ["vpc", "log"], "allow_delete": ["flow-log/group", "bucket"] }),
            ),
        ),
        (
            "giving up what is in use",
            with(
                json!({ "release": ["tier/private", "zone/use1-az1", "subnet/public/use1-az1", "vpc"] }),
            ),
        ),
        (
            "a value that is not known yet",
            with(json!({ "reserve_zones": "${config:reserve_zones}", "tiers": "${config:tiers}" })),
        ),
    ] {
        let verdict = verdict(configuration);
        assert!(!verdict.is_empty(), "{name}: nothing was said");
        said.push_str(&format!("{name}\n{verdict}\n"));
    }
    insta::assert_snapshot!(said);
}

#[test]
fn what_is_not_known_yet_is_not_judged() {
    let unknown = "${config:x}";
    let def = CompositeDef::of::<Network>();
    let configuration = json!({
        "name": unknown, "cidr": unknown, "secondary_cidrs": [unknown], "zones": { "names": [unknown] },
        "tiers": { "a": { "kind": "private", "cidr_block": unknown }, "b": { "kind": "public" } },
        "security_groups": { "g": { "description": unknown, "ingress": { "r": { "from_group": unknown, "from_cidrs": [unknown], "port": 1 } } } },
        "endpoints": { "gateway_policies": { "s3": unknown } },
        "flow_logs": { "cloudwatch": { "kms_key_arn": unknown } },
        "cluster_names": [unknown], "tags": { "a": unknown }, "allow_delete": [unknown],
    });
    assert_eq!(def.open_values(&configuration), Vec::<Vec<String>>::new());
    let spec = def.decode(configuration).unwrap();
    let mut problems = Problems::new();
    spec.check(&mut problems);
    assert_eq!(lines(&problems), "");
    assert!(
        spec.is_open(),
        "the parts can't be named without the blocks"
    );

    let spec = network(json!({
        "flow_logs": { "cloudwatch": { "kms_key_arn": unknown } }, "tags": { "a": unknown },
        "security_groups": { "g": { "ingress": { "r": { "from_group": unknown, "port": 1 } } } },
    }));
    assert!(!spec.is_open(), "these values decide no parts");
    let numbers = json!({ "reserve_zones": unknown, "nat": { "mode": unknown }, "zones": unknown, "tags": unknown });
    let paths: BTreeSet<String> = def
        .open_values(&numbers)
        .iter()
        .map(|path| path.join("."))
        .collect();
    assert_eq!(
        paths,
        BTreeSet::from(["reserve_zones", "nat.mode", "zones", "tags"].map(str::to_owned))
    );
}
