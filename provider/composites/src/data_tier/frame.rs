//! What the stores of a data tier share.

use std::collections::BTreeMap;

use crate::Setting;

use super::spec::{Access, DataTier};

/// The data tier around a store.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame<'a> {
    pub spec: &'a DataTier,
    pub setting: &'a Setting,
}

/// One store in its frame: what it is, and what the user calls it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Store<'a> {
    pub frame: Frame<'a>,
    /// The sort of store as addresses name it, `file-system`.
    pub sort: &'static str,
    /// Its name.
    pub name: &'a str,
}

/// The argument that a part belongs to, given its address; empty for what the whole tier shares.
pub(super) fn place(address: &str) -> Vec<String> {
    let mut steps = address.split('/');
    let argument = match steps.next() {
        Some("bucket") => "buckets",
        Some("cache") => "caches",
        Some("file-system") => "file_systems",
        Some("table") => "tables",
        Some(engine @ ("documents" | "mysql" | "postgres" | "search")) => engine,
        _ => return Vec::new(),
    };
    let name = steps.next().map(str::to_owned);
    [argument.to_owned()].into_iter().chain(name).collect()
}

impl<'a> Frame<'a> {
    /// A store of the tier.
    pub fn store(&self, sort: &'static str, name: &'a str) -> Store<'a> {
        Store {
            frame: *self,
            sort,
            name,
        }
    }

    /// Ids of the subnets of a tier by zone id; none without a network.
    pub fn subnets(&self, tier: Option<&str>) -> BTreeMap<&'a str, &'a str> {
        let tier = tier.unwrap_or(&self.spec.tier);
        let network = self.spec.network.as_ref();
        network
            .and_then(|network| network.subnet_ids.get(tier))
            .into_iter()
            .flatten()
            .map(|(zone, id)| (zone.as_str(), id.as_str()))
            .collect()
    }

    /// Name of a zone; none where the network does not tell.
    pub fn zone_name(&self, zone: &str) -> Option<&'a str> {
        let network = self.spec.network.as_ref()?;
        let name = network.zone_names.get(zone)?;
        (!name.is_empty()).then_some(name)
    }

    /// Who may connect, where a store does not say it itself.
    pub fn access(&self, own: Option<&'a Access>) -> &'a Access {
        own.unwrap_or(&self.spec.access_from)
    }

    /// An ARN in the account and region of the tier.
    pub fn arn(&self, service: &str, resource: &str) -> String {
        let Setting {
            partition,
            account,
            owner,
            ..
        } = self.setting;
        format!(
            "arn:{partition}:{service}:{}:{account}:{resource}",
            owner.region
        )
    }
}

impl Store<'_> {
    /// Address of the store, `file-system/media`.
    pub fn address(&self) -> String {
        format!("{}/{}", self.sort, self.name)
    }

    /// Address of a part of the store.
    pub fn part(&self, part: &str) -> String {
        format!("{}/{}/{part}", self.sort, self.name)
    }

    /// The store's name in AWS, `shop-media`.
    pub fn physical_name(&self) -> String {
        format!("{}-{}", self.frame.spec.name, self.name)
    }

    /// The store in words: `file system media`.
    pub fn words(&self) -> String {
        format!("{} {}", self.sort.replace('-', " "), self.name)
    }
}
