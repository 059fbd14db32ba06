//! `AWS::RDS::DBProxyEndpoint`: a further host name of a proxy, such as one that reaches readers only.
//!
//! Reads `DescribeDBProxyEndpoints` and `ListTagsForResource`; writes `CreateDBProxyEndpoint`, `ModifyDBProxyEndpoint` and
//! `DeleteDBProxyEndpoint`.
//!
//! # Guarantees
//! An endpoint stays in the subnets in which it was made: subnets that are asked for besides are no difference.
//!
//! # Caveats
//! The name is the identity, and the ARN does not show it: a census asks for the endpoints as well, to tell which ARN is whose.
//!
//! See <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBProxyEndpoint.html>.

use platform_graph::{Attributes, Call, Claim, Identity, Kind, Live, Seen, Tags};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::reply;

/// A further endpoint of a proxy.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DbProxyEndpoint {
    /// Name, unique in account and Region, 1 to 63 letters, digits and single hyphens; can't change.
    #[serde(rename = "DBProxyEndpointName", default)]
    pub name: String,
    /// Name of the proxy; can't change.
    #[serde(rename = "DBProxyName", default)]
    pub proxy_name: String,
    /// Its addresses: `IPV4` (AWS's default), `IPV6` or `DUAL`; can't change.
    pub endpoint_network_type: Option<String>,
    /// `READ_WRITE` (AWS's default) or, for clusters of Aurora, `READ_ONLY`; can't change.
    pub target_role: Option<String>,
    /// Ids of its security groups.
    pub vpc_security_group_ids: Option<Vec<String>>,
    /// Ids of its subnets, in at least two zones; can't change.
    pub vpc_subnet_ids: Option<Vec<String>>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

const ARN: &str = "DBProxyEndpointArn";

impl Kind for DbProxyEndpoint {
    const TYPE: &'static str = "AWS::RDS::DBProxyEndpoint";
    const CREATE_ONLY: &'static [&'static str] = &[
        "DBProxyEndpointName",
        "DBProxyName",
        "EndpointNetworkType",
        "TargetRole",
        "VpcSubnetIds",
    ];
    const UNORDERED: &'static [&'static str] = &["VpcSecurityGroupIds"];
    const ATTRIBUTES: &'static [&'static str] = &["CreatedDate", ARN, "Endpoint", "VpcId"];
    const LASTING: &'static [&'static str] = &["CreatedDate", ARN, "Endpoint", "VpcId"];
    const DETAILS_NEED: &'static [&'static str] = &[ARN];
    const BORN: &'static str = "CreatedDate";
    const TAGGED: bool = true;
    const EXPECTED_SECONDS: u32 = 180;
    const DEADLINE_SECONDS: u32 = 1800;

    fn find(&self, _me: &Identity) -> Vec<Call> {
        vec![Call::new("rds", "DescribeDBProxyEndpoints")]
    }

    fn details_again(&self, _me: &Identity, _id: &str, known: &Attributes) -> Vec<Call> {
        super::list_tags(ARN, known)
    }

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
        let name = super::name(me, &self.name);
        let Some(item) = super::named(replies, "DBProxyEndpoints", "DBProxyEndpointName", name)
        else {
            return Seen::Absent;
        };
        let id = name.to_owned();
        let status = reply::text(item, "Status").unwrap_or_default();
        match status.as_str() {
            "available" => Seen::Live(Live {
                properties: self.seen(
                    name,
                    item,
                    replies.get(1).map(super::tags).unwrap_or_default(),
                ),
                attributes: super::attributes([
                    ("CreatedDate", item["CreatedDate"].clone()),
                    (ARN, item[ARN].clone()),
                    ("Endpoint", item["Endpoint"].clone()),
                    ("VpcId", item["VpcId"].clone()),
                ]),
                id,
            }),
            "deleting" => Seen::Deleting { id },
            "incompatible-network" | "insufficient-resource-limits" => Seen::Failed {
                id,
                why: format!("its status is {status}"),
            },
            _ => Seen::Pending { id, why: status },
        }
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        vec![
            Call::new("rds", "CreateDBProxyEndpoint")
                .with("DBProxyEndpointName", &self.name)
                .with("DBProxyName", &self.proxy_name)
                .with("EndpointNetworkType", &self.endpoint_network_type)
                .with("TargetRole", &self.target_role)
                .with("VpcSecurityGroupIds", &self.vpc_security_group_ids)
                .with("VpcSubnetIds", &self.vpc_subnet_ids)
                .with("Tags", super::tag_list(&self.tags)),
        ]
    }

    fn created(&self, _me: &Identity, _reply: &Value) -> Option<String> {
        Some(self.name.clone())
    }

    fn update(&self, _me: &Identity, live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        if !changed.contains(&"VpcSecurityGroupIds") {
            return Vec::new();
        }
        vec![
            Call::new("rds", "ModifyDBProxyEndpoint")
                .with("DBProxyEndpointName", &live.id)
                .with("VpcSecurityGroupIds", &self.vpc_security_group_ids),
        ]
    }

    fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
        super::retag(&live.attributes, ARN, set, remove)
    }

    fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        vec![Call::new("rds", "DeleteDBProxyEndpoint").with("DBProxyEndpointName", id)]
    }

    fn known_by(id: &str) -> Self {
        DbProxyEndpoint {
            name: id.to_owned(),
            ..DbProxyEndpoint::default()
        }
    }

    fn census(replies: &[Value]) -> Vec<Call> {
        super::by_arn::census(replies, "DescribeDBProxyEndpoints")
    }

    fn counted(replies: &[Value]) -> Vec<Claim> {
        super::by_arn::counted(replies, "DBProxyEndpoints", "DBProxyEndpointName", ARN)
    }

    fn same(property: &str, live: &Value, desired: &Value) -> bool {
        match property {
            "VpcSubnetIds" => super::db_proxy::stays_in(live, desired),
            _ => live == desired,
        }
    }
}

