//! What else a VPC can't be deleted with: one row for each sort.

use platform_graph::Call;
use serde_json::Value;

use crate::ec2;
use crate::reply::items;

/// Something else that a VPC can't be deleted with.
pub(super) struct Other {
    pub what: &'static str,
    pub action: &'static str,
    pub filter: &'static str,
    pub list: &'static str,
    pub id: &'static str,
    pub is_in_the_way: fn(&Value, &str) -> bool,
    /// Action, member for the id, and whether that is a list; for what this owner may have made.
    pub delete: Option<(&'static str, &'static str, bool)>,
}

impl Other {
    pub fn ask(&self, vpc: &str) -> Call {
        // The one operation whose filters are called otherwise.
        if self.action == "DescribeNatGateways" {
            let filter = serde_json::json!([{ "Name": self.filter, "Values": [vpc] }]);
            return Call::new("ec2", self.action)
                .with("Filter", filter)
                .merging("/Filter/0/Values");
        }
        Call::describe(self.action, self.filter, vpc)
    }
}

fn is_inside(item: &Value, vpc: &str) -> bool {
    ec2::is(item, "VpcId", vpc)
        && !["deleted", "deleting", "failed"].iter().any(|state| {
            ["State", "Status"]
                .iter()
                .any(|member| ec2::is(item, member, state))
        })
}

fn is_peered(item: &Value, vpc: &str) -> bool {
    let gone = ["deleted", "rejected", "expired", "failed"];
    let ended = gone
        .iter()
        .any(|state| ec2::is(&item["Status"], "Code", state));
    !ended
        && ["RequesterVpcInfo", "AccepterVpcInfo"]
            .iter()
            .any(|side| ec2::is(&item[*side], "VpcId", vpc))
}

pub(super) const OTHERS: [Other; 10] = [
    Other {
        what: "NAT gateway",
        action: "DescribeNatGateways",
        filter: "vpc-id",
        list: "NatGateways",
        id: "NatGatewayId",
        is_in_the_way: is_inside,
        delete: Some(("DeleteNatGateway", "NatGatewayId", false)),
    },
    Other {
        what: "VPC endpoint",
        action: "DescribeVpcEndpoints",
        filter: "vpc-id",
        list: "VpcEndpoints",
        id: "VpcEndpointId",
        is_in_the_way: is_inside,
        delete: Some(("DeleteVpcEndpoints", "VpcEndpointIds", true)),
    },
    Other {
        what: "subnet",
        action: "DescribeSubnets",
        filter: "vpc-id",
        list: "Subnets",
        id: "SubnetId",
        is_in_the_way: is_inside,
        delete: Some(("DeleteSubnet", "SubnetId", false)),
    },
    Other {
        what: "route table",
        action: "DescribeRouteTables",
        filter: "vpc-id",
        list: "RouteTables",
        id: "RouteTableId",
        is_in_the_way: |table, vpc| {
            let main = items(table, "Associations")
                .iter()
                .any(|association| ec2::flag(association, "Main") == Some(true));
            is_inside(table, vpc) && !main
        },
        delete: Some(("DeleteRouteTable", "RouteTableId", false)),
    },
    Other {
        what: "network ACL",
        action: "DescribeNetworkAcls",
        filter: "vpc-id",
        list: "NetworkAcls",
        id: "NetworkAclId",
        is_in_the_way: |acl, vpc| is_inside(acl, vpc) && ec2::flag(acl, "IsDefault") != Some(true),
        delete: Some(("DeleteNetworkAcl", "NetworkAclId", false)),
    },
    Other {
        what: "internet gateway",
        action: "DescribeInternetGateways",
        filter: "attachment.vpc-id",
        list: "InternetGateways",
        id: "InternetGatewayId",
        is_in_the_way: |gateway, vpc| {
            items(gateway, "Attachments")
                .iter()
                .any(|attachment| ec2::is(attachment, "VpcId", vpc))
        },
        delete: Some(("DeleteInternetGateway", "InternetGatewayId", false)),
    },
    Other {
        what: "VPN gateway",
        action: "DescribeVpnGateways",
        filter: "attachment.vpc-id",
        list: "VpnGateways",
        id: "VpnGatewayId",
        is_in_the_way: |gateway, vpc| {
            items(gateway, "VpcAttachments").iter().any(|attachment| {
                ec2::is(attachment, "VpcId", vpc) && !ec2::is(attachment, "State", "detached")
            })
        },
        delete: None,
    },
    Other {
        what: "transit gateway attachment",
        action: "DescribeTransitGatewayVpcAttachments",
        filter: "vpc-id",
        list: "TransitGatewayVpcAttachments",
        id: "TransitGatewayAttachmentId",
        is_in_the_way: is_inside,
        delete: None,
    },
    Other {
        what: "peering connection",
        action: "DescribeVpcPeeringConnections",
        filter: "requester-vpc-info.vpc-id",
        list: "VpcPeeringConnections",
        id: "VpcPeeringConnectionId",
        is_in_the_way: is_peered,
        delete: None,
    },
    Other {
        what: "peering connection",
        action: "DescribeVpcPeeringConnections",
        filter: "accepter-vpc-info.vpc-id",
        list: "VpcPeeringConnections",
        id: "VpcPeeringConnectionId",
        is_in_the_way: is_peered,
        delete: None,
    },
];
