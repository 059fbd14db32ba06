//! The MessagePack encoding of values, driven by their type.
//!
//! Guarantees: decoding is total. Any bytes give a value or an error: nesting and memory are bounded by the input, and
//! what was decoded encodes again. Encoding refuses what doesn't have the type's exact shape, so that Terraform never
//! gets bytes it can't read.
//!
//! Caveats: every extension type means "unknown"; one of them (12) says more about the unknown and is kept as it came.

use std::collections::BTreeMap;

use rmp::{Marker, encode};

use super::{MAX_DEPTH, Number, Value, ValueError};
use crate::path::{AttributePath, Step};
use crate::types::Type;

/// The extension type of an unknown about which something is known.
const REFINED: i8 = 12;

/// The length up to which a list's own word on its length is believed.
const ORDINARY_LENGTH: usize = 256;

impl Value {
    /// Encodes it for a place of type `ty`.
    ///
    /// # Errors
    /// When its shape is not exactly the type's, with the place.
    pub fn to_msgpack(&self, ty: &Type) -> Result<Vec<u8>, ValueError> {
        let mut encoder = Encoder {
            out: Vec::new(),
            path: AttributePath::root(),
        };
        encoder.value(self, ty, MAX_DEPTH)?;
        Ok(encoder.out)
    }

    /// Decodes the whole of `bytes` as a value of type `ty`.
    ///
    /// # Errors
    /// When the bytes are anything else, with the place.
    pub fn from_msgpack(bytes: &[u8], ty: &Type) -> Result<Value, ValueError> {
        let mut decoder = Decoder {
            rest: bytes,
            path: AttributePath::root(),
        };
        let value = decoder.value(ty, MAX_DEPTH)?;
        match decoder.rest.len() {
            0 => Ok(value),
            more => decoder.fail(format!("{more} bytes too many")),
        }
    }
}

/// Whether the number has a form in the encoding; NaN has none.
pub(super) fn is_encodable(number: &Number) -> bool {
    match number {
        Number::Int(_) | Number::Uint(_) => true,
        Number::Float(float) => !float.is_nan(),
        Number::Decimal(text) => Number::parse(text).is_some(),
    }
}

struct Encoder {
    out: Vec<u8>,
    path: AttributePath,
}

impl Encoder {
    fn value(&mut self, value: &Value, ty: &Type, depth: usize) -> Result<(), ValueError> {
        let Some(depth) = depth.checked_sub(1) else {
            return self.fail("nested too deeply");
        };
        match (value, ty) {
            (Value::Null, _) => self.written(encode::write_nil),
            (Value::Unknown(None), _) => {
                self.out.extend([Marker::FixExt1.to_u8(), 0, 0]);
                Ok(())
            }
            (Value::Unknown(Some(refinement)), _) => {
                let length = self.length(refinement.len())?;
                self.written(|out| encode::write_ext_meta(out, length, REFINED))?;
                self.out.extend_from_slice(refinement);
                Ok(())
            }
            (Value::Bool(bool), Type::Bool) => self.written(|out| encode::write_bool(out, *bool)),
            (Value::Number(number), Type::Number) if is_encodable(number) => match number {
                // Whole numbers as text: Terraform reads those with the precision of its state file, and
                // `plan -refresh-only -detailed-exitcode` compares numbers bit by bit.
                Number::Int(int) => self.written(|out| encode::write_str(out, &int.to_string())),
                Number::Uint(uint) => self.written(|out| encode::write_str(out, &uint.to_string())),
                Number::Float(float) => self.written(|out| encode::write_f64(out, *float)),
                Number::Decimal(text) => self.written(|out| encode::write_str(out, text)),
            },
            (Value::String(text), Type::String) => self.written(|out| encode::write_str(out, text)),
            (Value::List(items), Type::List(element)) | (Value::Set(items), Type::Set(element)) => {
                let length = self.length(items.len())?;
                self.written(|out| encode::write_array_len(out, length))?;
                let indexed = matches!(ty, Type::List(_));
                self.each(items.iter().map(|item| (item, &**element)), indexed, depth)
            }
            (Value::List(items), Type::Tuple(elements)) => {
                if items.len() != elements.len() {
                    return self.fail(format!("{} elements where {ty} was expected", items.len()));
                }
                let length = self.length(items.len())?;
                self.written(|out| encode::write_array_len(out, length))?;
                self.each(items.iter().zip(elements), true, depth)
            }
            (Value::Map(items), Type::Map(element)) => {
                let length = self.length(items.len())?;
                self.written(|out| encode::write_map_len(out, length))?;
                for (key, item) in items {
                    self.written(|out| encode::write_str(out, key))?;
                    self.inside(Step::Key(key.clone()), |encoder| {
                        encoder.value(item, element, depth)
                    })?;
                }
                Ok(())
            }
            (Value::Object(items), Type::Object(attributes)) => {
                if let Some(extra) = items.keys().find(|name| !attributes.contains_key(*name)) {
                    return self.fail(format!("attribute {extra:?} is not in the schema"));
                }
                let length = self.length(attributes.len())?;
                self.written(|out| encode::write_map_len(out, length))?;
                for (name, ty) in attributes {
                    let Some(item) = items.get(name) else {
                        return self.fail(format!("attribute {name:?} is missing"));
                    };
                    self.written(|out| encode::write_str(out, name))?;
                    self.inside(Step::Attribute(name.clone()), |encoder| {
                        encoder.value(item, ty, depth)
                    })?;
                }
                Ok(())
            }
            (Value::Dynamic(typed), Type::Dynamic) => {
                let (own, value) = &**typed;
                if *own == Type::Dynamic {
                    return self.value(value, own, depth);
                }
                self.written(|out| encode::write_array_len(out, 2))?;
                self.written(|out| encode::write_bin(out, &own.to_bytes()))?;
                self.value(value, own, depth)
            }
            (other, _) => self.fail(format!("{} where {ty} was expected", other.noun())),
        }
    }

