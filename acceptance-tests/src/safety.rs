//! What somebody who answers for data sees in an account: `python/safety.py`, which knows AWS and nothing of the provider.

use std::process::Command;

use serde_json::Value;

use crate::emulator::Emulator;
use crate::failure::{Failure, Outcome};
use crate::{ensure, workspace};

/// What boto3 finds.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// All is well: how many stores and facts there were, by sort.
    Safe(Value),
    /// What is wrong, by the line.
    Wrong(Vec<String>),
}

/// Looks at everything that belongs to a composite, by its type and name.
pub fn look(emulator: &Emulator, composite: &str, name: &str) -> Outcome<Found> {
    let python =
        workspace::emulator_python("moto").ok_or_else(|| Failure::new("moto is not installed"))?;
    let report = Command::new(python)
        .arg("-B")
        .arg(workspace::root().join("acceptance-tests/python/safety.py"))
        .args([&emulator.endpoint(), composite, name])
        .env_clear()
        .output()?;
    let printed = String::from_utf8_lossy(&report.stdout).into_owned();
    if report.status.success() {
        return Ok(Found::Safe(serde_json::from_str(&printed)?));
    }
    let errors = String::from_utf8_lossy(&report.stderr);
    ensure!(errors.is_empty(), "{errors}");
    Ok(Found::Wrong(printed.lines().map(str::to_owned).collect()))
}

/// Expects that all is well with so many stores of each sort.
pub fn expect(
    emulator: &Emulator,
    composite: &str,
    name: &str,
    sorts: &[(&str, u64)],
) -> Outcome<()> {
    let seen = match look(emulator, composite, name)? {
        Found::Safe(seen) => seen,
        Found::Wrong(wrong) => return Err(Failure::new(wrong.join("\n"))),
    };
    for (sort, stores) in sorts {
        let found = &seen[*sort];
        ensure!(found["stores"] == *stores, "{sort}: {found}, not {stores}");
        ensure!(found["facts"].as_u64() >= Some(*stores), "{sort}: {found}");
    }
    Ok(())
}
