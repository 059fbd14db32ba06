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
mod cluster;
mod endpoints;
mod engine;
mod events;
mod former;
mod groups;
mod instance;
mod names;
mod options;
mod outputs;
mod password;
mod proxy;
mod scaling;
mod upgrade;
mod watch;
mod watch_proxy;

pub(super) use check::check;
pub(super) use engine::Engine;
use outputs::resource_id;
pub(super) use outputs::{RelationalOutput, outputs};
pub(super) use upgrade::{preflight, preflight_questions, questions, settled};

use std::collections::BTreeMap;

use platform_graph::{Graph, Handle};
use platform_kinds::rds::{DbSubnetGroup, MasterUserSecret};

use super::frame::{Frame, Store};
use super::spec::{DataTier, InsightsMode, Reader, Relational, StorageType, Topology, Upgrade};
use super::{access, keys};

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

fn database(store: &str, spec: &Relational) -> String {
    spec.database
        .clone()
        .unwrap_or_else(|| store.replace('-', "_"))
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
        monitoring_role: groups::monitoring(&store, spec, graph),
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
    let main = match spec.topology.is_cluster() {
        true => plan.cluster(&parameters, graph),
        false => plan.instance(&parameters, graph),
    };
    for group in &still_used {
        // AWS deletes no group that what was replaced uses; that goes with what replaced it.
        graph.after(&main, group);
    }
    plan.around(graph);
    watch::add(engine, &store, spec, graph);
    watch_proxy::add(&store, spec, graph);
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

    fn protected(&self) -> bool {
        let tier = self.store.frame.spec;
        self.spec
            .deletion_protection
            .unwrap_or(tier.deletion_protection)
    }

    fn at_once(&self) -> Option<bool> {
        self.spec.apply_immediately.then_some(true)
    }

    /// How it is upgraded: RDS makes copies only of what has a password of ours, and none of a Multi-AZ DB cluster.
    fn upgrade_strategy(&self) -> Option<String> {
        let can = self.password.is_some() && self.spec.topology != Topology::MultiAzCluster;
        let word = match self.spec.upgrade {
            Upgrade::InPlace => "in_place",
            Upgrade::BlueGreen => "blue_green",
        };
        can.then(|| word.to_owned())
    }

    /// Whether what a copy took the place of is kept, where there are copies.
    fn keep_previous(&self) -> Option<bool> {
        self.upgrade_strategy().map(|_| self.spec.keep_previous)
    }

    /// Which password of ours the database has, where it has one.
    fn password_version(&self) -> Option<String> {
        let version = |_| super::password::version(&self.store);
        self.password.as_ref().map(version)
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
}
