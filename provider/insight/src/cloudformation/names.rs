//! What things are called in a template: logical ids, references between resources, parameters.

use std::collections::BTreeMap;

use platform_graph::{Recorded, Token, Transform};
use serde_json::{Value, json};

use super::Template;
use crate::CompositeView;
use crate::inventory::{target, text};

/// Types whose id is not what `Ref` returns, with the attribute that is.
const IDS: &[(&str, &str)] = &[
    ("AWS::EC2::EIP", "AllocationId"),
    ("AWS::EC2::SecurityGroup", "GroupId"),
    ("AWS::EC2::VPCCidrBlock", "Id"),
    ("AWS::IAM::ManagedPolicy", "PolicyArn"),
];

/// Types of parameters that CloudFormation checks, by the output of a composite that the value comes from.
const PARAMETER_TYPES: &[(&str, &str)] = &[
    ("security_group_ids", "AWS::EC2::SecurityGroup::Id"),
    ("subnet_ids", "AWS::EC2::Subnet::Id"),
    ("vpc_id", "AWS::EC2::VPC::Id"),
];

/// The names in one template.
pub(super) struct Names<'a> {
    composites: Vec<Composite<'a>>,
    /// The parts whose ids AWS chose, by these: composite and address.
    chosen: BTreeMap<&'a str, (usize, &'a str)>,
}

struct Composite<'a> {
    view: &'a CompositeView,
    /// How the names of its resources and parameters begin.
    prefix: String,
    /// Logical id by address, of parts that are in the template.
    logical: BTreeMap<&'a str, String>,
}

/// The names as one composite sees them.
pub(super) struct Scope<'a> {
    names: &'a Names<'a>,
    index: usize,
}

impl<'a> Names<'a> {
    pub(super) fn new(views: &'a [CompositeView]) -> Self {
        let mut chosen = BTreeMap::new();
        for (index, view) in views.iter().enumerate() {
            for (address, part) in &view.parts {
                let named = |id: &str| part.properties.values().any(|value| value == id);
                if let Some(id) = part.id.as_deref().filter(|id| !named(id)) {
                    chosen.insert(id, (index, address.as_str()));
                }
            }
        }
        Names {
            composites: views.iter().map(Composite::new).collect(),
            chosen,
        }
    }

