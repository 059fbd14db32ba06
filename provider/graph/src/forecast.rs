//! What AWS says that a change would mean, before it is made.

use serde::Serialize;

use crate::Disruption;

/// What AWS foretells of a change in place: the answer to [`Kind::forecast`](crate::Kind::forecast).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Forecast {
    /// What the change disturbs. `None` where AWS did not tell: then [`Kind::disruption`](crate::Kind::disruption) counts.
    pub disruption: Option<Disruption>,
    /// How AWS would make the change, for people and without a full stop: `blue/green deployment`. Empty where AWS did not tell.
    pub says: String,
    /// Why AWS would refuse the change, each without a full stop.
    pub refusals: Vec<String>,
    /// What AWS could not be asked, or did not tell, and why; each without a full stop.
    pub unasked: Vec<String>,
}
