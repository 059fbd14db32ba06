//! What a configuration comes to before it is cut into parts: defaults that depend on what else is said, names in AWS, ARNs.

use std::collections::BTreeMap;

use platform_graph::{OWNER_TAG, Owner};

use super::spec::{Backup, Plan, Rule, Vault};
use crate::Setting;

/// Name of the vault, and of the choice among vaults, where none is named.
pub(super) const MAIN: &str = "main";
/// Days for which a backup is kept where nothing is said.
const KEPT_DAYS: u32 = 35;

/// The backups in their setting.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame<'a> {
    pub spec: &'a Backup,
    pub setting: &'a Setting,
}

impl Backup {
    /// The vaults: one when none is described.
    pub(super) fn all_vaults(&self) -> BTreeMap<String, Vault> {
        if self.vaults.is_empty() {
            BTreeMap::from([(MAIN.to_owned(), Vault::default())])
        } else {
            self.vaults.clone()
        }
    }

    /// Name of the vault of a rule: the one that it names, or the only one, or `main`.
    pub(super) fn vault_of(&self, rule: &Rule) -> Option<String> {
        if rule.vault.is_some() {
            return rule.vault.clone();
        }
        match self.vaults.keys().collect::<Vec<_>>()[..] {
            [] => Some(MAIN.to_owned()),
            [only] => Some(only.clone()),
            _ => self.vaults.contains_key(MAIN).then(|| MAIN.to_owned()),
        }
    }

    /// Whether a role is needed.
    pub(super) fn acts(&self) -> bool {
        !self.plans.is_empty() || !self.restore_testing.is_empty()
    }

    /// Name in AWS of what has a name in a map.
    pub(super) fn physical_name(&self, name: &str) -> String {
        format!("{}-{name}", self.name)
    }

    /// The same, where AWS allows underscores and no hyphens.
    pub(super) fn underscored(&self, name: &str) -> String {
        self.physical_name(name).replace('-', "_")
    }
}

impl Plan {
    /// The rules: one when none is described.
    pub(super) fn all_rules(&self) -> BTreeMap<String, Rule> {
        if self.rules.is_empty() {
            BTreeMap::from([("daily".to_owned(), Rule::default())])
        } else {
            self.rules.clone()
        }
    }
}

/// For how long something is kept: for so many days, or for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Retention {
    Days(u32),
    Ever,
}

impl Retention {
    fn from_days(days: u32) -> Self {
        match days {
            0 => Retention::Ever,
            days => Retention::Days(days),
        }
    }

    /// For how long a backup is kept.
    pub fn of_rule(rule: &Rule) -> Self {
        Retention::from_days(rule.delete_after_days.unwrap_or(KEPT_DAYS))
    }

    /// For how long a copy is kept.
    pub fn of_copy(rule: &Rule, days: Option<u32>) -> Self {
        days.map_or_else(|| Retention::of_rule(rule), Retention::from_days)
    }

    /// The days, where there is an end.
    pub fn days(self) -> Option<u32> {
        match self {
            Retention::Days(days) => Some(days),
            Retention::Ever => None,
        }
    }
}

impl Frame<'_> {
    /// ARN of a vault in the account and region of the backups.
    pub fn vault_arn(&self, vault: &str) -> String {
        let Setting {
            partition,
            account,
            owner,
            ..
        } = self.setting;
        format!(
            "arn:{partition}:backup:{}:{account}:backup-vault:{}",
            owner.region,
            self.spec.physical_name(vault)
        )
    }

    /// What the owner tag of another composite of this region says.
    pub fn owner(&self, composite: &Composed<'_>) -> String {
        Owner {
            composite: composite.type_name(),
            region: self.setting.owner.region.clone(),
            name: composite.name.to_owned(),
        }
        .to_string()
    }

    /// The principal that stands for an account.
    pub fn root(&self, account: &str) -> String {
        format!("arn:{}:iam::{account}:root", self.setting.partition)
    }
}

/// The condition key of the tag that says whose a resource is.
pub(super) fn owner_key() -> String {
    tag_key(OWNER_TAG)
}

/// The condition key of a tag.
pub(super) fn tag_key(tag: &str) -> String {
    format!("aws:ResourceTag/{tag}")
}

/// Another composite as a selection names it: `data-tier/shop`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Composed<'a> {
    pub sort: &'a str,
    pub name: &'a str,
}

impl<'a> Composed<'a> {
    pub fn parse(text: &'a str) -> Option<Self> {
        let (sort, name) = text.split_once('/')?;
        let word = |text: &str| {
            !text.is_empty()
                && text
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        };
        (word(sort) && word(name)).then_some(Composed { sort, name })
    }

    /// Its type: `platform_data_tier`.
    pub fn type_name(&self) -> String {
        format!("platform_{}", self.sort.replace('-', "_"))
    }
}
