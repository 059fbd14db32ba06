//! `AWS::EC2::VPCDHCPOptionsAssociation`.

use platform_graph::{Attributes, Call, Identity, Kind, Seen};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Which DHCP option set a VPC uses.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct VpcDhcpOptionsAssociation {
    /// The VPC.
    pub vpc_id: String,
    /// The option set.
    pub dhcp_options_id: String,
}

impl Kind for VpcDhcpOptionsAssociation {
    const TYPE: &'static str = "AWS::EC2::VPCDHCPOptionsAssociation";

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
