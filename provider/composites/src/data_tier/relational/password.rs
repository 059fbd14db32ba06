//! The password of the master user where RDS does not manage it.
//!
//! RDS makes no replica of an instance whose password it manages, SQL Server's apart, and no blue/green deployment of an instance or a
//! cluster whose password it manages. Such a database gets a password that is drawn at random when it is written into
//! [a secret of the tier's](super::super::password), and that goes from there to RDS as the call leaves.
//!
//! # Caveats
//! The calls that restore a cluster take no password, and what is restored keeps the one it had. So RDS manages the password of a cluster
//! that is restored, until a later run takes it over.
//!
//! <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html> and
//! <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-secrets-manager.html>

use platform_graph::{Graph, Handle, Problems};
use serde_json::{Value, json};

use super::super::frame::Store;
use super::super::password;
use super::super::spec::{DataTier, Password, Relational};
use super::super::versions::INSTANCES;
use super::Engine;
use crate::Setting;

/// Adds the secret, where the password is to be ours, and yields its ARN.
pub(super) fn add(
    engine: Engine,
    store: &Store<'_>,
    spec: &Relational,
    key: &str,
    graph: &mut Graph,
) -> Option<String> {
    if spec.password == Password::Managed {
        return None;
    }
    let is_cluster = spec.topology.is_cluster();
    let identifier = match is_cluster {
        true => "dbClusterIdentifier",
        false => "dbInstanceIdentifier",
    };
    let fields = json!({
        identifier: store.physical_name(),
        "dbname": super::database(store.name, spec),
        "engine": engine.name(spec.topology),
        "username": spec.master_username,
    });
    let must_not = match is_cluster {
        true => "is not to manage",
        false => "must not manage for it to have readers",
    };
    let why = format!(
        "holds the password of the master user of {}, which RDS {must_not}",
        store.words()
    );
    Some(password::add(
        store,
        &store.physical_name(),
        spec.password_version,
        why,
        &fields,
        key,
        graph,
    ))
}

/// Refuses numbers where RDS makes the passwords.
pub(super) fn check(engine: Engine, name: &str, spec: &Relational, problems: &mut Problems) {
    let is_own = spec.password == Password::Own;
    let version = spec.password_version;
    password::check(engine.sort(), name, is_own, version, problems);
}

/// Refuses to hand the password over to RDS while there are replicas: RDS would, halfway through. Refuses also to restore a cluster with a
/// password of ours, which would open nothing.
pub(in super::super) fn preflight(
    tier: &DataTier,
    setting: &Setting,
    creates: &dyn Fn(&str) -> bool,
    problems: &mut Problems,
) {
    for (engine, stores) in super::all(tier) {
        for (name, spec) in stores {
            let address = format!("{}/{name}", engine.sort());
            let is_cluster = spec.topology.is_cluster();
            let is_own = spec.password == Password::Own;
            if is_cluster && is_own && spec.restore.is_some() && creates(&address) {
                problems.error(
                    [engine.sort(), name.as_str(), "password"],
                    format!("{address} is restored, and keeps the password it had: RDS takes no other one with that"),
                    "Leave `password` out in the run that restores it, and write password = \"own\" in the next one.",
                );
            }
            let is_managed = spec.password == Password::Managed && !spec.topology.is_cluster();
            if !is_managed || creates(&address) {
                continue;
            }
            let identifier = format!("{}-{name}", tier.name);
            let mut live = INSTANCES.of(setting);
            let Some(live) = live.find(|item| INSTANCES.names(item, &identifier)) else {
                continue;
            };
            let replicas: Vec<&str> = live["ReadReplicaDBInstanceIdentifiers"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect();
            if live["MasterUserSecret"].is_object() || replicas.is_empty() {
                continue;
            }
            problems.error(
                [engine.sort(), name.as_str(), "password"],
                format!(
                    "{address} has replicas, and RDS takes no password of such an instance over: {}",
                    replicas.join(", ")
                ),
                "Keep password = \"own\" and apply without `readers` first; then take `password` out.",
            );
        }
    }
}

/// ARN of the secret with name and password of the master user.
pub(super) fn secret_arn(store: &Store<'_>, spec: &Relational) -> String {
    match spec.password {
        Password::Managed => Handle::to(store.address()).attribute("MasterUserSecret.SecretArn"),
        Password::Own => Handle::to(password::address(store)).id(),
    }
}
