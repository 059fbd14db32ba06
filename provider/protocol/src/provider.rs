//! The trait a provider implements, and what goes in and out of it.
//!
//! Everything is owned and in this crate's own types. The server around it (see [`serve`](crate::serve())) decodes
//! requests, refuses unknown type names, runs each method in a task of its own so that a panic becomes a diagnostic, and
//! validates what comes back before it is sent.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use crate::cancel::Cancel;
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::path::AttributePath;
use crate::schema::ProviderSchema;
use crate::types::Type;
use crate::value::{Value, ValueError};

/// A Terraform provider.
///
/// Methods may run in parallel. Terraform calls the `validate_*` methods, [`Provider::upgrade_resource`] and
/// [`Provider::call_function`] also without [`Provider::configure`]. Only what the schema announces is ever called, so
/// the defaults serve a provider that lacks a capability.
pub trait Provider: Send + Sync + 'static {
    /// What the provider offers. Called once at most per process, and never a place to initialise anything.
    fn schema(&self) -> ProviderSchema;

    /// Checks the `provider` block; values may be unknown.
    fn validate_provider(
        &self,
        request: ValidateProvider,
    ) -> impl Future<Output = Diagnostics> + Send {
        let _ = request;
        async { Diagnostics::new() }
    }

    /// Takes the `provider` block. In a plan values may still be unknown: that is no error, using them is.
    fn configure(&self, request: Configure) -> impl Future<Output = Diagnostics> + Send;

    /// Told that the run was interrupted, after every [`Cancel`] in flight has fired. Later requests must still work.
    fn stop(&self) -> impl Future<Output = ()> + Send {
        async {}
    }

    /// Checks the configuration of a resource; values may be unknown.
    fn validate_resource(
        &self,
        request: ValidateResource,
    ) -> impl Future<Output = Diagnostics> + Send {
        let _ = request;
        async { Diagnostics::new() }
    }

    /// Brings stored state to the current schema. Called on every read of a state, also of the same version, which is
    /// all that the default handles.
    fn upgrade_resource(
        &self,
        request: UpgradeResource,
    ) -> impl Future<Output = Result<Value, Diagnostics>> + Send {
        async move {
            request
                .state
                .decode(&request.target)
                .map_err(Diagnostics::from)
        }
    }

    /// Brings a stored identity to the current schema, as [`Provider::upgrade_resource`] does state.
    fn upgrade_identity(
        &self,
        request: UpgradeResource,
    ) -> impl Future<Output = Result<Value, Diagnostics>> + Send {
        async move {
            request
                .state
                .decode(&request.target)
                .map_err(Diagnostics::from)
        }
    }

    /// Finds out what a resource is like now.
    fn read_resource(&self, request: ReadResource) -> impl Future<Output = Resource> + Send;

    /// Says what the configuration would make of a resource. Must be deterministic: it runs again during apply. Also
    /// asked about destruction, when `proposed` is null.
    fn plan_resource(&self, request: PlanResource) -> impl Future<Output = PlannedResource> + Send;

    /// Creates, updates or (when `planned` is null) destroys a resource.
    fn apply_resource(&self, request: ApplyResource) -> impl Future<Output = Resource> + Send;

    /// Rebuilds the state of an existing resource from its id or identity.
    fn import_resource(&self, request: ImportResource) -> impl Future<Output = Imported> + Send {
        let summary = format!("{} can't be imported", request.type_name);
        async move {
            Imported {
                resources: Vec::new(),
                diagnostics: Diagnostic::error(summary, "").into(),
            }
        }
    }

    /// Converts the state of another type or provider, for a `moved` block. Only with
    /// [`ProviderSchema::moves_resources`].
    fn move_resource(&self, request: MoveResource) -> impl Future<Output = Resource> + Send {
        let summary = format!(
            "{} can't be moved to {}",
            request.source_type, request.type_name
        );
        async move { Resource::failed(Value::Null, Diagnostic::error(summary, "")) }
    }

    /// Checks the configuration of a data source; values may be unknown.
    fn validate_data_source(
        &self,
        request: ValidateResource,
    ) -> impl Future<Output = Diagnostics> + Send {
        let _ = request;
        async { Diagnostics::new() }
    }

    /// Reads a data source. The result must be wholly known.
    fn read_data_source(&self, request: ReadDataSource) -> impl Future<Output = DataSource> + Send {
        let summary = format!("Data source {} can't be read", request.type_name);
        async move {
            DataSource {
                state: Value::Null,
                diagnostics: Diagnostic::error(summary, "").into(),
            }
        }
    }

    /// Calls a function. It must be pure: the results of plan and apply are compared.
    fn call_function(
        &self,
        request: CallFunction,
    ) -> impl Future<Output = Result<Value, FunctionError>> + Send {
        let text = format!("The function {} is not implemented.", request.name);
        async move {
            Err(FunctionError {
                text,
                argument: None,
            })
        }
    }

    /// Checks the configuration of an ephemeral resource; values may be unknown.
    fn validate_ephemeral(
        &self,
        request: ValidateResource,
    ) -> impl Future<Output = Diagnostics> + Send {
        let _ = request;
        async { Diagnostics::new() }
    }

    /// Opens an ephemeral resource.
    fn open_ephemeral(
        &self,
        request: OpenEphemeral,
    ) -> impl Future<Output = OpenedEphemeral> + Send {
        let summary = format!("Ephemeral resource {} can't be opened", request.type_name);
        async move {
            OpenedEphemeral {
                diagnostics: Diagnostic::error(summary, "").into(),
                ..OpenedEphemeral::default()
            }
        }
    }

    /// Keeps an ephemeral resource open beyond its `renew_at`.
    fn renew_ephemeral(
        &self,
        request: HeldEphemeral,
    ) -> impl Future<Output = RenewedEphemeral> + Send {
        async move {
            RenewedEphemeral {
                private: request.private,
                ..RenewedEphemeral::default()
            }
        }
    }

    /// Closes an ephemeral resource. The run may be stopping.
    fn close_ephemeral(&self, request: HeldEphemeral) -> impl Future<Output = Diagnostics> + Send {
        let _ = request;
        async { Diagnostics::new() }
    }
}

