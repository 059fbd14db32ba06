//! What the service answers, method by method, in particular when the provider misbehaves.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

#[allow(dead_code)]
mod host;
#[path = "rpc/others.rs"]
mod others;
#[path = "rpc/stored.rs"]
mod stored;
#[allow(dead_code, unused_imports)]
#[path = "../examples/tiny.rs"]
mod tiny;

use host::tfplugin6::*;
use host::{Host, ProviderClient, decode, encode};
use platform_protocol::{AttributePath, Value};
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
