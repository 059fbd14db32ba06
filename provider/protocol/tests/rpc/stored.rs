//! What was stored: upgraded, moved, imported, with its identity.

use platform_protocol::{Type, Value};

use crate::host::tfplugin6::*;
use crate::host::{decode, encode};
use crate::{note, start, tiny};

#[tokio::test]
async fn stored_state_is_upgraded_and_moved() {
    let (_host, mut provider) = start().await;
    let ty = tiny::note().implied_type();
    let json = br#"{"name": "a", "size": 12345678901234567890123, "gone": 1, "id": "note/a",
        "resources": {"value": {"k": true}, "type": ["object", {"k": "bool"}]}}"#;
    let raw_state = Some(RawState {
        json: json.to_vec(),
        ..Default::default()
    });
    let request = upgrade_resource_state::Request {
        type_name: "tiny_note".into(),
        version: 0,
        raw_state: raw_state.clone(),
    };
    let response = provider
        .upgrade_resource_state(request)
        .await
        .unwrap()
        .into_inner();
    let state = decode(response.upgraded_state, &ty);
    assert_eq!(
        state.attr("size").as_number().unwrap().to_string(),
        "12345678901234567890123"
    );
    assert_eq!(state.attr("resources").attr("k").as_bool(), Some(true));

    let request = move_resource_state::Request {
        source_type_name: "other_note".into(),
        source_state: raw_state,
        target_type_name: "tiny_note".into(),
        ..Default::default()
    };
    let response = provider
        .move_resource_state(request)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(decode(response.target_state, &ty), state);

    let flatmap = Some(RawState {
        json: Vec::new(),
        flatmap: [("name".into(), "a".into())].into(),
    });
    let request = upgrade_resource_state::Request {
        type_name: "tiny_note".into(),
        version: 0,
        raw_state: flatmap,
    };
    let response = provider
        .upgrade_resource_state(request)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        response.diagnostics[0].summary,
        "State of Terraform 0.11 can't be read"
    );
}

#[tokio::test]
async fn resources_are_imported_by_id_and_by_identity() {
    let (_host, mut provider) = start().await;
    let schemas = provider
        .get_resource_identity_schemas(get_resource_identity_schemas::Request {})
        .await
        .unwrap();
    let identity = schemas
        .into_inner()
        .identity_schemas
        .remove("tiny_note")
        .unwrap()
        .identity_attributes
        .remove(0);
    assert!(identity.required_for_import && !identity.optional_for_import);

    let identity_type = Type::object([("id", Type::String)]);
    let identity = |id: &str| {
        let identity_data = encode(&Value::object([("id", id.into())]), &identity_type);
        Some(ResourceIdentityData { identity_data })
    };
    for (id, identity) in [("note/a", None), ("", identity("note/a"))] {
        let request = import_resource_state::Request {
            type_name: "tiny_note".into(),
            id: id.into(),
            identity,
            ..Default::default()
        };
        let mut response = provider
            .import_resource_state(request)
            .await
            .unwrap()
            .into_inner();
        let imported = response.imported_resources.remove(0);
        let state = decode(imported.state, &tiny::note().implied_type());
        assert_eq!(state.attr("name").as_str(), Some("a"));
        let identity = decode(imported.identity.unwrap().identity_data, &identity_type);
        assert_eq!(identity.attr("id").as_str(), Some("note/a"));
    }
    let request = upgrade_resource_identity::Request {
        type_name: "tiny_note".into(),
        version: 0,
        raw_identity: Some(RawState {
            json: br#"{"id":"note/a"}"#.to_vec(),
            ..Default::default()
        }),
    };
    let upgraded = provider
        .upgrade_resource_identity(request)
        .await
        .unwrap()
        .into_inner();
    let identity = decode(
        upgraded.upgraded_identity.unwrap().identity_data,
        &identity_type,
    );
    assert_eq!(identity.attr("id").as_str(), Some("note/a"));
}

#[tokio::test]
async fn an_identity_that_is_not_mentioned_stays() {
    let (_host, mut provider) = start().await;
    let ty = tiny::note().implied_type();
    let identity_type = Type::object([("id", Type::String)]);
    let identity_data = encode(&Value::object([("id", "note/a".into())]), &identity_type);
    let identity = Some(ResourceIdentityData { identity_data });
    let state = note(&[("name", "a".into()), ("id", "note/a".into())]);
    for (proposed, expected) in [(&state, identity.clone()), (&Value::Null, None)] {
        let request = plan_resource_change::Request {
            type_name: "tiny_note".into(),
            prior_state: encode(&state, &ty),
            proposed_new_state: encode(proposed, &ty),
            config: encode(proposed, &ty),
            prior_identity: identity.clone(),
            ..Default::default()
        };
        let planned = provider
            .plan_resource_change(request)
            .await
            .unwrap()
            .into_inner();
        assert_eq!(planned.planned_identity, expected);
    }
}
