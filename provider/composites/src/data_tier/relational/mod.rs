//! Relational databases: PostgreSQL and MySQL, on instances and clusters of RDS and Aurora.
//!
//! # Flow
//! Log groups and the role of enhanced monitoring come first, so that RDS finds them and makes none of its own. Then the instance or
//! cluster, its members, and what watches them.
//!
//! # Guarantees
//! - Members of a cluster and replicas are parts by name: adding or removing one touches no other.
//! - What decides on the data (engine, key, name) is create-only: a change is a refusal that names the part.
//! - A parameter group is named after its family, so that another major version has a group of its own.
//! - The password of the master user is in Secrets Manager and nowhere else, whoever makes it.

mod check;
mod endpoints;
mod engine;
mod events;
mod former;
mod options;
mod password;
mod proxy;
mod scaling;
mod upgrade;
mod watch;
mod watch_proxy;

pub(super) use check::check;
pub(super) use engine::Engine;
use proxy::ProxyOutput;
pub(super) use upgrade::{preflight, preflight_questions, questions, settled};

use std::collections::BTreeMap;

use platform_graph::{Graph, Handle};
use platform_kinds::iam::Role;
use platform_kinds::logs::LogGroup;
use platform_kinds::rds::{
    DbCluster, DbClusterParameterGroup, DbInstance, DbParameterGroup, DbSubnetGroup,
    MasterUserSecret, ServerlessV2ScalingConfiguration, version,
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use super::frame::{Frame, Store};
use super::spec::{DataTier, InsightsMode, Reader, Relational, StorageType, Topology, Upgrade};
use super::{access, keys};

/// What a database gives to others.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct RelationalOutput {
    /// Host name of the writer.
    pub endpoint: String,
    /// Host name that spreads connections over the readers of a cluster; none without a cluster.
    pub reader_endpoint: Option<String>,
    /// Host names of the replicas of an instance by name; none of a cluster.
    pub replica_endpoints: BTreeMap<String, String>,
    /// TCP port.
    pub port: u16,
    /// Name of the first database.
    pub database: String,
    /// ARN of the secret with name and password of the master user: that of RDS, or with `password = "own"` that of the tier.
    pub secret_arn: String,
    /// Id of its security group.
    pub security_group_id: Option<String>,
    /// ARN of the instance or cluster.
    pub arn: String,
    /// Id of it that policies for `rds-db:connect` name: `db-…` or `cluster-…`.
    pub resource_id: String,
    /// Host names of the further endpoints by name.
    pub custom_endpoints: BTreeMap<String, String>,
    /// The proxy: `endpoint`, `reader_endpoint`, `port`, `arn`, `resource_id` and `security_group_id`; none without a proxy.
    pub proxy: Option<ProxyOutput>,
}

/// The databases of a tier by engine.
pub(super) fn all(spec: &DataTier) -> [(Engine, &BTreeMap<String, Relational>); 2] {
    [
        (Engine::PostgreSql, &spec.postgres),
        (Engine::MySql, &spec.mysql),
    ]
}

impl Relational {
    /// The texts that decide which parts there are.
    pub(super) fn deciding(&self) -> impl Iterator<Item = &String> {
        let types = self.logs.types.iter().flatten();
        let accesses = self.proxy.iter().flat_map(|proxy| &proxy.access_from);
        let peers = accesses.flat_map(|access| {
            let groups = access.security_groups.iter();
            groups.chain(&access.tiers).chain(&access.cidrs)
        });
        let members = self
            .endpoints
            .values()
            .flat_map(|endpoint| [&endpoint.members, &endpoint.excluded])
            .flatten()
            .flatten();
        let categories = self.events.iter().flat_map(|events| &events.categories);
        types
            .chain([&self.version])
            .chain(peers)
            .chain(members)
            .chain(categories.flatten())
    }
}

/// A database on its way into the graph.
struct Plan<'a> {
    engine: Engine,
    spec: &'a Relational,
    store: Store<'a>,
    key: String,
    monitoring_role: Option<String>,
    group: Option<Handle>,
    subnet_group: Handle,
    options: Option<String>,
    /// ARN of the secret of ours with the master password, where RDS does not manage it.
    password: Option<String>,
}

