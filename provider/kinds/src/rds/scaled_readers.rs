//! The instances in an Aurora cluster that nobody's configuration names and that keep it from being deleted.
//!
//! Aurora Auto Scaling adds readers whose names begin with `application-autoscaling-`. They stay when the scaling ends, and RDS
//! deletes no cluster with instances in it. They hold no data: the cluster's storage does. The instances of a Multi-AZ DB cluster go
//! with it and are left alone.
//!
//! See <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Integrating.AutoScaling.html>.

use platform_graph::{Blocker, Call};
use serde_json::Value;

use crate::reply;

/// How names of readers that AWS adds begin.
const SCALED: &str = "application-autoscaling-";

/// The call that shows the instances of all clusters.
pub(super) fn look(replies: &[Value]) -> Vec<Call> {
    if replies.is_empty() {
        vec![Call::new("rds", "DescribeDBInstances")]
    } else {
        Vec::new()
    }
}

fn is_aurora(item: &Value) -> bool {
    let engine = item["Engine"].as_str();
    engine.is_some_and(|engine| engine.starts_with("aurora"))
}

/// The instances in a cluster: those that AWS added go with it, those that somebody added are told.
pub(super) fn found(cluster: &str, replies: &[Value]) -> Vec<Blocker> {
    let items = replies
        .first()
        .map(|reply| reply::items(reply, "DBInstances"));
    items
        .unwrap_or_default()
        .iter()
        .filter(|item| item["DBClusterIdentifier"] == cluster && is_aurora(item))
        .filter_map(|item| {
            let id = reply::text(item, "DBInstanceIdentifier")?;
            let is_scaled = id.starts_with(SCALED);
            let is_going = item["DBInstanceStatus"] == "deleting";
            let remove = Call::new("rds", "DeleteDBInstance")
                .with("DBInstanceIdentifier", &id)
                .with("SkipFinalSnapshot", true);
            Some(Blocker {
                what: format!(
                    "instance ({})",
                    if is_scaled {
                        "reader that Aurora Auto Scaling added"
                    } else {
                        "member of the cluster"
                    }
                ),
                tags: super::tags(item),
                remove: (is_scaled && !is_going)
                    .then_some(remove)
                    .into_iter()
                    .collect(),
                // An instance takes some minutes to go.
                lingers_seconds: if is_going { 900 } else { 0 },
                holds_data: false,
                id,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_scaling_added_goes_and_what_somebody_added_is_told() {
        let item = |id: &str, cluster: &str, engine: &str, status: &str| json!({ "DBInstanceIdentifier": id, "DBClusterIdentifier": cluster, "Engine": engine, "DBInstanceStatus": status, "TagList": [] });
        let reply = json!({ "DBInstances": [
            item("application-autoscaling-1", "shop-orders", "aurora-postgresql", "available"),
            item("application-autoscaling-2", "shop-orders", "aurora-postgresql", "deleting"),
            item("application-autoscaling-3", "shop-users", "aurora-postgresql", "available"),
            item("by-hand", "shop-orders", "aurora-postgresql", "available"),
            item("shop-orders-instance-1", "shop-orders", "postgres", "available"),
            { "DBInstanceIdentifier": "alone", "Engine": "postgres", "DBInstanceStatus": "available" },
        ] });
        assert_eq!(look(&[]).len(), 1);
        assert_eq!(look(std::slice::from_ref(&reply)), []);
        let found = found("shop-orders", &[reply]);
        let said: Vec<(&str, usize, bool)> = found
            .iter()
            .map(|blocker| {
                (
                    blocker.id.as_str(),
                    blocker.remove.len(),
                    blocker.lingers_seconds > 0,
                )
            })
            .collect();
        assert_eq!(
            said,
            [
                ("application-autoscaling-1", 1, false),
                ("application-autoscaling-2", 0, true),
                ("by-hand", 0, false)
            ]
        );
        assert_eq!(found[0].remove[0].action, "DeleteDBInstance");
    }
}
