//! `Custom::DefaultNetworkAcl`: the network ACL that EC2 makes with a VPC.
//!
//! It can't be deleted, and every subnet that is given no other one uses it. It is taken over: its entries become those asked
//! for, none by default, so that a forgotten subnet is cut off instead of open. The last rule of each direction and family,
//! which denies everything, can't be removed and does not show. CloudFormation has no type for it.
//!
//! See <https://docs.aws.amazon.com/vpc/latest/userguide/default-network-acl.html>.

use platform_graph::{Attributes, Call, Claim, Identity, Kind, Live, Seen, Tags};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::NetworkAclEntry;
use super::network_acl_entry::LAST_NUMBER;
use crate::reply::{items, text};
use crate::{census, ec2};

/// Properties of a default network ACL.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DefaultNetworkAcl {
    /// The VPC.
    pub vpc_id: String,
    /// All entries under numbers that can be given.
    #[serde(default)]
    pub entries: Vec<NetworkAclEntry>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// The call that shows the default network ACL of a VPC.
pub(super) fn default_network_acl_of(vpc_id: &str) -> Call {
    Call::new("ec2", "DescribeNetworkAcls")
        .with(
            "Filters",
            json!([
                { "Name": "vpc-id", "Values": [vpc_id] },
                { "Name": "default", "Values": ["true"] },
            ]),
        )
        .merging("/Filters/0/Values")
}

impl Kind for DefaultNetworkAcl {
    const TYPE: &'static str = "Custom::DefaultNetworkAcl";
    const CREATE_ONLY: &'static [&'static str] = &["VpcId"];
    const UNORDERED: &'static [&'static str] = &["Entries"];
    const ATTRIBUTES: &'static [&'static str] = &["Id"];
    const TAGGED: bool = true;
    const TAKEN_OVER: bool = true;

    fn find(&self, _me: &Identity) -> Vec<Call> {
        vec![default_network_acl_of(&self.vpc_id)]
    }

    fn read(&self, _me: &Identity, replies: &[Value]) -> Seen<Self> {
        let acl = ec2::listed(replies, 0, "NetworkAcls")
            .iter()
            .filter(|acl| {
                ec2::is(acl, "VpcId", &self.vpc_id) && ec2::flag(acl, "IsDefault") == Some(true)
            })
            .find_map(|acl| Some((text(acl, "NetworkAclId")?, acl)));
        let Some((id, acl)) = acl else {
            return Seen::Absent;
        };
        let entries = items(acl, "Entries")
            .iter()
            .filter_map(|entry| NetworkAclEntry::seen(&id, entry))
            .filter(|entry| entry.rule_number <= LAST_NUMBER)
            .collect();
        Seen::Live(Live {
            properties: DefaultNetworkAcl {
                vpc_id: self.vpc_id.clone(),
                entries,
                tags: ec2::tags(acl),
            },
            attributes: ec2::attributes([("Id", Some(json!(id)))]),
            id,
        })
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        Vec::new()
    }

    fn created(&self, _me: &Identity, _reply: &Value) -> Option<String> {
        None
    }

    fn update(&self, _me: &Identity, live: &Live<Self>, _changed: &[&str]) -> Vec<Call> {
        let seen = &live.properties.entries;
        let mut calls = Vec::new();
        for wanted in &self.entries {
            let wanted = NetworkAclEntry {
                network_acl_id: live.id.clone(),
                ..wanted.clone()
            };
            match seen.iter().find(|entry| wanted.is_at(entry)) {
                Some(entry) if *entry == wanted => {}
                Some(_) => calls.push(wanted.replacement()),
                None => calls.push(wanted.addition()),
            }
        }
        // Last, so that nothing is cut off in between that is let through before and after.
        let superfluous = seen
            .iter()
            .filter(|entry| !self.entries.iter().any(|wanted| wanted.is_at(entry)));
        calls.extend(superfluous.map(NetworkAclEntry::removal));
        calls
    }

    fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
        ec2::retag(&live.id, set, remove)
    }

    /// Nothing: it goes with its VPC.
    fn delete(&self, _me: &Identity, _id: &str, _attributes: &Attributes) -> Vec<Call> {
        Vec::new()
    }

    fn census(replies: &[Value]) -> Vec<Call> {
        census::of_type(replies, "DescribeNetworkAcls")
    }

    fn counted(replies: &[Value]) -> Vec<Claim> {
        census::in_type(replies, "NetworkAcls", "NetworkAclId", |acl| {
            ec2::flag(acl, "IsDefault") == Some(true)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{story, tags, told};

    fn entry(number: i64, egress: bool, action: &str) -> Value {
        json!({ "RuleNumber": number, "Egress": egress, "Protocol": "-1", "RuleAction": action, "CidrBlock": "0.0.0.0/0" })
    }

    fn seen(tags: Value, entries: Vec<Value>) -> Vec<Value> {
        vec![json!({ "NetworkAcls": [
            { "NetworkAclId": "acl-0", "VpcId": "vpc-0", "IsDefault": true },
            { "NetworkAclId": "acl-2", "VpcId": "vpc-1", "IsDefault": false },
            { "NetworkAclId": "acl-1", "VpcId": "vpc-1", "IsDefault": true, "Tags": tags, "Entries": entries },
        ] })]
    }

    fn closing() -> Vec<Value> {
        vec![entry(32767, true, "deny"), entry(32767, false, "deny")]
    }

    fn fresh() -> Vec<Value> {
        let mut fresh = closing();
        fresh.extend([entry(100, true, "allow"), entry(100, false, "allow")]);
        fresh
    }

    #[test]
    fn a_default_that_is_empty() {
        insta::assert_snapshot!(story::<DefaultNetworkAcl>(
            json!({ "VpcId": "vpc-1" }),
            "acl-1",
            &Value::Null,
            vec![
                ("as asked", seen(tags(), closing())),
                ("as EC2 makes it", seen(json!([]), fresh()))
            ],
        ));
    }

    #[test]
    fn a_default_that_is_open() {
        let asked = |egress: bool| {
            json!({ "NetworkAclId": "acl-1", "RuleNumber": 100, "Egress": egress, "Protocol": -1, "RuleAction": "allow",
                "CidrBlock": "0.0.0.0/0" })
        };
        let mut other = closing();
        other.extend([entry(100, true, "deny"), entry(7, false, "allow")]);
        insta::assert_snapshot!(told::<DefaultNetworkAcl>(
            json!({ "VpcId": "vpc-1", "Entries": [asked(false), asked(true)] }),
            vec![
                ("as asked", seen(tags(), fresh())),
                ("changed by hand", seen(tags(), other)),
                ("emptied", seen(tags(), closing())),
            ],
        ));
    }
}
