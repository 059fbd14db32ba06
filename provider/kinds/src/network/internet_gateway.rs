//! `AWS::EC2::InternetGateway`: the way from a VPC to the internet, once it is attached.
//!
//! The attachment is a part of its own, `AWS::EC2::VPCGatewayAttachment`.
//!
//! See <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateInternetGateway.html>.

use platform_graph::{Attributes, Call, Claim, Identity, Kind, Live, Seen, Tags};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::reply::text;
use crate::{census, ec2};

/// Properties of an internet gateway.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct InternetGateway {
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

impl Kind for InternetGateway {
    const TYPE: &'static str = "AWS::EC2::InternetGateway";
    const ATTRIBUTES: &'static [&'static str] = &["InternetGatewayId"];
    const TAGGED: bool = true;

    fn find(&self, me: &Identity) -> Vec<Call> {
        vec![Call::describe_own(
            "DescribeInternetGateways",
            "internet-gateway-id",
            me,
        )]
    }

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
        ec2::own(
            me,
            replies,
            "InternetGateways",
            "InternetGatewayId",
            |id, gateway| {
                Seen::Live(Live {
                    attributes: ec2::attributes([("InternetGatewayId", Some(json!(id)))]),
                    properties: InternetGateway {
                        tags: ec2::tags(gateway),
                    },
                    id,
                })
            },
        )
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        vec![ec2::tagged(
            Call::new("ec2", "CreateInternetGateway"),
            "internet-gateway",
            &self.tags,
        )]
    }

    fn created(&self, _me: &Identity, reply: &Value) -> Option<String> {
        text(&reply["InternetGateway"], "InternetGatewayId")
    }

    fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
        ec2::retag(&live.id, set, remove)
    }

    fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        vec![Call::new("ec2", "DeleteInternetGateway").with("InternetGatewayId", id)]
    }

    fn census(replies: &[Value]) -> Vec<Call> {
        census::of_ec2(replies)
    }

    fn counted(replies: &[Value]) -> Vec<Claim> {
        census::in_ec2(replies, "igw")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{owner_tags, story, tags};

    #[test]
    fn calls_and_replies() {
        let seen = |tags: Value| {
            vec![json!({ "InternetGateways": [{ "InternetGatewayId": "igw-1", "Tags": tags }] })]
        };
        insta::assert_snapshot!(story::<InternetGateway>(
            json!({}),
            "igw-1",
            &json!({ "InternetGateway": { "InternetGatewayId": "igw-1" } }),
            vec![
                ("as asked", seen(tags())),
                ("without its name", seen(owner_tags()))
            ],
        ));
    }
}
