//! What somebody can do to a resource of each type behind Terraform's back: a table of calls.

use acceptance_tests::{Flavor, Outcome};
use serde_json::{Value, json};

use super::Part;
use super::hand::{Hand, describe, entry};

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
