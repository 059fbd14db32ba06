use super::*;
use crate::testing::{me, property_names};

const ID: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";
const ARN: &str = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";

fn metadata(state: &str) -> Value {
    json!({ "KeyMetadata": {
        "AWSAccountId": "123456789012", "KeyId": ID, "Arn": ARN, "CreationDate": "2024-01-01T00:00:00Z",
        "Enabled": state == "Enabled", "Description": "", "KeyUsage": "ENCRYPT_DECRYPT", "KeyState": state,
        "Origin": "AWS_KMS", "KeyManager": "CUSTOMER", "KeySpec": SYMMETRIC, "MultiRegion": false } })
}

fn details() -> Vec<Value> {
    vec![
        metadata("Enabled"),
        json!({ "Policy": default_policy(ARN).unwrap().to_string(), "PolicyName": "default" }),
        json!({ "KeyRotationEnabled": true, "KeyId": ARN, "RotationPeriodInDays": 365 }),
        json!({ "Tags": [{ "TagKey": "a", "TagValue": "b" }], "Truncated": false }),
    ]
}

fn live(asked: &Key) -> Live<Key> {
    match asked.read(&me(Some(ID)), &details()) {
        Seen::Live(live) => live,
        other => panic!("{other:?}"),
    }
}

fn mapping(address: &str, id: &str) -> Value {
    json!({ "ResourceARN": format!("arn:aws:kms:us-east-1:123456789012:key/{id}"), "Tags": [
        { "Key": OWNER_TAG, "Value": "platform_network/us-east-1/main" }, { "Key": ADDRESS_TAG, "Value": address } ] })
}

#[test]
fn a_lost_key_is_found_by_its_own_tags() {
    for (mappings, expected) in [
        (vec![], None),
        (vec![mapping("other", "k-0")], None),
        (
            vec![mapping("other", "k-0"), mapping("part", "k-1")],
            Some("k-1"),
        ),
    ] {
        let seen = Key::default().read(&me(None), &[json!({ "ResourceTagMappingList": mappings })]);
        assert_eq!(seen.id(), expected, "{seen:?}");
    }
    let twice =
        json!({ "ResourceTagMappingList": [mapping("part", "k-1"), mapping("part", "k-2")] });
    assert_eq!(
        Key::default().read(&me(None), &[twice]),
        Seen::Many(vec!["k-1".into(), "k-2".into()])
    );
}

#[test]
fn every_state_of_a_key() {
    let read = |reply| Key::default().read(&me(Some(ID)), &[reply]);
    assert_eq!(read(Value::Null), Seen::Absent);
    assert_eq!(read(metadata("PendingDeletion")), Seen::Absent);
    assert_eq!(
        read(metadata("Creating")),
        Seen::Pending {
            id: ID.into(),
            why: "Creating".into()
        }
    );
    assert!(matches!(read(metadata("Enabled")), Seen::Live(_)));
    let Seen::Live(disabled) = read(metadata("Disabled")) else {
        panic!("a disabled key is there")
    };
    assert_eq!(disabled.properties.enabled, Some(false));
    let listed = json!({ "ResourceTagMappingList": [mapping("part", ID)] });
    assert_eq!(
        Key::default().read(&me(None), &[listed.clone(), metadata("PendingDeletion")]),
        Seen::Absent
    );
    assert_eq!(
        Key::default().read(&me(None), &[listed, Value::Null]),
        Seen::Absent
    );
}

#[test]
fn defaults_show_only_when_asked_for() {
    let seen = live(&Key {
        pending_window_in_days: Some(7),
        ..Key::default()
    });
    assert_eq!(
        property_names(&seen.properties),
        ["EnableKeyRotation", "PendingWindowInDays", "Tags"]
    );
    let asked = Key {
        key_policy: Some(json!({})),
        rotation_period_in_days: Some(90),
        ..Key::default()
    };
    assert_eq!(live(&asked).properties.rotation_period_in_days, Some(365));
    assert!(live(&asked).properties.key_policy.is_some());
}

#[test]
fn a_key_is_changed_while_it_is_enabled() {
    let actions = |asked: Key, changed: &[&str]| -> Vec<&str> {
        asked
            .update(&me(Some(ID)), &live(&asked), changed)
            .iter()
            .map(|call| call.action)
            .collect()
    };
    let all = [
        "Description",
        "EnableKeyRotation",
        "Enabled",
        "KeyPolicy",
        "RotationPeriodInDays",
    ];
    let off = Key {
        enabled: Some(false),
        ..Key::default()
    };
    assert_eq!(
        actions(off, &all),
        [
            "UpdateKeyDescription",
            "PutKeyPolicy",
            "DisableKeyRotation",
            "DisableKey"
        ]
    );
    let on = Key {
        enable_key_rotation: Some(true),
        ..Key::default()
    };
    assert_eq!(
        actions(on, &all),
        [
            "EnableKey",
            "UpdateKeyDescription",
            "PutKeyPolicy",
            "EnableKeyRotation"
        ]
    );
    let slower = Key {
        rotation_period_in_days: Some(730),
        ..Key::default()
    };
    assert_eq!(
        actions(slower, &["RotationPeriodInDays"]),
        ["EnableKeyRotation"],
        "the rotation that is on stays on"
    );
}

#[test]
fn the_rotation_of_an_asymmetric_key_is_not_asked_for() {
    let actions = |spec: &str| -> Vec<&str> {
        let key = Key {
            key_spec: Some(spec.into()),
            ..Key::default()
        };
        key.details(&me(None), ID)
            .iter()
            .map(|call| call.action)
            .collect()
    };
    assert_eq!(
        actions("RSA_4096"),
        ["DescribeKey", "GetKeyPolicy", "ListResourceTags"]
    );
    assert_eq!(
        actions(SYMMETRIC),
        [
            "DescribeKey",
            "GetKeyPolicy",
            "GetKeyRotationStatus",
            "ListResourceTags"
        ]
    );
}
