//! How patient and how parallel an engine is.

use std::time::Duration;

/// Limits and times of an engine.
#[derive(Debug, Clone)]
pub struct Options {
    /// Reads in flight at once, per service.
    pub reads: usize,
    /// Changes in flight at once, per service.
    pub changes: usize,
    /// How long calls are gathered before those that can be merged are sent as one.
    pub window: Duration,
    /// Polls happen at multiples of this, so that those of different parts meet and merge.
    pub tick: Duration,
    /// How long AWS may take to show what it has accepted. Longer than that and it counts as not done.
    pub lag: Duration,
    /// How often one call is sent at most, when AWS throttles it or fails on its own.
    pub attempts: u32,
    /// How long one read is sent again when AWS keeps failing on its own or keeps silent. The client underneath has its
    /// retries already, so this is short.
    pub patience: Duration,
    /// The same for a change, which the client never repeats.
    pub patience_with_changes: Duration,
    /// How long one call is sent again when AWS keeps throttling it.
    pub throttling_patience: Duration,
    /// The first pause between two attempts; it doubles up to [`Options::longest_pause`].
    pub pause: Duration,
    /// The longest pause between two attempts.
    pub longest_pause: Duration,
    /// How many AWS objects are tried for one part before it fails: an object that comes up failed is deleted and made anew.
    pub lives: u32,
    /// Whether data that others left inside (volumes of clusters that are gone) goes with what is deleted.
    pub remove_left_data: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            reads: 40,
            changes: 20,
            window: Duration::from_millis(10),
            tick: Duration::from_millis(500),
            lag: Duration::from_secs(30),
            attempts: 10,
            patience: Duration::from_secs(10),
            patience_with_changes: Duration::from_secs(60),
            throttling_patience: Duration::from_secs(300),
            pause: Duration::from_millis(250),
            longest_pause: Duration::from_secs(5),
            lives: 2,
            remove_left_data: false,
        }
    }
}

impl Options {
    /// The pause before attempt number `attempt` (from 1).
    pub(crate) fn backoff(&self, attempt: u32) -> Duration {
        self.pause
            .saturating_mul(1 << attempt.saturating_sub(1).min(10))
            .min(self.longest_pause)
    }

    /// How long to wait until the next look at something that takes about `expected` and has taken `elapsed` so far.
    ///
    /// A twentieth of what has passed, so that waiting adds at most 5 % to AWS's own time; never more than two seconds while
    /// the end is near, and up to ten once it takes three times as long as usual.
    pub(crate) fn poll(&self, elapsed: Duration, expected: Duration) -> Duration {
        let second = Duration::from_secs(1);
        let cap = if elapsed <= (expected * 3).max(60 * second) {
            2 * second
        } else {
            10 * second
        };
        (elapsed / 20).max(expected / 60).clamp(second / 2, cap)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polls_are_frequent_enough_and_not_more() {
        let options = Options::default();
        for (elapsed, expected, pause) in [
            (0, 2, 500),
            (10, 2, 500),
            (20, 2, 1000),
            (0, 90, 1500),
            (45, 90, 2000),
            (0, 600, 2000),
            (1800, 600, 2000),
            (1801, 600, 10_000),
        ] {
            assert_eq!(
                options.poll(Duration::from_secs(elapsed), Duration::from_secs(expected)),
                Duration::from_millis(pause),
                "{elapsed} s of {expected} s"
            );
        }
    }
}
