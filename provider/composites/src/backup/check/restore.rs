//! What is wrong with restore tests.

use platform_graph::Problems;

use super::plans::timing;
use super::{composite, names, resources};
use crate::backup::spec::{Backup, RestoreSelection, RestoreTest};
use crate::schema::is_unknown_text;

/// ARNs that a selection of a restore test has at most.
const MOST_ARNS: usize = 30;

pub(super) fn check(spec: &Backup, name: &str, test: &RestoreTest, problems: &mut Problems) {
    let path = ["restore_testing", name];
    super::name(&path[..1], name, problems);
    timing(&path, &test.schedule, test.timezone.as_deref(), problems);
    let vaults = spec.all_vaults();
    for vault in &test.vaults {
        if !is_unknown_text(vault) && !vaults.contains_key(vault) {
            problems.error(
                ["restore_testing", name, "vaults"],
                format!("there is no vault {vault:?}"),
                format!("There is {}.", names(&vaults)),
            );
        }
    }
    if test.recovery_points.is_empty() {
        problems.error(
            ["restore_testing", name, "recovery_points"],
            "no sort of recovery point is tested",
            "Write [\"snapshot\"], [\"continuous\"], or leave it out for both.",
        );
    }
    if test.selections.is_empty() {
        problems.warning(
            ["restore_testing", name, "selections"],
            format!("restore test {name} restores nothing"),
            "Add a selection, for example { databases = { resource_type = \"rds\", composite = \"data-tier/shop\" } }.",
        );
    }
    for (selection, of_selection) in &test.selections {
        super::name(
            &["restore_testing", name, "selections"],
            selection,
            problems,
        );
        self::selection(
            &["restore_testing", name, "selections", selection],
            of_selection,
            problems,
        );
    }
}

fn selection(path: &[&str], selection: &RestoreSelection, problems: &mut Problems) {
    let at = |last: &'static str| -> Vec<&str> { path.iter().copied().chain([last]).collect() };
    if let Some(text) = &selection.composite {
        composite(&at("composite"), text, problems);
    }
    if !selection.resources.is_empty()
        && (selection.composite.is_some() || !selection.tags.is_empty())
    {
        problems.error(
            at("resources"),
            "ARNs beside a composite or tags",
            "AWS takes either: take `resources` out, or `composite` and `tags`.",
        );
    }
    resources(&at("resources"), &selection.resources, MOST_ARNS, problems);
    for (tag, value) in &selection.tags {
        if value.contains('*') {
            problems.error(
                at("tags"),
                format!("{value:?} of tag {tag} is taken as it is"),
                "Restore tests compare whole values: `*` stands for nothing there.",
            );
        }
    }
}
