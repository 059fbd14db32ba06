//! One composite as a Terraform resource: everything between Terraform's values and the engine.
//!
//! | file | what it does |
//! |---|---|
//! | [`arguments`] | configuration → spec, problems → attribute paths |
//! | [`state`] | state ↔ what is kept of a composite |
//! | [`render`] | graph, plan and records → what plan and state show |
//! | [`intent`] | spec → setting, expansion and plan: what plan and apply agree on |
//! | [`plan`], [`apply`], [`destroy`], [`read`], [`import`] | the operations |
//! | [`writer`] | states of a composite while it changes |
//! | [`blockers`] | what the plan of a destroy says |
//! | [`leftovers`] | what killed runs left behind |
//! | [`home`] | the account it lives in |
//! | [`seal`] | the composite's configuration as tags of its anchor |

pub mod apply;
pub mod arguments;
mod blockers;
pub mod destroy;
mod foreign;
pub mod home;
pub mod import;
pub mod intent;
pub mod leftovers;
pub mod plan;
pub mod read;
pub mod render;
pub mod seal;
pub mod state;
mod writer;

use std::collections::BTreeMap;

use platform_composites::schema::CompositeDef;
use platform_engine::Engine;
use platform_graph::{Owner, Problems};
use platform_protocol::provider::ClientCapabilities;
use platform_protocol::schema::{
    Attribute, Block, IdentityAttribute, IdentitySchema, Presence, ResourceSchema, Schema,
};
use platform_protocol::{Diagnostics, Type, Value};
use serde_json::{Value as Json, json};

use self::arguments::Arguments;
use self::state::State;
use crate::session::Session;

/// Why a part is missing of which nothing else is known.
const NOT_SHOWN: &str = "AWS does not show it";

/// A composite, with what its Terraform schema derives from it.
pub struct CompositeType {
    /// The composite.
    pub def: CompositeDef,
    /// Its Terraform schema.
    pub schema: ResourceSchema,
    /// The type of its configuration, plan and state.
    pub ty: Type,
    /// Names of its arguments.
    arguments: Vec<String>,
    /// Names of those that are in no plan and no state.
    write_only: Vec<String>,
    /// Names of its typed outputs.
    outputs: Vec<String>,
    /// Names of the arguments whose change means another composite.
    replacing: Vec<String>,
}

impl CompositeType {
    /// Derives everything from a composite's definition.
    pub fn new(def: CompositeDef) -> Self {
        let spec = def.spec_schema();
        let outputs = crate::schema::outputs(&(def.outputs_schema)());
        let mut attributes = crate::schema::arguments(spec);
        let arguments = attributes.keys().cloned().collect();
        if let Some(region) = attributes.get_mut("region") {
            region.presence = Presence::OptionalComputed;
        }
        let output_names = outputs.keys().cloned().collect();
        attributes.extend(outputs);
        attributes.extend(common_attributes());
        let schema = Schema {
            version: 0,
            block: Block {
                attributes,
                description: def.about.to_owned(),
                ..Block::default()
            },
        };
        CompositeType {
            ty: schema.implied_type(),
            schema: ResourceSchema {
                schema,
                identity: Some(identity_schema()),
            },
            arguments,
            outputs: output_names,
            write_only: crate::schema::write_only(spec),
            replacing: crate::schema::replacing(spec),
            def,
        }
    }

    /// An engine for a composite of this type, which looks for what killed runs left behind where the composite has parts.
    fn engine(&self, session: &Session, region: &str) -> Engine {
        session.engine(region).among(self.def.services)
    }

    /// The arguments of a configuration block.
    pub fn arguments(&self, config: &Value) -> Arguments {
        Arguments::read(config, &self.arguments, &self.write_only)
    }

    /// Everything that is wrong with a configuration, for a client that understands so much.
    pub fn validate(&self, config: &Value, client: ClientCapabilities) -> Diagnostics {
        let mut problems = Problems::new();
        for name in self
            .write_only
            .iter()
            .filter(|_| !client.write_only_attributes)
        {
            if !config.attr(name).is_null() {
                problems.error(
                    [name],
                    format!("{name} needs Terraform 1.11 or newer"),
                    "Older versions do not know write-only arguments and would keep the values in the plan and the state.",
                );
            }
        }
        self.arguments(config).decode(&self.def, &mut problems);
        arguments::diagnostics(problems, &self.ty)
    }

    /// What a value of this type holds; `None` for null.
    pub fn state(&self, value: &Value) -> Option<State> {
        (!value.is_null())
            .then(|| State::read(&value.to_json_known(), &self.arguments, &self.outputs))
    }

    /// A state as a value. What never became known is null.
    ///
    /// # Errors
    /// A bug of a composite: an output that does not fit its own schema.
    pub fn value(&self, state: &State) -> Result<Value, Diagnostics> {
        self.planned_value(&state.write()).map(|value| {
            self.schema
                .schema
                .without_write_only(value.unknowns_to_null())
        })
    }

