//! Terraform in a working folder of its own, with an environment of its own.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::ensure;
use crate::events::spoken;
use crate::failure::{Failure, Outcome};
use crate::process;
use crate::workspace;

/// Source address of the provider under test.
pub const PROVIDER: &str = "registry.terraform.io/platform/platform";

/// A create without a client token that AWS fails to answer takes half a minute: so long AWS may lag.
const DEADLINE: Duration = Duration::from_secs(240);
const POLL: Duration = Duration::from_millis(5);

/// A working folder with configuration and state.
#[derive(Debug)]
pub struct Terraform {
    folder: TempDir,
    environment: Vec<(String, String)>,
}

/// A finished terraform command.
#[derive(Debug)]
pub struct Run {
    /// The command's arguments, for messages.
    pub command: String,
    /// Exit code; `None` if a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// Wall time.
    pub wall: Duration,
}

/// A terraform command under way.
#[derive(Debug)]
pub struct Running {
    command: String,
    child: Child,
    output: PathBuf,
    errors: PathBuf,
    started: Instant,
    /// Ends them all if the test itself is killed; declared last, because it must outlive them.
    _guard: process::Guard,
}

/// Whom a blow hits, and how hard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Victim {
    /// SIGKILL to the provider; terraform lives to see it.
    Provider,
    /// SIGKILL to terraform alone; the provider is left without a master.
    Terraform,
    /// SIGKILL to both at once, as in a power cut.
    Both,
    /// SIGINT to both, as Ctrl-C in a terminal does.
    Interrupted,
}

/// A diagnostic that Terraform reports.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    /// `error` or `warning`.
    pub severity: String,
    /// The headline.
    pub summary: String,
    /// The explanation.
    pub detail: String,
    /// The source lines it points at; empty if it points nowhere.
    pub snippet: String,
}

/// What a plan would do.
#[derive(Debug)]
pub struct Plan {
    /// The actions on each resource address, such as `["update"]`; resources without a change are left out.
    pub actions: BTreeMap<String, Vec<String>>,
    /// What it reports.
    pub diagnostics: Vec<Diagnostic>,
    /// The whole of `terraform show -json` of the plan; null if planning failed.
    pub json: Value,
}

impl Terraform {
    /// An empty working folder whose provider calls `endpoint` instead of AWS.
    pub fn new(endpoint: &str) -> Outcome<Self> {
        let provider = workspace::provider_folder();
        let binary = provider.join(format!(
            "terraform-provider-platform{}",
            std::env::consts::EXE_SUFFIX
        ));
        ensure!(
            binary.exists(),
            "{} does not exist; `cargo build` makes it",
            binary.display()
        );
        Self::with_installation(
            endpoint,
            &format!(
                "dev_overrides {{\n    \"{PROVIDER}\" = \"{}\"\n  }}\n  direct {{}}",
                provider.display()
            ),
        )
    }

    /// A working folder with the given body of `provider_installation` in its CLI configuration.
    pub fn with_installation(endpoint: &str, installation: &str) -> Outcome<Self> {
        let folder = TempDir::new()?;
        let path = |name: &str| folder.path().join(name).display().to_string();
        fs::write(
            path("cli.tfrc"),
            format!("disable_checkpoint = true\nprovider_installation {{\n  {installation}\n}}\n"),
        )?;
        let environment = [
            ("PATH", std::env::var("PATH").unwrap_or_default()),
            ("HOME", folder.path().display().to_string()),
            ("TMPDIR", std::env::temp_dir().display().to_string()),
            ("TF_CLI_CONFIG_FILE", path("cli.tfrc")),
            ("TF_DATA_DIR", path("data")),
            ("TF_IN_AUTOMATION", "1".into()),
            ("TF_INPUT", "0".into()),
            ("CHECKPOINT_DISABLE", "1".into()),
            ("AWS_ENDPOINT_URL", endpoint.to_owned()),
            ("AWS_ACCESS_KEY_ID", "test".into()),
            ("AWS_SECRET_ACCESS_KEY", "test".into()),
            ("AWS_REGION", "us-east-1".into()),
            ("AWS_EC2_METADATA_DISABLED", "true".into()),
        ];
        let environment = environment
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        Ok(Self {
            folder,
            environment,
        })
    }

