//! Blocks, zones and tiers.

use ipnet::{IpNet, Ipv4Net};
use platform_graph::Problems;

use crate::schema::is_unknown_text;
use crate::tags;

use super::super::blocks::overlap;
use super::super::spec::{Ipv6Mode, Network, RouteTarget, Tier, TierKind};
use super::{MOST_FURTHER_TAGS, check_name, names};

pub(super) fn check(spec: &Network, problems: &mut Problems) {
    tags::check(&["tags"], &spec.tags, tags::MOST, problems);
    let blocks = check_blocks(spec, problems);
    if let Some(pool) = spec.ipv6.as_ref().and_then(|ipv6| ipv6.ipam.as_ref())
        && !pool.netmask_length.is_multiple_of(4)
    {
        problems.error(
            ["ipv6", "ipam", "netmask_length"],
            format!("a VPC can't have an IPv6 /{}", pool.netmask_length),
            "AWS allows 44, 48, 52, 56 and 60.",
        );
    }
    let chosen = [
        spec.zones.count.map(|_| "count"),
        (!spec.zones.ids.is_empty()).then_some("ids"),
        (!spec.zones.names.is_empty()).then_some("names"),
    ];
    let chosen: Vec<&str> = chosen.into_iter().flatten().collect();
    if chosen.len() > 1 {
        problems.error(
            ["zones"],
            format!("zones are chosen in {} ways", chosen.len()),
            format!("Keep one of {}.", chosen.join(", ")),
        );
    }
    if spec.tiers.is_empty() {
        problems.error(
            ["tiers"],
            "a network needs at least one tier",
            "Add one, or leave `tiers` out for public, private and database.",
        );
    }
    for (name, tier) in &spec.tiers {
        check_tier(spec, name, tier, blocks.as_deref(), problems);
    }
}

/// Reads an IPv4 block and says what is wrong with it.
fn ipv4_block(path: &[&str], text: &str, problems: &mut Problems) -> Option<Ipv4Net> {
    let block = any_block(path, text, problems)?;
    let IpNet::V4(block) = block else {
        problems.error(
            path.iter().copied(),
            format!("{text} is not an IPv4 block"),
            "IPv6 addresses come with the argument `ipv6`. Example: `10.0.0.0/16`.",
        );
        return None;
    };
    if !(16..=28).contains(&block.prefix_len()) {
        problems.error(
            path.iter().copied(),
            format!("a VPC can't have a /{} block", block.prefix_len()),
            "AWS allows /16 (65536 addresses) to /28 (16). For more addresses add `secondary_cidrs`.",
        );
        return None;
    }
    Some(block)
}

/// Reads a block of either family and says what is wrong with it.
pub(super) fn any_block(path: &[&str], text: &str, problems: &mut Problems) -> Option<IpNet> {
    let Ok(block) = text.parse::<IpNet>() else {
        problems.error(
            path.iter().copied(),
            format!("{text:?} is not a CIDR block"),
            "A block is an address and a prefix length. Example: `10.0.0.0/16`.",
        );
        return None;
    };
    if block.trunc() != block {
        problems.error(
            path.iter().copied(),
            format!("{text} is an address inside a block"),
            format!(
                "The block of that length that holds it is {}: write that.",
                block.trunc()
            ),
        );
        return None;
    }
    if block.to_string() != text {
        problems.error(
            path.iter().copied(),
            format!("{text} is not written as AWS writes it"),
            format!("Write {block}."),
        );
        return None;
    }
    Some(block)
}

/// Judges the VPC's blocks; yields those that are known, or `None` when not all of them are.
fn check_blocks(spec: &Network, problems: &mut Problems) -> Option<Vec<Ipv4Net>> {
    match (&spec.cidr, &spec.ipam) {
        (Some(_), Some(_)) => problems.error(
            ["ipam"],
            "the VPC's block is chosen in two ways",
            "Keep either `cidr` or `ipam`.",
        ),
        (None, None) => problems.error(
            ["cidr"],
            "the VPC needs an IPv4 block",
            "Set `cidr`, for example to `10.0.0.0/16`, or take a block from a pool with `ipam`.",
        ),
        _ => {}
    }
    let mut blocks: Vec<Ipv4Net> = Vec::new();
    let mut complete = spec.ipam.is_none();
    for (path, text) in spec.cidr.iter().map(|text| ("cidr", text)).chain(
        spec.secondary_cidrs
            .iter()
            .map(|text| ("secondary_cidrs", text)),
    ) {
        if is_unknown_text(text) {
            complete = false;
            continue;
        }
        let Some(block) = ipv4_block(&[path], text, problems) else {
            complete = false;
            continue;
        };
        if let Some(other) = blocks.iter().find(|other| overlap(**other, block)) {
            problems.error(
                [path],
                format!("{block} overlaps with {other}"),
                "The blocks of a VPC can't share addresses: choose another one.",
            );
        }
        if path == "secondary_cidrs"
            && let (Some(first), Some(_)) = (blocks.first(), &spec.cidr)
            && let Some(why) = refused_beside(*first, block)
        {
            problems.error(
                [path],
                format!("AWS does not allow {block} beside {first}"),
                why,
            );
        }
        blocks.push(block);
    }
    complete.then_some(blocks)
}

