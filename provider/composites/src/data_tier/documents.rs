//! Document databases: Amazon DocumentDB, with an instance in every zone of the tier that is named.
//!
//! # Guarantees
//! - Instances are addressed by their zone: another zone of the network is another instance, and touches no other one.
//! - The log groups are there before the cluster, with the tier's key and a retention: else AWS makes them without.
//! - Which instance writes is AWS's business.
//! - The password of the master user is in Secrets Manager and nowhere else, whoever makes it.

mod check;
mod global;
mod upgrade;
mod watch;

pub(super) use check::check;
pub(super) use global::weigh;
pub(super) use upgrade::{preflight, preflight_questions, questions, settled};

use std::collections::BTreeMap;

use platform_graph::{Graph, Handle};
use platform_kinds::docdb::{
    DbCluster, DbClusterParameterGroup, DbInstance, ServerlessV2ScalingConfiguration,
};
use platform_kinds::logs::LogGroup;
use platform_kinds::rds::DbSubnetGroup;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::frame::{Frame, Store};
use super::spec::{DataTier, DocumentPassword, DocumentStorage, Documents};
use super::{access, keys, password};

const SORT: &str = "documents";
/// The port of the MongoDB protocol.
const PORT: u16 = 27017;
const SERVERLESS: &str = "db.serverless";
const DEFAULT_CLASS: &str = "db.r6g.large";
/// The logs that a cluster exports, by the names of its log groups.
const LOGS: [&str; 2] = ["audit", "profiler"];

/// What a document database gives to others.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct DocumentsOutput {
    /// Name of the host that writes.
    pub endpoint: String,
    /// Name under which the hosts that read take turns.
    pub reader_endpoint: String,
    /// TCP port.
    pub port: u16,
    /// ARN of the secret with name and password of the master user: that of AWS, or with `password = "own"` that of the tier. None of a
    /// secondary of a global database.
    pub secret_arn: Option<String>,
    /// Id of its security group.
    pub security_group_id: Option<String>,
    /// ARN of the cluster.
    pub arn: String,
    /// Name of the global cluster that it is part of, for the `global` of a database in another region.
    pub global_cluster: Option<String>,
}

/// The texts of a database that decide which parts there are.
pub(super) fn deciding(spec: &Documents) -> impl Iterator<Item = &String> {
    let readers = spec.readers.values().map(|reader| &reader.zone);
    spec.zones
        .iter()
        .flatten()
        .chain(readers)
        .chain([&spec.version])
        .chain(
            spec.global
                .iter()
                .filter_map(|global| global.primary_region.as_ref()),
        )
}

/// Name of the cluster. DocumentDB has the same room for names as RDS, where a store may have the same name.
fn identifier(store: &Store<'_>) -> String {
    format!("{}-docdb", store.physical_name())
}

/// The major version, `5.0` of `5.0.1`.
fn major(version: &str) -> &str {
    version
        .match_indices('.')
        .nth(1)
        .map_or(version, |(second, _)| &version[..second])
}

/// The family of parameter groups.
pub(super) fn family(spec: &Documents) -> String {
    format!("docdb{}", major(&spec.version))
}

/// The whole version, `5.0.0` for `5.0`.
fn whole(version: &str) -> String {
    if major(version) == version {
        format!("{version}.0")
    } else {
        version.to_owned()
    }
}

/// The word of the configuration for a choice, which is also AWS's.
fn word(choice: impl Serialize) -> String {
    match serde_json::to_value(choice) {
        Ok(Value::String(word)) => word,
        _ => String::new(),
    }
}

fn parameters(spec: &Documents) -> BTreeMap<String, String> {
    let mut parameters = spec.parameters.clone();
    let profiler = &spec.profiler;
    let switch = if profiler.enabled {
        "enabled"
    } else {
        "disabled"
    };
    for (name, value) in [
        ("audit_logs", word(spec.audit)),
        ("profiler", switch.to_owned()),
        ("tls", word(spec.tls)),
    ] {
        parameters.insert(name.to_owned(), value);
    }
    if profiler.enabled {
        // AWS writes rates with a digit after the point.
        let rate = format!("{:?}", profiler.sampling_rate);
        parameters.insert("profiler_sampling_rate".to_owned(), rate);
        parameters.insert(
            "profiler_threshold_ms".to_owned(),
            profiler.threshold_ms.to_string(),
        );
    }
    parameters
}

