//! `AWS::EC2::SecurityGroupEgress`.

use platform_graph::{Attributes, Call, Identity, Kind, Seen};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// An outbound rule.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct SecurityGroupEgress {
    /// `GroupId`.
    pub group_id: String,
    /// `IpProtocol`.
    pub ip_protocol: String,
    /// `FromPort`.
    pub from_port: Option<i64>,
    /// `ToPort`.
    pub to_port: Option<i64>,
    /// `CidrIp`.
    pub cidr_ip: Option<String>,
    /// `CidrIpv6`.
    pub cidr_ipv6: Option<String>,
    /// `DestinationPrefixListId`.
    pub destination_prefix_list_id: Option<String>,
    /// `DestinationSecurityGroupId`.
    pub destination_security_group_id: Option<String>,
    /// `Description`.
    pub description: Option<String>,
}

impl Kind for SecurityGroupEgress {
    const TYPE: &'static str = "AWS::EC2::SecurityGroupEgress";

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
