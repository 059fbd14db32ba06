//! `AWS::Backup::BackupPlan`: when recovery points are made, where they are kept and copied to, and for how long.
//!
//! Reads `GetBackupPlan` and `ListTags`, without an id `ListBackupPlans` and the tagging API; writes `CreateBackupPlan` and
//! `UpdateBackupPlan`, which takes the whole plan.
//!
//! # Flow
//! Names are not unique in AWS. Without an id it is the plan with this part's tags, where the tagging API shows it already, else
//! the one with this name: whose it is, its own tags say then. A plan that was made moments ago is not made twice: AWS answers to
//! the same `CreatorRequestId` with the plan that is there.
//!
//! # Caveats
//! - A deleted plan goes on being shown, with the date of its deletion.
//! - Windows that nobody asked for are AWS's affair.
//! - A plan with selections is not deleted.
//! - Recovery points keep the lifecycle that they were made with, whatever becomes of the rule.
//!
//! See <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_CreateBackupPlan.html>.

use std::collections::BTreeMap;

use platform_graph::{Attributes, Blocker, Call, Claim, Identity, Kind, Live, Seen, TagForm, Tags};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{UTC, call};
use crate::reply;

/// A plan. What it backs up is said by [selections](super::BackupSelection).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct BackupPlan {
    /// Name and rules.
    #[serde(default)]
    pub backup_plan: PlanDocument,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// Name and rules of a plan.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct PlanDocument {
    /// Options for types of resources.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advanced_backup_settings: Option<Vec<AdvancedBackupSetting>>,
    /// Name: 1 to 50 letters, digits, hyphens, underscores and periods. AWS lets two plans have one name.
    pub backup_plan_name: String,
    /// Rules, each with a name of its own.
    pub backup_plan_rule: Vec<BackupRule>,
    /// What is scanned for malware.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scan_settings: Option<Vec<ScanSetting>>,
}

/// Options for one type of resource.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct AdvancedBackupSetting {
    /// `{"WindowsVSS": "enabled"}` for `EC2`, `{"BackupACLs": "disabled", "BackupObjectTags": "disabled"}` for `S3`.
    pub backup_options: BTreeMap<String, String>,
    /// `EC2` or `S3`.
    pub resource_type: String,
}

/// One schedule: when, where to, for how long.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct BackupRule {
    /// Minutes after its start in which a job must be done or is given up; AWS's affair without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completion_window_minutes: Option<u64>,
    /// Copies in other vaults, of this or another Region or account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copy_actions: Option<Vec<CopyAction>>,
    /// Whether changes are backed up all the time, so that any second of the last 35 days can be restored; AWS's default is `false`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_continuous_backup: Option<bool>,
    /// Which recovery points are indexed, so that files in them can be searched: at most one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index_actions: Option<Vec<IndexAction>>,
    /// When recovery points go to cold storage and end; kept for ever without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifecycle: Option<Lifecycle>,
    /// Tags of the recovery points, besides those of what is backed up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recovery_point_tags: Option<BTreeMap<String, String>>,
    /// Name, unique in the plan: 1 to 50 letters, digits, hyphens, underscores and periods.
    pub rule_name: String,
    /// Scans for malware.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scan_actions: Option<Vec<ScanAction>>,
    /// `cron(0 5 ? * * *)`, AWS's default, or a `rate(…)`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule_expression: Option<String>,
    /// Time zone of the schedule, `Europe/Berlin`; AWS's default is `Etc/UTC`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule_expression_timezone: Option<String>,
    /// Minutes after its time in which a job must start or is given up, at least 60; AWS's affair without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_window_minutes: Option<u64>,
    /// Name of the vault.
    pub target_backup_vault: String,
    /// ARN of a logically air-gapped vault that gets the recovery points of the types that can be kept there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_logically_air_gapped_backup_vault_arn: Option<String>,
}

/// A copy of every recovery point of a rule in another vault.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct CopyAction {
    /// ARN of the other vault.
    pub destination_backup_vault_arn: String,
    /// When copies go to cold storage and end; kept for ever without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifecycle: Option<Lifecycle>,
}

