//! The graph that a composite expands into.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Map, Value};

use crate::{ADDRESS_TAG, Identity, Kind, OWNER_TAG, Owner, Tags, Token, Transform, reference};

/// Properties of a part: CloudFormation property names to values.
pub type Properties = Map<String, Value>;

/// One AWS resource that is asked for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Part {
    /// CloudFormation type name.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// What it is for, in the words of the configuration: the reason that the plan prints.
    pub why: String,
    /// Desired properties; texts may hold references, see [`reference`](mod@crate::reference).
    pub properties: Properties,
    /// Addresses of parts that must be there first although no property refers to them.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub after: BTreeSet<String>,
}

impl Part {
    /// Addresses of all parts that must be ready before this one.
    pub fn dependencies(&self) -> BTreeSet<String> {
        let mut found = self.after.clone();
        for value in self.properties.values() {
            found.extend(reference::parts_of(value));
        }
        found
    }

    /// Where references stand: JSON pointer into the properties to the text with its tokens. A part that is only waited
    /// for stands under `after/<its address>`, so that a destruction knows of it too.
    pub fn refs(&self) -> BTreeMap<String, String> {
        let mut refs = BTreeMap::new();
        for (name, value) in &self.properties {
            reference::visit(value, &format!("/{name}"), &mut |pointer, text| {
                if !reference::parts_in(text).is_empty() {
                    refs.insert(pointer.to_owned(), text.to_owned());
                }
            });
        }
        for address in &self.after {
            refs.insert(format!("after/{address}"), Handle::to(address).id());
        }
        refs
    }
}

/// A typed handle to a part in a graph, for references from other parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handle {
    address: String,
}

impl Handle {
    /// A handle to the part at an address.
    pub fn to(address: impl Into<String>) -> Self {
        Handle {
            address: address.into(),
        }
    }

    /// The part's address.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// A reference to the part's id.
    pub fn id(&self) -> String {
        self.token(None, None)
    }

    /// A reference to one of the part's attributes.
    pub fn attribute(&self, name: &str) -> String {
        self.token(Some(name), None)
    }

    /// A reference to the `index`-th network of length `prefix` inside an attribute that is a CIDR block.
    pub fn subnet_of(&self, attribute: &str, prefix: u8, index: u128) -> String {
        self.token(Some(attribute), Some(Transform::Subnet { prefix, index }))
    }

    fn token(&self, attribute: Option<&str>, transform: Option<Transform>) -> String {
        let attribute = attribute.map(str::to_owned);
        Token::Part {
            address: self.address.clone(),
            attribute,
            transform,
        }
        .to_string()
    }
}

/// The parts of one composite with their references.
///
/// # Guarantees
/// Iteration is by address, so the same composite gives the same bytes. Tagged parts carry the owner's tags.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Graph {
    /// The composite whose parts these are.
    pub owner: Owner,
    /// Tags every tagged part gets, unless it has its own value for the key.
    #[serde(skip)]
    default_tags: Tags,
    /// The parts, by address.
    pub parts: BTreeMap<String, Part>,
}

impl Graph {
    /// An empty graph; `default_tags` go to every tagged part.
    pub fn new(owner: Owner, default_tags: Tags) -> Self {
        Graph {
            owner,
            default_tags,
            parts: BTreeMap::new(),
        }
    }

    /// Adds a part. A part that is already at the address is replaced, which the tests of a composite rule out.
    ///
    /// A tagged part gets, each only where the key is not set yet: the default tags and a `Name`
    /// (`<name of the composite>/<address>`); and always the owner's tags.
    pub fn add<K: Kind>(
        &mut self,
        address: impl Into<String>,
        why: impl Into<String>,
        properties: K,
    ) -> Handle {
        let address = address.into();
        // A struct of plain data always serialises to an object; anything else leaves the part without properties,
        // which the schema test of the kind catches.
        let mut properties = match serde_json::to_value(&properties) {
            Ok(Value::Object(fields)) => fields,
            _ => Map::new(),
        };
        properties.retain(|_, value| !value.is_null());
        if K::TAGGED {
            self.tag(&address, &mut properties);
        }
        let part = Part {
            kind: K::TYPE,
            why: why.into(),
            properties,
            after: BTreeSet::new(),
        };
        self.parts.insert(address.clone(), part);
        Handle { address }
    }

    fn tag(&self, address: &str, properties: &mut Properties) {
        let tags = properties
            .entry("Tags")
            .or_insert_with(|| Value::Object(Map::new()));
        let Value::Object(tags) = tags else { return };
        for (key, value) in &self.default_tags {
            tags.entry(key.clone())
                .or_insert_with(|| Value::String(value.clone()));
        }
        tags.entry("Name")
            .or_insert_with(|| Value::String(format!("{}/{address}", self.owner.name)));
        tags.insert(OWNER_TAG.to_owned(), Value::String(self.owner.to_string()));
        tags.insert(ADDRESS_TAG.to_owned(), Value::String(address.to_owned()));
    }

    /// Makes a part wait for another one that none of its properties refers to.
    pub fn after(&mut self, part: &Handle, first: &Handle) {
        if let Some(part) = self.parts.get_mut(&part.address) {
            part.after.insert(first.address.clone());
        }
    }

    /// The identity of a part whose id may be known.
    pub fn identity(&self, address: &str, id: Option<String>) -> Identity {
        Identity {
            owner: self.owner.clone(),
            address: address.to_owned(),
            id,
        }
    }

    /// References to parts that are not in the graph, and circles of references: always empty for a correct composite.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let mut waiting: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for (address, part) in &self.parts {
            let dependencies = part.dependencies();
            for missing in dependencies
                .iter()
                .filter(|other| !self.parts.contains_key(*other))
            {
                faults.push(format!(
                    "{address} refers to {missing}, which is not a part"
                ));
            }
            waiting.insert(address, dependencies);
        }
        loop {
            let ready: Vec<&str> = waiting
                .iter()
                .filter(|(_, needs)| !needs.iter().any(|need| waiting.contains_key(need.as_str())))
                .map(|(address, _)| *address)
                .collect();
            if ready.is_empty() {
                break;
            }
            for address in ready {
                waiting.remove(address);
            }
        }
        if !waiting.is_empty() {
            let circle: Vec<&str> = waiting.into_keys().collect();
            faults.push(format!(
                "these parts wait for one another: {}",
                circle.join(", ")
            ));
        }
        faults
    }
}
