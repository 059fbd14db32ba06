//! Relational databases of a data tier: PostgreSQL and MySQL.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Access, Endpoint, EngineOption, Events, Proxy, ReaderScaling, yes};

/// A relational database of Amazon RDS or Amazon Aurora.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Relational {
    /// Version of the engine as a policy: a major version (`17` for PostgreSQL, `8.4` for MySQL), the least minor one (`17.4`), or `auto`:
    /// AWS's default version when it is made, and whatever it runs from then on. What AWS upgrades on its own is never taken back, an
    /// older version is refused, and another major one needs `allow_major_upgrade`. Example: `17`.
    #[schemars(regex(pattern = r"^(auto|[0-9]+(\.[0-9A-Za-z_]+)*)$"))]
    pub version: String,
    /// What it is made of. `multi_az` when left out. Changed in place between `single_instance` and `multi_az`, and between `aurora` and
    /// `aurora_serverless`; everything else is another database.
    #[serde(default)]
    pub topology: Topology,
    /// Class of its instances. When left out, `db.t4g.medium`; `db.m6gd.large` for a `multi_az_cluster` and `db.r6g.large` for `aurora`; not
    /// for `aurora_serverless`. Example: `db.r8g.large`.
    #[schemars(regex(pattern = r"^db\.[a-z0-9-]+\.[a-z0-9-]+$"))]
    pub instance_class: Option<String>,
    /// Instances that only read, by name: members of an Aurora cluster, which take over when the writer fails, or replicas of an
    /// instance. When left out, an Aurora cluster has one, named `standby`, and an instance none; a `multi_az_cluster` always has two
    /// of its own. AWS refuses replicas of an instance whose master password it manages: those of an instance need `password = "own"`.
    /// Example: `{ reports = { instance_class = "db.r8g.xlarge" } }`.
    pub readers: Option<BTreeMap<String, Reader>>,
    /// Between which capacities an `aurora_serverless` scales. From 0.5 to 8 units when left out.
    pub capacity: Option<Capacity>,
    /// The storage. 20 GiB of `gp3` that grow on their own when left out, 100 GiB for a `multi_az_cluster`. Aurora takes only `io_optimized`.
    #[serde(default)]
    pub storage: Storage,
    /// Name of the first database; can't be changed later. When left out, the name of the store with underscores for hyphens.
    #[schemars(regex(pattern = r"^[A-Za-z][A-Za-z0-9_]{0,62}$"))]
    pub database: Option<String>,
    /// Name of the master user, whose `password` is in Secrets Manager; can't be changed later. What is restored keeps the one it had: with
    /// `password = "own"`, name that one here, because it stands in the secret. `dbadmin` when left out.
    #[serde(default = "default_master")]
    #[schemars(regex(pattern = r"^[A-Za-z][A-Za-z0-9_]{0,15}$"))]
    pub master_username: String,
    /// Who has the password of the master user. `managed` when left out. A change is made in place and at once, and `secret_arn` is that of
    /// another secret then: whoever reads the password needs the new one. From `own` to `managed` needs
    /// `allow_delete = ["postgres/orders/master-password"]`, and readers have to be gone before: in an apply of its
    /// own, or the plan refuses it.
    #[serde(default)]
    pub password: Password,
    /// Number of the password with `password = "own"`, from 1. Raise it to have another one drawn, written into the secret and handed to the
    /// database in one apply; a run that is killed in between is gone on with. Sessions go on; who logs in with the one in the secret is
    /// refused until the database has taken it, some seconds later. 1 when left out.
    #[serde(default = "super::first_password")]
    #[schemars(range(min = 1))]
    pub password_version: u32,
    /// TCP port. 5432 for PostgreSQL and 3306 for MySQL when left out.
    #[schemars(range(min = 1150, max = 65535))]
    pub port: Option<u16>,
    /// Parameters of the engine by name, besides those that force TLS, which stay as they are, and those that log slow statements,
    /// which these win over. A name that AWS does not know is refused at plan. What is not known to take effect at once does when the
    /// instances restart. Example:
    /// `{ work_mem = "65536" }`.
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
    /// Whether IAM identities may connect with a token in place of a password. `true` when left out; a `multi_az_cluster` can't.
    #[serde(default = "yes")]
    pub iam_authentication: bool,
    /// Who may connect. When left out, whoever may connect to the tier.
    pub access_from: Option<Access>,
    /// Name of the network's tier in which it has its addresses. When left out, that of the data tier.
    pub tier: Option<String>,
    /// A proxy that pools connections to it. None when left out. Example: `{ max_connections_percent = 80 }`.
    pub proxy: Option<Proxy>,
    /// Further endpoints of an Aurora cluster, by name, each of which leads to some of its instances. Example:
    /// `{ reports = { members = ["reports"] } }`.
    #[serde(default)]
    pub endpoints: BTreeMap<String, Endpoint>,
    /// Readers that AWS adds to an Aurora cluster when the load is high. None when left out. Example: `{ max = 5 }`.
    pub reader_scaling: Option<ReaderScaling>,
    /// Plug-ins of MySQL on instances, by name. Removing one may restart the engine. Example:
    /// `{ MARIADB_AUDIT_PLUGIN = { settings = { SERVER_AUDIT_EVENTS = "CONNECT" } } }`.
    #[serde(default)]
    pub options: BTreeMap<String, EngineOption>,
    /// Events that are told, such as a failover. None when left out. Example: `{}`.
    pub events: Option<Events>,

    /// Automated backups. Kept for 7 days when left out.
    #[serde(default)]
    pub backup: DatabaseBackup,
    /// Whether a final snapshot is taken when it is deleted, and its automated backups stay. `true` when left out; apply `false` first
    /// to throw the data away.
    #[serde(default = "yes")]
    pub final_snapshot: bool,
    /// Whether AWS refuses to delete it. When left out, as `deletion_protection` of the data tier.
    pub deletion_protection: Option<bool>,
    /// Where its data comes from when it is made; empty when left out. Leave it in place afterwards: without it, key, master user and first
    /// database would have to be those of a new one.
    pub restore: Option<Restore>,

    /// Weekly window in UTC in which AWS maintains it. AWS chooses when left out. Example: `sun:03:00-sun:04:00`.
    #[schemars(regex(
        pattern = r"^(mon|tue|wed|thu|fri|sat|sun):([01][0-9]|2[0-3]):[0-5][0-9]-(mon|tue|wed|thu|fri|sat|sun):([01][0-9]|2[0-3]):[0-5][0-9]$"
    ))]
    pub maintenance_window: Option<String>,
    /// Whether AWS upgrades the minor version in the maintenance window. `true` when left out.
    #[serde(default = "yes")]
    pub auto_minor_upgrade: bool,
    /// Whether it may be brought to another major version. The upgrade happens at once, interrupts service and can't be taken
    /// back; it is refused at plan when AWS does not upgrade to that version from the one it runs. `false` when left out.
    #[serde(default)]
    pub allow_major_upgrade: bool,
    /// How an instance is brought to another version or another class, and an Aurora cluster to another version. `in_place` when left out.
    /// Example: `blue_green`.
    #[serde(default)]
    pub upgrade: Upgrade,
    /// Whether the instance or cluster that a blue/green deployment took the place of is kept, as `<name>-old1`, with its readers: to compare,
    /// or to go back to without what was written since. It is charged like any other. `true` when left out; apply `false` to delete it,
    /// with a final snapshot unless `final_snapshot` is `false`. A destroy deletes it as it deletes the database.
    #[serde(default = "yes")]
    pub keep_previous: bool,
    /// Whether changes that interrupt service (another class, another version) are made at once. When left out, they wait for the
    /// maintenance window and count as done; so do more storage and the switch of IAM authentication.
    #[serde(default)]
    pub apply_immediately: bool,

    /// What is measured. When left out, the load, shown for 7 days, and the operating system every minute.
    #[serde(default)]
    pub insights: Insights,
    /// Logs that go to CloudWatch Logs. When left out, those of the engine's messages and slow statements, for 90 days.
    #[serde(default)]
    pub logs: DatabaseLogs,
}

