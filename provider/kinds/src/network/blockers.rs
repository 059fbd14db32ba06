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

use std::collections::{BTreeMap, BTreeSet};

use platform_graph::{Blocker, Call, Identity, OWNER_TAG, Tags};
use serde_json::Value;

use crate::ec2;
use crate::reply::{self, items, text, texts};

/// Elastic Load Balancing tells the tags of at most so many at once.
const TAGS_AT_ONCE: usize = 20;

/// How long a network interface outlives the function it was for: Lambda shares it between functions and takes its time.
const LAMBDA_LINGERS: u32 = 45 * 60;
/// The same for other services, which are quicker.
const SERVICE_LINGERS: u32 = 10 * 60;

/// Tags by which controllers and EKS name their cluster as the value.
const CLUSTER_TAGS: [&str; 5] = [
    "elbv2.k8s.aws/cluster",
    "ingress.k8s.aws/cluster",
    "cluster.k8s.amazonaws.com/name",
    "eks:cluster-name",
    "aws:eks:cluster-name",
];
/// Tag by which they name it in the key; the value is `owned` or `shared`.
const CLUSTER_KEY: &str = "kubernetes.io/cluster/";

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
struct LoadBalancer<'a> {
    service: &'static str,
    /// ARN, or the name of a classic one.
    id: String,
    name: String,
    item: &'a Value,
}

