//! What is wrong with a cache.

use platform_graph::Problems;

use crate::data_tier::check::{Checks, name as check_name, windows};
use crate::data_tier::spec::{Cache, CacheEngine, CacheMode, DataTier};
use crate::data_tier::versions::AUTO;
use crate::log_retention;
use crate::schema::is_unknown_text;

/// The longest id of a user.
const LONGEST_USER: usize = 40;
/// The user that clients are who give no name.
const EVERYBODY: &str = "default";
/// Nodes that a cluster has at most, and without a higher quota.
/// <https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.html>
const MOST_NODES: u32 = 500;
const USUAL_NODES: u32 = 90;
/// Minutes that a window has at least.
/// <https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html>
const LEAST_WINDOW: u32 = 60;

pub(in crate::data_tier) fn check(
    name: &str,
    store: &Cache,
    frame: &Checks<'_>,
    problems: &mut Problems,
) {
    frame.networked(
        &["caches", name],
        store.tier.as_deref(),
        store.access_from.as_ref(),
        problems,
    );
    version(name, store, problems);
    users(name, store, frame, problems);
    match store.mode {
        CacheMode::Serverless => serverless(name, store, problems),
        _ => on_nodes(name, store, problems),
    }
}

/// Says of new caches which quota they need.
pub(super) fn quotas(tier: &DataTier, creates: &dyn Fn(&str) -> bool, problems: &mut Problems) {
    for (name, store) in &tier.caches {
        let nodes = super::nodes(store);
        if nodes > USUAL_NODES && creates(&format!("{}/{name}", super::SORT)) {
            problems.warning(
                ["caches", name, "shards"],
                format!("{nodes} nodes need a higher quota than AWS gives at first"),
                format!("A cluster has {USUAL_NODES} nodes until the quota \"Nodes per cluster per instance type\" is raised, to {MOST_NODES} at most."),
            );
        }
    }
}

fn version(name: &str, store: &Cache, problems: &mut Problems) {
    let Some(asked) = store
        .version
        .as_deref()
        .filter(|asked| !is_unknown_text(asked) && *asked != AUTO)
    else {
        return;
    };
    let major: u32 = asked
        .split('.')
        .next()
        .and_then(|major| major.parse().ok())
        .unwrap_or_default();
    let fits = match store.engine {
        CacheEngine::Valkey => major >= 7,
        CacheEngine::Redis => major == 7,
    };
    if !fits {
        problems.error(
            ["caches", name, "version"],
            format!("ElastiCache has no version {asked} that lets users log in with IAM"),
            "Valkey has 7.2 and everything from 8 on, Redis OSS has 7.",
        );
    }
    if store.mode == CacheMode::Serverless && asked.contains('.') {
        problems.error(
            ["caches", name, "version"],
            "a serverless cache has a major version only",
            format!("Write `version = \"{major}\"`: AWS chooses the minor version."),
        );
    }
}

fn users(name: &str, store: &Cache, frame: &Checks<'_>, problems: &mut Problems) {
    for (user, spec) in &store.users {
        check_name(&["caches", name, "users"], user, problems);
        if user == EVERYBODY {
            problems.error(
                ["caches", name, "users", user],
                "default is the user that clients are who give no name",
                "It is shut out where there are users: give this one another name, and let clients log in with it.",
            );
        }
        let id = format!("{}-{name}-{user}", frame.spec.name);
        if id.len() > LONGEST_USER && !is_unknown_text(&frame.spec.name) {
            problems.error(
                ["caches", name, "users", user],
                format!("the id of the user would be {id:?}, which is too long"),
                format!("It has {} characters and may have {LONGEST_USER}: shorten the name of the data tier, the cache or the user.", id.len()),
            );
        }
        let words: Vec<&str> = spec.access_string.split_whitespace().collect();
        if is_unknown_text(&spec.access_string) {
            continue;
        }
        if !words.iter().any(|word| matches!(*word, "on" | "off")) {
            problems.error(
                ["caches", name, "users", user, "access_string"],
                "it does not say whether the user is on",
                "Begin with `on`; `off` shuts the user out.",
            );
        }
        if words.iter().any(|word| {
            word.starts_with(['>', '<', '#', '!']) || matches!(*word, "nopass" | "resetpass")
        }) {
            problems.error(
                ["caches", name, "users", user, "access_string"],
                "an access string can't set a password",
                "Users log in with IAM tokens. Leave words that begin with >, <, # or ! away, and nopass and resetpass.",
            );
        }
    }
}

