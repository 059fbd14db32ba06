//! `AWS::DocDB::DBInstance`: an instance that serves a DocumentDB cluster. It holds no data: the cluster does.
//!
//! Reads `DescribeDBInstances` and `ListTagsForResource`; writes `CreateDBInstance` and `ModifyDBInstance`, which applies changes at
//! once.
//!
//! # Caveats
//! - Whether it is the one that writes is not a property: a failover changes that at any time.
//! - Another class or certificate restarts it; AWS shows the old one until that is done.
//! - What has no default (a window, a certificate) and is no longer asked for stays as it is, and shows no more.
//! - DocumentDB raises no minor version on its own, whatever `AutoMinorVersionUpgrade` says, so the kind does not have it.
//!
//! See <https://docs.aws.amazon.com/documentdb/latest/developerguide/API_CreateDBInstance.html>.

use platform_graph::{
    Attributes, Call, Claim, Disruption, Identity, Kind, Live, Properties, Seen, Tags,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{census, reply};

/// An instance.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DbInstance {
    /// Zone name, `us-east-1a`; AWS chooses one without. Can't change.
    pub availability_zone: Option<String>,
    /// Name of the authority that signs its TLS certificate, `rds-ca-rsa2048-g1`; the account's default without.
    #[serde(rename = "CACertificateIdentifier")]
    pub ca_certificate: Option<String>,
    /// Name of its cluster; can't change.
    #[serde(rename = "DBClusterIdentifier")]
    pub cluster: String,
    /// Class, `db.r6g.large`.
    #[serde(rename = "DBInstanceClass")]
    pub class: String,
    /// Name, unique in account and Region among all instances of RDS, Neptune and DocumentDB, in lower case; can't change.
    #[serde(rename = "DBInstanceIdentifier")]
    pub identifier: String,
    /// Whether Performance Insights watches it.
    pub enable_performance_insights: Option<bool>,
    /// ARN of the KMS key that encrypts what Performance Insights keeps; can't change once that is on.
    #[serde(rename = "PerformanceInsightsKMSKeyId")]
    pub performance_insights_key: Option<String>,
    /// Weekly window for maintenance in UTC; AWS chooses one without.
    pub preferred_maintenance_window: Option<String>,
    /// Rank in which it takes over the writing, 0 before 15; 1 without.
    pub promotion_tier: Option<u32>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

impl DbInstance {
    /// The properties by their names in CloudFormation, which are those of the API.
    fn fields(&self) -> Properties {
        match serde_json::to_value(self) {
            Ok(Value::Object(fields)) => fields,
            _ => Properties::new(),
        }
    }

    fn seen(&self, id: String, item: &Value, tags: Tags) -> DbInstance {
        let text = |member: &str, asked: &Option<String>| {
            reply::text(item, member).filter(|_| asked.is_some())
        };
        DbInstance {
            availability_zone: reply::text(item, "AvailabilityZone"),
            ca_certificate: text("CACertificateIdentifier", &self.ca_certificate),
            cluster: reply::text(item, "DBClusterIdentifier").unwrap_or_default(),
            class: reply::text(item, "DBInstanceClass").unwrap_or_default(),
            enable_performance_insights: reply::unless_default(
                Some(item["PerformanceInsightsEnabled"] == true),
                false,
                self.enable_performance_insights.as_ref(),
            ),
            performance_insights_key: text(
                "PerformanceInsightsKMSKeyId",
                &self.performance_insights_key,
            ),
            preferred_maintenance_window: text(
                "PreferredMaintenanceWindow",
                &self.preferred_maintenance_window,
            ),
            promotion_tier: reply::unless_default(
                reply::number(item, "PromotionTier"),
                1,
                self.promotion_tier.as_ref(),
            ),
            tags,
            identifier: id,
        }
    }
}

impl Kind for DbInstance {
    const TYPE: &'static str = "AWS::DocDB::DBInstance";
    const CREATE_ONLY: &'static [&'static str] = &[
        "AvailabilityZone",
        "DBClusterIdentifier",
        "DBInstanceIdentifier",
    ];
    const ATTRIBUTES: &'static [&'static str] = &["Arn", "Endpoint", "InstanceCreateTime"];
    const OURS: &'static [&'static str] = &["PerformanceInsightsKMSKeyId", "PromotionTier"];
    const LASTING: &'static [&'static str] = &["Arn", "InstanceCreateTime"];
    const DETAILS_NEED: &'static [&'static str] = &["Arn"];
    const BORN: &'static str = "InstanceCreateTime";
    const TAGGED: bool = true;
    const EXPECTED_SECONDS: u32 = 480;
    const DEADLINE_SECONDS: u32 = 3600;

    fn find(&self, _me: &Identity) -> Vec<Call> {
        vec![super::list("DescribeDBInstances")]
    }

    fn details_again(&self, _me: &Identity, _id: &str, known: &Attributes) -> Vec<Call> {
        vec![super::list_tags(known)]
    }

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
        let name = super::name(me, &self.identifier);
        let found = super::named(replies, "DBInstances", "DBInstanceIdentifier", name);
        // Whoever answers may not know the filter.
        let Some(item) = found.filter(|item| item["Engine"] == super::ENGINE) else {
            return Seen::Absent;
        };
        let status = item["DBInstanceStatus"].as_str().unwrap_or("available");
        super::in_state(status, name.to_owned(), |id| {
            Seen::Live(Live {
                attributes: super::attributes([
                    ("Arn", item["DBInstanceArn"].clone()),
                    ("Endpoint", item["Endpoint"]["Address"].clone()),
                    ("InstanceCreateTime", item["InstanceCreateTime"].clone()),
                ]),
                properties: self.seen(id.clone(), item, super::tags(replies)),
                id,
            })
        })
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        let create = self
            .fields()
            .into_iter()
            .filter(|(name, _)| name != "Tags")
            .fold(
                Call::new("docdb", "CreateDBInstance"),
                |call, (name, value)| call.with(&name, value),
            );
        vec![
            create
                .with("Engine", super::ENGINE)
                .with("Tags", super::tag_list(&self.tags)),
        ]
    }

    fn created(&self, _me: &Identity, _reply: &Value) -> Option<String> {
        Some(self.identifier.clone())
    }

    fn update(&self, _me: &Identity, live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        let call = Call::new("docdb", "ModifyDBInstance")
            .with("DBInstanceIdentifier", &live.id)
            .with("ApplyImmediately", true);
        let defaults = [
            ("EnablePerformanceInsights", json!(false)),
            ("PromotionTier", json!(1)),
        ];
        let call = super::give(call, changed, &self.fields(), &defaults);
        // Nothing but the name and the order to hurry.
        if call.params.len() <= 2 {
            return Vec::new();
        }
        vec![call]
    }

    fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
        super::retag(&live.attributes, set, remove)
    }

    fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        vec![Call::new("docdb", "DeleteDBInstance").with("DBInstanceIdentifier", id)]
    }

    fn known_by(id: &str) -> Self {
        DbInstance {
            identifier: id.to_owned(),
            ..DbInstance::default()
        }
    }

    fn census(replies: &[Value]) -> Vec<Call> {
        census::of_service(replies, "rds")
    }

    fn counted(replies: &[Value]) -> Vec<Claim> {
        super::counted(replies, "db")
    }

    fn disruption(property: &str) -> Disruption {
        match property {
            "CACertificateIdentifier" | "DBInstanceClass" => Disruption::Failover,
            _ => Disruption::None,
        }
    }

    fn same(property: &str, live: &Value, desired: &Value) -> bool {
        match property {
            "PreferredMaintenanceWindow" => super::same_window(live, desired),
            _ => live == desired,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::me;

    fn asked() -> DbInstance {
        DbInstance {
            identifier: "shop-products-docdb-use1-az1".into(),
            cluster: "shop-products-docdb".into(),
            class: "db.r6g.large".into(),
            ..DbInstance::default()
        }
    }

    fn reply(engine: &str) -> Value {
        json!({ "DBInstances": [{
            "DBInstanceIdentifier": "shop-products-docdb-use1-az1", "DBInstanceClass": "db.t4g.medium", "Engine": engine,
            "DBInstanceStatus": "modifying", "DBClusterIdentifier": "shop-products-docdb", "AvailabilityZone": "us-east-1a",
            "PendingModifiedValues": { "DBInstanceClass": "db.r6g.large" }, "PromotionTier": 1,
            "PreferredMaintenanceWindow": "sun:05:00-sun:06:00",
        }] })
    }

    #[test]
    fn a_change_that_is_under_way_is_not_done() {
        let Seen::Live(live) = asked().read(&me(None), &[reply("docdb")]) else {
            panic!("not live")
        };
        assert_eq!(live.properties.class, "db.t4g.medium");
        assert_eq!(live.properties.enable_performance_insights, None);
        let calls = asked().update(&me(None), &live, &["DBInstanceClass"]);
        assert_eq!(calls[0].params["DBInstanceClass"], "db.r6g.large");
        assert_eq!(calls[0].params["ApplyImmediately"], true);
        assert_eq!(
            asked().update(&me(None), &live, &["PreferredMaintenanceWindow"]),
            []
        );
    }

    #[test]
    fn an_instance_of_another_engine_is_not_ours() {
        assert_eq!(asked().read(&me(None), &[reply("postgres")]), Seen::Absent);
    }
}
