use serde_json::json;

use super::*;
use crate::testing::{me, property_names};

fn listed(more: Value) -> Value {
    let mut item = json!({ "BackupVaultName": "shop", "BackupVaultArn": "arn:vault", "CreationDate": "2026-01-02T03:04:05Z",
        "EncryptionKeyArn": "arn:key", "NumberOfRecoveryPoints": 0, "VaultType": "BACKUP_VAULT", "Locked": false });
    for (name, value) in more.as_object().unwrap() {
        item[name] = value.clone();
    }
    json!({ "BackupVaultList": [{ "BackupVaultName": "Default" }, item] })
}

fn vault() -> BackupVault {
    BackupVault::known_by("shop")
}

fn live(asked: &BackupVault, replies: &[Value]) -> Live<BackupVault> {
    match asked.read(&me(None), replies) {
        Seen::Live(live) => live,
        seen => panic!("{seen:?}"),
    }
}

fn locked(changeable_for_days: Option<u32>) -> BackupVault {
    BackupVault {
        lock_configuration: Some(LockConfiguration {
            changeable_for_days,
            max_retention_days: None,
            min_retention_days: 7,
        }),
        ..vault()
    }
}

fn actions(calls: &[Call]) -> Vec<&str> {
    calls.iter().map(|call| call.action).collect()
}

#[test]
fn every_state_is_told_apart() {
    for (more, expected) in [
        (json!({}), "Live"),
        (json!({ "VaultState": "AVAILABLE" }), "Live"),
        (json!({ "VaultState": "CREATING" }), "Pending"),
        (json!({ "VaultState": "FAILED" }), "Failed"),
        (json!({ "BackupVaultName": "shop-2" }), "Absent"),
    ] {
        let seen = format!("{:?}", vault().read(&me(None), &[listed(more.clone())]));
        assert!(seen.starts_with(expected), "{more}: {seen}");
    }
    assert_eq!(vault().read(&me(None), &[Value::Null]), Seen::Absent);
}

#[test]
fn a_key_shows_where_one_was_asked_for() {
    let replies = [listed(json!({})), json!({ "Tags": { "team": "core" } })];
    let seen = live(&vault(), &replies);
    assert_eq!(
        property_names(&seen.properties),
        ["BackupVaultName", "Tags"]
    );
    assert_eq!(seen.properties.tags["team"], "core");
    let asked = BackupVault {
        encryption_key_arn: Some("arn:other".into()),
        ..vault()
    };
    let seen = live(&asked, &replies).properties;
    assert_eq!(seen.encryption_key_arn.as_deref(), Some("arn:key"));
}

#[test]
fn a_lock_for_good_is_told_from_one_that_can_be_taken_off() {
    let governed = json!({ "Locked": true, "MinRetentionDays": 7 });
    let dated =
        json!({ "Locked": true, "MinRetentionDays": 7, "LockDate": "2026-02-02T03:04:05Z" });
    for (asked, shown, expected) in [
        (None, &governed, None),
        (Some(3), &governed, None),
        (Some(3), &dated, Some(3)),
        // The days counted when the lock was set.
        (Some(30), &dated, Some(30)),
        (None, &dated, Some(0)),
    ] {
        let asked = locked(asked);
        let seen = live(&asked, &[listed(shown.clone())]).properties;
        let lock = seen.lock_configuration.unwrap();
        assert_eq!(lock.changeable_for_days, expected, "{asked:?} {shown}");
        assert_eq!(lock.min_retention_days, 7);
    }
    let none = live(&locked(None), &[listed(json!({}))]).properties;
    assert_eq!(none.lock_configuration, None);
}

#[test]
fn a_date_goes_with_the_lock_that_has_it() {
    let (put, delete) = (
        "PutBackupVaultLockConfiguration",
        "DeleteBackupVaultLockConfiguration",
    );
    for (live, desired, expected) in [
        (vault(), locked(None), vec![put]),
        (vault(), locked(Some(3)), vec![put]),
        (locked(None), locked(Some(3)), vec![put]),
        (locked(Some(0)), locked(None), vec![delete, put]),
        (locked(None), vault(), vec![delete]),
    ] {
        let live = Live {
            id: "shop".into(),
            properties: live,
            attributes: Attributes::new(),
        };
        let calls = desired.update(&me(None), &live, &["LockConfiguration"]);
        assert_eq!(actions(&calls), expected, "{desired:?}");
    }
}

#[test]
fn recovery_points_are_named_and_go_only_where_that_is_asked_for() {
    let point = |name: &str, more: Value| {
        let mut point = json!({ "RecoveryPointArn": format!("arn:point:{name}"), "Status": "COMPLETED",
            "ResourceArn": "arn:db", "CreationDate": "2026-01-02T03:04:05Z" });
        for (name, value) in more.as_object().unwrap() {
            point[name] = value.clone();
        }
        point
    };
    let replies = [json!({ "RecoveryPoints": [
        point("1", json!({})),
        point("2", json!({ "Status": "DELETING" })),
        point("3", json!({ "ParentRecoveryPointArn": "arn:point:1" })),
        point("4", json!({ "Status": "EXPIRED" })),
    ] })];
    let found = |may: Option<bool>| {
        let asked = BackupVault {
            force_destroy: may,
            ..vault()
        };
        assert_eq!(asked.blockers(&me(None), "shop", &[]).len(), 1);
        assert_eq!(asked.blockers(&me(None), "shop", &replies), []);
        asked.blocking(&me(None), "shop", &replies)
    };
    for may in [None, Some(false)] {
        let kept = found(may);
        assert_eq!(kept.len(), 4);
        assert!(kept.iter().all(|blocker| blocker.remove.is_empty()));
        let hinted = |blocker: &&Blocker| blocker.what.contains("force_destroy");
        assert_eq!(kept.iter().filter(hinted).count(), 1);
        assert_eq!(kept[0].id, "arn:point:1");
        assert_eq!(kept[1].lingers_seconds, DELETION);
        assert_eq!(kept[2].lingers_seconds, 0);
    }
    let removed: Vec<String> = found(Some(true))
        .iter()
        .flat_map(|blocker| &blocker.remove)
        .map(|call| format!("{} {}", call.action, call.params["RecoveryPointArn"]))
        .collect();
    assert_eq!(
        removed,
        [
            r#"DeleteRecoveryPoint "arn:point:1""#,
            r#"DeleteRecoveryPoint "arn:point:4""#
        ]
    );
    assert_eq!(vault().blocking(&me(None), "shop", &[json!({})]), []);
}

#[test]
fn policies_are_compared_by_meaning_and_events_as_a_set() {
    let statement = |action: Value| json!({ "Statement": [{ "Effect": "Deny", "Action": action, "Resource": "*" }] });
    assert!(BackupVault::same(
        "AccessPolicy",
        &statement(json!("a:b")),
        &statement(json!(["a:b"]))
    ));
    let events = |events: [&str; 2]| json!({ "SNSTopicArn": "t", "BackupVaultEvents": events });
    assert!(BackupVault::same(
        "Notifications",
        &events(["A", "B"]),
        &events(["B", "A"])
    ));
    assert!(!BackupVault::same(
        "Notifications",
        &events(["A", "B"]),
        &events(["A", "C"])
    ));
}
