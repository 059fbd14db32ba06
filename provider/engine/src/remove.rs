//! Deleting one part.
//!
//! # Flow
//! The delete calls, then looks until AWS shows nothing any more. What AWS refuses because something still uses the part is
//! tried again until the kind's deadline; the last refusal names what is in the way.
//!
//! # Guarantees
//! A part counts as removed only when AWS shows that it is gone. After it, what else carries its owner and address (the
//! remains of a run that was killed while it replaced the part) goes too, unless it holds data.

use std::time::Duration;

use platform_graph::{Attributes, Recorded, Seen};
use tokio::time::Instant;

use crate::observe::tags_of;
use crate::part::Work;
use crate::refresh::is_ours;
use crate::{AwsError, ErrorKind, Phase, Stop};

impl Work<'_> {
    /// Removes what was recorded.
    pub async fn remove(&self, record: &Recorded) -> Result<(), Stop> {
        let Some(id) = &record.id else { return Ok(()) };
        if self.kind.taken_over {
            return Ok(());
        }
        let attributes = record.attributes.clone().unwrap_or_default();
        self.delete(id, &attributes).await?;
        self.sweep(id).await
    }

    /// Deletes the object with this id and waits until it is gone.
    pub async fn delete(&self, id: &str, attributes: &Attributes) -> Result<(), Stop> {
        let begun = Instant::now();
        let calls = (self.kind.delete)(&self.properties, &self.me(Some(id)), id, attributes)?;
        let mut refused: Option<AwsError> = None;
        let mut attempt = 0;
        self.tell(Phase::Deleting, Some(id));
        loop {
            let mut refusal = None;
            for call in &calls {
                match self.run.caller.send(call).await {
                    Ok(_) => {}
                    Err(Stop::Aws(error)) if error.kind == ErrorKind::Absent => {}
                    Err(Stop::Aws(error)) => {
                        refusal = Some(error);
                        break;
                    }
                    Err(stop) => return Err(stop),
                }
            }
            let sent = Instant::now();
            if let Some(error) = refusal {
                match self.look(Some(id)).await? {
                    Seen::Absent => return Ok(()),
                    Seen::Deleting { .. } => {}
                    _ if is_passing(&error) => {
                        let deadline = Duration::from_secs(self.kind.deadline_seconds.into());
                        if begun.elapsed() >= deadline {
                            return Err(Stop::Aws(error));
                        }
                        attempt += 1;
                        self.tell(Phase::Waiting(error.to_string()), Some(id));
                        refused = Some(error);
                        self.back_off(attempt).await?;
                        continue;
                    }
                    _ => return Err(Stop::Aws(error)),
                }
            }
            loop {
                let state = match self.look(Some(id)).await? {
                    Seen::Absent => return Ok(()),
                    Seen::Deleting { .. } => format!("{id} is being deleted"),
                    Seen::Many(ids) => {
                        return Err(Stop::Said(format!(
                            "AWS shows several of it: {}",
                            ids.join(", ")
                        )));
                    }
                    // What AWS shows is old, or the call had no effect.
                    _ if sent.elapsed() >= self.lag() => break,
                    _ => format!("{id} is still there"),
                };
                self.tell(Phase::Waiting(state.clone()), Some(id));
                self.pause(begun, || match &refused {
                    Some(error) => format!("{state}, and AWS refused before: {error}"),
                    None => state,
                })
                .await?;
            }
        }
    }

    /// Deletes what else carries the owner and address of a part that was removed.
    async fn sweep(&self, removed: &str) -> Result<(), Stop> {
        if !self.kind.tagged || self.kind.stateful {
            return Ok(());
        }
        let kept = self.run.ids();
        let others = match self.look(None).await? {
            Seen::Many(ids) => ids,
            seen => seen.id().map(str::to_owned).into_iter().collect(),
        };
        for id in others {
            if id == removed || kept.contains(&id) {
                continue;
            }
            if let Seen::Live(live) = self.look(Some(&id)).await?
                && is_ours(
                    &self.kind,
                    self.owner(),
                    &self.address,
                    &tags_of(&live.properties),
                )
            {
                self.delete(&id, &live.attributes).await?;
            }
        }
        Ok(())
    }
}

/// Whether what AWS refuses now it may do later.
fn is_passing(error: &AwsError) -> bool {
    matches!(
        error.kind,
        ErrorKind::Dependency
            | ErrorKind::Conflict
            | ErrorKind::Throttled
            | ErrorKind::Transient
            | ErrorKind::Ambiguous
    )
}
