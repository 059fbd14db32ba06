//! What each store is, what it costs, and how what is in it is kept: one row per store, for a decision or a review.
//!
//! # Assumptions
//! A store stands at `<sort>/<name>`, and what belongs to it below that. Rules of its security groups say whom they let in.
//!
//! # Caveats
//! Facts are those that were asked for. How long AWS keeps what it backs up without being asked (OpenSearch, EFS) is as AWS
//! documents it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use platform_graph::{Kinds, Recorded, reference};
use serde::Serialize;
use serde_json::Value;

use crate::CompositeView;
use crate::cost::{PriceBook, cost};
use crate::inventory::{flag, property_refs, text};

/// All stores of some composites.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stores {
    /// One row per store, by composite and address.
    pub stores: Vec<Store>,
    /// What of them has no price, by type: `<composite> <address>`. It is missing in their rows.
    pub not_priced: BTreeMap<String, Vec<String>>,
}

/// One store.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Store {
    /// Terraform address of its composite.
    pub composite: String,
    /// Its address: `postgres/orders`.
    pub store: String,
    /// Engine, size and shape.
    pub what: String,
    /// What it costs a month whatever happens, with all that belongs to it, in the currency of the price book.
    pub fixed: f64,
    /// What it costs a month besides with little use.
    pub usage_low: f64,
    /// What it costs a month besides with heavy use.
    pub usage_high: f64,
    /// The key that encrypts it.
    pub encrypted_with: String,
    /// From when it can be had back.
    pub backups: String,
    /// Who refuses to delete it.
    pub protected_by: String,
    /// Who reaches it.
    pub reachable_from: Vec<String>,
}

/// Describes the stores among the parts; what holds no data that anybody would ask for by name is left out.
pub fn stores(views: &[CompositeView], kinds: &Kinds, book: &PriceBook) -> Stores {
    let cost = cost(views, book);
    let mut stores: Vec<Store> = Vec::new();
    for view in views {
        for (address, part) in &view.parts {
            let Some((what, backups)) = facts(view, address, part) else {
                continue;
            };
            let lines = cost
                .lines
                .iter()
                .filter(|line| line.composite == view.address && belongs(&line.part, address));
            let (mut fixed, mut usage_low, mut usage_high) = (0.0, 0.0, 0.0);
            for line in lines {
                if line.assumed.is_some() {
                    usage_low += line.low;
                    usage_high += line.high;
                } else {
                    fixed += line.low;
                }
            }
            stores.push(Store {
                composite: view.address.clone(),
                store: address.clone(),
                what,
                fixed,
                usage_low,
                usage_high,
                encrypted_with: key(part),
                backups,
                protected_by: protection(view, part, kinds),
                reachable_from: sources(view, address),
            });
        }
    }
    let of_a_store = |named: &&String| {
        let part = named.split_once(' ');
        part.is_some_and(|(composite, part)| {
            let mut all = stores.iter();
            all.any(|store| store.composite == composite && belongs(part, &store.store))
        })
    };
    let not_priced = cost.not_priced.iter().map(|(kind, parts)| {
        let parts: Vec<String> = parts.iter().filter(of_a_store).cloned().collect();
        (kind.clone(), parts)
    });
    let not_priced = not_priced.filter(|(_, parts)| !parts.is_empty()).collect();
    Stores { stores, not_priced }
}

