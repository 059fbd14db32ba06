//! The kinds against AWS's CloudFormation resource schemas, reduced to names in `cloudformation/`, a file per type.
//!
//! Where a kind is not as CloudFormation has it, its example says so and why. With `CFN_PYTHON` set to a Python that has cfn-lint,
//! the files are written anew and compared.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use crate::examples;
use platform_graph::{KindDef, TagForm};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Schema {
    /// Names of the properties, each with the names inside it.
    properties: BTreeMap<String, BTreeSet<String>>,
    create_only: BTreeSet<String>,
    read_only: BTreeSet<String>,
    required: BTreeSet<String>,
}

/// Where a kind is not as CloudFormation has it: type, what is said of it, name, and why.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Deviation {
    /// A property that the schema does not have.
    Property,
    /// A member of a property that the schema does not have: `Property.Member`.
    Member,
    /// A property that the kind replaces for and CloudFormation does not, or the other way round.
    CreateOnly,
    /// An attribute that CloudFormation does not have.
    Attribute,
    /// A property that CloudFormation requires and the kind does not have.
    Required,
}

use Deviation::{Attribute, CreateOnly, Member, Property, Required};

fn kinds_of_cloudformation() -> impl Iterator<Item = (KindDef, examples::Example)> {
    let (kinds, mut examples) = examples::all();
    let kinds: Vec<KindDef> = kinds
        .iter()
        .copied()
        .filter(|kind| !kind.name.starts_with("Custom::"))
        .collect();
    kinds.into_iter().map(move |kind| {
        (
            kind,
            examples
                .remove(kind.name)
                .expect("every kind has an example"),
        )
    })
}

fn file_of(kind: &str) -> String {
    format!("{}.json", kind.replace("::", "."))
}

fn schema(kind: &str) -> Option<Schema> {
    let file = examples::folder()
        .join("cloudformation")
        .join(file_of(kind));
    let text = std::fs::read_to_string(file).ok()?;
    Some(serde_json::from_str(&text).expect("the file is as the script writes it"))
}

/// Everything in which a kind is not as CloudFormation has it.
fn deviations(
    kind: &KindDef,
    example: &examples::Example,
    schema: &Schema,
) -> BTreeSet<(Deviation, String)> {
    let names = examples::property_names(kind);
    let mut found = BTreeSet::new();
    for name in &names {
        match schema.properties.get(name) {
            Some(_) if !schema.read_only.contains(name) => {}
            _ => drop(found.insert((Property, name.clone()))),
        }
        let declared = kind.create_only.contains(&name.as_str());
        if declared != schema.create_only.contains(name) {
            found.insert((CreateOnly, name.clone()));
        }
    }
    for (name, value) in &example.full {
        let Some(members) = schema
            .properties
            .get(name)
            .filter(|members| !members.is_empty() && name != "Tags")
        else {
            continue;
        };
        let items = value
            .as_array()
            .map_or(std::slice::from_ref(value), Vec::as_slice);
        for member in items
            .iter()
            .filter_map(|item| item.as_object())
            .flat_map(|item| item.keys())
        {
            let path = format!("{name}.{member}");
            if !members.contains(member) {
                found.insert((Member, path));
            } else if schema.create_only.contains(&path)
                && !kind.create_only.contains(&name.as_str())
            {
                found.insert((CreateOnly, path));
            }
        }
    }
    found.extend(
        kind.attributes
            .iter()
            .filter(|name| !schema.read_only.contains(**name))
            .map(|name| (Attribute, (*name).to_owned())),
    );
    found.extend(
        schema
            .required
            .iter()
            .filter(|name| !names.contains(*name))
            .map(|name| (Required, name.clone())),
    );
    found
}

