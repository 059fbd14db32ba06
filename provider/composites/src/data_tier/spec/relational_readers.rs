//! What makes use of the readers of an Aurora cluster: endpoints that lead to some of them, and more of them when the load is high.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A host name that leads to some instances of an Aurora cluster.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// The readers that it leads to, by name; `instance` is the one that writes to begin with. Example: `["reports"]`.
    pub members: Option<BTreeSet<String>>,
    /// The readers that it does not lead to: all others are reached, those that come later among them. All when left out, and
    /// `members` too.
    pub excluded: Option<BTreeSet<String>>,
    /// Which of them it leads to. `reader` when left out.
    #[serde(default, rename = "type")]
    pub kind: EndpointType,
}

/// Which of its members an endpoint leads to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EndpointType {
    /// Those that read.
    #[default]
    Reader,
    /// All of them, the one that writes as well.
    Any,
}

/// Readers that AWS adds to an Aurora cluster when the load is high, and takes away when it is low. They have the class of the
/// writer and take over last. They come on top of `readers`, which always stay.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReaderScaling {
    /// The least number of readers, those of `readers` included. Their number when left out.
    #[schemars(range(min = 0, max = 15))]
    pub min: Option<u32>,
    /// The most readers, those of `readers` included, up to 15.
    #[schemars(range(min = 1, max = 15))]
    pub max: u32,
    /// How busy the processors of the readers are to be on average, in percent. 70 when left out, and `connections` too.
    #[schemars(range(min = 10, max = 90))]
    pub cpu_percent: Option<u32>,
    /// How many connections a reader is to have on average, in place of `cpu_percent`. Example: `500`.
    #[schemars(range(min = 1))]
    pub connections: Option<u32>,
    /// Seconds after a reader was taken away until the next one may be. 300 when left out.
    #[serde(default = "default_cooldown")]
    #[schemars(range(min = 0, max = 3600))]
    pub scale_in_cooldown_seconds: u32,
    /// Seconds after a reader was added until the next one may be. 300 when left out.
    #[serde(default = "default_cooldown")]
    #[schemars(range(min = 0, max = 3600))]
    pub scale_out_cooldown_seconds: u32,
}

fn default_cooldown() -> u32 {
    300
}
