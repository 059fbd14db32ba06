//! What changes a replication group, one step at a time.

use platform_graph::{Attributes, Call, Live};
use serde_json::{Value, json};

use super::super::user_group::difference;
use super::super::{call, version};
use super::ReplicationGroup;

/// Properties that one `ModifyReplicationGroup` changes together, without a node being exchanged.
const SETTINGS: [&str; 13] = [
    "AutoMinorVersionUpgrade",
    "AutomaticFailoverEnabled",
    "LogDeliveryConfigurations",
    "MultiAZEnabled",
    "NotificationTopicArn",
    "PreferredMaintenanceWindow",
    "ReplicationGroupDescription",
    "SecurityGroupIds",
    "SnapshotRetentionLimit",
    "SnapshotWindow",
    "TransitEncryptionEnabled",
    "TransitEncryptionMode",
    "UserGroupIds",
];

/// Properties that change the software of the nodes; a new major version needs parameters of its own.
const SOFTWARE: [&str; 3] = ["CacheParameterGroupName", "Engine", "EngineVersion"];

impl ReplicationGroup {
    /// The first change that is due.
    pub(super) fn next_step(&self, live: &Live<Self>, changed: &[&str]) -> Option<Call> {
        let has = |name: &str| changed.contains(&name);
        let had = live.properties.replicas_per_node_group.unwrap_or(0);
        let more = self.replicas_per_node_group.unwrap_or(0) > had;
        if has("ReplicasPerNodeGroup") && more {
            Some(self.replicas("IncreaseReplicaCount"))
        } else if let Some(call) = self.settings(&live.properties, changed) {
            Some(call)
        } else if has("ReplicasPerNodeGroup") {
            Some(self.replicas("DecreaseReplicaCount"))
        } else if has("ClusterMode") {
            Some(self.toward_cluster(&live.properties))
        } else if changed.iter().any(|name| SOFTWARE.contains(name)) {
            Some(self.software(changed))
        } else if has("CacheNodeType") {
            Some(self.modify().with("CacheNodeType", &self.cache_node_type))
        } else if has("NumNodeGroups") {
            Some(self.shards(&live.attributes))
        } else {
            None
        }
    }

    fn modify(&self) -> Call {
        call("ModifyReplicationGroup")
            .with("ReplicationGroupId", &self.replication_group_id)
            .with("ApplyImmediately", true)
    }

    fn settings(&self, live: &ReplicationGroup, changed: &[&str]) -> Option<Call> {
        if !changed.iter().any(|name| SETTINGS.contains(name)) {
            return None;
        }
        let has = |name: &str| changed.contains(&name);
        let users = has("UserGroupIds");
        let (add, remove) = difference(
            self.user_group_ids.as_deref().unwrap_or_default(),
            live.user_group_ids.as_deref().unwrap_or_default(),
        );
        let encrypts =
            has("TransitEncryptionEnabled") && self.transit_encryption_enabled == Some(true);
        let mode = match &self.transit_encryption_mode {
            // Clients that do not encrypt yet are let in until all do: AWS wants this step in between.
            _ if encrypts => Some("preferred"),
            mode => has("TransitEncryptionMode").then(|| mode.as_deref().unwrap_or("required")),
        };
        let call = self
            .modify()
            .with(
                "ReplicationGroupDescription",
                has("ReplicationGroupDescription").then_some(&self.replication_group_description),
            )
            .with(
                "AutoMinorVersionUpgrade",
                has("AutoMinorVersionUpgrade")
                    .then(|| self.auto_minor_version_upgrade.unwrap_or(true)),
            )
            .with(
                "AutomaticFailoverEnabled",
                has("AutomaticFailoverEnabled")
                    .then(|| self.automatic_failover_enabled.unwrap_or(false)),
            )
            .with(
                "MultiAZEnabled",
                has("MultiAZEnabled").then(|| self.multi_az_enabled.unwrap_or(false)),
            )
            .with(
                "SecurityGroupIds",
                self.security_group_ids
                    .as_ref()
                    .filter(|_| has("SecurityGroupIds")),
            )
            .with(
                "PreferredMaintenanceWindow",
                self.preferred_maintenance_window
                    .as_ref()
                    .filter(|_| has("PreferredMaintenanceWindow")),
            )
            .with(
                "NotificationTopicArn",
                self.notification_topic_arn
                    .as_ref()
                    .filter(|_| has("NotificationTopicArn")),
            )
            .with(
                "NotificationTopicStatus",
                has("NotificationTopicArn").then_some(match self.notification_topic_arn {
                    Some(_) => "active",
                    None => "inactive",
                }),
            )
            .with(
                "SnapshotRetentionLimit",
                has("SnapshotRetentionLimit").then(|| self.snapshot_retention_limit.unwrap_or(0)),
            )
            .with(
                "SnapshotWindow",
                self.snapshot_window
                    .as_ref()
                    .filter(|_| has("SnapshotWindow")),
            )
            .with(
                "TransitEncryptionEnabled",
                has("TransitEncryptionEnabled")
                    .then(|| self.transit_encryption_enabled.unwrap_or(false)),
            )
            .with("TransitEncryptionMode", mode)
            .with(
                "UserGroupIdsToAdd",
                (users && !add.is_empty()).then_some(add),
            )
            .with(
                "UserGroupIdsToRemove",
                (users && !remove.is_empty()).then_some(remove),
            )
            .with(
                "LogDeliveryConfigurations",
                has("LogDeliveryConfigurations").then(|| self.logs(live)),
            );
        // A window that is asked for no longer stays as it is.
        (call.params.len() > self.modify().params.len()).then_some(call)
    }

