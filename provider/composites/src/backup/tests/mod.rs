//! Tests of backups: from a configuration, as it comes from Terraform, to parts.

mod checks;

use std::collections::BTreeMap;

use platform_graph::{Problems, Tags};
use serde_json::{Value, json};

use super::Backup;
use crate::testing::{addresses, explain, faults, lines};
use crate::{CompositeDef, Expand, Expansion, Ledger, Setting};

fn setting() -> Setting {
    Setting {
        owner: "platform_backup/us-east-1/shop".parse().unwrap(),
        account: "123456789012".to_owned(),
        partition: "aws".to_owned(),
        tags: Tags::from([("team".to_owned(), "shop".to_owned())]),
        answers: BTreeMap::new(),
    }
}

fn with(fields: Value) -> Value {
    let mut configuration = json!({ "name": "shop" });
    for (name, value) in fields.as_object().unwrap() {
        configuration[name] = value.clone();
    }
    configuration
}

fn expand_in(setting: &Setting, fields: Value) -> Expansion {
    let spec: Box<dyn Expand> = CompositeDef::of::<Backup>().decode(with(fields)).unwrap();
    let mut problems = Problems::new();
    spec.check(&mut problems);
    let expansion = spec.expand(setting, &Ledger::default(), &mut problems);
    assert!(!problems.has_errors(), "{}", lines(&problems));
    let expansion = expansion.unwrap();
    assert_eq!(faults(&expansion), Vec::<String>::new());
    expansion
}

fn expand(fields: Value) -> Expansion {
    expand_in(&setting(), fields)
}

/// Backups with every argument.
fn everything() -> Value {
    json!({
        "vaults": {
            "main": {
                "lock": { "min_retention_days": 7, "max_retention_days": 3650 },
                "deletion_roles": ["arn:aws:iam::123456789012:role/break-glass", "arn:aws:iam::123456789012:role/terraform"],
                "notifications": { "topic_arn": "arn:aws:sns:us-east-1:123456789012:backups" },
            },
            "audit": {
                "lock": { "mode": "compliance", "min_retention_days": 365, "changeable_for_days": 30, "accept_irreversible": true },
                "copies_from": ["123456789013", "o-a1b2c3d4e5"],
            },
            "scratch": {
                "kms_key_arn": "arn:aws:kms:us-east-1:123456789012:key/k",
                "deny_delete": false,
            },
            "shared": { "access_policy": "{\"Version\":\"2012-10-17\",\"Statement\":[]}" },
        },
        "plans": {
            "stores": {
                "rules": {
                    "daily": {
                        "copy_to": {
                            "recovery": { "vault_arn": "arn:aws:backup:eu-west-1:123456789012:backup-vault:shop-main" },
                            "bunker": { "vault_arn": "arn:aws:backup:eu-west-1:123456789014:backup-vault:bunker", "cold_after_days": 30, "delete_after_days": 400 },
                        },
                    },
                    "hours": { "schedule": "hourly", "continuous": true, "delete_after_days": 14, "start_window_minutes": 60, "completion_window_minutes": 240 },
                    "yearly": {
                        "vault": "audit", "schedule": "cron(30 2 1 JAN ? *)", "timezone": "Europe/Berlin", "cold_after_days": 30, "delete_after_days": 0,
                        "archive_snapshots": true, "recovery_point_tags": { "kept-for": "audit" },
                    },
                },
                "selections": {
                    "stores": { "composites": ["data-tier/shop", "data-tier/users"], "tags": { "backup": "daily", "tier": "gold*" } },
                    "tables": { "resources": ["arn:aws:dynamodb:*:*:table/*"], "not_resources": ["arn:aws:dynamodb:*:*:table/scratch-*"] },
                    "tagged": { "tags": { "backup": "daily" } },
                },
                "windows_vss": true,
                "s3_acls": false,
            },
        },
        "restore_testing": {
            "weekly": {
                "vaults": ["main"],
                "selections": {
                    "databases": { "resource_type": "rds", "composite": "data-tier/shop", "overrides": { "dbInstanceClass": "db.t4g.medium" }, "validation_hours": 2 },
                    "one-table": { "resource_type": "dynamodb", "resources": ["arn:aws:dynamodb:us-east-1:123456789012:table/shop-carts"] },
                },
            },
            "random": { "schedule": "monthly", "pick": "random", "recovery_points": ["snapshot"], "within_days": 90, "start_window_hours": 8,
                "selections": { "buckets": { "resource_type": "s3" } } },
        },
        "framework": { "description": "What the auditor asks for" },
        "reports": {
            "jobs": { "template": "backup_jobs", "bucket": "shop-audit", "prefix": "backup", "formats": ["csv", "json"], "accounts": ["123456789012"],
                "organization_units": ["ou-ab12-cdef3456"], "regions": ["us-east-1", "eu-west-1"] },
            "controls": { "template": "control_compliance", "bucket": "shop-audit" },
        },
        "encryption": { "accounts": ["123456789014"], "rotation_days": 180 },
        "alarms": { "topic_arn": "arn:aws:sns:us-east-1:123456789012:on-call" },
    })
}

