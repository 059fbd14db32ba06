//! `AWS::EC2::Route`: one destination of a route table and where it leads.
//!
//! A route has no tags and no id; it is `<table>|<destination>`, as CloudFormation writes it. A route to the same destination
//! that somebody made by hand is this route and is led to the right place. Local routes and routes that a virtual private
//! gateway announces are not routes of this kind.
//!
//! See <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRoute.html>.

use platform_graph::{Attributes, Call, Disruption, Identity, Kind, Live, Seen};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::ec2;
use crate::reply::{items, text};

/// Properties of a route: one destination and one target.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Route {
    /// The route table.
    pub route_table_id: String,
    /// IPv4 destination.
    pub destination_cidr_block: Option<String>,
    /// IPv6 destination.
    pub destination_ipv6_cidr_block: Option<String>,
    /// Destination that is a prefix list.
    pub destination_prefix_list_id: Option<String>,
    /// Target: a carrier gateway.
    pub carrier_gateway_id: Option<String>,
    /// Target: a core network of Cloud WAN.
    pub core_network_arn: Option<String>,
    /// Target: an egress-only internet gateway.
    pub egress_only_internet_gateway_id: Option<String>,
    /// Target: an internet gateway or a virtual private gateway.
    pub gateway_id: Option<String>,
    /// Target: an instance.
    pub instance_id: Option<String>,
    /// Target: a local gateway.
    pub local_gateway_id: Option<String>,
    /// Target: a NAT gateway.
    pub nat_gateway_id: Option<String>,
    /// Target: a network interface.
    pub network_interface_id: Option<String>,
    /// Target: a transit gateway.
    pub transit_gateway_id: Option<String>,
    /// Target: a Gateway Load Balancer endpoint.
    pub vpc_endpoint_id: Option<String>,
    /// Target: a peering connection.
    pub vpc_peering_connection_id: Option<String>,
}

/// Whether a route came with its table or is announced by a virtual private gateway or a route server.
fn is_of_aws(route: &Value) -> bool {
    let announced = ["EnableVgwRoutePropagation", "Advertisement"];
    ec2::is(route, "GatewayId", "local")
        || announced
            .iter()
            .any(|origin| ec2::is(route, "Origin", origin))
}

/// Whether a gateway endpoint put a route into its tables: one to a prefix list.
fn is_of_endpoint(route: &Value) -> bool {
    route.get("DestinationPrefixListId").is_some()
        && text(route, "GatewayId").is_some_and(|id| id.starts_with("vpce-"))
}

impl Route {
    fn destination(&self) -> &str {
        self.destination_cidr_block
            .as_deref()
            .or(self.destination_ipv6_cidr_block.as_deref())
            .or(self.destination_prefix_list_id.as_deref())
            .unwrap_or_default()
    }

    fn leads_there(&self, route: &Value) -> bool {
        let equals = |member: &str, asked: &Option<String>| {
            asked.as_ref().is_some_and(|asked| {
                text(route, member).is_some_and(|seen| ec2::same_cidr(&seen, asked))
            })
        };
        equals("DestinationCidrBlock", &self.destination_cidr_block)
            || equals(
                "DestinationIpv6CidrBlock",
                &self.destination_ipv6_cidr_block,
            )
            || equals("DestinationPrefixListId", &self.destination_prefix_list_id)
    }

    /// A route of this table as EC2 shows it, without its target.
    fn to(table: &str, route: &Value) -> Self {
        Route {
            route_table_id: table.to_owned(),
            destination_cidr_block: text(route, "DestinationCidrBlock"),
            destination_ipv6_cidr_block: text(route, "DestinationIpv6CidrBlock"),
            destination_prefix_list_id: text(route, "DestinationPrefixListId"),
            ..Route::default()
        }
    }

    fn id(&self) -> String {
        format!("{}|{}", self.route_table_id, self.destination())
    }

