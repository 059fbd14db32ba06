//! What a platform costs a month.
//!
//! # Flow
//! Each part becomes lines by its type: what is charged by the hour is fixed; what is charged by use is a band from little
//! to much use, with the use assumed. Prices come from a [`PriceBook`]; one is part of the program, another can be passed.
//!
//! # Guarantees
//! A part is priced, known to be free of charge, or listed as not priced: none is passed over in silence.
//!
//! # Caveats
//! List prices without discounts and tax. Data transfer out to the internet is not part of a network's parts and so not counted.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use platform_graph::Recorded;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::CompositeView;
use crate::inventory::{targets, text};

/// Price list of some regions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceBook {
    /// Where the prices come from and what they leave out.
    pub source: String,
    /// Month in which they were valid, `YYYY-MM`.
    pub as_of: String,
    /// ISO 4217 code.
    pub currency: String,
    /// Hours that a month is counted with.
    pub hours_per_month: f64,
    /// Region whose prices stand in for regions that the book does not have.
    pub fallback_region: String,
    /// Prices by region and item; the unit is the last word of the item's name.
    pub regions: BTreeMap<String, Prices>,
}

/// Prices of one region.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    /// A NAT gateway, per hour (a regional one: per hour and zone).
    pub nat_gateway_hour: f64,
    /// Data through a NAT gateway, per GB.
    pub nat_gateway_gb: f64,
    /// A public IPv4 address, per hour.
    pub public_ipv4_hour: f64,
    /// Data to another zone and charged at both ends, per GB.
    pub cross_zone_gb: f64,
    /// An interface endpoint, per hour and zone.
    pub interface_endpoint_hour: f64,
    /// Data through an interface endpoint, per GB.
    pub interface_endpoint_gb: f64,
    /// A customer-managed KMS key, per month.
    pub kms_key_month: f64,
    /// Log data taken in by CloudWatch Logs, per GB.
    pub logs_ingest_gb: f64,
    /// Flow logs delivered to CloudWatch Logs, per GB.
    pub logs_vended_gb: f64,
    /// Flow logs delivered to S3, per GB.
    pub logs_vended_s3_gb: f64,
    /// Logs kept, per GB and month.
    pub logs_storage_gb: f64,
}

impl PriceBook {
    /// The price book that is part of the program.
    ///
    /// # Errors
    /// None in practice: a test reads it.
    pub fn embedded() -> Result<Self, String> {
        Self::parse(include_str!("price_book.json"))
    }

    /// A price book in the same JSON shape, for negotiated prices.
    ///
    /// # Errors
    /// Says which field is missing, unknown or of the wrong type, and when the fallback region has no prices.
    pub fn parse(json: &str) -> Result<Self, String> {
        let book: PriceBook =
            serde_json::from_str(json).map_err(|why| format!("the price book: {why}"))?;
        if !book.regions.contains_key(&book.fallback_region) {
            return Err(format!(
                "the price book: there are no prices for its fallback region {}",
                book.fallback_region
            ));
        }
        Ok(book)
    }

    fn prices(&self, region: Option<&str>) -> Option<(&str, &Prices)> {
        region
            .and_then(|region| self.regions.get_key_value(region))
            .or_else(|| self.regions.get_key_value(&self.fallback_region))
            .map(|(region, prices)| (region.as_str(), prices))
    }
}

/// What some composites cost a month.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cost {
    /// ISO 4217 code of all amounts.
    pub currency: String,
    /// Where the prices come from.
    pub source: String,
    /// Month in which they were valid.
    pub as_of: String,
    /// What is due whatever happens.
    pub fixed: f64,
    /// What use adds if it is little.
    pub usage_low: f64,
    /// What use adds if it is much.
    pub usage_high: f64,
    /// The single amounts, in order of composite and address.
    pub lines: Vec<Line>,
    /// Parts without a charge of their own, counted by type.
    pub free: BTreeMap<String, usize>,
    /// Parts of types that the program has no price for: composite and address, by type.
    pub not_priced: BTreeMap<String, Vec<String>>,
    /// What to know when reading the amounts.
    pub notes: Vec<String>,
}

/// One amount.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Line {
    /// Terraform address of the composite.
    pub composite: String,
    /// Address of the part.
    pub part: String,
    /// What is charged and how the amount comes about.
    pub item: String,
    /// Amount a month, or the lower end of its band.
    pub low: f64,
    /// Amount a month, or the upper end of its band.
    pub high: f64,
    /// The use that was assumed; `None` where the amount is fixed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assumed: Option<String>,
}

/// How a part is charged.
enum Charge {
    /// By these amounts.
    Amounts(Vec<Amount>),
    /// Not at all; what goes through it may be.
    Free,
    /// The program does not know.
    Unknown,
}

struct Amount {
    item: String,
    low: f64,
    high: f64,
    assumed: Option<String>,
}

/// Prices and hours that the charges of one composite are counted with.
struct Rates<'a> {
    prices: &'a Prices,
    hours: f64,
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

