//! Caches of a data tier.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Access, yes};

/// A cache of Amazon ElastiCache, encrypted in transit and at rest, with a replica that takes over in another zone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cache {
    /// `valkey` when left out; `redis` is Redis OSS. A cache moves from `redis` to `valkey` in place, and not back.
    #[serde(default)]
    pub engine: CacheEngine,
    /// Version as a policy: what it has at least, `<major>` or `<major>.<minor>`, or `auto`: AWS's default version when it is made, and
    /// whatever it runs from then on. Minor versions that AWS raises by itself are never undone; a higher one is an upgrade in place.
    /// Another major version needs `allow_major_upgrade`; an older one and one that ElastiCache does not offer are refused. `8` for Valkey and `7` for Redis OSS when left
    /// out. Example: `8.1`.
    #[schemars(regex(pattern = r"^(auto|[1-9][0-9]*(\.[0-9]+)?)$"))]
    pub version: Option<String>,
    /// Whether it may be brought to another major version. The upgrade happens at once and can't be taken back. `false` when left out.
    #[serde(default)]
    pub allow_major_upgrade: bool,
    /// How it is spread. `cluster` when left out. Can't change between `serverless` and the others.
    #[serde(default)]
    pub mode: CacheMode,
    /// Who may connect to its port. When left out, whoever may connect to the tier.
    pub access_from: Option<Access>,
    /// Name of the network's tier in which it has its addresses. When left out, that of the data tier.
    pub tier: Option<String>,
    /// Port, from 1024 to 65535. 6379 when left out; can't be changed, and not chosen for `serverless`, which adds 6380 for reading.
    #[serde(default = "default_port")]
    #[schemars(range(min = 1024, max = 65535))]
    pub port: u16,
    /// Users by name, each with what it may do. They log in with IAM tokens, never with passwords, and everybody else is shut out.
    /// When there are none, whoever reaches the cache may use it.
    #[serde(default)]
    pub users: BTreeMap<String, CacheUser>,

    /// Type of the nodes; another one is a rolling exchange. AWS tells no plan which types a region has, and refuses one that it lacks
    /// when the cache is made. `cache.t4g.small` when left out. Example: `cache.r7g.large`.
    #[serde(default = "default_node_type")]
    #[schemars(regex(pattern = r"^cache\.[a-z0-9]+\.[a-z0-9]+$"))]
    pub node_type: String,
    /// Shards over which keys are spread, from 1 to 500, and to 500 nodes in all; only for `cluster`. 1 when left out. More of them are added
    /// in place. AWS gives a cluster 90 nodes until a quota is raised.
    #[serde(default = "default_shards")]
    #[schemars(range(min = 1, max = 500))]
    pub shards: u32,
    /// Replicas of each shard, from 0 to 5. 1 when left out; with 0 a node that fails takes its part of the cache along.
    #[serde(default = "default_replicas")]
    #[schemars(range(min = 0, max = 5))]
    pub replicas_per_shard: u32,
    /// Between which counts AWS scales, by load. When left out, the counts stay as they are written.
    pub scaling: Option<CacheScaling>,
    /// Limits of a `serverless` cache. When left out, it grows without limit, and so may the bill.
    pub limits: Option<CacheLimits>,
    /// Settings of the engine by name; a name that AWS does not know is refused at plan. Not for `serverless`. AWS's own when left out. Example: `{ maxmemory-policy = "allkeys-lru" }`.
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,

    /// Snapshots. When left out, one a day, kept for 7 days, and a last one.
    #[serde(default)]
    pub snapshots: CacheSnapshots,
    /// Logs. When left out, both, for 30 days. Not for `serverless`, which has none.
    #[serde(default)]
    pub logs: CacheLogs,
    /// When AWS may change something, in UTC: an hour at least, and not while snapshots are taken; AWS chooses an hour of the week when left
    /// out. Example: `sun:05:00-sun:06:00`.
    #[schemars(regex(
        pattern = r"^(mon|tue|wed|thu|fri|sat|sun):([01][0-9]|2[0-3]):[0-5][0-9]-(mon|tue|wed|thu|fri|sat|sun):([01][0-9]|2[0-3]):[0-5][0-9]$"
    ))]
    pub maintenance_window: Option<String>,
    /// Whether AWS raises minor versions in the maintenance window. `true` when left out.
    #[serde(default = "yes")]
    pub auto_minor_version_upgrade: bool,
}

impl Default for Cache {
    fn default() -> Self {
        Cache {
            engine: CacheEngine::default(),
            version: None,
            allow_major_upgrade: false,
            mode: CacheMode::default(),
            access_from: None,
            tier: None,
            port: default_port(),
            users: BTreeMap::new(),
            node_type: default_node_type(),
            shards: default_shards(),
            replicas_per_shard: default_replicas(),
            scaling: None,
            limits: None,
            parameters: BTreeMap::new(),
            snapshots: CacheSnapshots::default(),
            logs: CacheLogs::default(),
            maintenance_window: None,
            auto_minor_version_upgrade: true,
        }
    }
}

