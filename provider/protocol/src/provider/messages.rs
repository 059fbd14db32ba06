//! What goes into the methods of a provider, and what comes out.

use std::collections::BTreeMap;
use std::time::SystemTime;

use super::LastKnown;
use crate::cancel::Cancel;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::path::AttributePath;
use crate::types::Type;
use crate::value::{Value, ValueError};

/// What the client says it understands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ClientCapabilities {
    /// Write-only attributes may be set (Terraform 1.11 and newer).
    pub write_only_attributes: bool,
}

/// Input of [`Provider::validate_provider`](super::Provider::validate_provider).
#[derive(Debug, Clone)]
pub struct ValidateProvider {
    /// The block as configured.
    pub config: Value,
    /// Fires when the run is interrupted.
    pub cancel: Cancel,
}

/// Input of [`Provider::configure`](super::Provider::configure).
#[derive(Debug, Clone)]
pub struct Configure {
    /// The version of the client, `1.11.4`.
    pub terraform_version: String,
    /// The block as configured.
    pub config: Value,
    /// Fires when the run is interrupted.
    pub cancel: Cancel,
}

/// Input of [`Provider::validate_resource`](super::Provider::validate_resource) and its like.
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

/// Input of [`Provider::upgrade_resource`](super::Provider::upgrade_resource) and [`Provider::upgrade_identity`](super::Provider::upgrade_identity).
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

/// Input of [`Provider::read_resource`](super::Provider::read_resource).
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

/// Input of [`Provider::plan_resource`](super::Provider::plan_resource).
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

/// Input of [`Provider::apply_resource`](super::Provider::apply_resource).
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

/// Input of [`Provider::import_resource`](super::Provider::import_resource).
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

/// Input of [`Provider::move_resource`](super::Provider::move_resource).
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

/// Input of [`Provider::read_data_source`](super::Provider::read_data_source).
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

/// Input of [`Provider::call_function`](super::Provider::call_function).
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

/// Input of [`Provider::open_ephemeral`](super::Provider::open_ephemeral).
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

/// Input of [`Provider::renew_ephemeral`](super::Provider::renew_ephemeral) and [`Provider::close_ephemeral`](super::Provider::close_ephemeral).
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
