//! Charges of tables and of their replicas in other regions: what is kept, and what is done by the request or provisioned by the hour.
//!
//! A replica is charged in the mode of its table. What is written anywhere is written there once more, in replicated units, which cost
//! what others cost; indexes there take units of their own. What goes to its region is charged as data transfer, which is not counted.
//!
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/global-tables-billing.html>

use platform_graph::Recorded;
use serde_json::Value;

use super::stores::KEPT_GB;
use super::{Amount, Charge, Rates};
use crate::CompositeView;
use crate::inventory::{target, text};

/// Storage and requests of a table, or the capacity that it and its indexes start with: what is scaled up is paid for as long as it is
/// used. A write of an item in an index is a write.
pub(super) fn table(part: &Recorded, rates: &Rates<'_>) -> Option<Vec<Amount>> {
    let class = class(part);
    let mut amounts = items_kept(part, class, rates)?;
    amounts.extend(match is_on_demand(part) {
        true => requests(class, ["written", "read"], rates)?,
        false => units(
            part,
            class,
            ["write capacity unit", "read capacity unit"],
            rates,
        )?,
    });
    Some(amounts)
}

/// What a replica keeps, and what its table's mode charges for what is done there.
pub(super) fn replica(view: &CompositeView, part: &Recorded, rates: &Rates<'_>) -> Charge {
    let amounts = replica_amounts(view, part, rates);
    amounts.map_or(Charge::Unknown, Charge::Amounts)
}

fn replica_amounts(
    view: &CompositeView,
    part: &Recorded,
    rates: &Rates<'_>,
) -> Option<Vec<Amount>> {
    let table = view.parts.get(&target(part, "TableName")?)?;
    let class = class(part);
    let mut amounts = items_kept(part, class, rates)?;
    amounts.extend(match is_on_demand(table) {
        true => requests(class, ["written, as everywhere", "read there"], rates)?,
        false => units(
            table,
            class,
            ["replicated write capacity unit", "read capacity unit there"],
            rates,
        )?,
    });
    Some(amounts)
}

fn is_on_demand(table: &Recorded) -> bool {
    text(table, "BillingMode") == Some("PAY_PER_REQUEST")
}

/// The beginning of the items of a table's class.
fn class(part: &Recorded) -> &'static str {
    match text(part, "TableClass") {
        Some("STANDARD_INFREQUENT_ACCESS") => "dynamodb_infrequent",
        _ => "dynamodb",
    }
}

fn items_kept(part: &Recorded, class: &str, rates: &Rates<'_>) -> Option<Vec<Amount>> {
    let mut amounts = vec![rates.metered(
        "items kept",
        "GB",
        &format!("{class}_gb_month"),
        KEPT_GB,
        "in the table and its indexes",
    )?];
    let recovery = part.properties.get("PointInTimeRecoverySpecification");
    if recovery.is_some_and(|it| it["PointInTimeRecoveryEnabled"] == true) {
        amounts.push(rates.metered(
            "recovery to any second",
            "GB",
            "dynamodb_recovery_gb_month",
            KEPT_GB,
            "in the table and its local indexes",
        )?);
    }
    Some(amounts)
}

/// What is written and read, by the request.
fn requests(class: &str, words: [&str; 2], rates: &Rates<'_>) -> Option<Vec<Amount>> {
    let items = words.into_iter().zip(["write", "read"]);
    items
        .map(|(what, item)| {
            rates.metered(
                what,
                "million request units",
                &format!("{class}_{item}_million"),
                (1.0, 100.0),
                "by all clients",
            )
        })
        .collect()
}

/// The units that a table and its indexes start with, at the price of a class.
fn units(
    table: &Recorded,
    class: &str,
    words: [&str; 2],
    rates: &Rates<'_>,
) -> Option<Vec<Amount>> {
    let indexes = table
        .properties
        .get("GlobalSecondaryIndexes")
        .and_then(Value::as_array);
    let throughputs: Vec<&Value> = indexes
        .into_iter()
        .flatten()
        .map(|index| &index["ProvisionedThroughput"])
        .chain(table.properties.get("ProvisionedThroughput"))
        .collect();
    let items = [
        ("WriteCapacityUnits", "write"),
        ("ReadCapacityUnits", "read"),
    ];
    words
        .into_iter()
        .zip(items)
        .map(|(what, (member, item))| {
            let units: u64 = throughputs
                .iter()
                .filter_map(|throughput| throughput[member].as_u64())
                .sum();
            let (price, from) = rates.store(&format!("{class}_{item}_unit_hour"))?;
            let units = usize::try_from(units).ok()?;
            Some(rates.hourly(&format!("{what}{from}"), units, price))
        })
        .collect()
}
