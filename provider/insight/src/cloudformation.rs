//! The same platform as a CloudFormation template.
//!
//! # Flow
//! Parts already have CloudFormation's types and property names. References become `Ref`, `Fn::GetAtt`, `Fn::Sub` and
//! `Fn::Cidr`; tags become lists; what CloudFormation has no word for is left out and said in the template's metadata.
//!
//! # Guarantees
//! A reference to a part that is left out, or to a value that is not known yet, becomes a parameter of the template: nothing
//! dangles.
//!
//! # Assumptions
//! The id of a part is what `Ref` returns, except for the types in `IDS`.
//!
//! # Caveats
//! The template makes new resources. To take over existing ones, import them into the stack.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use platform_graph::{Properties, Recorded, Token, Transform, reference};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::CompositeView;
use crate::inventory::{awaited, open, property_refs, target};

/// A CloudFormation template; displays as JSON.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Template {
    /// Version of the template format.
    #[serde(rename = "AWSTemplateFormatVersion")]
    pub format_version: &'static str,
    /// What the template makes.
    pub description: String,
    /// What is not in the template, and why.
    pub metadata: Metadata,
    /// Values that the template needs, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, Value>,
    /// The resources, by logical id.
    pub resources: BTreeMap<String, Value>,
}

/// What is not in a template.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Metadata {
    /// Address of the part of each logical id.
    pub addresses: BTreeMap<String, String>,
    /// Parts that CloudFormation has no type for, by address.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub left_out: BTreeMap<String, String>,
    /// Properties that CloudFormation does not have, `address/Property`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out_properties: Vec<String>,
}

/// Types whose id is not what `Ref` returns, with the attribute that is.
const IDS: &[(&str, &str)] = &[
    ("AWS::EC2::EIP", "AllocationId"),
    ("AWS::EC2::SecurityGroup", "GroupId"),
    ("AWS::EC2::VPCCidrBlock", "Id"),
    ("AWS::IAM::ManagedPolicy", "PolicyArn"),
];

/// Properties that kinds have beyond those of CloudFormation's type.
const OURS: &[(&str, &str)] = &[
    (
        "AWS::EC2::SubnetNetworkAclAssociation",
        "DefaultNetworkAclId",
    ),
    ("AWS::SecretsManager::Secret", "RecoveryWindowInDays"),
    ("AWS::SecretsManager::Secret", "Value"),
];

/// Most resources that a template may have.
const MOST_RESOURCES: usize = 500;

/// Writes the template of one composite.
///
/// # Errors
/// Says how many resources there are when they are more than a template may have.
pub fn cloudformation(view: &CompositeView) -> Result<Template, String> {
    let writer = Writer::new(view);
    let mut template = Template {
        format_version: "2010-09-09",
        description: format!("{} {}", view.composite, view.name)
            .trim()
            .to_owned(),
        metadata: Metadata::default(),
        parameters: BTreeMap::new(),
        resources: BTreeMap::new(),
    };
    for (address, part) in &view.parts {
        let Some(logical) = writer.logical.get(address.as_str()) else {
            template.metadata.left_out.insert(
                address.clone(),
                format!("CloudFormation has no type for {}", part.kind),
            );
            continue;
        };
        template
            .metadata
            .addresses
            .insert(logical.clone(), address.clone());
        let resource = writer.resource(address, part, &mut template);
        template.resources.insert(logical.clone(), resource);
    }
    let count = template.resources.len();
    if count > MOST_RESOURCES {
        return Err(format!(
            "{} has {count} resources, and a CloudFormation template may have {MOST_RESOURCES}: split the composite",
            view.address
        ));
    }
    Ok(template)
}

/// Turns the parts of one composite into resources.
struct Writer<'a> {
    view: &'a CompositeView,
    /// Logical id by address, of parts that are in the template.
    logical: BTreeMap<&'a str, String>,
}

impl<'a> Writer<'a> {
    fn new(view: &'a CompositeView) -> Self {
        let mut taken = BTreeSet::new();
        let mut logical = BTreeMap::new();
        for (address, part) in &view.parts {
            if part.kind.starts_with("Custom::") {
                continue;
            }
            let mut id = camel_case(address);
            while !taken.insert(id.clone()) {
                id.push('X');
            }
            logical.insert(address.as_str(), id);
        }
        Writer { view, logical }
    }

    fn resource(&self, address: &str, part: &Recorded, template: &mut Template) -> Value {
        let mut properties = Properties::new();
        for (name, value) in open(part) {
            if OURS.contains(&(part.kind.as_str(), name.as_str())) {
                template
                    .metadata
                    .left_out_properties
                    .push(format!("{address}/{name}"));
                continue;
            }
            let value = self.value(&value, template);
            let value = match value {
                Value::Object(tags) if name == "Tags" => tag_list(tags),
                other => other,
            };
            properties.insert(name, value);
        }
        let mut resource = json!({ "Type": part.kind, "Properties": properties });
        let after = self.after(part);
        if let (Value::Object(fields), false) = (&mut resource, after.is_empty()) {
            fields.insert("DependsOn".to_owned(), json!(after));
        }
        resource
    }

