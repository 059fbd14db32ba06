//! `AWS::EC2::Route`.

use platform_graph::{Attributes, Call, Identity, Kind, Seen};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A route.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Route {
    /// `RouteTableId`.
    pub route_table_id: String,
    /// `DestinationCidrBlock`.
    pub destination_cidr_block: Option<String>,
    /// `DestinationIpv6CidrBlock`.
    pub destination_ipv6_cidr_block: Option<String>,
    /// `DestinationPrefixListId`.
    pub destination_prefix_list_id: Option<String>,
    /// `CarrierGatewayId`.
    pub carrier_gateway_id: Option<String>,
    /// `CoreNetworkArn`.
    pub core_network_arn: Option<String>,
    /// `EgressOnlyInternetGatewayId`.
    pub egress_only_internet_gateway_id: Option<String>,
    /// `GatewayId`.
    pub gateway_id: Option<String>,
    /// `InstanceId`.
    pub instance_id: Option<String>,
    /// `LocalGatewayId`.
    pub local_gateway_id: Option<String>,
    /// `NatGatewayId`.
    pub nat_gateway_id: Option<String>,
    /// `NetworkInterfaceId`.
    pub network_interface_id: Option<String>,
    /// `TransitGatewayId`.
    pub transit_gateway_id: Option<String>,
    /// `VpcEndpointId`.
    pub vpc_endpoint_id: Option<String>,
    /// `VpcPeeringConnectionId`.
    pub vpc_peering_connection_id: Option<String>,
}

impl Kind for Route {
    const TYPE: &'static str = "AWS::EC2::Route";

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
