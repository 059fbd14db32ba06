//! What kinds read from AWS's replies.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Call;

/// Tags of a part, by key. Kinds turn them into the list form of their API.
pub type Tags = BTreeMap<String, String>;
/// Values only AWS can choose, by CloudFormation attribute name.
pub type Attributes = Map<String, Value>;

/// What an observation says about a part.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum Seen<P> {
    /// It does not exist, or is gone for good (a NAT gateway in state `deleted`).
    Absent,
    /// It exists and is on its way to being usable.
    Pending {
        /// Its id.
        id: String,
        /// AWS's word for what it is doing.
        why: String,
    },
    /// It is on its way out.
    Deleting {
        /// Its id.
        id: String,
    },
    /// It will never be usable; it must be deleted before another try.
    Failed {
        /// Its id.
        id: String,
        /// AWS's reason.
        why: String,
    },
    /// It is there.
    Live(Live<P>),
    /// More than one AWS object claims this owner and address.
    Many(
        /// Their ids.
        Vec<String>,
    ),
}

impl<P> Seen<P> {
    /// Id of the one AWS object seen, in whatever condition.
    pub fn id(&self) -> Option<&str> {
        match self {
            Seen::Pending { id, .. } | Seen::Deleting { id } | Seen::Failed { id, .. } => Some(id),
            Seen::Live(live) => Some(&live.id),
            Seen::Absent | Seen::Many(_) => None,
        }
    }
}

/// A part that is there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Live<P> {
    /// Its id: what `Ref` returns in CloudFormation.
    pub id: String,
    /// Its properties as AWS shows them, normalised to the form in which they are asked for.
    pub properties: P,
    /// What only AWS could choose.
    pub attributes: Attributes,
}

/// One resource that a [census](crate::Kind::census) lists.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Claim {
    /// Its id, as [`Live::id`].
    pub id: String,
    /// Its tags, the owner's among them.
    pub tags: Tags,
}

/// Something that no graph knows and that keeps a resource from being deleted: what a controller or a person put there.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Blocker {
    /// Its id.
    pub id: String,
    /// What it is, for people: `network interface (ELB app/shop)`.
    pub what: String,
    /// Its tags, which say whose it is.
    pub tags: Tags,
    /// The calls that remove it, in order; empty for what is not ours to remove and for what goes by itself.
    pub remove: Vec<Call>,
    /// Within how many seconds AWS lets it go once what it belongs to is gone; 0 for what stays until somebody removes it.
    pub lingers_seconds: u32,
    /// Whether it holds data. Then it keeps nothing from being deleted, and is removed only where the configuration says so.
    pub holds_data: bool,
}
