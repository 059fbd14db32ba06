//! Subnets, their route tables and routes.
//!
//! Private tiers have a route table per zone whatever the NAT mode, so that a change of mode changes targets of routes and
//! nothing else. Public and isolated tiers share one table over all zones.

use std::collections::BTreeMap;

use ipnet::{IpNet, Ipv4Net};
use platform_graph::{Graph, Handle, Tags};
use platform_kinds::network::{
    PrivateDnsNameOptions, Route, RouteTable, Subnet, SubnetRouteTableAssociation,
};

use super::layout::{Layout, SubnetLayout, TierLayout};
use super::spec::{Ipv6Mode, NatMode, RouteTarget, TierKind};
use super::{address, vpc};

/// Where DNS64 answers for names without IPv6 addresses lead: the well-known prefix of RFC 6052.
const NAT64_PREFIX: &str = "64:ff9b::/96";

pub(super) fn add(layout: &Layout<'_>, graph: &mut Graph) {
    for (name, tier) in &layout.tiers {
        for (zone, subnet) in &tier.subnets {
            add_subnet(layout, graph, name, tier, zone, *subnet);
        }
        for (zone, table) in tables(name, tier) {
            add_table(layout, graph, name, tier, zone, &table);
        }
        for zone in tier.subnets.keys() {
            graph.add(
                address::route_table_association(name, zone),
                format!("makes subnet {name} in {zone} use its route table"),
                SubnetRouteTableAssociation {
                    subnet_id: Handle::to(address::subnet(name, zone)).id(),
                    route_table_id: Handle::to(table_of(name, tier, zone)).id(),
                },
            );
        }
    }
}

/// Address of the route table that a zone's subnet uses.
pub(super) fn table_of(name: &str, tier: &TierLayout<'_>, zone: &str) -> String {
    let own = tier.spec.kind == TierKind::Private;
    address::route_table(name, own.then_some(zone))
}

/// Addresses of the tier's route tables, each with its zone where it has one.
fn tables<'a>(name: &str, tier: &'a TierLayout<'_>) -> Vec<(Option<&'a str>, String)> {
    match tier.spec.kind {
        TierKind::Private => tier
            .subnets
            .keys()
            .map(|zone| (Some(zone.as_str()), address::route_table(name, Some(zone))))
            .collect(),
        TierKind::Public | TierKind::Isolated => vec![(None, address::route_table(name, None))],
    }
}

fn kind_word(kind: TierKind) -> &'static str {
    match kind {
        TierKind::Public => "public",
        TierKind::Private => "private",
        TierKind::Isolated => "isolated",
    }
}

fn add_subnet(
    layout: &Layout<'_>,
    graph: &mut Graph,
    name: &str,
    tier: &TierLayout<'_>,
    zone: &str,
    subnet: SubnetLayout,
) {
    let ipv6_only = tier.ipv6 == Ipv6Mode::Only;
    let has_ipv6 = subnet.ipv6.is_some();
    let handle = graph.add(
        address::subnet(name, zone),
        match kind_word(tier.spec.kind) {
            word if word == name => format!("{word} subnet of zone {zone}"),
            word => format!("{word} subnet of tier {name} in zone {zone}"),
        },
        Subnet {
            vpc_id: vpc::id(),
            availability_zone_id: Some(zone.to_owned()),
            cidr_block: subnet.ipv4.map(|block| block.to_string()),
            ipv6_cidr_block: subnet.ipv6.map(|index| {
                Handle::to(address::IPV6_BLOCK).subnet_of("Ipv6CidrBlock", 64, index.into())
            }),
            ipv6_native: ipv6_only.then_some(true),
            assign_ipv6_address_on_creation: has_ipv6.then_some(true),
            enable_dns64: has_ipv6.then_some(uses_nat64(layout, tier)),
            map_public_ip_on_launch: (!ipv6_only).then_some(tier.spec.assign_public_ips),
            // Without IPv4 there is no address to make a host name of. With it, this is what AWS gives by itself, asked for so
            // that another choice shows in a plan.
            private_dns_name_options_on_launch: Some(PrivateDnsNameOptions {
                enable_resource_name_dns_a_record: (!ipv6_only).then_some(false),
                enable_resource_name_dns_aaaa_record: Some(ipv6_only),
                hostname_type: Some(
                    if ipv6_only {
                        "resource-name"
                    } else {
                        "ip-name"
                    }
                    .to_owned(),
                ),
            }),
            tags: tags(layout, tier),
            ..Subnet::default()
        },
    );
    if let Some(block) = subnet.ipv4
        && let Some(home) = layout.spec.secondary_cidrs.iter().find(|cidr| {
            cidr.parse::<Ipv4Net>()
                .is_ok_and(|cidr| cidr.contains(&block))
        })
    {
        graph.after(&handle, &Handle::to(address::secondary_block(home)));
    }
}

/// Whether names without IPv6 addresses are made reachable through NAT.
fn uses_nat64(layout: &Layout<'_>, tier: &TierLayout<'_>) -> bool {
    tier.ipv6 == Ipv6Mode::Only
        && layout.spec.uses_nat(tier.spec)
        && layout.spec.nat_mode() != NatMode::None
}

