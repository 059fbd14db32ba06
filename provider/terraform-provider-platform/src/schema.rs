//! From JSON Schema, which the structs of a composite derive, to Terraform's schema.
//!
//! | Rust | JSON Schema | Terraform |
//! |---|---|---|
//! | `String`, unit enum | string | string |
//! | integers, floats | integer, number | number |
//! | `bool` | boolean | bool |
//! | `BTreeSet<T>` | array with `uniqueItems` | set |
//! | `Vec<T>` | array | list |
//! | `BTreeMap<String, T>` | object with `additionalProperties` | map |
//! | struct | object with `properties` | nested attribute |
//!
//! A property that is not in `required` is optional. `x-sensitive` hides a value in Terraform's output. The values of an enum
//! are named in the description, each with what `x-values` says about it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use platform_protocol::Type;
use platform_protocol::schema::{Attribute, Nested, Nesting, Presence, Shape};
use serde_json::Value as Json;

/// The attributes of a struct's JSON Schema, as arguments of the configuration.
pub fn arguments(schema: &Json) -> BTreeMap<String, Attribute> {
    let required: Vec<&str> = schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Json::as_str)
        .collect();
    properties(schema)
        .map(|(name, property)| {
            let presence = if required.contains(&name.as_str()) {
                Presence::Required
            } else {
                Presence::Optional
            };
            (name.clone(), attribute(property, presence))
        })
        .collect()
}

/// The attributes of a struct's JSON Schema, as computed outputs.
pub fn outputs(schema: &Json) -> BTreeMap<String, Attribute> {
    properties(schema)
        .map(|(name, property)| {
            let ty = shape(property).implied_type();
            (
                name.clone(),
                Attribute::new(Presence::Computed, ty).describe(description(property)),
            )
        })
        .collect()
}

/// Names of the arguments whose change means another composite.
pub fn replacing(schema: &Json) -> Vec<String> {
    properties(schema)
        .filter(|(_, property)| property["x-replace"] == Json::Bool(true))
        .map(|(name, _)| name.clone())
        .collect()
}

/// The properties of an object schema.
pub fn properties(schema: &Json) -> impl Iterator<Item = (&String, &Json)> {
    schema["properties"].as_object().into_iter().flatten()
}

/// The description of a schema node: doc comments joined into paragraphs, then the values there are to choose from.
fn description(schema: &Json) -> String {
    let mut text = schema["description"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let values = schema["enum"].as_array().into_iter().flatten();
    for value in values.filter_map(Json::as_str) {
        let about = schema["x-values"][value].as_str().unwrap_or_default();
        let _ = write!(text, " `{value}`: {about}");
    }
    text
}

fn attribute(schema: &Json, presence: Presence) -> Attribute {
    let attribute = Attribute::new(presence, shape(schema)).describe(description(schema));
    if schema["x-sensitive"] == Json::Bool(true) {
        attribute.sensitive()
    } else {
        attribute
    }
}

fn shape(schema: &Json) -> Shape {
    let schema = non_null(schema);
    match type_name(schema) {
        Some("boolean") => Type::Bool.into(),
        Some("integer" | "number") => Type::Number.into(),
        Some("array") => {
            let nesting = if schema["uniqueItems"] == Json::Bool(true) {
                Nesting::Set
            } else {
                Nesting::List
            };
            collection(nesting, &schema["items"])
        }
        Some("object") if schema["properties"].is_object() => Nested {
            nesting: Nesting::Single,
            attributes: arguments(schema),
        }
        .into(),
        Some("object") => collection(Nesting::Map, &schema["additionalProperties"]),
        _ => Type::String.into(),
    }
}

fn collection(nesting: Nesting, element: &Json) -> Shape {
    match shape(element) {
        Shape::Nested(Nested {
            nesting: Nesting::Single,
            attributes,
        }) => Nested {
            nesting,
            attributes,
        }
        .into(),
        element => {
            let element = element.implied_type();
            match nesting {
                Nesting::Set => Type::set(element),
                Nesting::Map => Type::map(element),
                Nesting::List | Nesting::Single => Type::list(element),
            }
            .into()
        }
    }
}

/// An `Option` is written as a choice between the schema and null; Terraform's null needs no word.
fn non_null(schema: &Json) -> &Json {
    schema["anyOf"]
        .as_array()
        .and_then(|choices| choices.iter().find(|choice| choice["type"] != "null"))
        .unwrap_or(schema)
}

fn type_name(schema: &Json) -> Option<&str> {
    match &schema["type"] {
        Json::String(name) => Some(name),
        Json::Array(names) => names
            .iter()
            .filter_map(Json::as_str)
            .find(|name| *name != "null"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use schemars::JsonSchema;
    use std::collections::BTreeSet;

    use super::*;

    /// A spec with one field of every shape.
    #[derive(JsonSchema)]
    #[allow(dead_code, reason = "only its schema is used")]
    struct Spec {
        /// Its name.
        #[schemars(extend("x-replace" = true))]
        name: String,
        count: Option<u32>,
        #[schemars(default)]
        on: bool,
        names: BTreeSet<String>,
        tags: Option<BTreeMap<String, String>>,
        mode: Option<Mode>,
        one: Option<Inner>,
        many: BTreeMap<String, Inner>,
        listed: Vec<Inner>,
    }

    /// How.
    #[derive(JsonSchema)]
    #[allow(dead_code, reason = "only its schema is used")]
    #[schemars(rename_all = "snake_case")]
    enum Mode {
        /// One.
        Single,
        /// Each.
        PerZone,
    }

    #[derive(JsonSchema)]
    #[allow(dead_code, reason = "only its schema is used")]
    struct Inner {
        /// The port.
        port: Option<u16>,
        cidr: String,
    }

    fn schema() -> Json {
        let settings =
            schemars::generate::SchemaSettings::draft2020_12().with(|s| s.inline_subschemas = true);
        serde_json::to_value(settings.into_generator().into_root_schema_for::<Spec>()).unwrap()
    }

    #[test]
    fn every_shape_becomes_its_terraform_type() {
        let arguments = arguments(&schema());
        let types: BTreeMap<&str, String> = arguments
            .iter()
            .map(|(name, a)| (name.as_str(), a.shape.implied_type().to_string()))
            .collect();
        insta::assert_debug_snapshot!(types, @r#"
        {
            "count": "number",
            "listed": "list(object({ cidr = string, port = number }))",
            "many": "map(object({ cidr = string, port = number }))",
            "mode": "string",
            "name": "string",
            "names": "set(string)",
            "on": "bool",
            "one": "object({ cidr = string, port = number })",
            "tags": "map(string)",
        }
        "#);
        assert_eq!(arguments["name"].presence, Presence::Required);
        assert_eq!(arguments["name"].description, "Its name.");
        assert_eq!(arguments["on"].presence, Presence::Optional);
        assert_eq!(arguments["one"].presence, Presence::Optional);
        assert!(
            matches!(&arguments["many"].shape, Shape::Nested(nested) if nested.nesting == Nesting::Map)
        );
        assert_eq!(replacing(&schema()), ["name"]);
    }

    #[test]
    fn a_choice_is_described_with_its_values() {
        let mode = serde_json::json!({"description": "How.", "type": "string", "enum": ["single", "per_zone"],
                          "x-values": {"per_zone": "One in each.", "single": "One."}});
        assert_eq!(
            description(&mode),
            "How. `single`: One. `per_zone`: One in each."
        );
    }
}
