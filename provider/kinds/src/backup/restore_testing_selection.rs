//! `AWS::Backup::RestoreTestingSelection`: what a restore testing plan restores, of one type.
//!
//! Reads `GetRestoreTestingSelection`; writes `CreateRestoreTestingSelection` and `UpdateRestoreTestingSelection`.
//!
//! # Assumptions
//! A selection has no tags: one of its name in its plan is the part.
//!
//! # Caveats
//! - A selection by ARNs can't become one by conditions, or the other way round: it is made anew under its name then.
//! - A selection by conditions alone shows the ARN `*`.
//! - Keys of metadata come back in another case than they were given.
//!
//! See <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_CreateRestoreTestingSelection.html> and
//! <https://docs.aws.amazon.com/aws-backup/latest/devguide/restore-testing-inferred-metadata.html>.

use std::collections::BTreeMap;

use platform_graph::{Attributes, Call, Identity, Kind, Live, Seen};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::call;
use crate::reply;

/// What a restore testing plan restores, of one type.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct RestoreTestingSelection {
    /// ARN of the role that restores.
    #[serde(default)]
    pub iam_role_arn: String,
    /// ARNs of what is restored, or `*` alone: all of the type that meets the conditions.
    pub protected_resource_arns: Option<Vec<String>>,
    /// Conditions on tags, beside `*`.
    pub protected_resource_conditions: Option<ProtectedResourceConditions>,
    /// `RDS`, `Aurora`, `DocumentDB`, `DynamoDB`, `EFS`, `S3` and so on; can't change.
    #[serde(default)]
    pub protected_resource_type: String,
    /// What is restored otherwise than AWS Backup infers, by metadata key: `{"dbInstanceClass": "db.t4g.medium"}`.
    pub restore_metadata_overrides: Option<BTreeMap<String, String>>,
    /// Name of the plan; can't change.
    #[serde(default)]
    pub restore_testing_plan_name: String,
    /// Name, unique in the plan: 1 to 50 letters, digits and underscores; can't change.
    #[serde(default)]
    pub restore_testing_selection_name: String,
    /// Hours for which what was restored is there to be looked at, 0 to 168; AWS's default is 0.
    pub validation_window_hours: Option<u32>,
}

/// Conditions on tags, all of which must hold.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ProtectedResourceConditions {
    /// Tags that have this value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub string_equals: Option<Vec<KeyValue>>,
    /// Tags that do not have this value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub string_not_equals: Option<Vec<KeyValue>>,
}

/// A tag and a value to compare it with.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct KeyValue {
    /// `aws:ResourceTag/` and the key of the tag.
    pub key: String,
    /// Value.
    pub value: String,
}

const PLAN: &str = "AWS::Backup::RestoreTestingPlan";
/// ARN of everything.
const ALL: &str = "*";

/// Id of a selection: the names of its plan and its own, `shop|databases`.
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
        .map(|reply| reply::items(reply, "RestoreTestingSelections"))
        .unwrap_or_default()
        .iter()
        .filter_map(move |item| {
            let name = reply::text(item, "RestoreTestingSelectionName")?;
            Some((id_of(plan, &name), item))
        })
}

impl ProtectedResourceConditions {
    fn of(item: &Value, asked: Option<&Self>) -> Option<Self> {
        let any = ProtectedResourceConditions::default();
        let wanted = asked.unwrap_or(&any);
        let item = &item["ProtectedResourceConditions"];
        let list = |member, asked: &Option<Vec<KeyValue>>| {
            super::list(item, member, asked.is_some(), |condition| {
                Some(KeyValue {
                    key: reply::text(condition, "Key")?,
                    value: reply::text(condition, "Value")?,
                })
            })
        };
        let live = ProtectedResourceConditions {
            string_equals: list("StringEquals", &wanted.string_equals),
            string_not_equals: list("StringNotEquals", &wanted.string_not_equals),
        };
        reply::unless_default(Some(live), any, asked)
    }
}

