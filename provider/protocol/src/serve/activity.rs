//! Counting what is going on, to know when nothing is.

use tokio::sync::watch;

/// A count of things in progress. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Activity(watch::Sender<Count>);

#[derive(Debug, Default)]
struct Count {
    now: usize,
    ever: usize,
}

/// One thing in progress, until dropped.
#[derive(Debug)]
pub(crate) struct Held(watch::Sender<Count>);

impl Activity {
    pub(crate) fn new() -> Activity {
        Activity(watch::Sender::default())
    }

    pub(crate) fn enter(&self) -> Held {
        self.0.send_modify(|count| {
            count.now += 1;
            count.ever += 1;
        });
        Held(self.0.clone())
    }

    /// How many things there ever were.
    pub(crate) fn ever(&self) -> usize {
        self.0.borrow().ever
    }

    /// Resolves when nothing is in progress; at once if so.
    pub(crate) async fn none(&self) {
        // The channel can't close: `self` holds a sender.
        let _ = self.0.subscribe().wait_for(|count| count.now == 0).await;
    }

    /// Resolves when there ever were more than `past` things, even if that one is over again.
    pub(crate) async fn more_than(&self, past: usize) {
        let _ = self.0.subscribe().wait_for(|count| count.ever > past).await;
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.send_modify(|count| count.now -= 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_came_and_went_unseen_still_counts() {
        let activity = Activity::new();
        drop(activity.enter());
        activity.more_than(0).await;
        activity.none().await;
        assert_eq!(activity.ever(), 1);
        let held = activity.enter();
        let waiting = tokio::time::timeout(std::time::Duration::from_millis(5), activity.none());
        assert!(waiting.await.is_err());
        drop(held);
        activity.none().await;
    }
}
