//! `AWS::CloudWatch::Alarm`: watches one metric, or an expression over several, and tells when it crosses a threshold.
//!
//! Reads `DescribeAlarms` and `ListTagsForResource`; writes `PutMetricAlarm`, which creates and overwrites alike.
//!
//! # Caveats
//! - The name is the identity: an alarm of that name that somebody else made would be overwritten, so its tags are read before
//!   anything is written.
//! - `PutMetricAlarm` sets tags only when it creates.
//! - A composite alarm of the name is another type; CloudWatch refuses to overwrite it.
//!
//! See <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html>.

use platform_graph::{Attributes, Call, Claim, Identity, Kind, Live, Seen, Tags};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{census, reply};

/// An alarm on a metric.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Alarm {
    /// Name, unique in account and Region, 1 to 255 characters; can't change.
    #[serde(default)]
    pub alarm_name: String,
    /// What it means and what to do, at most 1024 characters.
    pub alarm_description: Option<String>,
    /// Whether it tells anybody; AWS's default is `true`.
    pub actions_enabled: Option<bool>,
    /// ARNs that are told when it fires.
    pub alarm_actions: Option<Vec<String>>,
    /// ARNs that are told when it is over.
    #[serde(rename = "OKActions")]
    pub ok_actions: Option<Vec<String>>,
    /// ARNs that are told when there is no data.
    pub insufficient_data_actions: Option<Vec<String>>,
    /// How the metric is compared with the threshold: `GreaterThanOrEqualToThreshold` and so on.
    pub comparison_operator: Option<String>,
    /// How many of the latest periods must be beyond the threshold; all of them without.
    pub datapoints_to_alarm: Option<u32>,
    /// Which metric of that name.
    pub dimensions: Option<Vec<Dimension>>,
    /// `evaluate` (AWS's default) or `ignore`, for percentiles with few samples.
    pub evaluate_low_sample_count_percentile: Option<String>,
    /// How many of the latest periods are looked at.
    pub evaluation_periods: Option<u32>,
    /// A percentile, `p99`, in place of a statistic.
    pub extended_statistic: Option<String>,
    /// Name of the metric.
    pub metric_name: Option<String>,
    /// Several metrics and an expression, in place of one metric.
    pub metrics: Option<Value>,
    /// Namespace of the metric, `AWS/RDS`.
    pub namespace: Option<String>,
    /// Length of a period in seconds.
    pub period: Option<u32>,
    /// `Average`, `Maximum`, `Minimum`, `Sum` or `SampleCount`.
    pub statistic: Option<String>,
    /// The threshold.
    pub threshold: Option<f64>,
    /// The band of an anomaly detector, in place of a threshold.
    pub threshold_metric_id: Option<String>,
    /// `missing` (AWS's default), `breaching`, `notBreaching` or `ignore`.
    pub treat_missing_data: Option<String>,
    /// Unit of the metric; every unit without.
    pub unit: Option<String>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// A name and value that tell a metric from others of its name.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Dimension {
    /// Name.
    pub name: String,
    /// Value.
    pub value: String,
}

impl Alarm {
    fn put(&self) -> Call {
        Call::new("cloudwatch", "PutMetricAlarm")
            .with("AlarmName", &self.alarm_name)
            .with("AlarmDescription", &self.alarm_description)
            .with("ActionsEnabled", self.actions_enabled)
            .with("OKActions", &self.ok_actions)
            .with("AlarmActions", &self.alarm_actions)
            .with("InsufficientDataActions", &self.insufficient_data_actions)
            .with("MetricName", &self.metric_name)
            .with("Namespace", &self.namespace)
            .with("Statistic", &self.statistic)
            .with("ExtendedStatistic", &self.extended_statistic)
            .with("Dimensions", &self.dimensions)
            .with("Period", self.period)
            .with("Unit", &self.unit)
            .with("EvaluationPeriods", self.evaluation_periods)
            .with("DatapointsToAlarm", self.datapoints_to_alarm)
            .with("Threshold", self.threshold)
            .with("ComparisonOperator", &self.comparison_operator)
            .with("TreatMissingData", &self.treat_missing_data)
            .with(
                "EvaluateLowSampleCountPercentile",
                &self.evaluate_low_sample_count_percentile,
            )
            .with("Metrics", &self.metrics)
            .with("ThresholdMetricId", &self.threshold_metric_id)
    }

