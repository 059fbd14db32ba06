//! What is kept of a composite between runs.

use std::collections::BTreeMap;

use platform_composites::Ledger;
use platform_graph::Records;
use serde_json::{Map, Value as Json, json};

use super::arguments::without_nulls;
use super::render::{self, Whys};

/// A composite as its Terraform state has it.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// The configuration, without what was left out; `region` is always there.
    pub spec: Map<String, Json>,
    /// The parts.
    pub records: Records,
    /// The attribute `resources` as it is written: the records, and the parts that were planned and could not be made.
    pub resources: Json,
    /// What each part is for.
    pub whys: Whys,
    /// The attribute `changes`.
    pub changes: Json,
    /// Whether every part is there.
    pub ready: bool,
    /// Why each part that is missing is missing, by address.
    pub failures: BTreeMap<String, String>,
    /// The allocations.
    pub ledger: Ledger,
    /// The typed outputs.
    pub outputs: Map<String, Json>,
}

impl State {
    /// Reads a state's JSON. What is missing is empty: a state that was cut short is still a state.
    pub fn read(json: &Json, arguments: &[String], outputs: &[String]) -> State {
        let pick = |names: &[String]| -> Map<String, Json> {
            names
                .iter()
                .filter_map(|name| Some((name.clone(), json.get(name)?.clone())))
                .collect()
        };
        let spec = match without_nulls(Json::Object(pick(arguments))) {
            Json::Object(fields) => fields,
            _ => Map::new(),
        };
        State {
            spec,
            records: render::records_of(&json["resources"]),
            whys: render::whys_of(&json["resources"]),
            resources: json["resources"].clone(),
            changes: json["changes"].clone(),
            ready: json["ready"] == Json::Bool(true),
            failures: serde_json::from_value(json["failures"].clone()).unwrap_or_default(),
            ledger: serde_json::from_value(json["ledger"].clone()).unwrap_or_default(),
            outputs: pick(outputs),
        }
    }

    /// Name of the composite.
    pub fn name(&self) -> &str {
        self.spec
            .get("name")
            .and_then(Json::as_str)
            .unwrap_or_default()
    }

    /// Region it lives in.
    pub fn region(&self) -> &str {
        self.spec
            .get("region")
            .and_then(Json::as_str)
            .unwrap_or_default()
    }

    /// The JSON of all attributes.
    pub fn write(&self) -> Json {
        let mut all = self.spec.clone();
        all.extend(self.outputs.clone());
        all.insert(
            "id".to_owned(),
            json!(format!("{}/{}", self.region(), self.name())),
        );
        all.insert("resources".to_owned(), self.resources.clone());
        all.insert("changes".to_owned(), self.changes.clone());
        all.insert("ready".to_owned(), json!(self.ready));
        all.insert("failures".to_owned(), json!(self.failures));
        all.insert("ledger".to_owned(), json!(self.ledger));
        Json::Object(all)
    }
}