/// GiB of storage to begin with.
fn size(spec: &Relational) -> u32 {
    let storage = &spec.storage;
    storage.size_gib.unwrap_or(match spec.topology {
        Topology::MultiAzCluster => 100,
        _ if storage.kind != StorageType::Gp3 => check::LEAST_PROVISIONED,
        _ => 20,
    })
}

fn port(engine: Engine, spec: &Relational) -> u16 {
    spec.port.unwrap_or(engine.port())
}

fn database(store: &Store<'_>, spec: &Relational) -> String {
    spec.database
        .clone()
        .unwrap_or_else(|| store.name.replace('-', "_"))
}

/// The readers that are parts of their own.
fn readers(spec: &Relational) -> BTreeMap<String, Reader> {
    match (&spec.readers, spec.topology.is_aurora()) {
        (Some(readers), _) => readers.clone(),
        (None, true) => BTreeMap::from([("standby".to_owned(), Reader::default())]),
        (None, false) => BTreeMap::new(),
    }
}

/// The classes of all databases, each with the engine.
pub(super) fn classes(tier: &DataTier) -> impl Iterator<Item = (&'static str, String)> {
    let stores = all(tier).into_iter();
    let stores =
        stores.flat_map(|(engine, stores)| stores.values().map(move |spec| (engine, spec)));
    stores.flat_map(|(engine, spec)| {
        let readers = readers(spec).into_values();
        let readers = readers.map(|reader| class(spec, reader.instance_class.as_ref()));
        let classes: Vec<String> = readers.chain([class(spec, None)]).collect();
        let engine = engine.name(spec.topology);
        classes.into_iter().map(move |class| (engine, class))
    })
}

fn class(spec: &Relational, own: Option<&String>) -> String {
    let usual = match spec.topology {
        Topology::AuroraServerless => "db.serverless",
        Topology::MultiAzCluster => "db.m6gd.large",
        Topology::Aurora => "db.r6g.large",
        Topology::SingleInstance | Topology::MultiAz => "db.t4g.medium",
    };
    own.or(spec.instance_class.as_ref())
        .cloned()
        .unwrap_or_else(|| usual.to_owned())
}

pub(super) fn add(
    engine: Engine,
    frame: &Frame<'_>,
    name: &str,
    spec: &Relational,
    graph: &mut Graph,
) {
    let store = frame.store(engine.sort(), name);
    let key = keys::of(&store, graph);
    let allowed = frame.access(spec.access_from.as_ref());
    let group = access::add(&store, &[port(engine, spec)], allowed, graph);
    let subnet_group = graph.add(
        store.part("subnet-group"),
        format!("places {} in its tier", store.words()),
        DbSubnetGroup {
            name: store.physical_name(),
            description: format!("{} of data tier {}", store.words(), frame.spec.name),
            subnet_ids: frame
                .subnets(spec.tier.as_deref())
                .into_values()
                .map(str::to_owned)
                .collect(),
            ..DbSubnetGroup::default()
        },
    );
    let plan = Plan {
        engine,
        spec,
        store,
        monitoring_role: monitoring(&store, spec, graph),
        group,
        subnet_group,
        options: options::add(engine, &store, spec, graph).map(|group| group.id()),
        password: password::add(engine, &store, spec, &key, graph),
        key,
    };
    let parameters = plan.parameters(graph);
    let mut still_used = Vec::new();
    for former in former::specs(engine, &store, spec) {
        still_used.extend(options::add(engine, &store, &former, graph));
        let plan = Plan {
            spec: &former,
            store,
            key: plan.key.clone(),
            monitoring_role: None,
            group: None,
            subnet_group: plan.subnet_group.clone(),
            options: None,
            password: None,
            engine,
        };
        still_used.push(plan.parameters(graph));
    }
    if spec.topology.is_cluster() {
        plan.cluster(&parameters, graph);
    } else {
        let primary = plan.instance(&parameters, graph);
        for group in &still_used {
            // AWS deletes no group that the instance which was replaced uses; that goes with the one that replaced it.
            graph.after(&primary, group);
        }
    }
    plan.around(graph);
    watch::add(engine, &store, spec, graph);
    watch_proxy::add(&store, spec, graph);
}

