//! `AWS::EC2::SubnetNetworkAclAssociation`: which network ACL a subnet uses.
//!
//! A subnet always uses one, at first the VPC's default ACL, so there is nothing to create: the association is found by its
//! subnet and led to the right ACL. Deleting it leads the subnet back to the default ACL, whose id is therefore a property of
//! ours, `DefaultNetworkAclId`. Every such exchange makes another association id.
//!
//! # Guarantees
//! - The association counts as absent when the subnet is back at the default ACL under another id than the known one: that is
//!   what it looks like after it was deleted.
//! - A known id stays its id, whatever AWS calls it by now: an id must not change without a replacement. The attribute
//!   `AssociationId` is the present one.
//!
//! See <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReplaceNetworkAclAssociation.html>.

use platform_graph::{Attributes, Call, Identity, Kind, Live, Seen};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::network_acl_entry::all_network_acls;
use crate::ec2;
use crate::reply::{items, text};

/// Properties of an association.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct SubnetNetworkAclAssociation {
    /// The subnet.
    pub subnet_id: String,
    /// The network ACL.
    pub network_acl_id: String,
    /// The default network ACL of the VPC, to which the subnet goes back. Not a property of CloudFormation's.
    pub default_network_acl_id: String,
}

impl SubnetNetworkAclAssociation {
    /// The exchange of one ACL for another, by the id that AWS has for it now.
    fn replace(id: &str, attributes: &Attributes, acl: &str) -> Vec<Call> {
        let association = attributes
            .get("AssociationId")
            .and_then(Value::as_str)
            .unwrap_or(id);
        vec![
            Call::new("ec2", "ReplaceNetworkAclAssociation")
                .with("AssociationId", association)
                .with("NetworkAclId", acl),
        ]
    }
}