/// Who has the password of the master user.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Password {
    /// RDS: it makes the password, keeps it in a secret of its own and rotates it every seven days.
    #[default]
    Managed,
    /// The data tier: the password is drawn at random, kept in a secret that is a part of the tier, and handed to RDS from there. A higher
    /// `password_version` rotates it, and nothing else: a value that somebody writes into the secret does not reach the database. An instance
    /// with readers needs it. A cluster that is restored gets it in a later run, because what is restored keeps the password it had.
    Own,
}

/// How a database is brought to another version or another class.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Upgrade {
    /// Where it is: nobody can connect for minutes.
    #[default]
    InPlace,
    /// By a blue/green deployment, at once and whatever `apply_immediately` says: RDS makes a copy, upgrades it and keeps it in step, which
    /// takes from minutes to hours and costs as much again meanwhile; then the copy takes over name and endpoint within minutes, usually
    /// less than one. `readers` are copied and switched over along with it; another class of replicas of an instance is a change in place all
    /// the same. Only with `password = "own"`, and for Aurora clusters without `reader_scaling`. Another major version of PostgreSQL, and every
    /// other version of it on Aurora, needs `parameters = { "rds.logical_replication" = "1" }` before, with a restart, and tables with primary
    /// keys; MySQL on Aurora needs `parameters = { binlog_format = "ROW" }`. `resource_id` is another one afterwards.
    BlueGreen,
}

