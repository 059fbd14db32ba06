//! Addresses of the parts: stable for ever, since AWS resources are tagged with them and states are keyed by them.
//!
//! They hold zone ids, names from the configuration and what a part means, never a position in a list, and only characters
//! that AWS allows in a tag value.

pub(super) const VPC: &str = "vpc";
pub(super) const IPV6_BLOCK: &str = "vpc-cidr/ipv6";
pub(super) const INTERNET_GATEWAY: &str = "internet-gateway";
pub(super) const INTERNET_ATTACHMENT: &str = "internet-gateway/attachment";
pub(super) const EGRESS_ONLY_GATEWAY: &str = "egress-only-internet-gateway";
pub(super) const REGIONAL_NAT: &str = "nat/regional";
pub(super) const FLOW_LOG: &str = "flow-log";
pub(super) const FLOW_LOG_GROUP: &str = "flow-log/group";
pub(super) const FLOW_LOG_ROLE: &str = "flow-log/role";
pub(super) const FLOW_LOG_KEY: &str = "flow-log/key";
pub(super) const FLOW_LOG_KEY_ALIAS: &str = "flow-log/key/alias";
pub(super) const DHCP_OPTIONS: &str = "dhcp-options";
pub(super) const DHCP_ASSOCIATION: &str = "dhcp-options/association";
pub(super) const DEFAULT_SECURITY_GROUP: &str = "default-security-group";
pub(super) const DEFAULT_NETWORK_ACL: &str = "default-network-acl";
pub(super) const BLOCK_PUBLIC_ACCESS: &str = "block-public-access";
/// Name of the shared security group of interface endpoints; no group of the configuration may have it.
pub(super) const ENDPOINTS_GROUP: &str = "endpoints";

pub(super) fn secondary_block(cidr: &str) -> String {
    format!("vpc-cidr/{cidr}")
}

pub(super) fn subnet(tier: &str, zone: &str) -> String {
    format!("subnet/{tier}/{zone}")
}

/// The table of a tier that shares one, or of one zone of a tier that has one per zone.
pub(super) fn route_table(tier: &str, zone: Option<&str>) -> String {
    match zone {
        None => format!("route-table/{tier}"),
        Some(zone) => format!("route-table/{tier}/{zone}"),
    }
}

pub(super) fn route(table: &str, destination: &str) -> String {
    format!(
        "route/{}/{destination}",
        table.strip_prefix("route-table/").unwrap_or(table)
    )
}

pub(super) fn route_table_association(tier: &str, zone: &str) -> String {
    format!("route-table-association/{tier}/{zone}")
}

pub(super) fn eip(zone: &str) -> String {
    format!("eip/{zone}")
}

pub(super) fn nat(zone: &str) -> String {
    format!("nat/{zone}")
}

pub(super) fn endpoint(service: &str) -> String {
    format!("endpoint/{service}")
}

pub(super) fn security_group(name: &str) -> String {
    format!("security-group/{name}")
}

pub(super) fn network_acl(tier: &str) -> String {
    format!("network-acl/{tier}")
}

/// A rule goes by its number, as it does in AWS: one that gets another name stays the same part, and two that trade their
/// numbers are changed where they are.
pub(super) fn network_acl_rule(tier: &str, egress: bool, number: u16) -> String {
    let direction = if egress { "egress" } else { "ingress" };
    format!("network-acl/{tier}/{direction}/{number}")
}

pub(super) fn network_acl_association(tier: &str, zone: &str) -> String {
    format!("network-acl-association/{tier}/{zone}")
}
