//! One example of every kind: `<type>.json` with the type's `::` written as a dot.
//!
//! `full` gives every property, `minimal` only what must be there; the two differ in whatever can change in place.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use platform_graph::{Attributes, Call, Identity, KindDef, Kinds, Live, Properties};
use serde::Deserialize;
use serde_json::Value;

/// The example of one kind.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// Id of the part.
    pub id: String,
    /// What AWS chose.
    pub attributes: Attributes,
    /// The fewest properties.
    pub minimal: Properties,
    /// All properties.
    pub full: Properties,
    /// Replies to the calls of the census, in order, that list the part and others; every tagged kind has some.
    #[serde(default)]
    pub census: Vec<Value>,
    /// By each type of [`KindDef::inside_of`], a resource of that type that holds the part and others.
    #[serde(default)]
    pub inside: BTreeMap<String, Inside>,
    /// Where the kind is not as CloudFormation has it, and why: `CreateOnly KeySpec`. The words are those of
    /// `conformance_cloudformation.rs`.
    #[serde(default)]
    pub deviations: BTreeMap<String, String>,
}

/// A resource that holds the part of an example.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inside {
    /// Its id.
    pub id: String,
    /// Replies to the calls that look inside, in order.
    pub replies: Vec<Value>,
}

impl Example {
    /// The live part with these properties.
    pub fn live(&self, properties: &Properties) -> Live<Properties> {
        Live {
            id: self.id.clone(),
            properties: properties.clone(),
            attributes: self.attributes.clone(),
        }
    }

    /// The calls of the census in its rounds, as far as the example has replies to them.
    pub fn census(&self, kind: &KindDef) -> Vec<Vec<Call>> {
        let mut rounds: Vec<Vec<Call>> = Vec::new();
        let mut answered = 0;
        while let Some(replies) = self.census.get(..answered) {
            let calls = (kind.census)(replies);
            if calls.is_empty() {
                break;
            }
            answered += calls.len();
            rounds.push(calls);
        }
        rounds
    }

    /// Names of the properties that `desired` gives otherwise than `live`, and that may change in place.
    pub fn changeable<'a>(
        kind: &KindDef,
        desired: &'a Properties,
        live: &'a Properties,
    ) -> Vec<&'a str> {
        let names: BTreeSet<&str> = desired
            .keys()
            .chain(live.keys())
            .map(String::as_str)
            .collect();
        let in_place = |name: &&str| {
            *name != "Tags"
                && !kind.create_only.contains(name)
                && desired.get(*name) != live.get(*name)
        };
        names.into_iter().filter(in_place).collect()
    }
}

/// The folder of the tests.
pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests")
}

/// All kinds with their examples.
///
/// # Panics
/// Names the kinds without a readable example and the files without a kind.
pub fn all() -> (Kinds, BTreeMap<&'static str, Example>) {
    let kinds = platform_kinds::all();
    let mut examples = BTreeMap::new();
    let mut problems = Vec::new();
    let mut files: BTreeSet<String> = std::fs::read_dir(folder().join("examples"))
        .expect("the folder is there")
        .map(|entry| {
            entry
                .expect("it can be listed")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .filter(|name| name.ends_with(".json"))
        .collect();
    for kind in kinds.iter() {
        let file = format!("{}.json", kind.name.replace("::", "."));
        files.remove(&file);
        let text =
            std::fs::read_to_string(folder().join("examples").join(&file)).unwrap_or_default();
        match serde_json::from_str::<Example>(&text) {
            Ok(example) => drop(examples.insert(kind.name, example)),
            Err(problem) => problems.push(format!("examples/{file}: {problem}")),
        }
    }
    problems.extend(
        files
            .into_iter()
            .map(|file| format!("examples/{file} belongs to no kind")),
    );
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    (kinds, examples)
}

/// The identity of the part.
pub fn me(id: Option<&str>) -> Identity {
    Identity {
        owner: "platform_network/us-east-1/main".parse().expect("an owner"),
        address: "part".to_owned(),
        id: id.map(str::to_owned),
    }
}

/// The names of all properties of a kind, as serde lists them when it meets one that it does not know.
pub fn property_names(kind: &KindDef) -> BTreeSet<String> {
    let unknown = Properties::from_iter([("?".to_owned(), true.into())]);
    let problem = (kind.find)(&unknown, &me(None)).expect_err("unknown properties are refused");
    problem
        .why
        .split('`')
        .skip(1)
        .step_by(2)
        .skip(1)
        .map(str::to_owned)
        .collect()
}
