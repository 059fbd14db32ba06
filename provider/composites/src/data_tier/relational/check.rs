//! What is wrong with the configuration of a database.

use platform_graph::Problems;

use super::super::check::{self, Checks};
use super::super::spec::{Password, Relational, Restore, StorageType, Topology, Upgrade};
use super::engine::Engine;
use super::{endpoints, events, names, options, password, proxy, scaling};
use crate::log_retention;
use crate::schema::is_unknown_text;

/// GiB of provisioned operations at least.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html>
pub(super) const LEAST_PROVISIONED: u32 = 100;
/// GiB from which gp3 is striped over several volumes, and takes more than its baseline.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html#gp3-storage>
const STRIPED: u32 = 400;
/// Operations per second and MiB/s that come with gp3 of one volume, and with that of several.
const BASELINE: [(u32, u32); 2] = [(3_000, 125), (12_000, 500)];
/// Seconds between measurements that RDS offers.
const INTERVALS: [u32; 7] = [0, 1, 5, 10, 15, 30, 60];

pub(in super::super) fn check(
    engine: Engine,
    name: &str,
    spec: &Relational,
    checks: &Checks<'_>,
    problems: &mut Problems,
) {
    let path = [engine.sort(), name];
    let at = |more: &[&str]| -> Vec<String> {
        path.iter()
            .chain(more)
            .map(|step| (*step).to_owned())
            .collect()
    };
    checks.networked(
        &path,
        spec.tier.as_deref(),
        spec.access_from.as_ref(),
        problems,
    );
    if engine == Engine::MySql && checks.spec.postgres.contains_key(name) {
        problems.error(
            at(&[]),
            format!("there is a PostgreSQL database {name:?} too"),
            "Both would have the same name in RDS: choose another one.",
        );
    }
    let zones = checks
        .spec
        .network
        .as_ref()
        .and_then(|network| {
            network
                .subnet_ids
                .get(spec.tier.as_ref().unwrap_or(&checks.spec.tier))
        })
        .map(std::collections::BTreeMap::len);
    let needed = spec.topology.zones();
    if let Some(zones) = zones
        && zones < needed
    {
        problems.error(
            at(&["topology"]),
            format!("it needs subnets in {needed} zones and the tier has {zones}"),
            "Give the network more zones, or choose another topology.",
        );
    }
    if let Some((own, _)) = [engine.tls(spec.topology)]
        .iter()
        .find(|(own, _)| spec.parameters.contains_key(*own))
    {
        problems.error(
            at(&["parameters", own]),
            format!("{own} is not to be chosen"),
            "Nobody connects without TLS: leave it out.",
        );
    }
    for log in spec.logs.types.iter().flatten() {
        let known = engine.logs(spec.topology);
        if !is_unknown_text(log) && !known.contains(&log.as_str()) {
            problems.error(
                at(&["logs", "types"]),
                format!("there is no log {log:?}"),
                format!("There are {}.", known.join(", ")),
            );
        }
    }
    log_retention::check(
        at(&["logs", "retention_days"]),
        spec.logs.retention_days,
        None,
        problems,
    );
    if !INTERVALS.contains(&spec.insights.monitoring_interval_seconds) {
        problems.error(
            at(&["insights", "monitoring_interval_seconds"]),
            format!(
                "RDS does not measure every {} seconds",
                spec.insights.monitoring_interval_seconds
            ),
            "Choose 0, 1, 5, 10, 15, 30 or 60.",
        );
    }
    password::check(engine, name, spec, problems);
    names::check(engine, name, spec, problems);
    check::windows(
        check::LEAST_WINDOW,
        (at(&["backup", "window"]), spec.backup.window.as_deref()),
        (
            at(&["maintenance_window"]),
            spec.maintenance_window.as_deref(),
        ),
        problems,
    );
    members(spec, &at, problems);
    upgrade(spec, &at, problems);
    storage(spec, &at, problems);
    restore(spec.restore.as_ref(), &at, problems);
    proxy::check(engine, name, spec, checks, problems);
    endpoints::check(engine, name, spec, problems);
    scaling::check(engine, name, spec, problems);
    events::check(engine, name, spec, checks, problems);
    options::check(engine, name, spec, problems);
    for reader in spec.readers.iter().flatten().map(|(reader, _)| reader) {
        check::name(&[engine.sort(), name, "readers"], reader, problems);
    }
}

