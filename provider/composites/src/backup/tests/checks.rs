//! What is said about wrong configurations.

use serde_json::{Value, json};

use super::{Backup, setting, with};
use crate::testing::lines;
use crate::{CompositeDef, Expand, Ledger};
use platform_graph::Problems;

/// A plan with these rules and a selection that is in order.
fn rules(rules: Value) -> Value {
    json!({ "plans": { "stores": { "rules": rules, "selections": { "all": { "tags": { "backup": "daily" } } } } } })
}

fn vaults(vaults: Value, rules_of_plan: Value) -> Value {
    let mut fields = rules(rules_of_plan);
    fields["vaults"] = vaults;
    fields
}

fn selections(selections: Value) -> Value {
    json!({ "plans": { "stores": { "selections": selections } } })
}

#[test]
fn what_is_said_about_wrong_configurations() {
    let mut said = String::new();
    for (name, fields) in [
        (
            "names",
            json!({
                "vaults": { "Main": {}, "a--b": {}, "far-too-long-for-a-vault-name": {} },
                "plans": { "stores_": { "rules": { "Daily": { "vault": "Main" } }, "selections": { "all.": { "tags": { "a": "b" } } } } },
                "restore_testing": { "weekly!": {} },
                "reports": { "jobs_": { "template": "backup_jobs", "bucket": "s3://audit" } },
            }),
        ),
        (
            "tags",
            json!({ "tags": { "aws:team": "shop", "Platform:owner": "me" } }),
        ),
        (
            "locks",
            json!({ "vaults": {
                "a": { "lock": { "min_retention_days": 30, "max_retention_days": 7 } },
                "b": { "lock": { "mode": "compliance", "min_retention_days": 30 } },
                "c": { "lock": { "min_retention_days": 30, "changeable_for_days": 3 } },
                "d": { "lock": { "mode": "compliance", "min_retention_days": 30, "changeable_for_days": 2, "accept_irreversible": true } },
                "e": { "lock": { "mode": "forever", "min_retention_days": 30 } },
            } }),
        ),
        (
            "what a lock would refuse",
            vaults(
                json!({ "main": { "lock": { "min_retention_days": 30, "max_retention_days": 365 } } }),
                json!({
                    "short": { "delete_after_days": 7 },
                    "long": { "delete_after_days": 400 },
                    "ever": { "delete_after_days": 0 },
                    "continuous": { "continuous": true, "delete_after_days": 14 },
                    "fits": {},
                }),
            ),
        ),
        (
            "who may do what with a vault",
            json!({ "region": "us-east-1", "vaults": {
                "a": { "kms_key_arn": "alias/backup", "access_policy": "allow", "copies_from": ["123456789013"], "deletion_roles": ["admin"] },
                "b": { "kms_key_arn": "arn:aws:kms:eu-west-1:123456789012:key/k", "deny_delete": false, "deletion_roles": ["arn:aws:iam::123456789012:role/admin"] },
                "c": { "copies_from": ["shop"], "notifications": { "topic_arn": "backups", "events": [] } },
                "d": { "notifications": { "topic_arn": "arn:aws:sns:us-east-1:123456789012:backups", "events": ["backup_job_failed"] } },
            } }),
        ),
        (
            "which vault",
            vaults(
                json!({ "a": {}, "b": {} }),
                json!({ "unclear": {}, "unknown": { "vault": "c" } }),
            ),
        ),
        (
            "schedules",
            rules(json!({
                "word": { "schedule": "nightly" },
                "often": { "schedule": "cron(*/15 * ? * * *)" },
                "days": { "schedule": "cron(0 5 * * * *)", "timezone": "CET+1" },
                "windows": { "start_window_minutes": 30, "completion_window_minutes": 10 },
            })),
        ),
        (
            "retention",
            rules(json!({
                "cold": { "cold_after_days": 30 },
                "colder": { "cold_after_days": 30, "delete_after_days": 119 },
                "cold-enough": { "cold_after_days": 30, "delete_after_days": 120 },
                "continuous": { "continuous": true, "delete_after_days": 36, "cold_after_days": 1 },
                "for-ever": { "continuous": true, "delete_after_days": 0 },
                "archive": { "archive_snapshots": true },
                "never": { "delete_after_days": 40000 },
            })),
        ),
        (
            "copies",
            rules(json!({ "daily": { "copy_to": {
                "Bucket": { "vault_arn": "arn:aws:s3:::backups" },
                "cold": { "vault_arn": "arn:aws:backup:eu-west-1:123456789012:backup-vault:a", "cold_after_days": 7 },
                "ever": { "vault_arn": "arn:aws:backup:eu-west-1:123456789012:backup-vault:a", "delete_after_days": 0 },
                "nowhere": {},
            } } })),
        ),
        (
            "selections",
            selections(json!({
                "nothing": {},
                "composites": { "composites": ["shop", "network/main", "lake/deep", "data-tier/Shop"] },
                "a-name-of-24-characters1": { "composites": ["data-tier/a-name-of-24-characters1"] },
                "arns": { "resources": ["shop-carts", "arn:aws:s3:::shop"], "not_resources": ["*"] },
                "many": { "resources": (0..31).map(|n| format!("arn:aws:s3:::bucket-{n}-*")).collect::<Vec<_>>() },
            })),
        ),
        (
            "nothing selected",
            json!({ "plans": { "stores": {} }, "restore_testing": { "weekly": {} } }),
        ),
        (
            "restore tests",
            json!({ "restore_testing": { "weekly": {
                "schedule": "sometimes", "vaults": ["other"], "recovery_points": [],
                "selections": {
                    "both": { "resource_type": "rds", "composite": "data-tier/shop", "resources": ["arn:aws:rds:us-east-1:123456789012:db:shop"] },
                    "pattern": { "resource_type": "s3", "tags": { "tier": "gold*" } },
                    "type": { "resource_type": "redshift", "composite": "secrets/shop" },
                },
            } } }),
        ),
        (
            "audit",
            json!({
                "framework": { "controls": {
                    "BACKUP_RECOVERY_POINT_ENCRYPTED": { "parameters": { "algorithm": "AES" }, "tags": { "a": "b", "c": "d" } },
                    "BACKUP_EVERYTHING": {},
                    "BACKUP_RECOVERY_POINT_MINIMUM_RETENTION_CHECK": { "parameters": { "days": "35" }, "resource_id": "shop" },
                } },
                "reports": { "jobs": { "template": "backup_jobs", "bucket": "audit", "formats": [], "accounts": ["shop"], "organization_units": ["root"] } },
            }),
        ),
        (
            "a report without a framework",
            json!({ "reports": { "controls": { "template": "control_compliance", "bucket": "audit" } } }),
        ),
        (
            "others",
            json!({ "iam_role_arn": "backup", "alarms": { "topic_arn": "on-call" }, "encryption": { "accounts": ["shop"], "rotation_days": 7 } }),
        ),
    ] {
        let (_, problems) = CompositeDef::of::<Backup>().examine(with(fields));
        said.push_str(&format!("## {name}\n{}\n", lines(&problems)));
    }
    insta::assert_snapshot!(said);
}

