//! The checks: what each looks for, and what it says.

use std::collections::BTreeMap;

use platform_graph::Recorded;
use serde_json::Value;

use super::Severity;
use crate::CompositeView;
use crate::inventory::{flag, target, targets, text};

/// A check: its name, how much its findings matter, and what it objects to as (part, why, advice).
pub(super) struct Check {
    pub name: &'static str,
    pub severity: Severity,
    pub run: fn(&CompositeView) -> Vec<Objection>,
}

pub(super) struct Objection {
    pub part: String,
    pub why: String,
    pub advice: String,
}

fn objection(part: &str, why: impl Into<String>, advice: impl Into<String>) -> Objection {
    Objection {
        part: part.to_owned(),
        why: why.into(),
        advice: advice.into(),
    }
}

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "admin-port-open-to-world",
        severity: Severity::High,
        run: admin_ports,
    },
    Check {
        name: "every-port-open-to-world",
        severity: Severity::High,
        run: every_port,
    },
    Check {
        name: "default-security-group-in-use",
        severity: Severity::Medium,
        run: default_security_group,
    },
    Check {
        name: "no-flow-logs",
        severity: Severity::Medium,
        run: flow_logs,
    },
    Check {
        name: "single-nat-gateway",
        severity: Severity::Medium,
        run: nat_gateways,
    },
    Check {
        name: "single-zone",
        severity: Severity::Medium,
        run: zones,
    },
    Check {
        name: "subnet-gives-public-addresses",
        severity: Severity::Medium,
        run: public_addresses,
    },
    Check {
        name: "log-group-without-own-key",
        severity: Severity::Low,
        run: log_keys,
    },
    Check {
        name: "log-group-kept-for-ever",
        severity: Severity::Low,
        run: log_retention,
    },
    Check {
        name: "no-gateway-endpoint",
        severity: Severity::Low,
        run: gateway_endpoints,
    },
    Check {
        name: "endpoint-lets-everything-pass",
        severity: Severity::Low,
        run: endpoint_policies,
    },
    Check {
        name: "rejected-traffic-only",
        severity: Severity::Low,
        run: flow_log_traffic,
    },
];

/// Ports by which machines and data stores are administered or read out, with what listens there.
const ADMIN_PORTS: &[(i64, &str)] = &[
    (22, "SSH"),
    (23, "Telnet"),
    (135, "Windows RPC"),
    (445, "SMB"),
    (1433, "SQL Server"),
    (1521, "Oracle"),
    (2375, "Docker"),
    (3306, "MySQL"),
    (3389, "RDP"),
    (5432, "PostgreSQL"),
    (5601, "Kibana"),
    (5985, "WinRM"),
    (6379, "Redis"),
    (9200, "OpenSearch"),
    (11211, "memcached"),
    (27017, "MongoDB"),
];

/// Rules that let the whole internet in: where they stand, and the rule.
fn open_rules(view: &CompositeView) -> Vec<(&str, &Recorded, Ports)> {
    view.of_type("AWS::EC2::SecurityGroupIngress")
        .filter(|(_, rule)| {
            text(rule, "CidrIp").is_some_and(everyone)
                || text(rule, "CidrIpv6").is_some_and(everyone)
        })
        .map(|(address, rule)| (address, rule, Ports::of(rule)))
        .collect()
}

/// Whether a block is half of the internet or more: `0.0.0.0/0` is often written as two halves.
fn everyone(block: &str) -> bool {
    block
        .rsplit_once('/')
        .and_then(|(_, length)| length.parse::<u8>().ok())
        .is_some_and(|length| length <= 1)
}

/// The ports that a rule opens; AWS writes "all" as protocol -1, or as ports -1 to -1.
#[derive(Clone, Copy)]
struct Ports {
    from: i64,
    to: i64,
}

impl Ports {
    fn of(rule: &Recorded) -> Self {
        let number = |name: &str| rule.properties.get(name).and_then(Value::as_i64);
        let protocol = text(rule, "IpProtocol").unwrap_or("-1");
        match (number("FromPort"), number("ToPort")) {
            _ if protocol == "-1" => Ports { from: 0, to: 65535 },
            _ if protocol.starts_with("icmp") => Ports { from: -1, to: -1 },
            (Some(from), Some(to)) if from >= 0 => Ports { from, to },
            (None | Some(_), _) => Ports { from: 0, to: 65535 },
        }
    }

