//! `cargo xtask models`: writes the service models of the AWS client.

use std::path::Path;
use std::process::Command;

use crate::conformance;
use crate::workspace::{output, own_file, root};

/// Reduces botocore's service descriptions to the operations that `provider/aws/models/operations.json` lists.
///
/// # Errors
/// Operations that AWS doesn't have, all at once; no network on the first run.
pub fn run(python: &Path) -> Result<(), String> {
    let Some(botocore) = conformance::fetch(python)? else {
        return Err(
            "the service models come from botocore's source distribution, which can't be fetched"
                .to_owned(),
        );
    };
    let models = root().join("provider/aws/models");
    output(
        Command::new(python)
            .arg(own_file("python/models_reduce.py"))
            .arg(botocore.join("botocore/data"))
            .arg(models.join("operations.json"))
            .arg(&models),
    )?;
    Ok(())
}
