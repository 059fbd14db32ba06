//! What the replies of AWS say of a replication group.

use platform_graph::{Attributes, Tags};
use serde_json::{Value, json};

use super::{CloudWatchLogs, DestinationDetails, LogDeliveryConfiguration, ReplicationGroup};
use crate::reply;

/// The port that a cache listens on unless another one is asked for.
const DEFAULT_PORT: u32 = 6379;

impl ReplicationGroup {
    pub(super) fn seen(&self, group: &Value, member: &Value, tags: Tags) -> ReplicationGroup {
        let flag = |name: &str, asked: Option<&bool>| {
            reply::unless_default(group[name].as_bool(), false, asked)
        };
        let switched = |name: &str, asked: Option<&bool>| {
            let on = matches!(group[name].as_str(), Some("enabled" | "enabling"));
            reply::unless_default(Some(on), false, asked)
        };
        let shards = reply::items(group, "NodeGroups");
        let replicas = shards
            .iter()
            .map(|shard| {
                reply::items(shard, "NodeGroupMembers")
                    .len()
                    .saturating_sub(1)
            })
            .min();
        // What auto scaling has added is no difference.
        let count = |name: &str, number: usize, asked: Option<u32>| {
            let scaled = self
                .auto_scaled
                .iter()
                .flatten()
                .any(|scaled| scaled == name);
            let number = u32::try_from(number).ok()?;
            Some(
                asked
                    .filter(|asked| scaled && number > *asked)
                    .unwrap_or(number),
            )
        };
        let logs: Vec<LogDeliveryConfiguration> = reply::items(group, "LogDeliveryConfigurations")
            .iter()
            .filter(|log| log["Status"] != "disabling")
            .filter_map(log_delivery)
            .collect();
        let groups: Vec<String> = reply::items(member, "SecurityGroups")
            .iter()
            .filter_map(|group| reply::text(group, "SecurityGroupId"))
            .collect();
        let topic = &member["NotificationConfiguration"];
        let mode = reply::text(group, "ClusterMode").or_else(|| {
            let enabled = group["ClusterEnabled"].as_bool()?;
            Some(if enabled { "enabled" } else { "disabled" }.to_owned())
        });
        let shown_if_asked =
            |value: Option<String>, asked: &Option<String>| value.filter(|_| asked.is_some());
        ReplicationGroup {
            replication_group_id: self.replication_group_id.clone(),
            replication_group_description: reply::text(group, "Description").unwrap_or_default(),
            at_rest_encryption_enabled: flag(
                "AtRestEncryptionEnabled",
                self.at_rest_encryption_enabled.as_ref(),
            ),
            auto_minor_version_upgrade: reply::unless_default(
                group["AutoMinorVersionUpgrade"].as_bool(),
                true,
                self.auto_minor_version_upgrade.as_ref(),
            ),
            auto_scaled: self.auto_scaled.clone(),
            automatic_failover_enabled: switched(
                "AutomaticFailover",
                self.automatic_failover_enabled.as_ref(),
            ),
            cache_node_type: reply::text(group, "CacheNodeType"),
            cache_parameter_group_name: reply::text(
                &member["CacheParameterGroup"],
                "CacheParameterGroupName",
            )
            .filter(|name| {
                self.cache_parameter_group_name.is_some() || !name.starts_with("default.")
            }),
            cache_subnet_group_name: reply::text(member, "CacheSubnetGroupName")
                .filter(|name| self.cache_subnet_group_name.is_some() || name != "default"),
            cluster_mode: shown_if_asked(mode, &self.cluster_mode),
            engine: reply::text(group, "Engine").or_else(|| reply::text(member, "Engine")),
            engine_version: shown_if_asked(
                reply::text(member, "EngineVersion"),
                &self.engine_version,
            ),
            final_snapshot_identifier: self.final_snapshot_identifier.clone(),
            kms_key_id: reply::text(group, "KmsKeyId"),
            log_delivery_configurations: reply::unless_default(
                Some(logs),
                Vec::new(),
                self.log_delivery_configurations.as_ref(),
            ),
            multi_az_enabled: switched("MultiAZ", self.multi_az_enabled.as_ref()),
            notification_topic_arn: reply::text(topic, "TopicArn")
                .filter(|_| topic["TopicStatus"] != "inactive"),
            num_node_groups: reply::unless_default(
                count("NumNodeGroups", shards.len(), self.num_node_groups),
                1,
                self.num_node_groups.as_ref(),
            ),
            port: reply::unless_default(port(group, member), DEFAULT_PORT, self.port.as_ref()),
            preferred_maintenance_window: shown_if_asked(
                reply::text(member, "PreferredMaintenanceWindow"),
                &self.preferred_maintenance_window,
            ),
            replicas_per_node_group: reply::unless_default(
                replicas.and_then(|number| {
                    count("ReplicasPerNodeGroup", number, self.replicas_per_node_group)
                }),
                0,
                self.replicas_per_node_group.as_ref(),
            ),
            security_group_ids: Some(groups).filter(|_| self.security_group_ids.is_some()),
            snapshot_name: self.snapshot_name.clone(),
            snapshot_retention_limit: reply::unless_default(
                reply::number(group, "SnapshotRetentionLimit"),
                0,
                self.snapshot_retention_limit.as_ref(),
            ),
            snapshot_window: shown_if_asked(
                reply::text(group, "SnapshotWindow"),
                &self.snapshot_window,
            ),
            transit_encryption_enabled: flag(
                "TransitEncryptionEnabled",
                self.transit_encryption_enabled.as_ref(),
            ),
            transit_encryption_mode: reply::unless_default(
                reply::text(group, "TransitEncryptionMode"),
                "required".to_owned(),
                self.transit_encryption_mode.as_ref(),
            ),
            user_group_ids: reply::unless_default(
                Some(reply::texts(group, "UserGroupIds")),
                Vec::new(),
                self.user_group_ids.as_ref(),
            ),
            tags,
        }
    }
}

