//! The real Terraform, when there is one, against the tiny provider.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const CONFIGURATION: &str = r#"
terraform {
  required_providers {
    tiny = { source = "example/tiny" }
  }
}

variable "size" { default = 1 }

resource "tiny_note" "a" {
  name   = "a"
  size   = var.size
  tags   = { team = "x" }
  secret = "hidden"
}

resource "tiny_note" "b" {
  for_each = tiny_note.a.resources
  name     = "${each.key} of ${tiny_note.a.id}"
  size     = 0.1
}

data "tiny_echo" "all" {
  input = tiny_note.a.resources
}

output "shout" { value = provider::tiny::shout(tiny_note.a.id) }
output "echo"  { value = data.tiny_echo.all.output }
"#;

struct Terraform {
    program: PathBuf,
    directory: tempfile::TempDir,
}

impl Terraform {
    fn find() -> Option<Terraform> {
        let program = std::env::split_paths(&std::env::var_os("PATH")?).find_map(|directory| {
            let program = directory.join("terraform");
            program.is_file().then_some(program)
        })?;
        let directory = tempfile::tempdir().unwrap();
        let example = std::env::current_exe()
            .unwrap()
            .ancestors()
            .nth(2)
            .unwrap()
            .join("examples")
            .join("tiny");
        let plugins = directory.path().join("plugins");
        std::fs::create_dir(&plugins).unwrap();
        std::os::unix::fs::symlink(example, plugins.join("terraform-provider-tiny")).unwrap();
        let overrides = format!(
            "provider_installation {{\n  dev_overrides {{ \"example/tiny\" = \"{}\" }}\n  direct {{}}\n}}\n",
            plugins.display()
        );
        std::fs::write(directory.path().join("cli.tfrc"), overrides).unwrap();
        std::fs::write(directory.path().join("main.tf"), CONFIGURATION).unwrap();
        Some(Terraform { program, directory })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let sockets = self.path("sockets");
        std::fs::create_dir_all(&sockets).unwrap();
        let mut command = Command::new(&self.program);
        command
            .args(arguments)
            .current_dir(self.directory.path())
            .env_clear()
            .env("HOME", self.directory.path())
            .env("TMPDIR", sockets)
            .env("CHECKPOINT_DISABLE", "1")
            .env("TF_IN_AUTOMATION", "1")
            .env("TF_CLI_CONFIG_FILE", self.path("cli.tfrc"))
            .env("TF_DATA_DIR", self.path("data"));
        command
    }

    /// Writes a configuration of one note that behaves in the given way.
    fn write_note(&self, behaviour: &str) {
        let (requirements, _) = CONFIGURATION.split_once("variable").unwrap();
        let note = format!(
            "{requirements}resource \"tiny_note\" \"a\" {{\n  name = \"a\"\n  behaviour = \"{behaviour}\"\n}}\n"
        );
        std::fs::write(self.path("main.tf"), note).unwrap();
    }

    fn expect(&self, code: i32, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned()
            + &String::from_utf8_lossy(&output.stderr);
        assert_eq!(
            output.status.code(),
            Some(code),
            "terraform {arguments:?}\n{text}"
        );
        text
    }
}

fn is_empty(directory: &Path) -> bool {
    std::fs::read_dir(directory).unwrap().next().is_none()
}

/// A process that doesn't outlive the test, however that ends.
struct Leashed(std::process::Child);

