//! `AWS::EC2::RouteTable`: where packets that leave a subnet go.
//!
//! Routes and associations are parts of their own; the table itself is a name for them.
//!
//! See <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRouteTable.html>.

use platform_graph::{Attributes, Call, Claim, Identity, Kind, Live, Seen, Tags};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::reply::text;
use crate::{census, ec2};

/// Properties of a route table.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct RouteTable {
    /// The VPC.
    pub vpc_id: String,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

impl Kind for RouteTable {
    const TYPE: &'static str = "AWS::EC2::RouteTable";
    const CREATE_ONLY: &'static [&'static str] = &["VpcId"];
    const ATTRIBUTES: &'static [&'static str] = &["RouteTableId"];
    const TAGGED: bool = true;

    fn find(&self, me: &Identity) -> Vec<Call> {
        vec![Call::describe_own(
            "DescribeRouteTables",
            "route-table-id",
            me,
        )]
    }

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
        ec2::own(me, replies, "RouteTables", "RouteTableId", |id, table| {
            Seen::Live(Live {
                attributes: ec2::attributes([("RouteTableId", Some(json!(id)))]),
                properties: RouteTable {
                    vpc_id: text(table, "VpcId").unwrap_or_default(),
                    tags: ec2::tags(table),
                },
                id,
            })
        })
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        let call = Call::new("ec2", "CreateRouteTable")
            .with("VpcId", &self.vpc_id)
            .idempotent("ClientToken");
        vec![ec2::tagged(call, "route-table", &self.tags)]
    }

    fn created(&self, _me: &Identity, reply: &Value) -> Option<String> {
        text(&reply["RouteTable"], "RouteTableId")
    }

    fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
        ec2::retag(&live.id, set, remove)
    }

    fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        vec![Call::new("ec2", "DeleteRouteTable").with("RouteTableId", id)]
    }

    fn census(replies: &[Value]) -> Vec<Call> {
        census::of_ec2(replies)
    }

    fn counted(replies: &[Value]) -> Vec<Claim> {
        census::in_ec2(replies, "rtb")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{owner_tags, story, tags, with};

    #[test]
    fn calls_and_replies() {
        let table = json!({ "RouteTableId": "rtb-1", "VpcId": "vpc-1", "Tags": tags() });
        let other = |members: Value| vec![json!({ "RouteTables": [with(&table, members)] })];
        insta::assert_snapshot!(story::<RouteTable>(
            json!({ "VpcId": "vpc-1" }),
            "rtb-1",
            &json!({ "RouteTable": { "RouteTableId": "rtb-1" }, "ClientToken": "t" }),
            vec![
                ("as asked", other(json!({}))),
                ("without its name", other(json!({ "Tags": owner_tags() }))),
                ("in another VPC", other(json!({ "VpcId": "vpc-2" }))),
                ("somebody else's", other(json!({ "Tags": [] }))),
            ],
        ));
    }
}
