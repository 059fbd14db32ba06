//! `AWS::EC2::VPCDHCPOptionsAssociation`: which DHCP options a VPC uses.
//!
//! Reads `DescribeVpcs`; writes `AssociateDhcpOptions`, which takes the place of the association before.
//!
//! # Caveats
//! - Every VPC has an association: at first with AWS's own set, after the end of ours with `default`, which is none. Before
//!   it is recorded as ours an association counts only when it is the one that is asked for.
//! - The id is that of the VPC, so that the options can change in place; in CloudFormation it is made of both.

use platform_graph::{Attributes, Call, Identity, Kind, Live, Seen};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{ec2, reply};

/// AWS's word for no options at all.
const NONE: &str = "default";

/// The association of DHCP options with a VPC.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct VpcDhcpOptionsAssociation {
    /// The VPC.
    pub vpc_id: String,
    /// The options.
    pub dhcp_options_id: String,
}

/// Whether a set of options is AWS's own, with which every VPC begins, or says the same.
fn is_of_aws(options: &Value) -> bool {
    let own = |configuration: &Value| {
        let values: Vec<String> = reply::items(configuration, "Values")
            .iter()
            .filter_map(|value| reply::text(value, "Value"))
            .collect();
        match (reply::text(configuration, "Key").as_deref(), &values[..]) {
            (Some("domain-name-servers"), [server]) => server == "AmazonProvidedDNS",
            (Some("domain-name"), [name]) => {
                name == "ec2.internal" || name.ends_with(".compute.internal")
            }
            _ => false,
        }
    };
    ec2::tags(options).is_empty() && reply::items(options, "DhcpConfigurations").iter().all(own)
}

fn associate(vpc: &str, options: &str) -> Call {
    Call::new("ec2", "AssociateDhcpOptions")
        .with("DhcpOptionsId", options)
        .with("VpcId", vpc)
}

impl Kind for VpcDhcpOptionsAssociation {
    const TYPE: &'static str = "AWS::EC2::VPCDHCPOptionsAssociation";
    const INSIDE: &'static [&'static str] = &["AWS::EC2::VPC", "AWS::EC2::DHCPOptions"];
    const CREATE_ONLY: &'static [&'static str] = &["VpcId"];

    fn find(&self, _me: &Identity) -> Vec<Call> {
        vec![Call::describe("DescribeVpcs", "vpc-id", &self.vpc_id)]
    }

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
        let vpc = ec2::listed(replies, 0, "Vpcs")
            .iter()
            .find(|vpc| ec2::is(vpc, "VpcId", &self.vpc_id));
        match vpc.and_then(|vpc| reply::text(vpc, "DhcpOptionsId")) {
            Some(options)
                if options != NONE && (me.id.is_some() || options == self.dhcp_options_id) =>
            {
                Seen::Live(Live {
                    id: self.vpc_id.clone(),
                    properties: VpcDhcpOptionsAssociation {
                        vpc_id: self.vpc_id.clone(),
                        dhcp_options_id: options,
                    },
                    attributes: Attributes::new(),
                })
            }
            _ => Seen::Absent,
        }
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        vec![associate(&self.vpc_id, &self.dhcp_options_id)]
    }

    fn created(&self, _me: &Identity, _reply: &Value) -> Option<String> {
        Some(self.vpc_id.clone())
    }

    fn update(&self, _me: &Identity, _live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        let answer = || associate(&self.vpc_id, &self.dhcp_options_id);
        changed
            .contains(&"DhcpOptionsId")
            .then(answer)
            .into_iter()
            .collect()
    }

    fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        vec![associate(id, NONE)]
    }

    fn inside(parent: &str, id: &str) -> Vec<Call> {
        match parent {
            "AWS::EC2::DHCPOptions" => {
                vec![Call::describe("DescribeVpcs", "dhcp-options-id", id)]
            }
            _ => vec![
                Call::describe("DescribeVpcs", "vpc-id", id),
                Call::new("ec2", "DescribeDhcpOptions"),
            ],
        }
    }

    fn residents(parent: &str, id: &str, replies: &[Value]) -> Vec<Live<Self>> {
        let is_inside = |association: &Self| match parent {
            "AWS::EC2::DHCPOptions" => association.dhcp_options_id == id,
            _ => {
                association.vpc_id == id
                    && ec2::listed(replies, 1, "DhcpOptions")
                        .iter()
                        .any(|options| {
                            ec2::is(options, "DhcpOptionsId", &association.dhcp_options_id)
                                && !is_of_aws(options)
                        })
            }
        };
        ec2::listed(replies, 0, "Vpcs")
            .iter()
            .filter_map(|vpc| {
                Some(VpcDhcpOptionsAssociation {
                    vpc_id: reply::text(vpc, "VpcId")?,
                    dhcp_options_id: reply::text(vpc, "DhcpOptionsId")?,
                })
            })
            .filter(is_inside)
            .map(|properties| Live {
                id: properties.vpc_id.clone(),
                properties,
                attributes: Attributes::new(),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::me;

    #[test]
    fn the_association_before_ours_is_not_ours() {
        let ours = VpcDhcpOptionsAssociation {
            vpc_id: "vpc-1".into(),
            dhcp_options_id: "dopt-1".into(),
        };
        for (recorded, options, live) in [
            (None, Some("dopt-aws"), false),
            (None, Some("dopt-1"), true),
            (None, Some("default"), false),
            (None, None, false),
            (Some("vpc-1"), Some("dopt-other"), true),
            (Some("vpc-1"), Some("default"), false),
        ] {
            let vpcs = options.map(|options| json!({ "VpcId": "vpc-1", "DhcpOptionsId": options }));
            let reply = json!({ "Vpcs": vpcs.into_iter().collect::<Vec<_>>() });
            let seen = ours.read(&me(recorded), &[reply]);
            assert_eq!(
                matches!(seen, Seen::Live(_)),
                live,
                "{options:?} with {recorded:?}: {seen:?}"
            );
        }
        assert_eq!(
            ours.delete(&me(None), "vpc-1", &Attributes::new()),
            [associate("vpc-1", "default")]
        );
    }
}
