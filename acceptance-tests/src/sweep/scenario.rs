//! What a sweep applies: a folder of plain HCL.
//!
//! # The folder
//!
//! | file | meaning |
//! |---|---|
//! | `create.tf`, else `main.tf` | what is created |
//! | `update.tf` | takes its place in the update |
//! | `update/` | files that are added to the others in the update, or take the place of those of the same name |
//! | `scenario.json` | `{ "of": "../path" }`: the files of that folder come first, these are added |
//! | everything else | belongs to both |
//!
//! Without `update.tf` and `update/` there is no update to sweep. Modules are named by relative paths, as usual.
//!
//! # Guarantees
//!
//! The folder itself is only read: terraform runs in a [staged](Scenario::stage) copy.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Component, Path, PathBuf};

use serde::Deserialize;

use super::point::Phase;
use crate::failure::{Failure, Outcome};
use crate::{ensure, workspace};

/// A folder of configurations.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// How it was named.
    pub name: String,
    /// Where the configuration stands, for the relative paths in it.
    folder: PathBuf,
    create: Files,
    update: Option<Files>,
}

/// Files and folders by the name they get in the working folder.
type Files = BTreeMap<String, PathBuf>;

/// What `scenario.json` says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    of: PathBuf,
}

/// Where the scenarios of this project are.
pub fn folder() -> PathBuf {
    workspace::root().join("acceptance-tests/scenarios")
}

/// The scenario that hashicorp/aws is swept with, to compare.
pub const INCUMBENT: &str = "hashicorp-aws";

/// The scenarios of this project's provider, by name.
pub fn all() -> Outcome<Vec<Scenario>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder())? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_dir() && name != INCUMBENT {
            names.push(name);
        }
    }
    names.sort();
    names.iter().map(|name| Scenario::named(name)).collect()
}

impl Scenario {
    /// The scenario of this name, or else in the folder with this path; relative paths count from the current folder
    /// and from the project's.
    pub fn named(name: &str) -> Outcome<Self> {
        let candidates = [
            folder().join(name),
            PathBuf::from(name),
            workspace::root().join(name),
        ];
        let found = candidates.iter().find(|path| path.is_dir());
        let path = found.ok_or_else(|| {
            Failure::new(format!(
                "`{name}` is neither a scenario in {} nor a folder",
                folder().display()
            ))
        })?;
        Self::read(name, &fs::canonicalize(path)?)
    }

    fn read(name: &str, own: &Path) -> Outcome<Self> {
        let settings = own.join("scenario.json");
        let (folder, mut create) = if settings.exists() {
            let settings: Settings = serde_json::from_str(&fs::read_to_string(&settings)?)
                .map_err(|e| Failure::new(format!("{}: {e}", settings.display())))?;
            let of = own.join(settings.of);
            let of = fs::canonicalize(&of)
                .map_err(|e| Failure::new(format!("{}: {e}", of.display())))?;
            let files = files(&of)?;
            (of, files)
        } else {
            (own.to_path_buf(), Files::new())
        };
        create.extend(files(own)?);
        let replacement = create.remove("update.tf");
        let overlay = create.remove("update");
        let base = if create.contains_key("create.tf") {
            "create.tf"
        } else {
            "main.tf"
        };
        ensure!(
            create.contains_key(base),
            "{} holds neither create.tf nor main.tf",
            own.display()
        );
        let update = match (replacement, overlay) {
            (None, None) => None,
            (replacement, overlay) => {
                let mut update = create.clone();
                if let Some(replacement) = replacement {
                    update.insert(base.to_owned(), replacement);
                }
                if let Some(overlay) = overlay {
                    update.extend(files(&overlay)?);
                }
                Some(update)
            }
        };
        Ok(Self {
            name: name.to_owned(),
            folder,
            create,
            update,
        })
    }

    /// What can be swept of it.
    pub fn phases(&self) -> Vec<Phase> {
        let has_update = |phase: &Phase| *phase != Phase::Update || self.update.is_some();
        Phase::ALL.iter().copied().filter(has_update).collect()
    }

    /// Puts the configuration that a phase works with into the folder `into`, and returns where terraform has to run: a
    /// path inside `into`. What an earlier phase put there is replaced; state is left alone.
    pub fn stage(&self, phase: Phase, into: &Path) -> Outcome<PathBuf> {
        let files = match (phase, &self.update) {
            (Phase::Update | Phase::Destroy, Some(update)) => update,
            _ => &self.create,
        };
        let relative = self.mirrored();
        let folder = into.join(&relative);
        if folder.exists() {
            for entry in fs::read_dir(&folder)? {
                let entry = entry?;
                if !is_terraforms(&entry.file_name().to_string_lossy()) {
                    remove(&entry.path())?;
                }
            }
        } else {
            self.mirror(into)?;
        }
        for (name, from) in files {
            copy(from, &folder.join(name))?;
        }
        Ok(relative)
    }

