//! Folders of the workspace, and running other programs.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// What every command returns; the error is a sentence for the developer.
pub type Outcome<T> = Result<T, String>;

/// The workspace's root folder.
pub fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest
        .ancestors()
        .nth(2)
        .unwrap_or(manifest)
        .to_path_buf()
}

/// Cargo's target folder.
pub fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// A file of this crate.
pub fn own_file(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A command of cargo in the workspace, with the cargo that runs this program.
pub fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(root());
    command
}

/// Runs a command whose output the developer reads.
pub fn run(command: &mut Command) -> Outcome<()> {
    let status = command.status().map_err(|e| does_not_start(command, &e))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{} ended with {status}", line(command)))
    }
}

/// Runs a command quietly and returns its standard output; what it printed is shown if it fails.
pub fn output(command: &mut Command) -> Outcome<String> {
    let output = capture(command)?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        let printed = [output.stdout, output.stderr].concat();
        Err(format!(
            "{} ended with {}:\n{}",
            line(command),
            output.status,
            String::from_utf8_lossy(&printed)
        ))
    }
}

/// Runs a command quietly, whatever comes of it.
pub fn capture(command: &mut Command) -> Outcome<Output> {
    command
        .stdin(Stdio::null())
        .output()
        .map_err(|e| does_not_start(command, &e))
}

fn does_not_start(command: &Command, error: &std::io::Error) -> String {
    format!("{} does not start: {error}", line(command))
}

fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Builds the provider and returns the folder that holds the binary.
pub fn build_provider(release: bool) -> Outcome<PathBuf> {
    let profile = if release { "release" } else { "debug" };
    let mut build = cargo(&["build", "--package", "terraform-provider-platform"]);
    if release {
        build.arg("--release");
    }
    run(&mut build)?;
    Ok(target().join(profile))
}

/// The provider binary inside a folder.
pub fn provider_binary(folder: &Path) -> PathBuf {
    folder.join(format!(
        "terraform-provider-platform{}",
        env::consts::EXE_SUFFIX
    ))
}

/// Reads a file as text.
pub fn read(path: &Path) -> Outcome<String> {
    std::fs::read_to_string(path).map_err(|e| format!("cannot read {}: {e}", path.display()))
}

/// Writes a file, making its folder.
pub fn write(path: &Path, contents: impl AsRef<[u8]>) -> Outcome<()> {
    let written = path
        .parent()
        .map_or(Ok(()), std::fs::create_dir_all)
        .and_then(|()| std::fs::write(path, contents));
    written.map_err(|e| format!("cannot write {}: {e}", path.display()))
}

/// Empties or makes a folder.
pub fn fresh_folder(path: &Path) -> Outcome<()> {
    let emptied = if path.exists() {
        std::fs::remove_dir_all(path)
    } else {
        Ok(())
    };
    emptied
        .and_then(|()| std::fs::create_dir_all(path))
        .map_err(|e| format!("cannot make the folder {}: {e}", path.display()))
}

/// Does something slow behind a spinner that says what it is.
pub fn with_progress<T>(doing: &str, work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    let bar = ProgressBar::new_spinner().with_message(doing.to_owned());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
        bar.set_style(style);
    }
    if bar.is_hidden() {
        // No terminal, as in CI: a line instead of an animation.
        eprintln!("{doing}");
    }
    bar.enable_steady_tick(Duration::from_millis(100));
    let result = work();
    bar.finish_and_clear();
    result
}
