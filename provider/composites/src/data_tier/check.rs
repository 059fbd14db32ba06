//! What is wrong with a configuration, all of it at once, each at its attribute path.
//!
//! The schema has judged types, forms and ranges before; here is what concerns more than one attribute. Each sort of store
//! judges its own.

use std::collections::BTreeMap;

use ipnet::IpNet;
use platform_graph::{Graph, Problems};

use crate::schema::is_unknown_text;
use crate::tags;

use super::buckets;
use super::caches;
use super::documents;
use super::file_systems;
use super::frame;
use super::keys;
use super::relational;
use super::search;
use super::spec::{Access, DataTier, Relational};
use super::tables;

/// The longest name of a store: the names that AWS gives the least room are 40 characters long.
const LONGEST_NAME: usize = 15;

/// Names that AWS gives once, by the property that holds them. Databases of RDS and DocumentDB share theirs.
const NAMES: [(&str, &str); 6] = [
    ("AWS::DocDB::DBCluster", "DBClusterIdentifier"),
    ("AWS::DocDB::DBInstance", "DBInstanceIdentifier"),
    ("AWS::ElastiCache::User", "UserId"),
    ("AWS::RDS::DBCluster", "DBClusterIdentifier"),
    ("AWS::RDS::DBInstance", "DBInstanceIdentifier"),
    ("AWS::S3::Bucket", "BucketName"),
];
/// Minutes that a window of a database has at least.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html>
pub(super) const LEAST_WINDOW: u32 = 30;
const DAY: u32 = 24 * 60;
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// What the checks of stores need to know of their tier.
#[derive(Debug, Clone, Copy)]
pub(super) struct Checks<'a> {
    pub spec: &'a DataTier,
}

/// Finds everything that is wrong with the configuration alone.
pub(super) fn check(spec: &DataTier, problems: &mut Problems) {
    if let Some(network) = &spec.network {
        network.condition().check("network", problems);
    }
    tags::check(&["tags"], &spec.tags, tags::MOST, problems);
    if spec.name.contains("--") && !is_unknown_text(&spec.name) {
        problems.error(
            ["name"],
            format!("{:?} has two hyphens in a row", spec.name),
            "Stores are named after it, and databases and caches can't have that: use single ones.",
        );
    }
    let checks = Checks { spec };
    checks.access(&["access_from"], &spec.access_from, problems);
    keys::check(spec, problems);
    if let Some(alarms) = &spec.alarms
        && !is_unknown_text(&alarms.topic_arn)
        && !(alarms.topic_arn.starts_with("arn:") && alarms.topic_arn.contains(":sns:"))
    {
        problems.error(
            ["alarms", "topic_arn"],
            format!("{:?} is not the ARN of an SNS topic", alarms.topic_arn),
            "It looks like arn:aws:sns:eu-central-1:123456789012:on-call.",
        );
    }
    for (store, spec) in &spec.documents {
        name(&["documents"], store, problems);
        documents::check(store, spec, &checks, problems);
    }
    for (store, spec) in &spec.buckets {
        name(&["buckets"], store, problems);
        buckets::check(store, spec, &checks, problems);
    }
    for (store, spec) in &spec.file_systems {
        name(&["file_systems"], store, problems);
        file_systems::check(store, spec, &checks, problems);
    }
    for (engine, stores) in relational::all(spec) {
        for (store, spec) in stores {
            name(&[engine.sort()], store, problems);
            relational::check(engine, store, spec, &checks, problems);
        }
    }
    for (store, spec) in &spec.caches {
        name(&["caches"], store, problems);
        caches::check(store, spec, &checks, problems);
    }
    for (store, spec) in &spec.tables {
        tables::check(store, spec, &checks, problems);
    }
    for (store, spec) in &spec.search {
        name(&["search"], store, problems);
        search::check(store, spec, &checks, problems);
    }
}

