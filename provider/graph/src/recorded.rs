//! What is known of a part from an earlier run or from AWS.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Attributes, Properties};

/// One part as the state keeps it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recorded {
    /// CloudFormation type name.
    #[serde(rename = "type")]
    pub kind: String,
    /// Id in AWS; `None` for a part that was planned and could not be created.
    pub id: Option<String>,
    /// Properties as AWS last showed them, restricted to those that were asked for. References are resolved.
    pub properties: Properties,
    /// Where resolved references came from: JSON pointer into `properties` to the text with its `${part:...}` tokens.
    #[serde(default)]
    pub refs: BTreeMap<String, String>,
    /// Values only AWS could choose; `None` for a part that does not exist.
    pub attributes: Option<Attributes>,
}

/// Everything recorded of one composite, by address.
pub type Records = BTreeMap<String, Recorded>;

impl Recorded {
    /// Addresses of the parts this one was made with references to.
    pub fn references(&self) -> impl Iterator<Item = String> + '_ {
        self.refs
            .values()
            .flat_map(|text| crate::reference::parts_in(text))
    }

    /// The id or one attribute, for a reference from another part.
    pub fn lookup(&self, attribute: Option<&str>) -> Option<serde_json::Value> {
        match attribute {
            None => self.id.clone().map(serde_json::Value::String),
            Some(name) => self
                .attributes
                .as_ref()?
                .get(name)
                .filter(|value| !value.is_null())
                .cloned(),
        }
    }
}
