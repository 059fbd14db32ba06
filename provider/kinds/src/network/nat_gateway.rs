//! `AWS::EC2::NatGateway`.

use platform_graph::{Attributes, Call, Identity, Kind, Seen, Tags};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A NAT gateway.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct NatGateway {
    /// `SubnetId`.
    pub subnet_id: Option<String>,
    /// `VpcId`.
    pub vpc_id: Option<String>,
    /// `AvailabilityMode`.
    pub availability_mode: Option<String>,
    /// `AllocationId`.
    pub allocation_id: Option<String>,
    /// `AvailabilityZoneAddresses`.
    pub availability_zone_addresses: Option<Vec<ZoneAddresses>>,
    /// `ConnectivityType`.
    pub connectivity_type: Option<String>,
    /// `PrivateIpAddress`.
    pub private_ip_address: Option<String>,
    /// `SecondaryAllocationIds`.
    pub secondary_allocation_ids: Option<Vec<String>>,
    /// `SecondaryPrivateIpAddresses`.
    pub secondary_private_ip_addresses: Option<Vec<String>>,
    /// `Tags`.
    #[serde(default)]
    pub tags: Tags,
}

/// Addresses of a regional NAT gateway in one zone.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ZoneAddresses {
    /// `AllocationIds`.
    #[serde(default)]
    pub allocation_ids: Vec<String>,
    /// `AvailabilityZone`.
    pub availability_zone: Option<String>,
    /// `AvailabilityZoneId`.
    pub availability_zone_id: Option<String>,
}

impl Kind for NatGateway {
    const TYPE: &'static str = "AWS::EC2::NatGateway";
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
