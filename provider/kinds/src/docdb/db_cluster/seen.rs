//! What the replies of AWS say of a cluster.

use serde_json::Value;

use super::{DbCluster, ServerlessV2ScalingConfiguration};
use crate::rds::own_password;
use crate::reply;

/// The global cluster that has the cluster among its members: the one that is asked for where nobody has listed them yet.
fn membership(asked: &str, cluster: &Value, replies: &[Value]) -> Option<String> {
    let Some(listed) = reply::having(replies, "GlobalClusters") else {
        return Some(asked.to_owned());
    };
    let arn = &cluster["DBClusterArn"];
    let mut global = reply::items(listed, "GlobalClusters").iter();
    let mine = global.find(|global| {
        let members = reply::items(global, "GlobalClusterMembers");
        members.iter().any(|member| {
            member["DBClusterArn"] == *arn
                || reply::texts(member, "Readers")
                    .iter()
                    .any(|reader| *arn == **reader)
        })
    })?;
    let name = reply::text(mine, "GlobalClusterIdentifier")?;
    // Names are stored in lower case.
    Some(if name.eq_ignore_ascii_case(asked) {
        asked.to_owned()
    } else {
        name
    })
}

impl DbCluster {
    pub(super) fn seen(&self, id: String, item: &Value, replies: &[Value]) -> DbCluster {
        let text = |member: &str| reply::text(item, member);
        let window =
            |member: &str, asked: &Option<String>| text(member).filter(|_| asked.is_some());
        let flag = |member: &str, asked: &Option<bool>| {
            reply::unless_default(Some(item[member] == true), false, asked.as_ref())
        };
        let secret = &item["MasterUserSecret"];
        let managed = reply::text(secret, "SecretArn").is_some();
        let mut tags = super::super::tags(replies);
        let given = own_password::taken_from(&mut tags);
        let scaling = &item["ServerlessV2ScalingConfiguration"];
        let bound = |name: &str| scaling[name].as_f64();
        let groups = reply::items(item, "VpcSecurityGroups")
            .iter()
            .filter(|group| group["Status"] != "removing")
            .filter_map(|group| reply::text(group, "VpcSecurityGroupId"));
        DbCluster {
            backup_retention_period: reply::unless_default(
                reply::number(item, "BackupRetentionPeriod"),
                1,
                self.backup_retention_period.as_ref(),
            ),
            copy_tags_to_snapshot: flag("CopyTagsToSnapshot", &self.copy_tags_to_snapshot),
            parameter_group: text("DBClusterParameterGroup")
                .filter(|_| self.parameter_group.is_some()),
            subnet_group: text("DBSubnetGroup"),
            deletion_protection: flag("DeletionProtection", &self.deletion_protection),
            enable_cloudwatch_logs_exports: reply::unless_default(
                Some(reply::texts(item, "EnabledCloudwatchLogsExports")),
                Vec::new(),
                self.enable_cloudwatch_logs_exports.as_ref(),
            ),
            engine_version: text("EngineVersion").filter(|_| self.engine_version.is_some()),
            kms_key_id: text("KmsKeyId").filter(|key| !key.is_empty()),
            manage_master_user_password: self.manage_master_user_password.map(|_| managed),
            // With one that AWS manages, ours opens nothing.
            master_user_password_secret: self
                .master_user_password_secret
                .clone()
                .filter(|_| !managed),
            master_user_password_version: given.filter(|_| !managed),
            // As long as there is no secret it has no other key than the one asked for.
            master_user_secret_kms_key_id: match managed {
                true => reply::text(secret, "KmsKeyId"),
                false => self.master_user_secret_kms_key_id.clone(),
            },
            master_username: text("MasterUsername"),
            network_type: reply::unless_default(
                text("NetworkType"),
                "IPV4".to_owned(),
                self.network_type.as_ref(),
            ),
            port: reply::unless_default(reply::number(item, "Port"), 27017, self.port.as_ref()),
            preferred_backup_window: window("PreferredBackupWindow", &self.preferred_backup_window),
            preferred_maintenance_window: window(
                "PreferredMaintenanceWindow",
                &self.preferred_maintenance_window,
            ),
            serverless_scaling: self.serverless_scaling.as_ref().and_then(|_| {
                Some(ServerlessV2ScalingConfiguration {
                    min_capacity: bound("MinCapacity")?,
                    max_capacity: bound("MaxCapacity")?,
                })
            }),
            // AWS knows nothing of these.
            restore_to_time: self.restore_to_time.clone(),
            restore_type: self.restore_type.clone(),
            skip_final_snapshot: self.skip_final_snapshot,
            snapshot_identifier: self.snapshot_identifier.clone(),
            source_cluster: self.source_cluster.clone(),
            source_region: self.source_region.clone(),
            global_cluster: self
                .global_cluster
                .as_ref()
                .and_then(|asked| membership(asked, item, replies)),
            use_latest_restorable_time: self.use_latest_restorable_time,
            storage_encrypted: item["StorageEncrypted"].as_bool(),
            storage_type: reply::unless_default(
                text("StorageType").or_else(|| Some("standard".to_owned())),
                "standard".to_owned(),
                self.storage_type.as_ref(),
            ),
            vpc_security_group_ids: self
                .vpc_security_group_ids
                .as_ref()
                .map(|_| groups.collect()),
            tags,
            identifier: id,
        }
    }
}