impl<'a> LoadBalancer<'a> {
    fn all(place: Place<'_>, answers: &Answers<'a>) -> Vec<Self> {
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

fn target_groups<'a>(place: Place<'_>, answers: &Answers<'a>) -> Vec<(String, &'a Value)> {
    answers
        .of("elbv2", "DescribeTargetGroups", "TargetGroups")
        .filter(|group| ec2::is(group, "VpcId", place.vpc()))
        .filter_map(|group| Some((text(group, "TargetGroupArn")?, group)))
        .collect()
}

fn security_groups<'a>(place: Place<'_>, answers: &Answers<'a>) -> BTreeMap<String, &'a Value> {
    answers
        .of("ec2", "DescribeSecurityGroups", "SecurityGroups")
        .filter(|group| place.holds_group(group))
        .filter_map(|group| Some((text(group, "GroupId")?, group)))
        .collect()
}

fn network_interfaces<'a>(
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
fn instances<'a>(place: Place<'_>, answers: &Answers<'a>) -> Option<BTreeMap<String, &'a Value>> {
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

fn is_over(instance: &Value) -> bool {
    ["shutting-down", "terminated"]
        .iter()
        .any(|state| ec2::is(&instance["State"], "Name", state))
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

/// The clusters that anything there, or a subnet of the VPC, names.
fn named_clusters(place: Place<'_>, answers: &Answers<'_>) -> BTreeSet<String> {
    let interfaces = network_interfaces(place, answers);
    let groups = security_groups(place, answers);
    let named = interfaces
        .into_iter()
        .map(|(_, _, tags)| tags)
        .chain(groups.values().map(|group| ec2::tags(group)))
        .chain(load_balancing_tags(answers).into_values())
        .flat_map(|tags| {
            let names = clusters_of(&tags).into_iter();
            names.map(str::to_owned).collect::<Vec<_>>()
        });
    // A subnet is lent to clusters, whatever the value of the tag.
    let lent = answers
        .of("ec2", "DescribeSubnets", "Subnets")
        .filter(|subnet| ec2::is(subnet, "VpcId", place.vpc()))
        .flat_map(|subnet| {
            let tags = ec2::tags(subnet).into_keys();
            tags.filter_map(|key| key.strip_prefix(CLUSTER_KEY).map(str::to_owned))
        });
    named.chain(lent).collect()
}

/// Tags of load balancers and target groups, by ARN or, of classic ones, name.
fn load_balancing_tags(answers: &Answers<'_>) -> BTreeMap<String, Tags> {
    [("elb", "LoadBalancerName"), ("elbv2", "ResourceArn")]
        .into_iter()
        .flat_map(|(service, id)| {
            answers
                .of(service, "DescribeTags", "TagDescriptions")
                .filter_map(move |item| Some((text(item, id)?, ec2::tags(item))))
        })
        .collect()
}

/// The clusters that lay claim to what carries these tags.
fn clusters_of(tags: &Tags) -> BTreeSet<&str> {
    let owned = tags.iter().filter_map(|(key, value)| {
        let name = key.strip_prefix(CLUSTER_KEY)?;
        (value == "owned").then_some(name)
    });
    let named = CLUSTER_TAGS
        .iter()
        .filter_map(|key| tags.get(*key))
        .map(String::as_str);
    owned.chain(named).filter(|name| !name.is_empty()).collect()
}

/// What is known of the clusters that tags may name.
struct Clusters {
    /// Those that EKS lists; `None` when it did not tell.
    listed: Option<BTreeSet<String>>,
    /// The clusters of the instances in the VPC; `None` when EC2 did not tell.
    running: Option<BTreeSet<String>>,
}

impl Clusters {
    fn read(place: Place<'_>, answers: &Answers<'_>) -> Self {
        let listed = answers
            .reply("eks", "ListClusters")
            .filter(|reply| reply.get("clusters").is_some())
            .map(|reply| texts(reply, "clusters").into_iter().collect());
        let running = instances(place, answers).map(|all| {
            all.values()
                .filter(|instance| !is_over(instance))
                .flat_map(|instance| {
                    let tags = ec2::tags(instance);
                    let keys = tags.keys().filter_map(|key| key.strip_prefix(CLUSTER_KEY));
                    let names = keys.chain(clusters_of(&tags)).map(str::to_owned);
                    names.collect::<Vec<_>>()
                })
                .collect()
        });
        Clusters { listed, running }
    }

    /// Whether a cluster is certainly no more.
    fn is_gone(&self, name: &str) -> bool {
        let lacks = |known: &Option<BTreeSet<String>>| {
            known.as_ref().is_some_and(|all| !all.contains(name))
        };
        lacks(&self.listed) && lacks(&self.running)
    }

    fn in_words(&self, name: &str) -> String {
        let has =
            |known: &Option<BTreeSet<String>>| known.as_ref().is_some_and(|all| all.contains(name));
        if self.is_gone(name) {
            format!("left by the cluster {name}, which is no more")
        } else if has(&self.listed) {
            format!("of the cluster {name}, which still exists: destroy it first")
        } else if has(&self.running) {
            format!("of the cluster {name}, whose instances are still in the VPC: destroy it first")
        } else {
            format!("of the cluster {name}, which may still exist")
        }
    }
}

/// Everything that is known about a place.
struct Sight<'a> {
    place: Place<'a>,
    owner: String,
    clusters: Clusters,
    instances: Option<BTreeMap<String, &'a Value>>,
    answers: &'a Answers<'a>,
}

impl Sight<'_> {
    /// Whether what carries these tags may be removed.
    fn may_go(&self, tags: &Tags) -> bool {
        // Elsewhere a part that is being made right now would look like one that nobody remembers.
        let remains = matches!(self.place, Place::Vpc(_))
            && tags
                .get(OWNER_TAG)
                .is_some_and(|owner| *owner == self.owner);
        let clusters = clusters_of(tags);
        remains || (!clusters.is_empty() && clusters.iter().all(|name| self.clusters.is_gone(name)))
    }

    fn blocker(&self, id: String, mut what: String, tags: Tags, remove: Vec<Call>) -> Blocker {
        for name in clusters_of(&tags) {
            what = format!("{what}, {}", self.clusters.in_words(name));
        }
        let remove = if self.may_go(&tags) {
            remove
        } else {
            Vec::new()
        };
        Blocker {
            id,
            what,
            tags,
            remove,
            lingers_seconds: 0,
            holds_data: false,
        }
    }

    /// The volumes that nobody uses and that only clusters which are gone lay claim to.
    fn volumes(&self) -> Vec<Blocker> {
        self.answers
            .of("ec2", "DescribeVolumes", "Volumes")
            .filter(|volume| ec2::is(volume, "State", "available"))
            .filter_map(|volume| {
                let id = text(volume, "VolumeId")?;
                let tags = ec2::tags(volume);
                let size = reply::number(volume, "Size").unwrap_or_default();
                let claim = tags
                    .get("kubernetes.io/created-for/pvc/name")
                    .map(|name| format!(" for the claim {name}"))
                    .unwrap_or_default();
                let what = format!("volume of {size} GiB{claim}");
                let remove = Call::new("ec2", "DeleteVolume").with("VolumeId", &id);
                Some(Blocker {
                    holds_data: true,
                    ..self.blocker(id, what, tags, vec![remove])
                })
            })
            .filter(|volume| !clusters_of(&volume.tags).is_empty() && !volume.remove.is_empty())
            .collect()
    }

    fn load_balancers(&self) -> Vec<Blocker> {
        let mut tags = load_balancing_tags(self.answers);
        LoadBalancer::all(self.place, self.answers)
            .into_iter()
            .map(|balancer| {
                let member = if balancer.service == "elb" {
                    "LoadBalancerName"
                } else {
                    "LoadBalancerArn"
                };
                let remove =
                    Call::new(balancer.service, "DeleteLoadBalancer").with(member, &balancer.id);
                let tags = tags.remove(&balancer.id).unwrap_or_default();
                let what = format!("load balancer {}", balancer.name);
                self.blocker(balancer.id, what, tags, vec![remove])
            })
            .collect()
    }

    /// A target group keeps nothing from going: only those that may go are told.
    fn target_groups(&self) -> Vec<Blocker> {
        let mut tags = load_balancing_tags(self.answers);
        target_groups(self.place, self.answers)
            .into_iter()
            .map(|(id, group)| {
                let remove = Call::new("elbv2", "DeleteTargetGroup").with("TargetGroupArn", &id);
                let tags = tags.remove(&id).unwrap_or_default();
                let name = text(group, "TargetGroupName").unwrap_or_default();
                self.blocker(id, format!("target group {name}"), tags, vec![remove])
            })
            .filter(|blocker| !blocker.remove.is_empty())
            .collect()
    }

    fn network_interfaces(&self) -> Vec<Blocker> {
        network_interfaces(self.place, self.answers)
            .into_iter()
            .map(|(id, interface, tags)| {
                let (what, lingers_seconds) = self.purpose(interface);
                let what = format!("network interface{what}");
                let remove = self.removal(&id, interface);
                Blocker {
                    lingers_seconds,
                    ..self.blocker(id, what, tags, remove)
                }
            })
            .collect()
    }

    /// What a network interface is for, and how long AWS takes to let it go.
    fn purpose(&self, interface: &Value) -> (String, u32) {
        let id = text(interface, "NetworkInterfaceId").unwrap_or_default();
        if let Some(gateway) = self.carriers().remove(&id) {
            return (format!(" of {gateway}"), SERVICE_LINGERS);
        }
        let description = text(interface, "Description").unwrap_or_default();
        if let Some(instance) = text(&interface["Attachment"], "InstanceId") {
            let seen = self.instances.as_ref().and_then(|all| all.get(&instance));
            let state = seen
                .and_then(|seen| text(&seen["State"], "Name"))
                .map(|state| format!(", which is {state}"))
                .unwrap_or_default();
            let lingers = match seen {
                Some(seen) if is_over(seen) => SERVICE_LINGERS,
                _ => 0,
            };
            return (format!(" of the instance {instance}{state}"), lingers);
        }
        let after = |start: &str| description.strip_prefix(start);
        if let Some(rest) = after("ELB ") {
            let name = rest.split('/').nth(1).unwrap_or(rest);
            return (format!(" of the load balancer {name}"), SERVICE_LINGERS);
        }
        if let Some(rest) = after("AWS Lambda VPC ENI-") {
            // The function's name and a UUID, which has 36 characters.
            let name = rest
                .len()
                .checked_sub(37)
                .and_then(|end| rest.get(..end))
                .filter(|name| !name.is_empty())
                .unwrap_or(rest);
            return (format!(" of the Lambda function {name}"), LAMBDA_LINGERS);
        }
        if ec2::is(interface, "InterfaceType", "lambda") {
            return (" of a Lambda function".to_owned(), LAMBDA_LINGERS);
        }
        for (start, of) in [
            ("Interface for NAT Gateway ", ""),
            ("VPC Endpoint Interface ", ""),
            ("Network Interface for Transit Gateway Attachment ", ""),
            ("EFS mount target for ", "the mount target of "),
            ("Amazon EKS ", "the EKS cluster "),
            (
                "AWS created network interface for directory ",
                "the directory ",
            ),
        ] {
            if let Some(name) = after(start) {
                return (format!(" of {of}{name}"), SERVICE_LINGERS);
            }
        }
        let quoted = match description.as_str() {
            "" => String::new(),
            text => format!(" \"{text}\""),
        };
        if ec2::flag(interface, "RequesterManaged") == Some(true) {
            let service = text(interface, "RequesterId")
                .filter(|id| !id.is_empty())
                .unwrap_or_else(|| "an AWS service".to_owned());
            return (format!("{quoted} of {service}"), SERVICE_LINGERS);
        }
        (quoted, 0)
    }

    /// The NAT gateways and endpoints of the VPC, by the network interfaces that they stand on.
    fn carriers(&self) -> BTreeMap<String, String> {
        let gateways = self
            .answers
            .of("ec2", "DescribeNatGateways", "NatGateways")
            .flat_map(|gateway| {
                items(gateway, "NatGatewayAddresses")
                    .iter()
                    .filter_map(|address| text(address, "NetworkInterfaceId"))
                    .zip(std::iter::repeat(text(gateway, "NatGatewayId")))
            });
        let endpoints = self
            .answers
            .of("ec2", "DescribeVpcEndpoints", "VpcEndpoints")
            .flat_map(|endpoint| {
                texts(endpoint, "NetworkInterfaceIds")
                    .into_iter()
                    .zip(std::iter::repeat(text(endpoint, "VpcEndpointId")))
            });
        gateways
            .chain(endpoints)
            .filter_map(|(interface, gateway)| Some((interface, gateway?)))
            .collect()
    }

    /// The calls that remove a network interface; none when it is an instance's or a service's.
    fn removal(&self, id: &str, interface: &Value) -> Vec<Call> {
        if ec2::flag(interface, "RequesterManaged") == Some(true) {
            return Vec::new();
        }
        let attachment = &interface["Attachment"];
        let delete = Call::new("ec2", "DeleteNetworkInterface").with("NetworkInterfaceId", id);
        if let Some(instance) = text(attachment, "InstanceId") {
            // An instance may have interfaces in several VPCs: one that is not seen in this one may well be alive.
            let seen = self.instances.as_ref().and_then(|all| all.get(&instance));
            let over = seen.is_some_and(|instance| is_over(instance));
            return if over { vec![delete] } else { Vec::new() };
        }
        let detach = text(attachment, "AttachmentId")
            .filter(|_| !ec2::is(attachment, "Status", "detached"))
            .map(|id| Call::new("ec2", "DetachNetworkInterface").with("AttachmentId", id));
        detach.into_iter().chain([delete]).collect()
    }

    fn security_groups(&self) -> Vec<Blocker> {
        security_groups(self.place, self.answers)
            .into_iter()
            .map(|(id, group)| {
                let name = text(group, "GroupName").unwrap_or_default();
                let refers = match self.place {
                    Place::SecurityGroup { .. } => ", whose rules refer to it",
                    _ => "",
                };
                let what = format!("security group {name}{refers}");
                // Groups that refer to each other keep each other: their rules go first.
                let mut remove: Vec<Call> = [
                    ("RevokeSecurityGroupIngress", false),
                    ("RevokeSecurityGroupEgress", true),
                ]
                .into_iter()
                .filter_map(|(action, egress)| {
                    let rules = self.rules_of(&id, egress);
                    (!rules.is_empty()).then(|| {
                        Call::new("ec2", action)
                            .with("GroupId", &id)
                            .with("SecurityGroupRuleIds", rules)
                    })
                })
                .collect();
                if name == "default" {
                    remove.clear();
                } else {
                    remove.push(Call::new("ec2", "DeleteSecurityGroup").with("GroupId", &id));
                }
                self.blocker(id, what, ec2::tags(group), remove)
            })
            .collect()
    }

    fn rules_of(&self, group: &str, egress: bool) -> BTreeSet<String> {
        self.answers
            .of("ec2", "DescribeSecurityGroupRules", "SecurityGroupRules")
            .filter(|rule| {
                ec2::is(rule, "GroupId", group) && ec2::flag(rule, "IsEgress") == Some(egress)
            })
            .filter_map(|rule| text(rule, "SecurityGroupRuleId"))
            .collect()
    }

    fn others(&self) -> Vec<Blocker> {
        let Place::Vpc(vpc) = self.place else {
            return Vec::new();
        };
        let mut found = BTreeSet::new();
        OTHERS
            .iter()
            .flat_map(|other| {
                self.answers
                    .of("ec2", other.action, other.list)
                    .filter(|item| (other.is_in_the_way)(item, vpc))
                    .filter_map(move |item| Some((other, text(item, other.id)?, item)))
            })
            .filter(|(_, id, _)| found.insert(id.clone()))
            .map(|(other, id, item)| {
                let mut remove: Vec<Call> = Vec::new();
                if other.what == "internet gateway" {
                    let detach = Call::new("ec2", "DetachInternetGateway");
                    remove.push(detach.with(other.id, &id).with("VpcId", vpc));
                }
                remove.extend(other.delete.map(|(action, member, listed)| {
                    let call = Call::new("ec2", action);
                    if listed {
                        call.with(member, [&id])
                    } else {
                        call.with(member, &id)
                    }
                }));
                self.blocker(id, other.what.to_owned(), ec2::tags(item), remove)
            })
            .collect()
    }
}

/// Something else that a VPC can't be deleted with.
struct Other {
    what: &'static str,
    action: &'static str,
    filter: &'static str,
    list: &'static str,
    id: &'static str,
    is_in_the_way: fn(&Value, &str) -> bool,
    /// Action, member for the id, and whether that is a list; for what this owner may have made.
    delete: Option<(&'static str, &'static str, bool)>,
}

impl Other {
    fn ask(&self, vpc: &str) -> Call {
        // The one operation whose filters are called otherwise.
        if self.action == "DescribeNatGateways" {
            let filter = serde_json::json!([{ "Name": self.filter, "Values": [vpc] }]);
            return Call::new("ec2", self.action)
                .with("Filter", filter)
                .merging("/Filter/0/Values");
        }
        Call::describe(self.action, self.filter, vpc)
    }
}

fn is_inside(item: &Value, vpc: &str) -> bool {
    ec2::is(item, "VpcId", vpc)
        && !["deleted", "deleting", "failed"].iter().any(|state| {
            ["State", "Status"]
                .iter()
                .any(|member| ec2::is(item, member, state))
        })
}

fn is_peered(item: &Value, vpc: &str) -> bool {
    let gone = ["deleted", "rejected", "expired", "failed"];
    let ended = gone
        .iter()
        .any(|state| ec2::is(&item["Status"], "Code", state));
    !ended
        && ["RequesterVpcInfo", "AccepterVpcInfo"]
            .iter()
            .any(|side| ec2::is(&item[*side], "VpcId", vpc))
}

const OTHERS: [Other; 10] = [
    Other {
        what: "NAT gateway",
        action: "DescribeNatGateways",
        filter: "vpc-id",
        list: "NatGateways",
        id: "NatGatewayId",
        is_in_the_way: is_inside,
        delete: Some(("DeleteNatGateway", "NatGatewayId", false)),
    },
    Other {
        what: "VPC endpoint",
        action: "DescribeVpcEndpoints",
        filter: "vpc-id",
        list: "VpcEndpoints",
        id: "VpcEndpointId",
        is_in_the_way: is_inside,
        delete: Some(("DeleteVpcEndpoints", "VpcEndpointIds", true)),
    },
    Other {
        what: "subnet",
        action: "DescribeSubnets",
        filter: "vpc-id",
        list: "Subnets",
        id: "SubnetId",
        is_in_the_way: is_inside,
        delete: Some(("DeleteSubnet", "SubnetId", false)),
    },
    Other {
        what: "route table",
        action: "DescribeRouteTables",
        filter: "vpc-id",
        list: "RouteTables",
        id: "RouteTableId",
        is_in_the_way: |table, vpc| {
            let main = items(table, "Associations")
                .iter()
                .any(|association| ec2::flag(association, "Main") == Some(true));
            is_inside(table, vpc) && !main
        },
        delete: Some(("DeleteRouteTable", "RouteTableId", false)),
    },
    Other {
        what: "network ACL",
        action: "DescribeNetworkAcls",
        filter: "vpc-id",
        list: "NetworkAcls",
        id: "NetworkAclId",
        is_in_the_way: |acl, vpc| is_inside(acl, vpc) && ec2::flag(acl, "IsDefault") != Some(true),
        delete: Some(("DeleteNetworkAcl", "NetworkAclId", false)),
    },
    Other {
        what: "internet gateway",
        action: "DescribeInternetGateways",
        filter: "attachment.vpc-id",
        list: "InternetGateways",
        id: "InternetGatewayId",
        is_in_the_way: |gateway, vpc| {
            items(gateway, "Attachments")
                .iter()
                .any(|attachment| ec2::is(attachment, "VpcId", vpc))
        },
        delete: Some(("DeleteInternetGateway", "InternetGatewayId", false)),
    },
    Other {
        what: "VPN gateway",
        action: "DescribeVpnGateways",
        filter: "attachment.vpc-id",
        list: "VpnGateways",
        id: "VpnGatewayId",
        is_in_the_way: |gateway, vpc| {
            items(gateway, "VpcAttachments").iter().any(|attachment| {
                ec2::is(attachment, "VpcId", vpc) && !ec2::is(attachment, "State", "detached")
            })
        },
        delete: None,
    },
    Other {
        what: "transit gateway attachment",
        action: "DescribeTransitGatewayVpcAttachments",
        filter: "vpc-id",
        list: "TransitGatewayVpcAttachments",
        id: "TransitGatewayAttachmentId",
        is_in_the_way: is_inside,
        delete: None,
    },
    Other {
        what: "peering connection",
        action: "DescribeVpcPeeringConnections",
        filter: "requester-vpc-info.vpc-id",
        list: "VpcPeeringConnections",
        id: "VpcPeeringConnectionId",
        is_in_the_way: is_peered,
        delete: None,
    },
    Other {
        what: "peering connection",
        action: "DescribeVpcPeeringConnections",
        filter: "accepter-vpc-info.vpc-id",
        list: "VpcPeeringConnections",
        id: "VpcPeeringConnectionId",
        is_in_the_way: is_peered,
        delete: None,
    },
];

/// Replies, each with what was asked.
struct Answers<'a>(Vec<(Call, &'a Value)>);

impl<'a> Answers<'a> {
    fn to(asked: &[Call], replies: &'a [Value]) -> Self {
        Answers(asked.iter().cloned().zip(replies).collect())
    }

    fn replies(&self, service: &str, action: &str) -> impl Iterator<Item = &'a Value> {
        self.0
            .iter()
            .filter(move |(call, _)| call.service == service && call.action == action)
            .map(|(_, reply)| *reply)
    }

    fn reply(&self, service: &str, action: &str) -> Option<&'a Value> {
        self.replies(service, action).next()
    }

    /// The elements of a list in all replies to an operation.
    fn of(&self, service: &str, action: &str, list: &str) -> impl Iterator<Item = &'a Value> {
        self.replies(service, action)
            .flat_map(move |reply| items(reply, list))
    }
}
