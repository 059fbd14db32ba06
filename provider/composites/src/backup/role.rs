//! The role with which AWS Backup backs up and restores.
//!
//! <https://docs.aws.amazon.com/aws-backup/latest/devguide/iam-service-roles.html>

use platform_graph::{Graph, Handle};
use platform_kinds::iam::Role;
use serde_json::json;

use super::ROLE;
use super::frame::Frame;

/// AWS's managed policies, with their paths.
const POLICIES: &[&str] = &[
    "AWSBackupServiceRolePolicyForS3Backup",
    "AWSBackupServiceRolePolicyForS3Restore",
    "service-role/AWSBackupServiceRolePolicyForBackup",
    "service-role/AWSBackupServiceRolePolicyForRestores",
];

pub(super) fn add(frame: &Frame<'_>, graph: &mut Graph) {
    if frame.spec.iam_role_arn.is_some() || !frame.spec.acts() {
        return;
    }
    let (name, setting) = (&frame.spec.name, frame.setting);
    graph.add(
        ROLE,
        "lets AWS Backup back up and restore",
        Role {
            role_name: format!("{name}-{}-backup", setting.owner.region),
            // No condition on the account: AWS does not document that AWS Backup says one when it takes on the role.
            assume_role_policy_document: json!({
                "Version": "2012-10-17",
                "Statement": [{
                    "Effect": "Allow",
                    "Principal": { "Service": "backup.amazonaws.com" },
                    "Action": "sts:AssumeRole",
                }],
            }),
            managed_policy_arns: POLICIES
                .iter()
                .map(|policy| format!("arn:{}:iam::aws:policy/{policy}", setting.partition))
                .collect(),
            description: Some(format!("Backups {name}: AWS Backup backs up and restores")),
            ..Role::default()
        },
    );
}

/// ARN of the role.
pub(super) fn arn(frame: &Frame<'_>) -> String {
    let own = || Handle::to(ROLE).attribute("Arn");
    frame.spec.iam_role_arn.clone().unwrap_or_else(own)
}
