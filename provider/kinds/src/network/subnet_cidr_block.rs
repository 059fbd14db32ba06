//! `AWS::EC2::SubnetCidrBlock`.

use platform_graph::{Attributes, Call, Identity, Kind, Seen};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The IPv6 block of a subnet.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct SubnetCidrBlock {
    /// `SubnetId`.
    pub subnet_id: String,
    /// `Ipv6CidrBlock`.
    pub ipv6_cidr_block: String,
}

impl Kind for SubnetCidrBlock {
    const TYPE: &'static str = "AWS::EC2::SubnetCidrBlock";

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
