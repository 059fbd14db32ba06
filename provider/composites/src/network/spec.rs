//! What a user writes for a `platform_network`. The comments on the fields are the descriptions in the Terraform schema.

mod services;
mod traffic;

pub use services::*;
pub use traffic::*;

use std::collections::{BTreeMap, BTreeSet};

use platform_graph::Tags;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A VPC with everything that belongs to it: zones, tiers of subnets, routes, NAT, endpoints, flow logs, network ACLs and
/// security groups.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Network {
    /// Name of the network, unique per region and account: 1 to 40 lowercase letters, digits and hyphens, the first a letter, the
    /// last no hyphen. Every AWS resource of the network is tagged with it. Example: `shop-prod`.
    #[schemars(regex(pattern = r"^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$"), extend("x-replace" = true))]
    pub name: String,
    /// Region the network lives in. When left out, the region of the provider block. Example: `eu-central-1`.
    #[schemars(regex(pattern = r"^[a-z]{2,3}(-[a-z]+)+-[0-9]$"), extend("x-replace" = true))]
    pub region: Option<String>,
    /// Tags for every taggable AWS resource of the network; they win over the default tags of the provider block.
    #[serde(default)]
    pub tags: Tags,

    /// IPv4 block of the VPC, from /16 to /28. Exactly one of `cidr` and `ipam` is needed. It can't be changed later: add
    /// `secondary_cidrs` instead. Example: `10.0.0.0/16`.
    pub cidr: Option<String>,
    /// Takes the VPC's IPv4 block from an IPAM pool, in place of `cidr`. The block is chosen when the first plan is made, is
    /// shown in that plan, and stays.
    pub ipam: Option<Ipam>,
    /// Further IPv4 blocks of the VPC, each from /16 to /28. A tier is placed in one of them with `cidr_block`, or when the
    /// primary block has no room left. Example: `["100.64.0.0/16"]`.
    #[serde(default)]
    pub secondary_cidrs: BTreeSet<String>,
    /// Gives the VPC an IPv6 block. Without it the network is IPv4 only.
    pub ipv6: Option<Ipv6>,

    /// In which availability zones the network has subnets. When left out, three zones, chosen at the first plan; the choice
    /// stays.
    #[serde(default)]
    pub zones: Zones,
    /// For how many zones every new tier reserves addresses, so that a zone added later gets the neighbouring block. More
    /// zones than that are possible: theirs are taken from what is free. 4 when left out; a change concerns tiers added from
    /// then on.
    #[serde(default = "default_reserve_zones")]
    #[schemars(range(min = 1, max = 8))]
    pub reserve_zones: u8,
    /// Tiers of subnets by name; each has one subnet in every zone. When left out: `public`, `private` and `database`
    /// (isolated). Tiers can be added and removed without moving any other.
    #[serde(default = "default_tiers")]
    pub tiers: BTreeMap<String, Tier>,
    /// How private tiers reach the internet over IPv4. When left out, one NAT gateway per zone.
    #[serde(default)]
    pub nat: Nat,
    /// Endpoints that let the subnets reach AWS services without the internet. When left out, the free gateway endpoints for
    /// S3 and DynamoDB.
    #[serde(default)]
    pub endpoints: Endpoints,
    /// Records which connections were made in the VPC. When left out, to CloudWatch Logs, kept for 30 days.
    #[serde(default)]
    pub flow_logs: FlowLogs,
    /// Security groups by name, with rules that name other groups and tiers. A group without rules lets nothing in or out.
    #[serde(default)]
    pub security_groups: BTreeMap<String, SecurityGroup>,
    /// How the VPC answers DNS queries.
    #[serde(default)]
    pub dns: Dns,
    /// What instances learn over DHCP. When left out, AWS's default: the Amazon DNS server and domain.
    pub dhcp_options: Option<DhcpOptions>,
    /// Blocks internet gateways in the **whole region of the account**, this VPC and all others. Left alone when left out.
    pub block_public_access: Option<BlockPublicAccess>,
    /// Whether the VPC's default security group is kept without rules, so that nothing is reachable because somebody forgot to
    /// name a group. `true` when left out; `false` leaves it as it is.
    #[serde(default = "yes")]
    pub lock_default_security_group: bool,
    /// Whether the VPC's default network ACL is kept at known rules: none at all as soon as every tier has a `network_acl` of its
    /// own, and letting everything pass as long as one tier has none and so uses it. `true` when left out; `false` leaves it as it
    /// is.
    #[serde(default = "yes")]
    pub lock_default_network_acl: bool,
    /// Names of the EKS clusters that live in the network. Subnets get the tags by which load balancer controllers and
    /// Karpenter find them: public tiers `kubernetes.io/role/elb`, private tiers `kubernetes.io/role/internal-elb`, both
    /// `kubernetes.io/cluster/<name>`; with exactly one name, private tiers also `karpenter.sh/discovery`.
    #[serde(default)]
    pub cluster_names: BTreeSet<String>,

    /// Whether `terraform destroy` is refused. `true` when left out: apply `false` first to destroy.
    #[serde(default = "yes")]
    pub deletion_protection: bool,
    /// Whether `terraform destroy` also deletes the EBS volumes that nobody uses and that only clusters which are gone lay claim to, by
    /// their tags. Their data is lost. `false` when left out: the plan of the destroy names them, and they stay. `true` needs the permission `ec2:DeleteVolume`, which the
    /// policy that the provider writes leaves out.
    #[serde(default)]
    pub delete_cluster_volumes: bool,
    /// Addresses of parts that hold data or can't be had back and may be replaced all the same, as the refusal in the plan
    /// names them. Example: `["flow-log/group"]`.
    #[serde(default)]
    pub allow_replace: BTreeSet<String>,
    /// Addresses of parts that hold data or can't be had back and may be deleted all the same, as the refusal in the plan
    /// names them. Example: `["flow-log/group"]`.
    #[serde(default)]
    pub allow_delete: BTreeSet<String>,
    /// Addresses of removed tiers, zones and subnets to give up, by key of the computed `ledger`. What was removed keeps its
    /// addresses for the case that it comes back, until it is named here: remove it and apply, then name it. Example:
    /// `["tier/cache", "zone/use1-az4"]`.
    #[serde(default)]
    pub release: BTreeSet<String>,
}

