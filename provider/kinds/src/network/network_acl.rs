//! `AWS::EC2::NetworkAcl`: a numbered, stateless list of rules at the edge of subnets.
//!
//! Entries and associations are parts of their own. A new one denies everything.
//!
//! See <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNetworkAcl.html>.

use platform_graph::{Attributes, Call, Claim, Identity, Kind, Live, Seen, Tags};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::network_acl_entry::all_network_acls;
use crate::reply::text;
use crate::{census, ec2};

/// Properties of a network ACL.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct NetworkAcl {
    /// The VPC.
    pub vpc_id: String,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

impl Kind for NetworkAcl {
    const TYPE: &'static str = "AWS::EC2::NetworkAcl";
    const CREATE_ONLY: &'static [&'static str] = &["VpcId"];
    const ATTRIBUTES: &'static [&'static str] = &["Id"];
    const TAGGED: bool = true;

    fn find(&self, _me: &Identity) -> Vec<Call> {
        // The filter `network-acl-id` is one that emulators lack. Those of a VPC are few; of one that is left over, nothing but
        // its id is known.
        if self.vpc_id.is_empty() {
            return vec![all_network_acls()];
        }
        vec![Call::describe(
            "DescribeNetworkAcls",
            "vpc-id",
            &self.vpc_id,
        )]
    }

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
        ec2::own(me, replies, "NetworkAcls", "NetworkAclId", |id, acl| {
            Seen::Live(Live {
                attributes: ec2::attributes([("Id", Some(json!(id)))]),
                properties: NetworkAcl {
                    vpc_id: text(acl, "VpcId").unwrap_or_default(),
                    tags: ec2::tags(acl),
                },
                id,
            })
        })
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        let call = Call::new("ec2", "CreateNetworkAcl")
            .with("VpcId", &self.vpc_id)
            .idempotent("ClientToken");
        vec![ec2::tagged(call, "network-acl", &self.tags)]
    }

    fn created(&self, _me: &Identity, reply: &Value) -> Option<String> {
        text(&reply["NetworkAcl"], "NetworkAclId")
    }

    fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
        ec2::retag(&live.id, set, remove)
    }

    fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        vec![Call::new("ec2", "DeleteNetworkAcl").with("NetworkAclId", id)]
    }

    fn census(replies: &[Value]) -> Vec<Call> {
        census::of_type(replies, "DescribeNetworkAcls")
    }

    fn counted(replies: &[Value]) -> Vec<Claim> {
        census::in_type(replies, "NetworkAcls", "NetworkAclId", |acl| {
            ec2::flag(acl, "IsDefault") != Some(true)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{owner_tags, story, tags, with};

    #[test]
    fn calls_and_replies() {
        let acl = json!({ "NetworkAclId": "acl-1", "VpcId": "vpc-1", "IsDefault": false, "Tags": tags() });
        let seen = |members: Value| {
            vec![json!({ "NetworkAcls": [{ "NetworkAclId": "acl-0" }, with(&acl, members)] })]
        };
        insta::assert_snapshot!(story::<NetworkAcl>(
            json!({ "VpcId": "vpc-1" }),
            "acl-1",
            &json!({ "NetworkAcl": { "NetworkAclId": "acl-1" } }),
            vec![
                ("as asked", seen(json!({}))),
                ("without its name", seen(json!({ "Tags": owner_tags() }))),
                ("in another VPC", seen(json!({ "VpcId": "vpc-2" }))),
            ],
        ));
    }
}
