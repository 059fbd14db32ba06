//! Policy documents: reading what AWS returns, comparing by meaning.
//!
//! # Guarantees
//! Two documents are the same when IAM would evaluate them alike for these reasons, and no others:
//! - one string stands for a list of one string, and the order and repetition of actions, resources, principals and
//!   condition values do not matter;
//! - an account id as principal is that account's root, and `"*"` is `{"AWS": "*"}`, which is how IAM and KMS write them
//!   back;
//! - booleans and numbers in conditions may be written as strings;
//! - a document without `Version` has the one of 2008, and an empty `Sid` is none.
//!
//! The order of statements counts, although IAM does not care: it is what people read.
//!
//! See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

/// A document out of a reply, where it is JSON text, percent-encoded by IAM and plain elsewhere. A text that is no JSON
/// stays a text.
pub(crate) fn parse(text: &str) -> Value {
    let decoded = if text.trim_start().starts_with('{') {
        None
    } else {
        percent_decoded(text)
    };
    serde_json::from_str(decoded.as_deref().unwrap_or(text))
        .unwrap_or_else(|_| Value::String(text.to_owned()))
}

/// A document as the text that the APIs take.
pub(crate) fn text(document: &Value) -> String {
    match document {
        Value::String(text) => text.clone(),
        document => document.to_string(),
    }
}

/// Whether two documents mean the same; each is an object or JSON text.
pub(crate) fn same(one: &Value, other: &Value) -> bool {
    meaning(one) == meaning(other)
}

/// The account that an IAM principal stands for as a whole: `123456789012` and `arn:aws:iam::123456789012:root`.
fn account(principal: &str) -> Option<&str> {
    let id = match principal.split(':').collect::<Vec<_>>()[..] {
        [id] => id,
        ["arn", _, "iam", "", id, "root"] => id,
        _ => return None,
    };
    (id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit())).then_some(id)
}

/// A string or a list of strings as a sorted list; anything else as it is.
fn set(value: &Value, spelled: impl Fn(&str) -> String) -> Value {
    let items = match value {
        Value::Array(items) => items.as_slice(),
        one => std::slice::from_ref(one),
    };
    let texts: Option<BTreeSet<String>> = items
        .iter()
        .map(|item| match item {
            Value::String(text) => Some(spelled(text)),
            Value::Bool(_) | Value::Number(_) => Some(item.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        })
        .collect();
    texts.map_or_else(|| value.clone(), |texts| json!(texts))
}

fn fields(value: &Value, change: impl Fn(&str, &Value) -> Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .iter()
            .map(|(name, field)| (name.clone(), change(name, field)))
            .collect::<Map<_, _>>()
            .into(),
        other => other.clone(),
    }
}

fn principals(value: &Value) -> Value {
    if value == "*" {
        return json!({ "AWS": ["*"] });
    }
    fields(value, |_, who| {
        set(who, |text| account(text).unwrap_or(text).to_owned())
    })
}

fn statement(value: &Value) -> Value {
    let mut statement = fields(value, |name, field| match name {
        "Action" | "NotAction" | "Resource" | "NotResource" => set(field, str::to_owned),
        "Principal" | "NotPrincipal" => principals(field),
        "Condition" => fields(field, |_, keys| {
            fields(keys, |_, values| set(values, str::to_owned))
        }),
        _ => field.clone(),
    });
    if let Value::Object(fields) = &mut statement {
        fields.retain(|name, field| name != "Sid" || field != "");
    }
    statement
}

