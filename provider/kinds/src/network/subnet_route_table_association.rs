//! `AWS::EC2::SubnetRouteTableAssociation`: which route table a subnet uses.
//!
//! A subnet has one association or none, and then uses the VPC's main table. It has no tags; the subnet is its natural key.
//! Exchanging the table makes another association id: the association is looked up by its subnet, and the attribute `Id` is the
//! one that counts.
//!
//! See <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReplaceRouteTableAssociation.html>.

use platform_graph::{Attributes, Call, Disruption, Identity, Kind, Live, Seen};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ec2;
use crate::reply::{items, text};

/// Properties of an association.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct SubnetRouteTableAssociation {
    /// The subnet.
    pub subnet_id: String,
    /// The route table.
    pub route_table_id: String,
}

/// The id that AWS has for the association now.
fn current<'a>(id: &'a str, attributes: &'a Attributes) -> &'a str {
    attributes.get("Id").and_then(Value::as_str).unwrap_or(id)
}

impl Kind for SubnetRouteTableAssociation {
    const TYPE: &'static str = "AWS::EC2::SubnetRouteTableAssociation";
    const INSIDE: &'static [&'static str] = &["AWS::EC2::RouteTable", "AWS::EC2::Subnet"];
    /// The route table is create-only for CloudFormation, whose replacement leaves the subnet with the main table for a
    /// moment. EC2 exchanges it in one call, without that gap.
    const CREATE_ONLY: &'static [&'static str] = &["SubnetId"];
    const ATTRIBUTES: &'static [&'static str] = &["Id"];
    const VOLATILE: &'static [&'static str] = &["Id"];

    fn find(&self, _me: &Identity) -> Vec<Call> {
        vec![Call::describe(
            "DescribeRouteTables",
            "association.subnet-id",
            &self.subnet_id,
        )]
    }

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
        let associations = ec2::listed(replies, 0, "RouteTables")
            .iter()
            .flat_map(|table| items(table, "Associations"))
            .filter(|association| ec2::is(association, "SubnetId", &self.subnet_id))
            .map(|association| (association, "AssociationState"));
        ec2::association(
            associations,
            "RouteTableAssociationId",
            |id, association| {
                Seen::Live(Live {
                    attributes: ec2::attributes([(
                        "Id",
                        association.get("RouteTableAssociationId").cloned(),
                    )]),
                    properties: SubnetRouteTableAssociation {
                        subnet_id: self.subnet_id.clone(),
                        route_table_id: text(association, "RouteTableId").unwrap_or_default(),
                    },
                    // An exchange makes another id; what the part is known by must not change without a replacement.
                    id: me.id.clone().unwrap_or(id),
                })
            },
        )
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        vec![
            Call::new("ec2", "AssociateRouteTable")
                .with("SubnetId", &self.subnet_id)
                .with("RouteTableId", &self.route_table_id),
        ]
    }

    fn created(&self, _me: &Identity, reply: &Value) -> Option<String> {
        text(reply, "AssociationId")
    }

    fn update(&self, _me: &Identity, live: &Live<Self>, _changed: &[&str]) -> Vec<Call> {
        vec![
            Call::new("ec2", "ReplaceRouteTableAssociation")
                .with("AssociationId", current(&live.id, &live.attributes))
                .with("RouteTableId", &self.route_table_id),
        ]
    }

    fn delete(&self, _me: &Identity, id: &str, attributes: &Attributes) -> Vec<Call> {
        vec![
            Call::new("ec2", "DisassociateRouteTable")
                .with("AssociationId", current(id, attributes)),
        ]
    }

    fn inside(parent: &str, id: &str) -> Vec<Call> {
        let filter = match parent {
            "AWS::EC2::Subnet" => "association.subnet-id",
            _ => "route-table-id",
        };
        vec![Call::describe("DescribeRouteTables", filter, id)]
    }

    fn residents(parent: &str, id: &str, replies: &[Value]) -> Vec<Live<Self>> {
        let member = match parent {
            "AWS::EC2::Subnet" => "SubnetId",
            _ => "RouteTableId",
        };
        ec2::listed(replies, 0, "RouteTables")
            .iter()
            .flat_map(|table| items(table, "Associations"))
            .filter(|one| ec2::is(one, member, id) && ec2::is_associated(one, "AssociationState"))
            .filter_map(|one| {
                let id = text(one, "RouteTableAssociationId")?;
                Some(Live {
                    attributes: ec2::attributes([("Id", Some(Value::String(id.clone())))]),
                    properties: SubnetRouteTableAssociation {
                        // The main table's association and those of gateways are with no subnet.
                        subnet_id: text(one, "SubnetId")?,
                        route_table_id: text(one, "RouteTableId")?,
                    },
                    id,
                })
            })
            .collect()
    }

    /// Connections through an address translation of the old table break.
    fn disruption(_property: &str) -> Disruption {
        Disruption::Failover
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::fixture::story;

    #[test]
    fn calls_and_replies() {
        let seen = |table: &str, state: &str| {
            vec![
                json!({ "RouteTables": [{ "RouteTableId": table, "Associations": [
                { "RouteTableAssociationId": "rtbassoc-0", "RouteTableId": table, "SubnetId": "subnet-0" },
                { "RouteTableAssociationId": "rtbassoc-1", "RouteTableId": table, "SubnetId": "subnet-1", "Main": false,
                  "AssociationState": { "State": state, "StatusMessage": "why" } },
            ] }] }),
            ]
        };
        insta::assert_snapshot!(story::<SubnetRouteTableAssociation>(
            json!({ "SubnetId": "subnet-1", "RouteTableId": "rtb-1" }),
            "rtbassoc-1",
            &json!({ "AssociationId": "rtbassoc-1", "AssociationState": { "State": "associated" } }),
            vec![
                ("as asked", seen("rtb-1", "associated")),
                ("with another table", seen("rtb-2", "associated")),
                ("associating", seen("rtb-1", "associating")),
                ("disassociating", seen("rtb-1", "disassociating")),
                ("disassociated", seen("rtb-1", "disassociated")),
                ("failed", seen("rtb-1", "failed")),
                (
                    "without a state",
                    vec![
                        json!({ "RouteTables": [{ "RouteTableId": "rtb-1", "Associations": [
                    { "RouteTableAssociationId": "rtbassoc-1", "RouteTableId": "rtb-1", "SubnetId": "subnet-1" }] }] })
                    ]
                ),
            ],
        ));
    }

    #[test]
    fn an_exchange_leaves_the_id_and_is_sent_to_the_present_one() {
        let asked = SubnetRouteTableAssociation {
            subnet_id: "subnet-1".to_owned(),
            route_table_id: "rtb-1".to_owned(),
        };
        let reply = json!({ "RouteTables": [{ "Associations": [
            { "RouteTableAssociationId": "rtbassoc-2", "RouteTableId": "rtb-2", "SubnetId": "subnet-1" }] }] });
        let me = crate::testing::me(Some("rtbassoc-1"));
        let Seen::Live(live) = asked.read(&me, &[reply]) else {
            panic!("it is there")
        };
        assert_eq!(live.id, "rtbassoc-1");
        for call in [
            asked.update(&me, &live, &["RouteTableId"]),
            asked.delete(&me, &live.id, &live.attributes),
        ] {
            assert_eq!(call[0].params["AssociationId"], "rtbassoc-2");
        }
    }
}