/// Prices the parts of some composites.
pub fn cost(views: &[CompositeView], book: &PriceBook) -> Cost {
    let mut cost = Cost {
        currency: book.currency.clone(),
        source: book.source.clone(),
        as_of: book.as_of.clone(),
        fixed: 0.0,
        usage_low: 0.0,
        usage_high: 0.0,
        lines: Vec::new(),
        free: BTreeMap::new(),
        not_priced: BTreeMap::new(),
        notes: Vec::new(),
    };
    for view in views {
        let Some((region, prices)) = book.prices(view.region.as_deref()) else {
            continue;
        };
        if view.region.as_deref() != Some(region) {
            cost.notes.push(format!(
                "{} is in {}, for which the price book has no prices: those of {region} are used",
                view.address,
                view.region.as_deref().unwrap_or("an unknown region")
            ));
        }
        let rates = Rates {
            prices,
            hours: book.hours_per_month,
        };
        for (address, part) in &view.parts {
            match charge(view, part, &rates) {
                Charge::Free => *cost.free.entry(part.kind.clone()).or_default() += 1,
                Charge::Unknown => cost
                    .not_priced
                    .entry(part.kind.clone())
                    .or_default()
                    .push(format!("{} {address}", view.address)),
                Charge::Amounts(amounts) => {
                    cost.lines.extend(amounts.into_iter().map(|amount| Line {
                        composite: view.address.clone(),
                        part: address.clone(),
                        item: amount.item,
                        low: cents(amount.low),
                        high: cents(amount.high),
                        assumed: amount.assumed,
                    }))
                }
            }
        }
    }
    let sum = |chosen: &dyn Fn(&Line) -> Option<f64>| {
        cents(cost.lines.iter().filter_map(chosen).sum::<f64>())
    };
    let fixed = sum(&|line| line.assumed.is_none().then_some(line.low));
    let usage_low = sum(&|line| line.assumed.as_ref().map(|_| line.low));
    let usage_high = sum(&|line| line.assumed.as_ref().map(|_| line.high));
    (cost.fixed, cost.usage_low, cost.usage_high) = (fixed, usage_low, usage_high);
    cost
}

/// Rounded to cents, so that the total is the sum of what the lines show.
fn cents(amount: f64) -> f64 {
    (amount * 100.0).round() / 100.0
}

fn charge(view: &CompositeView, part: &Recorded, rates: &Rates<'_>) -> Charge {
    match part.kind.as_str() {
        "AWS::EC2::NatGateway" => nat_gateway(view, part, rates),
        "AWS::EC2::EIP" => address(part, rates),
        "AWS::EC2::VPCEndpoint" => endpoint(part, rates),
        "AWS::EC2::FlowLog" => flow_log(part, rates),
        "AWS::Logs::LogGroup" => log_group(view, part, rates),
        "AWS::KMS::Key" => Charge::Amounts(vec![Amount {
            item: format!("KMS key, {} a month", rates.prices.kms_key_month),
            low: rates.prices.kms_key_month,
            high: rates.prices.kms_key_month,
            assumed: None,
        }]),
        kind if FREE.contains(&kind) => Charge::Free,
        _ => Charge::Unknown,
    }
}

/// Types without a charge of their own.
const FREE: &[&str] = &[
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
    "AWS::IAM::InstanceProfile",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::IAM::RolePolicy",
    "AWS::KMS::Alias",
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

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let composites: BTreeSet<&str> = self
            .lines
            .iter()
            .map(|line| line.composite.as_str())
            .collect();
        let width = self
            .lines
            .iter()
            .map(|line| line.part.chars().count())
            .max()
            .unwrap_or(0);
        for composite in composites {
            writeln!(f, "{composite}")?;
            for line in self.lines.iter().filter(|line| line.composite == composite) {
                let amount = match line.assumed {
                    None => format!("{:.2}", line.low),
                    Some(_) => format!("{:.2} to {:.2}", line.low, line.high),
                };
                write!(f, "  {:width$}  {amount:>18}  {}", line.part, line.item)?;
                match &line.assumed {
                    None => writeln!(f)?,
                    Some(assumed) => writeln!(f, "; {assumed}")?,
                }
            }
        }
        let currency = &self.currency;
        writeln!(f, "fixed:    {:>9.2} {currency} a month", self.fixed)?;
        writeln!(
            f,
            "by usage: {:>9.2} to {:.2} {currency} a month, with the use assumed above",
            self.usage_low, self.usage_high
        )?;
        let free: usize = self.free.values().sum();
        if free > 0 {
            writeln!(f, "{free} parts have no charge of their own")?;
        }
        for (kind, parts) in &self.not_priced {
            writeln!(f, "not priced: {kind} ({})", parts.join(", "))?;
        }
        for note in &self.notes {
            writeln!(f, "note: {note}")?;
        }
        writeln!(f, "prices: {} ({})", self.source, self.as_of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_price_book_is_whole() {
        let book = PriceBook::embedded().unwrap();
        for region in ["us-east-1", "us-west-2", "eu-west-1", "eu-central-1"] {
            assert!(book.regions.contains_key(region), "{region} is missing");
        }
        let why = PriceBook::parse(&include_str!("price_book.json").replace(
            "\"fallback_region\": \"us-east-1\"",
            "\"fallback_region\": \"nowhere-1\"",
        ))
        .unwrap_err();
        assert!(why.contains("nowhere-1"), "{why}");
    }
}