    /// Planned JSON as a value, unknowns told apart as [`render::is_unknown`] says.
    fn planned_value(&self, json: &Json) -> Result<Value, Diagnostics> {
        value_of_type(&self.ty, json).map_err(|text| {
            let mut diagnostics = Diagnostics::new();
            diagnostics.error(
                format!("{} does not fit its own schema", self.def.name),
                format!("This is a bug of the provider; please report it.\n{text}"),
            );
            diagnostics
        })
    }

    /// The identity of a composite, for Terraform 1.12 and newer.
    pub fn identity(&self, account: &str, owner: &Owner) -> Option<Value> {
        let json = json!({"account": account, "region": owner.region, "name": owner.name});
        let ty = self.schema.identity.as_ref()?.implied_type();
        Value::from_json(&ty, &json).ok()
    }

    /// The owner that the parts of a composite carry.
    pub fn owner(&self, region: &str, name: &str) -> Owner {
        Owner {
            composite: self.def.name.to_owned(),
            region: region.to_owned(),
            name: name.to_owned(),
        }
    }
}

/// Planned JSON as a value of a type.
///
/// # Errors
/// Every place that does not fit, a line each.
fn value_of_type(ty: &Type, json: &Json) -> Result<Value, String> {
    Value::from_json_with(ty, json, &mut |path, node| {
        let steps: Vec<&str> = path.steps().iter().map(step_name).collect();
        render::is_unknown(&steps, node).then(|| {
            if node.as_str() == Some(render::UNKNOWN) {
                Type::Dynamic
            } else {
                Type::String
            }
        })
    })
    .map_err(|errors| {
        errors
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("\n")
    })
}

fn step_name(step: &platform_protocol::Step) -> &str {
    match step {
        platform_protocol::Step::Attribute(name) | platform_protocol::Step::Key(name) => name,
        platform_protocol::Step::Index(_) => "",
    }
}

/// The computed attributes that every composite has.
fn common_attributes() -> BTreeMap<String, Attribute> {
    let change = Type::object([
        ("action", Type::String),
        ("disruption", Type::String),
        ("reason", Type::String),
    ]);
    let computed = |ty: Type, about: &str| Attribute::new(Presence::Computed, ty).describe(about);
    [
        ("id", computed(Type::String, "`<region>/<name>`, by which it is imported.")),
        (
            "resources",
            computed(
                Type::Dynamic,
                "Every AWS resource of the composite by address: its CloudFormation `type`, `id`, `properties` (CloudFormation's names), \
                 `refs` (which property comes from which part), `attributes` (what only AWS could choose) and `why` it is there. What is not chosen by AWS is \
                 known at plan.",
            ),
        ),
        (
            "changes",
            computed(
                Type::map(change),
                "What the last plan that changed something did to each part, empty after the first: `action` (`create`, `update`, `replace`, `delete`; `adopt` and `release` for what AWS makes with something else), the `reason`, and \
                 the `disruption` (`none`, `rolling`, `failover`, `replace`, `data-loss`).",
            ),
        ),
        (
            "ready",
            computed(
                Type::Bool,
                "Whether every part is there. `false` while one is missing or failed; then the next apply goes on. Guard it with a \
                 postcondition.",
            ),
        ),
        (
            "failures",
            computed(
                Type::map(Type::String),
                "Why each part that is missing is missing, by address; empty when `ready`. A composite that is handed this one says it \
                 in its own error.",
            ),
        ),
        (
            "ledger",
            computed(
                Type::map(Type::String),
                "What was allocated and never moves: zones, address blocks. Kept so that adding something changes nothing else.",
            ),
        ),
    ]
    .into_iter()
    .map(|(name, attribute)| (name.to_owned(), attribute))
    .collect()
}

fn identity_schema() -> IdentitySchema {
    let attribute = |required, about: &str| IdentityAttribute {
        ty: Type::String,
        required_for_import: required,
        description: about.to_owned(),
    };
    IdentitySchema {
        version: 0,
        attributes: [
            ("account", attribute(false, "AWS account id.")),
            ("region", attribute(true, "Region.")),
            ("name", attribute(true, "Name of the composite.")),
        ]
        .into_iter()
        .map(|(name, attribute)| (name.to_owned(), attribute))
        .collect(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_of_arguments_outputs_and_common_attributes_do_not_meet() {
        for def in platform_composites::schema::all() {
            let arguments: BTreeSet<String> = crate::schema::arguments(def.spec_schema())
                .into_keys()
                .collect();
            let outputs: BTreeSet<String> = crate::schema::outputs(&(def.outputs_schema)())
                .into_keys()
                .collect();
            let common: BTreeSet<String> = common_attributes().into_keys().collect();
            for (one, other) in [
                (&arguments, &outputs),
                (&arguments, &common),
                (&outputs, &common),
            ] {
                let both: Vec<&String> = one.intersection(other).collect();
                assert!(both.is_empty(), "{}: {both:?}", def.name);
            }
        }
    }
}
