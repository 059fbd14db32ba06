//! The one place where the engine meets AWS.

use std::fmt;

use futures_util::future::BoxFuture;
use platform_aws::ErrorKind;
use platform_graph::Call;
use serde_json::Value;
use thiserror::Error;

use crate::outcome::clause;

/// AWS in one region of one account: the live client, a simulation or a recording.
pub trait Aws: Send + Sync {
    /// Sends one call and yields its whole reply (all pages).
    ///
    /// The client token, where the call takes one, already stands in its parameters. It goes to the region that it names.
    ///
    /// # Errors
    /// What AWS said, or why nobody knows what AWS did.
    fn call<'a>(&'a self, call: &'a Call) -> BoxFuture<'a, Result<Value, AwsError>>;
}

/// An error of AWS.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub struct AwsError {
    /// What it means.
    pub kind: ErrorKind,
    /// Service of the call.
    pub service: String,
    /// Operation of the call.
    pub action: String,
    /// AWS's error code, empty when no reply arrived.
    pub code: String,
    /// AWS's message, or what happened to the connection.
    pub message: String,
    /// AWS's request id, when there was a reply.
    pub request_id: Option<Box<str>>,
}

impl AwsError {
    /// An error of `call`.
    pub fn of(
        call: &Call,
        kind: ErrorKind,
        code: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        AwsError {
            kind,
            service: call.service.to_owned(),
            action: call.action.to_owned(),
            code: code.into(),
            message: message.into(),
            request_id: None,
        }
    }

    /// Whether AWS refuses an input only because a role or a policy made moments ago has not reached every service yet.
    ///
    /// AWS has no code for it: each service words it differently, see
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_general.html#troubleshoot_general_eventual-consistency>.
    pub(crate) fn is_propagation(&self) -> bool {
        const WORDS: [&str; 10] = [
            "cannot be assumed",
            "unable to assume",
            "invalid iam instance profile",
            "invalid principal",
            "does not have permission to assume",
            "role is not valid",
            // OpenSearch, of its own role and of the policy of its logs.
            "must enable a service-linked role",
            "resource access policy specified for the cloudwatch logs log group",
            // AWS Backup, of the role of a selection and of the policy of a vault.
            "is not authorized to call tag:getresources",
            "provided principal is not valid",
        ];
        let message = self.message.to_lowercase();
        matches!(
            self.kind,
            ErrorKind::Invalid | ErrorKind::Denied | ErrorKind::Other
        ) && WORDS.iter().any(|words| message.contains(words))
    }
}

impl fmt::Display for AwsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.service, self.action)?;
        let (code, message) = (clause(&self.code), clause(&self.message));
        for piece in [code, message] {
            if !piece.is_empty() {
                write!(f, ": {piece}")?;
            }
        }
        if code.is_empty() && message.is_empty() {
            write!(f, ": it failed without a reason")?;
        }
        if let Some(id) = &self.request_id {
            write!(f, " (request {id})")?;
        }
        Ok(())
    }
}
