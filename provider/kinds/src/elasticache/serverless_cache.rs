//! `AWS::ElastiCache::ServerlessCache`: a cache without nodes, paid by what is stored and done.
//!
//! Reads `DescribeServerlessCaches`; the name is the identity. It is always encrypted, in transit and at rest, and always spread
//! over the zones of its subnets.
//!
//! # Caveats
//! - A cache takes one change at a time.
//! - A cache keeps its subnets: those that are asked for besides are no difference, so that a network that grows by a zone does not
//!   call for a new cache.
//! - A limit that is given up again can't be taken away by the API: it is raised to the highest value instead.
//!
//! See <https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateServerlessCache.html>.

use platform_graph::{Attributes, Call, Claim, Identity, Kind, Live, Seen, Tags};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::call;
use crate::reply;

/// The highest limits that ElastiCache knows: 5,000 GB and 15,000,000 ECPUs per second. A cache without limits has these.
const MOST_GB: u32 = 5_000;
const MOST_ECPU: u32 = 15_000_000;

/// A serverless cache.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ServerlessCache {
    /// Name, unique in account and Region, 1 to 40 lowercase letters, digits and hyphens; can't change.
    #[serde(default)]
    pub serverless_cache_name: String,
    /// How much may be stored and done; everything without.
    pub cache_usage_limits: Option<CacheUsageLimits>,
    /// When the daily snapshot is taken, in UTC: `03:00`.
    pub daily_snapshot_time: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// `valkey` or `redis`.
    #[serde(default)]
    pub engine: String,
    /// Name of the snapshot that is taken before the cache is deleted; the instant of the cache's birth is added to it.
    pub final_snapshot_name: Option<String>,
    /// ARN of the KMS key; one of AWS's own without. Can't change.
    pub kms_key_id: Option<String>,
    /// Major version, `8`.
    pub major_engine_version: Option<String>,
    /// Ids of its security groups.
    pub security_group_ids: Option<Vec<String>>,
    /// ARNs of the snapshots from which it is filled when it is created.
    pub snapshot_arns_to_restore: Option<Vec<String>>,
    /// Days for which daily snapshots are kept; none are taken with 0, AWS's default.
    pub snapshot_retention_limit: Option<u32>,
    /// Ids of the subnets in which it gets addresses; can't change.
    pub subnet_ids: Option<Vec<String>>,
    /// Id of the group of users that may use it.
    pub user_group_id: Option<String>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// Limits of a serverless cache.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct CacheUsageLimits {
    /// What may be stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_storage: Option<DataStorage>,
    /// What may be done.
    #[serde(rename = "ECPUPerSecond", skip_serializing_if = "Option::is_none")]
    pub ecpu_per_second: Option<EcpuPerSecond>,
}

/// Least and most that is stored: the least is paid for even when it is not used.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DataStorage {
    /// At most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum: Option<u32>,
    /// At least.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum: Option<u32>,
    /// `GB`.
    pub unit: String,
}

/// Least and most ElastiCache Processing Units per second.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct EcpuPerSecond {
    /// At most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum: Option<u32>,
    /// At least.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum: Option<u32>,
}

/// A number that says something: no minimum is shown as 0, no maximum as the highest.
fn shown(limit: &Value, member: &str, nothing: u32) -> Option<u32> {
    reply::number(limit, member).filter(|number| *number != nothing)
}

impl CacheUsageLimits {
    /// The limits that AWS shows; none where they limit nothing.
    fn of(limits: &Value) -> Option<Self> {
        let (storage, ecpu) = (&limits["DataStorage"], &limits["ECPUPerSecond"]);
        let storage = DataStorage {
            maximum: shown(storage, "Maximum", MOST_GB),
            minimum: shown(storage, "Minimum", 0),
            unit: "GB".to_owned(),
        };
        let ecpu = EcpuPerSecond {
            maximum: shown(ecpu, "Maximum", MOST_ECPU),
            minimum: shown(ecpu, "Minimum", 0),
        };
        let found = CacheUsageLimits {
            data_storage: Some(storage)
                .filter(|storage| storage.maximum.is_some() || storage.minimum.is_some()),
            ecpu_per_second: Some(ecpu)
                .filter(|ecpu| ecpu.maximum.is_some() || ecpu.minimum.is_some()),
        };
        (found != CacheUsageLimits::default()).then_some(found)
    }

