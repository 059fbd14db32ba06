//! Caches: Amazon ElastiCache for Valkey or Redis OSS, on nodes or serverless.
//!
//! # Flow
//! A cache on nodes is a replication group with a subnet group, a parameter group and log groups; a serverless one stands alone.
//! Both may have users: a group of them, in which the user `default`, whom every client is that gives no name, is switched off.
//!
//! # Guarantees
//! No password is ever made or asked for.
//!
//! # Caveats
//! - The parameter group is named after major version and mode, since neither can change: a cache that is upgraded moves from one to
//!   the next.
//! - Alarms are set on the nodes that the configuration names; nodes that auto scaling adds are not watched one by one. They are called
//!   after shard and member, whatever the mode, so that a cache that becomes a cluster keeps them. ElastiCache chooses which replicas go
//!   when there are to be fewer, and does not say how it calls the nodes that a cluster had before it was one: an alarm whose node is not
//!   there stays quiet.

mod check;
mod scaling;
mod upgrade;
mod watch;

pub(super) use check::check;
pub(super) use upgrade::{preflight_questions, questions, settled};

use std::collections::BTreeMap;

use platform_graph::{Graph, Handle, Problems};
use platform_kinds::elasticache::{
    AuthenticationMode, CacheUsageLimits, CloudWatchLogs, DataStorage, DestinationDetails,
    EcpuPerSecond, LogDeliveryConfiguration, ParameterGroup, ReplicationGroup, ServerlessCache,
    SubnetGroup, User, UserGroup,
};
use platform_kinds::logs::LogGroup;
use schemars::JsonSchema;
use serde::Serialize;

use super::frame::{Frame, Store};
use super::spec::{Cache, CacheEngine, CacheLimits, CacheMode, DataTier};
use super::{access, keys};
use crate::Setting;
use scaling::{scale, scaled};

const SORT: &str = "cache";
/// The ports of a serverless cache: for everything, and for reads from the nearest replica.
const SERVERLESS_PORTS: [u16; 2] = [6379, 6380];

/// What a cache gives to others.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CacheOutput {
    /// ARN of the cache.
    pub arn: String,
    /// Host to connect to with TLS: that of the whole cluster, of the primary of `single`, or of the serverless cache.
    pub endpoint: String,
    /// Host that spreads reads over replicas; none with `cluster`, whose clients find the replicas themselves.
    pub reader_endpoint: Option<String>,
    /// Port of the endpoint.
    pub port: u16,
    /// Id of the security group.
    pub security_group_id: Option<String>,
    /// Id of the group of users; none where there are no users.
    pub user_group_id: Option<String>,
    /// The ids by which users log in, by name: they are both user id and user name.
    pub user_ids: BTreeMap<String, String>,
    /// ARNs of the users by name, for policies that allow `elasticache:Connect`.
    pub user_arns: BTreeMap<String, String>,
}

impl CacheEngine {
    fn word(self) -> &'static str {
        match self {
            CacheEngine::Valkey => "valkey",
            CacheEngine::Redis => "redis",
        }
    }
}

/// Major and minor version that a cache has at least. A major version alone stands for the minor version that ElastiCache began or,
/// where it takes no new caches of that one, goes on with.
fn version(spec: &Cache) -> (String, String) {
    let asked = spec.version.as_deref().unwrap_or(match spec.engine {
        CacheEngine::Valkey => "8",
        CacheEngine::Redis => "7",
    });
    let (major, minor) = asked.split_once('.').unwrap_or((asked, ""));
    let minor = match (spec.engine, major, minor) {
        (CacheEngine::Valkey, "7", "") => "2",
        (CacheEngine::Redis, "7", "") => "1",
        (_, _, "") => "0",
        (_, _, minor) => minor,
    };
    (major.to_owned(), format!("{major}.{minor}"))
}

/// The family of parameter groups.
pub(super) fn family(spec: &Cache) -> String {
    format!("{}{}", spec.engine.word(), version(spec).0)
}

/// The texts of a cache that decide which parts there are, and those that are taken to pieces.
pub(super) fn deciding(spec: &Cache) -> impl Iterator<Item = &String> {
    spec.version.iter().chain([&spec.snapshots.window])
}