/// When recovery points go to cold storage and end. What went to cold storage stays there for 90 days at least.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Lifecycle {
    /// Days after their making in which they are deleted: 90 more than those to cold storage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delete_after_days: Option<u32>,
    /// Days after their making in which they go to cold storage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub move_to_cold_storage_after_days: Option<u32>,
    /// Whether EBS snapshots go to their archive tier; AWS's default is `false`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opt_in_to_archive_for_supported_resources: Option<bool>,
}

/// Which recovery points are indexed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct IndexAction {
    /// `EBS` or `S3`: one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_types: Option<Vec<String>>,
}

/// A scan for malware of every recovery point of a rule.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ScanAction {
    /// `GUARDDUTY`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub malware_scanner: Option<String>,
    /// `FULL_SCAN` or `INCREMENTAL_SCAN`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scan_mode: Option<String>,
}

/// What is scanned for malware, and as whom.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ScanSetting {
    /// `GUARDDUTY`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub malware_scanner: Option<String>,
    /// `EBS`, `EC2`, `S3`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_types: Option<Vec<String>>,
    /// ARN of the role that the scanner takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scanner_role_arn: Option<String>,
}

const ARN: &str = "BackupPlanArn";
/// When AWS backs up where a rule does not say.
const DAILY: &str = "cron(0 5 ? * * *)";

impl Lifecycle {
    fn of(item: &Value, asked: Option<&Lifecycle>) -> Option<Lifecycle> {
        let item = &item["Lifecycle"];
        let live = Lifecycle {
            delete_after_days: reply::number(item, "DeleteAfterDays"),
            move_to_cold_storage_after_days: reply::number(item, "MoveToColdStorageAfterDays"),
            opt_in_to_archive_for_supported_resources: reply::unless_default(
                item["OptInToArchiveForSupportedResources"].as_bool(),
                false,
                asked.and_then(|asked| asked.opt_in_to_archive_for_supported_resources.as_ref()),
            ),
        };
        reply::unless_default(Some(live), Lifecycle::default(), asked)
    }
}

impl CopyAction {
    fn of(item: &Value, asked: Option<&BackupRule>) -> Option<CopyAction> {
        let to = reply::text(item, "DestinationBackupVaultArn")?;
        let asked = asked
            .and_then(|rule| rule.copy_actions.as_ref())
            .and_then(|copies| {
                let mut copies = copies.iter();
                copies.find(|copy| copy.destination_backup_vault_arn == to)
            });
        Some(CopyAction {
            lifecycle: Lifecycle::of(item, asked.and_then(|copy| copy.lifecycle.as_ref())),
            destination_backup_vault_arn: to,
        })
    }
}

impl BackupRule {
    fn input(&self) -> Value {
        let mut rule = json!(self);
        if let Some(fields) = rule.as_object_mut() {
            fields.remove("TargetBackupVault");
        }
        rule["TargetBackupVaultName"] = json!(self.target_backup_vault);
        rule
    }

    fn of(item: &Value, plan: &PlanDocument) -> Option<BackupRule> {
        let rule_name = reply::text(item, "RuleName")?;
        let asked = plan
            .backup_plan_rule
            .iter()
            .find(|rule| rule.rule_name == rule_name);
        let window =
            |member: &str, asked: Option<u64>| item[member].as_u64().filter(|_| asked.is_some());
        let or_default = |member: &str, default: &str, asked: Option<&String>| {
            reply::unless_default(reply::text(item, member), default.to_owned(), asked)
        };
        let tags = super::map(item.get("RecoveryPointTags"));
        Some(BackupRule {
            completion_window_minutes: window(
                "CompletionWindowMinutes",
                asked.and_then(|asked| asked.completion_window_minutes),
            ),
            copy_actions: super::list(
                item,
                "CopyActions",
                asked.is_some_and(|asked| asked.copy_actions.is_some()),
                |copy| CopyAction::of(copy, asked),
            ),
            enable_continuous_backup: reply::unless_default(
                item["EnableContinuousBackup"].as_bool(),
                false,
                asked.and_then(|asked| asked.enable_continuous_backup.as_ref()),
            ),
            index_actions: super::list(
                item,
                "IndexActions",
                asked.is_some_and(|asked| asked.index_actions.is_some()),
                |index| {
                    Some(IndexAction {
                        resource_types: super::texts(index, "ResourceTypes", false),
                    })
                },
            ),
            lifecycle: Lifecycle::of(item, asked.and_then(|asked| asked.lifecycle.as_ref())),
            recovery_point_tags: reply::unless_default(
                Some(tags),
                BTreeMap::new(),
                asked.and_then(|asked| asked.recovery_point_tags.as_ref()),
            ),
            scan_actions: super::list(
                item,
                "ScanActions",
                asked.is_some_and(|asked| asked.scan_actions.is_some()),
                |scan| {
                    Some(ScanAction {
                        malware_scanner: reply::text(scan, "MalwareScanner"),
                        scan_mode: reply::text(scan, "ScanMode"),
                    })
                },
            ),
            schedule_expression: or_default(
                "ScheduleExpression",
                DAILY,
                asked.and_then(|asked| asked.schedule_expression.as_ref()),
            ),
            schedule_expression_timezone: or_default(
                "ScheduleExpressionTimezone",
                UTC,
                asked.and_then(|asked| asked.schedule_expression_timezone.as_ref()),
            ),
            start_window_minutes: window(
                "StartWindowMinutes",
                asked.and_then(|asked| asked.start_window_minutes),
            ),
            target_backup_vault: reply::text(item, "TargetBackupVaultName").unwrap_or_default(),
            target_logically_air_gapped_backup_vault_arn: reply::text(
                item,
                "TargetLogicallyAirGappedBackupVaultArn",
            ),
            rule_name,
        })
    }
}

