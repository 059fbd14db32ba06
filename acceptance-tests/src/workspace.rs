//! Where the provider and the tools are.
//!
//! | what | variable | otherwise |
//! |---|---|---|
//! | folder of the provider binary | `TERRAFORM_PROVIDER_PLATFORM_DIR` | `target/debug` |
//! | terraform | `TERRAFORM` | `target/tools/terraform/terraform`, then `PATH` |
//! | a mirror that holds hashicorp/aws | `AWS_PROVIDER_MIRROR` | none |
//! | an emulator's Python | `MOTO_PYTHON`, `MINISTACK_PYTHON`, `LOCALSTACK_PYTHON` | `target/tools/<name>/bin/python` |

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// The workspace's root folder.
pub fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_path_buf()
}

/// Cargo's target folder.
pub fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// The folder that holds the provider binary under test.
pub fn provider_folder() -> PathBuf {
    env::var_os("TERRAFORM_PROVIDER_PLATFORM_DIR")
        .map_or_else(|| target().join("debug"), PathBuf::from)
}

/// The terraform binary.
pub fn terraform() -> PathBuf {
    if let Some(path) = env::var_os("TERRAFORM") {
        return PathBuf::from(path);
    }
    let downloaded = target().join("tools/terraform/terraform");
    if downloaded.exists() {
        downloaded
    } else {
        PathBuf::from("terraform")
    }
}

/// Source address of the provider that most of Terraform's users know AWS by.
pub const AWS_PROVIDER: &str = "registry.terraform.io/hashicorp/aws";

/// A filesystem mirror that holds [`AWS_PROVIDER`], if there is one.
pub fn aws_provider_mirror() -> Option<PathBuf> {
    let mirror = PathBuf::from(env::var_os("AWS_PROVIDER_MIRROR")?);
    mirror.join(AWS_PROVIDER).is_dir().then_some(mirror)
}

/// The binary of hashicorp/aws in that mirror, of its highest version, and the version.
///
/// An unpacked mirror holds it as `VERSION/PLATFORM/terraform-provider-...`.
pub fn incumbent() -> Option<(PathBuf, String)> {
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
    let versions = entries(&aws_provider_mirror()?.join(AWS_PROVIDER));
    let version = versions.into_iter().max_by_key(rank)?;
    let platform = entries(&version).into_iter().find(|path| path.is_dir())?;
    let is_provider =
        |path: &PathBuf| name(path).is_some_and(|name| name.starts_with("terraform-provider-aws"));
    Some((
        entries(&platform).into_iter().find(is_provider)?,
        name(&version)?,
    ))
}

/// The Python interpreter that has the named emulator installed, if there is one.
pub fn emulator_python(name: &str) -> Option<PathBuf> {
    let path = env::var_os(format!("{}_PYTHON", name.to_uppercase())).map_or_else(
        || target().join("tools").join(name).join("bin/python"),
        PathBuf::from,
    );
    path.exists().then_some(path)
}
