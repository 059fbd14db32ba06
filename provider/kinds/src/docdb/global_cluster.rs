//! `AWS::DocDB::GlobalCluster`: a DocumentDB database over Regions, as seen from the Region of its first cluster.
//!
//! Reads `DescribeGlobalClusters`, which shows tags; writes `CreateGlobalCluster`, `ModifyGlobalCluster`,
//! `RemoveFromGlobalCluster` and `DeleteGlobalCluster`.
//!
//! # Guarantees
//! - It is made around a cluster that exists, and leaves that cluster and its data where they are when it is deleted.
//! - Which member writes is nothing that is asked for: a switchover is no difference.
//!
//! # Caveats
//! - DocumentDB shares names and ARNs with Aurora's; what is of DocumentDB is told by its engine.
//! - `CreateGlobalCluster` of DocumentDB takes no tags: they follow. One without any, around the very cluster that is asked for, is
//!   what a run that was killed has left, and is gone on with.
//! - Members in other Regions are clusters that name it; they have to go first.
//! - It belongs to no Region: its ARN has none, and the tagging API of a Region does not list it.
//!
//! See <https://docs.aws.amazon.com/documentdb/latest/developerguide/global-clusters.html>.

use platform_graph::{
    ADDRESS_TAG, Attributes, Call, Claim, Identity, Kind, Live, OWNER_TAG, Seen, Tags,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::reply;

/// A database over Regions.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct GlobalCluster {
    /// Whether AWS refuses to delete it; AWS's default is `false`.
    pub deletion_protection: Option<bool>,
    /// `docdb`, where it is made without a cluster; can't change.
    pub engine: Option<String>,
    /// Version, where it is made without a cluster; can't change.
    pub engine_version: Option<String>,
    /// Name, unique in the account, 1 to 63 letters, digits and single hyphens, in lower case; can't change.
    #[serde(rename = "GlobalClusterIdentifier", default)]
    pub identifier: String,
    /// ARN of the cluster around which it is made; can't change.
    #[serde(rename = "SourceDBClusterIdentifier")]
    pub source_cluster: Option<String>,
    /// Whether the storage is encrypted, where it is made without a cluster; can't change.
    pub storage_encrypted: Option<bool>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

fn call(action: &'static str, id: &str) -> Call {
    Call::new("docdb", action).with("GlobalClusterIdentifier", id)
}

fn tags(item: &Value) -> Tags {
    reply::tags(reply::items(item, "TagList"), "Key", "Value")
}

impl GlobalCluster {
    fn seen(&self, me: &Identity, name: &str, item: &Value) -> GlobalCluster {
        let members = reply::items(item, "GlobalClusterMembers");
        let is_member = |arn: &&String| {
            let mut arns = members.iter().map(|member| &member["DBClusterArn"]);
            arns.any(|member| member == arn.as_str())
        };
        let writer = members.iter().find(|member| member["IsWriter"] == true);
        let mut tags = tags(item);
        if tags.is_empty()
            && self
                .source_cluster
                .as_ref()
                .is_some_and(|arn| is_member(&arn))
        {
            tags = me.tags();
        }
        let text = |name: &str, asked: &Option<String>| {
            reply::text(item, name).filter(|_| asked.is_some())
        };
        GlobalCluster {
            deletion_protection: reply::unless_default(
                Some(item["DeletionProtection"] == true),
                false,
                self.deletion_protection.as_ref(),
            ),
            engine: text("Engine", &self.engine),
            engine_version: text("EngineVersion", &self.engine_version),
            identifier: name.to_owned(),
            // The first cluster stays a member when another one takes over. Whoever deletes it must know of one.
            source_cluster: self
                .source_cluster
                .as_ref()
                .filter(is_member)
                .cloned()
                .or_else(|| reply::text(writer?, "DBClusterArn")),
            storage_encrypted: self
                .storage_encrypted
                .and_then(|_| item["StorageEncrypted"].as_bool()),
            tags,
        }
    }
}

impl Kind for GlobalCluster {
    const TYPE: &'static str = "AWS::DocDB::GlobalCluster";
    const CREATE_ONLY: &'static [&'static str] = &[
        "Engine",
        "EngineVersion",
        "GlobalClusterIdentifier",
        "SourceDBClusterIdentifier",
        "StorageEncrypted",
    ];
    const ATTRIBUTES: &'static [&'static str] = &["GlobalClusterArn", "GlobalClusterResourceId"];
    const LASTING: &'static [&'static str] = &["GlobalClusterArn", "GlobalClusterResourceId"];
    const PROTECTED_BY: &'static str = "DeletionProtection";
    const TAGGED: bool = true;
    const EXPECTED_SECONDS: u32 = 60;
    const DEADLINE_SECONDS: u32 = 3600;

    fn find(&self, _me: &Identity) -> Vec<Call> {
        vec![super::list_global()]
    }

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
        let name = super::name(me, &self.identifier);
        let found = super::named(replies, "GlobalClusters", "GlobalClusterIdentifier", name);
        let Some(item) = found.filter(|item| item["Engine"] == super::ENGINE) else {
            return Seen::Absent;
        };
        let id = name.to_owned();
        match item["Status"].as_str().unwrap_or("available") {
            "creating" => Seen::Pending {
                id,
                why: "creating".to_owned(),
            },
            "deleting" => Seen::Deleting { id },
            _ => Seen::Live(Live {
                properties: self.seen(me, name, item),
                attributes: super::attributes([
                    ("GlobalClusterArn", item["GlobalClusterArn"].clone()),
                    (
                        "GlobalClusterResourceId",
                        item["GlobalClusterResourceId"].clone(),
                    ),
                ]),
                id,
            }),
        }
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        let create = call("CreateGlobalCluster", &self.identifier)
            .with("DeletionProtection", self.deletion_protection);
        vec![match &self.source_cluster {
            // It has what its first cluster has.
            Some(source) => create.with("SourceDBClusterIdentifier", source),
            None => create
                .with("Engine", self.engine.as_deref().unwrap_or(super::ENGINE))
                .with("EngineVersion", &self.engine_version)
                .with("StorageEncrypted", self.storage_encrypted),
        }]
    }

    fn created(&self, _me: &Identity, _reply: &Value) -> Option<String> {
        Some(self.identifier.clone())
    }

    fn update(&self, _me: &Identity, live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        let protect = changed.contains(&"DeletionProtection").then(|| {
            call("ModifyGlobalCluster", &live.id).with(
                "DeletionProtection",
                self.deletion_protection.unwrap_or(false),
            )
        });
        protect.into_iter().collect()
    }

    fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
        let mut set = set.clone();
        if !set.is_empty() {
            // One without tags was shown with those of its owner, which it does not have yet.
            let own = live.properties.tags.iter();
            let own = own.filter(|(key, _)| [OWNER_TAG, ADDRESS_TAG].contains(&key.as_str()));
            for (key, value) in own {
                set.entry(key.clone()).or_insert_with(|| value.clone());
            }
        }
        let arn = live.attributes.get("GlobalClusterArn");
        super::retag_arn(arn, &set, remove)
    }

    fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        let leave = self
            .source_cluster
            .as_ref()
            .map(|arn| call("RemoveFromGlobalCluster", id).with("DbClusterIdentifier", arn));
        let delete = call("DeleteGlobalCluster", id);
        leave.into_iter().chain([delete]).collect()
    }

    fn known_by(id: &str) -> Self {
        GlobalCluster {
            identifier: id.to_owned(),
            ..GlobalCluster::default()
        }
    }

    fn census(replies: &[Value]) -> Vec<Call> {
        replies
            .is_empty()
            .then(super::list_global)
            .into_iter()
            .collect()
    }

    fn counted(replies: &[Value]) -> Vec<Claim> {
        let items = replies
            .iter()
            .flat_map(|reply| reply::items(reply, "GlobalClusters"));
        items
            .filter(|item| item["Engine"] == super::ENGINE)
            .filter_map(|item| {
                let id = reply::text(item, "GlobalClusterIdentifier")?;
                let tags = tags(item);
                tags.contains_key(OWNER_TAG).then_some(Claim { id, tags })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::me;

    const FIRST: &str = "arn:aws:rds:us-east-1:123456789012:cluster:shop-products";
    const SECOND: &str = "arn:aws:rds:eu-west-1:123456789012:cluster:shop-products";

    fn reply(writer: &str, engine: &str) -> Value {
        let member = |arn: &str| json!({ "DBClusterArn": arn, "IsWriter": arn == writer });
        json!({ "GlobalClusters": [{ "GlobalClusterIdentifier": "shop-products", "GlobalClusterArn": "arn:g",
            "GlobalClusterResourceId": "cluster-g", "Status": "available", "Engine": engine, "EngineVersion": "5.0.0",
            "StorageEncrypted": true, "GlobalClusterMembers": [member(FIRST), member(SECOND)],
            "TagList": [{ "Key": "team", "Value": "core" }] }] })
    }

    fn asked() -> GlobalCluster {
        GlobalCluster {
            identifier: "shop-products".into(),
            source_cluster: Some(FIRST.into()),
            tags: Tags::from([("team".into(), "core".into())]),
            ..GlobalCluster::default()
        }
    }

    #[test]
    fn which_region_writes_is_no_difference() {
        for writer in [FIRST, SECOND] {
            let Seen::Live(live) = asked().read(&me(None), &[reply(writer, "docdb")]) else {
                panic!("not live")
            };
            assert_eq!(live.properties, asked());
        }
    }

    #[test]
    fn what_a_killed_run_left_without_tags_is_gone_on_with() {
        let me = me(None);
        let read = |source: &str| {
            let mut shown = reply(FIRST, "docdb");
            shown["GlobalClusters"][0]["TagList"] = json!([]);
            let asked = GlobalCluster {
                source_cluster: Some(source.into()),
                ..asked()
            };
            match asked.read(&me, &[shown]) {
                Seen::Live(live) => live,
                seen => panic!("{seen:?}"),
            }
        };
        let ours = read(FIRST);
        assert!(me.owns(&ours.properties.tags));
        let set = Tags::from([("Name".into(), "shop".into())]);
        let calls = GlobalCluster::retag(&ours, &set, &[]);
        assert!(calls[0].params["Tags"].to_string().contains(OWNER_TAG));
        assert!(read("arn:other").properties.tags.is_empty());
    }

    #[test]
    fn one_of_aurora_is_not_ours() {
        let aurora = reply(FIRST, "aurora-postgresql");
        assert_eq!(asked().read(&me(None), &[aurora]), Seen::Absent);
    }

    #[test]
    fn its_cluster_leaves_it_first_also_where_nobody_knows_which_it_was() {
        let known = GlobalCluster::known_by("shop-products");
        let Seen::Live(live) = known.read(&me(None), &[reply(SECOND, "docdb")]) else {
            panic!("not live")
        };
        for (part, arn) in [(asked(), FIRST), (live.properties, SECOND)] {
            let calls = part.delete(&me(None), "shop-products", &Attributes::new());
            let actions: Vec<&str> = calls.iter().map(|call| call.action).collect();
            assert_eq!(actions, ["RemoveFromGlobalCluster", "DeleteGlobalCluster"]);
            assert_eq!(calls[0].params["DbClusterIdentifier"], arn);
        }
    }

    #[test]
    fn what_the_first_cluster_has_is_not_given() {
        let around = GlobalCluster {
            engine_version: Some("5.0.0".into()),
            ..asked()
        };
        let empty = GlobalCluster {
            source_cluster: None,
            ..around.clone()
        };
        let params = |cluster: GlobalCluster| cluster.create(&me(None)).remove(0).params;
        assert_eq!(params(around).get("EngineVersion"), None);
        assert_eq!(params(empty)["EngineVersion"], "5.0.0");
    }
}
