//! What is wrong with a configuration, all of it at once, each at its attribute path.
//!
//! The schema has judged types, forms and ranges before; here is what concerns more than one attribute.

mod audit;
mod plans;
mod restore;
mod vaults;

use std::collections::{BTreeMap, BTreeSet};

use platform_graph::Problems;

use super::frame::{Composed, Frame};
use super::spec::Backup;
use crate::schema::is_unknown_text;
use crate::tags;

/// The longest name of a vault, a plan and so on: the composite's name before it and a hyphen make 50 characters with it at most.
const LONGEST_NAME: usize = 24;

/// Composites that own nothing that AWS Backup can back up.
const NOTHING_TO_BACK_UP: [&str; 3] = ["platform_backup", "platform_network", "platform_secrets"];

/// Finds everything that is wrong with the configuration alone.
pub(super) fn check(spec: &Backup, problems: &mut Problems) {
    tags::check(&["tags"], &spec.tags, tags::MOST, problems);
    for (name, vault) in &spec.vaults {
        vaults::check(spec, name, vault, problems);
    }
    for (name, plan) in &spec.plans {
        plans::check(spec, name, plan, problems);
    }
    for (name, test) in &spec.restore_testing {
        restore::check(spec, name, test, problems);
    }
    audit::check(spec, problems);
    if let Some(arn) = &spec.iam_role_arn
        && !is_arn_of(arn, "iam")
    {
        problems.error(
            ["iam_role_arn"],
            format!("{arn:?} is not the ARN of a role"),
            "It looks like arn:aws:iam::123456789012:role/backup.",
        );
    }
    if let Some(alarms) = &spec.alarms {
        topic(&["alarms", "topic_arn"], &alarms.topic_arn, problems);
    }
    for account in &spec.encryption.accounts {
        if !is_unknown_text(account) && !is_account(account) {
            problems.error(
                ["encryption", "accounts"],
                format!("{account:?} is not the id of an account"),
                "An account has 12 digits.",
            );
        }
    }
}

/// Finds copies that would go into the vault that they come from, which takes an account and a region to see.
pub(super) fn copies(frame: &Frame<'_>, problems: &mut Problems) {
    for (plan, of_plan) in &frame.spec.plans {
        for (name, rule) in &of_plan.rules {
            let Some(vault) = frame.spec.vault_of(rule) else {
                continue;
            };
            for (copy, of_copy) in &rule.copy_to {
                if of_copy.vault_arn == frame.vault_arn(&vault) {
                    problems.error(
                        ["plans", plan, "rules", name, "copy_to", copy, "vault_arn"],
                        format!("the backup is in vault {vault} already"),
                        "A copy goes into a vault elsewhere: in another region, in another account, or both.",
                    );
                }
            }
        }
    }
}

/// Whether a value that decides which parts there are is not known yet.
pub(super) fn is_open(spec: &Backup) -> bool {
    let rules = spec.plans.values().flat_map(|plan| plan.rules.values());
    let selections = spec
        .plans
        .values()
        .flat_map(|plan| plan.selections.values());
    let tests = spec.restore_testing.values();
    rules
        .filter_map(|rule| rule.vault.as_ref())
        .chain(selections.flat_map(|selection| &selection.composites))
        .chain(tests.flat_map(|test| &test.vaults))
        .chain([&spec.name])
        .chain(&spec.region)
        .any(|text| is_unknown_text(text))
}

/// Judges a name in the map at `path`: it becomes part of names in AWS.
fn name(path: &[&str], name: &str, problems: &mut Problems) {
    let inside = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let sound = name.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.ends_with('-')
        && !name.contains("--")
        && name.chars().all(inside)
        && name.len() <= LONGEST_NAME;
    if !sound {
        problems.error(
            path.iter().copied().chain([name]),
            format!("{name:?} can't be a name here"),
            format!(
                "A name has 1 to {LONGEST_NAME} lowercase letters, digits and single hyphens, starts with a letter and does not end with a hyphen: it becomes part of names in AWS."
            ),
        );
    }
}

/// Judges a composite as a selection names it.
fn composite(path: &[&str], text: &str, problems: &mut Problems) {
    if is_unknown_text(text) {
        return;
    }
    let sorts = || {
        let sorts: Vec<String> = crate::schema::all()
            .iter()
            .filter(|def| !NOTHING_TO_BACK_UP.contains(&def.name))
            .map(|def| def.name.trim_start_matches("platform_").replace('_', "-"))
            .collect();
        format!("Sorts that own something to back up: {}.", sorts.join(", "))
    };
    let Some(composite) = Composed::parse(text) else {
        problems.error(
            path.iter().copied(),
            format!("{text:?} names no composite"),
            format!("It looks like data-tier/shop: sort and name. {}", sorts()),
        );
        return;
    };
    let type_name = composite.type_name();
    let owns = crate::schema::all()
        .iter()
        .any(|def| def.name == type_name && !NOTHING_TO_BACK_UP.contains(&def.name));
    if !owns {
        problems.error(
            path.iter().copied(),
            format!("a {type_name} owns nothing that AWS Backup can back up"),
            sorts(),
        );
    }
}

fn topic(path: &[&str], arn: &str, problems: &mut Problems) {
    if !is_arn_of(arn, "sns") {
        problems.error(
            path.iter().copied(),
            format!("{arn:?} is not the ARN of an SNS topic"),
            "It looks like arn:aws:sns:eu-central-1:123456789012:on-call.",
        );
    }
}

/// Judges a list of ARNs in which `*` may stand for something.
fn resources(path: &[&str], arns: &BTreeSet<String>, most: usize, problems: &mut Problems) {
    const MOST_PATTERNS: usize = 30;
    for arn in arns {
        if arn != "*" && !is_unknown_text(arn) && !is_arn(arn) {
            problems.error(
                path.iter().copied(),
                format!("{arn:?} is no ARN"),
                "It looks like arn:aws:dynamodb:*:*:table/shop-carts; `*` stands for any region, any account, or any end.",
            );
        }
    }
    let patterns = arns.iter().filter(|arn| arn.contains('*')).count();
    let most = if patterns > 0 { MOST_PATTERNS } else { most };
    if arns.len() > most {
        problems.error(
            path.iter().copied(),
            format!("{} ARNs are more than AWS Backup takes", arns.len()),
            if patterns > 0 {
                format!("With a `*` in one of them it takes {most}: select by tags, or in several selections.")
            } else {
                format!("It takes {most}: select by tags, or in several selections.")
            },
        );
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a text has the six pieces of an ARN.
fn is_arn(text: &str) -> bool {
    text.starts_with("arn:") && text.splitn(6, ':').count() == 6
}

/// Whether a text is the ARN of something of a service, or not known yet.
fn is_arn_of(text: &str, service: &str) -> bool {
    is_unknown_text(text) || (is_arn(text) && text.split(':').nth(2) == Some(service))
}

/// Whether a text is a JSON object, or not known yet.
fn is_document(text: &str) -> bool {
    is_unknown_text(text)
        || serde_json::from_str::<serde_json::Value>(text).is_ok_and(|value| value.is_object())
}

/// Names of a map, for a message.
fn names<T>(map: &BTreeMap<String, T>) -> String {
    map.keys()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ")
}
