//! `AWS::Backup::BackupSelection`: what a plan backs up.
//!
//! Reads `ListBackupSelections` of the plan, which answers for all of its selections, and `GetBackupSelection`; writes
//! `CreateBackupSelection`.
//!
//! # Assumptions
//! A selection has no tags: one of its name in its plan is the part.
//!
//! # Caveats
//! - Nothing of it can change: another selection takes its place, and for a moment nothing is selected. Jobs that run go on.
//! - AWS takes on the role before it accepts a selection: a role made moments ago is refused for some seconds, with "cannot be
//!   assumed by AWS Backup" or "is not authorized to call tag:GetResources".
//!
//! See <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_CreateBackupSelection.html>.

use platform_graph::{Attributes, Call, Identity, Kind, Live, Seen};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::call;
use crate::reply;

/// What a plan backs up. Nothing of it can change.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct BackupSelection {
    /// Id of the plan; can't change.
    #[serde(default)]
    pub backup_plan_id: String,
    /// What is backed up, and as whom; can't change.
    #[serde(default)]
    pub backup_selection: SelectionDocument,
}

/// What is backed up: what is named or has one of the tags, and meets all conditions.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct SelectionDocument {
    /// Conditions, all of which must hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conditions: Option<Conditions>,
    /// ARN of the role that backs up.
    pub iam_role_arn: String,
    /// Tags, one of which is enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub list_of_tags: Option<Vec<Condition>>,
    /// ARNs, possibly with `*`, of what is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_resources: Option<Vec<String>>,
    /// ARNs, possibly with `*`: at most 500, or 30 with `*`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resources: Option<Vec<String>>,
    /// Name, unique in the plan: 1 to 50 letters, digits, hyphens, underscores and periods.
    pub selection_name: String,
}

/// A tag that is enough to be backed up.
#[derive(Debug, Clone, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Condition {
    /// Key of the tag: `backup`.
    pub condition_key: String,
    /// `STRINGEQUALS`.
    pub condition_type: String,
    /// Value of the tag.
    pub condition_value: String,
}

/// Conditions, all of which must hold.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Conditions {
    /// Tags that have exactly this value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub string_equals: Option<Vec<ConditionParameter>>,
    /// Tags whose value is like this one, with `*` for any characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub string_like: Option<Vec<ConditionParameter>>,
    /// Tags that do not have this value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub string_not_equals: Option<Vec<ConditionParameter>>,
    /// Tags whose value is not like this one, with `*` for any characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub string_not_like: Option<Vec<ConditionParameter>>,
}

/// A tag and a value to compare it with.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ConditionParameter {
    /// `aws:ResourceTag/` and the key of the tag.
    pub condition_key: String,
    /// Value.
    pub condition_value: String,
}

const PLAN: &str = "AWS::Backup::BackupPlan";

/// Id of a selection: that of its plan and its own, `1f2e|3d4c`.
fn id_of(plan: &str, selection: &str) -> String {
    format!("{plan}|{selection}")
}

/// The selections that a plan shows, with their ids.
pub(super) fn listed<'a>(
    replies: &'a [Value],
    plan: &'a str,
) -> impl Iterator<Item = (String, &'a Value)> {
    replies
        .first()
        .map(|reply| reply::items(reply, "BackupSelectionsList"))
        .unwrap_or_default()
        .iter()
        .filter_map(move |item| Some((id_of(plan, &reply::text(item, "SelectionId")?), item)))
}

fn parameters(item: &Value, member: &str, asked: bool) -> Option<Vec<ConditionParameter>> {
    super::list(item, member, asked, |parameter| {
        Some(ConditionParameter {
            condition_key: reply::text(parameter, "ConditionKey")?,
            condition_value: reply::text(parameter, "ConditionValue")?,
        })
    })
}

