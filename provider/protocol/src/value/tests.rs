use proptest::prelude::*;
use serde_json::json;

use super::*;

/// Byte sequences from Terraform 1.11.4, or from the encoding's definition where it has only one form.
#[test]
fn encodings_are_terraforms() {
    let object = Type::object([("id", Type::String), ("n", Type::Number)]);
    let refined = [0x82, 0x01, 0xc2, 0x02, 0xa4, b'p', b'r', b'e', b'-'];
    let dynamic = [&[0x92, 0xc4, 8][..], b"\"string\"", &[0xa1, b'x']].concat();
    let cases: Vec<(Type, Value, Vec<u8>)> = vec![
        (Type::String, Value::Null, vec![0xc0]),
        (Type::Bool, true.into(), vec![0xc3]),
        (Type::String, "é".into(), vec![0xa2, 0xc3, 0xa9]),
        // As text, for Terraform to read them with the precision of its state file.
        (Type::Number, 5.into(), vec![0xa1, b'5']),
        (Type::Number, (-1).into(), vec![0xa2, b'-', b'1']),
        (
            Type::Number,
            Number::Float(0.5).into(),
            vec![0xcb, 0x3f, 0xe0, 0, 0, 0, 0, 0, 0],
        ),
        (
            Type::Number,
            Number::Decimal("0.1".into()).into(),
            vec![0xa3, b'0', b'.', b'1'],
        ),
        (
            Type::Number,
            Number::Uint(u64::MAX).into(),
            [&[0xb4][..], b"18446744073709551615"].concat(),
        ),
        (Type::String, Value::unknown(), vec![0xd4, 0, 0]),
        (
            Type::String,
            Value::Unknown(Some(Box::from(refined))),
            [&[0xc7, 9, 12][..], &refined].concat(),
        ),
        (
            Type::list(Type::Bool),
            Value::List(vec![false.into(), Value::Null]),
            vec![0x92, 0xc2, 0xc0],
        ),
        (Type::set(Type::Bool), Value::Set(vec![]), vec![0x90]),
        (
            Type::map(Type::Bool),
            Value::map([("k", true.into())]),
            vec![0x81, 0xa1, b'k', 0xc3],
        ),
        (
            object,
            Value::object([("id", Value::unknown()), ("n", Value::Null)]),
            vec![0x82, 0xa2, b'i', b'd', 0xd4, 0, 0, 0xa1, b'n', 0xc0],
        ),
        (
            Type::Dynamic,
            Value::dynamic(Type::String, "x".into()),
            dynamic,
        ),
        (Type::Dynamic, Value::unknown(), vec![0xd4, 0, 0]),
    ];
    for (ty, value, bytes) in cases {
        assert_eq!(value.to_msgpack(&ty).unwrap(), bytes, "{value:?}");
        assert_eq!(
            Value::from_msgpack(&bytes, &ty).unwrap(),
            value,
            "{bytes:x?}"
        );
    }
}

#[test]
fn other_forms_of_the_same_value_are_read() {
    let cases: [(&[u8], Type, Value); 10] = [
        (&[0x05], Type::Number, 5.into()),
        (&[0xff], Type::Number, (-1).into()),
        (&[0xce, 0, 1, 0, 0], Type::Number, 65536.into()),
        (
            &[0xcf, 255, 255, 255, 255, 255, 255, 255, 255],
            Type::Number,
            Number::Uint(u64::MAX).into(),
        ),
        (&[0xd0, 5], Type::Number, 5.into()),
        (
            &[0xca, 0x3f, 0, 0, 0],
            Type::Number,
            Number::Float(0.5).into(),
        ),
        (&[0xd5, 0, 1, 2], Type::Bool, Value::unknown()),
        (&[0xc7, 0, 7], Type::Bool, Value::unknown()),
        (&[0xd9, 1, b'x'], Type::String, "x".into()),
        (
            &[0xdc, 0, 1, 0xc3],
            Type::list(Type::Bool),
            Value::List(vec![true.into()]),
        ),
    ];
    for (bytes, ty, value) in cases {
        assert_eq!(Value::from_msgpack(bytes, &ty).unwrap(), value);
    }
}