    /// All limits, as a change must give them: what is not asked for is not limited.
    fn whole(asked: Option<&Self>) -> Value {
        let storage = asked.and_then(|asked| asked.data_storage.as_ref());
        let ecpu = asked.and_then(|asked| asked.ecpu_per_second.as_ref());
        let mut limits = json!({
            "DataStorage": { "Maximum": storage.and_then(|limit| limit.maximum).unwrap_or(MOST_GB), "Unit": "GB" },
            "ECPUPerSecond": { "Maximum": ecpu.and_then(|limit| limit.maximum).unwrap_or(MOST_ECPU) },
        });
        limits["DataStorage"]["Minimum"] =
            json!(storage.and_then(|limit| limit.minimum).unwrap_or(0));
        limits["ECPUPerSecond"]["Minimum"] =
            json!(ecpu.and_then(|limit| limit.minimum).unwrap_or(0));
        limits
    }
}

fn attributes(cache: &Value) -> Attributes {
    let (endpoint, reader) = (&cache["Endpoint"], &cache["ReaderEndpoint"]);
    super::attributes([
        ("ARN", json!(reply::text(cache, "ARN"))),
        ("CreateTime", json!(reply::text(cache, "CreateTime"))),
        ("Endpoint.Address", super::address(endpoint)),
        ("Endpoint.Port", super::port(endpoint)),
        ("ReaderEndpoint.Address", super::address(reader)),
        ("ReaderEndpoint.Port", super::port(reader)),
    ])
}