impl RestoreTestingSelection {
    fn call(&self, action: &'static str) -> Call {
        call(action).with("RestoreTestingPlanName", &self.restore_testing_plan_name)
    }

    fn named(&self, me: &Identity, action: &'static str) -> Call {
        let known = me.id.as_deref().and_then(|id| id.split_once('|'));
        let (plan, name) = known.unwrap_or((
            &self.restore_testing_plan_name,
            &self.restore_testing_selection_name,
        ));
        call(action)
            .with("RestoreTestingPlanName", plan)
            .with("RestoreTestingSelectionName", name)
    }

    fn seen(&self, item: &Value) -> Self {
        let overrides = super::map(item.get("RestoreMetadataOverrides"));
        RestoreTestingSelection {
            iam_role_arn: reply::text(item, "IamRoleArn").unwrap_or_default(),
            protected_resource_arns: reply::unless_default(
                super::texts(
                    item,
                    "ProtectedResourceArns",
                    self.protected_resource_arns.is_some(),
                ),
                vec![ALL.to_owned()],
                self.protected_resource_arns.as_ref(),
            ),
            protected_resource_conditions: ProtectedResourceConditions::of(
                item,
                self.protected_resource_conditions.as_ref(),
            ),
            protected_resource_type: reply::text(item, "ProtectedResourceType").unwrap_or_default(),
            restore_metadata_overrides: reply::unless_default(
                Some(overrides),
                BTreeMap::new(),
                self.restore_metadata_overrides.as_ref(),
            ),
            restore_testing_plan_name: reply::text(item, "RestoreTestingPlanName")
                .unwrap_or_default(),
            restore_testing_selection_name: reply::text(item, "RestoreTestingSelectionName")
                .unwrap_or_default(),
            validation_window_hours: reply::unless_default(
                Some(reply::number(item, "ValidationWindowHours").unwrap_or(0)),
                0,
                self.validation_window_hours.as_ref(),
            ),
        }
    }

    /// The selection as a call takes it, with what can change.
    fn input(&self) -> Map<String, Value> {
        let pairs = [
            ("IamRoleArn", json!(self.iam_role_arn)),
            ("ProtectedResourceArns", json!(self.protected_resource_arns)),
            (
                "ProtectedResourceConditions",
                json!(self.protected_resource_conditions),
            ),
            (
                "RestoreMetadataOverrides",
                json!(self.restore_metadata_overrides),
            ),
            ("ValidationWindowHours", json!(self.validation_window_hours)),
        ];
        pairs
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }

    /// Whether it selects by ARNs, and not everything that meets conditions.
    fn names_arns(&self) -> bool {
        self.protected_resource_arns
            .as_ref()
            .is_some_and(|arns| arns.iter().any(|arn| arn != ALL))
    }
}