#[test]
fn what_does_not_fit_is_named_with_its_place() {
    let ty = Type::object([("tiers", Type::map(Type::object([("cidr", Type::String)])))]);
    let tiers = |tier: Value| Value::object([("tiers", Value::map([("private", tier)]))]);
    let cases = [
        (
            tiers(Value::object([("cidr", Value::Bool(true))])),
            r#"tiers["private"].cidr: a bool where string was expected"#,
        ),
        (
            tiers(Value::object::<&str>([])),
            r#"tiers["private"]: attribute "cidr" is missing"#,
        ),
        (
            tiers(Value::object([
                ("cidr", Value::Null),
                ("size", Value::Null),
            ])),
            r#"tiers["private"]: attribute "size" is not in the schema"#,
        ),
        (
            Value::map([("tiers", Value::Null)]),
            "a map where object({ tiers = map(object({ cidr = string })) }) was expected",
        ),
    ];
    for (value, message) in cases {
        assert_eq!(value.to_msgpack(&ty).unwrap_err().to_string(), message);
        let conformed = value.conform(&ty);
        conformed.to_msgpack(&ty).unwrap();
    }
}

#[test]
fn hostile_lengths_and_depths_are_refused() {
    let list = Type::list(Type::Bool);
    let cases: [(&[u8], &Type); 8] = [
        (&[], &list),
        (&[0xdd, 0xff, 0xff, 0xff, 0xff], &list),
        (&[0xdf, 0xff, 0xff, 0xff, 0xff], &Type::map(Type::Bool)),
        (&[0xdb, 0xff, 0xff, 0xff, 0xff, b'x'], &Type::String),
        (&[0xc9, 0xff, 0xff, 0xff, 0xff, 12], &Type::String),
        (&[0xa1, 0xff], &Type::String),
        (&[0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0], &Type::Number),
        (&[0xc0, 0xc0], &list),
    ];
    for (bytes, ty) in cases {
        assert!(Value::from_msgpack(bytes, ty).is_err(), "{bytes:x?}");
    }
    let layer = [&[0x92, 0xc4, 9][..], b"\"dynamic\""].concat();
    assert!(Value::from_msgpack(&layer.repeat(100_000), &Type::Dynamic).is_err());
    let mut deep = Type::Bool;
    for _ in 0..MAX_DEPTH {
        deep = Type::list(deep);
    }
    let bytes = [&[0x91].repeat(MAX_DEPTH)[..], &[0xc3]].concat();
    assert!(Value::from_msgpack(&bytes, &deep).is_err());
}

#[test]
fn paths_reach_into_values() {
    let subnets = Value::List(vec![Value::object([("cidr", "10.0.0.0/24".into())])]);
    let mut value = Value::object([(
        "tiers",
        Value::map([("private", Value::dynamic(Type::Dynamic, subnets))]),
    )]);
    let path = AttributePath::attribute("tiers")
        .key("private")
        .index(0)
        .child("cidr");
    assert_eq!(
        value.get(&path).and_then(Value::as_str),
        Some("10.0.0.0/24")
    );
    assert_eq!(
        value.set(&path, Value::unknown()).unwrap(),
        "10.0.0.0/24".into()
    );
    assert_eq!(value.unknown_paths(), std::slice::from_ref(&path));
    assert!(!value.is_wholly_known() && !value.is_unknown());
    assert!(
        value
            .set(&AttributePath::attribute("nothing"), Value::Null)
            .is_none()
    );
    assert_eq!(
        value.set(
            &AttributePath::attribute("tiers").key("public"),
            true.into()
        ),
        Some(Value::Null)
    );
    assert!(value.unknowns_to_null().get(&path).unwrap().is_null());
}

#[test]
fn sets_are_equal_in_any_order() {
    let set = |items: [i64; 3]| Value::Set(items.map(Value::from).to_vec());
    assert_eq!(set([1, 2, 3]), set([3, 1, 2]));
    assert_ne!(set([1, 1, 2]), set([1, 2, 2]));
}

