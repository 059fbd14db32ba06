//! `cargo xtask docs`: the Registry's pages and the tables in the modules' READMEs.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::tools;
use crate::workspace::{
    Outcome, build_provider, fresh_folder, output, own_file, provider_binary, root, target,
    with_progress,
};

/// Writes the pages, or with `check` only says which are out of date.
pub fn run(check: bool) -> Outcome<()> {
    let provider = provider_binary(&build_provider(false)?);
    let pages = target().join("docs");
    fresh_folder(&pages)?;
    with_progress("Writing the Registry pages", || {
        output(Command::new(&provider).arg("docs").arg(&pages))
    })?;
    let mut problems = replace(&pages, &root().join("docs"), check)?;

    let mut tables = Command::new(tools::moto_python()?);
    tables
        .arg(own_file("python/module_tables.py"))
        .arg(root().join("modules"));
    if check {
        tables.arg("--check");
    }
    match output(&mut tables) {
        Ok(written) => print!("{written}"),
        Err(problem) => problems.push(problem),
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(problems.join("\n"))
    }
}

/// Makes `published` equal to `generated`, or with `check` lists the differences.
fn replace(generated: &Path, published: &Path, check: bool) -> Outcome<Vec<String>> {
    let (new, old) = (files(generated)?, files(published)?);
    let mut problems = Vec::new();
    for (name, contents) in &new {
        if old.get(name) == Some(contents) {
            continue;
        }
        let file = published.join(name);
        if check {
            problems.push(format!(
                "{} is out of date: run `cargo xtask docs`",
                file.display()
            ));
        } else {
            crate::workspace::write(&file, contents)?;
            println!("wrote {}", file.display());
        }
    }
    for name in old.keys().filter(|name| !new.contains_key(*name)) {
        let file = published.join(name);
        if check {
            problems.push(format!(
                "{} describes nothing any more: run `cargo xtask docs`",
                file.display()
            ));
        } else {
            fs::remove_file(&file).map_err(|e| format!("cannot remove {}: {e}", file.display()))?;
            println!("removed {}", file.display());
        }
    }
    Ok(problems)
}

/// Every file under a folder, by its path inside it.
fn files(folder: &Path) -> Outcome<BTreeMap<PathBuf, Vec<u8>>> {
    let mut found = BTreeMap::new();
    let mut pending = vec![folder.to_path_buf()];
    while let Some(next) = pending.pop() {
        let entries =
            fs::read_dir(&next).map_err(|e| format!("cannot list {}: {e}", next.display()))?;
        for entry in entries.filter_map(Result::ok) {
            let path = entry.path();
            if path.is_dir() {
                pending.push(path);
            } else {
                let contents =
                    fs::read(&path).map_err(|e| format!("cannot read {}: {e}", path.display()))?;
                let name = path
                    .strip_prefix(folder)
                    .map_err(|e| e.to_string())?
                    .to_path_buf();
                found.insert(name, contents);
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_compared_replaced_and_removed() {
        let folder = tempfile::tempdir().unwrap();
        let (generated, published) = (folder.path().join("new"), folder.path().join("docs"));
        for (file, contents) in [
            (generated.join("index.md"), "new"),
            (generated.join("resources/network.md"), "same"),
            (published.join("index.md"), "old"),
            (published.join("resources/network.md"), "same"),
            (published.join("resources/gone.md"), "gone"),
        ] {
            crate::workspace::write(&file, contents).unwrap();
        }
        let problems = replace(&generated, &published, true).unwrap();
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert!(
            problems[0].contains("index.md is out of date"),
            "{problems:?}"
        );
        assert!(
            problems[1].contains("gone.md describes nothing any more"),
            "{problems:?}"
        );
        assert_eq!(
            replace(&generated, &published, false).unwrap(),
            Vec::<String>::new()
        );
        assert_eq!(files(&generated).unwrap(), files(&published).unwrap());
    }
}
