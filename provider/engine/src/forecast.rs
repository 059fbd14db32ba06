//! Asking AWS what the changes of a plan would mean, while nobody has decided on them yet.
//!
//! # Guarantees
//! Nothing is changed: a call that is no [read](platform_graph::Call::is_read) is not sent. What could not be asked is said.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use platform_graph::{
    Action, Disruption, Forecast, Graph, KindDef, Live, Owner, Plan, Properties, Recorded, Records,
    reference,
};
use serde_json::Value;

use crate::outcome::clause;
use crate::{Cancel, Engine, ErrorKind, Stop};

impl Engine {
    /// What AWS foretells of the changes in place of a plan, by address. Parts of which there is nothing to ask are left out.
    pub async fn forecast(
        &self,
        graph: &Graph,
        records: &Records,
        plan: &Plan,
    ) -> BTreeMap<String, Forecast> {
        let asked = plan.steps.iter().map(|(address, step)| async move {
            let Action::Update { changed } = &step.action else {
                return None;
            };
            let (part, record) = (graph.parts.get(address)?, records.get(address)?);
            let desired = plan.resolved(records, &part.properties);
            let forecast = self.forecast_of(&graph.owner, address, &desired, record, changed);
            let forecast = forecast.await.unwrap_or_else(|stop| {
                Some(Forecast {
                    unasked: vec![clause(&stop.explain().0).to_owned()],
                    ..Forecast::default()
                })
            });
            Some((address.clone(), forecast?))
        });
        join_all(asked).await.into_iter().flatten().collect()
    }

    /// `None` where the kind has nothing to ask.
    async fn forecast_of(
        &self,
        owner: &Owner,
        address: &str,
        desired: &Properties,
        record: &Recorded,
        changed: &[String],
    ) -> Result<Option<Forecast>, Stop> {
        let kind = self.kind(&record.kind)?;
        let Some(id) = &record.id else {
            return Ok(None);
        };
        let me = platform_graph::Identity {
            owner: owner.clone(),
            address: address.to_owned(),
            id: Some(id.clone()),
        };
        let live = Live {
            id: id.clone(),
            properties: record.properties.clone(),
            attributes: record.attributes.clone().unwrap_or_default(),
        };
        let changed: Vec<&str> = changed
            .iter()
            .map(String::as_str)
            .filter(|name| *name != "Tags")
            .collect();
        if (kind.forecast)(desired, &me, &live, &changed)?.is_empty() {
            return Ok(None);
        }
        let (open, settled): (Vec<&str>, Vec<&str>) = changed
            .into_iter()
            .partition(|name| desired.get(*name).is_some_and(reference::is_open));
        let calls = (kind.forecast)(desired, &me, &live, &settled)?;
        let mut replies = Vec::with_capacity(calls.len());
        let (mut refusals, mut unasked) = (Vec::new(), Vec::new());
        let caller = self.caller(Cancel::new());
        for call in &calls {
            if !call.is_read() {
                return Err(Stop::Said(format!(
                    "{} would change something. This is a bug of the provider",
                    call.action
                )));
            }
            replies.push(match caller.persist(call).await {
                Ok(reply) => reply,
                Err(Stop::Aws(error))
                    if call.is_dry_run()
                        && matches!(error.kind, ErrorKind::Invalid | ErrorKind::Quota) =>
                {
                    refusals.push(clause(&error.message).to_owned());
                    Value::Null
                }
                Err(stop) => {
                    unasked.push(clause(&stop.explain().0).to_owned());
                    Value::Null
                }
            });
        }
        let mut forecast = (kind.foretold)(desired, &live, &settled, &replies)?;
        if !open.is_empty() {
            let names = open.join(", ");
            let verb = if open.len() == 1 { "refers" } else { "refer" };
            unasked.push(format!("{names} {verb} to what is yet to be made"));
            // What was not asked about counts as what it usually is.
            let usually = usual(kind, &open);
            forecast.disruption = forecast.disruption.map(|told| told.max(usually));
        }
        forecast.refusals.splice(..0, refusals);
        forecast.unasked.splice(..0, unasked);
        Ok(Some(forecast))
    }
}

fn usual(kind: &KindDef, changed: &[&str]) -> Disruption {
    let each = changed.iter().map(|name| (kind.disruption)(name));
    each.max().unwrap_or_default()
}
