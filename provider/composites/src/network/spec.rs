//! What a user writes for a `platform_network`. The comments on the fields are the descriptions in the Terraform schema.

use std::collections::{BTreeMap, BTreeSet};

use platform_graph::Tags;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A VPC with everything that belongs to it: zones, tiers of subnets, routes, NAT, endpoints, flow logs, network ACLs and
/// security groups.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Network {
    /// Name of the network, unique per region and account. Lowercase letters, digits and hyphens, at most 40 characters.
    /// Every AWS resource of the network is tagged with it. Example: `shop-prod`.
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
    /// zones than that are possible: theirs are taken from what is free. A change concerns tiers added from then on.
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

/// Services with endpoints that cost nothing.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum GatewayService {
    /// Amazon S3.
    S3,
    /// Amazon DynamoDB.
    Dynamodb,
}

/// VPC endpoints.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Endpoints {
    /// Services reached through gateway endpoints, which cost nothing and serve every tier. `["s3", "dynamodb"]` when left
    /// out.
    #[serde(default = "default_gateways")]
    pub gateway: BTreeSet<GatewayService>,
    /// Policies of gateway endpoints, by service, as JSON. An endpoint without one lets everything pass that the caller's own
    /// permissions allow.
    #[serde(default)]
    pub gateway_policies: BTreeMap<String, String>,
    /// Interface endpoints by service, as in the last part of the service's name; each costs per zone and hour. Example:
    /// `{ "ecr.api" = {}, "ecr.dkr" = {}, sts = {} }`.
    #[serde(default)]
    pub interface: BTreeMap<String, InterfaceEndpoint>,
    /// Name of the tier in which interface endpoints stand unless they say otherwise. When left out, the private tier that is
    /// first by name, else the isolated one.
    pub tier: Option<String>,
}

impl Default for Endpoints {
    fn default() -> Self {
        Endpoints {
            gateway: default_gateways(),
            gateway_policies: BTreeMap::new(),
            interface: BTreeMap::new(),
            tier: None,
        }
    }
}

/// One interface endpoint.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InterfaceEndpoint {
    /// Full name of the service, for services that are not AWS's own. When left out, that of the AWS service in this region.
    /// Example: `com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0`.
    #[schemars(regex(pattern = r"^(cn\.)?com\.amazonaws\.[a-z0-9.-]+$"))]
    pub service_name: Option<String>,
    /// Region of the service, when it is another one than the network's. Example: `us-east-1`.
    #[schemars(regex(pattern = r"^[a-z]{2,3}(-[a-z]+)+-[0-9]$"))]
    pub service_region: Option<String>,
    /// Endpoint policy as JSON. When left out, everything passes that the caller's own permissions allow.
    pub policy: Option<String>,
    /// Whether the service's usual DNS name leads to the endpoint. When left out, `true`, except for `s3` and `dynamodb`, whose
    /// names belong to the gateway endpoints, and for endpoints with a `service_name`.
    pub private_dns: Option<bool>,
    /// Name of the tier in which the endpoint stands, one address per zone. When left out, `endpoints.tier`.
    pub tier: Option<String>,
    /// Names of `security_groups` of this network for the endpoint, in place of the shared group that lets in HTTPS from the
    /// VPC.
    #[serde(default)]
    pub security_groups: BTreeSet<String>,
}

/// Flow logs of the VPC. At most one of `cloudwatch`, `s3` and `firehose`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FlowLogs {
    /// Whether connections are recorded. `true` when left out.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Which connections are recorded. `all` when left out.
    #[serde(default)]
    pub traffic: Traffic,
    /// Over how many seconds records are put together: 60 or 600. 600 when left out; 60 gives more and costlier records.
    #[serde(default = "default_interval")]
    #[schemars(range(min = 60, max = 600))]
    pub interval_seconds: u32,
    /// Fields of a record, in AWS's notation; write `$${` for `${` in Terraform. When left out, AWS's default format. Example:
    /// `$${srcaddr} $${dstaddr} $${action}`.
    pub format: Option<String>,
    /// To CloudWatch Logs. The default.
    pub cloudwatch: Option<CloudwatchLogs>,
    /// To an S3 bucket.
    pub s3: Option<S3Logs>,
    /// To an Amazon Data Firehose stream.
    pub firehose: Option<FirehoseLogs>,
}

impl Default for FlowLogs {
    fn default() -> Self {
        FlowLogs {
            enabled: true,
            traffic: Traffic::All,
            interval_seconds: default_interval(),
            format: None,
            cloudwatch: None,
            s3: None,
            firehose: None,
        }
    }
}

/// Which connections are recorded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Traffic {
    /// All of them.
    #[default]
    All,
    /// Those that were let through.
    Accept,
    /// Those that were refused.
    Reject,
}

