//! `AWS::EC2::NetworkAclEntry`.

use platform_graph::{Attributes, Call, Identity, Kind, Seen};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A numbered rule of a network ACL.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct NetworkAclEntry {
    /// `NetworkAclId`.
    pub network_acl_id: String,
    /// `Egress`.
    #[serde(default)]
    pub egress: bool,
    /// `RuleNumber`.
    pub rule_number: i64,
    /// `Protocol`.
    pub protocol: i64,
    /// `RuleAction`.
    pub rule_action: String,
    /// `CidrBlock`.
    pub cidr_block: Option<String>,
    /// `Ipv6CidrBlock`.
    pub ipv6_cidr_block: Option<String>,
    /// `PortRange`.
    pub port_range: Option<PortRange>,
    /// `Icmp`.
    pub icmp: Option<Icmp>,
}

/// Ports from and to, both included.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct PortRange {
    /// First port.
    pub from: i64,
    /// Last port.
    pub to: i64,
}

/// ICMP type and code; -1 is any.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Icmp {
    /// Code.
    pub code: i64,
    /// Type.
    #[serde(rename = "Type")]
    pub kind: i64,
}

impl Kind for NetworkAclEntry {
    const TYPE: &'static str = "AWS::EC2::NetworkAclEntry";

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
