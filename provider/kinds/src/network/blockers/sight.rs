//! What is known about a place as blockers, each with the calls that remove it where it may go.

use std::collections::{BTreeMap, BTreeSet};

use platform_graph::{Blocker, Call, OWNER_TAG, Tags};
use serde_json::Value;

use super::Place;
use super::answers::{
    Answers, LoadBalancer, is_over, load_balancing_tags, network_interfaces, security_groups,
    target_groups,
};
use super::clusters::{Clusters, clusters_of};
use super::others::OTHERS;
use crate::ec2;
use crate::reply::{self, items, text, texts};

/// How long a network interface outlives the function it was for: Lambda shares it between functions and takes its time.
const LAMBDA_LINGERS: u32 = 45 * 60;
/// The same for other services, which are quicker.
const SERVICE_LINGERS: u32 = 10 * 60;

/// Everything that is known about a place.
pub(super) struct Sight<'a> {
    pub place: Place<'a>,
    pub owner: String,
    pub clusters: Clusters,
    pub instances: Option<BTreeMap<String, &'a Value>>,
    pub answers: &'a Answers<'a>,
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
    pub fn volumes(&self) -> Vec<Blocker> {
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

    pub fn load_balancers(&self) -> Vec<Blocker> {
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
    pub fn target_groups(&self) -> Vec<Blocker> {
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

    pub fn network_interfaces(&self) -> Vec<Blocker> {
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

    pub fn security_groups(&self) -> Vec<Blocker> {
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

    pub fn others(&self) -> Vec<Blocker> {
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
