//! Global document databases: one cluster that writes, and others in other regions that read and can take over.
//!
//! # Guarantees
//! - The tier of the first cluster has the global cluster, and makes it around that one once its instances serve.
//! - A secondary leaves the global cluster before it is deleted; the global cluster goes when no secondary is left, and AWS's refusal is
//!   waited for until then.
//! - Which of the clusters writes is no difference: a switchover plans nothing on either side.
//! - AWS manages no password of a cluster that is part of one: the password is handed over before the global cluster is made, and handed
//!   back in a run after the one in which the global cluster goes.
//!
//! # Caveats
//! Taking a secondary out of the global database makes it one of its own, with the data that it has by then. That is a decision of
//! whoever recovers: it is made by hand, and the configuration follows.
//!
//! See <https://docs.aws.amazon.com/documentdb/latest/developerguide/global-clusters.html>,
//! <https://docs.aws.amazon.com/documentdb/latest/developerguide/docdb-secrets-manager.html> and
//! <https://docs.aws.amazon.com/documentdb/latest/developerguide/docdb-mvu.html>.

use platform_graph::{Action, Graph, Handle, Plan, Problems};
use platform_kinds::docdb::GlobalCluster;

use super::super::frame::Store;
use super::super::spec::{DataTier, DocumentPassword, Documents};
use super::{SORT, class};
use crate::schema::is_unknown_text;

/// Families of instances that AWS takes into no global cluster.
const TOO_SMALL: [&str; 3] = ["db.r4.", "db.t3.", "db.t4g."];

/// The global cluster among the parts of its database.
const PART: &str = "global";

/// Region of the first cluster, of a database that is a secondary.
pub(super) fn primary_region(spec: &Documents) -> Option<&str> {
    spec.global.as_ref()?.primary_region.as_deref()
}

fn address(store: &Store<'_>) -> String {
    store.part(PART)
}

pub(super) fn check(name: &str, spec: &Documents, tier: &DataTier, problems: &mut Problems) {
    let Some(global) = &spec.global else { return };
    let at = |more: &[&str]| -> Vec<String> {
        [SORT, name]
            .iter()
            .chain(more)
            .map(|step| (*step).to_owned())
            .collect()
    };
    let inside = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let sound = global.name.starts_with(|c: char| c.is_ascii_lowercase())
        && !global.name.ends_with('-')
        && !global.name.contains("--")
        && global.name.chars().all(inside);
    if !is_unknown_text(&global.name) && !sound {
        problems.error(
            at(&["global", "name"]),
            format!("{:?} can't be the name of a global cluster", global.name),
            "A name has lowercase letters, digits and single hyphens, starts with a letter and does not end with a hyphen.",
        );
    }
    let readers = spec.readers.iter().filter_map(|(reader, one)| {
        let class = one.instance_class.clone()?;
        Some((at(&["readers", reader, "instance_class"]), class))
    });
    for (path, class) in readers.chain([(at(&["instance_class"]), class(spec))]) {
        if TOO_SMALL.iter().any(|family| class.starts_with(family)) {
            problems.error(
                path,
                format!("AWS takes no {class} into a global cluster"),
                "Choose another family than t3, t4g and r4, db.r6g.large for example.",
            );
        }
    }
    if spec.allow_major_upgrade {
        problems.error(
            at(&["allow_major_upgrade"]),
            "AWS upgrades no cluster of a global database to another major version",
            "Take the secondaries and then `global` away, upgrade, and make it global again.",
        );
    }
    let Some(region) = &global.primary_region else {
        if spec.password == DocumentPassword::Managed {
            problems.error(
                at(&["password"]),
                "AWS takes no cluster whose master password it manages into a global one",
                "Set `password = \"own\"`. The password is then in another secret: where the database is there already, `secret_arn` changes, \
                 and whoever reads the password needs the new one.",
            );
        }
        return;
    };
    if spec.password == DocumentPassword::Own {
        problems.error(
            at(&["password"]),
            "a secondary has the password of the first cluster",
            "Leave it out.",
        );
    }
    if tier.region.as_ref() == Some(region) {
        problems.error(
            at(&["global", "primary_region"]),
            format!("{region} is the region of this tier"),
            "A secondary is in another region than the first cluster; leave it out to make this one the first.",
        );
    }
    if spec.restore.is_some() {
        problems.error(
            at(&["restore"]),
            "a secondary has its data from the first cluster",
            "Restore the first one, or leave `primary_region` out.",
        );
    }
    if spec.master_username != Documents::default_master() {
        problems.error(
            at(&["master_username"]),
            "a secondary has the master user of the first cluster",
            "Leave it out.",
        );
    }
}

/// The global cluster, in the tier of its first cluster.
pub(super) fn add(
    store: &Store<'_>,
    spec: &Documents,
    cluster: &Handle,
    instances: &[Handle],
    graph: &mut Graph,
) {
    let Some(global) = spec
        .global
        .as_ref()
        .filter(|global| global.primary_region.is_none())
    else {
        return;
    };
    let protected = spec
        .deletion_protection
        .unwrap_or(store.frame.spec.deletion_protection);
    let part = graph.add(
        address(store),
        format!(
            "takes {} to other regions, which can take over",
            store.words()
        ),
        GlobalCluster {
            deletion_protection: Some(protected),
            identifier: global.name.clone(),
            source_cluster: Some(cluster.attribute("Arn")),
            ..GlobalCluster::default()
        },
    );
    for instance in instances {
        graph.after(&part, instance);
    }
}

/// What a secondary is to be given: known when the global cluster is there.
pub(super) fn name(store: &Store<'_>, spec: &Documents) -> Option<String> {
    let global = spec.global.as_ref()?;
    Some(match global.primary_region {
        None => Handle::to(address(store)).id(),
        Some(_) => global.name.clone(),
    })
}

/// Finds what no call answers: a cluster that is there joins no global one, and none is taken out by a configuration. Finds also what AWS
/// would refuse halfway through: to manage the password while the global cluster is still there.
pub(in crate::data_tier) fn weigh(tier: &DataTier, plan: &Plan, problems: &mut Problems) {
    for (name, spec) in &tier.documents {
        let action = |address: &str| plan.steps.get(address).map(|step| &step.action);
        let store = format!("{SORT}/{name}");
        let Some(Action::Update { changed }) = action(&store) else {
            continue;
        };
        let changes = |property: &str| changed.iter().any(|name| name == property);
        let is_left = action(&format!("{store}/{PART}")) == Some(&Action::Delete);
        if is_left
            && changes("ManageMasterUserPassword")
            && spec.password == DocumentPassword::Managed
        {
            problems.error(
                [SORT, name, "password"],
                "AWS manages the password when the global cluster is gone",
                "Keep `password = \"own\"` in the run that deletes the global cluster, and change it in the next one.",
            );
        }
        if !changes("GlobalClusterIdentifier") {
            continue;
        }
        let (what, advice) = match primary_region(spec) {
            Some(_) => (
                "the database is no secondary of the global cluster, and AWS takes none in that is there",
                "Take `global` away to keep it as a database of its own, or make another one as the secondary.",
            ),
            None => (
                "the database is a secondary of a global cluster",
                "Take it out by hand, when its data is as it is to be: `aws docdb remove-from-global-cluster`. It writes from then on, and \
                 the plan follows.",
            ),
        };
        problems.error([SORT, name, "global"], what, advice);
    }
}
