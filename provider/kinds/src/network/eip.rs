//! `AWS::EC2::EIP`: a public IPv4 address that stays.
//!
//! Its id is the allocation id, which every call takes. CloudFormation's `Ref` is the address itself: other parts refer to
//! the attributes `AllocationId` and `PublicIp`, which mean the same in both worlds.
//!
//! See <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AllocateAddress.html>.

use platform_graph::{Attributes, Call, Claim, Identity, Kind, Live, Replacement, Seen, Tags};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::reply::{text, unless_default};
use crate::{census, ec2};

/// Properties of an elastic address.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Eip {
    /// `vpc`, the only value left.
    pub domain: Option<String>,
    /// IPAM pool to draw the address from.
    pub ipam_pool_id: Option<String>,
    /// Group of zones that announces the address; AWS's default is the region.
    pub network_border_group: Option<String>,
    /// Pool of the account's own addresses; AWS's default is `amazon`.
    pub public_ipv4_pool: Option<String>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

impl Kind for Eip {
    const TYPE: &'static str = "AWS::EC2::EIP";
    /// `Domain` and `PublicIpv4Pool` are not create-only for CloudFormation, but EC2 has no call that changes them.
    const CREATE_ONLY: &'static [&'static str] = &[
        "Domain",
        "IpamPoolId",
        "NetworkBorderGroup",
        "PublicIpv4Pool",
    ];
    const ATTRIBUTES: &'static [&'static str] = &["AllocationId", "PublicIp"];
    const TAGGED: bool = true;
    const REPLACEMENT: Replacement = Replacement::CreateFirst;

    fn find(&self, me: &Identity) -> Vec<Call> {
        vec![Call::describe_own("DescribeAddresses", "allocation-id", me)]
    }

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
        ec2::own(me, replies, "Addresses", "AllocationId", |id, address| {
            Seen::Live(Live {
                attributes: ec2::attributes([
                    ("AllocationId", Some(json!(id))),
                    ("PublicIp", address.get("PublicIp").cloned()),
                ]),
                properties: Eip {
                    domain: text(address, "Domain"),
                    // EC2 does not say which IPAM pool an address was drawn from.
                    ipam_pool_id: self.ipam_pool_id.clone(),
                    network_border_group: text(address, "NetworkBorderGroup"),
                    public_ipv4_pool: unless_default(
                        text(address, "PublicIpv4Pool"),
                        "amazon".to_owned(),
                        self.public_ipv4_pool.as_ref(),
                    ),
                    tags: ec2::tags(address),
                },
                id,
            })
        })
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        let call = Call::new("ec2", "AllocateAddress")
            .with("Domain", self.domain.as_deref().unwrap_or("vpc"))
            .with("IpamPoolId", &self.ipam_pool_id)
            .with("NetworkBorderGroup", &self.network_border_group)
            .with("PublicIpv4Pool", &self.public_ipv4_pool);
        vec![ec2::tagged(call, "elastic-ip", &self.tags)]
    }

    fn created(&self, _me: &Identity, reply: &Value) -> Option<String> {
        text(reply, "AllocationId")
    }

    fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
        ec2::retag(&live.id, set, remove)
    }

    fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        vec![Call::new("ec2", "ReleaseAddress").with("AllocationId", id)]
    }

    fn census(replies: &[Value]) -> Vec<Call> {
        census::of_ec2(replies)
    }

    fn counted(replies: &[Value]) -> Vec<Claim> {
        census::in_ec2(replies, "eipalloc")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{owner_tags, story, tags, with};

    #[test]
    fn calls_and_replies() {
        let address = json!({ "AllocationId": "eipalloc-1", "PublicIp": "198.51.100.7", "Domain": "vpc",
            "NetworkBorderGroup": "us-east-1", "PublicIpv4Pool": "amazon", "Tags": tags() });
        insta::assert_snapshot!(story::<Eip>(
            json!({ "Domain": "vpc" }),
            "eipalloc-1",
            &json!({ "AllocationId": "eipalloc-1", "PublicIp": "198.51.100.7" }),
            vec![
                ("as asked", vec![json!({ "Addresses": [address] })]),
                (
                    "without tags",
                    vec![json!({ "Addresses": [with(&address, json!({ "Tags": owner_tags() }))] })]
                ),
                (
                    "twice",
                    vec![
                        json!({ "Addresses": [address, with(&address, json!({ "AllocationId": "eipalloc-2" }))] })
                    ]
                ),
            ],
        ));
    }
}
