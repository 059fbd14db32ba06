//! Terraform values: configuration, state and plans.
//!
//! A [`Value`] alone is untyped; what it may be is said by the [`Type`] of its place, which both encodings (MessagePack on
//! the wire, JSON in stored state) take as an argument.

pub(crate) mod codec;
pub(crate) mod json;
mod number;

use std::collections::BTreeMap;

pub use self::json::UnknownAt;
pub use self::number::Number;
use crate::path::{AttributePath, Step};
use crate::types::Type;

/// How deep values and types may nest before they are refused; far beyond any schema, far within any stack.
pub(crate) const MAX_DEPTH: usize = 60;

/// A configuration, state or plan value, of any depth, without loss.
///
/// Equality is Terraform's: numbers by value, sets in any order. Two unknowns are equal when their refinements are.
#[derive(Debug, Clone, Default)]
pub enum Value {
    /// Absent.
    #[default]
    Null,
    /// Not decided before apply. The bytes are what the client said about it (its prefix, its bounds) in Terraform's
    /// own encoding, kept only to be echoed.
    Unknown(Option<Box<[u8]>>),
    /// A truth value.
    Bool(bool),
    /// A number.
    Number(Number),
    /// Text.
    String(String),
    /// The elements of a list or tuple.
    List(Vec<Value>),
    /// The elements of a set.
    Set(Vec<Value>),
    /// The elements of a map.
    Map(BTreeMap<String, Value>),
    /// The attributes and blocks of an object: every one its type names, absent ones as null.
    Object(BTreeMap<String, Value>),
    /// A value at a place of type [`Type::Dynamic`], with its own type. Plain null and unknown may stand there without.
    Dynamic(Box<(Type, Value)>),
}

/// Why a value doesn't fit its type or an encoding, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", if path.is_root() { String::new() } else { format!("{path}: ") })]
pub struct ValueError {
    /// The place of the problem inside the value.
    pub path: AttributePath,
    /// What is wrong there.
    pub message: String,
}

impl ValueError {
    pub(crate) fn new(path: &AttributePath, message: impl Into<String>) -> ValueError {
        ValueError {
            path: path.clone(),
            message: message.into(),
        }
    }
}

static NULL: Value = Value::Null;

impl Value {
    /// An unknown value of which nothing else is known.
    pub fn unknown() -> Value {
        Value::Unknown(None)
    }

    /// An object.
    pub fn object<N: Into<String>>(attributes: impl IntoIterator<Item = (N, Value)>) -> Value {
        Value::Object(
            attributes
                .into_iter()
                .map(|(name, value)| (name.into(), value))
                .collect(),
        )
    }

    /// A map.
    pub fn map<N: Into<String>>(elements: impl IntoIterator<Item = (N, Value)>) -> Value {
        Value::Map(
            elements
                .into_iter()
                .map(|(name, value)| (name.into(), value))
                .collect(),
        )
    }

    /// A value for a place of type [`Type::Dynamic`].
    pub fn dynamic(ty: Type, value: Value) -> Value {
        Value::Dynamic(Box::new((ty, value)))
    }

    /// Whether it is null, also when it is a null with a type.
    pub fn is_null(&self) -> bool {
        matches!(self.inner(), Value::Null)
    }

    /// Whether it is itself unknown. See [`Value::is_wholly_known`] for what is inside it.
    pub fn is_unknown(&self) -> bool {
        matches!(self.inner(), Value::Unknown(_))
    }

    /// Whether nothing in it is unknown.
    pub fn is_wholly_known(&self) -> bool {
        match self {
            Value::Unknown(_) => false,
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
            Value::List(items) | Value::Set(items) => items.iter().all(Value::is_wholly_known),
            Value::Map(items) | Value::Object(items) => items.values().all(Value::is_wholly_known),
            Value::Dynamic(typed) => typed.1.is_wholly_known(),
        }
    }

    /// The value itself, without the type that a dynamic one carries.
    pub fn inner(&self) -> &Value {
        let mut value = self;
        while let Value::Dynamic(typed) = value {
            value = &typed.1;
        }
        value
    }

    fn inner_mut(&mut self) -> &mut Value {
        match self {
            Value::Dynamic(typed) => typed.1.inner_mut(),
            other => other,
        }
    }

