//! One part in the hands of a run: looking at it, waiting for it, changing it.

use std::time::Duration;

use platform_graph::{Attributes, Call, Identity, KindDef, Owner, Properties, Recorded, Seen};
use tokio::time::Instant;

use crate::observe::look;
use crate::run::Run;
use crate::{AwsError, ErrorKind, Phase, Progress, Stop};

/// A part that is being made or removed.
pub(crate) struct Work<'r> {
    pub run: &'r Run<'r>,
    /// Address under which AWS and the records know it.
    pub address: String,
    pub kind: KindDef,
    /// Desired properties, or the recorded ones of a part that goes.
    pub properties: Properties,
    begun: Instant,
}

impl<'r> Work<'r> {
    pub fn new(run: &'r Run<'r>, address: &str, kind: KindDef, properties: Properties) -> Self {
        Work {
            run,
            address: address.to_owned(),
            kind,
            properties,
            begun: Instant::now(),
        }
    }

    pub fn owner(&self) -> &Owner {
        self.run.owner
    }

    pub fn me(&self, id: Option<&str>) -> Identity {
        Identity {
            owner: self.owner().clone(),
            address: self.address.clone(),
            id: id.map(str::to_owned),
        }
    }

    /// Looks at it: by id when one is given, else by owner or natural key.
    pub async fn look(&self, id: Option<&str>) -> Result<Seen<Properties>, Stop> {
        let (me, nothing) = (self.me(id), Attributes::new());
        tokio::select! {
            biased;
            () = self.run.cancel.cancelled() => Err(Stop::Cancelled),
            seen = look(&self.run.batch, &self.kind, &self.properties, &me, &nothing) => seen,
        }
    }

    /// Tells what it goes through.
    pub fn tell(&self, phase: Phase, id: Option<&str>) {
        self.run.watch.tell(&Progress {
            address: self.address.clone(),
            kind: self.kind.name.to_owned(),
            phase,
            id: id.map(str::to_owned),
            elapsed: self.begun.elapsed(),
            expected: self.expected(),
        });
    }

    pub fn expected(&self) -> Duration {
        Duration::from_secs(self.kind.expected_seconds.into())
    }

    pub fn lag(&self) -> Duration {
        self.run.engine.options.lag
    }

    /// Sleeps until the next look at something that has been going on since `since`.
    ///
    /// # Errors
    /// The run was stopped, or the kind's deadline has passed; then `state` says what it is still waiting for.
    pub async fn pause(&self, since: Instant, state: impl FnOnce() -> String) -> Result<(), Stop> {
        let next = self
            .run
            .engine
            .options
            .poll(since.elapsed(), self.expected());
        let deadline = Duration::from_secs(self.kind.deadline_seconds.into());
        if since.elapsed() + next > deadline {
            return Err(Stop::Said(format!(
                "given up after {} s: {}. Apply again to go on from there",
                deadline.as_secs(),
                state()
            )));
        }
        // Parts that are looked at equally often are looked at together: their looks fall on the same multiples of a power of
        // two of ticks, and leave as one call.
        let tick = self.run.engine.options.tick.as_millis().max(1);
        let step = tick << (next.as_millis() / tick).max(1).ilog2();
        let now = self.run.epoch.elapsed();
        let at = (now.as_millis() + step / 4).div_ceil(step) * step;
        let rest = Duration::from_millis(u64::try_from(at).unwrap_or(u64::MAX)).saturating_sub(now);
        self.rest(rest).await
    }

    /// Sleeps before attempt number `attempt` of a call.
    pub async fn back_off(&self, attempt: u32) -> Result<(), Stop> {
        self.rest(self.run.engine.options.backoff(attempt)).await
    }

    async fn rest(&self, time: Duration) -> Result<(), Stop> {
        if self.run.cancel.sleep(time).await {
            Ok(())
        } else {
            Err(Stop::Cancelled)
        }
    }

    /// Sends a call that changes what is there, and again as long as AWS may only not have caught up: with what was just
    /// made, with a role, with a change it is still busy with.
    pub async fn change(&self, call: &Call) -> Result<(), Stop> {
        let begun = Instant::now();
        let mut attempt = 0;
        let mut doubtful = false;
        loop {
            let refusal = match self.try_to_change(call, &mut doubtful).await? {
                // The attempt that nobody answered did it.
                Some(refusal) if refusal.kind == ErrorKind::Conflict && doubtful => return Ok(()),
                Some(refusal) => refusal,
                None => return Ok(()),
            };
            if begun.elapsed() >= self.lag() {
                return Err(Stop::Aws(refusal));
            }
            attempt += 1;
            self.back_off(attempt).await?;
        }
    }

    /// Sends a call that changes what is there until AWS has done it, or says that what it is about is not there or not in a
    /// state for it. That may be because an attempt that nobody answered did it, because what was looked at is not what is,
    /// or because AWS has not caught up: a look tells.
    pub async fn try_to_change(
        &self,
        call: &Call,
        doubtful: &mut bool,
    ) -> Result<Option<AwsError>, Stop> {
        let begun = Instant::now();
        let deadline = Duration::from_secs(self.kind.deadline_seconds.into());
        let mut attempt = 0;
        loop {
            let Err(stop) = self.run.caller.send(call).await else {
                return Ok(None);
            };
            let Stop::Aws(error) = stop else {
                return Err(stop);
            };
            let patience = match error.kind {
                ErrorKind::Conflict | ErrorKind::Absent => return Ok(Some(error)),
                ErrorKind::Dependency => deadline,
                ErrorKind::Transient | ErrorKind::Ambiguous => {
                    *doubtful = true;
                    self.run.engine.options.patience_with_changes
                }
                _ if error.is_propagation() => self.lag(),
                _ => Duration::ZERO,
            };
            if begun.elapsed() >= patience {
                return Err(Stop::Aws(error));
            }
            attempt += 1;
            self.back_off(attempt).await?;
        }
    }

    /// The record of this part with an id.
    pub fn record(&self, id: &str, properties: Properties) -> Recorded {
        Recorded {
            kind: self.kind.name.to_owned(),
            id: Some(id.to_owned()),
            properties,
            refs: self
                .run
                .graph
                .parts
                .get(&self.address)
                .map(platform_graph::Part::refs)
                .unwrap_or_default(),
            attributes: None,
        }
    }
}

/// Whether a create that failed this way may have had its effect.
pub(crate) fn is_doubtful(error: &AwsError) -> bool {
    matches!(error.kind, ErrorKind::Transient | ErrorKind::Ambiguous)
}
