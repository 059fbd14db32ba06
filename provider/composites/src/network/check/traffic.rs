//! NAT, security groups and network ACLs.

use std::collections::BTreeMap;

use ipnet::IpNet;
use platform_graph::Problems;

use crate::schema::is_unknown_text;
use crate::tags;

use super::super::address::ENDPOINTS_GROUP;
use super::super::groups::{self, Rule, Way};
use super::super::spec::{AclRule, Ipv6Mode, NatMode, Network, Protocol, TierKind};
use super::addresses::any_block;
use super::{MOST_FURTHER_TAGS, check_name, names};

pub(super) fn check(spec: &Network, problems: &mut Problems) {
    check_nat(spec, problems);
    check_groups(spec, problems);
    for (tier, acl) in spec
        .tiers
        .iter()
        .filter_map(|(name, tier)| Some((name, tier.network_acl.as_ref()?)))
    {
        check_acl(tier, "ingress", &acl.ingress, problems);
        check_acl(tier, "egress", &acl.egress, problems);
    }
}

fn check_nat(spec: &Network, problems: &mut Problems) {
    let zonal = matches!(spec.nat_mode(), NatMode::Single | NatMode::PerZone);
    match spec.nat.tier.as_deref() {
        Some(text) if is_unknown_text(text) => {}
        Some(name) => match spec.tiers.get(name) {
            Some(tier)
                if tier.kind == TierKind::Public && spec.ipv6_mode(tier) != Ipv6Mode::Only => {}
            Some(_) => problems.error(
                ["nat", "tier"],
                format!("NAT gateways can't stand in tier {name}"),
                "They need a public tier with IPv4 addresses.",
            ),
            None => problems.error(
                ["nat", "tier"],
                format!("there is no tier {name:?}"),
                format!("Name a public tier; {}.", names(spec.tiers.keys())),
            ),
        },
        None if zonal && spec.tiers_for_nat().next().is_none() => problems.error(
            ["nat", "mode"],
            "NAT gateways need a public tier and there is none",
            "Private tiers are to reach the internet through NAT gateways in public subnets. Add a public tier with IPv4, choose \
             `mode = \"regional\"`, which needs none, or `mode = \"none\"`.",
        ),
        None => {}
    }
    let mut users: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (zone, allocation) in &spec.nat.elastic_ips {
        users.entry(allocation).or_default().push(zone);
    }
    for (allocation, zones) in users {
        if zones.len() > 1 && !is_unknown_text(allocation) {
            problems.error(
                ["nat", "elastic_ips"],
                format!("{allocation} is named for several zones"),
                format!(
                    "An address serves one gateway at a time, and {} all want it.",
                    zones.join(", ")
                ),
            );
        }
    }
}

fn check_groups(spec: &Network, problems: &mut Problems) {
    for (name, group) in &spec.security_groups {
        let path = ["security_groups", name];
        check_name(&path, "a security group", name, problems);
        tags::check(
            &["security_groups", name, "tags"],
            &group.tags,
            MOST_FURTHER_TAGS,
            problems,
        );
        if name == ENDPOINTS_GROUP || name == "default" {
            problems.error(
                path,
                format!("the name {name} is taken"),
                format!("`{ENDPOINTS_GROUP}` is the group of interface endpoints and `default` that of the VPC: choose another."),
            );
        }
        if name.starts_with("sg-") {
            problems.error(
                path,
                "the name of a group can't start with `sg-`",
                "That is how ids of groups start, and AWS refuses it: choose another.",
            );
        }
        let mut seen: BTreeMap<String, &str> = BTreeMap::new();
        for (rule_name, rule) in groups::rules(group) {
            check_rule(spec, name, rule_name, &rule, problems);
            for address in groups::static_addresses(name, rule_name, &rule) {
                if let Some(first) = seen.insert(address, rule_name) {
                    problems.error(
                        ["security_groups", name, rule.way.attribute(), rule_name],
                        format!("the rules {first} and {rule_name} say the same"),
                        "AWS refuses two rules with the same other end, protocol and ports: take one out.",
                    );
                    break;
                }
            }
        }
    }
}

