//! `AWS::Backup::RestoreTestingPlan`: when recovery points are restored to see whether they can be.
//!
//! Reads `GetRestoreTestingPlan` and `ListTags`; writes `CreateRestoreTestingPlan` and `UpdateRestoreTestingPlan`.
//!
//! # Caveats
//! - AWS deletes what it restored by itself, and charges for it as long as it is there.
//! - A plan with selections is not deleted.
//!
//! See <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_CreateRestoreTestingPlan.html>.

use platform_graph::{Attributes, Blocker, Call, Claim, Identity, Kind, Live, Seen, Tags};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{UTC, call};
use crate::reply;

/// A restore testing plan. What it restores is said by [selections](super::RestoreTestingSelection).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct RestoreTestingPlan {
    /// Which recovery points are restored.
    #[serde(default)]
    pub recovery_point_selection: RecoveryPointSelection,
    /// Name, unique in account and Region: 1 to 50 letters, digits and underscores; can't change.
    #[serde(default)]
    pub restore_testing_plan_name: String,
    /// `cron(0 5 ? * SUN *)`.
    #[serde(default)]
    pub schedule_expression: String,
    /// Time zone of the schedule; AWS's default is `Etc/UTC`.
    pub schedule_expression_timezone: Option<String>,
    /// Hours after its time in which a test must start or is given up, 1 to 168; AWS's default is 24.
    pub start_window_hours: Option<u32>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// Which recovery points are restored.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct RecoveryPointSelection {
    /// `LATEST_WITHIN_WINDOW` or `RANDOM_WITHIN_WINDOW`.
    pub algorithm: String,
    /// ARNs, possibly with `*`, of vaults that are left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exclude_vaults: Option<Vec<String>>,
    /// ARNs, possibly with `*`, of vaults; `*` for all.
    pub include_vaults: Vec<String>,
    /// `SNAPSHOT`, `CONTINUOUS` or both.
    pub recovery_point_types: Vec<String>,
    /// How many days old a recovery point is at most, 1 to 365; AWS's default is 30.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selection_window_days: Option<u32>,
}

const ARN: &str = "RestoreTestingPlanArn";
/// Hours in which a test must start where the plan does not say.
const START_WINDOW: u32 = 24;
/// Days in which a recovery point counts where the plan does not say.
const SELECTION_WINDOW: u32 = 30;

impl RecoveryPointSelection {
    fn seen(&self, item: &Value) -> Self {
        RecoveryPointSelection {
            algorithm: reply::text(item, "Algorithm").unwrap_or_default(),
            exclude_vaults: super::texts(item, "ExcludeVaults", self.exclude_vaults.is_some()),
            include_vaults: reply::texts(item, "IncludeVaults"),
            recovery_point_types: reply::texts(item, "RecoveryPointTypes"),
            selection_window_days: reply::unless_default(
                reply::number(item, "SelectionWindowDays"),
                SELECTION_WINDOW,
                self.selection_window_days.as_ref(),
            ),
        }
    }
}

impl RestoreTestingPlan {
    /// The plan as a call takes it, with what can change; what is not asked for goes back to AWS's default.
    fn input(&self) -> Value {
        let mut points = json!(self.recovery_point_selection);
        points["SelectionWindowDays"] = json!(
            self.recovery_point_selection
                .selection_window_days
                .unwrap_or(SELECTION_WINDOW)
        );
        json!({
            "RecoveryPointSelection": points,
            "ScheduleExpression": self.schedule_expression,
            "ScheduleExpressionTimezone": self.schedule_expression_timezone.as_deref().unwrap_or(UTC),
            "StartWindowHours": self.start_window_hours.unwrap_or(START_WINDOW),
        })
    }
}