pub(super) fn add(frame: &Frame<'_>, name: &str, spec: &Documents, graph: &mut Graph) {
    let store = frame.store(SORT, name);
    let key = keys::of(&store, graph);
    let identifier = identifier(&store);
    let about = format!("{} of data tier {}", store.words(), frame.spec.name);
    let subnets = frame.subnets(spec.tier.as_deref());
    let group = graph.add(
        store.part("subnet-group"),
        format!("gives {} its addresses", store.words()),
        DbSubnetGroup {
            name: identifier.clone(),
            description: about.clone(),
            subnet_ids: subnets.values().map(|id| (*id).to_owned()).collect(),
            ..DbSubnetGroup::default()
        },
    );
    let major = major(&spec.version);
    let parameter_group = graph.add(
        store.part("parameter-group"),
        "asks clients for TLS and says what is logged",
        DbClusterParameterGroup {
            // Another major version takes another group, while the old one is still in use.
            name: format!("{identifier}-{}", major.replace('.', "-")),
            description: about,
            family: self::family(spec),
            parameters: parameters(spec),
            ..DbClusterParameterGroup::default()
        },
    );
    let allowed = frame.access(spec.access_from.as_ref());
    let security_group = access::add(&store, &[PORT], allowed, graph);
    let logs = LOGS.map(|log| {
        graph.add(
            store.part(&format!("log/{log}")),
            format!("keeps the {log} log of {}", store.words()),
            LogGroup {
                log_group_name: format!("/aws/docdb/{identifier}/{log}"),
                retention_in_days: Some(spec.log_retention_days),
                kms_key_id: Some(key.clone()),
                ..LogGroup::default()
            },
        )
    });
    let restore = spec.restore.as_ref();
    let primary_region = global::primary_region(spec);
    // What is restored keeps the master user that it had, and a secondary has that of the first cluster.
    let has_master = restore.is_none() && primary_region.is_none();
    let is_managed = spec.password == DocumentPassword::Managed;
    let manages = primary_region.is_none() && is_managed;
    let password = (!is_managed).then(|| secret(&store, &identifier, spec, &key, graph));
    let cluster = graph.add(
        store.address(),
        "keeps documents in three zones, for clients that speak MongoDB",
        DbCluster {
            backup_retention_period: Some(spec.backup_retention_days),
            copy_tags_to_snapshot: Some(true),
            identifier: identifier.clone(),
            parameter_group: Some(parameter_group.id()),
            subnet_group: Some(group.id()),
            deletion_protection: Some(
                spec.deletion_protection
                    .unwrap_or(frame.spec.deletion_protection),
            ),
            enable_cloudwatch_logs_exports: Some(LOGS.map(str::to_owned).to_vec()),
            engine_version: Some(whole(&spec.version)),
            global_cluster: primary_region
                .and(spec.global.as_ref())
                .map(|global| global.name.clone()),
            kms_key_id: Some(key.clone()),
            manage_master_user_password: primary_region.is_none().then_some(is_managed),
            master_user_password_version: password.as_ref().map(|_| password::version(&store)),
            master_user_password_secret: password,
            master_user_secret_kms_key_id: manages.then(|| key.clone()),
            master_username: has_master.then(|| spec.master_username.clone()),
            port: Some(PORT.into()),
            preferred_backup_window: spec.backup_window.clone(),
            preferred_maintenance_window: spec.maintenance_window.clone(),
            restore_to_time: restore.and_then(|restore| restore.time.clone()),
            restore_type: restore
                .filter(|restore| restore.copy_on_write)
                .map(|_| "copy-on-write".to_owned()),
            serverless_scaling: spec.serverless.as_ref().map(|capacity| {
                ServerlessV2ScalingConfiguration {
                    min_capacity: capacity.min,
                    max_capacity: capacity.max,
                }
            }),
            skip_final_snapshot: Some(!spec.final_snapshot),
            snapshot_identifier: restore.and_then(|restore| restore.snapshot.clone()),
            source_cluster: restore.and_then(|restore| restore.source.clone()),
            source_region: primary_region.map(str::to_owned),
            storage_encrypted: Some(true),
            storage_type: Some(
                match spec.storage {
                    DocumentStorage::Standard => "standard",
                    DocumentStorage::IoOptimized => "iopt1",
                }
                .to_owned(),
            ),
            use_latest_restorable_time: restore
                .filter(|restore| restore.source.is_some() && restore.time.is_none())
                .map(|_| true),
            vpc_security_group_ids: Some(security_group.iter().map(Handle::id).collect()),
            ..DbCluster::default()
        },
    );
    for log in &logs {
        graph.after(&cluster, log);
    }
    let instance = |zone: &str, last: &str, class: String, promotion_tier: u32| DbInstance {
        availability_zone: frame.zone_name(zone).map(str::to_owned),
        ca_certificate: spec.ca_certificate.clone(),
        cluster: cluster.id(),
        class,
        identifier: format!("{identifier}-{last}"),
        enable_performance_insights: Some(spec.performance_insights),
        performance_insights_key: spec.performance_insights.then(|| key.clone()),
        preferred_maintenance_window: spec.maintenance_window.clone(),
        promotion_tier: Some(promotion_tier),
        ..DbInstance::default()
    };
    let mut instances = Vec::new();
    for zone in subnets.keys() {
        let is_named = |zones: &std::collections::BTreeSet<String>| zones.contains(*zone);
        if spec.zones.as_ref().is_none_or(is_named) {
            instances.push(graph.add(
                store.part(&format!("instance/{zone}")),
                format!("serves {} in {zone}", store.words()),
                instance(zone, zone, class(spec), 1),
            ));
        }
    }
    for (reader, one) in &spec.readers {
        let class = one.instance_class.clone().unwrap_or_else(|| class(spec));
        graph.add(
            store.part(&format!("reader/{reader}")),
            format!("reads {} for {reader}", store.words()),
            instance(&one.zone, reader, class, 15),
        );
    }
    global::add(&store, spec, &cluster, &instances, graph);
    watch::add(&store, spec, &cluster, graph);
}

