//! `AWS::RDS::DBSubnetGroup`: the subnets in which instances and clusters get their addresses.
//!
//! Reads `DescribeDBSubnetGroups` and `ListTagsForResource`; writes `CreateDBSubnetGroup` and `ModifyDBSubnetGroup`.
//!
//! # Caveats
//! - RDS refuses to take a subnet out of a group while an instance is in it.
//! - The name is the identity: a group of that name that somebody else made is shown with its own tags.
//!
//! See <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBSubnetGroup.html>.

use platform_graph::{Attributes, Call, Claim, Identity, Kind, Live, Seen, Tags};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{census, reply};

/// A group of subnets.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DbSubnetGroup {
    /// Name, unique in account and Region, in lower case, at most 255 characters; can't change.
    #[serde(rename = "DBSubnetGroupName")]
    pub name: String,
    /// Description.
    #[serde(rename = "DBSubnetGroupDescription")]
    pub description: String,
    /// Ids of the subnets, in at least two zones.
    #[serde(rename = "SubnetIds")]
    pub subnet_ids: Vec<String>,
    /// Tags.
    #[serde(rename = "Tags", default)]
    pub tags: Tags,
}

const ARN: &str = "DBSubnetGroupArn";

impl Kind for DbSubnetGroup {
    const TYPE: &'static str = "AWS::RDS::DBSubnetGroup";
    const CREATE_ONLY: &'static [&'static str] = &["DBSubnetGroupName"];
    const UNORDERED: &'static [&'static str] = &["SubnetIds"];
    const ATTRIBUTES: &'static [&'static str] = &[ARN];
    const LASTING: &'static [&'static str] = &[ARN];
    const DETAILS_NEED: &'static [&'static str] = &[ARN];
    const TAGGED: bool = true;

    fn find(&self, _me: &Identity) -> Vec<Call> {
        vec![Call::new("rds", "DescribeDBSubnetGroups")]
    }

    fn details_again(&self, _me: &Identity, _id: &str, known: &Attributes) -> Vec<Call> {
        super::list_tags(ARN, known)
    }

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
        let name = super::name(me, &self.name);
        let Some(item) = super::named(replies, "DBSubnetGroups", "DBSubnetGroupName", name) else {
            return Seen::Absent;
        };
        Seen::Live(Live {
            id: name.to_owned(),
            properties: DbSubnetGroup {
                name: name.to_owned(),
                description: reply::text(item, "DBSubnetGroupDescription").unwrap_or_default(),
                subnet_ids: reply::items(item, "Subnets")
                    .iter()
                    .filter_map(|subnet| reply::text(subnet, "SubnetIdentifier"))
                    .collect(),
                tags: replies.get(1).map(super::tags).unwrap_or_default(),
            },
            attributes: super::attributes([(ARN, item[ARN].clone())]),
        })
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        vec![
            Call::new("rds", "CreateDBSubnetGroup")
                .with("DBSubnetGroupName", &self.name)
                .with("DBSubnetGroupDescription", &self.description)
                .with("SubnetIds", &self.subnet_ids)
                .with("Tags", super::tag_list(&self.tags)),
        ]
    }

    fn created(&self, _me: &Identity, _reply: &Value) -> Option<String> {
        Some(self.name.clone())
    }

    fn update(&self, _me: &Identity, live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        if changed.is_empty() {
            return Vec::new();
        }
        vec![
            Call::new("rds", "ModifyDBSubnetGroup")
                .with("DBSubnetGroupName", &live.id)
                .with("DBSubnetGroupDescription", &self.description)
                .with("SubnetIds", &self.subnet_ids),
        ]
    }

    fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
        super::retag(&live.attributes, ARN, set, remove)
    }

    fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        vec![Call::new("rds", "DeleteDBSubnetGroup").with("DBSubnetGroupName", id)]
    }

    fn known_by(id: &str) -> Self {
        DbSubnetGroup {
            name: id.to_owned(),
            ..DbSubnetGroup::default()
        }
    }

    fn census(replies: &[Value]) -> Vec<Call> {
        census::of_service(replies, "rds")
    }

    fn counted(replies: &[Value]) -> Vec<Claim> {
        super::counted(replies, "subgrp")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::me;

    #[test]
    fn the_name_tells_which_one_it_is() {
        let reply = json!({ "DBSubnetGroups": [
            { "DBSubnetGroupName": "default", "Subnets": [] },
            { "DBSubnetGroupName": "shop-orders", "DBSubnetGroupDescription": "orders", "DBSubnetGroupArn": "arn:g",
              "Subnets": [{ "SubnetIdentifier": "subnet-1", "SubnetStatus": "Active" }] },
        ] });
        let asked = DbSubnetGroup {
            name: "shop-orders".into(),
            description: "orders".into(),
            subnet_ids: vec!["subnet-1".into()],
            ..DbSubnetGroup::default()
        };
        let Seen::Live(live) = asked.read(&me(None), &[reply.clone(), json!({ "TagList": [] })])
        else {
            panic!("not live")
        };
        assert_eq!(live.properties, asked);
        assert_eq!(live.attributes[ARN], "arn:g");
        let other = DbSubnetGroup::known_by("shop");
        assert_eq!(other.read(&me(None), &[reply]), Seen::Absent);
        assert_eq!(other.read(&me(None), &[]), Seen::Absent);
    }
}
