//! `AWS::EC2::SecurityGroup`: a set of rules that network interfaces carry.
//!
//! Rules are parts of their own, so that each is found, tagged and removed by itself. EC2 gives every new group a rule that
//! lets everything out. A group that asks for `SecurityGroupEgress: []` gets rid of that rule: it sees the rules that let
//! everything out and carry no owner's tag, and an update revokes them. Every other rule is left alone, whether another part
//! owns it or somebody made it by hand. A group that does not ask keeps EC2's rule.
//!
//! Rules without an owner's tag are somebody else's: they are left alone, and the attribute `ForeignRules` (ours, absent when there
//! is none) names them by id, so that a refresh can tell. A rule made by hand that is the same as one asked for becomes that part.
//!
//! # Caveats
//! In a CloudFormation template an empty `SecurityGroupEgress` means the opposite, EC2's default.
//!
//! A group's name is unique in its VPC, so a group is replaced by deleting it first.
//!
//! See <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html>.

use platform_graph::{
    Attributes, Blocker, Call, Claim, Identity, Kind, Live, OWNER_TAG, Seen, Tags,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::blockers::{self, Place};
use crate::reply::text;
use crate::{census, ec2};

/// Properties of a security group.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct SecurityGroup {
    /// What it is for, up to 255 characters.
    pub group_description: String,
    /// Name, unique in the VPC.
    pub group_name: String,
    /// The VPC.
    pub vpc_id: String,
    /// Asked for as `[]`: no rule that lets everything out, except those that a part owns. Seen: such rules.
    pub security_group_egress: Option<Vec<FoundRule>>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// A rule that is in a security group and should not be.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct FoundRule {
    /// Its id.
    pub security_group_rule_id: String,
    /// Protocol by name or number; `-1` is any.
    pub ip_protocol: String,
    /// First port; -1 is any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_port: Option<i64>,
    /// Last port; -1 is any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_port: Option<i64>,
    /// IPv4 block on the other side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cidr_ip: Option<String>,
    /// IPv6 block on the other side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cidr_ipv6: Option<String>,
    /// Prefix list on the other side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefix_list_id: Option<String>,
    /// Security group on the other side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub security_group_id: Option<String>,
}

impl FoundRule {
    pub(super) fn read(rule: &Value) -> Self {
        FoundRule {
            security_group_rule_id: text(rule, "SecurityGroupRuleId").unwrap_or_default(),
            ip_protocol: text(rule, "IpProtocol").unwrap_or_default(),
            from_port: ec2::integer(rule, "FromPort"),
            to_port: ec2::integer(rule, "ToPort"),
            cidr_ip: text(rule, "CidrIpv4"),
            cidr_ipv6: text(rule, "CidrIpv6"),
            prefix_list_id: text(rule, "PrefixListId"),
            security_group_id: text(&rule["ReferencedGroupInfo"], "GroupId"),
        }
    }

    fn lets_everything_out(&self) -> bool {
        let everywhere = self.cidr_ip.as_deref() == Some("0.0.0.0/0")
            || self
                .cidr_ipv6
                .as_deref()
                .is_some_and(|block| ec2::same_cidr(block, "::/0"));
        self.ip_protocol == "-1" && everywhere
    }

    /// The rule in words: `tcp 22 from 0.0.0.0/0`.
    fn in_words(&self, egress: bool) -> String {
        let protocol = if self.ip_protocol == "-1" {
            "everything"
        } else {
            &self.ip_protocol
        };
        let ports = match (self.from_port, self.to_port) {
            (Some(from), Some(to)) if from >= 0 && from == to => format!(" {from}"),
            (Some(from), Some(to)) if from >= 0 => format!(" {from}-{to}"),
            _ => String::new(),
        };
        let others = [
            &self.cidr_ip,
            &self.cidr_ipv6,
            &self.prefix_list_id,
            &self.security_group_id,
        ];
        let other = others
            .into_iter()
            .flatten()
            .next()
            .map_or("somewhere", String::as_str);
        format!(
            "{protocol}{ports} {} {other}",
            if egress { "to" } else { "from" }
        )
    }

