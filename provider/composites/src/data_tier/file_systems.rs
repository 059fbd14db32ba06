//! File systems: Amazon EFS with a mount target in every zone of the tier.

use platform_graph::{Graph, Handle, Problems};
use platform_kinds::efs::{
    AccessPoint, BackupPolicy, CreationInfo, FileSystem as Efs, FileSystemProtection,
    LifecyclePolicy, MountTarget, PosixUser, RootDirectory,
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

use super::frame::{Frame, Store};
use super::spec::{FileLifecycle, FileSystem, ThroughputMode};
use super::{access, alarms, check, keys};

const SORT: &str = "file-system";
/// The port of NFS.
const PORT: u16 = 2049;
/// Days after which EFS can move files.
const DAYS: [u32; 9] = [1, 7, 14, 30, 60, 90, 180, 270, 365];

/// What a file system gives to others.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct FileSystemOutput {
    /// Id of the file system, by which it is mounted.
    pub id: String,
    /// ARN of the file system.
    pub arn: String,
    /// Id of the security group of its mount targets.
    pub security_group_id: Option<String>,
    /// Addresses of its mount targets by zone id.
    pub mount_target_ips: BTreeMap<String, String>,
    /// ARNs of its access points by name.
    pub access_point_arns: BTreeMap<String, String>,
}

pub(super) fn check(
    name: &str,
    store: &FileSystem,
    frame: &check::Checks<'_>,
    problems: &mut Problems,
) {
    let path = ["file_systems", name];
    frame.networked(
        &path,
        store.tier.as_deref(),
        store.access_from.as_ref(),
        problems,
    );
    let at = |more: &[&'static str]| -> Vec<String> {
        path.iter()
            .chain(more)
            .map(|step| (*step).to_owned())
            .collect()
    };
    match (store.throughput.mode, store.throughput.mibps) {
        (ThroughputMode::Provisioned, None) => problems.error(
            at(&["throughput", "mibps"]),
            "provisioned throughput needs an amount",
            "Say how many MiB/s to pay for, or use another mode.",
        ),
        (ThroughputMode::Elastic | ThroughputMode::Bursting, Some(_)) => problems.error(
            at(&["throughput", "mibps"]),
            "an amount is only for provisioned throughput",
            "Leave it out, or set `mode = \"provisioned\"`.",
        ),
        _ => {}
    }
    let FileLifecycle {
        infrequent_access_days: infrequent,
        archive_days: archive,
        ..
    } = store.lifecycle;
    for (attribute, days) in [
        ("infrequent_access_days", infrequent),
        ("archive_days", archive),
    ] {
        if days != 0 && !DAYS.contains(&days) {
            problems.error(
                at(&["lifecycle", attribute]),
                format!("EFS can't move files after {days} days"),
                "It can after 1, 7, 14, 30, 60, 90, 180, 270 or 365; 0 stands for never.",
            );
        }
    }
    if archive != 0 && archive <= infrequent {
        problems.error(
            at(&["lifecycle", "archive_days"]),
            "files move to Archive later than to Infrequent Access",
            format!("Say more than {infrequent} days, or 0 for never."),
        );
    }
    for (point, spec) in &store.access_points {
        check::name(&["file_systems", name, "access_points"], point, problems);
        let sound = |path: &str| {
            path.starts_with('/') && path.len() <= 100 && path.matches('/').count() <= 4
        };
        if let Some(path) = &spec.path
            && !crate::schema::is_unknown_text(path)
            && !sound(path)
        {
            problems.error(
                ["file_systems", name, "access_points", point, "path"],
                format!("{path:?} can't be the root of an access point"),
                "It starts with a slash, is at most four directories deep and 100 characters long.",
            );
        }
    }
}

pub(super) fn add(frame: &Frame<'_>, name: &str, spec: &FileSystem, graph: &mut Graph) {
    let store = frame.store(SORT, name);
    let key = keys::of(&store, graph);
    let file_system = graph.add(
        store.address(),
        "keeps files that many instances, tasks and pods mount at once",
        Efs {
            backup_policy: Some(BackupPolicy {
                status: if spec.backup { "ENABLED" } else { "DISABLED" }.to_owned(),
            }),
            encrypted: Some(true),
            file_system_policy: Some(policy(spec)),
            file_system_protection: Some(FileSystemProtection {
                replication_overwrite_protection: "ENABLED".to_owned(),
            }),
            kms_key_id: Some(key),
            lifecycle_policies: Some(lifecycle(&spec.lifecycle)),
            performance_mode: Some("generalPurpose".to_owned()),
            provisioned_throughput_in_mibps: spec.throughput.mibps.map(f64::from),
            throughput_mode: Some(
                match spec.throughput.mode {
                    ThroughputMode::Elastic => "elastic",
                    ThroughputMode::Bursting => "bursting",
                    ThroughputMode::Provisioned => "provisioned",
                }
                .to_owned(),
            ),
            ..Efs::default()
        },
    );
    let allowed = frame.access(spec.access_from.as_ref());
    let group = access::add(&store, &[PORT], allowed, graph);
    for (zone, subnet) in frame.subnets(spec.tier.as_deref()) {
        graph.add(
            store.part(&format!("mount-target/{zone}")),
            format!("lets {zone} mount {}", store.words()),
            MountTarget {
                file_system_id: file_system.id(),
                subnet_id: subnet.to_owned(),
                security_groups: group.iter().map(Handle::id).collect(),
                ..MountTarget::default()
            },
        );
    }
    for (point, spec) in &spec.access_points {
        let user = PosixUser {
            uid: spec.uid.to_string(),
            gid: spec.gid.to_string(),
            secondary_gids: (!spec.secondary_gids.is_empty())
                .then(|| spec.secondary_gids.iter().map(u32::to_string).collect()),
        };
        let path = spec.path.clone().unwrap_or_else(|| format!("/{point}"));
        graph.add(
            store.part(&format!("access-point/{point}")),
            format!(
                "a door into {} as user {}, at {path}",
                store.words(),
                spec.uid
            ),
            AccessPoint {
                file_system_id: file_system.id(),
                root_directory: Some(RootDirectory {
                    path,
                    creation_info: Some(CreationInfo {
                        owner_uid: user.uid.clone(),
                        owner_gid: user.gid.clone(),
                        permissions: spec.permissions.clone(),
                    }),
                }),
                posix_user: Some(user),
                ..AccessPoint::default()
            },
        );
    }
    watch(&store, spec, &file_system, graph);
}

