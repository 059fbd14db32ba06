//! What keeps a VPC, a subnet, a security group or the way to the internet from being deleted: load balancers, network interfaces
//! and security groups that Kubernetes controllers made, network interfaces of AWS services, and what people put there.
//!
//! # Flow
//! First what is in the place; then the tags of load balancers and target groups and the rules of groups that may go; last, when
//! tags name clusters, which clusters of the region still exist. Every round is derived from the replies before it.
//!
//! # Guarantees
//! Only two sorts of things come with calls that remove them:
//! - what carries this owner's tag, when the whole VPC goes (the remains of a run whose state was lost);
//! - what only clusters that are gone lay claim to, by the tags that Kubernetes controllers and EKS write. A cluster is gone when EKS lists
//!   the region's clusters without it and no instance of the VPC carries its tag: a cluster that EKS does not know (kOps, Cluster API)
//!   has instances as long as it works.
//!
//! Nothing is detached from an instance, no instance is terminated, and what AWS made for a service goes with that service only. Whatever
//! could not be asked counts as not known, and what is not known is not removed.
//!
//! # Assumptions
//! Replies to merged calls show what is in other places too; what counts is where a thing says it is.
//!
//! Volumes are in no VPC. Those that nobody uses and that only clusters which are gone lay claim to are told with the VPC whose
//! things or subnets name the cluster; they hold data.
//!
//! See <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/requester-managed-eni.html>,
//! <https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html>,
//! <https://docs.aws.amazon.com/vpc/latest/userguide/delete-vpc.html>.

mod answers;
mod clusters;
mod others;
mod sight;

use platform_graph::{Blocker, Call, Identity, OWNER_TAG};
use serde_json::Value;

use crate::ec2;
use answers::{Answers, LoadBalancer, instances, security_groups, target_groups};
use clusters::{CLUSTER_KEY, Clusters, clusters_of, named_clusters};
use others::OTHERS;
use sight::Sight;

/// Elastic Load Balancing tells the tags of at most so many at once.
const TAGS_AT_ONCE: usize = 20;

/// Where to look.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place<'a> {
    /// A VPC, with everything inside.
    Vpc(&'a str),
    /// A subnet of a VPC.
    Subnet { id: &'a str, vpc: &'a str },
    /// A security group of a VPC, and what refers to it.
    SecurityGroup { id: &'a str, vpc: &'a str },
    /// Everything in a VPC that has a public address: it keeps the internet gateway attached.
    Public { vpc: &'a str },
}

/// The next calls that show what is in the way there, given the replies so far.
pub(super) fn questions(place: Place<'_>, replies: &[Value]) -> Vec<Call> {
    let first = place.first();
    if replies.is_empty() {
        return first;
    }
    let second = second(place, &Answers::to(&first, replies));
    let before = [first, second.clone()].concat();
    if replies.len() < before.len() {
        return second;
    }
    let third = third(place, &Answers::to(&before, replies));
    if replies.len() < before.len() + third.len() {
        return third;
    }
    Vec::new()
}

/// What the replies show to be in the way there, in the order in which it is to be removed.
pub(super) fn blocking(place: Place<'_>, me: &Identity, replies: &[Value]) -> Vec<Blocker> {
    let mut asked = Vec::new();
    loop {
        let next = questions(place, &replies[..asked.len().min(replies.len())]);
        if next.is_empty() || asked.len() >= replies.len() {
            break;
        }
        asked.extend(next);
    }
    let answers = Answers::to(&asked, replies);
    let sight = Sight {
        place,
        owner: me.owner.to_string(),
        clusters: Clusters::read(place, &answers),
        instances: instances(place, &answers),
        answers: &answers,
    };
    [
        sight.load_balancers(),
        sight.target_groups(),
        sight.network_interfaces(),
        sight.security_groups(),
        sight.others(),
        sight.volumes(),
    ]
    .concat()
}

impl Place<'_> {
    fn vpc(&self) -> &str {
        match self {
            Place::Vpc(vpc)
            | Place::Subnet { vpc, .. }
            | Place::SecurityGroup { vpc, .. }
            | Place::Public { vpc } => vpc,
        }
    }

    fn first(&self) -> Vec<Call> {
        let groups = |filter: &str, id: &str| Call::describe("DescribeSecurityGroups", filter, id);
        let interfaces =
            |filter: &str, id: &str| Call::describe("DescribeNetworkInterfaces", filter, id);
        let mut calls = vec![
            Call::describe("DescribeInstances", "vpc-id", self.vpc()),
            Call::new("elb", "DescribeLoadBalancers"),
            Call::new("elbv2", "DescribeLoadBalancers"),
        ];
        match self {
            Place::Vpc(id) => {
                calls.push(interfaces("vpc-id", id));
                calls.push(groups("vpc-id", id));
                calls.push(Call::new("elbv2", "DescribeTargetGroups"));
                calls.extend(OTHERS.iter().map(|other| other.ask(id)));
            }
            Place::Subnet { id, .. } => calls.push(interfaces("subnet-id", id)),
            Place::SecurityGroup { id, .. } => {
                calls.push(interfaces("group-id", id));
                calls.push(groups("ip-permission.group-id", id));
                calls.push(groups("egress.ip-permission.group-id", id));
            }
            Place::Public { vpc } => calls.push(interfaces("vpc-id", vpc)),
        }
        calls
    }
}

/// The tags of load balancers and target groups, and the rules of security groups that may go.
fn second(place: Place<'_>, answers: &Answers<'_>) -> Vec<Call> {
    let mut calls = Vec::new();
    let balancers = LoadBalancer::all(place, answers);
    let of = |service: &str| -> Vec<String> {
        balancers
            .iter()
            .filter(|balancer| balancer.service == service)
            .map(|balancer| balancer.id.clone())
            .collect()
    };
    let groups = target_groups(place, answers).into_iter().map(|(id, _)| id);
    let arns: Vec<String> = of("elbv2").into_iter().chain(groups).collect();
    for (service, member, all) in [
        ("elb", "LoadBalancerNames", of("elb")),
        ("elbv2", "ResourceArns", arns),
    ] {
        let some = all.chunks(TAGS_AT_ONCE);
        calls.extend(some.map(|ids| Call::new(service, "DescribeTags").with(member, ids)));
    }
    for (id, group) in security_groups(place, answers) {
        let tags = ec2::tags(group);
        if tags.contains_key(OWNER_TAG) || !clusters_of(&tags).is_empty() {
            calls.push(Call::describe(
                "DescribeSecurityGroupRules",
                "group-id",
                &id,
            ));
        }
    }
    calls
}

/// Which clusters exist, when anything there names one, and which volumes they left.
fn third(place: Place<'_>, answers: &Answers<'_>) -> Vec<Call> {
    let named = named_clusters(place, answers);
    if named.is_empty() {
        return Vec::new();
    }
    let volumes = matches!(place, Place::Vpc(_)).then(|| {
        let keys: Vec<String> = named
            .iter()
            .map(|name| format!("{CLUSTER_KEY}{name}"))
            .collect();
        Call::new("ec2", "DescribeVolumes").with(
            "Filters",
            serde_json::json!([{ "Name": "tag-key", "Values": keys }]),
        )
    });
    [Some(Call::new("eks", "ListClusters")), volumes]
        .into_iter()
        .flatten()
        .collect()
}