#[test]
fn json_with_unknowns_of_a_type() {
    let json = json!({"subnet/a": {"id": {"?": "string"}, "cidr": "10.0.0.0/24", "n": 0.1, "none": null, "list": [1, "x"]}});
    let marked = |_: &AttributePath, json: &serde_json::Value| {
        json.get("?").map(|ty| Type::from_json(ty).unwrap())
    };
    let value = Value::from_json_with(&Type::Dynamic, &json, &mut { marked }).unwrap();
    let Value::Dynamic(typed) = &value else {
        panic!("{value:?}")
    };
    assert_eq!(
        typed.0.to_string(),
        "object({ subnet/a = object({ cidr = string, id = string, list = tuple([number, string]), n = number, none = any }) })"
    );
    let bytes = value.to_msgpack(&Type::Dynamic).unwrap();
    assert_eq!(Value::from_msgpack(&bytes, &Type::Dynamic).unwrap(), value);
    let back = value.to_json(&mut |path| {
        assert_eq!(path.to_string(), "subnet/a.id");
        json!({"?": "string"})
    });
    assert_eq!(back, json);
}

#[test]
fn json_that_does_not_fit_is_reported_whole() {
    let ty = Type::object([
        ("a", Type::Bool),
        ("b", Type::list(Type::Number)),
        ("c", Type::set(Type::String)),
    ]);
    let errors =
        Value::from_json(&ty, &json!({"a": 1, "b": [1, "2"], "c": null, "d": {}})).unwrap_err();
    let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
    insta::assert_debug_snapshot!(errors);
}

#[test]
fn stored_state_is_read_without_loss() {
    let ty = Type::object([
        ("big", Type::Number),
        ("any", Type::Dynamic),
        ("tags", Type::map(Type::String)),
        ("ports", Type::set(Type::Number)),
        (
            "pair",
            Type::Tuple(vec![Type::Bool, Type::list(Type::Number)]),
        ),
        ("new", Type::Bool),
    ]);
    let state = br#"{"big": 123456789012345678901234567890.5, "old": {}, "ports": [1, 2], "pair": [true, [0.1]],
        "any": {"value": {"a": "x"}, "type": ["object", {"a": "string"}]}, "tags": {"k": "\u00e9"}}"#;
    let value = Value::from_state_json(&ty, state).unwrap();
    assert_eq!(
        value.attr("big").as_number().unwrap().to_string(),
        "123456789012345678901234567890.5"
    );
    assert_eq!(value.attr("any").attr("a").as_str(), Some("x"));
    assert_eq!(value.attr("tags").attr("k").as_str(), Some("é"));
    assert!(value.attr("new").is_null());
    value.to_msgpack(&ty).unwrap();

    let error = Value::from_state_json(&ty, br#"{"tags": {"k": []}}"#).unwrap_err();
    assert_eq!(
        error.to_string(),
        r#"tags["k"]: the stored value is not a string"#
    );
    for bad in [
        "",
        "[]",
        r#"{"any": 1}"#,
        r#"{"big": "x"}"#,
        r#"{"pair": [true]}"#,
        r#"{"any": {"value":1,"type":"x"}}"#,
    ] {
        assert!(
            Value::from_state_json(&ty, bad.as_bytes()).is_err(),
            "{bad}"
        );
    }
}

fn any_type() -> impl Strategy<Value = Type> {
    let leaf = prop_oneof![
        Just(Type::Bool),
        Just(Type::Number),
        Just(Type::String),
        Just(Type::Dynamic)
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(Type::list),
            inner.clone().prop_map(Type::set),
            inner.clone().prop_map(Type::map),
            prop::collection::vec(inner.clone(), 0..4).prop_map(Type::Tuple),
            prop::collection::btree_map("[a-z]{1,3}", inner, 0..4).prop_map(Type::Object),
        ]
    })
}

fn any_number() -> impl Strategy<Value = Number> {
    prop_oneof![
        any::<i64>().prop_map(Number::Int),
        any::<u64>().prop_map(Number::from),
        any::<f64>()
            .prop_filter("NaN is not a number", |float| !float.is_nan())
            .prop_map(Number::Float),
        "-?[1-9][0-9]{18,40}\\.[0-9]{1,9}".prop_map(Number::Decimal),
    ]
}

