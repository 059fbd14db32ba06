//! Composites without their types: their schemas, decoding of a configuration, and the catalogue of all of them.
//!
//! # Flow
//! [`CompositeDef::spec_schema`] is the JSON Schema of the configuration, from which the Terraform schema and the Registry
//! page are made. [`CompositeDef::validate`] judges a configuration against it; [`CompositeDef::decode`] does so too and
//! yields the spec as an [`Expand`].
//!
//! # Guarantees
//! A schema has no `$ref` and no `null`. It uses: `type` (one of `object`, `array`, `string`, `integer`, `number`, `boolean`),
//! `description`, `default`, `properties`, `required`, `additionalProperties` (`false` beside `properties`, else the schema of
//! a map's values), `items`, `uniqueItems` (a set), `enum` (of strings, described one by one in `x-values`), `pattern`,
//! `minimum`, `maximum`, `minLength`, `maxLength`, `minItems`, `maxItems`, and annotations whose names start with `x-`.
//!
//! `x-late` marks what says how another composite is doing: it decides no part, so it may be unknown at plan (then it counts as
//! left out), and it is not [sealed](CompositeDef::sealed). Its value is what it has once all is well.
//!
//! `x-write-only` marks a top-level map of texts whose values are in no plan and no state (and is `x-late` too): a spec has its
//! names, with the same text in place of every value.
//!
//! Validation reports everything at once. An attribute that is `null` counts as left out; an element of a
//! list can't be `null`. A text with a `${config:…}` token
//! stands for a value that is not known yet and is not judged, wherever it stands.

mod derive;
mod validate;

use std::fmt;
use std::sync::OnceLock;
use std::time::SystemTime;

use platform_graph::{Call, Limits, Plan, Problems, Tags, Token, reference};
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

use derive::schema_of;

use crate::{Composite, Expansion, Given, Ledger, Question, Setting};

/// The catalogue.
pub fn all() -> Vec<CompositeDef> {
    vec![
        CompositeDef::of::<crate::network::Network>(),
        CompositeDef::of::<crate::data_tier::DataTier>(),
        CompositeDef::of::<crate::secrets::Secrets>(),
        CompositeDef::of::<crate::backup::Backup>(),
    ]
}

/// A composite erased to function pointers.
pub struct CompositeDef {
    /// Terraform resource type, `platform_network`.
    pub name: &'static str,
    /// One paragraph for the Registry: what it is.
    pub about: &'static str,
    /// Address of the part by which the composite is recognised.
    pub anchor: &'static str,
    /// Type of that part.
    pub anchor_kind: &'static str,
    /// [Services](Composite::SERVICES) of all its parts.
    pub services: &'static [&'static str],
    /// JSON Schema of the outputs, of the same form.
    pub outputs_schema: fn() -> Value,
    /// Every call by which its plan asks AWS something, besides looking at its parts.
    pub asks: fn() -> Vec<Call>,
    decode: fn(Value) -> Result<Box<dyn Expand>, String>,
    derive_spec_schema: fn() -> Value,
    /// Derived when it is first asked for: that takes longer than judging a configuration by it.
    spec_schema: OnceLock<Value>,
}

impl fmt::Debug for CompositeDef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CompositeDef").field(&self.name).finish()
    }
}

impl CompositeDef {
    /// Erases a composite.
    pub const fn of<C: Composite>() -> Self {
        CompositeDef {
            name: C::TYPE,
            about: C::ABOUT,
            anchor: C::ANCHOR,
            anchor_kind: C::ANCHOR_KIND,
            services: C::SERVICES,
            outputs_schema: || {
                schema_of::<C::Outputs>(SchemaSettings::draft2020_12().for_serialize())
            },
            asks: || {
                let spec = C::inquisitive();
                let questions = spec.questions(&Ledger::default());
                let preflight = spec.preflight_questions();
                questions
                    .into_iter()
                    .chain(preflight)
                    .map(|question| question.call)
                    .collect()
            },
            decode: |value| {
                serde_json::from_value::<C>(value)
                    .map(|spec| Box::new(spec) as Box<dyn Expand>)
                    .map_err(|error| error.to_string())
            },
            derive_spec_schema: || schema_of::<C>(SchemaSettings::draft2020_12().for_deserialize()),
            spec_schema: OnceLock::new(),
        }
    }

    /// JSON Schema of the configuration; see the [module](self) for its form.
    pub fn spec_schema(&self) -> &Value {
        self.spec_schema.get_or_init(self.derive_spec_schema)
    }

    /// Everything in which a configuration differs from the schema.
    pub fn validate(&self, configuration: &Value) -> Problems {
        let mut problems = Problems::new();
        let nothing = Value::Object(Map::new());
        let configuration = if configuration.is_null() {
            &nothing
        } else {
            configuration
        };
        validate::judge(
            self.spec_schema(),
            configuration,
            "",
            &mut Vec::new(),
            &mut problems,
        );
        problems
    }

