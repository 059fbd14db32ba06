//! `platform_backup`: what is backed up, where it is kept, and the proof that it can be restored.
//!
//! # Flow
//! `spec` is what the user writes and `check` finds what is wrong with it alone. `frame` holds the defaults that depend on what else is
//! said. Vaults, plans with their selections, restore tests and audit are cut into parts by a module each; `key` makes what encrypts
//! vaults, `role` what AWS Backup acts as.
//!
//! # Guarantees
//! - A plan whose backups the lock of their vault would refuse is an error: AWS would take it and fail every job.
//! - Adding or removing a plan, a rule or a selection touches no vault.
//!
//! # Assumptions
//! Other composites tag all that is theirs with their owner, which is how their stores are found.
//!
//! # Caveats
//! - AWS Backup backs up what a selection by tags finds only where the type of resource is switched on for the account and region. A plan
//!   says which are not, when it creates or changes something and may ask.
//! - What is restored by hand or by a test has no owner.

mod audit;
mod check;
mod frame;
mod key;
mod outputs;
mod plans;
mod preflight;
mod restore;
mod role;
mod schedule;
pub mod spec;
mod vaults;

#[cfg(test)]
mod tests;

pub use outputs::Outputs;
pub use spec::Backup;

use platform_graph::{Graph, Limits, Problems, Tags};
use serde_json::Value;

use crate::{Composite, Expansion, Ledger, Question, Setting};
use frame::Frame;

/// Address of the key.
const KEY: &str = "key";
/// Address of the role.
const ROLE: &str = "role";
/// Address of the framework.
const FRAMEWORK: &str = "framework";

/// Address of a vault.
fn vault_address(name: &str) -> String {
    format!("vault/{name}")
}

/// Address of a plan.
fn plan_address(name: &str) -> String {
    format!("plan/{name}")
}

/// Address of a restore test.
fn restore_address(name: &str) -> String {
    format!("restore-test/{name}")
}

/// Address of a report.
fn report_address(name: &str) -> String {
    format!("report/{name}")
}

impl Composite for Backup {
    const TYPE: &'static str = "platform_backup";
    const ABOUT: &'static str = "Backups with AWS Backup: vaults that keep recovery points, encrypted with a customer-managed key, and that \
        nobody empties by hand; plans that say when backups are made, how long they are kept and where they are copied to; what is backed up, \
        by composite, tag or ARN; restore tests, controls and reports that prove it. A plan that the lock of its vault would refuse is an \
        error before anything is created. A vault is neither replaced nor deleted unless the configuration names it.";
    const ANCHOR: &'static str = KEY;
    const ANCHOR_KIND: &'static str = "AWS::KMS::Key";
    const SERVICES: &'static [&'static str] = &["Backup", "CloudWatch", "IAM", "KMS"];
    type Outputs = Outputs;

    fn name(&self) -> &str {
        &self.name
    }

    fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    fn tags(&self) -> &Tags {
        &self.tags
    }

    fn protected(&self) -> bool {
        self.deletion_protection
    }

    fn limits(&self) -> Limits {
        Limits {
            replace: self.allow_replace.clone(),
            delete: self.allow_delete.clone(),
        }
    }

    fn check(&self, problems: &mut Problems) {
        check::check(self, problems);
    }

    fn is_open(&self) -> bool {
        check::is_open(self)
    }

    fn questions(&self, _ledger: &Ledger) -> Vec<Question> {
        Vec::new()
    }

    fn preflight_questions(&self) -> Vec<Question> {
        preflight::questions(self)
    }

    fn inquisitive() -> Self {
        let mut any = Backup::named("any");
        any.plans.insert("any".to_owned(), spec::Plan::default());
        any
    }

    fn preflight(
        &self,
        setting: &Setting,
        _expansion: &Expansion,
        creates: &dyn Fn(&str) -> bool,
        problems: &mut Problems,
    ) {
        let frame = Frame {
            spec: self,
            setting,
        };
        preflight::preflight(&frame, creates, problems);
    }

    fn expand(
        &self,
        setting: &Setting,
        ledger: &Ledger,
        problems: &mut Problems,
    ) -> Option<Expansion> {
        let mut graph = Graph::new(setting.owner.clone(), setting.tags.clone());
        let frame = Frame {
            spec: self,
            setting,
        };
        check::copies(&frame, problems);
        key::add(&frame, &mut graph);
        role::add(&frame, &mut graph);
        for (name, vault) in &self.all_vaults() {
            vaults::add(&frame, name, vault, &mut graph);
        }
        for (name, plan) in &self.plans {
            plans::add(&frame, name, plan, &mut graph);
        }
        for (name, test) in &self.restore_testing {
            restore::add(&frame, name, test, &mut graph);
        }
        if let Some(framework) = &self.framework {
            audit::add_framework(&frame, framework, &mut graph);
        }
        for (name, report) in &self.reports {
            audit::add_report(&frame, name, report, &mut graph);
        }
        let outputs = Outputs::of(&frame);
        Some(Expansion {
            graph,
            ledger: ledger.clone(),
            // A struct of texts and maps with text keys always serialises.
            outputs: serde_json::to_value(outputs).unwrap_or(Value::Null),
        })
    }
}
