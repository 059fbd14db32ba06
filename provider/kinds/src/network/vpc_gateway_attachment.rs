//! `AWS::EC2::VPCGatewayAttachment`.

use platform_graph::{Attributes, Call, Identity, Kind, Seen};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The attachment of a gateway to a VPC.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct VpcGatewayAttachment {
    /// `VpcId`.
    pub vpc_id: String,
    /// `InternetGatewayId`.
    pub internet_gateway_id: Option<String>,
    /// `VpnGatewayId`.
    pub vpn_gateway_id: Option<String>,
}

impl Kind for VpcGatewayAttachment {
    const TYPE: &'static str = "AWS::EC2::VPCGatewayAttachment";

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
