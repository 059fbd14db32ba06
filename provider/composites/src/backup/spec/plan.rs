//! Plans as a user writes them.

use std::collections::{BTreeMap, BTreeSet};

use platform_graph::Tags;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is backed up, when, and for how long it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The rules by name: when a backup is made and how long it is kept. Every selection is backed up by every rule. When left out, one rule
    /// `daily`: every day, kept for 35 days.
    #[serde(default)]
    pub rules: BTreeMap<String, Rule>,
    /// What is backed up, by name. A resource is backed up when one of the selections has it.
    #[serde(default)]
    pub selections: BTreeMap<String, Selection>,
    /// Whether EC2 instances with Windows are backed up through its Volume Shadow Copy Service, so that applications are consistent. `false`
    /// when left out.
    #[serde(default)]
    pub windows_vss: bool,
    /// Whether backups of buckets hold the ACLs of the objects. `true` when left out.
    #[serde(default = "super::yes")]
    pub s3_acls: bool,
    /// Whether backups of buckets hold the tags of the objects. `true` when left out.
    #[serde(default = "super::yes")]
    pub s3_object_tags: bool,
}

impl Default for Plan {
    fn default() -> Self {
        Plan {
            rules: BTreeMap::new(),
            selections: BTreeMap::new(),
            windows_vss: false,
            s3_acls: true,
            s3_object_tags: true,
        }
    }
}

/// When a backup is made, where it is kept, and for how long.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Name of the vault in `vaults`. May be left out where there is one vault, or one is called `main`.
    pub vault: Option<String>,
    /// When it begins: `hourly`, `daily` (at 05:00), `weekly` (Sunday), `monthly` (the first), `yearly` (January 1), or a cron expression of
    /// AWS with six fields, an hour apart at least. `daily` when left out. Example: `cron(30 2 ? * MON-FRI *)`.
    #[serde(default = "daily")]
    pub schedule: String,
    /// Time zone of the schedule, as IANA names it. UTC when left out. Example: `Europe/Berlin`.
    pub timezone: Option<String>,
    /// Minutes in which a backup must have begun; later it is given up. From 60; 480 when left out.
    #[serde(default = "default_start")]
    #[schemars(range(min = 60, max = 52_560_000))]
    pub start_window_minutes: u32,
    /// Minutes in which a backup that has begun must be done; later it is given up. From 60; 10080, a week, when left out.
    #[serde(default = "default_completion")]
    #[schemars(range(min = 60, max = 52_560_000))]
    pub completion_window_minutes: u32,
    /// Days until a backup moves to cold storage, where the type of resource has it; others stay. Never when left out. Backups stay 90 days
    /// there at least, so `delete_after_days` must be that much greater.
    #[schemars(range(min = 1, max = 36500))]
    pub cold_after_days: Option<u32>,
    /// Days until a backup is deleted. 35 when left out; 0 keeps it for ever.
    #[schemars(range(min = 0, max = 36500))]
    pub delete_after_days: Option<u32>,
    /// Whether snapshots of EBS volumes move to the archive tier, too, by `cold_after_days`; restoring takes up to three days from there.
    /// `false` when left out.
    #[serde(default)]
    pub archive_snapshots: bool,
    /// Whether backups are continuous, to be restored to any second, where the type of resource has it (RDS, Aurora, S3); others get
    /// snapshots. Kept 35 days at most, and not in cold storage. `false` when left out.
    #[serde(default)]
    pub continuous: bool,
    /// Copies of every backup in other vaults, by a name of your choice. None when left out.
    #[serde(default)]
    pub copy_to: BTreeMap<String, Copy>,
    /// Tags for the recovery points, besides those that AWS copies from the resource. Example: `{ kept-for = "audit" }`.
    #[serde(default)]
    pub recovery_point_tags: Tags,
}

impl Default for Rule {
    fn default() -> Self {
        Rule {
            vault: None,
            schedule: daily(),
            timezone: None,
            start_window_minutes: default_start(),
            completion_window_minutes: default_completion(),
            cold_after_days: None,
            delete_after_days: None,
            archive_snapshots: false,
            continuous: false,
            copy_to: BTreeMap::new(),
            recovery_point_tags: Tags::new(),
        }
    }
}

/// A copy of every backup in another vault, which may be in another region, in another account of the organization, or both. The copy of a
/// continuous backup is a snapshot.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Copy {
    /// ARN of the vault. Example: `platform_backup.recovery.vault_arns["main"]`, or
    /// `arn:aws:backup:eu-west-1:123456789012:backup-vault:shop-main`.
    pub vault_arn: String,
    /// Days until the copy moves to cold storage. Never when left out.
    #[schemars(range(min = 1, max = 36500))]
    pub cold_after_days: Option<u32>,
    /// Days until the copy is deleted. As long as the backup itself when left out; 0 keeps it for ever, which AWS does only with a copy
    /// of what is kept for ever itself.
    #[schemars(range(min = 0, max = 36500))]
    pub delete_after_days: Option<u32>,
}

/// What is backed up: whatever fits all that is said here.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Selection {
    /// What belongs to one of these composites of the same region, `<sort>/<name>`, found by the tags that they put on all that is theirs.
    /// Any owner when left out. Example: `["data-tier/shop"]`.
    #[serde(default)]
    pub composites: BTreeSet<String>,
    /// What has all of these tags; `*` in a value stands for any characters. Any tags when left out. Example: `{ backup = "daily" }`.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// What has one of these ARNs, `*` at the end and for region and account allowed. Any ARN when left out; `["*"]` alone selects everything
    /// that AWS Backup knows in this region. Example: `["arn:aws:dynamodb:*:*:table/*"]`.
    #[serde(default)]
    pub resources: BTreeSet<String>,
    /// What is left out, by ARN, `*` as above. Example: `["arn:aws:s3:::shop-logs-*"]`.
    #[serde(default)]
    pub not_resources: BTreeSet<String>,
}

fn daily() -> String {
    "daily".to_owned()
}

fn default_start() -> u32 {
    480
}

fn default_completion() -> u32 {
    10_080
}
