//! Deleting one part.
//!
//! # Flow
//! The delete calls, then looks until AWS shows nothing any more. What AWS refuses because something still uses the part is
//! tried again until the kind's deadline, or longer where what is in the way goes by itself and is slow about it; meanwhile what
//! is in the way is [named and, where it may be, removed](crate::clear). The last refusal names what is still there, and so does one for
//! good where the kind looks for such things before it deletes.
//!
//! # Guarantees
//! What the plan lets go since it holds no data is looked at once more, and stays if it holds some by now.
//! A part counts as removed only when AWS shows that it is gone. After it, what else carries its owner and address (the
//! remains of a run that was killed while it replaced the part) goes too, unless it holds data or a part is made there.

use std::fmt;
use std::time::Duration;

use platform_graph::{Attributes, Recorded, Seen, Step};
use tokio::time::Instant;

use crate::clear::InTheWay;
use crate::observe::tags_of;
use crate::part::Work;
use crate::refresh::is_ours;
use crate::{AwsError, ErrorKind, Phase, Stop};

/// What is in the way is looked for at most this often, as long as nothing changes.
const STUDY: Duration = Duration::from_secs(15);

impl Work<'_> {
    /// Removes what was recorded.
    pub async fn remove(&self, record: &Recorded) -> Result<(), Stop> {
        let Some(id) = &record.id else { return Ok(()) };
        if self.kind.taken_over {
            return Ok(());
        }
        if self.kind.stateful && !(self.kind.holds_data)(&record.properties) {
            self.check_still_empty(id).await?;
        }
        let attributes = record.attributes.clone().unwrap_or_default();
        self.delete(id, &attributes).await?;
        self.sweep(id).await
    }

    /// Refuses to delete what was planned to go as holding no data, when it holds some by now: a replica that was promoted.
    async fn check_still_empty(&self, id: &str) -> Result<(), Stop> {
        match self.look(Some(id)).await? {
            Seen::Live(live) if (self.kind.holds_data)(&live.properties) => {
                Err(Stop::Said(format!(
                    "{id} holds data of its own, which it did not when the plan was made, so it is not deleted. Plan again"
                )))
            }
            _ => Ok(()),
        }
    }

    /// Deletes the object with this id and waits until it is gone.
    pub async fn delete(&self, id: &str, attributes: &Attributes) -> Result<(), Stop> {
        self.tell(Phase::Deleting, Some(id));
        if self.kind.cleared {
            self.clear_out(id).await?;
        }
        let begun = Instant::now();
        let calls = (self.kind.delete)(&self.properties, &self.me(Some(id)), id, attributes)?;
        let mut refused: Option<Refusal> = None;
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
                    // Without an answer to the delete it may also be that AWS does not show yet what was just made, as long as it lags.
                    Seen::Absent if !is_unanswered(&error) || begun.elapsed() >= self.lag() => {
                        return Ok(());
                    }
                    Seen::Deleting { .. } => {}
                    _ if is_passing(&error) => {
                        let refused = Refusal::again(&mut refused, error);
                        self.study(id, refused).await?;
                        let deadline = Duration::from_secs(self.kind.deadline_seconds.into());
                        if begun.elapsed() >= deadline.max(refused.way.lingering()) {
                            return Err(Stop::InTheWay(
                                Box::new(refused.error.clone()),
                                refused.way.to_string(),
                            ));
                        }
                        self.tell(Phase::Waiting(refused.to_string()), Some(id));
                        self.back_off(refused.attempts).await?;
                        continue;
                    }
                    _ => return Err(self.refused_for_good(id, error).await),
                }
            }
            loop {
                // What counts is what AWS showed when it was asked; its reply may be long on its way.
                let asked = Instant::now();
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
                    _ if asked - sent >= self.lag() => break,
                    _ => format!("{id} is still there"),
                };
                self.tell(Phase::Waiting(state.clone()), Some(id));
                self.pause(begun, || match &refused {
                    Some(refused) => format!("{state}, and AWS refused before: {refused}"),
                    None => state,
                })
                .await?;
            }
        }
    }

    /// What AWS goes on refusing, with what is in the way where the kind looks for it before it deletes.
    async fn refused_for_good(&self, id: &str, error: AwsError) -> Stop {
        if !self.kind.cleared || error.kind != ErrorKind::Invalid {
            return Stop::Aws(error);
        }
        match self.in_the_way(id).await {
            Ok(way) => Stop::InTheWay(Box::new(error), way.to_string()),
            Err(_) => Stop::Aws(error),
        }
    }

    /// Finds out what is in the way, unless that was done a moment ago and nothing has been removed since.
    async fn study(&self, id: &str, refused: &mut Refusal) -> Result<(), Stop> {
        let blocked = matches!(
            refused.error.kind,
            ErrorKind::Dependency | ErrorKind::Conflict
        );
        let fresh = refused.studied.is_some_and(|at| at.elapsed() < STUDY);
        if blocked && (!fresh || refused.way.is_moving()) {
            refused.way = self.clear(id).await?;
            refused.studied = Some(Instant::now());
        }
        Ok(())
    }

    /// Deletes what else carries the owner and address of a part that was removed.
    async fn sweep(&self, removed: &str) -> Result<(), Stop> {
        // What is found where a part is to be made is for the making to take up: it may be the successor that a killed run
        // had made already, and others may refer to it.
        let step = self.run.plan.steps.get(&self.address);
        if !self.kind.tagged || step.is_some_and(Step::makes) {
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
                && !(self.kind.holds_data)(&live.properties)
            {
                self.delete(&id, &live.attributes).await?;
            }
        }
        Ok(())
    }
}

/// A delete that AWS refuses for now.
#[derive(Debug)]
struct Refusal {
    /// The last one of AWS's answers.
    error: AwsError,
    attempts: u32,
    way: InTheWay,
    /// When that was looked for.
    studied: Option<Instant>,
}

impl Refusal {
    /// Takes note of one more refusal.
    fn again(before: &mut Option<Refusal>, error: AwsError) -> &mut Refusal {
        let refused = before.get_or_insert_with(|| Refusal {
            error: error.clone(),
            attempts: 0,
            way: InTheWay::default(),
            studied: None,
        });
        refused.error = error;
        refused.attempts += 1;
        refused
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let way = self.way.to_string();
        let between = if way.is_empty() { "" } else { ". " };
        write!(f, "{}{between}{way}", self.error)
    }
}

/// Whether AWS has neither done what it was asked nor said why not.
fn is_unanswered(error: &AwsError) -> bool {
    matches!(
        error.kind,
        ErrorKind::Throttled | ErrorKind::Transient | ErrorKind::Ambiguous
    )
}

/// Whether what AWS refuses now it may do later.
pub(crate) fn is_passing(error: &AwsError) -> bool {
    matches!(
        error.kind,
        ErrorKind::Dependency
            | ErrorKind::Conflict
            | ErrorKind::Throttled
            | ErrorKind::Transient
            | ErrorKind::Ambiguous
    )
}