/// What the client says it understands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ClientCapabilities {
    /// Write-only attributes may be set (Terraform 1.11 and newer).
    pub write_only_attributes: bool,
}

/// Input of [`Provider::validate_provider`].
#[derive(Debug, Clone)]
pub struct ValidateProvider {
    /// The block as configured.
    pub config: Value,
    /// Fires when the run is interrupted.
    pub cancel: Cancel,
}

/// Input of [`Provider::configure`].
#[derive(Debug, Clone)]
pub struct Configure {
    /// The version of the client, `1.11.4`.
    pub terraform_version: String,
    /// The block as configured.
    pub config: Value,
    /// Fires when the run is interrupted.
    pub cancel: Cancel,
}

/// Input of [`Provider::validate_resource`] and its like.
#[derive(Debug, Clone)]
pub struct ValidateResource {
    /// The resource type.
    pub type_name: String,
    /// The block as configured.
    pub config: Value,
    /// What the client understands.
    pub capabilities: ClientCapabilities,
    /// Fires when the run is interrupted.
    pub cancel: Cancel,
}

/// State as it was stored, by this version of the provider or another, or by another provider.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RawState {
    /// The stored JSON.
    pub json: Vec<u8>,
    /// The form of Terraform 0.11 and older, which nothing here ever wrote.
    pub flatmap: BTreeMap<String, String>,
}

impl RawState {
    /// Reads the state as a value of type `ty`, without loss. Attributes that are absent become null and those that the
    /// type doesn't have are dropped.
    ///
    /// # Errors
    /// When what is there has other types, as an error that can be returned as it is.
    pub fn decode(&self, ty: &Type) -> Result<Value, Diagnostic> {
        if self.json.is_empty() && !self.flatmap.is_empty() {
            return Err(Diagnostic::error(
                "State of Terraform 0.11 can't be read",
                "Apply once with Terraform 0.12, which rewrites the state, or import the resource anew.",
            ));
        }
        Value::from_state_json(ty, &self.json).map_err(|error| {
            Diagnostic::error(
                "The stored state doesn't fit the schema",
                format!("{error}. It may have been written by a newer version of the provider."),
            )
        })
    }

    /// The stored JSON as it is, dynamic values in their envelope `{"value":…,"type":…}`.
    ///
    /// # Errors
    /// When it is no JSON.
    pub fn to_json(&self) -> Result<serde_json::Value, ValueError> {
        serde_json::from_slice(&self.json)
            .map_err(|error| ValueError::new(&AttributePath::root(), error.to_string()))
    }
}

/// Input of [`Provider::upgrade_resource`] and [`Provider::upgrade_identity`].
#[derive(Debug, Clone)]
pub struct UpgradeResource {
    /// The resource type.
    pub type_name: String,
    /// The schema version that wrote the state.
    pub version: i64,
    /// The state as stored.
    pub state: RawState,
    /// The type of the current schema, which the result must have.
    pub target: Type,
    /// Fires when the run is interrupted.
    pub cancel: Cancel,
}

