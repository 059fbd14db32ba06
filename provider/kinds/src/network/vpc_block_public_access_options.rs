//! `AWS::EC2::VPCBlockPublicAccessOptions`: whether internet gateways let traffic through at all, for every VPC of an account
//! in one Region.
//!
//! Reads `DescribeVpcBlockPublicAccessOptions`; writes `ModifyVpcBlockPublicAccessOptions`.
//!
//! # Caveats
//! - There is one per account and Region, without tags: who switched it on can't be seen. Mode `off` is the absent state.
//! - A change takes minutes, and the next one is refused until it is done.
//! - A declarative policy of the organisation can take the setting out of the account's hands; then AWS refuses changes.

use platform_graph::{Attributes, Call, Identity, Kind, Live, Seen};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{ec2, reply};

const OFF: &str = "off";

/// Block public access of an account in a Region.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct VpcBlockPublicAccessOptions {
    /// `block-bidirectional`, or `block-ingress` to let traffic out through NAT and egress-only gateways.
    pub internet_gateway_block_mode: String,
}

fn set(mode: &str) -> Call {
    Call::new("ec2", "ModifyVpcBlockPublicAccessOptions").with("InternetGatewayBlockMode", mode)
}

impl Kind for VpcBlockPublicAccessOptions {
    const TYPE: &'static str = "AWS::EC2::VPCBlockPublicAccessOptions";
    const ATTRIBUTES: &'static [&'static str] = &["AccountId", "ExclusionsAllowed"];
    const EXPECTED_SECONDS: u32 = 120;
    const DEADLINE_SECONDS: u32 = 1200;

    fn find(&self, _me: &Identity) -> Vec<Call> {
        vec![Call::new("ec2", "DescribeVpcBlockPublicAccessOptions")]
    }

    fn read(&self, _me: &Identity, replies: &[Value]) -> Seen<Self> {
        let options = replies
            .first()
            .and_then(|reply| reply.get("VpcBlockPublicAccessOptions"));
        let Some((options, id)) =
            options.and_then(|options| Some((options, reply::text(options, "AwsAccountId")?)))
        else {
            return Seen::Absent;
        };
        if ec2::is(options, "State", "update-in-progress") {
            return Seen::Pending {
                id,
                why: "update-in-progress".to_owned(),
            };
        }
        match reply::text(options, "InternetGatewayBlockMode") {
            Some(mode) if mode != OFF => Seen::Live(Live {
                attributes: ec2::attributes([
                    ("AccountId", Some(json!(id))),
                    (
                        "ExclusionsAllowed",
                        options.get("ExclusionsAllowed").cloned(),
                    ),
                ]),
                id,
                properties: VpcBlockPublicAccessOptions {
                    internet_gateway_block_mode: mode,
                },
            }),
            _ => Seen::Absent,
        }
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        vec![set(&self.internet_gateway_block_mode)]
    }

    fn created(&self, _me: &Identity, reply: &Value) -> Option<String> {
        reply::text(reply.get("VpcBlockPublicAccessOptions")?, "AwsAccountId")
    }

    fn update(&self, _me: &Identity, _live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        let answer = || set(&self.internet_gateway_block_mode);
        changed
            .contains(&"InternetGatewayBlockMode")
            .then(answer)
            .into_iter()
            .collect()
    }

    fn delete(&self, _me: &Identity, _id: &str, _attributes: &Attributes) -> Vec<Call> {
        vec![set(OFF)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn the_options_of_a_region() {
        let options = |mode: &str, state: &str| {
            vec![json!({ "VpcBlockPublicAccessOptions": {
                "AwsAccountId": "123456789012", "AwsRegion": "us-east-1", "State": state, "InternetGatewayBlockMode": mode,
                "ManagedBy": "account", "ExclusionsAllowed": "allowed", "LastUpdateTimestamp": "2024-01-01T00:00:00Z" } })]
        };
        insta::assert_snapshot!(fixture::story::<VpcBlockPublicAccessOptions>(
            json!({ "InternetGatewayBlockMode": "block-bidirectional" }),
            "123456789012",
            &options("block-bidirectional", "update-in-progress")[0],
            vec![
                ("on", options("block-bidirectional", "update-complete")),
                (
                    "lets traffic out",
                    options("block-ingress", "update-complete")
                ),
                (
                    "going on",
                    options("block-bidirectional", "update-in-progress")
                ),
                ("going off", options("off", "update-in-progress")),
                ("off", options("off", "update-complete")),
                ("never touched", options("off", "default-state")),
            ],
        ));
    }
}
