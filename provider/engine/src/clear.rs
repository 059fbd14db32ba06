//! Clearing the way for a delete: what nobody's graph knows and that keeps a part from going.
//!
//! # Flow
//! The kind says what to ask ([`blockers`](platform_graph::Kind::blockers)) and what the replies mean
//! ([`blocking`](platform_graph::Kind::blocking)). What comes with calls that remove it is removed, in the order in which the
//! kind lists it; everything else is told, so that a person can act while the delete is tried again.
//!
//! # Guarantees
//! - What is recorded as a part is never removed here: it has its own turn.
//! - Parts of one run clear one after the other, so that what is in the way of several of them is removed once.
//! - Not being able to look, or to remove, is no failure of its own: it is said beside what AWS refuses.
//!
//! # Assumptions
//! Whose a thing is and whether it may go is the kind's judgement: it alone knows what the tags of its service mean.

use std::fmt;
use std::time::Duration;

use futures_util::future::join_all;
use platform_graph::{Blocker, OWNER_TAG};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::observe::owner_in_words;
use crate::part::Work;
use crate::remove::is_passing;
use crate::{AwsError, ErrorKind, Phase, Stop};

/// More than these are counted, not listed.
const MOST_NAMED: usize = 10;

/// What is in the way of a part.
#[derive(Debug, Default)]
pub(crate) struct InTheWay {
    /// Id of the part.
    of: String,
    found: Vec<Found>,
    /// Questions that AWS did not answer.
    unanswered: Vec<AwsError>,
}

/// One thing that is in the way.
#[derive(Debug)]
struct Found {
    blocker: Blocker,
    fate: Fate,
}

/// What becomes of it.
#[derive(Debug)]
enum Fate {
    /// The calls that remove it are sent; it may take a while to go.
    Going,
    /// AWS refuses to remove it now.
    Refused(AwsError),
    /// It is another part of the same owner.
    Part(String),
    /// It goes by itself, or somebody has to remove it.
    Staying,
}

impl InTheWay {
    /// Whether something was removed that may still be on its way out.
    pub fn is_moving(&self) -> bool {
        self.found.iter().any(|found| match &found.fate {
            Fate::Going => true,
            Fate::Refused(error) => is_passing(error),
            Fate::Part(_) | Fate::Staying => false,
        })
    }

    /// How long AWS may take to let go of what goes by itself.
    pub fn lingering(&self) -> Duration {
        let longest = self.found.iter().map(|found| found.blocker.lingers_seconds);
        Duration::from_secs(longest.max().unwrap_or_default().into())
    }
}

impl fmt::Display for InTheWay {
    /// Nothing when nothing is known to be in the way; else sentences without the last full stop.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut next = "";
        if !self.found.is_empty() {
            write!(f, "{} is still used by ", self.of)?;
            for (at, found) in self.found.iter().take(MOST_NAMED).enumerate() {
                write!(f, "{}{found}", if at == 0 { "" } else { ", " })?;
            }
            if let Some(more @ 1..) = self.found.len().checked_sub(MOST_NAMED) {
                write!(f, " and {more} more")?;
            }
            next = ". ";
        }
        let stays = |found: &Found| {
            found.blocker.lingers_seconds == 0
                && matches!(found.fate, Fate::Staying | Fate::Refused(_))
        };
        if self.found.iter().any(stays) {
            write!(
                f,
                "{next}Remove what nobody needs any more: {} goes as soon as nothing uses it",
                self.of
            )?;
        }
        for (at, error) in self.unanswered.iter().enumerate() {
            match at {
                0 => write!(f, "{next}Not everything could be looked at: {error}")?,
                _ => write!(f, "; {error}")?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Blocker {
            id,
            what,
            tags,
            lingers_seconds,
            ..
        } = &self.blocker;
        write!(f, "{id} ({what}")?;
        match &self.fate {
            Fate::Going => write!(f, ", which is being removed)"),
            Fate::Refused(error) => write!(f, ", which could not be removed: {error})"),
            Fate::Part(address) => write!(f, ", the part {address})"),
            Fate::Staying if *lingers_seconds > 0 => write!(
                f,
                "; AWS lets it go by itself, up to {} minutes after what it belongs to)",
                lingers_seconds.div_ceil(60)
            ),
            Fate::Staying if tags.contains_key(OWNER_TAG) => {
                write!(f, ", which {})", owner_in_words(tags))
            }
            Fate::Staying => write!(f, ")"),
        }
    }
}

impl Work<'_> {
    /// Removes what others put into a part that goes down with it, as long as that makes a difference.
    ///
    /// What is left then is AWS's to judge, by what it answers to the delete.
    pub async fn clear_out(&self, id: &str) -> Result<(), Stop> {
        let mut last = String::new();
        let mut since = Instant::now();
        let mut attempt = 0;
        loop {
            let way = self.clear(id).await?;
            let said = way.to_string();
            if said != last {
                since = Instant::now();
            }
            if !way.is_moving() || since.elapsed() > self.lag() {
                return Ok(());
            }
            self.tell(Phase::Waiting(said.clone()), Some(id));
            last = said;
            attempt += 1;
            self.back_off(attempt).await?;
        }
    }

