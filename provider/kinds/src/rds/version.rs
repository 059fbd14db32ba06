//! Engine versions compared by meaning: `17` is every 17.x, and a minor version that AWS has raised is not taken back.
//!
//! A version is a policy: it says which major version, and at least which minor one. AWS upgrades minor versions on its own in
//! the maintenance window, and, when a minor version is retired, even where that is switched off; no version can be lowered.

use std::cmp::Ordering;

use serde_json::Value;

/// What a policy asks of a database that runs some version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Nothing: it runs what the policy asks for, or a later minor version.
    None,
    /// An older major version, which no database can be taken back to.
    Older,
    /// A later minor version of the same major one.
    Minor,
    /// A later major version.
    Major,
}

/// The properties that go into the call that asks for another major version; a parameter group of its family comes with it.
pub(super) const UPGRADE: &[&str] = &[
    "AllowMajorVersionUpgrade",
    "DBClusterParameterGroupName",
    "DBParameterGroupName",
    "EngineVersion",
    "OptionGroupName",
];

/// What leads from a live version to what a policy asks for.
pub fn change(live: &str, policy: &str) -> Change {
    match compare(&major(live), &major(policy)) {
        Ordering::Greater => Change::Older,
        Ordering::Less => Change::Major,
        Ordering::Equal if compare(live, policy) == Ordering::Less => Change::Minor,
        Ordering::Equal => Change::None,
    }
}

/// The same for a part of which these properties differ: no change where the version is not among them or not known.
pub(super) fn change_among(changed: &[&str], live: Option<&str>, policy: Option<&str>) -> Change {
    match (live, policy) {
        (Some(live), Some(policy)) if changed.contains(&"EngineVersion") => change(live, policy),
        _ => Change::None,
    }
}

/// Whether RDS upgrades the read replicas of an instance together with it, as it does for another major version of PostgreSQL.
/// Otherwise all of them have to be upgraded before it:
/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_UpgradeDBInstance.PostgreSQL.html> and
/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_UpgradeDBInstance.MySQL.html>.
///
/// Of the two engines only PostgreSQL has major versions of one piece, so the version tells which one it is.
pub fn takes_replicas_along(live: &str, policy: &str) -> bool {
    change(live, policy) == Change::Major && pieces_of_major(live) == 1
}

/// The version that an instance or cluster shows; the minor version that waits for the maintenance window in its place, where what
/// waits counts as done. Another major version is a thing of its own: parameters of the new family have to come with it.
pub(super) fn shown(item: &Value, waiting_counts: bool) -> Value {
    let live = &item["EngineVersion"];
    let pending = &item["PendingModifiedValues"]["EngineVersion"];
    match (live.as_str(), pending.as_str()) {
        (Some(now), Some(then)) if waiting_counts && major(now) == major(then) => pending.clone(),
        _ => live.clone(),
    }
}

/// The major version that an instance or cluster is about to be upgraded to, where it is what the policy asks for. AWS takes a
/// while until it shows in the status.
pub(super) fn impending<'a>(item: &'a Value, policy: &str) -> Option<&'a str> {
    let live = item["EngineVersion"].as_str()?;
    let pending = item["PendingModifiedValues"]["EngineVersion"].as_str()?;
    (change(live, policy) == Change::Major && satisfies(pending, policy)).then_some(pending)
}

/// The pieces that make the major version: one from PostgreSQL 10 on (`17`), two before and in MySQL (`8.4`).
fn pieces_of_major(version: &str) -> usize {
    let first = version.split('.').next().unwrap_or_default();
    match first.parse::<u32>() {
        Ok(number) if number >= 10 => 1,
        _ => 2,
    }
}

/// The major version: `17` of `17.4`, `8.4` of `8.4.3`, `8.0` of `8.0.mysql_aurora.3.08.0`.
pub fn major(version: &str) -> String {
    let pieces: Vec<&str> = version.split('.').take(pieces_of_major(version)).collect();
    pieces.join(".")
}