/// Finds what AWS would refuse, and says what it may.
pub(super) fn preflight(
    tier: &DataTier,
    setting: &Setting,
    creates: &dyn Fn(&str) -> bool,
    problems: &mut Problems,
) {
    upgrade::preflight(tier, setting, creates, problems);
    check::quotas(tier, creates, problems);
}

/// How many nodes a cache has; none where it is serverless.
fn nodes(spec: &Cache) -> u32 {
    match spec.mode {
        CacheMode::Serverless => 0,
        CacheMode::Single => spec.replicas_per_shard + 1,
        CacheMode::Cluster => spec.shards.saturating_mul(spec.replicas_per_shard + 1),
    }
}

fn user_id(store: &Store<'_>, user: &str) -> String {
    format!("{}-{user}", store.physical_name())
}

fn final_snapshot(store: &Store<'_>, spec: &Cache) -> Option<String> {
    spec.snapshots
        .r#final
        .then(|| format!("{}-final", store.physical_name()))
}

pub(super) fn add(frame: &Frame<'_>, name: &str, spec: &Cache, graph: &mut Graph) {
    let store = frame.store(SORT, name);
    let key = keys::of(&store, graph);
    let allowed = frame.access(spec.access_from.as_ref());
    let ports = match spec.mode {
        CacheMode::Serverless => SERVERLESS_PORTS.to_vec(),
        _ => vec![spec.port],
    };
    let groups = access::add(&store, &ports, allowed, graph).map(|group| vec![group.id()]);
    let users = users(&store, spec, graph);
    match spec.mode {
        CacheMode::Serverless => serverless(&store, spec, key, groups, users, graph),
        _ => on_nodes(&store, spec, key, groups, users, graph),
    }
    watch::add(&store, spec, graph);
}

/// The users of a cache and their group; none where everybody is let in.
fn users(store: &Store<'_>, spec: &Cache, graph: &mut Graph) -> Option<String> {
    if spec.users.is_empty() {
        return None;
    }
    let words = store.words();
    let mut add =
        |part: &str, why: String, user_id: String, name: String, access: &str, mode: &str| {
            graph.add(
                store.part(part),
                why,
                User {
                    user_id,
                    user_name: name,
                    engine: spec.engine.word().to_owned(),
                    access_string: Some(access.to_owned()),
                    authentication_mode: Some(AuthenticationMode {
                        kind: mode.to_owned(),
                    }),
                    ..User::default()
                },
            )
        };
    let shut_out = add(
        "default-user",
        format!("shuts out of {words} whoever gives no name"),
        store.physical_name(),
        "default".to_owned(),
        "off -@all",
        "no-password-required",
    );
    let mut ids = vec![shut_out.id()];
    for (user, spec) in &spec.users {
        let id = user_id(store, user);
        let why = format!("may use {words}: {}", spec.access_string);
        let part = format!("user/{user}");
        ids.push(add(&part, why, id.clone(), id, &spec.access_string, "iam").id());
    }
    let group = graph.add(
        store.part("users"),
        format!("says who may use {words}"),
        UserGroup {
            user_group_id: store.physical_name(),
            engine: spec.engine.word().to_owned(),
            user_ids: ids,
            ..UserGroup::default()
        },
    );
    Some(group.id())
}