    fn live(&self, route: &Value) -> Live<Self> {
        // EC2 shows Gateway Load Balancer endpoints among the gateways.
        let (endpoint, gateway): (Option<String>, Option<String>) = match text(route, "GatewayId") {
            Some(id) if id.starts_with("vpce-") => (Some(id), None),
            gateway => (None, gateway),
        };
        let instance_id = text(route, "InstanceId");
        Live {
            id: self.id(),
            attributes: ec2::attributes([("CidrBlock", Some(json!(self.destination())))]),
            properties: Route {
                carrier_gateway_id: text(route, "CarrierGatewayId"),
                core_network_arn: text(route, "CoreNetworkArn"),
                egress_only_internet_gateway_id: text(route, "EgressOnlyInternetGatewayId"),
                gateway_id: gateway,
                local_gateway_id: text(route, "LocalGatewayId"),
                nat_gateway_id: text(route, "NatGatewayId"),
                // A route to an instance shows its network interface as well.
                network_interface_id: text(route, "NetworkInterfaceId")
                    .filter(|_| instance_id.is_none() || self.network_interface_id.is_some()),
                instance_id: instance_id.filter(|_| self.network_interface_id.is_none()),
                transit_gateway_id: text(route, "TransitGatewayId"),
                vpc_endpoint_id: endpoint,
                vpc_peering_connection_id: text(route, "VpcPeeringConnectionId"),
                // Table and destination are what it was found by.
                ..self.clone()
            },
        }
    }

    fn call(&self, action: &'static str) -> Call {
        Call::new("ec2", action)
            .with("RouteTableId", &self.route_table_id)
            .with("DestinationCidrBlock", &self.destination_cidr_block)
            .with(
                "DestinationIpv6CidrBlock",
                &self.destination_ipv6_cidr_block,
            )
            .with("DestinationPrefixListId", &self.destination_prefix_list_id)
    }

    fn call_with_target(&self, action: &'static str) -> Call {
        self.call(action)
            .with("CarrierGatewayId", &self.carrier_gateway_id)
            .with("CoreNetworkArn", &self.core_network_arn)
            .with(
                "EgressOnlyInternetGatewayId",
                &self.egress_only_internet_gateway_id,
            )
            .with("GatewayId", &self.gateway_id)
            .with("InstanceId", &self.instance_id)
            .with("LocalGatewayId", &self.local_gateway_id)
            .with("NatGatewayId", &self.nat_gateway_id)
            .with("NetworkInterfaceId", &self.network_interface_id)
            .with("TransitGatewayId", &self.transit_gateway_id)
            .with("VpcEndpointId", &self.vpc_endpoint_id)
            .with("VpcPeeringConnectionId", &self.vpc_peering_connection_id)
    }
}

