//! Restore tests as a user writes them.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A regular test that recovery points can be restored. What is restored is deleted afterwards, and charged for as long as it is there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RestoreTest {
    /// When it begins: a word or a cron expression, as for the rules of a plan. `weekly` when left out.
    #[serde(default = "weekly")]
    pub schedule: String,
    /// Time zone of the schedule, as IANA names it. UTC when left out. Example: `Europe/Berlin`.
    pub timezone: Option<String>,
    /// Hours in which a restore must have begun, from 1 to 168. 24 when left out.
    #[serde(default = "default_start")]
    #[schemars(range(min = 1, max = 168))]
    pub start_window_hours: u32,
    /// Names of the vaults in `vaults` whose recovery points are tested. All of them when left out.
    #[serde(default)]
    pub vaults: BTreeSet<String>,
    /// Which recovery point of a resource is tested: `latest` or `random`. `latest` when left out.
    #[serde(default)]
    pub pick: Pick,
    /// Which sorts of recovery points are tested: `snapshot`, `continuous`. Both when left out.
    #[serde(default = "both")]
    pub recovery_points: BTreeSet<RecoveryPointType>,
    /// Recovery points of how many days are picked from, from 1 to 365. 30 when left out.
    #[serde(default = "default_days")]
    #[schemars(range(min = 1, max = 365))]
    pub within_days: u32,
    /// What is restored, by name: 1 to 24 lowercase letters, digits and single hyphens, the first a letter. One type of resource each.
    #[serde(default)]
    pub selections: BTreeMap<String, RestoreSelection>,
}

impl Default for RestoreTest {
    fn default() -> Self {
        RestoreTest {
            schedule: weekly(),
            timezone: None,
            start_window_hours: default_start(),
            vaults: BTreeSet::new(),
            pick: Pick::default(),
            recovery_points: both(),
            within_days: default_days(),
            selections: BTreeMap::new(),
        }
    }
}

/// Which recovery point of a resource is tested.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Pick {
    /// The latest.
    #[default]
    Latest,
    /// Any.
    Random,
}

/// Sort of recovery point.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum RecoveryPointType {
    /// What can be restored as it was at one time.
    Snapshot,
    /// What can be restored to any second.
    Continuous,
}

/// What is restored: resources of one type, those of a composite, with tags, or by ARN.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RestoreSelection {
    /// Type of the resources.
    pub resource_type: RestoreType,
    /// A composite of the same region to which they belong, `<sort>/<name>`. Any owner when left out. Example: `data-tier/shop`.
    pub composite: Option<String>,
    /// What has all of these tags. Any tags when left out. Example: `{ tier = "gold" }`.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// What has one of these ARNs, 30 at most, in place of `composite` and `tags`. Everything of that type when nothing is said.
    #[serde(default)]
    pub resources: BTreeSet<String>,
    /// What the restored resource has otherwise than the one that was backed up, by the names that AWS Backup has for it. Example:
    /// `{ dbInstanceClass = "db.t4g.medium" }`.
    #[serde(default)]
    pub overrides: BTreeMap<String, String>,
    /// Hours for which what was restored is kept for your own validation, from 0 to 168. 0 when left out.
    #[serde(default)]
    #[schemars(range(min = 0, max = 168))]
    pub validation_hours: u32,
}

/// Type of a resource that restore testing knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RestoreType {
    /// Clusters of Amazon Aurora.
    Aurora,
    /// Clusters of Amazon DocumentDB.
    Documentdb,
    /// Tables of Amazon DynamoDB.
    Dynamodb,
    /// Volumes of Amazon EBS.
    Ebs,
    /// Instances of Amazon EC2.
    Ec2,
    /// File systems of Amazon EFS.
    Efs,
    /// File systems of Amazon FSx.
    Fsx,
    /// Clusters of Amazon Neptune.
    Neptune,
    /// Instances and Multi-AZ clusters of Amazon RDS.
    Rds,
    /// Buckets of Amazon S3.
    S3,
}

impl RestoreType {
    /// The type as AWS Backup names it.
    pub(in crate::backup) fn name(self) -> &'static str {
        match self {
            RestoreType::Aurora => "Aurora",
            RestoreType::Documentdb => "DocumentDB",
            RestoreType::Dynamodb => "DynamoDB",
            RestoreType::Ebs => "EBS",
            RestoreType::Ec2 => "EC2",
            RestoreType::Efs => "EFS",
            RestoreType::Fsx => "FSx",
            RestoreType::Neptune => "Neptune",
            RestoreType::Rds => "RDS",
            RestoreType::S3 => "S3",
        }
    }
}

fn weekly() -> String {
    "weekly".to_owned()
}

fn both() -> BTreeSet<RecoveryPointType> {
    BTreeSet::from([RecoveryPointType::Snapshot, RecoveryPointType::Continuous])
}

fn default_start() -> u32 {
    24
}

fn default_days() -> u32 {
    30
}
