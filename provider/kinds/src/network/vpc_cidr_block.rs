//! `AWS::EC2::VPCCidrBlock`.

use platform_graph::{Attributes, Call, Identity, Kind, Seen};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A further address block of a VPC.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct VpcCidrBlock {
    /// `VpcId`.
    pub vpc_id: String,
    /// `AmazonProvidedIpv6CidrBlock`.
    pub amazon_provided_ipv6_cidr_block: Option<bool>,
    /// `CidrBlock`.
    pub cidr_block: Option<String>,
    /// `Ipv4IpamPoolId`.
    pub ipv4_ipam_pool_id: Option<String>,
    /// `Ipv4NetmaskLength`.
    pub ipv4_netmask_length: Option<i64>,
    /// `Ipv6CidrBlock`.
    pub ipv6_cidr_block: Option<String>,
    /// `Ipv6CidrBlockNetworkBorderGroup`.
    pub ipv6_cidr_block_network_border_group: Option<String>,
    /// `Ipv6IpamPoolId`.
    pub ipv6_ipam_pool_id: Option<String>,
    /// `Ipv6NetmaskLength`.
    pub ipv6_netmask_length: Option<i64>,
    /// `Ipv6Pool`.
    pub ipv6_pool: Option<String>,
}

impl Kind for VpcCidrBlock {
    const TYPE: &'static str = "AWS::EC2::VPCCidrBlock";

    fn find(&self, _me: &Identity) -> Vec<Call> {
        Vec::new()
    }

    fn read(&self, _me: &Identity, _replies: &[Value]) -> Seen<Self> {
        Seen::Absent
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        Vec::new()
    }

    fn created(&self, _me: &Identity, _reply: &Value) -> Option<String> {
        None
    }

    fn delete(&self, _me: &Identity, _id: &str, _attributes: &Attributes) -> Vec<Call> {
        Vec::new()
    }
}