impl Kind for RestoreTestingPlan {
    const TYPE: &'static str = "AWS::Backup::RestoreTestingPlan";
    const CREATE_ONLY: &'static [&'static str] = &["RestoreTestingPlanName"];
    const ATTRIBUTES: &'static [&'static str] = &["CreationTime", ARN];
    const LASTING: &'static [&'static str] = &["CreationTime", ARN];
    const DETAILS_NEED: &'static [&'static str] = &[ARN];
    const BORN: &'static str = "CreationTime";
    const TAGGED: bool = true;

    fn find(&self, me: &Identity) -> Vec<Call> {
        let name = me.id.as_deref().unwrap_or(&self.restore_testing_plan_name);
        vec![call("GetRestoreTestingPlan").with("RestoreTestingPlanName", name)]
    }

    fn details_again(&self, _me: &Identity, _id: &str, known: &Attributes) -> Vec<Call> {
        vec![super::list_tags(ARN, known)]
    }

    fn read(&self, _me: &Identity, replies: &[Value]) -> Seen<Self> {
        let found = replies
            .first()
            .map(|reply| &reply["RestoreTestingPlan"])
            .and_then(|item| Some((item, reply::text(item, "RestoreTestingPlanName")?)));
        let Some((item, id)) = found else {
            return Seen::Absent;
        };
        Seen::Live(Live {
            properties: RestoreTestingPlan {
                recovery_point_selection: self
                    .recovery_point_selection
                    .seen(&item["RecoveryPointSelection"]),
                restore_testing_plan_name: id.clone(),
                schedule_expression: reply::text(item, "ScheduleExpression").unwrap_or_default(),
                schedule_expression_timezone: reply::unless_default(
                    reply::text(item, "ScheduleExpressionTimezone"),
                    UTC.to_owned(),
                    self.schedule_expression_timezone.as_ref(),
                ),
                start_window_hours: reply::unless_default(
                    reply::number(item, "StartWindowHours"),
                    START_WINDOW,
                    self.start_window_hours.as_ref(),
                ),
                tags: super::tags(replies.get(1..).unwrap_or_default()),
            },
            attributes: super::attributes(item, Self::ATTRIBUTES),
            id,
        })
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        let mut plan = self.input();
        plan["RestoreTestingPlanName"] = json!(self.restore_testing_plan_name);
        vec![
            call("CreateRestoreTestingPlan")
                .with("RestoreTestingPlan", plan)
                .with("Tags", super::given(&self.tags))
                .idempotent("CreatorRequestId"),
        ]
    }

    fn created(&self, _me: &Identity, _reply: &Value) -> Option<String> {
        Some(self.restore_testing_plan_name.clone())
    }

    fn update(&self, _me: &Identity, live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        if changed.is_empty() {
            return Vec::new();
        }
        vec![
            call("UpdateRestoreTestingPlan")
                .with("RestoreTestingPlanName", &live.id)
                .with("RestoreTestingPlan", self.input()),
        ]
    }

    fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
        super::retag(&live.attributes, ARN, set, remove)
    }

    fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        vec![call("DeleteRestoreTestingPlan").with("RestoreTestingPlanName", id)]
    }

    fn known_by(id: &str) -> Self {
        RestoreTestingPlan {
            restore_testing_plan_name: id.to_owned(),
            ..RestoreTestingPlan::default()
        }
    }

    fn census(replies: &[Value]) -> Vec<Call> {
        super::census(replies)
    }

    fn counted(replies: &[Value]) -> Vec<Claim> {
        super::tagged(replies, "restore-testing-plan")
            .into_iter()
            .filter_map(|(arn, _, tags)| {
                Some(Claim {
                    id: super::named_by(&arn)?.to_owned(),
                    tags,
                })
            })
            .collect()
    }

    fn blockers(&self, _me: &Identity, id: &str, replies: &[Value]) -> Vec<Call> {
        if !replies.is_empty() {
            return Vec::new();
        }
        vec![call("ListRestoreTestingSelections").with("RestoreTestingPlanName", id)]
    }

    fn blocking(&self, _me: &Identity, id: &str, replies: &[Value]) -> Vec<Blocker> {
        super::restore_testing_selection::listed(replies, id)
            .map(|(id, item)| Blocker {
                id,
                what: format!(
                    "selection of type {}",
                    reply::text(item, "ProtectedResourceType").unwrap_or_default()
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

    fn asked() -> RestoreTestingPlan {
        RestoreTestingPlan {
            recovery_point_selection: RecoveryPointSelection {
                algorithm: "LATEST_WITHIN_WINDOW".into(),
                include_vaults: vec!["arn:vault".into()],
                recovery_point_types: vec!["SNAPSHOT".into(), "CONTINUOUS".into()],
                ..RecoveryPointSelection::default()
            },
            restore_testing_plan_name: "shop".into(),
            schedule_expression: "cron(0 5 ? * SUN *)".into(),
            ..RestoreTestingPlan::default()
        }
    }

    /// As AWS shows what is asked for.
    fn shown(asked: &RestoreTestingPlan) -> Value {
        let mut plan = asked.create(&me(None))[0].params["RestoreTestingPlan"].clone();
        plan["RestoreTestingPlanArn"] = json!("arn:plan");
        plan["RecoveryPointSelection"]["RecoveryPointTypes"] = json!(["CONTINUOUS", "SNAPSHOT"]);
        json!({ "RestoreTestingPlan": plan })
    }

    fn live(asked: &RestoreTestingPlan, reply: Value) -> RestoreTestingPlan {
        match asked.read(&me(None), &[reply]) {
            Seen::Live(live) => live.properties,
            seen => panic!("{seen:?}"),
        }
    }

    #[test]
    fn defaults_show_only_when_asked_for() {
        let reply = shown(&asked());
        let seen = live(&asked(), reply.clone());
        assert!(RestoreTestingPlan::same("", &json!(seen), &json!(asked())));
        let mut more = asked();
        more.start_window_hours = Some(8);
        more.schedule_expression_timezone = Some("Europe/Berlin".into());
        more.recovery_point_selection.selection_window_days = Some(7);
        more.recovery_point_selection.exclude_vaults = Some(vec!["arn:other".into()]);
        let seen = live(&more, reply);
        assert_eq!(seen.start_window_hours, Some(24));
        assert_eq!(seen.schedule_expression_timezone.as_deref(), Some(UTC));
        let points = seen.recovery_point_selection;
        assert_eq!(points.selection_window_days, Some(30));
        assert_eq!(points.exclude_vaults, Some(Vec::new()));
        let seen = live(&more, shown(&more));
        assert!(RestoreTestingPlan::same("", &json!(seen), &json!(more)));
    }

    #[test]
    fn what_is_not_there_is_absent() {
        for reply in [Value::Null, json!({})] {
            assert_eq!(asked().read(&me(None), &[reply]), Seen::Absent);
        }
    }

    #[test]
    fn an_update_does_not_name_the_plan_in_its_document() {
        let live = Live {
            id: "shop".into(),
            properties: asked(),
            attributes: Attributes::new(),
        };
        let call = &asked().update(&me(None), &live, &["StartWindowHours"])[0];
        assert_eq!(call.params["RestoreTestingPlanName"], "shop");
        let plan = call.params["RestoreTestingPlan"].as_object().unwrap();
        assert!(!plan.contains_key("RestoreTestingPlanName"));
        assert_eq!(plan["StartWindowHours"], 24);
    }
}
