//! What a network tells the rest of a configuration. The comments on the fields are the descriptions in the Terraform schema.

use std::collections::BTreeMap;

use platform_graph::{Graph, Handle};
use schemars::JsonSchema;
use serde::Serialize;

use super::layout::Layout;
use super::spec::NatMode;
use super::{address, flow_logs, nat, subnets};

type ByZone = BTreeMap<String, String>;
type ByTier<T> = BTreeMap<String, T>;

/// The outputs of a network. Everything is found by name, tier or zone id, never by position.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Outputs {
    /// Id of the VPC.
    pub vpc_id: String,
    /// ARN of the VPC.
    pub vpc_arn: String,
    /// Primary IPv4 block of the VPC.
    pub vpc_cidr: String,
    /// All IPv4 blocks of the VPC.
    pub vpc_cidrs: Vec<String>,
    /// IPv6 block of the VPC; null without IPv6.
    pub ipv6_cidr: Option<String>,
    /// The zones in use: name by zone id. The name is empty where it could not be found out.
    pub zone_names: ByZone,
    /// Ids of the subnets, by tier and zone id.
    pub subnet_ids: ByTier<ByZone>,
    /// ARNs of the subnets, by tier and zone id.
    pub subnet_arns: ByTier<ByZone>,
    /// IPv4 blocks of the subnets, by tier and zone id. Tiers without IPv4 are left out.
    pub subnet_cidrs: ByTier<ByZone>,
    /// IPv6 blocks of the subnets, by tier and zone id. Tiers without IPv6 are left out.
    pub subnet_ipv6_cidrs: ByTier<ByZone>,
    /// Ids of the route tables that the subnets use, by tier and zone id. Zones of a public or isolated tier have the same one.
    pub route_table_ids: ByTier<ByZone>,
    /// Id of the internet gateway; null without one.
    pub internet_gateway_id: Option<String>,
    /// Id of the egress-only internet gateway; null without one.
    pub egress_only_internet_gateway_id: Option<String>,
    /// Ids of the NAT gateways by zone id; the one of mode `regional` is under `regional`.
    pub nat_gateway_ids: ByZone,
    /// Public addresses of what leaves through NAT, by zone id. Zones with an Elastic IP of your own are left out.
    pub nat_public_ips: ByZone,
    /// Ids of the VPC endpoints, by service. Interface endpoints of S3 and DynamoDB are under `s3-interface` and
    /// `dynamodb-interface`.
    pub endpoint_ids: BTreeMap<String, String>,
    /// Ids of the security groups, by name.
    pub security_group_ids: BTreeMap<String, String>,
    /// Ids of the network ACLs, by tier. Tiers that use the default one are left out.
    pub network_acl_ids: BTreeMap<String, String>,
    /// Id of the VPC's default security group.
    pub default_security_group_id: String,
    /// Id of the VPC's default network ACL.
    pub default_network_acl_id: String,
    /// Id of the flow log; null without one.
    pub flow_log_id: Option<String>,
    /// ARN of the log group, bucket or stream that the flow log writes to; null without one.
    pub flow_log_destination: Option<String>,
}

