//! Application Auto Scaling: capacity of tables, replicas, shards and services that follows what is used.

mod scalable_target;
mod scaling_policy;

pub use scalable_target::{ScalableTarget, ScalableTargetAction, ScheduledAction, SuspendedState};
pub use scaling_policy::{PredefinedMetricSpecification, ScalingPolicy, TargetTracking};

use platform_graph::Call;
use serde_json::Value;

const SERVICE: &str = "application-autoscaling";

/// What is scaled: a dimension of a resource of a service.
///
/// Its text is the id of a scalable target, as CloudFormation's `Ref` returns it:
/// `table/orders|dynamodb:table:ReadCapacityUnits|dynamodb`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Scaled<'a> {
    resource: &'a str,
    dimension: &'a str,
    namespace: &'a str,
}

impl<'a> Scaled<'a> {
    fn parse(id: &'a str) -> Option<Self> {
        let (rest, namespace) = id.rsplit_once('|')?;
        let (resource, dimension) = rest.rsplit_once('|')?;
        Some(Scaled {
            resource,
            dimension,
            namespace,
        })
    }

    /// The one that a target, a policy or a scheduled action in a reply is of.
    fn shown(item: &'a Value) -> Option<Self> {
        Some(Scaled {
            resource: item["ResourceId"].as_str()?,
            dimension: item["ScalableDimension"].as_str()?,
            namespace: item["ServiceNamespace"].as_str()?,
        })
    }

    fn id(&self) -> String {
        let Scaled {
            resource,
            dimension,
            namespace,
        } = self;
        format!("{resource}|{dimension}|{namespace}")
    }

    /// A call about it.
    fn call(&self, action: &'static str) -> Call {
        Call::new(SERVICE, action)
            .with("ServiceNamespace", self.namespace)
            .with("ResourceId", self.resource)
            .with("ScalableDimension", self.dimension)
    }
}

/// Whether two values are the same but for the form of numbers: whole ones come back as fractions.
fn alike(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| alike(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .all(|(name, field)| other.get(name).is_some_and(|other| alike(field, other)))
        }
        (one, other) => one == other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_id_names_resource_dimension_and_service() {
        let id = "service/shop/web|ecs:service:DesiredCount|ecs";
        let scaled = Scaled::parse(id).unwrap();
        assert_eq!(scaled.resource, "service/shop/web");
        assert_eq!(scaled.dimension, "ecs:service:DesiredCount");
        assert_eq!(scaled.namespace, "ecs");
        assert_eq!(scaled.id(), id);
        assert_eq!(Scaled::parse("service/shop/web"), None);
    }

    #[test]
    fn numbers_are_alike_whatever_their_form() {
        let one = json!({ "TargetValue": 70, "Steps": [{ "By": 1 }] });
        assert!(alike(
            &one,
            &json!({ "TargetValue": 70.0, "Steps": [{ "By": 1.0 }] })
        ));
        assert!(!alike(
            &one,
            &json!({ "TargetValue": 71, "Steps": [{ "By": 1 }] })
        ));
        assert!(!alike(&one, &json!({ "TargetValue": 70, "Steps": [] })));
        assert!(!alike(&one, &json!({ "TargetValue": 70 })));
    }
}