    /// The path of the folder without its root: the configuration stands in the same place of a tree of its own, so
    /// that relative paths in it lead where they did.
    fn mirrored(&self) -> PathBuf {
        let parts = self.folder.components();
        Path::new("tree").join(
            parts
                .filter(|part| matches!(part, Component::Normal(_)))
                .collect::<PathBuf>(),
        )
    }

    /// Makes the tree: what the configuration names outside of its folder is linked in the same place, and what the modules that
    /// are named there name themselves. Nothing else is: beside a folder there may be thousands of others.
    fn mirror(&self, into: &Path) -> Outcome<()> {
        let tree = into.join("tree");
        let in_tree = |path: &Path| tree.join(path.strip_prefix("/").unwrap_or(path));
        fs::create_dir_all(in_tree(&self.folder))?;
        let mut linked: BTreeSet<PathBuf> = BTreeSet::new();
        for path in self.named_outside()? {
            if path.ancestors().any(|above| linked.contains(above)) {
                continue;
            }
            let Some(way) = self.folder.strip_prefix(&path).ok() else {
                let link = in_tree(&path);
                fs::create_dir_all(link.parent().unwrap_or(&tree))?;
                symlink(&path, link)?;
                linked.insert(path);
                continue;
            };
            // A folder above ours: the tree has it, and what is in it is linked.
            let ours = way.components().next().map(|step| path.join(step));
            for entry in fs::read_dir(&path)? {
                let beside = entry?.path();
                let is_linked = beside.ancestors().any(|above| linked.contains(above));
                if Some(&beside) != ours.as_ref() && !is_linked {
                    symlink(&beside, in_tree(&beside))?;
                    linked.insert(beside);
                }
            }
        }
        Ok(())
    }

    /// The paths outside of the folder that the configuration names, and those that the modules there name.
    fn named_outside(&self) -> Outcome<BTreeSet<PathBuf>> {
        let mut found = BTreeSet::new();
        let files = self
            .create
            .values()
            .chain(self.update.iter().flat_map(Files::values));
        let mut unread: Vec<(PathBuf, PathBuf)> = files
            .map(|file| (self.folder.clone(), file.clone()))
            .collect();
        while let Some((folder, file)) = unread.pop() {
            if file.extension().is_none_or(|extension| extension != "tf") {
                continue;
            }
            for path in relative_paths(&fs::read_to_string(&file)?) {
                let path = resolved(&folder.join(path));
                if path.starts_with(&self.folder) || !path.exists() || !found.insert(path.clone()) {
                    continue;
                }
                if path.is_dir() {
                    for entry in fs::read_dir(&path)? {
                        unread.push((path.clone(), entry?.path()));
                    }
                }
            }
        }
        Ok(found)
    }
}

/// What stands between quotes in a file and leads out of its folder.
fn relative_paths(text: &str) -> impl Iterator<Item = &Path> {
    text.split('"').filter_map(|quoted| {
        let path = quoted
            .strip_prefix("${path.module}/")
            .or_else(|| quoted.strip_prefix("${path.root}/"))
            .unwrap_or(quoted);
        (path.starts_with("../") || path == "..").then_some(Path::new(path))
    })
}

/// The path without `..`, by its text alone, as Terraform reads the paths of modules.
fn resolved(path: &Path) -> PathBuf {
    let mut resolved = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(resolved.pop()),
            Component::CurDir => {}
            other => resolved.push(other),
        }
    }
    resolved
}

/// What a folder holds of a configuration, without what terraform writes and what only describes it.
fn files(folder: &Path) -> Outcome<Files> {
    let mut files = Files::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !is_terraforms(&name) && name != "scenario.json" && name != "README.md" {
            files.insert(name, entry.path());
        }
    }
    Ok(files)
}

fn is_terraforms(name: &str) -> bool {
    name.starts_with("terraform.tfstate") || name.starts_with(".terraform") || name == "crash.log"
}

fn remove(path: &Path) -> Outcome<()> {
    let removed = if path.is_dir() && !path.is_symlink() {
        fs::remove_dir_all(path)
    } else {
        fs::remove_file(path)
    };
    Ok(removed?)
}

