//! `AWS::ElastiCache::SubnetGroup`: the subnets in which caches get their addresses.
//!
//! Reads `DescribeCacheSubnetGroups`; the name is the identity.
//!
//! # Caveats
//! A subnet in which a cache has a node can't leave the group: AWS refuses with `SubnetInUse`.
//!
//! See <https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateCacheSubnetGroup.html>.

use platform_graph::{Attributes, Call, Claim, Identity, Kind, Live, Seen, Tags};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::call;
use crate::reply;

/// A subnet group.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct SubnetGroup {
    /// Name, unique in account and Region, at most 255 lowercase characters; can't change.
    #[serde(default)]
    pub cache_subnet_group_name: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// Ids of the subnets, all of one VPC.
    #[serde(default)]
    pub subnet_ids: Vec<String>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

impl SubnetGroup {
    fn with_subnets(&self, action: &'static str) -> Call {
        call(action)
            .with("CacheSubnetGroupName", &self.cache_subnet_group_name)
            .with("CacheSubnetGroupDescription", &self.description)
            .with("SubnetIds", &self.subnet_ids)
    }
}

impl Kind for SubnetGroup {
    const TYPE: &'static str = "AWS::ElastiCache::SubnetGroup";
    const CREATE_ONLY: &'static [&'static str] = &["CacheSubnetGroupName"];
    const UNORDERED: &'static [&'static str] = &["SubnetIds"];
    const ATTRIBUTES: &'static [&'static str] = &["Arn"];
    const LASTING: &'static [&'static str] = &["Arn"];
    const DETAILS_NEED: &'static [&'static str] = &["Arn"];
    const TAGGED: bool = true;

    fn find(&self, _me: &Identity) -> Vec<Call> {
        vec![call("DescribeCacheSubnetGroups")]
    }

    fn details_again(&self, _me: &Identity, _id: &str, known: &Attributes) -> Vec<Call> {
        vec![super::list_tags(known)]
    }

    fn read(&self, _me: &Identity, replies: &[Value]) -> Seen<Self> {
        let name = &self.cache_subnet_group_name;
        let found = super::named(replies, "CacheSubnetGroups", "CacheSubnetGroupName", name);
        let Some(group) = found else {
            return Seen::Absent;
        };
        Seen::Live(Live {
            id: name.clone(),
            attributes: super::attributes([("Arn", json!(reply::text(group, "ARN")))]),
            properties: SubnetGroup {
                cache_subnet_group_name: name.clone(),
                description: reply::text(group, "CacheSubnetGroupDescription").unwrap_or_default(),
                subnet_ids: reply::items(group, "Subnets")
                    .iter()
                    .filter_map(|subnet| reply::text(subnet, "SubnetIdentifier"))
                    .collect(),
                tags: super::tags(replies),
            },
        })
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        vec![
            self.with_subnets("CreateCacheSubnetGroup")
                .with("Tags", super::tag_list(&self.tags)),
        ]
    }

    fn created(&self, _me: &Identity, _reply: &Value) -> Option<String> {
        Some(self.cache_subnet_group_name.clone())
    }

    fn update(&self, _me: &Identity, _live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        if changed.is_empty() {
            return Vec::new();
        }
        vec![self.with_subnets("ModifyCacheSubnetGroup")]
    }

    fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
        super::retag(&live.attributes, set, remove)
    }

    fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        vec![call("DeleteCacheSubnetGroup").with("CacheSubnetGroupName", id)]
    }

    fn known_by(id: &str) -> Self {
        SubnetGroup {
            cache_subnet_group_name: id.to_owned(),
            ..SubnetGroup::default()
        }
    }

    fn census(replies: &[Value]) -> Vec<Call> {
        super::census(replies)
    }

    fn counted(replies: &[Value]) -> Vec<Claim> {
        super::counted(replies, "subnetgroup")
    }
}
