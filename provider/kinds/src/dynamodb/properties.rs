//! What a table can be asked for, beside its keys and indexes.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::reply;

/// Capacity that is paid for by the hour, in units: one strongly consistent read of 4 KB, one write of 1 KB a second.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ProvisionedThroughput {
    /// Units of reading.
    pub read_capacity_units: u64,
    /// Units of writing.
    pub write_capacity_units: u64,
}

impl ProvisionedThroughput {
    /// What is shown of a table or an index; on-demand capacity shows as none.
    pub(super) fn shown(item: &Value) -> Option<Self> {
        let throughput = item.get("ProvisionedThroughput")?;
        let units = |member: &str| throughput.get(member).and_then(Value::as_u64);
        Some(ProvisionedThroughput {
            read_capacity_units: units("ReadCapacityUnits").filter(|units| *units > 0)?,
            write_capacity_units: units("WriteCapacityUnits").filter(|units| *units > 0)?,
        })
    }

    /// Whether it is at least what is asked for.
    pub(super) fn covers(&self, asked: &Self) -> bool {
        self.read_capacity_units >= asked.read_capacity_units
            && self.write_capacity_units >= asked.write_capacity_units
    }

    /// The larger of both, unit by unit.
    pub(super) fn or_more(&self, live: Option<&Self>) -> Self {
        let live = live.copied().unwrap_or_default();
        ProvisionedThroughput {
            read_capacity_units: self.read_capacity_units.max(live.read_capacity_units),
            write_capacity_units: self.write_capacity_units.max(live.write_capacity_units),
        }
    }
}

/// The most that on-demand capacity may grow to, in request units a second.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct OnDemandThroughput {
    /// Units of reading; no limit without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_read_request_units: Option<u64>,
    /// Units of writing; no limit without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_write_request_units: Option<u64>,
}

impl OnDemandThroughput {
    /// What is shown of a table or an index, where -1 stands for no limit.
    pub(super) fn shown(item: &Value) -> Option<Self> {
        let throughput = item.get("OnDemandThroughput")?;
        let units = |member: &str| throughput.get(member).and_then(Value::as_u64);
        let shown = OnDemandThroughput {
            max_read_request_units: units("MaxReadRequestUnits"),
            max_write_request_units: units("MaxWriteRequestUnits"),
        };
        (shown != OnDemandThroughput::default()).then_some(shown)
    }

    /// As `UpdateTable` takes it: what is left out would stay.
    pub(super) fn in_full(limits: Option<&Self>) -> Value {
        let limits = limits.copied().unwrap_or_default();
        let units = |limit: Option<u64>| limit.map_or(json!(-1), |units| json!(units));
        json!({
            "MaxReadRequestUnits": units(limits.max_read_request_units),
            "MaxWriteRequestUnits": units(limits.max_write_request_units),
        })
    }
}

/// What a table can bear at once, without growing into it first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct WarmThroughput {
    /// Units of reading a second; AWS starts with 12,000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_units_per_second: Option<u64>,
    /// Units of writing a second; AWS starts with 4,000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub write_units_per_second: Option<u64>,
}

impl WarmThroughput {
    /// What is shown of a table or an index, where it is asked for.
    pub(super) fn shown(item: &Value, asked: Option<&Self>) -> Option<Self> {
        let asked = asked?;
        let throughput = item.get("WarmThroughput")?;
        let units = |member: &str, asked: Option<u64>| {
            let shown = throughput.get(member).and_then(Value::as_u64);
            shown.filter(|_| asked.is_some())
        };
        Some(WarmThroughput {
            read_units_per_second: units("ReadUnitsPerSecond", asked.read_units_per_second),
            write_units_per_second: units("WriteUnitsPerSecond", asked.write_units_per_second),
        })
    }

    /// Whether it is at least what is asked for: it grows with use and never shrinks.
    pub(super) fn covers(&self, asked: &Self) -> bool {
        let covers = |live: Option<u64>, asked: Option<u64>| asked.is_none() || live >= asked;
        covers(self.read_units_per_second, asked.read_units_per_second)
            && covers(self.write_units_per_second, asked.write_units_per_second)
    }
}

/// The stream of changes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct StreamSpecification {
    /// What of an item it shows: `KEYS_ONLY`, `NEW_IMAGE`, `OLD_IMAGE` or `NEW_AND_OLD_IMAGES`.
    pub stream_view_type: String,
}

/// The key with which a table is encrypted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SseSpecification {
    /// ARN of the key; AWS's own key for DynamoDB in the account without.
    #[serde(rename = "KMSMasterKeyId", skip_serializing_if = "Option::is_none")]
    pub kms_master_key_id: Option<String>,
    /// Whether a key of KMS is used, in place of one that AWS owns.
    #[serde(rename = "SSEEnabled")]
    pub sse_enabled: bool,
    /// `KMS`, the only one.
    #[serde(rename = "SSEType", skip_serializing_if = "Option::is_none")]
    pub sse_type: Option<String>,
}

impl SseSpecification {
    pub(super) fn shown(table: &Value) -> Option<Self> {
        let shown = table.get("SSEDescription")?;
        let enabled = !matches!(
            shown["Status"].as_str(),
            Some("DISABLED" | "DISABLING") | None
        );
        enabled.then(|| SseSpecification {
            kms_master_key_id: reply::text(shown, "KMSMasterKeyArn"),
            sse_enabled: true,
            sse_type: reply::text(shown, "SSEType"),
        })
    }

    /// The member of `CreateTable` and `UpdateTable`.
    pub(super) fn member(asked: Option<&Self>) -> Value {
        match asked {
            Some(asked) if asked.sse_enabled => {
                let mut member = json!({ "Enabled": true, "SSEType": "KMS" });
                if let Some(key) = &asked.kms_master_key_id {
                    member["KMSMasterKeyId"] = json!(key);
                }
                member
            }
            _ => json!({ "Enabled": false }),
        }
    }
}

/// Whether a table can be restored to any second of the past.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct PointInTimeRecoverySpecification {
    /// Whether it can.
    pub point_in_time_recovery_enabled: bool,
    /// How far back, 1 to 35 days; AWS's default is 35.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recovery_period_in_days: Option<u32>,
}

/// The attribute that says when an item expires.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct TimeToLiveSpecification {
    /// Name of the attribute, which holds seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attribute_name: Option<String>,
    /// Whether items expire.
    pub enabled: bool,
}

/// Whether CloudWatch shows the keys that are read and written most.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ContributorInsightsSpecification {
    /// Whether it does.
    pub enabled: bool,
    /// `ACCESSED_AND_THROTTLED_KEYS` (AWS's default) or `THROTTLED_KEYS`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
}

/// Who may use a table, besides whom IAM lets.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ResourcePolicy {
    /// The policy.
    pub policy_document: Value,
}

/// A stream of Kinesis that gets every change.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct KinesisStreamSpecification {
    /// ARN of the stream.
    pub stream_arn: String,
    /// How exact its times are: `MILLISECOND` (AWS's default) or `MICROSECOND`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approximate_creation_date_time_precision: Option<String>,
}

/// Objects in S3 that a new table is filled with.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ImportSourceSpecification {
    /// `GZIP`, `ZSTD` or `NONE` (AWS's default).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_compression_type: Option<String>,
    /// `CSV`, `DYNAMODB_JSON` or `ION`.
    pub input_format: String,
    /// How CSV is written, as the API has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_format_options: Option<Value>,
    /// Bucket, prefix and owner, as the API has it.
    pub s3_bucket_source: Value,
}
