//! Document databases of a data tier.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Access, yes};

/// A cluster of Amazon DocumentDB, which speaks the protocol of MongoDB: encrypted, over TLS, with audit logs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Documents {
    /// Version of the engine as a policy: a major version, a full one that it has at least, or `auto`: AWS's default version when it is
    /// made, and whatever it runs from then on. A patch that AWS applies is never taken back. Another major version needs
    /// `allow_major_upgrade`, and an older one is refused. `5.0` when left out. Example: `8.0`.
    #[serde(default = "default_version")]
    #[schemars(regex(pattern = r"^(auto|(5|8)\.0(\.[0-9]+)?)$"))]
    pub version: String,
    /// Whether it may be brought to another major version. The upgrade happens at once, interrupts service and can't be taken back.
    /// `false` when left out.
    #[serde(default)]
    pub allow_major_upgrade: bool,
    /// Who may connect to port 27017. When left out, whoever may connect to the tier.
    pub access_from: Option<Access>,
    /// Name of the network's tier in which it has its addresses. When left out, that of the data tier.
    pub tier: Option<String>,

    /// Zone ids in which there is an instance; one of them writes, the others read and take over. When left out, every zone of the
    /// tier. Example: `["use1-az1", "use1-az4"]`.
    pub zones: Option<BTreeSet<String>>,
    /// Class of these instances. `db.r6g.large` when left out; not with `serverless`. Example: `db.t4g.medium`.
    #[schemars(regex(pattern = r"^db\.[a-z0-9]+\.[a-z0-9]+$"))]
    pub instance_class: Option<String>,
    /// Makes every instance a serverless one, which scales between two capacities. When left out, instances have the size of their class.
    pub serverless: Option<DocumentCapacity>,
    /// Further instances that only read, by name. None when left out.
    #[serde(default)]
    pub readers: BTreeMap<String, DocumentReader>,
    /// How storage is paid for. `standard` when left out.
    #[serde(default)]
    pub storage: DocumentStorage,

    /// Name of the master user, whose `password` is in Secrets Manager; can't be changed later. `docdbadmin` when left out.
    #[serde(default = "default_user")]
    #[schemars(regex(pattern = r"^[A-Za-z][A-Za-z0-9]{0,62}$"))]
    pub master_username: String,
    /// Who has the password of the master user. `managed` when left out. A change is made in place and at once, and `secret_arn` is that of
    /// another secret then: whoever reads the password needs the new one. From `own` to `managed` needs
    /// `allow_delete = ["documents/products/master-password"]`.
    #[serde(default)]
    pub password: DocumentPassword,
    /// Number of the password with `password = "own"`, from 1. Raise it to have another one drawn, written into the secret and handed to the
    /// database in one apply; a run that is killed in between is gone on with. Sessions go on; who logs in with the one in the secret is
    /// refused until the database has taken it, some seconds later. 1 when left out.
    #[serde(default = "super::first_password")]
    #[schemars(range(min = 1))]
    pub password_version: u32,
    /// Which versions of TLS clients may use. `tls1.2+` when left out. A change takes effect when the instances restart next.
    #[serde(default)]
    pub tls: DocumentTls,
    /// What is written to the audit log. `enabled` when left out: changes of the schema, logins and users.
    #[serde(default)]
    pub audit: Audit,
    /// Whether and which slow operations are logged. When left out, all that take 100 milliseconds or more.
    #[serde(default)]
    pub profiler: Profiler,
    /// Days for which audit and profiler logs are kept, one of those that CloudWatch Logs knows: 1, 3, 5, 7, 14, 30, 60, 90 and so
    /// on. 90 when left out.
    #[serde(default = "default_log_retention")]
    pub log_retention_days: u32,
    /// Further cluster parameters by name. AWS's own when left out. Example: `{ ttl_monitor = "disabled" }`.
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
    /// Whether Performance Insights watches the instances. `false` when left out.
    #[serde(default)]
    pub performance_insights: bool,
    /// Authority that signs the certificates of the instances; a change restarts them. The account's default when left out. Example:
    /// `rds-ca-rsa2048-g1`.
    pub ca_certificate: Option<String>,

    /// Days for which it can be restored to any moment, from 1 to 35. 7 when left out.
    #[serde(default = "default_backup")]
    #[schemars(range(min = 1, max = 35))]
    pub backup_retention_days: u32,
    /// Daily window for backups in UTC. AWS chooses one when left out. Example: `02:00-03:00`.
    #[schemars(regex(pattern = r"^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$"))]
    pub backup_window: Option<String>,
    /// Weekly window for maintenance in UTC. AWS chooses one when left out. Example: `sun:04:00-sun:05:00`.
    #[schemars(regex(
        pattern = r"^(mon|tue|wed|thu|fri|sat|sun):([01][0-9]|2[0-3]):[0-5][0-9]-(mon|tue|wed|thu|fri|sat|sun):([01][0-9]|2[0-3]):[0-5][0-9]$"
    ))]
    pub maintenance_window: Option<String>,
    /// Whether a final snapshot is taken when it is deleted. `true` when left out; apply `false` first to throw the data away.
    #[serde(default = "yes")]
    pub final_snapshot: bool,
    /// Where the data of a new database comes from. Counts when it is made, and can be taken out afterwards; then `master_username` has to
    /// be that of the data. Empty when left out.
    pub restore: Option<DocumentRestore>,
    /// Makes it part of a global database, which has one cluster that writes and up to ten in other regions that read and can take
    /// over. None when left out. A database that is there can become the first cluster of one at any time; a secondary is made as one.
    /// AWS takes none whose password it manages: the first one needs `password = "own"`. All have the same `version`, which can't be
    /// raised to another major one, and different names whatever their regions: so have their tiers. A switchover or failover is AWS's
    /// business, and changes nothing here. To end it, the secondaries go first, and `deletion_protection = false` is applied before
    /// `global` is taken away.
    pub global: Option<DocumentGlobal>,
    /// Whether AWS refuses to delete the database, whoever asks. That of the data tier when left out: to delete one database, apply
    /// `false` first.
    pub deletion_protection: Option<bool>,
}

