//! What somebody can do to a resource of each type behind Terraform's back: a table of calls.

use acceptance_tests::{Flavor, Outcome, REGION, Stage, ensure};
use serde_json::{Map, Value, json};

use super::Part;

/// What one kind of tampering does to a part, and who sees it.
pub struct Tampering {
    /// CloudFormation type of the parts it is done to.
    pub kind: &'static str,
    /// What is done.
    pub what: &'static str,
    /// Whether only a deep refresh sees it.
    pub deep: bool,
    /// Does it; `false` where it does not apply to this part.
    pub tamper: fn(&Hand<'_>, &Part) -> Outcome<bool>,
}

/// The end of a part.
pub struct Deletion {
    /// CloudFormation type of the parts.
    pub kind: &'static str,
    /// In which round: what is deleted together has nothing to do with one another.
    pub round: usize,
    /// Deletes it, with what stands in the way; `false` where it does not apply to this part.
    pub delete: fn(&Hand<'_>, &Part) -> Outcome<bool>,
}

/// Somebody with credentials and no Terraform.
pub struct Hand<'a> {
    pub stage: &'a Stage,
    pub parts: &'a Map<String, Value>,
}

const fn seen(
    kind: &'static str,
    what: &'static str,
    tamper: fn(&Hand<'_>, &Part) -> Outcome<bool>,
) -> Tampering {
    Tampering {
        kind,
        what,
        deep: false,
        tamper,
    }
}

const fn deep(
    kind: &'static str,
    what: &'static str,
    tamper: fn(&Hand<'_>, &Part) -> Outcome<bool>,
) -> Tampering {
    Tampering {
        kind,
        what,
        deep: true,
        tamper,
    }
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

/// A policy that nobody asked for.
const OTHER_POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:ListBucket","Resource":"*"}]}"#;

/// Every property that can be changed from outside, by type. Tags are changed on every part that has some, whatever its type.
pub const TAMPERINGS: &[Tampering] = &[
    seen(
        "AWS::EC2::VPC",
        "host names are turned off",
        |hand, part| {
            hand.ec2(&[
                ("Action", "ModifyVpcAttribute"),
                ("VpcId", &part.id),
                ("EnableDnsHostnames.Value", "false"),
            ])
        },
    ),
    seen(
        "AWS::EC2::VPC",
        "name resolution is turned off",
        |hand, part| {
            hand.ec2(&[
                ("Action", "ModifyVpcAttribute"),
                ("VpcId", &part.id),
                ("EnableDnsSupport.Value", "false"),
            ])
        },
    ),
    seen(
        "AWS::EC2::Subnet",
        "public addresses are given or no longer given",
        |hand, part| {
            let other = (!part.is("MapPublicIpOnLaunch")).to_string();
            hand.ec2(&[
                ("Action", "ModifySubnetAttribute"),
                ("SubnetId", &part.id),
                ("MapPublicIpOnLaunch.Value", &other),
            ])
        },
    ),
    seen(
        "AWS::EC2::Subnet",
        "IPv6 addresses are no longer given",
        |hand, part| {
            if !part.is("AssignIpv6AddressOnCreation") {
                return Ok(false);
            }
            hand.ec2(&[
                ("Action", "ModifySubnetAttribute"),
                ("SubnetId", &part.id),
                ("AssignIpv6AddressOnCreation.Value", "false"),
            ])
        },
    ),
    seen(
        "AWS::EC2::Subnet",
        "instances get names by their ids",
        |hand, part| {
            hand.ec2(&[
                ("Action", "ModifySubnetAttribute"),
                ("SubnetId", &part.id),
                ("EnableResourceNameDnsARecordOnLaunch.Value", "true"),
            ])
        },
    ),
    seen(
        "AWS::EC2::Route",
        "the route leads elsewhere",
        |hand, part| {
            let other = if part.text("GatewayId").starts_with("igw-") {
                ("NatGatewayId", "nat/use1-az1")
            } else {
                ("GatewayId", "internet-gateway")
            };
            let other = (other.0, hand.id_of_any(other.1));
            let table = part.text("RouteTableId");
            match part
                .properties
                .get("DestinationIpv6CidrBlock")
                .and_then(Value::as_str)
            {
                // NAT gateways and egress-only gateways are no alternatives for one another here.
                Some(block) if other.0 == "GatewayId" => hand.ec2(&[
                    ("Action", "ReplaceRoute"),
                    ("RouteTableId", table),
                    ("DestinationIpv6CidrBlock", block),
                    (other.0, &other.1),
                ]),
                Some(_) => Ok(false),
                None => hand.ec2(&[
                    ("Action", "ReplaceRoute"),
                    ("RouteTableId", table),
                    ("DestinationCidrBlock", part.text("DestinationCidrBlock")),
                    (other.0, &other.1),
                ]),
            }
        },
    ),
    seen(
        "AWS::EC2::SubnetRouteTableAssociation",
        "the subnet uses another route table",
        |hand, part| {
            let own = part.text("RouteTableId");
            let other = hand.other("AWS::EC2::RouteTable", own);
            hand.ec2(&[
                ("Action", "ReplaceRouteTableAssociation"),
                ("AssociationId", &part.id),
                ("RouteTableId", &other),
            ])
        },
    ),
    seen(
        "AWS::EC2::SecurityGroup",
        "everything is let out",
        |hand, part| {
            hand.ec2(&[
                ("Action", "AuthorizeSecurityGroupEgress"),
                ("GroupId", &part.id),
                ("IpPermissions.1.IpProtocol", "-1"),
                ("IpPermissions.1.IpRanges.1.CidrIp", "0.0.0.0/0"),
            ])
        },
    ),
    seen(
        "AWS::EC2::SecurityGroupIngress",
        "the description is another",
        |hand, part| describe(hand, part, "Ingress"),
    ),
    seen(
        "AWS::EC2::SecurityGroupEgress",
        "the description is another",
        |hand, part| describe(hand, part, "Egress"),
    ),
    seen(
        "AWS::EC2::NetworkAclEntry",
        "what was let through is stopped",
        |hand, part| {
            let other = if part.text("RuleAction") == "allow" {
                "deny"
            } else {
                "allow"
            };
            entry(hand, part, "ReplaceNetworkAclEntry", other)
        },
    ),
    seen(
        "AWS::EC2::SubnetNetworkAclAssociation",
        "the subnet uses the default ACL",
        |hand, part| {
            let default = hand.attribute("vpc", "DefaultNetworkAcl");
            hand.ec2(&[
                ("Action", "ReplaceNetworkAclAssociation"),
                ("AssociationId", part.attribute("AssociationId")),
                ("NetworkAclId", &default),
            ])
        },
    ),
    seen(
        "Custom::DefaultSecurityGroup",
        "something is let in",
        |hand, part| {
            hand.ec2(&[
                ("Action", "AuthorizeSecurityGroupIngress"),
                ("GroupId", &part.id),
                ("IpPermissions.1.IpProtocol", "tcp"),
                ("IpPermissions.1.FromPort", "22"),
                ("IpPermissions.1.ToPort", "22"),
                ("IpPermissions.1.IpRanges.1.CidrIp", "0.0.0.0/0"),
            ])
        },
    ),
    seen(
        "Custom::DefaultSecurityGroup",
        "something is let out",
        |hand, part| {
            hand.ec2(&[
                ("Action", "AuthorizeSecurityGroupEgress"),
                ("GroupId", &part.id),
                ("IpPermissions.1.IpProtocol", "-1"),
                ("IpPermissions.1.IpRanges.1.CidrIp", "0.0.0.0/0"),
            ])
        },
    ),
    seen(
        "Custom::DefaultNetworkAcl",
        "an entry is added",
        |hand, part| {
            hand.ec2(&[
                ("Action", "CreateNetworkAclEntry"),
                ("NetworkAclId", &part.id),
                ("RuleNumber", "50"),
                ("Egress", "false"),
                ("Protocol", "-1"),
                ("RuleAction", "deny"),
                ("CidrBlock", "192.0.2.0/24"),
            ])
        },
    ),
    seen(
        "Custom::DefaultNetworkAcl",
        "an entry is removed",
        |hand, part| {
            hand.ec2(&[
                ("Action", "DeleteNetworkAclEntry"),
                ("NetworkAclId", &part.id),
                ("RuleNumber", "100"),
                ("Egress", "false"),
            ])
        },
    ),
    seen(
        "AWS::EC2::VPCEndpoint",
        "a gateway endpoint has another policy",
        |hand, part| {
            if part.text("VpcEndpointType") != "Gateway" {
                return Ok(false);
            }
            hand.ec2(&[
                ("Action", "ModifyVpcEndpoint"),
                ("VpcEndpointId", &part.id),
                ("PolicyDocument", OTHER_POLICY),
            ])
        },
    ),
    deep(
        "AWS::EC2::VPCEndpoint",
        "an interface endpoint has a policy",
        |hand, part| {
            if part.text("VpcEndpointType") != "Interface" {
                return Ok(false);
            }
            hand.ec2(&[
                ("Action", "ModifyVpcEndpoint"),
                ("VpcEndpointId", &part.id),
                ("PolicyDocument", OTHER_POLICY),
            ])
        },
    ),
    seen(
        "AWS::EC2::VPCEndpoint",
        "a route table no longer leads to a gateway endpoint",
        |hand, part| {
            let Some(table) = part.properties["RouteTableIds"][0].as_str() else {
                return Ok(false);
            };
            hand.ec2(&[
                ("Action", "ModifyVpcEndpoint"),
                ("VpcEndpointId", &part.id),
                ("RemoveRouteTableId.1", table),
            ])
        },
    ),
    seen(
        "AWS::EC2::VPCDHCPOptionsAssociation",
        "the network uses AWS's own options",
        |hand, part| {
            hand.ec2(&[
                ("Action", "AssociateDhcpOptions"),
                ("VpcId", part.text("VpcId")),
                ("DhcpOptionsId", "default"),
            ])
        },
    ),
    seen(
        "AWS::Logs::LogGroup",
        "events are kept for a day",
        |hand, part| {
            hand.logs(
                "PutRetentionPolicy",
                json!({ "logGroupName": part.id, "retentionInDays": 1 }),
            )
        },
    ),
    seen(
        "AWS::IAM::Role",
        "somebody else may take the role on",
        |hand, part| {
            let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::999999999999:root"},"Action":"sts:AssumeRole"}]}"#;
            hand.iam(&[
                ("Action", "UpdateAssumeRolePolicy"),
                ("RoleName", &part.id),
                ("PolicyDocument", trust),
            ])
        },
    ),
    seen(
        "AWS::IAM::Role",
        "an inline policy is added",
        |hand, part| {
            let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;
            hand.iam(&[
                ("Action", "PutRolePolicy"),
                ("RoleName", &part.id),
                ("PolicyName", "more"),
                ("PolicyDocument", policy),
            ])
        },
    ),
    seen(
        "AWS::IAM::Role",
        "an inline policy is widened",
        |hand, part| {
            let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
            let name = part.properties["Policies"][0]["PolicyName"]
                .as_str()
                .unwrap_or_default();
            hand.iam(&[
                ("Action", "PutRolePolicy"),
                ("RoleName", &part.id),
                ("PolicyName", name),
                ("PolicyDocument", policy),
            ])
        },
    ),
    seen(
        "AWS::IAM::Role",
        "a managed policy is attached",
        |hand, part| {
            hand.iam(&[
                ("Action", "AttachRolePolicy"),
                ("RoleName", &part.id),
                ("PolicyArn", "arn:aws:iam::aws:policy/AdministratorAccess"),
            ])
        },
    ),
    deep(
        "AWS::IAM::Role",
        "a permissions boundary is set",
        |hand, part| {
            hand.iam(&[
                ("Action", "PutRolePermissionsBoundary"),
                ("RoleName", &part.id),
                (
                    "PermissionsBoundary",
                    "arn:aws:iam::aws:policy/ReadOnlyAccess",
                ),
            ])
        },
    ),
    deep(
        "AWS::IAM::Role",
        "sessions last longer, and the description is another",
        |hand, part| {
            hand.iam(&[
                ("Action", "UpdateRole"),
                ("RoleName", &part.id),
                ("MaxSessionDuration", "7200"),
                ("Description", "mine"),
            ])
        },
    ),
    seen("AWS::KMS::Key", "the key is switched off", |hand, part| {
        hand.kms("DisableKey", json!({ "KeyId": part.id }))
    }),
    seen(
        "AWS::KMS::Key",
        "the key is no longer rotated",
        |hand, part| hand.kms("DisableKeyRotation", json!({ "KeyId": part.id })),
    ),
    seen(
        "AWS::KMS::Key",
        "the description is another",
        |hand, part| {
            hand.kms(
                "UpdateKeyDescription",
                json!({ "KeyId": part.id, "Description": "mine" }),
            )
        },
    ),
    seen("AWS::KMS::Key", "the policy is another", |hand, part| {
        let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"kms:*","Resource":"*"}]}"#;
        hand.kms(
            "PutKeyPolicy",
            json!({ "KeyId": part.id, "PolicyName": "default", "Policy": policy }),
        )
    }),
    seen(
        "AWS::KMS::Alias",
        "the name is that of another key",
        |hand, part| {
            let key = hand.kms_json("CreateKey", json!({}))?;
            hand.kms("UpdateAlias", json!({ "AliasName": part.text("AliasName"), "TargetKeyId": key["KeyMetadata"]["KeyId"] }))
        },
    ),
];

/// What an emulator accepts without doing it.
pub const LACKING: &[(Flavor, &str)] = &[(Flavor::LocalStack, "instances get names by their ids")];

/// Types of which nothing but tags can be changed from outside: AWS has no call for it, or the emulator has none.
pub const UNCHANGEABLE: &[(&str, &str)] = &[
    (
        "AWS::EC2::VPCCidrBlock",
        "an association is made and unmade",
    ),
    (
        "AWS::EC2::InternetGateway",
        "a gateway has nothing but tags",
    ),
    (
        "AWS::EC2::VPCGatewayAttachment",
        "an attachment is made and unmade",
    ),
    (
        "AWS::EC2::EgressOnlyInternetGateway",
        "a gateway has nothing but tags",
    ),
    ("AWS::EC2::EIP", "an address has nothing but tags"),
    (
        "AWS::EC2::NatGateway",
        "further addresses are more than the emulator has",
    ),
    (
        "AWS::EC2::RouteTable",
        "a table has routes, which are parts, and tags",
    ),
    (
        "AWS::EC2::NetworkAcl",
        "an ACL has entries, which are parts, and tags",
    ),
    ("AWS::EC2::FlowLog", "a flow log can't be changed"),
    ("AWS::EC2::DHCPOptions", "a set of options can't be changed"),
];

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

/// Puts another value on a tag that the part has.
pub fn retag(hand: &Hand<'_>, part: &Part) -> Outcome<bool> {
    if !part.properties["Tags"]["Name"].is_string() {
        return Ok(false);
    }
    let (key, value) = ("Name", "somebody else's");
    match part.kind.as_str() {
        "AWS::Logs::LogGroup" => hand.logs(
            "TagLogGroup",
            json!({ "logGroupName": part.id, "tags": { key: value } }),
        ),
        "AWS::KMS::Key" => hand.kms(
            "TagResource",
            json!({ "KeyId": part.id, "Tags": [{ "TagKey": key, "TagValue": value }] }),
        ),
        "AWS::IAM::Role" => hand.iam(&[
            ("Action", "TagRole"),
            ("RoleName", &part.id),
            ("Tags.member.1.Key", key),
            ("Tags.member.1.Value", value),
        ]),
        _ => hand.ec2(&[
            ("Action", "CreateTags"),
            ("ResourceId.1", &part.id),
            ("Tag.1.Key", key),
            ("Tag.1.Value", value),
        ]),
    }
}

/// Takes a tag away.
pub fn untag(hand: &Hand<'_>, part: &Part) -> Outcome<bool> {
    if !part.properties["Tags"]["Name"].is_string() {
        return Ok(false);
    }
    match part.kind.as_str() {
        "AWS::Logs::LogGroup" => hand.logs(
            "UntagLogGroup",
            json!({ "logGroupName": part.id, "tags": ["Name"] }),
        ),
        "AWS::KMS::Key" => hand.kms(
            "UntagResource",
            json!({ "KeyId": part.id, "TagKeys": ["Name"] }),
        ),
        "AWS::IAM::Role" => hand.iam(&[
            ("Action", "UntagRole"),
            ("RoleName", &part.id),
            ("TagKeys.member.1", "Name"),
        ]),
        _ => hand.ec2(&[
            ("Action", "DeleteTags"),
            ("ResourceId.1", &part.id),
            ("Tag.1.Key", "Name"),
        ]),
    }
}

fn describe(hand: &Hand<'_>, part: &Part, way: &str) -> Outcome<bool> {
    let protocol = part.text("IpProtocol");
    // The emulator does not find rules by the group on their other side.
    let peers = [
        ("CidrIp", "IpRanges.1.CidrIp", "IpRanges.1.Description"),
        (
            "CidrIpv6",
            "Ipv6Ranges.1.CidrIpv6",
            "Ipv6Ranges.1.Description",
        ),
    ];
    let peer = peers
        .into_iter()
        .find(|(name, ..)| part.properties.get(*name).is_some());
    let Some((name, member, description)) = peer else {
        return Ok(false);
    };
    let port = |name: &str| {
        part.properties
            .get(name)
            .map_or("-1".to_owned(), Value::to_string)
    };
    let action = format!("UpdateSecurityGroupRuleDescriptions{way}");
    hand.ec2(&[
        ("Action", &action),
        ("GroupId", part.text("GroupId")),
        ("IpPermissions.1.IpProtocol", protocol),
        ("IpPermissions.1.FromPort", &port("FromPort")),
        ("IpPermissions.1.ToPort", &port("ToPort")),
        (&format!("IpPermissions.1.{member}"), part.text(name)),
        (&format!("IpPermissions.1.{description}"), "mine"),
    ])
}

fn revoke(hand: &Hand<'_>, part: &Part, action: &str) -> Outcome<bool> {
    hand.ec2(&[
        ("Action", action),
        ("GroupId", part.text("GroupId")),
        ("SecurityGroupRuleId.1", &part.id),
    ])
}

fn entry(hand: &Hand<'_>, part: &Part, action: &str, rule_action: &str) -> Outcome<bool> {
    let text = |name: &str| {
        part.properties
            .get(name)
            .map(Value::to_string)
            .unwrap_or_default()
    };
    let mut call = vec![
        ("Action", action.to_owned()),
        ("NetworkAclId", part.text("NetworkAclId").to_owned()),
        ("RuleNumber", text("RuleNumber")),
        ("Egress", text("Egress")),
        ("Protocol", text("Protocol")),
        ("RuleAction", rule_action.to_owned()),
        ("CidrBlock", part.text("CidrBlock").to_owned()),
    ];
    if let Some(ports) = part.properties.get("PortRange") {
        call.push(("PortRange.From", ports["From"].to_string()));
        call.push(("PortRange.To", ports["To"].to_string()));
    }
    let call: Vec<(&str, &str)> = call
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    hand.ec2(&call)
}

impl Hand<'_> {
    pub fn ec2(&self, parameters: &[(&str, &str)]) -> Outcome<bool> {
        self.stage.emulator.api().ec2(parameters).map(|_| true)
    }

