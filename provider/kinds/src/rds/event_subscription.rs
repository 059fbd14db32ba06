//! `AWS::RDS::EventSubscription`: what RDS tells of databases, by way of a topic of SNS.
//!
//! Reads `DescribeEventSubscriptions` and `ListTagsForResource`; writes `CreateEventSubscription`, `ModifyEventSubscription`,
//! `AddSourceIdentifierToSubscription`, `RemoveSourceIdentifierFromSubscription` and `DeleteEventSubscription`.
//!
//! # Caveats
//! - CloudFormation makes another subscription for another topic; RDS changes the topic in place, and so does this kind.
//! - A subscription whose topic is gone, or may no longer be written to, has failed: it has to be made anew.
//!
//! See <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.html>.

use platform_graph::{Attributes, Call, Claim, Identity, Kind, Live, Seen, Tags};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{census, reply};

/// A subscription to events.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct EventSubscription {
    /// Name, unique in account and Region, at most 254 characters; can't change.
    #[serde(default)]
    pub subscription_name: String,
    /// Whether events are told; AWS's default is `true`.
    pub enabled: Option<bool>,
    /// Categories of events, `failover`; all of the type without.
    pub event_categories: Option<Vec<String>>,
    /// ARN of the topic.
    #[serde(default)]
    pub sns_topic_arn: String,
    /// Names of what is watched; everything of the type without.
    pub source_ids: Option<Vec<String>>,
    /// `db-instance`, `db-cluster`, `db-proxy` and so on; everything without.
    pub source_type: Option<String>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

const ARN: &str = "EventSubscriptionArn";

impl EventSubscription {
    fn seen(&self, name: &str, item: &Value, tags: Tags) -> EventSubscription {
        let list = |member: &str, asked: Option<&Vec<String>>| {
            let mut shown = reply::texts(item, member);
            shown.sort();
            reply::unless_default(Some(shown), Vec::new(), asked)
        };
        EventSubscription {
            subscription_name: name.to_owned(),
            enabled: reply::unless_default(item["Enabled"].as_bool(), true, self.enabled.as_ref()),
            event_categories: list("EventCategoriesList", self.event_categories.as_ref()),
            sns_topic_arn: reply::text(item, "SnsTopicArn").unwrap_or_default(),
            source_ids: list("SourceIdsList", self.source_ids.as_ref()),
            source_type: reply::text(item, "SourceType"),
            tags,
        }
    }
}