    /// The truth value, if it is a known one.
    pub fn as_bool(&self) -> Option<bool> {
        if let Value::Bool(bool) = self.inner() {
            Some(*bool)
        } else {
            None
        }
    }

    /// The number, if it is a known one.
    pub fn as_number(&self) -> Option<&Number> {
        if let Value::Number(number) = self.inner() {
            Some(number)
        } else {
            None
        }
    }

    /// The number as an integer, if it is a known, whole one that fits.
    pub fn as_i64(&self) -> Option<i64> {
        self.as_number().and_then(Number::as_i64)
    }

    /// The text, if it is a known one.
    pub fn as_str(&self) -> Option<&str> {
        if let Value::String(text) = self.inner() {
            Some(text)
        } else {
            None
        }
    }

    /// The elements of a known list, tuple or set.
    pub fn as_list(&self) -> Option<&[Value]> {
        if let Value::List(items) | Value::Set(items) = self.inner() {
            Some(items)
        } else {
            None
        }
    }

    /// The elements of a known map or attributes of a known object.
    pub fn as_map(&self) -> Option<&BTreeMap<String, Value>> {
        if let Value::Map(items) | Value::Object(items) = self.inner() {
            Some(items)
        } else {
            None
        }
    }

    /// The attribute or element `name`; null when there is none or this is neither object nor map.
    pub fn attr(&self, name: &str) -> &Value {
        self.as_map()
            .and_then(|items| items.get(name))
            .unwrap_or(&NULL)
    }

    /// The value at `path`; `None` when the path leads nowhere. Attribute and key steps both enter objects and maps.
    pub fn get(&self, path: &AttributePath) -> Option<&Value> {
        path.steps()
            .iter()
            .try_fold(self, |value, step| match (value.inner(), step) {
                (
                    Value::Map(items) | Value::Object(items),
                    Step::Attribute(name) | Step::Key(name),
                ) => items.get(name),
                (Value::List(items), Step::Index(index)) => items.get(*index),
                _ => None,
            })
    }

    /// Replaces the value at `path` and returns the former one; `None`, and no change, when the path leads nowhere.
    /// The last step may add a new element to a map.
    pub fn set(&mut self, path: &AttributePath, value: Value) -> Option<Value> {
        Some(std::mem::replace(self.place(path.steps())?, value))
    }

    fn place(&mut self, steps: &[Step]) -> Option<&mut Value> {
        let Some((step, rest)) = steps.split_first() else {
            return Some(self);
        };
        let place = match step {
            Step::Attribute(name) | Step::Key(name) => match self.inner_mut() {
                Value::Map(items) => {
                    if rest.is_empty() {
                        items.entry(name.clone()).or_default()
                    } else {
                        items.get_mut(name)?
                    }
                }
                Value::Object(items) => items.get_mut(name)?,
                _ => return None,
            },
            Step::Index(index) => match self.inner_mut() {
                Value::List(items) => items.get_mut(*index)?,
                _ => return None,
            },
        };
        place.place(rest)
    }

    /// Visits the value and everything in it, outermost first; `visit` returns whether to go inside.
    /// Elements of a set are visited at the set's own path, having none.
    pub fn walk(&self, visit: &mut dyn FnMut(&AttributePath, &Value) -> bool) {
        self.walk_at(&mut AttributePath::root(), visit);
    }

