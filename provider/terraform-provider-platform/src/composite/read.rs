//! ReadResource of a composite: its parts as they are now.

use platform_graph::{Problems, Severity};
use platform_protocol::provider::{ReadResource, Resource};
use platform_protocol::{Diagnostics, Value};

use super::CompositeType;
use super::arguments;
use super::foreign;
use super::home;
use super::render;
use super::seal::Signature;
use super::state::State;
use crate::provider_block::Drift;
use crate::session::Session;

impl CompositeType {
    /// Looks at everything recorded. A composite of which nothing is left is gone; one of which something is missing is not ready.
    pub async fn read(&self, session: &Session, request: ReadResource) -> Resource {
        let (before, private, known) = (
            request.state.clone(),
            request.private.clone(),
            request.identity.clone(),
        );
        let mut resource = match self.look(session, &request).await {
            Ok(resource) => resource,
            Err(diagnostics) => Resource::failed(before, diagnostics),
        };
        if !private.is_empty() {
            resource.private = private;
        }
        resource.identity = resource.identity.or(known);
        resource
    }

    async fn look(
        &self,
        session: &Session,
        request: &ReadResource,
    ) -> Result<Resource, Diagnostics> {
        let Some(state) = self.state(&request.state) else {
            return Ok(Resource::default());
        };
        if session.drift == Drift::Off {
            return Ok(Resource::new(request.state.clone()));
        }
        let account = session.identity().await?.account.clone();
        let owner = self.owner(state.region(), state.name());
        home::check(&request.private, &account, &owner)?;
        let engine = self.engine(session, state.region());
        let mut problems = Problems::new();
        let mut found = if session.drift == Drift::Deep {
            let found = engine.refresh_deep(&owner, &state.records).await;
            foreign::report_all(&owner, &found, &session.ignore_tags, &mut problems);
            found
        } else {
            let found = engine.refresh(&owner, &state.records).await;
            foreign::report_rules(&found.records, &mut problems);
            found
        };
        problems.extend(found.problems);
        for record in found.records.values_mut() {
            session.ignore_tags.leave_out(&mut record.properties);
        }
        // What can't be looked at is taken to be as it was; the plan goes on, and says so.
        let diagnostics = as_read(problems, &self.ty);
        if found.records.values().all(|record| record.id.is_none()) {
            return Ok(Resource {
                diagnostics,
                ..Resource::default()
            });
        }
        let complete = state.records.iter().all(|(address, _)| {
            found
                .records
                .get(address)
                .is_some_and(|record| record.id.is_some() && record.attributes.is_some())
        });
        let ended = home::ended(&request.private);
        let seal = found.seals.get(self.def.anchor);
        let unfinished = seal.is_some_and(|tags| Signature::unfinished(tags, &ended).is_some());
        let unchanged = found.records == state.records && !unfinished;
        let mut failures = state.failures.clone();
        failures.retain(|address, _| {
            let record = found.records.get(address);
            record.is_none_or(|record| record.attributes.is_none())
        });
        for address in state.records.keys() {
            if !found.records.contains_key(address) {
                failures
                    .entry(address.clone())
                    .or_insert_with(|| super::NOT_SHOWN.to_owned());
            }
        }
        let seen = State {
            resources: if unchanged {
                state.resources.clone()
            } else {
                render::resources(&found.records, &state.whys)
            },
            ready: state.ready && complete && !unfinished,
            failures,
            records: found.records,
            ..state
        };
        let value: Value = if unchanged {
            request.state.clone()
        } else {
            self.value(&seen)?
        };
        Ok(Resource {
            state: value,
            identity: self.identity(&account, &owner),
            private: home::remember(&account, &[]),
            diagnostics,
        })
    }
}

fn as_read(problems: Problems, ty: &platform_protocol::Type) -> Diagnostics {
    let has_errors = problems
        .iter()
        .any(|problem| problem.severity == Severity::Error);
    let mut diagnostics = arguments::diagnostics(problems, ty);
    if has_errors {
        diagnostics
            .0
            .iter_mut()
            .for_each(|diagnostic| diagnostic.severity = platform_protocol::Severity::Warning);
    }
    diagnostics
}
