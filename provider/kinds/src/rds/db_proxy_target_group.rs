//! `AWS::RDS::DBProxyTargetGroup`: what a proxy connects to, and how large its pool of connections is.
//!
//! Reads `DescribeDBProxyTargetGroups` and `DescribeDBProxyTargets`; writes `RegisterDBProxyTargets`, `DeregisterDBProxyTargets` and
//! `ModifyDBProxyTargetGroup`.
//!
//! # Guarantees
//! - It is there once a target is registered, and live once the proxy has reached every target.
//! - A pool has exactly what is asked for: what somebody else set goes back to AWS's default.
//!
//! # Assumptions
//! The group belongs to the proxy and carries no tags of ours: that of a proxy of ours is ours.
//!
//! # Caveats
//! - The group itself comes and goes with its proxy: deleting the part takes the targets out of it.
//! - CloudFormation's id is the ARN, from which nothing can be found; here it is the name of the proxy and that of the group.
//! - The members of a cluster show as targets of their own; they are not asked for.
//! - A proxy has one instance or one cluster: another one takes its place and cuts all connections.
//!
//! See <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RegisterDBProxyTargets.html>.

use platform_graph::{Attributes, Call, Disruption, Identity, Kind, Live, Seen};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::reply;

/// The targets of a proxy.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DbProxyTargetGroup {
    /// Name of the proxy; can't change.
    #[serde(rename = "DBProxyName", default)]
    pub proxy_name: String,
    /// `default`, the only one there is; can't change.
    #[serde(default)]
    pub target_group_name: String,
    /// The pool; AWS's defaults without.
    pub connection_pool_configuration_info: Option<ConnectionPool>,
    /// The cluster, of Aurora or Multi-AZ.
    #[serde(rename = "DBClusterIdentifiers")]
    pub cluster_identifiers: Option<Vec<String>>,
    /// The instance.
    #[serde(rename = "DBInstanceIdentifiers")]
    pub instance_identifiers: Option<Vec<String>>,
}

/// A pool of connections to a database.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ConnectionPool {
    /// Seconds for which a client waits for a connection out of a pool that is used up, 0 to 300; AWS's default is 120.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection_borrow_timeout: Option<u32>,
    /// Statements that are run on every new connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub init_query: Option<String>,
    /// The most connections, in percent of what the database takes, 1 to 100 (AWS's default).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_connections_percent: Option<u32>,
    /// The most of them that are idle, in percent of what the database takes; half the most connections without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_idle_connections_percent: Option<u32>,
    /// Statements that do not pin a client to its connection: `EXCLUDE_VARIABLE_SETS`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_pinning_filters: Option<Vec<String>>,
}

impl ConnectionPool {
    /// With AWS's defaults where nothing is said.
    fn whole(&self) -> ConnectionPool {
        let most = self.max_connections_percent.unwrap_or(100);
        let mut filters = self.session_pinning_filters.clone().unwrap_or_default();
        filters.sort();
        ConnectionPool {
            connection_borrow_timeout: Some(self.connection_borrow_timeout.unwrap_or(120)),
            init_query: Some(self.init_query.clone().unwrap_or_default()),
            max_connections_percent: Some(most),
            max_idle_connections_percent: Some(
                self.max_idle_connections_percent.unwrap_or(most / 2),
            ),
            session_pinning_filters: Some(filters),
        }
    }
}

fn pool(item: &Value) -> ConnectionPool {
    let shown = &item["ConnectionPoolConfig"];
    ConnectionPool {
        connection_borrow_timeout: reply::number(shown, "ConnectionBorrowTimeout"),
        init_query: reply::text(shown, "InitQuery"),
        max_connections_percent: reply::number(shown, "MaxConnectionsPercent"),
        max_idle_connections_percent: reply::number(shown, "MaxIdleConnectionsPercent"),
        session_pinning_filters: Some(reply::texts(shown, "SessionPinningFilters")),
    }
}

fn id(proxy: &str, group: &str) -> String {
    format!("{proxy}|{group}")
}