    /// The call that removes rules by their ids; none without rules.
    pub(super) fn revoke(action: &'static str, group: &str, rules: &[FoundRule]) -> Option<Call> {
        let ids: Vec<&str> = rules
            .iter()
            .map(|rule| rule.security_group_rule_id.as_str())
            .collect();
        (!ids.is_empty()).then(|| {
            Call::new("ec2", action)
                .with("GroupId", group)
                .with("SecurityGroupRuleIds", ids)
        })
    }
}

/// The rules of one direction and group in the reply to `DescribeSecurityGroupRules`.
pub(super) fn rules_of<'a>(
    replies: &'a [Value],
    at: usize,
    group: &'a str,
    egress: bool,
) -> impl Iterator<Item = &'a Value> {
    ec2::listed(replies, at, "SecurityGroupRules")
        .iter()
        .filter(move |rule| {
            ec2::is(rule, "GroupId", group) && ec2::flag(rule, "IsEgress") == Some(egress)
        })
}

/// Whether a rule is one that EC2 gives a new group and that no part owns: one that lets everything out and, in a VPC's default
/// group, one that lets in everything from the group itself.
pub(super) fn is_of_ec2(rule: &Value) -> bool {
    let found = FoundRule::read(rule);
    let own = match ec2::flag(rule, "IsEgress") {
        Some(true) => found.lets_everything_out(),
        _ => {
            found.ip_protocol == "-1"
                && found.security_group_id.is_some()
                && found.security_group_id == text(rule, "GroupId")
        }
    };
    own && !ec2::tags(rule).contains_key(OWNER_TAG)
}

impl SecurityGroup {
    /// Rules that no part owns, in words by their id. EC2's own rule that lets everything out is none of them: either the group
    /// gets rid of it, or it was not asked to.
    fn foreign_rules(&self, replies: &[Value], id: &str) -> Tags {
        [false, true]
            .into_iter()
            .flat_map(|egress| rules_of(replies, 1, id, egress).map(move |rule| (egress, rule)))
            .filter(|(_, rule)| !ec2::tags(rule).contains_key(OWNER_TAG))
            .map(|(egress, rule)| (egress, FoundRule::read(rule)))
            .filter(|(egress, rule)| !(*egress && rule.lets_everything_out()))
            .map(|(egress, rule)| {
                let words = rule.in_words(egress);
                (rule.security_group_rule_id, words)
            })
            .collect()
    }
}

