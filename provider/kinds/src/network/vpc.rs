//! `AWS::EC2::VPC`: a virtual network with its first IPv4 block.
//!
//! Reads `DescribeVpcs`, `DescribeVpcAttribute` for the two DNS settings that only show there, and the security group and
//! network ACL that EC2 makes with every VPC. `CreateVpc` takes neither DNS setting, so they follow as updates. Further
//! blocks are parts of type `AWS::EC2::VPCCidrBlock`.
//!
//! See <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpc.html>.

use platform_graph::{Attributes, Blocker, Call, Claim, Identity, Kind, Live, Seen, Tags};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::blockers::{self, Place};
use crate::reply::{text, unless_default};
use crate::{census, ec2, network};

/// Properties of a VPC.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Vpc {
    /// First IPv4 block, /16 to /28; not with an IPAM pool and a netmask length.
    pub cidr_block: Option<String>,
    /// Whether instances with a public address get a public DNS name; AWS's default is `false`.
    pub enable_dns_hostnames: Option<bool>,
    /// Whether the resolver of the VPC answers; AWS's default is `true`.
    pub enable_dns_support: Option<bool>,
    /// `default` or `dedicated`; a VPC can only go from the latter to the former.
    pub instance_tenancy: Option<String>,
    /// IPAM pool the first block is drawn from.
    pub ipv4_ipam_pool_id: Option<String>,
    /// Prefix length of the block drawn from the pool.
    pub ipv4_netmask_length: Option<i64>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

