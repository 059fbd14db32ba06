//! `AWS::EC2::NetworkAclEntry`: a numbered rule of a network ACL.
//!
//! It has no tags; list, direction and number are its natural key, so a rule somebody made under the same number is this rule
//! and is rewritten. EC2 exchanges a rule as a whole.
//!
//! # Assumptions
//! The network ACL belongs to the same owner: entries are looked for in all the owner's lists, which is one call for them all
//! and the same that looks for the lists. (Moto lacks the filter `network-acl-id`.)
//!
//! See <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNetworkAclEntry.html>.

use platform_graph::{Attributes, Call, Identity, Kind, Live, Seen};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ec2;
use crate::reply::{items, text};

/// Properties of an entry.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct NetworkAclEntry {
    /// The network ACL.
    pub network_acl_id: String,
    /// Whether it is about traffic that leaves the subnet.
    #[serde(default)]
    pub egress: bool,
    /// Number, 1 to 32766; the lowest that fits decides.
    pub rule_number: i64,
    /// Protocol number; -1 is any.
    pub protocol: i64,
    /// `allow` or `deny`.
    pub rule_action: String,
    /// IPv4 block on the other side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cidr_block: Option<String>,
    /// IPv6 block on the other side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipv6_cidr_block: Option<String>,
    /// Ports, for TCP (6) and UDP (17).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port_range: Option<PortRange>,
    /// Type and code, for ICMP (1) and ICMPv6 (58).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub icmp: Option<Icmp>,
}

/// Ports from and to, both included.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct PortRange {
    /// First port.
    pub from: i64,
    /// Last port.
    pub to: i64,
}

/// ICMP type and code; -1 is any.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Icmp {
    /// Code.
    pub code: i64,
    /// Type.
    #[serde(rename = "Type")]
    pub kind: i64,
}

/// The highest number an entry can be given; those above are EC2's own.
pub(super) const LAST_NUMBER: i64 = 32766;

/// The call that shows every network ACL of a region: one for all that look into one, where emulators lack the filter
/// `network-acl-id`.
pub(super) fn all_network_acls() -> Call {
    Call::new("ec2", "DescribeNetworkAcls")
}

impl NetworkAclEntry {
    /// Reads an entry of a network ACL.
    pub(super) fn seen(network_acl_id: &str, entry: &Value) -> Option<Self> {
        let members = |member: &str, first: &str, second: &str| {
            let pair = entry.get(member)?;
            Some((ec2::integer(pair, first)?, ec2::integer(pair, second)?))
        };
        Some(NetworkAclEntry {
            network_acl_id: network_acl_id.to_owned(),
            egress: ec2::flag(entry, "Egress")?,
            rule_number: ec2::integer(entry, "RuleNumber")?,
            protocol: text(entry, "Protocol")?.parse().ok()?,
            rule_action: text(entry, "RuleAction")?,
            cidr_block: text(entry, "CidrBlock"),
            ipv6_cidr_block: text(entry, "Ipv6CidrBlock"),
            port_range: members("PortRange", "From", "To").map(|(from, to)| PortRange { from, to }),
            icmp: members("IcmpTypeCode", "Code", "Type").map(|(code, kind)| Icmp { code, kind }),
        })
    }

    /// Whether it is one that EC2 puts into a default ACL: everything is let through, under number 100 for IPv4 and 101 for IPv6.
    fn is_of_default(&self) -> bool {
        let blocks = (self.cidr_block.as_deref(), self.ipv6_cidr_block.as_deref());
        let everywhere = matches!(
            (self.rule_number, blocks),
            (100, (Some("0.0.0.0/0"), None)) | (101, (None, Some("::/0")))
        );
        everywhere && self.protocol == -1 && self.rule_action == "allow"
    }

    fn id(&self) -> String {
        let direction = if self.egress { "egress" } else { "ingress" };
        format!("{}|{direction}|{}", self.network_acl_id, self.rule_number)
    }

    fn call(&self, action: &'static str) -> Call {
        Call::new("ec2", action)
            .with("NetworkAclId", &self.network_acl_id)
            .with("RuleNumber", self.rule_number)
            .with("Egress", self.egress)
    }

    fn call_with_rule(&self, action: &'static str) -> Call {
        self.call(action)
            .with("Protocol", self.protocol.to_string())
            .with("RuleAction", &self.rule_action)
            .with("CidrBlock", &self.cidr_block)
            .with("Ipv6CidrBlock", &self.ipv6_cidr_block)
            .with("PortRange", &self.port_range)
            .with("IcmpTypeCode", &self.icmp)
    }

    /// Whether an entry is at the same place of its list.
    pub(super) fn is_at(&self, other: &Self) -> bool {
        (self.egress, self.rule_number) == (other.egress, other.rule_number)
    }

    /// The call that adds it.
    pub(super) fn addition(&self) -> Call {
        self.call_with_rule("CreateNetworkAclEntry")
    }

    /// The call that puts it in the place of another one.
    pub(super) fn replacement(&self) -> Call {
        self.call_with_rule("ReplaceNetworkAclEntry")
    }

    /// The call that removes it.
    pub(super) fn removal(&self) -> Call {
        self.call("DeleteNetworkAclEntry")
    }
}

