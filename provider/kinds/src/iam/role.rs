//! `AWS::IAM::Role`.

use platform_graph::{Attributes, Call, Identity, Kind, Seen, Tags};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A role.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Role {
    /// Its name.
    pub role_name: String,
    /// Path.
    pub path: Option<String>,
    /// Trust policy.
    pub assume_role_policy_document: Value,
    /// Inline policies: all of them.
    #[serde(default)]
    pub policies: Vec<RolePolicy>,
    /// Attached policies: all of them.
    #[serde(default)]
    pub managed_policy_arns: Vec<String>,
    /// ARN.
    pub permissions_boundary: Option<String>,
    /// Description.
    pub description: Option<String>,
    /// Seconds.
    pub max_session_duration: Option<u32>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// An inline policy of a role.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct RolePolicy {
    /// Its name.
    pub policy_name: String,
    /// The policy document.
    pub policy_document: Value,
}

impl Kind for Role {
    const TYPE: &'static str = "AWS::IAM::Role";
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
