//! Asking a run to stop.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

/// A switch that stops a run: no new work starts, waits end at once, calls in flight finish and are recorded.
///
/// Clones are the same switch.
#[derive(Debug, Clone)]
pub struct Cancel(Arc<watch::Sender<bool>>);

impl Default for Cancel {
    fn default() -> Self {
        Cancel(Arc::new(watch::Sender::new(false)))
    }
}

impl Cancel {
    /// A switch that is off.
    pub fn new() -> Self {
        Cancel::default()
    }

    /// Stops every run that holds this switch.
    pub fn cancel(&self) {
        self.0.send_replace(true);
    }

    /// Whether it was switched.
    pub fn is_cancelled(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns as soon as it is switched.
    pub async fn cancelled(&self) {
        // The sender lives as long as `self`, so waiting can't fail.
        let _ = self.0.subscribe().wait_for(|stopped| *stopped).await;
    }

    /// Sleeps; `false` when it was cut short.
    pub(crate) async fn sleep(&self, time: Duration) -> bool {
        tokio::select! {
            biased;
            () = self.cancelled() => false,
            () = tokio::time::sleep(time) => true,
        }
    }
}
