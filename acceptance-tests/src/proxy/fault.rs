//! The faults a proxy can place.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use super::call::Refusal;

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
    /// Share of calls answered with the service's throttling error, 0 to 1.
    pub throttled: f64,
    /// Share of calls answered with an internal error, 0 to 1.
    pub broken: f64,
    /// Share of calls that are executed and whose connection is then cut, 0 to 1.
    pub cut: f64,
    /// Chooses which calls are hit: the same seed and the same call number give the same fate.
    pub seed: u64,
}

/// What the weather does to one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Passed,
    Refused(Refusal),
    Cut,
}

impl Weather {
    pub(super) fn delay(&self, action: &str) -> Duration {
        let own = self.latency_of.iter().find(|(name, _)| *name == action);
        self.latency + own.map_or(Duration::ZERO, |(_, more)| *more)
    }

    pub(super) fn fate(&self, call_number: usize) -> Fate {
        let mut hasher = DefaultHasher::new();
        (self.seed, call_number).hash(&mut hasher);
        // 53 bits are what a double holds exactly.
        let draw = (hasher.finish() >> 11) as f64 / (1_u64 << 53) as f64;
        if draw < self.throttled {
            Fate::Refused(Refusal::Throttled)
        } else if draw < self.throttled + self.broken {
            Fate::Refused(Refusal::Broken)
        } else if draw < self.throttled + self.broken + self.cut {
            Fate::Cut
        } else {
            Fate::Passed
        }
    }
}