impl Kind for SecurityGroup {
    const TYPE: &'static str = "AWS::EC2::SecurityGroup";
    const CREATE_ONLY: &'static [&'static str] = &["GroupDescription", "GroupName", "VpcId"];
    const UNORDERED: &'static [&'static str] = &["SecurityGroupEgress"];
    const ATTRIBUTES: &'static [&'static str] = &["GroupId", "ForeignRules"];
    const TAGGED: bool = true;

    fn find(&self, me: &Identity) -> Vec<Call> {
        vec![Call::describe_own("DescribeSecurityGroups", "group-id", me)]
    }

    fn details(&self, _me: &Identity, id: &str) -> Vec<Call> {
        vec![Call::describe("DescribeSecurityGroupRules", "group-id", id)]
    }

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
        ec2::own(me, replies, "SecurityGroups", "GroupId", |id, group| {
            let open: Vec<FoundRule> = rules_of(replies, 1, &id, true)
                .filter(|rule| is_of_ec2(rule))
                .map(FoundRule::read)
                .collect();
            let foreign = self.foreign_rules(replies, &id);
            Seen::Live(Live {
                attributes: ec2::attributes([
                    ("GroupId", Some(json!(id))),
                    (
                        "ForeignRules",
                        (!foreign.is_empty()).then(|| json!(foreign)),
                    ),
                ]),
                properties: SecurityGroup {
                    group_description: text(group, "Description").unwrap_or_default(),
                    group_name: text(group, "GroupName").unwrap_or_default(),
                    vpc_id: text(group, "VpcId").unwrap_or_default(),
                    security_group_egress: self.security_group_egress.as_ref().map(|_| open),
                    tags: ec2::tags(group),
                },
                id,
            })
        })
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        let call = Call::new("ec2", "CreateSecurityGroup")
            .with("GroupName", &self.group_name)
            .with("Description", &self.group_description)
            .with("VpcId", &self.vpc_id);
        vec![ec2::tagged(call, "security-group", &self.tags)]
    }

    fn created(&self, _me: &Identity, reply: &Value) -> Option<String> {
        text(reply, "GroupId")
    }

    fn update(&self, _me: &Identity, live: &Live<Self>, _changed: &[&str]) -> Vec<Call> {
        let open = live
            .properties
            .security_group_egress
            .as_deref()
            .unwrap_or_default();
        FoundRule::revoke("RevokeSecurityGroupEgress", &live.id, open)
            .into_iter()
            .collect()
    }

    fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
        ec2::retag(&live.id, set, remove)
    }

    fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        vec![Call::new("ec2", "DeleteSecurityGroup").with("GroupId", id)]
    }

    fn blockers(&self, _me: &Identity, id: &str, replies: &[Value]) -> Vec<Call> {
        blockers::questions(
            Place::SecurityGroup {
                id,
                vpc: &self.vpc_id,
            },
            replies,
        )
    }

    fn blocking(&self, me: &Identity, id: &str, replies: &[Value]) -> Vec<Blocker> {
        blockers::blocking(
            Place::SecurityGroup {
                id,
                vpc: &self.vpc_id,
            },
            me,
            replies,
        )
    }

    fn census(replies: &[Value]) -> Vec<Call> {
        census::of_type(replies, "DescribeSecurityGroups")
    }

    fn counted(replies: &[Value]) -> Vec<Claim> {
        census::in_type(replies, "SecurityGroups", "GroupId", |group| {
            !ec2::is(group, "GroupName", "default")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{owner_tags, story, tags, with};

    #[test]
    fn calls_and_replies() {
        let group = json!({ "GroupId": "sg-1", "GroupName": "web", "Description": "web servers", "VpcId": "vpc-1", "Tags": tags() });
        let open = json!({ "SecurityGroupRuleId": "sgr-1", "GroupId": "sg-1", "IsEgress": true, "IpProtocol": "-1",
            "FromPort": -1, "ToPort": -1, "CidrIpv4": "0.0.0.0/0", "Tags": [] });
        let owned = with(
            &open,
            json!({ "SecurityGroupRuleId": "sgr-2", "Tags": tags() }),
        );
        let six = json!({ "SecurityGroupRuleId": "sgr-3", "GroupId": "sg-1", "IsEgress": true, "IpProtocol": "-1", "CidrIpv6": "::/0" });
        let narrow = with(
            &open,
            json!({ "SecurityGroupRuleId": "sgr-4", "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443 }),
        );
        let inbound = with(
            &open,
            json!({ "SecurityGroupRuleId": "sgr-5", "IsEgress": false }),
        );
        let foreign = with(
            &open,
            json!({ "SecurityGroupRuleId": "sgr-6", "GroupId": "sg-0" }),
        );
        let seen = |members: Value, rules: Vec<&Value>| {
            vec![
                json!({ "SecurityGroups": [with(&group, members)] }),
                json!({ "SecurityGroupRules": rules }),
            ]
        };
        insta::assert_snapshot!(story::<SecurityGroup>(
            json!({ "GroupName": "web", "GroupDescription": "web servers", "VpcId": "vpc-1", "SecurityGroupEgress": [] }),
            "sg-1",
            &json!({ "GroupId": "sg-1" }),
            vec![
                (
                    "as asked",
                    seen(json!({}), vec![&owned, &narrow, &inbound, &foreign])
                ),
                ("just created", seen(json!({}), vec![&open, &six, &owned])),
                (
                    "described otherwise",
                    seen(
                        json!({ "Description": "other", "Tags": owner_tags() }),
                        vec![]
                    )
                ),
            ],
        ));
    }

    #[test]
    fn a_group_that_does_not_ask_keeps_the_rule_of_ec2() {
        let group = SecurityGroup::default();
        let rule = json!({ "SecurityGroupRuleId": "sgr-1", "GroupId": "sg-1", "IsEgress": true, "IpProtocol": "-1", "CidrIpv4": "0.0.0.0/0" });
        let replies = [
            json!({ "SecurityGroups": [{ "GroupId": "sg-1" }] }),
            json!({ "SecurityGroupRules": [rule] }),
        ];
        match group.read(&crate::testing::me(Some("sg-1")), &replies) {
            Seen::Live(live) => assert_eq!(live.properties.security_group_egress, None),
            seen => panic!("{seen:?}"),
        }
    }
}