/// <https://docs.aws.amazon.com/efs/latest/ug/efs-metrics.html>
fn watch(store: &Store<'_>, spec: &FileSystem, file_system: &Handle, graph: &mut Graph) {
    let dimensions = || vec![("FileSystemId", file_system.id())];
    if spec.throughput.mode == ThroughputMode::Bursting {
        alarms::add(
            store,
            alarms::Watch {
                name: "burst-credits",
                meaning: format!("{} is about to run out of burst credits", store.words()),
                advice: "Below it the throughput falls to the baseline: move it to elastic throughput.",
                namespace: "AWS/EFS",
                metric: "BurstCreditBalance",
                statistic: "Minimum",
                dimensions: dimensions(),
                comparison: "LessThanThreshold",
                // A twentieth of the 2.1 TB that a new file system starts with.
                threshold: 105_000_000_000.0,
                period: 300,
                periods: 3,
                missing: "notBreaching",
            },
            graph,
        );
    }
    alarms::add(
        store,
        alarms::Watch {
            name: "io-limit",
            meaning: format!(
                "{} has been at its limit of operations for 15 minutes",
                store.words()
            ),
            advice: "Spread the load over more file systems, or cache what is read again and again.",
            namespace: "AWS/EFS",
            metric: "PercentIOLimit",
            statistic: "Average",
            dimensions: dimensions(),
            comparison: "GreaterThanThreshold",
            threshold: 95.0,
            period: 300,
            periods: 3,
            missing: "notBreaching",
        },
        graph,
    );
}

/// <https://docs.aws.amazon.com/efs/latest/ug/access-control-block-public-access.html>
fn policy(spec: &FileSystem) -> Value {
    let mut statements = Vec::new();
    if !spec.require_iam {
        statements.push(json!({
            "Sid": "MountTargetsAdmit",
            "Effect": "Allow",
            "Principal": { "AWS": "*" },
            "Action": ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientRootAccess", "elasticfilesystem:ClientWrite"],
            "Condition": { "Bool": { "elasticfilesystem:AccessedViaMountTarget": "true" } },
        }));
    }
    if spec.require_tls || spec.require_iam {
        statements.push(json!({
            "Sid": "OnlyOverTls",
            "Effect": "Deny",
            "Principal": { "AWS": "*" },
            "Action": "*",
            "Condition": { "Bool": { "aws:SecureTransport": "false" } },
        }));
    }
    json!({ "Version": "2012-10-17", "Statement": statements })
}

fn lifecycle(spec: &FileLifecycle) -> Vec<LifecyclePolicy> {
    let after = |days: u32| match days {
        1 => "AFTER_1_DAY".to_owned(),
        days => format!("AFTER_{days}_DAYS"),
    };
    let mut policies = Vec::new();
    if spec.infrequent_access_days > 0 {
        policies.push(LifecyclePolicy {
            transition_to_ia: Some(after(spec.infrequent_access_days)),
            ..LifecyclePolicy::default()
        });
    }
    if spec.archive_days > 0 {
        policies.push(LifecyclePolicy {
            transition_to_archive: Some(after(spec.archive_days)),
            ..LifecyclePolicy::default()
        });
    }
    if spec.back_on_access {
        policies.push(LifecyclePolicy {
            transition_to_primary_storage_class: Some("AFTER_1_ACCESS".to_owned()),
            ..LifecyclePolicy::default()
        });
    }
    policies
}

pub(super) fn output(frame: &Frame<'_>, name: &str, spec: &FileSystem) -> FileSystemOutput {
    let store = frame.store(SORT, name);
    let file_system = Handle::to(store.address());
    let zones = frame.subnets(spec.tier.as_deref());
    FileSystemOutput {
        id: file_system.id(),
        arn: file_system.attribute("Arn"),
        security_group_id: frame
            .spec
            .network
            .is_some()
            .then(|| Handle::to(store.part("security-group")).id()),
        mount_target_ips: zones
            .keys()
            .map(|zone| {
                let target = Handle::to(store.part(&format!("mount-target/{zone}")));
                ((*zone).to_owned(), target.attribute("IpAddress"))
            })
            .collect(),
        access_point_arns: spec
            .access_points
            .keys()
            .map(|point| {
                let point_part = Handle::to(store.part(&format!("access-point/{point}")));
                (point.clone(), point_part.attribute("Arn"))
            })
            .collect(),
    }
}