    fn iam(&self, parameters: &[(&str, &str)]) -> Outcome<bool> {
        let reply = self
            .stage
            .emulator
            .api()
            .query("iam", REGION, "2010-05-08", parameters)?;
        ensure!(reply.status == 200, "{parameters:?} answers {reply:?}");
        Ok(true)
    }

    fn logs(&self, action: &str, body: Value) -> Outcome<bool> {
        self.json("logs", &format!("Logs_20140328.{action}"), body)
            .map(|_| true)
    }

    fn kms(&self, action: &str, body: Value) -> Outcome<bool> {
        self.json("kms", &format!("TrentService.{action}"), body)
            .map(|_| true)
    }

    fn kms_json(&self, action: &str, body: Value) -> Outcome<Value> {
        Ok(serde_json::from_str(&self.json(
            "kms",
            &format!("TrentService.{action}"),
            body,
        )?)?)
    }

    fn json(&self, service: &str, target: &str, body: Value) -> Outcome<String> {
        let reply = self
            .stage
            .emulator
            .api()
            .json(service, REGION, target, &body)?;
        ensure!(reply.status == 200, "{target} {body} answers {reply:?}");
        Ok(reply.body)
    }

    /// All parts of a type.
    pub fn all(&self, kind: &str) -> Vec<Part> {
        self.parts
            .iter()
            .map(|(address, part)| Part::read(address, part))
            .filter(|part| part.kind == kind)
            .collect()
    }

    /// Id of the part whose address begins so.
    pub fn id_of_any(&self, address: &str) -> String {
        let found = self
            .parts
            .iter()
            .find(|(other, _)| other.starts_with(address));
        found
            .and_then(|(_, part)| part["id"].as_str())
            .unwrap_or_default()
            .to_owned()
    }

    /// Id of another part of the same type.
    fn other(&self, kind: &str, than: &str) -> String {
        self.all(kind)
            .into_iter()
            .map(|part| part.id)
            .find(|id| id != than)
            .unwrap_or_default()
    }

    fn attribute(&self, address: &str, name: &str) -> String {
        self.parts[address]["attributes"][name]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }
}