impl Network {
    /// A network of which only the name is said, and where its addresses come from is not.
    pub fn named(name: &str) -> Self {
        Network {
            name: name.to_owned(),
            region: None,
            tags: Tags::new(),
            cidr: None,
            ipam: None,
            secondary_cidrs: BTreeSet::new(),
            ipv6: None,
            zones: Zones::default(),
            reserve_zones: default_reserve_zones(),
            tiers: default_tiers(),
            nat: Nat::default(),
            endpoints: Endpoints::default(),
            flow_logs: FlowLogs::default(),
            security_groups: BTreeMap::new(),
            dns: Dns::default(),
            dhcp_options: None,
            block_public_access: None,
            lock_default_security_group: true,
            lock_default_network_acl: true,
            cluster_names: BTreeSet::new(),
            deletion_protection: true,
            delete_cluster_volumes: false,
            allow_replace: BTreeSet::new(),
            allow_delete: BTreeSet::new(),
            release: BTreeSet::new(),
        }
    }
}

/// An IPv4 block out of an IPAM pool.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ipam {
    /// Id of the IPAM pool; the pool's locale must be the network's region. Example: `ipam-pool-0a1b2c3d4e5f67890`.
    #[schemars(regex(pattern = r"^ipam-pool-[0-9a-f]+$"))]
    pub pool_id: String,
    /// Prefix length of the block to take, from 16 to 28. Example: `16`.
    #[schemars(range(min = 16, max = 28))]
    pub netmask_length: u8,
}

/// The IPv6 block of the VPC.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ipv6 {
    /// Whether the VPC has IPv6 at all. `true` when left out.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Takes the block from an IPAM pool. When left out, Amazon provides a /56.
    pub ipam: Option<Ipv6Ipam>,
    /// Whether private tiers with IPv6 reach the internet through an egress-only internet gateway, which lets nothing in.
    /// `true` when left out.
    #[serde(default = "yes")]
    pub egress_only: bool,
    /// Whether IPv6-only private tiers reach IPv4-only destinations: their subnets answer DNS64 names and route
    /// `64:ff9b::/96` to the NAT gateway. `true` when left out; without a NAT gateway it has no effect.
    #[serde(default = "yes")]
    pub nat64: bool,
}

/// An IPv6 block out of an IPAM pool.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ipv6Ipam {
    /// Id of the IPAM pool; the pool's locale must be the network's region. Example: `ipam-pool-0a1b2c3d4e5f67890`.
    #[schemars(regex(pattern = r"^ipam-pool-[0-9a-f]+$"))]
    pub pool_id: String,
    /// Prefix length of the block to take: 44, 48, 52, 56 or 60. 56 when left out.
    #[serde(default = "default_ipv6_netmask")]
    #[schemars(range(min = 44, max = 60))]
    pub netmask_length: u8,
}

