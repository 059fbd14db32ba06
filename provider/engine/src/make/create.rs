//! Looking for a part, and making it exist where there is none.
//!
//! # Flow
//! [`Work::locate`] looks by owner or natural key, and waits for the end of what is on its way out. [`Work::create`] sends the
//! calls that make the part; where nobody knows whether the first had its effect, it searches for as long as AWS may lag
//! before it sends it again.
//!
//! # Guarantees
//! What is known to be gone is passed over, whatever AWS still shows of it.

use platform_graph::{Call, Replacement, Seen};
use serde_json::Value;
use tokio::time::Instant;

use super::Origin;
use crate::outcome::clause;
use crate::part::{Work, is_doubtful};
use crate::{ErrorKind, Phase, Stop};

impl Work<'_> {
    /// Looks for it by owner or natural key, passing over what is known to be gone or to be replaced.
    pub(super) async fn locate(&self, gone: &[String]) -> Result<Option<String>, Stop> {
        let begun = Instant::now();
        let is_gone = |id: &String| gone.contains(id);
        let comes_along = self.kind.taken_over
            && (self.kind.create)(&self.properties, &self.me(None))?.is_empty();
        loop {
            let state = match self.look(None).await? {
                Seen::Absent if comes_along => {
                    "AWS has not made it together with what it belongs to".to_owned()
                }
                Seen::Absent => return Ok(None),
                Seen::Deleting { id } if !is_gone(&id) => {
                    let calls = (self.kind.restore)(&self.properties, &self.me(Some(&id)), &id)?;
                    for call in &calls {
                        self.change(call).await?;
                    }
                    if !calls.is_empty() {
                        return Ok(Some(id));
                    }
                    format!("{id} is still being deleted")
                }
                Seen::Many(ids) => {
                    let mut left: Vec<String> = ids.into_iter().filter(|id| !is_gone(id)).collect();
                    return match left.len() {
                        0 | 1 => Ok(left.pop()),
                        _ => Err(Stop::Said(format!(
                            "several {} claim to be this part: {}. Delete those that are not in use and apply again",
                            self.kind.name,
                            left.join(", ")
                        ))),
                    };
                }
                Seen::Failed { id, why } if !is_gone(&id) && !self.is_found_by_owner()? => {
                    return Err(Stop::Said(format!(
                        "{id} has the name of this part and failed: {}. Delete it and apply again",
                        clause(&why)
                    )));
                }
                seen => return Ok(seen.id().map(str::to_owned).filter(|id| !is_gone(id))),
            };
            self.tell(Phase::Waiting(state.clone()), None);
            self.pause(begun, || state).await?;
        }
    }

    /// Whether what `find` finds is certainly ours: its calls name the owner, or it is found inside what it belongs to.
    fn is_found_by_owner(&self) -> Result<bool, Stop> {
        let owner = self.owner().to_string();
        let calls = (self.kind.find)(&self.properties, &self.me(None))?;
        Ok(!self.kind.tagged
            || calls.iter().any(|call| {
                Value::Object(call.params.clone())
                    .to_string()
                    .contains(&owner)
            }))
    }

    /// Looks for it until it shows up or AWS may no longer be lagging.
    async fn search(&self, gone: &[String]) -> Result<Option<String>, Stop> {
        let begun = Instant::now();
        let mut attempt = 0;
        loop {
            // What counts is what AWS showed when it was asked; its reply may be long on its way.
            let asked = Instant::now();
            if let Some(id) = self.locate(gone).await? {
                return Ok(Some(id));
            }
            if asked - begun >= self.lag() {
                return Ok(None);
            }
            attempt += 1;
            self.back_off(attempt).await?;
        }
    }

    pub(super) async fn create(
        &self,
        gone: &[String],
        mut predecessor: Option<String>,
    ) -> Result<(String, Origin), Stop> {
        let me = self.me(None);
        let calls = (self.kind.create)(&self.properties, &me)?;
        let Some((first, others)) = calls.split_first() else {
            // It comes with something else, which AWS may show before it.
            return match self.search(gone).await? {
                Some(id) => Ok((id, Origin::Found)),
                None => Err(Stop::Said(
                    "it does not exist and can't be created by itself".to_owned(),
                )),
            };
        };
        let with_token = |call: &Call, predecessor: Option<&str>| {
            let mut call = call.clone();
            if let Some(member) = call.token {
                let token = call.client_token(&me, predecessor);
                call.params.insert(member.to_owned(), Value::String(token));
            }
            call
        };
        self.tell(Phase::Creating, None);
        let (id, origin) = loop {
            let call = with_token(first, predecessor.as_deref());
            match self.bring_forth(&call, gone).await? {
                // AWS remembers the token of what is to be replaced: it was made to this very wish and changed behind our back.
                (id, Origin::Created)
                    if self.kind.replacement == Replacement::CreateFirst
                        && gone.contains(&id)
                        && predecessor.as_ref() != Some(&id) =>
                {
                    predecessor = Some(id);
                }
                born => break born,
            }
        };
        if origin == Origin::Created {
            self.run
                .put(&self.address, self.record(&id, self.properties.clone()));
            for call in others {
                let call = with_token(call, predecessor.as_deref());
                self.change(&call).await?;
            }
        }
        Ok((id, origin))
    }

    /// Sends the call that makes it exist until it does.
    async fn bring_forth(&self, call: &Call, gone: &[String]) -> Result<(String, Origin), Stop> {
        let begun = Instant::now();
        let mut attempt = 0;
        loop {
            attempt += 1;
            let error = match self.run.caller.send(call).await {
                Ok(reply) => {
                    if let Some(id) = (self.kind.created)(&self.properties, &self.me(None), &reply)?
                    {
                        return Ok((id, Origin::Created));
                    }
                    return match self.search(gone).await? {
                        Some(id) => Ok((id, Origin::Found)),
                        None => Err(Stop::Said(format!(
                            "AWS accepted {}:{} and named no id, and nothing has shown up",
                            call.service, call.action
                        ))),
                    };
                }
                Err(Stop::Aws(error)) => error,
                Err(stop) => return Err(stop),
            };
            let options = &self.run.engine.options;
            let last = attempt >= options.attempts
                || is_doubtful(&error)
                    && begun.elapsed() >= options.patience_with_changes + options.lag;
            let found = match error.kind {
                // Another try may be what made it, or what has the name, or the address, is about to go.
                ErrorKind::Conflict if begun.elapsed() < options.lag => {
                    self.back_off(attempt).await?;
                    self.locate(&[]).await?
                }
                _ if last => return Err(Stop::Aws(error)),
                // AWS has said that it failed, and knows by the token whether it did it all the same.
                ErrorKind::Transient if call.token.is_some() => {
                    self.back_off(attempt).await?;
                    self.locate(gone).await?
                }
                // Also with a client token: not everything that speaks AWS's interface honours it.
                _ if is_doubtful(&error) => self.search(gone).await?,
                ErrorKind::Dependency => {
                    self.pause(begun, || error.to_string()).await?;
                    attempt = 0;
                    None
                }
                _ if (error.kind == ErrorKind::Absent || error.is_propagation())
                    && begun.elapsed() < self.lag() =>
                {
                    self.back_off(attempt.min(4)).await?;
                    attempt -= 1;
                    None
                }
                _ => return Err(Stop::Aws(error)),
            };
            if let Some(id) = found {
                return Ok((id, Origin::Found));
            }
        }
    }
}
