//! Every kind against its examples, against AWS's models and schemas, and against the rules of this crate.
//!
//! One program: each would link every kind anew.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at what it did not expect"
)]

mod blockers;
mod calls;
mod conformance_cloudformation;
mod conformance_service_models;
mod examples;
mod layering;
mod listing;
mod protection;
mod unanswered;