/// What a database is made of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Topology {
    /// One instance of RDS in one zone; what fails with the zone.
    SingleInstance,
    /// An instance of RDS with a standby in another zone, which takes over in a minute or two.
    #[default]
    MultiAz,
    /// A writer and two readers of RDS in three zones, which take over in less than 35 seconds.
    MultiAzCluster,
    /// An Aurora cluster with instances of a fixed size.
    Aurora,
    /// An Aurora cluster with instances that scale with the load.
    AuroraServerless,
}

/// An instance that only reads.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reader {
    /// Its class. When left out, that of the database.
    #[schemars(regex(pattern = r"^db\.[a-z0-9-]+\.[a-z0-9-]+$"))]
    pub instance_class: Option<String>,
    /// In an Aurora cluster, the order in which readers take over from the writer, from 0 (first) to 15. 1 when left out.
    #[schemars(range(min = 0, max = 15))]
    pub promotion_tier: Option<u32>,
}

/// Between which capacities serverless instances scale, in Aurora capacity units of about 2 GiB of memory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Capacity {
    /// The least, from 0 in steps of 0.5; with 0 it pauses when nobody is connected. 0.5 when left out.
    #[serde(default = "default_least")]
    #[schemars(range(min = 0.0, max = 256.0))]
    pub min: f64,
    /// The most, from 1 to 256 in steps of 0.5. 8 when left out.
    #[serde(default = "default_most")]
    #[schemars(range(min = 1.0, max = 256.0))]
    pub max: f64,
    /// Seconds without connections until it pauses, from 300 to 86400; only where `min` is 0. 300 when left out: AWS's default.
    #[schemars(range(min = 300, max = 86400))]
    pub pause_after_seconds: Option<u32>,
}

impl Default for Capacity {
    fn default() -> Self {
        Capacity {
            min: default_least(),
            max: default_most(),
            pause_after_seconds: None,
        }
    }
}

