//! `AWS::ElastiCache::GlobalReplicationGroup`: a cache over Regions, as seen from the Region of its first replication group.
//!
//! Reads `DescribeGlobalReplicationGroups` and `ListTagsForResource`; writes `CreateGlobalReplicationGroup`,
//! `ModifyGlobalReplicationGroup` and `DeleteGlobalReplicationGroup`.
//!
//! # Guarantees
//! - It is made around a replication group that exists, and leaves that group and what it holds where they are when it is deleted.
//! - Which member takes writes is nothing that is asked for: a failover to another Region is no difference, and neither is a member
//!   that joins from another Region.
//!
//! # Caveats
//! - AWS puts a prefix of the Region before the name: `ldgnf-shop` is its id.
//! - Members in other Regions are replication groups that name it; they have to leave first.
//! - As long as a replication group is a member, AWS changes its node type, its engine and its count of shards here only.
//! - It belongs to no Region: its ARN has none, and the tagging API of a Region does not list it.
//!
//! See <https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Redis-Global-Datastore.html>.

use platform_graph::{
    Attributes, Call, Claim, Disruption, Identity, Kind, Live, OWNER_TAG, Properties, Seen, Tags,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{call, version};
use crate::reply;

/// A cache over Regions.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct GlobalReplicationGroup {
    /// Whether a replica takes over from a primary that fails, in every Region.
    pub automatic_failover_enabled: Option<bool>,
    /// Type of all nodes in all Regions; that of the first member without.
    pub cache_node_type: Option<String>,
    /// Name of the parameter group that goes with another major version; AWS does not show it.
    pub cache_parameter_group_name: Option<String>,
    /// `valkey` or `redis`; that of the first member without.
    pub engine: Option<String>,
    /// Version, `8.0`: at least this one of the same major version; that of the first member without.
    pub engine_version: Option<String>,
    /// What it is for.
    pub global_replication_group_description: Option<String>,
    /// Name, to which AWS adds a prefix; can't change.
    #[serde(default)]
    pub global_replication_group_id_suffix: String,
    /// The replication group around which it is made; can't change.
    #[serde(default)]
    pub members: Vec<GlobalReplicationGroupMember>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// A replication group in a cache over Regions.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct GlobalReplicationGroupMember {
    /// Its id.
    pub replication_group_id: String,
    /// Its Region.
    pub replication_group_region: String,
    /// `PRIMARY` when it is made; a failover changes it.
    pub role: String,
}

impl GlobalReplicationGroupMember {
    fn is(&self, item: &Value) -> bool {
        item["ReplicationGroupId"] == *self.replication_group_id
            && item["ReplicationGroupRegion"] == *self.replication_group_region
    }

    fn read(item: &Value) -> Self {
        let text = |name: &str| reply::text(item, name).unwrap_or_default();
        GlobalReplicationGroupMember {
            replication_group_id: text("ReplicationGroupId"),
            replication_group_region: text("ReplicationGroupRegion"),
            role: text("Role"),
        }
    }
}

/// The name in an id: `shop` of `ldgnf-shop`.
fn suffix(id: &str) -> &str {
    id.split_once('-').map_or(id, |(_, suffix)| suffix)
}

fn list() -> Call {
    call("DescribeGlobalReplicationGroups").with("ShowMemberInfo", true)
}

impl GlobalReplicationGroup {
    /// The one with the id that is known, or else the one of this name around this member.
    fn found<'a>(&self, me: &Identity, reply: &'a Value) -> Option<&'a Value> {
        let is_me = |item: &&Value| {
            let id = item["GlobalReplicationGroupId"]
                .as_str()
                .unwrap_or_default();
            match &me.id {
                Some(known) => known == id,
                None => {
                    let members = reply::items(item, "Members");
                    suffix(id) == self.global_replication_group_id_suffix
                        && self
                            .members
                            .iter()
                            .all(|member| members.iter().any(|item| member.is(item)))
                }
            }
        };
        reply::items(reply, "GlobalReplicationGroups")
            .iter()
            .find(is_me)
    }

    fn seen(&self, id: &str, item: &Value, tags: Tags) -> GlobalReplicationGroup {
        let members = reply::items(item, "Members");
        let all_there = self
            .members
            .iter()
            .all(|member| members.iter().any(|item| member.is(item)));
        let failover = members
            .iter()
            .any(|member| member["AutomaticFailover"] == "enabled");
        let text = |name: &str, asked: &Option<String>| {
            reply::text(item, name).filter(|_| asked.is_some())
        };
        GlobalReplicationGroup {
            automatic_failover_enabled: self.automatic_failover_enabled.map(|_| failover),
            cache_node_type: text("CacheNodeType", &self.cache_node_type),
            cache_parameter_group_name: self.cache_parameter_group_name.clone(),
            engine: text("Engine", &self.engine),
            engine_version: text("EngineVersion", &self.engine_version),
            // AWS keeps a blank where it is given none.
            global_replication_group_description: reply::unless_default(
                Some(
                    reply::text(item, "GlobalReplicationGroupDescription")
                        .unwrap_or_default()
                        .trim()
                        .to_owned(),
                ),
                String::new(),
                self.global_replication_group_description.as_ref(),
            ),
            global_replication_group_id_suffix: suffix(id).to_owned(),
            members: if all_there && !self.members.is_empty() {
                self.members.clone()
            } else {
                members
                    .iter()
                    .map(GlobalReplicationGroupMember::read)
                    .collect()
            },
            tags,
        }
    }

    /// The properties by their names in CloudFormation, which are those of the API.
    fn fields(&self) -> Properties {
        match serde_json::to_value(self) {
            Ok(Value::Object(fields)) => fields,
            _ => Properties::new(),
        }
    }
}

