//! `AWS::Backup::BackupVault`: where recovery points are kept.
//!
//! Reads `ListBackupVaults`, `ListTags`, `GetBackupVaultAccessPolicy` and `GetBackupVaultNotifications`; writes `CreateBackupVault`
//! and one operation per setting.
//!
//! # Caveats
//! - All vaults are listed: `DescribeBackupVault` answers with a denial where there is no such vault.
//! - Of the days until a lock is for good AWS shows the date only: they count when the lock is set. Until that date the lock can be
//!   changed, which sets a new date, and removed; after it AWS refuses both, for ever.
//! - A lock that nobody asked to become one for good, and is to, shows `ChangeableForDays` 0, which is like no other.
//! - A vault with recovery points is not deleted, unless [`BackupVault::force_destroy`] says so: then they are, except those that a
//!   lock holds.
//! - What a composite recovery point holds goes with it and can't be deleted by itself.
//!
//! See <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_CreateBackupVault.html> and
//! <https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html>.

use platform_graph::{Attributes, Blocker, Call, Claim, Identity, Kind, Live, Seen, TagForm, Tags};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::call;
use crate::{policy, reply};

/// How many recovery points are listed at a time: as many as AWS Backup allows.
const PAGE: u32 = 1000;
/// How long AWS takes to delete a recovery point, in seconds.
const DELETION: u32 = 900;

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

const ARN: &str = "BackupVaultArn";

impl BackupVault {
    fn call(&self, action: &'static str) -> Call {
        call(action).with("BackupVaultName", &self.backup_vault_name)
    }

    fn lock(&self, item: &Value) -> Option<LockConfiguration> {
        let (min, max) = (
            reply::number(item, "MinRetentionDays"),
            reply::number(item, "MaxRetentionDays"),
        );
        if item["Locked"] != true && min.is_none() && max.is_none() {
            return None;
        }
        let asked = self
            .lock_configuration
            .as_ref()
            .and_then(|lock| lock.changeable_for_days);
        Some(LockConfiguration {
            changeable_for_days: reply::text(item, "LockDate").map(|_| asked.unwrap_or(0)),
            max_retention_days: max,
            min_retention_days: min.unwrap_or(0),
        })
    }

    fn seen(&self, item: &Value, replies: &[Value]) -> BackupVault {
        let details = replies.get(1..).unwrap_or_default();
        let notifications = reply::having(details, "SNSTopicArn");
        BackupVault {
            backup_vault_name: reply::text(item, "BackupVaultName").unwrap_or_default(),
            access_policy: reply::having(details, "Policy")
                .and_then(|reply| reply::text(reply, "Policy"))
                .map(|text| policy::parse(&text)),
            // The key that AWS takes when none is named looks like any other.
            encryption_key_arn: reply::text(item, "EncryptionKeyArn")
                .filter(|_| self.encryption_key_arn.is_some()),
            force_destroy: self.force_destroy,
            lock_configuration: self.lock(item),
            notifications: notifications.map(|reply| Notifications {
                backup_vault_events: reply::texts(reply, "BackupVaultEvents"),
                sns_topic_arn: reply::text(reply, "SNSTopicArn").unwrap_or_default(),
            }),
            tags: super::tags(details),
        }
    }
}

