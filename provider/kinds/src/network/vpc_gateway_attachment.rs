//! `AWS::EC2::VPCGatewayAttachment`: an internet gateway or a virtual private gateway at a VPC.
//!
//! It has no tags and no id of its own: it is `IGW|<vpc>` or `VGW|<vpc>`, as CloudFormation writes it, and shows at its
//! gateway. A gateway that is attached to another VPC is not this attachment.
//!
//! See <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AttachInternetGateway.html>.

use platform_graph::{Attributes, Call, Identity, Kind, Live, Seen};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

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

impl VpcGatewayAttachment {
    fn kind_of_gateway(&self) -> &'static str {
        if self.vpn_gateway_id.is_some() {
            "VGW"
        } else {
            "IGW"
        }
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

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
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
        let (Some(attachment), Some(id)) = (attachment, self.created(me, &Value::Null)) else {
            return Seen::Absent;
        };
        match text(attachment, "State").as_deref() {
            Some("attaching") => Seen::Pending {
                id,
                why: "attaching".to_owned(),
            },
            Some("detaching") => Seen::Deleting { id },
            // Internet gateways say `available`, virtual private gateways `attached`.
            _ => Seen::Live(Live {
                id,
                // Found by all properties.
                properties: self.clone(),
                attributes: ec2::attributes([(
                    "AttachmentType",
                    Some(json!(self.kind_of_gateway())),
                )]),
            }),
        }
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        self.with_gateway("AttachInternetGateway", "AttachVpnGateway")
    }

    fn created(&self, _me: &Identity, _reply: &Value) -> Option<String> {
        Some(format!("{}|{}", self.kind_of_gateway(), self.vpc_id))
    }

    fn delete(&self, _me: &Identity, _id: &str, _attributes: &Attributes) -> Vec<Call> {
        self.with_gateway("DetachInternetGateway", "DetachVpnGateway")
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
