//! What the service answers, method by method, in particular when the provider misbehaves.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

#[allow(dead_code)]
mod host;
#[allow(dead_code, unused_imports)]
#[path = "../examples/tiny.rs"]
mod tiny;

use host::tfplugin6::{self as wire, *};
use host::{Host, ProviderClient, decode, encode};
use platform_protocol::{AttributePath, Type, Value};
use tonic::transport::Channel;

async fn start() -> (Host, ProviderClient<Channel>) {
    let host = Host::start(None).await;
    let provider = ProviderClient::new(host.connect(None).await.unwrap());
    (host, provider)
}

fn note(attributes: &[(&str, Value)]) -> Value {
    let mut note = tiny::note().implied_type().empty_value();
    for (name, value) in attributes {
        note.set(&AttributePath::attribute(*name), value.clone())
            .unwrap();
    }
    note
}

fn planned(behaviour: &str) -> Value {
    note(&[
        ("name", "a".into()),
        ("size", 1.into()),
        ("behaviour", behaviour.into()),
        ("region", Value::unknown()),
        ("id", Value::unknown()),
        ("resources", Value::unknown()),
    ])
}

fn texts(diagnostics: &[Diagnostic]) -> Vec<String> {
    let text = |diagnostic: &Diagnostic| {
        format!(
            "{:?}: {}\n{}",
            diagnostic.severity(),
            diagnostic.summary,
            diagnostic.detail
        )
    };
    diagnostics.iter().map(text).collect()
}

async fn apply(behaviour: &str, prior: &Value) -> (Value, Vec<u8>, Vec<String>) {
    let (_host, mut provider) = start().await;
    let ty = tiny::note().implied_type();
    let planned = planned(behaviour);
    let mut config = note(&[("name", "a".into()), ("secret", "hidden".into())]);
    config.set(&AttributePath::attribute("behaviour"), behaviour.into());
    let request = apply_resource_change::Request {
        type_name: "tiny_note".into(),
        prior_state: encode(prior, &ty),
        planned_state: encode(&planned, &ty),
        config: encode(&config, &ty),
        planned_private: b"planned".to_vec(),
        ..Default::default()
    };
    let response = provider
        .apply_resource_change(request)
        .await
        .unwrap()
        .into_inner();
    (
        decode(response.new_state, &ty),
        response.private,
        texts(&response.diagnostics),
    )
}

#[tokio::test]
async fn an_apply_returns_what_exists_whatever_happens() {
    let nothing = Value::Null;
    let before = note(&[("name", "a".into()), ("id", "note/a".into())]);
    let mut outcomes = Vec::new();
    for (behaviour, prior) in [
        ("none", &nothing),
        ("panic", &nothing),
        ("panic", &before),
        ("panic-after-record", &nothing),
        ("panic-untainted", &nothing),
        ("misfit", &nothing),
        ("unknown", &nothing),
        ("leak", &nothing),
    ] {
        let (state, private, diagnostics) = apply(behaviour, prior).await;
        assert!(state.is_wholly_known());
        outcomes.push(serde_json::json!({
            "behaviour": behaviour,
            "prior": prior.to_json_known(),
            "new_state": state.to_json_known(),
            "private": String::from_utf8(private).unwrap(),
            "diagnostics": diagnostics,
        }));
    }
    insta::assert_json_snapshot!(outcomes);
}

#[tokio::test]
async fn plans_are_deterministic_and_empty_the_second_time() {
    let (_host, mut provider) = start().await;
    let ty = tiny::note().implied_type();
    let config = note(&[
        ("name", "a".into()),
        ("size", 1.into()),
        ("secret", "hidden".into()),
    ]);
    let request = plan_resource_change::Request {
        type_name: "tiny_note".into(),
        prior_state: encode(&Value::Null, &ty),
        proposed_new_state: encode(&config, &ty),
        config: encode(&config, &ty),
        ..Default::default()
    };
    let first = provider
        .plan_resource_change(request.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        first,
        provider
            .plan_resource_change(request)
            .await
            .unwrap()
            .into_inner()
    );
    let state = decode(first.planned_state.clone(), &ty);
    assert_eq!(
        tiny::note().check_plan(&Value::Null, &config, &state),
        Vec::<String>::new()
    );
    assert!(state.attr("secret").is_null() && state.attr("region").is_unknown());
    assert_eq!(
        state.attr("resources").attr("page/1").attr("name").as_str(),
        Some("a")
    );
    assert!(
        state
            .attr("resources")
            .attr("page/1")
            .attr("id")
            .is_unknown()
    );

    let apply = apply_resource_change::Request {
        type_name: "tiny_note".into(),
        prior_state: encode(&Value::Null, &ty),
        planned_state: first.planned_state,
        config: encode(&config, &ty),
        ..Default::default()
    };
    let applied = provider
        .apply_resource_change(apply)
        .await
        .unwrap()
        .into_inner();
    assert!(applied.diagnostics.is_empty() && applied.new_identity.is_some());
    let mut proposed = decode(applied.new_state.clone(), &ty);
    assert_eq!(
        tiny::note().check_applied(&state, &proposed),
        Vec::<String>::new()
    );
    proposed.set(&AttributePath::attribute("secret"), "hidden".into());
    let second = plan_resource_change::Request {
        type_name: "tiny_note".into(),
        prior_state: applied.new_state.clone(),
        proposed_new_state: encode(&proposed, &ty),
        config: encode(&config, &ty),
        ..Default::default()
    };
    let second = provider
        .plan_resource_change(second)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(second.planned_state, applied.new_state);
    assert_eq!(second.requires_replace.len(), 1);

    let destroy = plan_resource_change::Request {
        type_name: "tiny_note".into(),
        prior_state: applied.new_state,
        proposed_new_state: encode(&Value::Null, &ty),
        config: encode(&Value::Null, &ty),
        ..Default::default()
    };
    let destroy = provider
        .plan_resource_change(destroy)
        .await
        .unwrap()
        .into_inner();
    assert!(decode(destroy.planned_state, &ty).is_null());
}

