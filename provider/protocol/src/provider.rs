//! The trait a provider implements, and what goes in and out of it.
//!
//! Everything is owned and in this crate's own types. The server around it (see [`serve`](crate::serve())) decodes
//! requests, refuses unknown type names, runs each method in a task of its own so that a panic becomes a diagnostic, and
//! validates what comes back before it is sent.

mod last_known;
pub use last_known::LastKnown;

mod messages;
pub use messages::*;

use std::future::Future;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::schema::ProviderSchema;
use crate::value::Value;

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
