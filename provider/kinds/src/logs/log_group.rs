//! `AWS::Logs::LogGroup`.

use platform_graph::{Attributes, Call, Identity, Kind, Seen, Tags};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A log group.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct LogGroup {
    /// Its name.
    pub log_group_name: String,
    /// Class.
    pub log_group_class: Option<String>,
    /// Days.
    pub retention_in_days: Option<u32>,
    /// ARN of the key.
    pub kms_key_id: Option<String>,
    /// Whether AWS refuses to delete it.
    pub deletion_protection_enabled: Option<bool>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

impl Kind for LogGroup {
    const TYPE: &'static str = "AWS::Logs::LogGroup";
    const STATEFUL: bool = true;
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
