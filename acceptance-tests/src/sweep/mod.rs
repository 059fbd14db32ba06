//! Sweeps: a run is disturbed at every mutating call, then one more run must make everything right.
//!
//! # Flow
//!
//! ```text
//! Scenario ──rehearse──▶ Rehearsal: calls to disturb, worlds to start from, what must be there in the end
//!                            │ fork per trial: emulator and working folder, in milliseconds
//!                            ▼
//!                        trial: run, disturb at call k, run once more, judge ──▶ Report
//! ```
//!
//! # Guarantees
//!
//! - A trial is clean when one more run ends without an error, what exists and what the state says equals what an
//!   undisturbed run leaves ([`Footprint`]), and two plans are empty; one trial at every call also when a destroy leaves the
//!   account as it was. A run that is interrupted must also end within [`EXIT_DEADLINE`](trial::EXIT_DEADLINE).
//! - Trials share nothing: each has an emulator process, a proxy and a working folder of its own.
//! - Nothing in here knows a kind or a composite. A new one joins by standing in a scenario, which is a folder of HCL.
//!
//! # Caveats
//!
//! Calls run in parallel, so the k-th mutating call of two runs need not be the same action: a point is a
//! number, and which action it hit is reported with it.

mod footprint;
mod labels;
mod point;
mod rehearsal;
mod report;
mod scenario;
pub mod trial;
mod world;
mod xml;

pub use footprint::Footprint;
pub use point::{Case, Disturbance, Phase, Variant};
pub use rehearsal::{Rehearsal, Start};
pub use report::{Point, Report, sweep};
pub use scenario::{INCUMBENT, Scenario, all, folder};
pub use world::World;
