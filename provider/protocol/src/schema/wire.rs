//! Schemas as the protocol carries them.

use std::collections::BTreeMap;

use super::{
    Attribute, Block, BlockNesting, Function, IdentitySchema, Nested, NestedBlock, Nesting,
    Parameter, Presence, ProviderSchema, Schema, Shape,
};
use crate::proto::tfplugin6 as wire;

fn each<T, W>(
    items: &BTreeMap<String, T>,
    convert: impl Fn(&T) -> W,
) -> std::collections::HashMap<String, W> {
    items
        .iter()
        .map(|(name, item)| (name.clone(), convert(item)))
        .collect()
}

impl ProviderSchema {
    pub(crate) fn to_wire(&self) -> wire::get_provider_schema::Response {
        wire::get_provider_schema::Response {
            provider: Some(self.provider.to_wire()),
            resource_schemas: each(&self.resources, |resource| resource.schema.to_wire()),
            data_source_schemas: each(&self.data_sources, Schema::to_wire),
            functions: self.functions_to_wire(),
            ephemeral_resource_schemas: each(&self.ephemeral_resources, Schema::to_wire),
            diagnostics: Vec::new(),
            provider_meta: self.provider_meta.as_ref().map(Schema::to_wire),
            server_capabilities: Some(wire::ServerCapabilities {
                plan_destroy: true,
                get_provider_schema_optional: true,
                move_resource_state: self.moves_resources,
                generate_resource_config: false,
            }),
        }
    }

    pub(crate) fn functions_to_wire(&self) -> std::collections::HashMap<String, wire::Function> {
        each(&self.functions, Function::to_wire)
    }

    pub(crate) fn identities_to_wire(
        &self,
    ) -> std::collections::HashMap<String, wire::ResourceIdentitySchema> {
        let identities = self
            .resources
            .iter()
            .filter_map(|(name, resource)| Some((name, resource.identity.as_ref()?)));
        identities
            .map(|(name, identity)| (name.clone(), identity.to_wire()))
            .collect()
    }
}

impl Schema {
    fn to_wire(&self) -> wire::Schema {
        wire::Schema {
            version: self.version.into(),
            block: Some(self.block.to_wire()),
        }
    }
}

impl Block {
    fn to_wire(&self) -> wire::schema::Block {
        wire::schema::Block {
            version: 0,
            attributes: attributes(&self.attributes),
            block_types: self
                .blocks
                .iter()
                .map(|(name, nested)| nested.to_wire(name))
                .collect(),
            description: self.description.clone(),
            description_kind: wire::StringKind::Markdown.into(),
            deprecated: self.deprecated.is_some(),
            deprecation_message: self.deprecated.clone().unwrap_or_default(),
            computed: false,
        }
    }
}

fn attributes(attributes: &BTreeMap<String, Attribute>) -> Vec<wire::schema::Attribute> {
    attributes
        .iter()
        .map(|(name, attribute)| attribute.to_wire(name))
        .collect()
}

impl Attribute {
    fn to_wire(&self, name: &str) -> wire::schema::Attribute {
        let (ty, nested) = match &self.shape {
            Shape::Plain(ty) => (ty.to_bytes(), None),
            Shape::Nested(nested) => (Vec::new(), Some(nested.to_wire())),
        };
        wire::schema::Attribute {
            name: name.to_owned(),
            r#type: ty,
            nested_type: nested,
            description: self.description.clone(),
            required: self.presence == Presence::Required,
            optional: matches!(
                self.presence,
                Presence::Optional | Presence::OptionalComputed
            ),
            computed: self.presence.is_computed(),
            sensitive: self.sensitive,
            description_kind: wire::StringKind::Markdown.into(),
            deprecated: self.deprecated.is_some(),
            write_only: self.write_only,
            deprecation_message: self.deprecated.clone().unwrap_or_default(),
        }
    }
}

impl Nested {
    fn to_wire(&self) -> wire::schema::Object {
        use wire::schema::object::NestingMode;
        let nesting = match self.nesting {
            Nesting::Single => NestingMode::Single,
            Nesting::List => NestingMode::List,
            Nesting::Set => NestingMode::Set,
            Nesting::Map => NestingMode::Map,
        };
        wire::schema::Object {
            attributes: attributes(&self.attributes),
            nesting: nesting.into(),
            min_items: 0,
            max_items: 0,
        }
    }
}

impl NestedBlock {
    fn to_wire(&self, name: &str) -> wire::schema::NestedBlock {
        use wire::schema::nested_block::NestingMode;
        let (nesting, min, max) = match self.nesting {
            BlockNesting::Single { required } => {
                (NestingMode::Single, required.into(), required.into())
            }
            BlockNesting::Group => (NestingMode::Group, 0, 0),
            BlockNesting::List { min, max } => (NestingMode::List, min, max.unwrap_or(0)),
            BlockNesting::Set { min, max } => (NestingMode::Set, min, max.unwrap_or(0)),
            BlockNesting::Map => (NestingMode::Map, 0, 0),
        };
        wire::schema::NestedBlock {
            type_name: name.to_owned(),
            block: Some(self.block.to_wire()),
            nesting: nesting.into(),
            min_items: i64::from(min),
            max_items: i64::from(max),
        }
    }
}

impl IdentitySchema {
    fn to_wire(&self) -> wire::ResourceIdentitySchema {
        let attributes = self.attributes.iter().map(|(name, attribute)| {
            wire::resource_identity_schema::IdentityAttribute {
                name: name.clone(),
                r#type: attribute.ty.to_bytes(),
                required_for_import: attribute.required_for_import,
                optional_for_import: !attribute.required_for_import,
                description: attribute.description.clone(),
            }
        });
        wire::ResourceIdentitySchema {
            version: self.version.into(),
            identity_attributes: attributes.collect(),
        }
    }
}

impl Function {
    fn to_wire(&self) -> wire::Function {
        wire::Function {
            parameters: self.parameters.iter().map(Parameter::to_wire).collect(),
            variadic_parameter: self.variadic.as_ref().map(Parameter::to_wire),
            r#return: Some(wire::function::Return {
                r#type: self.returns.to_bytes(),
            }),
            summary: self.summary.clone(),
            description: self.description.clone(),
            description_kind: wire::StringKind::Markdown.into(),
            deprecation_message: self.deprecated.clone().unwrap_or_default(),
        }
    }
}

impl Parameter {
    fn to_wire(&self) -> wire::function::Parameter {
        wire::function::Parameter {
            name: self.name.clone(),
            r#type: self.ty.to_bytes(),
            allow_null_value: self.allow_null,
            allow_unknown_values: self.allow_unknown,
            description: self.description.clone(),
            description_kind: wire::StringKind::Markdown.into(),
        }
    }
}
