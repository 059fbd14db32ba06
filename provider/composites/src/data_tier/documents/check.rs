//! What is wrong with a document database.

use platform_graph::Problems;

use super::super::check::{self, Checks};
use super::super::spec::{DocumentCapacity, DocumentPassword, Documents};
use super::{SORT, global, password};
use crate::log_retention;
use crate::schema::is_unknown_text;

/// Parameters that have an argument of their own.
const OWN_PARAMETERS: [&str; 5] = [
    "audit_logs",
    "profiler",
    "profiler_sampling_rate",
    "profiler_threshold_ms",
    "tls",
];

/// Finds what is wrong with it.
pub(in super::super) fn check(
    name: &str,
    spec: &Documents,
    frame: &Checks<'_>,
    problems: &mut Problems,
) {
    let path = ["documents", name];
    let at = |more: &[&str]| -> Vec<String> {
        path.iter()
            .chain(more)
            .map(|step| (*step).to_owned())
            .collect()
    };
    frame.networked(
        &path,
        spec.tier.as_deref(),
        spec.access_from.as_ref(),
        problems,
    );
    zones(name, spec, frame, problems);
    check::windows(
        check::LEAST_WINDOW,
        (at(&["backup_window"]), spec.backup_window.as_deref()),
        (
            at(&["maintenance_window"]),
            spec.maintenance_window.as_deref(),
        ),
        problems,
    );
    if spec.serverless.is_some() && spec.instance_class.is_some() {
        problems.error(
            at(&["instance_class"]),
            "serverless instances have no class",
            "Keep either `instance_class` or `serverless`.",
        );
    }
    if let Some(DocumentCapacity { min, max }) = &spec.serverless {
        for (bound, value) in [("min", min), ("max", max)] {
            if (value * 2.0).fract() != 0.0 {
                problems.error(
                    at(&["serverless", bound]),
                    format!("{value} is between two capacities"),
                    "Capacity comes in steps of 0.5.",
                );
            }
        }
        if min > max {
            problems.error(
                at(&["serverless", "min"]),
                format!("the least capacity, {min}, is above the most, {max}"),
                "Lower `min` or raise `max`.",
            );
        }
    }
    let is_own = spec.password == DocumentPassword::Own;
    password::check(SORT, name, is_own, spec.password_version, problems);
    restore(name, spec, problems);
    global::check(name, spec, frame.spec, problems);
    for parameter in spec.parameters.keys() {
        if OWN_PARAMETERS.contains(&parameter.as_str()) {
            problems.error(
                at(&["parameters", parameter]),
                format!("{parameter} has an argument of its own"),
                "Use `tls`, `audit` or `profiler`.",
            );
        }
    }
    log_retention::check(
        at(&["log_retention_days"]),
        spec.log_retention_days,
        None,
        problems,
    );
}

fn restore(name: &str, spec: &Documents, problems: &mut Problems) {
    let Some(restore) = &spec.restore else { return };
    if spec.password == DocumentPassword::Own {
        problems.error(
            ["documents", name, "password"],
            "what is restored keeps the password that it had, and AWS takes no other one when it restores",
            "Restore it with a managed password. When it is there, take `restore` out, and set `password` then.",
        );
    }
    if restore.snapshot.is_some() == restore.source.is_some() {
        problems.error(
            ["documents", name, "restore"],
            "it is restored from a snapshot or from another database",
            "Set `snapshot` or `source`, one of them.",
        );
    }
    if restore.copy_on_write && restore.time.is_some() {
        problems.error(
            ["documents", name, "restore", "time"],
            "storage is shared with a database as it is now",
            "Leave out `time` or `copy_on_write`.",
        );
    }
    if restore.source.is_none() {
        let only = [
            (
                "time",
                restore.time.is_some(),
                "a point in time is one of another database",
            ),
            (
                "copy_on_write",
                restore.copy_on_write,
                "a snapshot shares its storage with nothing",
            ),
        ];
        for (argument, _, why) in only.iter().filter(|(_, given, _)| *given) {
            problems.error(
                ["documents", name, "restore", argument],
                *why,
                "Set `source`, or leave it out.",
            );
        }
    }
}

/// Judges the zones of the instances. DocumentDB wants subnets in two zones, however many instances there are.
fn zones(name: &str, spec: &Documents, frame: &Checks<'_>, problems: &mut Problems) {
    let path = ["documents", name];
    let tier = spec.tier.as_ref().unwrap_or(&frame.spec.tier);
    let network = frame.spec.network.as_ref();
    let Some(known) = network.and_then(|network| network.subnet_ids.get(tier)) else {
        return;
    };
    let has = known
        .keys()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    if known.len() < 2 {
        problems.error(
            path,
            format!(
                "it needs subnets in 2 zones and the tier {tier:?} has {}",
                known.len()
            ),
            "Give the network more zones: DocumentDB wants them, however many instances there are.",
        );
    }
    let mut judge = |at: Vec<&str>, zone: &str| {
        if !is_unknown_text(zone) && !known.contains_key(zone) {
            problems.error(
                at,
                format!("the tier {tier:?} has no zone {zone:?}"),
                format!("It has {has}."),
            );
        }
    };
    for zone in spec.zones.iter().flatten() {
        judge(vec!["documents", name, "zones"], zone);
    }
    for (reader, spec) in &spec.readers {
        judge(
            vec!["documents", name, "readers", reader, "zone"],
            &spec.zone,
        );
    }
    if spec.zones.as_ref().is_some_and(|zones| zones.is_empty()) {
        problems.error(
            ["documents", name, "zones"],
            "it needs an instance",
            format!("Name a zone, or leave `zones` out for one in each. The tier has {has}."),
        );
    }
    for reader in spec.readers.keys() {
        check::name(&["documents", name, "readers"], reader, problems);
        if known.contains_key(reader) {
            problems.error(
                ["documents", name, "readers", reader],
                format!("{reader:?} is the name of the instance in that zone"),
                "Choose a name that is no zone.",
            );
        }
    }
}
