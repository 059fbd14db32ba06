//! The same platform as a CloudFormation template.
//!
//! # Flow
//! Parts already have CloudFormation's types and property names. References become `Ref`, `Fn::GetAtt`, `Fn::Sub` and
//! `Fn::Cidr`, also those into another composite of the same template; tags become what CloudFormation has for them; what a
//! kind declares as its own is left out and said in the template's metadata. What becomes of a resource that is taken out of
//! the stack is what its kind says: a final snapshot, nothing where it holds data, its end otherwise.
//!
//! # Guarantees
//! - One template holds all composites, so that one may take what another makes.
//! - A reference to a part that is left out, or to a value that is not known yet, becomes a parameter of the template: nothing
//!   dangles.
//! - The logical id of a part rests on its composite and its address alone. What else is in the template does not change it, so
//!   that a stack which gets another composite keeps the resources it has.
//!
//! # Assumptions
//! - The id of a part is what `Ref` returns, except for a few types.
//! - An output `subnet_ids` of a composite holds the ids of its parts `subnet/...`, and `vpc_id` that of its part `vpc`.
//!
//! # Caveats
//! The template makes new resources. To take over existing ones, import them into the stack.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use platform_graph::{DeletionPolicy, Kinds, Properties, Recorded, TagForm, reference};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::CompositeView;
use crate::inventory::{awaited, open, property_refs, text};

mod names;
use names::{Names, Scope};

/// A CloudFormation template; displays as JSON.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Template {
    /// Version of the template format.
    #[serde(rename = "AWSTemplateFormatVersion")]
    pub format_version: &'static str,
    /// What the template makes.
    pub description: String,
    /// What is in the template and what is not, by the address of the composite.
    pub metadata: BTreeMap<String, Contents>,
    /// Values that the template needs, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, Value>,
    /// The resources, by logical id.
    pub resources: BTreeMap<String, Value>,
}

/// What a template holds of one composite.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Contents {
    /// Address of the part of each logical id.
    pub addresses: BTreeMap<String, String>,
    /// Parts that a template can't have, by address, and why not.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub left_out: BTreeMap<String, String>,
    /// Properties that CloudFormation does not have, `address/Property`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out_properties: Vec<String>,
}

/// Rules of cfn-lint that know whole versions of engines only, by type. RDS takes a major version as well and chooses the minor.
const WHOLE_VERSIONS: &[(&str, &str)] = &[
    ("AWS::RDS::DBCluster", "W3690"),
    ("AWS::RDS::DBInstance", "W3691"),
];

/// Most resources that a template may have.
const MOST_RESOURCES: usize = 500;
/// Most characters that the description of a template may have.
const LONGEST_DESCRIPTION: usize = 1024;

/// Writes one template of all composites.
///
/// # Errors
/// Names the regions when there are several, since a stack lives in one; says how many resources there are when they are more
/// than a template may have.
pub fn cloudformation(views: &[CompositeView], kinds: &Kinds) -> Result<Template, String> {
    let regions: BTreeSet<&str> = views.iter().filter_map(|v| v.region.as_deref()).collect();
    if regions.len() > 1 {
        let regions: Vec<&str> = regions.into_iter().collect();
        return Err(format!(
            "a CloudFormation stack lives in one region, and these composites are in {}: name one with --region, or take one composite at a time by the function cloudformation",
            regions.join(" and ")
        ));
    }
    let titles: Vec<String> = views
        .iter()
        .map(|view| format!("{} {}", view.composite, view.name))
        .collect();
    let mut template = Template {
        format_version: "2010-09-09",
        description: titles
            .join(", ")
            .trim()
            .chars()
            .take(LONGEST_DESCRIPTION)
            .collect(),
        metadata: BTreeMap::new(),
        parameters: BTreeMap::new(),
        resources: BTreeMap::new(),
    };
    let names = Names::new(views);
    for (index, view) in views.iter().enumerate() {
        let contents = Writer {
            scope: names.scope(index),
            kinds,
        }
        .write(view, &mut template);
        template.metadata.insert(view.address.clone(), contents);
    }
    let count = template.resources.len();
    if count > MOST_RESOURCES {
        return Err(format!(
            "{} resources are asked for, and a CloudFormation template may have {MOST_RESOURCES}: take one composite at a time by the function cloudformation, or split it",
            count
        ));
    }
    Ok(template)
}

/// Turns the parts of one composite into resources.
struct Writer<'a> {
    scope: Scope<'a>,
    kinds: &'a Kinds,
}