impl Drop for Leashed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_configuration_lives_and_dies() {
    let Some(terraform) = Terraform::find() else {
        println!("skipped: there is no terraform on PATH");
        return;
    };
    terraform.expect(0, &["validate", "-no-color"]);
    terraform.expect(
        2,
        &["plan", "-no-color", "-input=false", "-detailed-exitcode"],
    );
    let applied = terraform.expect(0, &["apply", "-no-color", "-input=false", "-auto-approve"]);
    assert!(applied.contains(r#"shout = "NOTE/A""#), "{applied}");
    assert!(
        applied.contains("2 added, 0 changed, 0 destroyed"),
        "{applied}"
    );
    terraform.expect(
        0,
        &["plan", "-no-color", "-input=false", "-detailed-exitcode"],
    );

    let update = terraform.expect(
        0,
        &[
            "apply",
            "-no-color",
            "-input=false",
            "-auto-approve",
            "-var=size=2",
        ],
    );
    assert!(update.contains("1 changed"), "{update}");
    terraform.expect(
        0,
        &[
            "plan",
            "-no-color",
            "-input=false",
            "-detailed-exitcode",
            "-var=size=2",
        ],
    );
    terraform.expect(0, &["state", "rm", "tiny_note.a"]);
    terraform.expect(
        0,
        &[
            "import",
            "-no-color",
            "-input=false",
            "tiny_note.a",
            "note/a",
        ],
    );
    let destroyed = terraform.expect(
        0,
        &["destroy", "-no-color", "-input=false", "-auto-approve"],
    );
    assert!(destroyed.contains("2 destroyed"), "{destroyed}");
    assert!(
        is_empty(&terraform.path("sockets")),
        "sockets are left behind"
    );
}

#[test]
fn a_crash_keeps_what_is_known_to_exist() {
    let Some(terraform) = Terraform::find() else {
        println!("skipped: there is no terraform on PATH");
        return;
    };
    for (behaviour, code, tainted) in [
        ("panic-after-record", 1, true),
        ("panic-untainted", 0, false),
    ] {
        terraform.write_note(behaviour);
        let _ = std::fs::remove_file(terraform.path("terraform.tfstate"));
        let applied = terraform.expect(
            code,
            &["apply", "-no-color", "-input=false", "-auto-approve"],
        );
        assert!(
            applied.contains("The provider crashed") && applied.contains("no ink"),
            "{applied}"
        );
        let state = terraform.expect(0, &["state", "show", "-no-color", "tiny_note.a"]);
        assert!(state.contains("note/a"), "{state}");
        assert_eq!(state.contains("(tainted)"), tainted, "{state}");
    }
}

fn kill(pid: u32, signal: &str) {
    let status = Command::new("kill")
        .args([&format!("-{signal}"), &pid.to_string()])
        .status();
    assert!(status.unwrap().success());
}

/// Starts an apply and returns once the provider is at it.
fn creating(terraform: &Terraform) -> (Leashed, BufReader<std::process::ChildStdout>) {
    let mut command = terraform.command(&["apply", "-no-color", "-input=false", "-auto-approve"]);
    let mut apply = Leashed(
        command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap(),
    );
    let mut stdout = BufReader::new(apply.0.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains("Creating...") {
        line.clear();
        assert!(
            stdout.read_line(&mut line).unwrap() > 0,
            "it never came to creating"
        );
    }
    (apply, stdout)
}

#[test]
fn a_provider_whose_terraform_is_killed_finishes_and_goes() {
    let Some(terraform) = Terraform::find() else {
        println!("skipped: there is no terraform on PATH");
        return;
    };
    terraform.write_note("write-late");
    let (mut apply, _) = creating(&terraform);
    std::thread::sleep(Duration::from_millis(500));
    apply.0.kill().unwrap();
    apply.0.wait().unwrap();
    assert!(!is_empty(&terraform.path("sockets")));
    let patience = Instant::now() + Duration::from_secs(20);
    while !is_empty(&terraform.path("sockets")) {
        assert!(Instant::now() < patience, "the provider lives on");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(
        terraform.path("a").exists(),
        "the request in flight was not finished"
    );
}

#[test]
fn an_interrupted_apply_keeps_what_it_made() {
    let Some(terraform) = Terraform::find() else {
        println!("skipped: there is no terraform on PATH");
        return;
    };
    terraform.write_note("wait");
    let (mut apply, mut stdout) = creating(&terraform);
    kill(apply.0.id(), "INT");
    let mut text = String::new();
    stdout.read_to_string(&mut text).unwrap();
    apply
        .0
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    assert_eq!(apply.0.wait().unwrap().code(), Some(1), "{text}");
    assert!(text.contains("The note is half written."), "{text}");
    let state = terraform.expect(0, &["state", "show", "-no-color", "tiny_note.a"]);
    assert!(state.contains("note/a"), "{state}");
    assert!(
        is_empty(&terraform.path("sockets")),
        "sockets are left behind"
    );
}

#[test]
fn one_process_serves_many_runs_that_attach_to_it() {
    let Some(terraform) = Terraform::find() else {
        println!("skipped: there is no terraform on PATH");
        return;
    };
    let mut provider = Command::new(terraform.path("plugins").join("terraform-provider-tiny"));
    let mut provider = Leashed(
        provider
            .arg("--debug")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap(),
    );
    let mut line = String::new();
    BufReader::new(provider.0.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let attach = line
        .trim_end()
        .strip_prefix("TF_REATTACH_PROVIDERS='")
        .unwrap()
        .strip_suffix('\'')
        .unwrap();
    std::fs::write(terraform.path("cli.tfrc"), "").unwrap();
    for arguments in [
        &["init", "-no-color", "-input=false"][..],
        &["apply", "-no-color", "-input=false", "-auto-approve"],
        &["plan", "-no-color", "-input=false", "-detailed-exitcode"],
        &["destroy", "-no-color", "-input=false", "-auto-approve"],
    ] {
        let output = terraform
            .command(arguments)
            .env("TF_REATTACH_PROVIDERS", attach)
            .output()
            .unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        assert!(provider.0.try_wait().unwrap().is_none());
    }
    kill(provider.0.id(), "INT");
    assert!(provider.0.wait().unwrap().success());
}
