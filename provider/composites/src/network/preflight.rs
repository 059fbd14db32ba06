//! What AWS would refuse, found before anything is created.
//!
//! # Caveats
//! An answer that is missing, because a permission is, leaves its question out: AWS then says so itself, later.

use ipnet::Ipv4Net;
use platform_graph::{Call, OWNER_TAG, Problems};
use serde_json::Value;

use crate::{Expansion, Question, Setting};

use super::address;
use super::blocks::overlap;
use super::layout::Layout;
use super::spec::{NatMode, Network};

const VPCS: &str = "vpcs";
const ADDRESSES: &str = "addresses";
const ADDRESS_QUOTA: &str = "address-quota";
const SERVICES: &str = "endpoint-services";
/// Code of the quota "EC2-VPC Elastic IPs".
const ADDRESS_QUOTA_CODE: &str = "L-0263D0A3";

pub(super) fn questions(spec: &Network) -> Vec<Question> {
    let ask = |key: &'static str, call| Question {
        key: key.into(),
        call,
        required: false,
    };
    let mut questions = vec![ask(VPCS, Call::new("ec2", "DescribeVpcs"))];
    if spec.nat_mode() != NatMode::None {
        questions.push(ask(ADDRESSES, Call::new("ec2", "DescribeAddresses")));
        let quota = Call::new("service-quotas", "GetServiceQuota")
            .with("ServiceCode", "ec2")
            .with("QuotaCode", ADDRESS_QUOTA_CODE);
        questions.push(ask(ADDRESS_QUOTA, quota));
    }
    if !spec.endpoints.interface.is_empty() {
        let call = Call::new("ec2", "DescribeVpcEndpointServices");
        questions.push(ask(SERVICES, call));
    }
    questions
}

fn list<'a>(setting: &'a Setting, key: &str, name: &str) -> Option<&'a Vec<Value>> {
    setting.answers.get(key)?.get(name)?.as_array()
}

fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name)?.as_str()
}

pub(super) fn preflight(
    spec: &Network,
    setting: &Setting,
    expansion: &Expansion,
    creates: &dyn Fn(&str) -> bool,
    problems: &mut Problems,
) {
    overlaps(spec, setting, expansion, creates, problems);
    address_quota(setting, expansion, creates, problems);
    let mut ledger = expansion.ledger.clone();
    let mut known = Problems::new();
    if let Some(layout) = Layout::new(spec, setting, &mut ledger, &mut known) {
        endpoint_zones(&layout, creates, problems);
    }
}

/// Other VPCs with the same addresses: allowed by AWS, and in the way of every peering and transit gateway.
fn overlaps(
    spec: &Network,
    setting: &Setting,
    expansion: &Expansion,
    creates: &dyn Fn(&str) -> bool,
    problems: &mut Problems,
) {
    let Some(vpcs) = list(setting, VPCS, "Vpcs") else {
        return;
    };
    let owner = setting.owner.to_string();
    let primary = expansion
        .ledger
        .0
        .get("vpc")
        .map(|cidr| (vec!["cidr"], address::VPC.to_owned(), cidr));
    let secondary = spec.secondary_cidrs.iter().map(|cidr| {
        (
            vec!["secondary_cidrs"],
            address::secondary_block(cidr),
            cidr,
        )
    });
    for (path, part, cidr) in primary.into_iter().chain(secondary) {
        let Some(block) = cidr.parse::<Ipv4Net>().ok().filter(|_| creates(&part)) else {
            continue;
        };
        let mut others = Vec::new();
        for vpc in vpcs {
            let own = vpc
                .get("Tags")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .any(|tag| {
                    text(tag, "Key") == Some(OWNER_TAG)
                        && text(tag, "Value") == Some(owner.as_str())
                });
            if own {
                continue;
            }
            let associated = vpc
                .get("CidrBlockAssociationSet")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(|association| text(association, "CidrBlock"));
            let mut same: Vec<&str> = text(vpc, "CidrBlock")
                .into_iter()
                .chain(associated)
                .filter(|other| other.parse().is_ok_and(|other| overlap(block, other)))
                .collect();
            same.dedup();
            if !same.is_empty() {
                let id = text(vpc, "VpcId").unwrap_or("a VPC");
                others.push(format!("{id} ({})", same.join(", ")));
            }
        }
        if !others.is_empty() {
            problems.warning(
                path,
                format!("{block} overlaps with other VPCs of this account and region"),
                format!(
                    "These have some of the same addresses: {}. AWS allows that, but networks with the same addresses can't be \
                     connected by peering or a transit gateway.",
                    others.join(", ")
                ),
            );
        }
    }
}

fn address_quota(
    setting: &Setting,
    expansion: &Expansion,
    creates: &dyn Fn(&str) -> bool,
    problems: &mut Problems,
) {
    let new = expansion
        .graph
        .parts
        .keys()
        .filter(|part| part.starts_with("eip/") && creates(part))
        .count();
    let quota = setting
        .answers
        .get(ADDRESS_QUOTA)
        .and_then(|reply| reply.pointer("/Quota/Value"))
        .and_then(Value::as_f64);
    let (Some(quota), Some(used)) = (quota, list(setting, ADDRESSES, "Addresses")) else {
        return;
    };
    let used = used.len();
    if new > 0 && (used + new) as f64 > quota {
        problems.error(
            ["nat"],
            format!("{new} Elastic IPs are needed and the quota leaves {}", (quota - used as f64).max(0.0)),
            format!(
                "The account holds {used} of {quota} Elastic IPs in {}. Release some, raise the quota {ADDRESS_QUOTA_CODE} of EC2, bring \
                 your own with `nat.elastic_ips`, or choose `nat.mode = \"single\"`.",
                setting.owner.region
            ),
        );
    }
}

/// Interface endpoints in zones in which their service is not offered.
fn endpoint_zones(layout: &Layout<'_>, creates: &dyn Fn(&str) -> bool, problems: &mut Problems) {
    let Some(services) = list(layout.setting, SERVICES, "ServiceDetails") else {
        return;
    };
    for (service, endpoint) in &layout.spec.endpoints.interface {
        if endpoint.service_region.is_some()
            || !creates(&super::endpoints::interface_address(service))
        {
            continue;
        }
        let name = super::endpoints::service_name(layout, service, endpoint);
        let Some(zones) = services
            .iter()
            .find(|offered| text(offered, "ServiceName") == Some(name.as_str()))
            .and_then(|offered| offered.get("AvailabilityZones"))
            .and_then(Value::as_array)
            .filter(|zones| !zones.is_empty())
        else {
            continue;
        };
        let missing: Vec<String> = layout
            .zones
            .iter()
            .filter_map(|zone| Some((&zone.id, zone.name.as_ref()?)))
            .filter(|(_, name)| !zones.iter().any(|zone| zone == *name))
            .map(|(id, name)| format!("{id} ({name})"))
            .collect();
        if !missing.is_empty() {
            let offered: Vec<&str> = zones.iter().filter_map(Value::as_str).collect();
            problems.error(
                ["endpoints", "interface", service],
                format!("{service} has no endpoints in {}", missing.join(", ")),
                format!("AWS offers {name} in {} only. Leave that zone out of `zones.ids`, or leave the endpoint out.", offered.join(", ")),
            );
        }
    }
}
