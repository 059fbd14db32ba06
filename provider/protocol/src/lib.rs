//! Terraform plugin protocol 6: everything between a provider and the Terraform process that starts it.
//!
//! A provider implements [`Provider`] on this crate's own types and hands itself to [`serve()`]; how the processes find and
//! trust each other, how values travel ([`value`]) and what may go wrong on the way is dealt with here.
//!
//! ```no_run
//! use platform_protocol::{ServeOptions, launched_by_terraform, serve};
//! # use platform_protocol::*;
//! # struct Example;
//! # impl Provider for Example {
//! #     fn schema(&self) -> ProviderSchema { ProviderSchema::default() }
//! #     async fn configure(&self, _: Configure) -> Diagnostics { Diagnostics::new() }
//! #     async fn read_resource(&self, r: ReadResource) -> Resource { Resource::new(r.state) }
//! #     async fn plan_resource(&self, _: PlanResource) -> PlannedResource { PlannedResource::default() }
//! #     async fn apply_resource(&self, r: ApplyResource) -> Resource { Resource::new(r.planned) }
//! # }
//! if launched_by_terraform() {
//!     let options = ServeOptions { address: "registry.terraform.io/example/example".into(), debug: false };
//!     serve(Example, &options)?;
//! }
//! # Ok::<(), ServeError>(())
//! ```

mod cancel;
mod diagnostic;
mod log;
mod path;
pub mod provider;
pub mod schema;
mod serve;
mod server;
mod types;
pub mod value;

/// Generated from the files in `proto/`.
#[allow(dead_code, missing_docs, clippy::all)]
mod proto {
    pub mod tfplugin6 {
        tonic::include_proto!("tfplugin6");
    }
    pub mod plugin {
        tonic::include_proto!("plugin");
    }
}

pub use cancel::{Cancel, CancelTrigger};
pub use diagnostic::{Diagnostic, Diagnostics, Severity};
pub use path::{AttributePath, Step};
pub use provider::*;
pub use schema::{
    Attribute, Block, BlockNesting, Function, IdentityAttribute, IdentitySchema, Nested,
    NestedBlock, Nesting, Parameter, Presence, ProviderSchema, ResourceSchema, Schema, Shape,
};
pub use serve::{ServeError, ServeOptions, launched_by_terraform, serve};
pub use types::{Type, TypeError};
pub use value::{Number, UnknownAt, Value, ValueError};
