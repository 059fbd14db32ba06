//! The VPC, its blocks, its gateways, and what comes with every VPC.

use platform_graph::{Graph, Handle};
use platform_kinds::network::{
    DefaultNetworkAcl, DefaultSecurityGroup, DhcpOptions, EgressOnlyInternetGateway,
    InternetGateway, Vpc, VpcBlockPublicAccessOptions, VpcCidrBlock, VpcDhcpOptionsAssociation,
    VpcGatewayAttachment,
};

use super::layout::Layout;
use super::spec::BlockMode;
use super::{acls, address};

pub(super) fn id() -> String {
    Handle::to(address::VPC).id()
}

pub(super) fn add(layout: &Layout<'_>, graph: &mut Graph) {
    let spec = layout.spec;
    let why = match &spec.ipam {
        Some(pool) => format!("the network itself, with a block from {}", pool.pool_id),
        None => "the network itself".to_owned(),
    };
    graph.add(
        address::VPC,
        why,
        Vpc {
            cidr_block: Some(layout.primary.to_string()),
            enable_dns_hostnames: Some(spec.dns.hostnames),
            enable_dns_support: Some(spec.dns.support),
            ipv4_ipam_pool_id: spec.ipam.as_ref().map(|pool| pool.pool_id.clone()),
            ..Vpc::default()
        },
    );
    blocks(layout, graph);
    gateways(layout, graph);
    dhcp_options(layout, graph);
    defaults(layout, graph);
    if let Some(block) = &spec.block_public_access {
        let (mode, why) = match block.mode {
            BlockMode::BlockBidirectional => (
                "block-bidirectional",
                "keeps internet gateways shut in every VPC of the account in this region",
            ),
            BlockMode::BlockIngress => (
                "block-ingress",
                "lets nothing in from the internet in every VPC of the account in this region",
            ),
        };
        graph.add(
            address::BLOCK_PUBLIC_ACCESS,
            why,
            VpcBlockPublicAccessOptions {
                internet_gateway_block_mode: mode.to_owned(),
            },
        );
    }
}

fn blocks(layout: &Layout<'_>, graph: &mut Graph) {
    for cidr in &layout.spec.secondary_cidrs {
        graph.add(
            address::secondary_block(cidr),
            format!("further addresses for the VPC: {cidr}"),
            VpcCidrBlock {
                vpc_id: id(),
                cidr_block: Some(cidr.clone()),
                ..VpcCidrBlock::default()
            },
        );
    }
    let Some(ipv6) = layout.spec.ipv6.as_ref().filter(|ipv6| ipv6.enabled) else {
        return;
    };
    let block = match &ipv6.ipam {
        None => VpcCidrBlock {
            amazon_provided_ipv6_cidr_block: Some(true),
            ..VpcCidrBlock::default()
        },
        Some(pool) => VpcCidrBlock {
            ipv6_ipam_pool_id: Some(pool.pool_id.clone()),
            ipv6_netmask_length: Some(pool.netmask_length.into()),
            ..VpcCidrBlock::default()
        },
    };
    graph.add(
        address::IPV6_BLOCK,
        "gives the VPC IPv6 addresses",
        VpcCidrBlock {
            vpc_id: id(),
            ..block
        },
    );
}

fn gateways(layout: &Layout<'_>, graph: &mut Graph) {
    if layout.spec.has_internet_gateway() {
        let gateway = graph.add(
            address::INTERNET_GATEWAY,
            "connects public subnets and NAT with the internet",
            InternetGateway::default(),
        );
        graph.add(
            address::INTERNET_ATTACHMENT,
            "attaches the internet gateway to the VPC",
            VpcGatewayAttachment {
                vpc_id: id(),
                internet_gateway_id: Some(gateway.id()),
                vpn_gateway_id: None,
            },
        );
    }
    if layout.spec.has_egress_only_gateway() {
        let gateway = graph.add(
            address::EGRESS_ONLY_GATEWAY,
            "lets private subnets reach the internet over IPv6, and nobody reach them",
            EgressOnlyInternetGateway {
                vpc_id: id(),
                ..EgressOnlyInternetGateway::default()
            },
        );
        graph.after(&gateway, &Handle::to(address::IPV6_BLOCK));
    }
}

fn dhcp_options(layout: &Layout<'_>, graph: &mut Graph) {
    let Some(spec) = &layout.spec.dhcp_options else {
        return;
    };
    let servers = if spec.domain_name_servers.is_empty() {
        vec!["AmazonProvidedDNS".to_owned()]
    } else {
        spec.domain_name_servers.clone()
    };
    let options = graph.add(
        address::DHCP_OPTIONS,
        "what instances learn over DHCP",
        DhcpOptions {
            domain_name: spec.domain_name.clone(),
            domain_name_servers: servers,
            ntp_servers: spec.ntp_servers.clone(),
            netbios_name_servers: spec.netbios_name_servers.clone(),
            netbios_node_type: spec.netbios_node_type.map(Into::into),
            ..DhcpOptions::default()
        },
    );
    graph.add(
        address::DHCP_ASSOCIATION,
        "makes the VPC use its DHCP options",
        VpcDhcpOptionsAssociation {
            vpc_id: id(),
            dhcp_options_id: options.id(),
        },
    );
}

fn defaults(layout: &Layout<'_>, graph: &mut Graph) {
    if layout.spec.lock_default_security_group {
        graph.add(
            address::DEFAULT_SECURITY_GROUP,
            "keeps the default security group without rules, so that nothing is reachable by oversight",
            DefaultSecurityGroup {
                vpc_id: id(),
                ..DefaultSecurityGroup::default()
            },
        );
    }
    if layout.spec.lock_default_network_acl {
        let unused = layout
            .tiers
            .values()
            .all(|tier| tier.spec.network_acl.is_some());
        let (why, entries) = if unused {
            (
                "keeps the default network ACL without rules: every tier has its own",
                Vec::new(),
            )
        } else {
            (
                "keeps the default network ACL at letting everything pass, for the tiers without their own",
                acls::allow_everything(layout.spec.has_ipv6()),
            )
        };
        let acl = graph.add(
            address::DEFAULT_NETWORK_ACL,
            why,
            DefaultNetworkAcl {
                vpc_id: id(),
                entries,
                ..DefaultNetworkAcl::default()
            },
        );
        // EC2 adds the entries for IPv6 by itself when the VPC gets its block.
        if layout.spec.has_ipv6() {
            graph.after(&acl, &Handle::to(address::IPV6_BLOCK));
        }
        // Emptied under subnets that still use it, it would cut them off.
        if unused {
            for (tier, tier_layout) in &layout.tiers {
                for zone in tier_layout.subnets.keys() {
                    graph.after(
                        &acl,
                        &Handle::to(address::network_acl_association(tier, zone)),
                    );
                }
            }
        }
    }
}
