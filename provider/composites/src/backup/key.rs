//! The key that encrypts the vaults.
//!
//! IAM policies of the account decide who may use it: AWS Backup takes on a role there. Other accounts that give or take copies use it for
//! that. <https://docs.aws.amazon.com/aws-backup/latest/devguide/create-cross-account-backup.html>

use std::collections::BTreeSet;

use platform_graph::Graph;
use platform_kinds::kms::{Alias, Key};
use serde_json::{Value, json};

use super::KEY;
use super::frame::Frame;
use super::vaults::is_organization;
use crate::key_policy;

pub(super) fn add(frame: &Frame<'_>, graph: &mut Graph) {
    let (name, spec) = (&frame.spec.name, &frame.spec.encryption);
    let key = graph.add(
        KEY,
        "encrypts the vaults",
        Key {
            description: Some(format!("Backup vaults {name}")),
            // Asked for, so that a key that somebody switches off shows in a plan: without it nothing can be restored.
            enabled: Some(true),
            enable_key_rotation: Some(true),
            rotation_period_in_days: Some(spec.rotation_days),
            key_policy: Some(policy(frame)),
            multi_region: Some(spec.multi_region),
            pending_window_in_days: Some(spec.deletion_window_days),
            ..Key::default()
        },
    );
    let alias = format!("alias/platform/backup/{name}");
    graph.add(
        format!("{KEY}/alias"),
        format!("names the key: {alias}"),
        Alias {
            alias_name: alias,
            target_key_id: key.id(),
        },
    );
}

fn policy(frame: &Frame<'_>) -> Value {
    let mut statements = vec![key_policy::account_decides(frame.setting)];
    let givers = frame
        .spec
        .vaults
        .values()
        .flat_map(|vault| &vault.copies_from);
    let (organizations, accounts): (BTreeSet<&String>, BTreeSet<&String>) = givers
        .chain(&frame.spec.encryption.accounts)
        .partition(|id| is_organization(id));
    if !accounts.is_empty() {
        let roots: Vec<String> = accounts.iter().map(|id| frame.root(id)).collect();
        statements.extend(for_copies("Accounts", json!({ "AWS": roots }), json!({})));
    }
    if !organizations.is_empty() {
        let members = json!({ "StringEquals": { "aws:PrincipalOrgID": organizations } });
        statements.extend(for_copies("Organizations", json!("*"), members));
    }
    json!({ "Version": "2012-10-17", "Statement": statements })
}

/// What others may do with the key: encrypt and decrypt, and let services of AWS do so for them.
fn for_copies(who: &str, principal: Value, condition: Value) -> [Value; 2] {
    let mut granting = condition.clone();
    granting["Bool"] = json!({ "kms:GrantIsForAWSResource": "true" });
    let statement = |what: &str, actions: Value, condition: Value| {
        let mut statement = json!({
            "Sid": format!("{who}{what}"),
            "Effect": "Allow",
            "Principal": principal,
            "Action": actions,
            "Resource": "*",
        });
        if condition
            .as_object()
            .is_some_and(|condition| !condition.is_empty())
        {
            statement["Condition"] = condition;
        }
        statement
    };
    [
        statement(
            "Copy",
            json!([
                "kms:Decrypt",
                "kms:DescribeKey",
                "kms:Encrypt",
                "kms:GenerateDataKey*",
                "kms:ReEncrypt*"
            ]),
            condition,
        ),
        statement(
            "LetServicesCopy",
            json!(["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"]),
            granting,
        ),
    ]
}
