//! The picture in ARCHITECTURE.md, asserted from the manifests: arrows between crates point one way only.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Crate folders under `provider/`, each with the crates of the workspace it may depend on.
const ARROWS: [(&str, &[&str]); 8] = [
    ("graph", &[]),
    ("aws", &[]),
    ("protocol", &[]),
    ("kinds", &["graph"]),
    ("composites", &["graph", "kinds"]),
    ("engine", &["aws", "graph"]),
    ("insight", &["graph"]),
    (
        "terraform-provider-platform",
        &[
            "aws",
            "composites",
            "engine",
            "graph",
            "insight",
            "kinds",
            "protocol",
        ],
    ),
];

/// Crates from outside that only one layer may know.
const KEPT_APART: [(&str, &[&str]); 4] = [
    ("tonic", &["protocol"]),
    ("hyper-rustls", &["aws"]),
    ("aws-config", &["aws"]),
    ("prost", &["protocol"]),
];

fn dependencies(folder: &str) -> BTreeSet<String> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(folder)
        .join("Cargo.toml");
    let text = fs::read_to_string(&manifest)
        .unwrap_or_else(|error| panic!("{}: {error}", manifest.display()));
    let mut section = String::new();
    let mut found = BTreeSet::new();
    for line in text.lines() {
        if line.starts_with('[') {
            section = line.trim_matches(['[', ']']).to_owned();
        } else if section == "dependencies"
            && let Some((name, _)) = line.split_once(['.', ' ', '='])
            && !name.is_empty()
            && !name.starts_with('#')
        {
            found.insert(name.to_owned());
        }
    }
    found
}

#[test]
fn arrows_point_one_way() {
    let layers: BTreeMap<&str, &[&str]> = ARROWS.into_iter().collect();
    for (folder, allowed) in &layers {
        for dependency in dependencies(folder) {
            let Some(layer) = dependency.strip_prefix("platform-") else {
                continue;
            };
            assert!(
                allowed.contains(&layer),
                "{folder} must not depend on {layer}"
            );
        }
    }
}

#[test]
fn each_layer_keeps_its_outside_to_itself() {
    for (outside, allowed) in KEPT_APART {
        for (folder, _) in ARROWS {
            let uses = dependencies(folder).contains(outside);
            assert!(
                !uses || allowed.contains(&folder),
                "{folder} must not know {outside}"
            );
            assert!(
                uses || !allowed.contains(&folder),
                "{folder} is said to use {outside}; the table is out of date"
            );
        }
    }
}
