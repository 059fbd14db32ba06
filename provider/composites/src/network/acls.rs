//! Network ACLs of tiers.

use ipnet::IpNet;
use platform_graph::{Graph, Handle};
use platform_kinds::network::{
    Icmp, NetworkAcl, NetworkAclEntry, PortRange, SubnetNetworkAclAssociation,
};

use super::layout::Layout;
use super::spec::{AclAction, AclRule, Protocol};
use super::{address, ports, vpc};

/// The rules that AWS gives a default network ACL.
pub(super) fn allow_everything(ipv6: bool) -> Vec<NetworkAclEntry> {
    let mut entries = Vec::new();
    for egress in [false, true] {
        let entry = |number, ipv4: Option<&str>, ipv6: Option<&str>| NetworkAclEntry {
            network_acl_id: Handle::to(address::VPC).attribute("DefaultNetworkAcl"),
            egress,
            rule_number: number,
            protocol: -1,
            rule_action: "allow".to_owned(),
            cidr_block: ipv4.map(str::to_owned),
            ipv6_cidr_block: ipv6.map(str::to_owned),
            port_range: None,
            icmp: None,
        };
        entries.push(entry(100, Some("0.0.0.0/0"), None));
        if ipv6 {
            entries.push(entry(101, None, Some("::/0")));
        }
    }
    entries
}

pub(super) fn add(layout: &Layout<'_>, graph: &mut Graph) {
    for (tier, tier_layout) in &layout.tiers {
        let Some(spec) = &tier_layout.spec.network_acl else {
            continue;
        };
        let acl = graph.add(
            address::network_acl(tier),
            format!("which packets may enter and leave the subnets of tier {tier}"),
            NetworkAcl {
                vpc_id: vpc::id(),
                ..NetworkAcl::default()
            },
        );
        for (egress, rules) in [(false, &spec.ingress), (true, &spec.egress)] {
            for rule in rules.values() {
                graph.add(
                    address::network_acl_rule(tier, egress, rule.number),
                    sentence(rule, egress, tier),
                    entry(acl.id(), egress, rule),
                );
            }
        }
        for zone in tier_layout.subnets.keys() {
            let association = graph.add(
                address::network_acl_association(tier, zone),
                format!("makes subnet {tier} in {zone} use the tier's network ACL"),
                SubnetNetworkAclAssociation {
                    subnet_id: Handle::to(address::subnet(tier, zone)).id(),
                    network_acl_id: acl.id(),
                    default_network_acl_id: Handle::to(address::VPC).attribute("DefaultNetworkAcl"),
                },
            );
            // An ACL without its rules lets nothing pass.
            for (egress, rules) in [(false, &spec.ingress), (true, &spec.egress)] {
                for rule in rules.values() {
                    let entry = address::network_acl_rule(tier, egress, rule.number);
                    graph.after(&association, &Handle::to(entry));
                }
            }
        }
    }
}

fn sentence(rule: &AclRule, egress: bool, tier: &str) -> String {
    let ports = ports::range(rule.port, rule.from_port, rule.to_port);
    let what = match rule.protocol {
        Protocol::All => "everything".to_owned(),
        protocol => ports::sentence(protocol, ports),
    };
    let way = if egress {
        format!("from tier {tier} to {}", rule.cidr)
    } else {
        format!("from {} into tier {tier}", rule.cidr)
    };
    match rule.action {
        AclAction::Allow => format!("lets {what} pass {way}"),
        AclAction::Deny => format!("stops {what} {way}"),
    }
}

fn entry(acl: String, egress: bool, rule: &AclRule) -> NetworkAclEntry {
    let ipv6 = matches!(rule.cidr.parse(), Ok(IpNet::V6(_)));
    let every = Some((0, 65_535));
    let ports = match rule.protocol {
        Protocol::Tcp | Protocol::Udp => {
            ports::range(rule.port, rule.from_port, rule.to_port).or(every)
        }
        Protocol::Icmp | Protocol::Icmpv6 | Protocol::All => None,
    };
    NetworkAclEntry {
        network_acl_id: acl,
        egress,
        rule_number: rule.number.into(),
        protocol: ports::number(rule.protocol),
        rule_action: match rule.action {
            AclAction::Allow => "allow",
            AclAction::Deny => "deny",
        }
        .to_owned(),
        cidr_block: (!ipv6).then(|| rule.cidr.clone()),
        ipv6_cidr_block: ipv6.then(|| rule.cidr.clone()),
        port_range: ports.map(|(from, to)| PortRange {
            from: from.into(),
            to: to.into(),
        }),
        icmp: matches!(rule.protocol, Protocol::Icmp | Protocol::Icmpv6)
            .then_some(Icmp { code: -1, kind: -1 }),
    }
}