fn spec(fields: Value) -> Box<dyn Expand> {
    CompositeDef::of::<Backup>().decode(with(fields)).unwrap()
}

#[test]
fn a_copy_does_not_go_where_the_backup_is() {
    let fields = rules(
        json!({ "daily": { "copy_to": { "here": { "vault_arn": "arn:aws:backup:us-east-1:123456789012:backup-vault:shop-main" } } } }),
    );
    let mut problems = Problems::new();
    spec(fields).expand(&setting(), &Ledger::default(), &mut problems);
    assert!(
        lines(&problems).contains("is in vault main already"),
        "{}",
        lines(&problems)
    );
}

#[test]
fn what_is_not_known_yet_is_not_judged() {
    let open = json!("${config:x}");
    let fields = json!({
        "iam_role_arn": open,
        "vaults": { "main": { "kms_key_arn": open, "access_policy": open, "notifications": { "topic_arn": open } } },
        "plans": { "stores": {
            "rules": { "daily": { "schedule": open, "timezone": open, "copy_to": { "recovery": { "vault_arn": open } } } },
            "selections": { "all": { "resources": [open] } },
        } },
        "reports": { "jobs": { "template": "backup_jobs", "bucket": open } },
    });
    let (spec, problems) = CompositeDef::of::<Backup>().examine(with(fields));
    assert_eq!(lines(&problems), "");
    assert!(!spec.unwrap().is_open());
    let by_name = selections(json!({ "all": { "composites": [open] } }));
    let (spec, _) = CompositeDef::of::<Backup>().examine(with(by_name));
    assert!(spec.unwrap().is_open());
}