/// What a cache runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CacheEngine {
    /// Valkey.
    #[default]
    Valkey,
    /// Redis OSS.
    Redis,
}

/// How a cache is spread.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CacheMode {
    /// Over shards, for clients that know the cluster protocol. It grows without a new cache.
    #[default]
    Cluster,
    /// One shard, for every client.
    Single,
    /// Without nodes, paid by what is stored and done.
    Serverless,
}

/// A user of a cache.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CacheUser {
    /// What it may do, in the language of access control lists. Example: `on ~cart:* +@read +@write`.
    #[schemars(length(min = 1))]
    pub access_string: String,
}

/// Between which counts AWS scales a cache. The counts of the cache are the least.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CacheScaling {
    /// Shards at most. When left out, there are as many as `shards` says.
    #[schemars(range(min = 1, max = 500))]
    pub max_shards: Option<u32>,
    /// Replicas of each shard at most. When left out, there are as many as `replicas_per_shard` says.
    #[schemars(range(min = 1, max = 5))]
    pub max_replicas_per_shard: Option<u32>,
    /// Load of the engine that is aimed at, in percent of a core: of primaries for shards, of replicas for replicas. 60 when left
    /// out.
    #[serde(default = "default_target")]
    #[schemars(range(min = 35, max = 70))]
    pub target_cpu_percent: u32,
}

/// Limits of a serverless cache.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CacheLimits {
    /// GB that are paid for even when less is stored.
    #[schemars(range(min = 1, max = 5000))]
    pub min_storage_gb: Option<u32>,
    /// GB that are stored at most; beyond them keys are evicted.
    #[schemars(range(min = 1, max = 5000))]
    pub max_storage_gb: Option<u32>,
    /// ECPUs per second that are paid for even when less is done.
    #[schemars(range(min = 1000, max = 15_000_000))]
    pub min_ecpu_per_second: Option<u32>,
    /// ECPUs per second at most; beyond them commands are throttled.
    #[schemars(range(min = 1000, max = 15_000_000))]
    pub max_ecpu_per_second: Option<u32>,
}

/// Snapshots of a cache.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CacheSnapshots {
    /// Days for which daily snapshots are kept, from 0 (none are taken) to 35. 7 when left out.
    #[serde(default = "default_retention")]
    #[schemars(range(min = 0, max = 35))]
    pub retention_days: u32,
    /// The hour or more in which they are taken, in UTC. `03:00-04:00` when left out; a `serverless` cache begins at its start.
    #[serde(default = "default_window")]
    #[schemars(regex(pattern = r"^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$"))]
    pub window: String,
    /// Whether a last snapshot is taken before the cache is deleted. `true` when left out. It stays, and is paid for, until somebody
    /// deletes it.
    #[serde(default = "yes")]
    pub r#final: bool,
    /// Snapshot from which the cache is filled when it is created: its name, or its ARN for `serverless`. It counts no more later.
    pub restore_from: Option<String>,
}

impl Default for CacheSnapshots {
    fn default() -> Self {
        CacheSnapshots {
            retention_days: default_retention(),
            window: default_window(),
            r#final: true,
            restore_from: None,
        }
    }
}

/// Logs of a cache, in CloudWatch Logs, encrypted with the tier's key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CacheLogs {
    /// Whether slow commands are logged. `true` when left out.
    #[serde(default = "yes")]
    pub slow: bool,
    /// Whether the engine's messages are logged. `true` when left out.
    #[serde(default = "yes")]
    pub engine: bool,
    /// Days for which they are kept: a number that CloudWatch Logs knows. 30 when left out.
    #[serde(default = "default_log_retention")]
    pub retention_days: u32,
}

impl Default for CacheLogs {
    fn default() -> Self {
        CacheLogs {
            slow: true,
            engine: true,
            retention_days: default_log_retention(),
        }
    }
}

fn default_port() -> u16 {
    6379
}

fn default_node_type() -> String {
    "cache.t4g.small".to_owned()
}

fn default_shards() -> u32 {
    1
}

fn default_replicas() -> u32 {
    1
}

fn default_target() -> u32 {
    60
}

fn default_retention() -> u32 {
    7
}

fn default_window() -> String {
    "03:00-04:00".to_owned()
}

fn default_log_retention() -> u32 {
    30
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_the_default() {
        let decoded: Cache = serde_json::from_value(serde_json::json!({})).unwrap();
        assert_eq!(decoded, Cache::default());
    }
}
