//! Security groups, and their rules as edges between groups, tiers and blocks.
//!
//! Every rule is a part of its own whose address says what it means: `security-group/db/ingress/tcp/5432/from-group/app`. A
//! rule that is renamed stays the same part; one that is added touches no other.

use std::collections::BTreeMap;

use ipnet::IpNet;
use platform_graph::{Graph, Handle};
use platform_kinds::network::{SecurityGroup, SecurityGroupEgress, SecurityGroupIngress};

use crate::schema::is_unknown_text;

use super::layout::Layout;
use super::spec::{EgressRule, IngressRule, Protocol};
use super::{address, ports, vpc};

/// The direction of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    In,
    Out,
}

impl Way {
    pub fn attribute(self) -> &'static str {
        match self {
            Way::In => "ingress",
            Way::Out => "egress",
        }
    }

    fn preposition(self) -> &'static str {
        match self {
            Way::In => "from",
            Way::Out => "to",
        }
    }
}

/// A rule of the configuration, whichever its direction.
#[derive(Debug, Clone)]
pub(super) struct Rule<'a> {
    pub way: Way,
    pub group: Option<&'a str>,
    pub tier: Option<&'a str>,
    pub cidrs: Vec<&'a str>,
    pub prefix_list: Option<&'a str>,
    pub own: bool,
    pub protocol: Protocol,
    pub port: Option<u32>,
    pub from_port: Option<u32>,
    pub to_port: Option<u32>,
    pub description: Option<&'a str>,
}

impl<'a> From<&'a IngressRule> for Rule<'a> {
    fn from(rule: &'a IngressRule) -> Self {
        Rule {
            way: Way::In,
            group: rule.from_group.as_deref(),
            tier: rule.from_tier.as_deref(),
            cidrs: rule.from_cidrs.iter().map(String::as_str).collect(),
            prefix_list: rule.from_prefix_list.as_deref(),
            own: rule.from_self,
            protocol: rule.protocol,
            port: rule.port,
            from_port: rule.from_port,
            to_port: rule.to_port,
            description: rule.description.as_deref(),
        }
    }
}

impl<'a> From<&'a EgressRule> for Rule<'a> {
    fn from(rule: &'a EgressRule) -> Self {
        Rule {
            way: Way::Out,
            group: rule.to_group.as_deref(),
            tier: rule.to_tier.as_deref(),
            cidrs: rule.to_cidrs.iter().map(String::as_str).collect(),
            prefix_list: rule.to_prefix_list.as_deref(),
            own: rule.to_self,
            protocol: rule.protocol,
            port: rule.port,
            from_port: rule.from_port,
            to_port: rule.to_port,
            description: rule.description.as_deref(),
        }
    }
}

/// All rules of a group with their names.
pub(super) fn rules(group: &super::spec::SecurityGroup) -> impl Iterator<Item = (&str, Rule<'_>)> {
    let ingress = group
        .ingress
        .iter()
        .map(|(name, rule)| (name.as_str(), Rule::from(rule)));
    let egress = group
        .egress
        .iter()
        .map(|(name, rule)| (name.as_str(), Rule::from(rule)));
    ingress.chain(egress)
}

/// Whether a text is the id of a group rather than the name of one of this network; what is not known yet is an id.
pub(super) fn is_group_id(text: &str) -> bool {
    text.starts_with("sg-") || is_unknown_text(text)
}

/// The other end of one rule in AWS.
enum Peer {
    Group(String),
    Block(IpNet),
    /// The IPv6 block of a subnet, which AWS chooses.
    Ipv6Of(String),
    PrefixList(String),
}