    fn is_all(self) -> bool {
        self.from <= 1 && self.to == 65535
    }
}

fn admin_ports(view: &CompositeView) -> Vec<Objection> {
    open_rules(view)
        .into_iter()
        .filter(|(_, _, ports)| !ports.is_all())
        .filter_map(|(address, rule, ports)| {
            let open: Vec<String> = ADMIN_PORTS
                .iter()
                .filter(|(port, _)| (ports.from..=ports.to).contains(port))
                .map(|(port, what)| format!("{what} ({port})"))
                .collect();
            let group = target(rule, "GroupId").unwrap_or_else(|| "its group".to_owned());
            (!open.is_empty()).then(|| {
                objection(
                    address,
                    format!("{group} lets the whole internet reach {}", open.join(", ")),
                    "let in a group, a tier or the blocks of your offices; for shells use Session Manager, which needs no open port",
                )
            })
        })
        .collect()
}

fn every_port(view: &CompositeView) -> Vec<Objection> {
    open_rules(view)
        .into_iter()
        .filter(|(_, _, ports)| ports.is_all())
        .map(|(address, rule, _)| {
            let group = target(rule, "GroupId").unwrap_or_else(|| "its group".to_owned());
            objection(
                address,
                format!("{group} lets the whole internet reach every port"),
                "name the ports that the service listens on",
            )
        })
        .collect()
}

fn default_security_group(view: &CompositeView) -> Vec<Objection> {
    let Some((vpc, _)) = view.of_type("AWS::EC2::VPC").next() else {
        return Vec::new();
    };
    let locked = view
        .of_type("Custom::DefaultSecurityGroup")
        .any(|(_, group)| {
            ["SecurityGroupIngress", "SecurityGroupEgress"]
                .iter()
                .all(|rules| {
                    group
                        .properties
                        .get(*rules)
                        .and_then(Value::as_array)
                        .is_none_or(Vec::is_empty)
                })
        });
    if locked {
        return Vec::new();
    }
    vec![objection(
        vpc,
        "the default security group of the VPC has rules: whatever is started without a group of its own can reach, and be reached by, everything else that was",
        "set `lock_default_security_group = true`",
    )]
}

fn flow_logs(view: &CompositeView) -> Vec<Objection> {
    let logged = view.of_type("AWS::EC2::FlowLog").next().is_some();
    view.of_type("AWS::EC2::VPC")
        .filter(|_| !logged)
        .map(|(vpc, _)| {
            objection(
                vpc,
                "connections are not recorded: after an incident nobody can tell who talked to whom",
                "set `flow_logs.enabled = true`; to S3 they cost half",
            )
        })
        .collect()
}

fn nat_gateways(view: &CompositeView) -> Vec<Objection> {
    let zonal: Vec<&str> = view
        .of_type("AWS::EC2::NatGateway")
        .filter(|(_, nat)| text(nat, "AvailabilityMode") != Some("regional"))
        .map(|(address, _)| address)
        .collect();
    let zones = view.zones().len();
    match zonal[..] {
        [nat] if zones > 1 => vec![objection(
            nat,
            format!(
                "{zones} zones reach the internet through this one gateway: when its zone fails, none of them does, and traffic from the others is charged across zones"
            ),
            "set `nat.mode` to one gateway per zone, or to a regional one, wherever an outage of a zone must not stop the rest",
        )],
        _ => Vec::new(),
    }
}