pub(super) fn log_delivery(shown: &Value) -> Option<LogDeliveryConfiguration> {
    let group = &shown["DestinationDetails"]["CloudWatchLogsDetails"];
    Some(LogDeliveryConfiguration {
        destination_details: DestinationDetails {
            cloud_watch_logs_details: CloudWatchLogs {
                log_group: reply::text(group, "LogGroup").unwrap_or_default(),
            },
        },
        destination_type: reply::text(shown, "DestinationType")?,
        log_format: reply::text(shown, "LogFormat")?,
        log_type: reply::text(shown, "LogType")?,
    })
}

/// The port of the endpoint that the group has, or of a node.
fn port(group: &Value, member: &Value) -> Option<u32> {
    let shard = reply::items(group, "NodeGroups").first();
    let node = reply::items(member, "CacheNodes").first();
    [
        Some(&group["ConfigurationEndpoint"]),
        shard.map(|shard| &shard["PrimaryEndpoint"]),
        node.map(|node| &node["Endpoint"]),
    ]
    .into_iter()
    .flatten()
    .find_map(|endpoint| reply::number(endpoint, "Port"))
}

pub(super) fn attributes(group: &Value) -> Attributes {
    let shards = reply::items(group, "NodeGroups");
    let first = shards.first().unwrap_or(&Value::Null);
    // With several shards there is one address for all of them, and none that says where to write or read.
    let configuration = &group["ConfigurationEndpoint"];
    let of_one = |name: &str| match configuration["Address"].as_str() {
        Some(_) => &Value::Null,
        None => &first[name],
    };
    let (primary, reader) = (of_one("PrimaryEndpoint"), of_one("ReaderEndpoint"));
    let ids: Vec<String> = shards
        .iter()
        .filter_map(|shard| reply::text(shard, "NodeGroupId"))
        .collect();
    super::super::attributes([
        ("Arn", json!(reply::text(group, "ARN"))),
        (
            "ConfigurationEndPoint.Address",
            super::super::address(configuration),
        ),
        (
            "ConfigurationEndPoint.Port",
            super::super::port(configuration),
        ),
        (
            "CreateTime",
            json!(reply::text(group, "ReplicationGroupCreateTime")),
        ),
        ("NodeGroupIds", json!(ids)),
        ("PrimaryEndPoint.Address", super::super::address(primary)),
        ("PrimaryEndPoint.Port", super::super::port(primary)),
        ("ReaderEndPoint.Address", super::super::address(reader)),
        ("ReaderEndPoint.Port", super::super::port(reader)),
    ])
}
