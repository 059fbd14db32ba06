//! Endpoints, flow logs, DNS, DHCP and names of clusters.

use std::net::IpAddr;

use platform_graph::Problems;

use crate::log_retention;
use crate::schema::is_unknown_text;

use super::super::spec::{DhcpOptions, Endpoints, FlowLogs, Network};
use super::{check_policy, names};

pub(super) fn check(spec: &Network, problems: &mut Problems) {
    check_endpoints(spec, &spec.endpoints, problems);
    check_flow_logs(&spec.flow_logs, problems);
    if spec.dns.hostnames && !spec.dns.support {
        problems.error(
            ["dns", "hostnames"],
            "public DNS names need the Amazon DNS server",
            "Set `hostnames = false` too, or leave `support` on.",
        );
    }
    if let Some(options) = &spec.dhcp_options {
        check_dhcp(options, problems);
    }
    for name in &spec.cluster_names {
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let starts = name
            .chars()
            .next()
            .is_some_and(|c| c.is_ascii_alphanumeric());
        if !is_unknown_text(name) && (!starts || name.len() > 100 || !name.chars().all(allowed)) {
            problems.error(
                ["cluster_names"],
                format!("{name:?} can't be the name of an EKS cluster"),
                "It has letters, digits, hyphens and underscores, starts with a letter or digit and is at most 100 characters long.",
            );
        }
    }
}

fn check_tier(spec: &Network, path: &[&str], tier: Option<&String>, problems: &mut Problems) {
    if let Some(tier) = tier
        && !is_unknown_text(tier)
        && !spec.tiers.contains_key(tier)
    {
        problems.error(
            path.iter().copied(),
            format!("there is no tier {tier:?}"),
            format!("Name one of this network; {}.", names(spec.tiers.keys())),
        );
    }
}

fn check_endpoints(spec: &Network, endpoints: &Endpoints, problems: &mut Problems) {
    check_tier(
        spec,
        &["endpoints", "tier"],
        endpoints.tier.as_ref(),
        problems,
    );
    for (service, policy) in &endpoints.gateway_policies {
        let path = ["endpoints", "gateway_policies", service];
        if endpoints
            .gateway
            .iter()
            .any(|known| known.name() == service)
        {
            check_policy(&path, policy, problems);
        } else {
            let known: Vec<String> = endpoints
                .gateway
                .iter()
                .map(|known| known.name().to_owned())
                .collect();
            problems.error(
                path,
                format!("there is no gateway endpoint {service:?}"),
                format!("Name one in `endpoints.gateway`; {}.", names(known.iter())),
            );
        }
    }
    for (service, endpoint) in &endpoints.interface {
        let path = ["endpoints", "interface", service.as_str()];
        let at = |name| path.into_iter().chain([name]);
        let allowed =
            |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
        if service.is_empty() || service.len() > 64 || !service.chars().all(allowed) {
            problems.error(
                path,
                format!("{service:?} can't be the name of a service"),
                "Write the last part of the service's name in lowercase, for example `sts` for `com.amazonaws.us-east-1.sts`, or any name \
                 like it beside a `service_name`.",
            );
        } else if service.starts_with("com.amazonaws.") {
            problems.error(
                path,
                format!("{service} is a full name"),
                "Write its last part, for example `sts`, and the full name into `service_name` where it is not an AWS service of this region.",
            );
        }
        check_tier(
            spec,
            &[path[0], path[1], path[2], "tier"],
            endpoint.tier.as_ref(),
            problems,
        );
        if let Some(policy) = &endpoint.policy {
            check_policy(&[path[0], path[1], path[2], "policy"], policy, problems);
        }
        for group in &endpoint.security_groups {
            if !is_unknown_text(group) && !spec.security_groups.contains_key(group) {
                problems.error(
                    at("security_groups"),
                    format!("there is no security group {group:?}"),
                    format!(
                        "Name one of this network; {}.",
                        names(spec.security_groups.keys())
                    ),
                );
            }
        }
        let wants_dns = endpoint.private_dns.unwrap_or(
            !matches!(service.as_str(), "s3" | "dynamodb") && endpoint.service_name.is_none(),
        );
        if wants_dns && !(spec.dns.support && spec.dns.hostnames) {
            problems.error(
                at("private_dns"),
                "private DNS needs DNS support and hostnames in the VPC",
                "Leave `dns.support` and `dns.hostnames` on, or set `private_dns = false`.",
            );
        }
    }
}

fn check_flow_logs(logs: &FlowLogs, problems: &mut Problems) {
    let destinations = [
        logs.cloudwatch.as_ref().map(|_| "cloudwatch"),
        logs.s3.as_ref().map(|_| "s3"),
        logs.firehose.as_ref().map(|_| "firehose"),
    ];
    let destinations: Vec<&str> = destinations.into_iter().flatten().collect();
    if destinations.len() > 1 {
        problems.error(
            ["flow_logs"],
            format!("the flow log has {} destinations", destinations.len()),
            format!("Keep one of {}.", destinations.join(", ")),
        );
    }
    if ![60, 600].contains(&logs.interval_seconds) {
        problems.error(
            ["flow_logs", "interval_seconds"],
            format!("{} seconds are not possible", logs.interval_seconds),
            "AWS puts records together over 60 or over 600 seconds.",
        );
    }
    if let Some(cloudwatch) = &logs.cloudwatch {
        if cloudwatch.retention_days != 0 {
            log_retention::check(
                ["flow_logs", "cloudwatch", "retention_days"],
                cloudwatch.retention_days,
                Some("0 is for ever"),
                problems,
            );
        }
        if cloudwatch.own_kms_key && cloudwatch.kms_key_arn.is_some() {
            problems.error(
                ["flow_logs", "cloudwatch", "own_kms_key"],
                "the key is chosen in two ways",
                "Keep either `kms_key_arn` or `own_kms_key`.",
            );
        }
    }
    if logs
        .format
        .as_deref()
        .is_some_and(|format| format.trim().is_empty())
    {
        problems.error(
            ["flow_logs", "format"],
            "the format is empty",
            "Name the fields of a record, or leave it out for AWS's default format.",
        );
    }
}

fn check_dhcp(options: &DhcpOptions, problems: &mut Problems) {
    for (name, servers, ipv4_only) in [
        ("domain_name_servers", &options.domain_name_servers, false),
        ("ntp_servers", &options.ntp_servers, false),
        ("netbios_name_servers", &options.netbios_name_servers, true),
    ] {
        for (index, server) in servers.iter().enumerate() {
            let amazon = name == "domain_name_servers" && server == "AmazonProvidedDNS";
            let fits = match server.parse::<IpAddr>() {
                Ok(IpAddr::V4(_)) => true,
                Ok(IpAddr::V6(_)) => !ipv4_only,
                Err(_) => amazon,
            };
            if !fits && !is_unknown_text(server) {
                problems.error(
                    ["dhcp_options", name, index.to_string().as_str()],
                    format!("{server:?} is not an address of a server"),
                    "Write an IP address, for example `10.0.0.2`.",
                );
            }
        }
    }
    if let Some(kind) = options.netbios_node_type
        && ![1, 2, 4, 8].contains(&kind)
    {
        problems.error(
            ["dhcp_options", "netbios_node_type"],
            format!("there is no NetBIOS node type {kind}"),
            "The types are 1, 2, 4 and 8; AWS recommends 2.",
        );
    }
}
