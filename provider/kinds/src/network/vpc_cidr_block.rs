//! `AWS::EC2::VPCCidrBlock`: a further address block of a VPC.
//!
//! It has no tags; it is found among the blocks of its VPC by association id, else by what was asked for: the block itself,
//! Amazon's pool, or the length of a block drawn from an IPAM pool.
//!
//! # Caveats
//! Without an id, two blocks of Amazon's in one VPC, or two of the same length from a pool, can't be told apart.
//!
//! See <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateVpcCidrBlock.html>.

use platform_graph::{Attributes, Call, Identity, Kind, Live, Seen};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ec2;
use crate::reply::{items, text};

/// Properties of a further block of a VPC. Exactly one of these is asked for: `CidrBlock`, `AmazonProvidedIpv6CidrBlock`,
/// `Ipv6CidrBlock` with a pool, or a netmask length with an IPAM pool.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct VpcCidrBlock {
    /// The VPC.
    pub vpc_id: String,
    /// Whether Amazon chooses a /56 of IPv6.
    pub amazon_provided_ipv6_cidr_block: Option<bool>,
    /// IPv4 block.
    pub cidr_block: Option<String>,
    /// IPAM pool of an IPv4 block.
    pub ipv4_ipam_pool_id: Option<String>,
    /// Prefix length of an IPv4 block drawn from the pool.
    pub ipv4_netmask_length: Option<i64>,
    /// IPv6 block, out of a pool of the account's.
    pub ipv6_cidr_block: Option<String>,
    /// Group of zones that announces the IPv6 block.
    pub ipv6_cidr_block_network_border_group: Option<String>,
    /// IPAM pool of an IPv6 block.
    pub ipv6_ipam_pool_id: Option<String>,
    /// Prefix length of an IPv6 block drawn from the pool.
    pub ipv6_netmask_length: Option<i64>,
    /// Pool of the account's own IPv6 addresses.
    pub ipv6_pool: Option<String>,
}

/// What EC2 writes as the pool of the blocks it provides itself.
const AMAZON: &str = "Amazon";

/// The blocks of a VPC, the first one among them, each with the member that holds its state.
fn blocks_of(vpc: &Value) -> impl Iterator<Item = (&Value, &'static str)> {
    let four = items(vpc, "CidrBlockAssociationSet")
        .iter()
        .map(|one| (one, "CidrBlockState"));
    let six = items(vpc, "Ipv6CidrBlockAssociationSet")
        .iter()
        .map(|one| (one, "Ipv6CidrBlockState"));
    four.chain(six)
}

impl VpcCidrBlock {
    /// Whether an association of the VPC is the one asked for.
    fn matches(&self, me: &Identity, vpc: &Value, association: &Value) -> bool {
        if let Some(id) = &me.id {
            return ec2::is(association, "AssociationId", id);
        }
        let equals = |member: &str, block: &str| {
            text(association, member).is_some_and(|seen| ec2::same_cidr(&seen, block))
        };
        let as_long = |member: &str, length: i64| {
            text(association, member).is_some_and(|seen| seen.ends_with(&format!("/{length}")))
        };
        let amazon = ec2::is(association, "Ipv6Pool", AMAZON);
        if let Some(block) = &self.cidr_block {
            equals("CidrBlock", block)
        } else if let Some(block) = &self.ipv6_cidr_block {
            equals("Ipv6CidrBlock", block)
        } else if let Some(length) = self.ipv4_netmask_length {
            // The first block belongs to the VPC itself.
            as_long("CidrBlock", length) && association["CidrBlock"] != vpc["CidrBlock"]
        } else if let Some(length) = self.ipv6_netmask_length {
            as_long("Ipv6CidrBlock", length) && !amazon
        } else {
            self.amazon_provided_ipv6_cidr_block == Some(true) && amazon
        }
    }