    /// Attribute paths of the values that are not known yet and without which the configuration can't be decoded: whatever
    /// is not plain text.
    pub fn open_values(&self, configuration: &Value) -> Vec<Vec<String>> {
        let mut open = Vec::new();
        find_open(
            self.spec_schema(),
            configuration,
            &mut Vec::new(),
            &mut open,
        );
        open
    }

    /// The configuration as a spec.
    ///
    /// # Errors
    /// Everything in which it differs from the schema, and every [open value](CompositeDef::open_values).
    pub fn decode(&self, configuration: Value) -> Result<Box<dyn Expand>, Problems> {
        let mut problems = self.validate(&configuration);
        for path in self.open_values(&configuration) {
            problems.error(
                path,
                "the value is not known yet",
                "It decides which AWS resources there are, so it must be known when planning: write it out, or apply first what \
                 it comes from.",
            );
        }
        if problems.has_errors() {
            return Err(problems);
        }
        (self.decode)(self.timely(configuration)).map_err(|why| {
            // Reached only where the schema is laxer than serde, which the tests of a composite rule out.
            problems.error(
                Vec::<String>::new(),
                "the configuration can't be decoded",
                why,
            );
            problems
        })
    }

    /// The configuration without what says how other composites are doing: that by which two configurations are compared.
    pub fn sealed(&self, configuration: &Value) -> Value {
        late(self.spec_schema(), configuration, &mut |_, _| None)
    }

    /// A sealed configuration with all that others were ready to give when it was complete.
    pub fn unsealed(&self, sealed: &Value) -> Value {
        late(self.spec_schema(), sealed, &mut |_, well| {
            Some(well.clone())
        })
    }

    /// A plain configuration, in which what comes late and is not known yet is left out.
    fn timely(&self, configuration: Value) -> Value {
        plain(late(self.spec_schema(), &configuration, &mut |value, _| {
            value.filter(|value| !reference::is_open(value)).cloned()
        }))
    }

    /// Everything that is wrong with a configuration, its form and its meaning at once, and the spec when nothing is.
    ///
    /// What is wrong in form is not judged by its meaning as well. The rest is, with something possible in place of what is wrong.
    pub fn examine(&self, configuration: Value) -> (Option<Box<dyn Expand>>, Problems) {
        let mut problems = self.decode(configuration.clone()).err().unwrap_or_default();
        let sound = validate::repaired(self.spec_schema(), &configuration).unwrap_or_default();
        let Ok(spec) = (self.decode)(self.timely(sound)) else {
            return (None, problems);
        };
        let mut found = Problems::new();
        spec.check(&mut found);
        let known: Vec<Vec<String>> = problems
            .iter()
            .map(|problem| problem.path.clone())
            .collect();
        let is_new = |path: &[String]| !known.iter().any(|known| path.starts_with(known));
        problems.extend(
            found
                .into_iter()
                .filter(|problem| is_new(&problem.path))
                .collect(),
        );
        let spec = (!problems.has_errors()).then_some(spec);
        (spec, problems)
    }
}

/// A decoded composite of any type; see [`Composite`] for what the methods say.
#[allow(
    missing_docs,
    reason = "every method is the one of the same name of `Composite`"
)]
pub trait Expand: Send + Sync {
    fn name(&self) -> &str;
    fn region(&self) -> Option<&str>;
    fn tags(&self) -> &Tags;
    fn protected(&self) -> bool;
    fn removes_left_data(&self) -> bool;
    fn limits(&self) -> Limits;
    fn check(&self, problems: &mut Problems);
    fn is_open(&self) -> bool;
    fn questions(&self, ledger: &Ledger) -> Vec<Question>;
    fn preflight_questions(&self) -> Vec<Question>;
    fn preflight(
        &self,
        setting: &Setting,
        expansion: &Expansion,
        creates: &dyn Fn(&str) -> bool,
        problems: &mut Problems,
    );
    fn place(&self, address: &str) -> Vec<String>;
    fn judge_values(
        &self,
        plan: &Plan,
        given: &dyn Fn(&str, &str) -> Given,
        problems: &mut Problems,
    );
    fn weigh(&self, plan: &Plan, now: SystemTime, problems: &mut Problems);
    fn expand(
        &self,
        setting: &Setting,
        ledger: &Ledger,
        problems: &mut Problems,
    ) -> Option<Expansion>;
}

impl fmt::Debug for dyn Expand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Expand").field(&self.name()).finish()
    }
}

