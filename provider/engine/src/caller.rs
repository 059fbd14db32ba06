//! Sending calls within limits, again where that is safe.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use platform_graph::Call;
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::secret::{Vault, asking, hide};
use crate::{Aws, AwsError, Cancel, ErrorKind, Options, Stop};

/// Calls that share a limit: those of one service in one region, the composite's where none is named, that read or that change.
type Sort = (&'static str, Option<String>, bool);

/// How many calls of each sort are in flight; shared by all runs of an engine.
#[derive(Debug, Default)]
pub(crate) struct Gates {
    gates: Mutex<BTreeMap<Sort, Arc<Semaphore>>>,
    sent: AtomicU64,
}

impl Gates {
    fn of(&self, call: &Call, options: &Options) -> Arc<Semaphore> {
        let read = call.is_read();
        let room = if read { options.reads } else { options.changes };
        let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        gates
            .entry((call.service, call.region.clone(), read))
            .or_insert_with(|| Arc::new(Semaphore::new(room.max(1))))
            .clone()
    }

    /// Spreads pauses over 75 to 125 %, so that calls that were throttled together don't come back together.
    fn jitter(&self, pause: Duration) -> Duration {
        let mut mixed = self.sent.fetch_add(1, Ordering::Relaxed) ^ 0x9e37_79b9_7f4a_7c15;
        for shift in [13_u32, 7, 17] {
            mixed ^= mixed.rotate_left(shift).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        }
        pause.mul_f64(0.75 + (mixed % 1024) as f64 / 2048.0)
    }
}

/// Sends the calls of one run.
pub(crate) struct Caller {
    pub aws: Arc<dyn Aws>,
    pub gates: Arc<Gates>,
    pub options: Arc<Options>,
    pub vault: Arc<Vault>,
    pub cancel: Cancel,
}

impl Caller {
    /// Sends a call. A throttled call, and a read that failed for no reason of its own, is sent again after a pause.
    ///
    /// A call that has left is waited for even when the run is cancelled meanwhile.
    pub async fn send(&self, call: &Call) -> Result<Value, Stop> {
        let kept = match asking(call) {
            Some(ask) => Some(self.deliver(&ask, &ask, None).await?),
            None => None,
        };
        let (filled, secret) = self.vault.fill(call, kept.as_ref())?;
        self.deliver(call, &filled, secret.as_deref()).await
    }

    /// Sends `filled`, which is `call` with its secret.
    async fn deliver(
        &self,
        call: &Call,
        filled: &Call,
        secret: Option<&str>,
    ) -> Result<Value, Stop> {
        let gate = self.gates.of(call, &self.options);
        let begun = Instant::now();
        let mut attempt = 0;
        loop {
            let permit = tokio::select! {
                biased;
                () = self.cancel.cancelled() => return Err(Stop::Cancelled),
                permit = gate.acquire() => permit,
            };
            let reply = self.aws.call(filled).await;
            let reply = reply.map_err(|error| hide(error, secret));
            drop(permit);
            attempt += 1;
            match reply {
                Err(error) if attempt < self.options.attempts && is_harmless(call, &error) => {
                    let pause = self.gates.jitter(self.options.backoff(attempt));
                    if begun.elapsed() + pause > self.patience_with(call, &error) {
                        return Err(Stop::Aws(error));
                    }
                    tracing::debug!(%error, attempt, "sending again");
                    if !self.cancel.sleep(pause).await {
                        return Err(Stop::Cancelled);
                    }
                }
                reply => return reply.map_err(Stop::Aws),
            }
        }
    }

    fn patience_with(&self, call: &Call, error: &AwsError) -> Duration {
        match error.kind {
            ErrorKind::Throttled => self.options.throttling_patience,
            _ if call.is_read() => self.options.patience,
            _ => self.options.patience_with_changes,
        }
    }

    /// Sends a call that may be repeated without harm, again until AWS has answered it.
    pub async fn persist(&self, call: &Call) -> Result<Value, Stop> {
        let begun = Instant::now();
        let mut attempt = 0;
        loop {
            match self.send(call).await {
                Err(Stop::Aws(error))
                    if attempt < self.options.attempts
                        && matches!(error.kind, ErrorKind::Transient | ErrorKind::Ambiguous) =>
                {
                    attempt += 1;
                    let pause = self.gates.jitter(self.options.backoff(attempt));
                    if begun.elapsed() + pause > self.patience_with(call, &error)
                        || !self.cancel.sleep(pause).await
                    {
                        return Err(Stop::Aws(error));
                    }
                }
                reply => return reply,
            }
        }
    }
}

fn is_harmless(call: &Call, error: &AwsError) -> bool {
    match error.kind {
        ErrorKind::Throttled => true,
        ErrorKind::Transient | ErrorKind::Ambiguous => call.is_read(),
        _ => false,
    }
}