/// The ends that a rule names: the last piece of the address, a word for the sentence, and the peer.
fn peers(
    layout: &Layout<'_>,
    owner: &str,
    name: &str,
    rule: &Rule<'_>,
) -> Vec<(String, String, Peer)> {
    let mut peers = Vec::new();
    let way = rule.way.preposition();
    let of = |group: &str| Handle::to(address::security_group(group)).id();
    if rule.own {
        peers.push((
            format!("{way}-self"),
            "its own members".to_owned(),
            Peer::Group(of(owner)),
        ));
    }
    match rule.group {
        // Its id may not be known yet, so that the rule's name has to tell it from others.
        Some(id) if is_group_id(id) => peers.push((
            format!("{way}-other-group/{name}"),
            "a group of another network".to_owned(),
            Peer::Group(id.to_owned()),
        )),
        Some(group) => peers.push((
            format!("{way}-group/{group}"),
            format!("group {group}"),
            Peer::Group(of(group)),
        )),
        None => {}
    }
    if let Some((tier, layout)) = rule
        .tier
        .and_then(|tier| Some((tier, layout.tiers.get(tier)?)))
    {
        for (zone, subnet) in &layout.subnets {
            let word = format!("tier {tier} in {zone}");
            // ICMP exists once for each family.
            if let Some(block) = subnet.ipv4.filter(|_| rule.protocol != Protocol::Icmpv6) {
                peers.push((
                    format!("{way}-tier/{tier}/{zone}"),
                    word.clone(),
                    Peer::Block(block.into()),
                ));
            }
            if let Some(index) = subnet.ipv6.filter(|_| rule.protocol != Protocol::Icmp) {
                let reference =
                    Handle::to(address::IPV6_BLOCK).subnet_of("Ipv6CidrBlock", 64, index.into());
                peers.push((
                    format!("{way}-tier/{tier}/{zone}/ipv6"),
                    word,
                    Peer::Ipv6Of(reference),
                ));
            }
        }
    }
    for cidr in &rule.cidrs {
        if let Ok(block) = cidr.parse::<IpNet>() {
            let word = match *cidr {
                "0.0.0.0/0" => "the whole internet".to_owned(),
                "::/0" => "the whole internet over IPv6".to_owned(),
                other => other.to_owned(),
            };
            peers.push((format!("{way}-cidr/{block}"), word, Peer::Block(block)));
        }
    }
    if let Some(list) = rule.prefix_list {
        peers.push((
            format!("{way}-prefix-list/{name}"),
            "a prefix list".to_owned(),
            Peer::PrefixList(list.to_owned()),
        ));
    }
    peers
}

/// Addresses of the rules of a group that its configuration comes to, each with direction and name of its rule.
pub(super) fn static_addresses(owner: &str, name: &str, rule: &Rule<'_>) -> Vec<String> {
    let way = rule.way.preposition();
    let mut ends = Vec::new();
    if rule.own {
        ends.push(format!("{way}-self"));
    }
    if let Some(group) = rule.group {
        ends.push(if is_group_id(group) {
            format!("{way}-other-group/{name}")
        } else {
            format!("{way}-group/{group}")
        });
    }
    ends.extend(rule.tier.map(|tier| format!("{way}-tier/{tier}")));
    ends.extend(rule.cidrs.iter().map(|cidr| format!("{way}-cidr/{cidr}")));
    if rule.prefix_list.is_some() {
        ends.push(format!("{way}-prefix-list/{name}"));
    }
    ends.into_iter()
        .map(|end| rule_address(owner, rule, &end))
        .collect()
}

fn rule_address(owner: &str, rule: &Rule<'_>, end: &str) -> String {
    format!(
        "{}/{}/{}/{end}",
        address::security_group(owner),
        rule.way.attribute(),
        ports::segment(
            rule.protocol,
            ports::range(rule.port, rule.from_port, rule.to_port)
        ),
    )
}

pub(super) fn add(layout: &Layout<'_>, graph: &mut Graph) {
    for (name, group) in &layout.spec.security_groups {
        let description = group
            .description
            .clone()
            .unwrap_or_else(|| format!("{name} of network {}", layout.spec.name));
        graph.add(
            address::security_group(name),
            format!("decides who may connect with {name}"),
            SecurityGroup {
                group_description: description,
                group_name: name.clone(),
                vpc_id: vpc::id(),
                security_group_egress: Some(Vec::new()),
                tags: group.tags.clone(),
            },
        );
        for (rule_name, rule) in rules(group) {
            add_rule(layout, graph, name, rule_name, &rule);
        }
    }
    if shared_by_endpoints(layout) {
        endpoints_group(layout, graph);
    }
}

/// Whether an interface endpoint uses the shared group.
pub(super) fn shared_by_endpoints(layout: &Layout<'_>) -> bool {
    layout
        .spec
        .endpoints
        .interface
        .values()
        .any(|endpoint| endpoint.security_groups.is_empty())
}

