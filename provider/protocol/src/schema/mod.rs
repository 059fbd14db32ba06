//! What a provider offers and what its configuration looks like.
//!
//! The types leave little room for schemas that Terraform refuses to load; [`ProviderSchema::check`] finds the rest, and
//! belongs in a test, since one bad attribute breaks every command.

mod check;
mod consistency;
mod wire;

use std::collections::BTreeMap;

use crate::types::Type;
use crate::value::Value;

/// Everything a provider offers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProviderSchema {
    /// The `provider` block.
    pub provider: Schema,
    /// The `provider_meta` block of modules, if there is one.
    pub provider_meta: Option<Schema>,
    /// Managed resources by type name.
    pub resources: BTreeMap<String, ResourceSchema>,
    /// Data sources by type name.
    pub data_sources: BTreeMap<String, Schema>,
    /// Ephemeral resources by type name.
    pub ephemeral_resources: BTreeMap<String, Schema>,
    /// Functions by name, called as `provider::NAME::FUNCTION`.
    pub functions: BTreeMap<String, Function>,
    /// Whether `Provider::move_resource` is implemented.
    pub moves_resources: bool,
}

/// A managed resource type.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResourceSchema {
    /// Its configuration and state.
    pub schema: Schema,
    /// What identifies one remotely, if the provider says; used by Terraform 1.12 and newer.
    pub identity: Option<IdentitySchema>,
}

impl From<Schema> for ResourceSchema {
    fn from(schema: Schema) -> ResourceSchema {
        ResourceSchema {
            schema,
            identity: None,
        }
    }
}

/// The configuration and state of one resource type, data source or provider.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Schema {
    /// The version that is stored with state, from zero. State of an older version is upgraded before use.
    pub version: u32,
    /// The content.
    pub block: Block,
}

/// The content of a block.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Block {
    /// Attributes by name.
    pub attributes: BTreeMap<String, Attribute>,
    /// Nested blocks by name.
    pub blocks: BTreeMap<String, NestedBlock>,
    /// Markdown.
    pub description: String,
    /// What to use instead, if it should not be used any more.
    pub deprecated: Option<String>,
}

/// One attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// What it holds.
    pub shape: Shape,
    /// Who sets it.
    pub presence: Presence,
    /// Whether its value is hidden in Terraform's output. State still has it.
    pub sensitive: bool,
    /// Whether its value is only in configuration, never in plan or state. Terraform 1.11 and newer.
    pub write_only: bool,
    /// What to use instead, if it should not be used any more.
    pub deprecated: Option<String>,
    /// Markdown.
    pub description: String,
}

impl Attribute {
    /// An attribute of the given type, neither sensitive nor write-only, without a description.
    pub fn new(presence: Presence, shape: impl Into<Shape>) -> Attribute {
        Attribute {
            shape: shape.into(),
            presence,
            sensitive: false,
            write_only: false,
            deprecated: None,
            description: String::new(),
        }
    }

    /// The same with a description in Markdown.
    #[must_use]
    pub fn describe(self, description: impl Into<String>) -> Attribute {
        Attribute {
            description: description.into(),
            ..self
        }
    }

    /// The same, hidden in Terraform's output.
    #[must_use]
    pub fn sensitive(self) -> Attribute {
        Attribute {
            sensitive: true,
            ..self
        }
    }

    /// The same, kept out of plan and state.
    #[must_use]
    pub fn write_only(self) -> Attribute {
        Attribute {
            write_only: true,
            ..self
        }
    }
}

/// Who sets an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Presence {
    /// The configuration must.
    Required,
    /// The configuration may; null otherwise.
    Optional,
    /// The provider does.
    Computed,
    /// The configuration may; the provider does otherwise.
    OptionalComputed,
}

impl Presence {
    /// Whether the provider may choose the value.
    pub fn is_computed(self) -> bool {
        matches!(self, Presence::Computed | Presence::OptionalComputed)
    }
}

/// What an attribute holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// A value of a type.
    Plain(Type),
    /// Objects whose attributes have schemas of their own.
    Nested(Nested),
}

impl From<Type> for Shape {
    fn from(ty: Type) -> Shape {
        Shape::Plain(ty)
    }
}

impl From<Nested> for Shape {
    fn from(nested: Nested) -> Shape {
        Shape::Nested(nested)
    }
}

impl Shape {
    /// The type of the values it holds.
    pub fn implied_type(&self) -> Type {
        match self {
            Shape::Plain(ty) => ty.clone(),
            Shape::Nested(nested) => {
                let object = attributes_type(&nested.attributes);
                match nested.nesting {
                    Nesting::Single => object,
                    Nesting::List => Type::list(object),
                    Nesting::Set => Type::set(object),
                    Nesting::Map => Type::map(object),
                }
            }
        }
    }
}

/// An attribute that holds objects whose attributes have schemas of their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nested {
    /// One object or a collection of them.
    pub nesting: Nesting,
    /// Attributes by name.
    pub attributes: BTreeMap<String, Attribute>,
}

/// How the objects of a [`Nested`] attribute are collected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Nesting {
    /// One object.
    Single,
    /// Objects by index.
    List,
    /// Objects in no order.
    Set,
    /// Objects by key.
    Map,
}

/// A block inside a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NestedBlock {
    /// How often it may be written, and how the blocks are collected.
    pub nesting: BlockNesting,
    /// Its content.
    pub block: Block,
}

