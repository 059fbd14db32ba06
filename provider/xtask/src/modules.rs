//! `cargo xtask test modules`: every module and every example is formatted, valid and passes its own tests.
//!
//! # Flow
//!
//! The folders are copied under `target/` first, because `terraform init` writes a lock file and its
//! checksums change with every build of the provider. Then as many folders at a time as there are
//! processors: init, validate, test, each with an emulator of its own; cfn-lint reads the CloudFormation
//! template of every example.

use std::collections::BTreeSet;
use std::fs;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use serde_json::Value;

use crate::emulator::{Emulator, Lifetime};
use crate::terraform::Terraform;
use crate::tools::{self, Group};
use crate::workspace::{
    Outcome, capture, fresh_folder, output, provider_binary, read, root, target, write,
};

/// Checks everything under `modules/` and `examples/` with the provider in this folder.
pub fn run(provider: &Path) -> Outcome<()> {
    let terraform = tools::terraform()?;
    tools::moto_python()?;
    let copy = target().join("modules-test");
    fresh_folder(&copy)?;
    let folders = copy_configurations(&copy)?;
    let mut problems = formatting(&terraform, &copy);

    let next = AtomicUsize::new(0);
    let found = Mutex::new(Vec::new());
    let workers = thread::available_parallelism().map_or(1, NonZero::get);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(folder) = folders.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let started = Instant::now();
                    let name = folder
                        .strip_prefix(&copy)
                        .unwrap_or(folder)
                        .display()
                        .to_string();
                    match check(&terraform, provider, &copy, folder) {
                        Ok(summary) => {
                            println!("ok     {name}: {summary} ({:.1?})", started.elapsed())
                        }
                        Err(problem) => {
                            println!("FAILED {name}");
                            found
                                .lock()
                                .unwrap_or_else(|e| e.into_inner())
                                .push(format!("{name}: {problem}"));
                        }
                    }
                }
            });
        }
    });
    problems.extend(found.into_inner().unwrap_or_else(|e| e.into_inner()));
    println!(
        "{} folders checked, {} problems",
        folders.len(),
        problems.len()
    );
    if problems.is_empty() {
        Ok(())
    } else {
        Err(problems.join("\n\n"))
    }
}

/// Copies `modules/` and `examples/` into a folder, side by side as they are; returns every configuration in them.
pub fn copy_configurations(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let mut configurations = Vec::new();
    for tree in ["modules", "examples"] {
        if root().join(tree).is_dir() {
            copy_sources(&root().join(tree), &folder.join(tree), &mut configurations)?;
        }
    }
    configurations.sort();
    Ok(configurations)
}

/// Copies a tree without what Terraform writes, and collects the folders that are configurations.
fn copy_sources(from: &Path, to: &Path, configurations: &mut Vec<PathBuf>) -> Outcome<()> {
    let problem = |e: std::io::Error| format!("cannot copy {}: {e}", from.display());
    fs::create_dir_all(to).map_err(problem)?;
    for entry in fs::read_dir(from).map_err(problem)? {
        let entry = entry.map_err(problem)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let (source, copy) = (entry.path(), to.join(&name));
        if source.is_dir() {
            if name != ".terraform" {
                copy_sources(&source, &copy, configurations)?;
            }
        } else if name != ".terraform.lock.hcl" && !name.starts_with("terraform.tfstate") {
            fs::copy(&source, &copy).map_err(problem)?;
            if name == "main.tf" {
                configurations.push(to.to_path_buf());
            }
        }
    }
    Ok(())
}

fn formatting(terraform: &Path, folder: &Path) -> Vec<String> {
    let mut command = Command::new(terraform);
    command
        .args(["fmt", "-check", "-diff", "-recursive"])
        .current_dir(folder)
        .env_remove("TF_CLI_CONFIG_FILE");
    output(&mut command).err().into_iter().collect()
}

fn check(binary: &Path, provider: &Path, copy: &Path, folder: &Path) -> Outcome<String> {
    let emulator = Emulator::start(Group::Moto, Lifetime::Value)?;
    let name = folder
        .strip_prefix(copy)
        .map_err(|e| e.to_string())?
        .to_string_lossy()
        .replace('/', "-");
    let scratch = copy.join("scratch").join(name);
    let terraform = Terraform::new(binary.to_path_buf(), provider, &scratch, &emulator.endpoint)?;
    output(&mut terraform.command(folder, &["init", "-backend=false", "-no-color"]))?;
    output(&mut terraform.command(folder, &["validate", "-no-color"]))?;
    if folder.starts_with(copy.join("examples")) {
        lint_as_cloudformation(&terraform, provider, folder, &scratch)?;
    }
    if !has_tests(folder) {
        return Ok("valid".into());
    }
    let tests = capture(&mut terraform.command(folder, &["test", "-no-color"]))?;
    let printed = String::from_utf8_lossy(&[tests.stdout, tests.stderr].concat()).into_owned();
    if !tests.status.success() {
        return Err(printed);
    }
    let summary = printed
        .lines()
        .rev()
        .find(|line| line.contains("passed"))
        .unwrap_or("tests passed");
    Ok(format!(
        "valid, {}",
        summary.trim_start_matches("Success! ")
    ))
}

