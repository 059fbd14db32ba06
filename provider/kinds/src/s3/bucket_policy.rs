//! `AWS::S3::BucketPolicy`: who may do what with a bucket, and how.
//!
//! Reads `GetBucketPolicy`; writes `PutBucketPolicy` and `DeleteBucketPolicy`.
//!
//! # Caveats
//! A bucket has one policy: one that somebody else gave it is taken over and replaced.
//!
//! See <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html>.

use platform_graph::{Attributes, Call, Identity, Kind, Live, Seen};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{policy, reply};

/// The policy of a bucket.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct BucketPolicy {
    /// Name of the bucket; can't change.
    #[serde(default)]
    pub bucket: String,
    /// The document.
    #[serde(default)]
    pub policy_document: Value,
}

impl BucketPolicy {
    fn call(&self, action: &'static str) -> Call {
        Call::new("s3", action).with("Bucket", &self.bucket)
    }

    fn put(&self) -> Call {
        self.call("PutBucketPolicy")
            .with("Policy", policy::text(&self.policy_document))
    }

    fn shown(bucket: &str, replies: &[Value]) -> Option<Live<Self>> {
        let text = replies
            .first()
            .and_then(|answer| reply::text(answer, "Policy"))?;
        Some(Live {
            id: bucket.to_owned(),
            properties: BucketPolicy {
                bucket: bucket.to_owned(),
                policy_document: policy::parse(&text),
            },
            attributes: Attributes::new(),
        })
    }
}

impl Kind for BucketPolicy {
    const TYPE: &'static str = "AWS::S3::BucketPolicy";
    const CREATE_ONLY: &'static [&'static str] = &["Bucket"];
    const INSIDE: &'static [&'static str] = &["AWS::S3::Bucket"];

    fn find(&self, _me: &Identity) -> Vec<Call> {
        vec![self.call("GetBucketPolicy")]
    }

    fn read(&self, _me: &Identity, replies: &[Value]) -> Seen<Self> {
        Self::shown(&self.bucket, replies).map_or(Seen::Absent, Seen::Live)
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        vec![self.put()]
    }

    fn created(&self, _me: &Identity, _reply: &Value) -> Option<String> {
        Some(self.bucket.clone())
    }

    fn update(&self, _me: &Identity, _live: &Live<Self>, _changed: &[&str]) -> Vec<Call> {
        vec![self.put()]
    }

    fn delete(&self, _me: &Identity, _id: &str, _attributes: &Attributes) -> Vec<Call> {
        vec![self.call("DeleteBucketPolicy")]
    }

    fn known_by(id: &str) -> Self {
        BucketPolicy {
            bucket: id.to_owned(),
            ..BucketPolicy::default()
        }
    }

    fn inside(_parent: &str, id: &str) -> Vec<Call> {
        vec![Self::known_by(id).call("GetBucketPolicy")]
    }

    fn residents(_parent: &str, id: &str, replies: &[Value]) -> Vec<Live<Self>> {
        Self::shown(id, replies).into_iter().collect()
    }

    fn same(property: &str, live: &Value, desired: &Value) -> bool {
        match property {
            "PolicyDocument" => policy::same(live, desired),
            _ => live == desired,
        }
    }
}
