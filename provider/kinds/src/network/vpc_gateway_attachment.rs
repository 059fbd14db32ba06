//! `AWS::EC2::VPCGatewayAttachment`: an internet gateway or a virtual private gateway at a VPC.
//!
//! It has no tags and no id of its own: it is `IGW|<vpc>` or `VGW|<vpc>`, as CloudFormation writes it, and shows at its
//! gateway. A gateway that is attached to another VPC is not this attachment.
//!
//! See <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AttachInternetGateway.html>.

use platform_graph::{Attributes, Blocker, Call, Identity, Kind, Live, Seen};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::blockers::{self, Place};
use crate::ec2;
use crate::reply::{items, text};

/// Properties of an attachment. One of the two gateways is given.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct VpcGatewayAttachment {
    /// The VPC.
    pub vpc_id: String,
    /// The internet gateway.
    pub internet_gateway_id: Option<String>,
    /// The virtual private gateway.
    pub vpn_gateway_id: Option<String>,
}

/// The attachments of gateways in a reply, each with its gateway, without those that are on their way out.
fn attachments<'a>(
    replies: &'a [Value],
    at: usize,
    gateways: &str,
    member: &'static str,
    list: &'static str,
) -> impl Iterator<Item = (String, &'a Value)> {
    ec2::listed(replies, at, gateways)
        .iter()
        .filter_map(move |gateway| Some((text(gateway, member)?, items(gateway, list))))
        .flat_map(|(id, attachments)| attachments.iter().map(move |one| (id.clone(), one)))
        .filter(|(_, one)| {
            !ec2::is(one, "State", "detaching") && !ec2::is(one, "State", "detached")
        })
}

impl VpcGatewayAttachment {
    fn kind_of_gateway(&self) -> &'static str {
        if self.vpn_gateway_id.is_some() {
            "VGW"
        } else {
            "IGW"
        }
    }

    fn live(self) -> Live<Self> {
        Live {
            id: self.id(),
            attributes: ec2::attributes([("AttachmentType", Some(json!(self.kind_of_gateway())))]),
            properties: self,
        }
    }

    fn id(&self) -> String {
        format!("{}|{}", self.kind_of_gateway(), self.vpc_id)
    }

    fn with_gateway(&self, internet: &'static str, vpn: &'static str) -> Vec<Call> {
        let call = match &self.vpn_gateway_id {
            Some(id) => Call::new("ec2", vpn).with("VpnGatewayId", id),
            None => Call::new("ec2", internet).with("InternetGatewayId", &self.internet_gateway_id),
        };
        vec![call.with("VpcId", &self.vpc_id)]
    }
}

