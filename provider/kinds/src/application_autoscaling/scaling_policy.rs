//! `AWS::ApplicationAutoScaling::ScalingPolicy`: when and by how much Application Auto Scaling changes a capacity.
//!
//! Reads `DescribeScalingPolicies`; writes `PutScalingPolicy`, which creates and changes alike.
//!
//! # Assumptions
//! The target is given by its id, which names service, resource and dimension, as CloudFormation's `ScalingTargetId`.
//!
//! # Caveats
//! - Name and target are the identity; a policy carries no tags, so a policy of that name on a target of ours is ours.
//! - The ARN names the target without its dimension: two policies of a name on two dimensions differ in its random part only.
//! - A cooldown that nobody asked for is AWS's affair: its default differs between services and shows in some.
//! - The policies of a target go with it.
//!
//! See <https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScalingPolicy.html>.

use platform_graph::{Attributes, Call, Identity, Kind, Live, Seen};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{SERVICE, Scaled, alike};
use crate::reply;

/// A policy by which a capacity is scaled.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ScalingPolicy {
    /// Name, unique among the policies of the target; can't change.
    #[serde(default)]
    pub policy_name: String,
    /// `TargetTrackingScaling`, `StepScaling` or `PredictiveScaling`.
    #[serde(default)]
    pub policy_type: String,
    /// Id of the scalable target; can't change.
    #[serde(default)]
    pub scaling_target_id: String,
    /// For `TargetTrackingScaling`: the value that a metric is kept at.
    pub target_tracking_scaling_policy_configuration: Option<TargetTracking>,
    /// For `StepScaling`: by how much for which breach of an alarm, as the API has it.
    pub step_scaling_policy_configuration: Option<Value>,
    /// For `PredictiveScaling`: what is forecast, as the API has it.
    pub predictive_scaling_policy_configuration: Option<Value>,
}

/// The value that a metric is kept at.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct TargetTracking {
    /// The value, in the unit of the metric: percent of the provisioned capacity for a utilisation.
    pub target_value: f64,
    /// A metric that AWS knows by one name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub predefined_metric_specification: Option<PredefinedMetricSpecification>,
    /// Any other metric, as the API has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customized_metric_specification: Option<Value>,
    /// Seconds after scaling in before the next time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale_in_cooldown: Option<u32>,
    /// Seconds after scaling out before the next time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale_out_cooldown: Option<u32>,
    /// Whether the capacity only grows; AWS's default is `false`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disable_scale_in: Option<bool>,
}

/// A metric that AWS knows by one name.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct PredefinedMetricSpecification {
    /// `DynamoDBReadCapacityUtilization`, `RDSReaderAverageCPUUtilization`, `ElastiCachePrimaryEngineCPUUtilization` and so on.
    pub predefined_metric_type: String,
    /// Which load balancer, for `ALBRequestCountPerTarget`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_label: Option<String>,
}

impl ScalingPolicy {
    fn put(&self) -> Vec<Call> {
        let Some(scaled) = Scaled::parse(&self.scaling_target_id) else {
            return Vec::new();
        };
        vec![
            scaled
                .call("PutScalingPolicy")
                .with("PolicyName", &self.policy_name)
                .with("PolicyType", &self.policy_type)
                .with(
                    "TargetTrackingScalingPolicyConfiguration",
                    &self.target_tracking_scaling_policy_configuration,
                )
                .with(
                    "StepScalingPolicyConfiguration",
                    &self.step_scaling_policy_configuration,
                )
                .with(
                    "PredictiveScalingPolicyConfiguration",
                    &self.predictive_scaling_policy_configuration,
                ),
        ]
    }

    fn tracking(&self, item: &Value) -> Option<TargetTracking> {
        let shown = item.get("TargetTrackingScalingPolicyConfiguration")?;
        let asked = self.target_tracking_scaling_policy_configuration.as_ref();
        let cooldown =
            |member, asked: Option<u32>| reply::number(shown, member).filter(|_| asked.is_some());
        Some(TargetTracking {
            target_value: shown["TargetValue"].as_f64()?,
            predefined_metric_specification: shown.get("PredefinedMetricSpecification").and_then(
                |metric| {
                    Some(PredefinedMetricSpecification {
                        predefined_metric_type: reply::text(metric, "PredefinedMetricType")?,
                        resource_label: reply::text(metric, "ResourceLabel"),
                    })
                },
            ),
            customized_metric_specification: shown
                .get("CustomizedMetricSpecification")
                .filter(|metric| metric.is_object())
                .cloned(),
            scale_in_cooldown: cooldown(
                "ScaleInCooldown",
                asked.and_then(|asked| asked.scale_in_cooldown),
            ),
            scale_out_cooldown: cooldown(
                "ScaleOutCooldown",
                asked.and_then(|asked| asked.scale_out_cooldown),
            ),
            disable_scale_in: reply::unless_default(
                Some(shown["DisableScaleIn"] == true),
                false,
                asked.and_then(|asked| asked.disable_scale_in.as_ref()),
            ),
        })
    }

