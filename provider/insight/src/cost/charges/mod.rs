//! How each type of part is charged.

mod documents;
mod notes;
mod proxies;
mod stores;
mod tables;

pub(super) use notes::note;

use platform_graph::Recorded;
use serde_json::Value;

use super::Prices;
use crate::CompositeView;
use crate::inventory::{targets, text};

/// How a part is charged.
pub(super) enum Charge {
    /// By these amounts.
    Amounts(Vec<Amount>),
    /// Not at all; what goes through it may be.
    Free,
    /// The program does not know.
    Unknown,
}

/// One amount a month, or a band of amounts under an assumed use.
pub(super) struct Amount {
    pub item: String,
    pub low: f64,
    pub high: f64,
    pub assumed: Option<String>,
}

/// Prices and hours that the charges of one composite are counted with.
pub(super) struct Rates<'a> {
    pub prices: &'a Prices,
    pub fallback: &'a Prices,
    pub fallback_region: &'a str,
    pub hours: f64,
}

impl Rates<'_> {
    fn hourly(&self, what: &str, count: usize, price: f64) -> Amount {
        // A count of parts is far below the 52 bits that a float holds exactly.
        #[allow(clippy::cast_precision_loss)]
        let amount = count as f64 * self.hours * price;
        let times = if count == 1 {
            String::new()
        } else {
            format!("{count} × ")
        };
        Amount {
            item: format!("{what}, {times}{} h × {price}", self.hours),
            low: amount,
            high: amount,
            assumed: None,
        }
    }

    fn by_gb(&self, what: &str, price: f64, low: f64, high: f64, of: &str) -> Amount {
        Amount {
            item: format!("{what}, {price} per GB"),
            low: low * price,
            high: high * price,
            assumed: Some(format!("{low} to {high} GB a month {of}")),
        }
    }
}

/// How one part is charged.
pub(super) fn charge(view: &CompositeView, part: &Recorded, rates: &Rates<'_>) -> Charge {
    match part.kind.as_str() {
        "AWS::EC2::NatGateway" => nat_gateway(view, part, rates),
        "AWS::EC2::EIP" => address(part, rates),
        "AWS::EC2::VPCEndpoint" => endpoint(part, rates),
        "AWS::EC2::FlowLog" => flow_log(part, rates),
        "AWS::RDS::DBProxyTargetGroup" => proxies::targets(view, part, rates),
        "AWS::RDS::DBProxyEndpoint" => proxies::endpoint(part, rates),
        "Custom::TableReplica" => tables::replica(view, part, rates),
        "AWS::Logs::LogGroup" => log_group(view, part, rates),
        "AWS::KMS::Key" | "AWS::KMS::ReplicaKey" => Charge::Amounts(vec![Amount {
            item: format!("KMS key, {} a month", rates.prices.kms_key_month),
            low: rates.prices.kms_key_month,
            high: rates.prices.kms_key_month,
            assumed: None,
        }]),
        kind if FREE.contains(&kind) => Charge::Free,
        _ => stores::charge(part, rates).unwrap_or(Charge::Unknown),
    }
}

/// Types without a charge of their own.
const FREE: &[&str] = &[
    "AWS::Backup::BackupPlan",
    "AWS::Backup::BackupSelection",
    "AWS::Backup::ReportPlan",
    "AWS::Backup::RestoreTestingSelection",
    "AWS::DocDB::DBClusterParameterGroup",
    "AWS::DocDB::GlobalCluster",
    "AWS::ElastiCache::GlobalReplicationGroup",
    "AWS::ApplicationAutoScaling::ScalableTarget",
    "AWS::ApplicationAutoScaling::ScalingPolicy",
    "AWS::EC2::DHCPOptions",
    "AWS::EC2::EgressOnlyInternetGateway",
    "AWS::EC2::GatewayRouteTableAssociation",
    "AWS::EC2::InternetGateway",
    "AWS::EC2::NetworkAcl",
    "AWS::EC2::NetworkAclEntry",
    "AWS::EC2::PrefixList",
    "AWS::EC2::Route",
    "AWS::EC2::RouteTable",
    "AWS::EC2::SecurityGroup",
    "AWS::EC2::SecurityGroupEgress",
    "AWS::EC2::SecurityGroupIngress",
    "AWS::EC2::Subnet",
    "AWS::EC2::SubnetCidrBlock",
    "AWS::EC2::SubnetNetworkAclAssociation",
    "AWS::EC2::SubnetRouteTableAssociation",
    "AWS::EC2::VPC",
    "AWS::EC2::VPCBlockPublicAccessOptions",
    "AWS::EC2::VPCCidrBlock",
    "AWS::EC2::VPCDHCPOptionsAssociation",
    "AWS::EC2::VPCGatewayAttachment",
    "AWS::EC2::VPNGateway",
    "AWS::EFS::AccessPoint",
    "AWS::EFS::MountTarget",
    "AWS::ElastiCache::ParameterGroup",
    "AWS::ElastiCache::SubnetGroup",
    "AWS::ElastiCache::User",
    "AWS::ElastiCache::UserGroup",
    "AWS::IAM::InstanceProfile",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::IAM::RolePolicy",
    "AWS::IAM::ServiceLinkedRole",
    "AWS::KMS::Alias",
    "AWS::Logs::ResourcePolicy",
    "AWS::RDS::DBClusterParameterGroup",
    "AWS::RDS::DBParameterGroup",
    "AWS::RDS::DBProxy",
    "AWS::RDS::DBSubnetGroup",
    "AWS::RDS::EventSubscription",
    "AWS::RDS::GlobalCluster",
    "AWS::RDS::OptionGroup",
    "AWS::S3::BucketPolicy",
    "AWS::SecretsManager::ResourcePolicy",
    "AWS::SecretsManager::RotationSchedule",
    "Custom::DBClusterEndpoint",
    "Custom::DefaultNetworkAcl",
    "Custom::DefaultSecurityGroup",
];