impl PlanDocument {
    fn input(&self) -> Value {
        let rules: Vec<Value> = self
            .backup_plan_rule
            .iter()
            .map(BackupRule::input)
            .collect();
        let mut plan = json!({ "BackupPlanName": self.backup_plan_name, "Rules": rules });
        if let Some(settings) = &self.advanced_backup_settings {
            plan["AdvancedBackupSettings"] = json!(settings);
        }
        if let Some(settings) = &self.scan_settings {
            plan["ScanSettings"] = json!(settings);
        }
        plan
    }

    fn seen(&self, item: &Value) -> PlanDocument {
        let mut rules: Vec<BackupRule> = reply::items(item, "Rules")
            .iter()
            .filter_map(|rule| BackupRule::of(rule, self))
            .collect();
        // In the order in which they are asked for, so that a difference is told of the rule that has it.
        rules.sort_by_key(|rule| {
            let mut asked = self.backup_plan_rule.iter();
            let at = asked.position(|asked| asked.rule_name == rule.rule_name);
            at.unwrap_or(usize::MAX)
        });
        PlanDocument {
            advanced_backup_settings: super::list(
                item,
                "AdvancedBackupSettings",
                self.advanced_backup_settings.is_some(),
                |setting| {
                    Some(AdvancedBackupSetting {
                        backup_options: super::map(setting.get("BackupOptions")),
                        resource_type: reply::text(setting, "ResourceType")?,
                    })
                },
            ),
            backup_plan_name: reply::text(item, "BackupPlanName").unwrap_or_default(),
            backup_plan_rule: rules,
            scan_settings: super::list(
                item,
                "ScanSettings",
                self.scan_settings.is_some(),
                |setting| {
                    Some(ScanSetting {
                        malware_scanner: reply::text(setting, "MalwareScanner"),
                        resource_types: super::texts(setting, "ResourceTypes", false),
                        scanner_role_arn: reply::text(setting, "ScannerRoleArn"),
                    })
                },
            ),
        }
    }
}

impl BackupPlan {
    /// The plans that may be this one, by tags where the tagging API shows any, else by name.
    fn candidates<'a>(&self, me: &Identity, replies: &'a [Value]) -> Vec<&'a Value> {
        let active: Vec<&Value> = replies
            .iter()
            .flat_map(|reply| reply::items(reply, "BackupPlansList"))
            .filter(|item| item["DeletionDate"].is_null())
            .collect();
        let tagged: Vec<String> =
            super::tagged(replies.get(1..).unwrap_or_default(), "backup-plan")
                .into_iter()
                .filter(|(_, _, tags)| me.owns(tags))
                .map(|(arn, _, _)| arn)
                .collect();
        let those = |wanted: &dyn Fn(&Value) -> bool| -> Vec<&'a Value> {
            active.iter().copied().filter(|item| wanted(item)).collect()
        };
        let owned = those(&|item| tagged.iter().any(|arn| item[ARN] == **arn));
        if owned.is_empty() {
            those(&|item| item["BackupPlanName"] == *self.backup_plan.backup_plan_name)
        } else {
            owned
        }
    }
}