fn check_rule(spec: &Network, group: &str, name: &str, rule: &Rule<'_>, problems: &mut Problems) {
    let way = rule.way.attribute();
    let word = match rule.way {
        Way::In => "from",
        Way::Out => "to",
    };
    let path = ["security_groups", group, way, name];
    check_name(&path, "a rule", name, problems);
    if rule.group.is_none()
        && rule.tier.is_none()
        && rule.cidrs.is_empty()
        && rule.prefix_list.is_none()
        && !rule.own
    {
        problems.error(
            path,
            format!("the rule does not say {word} whom"),
            format!(
                "Set one of `{word}_group`, `{word}_tier`, `{word}_cidrs`, `{word}_prefix_list` and `{word}_self`."
            ),
        );
    }
    if let Some(other) = rule.group
        && !groups::is_group_id(other)
    {
        let attribute = format!("{word}_group");
        if !spec.security_groups.contains_key(other) {
            problems.error(
                path.into_iter().chain([attribute.as_str()]),
                format!("there is no security group {other:?}"),
                format!(
                    "Name one of this network, or the id of another one (`sg-…`); {}.",
                    names(spec.security_groups.keys())
                ),
            );
        } else if other == group {
            problems.error(
                path.into_iter().chain([attribute.as_str()]),
                "the rule names its own group",
                format!("Say `{word}_self = true` instead."),
            );
        }
    }
    if let Some(tier) = rule.tier
        && !is_unknown_text(tier)
        && !spec.tiers.contains_key(tier)
    {
        problems.error(
            path.into_iter().chain([format!("{word}_tier").as_str()]),
            format!("there is no tier {tier:?}"),
            format!("Name one of this network; {}.", names(spec.tiers.keys())),
        );
    }
    let attribute = format!("{word}_cidrs");
    for cidr in rule.cidrs.iter().filter(|cidr| !is_unknown_text(cidr)) {
        let path: Vec<&str> = path.into_iter().chain([attribute.as_str()]).collect();
        let block = any_block(&path, cidr, problems);
        check_family(&path[..4], rule.protocol, block, problems);
    }
    let ports = (rule.port, rule.from_port, rule.to_port);
    check_ports(&path, rule.protocol, ports, true, problems);
}

/// Judges whether a protocol exists in the address family of a block.
fn check_family(path: &[&str], protocol: Protocol, block: Option<IpNet>, problems: &mut Problems) {
    let wrong = match (block, protocol) {
        (Some(IpNet::V4(_)), Protocol::Icmpv6) => "IPv4",
        (Some(IpNet::V6(_)), Protocol::Icmp) => "IPv6",
        _ => return,
    };
    problems.error(
        path.iter().copied().chain(["protocol"]),
        format!("this protocol does not exist over {wrong}"),
        "`icmp` goes with IPv4 blocks, `icmpv6` with IPv6 blocks.",
    );
}

/// Judges the ports of a rule; without `needed` a rule for TCP or UDP may leave them out.
fn check_ports(
    path: &[&str],
    protocol: Protocol,
    (port, from, to): (Option<u32>, Option<u32>, Option<u32>),
    needed: bool,
    problems: &mut Problems,
) {
    let at = |name| path.iter().copied().chain([name]);
    let some = port.is_some() || from.is_some() || to.is_some();
    if !matches!(protocol, Protocol::Tcp | Protocol::Udp) {
        if some {
            problems.error(
                at("protocol"),
                "only TCP and UDP have ports",
                "Take the ports out, or choose `tcp` or `udp`.",
            );
        }
        return;
    }
    match (port, from, to) {
        (Some(_), None, None) => {}
        (Some(_), _, _) => problems.error(
            at("port"),
            "ports are given in two ways",
            "Keep `port`, or `from_port` and `to_port`.",
        ),
        (None, Some(from), Some(to)) if from > to => problems.error(
            at("from_port"),
            format!("the range from {from} to {to} is empty"),
            "The first port comes first.",
        ),
        (None, Some(_), Some(_)) => {}
        (None, Some(_), None) | (None, None, Some(_)) => problems.error(
            at("from_port"),
            "half a range of ports",
            "`from_port` and `to_port` need each other. For one port there is `port`.",
        ),
        (None, None, None) if needed => problems.error(
            at("port"),
            "the rule does not say which port",
            "Set `port`, or `from_port` and `to_port`; for every port from 0 to 65535.",
        ),
        (None, None, None) => {}
    }
}

fn check_acl(tier: &str, way: &str, rules: &BTreeMap<String, AclRule>, problems: &mut Problems) {
    let mut numbers: BTreeMap<u16, &str> = BTreeMap::new();
    for (name, rule) in rules {
        let path = ["tiers", tier, "network_acl", way, name];
        check_name(&path, "a rule", name, problems);
        if let Some(first) = numbers.insert(rule.number, name) {
            problems.error(
                path.into_iter().chain(["number"]),
                format!(
                    "the rules {first} and {name} have the same number {}",
                    rule.number
                ),
                "The number decides which rule comes first: give each its own.",
            );
        }
        if !is_unknown_text(&rule.cidr) {
            let at: Vec<&str> = path.into_iter().chain(["cidr"]).collect();
            let block = any_block(&at, &rule.cidr, problems);
            check_family(&path, rule.protocol, block, problems);
        }
        let ports = (rule.port, rule.from_port, rule.to_port);
        check_ports(&path, rule.protocol, ports, false, problems);
    }
}
