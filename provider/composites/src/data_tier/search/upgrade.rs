//! Versions and upgrades of domains.
//!
//! # Guarantees
//! - `auto` asks for no change of what is live: it is the version that the ledger keeps as long as what is live is not of another major
//!   one, and the latest that AWS offers to begin with, as AWS takes it for a domain that names none.
//! - A version that AWS does not offer, and an older major one, are errors of the plan; a later major version is one without the
//!   store's leave. Whether AWS can bring a domain from what it runs to what is asked for is the forecast of the domain to say.
//!
//! # Caveats
//! An answer that is missing, because a permission is, leaves its question out: AWS then decides, later.

use std::borrow::Cow;

use platform_graph::{Call, Problems};
use serde_json::Value;

use crate::data_tier::frame::Frame;
use crate::data_tier::spec::{DataTier, Search};
use crate::data_tier::versions::{AUTO, optional};
use crate::{Ledger, Question, Setting};

use super::SORT;

/// The answer with what AWS offers.
const OFFERS: &str = "version/offers/opensearch";
/// How the names of the answers with what is live begin.
const LIVE: &str = "live/domains/";
/// As many domains as one question can name.
const AT_ONCE: usize = 5;
/// A version by its numbers: 2.9 comes before 2.11.
type Numbers = (u32, u32);

fn numbers(version: &str) -> Option<Numbers> {
    let (major, minor) = version.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// The version in AWS's name of an engine; none of Elasticsearch.
fn of_opensearch(engine: &str) -> Option<&str> {
    engine.strip_prefix("OpenSearch_")
}

fn key(name: &str) -> String {
    format!("{SORT}/{name}/version")
}

/// The text of a domain that decides what has to be asked.
pub(in crate::data_tier) fn deciding(spec: &Search) -> &String {
    &spec.version
}

fn ask_offers() -> Question {
    optional(OFFERS, Call::new("opensearch", "ListVersions"))
}

/// Asks what runs. AWS leaves out of its answer what there is not.
fn ask_live(tier: &DataTier) -> Vec<Question> {
    let names: Vec<String> = tier
        .search
        .keys()
        .map(|name| format!("{}-{name}", tier.name))
        .collect();
    names
        .chunks(AT_ONCE)
        .enumerate()
        .map(|(nth, names)| {
            let call = Call::new("opensearch", "DescribeDomains").with("DomainNames", names);
            optional(format!("{LIVE}{nth}"), call)
        })
        .collect()
}

/// What has to be known of versions to expand.
pub(in crate::data_tier) fn questions(tier: &DataTier, ledger: &Ledger) -> Vec<Question> {
    let automatic = || tier.search.iter().filter(|(_, spec)| spec.version == AUTO);
    if automatic().next().is_none() {
        return Vec::new();
    }
    let is_new = automatic().any(|(name, _)| !ledger.0.contains_key(&key(name)));
    let offers = is_new.then(ask_offers);
    offers.into_iter().chain(ask_live(tier)).collect()
}

/// What has to be known of versions before something changes.
pub(super) fn preflight_questions(tier: &DataTier) -> Vec<Question> {
    if tier.search.values().all(|spec| spec.version == AUTO) {
        return Vec::new();
    }
    let mut questions = ask_live(tier);
    questions.push(ask_offers());
    questions
}

/// What the domain runs, as AWS names it.
fn live<'a>(tier: &DataTier, name: &str, setting: &'a Setting) -> Option<&'a str> {
    let identifier = format!("{}-{name}", tier.name);
    let answers = setting.answers.iter();
    let domains = answers
        .filter(|(key, _)| key.starts_with(LIVE))
        .filter_map(|(_, answer)| answer.get("DomainStatusList"))
        .filter_map(Value::as_array)
        .flatten();
    let mut domains = domains.filter(|domain| domain["DomainName"] == identifier);
    domains.next()?["EngineVersion"].as_str()
}

/// The versions of OpenSearch that AWS offers, the latest last.
fn offers(setting: &Setting) -> Vec<&str> {
    let versions = setting
        .answers
        .get(OFFERS)
        .and_then(|answer| answer.get("Versions"));
    let mut offers: Vec<&str> = versions
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|version| of_opensearch(version.as_str()?))
        .collect();
    offers.sort_by_key(|version| numbers(version));
    offers
}