/// Input of [`Provider::read_resource`].
#[derive(Debug, Clone)]
pub struct ReadResource {
    /// The resource type.
    pub type_name: String,
    /// The last known state, never null.
    pub state: Value,
    /// What the provider stored beside it.
    pub private: Vec<u8>,
    /// The stored identity, if the client has one.
    pub identity: Option<Value>,
    /// Fires when the run is interrupted.
    pub cancel: Cancel,
}

/// A resource as it is: the outcome of reading, applying and moving.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Resource {
    /// Its state; null when it doesn't exist. Must be wholly known. After a create that failed, whatever is returned is
    /// stored and the resource is tainted; after an update that failed, it is stored.
    pub state: Value,
    /// What to store beside it; replaces what was there.
    pub private: Vec<u8>,
    /// Its identity; replaces what was there.
    pub identity: Option<Value>,
    /// What to report.
    pub diagnostics: Diagnostics,
}

impl Resource {
    /// What there is, nothing beside it, nothing to report.
    pub fn new(state: Value) -> Resource {
        Resource {
            state,
            ..Resource::default()
        }
    }

    /// What there is, and why it isn't what was asked for.
    pub fn failed(state: Value, problem: impl Into<Diagnostics>) -> Resource {
        Resource {
            state,
            diagnostics: problem.into(),
            ..Resource::default()
        }
    }
}

/// Input of [`Provider::plan_resource`].
#[derive(Debug, Clone)]
pub struct PlanResource {
    /// The resource type.
    pub type_name: String,
    /// The state; null for a create, and for the second plan of a replacement.
    pub prior: Value,
    /// Terraform's merge: the configuration, with computed attributes that it leaves null taken from `prior`. Null for a
    /// destroy.
    pub proposed: Value,
    /// The block as configured; null for a destroy. Only here are write-only values.
    pub config: Value,
    /// What the provider stored beside the state.
    pub private: Vec<u8>,
    /// The stored identity, if the client has one.
    pub identity: Option<Value>,
    /// What the client understands.
    pub capabilities: ClientCapabilities,
    /// Fires when the run is interrupted.
    pub cancel: Cancel,
}

/// What is planned for a resource.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PlannedResource {
    /// The state that applying will lead to, unknown where only applying can tell. Where the configuration says
    /// something it must be that, or the prior value. Equal to the prior state means: nothing to do.
    pub planned: Value,
    /// Attributes whose change needs a new resource. Naming those that don't change does no harm.
    pub requires_replace: Vec<AttributePath>,
    /// Handed to apply.
    pub private: Vec<u8>,
    /// The identity it will have.
    pub identity: Option<Value>,
    /// What to report. An error stops the run before anything is applied.
    pub diagnostics: Diagnostics,
}

/// Input of [`Provider::apply_resource`].
#[derive(Debug, Clone)]
pub struct ApplyResource {
    /// The resource type.
    pub type_name: String,
    /// The state before; null for a create.
    pub prior: Value,
    /// What was planned; null for a destroy.
    pub planned: Value,
    /// The block as configured; null for a destroy. Only here are write-only values.
    pub config: Value,
    /// What the plan handed over.
    pub private: Vec<u8>,
    /// The identity that was planned, if the client has one.
    pub identity: Option<Value>,
    /// Fires when the run is interrupted: return what exists by then.
    pub cancel: Cancel,
    /// Where to note what exists as soon as it does.
    pub last_known: LastKnown,
}

/// Where an apply notes what exists so far, for the case that it doesn't live to return it.
///
/// When applying panics, the last note is returned with the report of the crash; without a note, the prior state. Clones
/// share it.
#[derive(Debug, Clone, Default)]
pub struct LastKnown(Arc<Mutex<Note>>);

#[derive(Debug, Clone, Default)]
struct Note {
    resource: Option<Resource>,
    untainted: bool,
}

impl LastKnown {
    /// Notes what exists now. Unknown values in it become null if it is ever used.
    pub fn record(&self, state: Value, private: Vec<u8>, identity: Option<Value>) {
        let resource = Resource {
            state,
            private,
            identity,
            diagnostics: Diagnostics::new(),
        };
        self.lock().resource = Some(resource);
    }

    /// From here on a crash is reported as a warning, if anything was noted, so that what a create has made so far isn't
    /// tainted. Terraform then holds the noted state against the plan, so it has to agree with it.
    pub fn warn_on_crash(&self) {
        self.lock().untainted = true;
    }

