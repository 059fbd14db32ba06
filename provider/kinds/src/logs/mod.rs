//! CloudWatch Logs: `AWS::Logs` types.

mod log_group;
mod resource_policy;
pub use log_group::LogGroup;
pub use resource_policy::ResourcePolicy;
