//! What carries an owner's tag, by the tags alone.
//!
//! # Flow
//! Every kind lists what carries an owner's tag ([`platform_graph::Kind::census`]), round by round until it asks no further; all
//! kinds ask through one batch. The [inventory](crate::inventory) and the [leftovers](crate::leftovers) go on from there.
//!
//! # Guarantees
//! A kind that can't be asked is named and keeps no other from being listed; so is a tag that makes no sense.

use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use futures_util::future::join_all;
use platform_graph::{
    ADDRESS_TAG, Claim, Identity, KindDef, OWNER_TAG, Owner, Problems, seal_piece,
};
use serde_json::Value;

use crate::batch::Batch;
use crate::outcome::panic_text;
use crate::{Engine, Stop};

/// More rounds than any list call needs; a kind that asks on and on is wrong.
const MOST_ROUNDS: usize = 16;

/// A claim whose tags make sense.
pub(crate) struct Tagged<'k> {
    pub kind: &'k KindDef,
    pub me: Identity,
    pub sealed: bool,
}

impl Tagged<'_> {
    pub fn id(&self) -> &str {
        self.me.id.as_deref().unwrap_or_default()
    }
}

impl Engine {
    /// Everything that carries the tag of an owner that is `wanted`.
    pub(crate) async fn tagged(
        &self,
        batch: &Batch,
        wanted: impl Fn(&Owner) -> bool,
        problems: &mut Problems,
    ) -> Vec<Tagged<'_>> {
        let is_among = |kind: &&KindDef| match (self.services, kind.service()) {
            (Some(services), Some(service)) => services.contains(&service),
            _ => true,
        };
        let counts = self.kinds.iter().filter(is_among).map(|kind| async move {
            let claims = guarded(census(batch, kind)).await;
            (kind, claims)
        });
        let mut all = Vec::new();
        for (kind, claims) in join_all(counts).await {
            let claims = match claims {
                Ok(claims) => claims,
                Err(stop) => {
                    problems.warning(
                        [kind.name],
                        format!("{} could not be listed", kind.name),
                        format!("Whether there are any is not known. {}", stop.explain().0),
                    );
                    continue;
                }
            };
            let mut listed = BTreeSet::new();
            for Claim { id, tags } in claims {
                let Some(text) = tags.get(OWNER_TAG) else {
                    continue;
                };
                match text.parse::<Owner>() {
                    Ok(owner) if wanted(&owner) => {
                        if listed.insert(id.clone()) {
                            all.push(Tagged {
                                kind,
                                sealed: tags.keys().any(|key| seal_piece(key).is_some()),
                                me: Identity {
                                    owner,
                                    address: tags.get(ADDRESS_TAG).unwrap_or(&id).clone(),
                                    id: Some(id),
                                },
                            });
                        }
                    }
                    Ok(_) => {}
                    Err(why) => problems.warning(
                        [kind.name],
                        format!(
                            "{} {id} has a tag {OWNER_TAG} that is none of ours",
                            kind.name
                        ),
                        why,
                    ),
                }
            }
        }
        all
    }
}

/// Runs what a kind does; its panic is an error.
pub(crate) async fn guarded<T>(work: impl Future<Output = Result<T, Stop>>) -> Result<T, Stop> {
    AssertUnwindSafe(work)
        .catch_unwind()
        .await
        .unwrap_or_else(|panic| Err(Stop::Said(panic_text(&*panic))))
}

async fn census(batch: &Batch, kind: &KindDef) -> Result<Vec<Claim>, Stop> {
    let mut replies: Vec<Value> = Vec::new();
    for _ in 0..MOST_ROUNDS {
        let calls = (kind.census)(&replies);
        if calls.is_empty() {
            return Ok((kind.counted)(&replies));
        }
        let answers = batch.ask(calls).await?;
        replies.extend(answers.iter().map(|reply| (**reply).clone()));
    }
    Err(Stop::Said(format!(
        "its list goes on after {MOST_ROUNDS} rounds. This is a bug of the provider"
    )))
}
