//! No value of a secret is in the state, in a plan, in what Terraform prints, in the log at its most talkative, in a journal or in
//! the tags of the account.

use std::fs;
use std::path::{Path, PathBuf};

use acceptance_tests::{Outcome, Stage, ensure};
use serde_json::json;

use crate::configuration::{SECRETS, ask, value, with};

/// Every file below a folder.
fn files(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else if path.is_file() {
            found.push(path);
        }
    }
    Ok(found)
}

/// Expects none of the values in any file below a folder, zip archives of plans unpacked.
fn expect_nowhere(folder: &Path, values: &[String]) -> Outcome<usize> {
    let files = files(folder)?;
    for file in &files {
        let bytes = fs::read(file)?;
        let text = String::from_utf8_lossy(&bytes);
        for value in values {
            ensure!(!text.contains(value), "a secret is in {}", file.display());
        }
    }
    Ok(files.len())
}

#[test]
fn no_value_is_anywhere_but_in_secrets_manager() -> Outcome<()> {
    let mut stage = Stage::new()?;
    let folder = stage.terraform.folder().to_owned();
    let given = [
        "canary-first-6f1d2c",
        "canary-second-9b3e7a",
        "canary-refused-2d8c4f",
    ];
    let journals = folder.join("journals");
    fs::create_dir(&journals)?;
    for (name, value) in [
        ("TF_LOG", "TRACE".to_owned()),
        (
            "TF_LOG_PATH",
            folder.join("terraform.log").display().to_string(),
        ),
        ("XDG_RUNTIME_DIR", journals.display().to_string()),
    ] {
        stage.terraform.set_environment(name, &value);
    }
    let hcl = |version: u32| {
        with(&format!(
            "  secrets = {{ stripe = {{ value_version = {version} }}, app = {{ generate = {{ punctuation = false }} }} }}\n  values_wo = {{ stripe = var.stripe }}"
        ))
    };
    let mut printed = String::new();
    for (version, value) in (1..).zip(&given[..2]) {
        stage.terraform.set_environment("TF_VAR_stripe", value);
        stage.terraform.write(&hcl(version))?;
        printed.push_str(&stage.terraform.plan()?.json.to_string());
        printed.push_str(&stage.settle(&hcl(version), SECRETS)?.text());
    }
    // A refused write: the version is there already, with another value.
    let id = "x".repeat(40);
    let put =
        json!({ "SecretId": "shop/stripe", "SecretString": "theirs", "ClientRequestToken": id });
    ask(&stage, "PutSecretValue", &put)?;
    ask(
        &stage,
        "DeleteSecret",
        &json!({ "SecretId": "shop/stripe", "RecoveryWindowInDays": 7 }),
    )?;
    stage.terraform.set_environment("TF_VAR_stripe", given[2]);
    stage.terraform.write(&hcl(3))?;
    let refused = stage.terraform.try_apply()?.text();
    println!("{refused}");
    printed.push_str(&refused);
    printed.push_str(&stage.terraform.run(&["show", "-json"])?.text());

    let mut values: Vec<String> = given.map(str::to_owned).to_vec();
    values.push(value(&stage, "shop/app")?);
    let shown = ask(&stage, "ListSecrets", &json!({}))?.to_string();
    for value in &values {
        ensure!(!printed.contains(value), "a secret is printed");
        ensure!(!shown.contains(value), "a secret is in tags");
    }
    let searched = expect_nowhere(&folder, &values)?;
    ensure!(searched >= 5, "only {searched} files were searched");
    let log = fs::read_to_string(folder.join("terraform.log"))?;
    ensure!(log.contains("PutSecretValue"), "the log tells of the calls");
    stage.strike()
}
