//! `AWS::EC2::VPCEndpoint`: a private way from a VPC to a service.
//!
//! A gateway endpoint is a route in route tables; an interface endpoint is a network interface in each subnet. Reads
//! `DescribeVpcEndpoints`; writes `CreateVpcEndpoint` and, in one call, `ModifyVpcEndpoint`.
//!
//! # Caveats
//! - AWS writes states and types in lower case and in camel case.
//! - AWS puts a policy that allows everything on an endpoint without one, and the default security group on an interface
//!   endpoint without groups; both show only when they are asked for.
//! - `PrivateDnsOnlyForInboundResolverEndpoint` is a word in CloudFormation and a boolean in EC2.

use platform_graph::{Attributes, Call, Claim, Identity, Kind, Live, Replacement, Seen, Tags};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{census, ec2, policy, reply};

const INBOUND_ONLY: &str = "OnlyInboundResolver";
const ALL_RESOLVERS: &str = "AllResolvers";

/// A VPC endpoint.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct VpcEndpoint {
    /// The VPC.
    pub vpc_id: String,
    /// Name of the service, `com.amazonaws.us-east-1.s3`.
    pub service_name: String,
    /// Region of the service, where it is not that of the VPC.
    pub service_region: Option<String>,
    /// `Gateway` (AWS's default) or `Interface`.
    pub vpc_endpoint_type: Option<String>,
    /// Route tables that get a route to a gateway endpoint.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub route_table_ids: Vec<String>,
    /// Subnets, one per zone, that get a network interface of an interface endpoint.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subnet_ids: Vec<String>,
    /// Security groups of the network interfaces.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub security_group_ids: Vec<String>,
    /// Whether the public name of the service resolves to the endpoint inside the VPC.
    pub private_dns_enabled: Option<bool>,
    /// What may be done through the endpoint; everything without.
    pub policy_document: Option<Value>,
    /// `ipv4`, `ipv6` or `dualstack`.
    pub ip_address_type: Option<String>,
    /// How names resolve.
    pub dns_options: Option<DnsOptions>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// How names resolve to an endpoint.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DnsOptions {
    /// `ipv4`, `ipv6`, `dualstack` or `service-defined`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dns_record_ip_type: Option<String>,
    /// `OnlyInboundResolver`: the name resolves to the interface endpoint for inbound resolvers only, so that the VPC itself
    /// uses the gateway endpoint; or `AllResolvers`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private_dns_only_for_inbound_resolver_endpoint: Option<String>,
}

impl DnsOptions {
    fn input(&self) -> Value {
        let inbound_only = self.private_dns_only_for_inbound_resolver_endpoint.as_ref();
        let mut input = serde_json::Map::new();
        if let Some(ip_type) = &self.dns_record_ip_type {
            input.insert("DnsRecordIpType".to_owned(), json!(ip_type));
        }
        if let Some(word) = inbound_only {
            input.insert(
                "PrivateDnsOnlyForInboundResolverEndpoint".to_owned(),
                json!(word == INBOUND_ONLY),
            );
        }
        Value::Object(input)
    }

    fn read(live: &Value) -> Self {
        let word = |only| if only { INBOUND_ONLY } else { ALL_RESOLVERS };
        DnsOptions {
            dns_record_ip_type: reply::text(live, "DnsRecordIpType"),
            private_dns_only_for_inbound_resolver_endpoint: live
                .get("PrivateDnsOnlyForInboundResolverEndpoint")
                .and_then(Value::as_bool)
                .map(|only| word(only).to_owned()),
        }
    }

    /// Whether these are the options of an endpoint that was made without any.
    fn are_default(&self, ip_type: Option<&str>) -> bool {
        let records = self.dns_record_ip_type.as_deref();
        self.private_dns_only_for_inbound_resolver_endpoint
            .as_deref()
            != Some(INBOUND_ONLY)
            && (records.is_none() || records == ip_type || records == Some("service-defined"))
    }

    /// What undoes these options.
    fn reset(&self, ip_type: &str) -> Self {
        let inbound_only = self.private_dns_only_for_inbound_resolver_endpoint.as_ref();
        DnsOptions {
            dns_record_ip_type: Some(ip_type.to_owned()),
            private_dns_only_for_inbound_resolver_endpoint: inbound_only
                .map(|_| ALL_RESOLVERS.to_owned()),
        }
    }
}

/// The policy that AWS puts on an endpoint without one.
fn default_policy() -> Value {
    json!({ "Version": "2008-10-17", "Statement": [{ "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*" }] })
}

/// Elements of `from` that are not in `but_not`; `None` when there are none.
fn without(from: &[String], but_not: &[String]) -> Option<Vec<String>> {
    let rest: Vec<String> = from
        .iter()
        .filter(|id| !but_not.contains(id))
        .cloned()
        .collect();
    (!rest.is_empty()).then_some(rest)
}

