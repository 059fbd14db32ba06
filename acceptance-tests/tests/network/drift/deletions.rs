//! How somebody deletes a resource of each type behind Terraform's back: a table of calls.

use acceptance_tests::Outcome;
use serde_json::json;

use super::{Hand, Part};

/// The end of a part.
pub struct Deletion {
    /// CloudFormation type of the parts.
    pub kind: &'static str,
    /// In which round: what is deleted together has nothing to do with one another.
    pub round: usize,
    /// Deletes it, with what stands in the way; `false` where it does not apply to this part.
    pub delete: fn(&Hand<'_>, &Part) -> Outcome<bool>,
}

const fn gone(
    kind: &'static str,
    round: usize,
    delete: fn(&Hand<'_>, &Part) -> Outcome<bool>,
) -> Deletion {
    Deletion {
        kind,
        round,
        delete,
    }
}

/// How every sort of part is deleted, with what stands in its way.
pub const DELETIONS: &[Deletion] = &[
    gone("AWS::EC2::Route", 0, |hand, part| {
        let destination = ["DestinationCidrBlock", "DestinationIpv6CidrBlock"]
            .into_iter()
            .find_map(|name| Some((name, part.properties.get(name)?.as_str()?)));
        let Some(destination) = destination else {
            return Ok(false);
        };
        hand.ec2(&[
            ("Action", "DeleteRoute"),
            ("RouteTableId", part.text("RouteTableId")),
            destination,
        ])
    }),
    gone("AWS::EC2::SecurityGroupIngress", 0, |hand, part| {
        revoke(hand, part, "RevokeSecurityGroupIngress")
    }),
    gone("AWS::EC2::SecurityGroupEgress", 0, |hand, part| {
        revoke(hand, part, "RevokeSecurityGroupEgress")
    }),
    gone("AWS::EC2::NetworkAclEntry", 0, |hand, part| {
        let (number, egress) = (
            part.properties["RuleNumber"].to_string(),
            part.properties["Egress"].to_string(),
        );
        hand.ec2(&[
            ("Action", "DeleteNetworkAclEntry"),
            ("NetworkAclId", part.text("NetworkAclId")),
            ("RuleNumber", &number),
            ("Egress", &egress),
        ])
    }),
    gone("AWS::EC2::FlowLog", 0, |hand, part| {
        hand.ec2(&[("Action", "DeleteFlowLogs"), ("FlowLogId.1", &part.id)])
    }),
    gone("AWS::EC2::VPCEndpoint", 0, |hand, part| {
        hand.ec2(&[
            ("Action", "DeleteVpcEndpoints"),
            ("VpcEndpointId.1", &part.id),
        ])
    }),
    gone("AWS::KMS::Alias", 0, |hand, part| {
        hand.kms(
            "DeleteAlias",
            json!({ "AliasName": part.text("AliasName") }),
        )
    }),
    gone("AWS::EC2::VPCDHCPOptionsAssociation", 0, |hand, part| {
        hand.ec2(&[
            ("Action", "AssociateDhcpOptions"),
            ("VpcId", part.text("VpcId")),
            ("DhcpOptionsId", "default"),
        ])
    }),
    gone("AWS::EC2::SubnetRouteTableAssociation", 1, |hand, part| {
        hand.ec2(&[
            ("Action", "DisassociateRouteTable"),
            ("AssociationId", &part.id),
        ])
    }),
    gone("AWS::EC2::SubnetNetworkAclAssociation", 1, |hand, part| {
        let default = hand.attribute("vpc", "DefaultNetworkAcl");
        hand.ec2(&[
            ("Action", "ReplaceNetworkAclAssociation"),
            ("AssociationId", part.attribute("AssociationId")),
            ("NetworkAclId", &default),
        ])
    }),
    gone("AWS::EC2::NatGateway", 1, |hand, part| {
        hand.ec2(&[("Action", "DeleteNatGateway"), ("NatGatewayId", &part.id)])
    }),
    gone("AWS::IAM::Role", 1, |hand, part| {
        for policy in part.properties["Policies"].as_array().into_iter().flatten() {
            let name = policy["PolicyName"].as_str().unwrap_or_default();
            hand.iam(&[
                ("Action", "DeleteRolePolicy"),
                ("RoleName", &part.id),
                ("PolicyName", name),
            ])?;
        }
        hand.iam(&[("Action", "DeleteRole"), ("RoleName", &part.id)])
    }),
    gone("AWS::Logs::LogGroup", 1, |hand, part| {
        hand.logs("DeleteLogGroup", json!({ "logGroupName": part.id }))
    }),
    gone("AWS::EC2::EgressOnlyInternetGateway", 1, |hand, part| {
        hand.ec2(&[
            ("Action", "DeleteEgressOnlyInternetGateway"),
            ("EgressOnlyInternetGatewayId", &part.id),
        ])
    }),
    gone("AWS::EC2::DHCPOptions", 1, |hand, part| {
        hand.ec2(&[
            ("Action", "AssociateDhcpOptions"),
            ("VpcId", &hand.id_of_any("vpc")),
            ("DhcpOptionsId", "default"),
        ])?;
        hand.ec2(&[("Action", "DeleteDhcpOptions"), ("DhcpOptionsId", &part.id)])
    }),
    gone("AWS::EC2::EIP", 2, |hand, part| {
        // An address is free only once its gateway is gone.
        for gateway in hand.all("AWS::EC2::NatGateway") {
            hand.ec2(&[
                ("Action", "DeleteNatGateway"),
                ("NatGatewayId", &gateway.id),
            ])?;
        }
        hand.ec2(&[("Action", "ReleaseAddress"), ("AllocationId", &part.id)])
    }),
    gone("AWS::EC2::NetworkAcl", 2, |hand, part| {
        let default = hand.attribute("vpc", "DefaultNetworkAcl");
        for association in hand.all("AWS::EC2::SubnetNetworkAclAssociation") {
            if association.text("NetworkAclId") == part.id {
                hand.ec2(&[
                    ("Action", "ReplaceNetworkAclAssociation"),
                    ("AssociationId", association.attribute("AssociationId")),
                    ("NetworkAclId", &default),
                ])?;
            }
        }
        hand.ec2(&[("Action", "DeleteNetworkAcl"), ("NetworkAclId", &part.id)])
    }),
    gone("AWS::EC2::VPCGatewayAttachment", 2, |hand, part| {
        hand.ec2(&[
            ("Action", "DetachInternetGateway"),
            ("InternetGatewayId", part.text("InternetGatewayId")),
            ("VpcId", part.text("VpcId")),
        ])
    }),
    gone("AWS::EC2::RouteTable", 3, |hand, part| {
        for association in hand.all("AWS::EC2::SubnetRouteTableAssociation") {
            if association.text("RouteTableId") == part.id {
                hand.ec2(&[
                    ("Action", "DisassociateRouteTable"),
                    ("AssociationId", &association.id),
                ])?;
            }
        }
        hand.ec2(&[("Action", "DeleteRouteTable"), ("RouteTableId", &part.id)])
    }),
    gone("AWS::EC2::SecurityGroup", 3, |hand, part| {
        // AWS refuses it for a group that an endpoint uses.
        let is_used = hand.all("AWS::EC2::VPCEndpoint").iter().any(|endpoint| {
            let groups = endpoint.properties["SecurityGroupIds"].as_array();
            groups.is_some_and(|groups| groups.iter().any(|group| *group == part.id))
        });
        if is_used {
            return Ok(false);
        }
        hand.ec2(&[("Action", "DeleteSecurityGroup"), ("GroupId", &part.id)])
    }),
    gone("AWS::EC2::InternetGateway", 4, |hand, part| {
        hand.ec2(&[
            ("Action", "DetachInternetGateway"),
            ("InternetGatewayId", &part.id),
            ("VpcId", &hand.id_of_any("vpc")),
        ])?;
        hand.ec2(&[
            ("Action", "DeleteInternetGateway"),
            ("InternetGatewayId", &part.id),
        ])
    }),
    gone("AWS::EC2::Subnet", 5, |hand, part| {
        hand.ec2(&[("Action", "DeleteSubnet"), ("SubnetId", &part.id)])
    }),
];

/// Types that nobody can delete by itself, or whose successor the emulator can't put to use.
pub const UNDELETABLE: &[(&str, &str)] = &[
    (
        "Custom::DefaultSecurityGroup",
        "it comes and goes with its network",
    ),
    (
        "Custom::DefaultNetworkAcl",
        "it comes and goes with its network",
    ),
    (
        "AWS::EC2::VPC",
        "everything that makes up the network has to go first, which the other rows do",
    ),
    (
        "AWS::EC2::VPCCidrBlock",
        "AWS keeps a block as long as a subnet is in it",
    ),
    (
        "AWS::KMS::Key",
        "the log group has to move to the new key, and the emulator lacks AssociateKmsKey",
    ),
];

fn revoke(hand: &Hand<'_>, part: &Part, action: &str) -> Outcome<bool> {
    hand.ec2(&[
        ("Action", action),
        ("GroupId", part.text("GroupId")),
        ("SecurityGroupRuleId.1", &part.id),
    ])
}