impl Outputs {
    pub(super) fn of(layout: &Layout<'_>, graph: &Graph) -> Self {
        let setting = layout.setting;
        let arn = |kind: &str, id: String| {
            format!(
                "arn:{}:ec2:{}:{}:{kind}/{id}",
                setting.partition, setting.owner.region, setting.account
            )
        };
        let vpc = Handle::to(address::VPC);
        let id_of = |address: &str| {
            graph
                .parts
                .contains_key(address)
                .then(|| Handle::to(address).id())
        };
        let subnet_id = |tier: &str, zone: &str| Handle::to(address::subnet(tier, zone)).id();
        let mut vpc_cidrs = vec![layout.primary.to_string()];
        vpc_cidrs.extend(layout.spec.secondary_cidrs.iter().cloned());
        let named = |prefix: &str| {
            graph
                .parts
                .keys()
                .filter_map(|address| {
                    let name = address.strip_prefix(prefix)?;
                    (!name.contains('/')).then(|| (name.to_owned(), Handle::to(address).id()))
                })
                .collect::<BTreeMap<_, _>>()
        };
        let ipv6_block = Handle::to(address::IPV6_BLOCK);
        Outputs {
            vpc_id: vpc.id(),
            vpc_arn: arn("vpc", vpc.id()),
            vpc_cidr: layout.primary.to_string(),
            vpc_cidrs,
            ipv6_cidr: layout
                .spec
                .has_ipv6()
                .then(|| ipv6_block.attribute("Ipv6CidrBlock")),
            zone_names: layout
                .zones
                .iter()
                .map(|zone| (zone.id.clone(), zone.name.clone().unwrap_or_default()))
                .collect(),
            subnet_ids: by_tier(layout, |tier, zone| Some(subnet_id(tier, zone))),
            subnet_arns: by_tier(layout, |tier, zone| {
                Some(arn("subnet", subnet_id(tier, zone)))
            }),
            subnet_cidrs: by_tier(layout, |tier, zone| {
                Some(layout.tiers.get(tier)?.subnets.get(zone)?.ipv4?.to_string())
            }),
            subnet_ipv6_cidrs: by_tier(layout, |tier, zone| {
                let index = layout.tiers.get(tier)?.subnets.get(zone)?.ipv6?;
                Some(ipv6_block.subnet_of("Ipv6CidrBlock", 64, index.into()))
            }),
            route_table_ids: by_tier(layout, |tier, zone| {
                let table = subnets::table_of(tier, layout.tiers.get(tier)?, zone);
                Some(Handle::to(table).id())
            }),
            internet_gateway_id: id_of(address::INTERNET_GATEWAY),
            egress_only_internet_gateway_id: id_of(address::EGRESS_ONLY_GATEWAY),
            nat_gateway_ids: named("nat/"),
            nat_public_ips: nat_public_ips(layout),
            endpoint_ids: named("endpoint/"),
            security_group_ids: named("security-group/"),
            network_acl_ids: named("network-acl/"),
            default_security_group_id: vpc.attribute("DefaultSecurityGroup"),
            default_network_acl_id: vpc.attribute("DefaultNetworkAcl"),
            flow_log_id: id_of(address::FLOW_LOG),
            flow_log_destination: flow_log_destination(layout),
        }
    }
}

fn by_tier(layout: &Layout<'_>, value: impl Fn(&str, &str) -> Option<String>) -> ByTier<ByZone> {
    layout
        .tiers
        .iter()
        .map(|(name, tier)| {
            let zones: ByZone = tier
                .subnets
                .keys()
                .filter_map(|zone| Some((zone.clone(), value(name, zone)?)))
                .collect();
            ((*name).to_owned(), zones)
        })
        .filter(|(_, zones)| !zones.is_empty())
        .collect()
}

fn nat_public_ips(layout: &Layout<'_>) -> ByZone {
    let zones: Vec<&str> = match layout.spec.nat_mode() {
        NatMode::Regional => layout.zones.iter().map(|zone| zone.id.as_str()).collect(),
        _ => layout.nat_zones(),
    };
    zones
        .into_iter()
        .filter(|zone| nat::makes_address(layout, zone))
        .map(|zone| {
            let address = Handle::to(address::eip(zone));
            (zone.to_owned(), address.attribute("PublicIp"))
        })
        .collect()
}

fn flow_log_destination(layout: &Layout<'_>) -> Option<String> {
    let logs = &layout.spec.flow_logs;
    if !logs.enabled {
        return None;
    }
    Some(match (&logs.s3, &logs.firehose) {
        (Some(s3), _) => s3.bucket_arn.clone(),
        (None, Some(firehose)) => firehose.stream_arn.clone(),
        (None, None) => flow_logs::group_arn(layout),
    })
}