impl VpcEndpoint {
    fn seen(&self, id: String, endpoint: &Value) -> Live<Self> {
        // An endpoint that shows no policy lets everything pass.
        let policy = reply::text(endpoint, "PolicyDocument")
            .map_or_else(default_policy, |text| policy::parse(&text));
        let groups: Vec<String> = reply::items(endpoint, "Groups")
            .iter()
            .filter_map(|group| reply::text(group, "GroupId"))
            .collect();
        let kind = reply::text(endpoint, "VpcEndpointType");
        let is_gateway = kind
            .as_deref()
            .is_none_or(|kind| kind.eq_ignore_ascii_case("gateway"));
        let entries: Vec<String> = reply::items(endpoint, "DnsEntries")
            .iter()
            .filter_map(|entry| {
                let zone = reply::text(entry, "HostedZoneId").unwrap_or_default();
                Some(format!("{zone}:{}", reply::text(entry, "DnsName")?))
            })
            .collect();
        // Gateway endpoints may show none.
        let ip_type = reply::text(endpoint, "IpAddressType").or_else(|| Some("ipv4".to_owned()));
        let dns_options = endpoint
            .get("DnsOptions")
            .map(DnsOptions::read)
            .filter(|options| {
                self.dns_options.is_some() || !options.are_default(ip_type.as_deref())
            });
        let properties = VpcEndpoint {
            vpc_id: reply::text(endpoint, "VpcId").unwrap_or_default(),
            service_name: reply::text(endpoint, "ServiceName").unwrap_or_default(),
            // Shown for every endpoint, also where service and VPC are in the same Region.
            service_region: reply::text(endpoint, "ServiceRegion")
                .filter(|_| self.service_region.is_some()),
            vpc_endpoint_type: reply::unless_default(
                kind,
                "Gateway".to_owned(),
                self.vpc_endpoint_type.as_ref(),
            ),
            route_table_ids: reply::texts(endpoint, "RouteTableIds"),
            subnet_ids: reply::texts(endpoint, "SubnetIds"),
            security_group_ids: groups,
            // A gateway endpoint has no names of its own, whatever shows.
            private_dns_enabled: reply::unless_default(
                ec2::flag(endpoint, "PrivateDnsEnabled"),
                false,
                self.private_dns_enabled.as_ref(),
            )
            .filter(|_| !is_gateway || self.private_dns_enabled.is_some()),
            policy_document: Some(policy).filter(|policy| {
                self.policy_document.is_some() || !policy::same(policy, &default_policy())
            }),
            ip_address_type: reply::unless_default(
                ip_type,
                "ipv4".to_owned(),
                self.ip_address_type.as_ref(),
            ),
            dns_options,
            tags: ec2::tags(endpoint),
        };
        let attributes = ec2::attributes([
            ("Id", Some(json!(id))),
            (
                "CreationTimestamp",
                endpoint.get("CreationTimestamp").cloned(),
            ),
            ("DnsEntries", Some(json!(entries))),
            (
                "NetworkInterfaceIds",
                Some(json!(reply::texts(endpoint, "NetworkInterfaceIds"))),
            ),
        ]);
        Live {
            id,
            properties,
            attributes,
        }
    }
}

