//! ApplyResourceChange of a composite.
//!
//! # Flow
//! Decode, expand with the planned ledger, compare, hand over to the engine; then seal what is complete and write the state.
//!
//! # Guarantees
//! - What exists in AWS is in the state that is returned, whatever went wrong; from the moment an id is known it is also in the
//!   last-known note, for the case that this process does not live to return.
//! - A create of which anything exists returns success with `ready = false` and a warning for each part that is missing, so
//!   that Terraform does not taint the composite and destroy it with the next apply. A create of which nothing exists returns an
//!   error and no state. An update or a [destroy](super::destroy) that failed returns the error and what is really there.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::sync::Arc;

use platform_composites::Expansion;
use platform_composites::schema::Expand;
use platform_engine::{ApplyRequest, Cancel, Engine, Outcome};
use platform_graph::{Action, Kinds, Owner, Plan, Problems, Records, Tags};
use platform_protocol::provider::{ApplyResource, Resource};
use platform_protocol::{Diagnostic, Diagnostics, Value};
use serde_json::{Map, Value as Json};

use super::CompositeType;
use super::arguments;
use super::home;
use super::intent::{Ground, Intent, refusals};
use super::leftovers;
use super::render;
use super::seal::{Sealed, Signature};
use super::state::State;
use super::writer::{Writer, failures_of};
use crate::session::Session;

impl CompositeType {
    /// Creates, updates or destroys a composite.
    pub async fn apply(&self, session: &Session, request: ApplyResource) -> Resource {
        let private = request.private.clone();
        let prior = request.prior.clone();
        if request.prior.is_null() {
            request.last_known.warn_on_crash();
        }
        let outcome = if request.planned.is_null() {
            self.destroy(session, &request).await
        } else {
            self.converge(session, &request).await
        };
        let mut resource =
            outcome.unwrap_or_else(|diagnostics| Resource::failed(prior, diagnostics));
        if resource.private.is_empty() {
            resource.private = private;
        }
        resource.identity = resource.identity.or(request.identity);
        resource
    }

