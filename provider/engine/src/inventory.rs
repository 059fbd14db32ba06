//! What carries our tags in the account and region, whoever knows of it.
//!
//! # Flow
//! Everything that a [census](crate::census) lists is looked at by id, which tells what it is like, since when it exists, and what
//! is gone although its tags are still shown.
//!
//! # Guarantees
//! A kind that can't be asked is named and keeps no other from being listed.
//!
//! # Caveats
//! AWS shows the tags of what was made moments ago, or deleted, with a delay.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use platform_graph::{KindDef, Owner, Problems, Properties, Seen};
use serde::Serialize;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::batch::Batch;
use crate::census::{Tagged, guarded};
use crate::{Cancel, Engine, Stop};

/// Seconds since 1970 that are none: later than this a number counts milliseconds, as CloudWatch Logs does.
const MOST_SECONDS: f64 = 1e11;

/// What carries an owner's tag.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Inventory {
    /// The parts, by owner, address and id.
    pub parts: Vec<Owned>,
    /// Kinds that could not be asked, and tags that make no sense. The path is the type name.
    pub problems: Problems,
}

/// A resource that carries an owner's tag.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Owned {
    /// Whose it is.
    pub owner: Owner,
    /// Its address inside the owner; its id where the tag that says so is missing.
    pub address: String,
    /// Its id.
    pub id: String,
    /// CloudFormation type name.
    pub kind: String,
    /// Since when it exists, where AWS tells.
    pub born: Option<OffsetDateTime>,
    /// Whether it carries the seal that says that its owner was complete.
    pub sealed: bool,
    /// What it is like.
    pub condition: Condition,
    /// Whether data is lost with it; taken to be so, of a kind that can, for what could not be looked at.
    pub holds_data: bool,
}

/// What something is like that was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// It is there.
    Live,
    /// It is on its way to being usable.
    Pending,
    /// It is on its way out.
    Deleting,
    /// It will never be usable.
    Failed,
    /// It carries the tags, and could not be looked at.
    Unknown,
}

impl Condition {
    /// `None` for what is gone.
    fn of<P>(seen: &Seen<P>) -> Option<Self> {
        match seen {
            Seen::Absent => None,
            Seen::Live(_) | Seen::Many(_) => Some(Condition::Live),
            Seen::Pending { .. } => Some(Condition::Pending),
            Seen::Deleting { .. } => Some(Condition::Deleting),
            Seen::Failed { .. } => Some(Condition::Failed),
        }
    }

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Condition::Live => "live",
            Condition::Pending => "pending",
            Condition::Deleting => "deleting",
            Condition::Failed => "failed",
            Condition::Unknown => "unknown",
        }
    }
}

impl Engine {
    /// Everything that carries an owner's tag, with its owner, its age and what it is like.
    pub async fn inventory(&self) -> Inventory {
        let batch = self.batch(Cancel::new());
        let listing = async {
            let mut problems = Problems::new();
            let tagged = self.tagged(&batch, |_| true, &mut problems).await;
            let batch = &batch;
            let looks = tagged.iter().map(|part| async move {
                let seen = guarded(glance(batch, part)).await;
                (part, seen)
            });
            let mut parts = Vec::new();
            let mut unseen: BTreeMap<&str, String> = BTreeMap::new();
            for (part, seen) in join_all(looks).await {
                let (condition, born, holds_data) = match seen {
                    Ok(Some(seen)) => match Condition::of(&seen) {
                        Some(condition) => {
                            (condition, born(part.kind, &seen), data(part.kind, &seen))
                        }
                        None => continue,
                    },
                    Ok(None) => (Condition::Live, None, part.kind.stateful),
                    Err(stop) => {
                        unseen.insert(part.kind.name, stop.explain().0);
                        (Condition::Unknown, None, part.kind.stateful)
                    }
                };
                parts.push(Owned {
                    owner: part.me.owner.clone(),
                    address: part.me.address.clone(),
                    id: part.id().to_owned(),
                    kind: part.kind.name.to_owned(),
                    born,
                    sealed: part.sealed,
                    condition,
                    holds_data,
                });
            }
            for (kind, why) in unseen {
                problems.warning(
                    [kind],
                    format!("Some {kind} could not be looked at"),
                    format!("They carry an owner's tag; what they are like is not known. {why}"),
                );
            }
            parts.sort();
            Inventory { parts, problems }
        };
        batch.during(listing).await
    }
}

/// Looks at a part by its id with as few calls as show that it is there; `None` where its id alone does not find it.
async fn glance(batch: &Batch, part: &Tagged<'_>) -> Result<Option<Seen<Properties>>, Stop> {
    if part.kind.taken_over {
        return Ok(None);
    }
    let properties = (part.kind.known_by)(part.id())?;
    let calls = (part.kind.find)(&properties, &part.me)?;
    let replies: Vec<Value> = batch
        .ask(calls)
        .await?
        .iter()
        .map(|reply| (**reply).clone())
        .collect();
    Ok(Some((part.kind.read)(&properties, &part.me, &replies)?))
}

fn born(kind: &KindDef, seen: &Seen<Properties>) -> Option<OffsetDateTime> {
    match seen {
        Seen::Live(live) => instant(live.attributes.get(kind.born)?),
        _ => None,
    }
}

/// The instant that AWS writes as text (ISO 8601) or as a number since 1970, of seconds or milliseconds.
fn instant(value: &Value) -> Option<OffsetDateTime> {
    let since_1970 = |number: f64| {
        let seconds = if number.abs() > MOST_SECONDS {
            number / 1000.0
        } else {
            number
        };
        #[expect(
            clippy::cast_possible_truncation,
            reason = "saturates, and what is out of range is refused"
        )]
        OffsetDateTime::from_unix_timestamp(seconds as i64).ok()
    };
    match value {
        Value::String(text) => OffsetDateTime::parse(text, &Rfc3339)
            .ok()
            .or_else(|| since_1970(text.parse().ok()?)),
        Value::Number(number) => since_1970(number.as_f64()?),
        _ => None,
    }
}

/// Whether data is lost with what was seen.
fn data(kind: &KindDef, seen: &Seen<Properties>) -> bool {
    match seen {
        Seen::Live(live) => (kind.holds_data)(&live.properties),
        _ => kind.stateful,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_way_to_write_an_instant_is_read() {
        let expected = instant(&json!("2026-03-01T12:00:00Z")).map(OffsetDateTime::unix_timestamp);
        assert_eq!(expected, Some(1_772_366_400));
        for written in [
            json!("2026-03-01T12:00:00.000Z"),
            json!("2026-03-01T13:00:00+01:00"),
            json!(1_772_366_400),
            json!(1_772_366_400.25),
            json!(1_772_366_400_123_u64),
            json!("1772366400"),
        ] {
            let seconds = instant(&written).map(OffsetDateTime::unix_timestamp);
            assert_eq!(seconds, expected, "{written}");
        }
        for none in [json!(null), json!("yesterday"), json!(1e300), json!(true)] {
            assert_eq!(instant(&none), None, "{none}");
        }
    }
}
