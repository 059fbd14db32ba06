//! The rules that Terraform applies when it loads a provider, beyond those the types already keep.

use std::collections::BTreeMap;
use std::fmt::Display;

use super::{
    Attribute, Block, BlockNesting, Function, IdentitySchema, Nesting, ProviderSchema, Schema,
    Shape,
};
use crate::types::Type;

/// Arguments that Terraform itself takes out of a block before the provider sees it.
const RESOURCE_ARGUMENTS: [&str; 7] = [
    "connection",
    "count",
    "depends_on",
    "for_each",
    "lifecycle",
    "provider",
    "provisioner",
];
const PROVIDER_ARGUMENTS: [&str; 2] = ["alias", "version"];

impl ProviderSchema {
    /// Everything for which Terraform would refuse the provider, or could not use an attribute; empty when all is well.
    pub fn check(&self) -> Vec<String> {
        let mut check = Check::default();
        check.schema("provider", &self.provider, &PROVIDER_ARGUMENTS, false);
        if let Some(meta) = &self.provider_meta {
            check.schema("provider_meta", meta, &[], false);
        }
        for (name, resource) in &self.resources {
            check.schema(name, &resource.schema, &RESOURCE_ARGUMENTS, true);
            if let Some(identity) = &resource.identity {
                check.identity(name, identity);
            }
        }
        for (name, schema) in self.data_sources.iter().chain(&self.ephemeral_resources) {
            check.schema(name, schema, &RESOURCE_ARGUMENTS, false);
        }
        for (name, function) in &self.functions {
            check.function(name, function);
        }
        check.problems
    }
}

impl Schema {
    /// As [`ProviderSchema::check`], for one managed resource type called `name`.
    pub fn check(&self, name: &str) -> Vec<String> {
        let mut check = Check::default();
        check.schema(name, self, &RESOURCE_ARGUMENTS, true);
        check.problems
    }
}

#[derive(Default)]
struct Check {
    problems: Vec<String>,
}

/// What the enclosing schema forbids.
#[derive(Clone, Copy)]
struct Context {
    in_set: bool,
    write_only_allowed: bool,
}

impl Check {
    fn schema(&mut self, name: &str, schema: &Schema, reserved: &[&str], write_only_allowed: bool) {
        self.name(name, name);
        for taken in reserved {
            if schema.block.attributes.contains_key(*taken)
                || schema.block.blocks.contains_key(*taken)
            {
                self.problem(
                    &format!("{name}.{taken}"),
                    "Terraform uses this name itself",
                );
            }
        }
        self.block(
            name,
            &schema.block,
            Context {
                in_set: false,
                write_only_allowed,
            },
        );
    }

    fn block(&mut self, path: &str, block: &Block, context: Context) {
        self.attributes(path, &block.attributes, context);
        for (name, nested) in &block.blocks {
            let path = format!("{path}.{name}");
            self.name(&path, name);
            if block.attributes.contains_key(name) {
                self.problem(&path, "is both an attribute and a block");
            }
            if let BlockNesting::List {
                min,
                max: Some(max),
            }
            | BlockNesting::Set {
                min,
                max: Some(max),
            } = nested.nesting
                && (min > max || max == 0)
            {
                self.problem(
                    &path,
                    format_args!("at least {min} and at most {max} blocks can't be"),
                );
            }
            let in_set = context.in_set || matches!(nested.nesting, BlockNesting::Set { .. });
            self.block(&path, &nested.block, Context { in_set, ..context });
        }
    }

    fn attributes(
        &mut self,
        path: &str,
        attributes: &BTreeMap<String, Attribute>,
        context: Context,
    ) {
        for (name, attribute) in attributes {
            let path = format!("{path}.{name}");
            self.name(&path, name);
            if attribute.write_only {
                if context.in_set {
                    self.problem(&path, "write-only inside a set");
                }
                if attribute.presence.is_computed() {
                    self.problem(&path, "write-only and computed");
                }
                if !context.write_only_allowed {
                    self.problem(&path, "write-only outside a managed resource");
                }
            }
            match &attribute.shape {
                Shape::Plain(ty) => {
                    if context.in_set && ty.has_dynamic() {
                        self.problem(&path, "dynamic inside a set");
                    }
                    self.collections(&path, ty);
                }
                Shape::Nested(nested) => {
                    let in_set = context.in_set || nested.nesting == Nesting::Set;
                    self.attributes(&path, &nested.attributes, Context { in_set, ..context });
                }
            }
        }
    }

    /// The elements of one collection have one type, which a dynamic type in it would leave open.
    fn collections(&mut self, path: &str, ty: &Type) {
        match ty {
            Type::List(element) | Type::Set(element) | Type::Map(element)
                if element.has_dynamic() =>
            {
                self.problem(path, format_args!("dynamic inside the collection {ty}"));
            }
            Type::Tuple(elements) => elements
                .iter()
                .for_each(|element| self.collections(path, element)),
            Type::Object(attributes) => attributes
                .values()
                .for_each(|ty| self.collections(path, ty)),
            _ => {}
        }
    }

    fn identity(&mut self, name: &str, identity: &IdentitySchema) {
        for (attribute, schema) in &identity.attributes {
            let path = format!("{name}.identity.{attribute}");
            self.name(&path, attribute);
            let element = if let Type::List(element) = &schema.ty {
                element
            } else {
                &schema.ty
            };
            if !matches!(element, Type::Bool | Type::Number | Type::String) {
                self.problem(&path, format_args!("an identity can't hold {}", schema.ty));
            }
        }
    }

    fn function(&mut self, name: &str, function: &Function) {
        let path = format!("{name}()");
        self.name(&path, name);
        let mut seen = Vec::new();
        for parameter in function.parameters.iter().chain(&function.variadic) {
            let path = format!("{path}.{}", parameter.name);
            self.name(&path, &parameter.name);
            if seen.contains(&&parameter.name) {
                self.problem(&path, "is there twice");
            }
            seen.push(&parameter.name);
        }
    }

    fn name(&mut self, path: &str, name: &str) {
        let valid = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        if name.is_empty()
            || !name.bytes().all(valid)
            || name.starts_with(|first: char| first.is_ascii_digit())
        {
            self.problem(
                path,
                "is no name: use lower-case letters, digits and underscores",
            );
        }
    }

    fn problem(&mut self, path: &str, message: impl Display) {
        self.problems.push(format!("{path}: {message}"));
    }
}
