//! PlanResourceChange of a composite.
//!
//! # Flow
//! Decode and check → expand with the ledger of the state → compare with what is recorded → refuse what would lose data →
//! ask AWS what would go wrong, and what changes in place would mean, when something changes → show every part, with unknowns where
//! only AWS can tell.
//!
//! # Guarantees
//! The same input gives the same plan: Terraform plans again during apply and compares. What AWS shows is part of the input only
//! where it is told in warnings and errors: what an earlier run left behind comes and goes by itself. A plan in which no part changes
//! equals the state, so that Terraform shows nothing.
//!
//! # Caveats
//! A composite without state whose parts are found by their owner is taken up where an earlier run stopped; when it is
//! complete and was made from another configuration, the plan is refused, since somebody else's state may hold it.

use platform_composites::schema::Expand;
use platform_composites::{Expansion, Setting};
use platform_graph::{Action, Problems, Records, reference};
use platform_protocol::provider::{PlanResource, PlannedResource};
use platform_protocol::{AttributePath, Diagnostic, Diagnostics, Value};
use serde_json::{Map, Value as Json, json};

use super::CompositeType;
use super::arguments;
use super::home;
use super::intent::{Ground, Intent, refusals};
use super::leftovers;
use super::render;
use super::seal::Sealed;
use super::state::State;
use crate::session::Session;

/// How the warning begins that says that an earlier run did not finish.
const LEFT_BEHIND: &str = "An earlier run left";

impl CompositeType {
    /// Says what a configuration would make of a composite.
    pub async fn plan(&self, session: &Session, request: PlanResource) -> PlannedResource {
        let private = request.private.clone();
        let identity = request.identity.clone();
        let mut planned = if request.proposed.is_null() {
            self.plan_destroy(session, &request.prior).await
        } else {
            self.plan_change(session, &request)
                .await
                .unwrap_or_else(|diagnostics| PlannedResource {
                    planned: request.prior.clone(),
                    diagnostics,
                    ..PlannedResource::default()
                })
        };
        if planned.private.is_empty() {
            planned.private = private;
        }
        planned.identity = planned.identity.or(identity);
        planned
    }

    async fn plan_destroy(&self, session: &Session, prior: &Value) -> PlannedResource {
        let mut diagnostics = Diagnostics::new();
        if let Some(state) = self.state(prior) {
            match self.protection(session, &state, &[]) {
                Some(refusal) => diagnostics.push(refusal),
                None => diagnostics = self.foretell_destroy(session, &state).await,
            }
        }
        PlannedResource {
            planned: Value::Null,
            diagnostics,
            ..PlannedResource::default()
        }
    }

    /// The spec that a state was made from.
    pub fn decoded(&self, state: &State) -> Result<Box<dyn Expand>, Problems> {
        self.def.decode(Json::Object(state.spec.clone()))
    }

