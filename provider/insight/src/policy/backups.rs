//! What AWS checks when a part of AWS Backup is made, changed or taken away.

use platform_graph::{Call, Recorded};

use super::{Grants, Sid};
use crate::inventory::text;

impl Grants {
    /// Vaults, plans with their selections, frameworks, reports and restore tests.
    ///
    /// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsbackup.html> and
    /// <https://docs.aws.amazon.com/aws-backup/latest/devguide/access-control.html>
    pub(super) fn allow_backups(
        &mut self,
        region: Option<&str>,
        call: &Call,
        part: Option<&Recorded>,
    ) {
        let (sort, property, end) = match part.map(|part| part.kind.as_str()) {
            Some("AWS::Backup::BackupVault") => ("backup-vault", "BackupVaultName", ""),
            Some("AWS::Backup::Framework") => ("framework", "FrameworkName", "-*"),
            Some("AWS::Backup::ReportPlan") => ("report-plan", "ReportPlanName", "-*"),
            Some("AWS::Backup::RestoreTestingPlan" | "AWS::Backup::RestoreTestingSelection") => {
                ("restore-testing-plan", "RestoreTestingPlanName", "-*")
            }
            // The id of a plan is AWS's choice.
            _ => ("backup-plan", "", "*"),
        };
        let name = part
            .and_then(|part| text(part, property))
            .filter(|name| !name.contains("${"));
        let own = match name {
            Some(name) => format!("{sort}:{name}{end}"),
            None => format!("{sort}:*"),
        };
        let own = self.arn(region, "backup", &own);
        let action = format!("backup:{}", call.action);
        let is_plan = sort == "backup-plan" && call.action != "CreateBackupPlan";
        let sid = if is_plan { Sid::Own } else { Sid::Named };
        self.grant(sid, &action, [own.clone()]);
        match call.action {
            "CreateBackupPlan" => self.grant(Sid::Named, "backup:TagResource", [own]),
            "CreateBackupVault" => {
                self.grant(Sid::Named, "backup:TagResource", [own]);
                // Where recovery points lie is another service, whose resources have no names.
                self.wider
                    .insert("backup-storage:MountCapsule: AWS takes no resource for it".to_owned());
                self.grant(Sid::Wide, "backup-storage:MountCapsule", ["*".to_owned()]);
                // AWS Backup works with the key under a grant of the caller's.
                let key = self.arn(region, "kms", "key/*");
                for action in [
                    "kms:CreateGrant",
                    "kms:Decrypt",
                    "kms:GenerateDataKey",
                    "kms:RetireGrant",
                ] {
                    self.grant(Sid::Own, action, [key.clone()]);
                }
                self.reads.insert("kms:DescribeKey".to_owned());
                self.link(region, "backup.amazonaws.com");
            }
            "CreateFramework" | "CreateReportPlan" => {
                self.grant(Sid::Named, "backup:TagResource", [own]);
                self.link(region, "reports.backup.amazonaws.com");
            }
            "CreateRestoreTestingPlan" => {
                self.grant(Sid::Named, "backup:TagResource", [own]);
                self.link(region, "restore-testing.backup.amazonaws.com");
            }
            _ => {}
        }
    }
}