#[tokio::test]
async fn problems_point_at_arguments() {
    let (_host, mut provider) = start().await;
    let config = note(&[
        ("name", "".into()),
        ("tags", Value::map([("team", "".into())])),
    ]);
    let request = validate_resource_config::Request {
        type_name: "tiny_note".into(),
        config: encode(&config, &tiny::note().implied_type()),
        client_capabilities: None,
    };
    let diagnostics = provider
        .validate_resource_config(request)
        .await
        .unwrap()
        .into_inner()
        .diagnostics;
    insta::assert_debug_snapshot!(diagnostics);
}

#[tokio::test]
async fn what_the_schema_does_not_have_is_refused_in_words() {
    let (_host, mut provider) = start().await;
    let request = read_resource::Request {
        type_name: "tiny_other".into(),
        ..Default::default()
    };
    let diagnostics = provider
        .read_resource(request)
        .await
        .unwrap()
        .into_inner()
        .diagnostics;
    assert_eq!(
        diagnostics[0].summary,
        r#"This provider has no resource type "tiny_other""#
    );

    let garbage = Some(DynamicValue {
        msgpack: vec![0x81, 0xa1, b'x', 0xc0],
        json: Vec::new(),
    });
    let request = read_resource::Request {
        type_name: "tiny_note".into(),
        current_state: garbage,
        ..Default::default()
    };
    let diagnostics = provider
        .read_resource(request)
        .await
        .unwrap()
        .into_inner()
        .diagnostics;
    assert!(
        diagnostics[0]
            .detail
            .contains(r#"attribute "x" is not in the schema"#),
        "{diagnostics:?}"
    );
}

#[tokio::test]
async fn methods_of_later_versions_are_unimplemented() {
    let (host, _) = start().await;
    let channel = host.connect(None).await.unwrap();
    let mut client = tonic::client::Grpc::new(channel);
    client.ready().await.unwrap();
    let codec = tonic_prost::ProstCodec::<
        plan_resource_change::Request,
        plan_resource_change::Response,
    >::default();
    let path = tonic::codegen::http::uri::PathAndQuery::from_static(
        "/tfplugin6.Provider/GenerateResourceConfig",
    );
    let answer = client
        .unary(tonic::Request::new(Default::default()), path, codec)
        .await;
    assert_eq!(answer.unwrap_err().code(), tonic::Code::Unimplemented);
}

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

#[tokio::test]
async fn functions_return_values_or_point_at_arguments() {
    let (_host, mut provider) = start().await;
    let listed = provider
        .get_functions(get_functions::Request {})
        .await
        .unwrap()
        .into_inner();
    assert!(listed.functions.contains_key("shout"));
    let mut call = async |arguments: &[Value]| {
        let arguments = arguments
            .iter()
            .filter_map(|argument| encode(argument, &Type::String))
            .collect();
        let request = call_function::Request {
            name: "shout".into(),
            arguments,
        };
        provider.call_function(request).await.unwrap().into_inner()
    };
    assert_eq!(
        decode(call(&["hey".into()]).await.result, &Type::String).as_str(),
        Some("HEY")
    );
    let error = call(&["".into()]).await.error.unwrap();
    assert_eq!(
        (error.text.as_str(), error.function_argument),
        ("There is nothing to shout.", Some(0))
    );
    assert!(
        call(&["panic".into()])
            .await
            .error
            .unwrap()
            .text
            .contains("no voice")
    );
    assert!(call(&[]).await.error.unwrap().text.contains("too few"));
    assert_eq!(
        call(&["a".into(), "b".into()])
            .await
            .error
            .unwrap()
            .function_argument,
        Some(1)
    );
}

#[tokio::test]
async fn data_sources_and_ephemeral_resources_are_read() {
    let (_host, mut provider) = start().await;
    let ty = tiny::echo().implied_type();
    let input = Value::infer(&serde_json::json!({"a": [1, null, "x"]})).unwrap();
    let config = Value::object([("input", input.clone()), ("output", Value::Null)]);
    let request = read_data_source::Request {
        type_name: "tiny_echo".into(),
        config: encode(&config, &ty),
        ..Default::default()
    };
    let response = provider
        .read_data_source(request)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(decode(response.state, &ty).attr("output"), &input);

    let ty = tiny::token().implied_type();
    let config = Value::object([("length", 3.into()), ("token", Value::Null)]);
    let request = open_ephemeral_resource::Request {
        type_name: "tiny_token".into(),
        config: encode(&config, &ty),
        ..Default::default()
    };
    let opened = provider
        .open_ephemeral_resource(request)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        decode(opened.result, &ty).attr("token").as_str(),
        Some("xxx")
    );
    assert!(opened.renew_at.unwrap().seconds > 0);
    let request = wire::renew_ephemeral_resource::Request {
        type_name: "tiny_token".into(),
        private: opened.private,
    };
    let renewed = provider
        .renew_ephemeral_resource(request)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(renewed.private.as_deref(), Some(&b"1+"[..]));
    let request = close_ephemeral_resource::Request {
        type_name: "tiny_token".into(),
        private: renewed.private,
    };
    assert!(
        provider
            .close_ephemeral_resource(request)
            .await
            .unwrap()
            .into_inner()
            .diagnostics
            .is_empty()
    );
}
