//! How packets travel: routes, NAT, network ACLs and security groups.

use std::collections::{BTreeMap, BTreeSet};

use platform_graph::Tags;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where a route leads. Exactly one of them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RouteTarget {
    /// Id of a transit gateway that the VPC is attached to. Example: `tgw-0123456789abcdef0`.
    #[schemars(regex(pattern = r"^tgw-[0-9a-f]+$"))]
    pub transit_gateway_id: Option<String>,
    /// Id of a VPC peering connection. Example: `pcx-0123456789abcdef0`.
    #[schemars(regex(pattern = r"^pcx-[0-9a-f]+$"))]
    pub vpc_peering_connection_id: Option<String>,
    /// Id of a virtual private gateway that is attached to the VPC. Example: `vgw-0123456789abcdef0`.
    #[schemars(regex(pattern = r"^vgw-[0-9a-f]+$"))]
    pub virtual_private_gateway_id: Option<String>,
    /// Id of a network interface, for example that of a firewall appliance. Example: `eni-0123456789abcdef0`.
    #[schemars(regex(pattern = r"^eni-[0-9a-f]+$"))]
    pub network_interface_id: Option<String>,
    /// Id of a Gateway Load Balancer endpoint. Example: `vpce-0123456789abcdef0`.
    #[schemars(regex(pattern = r"^vpce-[0-9a-f]+$"))]
    pub vpc_endpoint_id: Option<String>,
}

/// A network ACL: rules without memory of connections, so that answers need rules too. What no rule allows is denied.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NetworkAcl {
    /// Rules for what comes in, by name.
    #[serde(default)]
    pub ingress: BTreeMap<String, AclRule>,
    /// Rules for what goes out, by name.
    #[serde(default)]
    pub egress: BTreeMap<String, AclRule>,
}

/// What a network ACL rule does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AclAction {
    /// Lets the packet pass.
    #[default]
    Allow,
    /// Drops the packet.
    Deny,
}

/// One rule of a network ACL.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AclRule {
    /// Position of the rule: the matching rule with the lowest number decides. Unique per direction. Example: `100`.
    #[schemars(range(min = 1, max = 32766))]
    pub number: u16,
    /// Whether packets pass or are dropped. `allow` when left out.
    #[serde(default)]
    pub action: AclAction,
    /// IPv4 or IPv6 block on the other side. Example: `10.0.0.0/8`.
    pub cidr: String,
    /// Protocol. `all` when left out.
    #[serde(default = "Protocol::every")]
    pub protocol: Protocol,
    /// The one port, for TCP and UDP. Example: `443`.
    #[schemars(range(max = 65535))]
    pub port: Option<u32>,
    /// First port of a range, for TCP and UDP; together with `to_port`. Example: `1024`.
    #[schemars(range(max = 65535))]
    pub from_port: Option<u32>,
    /// Last port of a range, for TCP and UDP; together with `from_port`. Example: `65535`.
    #[schemars(range(max = 65535))]
    pub to_port: Option<u32>,
}

/// An internet protocol.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    /// TCP.
    #[default]
    Tcp,
    /// UDP.
    Udp,
    /// ICMP for IPv4, of every type.
    Icmp,
    /// ICMP for IPv6, of every type.
    Icmpv6,
    /// Every protocol and every port.
    All,
}

impl Protocol {
    fn every() -> Self {
        Protocol::All
    }
}

/// How private tiers reach the internet over IPv4.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NatMode {
    /// Not at all.
    None,
    /// Through one NAT gateway in one zone: the cheapest, and the loss of that zone cuts off all of them.
    Single,
    /// Through a NAT gateway in their own zone: the loss of a zone concerns that zone only.
    #[default]
    PerZone,
    /// Through one regional NAT gateway that AWS spreads over the zones; it needs no public tier.
    Regional,
}

/// NAT gateways.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Nat {
    /// How private tiers reach the internet over IPv4. `per_zone` when left out. Changing it keeps the route tables, and the
    /// public addresses of the zones that still have one; connections break while a route moves.
    #[serde(default)]
    pub mode: NatMode,
    /// Allocation ids of your own Elastic IPs, by zone id, for addresses that others have allow-listed. Zones that are not
    /// named get new addresses. Example: `{ "use1-az1" = "eipalloc-0123456789abcdef0" }`.
    #[serde(default)]
    #[schemars(inner(regex(pattern = r"^eipalloc-[0-9a-f]+$")))]
    pub elastic_ips: BTreeMap<String, String>,
    /// Name of the public tier in which zonal NAT gateways stand. When left out, the public tier that is first by name.
    pub tier: Option<String>,
}