    /// Logical ids of resources that CloudFormation has to make first although no property refers to them: those that the
    /// part waits for, and the IPv6 block of the VPC, whose value is read from the VPC.
    fn after(&self, part: &Recorded) -> BTreeSet<&str> {
        let referred: BTreeSet<String> = property_refs(part)
            .flat_map(|(_, text)| reference::parts_in(text))
            .collect();
        let awaited = awaited(part).filter(|address| !referred.contains(*address));
        let blocks = referred.iter().map(String::as_str).filter(|address| {
            self.view
                .parts
                .get(*address)
                .is_some_and(|to| to.kind == "AWS::EC2::VPCCidrBlock")
        });
        awaited
            .chain(blocks)
            .filter_map(|address| self.logical.get(address).map(String::as_str))
            .collect()
    }

    fn value(&self, value: &Value, template: &mut Template) -> Value {
        match value {
            Value::String(text) => self.text(text, template),
            Value::Array(items) => items
                .iter()
                .map(|item| self.value(item, template))
                .collect(),
            Value::Object(fields) => fields
                .iter()
                .map(|(name, field)| (name.clone(), self.value(field, template)))
                .collect(),
            plain => plain.clone(),
        }
    }

    fn text(&self, text: &str, template: &mut Template) -> Value {
        let tokens = reference::tokens(text);
        match &tokens[..] {
            [] => Value::String(text.to_owned()),
            [(range, token)] if *range == (0..text.len()) => self.token(token, template),
            _ => {
                let (mut pattern, mut variables) = (String::new(), Map::new());
                let mut from = 0;
                for (range, token) in &tokens {
                    pattern.push_str(&escaped(&text[from..range.start]));
                    let name = format!("Value{}", variables.len() + 1);
                    pattern.push_str(&format!("${{{name}}}"));
                    variables.insert(name, self.token(token, template));
                    from = range.end;
                }
                pattern.push_str(&escaped(&text[from..]));
                json!({ "Fn::Sub": [pattern, variables] })
            }
        }
    }

    fn token(&self, token: &Token, template: &mut Template) -> Value {
        let (address, attribute, transform) = match token {
            Token::Config { path } => {
                return parameter(template, &camel_case(&path.replace('.', "/")), path);
            }
            Token::Part {
                address,
                attribute,
                transform,
            } => (address, attribute.as_deref(), transform),
        };
        let Some((part, logical)) = self
            .view
            .parts
            .get(address)
            .zip(self.logical.get(address.as_str()))
        else {
            let what = match attribute {
                Some(attribute) => format!("{attribute} of {address}"),
                None => format!("id of {address}"),
            };
            let name = camel_case(&format!("{address}/{}", attribute.unwrap_or_default()));
            return parameter(template, &name, &what);
        };
        let found = match attribute {
            None => match IDS.iter().find(|(kind, _)| *kind == part.kind) {
                Some((_, attribute)) => json!({ "Fn::GetAtt": [logical, attribute] }),
                None => json!({ "Ref": logical }),
            },
            Some(attribute) => self.attribute(part, logical, attribute),
        };
        match transform {
            None => found,
            Some(Transform::Subnet { prefix, index }) => {
                // Fn::Cidr counts the bits that are left for hosts, and makes all blocks up to the one asked for.
                let width = if attribute.is_some_and(|name| name.starts_with("Ipv6")) {
                    128_u8
                } else {
                    32
                };
                let bits = width.saturating_sub(*prefix).to_string();
                // A block has at most 256 parts in Fn::Cidr, so the index is small.
                let index = u64::try_from(*index).unwrap_or(u64::MAX);
                json!({ "Fn::Select": [index, { "Fn::Cidr": [found, index.saturating_add(1), bits] }] })
            }
        }
    }

    fn attribute(&self, part: &Recorded, logical: &str, attribute: &str) -> Value {
        // CloudFormation shows the block that Amazon chose at the VPC and not at the association.
        if part.kind == "AWS::EC2::VPCCidrBlock" && attribute == "Ipv6CidrBlock" {
            let vpc = target(part, "VpcId")
                .and_then(|address| self.logical.get(address.as_str()).cloned());
            if let Some(vpc) = vpc {
                return json!({ "Fn::Select": [0, { "Fn::GetAtt": [vpc, "Ipv6CidrBlocks"] }] });
            }
        }
        json!({ "Fn::GetAtt": [logical, attribute] })
    }
}

fn parameter(template: &mut Template, name: &str, what: &str) -> Value {
    template.parameters.insert(
        name.to_owned(),
        json!({ "Type": "String", "Description": what }),
    );
    json!({ "Ref": name })
}

/// Text for `Fn::Sub`, in which `${!` stands for `${`.
fn escaped(text: &str) -> String {
    text.replace("${", "${!")
}

fn tag_list(tags: Map<String, Value>) -> Value {
    tags.into_iter()
        .map(|(key, value)| json!({ "Key": key, "Value": value }))
        .collect()
}

/// A logical id: letters and digits, each piece of an address with a capital.
fn camel_case(address: &str) -> String {
    address
        .split(|character: char| !character.is_ascii_alphanumeric())
        .map(|piece| {
            let mut letters = piece.chars();
            letters.next().map_or_else(String::new, |first| {
                format!("{}{}", first.to_ascii_uppercase(), letters.as_str())
            })
        })
        .collect()
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = serde_json::to_string_pretty(self).map_err(|_| fmt::Error)?;
        f.write_str(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logical_ids_are_letters_and_digits() {
        for (address, expected) in [
            ("subnet/private/use1-az1", "SubnetPrivateUse1Az1"),
            ("route/public/0.0.0.0/0", "RoutePublic00000"),
            ("vpc", "Vpc"),
        ] {
            assert_eq!(camel_case(address), expected);
        }
    }
}