    async fn plan_change(
        &self,
        session: &Session,
        request: &PlanResource,
    ) -> Result<PlannedResource, Diagnostics> {
        let prior = self.state(&request.prior);
        let arguments = self.arguments(&request.config);
        let region = self.region_of(session, &arguments.spec, prior.as_ref())?;
        let requires_replace = self.replaced_by(prior.as_ref(), &arguments.spec, &region);
        // Terraform asks for no plan of the destroy that a replacement begins with.
        if let Some(prior) = prior.as_ref().filter(|_| !requires_replace.is_empty())
            && let Some(refusal) = self.protection(session, prior, &requires_replace)
        {
            return Err(refusal.into());
        }

        let mut problems = Problems::new();
        let spec = arguments.decode(&self.def, &mut problems);
        if problems.has_errors() {
            return Err(arguments::diagnostics(problems, &self.ty));
        }
        let Some(spec) =
            spec.filter(|spec| !spec.is_open() && reference::tokens(&region).is_empty())
        else {
            return Ok(PlannedResource {
                planned: self.everything_unknown(request, &region)?,
                requires_replace,
                diagnostics: arguments::diagnostics(problems, &self.ty),
                ..PlannedResource::default()
            });
        };
        // A replacement is planned again without a prior state; until then only the reason for it matters.
        let prior = prior.filter(|_| requires_replace.is_empty());

        let identity = session.identity().await?;
        let engine = self.engine(session, &region);
        let ground = Ground {
            session,
            engine: &engine,
            owner: self.owner(&region, spec.name()),
            account: identity.account.clone(),
            partition: identity.partition.clone(),
        };
        if prior.is_some() {
            home::check(&request.private, &ground.account, &ground.owner)?;
        }
        let ledger = prior
            .as_ref()
            .map(|state| state.ledger.clone())
            .unwrap_or_default();
        let Some(expanded) = ground.expand(&*spec, &ledger, &mut problems).await else {
            return Err(arguments::diagnostics(problems, &self.ty));
        };
        let (expanded, records) = match &prior {
            Some(state) => (expanded, state.records.clone()),
            None if requires_replace.is_empty() => {
                let found = self
                    .taken_up(&ground, &*spec, &arguments.spec, expanded, &mut problems)
                    .await;
                let Some(found) = found.filter(|_| !problems.has_errors()) else {
                    return Err(arguments::diagnostics(problems, &self.ty));
                };
                found
            }
            None => (expanded, Records::new()),
        };
        let unsealed = problems
            .iter()
            .any(|problem| problem.summary.starts_with(LEFT_BEHIND));
        let complete = prior.as_ref().is_some_and(|state| state.ready);
        let leftovers = if complete || !requires_replace.is_empty() {
            Records::new()
        } else {
            let seal = ground.seal_on(self.def.anchor, &records).await;
            let ended = home::ended(&request.private);
            let traces = leftovers::traces(&seal, prior.is_some(), &ended);
            ground
                .leftovers(&*spec, &expanded.1.graph, &records, &traces, &mut problems)
                .await
        };
        let mut intent = ground.compare(&*spec, expanded, records);
        if prior.is_some() {
            refusals(&intent.plan.refusals, &mut problems);
            ground.refuse(&*spec, &leftovers, &mut problems);
        }
        spec.judge_values(
            &intent.plan,
            &|argument, key| arguments.given(argument, key),
            &mut problems,
        );
        if !intent.plan.is_empty() && !problems.has_errors() {
            ground.preflight(&*spec, &mut intent, &mut problems).await;
            if prior.is_some() {
                ground.foresee(&*spec, &mut intent, &mut problems).await;
            }
        }
        let diagnostics = arguments::diagnostics(problems, &self.ty);
        if diagnostics.has_errors() {
            return Err(diagnostics);
        }
        if prior.is_none() && unsealed {
            // Terraform plans once more while it applies, and AWS may not show then what it shows now: an id that is promised must
            // stay. Apply looks before it creates anything.
            intent = ground.compare(&*spec, (intent.setting, intent.expansion), Records::new());
        }
        let private = match prior {
            Some(_) => request.private.clone(),
            None => leftovers::hand_over(unsealed || !leftovers.is_empty()),
        };
        Ok(PlannedResource {
            planned: self.proposal(request, self.planned_json(&ground, &intent, prior.as_ref()))?,
            requires_replace,
            private,
            identity: self.identity(&ground.account, &ground.owner),
            diagnostics,
        })
    }

    /// What an earlier run left of what is asked for, taken up as if it were recorded: expansion and records to go on from.
    /// `None` when `problems` got an error.
    async fn taken_up(
        &self,
        ground: &Ground<'_>,
        spec: &dyn Expand,
        configured: &Json,
        expanded: (Setting, Expansion),
        problems: &mut Problems,
    ) -> Option<((Setting, Expansion), Records)> {
        let mut found = ground.engine.discover(&expanded.1.graph).await;
        problems.extend(found.problems);
        // What is there by itself was left by nobody; apply takes it over.
        let kinds = ground.session.kinds();
        let taken_over = |kind: &str| kinds.get(kind).is_some_and(|kind| kind.taken_over);
        if found
            .records
            .values()
            .all(|record| taken_over(&record.kind))
        {
            found.records.clear();
        }
        if found.records.is_empty() {
            return Some((expanded, Records::new()));
        }
        let (owner, anchor) = (&ground.owner, self.def.anchor);
        let id = found
            .records
            .get(anchor)
            .and_then(|record| record.id.clone())
            .unwrap_or_default();
        let Some(seal) = found.seals.get(anchor).filter(|tags| Sealed::is_in(tags)) else {
            problems.warning(
                ["name"],
                format!(
                    "{LEFT_BEHIND} {} AWS resources of {owner}",
                    found.records.len()
                ),
                "They carry its tags and are not in this state. Apply goes on from there.",
            );
            return Some((expanded, found.records));
        };
        // Between the seal and the moment Terraform writes its state a run can still die; then nobody else has the composite.
        match Sealed::from_tags(seal) {
            Ok(Some(sealed)) if sealed.spec == self.def.sealed(configured) => {
                problems.warning(
                    ["name"],
                    format!("{owner} exists already and is complete"),
                    format!(
                        "Its {anchor} {id} was made from the same configuration, by a run whose state was lost or that another state still \
                         holds. Apply takes it over; if another state holds it, choose another name."
                    ),
                );
                let expanded = ground.expand(spec, &sealed.ledger, problems).await?;
                let found = ground.engine.discover(&expanded.1.graph).await;
                problems.extend(found.problems);
                Some((expanded, found.records))
            }
            _ => {
                problems.error(
                    ["name"],
                    format!("{owner} exists already"),
                    format!(
                        "Its {anchor} {id} is complete and was made from another configuration. Import it with\n  terraform import \
                         {}.<label> {}/{}\nor choose another name.",
                        self.def.name, owner.region, owner.name
                    ),
                );
                None
            }
        }
    }

