//! `AWS::EC2::Subnet`.

use platform_graph::{Attributes, Call, Identity, Kind, Seen, Tags};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A subnet.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Subnet {
    /// `VpcId`.
    pub vpc_id: String,
    /// `AvailabilityZone`.
    pub availability_zone: Option<String>,
    /// `AvailabilityZoneId`.
    pub availability_zone_id: Option<String>,
    /// `CidrBlock`.
    pub cidr_block: Option<String>,
    /// `Ipv6CidrBlock`.
    pub ipv6_cidr_block: Option<String>,
    /// `Ipv6Native`.
    pub ipv6_native: Option<bool>,
    /// `AssignIpv6AddressOnCreation`.
    pub assign_ipv6_address_on_creation: Option<bool>,
    /// `EnableDns64`.
    pub enable_dns64: Option<bool>,
    /// `MapPublicIpOnLaunch`.
    pub map_public_ip_on_launch: Option<bool>,
    /// `PrivateDnsNameOptionsOnLaunch`.
    pub private_dns_name_options_on_launch: Option<PrivateDnsNameOptions>,
    /// `Tags`.
    #[serde(default)]
    pub tags: Tags,
}

/// Names that instances get.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct PrivateDnsNameOptions {
    /// `EnableResourceNameDnsARecord`.
    pub enable_resource_name_dns_a_record: Option<bool>,
    /// `EnableResourceNameDnsAaaaRecord`.
    #[serde(rename = "EnableResourceNameDnsAAAARecord")]
    pub enable_resource_name_dns_aaaa_record: Option<bool>,
    /// `HostnameType`.
    pub hostname_type: Option<String>,
}

impl Kind for Subnet {
    const TYPE: &'static str = "AWS::EC2::Subnet";
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
