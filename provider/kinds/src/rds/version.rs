//! Engine versions compared by meaning: `17` is every 17.x, and a minor version that AWS has raised is not taken back.
//!
//! A version is a policy: it says which major version, and at least which minor one. AWS upgrades minor versions on its own in
//! the maintenance window, and, when a minor version is retired, even where that is switched off; no version can be lowered.

use std::cmp::Ordering;

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
    major(live) == major(policy) && compare(live, policy) != Ordering::Less
}

/// Compares piece by piece; a version that stops where the other goes on is the lower one.
fn compare(one: &str, other: &str) -> Ordering {
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
