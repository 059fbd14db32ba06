//! Everything that is wrong with a configuration, at once, each at its attribute path.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Severity {
    /// The run stops.
    Error,
    /// The run goes on; a person should know.
    Warning,
}

/// One thing that is wrong, or that a person should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// Attribute path of the argument it is about, outermost first: `["tiers", "private", "prefix_length"]`.
    /// Empty when it is about the whole.
    pub path: Vec<String>,
    /// One line: what is wrong.
    pub summary: String,
    /// Why it is wrong and what to do.
    pub detail: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        if self.path.is_empty() {
            write!(f, "{kind}: {}: {}", self.summary, self.detail)
        } else {
            write!(
                f,
                "{kind} at {}: {}: {}",
                self.path.join("."),
                self.summary,
                self.detail
            )
        }
    }
}

/// All problems found so far, in the order they were found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// No problems yet.
    pub fn new() -> Self {
        Problems::default()
    }

    /// Adds an error at an attribute path.
    pub fn error<P: Into<String>>(
        &mut self,
        path: impl IntoIterator<Item = P>,
        summary: impl Into<String>,
        detail: impl Into<String>,
    ) {
        self.push(Severity::Error, path, summary, detail);
    }

    /// Adds a warning at an attribute path.
    pub fn warning<P: Into<String>>(
        &mut self,
        path: impl IntoIterator<Item = P>,
        summary: impl Into<String>,
        detail: impl Into<String>,
    ) {
        self.push(Severity::Warning, path, summary, detail);
    }

    fn push<P: Into<String>>(
        &mut self,
        severity: Severity,
        path: impl IntoIterator<Item = P>,
        summary: impl Into<String>,
        detail: impl Into<String>,
    ) {
        self.0.push(Problem {
            severity,
            path: path.into_iter().map(Into::into).collect(),
            summary: summary.into(),
            detail: detail.into(),
        });
    }

    /// Whether any of them stops the run.
    pub fn has_errors(&self) -> bool {
        self.0
            .iter()
            .any(|problem| problem.severity == Severity::Error)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter()
    }

    /// Takes over the problems of another list.
    pub fn extend(&mut self, other: Problems) {
        self.0.extend(other.0);
    }
}

impl IntoIterator for Problems {
    type Item = Problem;
    type IntoIter = std::vec::IntoIter<Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl FromIterator<Problem> for Problems {
    fn from_iter<I: IntoIterator<Item = Problem>>(problems: I) -> Self {
        Problems(problems.into_iter().collect())
    }
}
