//! What makes and changes a cluster, one step at a time.

use platform_graph::{Attributes, Call, Live, Tags};
use serde_json::json;

use super::DbCluster;
use crate::rds::own_password;

/// What counts when a cluster is made from the data of another one.
const ORIGIN: &[&str] = &[
    "RestoreToTime",
    "RestoreType",
    "SnapshotIdentifier",
    "SourceDBClusterIdentifier",
    "UseLatestRestorableTime",
];
/// What the calls that restore a cluster take.
const RESTORED: &[&str] = &[
    "CopyTagsToSnapshot",
    "DBClusterIdentifier",
    "DBSubnetGroupName",
    "DeletionProtection",
    "EnableCloudwatchLogsExports",
    "KmsKeyId",
    "NetworkType",
    "Port",
    "ServerlessV2ScalingConfiguration",
    "StorageType",
    "VpcSecurityGroupIds",
];
/// What `ModifyDBCluster` does not take as it is asked for.
const NOT_MODIFIED: &[&str] = &[
    "EnableCloudwatchLogsExports",
    "GlobalClusterIdentifier",
    "MasterUserPasswordSecret",
    "MasterUserPasswordVersion",
    "SkipFinalSnapshot",
    "SourceRegion",
];

/// What says whose the password is, and which.
const PASSWORD: &[&str] = &[
    "ManageMasterUserPassword",
    "MasterUserPasswordSecret",
    "MasterUserPasswordVersion",
];

/// The numbers of a version, `[5, 0, 0]`.
pub(super) fn numbers(version: &str) -> Vec<u32> {
    version
        .split('.')
        .map_while(|piece| piece.parse().ok())
        .collect()
}

/// `5.0` of `5.0.1`.
fn major(version: &str) -> Vec<u32> {
    numbers(version).into_iter().take(2).collect()
}

/// The logs of one list that the other one lacks.
fn beyond(these: Option<&Vec<String>>, those: Option<&Vec<String>>) -> Vec<String> {
    let those = those.map(Vec::as_slice).unwrap_or_default();
    these
        .into_iter()
        .flatten()
        .filter(|log| !those.contains(log))
        .cloned()
        .collect()
}

impl DbCluster {
    /// The call that makes it, which depends on where its data comes from.
    pub(super) fn birth(&self) -> Call {
        let made = |action, takes: &dyn Fn(&str) -> bool| {
            self.fields()
                .into_iter()
                .filter(|(name, _)| takes(name))
                .fold(Call::new("docdb", action), |call, (name, value)| {
                    call.with(&name, value)
                })
                .with("Tags", super::super::tag_list(&self.tags))
        };
        let restored =
            |name: &str, further: &[&str]| RESTORED.contains(&name) || further.contains(&name);
        if self.snapshot_identifier.is_some() {
            let further = [
                "DBClusterParameterGroupName",
                "EngineVersion",
                "SnapshotIdentifier",
            ];
            made("RestoreDBClusterFromSnapshot", &|name| {
                restored(name, &further)
            })
            .with("Engine", super::super::ENGINE)
        } else if self.source_cluster.is_some() {
            made("RestoreDBClusterToPointInTime", &|name| {
                restored(name, ORIGIN)
            })
        } else {
            let ours = [
                "MasterUserPasswordSecret",
                "MasterUserPasswordVersion",
                "SkipFinalSnapshot",
                "SourceRegion",
                "Tags",
            ];
            let call = made("CreateDBCluster", &|name| {
                !ours.contains(&name) && !ORIGIN.contains(&name)
            })
            .with("Engine", super::super::ENGINE)
            .with("Tags", super::super::tag_list(&self.tags_at_birth()))
            .presigned_for(self.source_region.as_deref());
            own_password::into(call, self.master_user_password_secret.as_ref())
        }
    }

    /// What it is tagged with when it is given its password as it is made.
    fn tags_at_birth(&self) -> Tags {
        own_password::among(&self.tags, self.master_user_password_version.as_ref())
    }

    /// The change of the version, which comes before all others where it is a major one.
    fn upgrade(&self, live: &Live<Self>, changed: &[&str]) -> Option<Call> {
        let (live_version, version) = (
            live.properties.engine_version.as_deref()?,
            self.engine_version.as_deref()?,
        );
        if !changed.contains(&"EngineVersion") || major(live_version) == major(version) {
            return None;
        }
        Some(
            Self::call("ModifyDBCluster", &live.id)
                .with("ApplyImmediately", true)
                .with("AllowMajorVersionUpgrade", true)
                .with("EngineVersion", version)
                .with("DBClusterParameterGroupName", &self.parameter_group),
        )
    }

    /// The call that takes it out of its global cluster, which makes it one of its own.
    pub(super) fn leave(&self, attributes: &Attributes) -> Option<Call> {
        let global = self.global_cluster.as_ref()?;
        Some(
            Call::new("docdb", "RemoveFromGlobalCluster")
                .with("GlobalClusterIdentifier", global)
                .with("DbClusterIdentifier", attributes.get("Arn")?),
        )
    }

    /// The calls that change what differs.
    pub(super) fn changes(&self, live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        if let Some(upgrade) = self.upgrade(live, changed) {
            return vec![upgrade];
        }
        let call = Self::call("ModifyDBCluster", &live.id).with("ApplyImmediately", true);
        let plain: Vec<&str> = changed
            .iter()
            .copied()
            .filter(|name| !NOT_MODIFIED.contains(name))
            .collect();
        let defaults = [
            ("BackupRetentionPeriod", json!(1)),
            ("CopyTagsToSnapshot", json!(false)),
            ("DeletionProtection", json!(false)),
            ("NetworkType", json!("IPV4")),
            ("Port", json!(27017)),
            ("StorageType", json!("standard")),
        ];
        let mut call = super::super::give(call, &plain, &self.fields(), &defaults);
        if changed.contains(&"EnableCloudwatchLogsExports") {
            let (on, off) = (
                self.enable_cloudwatch_logs_exports.as_ref(),
                live.properties.enable_cloudwatch_logs_exports.as_ref(),
            );
            call = call.with(
                "CloudwatchLogsExportConfiguration",
                json!({ "EnableLogTypes": beyond(on, off), "DisableLogTypes": beyond(off, on) }),
            );
        }
        if self.manage_master_user_password.is_some()
            && changed.contains(&"ManageMasterUserPassword")
        {
            call = call.with(
                "MasterUserSecretKmsKeyId",
                &self.master_user_secret_kms_key_id,
            );
        }
        let hands_over = PASSWORD.iter().any(|name| changed.contains(name));
        if self.master_user_password_secret.is_some() && hands_over {
            call = own_password::into(
                call.with("ManageMasterUserPassword", false),
                self.master_user_password_secret.as_ref(),
            );
        }
        // Else there is nothing but the name and the order to hurry.
        let modify = (call.params.len() > 2).then_some(call);
        let (set, remove) = own_password::change(
            live.properties.master_user_password_version.as_ref(),
            self.master_user_password_version.as_ref(),
        );
        let told = match changed.contains(&"MasterUserPasswordVersion") {
            true => super::super::retag(&live.attributes, &set, &remove),
            false => Vec::new(),
        };
        modify.into_iter().chain(told).collect()
    }
}
