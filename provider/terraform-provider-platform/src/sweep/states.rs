//! What the given states hold: it is claimed, and so no leftover.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use platform_graph::{Owner, Records};
use serde_json::Value as Json;

/// What the given states hold, by owner.
pub(super) type States = BTreeMap<Owner, Records>;

/// Reads what `terraform show -json` printed into these files.
pub(super) fn read(files: &[PathBuf]) -> Result<States, String> {
    let mut states = States::new();
    for file in files {
        let shown = read_json(file)?;
        for view in claiming(&shown).map_err(|why| format!("{}: {why}", source(file)))? {
            let owner = view.owner();
            states.entry(owner).or_default().extend(view.parts);
        }
    }
    Ok(states)
}

fn read_json(file: &Path) -> Result<Json, String> {
    let text = if file.as_os_str() == "-" {
        let mut text = String::new();
        io::stdin()
            .read_to_string(&mut text)
            .map(|_| text)
            .map_err(|error| format!("standard input can't be read: {error}"))
    } else {
        fs::read_to_string(file)
            .map_err(|error| format!("{} can't be read: {error}", file.display()))
    }?;
    serde_json::from_str(&text).map_err(|error| {
        format!(
            "{} is not what `terraform show -json` prints: {error}",
            source(file)
        )
    })
}

/// What a file is called in messages.
fn source(file: &Path) -> String {
    match file.to_str() {
        Some("-") => "standard input".to_owned(),
        _ => file.display().to_string(),
    }
}

/// The composites in a shown state. One without anything claims nothing.
fn claiming(shown: &Json) -> Result<Vec<platform_insight::CompositeView>, String> {
    if shown.get("planned_values").is_some() {
        return Err(
            "this is a plan, which does not say what exists; pass what `terraform show -json` prints for the state"
                .to_owned(),
        );
    }
    if shown.get("format_version").is_some() && shown.get("values").is_none() {
        return Ok(Vec::new());
    }
    platform_insight::inventory::from_terraform_json(shown)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn standard_input_is_called_so() {
        assert_eq!(source(Path::new("-")), "standard input");
        assert_eq!(source(Path::new("./-")), "./-");
    }

    #[test]
    fn a_state_claims_what_it_holds_and_an_empty_one_nothing() {
        let part = json!({"type": "AWS::EC2::VPC", "id": "vpc-1", "properties": {}, "refs": {}, "attributes": {}});
        let resource = json!({
            "address": "platform_network.main", "mode": "managed", "type": "platform_network", "name": "main",
            "values": {"name": "main", "region": "us-east-1", "resources": {"vpc": part}},
        });
        let shown =
            json!({"format_version": "1.0", "values": {"root_module": {"resources": [resource]}}});
        let views = claiming(&shown).unwrap();
        assert_eq!(views.len(), 1);
        assert_eq!(
            views[0].owner().to_string(),
            "platform_network/us-east-1/main"
        );
        assert_eq!(
            claiming(&json!({"format_version": "1.0"})).unwrap().len(),
            0
        );
        for (wrong, why) in [
            (
                json!({"format_version": "1.2", "planned_values": {}}),
                "plan",
            ),
            (json!({"lineage": "x"}), "raw state"),
        ] {
            let error = claiming(&wrong).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
    }
}