impl Kind for BackupVault {
    const TYPE: &'static str = "AWS::Backup::BackupVault";
    const CREATE_ONLY: &'static [&'static str] = &["BackupVaultName", "EncryptionKeyArn"];
    const ATTRIBUTES: &'static [&'static str] = &[ARN, "CreationDate", "LockDate"];
    const LASTING: &'static [&'static str] = &[ARN, "CreationDate"];
    const VOLATILE: &'static [&'static str] = &["LockDate"];
    const DETAILS_NEED: &'static [&'static str] = &[ARN];
    const BORN: &'static str = "CreationDate";
    const STATEFUL: bool = true;
    const OURS: &'static [&'static str] = &["ForceDestroy"];
    const TAGGED: bool = true;
    const TAG_FORM: TagForm = TagForm::Map("BackupVaultTags");
    const CLEARED: bool = true;
    // What may not be deleted from it stands in the way for good: there is nothing to wait for.
    const DEADLINE_SECONDS: u32 = 60;

    fn find(&self, _me: &Identity) -> Vec<Call> {
        vec![call("ListBackupVaults")]
    }

    fn details_again(&self, _me: &Identity, id: &str, known: &Attributes) -> Vec<Call> {
        let of = |action| call(action).with("BackupVaultName", id);
        vec![
            super::list_tags(ARN, known),
            of("GetBackupVaultAccessPolicy"),
            of("GetBackupVaultNotifications"),
        ]
    }

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
        let id = me.id.as_ref().unwrap_or(&self.backup_vault_name).clone();
        let vaults = replies
            .first()
            .map(|reply| reply::items(reply, "BackupVaultList"))
            .unwrap_or_default();
        let Some(item) = vaults.iter().find(|item| item["BackupVaultName"] == *id) else {
            return Seen::Absent;
        };
        match item["VaultState"].as_str() {
            Some("FAILED") => Seen::Failed {
                id,
                why: "its state is FAILED".to_owned(),
            },
            Some(why @ "CREATING") => Seen::Pending {
                id,
                why: why.to_owned(),
            },
            _ => Seen::Live(Live {
                properties: self.seen(item, replies),
                attributes: super::attributes(item, Self::ATTRIBUTES),
                id,
            }),
        }
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        vec![
            self.call("CreateBackupVault")
                .with("EncryptionKeyArn", &self.encryption_key_arn)
                .with("BackupVaultTags", super::given(&self.tags))
                .idempotent("CreatorRequestId"),
        ]
    }

    fn created(&self, _me: &Identity, _reply: &Value) -> Option<String> {
        Some(self.backup_vault_name.clone())
    }

    fn update(&self, _me: &Identity, live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        let mut calls = Vec::new();
        if changed.contains(&"AccessPolicy") {
            calls.push(match &self.access_policy {
                Some(policy) => self
                    .call("PutBackupVaultAccessPolicy")
                    .with("Policy", policy::text(policy)),
                None => self.call("DeleteBackupVaultAccessPolicy"),
            });
        }
        if changed.contains(&"Notifications") {
            calls.push(match &self.notifications {
                Some(to) => self
                    .call("PutBackupVaultNotifications")
                    .with("SNSTopicArn", &to.sns_topic_arn)
                    .with("BackupVaultEvents", &to.backup_vault_events),
                None => self.call("DeleteBackupVaultNotifications"),
            });
        }
        if changed.contains(&"LockConfiguration") {
            let dated = |vault: &Self| {
                let lock = vault.lock_configuration.as_ref();
                lock.is_some_and(|lock| lock.changeable_for_days.is_some())
            };
            // A date goes with the lock that has it.
            if self.lock_configuration.is_none() || (dated(&live.properties) && !dated(self)) {
                calls.push(self.call("DeleteBackupVaultLockConfiguration"));
            }
            calls.extend(self.lock_configuration.as_ref().map(|lock| {
                self.call("PutBackupVaultLockConfiguration")
                    .with("MinRetentionDays", lock.min_retention_days)
                    .with("MaxRetentionDays", lock.max_retention_days)
                    .with("ChangeableForDays", lock.changeable_for_days)
            }));
        }
        calls
    }

    fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
        super::retag(&live.attributes, ARN, set, remove)
    }

    fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        vec![call("DeleteBackupVault").with("BackupVaultName", id)]
    }

    fn known_by(id: &str) -> Self {
        BackupVault {
            backup_vault_name: id.to_owned(),
            ..BackupVault::default()
        }
    }

    fn census(replies: &[Value]) -> Vec<Call> {
        super::census(replies)
    }

    fn counted(replies: &[Value]) -> Vec<Claim> {
        super::counted_by_name(replies, "backup-vault")
    }

    fn blockers(&self, _me: &Identity, id: &str, replies: &[Value]) -> Vec<Call> {
        if !replies.is_empty() {
            return Vec::new();
        }
        vec![
            call("ListRecoveryPointsByBackupVault")
                .with("BackupVaultName", id)
                .with("MaxResults", PAGE),
        ]
    }

    fn blocking(&self, _me: &Identity, id: &str, replies: &[Value]) -> Vec<Blocker> {
        let points = replies
            .first()
            .map(|reply| reply::items(reply, "RecoveryPoints"))
            .unwrap_or_default();
        let may = self.force_destroy == Some(true);
        let mut hint = "; only force_destroy = true lets recovery points be deleted on destroy";
        points
            .iter()
            .filter_map(|point| {
                let arn = reply::text(point, "RecoveryPointArn")?;
                let inside = reply::text(point, "ParentRecoveryPointArn").is_some();
                let going = point["Status"] == "DELETING" || (may && inside);
                let of = reply::text(point, "ResourceArn").unwrap_or_default();
                let born = reply::text(point, "CreationDate").unwrap_or_default();
                let mut what = format!("recovery point of {of}, made at {born}");
                if !may {
                    // Once is enough.
                    what.push_str(std::mem::take(&mut hint));
                }
                let remove = (may && !going).then(|| {
                    call("DeleteRecoveryPoint")
                        .with("BackupVaultName", id)
                        .with("RecoveryPointArn", &arn)
                });
                Some(Blocker {
                    what,
                    tags: Tags::new(),
                    remove: remove.into_iter().collect(),
                    lingers_seconds: if going { DELETION } else { 0 },
                    holds_data: false,
                    id: arn,
                })
            })
            .collect()
    }

    fn same(property: &str, live: &Value, desired: &Value) -> bool {
        match property {
            "AccessPolicy" => policy::same(live, desired),
            _ => super::same(live, desired),
        }
    }
}

#[cfg(test)]
mod tests;
