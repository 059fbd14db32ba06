//! Identity and access: `AWS::IAM` types.

mod role;
mod service_linked_role;
pub use role::{Role, RolePolicy};
pub use service_linked_role::ServiceLinkedRole;
