//! `AWS::ApplicationAutoScaling::ScalableTarget`: a capacity that Application Auto Scaling may change, and how far.
//!
//! Reads `DescribeScalableTargets`, `DescribeScheduledActions` and `ListTagsForResource`; writes `RegisterScalableTarget`, which
//! creates and changes alike, `PutScheduledAction` and `DeleteScheduledAction`.
//!
//! # Caveats
//! - Service, resource and dimension are the identity: a target that somebody else registered would be overwritten, so its tags
//!   are read before anything is written.
//! - AWS deregisters a target when its resource is deleted through some consoles and not through the APIs: it is deleted first.
//! - The targets and the scheduled actions of a service are listed together, so that a platform with many asks once.
//! - The role shows as it is asked for: AWS answers with the service-linked role of the service, whatever was given.
//!
//! See <https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html>.

use std::collections::BTreeMap;

use platform_graph::{Attributes, Call, Claim, Identity, Kind, Live, Seen, Tags};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{SERVICE, Scaled};
use crate::{census, reply};

/// The services that a census looks for targets in: those whose capacity the kinds of this program scale.
const NAMESPACES: [&str; 4] = ["dynamodb", "ecs", "elasticache", "rds"];

/// A capacity that may be scaled.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ScalableTarget {
    /// Service, `dynamodb`, `rds`, `elasticache`, `ecs`; can't change.
    #[serde(default)]
    pub service_namespace: String,
    /// What is scaled: `table/orders`, `table/orders/index/by-customer`, `cluster:shop`, `replication-group/shop`; can't change.
    #[serde(default)]
    pub resource_id: String,
    /// Which capacity of it: `dynamodb:table:ReadCapacityUnits`, `rds:cluster:ReadReplicaCount`; can't change.
    #[serde(default)]
    pub scalable_dimension: String,
    /// The least capacity; at once, when there is less.
    #[serde(default)]
    pub min_capacity: u32,
    /// The most capacity; at once, when there is more.
    #[serde(default)]
    pub max_capacity: u32,
    /// ARN of the role that changes the capacity; the service-linked role of the service without.
    #[serde(rename = "RoleARN")]
    pub role_arn: Option<String>,
    /// Changes of the limits at certain times.
    pub scheduled_actions: Option<Vec<ScheduledAction>>,
    /// Which kinds of scaling are suspended; none without.
    pub suspended_state: Option<SuspendedState>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// A change of the limits at certain times.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ScheduledAction {
    /// Name, unique among those of the target.
    pub scheduled_action_name: String,
    /// When: `at(yyyy-mm-ddThh:mm:ss)`, `rate(1 day)` or `cron(0 8 ? * MON-FRI *)`.
    pub schedule: String,
    /// Time zone of the schedule, `Europe/Berlin`; UTC without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// From when on, in ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_time: Option<String>,
    /// Until when, in ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_time: Option<String>,
    /// The limits from then on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scalable_target_action: Option<ScalableTargetAction>,
}

/// Limits that a scheduled action sets.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ScalableTargetAction {
    /// The least capacity; as it is without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_capacity: Option<u32>,
    /// The most capacity; as it is without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_capacity: Option<u32>,
}

/// Which kinds of scaling are suspended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct SuspendedState {
    /// Scaling in by policies.
    pub dynamic_scaling_in_suspended: bool,
    /// Scaling out by policies.
    pub dynamic_scaling_out_suspended: bool,
    /// Scheduled actions.
    pub scheduled_scaling_suspended: bool,
}