    fn seen(&self, item: &Value, tags: Tags) -> Alarm {
        let list = |member: &str, asked: &Option<Vec<String>>| {
            reply::unless_default(Some(reply::texts(item, member)), Vec::new(), asked.as_ref())
        };
        let dimensions: Vec<Dimension> = reply::items(item, "Dimensions")
            .iter()
            .filter_map(|dimension| serde_json::from_value(dimension.clone()).ok())
            .collect();
        Alarm {
            alarm_name: self.alarm_name.clone(),
            alarm_description: reply::text(item, "AlarmDescription"),
            actions_enabled: reply::unless_default(
                item["ActionsEnabled"].as_bool(),
                true,
                self.actions_enabled.as_ref(),
            ),
            alarm_actions: list("AlarmActions", &self.alarm_actions),
            ok_actions: list("OKActions", &self.ok_actions),
            insufficient_data_actions: list(
                "InsufficientDataActions",
                &self.insufficient_data_actions,
            ),
            comparison_operator: reply::text(item, "ComparisonOperator"),
            datapoints_to_alarm: reply::number(item, "DatapointsToAlarm")
                .filter(|_| self.datapoints_to_alarm.is_some()),
            dimensions: reply::unless_default(
                Some(dimensions),
                Vec::new(),
                self.dimensions.as_ref(),
            ),
            evaluate_low_sample_count_percentile: reply::unless_default(
                reply::text(item, "EvaluateLowSampleCountPercentile"),
                "evaluate".to_owned(),
                self.evaluate_low_sample_count_percentile.as_ref(),
            ),
            evaluation_periods: reply::number(item, "EvaluationPeriods"),
            extended_statistic: reply::text(item, "ExtendedStatistic"),
            metric_name: reply::text(item, "MetricName"),
            metrics: item
                .get("Metrics")
                .filter(|metrics| metrics.as_array().is_some_and(|list| !list.is_empty()))
                .cloned(),
            namespace: reply::text(item, "Namespace"),
            period: reply::number(item, "Period"),
            statistic: reply::text(item, "Statistic"),
            threshold: item["Threshold"].as_f64(),
            threshold_metric_id: reply::text(item, "ThresholdMetricId"),
            treat_missing_data: reply::unless_default(
                reply::text(item, "TreatMissingData").or_else(|| Some("missing".to_owned())),
                "missing".to_owned(),
                self.treat_missing_data.as_ref(),
            ),
            unit: reply::text(item, "Unit"),
            tags,
        }
    }
}

