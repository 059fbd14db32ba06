//! What is wrong with a search domain.

use platform_graph::Problems;

use super::super::check::Checks;
use super::super::spec::Search;
use crate::log_retention;
use crate::schema::is_unknown_text;

/// The longest name of a domain.
const LONGEST_NAME: usize = 28;

/// Finds what is wrong with it.
pub(in super::super) fn check(
    name: &str,
    spec: &Search,
    frame: &Checks<'_>,
    problems: &mut Problems,
) {
    let path = ["search", name];
    frame.networked(
        &path,
        spec.tier.as_deref(),
        spec.access_from.as_ref(),
        problems,
    );
    let at = |more: &[&str]| -> Vec<String> {
        path.iter()
            .chain(more)
            .map(|step| (*step).to_owned())
            .collect()
    };
    let physical = format!("{}-{name}", frame.spec.name);
    if !is_unknown_text(&frame.spec.name) && physical.len() > LONGEST_NAME {
        problems.error(
            at(&[]),
            format!("{physical:?} is too long for a domain"),
            format!(
                "Names of domains have at most {LONGEST_NAME} characters, and this one has {}: the name of the data tier, a hyphen and the name of the store. Shorten one of them.",
                physical.len()
            ),
        );
    }
    zones(name, spec, frame, problems);
    nodes(spec, &at, problems);
    if spec.logs.audit && spec.fine_grained_access.is_none() {
        problems.error(
            at(&["logs", "audit"]),
            "audit logs need fine-grained access control",
            "Set `fine_grained_access`, or leave `audit` out: without users there is nobody to log.",
        );
    }
    log_retention::check(
        at(&["logs", "retention_days"]),
        spec.logs.retention_days,
        None,
        problems,
    );
    let arn =
        |at: Vec<String>, text: &str, service: &str, example: &str, problems: &mut Problems| {
            let sound = text.starts_with("arn:") && text.contains(service);
            if !sound && !is_unknown_text(text) {
                problems.error(
                    at,
                    format!("{text:?} is not such an ARN"),
                    format!("It looks like {example}."),
                );
            }
        };
    if let Some(fine) = &spec.fine_grained_access {
        arn(
            at(&["fine_grained_access", "master_role_arn"]),
            &fine.master_role_arn,
            ":iam::",
            "arn:aws:iam::123456789012:role/search-admin",
            problems,
        );
    }
    for principal in &spec.allowed_principals {
        arn(
            at(&["allowed_principals"]),
            principal,
            ":iam::",
            "arn:aws:iam::123456789012:role/reader",
            problems,
        );
    }
    if let Some(endpoint) = &spec.custom_endpoint {
        arn(
            at(&["custom_endpoint", "certificate_arn"]),
            &endpoint.certificate_arn,
            ":acm:",
            "arn:aws:acm:eu-central-1:123456789012:certificate/0a1b2c3d-0000-4444-8888-0123456789ab",
            problems,
        );
    }
}

fn zones(name: &str, spec: &Search, frame: &Checks<'_>, problems: &mut Problems) {
    let tier = spec.tier.as_deref().unwrap_or(&frame.spec.tier);
    let network = frame.spec.network.as_ref();
    let Some(subnets) = network.and_then(|network| network.subnet_ids.get(tier)) else {
        return;
    };
    if subnets.len() < spec.zones as usize {
        problems.error(
            ["search", name, "zones"],
            format!(
                "{} zones are asked for, and tier {tier:?} of the network has {}",
                spec.zones,
                subnets.len()
            ),
            "Say `zones` as many as there are, or give the network more.",
        );
    }
}

/// <https://docs.aws.amazon.com/opensearch-service/latest/developerguide/managedomains-multiaz.html>
fn nodes(spec: &Search, at: &dyn Fn(&[&str]) -> Vec<String>, problems: &mut Problems) {
    let masters = &spec.dedicated_masters;
    if spec.standby == Some(true) && (spec.zones != 3 || !spec.has_masters() || spec.is_burstable())
    {
        problems.error(
            at(&["standby"]),
            "AWS has no standby for these nodes",
            "It needs three zones, dedicated masters, and data nodes that are not of t2 or t3.",
        );
    }
    if !spec.has_masters() && (masters.count.is_some() || masters.instance_type.is_some()) {
        problems.error(
            at(&["dedicated_masters"]),
            "there are no dedicated masters to describe",
            "Set `enabled = true`, or leave the rest out.",
        );
    }
    if masters.count == Some(4) {
        problems.error(
            at(&["dedicated_masters", "count"]),
            "four masters can't decide more than three",
            "Say 3 or 5.",
        );
    }
    if let Some(warm) = &spec.warm {
        if !spec.has_masters() || spec.is_burstable() {
            problems.error(
                at(&["warm"]),
                "UltraWarm needs dedicated masters, and data nodes that are not of t2 or t3",
                "Set `dedicated_masters.enabled = true` and another `instance_type`, or leave `warm` out.",
            );
        }
        if spec.stands_by() && !warm.count.is_multiple_of(3) {
            problems.error(
                at(&["warm", "count"]),
                "with standby there are as many UltraWarm nodes in each of three zones",
                "Say a multiple of three.",
            );
        }
    } else if spec.cold_storage {
        problems.error(
            at(&["cold_storage"]),
            "cold storage needs UltraWarm",
            "Set `warm` too: indices come back through its nodes.",
        );
    }
    if spec.auto_tune == Some(true) && spec.is_burstable() {
        problems.error(
            at(&["auto_tune"]),
            "AWS does not tune nodes of t2 and t3",
            "Leave `auto_tune` out, or choose another `instance_type`.",
        );
    }
}