impl Kind for EventSubscription {
    const TYPE: &'static str = "AWS::RDS::EventSubscription";
    const CREATE_ONLY: &'static [&'static str] = &["SubscriptionName"];
    const UNORDERED: &'static [&'static str] = &["EventCategories", "SourceIds"];
    const ATTRIBUTES: &'static [&'static str] = &[ARN];
    const LASTING: &'static [&'static str] = &[ARN];
    const DETAILS_NEED: &'static [&'static str] = &[ARN];
    const TAGGED: bool = true;
    const EXPECTED_SECONDS: u32 = 30;
    const DEADLINE_SECONDS: u32 = 1200;

    fn find(&self, _me: &Identity) -> Vec<Call> {
        vec![Call::new("rds", "DescribeEventSubscriptions")]
    }

    fn details_again(&self, _me: &Identity, _id: &str, known: &Attributes) -> Vec<Call> {
        super::list_tags(ARN, known)
    }

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
        let name = super::name(me, &self.subscription_name);
        let found = super::named(
            replies,
            "EventSubscriptionsList",
            "CustSubscriptionId",
            name,
        );
        let Some(item) = found else {
            return Seen::Absent;
        };
        let id = name.to_owned();
        match item["Status"].as_str().unwrap_or_default() {
            "active" => Seen::Live(Live {
                properties: self.seen(
                    name,
                    item,
                    replies.get(1).map(super::tags).unwrap_or_default(),
                ),
                attributes: super::attributes([(ARN, item[ARN].clone())]),
                id,
            }),
            "deleting" => Seen::Deleting { id },
            "no-permission" => Seen::Failed {
                id,
                why: "RDS may not write to its topic".to_owned(),
            },
            "topic-not-exist" => Seen::Failed {
                id,
                why: "its topic does not exist".to_owned(),
            },
            status => Seen::Pending {
                id,
                why: status.to_owned(),
            },
        }
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        vec![
            Call::new("rds", "CreateEventSubscription")
                .with("SubscriptionName", &self.subscription_name)
                .with("Enabled", self.enabled)
                .with("EventCategories", &self.event_categories)
                .with("SnsTopicArn", &self.sns_topic_arn)
                .with("SourceIds", &self.source_ids)
                .with("SourceType", &self.source_type)
                .with("Tags", super::tag_list(&self.tags)),
        ]
    }

    fn created(&self, _me: &Identity, _reply: &Value) -> Option<String> {
        Some(self.subscription_name.clone())
    }

    fn update(&self, _me: &Identity, live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        let about = |action| Call::new("rds", action).with("SubscriptionName", &live.id);
        let mut calls = Vec::new();
        if changed.iter().any(|property| *property != "SourceIds") {
            let categories = self.event_categories.clone().unwrap_or_default();
            calls.push(
                about("ModifyEventSubscription")
                    .with("Enabled", self.enabled.unwrap_or(true))
                    // The categories of one type are not those of another, so they go together.
                    .with("EventCategories", categories)
                    .with("SnsTopicArn", &self.sns_topic_arn)
                    .with("SourceType", &self.source_type),
            );
        }
        let beyond = |these: &Option<Vec<String>>, those: &Option<Vec<String>>| -> Vec<String> {
            let those = those.as_deref().unwrap_or_default();
            let these = these.iter().flatten();
            these.filter(|id| !those.contains(id)).cloned().collect()
        };
        let there = &live.properties.source_ids;
        // Without any it would watch everything, so what is new comes before what is old goes.
        for (action, ids) in [
            (
                "AddSourceIdentifierToSubscription",
                beyond(&self.source_ids, there),
            ),
            (
                "RemoveSourceIdentifierFromSubscription",
                beyond(there, &self.source_ids),
            ),
        ] {
            calls.extend(
                ids.into_iter()
                    .map(|id| about(action).with("SourceIdentifier", id)),
            );
        }
        calls
    }

    fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
        super::retag(&live.attributes, ARN, set, remove)
    }

    fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        vec![Call::new("rds", "DeleteEventSubscription").with("SubscriptionName", id)]
    }

    fn known_by(id: &str) -> Self {
        EventSubscription {
            subscription_name: id.to_owned(),
            ..EventSubscription::default()
        }
    }

    fn census(replies: &[Value]) -> Vec<Call> {
        census::of_service(replies, "rds")
    }

    fn counted(replies: &[Value]) -> Vec<Claim> {
        super::counted(replies, "es")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::me;

    fn reply(status: &str) -> Value {
        json!({ "EventSubscriptionsList": [{ "CustSubscriptionId": "shop-orders", "EventSubscriptionArn": "arn:s", "Status": status,
            "SnsTopicArn": "arn:t", "SourceType": "db-instance", "SourceIdsList": ["b", "a"], "EventCategoriesList": ["failure", "failover"], "Enabled": true }] })
    }

    fn asked() -> EventSubscription {
        EventSubscription {
            subscription_name: "shop-orders".into(),
            event_categories: Some(vec!["failover".into(), "failure".into()]),
            sns_topic_arn: "arn:t".into(),
            source_ids: Some(vec!["a".into(), "b".into()]),
            source_type: Some("db-instance".into()),
            ..EventSubscription::default()
        }
    }

    #[test]
    fn a_subscription_that_tells_nobody_has_failed() {
        let seen = |status: &str| asked().read(&me(None), &[reply(status)]);
        let Seen::Live(live) = seen("active") else {
            panic!("not live")
        };
        assert_eq!(live.properties, asked());
        assert!(matches!(seen("modifying"), Seen::Pending { .. }));
        assert!(matches!(seen("deleting"), Seen::Deleting { .. }));
        assert!(matches!(seen("no-permission"), Seen::Failed { .. }));
        assert!(matches!(seen("topic-not-exist"), Seen::Failed { .. }));
    }

    #[test]
    fn sources_are_added_before_others_go() {
        let live = Live {
            id: "shop-orders".into(),
            properties: asked(),
            attributes: Attributes::new(),
        };
        let desired = EventSubscription {
            source_ids: Some(vec!["b".into(), "c".into()]),
            ..asked()
        };
        let calls = desired.update(&me(None), &live, &["SourceIds"]);
        let said: Vec<_> = calls
            .iter()
            .map(|call| {
                (
                    call.action,
                    call.params["SourceIdentifier"].as_str().unwrap(),
                )
            })
            .collect();
        assert_eq!(
            said,
            [
                ("AddSourceIdentifierToSubscription", "c"),
                ("RemoveSourceIdentifierFromSubscription", "a")
            ]
        );
    }
}