impl Kind for Alarm {
    const TYPE: &'static str = "AWS::CloudWatch::Alarm";
    const CREATE_ONLY: &'static [&'static str] = &["AlarmName"];
    const UNORDERED: &'static [&'static str] = &[
        "AlarmActions",
        "Dimensions",
        "InsufficientDataActions",
        "OKActions",
    ];
    const ATTRIBUTES: &'static [&'static str] = &["Arn"];
    const DETAILS_NEED: &'static [&'static str] = &["Arn"];
    const TAGGED: bool = true;

    fn find(&self, me: &Identity) -> Vec<Call> {
        let name = me.id.as_ref().unwrap_or(&self.alarm_name);
        vec![
            Call::new("cloudwatch", "DescribeAlarms")
                .with("AlarmNames", [name])
                .with("AlarmTypes", ["MetricAlarm"])
                .merging("/AlarmNames"),
        ]
    }

    fn details_again(&self, _me: &Identity, _id: &str, known: &Attributes) -> Vec<Call> {
        vec![Call::new("cloudwatch", "ListTagsForResource").with("ResourceARN", known.get("Arn"))]
    }

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
        let name = me.id.as_ref().unwrap_or(&self.alarm_name);
        let found = replies.first().and_then(|reply| {
            reply::items(reply, "MetricAlarms")
                .iter()
                .find(|alarm| alarm["AlarmName"] == **name)
        });
        let Some(item) = found else {
            return Seen::Absent;
        };
        let tags = replies
            .get(1)
            .map(|reply| reply::tags(reply::items(reply, "Tags"), "Key", "Value"))
            .unwrap_or_default();
        Seen::Live(Live {
            id: name.clone(),
            attributes: [("Arn".to_owned(), json!(reply::text(item, "AlarmArn")))]
                .into_iter()
                .collect(),
            properties: Alarm {
                alarm_name: name.clone(),
                ..self.seen(item, tags)
            },
        })
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        vec![
            self.put()
                .with("Tags", reply::tag_list(&self.tags, "Key", "Value")),
        ]
    }

    fn created(&self, _me: &Identity, _reply: &Value) -> Option<String> {
        Some(self.alarm_name.clone())
    }

    fn update(&self, _me: &Identity, _live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        if changed.is_empty() {
            return Vec::new();
        }
        vec![self.put()]
    }

    fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
        let call = |action| {
            Call::new("cloudwatch", action).with("ResourceARN", live.attributes.get("Arn"))
        };
        let set =
            reply::tag_list(set, "Key", "Value").map(|tags| call("TagResource").with("Tags", tags));
        let remove = (!remove.is_empty()).then(|| call("UntagResource").with("TagKeys", remove));
        [set, remove].into_iter().flatten().collect()
    }

    fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        vec![Call::new("cloudwatch", "DeleteAlarms").with("AlarmNames", [id])]
    }

    fn known_by(id: &str) -> Self {
        Alarm {
            alarm_name: id.to_owned(),
            ..Alarm::default()
        }
    }

    fn census(replies: &[Value]) -> Vec<Call> {
        census::of_service(replies, "cloudwatch")
    }

    fn counted(replies: &[Value]) -> Vec<Claim> {
        census::in_service(replies, |service, resource| {
            let name = resource.strip_prefix("alarm:")?;
            (service == "cloudwatch").then(|| name.to_owned())
        })
    }

    fn same(property: &str, live: &Value, desired: &Value) -> bool {
        match property {
            // Whole numbers come back as fractions.
            "Threshold" => live.as_f64() == desired.as_f64(),
            _ => live == desired,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{me, property_names};

    fn alarm() -> Alarm {
        Alarm {
            alarm_name: "shop-cpu".into(),
            comparison_operator: Some("GreaterThanThreshold".into()),
            evaluation_periods: Some(3),
            metric_name: Some("CPUUtilization".into()),
            namespace: Some("AWS/RDS".into()),
            period: Some(60),
            statistic: Some("Average".into()),
            threshold: Some(80.0),
            ..Alarm::default()
        }
    }

    fn reply() -> Value {
        json!({ "MetricAlarms": [{
            "AlarmName": "shop-cpu", "AlarmArn": "arn:aws:cloudwatch:us-east-1:123456789012:alarm:shop-cpu", "ActionsEnabled": true,
            "OKActions": [], "AlarmActions": [], "InsufficientDataActions": [], "StateValue": "OK", "MetricName": "CPUUtilization",
            "Namespace": "AWS/RDS", "Statistic": "Average", "Dimensions": [], "Period": 60, "EvaluationPeriods": 3, "Threshold": 80,
            "ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": "missing",
        }]})
    }

    #[test]
    fn defaults_show_only_when_asked_for() {
        let Seen::Live(live) = alarm().read(&me(None), &[reply()]) else {
            panic!("not live")
        };
        assert_eq!(live.properties, alarm());
        let asked = Alarm {
            actions_enabled: Some(true),
            alarm_actions: Some(vec!["arn:topic".into()]),
            treat_missing_data: Some("breaching".into()),
            ..alarm()
        };
        let Seen::Live(live) = asked.read(&me(None), &[reply()]) else {
            panic!("not live")
        };
        assert_eq!(live.properties.alarm_actions, Some(Vec::new()));
        assert_eq!(
            live.properties.treat_missing_data.as_deref(),
            Some("missing")
        );
        assert!(property_names(&live.properties).contains(&"ActionsEnabled".to_owned()));
    }

    #[test]
    fn another_name_is_another_alarm() {
        let other = Alarm {
            alarm_name: "shop".into(),
            ..alarm()
        };
        assert_eq!(other.read(&me(None), &[reply()]), Seen::Absent);
    }

    #[test]
    fn a_threshold_is_a_number_however_it_is_written() {
        assert!(Alarm::same("Threshold", &json!(80), &json!(80.0)));
        assert!(!Alarm::same("Threshold", &json!(80), &json!(80.5)));
    }
}