/// The group of interface endpoints: HTTPS from everywhere in the VPC.
fn endpoints_group(layout: &Layout<'_>, graph: &mut Graph) {
    let name = address::ENDPOINTS_GROUP;
    let group = graph.add(
        address::security_group(name),
        "decides who may connect with interface endpoints",
        SecurityGroup {
            group_description: format!("Interface endpoints of network {}", layout.spec.name),
            group_name: name.to_owned(),
            vpc_id: vpc::id(),
            security_group_egress: Some(Vec::new()),
            ..SecurityGroup::default()
        },
    );
    let mut blocks: BTreeMap<String, String> = layout
        .spec
        .secondary_cidrs
        .iter()
        .chain([&layout.primary.to_string()])
        .map(|cidr| (cidr.clone(), cidr.clone()))
        .collect();
    if layout.spec.has_ipv6() {
        blocks.insert(
            "ipv6".to_owned(),
            Handle::to(address::IPV6_BLOCK).attribute("Ipv6CidrBlock"),
        );
    }
    for (word, block) in blocks {
        let ipv6 = word == "ipv6";
        graph.add(
            format!(
                "{}/ingress/tcp/443/from-vpc/{word}",
                address::security_group(name)
            ),
            match ipv6 {
                true => "lets the VPC reach interface endpoints over IPv6".to_owned(),
                false => format!("lets {word} reach interface endpoints"),
            },
            SecurityGroupIngress {
                group_id: group.id(),
                ip_protocol: "tcp".to_owned(),
                from_port: Some(443),
                to_port: Some(443),
                cidr_ip: (!ipv6).then(|| block.clone()),
                cidr_ipv6: ipv6.then_some(block),
                description: Some("HTTPS from the VPC".to_owned()),
                ..SecurityGroupIngress::default()
            },
        );
    }
}

fn add_rule(layout: &Layout<'_>, graph: &mut Graph, owner: &str, name: &str, rule: &Rule<'_>) {
    let ports = ports::range(rule.port, rule.from_port, rule.to_port);
    let (from_port, to_port) = match (rule.protocol, ports) {
        (Protocol::Tcp | Protocol::Udp, Some((from, to))) => (Some(from.into()), Some(to.into())),
        (Protocol::Icmp | Protocol::Icmpv6, _) => (Some(-1), Some(-1)),
        _ => (None, None),
    };
    let what = ports::sentence(rule.protocol, ports);
    let description = Some(rule.description.unwrap_or(name).to_owned());
    for (end, word, peer) in peers(layout, owner, name, rule) {
        let address = rule_address(owner, rule, &end);
        let why = match rule.way {
            _ if end.ends_with("-self") => {
                format!("lets members of {owner} reach one another by {what}")
            }
            Way::In => format!("lets {word} reach {owner} by {what}"),
            Way::Out => format!("lets {owner} reach {word} by {what}"),
        };
        let (mut group, mut ipv4, mut ipv6, mut list) = (None, None, None, None);
        match peer {
            Peer::Group(id) => group = Some(id),
            Peer::Block(block @ IpNet::V4(_)) => ipv4 = Some(block.to_string()),
            Peer::Block(block @ IpNet::V6(_)) => ipv6 = Some(block.to_string()),
            Peer::Ipv6Of(reference) => ipv6 = Some(reference),
            Peer::PrefixList(id) => list = Some(id),
        }
        let group_id = Handle::to(address::security_group(owner)).id();
        let ip_protocol = ports::name(rule.protocol).to_owned();
        match rule.way {
            Way::In => graph.add(
                address,
                why,
                SecurityGroupIngress {
                    group_id,
                    ip_protocol,
                    from_port,
                    to_port,
                    cidr_ip: ipv4,
                    cidr_ipv6: ipv6,
                    source_prefix_list_id: list,
                    source_security_group_id: group,
                    description: description.clone(),
                    ..SecurityGroupIngress::default()
                },
            ),
            Way::Out => graph.add(
                address,
                why,
                SecurityGroupEgress {
                    group_id,
                    ip_protocol,
                    from_port,
                    to_port,
                    cidr_ip: ipv4,
                    cidr_ipv6: ipv6,
                    destination_prefix_list_id: list,
                    destination_security_group_id: group,
                    description: description.clone(),
                    ..SecurityGroupEgress::default()
                },
            ),
        };
    }
}
