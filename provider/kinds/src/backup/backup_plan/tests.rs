use super::rule::DAILY;
use super::*;
use crate::testing::me;

fn rule(name: &str) -> BackupRule {
    BackupRule {
        rule_name: name.into(),
        target_backup_vault: "shop".into(),
        ..BackupRule::default()
    }
}

fn plan(rules: Vec<BackupRule>) -> BackupPlan {
    BackupPlan {
        backup_plan: PlanDocument {
            backup_plan_name: "shop".into(),
            backup_plan_rule: rules,
            ..PlanDocument::default()
        },
        tags: Tags::new(),
    }
}

fn shown(document: &Value) -> Value {
    json!({ "BackupPlan": document, "BackupPlanId": "p-1", "BackupPlanArn": "arn:p-1", "VersionId": "v-1",
        "CreationDate": "2026-01-02T03:04:05Z" })
}

fn live(asked: &BackupPlan, replies: &[Value]) -> BackupPlan {
    match asked.read(&me(Some("p-1")), replies) {
        Seen::Live(live) => live.properties,
        seen => panic!("{seen:?}"),
    }
}

/// As AWS shows a rule of which only name and vault were asked for.
fn bare(name: &str) -> Value {
    json!({ "RuleName": name, "RuleId": "r-1", "TargetBackupVaultName": "shop", "ScheduleExpression": DAILY,
        "ScheduleExpressionTimezone": "Etc/UTC", "StartWindowMinutes": 480, "CompletionWindowMinutes": 10080,
        "EnableContinuousBackup": false, "CopyActions": [], "RecoveryPointTags": {}, "Lifecycle": {
            "OptInToArchiveForSupportedResources": false } })
}

#[test]
fn what_nobody_asked_for_is_not_shown_as_long_as_it_is_aws_default() {
    let asked = plan(vec![rule("daily")]);
    let mut shown_rule = bare("daily");
    let read = |rule: &Value| {
        let document = json!({ "BackupPlanName": "shop", "Rules": [rule] });
        live(&asked, &[shown(&document)])
    };
    assert_eq!(read(&shown_rule), asked);
    shown_rule["EnableContinuousBackup"] = json!(true);
    shown_rule["ScheduleExpression"] = json!("cron(0 1 ? * * *)");
    shown_rule["Lifecycle"]["DeleteAfterDays"] = json!(7);
    let rule = read(&shown_rule).backup_plan.backup_plan_rule.remove(0);
    assert_eq!(rule.enable_continuous_backup, Some(true));
    assert_eq!(
        rule.schedule_expression.as_deref(),
        Some("cron(0 1 ? * * *)")
    );
    assert_eq!(rule.lifecycle.unwrap().delete_after_days, Some(7));
    assert_eq!(rule.start_window_minutes, None);
}

#[test]
fn what_is_asked_for_reads_back() {
    let lifecycle = Lifecycle {
        delete_after_days: Some(120),
        move_to_cold_storage_after_days: Some(30),
        opt_in_to_archive_for_supported_resources: Some(false),
    };
    let mut full = rule("monthly");
    full.completion_window_minutes = Some(720);
    full.start_window_minutes = Some(60);
    full.copy_actions = Some(vec![CopyAction {
        destination_backup_vault_arn: "arn:other".into(),
        lifecycle: Some(lifecycle.clone()),
    }]);
    full.enable_continuous_backup = Some(false);
    full.index_actions = Some(vec![IndexAction {
        resource_types: Some(vec!["S3".into()]),
    }]);
    full.lifecycle = Some(lifecycle);
    full.recovery_point_tags = Some(BTreeMap::from([("team".into(), "core".into())]));
    full.schedule_expression = Some("cron(0 3 1 * ? *)".into());
    full.schedule_expression_timezone = Some("Europe/Berlin".into());
    let asked = plan(vec![rule("daily"), full]);
    let call = &asked.create(&me(None))[0];
    let mut document = call.params["BackupPlan"].clone();
    for rule in document["Rules"].as_array_mut().unwrap() {
        assert_eq!(rule["TargetBackupVaultName"], "shop");
        assert!(rule.get("TargetBackupVault").is_none());
        rule["RuleId"] = json!("r");
    }
    assert_eq!(live(&asked, &[shown(&document)]), asked);
}

