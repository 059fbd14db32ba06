//! The provider: composites, behind Terraform's protocol.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use platform_graph::Kinds;
use platform_protocol::provider::{
    ApplyResource, CallFunction, Configure, DataSource, FunctionError, ImportResource, Imported,
    PlanResource, PlannedResource, Provider, ReadDataSource, ReadResource, Resource,
    ValidateProvider, ValidateResource,
};
use platform_protocol::schema::ProviderSchema;
use platform_protocol::{Diagnostic, Diagnostics, Value};

use crate::composite::CompositeType;
use crate::functions;
use crate::inventory;
use crate::provider_block::{self, ProviderBlock};
use crate::session::Session;

/// A composite's type, derived when it is first asked for: a plan asks for few of them, and Terraform starts a provider more than
/// once in each of its commands.
type Derived = LazyLock<CompositeType, Box<dyn FnOnce() -> CompositeType + Send>>;

/// The provider. Nothing is done before it is configured.
pub struct Platform {
    composites: BTreeMap<&'static str, Derived>,
    kinds: Kinds,
    session: RwLock<Option<Arc<Session>>>,
}

impl Default for Platform {
    fn default() -> Self {
        let composites = platform_composites::schema::all();
        let derived = composites.into_iter().map(|def| {
            let name = def.name;
            let derive: Box<dyn FnOnce() -> CompositeType + Send> =
                Box::new(move || CompositeType::new(def));
            (name, LazyLock::new(derive))
        });
        Platform {
            composites: derived.collect(),
            kinds: platform_kinds::all(),
            session: RwLock::new(None),
        }
    }
}

impl Platform {
    fn composite(&self, type_name: &str) -> Result<&CompositeType, Diagnostics> {
        let derived = self.composites.get(type_name).ok_or_else(|| {
            Diagnostic::error(
                format!("There is no resource type {type_name}"),
                "Check the provider's version.",
            )
        })?;
        Ok(derived)
    }

    fn session(&self) -> Result<Arc<Session>, Diagnostics> {
        self.session
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
            .ok_or_else(|| {
                Diagnostic::error(
                    "The provider is not configured",
                    "Terraform asked for AWS before it sent the provider block.",
                )
                .into()
            })
    }
}

impl Provider for Platform {
    fn schema(&self) -> ProviderSchema {
        ProviderSchema {
            provider: provider_block::schema(),
            resources: self
                .composites
                .iter()
                .map(|(name, composite)| ((*name).to_owned(), composite.schema.clone()))
                .collect(),
            data_sources: [(inventory::NAME.to_owned(), inventory::schema())].into(),
            functions: functions::schemas(),
            ..ProviderSchema::default()
        }
    }

    async fn validate_provider(&self, request: ValidateProvider) -> Diagnostics {
        ProviderBlock::read(&request.config)
            .err()
            .unwrap_or_default()
    }

    async fn configure(&self, request: Configure) -> Diagnostics {
        let connected = match ProviderBlock::read(&request.config) {
            Ok((block, unknown)) => Session::connect(&block, unknown, self.kinds.clone()).await,
            Err(diagnostics) => return diagnostics,
        };
        match connected {
            Ok(session) => {
                *self.session.write().unwrap_or_else(PoisonError::into_inner) =
                    Some(Arc::new(session));
                Diagnostics::new()
            }
            Err(diagnostics) => diagnostics,
        }
    }

    async fn validate_resource(&self, request: ValidateResource) -> Diagnostics {
        match self.composite(&request.type_name) {
            Ok(composite) => composite.validate(&request.config, request.capabilities),
            Err(diagnostics) => diagnostics,
        }
    }

    async fn read_resource(&self, request: ReadResource) -> Resource {
        match (self.composite(&request.type_name), self.session()) {
            (Ok(composite), Ok(session)) => composite.read(&session, request).await,
            (Err(diagnostics), _) | (_, Err(diagnostics)) => {
                Resource::failed(request.state, diagnostics)
            }
        }
    }

    async fn plan_resource(&self, request: PlanResource) -> PlannedResource {
        match (self.composite(&request.type_name), self.session()) {
            (Ok(composite), Ok(session)) => composite.plan(&session, request).await,
            (Err(diagnostics), _) | (_, Err(diagnostics)) => PlannedResource {
                planned: request.prior,
                diagnostics,
                ..PlannedResource::default()
            },
        }
    }

    async fn apply_resource(&self, request: ApplyResource) -> Resource {
        match (self.composite(&request.type_name), self.session()) {
            (Ok(composite), Ok(session)) => composite.apply(&session, request).await,
            (Err(diagnostics), _) | (_, Err(diagnostics)) => {
                Resource::failed(request.prior, diagnostics)
            }
        }
    }

    async fn import_resource(&self, request: ImportResource) -> Imported {
        match (self.composite(&request.type_name), self.session()) {
            (Ok(composite), Ok(session)) => composite.import(&session, request).await,
            (Err(diagnostics), _) | (_, Err(diagnostics)) => Imported {
                resources: Vec::new(),
                diagnostics,
            },
        }
    }

    async fn validate_data_source(&self, request: ValidateResource) -> Diagnostics {
        // The only one; the schema admits no other name.
        inventory::check(&request.config)
    }

    async fn read_data_source(&self, request: ReadDataSource) -> DataSource {
        match self.session() {
            // The only one; the schema admits no other name.
            Ok(session) => inventory::read(&session, request).await,
            Err(diagnostics) => DataSource {
                state: request.config,
                diagnostics,
            },
        }
    }

    async fn call_function(&self, request: CallFunction) -> Result<Value, FunctionError> {
        functions::call(&request.name, &request.arguments)
    }
}