impl Kind for RestoreTestingSelection {
    const TYPE: &'static str = "AWS::Backup::RestoreTestingSelection";
    const CREATE_ONLY: &'static [&'static str] = &[
        "ProtectedResourceType",
        "RestoreTestingPlanName",
        "RestoreTestingSelectionName",
    ];
    const ATTRIBUTES: &'static [&'static str] = &["CreationTime"];
    const INSIDE: &'static [&'static str] = &[PLAN];
    const BORN: &'static str = "CreationTime";

    fn find(&self, me: &Identity) -> Vec<Call> {
        vec![self.named(me, "GetRestoreTestingSelection")]
    }

    fn read(&self, _me: &Identity, replies: &[Value]) -> Seen<Self> {
        let found = replies
            .first()
            .map(|reply| &reply["RestoreTestingSelection"])
            .and_then(|item| {
                let plan = reply::text(item, "RestoreTestingPlanName")?;
                let name = reply::text(item, "RestoreTestingSelectionName")?;
                Some((item, id_of(&plan, &name)))
            });
        let Some((item, id)) = found else {
            return Seen::Absent;
        };
        Seen::Live(Live {
            id,
            properties: self.seen(item),
            attributes: super::attributes(item, Self::ATTRIBUTES),
        })
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        let mut selection = self.input();
        for (member, value) in [
            ("ProtectedResourceType", &self.protected_resource_type),
            (
                "RestoreTestingSelectionName",
                &self.restore_testing_selection_name,
            ),
        ] {
            selection.insert(member.to_owned(), json!(value));
        }
        vec![
            self.call("CreateRestoreTestingSelection")
                .with("RestoreTestingSelection", selection)
                .idempotent("CreatorRequestId"),
        ]
    }

    fn created(&self, _me: &Identity, _reply: &Value) -> Option<String> {
        Some(id_of(
            &self.restore_testing_plan_name,
            &self.restore_testing_selection_name,
        ))
    }

    fn update(&self, me: &Identity, live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        if changed.is_empty() {
            return Vec::new();
        }
        if self.names_arns() != live.properties.names_arns() {
            let mut calls = vec![self.named(me, "DeleteRestoreTestingSelection")];
            // The token of the first making would name what is gone now.
            calls.extend(self.create(me).into_iter().map(|call| Call {
                token: None,
                ..call
            }));
            return calls;
        }
        let mut selection = self.input();
        for (property, nothing) in [
            ("ProtectedResourceArns", json!([ALL])),
            (
                "ProtectedResourceConditions",
                json!({ "StringEquals": [], "StringNotEquals": [] }),
            ),
            ("RestoreMetadataOverrides", json!({})),
            ("ValidationWindowHours", json!(0)),
        ] {
            if changed.contains(&property) {
                selection.entry(property).or_insert(nothing);
            }
        }
        vec![
            self.named(me, "UpdateRestoreTestingSelection")
                .with("RestoreTestingSelection", selection),
        ]
    }

    fn delete(&self, me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        let me = Identity {
            id: Some(id.to_owned()),
            ..me.clone()
        };
        vec![self.named(&me, "DeleteRestoreTestingSelection")]
    }

    fn inside(_parent: &str, id: &str) -> Vec<Call> {
        vec![call("ListRestoreTestingSelections").with("RestoreTestingPlanName", id)]
    }

    fn residents(_parent: &str, id: &str, replies: &[Value]) -> Vec<Live<Self>> {
        listed(replies, id)
            .map(|(selection, item)| Live {
                id: selection,
                properties: RestoreTestingSelection {
                    restore_testing_plan_name: id.to_owned(),
                    ..RestoreTestingSelection::default().seen(item)
                },
                attributes: super::attributes(item, Self::ATTRIBUTES),
            })
            .collect()
    }

    fn same(property: &str, live: &Value, desired: &Value) -> bool {
        if property != "RestoreMetadataOverrides" {
            return super::same(live, desired);
        }
        let folded = |value: &Value| -> BTreeMap<String, String> {
            super::map(Some(value))
                .into_iter()
                .map(|(key, value)| (key.to_lowercase(), value))
                .collect()
        };
        folded(live) == folded(desired)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{me, property_names};

    fn asked(arns: Option<&[&str]>) -> RestoreTestingSelection {
        RestoreTestingSelection {
            iam_role_arn: "arn:role".into(),
            protected_resource_arns: arns.map(|arns| arns.iter().map(|&arn| arn.into()).collect()),
            protected_resource_type: "RDS".into(),
            restore_testing_plan_name: "shop".into(),
            restore_testing_selection_name: "databases".into(),
            ..RestoreTestingSelection::default()
        }
    }

    fn shown(more: Value) -> Value {
        let mut item = json!({ "RestoreTestingPlanName": "shop", "RestoreTestingSelectionName": "databases", "IamRoleArn": "arn:role",
            "ProtectedResourceType": "RDS", "ValidationWindowHours": 0, "RestoreMetadataOverrides": {},
            "ProtectedResourceConditions": { "StringEquals": [], "StringNotEquals": [] }, "CreationTime": "2026-01-02T03:04:05Z" });
        for (name, value) in more.as_object().unwrap() {
            item[name] = value.clone();
        }
        json!({ "RestoreTestingSelection": item })
    }

    fn live(asked: &RestoreTestingSelection, more: Value) -> Live<RestoreTestingSelection> {
        match asked.read(&me(None), &[shown(more)]) {
            Seen::Live(live) => live,
            seen => panic!("{seen:?}"),
        }
    }

    #[test]
    fn defaults_show_only_when_asked_for() {
        let seen = live(&asked(None), json!({ "ProtectedResourceArns": ["*"] }));
        assert_eq!(seen.id, "shop|databases");
        assert_eq!(
            property_names(&seen.properties),
            [
                "IamRoleArn",
                "ProtectedResourceType",
                "RestoreTestingPlanName",
                "RestoreTestingSelectionName"
            ]
        );
        let conditions = json!({ "StringEquals": [{ "Key": "aws:ResourceTag/a", "Value": "b" }] });
        let seen = live(
            &asked(Some(&["*"])),
            json!({ "ProtectedResourceArns": ["*"], "ProtectedResourceConditions": conditions }),
        );
        assert_eq!(
            seen.properties.protected_resource_arns,
            Some(vec!["*".to_owned()])
        );
        assert_eq!(
            json!(seen.properties.protected_resource_conditions),
            conditions
        );
        assert_eq!(asked(None).read(&me(None), &[Value::Null]), Seen::Absent);
    }

    #[test]
    fn keys_of_metadata_are_the_same_in_any_case() {
        let same = |live: Value, desired: Value| {
            RestoreTestingSelection::same("RestoreMetadataOverrides", &live, &desired)
        };
        assert!(same(
            json!({ "dbinstanceclass": "db.t4g.medium" }),
            json!({ "DBInstanceClass": "db.t4g.medium" })
        ));
        assert!(!same(
            json!({ "dbinstanceclass": "db.t4g.medium" }),
            json!({ "DBInstanceClass": "db.T4g.medium" })
        ));
    }

    #[test]
    fn arns_become_conditions_by_making_it_anew() {
        for (before, after, expected) in [
            (
                Some(&["arn:a"][..]),
                Some(&["arn:b"][..]),
                &["UpdateRestoreTestingSelection"][..],
            ),
            (None, Some(&["*"]), &["UpdateRestoreTestingSelection"]),
            (
                Some(&["arn:a"]),
                None,
                &[
                    "DeleteRestoreTestingSelection",
                    "CreateRestoreTestingSelection",
                ],
            ),
            (
                Some(&["*"]),
                Some(&["arn:a"]),
                &[
                    "DeleteRestoreTestingSelection",
                    "CreateRestoreTestingSelection",
                ],
            ),
        ] {
            let live = Live {
                id: "shop|databases".into(),
                properties: asked(before),
                attributes: Attributes::new(),
            };
            let calls = asked(after).update(
                &me(Some("shop|databases")),
                &live,
                &["ProtectedResourceArns"],
            );
            let actions: Vec<&str> = calls.iter().map(|call| call.action).collect();
            assert_eq!(actions, expected, "{before:?} to {after:?}");
            assert!(calls.iter().all(|call| call.token.is_none()));
        }
    }

    #[test]
    fn what_is_taken_away_is_given_back_to_aws() {
        let live = live(&asked(None), json!({ "ValidationWindowHours": 8 }));
        let call = &asked(None).update(
            &me(Some("shop|databases")),
            &live,
            &["ValidationWindowHours"],
        )[0];
        assert_eq!(
            call.params["RestoreTestingSelection"],
            json!({ "IamRoleArn": "arn:role", "ValidationWindowHours": 0 })
        );
    }
}