impl Conditions {
    fn of(item: &Value, asked: Option<&Conditions>) -> Option<Conditions> {
        let any = Conditions::default();
        let wanted = asked.unwrap_or(&any);
        let item = &item["Conditions"];
        let live = Conditions {
            string_equals: parameters(item, "StringEquals", wanted.string_equals.is_some()),
            string_like: parameters(item, "StringLike", wanted.string_like.is_some()),
            string_not_equals: parameters(
                item,
                "StringNotEquals",
                wanted.string_not_equals.is_some(),
            ),
            string_not_like: parameters(item, "StringNotLike", wanted.string_not_like.is_some()),
        };
        reply::unless_default(Some(live), any, asked)
    }
}

impl SelectionDocument {
    fn seen(&self, item: &Value) -> SelectionDocument {
        SelectionDocument {
            conditions: Conditions::of(item, self.conditions.as_ref()),
            iam_role_arn: reply::text(item, "IamRoleArn").unwrap_or_default(),
            list_of_tags: super::list(
                item,
                "ListOfTags",
                self.list_of_tags.is_some(),
                |condition| {
                    Some(Condition {
                        condition_key: reply::text(condition, "ConditionKey")?,
                        condition_type: reply::text(condition, "ConditionType")?,
                        condition_value: reply::text(condition, "ConditionValue")?,
                    })
                },
            ),
            not_resources: super::texts(item, "NotResources", self.not_resources.is_some()),
            resources: super::texts(item, "Resources", self.resources.is_some()),
            selection_name: reply::text(item, "SelectionName").unwrap_or_default(),
        }
    }
}

impl BackupSelection {
    fn attributes(id: &str, item: &Value) -> Attributes {
        let mut attributes = super::attributes(item, &["CreationDate", "SelectionId"]);
        attributes.insert("Id".to_owned(), json!(id));
        attributes
    }
}