impl Documents {
    /// Name of the master user where none is given.
    pub fn default_master() -> String {
        default_user()
    }
}

/// The part of a database in a global one. The tier of the first cluster has the global cluster; a tier in another region, with a key of
/// its own there, joins it. Neither has instances of the families t3, t4g and r4.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DocumentGlobal {
    /// Name of the global cluster, unique in the account, in lower case; can't change. Secondaries take it from the outputs of the tier
    /// that has it. Example: `platform_data_tier.east.document_endpoints["products"].global_cluster`.
    #[schemars(length(min = 1, max = 63))]
    pub name: String,
    /// Region of the first cluster, which makes this one a secondary: it only reads, and has its data, its master user and its
    /// password from there. When left out, this one is the first. Example: `us-east-1`.
    #[schemars(regex(pattern = r"^[a-z]{2,4}(-[a-z]+)+-[0-9]$"))]
    pub primary_region: Option<String>,
}

/// Who has the password of the master user.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DocumentPassword {
    /// AWS: it makes the password, keeps it in a secret of its own and rotates it every seven days.
    #[default]
    Managed,
    /// The data tier: the password is drawn at random, kept in a secret that is a part of the tier, and handed to DocumentDB from there. A
    /// higher `password_version` rotates it, and nothing else: a value that somebody writes into the secret does not reach the database.
    /// The first cluster of a global database needs it; a secondary has the password of the first one, and what is restored is managed.
    Own,
}

