//! When a failed sending is repeated, and how long to wait before.
//!
//! AWS's standard mode: exponential backoff with full jitter, and a quota per client that stops retries when most of
//! them fail. Two deviations, both because a platform's apply makes hundreds of calls at once: throttling doesn't draw
//! on the quota, since the limiter already answers it by fewer calls; and calls that may not be repeated fail as
//! ambiguous. <https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html>

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

const LONGEST_BACKOFF: Duration = Duration::from_secs(20);
const COST: u32 = 5;
const COST_OF_TIMEOUT: u32 = 10;
const QUOTA: u32 = 500;
const RETRIES: u32 = 25;
/// What fails for longer than most mishaps last is reported, however many retries are allowed: an unreachable host
/// after about a quarter of a minute, a failing service after one, silence after five. An error that no service wrote
/// is most often an emulator's way to say that it lacks the operation, and worth a second only.
const MOST_UNREACHABLE: u32 = 9;
const MOST_TRANSIENT: u32 = 14;
const MOST_TIMED_OUT: u32 = 4;
const MOST_FOREIGN: u32 = 4;

/// Why an attempt failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// AWS wants fewer calls.
    Throttled,
    /// AWS failed, or the connection broke.
    Transient,
    /// No connection.
    Unreachable,
    /// No reply in time.
    TimedOut,
    /// An internal error that bears no code of AWS.
    Foreign,
}

/// How often a client retries.
#[derive(Debug)]
pub(crate) struct Retry {
    max_retries: u32,
    capacity: u32,
    quota: Mutex<u32>,
}

impl Retry {
    pub(crate) fn new(max_retries: Option<u32>, capacity: Option<u32>) -> Self {
        let capacity = capacity.unwrap_or(QUOTA);
        Self {
            max_retries: max_retries.unwrap_or(RETRIES),
            capacity,
            quota: Mutex::new(capacity),
        }
    }

    /// What to wait before the retry that follows `retries` earlier ones, or `None` when there shall be none. `after`
    /// is what the service asked for.
    pub(crate) fn pause(
        &self,
        retries: u32,
        cause: Cause,
        after: Option<Duration>,
    ) -> Option<Duration> {
        let most = match cause {
            Cause::Throttled => self.max_retries,
            Cause::Transient => self.max_retries.min(MOST_TRANSIENT),
            Cause::Unreachable => self.max_retries.min(MOST_UNREACHABLE),
            Cause::TimedOut => self.max_retries.min(MOST_TIMED_OUT),
            Cause::Foreign => self.max_retries.min(MOST_FOREIGN),
        };
        if retries >= most {
            return None;
        }
        let cost = match cause {
            Cause::Throttled => 0,
            Cause::Transient | Cause::Unreachable | Cause::Foreign => COST,
            Cause::TimedOut => COST_OF_TIMEOUT,
        };
        let mut quota = self.quota.lock().unwrap_or_else(PoisonError::into_inner);
        *quota = quota.checked_sub(cost)?;
        // Throttling needs time; a failed server is usually followed by a working one.
        let base = if cause == Cause::Throttled { 1.0 } else { 0.05 };
        let ceiling =
            (base * 2_f64.powi(retries.min(16).cast_signed())).min(LONGEST_BACKOFF.as_secs_f64());
        let jittered = Duration::from_secs_f64(ceiling * fastrand::f64());
        Some(after.map_or(jittered, |after| after.min(LONGEST_BACKOFF).max(jittered)))
    }

    /// A call succeeded after `retries` retries: part of the quota comes back.
    pub(crate) fn succeeded(&self, retries: u32) {
        let mut quota = self.quota.lock().unwrap_or_else(PoisonError::into_inner);
        *quota = (*quota + if retries == 0 { 1 } else { COST }).min(self.capacity);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quota_stops_retries_and_comes_back_with_successes() {
        let retry = Retry::new(None, Some(10));
        assert!(retry.pause(0, Cause::Transient, None).is_some());
        assert!(retry.pause(1, Cause::Transient, None).is_some());
        assert!(retry.pause(2, Cause::Transient, None).is_none(), "used up");
        assert!(
            retry.pause(2, Cause::Throttled, None).is_some(),
            "throttling doesn't draw on it"
        );
        retry.succeeded(1);
        assert!(retry.pause(0, Cause::Transient, None).is_some());
        assert!(retry.pause(0, Cause::TimedOut, None).is_none());
    }

    #[test]
    fn backoff_grows_to_its_ceiling_and_obeys_retry_after() {
        let retry = Retry::new(Some(30), None);
        for attempt in 0..30 {
            let ceiling = (1_u64 << attempt.min(10)).min(20);
            let pause = retry.pause(attempt, Cause::Throttled, None).unwrap();
            assert!(
                pause <= Duration::from_secs(ceiling),
                "{attempt}: {pause:?}"
            );
        }
        assert_eq!(retry.pause(30, Cause::Throttled, None), None);
        let asked = retry
            .pause(0, Cause::Throttled, Some(Duration::from_secs(7)))
            .unwrap();
        assert_eq!(asked, Duration::from_secs(7));
    }
}
