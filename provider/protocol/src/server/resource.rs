//! The life of a managed resource: upgrade, read, plan, apply, import, move.

use super::outcome::{Knowledge, seal, seal_identity};
use super::{Answer, Rpc, decode, decode_identity, raw_state};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::path::AttributePath;
use crate::proto::tfplugin6 as wire;
use crate::provider::{
    ApplyResource, ImportResource, LastKnown, MoveResource, PlanResource, Provider, ReadResource,
    Resource, UpgradeResource,
};
use crate::value::Value;

/// An identity that a provider doesn't mention stays as it is: the answer replaces what is stored.
fn carry(returned: Option<Value>, former: Option<Value>, state: &Value) -> Option<Value> {
    let former = former.filter(|_| !state.is_null());
    returned.or(former)
}

impl<P: Provider> Rpc<P> {
    pub(super) async fn upgrade(
        &self,
        request: wire::upgrade_resource_state::Request,
    ) -> Answer<wire::upgrade_resource_state::Response> {
        let typed = self.catalog()?.resource(&request.type_name)?;
        let doing = format!("upgrading the state of {}", request.type_name);
        let request = UpgradeResource {
            type_name: request.type_name,
            version: request.version,
            state: raw_state(request.raw_state),
            target: typed.ty.clone(),
            cancel: self.cancel(),
        };
        let state = self
            .call(doing, |provider| async move {
                provider.upgrade_resource(request).await
            })
            .await??;
        let mut diagnostics = Diagnostics::new();
        let state = seal(state, typed, Knowledge::Whole, "a state", &mut diagnostics);
        Ok(wire::upgrade_resource_state::Response {
            upgraded_state: Some(state),
            diagnostics: diagnostics.to_wire(),
        })
    }

    pub(super) async fn upgrade_identity(
        &self,
        request: wire::upgrade_resource_identity::Request,
    ) -> Answer<wire::upgrade_resource_identity::Response> {
        let typed = self.catalog()?.resource(&request.type_name)?;
        let Some(target) = typed.identity.clone() else {
            return Err(
                Diagnostic::error(format!("{} has no identity", request.type_name), "").into(),
            );
        };
        let doing = format!("upgrading the identity of {}", request.type_name);
        let request = UpgradeResource {
            type_name: request.type_name,
            version: request.version,
            state: raw_state(request.raw_identity),
            target,
            cancel: self.cancel(),
        };
        let identity = self
            .call(doing, |provider| async move {
                provider.upgrade_identity(request).await
            })
            .await??;
        let mut diagnostics = Diagnostics::new();
        let upgraded_identity = seal_identity(Some(identity), typed, &mut diagnostics);
        Ok(wire::upgrade_resource_identity::Response {
            upgraded_identity,
            diagnostics: diagnostics.to_wire(),
        })
    }

    pub(super) async fn read(
        &self,
        request: wire::read_resource::Request,
    ) -> Answer<wire::read_resource::Response> {
        let typed = self.catalog()?.resource(&request.type_name)?;
        let doing = format!("reading {}", request.type_name);
        let request = ReadResource {
            state: decode(request.current_state.as_ref(), &typed.ty, "a state")?,
            identity: decode_identity(request.current_identity.as_ref(), typed)?,
            type_name: request.type_name,
            private: request.private,
            cancel: self.cancel(),
        };
        let unchanged = Resource {
            state: request.state.clone(),
            private: request.private.clone(),
            identity: request.identity.clone(),
            diagnostics: Diagnostics::new(),
        };
        let identity = request.identity.clone();
        let read = self
            .call(doing, |provider| async move {
                provider.read_resource(request).await
            })
            .await;
        let mut resource = read.unwrap_or_else(|crash| Resource {
            diagnostics: crash.into(),
            ..unchanged
        });
        let identity = carry(resource.identity, identity, &resource.state);
        let new_state = seal(
            resource.state,
            typed,
            Knowledge::Whole,
            "a state",
            &mut resource.diagnostics,
        );
        let new_identity = seal_identity(identity, typed, &mut resource.diagnostics);
        Ok(wire::read_resource::Response {
            new_state: Some(new_state),
            diagnostics: resource.diagnostics.to_wire(),
            private: resource.private,
            new_identity,
        })
    }

