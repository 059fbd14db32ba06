//! Terraform's own checks of plans and of what applying them returns, for tests to run without Terraform.
//!
//! Terraform stops a run at "Provider produced invalid plan" and taints or distrusts a resource at "Provider produced
//! inconsistent result after apply"; both are bugs of the provider that no user can get around.
//!
//! Caveats: elements of sets are matched by equality, not by Terraform's correlation of partly unknown ones.

use std::collections::{BTreeMap, BTreeSet};

use super::{Attribute, Block, Nesting, Presence, Schema, Shape};
use crate::path::{AttributePath, Step};
use crate::value::Value;

impl Schema {
    /// What Terraform would object to in `planned`; empty when nothing. See [`Provider::plan_resource`](crate::Provider::plan_resource).
    pub fn check_plan(&self, prior: &Value, config: &Value, planned: &Value) -> Vec<String> {
        let mut check = Check::default();
        match (config.is_null(), planned.is_null()) {
            (true, true) => {}
            (true, false) => check.problem("a destroy is planned to leave something"),
            (false, true) => check.problem("nothing is planned for a configuration"),
            (false, false) => check.block(&self.block, prior, config, planned),
        }
        check.problems
    }

    /// What Terraform would object to in the `state` that applying `planned` returned without an error; empty when nothing.
    pub fn check_applied(&self, planned: &Value, state: &Value) -> Vec<String> {
        let mut check = Check::default();
        for unknown in state.unknown_paths() {
            check.problems.push(format!("{unknown}: is still unknown"));
        }
        if self.without_write_only(state.clone()) != *state {
            check.problem("a write-only value is in the state");
        }
        check.kept(planned, state);
        check.problems
    }
}

#[derive(Default)]
struct Check {
    path: AttributePath,
    problems: Vec<String>,
}

impl Check {
    fn block(&mut self, block: &Block, prior: &Value, config: &Value, planned: &Value) {
        self.attributes(&block.attributes, prior, config, planned);
        for (name, nested) in &block.blocks {
            self.at(Step::Attribute(name.clone()), |check| {
                let (prior, config, planned) =
                    (prior.attr(name), config.attr(name), planned.attr(name));
                check.objects(
                    prior,
                    config,
                    planned,
                    &mut |check, prior, config, planned| {
                        check.block(&nested.block, prior, config, planned);
                    },
                );
            });
        }
    }

    fn attributes(
        &mut self,
        schema: &BTreeMap<String, Attribute>,
        prior: &Value,
        config: &Value,
        planned: &Value,
    ) {
        for (name, attribute) in schema {
            self.at(Step::Attribute(name.clone()), |check| {
                check.attribute(
                    attribute,
                    prior.attr(name),
                    config.attr(name),
                    planned.attr(name),
                );
            });
        }
    }

    fn attribute(&mut self, attribute: &Attribute, prior: &Value, config: &Value, planned: &Value) {
        if attribute.write_only {
            if !planned.is_null() {
                self.problem("a write-only value is in the plan");
            }
            return;
        }
        if attribute.presence.is_computed() && config.is_null()
            || attribute.presence == Presence::Computed
        {
            return;
        }
        let as_before = !prior.is_null() && !config.is_null() && planned == prior;
        if as_before || same(config, planned) {
            return;
        }
        match &attribute.shape {
            Shape::Plain(_) if config.is_null() => {
                self.problem("is planned without being configured")
            }
            Shape::Plain(_) => self.problem("is planned otherwise than configured"),
            Shape::Nested(nested) if nested.nesting == Nesting::Single => {
                if planned.is_unknown() || config.is_null() != planned.is_null() {
                    self.problem("is planned otherwise than configured");
                } else {
                    self.attributes(&nested.attributes, prior, config, planned);
                }
            }
            Shape::Nested(nested) => self.objects(
                prior,
                config,
                planned,
                &mut |check, prior, config, planned| {
                    check.attributes(&nested.attributes, prior, config, planned);
                },
            ),
        }
    }

