//! ImportResourceState of a composite: its state, rebuilt from what it wrote on its anchor.
//!
//! # Flow
//! The id `<region>/<name>` (or an identity) names the owner. The anchor is found by the owner's tags, its seal holds the
//! configuration and the ledger, their expansion says which parts to look for.
//!
//! # Guarantees
//! A plan after an import of a composite that is as it was sealed is empty.

use std::collections::BTreeMap;

use platform_graph::{Graph, Part, Problems, Properties};
use platform_protocol::provider::{ImportResource, Imported, ImportedResource};
use platform_protocol::{Diagnostic, Diagnostics};
use serde_json::{Map, Value as Json};

use super::CompositeType;
use super::arguments;
use super::home;
use super::intent::Ground;
use super::render::{self, Whys};
use super::seal::{Sealed, Signature};
use super::state::State;
use crate::session::Session;

impl CompositeType {
    /// Rebuilds the state of a composite from AWS.
    pub async fn import(&self, session: &Session, request: ImportResource) -> Imported {
        match self.rebuild(session, &request).await {
            Ok((resource, diagnostics)) => Imported {
                resources: vec![resource],
                diagnostics,
            },
            Err(diagnostics) => Imported {
                resources: Vec::new(),
                diagnostics,
            },
        }
    }

    async fn rebuild(
        &self,
        session: &Session,
        request: &ImportResource,
    ) -> Result<(ImportedResource, Diagnostics), Diagnostics> {
        let (region, name) = self.named(session, request)?;
        let identity = session.identity().await?;
        let owner = self.owner(&region, &name);
        let engine = self.engine(session, &region);

        let mut anchor = Graph::new(owner.clone(), Default::default());
        let part = Part {
            kind: self.def.anchor_kind,
            why: String::new(),
            properties: Properties::new(),
            after: Default::default(),
        };
        anchor.parts.insert(self.def.anchor.to_owned(), part);
        let found = engine.discover(&anchor).await;
        if found.problems.has_errors() {
            return Err(arguments::diagnostics(found.problems, &self.ty));
        }
        let fail =
            |summary: String, detail: String| Diagnostics::from(Diagnostic::error(summary, detail));
        if found.records.is_empty() {
            return Err(fail(
                format!("There is no {owner}"),
                format!(
                    "No {} in account {} carries the tag platform:owner = {owner}. The id is <region>/<name>.",
                    self.def.anchor_kind, identity.account
                ),
            ));
        }
        let unfinished = || {
            fail(
                format!("{owner} was never finished"),
                "Its anchor carries no seal, so its configuration is not known. Apply the configuration it was made from: that finds its parts \
                 and goes on from there, without an import."
                    .to_owned(),
            )
        };
        let tags = found.seals.get(self.def.anchor).ok_or_else(unfinished)?;
        let sealed = match Sealed::from_tags(tags) {
            Ok(Some(sealed)) => sealed,
            Ok(None) => return Err(unfinished()),
            Err(why) => {
                return Err(fail(
                    format!("{owner} can't be imported"),
                    format!(
                        "Its state can't be rebuilt from its tags: {why}. Apply the configuration it was made from instead."
                    ),
                ));
            }
        };

        let mut problems = Problems::new();
        let spec_sealed = self.def.unsealed(&sealed.spec);
        let spec = self
            .def
            .decode(spec_sealed.clone())
            .map_err(|found| arguments::diagnostics(found, &self.ty))?;
        let ground = Ground {
            session,
            engine: &engine,
            owner: owner.clone(),
            account: identity.account.clone(),
            partition: identity.partition.clone(),
        };
        let Some((_, expansion)) = ground.expand(&*spec, &sealed.ledger, &mut problems).await
        else {
            return Err(arguments::diagnostics(problems, &self.ty));
        };
        let found = engine.discover(&expansion.graph).await;
        problems.extend(found.problems);
        let failures: BTreeMap<String, String> = expansion
            .graph
            .parts
            .keys()
            .filter(|address| !found.records.contains_key(*address))
            .map(|address| (address.clone(), super::NOT_SHOWN.to_owned()))
            .collect();
        let lookup = |address: &str, attribute: Option<&str>| {
            found.records.get(address).and_then(|r| r.lookup(attribute))
        };
        let mut fields = match spec_sealed {
            Json::Object(fields) => fields,
            _ => Map::new(),
        };
        fields.insert("region".to_owned(), Json::String(region));
        let graph = &expansion.graph;
        let whys: Whys = graph
            .parts
            .iter()
            .map(|(address, part)| (address.clone(), part.why.clone()))
            .collect();
        let state = State {
            spec: fields,
            resources: render::resources(&found.records, &whys),
            whys,
            changes: Json::Object(Map::new()),
            ready: failures.is_empty() && Signature::unfinished(tags, &[]).is_none(),
            failures,
            ledger: expansion.ledger,
            outputs: render::outputs(&expansion.outputs, &lookup),
            records: found.records,
        };
        let resource = ImportedResource {
            type_name: self.def.name.to_owned(),
            state: self.value(&state)?,
            private: home::remember(&identity.account, &[Signature::last(tags).to_owned()]),
            identity: self.identity(&identity.account, &owner),
        };
        Ok((resource, arguments::diagnostics(problems, &self.ty)))
    }

    fn named(
        &self,
        session: &Session,
        request: &ImportResource,
    ) -> Result<(String, String), Diagnostics> {
        if let Some(identity) = &request.identity {
            let text = |name: &str| identity.attr(name).as_str().map(str::to_owned);
            if let (Some(region), Some(name)) = (
                text("region").or_else(|| session.region.clone()),
                text("name"),
            ) {
                return Ok((region, name));
            }
        }
        match request.id.split_once('/') {
            Some((region, name))
                if !region.is_empty() && !name.is_empty() && !name.contains('/') =>
            {
                Ok((region.to_owned(), name.to_owned()))
            }
            _ => Err(Diagnostic::error(
                format!("{:?} is not the id of a {}", request.id, self.def.name),
                "The id is <region>/<name>, for example us-east-1/main.",
            )
            .into()),
        }
    }
}
