//! `AWS::EC2::SecurityGroupIngress`: one inbound rule of a security group.
//!
//! It is found by its id, else by what it allows; a rule made by hand that allows the same is this rule. Only the description
//! changes in place.
//!
//! See <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupIngress.html>.

use platform_graph::{Attributes, Call, Claim, Identity, Kind, Live, Seen, Tags};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::security_group_rule::Rule;
use crate::census;

/// Properties of an inbound rule. One of the four on the other side is given: an IPv4 block, an IPv6 block, a prefix list or
/// a security group.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct SecurityGroupIngress {
    /// The security group.
    pub group_id: String,
    /// `tcp`, `udp`, `icmp`, `icmpv6`, a number, or `-1` for any.
    pub ip_protocol: String,
    /// First port, or ICMP type; -1 is any.
    pub from_port: Option<i64>,
    /// Last port, or ICMP code; -1 is any.
    pub to_port: Option<i64>,
    /// IPv4 block where it comes from.
    pub cidr_ip: Option<String>,
    /// IPv6 block where it comes from.
    pub cidr_ipv6: Option<String>,
    /// Prefix list where it comes from.
    pub source_prefix_list_id: Option<String>,
    /// Security group where it comes from.
    pub source_security_group_id: Option<String>,
    /// Account of the group, when it is another one.
    pub source_security_group_owner_id: Option<String>,
    /// What it is for, up to 255 characters.
    pub description: Option<String>,
    /// Seen on a rule that is found inside its group, to tell whose it is. A rule that is asked for carries its owner's.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
}

impl SecurityGroupIngress {
    fn rule(&self) -> Rule {
        Rule {
            egress: false,
            group_id: self.group_id.clone(),
            ip_protocol: self.ip_protocol.clone(),
            from_port: self.from_port,
            to_port: self.to_port,
            cidr_ip: self.cidr_ip.clone(),
            cidr_ipv6: self.cidr_ipv6.clone(),
            prefix_list_id: self.source_prefix_list_id.clone(),
            peer_group_id: self.source_security_group_id.clone(),
            peer_group_owner_id: self.source_security_group_owner_id.clone(),
            description: self.description.clone(),
        }
    }

    fn of(rule: Rule, tags: Tags) -> Self {
        SecurityGroupIngress {
            group_id: rule.group_id,
            ip_protocol: rule.ip_protocol,
            from_port: rule.from_port,
            to_port: rule.to_port,
            cidr_ip: rule.cidr_ip,
            cidr_ipv6: rule.cidr_ipv6,
            source_prefix_list_id: rule.prefix_list_id,
            source_security_group_id: rule.peer_group_id,
            source_security_group_owner_id: rule.peer_group_owner_id,
            description: rule.description,
            tags,
        }
    }
}

impl Kind for SecurityGroupIngress {
    const TYPE: &'static str = "AWS::EC2::SecurityGroupIngress";
    const INSIDE: &'static [&'static str] =
        &["AWS::EC2::SecurityGroup", "Custom::DefaultSecurityGroup"];
    const CREATE_ONLY: &'static [&'static str] = &[
        "GroupId",
        "IpProtocol",
        "FromPort",
        "ToPort",
        "CidrIp",
        "CidrIpv6",
        "SourcePrefixListId",
        "SourceSecurityGroupId",
        "SourceSecurityGroupOwnerId",
    ];
    const KEY: &'static [&'static str] = &[
        "GroupId",
        "IpProtocol",
        "FromPort",
        "ToPort",
        "CidrIp",
        "CidrIpv6",
        "SourcePrefixListId",
        "SourceSecurityGroupId",
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
        Rule::residents(id, false, replies, Self::of)
    }

    fn census(replies: &[Value]) -> Vec<Call> {
        census::of_type(replies, "DescribeSecurityGroupRules")
    }

    fn counted(replies: &[Value]) -> Vec<Claim> {
        Rule::counted(replies, false)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::fixture::{story, with};

    #[test]
    fn calls_and_replies() {
        let rule = json!({ "SecurityGroupRuleId": "sgr-1", "GroupId": "sg-1", "IsEgress": false, "IpProtocol": "tcp", "FromPort": 443,
            "ToPort": 443, "ReferencedGroupInfo": { "GroupId": "sg-2", "UserId": "123456789012" }, "Description": "from the balancer" });
        let outbound = with(
            &rule,
            json!({ "SecurityGroupRuleId": "sgr-0", "IsEgress": true }),
        );
        let seen = |members: Value| {
            vec![json!({ "SecurityGroupRules": [outbound, with(&rule, members)] })]
        };
        insta::assert_snapshot!(story::<SecurityGroupIngress>(
            json!({ "GroupId": "sg-1", "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "SourceSecurityGroupId": "sg-2",
                "SourceSecurityGroupOwnerId": "123456789012", "Description": "from the balancer" }),
            "sgr-1",
            &json!({ "Return": true, "SecurityGroupRules": [{ "SecurityGroupRuleId": "sgr-1" }] }),
            vec![
                ("as asked", seen(json!({}))),
                (
                    "described otherwise",
                    seen(json!({ "Description": "by hand" }))
                ),
                (
                    "for another port",
                    seen(json!({ "FromPort": 80, "ToPort": 80 }))
                ),
            ],
        ));
    }
}