    fn live(&self, id: String, association: &Value) -> Live<Self> {
        let pool = text(association, "Ipv6Pool");
        Live {
            attributes: ec2::attributes([
                ("Id", association.get("AssociationId").cloned()),
                ("CidrBlock", association.get("CidrBlock").cloned()),
                ("Ipv6CidrBlock", association.get("Ipv6CidrBlock").cloned()),
            ]),
            properties: VpcCidrBlock {
                vpc_id: self.vpc_id.clone(),
                amazon_provided_ipv6_cidr_block: self
                    .amazon_provided_ipv6_cidr_block
                    .map(|_| pool.as_deref() == Some(AMAZON)),
                cidr_block: text(association, "CidrBlock"),
                ipv6_cidr_block: text(association, "Ipv6CidrBlock"),
                ipv6_cidr_block_network_border_group: text(association, "NetworkBorderGroup"),
                ipv6_pool: pool,
                // EC2 does not say which IPAM pool a block was drawn from.
                ipv4_ipam_pool_id: self.ipv4_ipam_pool_id.clone(),
                ipv4_netmask_length: self.ipv4_netmask_length,
                ipv6_ipam_pool_id: self.ipv6_ipam_pool_id.clone(),
                ipv6_netmask_length: self.ipv6_netmask_length,
            },
            id,
        }
    }
}