/// One security group.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SecurityGroup {
    /// What the group is for. AWS can't change it later. When left out, the group's name and that of the network.
    #[schemars(regex(pattern = r"^[a-zA-Z0-9 ._:/()#,@\[\]+=&;{}!$*-]{1,255}$"))]
    pub description: Option<String>,
    /// What may come in, by name of the rule. Example:
    /// `{ app = { from_group = "app", port = 5432 } }`.
    #[serde(default)]
    pub ingress: BTreeMap<String, IngressRule>,
    /// What may go out, by name of the rule. Example: `{ all = { to_cidrs = ["0.0.0.0/0"], protocol = "all" } }`.
    #[serde(default)]
    pub egress: BTreeMap<String, EgressRule>,
    /// Further tags for the group.
    #[serde(default)]
    pub tags: Tags,
}

/// What may come in. At least one `from_…`; several of them mean a rule for each.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IngressRule {
    /// Name of a group of this network whose members may connect, or the id of any other group. Example: `app`.
    pub from_group: Option<String>,
    /// Name of a tier whose addresses may connect. Example: `private`.
    pub from_tier: Option<String>,
    /// IPv4 and IPv6 blocks that may connect. Example: `["10.0.0.0/8"]`.
    #[serde(default)]
    pub from_cidrs: BTreeSet<String>,
    /// Id of a prefix list whose blocks may connect. Example: `pl-0123456789abcdef0`.
    #[schemars(regex(pattern = r"^pl-[0-9a-f]+$"))]
    pub from_prefix_list: Option<String>,
    /// Whether members of the group may connect to one another. `false` when left out.
    #[serde(default)]
    pub from_self: bool,
    /// Protocol. `tcp` when left out.
    #[serde(default)]
    pub protocol: Protocol,
    /// The one port, for TCP and UDP. Example: `5432`.
    #[schemars(range(max = 65535))]
    pub port: Option<u32>,
    /// First port of a range, for TCP and UDP; together with `to_port`. Example: `8000`.
    #[schemars(range(max = 65535))]
    pub from_port: Option<u32>,
    /// Last port of a range, for TCP and UDP; together with `from_port`. Example: `8080`.
    #[schemars(range(max = 65535))]
    pub to_port: Option<u32>,
    /// What the rule is for, shown in AWS's console. When left out, the rule's name.
    #[schemars(regex(pattern = r"^[a-zA-Z0-9 ._:/()#,@\[\]+=&;{}!$*-]{0,255}$"))]
    pub description: Option<String>,
}

/// What may go out. At least one `to_…`; several of them mean a rule for each.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EgressRule {
    /// Name of a group of this network to whose members connections may be made, or the id of any other group. Example: `db`.
    pub to_group: Option<String>,
    /// Name of a tier to whose addresses connections may be made. Example: `database`.
    pub to_tier: Option<String>,
    /// IPv4 and IPv6 blocks to which connections may be made. Example: `["0.0.0.0/0", "::/0"]`.
    #[serde(default)]
    pub to_cidrs: BTreeSet<String>,
    /// Id of a prefix list to whose blocks connections may be made. Example: `pl-0123456789abcdef0`.
    #[schemars(regex(pattern = r"^pl-[0-9a-f]+$"))]
    pub to_prefix_list: Option<String>,
    /// Whether members of the group may connect to one another. `false` when left out.
    #[serde(default)]
    pub to_self: bool,
    /// Protocol. `tcp` when left out.
    #[serde(default)]
    pub protocol: Protocol,
    /// The one port, for TCP and UDP. Example: `443`.
    #[schemars(range(max = 65535))]
    pub port: Option<u32>,
    /// First port of a range, for TCP and UDP; together with `to_port`. Example: `8000`.
    #[schemars(range(max = 65535))]
    pub from_port: Option<u32>,
    /// Last port of a range, for TCP and UDP; together with `from_port`. Example: `8080`.
    #[schemars(range(max = 65535))]
    pub to_port: Option<u32>,
    /// What the rule is for, shown in AWS's console. When left out, the rule's name.
    #[schemars(regex(pattern = r"^[a-zA-Z0-9 ._:/()#,@\[\]+=&;{}!$*-]{0,255}$"))]
    pub description: Option<String>,
}