    /// The working folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Sets a variable in the environment of every later command.
    pub fn set_environment(&mut self, name: &str, value: &str) {
        self.environment.retain(|(known, _)| known != name);
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    /// Replaces the configuration.
    pub fn write(&self, hcl: &str) -> Outcome<()> {
        Ok(fs::write(self.folder().join("main.tf"), hcl)?)
    }

    /// Removes the state, as if it had never been written.
    pub fn lose_state(&self) -> Outcome<()> {
        for name in [
            "terraform.tfstate",
            "terraform.tfstate.backup",
            ".terraform.tfstate.lock.info",
        ] {
            let path = self.folder().join(name);
            if path.exists() {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }

    /// Starts a command in a process group of its own, as an interactive shell does.
    pub fn spawn(&self, arguments: &[&str]) -> Outcome<Running> {
        let command = arguments.join(" ");
        let (output, errors) = (
            self.folder().join("output.txt"),
            self.folder().join("errors.txt"),
        );
        let mut child = Command::new(workspace::terraform())
            .args(arguments)
            .env_clear()
            .envs(self.environment.iter().cloned())
            .current_dir(self.folder())
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(File::create(&output)?)
            .stderr(File::create(&errors)?)
            .spawn()
            .map_err(|e| Failure::new(format!("terraform {command} does not start: {e}")))?;
        let guard = process::Guard::over(child.id()).inspect_err(|_| {
            let _ = child.kill();
        })?;
        Ok(Running {
            command,
            child,
            output,
            errors,
            started: Instant::now(),
            _guard: guard,
        })
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str]) -> Outcome<Run> {
        self.spawn(arguments)?.wait()
    }

    /// Applies the configuration and expects success.
    pub fn apply(&self) -> Outcome<Run> {
        self.try_apply()?.succeeded()
    }

    /// Applies the configuration, whatever comes of it.
    pub fn try_apply(&self) -> Outcome<Run> {
        self.run(&["apply", "-auto-approve", "-no-color", "-lock-timeout=10s"])
    }

    /// Destroys everything in the state and expects success.
    pub fn destroy(&self) -> Outcome<Run> {
        self.run(&["destroy", "-auto-approve", "-no-color", "-lock-timeout=10s"])?
            .succeeded()
    }

    /// Expects that a plan has nothing to do, outputs included.
    pub fn expect_no_changes(&self, when: &str) -> Outcome<()> {
        let run = self.run(&["plan", "-detailed-exitcode", "-no-color"])?;
        ensure!(
            run.code == Some(0),
            "{when}, the plan must be empty, but:\n{}",
            run.text()
        );
        Ok(())
    }

    /// Plans and reads the plan.
    pub fn plan(&self) -> Outcome<Plan> {
        self.plan_with(&[])
    }

    /// Plans with further arguments and reads the plan.
    pub fn plan_with(&self, arguments: &[&str]) -> Outcome<Plan> {
        let run = self.run(&[&["plan", "-json", "-out=plan.bin"], arguments].concat())?;
        let diagnostics = diagnostics(&run.stdout);
        if run.code != Some(0) {
            ensure!(!diagnostics.is_empty(), "{}", run.text());
            return Ok(Plan {
                actions: BTreeMap::new(),
                diagnostics,
                json: Value::Null,
            });
        }
        let json: Value = serde_json::from_str(
            &self
                .run(&["show", "-json", "plan.bin"])?
                .succeeded()?
                .stdout,
        )?;
        let changes = json["resource_changes"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        let actions = changes
            .iter()
            .map(|change| {
                (
                    text(&change["address"]),
                    strings(&change["change"]["actions"]),
                )
            })
            .filter(|(_, actions)| actions != &["no-op"] && actions != &["read"])
            .collect();
        Ok(Plan {
            actions,
            diagnostics,
            json,
        })
    }

    /// Validates and returns what is reported.
    pub fn validate(&self) -> Outcome<Vec<Diagnostic>> {
        let run = self.run(&["validate", "-json"])?;
        let report: Value = serde_json::from_str(&run.stdout).map_err(|e| {
            Failure::new(format!(
                "validate does not report JSON: {e}\n{}",
                run.text()
            ))
        })?;
        let entries = report["diagnostics"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        Ok(entries.iter().map(Diagnostic::read).collect())
    }

    /// The attributes of a resource in the state, by its address; null if it is not there.
    pub fn state_of(&self, address: &str) -> Outcome<Value> {
        let shown: Value =
            serde_json::from_str(&self.run(&["show", "-json"])?.succeeded()?.stdout)?;
        let resources = shown["values"]["root_module"]["resources"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let found = resources
            .into_iter()
            .find(|resource| resource["address"] == address);
        Ok(found.map_or(Value::Null, |resource| resource["values"].clone()))
    }
}

impl Running {
    /// Sends Ctrl-C, as a terminal does: to terraform and to everything it started.
    pub fn interrupt(&self) {
        process::signal(-i64::from(self.child.id()), "INT");
    }

    /// Ends terraform and everything it started at once, as a power cut does.
    pub fn kill(&self) {
        // The provider leads no process group of its own, but its parent may be gone by the time it
        // would be looked for: collect first, kill together.
        let providers = self.providers();
        process::signal(-i64::from(self.child.id()), "KILL");
        for pid in providers {
            process::signal(i64::from(pid), "KILL");
        }
    }

    /// Ends terraform alone, as an out-of-memory killer does.
    pub fn kill_terraform(&self) {
        process::signal(i64::from(self.child.id()), "KILL");
    }

    /// Hits whom it is meant for.
    pub fn strike(&self, victim: Victim) {
        match victim {
            Victim::Provider => self.kill_providers(),
            Victim::Terraform => self.kill_terraform(),
            Victim::Both => self.kill(),
            Victim::Interrupted => self.interrupt(),
        }
    }

    /// Ends only the provider processes.
    pub fn kill_providers(&self) {
        for pid in self.providers() {
            process::signal(i64::from(pid), "KILL");
        }
    }

    /// Process ids of the providers that terraform is running now.
    pub fn providers(&self) -> Vec<u32> {
        process::children(self.child.id())
    }

    /// Process id of terraform.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether terraform has ended.
    pub fn has_ended(&mut self) -> Outcome<bool> {
        Ok(self.child.try_wait()?.is_some())
    }

    /// Waits for the end; ends everything after a minute and a half.
    pub fn wait(mut self) -> Outcome<Run> {
        let status = loop {
            if let Some(status) = self.child.try_wait()? {
                break status;
            }
            if self.started.elapsed() > DEADLINE {
                self.kill();
                self.child.wait()?;
                let output = fs::read_to_string(&self.output)?;
                let said: Vec<String> = output.lines().map(spoken).collect();
                return Err(Failure::new(format!(
                    "terraform {} hangs:\n{}\n{}",
                    self.command,
                    said.join("\n"),
                    fs::read_to_string(&self.errors)?
                )));
            }
            thread::sleep(POLL);
        };
        Ok(Run {
            command: self.command.clone(),
            code: status.code(),
            stdout: fs::read_to_string(&self.output)?,
            stderr: fs::read_to_string(&self.errors)?,
            wall: self.started.elapsed(),
        })
    }
}

impl Drop for Running {
    /// A scenario that fails half-way leaves nothing running.
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            self.kill();
            let _ = self.child.wait();
        }
    }
}

impl Run {
    /// This run, if it succeeded.
    pub fn succeeded(self) -> Outcome<Run> {
        ensure!(self.code == Some(0), "{}", self.text());
        Ok(self)
    }

    /// Everything it printed, under its command line.
    pub fn text(&self) -> String {
        let code = self
            .code
            .map_or("a signal".to_owned(), |code| format!("code {code}"));
        format!(
            "terraform {} ended with {code}:\n{}\n{}",
            self.command, self.stdout, self.stderr
        )
    }
}

impl Plan {
    /// The errors among the diagnostics.
    pub fn errors(&self) -> Vec<&Diagnostic> {
        self.diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.severity == "error")
            .collect()
    }

    /// The planned value of an attribute of a resource.
    pub fn after(&self, address: &str, attribute: &str) -> &Value {
        static NULL: Value = Value::Null;
        let changes = self.json["resource_changes"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        let change = changes.iter().find(|change| change["address"] == address);
        change.map_or(&NULL, |change| &change["change"]["after"][attribute])
    }
}

impl Diagnostic {
    fn read(value: &Value) -> Self {
        Self {
            severity: text(&value["severity"]),
            summary: text(&value["summary"]),
            detail: text(&value["detail"]),
            snippet: text(&value["snippet"]["code"]),
        }
    }

    /// Headline and explanation as one line of text: Terraform wraps neither in JSON.
    pub fn message(&self) -> String {
        format!("{}: {}", self.summary, self.detail)
    }
}

fn diagnostics(json_lines: &str) -> Vec<Diagnostic> {
    json_lines
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|event| event["type"] == "diagnostic")
        .map(|event| Diagnostic::read(&event["diagnostic"]))
        .collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn strings(value: &Value) -> Vec<String> {
    value
        .as_array()
        .map(|list| list.iter().map(text).collect())
        .unwrap_or_default()
}
