//! Bringing one part to what the graph says.
//!
//! # Flow
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

use platform_graph::{
    Action, Attributes, Call, Properties, Recorded, Replacement, Seen, Token, diff, reference,
};
use serde_json::Value;
use tokio::time::Instant;

use crate::observe::{look, owner_in_words, tags_of};
use crate::outcome::clause;
use crate::part::{Work, is_doubtful};
use crate::refresh::is_ours;
use crate::run::Run;
use crate::{AwsError, ErrorKind, Phase, Stop};

/// Where the id of a part comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    Recorded,
    Found,
    Created,
}

/// What became of an id.
enum Settled {
    /// It is as it should be.
    Done,
    /// It is not there any more.
    Gone,
    /// It must make room for another one, because of this.
    Unfit(String),
}

/// Properties with all references resolved, once everything they refer to shows what is referred to.
pub(crate) async fn desired(run: &Run<'_>, properties: &Properties) -> Result<Properties, Stop> {
    let begun = Instant::now();
    loop {
        let resolved = run.resolve(properties);
        let mut open = Vec::new();
        for (name, value) in &resolved {
            reference::visit(value, name, &mut |pointer, text| {
                open.extend(
                    reference::tokens(text)
                        .into_iter()
                        .map(|(_, token)| (pointer.to_owned(), token)),
                );
            });
        }
        let Some((pointer, token)) = open.into_iter().next() else {
            return Ok(resolved);
        };
        let Token::Part {
            address, attribute, ..
        } = &token
        else {
            return Err(Stop::Said(format!(
                "{pointer} needs {token}, which Terraform does not know yet. Apply again once it does"
            )));
        };
        let record = run.record(address);
        let (Some(record), Some(attribute)) = (record, attribute) else {
            return Err(Stop::Said(format!(
                "{pointer} refers to {address}, which does not exist"
            )));
        };
        if let Some(value) = record.lookup(Some(attribute)) {
            return Err(Stop::Said(format!(
                "{pointer} takes {token}, which can't be made of {value}"
            )));
        }
        let kind = *run.engine.kind(&record.kind)?;
        let other = Work::new(run, address, kind, record.properties.clone());
        let me = other.me(record.id.as_deref());
        let seen = look(
            &run.batch,
            &kind,
            &record.properties,
            &me,
            &Attributes::new(),
        )
        .await?;
        if let Seen::Live(live) = seen
            && live
                .attributes
                .get(attribute)
                .is_some_and(|value| !value.is_null())
        {
            let mut record = record;
            record.attributes = Some(live.attributes);
            run.put(address, record);
            continue;
        }
        other
            .pause(begun, || {
                format!("{address} does not show its {attribute} yet")
            })
            .await?;
    }
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

    /// Looks for it by owner or natural key, passing over what is known to be gone or to be replaced.
    async fn locate(&self, gone: &[String]) -> Result<Option<String>, Stop> {
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

    async fn create(
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

    /// Observes it until it is live and nothing differs.
    async fn settle(
        &self,
        id: &str,
        origin: Origin,
        formerly: Option<&Properties>,
    ) -> Result<Settled, Stop> {
        let mut since = Instant::now();
        let mut leaving = false;
        let mut adopted = false;
        let mut sent: Option<(Vec<Call>, Instant)> = None;
        let mut refused: Option<Instant> = None;
        let mut attempt = 0;
        loop {
            // What counts is what AWS showed when it was asked; its replies may be long on their way.
            let asked = Instant::now();
            let state = match self.look(Some(id)).await? {
                // AWS may not show yet what it has made, or not everywhere.
                Seen::Absent if leaving || asked - since >= self.lag() => {
                    return Ok(Settled::Gone);
                }
                Seen::Absent => format!("{id} does not show up"),
                Seen::Pending { why, .. } => format!("{id} is {why}"),
                Seen::Deleting { .. } => {
                    leaving = true;
                    format!("{id} is still being deleted")
                }
                Seen::Failed { why, .. } => {
                    let why = format!("{id} failed: {}", clause(&why));
                    if origin == Origin::Found {
                        self.run
                            .put(&self.address, self.record(id, self.properties.clone()));
                    }
                    if origin != Origin::Created && self.may_hold_data(id) {
                        return Err(Stop::Said(format!(
                            "{why}. It may hold data, so it is not deleted; repair or delete it, then apply again"
                        )));
                    }
                    return Ok(Settled::Unfit(why));
                }
                Seen::Many(ids) => {
                    return Err(Stop::Said(format!(
                        "AWS shows several of it: {}",
                        ids.join(", ")
                    )));
                }
                Seen::Live(live) => {
                    if origin == Origin::Found && !adopted {
                        self.check_owner(id, &live.properties)?;
                        self.run.adopt(&self.address);
                        self.tell(Phase::Adopted, Some(id));
                        adopted = true;
                    }
                    let changed =
                        diff::changed(&self.kind, &live.properties, &self.properties, formerly);
                    let shape = united(&self.properties, formerly.filter(|_| !changed.is_empty()));
                    let mut record =
                        self.record(id, diff::project(&self.kind, &live.properties, &shape));
                    let attributes = self.attributes(id, &live.attributes);
                    let is_hidden = |name: &&&str| !attributes.contains_key(**name);
                    let hidden = self.kind.lasting.iter().find(is_hidden);
                    record.attributes = Some(attributes);
                    self.run.put(&self.address, record);
                    if changed.is_empty() {
                        let may_lag = origin != Origin::Recorded && asked - since < self.lag();
                        let Some(name) = hidden.filter(|_| may_lag) else {
                            return Ok(Settled::Done);
                        };
                        // Lists of what AWS makes along lag behind the part itself, and others may refer to it.
                        let state = format!("{id} does not show its {name}");
                        self.wait(id, since, state).await?;
                        continue;
                    }
                    let differs = |names: &[String]| self.differences(&live.properties, names);
                    let fixed: Vec<String> = changed
                        .iter()
                        .filter(|name| self.kind.create_only.contains(&name.as_str()))
                        .cloned()
                        .collect();
                    if fixed.is_empty() {
                        let calls = self.corrections(&live, &changed, formerly)?;
                        if calls.is_empty() {
                            return Err(Stop::Said(format!(
                                "{}, and there is no call that changes it",
                                differs(&changed)
                            )));
                        }
                        match &sent {
                            Some((last, at)) if *last == calls => {
                                if asked - *at >= self.lag() {
                                    return Err(Stop::Said(format!(
                                        "{} although AWS has accepted the change",
                                        differs(&changed)
                                    )));
                                }
                            }
                            _ => {
                                self.tell(Phase::Updating, Some(id));
                                if let Some(refusal) = self.change_all(&calls).await? {
                                    let first = *refused.get_or_insert_with(Instant::now);
                                    if asked >= first + self.lag() {
                                        return Err(Stop::Aws(refusal));
                                    }
                                    attempt += 1;
                                    self.back_off(attempt).await?;
                                    continue;
                                }
                                refused = None;
                                attempt = 0;
                                since = Instant::now();
                                sent = Some((calls, since));
                                continue;
                            }
                        }
                        format!("AWS does not show the change of {} yet", changed.join(", "))
                    } else {
                        let what = format!("{}, which can't be changed in place", differs(&fixed));
                        match origin {
                            Origin::Recorded => {
                                return Err(Stop::Said(format!(
                                    "{what}. It was changed since the plan was made; plan again"
                                )));
                            }
                            Origin::Found
                                if self.kind.taken_over
                                    || (self.kind.holds_data)(&live.properties) =>
                            {
                                return Err(Stop::Said(format!(
                                    "an earlier run left {id}; {what}. It may hold data, so it is not replaced; \
                                     import it, or delete it and apply again"
                                )));
                            }
                            Origin::Found => {
                                return Ok(Settled::Unfit(format!(
                                    "an earlier run left {id}; {what}"
                                )));
                            }
                            Origin::Created if asked - since >= self.lag() => {
                                return Err(Stop::Said(what));
                            }
                            Origin::Created => what,
                        }
                    }
                }
            };
            self.wait(id, since, state).await?;
        }
    }

    /// Waits until it is time to look again, and says for what.
    async fn wait(&self, id: &str, since: Instant, state: String) -> Result<(), Stop> {
        self.tell(Phase::Waiting(state.clone()), Some(id));
        self.pause(since, || state).await
    }

    /// Whether data may be lost with what does not show its properties any more: those it was seen with decide.
    fn may_hold_data(&self, id: &str) -> bool {
        let mut records = self.run.before.values();
        let seen = records.find(|record| {
            record.id.as_deref() == Some(id)
                && record.kind == self.kind.name
                && record.attributes.is_some()
        });
        seen.map_or(self.kind.stateful, |record| {
            (self.kind.holds_data)(&record.properties)
        })
    }

    /// Sends these calls, up to the first that AWS refuses because of what is there.
    async fn change_all(&self, calls: &[Call]) -> Result<Option<AwsError>, Stop> {
        for call in calls {
            let refusal = self.try_to_change(call, &mut false).await?;
            if refusal.is_some() {
                return Ok(refusal);
            }
        }
        Ok(None)
    }

    /// What AWS shows, and what it has shown before and may only not show at the moment: others refer to it. What a change may take
    /// away is not kept.
    fn attributes(&self, id: &str, live: &Attributes) -> Attributes {
        let known = self
            .run
            .record(&self.address)
            .filter(|record| record.id.as_deref() == Some(id));
        let mut all = known
            .and_then(|record| record.attributes)
            .unwrap_or_default();
        all.retain(|name, _| !self.kind.volatile.contains(&name.as_str()));
        all.extend(live.clone());
        all
    }

    fn check_owner(&self, id: &str, live: &Properties) -> Result<(), Stop> {
        let tags = tags_of(live);
        if is_ours(&self.kind, self.owner(), &self.address, &tags) {
            return Ok(());
        }
        Err(Stop::Said(format!(
            "{id} has the name of this part and {}. Choose another name, import it, or delete it, then apply again",
            owner_in_words(&tags)
        )))
    }

    /// The calls that end the differences.
    fn corrections(
        &self,
        live: &platform_graph::Live<Properties>,
        changed: &[String],
        formerly: Option<&Properties>,
    ) -> Result<Vec<Call>, Stop> {
        let names: Vec<&str> = changed
            .iter()
            .map(String::as_str)
            .filter(|name| *name != "Tags")
            .collect();
        let mut calls = Vec::new();
        if !names.is_empty() {
            calls = (self.kind.update)(&self.properties, &self.me(Some(&live.id)), live, &names)?;
        }
        let (set, remove) = diff::tag_changes(&live.properties, &self.properties, formerly);
        if !set.is_empty() || !remove.is_empty() {
            calls.extend((self.kind.retag)(live, &set, &remove)?);
        }
        Ok(calls)
    }

    fn differences(&self, live: &Properties, names: &[String]) -> String {
        let shown = |value: Option<&Value>| value.map_or("not set".to_owned(), Value::to_string);
        let each: Vec<String> = names
            .iter()
            .map(|name| {
                format!(
                    "{name} is {} in AWS and should be {}",
                    shown(live.get(name)),
                    shown(self.properties.get(name))
                )
            })
            .collect();
        each.join("; ")
    }
}

/// Everything that is or was asked for, so that a part that is only halfway there is not taken for finished.
fn united(desired: &Properties, formerly: Option<&Properties>) -> Properties {
    let mut all = desired.clone();
    for (name, value) in formerly.into_iter().flatten() {
        match (all.get_mut(name), value) {
            (None, value) => {
                all.insert(name.clone(), value.clone());
            }
            (Some(Value::Object(tags)), Value::Object(former)) if name == "Tags" => {
                for (key, value) in former {
                    tags.entry(key.clone()).or_insert_with(|| value.clone());
                }
            }
            _ => {}
        }
    }
    all
}