/// Where the data of a new document database comes from: a snapshot, or another cluster at a point in time. It keeps the master user
/// that it had, with a new password, and is encrypted with the key of its new tier.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DocumentRestore {
    /// Name or ARN of a snapshot of a cluster. Example: `shop-products-docdb-final-0a1b2c3d`.
    pub snapshot: Option<String>,
    /// Name of the cluster whose backups to take. Example: `shop-products-docdb`.
    pub source: Option<String>,
    /// The point in time, in UTC; the latest there is when left out. Only with `source`. Example: `2026-01-02T03:04:05Z`.
    #[schemars(regex(
        pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z$"
    ))]
    pub time: Option<String>,
    /// Whether its volume shares what has not changed with that of the cluster it comes from, which is made in minutes and costs nothing
    /// at first. `false` when left out: a copy of its own. Only with `source`, and without `time`.
    #[serde(default)]
    pub copy_on_write: bool,
}

/// Capacity of every serverless instance, in units of about 2 GiB of memory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DocumentCapacity {
    /// Least capacity, in steps of 0.5. 0.5 when left out.
    #[serde(default = "default_least")]
    #[schemars(range(min = 0.5, max = 256.0))]
    pub min: f64,
    /// Most capacity, in steps of 0.5. 8 when left out.
    #[serde(default = "default_most")]
    #[schemars(range(min = 1.0, max = 256.0))]
    pub max: f64,
}

/// An instance that reads, and takes over the writing only when all others fail.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DocumentReader {
    /// Id of its zone. Example: `use1-az1`.
    pub zone: String,
    /// Its class. When left out, that of the other instances.
    #[schemars(regex(pattern = r"^db\.[a-z0-9]+\.[a-z0-9]+$"))]
    pub instance_class: Option<String>,
}

/// How storage is paid for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DocumentStorage {
    /// By what is stored and by every read and write.
    #[default]
    Standard,
    /// By what is stored, at a higher price, and instances cost more too; reads and writes are free.
    IoOptimized,
}

/// Which versions of TLS clients may use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum DocumentTls {
    /// TLS 1.2 and later.
    #[default]
    #[serde(rename = "tls1.2+")]
    From12,
    /// TLS 1.3 and later.
    #[serde(rename = "tls1.3+")]
    From13,
    /// Any version.
    #[serde(rename = "enabled")]
    Any,
    /// TLS 1.2 and later with cryptography that conforms to FIPS 140-3.
    #[serde(rename = "fips-140-3")]
    Fips,
    /// No TLS: passwords and data go over the network in the clear.
    #[serde(rename = "disabled")]
    Disabled,
}

/// What is written to the audit log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Audit {
    /// Changes of the schema, logins and users.
    #[default]
    Enabled,
    /// Changes of the schema.
    Ddl,
    /// Reads.
    DmlRead,
    /// Writes.
    DmlWrite,
    /// Everything.
    All,
    /// Nothing.
    Disabled,
}

/// The log of slow operations.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Profiler {
    /// Whether there is one. `true` when left out.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Milliseconds from which an operation is slow, 50 or more. 100 when left out.
    #[serde(default = "default_threshold")]
    #[schemars(range(min = 50, max = 2_147_483_646))]
    pub threshold_ms: u32,
    /// How much of the slow operations is logged, from 0 to 1. 1 when left out.
    #[serde(default = "default_sampling")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub sampling_rate: f64,
}

impl Default for Profiler {
    fn default() -> Self {
        Profiler {
            enabled: true,
            threshold_ms: default_threshold(),
            sampling_rate: default_sampling(),
        }
    }
}

fn default_version() -> String {
    "5.0".to_owned()
}

fn default_user() -> String {
    "docdbadmin".to_owned()
}

fn default_backup() -> u32 {
    7
}

fn default_least() -> f64 {
    0.5
}

fn default_most() -> f64 {
    8.0
}

fn default_threshold() -> u32 {
    100
}

fn default_sampling() -> f64 {
    1.0
}

fn default_log_retention() -> u32 {
    90
}
