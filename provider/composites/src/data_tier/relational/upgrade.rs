//! Versions and upgrades of relational databases.
//!
//! # Guarantees
//! Replicas of an instance are upgraded before it, as RDS wants it, except to another major version of PostgreSQL, to which RDS
//! brings all of them together, and by a blue/green deployment, which copies all of them. The order is the kind's; here is refused what
//! would break it.

use std::borrow::Cow;

use platform_graph::Problems;
use platform_kinds::rds::version::Change;

use super::super::frame::Frame;
use super::super::spec::{DataTier, Relational, Topology, Upgrade};
use super::super::versions::{self, Catalogue, Policy};
use super::{Engine, all, former, password, readers};
use crate::{Ledger, Question, Setting};

impl Engine {
    fn catalogue(self, topology: Topology) -> Catalogue {
        match (self, topology.is_aurora()) {
            (Engine::PostgreSql, false) => versions::POSTGRES,
            (Engine::PostgreSql, true) => versions::AURORA_POSTGRES,
            (Engine::MySql, false) => versions::MYSQL,
            (Engine::MySql, true) => versions::AURORA_MYSQL,
        }
    }
}

fn policy<'a>(
    engine: Engine,
    tier: &'a DataTier,
    name: &'a str,
    spec: &'a Relational,
) -> Policy<'a> {
    let has_replicas = !spec.topology.is_cluster() && !readers(spec).is_empty();
    Policy {
        path: [engine.sort(), name],
        address: format!("{}/{name}", engine.sort()),
        identifier: format!("{}-{name}", tier.name),
        asked: &spec.version,
        allowed: spec.allow_major_upgrade,
        by_copy: spec.upgrade == Upgrade::BlueGreen,
        major: match (engine, has_replicas, spec.upgrade) {
            (_, false, _) => "",
            (_, true, Upgrade::BlueGreen) => {
                " Its readers are copied too, and the copies take over along with its own."
            }
            (Engine::PostgreSql, true, _) => " AWS upgrades its readers together with it.",
            (Engine::MySql, true, _) => " Its readers are upgraded before it.",
        },
        catalogue: engine.catalogue(spec.topology),
        listing: match spec.topology.is_cluster() {
            true => versions::CLUSTERS,
            false => versions::INSTANCES,
        },
    }
}

/// All databases with their policies.
fn policies(tier: &DataTier) -> impl Iterator<Item = (&Relational, Policy<'_>)> {
    all(tier).into_iter().flat_map(move |(engine, stores)| {
        stores
            .iter()
            .map(move |(name, spec)| (spec, policy(engine, tier, name, spec)))
    })
}

/// What has to be known of versions to expand.
pub(in super::super) fn questions(tier: &DataTier, ledger: &Ledger) -> Vec<Question> {
    let versions = policies(tier).flat_map(|(_, policy)| policy.questions(ledger));
    versions.chain(former::questions(tier)).collect()
}

/// What has to be known of versions before something changes.
pub(in super::super) fn preflight_questions(tier: &DataTier) -> Vec<Question> {
    policies(tier)
        .flat_map(|(_, policy)| policy.preflight_questions())
        .collect()
}

/// The database with a version that names the major one at least; `None` when `problems` got an error.
pub(in super::super) fn settled<'a>(
    engine: Engine,
    frame: &Frame<'_>,
    name: &str,
    spec: &'a Relational,
    ledger: &mut Ledger,
    problems: &mut Problems,
) -> Option<Cow<'a, Relational>> {
    let version = policy(engine, frame.spec, name, spec).settle(frame.setting, ledger, problems)?;
    Some(if version == spec.version {
        Cow::Borrowed(spec)
    } else {
        Cow::Owned(Relational {
            version,
            ..spec.clone()
        })
    })
}

/// Finds upgrades that AWS would refuse, and says what can't be taken back.
pub(in super::super) fn preflight(
    tier: &DataTier,
    setting: &Setting,
    creates: &dyn Fn(&str) -> bool,
    problems: &mut Problems,
) {
    password::preflight(tier, setting, creates, problems);
    for (spec, policy) in policies(tier) {
        // What is restored has the version of the backup at first.
        let creates = creates(&policy.address);
        if creates && spec.restore.is_some() {
            continue;
        }
        policy.judge(setting, creates, problems);
        if !creates && spec.upgrade == Upgrade::BlueGreen {
            let change = policy.change(setting);
            former::preflight(policy.path, &policy.address, spec, change, problems);
        }
        let has_replicas = !spec.topology.is_cluster() && !readers(spec).is_empty();
        let in_turn = has_replicas && spec.upgrade == Upgrade::InPlace;
        if in_turn && !spec.apply_immediately && policy.change(setting) == Some(Change::Minor) {
            problems.error(
                policy.path.into_iter().chain(["apply_immediately"]),
                format!("{} has readers, so another minor version can't wait for the maintenance window", policy.address),
                "AWS refuses to upgrade an instance before its replicas, and windows keep no order between them. Write \
                 apply_immediately = true for this change; or leave the minor version out and let AWS upgrade them.",
            );
        }
    }
}
