//! What is wrong with a bucket.

use platform_graph::Problems;

use super::super::check::Checks;
use super::super::spec::{Bucket, BucketEncryption, BucketLifecycle, DataTier};
use super::{LONGEST_NAME, policy, receivers};
use crate::schema::is_unknown_text;

/// Days that objects stay in Standard-IA at least before they move on.
const LEAST_DAYS_IN_IA: u32 = 30;

pub(in super::super) fn check(
    name: &str,
    store: &Bucket,
    frame: &Checks<'_>,
    problems: &mut Problems,
) {
    let at = |more: &[&str]| -> Vec<String> {
        ["buckets", name]
            .iter()
            .chain(more)
            .map(|step| (*step).to_owned())
            .collect()
    };
    if let Some(bucket_name) = store
        .bucket_name
        .as_ref()
        .filter(|name| !is_unknown_text(name))
        && !is_name(bucket_name)
    {
        problems.error(
            at(&["bucket_name"]),
            format!("{bucket_name:?} can't be the name of a bucket"),
            "A name has 3 to 63 lowercase letters, digits, hyphens and dots, begins and ends with a letter or digit, and is no IP address.",
        );
    }
    if store.transfer_acceleration
        && store
            .bucket_name
            .as_ref()
            .is_some_and(|name| name.contains('.'))
    {
        problems.error(
            at(&["transfer_acceleration"]),
            "a bucket with dots in its name can't be accelerated",
            "Choose a name without dots, or leave it out.",
        );
    }
    if store.object_lock.is_some() && !store.versioning {
        problems.error(
            at(&["object_lock"]),
            "it is versions that are locked",
            "Set `versioning = true`, or leave the lock out.",
        );
    }
    check_lifecycle(&store.lifecycle, &at, problems);
    if let Some(statements) = store
        .policy_statements
        .as_ref()
        .filter(|text| !is_unknown_text(text))
        && let Err(why) = policy::parse_statements(statements)
    {
        problems.error(
            at(&["policy_statements"]),
            format!("these are no statements of a policy: {why}"),
            "Write jsonencode([{ Effect = ..., Principal = ..., Action = ..., Resource = ... }]).",
        );
    }
    if let Some(logs) = &store.access_logs {
        match (&logs.bucket, &logs.external_bucket) {
            (Some(target), None) => {
                check_target(
                    frame.spec,
                    name,
                    target,
                    at(&["access_logs", "bucket"]),
                    problems,
                );
            }
            (None, Some(_)) => {}
            _ => problems.error(
                at(&["access_logs"]),
                "it is not clear where the logs go",
                "Name either `bucket`, one of this data tier, or `external_bucket`.",
            ),
        }
    }
    if let Some(inventory) = &store.inventory {
        check_target(
            frame.spec,
            name,
            &inventory.bucket,
            at(&["inventory", "bucket"]),
            problems,
        );
    }
    for (rule, cors) in store.cors.iter().enumerate() {
        for method in &cors.allowed_methods {
            if !["GET", "HEAD", "PUT", "POST", "DELETE"].contains(&method.as_str())
                && !is_unknown_text(method)
            {
                problems.error(
                    at(&["cors", &rule.to_string(), "allowed_methods"]),
                    format!("{method:?} is no method of S3"),
                    "Methods are GET, HEAD, PUT, POST and DELETE, in capitals.",
                );
            }
        }
    }
    for (list, service, receivers) in receivers(store) {
        for (receiver, spec) in receivers {
            let fits = is_unknown_text(&spec.arn)
                || (spec.arn.starts_with("arn:") && spec.arn.split(':').nth(2) == Some(service));
            if !fits {
                problems.error(
                    at(&["event_notifications", list, receiver, "arn"]),
                    format!("{:?} is not the ARN of one of the {list}", spec.arn),
                    format!("It begins with arn:aws:{service}:."),
                );
            }
        }
    }
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>
fn is_name(name: &str) -> bool {
    let end = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    (3..=LONGEST_NAME).contains(&name.len())
        && name.chars().all(|c| end(c) || c == '-' || c == '.')
        && name.starts_with(end)
        && name.ends_with(end)
        && !name.contains("..")
        && name.parse::<std::net::Ipv4Addr>().is_err()
}

fn check_lifecycle(
    lifecycle: &BucketLifecycle,
    at: &dyn Fn(&[&str]) -> Vec<String>,
    problems: &mut Problems,
) {
    if lifecycle.infrequent_access_days.is_some() && lifecycle.intelligent_tiering.is_some() {
        problems.error(
            at(&["lifecycle", "infrequent_access_days"]),
            "Intelligent-Tiering moves objects to infrequent access by itself",
            "Leave out one of the two.",
        );
    }
    if let Some(tiering) = &lifecycle.intelligent_tiering
        && let (Some(archive), Some(deep)) = (tiering.archive_days, tiering.deep_archive_days)
        && deep <= archive
    {
        problems.error(
            at(&["lifecycle", "intelligent_tiering", "deep_archive_days"]),
            "objects move to Deep Archive Access later than to Archive Access",
            format!("Say more than {archive} days."),
        );
    }
    let mut last: Option<(&str, u32)> = None;
    for (attribute, days) in [
        ("infrequent_access_days", lifecycle.infrequent_access_days),
        ("glacier_days", lifecycle.glacier_days),
        ("deep_archive_days", lifecycle.deep_archive_days),
        ("expire_days", lifecycle.expire_days),
    ] {
        let Some(days) = days else { continue };
        if let Some((before, earlier)) = last {
            // Whoever expires objects may do so right after a move.
            let least = match before {
                "infrequent_access_days" if attribute != "expire_days" => {
                    earlier + LEAST_DAYS_IN_IA
                }
                _ => earlier + 1,
            };
            if days < least {
                problems.error(
                    at(&["lifecycle", attribute]),
                    format!("{attribute} = {days} comes too early after {before} = {earlier}"),
                    format!("Say at least {least}."),
                );
            }
        }
        last = Some((attribute, days));
    }
    if lifecycle.noncurrent_versions.is_some() && lifecycle.noncurrent_days == 0 {
        problems.error(
            at(&["lifecycle", "noncurrent_versions"]),
            "it says how many old versions outlive `noncurrent_days`, and they are kept for ever",
            "Set `noncurrent_days`, or leave it out.",
        );
    }
}

/// Judges a bucket of the tier that is to take logs or inventories of another one.
fn check_target(tier: &DataTier, from: &str, to: &str, path: Vec<String>, problems: &mut Problems) {
    if is_unknown_text(to) {
        return;
    }
    let Some(target) = tier.buckets.get(to) else {
        problems.error(
            path,
            format!("the data tier has no bucket {to:?}"),
            format!(
                "It has {}.",
                tier.buckets
                    .keys()
                    .map(String::as_str)
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
        );
        return;
    };
    let complaint = if from == to {
        Some("a bucket does not log into itself: every log would be logged")
    } else if target.encryption != BucketEncryption::S3 {
        Some("S3 can't deliver into a bucket with a customer-managed key")
    } else if target.object_lock.is_some() {
        Some("S3 can't deliver logs into a bucket that locks every object")
    } else if target.access_logs.is_some() || target.inventory.is_some() {
        Some("a bucket that takes logs or lists of others sends none itself")
    } else {
        None
    };
    if let Some(complaint) = complaint {
        problems.error(
            path,
            format!("bucket {to} can't take this: {complaint}"),
            format!("Use another bucket with `encryption = \"s3\"`, or change bucket {to}."),
        );
    }
}
