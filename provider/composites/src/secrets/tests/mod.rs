//! Tests of a set of secrets: from a configuration, as it comes from Terraform, to parts.

use std::collections::BTreeMap;

use platform_graph::{Limits, Plan, Problems, Tags};
use serde_json::{Value, json};

use super::Secrets;
use crate::testing::{faults, lines, made};
use crate::{CompositeDef, Expand, Expansion, Given, Ledger, Setting};

fn setting() -> Setting {
    Setting {
        owner: "platform_secrets/us-east-1/shop".parse().unwrap(),
        account: "123456789012".to_owned(),
        partition: "aws".to_owned(),
        tags: Tags::from([("team".to_owned(), "shop".to_owned())]),
        answers: BTreeMap::new(),
    }
}

fn with(fields: Value) -> Value {
    let mut configuration = json!({ "name": "shop" });
    for (name, value) in fields.as_object().unwrap() {
        configuration[name] = value.clone();
    }
    configuration
}

fn expand(fields: Value) -> Expansion {
    let spec: Box<dyn Expand> = CompositeDef::of::<Secrets>().decode(with(fields)).unwrap();
    let mut problems = Problems::new();
    spec.check(&mut problems);
    let expansion = spec.expand(&setting(), &Ledger::default(), &mut problems);
    assert!(!problems.has_errors(), "{}", lines(&problems));
    let expansion = expansion.unwrap();
    assert_eq!(faults(&expansion), Vec::<String>::new());
    expansion
}

fn everything() -> Value {
    json!({
        "secrets": {
            "stripe": { "description": "Key of the payment provider", "value_version": 3, "readers": ["123456789013", "arn:aws:iam::123456789012:role/shop"] },
            "session": { "generate": { "length": 48, "punctuation": false } },
            "database": {
                "generate": { "version": 2, "json_key": "password", "json_fields": { "username": "app" }, "exclude_characters": "@/" },
                "rotation": { "lambda_arn": "arn:aws:lambda:us-east-1:123456789012:function:rotate", "schedule": "cron(0 8 1 * ? *)", "window_hours": 3 },
                "replicas": {},
            },
            "partner": { "external": true, "policy": "{\"Version\":\"2012-10-17\",\"Statement\":[]}" },
        },
        "values_wo": { "stripe": "(write-only)" },
        "replicas": { "us-west-2": {}, "eu-west-1": { "kms_key_arn": "arn:aws:kms:eu-west-1:123456789012:key/k" } },
    })
}

#[test]
fn a_set_of_secrets_in_parts() {
    let expansion = expand(everything());
    insta::assert_json_snapshot!(
        json!({ "parts": expansion.graph.parts, "outputs": expansion.outputs })
    );
}

#[test]
fn removing_a_secret_touches_no_other() {
    let all = expand(everything());
    let mut fewer = everything();
    fewer["secrets"].as_object_mut().unwrap().remove("database");
    for (address, part) in &expand(fewer).graph.parts {
        assert_eq!(all.graph.parts.get(address), Some(part), "{address}");
    }
}

#[test]
fn values_are_not_sealed_and_may_be_unknown() {
    let def = CompositeDef::of::<Secrets>();
    let configuration = with(everything());
    assert_eq!(def.sealed(&configuration).get("values_wo"), None);
    for unknown in [
        json!("${config:values_wo}"),
        json!({ "stripe": "${config:values_wo.stripe}" }),
    ] {
        let configuration =
            with(json!({ "secrets": { "stripe": { "value_version": 1 } }, "values_wo": unknown }));
        assert_eq!(def.open_values(&configuration), Vec::<Vec<String>>::new());
        let (spec, problems) = def.examine(configuration);
        assert_eq!(lines(&problems), "");
        assert!(!spec.unwrap().is_open());
    }
}