    fn seen(&self, item: &Value) -> ScalingPolicy {
        let configuration = |member: &str| item.get(member).filter(|it| it.is_object()).cloned();
        ScalingPolicy {
            policy_name: reply::text(item, "PolicyName").unwrap_or_default(),
            policy_type: reply::text(item, "PolicyType").unwrap_or_default(),
            scaling_target_id: Scaled::shown(item)
                .map(|scaled| scaled.id())
                .unwrap_or_default(),
            target_tracking_scaling_policy_configuration: self.tracking(item),
            step_scaling_policy_configuration: configuration("StepScalingPolicyConfiguration"),
            predictive_scaling_policy_configuration: configuration(
                "PredictiveScalingPolicyConfiguration",
            ),
        }
    }

    fn is_shown_by(&self, item: &Value) -> bool {
        item["PolicyName"] == *self.policy_name
            && Scaled::shown(item).is_some_and(|scaled| scaled.id() == self.scaling_target_id)
    }
}

/// Service and name out of the ARN of a policy,
/// `arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:1f2e:resource/dynamodb/table/orders:policyName/read`.
fn named_by(arn: &str) -> Option<(&str, &str)> {
    let (before, name) = arn.split_once(":policyName/")?;
    let (_, resource) = before.split_once(":resource/")?;
    Some((resource.split_once('/')?.0, name))
}

