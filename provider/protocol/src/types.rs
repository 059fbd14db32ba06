//! Terraform's type system, and its JSON form as it stands in schemas and in front of dynamic values.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value as Json;

use crate::value::{MAX_DEPTH, Value};

/// The type of a value or of an attribute.
///
/// [`Type::Dynamic`] says "decided by the value": such a value travels together with its type.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Type {
    /// `true` or `false`.
    Bool,
    /// A decimal number of any size and precision.
    Number,
    /// Unicode text in normal form C.
    String,
    /// Any type; the value carries it.
    Dynamic,
    /// A sequence of one element type, addressed by index.
    List(Box<Type>),
    /// Distinct elements of one type, in no order and not addressable.
    Set(Box<Type>),
    /// Text keys to values of one element type.
    Map(Box<Type>),
    /// A sequence of fixed length with a type for each position.
    Tuple(Vec<Type>),
    /// Named attributes with a type for each.
    Object(BTreeMap<String, Type>),
}

/// A text that is not a type in Terraform's JSON form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a type: {0}")]
pub struct TypeError(String);

impl Type {
    /// A list of `element`.
    pub fn list(element: Type) -> Type {
        Type::List(Box::new(element))
    }

    /// A set of `element`.
    pub fn set(element: Type) -> Type {
        Type::Set(Box::new(element))
    }

    /// A map from text to `element`.
    pub fn map(element: Type) -> Type {
        Type::Map(Box::new(element))
    }

    /// An object with the given attributes.
    pub fn object<N: Into<String>>(attributes: impl IntoIterator<Item = (N, Type)>) -> Type {
        Type::Object(
            attributes
                .into_iter()
                .map(|(name, ty)| (name.into(), ty))
                .collect(),
        )
    }

    /// The JSON form: `"string"`, `["list","string"]`, `["object",{"name":"string"}]`.
    pub fn to_json(&self) -> Json {
        match self {
            Type::Bool => "bool".into(),
            Type::Number => "number".into(),
            Type::String => "string".into(),
            Type::Dynamic => "dynamic".into(),
            Type::List(element) => Json::Array(vec!["list".into(), element.to_json()]),
            Type::Set(element) => Json::Array(vec!["set".into(), element.to_json()]),
            Type::Map(element) => Json::Array(vec!["map".into(), element.to_json()]),
            Type::Tuple(elements) => {
                let elements = elements.iter().map(Type::to_json).collect();
                Json::Array(vec!["tuple".into(), Json::Array(elements)])
            }
            Type::Object(attributes) => {
                let attributes = attributes
                    .iter()
                    .map(|(name, ty)| (name.clone(), ty.to_json()))
                    .collect();
                Json::Array(vec!["object".into(), Json::Object(attributes)])
            }
        }
    }

