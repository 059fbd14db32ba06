//! `AWS::EC2::SecurityGroup`.

use platform_graph::{Attributes, Call, Identity, Kind, Seen, Tags};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A security group.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct SecurityGroup {
    /// `GroupDescription`.
    pub group_description: String,
    /// `GroupName`.
    pub group_name: String,
    /// `VpcId`.
    pub vpc_id: String,
    /// `SecurityGroupEgress`.
    pub security_group_egress: Option<Vec<FoundRule>>,
    /// `Tags`.
    #[serde(default)]
    pub tags: Tags,
}

/// A rule found in a security group.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct FoundRule {
    /// `SecurityGroupRuleId`.
    pub security_group_rule_id: String,
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
    /// `PrefixListId`.
    pub prefix_list_id: Option<String>,
    /// `SecurityGroupId`.
    pub security_group_id: Option<String>,
}

impl Kind for SecurityGroup {
    const TYPE: &'static str = "AWS::EC2::SecurityGroup";
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