/// The role with which RDS hands what it measures of the operating system to CloudWatch Logs.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Monitoring.OS.Enabling.html>
fn monitoring(store: &Store<'_>, spec: &Relational, graph: &mut Graph) -> Option<String> {
    if spec.insights.monitoring_interval_seconds == 0 {
        return None;
    }
    let setting = store.frame.setting;
    let role = graph.add(
        store.part("monitoring-role"),
        format!("lets RDS measure the operating system of {}", store.words()),
        Role {
            // IAM is global, so the region is part of the name.
            role_name: format!(
                "{}-{}-{}-monitor",
                store.frame.spec.name, setting.owner.region, store.name
            ),
            assume_role_policy_document: json!({
                "Version": "2012-10-17",
                "Statement": [{
                    "Effect": "Allow",
                    "Principal": { "Service": "monitoring.rds.amazonaws.com" },
                    "Action": "sts:AssumeRole",
                    "Condition": { "StringEquals": { "aws:SourceAccount": setting.account } },
                }],
            }),
            managed_policy_arns: vec![format!(
                "arn:{}:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole",
                setting.partition
            )],
            description: Some(format!(
                "Enhanced monitoring of {} of data tier {}",
                store.words(),
                store.frame.spec.name
            )),
            ..Role::default()
        },
    );
    Some(role.attribute("Arn"))
}

