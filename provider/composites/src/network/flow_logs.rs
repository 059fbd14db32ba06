//! Flow logs of the VPC, with what their destination needs.

use platform_graph::{Graph, Handle};
use platform_kinds::iam::{Role, RolePolicy};
use platform_kinds::kms::{Alias, Key};
use platform_kinds::logs::LogGroup;
use platform_kinds::network::{DestinationOptions, FlowLog};
use serde_json::{Value, json};

use crate::{Setting, key_policy};

use super::layout::Layout;
use super::spec::{CloudwatchLogs, FileFormat, FlowLogs, Traffic};
use super::{address, vpc};

pub(super) fn add(layout: &Layout<'_>, graph: &mut Graph) {
    let spec = &layout.spec.flow_logs;
    if !spec.enabled {
        return;
    }
    let log = FlowLog {
        resource_id: vpc::id(),
        resource_type: "VPC".to_owned(),
        traffic_type: Some(
            match spec.traffic {
                Traffic::All => "ALL",
                Traffic::Accept => "ACCEPT",
                Traffic::Reject => "REJECT",
            }
            .to_owned(),
        ),
        log_format: spec.format.clone(),
        max_aggregation_interval: Some(spec.interval_seconds),
        ..FlowLog::default()
    };
    let log = match (&spec.s3, &spec.firehose) {
        (Some(s3), _) => FlowLog {
            log_destination_type: Some("s3".to_owned()),
            log_destination: Some(s3.bucket_arn.clone()),
            destination_options: Some(DestinationOptions {
                file_format: match s3.file_format {
                    FileFormat::PlainText => "plain-text",
                    FileFormat::Parquet => "parquet",
                }
                .to_owned(),
                hive_compatible_partitions: s3.hive_partitions,
                per_hour_partition: s3.hourly_partitions,
            }),
            ..log
        },
        (None, Some(firehose)) => FlowLog {
            log_destination_type: Some("kinesis-data-firehose".to_owned()),
            log_destination: Some(firehose.stream_arn.clone()),
            ..log
        },
        (None, None) => {
            let group = log_group(layout, graph, &spec.cloudwatch_or_default());
            let role = role(layout, graph);
            FlowLog {
                log_destination_type: Some("cloud-watch-logs".to_owned()),
                log_group_name: Some(group.id()),
                deliver_logs_permission_arn: Some(role.attribute("Arn")),
                ..log
            }
        }
    };
    let what = match spec.traffic {
        Traffic::All => "every connection",
        Traffic::Accept => "every connection that was let through",
        Traffic::Reject => "every connection that was refused",
    };
    graph.add(address::FLOW_LOG, format!("records {what} in the VPC"), log);
}

impl FlowLogs {
    fn cloudwatch_or_default(&self) -> CloudwatchLogs {
        self.cloudwatch.clone().unwrap_or_default()
    }
}

/// Name of the log group.
pub(super) fn group_name(layout: &Layout<'_>) -> String {
    format!("/platform/network/{}/flow-log", layout.spec.name)
}

/// ARN of the log group, as CloudWatch Logs passes it to KMS and IAM.
pub(super) fn group_arn(layout: &Layout<'_>) -> String {
    let Setting {
        partition,
        account,
        owner,
        ..
    } = layout.setting;
    format!(
        "arn:{partition}:logs:{}:{account}:log-group:{}",
        owner.region,
        group_name(layout)
    )
}

fn log_group(layout: &Layout<'_>, graph: &mut Graph, spec: &CloudwatchLogs) -> Handle {
    let key = if spec.own_kms_key {
        Some(key(layout, graph).attribute("Arn"))
    } else {
        spec.kms_key_arn.clone()
    };
    graph.add(
        address::FLOW_LOG_GROUP,
        match spec.retention_days {
            0 => "keeps the flow log for ever".to_owned(),
            1 => "keeps the flow log for a day".to_owned(),
            days => format!("keeps the flow log for {days} days"),
        },
        LogGroup {
            log_group_name: group_name(layout),
            retention_in_days: Some(spec.retention_days).filter(|days| *days > 0),
            kms_key_id: key,
            ..LogGroup::default()
        },
    )
}

/// A role that the flow logs of this account may take on, to write into this one log group.
/// <https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html>
fn role(layout: &Layout<'_>, graph: &mut Graph) -> Handle {
    let Setting {
        partition,
        account,
        owner,
        ..
    } = layout.setting;
    let trust = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "Service": "vpc-flow-logs.amazonaws.com" },
            "Action": "sts:AssumeRole",
            "Condition": {
                "StringEquals": { "aws:SourceAccount": account },
                "ArnLike": {
                    "aws:SourceArn": format!("arn:{partition}:ec2:{}:{account}:vpc-flow-log/*", owner.region)
                },
            },
        }],
    });
    let group = group_arn(layout);
    let write = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            "Resource": [group, format!("{group}:log-stream:*")],
        }],
    });
    graph.add(
        address::FLOW_LOG_ROLE,
        "lets the flow log write to its log group, and to nothing else",
        Role {
            // The longest network name and region make exactly the 64 characters that IAM allows.
            role_name: format!("{}-{}-flow-log", layout.spec.name, owner.region),
            assume_role_policy_document: trust,
            policies: vec![RolePolicy {
                policy_name: "write-flow-log".to_owned(),
                policy_document: write,
            }],
            ..Role::default()
        },
    )
}

fn key(layout: &Layout<'_>, graph: &mut Graph) -> Handle {
    let key = graph.add(
        address::FLOW_LOG_KEY,
        "encrypts the flow log",
        Key {
            description: Some(format!("Flow log of network {}", layout.spec.name)),
            enable_key_rotation: Some(true),
            // Asked for, so that a key that somebody switches off shows in a plan: without it no record is kept.
            enabled: Some(true),
            key_policy: Some(policy(layout)),
            ..Key::default()
        },
    );
    graph.add(
        address::FLOW_LOG_KEY_ALIAS,
        "names the key of the flow log",
        Alias {
            alias_name: format!("alias/platform/network/{}/flow-log", layout.spec.name),
            target_key_id: key.id(),
        },
    );
    key
}

/// The account's policies decide who manages the key; CloudWatch Logs may use it for this one log group.
fn policy(layout: &Layout<'_>) -> Value {
    let setting = layout.setting;
    let condition =
        json!({ "ArnEquals": { "kms:EncryptionContext:aws:logs:arn": group_arn(layout) } });
    json!({
        "Version": "2012-10-17",
        "Statement": [
            key_policy::account_decides(setting),
            key_policy::logs_encrypt(setting, &setting.owner.region, condition),
        ],
    })
}