impl Kind for VpcGatewayAttachment {
    const TYPE: &'static str = "AWS::EC2::VPCGatewayAttachment";
    const INSIDE: &'static [&'static str] = &["AWS::EC2::VPC", "AWS::EC2::InternetGateway"];
    /// The gateways are not create-only for CloudFormation, which detaches the one and attaches the other in an update. That
    /// is a replacement, and the plan is to say so.
    const CREATE_ONLY: &'static [&'static str] = &["VpcId", "InternetGatewayId", "VpnGatewayId"];
    const ATTRIBUTES: &'static [&'static str] = &["AttachmentType"];

    fn find(&self, _me: &Identity) -> Vec<Call> {
        match (&self.vpn_gateway_id, &self.internet_gateway_id) {
            (Some(id), _) => vec![Call::describe("DescribeVpnGateways", "vpn-gateway-id", id)],
            (None, Some(id)) => {
                vec![Call::describe(
                    "DescribeInternetGateways",
                    "internet-gateway-id",
                    id,
                )]
            }
            (None, None) => Vec::new(),
        }
    }

    fn read(&self, _me: &Identity, replies: &[Value]) -> Seen<Self> {
        let (gateways, member, wanted, attachments) = match &self.vpn_gateway_id {
            Some(id) => ("VpnGateways", "VpnGatewayId", Some(id), "VpcAttachments"),
            None => (
                "InternetGateways",
                "InternetGatewayId",
                self.internet_gateway_id.as_ref(),
                "Attachments",
            ),
        };
        let attachment = ec2::listed(replies, 0, gateways)
            .iter()
            .filter(|gateway| wanted.is_some_and(|id| ec2::is(gateway, member, id)))
            .flat_map(|gateway| items(gateway, attachments))
            .find(|attachment| {
                ec2::is(attachment, "VpcId", &self.vpc_id)
                    && !ec2::is(attachment, "State", "detached")
            });
        let Some(attachment) = attachment else {
            return Seen::Absent;
        };
        let id = self.id();
        match text(attachment, "State").as_deref() {
            Some("attaching") => Seen::Pending {
                id,
                why: "attaching".to_owned(),
            },
            Some("detaching") => Seen::Deleting { id },
            // Internet gateways say `available`, virtual private gateways `attached`.
            // Found by all properties.
            _ => Seen::Live(self.clone().live()),
        }
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        self.with_gateway("AttachInternetGateway", "AttachVpnGateway")
    }

    fn created(&self, _me: &Identity, _reply: &Value) -> Option<String> {
        Some(self.id())
    }

    fn delete(&self, _me: &Identity, _id: &str, _attributes: &Attributes) -> Vec<Call> {
        self.with_gateway("DetachInternetGateway", "DetachVpnGateway")
    }

    fn blockers(&self, _me: &Identity, _id: &str, replies: &[Value]) -> Vec<Call> {
        blockers::questions(Place::Public { vpc: &self.vpc_id }, replies)
    }

    fn blocking(&self, me: &Identity, _id: &str, replies: &[Value]) -> Vec<Blocker> {
        blockers::blocking(Place::Public { vpc: &self.vpc_id }, me, replies)
    }

    fn inside(parent: &str, id: &str) -> Vec<Call> {
        match parent {
            "AWS::EC2::InternetGateway" => {
                vec![Call::describe(
                    "DescribeInternetGateways",
                    "internet-gateway-id",
                    id,
                )]
            }
            _ => vec![
                Call::describe("DescribeInternetGateways", "attachment.vpc-id", id),
                Call::describe("DescribeVpnGateways", "attachment.vpc-id", id),
            ],
        }
    }

    fn residents(parent: &str, id: &str, replies: &[Value]) -> Vec<Live<Self>> {
        let internet = attachments(
            replies,
            0,
            "InternetGateways",
            "InternetGatewayId",
            "Attachments",
        )
        .filter_map(|(gateway, one)| {
            Some(VpcGatewayAttachment {
                vpc_id: text(one, "VpcId")?,
                internet_gateway_id: Some(gateway),
                vpn_gateway_id: None,
            })
        });
        let vpn = attachments(replies, 1, "VpnGateways", "VpnGatewayId", "VpcAttachments")
            .filter_map(|(gateway, one)| {
                Some(VpcGatewayAttachment {
                    vpc_id: text(one, "VpcId")?,
                    internet_gateway_id: None,
                    vpn_gateway_id: Some(gateway),
                })
            });
        internet
            .chain(vpn)
            .filter(|attachment| match parent {
                "AWS::EC2::InternetGateway" => {
                    attachment.internet_gateway_id.as_deref() == Some(id)
                }
                _ => attachment.vpc_id == id,
            })
            .map(VpcGatewayAttachment::live)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::story;

    #[test]
    fn an_internet_gateway() {
        let seen = |vpc: &str, state: &str| {
            vec![
                json!({ "InternetGateways": [{ "InternetGatewayId": "igw-0", "Attachments": [{ "VpcId": "vpc-1", "State": "available" }] },
                { "InternetGatewayId": "igw-1", "Attachments": [{ "VpcId": vpc, "State": state }] }] }),
            ]
        };
        insta::assert_snapshot!(story::<VpcGatewayAttachment>(
            json!({ "VpcId": "vpc-1", "InternetGatewayId": "igw-1" }),
            "IGW|vpc-1",
            &json!({}),
            vec![
                ("as asked", seen("vpc-1", "available")),
                ("at another VPC", seen("vpc-2", "available")),
                ("attaching", seen("vpc-1", "attaching")),
                ("detaching", seen("vpc-1", "detaching")),
                ("detached", seen("vpc-1", "detached")),
                (
                    "without attachments",
                    vec![json!({ "InternetGateways": [{ "InternetGatewayId": "igw-1" }] })]
                ),
            ],
        ));
    }

    #[test]
    fn a_virtual_private_gateway() {
        let seen = |state: &str| {
            vec![
                json!({ "VpnGateways": [{ "VpnGatewayId": "vgw-1", "State": "available",
                "VpcAttachments": [{ "VpcId": "vpc-0", "State": "detached" }, { "VpcId": "vpc-1", "State": state }] }] }),
            ]
        };
        insta::assert_snapshot!(story::<VpcGatewayAttachment>(
            json!({ "VpcId": "vpc-1", "VpnGatewayId": "vgw-1" }),
            "VGW|vpc-1",
            &json!({}),
            vec![
                ("as asked", seen("attached")),
                ("attaching", seen("attaching"))
            ],
        ));
    }
}