/// Adds the secret with the master password, and yields its ARN.
fn secret(
    store: &Store<'_>,
    identifier: &str,
    spec: &Documents,
    key: &str,
    graph: &mut Graph,
) -> String {
    let why = format!(
        "holds the password of the master user of {}, which AWS must not manage for it to be part of a global database",
        store.words()
    );
    let fields = json!({
        "dbClusterIdentifier": identifier,
        "engine": "mongo",
        "ssl": true,
        "username": spec.master_username,
    });
    let version = spec.password_version;
    password::add(store, identifier, version, why, &fields, key, graph)
}

/// The classes of all databases.
pub(super) fn classes(tier: &DataTier) -> impl Iterator<Item = String> {
    tier.documents.values().flat_map(|spec| {
        let readers = spec.readers.values();
        let own = readers.filter_map(|reader| reader.instance_class.clone());
        own.chain([class(spec)]).collect::<Vec<String>>()
    })
}

/// Class of the instances that do not say theirs.
fn class(spec: &Documents) -> String {
    match (&spec.serverless, &spec.instance_class) {
        (Some(_), _) => SERVERLESS.to_owned(),
        (None, Some(class)) => class.clone(),
        (None, None) => DEFAULT_CLASS.to_owned(),
    }
}

pub(super) fn output(frame: &Frame<'_>, name: &str, spec: &Documents) -> DocumentsOutput {
    let store = frame.store(SORT, name);
    let cluster = Handle::to(store.address());
    DocumentsOutput {
        endpoint: cluster.attribute("Endpoint"),
        reader_endpoint: cluster.attribute("ReadEndpoint"),
        port: PORT,
        secret_arn: match (global::primary_region(spec), spec.password) {
            (Some(_), _) => None,
            (None, DocumentPassword::Managed) => Some(cluster.attribute("SecretArn")),
            (None, DocumentPassword::Own) => Some(Handle::to(password::address(&store)).id()),
        },
        security_group_id: frame
            .spec
            .network
            .is_some()
            .then(|| Handle::to(store.part("security-group")).id()),
        arn: cluster.attribute("Arn"),
        global_cluster: global::name(&store, spec),
    }
}
