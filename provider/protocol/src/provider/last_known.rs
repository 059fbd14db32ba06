//! What an apply that crashes leaves to be returned.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Resource;
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::value::Value;

/// Where an apply notes what exists so far, for the case that it doesn't live to return it.
///
/// When applying panics, the last note is returned with the report of the crash; without a note, the prior state. Clones
/// share it.
#[derive(Debug, Clone, Default)]
pub struct LastKnown(Arc<Mutex<Note>>);

#[derive(Debug, Clone, Default)]
struct Note {
    resource: Option<Resource>,
    untainted: bool,
}

impl LastKnown {
    /// Notes what exists now. Unknown values in it become null if it is ever used.
    pub fn record(&self, state: Value, private: Vec<u8>, identity: Option<Value>) {
        let resource = Resource {
            state,
            private,
            identity,
            diagnostics: Diagnostics::new(),
        };
        self.lock().resource = Some(resource);
    }

    /// From here on a crash is reported as a warning, if anything was noted, so that what a create has made so far isn't
    /// tainted. Terraform then holds the noted state against the plan, so it has to agree with it.
    pub fn warn_on_crash(&self) {
        self.lock().untainted = true;
    }

    /// The last note.
    pub fn recorded(&self) -> Option<Resource> {
        self.lock().resource.clone()
    }

    /// What there is after a crash: the last note, or what there was before.
    pub(crate) fn after(&self, mut crash: Diagnostic, before: Resource) -> Resource {
        let Note {
            resource,
            untainted,
        } = self.lock().clone();
        if untainted && resource.is_some() {
            crash.severity = Severity::Warning;
        }
        let kept = resource.unwrap_or(before);
        Resource {
            state: kept.state.unknowns_to_null(),
            diagnostics: crash.into(),
            ..kept
        }
    }

    fn lock(&self) -> MutexGuard<'_, Note> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