/// Plans a configuration, and asks cfn-lint what it thinks of the same platform as CloudFormation templates, one for each
/// region: a reader of AWS's own schemas that knows nothing of this project.
fn lint_as_cloudformation(
    terraform: &Terraform,
    provider: &Path,
    folder: &Path,
    scratch: &Path,
) -> Outcome<()> {
    let file = |name: &str| scratch.join(name);
    let plan = file("plan.bin").display().to_string();
    let out = format!("-out={plan}");
    output(&mut terraform.command(folder, &["plan", "-no-color", &out]))?;
    write(
        &file("plan.json"),
        output(&mut terraform.command(folder, &["show", "-json", &plan]))?,
    )?;
    let regions = regions_of(&read_json(&file("plan.json"))?);
    if regions.is_empty() {
        return Err("the plan has no composite whose region is known".into());
    }
    for region in regions {
        let mut reading = Command::new(provider_binary(provider));
        reading.args(["cloudformation", "--region", &region]);
        let template = file(&format!("template-{region}.json"));
        write(&template, output(reading.arg(file("plan.json")))?)?;
        let mut lint = Command::new(tools::moto_python()?.with_file_name("cfn-lint"));
        // The plan is for this region; what AWS lacks elsewhere is no fault of it.
        lint.args(["--regions", &region]);
        lint.args(["--non-zero-exit-code", "warning", "--"]);
        output(lint.arg(template))?;
    }
    Ok(())
}

fn read_json(file: &Path) -> Outcome<Value> {
    serde_json::from_str(&read(file)?).map_err(|e| format!("{} is no JSON: {e}", file.display()))
}

/// The regions of the composites that a plan holds, at whatever depth of modules.
fn regions_of(plan: &Value) -> BTreeSet<String> {
    let inside = match plan {
        Value::Object(fields) => fields.values().flat_map(regions_of).collect(),
        Value::Array(items) => items.iter().flat_map(regions_of).collect(),
        _ => BTreeSet::new(),
    };
    let is_composite = plan["type"]
        .as_str()
        .is_some_and(|name| name.starts_with("platform_"));
    let own = plan["values"]["region"].as_str().filter(|_| is_composite);
    inside.into_iter().chain(own.map(str::to_owned)).collect()
}

fn has_tests(folder: &Path) -> bool {
    let holds_tests = |folder: &Path| {
        let entries = fs::read_dir(folder)
            .into_iter()
            .flatten()
            .filter_map(Result::ok);
        entries
            .into_iter()
            .any(|entry| entry.file_name().to_string_lossy().ends_with(".tftest.hcl"))
    };
    holds_tests(folder) || holds_tests(&folder.join("tests"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn regions_are_those_of_composites_at_every_depth() {
        let resource =
            |of: &str, region: &str| json!({ "type": of, "values": { "region": region } });
        let plan = json!({ "planned_values": { "root_module": {
            "resources": [resource("platform_backup", "us-west-2"), resource("aws_vpc", "eu-west-1")],
            "child_modules": [{ "resources": [resource("platform_network", "us-east-1")] }],
        } } });
        assert_eq!(
            regions_of(&plan),
            ["us-east-1".to_owned(), "us-west-2".to_owned()].into()
        );
    }

    #[test]
    fn copies_leave_out_what_terraform_writes_and_find_every_configuration() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        for file in [
            "network/main.tf",
            "network/tests/basic.tftest.hcl",
            "network/.terraform/providers/x",
            "network/.terraform.lock.hcl",
            "network/terraform.tfstate.backup",
            "notes/README.md",
        ] {
            crate::workspace::write(&from.join(file), file).unwrap();
        }
        let mut configurations = Vec::new();
        copy_sources(&from, &to, &mut configurations).unwrap();
        assert_eq!(configurations, [to.join("network")]);
        assert!(has_tests(&to.join("network")) && !has_tests(&to.join("notes")));
        let mut copied: Vec<_> = fs::read_dir(to.join("network"))
            .unwrap()
            .map(|e| e.unwrap().file_name())
            .collect();
        copied.sort();
        assert_eq!(copied, ["main.tf", "tests"]);
    }
}
