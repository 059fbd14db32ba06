//! What inbound and outbound rules of security groups share: finding one by what it allows, and writing it as a permission.
//!
//! # Guarantees
//! A rule that allows the same is the same rule, whoever made it: EC2 refuses a second one. Only the rule that lets everything out
//! of a new group is EC2's own: the group revokes it before a part takes its place. Rules are tagged with their owner at
//! birth, so that the security group can tell them from EC2's default rule.
//!
//! See <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SecurityGroupRule.html>.

use platform_graph::{Call, Claim, Identity, Live, Seen, Tags};
use serde_json::{Value, json};

use super::security_group::{is_of_ec2, rules_of};
use crate::reply::text;
use crate::{census, ec2};

/// A rule in either direction; what is on the other side is its peer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rule {
    pub(super) egress: bool,
    pub(super) group_id: String,
    pub(super) ip_protocol: String,
    pub(super) from_port: Option<i64>,
    pub(super) to_port: Option<i64>,
    pub(super) cidr_ip: Option<String>,
    pub(super) cidr_ipv6: Option<String>,
    pub(super) prefix_list_id: Option<String>,
    pub(super) peer_group_id: Option<String>,
    pub(super) peer_group_owner_id: Option<String>,
    pub(super) description: Option<String>,
}

/// A protocol by the name under which EC2 shows it.
fn protocol(asked: &str) -> &str {
    match asked {
        "6" => "tcp",
        "17" => "udp",
        "1" => "icmp",
        "58" => "icmpv6",
        "all" => "-1",
        other => other,
    }
}

/// The group of the rule with this id.
fn group_of(replies: &[Value], id: &str) -> Option<String> {
    let rule = ec2::listed(replies, 0, "SecurityGroupRules")
        .iter()
        .find(|rule| ec2::is(rule, "SecurityGroupRuleId", id))?;
    text(rule, "GroupId")
}

fn live<P>(id: String, properties: P) -> Live<P> {
    Live {
        attributes: ec2::attributes([("Id", Some(json!(id)))]),
        properties,
        id,
    }
}

impl Rule {
    /// By its group, so that one call finds all rules of a group; by its id where nothing else is known.
    pub(super) fn find(&self, me: &Identity) -> Vec<Call> {
        let (filter, value) = match &me.id {
            Some(id) if self.group_id.is_empty() => ("security-group-rule-id", id),
            _ => ("group-id", &self.group_id),
        };
        vec![Call::describe("DescribeSecurityGroupRules", filter, value)]
    }

    /// Reads the rule with the known id, else one that allows the same.
    pub(super) fn read<P>(
        &self,
        me: &Identity,
        replies: &[Value],
        properties: impl FnOnce(Rule) -> P,
    ) -> Seen<P> {
        let group = if self.group_id.is_empty() {
            me.id.as_ref().and_then(|id| group_of(replies, id))
        } else {
            Some(self.group_id.clone())
        };
        let Some(group_id) = group else {
            return Seen::Absent;
        };
        let rules = || {
            rules_of(replies, 0, &group_id, self.egress).filter_map(|rule| {
                let seen = Rule {
                    group_id: group_id.clone(),
                    ..self.as_asked(rule)
                };
                Some((text(rule, "SecurityGroupRuleId")?, seen, rule))
            })
        };
        let known = me
            .id
            .as_ref()
            .and_then(|known| rules().find(|(id, ..)| id == known));
        // Its group is about to revoke the rule that EC2 gave it.
        let stays = |rule: &Value| !(self.egress && is_of_ec2(rule));
        let alike = || rules().find(|(_, seen, rule)| self.allows_the_same(seen) && stays(rule));
        match known.or_else(alike) {
            Some((id, rule, _)) => Seen::Live(live(id, properties(rule))),
            None => Seen::Absent,
        }
    }

    fn allows_the_same(&self, seen: &Rule) -> bool {
        let description = self.description.clone();
        let peer_group_owner_id = self.peer_group_owner_id.clone();
        *self
            == Rule {
                description,
                peer_group_owner_id,
                ..seen.clone()
            }
    }