fn nat_gateway(view: &CompositeView, part: &Recorded, rates: &Rates<'_>) -> Charge {
    let regional = text(part, "AvailabilityMode") == Some("regional");
    let private = text(part, "ConnectivityType") == Some("private");
    let listed = part
        .properties
        .get("AvailabilityZoneAddresses")
        .and_then(Value::as_array)
        .filter(|zones| !zones.is_empty());
    let zones = if regional {
        listed
            .map_or_else(|| view.zones().len(), |zones| zones.len())
            .max(1)
    } else {
        1
    };
    let what = if regional {
        "regional NAT gateway"
    } else {
        "NAT gateway"
    };
    let mut amounts = vec![rates.hourly(what, zones, rates.prices.nat_gateway_hour)];
    if regional && listed.is_none() && !private {
        amounts.push(rates.hourly(
            "public IPv4 addresses that it takes by itself",
            zones,
            rates.prices.public_ipv4_hour,
        ));
    }
    amounts.push(rates.by_gb(
        "data through it",
        rates.prices.nat_gateway_gb,
        10.0,
        500.0,
        "through each gateway",
    ));
    let gateways = view.of_type("AWS::EC2::NatGateway").count();
    if !regional && gateways < view.zones().len() {
        amounts.push(rates.by_gb(
            "data to it from other zones",
            rates.prices.cross_zone_gb,
            5.0,
            350.0,
            "from zones without a gateway of their own",
        ));
    }
    Charge::Amounts(amounts)
}

fn address(part: &Recorded, rates: &Rates<'_>) -> Charge {
    match text(part, "PublicIpv4Pool") {
        // Addresses of a range that the customer brought are free of charge.
        Some(pool) if pool != "amazon" => Charge::Free,
        _ => Charge::Amounts(vec![rates.hourly(
            "public IPv4 address",
            1,
            rates.prices.public_ipv4_hour,
        )]),
    }
}

fn endpoint(part: &Recorded, rates: &Rates<'_>) -> Charge {
    match text(part, "VpcEndpointType") {
        None | Some("Gateway") => Charge::Free,
        Some("Interface") => {
            let listed = part
                .properties
                .get("SubnetIds")
                .and_then(Value::as_array)
                .map_or(0, Vec::len);
            let zones = listed.max(targets(part, "SubnetIds").len()).max(1);
            Charge::Amounts(vec![
                rates.hourly(
                    "interface endpoint",
                    zones,
                    rates.prices.interface_endpoint_hour,
                ),
                rates.by_gb(
                    "data through it",
                    rates.prices.interface_endpoint_gb,
                    1.0,
                    100.0,
                    "through each endpoint",
                ),
            ])
        }
        Some(_) => Charge::Unknown,
    }
}

/// Flow logs a month, in GB: a handful of quiet machines, a busy cluster.
const FLOW_LOGS_GB: (f64, f64) = (1.0, 100.0);

fn flow_log(part: &Recorded, rates: &Rates<'_>) -> Charge {
    let (what, price) = match text(part, "LogDestinationType") {
        Some("s3") => ("flow logs to S3", rates.prices.logs_vended_s3_gb),
        None | Some("cloud-watch-logs") => {
            ("flow logs to CloudWatch Logs", rates.prices.logs_vended_gb)
        }
        Some(_) => return Charge::Unknown,
    };
    let (low, high) = FLOW_LOGS_GB;
    Charge::Amounts(vec![rates.by_gb(
        what,
        price,
        low,
        high,
        "from the whole network",
    )])
}

/// What is left of a GB of logs when CloudWatch Logs has compressed it for storage.
const LOG_COMPRESSION: f64 = 0.15;

fn log_group(view: &CompositeView, part: &Recorded, rates: &Rates<'_>) -> Charge {
    let flow_logs = view.of_type("AWS::EC2::FlowLog").any(|(_, log)| {
        let pointed = targets(log, "LogGroupName")
            .into_iter()
            .chain(targets(log, "LogDestination"))
            .any(|at| view.parts.get(&at) == Some(part));
        pointed
            || text(log, "LogGroupName")
                .is_some_and(|name| text(part, "LogGroupName") == Some(name))
    });
    // Without a retention logs are kept for ever; three years stand for that.
    let days = part
        .properties
        .get("RetentionInDays")
        .and_then(Value::as_f64)
        .unwrap_or(1095.0);
    let (low, high) = FLOW_LOGS_GB;
    let kept = |monthly: f64| (monthly * days / 30.0 * LOG_COMPRESSION * 10.0).round() / 10.0;
    let mut amounts = Vec::new();
    if !flow_logs {
        amounts.push(rates.by_gb(
            "logs taken in",
            rates.prices.logs_ingest_gb,
            low,
            high,
            "to this log group",
        ));
    }
    amounts.push(rates.by_gb(
        "logs kept",
        rates.prices.logs_storage_gb,
        kept(low),
        kept(high),
        &format!("kept {days} days, compressed to {LOG_COMPRESSION}"),
    ));
    Charge::Amounts(amounts)
}