    fn each<'a>(
        &mut self,
        items: impl Iterator<Item = (&'a Value, &'a Type)>,
        indexed: bool,
        depth: usize,
    ) -> Result<(), ValueError> {
        for (index, (item, ty)) in items.enumerate() {
            if indexed {
                self.inside(Step::Index(index), |encoder| encoder.value(item, ty, depth))?;
            } else {
                self.value(item, ty, depth)?;
            }
        }
        Ok(())
    }

    fn inside(
        &mut self,
        step: Step,
        encode: impl FnOnce(&mut Encoder) -> Result<(), ValueError>,
    ) -> Result<(), ValueError> {
        self.path.push(step);
        encode(self)?;
        self.path.pop();
        Ok(())
    }

    fn written<T, E: std::fmt::Display>(
        &mut self,
        write: impl FnOnce(&mut Vec<u8>) -> Result<T, E>,
    ) -> Result<(), ValueError> {
        match write(&mut self.out) {
            Ok(_) => Ok(()),
            Err(error) => self.fail(error.to_string()),
        }
    }

    fn length(&self, length: usize) -> Result<u32, ValueError> {
        u32::try_from(length).or_else(|_| self.fail("too large to encode"))
    }

    fn fail<T>(&self, message: impl Into<String>) -> Result<T, ValueError> {
        Err(ValueError::new(&self.path, message))
    }
}

impl Value {
    pub(super) fn noun(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Unknown(_) => "an unknown value",
            Value::Bool(_) => "a bool",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::List(_) => "a list",
            Value::Set(_) => "a set",
            Value::Map(_) => "a map",
            Value::Object(_) => "an object",
            Value::Dynamic(_) => "a dynamic value",
        }
    }
}

struct Decoder<'a> {
    rest: &'a [u8],
    path: AttributePath,
}

