//! What AWS would not say when it is told, but by backups that are missing later.

use std::collections::BTreeSet;

use platform_graph::{Call, Problems};
use serde_json::Value;

use super::frame::Frame;
use super::plans::Cut;
use super::spec::{Backup, LockMode, Selection};
use super::{plan_address, vault_address};
use crate::Question;

const REGION_SETTINGS: &str = "region-settings";

/// Types of what composites own and AWS Backup can back up.
const OWNED: [&str; 6] = ["Aurora", "DocumentDB", "DynamoDB", "EFS", "RDS", "S3"];
/// Types that are backed up only where they are switched on, however they are selected.
const ALWAYS_ASKED: [&str; 3] = ["Aurora", "DocumentDB", "Neptune"];

pub(super) fn questions(spec: &Backup) -> Vec<Question> {
    if spec.plans.is_empty() {
        return Vec::new();
    }
    vec![Question {
        key: REGION_SETTINGS.into(),
        call: Call::new("backup", "DescribeRegionSettings"),
        required: false,
    }]
}

pub(super) fn preflight(
    frame: &Frame<'_>,
    creates: &dyn Fn(&str) -> bool,
    problems: &mut Problems,
) {
    irreversible(frame.spec, creates, problems);
    switched_off(frame, creates, problems);
    shared_key(frame, creates, problems);
}

/// Says once more what can't be undone, when it is about to be done.
fn irreversible(spec: &Backup, creates: &dyn Fn(&str) -> bool, problems: &mut Problems) {
    for (name, vault) in &spec.vaults {
        let Some(lock) = &vault.lock else { continue };
        if lock.mode == LockMode::Compliance && creates(&vault_address(name)) {
            problems.warning(
                ["vaults", name, "lock"],
                format!("vault {name} is locked for good in {} days", lock.changeable_for_days.unwrap_or_default()),
                "From then on nobody can lift or change the lock, and no recovery point is deleted before its time: not by the root user, not \
                 by AWS. Until then, a change of this configuration can.",
            );
        }
    }
}

/// Types that the account did not switch on: what a selection finds by tags is left out then, and nobody says so.
/// <https://docs.aws.amazon.com/aws-backup/latest/devguide/assigning-resources.html>
fn switched_off(frame: &Frame<'_>, creates: &dyn Fn(&str) -> bool, problems: &mut Problems) {
    let answer = frame.setting.answers.get(REGION_SETTINGS);
    let Some(types) = answer
        .and_then(|answer| answer.get("ResourceTypeOptInPreference"))
        .and_then(Value::as_object)
    else {
        return;
    };
    let off: BTreeSet<&str> = types
        .iter()
        .filter(|(_, on)| **on == Value::Bool(false))
        .map(|(name, _)| name.as_str())
        .collect();
    for (plan, spec) in &frame.spec.plans {
        for (name, selection) in &spec.selections {
            let is_new = Cut::of(name, selection).iter().any(|part| {
                creates(&format!(
                    "{}/selection/{}",
                    plan_address(plan),
                    part.address
                ))
            });
            let missed: Vec<&str> = off
                .iter()
                .copied()
                .filter(|name| is_missed(selection, name))
                .collect();
            if is_new && !missed.is_empty() {
                let preferences: Vec<String> =
                    missed.iter().map(|name| format!("{name}=true")).collect();
                problems.warning(
                    ["plans", plan, "selections", name],
                    format!("AWS Backup leaves out {} here", missed.join(", ")),
                    format!(
                        "These types of resources are switched off for the account in {}, and what is of them is not backed up, without a word. \
                         Switch on what is to be backed up: aws backup update-region-settings --resource-type-opt-in-preference {}",
                        frame.setting.owner.region,
                        preferences.join(",")
                    ),
                );
            }
        }
    }
}

/// Whether a selection may find resources of a type, and misses them where the type is switched off.
fn is_missed(selection: &Selection, name: &str) -> bool {
    let names_no_type = selection.resources.is_empty() || selection.resources.contains("*");
    let may_own = selection.composites.is_empty() || OWNED.contains(&name);
    let names_clusters = selection
        .resources
        .iter()
        .any(|arn| arn.contains(":rds:") && arn.contains(":cluster"));
    may_own && (names_no_type || (ALWAYS_ASKED.contains(&name) && names_clusters))
}

/// Accounts that get copies, and may not use the key with which these are encrypted.
fn shared_key(frame: &Frame<'_>, creates: &dyn Fn(&str) -> bool, problems: &mut Problems) {
    let spec = frame.spec;
    for (plan, of_plan) in &spec.plans {
        for (name, rule) in &of_plan.rules {
            let vault = spec.vault_of(rule).and_then(|name| spec.vaults.get(&name));
            if vault.is_some_and(|vault| vault.kms_key_arn.is_some())
                || !creates(&plan_address(plan))
            {
                continue;
            }
            for (copy, of_copy) in &rule.copy_to {
                let Some(account) = of_copy.vault_arn.split(':').nth(4) else {
                    continue;
                };
                let is_foreign = account.len() == 12 && account != frame.setting.account;
                if is_foreign && !spec.encryption.accounts.contains(account) {
                    problems.warning(
                        ["plans", plan, "rules", name, "copy_to", copy, "vault_arn"],
                        format!("account {account} may not use the key of these vaults"),
                        format!(
                            "Copies of what AWS Backup encrypts itself fail then: add \"{account}\" to `encryption.accounts`. Stores with keys of their \
                             own need the same there."
                        ),
                    );
                }
            }
        }
    }
}
