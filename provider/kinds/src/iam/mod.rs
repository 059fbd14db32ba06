//! Identity and access: `AWS::IAM` types.

mod role;
pub use role::{Role, RolePolicy};