    /// The last note.
    pub fn recorded(&self) -> Option<Resource> {
        self.lock().resource.clone()
    }

    /// What there is after a crash: the last note, or what there was before.
    pub(crate) fn after(&self, mut crash: Diagnostic, before: Resource) -> Resource {
        let Note {
            resource,
            untainted,
        } = self.lock().clone();
        if untainted && resource.is_some() {
            crash.severity = Severity::Warning;
        }
        let kept = resource.unwrap_or(before);
        Resource {
            state: kept.state.unknowns_to_null(),
            diagnostics: crash.into(),
            ..kept
        }
    }

    fn lock(&self) -> MutexGuard<'_, Note> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Input of [`Provider::import_resource`].
#[derive(Debug, Clone)]
pub struct ImportResource {
    /// The resource type.
    pub type_name: String,
    /// What was written after the address, or as `id`; empty when an identity was given.
    pub id: String,
    /// What was written as `identity` (Terraform 1.12 and newer).
    pub identity: Option<Value>,
    /// Fires when the run is interrupted.
    pub cancel: Cancel,
}

/// What was imported: one resource for an `import` block.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Imported {
    /// The resources; each is read before it is stored, so the id alone may be enough.
    pub resources: Vec<ImportedResource>,
    /// What to report.
    pub diagnostics: Diagnostics,
}

/// One imported resource.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ImportedResource {
    /// The resource type.
    pub type_name: String,
    /// Its state, not null.
    pub state: Value,
    /// What to store beside it.
    pub private: Vec<u8>,
    /// Its identity.
    pub identity: Option<Value>,
}

/// Input of [`Provider::move_resource`].
#[derive(Debug, Clone)]
pub struct MoveResource {
    /// The address of the provider it comes from, `registry.terraform.io/hashicorp/aws`.
    pub source_provider: String,
    /// The type it had there.
    pub source_type: String,
    /// The schema version that wrote its state.
    pub source_version: i64,
    /// Its state there.
    pub source_state: RawState,
    /// What that provider stored beside it.
    pub source_private: Vec<u8>,
    /// The type it is to have.
    pub type_name: String,
    /// The type of that one's schema, which the resulting state must have.
    pub target: Type,
    /// Fires when the run is interrupted.
    pub cancel: Cancel,
}

/// Input of [`Provider::read_data_source`].
#[derive(Debug, Clone)]
pub struct ReadDataSource {
    /// The data source type.
    pub type_name: String,
    /// The block as configured, wholly known.
    pub config: Value,
    /// Fires when the run is interrupted.
    pub cancel: Cancel,
}

/// What a data source read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DataSource {
    /// The configuration completed, wholly known.
    pub state: Value,
    /// What to report.
    pub diagnostics: Diagnostics,
}

/// Input of [`Provider::call_function`].
#[derive(Debug, Clone)]
pub struct CallFunction {
    /// The function's name.
    pub name: String,
    /// One value per argument, those of the variadic parameter last.
    pub arguments: Vec<Value>,
}

/// Why a function has no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct FunctionError {
    /// The message, in whole sentences.
    pub text: String,
    /// The argument at fault, from zero.
    pub argument: Option<usize>,
}

/// Input of [`Provider::open_ephemeral`].
#[derive(Debug, Clone)]
pub struct OpenEphemeral {
    /// The ephemeral resource type.
    pub type_name: String,
    /// The block as configured, wholly known.
    pub config: Value,
    /// Fires when the run is interrupted.
    pub cancel: Cancel,
}

/// An open ephemeral resource.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OpenedEphemeral {
    /// The configuration completed.
    pub result: Value,
    /// When to renew it, if it has to be.
    pub renew_at: Option<SystemTime>,
    /// Handed to renewal and closing.
    pub private: Option<Vec<u8>>,
    /// What to report.
    pub diagnostics: Diagnostics,
}

/// Input of [`Provider::renew_ephemeral`] and [`Provider::close_ephemeral`].
#[derive(Debug, Clone)]
pub struct HeldEphemeral {
    /// The ephemeral resource type.
    pub type_name: String,
    /// What opening or the last renewal handed over.
    pub private: Option<Vec<u8>>,
    /// Fires when the run is interrupted.
    pub cancel: Cancel,
}

/// A renewed ephemeral resource.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RenewedEphemeral {
    /// When to renew it again, if it has to be.
    pub renew_at: Option<SystemTime>,
    /// Handed to the next renewal and closing.
    pub private: Option<Vec<u8>>,
    /// What to report.
    pub diagnostics: Diagnostics,
}
