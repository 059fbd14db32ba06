//! `AWS::EC2::SecurityGroupEgress`: one outbound rule of a security group.
//!
//! It is found by its id, else by what it allows; a rule made by hand that allows the same is this rule. Only the description
//! changes in place.
//!
//! See <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupEgress.html>.

use platform_graph::{Attributes, Call, Claim, Identity, Kind, Live, Seen, Tags};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::security_group_rule::Rule;
use crate::census;

/// Properties of an outbound rule. One of the four on the other side is given: an IPv4 block, an IPv6 block, a prefix list or
/// a security group.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct SecurityGroupEgress {
    /// The security group.
    pub group_id: String,
    /// `tcp`, `udp`, `icmp`, `icmpv6`, a number, or `-1` for any.
    pub ip_protocol: String,
    /// First port, or ICMP type; -1 is any.
    pub from_port: Option<i64>,
    /// Last port, or ICMP code; -1 is any.
    pub to_port: Option<i64>,
    /// IPv4 block where it leads.
    pub cidr_ip: Option<String>,
    /// IPv6 block where it leads.
    pub cidr_ipv6: Option<String>,
    /// Prefix list where it leads.
    pub destination_prefix_list_id: Option<String>,
    /// Security group where it leads.
    pub destination_security_group_id: Option<String>,
    /// What it is for, up to 255 characters.
    pub description: Option<String>,
    /// Seen on a rule that is found inside its group, to tell whose it is. A rule that is asked for carries its owner's.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
}

impl SecurityGroupEgress {
    fn rule(&self) -> Rule {
        Rule {
            egress: true,
            group_id: self.group_id.clone(),
            ip_protocol: self.ip_protocol.clone(),
            from_port: self.from_port,
            to_port: self.to_port,
            cidr_ip: self.cidr_ip.clone(),
            cidr_ipv6: self.cidr_ipv6.clone(),
            prefix_list_id: self.destination_prefix_list_id.clone(),
            peer_group_id: self.destination_security_group_id.clone(),
            peer_group_owner_id: None,
            description: self.description.clone(),
        }
    }

    fn of(rule: Rule, tags: Tags) -> Self {
        SecurityGroupEgress {
            group_id: rule.group_id,
            ip_protocol: rule.ip_protocol,
            from_port: rule.from_port,
            to_port: rule.to_port,
            cidr_ip: rule.cidr_ip,
            cidr_ipv6: rule.cidr_ipv6,
            destination_prefix_list_id: rule.prefix_list_id,
            destination_security_group_id: rule.peer_group_id,
            description: rule.description,
            tags,
        }
    }
}

impl Kind for SecurityGroupEgress {
    const TYPE: &'static str = "AWS::EC2::SecurityGroupEgress";
    const INSIDE: &'static [&'static str] =
        &["AWS::EC2::SecurityGroup", "Custom::DefaultSecurityGroup"];
    const CREATE_ONLY: &'static [&'static str] = &[
        "GroupId",
        "IpProtocol",
        "FromPort",
        "ToPort",
        "CidrIp",
        "CidrIpv6",
        "DestinationPrefixListId",
        "DestinationSecurityGroupId",
    ];
    const KEY: &'static [&'static str] = &[
        "GroupId",
        "IpProtocol",
        "FromPort",
        "ToPort",
        "CidrIp",
        "CidrIpv6",
        "DestinationPrefixListId",
        "DestinationSecurityGroupId",
    ];
    const ATTRIBUTES: &'static [&'static str] = &["Id"];
    const OURS: &'static [&'static str] = &["Tags"];

    fn find(&self, me: &Identity) -> Vec<Call> {
        self.rule().find(me)
    }

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
        self.rule()
            .read(me, replies, |rule| Self::of(rule, Tags::new()))
    }

    fn create(&self, me: &Identity) -> Vec<Call> {
        self.rule().create(me)
    }

    fn created(&self, _me: &Identity, reply: &Value) -> Option<String> {
        Rule::created(reply)
    }

    fn update(&self, _me: &Identity, _live: &Live<Self>, _changed: &[&str]) -> Vec<Call> {
        self.rule().describe()
    }

    fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        self.rule().delete(id)
    }

    fn inside(_parent: &str, id: &str) -> Vec<Call> {
        Rule::inside(id)
    }

    fn residents(_parent: &str, id: &str, replies: &[Value]) -> Vec<Live<Self>> {
        Rule::residents(id, true, replies, Self::of)
    }

    fn census(replies: &[Value]) -> Vec<Call> {
        census::of_type(replies, "DescribeSecurityGroupRules")
    }

    fn counted(replies: &[Value]) -> Vec<Claim> {
        Rule::counted(replies, true)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::fixture::{owner_tags, story, with};

    #[test]
    fn calls_and_replies() {
        let rule = json!({ "SecurityGroupRuleId": "sgr-1", "GroupId": "sg-1", "IsEgress": true, "IpProtocol": "-1", "FromPort": -1,
            "ToPort": -1, "CidrIpv4": "0.0.0.0/0", "Tags": owner_tags() });
        let inbound = with(
            &rule,
            json!({ "SecurityGroupRuleId": "sgr-0", "IsEgress": false }),
        );
        let seen =
            |members: Value| vec![json!({ "SecurityGroupRules": [inbound, with(&rule, members)] })];
        insta::assert_snapshot!(story::<SecurityGroupEgress>(
            json!({ "GroupId": "sg-1", "IpProtocol": "-1", "CidrIp": "0.0.0.0/0" }),
            "sgr-1",
            &json!({ "Return": true, "SecurityGroupRules": [{ "SecurityGroupRuleId": "sgr-1" }] }),
            vec![
                ("as asked", seen(json!({}))),
                (
                    "to another block",
                    seen(json!({ "CidrIpv4": "10.0.0.0/8" }))
                ),
            ],
        ));
    }
}