    /// Region of a composite: what the configuration says, else what the state says, else that of the provider block.
    pub(super) fn region_of(
        &self,
        session: &Session,
        spec: &Json,
        prior: Option<&State>,
    ) -> Result<String, Diagnostics> {
        let said = spec.get("region").and_then(Json::as_str).map(str::to_owned);
        said.or_else(|| {
            prior
                .map(|state| state.region().to_owned())
                .filter(|region| !region.is_empty())
        })
        .or_else(|| session.region.clone())
        .ok_or_else(|| match session.known() {
            Ok(()) => Diagnostic::error(
                "No region",
                "Write region here or in the provider block, or set AWS_REGION.",
            )
            .at(AttributePath::root().child("region"))
            .into(),
            Err(unknown) => unknown,
        })
    }

    /// Paths of the arguments whose change means another composite.
    fn replaced_by(&self, prior: Option<&State>, spec: &Json, region: &str) -> Vec<AttributePath> {
        let Some(prior) = prior else {
            return Vec::new();
        };
        self.replacing
            .iter()
            .filter(|name| {
                let (before, after) = match name.as_str() {
                    "region" => (Some(prior.region()), Some(region)),
                    _ => (
                        prior.spec.get(*name).and_then(Json::as_str),
                        spec.get(*name).and_then(Json::as_str),
                    ),
                };
                before != after
            })
            .map(|name| AttributePath::root().child(name.as_str()))
            .collect()
    }

    /// The plan of a composite whose parts can't be named yet.
    fn everything_unknown(
        &self,
        request: &PlanResource,
        region: &str,
    ) -> Result<Value, Diagnostics> {
        let computed = self
            .schema
            .schema
            .block
            .attributes
            .keys()
            .filter(|name| !self.arguments.contains(name));
        let mut json: Map<String, Json> = computed
            .map(|name| (name.clone(), json!(render::UNKNOWN)))
            .collect();
        json.insert("region".to_owned(), json!(region));
        self.proposal(request, json)
    }

    /// Computed attributes with the configuration's own values beside them, exactly as Terraform gave them.
    fn proposal(
        &self,
        request: &PlanResource,
        computed: Map<String, Json>,
    ) -> Result<Value, Diagnostics> {
        let mut planned = self.planned_value(&Json::Object(computed))?;
        if let Value::Object(fields) = &mut planned {
            for name in &self.arguments {
                let configured = request.config.attr(name);
                if name != "region" || !configured.is_null() {
                    fields.insert(name.clone(), configured.clone());
                }
            }
        }
        Ok(planned)
    }

    fn planned_json(
        &self,
        ground: &Ground<'_>,
        intent: &Intent,
        prior: Option<&State>,
    ) -> Map<String, Json> {
        let Intent {
            expansion,
            records,
            plan,
            ..
        } = intent;
        let graph = &expansion.graph;
        let unchanged = plan.is_empty();
        let before = prior.map(|state| state.whys.clone()).unwrap_or_default();
        let whys = render::whys(graph, plan, &before);
        let mut json = Map::new();
        json.insert("region".to_owned(), json!(ground.owner.region));
        json.insert(
            "id".to_owned(),
            json!(format!("{}/{}", ground.owner.region, ground.owner.name)),
        );
        json.insert(
            "resources".to_owned(),
            render::planned_resources(graph, plan, records, &whys),
        );
        json.insert(
            "changes".to_owned(),
            match prior {
                Some(state) if unchanged && state.changes.is_object() => state.changes.clone(),
                Some(_) => render::changes(plan, ground.session.kinds(), graph, records),
                None => json!({}),
            },
        );
        let settled = unchanged && prior.is_some_and(|state| state.ready);
        json.insert(
            "ready".to_owned(),
            if settled {
                json!(true)
            } else {
                json!(render::UNKNOWN)
            },
        );
        json.insert(
            "failures".to_owned(),
            if settled {
                json!({})
            } else {
                json!(render::UNKNOWN)
            },
        );
        json.insert("ledger".to_owned(), json!(expansion.ledger));
        json.extend(render::outputs(&expansion.outputs, &|address: &str,
                                                          attribute: Option<
            &str,
        >| {
            self.output_value(intent, address, attribute)
        }));
        json
    }

    /// A value that an output refers to, when it stays what it is.
    fn output_value(
        &self,
        intent: &Intent,
        address: &str,
        attribute: Option<&str>,
    ) -> Option<Json> {
        let known = intent.plan.value_of(&intent.records, address, attribute)?;
        match (&intent.plan.steps.get(address)?.action, attribute) {
            // What AWS computes may follow from what changes; the id never does.
            (Action::Update { changed }, Some(_)) if *changed != ["Tags"] => None,
            _ => Some(known),
        }
    }
}