/// The storage of a database.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Storage {
    /// GiB to begin with, from 20, and from 100 for `io1` and `io2`; the least when left out, 100 for a `multi_az_cluster`. It can grow and
    /// never shrinks: what AWS added is kept. What is restored begins with the size that it had.
    #[schemars(range(min = 20, max = 65536))]
    pub size_gib: Option<u32>,
    /// GiB up to which it grows on its own. When left out, five times the size; 0 for not at all. Not for a `multi_az_cluster`.
    #[schemars(range(min = 0, max = 65536))]
    pub max_size_gib: Option<u32>,
    /// Sort of storage. `gp3` when left out.
    #[serde(default, rename = "type")]
    pub kind: StorageType,
    /// Operations per second; needed for `io1` and `io2`. `gp3` takes them from 400 GiB on; what comes with its size when left out. Example:
    /// `12000`.
    #[schemars(range(min = 1000, max = 256000))]
    pub iops: Option<u32>,
    /// MiB/s of `gp3` beyond what comes with its size, from 400 GiB on. Example: `500`.
    #[schemars(range(min = 125, max = 4000))]
    pub throughput_mibps: Option<u32>,
    /// Whether Aurora charges for storage and instances only and nothing for reads and writes: cheaper where these are a quarter of
    /// the bill. `false` when left out.
    #[serde(default)]
    pub io_optimized: bool,
}

/// Sort of storage.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StorageType {
    /// General purpose, with its own baseline.
    #[default]
    Gp3,
    /// Provisioned operations.
    Io1,
    /// Provisioned operations with a lower latency.
    Io2,
}

/// Automated backups.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DatabaseBackup {
    /// Days to which it can be restored, any second of them, from 1 to 35. 7 when left out.
    #[serde(default = "default_backup")]
    #[schemars(range(min = 1, max = 35))]
    pub retention_days: u32,
    /// Daily window in UTC in which the backup is taken. AWS chooses when left out. Example: `01:00-02:00`.
    #[schemars(regex(pattern = r"^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$"))]
    pub window: Option<String>,
}

impl Default for DatabaseBackup {
    fn default() -> Self {
        DatabaseBackup {
            retention_days: default_backup(),
            window: None,
        }
    }
}

/// Where the data of a new database comes from: a snapshot, or another database at a point in time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Restore {
    /// Name or ARN of a snapshot. An instance keeps the key, the master user and the databases of the snapshot. Example:
    /// `shop-orders-final-0a1b2c3d`.
    pub snapshot: Option<String>,
    /// Name of the instance or cluster whose backups to take. Example: `shop-orders`.
    pub source: Option<String>,
    /// The point in time, in UTC; the latest there is when left out. Only with `source`. Example: `2026-01-02T03:04:05Z`.
    #[schemars(regex(
        pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z$"
    ))]
    pub time: Option<String>,
}

/// What is measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Insights {
    /// Mode of Database Insights. `standard` when left out: the load by wait, statement and user for the last 7 days, which is free.
    #[serde(default)]
    pub mode: InsightsMode,
    /// Seconds between measurements of the operating system: 0 (none), 1, 5, 10, 15, 30 or 60. 60 when left out.
    #[serde(default = "default_interval")]
    #[schemars(range(min = 0, max = 60))]
    pub monitoring_interval_seconds: u32,
}

impl Default for Insights {
    fn default() -> Self {
        Insights {
            mode: InsightsMode::default(),
            monitoring_interval_seconds: default_interval(),
        }
    }
}

/// Mode of Database Insights.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InsightsMode {
    /// No Performance Insights; some classes do not have it.
    Off,
    /// Seven days.
    #[default]
    Standard,
    /// Fifteen months, with what the fleet does; charged by vCPU.
    Advanced,
}

/// Logs that go to CloudWatch Logs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DatabaseLogs {
    /// Which. When left out, `postgresql` and, without Aurora, `upgrade`; for MySQL `error` and `slowquery`. Example: `["audit", "error"]`.
    pub types: Option<BTreeSet<String>>,
    /// Days for which records are kept, one of CloudWatch's: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365 and so on. 90 when left out.
    #[serde(default = "default_log_retention")]
    pub retention_days: u32,
}

impl Default for DatabaseLogs {
    fn default() -> Self {
        DatabaseLogs {
            types: None,
            retention_days: default_log_retention(),
        }
    }
}

fn default_master() -> String {
    "dbadmin".to_owned()
}

fn default_least() -> f64 {
    0.5
}

fn default_most() -> f64 {
    8.0
}

fn default_backup() -> u32 {
    7
}

fn default_interval() -> u32 {
    60
}

fn default_log_retention() -> u32 {
    90
}
