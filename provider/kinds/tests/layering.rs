//! What the sources of the kinds may not contain, and where each kind lives.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A kind does no I/O, has no clock, does not wait and starts nothing. Addresses of `std::net` are plain values.
const FORBIDDEN: [&str; 15] = [
    "async ",
    ".await",
    "tokio",
    "std::time",
    "std::thread",
    "std::fs",
    "std::io",
    "std::env",
    "std::process",
    "std::sync",
    "TcpStream",
    "UdpSocket",
    "ToSocketAddrs",
    "SystemTime",
    "Instant",
];

fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("it can be listed").path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).expect("sources are text");
            found.push((path, text));
        }
    }
    found
}

fn all_sources() -> Vec<(PathBuf, String)> {
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
}

#[test]
fn a_kind_only_computes() {
    let mut problems = Vec::new();
    for (path, text) in all_sources() {
        for (number, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            let words = FORBIDDEN.iter().filter(|word| code.contains(**word));
            problems.extend(words.map(|word| format!("{}:{}: {word}", path.display(), number + 1)));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn a_kind_lives_in_the_file_of_its_name() {
    let mut homes: BTreeMap<String, PathBuf> = BTreeMap::new();
    for (path, text) in all_sources() {
        for line in text
            .lines()
            .filter(|line| line.trim_start().starts_with("const TYPE: &'static str = "))
        {
            let kind = line
                .split('"')
                .nth(1)
                .expect("the type is a literal")
                .to_owned();
            // Acronyms make the place of underscores a matter of taste.
            let file = path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .replace('_', "");
            let name = kind.rsplit("::").next().unwrap_or_default().to_lowercase();
            assert_eq!(file, name, "{kind} is in {}", path.display());
            if let Some(before) = homes.insert(kind.clone(), path.clone()) {
                panic!(
                    "{kind} is in {} and in {}",
                    before.display(),
                    path.display()
                );
            }
        }
    }
    let registered: Vec<String> = platform_kinds::all()
        .iter()
        .map(|kind| kind.name.to_owned())
        .collect();
    assert_eq!(
        registered,
        homes.into_keys().collect::<Vec<_>>(),
        "every kind that is written is registered"
    );
}