    /// A rule as EC2 shows it, spelled as it is asked for wherever that means the same.
    fn as_asked(&self, rule: &Value) -> Rule {
        let block = |member: &str, asked: &Option<String>| {
            let seen = text(rule, member)?;
            Some(
                asked
                    .clone()
                    .filter(|asked| ec2::same_cidr(asked, &seen))
                    .unwrap_or(seen),
            )
        };
        // -1, any port, is what EC2 shows for none.
        let port = |member: &str, asked: Option<i64>| match ec2::integer(rule, member) {
            Some(-1) | None if asked.unwrap_or(-1) == -1 => asked,
            // All protocols means all ports, whatever is asked for.
            _ if protocol(&self.ip_protocol) == "-1" => asked,
            seen => seen,
        };
        let seen_protocol = text(rule, "IpProtocol").unwrap_or_default();
        let same_protocol = protocol(&self.ip_protocol) == seen_protocol;
        let group = &rule["ReferencedGroupInfo"];
        Rule {
            egress: self.egress,
            group_id: self.group_id.clone(),
            from_port: port("FromPort", self.from_port),
            to_port: port("ToPort", self.to_port),
            ip_protocol: if same_protocol {
                self.ip_protocol.clone()
            } else {
                seen_protocol
            },
            cidr_ip: block("CidrIpv4", &self.cidr_ip),
            cidr_ipv6: block("CidrIpv6", &self.cidr_ipv6),
            prefix_list_id: text(rule, "PrefixListId"),
            peer_group_id: text(group, "GroupId"),
            // EC2 shows it always.
            peer_group_owner_id: text(group, "UserId")
                .filter(|_| self.peer_group_owner_id.is_some()),
            description: text(rule, "Description").filter(|words| !words.is_empty()),
        }
    }

    fn permission(&self) -> Value {
        let peer = |member: &str, value: &Option<String>| {
            value.as_ref().map(|value| {
                let mut peer = json!({ member: value });
                if let Some(description) = &self.description {
                    peer["Description"] = json!(description);
                }
                if let (Some(owner), "GroupId") = (&self.peer_group_owner_id, member) {
                    peer["UserId"] = json!(owner);
                }
                json!([peer])
            })
        };
        let mut permission = json!({ "IpProtocol": self.ip_protocol });
        for (member, value) in [
            ("FromPort", self.from_port.map(Value::from)),
            ("ToPort", self.to_port.map(Value::from)),
            ("IpRanges", peer("CidrIp", &self.cidr_ip)),
            ("Ipv6Ranges", peer("CidrIpv6", &self.cidr_ipv6)),
            ("PrefixListIds", peer("PrefixListId", &self.prefix_list_id)),
            ("UserIdGroupPairs", peer("GroupId", &self.peer_group_id)),
        ] {
            if let Some(value) = value {
                permission[member] = value;
            }
        }
        permission
    }

    fn call(&self, action: &'static str) -> Call {
        Call::new("ec2", action)
            .with("GroupId", &self.group_id)
            .with("IpPermissions", [self.permission()])
    }

    pub(super) fn create(&self, me: &Identity) -> Vec<Call> {
        let action = if self.egress {
            "AuthorizeSecurityGroupEgress"
        } else {
            "AuthorizeSecurityGroupIngress"
        };
        vec![ec2::tagged(
            self.call(action),
            "security-group-rule",
            &me.tags(),
        )]
    }

    pub(super) fn created(reply: &Value) -> Option<String> {
        text(reply["SecurityGroupRules"].get(0)?, "SecurityGroupRuleId")
    }

    /// The description is all that changes in place; a permission that is named without one loses the one it has.
    pub(super) fn describe(&self) -> Vec<Call> {
        let action = if self.egress {
            "UpdateSecurityGroupRuleDescriptionsEgress"
        } else {
            "UpdateSecurityGroupRuleDescriptionsIngress"
        };
        vec![self.call(action)]
    }

