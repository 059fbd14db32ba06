//! Charges of document databases: instances by the hour, storage and its reads and writes by use.
//!
//! Storage for which reads and writes are free makes instances dearer too; such a cluster is not priced rather than guessed.

use platform_graph::Recorded;

use super::stores::KEPT_GB;
use super::{Amount, Rates};
use crate::inventory::text;

/// A cluster of DocumentDB.
pub(super) fn cluster(part: &Recorded, rates: &Rates<'_>) -> Option<Vec<Amount>> {
    if text(part, "StorageType") == Some("iopt1") {
        return None;
    }
    let kept = rates.metered(
        "documents kept",
        "GB",
        "docdb_gb_month",
        KEPT_GB,
        "in all zones together",
    )?;
    let done = rates.metered(
        "reads and writes of storage",
        "million",
        "docdb_io_million",
        (1.0, 500.0),
        "by all instances",
    )?;
    Some(vec![kept, done])
}

/// An instance of DocumentDB.
pub(super) fn instance(part: &Recorded, rates: &Rates<'_>) -> Option<Vec<Amount>> {
    let class = text(part, "DBInstanceClass")?;
    let item = format!("docdb/{class}");
    if class == "db.serverless" {
        let capacity = rates.metered(
            "capacity of the serverless instance",
            "DCU-hours",
            &item,
            (365.0, 5_840.0),
            "for 0.5 to 8 units of 2 GiB",
        )?;
        return Some(vec![capacity]);
    }
    let (price, from) = rates.store(&item)?;
    Some(vec![rates.hourly(
        &format!("instance {class}{from}"),
        1,
        price,
    )])
}
