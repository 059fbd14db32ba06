//! `AWS::EC2::DHCPOptions`.

use platform_graph::{Attributes, Call, Identity, Kind, Seen, Tags};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A DHCP option set.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DhcpOptions {
    /// Domain name.
    pub domain_name: Option<String>,
    /// Name servers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub domain_name_servers: Vec<String>,
    /// Time servers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ntp_servers: Vec<String>,
    /// NetBIOS name servers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub netbios_name_servers: Vec<String>,
    /// NetBIOS node type.
    pub netbios_node_type: Option<u32>,
    /// Seconds.
    pub ipv6_address_preferred_lease_time: Option<u32>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

impl Kind for DhcpOptions {
    const TYPE: &'static str = "AWS::EC2::DHCPOptions";
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
