//! Prices by region, read from JSON.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
    /// Prices of stores by item, whose name ends in its unit: `alarm_month`, and classes by the hour: `rds/postgres/db.t4g.medium`. An
    /// item that is not here is taken from the fallback region.
    #[serde(default)]
    pub stores: BTreeMap<String, f64>,
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

    /// Prices of the fallback region, which every parsed book has.
    pub(super) fn fallback(&self) -> Option<&Prices> {
        self.regions.get(&self.fallback_region)
    }

    /// The region whose prices apply, and the prices.
    pub(super) fn prices(&self, region: Option<&str>) -> Option<(&str, &Prices)> {
        region
            .and_then(|region| self.regions.get_key_value(region))
            .or_else(|| self.regions.get_key_value(&self.fallback_region))
            .map(|(region, prices)| (region.as_str(), prices))
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