    fn walk_at(
        &self,
        path: &mut AttributePath,
        visit: &mut dyn FnMut(&AttributePath, &Value) -> bool,
    ) {
        if !visit(path, self) {
            return;
        }
        match self.inner() {
            Value::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    path.push(Step::Index(index));
                    item.walk_at(path, visit);
                    path.pop();
                }
            }
            Value::Set(items) => items.iter().for_each(|item| item.walk_at(path, visit)),
            Value::Map(items) => {
                for (key, item) in items {
                    path.push(Step::Key(key.clone()));
                    item.walk_at(path, visit);
                    path.pop();
                }
            }
            Value::Object(items) => {
                for (name, item) in items {
                    path.push(Step::Attribute(name.clone()));
                    item.walk_at(path, visit);
                    path.pop();
                }
            }
            _ => {}
        }
    }

    /// The paths of everything unknown in it.
    pub fn unknown_paths(&self) -> Vec<AttributePath> {
        let mut paths = Vec::new();
        self.walk(&mut |path, value| {
            if value.is_unknown() {
                paths.push(path.clone());
            }
            true
        });
        paths
    }

    /// The same value with null in place of everything unknown.
    #[must_use]
    pub fn unknowns_to_null(mut self) -> Value {
        self.replace_unknowns(&mut || Value::Null);
        self
    }

    /// Replaces everything unknown by what `replacement` returns. Types of dynamic values stay.
    pub fn replace_unknowns(&mut self, replacement: &mut dyn FnMut() -> Value) {
        match self {
            Value::Unknown(_) => *self = replacement(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
            Value::List(items) | Value::Set(items) => {
                items
                    .iter_mut()
                    .for_each(|item| item.replace_unknowns(replacement));
            }
            Value::Map(items) | Value::Object(items) => {
                items
                    .values_mut()
                    .for_each(|item| item.replace_unknowns(replacement));
            }
            Value::Dynamic(typed) => typed.1.replace_unknowns(replacement),
        }
    }

    /// The nearest value that certainly encodes as `ty`: what doesn't fit becomes null, attributes that are missing are
    /// added as null, attributes that are not in the type are dropped. For the case that the alternative is to lose all.
    #[must_use]
    pub fn conform(self, ty: &Type) -> Value {
        let each = |items: Vec<Value>, element: &Type| {
            items
                .into_iter()
                .map(|item| item.conform(element))
                .collect()
        };
        match (self, ty) {
            (value @ Value::Unknown(_), _) => value,
            (Value::Bool(bool), Type::Bool) => Value::Bool(bool),
            (Value::Number(number), Type::Number) if codec::is_encodable(&number) => {
                Value::Number(number)
            }
            (Value::String(text), Type::String) => Value::String(text),
            (Value::List(items), Type::List(element)) => Value::List(each(items, element)),
            (Value::Set(items), Type::Set(element)) => Value::Set(each(items, element)),
            (Value::List(items), Type::Tuple(elements)) if items.len() == elements.len() => {
                Value::List(
                    items
                        .into_iter()
                        .zip(elements)
                        .map(|(item, element)| item.conform(element))
                        .collect(),
                )
            }
            (Value::Map(items), Type::Map(element)) => Value::Map(
                items
                    .into_iter()
                    .map(|(key, item)| (key, item.conform(element)))
                    .collect(),
            ),
            (Value::Object(mut items), Type::Object(attributes)) => Value::Object(
                attributes
                    .iter()
                    .map(|(name, ty)| {
                        (
                            name.clone(),
                            items.remove(name).unwrap_or_default().conform(ty),
                        )
                    })
                    .collect(),
            ),
            (Value::Dynamic(typed), Type::Dynamic) => {
                let (own, value) = *typed;
                let value = value.conform(&own);
                Value::dynamic(own, value)
            }
            _ => Value::Null,
        }
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Null, Value::Null) => true,
            (Value::Unknown(a), Value::Unknown(b)) => a == b,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Number(a), Value::Number(b)) => a == b,
            (Value::String(a), Value::String(b)) => a == b,
            (Value::List(a), Value::List(b)) => a == b,
            (Value::Set(a), Value::Set(b)) => a == b || same_elements(a, b),
            (Value::Map(a), Value::Map(b)) | (Value::Object(a), Value::Object(b)) => a == b,
            (Value::Dynamic(a), Value::Dynamic(b)) => a == b,
            _ => false,
        }
    }
}

fn same_elements(a: &[Value], b: &[Value]) -> bool {
    let mut rest: Vec<&Value> = b.iter().collect();
    a.len() == b.len()
        && a.iter().all(|item| {
            let found = rest.iter().position(|candidate| *candidate == item);
            found.map(|index| rest.swap_remove(index)).is_some()
        })
}

impl From<bool> for Value {
    fn from(bool: bool) -> Value {
        Value::Bool(bool)
    }
}

impl From<i64> for Value {
    fn from(int: i64) -> Value {
        Value::Number(int.into())
    }
}

impl From<Number> for Value {
    fn from(number: Number) -> Value {
        Value::Number(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::String(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::String(text)
    }
}

/// `None` is null.
impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Value {
        value.map_or(Value::Null, Into::into)
    }
}

#[cfg(test)]
mod tests;
