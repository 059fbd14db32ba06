//! The key that encrypts the secrets.
//!
//! IAM policies of the account decide who may use it. Readers that a secret names may decrypt with it, through Secrets Manager only.
//! <https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html>

use std::collections::BTreeSet;

use platform_graph::Graph;
use platform_kinds::kms::{Alias, Key};
use serde_json::{Value, json};

use super::KEY;
use super::spec::Secrets;
use super::store::principal;
use crate::{Setting, key_policy};

pub(super) fn add(spec: &Secrets, setting: &Setting, graph: &mut Graph) {
    let name = &spec.name;
    let key = graph.add(
        KEY,
        "encrypts the secrets",
        Key {
            description: Some(format!("Secrets {name}")),
            // Asked for, so that a key that somebody switches off shows in a plan: without it no secret can be read.
            enabled: Some(true),
            enable_key_rotation: Some(true),
            rotation_period_in_days: Some(spec.encryption.rotation_days),
            key_policy: Some(policy(spec, setting)),
            multi_region: Some(spec.encryption.multi_region),
            pending_window_in_days: Some(spec.encryption.deletion_window_days),
            ..Key::default()
        },
    );
    let alias = format!("alias/platform/secrets/{name}");
    graph.add(
        format!("{KEY}/alias"),
        format!("names the key: {alias}"),
        Alias {
            alias_name: alias,
            target_key_id: key.id(),
        },
    );
}

fn policy(spec: &Secrets, setting: &Setting) -> Value {
    let mut statements = vec![key_policy::account_decides(setting)];
    let readers: BTreeSet<String> = spec
        .secrets
        .values()
        .flat_map(|secret| &secret.readers)
        .map(|reader| principal(reader, setting))
        .collect();
    if !readers.is_empty() {
        let (region, suffix) = (&setting.owner.region, setting.dns_suffix());
        statements.push(json!({
            "Sid": "ReadersDecrypt",
            "Effect": "Allow",
            "Principal": { "AWS": readers },
            "Action": ["kms:Decrypt", "kms:DescribeKey"],
            "Resource": "*",
            "Condition": { "StringEquals": { "kms:ViaService": format!("secretsmanager.{region}.{suffix}") } },
        }));
    }
    json!({ "Version": "2012-10-17", "Statement": statements })
}
