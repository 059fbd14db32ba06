//! Charges of proxies of RDS: by the processors of the instances behind them.
//!
//! The proxy itself is free; its targets say what it is charged by. A class whose processors are not known is not priced.
//!
//! <https://aws.amazon.com/rds/proxy/pricing/>

use platform_graph::Recorded;
use serde_json::Value;

use super::{Amount, Charge, Rates};
use crate::CompositeView;
use crate::inventory::{targets as referred, text};

/// The least number of processors of an instance that is charged for.
const LEAST_VCPUS: u32 = 2;
/// The least capacity of a serverless instance that is charged for.
const LEAST_ACUS: f64 = 8.0;

/// The processors of an instance class, `db.r8g.2xlarge`; `None` for a class whose name does not tell.
fn vcpus(class: &str) -> Option<u32> {
    let size = class.rsplit('.').next()?;
    let count = match size {
        "micro" | "small" | "medium" | "large" => LEAST_VCPUS,
        "xlarge" => 4,
        size => size
            .strip_suffix("xlarge")?
            .parse::<u32>()
            .ok()?
            .checked_mul(4)?,
    };
    Some(count.max(LEAST_VCPUS))
}

/// What a proxy is charged by: each instance that it leads to.
pub(super) fn targets(view: &CompositeView, part: &Recorded, rates: &Rates<'_>) -> Charge {
    let amounts = amounts(view, part, rates);
    amounts.map_or(Charge::Unknown, Charge::Amounts)
}

fn amounts(view: &CompositeView, part: &Recorded, rates: &Rates<'_>) -> Option<Vec<Amount>> {
    let mut instances: Vec<&Recorded> = Vec::new();
    let mut amounts = Vec::new();
    let mut count: u32 = 0;
    for property in ["DBClusterIdentifiers", "DBInstanceIdentifiers"] {
        for address in referred(part, property) {
            let database = view.parts.get(&address)?;
            if database.kind == "AWS::RDS::DBInstance" {
                instances.push(database);
                continue;
            }
            // The instances of a Multi-AZ DB cluster are no parts: there are three.
            if let Some(class) = text(database, "DBClusterInstanceClass") {
                count += 3 * vcpus(class)?;
            }
            if let Some(scaling) = database.properties.get("ServerlessV2ScalingConfiguration") {
                let hours = |member: &str| {
                    Some(scaling.get(member)?.as_f64()?.max(LEAST_ACUS) * rates.hours)
                };
                amounts.push(rates.metered(
                    "proxy by capacity of each serverless instance",
                    "ACU hour",
                    "rds_proxy_acu_hour",
                    (hours("MinCapacity")?, hours("MaxCapacity")?),
                    "between its least and its most, 8 at least",
                )?);
            }
            let members = view.of_type("AWS::RDS::DBInstance").map(|(_, part)| part);
            instances.extend(
                members.filter(|member| referred(member, "DBClusterIdentifier").contains(&address)),
            );
        }
    }
    for instance in instances {
        match text(instance, "DBInstanceClass")? {
            "db.serverless" => {}
            class => count += vcpus(class)?,
        }
    }
    if count > 0 {
        let (price, from) = rates.store("rds_proxy_vcpu_hour")?;
        let what = format!("proxy, by processor{from}");
        amounts.push(rates.hourly(&what, usize::try_from(count).ok()?, price));
    }
    (!amounts.is_empty()).then_some(amounts)
}

/// A further endpoint is an interface endpoint in each of its subnets.
pub(super) fn endpoint(part: &Recorded, rates: &Rates<'_>) -> Charge {
    let listed = part.properties.get("VpcSubnetIds");
    let listed = listed.and_then(Value::as_array).map_or(0, Vec::len);
    let zones = listed.max(referred(part, "VpcSubnetIds").len()).max(1);
    Charge::Amounts(vec![rates.hourly(
        "interface endpoint of a proxy",
        zones,
        rates.prices.interface_endpoint_hour,
    )])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_tell_processors() {
        for (class, expected) in [
            ("db.t4g.micro", Some(2)),
            ("db.r8g.large", Some(2)),
            ("db.r8g.xlarge", Some(4)),
            ("db.r8g.16xlarge", Some(64)),
            ("db.x2iedn.metal", None),
            ("db", None),
        ] {
            assert_eq!(vcpus(class), expected, "{class}");
        }
    }
}