impl Kind for Vpc {
    const TYPE: &'static str = "AWS::EC2::VPC";
    const CREATE_ONLY: &'static [&'static str] =
        &["CidrBlock", "Ipv4IpamPoolId", "Ipv4NetmaskLength"];
    /// Not `Ipv6CidrBlocks`: further blocks are parts of their own and come and go without the VPC.
    const ATTRIBUTES: &'static [&'static str] = &[
        "VpcId",
        "CidrBlock",
        "DefaultNetworkAcl",
        "DefaultSecurityGroup",
    ];
    /// They come with the VPC and go with it.
    const LASTING: &'static [&'static str] = &["DefaultSecurityGroup", "DefaultNetworkAcl"];
    const TAGGED: bool = true;
    const CLEARED: bool = true;

    fn find(&self, me: &Identity) -> Vec<Call> {
        vec![Call::describe_own("DescribeVpcs", "vpc-id", me)]
    }

    fn details(&self, _me: &Identity, id: &str) -> Vec<Call> {
        let attribute = |name: &str| {
            Call::new("ec2", "DescribeVpcAttribute")
                .with("VpcId", id)
                .with("Attribute", name)
        };
        vec![
            attribute("enableDnsSupport"),
            attribute("enableDnsHostnames"),
            network::default_security_group_of(id),
            network::default_network_acl_of(id),
        ]
    }

    fn details_again(&self, me: &Identity, id: &str, known: &Attributes) -> Vec<Call> {
        let mut calls = self.details(me, id);
        if Self::LASTING.iter().all(|name| known.contains_key(*name)) {
            calls.truncate(2);
        }
        calls
    }

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
        ec2::own(me, replies, "Vpcs", "VpcId", |id, vpc| {
            if ec2::is(vpc, "State", "pending") {
                return Seen::Pending {
                    id,
                    why: "pending".to_owned(),
                };
            }
            let setting =
                |at: usize, name: &str| replies.get(at)?.get(name)?.get("Value")?.as_bool();
            let made_along = |at: usize, list: &str, member: &str| {
                let found = ec2::listed(replies, at, list)
                    .iter()
                    .find(|item| ec2::is(item, "VpcId", &id))?;
                Some(found.get(member)?.clone())
            };
            Seen::Live(Live {
                attributes: ec2::attributes([
                    ("VpcId", Some(json!(id))),
                    ("CidrBlock", vpc.get("CidrBlock").cloned()),
                    (
                        "DefaultSecurityGroup",
                        made_along(3, "SecurityGroups", "GroupId"),
                    ),
                    (
                        "DefaultNetworkAcl",
                        made_along(4, "NetworkAcls", "NetworkAclId"),
                    ),
                ]),
                properties: Vpc {
                    cidr_block: text(vpc, "CidrBlock"),
                    enable_dns_hostnames: unless_default(
                        setting(2, "EnableDnsHostnames"),
                        false,
                        self.enable_dns_hostnames.as_ref(),
                    ),
                    enable_dns_support: unless_default(
                        setting(1, "EnableDnsSupport"),
                        true,
                        self.enable_dns_support.as_ref(),
                    ),
                    instance_tenancy: unless_default(
                        text(vpc, "InstanceTenancy"),
                        "default".to_owned(),
                        self.instance_tenancy.as_ref(),
                    ),
                    // EC2 does not say which pool a block was drawn from.
                    ipv4_ipam_pool_id: self.ipv4_ipam_pool_id.clone(),
                    ipv4_netmask_length: self.ipv4_netmask_length,
                    tags: ec2::tags(vpc),
                },
                id,
            })
        })
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        let call = Call::new("ec2", "CreateVpc")
            .with("CidrBlock", &self.cidr_block)
            .with("Ipv4IpamPoolId", &self.ipv4_ipam_pool_id)
            .with("Ipv4NetmaskLength", self.ipv4_netmask_length)
            .with("InstanceTenancy", &self.instance_tenancy);
        vec![ec2::tagged(call, "vpc", &self.tags)]
    }

    fn created(&self, _me: &Identity, reply: &Value) -> Option<String> {
        text(&reply["Vpc"], "VpcId")
    }

    fn update(&self, _me: &Identity, live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        let modify = |name: &str, value: bool| {
            Call::new("ec2", "ModifyVpcAttribute")
                .with("VpcId", &live.id)
                .with(name, json!({ "Value": value }))
        };
        let support = self.enable_dns_support.unwrap_or(true);
        let hostnames = self.enable_dns_hostnames.unwrap_or(false);
        let mut calls = Vec::new();
        if changed.contains(&"InstanceTenancy") {
            let tenancy = self.instance_tenancy.as_deref().unwrap_or("default");
            calls.push(
                Call::new("ec2", "ModifyVpcTenancy")
                    .with("VpcId", &live.id)
                    .with("InstanceTenancy", tenancy),
            );
        }
        if changed.contains(&"EnableDnsSupport") {
            calls.push(modify("EnableDnsSupport", support));
        }
        if changed.contains(&"EnableDnsHostnames") {
            // Host names need the resolver: it is switched on before them and off after them.
            let at = if support { calls.len() } else { 0 };
            calls.insert(at, modify("EnableDnsHostnames", hostnames));
        }
        calls
    }

    fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
        ec2::retag(&live.id, set, remove)
    }

    fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        vec![Call::new("ec2", "DeleteVpc").with("VpcId", id)]
    }

    fn blockers(&self, _me: &Identity, id: &str, replies: &[Value]) -> Vec<Call> {
        blockers::questions(Place::Vpc(id), replies)
    }

    fn blocking(&self, me: &Identity, id: &str, replies: &[Value]) -> Vec<Blocker> {
        blockers::blocking(Place::Vpc(id), me, replies)
    }

    fn census(replies: &[Value]) -> Vec<Call> {
        census::of_ec2(replies)
    }

    fn counted(replies: &[Value]) -> Vec<Claim> {
        census::in_ec2(replies, "vpc")
    }

    fn same(property: &str, live: &Value, desired: &Value) -> bool {
        match property {
            "CidrBlock" => ec2::same_block(live, desired),
            _ => live == desired,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{story, tags, with};

    #[test]
    fn calls_and_replies() {
        let vpc = json!({ "VpcId": "vpc-1", "State": "available", "CidrBlock": "10.0.0.0/16", "InstanceTenancy": "default",
            "Ipv6CidrBlockAssociationSet": [
                { "Ipv6CidrBlock": "2001:db8:1::/56", "Ipv6CidrBlockState": { "State": "associated" } },
            ], "Tags": tags() });
        let all = |vpc: &Value, support: bool, hostnames: bool| {
            vec![
                json!({ "Vpcs": [vpc] }),
                json!({ "VpcId": "vpc-1", "EnableDnsSupport": { "Value": support } }),
                json!({ "VpcId": "vpc-1", "EnableDnsHostnames": { "Value": hostnames } }),
                json!({ "SecurityGroups": [{ "GroupId": "sg-0", "VpcId": "vpc-0" }, { "GroupId": "sg-1", "VpcId": "vpc-1" }] }),
                json!({ "NetworkAcls": [{ "NetworkAclId": "acl-1", "VpcId": "vpc-1", "IsDefault": true }] }),
            ]
        };
        insta::assert_snapshot!(story::<Vpc>(
            json!({ "CidrBlock": "10.0.0.0/16", "EnableDnsHostnames": true, "EnableDnsSupport": true,
                "InstanceTenancy": "default", "Tags": { "team": "net" } }),
            "vpc-1",
            &json!({ "Vpc": { "VpcId": "vpc-1" } }),
            vec![
                (
                    "as asked",
                    all(&with(&vpc, json!({ "Tags": tags_with_team() })), true, true)
                ),
                ("just created", all(&vpc, true, false)),
                (
                    "changed by hand",
                    all(
                        &with(&vpc, json!({ "InstanceTenancy": "dedicated" })),
                        false,
                        false
                    )
                ),
                (
                    "another block",
                    all(
                        &with(&vpc, json!({ "CidrBlock": "10.1.0.0/16" })),
                        true,
                        true
                    )
                ),
                (
                    "pending",
                    all(&with(&vpc, json!({ "State": "pending" })), true, false)
                ),
                (
                    "twice",
                    vec![json!({ "Vpcs": [vpc, with(&vpc, json!({ "VpcId": "vpc-2" }))] })]
                ),
            ],
        ));
    }

    fn tags_with_team() -> Value {
        let mut tags = tags();
        tags.as_array_mut()
            .unwrap()
            .push(json!({ "Key": "team", "Value": "net" }));
        tags
    }

    #[test]
    fn host_names_are_switched_off_before_the_resolver() {
        let off = Vpc {
            enable_dns_support: Some(false),
            enable_dns_hostnames: Some(false),
            ..Vpc::default()
        };
        let live = Live {
            id: "vpc-1".to_owned(),
            properties: Vpc::default(),
            attributes: Attributes::new(),
        };
        let calls = off.update(
            &crate::testing::me(None),
            &live,
            &["EnableDnsHostnames", "EnableDnsSupport"],
        );
        let members: Vec<bool> = calls
            .iter()
            .map(|call| call.params.contains_key("EnableDnsHostnames"))
            .collect();
        assert_eq!(members, [true, false]);
    }
}