/// The tags by which controllers in clusters find their subnets, and the tier's own.
fn tags(layout: &Layout<'_>, tier: &TierLayout<'_>) -> Tags {
    let clusters = &layout.spec.cluster_names;
    let mut tags = Tags::new();
    let role = match tier.spec.kind {
        TierKind::Public => Some("kubernetes.io/role/elb"),
        TierKind::Private => Some("kubernetes.io/role/internal-elb"),
        TierKind::Isolated => None,
    };
    if let Some(role) = role.filter(|_| !clusters.is_empty()) {
        tags.insert(role.to_owned(), "1".to_owned());
        for name in clusters {
            tags.insert(format!("kubernetes.io/cluster/{name}"), "shared".to_owned());
        }
    }
    let only = clusters
        .first()
        .filter(|_| clusters.len() == 1 && tier.spec.kind == TierKind::Private);
    if let Some(name) = tier.spec.karpenter_discovery.as_ref().or(only) {
        tags.insert("karpenter.sh/discovery".to_owned(), name.clone());
    }
    tags.extend(tier.spec.tags.clone());
    tags
}

fn add_table(
    layout: &Layout<'_>,
    graph: &mut Graph,
    name: &str,
    tier: &TierLayout<'_>,
    zone: Option<&str>,
    table: &str,
) {
    let place = match zone {
        None => format!("tier {name}"),
        Some(zone) => format!("tier {name} in {zone}"),
    };
    let handle = graph.add(
        table,
        format!("routes of {place}"),
        RouteTable {
            vpc_id: vpc::id(),
            ..RouteTable::default()
        },
    );
    for (destination, (why, after, route)) in routes(layout, tier, zone, &place) {
        let route = graph.add(
            address::route(table, &destination),
            why,
            to_destination(route, &handle, &destination),
        );
        for first in after {
            graph.after(&route, &Handle::to(first));
        }
    }
}

type Planned = (String, Vec<&'static str>, Route);

/// The routes of a table by destination: why, what must be there first, and the target.
fn routes(
    layout: &Layout<'_>,
    tier: &TierLayout<'_>,
    zone: Option<&str>,
    place: &str,
) -> BTreeMap<String, Planned> {
    let (ipv4, ipv6) = (tier.ipv6 != Ipv6Mode::Only, tier.ipv6 != Ipv6Mode::None);
    let mut routes = BTreeMap::new();
    match tier.spec.kind {
        TierKind::Isolated => {}
        TierKind::Public => {
            let gateway = Route {
                gateway_id: Some(Handle::to(address::INTERNET_GATEWAY).id()),
                ..Route::default()
            };
            for (destination, wanted) in [("0.0.0.0/0", ipv4), ("::/0", ipv6)] {
                if wanted {
                    let family = if destination == "::/0" {
                        " over IPv6"
                    } else {
                        ""
                    };
                    let why = format!("connects {place} with the internet{family}");
                    let after = std::iter::once(address::INTERNET_ATTACHMENT)
                        .chain((destination == "::/0").then_some(address::IPV6_BLOCK))
                        .collect();
                    routes.insert(destination.to_owned(), (why, after, gateway.clone()));
                }
            }
        }
        TierKind::Private => {
            if let Some(nat) = nat_for(layout, zone).filter(|_| layout.spec.uses_nat(tier.spec)) {
                let route = Route {
                    nat_gateway_id: Some(Handle::to(nat).id()),
                    ..Route::default()
                };
                let (destination, why) = if ipv4 {
                    ("0.0.0.0/0", format!("lets {place} reach the internet"))
                } else {
                    (
                        NAT64_PREFIX,
                        format!("lets {place} reach IPv4-only destinations"),
                    )
                };
                routes.insert(destination.to_owned(), (why, vec![], route));
            }
            if ipv6 && layout.spec.has_egress_only_gateway() {
                let route = Route {
                    egress_only_internet_gateway_id: Some(
                        Handle::to(address::EGRESS_ONLY_GATEWAY).id(),
                    ),
                    ..Route::default()
                };
                let why = format!("lets {place} reach the internet over IPv6");
                routes.insert("::/0".to_owned(), (why, vec![], route));
            }
        }
    }
    for (destination, target) in &tier.spec.routes {
        let why = format!(
            "sends what {place} has for {destination} to {}",
            target_word(target)
        );
        routes.insert(destination.clone(), (why, vec![], to_target(target)));
    }
    routes
}

/// Address of the NAT gateway that serves a zone.
fn nat_for(layout: &Layout<'_>, zone: Option<&str>) -> Option<String> {
    match layout.spec.nat_mode() {
        NatMode::None => None,
        NatMode::Regional => Some(address::REGIONAL_NAT.to_owned()),
        NatMode::PerZone => zone.map(address::nat),
        NatMode::Single => layout.nat_zones().first().map(|zone| address::nat(zone)),
    }
}

fn target_word(target: &RouteTarget) -> &'static str {
    if target.transit_gateway_id.is_some() {
        "a transit gateway"
    } else if target.vpc_peering_connection_id.is_some() {
        "a peered VPC"
    } else if target.virtual_private_gateway_id.is_some() {
        "a virtual private gateway"
    } else if target.network_interface_id.is_some() {
        "a network interface"
    } else {
        "a VPC endpoint"
    }
}

fn to_target(target: &RouteTarget) -> Route {
    Route {
        transit_gateway_id: target.transit_gateway_id.clone(),
        vpc_peering_connection_id: target.vpc_peering_connection_id.clone(),
        gateway_id: target.virtual_private_gateway_id.clone(),
        network_interface_id: target.network_interface_id.clone(),
        vpc_endpoint_id: target.vpc_endpoint_id.clone(),
        ..Route::default()
    }
}

fn to_destination(route: Route, table: &Handle, destination: &str) -> Route {
    let mut route = Route {
        route_table_id: table.id(),
        ..route
    };
    let text = Some(destination.to_owned());
    match destination.parse() {
        Ok(IpNet::V4(_)) => route.destination_cidr_block = text,
        Ok(IpNet::V6(_)) => route.destination_ipv6_cidr_block = text,
        Err(_) => route.destination_prefix_list_id = text,
    }
    route
}