    /// The JSON form as bytes, as the protocol carries it.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.to_json().to_string().into_bytes()
    }

    /// Reads the JSON form.
    ///
    /// # Errors
    /// On anything else, and on nesting deeper than any real schema.
    pub fn from_bytes(bytes: &[u8]) -> Result<Type, TypeError> {
        let json = serde_json::from_slice(bytes).map_err(|error| TypeError(error.to_string()))?;
        Type::from_json(&json)
    }

    /// Reads the JSON form.
    ///
    /// # Errors
    /// On anything else, and on nesting deeper than any real schema.
    pub fn from_json(json: &Json) -> Result<Type, TypeError> {
        Type::parse(json, MAX_DEPTH)
    }

    fn parse(json: &Json, depth: usize) -> Result<Type, TypeError> {
        let Some(depth) = depth.checked_sub(1) else {
            return Err(TypeError("nested too deeply".into()));
        };
        match json {
            Json::String(name) => match name.as_str() {
                "bool" => Ok(Type::Bool),
                "number" => Ok(Type::Number),
                "string" => Ok(Type::String),
                "dynamic" => Ok(Type::Dynamic),
                other => Err(TypeError(format!("there is no type {other:?}"))),
            },
            // An object may have a third member, the names of its optional attributes; it matters only to conversions.
            Json::Array(items) => match (items.first().and_then(Json::as_str), items.get(1)) {
                (Some("list"), Some(element)) => Ok(Type::list(Type::parse(element, depth)?)),
                (Some("set"), Some(element)) => Ok(Type::set(Type::parse(element, depth)?)),
                (Some("map"), Some(element)) => Ok(Type::map(Type::parse(element, depth)?)),
                (Some("tuple"), Some(Json::Array(elements))) => {
                    let elements = elements.iter().map(|element| Type::parse(element, depth));
                    Ok(Type::Tuple(elements.collect::<Result<_, _>>()?))
                }
                (Some("object"), Some(Json::Object(attributes))) => {
                    let attributes = attributes
                        .iter()
                        .map(|(name, ty)| Ok((name.clone(), Type::parse(ty, depth)?)));
                    Ok(Type::Object(attributes.collect::<Result<_, TypeError>>()?))
                }
                _ => Err(TypeError(json.to_string())),
            },
            _ => Err(TypeError(json.to_string())),
        }
    }

    /// Whether [`Type::Dynamic`] occurs in it.
    pub fn has_dynamic(&self) -> bool {
        match self {
            Type::Dynamic => true,
            Type::Bool | Type::Number | Type::String => false,
            Type::List(element) | Type::Set(element) | Type::Map(element) => element.has_dynamic(),
            Type::Tuple(elements) => elements.iter().any(Type::has_dynamic),
            Type::Object(attributes) => attributes.values().any(Type::has_dynamic),
        }
    }

    /// The value of this type with nothing in it: null, or an object of nulls.
    pub fn empty_value(&self) -> Value {
        match self {
            Type::Object(attributes) => Value::Object(
                attributes
                    .keys()
                    .map(|name| (name.clone(), Value::Null))
                    .collect(),
            ),
            _ => Value::Null,
        }
    }
}

/// The notation of Terraform's own messages: `list(string)`, `object({ name = string })`.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Bool => f.write_str("bool"),
            Type::Number => f.write_str("number"),
            Type::String => f.write_str("string"),
            Type::Dynamic => f.write_str("any"),
            Type::List(element) => write!(f, "list({element})"),
            Type::Set(element) => write!(f, "set({element})"),
            Type::Map(element) => write!(f, "map({element})"),
            Type::Tuple(elements) => {
                f.write_str("tuple([")?;
                for (index, element) in elements.iter().enumerate() {
                    let comma = if index == 0 { "" } else { ", " };
                    write!(f, "{comma}{element}")?;
                }
                f.write_str("])")
            }
            Type::Object(attributes) => {
                f.write_str("object({")?;
                for (index, (name, ty)) in attributes.iter().enumerate() {
                    let comma = if index == 0 { " " } else { ", " };
                    write!(f, "{comma}{name} = {ty}")?;
                }
                f.write_str(if attributes.is_empty() { "})" } else { " })" })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_form_round_trips() {
        for text in [
            r#""bool""#,
            r#""dynamic""#,
            r#"["list","string"]"#,
            r#"["set",["map","number"]]"#,
            r#"["tuple",["bool",["list","dynamic"]]]"#,
            r#"["object",{"a":"string","b":["object",{}]}]"#,
        ] {
            let ty = Type::from_bytes(text.as_bytes()).unwrap();
            assert_eq!(ty.to_json().to_string(), text);
        }
    }

    #[test]
    fn optional_attribute_names_are_accepted() {
        let ty = Type::from_bytes(br#"["object",{"a":"string"},["a"]]"#).unwrap();
        assert_eq!(ty, Type::object([("a", Type::String)]));
    }

    #[test]
    fn other_json_is_refused() {
        let deep = format!("{}\"bool\"{}", r#"["list","#.repeat(100), "]".repeat(100));
        for text in [
            "",
            "1",
            "\"text\"",
            "[]",
            "[\"list\"]",
            r#"["object",[]]"#,
            deep.as_str(),
        ] {
            assert!(Type::from_bytes(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn display_is_terraforms_notation() {
        let ty = Type::object([("a", Type::list(Type::String)), ("b", Type::Dynamic)]);
        assert_eq!(ty.to_string(), "object({ a = list(string), b = any })");
    }
}