    pub(super) async fn plan(
        &self,
        request: wire::plan_resource_change::Request,
    ) -> Answer<wire::plan_resource_change::Response> {
        let typed = self.catalog()?.resource(&request.type_name)?;
        let doing = format!("planning {}", request.type_name);
        let request = PlanResource {
            prior: decode(request.prior_state.as_ref(), &typed.ty, "a state")?,
            proposed: decode(
                request.proposed_new_state.as_ref(),
                &typed.ty,
                "a proposed state",
            )?,
            config: decode(request.config.as_ref(), &typed.ty, "a configuration")?,
            identity: decode_identity(request.prior_identity.as_ref(), typed)?,
            capabilities: request.client_capabilities.into(),
            type_name: request.type_name,
            private: request.prior_private,
            cancel: self.cancel(),
        };
        let identity = request.identity.clone();
        let mut plan = self
            .call(doing, |provider| async move {
                provider.plan_resource(request).await
            })
            .await?;
        let identity = carry(plan.identity, identity, &plan.planned);
        let planned_state = seal(
            plan.planned,
            typed,
            Knowledge::Partial,
            "a plan",
            &mut plan.diagnostics,
        );
        let planned_identity = seal_identity(identity, typed, &mut plan.diagnostics);
        plan.requires_replace.sort();
        plan.requires_replace.dedup();
        Ok(wire::plan_resource_change::Response {
            planned_state: Some(planned_state),
            requires_replace: plan
                .requires_replace
                .iter()
                .map(AttributePath::to_wire)
                .collect(),
            planned_private: plan.private,
            diagnostics: plan.diagnostics.to_wire(),
            planned_identity,
        })
    }

    pub(super) async fn apply(
        &self,
        request: wire::apply_resource_change::Request,
    ) -> Answer<wire::apply_resource_change::Response> {
        let typed = self.catalog()?.resource(&request.type_name)?;
        let doing = format!("applying {}", request.type_name);
        let last_known = LastKnown::default();
        let request = ApplyResource {
            prior: decode(request.prior_state.as_ref(), &typed.ty, "a state")?,
            planned: decode(request.planned_state.as_ref(), &typed.ty, "a plan")?,
            config: decode(request.config.as_ref(), &typed.ty, "a configuration")?,
            identity: decode_identity(request.planned_identity.as_ref(), typed)?,
            type_name: request.type_name,
            private: request.planned_private,
            cancel: self.cancel(),
            last_known: last_known.clone(),
        };
        let before = Resource {
            state: request.prior.clone(),
            private: request.private.clone(),
            identity: request.identity.clone(),
            diagnostics: Diagnostics::new(),
        };
        let identity = request.identity.clone();
        let applied = self
            .call(doing, |provider| async move {
                provider.apply_resource(request).await
            })
            .await;
        let mut resource = applied.unwrap_or_else(|crash| last_known.after(crash, before));
        let identity =
            carry(resource.identity, identity, &resource.state).filter(Value::is_wholly_known);
        let new_state = seal(
            resource.state,
            typed,
            Knowledge::Whole,
            "a state",
            &mut resource.diagnostics,
        );
        let new_identity = seal_identity(identity, typed, &mut resource.diagnostics);
        Ok(wire::apply_resource_change::Response {
            new_state: Some(new_state),
            private: resource.private,
            diagnostics: resource.diagnostics.to_wire(),
            new_identity,
        })
    }

    pub(super) async fn import(
        &self,
        request: wire::import_resource_state::Request,
    ) -> Answer<wire::import_resource_state::Response> {
        let catalog = self.catalog()?;
        let typed = catalog.resource(&request.type_name)?;
        let doing = format!("importing {}", request.type_name);
        let request = ImportResource {
            identity: decode_identity(request.identity.as_ref(), typed)?,
            type_name: request.type_name,
            id: request.id,
            cancel: self.cancel(),
        };
        let mut imported = self
            .call(doing, |provider| async move {
                provider.import_resource(request).await
            })
            .await?;
        let mut resources = Vec::with_capacity(imported.resources.len());
        for resource in imported.resources {
            let typed = catalog.resource(&resource.type_name)?;
            let state = seal(
                resource.state,
                typed,
                Knowledge::Whole,
                "a state",
                &mut imported.diagnostics,
            );
            resources.push(wire::import_resource_state::ImportedResource {
                type_name: resource.type_name,
                state: Some(state),
                private: resource.private,
                identity: seal_identity(resource.identity, typed, &mut imported.diagnostics),
            });
        }
        Ok(wire::import_resource_state::Response {
            imported_resources: resources,
            diagnostics: imported.diagnostics.to_wire(),
        })
    }

    pub(super) async fn relocate(
        &self,
        request: wire::move_resource_state::Request,
    ) -> Answer<wire::move_resource_state::Response> {
        let typed = self.catalog()?.resource(&request.target_type_name)?;
        let doing = format!(
            "moving {} to {}",
            request.source_type_name, request.target_type_name
        );
        let request = MoveResource {
            source_provider: request.source_provider_address,
            source_type: request.source_type_name,
            source_version: request.source_schema_version,
            source_state: raw_state(request.source_state),
            source_private: request.source_private,
            type_name: request.target_type_name,
            target: typed.ty.clone(),
            cancel: self.cancel(),
        };
        let mut moved = self
            .call(doing, |provider| async move {
                provider.move_resource(request).await
            })
            .await?;
        let target_state = seal(
            moved.state,
            typed,
            Knowledge::Whole,
            "a state",
            &mut moved.diagnostics,
        );
        let target_identity = seal_identity(moved.identity, typed, &mut moved.diagnostics);
        Ok(wire::move_resource_state::Response {
            target_state: Some(target_state),
            diagnostics: moved.diagnostics.to_wire(),
            target_private: moved.private,
            target_identity,
        })
    }
}
