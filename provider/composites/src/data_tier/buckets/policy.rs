//! Whom the policy of a bucket lets in, and whom it keeps out.

use serde_json::{Value, json};

use super::super::frame::Frame;
use super::super::spec::Bucket;
use super::{SORT, arn_of, name_of};

/// Statements of the configuration, which writes one or a list of them.
///
/// # Errors
/// Says why the text is neither.
pub(super) fn parse_statements(text: &str) -> Result<Vec<Value>, String> {
    match serde_json::from_str(text).map_err(|error| error.to_string())? {
        Value::Array(list) if list.iter().all(Value::is_object) => Ok(list),
        one @ Value::Object(_) => Ok(vec![one]),
        _ => Err("neither a statement nor a list of statements".to_owned()),
    }
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html>
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies-vpc-endpoint.html>
pub(super) fn policy(frame: &Frame<'_>, name: &str, spec: &Bucket, bucket_name: &str) -> Value {
    let arn = arn_of(frame, bucket_name);
    let everything = json!([arn, format!("{arn}/*")]);
    let mut statements = vec![
        json!({
            "Sid": "OnlyOverTls",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": everything,
            "Condition": { "Bool": { "aws:SecureTransport": "false" } },
        }),
        json!({
            "Sid": "OnlyTlsOfToday",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": everything,
            "Condition": { "NumericLessThan": { "s3:TlsVersion": "1.2" } },
        }),
    ];
    if !spec.vpc_endpoint_ids.is_empty() {
        statements.push(json!({
            "Sid": "OnlyThroughEndpoints",
            "Effect": "Deny",
            "Principal": "*",
            // What concerns objects: whoever manages the bucket stays able to.
            "Action": ["s3:AbortMultipartUpload", "s3:DeleteObject*", "s3:GetObject*", "s3:ListBucket*", "s3:PutObject*", "s3:RestoreObject"],
            "Resource": everything,
            "Condition": {
                "Bool": { "aws:PrincipalIsAWSService": "false", "aws:ViaAWSService": "false" },
                "StringNotEquals": { "aws:SourceVpce": spec.vpc_endpoint_ids },
            },
        }));
    }
    let senders = |sends: &dyn Fn(&Bucket) -> bool| -> Vec<String> {
        let buckets = frame.spec.buckets.iter();
        buckets
            .filter(|(_, bucket)| sends(bucket))
            .map(|(sender, bucket)| arn_of(frame, &name_of(&frame.store(SORT, sender), bucket)))
            .collect()
    };
    let deliver = |sid: &str, service: &str, senders: Vec<String>| {
        json!({
            "Sid": sid,
            "Effect": "Allow",
            "Principal": { "Service": service },
            "Action": "s3:PutObject",
            "Resource": format!("{arn}/*"),
            "Condition": {
                "ArnLike": { "aws:SourceArn": senders },
                "StringEquals": { "aws:SourceAccount": frame.setting.account },
            },
        })
    };
    let logged = senders(&|bucket| {
        bucket
            .access_logs
            .as_ref()
            .is_some_and(|logs| logs.bucket.as_deref() == Some(name))
    });
    if !logged.is_empty() {
        statements.push(deliver("AccessLogs", "logging.s3.amazonaws.com", logged));
    }
    let listed = senders(&|bucket| {
        bucket
            .inventory
            .as_ref()
            .is_some_and(|inventory| inventory.bucket == name)
    });
    if !listed.is_empty() {
        statements.push(deliver("Inventories", "s3.amazonaws.com", listed));
    }
    if let Some(text) = &spec.policy_statements {
        statements.extend(parse_statements(text).unwrap_or_default());
    }
    json!({ "Version": "2012-10-17", "Statement": statements })
}
