//! Versions and upgrades of document databases.

use std::borrow::Cow;

use platform_graph::Problems;

use super::super::frame::Frame;
use super::super::spec::{DataTier, Documents};
use super::super::versions::{self, Policy};
use super::SORT;
use crate::{Ledger, Question, Setting};

fn policy<'a>(tier: &'a DataTier, name: &'a str, spec: &'a Documents) -> Policy<'a> {
    Policy {
        path: [SORT, name],
        address: format!("{SORT}/{name}"),
        identifier: format!("{}-{name}-docdb", tier.name),
        asked: &spec.version,
        allowed: spec.allow_major_upgrade,
        by_copy: false,
        major: "",
        catalogue: versions::DOCDB,
        listing: versions::DOCUMENT_CLUSTERS,
    }
}

fn policies(tier: &DataTier) -> impl Iterator<Item = Policy<'_>> {
    let stores = tier.documents.iter();
    stores.map(move |(name, spec)| policy(tier, name, spec))
}

/// What has to be known of versions to expand.
pub(in super::super) fn questions(tier: &DataTier, ledger: &Ledger) -> Vec<Question> {
    policies(tier)
        .flat_map(|policy| policy.questions(ledger))
        .collect()
}

/// What has to be known of versions before something changes.
pub(in super::super) fn preflight_questions(tier: &DataTier) -> Vec<Question> {
    policies(tier)
        .flat_map(|policy| policy.preflight_questions())
        .collect()
}

/// The database with a version that names the major one at least; `None` when `problems` got an error.
pub(in super::super) fn settled<'a>(
    frame: &Frame<'_>,
    name: &str,
    spec: &'a Documents,
    ledger: &mut Ledger,
    problems: &mut Problems,
) -> Option<Cow<'a, Documents>> {
    let version = policy(frame.spec, name, spec).settle(frame.setting, ledger, problems)?;
    Some(if version == spec.version {
        Cow::Borrowed(spec)
    } else {
        Cow::Owned(Documents {
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
    for policy in policies(tier) {
        let creates = creates(&policy.address);
        policy.judge(setting, creates, problems);
    }
}