/// What a preflight says with an answer to the question for the settings of the region.
fn foreseen(fields: Value, types: Value, creates: bool) -> String {
    let mut setting = setting();
    setting.answers.insert(
        "region-settings".to_owned(),
        json!({ "ResourceTypeOptInPreference": types }),
    );
    let spec = spec(fields);
    let mut problems = Problems::new();
    let expansion = spec
        .expand(&setting, &Ledger::default(), &mut problems)
        .unwrap();
    spec.preflight(&setting, &expansion, &|_| creates, &mut problems);
    lines(&problems)
}

#[test]
fn types_that_are_switched_off_are_named_where_a_selection_misses_them() {
    let types = json!({ "Aurora": false, "DynamoDB": false, "EBS": false, "RDS": true });
    let stores = selections(json!({ "stores": { "composites": ["data-tier/shop"] } }));
    let said = foreseen(stores.clone(), types.clone(), true);
    assert!(said.contains("leaves out Aurora, DynamoDB here"), "{said}");
    assert!(said.contains("Aurora=true,DynamoDB=true"), "{said}");
    assert_eq!(foreseen(stores.clone(), types.clone(), false), "");
    assert_eq!(foreseen(stores, json!({ "Aurora": true }), true), "");
    let tagged = selections(json!({ "tagged": { "tags": { "backup": "daily" } } }));
    assert!(
        foreseen(tagged, types.clone(), true).contains("leaves out Aurora, DynamoDB, EBS here")
    );
    let tables = selections(json!({ "tables": { "resources": ["arn:aws:dynamodb:*:*:table/*"] } }));
    assert_eq!(foreseen(tables, types.clone(), true), "");
    let clusters =
        selections(json!({ "clusters": { "resources": ["arn:aws:rds:*:*:cluster:*"] } }));
    assert!(foreseen(clusters, types, true).contains("leaves out Aurora here"));
}

#[test]
fn a_lock_that_can_not_be_undone_is_said_when_it_is_made() {
    let fields = json!({ "vaults": { "audit": { "lock": { "mode": "compliance", "min_retention_days": 30, "changeable_for_days": 3, "accept_irreversible": true } } } });
    assert!(foreseen(fields.clone(), json!({}), true).contains("locked for good in 3 days"));
    assert_eq!(foreseen(fields, json!({}), false), "");
}

#[test]
fn accounts_that_get_copies_and_lack_the_key_are_named() {
    let copy = json!({ "daily": { "copy_to": { "bunker": { "vault_arn": "arn:aws:backup:us-east-1:123456789014:backup-vault:b" } } } });
    let mut fields = rules(copy);
    assert!(
        foreseen(fields.clone(), json!({}), true)
            .contains("account 123456789014 may not use the key")
    );
    fields["encryption"] = json!({ "accounts": ["123456789014"] });
    assert_eq!(foreseen(fields, json!({}), true), "");
}