    /// The logs to have, and the logs that are to stop.
    fn logs(&self, live: &ReplicationGroup) -> Vec<Value> {
        let asked = self
            .log_delivery_configurations
            .as_deref()
            .unwrap_or_default();
        let had = live
            .log_delivery_configurations
            .as_deref()
            .unwrap_or_default();
        let stopped = had
            .iter()
            .filter(|log| asked.iter().all(|asked| asked.log_type != log.log_type))
            .map(|log| json!({ "LogType": log.log_type, "Enabled": false }));
        asked
            .iter()
            .filter(|log| !had.contains(log))
            .map(|log| json!(log))
            .chain(stopped)
            .collect()
    }

    /// A group becomes a cluster by way of a mode that speaks to clients of both sorts, with parameters that allow it.
    fn toward_cluster(&self, live: &ReplicationGroup) -> Call {
        let asked = self.cluster_mode.as_deref().unwrap_or("disabled");
        let mode = match (live.cluster_mode.as_deref(), asked) {
            (Some("disabled") | None, "enabled") => "compatible",
            (_, asked) => asked,
        };
        self.modify()
            .with("ClusterMode", mode)
            .with("CacheParameterGroupName", &self.cache_parameter_group_name)
    }

    fn software(&self, changed: &[&str]) -> Call {
        let parameters = match &self.cache_parameter_group_name {
            Some(name) => Some(name.clone()),
            None => self.engine_version.as_ref().map(|number| {
                let engine = self.engine.as_deref().unwrap_or("redis");
                version::default_parameters(engine, number, self.is_sharded())
            }),
        };
        let upgrade = changed.contains(&"Engine") || changed.contains(&"EngineVersion");
        self.modify()
            .with(
                "Engine",
                self.engine.as_ref().filter(|_| changed.contains(&"Engine")),
            )
            .with(
                "EngineVersion",
                self.engine_version.as_ref().filter(|_| upgrade),
            )
            .with("CacheParameterGroupName", parameters)
    }

    fn replicas(&self, action: &'static str) -> Call {
        call(action)
            .with("ReplicationGroupId", &self.replication_group_id)
            .with("NewReplicaCount", self.replicas_per_node_group.unwrap_or(0))
            .with("ApplyImmediately", true)
    }

    fn shards(&self, attributes: &Attributes) -> Call {
        let count = self.num_node_groups.unwrap_or(1);
        let groups: Vec<&str> = attributes
            .get("NodeGroupIds")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let stays = groups
            .get(..count as usize)
            .filter(|stays| stays.len() < groups.len());
        call("ModifyReplicationGroupShardConfiguration")
            .with("ReplicationGroupId", &self.replication_group_id)
            .with("NodeGroupCount", count)
            .with("NodeGroupsToRetain", stays)
            .with("ApplyImmediately", true)
    }
}
