//! What a careful reader would object to.
//!
//! The checks follow the Security, Reliability and Cost pillars of the AWS Well-Architected Framework as far as the parts
//! alone show them. They judge what is asked for, so that they work on a plan.

mod checks;

use std::fmt;

use serde::Serialize;

use crate::CompositeView;
use checks::CHECKS;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// An opening that is found and used by strangers within hours.
    High,
    /// What makes an outage or an intrusion worse than it needs to be.
    Medium,
    /// What is worth a thought.
    Low,
}

/// One objection.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// Terraform address of the composite.
    pub composite: String,
    /// Address of the part, or of the part that is missing.
    pub part: String,
    /// Name of the check, stable, for suppressions: `single-nat-gateway`.
    pub check: &'static str,
    /// What is so and why it matters.
    pub why: String,
    /// What to do about it.
    pub advice: String,
}

/// All objections, the weightiest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Review {
    /// The objections.
    pub findings: Vec<Finding>,
    /// How many checks were made on how many parts.
    pub checked: Checked,
}

/// What a review looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// Number of checks.
    pub checks: usize,
    /// Number of parts.
    pub parts: usize,
}

/// Makes every check on every composite.
pub fn review(views: &[CompositeView]) -> Review {
    let mut findings: Vec<Finding> = views
        .iter()
        .flat_map(|view| CHECKS.iter().map(move |check| (view, check)))
        .flat_map(|(view, check)| {
            (check.run)(view).into_iter().map(|objection| Finding {
                severity: check.severity,
                composite: view.address.clone(),
                part: objection.part,
                check: check.name,
                why: objection.why,
                advice: objection.advice,
            })
        })
        .collect();
    findings.sort();
    Review {
        findings,
        checked: Checked {
            checks: CHECKS.len(),
            parts: views.iter().map(|view| view.parts.len()).sum(),
        },
    }
}

impl fmt::Display for Review {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.findings {
            let severity = match finding.severity {
                Severity::High => "HIGH",
                Severity::Medium => "MEDIUM",
                Severity::Low => "LOW",
            };
            writeln!(
                f,
                "{severity:6} {}  {} {}\n       {}.\n       To do: {}.",
                finding.check, finding.composite, finding.part, finding.why, finding.advice
            )?;
        }
        let Checked { checks, parts } = self.checked;
        let count = |severity| {
            self.findings
                .iter()
                .filter(|finding| finding.severity == severity)
                .count()
        };
        writeln!(
            f,
            "{checks} checks on {parts} parts: {} high, {} medium, {} low",
            count(Severity::High),
            count(Severity::Medium),
            count(Severity::Low)
        )
    }
}
