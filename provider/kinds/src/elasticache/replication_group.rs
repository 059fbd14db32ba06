//! `AWS::ElastiCache::ReplicationGroup`: a cache of Valkey or Redis OSS on nodes: shards, each a primary with replicas.
//!
//! # Flow
//! `DescribeReplicationGroups` shows the group; what is only shown of its members (version, parameter group, maintenance window,
//! subnet group, security groups, topic) comes from `DescribeCacheClusters`, which lists all members of all groups.
//! A group takes one change at a time: [`Kind::update`] gives the first step that is due, and the others follow once the group is
//! available again. Replicas come before the failover that needs them, and go after it.
//!
//! # Guarantees
//! - Minor versions that AWS raises by itself are no difference.
//! - The snapshot at the end has a name of its own for each life of the group.
//!
//! # Caveats
//! - Fewer shards means that their slots move to those that stay, which can take hours.
//! - Modules, passwords (`AuthToken`) and members in Outposts are left out: a password would end up in the state.
//!
//! See <https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html>.

mod change;
mod seen;
#[cfg(test)]
mod tests;

use platform_graph::{
    Attributes, Call, Claim, DeletionPolicy, Disruption, Identity, Kind, Live, Seen, Tags,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{call, version};
use crate::reply;

/// A replication group.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ReplicationGroup {
    /// Id, unique in account and Region, 1 to 40 lowercase letters, digits and hyphens; can't change.
    #[serde(default)]
    pub replication_group_id: String,
    /// What it is for.
    #[serde(default)]
    pub replication_group_description: String,
    /// Whether it is encrypted at rest; can't change.
    pub at_rest_encryption_enabled: Option<bool>,
    /// Whether AWS raises minor versions in the maintenance window; AWS's default is `true`.
    pub auto_minor_version_upgrade: Option<bool>,
    /// Whether a replica takes over from a primary that fails.
    pub automatic_failover_enabled: Option<bool>,
    /// Counts that auto scaling raises, `NumNodeGroups` or `ReplicasPerNodeGroup`: what is asked for is their least.
    pub auto_scaled: Option<Vec<String>>,
    /// Type of all nodes, `cache.r7g.large`.
    pub cache_node_type: Option<String>,
    /// Name of the parameter group; the default one of the engine without.
    pub cache_parameter_group_name: Option<String>,
    /// Name of the subnet group; can't change.
    pub cache_subnet_group_name: Option<String>,
    /// `enabled` (several shards), `disabled` (one) or, on the way from one to the other, `compatible`.
    pub cluster_mode: Option<String>,
    /// `valkey` or `redis`.
    pub engine: Option<String>,
    /// Version, `8.0`: at least this one of the same major version.
    pub engine_version: Option<String>,
    /// Name of the snapshot that is taken before the group is deleted; the instant of the group's birth is added to it.
    pub final_snapshot_identifier: Option<String>,
    /// ARN of the KMS key; can't change.
    pub kms_key_id: Option<String>,
    /// Where its logs go.
    pub log_delivery_configurations: Option<Vec<LogDeliveryConfiguration>>,
    /// Whether the members of a shard are spread over zones.
    #[serde(rename = "MultiAZEnabled")]
    pub multi_az_enabled: Option<bool>,
    /// ARN of the topic that is told of events.
    pub notification_topic_arn: Option<String>,
    /// How many shards.
    pub num_node_groups: Option<u32>,
    /// Port, 6379 without; can't change.
    pub port: Option<u32>,
    /// When AWS may change something, in UTC: `sun:05:00-sun:06:00`.
    pub preferred_maintenance_window: Option<String>,
    /// How many replicas each shard has, at most 5.
    pub replicas_per_node_group: Option<u32>,
    /// Ids of its security groups.
    pub security_group_ids: Option<Vec<String>>,
    /// Name of the snapshot from which it is filled when it is created.
    pub snapshot_name: Option<String>,
    /// Days for which daily snapshots are kept; none are taken with 0, AWS's default.
    pub snapshot_retention_limit: Option<u32>,
    /// When the daily snapshot is taken, in UTC: `03:00-04:00`.
    pub snapshot_window: Option<String>,
    /// Whether connections are encrypted.
    pub transit_encryption_enabled: Option<bool>,
    /// `required` (AWS's default) or, on the way there, `preferred`.
    pub transit_encryption_mode: Option<String>,
    /// Ids of the groups of users that may use it, at most one.
    pub user_group_ids: Option<Vec<String>>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// Where one sort of log goes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct LogDeliveryConfiguration {
    /// Which one.
    pub destination_details: DestinationDetails,
    /// `cloudwatch-logs`.
    pub destination_type: String,
    /// `json` or `text`.
    pub log_format: String,
    /// `slow-log` or `engine-log`.
    pub log_type: String,
}