#[test]
fn conformance_cloudformation() {
    let mut problems = Vec::new();
    for (kind, example) in kinds_of_cloudformation() {
        let Some(schema) = schema(kind.name) else {
            problems.push(format!(
                "cloudformation/{} is missing: run cloudformation/reduce.py",
                file_of(kind.name)
            ));
            continue;
        };
        let found: BTreeSet<String> = deviations(&kind, &example, &schema)
            .into_iter()
            .map(|(what, name)| format!("{what:?} {name}"))
            .collect();
        let known: BTreeSet<String> = example.deviations.keys().cloned().collect();
        problems.extend(found.difference(&known).map(|what| {
            format!(
                "{}: {what} is not as in CloudFormation, and its example does not say why",
                kind.name
            )
        }));
        problems.extend(known.difference(&found).map(|what| {
            format!(
                "{}: {what} is as in CloudFormation, contrary to its example",
                kind.name
            )
        }));
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// A template leaves out what a kind declares as its own, and writes tags where the kind says that CloudFormation has them.
#[test]
fn kinds_declare_what_no_template_may_hold() {
    let mut problems = Vec::new();
    for (kind, _) in kinds_of_cloudformation() {
        // A schema that is missing is what the test above complains of.
        let Some(schema) = schema(kind.name) else {
            continue;
        };
        let mut names = examples::property_names(&kind);
        if kind.tagged {
            names.remove("Tags");
            let (TagForm::List(name) | TagForm::Map(name)) = kind.tag_form;
            let members = schema.properties.get(name);
            let has_pairs = members.is_some_and(|members| members.contains("Key"));
            if members.is_none() || has_pairs != matches!(kind.tag_form, TagForm::List(_)) {
                problems.push(format!(
                    "{}: tags are no {:?} of it",
                    kind.name, kind.tag_form
                ));
            }
        }
        let found: BTreeSet<&str> = names
            .iter()
            .filter(|name| !schema.properties.contains_key(*name))
            .map(String::as_str)
            .collect();
        let declared: BTreeSet<&str> = kind.ours.iter().copied().collect();
        // What CloudFormation only shows can't be asked for either; a property may count as such for one of its members.
        let may_be = |name: &&&str| found.contains(*name) || schema.read_only.contains(**name);
        let missing = found.difference(&declared);
        problems.extend(
            missing
                .chain(declared.iter().filter(|name| !may_be(name)))
                .map(|name| format!("{}: OURS is wrong about {name}", kind.name)),
        );
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// Types without tags of their own that show those of the resources found inside others, to tell whose these are.
const SHOW_TAGS: &[&str] = &[
    "AWS::EC2::SecurityGroupEgress",
    "AWS::EC2::SecurityGroupIngress",
];

#[test]
fn a_full_example_gives_every_property_and_a_minimal_one_no_more() {
    let (kinds, examples) = examples::all();
    let mut problems = Vec::new();
    for kind in kinds.iter() {
        let example = &examples[kind.name];
        let mut names = examples::property_names(kind);
        if SHOW_TAGS.contains(&kind.name) {
            assert!(names.remove("Tags"), "{} shows no tags", kind.name);
        }
        let given: BTreeSet<String> = example.full.keys().cloned().collect();
        problems.extend(
            names
                .symmetric_difference(&given)
                .map(|name| format!("{}: {name} of the full example", kind.name)),
        );
        problems.extend(
            example
                .minimal
                .keys()
                .filter(|name| !names.contains(*name))
                .map(|name| format!("{}: {name} of the minimal example", kind.name)),
        );
        let attributes: BTreeSet<&str> = example.attributes.keys().map(String::as_str).collect();
        let declared: BTreeSet<&str> = kind.attributes.iter().copied().collect();
        problems.extend(
            attributes
                .symmetric_difference(&declared)
                .map(|name| format!("{}: attribute {name}", kind.name)),
        );
        for name in kind
            .unordered
            .iter()
            .chain(kind.create_only)
            .chain(kind.exclusive)
        {
            if !names.contains(*name) {
                problems.push(format!(
                    "{}: {name} is a property of no such kind",
                    kind.name
                ));
            }
        }
        if kind.tagged != names.contains("Tags") {
            problems.push(format!("{}: tagged is {}", kind.name, kind.tagged));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn the_schemas_are_those_of_cfn_lint() {
    let types: BTreeSet<String> = kinds_of_cloudformation()
        .map(|(kind, _)| kind.name.to_owned())
        .collect();
    let folder = examples::folder().join("cloudformation");
    let committed: BTreeSet<String> = std::fs::read_dir(&folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("it can be listed").file_name())
        .map(|name| name.to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".json"))
        .collect();
    let expected: BTreeSet<String> = types.iter().map(|kind| file_of(kind)).collect();
    assert_eq!(committed, expected, "files in cloudformation/");
    let Some(python) = std::env::var_os("CFN_PYTHON") else {
        println!("CFN_PYTHON names no Python with cfn-lint: the schemas are taken as they are");
        return;
    };
    let fresh = tempfile::tempdir().expect("a folder");
    let output = Command::new(python)
        .arg(folder.join("reduce.py"))
        .arg(fresh.path())
        .args(&types)
        .output()
        .expect("Python starts");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let read = |path: &Path| std::fs::read_to_string(path).expect("the file is there");
    let stale: Vec<&String> = expected
        .iter()
        .filter(|file| read(&fresh.path().join(file)) != read(&folder.join(file)))
        .collect();
    assert!(
        stale.is_empty(),
        "stale: write them with cloudformation/reduce.py: {stale:?}"
    );
}
