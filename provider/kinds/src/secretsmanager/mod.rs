//! AWS Secrets Manager: secrets, who may read them, and their rotation.
//!
//! No kind here ever reads the value of a secret: `GetSecretValue` is not called. What is written goes into a call as
//! [`SecretMember`](platform_graph::SecretMember), right before it leaves.

mod resource_policy;
mod rotation_schedule;
mod secret;

pub use resource_policy::ResourcePolicy;
pub use rotation_schedule::{RotationRules, RotationSchedule};
pub use secret::{GenerateSecretString, ReplicaRegion, Secret, ValueSource};

use platform_graph::Call;
use serde_json::Value;

use crate::reply;

fn call(action: &'static str, secret: &str) -> Call {
    Call::new("secretsmanager", action).with("SecretId", secret)
}

/// The secret in a reply of `DescribeSecret`, unless it is scheduled for deletion.
fn kept(reply: Option<&Value>) -> Option<&Value> {
    reply.filter(|reply| reply.get("ARN").is_some() && !is_scheduled(reply))
}

/// Whether a secret is in its recovery window.
fn is_scheduled(reply: &Value) -> bool {
    reply.get("DeletedDate").is_some_and(|at| !at.is_null())
}

/// The ARN of the secret in a reply.
fn arn(reply: &Value) -> Option<String> {
    reply::text(reply, "ARN")
}
