//! Counting what is going on, to know when nothing is.

use tokio::sync::watch;

/// A count of things in progress. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Activity(watch::Sender<usize>);

/// One thing in progress, until dropped.
#[derive(Debug)]
pub(crate) struct Held(watch::Sender<usize>);

impl Activity {
    pub(crate) fn new() -> Activity {
        Activity(watch::Sender::new(0))
    }

    pub(crate) fn enter(&self) -> Held {
        self.0.send_modify(|count| *count += 1);
        Held(self.0.clone())
    }

    /// Resolves when nothing is in progress; at once if so.
    pub(crate) async fn none(&self) {
        // The channel can't close: `self` holds a sender.
        let _ = self.0.subscribe().wait_for(|count| *count == 0).await;
    }

    /// Resolves when something is in progress; at once if so.
    pub(crate) async fn some(&self) {
        let _ = self.0.subscribe().wait_for(|count| *count > 0).await;
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}
