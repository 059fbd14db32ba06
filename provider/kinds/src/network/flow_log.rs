//! `AWS::EC2::FlowLog`: records of the traffic of a VPC, subnet or network interface.
//!
//! Reads `DescribeFlowLogs`; writes `CreateFlowLogs` and `DeleteFlowLogs`. Nothing but tags changes in place.
//!
//! # Caveats
//! - `CreateFlowLogs` answers with success and a list `Unsuccessful` when it made nothing.
//! - `DescribeFlowLogs` names its filters `Filter`.
//! - A log group as destination may be given by name or by ARN, the ARN with or without the `:*` of CloudFormation's
//!   attribute; AWS takes it without.
//! - Delivery can fail later (`DeliverLogsStatus`) although the flow log is there; that is not judged here.

use platform_graph::{Attributes, Call, Claim, Identity, Kind, Live, Seen, Tags};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{census, ec2, reply};

/// A flow log.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct FlowLog {
    /// Id of what is logged.
    pub resource_id: String,
    /// `VPC`, `Subnet` or `NetworkInterface`.
    pub resource_type: String,
    /// `ALL`, `ACCEPT` or `REJECT`.
    pub traffic_type: Option<String>,
    /// `cloud-watch-logs` (AWS's default), `s3` or `kinesis-data-firehose`.
    pub log_destination_type: Option<String>,
    /// ARN of the log group, the bucket (a folder may follow) or the delivery stream.
    pub log_destination: Option<String>,
    /// Name of the log group, instead of its ARN.
    pub log_group_name: Option<String>,
    /// ARN of the role that writes to CloudWatch Logs.
    pub deliver_logs_permission_arn: Option<String>,
    /// ARN of the role that writes to a delivery stream of another account.
    pub deliver_cross_account_role: Option<String>,
    /// Fields of a record, `${version} ${account-id} …`.
    pub log_format: Option<String>,
    /// Seconds that a record covers at most: 60 or 600 (AWS's default).
    pub max_aggregation_interval: Option<u32>,
    /// How files are written to a bucket.
    pub destination_options: Option<DestinationOptions>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// How a flow log writes files to a bucket.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DestinationOptions {
    /// `plain-text` or `parquet`.
    pub file_format: String,
    /// Whether folders are named `year=2024/` and so on, as Hive wants them.
    pub hive_compatible_partitions: bool,
    /// Whether there is a folder per hour instead of per day.
    pub per_hour_partition: bool,
}

/// The ARN of a log group as the operation takes it.
fn destination(arn: &str) -> &str {
    arn.strip_suffix(":*").unwrap_or(arn)
}

/// The name in the ARN of a log group.
fn group_in(arn: &str) -> Option<&str> {
    destination(arn)
        .split_once(":log-group:")
        .map(|(_, name)| name)
}

impl FlowLog {
    fn seen(&self, id: String, log: &Value) -> Live<Self> {
        let arn = reply::text(log, "LogDestination");
        let group = reply::text(log, "LogGroupName");
        // AWS may show a log group by its name, its ARN or both, however it was given.
        let asked_arn = self
            .log_destination
            .clone()
            .filter(|asked| group.is_some() && group_in(asked) == group.as_deref());
        let asked_group = self
            .log_group_name
            .clone()
            .filter(|asked| arn.as_deref().and_then(group_in) == Some(asked));
        let options = log
            .get("DestinationOptions")
            .filter(|_| self.destination_options.is_some());
        let properties = FlowLog {
            resource_id: reply::text(log, "ResourceId").unwrap_or_default(),
            // Not in the reply, but decided by the resource.
            resource_type: self.resource_type.clone(),
            traffic_type: reply::text(log, "TrafficType"),
            log_destination_type: reply::unless_default(
                reply::text(log, "LogDestinationType"),
                "cloud-watch-logs".to_owned(),
                self.log_destination_type.as_ref(),
            ),
            log_destination: arn.or(asked_arn),
            log_group_name: group.or(asked_group),
            deliver_logs_permission_arn: reply::text(log, "DeliverLogsPermissionArn"),
            deliver_cross_account_role: reply::text(log, "DeliverCrossAccountRole"),
            // A format is always shown.
            log_format: reply::text(log, "LogFormat").filter(|_| self.log_format.is_some()),
            max_aggregation_interval: reply::unless_default(
                reply::number(log, "MaxAggregationInterval"),
                600,
                self.max_aggregation_interval.as_ref(),
            ),
            destination_options: options.map(|options| DestinationOptions {
                file_format: reply::text(options, "FileFormat")
                    .unwrap_or_else(|| "plain-text".to_owned()),
                hive_compatible_partitions: ec2::flag(options, "HiveCompatiblePartitions")
                    .unwrap_or(false),
                per_hour_partition: ec2::flag(options, "PerHourPartition").unwrap_or(false),
            }),
            tags: ec2::tags(log),
        };
        let attributes = ec2::attributes([
            ("Id", Some(json!(id))),
            ("CreationTime", log.get("CreationTime").cloned()),
        ]);
        Live {
            id,
            properties,
            attributes,
        }
    }
}