impl Kind for ScalingPolicy {
    const TYPE: &'static str = "AWS::ApplicationAutoScaling::ScalingPolicy";
    const CREATE_ONLY: &'static [&'static str] = &["PolicyName", "ScalingTargetId"];
    const ATTRIBUTES: &'static [&'static str] = &["Arn", "CreationTime"];
    const LASTING: &'static [&'static str] = &["Arn"];
    const BORN: &'static str = "CreationTime";

    fn find(&self, me: &Identity) -> Vec<Call> {
        let by_arn = me.id.as_deref().and_then(named_by);
        let own = || {
            let scaled = Scaled::parse(&self.scaling_target_id)?;
            Some((scaled.namespace, self.policy_name.as_str()))
        };
        let Some((namespace, name)) = by_arn.or_else(own) else {
            return Vec::new();
        };
        vec![
            Call::new(SERVICE, "DescribeScalingPolicies")
                .with("ServiceNamespace", namespace)
                .with("PolicyNames", [name])
                .merging("/PolicyNames"),
        ]
    }

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
        let found = replies.first().and_then(|reply| {
            reply::items(reply, "ScalingPolicies")
                .iter()
                .find(|item| match &me.id {
                    Some(arn) => item["PolicyARN"] == **arn,
                    None => self.is_shown_by(item),
                })
        });
        let Some((item, arn)) =
            found.and_then(|item| Some((item, reply::text(item, "PolicyARN")?)))
        else {
            return Seen::Absent;
        };
        let mut attributes: Attributes = [("Arn".to_owned(), json!(arn))].into_iter().collect();
        if let Some(born) = reply::text(item, "CreationTime") {
            attributes.insert("CreationTime".to_owned(), json!(born));
        }
        Seen::Live(Live {
            id: arn,
            properties: self.seen(item),
            attributes,
        })
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        self.put()
    }

    fn created(&self, _me: &Identity, reply: &Value) -> Option<String> {
        reply::text(reply, "PolicyARN")
    }

    fn update(&self, _me: &Identity, _live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        if changed.is_empty() {
            return Vec::new();
        }
        self.put()
    }

    fn delete(&self, _me: &Identity, _id: &str, _attributes: &Attributes) -> Vec<Call> {
        Scaled::parse(&self.scaling_target_id)
            .map(|scaled| {
                scaled
                    .call("DeleteScalingPolicy")
                    .with("PolicyName", &self.policy_name)
            })
            .into_iter()
            .collect()
    }

    fn known_by(id: &str) -> Self {
        ScalingPolicy {
            policy_name: named_by(id)
                .map(|(_, name)| name.to_owned())
                .unwrap_or_default(),
            ..ScalingPolicy::default()
        }
    }

    fn same(property: &str, live: &Value, desired: &Value) -> bool {
        property.ends_with("Configuration") && alike(live, desired) || live == desired
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::me;

    const ARN: &str = "arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:1f2e:resource/dynamodb/table/orders:policyName/read";

    fn policy() -> ScalingPolicy {
        ScalingPolicy {
            policy_name: "read".into(),
            policy_type: "TargetTrackingScaling".into(),
            scaling_target_id: "table/orders|dynamodb:table:ReadCapacityUnits|dynamodb".into(),
            target_tracking_scaling_policy_configuration: Some(TargetTracking {
                target_value: 70.0,
                predefined_metric_specification: Some(PredefinedMetricSpecification {
                    predefined_metric_type: "DynamoDBReadCapacityUtilization".into(),
                    resource_label: None,
                }),
                ..TargetTracking::default()
            }),
            ..ScalingPolicy::default()
        }
    }

    fn reply(more: Value) -> Value {
        let mut tracking = json!({ "TargetValue": 70, "PredefinedMetricSpecification": { "PredefinedMetricType": "DynamoDBReadCapacityUtilization" } });
        for (name, value) in more.as_object().unwrap() {
            tracking[name] = value.clone();
        }
        let item = |arn: &str, resource: &str| {
            json!({ "PolicyARN": arn, "PolicyName": "read", "ServiceNamespace": "dynamodb", "ResourceId": resource,
                "ScalableDimension": "dynamodb:table:ReadCapacityUnits", "PolicyType": "TargetTrackingScaling", "Alarms": [],
                "CreationTime": "2026-01-02T03:04:05Z", "TargetTrackingScalingPolicyConfiguration": tracking })
        };
        json!({ "ScalingPolicies": [item("arn:other", "table/carts"), item(ARN, "table/orders")] })
    }

    fn live(asked: &ScalingPolicy, id: Option<&str>, reply: Value) -> Live<ScalingPolicy> {
        match asked.read(&me(id), &[reply]) {
            Seen::Live(live) => live,
            seen => panic!("{seen:?}"),
        }
    }

    #[test]
    fn policies_of_a_name_on_other_targets_are_others() {
        for id in [None, Some(ARN)] {
            let seen = live(&policy(), id, reply(json!({})));
            assert_eq!(seen.id, ARN);
            assert_eq!(seen.properties, policy());
        }
        assert_eq!(
            policy().read(&me(Some("arn:x")), &[reply(json!({}))]),
            Seen::Absent
        );
    }

    #[test]
    fn what_is_known_by_its_arn_is_found_and_deleted() {
        let known = ScalingPolicy::known_by(ARN);
        assert_eq!(known.find(&me(Some(ARN))), policy().find(&me(None)));
        let seen = live(&known, Some(ARN), reply(json!({})));
        assert_eq!(
            seen.properties
                .delete(&me(Some(ARN)), ARN, &seen.attributes),
            policy().delete(&me(Some(ARN)), ARN, &seen.attributes)
        );
    }

    #[test]
    fn defaults_show_only_when_asked_for() {
        let defaults =
            json!({ "DisableScaleIn": false, "ScaleInCooldown": 300, "ScaleOutCooldown": 300 });
        let seen = live(&policy(), None, reply(defaults.clone()));
        assert_eq!(seen.properties, policy());
        let mut asked = policy();
        let tracking = asked
            .target_tracking_scaling_policy_configuration
            .as_mut()
            .unwrap();
        tracking.scale_in_cooldown = Some(60);
        tracking.disable_scale_in = Some(true);
        let seen = live(&asked, None, reply(defaults)).properties;
        let tracking = seen.target_tracking_scaling_policy_configuration.unwrap();
        assert_eq!(tracking.scale_in_cooldown, Some(300));
        assert_eq!(tracking.scale_out_cooldown, None);
        assert_eq!(tracking.disable_scale_in, Some(false));
    }

    #[test]
    fn a_target_value_is_a_number_however_it_is_written() {
        let name = "TargetTrackingScalingPolicyConfiguration";
        assert!(ScalingPolicy::same(
            name,
            &json!({ "TargetValue": 70 }),
            &json!({ "TargetValue": 70.0 })
        ));
        assert!(!ScalingPolicy::same(
            name,
            &json!({ "TargetValue": 70 }),
            &json!({ "TargetValue": 75.0 })
        ));
    }
}