impl Kind for ServerlessCache {
    const TYPE: &'static str = "AWS::ElastiCache::ServerlessCache";
    const CREATE_ONLY: &'static [&'static str] = &["KmsKeyId", "ServerlessCacheName", "SubnetIds"];
    const UNORDERED: &'static [&'static str] = &["SecurityGroupIds"];
    const ATTRIBUTES: &'static [&'static str] = &[
        "ARN",
        "CreateTime",
        "Endpoint.Address",
        "Endpoint.Port",
        "ReaderEndpoint.Address",
        "ReaderEndpoint.Port",
    ];
    const LASTING: &'static [&'static str] = &["ARN"];
    const DETAILS_NEED: &'static [&'static str] = &["ARN"];
    const BORN: &'static str = "CreateTime";
    const STATEFUL: bool = true;
    const TAGGED: bool = true;
    const EXPECTED_SECONDS: u32 = 120;
    const DEADLINE_SECONDS: u32 = 2400;

    fn find(&self, _me: &Identity) -> Vec<Call> {
        vec![call("DescribeServerlessCaches")]
    }

    fn details_again(&self, _me: &Identity, _id: &str, known: &Attributes) -> Vec<Call> {
        vec![super::list_tags(known)]
    }

    fn read(&self, _me: &Identity, replies: &[Value]) -> Seen<Self> {
        let name = &self.serverless_cache_name;
        let found = super::named(replies, "ServerlessCaches", "ServerlessCacheName", name);
        let Some(cache) = found else {
            return Seen::Absent;
        };
        if let Some(seen) = super::passing(name, cache["Status"].as_str()) {
            return seen;
        }
        let description = reply::text(cache, "Description").unwrap_or_default();
        Seen::Live(Live {
            id: name.clone(),
            attributes: attributes(cache),
            properties: ServerlessCache {
                serverless_cache_name: name.clone(),
                cache_usage_limits: CacheUsageLimits::of(&cache["CacheUsageLimits"]),
                daily_snapshot_time: reply::text(cache, "DailySnapshotTime")
                    .filter(|_| self.daily_snapshot_time.is_some()),
                description: reply::unless_default(
                    Some(description),
                    String::new(),
                    self.description.as_ref(),
                ),
                engine: reply::text(cache, "Engine").unwrap_or_default(),
                final_snapshot_name: self.final_snapshot_name.clone(),
                kms_key_id: reply::text(cache, "KmsKeyId"),
                major_engine_version: reply::text(cache, "MajorEngineVersion")
                    .filter(|_| self.major_engine_version.is_some()),
                security_group_ids: Some(reply::texts(cache, "SecurityGroupIds"))
                    .filter(|_| self.security_group_ids.is_some()),
                snapshot_arns_to_restore: self.snapshot_arns_to_restore.clone(),
                snapshot_retention_limit: reply::unless_default(
                    reply::number(cache, "SnapshotRetentionLimit"),
                    0,
                    self.snapshot_retention_limit.as_ref(),
                ),
                subnet_ids: Some(reply::texts(cache, "SubnetIds"))
                    .filter(|_| self.subnet_ids.is_some()),
                user_group_id: reply::text(cache, "UserGroupId"),
                tags: super::tags(replies),
            },
        })
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        vec![
            call("CreateServerlessCache")
                .with("ServerlessCacheName", &self.serverless_cache_name)
                .with("CacheUsageLimits", &self.cache_usage_limits)
                .with("DailySnapshotTime", &self.daily_snapshot_time)
                .with("Description", &self.description)
                .with("Engine", &self.engine)
                .with("KmsKeyId", &self.kms_key_id)
                .with("MajorEngineVersion", &self.major_engine_version)
                .with("SecurityGroupIds", &self.security_group_ids)
                .with("SnapshotArnsToRestore", &self.snapshot_arns_to_restore)
                .with("SnapshotRetentionLimit", self.snapshot_retention_limit)
                .with("SubnetIds", &self.subnet_ids)
                .with("UserGroupId", &self.user_group_id)
                .with("Tags", super::tag_list(&self.tags)),
        ]
    }

    fn created(&self, _me: &Identity, _reply: &Value) -> Option<String> {
        Some(self.serverless_cache_name.clone())
    }

    fn update(&self, _me: &Identity, live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        let has = |name: &str| changed.contains(&name);
        let call = || call("ModifyServerlessCache").with("ServerlessCacheName", &live.id);
        let upgrade = has("Engine") || has("MajorEngineVersion");
        let settings = call()
            .with(
                "CacheUsageLimits",
                has("CacheUsageLimits")
                    .then(|| CacheUsageLimits::whole(self.cache_usage_limits.as_ref())),
            )
            .with(
                "DailySnapshotTime",
                self.daily_snapshot_time
                    .as_ref()
                    .filter(|_| has("DailySnapshotTime")),
            )
            .with(
                "Description",
                has("Description").then(|| self.description.clone().unwrap_or_default()),
            )
            .with(
                "RemoveUserGroup",
                (has("UserGroupId") && self.user_group_id.is_none()).then_some(true),
            )
            .with(
                "UserGroupId",
                self.user_group_id.as_ref().filter(|_| has("UserGroupId")),
            )
            .with(
                "SecurityGroupIds",
                self.security_group_ids
                    .as_ref()
                    .filter(|_| has("SecurityGroupIds")),
            )
            .with(
                "SnapshotRetentionLimit",
                has("SnapshotRetentionLimit").then(|| self.snapshot_retention_limit.unwrap_or(0)),
            );
        let counts = settings.params.len() > 1;
        let step = match (counts, upgrade) {
            (true, _) => Some(settings),
            (false, true) => Some(
                call()
                    .with("Engine", &self.engine)
                    .with("MajorEngineVersion", &self.major_engine_version),
            ),
            (false, false) => None,
        };
        step.into_iter().collect()
    }

    fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
        super::retag(&live.attributes, set, remove)
    }

    fn delete(&self, _me: &Identity, id: &str, attributes: &Attributes) -> Vec<Call> {
        let snapshot = self.final_snapshot_name.as_ref();
        vec![
            call("DeleteServerlessCache")
                .with("ServerlessCacheName", id)
                .with(
                    "FinalSnapshotName",
                    super::final_snapshot(snapshot, attributes, Self::BORN),
                ),
        ]
    }

    fn known_by(id: &str) -> Self {
        ServerlessCache {
            serverless_cache_name: id.to_owned(),
            ..ServerlessCache::default()
        }
    }

    fn census(replies: &[Value]) -> Vec<Call> {
        super::census(replies)
    }

    fn counted(replies: &[Value]) -> Vec<Claim> {
        super::counted(replies, "serverlesscache")
    }

    fn same(property: &str, live: &Value, desired: &Value) -> bool {
        match (property, live.as_array(), desired.as_array()) {
            ("SubnetIds", Some(live), Some(desired)) => {
                !live.is_empty() && live.iter().all(|subnet| desired.contains(subnet))
            }
            _ => live == desired,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::me;

    fn asked() -> ServerlessCache {
        ServerlessCache {
            serverless_cache_name: "shop-carts".into(),
            engine: "valkey".into(),
            major_engine_version: Some("8".into()),
            ..ServerlessCache::default()
        }
    }

    fn live(asked: &ServerlessCache, limits: Value) -> Live<ServerlessCache> {
        let cache = json!({ "ServerlessCacheName": "shop-carts", "Status": "available", "Engine": "valkey", "MajorEngineVersion": "8",
            "CacheUsageLimits": limits, "SecurityGroupIds": ["sg-1"], "SubnetIds": ["subnet-1"], "ARN": "arn:sc", "DailySnapshotTime": "03:00",
            "Endpoint": { "Address": "shop-carts.serverless", "Port": 6379 }, "SnapshotRetentionLimit": 0 });
        match asked.read(&me(None), &[json!({ "ServerlessCaches": [cache] })]) {
            Seen::Live(live) => live,
            seen => panic!("{seen:?}"),
        }
    }

    #[test]
    fn limits_that_limit_nothing_are_none() {
        let nothing = json!({ "DataStorage": { "Maximum": 5000, "Minimum": 0, "Unit": "GB" }, "ECPUPerSecond": { "Maximum": 15_000_000 } });
        assert_eq!(live(&asked(), nothing).properties.cache_usage_limits, None);
        let some = json!({ "DataStorage": { "Maximum": 10, "Unit": "GB" }, "ECPUPerSecond": { "Maximum": 15_000_000 } });
        let seen = live(&asked(), some).properties;
        let limits = seen.cache_usage_limits.clone().unwrap();
        assert_eq!(limits.data_storage.unwrap().maximum, Some(10));
        assert_eq!(limits.ecpu_per_second, None);
    }

    #[test]
    fn limits_that_are_given_up_become_the_highest() {
        let limits = json!({ "DataStorage": { "Maximum": 10, "Unit": "GB" }, "ECPUPerSecond": { "Maximum": 5000 } });
        let calls = asked().update(&me(None), &live(&asked(), limits), &["CacheUsageLimits"]);
        let set = &calls[0].params["CacheUsageLimits"];
        assert_eq!(set["DataStorage"]["Maximum"], 5000);
        assert_eq!(set["ECPUPerSecond"]["Maximum"], 15_000_000);
    }

    #[test]
    fn settings_change_before_the_version() {
        let live = live(&asked(), json!({}));
        let wished = ServerlessCache {
            snapshot_retention_limit: Some(3),
            major_engine_version: Some("9".into()),
            ..asked()
        };
        let both = ["MajorEngineVersion", "SnapshotRetentionLimit"];
        let first = &wished.update(&me(None), &live, &both)[0];
        assert_eq!(first.params["SnapshotRetentionLimit"], 3);
        assert_eq!(first.params.get("MajorEngineVersion"), None);
        let second = &wished.update(&me(None), &live, &both[..1])[0];
        assert_eq!(second.params["MajorEngineVersion"], "9");
    }

    #[test]
    fn subnets_that_come_later_do_not_call_for_another_cache() {
        for (live, desired, expected) in [
            (json!(["a", "b"]), json!(["b", "c", "a"]), true),
            (json!(["a", "b"]), json!(["b"]), false),
            (json!([]), json!(["a"]), false),
        ] {
            let same = ServerlessCache::same("SubnetIds", &live, &desired);
            assert_eq!(same, expected, "{live} for {desired}");
        }
    }
}