/// Whether a live version is what a policy asks for: the same major version, and not below the minor version that is named.
pub fn satisfies(live: &str, policy: &str) -> bool {
    change(live, policy) == Change::None
}

/// Compares piece by piece; a version that stops where the other goes on is the lower one.
pub fn compare(one: &str, other: &str) -> Ordering {
    let (mut one, mut other) = (one.split('.'), other.split('.'));
    loop {
        let (left, right) = match (one.next(), other.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(left), Some(right)) => (left, right),
        };
        let order = match (number(left), number(right)) {
            (Some(left), Some(right)) => left.cmp(&right),
            _ => left.cmp(right),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// The number a piece starts with: `4` of `4-R1`, as versions in extended support are written.
fn number(piece: &str) -> Option<u64> {
    let digits: String = piece.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_mean_what_they_say() {
        for (live, policy, expected) in [
            ("17.4", "17", true),
            ("17.4", "17.4", true),
            ("17.6", "17.4", true),
            ("17.10", "17.9", true),
            ("17.4", "17.6", false),
            ("16.9", "17", false),
            ("18.1", "17", false),
            ("8.4.3", "8.4", true),
            ("8.0.39", "8.4", false),
            ("8.0.40", "8.0.39", true),
            ("8.0.mysql_aurora.3.08.0", "8.0", true),
            ("8.0.mysql_aurora.3.10.0", "8.0.mysql_aurora.3.08.0", true),
            ("8.0.mysql_aurora.3.08.0", "8.0.mysql_aurora.3.10.0", false),
            ("11.22-rds.20240418", "11.22", true),
        ] {
            assert_eq!(satisfies(live, policy), expected, "{live} for {policy}");
        }
    }

    #[test]
    fn only_forward() {
        for (live, policy, expected) in [
            ("17.4", "17", Change::None),
            ("17.6", "17.4", Change::None),
            ("17.4", "17.6", Change::Minor),
            ("17.9", "17.10", Change::Minor),
            ("16.9", "17", Change::Major),
            ("9.6.24", "10", Change::Major),
            ("17.4", "16", Change::Older),
            ("17.4", "16.9", Change::Older),
            ("8.0.43", "8.4", Change::Major),
            ("8.4.6", "8.0", Change::Older),
            (
                "8.0.mysql_aurora.3.08.0",
                "8.0.mysql_aurora.3.10.0",
                Change::Minor,
            ),
            ("5.7.mysql_aurora.2.11.5", "8.0", Change::Major),
            ("5.0.0", "8.0.0", Change::Major),
        ] {
            assert_eq!(change(live, policy), expected, "{live} for {policy}");
        }
    }

    #[test]
    fn replicas_come_along_with_a_major_version_of_postgresql_only() {
        for (live, policy, expected) in [
            ("16.9", "17", true),
            ("17.4", "17.6", false),
            ("8.0.43", "8.4", false),
            ("8.4.5", "8.4.6", false),
        ] {
            assert_eq!(takes_replicas_along(live, policy), expected, "{live}");
        }
    }

    #[test]
    fn what_waits_counts_within_a_major_version() {
        let item = |live: &str, pending: &str| serde_json::json!({ "EngineVersion": live, "PendingModifiedValues": { "EngineVersion": pending } });
        assert_eq!(shown(&item("17.4", "17.6"), true), "17.6");
        assert_eq!(shown(&item("17.4", "17.6"), false), "17.4");
        assert_eq!(shown(&item("16.9", "17.6"), true), "16.9");
        assert_eq!(impending(&item("16.9", "17.6"), "17"), Some("17.6"));
        assert_eq!(impending(&item("16.9", "17.4"), "17.6"), None);
        assert_eq!(impending(&item("17.4", "17.6"), "17.6"), None);
    }

    #[test]
    fn major_versions() {
        for (version, expected) in [
            ("17", "17"),
            ("17.4", "17"),
            ("9.6.24", "9.6"),
            ("8.4.3", "8.4"),
            ("8.0.mysql_aurora.3.08.0", "8.0"),
            ("", ""),
        ] {
            assert_eq!(major(version), expected);
        }
    }
}