    /// Asks for all rules of a group.
    pub(super) fn inside(group: &str) -> Vec<Call> {
        let filter = "group-id";
        vec![Call::describe("DescribeSecurityGroupRules", filter, group)]
    }

    /// The rules of one direction in a group, without EC2's own.
    pub(super) fn residents<P>(
        group: &str,
        egress: bool,
        replies: &[Value],
        properties: impl Fn(Rule, Tags) -> P,
    ) -> Vec<Live<P>> {
        let bare = Rule {
            egress,
            group_id: group.to_owned(),
            ip_protocol: String::new(),
            from_port: None,
            to_port: None,
            cidr_ip: None,
            cidr_ipv6: None,
            prefix_list_id: None,
            peer_group_id: None,
            peer_group_owner_id: None,
            description: None,
        };
        rules_of(replies, 0, group, egress)
            .filter(|rule| !is_of_ec2(rule))
            .filter_map(|rule| {
                let id = text(rule, "SecurityGroupRuleId")?;
                Some(live(id, properties(bare.as_asked(rule), ec2::tags(rule))))
            })
            .collect()
    }

    /// The rules of one direction that the census lists.
    pub(super) fn counted(replies: &[Value], egress: bool) -> Vec<Claim> {
        census::in_type(
            replies,
            "SecurityGroupRules",
            "SecurityGroupRuleId",
            |rule| ec2::flag(rule, "IsEgress") == Some(egress),
        )
    }

