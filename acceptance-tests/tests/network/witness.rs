//! Others look at the network that the provider made: hashicorp/aws by its data sources, and boto3. What they
//! see must be what the provider's state says, so that a mistake in how it reads AWS cannot hide itself.

use std::collections::BTreeMap;
use std::fs::File;
use std::process::Command;

use acceptance_tests::{Failure, Outcome, Stage, Terraform, ensure, workspace};
use serde_json::{Value, json};

use crate::configuration::{NETWORK, WHOLE};

/// Ids of the parts in the state, by CloudFormation type, sorted.
fn ids_by_type(stage: &Stage) -> Outcome<BTreeMap<String, Vec<Value>>> {
    let mut ids = BTreeMap::<String, Vec<Value>>::new();
    for part in stage.parts(NETWORK)?.into_values() {
        ids.entry(part.kind).or_default().push(part.id);
    }
    for of_type in ids.values_mut() {
        of_type.sort_by_key(Value::to_string);
    }
    Ok(ids)
}

#[test]
fn hashicorp_aws_reads_the_network_that_was_made() -> Outcome<()> {
    let Some(mirror) = workspace::aws_provider_mirror() else {
        println!("AWS_PROVIDER_MIRROR names no mirror that holds hashicorp/aws: scenario skipped");
        return Ok(());
    };
    let stage = Stage::new()?;
    stage.settle(&WHOLE.hcl(), NETWORK)?;

    let installation = format!(
        "filesystem_mirror {{\n    path = \"{}\"\n  }}",
        mirror.display()
    );
    let mut witness = Terraform::with_installation(&stage.emulator.endpoint(), &installation)?;
    witness.set_environment("TF_VAR_owner", "platform_network/us-east-1/main");
    witness.write(&format!(
        "{}\n{}",
        r#"
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region                      = "us-east-1"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}
"#,
        include_str!("witness.tf")
    ))?;
    witness.run(&["init", "-no-color"])?.succeeded()?;
    witness.apply()?;
    let printed = witness.run(&["output", "-json"])?.succeeded()?.stdout;
    let outputs: Value = serde_json::from_str(&printed)?;
    let seen = |name: &str| outputs[name]["value"].clone();

    let recorded = ids_by_type(&stage)?;
    let ids = seen("ids");
    for (kind, found) in ids.as_object().into_iter().flatten() {
        assert_eq!(
            Some(found),
            recorded.get(kind).map(|ids| json!(ids)).as_ref(),
            "{kind}"
        );
    }
    assert_eq!(ids.as_object().map(|ids| ids.len()), Some(5), "{printed}");
    assert_eq!(
        seen("ways_out"),
        json!({
            "public": ["internet gateway"],
            "private": ["nat gateway in its zone"],
            "database": ["none"],
        })
    );
    assert_eq!(seen("zones_of_nat"), json!(WHOLE.zones));
    assert_eq!(seen("addresses_of_nat"), json!(WHOLE.zones));
    assert_eq!(seen("private_tables_with_s3"), json!(true));
    stage.strike()
}

/// boto3 lists what carries the owner's tag and what a network consists of; every id and every property that
/// both sides name must agree.
#[test]
fn boto3_finds_exactly_what_the_state_records() -> Outcome<()> {
    let stage = Stage::new()?;
    stage.settle(&WHOLE.hcl(), NETWORK)?;
    let recorded = stage.terraform.state_of(NETWORK)?["resources"].clone();
    let python =
        workspace::emulator_python("moto").ok_or_else(|| Failure::new("moto is not installed"))?;
    let file = tempfile::NamedTempFile::new()?;
    std::fs::write(file.path(), recorded.to_string())?;
    let report = Command::new(python)
        .arg(workspace::root().join("acceptance-tests/python/witness.py"))
        .arg(stage.emulator.endpoint())
        .stdin(File::open(file.path())?)
        .env_clear()
        .output()?;
    let (printed, errors) = (
        String::from_utf8_lossy(&report.stdout),
        String::from_utf8_lossy(&report.stderr),
    );
    ensure!(report.status.success(), "{printed}{errors}");
    let compared: usize = printed.trim().parse()?;
    // Fewer would mean that the names no longer meet, and that nothing is compared.
    ensure!(
        compared >= recorded.as_object().map_or(0, serde_json::Map::len),
        "only {compared} properties were compared"
    );
    Ok(())
}