/// Flow logs in CloudWatch Logs. The log group and the role that writes to it are made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CloudwatchLogs {
    /// For how many days records are kept; 0 for ever. CloudWatch Logs allows 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400,
    /// 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 and 3653. 30 when left out.
    #[serde(default = "default_retention")]
    #[schemars(range(max = 3653))]
    pub retention_days: u32,
    /// ARN of the KMS key that encrypts the log group; its policy must let CloudWatch Logs use it. When left out, CloudWatch Logs
    /// encrypts with a key of its own.
    #[schemars(regex(pattern = r"^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$"))]
    pub kms_key_arn: Option<String>,
    /// Whether a KMS key of the network's own is made for the log group (about 1 USD a month). `false` when left out.
    #[serde(default)]
    pub own_kms_key: bool,
}

impl Default for CloudwatchLogs {
    fn default() -> Self {
        CloudwatchLogs {
            retention_days: default_retention(),
            kms_key_arn: None,
            own_kms_key: false,
        }
    }
}

/// File format of flow logs in S3.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileFormat {
    /// Compressed text.
    #[default]
    PlainText,
    /// Apache Parquet, which queries read faster and cheaper.
    Parquet,
}

/// Flow logs in S3. The bucket's policy must let `delivery.logs.amazonaws.com` write.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct S3Logs {
    /// ARN of the bucket, with a folder if wanted. Example: `arn:aws:s3:::central-logs/network/`.
    #[schemars(regex(pattern = r"^arn:aws[a-z-]*:s3:::[a-z0-9.-]{3,63}(/.*)?$"))]
    pub bucket_arn: String,
    /// File format. `plain_text` when left out.
    #[serde(default)]
    pub file_format: FileFormat,
    /// Whether folders are named as Hive expects them (`year=2026/`). `false` when left out.
    #[serde(default)]
    pub hive_partitions: bool,
    /// Whether there is a folder per hour instead of per day. `false` when left out.
    #[serde(default)]
    pub hourly_partitions: bool,
}

/// Flow logs in Amazon Data Firehose.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FirehoseLogs {
    /// ARN of the stream, which must be in the same account. Example:
    /// `arn:aws:firehose:us-east-1:123456789012:deliverystream/flow-logs`.
    #[schemars(regex(
        pattern = r"^arn:aws[a-z-]*:firehose:[a-z0-9-]+:[0-9]{12}:deliverystream/.+$"
    ))]
    pub stream_arn: String,
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

/// How the VPC answers DNS queries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dns {
    /// Whether the Amazon DNS server answers in the VPC. `true` when left out.
    #[serde(default = "yes")]
    pub support: bool,
    /// Whether instances with public addresses get public DNS names; interface endpoints with private DNS need it. `true` when left
    /// out.
    #[serde(default = "yes")]
    pub hostnames: bool,
}

impl Default for Dns {
    fn default() -> Self {
        Dns {
            support: true,
            hostnames: true,
        }
    }
}

/// What instances learn over DHCP.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DhcpOptions {
    /// Domain for names without dots. Example: `corp.example.com`.
    pub domain_name: Option<String>,
    /// Up to four DNS servers, asked in this order: IP addresses or `AmazonProvidedDNS`, which is alone when left out.
    #[serde(default)]
    #[schemars(length(max = 4))]
    pub domain_name_servers: Vec<String>,
    /// Up to four time servers, asked in this order: IP addresses. Example: `["169.254.169.123"]`.
    #[serde(default)]
    #[schemars(length(max = 4))]
    pub ntp_servers: Vec<String>,
    /// Up to four NetBIOS name servers, asked in this order: IPv4 addresses.
    #[serde(default)]
    #[schemars(length(max = 4))]
    pub netbios_name_servers: Vec<String>,
    /// NetBIOS node type: 1, 2, 4 or 8. AWS recommends 2 (no broadcast).
    #[schemars(range(min = 1, max = 8))]
    pub netbios_node_type: Option<u8>,
}

/// What internet gateways may do in the account's region.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BlockMode {
    /// Nothing in, nothing out.
    BlockBidirectional,
    /// Nothing in; NAT and egress-only gateways still lead out.
    BlockIngress,
}

/// VPC Block Public Access. One per account and region: only one network may set it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BlockPublicAccess {
    /// What is blocked, for **all VPCs of the account in this region**.
    pub mode: BlockMode,
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

fn default_interval() -> u32 {
    600
}

fn default_retention() -> u32 {
    30
}

fn default_gateways() -> BTreeSet<GatewayService> {
    BTreeSet::from([GatewayService::S3, GatewayService::Dynamodb])
}

fn default_tiers() -> BTreeMap<String, Tier> {
    BTreeMap::from([
        ("public".to_owned(), Tier::of(TierKind::Public)),
        ("private".to_owned(), Tier::of(TierKind::Private)),
        ("database".to_owned(), Tier::of(TierKind::Isolated)),
    ])
}