impl Plan<'_> {
    /// What makes use of the database once its instances are there.
    fn around(&self, graph: &mut Graph) {
        let main = Handle::to(self.store.address());
        let is_aurora = self.spec.topology.is_aurora();
        let first = is_aurora.then(|| "instance".to_owned());
        let readers = readers(self.spec).into_keys();
        let instances: Vec<Handle> = first
            .into_iter()
            .chain(readers.map(|reader| format!("reader/{reader}")))
            .map(|part| Handle::to(self.store.part(&part)))
            .collect();
        let members = if is_aurora { &instances[..] } else { &[] };
        self.proxy(&main, members, graph);
        self.endpoints(&main, members, graph);
        self.reader_scaling(&main, members, graph);
        self.events(&main, &instances, graph);
    }

    fn words(&self) -> String {
        self.store.words()
    }

    fn identifier(&self) -> String {
        self.store.physical_name()
    }

    fn reader_identifier(&self, reader: &str) -> String {
        format!("{}-{reader}", self.store.physical_name())
    }

    fn parameters(&self, graph: &mut Graph) -> Handle {
        let family = self.engine.family(self.spec);
        let name = format!("{}-{}", self.identifier(), family.replace('.', "-"));
        let address = self.store.part(&format!(
            "parameters/{}",
            version::major(&self.spec.version)
        ));
        let why = format!(
            "sets how {} works; nobody connects without TLS",
            self.words()
        );
        let description = format!(
            "{} of data tier {}",
            self.words(),
            self.store.frame.spec.name
        );
        let parameters = self.engine.parameters(self.spec);
        if self.spec.topology.is_cluster() {
            let group = DbClusterParameterGroup {
                name,
                description,
                family,
                parameters,
                ..DbClusterParameterGroup::default()
            };
            graph.add(address, why, group)
        } else {
            let group = DbParameterGroup {
                name,
                description,
                family,
                parameters,
                ..DbParameterGroup::default()
            };
            graph.add(address, why, group)
        }
    }

    /// Adds the log groups of an instance or cluster, before RDS makes them without retention and key, and lets it wait for them.
    fn logs(&self, of: &Handle, sort: &str, identifier: &str, prefix: &str, graph: &mut Graph) {
        for log in self.engine.exported(self.spec) {
            let group = graph.add(
                self.store.part(&format!("{prefix}log/{log}")),
                format!("keeps the log {log} of {}", self.words()),
                LogGroup {
                    log_group_name: format!("/aws/rds/{sort}/{identifier}/{log}"),
                    retention_in_days: Some(self.spec.logs.retention_days),
                    kms_key_id: Some(self.key.clone()),
                    ..LogGroup::default()
                },
            );
            graph.after(of, &group);
        }
    }

    fn protected(&self) -> bool {
        let tier = self.store.frame.spec;
        self.spec
            .deletion_protection
            .unwrap_or(tier.deletion_protection)
    }

    fn at_once(&self) -> Option<bool> {
        self.spec.apply_immediately.then_some(true)
    }

    fn secret(&self) -> Option<MasterUserSecret> {
        Some(MasterUserSecret {
            kms_key_id: self.key.clone(),
        })
    }

    fn security_groups(&self) -> Option<Vec<String>> {
        Some(self.group.iter().map(Handle::id).collect())
    }

    fn insights(&self) -> (Option<bool>, Option<u32>, Option<String>, Option<String>) {
        let mode = |word: &str| Some(word.to_owned());
        match self.spec.insights.mode {
            InsightsMode::Off => (Some(false), None, None, None),
            InsightsMode::Standard => (
                Some(true),
                Some(7),
                Some(self.key.clone()),
                mode("standard"),
            ),
            InsightsMode::Advanced => (
                Some(true),
                Some(465),
                Some(self.key.clone()),
                mode("advanced"),
            ),
        }
    }

    fn monitoring_interval(&self) -> Option<u32> {
        Some(self.spec.insights.monitoring_interval_seconds)
    }

    /// What an instance has, whether it writes or replicates one that does.
    fn server(&self, identifier: String, class: String, parameters: &Handle) -> DbInstance {
        let (insights, insights_days, insights_key, mode) = self.insights();
        let storage = &self.spec.storage;
        let size = size(self.spec);
        let most = storage.max_size_gib.unwrap_or(size.saturating_mul(5));
        DbInstance {
            identifier,
            allocated_storage: Some(size.to_string()),
            allow_major_version_upgrade: self.spec.allow_major_upgrade.then_some(true),
            apply_immediately: self.at_once(),
            auto_minor_version_upgrade: Some(self.spec.auto_minor_upgrade),
            copy_tags_to_snapshot: Some(true),
            instance_class: Some(class),
            parameter_group_name: Some(parameters.id()),
            database_insights_mode: mode,
            deletion_protection: Some(self.protected()),
            enable_cloudwatch_logs_exports: Some(self.engine.exported(self.spec)),
            enable_iam_database_authentication: Some(self.spec.iam_authentication),
            enable_performance_insights: insights,
            engine_version: Some(self.spec.version.clone()),
            iops: storage.iops,
            max_allocated_storage: (most != 0).then_some(most),
            monitoring_interval: self.monitoring_interval(),
            monitoring_role_arn: self.monitoring_role.clone(),
            option_group_name: self.options.clone(),
            performance_insights_kms_key_id: insights_key,
            performance_insights_retention_period: insights_days,
            port: Some(port(self.engine, self.spec).to_string()),
            preferred_maintenance_window: self.spec.maintenance_window.clone(),
            publicly_accessible: Some(false),
            storage_throughput: storage.throughput_mibps,
            storage_type: Some(
                match storage.kind {
                    StorageType::Gp3 => "gp3",
                    StorageType::Io1 => "io1",
                    StorageType::Io2 => "io2",
                }
                .to_owned(),
            ),
            vpc_security_groups: self.security_groups(),
            ..DbInstance::default()
        }
    }

    fn instance(&self, parameters: &Handle, graph: &mut Graph) -> Handle {
        let spec = self.spec;
        let restore = spec.restore.as_ref();
        // What is restored keeps the key, the master user and the databases that it had.
        let is_new = restore.is_none();
        let server = self.server(self.identifier(), class(spec, None), parameters);
        let primary = graph.add(
            self.store.address(),
            match spec.topology {
                Topology::SingleInstance => format!("is {}, in one zone", self.words()),
                _ => format!("is {}, with a standby in another zone", self.words()),
            },
            DbInstance {
                backup_retention_period: Some(spec.backup.retention_days),
                keep_previous: self.password.as_ref().map(|_| spec.keep_previous),
                upgrade_strategy: self.password.as_ref().map(|_| {
                    match spec.upgrade {
                        Upgrade::InPlace => "in_place",
                        Upgrade::BlueGreen => "blue_green",
                    }
                    .to_owned()
                }),
                db_name: is_new.then(|| database(&self.store, spec)),
                snapshot_identifier: restore.and_then(|restore| restore.snapshot.clone()),
                subnet_group_name: Some(self.subnet_group.id()),
                engine: Some(self.engine.name(spec.topology).to_owned()),
                kms_key_id: is_new.then(|| self.key.clone()),
                manage_master_user_password: Some(self.password.is_none()),
                master_user_password_secret: self.password.clone(),
                master_user_secret: self.secret().filter(|_| self.password.is_none()),
                master_username: is_new.then(|| spec.master_username.clone()),
                multi_az: Some(spec.topology == Topology::MultiAz),
                preferred_backup_window: spec.backup.window.clone(),
                restore_time: restore.and_then(|restore| restore.time.clone()),
                skip_final_snapshot: (!spec.final_snapshot).then_some(true),
                source_identifier: restore.and_then(|restore| restore.source.clone()),
                storage_encrypted: Some(true),
                use_latest_restorable_time: restore
                    .filter(|restore| restore.source.is_some() && restore.time.is_none())
                    .map(|_| true),
                ..server
            },
        );
        self.logs(&primary, "instance", &self.identifier(), "", graph);
        for (name, reader) in readers(spec) {
            let identifier = self.reader_identifier(&name);
            let class = class(spec, reader.instance_class.as_ref());
            let replica = graph.add(
                self.store.part(&format!("reader/{name}")),
                format!("reads what {} writes", self.words()),
                DbInstance {
                    source_identifier: Some(primary.id()),
                    multi_az: Some(false),
                    ..self.server(identifier.clone(), class, parameters)
                },
            );
            let prefix = format!("reader/{name}/");
            self.logs(&replica, "instance", &identifier, &prefix, graph);
        }
        primary
    }

    fn cluster(&self, parameters: &Handle, graph: &mut Graph) {
        let spec = self.spec;
        let restore = spec.restore.as_ref();
        let is_new = restore.is_none();
        let is_aurora = spec.topology.is_aurora();
        let (insights, insights_days, insights_key, mode) = self.insights();
        let storage = &spec.storage;
        let cluster = graph.add(
            self.store.address(),
            match spec.topology {
                Topology::MultiAzCluster => format!(
                    "is {}: a writer and two readers in three zones",
                    self.words()
                ),
                _ => format!("is {}, with its storage in three zones", self.words()),
            },
            DbCluster {
                identifier: self.identifier(),
                allocated_storage: (!is_aurora).then(|| size(spec)),
                allow_major_version_upgrade: spec.allow_major_upgrade.then_some(true),
                apply_immediately: self.at_once(),
                auto_minor_version_upgrade: Some(spec.auto_minor_upgrade),
                backup_retention_period: Some(spec.backup.retention_days),
                copy_tags_to_snapshot: Some(true),
                instance_class: (!is_aurora).then(|| class(spec, None)),
                parameter_group_name: Some(parameters.id()),
                subnet_group_name: Some(self.subnet_group.id()),
                database_insights_mode: mode,
                database_name: is_new.then(|| database(&self.store, spec)),
                deletion_protection: Some(self.protected()),
                enable_cloudwatch_logs_exports: Some(self.engine.exported(spec)),
                // RDS has refused it for Multi-AZ DB clusters, although its API counts them among those that have it.
                enable_iam_database_authentication: is_aurora.then_some(spec.iam_authentication),
                engine: Some(self.engine.name(spec.topology).to_owned()),
                engine_version: Some(spec.version.clone()),
                iops: match (is_aurora, storage.kind) {
                    (true, _) => None,
                    // A Multi-AZ DB cluster wants to be told even the baseline.
                    (false, StorageType::Gp3) => Some(storage.iops.unwrap_or(3000)),
                    (false, _) => storage.iops,
                },
                kms_key_id: Some(self.key.clone()),
                manage_master_user_password: Some(self.password.is_none()),
                master_user_password_secret: self.password.clone(),
                master_user_secret: self.secret().filter(|_| self.password.is_none()),
                master_username: is_new.then(|| spec.master_username.clone()),
                monitoring_interval: self.monitoring_interval(),
                monitoring_role_arn: self.monitoring_role.clone(),
                performance_insights_enabled: insights,
                performance_insights_kms_key_id: insights_key,
                performance_insights_retention_period: insights_days,
                port: Some(port(self.engine, spec).into()),
                preferred_backup_window: spec.backup.window.clone(),
                preferred_maintenance_window: spec.maintenance_window.clone(),
                restore_to_time: restore.and_then(|restore| restore.time.clone()),
                serverless_v2_scaling_configuration: self.scaling(),
                skip_final_snapshot: (!spec.final_snapshot).then_some(true),
                snapshot_identifier: restore.and_then(|restore| restore.snapshot.clone()),
                source_identifier: restore.and_then(|restore| restore.source.clone()),
                storage_encrypted: is_new.then_some(true),
                storage_type: Some(
                    match (is_aurora, storage.io_optimized, storage.kind) {
                        (true, false, _) => "aurora",
                        (true, true, _) => "aurora-iopt1",
                        (false, _, StorageType::Gp3) => "gp3",
                        (false, _, StorageType::Io1) => "io1",
                        (false, _, StorageType::Io2) => "io2",
                    }
                    .to_owned(),
                ),
                use_latest_restorable_time: restore
                    .filter(|restore| restore.source.is_some() && restore.time.is_none())
                    .map(|_| true),
                vpc_security_group_ids: self.security_groups(),
                ..DbCluster::default()
            },
        );
        self.logs(&cluster, "cluster", &self.identifier(), "", graph);
        if is_aurora {
            self.members(&cluster, graph);
        }
    }

    fn scaling(&self) -> Option<ServerlessV2ScalingConfiguration> {
        if self.spec.topology != Topology::AuroraServerless {
            return None;
        }
        let capacity = self.spec.capacity.clone().unwrap_or_default();
        Some(ServerlessV2ScalingConfiguration {
            min_capacity: capacity.min,
            max_capacity: capacity.max,
            seconds_until_auto_pause: capacity.pause_after_seconds,
        })
    }

    /// The members of an Aurora cluster. Which of them writes is decided by Aurora, the first that is made to begin with.
    fn members(&self, cluster: &Handle, graph: &mut Graph) {
        let member = |identifier: String, class: String, promotion_tier: u32| DbInstance {
            identifier,
            apply_immediately: self.at_once(),
            auto_minor_version_upgrade: Some(self.spec.auto_minor_upgrade),
            cluster_identifier: Some(cluster.id()),
            instance_class: Some(class),
            engine: Some(self.engine.name(self.spec.topology).to_owned()),
            promotion_tier: Some(promotion_tier),
            publicly_accessible: Some(false),
            ..DbInstance::default()
        };
        let first = graph.add(
            self.store.part("instance"),
            format!("writes in {} unless another one took over", self.words()),
            member(
                format!("{}-instance", self.identifier()),
                class(self.spec, None),
                0,
            ),
        );
        for (name, reader) in readers(self.spec) {
            let reader = graph.add(
                self.store.part(&format!("reader/{name}")),
                format!(
                    "reads from {}, and takes over from the writer",
                    self.words()
                ),
                member(
                    self.reader_identifier(&name),
                    class(self.spec, reader.instance_class.as_ref()),
                    reader.promotion_tier.unwrap_or(1),
                ),
            );
            graph.after(&reader, &first);
        }
    }
}

