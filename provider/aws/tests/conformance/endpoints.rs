//! The endpoint suites: the rules of every service that botocore knows, not only of those in use.

use std::io::Read as _;
use std::path::Path;

use flate2::read::GzDecoder;
use platform_aws::endpoint::rules::{Resolved, RuleSet};
use platform_aws::model;
use serde_json::{Map, Value, json};

use crate::{distribution, report};

/// Services whose cases can't apply, each with the reason.
const EXCLUDED: &[(&str, &str)] = &[];

#[test]
fn conformance_of_endpoints() {
    let Some(folder) = distribution() else { return };
    let (mut all, mut in_use, mut failures) = (0, 0, Vec::new());
    let mut suites: Vec<_> = std::fs::read_dir(folder.join("tests/functional/endpoint-rules"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("endpoint-tests-1.json").exists())
        .collect();
    suites.sort();
    for suite in suites {
        let name = suite.file_name().unwrap().to_str().unwrap();
        let rules: RuleSet =
            serde_json::from_value(rules(&folder.join("botocore/data").join(name))).unwrap();
        let tests: Value =
            serde_json::from_slice(&std::fs::read(suite.join("endpoint-tests-1.json")).unwrap())
                .unwrap();
        for case in tests["testCases"].as_array().unwrap() {
            all += 1;
            in_use += usize::from(model::services().any(|used| used == name));
            let given = case["params"].as_object().cloned().unwrap_or_default();
            if let Err(problem) = compare(rules.resolve(&given), &case["expect"]) {
                failures.push(format!("{name} {}: {problem}", case["documentation"]));
            }
        }
    }
    println!("endpoint suite: {in_use} cases are of services in use");
    report("endpoint suite", all, EXCLUDED, &failures);
}

fn compare(found: Result<Resolved, String>, expected: &Value) -> Result<(), String> {
    if let Some(error) = expected["error"].as_str() {
        return match found {
            // The suites word a missing parameter in several ways.
            Err(reason) if reason == error || reason.ends_with("is required") => Ok(()),
            other => Err(format!("{other:?}, expected the error {error:?}")),
        };
    }
    let found = found?;
    let found =
        json!({ "url": found.url, "properties": found.properties, "headers": found.headers });
    let wanted = &expected["endpoint"];
    let object = |name: &str| {
        wanted
            .get(name)
            .cloned()
            .unwrap_or_else(|| Value::Object(Map::new()))
    };
    let wanted = json!({ "url": wanted["url"], "properties": object("properties"), "headers": object("headers") });
    if found == wanted {
        Ok(())
    } else {
        Err(format!("{found}, expected {wanted}"))
    }
}

/// The rules of the newest version of a service.
fn rules(service: &Path) -> Value {
    let mut versions: Vec<_> = std::fs::read_dir(service)
        .unwrap_or_else(|error| panic!("{}: {error}", service.display()))
        .map(|entry| entry.unwrap().path())
        .collect();
    versions.sort();
    let newest = versions.pop().unwrap();
    let plain = newest.join("endpoint-rule-set-1.json");
    if plain.exists() {
        return serde_json::from_slice(&std::fs::read(plain).unwrap()).unwrap();
    }
    let mut text = String::new();
    let packed = std::fs::read(newest.join("endpoint-rule-set-1.json.gz")).unwrap();
    GzDecoder::new(&packed[..])
        .read_to_string(&mut text)
        .unwrap();
    serde_json::from_str(&text).unwrap()
}
