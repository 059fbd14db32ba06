//! Values and JSON: the form in which Terraform stores state, and the form in which the rest of the program thinks.
//!
//! Two directions with different duties. State ([`RawState`](crate::RawState)) is read as it was written by
//! whatever version wrote it, without loss, dynamic values in their `{"value":…,"type":…}` envelope. The plain
//! conversions ([`Value::to_json`], [`Value::from_json`]) show a value as one would write it: a dynamic value is just the
//! value, its type inferred on the way back.
//!
//! Caveats: plain JSON holds numbers as `serde_json` does, so digits beyond a double's are lost there.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use serde_json::value::RawValue;

use super::{MAX_DEPTH, Number, Value, ValueError};
use crate::path::{AttributePath, Step};
use crate::types::Type;

/// Decides, while JSON is turned into a value, whether a node stands for something unknown: then of which type.
///
/// At a place whose type is not dynamic the place's own type wins.
pub type UnknownAt<'a> = &'a mut dyn FnMut(&AttributePath, &Json) -> Option<Type>;

impl Value {
    /// Plain JSON, with `unknown` asked for what to put in place of each unknown.
    pub fn to_json(&self, unknown: &mut dyn FnMut(&AttributePath) -> Json) -> Json {
        plain(self, &mut AttributePath::root(), unknown)
    }

    /// Plain JSON, with null in place of what is unknown.
    pub fn to_json_known(&self) -> Json {
        self.to_json(&mut |_| Json::Null)
    }

    /// Reads plain JSON as a value of type `ty`. Attributes of objects that are absent become null.
    ///
    /// # Errors
    /// Everything that doesn't fit, each with its place.
    pub fn from_json(ty: &Type, json: &Json) -> Result<Value, Vec<ValueError>> {
        Value::from_json_with(ty, json, &mut |_, _| None)
    }

    /// As [`Value::from_json`], with nodes that stand for unknowns told apart by `unknown`.
    ///
    /// # Errors
    /// Everything that doesn't fit, each with its place.
    pub fn from_json_with(
        ty: &Type,
        json: &Json,
        unknown: UnknownAt<'_>,
    ) -> Result<Value, Vec<ValueError>> {
        let mut reader = Reader {
            path: AttributePath::root(),
            errors: Vec::new(),
            unknown,
        };
        let value = reader.typed(ty, json, MAX_DEPTH);
        if reader.errors.is_empty() {
            Ok(value)
        } else {
            Err(reader.errors)
        }
    }

    /// Reads plain JSON as a dynamic value: objects become object types, arrays tuples, null stays without a type.
    ///
    /// # Errors
    /// On nesting deeper than Terraform values may be.
    pub fn infer(json: &Json) -> Result<Value, Vec<ValueError>> {
        Value::from_json(&Type::Dynamic, json)
    }

    /// Reads stored state of type `ty`: attributes that are absent become null, those the type doesn't have are dropped.
    pub(crate) fn from_state_json(ty: &Type, bytes: &[u8]) -> Result<Value, ValueError> {
        let mut path = AttributePath::root();
        match serde_json::from_slice(bytes) {
            Ok(raw) => stored(ty, raw, &mut path, MAX_DEPTH),
            Err(error) => Err(ValueError::new(&path, error.to_string())),
        }
    }
}

fn plain(
    value: &Value,
    path: &mut AttributePath,
    unknown: &mut dyn FnMut(&AttributePath) -> Json,
) -> Json {
    let mut at = |step: Step, item: &Value| {
        path.push(step);
        let json = plain(item, path, unknown);
        path.pop();
        json
    };
    match value {
        Value::Null => Json::Null,
        Value::Unknown(_) => unknown(path),
        Value::Bool(bool) => Json::Bool(*bool),
        Value::Number(number) => match number {
            Number::Int(int) => (*int).into(),
            Number::Uint(uint) => (*uint).into(),
            other => other
                .as_i64()
                .map_or_else(|| other.as_f64().into(), Json::from),
        },
        Value::String(text) => Json::String(text.clone()),
        Value::List(items) => items
            .iter()
            .enumerate()
            .map(|(index, item)| at(Step::Index(index), item))
            .collect(),
        Value::Set(items) => items
            .iter()
            .map(|item| plain(item, path, unknown))
            .collect(),
        Value::Map(items) => items
            .iter()
            .map(|(key, item)| (key.clone(), at(Step::Key(key.clone()), item)))
            .collect(),
        Value::Object(items) => items
            .iter()
            .map(|(name, item)| (name.clone(), at(Step::Attribute(name.clone()), item)))
            .collect(),
        Value::Dynamic(typed) => plain(&typed.1, path, unknown),
    }
}

