//! Parts, references, graphs, differences and plans: everything that is known about AWS resources without asking AWS.
//!
//! A composite expands into a [`Graph`] of [`Part`]s; a part is one AWS resource under its CloudFormation type name and
//! property names. A [`Kind`] says what to ask AWS about one such type and returns every question as a [`Call`], a plain
//! value. [`Plan`] compares a graph with what is [`Recorded`] and says what has to happen, in which order.
//!
//! This crate knows no AWS client, no Terraform and does no I/O: it is `serde` and arithmetic.

mod owner;
pub use owner::{ADDRESS_TAG, Identity, OWNER_TAG, Owner, SEAL_TAG_PREFIX, seal_piece};

pub mod reference;
pub use reference::{Token, Transform};

mod call;
pub use call::Call;

mod forecast;
pub use forecast::Forecast;

mod kind;
pub use kind::{
    Attributes, Blocker, Claim, DeletionPolicy, Kind, KindDef, Kinds, Live, MalformedProperties,
    Replacement, Seen, TagForm, Tags,
};

mod part;
pub use part::{Graph, Handle, Part, Properties};

mod recorded;
pub use recorded::{Recorded, Records};

pub mod diff;

mod plan;
pub use plan::{
    Action, Disruption, Limits, Operation, Plan, Reason, Refusal, Step, original_address,
    replaced_address,
};

mod secret;
pub use secret::{Recipe, SecretMember, SecretSource};

mod problem;
pub use problem::{Problem, Problems, Severity};
