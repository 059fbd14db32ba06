//! What backups cost.

use crate::shown::{composite, part};
use platform_insight::CompositeView;
use platform_insight::cost::{PriceBook, cost};
use serde_json::{Value, json};

/// Backups with one part of this type.
fn backups(kind: &str, properties: &Value) -> Vec<CompositeView> {
    composite(
        "platform_backup",
        &json!({ "vault/main": part(kind, properties) }),
    )
}

#[test]
fn a_vault_is_charged_by_what_it_keeps() {
    let book = PriceBook::embedded().unwrap();
    let vault = cost(&backups("AWS::Backup::BackupVault", &json!({})), &book);
    assert_eq!(vault.fixed, 0.0);
    let text = format!("{vault:?}");
    for expected in [
        "recovery points in warm storage, 0.05 per GB",
        "recovery points in cold storage, 0.01 per GB",
        "10 to 500 GB a month of recovery points",
    ] {
        assert!(text.contains(expected), "{text}");
    }
}

#[test]
fn every_control_of_a_framework_is_charged_by_the_evaluation() {
    let book = PriceBook::embedded().unwrap();
    let controls = json!([{ "ControlName": "a" }, { "ControlName": "b" }]);
    let framework = backups(
        "AWS::Backup::Framework",
        &json!({ "FrameworkControls": controls }),
    );
    let text = format!("{:?}", cost(&framework, &book));
    assert!(
        text.contains("0.6 to 6 thousand a month for 10 to 100 resources"),
        "{text}"
    );
}

#[test]
fn plans_and_what_they_select_are_free() {
    let book = PriceBook::embedded().unwrap();
    for kind in [
        "AWS::Backup::BackupPlan",
        "AWS::Backup::BackupSelection",
        "AWS::Backup::ReportPlan",
        "AWS::Backup::RestoreTestingSelection",
    ] {
        let free = cost(&backups(kind, &json!({})), &book);
        assert_eq!(free.free.get(kind), Some(&1), "{free:?}");
    }
}

#[test]
fn restore_tests_are_not_priced_and_said_to_cost_something() {
    let book = PriceBook::embedded().unwrap();
    const KIND: &str = "AWS::Backup::RestoreTestingPlan";
    let tests = cost(&backups(KIND, &json!({})), &book);
    assert!(tests.not_priced.contains_key(KIND), "{tests:?}");
    let note = tests.notes.join(" ");
    assert!(
        note.contains("vault/main: AWS charges for every recovery point that is tested"),
        "{note}"
    );
}