impl ScalableTarget {
    fn scaled(&self) -> Scaled<'_> {
        Scaled {
            resource: &self.resource_id,
            dimension: &self.scalable_dimension,
            namespace: &self.service_namespace,
        }
    }

    /// Id of the target of a capacity, by which policies refer to it: it is known before the target is.
    pub fn id(&self) -> String {
        self.scaled().id()
    }

    fn register(&self) -> Call {
        self.scaled()
            .call("RegisterScalableTarget")
            .with("MinCapacity", self.min_capacity)
            .with("MaxCapacity", self.max_capacity)
            .with("RoleARN", &self.role_arn)
    }

    fn schedule(&self, action: &ScheduledAction) -> Call {
        self.scaled()
            .call("PutScheduledAction")
            .with("ScheduledActionName", &action.scheduled_action_name)
            .with("Schedule", &action.schedule)
            .with("Timezone", &action.timezone)
            .with("StartTime", &action.start_time)
            .with("EndTime", &action.end_time)
            .with("ScalableTargetAction", &action.scalable_target_action)
    }

    /// The scheduled actions of this target among all of its service.
    fn scheduled(&self, replies: &[Value]) -> Vec<ScheduledAction> {
        let all = reply::having(replies, "ScheduledActions")
            .map(|reply| reply::items(reply, "ScheduledActions"))
            .unwrap_or_default();
        let mut own: Vec<ScheduledAction> = all
            .iter()
            .filter(|item| Scaled::shown(item) == Some(self.scaled()))
            .map(|item| ScheduledAction {
                scheduled_action_name: reply::text(item, "ScheduledActionName").unwrap_or_default(),
                schedule: reply::text(item, "Schedule").unwrap_or_default(),
                timezone: reply::text(item, "Timezone"),
                start_time: reply::text(item, "StartTime"),
                end_time: reply::text(item, "EndTime"),
                scalable_target_action: serde_json::from_value(
                    item["ScalableTargetAction"].clone(),
                )
                .ok(),
            })
            .collect();
        own.sort_by(|one, other| one.scheduled_action_name.cmp(&other.scheduled_action_name));
        own
    }

    fn seen(&self, item: &Value, replies: &[Value]) -> ScalableTarget {
        ScalableTarget {
            min_capacity: reply::number(item, "MinCapacity").unwrap_or_default(),
            max_capacity: reply::number(item, "MaxCapacity").unwrap_or_default(),
            scheduled_actions: reply::unless_default(
                Some(self.scheduled(replies)),
                Vec::new(),
                self.scheduled_actions.as_ref(),
            ),
            suspended_state: reply::unless_default(
                Some(serde_json::from_value(item["SuspendedState"].clone()).unwrap_or_default()),
                SuspendedState::default(),
                self.suspended_state.as_ref(),
            ),
            tags: reply::having(replies, "Tags")
                .and_then(|reply| serde_json::from_value(reply["Tags"].clone()).ok())
                .unwrap_or_default(),
            ..self.clone()
        }
    }
}