impl Kind for Route {
    const TYPE: &'static str = "AWS::EC2::Route";
    const INSIDE: &'static [&'static str] = &["AWS::EC2::RouteTable"];
    const CREATE_ONLY: &'static [&'static str] = &[
        "RouteTableId",
        "DestinationCidrBlock",
        "DestinationIpv6CidrBlock",
        "DestinationPrefixListId",
    ];
    const KEY: &'static [&'static str] = Self::CREATE_ONLY;
    const ATTRIBUTES: &'static [&'static str] = &["CidrBlock"];

    fn find(&self, _me: &Identity) -> Vec<Call> {
        vec![Call::describe(
            "DescribeRouteTables",
            "route-table-id",
            &self.route_table_id,
        )]
    }

    fn read(&self, _me: &Identity, replies: &[Value]) -> Seen<Self> {
        let route = ec2::listed(replies, 0, "RouteTables")
            .iter()
            .filter(|table| ec2::is(table, "RouteTableId", &self.route_table_id))
            .flat_map(|table| items(table, "Routes"))
            .find(|route| self.leads_there(route) && !is_of_aws(route));
        route.map_or(Seen::Absent, |route| Seen::Live(self.live(route)))
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        vec![self.call_with_target("CreateRoute")]
    }

    fn created(&self, _me: &Identity, _reply: &Value) -> Option<String> {
        Some(self.id())
    }

    fn update(&self, _me: &Identity, _live: &Live<Self>, _changed: &[&str]) -> Vec<Call> {
        vec![self.call_with_target("ReplaceRoute")]
    }

    fn delete(&self, _me: &Identity, _id: &str, _attributes: &Attributes) -> Vec<Call> {
        vec![self.call("DeleteRoute")]
    }

    fn inside(_parent: &str, id: &str) -> Vec<Call> {
        vec![Call::describe("DescribeRouteTables", "route-table-id", id)]
    }

    fn residents(_parent: &str, id: &str, replies: &[Value]) -> Vec<Live<Self>> {
        ec2::listed(replies, 0, "RouteTables")
            .iter()
            .filter(|table| ec2::is(table, "RouteTableId", id))
            .flat_map(|table| items(table, "Routes"))
            .filter(|route| !is_of_aws(route) && !is_of_endpoint(route))
            // A local route that was led elsewhere still came with its table.
            .filter(|route| !ec2::is(route, "Origin", "CreateRouteTable"))
            .map(|route| Route::to(id, route).live(route))
            .collect()
    }

    /// Whatever leads elsewhere takes the connections that went the old way with it.
    fn disruption(_property: &str) -> Disruption {
        Disruption::Failover
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::story;
    use crate::testing::me;

    fn table(routes: Value) -> Vec<Value> {
        let other = json!({ "RouteTableId": "rtb-0", "Routes": [{ "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-0" }] });
        vec![json!({ "RouteTables": [other, { "RouteTableId": "rtb-1", "Routes": routes }] })]
    }

    #[test]
    fn calls_and_replies() {
        let local = json!({ "DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "Origin": "CreateRouteTable" });
        let to = |member: &str, target: &str| {
            let mut route = json!({ "DestinationCidrBlock": "0.0.0.0/0", "Origin": "CreateRoute", "State": "active" });
            route[member] = json!(target);
            table(json!([local, route]))
        };
        let announced = json!([{ "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "vgw-1", "Origin": "EnableVgwRoutePropagation" }]);
        insta::assert_snapshot!(story::<Route>(
            json!({ "RouteTableId": "rtb-1", "DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1" }),
            "rtb-1|0.0.0.0/0",
            &json!({ "Return": true }),
            vec![
                ("as asked", to("NatGatewayId", "nat-1")),
                ("to another gateway", to("NatGatewayId", "nat-2")),
                ("to the internet", to("GatewayId", "igw-1")),
                ("announced", table(announced)),
                ("none", table(json!([local]))),
            ],
        ));
    }

    #[test]
    fn every_target_reads_back_as_it_is_asked_for() {
        for (asked, seen) in [
            (
                json!({ "VpcEndpointId": "vpce-1" }),
                json!({ "GatewayId": "vpce-1" }),
            ),
            (
                json!({ "InstanceId": "i-1" }),
                json!({ "InstanceId": "i-1", "NetworkInterfaceId": "eni-1" }),
            ),
            (
                json!({ "NetworkInterfaceId": "eni-1" }),
                json!({ "InstanceId": "i-1", "NetworkInterfaceId": "eni-1" }),
            ),
            (
                json!({ "EgressOnlyInternetGatewayId": "eigw-1" }),
                json!({ "EgressOnlyInternetGatewayId": "eigw-1" }),
            ),
            (
                json!({ "TransitGatewayId": "tgw-1" }),
                json!({ "TransitGatewayId": "tgw-1" }),
            ),
            (
                json!({ "VpcPeeringConnectionId": "pcx-1" }),
                json!({ "VpcPeeringConnectionId": "pcx-1" }),
            ),
            (
                json!({ "CarrierGatewayId": "cagw-1" }),
                json!({ "CarrierGatewayId": "cagw-1" }),
            ),
            (
                json!({ "LocalGatewayId": "lgw-1" }),
                json!({ "LocalGatewayId": "lgw-1" }),
            ),
            (
                json!({ "CoreNetworkArn": "arn:x" }),
                json!({ "CoreNetworkArn": "arn:x" }),
            ),
        ] {
            let key = json!({ "RouteTableId": "rtb-1", "DestinationIpv6CidrBlock": "::/0" });
            let asked: Route = serde_json::from_value(crate::fixture::with(&key, asked)).unwrap();
            let route = crate::fixture::with(&json!({ "DestinationIpv6CidrBlock": "::/0" }), seen);
            match asked.read(&me(None), &table(json!([route]))) {
                Seen::Live(live) => assert_eq!(live.properties, asked),
                seen => panic!("{asked:?} is {seen:?}"),
            }
        }
    }
}
