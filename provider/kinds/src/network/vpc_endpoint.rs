//! `AWS::EC2::VPCEndpoint`.

use platform_graph::{Attributes, Call, Identity, Kind, Seen, Tags};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A VPC endpoint.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct VpcEndpoint {
    /// The VPC.
    pub vpc_id: String,
    /// Name of the service.
    pub service_name: String,
    /// Region of the service, where it is another one.
    pub service_region: Option<String>,
    /// `Gateway` or `Interface`; AWS's default is `Gateway`.
    pub vpc_endpoint_type: Option<String>,
    /// Route tables that get a route to a gateway endpoint.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub route_table_ids: Vec<String>,
    /// Subnets that get a network interface of an interface endpoint.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subnet_ids: Vec<String>,
    /// Security groups of the network interfaces.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub security_group_ids: Vec<String>,
    /// Whether the service's public name resolves to the endpoint inside the VPC.
    pub private_dns_enabled: Option<bool>,
    /// Policy document.
    pub policy_document: Option<Value>,
    /// `ipv4`, `ipv6` or `dualstack`.
    pub ip_address_type: Option<String>,
    /// DNS options.
    pub dns_options: Option<DnsOptions>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// DNS options of an endpoint.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DnsOptions {
    /// `ipv4`, `ipv6`, `dualstack` or `service-defined`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dns_record_ip_type: Option<String>,
    /// `OnlyInboundResolver` or `AllResolvers`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private_dns_only_for_inbound_resolver_endpoint: Option<String>,
}

impl Kind for VpcEndpoint {
    const TYPE: &'static str = "AWS::EC2::VPCEndpoint";
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