    /// Visits the objects of a collection (or the single one) side by side; of sets only the number counts.
    fn objects(
        &mut self,
        prior: &Value,
        config: &Value,
        planned: &Value,
        visit: &mut dyn FnMut(&mut Check, &Value, &Value, &Value),
    ) {
        match (config.inner(), planned.inner()) {
            (Value::Unknown(_), Value::Unknown(_)) | (Value::Null, Value::Null) => {}
            (Value::Object(_), Value::Object(_)) => visit(self, prior, config, planned),
            (Value::List(configs), Value::List(planneds)) if configs.len() == planneds.len() => {
                for (index, (config, planned)) in configs.iter().zip(planneds).enumerate() {
                    let prior = prior
                        .as_list()
                        .and_then(|items| items.get(index))
                        .unwrap_or(&Value::Null);
                    self.at(Step::Index(index), |check| {
                        visit(check, prior, config, planned)
                    });
                }
            }
            (Value::Map(configs), Value::Map(planneds)) if configs.keys().eq(planneds.keys()) => {
                for (key, config) in configs {
                    self.at(Step::Key(key.clone()), |check| {
                        visit(check, prior.attr(key), config, planned.attr(key))
                    });
                }
            }
            (Value::Set(configs), Value::Set(planneds)) if configs.len() == planneds.len() => {}
            _ => self.problem("has other elements in the plan than in the configuration"),
        }
    }

    /// Whether everything known in the plan is so in the state.
    fn kept(&mut self, planned: &Value, state: &Value) {
        match (planned, state) {
            (Value::Unknown(_), _) => {}
            (Value::Dynamic(planned), Value::Dynamic(state)) => self.kept(&planned.1, &state.1),
            (Value::List(planned), Value::List(state)) if planned.len() == state.len() => {
                for (index, (planned, state)) in planned.iter().zip(state).enumerate() {
                    self.at(Step::Index(index), |check| check.kept(planned, state));
                }
            }
            (Value::Set(planned), Value::Set(state)) => {
                if state.len() > planned.len() {
                    self.problem("has more elements than planned");
                }
                for element in planned.iter().filter(|element| element.is_wholly_known()) {
                    if !state.contains(element) {
                        self.problem("lacks an element that was planned");
                    }
                }
            }
            (Value::Map(elements), Value::Map(found)) => self.members(elements, found, Step::Key),
            (Value::Object(attributes), Value::Object(found)) => {
                self.members(attributes, found, Step::Attribute);
            }
            (planned, state) if planned == state => {}
            _ => self.problem("is not what was planned"),
        }
    }

    fn members(
        &mut self,
        planned: &BTreeMap<String, Value>,
        state: &BTreeMap<String, Value>,
        step: fn(String) -> Step,
    ) {
        let names: BTreeSet<_> = planned.keys().chain(state.keys()).collect();
        for name in names {
            let problem = match (planned.get(name), state.get(name)) {
                (Some(planned), Some(state)) => {
                    self.at(step(name.clone()), |check| check.kept(planned, state));
                    continue;
                }
                (Some(_), None) => "was planned and is not there",
                (None, _) => "is there and was not planned",
            };
            self.at(step(name.clone()), |check| check.problem(problem));
        }
    }

    fn at(&mut self, step: Step, check: impl FnOnce(&mut Check)) {
        self.path.push(step);
        check(self);
        self.path.pop();
    }

    fn problem(&mut self, message: &str) {
        let message = message.to_owned();
        self.problems.push(if self.path.is_root() {
            message
        } else {
            format!("{}: {message}", self.path)
        });
    }
}