impl Kind for BackupSelection {
    const TYPE: &'static str = "AWS::Backup::BackupSelection";
    const CREATE_ONLY: &'static [&'static str] = &["BackupPlanId", "BackupSelection"];
    const ATTRIBUTES: &'static [&'static str] = &["CreationDate", "Id", "SelectionId"];
    const LASTING: &'static [&'static str] = &["CreationDate", "Id", "SelectionId"];
    const INSIDE: &'static [&'static str] = &[PLAN];
    const BORN: &'static str = "CreationDate";

    fn find(&self, _me: &Identity) -> Vec<Call> {
        vec![call("ListBackupSelections").with("BackupPlanId", &self.backup_plan_id)]
    }

    fn details(&self, _me: &Identity, id: &str) -> Vec<Call> {
        let (plan, selection) = id.split_once('|').unwrap_or((&self.backup_plan_id, id));
        vec![
            call("GetBackupSelection")
                .with("BackupPlanId", plan)
                .with("SelectionId", selection),
        ]
    }

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
        let name = &self.backup_selection.selection_name;
        let found: Vec<(String, &Value)> = listed(replies, &self.backup_plan_id)
            .filter(|(id, item)| match &me.id {
                Some(known) => id == known,
                None => item["SelectionName"] == **name,
            })
            .collect();
        match &found[..] {
            [] => Seen::Absent,
            [(id, item)] => {
                let whole = reply::having(replies, "BackupSelection")
                    .map_or(*item, |reply| &reply["BackupSelection"]);
                Seen::Live(Live {
                    id: id.clone(),
                    properties: BackupSelection {
                        backup_plan_id: self.backup_plan_id.clone(),
                        backup_selection: self.backup_selection.seen(whole),
                    },
                    attributes: Self::attributes(id, item),
                })
            }
            several => Seen::Many(several.iter().map(|(id, _)| id.clone()).collect()),
        }
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        vec![
            call("CreateBackupSelection")
                .with("BackupPlanId", &self.backup_plan_id)
                .with("BackupSelection", &self.backup_selection)
                .idempotent("CreatorRequestId"),
        ]
    }

    fn created(&self, _me: &Identity, reply: &Value) -> Option<String> {
        Some(id_of(
            &self.backup_plan_id,
            &reply::text(reply, "SelectionId")?,
        ))
    }

    fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        let (plan, selection) = id.split_once('|').unwrap_or((&self.backup_plan_id, id));
        vec![
            call("DeleteBackupSelection")
                .with("BackupPlanId", plan)
                .with("SelectionId", selection),
        ]
    }

    fn known_by(id: &str) -> Self {
        let plan = id.split_once('|').map(|(plan, _)| plan);
        BackupSelection {
            backup_plan_id: plan.unwrap_or_default().to_owned(),
            ..BackupSelection::default()
        }
    }

    fn inside(_parent: &str, id: &str) -> Vec<Call> {
        vec![call("ListBackupSelections").with("BackupPlanId", id)]
    }

    fn residents(_parent: &str, id: &str, replies: &[Value]) -> Vec<Live<Self>> {
        listed(replies, id)
            .map(|(selection, item)| Live {
                attributes: Self::attributes(&selection, item),
                properties: BackupSelection {
                    backup_plan_id: id.to_owned(),
                    backup_selection: SelectionDocument::default().seen(item),
                },
                id: selection,
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

    fn asked() -> BackupSelection {
        BackupSelection {
            backup_plan_id: "p-1".into(),
            backup_selection: SelectionDocument {
                iam_role_arn: "arn:role".into(),
                resources: Some(vec!["arn:b".into(), "arn:a".into()]),
                selection_name: "stores".into(),
                ..SelectionDocument::default()
            },
        }
    }

    fn listing() -> Value {
        json!({ "BackupSelectionsList": [
            { "SelectionId": "s-0", "SelectionName": "others", "BackupPlanId": "p-1", "IamRoleArn": "arn:role" },
            { "SelectionId": "s-1", "SelectionName": "stores", "BackupPlanId": "p-1", "IamRoleArn": "arn:role",
              "CreationDate": "2026-01-02T03:04:05Z" },
        ] })
    }

    #[test]
    fn the_name_in_the_plan_tells_which_one_it_is() {
        let shown = json!({ "SelectionId": "s-1", "BackupPlanId": "p-1", "BackupSelection": {
            "SelectionName": "stores", "IamRoleArn": "arn:role", "Resources": ["arn:a", "arn:b"], "NotResources": [], "ListOfTags": [],
            "Conditions": { "StringEquals": [], "StringLike": [], "StringNotEquals": [], "StringNotLike": [] } } });
        for id in [None, Some("p-1|s-1")] {
            let Seen::Live(live) = asked().read(&me(id), &[listing(), shown.clone()]) else {
                panic!("not live")
            };
            assert_eq!(live.id, "p-1|s-1");
            assert_eq!(live.attributes["SelectionId"], "s-1");
            assert!(BackupSelection::same(
                "BackupSelection",
                &json!(live.properties.backup_selection),
                &json!(asked().backup_selection)
            ));
        }
        let other = asked().read(&me(Some("p-1|s-9")), &[listing()]);
        assert_eq!(other, Seen::Absent);
        assert_eq!(asked().read(&me(None), &[Value::Null]), Seen::Absent);
        let mut twice = listing();
        twice["BackupSelectionsList"][0]["SelectionName"] = json!("stores");
        assert_eq!(
            asked().read(&me(None), &[twice]),
            Seen::Many(vec!["p-1|s-0".into(), "p-1|s-1".into()])
        );
    }

    #[test]
    fn conditions_that_are_there_show() {
        let item = json!({ "SelectionName": "stores", "IamRoleArn": "arn:role", "Conditions": {
            "StringEquals": [{ "ConditionKey": "aws:ResourceTag/backup", "ConditionValue": "daily" }], "StringLike": [] } });
        let seen = SelectionDocument::default().seen(&item);
        let conditions = seen.conditions.unwrap();
        assert_eq!(
            conditions.string_equals.unwrap()[0].condition_value,
            "daily"
        );
        assert_eq!(conditions.string_like, None);
        assert_eq!(seen.resources, None);
    }

    #[test]
    fn an_id_names_plan_and_selection() {
        let known = BackupSelection::known_by("p-1|s-1");
        assert_eq!(known.backup_plan_id, "p-1");
        let call = &known.delete(&me(None), "p-1|s-1", &Attributes::new())[0];
        assert_eq!(call.params["BackupPlanId"], "p-1");
        assert_eq!(call.params["SelectionId"], "s-1");
    }
}