/// The calls that show the group of a proxy and its targets.
fn look(proxy: &str, group: &str) -> Vec<Call> {
    vec![
        Call::new("rds", "DescribeDBProxyTargetGroups").with("DBProxyName", proxy),
        Call::new("rds", "DescribeDBProxyTargets")
            .with("DBProxyName", proxy)
            .with("TargetGroupName", group),
    ]
}

/// Clusters and instances among the targets, without the members of clusters.
fn targets(reply: &Value) -> (Vec<String>, Vec<String>) {
    let of = |wanted: &str| {
        let mut ids: Vec<String> = reply::items(reply, "Targets")
            .iter()
            .filter(|target| {
                target["Type"] == wanted
                    && (wanted == "TRACKED_CLUSTER"
                        || reply::text(target, "TrackedClusterId").is_none_or(|id| id.is_empty()))
            })
            .filter_map(|target| reply::text(target, "RdsResourceId"))
            .collect();
        ids.sort();
        ids
    };
    (of("TRACKED_CLUSTER"), of("RDS_INSTANCE"))
}

/// Why the proxy has not reached its targets yet.
fn under_way(reply: &Value) -> Option<String> {
    reply::items(reply, "Targets").iter().find_map(|target| {
        let health = &target["TargetHealth"];
        match (health["State"].as_str()?, health["Reason"].as_str()) {
            ("REGISTERING", _) => Some("registering".to_owned()),
            (_, Some("PENDING_PROXY_CAPACITY")) => Some("pending proxy capacity".to_owned()),
            _ => None,
        }
    })
}

fn some(ids: Vec<String>) -> Option<Vec<String>> {
    (!ids.is_empty()).then_some(ids)
}

impl DbProxyTargetGroup {
    /// A call about these targets of the group.
    fn about(&self, action: &'static str, clusters: Vec<String>, instances: Vec<String>) -> Call {
        Call::new("rds", action)
            .with("DBProxyName", &self.proxy_name)
            .with("TargetGroupName", &self.target_group_name)
            .with("DBClusterIdentifiers", some(clusters))
            .with("DBInstanceIdentifiers", some(instances))
    }

    fn seen(&self, replies: &[Value]) -> Seen<Self> {
        let [groups, shown, ..] = replies else {
            return Seen::Absent;
        };
        let group = reply::items(groups, "TargetGroups")
            .iter()
            .find(|group| group["TargetGroupName"] == self.target_group_name.as_str());
        let Some(group) = group else {
            return Seen::Absent;
        };
        let (clusters, instances) = targets(shown);
        if clusters.is_empty() && instances.is_empty() {
            return Seen::Absent;
        }
        let id = id(&self.proxy_name, &self.target_group_name);
        if let Some(why) = under_way(shown) {
            return Seen::Pending { id, why };
        }
        Seen::Live(Live {
            id,
            properties: DbProxyTargetGroup {
                connection_pool_configuration_info: reply::unless_default(
                    Some(pool(group).whole()),
                    ConnectionPool::default().whole(),
                    self.connection_pool_configuration_info.as_ref(),
                ),
                cluster_identifiers: some(clusters),
                instance_identifiers: some(instances),
                ..self.clone()
            },
            attributes: super::attributes([("TargetGroupArn", group["TargetGroupArn"].clone())]),
        })
    }
}

