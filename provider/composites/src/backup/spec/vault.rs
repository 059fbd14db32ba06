//! Vaults as a user writes them.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A vault that keeps recovery points, encrypted, and that nobody empties by hand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Vault {
    /// ARN of a KMS key in place of the composite's own. Another key is another vault. Example:
    /// `arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab`.
    pub kms_key_arn: Option<String>,
    /// Vault lock: for how long recovery points are kept at least and at most, whoever asks for something else. None when left out.
    pub lock: Option<Lock>,
    /// Whether the vault's policy denies to everybody, administrators included, to delete recovery points and to change how long they are
    /// kept. What their lifecycle says still happens. `true` when left out.
    #[serde(default = "super::yes")]
    pub deny_delete: bool,
    /// ARNs of roles that may delete recovery points all the same, as IAM knows them, `*` at the end allowed. Once one is named, nobody else
    /// may change the vault's policy either: the role that runs Terraform must be among them. Nobody when left out. Example:
    /// `["arn:aws:iam::123456789012:role/break-glass", "arn:aws:iam::123456789012:role/terraform"]`.
    #[serde(default)]
    pub deletion_roles: BTreeSet<String>,
    /// Who may copy backups into this vault: ids of accounts, or of an organization for all its accounts. Nobody else when left out.
    /// Example: `["123456789013", "o-a1b2c3d4e5"]`.
    #[serde(default)]
    pub copies_from: BTreeSet<String>,
    /// Access policy of the vault, as JSON, in place of what `deny_delete`, `deletion_roles` and `copies_from` make. Example:
    /// `jsonencode({ Version = "2012-10-17", Statement = [] })`.
    pub access_policy: Option<String>,
    /// Who is told what happens in the vault. Nobody when left out.
    pub notifications: Option<Notifications>,
}

impl Default for Vault {
    fn default() -> Self {
        Vault {
            kms_key_arn: None,
            lock: None,
            deny_delete: true,
            deletion_roles: BTreeSet::new(),
            copies_from: BTreeSet::new(),
            access_policy: None,
            notifications: None,
        }
    }
}

/// Vault lock. A backup that is to be kept shorter or longer than the lock allows is not made at all: plans that break the lock are refused.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    /// Who may lift the lock: `governance`, whom IAM allows it, or `compliance`, nobody, ever, once `changeable_for_days` are over.
    /// `governance` when left out.
    #[serde(default)]
    pub mode: LockMode,
    /// Days for which a recovery point is kept at least.
    #[schemars(range(min = 1, max = 36500))]
    pub min_retention_days: u32,
    /// Days for which a recovery point is kept at most. No limit when left out.
    #[schemars(range(min = 1, max = 36500))]
    pub max_retention_days: Option<u32>,
    /// Days in which a lock in compliance mode can still be changed or lifted, from 3; needed there, and nowhere else.
    #[schemars(range(min = 3, max = 36500))]
    pub changeable_for_days: Option<u32>,
    /// Whether you know that a lock in compliance mode can't be undone: not by the root user of the account, and not by AWS. The vault and
    /// its recovery points can't be deleted until each has reached its end, and are charged for as long. `false` when left out; compliance
    /// mode needs `true`.
    #[serde(default)]
    pub accept_irreversible: bool,
}

/// Who may lift a vault lock.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LockMode {
    /// Whom IAM allows it.
    #[default]
    Governance,
    /// Nobody, once the days in which it can be changed are over.
    Compliance,
}

/// Messages to a topic, whose policy must let `backup.amazonaws.com` publish.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Notifications {
    /// ARN of the SNS topic. Example: `arn:aws:sns:eu-central-1:123456789012:backups`.
    pub topic_arn: String,
    /// Which events are told. Those that say that something went wrong, or may have, when left out: `backup_job_completed` and
    /// `restore_job_completed`, whose messages carry the outcome, `copy_job_failed`, `s3_backup_object_failed`,
    /// `s3_restore_object_failed` and `continuous_backup_interrupted`.
    #[serde(default = "default_events")]
    pub events: BTreeSet<VaultEvent>,
}

fn default_events() -> BTreeSet<VaultEvent> {
    BTreeSet::from([
        VaultEvent::BackupJobCompleted,
        VaultEvent::RestoreJobCompleted,
        VaultEvent::CopyJobFailed,
        VaultEvent::S3BackupObjectFailed,
        VaultEvent::S3RestoreObjectFailed,
        VaultEvent::ContinuousBackupInterrupted,
    ])
}

/// What a vault can tell. AWS knows more names, of events that it no longer sends.
/// <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_PutBackupVaultNotifications.html>
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum VaultEvent {
    /// A backup began.
    BackupJobStarted,
    /// A backup ended, well or not; the message says which.
    BackupJobCompleted,
    /// A copy began.
    CopyJobStarted,
    /// A copy is there.
    CopyJobSuccessful,
    /// A copy failed.
    CopyJobFailed,
    /// A restore began.
    RestoreJobStarted,
    /// A restore ended, well or not; the message says which.
    RestoreJobCompleted,
    /// A recovery point changed.
    RecoveryPointModified,
    /// An object is missing in a backup of a bucket.
    S3BackupObjectFailed,
    /// An object could not be restored into a bucket.
    S3RestoreObjectFailed,
    /// A continuous backup no longer goes on.
    ContinuousBackupInterrupted,
}

impl VaultEvent {
    /// The event as AWS names it.
    pub(in crate::backup) fn name(self) -> &'static str {
        match self {
            VaultEvent::BackupJobStarted => "BACKUP_JOB_STARTED",
            VaultEvent::BackupJobCompleted => "BACKUP_JOB_COMPLETED",
            VaultEvent::CopyJobStarted => "COPY_JOB_STARTED",
            VaultEvent::CopyJobSuccessful => "COPY_JOB_SUCCESSFUL",
            VaultEvent::CopyJobFailed => "COPY_JOB_FAILED",
            VaultEvent::RestoreJobStarted => "RESTORE_JOB_STARTED",
            VaultEvent::RestoreJobCompleted => "RESTORE_JOB_COMPLETED",
            VaultEvent::RecoveryPointModified => "RECOVERY_POINT_MODIFIED",
            VaultEvent::S3BackupObjectFailed => "S3_BACKUP_OBJECT_FAILED",
            VaultEvent::S3RestoreObjectFailed => "S3_RESTORE_OBJECT_FAILED",
            VaultEvent::ContinuousBackupInterrupted => "CONTINUOUS_BACKUP_INTERRUPTED",
        }
    }
}
