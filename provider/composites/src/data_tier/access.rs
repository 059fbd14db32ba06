//! Who may connect to a store: a security group of its own, and both ends of every edge into it.
//!
//! A group of the network that may connect gets a rule that lets it out to the store, because groups of a network let nothing out
//! unless they say so. The rule belongs to the data tier: it comes and goes with the store.

use ipnet::IpNet;
use platform_graph::{Graph, Handle};
use platform_kinds::network::{SecurityGroup, SecurityGroupEgress, SecurityGroupIngress};

use super::frame::Store;
use super::spec::Access;

/// What a security group stands in front of: a store, or something before it.
pub(super) struct Door<'a> {
    /// What the addresses of its parts begin with, after the store's; empty for the store itself.
    pub prefix: &'a str,
    /// It in words: `postgres orders`.
    pub words: String,
    /// Name of the group.
    pub group_name: String,
}

/// Adds the security group of a store that listens on these TCP ports, and the rules that let `access` in.
pub(super) fn add(
    store: &Store<'_>,
    ports: &[u16],
    access: &Access,
    graph: &mut Graph,
) -> Option<Handle> {
    let door = Door {
        prefix: "",
        words: store.words(),
        group_name: format!("{}-{}", store.physical_name(), store.sort),
    };
    open(store, &door, ports, access, graph)
}

/// Adds the security group of whatever listens on these TCP ports, and the rules that let `access` in.
pub(super) fn open(
    store: &Store<'_>,
    door: &Door<'_>,
    ports: &[u16],
    access: &Access,
    graph: &mut Graph,
) -> Option<Handle> {
    let network = store.frame.spec.network.as_ref()?;
    let words = &door.words;
    let part = |part: &str| store.part(&format!("{}{part}", door.prefix));
    let group = graph.add(
        part("security-group"),
        format!("decides who may connect to {words}"),
        SecurityGroup {
            group_description: format!("{words} of data tier {}", store.frame.spec.name),
            group_name: door.group_name.clone(),
            vpc_id: network.vpc_id.clone(),
            security_group_egress: Some(Vec::new()),
            ..SecurityGroup::default()
        },
    );
    for port in ports {
        for (end, word, peer) in peers(store, access) {
            let rule = |mut rule: SecurityGroupIngress| {
                rule.group_id = group.id();
                rule.ip_protocol = "tcp".to_owned();
                (rule.from_port, rule.to_port) = (Some((*port).into()), Some((*port).into()));
                rule.description = Some(format!("{word} to {words}"));
                rule
            };
            let ingress = match &peer {
                Peer::Group(id) => SecurityGroupIngress {
                    source_security_group_id: Some(id.clone()),
                    ..SecurityGroupIngress::default()
                },
                Peer::Block(block) if block.contains(':') => SecurityGroupIngress {
                    cidr_ipv6: Some(block.clone()),
                    ..SecurityGroupIngress::default()
                },
                Peer::Block(block) => SecurityGroupIngress {
                    cidr_ip: Some(block.clone()),
                    ..SecurityGroupIngress::default()
                },
            };
            graph.add(
                part(&format!("access/{port}/{end}/in")),
                format!("lets {word} reach {words}"),
                rule(ingress),
            );
            if let Peer::Group(id) = peer {
                graph.add(
                    part(&format!("access/{port}/{end}/out")),
                    format!("lets {word} out to {words}"),
                    SecurityGroupEgress {
                        group_id: id,
                        ip_protocol: "tcp".to_owned(),
                        from_port: Some((*port).into()),
                        to_port: Some((*port).into()),
                        destination_security_group_id: Some(group.id()),
                        description: Some(format!("{word} to {words}")),
                        ..SecurityGroupEgress::default()
                    },
                );
            }
        }
    }
    Some(group)
}

enum Peer {
    Group(String),
    Block(String),
}

/// The ends that may connect: the last pieces of the address, a word for the sentence, and the peer.
fn peers(store: &Store<'_>, access: &Access) -> Vec<(String, String, Peer)> {
    let mut peers = Vec::new();
    let Some(network) = &store.frame.spec.network else {
        return peers;
    };
    for name in &access.security_groups {
        if let Some(id) = network.security_group_ids.get(name) {
            peers.push((
                format!("group/{name}"),
                format!("group {name}"),
                Peer::Group(id.clone()),
            ));
        }
    }
    for (name, id) in &access.other_security_groups {
        peers.push((
            format!("other-group/{name}"),
            format!("group {name}"),
            Peer::Group(id.clone()),
        ));
    }
    for tier in &access.tiers {
        for (zone, block) in network.subnet_cidrs.get(tier).into_iter().flatten() {
            peers.push((
                format!("tier/{tier}/{zone}"),
                format!("tier {tier} in {zone}"),
                Peer::Block(block.clone()),
            ));
        }
    }
    for cidr in &access.cidrs {
        if let Ok(block) = cidr.parse::<IpNet>() {
            peers.push((
                format!("cidr/{block}"),
                block.to_string(),
                Peer::Block(block.to_string()),
            ));
        }
    }
    peers
}