#[test]
fn a_value_is_judged_when_it_is_about_to_be_written() {
    let fields = json!({ "secrets": {
        "stripe": { "value_version": 2 },
        "session": { "generate": {} },
        "partner": { "external": true },
    } });
    let expansion = expand(fields.clone());
    let spec = CompositeDef::of::<Secrets>().decode(with(fields)).unwrap();
    // A plan over records in which the secret has the value of this number; without one it is not there.
    let said = |written: Option<u32>, given: Given| {
        let mut records = made(&expansion);
        match written {
            Some(version) => {
                let record = records.get_mut("secret/stripe").unwrap();
                record.properties["Value"]["Version"] = json!(version);
            }
            None => drop(records.remove("secret/stripe")),
        }
        let kinds = platform_kinds::all();
        let plan = Plan::new(&kinds, &expansion.graph, &records, &Limits::default());
        let mut problems = Problems::new();
        spec.judge_values(
            &plan,
            &|argument, key| {
                assert_eq!((argument, key), ("values_wo", "stripe"));
                given
            },
            &mut problems,
        );
        lines(&problems)
    };
    let mut text = String::new();
    for (name, written) in [("new", None), ("another version", Some(1))] {
        for given in [Given::Nothing, Given::Bytes(0), Given::Bytes(65_537)] {
            text.push_str(&format!("## {name}, {given:?}\n{}\n", said(written, given)));
        }
        for given in [Given::Later, Given::Bytes(1), Given::Bytes(65_536)] {
            assert_eq!(said(written, given), "", "{name}, {given:?}");
        }
    }
    assert_eq!(said(Some(2), Given::Nothing), "", "nothing is written");
    insta::assert_snapshot!(text);
}

#[test]
fn what_is_said_about_wrong_configurations() {
    let mut said = String::new();
    for (name, fields) in [
        (
            "where a value comes from",
            json!({ "secrets": { "a": {}, "b": { "external": true, "generate": {} }, "Bad/Name": { "external": true } } }),
        ),
        (
            "values of nothing",
            json!({ "secrets": { "a": { "external": true } }, "values_wo": { "a": "x", "b": "y" } }),
        ),
        (
            "what can't be generated",
            json!({ "secrets": {
                "a": { "generate": { "lowercase": false, "uppercase": false, "digits": false, "punctuation": false } },
                "b": { "generate": { "json_fields": { "username": "app" } } },
                "c": { "generate": { "json_fields": { "p": "app" }, "json_key": "p", "length": 4 } },
            } }),
        ),
        (
            "readers and policies",
            json!({ "secrets": { "a": { "external": true, "readers": ["shop"], "policy": "allow" } } }),
        ),
        (
            "rotation",
            json!({ "secrets": {
                "a": { "external": true, "rotation": { "lambda_arn": "rotate" } },
                "b": { "external": true, "rotation": { "lambda_arn": "arn:aws:lambda:us-east-1:1:function:f", "every_days": 1, "schedule": "rate(1 day)" } },
                "c": { "external": true, "rotation": { "lambda_arn": "arn:aws:lambda:us-east-1:1:function:f", "schedule": "monthly" } },
            } }),
        ),
        (
            "copies",
            json!({ "region": "us-east-1", "replicas": { "us-east-1": {}, "us-west-2": { "kms_key_arn": "arn:aws:kms:us-east-1:1:key/k" } } }),
        ),
        (
            "a key that is gone before its secrets",
            json!({ "encryption": { "deletion_window_days": 7 } }),
        ),
    ] {
        let (_, problems) = CompositeDef::of::<Secrets>().examine(with(fields));
        said.push_str(&format!("## {name}\n{}\n", lines(&problems)));
    }
    insta::assert_snapshot!(said);
}

#[test]
fn tags_of_others_are_not_to_be_given() {
    let fields = json!({ "tags": { "aws:team": "shop", "platform:owner": "me" } });
    let (_, problems) = CompositeDef::of::<Secrets>().examine(with(fields));
    assert_eq!(lines(&problems).matches("is reserved").count(), 2);
}
