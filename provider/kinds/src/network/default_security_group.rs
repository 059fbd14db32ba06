//! `Custom::DefaultSecurityGroup`: the security group that EC2 makes with a VPC.
//!
//! It can't be deleted, and whatever is launched without a group of its own gets it. It is taken over and emptied: every rule found
//! in it is revoked, so that nothing comes to depend on it. CloudFormation has no type for it.
//!
//! See <https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html>.

use platform_graph::{Attributes, Call, Claim, Identity, Kind, Live, Seen, Tags};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::FoundRule;
use super::security_group::rules_of;
use crate::reply::text;
use crate::{census, ec2};

/// Properties of a default security group.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DefaultSecurityGroup {
    /// The VPC.
    pub vpc_id: String,
    /// Asked for as `[]`. Seen: the inbound rules.
    #[serde(default)]
    pub security_group_ingress: Vec<FoundRule>,
    /// Asked for as `[]`. Seen: the outbound rules.
    #[serde(default)]
    pub security_group_egress: Vec<FoundRule>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// The call that shows the default security group of a VPC.
pub(super) fn default_security_group_of(vpc_id: &str) -> Call {
    Call::new("ec2", "DescribeSecurityGroups")
        .with(
            "Filters",
            json!([
                { "Name": "vpc-id", "Values": [vpc_id] },
                { "Name": "group-name", "Values": ["default"] },
            ]),
        )
        .merging("/Filters/0/Values")
}

impl Kind for DefaultSecurityGroup {
    const TYPE: &'static str = "Custom::DefaultSecurityGroup";
    const CREATE_ONLY: &'static [&'static str] = &["VpcId"];
    const ATTRIBUTES: &'static [&'static str] = &["GroupId"];
    const TAGGED: bool = true;
    const TAKEN_OVER: bool = true;

    fn find(&self, _me: &Identity) -> Vec<Call> {
        vec![default_security_group_of(&self.vpc_id)]
    }

    fn details(&self, _me: &Identity, id: &str) -> Vec<Call> {
        vec![Call::describe("DescribeSecurityGroupRules", "group-id", id)]
    }

    fn read(&self, _me: &Identity, replies: &[Value]) -> Seen<Self> {
        let group = ec2::listed(replies, 0, "SecurityGroups")
            .iter()
            .filter(|group| {
                ec2::is(group, "VpcId", &self.vpc_id) && ec2::is(group, "GroupName", "default")
            })
            .find_map(|group| Some((text(group, "GroupId")?, group)));
        let Some((id, group)) = group else {
            return Seen::Absent;
        };
        let rules = |egress: bool| {
            rules_of(replies, 1, &id, egress)
                .map(FoundRule::read)
                .collect()
        };
        Seen::Live(Live {
            properties: DefaultSecurityGroup {
                vpc_id: self.vpc_id.clone(),
                security_group_ingress: rules(false),
                security_group_egress: rules(true),
                tags: ec2::tags(group),
            },
            attributes: ec2::attributes([("GroupId", Some(json!(id)))]),
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
        [
            (
                "RevokeSecurityGroupIngress",
                &live.properties.security_group_ingress,
            ),
            (
                "RevokeSecurityGroupEgress",
                &live.properties.security_group_egress,
            ),
        ]
        .into_iter()
        .filter_map(|(action, rules)| FoundRule::revoke(action, &live.id, rules))
        .collect()
    }

    fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
        ec2::retag(&live.id, set, remove)
    }

    /// Nothing: it goes with its VPC.
    fn delete(&self, _me: &Identity, _id: &str, _attributes: &Attributes) -> Vec<Call> {
        Vec::new()
    }

    fn census(replies: &[Value]) -> Vec<Call> {
        census::of_type(replies, "DescribeSecurityGroups")
    }

    fn counted(replies: &[Value]) -> Vec<Claim> {
        census::in_type(replies, "SecurityGroups", "GroupId", |group| {
            ec2::is(group, "GroupName", "default")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{story, tags};

    #[test]
    fn calls_and_replies() {
        let seen = |tags: Value, rules: Value| {
            vec![
                json!({ "SecurityGroups": [{ "GroupId": "sg-0", "GroupName": "default", "VpcId": "vpc-0" },
                    { "GroupId": "sg-2", "GroupName": "web", "VpcId": "vpc-1" },
                    { "GroupId": "sg-1", "GroupName": "default", "VpcId": "vpc-1", "Tags": tags }] }),
                json!({ "SecurityGroupRules": rules }),
            ]
        };
        let fresh = json!([
            { "SecurityGroupRuleId": "sgr-1", "GroupId": "sg-1", "IsEgress": false, "IpProtocol": "-1", "FromPort": -1, "ToPort": -1,
              "ReferencedGroupInfo": { "GroupId": "sg-1" } },
            { "SecurityGroupRuleId": "sgr-2", "GroupId": "sg-1", "IsEgress": true, "IpProtocol": "-1", "FromPort": -1, "ToPort": -1,
              "CidrIpv4": "0.0.0.0/0" },
            { "SecurityGroupRuleId": "sgr-3", "GroupId": "sg-0", "IsEgress": true, "IpProtocol": "-1", "CidrIpv4": "0.0.0.0/0" },
        ]);
        insta::assert_snapshot!(story::<DefaultSecurityGroup>(
            json!({ "VpcId": "vpc-1" }),
            "sg-1",
            &Value::Null,
            vec![
                ("as asked", seen(tags(), json!([]))),
                ("as EC2 makes it", seen(json!([]), fresh))
            ],
        ));
    }
}
