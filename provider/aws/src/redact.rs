//! Keeps secrets out of what people read: AWS quotes parameters in its messages, and signatures in its complaints.

use aws_credential_types::Credentials;
use serde_json::Value;

use crate::model::{Operation, Reference, Service, ShapeKind};

const HIDDEN: &str = "***";

/// The values of a call that must not be shown: what the model calls sensitive.
pub(crate) fn secrets(service: &Service, operation: &Operation, params: &Value) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(input) = &operation.input {
        collect(service, input, params, false, &mut found);
    }
    found
}

fn collect(
    service: &Service,
    reference: &Reference,
    value: &Value,
    inherited: bool,
    found: &mut Vec<String>,
) {
    let shape = service.shape(reference);
    let sensitive = inherited || shape.sensitive;
    match (shape.kind, value) {
        (ShapeKind::Structure, Value::Object(members)) => {
            for (name, member) in &shape.members {
                if let Some(value) = members.get(name) {
                    collect(service, member, value, sensitive, found);
                }
            }
        }
        (ShapeKind::List, Value::Array(elements)) => {
            for (element, member) in elements
                .iter()
                .zip(std::iter::repeat(shape.member.as_ref()))
            {
                if let Some(member) = member {
                    collect(service, member, element, sensitive, found);
                }
            }
        }
        (ShapeKind::Map, Value::Object(entries)) => {
            for entry in entries.values() {
                if let Some(member) = &shape.value {
                    collect(service, member, entry, sensitive, found);
                }
            }
        }
        // Shorter ones would take ordinary words out of sentences.
        (_, Value::String(text)) if sensitive && text.len() > 3 => found.push(text.clone()),
        _ => {}
    }
}

/// A message without the secrets of the call and of its credentials.
pub(crate) fn hide(message: &str, secrets: &[String], credentials: Option<&Credentials>) -> String {
    // What AWS computed the signature over follows, with the session's token in it.
    let mut text = message
        .split("The Canonical String")
        .next()
        .unwrap_or(message)
        .trim_end()
        .to_owned();
    let keys = credentials.map(|c| [Some(c.secret_access_key()), c.session_token()]);
    let keys = keys
        .into_iter()
        .flatten()
        .flatten()
        .filter(|key| !key.is_empty());
    for secret in secrets.iter().map(String::as_str).chain(keys) {
        if text.contains(secret) {
            text = text.replace(secret, HIDDEN);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn sensitive_parameters_vanish_from_messages_at_any_depth() {
        let model = json!({
            "metadata": { "protocol": "json" },
            "operations": { "Put": { "name": "Put", "input": { "shape": "In" } } },
            "shapes": {
                "In": { "type": "structure", "members": {
                    "Name": { "shape": "Text" }, "Users": { "shape": "Users" }, "Map": { "shape": "Map" },
                } },
                "Users": { "type": "list", "member": { "shape": "User" } },
                "User": { "type": "structure", "members": { "Password": { "shape": "Secret" } } },
                "Map": { "type": "map", "key": { "shape": "Text" }, "value": { "shape": "Text" }, "sensitive": true },
                "Text": { "type": "string" },
                "Secret": { "type": "string", "sensitive": true },
            },
        });
        let service: Service = serde_json::from_value(model).unwrap();
        let params = json!({
            "Name": "plain-name",
            "Users": [{ "Password": "canary-one" }],
            "Map": { "key": "canary-two" },
        });
        let secrets = secrets(&service, &service.operations["Put"], &params);
        let message = "Value 'canary-one' at 'password' of plain-name, and canary-two";
        assert_eq!(
            hide(message, &secrets, None),
            "Value '***' at 'password' of plain-name, and ***"
        );
    }
}
