//! Versions and upgrades of caches.
//!
//! # Guarantees
//! - `auto` asks for no change of what is live: it is the version that the ledger keeps as long as what is live is not of another major
//!   one, and AWS's default version to begin with.
//! - An older major version, a version that ElastiCache does not offer, and the way from Valkey back to Redis OSS are errors of the
//!   plan; a later major version is one without the store's leave.
//!
//! # Caveats
//! ElastiCache tells nobody which types of nodes a region has: the list of reserved nodes that are for sale comes closest and lags
//! behind, so a type that a region lacks is refused by AWS when the cache is made.

use std::borrow::Cow;

use platform_graph::{Call, Problems};
use serde_json::Value;

use super::super::frame::Frame;
use super::super::spec::{Cache, CacheEngine, CacheMode, DataTier};
use super::super::versions::{AUTO, optional};
use super::{SORT, version};
use crate::{Ledger, Question, Setting};

const NODES: &str = "live/cache-nodes";
const SERVERLESS: &str = "live/serverless-caches";

/// What a cache runs.
#[derive(Debug, Clone, Copy)]
struct Live<'a> {
    engine: &'a str,
    version: &'a str,
}

/// The numbers of a version: `8.0.1` is 8, 0, 1, and `6.x` is 6.
fn numbers(version: &str) -> Vec<u32> {
    version
        .split('.')
        .map_while(|piece| piece.parse().ok())
        .collect()
}

fn major(version: &str) -> Option<u32> {
    numbers(version).first().copied()
}

fn default_answer(engine: CacheEngine) -> &'static str {
    match engine {
        CacheEngine::Valkey => "version/default/valkey",
        CacheEngine::Redis => "version/default/redis",
    }
}

fn offers_answer(engine: CacheEngine) -> &'static str {
    match engine {
        CacheEngine::Valkey => "version/offers/valkey",
        CacheEngine::Redis => "version/offers/redis",
    }
}

/// Asks for the versions of an engine.
fn ask_versions(engine: CacheEngine) -> Call {
    Call::new("elasticache", "DescribeCacheEngineVersions").with("Engine", engine.word())
}

fn key(name: &str) -> String {
    format!("{SORT}/{name}/version")
}

fn is_auto(spec: &Cache) -> bool {
    spec.version.as_deref() == Some(AUTO)
}

/// Asks what runs.
fn ask(spec: &Cache) -> Question {
    match spec.mode {
        CacheMode::Serverless => {
            let call = Call::new("elasticache", "DescribeServerlessCaches");
            optional(SERVERLESS, call)
        }
        _ => optional(NODES, Call::new("elasticache", "DescribeCacheClusters")),
    }
}

/// What has to be known of versions to expand.
pub(in super::super) fn questions(tier: &DataTier, ledger: &Ledger) -> Vec<Question> {
    let caches = tier.caches.iter().filter(|(_, spec)| is_auto(spec));
    caches
        .flat_map(|(name, spec)| {
            let call = ask_versions(spec.engine).with("DefaultOnly", true);
            let default = optional(default_answer(spec.engine), call);
            let is_kept = ledger.0.contains_key(&key(name));
            let default = (!is_kept).then_some(default);
            default.into_iter().chain([ask(spec)])
        })
        .collect()
}

/// What has to be known of versions before something changes.
pub(in super::super) fn preflight_questions(tier: &DataTier) -> Vec<Question> {
    let stores = tier.caches.values();
    stores
        .flat_map(|spec| {
            let offers = || optional(offers_answer(spec.engine), ask_versions(spec.engine));
            let offers = (!is_auto(spec)).then(offers);
            [ask(spec)].into_iter().chain(offers)
        })
        .collect()
}

fn live<'a>(tier: &str, name: &str, spec: &Cache, setting: &'a Setting) -> Option<Live<'a>> {
    let (answer, list, member, shown) = match spec.mode {
        CacheMode::Serverless => (
            SERVERLESS,
            "ServerlessCaches",
            "ServerlessCacheName",
            "MajorEngineVersion",
        ),
        _ => (
            NODES,
            "CacheClusters",
            "ReplicationGroupId",
            "EngineVersion",
        ),
    };
    let caches = setting.answers.get(answer)?.get(list)?.as_array()?;
    let identifier = format!("{tier}-{name}");
    let cache = caches.iter().find(|cache| cache[member] == identifier)?;
    Some(Live {
        engine: cache["Engine"].as_str()?,
        version: cache[shown].as_str()?,
    })
}

/// As much of a version as can be asked for: nodes have a minor one.
fn askable(spec: &Cache, version: &str) -> String {
    let pieces = match spec.mode {
        CacheMode::Serverless => 1,
        _ => 2,
    };
    let pieces: Vec<&str> = version.split('.').take(pieces).collect();
    pieces.join(".")
}

