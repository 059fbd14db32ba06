//! Which password of ours a database has been given.
//!
//! AWS shows nothing of a password. So the id of the version of the secret that it was taken from stands in a tag of the database, which is
//! set after the call that gives the password. A run that is killed between the two gives it once more, and it is the same one.

use platform_graph::{Call, SecretMember, SecretSource, Tags};

/// The tag with the id of the version.
const TAG: &str = "platform:password-version";

/// Takes the version out of the tags of a database: it is no tag that anybody asks for.
pub(crate) fn taken_from(tags: &mut Tags) -> Option<String> {
    tags.remove(TAG)
}

/// The tags of a database that is given this version when it is made.
pub(crate) fn among(tags: &Tags, version: Option<&String>) -> Tags {
    let mut tags = tags.clone();
    tags.extend(version.map(|version| (TAG.to_owned(), version.clone())));
    tags
}

/// What of the tags changes when a database that was given one version is given another one, or none: what is set, and what is removed.
pub(crate) fn change(live: Option<&String>, asked: Option<&String>) -> (Tags, Vec<String>) {
    match (live, asked) {
        (_, Some(_)) => (among(&Tags::new(), asked), Vec::new()),
        (Some(_), None) => (Tags::new(), vec![TAG.to_owned()]),
        (None, None) => (Tags::new(), Vec::new()),
    }
}

/// A call with the password out of this secret of ours, if there is one, which is filled in as it leaves.
pub(crate) fn into(call: Call, secret: Option<&String>) -> Call {
    match secret {
        Some(arn) => call.secret(SecretMember {
            member: "MasterUserPassword",
            source: SecretSource::Kept {
                arn: arn.clone(),
                key: "password".to_owned(),
            },
        }),
        None => call,
    }
}