impl<'a> Decoder<'a> {
    fn value(&mut self, ty: &Type, depth: usize) -> Result<Value, ValueError> {
        let Some(depth) = depth.checked_sub(1) else {
            return self.fail("nested too deeply");
        };
        let marker = self.marker()?;
        if marker == Marker::Null {
            return Ok(Value::Null);
        }
        if let Some(length) = self.ext_length(marker)? {
            let kind = self.be::<1>()?[0] as i8;
            let body = self.take(length)?;
            return Ok(Value::Unknown((kind == REFINED).then(|| body.into())));
        }
        match ty {
            Type::Bool => match marker {
                Marker::True => Ok(Value::Bool(true)),
                Marker::False => Ok(Value::Bool(false)),
                _ => self.unexpected(marker, ty),
            },
            Type::Number => self.number(marker, ty),
            Type::String => match self.text(marker)? {
                Some(text) => Ok(Value::String(text)),
                None => self.unexpected(marker, ty),
            },
            Type::List(element) => {
                let length = self.array_length(marker, ty)?;
                Ok(Value::List(
                    self.elements(length, depth, true, |_| element)?,
                ))
            }
            Type::Set(element) => {
                let length = self.array_length(marker, ty)?;
                Ok(Value::Set(
                    self.elements(length, depth, false, |_| element)?,
                ))
            }
            Type::Tuple(elements) => {
                let length = self.array_length(marker, ty)?;
                if length != elements.len() {
                    return self.fail(format!("{length} elements where {ty} was expected"));
                }
                Ok(Value::List(self.elements(
                    length,
                    depth,
                    true,
                    |index| &elements[index],
                )?))
            }
            Type::Map(element) => {
                let mut items = BTreeMap::new();
                for _ in 0..self.map_length(marker, ty)? {
                    let key = self.key()?;
                    self.path.push(Step::Key(key.clone()));
                    items.insert(key, self.value(element, depth)?);
                    self.path.pop();
                }
                Ok(Value::Map(items))
            }
            Type::Object(attributes) => {
                let mut items = BTreeMap::new();
                for _ in 0..self.map_length(marker, ty)? {
                    let name = self.key()?;
                    let Some(ty) = attributes.get(&name) else {
                        return self.fail(format!("attribute {name:?} is not in the schema"));
                    };
                    self.path.push(Step::Attribute(name.clone()));
                    items.insert(name, self.value(ty, depth)?);
                    self.path.pop();
                }
                match attributes.keys().find(|name| !items.contains_key(*name)) {
                    Some(missing) => self.fail(format!("attribute {missing:?} is missing")),
                    None => Ok(Value::Object(items)),
                }
            }
            Type::Dynamic => {
                if self.array_length(marker, ty)? != 2 {
                    return self.fail("a dynamic value is a type and a value");
                }
                let bytes = self.bin()?;
                let own = Type::from_bytes(bytes).or_else(|error| self.fail(error.to_string()))?;
                let value = self.value(&own, depth)?;
                Ok(Value::dynamic(own, value))
            }
        }
    }