impl Kind for ScalableTarget {
    const TYPE: &'static str = "AWS::ApplicationAutoScaling::ScalableTarget";
    const CREATE_ONLY: &'static [&'static str] =
        &["ResourceId", "ScalableDimension", "ServiceNamespace"];
    const UNORDERED: &'static [&'static str] = &["ScheduledActions"];
    const ATTRIBUTES: &'static [&'static str] = &["Arn", "CreationTime"];
    const LASTING: &'static [&'static str] = &["Arn"];
    const DETAILS_NEED: &'static [&'static str] = &["Arn"];
    const BORN: &'static str = "CreationTime";
    const TAGGED: bool = true;

    fn find(&self, _me: &Identity) -> Vec<Call> {
        vec![
            Call::new(SERVICE, "DescribeScalableTargets")
                .with("ServiceNamespace", &self.service_namespace)
                .with("ResourceIds", [&self.resource_id])
                .merging("/ResourceIds"),
        ]
    }

    fn details_again(&self, _me: &Identity, _id: &str, known: &Attributes) -> Vec<Call> {
        vec![
            Call::new(SERVICE, "DescribeScheduledActions")
                .with("ServiceNamespace", &self.service_namespace),
            Call::new(SERVICE, "ListTagsForResource").with("ResourceARN", known.get("Arn")),
        ]
    }

    fn read(&self, _me: &Identity, replies: &[Value]) -> Seen<Self> {
        let found = replies.first().and_then(|reply| {
            reply::items(reply, "ScalableTargets")
                .iter()
                .find(|item| Scaled::shown(item) == Some(self.scaled()))
        });
        let Some(item) = found else {
            return Seen::Absent;
        };
        let attributes = [
            ("Arn", reply::text(item, "ScalableTargetARN")),
            ("CreationTime", reply::text(item, "CreationTime")),
        ];
        Seen::Live(Live {
            id: self.id(),
            properties: self.seen(item, replies.get(1..).unwrap_or_default()),
            attributes: attributes
                .into_iter()
                .filter_map(|(name, value)| Some((name.to_owned(), json!(value?))))
                .collect(),
        })
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        let register = self
            .register()
            .with("SuspendedState", self.suspended_state)
            .with("Tags", (!self.tags.is_empty()).then_some(&self.tags));
        let schedule = self.scheduled_actions.iter().flatten();
        [register]
            .into_iter()
            .chain(schedule.map(|action| self.schedule(action)))
            .collect()
    }

    fn created(&self, _me: &Identity, _reply: &Value) -> Option<String> {
        Some(self.id())
    }

    fn update(&self, _me: &Identity, live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        let mut calls = Vec::new();
        let suspends = changed.contains(&"SuspendedState");
        let registers = ["MaxCapacity", "MinCapacity", "RoleARN"];
        if suspends || registers.iter().any(|name| changed.contains(name)) {
            calls.push(self.register().with(
                "SuspendedState",
                suspends.then(|| self.suspended_state.unwrap_or_default()),
            ));
        }
        if changed.contains(&"ScheduledActions") {
            let desired = self.scheduled_actions.as_deref().unwrap_or_default();
            let there = live
                .properties
                .scheduled_actions
                .as_deref()
                .unwrap_or_default();
            let gone = there.iter().filter(|action| {
                !desired
                    .iter()
                    .any(|kept| kept.scheduled_action_name == action.scheduled_action_name)
            });
            calls.extend(gone.map(|action| {
                self.scaled()
                    .call("DeleteScheduledAction")
                    .with("ScheduledActionName", &action.scheduled_action_name)
            }));
            let new = desired.iter().filter(|action| !there.contains(action));
            calls.extend(new.map(|action| self.schedule(action)));
        }
        calls
    }

    fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
        let call =
            |action| Call::new(SERVICE, action).with("ResourceARN", live.attributes.get("Arn"));
        let set = (!set.is_empty()).then(|| call("TagResource").with("Tags", set));
        let remove = (!remove.is_empty()).then(|| call("UntagResource").with("TagKeys", remove));
        [set, remove].into_iter().flatten().collect()
    }

    fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        let scaled = Scaled::parse(id).unwrap_or(self.scaled());
        vec![scaled.call("DeregisterScalableTarget")]
    }

    fn known_by(id: &str) -> Self {
        let Some(scaled) = Scaled::parse(id) else {
            return ScalableTarget::default();
        };
        ScalableTarget {
            service_namespace: scaled.namespace.to_owned(),
            resource_id: scaled.resource.to_owned(),
            scalable_dimension: scaled.dimension.to_owned(),
            ..ScalableTarget::default()
        }
    }

    fn census(replies: &[Value]) -> Vec<Call> {
        let listed = |reply: &Value| !reply::items(reply, "ResourceTagMappingList").is_empty();
        match replies {
            // The ARN of a target is a number: only its description tells what it scales.
            [tagged] if listed(tagged) => NAMESPACES
                .map(|namespace| {
                    Call::new(SERVICE, "DescribeScalableTargets")
                        .with("ServiceNamespace", namespace)
                })
                .to_vec(),
            _ => census::of_service(replies, SERVICE),
        }
    }

    fn counted(replies: &[Value]) -> Vec<Claim> {
        let described: BTreeMap<&str, String> = replies
            .iter()
            .flat_map(|reply| reply::items(reply, "ScalableTargets"))
            .filter_map(|item| {
                let (_, number) = item["ScalableTargetARN"].as_str()?.rsplit_once('/')?;
                Some((number, Scaled::shown(item)?.id()))
            })
            .collect();
        census::in_service(replies, |service, resource| {
            let number = resource.strip_prefix("scalable-target/")?;
            described
                .get(number)
                .filter(|_| service == SERVICE)
                .cloned()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::me;

    fn target() -> ScalableTarget {
        ScalableTarget {
            service_namespace: "dynamodb".into(),
            resource_id: "table/orders".into(),
            scalable_dimension: "dynamodb:table:ReadCapacityUnits".into(),
            min_capacity: 5,
            max_capacity: 100,
            ..ScalableTarget::default()
        }
    }

    fn listed(more: Value) -> Value {
        let item = |dimension: &str| {
            let mut item = json!({
                "ServiceNamespace": "dynamodb", "ResourceId": "table/orders", "ScalableDimension": dimension, "MinCapacity": 5,
                "MaxCapacity": 100, "RoleARN": "arn:linked", "CreationTime": "2026-01-02T03:04:05Z",
                "SuspendedState": { "DynamicScalingInSuspended": false, "DynamicScalingOutSuspended": false, "ScheduledScalingSuspended": false },
                "ScalableTargetARN": "arn:aws:application-autoscaling:us-east-1:123456789012:scalable-target/1",
            });
            for (name, value) in more.as_object().unwrap() {
                item[name] = value.clone();
            }
            item
        };
        json!({ "ScalableTargets": [item("dynamodb:table:WriteCapacityUnits"), item("dynamodb:table:ReadCapacityUnits")] })
    }

    fn live(asked: &ScalableTarget, replies: &[Value]) -> Live<ScalableTarget> {
        match asked.read(&me(None), replies) {
            Seen::Live(live) => live,
            seen => panic!("{seen:?}"),
        }
    }

    #[test]
    fn the_dimension_tells_targets_of_a_resource_apart() {
        let seen = live(&target(), &[listed(json!({}))]);
        assert_eq!(seen.properties, target());
        assert_eq!(
            seen.id,
            "table/orders|dynamodb:table:ReadCapacityUnits|dynamodb"
        );
        let other = ScalableTarget {
            resource_id: "table/orders/index/x".into(),
            ..target()
        };
        assert_eq!(other.read(&me(None), &[listed(json!({}))]), Seen::Absent);
    }

    #[test]
    fn what_is_known_by_its_id_is_found() {
        let known = ScalableTarget::known_by(&target().id());
        assert_eq!(known.find(&me(None)), target().find(&me(None)));
    }

    #[test]
    fn a_schedule_changes_action_by_action() {
        let action = |name: &str, schedule: &str| ScheduledAction {
            scheduled_action_name: name.into(),
            schedule: schedule.into(),
            ..ScheduledAction::default()
        };
        let item = |action: &ScheduledAction, dimension: &str| {
            let mut item = json!(action);
            item["ServiceNamespace"] = json!("dynamodb");
            item["ResourceId"] = json!("table/orders");
            item["ScalableDimension"] = json!(dimension);
            item
        };
        let (gone, kept, before) = (
            action("gone", "rate(1 day)"),
            action("kept", "rate(2 days)"),
            action("new", "rate(3 days)"),
        );
        let schedule = json!({ "ScheduledActions": [
            item(&kept, "dynamodb:table:ReadCapacityUnits"),
            item(&before, "dynamodb:table:ReadCapacityUnits"),
            item(&gone, "dynamodb:table:ReadCapacityUnits"),
            item(&action("other", "rate(1 day)"), "dynamodb:table:WriteCapacityUnits"),
        ] });
        let seen = live(&target(), &[listed(json!({})), schedule]);
        assert_eq!(
            seen.properties.scheduled_actions,
            Some(vec![gone, kept.clone(), before])
        );
        let desired = ScalableTarget {
            scheduled_actions: Some(vec![kept, action("new", "rate(4 days)")]),
            ..target()
        };
        let calls = desired.update(&me(None), &seen, &["ScheduledActions"]);
        let said: Vec<_> = calls
            .iter()
            .map(|call| {
                (
                    call.action,
                    call.params["ScheduledActionName"].as_str().unwrap(),
                )
            })
            .collect();
        assert_eq!(
            said,
            [
                ("DeleteScheduledAction", "gone"),
                ("PutScheduledAction", "new")
            ]
        );
    }

    #[test]
    fn what_somebody_suspended_shows_and_is_resumed() {
        let suspended = json!({ "SuspendedState": { "DynamicScalingInSuspended": true } });
        let seen = live(&target(), &[listed(suspended)]);
        assert!(
            seen.properties
                .suspended_state
                .unwrap()
                .dynamic_scaling_in_suspended
        );
        let calls = target().update(&me(None), &seen, &["SuspendedState"]);
        assert_eq!(
            calls[0].params["SuspendedState"]["DynamicScalingInSuspended"],
            false
        );
        let calls = target().update(&me(None), &seen, &["MaxCapacity"]);
        assert_eq!(calls[0].params.get("SuspendedState"), None);
    }
}