fn members(spec: &Relational, at: &impl Fn(&[&str]) -> Vec<String>, problems: &mut Problems) {
    let topology = spec.topology;
    let has_replicas = !topology.is_cluster() && spec.readers.iter().flatten().next().is_some();
    if has_replicas && spec.password == Password::Managed {
        problems.error(
            at(&["readers"]),
            "RDS refuses replicas of an instance whose master password it manages",
            "Set `password = \"own\"`. The password is then in another secret: where the instance is there already, `secret_arn` changes, and \
             whoever reads the password needs the new one. `topology = \"aurora\"` has readers without that limit, and `multi_az_cluster` \
             brings two.",
        );
    }
    if topology == Topology::AuroraServerless && spec.instance_class.is_some() {
        problems.error(
            at(&["instance_class"]),
            "serverless instances have no class",
            "Leave it out and set `capacity`, or use `topology = \"aurora\"`.",
        );
    }
    if topology == Topology::MultiAzCluster {
        if spec.readers.is_some() {
            problems.error(
                at(&["readers"]),
                "a Multi-AZ DB cluster has two readers, no more and no less",
                "Leave it out, or use `topology = \"aurora\"`.",
            );
        }
        if spec.insights.mode == super::super::spec::InsightsMode::Off {
            problems.error(
                at(&["insights", "mode"]),
                "a Multi-AZ DB cluster is always measured",
                "Use `standard` or `advanced`.",
            );
        }
    }
    match (&spec.capacity, topology) {
        (Some(_), other) if other != Topology::AuroraServerless => problems.error(
            at(&["capacity"]),
            "a capacity is only for serverless instances",
            "Leave it out, or use `topology = \"aurora_serverless\"`.",
        ),
        (Some(capacity), _) => {
            let halves = |value: f64| (value * 2.0).fract() == 0.0;
            if !halves(capacity.min) || !halves(capacity.max) || capacity.min > capacity.max {
                problems.error(
                    at(&["capacity"]),
                    format!(
                        "nothing scales between {} and {}",
                        capacity.min, capacity.max
                    ),
                    "Both go in steps of 0.5, and the least is not above the most.",
                );
            }
            if capacity.pause_after_seconds.is_some() && capacity.min != 0.0 {
                problems.error(
                    at(&["capacity", "pause_after_seconds"]),
                    "it pauses only where the least capacity is 0",
                    "Set `min = 0`, or leave it out.",
                );
            }
        }
        (None, _) => {}
    }
}

/// What RDS makes no blue/green deployment of.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/blue-green-deployments-considerations.html> and
/// <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/blue-green-deployments-considerations.html>
fn upgrade(spec: &Relational, at: &impl Fn(&[&str]) -> Vec<String>, problems: &mut Problems) {
    if spec.upgrade == Upgrade::InPlace {
        return;
    }
    let mut refuse = |why: &str, advice: &str| problems.error(at(&["upgrade"]), why, advice);
    if spec.topology == Topology::MultiAzCluster {
        refuse(
            "RDS makes no blue/green deployment of a Multi-AZ DB cluster",
            "Leave it out: its readers are upgraded one by one, then the writer.",
        );
    } else if spec.password == Password::Managed {
        refuse(
            match spec.topology.is_aurora() {
                true => {
                    "RDS makes no blue/green deployment of a cluster whose master password it manages"
                }
                false => {
                    "RDS makes no blue/green deployment of an instance whose master password it manages"
                }
            },
            "Set `password = \"own\"` and apply that first: `secret_arn` is that of another secret then, and whoever reads the password \
             needs the new one.",
        );
    } else if spec.topology.is_aurora() && spec.reader_scaling.is_some() {
        refuse(
            "a copy does not get the readers that AWS adds, nor what adds them",
            "Take `reader_scaling` away and apply that, upgrade, and add it again; or upgrade in place.",
        );
    }
    let is_on = |value: &String| ["1", "ON", "on"].contains(&value.as_str());
    if spec.parameters.get("event_scheduler").is_some_and(is_on) {
        problems.error(
            at(&["parameters", "event_scheduler"]),
            "RDS makes no blue/green deployment while the event scheduler runs: its events would run in the copy too",
            "Switch it off for the upgrade, or upgrade in place.",
        );
    }
}

