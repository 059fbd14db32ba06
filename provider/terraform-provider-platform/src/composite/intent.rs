//! What plan and apply agree on: the expansion of a spec where it is to live, compared with what is recorded.

use std::collections::BTreeMap;
use std::time::SystemTime;

use futures_util::future::join_all;
use platform_composites::schema::Expand;
use platform_composites::{Expansion, Ledger, Question, Setting};
use platform_engine::Engine;
use platform_graph::{Owner, Plan, Problems, Reason, Records, Refusal};
use serde_json::Value as Json;

use crate::session::Session;

/// A spec, expanded and compared.
pub struct Intent {
    /// Where it lives.
    pub setting: Setting,
    /// Its parts, allocations and outputs.
    pub expansion: Expansion,
    /// What is recorded of it.
    pub records: Records,
    /// What has to happen.
    pub plan: Plan,
}

/// Where a composite is to live and what is known of it.
pub struct Ground<'a> {
    /// The configured provider.
    pub session: &'a Session,
    /// The engine of the composite's region.
    pub engine: &'a Engine,
    /// The composite's identity.
    pub owner: Owner,
    /// The account's id.
    pub account: String,
    /// The partition of the account.
    pub partition: String,
}

impl Ground<'_> {
    /// Asks what the expansion needs to know, and expands. `None` when `problems` got an error.
    pub async fn expand(
        &self,
        spec: &dyn Expand,
        ledger: &Ledger,
        problems: &mut Problems,
    ) -> Option<(Setting, Expansion)> {
        let mut tags = self.session.default_tags.clone();
        tags.extend(spec.tags().clone());
        let answers = self.ask(spec.questions(ledger), problems).await?;
        let setting = Setting {
            owner: self.owner.clone(),
            account: self.account.clone(),
            partition: self.partition.clone(),
            tags,
            answers,
        };
        let mut expansion = spec.expand(&setting, ledger, problems)?;
        for part in expansion.graph.parts.values_mut() {
            self.session.ignore_tags.leave_out(&mut part.properties);
        }
        let faults = expansion.graph.faults();
        if !faults.is_empty() {
            problems.error(
                [""; 0],
                "The parts do not fit together",
                format!(
                    "This is a bug of the provider; please report it with the configuration.\n{}",
                    faults.join("\n")
                ),
            );
        }
        (!problems.has_errors()).then_some((setting, expansion))
    }

    /// Compares an expansion with the records.
    pub fn compare(
        &self,
        spec: &dyn Expand,
        expanded: (Setting, Expansion),
        mut records: Records,
    ) -> Intent {
        let (setting, expansion) = expanded;
        for (address, record) in &mut records {
            // A tag that was ours before others took it over would be removed otherwise.
            self.session.ignore_tags.leave_out(&mut record.properties);
            // What AWS chose at birth and nobody asks for is of interest only as long as nobody knows what was asked for.
            let kind = self.session.kinds().get(&record.kind);
            let part = expansion.graph.parts.get(address);
            if let (Some(part), Some(kind)) = (part.filter(|part| part.kind == record.kind), kind) {
                record.properties.retain(|name, _| {
                    part.properties.contains_key(name) || !kind.create_only.contains(&name.as_str())
                });
            }
        }
        let plan = Plan::new(
            self.session.kinds(),
            &expansion.graph,
            &records,
            &spec.limits(),
        );
        Intent {
            setting,
            expansion,
            records,
            plan,
        }
    }

    /// Asks AWS what would go wrong, and adds it to `problems`.
    pub async fn preflight(&self, spec: &dyn Expand, intent: &mut Intent, problems: &mut Problems) {
        let Some(answers) = self.ask(spec.preflight_questions(), problems).await else {
            return;
        };
        intent.setting.answers.extend(answers);
        let creates = |address: &str| {
            intent.plan.steps.get(address).is_some_and(|step| {
                matches!(
                    step.action,
                    platform_graph::Action::Create | platform_graph::Action::Replace { .. }
                )
            })
        };
        spec.preflight(&intent.setting, &intent.expansion, &creates, problems);
    }

    /// Asks AWS what the changes in place would mean, and refuses those that it or the spec would not have.
    ///
    /// # Caveats
    /// Terraform plans once more while it applies, and takes it for a fault of the provider when AWS foretells something else
    /// then. Nothing has been changed at that point; the next plan has what is true by then.
    pub async fn foresee(&self, spec: &dyn Expand, intent: &mut Intent, problems: &mut Problems) {
        let graph = &intent.expansion.graph;
        let forecasts = self
            .engine
            .forecast(graph, &intent.records, &intent.plan)
            .await;
        for (address, forecast) in forecasts {
            for why in &forecast.refusals {
                problems.error(
                    spec.place(&address),
                    format!("AWS would refuse the change of {address}"),
                    format!("It was asked by a dry run, which changes nothing, and says: {why}."),
                );
            }
            if !forecast.unasked.is_empty() {
                problems.warning(
                    spec.place(&address),
                    format!("What the change of {address} means is not wholly known"),
                    format!(
                        "AWS did not tell: {}. What is not told counts as what it usually is.",
                        forecast.unasked.join("; ")
                    ),
                );
            }
            intent.plan.foretell(&address, &forecast);
        }
        spec.weigh(&intent.plan, SystemTime::now(), problems);
    }

    async fn ask(
        &self,
        questions: Vec<Question>,
        problems: &mut Problems,
    ) -> Option<BTreeMap<String, Json>> {
        let asked = questions.into_iter().map(|question| async move {
            let reply = self.engine.ask(&question.call).await;
            (question, reply)
        });
        let mut answers = BTreeMap::new();
        for (question, reply) in join_all(asked).await {
            match reply {
                Ok(reply) => {
                    answers.insert(question.key.into_owned(), reply);
                }
                Err(error) if question.required => problems.error(
                    [""; 0],
                    format!("AWS did not answer {}", question.call.action),
                    format!(
                        "The parts of {} can't be worked out without it. {error}",
                        self.owner
                    ),
                ),
                // A preflight that may not look is no reason not to go on: apply will tell.
                Err(error) => tracing::warn!(key = %question.key, %error, "question left open"),
            }
        }
        (!problems.has_errors()).then_some(answers)
    }
}

/// Refused steps as problems: what would be lost, and what to write to lose it all the same.
pub fn refusals(refusals: &[Refusal], problems: &mut Problems) {
    for Refusal {
        address,
        kind,
        changed,
        reason,
    } in refusals
    {
        let (summary, argument, why) = if changed.is_empty() {
            (
                format!("{address} would be deleted"),
                "allow_delete",
                "it is no longer part of the configuration".to_owned(),
            )
        } else {
            (
                format!("{address} would be replaced"),
                "allow_replace",
                format!("{} can't be changed in place", changed.join(", ")),
            )
        };
        if let Reason::Protected(by) = reason {
            problems.error(
                ["deletion_protection"],
                summary,
                format!(
                    "AWS refuses to delete {address} ({kind}) while its {by} is true, and {why}. Take the change back, set \
                     deletion_protection = false and apply; then make the change again."
                ),
            );
            continue;
        }
        problems.error(
            [argument],
            summary,
            format!(
                "{address} ({kind}) holds data that would be lost: {why}. To lose it, write {argument} = [\"{address}\"]; to keep it, take the change back."
            ),
        );
    }
}