    fn elements<'t>(
        &mut self,
        length: usize,
        depth: usize,
        indexed: bool,
        ty: impl Fn(usize) -> &'t Type,
    ) -> Result<Vec<Value>, ValueError> {
        // The length may be a lie: memory is reserved for an ordinary list, and beyond that as elements arrive.
        let mut items = Vec::with_capacity(length.min(ORDINARY_LENGTH));
        for index in 0..length {
            if indexed {
                self.path.push(Step::Index(index));
            }
            items.push(self.value(ty(index), depth)?);
            if indexed {
                self.path.pop();
            }
        }
        Ok(items)
    }

    fn number(&mut self, marker: Marker, ty: &Type) -> Result<Value, ValueError> {
        let number = match marker {
            Marker::FixPos(small) => Number::Int(small.into()),
            Marker::FixNeg(small) => Number::Int(small.into()),
            Marker::U8 => Number::Int(self.be::<1>()?[0].into()),
            Marker::U16 => Number::Int(u16::from_be_bytes(self.be()?).into()),
            Marker::U32 => Number::Int(u32::from_be_bytes(self.be()?).into()),
            Marker::U64 => Number::from(u64::from_be_bytes(self.be()?)),
            Marker::I8 => Number::Int(i8::from_be_bytes(self.be()?).into()),
            Marker::I16 => Number::Int(i16::from_be_bytes(self.be()?).into()),
            Marker::I32 => Number::Int(i32::from_be_bytes(self.be()?).into()),
            Marker::I64 => Number::Int(i64::from_be_bytes(self.be()?)),
            Marker::F32 => Number::Float(f32::from_be_bytes(self.be()?).into()),
            Marker::F64 => Number::Float(f64::from_be_bytes(self.be()?)),
            other => match self.text(other)? {
                Some(text) => match Number::parse(&text) {
                    Some(number) => number,
                    None => return self.fail(format!("{text:?} is not a number")),
                },
                None => return self.unexpected(other, ty),
            },
        };
        if is_encodable(&number) {
            Ok(Value::Number(number))
        } else {
            self.fail("NaN is not a number")
        }
    }

    fn key(&mut self) -> Result<String, ValueError> {
        let marker = self.marker()?;
        match self.text(marker)? {
            Some(key) => Ok(key),
            None => self.fail("a key that is not a string"),
        }
    }

    fn text(&mut self, marker: Marker) -> Result<Option<String>, ValueError> {
        let length = match marker {
            Marker::FixStr(length) => length.into(),
            Marker::Str8 => self.length::<1>()?,
            Marker::Str16 => self.length::<2>()?,
            Marker::Str32 => self.length::<4>()?,
            _ => return Ok(None),
        };
        let bytes = self.take(length)?;
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Some(text.to_owned())),
            Err(_) => self.fail("a string that is not UTF-8"),
        }
    }

    fn bin(&mut self) -> Result<&'a [u8], ValueError> {
        let length = match self.marker()? {
            Marker::Bin8 | Marker::Str8 => self.length::<1>()?,
            Marker::Bin16 | Marker::Str16 => self.length::<2>()?,
            Marker::Bin32 | Marker::Str32 => self.length::<4>()?,
            Marker::FixStr(length) => length.into(),
            _ => return self.fail("a dynamic value without its type"),
        };
        self.take(length)
    }

    fn array_length(&mut self, marker: Marker, ty: &Type) -> Result<usize, ValueError> {
        match marker {
            Marker::FixArray(length) => Ok(length.into()),
            Marker::Array16 => self.length::<2>(),
            Marker::Array32 => self.length::<4>(),
            _ => self.unexpected(marker, ty),
        }
    }

    fn map_length(&mut self, marker: Marker, ty: &Type) -> Result<usize, ValueError> {
        match marker {
            Marker::FixMap(length) => Ok(length.into()),
            Marker::Map16 => self.length::<2>(),
            Marker::Map32 => self.length::<4>(),
            _ => self.unexpected(marker, ty),
        }
    }

    fn ext_length(&mut self, marker: Marker) -> Result<Option<usize>, ValueError> {
        Ok(Some(match marker {
            Marker::FixExt1 => 1,
            Marker::FixExt2 => 2,
            Marker::FixExt4 => 4,
            Marker::FixExt8 => 8,
            Marker::FixExt16 => 16,
            Marker::Ext8 => self.length::<1>()?,
            Marker::Ext16 => self.length::<2>()?,
            Marker::Ext32 => self.length::<4>()?,
            _ => return Ok(None),
        }))
    }

    fn marker(&mut self) -> Result<Marker, ValueError> {
        Ok(Marker::from_u8(self.be::<1>()?[0]))
    }

    fn length<const N: usize>(&mut self) -> Result<usize, ValueError> {
        Ok(self
            .be::<N>()?
            .iter()
            .fold(0, |length, byte| length << 8 | usize::from(*byte)))
    }

    fn be<const N: usize>(&mut self) -> Result<[u8; N], ValueError> {
        match self.rest.split_first_chunk() {
            Some((chunk, rest)) => {
                self.rest = rest;
                Ok(*chunk)
            }
            None => self.fail("the value ends early"),
        }
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], ValueError> {
        match self.rest.split_at_checked(length) {
            Some((taken, rest)) => {
                self.rest = rest;
                Ok(taken)
            }
            None => self.fail("the value ends early"),
        }
    }

    fn unexpected<T>(&self, marker: Marker, ty: &Type) -> Result<T, ValueError> {
        self.fail(format!("{marker:?} where {ty} was expected"))
    }

    fn fail<T>(&self, message: impl Into<String>) -> Result<T, ValueError> {
        Err(ValueError::new(&self.path, message))
    }
}
