//! `platform_data_tier`: the stores of a platform, with what they share.
//!
//! # Flow
//! `spec` is what the user writes and `check` finds what is wrong with it alone. A [`Frame`] holds what stores share: their key,
//! the subnets of their tier, who may connect, their alarms. One module per sort of store cuts each of them into parts.
//!
//! # Guarantees
//! Stores do not depend on one another: adding or removing one touches no part of another one.
//!
//! # Assumptions
//! The network's outputs name zones and groups at plan, whatever their ids are.

mod access;
mod alarms;
mod buckets;
mod caches;
mod check;
mod documents;
mod file_systems;
mod frame;
mod keys;
mod orderable;
mod outputs;
mod parameters;
mod password;
mod preflight;
mod relational;
mod search;
pub mod spec;
mod tables;
mod versions;

#[cfg(test)]
mod tests;

pub use outputs::Outputs;
pub use spec::DataTier;

use std::time::SystemTime;

use platform_graph::{Graph, Limits, Plan, Problems, Tags};
use serde_json::Value;

use crate::{Composite, Expansion, Ledger, Question, Setting};
use frame::Frame;

/// Address of the key of the tier.
const KEY: &str = "key";

impl Composite for DataTier {
    const TYPE: &'static str = "platform_data_tier";
    const ABOUT: &'static str = "The stores of a platform, each by name: databases, document databases, caches, search domains, tables, buckets and file systems, encrypted \
        with one customer-managed key, placed in one tier of a network, reachable for those that are named and nobody else, with \
        alarms that are ready to be switched on. What holds data is neither replaced nor deleted unless the configuration names it.";
    const ANCHOR: &'static str = KEY;
    const ANCHOR_KIND: &'static str = "AWS::KMS::Key";
    const SERVICES: &'static [&'static str] = &[
        "ApplicationAutoScaling",
        "CloudWatch",
        "DocDB",
        "DynamoDB",
        "EC2",
        "EFS",
        "ElastiCache",
        "IAM",
        "KMS",
        "Logs",
        "OpenSearchService",
        "RDS",
        "S3",
        "SecretsManager",
    ];
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

    fn questions(&self, ledger: &Ledger) -> Vec<Question> {
        versions::distinct(
            relational::questions(self, ledger)
                .into_iter()
                .chain(documents::questions(self, ledger))
                .chain(caches::questions(self, ledger))
                .chain(search::questions(self, ledger)),
        )
    }

    fn preflight_questions(&self) -> Vec<Question> {
        preflight::questions(self)
    }

    fn inquisitive() -> Self {
        preflight::inquisitive()
    }

    fn preflight(
        &self,
        setting: &Setting,
        expansion: &Expansion,
        creates: &dyn Fn(&str) -> bool,
        problems: &mut Problems,
    ) {
        preflight::preflight(self, setting, expansion, creates, problems);
    }

    fn place(&self, address: &str) -> Vec<String> {
        frame::place(address)
    }

    fn weigh(&self, plan: &Plan, now: SystemTime, problems: &mut Problems) {
        search::weigh(self, plan, now, problems);
        tables::weigh(self, plan, problems);
        documents::weigh(self, plan, problems);
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
        let mut ledger = ledger.clone();
        keys::add(&frame, &mut graph);
        for (name, store) in &self.tables {
            tables::add(&frame, name, store, &mut graph, problems);
        }
        for (name, store) in &self.documents {
            if let Some(store) = documents::settled(&frame, name, store, &mut ledger, problems) {
                documents::add(&frame, name, &store, &mut graph);
            }
        }
        for (name, store) in &self.buckets {
            buckets::add(&frame, name, store, &mut graph, problems);
        }
        for (name, store) in &self.file_systems {
            file_systems::add(&frame, name, store, &mut graph);
        }
        search::add(&frame, &mut ledger, &mut graph, problems);
        for (engine, stores) in relational::all(self) {
            for (name, store) in stores {
                let settled =
                    relational::settled(engine, &frame, name, store, &mut ledger, problems);
                if let Some(store) = settled {
                    relational::add(engine, &frame, name, &store, &mut graph);
                }
            }
        }
        for (name, store) in &self.caches {
            if let Some(store) = caches::settled(&frame, name, store, &mut ledger, problems) {
                caches::add(&frame, name, &store, &mut graph);
            }
        }
        keys::regions(&frame, problems);
        check::names(&graph, problems);
        let outputs = Outputs::of(&frame);
        Some(Expansion {
            graph,
            ledger,
            // A struct of texts and maps with text keys always serialises.
            outputs: serde_json::to_value(outputs).unwrap_or(Value::Null),
        })
    }
}
