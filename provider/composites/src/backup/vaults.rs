//! Vaults: the vault itself, who may do what with it, and its alarms.

use platform_graph::{Graph, Handle};
use platform_kinds::backup::{BackupVault, LockConfiguration, Notifications};
use platform_kinds::cloudwatch::{Alarm, Dimension};
use serde_json::{Value, json};

use super::frame::Frame;
use super::spec::{Lock, LockMode, Vault};
use super::{KEY, vault_address};
use crate::schema::is_unknown_text;

pub(super) fn add(frame: &Frame<'_>, name: &str, vault: &Vault, graph: &mut Graph) {
    let own = || Handle::to(KEY).attribute("Arn");
    let handle = graph.add(
        vault_address(name),
        "keeps recovery points",
        BackupVault {
            access_policy: policy(frame, vault),
            backup_vault_name: frame.spec.physical_name(name),
            encryption_key_arn: Some(vault.kms_key_arn.clone().unwrap_or_else(own)),
            force_destroy: Some(frame.spec.force_destroy),
            lock_configuration: vault.lock.as_ref().map(lock),
            notifications: vault.notifications.as_ref().map(|told| Notifications {
                backup_vault_events: told
                    .events
                    .iter()
                    .map(|event| event.name().to_owned())
                    .collect(),
                sns_topic_arn: told.topic_arn.clone(),
            }),
            ..BackupVault::default()
        },
    );
    watch(frame, name, &handle, graph);
}

fn lock(lock: &Lock) -> LockConfiguration {
    LockConfiguration {
        changeable_for_days: lock
            .changeable_for_days
            .filter(|_| lock.mode == LockMode::Compliance),
        max_retention_days: lock.max_retention_days,
        min_retention_days: lock.min_retention_days,
    }
}

/// Whether an id is that of an organization rather than of an account.
pub(super) fn is_organization(id: &str) -> bool {
    id.starts_with("o-")
}

/// The policy of a vault; none where it says nothing.
///
/// What is denied is what AWS Backup Audit Manager wants to see denied.
/// <https://docs.aws.amazon.com/config/latest/developerguide/backup-recovery-point-manual-deletion-disabled.html>
fn policy(frame: &Frame<'_>, vault: &Vault) -> Option<Value> {
    if let Some(text) = &vault.access_policy {
        // What is no JSON the check has refused, unless it is not known yet.
        return Some(if is_unknown_text(text) {
            Value::String(text.clone())
        } else {
            serde_json::from_str(text).unwrap_or_default()
        });
    }
    let mut statements = Vec::new();
    if vault.deny_delete && !frame.spec.force_destroy {
        let mut actions = vec![
            "backup:DeleteRecoveryPoint",
            "backup:UpdateRecoveryPointLifecycle",
        ];
        if !vault.deletion_roles.is_empty() {
            actions.extend([
                "backup:DeleteBackupVaultAccessPolicy",
                "backup:PutBackupVaultAccessPolicy",
            ]);
        }
        let mut statement = json!({
            "Sid": "NobodyDeletes",
            "Effect": "Deny",
            "Principal": "*",
            "Action": actions,
            "Resource": "*",
        });
        if !vault.deletion_roles.is_empty() {
            statement["Condition"] =
                json!({ "ArnNotLike": { "aws:PrincipalArn": vault.deletion_roles } });
        }
        statements.push(statement);
    }
    let copies = |sid: &str, principal: Value| {
        json!({
            "Sid": sid,
            "Effect": "Allow",
            "Principal": principal,
            "Action": "backup:CopyIntoBackupVault",
            "Resource": "*",
        })
    };
    let (organizations, accounts): (Vec<&String>, Vec<&String>) =
        vault.copies_from.iter().partition(|id| is_organization(id));
    if !accounts.is_empty() {
        let roots: Vec<String> = accounts.iter().map(|id| frame.root(id)).collect();
        statements.push(copies("AccountsCopy", json!({ "AWS": roots })));
    }
    if !organizations.is_empty() {
        let mut statement = copies("OrganizationsCopy", json!("*"));
        statement["Condition"] = json!({ "StringEquals": { "aws:PrincipalOrgID": organizations } });
        statements.push(statement);
    }
    (!statements.is_empty()).then(|| json!({ "Version": "2012-10-17", "Statement": statements }))
}

/// Alarms on backup jobs. AWS Backup counts them by vault.
/// <https://docs.aws.amazon.com/aws-backup/latest/devguide/cloudwatch.html>
fn watch(frame: &Frame<'_>, name: &str, vault: &Handle, graph: &mut Graph) {
    let Some(alarms) = &frame.spec.alarms else {
        return;
    };
    for (word, metric, meaning, advice) in [
        (
            "failed",
            "NumberOfBackupJobsFailed",
            format!("a backup into vault {name} failed"),
            "Its status message in AWS Backup says why; until the next one succeeds, the last good one is what there is.",
        ),
        (
            "expired",
            "NumberOfBackupJobsExpired",
            format!("a backup into vault {name} never began"),
            "It overlaps with another one or with the maintenance of the resource: move the schedule or widen the start window.",
        ),
    ] {
        let topic = vec![alarms.topic_arn.clone()];
        graph.add(
            format!("{}/alarm/{word}", vault_address(name)),
            format!("tells when {meaning}"),
            Alarm {
                alarm_name: format!("{}/{}/{word}", frame.spec.name, vault_address(name)),
                alarm_description: Some(format!(
                    "Backups {}: {meaning}. {advice}",
                    frame.spec.name
                )),
                // Asked for, so that an alarm that somebody silenced shows in a plan.
                actions_enabled: Some(true),
                alarm_actions: Some(topic.clone()),
                ok_actions: Some(topic),
                comparison_operator: Some("GreaterThanThreshold".to_owned()),
                dimensions: Some(vec![Dimension {
                    name: "BackupVaultName".to_owned(),
                    value: vault.id(),
                }]),
                evaluation_periods: Some(1),
                metric_name: Some(metric.to_owned()),
                namespace: Some("AWS/Backup".to_owned()),
                period: Some(3600),
                statistic: Some("Sum".to_owned()),
                threshold: Some(0.0),
                treat_missing_data: Some("notBreaching".to_owned()),
                ..Alarm::default()
            },
        );
    }
}