    async fn converge(
        &self,
        session: &Session,
        request: &ApplyResource,
    ) -> Result<Resource, Diagnostics> {
        let prior = self.state(&request.prior);
        let promised = self.state(&request.planned.clone().unknowns_to_null());
        let arguments = self.arguments(&request.config);
        let mut problems = Problems::new();
        let Some(spec) = arguments.decode(&self.def, &mut problems) else {
            return Err(arguments::diagnostics(problems, &self.ty));
        };
        let region = self.region_of(session, &arguments.spec, promised.as_ref())?;
        let identity = session.identity().await?;
        let engine = self.engine(session, &region).holding(arguments.vault());
        let ground = Ground {
            session,
            engine: &engine,
            owner: self.owner(&region, spec.name()),
            account: identity.account.clone(),
            partition: identity.partition.clone(),
        };
        home::check(&request.private, &ground.account, &ground.owner)?;
        let mut ended = match prior {
            Some(_) => home::ended(&request.private),
            None => vec![String::new()],
        };
        let home = home::remember(&ground.account, &ended);
        let ledger = promised
            .as_ref()
            .or(prior.as_ref())
            .map(|state| state.ledger.clone())
            .unwrap_or_default();
        let Some(expanded) = ground.expand(&*spec, &ledger, &mut problems).await else {
            return Err(arguments::diagnostics(problems, &self.ty));
        };
        // Without a state, what an earlier run left is found part by part: the engine looks before it creates.
        let mut records = prior
            .as_ref()
            .map(|state| state.records.clone())
            .unwrap_or_default();
        // The refresh has looked at the signature of one that is ready.
        let seal = match prior.as_ref().filter(|state| !state.ready) {
            Some(state) => ground.seal_on(self.def.anchor, &state.records).await,
            None => Tags::new(),
        };
        let unfinished = Signature::unfinished(&seal, &ended);
        let is_promised = leftovers::is_handed_over(&request.private);
        let leftovers = self
            .planned_leftovers(
                &ground,
                &*spec,
                &expanded.1,
                prior.as_ref(),
                (&seal, &ended),
                is_promised,
            )
            .await;
        if prior.is_some() {
            records.extend(leftovers.clone());
        }
        let mut intent = ground.compare(&*spec, expanded, records);
        intent.explain(&leftovers);
        if prior.is_some() {
            refusals(&intent.plan.refusals, &mut problems);
            if problems.has_errors() {
                return Err(arguments::diagnostics(problems, &self.ty));
            }
        }

        let mut spec_in_state = match arguments.spec.clone() {
            Json::Object(fields) => fields,
            _ => Map::new(),
        };
        spec_in_state.insert("region".to_owned(), Json::String(region.clone()));
        let before = prior
            .as_ref()
            .map(|state| state.whys.clone())
            .unwrap_or_default();
        let whys = render::whys(&intent.expansion.graph, &intent.plan, &before);
        let draft = State {
            spec: spec_in_state,
            records: Records::new(),
            resources: Json::Null,
            whys,
            changes: promised.map_or(Json::Null, |state| state.changes),
            ready: false,
            failures: BTreeMap::new(),
            ledger: intent.expansion.ledger.clone(),
            outputs: Map::new(),
        };
        let identity = self.identity(&ground.account, &ground.owner);
        let writer = Writer {
            owner: ground.owner.to_string(),
            ty: Arc::new(self.ty.clone()),
            draft,
            graph: Arc::new(intent.expansion.graph.clone()),
            outputs: Arc::new(intent.expansion.outputs.clone()),
            creating: prior.is_none(),
        };
        let watch = writer.notes(
            request.last_known.clone(),
            &intent.records,
            home.clone(),
            identity.clone(),
        );
        let sealed = Sealed {
            spec: self.def.sealed(&arguments.spec),
            ledger: intent.expansion.ledger.clone(),
        };
        let marks = unmarked(&intent, session.kinds());
        let is_signed = (unfinished.as_ref()).is_some_and(|earlier| marks.is_subset(earlier));
        let earlier = unfinished.unwrap_or_default();
        let signature = Signature::of(&sealed, made_anew(&intent.plan), &earlier, &marks);
        let anchor = prior
            .as_ref()
            .and_then(|state| state.records.get(self.def.anchor))
            .filter(|record| record.attributes.is_some());
        if !is_signed
            && made_anew(&intent.plan).next().is_some()
            && let Some(anchor) = anchor
            && let Err(failure) = engine
                .seal(&ground.owner, self.def.anchor, anchor, &signature.begun())
                .await
        {
            return Err(Diagnostic::error(
                format!("{} was not begun", ground.owner.name),
                format!(
                    "Its {} could not be marked as being changed, so nothing was. {failure}",
                    self.def.anchor
                ),
            )
            .into());
        }
        let cancel = Cancel::new();
        let work = async {
            let removed = if prior.is_none() && !leftovers.is_empty() {
                // They may hold what the new parts are to have: address blocks, names.
                engine
                    .destroy(&ground.owner, &leftovers, cancel.clone(), watch.clone())
                    .await
            } else {
                Outcome::default()
            };
            let mut outcome = engine
                .apply(ApplyRequest {
                    graph: &intent.expansion.graph,
                    records: &intent.records,
                    plan: &intent.plan,
                    cancel: cancel.clone(),
                    watch,
                })
                .await;
            outcome.failures.extend(removed.failures);
            outcome.skipped.extend(removed.skipped);
            outcome.cancelled |= removed.cancelled;
            outcome
        };
        let outcome = stopping(&request.cancel, &cancel, work).await;

        let mut diagnostics = Diagnostics::new();
        let complete = outcome.is_complete();
        let mut tags = sealed.tags();
        tags.extend(signature.ended());
        let ready = complete
            && self
                .seal(&engine, &ground.owner, &tags, &outcome, &mut diagnostics)
                .await;
        if ready {
            ended.insert(0, signature.as_str().to_owned());
        }
        let home = home::remember(&ground.account, &ended);
        self.report(&outcome, &ground.owner, &intent, &mut diagnostics);

        let exists = outcome.records.values().any(|record| record.id.is_some());
        let creating = prior.is_none();
        if creating && !exists && !complete {
            return Ok(Resource {
                state: Value::Null,
                identity,
                private: home,
                diagnostics,
            });
        }
        let state = State {
            failures: failures_of(&outcome),
            ..writer.state(&outcome.records, ready)
        };
        let diagnostics = if creating {
            as_warnings(diagnostics)
        } else {
            diagnostics
        };
        Ok(Resource {
            state: self.value(&state)?,
            identity,
            private: home,
            diagnostics,
        })
    }