/// Whether a value that decides which parts there are is not known yet.
pub(super) fn is_open(spec: &DataTier) -> bool {
    let accesses = placements(spec)
        .filter_map(|(access, _)| access)
        .chain([&spec.access_from]);
    let texts = accesses.flat_map(|access| {
        access
            .security_groups
            .iter()
            .chain(&access.tiers)
            .chain(&access.cidrs)
    });
    let tiers = placements(spec).filter_map(|(_, tier)| tier);
    texts
        .chain(tiers)
        .chain(
            relational::all(spec)
                .into_iter()
                .flat_map(|(_, stores)| stores.values().flat_map(Relational::deciding)),
        )
        .chain(spec.documents.values().flat_map(documents::deciding))
        .chain(spec.caches.values().flat_map(caches::deciding))
        .chain(spec.search.values().map(search::deciding))
        .chain(buckets::deciding(spec))
        .chain(spec.tables.values().flat_map(|table| table.replicas.keys()))
        .chain(&spec.encryption.replica_regions)
        .chain([&spec.name, &spec.tier])
        .chain(&spec.region)
        .any(|text| is_unknown_text(text))
}

/// Who may connect to each store and in which tier it has its addresses, where the store says it itself.
fn placements(spec: &DataTier) -> impl Iterator<Item = (Option<&Access>, Option<&String>)> {
    let file_systems = spec.file_systems.values();
    let search = spec.search.values();
    let documents = spec.documents.values();
    let caches = spec.caches.values();
    file_systems
        .map(|store| (store.access_from.as_ref(), store.tier.as_ref()))
        .chain(search.map(|store| (store.access_from.as_ref(), store.tier.as_ref())))
        .chain(documents.map(|store| (store.access_from.as_ref(), store.tier.as_ref())))
        .chain(caches.map(|store| (store.access_from.as_ref(), store.tier.as_ref())))
        .chain(
            relational::all(spec)
                .into_iter()
                .flat_map(|(_, stores)| stores.values())
                .map(|store| (store.access_from.as_ref(), store.tier.as_ref())),
        )
}

/// Finds parts that would have one name in AWS: each would be taken for the other.
pub(super) fn names(graph: &Graph, problems: &mut Problems) {
    let mut taken: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    for (address, part) in &graph.parts {
        let property = NAMES.iter().find(|(kind, _)| *kind == part.kind);
        let Some((property, name)) =
            property.and_then(|(_, name)| Some((*name, part.properties.get(*name)?.as_str()?)))
        else {
            continue;
        };
        if is_unknown_text(name) {
            continue;
        }
        if let Some(other) = taken.insert((property, name), address) {
            problems.error(
                frame::place(address),
                format!("{other} and {address} would both be called {name:?} in AWS"),
                "Rename one of them.",
            );
        }
    }
}

/// Judges the windows of a store, each with its path: whether they have as many minutes as they need, and whether AWS could be backing up
/// while it maintains.
pub(super) fn windows(
    least: u32,
    backup: (Vec<String>, Option<&str>),
    maintenance: (Vec<String>, Option<&str>),
    problems: &mut Problems,
) {
    let week = 7 * DAY;
    let times = [(&backup, DAY), (&maintenance, week)].map(|((path, text), cycle)| {
        let (from, minutes) = text.and_then(|text| window(text, cycle))?;
        if minutes < least {
            problems.error(
                path.clone(),
                format!("a window of {minutes} minutes is too short"),
                format!("It has {least} minutes at least."),
            );
        }
        Some((from, minutes))
    });
    let [Some((daily, backs_up)), Some((weekly, maintains))] = times else {
        return;
    };
    let meets = |day: u32| {
        let begins = day * DAY + daily;
        (begins + week - weekly) % week < maintains || (weekly + week - begins) % week < backs_up
    };
    if (0..7).any(meets) {
        problems.error(
            backup.0,
            "backups would be taken during maintenance",
            "Choose two windows that do not overlap.",
        );
    }
}

/// When a window begins and how many minutes it has, in a cycle of so many.
fn window(text: &str, cycle: u32) -> Option<(u32, u32)> {
    let (from, to) = text.split_once('-')?;
    let (from, to) = (moment(from)?, moment(to)?);
    Some((from, (to + cycle - from) % cycle))
}

/// The minute of the day, or where a day is named of the week.
fn moment(text: &str) -> Option<u32> {
    let mut pieces = text.rsplit(':');
    let minute: u32 = pieces.next()?.parse().ok()?;
    let hour: u32 = pieces.next()?.parse().ok()?;
    let day = match pieces.next() {
        Some(day) => DAYS.iter().position(|known| *known == day)?,
        None => 0,
    };
    Some(u32::try_from(day).ok()? * DAY + hour * 60 + minute)
}

