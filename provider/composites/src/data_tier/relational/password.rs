//! The password of the master user where RDS does not manage it.
//!
//! RDS makes no replica of an instance whose password it manages, SQL Server's apart. Such an instance gets a password that is drawn at
//! random when it is written into [a secret of the tier's](super::super::password), and that goes from there to RDS as the call leaves.
//!
//! <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html>

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
    let fields = json!({
        "dbInstanceIdentifier": store.physical_name(),
        "dbname": super::database(store, spec),
        "engine": engine.name(spec.topology),
        "username": spec.master_username,
    });
    let why = format!(
        "holds the password of the master user of {}, which RDS must not manage for it to have readers",
        store.words()
    );
    Some(password::add(
        store,
        &store.physical_name(),
        why,
        &fields,
        key,
        graph,
    ))
}

/// Refuses to hand the password over to RDS while there are replicas: RDS would, halfway through.
pub(in super::super) fn preflight(
    tier: &DataTier,
    setting: &Setting,
    creates: &dyn Fn(&str) -> bool,
    problems: &mut Problems,
) {
    for (engine, stores) in super::all(tier) {
        for (name, spec) in stores {
            let address = format!("{}/{name}", engine.sort());
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