#[test]
fn rules_have_no_order() {
    let one = json!(plan(vec![rule("a"), rule("b")]).backup_plan);
    let other = json!(plan(vec![rule("b"), rule("a")]).backup_plan);
    assert!(BackupPlan::same("BackupPlan", &one, &other));
    let asked = plan(vec![rule("b"), rule("a")]);
    let document = json!({ "BackupPlanName": "shop", "Rules": [bare("c"), bare("a"), bare("b")] });
    let names: Vec<String> = live(&asked, &[shown(&document)])
        .backup_plan
        .backup_plan_rule
        .into_iter()
        .map(|rule| rule.rule_name)
        .collect();
    assert_eq!(names, ["b", "a", "c"]);
    let third = json!(plan(vec![rule("b"), rule("c")]).backup_plan);
    assert!(!BackupPlan::same("BackupPlan", &one, &third));
}

#[test]
fn a_deleted_plan_is_absent() {
    let mut reply = shown(&json!({ "BackupPlanName": "shop", "Rules": [] }));
    let any = BackupPlan::default();
    let seen = |reply: Value| any.read(&me(Some("p-1")), &[reply]);
    assert!(matches!(seen(reply.clone()), Seen::Live(_)));
    reply["DeletionDate"] = json!("2026-01-03T03:04:05Z");
    assert_eq!(seen(reply), Seen::Absent);
    assert_eq!(seen(Value::Null), Seen::Absent);
}

#[test]
fn a_plan_is_found_by_its_tags_else_by_its_name() {
    let item = |id: &str, name: &str| json!({ "BackupPlanId": id, "BackupPlanName": name, "BackupPlanArn": arn(id) });
    fn arn(id: &str) -> String {
        format!("arn:aws:backup:us-east-1:123456789012:backup-plan:{id}")
    }
    let tagged = |ids: &[&str]| {
        let mapping = |id: &&str| {
            json!({ "ResourceARN": arn(id), "Tags": [
                { "Key": "platform:owner", "Value": "platform_network/us-east-1/main" },
                { "Key": "platform:address", "Value": "part" }] })
        };
        json!({ "ResourceTagMappingList": ids.iter().map(mapping).collect::<Vec<_>>() })
    };
    let gone = json!({ "BackupPlanId": "p-0", "BackupPlanName": "shop", "DeletionDate": "2026-01-01T00:00:00Z" });
    let asked = plan(Vec::new());
    let read = |plans: &[Value], ours: &[&str]| {
        let replies = [json!({ "BackupPlansList": plans }), tagged(ours)];
        match asked.read(&me(None), &replies) {
            Seen::Many(ids) => format!("many: {}", ids.join(" ")),
            seen => seen.id().unwrap_or("absent").to_owned(),
        }
    };
    let (one, two, renamed) = (item("p-1", "shop"), item("p-2", "shop"), item("p-3", "old"));
    assert_eq!(read(std::slice::from_ref(&gone), &["p-0"]), "absent");
    assert_eq!(read(&[gone, one.clone()], &[]), "p-1");
    assert_eq!(read(&[one.clone(), two.clone()], &["p-2"]), "p-2");
    assert_eq!(read(&[one.clone(), renamed], &["p-3"]), "p-3");
    assert_eq!(read(&[one, two], &[]), "many: p-1 p-2");
}

#[test]
fn a_plan_found_by_name_shows_what_further_calls_tell() {
    let asked = plan(vec![rule("daily")]);
    let replies = [
        json!({ "BackupPlansList": [{ "BackupPlanId": "p-1", "BackupPlanName": "shop", "BackupPlanArn": "arn:p-1" }] }),
        json!({ "ResourceTagMappingList": [] }),
        shown(&json!({ "BackupPlanName": "shop", "Rules": [bare("daily")] })),
        json!({ "Tags": { "team": "core" } }),
    ];
    let known = match asked.read(&me(None), &replies[..2]) {
        Seen::Live(live) => live.attributes,
        seen => panic!("{seen:?}"),
    };
    let details = asked.details_again(&me(None), "p-1", &known);
    assert_eq!(details.len(), 2);
    assert_eq!(details[1].params["ResourceArn"], "arn:p-1");
    let Seen::Live(live) = asked.read(&me(None), &replies) else {
        panic!("not live")
    };
    assert_eq!(live.properties.backup_plan, asked.backup_plan);
    assert_eq!(live.properties.tags["team"], "core");
    assert_eq!(
        asked.details_again(&me(Some("p-1")), "p-1", &known).len(),
        1
    );
}
