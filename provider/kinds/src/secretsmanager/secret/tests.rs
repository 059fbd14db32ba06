use platform_graph::ADDRESS_TAG;

use super::*;
use crate::testing::{me, property_names};

const ARN: &str = "arn:aws:secretsmanager:us-east-1:123456789012:secret:shop/stripe-AbCdEf";

fn wish() -> Secret {
    Secret {
        name: "shop/stripe".to_owned(),
        value: Some(ValueSource {
            from: Some("values_wo.stripe".to_owned()),
            version: 2,
        }),
        ..Secret::default()
    }
}

fn reply(extra: Value) -> Value {
    let mut reply = json!({ "ARN": ARN, "Name": "shop/stripe", "Tags": [
        { "Key": OWNER_TAG, "Value": "platform_network/us-east-1/main" }, { "Key": ADDRESS_TAG, "Value": "part" } ] });
    let extra = extra.as_object().cloned().unwrap_or_default();
    reply.as_object_mut().unwrap().extend(extra);
    reply
}

fn live(wish: &Secret, extra: Value) -> Live<Secret> {
    match wish.read(&me(Some(ARN)), &[reply(extra)]) {
        Seen::Live(live) => live,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_value_that_was_written_shows_by_its_label_alone() {
    let id = |version| version_id(&me(Some(ARN)), ARN, version, None);
    assert!((32..=64).contains(&id(u32::MAX).len()), "{}", id(u32::MAX));
    for (stages, expected) in [
        (json!({}), None),
        (json!({ id(2): ["AWSCURRENT", LABEL] }), Some(2)),
        // Rotated twice by others since.
        (
            json!({ id(2): [LABEL], "x": ["AWSPREVIOUS"], "y": ["AWSCURRENT"] }),
            Some(2),
        ),
        (json!({ id(2): ["AWSCURRENT"] }), None),
        (
            json!({ "by-somebody-else-0123456789abcdef": [LABEL] }),
            None,
        ),
    ] {
        let seen = live(&wish(), json!({ "VersionIdsToStages": stages }));
        assert_eq!(seen.properties.value.map(|value| value.version), expected);
    }
}

#[test]
fn a_number_that_was_there_before_gets_a_version_of_its_own() {
    let write = |extra| {
        let calls = wish().update(&me(Some(ARN)), &live(&wish(), extra), &["Value"]);
        calls[0].params["ClientRequestToken"].clone()
    };
    let labelled = |id: &Value| json!({ "VersionIdsToStages": { id.as_str().unwrap(): [LABEL] } });
    let first = write(json!({}));
    assert_eq!(first, write(json!({})), "the same attempt has the same id");
    assert_ne!(first, write(labelled(&first)));
}

#[test]
fn only_another_value_is_another_version() {
    assert_eq!(wish().unsettled(&["Description", "Value"]), ["VersionId"]);
    assert_eq!(wish().unsettled(&["Description"]), [""; 0]);
}

#[test]
fn a_value_that_others_set_is_not_looked_at() {
    let external = Secret {
        value: None,
        ..wish()
    };
    let seen = live(
        &external,
        json!({ "VersionIdsToStages": { "a": ["AWSCURRENT"] } }),
    );
    assert_eq!(property_names(&seen.properties), ["Name", "Tags"]);
}

#[test]
fn the_call_that_writes_a_value_does_not_hold_it() {
    let calls = wish().update(&me(Some(ARN)), &live(&wish(), json!({})), &["Value"]);
    let [put] = &calls[..] else {
        panic!("{calls:?}")
    };
    assert!(!put.params.contains_key("SecretString"));
    assert_eq!(put.params["VersionStages"], json!(["AWSCURRENT", LABEL]));
    let source = &put.secret.as_ref().unwrap().source;
    assert_eq!(*source, SecretSource::Given("values_wo.stripe".to_owned()));
}

#[test]
fn a_secret_in_its_recovery_window_is_absent_and_in_the_way_of_its_successor() {
    let scheduled = reply(json!({ "DeletedDate": "2026-01-01T00:00:00Z" }));
    let read = |id, reply: &Value| wish().read(&me(id), std::slice::from_ref(reply));
    assert_eq!(read(Some(ARN), &scheduled), Seen::Absent);
    assert_eq!(read(None, &scheduled), Seen::Deleting { id: ARN.into() });
    let mut foreign = scheduled;
    foreign["Tags"] = json!([]);
    assert_eq!(read(None, &foreign), Seen::Absent);
    assert_eq!(wish().restore(&me(None), ARN)[0].action, "RestoreSecret");
}

#[test]
fn copies_are_waited_for_and_their_failure_is_told() {
    let replicated = Secret {
        replica_regions: Some(vec![ReplicaRegion {
            kms_key_id: None,
            region: "eu-west-1".to_owned(),
        }]),
        ..wish()
    };
    let status = |word: &str, why: &str| json!({ "ReplicationStatus": [{ "Region": "eu-west-1", "KmsKeyId": AWS_KEY, "Status": word, "StatusMessage": why }] });
    let read = |word, why| replicated.read(&me(Some(ARN)), &[reply(status(word, why))]);
    assert!(matches!(read("InProgress", ""), Seen::Pending { .. }));
    let Seen::Failed { why, .. } = read("Failed", "Name exists") else {
        panic!("it failed")
    };
    assert_eq!(why, "the copy in eu-west-1 failed: Name exists");
    let seen = live(&replicated, status("InSync", "")).properties;
    assert_eq!(seen.replica_regions, replicated.replica_regions);
    // A failed copy that nobody wants any more can be removed.
    let calls = wish().update(
        &me(Some(ARN)),
        &live(&wish(), status("Failed", "")),
        &["ReplicaRegions"],
    );
    assert_eq!(calls.len(), 1);
    assert_eq!(
        calls[0].params["RemoveReplicaRegions"],
        json!(["eu-west-1"])
    );
    let actions: Vec<_> = replicated
        .delete(&me(Some(ARN)), ARN, &Attributes::new())
        .iter()
        .map(|call| call.action)
        .collect();
    assert_eq!(actions, ["RemoveRegionsFromReplication", "DeleteSecret"]);
}

#[test]
fn a_recipe_is_what_cloudformation_means() {
    let recipe = GenerateSecretString {
        exclude_punctuation: Some(true),
        exclude_characters: Some("lI0O".to_owned()),
        password_length: Some(20),
        secret_string_template: Some(r#"{"username":"app"}"#.to_owned()),
        generate_string_key: Some("password".to_owned()),
        ..GenerateSecretString::default()
    }
    .recipe();
    assert_eq!(
        recipe.classes,
        [
            "abcdefghijkmnopqrstuvwxyz",
            "ABCDEFGHJKLMNPQRSTUVWXYZ",
            "123456789"
        ]
    );
    assert!(recipe.each && recipe.is_possible());
    let (object, key) = recipe.inside.unwrap();
    assert_eq!(
        (object["username"].as_str(), key.as_str()),
        (Some("app"), "password")
    );
    let plain = GenerateSecretString::default().recipe();
    assert_eq!((plain.length, plain.classes.len()), (32, 4));
}

#[test]
fn a_secret_is_found_again_by_its_arn() {
    assert_eq!(Secret::known_by(ARN).name, "shop/stripe");
}
