//! `Custom::DBClusterEndpoint`: a host name of an Aurora cluster that leads to some of its instances.
//!
//! Reads `DescribeDBClusterEndpoints` and `ListTagsForResource`; writes `CreateDBClusterEndpoint`, `ModifyDBClusterEndpoint` and
//! `DeleteDBClusterEndpoint`.
//!
//! # Caveats
//! - CloudFormation has no such type; names and members are those of the API.
//! - A `READER` endpoint does not lead to the instance that writes, even where that is a member.
//! - An instance that is deleted leaves the lists of its own accord.
//!
//! See <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBClusterEndpoint.html>.

use platform_graph::{Attributes, Call, Claim, Identity, Kind, Live, Seen, Tags};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{census, reply};

/// An endpoint that leads to some instances of a cluster.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DbClusterEndpoint {
    /// Name, unique in account and Region, in lower case; can't change.
    #[serde(rename = "DBClusterEndpointIdentifier", default)]
    pub identifier: String,
    /// Name of the cluster; can't change.
    #[serde(rename = "DBClusterIdentifier", default)]
    pub cluster_identifier: String,
    /// `READER` or `ANY`.
    #[serde(default)]
    pub endpoint_type: String,
    /// Names of the instances that it does not lead to; all others, those that come later among them, are reached.
    pub excluded_members: Option<Vec<String>>,
    /// Names of the instances that it leads to.
    pub static_members: Option<Vec<String>>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

const ARN: &str = "DBClusterEndpointArn";

impl DbClusterEndpoint {
    fn seen(&self, name: &str, item: &Value, tags: Tags) -> DbClusterEndpoint {
        let members = |list: &str, asked: Option<&Vec<String>>| {
            let mut shown = reply::texts(item, list);
            shown.sort();
            reply::unless_default(Some(shown), Vec::new(), asked)
        };
        DbClusterEndpoint {
            identifier: name.to_owned(),
            cluster_identifier: reply::text(item, "DBClusterIdentifier").unwrap_or_default(),
            endpoint_type: reply::text(item, "CustomEndpointType").unwrap_or_default(),
            excluded_members: members("ExcludedMembers", self.excluded_members.as_ref()),
            static_members: members("StaticMembers", self.static_members.as_ref()),
            tags,
        }
    }
}