fn serverless(name: &str, store: &Cache, problems: &mut Problems) {
    let default = Cache::default();
    let given = [
        ("node_type", store.node_type != default.node_type),
        ("shards", store.shards != default.shards),
        (
            "replicas_per_shard",
            store.replicas_per_shard != default.replicas_per_shard,
        ),
        ("scaling", store.scaling.is_some()),
        ("parameters", !store.parameters.is_empty()),
        ("logs", store.logs != default.logs),
        ("maintenance_window", store.maintenance_window.is_some()),
        ("port", store.port != default.port),
    ];
    for (attribute, _) in given.into_iter().filter(|(_, given)| *given) {
        problems.error(
            ["caches", name, attribute],
            "a serverless cache has nothing of the kind",
            "Leave it out, or use another `mode`.",
        );
    }
    let Some(limits) = &store.limits else {
        return;
    };
    for (attribute, least, most) in [
        (
            "max_storage_gb",
            limits.min_storage_gb,
            limits.max_storage_gb,
        ),
        (
            "max_ecpu_per_second",
            limits.min_ecpu_per_second,
            limits.max_ecpu_per_second,
        ),
    ] {
        if let (Some(least), Some(most)) = (least, most)
            && least > most
        {
            problems.error(
                ["caches", name, "limits", attribute],
                "the most is less than the least",
                format!("Say at least {least}."),
            );
        }
    }
}

fn on_nodes(name: &str, store: &Cache, problems: &mut Problems) {
    if store.limits.is_some() {
        problems.error(
            ["caches", name, "limits"],
            "only a serverless cache has limits",
            "Leave them out, or set `mode = \"serverless\"`.",
        );
    }
    if store.mode == CacheMode::Single && store.shards != 1 {
        problems.error(
            ["caches", name, "shards"],
            "mode single is one shard",
            "Leave `shards` out, or set `mode = \"cluster\"`.",
        );
    }
    let nodes = super::nodes(store);
    if nodes > MOST_NODES {
        problems.error(
            ["caches", name, "shards"],
            format!("{nodes} nodes are more than a cluster can have"),
            format!("Shards times their nodes may be {MOST_NODES}: have fewer of either."),
        );
    }
    windows(
        LEAST_WINDOW,
        (
            ["caches", name, "snapshots", "window"]
                .map(str::to_owned)
                .to_vec(),
            Some(&store.snapshots.window),
        ),
        (
            ["caches", name, "maintenance_window"]
                .map(str::to_owned)
                .to_vec(),
            store.maintenance_window.as_deref(),
        ),
        problems,
    );
    if store.parameters.contains_key("cluster-enabled") {
        problems.error(
            ["caches", name, "parameters", "cluster-enabled"],
            "it follows from the mode",
            "Leave it out, and say `mode = \"cluster\"` or `mode = \"single\"`.",
        );
    }
    log_retention::check(
        ["caches", name, "logs", "retention_days"],
        store.logs.retention_days,
        None,
        problems,
    );
    scaling(name, store, problems);
}

fn scaling(name: &str, store: &Cache, problems: &mut Problems) {
    let Some(scaling) = &store.scaling else {
        return;
    };
    if store.mode == CacheMode::Single {
        problems.error(
            ["caches", name, "scaling"],
            "only a cluster scales by itself",
            "Leave it out, or set `mode = \"cluster\"`.",
        );
    }
    if store.node_type.starts_with("cache.t") {
        problems.error(
            ["caches", name, "scaling"],
            format!("caches of {} do not scale by themselves", store.node_type),
            "Use nodes of the families m or r, from large on: `cache.m7g.large`.",
        );
    }
    for (attribute, least, most) in [
        ("max_shards", store.shards, scaling.max_shards),
        (
            "max_replicas_per_shard",
            store.replicas_per_shard,
            scaling.max_replicas_per_shard,
        ),
    ] {
        if most.is_some_and(|most| most < least) {
            problems.error(
                ["caches", name, "scaling", attribute],
                "the most is less than the least",
                format!("The cache begins with {least}: say at least as many."),
            );
        }
    }
    if scaling.max_replicas_per_shard.is_some() && store.replicas_per_shard == 0 {
        problems.error(
            ["caches", name, "replicas_per_shard"],
            "replicas scale from one on",
            "Say at least 1.",
        );
    }
}