fn meaning(document: &Value) -> Value {
    let parsed = document.as_str().map(parse);
    let mut meaning = fields(parsed.as_ref().unwrap_or(document), |name, field| {
        match (name, field) {
            ("Statement", Value::Array(statements)) => statements.iter().map(statement).collect(),
            ("Statement", one) => json!([statement(one)]),
            _ => field.clone(),
        }
    });
    if let Value::Object(fields) = &mut meaning {
        fields
            .entry("Version")
            .or_insert_with(|| json!("2008-10-17"));
    }
    meaning
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        if first != b'%' {
            bytes.push(first);
            continue;
        }
        let (digits, after) = after.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
        rest = after;
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn documents_are_compared_by_meaning() {
        let base = json!({ "Version": "2012-10-17", "Statement": [{
            "Sid": "", "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::123456789012:root" },
            "Action": ["kms:Decrypt", "kms:Encrypt"], "Resource": "*",
            "Condition": { "Bool": { "aws:SecureTransport": "true" } },
        }]});
        let changed = |pointer: &str, value: Value| {
            let mut document = base.clone();
            *document.pointer_mut(pointer).unwrap() = value;
            document
        };
        for (expected, other) in [
            (
                true,
                changed("/Statement/0/Principal/AWS", json!(["123456789012"])),
            ),
            (
                true,
                changed(
                    "/Statement/0/Action",
                    json!(["kms:Encrypt", "kms:Decrypt", "kms:Encrypt"]),
                ),
            ),
            (true, changed("/Statement/0/Resource", json!(["*"]))),
            (
                true,
                changed(
                    "/Statement/0/Condition/Bool/aws:SecureTransport",
                    json!(true),
                ),
            ),
            (true, changed("/Statement", base["Statement"][0].clone())),
            (true, Value::String(base.to_string())),
            (false, changed("/Version", json!("2008-10-17"))),
            (false, changed("/Statement/0/Sid", json!("Use"))),
            (false, changed("/Statement/0/Effect", json!("Deny"))),
            (false, changed("/Statement/0/Action", json!("kms:Encrypt"))),
            (false, changed("/Statement/0/Principal", json!("*"))),
            (
                false,
                changed("/Statement/0/Principal/AWS", json!("210987654321")),
            ),
            (
                false,
                changed(
                    "/Statement/0/Principal/AWS",
                    json!("arn:aws:iam::123456789012:role/root"),
                ),
            ),
            (
                false,
                changed(
                    "/Statement/0/Condition/Bool/aws:SecureTransport",
                    json!(false),
                ),
            ),
            (false, changed("/Statement", json!([]))),
            (false, json!("no policy")),
        ] {
            assert_eq!(same(&base, &other), expected, "{other}");
            assert_eq!(
                same(&other, &base),
                expected,
                "the other way round: {other}"
            );
        }
        assert!(same(
            &json!({ "Statement": [] }),
            &json!({ "Version": "2008-10-17", "Statement": [] })
        ));
        assert!(same(
            &json!({ "Statement": { "Principal": "*" } }),
            &json!({ "Statement": { "Principal": { "AWS": ["*"] } } })
        ));
    }

    #[test]
    fn texts_are_read_with_and_without_percent_encoding() {
        for (text, expected) in [
            (
                "%7B%22Version%22%3A%222012-10-17%22%7D",
                json!({ "Version": "2012-10-17" }),
            ),
            (r#"{"Resource":"100%7B"}"#, json!({ "Resource": "100%7B" })),
            ("%7B%22Sid%22%3A%22a%2Bb+c%22%7D", json!({ "Sid": "a+b+c" })),
            ("%7", json!("%7")),
            ("not a policy", json!("not a policy")),
        ] {
            assert_eq!(parse(text), expected, "{text}");
        }
    }

    fn names() -> impl Strategy<Value = Vec<String>> {
        prop::collection::vec("[a-z]{1,6}:[A-Za-z*]{1,8}", 1..5)
    }

    fn document(statements: &[(Vec<String>, Vec<String>)]) -> Value {
        let statement = |(actions, resources): &(Vec<String>, Vec<String>)| json!({ "Effect": "Allow", "Action": actions, "Resource": resources });
        json!({ "Version": "2012-10-17", "Statement": statements.iter().map(statement).collect::<Vec<_>>() })
    }

    fn one_as_text(list: &Value) -> Value {
        match list.as_array().map(Vec::as_slice) {
            Some([one]) => one.clone(),
            _ => list.clone(),
        }
    }

    proptest! {
        #[test]
        fn meaning_is_its_own_meaning(statements in prop::collection::vec((names(), names()), 0..4)) {
            let once = meaning(&document(&statements));
            prop_assert_eq!(meaning(&once), once);
        }

        #[test]
        fn spelling_does_not_matter(statements in prop::collection::vec((names(), names()), 1..4)) {
            let plain = document(&statements);
            let mut spelled = plain.clone();
            for statement in spelled["Statement"].as_array_mut().unwrap() {
                for member in ["Action", "Resource"] {
                    statement[member].as_array_mut().unwrap().reverse();
                    statement[member] = one_as_text(&statement[member]);
                }
            }
            spelled["Statement"] = one_as_text(&spelled["Statement"]);
            prop_assert!(same(&plain, &spelled));
        }

        #[test]
        fn one_more_action_matters(statements in prop::collection::vec((names(), names()), 1..4), at in any::<prop::sample::Index>()) {
            let plain = document(&statements);
            let mut more = plain.clone();
            more["Statement"][at.index(statements.len())]["Action"].as_array_mut().unwrap().push(json!("x:0"));
            prop_assert!(!same(&plain, &more));
        }

        #[test]
        fn percent_encoding_is_undone(text in "\\PC{0,20}") {
            let document = json!({ "Statement": [{ "Sid": text }] });
            let encoded: String = document.to_string().bytes().map(|byte| format!("%{byte:02X}")).collect();
            prop_assert_eq!(parse(&encoded), document);
        }

        #[test]
        fn no_text_stops_the_reader(text in "\\PC{0,40}|(%[0-9A-Fa-f]{0,2}){0,8}") {
            let document = Value::String(text);
            prop_assert!(same(&document, &document));
        }
    }
}