impl Kind for SubnetNetworkAclAssociation {
    const TYPE: &'static str = "AWS::EC2::SubnetNetworkAclAssociation";
    const INSIDE: &'static [&'static str] = &["AWS::EC2::NetworkAcl", "AWS::EC2::Subnet"];
    /// The ACL is create-only for CloudFormation; EC2 exchanges it in one call, and knows no other way to set it.
    const CREATE_ONLY: &'static [&'static str] = &["SubnetId"];
    const ATTRIBUTES: &'static [&'static str] = &["AssociationId"];
    const OURS: &'static [&'static str] = &["DefaultNetworkAclId"];
    const VOLATILE: &'static [&'static str] = &["AssociationId"];

    fn find(&self, _me: &Identity) -> Vec<Call> {
        vec![Call::describe(
            "DescribeNetworkAcls",
            "association.subnet-id",
            &self.subnet_id,
        )]
    }

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
        let seen = ec2::listed(replies, 0, "NetworkAcls")
            .iter()
            .flat_map(|acl| items(acl, "Associations"))
            .filter(|association| ec2::is(association, "SubnetId", &self.subnet_id))
            .find_map(|one| {
                Some((
                    text(one, "NetworkAclAssociationId")?,
                    text(one, "NetworkAclId")?,
                ))
            });
        let Some((id, acl)) = seen else {
            return Seen::Absent;
        };
        // What was recorded of a subnet that had gone back already names the default ACL itself.
        let gone = me.id.as_ref().is_some_and(|known| {
            *known != id || self.network_acl_id == self.default_network_acl_id
        });
        if gone && acl == self.default_network_acl_id {
            return Seen::Absent;
        }
        Seen::Live(Live {
            attributes: ec2::attributes([("AssociationId", Some(Value::String(id.clone())))]),
            properties: SubnetNetworkAclAssociation {
                network_acl_id: acl,
                ..self.clone()
            },
            id: me.id.clone().unwrap_or(id),
        })
    }

    /// Nothing: an association comes with the subnet.
    fn create(&self, _me: &Identity) -> Vec<Call> {
        Vec::new()
    }

    fn created(&self, _me: &Identity, _reply: &Value) -> Option<String> {
        None
    }

    fn update(&self, _me: &Identity, live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        // Where the subnet would go back to is not AWS's to know.
        if changed.contains(&"NetworkAclId") {
            Self::replace(&live.id, &live.attributes, &self.network_acl_id)
        } else {
            Vec::new()
        }
    }

    fn delete(&self, _me: &Identity, id: &str, attributes: &Attributes) -> Vec<Call> {
        Self::replace(id, attributes, &self.default_network_acl_id)
    }

    fn inside(_parent: &str, _id: &str) -> Vec<Call> {
        vec![all_network_acls()]
    }

    /// Without the associations with default ACLs, which every subnet begins and ends with.
    fn residents(parent: &str, id: &str, replies: &[Value]) -> Vec<Live<Self>> {
        let member = match parent {
            "AWS::EC2::Subnet" => "SubnetId",
            _ => "NetworkAclId",
        };
        let is_default = |acl: &&Value| ec2::flag(acl, "IsDefault") == Some(true);
        let acls = ec2::listed(replies, 0, "NetworkAcls");
        let default_of = |vpc: &Value| {
            let acl = acls
                .iter()
                .filter(is_default)
                .find(|acl| acl["VpcId"] == *vpc)?;
            text(acl, "NetworkAclId")
        };
        acls.iter()
            .filter(|acl| !is_default(acl))
            .flat_map(|acl| items(acl, "Associations").iter().map(move |one| (acl, one)))
            .filter(|(_, one)| ec2::is(one, member, id))
            .filter_map(|(acl, one)| {
                let id = text(one, "NetworkAclAssociationId")?;
                Some(Live {
                    attributes: ec2::attributes([(
                        "AssociationId",
                        Some(Value::String(id.clone())),
                    )]),
                    properties: SubnetNetworkAclAssociation {
                        subnet_id: text(one, "SubnetId")?,
                        network_acl_id: text(one, "NetworkAclId")?,
                        default_network_acl_id: default_of(&acl["VpcId"])?,
                    },
                    id,
                })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::fixture::{lookups, told};
    use crate::testing::me;

    fn seen(association: &str, acl: &str) -> Vec<Value> {
        vec![
            json!({ "NetworkAcls": [{ "NetworkAclId": acl, "Associations": [
            { "NetworkAclAssociationId": "aclassoc-0", "NetworkAclId": acl, "SubnetId": "subnet-0" },
            { "NetworkAclAssociationId": association, "NetworkAclId": acl, "SubnetId": "subnet-1" },
        ] }] }),
        ]
    }

    fn asked() -> Value {
        json!({ "SubnetId": "subnet-1", "NetworkAclId": "acl-1", "DefaultNetworkAclId": "acl-d" })
    }

    #[test]
    fn calls_and_replies() {
        insta::assert_snapshot!(
            lookups::<SubnetNetworkAclAssociation>(asked(), "aclassoc-1")
                + &told::<SubnetNetworkAclAssociation>(
                    asked(),
                    vec![
                        ("as asked", seen("aclassoc-1", "acl-1")),
                        ("at the default", seen("aclassoc-2", "acl-d")),
                        ("at another one", seen("aclassoc-3", "acl-2")),
                    ],
                )
        );
    }

    #[test]
    fn a_subnet_that_is_back_at_the_default_has_lost_its_association() {
        let asked: SubnetNetworkAclAssociation = serde_json::from_value(asked()).unwrap();
        for (known, association, acl, expected) in [
            (
                Some("aclassoc-1"),
                "aclassoc-1",
                "acl-1",
                Some("aclassoc-1"),
            ),
            (
                Some("aclassoc-1"),
                "aclassoc-2",
                "acl-1",
                Some("aclassoc-1"),
            ),
            (
                Some("aclassoc-1"),
                "aclassoc-1",
                "acl-d",
                Some("aclassoc-1"),
            ),
            (Some("aclassoc-1"), "aclassoc-2", "acl-d", None),
            (None, "aclassoc-2", "acl-d", Some("aclassoc-2")),
        ] {
            let seen = asked.read(&me(known), &seen(association, acl));
            assert_eq!(
                seen.id(),
                expected,
                "{known:?} while {association} is at {acl}"
            );
        }
        // A run that was killed while it deleted left the subnet at the default ACL, and the next one recorded that.
        let recorded = SubnetNetworkAclAssociation {
            network_acl_id: asked.default_network_acl_id.clone(),
            ..asked
        };
        for association in ["aclassoc-1", "aclassoc-2"] {
            let seen = recorded.read(&me(Some("aclassoc-1")), &seen(association, "acl-d"));
            assert_eq!(seen, Seen::Absent, "{association}");
        }
    }
}
