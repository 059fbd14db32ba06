//! From a configuration block to the spec of a composite, and from problems back to attribute paths.

use std::collections::BTreeMap;
use std::fmt;

use platform_composites::Given;
use platform_composites::schema::{CompositeDef, Expand};
use platform_engine::Vault;
use platform_graph::{Problems, Severity, Token, reference};
use platform_protocol::{AttributePath, Diagnostic, Diagnostics, Step, Type, Value};
use serde_json::Value as Json;

/// What stands in a spec for the value of a write-only argument.
const WRITE_ONLY: &str = "(write-only)";

/// The arguments of a block as plain JSON: what is null is left out, what is not known yet is a `${config:…}` token, and the
/// values of write-only arguments are kept apart.
#[derive(Clone, PartialEq)]
pub struct Arguments {
    /// The spec, not yet judged.
    pub spec: Json,
    /// Values of write-only arguments by their paths.
    secrets: BTreeMap<String, String>,
    /// Texts that contain a token of ours themselves.
    forged: Vec<AttributePath>,
}

impl fmt::Debug for Arguments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Arguments")
            .field("spec", &self.spec)
            .finish_non_exhaustive()
    }
}

impl Arguments {
    /// Reads the attributes `names` of a block, of which those in `write_only` are maps of secrets.
    pub fn read(config: &Value, names: &[String], write_only: &[String]) -> Self {
        let mut secrets = BTreeMap::new();
        let spec = Value::object(names.iter().map(|name| {
            let value = config.attr(name);
            let value = match value {
                Value::Map(values) if write_only.contains(name) => {
                    Value::map(values.iter().map(|(key, value)| {
                        let kept = match value.as_str() {
                            Some(secret) => {
                                secrets.insert(format!("{name}.{key}"), secret.to_owned());
                                Value::String(WRITE_ONLY.to_owned())
                            }
                            None => value.clone(),
                        };
                        (key.clone(), kept)
                    }))
                }
                _ => value.clone(),
            };
            (name.clone(), value)
        }));
        let mut forged = Vec::new();
        spec.walk(&mut |path, value| {
            if value
                .as_str()
                .is_some_and(|text| !reference::tokens(text).is_empty())
            {
                forged.push(path.clone());
            }
            true
        });
        let json = spec.to_json(&mut |path| {
            Token::Config {
                path: names_of(path).join("."),
            }
            .to_string()
            .into()
        });
        Arguments {
            spec: without_nulls(json),
            secrets,
            forged,
        }
    }

    /// The values of write-only arguments, for the run that writes them.
    pub fn vault(&self) -> Vault {
        Vault::new(self.secrets.clone())
    }

    /// What is known of the value of a write-only argument under a key.
    pub fn given(&self, argument: &str, key: &str) -> Given {
        match self.secrets.get(&format!("{argument}.{key}")) {
            Some(value) => Given::Bytes(value.len()),
            None => match self.spec.get(argument) {
                None => Given::Nothing,
                Some(Json::Object(values)) if !values.contains_key(key) => Given::Nothing,
                Some(_) => Given::Later,
            },
        }
    }

    /// Decodes the spec and finds everything that is wrong with it. `None` when there is an error, or when so much is unknown
    /// that the rest is judged by the schema alone.
    pub fn decode(&self, def: &CompositeDef, problems: &mut Problems) -> Option<Box<dyn Expand>> {
        for path in &self.forged {
            problems.error(
                names_of(path),
                "Reserved text",
                "This text contains ${part: or ${config:, by which the provider marks values that are not known yet. Write it another way.",
            );
        }
        if !def.open_values(&self.spec).is_empty() {
            problems.extend(def.validate(&self.spec));
            return None;
        }
        let (spec, found) = def.examine(self.spec.clone());
        problems.extend(found);
        spec.filter(|_| !problems.has_errors())
    }
}

fn names_of(path: &AttributePath) -> Vec<String> {
    path.steps()
        .iter()
        .map(|step| match step {
            Step::Attribute(name) | Step::Key(name) => name.clone(),
            Step::Index(index) => index.to_string(),
        })
        .collect()
}

/// What null means in the spec is what leaving out means.
pub fn without_nulls(value: Json) -> Json {
    match value {
        Json::Object(fields) => fields
            .into_iter()
            .filter(|(_, field)| !field.is_null())
            .map(|(name, field)| (name, without_nulls(field)))
            .collect(),
        Json::Array(items) => items.into_iter().map(without_nulls).collect(),
        plain => plain,
    }
}

/// Problems as Terraform reports them: each at the argument it is about.
pub fn diagnostics(problems: Problems, ty: &Type) -> Diagnostics {
    problems
        .into_iter()
        .map(|problem| {
            let path = attribute_path(&problem.path, ty);
            let (at, detail) = match path.steps() {
                [] | [_] => (path, problem.detail),
                // Terraform finds the line of an argument, and falls back to that of the block for what is deeper inside.
                [argument, ..] => {
                    let detail = format!("At {path}: {}", problem.detail);
                    (AttributePath::root().step(argument.clone()), detail)
                }
            };
            let diagnostic = match problem.severity {
                Severity::Error => Diagnostic::error(problem.summary, detail),
                Severity::Warning => Diagnostic::warning(problem.summary, detail),
            };
            diagnostic.at(at)
        })
        .collect()
}

