//! Live progress: what a running apply writes down, and the command that shows it.
//!
//! # Flow
//! An apply appends one JSON line per step of a part to a file of its own in a folder that only its user can read.
//! `terraform-provider-platform watch` follows every such file and prints the lines for people.
//!
//! # Guarantees
//! Progress holds addresses, types, ids and AWS's words for a state, never a property. Not being able to write it is no
//! reason for an apply to fail.
//!
//! Where folders for temporary files are shared, another user may have made the folder first, or a link in its place. Then
//! nothing is written and nothing is shown: the folder must be a folder that only its owner can enter, and the owner us.

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
        Journal::open_in(&folder(), owner)
    }

    fn open_in(folder: &Path, owner: &str) -> Option<Self> {
        #[cfg_attr(not(unix), expect(unused_mut, reason = "only Unix has modes"))]
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        // It is there already after the first apply; whether it is fit is asked next.
        let _ = builder.create(folder);
        if !is_private(folder) {
            return None;
        }
        remove_those_of_the_dead(folder);
        let name = format!("{}-{}.jsonl", std::process::id(), owner.replace('/', "_"));
        let path = folder.join(name);
        // Left by a process of the same number that was killed.
        let _ = fs::remove_file(&path);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let journal = Journal {
            file: Mutex::new(options.open(&path).ok()?),
            path,
            owner: owner.to_owned(),
        };
        // Only root can write into a private folder of somebody else.
        journal.has_the_owner_of(folder).then_some(journal)
    }

    #[cfg(unix)]
    fn has_the_owner_of(&self, folder: &Path) -> bool {
        use std::os::unix::fs::MetadataExt;
        let owner = |path: &Path| fs::symlink_metadata(path).map(|about| about.uid());
        matches!((owner(&self.path), owner(folder)), (Ok(file), Ok(folder)) if file == folder)
    }

    #[cfg(not(unix))]
    fn has_the_owner_of(&self, _folder: &Path) -> bool {
        true
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
    let base = std::env::var_os("XDG_RUNTIME_DIR")
        .filter(|base| !base.is_empty())
        .map_or_else(std::env::temp_dir, PathBuf::from);
    let user = std::env::var("USER").unwrap_or_default();
    base.join(format!("terraform-provider-platform-{user}"))
}

/// Whether this is a folder, not a link to one, that nobody but its owner can enter.
fn is_private(folder: &Path) -> bool {
    let Ok(about) = fs::symlink_metadata(folder) else {
        return false;
    };
    #[cfg(unix)]
    let open_to_others = std::os::unix::fs::PermissionsExt::mode(&about.permissions()) & 0o077 != 0;
    #[cfg(not(unix))]
    let open_to_others = false;
    about.is_dir() && !open_to_others
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
        // Noted before they are read: what is written last is shown too.
        let ended: Vec<PathBuf> = followed
            .keys()
            .filter(|path| !path.exists())
            .cloned()
            .collect();
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
        followed.retain(|path, _| !ended.contains(path));
        thread::sleep(TICK);
    }
}

fn journals(folder: &Path) -> Vec<PathBuf> {
    let entries = is_private(folder).then(|| fs::read_dir(folder));
    entries
        .into_iter()
        .flatten()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|end| end == "jsonl"))
        .collect()
}

/// Removes the journals of processes that were killed: nothing is written to them any more. Only where the system tells which
/// processes there are, as Linux does in `/proc`.
fn remove_those_of_the_dead(folder: &Path) {
    let processes = Path::new("/proc");
    if !processes.join("self").exists() {
        return;
    }
    for path in journals(folder) {
        let writer = path
            .file_name()
            .and_then(|name| name.to_str())
            .and_then(|name| name.split_once('-'))
            .and_then(|(number, _)| number.parse::<u32>().ok());
        if writer.is_some_and(|writer| !processes.join(writer.to_string()).exists()) {
            // Another process may have been faster.
            let _ = fs::remove_file(&path);
        }
    }
}

/// A line of a journal for people: `main nat/use1-az1: waiting (pending), 45 s of about 90 s, nat-0123`.
fn in_words(line: &str) -> Option<String> {
    let step: Json = serde_json::from_str(line).ok()?;
    let text = |name: &str| step[name].as_str().unwrap_or_default();
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
    // AWS's words must not steer the terminal.
    words.retain(|character| !character.is_control());
    Some(words)
}

#[cfg(test)]
mod tests {
    use platform_engine::Phase;

    use super::*;

    /// A place of the test's own, and in it the folder to keep journals in, which is not there yet.
    fn place() -> (tempfile::TempDir, PathBuf) {
        let temporary = tempfile::tempdir().unwrap();
        let folder = temporary.path().join("journals");
        (temporary, folder)
    }

    #[test]
    #[cfg(unix)]
    fn a_folder_that_others_can_enter_or_a_link_is_not_used() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let (temporary, folder) = place();
        fs::create_dir(&folder).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
        assert!(Journal::open_in(&folder, "platform_network/us-east-1/a").is_none());
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
        let link = temporary.path().join("link");
        symlink(&folder, &link).unwrap();
        assert!(Journal::open_in(&link, "platform_network/us-east-1/a").is_none());
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
        assert!(Journal::open_in(&folder, "platform_network/us-east-1/a").is_some());
    }

    #[test]
    #[cfg(unix)]
    fn a_link_in_place_of_the_file_is_not_followed() {
        let (temporary, folder) = place();
        let precious = temporary.path().join("precious");
        fs::write(&precious, "kept").unwrap();
        let journal = Journal::open_in(&folder, "platform_network/us-east-1/a").unwrap();
        let path = journal.path.clone();
        drop(journal);
        std::os::unix::fs::symlink(&precious, &path).unwrap();
        let _journal = Journal::open_in(&folder, "platform_network/us-east-1/a").unwrap();
        assert!(fs::symlink_metadata(&path).unwrap().is_file());
        assert_eq!(fs::read_to_string(&precious).unwrap(), "kept");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn journals_of_processes_that_are_gone_are_removed_and_no_others() {
        let (_temporary, folder) = place();
        drop(Journal::open_in(&folder, "platform_network/us-east-1/a").unwrap());
        // Greater than the greatest number that Linux gives to a process.
        let dead = folder.join("4194305-platform_network_us-east-1_a.jsonl");
        let alive = folder.join("1-platform_network_us-east-1_a.jsonl");
        let (strange, other) = (folder.join("notes.jsonl"), folder.join("4194305-notes.txt"));
        for path in [&dead, &alive, &strange, &other] {
            fs::write(path, "").unwrap();
        }
        let _journal = Journal::open_in(&folder, "platform_network/us-east-1/b").unwrap();
        assert!(!dead.exists());
        assert!(alive.exists() && strange.exists() && other.exists());
    }

    #[test]
    fn a_journal_is_read_back_in_words_and_goes_with_its_apply() {
        let (_temporary, folder) = place();
        let journal = Journal::open_in(&folder, "platform_network/us-east-1/watched").unwrap();
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
        assert_eq!(journals(&folder), std::slice::from_ref(&path));
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