fn on_nodes(
    store: &Store<'_>,
    spec: &Cache,
    key: String,
    security_groups: Option<Vec<String>>,
    users: Option<String>,
    graph: &mut Graph,
) {
    let (_, version) = version(spec);
    let clustered = spec.mode == CacheMode::Cluster;
    let replicated = spec.replicas_per_shard > 0;
    let subnets = subnet_group(store, spec, graph);
    let parameters = parameter_group(store, spec, graph);
    let logs = logs(store, spec, &key, graph);
    let scaled: Vec<String> = scaled(spec)
        .map(|(dimension, ..)| dimension.property.to_owned())
        .collect();
    let cache = graph.add(
        store.address(),
        "keeps what is to be read fast in memory, on nodes in several zones",
        ReplicationGroup {
            replication_group_id: store.physical_name(),
            replication_group_description: format!(
                "{} of data tier {}",
                store.words(),
                store.frame.spec.name
            ),
            at_rest_encryption_enabled: Some(true),
            auto_minor_version_upgrade: Some(spec.auto_minor_version_upgrade),
            auto_scaled: (!scaled.is_empty()).then_some(scaled),
            // A cluster always has it.
            automatic_failover_enabled: Some(replicated || clustered),
            cache_node_type: Some(spec.node_type.clone()),
            cache_parameter_group_name: Some(parameters.id()),
            cache_subnet_group_name: Some(subnets.id()),
            cluster_mode: Some(if clustered { "enabled" } else { "disabled" }.to_owned()),
            engine: Some(spec.engine.word().to_owned()),
            engine_version: Some(version),
            final_snapshot_identifier: final_snapshot(store, spec),
            kms_key_id: Some(key),
            log_delivery_configurations: Some(logs),
            multi_az_enabled: Some(replicated),
            num_node_groups: clustered.then_some(spec.shards),
            port: Some(spec.port.into()),
            preferred_maintenance_window: spec.maintenance_window.clone(),
            replicas_per_node_group: Some(spec.replicas_per_shard),
            security_group_ids: security_groups,
            snapshot_name: spec.snapshots.restore_from.clone(),
            snapshot_retention_limit: Some(spec.snapshots.retention_days),
            snapshot_window: Some(spec.snapshots.window.clone()),
            transit_encryption_enabled: Some(true),
            transit_encryption_mode: Some("required".to_owned()),
            user_group_ids: Some(users.into_iter().collect()),
            ..ReplicationGroup::default()
        },
    );
    if let Some(scaling) = &spec.scaling {
        for (dimension, least, most) in self::scaled(spec) {
            scale(store, &cache, scaling, &dimension, (least, most), graph);
        }
    }
}

fn subnet_group(store: &Store<'_>, spec: &Cache, graph: &mut Graph) -> Handle {
    let subnets = store.frame.subnets(spec.tier.as_deref());
    graph.add(
        store.part("subnets"),
        format!("says in which subnets {} has its nodes", store.words()),
        SubnetGroup {
            cache_subnet_group_name: store.physical_name(),
            description: format!("{} of data tier {}", store.words(), store.frame.spec.name),
            subnet_ids: subnets.values().map(|id| (*id).to_owned()).collect(),
            ..SubnetGroup::default()
        },
    )
}

fn parameter_group(store: &Store<'_>, spec: &Cache, graph: &mut Graph) -> Handle {
    let family = family(spec);
    let mut values = spec.parameters.clone();
    let mut name = family.clone();
    if spec.mode == CacheMode::Cluster {
        values.insert("cluster-enabled".to_owned(), "yes".to_owned());
        name.push_str("-cluster");
    }
    graph.add(
        store.part(&format!("parameters/{name}")),
        format!("holds the settings of {}", store.words()),
        ParameterGroup {
            cache_parameter_group_name: format!("{}-{name}", store.physical_name()),
            cache_parameter_group_family: family,
            description: format!("{} of data tier {}", store.words(), store.frame.spec.name),
            properties: Some(values),
            ..ParameterGroup::default()
        },
    )
}

/// <https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Log_Delivery.html>
fn logs(
    store: &Store<'_>,
    spec: &Cache,
    key: &str,
    graph: &mut Graph,
) -> Vec<LogDeliveryConfiguration> {
    [
        (
            "engine",
            "engine-log",
            "messages of the engine",
            spec.logs.engine,
        ),
        ("slow", "slow-log", "slow commands", spec.logs.slow),
    ]
    .into_iter()
    .filter(|(.., asked)| *asked)
    .map(|(part, kind, what, _)| {
        let group = graph.add(
            store.part(&format!("logs/{part}")),
            format!("keeps the {what} of {}", store.words()),
            LogGroup {
                log_group_name: format!("/aws/elasticache/{}/{part}", store.physical_name()),
                retention_in_days: Some(spec.logs.retention_days),
                kms_key_id: Some(key.to_owned()),
                ..LogGroup::default()
            },
        );
        LogDeliveryConfiguration {
            destination_details: DestinationDetails {
                cloud_watch_logs_details: CloudWatchLogs {
                    log_group: group.id(),
                },
            },
            destination_type: "cloudwatch-logs".to_owned(),
            log_format: "json".to_owned(),
            log_type: kind.to_owned(),
        }
    })
    .collect()
}