fn value_of(ty: Type) -> BoxedStrategy<Value> {
    let known = match ty {
        Type::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        Type::Number => any_number().prop_map(Value::Number).boxed(),
        Type::String => any::<String>().prop_map(Value::String).boxed(),
        Type::Dynamic => prop_oneof![
            Just(Type::Bool),
            Just(Type::list(Type::Number)),
            Just(Type::object([("a", Type::String)]))
        ]
        .prop_flat_map(|own| {
            value_of(own.clone()).prop_map(move |value| Value::dynamic(own.clone(), value))
        })
        .boxed(),
        Type::List(element) => prop::collection::vec(value_of(*element), 0..4)
            .prop_map(Value::List)
            .boxed(),
        Type::Set(element) => prop::collection::vec(value_of(*element), 0..4)
            .prop_map(Value::Set)
            .boxed(),
        Type::Map(element) => prop::collection::btree_map("\\PC{0,5}", value_of(*element), 0..4)
            .prop_map(Value::Map)
            .boxed(),
        Type::Tuple(elements) => elements
            .into_iter()
            .map(value_of)
            .collect::<Vec<_>>()
            .prop_map(Value::List)
            .boxed(),
        Type::Object(attributes) => {
            let (names, types): (Vec<_>, Vec<_>) = attributes.into_iter().unzip();
            let values = types.into_iter().map(value_of).collect::<Vec<_>>();
            values
                .prop_map(move |values| Value::object(names.iter().cloned().zip(values)))
                .boxed()
        }
    };
    prop_oneof![8 => known, 1 => Just(Value::Null), 1 => Just(Value::unknown())].boxed()
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(|bool| json!(bool)),
        any::<i64>().prop_map(|int| json!(int)),
        any::<u64>().prop_map(|int| json!(int)),
        any::<i32>().prop_map(|int| json!(f64::from(int) / 10.0 + 0.01)),
        any::<String>().prop_map(|text| json!(text)),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..4)
                .prop_map(|items| items.into_iter().collect()),
        ]
    })
}

proptest! {
    #[test]
    fn json_survives_as_a_dynamic_value(json in any_json()) {
        let value = Value::infer(&json).unwrap();
        let bytes = value.to_msgpack(&Type::Dynamic).unwrap();
        let decoded = Value::from_msgpack(&bytes, &Type::Dynamic).unwrap();
        prop_assert_eq!(&decoded, &value);
        prop_assert_eq!(decoded.to_json_known(), json);
    }

    #[test]
    fn msgpack_round_trips((ty, value) in any_type().prop_flat_map(|ty| (Just(ty.clone()), value_of(ty)))) {
        let bytes = value.to_msgpack(&ty).unwrap();
        prop_assert_eq!(Value::from_msgpack(&bytes, &ty).unwrap(), value.clone());
        prop_assert_eq!(value.clone().conform(&ty), value);
    }

    #[test]
    fn any_bytes_decode_or_fail(ty in any_type(), bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(value) = Value::from_msgpack(&bytes, &ty) {
            prop_assert!(value.to_msgpack(&ty).is_ok());
        }
        let _ = Value::from_state_json(&ty, &bytes);
        let _ = Type::from_bytes(&bytes);
    }

    #[test]
    fn cut_or_changed_encodings_decode_or_fail(
        (ty, value) in any_type().prop_flat_map(|ty| (Just(ty.clone()), value_of(ty))),
        at in any::<prop::sample::Index>(),
        byte: u8,
    ) {
        let mut bytes = value.to_msgpack(&ty).unwrap();
        let at = at.index(bytes.len());
        prop_assert!(Value::from_msgpack(&bytes[..at], &ty).is_err());
        bytes[at] = byte;
        let _ = Value::from_msgpack(&bytes, &ty);
    }

    #[test]
    fn any_value_conforms_to_any_type(a in any_type(), value in any_type().prop_flat_map(value_of)) {
        prop_assert!(value.conform(&a).to_msgpack(&a).is_ok());
    }
}