impl Kind for VpcCidrBlock {
    const TYPE: &'static str = "AWS::EC2::VPCCidrBlock";
    const INSIDE: &'static [&'static str] = &["AWS::EC2::VPC"];
    const CREATE_ONLY: &'static [&'static str] = &[
        "VpcId",
        "AmazonProvidedIpv6CidrBlock",
        "CidrBlock",
        "Ipv4IpamPoolId",
        "Ipv4NetmaskLength",
        "Ipv6CidrBlock",
        "Ipv6CidrBlockNetworkBorderGroup",
        "Ipv6IpamPoolId",
        "Ipv6NetmaskLength",
        "Ipv6Pool",
    ];
    /// EC2 does not show the pool, so that what comes from one is recognised by its id alone.
    const KEY: &'static [&'static str] = &[
        "VpcId",
        "AmazonProvidedIpv6CidrBlock",
        "CidrBlock",
        "Ipv6IpamPoolId",
    ];
    /// `Id` and the one of the two blocks that the association is about.
    const ATTRIBUTES: &'static [&'static str] = &["Id", "CidrBlock", "Ipv6CidrBlock"];
    const EXPECTED_SECONDS: u32 = 5;

    fn find(&self, _me: &Identity) -> Vec<Call> {
        vec![Call::describe("DescribeVpcs", "vpc-id", &self.vpc_id)]
    }

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
        let vpc = ec2::listed(replies, 0, "Vpcs")
            .iter()
            .find(|vpc| ec2::is(vpc, "VpcId", &self.vpc_id));
        let associations = vpc
            .into_iter()
            .flat_map(|vpc| blocks_of(vpc).map(move |(one, state)| (vpc, one, state)))
            .filter(|(vpc, one, _)| self.matches(me, vpc, one))
            .map(|(_, one, state)| (one, state));
        ec2::association(associations, "AssociationId", |id, association| {
            Seen::Live(self.live(id, association))
        })
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        vec![
            Call::new("ec2", "AssociateVpcCidrBlock")
                .with("VpcId", &self.vpc_id)
                .with(
                    "AmazonProvidedIpv6CidrBlock",
                    self.amazon_provided_ipv6_cidr_block,
                )
                .with("CidrBlock", &self.cidr_block)
                .with("Ipv4IpamPoolId", &self.ipv4_ipam_pool_id)
                .with("Ipv4NetmaskLength", self.ipv4_netmask_length)
                .with("Ipv6CidrBlock", &self.ipv6_cidr_block)
                .with(
                    "Ipv6CidrBlockNetworkBorderGroup",
                    &self.ipv6_cidr_block_network_border_group,
                )
                .with("Ipv6IpamPoolId", &self.ipv6_ipam_pool_id)
                .with("Ipv6NetmaskLength", self.ipv6_netmask_length)
                .with("Ipv6Pool", &self.ipv6_pool),
        ]
    }

    fn created(&self, _me: &Identity, reply: &Value) -> Option<String> {
        ["Ipv6CidrBlockAssociation", "CidrBlockAssociation"]
            .iter()
            .find_map(|family| text(&reply[*family], "AssociationId"))
    }

    fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        vec![Call::new("ec2", "DisassociateVpcCidrBlock").with("AssociationId", id)]
    }

    fn inside(_parent: &str, id: &str) -> Vec<Call> {
        vec![Call::describe("DescribeVpcs", "vpc-id", id)]
    }

    /// Without the first block, which is a property of the VPC.
    fn residents(_parent: &str, id: &str, replies: &[Value]) -> Vec<Live<Self>> {
        ec2::listed(replies, 0, "Vpcs")
            .iter()
            .filter(|vpc| ec2::is(vpc, "VpcId", id))
            .flat_map(|vpc| {
                blocks_of(vpc).filter(|(one, state)| {
                    ec2::is_associated(one, state)
                        && (one.get("CidrBlock").is_none() || one["CidrBlock"] != vpc["CidrBlock"])
                })
            })
            .filter_map(|(one, _)| {
                let asked = VpcCidrBlock {
                    vpc_id: id.to_owned(),
                    amazon_provided_ipv6_cidr_block: ec2::is(one, "Ipv6Pool", AMAZON)
                        .then_some(true),
                    ..VpcCidrBlock::default()
                };
                Some(asked.live(text(one, "AssociationId")?, one))
            })
            .collect()
    }

    fn same(property: &str, live: &Value, desired: &Value) -> bool {
        match property {
            "CidrBlock" | "Ipv6CidrBlock" => ec2::same_block(live, desired),
            _ => live == desired,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::fixture::story;
    use crate::testing::me;

    fn vpc(six: Value) -> Vec<Value> {
        vec![json!({ "Vpcs": [
            { "VpcId": "vpc-0", "Ipv6CidrBlockAssociationSet": [{ "AssociationId": "vpc-cidr-assoc-0", "Ipv6Pool": "Amazon",
                "Ipv6CidrBlockState": { "State": "associated" } }] },
            { "VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16",
              "CidrBlockAssociationSet": [
                { "AssociationId": "vpc-cidr-assoc-1", "CidrBlock": "10.0.0.0/16", "CidrBlockState": { "State": "associated" } },
                { "AssociationId": "vpc-cidr-assoc-2", "CidrBlock": "10.9.0.0/16", "CidrBlockState": { "State": "associated" } },
              ],
              "Ipv6CidrBlockAssociationSet": six },
        ] })]
    }

    fn six(id: &str, state: &str) -> Value {
        json!({ "AssociationId": id, "Ipv6CidrBlock": "2001:db8:1::/56", "Ipv6Pool": "Amazon", "NetworkBorderGroup": "us-east-1",
            "Ipv6CidrBlockState": { "State": state, "StatusMessage": "no more" } })
    }

    #[test]
    fn calls_and_replies() {
        let one = |state: &str| vpc(json!([six("vpc-cidr-assoc-6", state)]));
        let replies = vec![
            (
                "as asked",
                vpc(json!([
                    six("vpc-cidr-assoc-5", "disassociated"),
                    six("vpc-cidr-assoc-6", "associated")
                ])),
            ),
            ("associating", one("associating")),
            ("disassociating", one("disassociating")),
            ("disassociated", one("disassociated")),
            ("failed", one("failed")),
            (
                "twice",
                vpc(json!([
                    six("vpc-cidr-assoc-6", "associated"),
                    six("vpc-cidr-assoc-7", "associating")
                ])),
            ),
            ("none", vpc(json!([]))),
        ];
        insta::assert_snapshot!(story::<VpcCidrBlock>(
            json!({ "VpcId": "vpc-1", "AmazonProvidedIpv6CidrBlock": true }),
            "vpc-cidr-assoc-6",
            &json!({ "VpcId": "vpc-1", "Ipv6CidrBlockAssociation": six("vpc-cidr-assoc-6", "associating") }),
            replies,
        ));
    }

    #[test]
    fn a_block_is_recognised_by_what_was_asked_for() {
        let replies = vpc(json!([six("vpc-cidr-assoc-6", "associated")]));
        for (asked, expected) in [
            (
                json!({ "CidrBlock": "10.9.0.0/16" }),
                Some("vpc-cidr-assoc-2"),
            ),
            (json!({ "CidrBlock": "10.8.0.0/16" }), None),
            (
                json!({ "Ipv4IpamPoolId": "p", "Ipv4NetmaskLength": 16 }),
                Some("vpc-cidr-assoc-2"),
            ),
            (
                json!({ "Ipv4IpamPoolId": "p", "Ipv4NetmaskLength": 20 }),
                None,
            ),
            (
                json!({ "Ipv6CidrBlock": "2001:DB8:1:0::/56" }),
                Some("vpc-cidr-assoc-6"),
            ),
            (
                json!({ "Ipv6IpamPoolId": "p", "Ipv6NetmaskLength": 56 }),
                None,
            ),
            (json!({}), None),
        ] {
            let mut properties = asked.clone();
            properties["VpcId"] = json!("vpc-1");
            let block: VpcCidrBlock = serde_json::from_value(properties).unwrap();
            assert_eq!(block.read(&me(None), &replies).id(), expected, "{asked}");
        }
    }
}
