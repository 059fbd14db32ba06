//! From JSON Schema, which the structs of a composite derive, to Terraform's schema. Which form it has, the module
//! [`platform_composites::schema`] promises.
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
//! A property that is not in `required` is optional. `x-sensitive` hides a value in Terraform's output; `x-write-only` keeps it out of
//! plan and state, too. The values of an enum
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

/// Names of the arguments that are in no plan and no state.
pub fn write_only(schema: &Json) -> Vec<String> {
    properties(schema)
        .filter(|(_, property)| is_write_only(property))
        .map(|(name, _)| name.clone())
        .collect()
}

fn is_write_only(schema: &Json) -> bool {
    schema["x-write-only"] == Json::Bool(true)
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
    if is_write_only(schema) {
        attribute.sensitive().write_only()
    } else if schema["x-sensitive"] == Json::Bool(true) {
        attribute.sensitive()
    } else {
        attribute
    }
}

fn shape(schema: &Json) -> Shape {
    match schema["type"].as_str() {
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A schema with one property of every shape.
    fn schema() -> Json {
        let inner = json!({
            "type": "object",
            "properties": {
                "port": {"type": "integer", "minimum": 0, "maximum": 65535},
                "cidr": {"type": "string"},
            },
            "required": ["cidr"],
            "additionalProperties": false,
        });
        json!({
            "type": "object",
            "properties": {
                "name": {"type": "string", "description": "Its name.", "x-replace": true},
                "count": {"type": "integer"},
                "share": {"type": "number"},
                "on": {"type": "boolean", "default": false},
                "names": {"type": "array", "uniqueItems": true, "items": {"type": "string"}},
                "tags": {"type": "object", "additionalProperties": {"type": "string"}},
                "mode": {
                    "type": "string",
                    "description": "How.",
                    "enum": ["single", "per_zone"],
                    "x-values": {"per_zone": "One in each.", "single": "One."},
                },
                "one": inner,
                "many": {"type": "object", "additionalProperties": inner},
                "listed": {"type": "array", "items": inner},
                "values_wo": {"type": "object", "additionalProperties": {"type": "string"}, "x-write-only": true},
            },
            "required": ["name"],
            "additionalProperties": false,
        })
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
            "share": "number",
            "tags": "map(string)",
            "values_wo": "map(string)",
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
        assert_eq!(write_only(&schema()), ["values_wo"]);
        assert!(arguments["values_wo"].write_only && arguments["values_wo"].sensitive);
    }

    #[test]
    fn a_choice_is_described_with_its_values() {
        assert_eq!(
            arguments(&schema())["mode"].description,
            "How. `single`: One. `per_zone`: One in each."
        );
    }
}
