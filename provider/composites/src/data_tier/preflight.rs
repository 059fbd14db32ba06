//! What AWS would refuse, found before anything is changed.
//!
//! # Caveats
//! An answer that is missing, because a permission is, leaves its question out: AWS then says so itself, later.

use std::collections::BTreeMap;

use platform_graph::Problems;
use serde_json::{Value, json};

use super::frame::Frame;
use super::spec::{Cache, CacheMode, DataTier, Search};
use super::{caches, documents, orderable, parameters, relational, search, versions};
use crate::{Expansion, Question, Setting};

pub(super) fn questions(spec: &DataTier) -> Vec<Question> {
    versions::distinct(
        search::preflight_questions(spec)
            .into_iter()
            .chain(relational::preflight_questions(spec))
            .chain(documents::preflight_questions(spec))
            .chain(caches::preflight_questions(spec))
            .chain(orderable::questions(spec))
            .chain(parameters::questions(spec)),
    )
}

/// A tier that asks every question there is, now and before the expansion.
pub(super) fn inquisitive() -> DataTier {
    let mut any = DataTier::named("any");
    let name = || "any".to_owned();
    let search = Search {
        version: versions::AUTO.to_owned(),
        ..Search::default()
    };
    any.search.insert(name(), search);
    // What has nothing but these arguments is always decoded.
    let relational = |topology: &str| {
        serde_json::from_value(json!({ "version": versions::AUTO, "topology": topology })).ok()
    };
    any.postgres
        .extend(relational("multi_az").map(|store| (name(), store)));
    any.mysql
        .extend(relational("aurora").map(|store| (name(), store)));
    let documents = serde_json::from_value(json!({ "version": versions::AUTO })).ok();
    any.documents.extend(documents.map(|store| (name(), store)));
    for mode in [CacheMode::Cluster, CacheMode::Serverless] {
        let cache = Cache {
            version: Some(versions::AUTO.to_owned()),
            mode,
            ..Cache::default()
        };
        any.caches.insert(format!("{mode:?}"), cache);
    }
    // Names of parameters and options are judged of versions that are written out.
    let named = |fields: Value| serde_json::from_value(fields).ok();
    let own = || "named".to_owned();
    any.mysql.extend(
        named(json!({ "version": "8.4", "parameters": { "any": "" }, "options": { "any": {} } }))
            .map(|store| (own(), store)),
    );
    any.postgres.extend(
        named(json!({ "version": "17", "topology": "aurora", "parameters": { "any": "" } }))
            .map(|store| (own(), store)),
    );
    let parameters = BTreeMap::from([(name(), String::new())]);
    let documents = serde_json::from_value(json!({ "parameters": parameters })).ok();
    any.documents.extend(documents.map(|store| (own(), store)));
    let cache = Cache {
        parameters,
        ..Cache::default()
    };
    any.caches.insert(own(), cache);
    any
}

pub(super) fn preflight(
    spec: &DataTier,
    setting: &Setting,
    expansion: &Expansion,
    creates: &dyn Fn(&str) -> bool,
    problems: &mut Problems,
) {
    search::preflight(spec, setting, creates, problems);
    relational::preflight(spec, setting, creates, problems);
    documents::preflight(spec, setting, creates, problems);
    caches::preflight(spec, setting, creates, problems);
    orderable::preflight(&Frame { spec, setting }, expansion, creates, problems);
    parameters::preflight(spec, setting, problems);
}
