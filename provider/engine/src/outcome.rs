//! How a run ended.

use std::collections::BTreeMap;
use std::fmt;

use platform_graph::{MalformedProperties, Records};

use crate::{AwsError, ErrorKind};

/// What went wrong with one part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartFailure {
    /// Address of the part.
    pub address: String,
    /// CloudFormation type name.
    pub kind: String,
    /// Its id, when AWS has something.
    pub id: Option<String>,
    /// What was being done: `create`, `take over`, `update`, `replace`, `delete`, `seal`, or `keep` for a part that was to stay as it is.
    pub action: &'static str,
    /// What happened and what to do, for people.
    pub reason: String,
    /// AWS's error, when there was one.
    pub error: Option<AwsError>,
}

impl fmt::Display for PartFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "could not {} {} ({}",
            self.action, self.address, self.kind
        )?;
        if let Some(id) = &self.id {
            write!(f, " {id}")?;
        }
        write!(f, "): {}", self.reason)
    }
}

/// How a run ended.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Outcome {
    /// What exists now, and what was to exist and doesn't (`id` and `attributes` are `None`; properties that refer to what
    /// does not exist still hold their reference).
    ///
    /// A part that exists and is not ready has an id and no attributes. A part that was replaced, and whose old resource is
    /// still there, has that resource recorded beside it at [`platform_graph::replaced_address`].
    pub records: Records,
    /// What went wrong, by address.
    pub failures: Vec<PartFailure>,
    /// Parts that were left alone, each with the address of the failed part that is to blame.
    pub skipped: BTreeMap<String, String>,
    /// Whether the run was stopped before everything was done.
    pub cancelled: bool,
    /// Addresses of parts that were found rather than created.
    pub adopted: Vec<String>,
}

impl Outcome {
    /// Whether everything is as it should be.
    pub fn is_complete(&self) -> bool {
        self.failures.is_empty() && self.skipped.is_empty() && !self.cancelled
    }
}

/// Why work on a part ended early.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Stop {
    Cancelled,
    Aws(AwsError),
    /// AWS refuses because of what the text says; the text may be empty.
    InTheWay(Box<AwsError>, String),
    Said(String),
}

impl From<MalformedProperties> for Stop {
    fn from(error: MalformedProperties) -> Self {
        Stop::Said(format!("{error}. This is a bug of the provider"))
    }
}

impl Stop {
    /// The text for people, and AWS's error.
    pub fn explain(self) -> (String, Option<AwsError>) {
        match self {
            Stop::Cancelled => ("stopped".to_owned(), None),
            Stop::Said(text) => (text, None),
            Stop::InTheWay(error, text) if text.is_empty() => Stop::Aws(*error).explain(),
            Stop::InTheWay(error, text) => (format!("{error}. {text}"), Some(*error)),
            Stop::Aws(error) => {
                let advice = match error.kind {
                    ErrorKind::Denied => {
                        format!(
                            ". The credentials lack the permission {}:{}",
                            error.service, error.action
                        )
                    }
                    ErrorKind::Quota => {
                        ". Ask AWS for a higher quota, then apply again: work goes on from there"
                            .to_owned()
                    }
                    ErrorKind::Throttled => {
                        ". Run the same again later, or ask AWS for a higher rate".to_owned()
                    }
                    ErrorKind::Transient | ErrorKind::Ambiguous => {
                        ". Run the same again: what exists is found and work goes on from there"
                            .to_owned()
                    }
                    _ => String::new(),
                };
                (format!("{error}{advice}"), Some(error))
            }
        }
    }
}

/// A text of AWS's without what ends its last sentence, so that ours goes on from there.
pub(crate) fn clause(text: &str) -> &str {
    text.trim_end_matches(|last: char| last.is_whitespace() || matches!(last, '.' | ':'))
}

/// The message of a panic.
pub(crate) fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let message = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default();
    format!("the code of its kind panicked: {message}. This is a bug of the provider")
}
