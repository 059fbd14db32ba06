//! The tools that the commands use, installed under `target/tools` when first needed.
//!
//! # Flow
//!
//! Python tools: one virtual environment per group, pinned by `tools/<group>.lock` with every file's
//! hash. A stamp inside holds the lock's own hash; a group is installed again when they differ.
//! Terraform: the one on `PATH` if it is new enough, otherwise a pinned release whose checksum is
//! verified.
//!
//! # Guarantees
//!
//! Nothing is installed outside `target/`, and nothing is left half-installed: the stamp is written last.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest, Sha256};

use crate::workspace::{
    Outcome, fresh_folder, output, own_file, read, target, with_progress, write,
};

const TERRAFORM_VERSION: &str = "1.11.4";
const TERRAFORM_FLOOR: (u32, u32) = (1, 8);

/// Platform and SHA-256 of the release archives, as `terraform_1.11.4_SHA256SUMS` lists them.
const TERRAFORM_ARCHIVES: &[(&str, &str, &str, &str)] = &[
    (
        "linux",
        "x86_64",
        "linux_amd64",
        "1ce994251c00281d6845f0f268637ba50c0005657eb3cf096b92f753b42ef4dc",
    ),
    (
        "linux",
        "aarch64",
        "linux_arm64",
        "a43d1d0da9b9bab214a8305a39db0e40869572594ccf50c416a7756499143633",
    ),
    (
        "macos",
        "x86_64",
        "darwin_amd64",
        "a56d5002b9f7647291faccc3dd1a70350e60fb61e4c45037629508b8fdc2575b",
    ),
    (
        "macos",
        "aarch64",
        "darwin_arm64",
        "867e0808fa971217043e25b7a792b10720c79b1546f8a68479b74f138be73e18",
    ),
];

/// A group of Python tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// moto, botocore, cfn-lint and python-hcl2.
    Moto,
    /// ministack.
    Ministack,
    /// LocalStack's last community release.
    LocalStack,
}

impl Group {
    /// Name of the lock file and of the folder.
    pub fn name(self) -> &'static str {
        match self {
            Group::Moto => "moto",
            Group::Ministack => "ministack",
            Group::LocalStack => "localstack",
        }
    }
}

/// Installs a group if needed and returns its Python interpreter.
///
/// `None` for LocalStack on a machine without the one Python version it runs on.
pub fn python(group: Group) -> Outcome<Option<PathBuf>> {
    let interpreter = match group {
        Group::LocalStack => match find_python(&["python3.13"], (3, 13), Some((3, 13))) {
            Some(found) => found,
            None => return Ok(None),
        },
        Group::Moto | Group::Ministack => system_python()?,
    };
    let name = group.name();
    install(name, &interpreter, |lock| {
        let uv = install("uv", &system_python()?, |uv_lock| {
            let pip = bin(&tool_folder("uv"), "python");
            output(
                Command::new(pip)
                    .args(["-m", "pip", "install", "--quiet", "--require-hashes", "-r"])
                    .arg(uv_lock),
            )
        })?;
        let mut command = Command::new(bin(&uv, "uv"));
        // Emulators start a hundred times in a test run, and write no bytecode themselves.
        command.args(["pip", "install", "--quiet", "--require-hashes"]);
        command.args(["--compile-bytecode", "--python"]);
        output(
            command
                .arg(bin(&tool_folder(name), "python"))
                .arg("-r")
                .arg(lock),
        )
    })?;
    Ok(Some(bin(&tool_folder(name), "python")))
}

/// The interpreter of a group that every machine can have.
pub fn moto_python() -> Outcome<PathBuf> {
    python(Group::Moto)?.ok_or_else(|| "the moto group has no interpreter".into())
}

/// Terraform: from `TERRAFORM`, `PATH` or `target/tools`, downloaded if there is none.
pub fn terraform() -> Outcome<PathBuf> {
    let downloaded = tool_folder("terraform").join("terraform");
    let named = env::var_os("TERRAFORM").map(PathBuf::from);
    let candidates = named
        .into_iter()
        .chain(on_path("terraform"))
        .chain([downloaded.clone()]);
    for candidate in candidates {
        if terraform_version(&candidate).is_some_and(|version| version >= TERRAFORM_FLOOR) {
            return Ok(candidate);
        }
    }
    let (os, architecture) = (env::consts::OS, env::consts::ARCH);
    let archive = TERRAFORM_ARCHIVES
        .iter()
        .find(|(o, a, ..)| (*o, *a) == (os, architecture));
    let (.., platform, checksum) = archive.ok_or_else(|| {
        format!("no Terraform release is pinned for {os} on {architecture}; put Terraform 1.8 or newer on PATH")
    })?;
    let folder = tool_folder("terraform");
    with_progress(
        &format!("Downloading Terraform {TERRAFORM_VERSION}"),
        || {
            fresh_folder(&folder)?;
            let script = own_file("python/terraform_download.py");
            let mut download = Command::new(system_python()?);
            download
                .arg(script)
                .args([TERRAFORM_VERSION, platform, checksum])
                .arg(&folder);
            output(&mut download)
        },
    )?;
    Ok(downloaded)
}

