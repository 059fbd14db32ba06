//! What is wrong with the framework and with reports.

use platform_graph::Problems;

use super::is_account;
use crate::backup::audit::CONTROLS;
use crate::backup::spec::{Backup, Control, Report};
use crate::schema::is_unknown_text;

pub(super) fn check(spec: &Backup, problems: &mut Problems) {
    for (name, control) in spec
        .framework
        .iter()
        .flat_map(|framework| &framework.controls)
    {
        self::control(name, control, problems);
    }
    for (name, report) in &spec.reports {
        self::report(spec, name, report, problems);
    }
}

fn control(name: &str, control: &Control, problems: &mut Problems) {
    let at = |last: &'static str| ["framework", "controls", name, last];
    match CONTROLS.iter().find(|(known, _)| *known == name) {
        None => {
            let known: Vec<&str> = CONTROLS.iter().map(|(name, _)| *name).collect();
            problems.warning(
                ["framework", "controls", name],
                format!("{name} is no control that is known here"),
                format!(
                    "AWS may have it all the same. Known are: {}.",
                    known.join(", ")
                ),
            );
        }
        Some((_, known)) => {
            for parameter in control.parameters.keys() {
                if !known.contains(&parameter.as_str()) {
                    problems.error(
                        at("parameters"),
                        format!("{name} has no parameter {parameter}"),
                        match known {
                            [] => "It has none.".to_owned(),
                            known => format!("It has {}.", known.join(", ")),
                        },
                    );
                }
            }
        }
    }
    if control.tags.len() > 1 {
        problems.error(
            at("tags"),
            "a control judges by one tag at most",
            "Keep one of them.",
        );
    }
    if control.resource_id.is_some() && control.resource_types.len() != 1 {
        problems.error(
            at("resource_id"),
            "nothing says what sort of resource it is",
            "Write its type, and no other, into `resource_types`.",
        );
    }
}

fn report(spec: &Backup, name: &str, report: &Report, problems: &mut Problems) {
    super::name(&["reports"], name, problems);
    let at = |last: &'static str| ["reports", name, last];
    if report.template.needs_framework() && spec.framework.is_none() {
        problems.error(
            at("template"),
            "there is no framework to report on",
            "Add `framework = {}`, or report on jobs.",
        );
    }
    let inside = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.');
    let is_bucket = (3..=63).contains(&report.bucket.len()) && report.bucket.chars().all(inside);
    if !is_unknown_text(&report.bucket) && !is_bucket {
        problems.error(
            at("bucket"),
            format!("{:?} is not the name of a bucket", report.bucket),
            "Write its name, without s3:// and without a path.",
        );
    }
    if report.formats.is_empty() {
        problems.error(
            at("formats"),
            "it has no format",
            "Write [\"csv\"], [\"json\"], or both.",
        );
    }
    for account in &report.accounts {
        if !is_unknown_text(account) && !is_account(account) && account != "ROOT" {
            problems.error(
                at("accounts"),
                format!("{account:?} is not the id of an account"),
                "An account has 12 digits; ROOT is the whole organization.",
            );
        }
    }
    for unit in &report.organization_units {
        if !is_unknown_text(unit) && !unit.starts_with("ou-") {
            problems.error(
                at("organization_units"),
                format!("{unit:?} is not the id of an organizational unit"),
                "It looks like ou-ab12-cdef3456.",
            );
        }
    }
}
