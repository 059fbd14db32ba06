//! `AWS::KMS::Key`.

use platform_graph::{Attributes, Call, Identity, Kind, Seen, Tags};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A KMS key.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Key {
    /// Description.
    pub description: Option<String>,
    /// Whether it can be used.
    pub enabled: Option<bool>,
    /// Rotation.
    pub enable_key_rotation: Option<bool>,
    /// Days.
    pub rotation_period_in_days: Option<u32>,
    /// Key policy.
    pub key_policy: Option<Value>,
    /// Key spec.
    pub key_spec: Option<String>,
    /// Key usage.
    pub key_usage: Option<String>,
    /// Multi-Region primary.
    pub multi_region: Option<bool>,
    /// Days.
    pub pending_window_in_days: Option<u32>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

impl Kind for Key {
    const TYPE: &'static str = "AWS::KMS::Key";
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
