//! What a table and a replica of one have in common: settings with operations of their own, which are never the same in all
//! Regions unless they are asked for in each.
//!
//! See <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/globaltables-CoreConcepts.html>.

use platform_graph::{Call, Kind, Tags};
use serde_json::Value;

use super::properties::{
    ContributorInsightsSpecification, PointInTimeRecoverySpecification, ResourcePolicy,
};
use crate::{policy, reply};

/// Days that point-in-time recovery goes back when none are asked for.
const DEFAULT_PERIOD: u32 = 35;

/// The settings that are asked for.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    /// Whether it can be restored to any second of the past.
    pub recovery: Option<PointInTimeRecoverySpecification>,
    /// Whether CloudWatch shows the keys that are used most.
    pub insights: Option<&'a ContributorInsightsSpecification>,
    /// Who may use it, besides whom IAM lets.
    pub policy: Option<&'a ResourcePolicy>,
}

/// The calls that change what `is` changed; `call` names the table and `by_arn` its ARN.
pub(super) fn changes(
    asked: &Asked<'_>,
    is: &impl Fn(&str) -> bool,
    call: impl Fn(&'static str) -> Call,
    by_arn: impl Fn(&'static str) -> Call,
) -> Vec<Call> {
    let mut calls = Vec::new();
    if is("PointInTimeRecoverySpecification") {
        calls.push(call("UpdateContinuousBackups").with(
            "PointInTimeRecoverySpecification",
            asked.recovery.unwrap_or_default(),
        ));
    }
    if is("ContributorInsightsSpecification") {
        let insights = asked.insights.cloned().unwrap_or_default();
        let action = if insights.enabled {
            "ENABLE"
        } else {
            "DISABLE"
        };
        calls.push(
            call("UpdateContributorInsights")
                .with("ContributorInsightsAction", action)
                .with(
                    "ContributorInsightsMode",
                    insights.mode.filter(|_| insights.enabled),
                ),
        );
    }
    if is("ResourcePolicy") {
        calls.push(match asked.policy {
            Some(asked) => {
                by_arn("PutResourcePolicy").with("Policy", policy::text(&asked.policy_document))
            }
            None => by_arn("DeleteResourcePolicy"),
        });
    }
    calls
}

/// The calls that set and remove tags.
pub(super) fn retag(
    by_arn: impl Fn(&'static str) -> Call,
    set: &Tags,
    remove: &[String],
) -> Vec<Call> {
    let set =
        reply::tag_list(set, "Key", "Value").map(|tags| by_arn("TagResource").with("Tags", tags));
    let remove = (!remove.is_empty()).then(|| by_arn("UntagResource").with("TagKeys", remove));
    [set, remove].into_iter().flatten().collect()
}

/// Point-in-time recovery as `DescribeContinuousBackups` shows it.
pub(super) fn recovery(
    replies: &[Value],
    asked: Option<&PointInTimeRecoverySpecification>,
) -> Option<PointInTimeRecoverySpecification> {
    let shown = &reply::having(replies, "ContinuousBackupsDescription")?["ContinuousBackupsDescription"]
        ["PointInTimeRecoveryDescription"];
    let enabled = shown["PointInTimeRecoveryStatus"] == "ENABLED";
    let days = reply::number(shown, "RecoveryPeriodInDays").unwrap_or(DEFAULT_PERIOD);
    let live = PointInTimeRecoverySpecification {
        point_in_time_recovery_enabled: enabled,
        recovery_period_in_days: enabled.then_some(days),
    };
    reply::unless_default(
        Some(live),
        PointInTimeRecoverySpecification::default(),
        asked,
    )
}

/// Contributor Insights as `DescribeContributorInsights` shows it.
pub(super) fn insights(replies: &[Value]) -> Option<ContributorInsightsSpecification> {
    let shown = reply::having(replies, "ContributorInsightsStatus")?;
    let status = shown["ContributorInsightsStatus"].as_str();
    let enabled = matches!(status, Some("ENABLED" | "ENABLING"));
    Some(ContributorInsightsSpecification {
        enabled,
        mode: reply::text(shown, "ContributorInsightsMode").filter(|_| enabled),
    })
}

/// The policy as `GetResourcePolicy` shows it.
pub(super) fn resource_policy(replies: &[Value]) -> Option<ResourcePolicy> {
    let text = reply::text(reply::having(replies, "Policy")?, "Policy")?;
    Some(ResourcePolicy {
        policy_document: policy::parse(&text),
    })
}

/// The tags as `ListTagsOfResource` shows them.
pub(super) fn tags(replies: &[Value]) -> Tags {
    reply::having(replies, "Tags")
        .map(|reply| reply::tags(reply::items(reply, "Tags"), "Key", "Value"))
        .unwrap_or_default()
}

/// Whether what is live shows all that is asked for, its tags aside.
pub(super) fn met<K: Kind>(asked: &K, live: &K) -> bool {
    let (Ok(Value::Object(asked)), Ok(Value::Object(live))) =
        (serde_json::to_value(asked), serde_json::to_value(live))
    else {
        return false;
    };
    asked
        .iter()
        .filter(|(name, value)| !value.is_null() && *name != "Tags")
        .all(|(name, value)| {
            let live = live.get(name).unwrap_or(&Value::Null);
            live == value || K::same(name, live, value)
        })
}

/// Whether a live value has every member that is asked for; what is left out is AWS's default. Of what is switched off no more
/// than that is compared.
pub(super) fn says_all(live: &Value, desired: &Value) -> bool {
    let off = |value: &Value| {
        ["PointInTimeRecoveryEnabled", "Enabled", "SSEEnabled"]
            .iter()
            .any(|name| value[*name] == false)
    };
    match desired.as_object() {
        _ if off(live) && off(desired) => true,
        Some(fields) => fields
            .iter()
            .all(|(name, value)| live.get(name) == Some(value)),
        None => live == desired,
    }
}
