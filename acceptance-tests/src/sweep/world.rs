//! An emulated account together with the working folder whose state describes it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use super::footprint::{self, Footprint, Untouched};
use super::point::Phase;
use super::scenario::{self, Scenario};
use super::trial;
use crate::events::spoken;
use crate::terraform::{PROVIDER, Running};
use crate::{Emulator, Failure, Outcome, Proxy, Run, Terraform, ensure, workspace};

/// An account, a proxy in front of it, and terraform's working folder with a configuration of a scenario.
pub struct World {
    /// The account.
    pub emulator: Emulator,
    /// What the provider talks to.
    pub proxy: Proxy,
    terraform: Terraform,
    scenario: Scenario,
    untouched: Arc<Untouched>,
    is_kept: bool,
    /// Where in the working folder terraform runs.
    place: PathBuf,
}

impl World {
    /// An empty account of which forks can be made, and the configuration that is created.
    ///
    /// The emulator has lived through every phase before: what it loads and compiles at the first call of a sort, its forks
    /// need not do again, each for itself.
    pub fn forkable(scenario: &Scenario) -> Outcome<Self> {
        let mut former = Self::on(Emulator::forkable()?, scenario)?;
        for phase in scenario.phases() {
            former.stage(phase)?;
            former.complete_phase(phase)?;
            former.footprint()?;
        }
        let mut emulator = former.emulator;
        emulator.reset()?;
        Self::on(emulator, scenario)
    }

    /// The account of this emulator, and the configuration that is created.
    pub fn on(emulator: Emulator, scenario: &Scenario) -> Outcome<Self> {
        let proxy = Proxy::start(emulator.address())?;
        let terraform = terraform(&proxy)?;
        let mut world = Self {
            emulator,
            proxy,
            terraform,
            scenario: scenario.clone(),
            untouched: Arc::default(),
            is_kept: false,
            place: PathBuf::new(),
        };
        world.stage(Phase::Create)?;
        Ok(world)
    }

    /// The same world, to go its own way.
    pub fn fork(&self) -> Outcome<Self> {
        let emulator = self.emulator.fork()?;
        let proxy = Proxy::start(emulator.address())?;
        let terraform = terraform(&proxy)?;
        for name in ["tree", "data"] {
            let from = self.terraform.folder().join(name);
            if from.exists() {
                scenario::copy(&from, &terraform.folder().join(name))?;
            }
        }
        Ok(Self {
            emulator,
            proxy,
            terraform,
            scenario: self.scenario.clone(),
            untouched: Arc::clone(&self.untouched),
            is_kept: self.is_kept,
            place: self.place.clone(),
        })
    }

    /// Replaces the configuration by that of a phase.
    pub fn stage(&mut self, phase: Phase) -> Outcome<()> {
        self.place = self.scenario.stage(phase, self.terraform.folder())?;
        // Only the modules: the providers are overridden, and need no `init`.
        self.complete(&["get", "-no-color"]).map(drop)
    }

    /// Starts terraform.
    pub fn spawn(&self, arguments: &[&str]) -> Outcome<Running> {
        let place = format!("-chdir={}", self.place.display());
        self.terraform
            .spawn(&[&[place.as_str()], arguments].concat())
    }

    /// Runs terraform to its end.
    pub fn run(&self, arguments: &[&str]) -> Outcome<Run> {
        self.spawn(arguments)?.wait()
    }

    /// Runs terraform and expects success.
    pub fn complete(&self, arguments: &[&str]) -> Outcome<Run> {
        let run = self.run(arguments)?;
        ensure!(run.code == Some(0), "{}", ending(&run));
        Ok(run)
    }

    /// Runs a phase to its end, and expects success.
    ///
    /// hashicorp/aws learns only from a refresh what its resources did to one another, such as the routes of a route table: it
    /// is judged after one, because that is no harm.
    pub fn complete_phase(&self, phase: Phase) -> Outcome<Run> {
        let run = self.complete(trial::arguments(phase))?;
        if self.is_incumbent() {
            self.complete(&["apply", "-refresh-only", "-auto-approve", "-json"])?;
        }
        Ok(run)
    }

    /// The state, as Terraform keeps it; null if there is none.
    pub fn state(&self) -> Outcome<Value> {
        let path = self.working_folder().join("terraform.tfstate");
        if !path.exists() {
            return Ok(Value::Null);
        }
        let text = fs::read_to_string(&path)?;
        serde_json::from_str(&text).map_err(|e| Failure::new(format!("the state is broken: {e}")))
    }

