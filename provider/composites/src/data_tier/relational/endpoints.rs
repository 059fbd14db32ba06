//! Endpoints of an Aurora cluster that lead to some of its instances.
//!
//! <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Endpoints.Custom.html>

use std::collections::{BTreeMap, BTreeSet};

use platform_graph::{Graph, Handle, Problems};
use platform_kinds::rds::DbClusterEndpoint;

use super::super::check;
use super::super::frame::Store;
use super::super::spec::{EndpointType, Relational};
use super::{Engine, Plan};
use crate::schema::is_unknown_text;

/// The name of the instance that writes to begin with.
const FIRST: &str = "instance";

pub(super) fn check(engine: Engine, name: &str, spec: &Relational, problems: &mut Problems) {
    let path = [engine.sort(), name, "endpoints"];
    if !spec.endpoints.is_empty() && !spec.topology.is_aurora() {
        problems.error(
            path,
            "only an Aurora cluster has endpoints of its own",
            "Leave it out, or use `topology = \"aurora\"`.",
        );
        return;
    }
    let readers = super::readers(spec);
    if spec.topology.is_aurora() && readers.contains_key(FIRST) {
        problems.error(
            [engine.sort(), name, "readers", FIRST],
            "the instance that writes to begin with has that name",
            "Choose another one.",
        );
    }
    let known: BTreeSet<&str> = readers.keys().map(String::as_str).chain([FIRST]).collect();
    for (endpoint, spec) in &spec.endpoints {
        check::name(&path, endpoint, problems);
        let at = |list: &str| -> Vec<String> {
            let steps = path.into_iter().chain([endpoint.as_str(), list]);
            steps.map(str::to_owned).collect()
        };
        if spec.members.is_some() && spec.excluded.is_some() {
            problems.error(
                at("excluded"),
                "an endpoint names those that it leads to or those that it does not",
                "Set `members` or `excluded`, one of them.",
            );
        }
        for (list, names) in [("members", &spec.members), ("excluded", &spec.excluded)] {
            for reader in names.iter().flatten() {
                if !is_unknown_text(reader) && !known.contains(reader.as_str()) {
                    let known: Vec<&str> = known.iter().copied().collect();
                    problems.error(
                        at(list),
                        format!("there is no reader {reader:?}"),
                        format!("There are {}.", known.join(", ")),
                    );
                }
            }
        }
        if spec.members.as_ref().is_some_and(BTreeSet::is_empty) {
            problems.error(
                at("members"),
                "it leads to nothing",
                "Name a reader, or leave it out for all of them.",
            );
        }
    }
}

impl Plan<'_> {
    /// Adds the endpoints, once all instances are there.
    pub(super) fn endpoints(&self, cluster: &Handle, members: &[Handle], graph: &mut Graph) {
        for (name, spec) in &self.spec.endpoints {
            let ids = |names: &Option<BTreeSet<String>>| -> Option<Vec<String>> {
                let names = names.as_ref()?;
                Some(names.iter().map(|name| self.member(name).id()).collect())
            };
            let endpoint = graph.add(
                self.store.part(&format!("endpoint/{name}")),
                format!("leads to some instances of {}", self.words()),
                DbClusterEndpoint {
                    identifier: format!("{}-{name}", self.identifier()),
                    cluster_identifier: cluster.id(),
                    endpoint_type: match spec.kind {
                        EndpointType::Reader => "READER",
                        EndpointType::Any => "ANY",
                    }
                    .to_owned(),
                    excluded_members: ids(&spec.excluded),
                    static_members: ids(&spec.members),
                    ..DbClusterEndpoint::default()
                },
            );
            for member in members {
                graph.after(&endpoint, member);
            }
        }
    }

    /// An instance of an Aurora cluster by its name.
    fn member(&self, name: &str) -> Handle {
        Handle::to(match name {
            FIRST => self.store.part(FIRST),
            reader => self.store.part(&format!("reader/{reader}")),
        })
    }
}

pub(super) fn outputs(store: &Store<'_>, spec: &Relational) -> BTreeMap<String, String> {
    let host = |name: &String| {
        let part = Handle::to(store.part(&format!("endpoint/{name}")));
        (name.clone(), part.attribute("Endpoint"))
    };
    spec.endpoints.keys().map(host).collect()
}