    /// Looks for what is in the way and removes what may go.
    pub async fn clear(&self, id: &str) -> Result<InTheWay, Stop> {
        let _turn = tokio::select! {
            biased;
            () = self.run.cancel.cancelled() => return Err(Stop::Cancelled),
            turn = self.run.clearing.lock() => turn,
        };
        let mut way = self.in_the_way(id).await?;
        for found in &mut way.found {
            let part = self.run.address_of(&found.blocker.id);
            found.fate = match part {
                Some(address) => Fate::Part(address),
                None if found.blocker.remove.is_empty() => Fate::Staying,
                None => self.take_away(id, &found.blocker).await?,
            };
        }
        Ok(way)
    }

    async fn in_the_way(&self, id: &str) -> Result<InTheWay, Stop> {
        let me = self.me(Some(id));
        let mut replies: Vec<Value> = Vec::new();
        let mut unanswered = Vec::new();
        loop {
            let calls = (self.kind.blockers)(&self.properties, &me, id, &replies)?;
            if calls.is_empty() {
                break;
            }
            // Asked one by one: a question without an answer is no reason to leave out the others.
            let asked = calls.into_iter().map(|call| self.run.batch.ask(vec![call]));
            let answers = tokio::select! {
                biased;
                () = self.run.cancel.cancelled() => return Err(Stop::Cancelled),
                answers = join_all(asked) => answers,
            };
            for answer in answers {
                match answer.map(|replies| replies.first().map(|reply| (**reply).clone())) {
                    Ok(reply) => replies.push(reply.unwrap_or_default()),
                    Err(Stop::Aws(error)) => {
                        unanswered.push(error);
                        replies.push(json!({}));
                    }
                    Err(stop) => return Err(stop),
                }
            }
        }
        let found = (self.kind.blocking)(&self.properties, &me, id, &replies)?;
        Ok(InTheWay {
            of: id.to_owned(),
            found: found
                .into_iter()
                .map(|blocker| Found {
                    blocker,
                    fate: Fate::Staying,
                })
                .collect(),
            unanswered,
        })
    }

    async fn take_away(&self, id: &str, blocker: &Blocker) -> Result<Fate, Stop> {
        let text = format!("removing {} ({})", blocker.id, blocker.what);
        self.tell(Phase::Waiting(text), Some(id));
        for call in &blocker.remove {
            match self.run.caller.send(call).await {
                Ok(_) => {}
                Err(Stop::Aws(error)) if error.kind == ErrorKind::Absent => {}
                Err(Stop::Aws(error)) => return Ok(Fate::Refused(error)),
                Err(stop) => return Err(stop),
            }
        }
        Ok(Fate::Going)
    }
}
