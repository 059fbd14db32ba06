//! Nothing that a network or a caller hands over makes the wire panic.

use http::HeaderMap;
use platform_aws::model::{self, Reference, Service, ShapeKind};
use platform_aws::wire::{self, Reply, timestamp};
use proptest::prelude::*;
use serde_json::{Map, Value};

/// Any JSON, of any shape.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[A-Za-z]{1,8}", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// A document that resembles XML or JSON.
fn any_document() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("<item>".to_owned()),
        Just("</item>".to_owned()),
        Just("<vpcSet>".to_owned()),
        Just("</vpcSet>".to_owned()),
        Just("<Error>".to_owned()),
        Just("<Code>x</Code>".to_owned()),
        Just("<![CDATA[".to_owned()),
        Just("]]>".to_owned()),
        Just("&amp;&#x41;&bogus;".to_owned()),
        Just("{\"__type\":".to_owned()),
        Just("\"a#b:c\"}".to_owned()),
        ".{0,8}",
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

/// Parameters that fit the model, one element deep in every list and map.
fn fitting(service: &Service, reference: &Reference, text: &str, depth: usize) -> Value {
    let shape = service.shape(reference);
    let inner = |reference: &Option<Reference>| {
        fitting(service, reference.as_ref().unwrap(), text, depth + 1)
    };
    match shape.kind {
        // Shapes recur through lists and maps, and through the variants of a union.
        _ if depth > 16 => Value::Null,
        ShapeKind::List if depth > 6 => Value::Array(Vec::new()),
        ShapeKind::Map if depth > 6 => Value::Object(Map::new()),
        ShapeKind::Structure => shape
            .members
            .iter()
            .take(if shape.union { 1 } else { usize::MAX })
            .map(|(name, member)| (name.clone(), fitting(service, member, text, depth + 1)))
            .collect(),
        ShapeKind::List => Value::Array(vec![inner(&shape.member)]),
        ShapeKind::Map => Value::Object(Map::from_iter([(text.to_owned(), inner(&shape.value))])),
        ShapeKind::Boolean => Value::Bool(true),
        ShapeKind::Integer | ShapeKind::Long => Value::from(7),
        ShapeKind::Float | ShapeKind::Double | ShapeKind::Number => Value::from(1.5),
        ShapeKind::Timestamp => Value::from("2024-02-29T12:00:00.5Z"),
        ShapeKind::Blob => Value::from("YQ=="),
        ShapeKind::String | ShapeKind::Character => shape
            .values
            .first()
            .map_or_else(|| Value::from(text), |value| Value::from(value.as_str())),
    }
}

fn every_operation(mut check: impl FnMut(&Service, &model::Operation)) {
    for service in model::services().filter_map(model::service) {
        for operation in service.operations.values() {
            check(service, operation);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn no_parameters_make_the_writers_panic(params in any_json()) {
        every_operation(|service, operation| {
            let _ = wire::serialise(service, operation, &params);
            let _ = model::validate(&service.name, &operation.name, &params);
        });
    }

    #[test]
    fn no_reply_makes_the_readers_panic(body in any_document(), status in 200u16..600) {
        let headers = HeaderMap::new();
        let reply = Reply { status, headers: &headers, body: body.as_bytes() };
        every_operation(|service, operation| {
            let _ = wire::parse(service, operation, reply);
            let _ = wire::fault(service, operation, reply);
        });
    }

    #[test]
    fn what_fits_the_model_is_valid_and_can_be_written(text in "[a-z&<\"é ]{1,12}") {
        every_operation(|service, operation| {
            let Some(input) = &operation.input else { return };
            let params = fitting(service, input, &text, 0);
            let at = format!("{} {}", service.name, operation.name);
            assert_eq!(model::validate(&service.name, &operation.name, &params), Ok(()), "{at}");
            let request = wire::serialise(service, operation, &params).unwrap_or_else(|problem| panic!("{at}: {problem}"));
            assert!(request.uri.is_ascii() && request.uri.parse::<http::Uri>().is_ok(), "{at}: {}", request.uri);
        });
    }

    #[test]
    fn instants_survive_being_written_and_read(seconds in 0i64..4_000_000_000, millis in 0i64..1000) {
        let instant = time::OffsetDateTime::from_unix_timestamp_nanos(i128::from(seconds * 1000 + millis) * 1_000_000).unwrap();
        let text = instant.format(&time::format_description::well_known::Rfc3339).unwrap();
        prop_assert_eq!(timestamp::parse(&text), Some(instant));
        let number = serde_json::json!(seconds as f64 + millis as f64 / 1000.0);
        prop_assert_eq!(timestamp::from_value(&number), Some(instant));
    }
}
