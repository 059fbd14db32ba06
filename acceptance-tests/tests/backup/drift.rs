//! What others change is shown and repaired.

use acceptance_tests::{Outcome, Stage, ensure};
use serde_json::{Value, json};

use crate::configuration::{BACKUP, EVERY_KIND, ask, plan_id, with};

#[test]
fn what_others_change_is_repaired() -> Outcome<()> {
    let stage = Stage::new()?;
    let hcl = with(EVERY_KIND);
    stage.settle(&hcl, BACKUP)?;
    let plan = format!("/backup/plans/{}", plan_id(&stage)?);
    let shown = ask(&stage, ("GET", &format!("{plan}/")), None)?;
    let mut kept_shorter = shown["BackupPlan"].clone();
    for rule in kept_shorter["Rules"].as_array_mut().into_iter().flatten() {
        rule["Lifecycle"] = json!({ "DeleteAfterDays": 1 });
        if let Some(rule) = rule.as_object_mut() {
            rule.remove("RuleId");
        }
    }
    let list = ask(&stage, ("GET", &format!("{plan}/selections/")), None)?;
    let selection = &list["BackupSelectionsList"][0]["SelectionId"];
    let selection = format!(
        "{plan}/selections/{}",
        selection.as_str().unwrap_or_default()
    );
    let tampered: [((&str, &str), Value, &str); 11] = [
        (
            ("DELETE", "/backup-vaults/shop-main/access-policy"),
            Value::Null,
            "vault/main",
        ),
        (
            ("PUT", "/backup-vaults/shop-copies/access-policy"),
            json!({ "Policy": r#"{"Version":"2012-10-17","Statement":[]}"# }),
            "vault/copies",
        ),
        (
            ("DELETE", "/backup-vaults/shop-main/vault-lock"),
            Value::Null,
            "vault/main",
        ),
        (
            ("PUT", "/backup-vaults/shop-main/vault-lock"),
            json!({ "MinRetentionDays": 1 }),
            "vault/main",
        ),
        (
            (
                "DELETE",
                "/backup-vaults/shop-main/notification-configuration",
            ),
            Value::Null,
            "vault/main",
        ),
        (
            ("POST", &plan),
            json!({ "BackupPlan": kept_shorter }),
            "plan/stores",
        ),
        (("DELETE", &selection), Value::Null, "plan/stores/selection"),
        (
            ("PUT", "/audit/frameworks/shop"),
            json!({ "FrameworkControls": [{ "ControlName": "BACKUP_RECOVERY_POINT_ENCRYPTED" }] }),
            "framework",
        ),
        (
            ("PUT", "/audit/report-plans/shop_controls"),
            json!({ "ReportDeliveryChannel": { "S3BucketName": "elsewhere", "Formats": ["CSV"] } }),
            "report/controls",
        ),
        (
            ("PUT", "/restore-testing/plans/shop_weekly"),
            json!({ "RestoreTestingPlan": { "ScheduleExpression": "cron(0 5 1 1 ? *)" } }),
            "restore-test/weekly",
        ),
        (
            (
                "PUT",
                "/restore-testing/plans/shop_weekly/selections/databases",
            ),
            json!({ "RestoreTestingSelection": { "ValidationWindowHours": 7 } }),
            "restore-test/weekly/databases",
        ),
    ];
    for (call, body, address) in tampered {
        ask(&stage, call, Some(&body).filter(|body| !body.is_null()))?;
        let next = stage.terraform.plan()?;
        let changes = next.after(BACKUP, "changes").to_string();
        ensure!(
            changes.contains(&format!("\"{address}")),
            "{call:?} {body} is not noticed: {changes} {:?}",
            next.diagnostics
        );
        stage.settle(&hcl, BACKUP)?;
    }
    stage.strike()
}
