//! The password of a master user that AWS does not manage: a secret of the tier's, from which it goes to the database as the call leaves.
//!
//! # Guarantees
//! - The password is in no part: the database names the secret.
//! - It is written once. Nothing that is written later would reach the database.
//!
//! # Caveats
//! The secret has no recovery window: without its database it opens nothing, and one that waits for its end would keep the key from its own.

use platform_graph::Graph;
use platform_kinds::secretsmanager::{GenerateSecretString, Secret, ValueSource};
use serde_json::Value;

use super::frame::Store;

/// Characters of a password; MySQL takes 41 at most.
const LENGTH: u32 = 40;

/// Address of the secret.
pub(super) fn address(store: &Store<'_>) -> String {
    store.part("master-password")
}

/// Adds the secret of the database that AWS calls `identifier`, and yields its ARN. `fields` stand in it beside the password, and can't
/// change, because they are written once.
pub(super) fn add(
    store: &Store<'_>,
    identifier: &str,
    why: String,
    fields: &Value,
    key: &str,
    graph: &mut Graph,
) -> String {
    let secret = graph.add(
        address(store),
        why,
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
            name: format!("{identifier}/master-password"),
            recovery_window_in_days: Some(0),
            value: Some(ValueSource {
                from: None,
                version: 1,
            }),
            ..Secret::default()
        },
    );
    secret.id()
}
