//! Looking at parts.
//!
//! # Flow
//! A part whose id is known is asked for with [`find`](platform_graph::Kind::find) and
//! [`details`](platform_graph::Kind::details) at once; another one first by owner or natural key, then for its details.
//! All parts ask through one [`Batch`], so that the calls of sister parts leave as one.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::join_all;
use platform_graph::{
    Attributes, Identity, KindDef, OWNER_TAG, Owner, Properties, Seen, Tags, diff,
};
use serde_json::Value;

use crate::batch::Batch;
use crate::outcome::panic_text;
use crate::{AwsError, Cancel, Engine, Stop};

/// A part to look at.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// Address of the part.
    pub address: String,
    /// CloudFormation type name.
    pub kind: String,
    /// Desired or recorded properties.
    pub properties: Properties,
    /// Id, when known.
    pub id: Option<String>,
    /// Attributes that were seen before, under that id.
    pub known: Attributes,
}

/// What was seen of a part.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// Its condition.
    pub seen: Seen<Properties>,
    /// Tags on it that nobody asked for.
    pub foreign_tags: Tags,
}

/// Why a part could not be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unseen {
    /// What happened and what to do, for people.
    pub reason: String,
    /// AWS's error, when there was one.
    pub error: Option<AwsError>,
}

impl From<Stop> for Unseen {
    fn from(stop: Stop) -> Self {
        let (reason, error) = stop.explain();
        Unseen { reason, error }
    }
}

/// Looks at one part.
pub(crate) async fn look(
    batch: &Batch,
    kind: &KindDef,
    properties: &Properties,
    me: &Identity,
    known: &Attributes,
) -> Result<Seen<Properties>, Stop> {
    let mut calls = (kind.find)(properties, me)?;
    let enough = |known: &Attributes| {
        let mut needed = kind.details_need.iter();
        needed.all(|name| known.contains_key(*name))
    };
    if let Some(id) = me.id.as_ref().filter(|_| enough(known)) {
        calls.extend((kind.details_again)(properties, me, id, known)?);
        return read(kind, properties, me, &batch.ask(calls).await?);
    }
    let mut replies = batch.ask(calls).await?;
    let seen = read(kind, properties, me, &replies)?;
    let details = match (&seen, seen.id()) {
        (Seen::Live(live), _) if !kind.details_need.is_empty() => {
            (kind.details_again)(properties, me, &live.id, &live.attributes)?
        }
        (_, Some(id)) => (kind.details)(properties, me, id)?,
        (_, None) => Vec::new(),
    };
    if details.is_empty() {
        return Ok(seen);
    }
    replies.extend(batch.ask(details).await?);
    read(kind, properties, me, &replies)
}

fn read(
    kind: &KindDef,
    properties: &Properties,
    me: &Identity,
    replies: &[Arc<Value>],
) -> Result<Seen<Properties>, Stop> {
    Ok(match replies {
        // A merged reply may be large and is shared by all who asked.
        [one] => (kind.read)(properties, me, std::slice::from_ref(&**one))?,
        many => {
            let values: Vec<Value> = many.iter().map(|reply| (**reply).clone()).collect();
            (kind.read)(properties, me, &values)?
        }
    })
}

/// The tags among properties.
pub(crate) fn tags_of(properties: &Properties) -> Tags {
    match properties.get("Tags") {
        Some(Value::Object(tags)) => tags
            .iter()
            .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
            .collect(),
        _ => Tags::new(),
    }
}

/// Whom the tags of a part name as its owner, in words.
pub(crate) fn owner_in_words(tags: &Tags) -> String {
    match (tags.get(OWNER_TAG), tags.get(platform_graph::ADDRESS_TAG)) {
        (Some(owner), Some(address)) => format!("belongs to {owner}, where it is {address}"),
        (Some(owner), None) => format!("belongs to {owner}"),
        _ => "was not made by this provider".to_owned(),
    }
}

impl Engine {
    /// Looks at parts, together and in as few calls as the kinds allow. A part that could not be looked at says why.
    pub async fn observe(
        &self,
        owner: &Owner,
        wanted: &[Wanted],
    ) -> BTreeMap<String, Result<Observation, Unseen>> {
        let batch = self.batch(Cancel::new());
        batch.during(self.observe_in(&batch, owner, wanted)).await
    }

    /// The same through a batch that others ask through too; somebody has to drive it.
    pub(crate) async fn observe_in(
        &self,
        batch: &Batch,
        owner: &Owner,
        wanted: &[Wanted],
    ) -> BTreeMap<String, Result<Observation, Unseen>> {
        let looks = wanted.iter().map(|part| async move {
            let me = Identity {
                owner: owner.clone(),
                address: part.address.clone(),
                id: part.id.clone(),
            };
            let look = async {
                let kind = self.kind(&part.kind)?;
                let seen = look(batch, kind, &part.properties, &me, &part.known).await?;
                let foreign_tags = match &seen {
                    Seen::Live(live) => diff::foreign_tags(&live.properties, &part.properties),
                    _ => Tags::new(),
                };
                Ok(Observation { seen, foreign_tags })
            };
            let seen = AssertUnwindSafe(look)
                .catch_unwind()
                .await
                .unwrap_or_else(|panic| Err(Stop::Said(panic_text(&*panic))))
                .map_err(Unseen::from);
            (part.address.clone(), seen)
        });
        join_all(looks).await.into_iter().collect()
    }
}
