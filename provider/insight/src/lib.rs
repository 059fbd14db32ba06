//! Readings of the graph of parts: what a platform consists of, costs, risks, needs to be allowed and looks like.
//!
//! # Flow
//! [`inventory`] takes the composites out of `terraform show -json` (a plan or a state) or out of the `resources` attribute of
//! one of them, as [`CompositeView`]s. Every other module is one reading of these: a pure function to a typed result that
//! serialises to JSON and displays as text.
//!
//! | reading | answers |
//! |---|---|
//! | [`tree`] | what is there, by composite, zone and tier |
//! | [`cost`] | what it costs a month, fixed and by use |
//! | [`review`] | what a careful reader would object to, and what to do about it |
//! | [`policy`] | which IAM permissions are enough to run it |
//! | [`diagram`] | how it hangs together, as Mermaid or Graphviz |
//! | [`stores`] | what each store is, costs and is protected by |
//! | [`cloudformation`] | the same platform as a CloudFormation template |
//!
//! # Guarantees
//! No I/O, no clock, no AWS. The same input gives the same bytes. What a reading can't judge is said in its result, never
//! passed over.
//!
//! # Caveats
//! In a plan, ids and attributes of parts that do not exist yet are unknown; the references between parts are known, and the
//! readings follow those.

pub mod inventory;
pub use inventory::CompositeView;

pub mod cloudformation;
pub mod cost;
pub mod diagram;
pub mod policy;
pub mod review;
pub mod stores;
pub mod tree;