/// Copies a file, a link or a whole folder.
pub(super) fn copy(from: &Path, to: &Path) -> Outcome<()> {
    if from.is_symlink() {
        symlink(fs::read_link(from)?, to)?;
    } else if from.is_dir() {
        fs::create_dir_all(to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            copy(&entry.path(), &to.join(entry.file_name()))?;
        }
    } else {
        fs::copy(from, to)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    fn staged(scenario: &Scenario, phase: Phase, name: &str) -> Option<String> {
        let into = tempfile::tempdir().unwrap();
        let folder = scenario.stage(phase, into.path()).unwrap();
        fs::read_to_string(into.path().join(folder).join(name)).ok()
    }

    fn named(folder: &tempfile::TempDir, path: &str) -> Outcome<Scenario> {
        Scenario::named(folder.path().join(path).to_str().unwrap())
    }

    #[test]
    fn without_an_update_two_phases_are_left() {
        let folder = tree(&[("main.tf", "a"), ("terraform.tfstate", "{}")]);
        let scenario = named(&folder, "").unwrap();
        assert_eq!(scenario.phases(), [Phase::Create, Phase::Destroy]);
        assert_eq!(staged(&scenario, Phase::Create, "main.tf").unwrap(), "a");
        assert_eq!(staged(&scenario, Phase::Create, "terraform.tfstate"), None);
    }

    #[test]
    fn an_update_takes_the_place_of_what_was_created() {
        let folder = tree(&[("create.tf", "a"), ("update.tf", "b"), ("common.tf", "c")]);
        let scenario = named(&folder, "").unwrap();
        assert_eq!(scenario.phases(), Phase::ALL);
        assert_eq!(staged(&scenario, Phase::Create, "create.tf").unwrap(), "a");
        assert_eq!(staged(&scenario, Phase::Create, "update.tf"), None);
        for phase in [Phase::Update, Phase::Destroy] {
            assert_eq!(staged(&scenario, phase, "create.tf").unwrap(), "b");
            assert_eq!(staged(&scenario, phase, "common.tf").unwrap(), "c");
        }
    }

    #[test]
    fn a_scenario_of_another_folder_adds_its_files_and_modules_are_found_from_there() {
        let folder = tree(&[
            ("examples/shop/main.tf", r#"source = "../../modules/net""#),
            ("modules/net/main.tf", "module"),
            (
                "scenarios/shop/scenario.json",
                r#"{ "of": "../../examples/shop" }"#,
            ),
            ("scenarios/shop/update/more.tf", "more"),
        ]);
        let scenario = named(&folder, "scenarios/shop").unwrap();
        assert_eq!(staged(&scenario, Phase::Create, "more.tf"), None);
        assert_eq!(staged(&scenario, Phase::Update, "more.tf").unwrap(), "more");
        assert_eq!(
            staged(&scenario, Phase::Update, "../../modules/net/main.tf").unwrap(),
            "module"
        );
    }

    #[test]
    fn only_what_is_named_is_in_the_tree_beside_the_configuration() {
        let folder = tree(&[
            (
                "live/shop/main.tf",
                r#"source = "../../modules/shop" file("${path.module}/../shared.json")"#,
            ),
            ("live/shared.json", "shared"),
            ("live/other/main.tf", "other"),
            ("modules/shop/main.tf", r#"source = "../net""#),
            ("modules/net/main.tf", "net"),
            ("modules/unused/main.tf", "unused"),
        ]);
        let scenario = named(&folder, "live/shop").unwrap();
        let of = |name| staged(&scenario, Phase::Create, name);
        assert_eq!(of("../shared.json").unwrap(), "shared");
        assert!(of("../../modules/shop/main.tf").is_some());
        assert_eq!(of("../../modules/net/main.tf").unwrap(), "net");
        assert_eq!(of("../../modules/unused/main.tf"), None);
        assert_eq!(of("../other/main.tf"), None);
    }

    #[test]
    fn a_configuration_may_name_the_folder_above_it() {
        let folder = tree(&[
            ("main.tf", "variable {}"),
            ("part/main.tf", "part"),
            ("tests/own/main.tf", r#"source = "../..", "../../part""#),
            ("tests/notes.md", "notes"),
        ]);
        let scenario = named(&folder, "tests/own").unwrap();
        assert_eq!(
            staged(&scenario, Phase::Create, "../../main.tf").unwrap(),
            "variable {}"
        );
    }

    #[test]
    fn staging_a_later_phase_keeps_the_state() {
        let folder = tree(&[("main.tf", "a"), ("extra.tf", "x"), ("update.tf", "b")]);
        let scenario = named(&folder, "").unwrap();
        let into = tempfile::tempdir().unwrap();
        let place = into
            .path()
            .join(scenario.stage(Phase::Create, into.path()).unwrap());
        fs::write(place.join("terraform.tfstate"), "state").unwrap();
        scenario.stage(Phase::Update, into.path()).unwrap();
        assert_eq!(fs::read_to_string(place.join("main.tf")).unwrap(), "b");
        assert_eq!(
            fs::read_to_string(place.join("terraform.tfstate")).unwrap(),
            "state"
        );
    }

    #[test]
    fn a_folder_without_a_configuration_is_refused() {
        let folder = tree(&[("notes.md", "")]);
        assert!(format!("{:?}", named(&folder, "").unwrap_err()).contains("create.tf"));
    }
}
