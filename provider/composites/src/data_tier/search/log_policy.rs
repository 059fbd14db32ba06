//! Who may write the logs of domains: CloudWatch Logs must let OpenSearch in, or AWS refuses the domain.
//!
//! An account has few such policies in a Region, so that one serves all domains of the tier.
//!
//! See <https://docs.aws.amazon.com/opensearch-service/latest/developerguide/createdomain-configure-slow-logs.html>.

use platform_graph::{Call, Graph, Handle, Problems};
use platform_kinds::logs::ResourcePolicy;
use serde_json::{Value, json};

use crate::data_tier::frame::{Frame, Store};
use crate::data_tier::spec::{DataTier, Search};
use crate::{Question, Setting};

use super::{SORT, log_folder};

/// Address of the policy.
const POLICY: &str = "log-policy";
/// The question for the policies that there are.
const POLICIES: &str = "log-resource-policies";
/// Resource policies that an account can have in a Region.
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutResourcePolicy.html>
const MOST_POLICIES: usize = 10;

fn publishing(spec: &DataTier) -> impl Iterator<Item = (&String, &Search)> {
    let stores = spec.search.iter();
    stores.filter(|(_, store)| store.logs.any())
}

fn policy_name(spec: &DataTier) -> String {
    format!("{}-opensearch-logs", spec.name)
}

/// The policy, where a domain has logs.
pub(super) fn add(frame: &Frame<'_>, graph: &mut Graph) -> Option<Handle> {
    let stores: Vec<Store<'_>> = publishing(frame.spec)
        .map(|(name, _)| frame.store(SORT, name))
        .collect();
    if stores.is_empty() {
        return None;
    }
    let groups: Vec<String> = stores
        .iter()
        .map(|store| frame.arn("logs", &format!("log-group:{}/*:*", log_folder(store))))
        .collect();
    let domains: Vec<String> = stores
        .iter()
        .map(|store| frame.arn("es", &format!("domain/{}", store.physical_name())))
        .collect();
    Some(graph.add(
        POLICY,
        "lets OpenSearch write the logs of these domains, and nobody else's",
        ResourcePolicy {
            policy_name: policy_name(frame.spec),
            policy_document: json!({
                "Version": "2012-10-17",
                "Statement": [{
                    "Sid": "OpenSearchWrites",
                    "Effect": "Allow",
                    "Principal": { "Service": "es.amazonaws.com" },
                    "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                    "Resource": groups,
                    "Condition": {
                        "StringEquals": { "aws:SourceAccount": frame.setting.account },
                        "ArnLike": { "aws:SourceArn": domains },
                    },
                }],
            }),
        },
    ))
}

/// What a plan asks AWS before it makes the policy.
pub(super) fn questions(spec: &DataTier) -> Vec<Question> {
    if publishing(spec).next().is_none() {
        return Vec::new();
    }
    vec![Question {
        key: POLICIES.into(),
        call: Call::new("logs", "DescribeResourcePolicies"),
        required: false,
    }]
}

/// Says when there is no room for the policy.
pub(super) fn preflight(
    spec: &DataTier,
    setting: &Setting,
    creates: &dyn Fn(&str) -> bool,
    problems: &mut Problems,
) {
    let answer = setting.answers.get(POLICIES);
    let Some(policies) = answer
        .and_then(|answer| answer.get("resourcePolicies"))
        .and_then(Value::as_array)
        .filter(|_| creates(POLICY))
    else {
        return;
    };
    let name = policy_name(spec);
    let names: Vec<&str> = policies
        .iter()
        .filter_map(|policy| policy.get("policyName")?.as_str())
        .collect();
    let room = names.len() < MOST_POLICIES || names.contains(&name.as_str());
    for (store, _) in publishing(spec).filter(|_| !room) {
        problems.error(
            ["search", store, "logs"],
            format!("CloudWatch Logs has no room for the policy {name:?}"),
            format!(
                "Without it OpenSearch can't write logs. An account has {MOST_POLICIES} resource policies in a region, and {} has these: {}. \
                 Join or delete some, or switch the logs off: `logs = {{ errors = false, slow_searches = false, slow_indexing = false }}`.",
                setting.owner.region,
                names.join(", ")
            ),
        );
    }
}