/// Judges a name in the map at `path`: it becomes part of names in AWS.
pub(super) fn name(path: &[&str], name: &str, problems: &mut Problems) {
    let inside = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let sound = name.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.ends_with('-')
        && !name.contains("--")
        && name.chars().all(inside)
        && name.len() <= LONGEST_NAME;
    if !sound {
        problems.error(
            path.iter().copied().chain([name]),
            format!("{name:?} can't be the name of a store"),
            format!(
                "A name has 1 to {LONGEST_NAME} lowercase letters, digits and single hyphens, starts with a letter and does not end with a hyphen: it becomes part of names in AWS."
            ),
        );
    }
}

impl Checks<'_> {
    /// Judges where a store gets its addresses and who may connect to it.
    pub fn networked(
        &self,
        path: &[&str],
        tier: Option<&str>,
        own: Option<&Access>,
        problems: &mut Problems,
    ) {
        let Some(network) = &self.spec.network else {
            problems.error(
                path.iter().copied(),
                "it needs a network",
                "Set `network = platform_network.<label>` on the data tier: this store gets addresses in one of its tiers.",
            );
            return;
        };
        let at: Vec<&str> = match tier {
            Some(_) => path.iter().copied().chain(["tier"]).collect(),
            None => vec!["tier"],
        };
        let tier = tier.unwrap_or(&self.spec.tier);
        if !is_unknown_text(tier) && !network.subnet_ids.contains_key(tier) {
            let known: Vec<&str> = network.subnet_ids.keys().map(String::as_str).collect();
            problems.error(
                at,
                format!("the network has no tier {tier:?}"),
                format!("It has {}: name one of them in `tier`.", known.join(", ")),
            );
        }
        if let Some(own) = own {
            let path: Vec<&str> = path.iter().copied().chain(["access_from"]).collect();
            self.access(&path, own, problems);
        }
    }

    /// Judges who may connect to something that has addresses in the network.
    pub fn access(&self, path: &[&str], access: &Access, problems: &mut Problems) {
        let at = |last: &'static str| path.iter().copied().chain([last]);
        let empty = Default::default();
        let network = self.spec.network.as_ref().unwrap_or(&empty);
        let known = |names: Vec<&String>| match &names[..] {
            [] => "It has none.".to_owned(),
            names => format!(
                "It has {}.",
                names
                    .iter()
                    .map(|name| name.as_str())
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
        };
        for name in &access.security_groups {
            if !is_unknown_text(name) && !network.security_group_ids.contains_key(name) {
                problems.error(
                    at("security_groups"),
                    format!("the network has no security group {name:?}"),
                    format!(
                        "{} A group of another origin goes into `other_security_groups`.",
                        known(network.security_group_ids.keys().collect())
                    ),
                );
            }
        }
        for tier in &access.tiers {
            if !is_unknown_text(tier) && !network.subnet_cidrs.contains_key(tier) {
                problems.error(
                    at("tiers"),
                    format!("the network has no tier {tier:?} with IPv4 addresses"),
                    known(network.subnet_cidrs.keys().collect()),
                );
            }
        }
        for cidr in &access.cidrs {
            if is_unknown_text(cidr) {
                continue;
            }
            match cidr.parse::<IpNet>() {
                Ok(block) if block.trunc() != block => problems.error(
                    at("cidrs"),
                    format!("{cidr} has bits set beyond its prefix"),
                    format!("Write {}.", block.trunc()),
                ),
                Ok(block) if block.prefix_len() == 0 => problems.error(
                    at("cidrs"),
                    format!("{cidr} is the whole internet"),
                    "No store is for everybody: name groups, tiers or blocks.",
                ),
                Ok(_) => {}
                Err(_) => problems.error(
                    at("cidrs"),
                    format!("{cidr:?} is no block of addresses"),
                    "Write an IPv4 or IPv6 block, for example 10.8.0.0/16.",
                ),
            }
        }
        for (name, id) in &access.other_security_groups {
            self::name(
                &path
                    .iter()
                    .copied()
                    .chain(["other_security_groups"])
                    .collect::<Vec<_>>(),
                name,
                problems,
            );
            if !is_unknown_text(id) && !id.starts_with("sg-") {
                problems.error(
                    path.iter().copied().chain(["other_security_groups", name.as_str()]),
                    format!("{id:?} is not the id of a security group"),
                    "It looks like sg-0123456789abcdef0. Groups of the network go into `security_groups`, by name.",
                );
            }
        }
    }
}
