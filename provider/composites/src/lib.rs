//! Composites: what a user describes in HCL, and which parts it expands into.
//!
//! One folder per composite: `spec.rs` (the configuration as plain structs; the Terraform schema, validation and the
//! Registry page derive from it), `check.rs` (everything that is wrong with it), `outputs.rs`, and a module per matter that is
//! cut into parts. [`schema`] has the catalogue of all composites without their types.
//!
//! Expansion is pure and deterministic: the same spec, setting and ledger give the same bytes. What can only be known from
//! AWS is asked for as [`Question`]s, which are calls as data.

pub mod backup;
pub mod data_tier;
pub mod handover;
mod key_policy;
mod log_retention;
pub mod network;
pub mod schema;
pub mod secrets;
mod tags;
#[cfg(test)]
mod testing;

pub use schema::{CompositeDef, Expand, all};

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::SystemTime;

use platform_graph::{Call, Graph, Limits, Owner, Plan, Problems, Tags};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Allocations that are never made twice and never move: zones, address blocks, and the like, by a key that says what was
/// allocated (`zone/use1-az1`, `tier/private`). Kept in state, shown to the user, handed to the next expansion.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ledger(
    /// What was allocated, by key.
    pub BTreeMap<String, String>,
);

/// A question to AWS whose answer an expansion or a preflight needs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Question {
    /// Under which name the answer is found in [`Setting::answers`].
    pub key: Cow<'static, str>,
    /// The call; its whole reply (all pages) is the answer.
    pub call: Call,
    /// Whether nothing can be said without the answer. Otherwise a failing call leaves the answer out.
    pub required: bool,
}

/// Where a composite is expanded: everything that is not in its spec.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Setting {
    /// Composite type, region and name.
    pub owner: Owner,
    /// AWS account id.
    pub account: String,
    /// Partition: `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: String,
    /// Tags of the provider block and of the composite, the composite's first.
    pub tags: Tags,
    /// Replies to the composite's questions, by key.
    pub answers: BTreeMap<String, Value>,
}

impl Setting {
    /// The end of the names of AWS's services in the partition.
    pub(crate) fn dns_suffix(&self) -> &'static str {
        match self.partition.as_str() {
            "aws-cn" => "amazonaws.com.cn",
            _ => "amazonaws.com",
        }
    }
}

/// What is known of the value of a write-only argument. The value itself is never looked at here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given {
    /// Nothing yet: it is known when the run applies.
    Later,
    /// It is not given.
    Nothing,
    /// It is given and has so many bytes.
    Bytes(usize),
}

/// What a composite comes to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Expansion {
    /// The parts.
    pub graph: Graph,
    /// The ledger that was handed in, with what this expansion allocated.
    pub ledger: Ledger,
    /// The composite's typed outputs; texts may hold references to parts.
    pub outputs: Value,
}

/// One composite: its spec is the implementing type.
pub trait Composite: Serialize + DeserializeOwned + JsonSchema + Send + Sync + 'static {
    /// Terraform resource type, `platform_network`.
    const TYPE: &'static str;
    /// One paragraph for the Registry: what it is.
    const ABOUT: &'static str;
    /// Address of the anchor part, which is sealed once everything is there and by which the composite is recognised.
    const ANCHOR: &'static str;
    /// Type of the anchor part, by which it is found when nothing else is known (import).
    const ANCHOR_KIND: &'static str;
    /// Services of all its parts, `EC2` of `AWS::EC2::VPC`: what killed runs left behind is looked for among their resources alone. One
    /// that it made parts of in an earlier version stays.
    const SERVICES: &'static [&'static str];
    /// The typed outputs.
    type Outputs: Serialize + JsonSchema;

    /// Name of the composite; with type and region its identity.
    fn name(&self) -> &str;
    /// Region, when the configuration says one.
    fn region(&self) -> Option<&str>;
    /// Tags for all its parts.
    fn tags(&self) -> &Tags;
    /// Whether destroying it is refused.
    fn protected(&self) -> bool;
    /// Which stateful parts may be replaced or deleted.
    fn limits(&self) -> Limits;

    /// Whether data that others left inside goes when the composite is destroyed.
    fn removes_left_data(&self) -> bool {
        false
    }

    /// Finds everything that is wrong with the spec alone. Texts that hold a `${config:…}` token are not known yet and are
    /// not judged.
    fn check(&self, problems: &mut Problems);
    /// Whether a value that decides which parts there are is not known yet, so that the parts can't be named at plan.
    fn is_open(&self) -> bool {
        false
    }
    /// What the expansion needs to know; nothing that the ledger already answers.
    fn questions(&self, ledger: &Ledger) -> Vec<Question>;
    /// What a preflight needs to know. Asked only when something is about to change.
    fn preflight_questions(&self) -> Vec<Question> {
        Vec::new()
    }
    /// A spec that asks every question there is, for the permissions that planning needs.
    fn inquisitive() -> Self;
    /// Finds what would go wrong in AWS (quota, overlap, missing zone) before anything is created. `expansion` is what is
    /// about to be applied, `creates` says for an address whether that part is yet to be created.
    fn preflight(
        &self,
        _setting: &Setting,
        _expansion: &Expansion,
        _creates: &dyn Fn(&str) -> bool,
        _problems: &mut Problems,
    ) {
    }
    /// Where in the configuration a part is asked for: the path of the argument, empty for the composite as a whole.
    fn place(&self, _address: &str) -> Vec<String> {
        Vec::new()
    }
    /// Finds values of write-only arguments that a plan would write and that can't be written. `given` says what is known of one, by
    /// argument and key.
    fn judge_values(
        &self,
        _plan: &Plan,
        _given: &dyn Fn(&str, &str) -> Given,
        _problems: &mut Problems,
    ) {
    }
    /// Refuses changes of a plan that are not to be made now, given what AWS foretells of them and what time it is.
    fn weigh(&self, _plan: &Plan, _now: SystemTime, _problems: &mut Problems) {}
    /// The parts. `None` when `problems` got an error.
    fn expand(
        &self,
        setting: &Setting,
        ledger: &Ledger,
        problems: &mut Problems,
    ) -> Option<Expansion>;
}