impl Kind for VpcEndpoint {
    const TYPE: &'static str = "AWS::EC2::VPCEndpoint";
    const CREATE_ONLY: &'static [&'static str] =
        &["ServiceName", "ServiceRegion", "VpcEndpointType", "VpcId"];
    const UNORDERED: &'static [&'static str] = &["RouteTableIds", "SecurityGroupIds", "SubnetIds"];
    const ATTRIBUTES: &'static [&'static str] = &[
        "CreationTimestamp",
        "DnsEntries",
        "Id",
        "NetworkInterfaceIds",
    ];
    const VOLATILE: &'static [&'static str] = &["DnsEntries", "NetworkInterfaceIds"];
    const TAGGED: bool = true;
    const BORN: &'static str = "CreationTimestamp";
    // A VPC has one gateway endpoint and one private name per service.
    const REPLACEMENT: Replacement = Replacement::DeleteFirst;
    const EXPECTED_SECONDS: u32 = 60;
    const DEADLINE_SECONDS: u32 = 900;

    fn find(&self, me: &Identity) -> Vec<Call> {
        vec![Call::describe_own(
            "DescribeVpcEndpoints",
            "vpc-endpoint-id",
            me,
        )]
    }

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
        ec2::own(
            me,
            replies,
            "VpcEndpoints",
            "VpcEndpointId",
            |id, endpoint| {
                let state = reply::text(endpoint, "State").unwrap_or_default();
                match state.to_ascii_lowercase().as_str() {
                    "deleted" => Seen::Absent,
                    "deleting" => Seen::Deleting { id },
                    "pending" | "pendingacceptance" => Seen::Pending { id, why: state },
                    "failed" | "rejected" | "expired" => {
                        let error = endpoint
                            .get("LastError")
                            .and_then(|error| reply::text(error, "Message"));
                        let why = error
                            .or_else(|| reply::text(endpoint, "FailureReason"))
                            .unwrap_or(state);
                        Seen::Failed { id, why }
                    }
                    _ => Seen::Live(self.seen(id, endpoint)),
                }
            },
        )
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        let given = |ids: &[String]| without(ids, &[]);
        let call = Call::new("ec2", "CreateVpcEndpoint")
            .with("VpcId", &self.vpc_id)
            .with("ServiceName", &self.service_name)
            .with("ServiceRegion", &self.service_region)
            .with("VpcEndpointType", &self.vpc_endpoint_type)
            .with("RouteTableIds", given(&self.route_table_ids))
            .with("SubnetIds", given(&self.subnet_ids))
            .with("SecurityGroupIds", given(&self.security_group_ids))
            .with("PrivateDnsEnabled", self.private_dns_enabled)
            .with(
                "PolicyDocument",
                self.policy_document.as_ref().map(policy::text),
            )
            .with("IpAddressType", &self.ip_address_type)
            .with(
                "DnsOptions",
                self.dns_options.as_ref().map(DnsOptions::input),
            )
            .idempotent("ClientToken");
        vec![ec2::tagged(call, "vpc-endpoint", &self.tags)]
    }

    fn created(&self, _me: &Identity, reply: &Value) -> Option<String> {
        reply::text(reply.get("VpcEndpoint")?, "VpcEndpointId")
    }

    fn update(&self, _me: &Identity, live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        let mut call = Call::new("ec2", "ModifyVpcEndpoint").with("VpcEndpointId", &live.id);
        for (property, wanted, seen, add, remove) in [
            (
                "RouteTableIds",
                &self.route_table_ids,
                &live.properties.route_table_ids,
                "AddRouteTableIds",
                "RemoveRouteTableIds",
            ),
            (
                "SubnetIds",
                &self.subnet_ids,
                &live.properties.subnet_ids,
                "AddSubnetIds",
                "RemoveSubnetIds",
            ),
            (
                "SecurityGroupIds",
                &self.security_group_ids,
                &live.properties.security_group_ids,
                "AddSecurityGroupIds",
                "RemoveSecurityGroupIds",
            ),
        ] {
            if changed.contains(&property) {
                call = call
                    .with(add, without(wanted, seen))
                    .with(remove, without(seen, wanted));
            }
        }
        if changed.contains(&"PolicyDocument") {
            let document = self.policy_document.clone().unwrap_or_else(default_policy);
            call = call.with("PolicyDocument", policy::text(&document));
        }
        if changed.contains(&"PrivateDnsEnabled") {
            call = call.with(
                "PrivateDnsEnabled",
                self.private_dns_enabled.unwrap_or(false),
            );
        }
        if changed.contains(&"IpAddressType") {
            call = call.with(
                "IpAddressType",
                self.ip_address_type.as_deref().unwrap_or("ipv4"),
            );
        }
        if changed.contains(&"DnsOptions") {
            let ip_type = self.ip_address_type.as_deref().unwrap_or("ipv4");
            let reset = || Some(live.properties.dns_options.as_ref()?.reset(ip_type));
            let options = self.dns_options.clone().or_else(reset);
            call = call.with("DnsOptions", options.as_ref().map(DnsOptions::input));
        }
        // With nothing but the endpoint's id there is nothing to change.
        if call.params.len() > 1 {
            vec![call]
        } else {
            Vec::new()
        }
    }

    fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
        ec2::retag(&live.id, set, remove)
    }

    fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        vec![Call::new("ec2", "DeleteVpcEndpoints").with("VpcEndpointIds", [id])]
    }

    fn census(replies: &[Value]) -> Vec<Call> {
        census::of_ec2(replies)
    }

    fn counted(replies: &[Value]) -> Vec<Claim> {
        census::in_ec2(replies, "vpce")
    }

    fn same(property: &str, live: &Value, desired: &Value) -> bool {
        match (property, live, desired) {
            ("PolicyDocument", live, desired) => policy::same(live, desired),
            ("DnsOptions", Value::Object(live), Value::Object(desired)) => desired
                .iter()
                .all(|(option, value)| live.get(option) == Some(value)),
            (_, live, desired) => live == desired,
        }
    }
}

#[cfg(test)]
mod tests;
