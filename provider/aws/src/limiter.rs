//! How many calls of one sort are in flight, and how fast they start.
//!
//! AWS throttles per account, Region, service and roughly by reading or changing. Each such sort has a limiter of its
//! own that starts generous, yields at once when AWS throttles and recovers slowly:
//! - in flight: additive increase, multiplicative decrease, as TCP does;
//! - in adaptive mode also a rate that follows a cubic curve back to where throttling began, as AWS's SDKs do.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::config::RetryMode;

/// What shares a limit.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Sort {
    region: String,
    service: String,
    reads: bool,
}

/// In flight at first. AWS's token buckets hold 50 to 100 mutating and 100 and more reading calls.
const READS: f64 = 64.0;
const CHANGES: f64 = 32.0;
const BETA: f64 = 0.7;
const CUBIC: f64 = 0.4;

/// All limiters of a client.
#[derive(Debug)]
pub(crate) struct Limiters {
    mode: RetryMode,
    sorts: Mutex<HashMap<Sort, Arc<Limiter>>>,
}

impl Limiters {
    pub(crate) fn new(mode: RetryMode) -> Self {
        Self {
            mode,
            sorts: Mutex::default(),
        }
    }

    pub(crate) fn of(&self, region: &str, service: &str, reads: bool) -> Arc<Limiter> {
        let sort = Sort {
            region: region.to_owned(),
            service: service.to_owned(),
            reads,
        };
        let mut sorts = self.sorts.lock().unwrap_or_else(PoisonError::into_inner);
        sorts
            .entry(sort)
            .or_insert_with(|| Arc::new(Limiter::new(self.mode, reads)))
            .clone()
    }
}

/// The limiter of one sort of calls.
#[derive(Debug)]
pub(crate) struct Limiter {
    adaptive: bool,
    most: f64,
    freed: Notify,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    in_flight: u32,
    limit: f64,
    /// Throttled replies to calls of one burst count once.
    last_decrease: Option<Instant>,
    /// Set by the first throttling.
    rate: Option<Rate>,
    started: u32,
    window: Instant,
    measured: f64,
}

#[derive(Debug)]
struct Rate {
    per_second: f64,
    tokens: f64,
    filled: Instant,
    last_max: f64,
    throttled: Instant,
}

/// One call in flight; ends when dropped.
#[derive(Debug)]
pub(crate) struct Flight {
    limiter: Arc<Limiter>,
    started: Instant,
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.limiter.lock().in_flight -= 1;
        self.limiter.freed.notify_one();
    }
}

