//! botocore's source distribution: AWS's protocol and endpoint suites, and its service descriptions.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::workspace::{
    Outcome, capture, fresh_folder, output, own_file, read, target, with_progress,
};

/// Fetches the distribution that `python/conformance_botocore.txt` pins by version and hash, and returns the folder it
/// is unpacked in; the tests read it from the variable `BOTOCORE_SDIST`.
///
/// `None`, with a notice, when the package index can't be reached.
///
/// # Errors
/// A distribution whose hash differs, or that can't be unpacked.
pub fn fetch(python: &Path) -> Outcome<Option<PathBuf>> {
    let pin = own_file("python/conformance_botocore.txt");
    let requirement = read(&pin)?;
    let version = requirement
        .split_once("==")
        .and_then(|(_, rest)| rest.split_whitespace().next())
        .ok_or_else(|| format!("{} names no version", pin.display()))?
        .to_owned();
    let folder = target().join("conformance");
    let unpacked = folder.join(format!("botocore-{version}"));
    // Written last, so that a broken download isn't taken for a whole one.
    let stamp = unpacked.join(".complete");
    if stamp.exists() {
        return Ok(Some(unpacked));
    }
    fresh_folder(&folder)?;
    let mut download = Command::new(python);
    download
        .args([
            "-m",
            "pip",
            "download",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
        ])
        .args([
            "--no-binary",
            "botocore",
            "--require-hashes",
            "--requirement",
        ])
        .arg(&pin)
        .arg("--dest")
        .arg(&folder);
    let downloaded = with_progress("downloading botocore's source distribution", || {
        capture(&mut download)
    })?;
    if !downloaded.status.success() {
        let reason = String::from_utf8_lossy(&downloaded.stderr).into_owned();
        if reason.contains("DO NOT MATCH THE HASHES") {
            return Err(reason);
        }
        let last = reason
            .lines()
            .rfind(|line| !line.trim().is_empty())
            .unwrap_or_default();
        println!("botocore's source distribution is left out: pip can't download it ({last})");
        return Ok(None);
    }
    output(
        Command::new(python)
            .arg(own_file("python/conformance_unpack.py"))
            .arg(folder.join(format!("botocore-{version}.tar.gz")))
            .arg(&folder),
    )?;
    crate::workspace::write(&stamp, version)?;
    Ok(Some(unpacked))
}