/// Whether a part is the store at an address or belongs to it.
fn belongs(part: &str, store: &str) -> bool {
    part.strip_prefix(store)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// What a store is, and from when it can be had back. `None` for a part that is no store.
fn facts(view: &CompositeView, address: &str, part: &Recorded) -> Option<(String, String)> {
    if address.split('/').count() != 2 {
        return None;
    }
    let word = |pointer: &str| at(part, pointer).and_then(Value::as_str);
    let number = |pointer: &str| at(part, pointer).and_then(Value::as_u64);
    let version = word("/EngineVersion").unwrap_or_default();
    let engine = || {
        format!(
            "{} {version}",
            engine_name(word("/Engine").unwrap_or_default())
        )
    };
    let kept = |property: &str| match number(property) {
        None | Some(0) => "none".to_owned(),
        Some(days) => of_days(days),
    };
    let with_snapshot = |backups: String| {
        if flag(part, "SkipFinalSnapshot") {
            backups
        } else {
            format!("{backups}, last snapshot")
        }
    };
    Some(match part.kind.as_str() {
        "AWS::RDS::DBInstance" => {
            let standby = if flag(part, "MultiAZ") {
                " and a standby in another zone"
            } else {
                ""
            };
            let class = word("/DBInstanceClass").unwrap_or("an instance");
            (
                format!("{}, {class}{standby}", engine()),
                with_snapshot(kept("/BackupRetentionPeriod")),
            )
        }
        "AWS::RDS::DBCluster" | "AWS::DocDB::DBCluster" => {
            let engine = if part.kind.starts_with("AWS::DocDB") {
                format!("DocumentDB {version}")
            } else {
                engine()
            };
            let shape = match word("/DBClusterInstanceClass") {
                Some(class) => format!("3 × {class}"),
                None => members(view, address),
            };
            (
                format!("{engine}, {shape}"),
                with_snapshot(kept("/BackupRetentionPeriod")),
            )
        }
        "AWS::DynamoDB::Table" => {
            let billing = match word("/BillingMode") {
                Some("PAY_PER_REQUEST") => "on demand",
                _ => "provisioned",
            };
            let recovery = "/PointInTimeRecoverySpecification";
            let on = at(part, &format!("{recovery}/PointInTimeRecoveryEnabled"));
            let backups = if on == Some(&Value::Bool(true)) {
                of_days(number(&format!("{recovery}/RecoveryPeriodInDays")).unwrap_or(35))
            } else {
                "none".to_owned()
            };
            let regions: Vec<&str> = view
                .parts
                .iter()
                .filter(|(other, part)| {
                    part.kind == "Custom::TableReplica" && belongs(other, address)
                })
                .filter_map(|(_, part)| text(part, "Region"))
                .collect();
            let replicas = match regions[..] {
                [] => String::new(),
                _ => format!(", replicas in {}", regions.join(" and ")),
            };
            (format!("DynamoDB table, {billing}{replicas}"), backups)
        }
        "AWS::ElastiCache::ReplicationGroup" => {
            let shards = number("/NumNodeGroups").unwrap_or(1).max(1);
            let nodes = shards * (1 + number("/ReplicasPerNodeGroup").unwrap_or(0));
            let class = word("/CacheNodeType").unwrap_or("node");
            let shards = if shards > 1 {
                format!(" in {shards} shards")
            } else {
                String::new()
            };
            (
                format!("{}, {nodes} × {class}{shards}", engine()),
                kept("/SnapshotRetentionLimit").replace("any second of", "daily,"),
            )
        }
        "AWS::ElastiCache::ServerlessCache" => (
            format!(
                "{} {}, serverless",
                engine_name(word("/Engine").unwrap_or_default()),
                word("/MajorEngineVersion").unwrap_or_default()
            ),
            kept("/SnapshotRetentionLimit").replace("any second of", "daily,"),
        ),
        "AWS::OpenSearchService::Domain" => {
            let nodes = number("/ClusterConfig/InstanceCount").unwrap_or(1);
            let class = word("/ClusterConfig/InstanceType").unwrap_or("node");
            (
                format!("{}, {nodes} × {class}", version.replace('_', " ")),
                "hourly, 14 days".to_owned(),
            )
        }
        "AWS::S3::Bucket" => {
            let versioned = word("/VersioningConfiguration/Status") == Some("Enabled");
            let rules = at(part, "/LifecycleConfiguration/Rules").and_then(Value::as_array);
            let days = rules.into_iter().flatten().find_map(|rule| {
                rule.pointer("/NoncurrentVersionExpiration/NoncurrentDays")?
                    .as_u64()
            });
            let backups = match (versioned, days) {
                (false, _) => "none".to_owned(),
                (true, None) => "old versions".to_owned(),
                (true, Some(days)) => format!("old versions, {days} days"),
            };
            ("S3 bucket".to_owned(), backups)
        }
        "AWS::EFS::FileSystem" => {
            let backups = match word("/BackupPolicy/Status") {
                Some("ENABLED") => "daily, 35 days",
                _ => "none",
            };
            ("EFS file system".to_owned(), backups.to_owned())
        }
        _ => return None,
    })
}

fn of_days(days: u64) -> String {
    let plural = if days == 1 { "" } else { "s" };
    format!("any second of {days} day{plural}")
}

fn at<'a>(part: &'a Recorded, pointer: &str) -> Option<&'a Value> {
    let (name, rest) = pointer.trim_start_matches('/').split_once('/').map_or_else(
        || (pointer.trim_start_matches('/'), String::new()),
        |(name, rest)| (name, format!("/{rest}")),
    );
    part.properties.get(name)?.pointer(&rest)
}

fn engine_name(engine: &str) -> &str {
    match engine {
        "postgres" => "PostgreSQL",
        "mysql" => "MySQL",
        "aurora-postgresql" => "Aurora PostgreSQL",
        "aurora-mysql" => "Aurora MySQL",
        "valkey" => "Valkey",
        "redis" => "Redis OSS",
        other => other,
    }
}

