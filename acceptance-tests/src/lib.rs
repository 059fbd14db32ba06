//! Drives the real `terraform` binary and the built provider against emulators of AWS.
//!
//! Nothing here knows the provider's insides: it is a process that speaks HTTP. What a scenario can
//! see is what a user can see (Terraform's output and state, what exists in AWS) and what AWS can see
//! (the calls that arrive).
//!
//! # Flow
//!
//! ```text
//! Terraform ──starts──▶ terraform ──▶ provider ──HTTP──▶ Proxy ──HTTP──▶ Emulator
//!     plan, apply, signals                         counts, delays, breaks     reset, inventory
//! ```
//!
//! # Guarantees
//!
//! - Every test has its own emulator process, port, working folder, CLI configuration and environment:
//!   tests run in parallel, and nothing of the caller's configuration or credentials reaches them.
//! - Everything listens on 127.0.0.1 only and ends with the test, however the test ends.
//!
//! # Assumptions
//!
//! The tools are where `cargo xtask test` puts them (`target/tools`), or where the variables named in
//! [`workspace`] say.

pub mod api;
pub mod canary;
pub mod configuration;
pub mod emulator;
mod events;
pub mod failure;
pub mod http;
pub mod inventory;
pub mod process;
pub mod proxy;
pub mod safety;
pub mod stage;
pub mod strict;
pub mod sweep;
pub mod terraform;
pub mod workspace;

pub use api::Api;
pub use canary::Canary;
pub use configuration::with_provider;
pub use emulator::{Emulator, Flavor};
pub use failure::{Failure, Outcome};
pub use inventory::Inventory;
pub use proxy::{Call, Delivery, Fault, Held, Hold, Proxy, Weather};
pub use stage::{Part, REGION, Stage};
pub use terraform::{Plan, Run, Terraform, Victim};
