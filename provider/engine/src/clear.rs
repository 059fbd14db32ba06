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
use platform_graph::{
    Blocker, Identity, KindDef, OWNER_TAG, Owner, Properties, Records, original_address,
};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::batch::Batch;
use crate::observe::owner_in_words;
use crate::part::Work;
use crate::remove::is_passing;
use crate::{AwsError, Cancel, Engine, ErrorKind, Phase, Stop};

/// More than these are counted, not listed.
const MOST_NAMED: usize = 10;

/// What is inside a recorded part that goes down with what is inside, and is no part itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftInside {
    /// Address of the part.
    pub address: String,
    /// Its id.
    pub id: String,
    /// What a destroy removes with it, in words.
    pub removed: Vec<String>,
    /// What a destroy leaves where it is, in words; AWS may refuse to delete the part because of it.
    pub kept: Vec<String>,
    /// What holds data and stays, in words. It is in nobody's way.
    pub data: Vec<String>,
}

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
            if matches!(found.fate, Fate::Staying) && !found.blocker.remove.is_empty() {
                found.fate = self.take_away(id, &found.blocker).await?;
            }
        }
        Ok(way)
    }

    /// Looks for what is in the way, and removes nothing.
    pub async fn in_the_way(&self, id: &str) -> Result<InTheWay, Stop> {
        let me = self.me(Some(id));
        let (found, unanswered) = tokio::select! {
            biased;
            () = self.run.cancel.cancelled() => return Err(Stop::Cancelled),
            found = look(&self.run.batch, &self.kind, &self.properties, &me, id) => found?,
        };
        Ok(InTheWay {
            of: id.to_owned(),
            found: found
                .into_iter()
                .filter(|blocker| !blocker.holds_data || self.run.engine.options.remove_left_data)
                .map(|blocker| Found {
                    fate: match self.run.address_of(&blocker.id) {
                        Some(address) => Fate::Part(address),
                        None => Fate::Staying,
                    },
                    blocker,
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

/// Asks what is in the way until there is nothing more to ask; also tells which questions AWS did not answer.
async fn look(
    batch: &Batch,
    kind: &KindDef,
    properties: &Properties,
    me: &Identity,
    id: &str,
) -> Result<(Vec<Blocker>, Vec<AwsError>), Stop> {
    let mut replies: Vec<Value> = Vec::new();
    let mut unanswered = Vec::new();
    loop {
        let calls = (kind.blockers)(properties, me, id, &replies)?;
        if calls.is_empty() {
            break;
        }
        // Asked one by one: a question without an answer is no reason to leave out the others.
        let asked = calls.into_iter().map(|call| batch.ask(vec![call]));
        for answer in join_all(asked).await {
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
    Ok(((kind.blocking)(properties, me, id, &replies)?, unanswered))
}

impl Engine {
    /// What is inside the recorded parts that are cleared before they are deleted, as far as AWS tells. Nothing is changed.
    ///
    /// What belongs to a recorded part, such as the network interface of a NAT gateway, goes with it and is left out.
    pub async fn left_inside(&self, owner: &Owner, records: &Records) -> Vec<LeftInside> {
        let batch = self.batch(Cancel::new());
        let ids: Vec<&str> = records
            .values()
            .filter_map(|record| record.id.as_deref())
            .collect();
        let (batch, ids) = (&batch, &ids);
        let looks = records.iter().filter_map(|(address, record)| {
            let kind = self.kinds.get(&record.kind).filter(|kind| kind.cleared)?;
            let id = record.id.as_deref()?;
            let me = Identity {
                owner: owner.clone(),
                address: original_address(address).to_owned(),
                id: Some(id.to_owned()),
            };
            Some(async move {
                let (found, _) = look(batch, kind, &record.properties, &me, id).await.ok()?;
                let mut inside = LeftInside {
                    address: address.clone(),
                    id: id.to_owned(),
                    removed: Vec::new(),
                    kept: Vec::new(),
                    data: Vec::new(),
                };
                for blocker in found {
                    let of_a_part = ids.iter().any(|part| {
                        blocker.id == *part || blocker.what.ends_with(&format!(" of {part}"))
                    });
                    if of_a_part {
                        continue;
                    }
                    if blocker.holds_data && !self.options.remove_left_data {
                        inside
                            .data
                            .push(format!("{} ({})", blocker.id, blocker.what));
                    } else if blocker.remove.is_empty() {
                        let fate = Fate::Staying;
                        inside.kept.push(Found { blocker, fate }.to_string());
                    } else {
                        inside
                            .removed
                            .push(format!("{} ({})", blocker.id, blocker.what));
                    }
                }
                let any = [&inside.removed, &inside.kept, &inside.data];
                any.iter().any(|list| !list.is_empty()).then_some(inside)
            })
        });
        let found = batch.during(join_all(looks)).await;
        found.into_iter().flatten().collect()
    }
}
