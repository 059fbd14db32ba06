//! What is wrong with vaults.

use platform_graph::Problems;

use super::{is_account, is_arn, is_arn_of, is_document, topic};
use crate::backup::spec::{Backup, Lock, LockMode, Vault};
use crate::backup::vaults::is_organization;
use crate::schema::is_unknown_text;

pub(super) fn check(spec: &Backup, name: &str, vault: &Vault, problems: &mut Problems) {
    super::name(&["vaults"], name, problems);
    let at = |last: &'static str| ["vaults", name, last];
    if let Some(arn) = &vault.kms_key_arn
        && !is_arn_of(arn, "kms")
    {
        problems.error(
            at("kms_key_arn"),
            format!("{arn:?} is not the ARN of a key"),
            "It looks like arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab.",
        );
    }
    if let Some(region) = &spec.region
        && let Some(arn) = &vault.kms_key_arn
        && !is_unknown_text(arn)
        && !is_unknown_text(region)
        && is_arn_of(arn, "kms")
        && arn.split(':').nth(3) != Some(region)
    {
        problems.error(
            at("kms_key_arn"),
            format!("the key is not in {region}"),
            "A vault is encrypted with a key of its own region.",
        );
    }
    if let Some(lock) = &vault.lock {
        self::lock(name, lock, problems);
    }
    policy(name, vault, problems);
    if let Some(told) = &vault.notifications {
        topic(
            &["vaults", name, "notifications", "topic_arn"],
            &told.topic_arn,
            problems,
        );
        if told.events.is_empty() {
            problems.error(
                ["vaults", name, "notifications", "events"],
                "no event is told",
                "Name some, leave `events` out for those that matter, or take `notifications` out.",
            );
        }
    }
}

fn lock(name: &str, lock: &Lock, problems: &mut Problems) {
    let at = |last: &'static str| ["vaults", name, "lock", last];
    if let Some(most) = lock.max_retention_days
        && most < lock.min_retention_days
    {
        problems.error(
            at("max_retention_days"),
            format!(
                "at most {most} days are fewer than at least {}",
                lock.min_retention_days
            ),
            "No backup fits both. Raise it, or lower `min_retention_days`.",
        );
    }
    match (lock.mode, lock.changeable_for_days) {
        (LockMode::Compliance, None) => problems.error(
            at("changeable_for_days"),
            "nothing says when the lock becomes irrevocable",
            "Write in how many days, 3 at least: until then a mistake can be undone.",
        ),
        (LockMode::Governance, Some(_)) => problems.error(
            at("changeable_for_days"),
            "a lock in governance mode can always be changed",
            "AWS makes a lock with this number irrevocable when the days are over. Take it out, or choose `mode = \"compliance\"`.",
        ),
        _ => {}
    }
    if lock.mode == LockMode::Compliance && !lock.accept_irreversible {
        problems.error(
            at("accept_irreversible"),
            "a lock in compliance mode can't be undone",
            "Once `changeable_for_days` are over, nobody can lift it, neither the root user nor AWS: recovery points stay, and are charged, until \
             each has reached its end, and the vault can't be deleted before. If that is wanted, write `accept_irreversible = true`; if not, \
             `mode = \"governance\"`.",
        );
    }
}

fn policy(name: &str, vault: &Vault, problems: &mut Problems) {
    let at = |last: &'static str| ["vaults", name, last];
    if let Some(text) = &vault.access_policy {
        if !is_document(text) {
            problems.error(
                at("access_policy"),
                "it is no policy document",
                "Write it with jsonencode({ Version = \"2012-10-17\", Statement = [...] }).",
            );
        }
        for (argument, said) in [
            ("copies_from", !vault.copies_from.is_empty()),
            ("deletion_roles", !vault.deletion_roles.is_empty()),
        ] {
            if said {
                problems.error(
                    at(argument),
                    "the access policy says it already",
                    "A vault has one policy: say it there, or take `access_policy` out.",
                );
            }
        }
    }
    if !vault.deny_delete && !vault.deletion_roles.is_empty() {
        problems.error(
            at("deletion_roles"),
            "everybody may delete as it is",
            "Roles are exempt from what `deny_delete` denies: take it out, or these.",
        );
    }
    for role in &vault.deletion_roles {
        if !(is_unknown_text(role) || is_arn(role) && is_arn_of(role, "iam")) {
            problems.error(
                at("deletion_roles"),
                format!("{role:?} is not the ARN of a role"),
                "It looks like arn:aws:iam::123456789012:role/break-glass.",
            );
        }
    }
    for giver in &vault.copies_from {
        if !is_unknown_text(giver) && !is_account(giver) && !is_organization(giver) {
            problems.error(
                at("copies_from"),
                format!("{giver:?} is neither an account nor an organization"),
                "An account has 12 digits, an organization an id like o-a1b2c3d4e5.",
            );
        }
    }
}