impl Limiter {
    fn new(mode: RetryMode, reads: bool) -> Self {
        let most = if reads { READS } else { CHANGES };
        let state = State {
            in_flight: 0,
            limit: most,
            last_decrease: None,
            rate: None,
            started: 0,
            window: Instant::now(),
            measured: 0.0,
        };
        Self {
            adaptive: mode == RetryMode::Adaptive,
            most,
            freed: Notify::new(),
            state: Mutex::new(state),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a place.
    pub(crate) async fn enter(self: &Arc<Self>) -> Flight {
        loop {
            // Registered before looking, so that a place freed in between isn't missed.
            let mut freed = std::pin::pin!(self.freed.notified());
            freed.as_mut().enable();
            let wait = {
                let mut state = self.lock();
                if f64::from(state.in_flight) < state.limit.max(1.0).floor() {
                    match state.take_token() {
                        None => {
                            state.in_flight += 1;
                            return Flight {
                                limiter: self.clone(),
                                started: Instant::now(),
                            };
                        }
                        wait => wait,
                    }
                } else {
                    None
                }
            };
            match wait {
                Some(wait) => tokio::time::sleep(wait).await,
                None => freed.await,
            }
        }
    }

    /// Learns from a reply: throttled or not.
    pub(crate) fn learn(&self, flight: &Flight, throttled: bool) {
        let mut state = self.lock();
        if throttled {
            if state.last_decrease.is_none_or(|at| flight.started >= at) {
                state.limit = (state.limit / 2.0).max(1.0);
                state.last_decrease = Some(Instant::now());
            }
            if self.adaptive {
                state.slow_down();
            }
        } else {
            // One more after a whole window of successes.
            state.limit = (state.limit + 1.0 / state.limit).min(self.most);
            if let Some(rate) = &mut state.rate {
                rate.recover();
            }
        }
        drop(state);
        self.freed.notify_one();
    }
}

impl State {
    /// Takes a token, or says how long until there is one.
    fn take_token(&mut self) -> Option<Duration> {
        let now = Instant::now();
        if let Some(rate) = &mut self.rate {
            let burst = rate.per_second.max(1.0);
            let elapsed = now.duration_since(rate.filled).as_secs_f64();
            rate.tokens = (rate.tokens + elapsed * rate.per_second).min(burst);
            rate.filled = now;
            if rate.tokens < 1.0 {
                // A little more than computed, so that rounding doesn't wake it for nothing.
                let wait = (1.0 - rate.tokens) / rate.per_second + 0.001;
                return Some(Duration::from_secs_f64(wait));
            }
            rate.tokens -= 1.0;
        }
        self.started += 1;
        let elapsed = now.duration_since(self.window).as_secs_f64();
        if elapsed >= 0.5 {
            self.measured = 0.8 * (f64::from(self.started) / elapsed) + 0.2 * self.measured;
            self.started = 0;
            self.window = now;
        }
        None
    }

    fn slow_down(&mut self) {
        let now = Instant::now();
        let running = match &self.rate {
            Some(rate) => rate.per_second.min(self.measured.max(0.5)),
            None => self.measured.max(1.0),
        };
        let per_second = (running * BETA).max(0.5);
        self.rate = Some(Rate {
            per_second,
            tokens: 0.0,
            filled: now,
            last_max: running,
            throttled: now,
        });
    }
}

impl Rate {
    /// Follows the cubic curve: fast at first, flat around the rate that was too much, then beyond it.
    fn recover(&mut self) {
        let window = (self.last_max * (1.0 - BETA) / CUBIC).cbrt();
        let since = self.throttled.elapsed().as_secs_f64();
        self.per_second = (CUBIC * (since - window).powi(3) + self.last_max).max(0.5);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn throttling_halves_what_is_in_flight_once_per_burst_and_successes_restore_it() {
        let limiters = Limiters::new(RetryMode::Standard);
        let limiter = limiters.of("eu-west-1", "ec2", false);
        let mut flights = Vec::new();
        for _ in 0..32 {
            flights.push(limiter.enter().await);
        }
        let full = tokio::time::timeout(Duration::from_secs(60), limiter.enter()).await;
        assert!(full.is_err(), "the 33rd waits");
        tokio::time::advance(Duration::from_secs(1)).await;
        for flight in &flights {
            limiter.learn(flight, true);
        }
        assert!(
            (limiter.lock().limit - 16.0).abs() < 0.01,
            "one burst, one decrease"
        );
        drop(flights);
        for _ in 0..2000 {
            let flight = limiter.enter().await;
            limiter.learn(&flight, false);
        }
        assert!((limiter.lock().limit - 32.0).abs() < 0.01);
        let other = limiters.of("eu-west-1", "ec2", true);
        assert!(
            (other.lock().limit - 64.0).abs() < 0.01,
            "reads have their own"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn the_adaptive_rate_falls_below_the_throttled_one_and_comes_back() {
        let limiter = Limiters::new(RetryMode::Adaptive).of("eu-west-1", "ec2", false);
        let begin = Instant::now();
        let mut sent = 0_u32;
        // A service that takes ten calls a second.
        let (mut window, mut in_window) = (Instant::now(), 0);
        let mut refused = 0_u32;
        while begin.elapsed() < Duration::from_secs(60) {
            let flight = limiter.enter().await;
            if window.elapsed() >= Duration::from_secs(1) {
                (window, in_window) = (Instant::now(), 0);
            }
            in_window += 1;
            sent += 1;
            let throttled = in_window > 10;
            refused += u32::from(throttled);
            limiter.learn(&flight, throttled);
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let useful = sent - refused;
        assert!(useful > 300, "{useful} of 600 possible calls got through");
        assert!(refused * 4 < sent, "{refused} of {sent} were refused");
    }
}