/// The cache with a version that can be asked for; `None` when `problems` got an error.
pub(in super::super) fn settled<'a>(
    frame: &Frame<'_>,
    name: &str,
    spec: &'a Cache,
    ledger: &mut Ledger,
    problems: &mut Problems,
) -> Option<Cow<'a, Cache>> {
    if !is_auto(spec) {
        ledger.0.remove(&key(name));
        return Some(Cow::Borrowed(spec));
    }
    let setting = frame.setting;
    let kept = ledger.0.get(&key(name)).cloned();
    let live = live(&frame.spec.name, name, spec, setting);
    let live = live.filter(|live| live.engine == spec.engine.word());
    let default = setting
        .answers
        .get(default_answer(spec.engine))
        .and_then(|answer| answer.pointer("/CacheEngineVersions/0/EngineVersion"))
        .and_then(Value::as_str);
    let settled = match (live, kept) {
        (Some(live), Some(kept))
            if major(live.version) == major(&kept) && numbers(live.version) >= numbers(&kept) =>
        {
            Some(kept)
        }
        (Some(live), _) => Some(askable(spec, live.version)),
        (None, Some(kept)) => Some(kept),
        (None, None) => default.map(|default| askable(spec, default)),
    };
    let Some(version) = settled else {
        problems.error(
            ["caches", name, "version"],
            format!("AWS did not say which version of {} is its default", spec.engine.word()),
            "Write the version, or give whoever plans the permission elasticache:DescribeCacheEngineVersions.",
        );
        return None;
    };
    ledger.0.insert(key(name), version.clone());
    Some(Cow::Owned(Cache {
        version: Some(version),
        ..spec.clone()
    }))
}

/// Finds upgrades that AWS would refuse, and says what can't be taken back.
pub(in super::super) fn preflight(
    tier: &DataTier,
    setting: &Setting,
    creates: &dyn Fn(&str) -> bool,
    problems: &mut Problems,
) {
    for (name, spec) in &tier.caches {
        let address = format!("{SORT}/{name}");
        if creates(&address) {
            judge_offer(name, spec, setting, problems);
            continue;
        }
        let Some(live) = live(&tier.name, name, spec, setting) else {
            continue;
        };
        let at = |argument: &'static str| ["caches", name, argument];
        let runs = format!("{address} runs {} {}", live.engine, live.version);
        let engine = spec.engine.word();
        if is_auto(spec) {
            if live.engine != engine {
                problems.error(
                    at("version"),
                    format!(
                        "{runs}, and \"auto\" says of no other engine which version it is to run"
                    ),
                    format!("Write the version of {engine}; \"auto\" can follow."),
                );
            }
            continue;
        }
        let (_, asked) = version(spec);
        let asked = askable(spec, &asked);
        if (live.engine, spec.engine) == ("valkey", CacheEngine::Redis) {
            problems.error(
                at("engine"),
                format!("{runs}, and there is no way back to Redis OSS"),
                "Leave `engine` out, or restore a snapshot that was taken before the change as another cache.",
            );
        } else if major(&asked) < major(live.version) {
            problems.error(
                at("version"),
                format!("{runs}, and {asked} is older"),
                "No cache can be taken back to an older version. Leave the version as it is, write \"auto\", or restore a snapshot of \
                 that version as another cache.",
            );
        } else if major(&asked) > major(live.version) && !spec.allow_major_upgrade {
            problems.error(
                at("allow_major_upgrade"),
                format!("{runs}, and {asked} is another major version"),
                "Such an upgrade can't be taken back and may break what connects: try it on a copy. Then write allow_major_upgrade = \
                 true, or keep the version.",
            );
        } else if live.engine == engine && numbers(live.version) >= numbers(&asked) {
            // It will do.
        } else if !judge_offer(name, spec, setting, problems) {
            // The error says what there is.
        } else if major(&asked) > major(live.version) || live.engine != engine {
            problems.warning(
                at("version"),
                format!("{runs} and is upgraded to {engine} {asked}"),
                "It can't be taken back. The upgrade happens at once, node by node, and breaks connections while replicas take over.",
            );
        }
    }
}

/// Whether ElastiCache offers the version that is asked for, as far as it told; otherwise `problems` gets an error.
fn judge_offer(name: &str, spec: &Cache, setting: &Setting, problems: &mut Problems) -> bool {
    let versions = setting.answers.get(offers_answer(spec.engine));
    let mut offers: Vec<&str> = versions
        .and_then(|answer| answer.get("CacheEngineVersions"))
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter(|version| version["Engine"] == spec.engine.word())
        .filter_map(|version| version["EngineVersion"].as_str())
        .collect();
    let asked = askable(spec, &version(spec).1);
    let is_offered = |offer: &&str| numbers(offer).starts_with(&numbers(&asked));
    if is_auto(spec) || offers.is_empty() || offers.iter().any(is_offered) {
        return true;
    }
    offers.sort_by_key(|offer| numbers(offer));
    let engine = spec.engine.word();
    problems.error(
        ["caches", name, "version"],
        format!(
            "ElastiCache offers no version {asked} of {engine} in {}",
            setting.owner.region
        ),
        format!("It offers {}.", offers.join(", ")),
    );
    false
}
