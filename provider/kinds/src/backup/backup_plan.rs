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

mod rule;

use std::collections::BTreeMap;

use platform_graph::{Attributes, Blocker, Call, Claim, Identity, Kind, Live, Seen, TagForm, Tags};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::call;
use crate::reply;
pub use rule::{BackupRule, CopyAction, IndexAction, Lifecycle, ScanAction};

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
mod tests;