fn serverless(
    store: &Store<'_>,
    spec: &Cache,
    key: String,
    security_groups: Option<Vec<String>>,
    users: Option<String>,
    graph: &mut Graph,
) {
    let (major, _) = version(spec);
    let subnets = store.frame.subnets(spec.tier.as_deref());
    let start = spec.snapshots.window.split('-').next();
    graph.add(
        store.address(),
        "keeps what is to be read fast in memory, without nodes",
        ServerlessCache {
            serverless_cache_name: store.physical_name(),
            cache_usage_limits: spec.limits.as_ref().and_then(limits),
            daily_snapshot_time: start
                .filter(|_| spec.snapshots.retention_days > 0)
                .map(str::to_owned),
            description: Some(format!(
                "{} of data tier {}",
                store.words(),
                store.frame.spec.name
            )),
            engine: spec.engine.word().to_owned(),
            final_snapshot_name: final_snapshot(store, spec),
            kms_key_id: Some(key),
            major_engine_version: Some(major),
            security_group_ids: security_groups,
            snapshot_arns_to_restore: spec.snapshots.restore_from.clone().map(|arn| vec![arn]),
            snapshot_retention_limit: Some(spec.snapshots.retention_days),
            subnet_ids: Some(subnets.values().map(|id| (*id).to_owned()).collect()),
            user_group_id: users,
            ..ServerlessCache::default()
        },
    );
}

fn limits(spec: &CacheLimits) -> Option<CacheUsageLimits> {
    let either = |least: Option<u32>, most: Option<u32>| least.is_some() || most.is_some();
    let storage = either(spec.min_storage_gb, spec.max_storage_gb).then(|| DataStorage {
        maximum: spec.max_storage_gb,
        minimum: spec.min_storage_gb,
        unit: "GB".to_owned(),
    });
    let ecpu =
        either(spec.min_ecpu_per_second, spec.max_ecpu_per_second).then_some(EcpuPerSecond {
            maximum: spec.max_ecpu_per_second,
            minimum: spec.min_ecpu_per_second,
        });
    (storage.is_some() || ecpu.is_some()).then_some(CacheUsageLimits {
        data_storage: storage,
        ecpu_per_second: ecpu,
    })
}

pub(super) fn output(frame: &Frame<'_>, name: &str, spec: &Cache) -> CacheOutput {
    let store = frame.store(SORT, name);
    let cache = Handle::to(store.address());
    let (arn, endpoint, reader) = match spec.mode {
        CacheMode::Cluster => ("Arn", "ConfigurationEndPoint.Address", None),
        CacheMode::Single => (
            "Arn",
            "PrimaryEndPoint.Address",
            Some("ReaderEndPoint.Address"),
        ),
        CacheMode::Serverless => ("ARN", "Endpoint.Address", Some("ReaderEndpoint.Address")),
    };
    let part = |part: &str| Handle::to(store.part(part));
    CacheOutput {
        arn: cache.attribute(arn),
        endpoint: cache.attribute(endpoint),
        reader_endpoint: reader.map(|reader| cache.attribute(reader)),
        port: match spec.mode {
            CacheMode::Serverless => SERVERLESS_PORTS[0],
            _ => spec.port,
        },
        security_group_id: frame
            .spec
            .network
            .is_some()
            .then(|| part("security-group").id()),
        user_group_id: (!spec.users.is_empty()).then(|| part("users").id()),
        user_ids: spec
            .users
            .keys()
            .map(|user| (user.clone(), part(&format!("user/{user}")).id()))
            .collect(),
        user_arns: spec
            .users
            .keys()
            .map(|user| (user.clone(), part(&format!("user/{user}")).attribute("Arn")))
            .collect(),
    }
}
