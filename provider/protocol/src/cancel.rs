//! The signal by which a run asks work in flight to wind up.

use std::sync::Mutex;

use tokio::sync::watch;

/// A request to stop, seen by everything that was started under it. Clones share it.
///
/// It fires when Terraform is interrupted. Work that sees it starts nothing new, waits for the calls already under way,
/// and returns what it has.
#[derive(Debug, Clone)]
pub struct Cancel(Option<watch::Receiver<bool>>);

impl Cancel {
    /// A signal that never fires.
    pub fn never() -> Cancel {
        Cancel(None)
    }

    /// A signal, and the means to fire it.
    pub fn new() -> (CancelTrigger, Cancel) {
        let (sender, receiver) = watch::channel(false);
        (CancelTrigger(sender), Cancel(Some(receiver)))
    }

    /// Whether it has fired.
    pub fn is_cancelled(&self) -> bool {
        self.0.as_ref().is_some_and(|receiver| *receiver.borrow())
    }

    /// Resolves when it fires; at once if it has. Safe to use in `select!` and to drop.
    pub async fn cancelled(&self) {
        if let Some(mut receiver) = self.0.clone()
            && receiver.wait_for(|fired| *fired).await.is_ok()
        {
            return;
        }
        // The trigger is gone or never was, so it can't fire any more.
        std::future::pending().await
    }
}

/// Fires a [`Cancel`]. Dropping it leaves the signal unfired for good.
#[derive(Debug)]
pub struct CancelTrigger(watch::Sender<bool>);

impl CancelTrigger {
    /// Fires the signal; again is no different.
    pub fn cancel(&self) {
        self.0.send_replace(true);
    }
}

/// The signal that requests run under. Once fired it stays so for all of a run: Terraform may have sent a request on its way before
/// it was interrupted, and that one must not go on as if nothing had happened. A run that attaches later begins with a fresh one.
#[derive(Debug)]
pub(crate) struct Rearming(Mutex<(CancelTrigger, Cancel)>);

impl Rearming {
    pub(crate) fn new() -> Rearming {
        Rearming(Mutex::new(Cancel::new()))
    }

    pub(crate) fn current(&self) -> Cancel {
        self.lock().1.clone()
    }

    pub(crate) fn fire(&self) {
        self.lock().0.cancel();
    }

    /// Another run begins.
    pub(crate) fn rearm(&self) {
        let mut signal = self.lock();
        if signal.1.is_cancelled() {
            *signal = Cancel::new();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, (CancelTrigger, Cancel)> {
        self.0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn firing_reaches_all_of_a_run_and_none_of_the_next() {
        let signal = Rearming::new();
        let before = signal.current();
        signal.fire();
        let on_its_way = signal.current();
        signal.rearm();
        let next = signal.current();
        before.cancelled().await;
        on_its_way.cancelled().await;
        assert!(before.is_cancelled() && on_its_way.is_cancelled());
        assert!(!next.is_cancelled());
        let still =
            tokio::time::timeout(std::time::Duration::from_millis(5), next.cancelled()).await;
        assert!(still.is_err());
    }

    #[tokio::test]
    async fn a_run_that_begins_undisturbed_keeps_its_signal() {
        let signal = Rearming::new();
        let before = signal.current();
        signal.rearm();
        signal.fire();
        assert!(before.is_cancelled());
    }

    #[tokio::test]
    async fn a_dropped_trigger_never_fires() {
        let (trigger, cancel) = Cancel::new();
        drop(trigger);
        let wait =
            tokio::time::timeout(std::time::Duration::from_millis(5), cancel.cancelled()).await;
        assert!(wait.is_err() && !cancel.is_cancelled());
    }
}
