//! Charges of stores: by the hour for what runs, by the month for what is provisioned, by an assumed use for what is metered.
//!
//! A price that the region's list lacks is taken from that of the fallback region, and the item says so. A class that no list
//! has is not priced rather than guessed.

use platform_graph::Recorded;
use serde_json::Value;

use super::{Amount, Charge, Rates, documents, tables};
use crate::inventory::text;

/// GB kept in a store that grows by itself: a small one, a large one.
pub(super) const KEPT_GB: (f64, f64) = (10.0, 500.0);

/// How a part of a store is charged; `None` for what is no part of one.
pub(super) fn charge(part: &Recorded, rates: &Rates<'_>) -> Option<Charge> {
    let amounts = match part.kind.as_str() {
        "AWS::Backup::BackupVault" => backup_vault(rates),
        "AWS::Backup::Framework" => framework(part, rates),
        "AWS::CloudWatch::Alarm" => alarm(part, rates),
        "AWS::DocDB::DBCluster" => documents::cluster(part, rates),
        "AWS::DocDB::DBInstance" => documents::instance(part, rates),
        "AWS::DynamoDB::Table" => tables::table(part, rates),
        "AWS::EFS::FileSystem" => file_system(part, rates),
        "AWS::ElastiCache::ReplicationGroup" => cache_nodes(part, rates),
        "AWS::ElastiCache::ServerlessCache" => serverless_cache(part, rates),
        "AWS::OpenSearchService::Domain" => search_domain(part, rates),
        "AWS::RDS::DBCluster" => database_cluster(part, rates),
        "AWS::RDS::DBInstance" => database_instance(part, rates),
        "AWS::S3::Bucket" => bucket(part, rates),
        "AWS::SecretsManager::Secret" => secret(part, rates),
        _ => return None,
    };
    Some(amounts.map_or(Charge::Unknown, Charge::Amounts))
}

/// A vault costs nothing, what it keeps by its size. File systems, buckets and volumes have the price of these items; databases and tables
/// have others, the highest twice as much.
fn backup_vault(rates: &Rates<'_>) -> Option<Vec<Amount>> {
    Some(vec![
        rates.metered(
            "recovery points in warm storage",
            "GB",
            "backup_warm_gb_month",
            KEPT_GB,
            "of recovery points",
        )?,
        rates.metered(
            "recovery points in cold storage",
            "GB",
            "backup_cold_gb_month",
            (0.0, KEPT_GB.1),
            "of recovery points",
        )?,
    ])
}

/// Every judgement of a resource by a control is charged: so many resources, every day.
fn framework(part: &Recorded, rates: &Rates<'_>) -> Option<Vec<Amount>> {
    const RESOURCES: (f64, f64) = (10.0, 100.0);
    let controls = part.properties.get("FrameworkControls")?.as_array()?.len();
    let thousands = |resources: f64| resources * controls as f64 * 30.0 / 1000.0;
    Some(vec![rates.metered(
        "evaluations by controls",
        "thousand",
        "backup_evaluation_thousand",
        (thousands(RESOURCES.0), thousands(RESOURCES.1)),
        "for 10 to 100 resources",
    )?])
}

/// Every copy in another region is charged as a secret.
fn secret(part: &Recorded, rates: &Rates<'_>) -> Option<Vec<Amount>> {
    let copies = part
        .properties
        .get("ReplicaRegions")
        .and_then(Value::as_array)
        .map_or(0, Vec::len);
    let count = (1 + copies) as f64;
    Some(vec![rates.monthly(
        "secret",
        count,
        "in all regions",
        "secretsmanager_secret_month",
    )?])
}

fn number(part: &Recorded, property: &str) -> Option<f64> {
    part.properties.get(property)?.as_f64()
}

impl Rates<'_> {
    /// The price of an item with the words that say where it is from; `None` when no list has it.
    pub(super) fn store(&self, item: &str) -> Option<(f64, String)> {
        match self.prices.stores.get(item) {
            Some(price) => Some((*price, String::new())),
            None => {
                let price = self.fallback.stores.get(item)?;
                Some((*price, format!(" (price of {})", self.fallback_region)))
            }
        }
    }

    /// So much of an item every month.
    fn monthly(&self, what: &str, count: f64, unit: &str, item: &str) -> Option<Amount> {
        let (price, from) = self.store(item)?;
        Some(Amount {
            item: format!("{what}, {count} {unit} × {price}{from}"),
            low: count * price,
            high: count * price,
            assumed: None,
        })
    }

    /// An item that is metered, with the use that is assumed.
    pub(super) fn metered(
        &self,
        what: &str,
        unit: &str,
        item: &str,
        (low, high): (f64, f64),
        of: &str,
    ) -> Option<Amount> {
        let (price, from) = self.store(item)?;
        Some(Amount {
            item: format!("{what}, {price} per {unit}{from}"),
            low: low * price,
            high: high * price,
            assumed: Some(format!("{low} to {high} {unit} a month {of}")),
        })
    }
}

