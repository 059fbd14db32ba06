//! `AWS::SecretsManager::RotationSchedule`: when a Lambda function gives a secret another value.
//!
//! Reads `DescribeSecret`; writes `RotateSecret`, ends with `CancelRotateSecret`. Its id is the ARN of the secret.
//!
//! # Caveats
//! - Secrets that another service manages (a master password of RDS) are rotated by that service and have no schedule here.
//! - Whether a change rotates at once is said with each call and shows nowhere: it shows as it is asked for.
//! - AWS works out the days between rotations from an expression: what is not asked for is not compared.
//!
//! See <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html>.

use platform_graph::{Attributes, Call, Identity, Kind, Live, Seen};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::secret::described;
use super::{arn, call};
use crate::reply;

/// The rotation of a secret.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct RotationSchedule {
    /// Whether the secret is rotated at once when this is made or changed; otherwise in the next window.
    pub rotate_immediately_on_update: Option<bool>,
    /// ARN of the function that rotates.
    #[serde(rename = "RotationLambdaARN")]
    pub rotation_lambda_arn: Option<String>,
    /// When it rotates.
    pub rotation_rules: Option<RotationRules>,
    /// ARN of the secret; can't change.
    pub secret_id: String,
}

/// When a secret is rotated.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct RotationRules {
    /// Days between rotations, 1 to 1000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub automatically_after_days: Option<u32>,
    /// Length of the window, `3h`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration: Option<String>,
    /// `rate(10 days)` or `cron(0 8 1 * ? *)`, in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule_expression: Option<String>,
}

impl RotationSchedule {
    fn rotate(&self, secret: &str) -> Call {
        call("RotateSecret", secret)
            .with("RotationLambdaARN", &self.rotation_lambda_arn)
            .with("RotationRules", &self.rotation_rules)
            .with("RotateImmediately", self.rotate_immediately_on_update)
    }

    fn shown(&self, secret: &Value) -> Option<Live<Self>> {
        if secret["RotationEnabled"] != true {
            return None;
        }
        let id = arn(secret)?;
        Some(Live {
            properties: RotationSchedule {
                rotate_immediately_on_update: self.rotate_immediately_on_update,
                rotation_lambda_arn: reply::text(secret, "RotationLambdaARN"),
                rotation_rules: secret
                    .get("RotationRules")
                    .and_then(|rules| serde_json::from_value(rules.clone()).ok()),
                secret_id: id.clone(),
            },
            attributes: [("Id".to_owned(), json!(id))].into_iter().collect(),
            id,
        })
    }
}

impl Kind for RotationSchedule {
    const TYPE: &'static str = "AWS::SecretsManager::RotationSchedule";
    const CREATE_ONLY: &'static [&'static str] = &["SecretId"];
    const ATTRIBUTES: &'static [&'static str] = &["Id"];
    const INSIDE: &'static [&'static str] = &["AWS::SecretsManager::Secret"];

    fn find(&self, me: &Identity) -> Vec<Call> {
        vec![call(
            "DescribeSecret",
            me.id.as_deref().unwrap_or(&self.secret_id),
        )]
    }

    fn read(&self, _me: &Identity, replies: &[Value]) -> Seen<Self> {
        described(replies)
            .and_then(|secret| self.shown(secret))
            .map_or(Seen::Absent, Seen::Live)
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        vec![
            self.rotate(&self.secret_id)
                .idempotent("ClientRequestToken"),
        ]
    }

    fn created(&self, _me: &Identity, reply: &Value) -> Option<String> {
        arn(reply)
    }

    fn update(&self, _me: &Identity, live: &Live<Self>, _changed: &[&str]) -> Vec<Call> {
        vec![self.rotate(&live.id)]
    }

    fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        vec![call("CancelRotateSecret", id)]
    }

    fn known_by(id: &str) -> Self {
        RotationSchedule {
            secret_id: id.to_owned(),
            ..RotationSchedule::default()
        }
    }

    fn inside(_parent: &str, id: &str) -> Vec<Call> {
        vec![call("DescribeSecret", id)]
    }

    fn residents(_parent: &str, _id: &str, replies: &[Value]) -> Vec<Live<Self>> {
        let shown = described(replies).and_then(|secret| RotationSchedule::default().shown(secret));
        shown.into_iter().collect()
    }

    fn same(property: &str, live: &Value, desired: &Value) -> bool {
        match (property, desired) {
            ("RotationRules", Value::Object(rules)) => rules
                .iter()
                .all(|(name, value)| live.get(name) == Some(value)),
            _ => live == desired,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::me;

    const ARN: &str = "arn:aws:secretsmanager:us-east-1:123456789012:secret:shop/stripe-AbCdEf";

    #[test]
    fn a_secret_that_does_not_rotate_has_no_schedule() {
        let read = |reply| RotationSchedule::known_by(ARN).read(&me(None), &[reply]);
        assert_eq!(read(json!({ "ARN": ARN })), Seen::Absent);
        assert_eq!(
            read(json!({ "ARN": ARN, "RotationEnabled": false, "RotationLambdaARN": "l" })),
            Seen::Absent
        );
        assert_eq!(
            read(json!({ "ARN": ARN, "RotationEnabled": true, "DeletedDate": 1 })),
            Seen::Absent
        );
        assert_eq!(
            read(json!({ "ARN": ARN, "RotationEnabled": true })).id(),
            Some(ARN)
        );
    }

    #[test]
    fn what_aws_works_out_from_an_expression_is_not_compared() {
        let live = json!({ "AutomaticallyAfterDays": 10, "ScheduleExpression": "rate(10 days)" });
        let same = |desired| RotationSchedule::same("RotationRules", &live, &desired);
        assert!(same(json!({ "ScheduleExpression": "rate(10 days)" })));
        assert!(!same(json!({ "ScheduleExpression": "rate(5 days)" })));
        assert!(!same(
            json!({ "ScheduleExpression": "rate(10 days)", "Duration": "3h" })
        ));
    }
}