impl Kind for NetworkAclEntry {
    const TYPE: &'static str = "AWS::EC2::NetworkAclEntry";
    const INSIDE: &'static [&'static str] = &["AWS::EC2::NetworkAcl", "Custom::DefaultNetworkAcl"];
    const CREATE_ONLY: &'static [&'static str] = &["NetworkAclId", "Egress", "RuleNumber"];
    const KEY: &'static [&'static str] = Self::CREATE_ONLY;

    fn find(&self, me: &Identity) -> Vec<Call> {
        let owned = Identity {
            id: None,
            ..me.clone()
        };
        vec![Call::describe_own("DescribeNetworkAcls", "", &owned)]
    }

    fn read(&self, _me: &Identity, replies: &[Value]) -> Seen<Self> {
        let entry = ec2::listed(replies, 0, "NetworkAcls")
            .iter()
            .filter(|acl| ec2::is(acl, "NetworkAclId", &self.network_acl_id))
            .flat_map(|acl| items(acl, "Entries"))
            .filter_map(|entry| NetworkAclEntry::seen(&self.network_acl_id, entry))
            .find(|entry| self.is_at(entry));
        entry.map_or(Seen::Absent, |properties| {
            Seen::Live(Live {
                id: properties.id(),
                properties,
                attributes: Attributes::new(),
            })
        })
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        vec![self.addition()]
    }

    fn created(&self, _me: &Identity, _reply: &Value) -> Option<String> {
        Some(self.id())
    }

    fn update(&self, _me: &Identity, _live: &Live<Self>, _changed: &[&str]) -> Vec<Call> {
        vec![self.replacement()]
    }

    fn delete(&self, _me: &Identity, _id: &str, _attributes: &Attributes) -> Vec<Call> {
        vec![self.removal()]
    }

    fn inside(_parent: &str, _id: &str) -> Vec<Call> {
        vec![all_network_acls()]
    }

    fn residents(parent: &str, id: &str, replies: &[Value]) -> Vec<Live<Self>> {
        ec2::listed(replies, 0, "NetworkAcls")
            .iter()
            .filter(|acl| ec2::is(acl, "NetworkAclId", id))
            .flat_map(|acl| items(acl, "Entries"))
            .filter_map(|entry| NetworkAclEntry::seen(id, entry))
            .filter(|entry| entry.rule_number <= LAST_NUMBER)
            .filter(|entry| parent == "AWS::EC2::NetworkAcl" || !entry.is_of_default())
            .map(|properties| Live {
                id: properties.id(),
                properties,
                attributes: Attributes::new(),
            })
            .collect()
    }

    fn same(property: &str, live: &Value, desired: &Value) -> bool {
        match property {
            "CidrBlock" | "Ipv6CidrBlock" => ec2::same_block(live, desired),
            _ => live == desired,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::fixture::{story, with};

    fn acl(entries: Vec<Value>) -> Vec<Value> {
        let closing = json!({ "Egress": false, "RuleNumber": 32767, "Protocol": "-1", "RuleAction": "deny", "CidrBlock": "0.0.0.0/0" });
        let other = json!({ "NetworkAclId": "acl-0", "Entries": [closing] });
        vec![json!({ "NetworkAcls": [other, { "NetworkAclId": "acl-1", "Entries": entries }] })]
    }

    #[test]
    fn an_entry_for_tcp() {
        let entry = json!({ "Egress": false, "RuleNumber": 100, "Protocol": "6", "RuleAction": "allow", "CidrBlock": "10.0.0.0/8",
            "PortRange": { "From": 443, "To": 443 } });
        let outbound = with(
            &entry,
            json!({ "Egress": true, "PortRange": { "From": 1, "To": 1 } }),
        );
        let seen = |members: Value| acl(vec![outbound.clone(), with(&entry, members)]);
        insta::assert_snapshot!(story::<NetworkAclEntry>(
            json!({ "NetworkAclId": "acl-1", "RuleNumber": 100, "Protocol": 6, "RuleAction": "allow", "CidrBlock": "10.0.0.0/8",
                "PortRange": { "From": 443, "To": 443 } }),
            "acl-1|ingress|100",
            &json!({}),
            vec![
                ("as asked", seen(json!({}))),
                (
                    "denying",
                    seen(json!({ "RuleAction": "deny", "PortRange": { "From": 0, "To": 65535 } }))
                ),
                ("under another number", seen(json!({ "RuleNumber": 101 }))),
            ],
        ));
    }

    #[test]
    fn an_entry_for_icmp() {
        let entry = json!({ "Egress": true, "RuleNumber": 90, "Protocol": "58", "RuleAction": "allow", "Ipv6CidrBlock": "::/0",
            "IcmpTypeCode": { "Code": -1, "Type": -1 } });
        insta::assert_snapshot!(story::<NetworkAclEntry>(
            json!({ "NetworkAclId": "acl-1", "Egress": true, "RuleNumber": 90, "Protocol": 58, "RuleAction": "allow",
                "Ipv6CidrBlock": "0::/0", "Icmp": { "Code": -1, "Type": -1 } }),
            "acl-1|egress|90",
            &json!({}),
            vec![("as asked", acl(vec![entry]))],
        ));
    }
}
