//! `AWS::RDS::GlobalCluster`: an Aurora database over regions, as seen from the region of its first cluster.
//!
//! Reads `DescribeGlobalClusters`, which shows tags; writes `CreateGlobalCluster`, `ModifyGlobalCluster`, `RemoveFromGlobalCluster`
//! and `DeleteGlobalCluster`.
//!
//! # Guarantees
//! - It is made around a cluster that exists, and leaves that cluster where it is when it is deleted.
//! - Which member writes is nothing that is asked for: a switchover is no difference.
//!
//! # Caveats
//! - Members in other regions are clusters that name it; they have to go first.
//! - What it takes from its first cluster (engine, version, encryption) is not given when it is made.
//! - It belongs to no region: its ARN has none, and the tagging API of a region does not list it.
//!
//! See <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database.html>.

use platform_graph::{
    Attributes, Call, Claim, Disruption, Identity, Kind, Live, OWNER_TAG, Seen, Tags,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::version::{self, Change};
use crate::reply;

/// A database over regions.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct GlobalCluster {
    /// Name, unique in the account, 1 to 63 lowercase letters, digits and single hyphens; can't change.
    #[serde(rename = "GlobalClusterIdentifier", default)]
    pub identifier: String,
    /// Whether AWS refuses to delete it; AWS's default is `false`.
    pub deletion_protection: Option<bool>,
    /// `aurora-postgresql` or `aurora-mysql`, where it is made without a cluster; can't change.
    pub engine: Option<String>,
    /// Version as a policy, see [`version`], for all members.
    pub engine_version: Option<String>,
    /// ARN of the cluster around which it is made; can't change.
    #[serde(rename = "SourceDBClusterIdentifier")]
    pub source_cluster: Option<String>,
    /// Whether the storage is encrypted, where it is made without a cluster; can't change.
    pub storage_encrypted: Option<bool>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

const ARN: &str = "GlobalClusterArn";

impl GlobalCluster {
    fn seen(&self, name: &str, item: &Value) -> GlobalCluster {
        let members = reply::items(item, "GlobalClusterMembers");
        let is_member = |arn: &&String| {
            members
                .iter()
                .any(|member| member["DBClusterArn"] == arn.as_str())
        };
        let writer = || {
            let writer = members.iter().find(|member| member["IsWriter"] == true)?;
            reply::text(writer, "DBClusterArn")
        };
        GlobalCluster {
            identifier: name.to_owned(),
            deletion_protection: reply::unless_default(
                item["DeletionProtection"].as_bool(),
                false,
                self.deletion_protection.as_ref(),
            ),
            engine: self
                .engine
                .as_ref()
                .and_then(|_| reply::text(item, "Engine")),
            engine_version: self
                .engine_version
                .as_ref()
                .and_then(|_| reply::text(item, "EngineVersion")),
            // The first cluster stays a member when another one takes over.
            source_cluster: match &self.source_cluster {
                Some(asked) => Some(asked).filter(is_member).cloned().or_else(writer),
                None => None,
            },
            storage_encrypted: self
                .storage_encrypted
                .and_then(|_| item["StorageEncrypted"].as_bool()),
            tags: super::tags(item),
        }
    }
}

impl Kind for GlobalCluster {
    const TYPE: &'static str = "AWS::RDS::GlobalCluster";
    const CREATE_ONLY: &'static [&'static str] = &[
        "Engine",
        "GlobalClusterIdentifier",
        "SourceDBClusterIdentifier",
        "StorageEncrypted",
    ];
    const ATTRIBUTES: &'static [&'static str] = &[ARN, "GlobalEndpoint.Address"];
    const LASTING: &'static [&'static str] = &[ARN, "GlobalEndpoint.Address"];
    const PROTECTED_BY: &'static str = "DeletionProtection";
    const TAGGED: bool = true;
    const EXPECTED_SECONDS: u32 = 60;
    const DEADLINE_SECONDS: u32 = 3600;

    fn find(&self, _me: &Identity) -> Vec<Call> {
        vec![Call::new("rds", "DescribeGlobalClusters")]
    }

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
        let name = super::name(me, &self.identifier);
        let found = super::named(replies, "GlobalClusters", "GlobalClusterIdentifier", name);
        let Some(item) = found else {
            return Seen::Absent;
        };
        let id = name.to_owned();
        match item["Status"].as_str().unwrap_or_default() {
            "available" => Seen::Live(Live {
                properties: self.seen(name, item),
                attributes: super::attributes([
                    (ARN, item[ARN].clone()),
                    ("GlobalEndpoint.Address", item["Endpoint"].clone()),
                ]),
                id,
            }),
            "deleting" => Seen::Deleting { id },
            status => Seen::Pending {
                id,
                why: status.to_owned(),
            },
        }
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        let call = Call::new("rds", "CreateGlobalCluster")
            .with("GlobalClusterIdentifier", &self.identifier)
            .with("DeletionProtection", self.deletion_protection)
            .with("SourceDBClusterIdentifier", &self.source_cluster)
            .with("Tags", super::tag_list(&self.tags));
        if self.source_cluster.is_some() {
            return vec![call];
        }
        vec![
            call.with("Engine", &self.engine)
                .with("EngineVersion", &self.engine_version)
                .with("StorageEncrypted", self.storage_encrypted),
        ]
    }

    fn created(&self, _me: &Identity, _reply: &Value) -> Option<String> {
        Some(self.identifier.clone())
    }

    fn update(&self, _me: &Identity, live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        let protection = changed
            .contains(&"DeletionProtection")
            .then(|| self.deletion_protection.unwrap_or_default());
        // AWS has no way back to an older version.
        let is_newer = |asked: &&String| {
            let live = live.properties.engine_version.as_deref();
            live.is_none_or(|live| version::change(live, asked) != Change::Older)
        };
        let version = changed
            .contains(&"EngineVersion")
            .then_some(self.engine_version.as_ref())
            .flatten()
            .filter(is_newer);
        if protection.is_none() && version.is_none() {
            return Vec::new();
        }
        vec![
            Call::new("rds", "ModifyGlobalCluster")
                .with("GlobalClusterIdentifier", &live.id)
                .with("DeletionProtection", protection)
                .with("EngineVersion", version)
                .with("AllowMajorVersionUpgrade", version.map(|_| true)),
        ]
    }

    fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
        super::retag(&live.attributes, ARN, set, remove)
    }

    fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        let about = |action| Call::new("rds", action).with("GlobalClusterIdentifier", id);
        let leave = self
            .source_cluster
            .as_ref()
            .map(|arn| about("RemoveFromGlobalCluster").with("DbClusterIdentifier", arn));
        leave
            .into_iter()
            .chain([about("DeleteGlobalCluster")])
            .collect()
    }

    fn known_by(id: &str) -> Self {
        GlobalCluster {
            identifier: id.to_owned(),
            ..GlobalCluster::default()
        }
    }

    fn census(replies: &[Value]) -> Vec<Call> {
        if replies.is_empty() {
            vec![Call::new("rds", "DescribeGlobalClusters")]
        } else {
            Vec::new()
        }
    }

    fn counted(replies: &[Value]) -> Vec<Claim> {
        let items = replies
            .first()
            .map(|reply| reply::items(reply, "GlobalClusters"));
        items
            .unwrap_or_default()
            .iter()
            .filter(|item| !super::is_of_another_service(item))
            .filter_map(|item| {
                Some(Claim {
                    id: reply::text(item, "GlobalClusterIdentifier")?,
                    tags: super::tags(item),
                })
            })
            .filter(|claim| claim.tags.contains_key(OWNER_TAG))
            .collect()
    }

    fn disruption(property: &str) -> Disruption {
        match property {
            "EngineVersion" => Disruption::Failover,
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
    use serde_json::json;

    use super::*;
    use crate::testing::me;

    const FIRST: &str = "arn:aws:rds:us-east-1:123456789012:cluster:shop-orders";
    const SECOND: &str = "arn:aws:rds:eu-west-1:123456789012:cluster:shop-orders";

    fn reply(writer: &str) -> Value {
        let member = |arn: &str| json!({ "DBClusterArn": arn, "IsWriter": arn == writer });
        json!({ "GlobalClusters": [{ "GlobalClusterIdentifier": "shop-orders", "GlobalClusterArn": "arn:g", "Status": "available",
            "Engine": "aurora-postgresql", "EngineVersion": "16.6", "StorageEncrypted": true, "DeletionProtection": false, "Endpoint": "e",
            "GlobalClusterMembers": [member(FIRST), member(SECOND)], "TagList": [] }] })
    }

    fn asked() -> GlobalCluster {
        GlobalCluster {
            identifier: "shop-orders".into(),
            source_cluster: Some(FIRST.into()),
            ..GlobalCluster::default()
        }
    }

    #[test]
    fn which_region_writes_is_no_difference() {
        for writer in [FIRST, SECOND] {
            let Seen::Live(live) = asked().read(&me(None), &[reply(writer)]) else {
                panic!("not live")
            };
            assert_eq!(live.properties, asked(), "{writer}");
        }
    }

    #[test]
    fn its_cluster_leaves_it_first() {
        let calls = asked().delete(&me(None), "shop-orders", &Attributes::new());
        let said: Vec<&str> = calls.iter().map(|call| call.action).collect();
        assert_eq!(said, ["RemoveFromGlobalCluster", "DeleteGlobalCluster"]);
        assert_eq!(calls[0].params["DbClusterIdentifier"], FIRST);
    }

    #[test]
    fn what_the_first_cluster_has_is_not_given() {
        let cluster = GlobalCluster {
            engine: Some("aurora-postgresql".into()),
            storage_encrypted: Some(true),
            ..asked()
        };
        let call = &cluster.create(&me(None))[0];
        assert_eq!(call.params.get("Engine"), None);
        assert_eq!(call.params.get("StorageEncrypted"), None);
        let alone = GlobalCluster {
            source_cluster: None,
            ..cluster
        };
        assert_eq!(
            alone.create(&me(None))[0].params["Engine"],
            "aurora-postgresql"
        );
    }
}