impl Writer<'_> {
    fn write(&self, view: &CompositeView, template: &mut Template) -> Contents {
        let mut contents = Contents::default();
        for (address, part) in &view.parts {
            let Some(logical) = self.scope.logical(address) else {
                let why = names::why_left_out(part).unwrap_or_default();
                contents.left_out.insert(address.clone(), why);
                continue;
            };
            contents
                .addresses
                .insert(logical.to_owned(), address.clone());
            let resource = self.resource(address, part, template, &mut contents);
            template.resources.insert(logical.to_owned(), resource);
        }
        contents
    }

    fn resource(
        &self,
        address: &str,
        part: &Recorded,
        template: &mut Template,
        contents: &mut Contents,
    ) -> Value {
        let kind = self.kinds.get(&part.kind);
        let ours = kind.map_or(&[][..], |kind| kind.ours);
        let tag_form = kind.map_or(TagForm::List("Tags"), |kind| kind.tag_form);
        let mut properties = Properties::new();
        for (name, value) in open(part) {
            if let ("MasterUserPasswordSecret", Value::String(secret)) = (name.as_str(), &value) {
                // CloudFormation takes the password itself, and fetches it too.
                let password =
                    format!("{{{{resolve:secretsmanager:{secret}:SecretString:password}}}}");
                let password = self.text(&password, template);
                properties.insert("MasterUserPassword".to_owned(), password);
                continue;
            }
            if ours.contains(&name.as_str()) {
                contents
                    .left_out_properties
                    .push(format!("{address}/{name}"));
                continue;
            }
            let value = self.value(&value, &format!("{address}/{name}"), template);
            match (name.as_str(), value, tag_form) {
                (_, Value::Null, _) => {}
                ("Tags", Value::Object(tags), TagForm::List(name)) => {
                    properties.insert(name.to_owned(), tag_list(tags));
                }
                ("Tags", tags, TagForm::Map(name)) => {
                    properties.insert(name.to_owned(), tags);
                }
                (_, value, _) => {
                    properties.insert(name, value);
                }
            }
        }
        let mut resource = Map::from_iter([
            ("Type".to_owned(), json!(part.kind)),
            ("Properties".to_owned(), Value::Object(properties)),
        ]);
        let after = self.after(part);
        if !after.is_empty() {
            resource.insert("DependsOn".to_owned(), json!(after));
        }
        let policy = kind.map_or(DeletionPolicy::Delete, |kind| {
            (kind.deletion_policy)(&part.properties)
        });
        if kind.is_some_and(|kind| kind.stateful) {
            resource.insert("DeletionPolicy".to_owned(), json!(policy));
            resource.insert("UpdateReplacePolicy".to_owned(), json!(policy));
        }
        if let Some(rule) = needless_rule(part) {
            let config = json!({ "cfn-lint": { "config": { "ignore_checks": [rule] } } });
            resource.insert("Metadata".to_owned(), config);
        }
        Value::Object(resource)
    }

    /// Logical ids of resources that CloudFormation has to make first although no property refers to them: those that the
    /// part waits for, and the IPv6 block of the VPC, whose value is read from the VPC.
    fn after(&self, part: &Recorded) -> BTreeSet<&str> {
        let referred: BTreeSet<String> = property_refs(part)
            .flat_map(|(_, text)| reference::parts_in(text))
            .collect();
        let awaited = awaited(part).filter(|address| !referred.contains(*address));
        let blocks = referred
            .iter()
            .map(String::as_str)
            .filter(|address| self.scope.kind(address) == Some("AWS::EC2::VPCCidrBlock"));
        awaited
            .chain(blocks)
            .filter_map(|address| self.scope.logical(address))
            .collect()
    }

    /// A value with its references as CloudFormation writes them. An item of a list that nothing is known of is a parameter.
    fn value(&self, value: &Value, place: &str, template: &mut Template) -> Value {
        match value {
            Value::String(text) => self.text(text, template),
            Value::Array(items) => items
                .iter()
                .enumerate()
                .map(|(index, item)| {
                    let place = format!("{place}/{index}");
                    match item {
                        Value::Null => self.scope.parameter(&place, None, &place, template),
                        item => self.value(item, &place, template),
                    }
                })
                .collect(),
            Value::Object(fields) => fields
                .iter()
                .filter(|(_, field)| !field.is_null())
                .map(|(name, field)| {
                    let place = format!("{place}/{name}");
                    (name.clone(), self.value(field, &place, template))
                })
                .collect(),
            plain => plain.clone(),
        }
    }

    fn text(&self, text: &str, template: &mut Template) -> Value {
        let tokens = reference::tokens(text);
        match &tokens[..] {
            [] => self.scope.literal(text),
            [(range, token)] if *range == (0..text.len()) => self.scope.token(token, template),
            _ => {
                let (mut pattern, mut variables) = (String::new(), Map::new());
                let mut from = 0;
                for (range, token) in &tokens {
                    pattern.push_str(&escaped(&text[from..range.start]));
                    let name = format!("Value{}", variables.len() + 1);
                    pattern.push_str(&format!("${{{name}}}"));
                    variables.insert(name, self.scope.token(token, template));
                    from = range.end;
                }
                pattern.push_str(&escaped(&text[from..]));
                json!({ "Fn::Sub": [pattern, variables] })
            }
        }
    }
}

/// The rule of cfn-lint that refuses a major version, where the part asks for one.
fn needless_rule(part: &Recorded) -> Option<&'static str> {
    let version = text(part, "EngineVersion")?;
    let is_major = version.chars().all(|character| character.is_ascii_digit());
    let (_, rule) = WHOLE_VERSIONS.iter().find(|(kind, _)| *kind == part.kind)?;
    is_major.then_some(rule)
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

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = serde_json::to_string_pretty(self).map_err(|_| fmt::Error)?;
        f.write_str(&text)
    }
}
