//! Amazon S3: buckets and who may use them.

mod bucket;
mod bucket_policy;
mod shape;

pub use bucket::Bucket;
pub use bucket_policy::BucketPolicy;
