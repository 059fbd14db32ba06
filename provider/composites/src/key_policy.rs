//! Statements that the policies of KMS keys have in common.

use serde_json::{Value, json};

use crate::Setting;

/// The account's policies decide who uses and manages the key.
/// <https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html>
pub(crate) fn account_decides(setting: &Setting) -> Value {
    let (partition, account) = (&setting.partition, &setting.account);
    json!({
        "Sid": "AccountDecides",
        "Effect": "Allow",
        "Principal": { "AWS": format!("arn:{partition}:iam::{account}:root") },
        "Action": "kms:*",
        "Resource": "*",
    })
}

/// CloudWatch Logs may use the key in a region, for the log groups that the condition names by their ARN.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html>
pub(crate) fn logs_encrypt(setting: &Setting, region: &str, condition: Value) -> Value {
    json!({
        "Sid": "CloudWatchLogsEncrypts",
        "Effect": "Allow",
        "Principal": { "Service": format!("logs.{region}.{}", setting.dns_suffix()) },
        "Action": ["kms:Decrypt", "kms:Describe*", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
        "Resource": "*",
        "Condition": condition,
    })
}
