//! Between the wire and the [`Provider`] trait.
//!
//! Flow of each request: look the type up in the schema; decode; run the provider's method in a task of its own; validate
//! and encode what it returned; answer.
//!
//! Guarantees: an answer is never a gRPC error, which would make Terraform forget what an apply created. Undecodable input,
//! unknown type names, panics and values that don't fit the schema all become diagnostics, beside the best state there is.

mod outcome;
mod resource;
mod rpc;

use std::any::Any;
use std::collections::BTreeMap;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};

use crate::cancel::{Cancel, Rearming};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::proto::tfplugin6 as wire;
use crate::provider::{Provider, RawState};
use crate::schema::{ProviderSchema, Schema};
use crate::serve::activity::Activity;
use crate::types::Type;
use crate::value::{Value, ValueError};

/// A response, or why there is none.
type Answer<R> = Result<R, Diagnostics>;

/// The provider service.
pub(crate) struct Rpc<P> {
    provider: Arc<P>,
    catalog: OnceLock<Arc<Catalog>>,
    cancel: Arc<Rearming>,
    requests: Activity,
}

/// The schema with what follows from it.
struct Catalog {
    provider: Typed,
    resources: BTreeMap<String, Typed>,
    data_sources: BTreeMap<String, Typed>,
    ephemeral: BTreeMap<String, Typed>,
    schema: ProviderSchema,
}

/// A schema with its types.
struct Typed {
    schema: Schema,
    ty: Type,
    identity: Option<Type>,
}

impl From<&Schema> for Typed {
    fn from(schema: &Schema) -> Typed {
        Typed {
            schema: schema.clone(),
            ty: schema.implied_type(),
            identity: None,
        }
    }
}

impl Catalog {
    fn new(schema: ProviderSchema) -> Catalog {
        let typed = |schemas: &BTreeMap<String, Schema>| {
            schemas
                .iter()
                .map(|(name, schema)| (name.clone(), schema.into()))
                .collect()
        };
        let resources = schema.resources.iter().map(|(name, resource)| {
            let identity = resource
                .identity
                .as_ref()
                .map(|identity| identity.implied_type());
            (
                name.clone(),
                Typed {
                    identity,
                    ..Typed::from(&resource.schema)
                },
            )
        });
        Catalog {
            provider: (&schema.provider).into(),
            resources: resources.collect(),
            data_sources: typed(&schema.data_sources),
            ephemeral: typed(&schema.ephemeral_resources),
            schema,
        }
    }

    fn resource(&self, name: &str) -> Result<&Typed, Diagnostic> {
        find(&self.resources, "resource type", name)
    }

    fn data_source(&self, name: &str) -> Result<&Typed, Diagnostic> {
        find(&self.data_sources, "data source", name)
    }

    fn ephemeral(&self, name: &str) -> Result<&Typed, Diagnostic> {
        find(&self.ephemeral, "ephemeral resource type", name)
    }
}

fn find<'a>(
    schemas: &'a BTreeMap<String, Typed>,
    what: &str,
    name: &str,
) -> Result<&'a Typed, Diagnostic> {
    schemas.get(name).ok_or_else(|| {
        Diagnostic::error(
            format!("This provider has no {what} {name:?}"),
            "The version of the provider that is installed may be older than the configuration or the state.",
        )
    })
}

impl<P: Provider> Rpc<P> {
    pub(crate) fn new(provider: Arc<P>, cancel: Arc<Rearming>, requests: Activity) -> Rpc<P> {
        Rpc {
            provider,
            catalog: OnceLock::new(),
            cancel,
            requests,
        }
    }

    /// What to do when the run is interrupted. Returns at once. Requests that come later in the run wind up as soon as they begin.
    pub(crate) fn stopper(&self) -> impl Fn() + Send + Sync + 'static {
        let (provider, cancel) = (Arc::clone(&self.provider), Arc::clone(&self.cancel));
        move || {
            tracing::info!("the run was interrupted");
            cancel.fire();
            let provider = Arc::clone(&provider);
            tokio::spawn(async move { provider.stop().await });
        }
    }

    fn cancel(&self) -> Cancel {
        self.cancel.current()
    }

    fn catalog(&self) -> Result<&Arc<Catalog>, Diagnostic> {
        let make = || {
            self.catalog
                .get_or_init(|| Arc::new(Catalog::new(self.provider.schema())))
        };
        catch_unwind(AssertUnwindSafe(make))
            .map_err(|panic| crash("describing its schema", &*panic))
    }

    /// Runs one method of the provider. It goes on when the client hangs up, and counts as in flight until it is done.
    async fn call<T, F>(
        &self,
        doing: String,
        method: impl FnOnce(Arc<P>) -> F,
    ) -> Result<T, Diagnostic>
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        let held = self.requests.enter();
        let future = method(Arc::clone(&self.provider));
        let started = std::time::Instant::now();
        tracing::debug!(doing, "started");
        let task = tokio::spawn(async move {
            let outcome = future.await;
            drop(held);
            outcome
        });
        let outcome = task.await;
        tracing::debug!(
            doing,
            milliseconds = started.elapsed().as_secs_f64() * 1e3,
            "finished"
        );
        outcome.map_err(|error| match error.try_into_panic() {
            Ok(panic) => crash(&doing, &*panic),
            Err(_) => Diagnostic::error(
                "The provider was stopped",
                format!("This happened while {doing}."),
            ),
        })
    }
}

fn crash(doing: &str, panic: &(dyn Any + Send)) -> Diagnostic {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    tracing::error!(doing, panic = text, "the provider panicked");
    Diagnostic::error(
        "The provider crashed",
        format!(
            "This happened while {doing}: {text}\n\nIt is a bug in the provider; please report it. What is known to exist \
             is kept in the state."
        ),
    )
}

/// Reads a value; nothing at all counts as null.
fn decode(value: Option<&wire::DynamicValue>, ty: &Type, what: &str) -> Result<Value, Diagnostic> {
    let decoded = match value {
        Some(value) if !value.msgpack.is_empty() => Value::from_msgpack(&value.msgpack, ty),
        Some(value) if !value.json.is_empty() => Value::from_state_json(ty, &value.json),
        _ => Ok(Value::Null),
    };
    decoded.map_err(|error| {
        Diagnostic::error(
            format!("Terraform sent {what} that doesn't fit the schema"),
            format!(
                "{error}. The provider may have been exchanged during the run; run Terraform again."
            ),
        )
    })
}

fn decode_identity(
    identity: Option<&wire::ResourceIdentityData>,
    typed: &Typed,
) -> Result<Option<Value>, Diagnostic> {
    match (
        identity.and_then(|identity| identity.identity_data.as_ref()),
        &typed.identity,
    ) {
        (Some(data), Some(ty)) => {
            let identity = decode(Some(data), ty, "an identity")?;
            Ok((!identity.is_null()).then_some(identity))
        }
        _ => Ok(None),
    }
}

fn encode(value: &Value, ty: &Type) -> Result<wire::DynamicValue, ValueError> {
    Ok(wire::DynamicValue {
        msgpack: value.to_msgpack(ty)?,
        json: Vec::new(),
    })
}

fn raw_state(state: Option<wire::RawState>) -> RawState {
    let state = state.unwrap_or_default();
    RawState {
        json: state.json,
        flatmap: state.flatmap.into_iter().collect(),
    }
}