impl Kind for FlowLog {
    const TYPE: &'static str = "AWS::EC2::FlowLog";
    const CREATE_ONLY: &'static [&'static str] = &[
        "DeliverCrossAccountRole",
        "DeliverLogsPermissionArn",
        "DestinationOptions",
        "LogDestination",
        "LogDestinationType",
        "LogFormat",
        "LogGroupName",
        "MaxAggregationInterval",
        "ResourceId",
        "ResourceType",
        "TrafficType",
    ];
    const ATTRIBUTES: &'static [&'static str] = &["Id", "CreationTime"];
    const TAGGED: bool = true;
    const BORN: &'static str = "CreationTime";

    fn find(&self, me: &Identity) -> Vec<Call> {
        let mut call =
            Call::describe_own("DescribeFlowLogs", "flow-log-id", me).merging("/Filter/0/Values");
        if let Some(filters) = call.params.remove("Filters") {
            call = call.with("Filter", filters);
        }
        vec![call]
    }

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
        ec2::own(me, replies, "FlowLogs", "FlowLogId", |id, log| {
            Seen::Live(self.seen(id, log))
        })
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        let call = Call::new("ec2", "CreateFlowLogs")
            .with("ResourceIds", [&self.resource_id])
            .with("ResourceType", &self.resource_type)
            .with("TrafficType", &self.traffic_type)
            .with("LogDestinationType", &self.log_destination_type)
            .with(
                "LogDestination",
                self.log_destination.as_deref().map(destination),
            )
            .with("LogGroupName", &self.log_group_name)
            .with(
                "DeliverLogsPermissionArn",
                &self.deliver_logs_permission_arn,
            )
            .with("DeliverCrossAccountRole", &self.deliver_cross_account_role)
            .with("LogFormat", &self.log_format)
            .with("MaxAggregationInterval", self.max_aggregation_interval)
            .with("DestinationOptions", &self.destination_options)
            .idempotent("ClientToken");
        vec![ec2::tagged(call, "vpc-flow-log", &self.tags)]
    }

    fn created(&self, _me: &Identity, reply: &Value) -> Option<String> {
        reply::texts(reply, "FlowLogIds").into_iter().next()
    }

    fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
        ec2::retag(&live.id, set, remove)
    }

    fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        vec![Call::new("ec2", "DeleteFlowLogs").with("FlowLogIds", [id])]
    }

    fn census(replies: &[Value]) -> Vec<Call> {
        census::of_ec2(replies)
    }

    fn counted(replies: &[Value]) -> Vec<Claim> {
        census::in_ec2(replies, "fl")
    }

    fn same(property: &str, live: &Value, desired: &Value) -> bool {
        match (property, live.as_str(), desired.as_str()) {
            ("LogDestination", Some(live), Some(desired)) => {
                destination(live) == destination(desired)
            }
            ("LogFormat", Some(live), Some(desired)) => {
                live.split_whitespace().eq(desired.split_whitespace())
            }
            _ => live == desired,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    const GROUP: &str = "arn:aws:logs:us-east-1:123456789012:log-group:flow";

    fn with(changes: Value) -> Vec<Value> {
        let mut log = json!({
            "CreationTime": "2024-01-01T00:00:00Z", "DeliverLogsStatus": "SUCCESS", "FlowLogId": "fl-1", "FlowLogStatus": "ACTIVE",
            "ResourceId": "vpc-1", "TrafficType": "ALL", "LogFormat": "${version} ${account-id}", "MaxAggregationInterval": 600,
            "Tags": fixture::tags(),
        });
        for (member, value) in changes.as_object().unwrap() {
            log[member] = value.clone();
        }
        vec![json!({ "FlowLogs": [log] })]
    }

    fn to_logs(changes: Value) -> Vec<Value> {
        let mut logs = json!({
            "LogDestinationType": "cloud-watch-logs", "LogGroupName": "flow", "LogDestination": GROUP,
            "DeliverLogsPermissionArn": "arn:aws:iam::123456789012:role/flow",
        });
        for (member, value) in changes.as_object().unwrap() {
            logs[member] = value.clone();
        }
        with(logs)
    }

    #[test]
    fn to_cloudwatch_logs() {
        insta::assert_snapshot!(fixture::story::<FlowLog>(
            json!({
                "ResourceId": "vpc-1", "ResourceType": "VPC", "TrafficType": "ALL", "LogDestinationType": "cloud-watch-logs",
                "LogDestination": format!("{GROUP}:*"), "DeliverLogsPermissionArn": "arn:aws:iam::123456789012:role/flow",
                "LogFormat": "${version}  ${account-id}",
            }),
            "fl-1",
            &json!({ "ClientToken": "t", "FlowLogIds": ["fl-1"], "Unsuccessful": [] }),
            vec![
                ("active", to_logs(json!({}))),
                (
                    "shown by name only",
                    to_logs(json!({ "LogDestination": null }))
                ),
                (
                    "cannot deliver",
                    to_logs(
                        json!({ "DeliverLogsStatus": "FAILED", "DeliverLogsErrorMessage": "Access error" })
                    )
                ),
                (
                    "another group",
                    to_logs(
                        json!({ "LogGroupName": "other", "LogDestination": format!("{GROUP}-other") })
                    )
                ),
                ("no tags", to_logs(json!({ "Tags": [] }))),
            ],
        ));
    }

    #[test]
    fn to_a_bucket() {
        insta::assert_snapshot!(fixture::story::<FlowLog>(
            json!({
                "ResourceId": "vpc-1", "ResourceType": "VPC", "TrafficType": "ALL", "LogDestinationType": "s3",
                "LogDestination": "arn:aws:s3:::logs/network/", "MaxAggregationInterval": 600,
                "DestinationOptions": { "FileFormat": "parquet", "HiveCompatiblePartitions": false, "PerHourPartition": true },
            }),
            "fl-1",
            &json!({ "FlowLogIds": ["fl-1"] }),
            vec![
                (
                    "active",
                    with(json!({
                        "LogDestinationType": "s3", "LogDestination": "arn:aws:s3:::logs/network/",
                        "DestinationOptions": { "FileFormat": "parquet", "HiveCompatiblePartitions": false, "PerHourPartition": true },
                    }))
                ),
                (
                    "plain text every minute",
                    with(json!({
                        "LogDestinationType": "s3", "LogDestination": "arn:aws:s3:::logs/network/", "MaxAggregationInterval": 60,
                        "DestinationOptions": { "FileFormat": "plain-text", "HiveCompatiblePartitions": false, "PerHourPartition": false },
                    }))
                ),
            ],
        ));
    }

    #[test]
    fn an_unsuccessful_creation_yields_no_id() {
        let reply = json!({ "FlowLogIds": [], "Unsuccessful": [{ "ResourceId": "vpc-1", "Error": { "Code": "400", "Message": "Access Denied" } }] });
        assert_eq!(
            FlowLog::default().created(&crate::testing::me(None), &reply),
            None
        );
    }
}