impl<C: Composite> Expand for C {
    fn name(&self) -> &str {
        Composite::name(self)
    }
    fn region(&self) -> Option<&str> {
        Composite::region(self)
    }
    fn tags(&self) -> &Tags {
        Composite::tags(self)
    }
    fn protected(&self) -> bool {
        Composite::protected(self)
    }
    fn removes_left_data(&self) -> bool {
        Composite::removes_left_data(self)
    }
    fn limits(&self) -> Limits {
        Composite::limits(self)
    }
    fn check(&self, problems: &mut Problems) {
        Composite::check(self, problems);
    }
    fn is_open(&self) -> bool {
        Composite::is_open(self)
    }
    fn questions(&self, ledger: &Ledger) -> Vec<Question> {
        Composite::questions(self, ledger)
    }
    fn preflight_questions(&self) -> Vec<Question> {
        Composite::preflight_questions(self)
    }
    fn preflight(
        &self,
        setting: &Setting,
        expansion: &Expansion,
        creates: &dyn Fn(&str) -> bool,
        problems: &mut Problems,
    ) {
        Composite::preflight(self, setting, expansion, creates, problems);
    }
    fn place(&self, address: &str) -> Vec<String> {
        Composite::place(self, address)
    }
    fn judge_values(
        &self,
        plan: &Plan,
        given: &dyn Fn(&str, &str) -> Given,
        problems: &mut Problems,
    ) {
        Composite::judge_values(self, plan, given, problems);
    }
    fn weigh(&self, plan: &Plan, now: SystemTime, problems: &mut Problems) {
        Composite::weigh(self, plan, now, problems);
    }
    fn expand(
        &self,
        setting: &Setting,
        ledger: &Ledger,
        problems: &mut Problems,
    ) -> Option<Expansion> {
        Composite::expand(self, setting, ledger, problems)
    }
}

/// Whether a value stands for one that is not known yet.
pub(crate) fn is_unknown(value: &Value) -> bool {
    value.as_str().is_some_and(is_unknown_text)
}

/// Whether a text holds a value that is not known yet.
pub(crate) fn is_unknown_text(text: &str) -> bool {
    reference::tokens(text)
        .iter()
        .any(|(_, token)| matches!(token, Token::Config { .. }))
}

/// The value without what is left out, and with whole numbers written as such.
fn plain(value: Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name, plain(value)))
            .collect(),
        Value::Array(items) => items.into_iter().map(plain).collect(),
        Value::Number(number) => match whole(&number) {
            Some(whole) => Value::from(whole),
            None => Value::Number(number),
        },
        other => other,
    }
}

fn whole(number: &serde_json::Number) -> Option<i64> {
    number.as_i64().or_else(|| {
        let value = number.as_f64()?;
        // Beyond 2^53 a float no longer holds every whole number.
        (value.fract() == 0.0 && value.abs() <= 9_007_199_254_740_992.0).then_some(value as i64)
    })
}

fn child<'a>(schema: &'a Value, name: &str) -> Option<&'a Value> {
    schema
        .get("properties")
        .and_then(|properties| properties.get(name))
        .or_else(|| {
            schema
                .get("additionalProperties")
                .filter(|inner| inner.is_object())
        })
}

/// A value in which everything late is what `choose` makes of its value and the value it has once all is well.
fn late(
    schema: &Value,
    value: &Value,
    choose: &mut impl FnMut(Option<&Value>, &Value) -> Option<Value>,
) -> Value {
    match value {
        Value::Object(fields) => {
            let mut chosen: Map<String, Value> = fields
                .iter()
                .map(|(name, value)| {
                    let inner = child(schema, name).unwrap_or(&Value::Null);
                    (name.clone(), late(inner, value, choose))
                })
                .collect();
            let properties = schema.get("properties").and_then(Value::as_object);
            for (name, inner) in properties.into_iter().flatten() {
                if let Some(well) = inner.get("x-late") {
                    match choose(fields.get(name), well) {
                        Some(value) => chosen.insert(name.clone(), value),
                        None => chosen.remove(name),
                    };
                }
            }
            Value::Object(chosen)
        }
        Value::Array(items) => {
            let inner = schema.get("items").unwrap_or(&Value::Null);
            items.iter().map(|item| late(inner, item, choose)).collect()
        }
        other => other.clone(),
    }
}

fn find_open(schema: &Value, value: &Value, path: &mut Vec<String>, open: &mut Vec<Vec<String>>) {
    if schema.get("x-late").is_some() {
        return;
    }
    if is_unknown(value) {
        let text = schema.get("type") == Some(&Value::from("string"));
        if !text || schema.get("enum").is_some() {
            open.push(path.clone());
        }
        return;
    }
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                if let Some(inner) = child(schema, name) {
                    path.push(name.clone());
                    find_open(inner, value, path, open);
                    path.pop();
                }
            }
        }
        Value::Array(items) => {
            let inner = schema.get("items").unwrap_or(&Value::Null);
            for (index, item) in items.iter().enumerate() {
                path.push(index.to_string());
                find_open(inner, item, path, open);
                path.pop();
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests;
