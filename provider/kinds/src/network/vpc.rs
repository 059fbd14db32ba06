//! `AWS::EC2::VPC`.

use platform_graph::{Attributes, Call, Identity, Kind, Seen, Tags};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A virtual network.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Vpc {
    /// `CidrBlock`.
    pub cidr_block: Option<String>,
    /// `EnableDnsHostnames`.
    pub enable_dns_hostnames: Option<bool>,
    /// `EnableDnsSupport`.
    pub enable_dns_support: Option<bool>,
    /// `InstanceTenancy`.
    pub instance_tenancy: Option<String>,
    /// `Ipv4IpamPoolId`.
    pub ipv4_ipam_pool_id: Option<String>,
    /// `Ipv4NetmaskLength`.
    pub ipv4_netmask_length: Option<i64>,
    /// `Tags`.
    #[serde(default)]
    pub tags: Tags,
}

impl Kind for Vpc {
    const TYPE: &'static str = "AWS::EC2::VPC";
    const TAGGED: bool = true;

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
