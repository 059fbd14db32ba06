//! The providers that are measured.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

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
    let (binary, version) = newest_binary(&mirror.join(workspace::AWS_PROVIDER))?;
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

/// The provider binary of the highest version in an unpacked mirror: `VERSION/PLATFORM/terraform-provider-...`.
fn newest_binary(folder: &Path) -> Option<(PathBuf, String)> {
    let entries = |folder: &Path| -> Vec<PathBuf> {
        fs::read_dir(folder)
            .into_iter()
            .flatten()
            .filter_map(|entry| Some(entry.ok()?.path()))
            .collect()
    };
    let name = |path: &Path| {
        path.file_name()
            .map(|name| name.to_string_lossy().into_owned())
    };
    let rank = |path: &PathBuf| -> Vec<u32> {
        name(path)
            .unwrap_or_default()
            .split('.')
            .filter_map(|number| number.parse().ok())
            .collect()
    };
    let version = entries(folder).into_iter().max_by_key(rank)?;
    let platform = entries(&version).into_iter().find(|path| path.is_dir())?;
    let is_provider =
        |path: &PathBuf| name(path).is_some_and(|name| name.starts_with("terraform-provider-aws"));
    Some((
        entries(&platform).into_iter().find(is_provider)?,
        name(&version)?,
    ))
}