    pub(super) fn delete(&self, id: &str) -> Vec<Call> {
        let action = if self.egress {
            "RevokeSecurityGroupEgress"
        } else {
            "RevokeSecurityGroupIngress"
        };
        vec![
            Call::new("ec2", action)
                .with("GroupId", &self.group_id)
                .with("SecurityGroupRuleIds", [id]),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::with;
    use crate::testing::me;

    #[test]
    fn the_rule_that_ec2_gives_a_group_is_no_part() {
        let asked = Rule {
            egress: true,
            group_id: "sg-1".to_owned(),
            ip_protocol: "-1".to_owned(),
            from_port: None,
            to_port: None,
            cidr_ip: Some("0.0.0.0/0".to_owned()),
            cidr_ipv6: None,
            prefix_list_id: None,
            peer_group_id: None,
            peer_group_owner_id: None,
            description: None,
        };
        let shown = json!({ "SecurityGroupRuleId": "sgr-1", "GroupId": "sg-1", "IsEgress": true, "IpProtocol": "-1",
            "FromPort": -1, "ToPort": -1, "CidrIpv4": "0.0.0.0/0" });
        let owner = json!([{ "Key": platform_graph::OWNER_TAG, "Value": "platform_network/us-east-1/main" }]);
        for (why, id, members, expected) in [
            ("untouched", None, json!({}), false),
            ("of a part", None, json!({ "Tags": owner }), true),
            ("known", Some("sgr-1"), json!({}), true),
        ] {
            let replies = [json!({ "SecurityGroupRules": [with(&shown, members)] })];
            let seen = asked.read(&me(id), &replies, |_| ());
            assert_eq!(seen != Seen::Absent, expected, "{why}");
        }
    }

    #[test]
    fn a_rule_is_recognised_by_what_it_allows() {
        let asked = Rule {
            egress: false,
            group_id: "sg-1".to_owned(),
            ip_protocol: "6".to_owned(),
            from_port: Some(443),
            to_port: Some(443),
            cidr_ip: None,
            cidr_ipv6: Some("2001:DB8::/32".to_owned()),
            prefix_list_id: None,
            peer_group_id: None,
            peer_group_owner_id: None,
            description: Some("web".to_owned()),
        };
        let any = Rule {
            ip_protocol: "-1".to_owned(),
            from_port: None,
            to_port: None,
            ..asked.clone()
        };
        let group = Rule {
            cidr_ipv6: None,
            peer_group_id: Some("sg-2".to_owned()),
            ..asked.clone()
        };
        let shown = json!({ "SecurityGroupRuleId": "sgr-1", "GroupId": "sg-1", "IsEgress": false, "IpProtocol": "tcp",
            "FromPort": 443, "ToPort": 443, "CidrIpv6": "2001:db8::/32", "Description": "by hand" });
        let from_group = json!({ "CidrIpv6": null, "ReferencedGroupInfo": { "GroupId": "sg-2", "UserId": "123456789012" } });
        for (why, asked, members, expected) in [
            ("the same", &asked, json!({}), true),
            (
                "the other direction",
                &asked,
                json!({ "IsEgress": true }),
                false,
            ),
            ("another group", &asked, json!({ "GroupId": "sg-9" }), false),
            ("another port", &asked, json!({ "ToPort": 444 }), false),
            (
                "another protocol",
                &asked,
                json!({ "IpProtocol": "udp" }),
                false,
            ),
            (
                "another block",
                &asked,
                json!({ "CidrIpv6": "2001:db8::/48" }),
                false,
            ),
            (
                "any protocol",
                &any,
                json!({ "IpProtocol": "-1", "FromPort": -1, "ToPort": -1 }),
                true,
            ),
            (
                "any protocol, without ports",
                &any,
                json!({ "IpProtocol": "-1", "FromPort": null, "ToPort": null }),
                true,
            ),
            ("from a group", &group, from_group.clone(), true),
            ("from a group, not from a block", &asked, from_group, false),
        ] {
            let replies = [json!({ "SecurityGroupRules": [with(&shown, members)] })];
            let seen = asked.read(&me(None), &replies, |_| ());
            assert_eq!(seen.id().is_some(), expected, "{why}");
        }
    }

    #[test]
    fn a_rule_of_which_nothing_but_the_id_is_known_is_found_with_its_group() {
        use platform_graph::Kind;

        use crate::network::SecurityGroupIngress;

        let rule = json!({ "SecurityGroupRuleId": "sgr-1", "GroupId": "sg-1", "IsEgress": false, "IpProtocol": "tcp",
            "FromPort": 443, "ToPort": 443, "CidrIpv4": "10.0.0.0/8" });
        let (bare, me) = (SecurityGroupIngress::known_by("sgr-1"), me(Some("sgr-1")));
        assert_eq!(
            bare.find(&me)[0].params["Filters"],
            json!([{ "Name": "security-group-rule-id", "Values": ["sgr-1"] }])
        );
        let group_of = |rule: &Value| {
            let seen = bare.read(&me, &[json!({ "SecurityGroupRules": [rule] })]);
            match seen {
                Seen::Live(live) => Some(live.properties.group_id),
                _ => None,
            }
        };
        assert_eq!(group_of(&rule).as_deref(), Some("sg-1"));
        let other = with(&rule, json!({ "SecurityGroupRuleId": "sgr-2" }));
        assert_eq!(group_of(&other), None);
    }

    #[test]
    fn a_known_rule_that_was_changed_by_hand_shows_what_it_allows_now() {
        let asked = Rule {
            egress: true,
            group_id: "sg-1".to_owned(),
            ip_protocol: "tcp".to_owned(),
            from_port: Some(443),
            to_port: Some(443),
            cidr_ip: Some("10.0.0.0/8".to_owned()),
            cidr_ipv6: None,
            prefix_list_id: None,
            peer_group_id: None,
            peer_group_owner_id: None,
            description: None,
        };
        let replies = [
            json!({ "SecurityGroupRules": [{ "SecurityGroupRuleId": "sgr-1", "GroupId": "sg-1", "IsEgress": true,
            "IpProtocol": "tcp", "FromPort": 1, "ToPort": 443, "CidrIpv4": "10.0.0.0/8" }] }),
        ];
        let port = |me: &Identity| match asked.read(me, &replies, |rule| rule.from_port) {
            Seen::Live(live) => live.properties,
            _ => None,
        };
        assert_eq!(port(&me(Some("sgr-1"))), Some(1));
        assert_eq!(port(&me(None)), None);
    }
}
