//! The schema that a type derives, without what schemars says in more than one way.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

/// The schema of a type, in the form that the [catalogue](super) promises.
pub(super) fn schema_of<T: JsonSchema + ?Sized>(settings: SchemaSettings) -> Value {
    let settings = settings.with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    let mut schema = settings.into_generator().into_root_schema_for::<T>().into();
    simplify(&mut schema);
    schema
}

/// Brings what schemars writes to the form that the module promises.
fn simplify(schema: &mut Value) {
    let Value::Object(fields) = schema else {
        return;
    };
    fields.remove("title");
    fields.remove("format");
    if fields.get("default").is_some_and(Value::is_null) {
        fields.remove("default");
    }
    if let Some(Value::Array(choices)) = fields.remove("anyOf")
        && let Some(Value::Object(choice)) = choices
            .into_iter()
            .find(|choice| choice.get("type") != Some(&Value::from("null")))
    {
        for (name, value) in choice {
            fields.entry(name).or_insert(value);
        }
    }
    if let Some(Value::Array(values)) = fields.remove("oneOf") {
        let mut names = Vec::new();
        let mut about = Map::new();
        for value in &values {
            let Some(name) = value.get("const").and_then(Value::as_str) else {
                continue;
            };
            names.push(Value::from(name));
            if let Some(text) = value.get("description").and_then(Value::as_str) {
                about.insert(name.to_owned(), Value::from(one_line(text)));
            }
        }
        fields.insert("type".to_owned(), Value::from("string"));
        fields.insert("enum".to_owned(), Value::Array(names));
        fields.insert("x-values".to_owned(), Value::Object(about));
    }
    if let Some(Value::Array(types)) = fields.get("type")
        && let Some(only) = types.iter().find(|name| *name != "null").cloned()
    {
        fields.insert("type".to_owned(), only);
    }
    if let Some(Value::Array(values)) = fields.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    if let Some(text) = fields.get("description").and_then(Value::as_str) {
        let text = one_line(text);
        fields.insert("description".to_owned(), Value::from(text));
    }
    if let Some(Value::Object(properties)) = fields.get_mut("properties") {
        properties.values_mut().for_each(simplify);
    }
    for name in ["items", "additionalProperties"] {
        if let Some(inner) = fields.get_mut(name) {
            simplify(inner);
        }
    }
}

/// Paragraphs without the line breaks of the source.
fn one_line(text: &str) -> String {
    text.split("\n\n")
        .map(|paragraph| paragraph.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect::<Vec<_>>()
        .join("\n\n")
}