/// The version to expand with; `None` when `problems` got an error.
pub(super) fn settled<'a>(
    frame: &Frame<'_>,
    name: &str,
    spec: &'a Search,
    ledger: &mut Ledger,
    problems: &mut Problems,
) -> Option<Cow<'a, str>> {
    if spec.version != AUTO {
        ledger.0.remove(&key(name));
        return Some(Cow::Borrowed(&spec.version));
    }
    let kept = ledger.0.get(&key(name)).cloned();
    let live = live(frame.spec, name, frame.setting).and_then(of_opensearch);
    let settled = match (live, kept) {
        (Some(live), Some(kept)) if covers(live, &kept) => Some(kept),
        (Some(live), _) => Some(live.to_owned()),
        (None, Some(kept)) => Some(kept),
        (None, None) => offers(frame.setting)
            .last()
            .map(|&latest| latest.to_owned()),
    };
    let Some(version) = settled else {
        problems.error(
            ["search", name, "version"],
            "AWS did not say which versions of OpenSearch it offers",
            "Write the version, or give whoever plans the permission es:ListVersions.",
        );
        return None;
    };
    ledger.0.insert(key(name), version.clone());
    Some(Cow::Owned(version))
}

/// Whether what is live is of the same major version and not older.
fn covers(live: &str, asked: &str) -> bool {
    match (numbers(live), numbers(asked)) {
        (Some(live), Some(asked)) => live.0 == asked.0 && live >= asked,
        _ => false,
    }
}

/// Finds upgrades that AWS would refuse, and says what can't be taken back.
pub(super) fn preflight(
    tier: &DataTier,
    setting: &Setting,
    creates: &dyn Fn(&str) -> bool,
    problems: &mut Problems,
) {
    let named = tier.search.iter().filter(|(_, spec)| spec.version != AUTO);
    for (name, spec) in named {
        let address = format!("{SORT}/{name}");
        if creates(&address) {
            judge_offer(name, spec, setting, problems);
        } else if let Some(live) = live(tier, name, setting) {
            judge_change(name, spec, live, problems);
        }
    }
}

fn judge_offer(name: &str, spec: &Search, setting: &Setting, problems: &mut Problems) {
    let offers = offers(setting);
    if !offers.is_empty() && !offers.contains(&spec.version.as_str()) {
        problems.error(
            ["search", name, "version"],
            format!(
                "AWS offers no version {} of OpenSearch in {}",
                spec.version, setting.owner.region
            ),
            format!("It offers {}.", offers.join(", ")),
        );
    }
}

fn judge_change(name: &str, spec: &Search, live: &str, problems: &mut Problems) {
    let asked = &spec.version;
    let runs = format!("{SORT}/{name} runs {}", live.replace('_', " "));
    // OpenSearch follows the last version of Elasticsearch.
    let before = of_opensearch(live).map_or(Some((0, 0)), numbers);
    let (Some(before), Some(after)) = (before, numbers(asked)) else {
        return;
    };
    if after.0 < before.0 {
        problems.error(
            ["search", name, "version"],
            format!("{runs}, and {asked} is older"),
            format!(
                "No domain can be taken back to an older version. Write version = \"{}.{}\" or \"auto\"; or restore a snapshot of that \
                 version into another domain.",
                before.0, before.1
            ),
        );
    } else if after.0 > before.0 && spec.allow_major_upgrade {
        problems.warning(
            ["search", name, "version"],
            format!("{runs} and is upgraded to {asked}, another major version"),
            "It can't be taken back: take a snapshot of your own first. Indices that were made in an earlier major version than the one it \
             runs have to be reindexed before, or AWS refuses the upgrade.",
        );
    } else if after.0 > before.0 {
        problems.error(
            ["search", name, "allow_major_upgrade"],
            format!("{runs}, and {asked} is another major version"),
            "Such an upgrade can't be taken back and may break indices and clients: try it on a copy. Then write allow_major_upgrade = \
             true, or keep the version.",
        );
    }
}
