//! What goes wrong with a call.

use std::fmt;
use std::time::Duration;

use platform_engine::ErrorKind;
use platform_graph::Call;
use tokio::time::Instant;

use super::State;

/// What goes wrong, in per mille of the calls unless said otherwise.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// Throttled: no effect.
    pub throttled: u64,
    /// A 5xx; half of them had their effect.
    pub transient: u64,
    /// No reply; half of them take effect only [later](LATE), when the caller has long given up on them.
    pub lost: u64,
    /// Reads that show the past.
    pub stale: u64,
    /// How far back, at most.
    pub lag: Duration,
    /// Calls that others overtake: late on their way, or their reply is.
    pub overtaken: u64,
    /// Objects that take time and come up failed, once per name of a part.
    pub failed: u64,
    /// The number of the change at which the process dies, and whether the change still happens.
    pub crash: Option<(usize, bool)>,
    /// How long slow objects take, in percent of the usual time; 0 is random.
    pub pace: u64,
}

/// How long after its caller has given it up a call may still take effect.
pub const LATE: Duration = Duration::from_secs(2);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lag = self.lag.as_secs();
        let each = [
            (self.throttled, "throttled".to_owned()),
            (
                self.transient,
                "fail with a 5xx, half of them after their effect".to_owned(),
            ),
            (
                self.lost,
                "without reply, half of them with a late effect".to_owned(),
            ),
            (self.stale, format!("of the reads up to {lag} s old")),
            (self.overtaken, "overtaken by others".to_owned()),
            (self.failed, "of the slow objects come up failed".to_owned()),
        ];
        let each: Vec<String> = each
            .into_iter()
            .filter(|(often, _)| *often > 0)
            .map(|(often, what)| format!("{}.{} % {what}", often / 10, often % 10))
            .collect();
        if each.is_empty() {
            f.write_str("none")
        } else {
            f.write_str(&each.join(", "))
        }
    }
}

/// What becomes of one call.
#[derive(Clone, Copy, Debug)]
pub enum Fate {
    Answered,
    /// The test says what AWS answers.
    Scripted(ErrorKind, &'static str),
    Throttled,
    Failed {
        happens: bool,
    },
    Lost {
        after: Duration,
    },
    Death {
        happens: bool,
    },
}

/// A call on its way.
pub struct Departure {
    pub fate: Fate,
    /// How long it takes to AWS.
    pub there: Duration,
    /// How long the reply takes.
    pub back: Duration,
}

impl State {
    /// A process sends a call.
    pub fn depart(&mut self, call: &Call) -> Departure {
        self.calls.push(call.action);
        let mut dies = None;
        if !call.is_read() {
            self.changes += 1;
            self.flying += 1;
            self.most_changes = self.most_changes.max(self.flying);
            dies = self.faults.crash.filter(|(at, _)| self.changes >= *at);
            if self.rules.stopped {
                self.violate(format!(
                    "{} was sent after the run was stopped",
                    call.action
                ));
            }
        }
        self.judge_token(call);
        let quick = |state: &mut State| Duration::from_millis(20 + state.random.below(120));
        let slow = |state: &mut State| Duration::from_millis(state.random.below(2_000));
        let (mut there, mut back) = (quick(self), Duration::ZERO);
        if self.random.chance(self.faults.overtaken) {
            if self.random.chance(500) {
                there += slow(self);
            } else {
                back = slow(self);
            }
        }
        let dice = self.random.below(1000);
        let Faults {
            throttled,
            transient,
            lost,
            ..
        } = self.faults;
        let fate = if let Some((_, happens)) = dies {
            Fate::Death { happens }
        } else if let Some((kind, code)) = self.broken.get(call.action) {
            Fate::Scripted(*kind, code)
        } else if dice < throttled {
            Fate::Throttled
        } else if dice < throttled + transient {
            let happens = dice.is_multiple_of(2);
            Fate::Failed { happens }
        } else if dice < throttled + transient + lost {
            let late = dice.is_multiple_of(2) && !call.is_read();
            let after = if late { self.late() } else { Duration::ZERO };
            Fate::Lost { after }
        } else {
            Fate::Answered
        };
        Departure { fate, there, back }
    }

    /// When a call whose caller is gone takes effect.
    pub fn late(&mut self) -> Duration {
        Duration::from_millis(self.random.below(LATE.as_millis() as u64))
    }

    /// A moment that a read shows instead of the present.
    pub fn shown_moment(&mut self) -> Instant {
        let now = Instant::now();
        if !self.random.chance(self.faults.stale) {
            return now;
        }
        let lag = self.random.below(self.faults.lag.as_millis() as u64 + 1);
        now - Duration::from_millis(lag).min(now - self.epoch)
    }
}
