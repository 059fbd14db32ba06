//! VPC endpoints.

use platform_graph::{Graph, Handle};
use platform_kinds::network::{DnsOptions, VpcEndpoint};
use serde_json::{Value, json};

use super::layout::Layout;
use super::spec::{GatewayService, InterfaceEndpoint, Ipv6Mode};
use super::{address, subnets, vpc};

/// Services whose interface endpoints have another prefix in the Chinese regions, as `DescribeVpcEndpointServices` lists them
/// there. A service that is missing here can be named in full with `service_name`.
const CHINESE_SERVICES: [&str; 36] = [
    "application-autoscaling",
    "athena",
    "autoscaling",
    "backup",
    "batch",
    "cassandra",
    "cloudcontrolapi",
    "cloudformation",
    "dms",
    "ebs",
    "ec2",
    "ecr.api",
    "ecr.dkr",
    "eks",
    "elasticache",
    "elasticbeanstalk",
    "elasticfilesystem",
    "emr-containers",
    "execute-api",
    "fsx",
    "imagebuilder",
    "kinesis-streams",
    "lambda",
    "license-manager",
    "monitoring",
    "rds",
    "redshift",
    "redshift-data",
    "s3",
    "sagemaker.api",
    "sagemaker.runtime",
    "sqs",
    "states",
    "sts",
    "transfer",
    "xray",
];

impl GatewayService {
    pub(super) fn name(self) -> &'static str {
        match self {
            GatewayService::S3 => "s3",
            GatewayService::Dynamodb => "dynamodb",
        }
    }
}

/// Address of an interface endpoint; those of services that have gateway endpoints too are told apart.
pub(super) fn interface_address(service: &str) -> String {
    if matches!(service, "s3" | "dynamodb") {
        format!("{}-interface", address::endpoint(service))
    } else {
        address::endpoint(service)
    }
}

/// Full name of the service of an interface endpoint.
pub(super) fn service_name(layout: &Layout<'_>, service: &str, spec: &InterfaceEndpoint) -> String {
    if let Some(name) = &spec.service_name {
        return name.clone();
    }
    let region = spec
        .service_region
        .as_deref()
        .unwrap_or(&layout.setting.owner.region);
    let chinese = layout.setting.partition == "aws-cn" && CHINESE_SERVICES.contains(&service);
    let prefix = if chinese { "cn." } else { "" };
    format!("{prefix}com.amazonaws.{region}.{service}")
}

/// A policy as AWS wants it; one that is not known yet stays a text.
fn policy(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))
}

/// The policy that AWS puts on an endpoint by itself. A gateway endpoint asks for it, so that one that somebody else puts in its
/// place shows in every plan; some services of interface endpoints refuse a policy, even this one.
/// <https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html>
fn full_access() -> Value {
    json!({
        "Version": "2008-10-17",
        "Statement": [{ "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*" }],
    })
}

pub(super) fn add(layout: &Layout<'_>, graph: &mut Graph) {
    let spec = &layout.spec.endpoints;
    let mut tables: Vec<String> = layout
        .tiers
        .iter()
        .flat_map(|(name, tier)| {
            tier.subnets
                .keys()
                .map(|zone| subnets::table_of(name, tier, zone))
        })
        .collect();
    tables.sort();
    tables.dedup();
    for service in &spec.gateway {
        let name = service.name();
        graph.add(
            address::endpoint(name),
            format!("lets every subnet reach {name} without the internet"),
            VpcEndpoint {
                vpc_id: vpc::id(),
                service_name: format!("com.amazonaws.{}.{name}", layout.setting.owner.region),
                vpc_endpoint_type: Some("Gateway".to_owned()),
                route_table_ids: tables.iter().map(|table| Handle::to(table).id()).collect(),
                policy_document: Some(
                    spec.gateway_policies
                        .get(name)
                        .map_or_else(full_access, |text| policy(text)),
                ),
                ..VpcEndpoint::default()
            },
        );
    }
    for (service, endpoint) in &spec.interface {
        interface(layout, graph, service, endpoint);
    }
}

fn interface(layout: &Layout<'_>, graph: &mut Graph, service: &str, spec: &InterfaceEndpoint) {
    let Some(name) = spec.tier.as_deref().or(layout.endpoint_tier.as_deref()) else {
        return;
    };
    let Some(tier) = layout.tiers.get(name) else {
        return;
    };
    let with_gateway = matches!(service, "s3" | "dynamodb");
    let private_dns = spec
        .private_dns
        .unwrap_or(!with_gateway && spec.service_name.is_none());
    let groups: Vec<String> = if spec.security_groups.is_empty() {
        vec![address::ENDPOINTS_GROUP.to_owned()]
    } else {
        spec.security_groups.iter().cloned().collect()
    };
    let has_gateway = layout
        .spec
        .endpoints
        .gateway
        .iter()
        .any(|gateway| gateway.name() == service);
    let handle = graph.add(
        interface_address(service),
        format!("lets the VPC reach {service} without the internet"),
        VpcEndpoint {
            vpc_id: vpc::id(),
            service_name: service_name(layout, service, spec),
            service_region: spec.service_region.clone(),
            vpc_endpoint_type: Some("Interface".to_owned()),
            subnet_ids: tier
                .subnets
                .keys()
                .map(|zone| Handle::to(address::subnet(name, zone)).id())
                .collect(),
            security_group_ids: groups
                .iter()
                .map(|group| Handle::to(address::security_group(group)).id())
                .collect(),
            private_dns_enabled: Some(private_dns),
            policy_document: spec.policy.as_deref().map(policy),
            ip_address_type: (tier.ipv6 == Ipv6Mode::Only).then(|| "ipv6".to_owned()),
            // The VPC itself goes on using the gateway endpoint, which costs nothing.
            dns_options: (service == "s3" && private_dns && has_gateway).then(|| DnsOptions {
                dns_record_ip_type: None,
                private_dns_only_for_inbound_resolver_endpoint: Some(
                    "OnlyInboundResolver".to_owned(),
                ),
            }),
            ..VpcEndpoint::default()
        },
    );
    // AWS takes that DNS option only where the gateway endpoint is already there.
    if service == "s3" && has_gateway {
        graph.after(&handle, &Handle::to(address::endpoint(service)));
    }
}