/// Instances by the hour, twice with a standby, and their storage as it is to begin with. The members of an Aurora cluster are charged
/// for here, its storage with the cluster; serverless ones by the capacity that they use, which is with the cluster too.
fn database_instance(part: &Recorded, rates: &Rates<'_>) -> Option<Vec<Amount>> {
    let class = text(part, "DBInstanceClass")?;
    if class == "db.serverless" {
        return Some(Vec::new());
    }
    // A replica has the engine of what it copies; both engines cost the same.
    let engine = text(part, "Engine").unwrap_or("postgres");
    let (price, from) = rates.store(&format!("rds/{}/{class}", price_family(engine)))?;
    let copies: u8 = if part.properties.get("MultiAZ") == Some(&Value::Bool(true)) {
        2
    } else {
        1
    };
    let mut amounts = vec![rates.hourly(
        &format!("{engine} instance {class}{from}"),
        copies.into(),
        price,
    )];
    if !engine.starts_with("aurora") {
        let size: f64 = text(part, "AllocatedStorage")?.parse().ok()?;
        amounts.extend(database_storage(part, rates, size * f64::from(copies))?);
    }
    Some(amounts)
}

/// A Multi-AZ DB cluster is three instances with their storage; an Aurora cluster is its storage, and the capacity of its serverless
/// members.
fn database_cluster(part: &Recorded, rates: &Rates<'_>) -> Option<Vec<Amount>> {
    let engine = text(part, "Engine")?;
    if !engine.starts_with("aurora") {
        let class = text(part, "DBClusterInstanceClass")?;
        let (price, from) = rates.store(&format!("rds/{}/{class}", price_family(engine)))?;
        let size = number(part, "AllocatedStorage")?;
        let instances = rates.hourly(&format!("{engine} instance {class}{from}"), 3, price);
        let mut amounts = vec![instances];
        amounts.extend(database_storage(part, rates, size * 3.0)?);
        return Some(amounts);
    }
    let is_flat = text(part, "StorageType") == Some("aurora-iopt1");
    let item = |plain, flat| if is_flat { flat } else { plain };
    let mut amounts = vec![rates.metered(
        "kept in the cluster",
        "GB",
        item("aurora_gb_month", "aurora_flat_gb_month"),
        KEPT_GB,
        "of data",
    )?];
    if !is_flat {
        amounts.push(rates.metered(
            "reads and writes of storage",
            "million",
            "aurora_million_io",
            (1.0, 500.0),
            "by all clients",
        )?);
    }
    if let Some(scaling) = part.properties.get("ServerlessV2ScalingConfiguration") {
        let hours = |member: &str| Some(scaling.get(member)?.as_f64()? * rates.hours);
        amounts.push(rates.metered(
            "capacity of each serverless instance",
            "ACU hour",
            item("aurora_acu_hour", "aurora_flat_acu_hour"),
            (hours("MinCapacity")?, hours("MaxCapacity")?),
            "between its least and its most",
        )?);
    }
    Some(amounts)
}

/// gp3 storage by size; other sorts are not priced rather than guessed. What is provisioned beyond the baseline is not counted.
fn database_storage(part: &Recorded, rates: &Rates<'_>, size: f64) -> Option<Vec<Amount>> {
    let is_gp3 = text(part, "StorageType") == Some("gp3");
    is_gp3.then_some(())?;
    Some(vec![rates.monthly(
        "storage",
        size,
        "GB",
        "rds_gp3_gb_month",
    )?])
}

/// The part of an item's name that engines of one price share.
fn price_family(engine: &str) -> &'static str {
    if engine.starts_with("aurora") {
        "aurora"
    } else if engine == "mysql" {
        "mysql"
    } else {
        "postgres"
    }
}

fn alarm(part: &Recorded, rates: &Rates<'_>) -> Option<Vec<Amount>> {
    let metrics = part
        .properties
        .get("Metrics")
        .and_then(Value::as_array)
        .map_or(1, |metrics| metrics.len().max(1));
    // A count of metrics is far below the 52 bits that a float holds exactly.
    #[allow(clippy::cast_precision_loss)]
    let amount = rates.monthly("alarm", metrics as f64, "metric", "alarm_month")?;
    Some(vec![amount])
}

