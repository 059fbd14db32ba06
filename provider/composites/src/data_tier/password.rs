//! The password of a master user that AWS does not manage: a secret of the tier's, from which it goes to the database as the call leaves.
//!
//! # Flow
//! Another number of the password is another version of the secret, which is drawn and written first. The database names that version, and
//! so has the password handed to it again; the number of the one that it was given stands in a tag of it.
//!
//! # Guarantees
//! - The password is in no part: the database names the secret.
//! - A run that is killed between the two writes is gone on with. What somebody else writes into the secret reaches no database.
//!
//! # Caveats
//! The secret has no recovery window: without its database it opens nothing, and one that waits for its end would keep the key from its own.

use platform_graph::{Graph, Handle, Problems};
use platform_kinds::secretsmanager::{GenerateSecretString, Secret, ValueSource};
use serde_json::Value;

use super::frame::Store;

/// Characters of a password; MySQL takes 41 at most.
const LENGTH: u32 = 40;
/// Number of the password that a database is made with.
const FIRST: u32 = 1;

/// Address of the secret.
pub(super) fn address(store: &Store<'_>) -> String {
    store.part("master-password")
}

/// Id of the version with the password that is asked for.
pub(super) fn version(store: &Store<'_>) -> String {
    Handle::to(address(store)).attribute("VersionId")
}

/// Refuses to number the passwords that AWS makes.
pub(super) fn check(sort: &str, name: &str, is_own: bool, version: u32, problems: &mut Problems) {
    if !is_own && version != FIRST {
        problems.error(
            [sort, name, "password_version"],
            "AWS makes the password and rotates it by itself",
            "Leave it out: only the passwords of `password = \"own\"` have numbers.",
        );
    }
}

/// Adds the secret of the database that AWS calls `identifier`, with the password of this number, and yields its ARN. `fields` stand in it
/// beside the password, as they are when it is written.
pub(super) fn add(
    store: &Store<'_>,
    identifier: &str,
    version: u32,
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
                version,
            }),
            ..Secret::default()
        },
    );
    secret.id()
}