fn zones(view: &CompositeView) -> Vec<Objection> {
    let zones = view.zones();
    match zones.len() {
        1 => view
            .of_type("AWS::EC2::VPC")
            .map(|(vpc, _)| {
                objection(
                    vpc,
                    "all subnets are in one availability zone: when it fails, everything does",
                    "use two zones or more; `zones.count = 3` is the default",
                )
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn public_addresses(view: &CompositeView) -> Vec<Objection> {
    view.of_type("AWS::EC2::Subnet")
        .filter(|(_, subnet)| flag(subnet, "MapPublicIpOnLaunch"))
        .map(|(address, _)| {
            objection(
                address,
                "every instance started here gets a public address, whether it needs one or not, and each is charged by the hour",
                "leave `assign_public_ips` out: load balancers and NAT gateways don't need it",
            )
        })
        .collect()
}

fn log_keys(view: &CompositeView) -> Vec<Objection> {
    view.of_type("AWS::Logs::LogGroup")
        .filter(|(_, group)| !group.properties.contains_key("KmsKeyId"))
        .map(|(address, _)| {
            objection(
                address,
                "the logs are encrypted with CloudWatch's own key: access can't be cut off by taking away the key, and use of the key is not in CloudTrail",
                "set `flow_logs.cloudwatch.own_kms_key = true`, or `kms_key_arn` to a key you have",
            )
        })
        .collect()
}

fn log_retention(view: &CompositeView) -> Vec<Objection> {
    view.of_type("AWS::Logs::LogGroup")
        .filter(|(_, group)| !group.properties.contains_key("RetentionInDays"))
        .map(|(address, _)| {
            objection(
                address,
                "the logs are never deleted: they cost more every month, and keeping them may need a reason under data protection law",
                "set `flow_logs.cloudwatch.retention_days` to a number of days",
            )
        })
        .collect()
}

fn gateway_endpoints(view: &CompositeView) -> Vec<Objection> {
    if view.of_type("AWS::EC2::NatGateway").next().is_none() {
        return Vec::new();
    }
    let present: Vec<&str> = view
        .of_type("AWS::EC2::VPCEndpoint")
        .filter(|(_, endpoint)| matches!(text(endpoint, "VpcEndpointType"), None | Some("Gateway")))
        .filter_map(|(_, endpoint)| text(endpoint, "ServiceName")?.rsplit('.').next())
        .collect();
    ["s3", "dynamodb"]
        .into_iter()
        .filter(|service| !present.contains(service))
        .map(|service| {
            objection(
                &format!("endpoint/{service}"),
                format!("traffic to {service} goes through the NAT gateways and is charged per GB; a gateway endpoint is free"),
                format!("add \"{service}\" to `endpoints.gateway`"),
            )
        })
        .collect()
}

fn endpoint_policies(view: &CompositeView) -> Vec<Objection> {
    let mut open: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (address, endpoint) in view.of_type("AWS::EC2::VPCEndpoint") {
        if !endpoint.properties.contains_key("PolicyDocument") {
            open.entry(text(endpoint, "VpcEndpointType").unwrap_or("Gateway"))
                .or_default()
                .push(address);
        }
    }
    open.into_iter()
        .filter_map(|(kind, addresses)| {
            let (first, names) = (*addresses.first()?, addresses.join(", "));
            let setting = match kind {
                "Gateway" => "endpoints.gateway_policies",
                _ => "endpoints.interface.<service>.policy",
            };
            Some(objection(
                first,
                format!("endpoints without a policy ({names}) let stolen credentials of any account carry data out of the network"),
                format!("set `{setting}` so that only your organisation's resources can be reached"),
            ))
        })
        .collect()
}

fn flow_log_traffic(view: &CompositeView) -> Vec<Objection> {
    view.of_type("AWS::EC2::FlowLog")
        .filter(|(_, log)| {
            text(log, "TrafficType").is_some_and(|traffic| traffic != "ALL")
                && !targets(log, "ResourceId").is_empty()
        })
        .map(|(address, log)| {
            let traffic = text(log, "TrafficType")
                .unwrap_or_default()
                .to_ascii_lowercase();
            objection(
                address,
                format!(
                    "only `{traffic}` traffic is recorded; an intrusion shows in the other half too"
                ),
                "set `flow_logs.traffic = \"all\"`",
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_internet_is_everyone() {
        for (block, expected) in [
            ("0.0.0.0/0", true),
            ("::/0", true),
            ("128.0.0.0/1", true),
            ("10.0.0.0/8", false),
            ("nonsense", false),
        ] {
            assert_eq!(everyone(block), expected, "{block}");
        }
    }
}