    pub(super) fn scope(&'a self, index: usize) -> Scope<'a> {
        Scope { names: self, index }
    }
}

/// Why a template can't have a part; `None` where it can.
pub(super) fn why_left_out(part: &Recorded) -> Option<String> {
    match part.kind.as_str() {
        "AWS::IAM::ServiceLinkedRole" => {
            let service = text(part, "AWSServiceName").unwrap_or_default();
            Some(format!(
                "the account has it once, and a stack fails where it is there already: aws iam create-service-linked-role --aws-service-name {service}"
            ))
        }
        "AWS::KMS::ReplicaKey" => {
            let region = text(part, "Region").unwrap_or("another region");
            Some(format!("it is in {region}, which takes a stack of its own"))
        }
        kind => kind
            .starts_with("Custom::")
            .then(|| format!("CloudFormation has no type for {kind}")),
    }
}

impl<'a> Composite<'a> {
    fn new(view: &'a CompositeView) -> Self {
        let sort = view.composite.trim_start_matches("platform_");
        let prefix = camel_case(&format!("{sort}/{}", view.name));
        let in_template = |(_, part): &(&String, &Recorded)| why_left_out(part).is_none();
        let mut sharing: BTreeMap<String, usize> = BTreeMap::new();
        for (address, _) in view.parts.iter().filter(in_template) {
            *sharing.entry(camel_case(address)).or_default() += 1;
        }
        let logical = view
            .parts
            .iter()
            .filter(in_template)
            .map(|(address, _)| {
                let name = camel_case(address);
                // `a-b` and `a/b` would share a name; what tells them apart rests on the address alone.
                let mark = match sharing.get(&name) {
                    Some(2..) => format!("{:08X}", fingerprint(address)),
                    _ => String::new(),
                };
                (address.as_str(), format!("{prefix}{name}{mark}"))
            })
            .collect();
        Composite {
            view,
            prefix,
            logical,
        }
    }
}

impl Scope<'_> {
    fn own(&self) -> &Composite<'_> {
        &self.names.composites[self.index]
    }

    /// The logical id of an own part.
    pub(super) fn logical(&self, address: &str) -> Option<&str> {
        self.own().logical.get(address).map(String::as_str)
    }

    /// The type of an own part.
    pub(super) fn kind(&self, address: &str) -> Option<&str> {
        self.own()
            .view
            .parts
            .get(address)
            .map(|part| part.kind.as_str())
    }

    /// A text as it is, unless it is the id of a resource that the template makes for another composite.
    pub(super) fn literal(&self, text: &str) -> Value {
        match self.names.chosen.get(text) {
            Some((index, address)) if *index != self.index => self
                .names
                .scope(*index)
                .id(address)
                .unwrap_or_else(|| json!(text)),
            _ => json!(text),
        }
    }

    /// A reference as CloudFormation writes it; a parameter where it leads out of the template.
    pub(super) fn token(&self, token: &Token, template: &mut Template) -> Value {
        let (address, attribute, transform) = match token {
            Token::Config { path } => return self.argument(path, template),
            Token::Part {
                address,
                attribute,
                transform,
            } => (address, attribute.as_deref(), transform),
        };
        let found = match attribute {
            None => self.id(address),
            Some(attribute) => self.attribute(address, attribute),
        };
        let Some(found) = found else {
            let what = format!("{} of {address}", attribute.unwrap_or("id"));
            let name = format!("{address}/{}", attribute.unwrap_or_default());
            return self.parameter(&name, None, &what, template);
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

    /// What an argument stands for: a resource of the composite that was given, where that is in the template.
    fn argument(&self, path: &str, template: &mut Template) -> Value {
        self.given(path)
            .unwrap_or_else(|| self.parameter(path, Some(path), path, template))
    }

    fn given(&self, path: &str) -> Option<Value> {
        let mut steps = path.split('.');
        let (argument, output) = (steps.next()?, steps.next()?);
        let (region, name) = self.own().view.given.get(argument)?.split_once('/')?;
        let composite = format!("platform_{argument}");
        let index = self.names.composites.iter().position(|other| {
            let owner = other.view.owner();
            (&*owner.composite, &*owner.region, &*owner.name) == (&*composite, region, name)
        })?;
        let sort = output
            .strip_suffix("_ids")
            .or_else(|| output.strip_suffix("_id"))?
            .replace('_', "-");
        let address: Vec<&str> = [sort.as_str()].into_iter().chain(steps).collect();
        self.names.scope(index).id(&address.join("/"))
    }

    /// A parameter of the template; `argument` is the path of the argument that it stands for.
    pub(super) fn parameter(
        &self,
        name: &str,
        argument: Option<&str>,
        what: &str,
        template: &mut Template,
    ) -> Value {
        let own = self.own();
        let name = format!("{}{}", own.prefix, camel_case(name));
        let ty = argument
            .and_then(|path| {
                let output = path.split('.').nth(1)?;
                PARAMETER_TYPES.iter().find(|(known, _)| *known == output)
            })
            .map_or("String", |(_, ty)| ty);
        let parameter =
            json!({ "Type": ty, "Description": format!("{}: {what}", own.view.address) });
        template.parameters.insert(name.clone(), parameter);
        json!({ "Ref": name })
    }

    fn id(&self, address: &str) -> Option<Value> {
        let logical = self.logical(address)?;
        let kind = self.kind(address)?;
        Some(match IDS.iter().find(|(known, _)| *known == kind) {
            Some((_, attribute)) => json!({ "Fn::GetAtt": [logical, attribute] }),
            None => json!({ "Ref": logical }),
        })
    }

    fn attribute(&self, address: &str, attribute: &str) -> Option<Value> {
        let logical = self.logical(address)?;
        let part = self.own().view.parts.get(address)?;
        // CloudFormation shows the block that Amazon chose at the VPC and not at the association.
        if part.kind == "AWS::EC2::VPCCidrBlock" && attribute == "Ipv6CidrBlock" {
            let vpc = target(part, "VpcId");
            if let Some(vpc) = vpc.as_deref().and_then(|vpc| self.logical(vpc)) {
                return Some(
                    json!({ "Fn::Select": [0, { "Fn::GetAtt": [vpc, "Ipv6CidrBlocks"] }] }),
                );
            }
        }
        Some(json!({ "Fn::GetAtt": [logical, attribute] }))
    }
}

/// Letters and digits, each piece of an address with a capital.
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

/// A number that stays the same for an address: FNV-1a.
fn fingerprint(address: &str) -> u32 {
    address.bytes().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
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

    #[test]
    fn addresses_that_would_share_a_name_are_told_apart_whatever_else_there_is() {
        let ids = |addresses: &[&str]| -> BTreeMap<String, String> {
            let parts: serde_json::Map<String, Value> = addresses
                .iter()
                .map(|address| ((*address).to_owned(), json!({ "type": "AWS::S3::Bucket" })))
                .collect();
            let view = crate::inventory::from_resources(&Value::Object(parts)).unwrap();
            let composite = Composite::new(&view);
            composite
                .logical
                .iter()
                .map(|(address, id)| ((*address).to_owned(), id.clone()))
                .collect()
        };
        let two = ids(&["bucket/a-b", "bucket/a/b", "bucket/c"]);
        assert_ne!(two["bucket/a-b"], two["bucket/a/b"]);
        assert_eq!(two["bucket/c"], "BucketC");
        let three = ids(&["bucket/A/b", "bucket/a-b", "bucket/a/b"]);
        for address in ["bucket/a-b", "bucket/a/b"] {
            assert_eq!(three[address], two[address]);
        }
    }
}
