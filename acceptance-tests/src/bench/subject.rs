//! The providers that are measured.

use std::env;
use std::path::PathBuf;

use acceptance_tests::terraform::PROVIDER;
use acceptance_tests::{Outcome, ensure, workspace};

/// A provider and the configuration that it is measured with.
pub struct Subject {
    /// Name and version, for the table.
    pub name: String,
    /// Its binary.
    pub binary: PathBuf,
    /// Body of `provider_installation`.
    pub installation: String,
    /// Whether `terraform init` is needed; an overridden provider needs none.
    pub needs_init: bool,
    /// The network in three zones.
    pub configuration: &'static str,
}

/// This project's provider, in the folder that the environment names.
pub fn platform() -> Outcome<Subject> {
    let folder = workspace::provider_folder();
    let binary = folder.join(format!(
        "terraform-provider-platform{}",
        env::consts::EXE_SUFFIX
    ));
    ensure!(
        binary.exists(),
        "{} does not exist; `cargo xtask bench` builds it",
        binary.display()
    );
    Ok(Subject {
        name: format!("platform {}", env!("CARGO_PKG_VERSION")),
        binary,
        installation: format!(
            "dev_overrides {{\n    \"{PROVIDER}\" = \"{}\"\n  }}\n  direct {{}}",
            folder.display()
        ),
        needs_init: false,
        configuration: include_str!("platform.tf"),
    })
}

/// hashicorp/aws from the mirror that `AWS_PROVIDER_MIRROR` names, if that is set and holds it.
pub fn incumbent() -> Option<Subject> {
    let mirror = workspace::aws_provider_mirror()?;
    let (binary, version) = workspace::incumbent()?;
    Some(Subject {
        name: format!("hashicorp/aws {version}"),
        binary,
        installation: format!(
            "filesystem_mirror {{\n    path = \"{}\"\n  }}",
            mirror.display()
        ),
        needs_init: true,
        configuration: include_str!("aws.tf"),
    })
}