impl Kind for DbProxyTargetGroup {
    const TYPE: &'static str = "AWS::RDS::DBProxyTargetGroup";
    const CREATE_ONLY: &'static [&'static str] = &["DBProxyName", "TargetGroupName"];
    const UNORDERED: &'static [&'static str] = &["DBClusterIdentifiers", "DBInstanceIdentifiers"];
    const ATTRIBUTES: &'static [&'static str] = &["TargetGroupArn"];
    const INSIDE: &'static [&'static str] = &["AWS::RDS::DBProxy"];
    const EXPECTED_SECONDS: u32 = 180;
    const DEADLINE_SECONDS: u32 = 1800;

    fn find(&self, _me: &Identity) -> Vec<Call> {
        look(&self.proxy_name, &self.target_group_name)
    }

    fn read(&self, _me: &Identity, replies: &[Value]) -> Seen<Self> {
        self.seen(replies)
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        let list = |ids: &Option<Vec<String>>| ids.clone().unwrap_or_default();
        vec![self.about(
            "RegisterDBProxyTargets",
            list(&self.cluster_identifiers),
            list(&self.instance_identifiers),
        )]
    }

    fn created(&self, _me: &Identity, _reply: &Value) -> Option<String> {
        Some(id(&self.proxy_name, &self.target_group_name))
    }

    fn update(&self, _me: &Identity, live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        let mut calls = Vec::new();
        let beyond = |these: &Option<Vec<String>>, those: &Option<Vec<String>>| -> Vec<String> {
            let those = those.as_deref().unwrap_or_default();
            let these = these.iter().flatten();
            these.filter(|id| !those.contains(id)).cloned().collect()
        };
        let there = &live.properties;
        // A proxy has one target at a time: the old one goes first.
        for (action, one, other) in [
            ("DeregisterDBProxyTargets", there, self),
            ("RegisterDBProxyTargets", self, there),
        ] {
            let clusters = beyond(&one.cluster_identifiers, &other.cluster_identifiers);
            let instances = beyond(&one.instance_identifiers, &other.instance_identifiers);
            if !clusters.is_empty() || !instances.is_empty() {
                calls.push(self.about(action, clusters, instances));
            }
        }
        if changed.contains(&"ConnectionPoolConfigurationInfo") {
            let pool = self
                .connection_pool_configuration_info
                .clone()
                .unwrap_or_default();
            calls.push(
                Call::new("rds", "ModifyDBProxyTargetGroup")
                    .with("DBProxyName", &self.proxy_name)
                    .with("TargetGroupName", &self.target_group_name)
                    .with("ConnectionPoolConfig", pool.whole()),
            );
        }
        calls
    }

    fn delete(&self, _me: &Identity, _id: &str, _attributes: &Attributes) -> Vec<Call> {
        let list = |ids: &Option<Vec<String>>| ids.clone().unwrap_or_default();
        vec![self.about(
            "DeregisterDBProxyTargets",
            list(&self.cluster_identifiers),
            list(&self.instance_identifiers),
        )]
    }

    fn known_by(id: &str) -> Self {
        let (proxy, group) = id.split_once('|').unwrap_or((id, "default"));
        DbProxyTargetGroup {
            proxy_name: proxy.to_owned(),
            target_group_name: group.to_owned(),
            ..DbProxyTargetGroup::default()
        }
    }

    fn inside(_parent: &str, id: &str) -> Vec<Call> {
        look(id, "default")
    }

    fn residents(_parent: &str, id: &str, replies: &[Value]) -> Vec<Live<Self>> {
        match Self::known_by(id).seen(replies) {
            Seen::Live(live) => vec![live],
            _ => Vec::new(),
        }
    }

    fn disruption(property: &str) -> Disruption {
        match property {
            "DBClusterIdentifiers" | "DBInstanceIdentifiers" => Disruption::Failover,
            _ => Disruption::None,
        }
    }

    fn same(property: &str, live: &Value, desired: &Value) -> bool {
        let pool = |value: &Value| -> Option<ConnectionPool> {
            serde_json::from_value::<ConnectionPool>(value.clone())
                .ok()
                .map(|pool| pool.whole())
        };
        match property {
            "ConnectionPoolConfigurationInfo" => pool(live) == pool(desired),
            _ => live == desired,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::me;

    fn asked() -> DbProxyTargetGroup {
        DbProxyTargetGroup {
            proxy_name: "shop-orders".into(),
            target_group_name: "default".into(),
            cluster_identifiers: Some(vec!["shop-orders".into()]),
            ..DbProxyTargetGroup::default()
        }
    }

    fn replies(config: Value, targets: Value) -> [Value; 2] {
        [
            json!({ "TargetGroups": [{ "DBProxyName": "shop-orders", "TargetGroupName": "default", "TargetGroupArn": "arn:g", "ConnectionPoolConfig": config }] }),
            json!({ "Targets": targets }),
        ]
    }

    fn usual() -> Value {
        json!({ "MaxConnectionsPercent": 100, "MaxIdleConnectionsPercent": 50, "ConnectionBorrowTimeout": 120, "SessionPinningFilters": [] })
    }

    fn cluster(health: Value) -> Value {
        json!([
            { "RdsResourceId": "shop-orders", "Type": "TRACKED_CLUSTER" },
            { "RdsResourceId": "shop-orders-instance", "TrackedClusterId": "shop-orders", "Type": "RDS_INSTANCE", "TargetHealth": health },
        ])
    }

    #[test]
    fn members_of_a_cluster_are_not_asked_for() {
        let replies = replies(usual(), cluster(json!({ "State": "AVAILABLE" })));
        let Seen::Live(live) = asked().read(&me(None), &replies) else {
            panic!("not live")
        };
        assert_eq!(live.properties, asked());
        assert_eq!(live.id, "shop-orders|default");
    }

    #[test]
    fn a_group_without_targets_is_not_there() {
        assert_eq!(
            asked().read(&me(None), &replies(usual(), json!([]))),
            Seen::Absent
        );
        assert_eq!(
            asked().read(&me(None), &[Value::Null, Value::Null]),
            Seen::Absent
        );
    }

    #[test]
    fn targets_that_are_being_reached_are_waited_for() {
        for (health, waits) in [
            (json!({ "State": "REGISTERING" }), true),
            (
                json!({ "State": "UNAVAILABLE", "Reason": "PENDING_PROXY_CAPACITY" }),
                true,
            ),
            (
                json!({ "State": "UNAVAILABLE", "Reason": "AUTH_FAILURE" }),
                false,
            ),
            (json!({ "State": "AVAILABLE" }), false),
        ] {
            let seen = asked().read(&me(None), &replies(usual(), cluster(health.clone())));
            assert_eq!(matches!(seen, Seen::Pending { .. }), waits, "{health}");
        }
    }

    #[test]
    fn a_pool_that_somebody_changed_goes_back() {
        let mut config = usual();
        config["MaxConnectionsPercent"] = json!(60);
        let Seen::Live(live) = asked().read(
            &me(None),
            &replies(config, cluster(json!({ "State": "AVAILABLE" }))),
        ) else {
            panic!("not live")
        };
        let shown = live.properties.connection_pool_configuration_info.clone();
        assert_eq!(shown.unwrap().max_connections_percent, Some(60));
        let calls = asked().update(&me(None), &live, &["ConnectionPoolConfigurationInfo"]);
        assert_eq!(calls.len(), 1);
        assert_eq!(
            calls[0].params["ConnectionPoolConfig"]["MaxConnectionsPercent"],
            100
        );
        assert_eq!(
            calls[0].params["ConnectionPoolConfig"]["MaxIdleConnectionsPercent"],
            50
        );
    }

    #[test]
    fn half_of_the_connections_may_be_idle_unless_more_is_said() {
        let same = |live: Value, desired: Value| {
            DbProxyTargetGroup::same("ConnectionPoolConfigurationInfo", &live, &desired)
        };
        let desired = json!({ "MaxConnectionsPercent": 90 });
        assert!(same(
            json!({ "MaxConnectionsPercent": 90, "MaxIdleConnectionsPercent": 45, "ConnectionBorrowTimeout": 120, "InitQuery": "" }),
            desired.clone()
        ));
        assert!(!same(
            json!({ "MaxConnectionsPercent": 90, "MaxIdleConnectionsPercent": 50 }),
            desired
        ));
    }

    #[test]
    fn another_database_takes_the_place_of_the_first() {
        let there = Live {
            id: "shop-orders|default".into(),
            properties: DbProxyTargetGroup {
                cluster_identifiers: None,
                instance_identifiers: Some(vec!["old".into()]),
                ..asked()
            },
            attributes: Attributes::new(),
        };
        let calls = asked().update(
            &me(None),
            &there,
            &["DBClusterIdentifiers", "DBInstanceIdentifiers"],
        );
        let said: Vec<&str> = calls.iter().map(|call| call.action).collect();
        assert_eq!(said, ["DeregisterDBProxyTargets", "RegisterDBProxyTargets"]);
        assert_eq!(calls[0].params.get("DBClusterIdentifiers"), None);
    }
}
