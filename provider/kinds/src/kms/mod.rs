//! Keys: `AWS::KMS` types.

mod alias;
pub use alias::Alias;

mod key;
pub use key::Key;