/// JSON's numbers go through their text: 0.1 has to stay the decimal that the user wrote.
fn number(json: &serde_json::Number) -> Option<Number> {
    match (json.as_i64(), json.as_u64()) {
        (Some(int), _) => Some(Number::Int(int)),
        (None, Some(uint)) => Some(Number::Uint(uint)),
        (None, None) => {
            let number = Number::parse(&json.to_string())?;
            Some(number.as_i64().map_or(number, Number::Int))
        }
    }
}

struct Reader<'a> {
    path: AttributePath,
    errors: Vec<ValueError>,
    unknown: UnknownAt<'a>,
}

impl Reader<'_> {
    fn typed(&mut self, ty: &Type, json: &Json, depth: usize) -> Value {
        if *ty == Type::Dynamic {
            return match self.inferred(json, depth) {
                (Type::Dynamic, value) => value,
                (own, value) => Value::dynamic(own, value),
            };
        }
        if (self.unknown)(&self.path, json).is_some() {
            return Value::unknown();
        }
        let Some(depth) = depth.checked_sub(1) else {
            return self.fail("nested too deeply".into());
        };
        match (ty, json) {
            (_, Json::Null) => Value::Null,
            (Type::Bool, Json::Bool(bool)) => Value::Bool(*bool),
            (Type::Number, Json::Number(json)) => match number(json) {
                Some(number) => Value::Number(number),
                None => self.fail(format!("{json} is not a number")),
            },
            (Type::String, Json::String(text)) => Value::String(text.clone()),
            (Type::List(element), Json::Array(items)) => {
                Value::List(self.items(items, |_| element, depth))
            }
            (Type::Set(element), Json::Array(items)) => {
                let mut elements: Vec<Value> = Vec::with_capacity(items.len());
                for item in items {
                    let element = self.typed(element, item, depth);
                    if element.is_unknown() || !elements.contains(&element) {
                        elements.push(element);
                    }
                }
                Value::Set(elements)
            }
            (Type::Tuple(elements), Json::Array(items)) if items.len() == elements.len() => {
                Value::List(self.items(items, |index| &elements[index], depth))
            }
            (Type::Map(element), Json::Object(items)) => {
                let items = items.iter();
                Value::Map(
                    items
                        .map(|(key, item)| {
                            (
                                key.clone(),
                                self.at(Step::Key(key.clone()), element, item, depth),
                            )
                        })
                        .collect(),
                )
            }
            (Type::Object(attributes), Json::Object(items)) => {
                for extra in items.keys().filter(|name| !attributes.contains_key(*name)) {
                    self.path.push(Step::Attribute(extra.clone()));
                    self.fail("there is no such attribute".into());
                    self.path.pop();
                }
                let attributes = attributes.iter();
                Value::Object(
                    attributes
                        .map(|(name, ty)| {
                            let item = items.get(name).unwrap_or(&Json::Null);
                            (
                                name.clone(),
                                self.at(Step::Attribute(name.clone()), ty, item, depth),
                            )
                        })
                        .collect(),
                )
            }
            (_, other) => self.fail(format!("{} where {ty} was expected", noun(other))),
        }
    }

    fn inferred(&mut self, json: &Json, depth: usize) -> (Type, Value) {
        if let Some(ty) = (self.unknown)(&self.path, json) {
            return (ty, Value::unknown());
        }
        let Some(depth) = depth.checked_sub(1) else {
            return (Type::Dynamic, self.fail("nested too deeply".into()));
        };
        match json {
            Json::Null => (Type::Dynamic, Value::Null),
            Json::Bool(bool) => (Type::Bool, Value::Bool(*bool)),
            Json::Number(json) => match number(json) {
                Some(number) => (Type::Number, Value::Number(number)),
                None => (Type::Dynamic, self.fail(format!("{json} is not a number"))),
            },
            Json::String(text) => (Type::String, Value::String(text.clone())),
            Json::Array(items) => {
                let typed = items.iter().enumerate().map(|(index, item)| {
                    self.path.push(Step::Index(index));
                    let typed = self.inferred(item, depth);
                    self.path.pop();
                    typed
                });
                let (types, values) = typed.unzip();
                (Type::Tuple(types), Value::List(values))
            }
            Json::Object(items) => {
                let (mut types, mut values) = (BTreeMap::new(), BTreeMap::new());
                for (name, item) in items {
                    self.path.push(Step::Attribute(name.clone()));
                    let (ty, value) = self.inferred(item, depth);
                    self.path.pop();
                    types.insert(name.clone(), ty);
                    values.insert(name.clone(), value);
                }
                (Type::Object(types), Value::Object(values))
            }
        }
    }

    fn items<'t>(
        &mut self,
        items: &[Json],
        ty: impl Fn(usize) -> &'t Type,
        depth: usize,
    ) -> Vec<Value> {
        let items = items.iter().enumerate();
        items
            .map(|(index, item)| self.at(Step::Index(index), ty(index), item, depth))
            .collect()
    }

    fn at(&mut self, step: Step, ty: &Type, json: &Json, depth: usize) -> Value {
        self.path.push(step);
        let value = self.typed(ty, json, depth);
        self.path.pop();
        value
    }

    fn fail(&mut self, message: String) -> Value {
        self.errors.push(ValueError::new(&self.path, message));
        Value::Null
    }
}

