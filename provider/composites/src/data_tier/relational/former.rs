//! What a blue/green deployment leaves: the instance that it took the place of, which goes on using what it used.
//!
//! # Guarantees
//! The groups of parameters and options of a former major version stay as long as an instance of the database runs it: AWS deletes no
//! group that is in use.
//!
//! # Caveats
//! A group that stays follows what the configuration says of parameters and options.

use std::collections::BTreeSet;

use platform_graph::Problems;
use platform_kinds::rds::blue_green;
use platform_kinds::rds::version::{self, Change};
use serde_json::Value;

use super::super::frame::Store;
use super::super::spec::{DataTier, Password, Relational, Upgrade};
use super::super::versions;
use super::{Engine, all};
use crate::Question;

/// Whether there may be, or come to be, an instance that was replaced: RDS makes no deployment of one whose password it manages.
fn is_concerned(spec: &Relational) -> bool {
    spec.password == Password::Own && spec.keep_previous && !spec.topology.is_cluster()
}

/// What has to be known of instances to expand.
pub(super) fn questions(tier: &DataTier) -> Option<Question> {
    let mut stores = all(tier)
        .into_iter()
        .flat_map(|(_, stores)| stores.values());
    stores.any(is_concerned).then(|| versions::INSTANCES.ask())
}

/// The database with each other major version that one of its instances goes on running.
pub(super) fn specs(engine: Engine, store: &Store<'_>, spec: &Relational) -> Vec<Relational> {
    if !is_concerned(spec) {
        return Vec::new();
    }
    let identifier = store.physical_name();
    let stays = |item: &&Value| {
        let name = item["DBInstanceIdentifier"].as_str().unwrap_or_default();
        let is_it = name.eq_ignore_ascii_case(&identifier);
        item["Engine"] == engine.name(spec.topology)
            && (is_it && spec.upgrade == Upgrade::BlueGreen
                || blue_green::is_previous(&identifier, name))
    };
    let mut majors: BTreeSet<String> = versions::INSTANCES
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
/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/blue-green-deployments-creating.html>
pub(super) fn preflight(
    path: [&str; 2],
    address: &str,
    spec: &Relational,
    change: Option<Change>,
    problems: &mut Problems,
) {
    let parameter = "rds.logical_replication";
    let is_on = spec
        .parameters
        .get(parameter)
        .is_some_and(|value| value == "1");
    if path[0] == Engine::PostgreSql.sort() && change == Some(Change::Major) && !is_on {
        problems.error(
            path.into_iter().chain(["upgrade"]),
            format!("{address} does not replicate logically, which a copy of another major version is kept in step by"),
            "Apply parameters = { \"rds.logical_replication\" = \"1\" } first, by itself, and restart the instance; or write upgrade = \
             \"in_place\" for this change.",
        );
    }
}
