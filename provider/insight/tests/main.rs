//! What is told of platforms, and AWS's own judgement of it.
//!
//! One program: each would link every kind anew.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at what it did not expect"
)]

mod backup;
mod caches;
mod conformance_cfn_lint;
mod documents;
mod emptied;
mod policy;
mod readings;
mod relational;
mod search;
mod shown;
mod stores;
mod templates;