/// What comes with so many GiB of gp3: operations per second, and MiB/s.
pub(super) fn baseline(size: u32) -> (u32, u32) {
    BASELINE[usize::from(size >= STRIPED)]
}

fn storage(spec: &Relational, at: &impl Fn(&[&str]) -> Vec<String>, problems: &mut Problems) {
    let storage = &spec.storage;
    if spec.topology.is_aurora() {
        let given = [
            ("size_gib", storage.size_gib.is_some()),
            ("max_size_gib", storage.max_size_gib.is_some()),
            ("type", storage.kind != StorageType::default()),
            ("iops", storage.iops.is_some()),
            ("throughput_mibps", storage.throughput_mibps.is_some()),
        ];
        for (field, _) in given.iter().filter(|(_, given)| *given) {
            problems.error(
                at(&["storage", field]),
                "Aurora's storage grows and shrinks on its own",
                "Leave it out: only `io_optimized` is for Aurora.",
            );
        }
        return;
    }
    if storage.io_optimized {
        problems.error(
            at(&["storage", "io_optimized"]),
            "only Aurora has it",
            "Leave it out, or use `topology = \"aurora\"`.",
        );
    }
    if spec.topology == Topology::MultiAzCluster && storage.max_size_gib.is_some() {
        problems.error(
            at(&["storage", "max_size_gib"]),
            "the storage of a Multi-AZ DB cluster does not grow on its own",
            "Leave it out and raise `size_gib` when it is needed.",
        );
    }
    if storage.kind != StorageType::Gp3 && storage.iops.is_none() {
        problems.error(
            at(&["storage", "iops"]),
            "storage of this type needs a number of operations",
            "Set it, or use `gp3`.",
        );
    }
    if storage.kind != StorageType::Gp3 && storage.throughput_mibps.is_some() {
        problems.error(
            at(&["storage", "throughput_mibps"]),
            "a throughput is only for gp3",
            "Leave it out.",
        );
    }
    let size = super::size(spec);
    if storage.kind != StorageType::Gp3 && size < LEAST_PROVISIONED {
        problems.error(
            at(&["storage", "size_gib"]),
            format!("storage of this type has {LEAST_PROVISIONED} GiB at least"),
            "Set it, or use `gp3`.",
        );
    }
    let is_fixed = storage.kind == StorageType::Gp3
        && size < STRIPED
        && spec.topology != Topology::MultiAzCluster;
    let paid = [
        ("iops", storage.iops.is_some()),
        ("throughput_mibps", storage.throughput_mibps.is_some()),
    ];
    for (field, _) in paid.iter().filter(|(_, given)| *given && is_fixed) {
        problems.error(
            at(&["storage", field]),
            format!("gp3 of less than {STRIPED} GiB has its baseline and nothing beyond it"),
            format!("Leave it out, or set `size_gib` to {STRIPED} or more."),
        );
    }
    let (iops, throughput) = baseline(size);
    let less = [
        ("iops", "operations per second", storage.iops, iops),
        (
            "throughput_mibps",
            "MiB/s",
            storage.throughput_mibps,
            throughput,
        ),
    ];
    for (field, what, asked, least) in less {
        if storage.kind == StorageType::Gp3
            && !is_fixed
            && let Some(asked) = asked
            && asked < least
        {
            problems.error(
                at(&["storage", field]),
                format!("gp3 of {size} GiB comes with {least} {what}, and takes no {asked}"),
                "Leave it out, or ask for more than that.",
            );
        }
    }
    if let Some(most) = storage.max_size_gib
        && most != 0
        && u64::from(most) * 10 < u64::from(size) * 11
    {
        problems.error(
            at(&["storage", "max_size_gib"]),
            format!("{most} GiB leave no room to grow from {size} GiB"),
            "RDS wants a tenth more at least; 0 for not at all.",
        );
    }
}

fn restore(
    restore: Option<&Restore>,
    at: &impl Fn(&[&str]) -> Vec<String>,
    problems: &mut Problems,
) {
    let Some(restore) = restore else { return };
    if restore.snapshot.is_some() == restore.source.is_some() {
        problems.error(
            at(&["restore"]),
            "it is restored from a snapshot or from another database",
            "Set `snapshot` or `source`, one of them.",
        );
    }
    if restore.time.is_some() && restore.source.is_none() {
        problems.error(
            at(&["restore", "time"]),
            "a point in time is one of another database",
            "Set `source`, or leave it out.",
        );
    }
}