    /// What exists and what the state says.
    pub fn footprint(&self) -> Outcome<Footprint> {
        Footprint::take(
            self.emulator.api(),
            &self.state()?,
            &self.untouched,
            &self.proxy.calls(),
        )
    }

    /// Takes for granted what the account holds of services that nothing touches, in the forks of this world too.
    pub fn rely_on(&mut self, untouched: &Arc<Untouched>) {
        self.untouched = Arc::clone(untouched);
    }

    /// Does not destroy what the next phase leaves: its configuration forbids it.
    pub fn keep(&mut self) {
        self.is_kept = true;
    }

    /// Whether what the next phase leaves [is not destroyed](World::keep).
    pub fn is_kept(&self) -> bool {
        self.is_kept
    }

    /// CloudFormation types of the parts in the state.
    pub fn types(&self) -> Outcome<BTreeSet<String>> {
        let state = self.state()?;
        let mut types = BTreeSet::new();
        for (_, attributes) in footprint::instances(&state) {
            types.extend(
                footprint::resources(attributes)
                    .filter_map(|(_, part)| part["type"].as_str().map(str::to_owned)),
            );
        }
        Ok(types)
    }

    /// Expects that every composite is ready and that there is nothing to do, for a plan and for a refresh.
    pub fn expect_settled(&self) -> Outcome<()> {
        let state = self.state()?;
        for (address, attributes) in footprint::instances(&state) {
            ensure!(
                attributes["ready"] != false,
                "{address} is not ready: {}",
                attributes["failures"]
            );
        }
        // After hashicorp/aws, Terraform says of a refresh that there are no changes, and ends as if there were some.
        let kinds_of_plan: &[&[&str]] = match self.is_incumbent() {
            true => &[&[]],
            false => &[&[], &["-refresh-only"]],
        };
        for refresh_only in kinds_of_plan {
            // Nobody else is there, and to lock the state Terraform reads it once more.
            let plan = ["plan", "-detailed-exitcode", "-json", "-lock=false"];
            let run = self.run(&[&plan[..], *refresh_only].concat())?;
            ensure!(
                run.code == Some(0),
                "the plan must be empty, but:\n{}",
                ending(&run)
            );
        }
        Ok(())
    }

    fn is_incumbent(&self) -> bool {
        self.scenario.name == scenario::INCUMBENT
    }

    fn working_folder(&self) -> PathBuf {
        self.terraform.folder().join(&self.place)
    }
}

/// A working folder whose provider calls the proxy.
fn terraform(proxy: &Proxy) -> Outcome<Terraform> {
    let mut terraform = Terraform::with_installation(&proxy.endpoint(), &installation()?)?;
    // Terraform's commands end before a collection pays: a tenth of a sweep's processor time.
    terraform.set_environment("GOGC", "off");
    // Terraform makes a key on P-521 whenever it starts a provider, another tenth. All other tests are with TLS.
    terraform.set_environment("TF_DISABLE_PLUGIN_TLS", "1");
    Ok(terraform)
}

/// The last that a run said, and its errors. What comes before is the plan, of every part.
pub(super) fn ending(run: &Run) -> String {
    const LINES: usize = 40;
    let text = run.text();
    let said: Vec<String> = text.lines().map(spoken).collect();
    said[said.len().saturating_sub(LINES)..].join("\n")
}

/// Body of `provider_installation`: the provider under test and, where a mirror holds it, hashicorp/aws.
fn installation() -> Outcome<String> {
    let folder = workspace::provider_folder();
    let binary = format!(
        "terraform-provider-platform{}",
        std::env::consts::EXE_SUFFIX
    );
    ensure!(
        folder.join(&binary).exists(),
        "{} does not hold {binary}; `cargo build` makes it",
        folder.display()
    );
    let override_of =
        |source: &str, folder: &Path| format!("    \"{source}\" = \"{}\"\n", folder.display());
    let mut overrides = override_of(PROVIDER, &folder);
    if let Some((binary, _)) = workspace::incumbent()
        && let Some(folder) = binary.parent()
    {
        overrides.push_str(&override_of(workspace::AWS_PROVIDER, folder));
    }
    Ok(format!("dev_overrides {{\n{overrides}  }}\n  direct {{}}"))
}
