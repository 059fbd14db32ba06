//! `AWS::EC2::InternetGateway`.

use platform_graph::{Attributes, Call, Identity, Kind, Seen, Tags};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// An internet gateway.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct InternetGateway {
    /// `Tags`.
    #[serde(default)]
    pub tags: Tags,
}

impl Kind for InternetGateway {
    const TYPE: &'static str = "AWS::EC2::InternetGateway";
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
