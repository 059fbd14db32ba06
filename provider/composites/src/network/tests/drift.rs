//! What somebody can change behind Terraform's back, and what shows it.

use super::*;

/// Why a property that not every part of a kind asks for can't drift unseen.
#[derive(Debug, Clone, Copy)]
enum Shown {
    /// A refresh with `drift = "deep"` records it when it is not what AWS gives by itself, and the next plan takes it back.
    Deep,
    /// It belongs to another form of the same kind, and what is asked for rules it out; the reason says how.
    Never(&'static str),
}

use Shown::{Deep, Never};

/// Properties that can change and that not every part of the kind asks for.
const LEFT_OUT: &[(&str, &[&str], Shown)] = &[
    (
        "AWS::EC2::NatGateway",
        &["SecondaryAllocationIds", "SecondaryPrivateIpAddresses"],
        Deep,
    ),
    (
        "AWS::EC2::NatGateway",
        &["AvailabilityZoneAddresses"],
        Never("only regional gateways have them, and those ask"),
    ),
    (
        "AWS::EC2::NetworkAclEntry",
        &["CidrBlock", "Ipv6CidrBlock"],
        Never("an entry has one block: another one shows as the loss of the one asked for"),
    ),
    ("AWS::EC2::NetworkAclEntry", &["Icmp", "PortRange"], Deep),
    (
        "AWS::EC2::Route",
        &[
            "CarrierGatewayId",
            "CoreNetworkArn",
            "EgressOnlyInternetGatewayId",
            "GatewayId",
            "InstanceId",
            "LocalGatewayId",
            "NatGatewayId",
            "NetworkInterfaceId",
            "TransitGatewayId",
            "VpcEndpointId",
            "VpcPeeringConnectionId",
        ],
        Never("a route has one target: another one shows as the loss of the one asked for"),
    ),
    (
        "AWS::EC2::Subnet",
        &[
            "AssignIpv6AddressOnCreation",
            "EnableDns64",
            "Ipv6CidrBlock",
        ],
        Deep,
    ),
    (
        "AWS::EC2::Subnet",
        &["MapPublicIpOnLaunch"],
        Never("subnets of IPv6 alone have no IPv4 addresses to give, and the others ask"),
    ),
    (
        "AWS::EC2::VPC",
        &["InstanceTenancy"],
        Never("a VPC of shared hardware can't become one of dedicated hardware"),
    ),
    (
        "AWS::EC2::VPCEndpoint",
        &["RouteTableIds"],
        Never("only gateway endpoints have them, and those ask"),
    ),
    (
        "AWS::EC2::SecurityGroupEgress",
        &["Tags"],
        Never(
            "a rule that is asked for carries its owner's; seen only on rules found inside a group",
        ),
    ),
    (
        "AWS::EC2::SecurityGroupIngress",
        &["Tags"],
        Never(
            "a rule that is asked for carries its owner's; seen only on rules found inside a group",
        ),
    ),
    (
        "AWS::EC2::VPCEndpoint",
        &["PrivateDnsEnabled", "SecurityGroupIds", "SubnetIds"],
        Never("only interface endpoints have them, and those ask"),
    ),
    (
        "AWS::EC2::VPCEndpoint",
        &["DnsOptions", "IpAddressType", "PolicyDocument"],
        Deep,
    ),
    (
        "AWS::IAM::Role",
        &["Description", "MaxSessionDuration", "PermissionsBoundary"],
        Deep,
    ),
    ("AWS::KMS::Key", &["RotationPeriodInDays"], Deep),
    (
        "AWS::KMS::Key",
        &["PendingWindowInDays"],
        Never("it is said when the key is deleted, and kept nowhere before"),
    ),
    (
        "AWS::Logs::LogGroup",
        &["DeletionProtectionEnabled", "RetentionInDays"],
        Deep,
    ),
];

fn networks() -> Vec<Expansion> {
    [
        json!({
            "ipv6": {},
            "secondary_cidrs": ["100.64.0.0/16"],
            "tiers": {
                "public": { "kind": "public" },
                "private": { "kind": "private", "ipv6": "none", "routes": {
                    "10.1.0.0/16": { "transit_gateway_id": "tgw-0a" },
                    "10.2.0.0/16": { "vpc_peering_connection_id": "pcx-0a" },
                    "10.3.0.0/16": { "virtual_private_gateway_id": "vgw-0a" },
                    "10.4.0.0/16": { "network_interface_id": "eni-0a" },
                    "pl-0a": { "vpc_endpoint_id": "vpce-0a" },
                } },
                "nodes": { "kind": "private", "ipv6": "only" },
                "database": { "kind": "isolated", "network_acl": {
                    "ingress": {
                        "postgres": { "number": 100, "cidr": "10.0.0.0/16", "protocol": "tcp", "port": 5432 },
                        "ping": { "number": 110, "cidr": "::/0", "protocol": "icmpv6" },
                    },
                    "egress": { "everything": { "number": 100, "cidr": "0.0.0.0/0" } },
                } },
            },
            "dhcp_options": {},
            "block_public_access": { "mode": "block_ingress" },
            "endpoints": { "interface": { "sts": {}, "s3": { "private_dns": true } } },
            "flow_logs": { "cloudwatch": { "own_kms_key": true, "retention_days": 0 } },
            "security_groups": { "app": {
                "ingress": {
                    "web": { "from_cidrs": ["0.0.0.0/0", "::/0"], "port": 443 }, "list": { "from_prefix_list": "pl-0a", "port": 80 },
                    "peers": { "from_self": true, "protocol": "all" }, "ping": { "from_cidrs": ["10.0.0.0/8"], "protocol": "icmp" },
                },
                "egress": { "web": { "to_cidrs": ["0.0.0.0/0", "::/0"], "port": 443 }, "list": { "to_prefix_list": "pl-0a", "port": 80 } },
            } },
        }),
        json!({ "nat": { "mode": "regional" }, "flow_logs": { "s3": { "bucket_arn": "arn:aws:s3:::logs" } } }),
        json!({ "flow_logs": { "firehose": { "stream_arn": "arn:aws:firehose:us-east-1:123456789012:deliverystream/logs" } } }),
    ]
    .map(expand)
    .into()
}

/// The properties of a kind: what serde accepts in their place.
fn properties(kind: &platform_graph::KindDef) -> Vec<String> {
    let unknown = json!({ "?": null }).as_object().cloned().unwrap();
    let me = Graph::new(setting().owner, Tags::new()).identity("any", None);
    let refusal = (kind.find)(&unknown, &me).unwrap_err().to_string();
    let (_, names) = refusal.split_once("expected").unwrap();
    names
        .split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

/// A property that can change is asked for by every part of its kind, so that every refresh sees it change, or is in the list.
#[test]
fn whatever_can_drift_is_asked_for_or_seen_by_a_deep_refresh() {
    let networks = networks();
    let kinds = platform_kinds::all();
    let mut open = BTreeSet::new();
    let mut used = BTreeSet::new();
    for part in networks
        .iter()
        .flat_map(|network| network.graph.parts.values())
    {
        let kind = kinds.get(part.kind).unwrap();
        used.insert(kind.name);
        for name in properties(kind) {
            let fixed = kind.create_only.contains(&name.as_str());
            if !fixed && !part.properties.contains_key(&name) {
                open.insert((kind.name, name));
            }
        }
    }
    let mut listed = BTreeSet::new();
    for (kind, names, shown) in LEFT_OUT {
        if let Never(why) = shown {
            assert!(!why.is_empty(), "{kind} {names:?} needs a reason");
        }
        for name in *names {
            assert!(
                listed.insert((*kind, (*name).to_owned())),
                "{kind} {name} twice"
            );
        }
    }
    assert_eq!(open, listed, "what is left out, and what is listed");
    // A network that gets a part of a further type needs it in the networks above.
    assert_eq!(used.len(), 28, "{used:?}");
}
