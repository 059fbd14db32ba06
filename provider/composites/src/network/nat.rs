//! NAT gateways and their public addresses.
//!
//! Addresses belong to zones, not to gateways: `eip/<zone id>` is the same part in every mode, so a zone that keeps a gateway
//! keeps its public address when the mode changes. An address can serve one gateway at a time; the plan lets go of the old
//! gateway first.

use platform_graph::{Graph, Handle};
use platform_kinds::network::{Eip, NatGateway, ZoneAddresses};

use super::layout::Layout;
use super::spec::NatMode;
use super::{address, vpc};

pub(super) fn add(layout: &Layout<'_>, graph: &mut Graph) {
    match layout.spec.nat_mode() {
        NatMode::None => {}
        NatMode::Regional => regional(layout, graph),
        NatMode::Single | NatMode::PerZone => zonal(layout, graph),
    }
}

/// Whether the zone's address is made here rather than brought along.
pub(super) fn makes_address(layout: &Layout<'_>, zone: &str) -> bool {
    !layout.spec.nat.elastic_ips.contains_key(zone)
}

fn allocation(layout: &Layout<'_>, graph: &mut Graph, zone: &str) -> String {
    match layout.spec.nat.elastic_ips.get(zone) {
        Some(own) => own.clone(),
        None => graph
            .add(
                address::eip(zone),
                format!("public address of what leaves through NAT in {zone}"),
                Eip {
                    domain: Some("vpc".to_owned()),
                    ..Eip::default()
                },
            )
            .attribute("AllocationId"),
    }
}

fn zonal(layout: &Layout<'_>, graph: &mut Graph) {
    let Some(tier) = layout.nat_tier.as_deref() else {
        return;
    };
    for zone in layout.nat_zones() {
        let allocation = allocation(layout, graph, zone);
        let why = match layout.spec.nat_mode() {
            NatMode::Single => {
                "lets the private subnets of all zones reach the internet".to_owned()
            }
            _ => format!("lets the private subnets of {zone} reach the internet"),
        };
        let gateway = graph.add(
            address::nat(zone),
            why,
            NatGateway {
                subnet_id: Some(Handle::to(address::subnet(tier, zone)).id()),
                allocation_id: Some(allocation),
                connectivity_type: Some("public".to_owned()),
                ..NatGateway::default()
            },
        );
        // AWS lets a NAT gateway fail in a VPC whose internet gateway is not attached yet.
        graph.after(&gateway, &Handle::to(address::INTERNET_ATTACHMENT));
    }
}

fn regional(layout: &Layout<'_>, graph: &mut Graph) {
    let addresses = layout
        .zones
        .iter()
        .map(|zone| ZoneAddresses {
            allocation_ids: vec![allocation(layout, graph, &zone.id)],
            availability_zone: None,
            availability_zone_id: Some(zone.id.clone()),
        })
        .collect();
    let gateway = graph.add(
        address::REGIONAL_NAT,
        "lets the private subnets of all zones reach the internet",
        NatGateway {
            vpc_id: Some(vpc::id()),
            availability_mode: Some("regional".to_owned()),
            availability_zone_addresses: Some(addresses),
            connectivity_type: Some("public".to_owned()),
            ..NatGateway::default()
        },
    );
    graph.after(&gateway, &Handle::to(address::INTERNET_ATTACHMENT));
}
