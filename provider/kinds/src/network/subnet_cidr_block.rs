//! `AWS::EC2::SubnetCidrBlock`: the IPv6 block of a subnet.
//!
//! It has no tags; it is found among the blocks of its subnet by the block itself.
//!
//! See <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateSubnetCidrBlock.html>.

use platform_graph::{Attributes, Call, Identity, Kind, Live, Seen};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ec2;
use crate::reply::{items, text};

/// Properties of the IPv6 block of a subnet.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct SubnetCidrBlock {
    /// The subnet.
    pub subnet_id: String,
    /// The block, a /64 inside an IPv6 block of the VPC.
    pub ipv6_cidr_block: String,
}

impl Kind for SubnetCidrBlock {
    const TYPE: &'static str = "AWS::EC2::SubnetCidrBlock";
    const INSIDE: &'static [&'static str] = &["AWS::EC2::Subnet"];
    const CREATE_ONLY: &'static [&'static str] = &["SubnetId", "Ipv6CidrBlock"];
    const ATTRIBUTES: &'static [&'static str] = &["Id"];
    const EXPECTED_SECONDS: u32 = 5;

    fn find(&self, _me: &Identity) -> Vec<Call> {
        vec![Call::describe(
            "DescribeSubnets",
            "subnet-id",
            &self.subnet_id,
        )]
    }

    fn read(&self, _me: &Identity, replies: &[Value]) -> Seen<Self> {
        let blocks = ec2::listed(replies, 0, "Subnets")
            .iter()
            .filter(|subnet| ec2::is(subnet, "SubnetId", &self.subnet_id))
            .flat_map(|subnet| items(subnet, "Ipv6CidrBlockAssociationSet"))
            .filter(|block| {
                text(block, "Ipv6CidrBlock")
                    .is_some_and(|seen| ec2::same_cidr(&seen, &self.ipv6_cidr_block))
            })
            .map(|block| (block, "Ipv6CidrBlockState"));
        ec2::association(blocks, "AssociationId", |id, block| {
            Seen::Live(Live {
                attributes: ec2::attributes([("Id", block.get("AssociationId").cloned())]),
                // Found by both properties.
                properties: self.clone(),
                id,
            })
        })
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        vec![
            Call::new("ec2", "AssociateSubnetCidrBlock")
                .with("SubnetId", &self.subnet_id)
                .with("Ipv6CidrBlock", &self.ipv6_cidr_block),
        ]
    }

    fn created(&self, _me: &Identity, reply: &Value) -> Option<String> {
        text(&reply["Ipv6CidrBlockAssociation"], "AssociationId")
    }

    fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        vec![Call::new("ec2", "DisassociateSubnetCidrBlock").with("AssociationId", id)]
    }

    fn inside(_parent: &str, id: &str) -> Vec<Call> {
        vec![Call::describe("DescribeSubnets", "subnet-id", id)]
    }

    /// Without the block that the subnet shows as its own.
    fn residents(_parent: &str, id: &str, replies: &[Value]) -> Vec<Live<Self>> {
        ec2::listed(replies, 0, "Subnets")
            .iter()
            .filter(|subnet| ec2::is(subnet, "SubnetId", id))
            .flat_map(|subnet| items(subnet, "Ipv6CidrBlockAssociationSet"))
            .filter(|block| ec2::is_associated(block, "Ipv6CidrBlockState"))
            .skip(1)
            .filter_map(|block| {
                let association = text(block, "AssociationId")?;
                Some(Live {
                    attributes: ec2::attributes([("Id", Some(Value::String(association.clone())))]),
                    properties: SubnetCidrBlock {
                        subnet_id: id.to_owned(),
                        ipv6_cidr_block: text(block, "Ipv6CidrBlock")?,
                    },
                    id: association,
                })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::fixture::story;

    #[test]
    fn calls_and_replies() {
        let seen = |id: &str, block: &str, state: &str| {
            let other = json!({ "SubnetId": "subnet-0", "Ipv6CidrBlockAssociationSet": [
                { "AssociationId": "subnet-cidr-assoc-0", "Ipv6CidrBlock": block, "Ipv6CidrBlockState": { "State": "associated" } }] });
            vec![
                json!({ "Subnets": [other, { "SubnetId": "subnet-1", "Ipv6CidrBlockAssociationSet": [
                { "AssociationId": id, "Ipv6CidrBlock": block,
                  "Ipv6CidrBlockState": { "State": state, "StatusMessage": "overlaps" } }] }] }),
            ]
        };
        insta::assert_snapshot!(story::<SubnetCidrBlock>(
            json!({ "SubnetId": "subnet-1", "Ipv6CidrBlock": "2001:db8:1:3::/64" }),
            "subnet-cidr-assoc-1",
            &json!({ "SubnetId": "subnet-1", "Ipv6CidrBlockAssociation": { "AssociationId": "subnet-cidr-assoc-1" } }),
            vec![
                (
                    "as asked",
                    seen("subnet-cidr-assoc-1", "2001:db8:1:3:0::/64", "associated")
                ),
                (
                    "another block",
                    seen("subnet-cidr-assoc-1", "2001:db8:1:4::/64", "associated")
                ),
                (
                    "associating",
                    seen("subnet-cidr-assoc-1", "2001:db8:1:3::/64", "associating")
                ),
                (
                    "disassociating",
                    seen("subnet-cidr-assoc-1", "2001:db8:1:3::/64", "disassociating")
                ),
                (
                    "disassociated",
                    seen("subnet-cidr-assoc-1", "2001:db8:1:3::/64", "disassociated")
                ),
                (
                    "failed",
                    seen("subnet-cidr-assoc-1", "2001:db8:1:3::/64", "failed")
                ),
            ],
        ));
    }
}
