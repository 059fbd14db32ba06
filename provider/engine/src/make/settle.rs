//! Bringing what has an id to what is asked for.
//!
//! # Flow
//! Look, and act on what AWS shows: wait for what is on its way, send the calls that end the differences, look again. It ends
//! when nothing differs, when the id is gone, or when what is there can't become what is asked for.
//!
//! # Guarantees
//! - A correction is not sent again while AWS may only not show it yet; a difference that stays for longer is an error.
//! - What belongs to somebody else, or may hold data and was not made by this run, is never [unfit](Settled::Unfit): that is an
//!   error, which says what to do.
//!
//! # Caveats
//! What AWS shows is as old as the question, not as the reply: all times count from when it was asked.

use platform_graph::{Attributes, Call, Live, Properties, Seen, diff};
use serde_json::Value;
use tokio::time::Instant;

use super::Origin;
use crate::observe::{owner_in_words, tags_of};
use crate::outcome::clause;
use crate::part::Work;
use crate::refresh::is_ours;
use crate::{AwsError, Phase, Stop};

/// What became of an id.
pub(super) enum Settled {
    /// It is as it should be.
    Done,
    /// It is not there any more.
    Gone,
    /// It must make room for another one, because of this.
    Unfit(String),
}

impl Work<'_> {
    /// Observes it until it is live and nothing differs.
    pub(super) async fn settle(
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
        live: &Live<Properties>,
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
