//! The engine: brings AWS to what a graph says.
//!
//! # Flow
//! [`Engine::refresh`] asks AWS about everything recorded ([`Engine::refresh_deep`] about what others put there too), [`platform_graph::Plan`] compares that with a graph,
//! [`Engine::apply`] takes the plan's steps and [`Engine::destroy`] takes everything down. [`Engine::discover`] finds what
//! exists of a graph when nothing is recorded.
//!
//! # Guarantees
//! - Nothing is created before it has been looked for, and what is found is taken up where it stands, so that a run that
//!   was killed is finished by the next one without duplicates.
//! - A part starts the moment what it refers to is ready. A failure stops only what depends on it.
//! - Every wait has a deadline and ends at once when the run is [cancelled](Cancel); calls in flight are finished and recorded.
//! - Nothing here panics because of what a kind does; its panic is a failure of that part.
//!
//! # Assumptions
//! One run at a time works on a composite; Terraform's state lock sees to that.
//!
//! # Caveats
//! An object without client token and natural key that AWS made but has not shown [for long](Options::lag), made by a run
//! that was killed, is made twice; the next look names both.

mod apply;
pub use apply::ApplyRequest;

mod aws;
pub use aws::{Aws, AwsError};
pub use platform_aws::ErrorKind;

mod batch;
mod caller;
mod census;

mod clear;
pub use clear::LeftInside;

mod cancel;
pub use cancel::Cancel;

mod discover;
pub use discover::Discovered;

mod forecast;
mod foreign;
pub use foreign::Foreign;

mod inventory;
pub use inventory::{Condition, Inventory, Owned};

mod leftovers;
pub use leftovers::Traces;

mod live;
pub use live::Live;

mod make;

mod observe;
pub use observe::{Observation, Unseen, Wanted};

mod options;
pub use options::Options;

mod order;

mod outcome;
pub(crate) use outcome::Stop;
pub use outcome::{Outcome, PartFailure};

mod part;

mod progress;
pub use progress::{Phase, Progress, Watch};

mod refresh;
pub use refresh::Refreshed;

mod remove;

mod run;
mod seal;
mod secret;
mod unseen;
pub use secret::Vault;

use std::sync::Arc;

use platform_graph::{Call, KindDef, Kinds};
use serde_json::Value;

/// Observes, applies and destroys parts in one region of one account.
///
/// Clones share their limits.
#[derive(Clone)]
pub struct Engine {
    aws: Arc<dyn Aws>,
    kinds: Arc<Kinds>,
    options: Arc<Options>,
    gates: Arc<caller::Gates>,
    vault: Arc<Vault>,
    /// Services whose kinds a census asks; `None` for all.
    services: Option<&'static [&'static str]>,
}

impl Engine {
    /// An engine over these kinds.
    pub fn new(aws: Arc<dyn Aws>, kinds: impl Into<Arc<Kinds>>) -> Self {
        Engine::with_options(aws, kinds, Options::default())
    }

    /// An engine with other than the usual limits and times.
    pub fn with_options(aws: Arc<dyn Aws>, kinds: impl Into<Arc<Kinds>>, options: Options) -> Self {
        Engine {
            aws,
            kinds: kinds.into(),
            options: Arc::new(options),
            gates: Arc::default(),
            vault: Arc::default(),
            services: None,
        }
    }

    /// The same engine, by which data that others left inside goes, or does not go, with what is deleted.
    #[must_use]
    pub fn removing_left_data(mut self, remove: bool) -> Self {
        Arc::make_mut(&mut self.options).remove_left_data = remove;
        self
    }

    /// The same engine with the secrets that its runs may need.
    #[must_use]
    pub fn holding(mut self, vault: Vault) -> Self {
        self.vault = Arc::new(vault);
        self
    }

    /// The same engine for owners all of whose parts are of these services (`EC2` of `AWS::EC2::VPC`): what carries their tags is looked
    /// for there alone.
    #[must_use]
    pub fn among(mut self, services: &'static [&'static str]) -> Self {
        self.services = Some(services);
        self
    }

    /// The kinds it knows.
    pub fn kinds(&self) -> &Kinds {
        &self.kinds
    }

    /// Asks AWS one question outside of any run, such as a composite's preflight. What would change something is not sent.
    ///
    /// # Errors
    /// What AWS said, for people.
    pub async fn ask(&self, call: &Call) -> Result<Value, String> {
        if !call.is_read() {
            return Err(format!(
                "{} would change something. This is a bug of the provider",
                call.action
            ));
        }
        self.caller(Cancel::new())
            .persist(call)
            .await
            .map_err(|stop| stop.explain().0)
    }

    fn kind(&self, name: &str) -> Result<&KindDef, Stop> {
        self.kinds.get(name).ok_or_else(|| {
            Stop::Said(format!(
                "this version of the provider knows no type {name}; it may have been written by a newer one"
            ))
        })
    }

    fn caller(&self, cancel: Cancel) -> Arc<caller::Caller> {
        Arc::new(caller::Caller {
            aws: self.aws.clone(),
            gates: self.gates.clone(),
            options: self.options.clone(),
            vault: self.vault.clone(),
            cancel,
        })
    }

    fn batch(&self, cancel: Cancel) -> batch::Batch {
        batch::Batch::new(self.caller(cancel))
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine")
            .field("kinds", &self.kinds)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