/// Why AWS refuses a secondary block beside a primary one.
/// <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html>
fn refused_beside(primary: Ipv4Net, secondary: Ipv4Net) -> Option<&'static str> {
    const PRIVATE: [&str; 3] = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];
    let range_of = |block: Ipv4Net| {
        PRIVATE.iter().position(|range| {
            range
                .parse::<Ipv4Net>()
                .is_ok_and(|range| range.contains(&block))
        })
    };
    let benchmark = "198.19.0.0/16"
        .parse::<Ipv4Net>()
        .is_ok_and(|range| range.contains(&secondary));
    match (range_of(primary), range_of(secondary)) {
        (Some(_), None) if benchmark => {
            Some("198.19.0.0/16 can't be added to a VPC in a private range. 100.64.0.0/10 can.")
        }
        (Some(one), Some(other)) if one != other => Some(
            "Both are private, in different ranges of RFC 1918. Take a block from the range of the primary one, or from \
             100.64.0.0/10.",
        ),
        _ => None,
    }
}

fn check_tier(
    spec: &Network,
    name: &str,
    tier: &Tier,
    blocks: Option<&[Ipv4Net]>,
    problems: &mut Problems,
) {
    check_name(&["tiers", name], "a tier", name, problems);
    tags::check(
        &["tiers", name, "tags"],
        &tier.tags,
        MOST_FURTHER_TAGS,
        problems,
    );
    let mode = spec.ipv6_mode(tier);
    if mode != Ipv6Mode::None && !spec.has_ipv6() {
        problems.error(
            ["tiers", name, "ipv6"],
            format!("tier {name} wants IPv6 and the network has none"),
            "Add `ipv6 = {}` to the network, or take this out.",
        );
    }
    if mode == Ipv6Mode::Only {
        for (argument, set, why) in [
            (
                "prefix_length",
                tier.prefix_length.is_some(),
                "every IPv6 subnet is a /64",
            ),
            (
                "cidr_block",
                tier.cidr_block.is_some(),
                "it says where IPv4 addresses come from",
            ),
            (
                "assign_public_ips",
                tier.assign_public_ips,
                "it is about IPv4 addresses",
            ),
        ] {
            if set {
                problems.error(
                    ["tiers", name, argument],
                    format!("tier {name} has no IPv4 addresses"),
                    format!("`ipv6 = \"only\"` and `{argument}` contradict each other: {why}. Take one out."),
                );
            }
        }
    }
    if tier.assign_public_ips && tier.kind != TierKind::Public {
        problems.error(
            ["tiers", name, "assign_public_ips"],
            "only public tiers have use for public addresses",
            "Nothing leads from the internet to the other kinds. Take it out, or make the tier public.",
        );
    }
    check_tier_block(name, tier, blocks, problems);
    for (destination, target) in &tier.routes {
        check_route(name, destination, target, problems);
    }
}

fn check_tier_block(name: &str, tier: &Tier, blocks: Option<&[Ipv4Net]>, problems: &mut Problems) {
    let Some(blocks) = blocks else { return };
    let home = match tier.cidr_block.as_deref() {
        Some(text) if is_unknown_text(text) => return,
        Some(text) => {
            let home = text.parse().ok().filter(|home| blocks.contains(home));
            if home.is_none() {
                let blocks: Vec<String> = blocks.iter().map(Ipv4Net::to_string).collect();
                problems.error(
                    ["tiers", name, "cidr_block"],
                    format!("{text} is not a block of the VPC"),
                    format!("Its blocks are: {}.", blocks.join(", ")),
                );
                return;
            }
            home
        }
        None => blocks
            .iter()
            .min_by_key(|block| block.prefix_len())
            .copied(),
    };
    if let (Some(home), Some(prefix)) = (home, tier.prefix_length)
        && prefix < home.prefix_len()
    {
        problems.error(
            ["tiers", name, "prefix_length"],
            format!("a /{prefix} subnet is larger than {home}"),
            "Choose a greater number: subnets are parts of the block.",
        );
    }
}

fn check_route(tier: &str, destination: &str, target: &RouteTarget, problems: &mut Problems) {
    let path = ["tiers", tier, "routes", destination];
    if !destination.starts_with("pl-") {
        any_block(&path, destination, problems);
    }
    let targets = [
        ("transit_gateway_id", &target.transit_gateway_id),
        (
            "vpc_peering_connection_id",
            &target.vpc_peering_connection_id,
        ),
        (
            "virtual_private_gateway_id",
            &target.virtual_private_gateway_id,
        ),
        ("network_interface_id", &target.network_interface_id),
        ("vpc_endpoint_id", &target.vpc_endpoint_id),
    ];
    let set: Vec<&str> = targets
        .iter()
        .filter(|(_, id)| id.is_some())
        .map(|(name, _)| *name)
        .collect();
    if set.len() != 1 {
        let all: Vec<String> = targets.iter().map(|(name, _)| (*name).to_owned()).collect();
        problems.error(
            path,
            format!(
                "a route leads to one target, and this one has {}",
                set.len()
            ),
            format!("Set exactly one; {}.", names(all.iter())),
        );
    }
}