/// The destination of a log.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DestinationDetails {
    /// A log group.
    pub cloud_watch_logs_details: CloudWatchLogs,
}

/// A log group as the destination of a log.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct CloudWatchLogs {
    /// Name of the log group.
    pub log_group: String,
}

impl ReplicationGroup {
    fn is_sharded(&self) -> bool {
        match self.cluster_mode.as_deref() {
            Some(mode) => mode == "enabled",
            None => self.num_node_groups.unwrap_or(1) > 1,
        }
    }
}

impl Kind for ReplicationGroup {
    const TYPE: &'static str = "AWS::ElastiCache::ReplicationGroup";
    const CREATE_ONLY: &'static [&'static str] = &[
        "AtRestEncryptionEnabled",
        "CacheSubnetGroupName",
        "KmsKeyId",
        "Port",
        "ReplicationGroupId",
    ];
    const UNORDERED: &'static [&'static str] = &[
        "LogDeliveryConfigurations",
        "SecurityGroupIds",
        "UserGroupIds",
    ];
    const ATTRIBUTES: &'static [&'static str] = &[
        "Arn",
        "ConfigurationEndPoint.Address",
        "ConfigurationEndPoint.Port",
        "CreateTime",
        "NodeGroupIds",
        "PrimaryEndPoint.Address",
        "PrimaryEndPoint.Port",
        "ReaderEndPoint.Address",
        "ReaderEndPoint.Port",
    ];
    const OURS: &'static [&'static str] = &["AutoScaled", "FinalSnapshotIdentifier"];
    const LASTING: &'static [&'static str] = &["Arn"];
    const VOLATILE: &'static [&'static str] = &["NodeGroupIds"];
    const DETAILS_NEED: &'static [&'static str] = &["Arn"];
    const BORN: &'static str = "CreateTime";
    const STATEFUL: bool = true;
    const TAGGED: bool = true;
    const EXPECTED_SECONDS: u32 = 600;
    const DEADLINE_SECONDS: u32 = 5400;

    fn find(&self, _me: &Identity) -> Vec<Call> {
        vec![call("DescribeReplicationGroups")]
    }

    fn details_again(&self, _me: &Identity, _id: &str, known: &Attributes) -> Vec<Call> {
        vec![
            call("DescribeCacheClusters").with("ShowCacheNodeInfo", true),
            super::list_tags(known),
        ]
    }

    fn read(&self, _me: &Identity, replies: &[Value]) -> Seen<Self> {
        let id = &self.replication_group_id;
        let found = super::named(replies, "ReplicationGroups", "ReplicationGroupId", id);
        let Some(group) = found else {
            return Seen::Absent;
        };
        if let Some(seen) = super::passing(id, group["Status"].as_str()) {
            return seen;
        }
        let member = replies.get(1).map(|reply| {
            let clusters = reply::items(reply, "CacheClusters");
            clusters
                .iter()
                .find(|cluster| cluster["ReplicationGroupId"] == **id)
        });
        if member == Some(None) {
            return Seen::Pending {
                id: id.clone(),
                why: "not showing its members".to_owned(),
            };
        }
        let member = member.flatten().unwrap_or(&Value::Null);
        Seen::Live(Live {
            id: id.clone(),
            properties: self.seen(group, member, super::tags(replies)),
            attributes: seen::attributes(group),
        })
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        let sharded = self.is_sharded();
        let replicas = self.replicas_per_node_group;
        vec![
            call("CreateReplicationGroup")
                .with("ReplicationGroupId", &self.replication_group_id)
                .with(
                    "ReplicationGroupDescription",
                    &self.replication_group_description,
                )
                .with("AtRestEncryptionEnabled", self.at_rest_encryption_enabled)
                .with("AutoMinorVersionUpgrade", self.auto_minor_version_upgrade)
                .with("AutomaticFailoverEnabled", self.automatic_failover_enabled)
                .with("CacheNodeType", &self.cache_node_type)
                .with("CacheParameterGroupName", &self.cache_parameter_group_name)
                .with("CacheSubnetGroupName", &self.cache_subnet_group_name)
                .with("ClusterMode", &self.cluster_mode)
                .with("Engine", &self.engine)
                .with("EngineVersion", &self.engine_version)
                .with("KmsKeyId", &self.kms_key_id)
                .with(
                    "LogDeliveryConfigurations",
                    &self.log_delivery_configurations,
                )
                .with("MultiAZEnabled", self.multi_az_enabled)
                .with("NotificationTopicArn", &self.notification_topic_arn)
                // One shard is asked for by its members.
                .with("NumNodeGroups", self.num_node_groups.filter(|_| sharded))
                .with("ReplicasPerNodeGroup", replicas.filter(|_| sharded))
                .with(
                    "NumCacheClusters",
                    (!sharded).then(|| replicas.unwrap_or(0) + 1),
                )
                .with("Port", self.port)
                .with(
                    "PreferredMaintenanceWindow",
                    &self.preferred_maintenance_window,
                )
                .with("SecurityGroupIds", &self.security_group_ids)
                .with("SnapshotName", &self.snapshot_name)
                .with("SnapshotRetentionLimit", self.snapshot_retention_limit)
                .with("SnapshotWindow", &self.snapshot_window)
                .with("TransitEncryptionEnabled", self.transit_encryption_enabled)
                .with("TransitEncryptionMode", &self.transit_encryption_mode)
                .with("UserGroupIds", &self.user_group_ids)
                .with("Tags", super::tag_list(&self.tags)),
        ]
    }

    fn created(&self, _me: &Identity, _reply: &Value) -> Option<String> {
        Some(self.replication_group_id.clone())
    }

    fn update(&self, _me: &Identity, live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        self.next_step(live, changed).into_iter().collect()
    }

    fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
        super::retag(&live.attributes, set, remove)
    }

    fn delete(&self, _me: &Identity, id: &str, attributes: &Attributes) -> Vec<Call> {
        let snapshot = self.final_snapshot_identifier.as_ref();
        vec![
            call("DeleteReplicationGroup")
                .with("ReplicationGroupId", id)
                .with(
                    "FinalSnapshotIdentifier",
                    super::final_snapshot(snapshot, attributes, Self::BORN),
                ),
        ]
    }

    fn deletion_policy(&self) -> DeletionPolicy {
        match self.final_snapshot_identifier {
            Some(_) => DeletionPolicy::Snapshot,
            None => DeletionPolicy::Delete,
        }
    }

    fn known_by(id: &str) -> Self {
        ReplicationGroup {
            replication_group_id: id.to_owned(),
            ..ReplicationGroup::default()
        }
    }

    fn census(replies: &[Value]) -> Vec<Call> {
        super::census(replies)
    }

    fn counted(replies: &[Value]) -> Vec<Claim> {
        super::counted(replies, "replicationgroup")
    }

    fn disruption(property: &str) -> Disruption {
        match property {
            "CacheNodeType" | "ClusterMode" | "Engine" | "EngineVersion" => Disruption::Failover,
            "CacheParameterGroupName"
            | "NumNodeGroups"
            | "TransitEncryptionEnabled"
            | "TransitEncryptionMode" => Disruption::Rolling,
            _ => Disruption::None,
        }
    }

    fn same(property: &str, live: &Value, desired: &Value) -> bool {
        match (property, live.as_str(), desired.as_str()) {
            ("EngineVersion", Some(live), Some(desired)) => version::satisfies(live, desired),
            ("PreferredMaintenanceWindow" | "SnapshotWindow", Some(live), Some(desired)) => {
                live.eq_ignore_ascii_case(desired)
            }
            // They count when the group is created and when it is deleted.
            ("SnapshotName", ..) => true,
            _ => live == desired,
        }
    }
}