/// Objects count as kept in Standard: how soon they move to cheaper storage is for their use to say.
fn bucket(part: &Recorded, rates: &Rates<'_>) -> Option<Vec<Amount>> {
    let versions = part
        .properties
        .get("VersioningConfiguration")
        .is_some_and(|versioning| versioning["Status"] == "Enabled");
    Some(vec![rates.metered(
        "objects kept in Standard",
        "GB",
        "s3_standard_gb_month",
        KEPT_GB,
        if versions {
            "with their old versions, before they move to cheaper storage"
        } else {
            "before they move to cheaper storage"
        },
    )?])
}

fn file_system(part: &Recorded, rates: &Rates<'_>) -> Option<Vec<Amount>> {
    let mut amounts = vec![rates.metered(
        "files kept in Standard",
        "GB",
        "efs_standard_gb_month",
        KEPT_GB,
        "before they move to cheaper storage",
    )?];
    match text(part, "ThroughputMode") {
        Some("provisioned") => amounts.push(rates.monthly(
            "provisioned throughput",
            number(part, "ProvisionedThroughputInMibps")?,
            "MiB/s",
            "efs_provisioned_mibps_month",
        )?),
        Some("elastic") => amounts.push(rates.metered(
            "written",
            "GB",
            "efs_elastic_write_gb",
            (1.0, 200.0),
            "by all clients",
        )?),
        _ => {}
    }
    Some(amounts)
}

/// Nodes by the hour: so many shards, each with a primary and its replicas. What auto scaling adds is not counted.
fn cache_nodes(part: &Recorded, rates: &Rates<'_>) -> Option<Vec<Amount>> {
    let class = text(part, "CacheNodeType")?;
    let engine = text(part, "Engine").unwrap_or("redis");
    let count = |property: &str| part.properties.get(property).and_then(Value::as_u64);
    let nodes =
        count("NumNodeGroups").unwrap_or(1) * (count("ReplicasPerNodeGroup").unwrap_or(0) + 1);
    let count = usize::try_from(nodes).ok()?;
    let (price, from) = rates.store(&format!("elasticache/{engine}/{class}"))?;
    Some(vec![rates.hourly(
        &format!("{engine} node {class}{from}"),
        count,
        price,
    )])
}

fn serverless_cache(part: &Recorded, rates: &Rates<'_>) -> Option<Vec<Amount>> {
    let engine = text(part, "Engine")?;
    let kept = rates.metered(
        "kept in the serverless cache",
        "GB-hours",
        &format!("elasticache_serverless/{engine}_gb_hour"),
        (73.0, 7_300.0),
        "for 0.1 to 10 GB",
    )?;
    let done = rates.metered(
        "done in the serverless cache",
        "million ECPUs",
        &format!("elasticache_serverless/{engine}_million_ecpu"),
        (10.0, 10_000.0),
        "by all clients",
    )?;
    Some(vec![kept, done])
}

/// Nodes by the hour and their volumes by the month; UltraWarm nodes keep what they hold in S3. More operations and throughput than
/// come with a volume are not counted.
fn search_domain(part: &Recorded, rates: &Rates<'_>) -> Option<Vec<Amount>> {
    let cluster = part.properties.get("ClusterConfig")?;
    let nodes = |what: &str, class: &str, count: &str| {
        let class = cluster.get(class)?.as_str()?;
        let count = usize::try_from(cluster.get(count)?.as_u64()?).ok()?;
        let (price, from) = rates.store(&format!("opensearch/{class}"))?;
        Some(rates.hourly(&format!("{what} {class}{from}"), count, price))
    };
    let mut amounts = vec![nodes("data node", "InstanceType", "InstanceCount")?];
    if cluster.get("DedicatedMasterEnabled") == Some(&Value::Bool(true)) {
        amounts.push(nodes(
            "master",
            "DedicatedMasterType",
            "DedicatedMasterCount",
        )?);
    }
    if cluster.get("WarmEnabled") == Some(&Value::Bool(true)) {
        amounts.push(nodes("UltraWarm node", "WarmType", "WarmCount")?);
        amounts.push(rates.metered(
            "kept in UltraWarm",
            "GB",
            "opensearch_warm_gb_month",
            KEPT_GB,
            "of indices that are only read",
        )?);
    }
    if let Some(size) = part.properties.get("EBSOptions")?.get("VolumeSize") {
        let nodes = cluster.get("InstanceCount")?.as_f64()?;
        amounts.push(rates.monthly(
            "volumes of data nodes",
            size.as_f64()? * nodes,
            "GB",
            "opensearch_gp3_gb_month",
        )?);
    }
    Some(amounts)
}
