//! What a blue/green deployment leaves: the instance or cluster that it took the place of, which goes on using what it used.
//!
//! # Guarantees
//! The groups of parameters and options of a former major version stay as long as an instance or cluster of the database runs it: AWS
//! deletes no group that is in use.
//!
//! # Caveats
//! A group that stays follows what the configuration says of parameters and options.

use std::collections::BTreeSet;

use platform_graph::Problems;
use platform_kinds::rds::blue_green;
use platform_kinds::rds::version::{self, Change};
use serde_json::Value;

use super::super::frame::Store;
use super::super::spec::{DataTier, Password, Relational, Topology, Upgrade};
use super::super::versions::{self, Listing};
use super::{Engine, all};
use crate::Question;

/// Whether there may be, or come to be, something that was replaced: RDS makes no deployment of what has a password that it manages.
fn is_concerned(spec: &Relational) -> bool {
    let can = spec.topology != Topology::MultiAzCluster;
    spec.password == Password::Own && spec.keep_previous && can
}

/// Where it is found.
fn listing(spec: &Relational) -> Listing {
    match spec.topology.is_cluster() {
        true => versions::CLUSTERS,
        false => versions::INSTANCES,
    }
}

/// What has to be known of instances and clusters to expand.
pub(super) fn questions(tier: &DataTier) -> impl Iterator<Item = Question> {
    let stores = all(tier)
        .into_iter()
        .flat_map(|(_, stores)| stores.values());
    stores
        .filter(|spec| is_concerned(spec))
        .map(|spec| listing(spec).ask())
}

/// The database with each other major version that an instance or cluster of it goes on running.
pub(super) fn specs(engine: Engine, store: &Store<'_>, spec: &Relational) -> Vec<Relational> {
    if !is_concerned(spec) {
        return Vec::new();
    }
    let identifier = store.physical_name();
    let listing = listing(spec);
    let stays = |item: &&Value| {
        let is_it = listing.names(item, &identifier);
        item["Engine"] == engine.name(spec.topology)
            && (is_it && spec.upgrade == Upgrade::BlueGreen
                || blue_green::is_previous(&identifier, listing.name_of(item)))
    };
    let mut majors: BTreeSet<String> = listing
        .of(store.frame.setting)
        .filter(stays)
        .filter_map(|item| item["EngineVersion"].as_str())
        .map(version::major)
        .collect();
    majors.remove(&version::major(&spec.version));
    let former = |version| Relational {
        version,
        ..spec.clone()
    };
    majors.into_iter().map(former).collect()
}

/// Finds what a blue/green deployment needs before it begins.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/blue-green-deployments-creating.html> and
/// <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/blue-green-deployments-creating.html>
pub(super) fn preflight(
    path: [&str; 2],
    address: &str,
    spec: &Relational,
    change: Option<Change>,
    problems: &mut Problems,
) {
    let is_aurora = spec.topology.is_aurora();
    let needed = match change {
        Some(Change::Major) => true,
        // Aurora keeps all copies in step by what is written, others those of another major version.
        Some(Change::Minor) => is_aurora,
        _ => false,
    };
    let is_postgres = path[0] == Engine::PostgreSql.sort();
    let is = |parameter: &str, fits: &dyn Fn(&str) -> bool| {
        let value = spec.parameters.get(parameter);
        value.is_some_and(|value| fits(value))
    };
    let is_met = match (is_postgres, is_aurora) {
        (true, _) => is("rds.logical_replication", &|value| value == "1"),
        (false, true) => is("binlog_format", &|value| {
            ["ROW", "MIXED", "STATEMENT"].contains(&value)
        }),
        // It writes its binary log as long as there are automated backups.
        (false, false) => true,
    };
    if !needed || is_met {
        return;
    }
    let (what, parameters) = match is_postgres {
        true => (
            "does not replicate logically",
            "{ \"rds.logical_replication\" = \"1\" }",
        ),
        false => ("writes no binary log", "{ binlog_format = \"ROW\" }"),
    };
    let copy = match is_aurora {
        true => "a copy",
        false => "a copy of another major version",
    };
    let whole = match is_aurora {
        true => "the instance that writes",
        false => "the instance",
    };
    problems.error(
        path.into_iter().chain(["upgrade"]),
        format!("{address} {what}, which {copy} is kept in step by"),
        format!(
            "Apply parameters = {parameters} first, by itself, and restart {whole}; or write upgrade = \"in_place\" for this change."
        ),
    );
}
