//! Bringing one part to what the graph says.
//!
//! # Flow
//! [`desired`] waits until everything that the part refers to shows what is referred to; then [`Work::make`] goes this way:
//! ```text
//! recorded id ──▶ settle ◀── found by owner or natural key ◀── locate ──▶ nothing there ──▶ create ──▶ settle
//! settle: observe ─▶ absent, deleting ─▶ locate again
//!                 ─▶ pending ─▶ wait
//!                 ─▶ failed ─▶ delete, locate again
//!                 ─▶ live ─▶ differs ─▶ update, retag, observe
//!                         ─▶ no difference ─▶ recorded
//! ```
//!
//! # Guarantees
//! - `create` is sent only after a look that found nothing; after a lost reply only when nothing has shown up for
//!   [as long as AWS may lag](crate::Options::lag), and then with the same client token where there is one.
//! - An id is recorded before anything else happens to the part.
//! - What holds data and was not made by this very run is never deleted here.
//! - A difference that no call answers, or that stays after the lag, is an error that names it.

mod create;
mod desired;
mod settle;

use platform_graph::{Action, Recorded, diff};

use crate::part::Work;
use crate::{Phase, Stop};
pub(crate) use desired::desired;
use settle::Settled;

/// Where the id of a part comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    Recorded,
    Found,
    Created,
}

impl Work<'_> {
    /// Makes it.
    pub async fn make(&self, action: &Action) -> Result<(), Stop> {
        let before = self.run.before.get(&self.address);
        let recorded = before.and_then(|record| record.id.clone());
        let mut gone = self.run.gone(&self.address);
        let (mut known, formerly) = match action {
            Action::Update { .. } => (recorded, before.map(|record| &record.properties)),
            Action::Replace { .. } if before.is_some_and(|before| self.fits(before, &gone)) => {
                (recorded, before.map(|record| &record.properties))
            }
            _ => {
                gone.extend(recorded);
                (None, None)
            }
        };
        // The client token tells lives of the same wish apart. What was made to another wish had another one, and a process
        // that follows a killed one may not know of it any more.
        let mut predecessor = gone.last().filter(|id| self.was_alike(id)).cloned();
        // What nobody has seen ready may still turn out unfit, like what is found.
        let unseen = before.is_some_and(|record| record.attributes.is_none());
        let mut lives = 0;
        let mut trouble = None;
        self.tell(Phase::Looking, known.as_deref());
        loop {
            let (id, origin) = match known.take() {
                Some(id) if unseen => (id, Origin::Found),
                Some(id) => (id, Origin::Recorded),
                None => match self.locate(&gone).await? {
                    Some(id) => (id, Origin::Found),
                    None => {
                        lives += 1;
                        if lives > self.run.engine.options.lives {
                            return Err(Stop::Said(trouble.unwrap_or_else(|| {
                                format!("{} came and went again", gone.join(", "))
                            })));
                        }
                        self.create(&gone, predecessor.take()).await?
                    }
                },
            };
            let formerly = formerly.filter(|_| gone.is_empty());
            match self.settle(&id, origin, formerly).await? {
                Settled::Done => return Ok(()),
                Settled::Gone => {}
                Settled::Unfit(why) if lives >= self.run.engine.options.lives => {
                    return Err(Stop::Said(why));
                }
                Settled::Unfit(why) => {
                    tracing::warn!(address = self.address, id, why, "making it anew");
                    trouble = Some(why);
                    self.delete(&id, &Default::default()).await?;
                }
            }
            self.run.forget(&self.address, &id);
            predecessor = Some(id.clone());
            gone.push(id);
        }
    }

    /// Whether what is recorded need not be replaced after all: a killed run had made it already, to refer to what the plan
    /// did not know yet.
    fn fits(&self, before: &Recorded, gone: &[String]) -> bool {
        let is_there = |id: &String| !gone.contains(id);
        before.kind == self.kind.name
            && before.attributes.is_some()
            && before.id.as_ref().is_some_and(is_there)
            && self.is_alike(before)
    }

    /// Whether what is recorded under an id was made as this part is to be made.
    fn was_alike(&self, id: &str) -> bool {
        let mut records = self.run.before.values();
        records.any(|record| record.id.as_deref() == Some(id) && self.is_alike(record))
    }

    fn is_alike(&self, record: &Recorded) -> bool {
        !diff::changed(
            &self.kind,
            &record.properties,
            &self.properties,
            Some(&record.properties),
        )
        .iter()
        .any(|name| self.kind.create_only.contains(&name.as_str()))
    }
}
