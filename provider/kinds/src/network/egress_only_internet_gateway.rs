//! `AWS::EC2::EgressOnlyInternetGateway`: lets IPv6 out of a VPC and nothing in.
//!
//! `DescribeEgressOnlyInternetGateways` filters by tags alone, so one whose id is known is looked for among all of the region,
//! of which an account has a handful.
//!
//! See <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateEgressOnlyInternetGateway.html>.

use platform_graph::{Attributes, Call, Claim, Identity, Kind, Live, Seen, Tags};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::reply::{items, text};
use crate::{census, ec2};

/// Properties of an egress-only internet gateway.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct EgressOnlyInternetGateway {
    /// The VPC.
    pub vpc_id: String,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

const DESCRIBE: &str = "DescribeEgressOnlyInternetGateways";

impl Kind for EgressOnlyInternetGateway {
    const TYPE: &'static str = "AWS::EC2::EgressOnlyInternetGateway";
    const CREATE_ONLY: &'static [&'static str] = &["VpcId"];
    const ATTRIBUTES: &'static [&'static str] = &["Id"];
    const TAGGED: bool = true;

    fn find(&self, me: &Identity) -> Vec<Call> {
        vec![match me.id {
            Some(_) => Call::new("ec2", DESCRIBE),
            None => Call::describe_own(DESCRIBE, "", me),
        }]
    }

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
        ec2::own(
            me,
            replies,
            "EgressOnlyInternetGateways",
            "EgressOnlyInternetGatewayId",
            |id, gateway| {
                let attachment = items(gateway, "Attachments")
                    .first()
                    .unwrap_or(&Value::Null);
                match text(attachment, "State").as_deref() {
                    Some("attaching") => Seen::Pending {
                        id,
                        why: "attaching".to_owned(),
                    },
                    Some("detaching" | "detached") => Seen::Deleting { id },
                    _ => Seen::Live(Live {
                        attributes: ec2::attributes([("Id", Some(json!(id)))]),
                        properties: EgressOnlyInternetGateway {
                            vpc_id: text(attachment, "VpcId").unwrap_or_default(),
                            tags: ec2::tags(gateway),
                        },
                        id,
                    }),
                }
            },
        )
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        let call = Call::new("ec2", "CreateEgressOnlyInternetGateway")
            .with("VpcId", &self.vpc_id)
            .idempotent("ClientToken");
        vec![ec2::tagged(
            call,
            "egress-only-internet-gateway",
            &self.tags,
        )]
    }

    fn created(&self, _me: &Identity, reply: &Value) -> Option<String> {
        text(
            &reply["EgressOnlyInternetGateway"],
            "EgressOnlyInternetGatewayId",
        )
    }

    fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
        ec2::retag(&live.id, set, remove)
    }

    fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        vec![
            Call::new("ec2", "DeleteEgressOnlyInternetGateway")
                .with("EgressOnlyInternetGatewayId", id),
        ]
    }

    fn census(replies: &[Value]) -> Vec<Call> {
        census::of_ec2(replies)
    }

    fn counted(replies: &[Value]) -> Vec<Claim> {
        census::in_ec2(replies, "eigw")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{story, tags};

    #[test]
    fn calls_and_replies() {
        let seen = |vpc: &str, state: &str| {
            vec![json!({ "EgressOnlyInternetGateways": [
                { "EgressOnlyInternetGatewayId": "eigw-0", "Attachments": [{ "VpcId": vpc, "State": "attached" }] },
                { "EgressOnlyInternetGatewayId": "eigw-1", "Attachments": [{ "VpcId": vpc, "State": state }], "Tags": tags() },
            ] })]
        };
        insta::assert_snapshot!(story::<EgressOnlyInternetGateway>(
            json!({ "VpcId": "vpc-1" }),
            "eigw-1",
            &json!({ "EgressOnlyInternetGateway": { "EgressOnlyInternetGatewayId": "eigw-1" } }),
            vec![
                ("as asked", seen("vpc-1", "attached")),
                ("at another VPC", seen("vpc-2", "attached")),
                ("attaching", seen("vpc-1", "attaching")),
                ("detaching", seen("vpc-1", "detaching")),
            ],
        ));
    }
}
