//! The password of the master user where RDS does not manage it.
//!
//! RDS makes no replica of an instance whose password it manages, SQL Server's apart. Such an instance gets a password that is drawn at
//! random when it is written into a secret of the tier's, and that goes from there to RDS as the call leaves.
//!
//! # Guarantees
//! - The password is in no part: the instance names the secret.
//! - It is written once. Nothing that is written later would reach the database.
//!
//! # Caveats
//! The secret has no recovery window: without its database it opens nothing, and one that waits for its end would keep the key from its own.
//!
//! <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html>

use platform_graph::{Graph, Handle, Problems};
use platform_kinds::secretsmanager::{GenerateSecretString, Secret, ValueSource};
use serde_json::{Value, json};

use super::super::frame::Store;
use super::super::spec::{DataTier, Password, Relational};
use super::super::versions::INSTANCES;
use super::Engine;
use crate::Setting;

/// Characters of a password; MySQL takes 41 at most.
const LENGTH: u32 = 40;

fn address(store: &Store<'_>) -> String {
    store.part("master-password")
}

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
    // What can't change, because it is written once.
    let fields = json!({
        "dbInstanceIdentifier": store.physical_name(),
        "dbname": super::database(store, spec),
        "engine": engine.name(spec.topology),
        "username": spec.master_username,
    });
    let secret = graph.add(
        address(store),
        format!(
            "holds the password of the master user of {}, which RDS must not manage for it to have readers",
            store.words()
        ),
        Secret {
            description: Some(format!(
                "Master user of {} of data tier {}",
                store.words(),
                store.frame.spec.name
            )),
            generate_secret_string: Some(GenerateSecretString {
                // What else a password may hold, each engine and each connection string sees differently.
                exclude_punctuation: Some(true),
                generate_string_key: Some("password".to_owned()),
                password_length: Some(LENGTH),
                secret_string_template: Some(fields.to_string()),
                ..GenerateSecretString::default()
            }),
            kms_key_id: Some(key.to_owned()),
            name: format!("{}/master-password", store.physical_name()),
            recovery_window_in_days: Some(0),
            value: Some(ValueSource {
                from: None,
                version: 1,
            }),
            ..Secret::default()
        },
    );
    Some(secret.id())
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
        Password::Own => Handle::to(address(store)).id(),
    }
}