impl DbProxyEndpoint {
    fn seen(&self, name: &str, item: &Value, tags: Tags) -> DbProxyEndpoint {
        let word = |member: &str, default: &str, asked: Option<&String>| {
            reply::unless_default(reply::text(item, member), default.to_owned(), asked)
        };
        DbProxyEndpoint {
            name: name.to_owned(),
            proxy_name: reply::text(item, "DBProxyName").unwrap_or_default(),
            endpoint_network_type: word(
                "EndpointNetworkType",
                "IPV4",
                self.endpoint_network_type.as_ref(),
            ),
            target_role: word("TargetRole", "READ_WRITE", self.target_role.as_ref()),
            vpc_security_group_ids: Some(reply::texts(item, "VpcSecurityGroupIds")),
            vpc_subnet_ids: Some(reply::texts(item, "VpcSubnetIds")),
            tags,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::me;

    fn reply(status: &str) -> Value {
        json!({ "DBProxyEndpoints": [
            { "DBProxyEndpointName": "other", "DBProxyName": "shop-orders", "Status": "available" },
            { "DBProxyEndpointName": "shop-orders-ro", "DBProxyEndpointArn": "arn:e", "DBProxyName": "shop-orders", "Status": status,
              "TargetRole": "READ_ONLY", "IsDefault": false, "Endpoint": "e", "VpcId": "vpc-1", "EndpointNetworkType": "IPV4",
              "VpcSecurityGroupIds": ["sg-1"], "VpcSubnetIds": ["subnet-1", "subnet-2"] },
        ] })
    }

    fn asked() -> DbProxyEndpoint {
        DbProxyEndpoint {
            name: "shop-orders-ro".into(),
            proxy_name: "shop-orders".into(),
            target_role: Some("READ_ONLY".into()),
            vpc_security_group_ids: Some(vec!["sg-1".into()]),
            vpc_subnet_ids: Some(vec!["subnet-1".into(), "subnet-2".into()]),
            ..DbProxyEndpoint::default()
        }
    }

    #[test]
    fn the_name_tells_endpoints_apart() {
        let Seen::Live(live) = asked().read(&me(None), &[reply("available")]) else {
            panic!("not live")
        };
        assert_eq!(live.properties, asked());
        assert_eq!(live.attributes["Endpoint"], "e");
        let seen = |status: &str| asked().read(&me(None), &[reply(status)]);
        assert!(matches!(seen("creating"), Seen::Pending { .. }));
        assert!(matches!(seen("deleting"), Seen::Deleting { .. }));
        assert!(matches!(seen("incompatible-network"), Seen::Failed { .. }));
        assert_eq!(
            DbProxyEndpoint::known_by("none").read(&me(None), &[reply("available")]),
            Seen::Absent
        );
    }
}