/// Names from the outside in as a path that Terraform can follow: it stops where the type does, and at sets, whose elements
/// have no address.
fn attribute_path(path: &[String], ty: &Type) -> AttributePath {
    let mut found = AttributePath::root();
    let mut ty = ty;
    for name in path {
        ty = match ty {
            Type::Object(attributes) => match attributes.get(name) {
                Some(inner) => {
                    found = found.child(name);
                    inner
                }
                None => return found,
            },
            Type::Map(element) => {
                found = found.key(name);
                element
            }
            Type::List(element) => match name.parse() {
                Ok(index) => {
                    found = found.index(index);
                    element
                }
                Err(_) => return found,
            },
            _ => return found,
        };
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ty() -> Type {
        Type::object([
            ("name", Type::String),
            ("tags", Type::map(Type::String)),
            (
                "zones",
                Type::object([("count", Type::Number), ("ids", Type::set(Type::String))]),
            ),
            ("rules", Type::list(Type::object([("port", Type::Number)]))),
            ("resources", Type::Dynamic),
        ])
    }

    #[test]
    fn nulls_are_left_out_and_unknowns_become_tokens() {
        let config = Value::object([
            ("name", Value::String("main".into())),
            ("tags", Value::map([("team", Value::unknown())])),
            (
                "zones",
                Value::object([("count", Value::unknown()), ("ids", Value::Null)]),
            ),
            ("rules", Value::Null),
            ("resources", Value::unknown()),
        ]);
        let names = ["name", "tags", "zones", "rules"].map(str::to_owned);
        let arguments = Arguments::read(&config, &names, &[]);
        assert_eq!(
            arguments.spec,
            json!({"name": "main", "tags": {"team": "${config:tags.team}"}, "zones": {"count": "${config:zones.count}"}})
        );
        assert!(arguments.forged.is_empty());
    }

    #[test]
    fn a_token_in_the_configuration_is_noticed() {
        let config = Value::object([("name", Value::String("${part:vpc}".into()))]);
        let arguments = Arguments::read(&config, &["name".to_owned()], &[]);
        assert_eq!(arguments.forged.len(), 1);
    }

    #[test]
    fn the_values_of_write_only_arguments_are_kept_apart() {
        let config = Value::object([(
            "values_wo",
            Value::map([
                ("a", Value::String("canary ${part:vpc}".into())),
                ("b", Value::unknown()),
            ]),
        )]);
        let names = ["values_wo".to_owned()];
        let arguments = Arguments::read(&config, &names, &names);
        assert_eq!(
            arguments.spec,
            json!({ "values_wo": { "a": WRITE_ONLY, "b": "${config:values_wo.b}" } })
        );
        assert!(arguments.forged.is_empty(), "a secret may hold any text");
        assert_eq!(arguments.secrets["values_wo.a"], "canary ${part:vpc}");
        assert!(!format!("{arguments:?}").contains("canary"));
    }

    #[test]
    fn what_is_known_of_a_value_is_whether_it_is_given_and_how_long_it_is() {
        let names = ["values_wo".to_owned()];
        let given = |values: Value, key: &str| {
            let config = Value::object([("values_wo", values)]);
            Arguments::read(&config, &names, &names).given("values_wo", key)
        };
        let values = || {
            Value::map([
                ("a", Value::String("caf\u{e9}".into())),
                ("b", Value::unknown()),
                ("c", Value::Null),
                ("d", Value::String(String::new())),
            ])
        };
        for (key, expected) in [
            ("a", Given::Bytes(5)),
            ("b", Given::Later),
            ("c", Given::Nothing),
            ("d", Given::Bytes(0)),
            ("e", Given::Nothing),
        ] {
            assert_eq!(given(values(), key), expected, "{key}");
        }
        assert_eq!(given(Value::Null, "a"), Given::Nothing);
        assert_eq!(given(Value::unknown(), "a"), Given::Later);
    }

    #[test]
    fn paths_go_as_far_as_terraform_can_follow() {
        let path = |names: &[&str]| {
            attribute_path(
                &names
                    .iter()
                    .map(|name| (*name).to_owned())
                    .collect::<Vec<_>>(),
                &ty(),
            )
            .to_string()
        };
        assert_eq!(path(&["zones", "ids", "use1-az9"]), "zones.ids");
        assert_eq!(path(&["tags", "a"]), "tags[\"a\"]");
        assert_eq!(path(&["rules", "1", "port"]), "rules[1].port");
        assert_eq!(path(&["nonsense"]), "");
    }
}
