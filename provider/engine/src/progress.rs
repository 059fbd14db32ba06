//! What a run tells about itself while it goes on.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use platform_graph::Recorded;
use serde::Serialize;

/// What a part is going through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// It is looked for.
    Looking,
    /// The call that creates it is sent.
    Creating,
    /// It was found where an earlier run left it.
    Adopted,
    /// AWS works on it; the text says what AWS calls that.
    Waiting(String),
    /// Calls that change it are sent.
    Updating,
    /// Calls that delete it are sent.
    Deleting,
    /// It is as it should be, or gone as it should be.
    Done,
    /// It could not be brought there, and why.
    Failed(String),
    /// It was left alone because of the part at this address.
    Skipped(String),
    /// The run was stopped before it was done.
    Stopped,
}

/// One step of one part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// Address of the part.
    pub address: String,
    /// CloudFormation type name.
    #[serde(rename = "type")]
    pub kind: String,
    /// What it is going through.
    pub phase: Phase,
    /// Its id, once known.
    pub id: Option<String>,
    /// Since work on it began.
    pub elapsed: Duration,
    /// How long AWS usually takes.
    pub expected: Duration,
}

type OnProgress = Arc<dyn Fn(&Progress) + Send + Sync>;
type OnCheckpoint = Arc<dyn Fn(&str, Option<&Recorded>) + Send + Sync>;

/// Who wants to know how a run goes. Both functions are called from within the run and must return at once.
#[derive(Clone, Default)]
pub struct Watch {
    progress: Option<OnProgress>,
    checkpoint: Option<OnCheckpoint>,
}

impl Watch {
    /// Nobody.
    pub fn nobody() -> Self {
        Watch::default()
    }

    /// Calls `tell` at every step of every part.
    #[must_use]
    pub fn on_progress(mut self, tell: impl Fn(&Progress) + Send + Sync + 'static) -> Self {
        self.progress = Some(Arc::new(tell));
        self
    }

    /// Calls `keep` with an address and what is now recorded there, whenever that changes: before anything else happens to
    /// a part whose id has just become known, and when a part is gone (`None`).
    #[must_use]
    pub fn on_checkpoint(
        mut self,
        keep: impl Fn(&str, Option<&Recorded>) + Send + Sync + 'static,
    ) -> Self {
        self.checkpoint = Some(Arc::new(keep));
        self
    }

    pub(crate) fn tell(&self, progress: &Progress) {
        tracing::info!(
            address = progress.address,
            kind = progress.kind,
            phase = ?progress.phase,
            id = progress.id,
            elapsed = progress.elapsed.as_secs_f64(),
            expected = progress.expected.as_secs_f64(),
            "part"
        );
        if let Some(tell) = &self.progress {
            tell(progress);
        }
    }

    pub(crate) fn keep(&self, address: &str, record: Option<&Recorded>) {
        if let Some(keep) = &self.checkpoint {
            keep(address, record);
        }
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch")
            .field("progress", &self.progress.is_some())
            .field("checkpoint", &self.checkpoint.is_some())
            .finish()
    }
}
