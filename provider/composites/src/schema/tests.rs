//! Tests of schemas, validation and decoding, over the whole catalogue.

use proptest::prelude::*;
use regex::Regex;
use serde_json::json;

use super::*;

#[test]
fn schemas_are_of_the_promised_form() {
    for def in all() {
        insta::assert_json_snapshot!(format!("{}_spec", def.name), def.spec_schema());
        insta::assert_json_snapshot!(format!("{}_outputs", def.name), (def.outputs_schema)());
    }
}

/// What is wrong with the form of a schema, at any depth.
fn misshapen(schema: &Value, path: &str, described: bool, found: &mut Vec<String>) {
    let keys = [
        "type",
        "description",
        "default",
        "properties",
        "required",
        "additionalProperties",
        "items",
        "uniqueItems",
        "enum",
        "pattern",
        "minimum",
        "maximum",
        "minLength",
        "maxLength",
        "minItems",
        "maxItems",
    ];
    let fields = schema.as_object().unwrap();
    for key in fields.keys() {
        if !keys.contains(&key.as_str()) && !key.starts_with("x-") {
            found.push(format!("{path}: unexpected {key}"));
        }
    }
    let types = ["object", "array", "string", "integer", "number", "boolean"];
    if !fields
        .get("type")
        .and_then(Value::as_str)
        .is_some_and(|name| types.contains(&name))
    {
        found.push(format!("{path}: type {:?}", fields.get("type")));
    }
    if described && !fields.contains_key("description") {
        found.push(format!("{path}: not described"));
    }
    if let Some(pattern) = fields.get("pattern") {
        Regex::new(pattern.as_str().unwrap()).unwrap();
    }
    for (name, inner) in fields
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        misshapen(inner, &format!("{path}.{name}"), true, found);
    }
    for name in ["items", "additionalProperties"] {
        if let Some(inner) = fields.get(name).filter(|inner| inner.is_object()) {
            misshapen(inner, &format!("{path}.{name}"), false, found);
        }
    }
}

#[test]
fn every_argument_and_output_is_described() {
    for def in all() {
        let mut found = Vec::new();
        misshapen(def.spec_schema(), def.name, true, &mut found);
        misshapen(&(def.outputs_schema)(), def.name, true, &mut found);
        assert_eq!(found, Vec::<String>::new());
    }
}

/// A value that mostly fits a schema, out of random numbers.
fn sample(schema: &Value, random: &mut impl Iterator<Item = u8>) -> Value {
    let texts = [
        "main",
        "eu-central-1",
        "10.0.0.0/16",
        "use1-az1",
        "us-east-1a",
        "tgw-0a",
        "pl-0a",
        "ipam-pool-0a",
        "arn:aws:s3:::logs",
        "",
        "${config:x}",
        "A b",
    ];
    let numbers = [
        json!(0),
        json!(1),
        json!(4),
        json!(16),
        json!(24.0),
        json!(60),
        json!(-1),
        json!(2.5),
        json!(70_000),
        json!(1e300),
    ];
    let mut next = |most: usize| usize::from(random.next().unwrap_or_default()) % most;
    let junk = next(12);
    let kind = schema
        .get("type")
        .and_then(Value::as_str)
        .unwrap_or_default();
    match (junk, kind) {
        (0, _) => Value::Null,
        (1, _) => json!(texts[next(texts.len())]),
        (2, _) => numbers[next(numbers.len())].clone(),
        (_, "string") => match schema.get("enum").and_then(Value::as_array) {
            Some(values) => values[next(values.len())].clone(),
            None => json!(texts[next(texts.len())]),
        },
        (_, "integer" | "number") => numbers[next(numbers.len())].clone(),
        (_, "boolean") => json!(next(2) == 0),
        (_, "array") => {
            let size = next(3);
            let inner = &schema["items"];
            (0..size).map(|_| sample(inner, random)).collect()
        }
        _ => {
            let required: Vec<&str> = schema
                .get("required")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect();
            let mut fields = Map::new();
            for (name, inner) in schema
                .get("properties")
                .and_then(Value::as_object)
                .into_iter()
                .flatten()
            {
                let wanted = random.next().unwrap_or_default().is_multiple_of(4);
                if wanted || required.contains(&name.as_str()) {
                    fields.insert(name.clone(), sample(inner, random));
                }
            }
            if let Some(inner) = schema
                .get("additionalProperties")
                .filter(|inner| inner.is_object())
            {
                fields.insert("key".to_owned(), sample(inner, random));
            }
            Value::Object(fields)
        }
    }
}

#[test]
fn unknown_and_null_values_are_let_through() {
    let def = CompositeDef::of::<crate::network::Network>();
    let configuration = json!({ "name": "main", "cidr": "${config:cidr}", "region": null, "tiers": null, "nat": { "tier": null } });
    assert!(def.decode(configuration).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn what_validates_decodes(random in prop::collection::vec(any::<u8>(), 200)) {
        for def in all() {
            let mut configuration = sample(def.spec_schema(), &mut random.iter().copied());
            if let Value::Object(fields) = &mut configuration {
                fields.insert("name".into(), json!("main"));
            }
            let valid = !def.validate(&configuration).has_errors() && def.open_values(&configuration).is_empty();
            match def.decode(configuration.clone()) {
                Ok(spec) => {
                    prop_assert!(valid);
                    // Whatever decodes can be judged without a panic.
                    spec.check(&mut Problems::new());
                }
                Err(problems) => prop_assert!(!valid, "{configuration}: {problems:?}"),
            }
            // What is wrong in form is put right before the rest is judged, so that it can always be.
            let sound = validate::repaired(def.spec_schema(), &configuration).unwrap_or_default();
            let open = !def.open_values(&configuration).is_empty();
            let why = (def.decode)(def.timely(sound)).err();
            prop_assert!(open || why.is_none() || !configuration.is_object(), "{configuration}: {why:?}");
        }
    }
}

#[test]
fn form_and_meaning_are_reported_at_once() {
    let def = CompositeDef::of::<crate::network::Network>();
    let configuration = json!({
        "name": "Main_X",
        "cidr": "10.0.0.1/16",
        "zones": { "count": 9 },
        "tiers": { "web": { "kind": "public", "prefix_length": 30 }, "Db": { "kind": "isolatd" } },
        "nat": { "mode": "per_zon" },
        "security_groups": { "api": { "ingress": { "x": { "from_group": "nope", "port": 443 } } } },
        "flow_logs": { "interval_seconds": 61 },
    });
    let (spec, problems) = def.examine(configuration);
    assert!(spec.is_none());
    let lines: Vec<String> = problems
        .iter()
        .map(|problem| format!("{}: {}", problem.path.join("."), problem.summary))
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}