    /// What an earlier run left behind and goes, as the plan said where there is no state.
    async fn planned_leftovers(
        &self,
        ground: &Ground<'_>,
        spec: &dyn Expand,
        expansion: &Expansion,
        prior: Option<&State>,
        (seal, ended): (&Tags, &[String]),
        is_promised: bool,
    ) -> Records {
        let (found, found_seal);
        let (known, seal) = match prior {
            Some(state) if state.ready => return Records::new(),
            Some(state) => (&state.records, seal),
            None if !is_promised => return Records::new(),
            None => {
                let mut discovered = ground.engine.discover(&expansion.graph).await;
                let seal = discovered.seals.remove(self.def.anchor);
                (found, found_seal) = (discovered.records, seal.unwrap_or_default());
                (&found, &found_seal)
            }
        };
        let traces = leftovers::traces(seal, prior.is_some(), ended);
        // The plan has said what there is to say.
        ground
            .leftovers(spec, &expansion.graph, known, &traces, &mut Problems::new())
            .await
    }

    /// Writes the seal on the anchor. Failing to is no reason to call the platform broken, but it is not finished either.
    async fn seal(
        &self,
        engine: &Engine,
        owner: &Owner,
        tags: &Tags,
        outcome: &Outcome,
        diagnostics: &mut Diagnostics,
    ) -> bool {
        let Some(anchor) = outcome.records.get(self.def.anchor) else {
            return true;
        };
        match engine.seal(owner, self.def.anchor, anchor, tags).await {
            Ok(()) => true,
            Err(failure) => {
                diagnostics.error(
                    format!("{owner} could not be sealed"),
                    format!("Every part is there; what is missing is the mark on {}. {failure}\nApply again.", self.def.anchor),
                );
                false
            }
        }
    }

    fn report(
        &self,
        outcome: &Outcome,
        owner: &Owner,
        intent: &Intent,
        diagnostics: &mut Diagnostics,
    ) {
        for failure in &outcome.failures {
            let waiting = outcome
                .skipped
                .values()
                .filter(|cause| **cause == failure.address)
                .count();
            let why = intent
                .plan
                .steps
                .get(&failure.address)
                .map(|step| step.why.as_str())
                .unwrap_or_default();
            let mut detail = format!("{failure}");
            if !why.is_empty() {
                detail.push_str(&format!("\nWhat it is for: {why}."));
            }
            if waiting > 0 {
                detail.push_str(&match waiting {
                    1 => "\n1 part that needs it was left alone.".to_owned(),
                    _ => format!("\n{waiting} parts that need it were left alone."),
                });
            }
            detail.push_str("\nApply again when the cause is gone: what exists is kept and work goes on from there.");
            diagnostics.error(
                format!(
                    "{}: could not {} {}",
                    owner.name, failure.action, failure.address
                ),
                detail,
            );
        }
        if outcome.cancelled {
            diagnostics.error(
                format!("{} was interrupted", owner.name),
                "Calls in flight were finished and what exists is in the state. Apply again to go on from there.",
            );
        }
    }
}

/// Addresses at which a plan brings something about that was not there before.
fn made_anew(plan: &Plan) -> impl Iterator<Item = &str> {
    plan.steps
        .iter()
        .filter(|(_, step)| matches!(step.action, Action::Create | Action::Replace { .. }))
        .map(|(address, _)| address.as_str())
}

/// Marks of what a plan makes that can't carry tags, inside of what is there already.
fn unmarked(intent: &Intent, kinds: &Kinds) -> BTreeSet<[u8; 3]> {
    let Intent { plan, records, .. } = intent;
    let parts = &intent.expansion.graph.parts;
    made_anew(plan)
        .filter_map(|address| {
            let part = parts.get(address)?;
            let properties = plan.resolved(records, &part.properties);
            kinds.get(part.kind)?.mark(&properties)
        })
        .collect()
}

/// Does the work, and passes the interruption of the run on to it.
pub(super) async fn stopping<T>(
    run: &platform_protocol::Cancel,
    switch: &Cancel,
    work: impl Future<Output = T>,
) -> T {
    let mut work = pin!(work);
    tokio::select! {
        done = &mut work => done,
        () = run.cancelled() => {
            switch.cancel();
            work.await
        }
    }
}

fn as_warnings(diagnostics: Diagnostics) -> Diagnostics {
    diagnostics
        .into_iter()
        .map(|diagnostic| Diagnostic {
            severity: platform_protocol::Severity::Warning,
            ..diagnostic
        })
        .collect()
}
