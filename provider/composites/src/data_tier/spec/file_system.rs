//! File systems of a data tier.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Access, yes};

/// A file system of Amazon EFS.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FileSystem {
    /// Who may mount it. When left out, whoever may connect to the tier.
    pub access_from: Option<Access>,
    /// Name of the network's tier in which it has mount targets. When left out, that of the data tier.
    pub tier: Option<String>,
    /// How much can be read and written, and how it is paid for. As much as is asked for when left out (`elastic`).
    #[serde(default)]
    pub throughput: Throughput,
    /// When files move to cheaper storage. When left out, to Infrequent Access after 30 days and to Archive after 90.
    #[serde(default)]
    pub lifecycle: FileLifecycle,
    /// Whether AWS Backup keeps a backup of every day for 35 days. `true` when left out.
    #[serde(default = "yes")]
    pub backup: bool,
    /// Whether only clients that use TLS may mount it. `true` when left out.
    #[serde(default = "yes")]
    pub require_tls: bool,
    /// Whether clients must name an IAM identity, which then needs `elasticfilesystem:ClientMount` and so on. `false` when left out:
    /// the security group decides.
    #[serde(default)]
    pub require_iam: bool,
    /// Doors into the file system by name, each with a user and a root directory of its own. None when left out.
    #[serde(default)]
    pub access_points: BTreeMap<String, AccessPoint>,
}

/// Throughput of a file system.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Throughput {
    /// How it is measured. `elastic` when left out.
    #[serde(default)]
    pub mode: ThroughputMode,
    /// MiB/s to pay for, from 1 to 3414; only for `provisioned`.
    #[schemars(range(min = 1, max = 3414))]
    pub mibps: Option<u32>,
}

/// How throughput is measured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ThroughputMode {
    /// As much as is asked for, paid by what is read and written.
    #[default]
    Elastic,
    /// Grows with what is stored.
    Bursting,
    /// A fixed amount, paid by the hour.
    Provisioned,
}

/// When files move to cheaper storage, by the days since they were last read or written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FileLifecycle {
    /// Days until a file moves to Infrequent Access: 1, 7, 14, 30, 60, 90, 180, 270 or 365; 0 for never. 30 when left out.
    #[serde(default = "default_infrequent")]
    #[schemars(range(min = 0, max = 365))]
    pub infrequent_access_days: u32,
    /// Days until a file moves to Archive: one of the same numbers, later than the other; 0 for never. 90 when left out.
    #[serde(default = "default_archive")]
    #[schemars(range(min = 0, max = 365))]
    pub archive_days: u32,
    /// Whether a file moves back when it is read. `false` when left out.
    #[serde(default)]
    pub back_on_access: bool,
}

impl Default for FileLifecycle {
    fn default() -> Self {
        FileLifecycle {
            infrequent_access_days: default_infrequent(),
            archive_days: default_archive(),
            back_on_access: false,
        }
    }
}

/// A door into a file system.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccessPoint {
    /// The directory that clients see as root; made when it is not there. `/<name>` when left out. Example: `/uploads`.
    pub path: Option<String>,
    /// The user whose files everything is done as.
    #[schemars(range(min = 0, max = 4_294_967_295_u64))]
    pub uid: u32,
    /// The group.
    #[schemars(range(min = 0, max = 4_294_967_295_u64))]
    pub gid: u32,
    /// Further groups, at most 16. None when left out.
    #[serde(default)]
    #[schemars(length(max = 16))]
    pub secondary_gids: BTreeSet<u32>,
    /// Permissions of the directory when it is made. `0750` when left out.
    #[serde(default = "default_permissions")]
    #[schemars(regex(pattern = r"^[0-7]{3,4}$"))]
    pub permissions: String,
}

fn default_infrequent() -> u32 {
    30
}

fn default_archive() -> u32 {
    90
}

fn default_permissions() -> String {
    "0750".to_owned()
}