impl Kind for GlobalReplicationGroup {
    const TYPE: &'static str = "AWS::ElastiCache::GlobalReplicationGroup";
    const CREATE_ONLY: &'static [&'static str] = &["GlobalReplicationGroupIdSuffix", "Members"];
    const ATTRIBUTES: &'static [&'static str] = &["Arn", "GlobalReplicationGroupId"];
    const LASTING: &'static [&'static str] = &["Arn", "GlobalReplicationGroupId"];
    const DETAILS_NEED: &'static [&'static str] = &["Arn"];
    const TAGGED: bool = true;
    const EXPECTED_SECONDS: u32 = 300;
    const DEADLINE_SECONDS: u32 = 3600;

    fn find(&self, _me: &Identity) -> Vec<Call> {
        vec![list()]
    }

    fn details_again(&self, _me: &Identity, _id: &str, known: &Attributes) -> Vec<Call> {
        vec![super::list_tags(known)]
    }

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
        let Some(item) = replies.first().and_then(|reply| self.found(me, reply)) else {
            return Seen::Absent;
        };
        let id = reply::text(item, "GlobalReplicationGroupId").unwrap_or_default();
        if let Some(seen) = super::passing(&id, item["Status"].as_str()) {
            return seen;
        }
        Seen::Live(Live {
            properties: self.seen(&id, item, super::tags(replies)),
            attributes: super::attributes([
                ("Arn", item["ARN"].clone()),
                ("GlobalReplicationGroupId", json!(id)),
            ]),
            id,
        })
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        let primary = self.members.first();
        vec![
            call("CreateGlobalReplicationGroup")
                .with(
                    "GlobalReplicationGroupIdSuffix",
                    &self.global_replication_group_id_suffix,
                )
                .with(
                    "GlobalReplicationGroupDescription",
                    &self.global_replication_group_description,
                )
                .with(
                    "PrimaryReplicationGroupId",
                    primary.map(|member| &member.replication_group_id),
                )
                .with("Tags", super::tag_list(&self.tags)),
        ]
    }

    fn created(&self, _me: &Identity, reply: &Value) -> Option<String> {
        reply::text(
            reply.get("GlobalReplicationGroup")?,
            "GlobalReplicationGroupId",
        )
    }

    fn update(&self, _me: &Identity, live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        let asked = self.fields();
        let about = call("ModifyGlobalReplicationGroup")
            .with("GlobalReplicationGroupId", &live.id)
            .with("ApplyImmediately", true);
        let mut change = changed.iter().fold(about, |call, name| {
            let default = (*name == "GlobalReplicationGroupDescription").then(|| json!(" "));
            let value = asked.get(*name).filter(|value| !value.is_null()).cloned();
            call.with(name, value.or(default))
        });
        if changed.contains(&"EngineVersion") {
            // Another major version takes another parameter group.
            change = change.with("CacheParameterGroupName", &self.cache_parameter_group_name);
        }
        // Nothing but the name and the order to hurry.
        if change.params.len() <= 2 {
            return Vec::new();
        }
        vec![change]
    }

    fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
        super::retag(&live.attributes, set, remove)
    }

    fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        vec![
            call("DeleteGlobalReplicationGroup")
                .with("GlobalReplicationGroupId", id)
                .with("RetainPrimaryReplicationGroup", true),
        ]
    }

    fn census(replies: &[Value]) -> Vec<Call> {
        match replies {
            [] => vec![list()],
            [groups] => reply::items(groups, "GlobalReplicationGroups")
                .iter()
                .map(|group| call("ListTagsForResource").with("ResourceName", &group["ARN"]))
                .collect(),
            _ => Vec::new(),
        }
    }

    fn counted(replies: &[Value]) -> Vec<Claim> {
        let Some((groups, tags)) = replies.split_first() else {
            return Vec::new();
        };
        reply::items(groups, "GlobalReplicationGroups")
            .iter()
            .zip(tags)
            .filter_map(|(group, tags)| {
                Some(Claim {
                    id: reply::text(group, "GlobalReplicationGroupId")?,
                    tags: reply::tags(reply::items(tags, "TagList"), "Key", "Value"),
                })
            })
            .filter(|claim| claim.tags.contains_key(OWNER_TAG))
            .collect()
    }

    fn disruption(property: &str) -> Disruption {
        match property {
            "CacheNodeType" | "Engine" | "EngineVersion" => Disruption::Failover,
            "CacheParameterGroupName" => Disruption::Rolling,
            _ => Disruption::None,
        }
    }

    fn same(property: &str, live: &Value, desired: &Value) -> bool {
        match (property, live.as_str(), desired.as_str()) {
            ("EngineVersion", Some(live), Some(desired)) => version::satisfies(live, desired),
            _ => live == desired,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::me;

    fn asked() -> GlobalReplicationGroup {
        GlobalReplicationGroup {
            global_replication_group_id_suffix: "shop".into(),
            members: vec![GlobalReplicationGroupMember {
                replication_group_id: "shop-sessions".into(),
                replication_group_region: "us-east-1".into(),
                role: "PRIMARY".into(),
            }],
            ..GlobalReplicationGroup::default()
        }
    }

    fn group(id: &str, status: &str, members: &[(&str, &str, &str)]) -> Value {
        let members: Vec<Value> = members
            .iter()
            .map(|(id, region, role)| {
                json!({ "ReplicationGroupId": id, "ReplicationGroupRegion": region, "Role": role,
                    "AutomaticFailover": "enabled", "Status": "associated" })
            })
            .collect();
        json!({ "GlobalReplicationGroupId": id, "GlobalReplicationGroupDescription": " ", "Status": status, "CacheNodeType": "cache.r7g.large",
            "Engine": "valkey", "EngineVersion": "8.0.1", "Members": members, "ARN": format!("arn:{id}") })
    }

    fn read(asked: &GlobalReplicationGroup, groups: &[Value]) -> Seen<GlobalReplicationGroup> {
        asked.read(&me(None), &[json!({ "GlobalReplicationGroups": groups })])
    }

    #[test]
    fn neither_a_failover_nor_another_region_is_a_difference() {
        let (here, there) = (
            ("shop-sessions", "us-east-1"),
            ("shop-sessions", "eu-west-1"),
        );
        for members in [
            vec![(here.0, here.1, "PRIMARY")],
            vec![(here.0, here.1, "PRIMARY"), (there.0, there.1, "SECONDARY")],
            vec![(here.0, here.1, "SECONDARY"), (there.0, there.1, "PRIMARY")],
        ] {
            let seen = read(&asked(), &[group("ldgnf-shop", "available", &members)]);
            let Seen::Live(live) = seen else {
                panic!("{seen:?}")
            };
            assert_eq!(live.properties, asked());
            assert_eq!(live.id, "ldgnf-shop");
        }
    }

    #[test]
    fn another_one_of_that_name_is_not_ours() {
        let other = group(
            "fpkhr-shop",
            "available",
            &[("carts", "eu-west-1", "PRIMARY")],
        );
        assert_eq!(read(&asked(), std::slice::from_ref(&other)), Seen::Absent);
        let ours = group(
            "ldgnf-shop",
            "primary-only",
            &[("shop-sessions", "us-east-1", "PRIMARY")],
        );
        assert_eq!(read(&asked(), &[other, ours]).id(), Some("ldgnf-shop"));
    }

    #[test]
    fn every_status_counts() {
        let member = [("shop-sessions", "us-east-1", "PRIMARY")];
        for (status, expected) in [
            ("creating", "Pending"),
            ("modifying", "Pending"),
            ("deleting", "Deleting"),
            ("primary-only", "Live"),
            ("available", "Live"),
        ] {
            let seen = format!(
                "{:?}",
                read(&asked(), &[group("ldgnf-shop", status, &member)])
            );
            assert!(seen.starts_with(expected), "{status}: {seen}");
        }
    }

    #[test]
    fn its_replication_group_outlives_it() {
        let calls = asked().delete(&me(None), "ldgnf-shop", &Attributes::new());
        assert_eq!(calls[0].params["RetainPrimaryReplicationGroup"], true);
    }
}