impl Kind for DbClusterEndpoint {
    const TYPE: &'static str = "Custom::DBClusterEndpoint";
    const CREATE_ONLY: &'static [&'static str] =
        &["DBClusterEndpointIdentifier", "DBClusterIdentifier"];
    const UNORDERED: &'static [&'static str] = &["ExcludedMembers", "StaticMembers"];
    const ATTRIBUTES: &'static [&'static str] = &[ARN, "Endpoint"];
    const LASTING: &'static [&'static str] = &[ARN, "Endpoint"];
    const DETAILS_NEED: &'static [&'static str] = &[ARN];
    const TAGGED: bool = true;
    const EXPECTED_SECONDS: u32 = 60;
    const DEADLINE_SECONDS: u32 = 1800;

    fn find(&self, _me: &Identity) -> Vec<Call> {
        vec![Call::new("rds", "DescribeDBClusterEndpoints")]
    }

    fn details_again(&self, _me: &Identity, _id: &str, known: &Attributes) -> Vec<Call> {
        super::list_tags(ARN, known)
    }

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
        let name = super::name(me, &self.identifier);
        let found = super::named(
            replies,
            "DBClusterEndpoints",
            "DBClusterEndpointIdentifier",
            name,
        );
        let Some(item) = found else {
            return Seen::Absent;
        };
        let id = name.to_owned();
        match item["Status"].as_str().unwrap_or_default() {
            // An inactive one is there, and of no use as long as its cluster only reads.
            "available" | "inactive" => Seen::Live(Live {
                properties: self.seen(
                    name,
                    item,
                    replies.get(1).map(super::tags).unwrap_or_default(),
                ),
                attributes: super::attributes([
                    (ARN, item[ARN].clone()),
                    ("Endpoint", item["Endpoint"].clone()),
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
        vec![
            Call::new("rds", "CreateDBClusterEndpoint")
                .with("DBClusterEndpointIdentifier", &self.identifier)
                .with("DBClusterIdentifier", &self.cluster_identifier)
                .with("EndpointType", &self.endpoint_type)
                .with("ExcludedMembers", &self.excluded_members)
                .with("StaticMembers", &self.static_members)
                .with("Tags", super::tag_list(&self.tags)),
        ]
    }

    fn created(&self, _me: &Identity, _reply: &Value) -> Option<String> {
        Some(self.identifier.clone())
    }

    fn update(&self, _me: &Identity, live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        if changed.is_empty() {
            return Vec::new();
        }
        let list = |members: &Option<Vec<String>>| members.clone().unwrap_or_default();
        vec![
            Call::new("rds", "ModifyDBClusterEndpoint")
                .with("DBClusterEndpointIdentifier", &live.id)
                .with("EndpointType", &self.endpoint_type)
                .with("ExcludedMembers", list(&self.excluded_members))
                .with("StaticMembers", list(&self.static_members)),
        ]
    }

    fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
        super::retag(&live.attributes, ARN, set, remove)
    }

    fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        vec![Call::new("rds", "DeleteDBClusterEndpoint").with("DBClusterEndpointIdentifier", id)]
    }

    fn carries(id: &str, other: &str) -> bool {
        super::blue_green::is_copy(id, other) || super::blue_green::is_previous(id, other)
    }

    fn known_by(id: &str) -> Self {
        DbClusterEndpoint {
            identifier: id.to_owned(),
            ..DbClusterEndpoint::default()
        }
    }

    fn census(replies: &[Value]) -> Vec<Call> {
        census::of_service(replies, "rds")
    }

    fn counted(replies: &[Value]) -> Vec<Claim> {
        super::counted(replies, "cluster-endpoint")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::me;

    fn reply(status: &str) -> Value {
        json!({ "DBClusterEndpoints": [
            { "DBClusterIdentifier": "shop-orders", "Endpoint": "w", "Status": "available", "EndpointType": "WRITER" },
            { "DBClusterEndpointIdentifier": "shop-orders-reports", "DBClusterIdentifier": "shop-orders", "DBClusterEndpointArn": "arn:e",
              "Endpoint": "e", "Status": status, "EndpointType": "CUSTOM", "CustomEndpointType": "READER",
              "StaticMembers": ["b", "a"], "ExcludedMembers": [] },
        ] })
    }

    fn asked() -> DbClusterEndpoint {
        DbClusterEndpoint {
            identifier: "shop-orders-reports".into(),
            cluster_identifier: "shop-orders".into(),
            endpoint_type: "READER".into(),
            static_members: Some(vec!["a".into(), "b".into()]),
            ..DbClusterEndpoint::default()
        }
    }

    #[test]
    fn a_custom_endpoint_is_found_among_those_of_clusters() {
        let Seen::Live(live) = asked().read(&me(None), &[reply("available")]) else {
            panic!("not live")
        };
        assert_eq!(live.properties, asked());
        let seen = |status: &str| asked().read(&me(None), &[reply(status)]);
        assert!(matches!(seen("inactive"), Seen::Live(_)));
        assert!(matches!(seen("modifying"), Seen::Pending { .. }));
        assert!(matches!(seen("deleting"), Seen::Deleting { .. }));
        assert_eq!(
            DbClusterEndpoint::known_by("").read(&me(None), &[reply("available")]),
            Seen::Absent
        );
    }

    #[test]
    fn members_that_are_no_longer_named_are_taken_out() {
        let live = Live {
            id: "shop-orders-reports".into(),
            properties: asked(),
            attributes: Attributes::new(),
        };
        let desired = DbClusterEndpoint {
            static_members: None,
            excluded_members: Some(vec!["c".into()]),
            ..asked()
        };
        let calls = desired.update(&me(None), &live, &["ExcludedMembers", "StaticMembers"]);
        assert_eq!(calls[0].params["StaticMembers"], json!([]));
        assert_eq!(calls[0].params["ExcludedMembers"], json!(["c"]));
    }
}
