//! `AWS::Backup::BackupVault`: where recovery points are kept.

use platform_graph::Tags;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A vault.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct BackupVault {
    /// Name, unique in account and Region: 2 to 50 letters, digits, hyphens and underscores; can't change.
    #[serde(default)]
    pub backup_vault_name: String,
    /// Resource policy: who may do what with the vault and its recovery points.
    pub access_policy: Option<Value>,
    /// ARN of the KMS key that encrypts recovery points; AWS's own key for the account without; can't change.
    pub encryption_key_arn: Option<String>,
    /// Whether recovery points that are still in it may be deleted when it is.
    pub force_destroy: Option<bool>,
    /// How long recovery points must and may be kept, whoever asks for what.
    pub lock_configuration: Option<LockConfiguration>,
    /// Who is told of what happens to jobs and recovery points.
    pub notifications: Option<Notifications>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// How long recovery points must and may be kept. Counts for those that are made from now on; those in the vault can't be deleted
/// before their time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct LockConfiguration {
    /// Days, at least 3, after which nobody, AWS included, can change or remove the lock (compliance mode). Without, whoever has
    /// the permission always can (governance mode). Counts when the lock is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changeable_for_days: Option<u32>,
    /// Days for which a recovery point is kept at most, up to 36,500.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_retention_days: Option<u32>,
    /// Days for which a recovery point is kept at least, from 1.
    pub min_retention_days: u32,
}

/// Who is told of what happens in a vault.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Notifications {
    /// `BACKUP_JOB_COMPLETED`, `COPY_JOB_FAILED`, `RESTORE_JOB_COMPLETED`, `RECOVERY_POINT_MODIFIED` and so on.
    pub backup_vault_events: Vec<String>,
    /// ARN of the topic, whose policy lets `backup.amazonaws.com` publish.
    #[serde(rename = "SNSTopicArn")]
    pub sns_topic_arn: String,
}
