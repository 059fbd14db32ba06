//! The end of a composite: everything that is recorded, and what carries its owner's tags besides.
//!
//! # Guarantees
//! What is left is in the state that is returned, with the error that says why.

use std::collections::BTreeSet;
use std::sync::Arc;

use platform_engine::{Cancel, Engine, Traces};
use platform_graph::{Graph, Owner, Problems, Records, Tags};
use platform_protocol::Diagnostics;
use platform_protocol::provider::{ApplyResource, Resource};
use serde_json::Value as Json;

use super::CompositeType;
use super::apply::stopping;
use super::arguments;
use super::home;
use super::intent::Ground;
use super::state::State;
use super::writer::{Writer, failures_of};
use crate::session::Session;

impl CompositeType {
    pub(super) async fn destroy(
        &self,
        session: &Session,
        request: &ApplyResource,
    ) -> Result<Resource, Diagnostics> {
        let Some(prior) = self.state(&request.prior) else {
            return Ok(Resource::default());
        };
        // Terraform destroys what is tainted or named by -replace without having planned to.
        if let Some(refusal) = self.protection(session, &prior, &[]) {
            return Err(refusal.into());
        }
        let identity = session.identity().await?;
        let engine = self
            .engine(session, prior.region())
            .removing_left_data(self.removes_left_data(&prior));
        let owner = self.owner(prior.region(), prior.name());
        home::check(&request.private, &identity.account, &owner)?;
        let mut problems = Problems::new();
        let records = self
            .existing(session, &engine, &owner, &prior, &mut problems)
            .await;
        let home = home::remember(&identity.account, &home::ended(&request.private));
        let identity = self.identity(&identity.account, &owner);
        let writer = Writer {
            owner: owner.to_string(),
            ty: Arc::new(self.ty.clone()),
            draft: prior.clone(),
            graph: Arc::new(Graph::new(owner.clone(), Tags::new())),
            outputs: Arc::new(Json::Null),
            creating: false,
        };
        let watch = writer.notes(
            request.last_known.clone(),
            &records,
            home.clone(),
            identity.clone(),
        );
        let cancel = Cancel::new();
        let work = engine.destroy(&owner, &records, cancel.clone(), watch);
        let outcome = stopping(&request.cancel, &cancel, work).await;
        let left: BTreeSet<&String> = outcome
            .records
            .iter()
            .filter(|(_, record)| record.id.is_some())
            .map(|(a, _)| a)
            .collect();
        let mut diagnostics = arguments::diagnostics(problems, &self.ty);
        if outcome.is_complete() && left.is_empty() {
            return Ok(Resource {
                diagnostics,
                ..Resource::default()
            });
        }
        for failure in &outcome.failures {
            diagnostics.error(
                format!(
                    "{}: could not {} {}",
                    owner.name, failure.action, failure.address
                ),
                format!(
                    "{failure}\nDestroy again when the cause is gone: what is left is in the state."
                ),
            );
        }
        if outcome.cancelled || outcome.failures.is_empty() {
            diagnostics.error(
                format!("{} was not destroyed completely", owner.name),
                format!(
                    "{} parts are left and are in the state. Destroy again to go on from there.",
                    left.len()
                ),
            );
        }
        let state = State {
            failures: failures_of(&outcome),
            ..writer.state(&outcome.records, false)
        };
        Ok(Resource {
            state: self.value(&state)?,
            identity,
            private: home,
            diagnostics,
        })
    }

    /// What is recorded, and what carries the owner's tags besides.
    async fn existing(
        &self,
        session: &Session,
        engine: &Engine,
        owner: &Owner,
        prior: &State,
        problems: &mut Problems,
    ) -> Records {
        let mut records = prior.records.clone();
        let Ok(spec) = self.decoded(prior) else {
            return records;
        };
        let Ok(identity) = session.identity().await else {
            return records;
        };
        let ground = Ground {
            session,
            engine,
            owner: owner.clone(),
            account: identity.account.clone(),
            partition: identity.partition.clone(),
        };
        if let Some((_, expansion)) = ground
            .expand(&*spec, &prior.ledger, &mut Problems::new())
            .await
        {
            records.extend(
                engine
                    .discover_missing(&expansion.graph, &prior.records)
                    .await
                    .records,
            );
        }
        let nothing = Graph::new(owner.clone(), Tags::new());
        let leftovers = ground
            .leftovers(&*spec, &nothing, &records, &Traces::None, problems)
            .await;
        records.extend(leftovers);
        records
    }
}
