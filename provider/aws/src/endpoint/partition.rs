//! AWS's partitions and the Regions of each.

use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::model::PARTITIONS;

/// One of the separate worlds of AWS: commercial, China, GovCloud and so on.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Partition {
    /// `aws`, `aws-cn`, `aws-us-gov` ...
    pub id: String,
    /// What the endpoint rules read: DNS suffixes, support of FIPS and dual-stack.
    pub outputs: Map<String, Value>,
    region_regex: String,
    regions: Map<String, Value>,
    #[serde(skip)]
    pattern: Option<Regex>,
}

#[derive(Deserialize)]
struct Document {
    partitions: Vec<Partition>,
}

static ALL: LazyLock<Vec<Partition>> = LazyLock::new(|| {
    let mut partitions = serde_json::from_str::<Document>(PARTITIONS)
        .map(|d| d.partitions)
        .unwrap_or_default();
    for partition in &mut partitions {
        partition.pattern = Regex::new(&partition.region_regex).ok();
    }
    partitions
});

/// The partition of a Region. A Region that none of them knows is taken for a commercial one, as AWS's SDKs do.
pub fn of_region(region: &str) -> Option<&'static Partition> {
    let matches = |p: &&Partition| {
        p.pattern
            .as_ref()
            .is_some_and(|pattern| pattern.is_match(region))
    };
    ALL.iter()
        .find(|p| p.regions.contains_key(region))
        .or_else(|| ALL.iter().find(matches))
        .or_else(|| ALL.iter().find(|p| p.id == "aws"))
}

impl Partition {
    /// Whether the table lists the Region; one newer than the table isn't there.
    pub fn lists(&self, region: &str) -> bool {
        self.regions.contains_key(region)
    }
}