#[test]
fn backups_in_parts() {
    let expansion = expand(everything());
    insta::assert_json_snapshot!(
        json!({ "parts": expansion.graph.parts, "outputs": expansion.outputs })
    );
}

#[test]
fn backups_explained() {
    insta::assert_snapshot!(explain(&expand(everything()).graph));
}

#[test]
fn a_vault_that_only_takes_copies_needs_no_role() {
    let expansion = expand(json!({}));
    assert_eq!(
        addresses(&expansion).into_iter().collect::<Vec<_>>(),
        ["key", "key/alias", "vault/main"]
    );
    assert_eq!(expansion.outputs["role_arn"], Value::Null);
}

#[test]
fn a_plan_of_defaults_backs_up_every_day_for_35_days() {
    let expansion = expand(
        json!({ "plans": { "stores": { "selections": { "shop": { "composites": ["data-tier/shop"] } } } } }),
    );
    let plan = &expansion.graph.parts["plan/stores"].properties["BackupPlan"];
    let rule = &plan["BackupPlanRule"][0];
    assert_eq!(rule["ScheduleExpression"], "cron(0 5 ? * * *)");
    assert_eq!(rule["Lifecycle"], json!({ "DeleteAfterDays": 35 }));
    assert!(addresses(&expansion).contains("plan/stores/selection/shop/data-tier/shop"));
}

#[test]
fn an_own_role_takes_the_place_of_the_one_that_is_made() {
    let mut own = everything();
    own["iam_role_arn"] = json!("arn:aws:iam::123456789012:role/backup");
    let expansion = expand(own);
    assert!(!addresses(&expansion).contains("role"));
    let selection = &expansion.graph.parts["plan/stores/selection/tagged"].properties;
    assert_eq!(
        selection["BackupSelection"]["IamRoleArn"],
        "arn:aws:iam::123456789012:role/backup"
    );
}

#[test]
fn force_destroy_lifts_what_denies_to_delete() {
    let mut forced = everything();
    forced["force_destroy"] = json!(true);
    let expansion = expand(forced);
    let vault = &expansion.graph.parts["vault/main"].properties;
    assert_eq!(vault.get("AccessPolicy"), None);
    assert_eq!(vault["ForceDestroy"], true);
}

#[test]
fn arns_are_of_the_partition() {
    let mut china = setting();
    china.partition = "aws-cn".to_owned();
    china.owner.region = "cn-north-1".to_owned();
    let expansion = expand_in(&china, everything());
    let role = &expansion.graph.parts["role"].properties;
    for arn in role["ManagedPolicyArns"].as_array().unwrap() {
        assert!(
            arn.as_str()
                .unwrap()
                .starts_with("arn:aws-cn:iam::aws:policy/"),
            "{arn}"
        );
    }
    let key = expansion.graph.parts["key"].properties["KeyPolicy"].to_string();
    assert!(!key.contains("arn:aws:"), "{key}");
}

#[test]
fn removing_a_plan_or_a_selection_touches_no_other() {
    let all = expand(everything());
    let mut fewer = everything();
    let plan = &mut fewer["plans"]["stores"];
    plan["selections"].as_object_mut().unwrap().remove("tables");
    plan["selections"]["stores"]["composites"] = json!(["data-tier/users"]);
    fewer["restore_testing"]
        .as_object_mut()
        .unwrap()
        .remove("random");
    fewer["reports"].as_object_mut().unwrap().remove("jobs");
    let fewer = expand(fewer);
    assert!(fewer.graph.parts.len() + 5 == all.graph.parts.len());
    for (address, part) in &fewer.graph.parts {
        assert_eq!(all.graph.parts.get(address), Some(part), "{address}");
    }
}
