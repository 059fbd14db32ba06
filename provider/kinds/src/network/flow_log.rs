//! `AWS::EC2::FlowLog`.

use platform_graph::{Attributes, Call, Identity, Kind, Seen, Tags};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A flow log.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct FlowLog {
    /// What is logged.
    pub resource_id: String,
    /// `VPC`, `Subnet` or `NetworkInterface`.
    pub resource_type: String,
    /// `ALL`, `ACCEPT` or `REJECT`.
    pub traffic_type: Option<String>,
    /// `cloud-watch-logs`, `s3` or `kinesis-data-firehose`.
    pub log_destination_type: Option<String>,
    /// ARN of the log group, bucket (with folder) or delivery stream.
    pub log_destination: Option<String>,
    /// Name of the log group.
    pub log_group_name: Option<String>,
    /// Role that writes to CloudWatch Logs.
    pub deliver_logs_permission_arn: Option<String>,
    /// Role that writes to another account's stream.
    pub deliver_cross_account_role: Option<String>,
    /// Fields of a record.
    pub log_format: Option<String>,
    /// 60 or 600 seconds.
    pub max_aggregation_interval: Option<u32>,
    /// File options in S3.
    pub destination_options: Option<DestinationOptions>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// How a flow log writes its files to S3.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DestinationOptions {
    /// `plain-text` or `parquet`.
    pub file_format: String,
    /// Whether folders are named in the way of Hive.
    pub hive_compatible_partitions: bool,
    /// Whether folders are by the hour instead of by the day.
    pub per_hour_partition: bool,
}

impl Kind for FlowLog {
    const TYPE: &'static str = "AWS::EC2::FlowLog";
    const TAGGED: bool = true;

    fn find(&self, _me: &Identity) -> Vec<Call> {
        Vec::new()
    }

    fn read(&self, _me: &Identity, _replies: &[Value]) -> Seen<Self> {
        Seen::Absent
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        Vec::new()
    }

    fn created(&self, _me: &Identity, _reply: &Value) -> Option<String> {
        None
    }

    fn delete(&self, _me: &Identity, _id: &str, _attributes: &Attributes) -> Vec<Call> {
        Vec::new()
    }
}