impl Kind for BackupPlan {
    const TYPE: &'static str = "AWS::Backup::BackupPlan";
    const ATTRIBUTES: &'static [&'static str] = &[ARN, "BackupPlanId", "CreationDate", "VersionId"];
    const LASTING: &'static [&'static str] = &[ARN, "BackupPlanId", "CreationDate"];
    const VOLATILE: &'static [&'static str] = &["VersionId"];
    const DETAILS_NEED: &'static [&'static str] = &[ARN];
    const BORN: &'static str = "CreationDate";
    const TAGGED: bool = true;
    const TAG_FORM: TagForm = TagForm::Map("BackupPlanTags");

    fn find(&self, me: &Identity) -> Vec<Call> {
        match &me.id {
            Some(id) => vec![call("GetBackupPlan").with("BackupPlanId", id)],
            None => {
                let mut calls = vec![call("ListBackupPlans")];
                calls.extend(super::census(&[]));
                calls
            }
        }
    }

    fn details_again(&self, me: &Identity, id: &str, known: &Attributes) -> Vec<Call> {
        // With an id it was found by this call.
        let whole = me
            .id
            .is_none()
            .then(|| call("GetBackupPlan").with("BackupPlanId", id));
        whole
            .into_iter()
            .chain([super::list_tags(ARN, known)])
            .collect()
    }

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
        let shown = reply::having(replies, "BackupPlan");
        let item = match &me.id {
            Some(_) => shown,
            None => match self.candidates(me, replies)[..] {
                [] => None,
                [one] => shown.or(Some(one)),
                ref several => {
                    let ids = several
                        .iter()
                        .filter_map(|item| reply::text(item, "BackupPlanId"));
                    return Seen::Many(ids.collect());
                }
            },
        };
        let found = item
            .filter(|item| item["DeletionDate"].is_null())
            .and_then(|item| Some((item, reply::text(item, "BackupPlanId")?)));
        let Some((item, id)) = found else {
            return Seen::Absent;
        };
        Seen::Live(Live {
            id,
            properties: BackupPlan {
                backup_plan: self.backup_plan.seen(&item["BackupPlan"]),
                tags: super::tags(replies),
            },
            attributes: super::attributes(item, Self::ATTRIBUTES),
        })
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        vec![
            call("CreateBackupPlan")
                .with("BackupPlan", self.backup_plan.input())
                .with("BackupPlanTags", super::given(&self.tags))
                .idempotent("CreatorRequestId"),
        ]
    }

    fn created(&self, _me: &Identity, reply: &Value) -> Option<String> {
        reply::text(reply, "BackupPlanId")
    }

    fn update(&self, _me: &Identity, live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        if changed.is_empty() {
            return Vec::new();
        }
        vec![
            call("UpdateBackupPlan")
                .with("BackupPlanId", &live.id)
                .with("BackupPlan", self.backup_plan.input()),
        ]
    }

    fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
        super::retag(&live.attributes, ARN, set, remove)
    }

    fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        vec![call("DeleteBackupPlan").with("BackupPlanId", id)]
    }

    fn census(replies: &[Value]) -> Vec<Call> {
        super::census(replies)
    }

    fn counted(replies: &[Value]) -> Vec<Claim> {
        super::counted_by_name(replies, "backup-plan")
    }

    fn blockers(&self, _me: &Identity, id: &str, replies: &[Value]) -> Vec<Call> {
        if !replies.is_empty() {
            return Vec::new();
        }
        vec![call("ListBackupSelections").with("BackupPlanId", id)]
    }

    fn blocking(&self, _me: &Identity, id: &str, replies: &[Value]) -> Vec<Blocker> {
        super::backup_selection::listed(replies, id)
            .map(|(id, item)| Blocker {
                id,
                what: format!(
                    "selection {}",
                    reply::text(item, "SelectionName").unwrap_or_default()
                ),
                tags: Tags::new(),
                remove: Vec::new(),
                lingers_seconds: 0,
                holds_data: false,
            })
            .collect()
    }

    fn same(_property: &str, live: &Value, desired: &Value) -> bool {
        super::same(live, desired)
    }
}

#[cfg(test)]
mod tests {
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
        let document =
            json!({ "BackupPlanName": "shop", "Rules": [bare("c"), bare("a"), bare("b")] });
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
}
