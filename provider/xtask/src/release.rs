//! `cargo xtask release`: the files of a release as the Terraform Registry wants them.
//!
//! <https://developer.hashicorp.com/terraform/registry/providers/publishing>
//!
//! Each machine or cross-compiler builds its own targets; the checksums then cover every archive that is in
//! `target/release-files`, so run it for each target before the one run that signs.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::json;
use sha2::{Digest, Sha256};

use crate::terraform::platform;
use crate::tools;
use crate::workspace::{Outcome, cargo, output, own_file, run, target, write};

const NAME: &str = "terraform-provider-platform";
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Rust's target and Terraform's platform of everything that is published.
const TARGETS: &[(&str, &str)] = &[
    ("x86_64-unknown-linux-musl", "linux_amd64"),
    ("aarch64-unknown-linux-musl", "linux_arm64"),
    ("x86_64-apple-darwin", "darwin_amd64"),
    ("aarch64-apple-darwin", "darwin_arm64"),
    ("x86_64-pc-windows-msvc", "windows_amd64"),
];

/// Builds this machine's archive, or those of `targets`; signs the checksums if a GPG key is given.
pub fn release(targets: &[String], gpg_key: Option<&str>) -> Outcome<()> {
    let folder = target().join("release-files");
    fs::create_dir_all(&folder).map_err(|e| format!("cannot make {}: {e}", folder.display()))?;
    if targets.is_empty() {
        build(None, &platform(), &folder)?;
    }
    for wanted in targets {
        let known = TARGETS
            .iter()
            .find(|(triple, _)| triple == wanted)
            .ok_or_else(|| {
                let names: Vec<&str> = TARGETS.iter().map(|(triple, _)| *triple).collect();
                format!(
                    "{wanted} is not a published target; those are {}",
                    names.join(", ")
                )
            })?;
        build(Some(wanted), known.1, &folder)?;
    }
    let manifest = json!({ "version": 1, "metadata": { "protocol_versions": ["6.0"] } });
    write(
        &folder.join(format!("{NAME}_{VERSION}_manifest.json")),
        format!("{manifest:#}\n"),
    )?;
    let sums = folder.join(format!("{NAME}_{VERSION}_SHA256SUMS"));
    write(&sums, checksums(&folder)?)?;
    if let Some(key) = gpg_key {
        // The Registry takes RSA and DSA signatures only.
        let signature = format!("{}.sig", sums.display());
        let mut sign = Command::new("gpg");
        sign.args([
            "--batch",
            "--yes",
            "--local-user",
            key,
            "--output",
            &signature,
            "--detach-sign",
        ])
        .arg(&sums);
        run(&mut sign)?;
    } else {
        println!("not signed: the Registry wants a signature, --gpg-key KEY makes it");
    }
    for name in file_names(&folder)? {
        println!("{}", folder.join(name).display());
    }
    Ok(())
}

fn build(triple: Option<&str>, platform: &str, folder: &Path) -> Outcome<()> {
    let mut build = cargo(&["build", "--release", "--package", NAME]);
    if let Some(triple) = triple {
        build.args(["--target", triple]);
    }
    run(&mut build)?;
    let suffix = if platform.starts_with("windows") {
        ".exe"
    } else {
        ""
    };
    let built = triple
        .map_or_else(target, |triple| target().join(triple))
        .join("release")
        .join(format!("{NAME}{suffix}"));
    let archive = folder.join(format!("{NAME}_{VERSION}_{platform}.zip"));
    let mut pack = Command::new(tools::moto_python()?);
    pack.arg(own_file("python/release_archive.py"))
        .args([&archive, &built]);
    output(pack.arg(format!("{NAME}_v{VERSION}{suffix}"))).map(drop)
}

/// `SHA256SUMS` of every archive and of the manifest.
fn checksums(folder: &Path) -> Outcome<String> {
    let mut lines = String::new();
    for name in file_names(folder)?
        .iter()
        .filter(|name| name.ends_with(".zip") || name.ends_with(".json"))
    {
        let bytes = fs::read(folder.join(name)).map_err(|e| format!("cannot read {name}: {e}"))?;
        let digest: String = Sha256::digest(bytes)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        lines.push_str(&format!("{digest}  {name}\n"));
    }
    Ok(lines)
}

/// Names of this version's files, sorted.
fn file_names(folder: &Path) -> Outcome<Vec<String>> {
    let entries =
        fs::read_dir(folder).map_err(|e| format!("cannot list {}: {e}", folder.display()))?;
    let ours = format!("{NAME}_{VERSION}_");
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.starts_with(&ours))
        .collect();
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_cover_archives_and_manifest_of_this_version_only() {
        let folder = tempfile::tempdir().unwrap();
        let own = |rest: &str| format!("{NAME}_{VERSION}_{rest}");
        for name in [
            own("linux_amd64.zip"),
            own("manifest.json"),
            own("SHA256SUMS"),
            format!("{NAME}_0.0.0_x.zip"),
        ] {
            write(&folder.path().join(name), "abc").unwrap();
        }
        // SHA-256 of "abc": FIPS 180-2, appendix B.1.
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let expected = format!(
            "{abc}  {}\n{abc}  {}\n",
            own("linux_amd64.zip"),
            own("manifest.json")
        );
        assert_eq!(checksums(folder.path()).unwrap(), expected);
    }
}
