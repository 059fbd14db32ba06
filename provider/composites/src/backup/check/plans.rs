//! What is wrong with plans.

use platform_graph::Problems;

use super::{composite, is_arn_of, names, resources};
use crate::backup::frame::Retention;
use crate::backup::plans::Cut;
use crate::backup::schedule;
use crate::backup::spec::{Backup, Lock, Plan, Rule, Selection};
use crate::schema::is_unknown_text;

/// Days that a backup stays in cold storage at least.
const COLD_DAYS: u32 = 90;
/// Days for which a continuous backup is kept at most.
const CONTINUOUS_DAYS: u32 = 35;
/// The longest name that AWS takes for a rule and a selection.
const LONGEST_IN_AWS: usize = 50;

pub(super) fn check(spec: &Backup, name: &str, plan: &Plan, problems: &mut Problems) {
    super::name(&["plans"], name, problems);
    for (rule, of_rule) in &plan.all_rules() {
        super::name(&["plans", name, "rules"], rule, problems);
        self::rule(spec, &["plans", name, "rules", rule], of_rule, problems);
    }
    if plan.selections.is_empty() {
        problems.warning(
            ["plans", name, "selections"],
            format!("plan {name} backs up nothing"),
            "Add a selection, for example { stores = { composites = [\"data-tier/shop\"] } }.",
        );
    }
    for (selection, of_selection) in &plan.selections {
        super::name(&["plans", name, "selections"], selection, problems);
        self::selection(
            &["plans", name, "selections", selection],
            selection,
            of_selection,
            problems,
        );
    }
}

/// Judges a schedule and its time zone.
pub(super) fn timing(path: &[&str], text: &str, timezone: Option<&str>, problems: &mut Problems) {
    if !is_unknown_text(text)
        && let Err(why) = schedule::check(text)
    {
        problems.error(
            path.iter().copied().chain(["schedule"]),
            format!("{text:?} is no schedule"),
            format!("As it is, {why}."),
        );
    }
    if let Some(zone) = timezone
        && !is_unknown_text(zone)
        && !schedule::is_timezone(zone)
    {
        problems.error(
            path.iter().copied().chain(["timezone"]),
            format!("{zone:?} is no time zone"),
            "Time zones have names like Europe/Berlin or Etc/UTC.",
        );
    }
}

fn rule(spec: &Backup, path: &[&str], rule: &Rule, problems: &mut Problems) {
    let at = |last: &'static str| path.iter().copied().chain([last]);
    timing(path, &rule.schedule, rule.timezone.as_deref(), problems);
    let vaults = spec.all_vaults();
    let vault = spec.vault_of(rule);
    match &vault {
        None => problems.error(
            at("vault"),
            "it is not clear in which vault backups are kept",
            format!("Name one of {}.", names(&vaults)),
        ),
        Some(name) if !is_unknown_text(name) && !vaults.contains_key(name) => problems.error(
            at("vault"),
            format!("there is no vault {name:?}"),
            format!("There is {}.", names(&vaults)),
        ),
        Some(_) => {}
    }
    let kept = Retention::of_rule(rule);
    if rule.continuous {
        continuous(path, rule, kept, problems);
    } else {
        lifecycle(path, rule.cold_after_days, kept, problems);
    }
    let lock = vault.and_then(|name| Some((vaults.get(&name)?.lock.clone()?, name)));
    if let Some((lock, name)) = lock {
        locked(path, &lock, &name, kept, problems);
    }
    if rule.archive_snapshots && rule.cold_after_days.is_none() {
        problems.error(
            at("archive_snapshots"),
            "nothing says when snapshots move there",
            "Set `cold_after_days`, or take `archive_snapshots` out.",
        );
    }
    for (copy, of_copy) in &rule.copy_to {
        let path: Vec<&str> = path.iter().copied().chain(["copy_to", copy]).collect();
        super::name(&path[..path.len() - 1], copy, problems);
        let arn = &of_copy.vault_arn;
        let is_vault =
            is_arn_of(arn, "backup") && (is_unknown_text(arn) || arn.contains(":backup-vault:"));
        if !is_vault {
            problems.error(
                path.iter().copied().chain(["vault_arn"]),
                format!("{arn:?} is not the ARN of a vault"),
                "It looks like arn:aws:backup:eu-west-1:123456789012:backup-vault:shop-main. The output vault_arns of another platform_backup has them.",
            );
        }
        let copied = Retention::of_copy(rule, of_copy.delete_after_days);
        lifecycle(&path, of_copy.cold_after_days, copied, problems);
        if copied == Retention::Ever && kept != Retention::Ever {
            problems.error(
                path.iter().copied().chain(["delete_after_days"]),
                "a copy is not kept for ever when the backup is not",
                "AWS gives a copy without an end the end of the backup that it is of. Write a number: 36500 days are 100 years.",
            );
        }
    }
}