/// Which availability zones the network uses. At most one of `count`, `ids` and `names`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Zones {
    /// How many zones. Zones that were chosen stay chosen; a smaller number takes away the one chosen last. 3 when nothing
    /// else is said.
    #[schemars(range(min = 1, max = 6))]
    pub count: Option<u8>,
    /// The zones by id, which names the same place in every account. Example: `["use1-az1", "use1-az2"]`.
    #[serde(default)]
    #[schemars(inner(regex(pattern = r"^[a-z0-9]+-az[0-9]+$")))]
    pub ids: BTreeSet<String>,
    /// The zones by name, which may be another place in another account. Example: `["us-east-1a", "us-east-1b"]`.
    #[serde(default)]
    #[schemars(inner(regex(pattern = r"^[a-z]{2,3}(-[a-z]+)+-[0-9][a-z]$")))]
    pub names: BTreeSet<String>,
}

/// What the subnets of a tier may reach, and who may reach them.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum TierKind {
    /// Routes to the internet gateway: load balancers, NAT gateways, bastions.
    Public,
    /// Reaches the internet through NAT and the egress-only gateway; can't be reached from there.
    Private,
    /// No route out of the VPC: databases and caches.
    Isolated,
}

/// Which address families a tier has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ipv6Mode {
    /// IPv4 only.
    None,
    /// IPv4 and IPv6.
    DualStack,
    /// IPv6 only: the subnets have no IPv4 addresses at all.
    Only,
}

/// One tier: a subnet in every zone, with the same purpose.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// What the subnets may reach, and who may reach them.
    pub kind: TierKind,
    /// Prefix length of each subnet, from 16 to 28. When left out, private tiers together take about half of the block they
    /// are in and the others a sixteenth each: in a /16, private subnets are a /19 (8187 addresses) and others a /22 (1019). The size
    /// of existing subnets can't be changed. Example: `20`.
    #[schemars(range(min = 16, max = 28))]
    pub prefix_length: Option<u8>,
    /// The block of the VPC in which the tier lies: `cidr` or one of `secondary_cidrs`. When left out, the primary block, and
    /// the secondary ones when that has no room. Example: `100.64.0.0/16`.
    pub cidr_block: Option<String>,
    /// Which address families the subnets have. When left out, `dual_stack` if the network has `ipv6`, else `none`.
    pub ipv6: Option<Ipv6Mode>,
    /// Whether instances started in the subnets get a public IPv4 address. `false` when left out; only for public tiers.
    #[serde(default)]
    pub assign_public_ips: bool,
    /// Further tags for the subnets of the tier.
    #[serde(default)]
    pub tags: Tags,
    /// Value of the subnets' tag `karpenter.sh/discovery`: the name of the cluster whose Karpenter places nodes here.
    pub karpenter_discovery: Option<String>,
    /// Routes out of the tier besides those that its kind brings, by destination: an IPv4 or IPv6 block, or the id of a managed
    /// prefix list. One for `0.0.0.0/0` or `::/0` takes the place of that to the gateway. Example: `{ "10.0.0.0/8" = { transit_gateway_id = "tgw-0123456789abcdef0" } }`.
    #[serde(default)]
    pub routes: BTreeMap<String, RouteTarget>,
    /// A network ACL for the subnets of the tier. When left out, they use the VPC's default network ACL.
    pub network_acl: Option<NetworkAcl>,
}

impl Tier {
    /// A tier of a kind, with nothing else said.
    pub fn of(kind: TierKind) -> Self {
        Tier {
            kind,
            prefix_length: None,
            cidr_block: None,
            ipv6: None,
            assign_public_ips: false,
            tags: Tags::new(),
            karpenter_discovery: None,
            routes: BTreeMap::new(),
            network_acl: None,
        }
    }
}

fn yes() -> bool {
    true
}

fn default_reserve_zones() -> u8 {
    4
}

fn default_ipv6_netmask() -> u8 {
    56
}

fn default_tiers() -> BTreeMap<String, Tier> {
    BTreeMap::from([
        ("public".to_owned(), Tier::of(TierKind::Public)),
        ("private".to_owned(), Tier::of(TierKind::Private)),
        ("database".to_owned(), Tier::of(TierKind::Isolated)),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_the_default() {
        let decoded: Network =
            serde_json::from_value(serde_json::json!({ "name": "any" })).unwrap();
        assert_eq!(decoded, Network::named("any"));
    }
}
