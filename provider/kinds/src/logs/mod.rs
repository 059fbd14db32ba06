//! CloudWatch Logs: `AWS::Logs` types.

mod log_group;
pub use log_group::LogGroup;