pub(super) fn outputs(engine: Engine, frame: &Frame<'_>) -> BTreeMap<String, RelationalOutput> {
    all(frame.spec)
        .into_iter()
        .filter(|(of, _)| *of == engine)
        .flat_map(|(_, stores)| stores)
        .map(|(name, spec)| (name.clone(), output(engine, frame, name, spec)))
        .collect()
}

fn output(engine: Engine, frame: &Frame<'_>, name: &str, spec: &Relational) -> RelationalOutput {
    let store = frame.store(engine.sort(), name);
    let main = Handle::to(store.address());
    let is_cluster = spec.topology.is_cluster();
    let replicas = if is_cluster {
        BTreeMap::new()
    } else {
        readers(spec)
    };
    RelationalOutput {
        endpoint: main.attribute("Endpoint.Address"),
        reader_endpoint: is_cluster.then(|| main.attribute("ReadEndpoint.Address")),
        replica_endpoints: replicas
            .into_keys()
            .map(|reader| {
                let part = Handle::to(store.part(&format!("reader/{reader}")));
                (reader, part.attribute("Endpoint.Address"))
            })
            .collect(),
        port: port(engine, spec),
        database: database(&store, spec),
        secret_arn: password::secret_arn(&store, spec),
        security_group_id: frame
            .spec
            .network
            .is_some()
            .then(|| Handle::to(store.part("security-group")).id()),
        arn: main.attribute(if is_cluster {
            "DBClusterArn"
        } else {
            "DBInstanceArn"
        }),
        resource_id: main.attribute(resource_id(spec.topology)),
        custom_endpoints: endpoints::outputs(&store, spec),
        proxy: proxy::output(engine, &store, spec),
    }
}

/// The attribute with the id that policies for `rds-db:connect` name.
fn resource_id(topology: Topology) -> &'static str {
    if topology.is_cluster() {
        "DBClusterResourceId"
    } else {
        "DbiResourceId"
    }
}
