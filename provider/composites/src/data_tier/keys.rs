//! The keys that encrypt the stores.
//!
//! Whoever may use a key through IAM policies of the account may use it: stores that encrypt on behalf of their callers need
//! nothing more. Services that encrypt on their own behalf are named.

use platform_graph::{Graph, Handle};
use platform_kinds::kms::{Alias, Key};
use serde_json::{Value, json};

use super::KEY;
use super::frame::{Frame, Store};

pub(super) fn add(frame: &Frame<'_>, graph: &mut Graph) {
    let name = &frame.spec.name;
    add_key(
        frame,
        graph,
        KEY,
        "encrypts the stores",
        format!("Stores of data tier {name}"),
        format!("alias/platform/data-tier/{name}"),
    );
}

/// ARN of the key of a store: its own, which is added, or that of the tier.
pub(super) fn of(store: &Store<'_>, graph: &mut Graph) -> String {
    let frame = &store.frame;
    if !frame.spec.encryption.key_per_store {
        return Handle::to(KEY).attribute("Arn");
    }
    let name = &frame.spec.name;
    add_key(
        frame,
        graph,
        &store.part("key"),
        &format!("encrypts {}, and nothing else", store.words()),
        format!("{} of data tier {name}", store.words()),
        format!("alias/platform/data-tier/{name}/{}", store.address()),
    )
    .attribute("Arn")
}

fn add_key(
    frame: &Frame<'_>,
    graph: &mut Graph,
    address: &str,
    why: &str,
    description: String,
    alias: String,
) -> Handle {
    let spec = &frame.spec.encryption;
    let key = graph.add(
        address,
        why,
        Key {
            description: Some(description),
            // Asked for, so that a key that somebody switches off shows in a plan: without it no store can be read.
            enabled: Some(true),
            enable_key_rotation: Some(true),
            rotation_period_in_days: Some(spec.rotation_days),
            key_policy: Some(policy(frame)),
            multi_region: spec.multi_region.then_some(true),
            pending_window_in_days: Some(spec.deletion_window_days),
            ..Key::default()
        },
    );
    graph.add(
        format!("{address}/alias"),
        format!("names the key: {alias}"),
        Alias {
            alias_name: alias,
            target_key_id: key.id(),
        },
    );
    key
}

/// The account's policies decide who uses and manages the key; CloudWatch Logs may use it for the log groups of the tier.
/// <https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html>
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html>
fn policy(frame: &Frame<'_>) -> Value {
    let setting = frame.setting;
    let (partition, account, region) =
        (&setting.partition, &setting.account, &setting.owner.region);
    let suffix = if partition == "aws-cn" {
        "amazonaws.com.cn"
    } else {
        "amazonaws.com"
    };
    json!({
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "AccountDecides",
                "Effect": "Allow",
                "Principal": { "AWS": format!("arn:{partition}:iam::{account}:root") },
                "Action": "kms:*",
                "Resource": "*",
            },
            {
                "Sid": "CloudWatchLogsEncrypts",
                "Effect": "Allow",
                "Principal": { "Service": format!("logs.{region}.{suffix}") },
                "Action": ["kms:Decrypt", "kms:Describe*", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
                "Resource": "*",
                "Condition": { "ArnLike": { "kms:EncryptionContext:aws:logs:arn": frame.arn("logs", "log-group:*") } },
            },
        ],
    })
}
