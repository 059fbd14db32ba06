//! The faults a proxy can place.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use super::call::{Call, Refusal};
use super::hold::Hold;

/// What becomes of the call at which a [`Fault`] strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// AWS executes it, the caller never hears of it.
    Withheld,
    /// AWS executes it, the caller gets the reply.
    Delivered,
    /// It never reaches AWS.
    NeverSent,
}

/// A fault at one mutating call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// Which mutating call, counted from 1 since the fault was placed.
    pub at: usize,
    /// What becomes of it.
    pub delivery: Delivery,
    /// Whether every call that is under way or comes later hangs, as if the caller had lost power at
    /// this instant. Without it the fault only tells the test that the call was made.
    pub freeze: bool,
}

/// Conditions that hold for every call until they are changed.
#[derive(Debug, Clone, Default)]
pub struct Weather {
    /// Added before a call is forwarded.
    pub latency: Duration,
    /// Added on top for the actions named, such as (`CreateNatGateway`, 2 s).
    pub latency_of: Vec<(&'static str, Duration)>,
    /// Added on top for calls that change anything.
    pub latency_of_changes: Duration,
    /// Up to so much is added on top, differently for every call.
    pub jitter: Duration,
    /// Actions that AWS denies to the caller.
    pub denied: Vec<&'static str>,
    /// Share of calls answered with the service's throttling error, 0 to 1.
    pub throttled: f64,
    /// Share of calls answered with an internal error, 0 to 1.
    pub broken: f64,
    /// Share of calls that are executed and whose connection is then cut, 0 to 1.
    pub cut: f64,
    /// Share of calls that are not executed and whose connection is reset, 0 to 1.
    pub reset_before: f64,
    /// Share of calls that are executed and whose connection is then reset, 0 to 1.
    pub reset_after: f64,
    /// Share of reads that show what there was up to [`lag`](Self::lag) ago, 0 to 1.
    pub stale: f64,
    /// How far stale reads look back at most.
    pub lag: Duration,
    /// What takes its time to be created and deleted.
    pub holds: Vec<Hold>,
    /// Chooses which calls are hit: the same seed and the same call number give the same fate.
    pub seed: u64,
}

/// What the weather does to one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Passed,
    Refused(Refusal),
    Cut,
    ResetBefore,
    ResetAfter,
}

impl Weather {
    pub(super) fn delay(&self, call: &Call, number: usize) -> Duration {
        let own = (self.latency_of.iter())
            .find(|(name, _)| *name == call.action)
            .map_or(Duration::ZERO, |(_, more)| *more);
        let changes = if call.is_mutating() {
            self.latency_of_changes
        } else {
            Duration::ZERO
        };
        self.latency + own + changes + self.jitter.mul_f64(self.draw(number, "jitter"))
    }

    pub(super) fn fate(&self, call: &Call, number: usize) -> Fate {
        if self.denied.contains(&call.action.as_str()) {
            return Fate::Refused(Refusal::Denied);
        }
        let draw = self.draw(number, "fate");
        let mut upto = 0.0;
        for (share, fate) in [
            (self.throttled, Fate::Refused(Refusal::Throttled)),
            (self.broken, Fate::Refused(Refusal::Broken)),
            (self.cut, Fate::Cut),
            (self.reset_before, Fate::ResetBefore),
            (self.reset_after, Fate::ResetAfter),
        ] {
            upto += share;
            if draw < upto {
                return fate;
            }
        }
        Fate::Passed
    }

    /// How far a read looks back; `None` if it shows what there is.
    pub(super) fn age(&self, call: &Call, number: usize) -> Option<Duration> {
        let stale = !call.is_mutating() && self.draw(number, "stale") < self.stale;
        stale.then(|| self.lag.mul_f64(self.draw(number, "age")))
    }

    /// A number from 0 to 1, excluding 1, for one question about one call.
    fn draw(&self, number: usize, question: &str) -> f64 {
        let mut hasher = DefaultHasher::new();
        (self.seed, number, question).hash(&mut hasher);
        // 53 bits are what a double holds exactly.
        (hasher.finish() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proxy::Dialect;

    fn call(action: &str) -> Call {
        Call {
            service: "ec2".to_owned(),
            region: "us-east-1".to_owned(),
            action: action.to_owned(),
            dialect: Dialect::Ec2,
            at: Duration::ZERO,
            status: None,
            stale: false,
        }
    }

    #[test]
    fn delays_add_up_and_jitter_is_chosen_by_seed_and_number() {
        let millis = Duration::from_millis;
        let weather = |seed| Weather {
            latency: millis(1),
            latency_of: vec![("CreateVpc", millis(10))],
            latency_of_changes: millis(100),
            jitter: millis(50),
            seed,
            ..Weather::default()
        };
        let jitters = |seed, action, least| -> Vec<Duration> {
            let delay = |number| weather(seed).delay(&call(action), number);
            let jitters: Vec<Duration> = (0..50).map(|number| delay(number) - least).collect();
            assert!(
                jitters.iter().all(|jitter| *jitter < millis(50)),
                "{jitters:?}"
            );
            jitters
        };
        let of_reads = jitters(1, "DescribeVpcs", millis(1));
        assert_eq!(of_reads, jitters(1, "CreateVpc", millis(111)));
        assert_eq!(of_reads, jitters(1, "DeleteVpc", millis(101)));
        assert_ne!(of_reads, jitters(2, "DescribeVpcs", millis(1)));
        assert!(of_reads.iter().any(|jitter| *jitter < millis(15)));
        assert!(of_reads.iter().any(|jitter| *jitter > millis(35)));
    }

    #[test]
    fn fates_come_in_their_shares() {
        let weather = Weather {
            throttled: 0.1,
            broken: 0.1,
            cut: 0.1,
            reset_before: 0.2,
            reset_after: 0.3,
            stale: 0.5,
            lag: Duration::from_secs(4),
            ..Weather::default()
        };
        let share = |fate| {
            (0..10_000)
                .filter(|&number| weather.fate(&call("DescribeVpcs"), number) == fate)
                .count()
        };
        for (fate, expected) in [
            (Fate::Refused(Refusal::Throttled), 1000),
            (Fate::Refused(Refusal::Broken), 1000),
            (Fate::Cut, 1000),
            (Fate::ResetBefore, 2000),
            (Fate::ResetAfter, 3000),
            (Fate::Passed, 2000),
        ] {
            assert!(
                share(fate).abs_diff(expected) < 200,
                "{fate:?}: {}",
                share(fate)
            );
        }
        let ages: Vec<Duration> = (0..10_000)
            .filter_map(|number| weather.age(&call("DescribeVpcs"), number))
            .collect();
        assert!(ages.len().abs_diff(5000) < 200, "{}", ages.len());
        assert!(ages.iter().all(|age| *age < weather.lag));
        let old = ages.iter().filter(|age| **age > weather.lag / 2).count();
        assert!(old.abs_diff(2500) < 200, "{old}");
        assert_eq!(weather.age(&call("CreateVpc"), 1), None);
    }
}