fn noun(json: &Json) -> &'static str {
    match json {
        Json::Null => "null",
        Json::Bool(_) => "a bool",
        Json::Number(_) => "a number",
        Json::String(_) => "a string",
        Json::Array(_) => "an array",
        Json::Object(_) => "an object",
    }
}

fn stored_at(
    path: &mut AttributePath,
    depth: usize,
    step: Step,
    ty: &Type,
    raw: &RawValue,
) -> Result<Value, ValueError> {
    path.push(step);
    let value = stored(ty, raw, path, depth)?;
    path.pop();
    Ok(value)
}

#[derive(serde::Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    value: &'a RawValue,
    r#type: Json,
}

fn stored(
    ty: &Type,
    raw: &RawValue,
    path: &mut AttributePath,
    depth: usize,
) -> Result<Value, ValueError> {
    let text = raw.get();
    let Some(depth) = depth.checked_sub(1) else {
        return Err(ValueError::new(path, "nested too deeply"));
    };
    if text == "null" {
        return Ok(Value::Null);
    }
    fn parse<'a, T: serde::Deserialize<'a>>(
        text: &'a str,
        ty: &Type,
        path: &AttributePath,
    ) -> Result<T, ValueError> {
        serde_json::from_str(text)
            .map_err(|_| ValueError::new(path, format!("the stored value is not a {ty}")))
    }
    match ty {
        Type::Bool => Ok(Value::Bool(parse(text, ty, path)?)),
        Type::String => Ok(Value::String(parse(text, ty, path)?)),
        Type::Number => {
            // A number may be stored as a string when it has more digits than JSON readers keep.
            let digits = if text.starts_with('"') {
                parse(text, ty, path)?
            } else {
                text.to_owned()
            };
            match Number::parse(&digits) {
                Some(number) => Ok(Value::Number(number)),
                None => Err(ValueError::new(path, format!("{text} is not a number"))),
            }
        }
        Type::List(element) => {
            let items: Vec<&RawValue> = parse(text, ty, path)?;
            let items = items.into_iter().enumerate();
            Ok(Value::List(
                items
                    .map(|(index, item)| stored_at(path, depth, Step::Index(index), element, item))
                    .collect::<Result<_, _>>()?,
            ))
        }
        Type::Set(element) => {
            let items: Vec<&RawValue> = parse(text, ty, path)?;
            let items = items
                .into_iter()
                .map(|item| stored(element, item, path, depth));
            Ok(Value::Set(items.collect::<Result<_, _>>()?))
        }
        Type::Tuple(elements) => {
            let items: Vec<&RawValue> = parse(text, ty, path)?;
            if items.len() != elements.len() {
                return Err(ValueError::new(
                    path,
                    format!("{} elements where {ty} was expected", items.len()),
                ));
            }
            let items = items.into_iter().zip(elements).enumerate();
            let items = items.map(|(index, (item, element))| {
                stored_at(path, depth, Step::Index(index), element, item)
            });
            Ok(Value::List(items.collect::<Result<_, _>>()?))
        }
        Type::Map(element) => {
            let items: BTreeMap<String, &RawValue> = parse(text, ty, path)?;
            let items = items.into_iter().map(|(key, item)| {
                Ok((
                    key.clone(),
                    stored_at(path, depth, Step::Key(key), element, item)?,
                ))
            });
            Ok(Value::Map(items.collect::<Result<_, ValueError>>()?))
        }
        Type::Object(attributes) => {
            let items: BTreeMap<String, &RawValue> = parse(text, ty, path)?;
            let attributes = attributes.iter().map(|(name, ty)| {
                let value = match items.get(name) {
                    Some(item) => stored_at(path, depth, Step::Attribute(name.clone()), ty, item)?,
                    None => Value::Null,
                };
                Ok((name.clone(), value))
            });
            Ok(Value::Object(
                attributes.collect::<Result<_, ValueError>>()?,
            ))
        }
        Type::Dynamic => {
            let envelope: Envelope<'_> = parse(text, ty, path)?;
            let own = Type::from_json(&envelope.r#type)
                .map_err(|error| ValueError::new(path, error.to_string()))?;
            let value = stored(&own, envelope.value, path, depth)?;
            Ok(Value::dynamic(own, value))
        }
    }
}