/// How often a block may be written, and how the blocks are collected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BlockNesting {
    /// At most once; null when absent.
    Single {
        /// Whether it must be there.
        required: bool,
    },
    /// At most once; an object of nulls when absent.
    Group,
    /// Any number, by index; empty when absent.
    List {
        /// The least number.
        min: u32,
        /// The greatest number, if there is one.
        max: Option<u32>,
    },
    /// Any number, in no order; empty when absent.
    Set {
        /// The least number.
        min: u32,
        /// The greatest number, if there is one.
        max: Option<u32>,
    },
    /// Any number, by label; empty when absent.
    Map,
}

/// What identifies a resource remotely, apart from its state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IdentitySchema {
    /// The version that is stored with an identity, from zero.
    pub version: u32,
    /// Attributes by name. Only primitive types and lists of them are allowed.
    pub attributes: BTreeMap<String, IdentityAttribute>,
}

impl IdentitySchema {
    /// The type of identities.
    pub fn implied_type(&self) -> Type {
        Type::object(
            self.attributes
                .iter()
                .map(|(name, attribute)| (name, attribute.ty.clone())),
        )
    }
}

/// One attribute of an identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityAttribute {
    /// What it holds.
    pub ty: Type,
    /// Whether an `import` block has to give it; otherwise it may.
    pub required_for_import: bool,
    /// Plain text.
    pub description: String,
}

/// A function of the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// Its parameters, in order.
    pub parameters: Vec<Parameter>,
    /// The parameter that takes any number of further arguments.
    pub variadic: Option<Parameter>,
    /// What it returns.
    pub returns: Type,
    /// One line.
    pub summary: String,
    /// Markdown.
    pub description: String,
    /// What to use instead, if it should not be used any more.
    pub deprecated: Option<String>,
}

/// A parameter of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its name in messages and documentation.
    pub name: String,
    /// What it takes.
    pub ty: Type,
    /// Whether null is passed on; otherwise Terraform refuses it.
    pub allow_null: bool,
    /// Whether unknowns are passed on; otherwise the result is unknown without a call.
    pub allow_unknown: bool,
    /// Markdown.
    pub description: String,
}

impl Schema {
    /// The type of its configuration, plan and state.
    pub fn implied_type(&self) -> Type {
        self.block.implied_type()
    }

    /// The value with every write-only attribute null, as plans and state must have it.
    #[must_use]
    pub fn without_write_only(&self, mut value: Value) -> Value {
        self.block.clear_write_only(&mut value);
        value
    }

    /// The planned state to start from: Terraform's `proposed` one with, if it differs from `prior`, every computed
    /// top-level attribute that `config` leaves null unknown. A resource that knows better then sets what it knows.
    ///
    /// When nothing differs it is `prior`, which is what makes a second plan empty.
    #[must_use]
    pub fn plan(&self, prior: &Value, proposed: Value, config: &Value) -> Value {
        let mut planned = self.without_write_only(proposed);
        if planned == *prior {
            return planned;
        }
        if let Value::Object(items) = &mut planned {
            for (name, attribute) in &self.block.attributes {
                if attribute.presence.is_computed() && config.attr(name).is_null() {
                    items.insert(name.clone(), Value::unknown());
                }
            }
        }
        planned
    }
}

impl Block {
    fn implied_type(&self) -> Type {
        let Type::Object(mut types) = attributes_type(&self.attributes) else {
            return Type::Dynamic;
        };
        for (name, nested) in &self.blocks {
            let object = nested.block.implied_type();
            let ty = match nested.nesting {
                BlockNesting::Single { .. } | BlockNesting::Group => object,
                // Blocks may differ in the types of their dynamic attributes, so no collection type covers them.
                BlockNesting::List { .. } | BlockNesting::Map if object.has_dynamic() => {
                    Type::Dynamic
                }
                BlockNesting::List { .. } => Type::list(object),
                BlockNesting::Set { .. } => Type::set(object),
                BlockNesting::Map => Type::map(object),
            };
            types.insert(name.clone(), ty);
        }
        Type::Object(types)
    }

    fn clear_write_only(&self, value: &mut Value) {
        for_each_object(value, &mut |items| {
            clear_write_only(&self.attributes, items);
            for (name, nested) in &self.blocks {
                if let Some(value) = items.get_mut(name) {
                    nested.block.clear_write_only(value);
                }
            }
        });
    }
}

fn attributes_type(attributes: &BTreeMap<String, Attribute>) -> Type {
    Type::object(
        attributes
            .iter()
            .map(|(name, attribute)| (name, attribute.shape.implied_type())),
    )
}

fn clear_write_only(attributes: &BTreeMap<String, Attribute>, items: &mut BTreeMap<String, Value>) {
    for (name, attribute) in attributes {
        let Some(value) = items.get_mut(name) else {
            continue;
        };
        if attribute.write_only {
            *value = Value::Null;
        } else if let Shape::Nested(nested) = &attribute.shape {
            for_each_object(value, &mut |items| {
                clear_write_only(&nested.attributes, items)
            });
        }
    }
}

/// Visits the objects of a nested attribute or block, whatever collects them.
fn for_each_object(value: &mut Value, visit: &mut dyn FnMut(&mut BTreeMap<String, Value>)) {
    match value {
        Value::Object(items) => visit(items),
        Value::Map(items) => items
            .values_mut()
            .for_each(|item| for_each_object(item, visit)),
        Value::List(items) | Value::Set(items) => items
            .iter_mut()
            .for_each(|item| for_each_object(item, visit)),
        Value::Dynamic(typed) => for_each_object(&mut typed.1, visit),
        _ => {}
    }
}

#[cfg(test)]
mod tests;