/// Whether a program is on `PATH`.
pub fn on_path(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let file = format!("{program}{}", env::consts::EXE_SUFFIX);
    env::split_paths(&path)
        .map(|folder| folder.join(&file))
        .find(|file| file.is_file())
}

fn terraform_version(binary: &Path) -> Option<(u32, u32)> {
    if !binary.is_file() {
        return None;
    }
    let mut command = Command::new(binary);
    command
        .args(["version", "-json"])
        .env("CHECKPOINT_DISABLE", "1")
        .env_remove("TF_CLI_CONFIG_FILE");
    let report: serde_json::Value = serde_json::from_str(&output(&mut command).ok()?).ok()?;
    let mut numbers = report["terraform_version"].as_str()?.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

fn tool_folder(name: &str) -> PathBuf {
    target().join("tools").join(name)
}

fn bin(folder: &Path, program: &str) -> PathBuf {
    let scripts = if cfg!(windows) { "Scripts" } else { "bin" };
    folder
        .join(scripts)
        .join(format!("{program}{}", env::consts::EXE_SUFFIX))
}

/// Makes the virtual environment `name` and fills it, unless its stamp says that it is up to date.
fn install(
    name: &str,
    interpreter: &Path,
    fill: impl FnOnce(&Path) -> Outcome<String>,
) -> Outcome<PathBuf> {
    let folder = tool_folder(name);
    let lock = own_file(&format!("tools/{name}.lock"));
    let stamp = folder.join("lock.sha256");
    let wanted = digest(&read(&lock)?);
    if fs::read_to_string(&stamp).is_ok_and(|have| have == wanted) {
        return Ok(folder);
    }
    with_progress(&format!("Installing {name} under target/tools"), || {
        fresh_folder(&folder)?;
        let mut environment = Command::new(interpreter);
        output(environment.args(["-m", "venv"]).arg(&folder)).map_err(|e| {
            format!("{e}\nOn Debian and Ubuntu the package python3-venv provides this module.")
        })?;
        fill(&lock)?;
        write(&stamp, &wanted)
    })?;
    Ok(folder)
}

fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn system_python() -> Outcome<PathBuf> {
    find_python(
        &[
            "python3",
            "python3.13",
            "python3.12",
            "python3.11",
            "python",
        ],
        (3, 11),
        None,
    )
    .ok_or_else(|| {
        "Python 3.11 or newer is needed on PATH (for the AWS emulators), and none was found".into()
    })
}

/// The first interpreter among `names` on `PATH`, or among pyenv's, whose version is in the range.
fn find_python(names: &[&str], least: (u32, u32), most: Option<(u32, u32)>) -> Option<PathBuf> {
    let fits = |candidate: &PathBuf| {
        let version = python_version(candidate);
        version.is_some_and(|version| version >= least && most.is_none_or(|most| version <= most))
    };
    names
        .iter()
        .filter_map(|name| on_path(name))
        .chain(pyenv_pythons())
        .find(fits)
}

fn python_version(interpreter: &Path) -> Option<(u32, u32)> {
    let script = "import sys; print(*sys.version_info[:2])";
    let version = output(Command::new(interpreter).args(["-c", script])).ok()?;
    let mut numbers = version.split_whitespace();
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

/// pyenv's shims refuse versions that are installed but not selected, so look at the versions themselves.
fn pyenv_pythons() -> Vec<PathBuf> {
    let home = env::var_os("PYENV_ROOT")
        .map(PathBuf::from)
        .or_else(|| Some(Path::new(&env::var_os("HOME")?).join(".pyenv")));
    let versions = home.and_then(|home| fs::read_dir(home.join("versions")).ok());
    let mut found: Vec<PathBuf> = versions
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(bin(&entry.ok()?.path(), "python")))
        .collect();
    found.sort();
    found.reverse();
    found
}