/// The instances of a cluster: how many of which class.
fn members(view: &CompositeView, cluster: &str) -> String {
    let classes: Vec<&str> = view
        .parts
        .iter()
        .filter(|(address, part)| belongs(address, cluster) && part.kind.ends_with("::DBInstance"))
        .filter_map(|(_, part)| text(part, "DBInstanceClass"))
        .collect();
    let distinct: BTreeSet<&str> = classes.iter().copied().collect();
    let distinct: Vec<&str> = distinct.into_iter().collect();
    format!("{} × {}", classes.len(), distinct.join(" or "))
}

/// The key that encrypts what is stored.
fn key(part: &Recorded) -> String {
    /// How the pointers to the key end, of all the types.
    const POINTERS: &[&str] = &[
        "/KmsKeyId",
        "/SSESpecification/KMSMasterKeyId",
        "/EncryptionAtRestOptions/KmsKeyId",
        "/ServerSideEncryptionByDefault/KMSMasterKeyID",
    ];
    let own = |pointer: &str| {
        POINTERS.iter().any(|end| pointer.ends_with(end)) && !pointer.starts_with("/MasterUser")
    };
    let refers = property_refs(part)
        .filter(|(pointer, _)| own(pointer))
        .flat_map(|(_, text)| reference::parts_in(text))
        .next();
    match refers {
        Some(address) if address.contains('/') => "a key of its own".to_owned(),
        Some(_) => "the tier's key".to_owned(),
        None => {
            let mut given = false;
            for (name, value) in &part.properties {
                reference::visit(value, &format!("/{name}"), &mut |pointer, _| {
                    given |= own(pointer);
                });
            }
            if given { "a given key" } else { "AWS's key" }.to_owned()
        }
    }
}

fn protection(view: &CompositeView, part: &Recorded, kinds: &Kinds) -> String {
    match (kinds.protection(part), view.protected) {
        (Some(_), _) => "AWS, plan",
        (None, Some(true)) => "plan",
        (None, _) => "nobody",
    }
    .to_owned()
}

/// Whom the rules of a store's security groups let in, with the ports.
fn sources(view: &CompositeView, store: &str) -> Vec<String> {
    let mut sources = BTreeSet::new();
    for (_, rule) in view
        .of_type("AWS::EC2::SecurityGroupIngress")
        .filter(|(address, _)| belongs(address, store))
    {
        let words = text(rule, "Description").unwrap_or("a rule without a description");
        let who = words.split(" to ").next().unwrap_or(words);
        let port = rule.properties.get("ToPort").and_then(Value::as_u64);
        sources.insert(match port {
            Some(port) => format!("{who}:{port}"),
            None => who.to_owned(),
        });
    }
    sources.into_iter().collect()
}

impl fmt::Display for Stores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let heads = [
            "store",
            "what it is",
            "USD a month",
            "and by use",
            "encrypted with",
            "backups kept",
            "protected by",
            "reachable from",
        ];
        let rows: Vec<[String; 8]> = self
            .stores
            .iter()
            .map(|store| {
                let from = if store.reachable_from.is_empty() {
                    "whom IAM lets".to_owned()
                } else {
                    store.reachable_from.join(", ")
                };
                [
                    store.store.clone(),
                    store.what.clone(),
                    format!("{:.2}", store.fixed),
                    format!("{:.2} to {:.2}", store.usage_low, store.usage_high),
                    store.encrypted_with.clone(),
                    store.backups.clone(),
                    store.protected_by.clone(),
                    from,
                ]
            })
            .collect();
        let widths: Vec<usize> = heads
            .iter()
            .enumerate()
            .map(|(column, head)| {
                let cells = rows.iter().map(|row| row[column].chars().count());
                cells.chain([head.chars().count()]).max().unwrap_or(0)
            })
            .collect();
        let line = |cells: Vec<&str>| {
            let padded: Vec<String> = cells
                .iter()
                .zip(&widths)
                .enumerate()
                .map(|(column, (cell, width))| match column {
                    2 | 3 => format!("{cell:>width$}"),
                    _ => format!("{cell:<width$}"),
                })
                .collect();
            padded.join("  ").trim_end().to_owned()
        };
        writeln!(f, "{}", line(heads.to_vec()))?;
        for row in &rows {
            writeln!(f, "{}", line(row.iter().map(String::as_str).collect()))?;
        }
        // The sum of nothing would be -0.
        let fixed = self.stores.iter().fold(0.0, |sum, store| sum + store.fixed);
        writeln!(f, "fixed: {fixed:.2} USD a month, without what they share")?;
        for (kind, parts) in &self.not_priced {
            writeln!(f, "not priced: {kind} ({})", parts.join(", "))?;
        }
        Ok(())
    }
}