/// Equality that doesn't care what is known about unknowns.
fn same(a: &Value, b: &Value) -> bool {
    let plain = |value: &Value| {
        let mut value = value.clone();
        value.replace_unknowns(&mut Value::unknown);
        value
    };
    a == b || !a.is_wholly_known() && plain(a) == plain(b)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{nested, optional, schema, with_block};
    use super::*;
    use crate::schema::BlockNesting;
    use crate::types::Type;

    fn notes() -> Schema {
        let inner = || {
            [
                ("x", optional(Type::Bool)),
                ("y", Attribute::new(Presence::OptionalComputed, Type::Bool)),
            ]
        };
        let outer = schema([
            ("name", Attribute::new(Presence::Required, Type::String)),
            ("size", optional(Type::Number)),
            ("secret", optional(Type::String).write_only()),
            (
                "region",
                Attribute::new(Presence::OptionalComputed, Type::String),
            ),
            ("id", Attribute::new(Presence::Computed, Type::Dynamic)),
            ("tiers", nested(Nesting::Map, inner())),
            ("one", nested(Nesting::Single, inner())),
        ]);
        with_block(
            "block",
            BlockNesting::List { min: 0, max: None },
            schema(inner()),
            outer,
        )
    }

    fn note(changes: &[(&str, Value)]) -> Value {
        let mut note = notes().implied_type().empty_value();
        note.set(&AttributePath::attribute("name"), "a".into());
        note.set(&AttributePath::attribute("block"), Value::List(Vec::new()));
        for (name, value) in changes {
            note.set(&AttributePath::attribute(*name), value.clone())
                .unwrap();
        }
        note
    }

    fn pair(x: Value, y: Value) -> Value {
        Value::object([("x", x), ("y", y)])
    }

    #[test]
    fn plans_follow_the_configuration_or_the_past() {
        let known = pair(true.into(), Value::Null);
        let computed = pair(true.into(), Value::unknown());
        let refined = Value::Unknown(Some(Box::from([0x80])));
        let tiers = |tier: &Value| Value::map([("t", tier.clone())]);
        let cases: [(Value, Value, Value, &[&str]); 14] = [
            (
                Value::Null,
                note(&[]),
                note(&[("id", Value::unknown()), ("region", "r".into())]),
                &[],
            ),
            (
                note(&[("name", "A".into())]),
                note(&[]),
                note(&[("name", "A".into())]),
                &[],
            ),
            (
                Value::Null,
                note(&[("size", refined.clone())]),
                note(&[("size", Value::unknown())]),
                &[],
            ),
            (
                Value::Null,
                note(&[("tiers", tiers(&known))]),
                note(&[("tiers", tiers(&computed))]),
                &[],
            ),
            (
                Value::Null,
                note(&[("one", known.clone())]),
                note(&[("one", computed.clone())]),
                &[],
            ),
            (note(&[]), Value::Null, Value::Null, &[]),
            (
                Value::Null,
                note(&[]),
                note(&[("name", "b".into())]),
                &["name: is planned otherwise than configured"],
            ),
            (
                Value::Null,
                note(&[]),
                note(&[("size", 1.into())]),
                &["size: is planned without being configured"],
            ),
            (
                Value::Null,
                note(&[("region", "r".into())]),
                note(&[("region", Value::unknown())]),
                &["region: is planned otherwise than configured"],
            ),
            (
                Value::Null,
                note(&[("secret", "s".into())]),
                note(&[("secret", "s".into())]),
                &["secret: a write-only value is in the plan"],
            ),
            (
                Value::Null,
                note(&[("tiers", tiers(&known))]),
                note(&[("tiers", tiers(&pair(false.into(), Value::Null)))]),
                &[r#"tiers["t"].x: is planned otherwise than configured"#],
            ),
            (
                Value::Null,
                note(&[("tiers", tiers(&known))]),
                note(&[("tiers", Value::map::<&str>([]))]),
                &["tiers: has other elements in the plan than in the configuration"],
            ),
            (
                Value::Null,
                note(&[("block", Value::List(vec![known.clone()]))]),
                note(&[(
                    "block",
                    Value::List(vec![pair(Value::unknown(), Value::Null)]),
                )]),
                &["block[0].x: is planned otherwise than configured"],
            ),
            (
                note(&[]),
                Value::Null,
                note(&[]),
                &["a destroy is planned to leave something"],
            ),
        ];
        for (prior, config, planned, problems) in cases {
            assert_eq!(notes().check_plan(&prior, &config, &planned), problems);
        }
    }

    #[test]
    fn applying_keeps_what_was_planned() {
        let part = |id: Value| {
            let ty = Type::object([("id", Type::String), ("n", Type::Number)]);
            Value::dynamic(ty, Value::object([("id", id), ("n", 1.into())]))
        };
        let planned = note(&[("id", part(Value::unknown())), ("region", Value::unknown())]);
        let done = note(&[("id", part("i".into())), ("region", "r".into())]);
        let gone = note(&[(
            "id",
            Value::dynamic(Type::object::<&str>([]), Value::object::<&str>([])),
        )]);
        let cases: [(Value, &[&str]); 6] = [
            (done.clone(), &[]),
            (note(&[("id", part(Value::Null))]), &[]),
            (
                planned.clone(),
                &["id.id: is still unknown", "region: is still unknown"],
            ),
            (
                note(&[("id", part("i".into())), ("size", 1.into())]),
                &["size: is not what was planned"],
            ),
            (
                gone,
                &[
                    "id.id: was planned and is not there",
                    "id.n: was planned and is not there",
                ],
            ),
            (Value::Null, &["is not what was planned"]),
        ];
        for (state, problems) in cases {
            assert_eq!(notes().check_applied(&planned, &state), problems);
        }
        let leak = note(&[("id", part("i".into())), ("secret", "s".into())]);
        let problems = notes().check_applied(&planned, &leak);
        assert_eq!(
            problems,
            [
                "a write-only value is in the state",
                "secret: is not what was planned"
            ]
        );
    }
}
