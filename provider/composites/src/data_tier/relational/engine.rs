//! What PostgreSQL and MySQL do differently, with and without Aurora.

use std::collections::{BTreeMap, BTreeSet};

use platform_kinds::rds::version;

use super::super::spec::{Relational, Topology};

/// The engine of a map of databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Engine {
    PostgreSql,
    MySql,
}

impl Engine {
    /// The sort of store in addresses, which is the argument too.
    pub fn sort(self) -> &'static str {
        match self {
            Engine::PostgreSql => "postgres",
            Engine::MySql => "mysql",
        }
    }

    /// RDS's word for the engine.
    pub fn name(self, topology: Topology) -> &'static str {
        match (self, topology.is_aurora()) {
            (Engine::PostgreSql, false) => "postgres",
            (Engine::PostgreSql, true) => "aurora-postgresql",
            (Engine::MySql, false) => "mysql",
            (Engine::MySql, true) => "aurora-mysql",
        }
    }

    /// Family of parameter groups, `postgres17`.
    pub fn family(self, spec: &Relational) -> String {
        format!(
            "{}{}",
            self.name(spec.topology),
            version::major(&spec.version)
        )
    }

    /// The port that clients expect.
    pub fn port(self) -> u16 {
        match self {
            Engine::PostgreSql => 5432,
            Engine::MySql => 3306,
        }
    }

    /// The logs that can be exported.
    pub fn logs(self, topology: Topology) -> &'static [&'static str] {
        match (self, topology.is_aurora()) {
            (Engine::PostgreSql, false) => &["iam-db-auth-error", "postgresql", "upgrade"],
            (Engine::PostgreSql, true) => &["iam-db-auth-error", "instance", "postgresql"],
            (Engine::MySql, false) => &[
                "audit",
                "error",
                "general",
                "iam-db-auth-error",
                "slowquery",
            ],
            (Engine::MySql, true) => &[
                "audit",
                "error",
                "general",
                "iam-db-auth-error",
                "instance",
                "slowquery",
            ],
        }
    }

    /// The logs that are exported.
    pub fn exported(self, spec: &Relational) -> Vec<String> {
        let usual: &[&str] = match (self, spec.topology.is_aurora()) {
            (Engine::PostgreSql, false) => &["postgresql", "upgrade"],
            (Engine::PostgreSql, true) => &["postgresql"],
            (Engine::MySql, _) => &["error", "slowquery"],
        };
        let chosen: BTreeSet<String> = match &spec.logs.types {
            Some(types) => types.clone(),
            None => usual.iter().map(|log| (*log).to_owned()).collect(),
        };
        chosen.into_iter().collect()
    }

    /// The parameter that lets nobody connect without TLS, and its value.
    pub fn tls(self, topology: Topology) -> (&'static str, &'static str) {
        match (self, topology.is_aurora()) {
            (Engine::PostgreSql, _) => ("rds.force_ssl", "1"),
            (Engine::MySql, false) => ("require_secure_transport", "1"),
            (Engine::MySql, true) => ("require_secure_transport", "ON"),
        }
    }

    /// All parameters of a database.
    pub fn parameters(self, spec: &Relational) -> BTreeMap<String, String> {
        let usual: &[(&str, &str)] = match self {
            // Statements of more than a second, waits for locks, what spills to disk beyond 10 MiB, and long vacuums.
            Engine::PostgreSql => &[
                ("log_autovacuum_min_duration", "10000"),
                ("log_connections", "1"),
                ("log_lock_waits", "1"),
                ("log_min_duration_statement", "1000"),
                ("log_temp_files", "10240"),
            ],
            Engine::MySql => &[
                ("log_output", "FILE"),
                ("long_query_time", "1"),
                ("slow_query_log", "1"),
            ],
        };
        let mut parameters: BTreeMap<String, String> = usual
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        parameters.extend(spec.parameters.clone());
        let (name, value) = self.tls(spec.topology);
        parameters.insert(name.to_owned(), value.to_owned());
        parameters
    }
}

impl Topology {
    /// Whether it is a cluster of Aurora.
    pub(super) fn is_aurora(self) -> bool {
        matches!(self, Topology::Aurora | Topology::AuroraServerless)
    }

    /// Whether it is a cluster of whatever sort.
    pub(in super::super) fn is_cluster(self) -> bool {
        self.is_aurora() || self == Topology::MultiAzCluster
    }

    /// In how many zones it must be able to have instances.
    pub(super) fn zones(self) -> usize {
        match self {
            Topology::MultiAzCluster => 3,
            _ => 2,
        }
    }
}
