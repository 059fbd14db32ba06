//! Values that nobody but AWS may have, and the search for them in everything that a run leaves.
//!
//! # Flow
//! A [`Canary`] makes terraform and the provider as talkative as they can be, and writes down what they print. In the end every
//! file in the working folder is searched: the state and its backup, saved plans and what they unpack to, what was printed, the
//! log, journals.
//!
//! # Guarantees
//! A search that could not find a value fails: before it begins, one is put where it has to be found.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::failure::{Failure, Outcome};
use crate::terraform::{Run, Terraform};
use crate::{ensure, workspace};

/// Where everything that is printed goes, in the working folder.
const PRINTED: &str = "printed.txt";
/// Where the log goes.
const LOG: &str = "terraform.log";

/// Listens to the runs of a working folder.
#[derive(Debug)]
pub struct Canary {
    folder: PathBuf,
}

impl Canary {
    /// Listens from now on: the log is at its most talkative, and so are the journals.
    pub fn new(terraform: &mut Terraform) -> Outcome<Self> {
        let folder = terraform.folder().to_owned();
        let journals = folder.join("journals");
        fs::create_dir(&journals)?;
        for (name, value) in [
            ("TF_LOG", "TRACE".to_owned()),
            ("TF_LOG_PATH", folder.join(LOG).display().to_string()),
            ("XDG_RUNTIME_DIR", journals.display().to_string()),
        ] {
            terraform.set_environment(name, &value);
        }
        Ok(Self { folder })
    }

    /// Writes down what a run printed, and passes the run on.
    pub fn hear(&self, run: Run) -> Outcome<Run> {
        let mut printed = OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.folder.join(PRINTED))?;
        writeln!(printed, "{}", run.text())?;
        Ok(run)
    }

    /// Plans into a file, shows the plan as people and as programs see it, and unpacks it.
    pub fn plan(&self, terraform: &Terraform, name: &str) -> Outcome<()> {
        let out = format!("-out={name}.bin");
        self.hear(terraform.run(&["plan", "-no-color", &out])?)?
            .succeeded()?;
        let file = format!("{name}.bin");
        for arguments in [
            &["show", "-no-color", &file][..],
            &["show", "-json", &file][..],
        ] {
            self.hear(terraform.run(arguments)?)?.succeeded()?;
        }
        let python = workspace::emulator_python("moto")
            .ok_or_else(|| Failure::new("moto is not installed"))?;
        let unpacked = Command::new(python)
            .args(["-m", "zipfile", "-e", &file, &format!("{name}-unpacked")])
            .current_dir(&self.folder)
            .env_clear()
            .output()?;
        ensure!(
            unpacked.status.success(),
            "{}",
            String::from_utf8_lossy(&unpacked.stderr)
        );
        Ok(())
    }

    /// Expects none of the values in any file, and the log to tell of these calls.
    pub fn expect_silence(&self, values: &[String], calls: &[&str]) -> Outcome<()> {
        let mut planted = Vec::new();
        for (nth, value) in values.iter().enumerate() {
            ensure!(value.len() >= 8, "{value} may be anywhere by chance");
            let path = self.folder.join(format!("planted-{nth}.txt"));
            let object = format!("{{\"password\":{}}}", Value::from(&value[..]));
            fs::write(&path, object)?;
            planted.push(path);
        }
        let mut found = self.search(values)?;
        for path in planted {
            ensure!(found.contains(&path), "the search does not find {path:?}");
            fs::remove_file(&path)?;
            found.retain(|other| *other != path);
        }
        ensure!(found.is_empty(), "a secret is in {found:?}");
        let log = fs::read_to_string(self.folder.join(LOG))?;
        for call in calls {
            ensure!(log.contains(call), "the log does not tell of {call}");
        }
        Ok(())
    }

    /// The files that hold one of the values, as it is or as JSON writes it.
    fn search(&self, values: &[String]) -> Outcome<Vec<PathBuf>> {
        let mut needles = Vec::new();
        for value in values {
            let escaped = Value::from(&value[..]).to_string();
            needles.push(escaped[1..escaped.len() - 1].to_owned());
            needles.push(value.clone());
        }
        let files = files(&self.folder)?;
        for expected in ["terraform.tfstate", PRINTED, LOG] {
            ensure!(
                files.iter().any(|file| file.ends_with(expected)),
                "there is no {expected} to search"
            );
        }
        let mut found = Vec::new();
        for file in files {
            let bytes = fs::read(&file)?;
            let text = String::from_utf8_lossy(&bytes);
            if needles.iter().any(|needle| text.contains(needle.as_str())) {
                found.push(file);
            }
        }
        Ok(found)
    }
}

/// Every file below a folder.
fn files(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else if path.is_file() {
            found.push(path);
        }
    }
    Ok(found)
}
