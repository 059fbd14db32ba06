//! Live progress: what a running apply writes down, and the command that shows it.
//!
//! # Flow
//! An apply appends one JSON line per step of a part to a file of its own in a folder that only its user can read.
//! `terraform-provider-platform watch` follows every such file and prints the lines for people.
//!
//! # Guarantees
//! Progress holds addresses, types, ids and AWS's words for a state, never a property. Not being able to write it is no
//! reason for an apply to fail.

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use platform_engine::Progress;
use serde_json::{Value as Json, json};

/// How often the files are looked at.
const TICK: Duration = Duration::from_millis(200);

/// Writes the progress of one apply; its file is gone with it.
pub struct Journal {
    file: Mutex<File>,
    path: PathBuf,
    owner: String,
}

impl Journal {
    /// Opens the file of an apply. `None` where there is no place for it.
    pub fn open(owner: &str) -> Option<Self> {
        let folder = folder();
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&folder).ok()?;
        let path = folder.join(format!(
            "{}-{}.jsonl",
            std::process::id(),
            owner.replace('/', "_")
        ));
        let file = OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(true)
            .open(&path)
            .ok()?;
        Some(Journal {
            file: Mutex::new(file),
            path,
            owner: owner.to_owned(),
        })
    }

    /// Appends a step.
    pub fn write(&self, progress: &Progress) {
        let mut line = json!(progress);
        line["owner"] = json!(self.owner);
        // One write per line, so that a reader never sees half of one.
        let _ = self
            .file
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .write_all(format!("{line}\n").as_bytes());
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

fn folder() -> PathBuf {
    let base = std::env::var_os("XDG_RUNTIME_DIR").map_or_else(std::env::temp_dir, PathBuf::from);
    let user = std::env::var("USER").unwrap_or_default();
    base.join(format!("terraform-provider-platform-{user}"))
}

/// Shows what running applies do, until nobody reads any more.
pub fn show(out: &mut impl Write) -> io::Result<()> {
    let folder = folder();
    let mut followed: BTreeMap<PathBuf, BufReader<File>> = BTreeMap::new();
    loop {
        for path in journals(&folder) {
            if !followed.contains_key(&path)
                && let Ok(file) = File::open(&path)
            {
                followed.insert(path, BufReader::new(file));
            }
        }
        for reader in followed.values_mut() {
            let mut line = String::new();
            while reader.read_line(&mut line)? > 0 {
                if let Some(text) = in_words(&line) {
                    writeln!(out, "{text}")?;
                }
                line.clear();
            }
        }
        out.flush()?;
        followed.retain(|path, _| path.exists());
        thread::sleep(TICK);
    }
}

fn journals(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|end| end == "jsonl"))
        .collect()
}

/// A line of a journal for people: `main nat/use1-az1: waiting (pending), 45 s of about 90 s, nat-0123`.
fn in_words(line: &str) -> Option<String> {
    let step: Json = serde_json::from_str(line).ok()?;
    let text = |name: &str| step[name].as_str().unwrap_or_default().to_owned();
    let phase = match &step["phase"] {
        Json::String(phase) => phase.clone(),
        Json::Object(phase) => {
            let (phase, detail) = phase.iter().next()?;
            format!("{phase} ({})", detail.as_str().unwrap_or_default())
        }
        _ => return None,
    };
    let mut words = format!("{} {}: {phase}", text("owner"), text("address"));
    if phase.starts_with("waiting") {
        let seconds = |name: &str| step[name]["secs"].as_u64().unwrap_or_default();
        words.push_str(&format!(
            ", {} s of about {} s",
            seconds("elapsed"),
            seconds("expected")
        ));
    }
    if let Some(id) = step["id"].as_str() {
        words.push_str(&format!(", {id}"));
    }
    Some(words)
}

#[cfg(test)]
mod tests {
    use platform_engine::Phase;

    use super::*;

    #[test]
    fn a_journal_is_read_back_in_words_and_goes_with_its_apply() {
        let journal = Journal::open("platform_network/us-east-1/watched").unwrap();
        let progress = |phase| Progress {
            address: "nat/use1-az1".to_owned(),
            kind: "AWS::EC2::NatGateway".to_owned(),
            phase,
            id: Some("nat-0123".to_owned()),
            elapsed: Duration::from_secs(45),
            expected: Duration::from_secs(90),
        };
        journal.write(&progress(Phase::Waiting("pending".to_owned())));
        journal.write(&progress(Phase::Done));
        let path = journal.path.clone();
        assert!(journals(&folder()).contains(&path));
        let lines: Vec<String> = fs::read_to_string(&path)
            .unwrap()
            .lines()
            .filter_map(in_words)
            .collect();
        assert_eq!(
            lines,
            [
                "platform_network/us-east-1/watched nat/use1-az1: waiting (pending), 45 s of about 90 s, nat-0123",
                "platform_network/us-east-1/watched nat/use1-az1: done, nat-0123",
            ]
        );
        drop(journal);
        assert!(!path.exists());
    }
}
