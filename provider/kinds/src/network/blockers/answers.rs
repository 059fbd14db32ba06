//! What AWS answered, and what of it is in the place.

use std::collections::BTreeMap;

use platform_graph::{Call, Tags};
use serde_json::Value;

use super::Place;
use crate::ec2;
use crate::reply::{self, items, text, texts};

/// Replies, each with what was asked.
pub(super) struct Answers<'a>(Vec<(Call, &'a Value)>);

impl<'a> Answers<'a> {
    pub fn to(asked: &[Call], replies: &'a [Value]) -> Self {
        Answers(asked.iter().cloned().zip(replies).collect())
    }

    fn replies(&self, service: &str, action: &str) -> impl Iterator<Item = &'a Value> {
        self.0
            .iter()
            .filter(move |(call, _)| call.service == service && call.action == action)
            .map(|(_, reply)| *reply)
    }

    pub fn reply(&self, service: &str, action: &str) -> Option<&'a Value> {
        self.replies(service, action).next()
    }

    /// The elements of a list in all replies to an operation.
    pub fn of(&self, service: &str, action: &str, list: &str) -> impl Iterator<Item = &'a Value> {
        self.replies(service, action)
            .flat_map(move |reply| items(reply, list))
    }
}

impl Place<'_> {
    /// Whether a network interface is there.
    fn holds_interface(&self, interface: &Value) -> bool {
        match self {
            Place::Vpc(id) => ec2::is(interface, "VpcId", id),
            Place::Subnet { id, .. } => ec2::is(interface, "SubnetId", id),
            Place::SecurityGroup { id, .. } => items(interface, "Groups")
                .iter()
                .any(|group| ec2::is(group, "GroupId", id)),
            Place::Public { vpc } => {
                ec2::is(interface, "VpcId", vpc) && interface["Association"].is_object()
            }
        }
    }

    /// Whether a security group is inside, or has a rule that refers to the one that is to go.
    fn holds_group(&self, group: &Value) -> bool {
        match self {
            Place::Vpc(id) => {
                ec2::is(group, "VpcId", id) && !ec2::is(group, "GroupName", "default")
            }
            Place::SecurityGroup { id, .. } => {
                !ec2::is(group, "GroupId", id)
                    && ["IpPermissions", "IpPermissionsEgress"]
                        .iter()
                        .flat_map(|list| items(group, list))
                        .flat_map(|rule| items(rule, "UserIdGroupPairs"))
                        .any(|pair| ec2::is(pair, "GroupId", id))
            }
            Place::Subnet { .. } | Place::Public { .. } => false,
        }
    }
}

/// A load balancer, whichever of the two services knows it.
pub(super) struct LoadBalancer<'a> {
    pub service: &'static str,
    /// ARN, or the name of a classic one.
    pub id: String,
    pub name: String,
    pub item: &'a Value,
}

impl<'a> LoadBalancer<'a> {
    pub fn all(place: Place<'_>, answers: &Answers<'a>) -> Vec<Self> {
        let known = [
            (
                "elb",
                "LoadBalancerDescriptions",
                "LoadBalancerName",
                "VPCId",
            ),
            ("elbv2", "LoadBalancers", "LoadBalancerArn", "VpcId"),
        ];
        let mut found = Vec::new();
        for (service, list, id, vpc) in known {
            for item in answers.of(service, "DescribeLoadBalancers", list) {
                if let (Some(id), Some(name)) = (text(item, id), text(item, "LoadBalancerName"))
                    && ec2::is(item, vpc, place.vpc())
                {
                    found.push(LoadBalancer {
                        service,
                        id,
                        name,
                        item,
                    });
                }
            }
        }
        found.retain(|balancer| balancer.is_in(place));
        found
    }

    fn is_in(&self, place: Place<'_>) -> bool {
        let lists = |list: &str, id: &str| texts(self.item, list).iter().any(|one| one == id);
        match place {
            Place::Vpc(_) => true,
            Place::Subnet { id, .. } => {
                lists("Subnets", id)
                    || items(self.item, "AvailabilityZones")
                        .iter()
                        .any(|zone| ec2::is(zone, "SubnetId", id))
            }
            Place::SecurityGroup { id, .. } => lists("SecurityGroups", id),
            Place::Public { .. } => ec2::is(self.item, "Scheme", "internet-facing"),
        }
    }
}

pub(super) fn target_groups<'a>(
    place: Place<'_>,
    answers: &Answers<'a>,
) -> Vec<(String, &'a Value)> {
    answers
        .of("elbv2", "DescribeTargetGroups", "TargetGroups")
        .filter(|group| ec2::is(group, "VpcId", place.vpc()))
        .filter_map(|group| Some((text(group, "TargetGroupArn")?, group)))
        .collect()
}

pub(super) fn security_groups<'a>(
    place: Place<'_>,
    answers: &Answers<'a>,
) -> BTreeMap<String, &'a Value> {
    answers
        .of("ec2", "DescribeSecurityGroups", "SecurityGroups")
        .filter(|group| place.holds_group(group))
        .filter_map(|group| Some((text(group, "GroupId")?, group)))
        .collect()
}

pub(super) fn network_interfaces<'a>(
    place: Place<'_>,
    answers: &Answers<'a>,
) -> Vec<(String, &'a Value, Tags)> {
    answers
        .of("ec2", "DescribeNetworkInterfaces", "NetworkInterfaces")
        .filter(|interface| place.holds_interface(interface))
        .filter_map(|interface| {
            let tags = reply::tags(items(interface, "TagSet"), "Key", "Value");
            Some((text(interface, "NetworkInterfaceId")?, interface, tags))
        })
        .collect()
}

/// The instances of the VPC with their state, by id; `None` when EC2 did not tell.
pub(super) fn instances<'a>(
    place: Place<'_>,
    answers: &Answers<'a>,
) -> Option<BTreeMap<String, &'a Value>> {
    let reply = answers.reply("ec2", "DescribeInstances")?;
    reply.get("Reservations")?;
    Some(
        items(reply, "Reservations")
            .iter()
            .flat_map(|reservation| items(reservation, "Instances"))
            .filter(|instance| ec2::is(instance, "VpcId", place.vpc()))
            .filter_map(|instance| Some((text(instance, "InstanceId")?, instance)))
            .collect(),
    )
}

pub(super) fn is_over(instance: &Value) -> bool {
    ["shutting-down", "terminated"]
        .iter()
        .any(|state| ec2::is(&instance["State"], "Name", state))
}

/// Tags of load balancers and target groups, by ARN or, of classic ones, name.
pub(super) fn load_balancing_tags(answers: &Answers<'_>) -> BTreeMap<String, Tags> {
    [("elb", "LoadBalancerName"), ("elbv2", "ResourceArn")]
        .into_iter()
        .flat_map(|(service, id)| {
            answers
                .of(service, "DescribeTags", "TagDescriptions")
                .filter_map(move |item| Some((text(item, id)?, ec2::tags(item))))
        })
        .collect()
}