/// Judges when a backup moves and ends. Both the rule and its copies have such days, under the same names.
fn lifecycle(path: &[&str], cold: Option<u32>, kept: Retention, problems: &mut Problems) {
    let (Some(cold), Some(days)) = (cold, kept.days()) else {
        return;
    };
    let least = cold.saturating_add(COLD_DAYS);
    if days < least {
        problems.error(
            path.iter().copied().chain(["delete_after_days"]),
            format!("kept for {days} days, it would leave cold storage too early"),
            format!(
                "It moves there after {cold} days and stays {COLD_DAYS} at least: keep it for {least} days or longer, or take `cold_after_days` out."
            ),
        );
    }
}

fn continuous(path: &[&str], rule: &Rule, kept: Retention, problems: &mut Problems) {
    let at = |last: &'static str| path.iter().copied().chain([last]);
    if kept.days().is_none_or(|days| days > CONTINUOUS_DAYS) {
        problems.error(
            at("delete_after_days"),
            format!("continuous backups are kept for {CONTINUOUS_DAYS} days at most"),
            "Write as many or fewer. What is to be kept longer is a rule of its own, without `continuous`.",
        );
    }
    if rule.cold_after_days.is_some() {
        problems.error(
            at("cold_after_days"),
            "continuous backups do not move to cold storage",
            "Take it out, or `continuous`.",
        );
    }
}

/// Judges by the lock of the vault for how long a backup is kept: AWS would take the plan, and fail every job.
fn locked(path: &[&str], lock: &Lock, vault: &str, kept: Retention, problems: &mut Problems) {
    let at = || path.iter().copied().chain(["delete_after_days"]);
    if let Some(days) = kept.days()
        && days < lock.min_retention_days
    {
        problems.error(
            at(),
            format!("vault {vault} takes no backup that is kept for {days} days"),
            format!(
                "Its lock wants {} days at least, and AWS would fail every job of this rule. Keep backups longer, or lower `min_retention_days` of the lock.",
                lock.min_retention_days
            ),
        );
    }
    if let Some(most) = lock.max_retention_days
        && kept.days().is_none_or(|days| days > most)
    {
        let how_long = match kept.days() {
            Some(days) => format!("for {days} days"),
            None => "for ever".to_owned(),
        };
        problems.error(
            at(),
            format!("vault {vault} takes no backup that is kept {how_long}"),
            format!(
                "Its lock wants {most} days at most, and AWS would fail every job of this rule. Keep backups shorter, or raise `max_retention_days` of the lock."
            ),
        );
    }
}

fn selection(path: &[&str], name: &str, selection: &Selection, problems: &mut Problems) {
    const MOST_ARNS: usize = 500;
    let at = |last: &'static str| -> Vec<&str> { path.iter().copied().chain([last]).collect() };
    if selection.composites.is_empty()
        && selection.tags.is_empty()
        && selection.resources.is_empty()
    {
        problems.error(
            path.iter().copied(),
            "it says nothing of what is backed up",
            "Name `composites`, `tags` or `resources`; `resources = [\"*\"]` is everything that AWS Backup knows in this region.",
        );
    }
    for text in &selection.composites {
        composite(&at("composites"), text, problems);
    }
    for part in Cut::of(name, selection) {
        if part.name.len() > LONGEST_IN_AWS {
            problems.error(
                path.iter().copied(),
                format!("{} is too long a name for AWS", part.name),
                format!("A selection is named after itself and its composite, with {LONGEST_IN_AWS} characters at most: give it a shorter name."),
            );
        }
    }
    resources(&at("resources"), &selection.resources, MOST_ARNS, problems);
    resources(
        &at("not_resources"),
        &selection.not_resources,
        MOST_ARNS,
        problems,
    );
    if selection.not_resources.contains("*") {
        problems.error(
            at("not_resources"),
            "everything is left out",
            "Name what is not to be backed up.",
        );
    }
}
