//! `platform_secrets`: secrets by name, under one customer-managed key.
//!
//! # Flow
//! `spec` is what the user writes and `check` finds what is wrong with it alone. Each secret becomes a secret of Secrets Manager
//! and, where it has them, its resource policy and its rotation; `key` makes what encrypts them.
//!
//! # Guarantees
//! - No value is in an expansion: a part says which version of which write-only argument is wanted, or how a value is drawn. The
//!   value itself is filled in right before the call that writes it leaves.
//! - Secrets do not depend on one another: adding or removing one touches no part of another one.

mod check;
mod key;
mod outputs;
pub mod spec;
mod store;

#[cfg(test)]
mod tests;

pub use outputs::Outputs;
pub use spec::Secrets;

use platform_graph::{Graph, Handle, Limits, Plan, Problems, Tags};
use serde_json::Value;

use crate::{Composite, Expansion, Given, Ledger, Question, Setting};

/// Address of the key.
const KEY: &str = "key";

/// Address of a secret.
fn address(name: &str) -> String {
    format!("secret/{name}")
}

impl Composite for Secrets {
    const TYPE: &'static str = "platform_secrets";
    const ABOUT: &'static str = "Secrets by name, encrypted with one customer-managed key: values from a write-only argument, generated \
        ones, and such that others set; with readers, rotation and copies in other regions. No value is in state, plan or log, and none is \
        ever read back. A secret is neither replaced nor deleted unless the configuration names it.";
    const ANCHOR: &'static str = KEY;
    const ANCHOR_KIND: &'static str = "AWS::KMS::Key";
    const SERVICES: &'static [&'static str] = &["KMS", "SecretsManager"];
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

    fn judge_values(
        &self,
        plan: &Plan,
        given: &dyn Fn(&str, &str) -> Given,
        problems: &mut Problems,
    ) {
        check::values(self, plan, given, problems);
    }

    fn inquisitive() -> Self {
        Secrets::named("any")
    }

    fn expand(
        &self,
        setting: &Setting,
        ledger: &Ledger,
        _problems: &mut Problems,
    ) -> Option<Expansion> {
        let mut graph = Graph::new(setting.owner.clone(), setting.tags.clone());
        key::add(self, setting, &mut graph);
        for (name, secret) in &self.secrets {
            store::add(self, setting, name, secret, &mut graph);
        }
        let outputs = Outputs::of(self, &Handle::to(KEY));
        Some(Expansion {
            graph,
            ledger: ledger.clone(),
            // A struct of texts and maps with text keys always serialises.
            outputs: serde_json::to_value(outputs).unwrap_or(Value::Null),
        })
    }
}
