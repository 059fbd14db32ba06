//! What is no resource: functions, data sources and ephemeral resources.

use platform_protocol::{Type, Value};

use crate::host::tfplugin6::{self as wire, *};
use crate::host::{decode, encode};
use crate::{start, tiny};

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
